//! What must be so at every moment, however a desk came to it. One list, for stories, for stories that are disturbed, and for
//! whole months: DESIGN section 3.
//!
//! Each check gives the breaks in words; none means that it holds.

use calendar::Instant;
use dispute::view;
use engine::{Engine, Error};
use std::collections::{BTreeMap, BTreeSet};
use store::{CaseFilter, Fate, Store, StoredDocument};

const PAGE: u32 = 10_000;

fn failed(doing: &'static str) -> impl FnOnce(store::Error) -> Error {
    move |source| Error::Store { doing, source }
}

/// Every invariant that one desk can show at any size; [`order_free`] processes everything twice more and is asked for apart.
///
/// # Errors
/// When the store fails, which is no break.
pub fn of_desk<S: Store>(engine: &mut Engine<S>, now: Instant) -> Result<Vec<String>, Error> {
    let mut breaks = healthy(engine, now)?;
    breaks.extend(drained(engine)?);
    breaks.extend(logged(engine)?);
    breaks.extend(replays(engine, now)?);
    Ok(breaks)
}

/// 2, 3, 5, 6, 8: what a live desk checks of itself.
///
/// # Errors
/// When the store fails.
pub fn healthy<S: Store>(engine: &mut Engine<S>, now: Instant) -> Result<Vec<String>, Error> {
    let checks = engine.doctor(now)?;
    let broken = checks.iter().filter(|check| !check.holds());
    let words = broken.flat_map(|check| {
        let name = check.name;
        check
            .breaks
            .iter()
            .map(move |words| format!("{name}: {words}"))
    });
    Ok(words.collect())
}

/// 2: nothing waits for ever.
///
/// # Errors
/// When the store fails.
pub fn drained<S: Store>(engine: &mut Engine<S>) -> Result<Vec<String>, Error> {
    let waiting = engine
        .store
        .pending(PAGE)
        .map_err(failed("reading pending documents"))?;
    Ok(waiting
        .iter()
        .map(|document| format!("document {} is still pending", document.id))
        .collect())
}

/// 6: no effect without an audit leaf, and one leaf for each document that was processed.
///
/// # Errors
/// When the store fails.
pub fn logged<S: Store>(engine: &mut Engine<S>) -> Result<Vec<String>, Error> {
    let mut leaves: BTreeMap<String, u32> = BTreeMap::new();
    for leaf in engine
        .store
        .leaves(0, u32::MAX)
        .map_err(failed("reading the log"))?
    {
        let text = String::from_utf8_lossy(&leaf).into_owned();
        let named = text
            .strip_prefix("applied document=")
            .and_then(|rest| rest.split(' ').next());
        if let Some(id) = named {
            *leaves.entry(id.to_owned()).or_insert(0) += 1;
        }
    }
    let mut breaks = Vec::new();
    for stored in documents(engine)? {
        let found = leaves.get(stored.id.as_str()).copied().unwrap_or(0);
        // A document that was set aside at the door was never processed.
        let expected = if stored.document.trusted { 1 } else { 0 };
        if stored.fate != Fate::Pending && found != expected {
            breaks.push(format!(
                "document {} has {found} audit leaves, expected {expected}",
                stored.id
            ));
        }
    }
    Ok(breaks)
}

/// 4: replayed into an empty store, the same rows.
///
/// # Errors
/// When a store fails.
pub fn replays<S: Store>(engine: &mut Engine<S>, now: Instant) -> Result<Vec<String>, Error> {
    let empty = store::sqlite::Store::memory().map_err(failed("opening an empty store"))?;
    let mut other = Engine::new(empty, engine.adapters());
    let documents = engine.replay_into(&mut other, now)?;
    let compared = engine.compare(&mut other, documents)?;
    let mut breaks: Vec<String> = compared
        .differences
        .iter()
        .map(|words| format!("replay: {words}"))
        .collect();
    if breaks.is_empty() && compared.live_hash != compared.replayed_hash {
        breaks.push("replay: the hashes differ and no row does".to_owned());
    }
    Ok(breaks)
}

