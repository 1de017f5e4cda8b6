//! Instants: a point of the time line, the same for everybody.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::date::Date;
use crate::error::{TimeError, shown};
use crate::scan::Scan;
use crate::zone::Zone;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds, in the years 0001 to 9999. Sums
/// saturate at the two ends.
///
/// ```
/// use calendar::{Instant, TimeError, Zone};
/// let received_at = Instant::parse("2026-11-01 11:00:00.25+0100")?;
/// assert_eq!(received_at.to_string(), "2026-11-01T10:00:00.25Z");
/// assert_eq!(received_at.date_in(Zone::Sydney).to_string(), "2026-11-01");
/// // F-66: without a zone there is no instant, whatever zone this machine is in.
/// assert!(matches!(Instant::parse("2026-11-01T11:00:00"), Err(TimeError::NoZone { .. })));
/// # Ok::<(), TimeError>(())
/// ```
///
/// A missing instant is an `Option`, never the epoch (F-47):
///
/// ```compile_fail
/// let never_given = calendar::Instant::default();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Instant = Instant(-62_135_596_800 * MICROS_PER_SECOND);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Instant = Instant(253_402_300_800 * MICROS_PER_SECOND - 1);

    /// `None` outside the years 0001 to 9999, which is where milliseconds read as seconds land.
    pub fn from_unix_seconds(seconds: i64) -> Option<Instant> {
        seconds
            .checked_mul(MICROS_PER_SECOND)
            .and_then(Instant::from_unix_micros)
    }

    /// `None` outside the years 0001 to 9999.
    pub fn from_unix_micros(micros: i64) -> Option<Instant> {
        (Instant::MIN.0..=Instant::MAX.0)
            .contains(&micros)
            .then_some(Instant(micros))
    }

    pub(crate) fn saturating_from_micros(micros: i64) -> Instant {
        Instant(micros.clamp(Instant::MIN.0, Instant::MAX.0))
    }

    /// The second the instant lies in: a fraction is cut towards the past, before 1970 as well.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    pub fn unix_micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 and the parts of ISO 8601 that providers send: `2026-11-01T10:00:00Z`, a
    /// space for the `T`, small `t` and `z`, offsets `+02:00`, `+0200` and `-08`, seconds left
    /// out, a fraction of 1 to 9 digits (cut to microseconds, towards the past), `24:00:00` as
    /// the next day's start, and a leap second `:60` as `:59`, the earlier reading.
    pub fn parse(text: &str) -> Result<Instant, TimeError> {
        let form = || TimeError::Form {
            expected: "an instant YYYY-MM-DDTHH:MM:SS with `Z` or an offset",
            text: shown(text),
        };
        let mut scan = Scan::new(text);
        let date = Date::scan(&mut scan).ok_or_else(form)??;
        if scan.is_empty() {
            return Err(TimeError::NoZone { text: shown(text) });
        }
        scan.one_of(b"Tt ").ok_or_else(form)?;
        let micros_of_day = scan_time_of_day(&mut scan).ok_or_else(form)??;
        if scan.is_empty() {
            return Err(TimeError::NoZone { text: shown(text) });
        }
        let offset_seconds = scan_offset(&mut scan).ok_or_else(form)?;
        if !scan.is_empty() {
            return Err(form());
        }
        let seconds = date.epoch_days() * SECONDS_PER_DAY - offset_seconds;
        Instant::from_unix_micros(seconds * MICROS_PER_SECOND + micros_of_day)
            .ok_or_else(|| TimeError::OutOfRange { text: shown(text) })
    }

    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant::saturating_from_micros(
            self.0
                .saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// Clock hours: a day with a change of clocks has 23 or 25 of them.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Instant {
        self.plus_seconds(hours.saturating_mul(3_600))
    }

    /// Days of 24 clock hours. For days on the wall calendar go through `date_in` and
    /// `Date::plus_days`.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Instant {
        self.plus_seconds(days.saturating_mul(SECONDS_PER_DAY))
    }

    /// Whole seconds left until `other`, negative once it has passed: half a second left is 0,
    /// half a second late is -1.
    pub fn seconds_until(self, other: Instant) -> i64 {
        (other.0 - self.0).div_euclid(MICROS_PER_SECOND)
    }

    /// The day on the wall calendar of `zone`.
    pub fn date_in(self, zone: Zone) -> Date {
        Date::from_epoch_days(self.wall_seconds(zone).div_euclid(SECONDS_PER_DAY))
    }

    /// For people: `2026-11-01 11:00 CET`. The zone is always part of the text (F-48); seconds
    /// appear when they are not zero.
    pub fn wall_in(self, zone: Zone) -> String {
        let wall = self.wall_seconds(zone);
        let date = Date::from_epoch_days(wall.div_euclid(SECONDS_PER_DAY));
        let (hour, minute, second) = clock_of(wall.rem_euclid(SECONDS_PER_DAY));
        let abbreviation = zone.abbreviation_at(self);
        match second {
            0 => format!("{date} {hour:02}:{minute:02} {abbreviation}"),
            _ => format!("{date} {hour:02}:{minute:02}:{second:02} {abbreviation}"),
        }
    }

    fn wall_seconds(self, zone: Zone) -> i64 {
        self.unix_seconds() + zone.offset_seconds_at(self)
    }
}

