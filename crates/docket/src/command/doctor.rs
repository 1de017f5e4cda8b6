//! `docket doctor` and `docket replay`: is it as it should be, and would it come out the same again?

use super::{busy, found, instant, open, stop};
use crate::cli::{Doctor, Replay, ReplayFrom};
use crate::exit::{Ended, Stop};
use crate::out::{GREEN, Out, RED, styled};
use app::Opening;
use app::doctor::{Again, Health, Replayed};

pub fn run(args: &Doctor, out: &mut Out) -> Ended {
    let at = instant(&args.now)?;
    let mut desk = open(&args.desk, Opening::Existing)?;
    let spinner = busy("looking at every document, case and entry");
    let health = desk.health(at).map_err(stop)?;
    spinner.finish_and_clear();
    if out.json() {
        out.value(&health)?;
    } else {
        print(&health, out)?;
    }
    Ok(found(!health.holds))
}

pub fn print(health: &Health, out: &mut Out) -> Result<(), Stop> {
    for check in &health.checks {
        let verdict = if check.holds {
            styled(GREEN, "holds ")
        } else {
            styled(RED, "BROKEN")
        };
        out.line(&format!(
            "{verdict}  {} ({} looked at)",
            check.name, check.looked_at
        ))?;
        for words in &check.breaks {
            out.line(&format!("          {words}"))?;
        }
        let listed = u64::try_from(check.breaks.len()).unwrap_or(u64::MAX);
        if check.breaks_total > listed {
            out.line(&format!(
                "          and {} more",
                check.breaks_total - listed
            ))?;
        }
    }
    Ok(())
}

pub fn replay(args: &Replay, out: &mut Out) -> Ended {
    let at = instant(&args.now)?;
    let mut desk = open(&args.desk, Opening::Existing)?;
    if let Some(ReplayFrom::Facts) = args.from {
        let spinner = busy("deriving every case again");
        let again = desk.derive_again(at, args.apply).map_err(stop)?;
        spinner.finish_and_clear();
        if out.json() {
            out.value(&again)?;
        } else {
            print_again(&again, out)?;
        }
        let left = !again.underived.is_empty();
        return Ok(found(left || !(again.applied || again.same)));
    }
    let spinner = busy("processing every document again");
    let replayed = desk.replay(at).map_err(stop)?;
    spinner.finish_and_clear();
    if out.json() {
        out.value(&replayed)?;
    } else {
        print_replay(&replayed, out)?;
    }
    Ok(found(!replayed.same))
}

fn print_replay(replayed: &Replayed, out: &mut Out) -> Result<(), Stop> {
    let Replayed {
        documents,
        cases,
        entries,
        ..
    } = replayed;
    out.line(&format!(
        "{documents} documents replayed; {cases} cases and {entries} entries compared"
    ))?;
    out.line(&format!("live      {}", replayed.live_hash))?;
    out.line(&format!("replayed  {}", replayed.replayed_hash))?;
    if replayed.same {
        return out.line(&styled(GREEN, "the same, row for row"));
    }
    out.line(&styled(RED, "they differ"))?;
    for words in &replayed.differences {
        out.line(&format!("  {words}"))?;
    }
    Ok(())
}

fn print_again(again: &Again, out: &mut Out) -> Result<(), Stop> {
    let Again {
        cases,
        corrections,
        differences_total,
        ..
    } = again;
    out.line(&format!("{cases} cases derived again from their facts"))?;
    for one in &again.differences {
        let case = one.dispute.as_deref().unwrap_or("suspense");
        let (what, kept, derived) = (&one.what, &one.kept, &one.derived);
        out.line(&format!(
            "  {}/{} {case}  {what}: {kept} -> {derived}",
            one.provider, one.account
        ))?;
    }
    let listed = u64::try_from(again.differences.len()).unwrap_or(u64::MAX);
    if *differences_total > listed {
        out.line(&format!("  and {} more", differences_total - listed))?;
    }
    for case in &again.underived {
        out.line(&styled(
            RED,
            &format!("case {case} is kept and no fact derives it; it was left as it is"),
        ))?;
    }
    if again.same {
        return out.line(&styled(GREEN, "nothing differs"));
    }
    if again.applied {
        let words = format!("repaired, with {corrections} correction entries");
        return out.line(&styled(GREEN, &words));
    }
    let words =
        format!("they differ; `--apply` writes them, with {corrections} correction entries");
    out.line(&styled(RED, &words))
}
