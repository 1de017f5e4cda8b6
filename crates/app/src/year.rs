//! What a merchant's disputes come to over a year: how many, why, how they end, how old they are, what their money did, and
//! how near they are to the lines of networks' monitoring programmes.
//!
//! Everything is counted by the store, account by account and month by month, so that a page costs what the accounts are and
//! not what the desk is. Months are UTC's. No rate is made up: how many sales there were, no provider says with a dispute.

mod held;
mod programme;

pub(crate) use held::Years;

pub use programme::{Line as ProgrammeLine, Programme, position};

use crate::shape::Amount;
use crate::{Desk, Error};
use calendar::{Date, Instant, Zone};
use dispute::fact::Scope;
use money::{Currency, Money};
use std::collections::BTreeMap;
use store::{Flow, Tally};

/// A year, this month included.
const MONTHS: i32 = 12;

/// A year of disputes.
#[derive(Clone, Debug)]
pub struct Year {
    pub counted_at: Instant,
    /// The first days of the months, oldest first; the last is this month's.
    pub months: Vec<Date>,
    /// Cases opened in each month.
    pub opened: Vec<u64>,
    /// The commonest reason first.
    pub reasons: Vec<ReasonLine>,
    /// Open cases by age, youngest first.
    pub ages: Vec<AgeLine>,
    /// By month and currency.
    pub money: Vec<MoneyLine>,
    /// This month's and the last month's position in each programme that has events.
    pub programmes: Vec<ProgrammeLine>,
}

/// Cases of one reason, and how they ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonLine {
    /// Empty where none was said.
    pub reason: String,
    pub cases: u64,
    pub open: u64,
    /// Won whole or in part.
    pub won: u64,
    /// Lost, by decision or by silence.
    pub lost: u64,
    /// Given up by us: kept apart from lost, or a figure of losses would mean nothing (F-53).
    pub accepted: u64,
    /// Averted, taken back, or come to nothing.
    pub other: u64,
}

impl ReasonLine {
    /// What these come to, of whatever reason.
    pub fn all(lines: &[ReasonLine]) -> ReasonLine {
        let sum = |number: fn(&ReasonLine) -> u64| {
            let numbers = lines.iter().map(number);
            numbers.fold(0, u64::saturating_add)
        };
        ReasonLine {
            reason: String::new(),
            cases: sum(|line| line.cases),
            open: sum(|line| line.open),
            won: sum(|line| line.won),
            lost: sum(|line| line.lost),
            accepted: sum(|line| line.accepted),
            other: sum(|line| line.other),
        }
    }

    /// Of those decided, the part that was won, in per mille; `None` where none was decided.
    pub fn won_per_mille(&self) -> Option<u64> {
        let decided = self.won.saturating_add(self.lost);
        self.won.saturating_mul(1_000).checked_div(decided)
    }
}

/// Open cases of an age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeLine {
    /// Opened more than so many days ago, the younger end.
    pub from_days: i64,
    /// And less than so many; `None` for the oldest.
    pub until_days: Option<i64>,
    pub cases: u64,
    pub disputed: Vec<Amount>,
}

/// What posted money did in a month, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyLine {
    pub month: Date,
    /// Taken by providers, fees included: zero or positive.
    pub left: Amount,
    /// Given back: zero or positive.
    pub back: Amount,
    /// Fees, less those given back.
    pub fees: Amount,
    /// Written off as lost.
    pub lost: Amount,
}

/// The ages by which open cases are told apart, in days.
const AGES: [(i64, Option<i64>); 5] = [
    (0, Some(7)),
    (7, Some(30)),
    (30, Some(60)),
    (60, Some(90)),
    (90, None),
];

