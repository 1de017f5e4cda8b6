//! A scripted analyst: reads a case as a person would, and gives the commands that a person would give.

use crate::fakes::adyen::DEFENCE_DOCUMENT;
use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::id::sha256_hex;
use dispute::said::EvidenceContent;
use dispute::status::Party;
use engine::command::{Actor, Commanded};
use engine::{Carrier, Engine, Error};
use store::Store;

/// What the analyst does with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Gathers evidence and leaves it.
    Prepare,
    /// Gathers evidence, seals and submits.
    Contest,
    Concede,
    /// Takes back what has not left.
    TakeBack,
}

/// What became of the commands of one deed: how many were carried out, and the first rejection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    pub done: u32,
    pub rejected: Option<String>,
}

/// The only person of the simulation.
pub fn analyst() -> Actor {
    Actor {
        name: String::from("analyst"),
        party: Party::Operator,
    }
}

/// Does it, until a rule says no.
///
/// # Errors
/// When the store fails; done again, it goes on from where the case stands.
pub fn work<S: Store>(
    engine: &mut Engine<S>,
    name: &str,
    deed: Deed,
    now: Instant,
    carrier: &mut dyn Carrier,
) -> Result<Deeds, Error> {
    let mut deeds = Deeds::default();
    match deed {
        Deed::Concede => {
            order(
                engine,
                name,
                &Command::Accept,
                now.plus_seconds(30),
                &mut deeds,
            )?;
        }
        Deed::TakeBack => {
            // After what it takes back: within one deed, people's clocks do not run backwards.
            order(
                engine,
                name,
                &Command::Withdraw,
                now.plus_seconds(120),
                &mut deeds,
            )?;
        }
        Deed::Prepare => {
            gather(engine, name, now, carrier, &mut deeds)?;
        }
        Deed::Contest => contest(engine, name, now, carrier, &mut deeds)?,
    }
    Ok(deeds)
}

fn order<S: Store>(
    engine: &mut Engine<S>,
    name: &str,
    command: &Command,
    now: Instant,
    deeds: &mut Deeds,
) -> Result<Option<Case>, Error> {
    match engine.command(name, command, &analyst(), now)? {
        Commanded::Done(case) => {
            deeds.done += 1;
            Ok(Some(*case))
        }
        Commanded::Rejected(rejection) => {
            deeds
                .rejected
                .get_or_insert(format!("{}: {rejection}", command.name()));
            Ok(None)
        }
    }
}

fn contest<S: Store>(
    engine: &mut Engine<S>,
    name: &str,
    now: Instant,
    carrier: &mut dyn Carrier,
    deeds: &mut Deeds,
) -> Result<(), Error> {
    let Some(case) = gather(engine, name, now, carrier, deeds)? else {
        return Ok(());
    };
    let seal = Command::Seal {
        if_version: case.evidence.version,
    };
    // What one saw and what one sends a second later are two moments: within one instant, statements have no order.
    if order(engine, name, &seal, now.plus_seconds(60), deeds)?.is_some() {
        order(engine, name, &Command::Submit, now.plus_seconds(61), deeds)?;
    }
    Ok(())
}

/// Fills what is required and empty, and writes a letter. `None`: a rule said no.
fn gather<S: Store>(
    engine: &mut Engine<S>,
    name: &str,
    now: Instant,
    carrier: &mut dyn Carrier,
    deeds: &mut Deeds,
) -> Result<Option<Case>, Error> {
    let mut case = engine.open(name)?.case;
    let adyen = case.scope.provider == "adyen";
    let told = |case: &Case| {
        case.evidence
            .requirements
            .iter()
            .any(|need| need.slot == DEFENCE_DOCUMENT)
    };
    if adyen && !told(&case) {
        engine.ask_requirements(name, now, carrier)?;
        case = engine.open(name)?.case;
    }
    // Without the provider's word on what it takes, there is nothing to prepare today.
    if adyen && !told(&case) {
        return Ok(None);
    }
    let wanted = case
        .evidence
        .requirements
        .iter()
        .filter(|need| need.required && !need.ready);
    let mut slots: Vec<String> = wanted.map(|need| need.slot.clone()).collect();
    if !adyen && !case.evidence.slots.contains_key("rebuttal_letter") {
        slots.push(String::from("rebuttal_letter"));
    }
    slots.dedup();
    for (index, slot) in (0_i64..).zip(slots) {
        let content = if adyen {
            file(engine, &case, &slot)?
        } else {
            EvidenceContent::Text(format!(
                "The {} of {}, as our records have it.",
                slot.replace('_', " "),
                case.dispute
            ))
        };
        let save = Command::SaveEvidence {
            if_version: case.evidence.version,
            slot,
            content,
        };
        match order(engine, name, &save, now.plus_seconds(index), deeds)? {
            Some(after) => case = after,
            None => return Ok(None),
        }
    }
    Ok(Some(case))
}

fn file<S: Store>(
    engine: &mut Engine<S>,
    case: &Case,
    slot: &str,
) -> Result<EvidenceContent, Error> {
    let content = format!("%PDF-1.4\n% {slot} of {}\n", case.dispute).into_bytes();
    let digest = sha256_hex(&content);
    engine
        .store
        .put_blob(&case.scope, &digest, &content)
        .map_err(|source| Error::Store {
            doing: "keeping a file",
            source,
        })?;
    let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
    Ok(EvidenceContent::File {
        digest,
        name: format!("{slot}.pdf"),
        media_type: String::from("application/pdf"),
        bytes,
    })
}
