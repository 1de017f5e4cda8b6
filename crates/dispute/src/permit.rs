//! What a person may do at this instant: one function for every command and every face.

use crate::case::{AnswerState, Answered, Case, Status, Turn};
use crate::command::Command;
use crate::evidence::{packet_digest, waived_slot};
use crate::network::Network;
use crate::reference::Reference;
use crate::rejection::Rejection;
use crate::rules;
use crate::said::{EvidenceContent, Said};
use crate::status::Stage;
use alloc::format;
use alloc::string::ToString;
use calendar::{Calendar, Instant, Moment};

/// No provider in our sources takes a longer text in one field (domain/rules/evidence_limits.json).
pub const TEXT_CHARACTERS_MAX: usize = 20_000;

/// A message is read on a page; what is longer is a file.
pub const MESSAGE_CHARACTERS_MAX: usize = 5_000;

/// What people call each other fits into this, as the desk's own people do.
pub const NAME_CHARACTERS_MAX: usize = 200;

/// Banking days from a return's settlement within which it can be refused.
const DISHONOR_DAYS: i64 = 5;

/// What the command says if it is allowed now, by this person; or the first reason why not.
pub fn permit(
    case: &Case,
    command: &Command,
    author: &str,
    now: Instant,
) -> Result<Said, Rejection> {
    match command {
        Command::SaveEvidence {
            if_version,
            slot,
            content,
        } => {
            writable(case)?;
            save(case, *if_version, slot, content)
        }
        Command::Review { if_version } => {
            writable(case)?;
            version(case, *if_version)?;
            filled("reviewer", author)?;
            Ok(Said::EvidenceReviewed {
                version: *if_version,
                reviewer: author.to_string(),
            })
        }
        Command::Seal { if_version } => {
            let stage = ours(case)?;
            answerable(case, stage, now)?;
            version(case, *if_version)?;
            seal(case)
        }
        Command::Submit => submit(case, now),
        Command::Accept => accept(case, now),
        Command::Dishonor { code } => dishonor(case, code, now),
        Command::Withdraw => withdraw(case),
        Command::Note { text } => {
            written("note", text, TEXT_CHARACTERS_MAX)?;
            Ok(Said::Noted {
                text: text.clone(),
                author: author.to_string(),
            })
        }
        Command::Tell { to, text } => {
            written("message", text, MESSAGE_CHARACTERS_MAX)?;
            Ok(Said::Told {
                to: *to,
                text: text.clone(),
                author: author.to_string(),
            })
        }
        Command::Assign { to } => {
            named("name", to)?;
            Ok(Said::Assigned {
                to: to.clone(),
                author: author.to_string(),
            })
        }
        Command::Waive { obligation, reason } => waive(case, obligation, reason, author),
        Command::Cut { one, other } => {
            linked(case, one, other)?;
            Ok(Said::Cut {
                one: one.clone(),
                other: other.clone(),
                author: author.to_string(),
            })
        }
        Command::Tie { one, other } => tie(case, one, other, author),
    }
}

fn tie(case: &Case, one: &Reference, other: &Reference, author: &str) -> Result<Said, Rejection> {
    let known = case.refs.contains(one) || case.refs.contains(other);
    if one == other || !known {
        return Err(Rejection::NoSuchLink);
    }
    Ok(Said::Tied {
        one: one.clone(),
        other: other.clone(),
        author: author.to_string(),
    })
}

/// The stage that waits for us.
fn ours(case: &Case) -> Result<Stage, Rejection> {
    match &case.status {
        Status::Closed { outcome, .. } => Err(Rejection::CaseClosed { outcome: *outcome }),
        Status::Unstated => Err(Rejection::StatusUnstated),
        Status::Open {
            stage,
            turn: Turn::Ours { .. },
        } => Ok(*stage),
        Status::Open { stage, .. } => Err(Rejection::NotOurMove {
            stage: *stage,
            turn: case.status.word(),
        }),
    }
}

/// Evidence may be written while it is our move and nothing is on its way.
fn writable(case: &Case) -> Result<Stage, Rejection> {
    let stage = ours(case)?;
    unanswered(case, stage)?;
    Ok(stage)
}

/// Whether an answer may be given at this stage now.
fn answerable(case: &Case, stage: Stage, now: Instant) -> Result<(), Rejection> {
    if let Some(deadline) = case.status.deadline() {
        if !deadline.contestable {
            return Err(Rejection::NotContestable { stage });
        }
        // The provider's own cut-off binds; a limit that only we computed does not stop a person from trying.
        if let Some(respond_by) = deadline
            .cutoff
            .filter(|cutoff| now > cutoff.latest_instant())
        {
            return Err(Rejection::DeadlinePassed { stage, respond_by });
        }
    }
    unanswered(case, stage)
}

