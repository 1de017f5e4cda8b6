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
    pub due_from: Option<Instant>,
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
            due_from: None,
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

impl Sums {
    /// Of nothing.
    pub fn none() -> Sums {
        Sums {
            total: 0,
            overdue: 0,
            in_a_day: 0,
            in_three_days: 0,
            at_stake: Vec::new(),
            money_hours: Vec::new(),
        }
    }

    /// Of these and of others.
    pub fn and(mut self, others: &Sums) -> Sums {
        self.total = self.total.saturating_add(others.total);
        self.overdue = self.overdue.saturating_add(others.overdue);
        self.in_a_day = self.in_a_day.saturating_add(others.in_a_day);
        self.in_three_days = self.in_three_days.saturating_add(others.in_three_days);
        for (amount, cases) in &others.at_stake {
            let currency = amount.0.currency();
            let known = self.at_stake.iter_mut();
            match known
                .into_iter()
                .find(|(sum, _)| sum.0.currency() == currency)
            {
                // What does not fit is no sum of real money; what was summed until then stands.
                Some((sum, of)) => {
                    sum.0 = sum.0.checked_add(amount.0).unwrap_or(sum.0);
                    *of = of.saturating_add(*cases);
                }
                None => self.at_stake.push((*amount, *cases)),
            }
        }
        self.at_stake.sort_by_key(|(sum, _)| sum.0.currency());
        for amount in &others.money_hours {
            let currency = amount.0.currency();
            match self
                .money_hours
                .iter_mut()
                .find(|sum| sum.0.currency() == currency)
            {
                Some(sum) => sum.0 = sum.0.checked_add(amount.0).unwrap_or(sum.0),
                None => self.money_hours.push(*amount),
            }
        }
        self.money_hours.sort_by_key(|sum| sum.0.currency());
        self
    }
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
        due_from: wanted.due_from,
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
    fn sums_of_two_parts_are_the_sums_of_the_whole() {
        let amount = |minor: i128, code| Amount(Money::of_minor(minor, code));
        let (eur, usd) = (money::Currency::EUR, money::Currency::USD);
        let part = |total, at_stake, money_hours| Sums {
            total,
            overdue: total,
            in_a_day: 0,
            in_three_days: 1,
            at_stake,
            money_hours,
        };
        let one = part(2, vec![(amount(5, usd), 2)], vec![amount(9, usd)]);
        let other = part(
            3,
            vec![(amount(7, eur), 1), (amount(1, usd), 2)],
            vec![amount(1, usd)],
        );
        let whole = Sums::none().and(&one).and(&other);
        assert_eq!((whole.total, whole.overdue, whole.in_three_days), (5, 5, 2));
        let stake: Vec<(i128, u64)> = whole
            .at_stake
            .iter()
            .map(|(sum, cases)| (sum.0.minor(), *cases))
            .collect();
        let mut expected = vec![(eur, 7, 1), (usd, 6, 4)];
        expected.sort_by_key(|(currency, _, _)| *currency);
        let expected: Vec<(i128, u64)> = expected.into_iter().map(|(_, sum, n)| (sum, n)).collect();
        assert_eq!(stake, expected);
        assert_eq!(whole.money_hours.first().map(|sum| sum.0.minor()), Some(10));
    }

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