impl Desk {
    /// The year of what this desk sees, until now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn year(&mut self, now: Instant) -> Result<Year, Error> {
        let today = now.date_in(Zone::Utc);
        let this = Date::new(today.year(), today.month(), 1).expect("every month has a first day");
        let months: Vec<Date> = (0..MONTHS)
            .rev()
            .map(|back| this.plus_months(-back))
            .collect();
        let scopes = self.accounts_seen()?;
        let mut opened = Vec::new();
        let mut year: Vec<Tally> = Vec::new();
        let mut recent = Vec::new();
        for month in &months {
            let rows = self.tallied(&scopes, start(*month), start(month.plus_months(1)))?;
            opened.push(rows.iter().map(|row| row.cases).sum());
            // The two that programmes look at.
            if month.plus_months(1) >= this {
                recent.push((*month, rows.clone()));
            }
            year.extend(rows);
        }
        let first = months.first().copied().unwrap_or(this);
        let flows = self.flowed(&scopes, start(first), now)?;
        Ok(Year {
            counted_at: now,
            opened,
            reasons: reasons(&year),
            ages: self.ages(&scopes, now)?,
            money: money(&flows),
            programmes: programme::lines(&recent, now),
            months,
        })
    }

    fn tallied(
        &mut self,
        scopes: &[Scope],
        from: Instant,
        until: Instant,
    ) -> Result<Vec<Tally>, Error> {
        let mut all = Vec::new();
        for scope in scopes {
            let rows = self.registry().tally(scope, from, until);
            all.extend(rows.map_err(Error::store("counting cases"))?);
        }
        Ok(all)
    }

    fn flowed(
        &mut self,
        scopes: &[Scope],
        from: Instant,
        until: Instant,
    ) -> Result<Vec<Flow>, Error> {
        let mut all = Vec::new();
        for scope in scopes {
            let rows = self.registry().flow(scope, from, until);
            all.extend(rows.map_err(Error::store("adding up postings"))?);
        }
        Ok(all)
    }

    fn ages(&mut self, scopes: &[Scope], now: Instant) -> Result<Vec<AgeLine>, Error> {
        let mut lines = Vec::new();
        for (from_days, until_days) in AGES {
            // Instants before any case: no provider of ours is older.
            let oldest = Instant::from_unix_seconds(0).unwrap_or(now);
            let from = until_days.map_or(oldest, |days| now.plus_days(-days));
            let until = now
                .plus_days(-from_days)
                .plus_seconds(i64::from(from_days == 0));
            let mut open = Vec::new();
            for scope in scopes {
                let rows = self.registry().tally_standing(scope, from, until, &OPEN);
                open.extend(rows.map_err(Error::store("counting open cases"))?);
            }
            lines.push(AgeLine {
                from_days,
                until_days,
                cases: open.iter().map(|row| row.cases).sum(),
                disputed: summed(open.iter().filter_map(|row| row.disputed)),
            });
        }
        Ok(lines)
    }
}

fn start(day: Date) -> Instant {
    Zone::Utc.start_of_day(day)
}

/// How an open case stands.
const OPEN: [&str; 5] = ["ours", "theirs", "network", "nobody", "unstated"];

fn is_open(status: &str) -> bool {
    OPEN.contains(&status)
}

/// Per currency. What does not fit is no sum of real money; what was summed until then stands.
fn summed(amounts: impl Iterator<Item = Money>) -> Vec<Amount> {
    let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
    for amount in amounts {
        add(&mut sums, amount);
    }
    sums.into_values().map(Amount).collect()
}

fn add(sums: &mut BTreeMap<Currency, Money>, amount: Money) {
    let currency = amount.currency();
    let sum = sums
        .entry(currency)
        .or_insert_with(|| Money::zero(currency));
    *sum = sum.checked_add(amount).unwrap_or(*sum);
}

fn reasons(rows: &[Tally]) -> Vec<ReasonLine> {
    let mut lines: BTreeMap<&str, ReasonLine> = BTreeMap::new();
    for row in rows {
        let line = lines.entry(&row.reason).or_insert_with(|| ReasonLine {
            reason: row.reason.clone(),
            cases: 0,
            open: 0,
            won: 0,
            lost: 0,
            accepted: 0,
            other: 0,
        });
        line.cases = line.cases.saturating_add(row.cases);
        let place = match row.status.as_str() {
            "won" | "partially-won" => &mut line.won,
            "lost" | "expired" => &mut line.lost,
            "accepted" => &mut line.accepted,
            status if is_open(status) => &mut line.open,
            _ => &mut line.other,
        };
        *place = place.saturating_add(row.cases);
    }
    let mut lines: Vec<ReasonLine> = lines.into_values().collect();
    lines.sort_by(|one, other| {
        let by_cases = other.cases.cmp(&one.cases);
        by_cases.then_with(|| one.reason.cmp(&other.reason))
    });
    lines
}

