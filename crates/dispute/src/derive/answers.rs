//! What we asked for at each stage, and what became of it.

use super::Facts;
use crate::case::{AnswerKind, AnswerState, Answered, Case, Status, Step, Turn, dishonor_digest};
use crate::family::Known;
use crate::said::{Said, Sending};
use crate::status::{Authority, Stage, Standing};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;

/// The reports about one attempt, by strength: proof that it arrived beats doubt, whatever came last.
fn strength(sending: &Sending) -> u8 {
    match sending {
        Sending::InDoubt => 0,
        Sending::NotReceived => 1,
        Sending::Refused(_) => 2,
        Sending::Accepted => 3,
    }
}

/// What was asked for at one stage under one digest. Asking again for the same thing, after a refusal or a withdrawal, is
/// the same answer: the provider cannot tell them apart, and the attempts go on counting.
struct Asks<'a> {
    last_at: Instant,
    /// Asked for, and neither withdrawn nor refused since.
    open: bool,
    attempts: BTreeMap<u32, (&'a Sending, Instant)>,
}

/// The stage, and what is said there, as `Answered::digest` writes it.
type Key = (Stage, String);

/// Every answer asked for, in the order in which each was last asked for.
pub(super) fn answers(facts: &Facts<'_>) -> Vec<Answered> {
    let mut asks: BTreeMap<Key, Asks<'_>> = BTreeMap::new();
    let mut said: Vec<&Known> = facts.all.clone();
    said.sort_by_key(|known| (known.fact.true_at, rank(&known.fact.said)));
    for known in said {
        let at = known.fact.true_at;
        match &known.fact.said {
            Said::SubmissionAsked { stage, digest } => ask(&mut asks, (*stage, digest.clone()), at),
            Said::AcceptanceAsked { stage } => ask(&mut asks, (*stage, String::new()), at),
            Said::DishonorAsked { stage, code } => {
                ask(&mut asks, (*stage, dishonor_digest(code)), at);
            }
            Said::AskWithdrawn { stage } => withdraw(&mut asks, *stage),
            Said::Sent {
                stage,
                digest,
                sending,
                attempt,
            } => {
                if let Some(asked) = asks.get_mut(&(*stage, digest.clone())) {
                    report(asked, *attempt, sending, at);
                }
            }
            _ => {}
        }
    }
    let mut answers: Vec<Answered> = asks.into_iter().map(answered).collect();
    answers.sort_by(|one, other| {
        (one.asked_at, one.stage, &one.digest).cmp(&(other.asked_at, other.stage, &other.digest))
    });
    answers
}

/// Within one instant something is asked for, then sent, then taken back.
fn rank(said: &Said) -> u8 {
    match said {
        Said::Sent { .. } => 1,
        Said::AskWithdrawn { .. } => 2,
        _ => 0,
    }
}

fn ask(asks: &mut BTreeMap<Key, Asks<'_>>, key: Key, at: Instant) {
    let asked = asks.entry(key).or_insert(Asks {
        last_at: at,
        open: true,
        attempts: BTreeMap::new(),
    });
    asked.last_at = at;
    asked.open = true;
}

fn withdraw(asks: &mut BTreeMap<Key, Asks<'_>>, stage: Stage) {
    let latest = asks
        .iter_mut()
        .filter(|((at, _), asked)| *at == stage && asked.open)
        .max_by_key(|(_, asked)| asked.last_at);
    if let Some((_, asked)) = latest {
        asked.open = false;
    }
}

fn report<'a>(asked: &mut Asks<'a>, attempt: u32, sending: &'a Sending, at: Instant) {
    let weaker = asked
        .attempts
        .get(&attempt)
        .is_none_or(|(held, _)| strength(held) < strength(sending));
    if weaker {
        asked.attempts.insert(attempt, (sending, at));
        if matches!(sending, Sending::Refused(_)) {
            asked.open = false;
        }
    }
}

