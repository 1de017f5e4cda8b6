//! `docket evidence`, `submit`, `accept`: answering.

use super::{instant, open, place, read, show, stop};
use crate::cli::{Act, Answer, Dishonor, Draft, Evidence, OneCase, Person, Role, Save};
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::{DIM, Out, styled};
use crate::sending;
use app::answer::{Done, RejectionView};
use app::case::CaseView;
use app::files::Incoming;
use app::{Desk, Opening};
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use dispute::status::Party;
use engine::command::Actor;

pub fn run(args: &Evidence, out: &mut Out) -> Ended {
    match args {
        Evidence::List(args) => list(args, out),
        Evidence::Save(args) => save(args, out),
        Evidence::Clear(args) => draft(&args.draft, out, |if_version| Command::SaveEvidence {
            if_version,
            slot: args.slot.clone(),
            content: EvidenceContent::Cleared,
        }),
        Evidence::Review(args) => draft(args, out, |if_version| Command::Review { if_version }),
        Evidence::Seal(args) => draft(args, out, |if_version| Command::Seal { if_version }),
        Evidence::Withdraw(args) => act(args, out, &Command::Withdraw),
        Evidence::Note(args) => act(
            &args.act,
            out,
            &Command::Note {
                text: args.text.clone(),
            },
        ),
        Evidence::Assign(args) => act(
            &args.act,
            out,
            &Command::Assign {
                to: args.to.clone(),
            },
        ),
        Evidence::Waive(args) => {
            let command = Command::Waive {
                obligation: args.obligation.clone(),
                reason: args.reason.clone(),
            };
            act(&args.act, out, &command)
        }
    }
}

/// The draft, what is asked for, and the catalogue.
fn list(args: &OneCase, out: &mut Out) -> Ended {
    let case = open(&args.desk, Opening::Existing)?
        .show(&args.dispute)
        .map_err(stop)?;
    let catalogue = app::answer::catalogue();
    if out.json() {
        out.value(&serde_json::json!({ "evidence": case.evidence, "catalogue": catalogue }))?;
        return Ok(Exit::Fine);
    }
    show::evidence(&case.evidence, out)?;
    out.heading("Every slot")?;
    let rows = catalogue
        .iter()
        .map(|slot| vec![slot.slot.to_owned(), slot.meaning.to_owned()]);
    out.table(&["slot", "holds"], rows.collect())?;
    Ok(Exit::Fine)
}

pub fn submit(args: &Answer, out: &mut Out) -> Ended {
    answer(args, out, &Command::Submit)
}

pub fn accept(args: &Answer, out: &mut Out) -> Ended {
    answer(args, out, &Command::Accept)
}

pub fn dishonor(args: &Dishonor, out: &mut Out) -> Ended {
    let command = Command::Dishonor {
        code: args.code.clone(),
    };
    answer(&args.answer, out, &command)
}

fn save(args: &Save, out: &mut Out) -> Ended {
    let Some(path) = &args.file else {
        let text = args.text.clone().unwrap_or_default();
        return draft(&args.draft, out, |if_version| Command::SaveEvidence {
            if_version,
            slot: args.slot.clone(),
            content: EvidenceContent::Text(text.clone()),
        });
    };
    let content = read(path)?;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let Draft { act, if_version } = &args.draft;
    let at = instant(&act.now)?;
    let mut desk = open(&act.case.desk, Opening::Existing)?;
    let seen = version(&mut desk, act, *if_version)?;
    let incoming = Incoming {
        name,
        declared_type: None,
        content,
        redact: args.redact,
    };
    let dispute = &act.case.dispute;
    let live = desk.is_live(dispute).map_err(stop)?;
    let file = desk.inspect(incoming, live).map_err(stop)?;
    let who = actor(&act.person);
    let attached = desk
        .attach(dispute, &file, &args.slot, seen, (&who, at))
        .map_err(stop)?;
    ended(attached.done, act, out)
}

fn draft(args: &Draft, out: &mut Out, command: impl Fn(u32) -> Command) -> Ended {
    let at = instant(&args.act.now)?;
    let mut desk = open(&args.act.case.desk, Opening::Existing)?;
    let seen = version(&mut desk, &args.act, args.if_version)?;
    let done = desk
        .act(
            &args.act.case.dispute,
            &command(seen),
            &actor(&args.act.person),
            at,
        )
        .map_err(stop)?;
    ended(done, &args.act, out)
}

fn act(args: &Act, out: &mut Out, command: &Command) -> Ended {
    let at = instant(&args.now)?;
    let mut desk = open(&args.case.desk, Opening::Existing)?;
    let done = desk
        .act(&args.case.dispute, command, &actor(&args.person), at)
        .map_err(stop)?;
    ended(done, args, out)
}

