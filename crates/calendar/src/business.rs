//! Business calendars: on which days does a scheme work?

use alloc::vec::Vec;
use core::fmt;

use crate::date::{Date, Weekday};
use crate::error::{TimeError, shown};
use crate::rule;
use crate::table::{self, Entry, Weekend};
use crate::zone::Zone;

/// The days on which a scheme or a country's banks work, known by the ids of
/// `rules/calendars.json`.
///
/// `confidence` and `note` repeat what the sources behind a calendar are worth; `IN_BANK` has no
/// holidays at all.
///
/// ```
/// use calendar::{Calendar, Date};
/// let thanksgiving = Date::parse("2026-11-26")?;
/// assert_eq!(Calendar::UsFed.holiday(thanksgiving), Some("Thanksgiving"));
/// assert!(Calendar::Target.is_business_day(thanksgiving));
/// assert_eq!(Calendar::UsFed.next_business_day(thanksgiving).to_string(), "2026-11-27");
/// # Ok::<(), calendar::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Calendar {
    AuBecs,
    BrBank,
    CaPayments,
    InBank,
    Target,
    UkBacs,
    UsFed,
}

/// What the sources of a calendar are worth, as `rules/calendars.json` rates them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Background knowledge, or known to be incomplete.
    Low,
    /// Read in part; the scheme's own list of days was not read.
    Medium,
    /// Read in a source and compared with an independent list.
    High,
}

/// The name of a day that was proclaimed once; the source lists such days without names.
const PROCLAIMED: &str = "proclaimed day";

impl Calendar {
    pub const ALL: [Calendar; 7] = [
        Calendar::AuBecs,
        Calendar::BrBank,
        Calendar::CaPayments,
        Calendar::InBank,
        Calendar::Target,
        Calendar::UkBacs,
        Calendar::UsFed,
    ];

    pub fn find(id: &str) -> Option<Calendar> {
        Calendar::ALL
            .into_iter()
            .find(|calendar| calendar.id() == id)
    }

    /// Like `find`, with a reject that names the calendar.
    pub fn parse(id: &str) -> Result<Calendar, TimeError> {
        Calendar::find(id).ok_or_else(|| TimeError::CalendarNotKnown { id: shown(id) })
    }

    /// `US_FED`, `TARGET`, `UK_BACS`, `BR_BANK`, `AU_BECS`, `CA_PAYMENTS` or `IN_BANK`.
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// For people, for example `TARGET (T2)`.
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// The zone in which the scheme's day begins and ends.
    pub fn zone(self) -> Zone {
        self.entry().zone
    }

    pub fn confidence(self) -> Confidence {
        self.entry().confidence
    }

    /// What a reader must know before trusting a day of this calendar.
    pub fn note(self) -> Option<&'static str> {
        self.entry().note
    }

    /// First year the rules describe; `None` when the source gives no bound.
    pub fn valid_from_year(self) -> Option<i32> {
        self.entry().valid_from_year
    }

    pub fn is_business_day(self, date: Date) -> bool {
        OpenDays::of(self).contains(date)
    }

    /// The holiday observed on `date`. A holiday moved from a weekend is named on the day it is
    /// moved to, and only there.
    pub fn holiday(self, date: Date) -> Option<&'static str> {
        self.holidays(date.year())
            .into_iter()
            .find(|(day, _)| *day == date)
            .map(|(_, name)| name)
    }

    /// The holidays of a year in date order, including those that fall on a weekend and are not
    /// moved.
    pub fn holidays(self, year: i32) -> Vec<(Date, &'static str)> {
        let entry = self.entry();
        let listed = |days: &[(i32, u8, u8)], date: Date| {
            days.contains(&(date.year(), date.month(), date.day()))
        };
        let mut days = rule::holidays_by_rule(entry.rules, year);
        days.retain(|(date, _)| !listed(entry.removed, *date) && !listed(entry.added, *date));
        let added = entry
            .added
            .iter()
            .filter(|(of_year, _, _)| *of_year == year);
        days.extend(added.filter_map(|(year, month, day)| {
            Some((Date::new(*year, *month, *day).ok()?, PROCLAIMED))
        }));
        days.sort_unstable();
        days
    }

    /// The first business day after `date`, whether or not `date` is one.
    pub fn next_business_day(self, date: Date) -> Date {
        self.plus_business_days(date, 1)
    }

    /// The `count`th business day after `date`, which is day zero and is not counted; before it
    /// when `count` is negative. Zero gives `date` itself, business day or not. Stops at the ends
    /// of the time line.
    pub fn plus_business_days(self, date: Date, count: i64) -> Date {
        let step = count.signum();
        let end = if step < 0 { Date::MIN } else { Date::MAX };
        let mut open = OpenDays::of(self);
        let mut left = count.unsigned_abs();
        // More business days than there are days left: no need to walk there.
        if left > date.days_until(end).unsigned_abs() {
            return end;
        }
        let mut day = date;
        while left > 0 && day != end {
            day = day.plus_days(step);
            left -= u64::from(open.contains(day));
        }
        day
    }

    /// Business days after `from` up to and including `until`: the count with which
    /// `plus_business_days` reaches `until` from `from` when `until` is a business day. When
    /// `until` is earlier: minus the business days before `from` down to and including `until`.
    pub fn business_days_between(self, from: Date, until: Date) -> i64 {
        let step = from.days_until(until).signum();
        let mut open = OpenDays::of(self);
        let mut days = 0;
        let mut day = from;
        while day != until {
            day = day.plus_days(step);
            days += step * i64::from(open.contains(day));
        }
        days
    }

    fn is_weekend(self, date: Date) -> bool {
        match (self.entry().weekend, date.weekday()) {
            (Weekend::SaturdayAndSunday, Weekday::Saturday | Weekday::Sunday) => true,
            (Weekend::SundayAndSecondAndFourthSaturday, Weekday::Sunday) => true,
            // The second Saturday is the 8th to the 14th, the fourth the 22nd to the 28th.
            (Weekend::SundayAndSecondAndFourthSaturday, Weekday::Saturday) => {
                matches!(date.day(), 8..=14 | 22..=28)
            }
            _ => false,
        }
    }

    pub(crate) fn entry(self) -> &'static Entry {
        match self {
            Calendar::AuBecs => &table::AU_BECS,
            Calendar::BrBank => &table::BR_BANK,
            Calendar::CaPayments => &table::CA_PAYMENTS,
            Calendar::InBank => &table::IN_BANK,
            Calendar::Target => &table::TARGET,
            Calendar::UkBacs => &table::UK_BACS,
            Calendar::UsFed => &table::US_FED,
        }
    }
}

/// The business days of a calendar, for walking day by day: a year's holidays are worked out
/// once, not once a day.
struct OpenDays {
    calendar: Calendar,
    year: i32,
    holidays: Vec<(Date, &'static str)>,
}

impl OpenDays {
    fn of(calendar: Calendar) -> OpenDays {
        // Year 0 is before the first date there is, so the first question fills in the holidays.
        OpenDays {
            calendar,
            year: 0,
            holidays: Vec::new(),
        }
    }

    fn contains(&mut self, date: Date) -> bool {
        if self.calendar.is_weekend(date) {
            return false;
        }
        if self.year != date.year() {
            self.year = date.year();
            self.holidays = self.calendar.holidays(self.year);
        }
        !self.holidays.iter().any(|(holiday, _)| *holiday == date)
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