fn unanswered(case: &Case, stage: Stage) -> Result<(), Rejection> {
    let any = |state: &AnswerState| this_turn(case, stage).any(|answer| answer.state == *state);
    if answered(case, stage) {
        Err(Rejection::AlreadyAnswered { stage })
    } else if any(&AnswerState::InDoubt) {
        Err(Rejection::AnswerInDoubt { stage })
    } else if any(&AnswerState::Asked) {
        Err(Rejection::AnswerUnderWay { stage })
    } else {
        Ok(())
    }
}

fn version(case: &Case, seen: u32) -> Result<(), Rejection> {
    let is = case.evidence.version;
    if seen == is {
        Ok(())
    } else {
        Err(Rejection::VersionMoved { seen, is })
    }
}

fn save(
    case: &Case,
    if_version: u32,
    slot: &str,
    content: &EvidenceContent,
) -> Result<Said, Rejection> {
    version(case, if_version)?;
    let asked_for = case
        .evidence
        .requirements
        .iter()
        .any(|need| need.slot == slot);
    if !asked_for && !rules::slots().iter().any(|known| known.id == slot) {
        return Err(Rejection::NoSuchSlot {
            slot: slot.to_string(),
        });
    }
    if let EvidenceContent::Text(text) = content {
        filled("text", text)?;
        short(slot, text, TEXT_CHARACTERS_MAX)?;
        printed("text", text, is_printed)?;
    }
    let version = if_version.saturating_add(1);
    Ok(Said::EvidenceSaved {
        version,
        slot: slot.to_string(),
        content: content.clone(),
    })
}

fn seal(case: &Case) -> Result<Said, Rejection> {
    if case.evidence.slots.is_empty() {
        return Err(Rejection::NothingToSeal);
    }
    let missing = case.evidence.missing();
    if !missing.is_empty() {
        return Err(Rejection::SlotsMissing { slots: missing });
    }
    let version = case.evidence.version;
    Ok(Said::EvidenceSealed {
        version,
        digest: packet_digest(&case.evidence.slots),
    })
}

fn submit(case: &Case, now: Instant) -> Result<Said, Rejection> {
    let stage = ours(case)?;
    answerable(case, stage, now)?;
    let Some((_, digest)) = &case.evidence.sealed else {
        return Err(Rejection::NotSealed);
    };
    if has(case, stage, digest) {
        return Err(Rejection::AlreadyAnswered { stage });
    }
    Ok(Said::SubmissionAsked {
        stage,
        digest: digest.clone(),
    })
}

fn accept(case: &Case, now: Instant) -> Result<Said, Rejection> {
    let stage = ours(case)?;
    answerable(case, stage, now)?;
    if has(case, stage, "") {
        return Err(Rejection::AlreadyAnswered { stage });
    }
    Ok(Said::AcceptanceAsked { stage })
}

/// A return is refused within five banking days of its settlement (domain/rules/lifecycles/ach_debit.json, returned to
/// dishonored), whoever's move it is. The network's limit binds, as a provider's cut-off does.
fn dishonor(case: &Case, code: &str, now: Instant) -> Result<Said, Rejection> {
    let stage = Stage::Return;
    match &case.status {
        Status::Closed { outcome, .. } => return Err(Rejection::CaseClosed { outcome: *outcome }),
        Status::Unstated => return Err(Rejection::StatusUnstated),
        Status::Open { stage: at, .. } if *at == stage => {}
        Status::Open { stage, .. } => {
            return Err(Rejection::NotAReturn { stage: *stage });
        }
    }
    let entered = case.steps.iter().rfind(|step| step.phase.stage == stage);
    if let Some(entered) = entered {
        let zone = Calendar::UsFed.zone();
        let date = Calendar::UsFed.plus_business_days(entered.at.date_in(zone), DISHONOR_DAYS);
        let respond_by = Moment::On { date, zone };
        if now > respond_by.latest_instant() {
            return Err(Rejection::DeadlinePassed { stage, respond_by });
        }
    }
    unanswered(case, stage)?;
    let known = rules::reason_code(&Network::Ach, code)
        .is_some_and(|known| known.group == Some("dishonored_return"));
    if !known {
        return Err(Rejection::NoSuchCode {
            code: code.to_string(),
        });
    }
    Ok(Said::DishonorAsked {
        stage,
        code: code.to_string(),
    })
}

/// The answers of our present turn at a stage.
fn this_turn(case: &Case, stage: Stage) -> impl Iterator<Item = &Answered> {
    let since = case.ours_again_since(stage);
    case.answers.iter().filter(move |answer| {
        answer.stage == stage && since.is_none_or(|since| answer.asked_at >= since)
    })
}

fn answered(case: &Case, stage: Stage) -> bool {
    this_turn(case, stage).any(|answer| answer.state == AnswerState::Accepted)
}

/// Whether the provider has this very packet, or acceptance, from whatever turn: it cannot be an answer to a new question.
fn has(case: &Case, stage: Stage, digest: &str) -> bool {
    case.answers.iter().any(|answer| {
        answer.stage == stage && answer.digest == digest && answer.state == AnswerState::Accepted
    })
}

