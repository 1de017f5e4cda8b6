//! What movements prove. Status is never read off them, nor they off status (F-01).

use super::{Facts, because, strength};
use crate::books;
use crate::case::{Booked, Case, Divergence, MoneyState, Status, Totals};
use crate::family::Known;
use crate::finding::{Finding, FindingKind};
use crate::movement::{Movement, MovementKind};
use crate::said::{RefundState, Said};
use crate::status::Stage;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;
use money::{Currency, Money};

pub(super) fn money(facts: &Facts<'_>, case: &mut Case) {
    movements(facts, case);
    refunds(facts, case);
    totals(case);
    case.money = state(case);
    diverge(case);
}

/// Each movement once: by key, the strongest statement of its amount, and settled as soon as anybody says so.
fn movements(facts: &Facts<'_>, case: &mut Case) {
    let mut own = by_key(facts.all.iter().copied());
    let mut given = by_key(facts.given.iter().copied());
    // One key is one movement, whichever references its statements carry.
    for (key, statements) in &mut own {
        statements.extend(given.remove(key).unwrap_or_default());
    }
    let mut confirmed: Vec<&str> = Vec::new();
    let mut kept: BTreeMap<&str, (Movement, &Known)> = BTreeMap::new();
    for (key, said) in &own {
        kept.insert(key, stands(key, said, case));
    }
    for (key, said) in &given {
        let (movement, known) = stands(key, said, case);
        // A report row that names only the payment is a second voice about a movement that a message already told, when
        // kind and amount agree and no other row has claimed it (the same chargeback by webhook, interface and file).
        let told = kept.iter_mut().find(|(told, (held, _))| {
            own.contains_key(*told)
                && !confirmed.contains(*told)
                && held.kind == movement.kind
                && held.amount == movement.amount
        });
        match told {
            Some((told, (held, _))) => {
                held.settled |= movement.settled;
                confirmed.push(told);
            }
            None => {
                kept.insert(key, (movement, known));
            }
        }
    }
    for (key, (movement, known)) in kept {
        because(case, "money", known);
        let booked = Booked {
            movement,
            at: known.fact.true_at,
            fact: known.id.clone(),
        };
        case.movements.insert(String::from(key), booked);
    }
}

type Statements<'a> = Vec<(&'a Known, &'a Movement)>;

fn by_key<'a>(facts: impl Iterator<Item = &'a Known>) -> BTreeMap<&'a str, Statements<'a>> {
    let mut keyed: BTreeMap<&str, Statements<'a>> = BTreeMap::new();
    for known in facts {
        if let Said::Moved(movement) = &known.fact.said {
            keyed
                .entry(&movement.key)
                .or_default()
                .push((known, movement));
        }
    }
    keyed
}

/// The statement of one movement that stands. Two amounts or meanings under one key are a correction, and are shown.
fn stands<'a>(key: &str, said: &Statements<'a>, case: &mut Case) -> (Movement, &'a Known) {
    let (known, strongest) = said
        .iter()
        // What a provider calls final is in the currency of the settlement; a message before it may speak in the currency
        // of the payment. So a settled statement outweighs an unsettled one, whatever its authority.
        .max_by_key(|(known, movement)| (movement.settled, strength(known)))
        .expect("a key is there because a statement has it");
    let mut movement = (*strongest).clone();
    movement.settled = said.iter().any(|(_, movement)| movement.settled);
    let other = said
        .iter()
        .find(|(_, other)| other.amount != movement.amount || other.kind != movement.kind);
    if let Some((_, other)) = other {
        let detail = format!(
            "movement {key} was said to be a {} of {} and a {} of {}; the strongest statement stands",
            other.kind.name(),
            other.amount,
            movement.kind.name(),
            movement.amount
        );
        let fingerprint = format!("{}->{}", other.kind.name(), movement.kind.name());
        let amount = movement.amount.checked_sub(other.amount).ok();
        case.findings.push(Finding {
            kind: FindingKind::MovementCorrected,
            fingerprint,
            detail,
            amount,
        });
    }
    (movement, known)
}

/// Refunds by key, the latest state of each. A failed refund is no refund (F-41).
fn refunds(facts: &Facts<'_>, case: &mut Case) {
    let mut latest: BTreeMap<&str, (&Known, Money, RefundState)> = BTreeMap::new();
    for (known, (key, amount, state)) in facts.pick(|said| match said {
        Said::Refunded { key, amount, state } => Some((key.as_str(), *amount, *state)),
        _ => None,
    }) {
        // Facts come sorted by time, so the last statement of a refund is its latest.
        latest.insert(key, (known, amount, state));
    }
    for (key, (known, amount, state)) in latest {
        if state == RefundState::Failed {
            let detail = format!("refund {key} of {amount} was reported and failed");
            let fingerprint = String::from("failed");
            case.findings.push(Finding {
                kind: FindingKind::RefundFailed,
                fingerprint,
                detail,
                amount: Some(amount),
            });
        } else {
            case.refunded.push(amount.abs());
            because(case, "refunded", known);
        }
    }
}

