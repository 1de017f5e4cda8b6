//! Where a case stands: a fold over what was claimed, oldest first.
//!
//! A stronger or equal voice is followed wherever it goes; a weaker one only along the life cycle. What is not followed is
//! kept and becomes a finding, so nothing a provider says is refused, and age alone never decides.

use super::{Facts, because, because_rule, recency};
use crate::case::{Case, Status, Step, Turn};
use crate::deadline::Deadline;
use crate::family::Known;
use crate::finding::{Finding, FindingKind};
use crate::rules::Lifecycle;
use crate::said::Said;
use crate::status::{Authority, Due, Phase, Stage, Standing};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::{Instant, Moment, Zone};

/// The shortest time that any card provider in our sources gives a merchant to answer. Used when no document and no rule
/// states a limit, so that a case never waits without one. `Unverified:` for providers outside those sources.
const ASSUMED_DAYS: i64 = 7;

/// Derives status, steps and the findings of the way there.
pub(super) fn status(facts: &Facts<'_>, lifecycle: &'static Lifecycle, case: &mut Case) {
    let mut claims = facts.pick(|said| {
        if let Said::Phase(phase) = said {
            Some(*phase)
        } else {
            None
        }
    });
    // Within one instant, providers' clocks tell no order; the life cycle does: what is later in it happened later (F-05,
    // F-19). So the stronger voice is heard last only among equal phases.
    claims.sort_by_key(|(known, phase)| {
        let fact = &known.fact;
        (
            fact.true_at,
            fact.sequence,
            *phase,
            fact.authority,
            known.id.clone(),
        )
    });
    let mut held: Option<Held<'_>> = None;
    let mut doubts: Vec<Doubt> = Vec::new();
    for (known, phase) in claims {
        let fact = &known.fact;
        // A later word, stronger than the one that did not fit, settles what is true whichever way it goes.
        doubts.retain(|doubt| fact.authority <= doubt.authority || fact.true_at <= doubt.at);
        held = Some(follow(held, known, phase, lifecycle, case, &mut doubts));
    }
    let doubts = doubts.into_iter().map(|doubt| doubt.finding);
    case.findings.extend(doubts);
    let Some(held) = held else { return };
    because(case, "status", held.known);
    because_rule(case, "status", &format!("life cycle {}", lifecycle.machine));
    case.status = match held.phase.standing.outcome() {
        Some(outcome) => Status::Closed {
            stage: held.phase.stage,
            outcome,
            said_by: held.known.fact.by,
        },
        None => Status::Open {
            stage: held.phase.stage,
            turn: turn(facts, lifecycle, held.phase, case),
        },
    };
}

/// The claim that stands so far.
struct Held<'a> {
    known: &'a Known,
    phase: Phase,
    authority: Authority,
}

/// A claim that was not followed, until somebody who knows better speaks.
struct Doubt {
    authority: Authority,
    at: Instant,
    finding: Finding,
}

impl Doubt {
    fn of(known: &Known, phase: Phase, held: &Held<'_>) -> Doubt {
        let authority = known.fact.authority;
        let detail = format!(
            "a {} said {} after a {} had said {}; the stronger statement stands",
            authority.name(),
            name(phase),
            held.authority.name(),
            name(held.phase)
        );
        Doubt {
            authority,
            at: known.fact.true_at,
            finding: Finding {
                kind: FindingKind::Contradicted,
                fingerprint: format!("{}->{}", name(held.phase), name(phase)),
                detail,
                amount: None,
            },
        }
    }
}

fn follow<'a>(
    held: Option<Held<'a>>,
    known: &'a Known,
    phase: Phase,
    lifecycle: &Lifecycle,
    case: &mut Case,
    doubts: &mut Vec<Doubt>,
) -> Held<'a> {
    let authority = known.fact.authority;
    let Some(held) = held else {
        case.steps.push(Step {
            phase,
            at: known.fact.true_at,
            fact: known.id.clone(),
            authority,
        });
        return Held {
            known,
            phase,
            authority,
        };
    };
    if held.phase == phase {
        let authority = held.authority.max(authority);
        if let Some(step) = case.steps.last_mut() {
            step.authority = authority;
        }
        return Held { authority, ..held };
    }
    let expected = lifecycle.reaches(held.phase, phase);
    if authority < held.authority && !expected {
        doubts.push(Doubt::of(known, phase, &held));
        return held;
    }
    if !expected {
        let fingerprint = format!("{}->{}", name(held.phase), name(phase));
        let detail = format!(
            "life cycle {} has no way from {} to {}",
            lifecycle.machine,
            name(held.phase),
            name(phase)
        );
        case.findings.push(Finding {
            kind: FindingKind::UnexpectedStep,
            fingerprint,
            detail,
            amount: None,
        });
    }
    case.steps.push(Step {
        phase,
        at: known.fact.true_at,
        fact: known.id.clone(),
        authority,
    });
    Held {
        known,
        phase,
        authority,
    }
}

