//! Whether the desk and the world agree when everything is over: answers, money, endings, documents.

use crate::fakes::World;
use crate::fakes::truth::{Case as Truth, Taking};
use dispute::case::{AnswerState, Case};
use dispute::id::sha256_hex;
use dispute::status::{Outcome, Standing};
use engine::{Engine, Error};
use ledger::AccountKind;
use std::collections::{BTreeMap, BTreeSet};
use store::{Store, Way};

fn failed(doing: &'static str) -> impl FnOnce(store::Error) -> Error {
    move |source| Error::Store { doing, source }
}

/// The desk's case for a provider's dispute.
fn known<S: Store>(engine: &mut Engine<S>, truth: &Truth) -> Result<Option<Case>, Error> {
    let rows = engine
        .store
        .find_cases(&truth.id, 2)
        .map_err(failed("finding a case"))?;
    match rows.into_iter().find(|row| row.dispute == truth.id) {
        Some(row) => Ok(Some(engine.open_row(row)?.case)),
        None => Ok(None),
    }
}

/// Invariant 7: a provider holds at most one answer of ours for each stage, the desk knows of each, believes in none that is
/// not there, and nothing that was taken back before it left has arrived.
///
/// # Errors
/// When the store fails.
pub fn answers<S: Store>(
    engine: &mut Engine<S>,
    world: &World,
    taken_back: &BTreeSet<String>,
) -> Result<Vec<String>, Error> {
    let mut breaks = Vec::new();
    for truth in world.cases() {
        let name = format!("{} {}", truth.provider, truth.id);
        let stages: BTreeSet<_> = truth.taken.iter().map(|taken| taken.stage).collect();
        for stage in &stages {
            let count = truth.taken_at(*stage);
            if count > 1 {
                breaks.push(format!("{name}: {count} answers were taken at {stage}"));
            }
        }
        let Some(case) = known(engine, truth)? else {
            breaks.push(format!("{name}: the desk does not know this dispute"));
            continue;
        };
        for taken in &truth.taken {
            let of_kind = |answer: &&dispute::case::Answered| {
                answer.stage == taken.stage
                    && answer.digest.is_empty() == (taken.what == Taking::Concession)
            };
            let of_kind: Vec<&AnswerState> = case
                .answers
                .iter()
                .filter(of_kind)
                .map(|answer| &answer.state)
                .collect();
            // A closed inquiry does not tell whether it was conceded or lapsed, nor a lost case what lost it, so there the desk
            // may leave it unproved.
            let undecidable = taken.what == Taking::Concession;
            let accepted = of_kind.iter().any(|state| match state {
                AnswerState::Accepted => true,
                AnswerState::Overtaken { unproved } => *unproved && undecidable,
                _ => false,
            });
            if !accepted {
                let states: Vec<&str> = case
                    .answers
                    .iter()
                    .map(|answer| answer.state.name())
                    .collect();
                breaks.push(format!(
                    "{name}: {:?} at {} was taken, the desk holds {states:?}",
                    taken.what, taken.stage
                ));
            }
        }
        breaks.extend(beliefs(&name, truth, &case));
        let withdrawn = case
            .answers
            .iter()
            .all(|answer| answer.state == AnswerState::Withdrawn);
        if taken_back.contains(&truth.id) && withdrawn && !truth.taken.is_empty() {
            breaks.push(format!(
                "{name}: everything was taken back and something arrived"
            ));
        }
    }
    Ok(breaks)
}

/// What the desk believes of its answers and the provider does not hold, and what it still has not found out.
fn beliefs(name: &str, truth: &Truth, case: &Case) -> Vec<String> {
    let mut breaks = Vec::new();
    for answer in &case.answers {
        let there = truth.taken.iter().any(|taken| {
            taken.stage == answer.stage
                && answer.digest.is_empty() == (taken.what == Taking::Concession)
        });
        match answer.state {
            AnswerState::Accepted if !there => {
                breaks.push(format!(
                    "{name}: the desk believes in an answer at {} that was never taken",
                    answer.stage
                ));
            }
            AnswerState::InDoubt | AnswerState::Asked => {
                breaks.push(format!(
                    "{name}: an answer at {} is still {}",
                    answer.stage,
                    answer.state.name()
                ));
            }
            _ => {}
        }
    }
    breaks
}

/// Invariant 5: what the desk's clearing accounts say is what the providers moved.
///
/// # Errors
/// When the store fails.
pub fn money<S: Store>(engine: &mut Engine<S>, world: &World) -> Result<Vec<String>, Error> {
    let mut moved: BTreeMap<(String, String, String), i128> = BTreeMap::new();
    for truth in world.cases() {
        let place = (
            truth.provider.to_owned(),
            truth.account.clone(),
            truth.currency.to_owned(),
        );
        *moved.entry(place).or_insert(0) += i128::from(truth.net_minor());
    }
    let mut kept: BTreeMap<(String, String, String), i128> = BTreeMap::new();
    for leg in engine
        .store
        .balances()
        .map_err(failed("reading balances"))?
    {
        if leg.account.kind == AccountKind::ProviderClearing {
            let currency = leg.amount.currency().code().to_owned();
            let place = (
                leg.account.provider.clone(),
                leg.account.account.clone(),
                currency,
            );
            *kept.entry(place).or_insert(0) += leg.amount.minor();
        }
    }
    moved.retain(|_, minor| *minor != 0);
    kept.retain(|_, minor| *minor != 0);
    let places: BTreeSet<_> = moved.keys().chain(kept.keys()).cloned().collect();
    let differing = places
        .into_iter()
        .filter(|place| moved.get(place) != kept.get(place));
    let mut breaks: Vec<String> = differing
        .map(|place| {
            let (provider, account, currency) = &place;
            format!(
                "{provider}/{account} moved {:?} minor units of {currency}, the books say {:?}",
                moved.get(&place),
                kept.get(&place)
            )
        })
        .collect();
    if !breaks.is_empty() {
        breaks.extend(money_by_case(engine, world)?);
    }
    Ok(breaks)
}