/// Adds up, per currency of settlement. Movements of two currencies are never added (F-24, F-25).
fn totals(case: &mut Case) {
    let mut totals: BTreeMap<Currency, Totals> = BTreeMap::new();
    for Booked { movement, .. } in case.movements.values() {
        let currency = movement.amount.currency();
        let total = totals
            .entry(currency)
            .or_insert_with(|| Totals::nothing(currency));
        add(total, movement);
    }
    books::write_off(case, &mut totals);
    case.totals = totals;
}

fn plus(sum: Money, amount: Money) -> Money {
    // 2^127 minor units exceed all money there is, so an overflow here is a decoder's bug, not a large case.
    sum.checked_add(amount)
        .expect("sums of one case in one currency fit 128 bits")
}

fn add(total: &mut Totals, movement: &Movement) {
    let amount = movement.amount;
    match movement.kind {
        MovementKind::Withdrawal | MovementKind::Reserve | MovementKind::FxAdjustment
            if amount.is_negative() =>
        {
            total.withdrawn = plus(total.withdrawn, amount.negate());
        }
        MovementKind::Withdrawal
        | MovementKind::Reinstatement
        | MovementKind::Reserve
        | MovementKind::ReserveRelease
        | MovementKind::FxAdjustment => total.reinstated = plus(total.reinstated, amount),
        MovementKind::ReceivedFee
        | MovementKind::CounterFee
        | MovementKind::ComplianceFee
        | MovementKind::FeeReturn
        | MovementKind::Tax => total.fees = plus(total.fees, amount.negate()),
        MovementKind::PreDisputeCredit
        | MovementKind::TransferReversal
        | MovementKind::Unexplained => {}
    }
}

/// What is still with the provider in a currency and not written off: what the receivable of the case holds.
pub(super) fn unsettled(total: &Totals) -> Money {
    outstanding(total)
        .checked_sub(total.lost)
        .and_then(|left| left.checked_sub(total.fx))
        .expect("all are of one currency and fit 128 bits")
}

/// What is still with the provider in a currency: taken less given back.
pub(super) fn outstanding(total: &Totals) -> Money {
    total
        .withdrawn
        .checked_sub(total.reinstated)
        .expect("both are of one currency and fit 128 bits")
}

fn state(case: &Case) -> MoneyState {
    let mut states = case.totals.values().filter_map(|total| {
        let left = outstanding(total);
        if total.withdrawn.is_zero() && total.reinstated.is_zero() {
            None
        } else if left.is_negative() {
            Some(MoneyState::Overreturned)
        } else if left.is_zero() {
            Some(MoneyState::Returned)
        } else if total.reinstated.is_zero() {
            Some(MoneyState::Withheld)
        } else {
            Some(MoneyState::PartlyReturned)
        }
    });
    states.next().unwrap_or(MoneyState::Untouched)
}

/// Whether money is taken from us at this stage, in the rails' ordinary course (F-36: inquiries move none).
fn takes_money(stage: Stage) -> bool {
    !matches!(
        stage,
        Stage::FraudReport | Stage::Alert | Stage::Inquiry | Stage::NoticeOfChange | Stage::Recall
    )
}

/// How far money is from what the status implies. While a contest is open the provider may hold the amount or have given
/// it back for the time being, so only a surplus either way diverges.
fn diverge(case: &mut Case) {
    let Some(since) = case.steps.last().map(|step| step.at) else {
        return;
    };
    let mut worst: Option<Money> = None;
    for (currency, total) in &case.totals {
        let left = outstanding(total);
        let disputed = case
            .disputed
            .filter(|amount| amount.currency() == *currency);
        let off = match &case.status {
            Status::Closed { .. } => unsettled(total),
            Status::Open { stage, .. } if !takes_money(*stage) => left,
            Status::Open { .. } | Status::Unstated => surplus(left, disputed),
        };
        if !off.is_zero() && worst.is_none_or(|worst| worst.abs().minor() < off.abs().minor()) {
            worst = Some(off);
        }
    }
    case.divergence = worst.map(|amount| Divergence {
        amount,
        since: after(case, amount.currency(), since),
    });
}

/// For an open contest: how far what is outstanding lies outside of nothing to the disputed amount.
fn surplus(left: Money, disputed: Option<Money>) -> Money {
    let none = Money::zero(left.currency());
    let Some(disputed) = disputed else {
        return none;
    };
    if left.is_negative() {
        left
    } else if left.minor() > disputed.minor() {
        left.checked_sub(disputed)
            .expect("the caller gives both in one currency")
    } else {
        none
    }
}

/// Since when they differ: the later of the last step and the last movement in that currency.
fn after(case: &Case, currency: Currency, step: Instant) -> Instant {
    let moved = case
        .movements
        .values()
        .filter(|booked| booked.movement.amount.currency() == currency);
    moved.map(|booked| booked.at).fold(step, Instant::max)
}