/// Hour, minute and second of a second of the day.
fn clock_of(second_of_day: i64) -> (i64, i64, i64) {
    (
        second_of_day / 3_600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    )
}

/// Microseconds since midnight; 24:00:00 gives a whole day.
fn scan_time_of_day(scan: &mut Scan<'_>) -> Option<Result<i64, TimeError>> {
    let hour = scan.digits(2)?;
    scan.one_of(b":")?;
    let minute = scan.digits(2)?;
    let mut second = 0;
    let mut fraction_micros = 0;
    if scan.one_of(b":").is_some() {
        second = scan.digits(2)?;
        if scan.one_of(b".,").is_some() {
            fraction_micros = scan_fraction(scan)?;
        }
    }
    let midnight_at_end = hour == 24 && minute == 0 && second == 0 && fraction_micros == 0;
    if (hour > 23 && !midnight_at_end) || minute > 59 || second > 60 {
        return Some(Err(TimeError::NoSuchTime {
            hour,
            minute,
            second,
        }));
    }
    let seconds = hour * 3_600 + minute * 60 + second.min(59);
    Some(Ok(seconds * MICROS_PER_SECOND + fraction_micros))
}

/// 1 to 9 digits of a fraction, in microseconds.
fn scan_fraction(scan: &mut Scan<'_>) -> Option<i64> {
    let mut micros = 0;
    let mut digits_read = 0;
    let mut unit = 100_000;
    while let Some(digit) = scan.digits(1) {
        micros += digit * unit;
        unit /= 10;
        digits_read += 1;
    }
    (1..=9).contains(&digits_read).then_some(micros)
}

/// Seconds east of UTC: `Z`, `+02:00`, `+0200` or `-08`.
fn scan_offset(scan: &mut Scan<'_>) -> Option<i64> {
    let sign = match scan.one_of(b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => return Some(0),
    };
    let hours = scan.digits(2)?;
    let minutes = match (scan.one_of(b":").is_some(), scan.is_empty()) {
        (false, true) => 0,
        _ => scan.digits(2)?,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.unix_seconds();
        let date = Date::from_epoch_days(seconds.div_euclid(SECONDS_PER_DAY));
        let (hour, minute, second) = clock_of(seconds.rem_euclid(SECONDS_PER_DAY));
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}")?;
        let fraction_micros = self.0.rem_euclid(MICROS_PER_SECOND);
        if fraction_micros != 0 {
            let digits = format!("{fraction_micros:06}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
