//! Why a text or a number is not a time.

use alloc::string::String;
use core::fmt;

/// A reject of their data: the text or number that was given cannot be read as the time it should
/// be.
///
/// Each variant carries the offending text (its first 64 characters: every form here is shorter),
/// so a caller can show it next to its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// A date or date-time that says nothing about its zone. It is never read in local time
    /// (F-66).
    NoZone { text: String },
    /// The text does not have the expected form, for example `YYYY-MM-DD`.
    Form {
        expected: &'static str,
        text: String,
    },
    /// The form is right and the day does not exist, for example `2026-02-29`.
    NoSuchDay { year: i64, month: i64, day: i64 },
    /// The time of day is past 23:59:59 and is not 24:00:00.
    NoSuchTime { hour: i64, minute: i64, second: i64 },
    /// The instant lies outside the years 0001 to 9999.
    OutOfRange { text: String },
    /// No day with this number within half a year of the reference date.
    NoSuchJulianDay { day_of_year: u16, near: crate::Date },
    /// The zone is not among the zones compiled in.
    ZoneNotKnown { name: String },
    /// The calendar is not among the calendars compiled in.
    CalendarNotKnown { id: String },
}

/// What an error keeps of a text it could not read.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeError::NoZone { text } => write!(
                f,
                "no zone: `{text}` needs `Z` or an offset such as `+02:00`"
            ),
            TimeError::Form { expected, text } => write!(f, "expected {expected}, found `{text}`"),
            TimeError::NoSuchDay { year, month, day } => {
                write!(f, "no such day: year {year} month {month} day {day}")
            }
            TimeError::NoSuchTime {
                hour,
                minute,
                second,
            } => {
                write!(
                    f,
                    "no such time of day: hour {hour} minute {minute} second {second}"
                )
            }
            TimeError::OutOfRange { text } => {
                write!(f, "`{text}` is outside the years 0001 to 9999")
            }
            TimeError::NoSuchJulianDay { day_of_year, near } => {
                write!(
                    f,
                    "no day {day_of_year} of a year within half a year of {near}"
                )
            }
            TimeError::ZoneNotKnown { name } => {
                write!(f, "zone `{name}` is not among the zones compiled in")
            }
            TimeError::CalendarNotKnown { id } => {
                write!(f, "calendar `{id}` is not among the calendars compiled in")
            }
        }
    }
}

impl core::error::Error for TimeError {}