/// A phase in words.
pub(super) fn name(phase: Phase) -> String {
    format!("{}/{}", phase.stage, phase.standing)
}

fn turn(facts: &Facts<'_>, lifecycle: &'static Lifecycle, phase: Phase, case: &mut Case) -> Turn {
    match phase.standing {
        Standing::Ours => Turn::Ours {
            deadline: deadline(facts, lifecycle, phase.stage, case),
        },
        Standing::Theirs => Turn::Theirs,
        Standing::Network => Turn::Network,
        _ => Turn::Nobody,
    }
}

/// The deadline of a stage, and why it is that.
fn deadline(
    facts: &Facts<'_>,
    lifecycle: &'static Lifecycle,
    stage: Stage,
    case: &mut Case,
) -> Deadline {
    let mut dues = dues(facts, stage, case);
    dues.sort_by_key(|(known, _)| recency(known));
    let last = dues.last().map(|(_, due)| *due);
    if let Some((from, to)) = last_move(&dues) {
        case.findings.push(Finding {
            kind: FindingKind::DeadlineMoved,
            fingerprint: format!("{stage}"),
            detail: format!(
                "the provider moved its cut-off at {stage} from {} to {}",
                words(from),
                words(to)
            ),
            amount: None,
        });
    }
    if let Some((known, _)) = dues.last() {
        because(case, "respond_by", known);
    }
    let deadline = Deadline::of(last, limit(lifecycle, stage, entered(case, stage)));
    if last.is_none() {
        let rule = deadline
            .limit
            .as_ref()
            .map(|(_, rule)| rule.clone())
            .unwrap_or_default();
        let detail = format!("no document states a deadline at {stage}; it is computed by {rule}");
        case.findings.push(Finding {
            kind: FindingKind::DeadlineAssumed,
            fingerprint: format!("{stage}"),
            detail,
            amount: None,
        });
    }
    if let Some((_, rule)) = deadline.limit.clone() {
        because_rule(case, "respond_by", &rule);
    }
    deadline
}

/// The last time that a cut-off, in order of when it was said, became another one. A day and the last second of it are one.
fn last_move(dues: &[(&Known, Due)]) -> Option<(Due, Due)> {
    let ends = |due: Due| match due {
        Due::NotContestable => None,
        Due::By(moment) => Some(moment.latest_instant()),
    };
    let pairs = dues.iter().zip(dues.iter().skip(1));
    pairs
        .map(|((_, from), (_, to))| (*from, *to))
        .rfind(|(from, to)| ends(*from) != ends(*to))
}

fn words(due: Due) -> String {
    match due {
        Due::NotContestable => String::from("not contestable"),
        Due::By(moment) => format!("{moment}"),
    }
}

/// What the provider said about the deadline of our present turn at a stage: that of an earlier turn is over.
fn dues<'a>(facts: &Facts<'a>, stage: Stage, case: &Case) -> Vec<(&'a Known, Due)> {
    let since = case.ours_again_since(stage);
    let mut dues = facts.pick(|said| match said {
        Said::Due { stage: at, due } if *at == stage => Some(*due),
        _ => None,
    });
    dues.retain(|(known, _)| since.is_none_or(|since| known.fact.true_at >= since));
    dues
}

/// When a stage last became ours, or was first heard of. A wallet that asks for more makes it ours again, with a new limit.
fn entered(case: &Case, stage: Stage) -> Instant {
    let at_stage = |step: &&Step| step.phase.stage == stage;
    let ours = case
        .steps
        .iter()
        .rfind(|step| at_stage(step) && step.phase.standing == Standing::Ours);
    ours.or_else(|| case.steps.iter().find(at_stage))
        .map_or(case.opened_at, |step| step.at)
}

fn limit(lifecycle: &'static Lifecycle, stage: Stage, from: Instant) -> Option<(Moment, String)> {
    let start = from.date_in(Zone::Utc);
    if let Some(rule) = lifecycle.answer_limit(stage) {
        return Some((rule.limit.due_on(start), String::from(rule.id)));
    }
    let date = start.plus_days(ASSUMED_DAYS);
    Some((
        Moment::On {
            date,
            zone: Zone::Utc,
        },
        format!("desk/assumed-{ASSUMED_DAYS}-days"),
    ))
}

/// The deadline that a stage had or has, for its obligation.
pub(super) fn deadline_of(
    facts: &Facts<'_>,
    lifecycle: &'static Lifecycle,
    stage: Stage,
    case: &Case,
) -> Deadline {
    let said = dues(facts, stage, case)
        .into_iter()
        .max_by_key(|(known, _)| recency(known))
        .map(|(_, due)| due);
    Deadline::of(said, limit(lifecycle, stage, entered(case, stage)))
}
