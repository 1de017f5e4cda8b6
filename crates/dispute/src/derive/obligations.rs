//! Who owes what: our answers, the provider's money and acknowledgements, corrections of account details.

use super::money::unsettled;
use super::status::deadline_of;
use super::{Facts, because_rule};
use crate::case::{AnswerKind, AnswerState, Case, Status};
use crate::family::Known;
use crate::finding::{Finding, FindingKind};
use crate::movement::MovementKind;
use crate::obligation::{Duty, Obligation, Standing as Kept};
use crate::rules::{self, Lifecycle};
use crate::said::Said;
use crate::status::{Outcome, Party, Stage, Standing};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use calendar::{Calendar, Instant, Moment, Zone};

/// How long we wait for a provider to show that it has our answer. A desk's choice: no source states such a limit.
const ACKNOWLEDGE_HOURS: i64 = 72;

/// How long after a win the money should be back. A desk's choice: `Unverified:` providers publish no limit; the sources
/// say only that funds come back on a win (rule `funds.returned_when`).
const RETURN_DAYS: i64 = 14;

pub(super) fn obligations(facts: &Facts<'_>, lifecycle: &'static Lifecycle, case: &mut Case) {
    let stages: BTreeSet<Stage> = case
        .steps
        .iter()
        .filter(|step| step.phase.standing == Standing::Ours)
        .map(|step| step.phase.stage)
        .collect();
    let corrects = facts
        .all
        .iter()
        .any(|known| matches!(known.fact.said, Said::ChangeAsked { .. }));
    for stage in stages {
        // The correction is the answer to a notice of change: one duty, not two.
        if stage == Stage::NoticeOfChange && corrects {
            continue;
        }
        respond(facts, lifecycle, stage, case);
    }
    acknowledge(facts, case);
    return_funds(facts, case);
    return_fee(facts, case);
    apply_change(facts, case);
    for obligation in &mut case.obligations {
        waive(facts, obligation);
    }
    broken(case);
}

/// The instant at which the clock said that this duty's time had passed, for this very due time.
fn passed(facts: &Facts<'_>, duty: Duty, due_by: Moment) -> Option<Instant> {
    let key = duty.key();
    facts.all.iter().find_map(|known| match &known.fact.said {
        Said::Passed { what, due } if *what == key && *due == due_by => Some(known.fact.true_at),
        _ => None,
    })
}

fn met(at: Instant, due_by: Moment) -> Kept {
    if at <= due_by.latest_instant() {
        Kept::Met { at }
    } else {
        Kept::MetLate { at }
    }
}

fn owe(case: &Case, duty: Duty, due_by: Moment, basis: String, standing: Kept) -> Obligation {
    let provider_owes = matches!(
        duty,
        Duty::Acknowledge(_) | Duty::ReturnFunds | Duty::ReturnFee
    );
    let (debtor, creditor) = if provider_owes {
        (Party::Provider, Party::Merchant)
    } else {
        (Party::Merchant, Party::Provider)
    };
    Obligation {
        id: Obligation::id_of(&case.id, duty),
        duty,
        debtor,
        creditor,
        amount: None,
        due_by,
        basis,
        standing,
    }
}

/// Our answer at a stage. Met by an answer that arrived, by the provider's word that it has one, or by the case going on
/// to the other side.
fn respond(facts: &Facts<'_>, lifecycle: &'static Lifecycle, stage: Stage, case: &mut Case) {
    let deadline = deadline_of(facts, lifecycle, stage, case);
    let Some(due_by) = deadline.respond_by() else {
        return;
    };
    if !answerable(case, &deadline.cutoff) {
        return;
    }
    let duty = Duty::Respond(stage);
    let standing = if let Some(at) = answered(facts, stage, case) {
        met(at, due_by)
    } else if let Some(at) = passed(facts, duty, due_by) {
        Kept::Broken { at }
    } else {
        ended(stage, case)
    };
    let basis = match (&deadline.cutoff, &deadline.limit) {
        (Some(_), _) => String::from("the provider's cut-off"),
        (None, Some((_, rule))) => rule.clone(),
        (None, None) => String::from("no basis"),
    };
    because_rule(case, "obligations", &basis);
    let mut obligation = owe(case, duty, due_by, basis, standing);
    obligation.amount = case.disputed;
    case.obligations.push(obligation);
}

/// Whether there is anything to answer: a code that takes no answer makes no obligation unless the provider asks for one.
fn answerable(case: &Case, cutoff: &Option<Moment>) -> bool {
    let Some(claim) = &case.reason else {
        return true;
    };
    let (Some(network), Some(code)) = (
        claim.network.as_ref().or(case.network.as_ref()),
        &claim.code,
    ) else {
        return true;
    };
    let refused = rules::reason_code(network, code)
        .is_some_and(|code| code.respondable == rules::Respondable::No);
    cutoff.is_some() || !refused
}

