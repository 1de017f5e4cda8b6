//! The queue: our open duties, ranked, a page at a time.

use super::{Paged, bad_cursor, paged};
use crate::shape::{Amount, By};
use crate::{Desk, Error};
use calendar::Instant;
use money::Money;
use store::{DutyPlace, DutyQuery, DutyRow};

pub use store::DutyOrder;

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub provider: Option<String>,
    pub stage: Option<String>,
    /// A name; empty: those of nobody.
    pub assigned_to: Option<String>,
    pub due_before: Option<Instant>,
    pub order: DutyOrder,
    /// What a page before said comes next.
    pub after: Option<String>,
    pub limit: u32,
}

impl Wanted {
    /// The first so many, ranked.
    pub fn first(limit: u32) -> Wanted {
        Wanted {
            provider: None,
            stage: None,
            assigned_to: None,
            due_before: None,
            order: DutyOrder::Rank,
            after: None,
            limit,
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Duty {
    pub obligation: String,
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    /// What is owed, such as `respond/chargeback`.
    pub duty: String,
    pub stage: String,
    pub reason: String,
    pub network: String,
    pub amount: Option<Amount>,
    pub due_by: By,
    pub overdue: bool,
    /// The rule or statement on which the due time rests.
    pub basis: String,
    /// Empty: nobody.
    pub assigned_to: String,
}

/// What all of them come to.
#[derive(Clone, Debug)]
pub struct Sums {
    pub total: u64,
    pub overdue: u64,
    pub in_a_day: u64,
    pub in_three_days: u64,
    /// Per currency, and of how many cases.
    pub at_stake: Vec<(Amount, u64)>,
    /// Amounts times the hours by which each is nearer than three days.
    pub money_hours: Vec<Amount>,
}

impl Desk {
    /// A page of our open duties.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a cursor that is none of ours, and when the store fails.
    pub fn ranked_duties(&mut self, wanted: &Wanted, now: Instant) -> Result<Paged<Duty>, Error> {
        let mut query = query(wanted, now)?;
        query.limit = wanted.limit.saturating_add(1);
        let rows = self
            .registry()
            .duties(&query)
            .map_err(Error::store("listing duties"))?;
        let page = paged(rows, wanted.limit, |row: &DutyRow| written(&row.place));
        let lines = page.lines.into_iter().map(|row| duty(row, now));
        Ok(Paged {
            lines: lines.collect(),
            next: page.next,
        })
    }

    /// What all of them come to, whatever the page.
    ///
    /// # Errors
    /// When the store fails.
    pub fn duty_sums(&mut self, wanted: &Wanted, now: Instant) -> Result<Sums, Error> {
        let query = DutyQuery {
            after: None,
            ..query(
                &Wanted {
                    after: None,
                    ..wanted.clone()
                },
                now,
            )?
        };
        let sums = self
            .registry()
            .duty_sums(&query)
            .map_err(Error::store("counting duties"))?;
        let at_stake = sums.at_stake.into_iter();
        let hours = sums.minor_hours.into_iter();
        Ok(Sums {
            total: sums.total,
            overdue: sums.overdue,
            in_a_day: sums.in_a_day,
            in_three_days: sums.in_three_days,
            at_stake: at_stake
                .map(|(money, cases)| (Amount(money), cases))
                .collect(),
            money_hours: hours
                .map(|(currency, minor)| Amount(Money::of_minor(minor, currency)))
                .collect(),
        })
    }
}

fn query(wanted: &Wanted, now: Instant) -> Result<DutyQuery, Error> {
    let after = match wanted.after.as_deref() {
        None | Some("") => None,
        Some(text) => Some(read(text).ok_or_else(|| bad_cursor(text))?),
    };
    Ok(DutyQuery {
        provider: wanted.provider.clone(),
        stage: wanted.stage.clone(),
        assigned_to: wanted.assigned_to.clone(),
        due_before: wanted.due_before,
        order: wanted.order,
        now,
        after,
        limit: wanted.limit,
    })
}

/// Ids and currencies have no dot.
fn written(place: &DutyPlace) -> String {
    let DutyPlace {
        first,
        second,
        currency,
        case,
        obligation,
    } = place;
    format!("{first}.{second}.{currency}.{case}.{obligation}")
}

fn read(text: &str) -> Option<DutyPlace> {
    let mut parts = text.splitn(5, '.');
    let place = DutyPlace {
        first: parts.next()?.parse().ok()?,
        second: parts.next()?.parse().ok()?,
        currency: parts.next()?.to_owned(),
        case: parts.next()?.to_owned(),
        obligation: parts.next()?.to_owned(),
    };
    Some(place)
}

fn duty(row: DutyRow, now: Instant) -> Duty {
    let DutyRow { duty, case, .. } = row;
    Duty {
        overdue: duty.due_by.latest_instant() < now,
        obligation: duty.id,
        case: duty.case.to_string(),
        dispute: case.dispute,
        provider: duty.scope.provider,
        account: duty.scope.account,
        duty: duty.duty,
        stage: case.stage,
        reason: case.reason,
        network: case.network,
        amount: duty.amount.or(case.disputed).map(Amount),
        due_by: duty.due_by.into(),
        basis: duty.basis,
        assigned_to: case.assigned_to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_from_an_address() {
        let place = DutyPlace {
            first: -5,
            second: 12,
            currency: String::from("~"),
            case: String::from("dp_1"),
            obligation: String::from("ob_1"),
        };
        assert_eq!(read(&written(&place)), Some(place));
        for text in ["", "1", "a.b.c.d.e", "1.2.USD"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
