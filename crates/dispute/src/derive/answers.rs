//! What we asked for at each stage, and what became of it.

use super::Facts;
use crate::case::{AnswerState, Answered, Case};
use crate::said::{Said, Sending};
use crate::status::{Stage, Standing};
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

type Attempts<'a> = BTreeMap<u32, (&'a Sending, Instant)>;

/// Every answer asked for, oldest first.
pub(super) fn answers(facts: &Facts<'_>) -> Vec<Answered> {
    let mut sent: BTreeMap<(Stage, &str), Attempts<'_>> = BTreeMap::new();
    let mut answers: Vec<Answered> = Vec::new();
    for known in &facts.all {
        let at = known.fact.true_at;
        match &known.fact.said {
            Said::SubmissionAsked { stage, digest } => answers.push(asked(*stage, digest, at)),
            Said::AcceptanceAsked { stage } => answers.push(asked(*stage, "", at)),
            Said::AskWithdrawn { stage } => {
                let open = answers
                    .iter_mut()
                    .rev()
                    .find(|answer| answer.stage == *stage);
                if let Some(answer) = open {
                    answer.state = AnswerState::Withdrawn;
                }
            }
            Said::Sent {
                stage,
                digest,
                sending,
                attempt,
            } => {
                let attempts = sent.entry((*stage, digest)).or_default();
                let weaker = attempts
                    .get(attempt)
                    .is_none_or(|(held, _)| strength(held) < strength(sending));
                if weaker {
                    attempts.insert(*attempt, (sending, at));
                }
            }
            _ => {}
        }
    }
    for answer in &mut answers {
        let digest = answer.digest.clone();
        if let Some(attempts) = sent.get(&(answer.stage, digest.as_str())) {
            settle(answer, attempts);
        }
    }
    answers
}

fn asked(stage: Stage, digest: &str, at: Instant) -> Answered {
    Answered {
        stage,
        digest: String::from(digest),
        state: AnswerState::Asked,
        attempt: 1,
        asked_at: at,
        settled_at: None,
    }
}

/// An answer's state from the reports about its attempts. What left cannot be taken back, so a report outweighs a
/// withdrawal that came too late.
fn settle(answer: &mut Answered, attempts: &Attempts<'_>) {
    let accepted = attempts
        .iter()
        .find(|(_, (sending, _))| matches!(sending, Sending::Accepted));
    if let Some((attempt, (_, at))) = accepted {
        answer.state = AnswerState::Accepted;
        answer.attempt = *attempt;
        answer.settled_at = Some(*at);
        return;
    }
    let Some((attempt, (sending, at))) = attempts.last_key_value() else {
        return;
    };
    answer.attempt = *attempt;
    match sending {
        Sending::Accepted => answer.state = AnswerState::Accepted,
        Sending::Refused(words) => {
            answer.state = AnswerState::Refused(words.clone());
            answer.settled_at = Some(*at);
        }
        Sending::InDoubt => answer.state = AnswerState::InDoubt,
        Sending::NotReceived if answer.state == AnswerState::Withdrawn => {}
        Sending::NotReceived => {
            answer.state = AnswerState::Asked;
            answer.attempt = attempt.saturating_add(1);
        }
    }
}

/// A send in doubt is settled by the case itself moving on: the provider could not review what it does not have.
pub(super) fn confirmed_by_status(case: &mut Case) {
    for answer in &mut case.answers {
        if answer.state != AnswerState::InDoubt {
            continue;
        }
        let proof = case.steps.iter().find(|step| {
            let moved = match step.phase.standing {
                Standing::Theirs | Standing::Network => !answer.digest.is_empty(),
                Standing::Accepted | Standing::Lost => answer.digest.is_empty(),
                _ => false,
            };
            moved && step.phase.stage >= answer.stage && step.at >= answer.asked_at
        });
        if let Some(step) = proof {
            answer.state = AnswerState::Accepted;
            answer.settled_at = Some(step.at);
        }
    }
}
