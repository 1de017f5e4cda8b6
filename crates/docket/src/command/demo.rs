//! `docket demo`: a desk with a fortnight of synthetic documents, and what it says in the morning.

mod people;

pub use people::Doors;

use super::{books, failed, instant, queue, serve, stop};
use crate::cli::Demo;
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::{DIM, GREEN, Out, RED, YELLOW, styled};
use app::morning::{IntakeLine, Morning};
use app::{Desk, Opening, Place};
use calendar::Instant;
use indicatif::{ProgressBar, ProgressStyle};
use sim::fortnight::{Fortnight, accounts, fortnight};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant as Stopwatch;

pub fn run(args: &Demo, out: &mut Out) -> Ended {
    // To the second: deadlines of the synthetic cases hang on this instant, and people read them.
    let at = instant(&args.now)?;
    let at = Instant::from_unix_seconds(at.unix_seconds()).unwrap_or(at);
    let place = place(args, at)?;
    vacant(&place)?;
    let mut desk = Desk::open(&place, Opening::OrNew)
        .map_err(|error| Stop::from(failed(&error).at(place.option())))?;
    let empty = desk.morning(at).map_err(stop)?.intake.is_empty();
    if empty {
        play(&mut desk, at, out)?;
    } else if !out.json() {
        out.line(&format!(
            "{} has a desk already; this is how it stands.",
            place.shown()
        ))?;
    }
    let morning = desk.morning(at).map_err(stop)?;
    if out.json() {
        out.value(
            &serde_json::json!({ "desk": place.shown(), "made": empty, "morning": morning }),
        )?;
    } else {
        print(&morning, &place, out)?;
    }
    if args.no_serve {
        return Ok(Exit::Fine);
    }
    let doors = people::doors(&mut desk)?;
    drop(desk);
    out.line("")?;
    serve::serve(&place, &args.listen, Some(&doors), out)
}

/// The named place, or a new folder for temporary files.
fn place(args: &Demo, at: Instant) -> Result<Place, Stop> {
    if let Some(url) = &args.db {
        return Ok(Place::Postgres(url.clone()));
    }
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("docket-demo-{}", at.unix_micros())),
    };
    Ok(Place::Folder(folder))
}

/// A folder that holds something else than a desk is left alone.
fn vacant(place: &Place) -> Result<(), Stop> {
    let Place::Folder(folder) = place else {
        return Ok(());
    };
    let mut entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Failure::world("DP-3004", error.to_string())
                .at(folder.display().to_string())
                .into());
        }
    };
    if folder.join("desk.db").is_file() || entries.next().is_none() {
        return Ok(());
    }
    Err(
        Failure::misuse("DP-3011", "the folder holds something, and no desk")
            .at(folder.display().to_string())
            .hint("Name an empty folder or one that does not exist.")
            .into(),
    )
}

/// Lets two simulated weeks pass over the desk.
fn play(desk: &mut Desk, at: Instant, out: &mut Out) -> Result<(), Stop> {
    let watch = Stopwatch::now();
    let home = desk.place.home().map_err(stop)?;
    if !home.join("desk.toml").exists() {
        settings(&home)?;
    }
    let mut story: Fortnight = fortnight(at);
    let hours = story.starting.seconds_until(story.ending) / 3_600;
    let bar = ProgressBar::new(u64::try_from(hours).unwrap_or(0));
    let style = ProgressStyle::with_template("two weeks pass {bar:40} {msg}");
    bar.set_style(style.expect("the template is constant and right"));
    let starting = story.starting;
    let played = story.play(&mut desk.engine, &mut |now| {
        bar.set_position(u64::try_from(starting.seconds_until(now) / 3_600).unwrap_or(0));
        bar.set_message(now.to_string());
    });
    bar.finish_and_clear();
    let played = played.map_err(|error| stop(error.into()))?;
    if !out.json() {
        out.line(&format!(
            "Two weeks of synthetic mail from four providers: {} arrivals and {} commands of people, in {} ms.",
            played.arrivals,
            played.commands,
            watch.elapsed().as_millis()
        ))?;
    }
    Ok(())
}

/// Writes the settings of the synthetic accounts, so that `serve` takes their signed webhooks. The secrets are as synthetic
/// as the documents, and stand in files as real ones would.
fn settings(home: &Path) -> Result<(), Stop> {
    let world = |path: &Path| {
        let shown = path.display().to_string();
        move |error: std::io::Error| {
            Stop::from(Failure::world("DP-3004", error.to_string()).at(shown))
        }
    };
    let folder = home.join("secrets");
    std::fs::create_dir_all(&folder).map_err(world(&folder))?;
    let mut text = String::from("# The accounts of the demonstration.\n");
    for account in accounts() {
        let (provider, name) = (&account.scope.provider, &account.scope.account);
        write!(
            text,
            "\n[[account]]\nprovider = \"{provider}\"\naccount = \"{name}\"\n"
        )
        .expect("a string takes every write");
        for secret in &account.secrets {
            let file: PathBuf =
                PathBuf::from("secrets").join(format!("{provider}-{name}-{}", secret.label));
            let path = home.join(&file);
            std::fs::write(&path, &secret.value).map_err(world(&path))?;
            writeln!(
                text,
                "webhook_secrets.{} = {{ file = \"{}\" }}",
                secret.label,
                file.display()
            )
            .expect("a string takes every write");
        }
    }
    let path = home.join("desk.toml");
    std::fs::write(&path, text).map_err(world(&path))
}

