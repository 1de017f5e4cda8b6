//! What others are told of a change: the difference between a case before and after, in the words of those who wait for it.

use crate::case::{AnswerState, Case, Status, Totals};
use crate::view;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use money::{Currency, Money};

/// One thing to tell. The order is the order in which the things of one change are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// The dispute is known, and where it stands. Told once.
    Opened,
    /// Money was taken or held for it.
    Withdrawn(Money),
    /// What we asked to be sent has reached the provider, by its own word.
    AnswerAccepted,
    /// The provider refused it.
    AnswerRefused,
    /// It was sent, and nobody knows yet whether it arrived.
    AnswerInDoubt,
    /// Something that people see of it has changed.
    Updated(Vec<String>),
    Closed,
    /// A case that had ended goes on (F-43).
    Reopened,
    /// Money came back for it.
    Reinstated(Money),
    /// Something is wrong with it, by its kind.
    FindingOpened(String),
}

impl News {
    /// The stable text form.
    pub fn name(&self) -> &'static str {
        match self {
            News::Opened => "opened",
            News::Withdrawn(_) => "withdrawn",
            News::AnswerAccepted => "answer-accepted",
            News::AnswerRefused => "answer-refused",
            News::AnswerInDoubt => "answer-in-doubt",
            News::Updated(_) => "updated",
            News::Closed => "closed",
            News::Reopened => "reopened",
            News::Reinstated(_) => "reinstated",
            News::FindingOpened(_) => "finding-opened",
        }
    }
}

impl News {
    /// What tells two things of one name and one change apart: a currency, the kind of a finding; else empty.
    pub fn subject(&self) -> String {
        match self {
            News::Withdrawn(money) | News::Reinstated(money) => money.currency().code().to_string(),
            News::FindingOpened(kind) => kind.clone(),
            _ => String::new(),
        }
    }
}

/// Every name, in order.
pub const NAMES: [&str; 10] = [
    "opened",
    "withdrawn",
    "answer-accepted",
    "answer-refused",
    "answer-in-doubt",
    "updated",
    "closed",
    "reopened",
    "reinstated",
    "finding-opened",
];

/// What is new. A case of which nobody said yet where it stands is not told of: a report row that came before its message
/// would be news of nothing.
pub fn news(before: Option<&Case>, after: &Case) -> Vec<News> {
    if after.status == Status::Unstated {
        return Vec::new();
    }
    let before = before.filter(|case| case.status != Status::Unstated);
    let mut news = BTreeSet::new();
    for (currency, totals) in &after.totals {
        let was = before
            .and_then(|case| case.totals.get(currency).copied())
            .unwrap_or_else(|| Totals::nothing(*currency));
        news.extend(more(*currency, was.withdrawn, totals.withdrawn).map(News::Withdrawn));
        news.extend(more(*currency, was.reinstated, totals.reinstated).map(News::Reinstated));
    }
    let kinds = |case: &Case| -> BTreeSet<String> {
        let names = case.findings.iter().map(|finding| finding.kind.name());
        names.map(ToString::to_string).collect()
    };
    let found = before.map(kinds).unwrap_or_default();
    news.extend(
        kinds(after)
            .difference(&found)
            .cloned()
            .map(News::FindingOpened),
    );
    news.extend(answered(before, after));
    match before {
        None => {
            news.insert(News::Opened);
            if closed(after) {
                news.insert(News::Closed);
            }
        }
        Some(before) => {
            let changed = changed(before, after);
            if !changed.is_empty() {
                news.insert(News::Updated(changed));
            }
            match (closed(before), closed(after)) {
                (false, true) => news.insert(News::Closed),
                (true, false) => news.insert(News::Reopened),
                // Won that became lost is a second end, and whoever heard of the first must hear of it.
                (true, true) if before.status.outcome() != after.status.outcome() => {
                    news.insert(News::Closed)
                }
                _ => false,
            };
        }
    }
    news.into_iter().collect()
}

fn closed(case: &Case) -> bool {
    matches!(case.status, Status::Closed { .. })
}

/// By how much an amount grew, when it did.
fn more(currency: Currency, was: Money, is: Money) -> Option<Money> {
    let grown = is.checked_sub(was).ok()?;
    (grown > Money::zero(currency)).then_some(grown)
}

/// The answers that came to a new state, each state told once however many answers did.
fn answered(before: Option<&Case>, after: &Case) -> BTreeSet<News> {
    let known: Vec<_> = before
        .map(|case| case.answers.iter().map(state).collect())
        .unwrap_or_default();
    let new = after
        .answers
        .iter()
        .filter(|answer| !known.contains(&state(answer)));
    new.filter_map(|answer| match answer.state {
        AnswerState::Accepted => Some(News::AnswerAccepted),
        AnswerState::Refused(_) => Some(News::AnswerRefused),
        AnswerState::InDoubt => Some(News::AnswerInDoubt),
        _ => None,
    })
    .collect()
}

fn state(answer: &crate::case::Answered) -> (crate::status::Stage, &str, &'static str, u32) {
    (
        answer.stage,
        &answer.digest,
        answer.state.name(),
        answer.attempt,
    )
}

/// Fields that are the desk's own business, or that change with every statement.
const UNTOLD: [&str; 4] = ["assigned_to", "changed_at", "note", "reviewed"];

/// Names of the fields that people see, as far as they are told to others, whose values differ.
fn changed(before: &Case, after: &Case) -> Vec<String> {
    let told = |case: &Case| -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in view::fields(case) {
            let kind = name.split('.').next().unwrap_or_default();
            if !UNTOLD.contains(&kind) && kind != "finding" && kind != "obligation" {
                all.entry(name).or_default().push(value);
            }
        }
        all
    };
    let (was, is) = (told(before), told(after));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    names
        .into_iter()
        .filter(|name| was.get(*name) != is.get(*name))
        .cloned()
        .collect()
}