fn money_by_case<S: Store>(engine: &mut Engine<S>, world: &World) -> Result<Vec<String>, Error> {
    let mut breaks = Vec::new();
    for truth in world.cases() {
        let Some(case) = known(engine, truth)? else {
            continue;
        };
        let booked: i128 = case
            .movements
            .values()
            .map(|booked| booked.movement.amount.minor())
            .sum();
        if booked != i128::from(truth.net_minor()) {
            breaks.push(format!(
                "{} {}: moved {}, booked {booked}",
                truth.provider,
                truth.id,
                truth.net_minor()
            ));
        }
    }
    Ok(breaks)
}

/// How a desk may call what a provider holds to be true.
fn agrees(truth: &Truth, case: &Case) -> bool {
    let outcome = case.status.outcome();
    let lost = [Outcome::Lost, Outcome::Accepted, Outcome::Expired];
    match truth.standing {
        Standing::Won => outcome == Some(Outcome::Won),
        Standing::PartiallyWon => outcome == Some(Outcome::PartiallyWon),
        Standing::Lapsed | Standing::Withdrawn => {
            matches!(
                outcome,
                Some(Outcome::Lapsed | Outcome::Withdrawn | Outcome::Expired)
            )
        }
        // An inquiry that we concede is closed, and most providers do not say by whom.
        Standing::Accepted => {
            outcome.is_some_and(|outcome| lost.contains(&outcome) || outcome == Outcome::Lapsed)
        }
        Standing::Lost | Standing::Expired => {
            outcome.is_some_and(|outcome| lost.contains(&outcome))
        }
        Standing::Ours => case.status.word() == "ours",
        _ => outcome.is_none(),
    }
}

/// Every case ends on the desk as it ended at its provider.
///
/// # Errors
/// When the store fails.
pub fn endings<S: Store>(engine: &mut Engine<S>, world: &World) -> Result<Vec<String>, Error> {
    let mut breaks = Vec::new();
    for truth in world.cases().filter(|truth| truth.provider != "ach") {
        let Some(case) = known(engine, truth)? else {
            continue;
        };
        if !agrees(truth, &case) {
            breaks.push(format!(
                "{} {}: is {}/{}, the desk says {:?}/{}",
                truth.provider,
                truth.id,
                truth.stage,
                truth.standing,
                case.status.stage().map(|stage| stage.name()),
                case.status.word()
            ));
        }
    }
    Ok(breaks)
}

/// Nothing waits to be sent or read back.
///
/// # Errors
/// When the store fails.
pub fn outbox<S: Store>(engine: &mut Engine<S>) -> Result<Vec<String>, Error> {
    let rows = engine
        .store
        .outbox_all(u32::MAX)
        .map_err(failed("reading the outbox"))?;
    Ok(rows
        .iter()
        .map(|row| {
            format!(
                "{} {} of {} waits in the outbox after {} tries: {}",
                row.scope.provider, row.verb, row.case, row.tries, row.last_trouble
            )
        })
        .collect())
}

/// What tells one document from another.
pub fn print((provider, account): (&str, &str), channel: &str, body: &[u8]) -> String {
    sha256_hex(
        &[
            provider.as_bytes(),
            account.as_bytes(),
            channel.as_bytes(),
            body,
        ]
        .join(&b'/'),
    )
}

/// Everything that was said of one dispute, for whoever has to find out why it did not come out even.
///
/// # Errors
/// When the store fails.
pub fn story<S: Store>(engine: &mut Engine<S>, dispute: &str) -> Result<Vec<String>, Error> {
    let opened = engine.open(dispute)?;
    Ok(opened
        .facts
        .iter()
        .map(|row| dispute::text::render(&row.fact))
        .collect())
}

/// Invariant 2: every document that was handed in is kept, once.
///
/// # Errors
/// When the store fails.
pub fn documents<S: Store>(
    engine: &mut Engine<S>,
    handed_in: &BTreeSet<String>,
) -> Result<Vec<String>, Error> {
    let mut kept = BTreeSet::new();
    let mut from = 1;
    let mut twice = 0_u64;
    loop {
        let page = engine
            .store
            .documents_from(from, 1_000)
            .map_err(failed("reading documents"))?;
        let Some(last) = page.last() else { break };
        from = last.sequence + 1;
        for stored in &page {
            let document = &stored.document;
            let channel = match document.way {
                Way::Webhook => "webhook",
                Way::File => "file",
                Way::Api | Way::Command | Way::Desk => continue,
            };
            let scope = (&*document.scope.provider, &*document.scope.account);
            twice += u64::from(!kept.insert(print(scope, channel, &document.body)));
        }
    }
    let mut breaks = Vec::new();
    let missing = handed_in.difference(&kept).count();
    let unasked = kept.difference(handed_in).count();
    if missing > 0 || unasked > 0 || twice > 0 {
        breaks.push(format!("documents: {missing} were handed in and not kept, {unasked} kept and not handed in, {twice} kept twice"));
    }
    Ok(breaks)
}