/// What a desk lead wants to know in the morning.
fn print(morning: &Morning, place: &Place, out: &mut Out) -> Result<(), Stop> {
    out.line(&styled(DIM, &format!("as of {}", morning.now.0)))?;
    intake(morning, out)?;
    cases(morning, out)?;
    due(morning, out)?;
    money(morning, out)?;
    out.heading(&format!("Findings: {} open", morning.findings_open))?;
    books::groups(&morning.findings, out)?;
    next(morning, place, out)
}

fn intake(morning: &Morning, out: &mut Out) -> Result<(), Stop> {
    out.heading("Intake")?;
    let rows = morning.intake.iter().map(|line: &IntakeLine| {
        let numbers = [
            line.received,
            line.applied,
            line.duplicate,
            line.other_business,
            line.rejected,
            line.quarantined,
            line.pending,
        ];
        let mut row = vec![line.provider.clone()];
        row.extend(numbers.iter().map(u64::to_string));
        row
    });
    let columns = [
        "provider",
        ">received",
        ">applied",
        ">duplicate",
        ">other business",
        ">rejected",
        ">quarantined",
        ">pending",
    ];
    out.table(&columns, rows.collect())?;
    if morning.refused.is_empty() {
        return Ok(());
    }
    out.heading("Refused, and why")?;
    for group in &morning.refused {
        let count = if group.documents == 1 {
            String::from("1 document")
        } else {
            format!("{} documents", group.documents)
        };
        out.line(&format!(
            "{} {count} {}, {}: {}",
            group.provider,
            group.became,
            styled(RED, &group.code),
            group.detail
        ))?;
    }
    Ok(())
}

fn cases(morning: &Morning, out: &mut Out) -> Result<(), Stop> {
    out.heading(&format!("Cases: {}", morning.cases_total))?;
    let rows = morning.cases.iter().map(|line| {
        let stage = if line.stage.is_empty() {
            "no stage yet"
        } else {
            &line.stage
        };
        let numbers = [
            line.ours,
            line.theirs,
            line.network,
            line.nobody,
            line.won,
            line.lost,
            line.other_ends,
            line.unstated,
        ];
        let mut row = vec![stage.to_owned()];
        row.extend(numbers.iter().map(|number| {
            if *number == 0 {
                String::from("-")
            } else {
                number.to_string()
            }
        }));
        row
    });
    let columns = [
        "stage",
        ">ours",
        ">theirs",
        ">network",
        ">nobody's",
        ">won",
        ">lost",
        ">other ends",
        ">unstated",
    ];
    out.table(&columns, rows.collect())
}

fn due(morning: &Morning, out: &mut Out) -> Result<(), Stop> {
    let due = &morning.due;
    let overdue = if due.overdue == 0 {
        String::new()
    } else {
        styled(RED, &format!(", {} overdue", due.overdue))
    };
    out.heading(&format!(
        "Ours to do: {}; {} due within a day{overdue}",
        due.total, due.due_in_a_day
    ))?;
    if due.items.is_empty() {
        out.line("Nothing is due.")
    } else {
        queue::table(&due.items, out)
    }
}

fn money(morning: &Morning, out: &mut Out) -> Result<(), Stop> {
    out.heading("Money")?;
    let rows = morning.money.iter().map(|line| {
        vec![
            line.currency.clone(),
            line.at_risk.0.decimal(),
            line.waits_for_us.0.decimal(),
            line.divergence.0.decimal(),
            line.cases_divergent.to_string(),
        ]
    });
    let columns = [
        "currency",
        ">at risk",
        ">waits for us",
        ">divergence",
        ">cases divergent",
    ];
    out.table(&columns, rows.collect())?;
    out.line(&books::balanced(morning.balanced))?;
    if morning.residues > 0 {
        let left = books::amounts(&morning.residues_total);
        out.line(&styled(
            YELLOW,
            &format!("{} closed cases left a residue: {left}", morning.residues),
        ))?;
    }
    if morning.in_doubt > 0 {
        out.line(&styled(
            YELLOW,
            &format!("{} sends are in doubt", morning.in_doubt),
        ))?;
    }
    out.line(&format!("{} answers wait to be sent", morning.to_send))
}

fn next(morning: &Morning, place: &Place, out: &mut Out) -> Result<(), Stop> {
    let option = place.option();
    let case = morning
        .due
        .items
        .first()
        .map_or("DISPUTE", |item| item.dispute.as_str());
    out.heading("Next")?;
    let lines = [
        (format!("docket queue {option}"), "everything that is due"),
        (format!("docket show {option} {case}"), "the first of it"),
        (
            format!("docket why {option} {case} respond_by"),
            "which bytes and which rule say so",
        ),
        (format!("docket findings {option}"), "what to look at"),
        (
            format!("docket doctor {option}"),
            "whether every invariant holds",
        ),
        (
            format!("docket replay --compare {option}"),
            "whether the bytes give the same books again",
        ),
    ];
    let width = lines
        .iter()
        .map(|(command, _)| command.chars().count())
        .max()
        .unwrap_or(0);
    for (command, why) in &lines {
        out.line(&format!(
            "  {} {}",
            styled(GREEN, &format!("{command:<width$}")),
            styled(DIM, why)
        ))?;
    }
    Ok(())
}
