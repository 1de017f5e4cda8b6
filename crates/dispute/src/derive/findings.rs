//! The findings that no other step makes: drift, residues, divergence, doubts, and losses counted twice.

use super::money::{outstanding, unsettled};
use super::obligations::answered;
use super::{Facts, Loose};
use crate::case::{AnswerKind, AnswerState, Answered, Case, Status};
use crate::finding::{Finding, FindingKind};
use crate::movement::MovementKind;
use crate::obligation::{Duty, Standing as Kept};
use crate::said::{Said, Sending};
use crate::status::{Outcome, Stage};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use ledger::residue;
use money::{Currency, Money};

pub(super) fn findings(facts: &Facts<'_>, case: &mut Case) {
    drift(facts, case);
    sendings(facts, case);
    residues(case);
    let diverges = case.divergence.as_ref();
    if let Some(divergence) = diverges.filter(|off| !expected(case, off.amount)) {
        let detail = format!(
            "status {} implies other money: {} off since {}",
            case.status.word(),
            divergence.amount,
            divergence.since
        );
        let fingerprint = String::from(case.status.word());
        let amount = Some(divergence.amount);
        case.findings.push(Finding {
            kind: FindingKind::Divergence,
            fingerprint,
            detail,
            amount,
        });
    }
    // One finding per fingerprint: the first statement of it in order of text, so that order of arrival never shows.
    case.findings.sort();
    case.findings
        .dedup_by(|one, other| one.kind == other.kind && one.fingerprint == other.fingerprint);
}

fn drift(facts: &Facts<'_>, case: &mut Case) {
    for known in &facts.all {
        match &known.fact.said {
            Said::Drifted { field, value } => case.findings.push(Finding {
                kind: FindingKind::Drift,
                fingerprint: format!("{field}:{value}"),
                detail: format!("the provider says {field} is `{value}`, which no table maps"),
                amount: None,
            }),
            Said::Staged { stage } if !sent_on(facts, *stage, case) => case.findings.push(Finding {
                kind: FindingKind::EvidenceStaged,
                fingerprint: format!("{stage}"),
                detail: format!("evidence is staged at the provider for {stage} and was not sent on to the bank"),
                amount: case.disputed,
            }),
            _ => {}
        }
    }
}

/// Whether what was staged at the provider has gone on, by us or by somebody at the provider's own desk, or is about to.
fn sent_on(facts: &Facts<'_>, stage: Stage, case: &Case) -> bool {
    let under_way = case.answer_at(stage).is_some_and(|answer| {
        matches!(
            answer.state,
            AnswerState::Asked | AnswerState::InDoubt | AnswerState::Accepted
        )
    });
    under_way || answered(facts, stage, case).is_some()
}

/// How many sends of one answer the provider took: an attempt that was given up for lost may have arrived after all.
fn taken(facts: &Facts<'_>, answer: &Answered) -> u32 {
    let attempts: BTreeSet<u32> = facts
        .pick(|said| match said {
            Said::Sent {
                stage,
                digest,
                sending: Sending::Accepted,
                attempt,
            } if *stage == answer.stage && *digest == answer.digest => Some(*attempt),
            _ => None,
        })
        .into_iter()
        .map(|(_, attempt)| attempt)
        .collect();
    u32::try_from(attempts.len()).unwrap_or(u32::MAX).max(1)
}

