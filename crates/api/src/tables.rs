//! How what the desk knows is said in Stripe's words: three tables, the same for every provider. The reference lists them
//! (docs/reference/stripe-mapping.md).

use dispute::case::{AnswerState, Case, Status};
use dispute::reason::Reason;
use std::sync::LazyLock;

/// The lines of a table below its comments and its header.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split(',').collect())
}

/// Where a case stands, as Stripe says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub stage: &'static str,
    pub standing: &'static str,
    pub status: &'static str,
    pub case_type: &'static str,
}

pub static STATUSES: LazyLock<Vec<Standing>> = LazyLock::new(|| {
    rows(include_str!("tables/statuses.csv"))
        .filter_map(|row| match row.as_slice() {
            [stage, standing, status, case_type] => Some(Standing {
                stage,
                standing,
                status,
                case_type,
            }),
            _ => None,
        })
        .collect()
});

/// Our reason, Stripe's word.
pub static REASONS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    rows(include_str!("tables/reasons.csv"))
        .filter_map(|row| match row.as_slice() {
            [reason, stripe] => Some((*reason, *stripe)),
            _ => None,
        })
        .collect()
});

/// What a field of `evidence` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Text { characters_max: usize },
    File,
}

/// One field of `evidence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub takes: Takes,
    /// What a caller writes into it is saved here.
    pub slot: &'static str,
    /// Shown in it when its own slot is empty: other faces of the desk have more slots than Stripe has fields.
    pub also: Vec<&'static str>,
}

pub static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    rows(include_str!("tables/evidence.csv"))
        .filter_map(|row| match row.as_slice() {
            [name, takes, characters, slot, also] => Some(Field {
                name,
                takes: match *takes {
                    "text" => Takes::Text {
                        characters_max: characters.parse().ok()?,
                    },
                    _ => Takes::File,
                },
                slot,
                also: also.split_whitespace().collect(),
            }),
            _ => None,
        })
        .collect()
});

/// Where a case stands in the words of the first column, and in Stripe's.
pub fn standing(case: &Case) -> Standing {
    let stage = case.status.stage().map_or("", |stage| stage.name());
    let standing = taken_over(case).unwrap_or_else(|| case.status.word());
    let found = STATUSES.iter().find(|row| {
        (row.stage == "*" || row.stage == stage)
            && (row.standing == "*" || row.standing == standing)
    });
    *found.expect("the last lines of statuses.csv fit every standing of any stage")
}

/// An answer of ours that the desk has taken over for this turn, while the provider still waits for it.
fn taken_over(case: &Case) -> Option<&'static str> {
    let Status::Open { stage, .. } = case.status else {
        return None;
    };
    case.status.deadline()?;
    let since = case.ours_again_since(stage);
    let taken = case.answers.iter().rev().find(|answer| {
        answer.stage == stage
            && since.is_none_or(|since| answer.asked_at >= since)
            && under_way(&answer.state)
    })?;
    Some(match taken.digest.is_empty() {
        true => "conceded",
        false => "asked",
    })
}

/// Whether an answer counts as sent for a caller of Stripe's: the desk has it, and nobody has refused it or taken it back.
pub fn under_way(state: &AnswerState) -> bool {
    match state {
        AnswerState::Asked | AnswerState::InDoubt | AnswerState::Accepted => true,
        AnswerState::Refused(_) | AnswerState::Withdrawn | AnswerState::Overtaken { .. } => false,
    }
}

/// Why the payer disputes, in Stripe's word.
pub fn reason(case: &Case) -> String {
    let Some(claim) = &case.reason else {
        return String::from("general");
    };
    if let Reason::Unmapped(word) = &claim.reason {
        return word.clone();
    }
    let name = claim.reason.name();
    let found = REASONS.iter().find(|(reason, _)| *reason == name);
    found.map_or_else(
        || String::from("general"),
        |(_, stripe)| (*stripe).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispute::status::{self, Stage};

    #[test]
    fn every_stage_and_standing_has_a_status() {
        let known = [
            "warning_needs_response",
            "warning_under_review",
            "warning_closed",
            "needs_response",
            "under_review",
            "won",
            "lost",
            "prevented",
        ];
        let standings = status::Standing::ALL.iter().map(|standing| standing.name());
        for standing in standings.chain(["asked", "conceded", "unstated"]) {
            for stage in Stage::ALL.iter().map(|stage| stage.name()).chain([""]) {
                let found = STATUSES.iter().find(|row| {
                    (row.stage == "*" || row.stage == stage)
                        && (row.standing == "*" || row.standing == standing)
                });
                let found = found.unwrap_or_else(|| panic!("{stage} {standing}"));
                assert!(known.contains(&found.status), "{}", found.status);
            }
        }
    }

    #[test]
    fn tables_are_whole() {
        assert_eq!(FIELDS.len(), 27);
        let slots = dispute::rules::slots();
        let mut own: Vec<&str> = FIELDS.iter().map(|field| field.slot).collect();
        for slot in FIELDS
            .iter()
            .flat_map(|field| field.also.iter().chain([&field.slot]))
        {
            assert!(slots.iter().any(|known| known.id == *slot), "{slot}");
        }
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), 27, "each field has a slot of its own");
        assert_eq!(REASONS.len(), 17);
        for (reason, _) in REASONS.iter() {
            assert!(
                !matches!(Reason::parse(reason), Reason::Unmapped(_)),
                "{reason}"
            );
        }
    }
}
