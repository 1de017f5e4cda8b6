//! Time limits: from the day something happened to the instant at which the time is up.
//!
//! Counting, the same for every unit: the start day is day zero and is not counted (counting rule
//! `visa.day_zero`; "plus one" is one day late). The deadline is 23:59:59 of the last day in the
//! limit's zone, or the cut-off on that day.

use crate::business::Calendar;
use crate::date::Date;
use crate::instant::Instant;
use crate::rule;
use crate::zone::{CivilTime, Zone};

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Every day counts.
    CalendarDay,
    /// Business days of `Limit::calendar`; without one, every Monday to Friday, which is never
    /// later than with its holidays.
    BusinessDay,
    /// A day on which the ACH operator is open: `Limit::calendar`, or `US_FED` when none is given
    /// (counting rule `ach.banking_day`).
    BankingDay,
    /// Always the TARGET calendar (counting rule `sepa.target`).
    TargetDay,
    /// Always the UK_BACS calendar (counting rule `bacs.day`).
    BacsWorkingDay,
    /// Clock hours from the start instant, over weekends and changes of clocks (counting rule
    /// `pix.hours`).
    Hour,
    /// Seven calendar days.
    Week,
    /// The same day of a later month, or its last day when it has no such day (counting rule
    /// `sepa.months`).
    Month,
    Year,
}

/// What happens when the last day is not a business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Roll {
    /// The last day stays (counting rule `weekend`: card networks do not move it).
    Stay,
    /// To the next business day.
    Following,
    /// To the business day before.
    Preceding,
}

/// A time limit as a rule book states it.
///
/// ```
/// use calendar::{Instant, Limit, Roll, Unit, Zone};
/// let thirty_days =
///     Limit { value: 30, unit: Unit::CalendarDay, calendar: None, zone: Zone::Utc, cutoff: None, roll: Roll::Stay };
/// let processed_at = Instant::parse("2026-11-01T10:00:00Z")?;
/// assert_eq!(thirty_days.due(processed_at).to_string(), "2026-12-01T23:59:59Z");
/// # Ok::<(), calendar::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    pub value: u32,
    pub unit: Unit,
    /// The calendar that business days and rolling refer to; see `Unit` for what `None` means.
    pub calendar: Option<Calendar>,
    /// Where the start day is read off and where the last day ends.
    pub zone: Zone,
    /// The last moment of the last day; `None` is 23:59:59. Hours have no last day and take no
    /// notice of it.
    pub cutoff: Option<CivilTime>,
    /// Applied to the last day; hours are not rolled.
    pub roll: Roll,
}

impl Limit {
    /// The last instant at which one is still in time.
    pub fn due(&self, start: Instant) -> Instant {
        if self.unit == Unit::Hour {
            return start.plus_hours(i64::from(self.value));
        }
        let last_day = self.due_on(start.date_in(self.zone));
        self.zone
            .to_instant(last_day, self.cutoff.unwrap_or(CivilTime::LAST_SECOND))
    }

    /// The last day. Hours are counted from the start of `start` in the zone, the earliest that a
    /// bare date can mean.
    pub fn due_on(&self, start: Date) -> Date {
        let value = i64::from(self.value);
        let last_day = match self.unit {
            Unit::CalendarDay => start.plus_days(value),
            Unit::Week => start.plus_days(value * 7),
            Unit::Month => start.plus_months(saturating_months(value)),
            Unit::Year => start.plus_months(saturating_months(value * 12)),
            Unit::Hour => {
                return self
                    .zone
                    .start_of_day(start)
                    .plus_hours(value)
                    .date_in(self.zone);
            }
            Unit::BusinessDay | Unit::BankingDay | Unit::TargetDay | Unit::BacsWorkingDay => {
                plus_working_days(self.effective_calendar(), start, self.value)
            }
        };
        self.rolled(last_day)
    }

    fn effective_calendar(&self) -> Option<Calendar> {
        match self.unit {
            Unit::BankingDay => self.calendar.or(Some(Calendar::UsFed)),
            Unit::TargetDay => Some(Calendar::Target),
            Unit::BacsWorkingDay => Some(Calendar::UkBacs),
            Unit::CalendarDay
            | Unit::BusinessDay
            | Unit::Hour
            | Unit::Week
            | Unit::Month
            | Unit::Year => self.calendar,
        }
    }

    fn rolled(&self, last_day: Date) -> Date {
        let step = match self.roll {
            Roll::Stay => return last_day,
            Roll::Following => 1,
            Roll::Preceding => -1,
        };
        let end = if step < 0 { Date::MIN } else { Date::MAX };
        let calendar = self.effective_calendar();
        let mut day = last_day;
        while !is_working_day(calendar, day) && day != end {
            day = day.plus_days(step);
        }
        day
    }
}

fn is_working_day(calendar: Option<Calendar>, date: Date) -> bool {
    match calendar {
        Some(calendar) => calendar.is_business_day(date),
        None => !rule::is_weekend(date),
    }
}

fn plus_working_days(calendar: Option<Calendar>, start: Date, count: u32) -> Date {
    if let Some(calendar) = calendar {
        return calendar.plus_business_days(start, i64::from(count));
    }
    if i64::from(count) > start.days_until(Date::MAX) {
        return Date::MAX;
    }
    let mut day = start;
    let mut left = count;
    while left > 0 && day != Date::MAX {
        day = day.plus_days(1);
        left -= u32::from(!rule::is_weekend(day));
    }
    day
}

/// More months than fit an i32 end at the last day there is, like any other sum past it.
fn saturating_months(months: i64) -> i32 {
    i32::try_from(months).unwrap_or(i32::MAX)
}