/// An answer's state from the reports about its attempts. What left cannot be taken back, so a report outweighs a
/// withdrawal that came too late.
fn answered(((stage, digest), asked): (Key, Asks<'_>)) -> Answered {
    let accepted = asked
        .attempts
        .iter()
        .find(|(_, (sending, _))| matches!(sending, Sending::Accepted));
    let last = accepted.or(asked.attempts.last_key_value());
    let sent_at = last.map(|(_, (_, at))| *at);
    let (attempt, state, settled_at) = match last {
        Some((attempt, (Sending::Accepted, at))) => (*attempt, AnswerState::Accepted, Some(*at)),
        Some((attempt, (Sending::InDoubt, _))) => (*attempt, AnswerState::InDoubt, None),
        Some((attempt, _)) if asked.open => (attempt.saturating_add(1), AnswerState::Asked, None),
        Some((attempt, (Sending::Refused(words), at))) => {
            (*attempt, AnswerState::Refused(words.clone()), Some(*at))
        }
        Some((attempt, (Sending::NotReceived, _))) => (*attempt, AnswerState::Withdrawn, None),
        None if asked.open => (1, AnswerState::Asked, None),
        None => (1, AnswerState::Withdrawn, None),
    };
    Answered {
        stage,
        digest,
        state,
        attempt,
        asked_at: asked.last_at,
        settled_at,
        sent_at,
    }
}

/// A send in doubt is settled by the case itself moving on: the provider could not review what it does not have. A loss
/// proves no acceptance: an unanswered case is lost as well.
pub(super) fn confirmed_by_status(case: &mut Case) {
    for answer in &mut case.answers {
        if answer.state != AnswerState::InDoubt {
            continue;
        }
        // Providers' clocks tell whole seconds, so within the second of the send their word counts as after it. What they
        // said before it left proves nothing about it.
        let sent = answer.sent_at.unwrap_or(answer.asked_at).unix_seconds();
        let proof = case.steps.iter().enumerate().find(|(place, step)| {
            let moved = match (step.phase.standing, answer.kind()) {
                (_, AnswerKind::Dishonor) => false,
                (Standing::Theirs | Standing::Network, AnswerKind::Evidence)
                | (Standing::Accepted, AnswerKind::Acceptance) => true,
                _ => false,
            };
            moved
                && step.phase.stage >= answer.stage
                && step.at.unix_seconds() >= sent
                && !read_back_as_ours(&case.steps, *place)
        });
        let proof = proof.map(|(_, step)| step);
        // The network repeats a dishonor only after it has it, and dates it by the day of settlement, which may begin before
        // the hour of the send.
        let repeated = || {
            let further = [Stage::DishonoredReturn, Stage::ContestedReturn];
            let mut steps = case.steps.iter();
            steps.find(|step| {
                answer.kind() == AnswerKind::Dishonor && further.contains(&step.phase.stage)
            })
        };
        let proof = proof.or_else(repeated);
        if let Some(step) = proof {
            answer.state = AnswerState::Accepted;
            answer.settled_at = Some(step.at);
        }
    }
}

/// Whether the provider, asked, still waited for us at the stage where a weaker voice of its had said that it did not. What
/// is pushed may be another case's, late or wrong; what is read back is what the provider holds.
fn read_back_as_ours(steps: &[Step], place: usize) -> bool {
    let mut after = steps.iter().skip(place);
    let Some(said) = after.next() else {
        return false;
    };
    said.authority < Authority::ReadBack
        && after.next().is_some_and(|next| {
            next.authority >= Authority::ReadBack
                && next.phase.stage == said.phase.stage
                && next.phase.standing == Standing::Ours
        })
}

/// What the case no longer waits for is not sent any more, and not asked about any more: it moved on before the answer
/// left, or before anything proved that it arrived.
pub(super) fn overtaken(case: &mut Case) {
    let waits_at = match case.status {
        Status::Open {
            stage,
            turn: Turn::Ours { .. },
        } => Some(stage),
        _ => None,
    };
    let stands_at = match case.status {
        Status::Open { stage, .. } => Some(stage),
        _ => None,
    };
    // When the stage comes back to us, what was asked for in an earlier turn is a person's to ask for again.
    let since = waits_at.and_then(|stage| case.ours_again_since(stage));
    for answer in &mut case.answers {
        let pending = matches!(answer.state, AnswerState::Asked | AnswerState::InDoubt);
        // A return can be refused whoever's move it is: the banks' rules ask nobody for an answer.
        if answer.kind() == AnswerKind::Dishonor && stands_at == Some(answer.stage) {
            continue;
        }
        let earlier = since.is_some_and(|since| answer.asked_at < since);
        if pending && (earlier || waits_at != Some(answer.stage)) {
            let unproved = answer.state == AnswerState::InDoubt;
            answer.state = AnswerState::Overtaken { unproved };
        }
    }
}
