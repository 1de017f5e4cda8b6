//! The kinds of holiday rule, and the day each gives in a year.

use alloc::vec::Vec;

use crate::date::{Date, Weekday};

/// How one holiday is found in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fixed {
        month: u8,
        day: u8,
        observed: Observed,
    },
    /// `nth` counts from 1; -1 is the last of the month, and no rule counts further back.
    NthWeekday {
        month: u8,
        weekday: Weekday,
        nth: i8,
    },
    /// Days from the Gregorian Easter Sunday.
    EasterOffset {
        days: i64,
    },
    MondayOnOrBefore {
        month: u8,
        day: u8,
    },
}

/// What happens to a fixed holiday that falls on a weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observed {
    NotMoved,
    /// Sunday goes to Monday, Saturday stays and gives no day off.
    SundayToMonday,
    WeekendToMonday,
    /// To the next weekday that is not a holiday already.
    WeekendToNextFreeWeekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// First year of the holiday; `None` when it is older than this table.
    pub(crate) from_year: Option<i32>,
    /// Last year of the holiday; `None` while it lasts.
    pub(crate) until_year: Option<i32>,
}

impl Rule {
    fn holds_in(&self, year: i32) -> bool {
        self.from_year.is_none_or(|from| year >= from)
            && self.until_year.is_none_or(|until| year <= until)
    }

    /// The day before it is moved for a weekend. `None` when the year has no such day.
    fn nominal_on(&self, year: i32) -> Option<Date> {
        match self.kind {
            Kind::Fixed { month, day, .. } => Date::new(year, month, day).ok(),
            Kind::NthWeekday {
                month,
                weekday,
                nth,
            } => nth_weekday(year, month, weekday, nth),
            Kind::EasterOffset { days } => easter(year).map(|sunday| sunday.plus_days(days)),
            Kind::MondayOnOrBefore { month, day } => {
                let last = Date::new(year, month, day).ok()?;
                Some(last.plus_days(-i64::from(last.weekday().to_monday_zero_offset())))
            }
        }
    }

    fn observed(&self) -> Observed {
        match self.kind {
            Kind::Fixed { observed, .. } => observed,
            Kind::NthWeekday { .. } | Kind::EasterOffset { .. } | Kind::MondayOnOrBefore { .. } => {
                Observed::NotMoved
            }
        }
    }
}

/// The holidays of a year by the rules alone, each on the day it is observed, in date order.
pub(crate) fn holidays_by_rule(rules: &[Rule], year: i32) -> Vec<(Date, &'static str)> {
    let mut placed = Vec::new();
    let mut waiting = Vec::new();
    for rule in rules.iter().filter(|rule| rule.holds_in(year)) {
        let Some(nominal) = rule.nominal_on(year) else {
            continue;
        };
        match (rule.observed(), nominal.weekday()) {
            (Observed::SundayToMonday | Observed::WeekendToMonday, Weekday::Sunday) => {
                placed.push((nominal.plus_days(1), rule.name));
            }
            (Observed::WeekendToMonday, Weekday::Saturday) => {
                placed.push((nominal.plus_days(2), rule.name))
            }
            // Those that look for a free weekday come after all that have a fixed place.
            (Observed::WeekendToNextFreeWeekday, Weekday::Saturday | Weekday::Sunday) => {
                waiting.push((nominal, rule.name));
            }
            _ => placed.push((nominal, rule.name)),
        }
    }
    for (nominal, name) in waiting {
        let taken = |date: Date| is_weekend(date) || placed.iter().any(|(other, _)| *other == date);
        let free = (1..)
            .map(|days| nominal.plus_days(days))
            .find(|date| !taken(*date));
        placed.extend(free.map(|date| (date, name)));
    }
    placed.sort_unstable();
    placed
}

pub(crate) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn nth_weekday(year: i32, month: u8, weekday: Weekday, nth: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    if nth > 0 {
        let to_first = i64::from(first.weekday().until(weekday));
        return Some(first.plus_days(to_first + 7 * (i64::from(nth) - 1)));
    }
    let last = first.plus_months(1).plus_days(-1);
    let back = i64::from(weekday.until(last.weekday()));
    Some(last.plus_days(-back))
}

/// Easter Sunday of the Gregorian calendar: the anonymous algorithm printed in Nature, 20 April
/// 1876, as given by Meeus, Astronomical Algorithms, chapter 8. Letters follow the source.
pub(crate) fn easter(year: i32) -> Option<Date> {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month_and_day = h + l - 7 * m + 114;
    let month = u8::try_from(month_and_day / 31).ok()?;
    let day = u8::try_from(month_and_day % 31 + 1).ok()?;
    Date::new(year, month, day).ok()
}