/// When the provider had our answer at this stage, if it has.
pub(super) fn answered(facts: &Facts<'_>, stage: Stage, case: &Case) -> Option<Instant> {
    let again = case.ours_again_since(stage);
    let counts = |at: &Instant| again.is_none_or(|again| *at >= again);
    let sent = case
        .answers
        .iter()
        .filter(|answer| answer.stage == stage && answer.state == AnswerState::Accepted);
    let sent = sent
        .filter_map(|answer| answer.settled_at)
        .filter(counts)
        .min();
    let held = facts.pick(|said| match said {
        Said::Acknowledged { stage: at, count } if *at == stage => Some(*count),
        _ => None,
    });
    // What the provider had before it asked again is no answer to that.
    let before = held
        .iter()
        .filter(|(known, _)| !counts(&known.fact.true_at))
        .map(|(_, count)| *count)
        .max();
    let acknowledged = held
        .iter()
        .find(|(_, count)| *count > before.unwrap_or(0))
        .map(|(known, _)| known.fact.true_at);
    // A case may wait for the other side first and for us afterwards, so only what follows our turn counts.
    let since_ours = case
        .steps
        .iter()
        .rev()
        .take_while(|step| step.phase.stage != stage || step.phase.standing != Standing::Ours);
    let moved_on = since_ours
        .filter(|step| {
            step.phase.stage == stage
                && matches!(step.phase.standing, Standing::Theirs | Standing::Network)
        })
        .map(|step| step.at)
        .min();
    let conceded = case
        .steps
        .iter()
        .find(|step| step.phase.standing == Standing::Accepted && counts(&step.at))
        .map(|step| step.at);
    [sent, acknowledged, moved_on, conceded]
        .into_iter()
        .flatten()
        .min()
}

/// Whether an acceptance left for this stage of which nobody learned whether it arrived.
fn given_up(stage: Stage, case: &Case) -> bool {
    case.answers.iter().any(|answer| {
        answer.stage == stage
            && answer.kind() == AnswerKind::Acceptance
            && answer.state == AnswerState::Overtaken { unproved: true }
    })
}

/// How an unanswered duty stands when the case is over, or has gone on to another stage.
fn ended(stage: Stage, case: &Case) -> Kept {
    let Some(last) = case.steps.last() else {
        return Kept::Open;
    };
    match (&case.status, last.phase.stage == stage) {
        (Status::Closed { outcome, .. }, _) if given_up(stage, case) => Kept::Waived {
            why: format!("the case ended {outcome}, and our acceptance of that was on its way"),
        },
        (
            Status::Closed {
                outcome: Outcome::Lost | Outcome::Expired,
                ..
            },
            _,
        ) => Kept::Broken { at: last.at },
        (Status::Closed { outcome, .. }, _) => Kept::Waived {
            why: format!("the case ended: {outcome}"),
        },
        (_, false) => Kept::Waived {
            why: format!("the case went on to {}", last.phase.stage),
        },
        (_, true) => Kept::Open,
    }
}

fn acknowledge(facts: &Facts<'_>, case: &mut Case) {
    let accepted: alloc::vec::Vec<(Stage, Instant)> = case
        .answers
        .iter()
        .filter(|answer| answer.state == AnswerState::Accepted)
        .filter_map(|answer| Some((answer.stage, answer.settled_at?)))
        .collect();
    for (stage, sent_at) in accepted {
        let duty = Duty::Acknowledge(stage);
        let due_by = Moment::At(sent_at.plus_hours(ACKNOWLEDGE_HOURS));
        let shown = facts.all.iter().find_map(|known| match &known.fact.said {
            Said::Acknowledged { stage: at, count } if *at == stage && *count > 0 => {
                Some(known.fact.true_at)
            }
            _ => None,
        });
        let went_on = case
            .steps
            .iter()
            .find(|step| step.at >= sent_at && step.phase.standing != Standing::Ours);
        let standing = match shown.or(went_on.map(|step| step.at)) {
            Some(at) => met(at, due_by),
            None => passed(facts, duty, due_by).map_or(Kept::Open, |at| Kept::Broken { at }),
        };
        let basis = format!("desk/acknowledge-within-{ACKNOWLEDGE_HOURS}-hours");
        let obligation = owe(case, duty, due_by, basis, standing);
        case.obligations.retain(|other| other.id != obligation.id);
        case.obligations.push(obligation);
    }
}