/// What has not left can be taken back; what is in doubt may have left, and cannot.
fn withdraw(case: &Case) -> Result<Said, Rejection> {
    if let Some(answer) = case
        .answers
        .iter()
        .find(|answer| answer.state == AnswerState::InDoubt)
    {
        return Err(Rejection::AnswerInDoubt {
            stage: answer.stage,
        });
    }
    let waiting = case
        .answers
        .iter()
        .find(|answer| answer.state == AnswerState::Asked);
    let sealed = case.evidence.sealed.as_ref().and(case.status.stage());
    // The seal of what the provider has is the record of what was sent.
    if let Some(stage) = sealed.filter(|stage| waiting.is_none() && answered(case, *stage)) {
        return Err(Rejection::AlreadyAnswered { stage });
    }
    let stage = waiting
        .map(|answer| answer.stage)
        .or(sealed)
        .ok_or(Rejection::NothingToWithdraw)?;
    Ok(Said::AskWithdrawn { stage })
}

fn waive(case: &Case, obligation: &str, reason: &str, author: &str) -> Result<Said, Rejection> {
    written("reason", reason, TEXT_CHARACTERS_MAX)?;
    if let Some(slot) = waived_slot(obligation) {
        return waive_slot(case, slot, reason, author);
    }
    let found = case.obligations.iter().find(|owed| {
        let named = owed.id.as_str() == obligation || owed.duty.key() == obligation;
        named && matches!(owed.standing.name(), "open" | "broken")
    });
    let Some(found) = found else {
        return Err(Rejection::NoSuchObligation {
            obligation: obligation.to_string(),
        });
    };
    Ok(Said::Waived {
        obligation: found.id.to_string(),
        reason: reason.to_string(),
        author: author.to_string(),
    })
}

/// What our rules ask for can be done without, for a reason. What the provider itself asks for cannot: it would refuse.
fn waive_slot(case: &Case, slot: &str, reason: &str, author: &str) -> Result<Said, Rejection> {
    writable(case)?;
    let evidence = &case.evidence;
    let asked = evidence
        .requirements
        .iter()
        .any(|need| need.slot == slot && need.required && !need.ready && need.waived.is_none());
    if !asked || !evidence.defences.is_empty() {
        return Err(Rejection::NoSuchObligation {
            obligation: format!("slot:{slot}"),
        });
    }
    Ok(Said::Waived {
        obligation: format!("slot:{slot}"),
        reason: reason.to_string(),
        author: author.to_string(),
    })
}

fn linked(case: &Case, one: &Reference, other: &Reference) -> Result<(), Rejection> {
    let both = case.refs.contains(one) && case.refs.contains(other);
    if one == other || !both {
        Err(Rejection::NoSuchLink)
    } else {
        Ok(())
    }
}

fn filled(what: &'static str, text: &str) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        Err(Rejection::Blank { what })
    } else {
        Ok(())
    }
}

/// Some text of a person's that is kept: notes, messages, reasons.
///
/// # Errors
/// [`Rejection::Blank`], [`Rejection::TextTooLong`] or [`Rejection::NotPrinted`].
pub fn written(what: &'static str, text: &str, characters_max: usize) -> Result<(), Rejection> {
    filled(what, text)?;
    short(what, text, characters_max)?;
    printed(what, text, is_printed)
}

/// What people are called, on one line; nobody is the empty name.
fn named(what: &'static str, name: &str) -> Result<(), Rejection> {
    short(what, name, NAME_CHARACTERS_MAX)?;
    printed(what, name, is_of_a_name)
}

fn short(what: &str, text: &str, characters_max: usize) -> Result<(), Rejection> {
    let count = text.chars().count();
    if count <= characters_max {
        return Ok(());
    }
    Err(Rejection::TextTooLong {
        slot: what.to_string(),
        characters: u32::try_from(count).unwrap_or(u32::MAX),
        limit: u32::try_from(characters_max).unwrap_or(u32::MAX),
    })
}

fn printed(what: &'static str, text: &str, takes: fn(char) -> bool) -> Result<(), Rejection> {
    let mut line = 1_u32;
    for character in text.chars() {
        if !takes(character) {
            return Err(Rejection::NotPrinted {
                what,
                line,
                character,
            });
        }
        if character == '\n' {
            line = line.saturating_add(1);
        }
    }
    Ok(())
}

/// A control character is printed by nobody, kept by no PostgreSQL (NUL), and read differently by each provider. Tabs and the
/// ends of lines are what people write.
pub fn is_printed(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r')
}

/// A name stands within lines of ours, and must not turn the letters after it around: neither controls nor the characters that
/// embed and override directions (Unicode Bidirectional Algorithm, UAX #9, section 2). Marks of direction are letters' own.
pub fn is_of_a_name(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