/// Asks for a send, and with `--send` carries it out here. Two senders on one desk could send the same twice, so only the
/// holder of the desk's sending lock does.
fn answer(args: &Answer, out: &mut Out, command: &Command) -> Ended {
    let Act { case, person, now } = &args.act;
    let at = instant(now)?;
    let mut desk = open(&case.desk, Opening::Existing)?;
    let mut way_out = if args.send {
        Some(sending::Sender::of(&desk)?)
    } else {
        None
    };
    let done = desk
        .act(&case.dispute, command, &actor(person), at)
        .map_err(stop)?;
    let (Done::Done(_), Some(sender)) = (&done, &mut way_out) else {
        return ended(done, &args.act, out);
    };
    sender.begin();
    sender.bind(&mut desk).map_err(stop)?;
    desk.work(at, sender).map_err(stop)?;
    let view = desk.show(&case.dispute).map_err(stop)?;
    ended(Done::Done(Box::new(view)), &args.act, out)
}

fn version(desk: &mut Desk, act: &Act, seen: Option<u32>) -> Result<u32, Stop> {
    match seen {
        Some(seen) => Ok(seen),
        None => desk.evidence_version(&act.case.dispute).map_err(stop),
    }
}

fn actor(person: &Person) -> Actor {
    let party = match person.role {
        Role::Operator => Party::Operator,
        Role::Merchant => Party::Merchant,
    };
    Actor {
        name: person.name.clone(),
        party,
    }
}

/// The case after the command, or the rule that refuses it.
fn ended(done: Done, act: &Act, out: &mut Out) -> Ended {
    match done {
        Done::Refused(rejection) => Err(refused(&rejection, act).into()),
        Done::Done(view) => {
            if out.json() {
                out.value(&*view)?;
            } else {
                brief(&view, act, out)?;
            }
            Ok(Exit::Fine)
        }
    }
}

/// What the command left, and what can come next. `show` has the rest.
fn brief(view: &CaseView, act: &Act, out: &mut Out) -> Result<(), Stop> {
    let option = place(&act.case.desk).option();
    let evidence = &view.evidence;
    let stage = view.stage.unwrap_or("no stage yet");
    let sealed = if evidence.sealed.is_some() {
        ", sealed"
    } else {
        ""
    };
    let slots: Vec<&str> = evidence
        .slots
        .iter()
        .map(|slot| slot.slot.as_str())
        .collect();
    let with = if slots.is_empty() {
        String::new()
    } else {
        format!(" with {}", slots.join(", "))
    };
    out.line(&format!(
        "{}: {stage} {}; evidence version {}{sealed}{with}",
        view.dispute, view.status, evidence.version
    ))?;
    for answer in &view.answers {
        let refusal = answer
            .refusal
            .as_ref()
            .map(|words| format!(": {words}"))
            .unwrap_or_default();
        out.line(&format!(
            "{} for the {}: {}{refusal}",
            answer.what, answer.stage, answer.state
        ))?;
    }
    let next = match (
        evidence.sealed.is_some(),
        slots.is_empty(),
        view.answers.last().map(|answer| answer.state),
    ) {
        (_, _, Some("asked")) => {
            String::from("`docket serve` sends it; `evidence withdraw` takes it back until then.")
        }
        (true, _, None) => format!("next: docket submit {option} {}", view.dispute),
        (false, false, None) => format!("next: docket evidence seal {option} {}", view.dispute),
        _ => return Ok(()),
    };
    out.line(&styled(DIM, &next))
}

fn refused(rejection: &Rejection, act: &Act) -> Failure {
    let view = RejectionView::from(rejection);
    let option = place(&act.case.desk).option();
    let dispute = &act.case.dispute;
    let hint = match rejection {
        Rejection::NotSealed => {
            format!("`docket evidence seal {option} {dispute}` seals the draft.")
        }
        Rejection::VersionMoved { .. } => {
            format!(
                "Somebody saved in between: look at `docket show {option} {dispute}`, then repeat with its version."
            )
        }
        Rejection::SlotsMissing { .. } | Rejection::NothingToSeal => {
            format!("`docket evidence save {option} {dispute} SLOT --text TEXT` fills a slot.")
        }
        Rejection::AnswerInDoubt { .. } => String::from(
            "The provider's own record settles it at the next read-back; nothing is sent twice before.",
        ),
        _ => String::new(),
    };
    Failure::rejected(view.code, view.what)
        .at(dispute.clone())
        .hint(hint)
}