/// A won case's money must come back (F-34). Owed from the win on, met when nothing is outstanding.
fn return_funds(facts: &Facts<'_>, case: &mut Case) {
    let Status::Closed {
        outcome:
            outcome @ (Outcome::Won | Outcome::PartiallyWon | Outcome::Withdrawn | Outcome::Lapsed),
        ..
    } = case.status
    else {
        return;
    };
    let Some(won_at) = case.steps.last().map(|step| step.at) else {
        return;
    };
    // Of a part, only what the provider says is known to be owed.
    let kept = case.recovered.map(|recovered| recovered.currency());
    let taken: alloc::vec::Vec<_> = case
        .totals
        .values()
        .filter(|total| !total.withdrawn.is_zero())
        .filter(|total| {
            outcome != Outcome::PartiallyWon || kept == Some(total.withdrawn.currency())
        })
        .copied()
        .collect();
    // One currency of settlement is the rule; with several, the largest debt is the one to name.
    let Some(total) = taken
        .into_iter()
        .max_by_key(|total| unsettled(total).minor())
    else {
        return;
    };
    let left = unsettled(&total);
    let date = won_at.date_in(Zone::Utc).plus_days(RETURN_DAYS);
    let due_by = Moment::On {
        date,
        zone: Zone::Utc,
    };
    let duty = Duty::ReturnFunds;
    let standing = if left.is_zero() || left.is_negative() {
        let returns = case.movements.values().filter(|booked| {
            matches!(
                booked.movement.kind,
                MovementKind::Reinstatement | MovementKind::ReserveRelease
            )
        });
        met(
            returns.map(|booked| booked.at).max().unwrap_or(won_at),
            due_by,
        )
    } else {
        passed(facts, duty, due_by).map_or(Kept::Open, |at| Kept::Broken { at })
    };
    let basis = format!("funds.returned_when, desk/within-{RETURN_DAYS}-days");
    let mut obligation = owe(case, duty, due_by, basis, standing);
    obligation.amount = Some(if left.is_negative() || left.is_zero() {
        total
            .withdrawn
            .checked_sub(total.lost)
            .expect("both are of one currency")
    } else {
        left
    });
    case.obligations.push(obligation);
}

/// The fee for answering comes back on a win (fees data; F-38).
fn return_fee(facts: &Facts<'_>, case: &mut Case) {
    let Status::Closed {
        outcome: Outcome::Won,
        ..
    } = case.status
    else {
        return;
    };
    let charged = case
        .movements
        .values()
        .find(|booked| booked.movement.kind == MovementKind::CounterFee);
    let Some(charged) = charged.cloned() else {
        return;
    };
    let Some(won_at) = case.steps.last().map(|step| step.at) else {
        return;
    };
    let on = charged.at.date_in(Zone::Utc);
    let Some(fee) = rules::fees(&case.scope.provider, "dispute_countered", on) else {
        return;
    };
    if fee.returned_if_won != Some(true) {
        return;
    }
    let due_by = Moment::On {
        date: won_at.date_in(Zone::Utc).plus_days(RETURN_DAYS),
        zone: Zone::Utc,
    };
    let duty = Duty::ReturnFee;
    let returned = case
        .movements
        .values()
        .find(|booked| booked.movement.kind == MovementKind::FeeReturn);
    let standing = match returned {
        Some(returned) => met(returned.at, due_by),
        None => passed(facts, duty, due_by).map_or(Kept::Open, |at| Kept::Broken { at }),
    };
    let mut obligation = owe(case, duty, due_by, String::from(fee.id), standing);
    obligation.amount = Some(charged.movement.amount.abs());
    case.obligations.push(obligation);
}

/// A notice of change: correct the details within six banking days of receipt, or before the next entry.
fn apply_change(facts: &Facts<'_>, case: &mut Case) {
    let asked: Option<&Known> = facts
        .all
        .iter()
        .find(|known| matches!(known.fact.said, Said::ChangeAsked { .. }))
        .copied();
    let Some(known) = asked else { return };
    let Said::ChangeAsked { settled_on, .. } = &known.fact.said else {
        return;
    };
    let zone = Calendar::UsFed.zone();
    let start = settled_on.unwrap_or_else(|| known.fact.true_at.date_in(zone));
    // domain/rules/reason_codes/ach_noc.json, `apply_by`: 6 banking days from the originator's receipt.
    let due_by = Moment::On {
        date: Calendar::UsFed.plus_business_days(start, 6),
        zone,
    };
    let duty = Duty::ApplyChange;
    let standing = match answered(facts, Stage::NoticeOfChange, case) {
        Some(at) => met(at, due_by),
        None => passed(facts, duty, due_by).map_or(Kept::Open, |at| Kept::Broken { at }),
    };
    let obligation = owe(
        case,
        duty,
        due_by,
        "ach_debit/noc_received->final_paid".to_string(),
        standing,
    );
    case.obligations.push(obligation);
}

/// A person's waiver, with its reason, settles what is open or broken; what was met stays met.
fn waive(facts: &Facts<'_>, obligation: &mut Obligation) {
    if !matches!(obligation.standing, Kept::Open | Kept::Broken { .. }) {
        return;
    }
    let waived = facts.all.iter().find_map(|known| match &known.fact.said {
        Said::Waived {
            obligation: id,
            reason,
            ..
        } if *id == obligation.id.as_str() => Some(reason),
        _ => None,
    });
    if let Some(reason) = waived {
        obligation.standing = Kept::Waived {
            why: reason.clone(),
        };
    }
}

fn broken(case: &mut Case) {
    let mut findings = alloc::vec::Vec::new();
    for obligation in &case.obligations {
        if let Kept::Broken { at } = obligation.standing {
            let detail = format!(
                "{} owed `{}` by {} and did not meet it by {at}",
                obligation.debtor,
                obligation.duty.key(),
                obligation.due_by
            );
            findings.push(Finding {
                kind: FindingKind::ObligationBroken,
                fingerprint: obligation.duty.key(),
                detail,
                amount: obligation.amount,
            });
        }
    }
    case.findings.extend(findings);
}
