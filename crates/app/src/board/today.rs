//! The morning: what needs somebody now, and what changed since yesterday. Every number here has a list that it counts.

use super::duties::{Duty, Sums, Wanted};
use super::feeds::{Fates, Feed};
use super::findings::Cause;
use crate::shape::{Amount, At};
use crate::{Desk, Error};
use calendar::Instant;
use dispute::status::Stage;
use money::{Currency, Money};
use std::collections::BTreeMap;
use store::{OpenSum, Since};

/// How many duties the morning names; the queue has the rest.
const NAMED: u32 = 6;

/// What is open, counted whole: half of the morning, to be read beside the other.
pub struct Open {
    cases: Vec<OpenSum>,
    divergence: Vec<(Money, u64)>,
    causes: Vec<Cause>,
}

/// What comes in, is due and has changed: the other half.
pub struct Course {
    now: At,
    since: At,
    feeds: Vec<Feed>,
    duties: Sums,
    first: Vec<Duty>,
    in_doubt: usize,
    to_send: usize,
    changed: Changed,
}

/// The desk in the morning.
#[derive(Clone, Debug)]
pub struct Today {
    pub now: At,
    /// What counts as changed: after this instant.
    pub since: At,
    pub feeds: Vec<Feed>,
    pub duties: Sums,
    pub first: Vec<Duty>,
    pub money: Vec<MoneyLine>,
    pub stages: Vec<StageLine>,
    pub open_cases: u64,
    pub causes: Vec<Cause>,
    pub findings_open: u64,
    pub in_doubt: usize,
    pub to_send: usize,
    pub troubled: Fates,
    pub changed: Changed,
}

/// What open cases are worth in one currency.
#[derive(Clone, Debug)]
pub struct MoneyLine {
    pub currency: &'static str,
    pub open: Amount,
    /// Of that, in cases that wait for us.
    pub waits_for_us: Amount,
    /// How far the money of all cases is from where their status implies.
    pub divergence: Amount,
    pub divergent: u64,
}

/// Open cases at one stage, by whose move it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLine {
    /// Empty: nothing says where they stand.
    pub stage: String,
    pub ours: u64,
    pub theirs: u64,
    pub network: u64,
    pub nobody: u64,
    pub unstated: u64,
}

/// What changed.
#[derive(Clone, Debug)]
pub struct Changed {
    pub opened: u64,
    /// By how they ended.
    pub ended: Vec<(String, u64)>,
    pub findings_opened: u64,
    pub findings_closed: u64,
    pub documents: Fates,
}

impl Desk {
    /// Counts and sums of all that is open.
    ///
    /// # Errors
    /// When the store fails.
    pub fn all_open(&mut self) -> Result<Open, Error> {
        let store = self.registry();
        let cases = store
            .open_sums()
            .map_err(Error::store("counting open cases"))?;
        let divergence = store
            .divergence_sums()
            .map_err(Error::store("counting divergence"))?;
        Ok(Open {
            cases,
            divergence,
            causes: self.causes()?,
        })
    }

    /// What comes in, is due and has changed in the last day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn course(&mut self, now: Instant) -> Result<Course, Error> {
        let since = now.plus_days(-1);
        let feeds = self.feeds(since, now)?;
        let wanted = Wanted::first(NAMED);
        let duties = self.duty_sums(&wanted, now)?;
        let first = self.ranked_duties(&wanted, now)?.lines;
        let changed = self
            .registry()
            .since(since)
            .map_err(Error::store("counting what changed"))?;
        let (in_doubt, to_send) = self.sends_counted()?;
        Ok(Course {
            now: now.into(),
            since: since.into(),
            changed: changed_view(changed, &feeds),
            feeds,
            duties,
            first,
            in_doubt,
            to_send,
        })
    }
}

impl Today {
    /// Both halves, read one beside the other: what happens between the two is in one of them and not yet in the other.
    pub fn of(open: Open, course: Course) -> Today {
        Today {
            now: course.now,
            since: course.since,
            duties: course.duties,
            first: course.first,
            money: money_lines(&open.cases, &open.divergence),
            open_cases: open.cases.iter().map(|sum| sum.cases).sum(),
            stages: stage_lines(&open.cases),
            findings_open: open.causes.iter().map(|cause| cause.open).sum(),
            causes: open.causes,
            in_doubt: course.in_doubt,
            to_send: course.to_send,
            troubled: together(course.feeds.iter().map(|feed| feed.troubled)),
            changed: course.changed,
            feeds: course.feeds,
        }
    }
}

fn changed_view(since: Since, feeds: &[Feed]) -> Changed {
    Changed {
        opened: since.cases_opened,
        ended: since.cases_ended,
        findings_opened: since.findings_opened,
        findings_closed: since.findings_closed,
        documents: together(feeds.iter().map(|feed| feed.recent)),
    }
}

fn together(all: impl Iterator<Item = Fates>) -> Fates {
    all.fold(Fates::NONE, |sum, one| Fates {
        received: sum.received.saturating_add(one.received),
        applied: sum.applied.saturating_add(one.applied),
        repeats: sum.repeats.saturating_add(one.repeats),
        other_business: sum.other_business.saturating_add(one.other_business),
        superseded: sum.superseded.saturating_add(one.superseded),
        rejected: sum.rejected.saturating_add(one.rejected),
        quarantined: sum.quarantined.saturating_add(one.quarantined),
        pending: sum.pending.saturating_add(one.pending),
    })
}

fn stage_lines(sums: &[OpenSum]) -> Vec<StageLine> {
    let mut lines: BTreeMap<(usize, &str), StageLine> = BTreeMap::new();
    for sum in sums {
        // Stages stand in the order of the life cycle; what has none comes last.
        let all = Stage::ALL;
        let place = all
            .iter()
            .position(|stage| stage.name() == sum.stage)
            .unwrap_or(all.len());
        let line = lines
            .entry((place, &sum.stage))
            .or_insert_with(|| StageLine {
                stage: sum.stage.clone(),
                ours: 0,
                theirs: 0,
                network: 0,
                nobody: 0,
                unstated: 0,
            });
        let count = match sum.status.as_str() {
            "ours" => &mut line.ours,
            "theirs" => &mut line.theirs,
            "network" => &mut line.network,
            "nobody" => &mut line.nobody,
            _ => &mut line.unstated,
        };
        *count = count.saturating_add(sum.cases);
    }
    lines.into_values().collect()
}

fn money_lines(open: &[OpenSum], divergence: &[(Money, u64)]) -> Vec<MoneyLine> {
    let mut lines: BTreeMap<Currency, MoneyLine> = BTreeMap::new();
    let nothing = |currency: Currency| MoneyLine {
        currency: currency.code(),
        open: Money::zero(currency).into(),
        waits_for_us: Money::zero(currency).into(),
        divergence: Money::zero(currency).into(),
        divergent: 0,
    };
    // A sum beyond 128 bits is no sum of real money; what was summed until then is shown.
    let plus = |sum: Amount, amount: Money| Amount(sum.0.checked_add(amount).unwrap_or(sum.0));
    for sum in open {
        let Some(amount) = sum.disputed else { continue };
        let currency = amount.currency();
        let line = lines.entry(currency).or_insert_with(|| nothing(currency));
        line.open = plus(line.open, amount);
        if sum.status == "ours" {
            line.waits_for_us = plus(line.waits_for_us, amount);
        }
    }
    for (amount, cases) in divergence {
        let currency = amount.currency();
        let line = lines.entry(currency).or_insert_with(|| nothing(currency));
        line.divergence = Amount(*amount);
        line.divergent = *cases;
    }
    lines.into_values().collect()
}