fn money(flows: &[Flow]) -> Vec<MoneyLine> {
    let mut lines: BTreeMap<(Date, Currency), MoneyLine> = BTreeMap::new();
    for flow in flows {
        let day = flow.day.date_in(Zone::Utc);
        let month = Date::new(day.year(), day.month(), 1).expect("every month has a first day");
        let currency = flow.added.currency();
        let zero = Amount(Money::zero(currency));
        let line = lines.entry((month, currency)).or_insert(MoneyLine {
            month,
            left: zero,
            back: zero,
            fees: zero,
            lost: zero,
        });
        let plus = |sum: &mut Amount, amount: Money| {
            sum.0 = sum.0.checked_add(amount).unwrap_or(sum.0);
        };
        // Debits are positive: what a provider takes is taken from what it owes us.
        match flow.kind.as_str() {
            "provider-clearing" => {
                plus(&mut line.left, flow.taken.negate());
                plus(&mut line.back, flow.added);
            }
            "dispute-fees" => {
                plus(&mut line.fees, flow.added);
                plus(&mut line.fees, flow.taken);
            }
            "chargeback-loss" => {
                plus(&mut line.lost, flow.added);
                plus(&mut line.lost, flow.taken);
            }
            _ => {}
        }
    }
    lines.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(reason: &str, status: &str, cases: u64) -> Tally {
        Tally {
            status: status.to_owned(),
            stage: String::from("chargeback"),
            reason: reason.to_owned(),
            network: String::from("visa"),
            cases,
            disputed: None,
        }
    }

    #[test]
    fn a_win_rate_is_of_those_decided_and_silence_is_a_loss() {
        let rows = [
            tally("fraudulent", "won", 2),
            tally("fraudulent", "partially-won", 1),
            tally("fraudulent", "lost", 4),
            tally("fraudulent", "expired", 1),
            tally("fraudulent", "accepted", 9),
            tally("fraudulent", "ours", 3),
            tally("fraudulent", "lapsed", 5),
            tally("duplicate", "nobody", 30),
        ];
        let lines = reasons(&rows);
        let names: Vec<&str> = lines.iter().map(|line| line.reason.as_str()).collect();
        assert_eq!(names, ["duplicate", "fraudulent"]);
        let fraud = lines.last().unwrap();
        assert_eq!((fraud.cases, fraud.won, fraud.lost), (25, 3, 5));
        assert_eq!((fraud.accepted, fraud.open, fraud.other), (9, 3, 5));
        assert_eq!(fraud.won_per_mille(), Some(375));
        assert_eq!(lines.first().unwrap().won_per_mille(), None);
        let all = ReasonLine::all(&lines);
        assert_eq!((all.cases, all.won, all.lost), (55, 3, 5));
        assert_eq!((all.accepted, all.open, all.other), (9, 33, 5));
        assert_eq!(all.won_per_mille(), Some(375));
    }

    #[test]
    fn money_is_summed_by_month_and_currency() {
        let usd = Currency::find("USD").unwrap();
        let flow = |day: &str, kind: &str, added: i128, taken: i128| Flow {
            day: start(Date::parse(day).unwrap()),
            kind: kind.to_owned(),
            added: Money::of_minor(added, usd),
            taken: Money::of_minor(taken, usd),
        };
        let lines = money(&[
            flow("2026-10-31", "provider-clearing", 0, -5_000),
            flow("2026-11-01", "provider-clearing", 3_000, -1_500),
            flow("2026-11-02", "dispute-fees", 1_500, -500),
            flow("2026-11-02", "dispute-receivable", 9_999, 0),
        ]);
        let shown: Vec<String> = lines
            .iter()
            .map(|line| {
                let [left, back, fees] =
                    [line.left, line.back, line.fees].map(|it| it.0.to_string());
                format!("{} {left} {back} {fees}", line.month)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "2026-10-01 50.00 USD 0.00 USD 0.00 USD",
                "2026-11-01 15.00 USD 30.00 USD 10.00 USD"
            ]
        );
    }
}
