//! Stated deadlines: as precise as whoever stated them was, and not more.

use alloc::string::ToString;
use core::cmp::Ordering;
use core::fmt;

use crate::date::Date;
use crate::error::TimeError;
use crate::instant::Instant;
use crate::zone::Zone;

/// A deadline as it was stated: an instant, or a whole day in a zone. A day is not turned into an
/// instant when it is read, so that nobody is shown an hour that was never promised, nor a
/// neighbouring day (F-48).
///
/// Ordered by the last instant at which one is in time, then by the canonical text.
///
/// ```
/// use calendar::Moment;
/// let respond_by = Moment::parse("2026-11-01@America/New_York")?;
/// assert_eq!(respond_by.latest_instant().to_string(), "2026-11-02T04:59:59Z");
/// assert_eq!(respond_by.to_string(), "2026-11-01@America/New_York");
/// # Ok::<(), calendar::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    At(Instant),
    On { date: Date, zone: Zone },
}

impl Moment {
    /// Reads the canonical text: an instant (`2026-11-01T10:00:00Z`), or a date and its zone
    /// (`2026-11-01@America/New_York`). A bare date has no zone and is a reject (F-66).
    pub fn parse(text: &str) -> Result<Moment, TimeError> {
        match text.split_once('@') {
            Some((date, zone)) => Ok(Moment::On {
                date: Date::parse(date)?,
                zone: Zone::parse(zone)?,
            }),
            None => Instant::parse(text).map(Moment::At),
        }
    }

    /// The last instant the statement allows: 23:59:59 in its zone for a day.
    pub fn latest_instant(self) -> Instant {
        match self {
            Moment::At(instant) => instant,
            Moment::On { date, zone } => zone.end_of_day(date),
        }
    }

    /// The first instant the statement can mean: the start of the day in its zone for a day.
    pub fn earliest_instant(self) -> Instant {
        match self {
            Moment::At(instant) => instant,
            Moment::On { date, zone } => zone.start_of_day(date),
        }
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Moment) -> Ordering {
        let by_text = || self.to_string().cmp(&other.to_string());
        self.latest_instant()
            .cmp(&other.latest_instant())
            .then_with(by_text)
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Moment) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::At(instant) => write!(f, "{instant}"),
            Moment::On { date, zone } => write!(f, "{date}@{zone}"),
        }
    }
}
