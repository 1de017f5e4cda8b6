//! The findings that no other step makes: drift, residues, divergence, doubts, and losses counted twice.

use super::Facts;
use super::money::outstanding;
use crate::case::{AnswerState, Case, Status};
use crate::finding::{Finding, FindingKind};
use crate::said::Said;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use ledger::residue;
use money::{Currency, Money};

pub(super) fn findings(facts: &Facts<'_>, case: &mut Case) {
    drift(facts, case);
    sendings(case);
    residues(case);
    if let Some(divergence) = &case.divergence {
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
            Said::Staged { stage } if case.answer_at(*stage).is_none() => case.findings.push(Finding {
                kind: FindingKind::EvidenceStaged,
                fingerprint: format!("{stage}"),
                detail: format!("evidence is staged at the provider for {stage} and was not sent on to the bank"),
                amount: case.disputed,
            }),
            _ => {}
        }
    }
}

fn sendings(case: &mut Case) {
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
            AnswerState::Accepted => *accepted.entry(answer.stage).or_default() += 1,
            AnswerState::Asked | AnswerState::Withdrawn => {}
        }
    }
    for (stage, count) in accepted.into_iter().filter(|(_, count)| *count > 1) {
        findings.push(Finding {
            kind: FindingKind::AnsweredTwice,
            fingerprint: format!("{stage}"),
            detail: format!("the provider took {count} answers of ours at {stage}"),
            amount: case.disputed,
        });
    }
    case.findings.extend(findings);
}

/// A closed case's receivable returns to zero. What is left names its likely cause.
fn residues(case: &mut Case) {
    if !matches!(case.status, Status::Closed { .. }) {
        return;
    }
    let mut findings = Vec::new();
    for total in case.totals.values() {
        let left = outstanding(total)
            .checked_sub(total.lost)
            .expect("both are of one currency");
        if left.is_zero() {
            continue;
        }
        // The signature is read from our purse, where what the provider still holds is negative.
        let cause = case
            .disputed
            .and_then(|disputed| residue::signature(left.negate(), disputed));
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

/// At most one loss per cent: refunds and every dispute on one payment together may not cost more than the payment
/// (F-26, F-46, F-58).
pub(super) fn across(cases: &mut [Case]) {
    let mut taken: BTreeMap<Currency, Money> = BTreeMap::new();
    for case in cases.iter() {
        for (currency, total) in &case.totals {
            let sum = taken
                .entry(*currency)
                .or_insert_with(|| Money::zero(*currency));
            *sum = sum
                .checked_add(outstanding(total))
                .expect("a payment's disputes fit 128 bits");
        }
    }
    for case in cases.iter_mut() {
        let Some(worth) = case.paid.or(case.disputed) else {
            continue;
        };
        let currency = worth.currency();
        let own = case.totals.get(&currency).map(outstanding);
        let involved = own.is_some_and(|own| !own.is_zero() && !own.is_negative());
        let refunds = case
            .refunded
            .iter()
            .filter(|refund| refund.currency() == currency);
        let refunded = refunds.fold(Money::zero(currency), |sum, refund| {
            sum.checked_add(*refund)
                .expect("a payment's refunds fit 128 bits")
        });
        let disputes = taken
            .get(&currency)
            .copied()
            .unwrap_or_else(|| Money::zero(currency));
        let both = disputes
            .checked_add(refunded)
            .expect("both are of one currency");
        let excess = both.checked_sub(worth).expect("both are of one currency");
        // Without the payment's amount a second dispute may be about another part of it, so only a refund proves a
        // double loss then.
        let provable = case.paid.is_some() || !refunded.is_zero();
        if involved && provable && !excess.is_negative() && !excess.is_zero() {
            let detail = format!(
                "{disputes} taken by disputes and {refunded} refunded on a payment worth {worth}"
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