/// 3: the same documents in the opposite order come to the same cases and the same balances.
///
/// # Errors
/// When a store fails.
pub fn order_free<S: Store>(engine: &mut Engine<S>, now: Instant) -> Result<Vec<String>, Error> {
    let empty = store::sqlite::Store::memory().map_err(failed("opening an empty store"))?;
    let mut other = Engine::new(empty, engine.adapters());
    for stored in documents(engine)?.into_iter().rev() {
        let mut document = stored.document;
        document.trusted = !matches!(stored.fate, Fate::Quarantined | Fate::Superseded);
        other
            .store
            .append(&[document])
            .map_err(failed("copying a document"))?;
        other.absorb(now)?;
    }
    let (live, reversed) = (exact(engine)?, exact(&mut other)?);
    let differ = live.symmetric_difference(&reversed);
    let words = differ.map(|row| {
        let side = if live.contains(row) {
            "as it came"
        } else {
            "in reverse"
        };
        format!("order of arrival: only {side}: {row}")
    });
    Ok(words.collect())
}

/// 7: by the providers' own record, at most one answer for each dispute and stage.
pub fn answered_once(taken: &BTreeMap<(String, String, String), u32>) -> Vec<String> {
    let twice = taken.iter().filter(|(_, count)| **count > 1);
    twice
        .map(|((provider, dispute, stage), count)| {
            format!("{provider} took {count} answers for {dispute} at {stage}")
        })
        .collect()
}

fn documents<S: Store>(engine: &mut Engine<S>) -> Result<Vec<StoredDocument>, Error> {
    let mut all = Vec::new();
    let mut from = 1;
    loop {
        let page = engine
            .store
            .documents_from(from, PAGE)
            .map_err(failed("reading documents"))?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        from = last.sequence + 1;
        all.extend(page);
    }
}

fn cases<S: Store>(engine: &mut Engine<S>) -> Result<Vec<store::CaseRow>, Error> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let filter = CaseFilter {
            after,
            ..CaseFilter::every(PAGE)
        };
        let page = engine
            .store
            .cases(&filter)
            .map_err(failed("listing cases"))?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = Some(last.id.clone());
        all.extend(page);
    }
}

fn balances<S: Store>(engine: &mut Engine<S>) -> Result<Vec<String>, Error> {
    let legs = engine
        .store
        .balances()
        .map_err(failed("reading balances"))?;
    let moved = legs.iter().filter(|leg| !leg.amount.is_zero());
    Ok(moved.map(dispute::books::leg_line).collect())
}

/// Every case by its digest and family, every field that says why, and every balance.
fn exact<S: Store>(engine: &mut Engine<S>) -> Result<BTreeSet<String>, Error> {
    let mut rows: BTreeSet<String> = balances(engine)?.into_iter().collect();
    for row in cases(engine)? {
        rows.insert(format!(
            "case {} {} of family {}",
            row.id, row.digest, row.family
        ));
        let case = engine.open_row(row)?.case;
        let fields = view::fields(&case).into_iter();
        rows.extend(fields.map(|(name, value)| format!("{} {name}: {value}", case.dispute)));
    }
    Ok(rows)
}

/// What a story comes to, without the instants at which the desk itself acted: a send that had to be repeated is later, and
/// nothing else may differ.
///
/// # Errors
/// When the store fails.
pub fn picture<S: Store>(engine: &mut Engine<S>) -> Result<Vec<String>, Error> {
    let mut lines = balances(engine)?;
    for row in cases(engine)? {
        let case = engine.open_row(row)?.case;
        let stage = case.status.stage().map_or("no stage", |stage| stage.name());
        lines.push(format!(
            "{} {stage}/{} money {}",
            case.dispute,
            case.status.word(),
            case.money.name()
        ));
        for (key, booked) in &case.movements {
            let kind = booked.movement.kind.name();
            lines.push(format!(
                "{} {key} {kind} {}",
                case.dispute, booked.movement.amount
            ));
        }
        let answers = case.answers.iter();
        lines.extend(answers.map(|answer| {
            format!(
                "{} answer at {}: {}",
                case.dispute,
                answer.stage,
                answer.state.name()
            )
        }));
        for slot in case.evidence.slots.keys() {
            lines.push(format!("{} evidence {slot}", case.dispute));
        }
        let notes = case.notes.iter();
        lines.extend(
            notes.map(|(_, author, text)| format!("{} note by {author}: {text}", case.dispute)),
        );
    }
    lines.sort();
    Ok(lines)
}
