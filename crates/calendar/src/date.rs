//! Civil dates: a day on the wall calendar, with no zone and no time of day.

use core::fmt;

use jiff::SignedDuration;
use jiff::civil;
pub use jiff::civil::Weekday;

use crate::error::{TimeError, shown};
use crate::scan::Scan;

const SECONDS_PER_DAY: i64 = 86_400;
const EPOCH: civil::Date = civil::Date::constant(1970, 1, 1);
/// Days from 1970-01-01 to `Date::MIN`, 0001-01-01.
const MIN_DAYS: i64 = -719_162;
/// Days from 1970-01-01 to `Date::MAX`, 9999-12-31.
const MAX_DAYS: i64 = 2_932_896;

/// A Gregorian day in the years 0001 to 9999. Arithmetic saturates at the two ends: a limit that
/// reaches past the year 9999 means "never", and hostile input must not stop the desk.
///
/// ```
/// use calendar::Date;
/// let leap = Date::new(2024, 2, 29)?;
/// assert_eq!(leap.plus_months(12).to_string(), "2025-02-28");
/// assert_eq!(leap.days_until(Date::parse("2024-03-01")?), 1);
/// assert!(Date::parse("2026-02-29").is_err());
/// # Ok::<(), calendar::TimeError>(())
/// ```
// No Default: there is no day that a missing date could mean (F-47).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    pub const MIN: Date = Date(civil::Date::constant(1, 1, 1));
    pub const MAX: Date = Date(civil::Date::constant(9999, 12, 31));

    /// Months and days count from 1. A day the month does not have is a reject, never moved to a
    /// neighbour.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Date, TimeError> {
        Date::from_numbers(i64::from(year), i64::from(month), i64::from(day))
    }

    pub(crate) fn from_numbers(year: i64, month: i64, day: i64) -> Result<Date, TimeError> {
        let built = || {
            let year = i16::try_from(year).ok().filter(|year| *year >= 1)?;
            civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
        };
        built()
            .map(Date)
            .ok_or(TimeError::NoSuchDay { year, month, day })
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Result<Date, TimeError> {
        let form = || TimeError::Form {
            expected: "a date YYYY-MM-DD",
            text: shown(text),
        };
        let mut scan = Scan::new(text);
        let date = Date::scan(&mut scan).ok_or_else(form)??;
        if scan.is_empty() {
            Ok(date)
        } else {
            Err(form())
        }
    }

    /// The date at the front of `scan`: `None` when the form is wrong, a reject when the form is
    /// right and the day does not exist.
    pub(crate) fn scan(scan: &mut Scan<'_>) -> Option<Result<Date, TimeError>> {
        let year = scan.digits(4)?;
        scan.one_of(b"-")?;
        let month = scan.digits(2)?;
        scan.one_of(b"-")?;
        let day = scan.digits(2)?;
        Some(Date::from_numbers(year, month, day))
    }

    /// Reads the six digits `YYMMDD` of NACHA records. Years 00 to 68 are 2000 to 2068, years 69
    /// to 99 are 1969 to 1999: the pivot POSIX gives `%y`. The pivot is our choice: the NACHA
    /// format has no century.
    pub fn parse_yymmdd(text: &str) -> Result<Date, TimeError> {
        let mut scan = Scan::new(text);
        let mut read = || {
            let found = (scan.digits(2)?, scan.digits(2)?, scan.digits(2)?);
            scan.is_empty().then_some(found)
        };
        let (short_year, month, day) = read().ok_or_else(|| TimeError::Form {
            expected: "a date YYMMDD",
            text: shown(text),
        })?;
        let century = if short_year <= 68 { 2000 } else { 1900 };
        Date::from_numbers(century + short_year, month, day)
    }

    /// The day numbered `day_of_year` (001 to 366) nearest to `near`: NACHA's settlement date has
    /// no year. When two are equally near, the earlier. Day 366 is a reject when no leap year
    /// ends within half a year of `near`.
    ///
    /// ```
    /// use calendar::Date;
    /// let new_year = Date::parse("2026-01-02")?;
    /// assert_eq!(Date::from_julian(365, new_year)?.to_string(), "2025-12-31");
    /// assert_eq!(Date::from_julian(5, Date::parse("2026-12-31")?)?.to_string(), "2027-01-05");
    /// # Ok::<(), calendar::TimeError>(())
    /// ```
    pub fn from_julian(day_of_year: u16, near: Date) -> Result<Date, TimeError> {
        /// Half of the longest year: a day of every number up to 365 is at most this far away.
        const HALF_YEAR_DAYS: i64 = 183;
        let in_year = |year: i32| {
            let first = Date::new(year, 1, 1).ok()?;
            let date = first.plus_days(i64::from(day_of_year) - 1);
            (day_of_year >= 1 && date.year() == year).then_some(date)
        };
        (near.year() - 1..=near.year() + 1)
            .filter_map(in_year)
            .min_by_key(|date| (near.days_until(*date).abs(), *date))
            .filter(|date| near.days_until(*date).abs() <= HALF_YEAR_DAYS)
            .ok_or(TimeError::NoSuchJulianDay { day_of_year, near })
    }

    pub fn year(self) -> i32 {
        i32::from(self.0.year())
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// 1 January is 1; 31 December is 365, or 366 in a leap year.
    pub fn day_of_year(self) -> u16 {
        self.0.day_of_year().unsigned_abs()
    }

    /// Negative counts go back.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Date {
        Date::from_epoch_days(self.epoch_days().saturating_add(days))
    }

    /// The same day of the month, or the month's last day when it has no such day: 31 January
    /// plus one month is 28 or 29 February. Our choice for SEPA's "13 months" (counting rule
    /// `sepa.months`): the clamp never gives a later day than the text could mean.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Date {
        let from_year_one =
            i64::from(self.year()) * 12 + i64::from(self.month()) - 1 + i64::from(months);
        let (year, month) = (
            from_year_one.div_euclid(12),
            from_year_one.rem_euclid(12) + 1,
        );
        let day = i64::from(self.day());
        if year < 1 {
            return Date::MIN;
        }
        // The shortest month has 28 days, so one of the four exists unless the year is past the
        // end.
        [day, day - 1, day - 2, day - 3]
            .into_iter()
            .find_map(|day| Date::from_numbers(year, month, day).ok())
            .unwrap_or(Date::MAX)
    }

    /// Positive when `other` is later.
    pub fn days_until(self, other: Date) -> i64 {
        other.epoch_days() - self.epoch_days()
    }

    /// Days since 1970-01-01, negative before it.
    pub(crate) fn epoch_days(self) -> i64 {
        self.0.duration_since(EPOCH).as_secs() / SECONDS_PER_DAY
    }

    pub(crate) fn from_epoch_days(days: i64) -> Date {
        let days = days.clamp(MIN_DAYS, MAX_DAYS);
        let date = EPOCH.checked_add(SignedDuration::from_secs(days * SECONDS_PER_DAY));
        Date(
            date.expect(
                "the days were clamped to 0001-01-01..=9999-12-31, all of which jiff holds",
            ),
        )
    }

    pub(crate) fn civil(self) -> civil::Date {
        self.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year(),
            self.month(),
            self.day()
        )
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