fn sendings(facts: &Facts<'_>, case: &mut Case) {
    let mut findings = Vec::new();
    let mut accepted: BTreeMap<_, u32> = BTreeMap::new();
    for answer in &case.answers {
        let fingerprint = format!("{}", answer.stage);
        match &answer.state {
            AnswerState::InDoubt => findings.push(Finding {
                kind: FindingKind::SendInDoubt,
                fingerprint,
                detail: format!(
                    "attempt {} at {} has no answer that proves anything",
                    answer.attempt, answer.stage
                ),
                amount: case.disputed,
            }),
            AnswerState::Refused(words) => findings.push(Finding {
                kind: FindingKind::AnswerRefused,
                fingerprint,
                detail: format!(
                    "the provider refused our answer at {}: {words}",
                    answer.stage
                ),
                amount: case.disputed,
            }),
            AnswerState::Accepted => {
                let turn = case
                    .turns(answer.stage)
                    .filter(|began| *began <= answer.asked_at);
                let place = (answer.stage, turn.count());
                *accepted.entry(place).or_default() += taken(facts, answer);
            }
            // What was given up, and lost, has nothing left to find out.
            AnswerState::Overtaken { unproved: true } if conceded(case, answer) => {}
            AnswerState::Overtaken { unproved: true } => findings.push(Finding {
                kind: FindingKind::SendInDoubt,
                fingerprint,
                detail: format!(
                    "the case left {} before anything proved that attempt {} arrived",
                    answer.stage, answer.attempt
                ),
                amount: case.disputed,
            }),
            AnswerState::Asked | AnswerState::Withdrawn | AnswerState::Overtaken { .. } => {}
        }
    }
    for ((stage, _), count) in accepted.into_iter().filter(|(_, count)| *count > 1) {
        findings.push(Finding {
            kind: FindingKind::AnsweredTwice,
            fingerprint: format!("{stage}"),
            detail: format!("the provider took {count} answers of ours at {stage}"),
            amount: case.disputed,
        });
    }
    case.findings.extend(findings);
}

/// Whether the case ended as our acceptance asked, whoever's doing that was.
fn conceded(case: &Case, answer: &Answered) -> bool {
    let lost = matches!(
        case.status,
        Status::Closed {
            outcome: Outcome::Lost | Outcome::Expired | Outcome::Accepted,
            ..
        }
    );
    lost && answer.kind() == AnswerKind::Acceptance
}

/// A closed case's receivable returns to zero. What is left when it should have, names its likely cause.
fn residues(case: &mut Case) {
    if !matches!(case.status, Status::Closed { .. }) {
        return;
    }
    let mut findings = Vec::new();
    for total in case.totals.values() {
        let left = unsettled(total);
        if left.is_zero() || expected(case, left) {
            continue;
        }
        // Where the claim is in another currency than the settlement, what was taken stands for it.
        let amount = case
            .disputed
            .filter(|disputed| disputed.currency() == left.currency())
            .unwrap_or(total.withdrawn);
        // The signature is read from our purse, where what the provider still holds is negative.
        let cause = residue::signature(left.negate(), amount);
        let fingerprint = cause.map_or(String::from("unexplained"), |cause| {
            String::from(cause.name())
        });
        let detail = format!(
            "{left} is left on the receivable of a case that ended {}; likely cause: {fingerprint}",
            case.status.word()
        );
        findings.push(Finding {
            kind: FindingKind::Residue,
            fingerprint,
            detail,
            amount: Some(left),
        });
    }
    case.findings.extend(findings);
}

/// Whether this is what a win gives back within the time the provider has for it: owed and watched as an obligation, and no
/// exception until that time has passed (F-68). More than the claim was never part of it, and shows at once.
fn expected(case: &Case, left: Money) -> bool {
    let currency = left.currency();
    let taken = case.totals.get(&currency).map(|total| total.withdrawn);
    // Where the claim is in another currency than the settlement, what was taken stands for it.
    let claim = case
        .disputed
        .filter(|disputed| disputed.currency() == currency)
        .or(taken);
    let owed = case.obligations.iter().any(|owed| {
        owed.duty == Duty::ReturnFunds && owed.standing == Kept::Open && owed.amount == Some(left)
    });
    owed && !left.is_negative() && claim.is_some_and(|claim| left.minor() <= claim.minor())
}

/// At most one loss per cent: refunds, credits before a dispute and every dispute on one payment together may not cost more
/// than the payment (F-26, F-46, F-58).
pub(super) fn across(cases: &mut [Case]) {
    let mut taken: BTreeMap<Currency, (Money, u32)> = BTreeMap::new();
    for case in cases.iter() {
        for currency in currencies(case) {
            let own = cost(case, currency);
            if own.is_zero() || own.is_negative() {
                continue;
            }
            let (sum, disputes) = taken
                .entry(currency)
                .or_insert_with(|| (Money::zero(currency), 0));
            *sum = plus(*sum, own);
            *disputes += 1;
        }
    }
    for case in cases.iter_mut() {
        let Some(worth) = case.paid.or(case.disputed) else {
            continue;
        };
        let currency = worth.currency();
        let own = cost(case, currency);
        let Some((disputed, disputes)) = taken.get(&currency).copied() else {
            continue;
        };
        let refunds = case
            .refunded
            .iter()
            .filter(|refund| refund.currency() == currency);
        let refunded = refunds.fold(Money::zero(currency), |sum, refund| plus(sum, *refund));
        let excess = plus(plus(disputed, refunded), worth.negate());
        // One dispute alone may exceed its payment: by the rate (F-22), or because it covers several payments (rule
        // `amount.combined`). And without the payment's amount a second dispute may be about another part of it.
        let twice = !refunded.is_zero() || (disputes > 1 && case.paid.is_some());
        let involved = !own.is_zero() && !own.is_negative();
        if involved && twice && !excess.is_negative() && !excess.is_zero() {
            let detail = format!(
                "{disputed} taken by disputes and {refunded} refunded on a payment worth {worth}"
            );
            let fingerprint = String::from(if refunded.is_zero() {
                "disputes"
            } else {
                "refund-and-dispute"
            });
            case.findings.push(Finding {
                kind: FindingKind::DoubleLoss,
                fingerprint,
                detail,
                amount: Some(excess),
            });
            case.findings.sort();
        }
    }
}

fn plus(sum: Money, amount: Money) -> Money {
    sum.checked_add(amount)
        .expect("a payment's money is of one currency and fits 128 bits")
}

/// The currencies in which a case can have cost something: those of its settlement, and that of the claim.
fn currencies(case: &Case) -> BTreeSet<Currency> {
    let claimed = case.disputed.map(|disputed| disputed.currency());
    case.totals.keys().copied().chain(claimed).collect()
}

/// What a case has taken from us in a currency, and not given back. Where it was settled in another one, the claim stands
/// for it: amounts of two currencies are never compared (F-24).
fn cost(case: &Case, currency: Currency) -> Money {
    let none = Money::zero(currency);
    let credits = case
        .movements
        .values()
        .map(|booked| &booked.movement)
        .filter(|movement| {
            movement.kind == MovementKind::PreDisputeCredit
                && movement.amount.currency() == currency
        })
        .fold(none, |sum, movement| plus(sum, movement.amount.negate()));
    if let Some(total) = case.totals.get(&currency) {
        return plus(outstanding(total), credits);
    }
    let held = case.totals.values().any(|total| {
        let left = outstanding(total);
        !left.is_zero() && !left.is_negative()
    });
    let claimed = case
        .disputed
        .filter(|disputed| held && disputed.currency() == currency);
    let recovered = case
        .recovered
        .filter(|recovered| recovered.currency() == currency);
    plus(
        claimed.unwrap_or(none),
        recovered.map_or(none, Money::negate),
    )
}

/// Money of the payment that no case could be given waits in suspense, and every case it may belong to says so.
pub(super) fn unassigned(cases: &mut [Case], loose: &[Loose]) {
    let mut waiting: BTreeMap<(MovementKind, Currency), Money> = BTreeMap::new();
    for Loose { movement, .. } in loose {
        let currency = movement.amount.currency();
        let sum = waiting
            .entry((movement.kind, currency))
            .or_insert_with(|| Money::zero(currency));
        *sum = plus(*sum, movement.amount);
    }
    for case in cases {
        for ((kind, currency), amount) in &waiting {
            let kind = kind.name();
            case.findings.push(Finding {
                kind: FindingKind::MovementUnassigned,
                fingerprint: format!("{kind}:{currency}"),
                detail: format!(
                    "{amount} moved on the payment as {kind}, and nothing says for which dispute"
                ),
                amount: Some(*amount),
            });
        }
        case.findings.sort();
    }
}
