//! Which day is due, in whose calendar?
//!
//! Instants, civil dates, time zones, business calendars, limits and deadlines. Built on jiff's
//! civil types, with zone rules and holiday rules compiled in, so that every machine computes the
//! same due day.
//!
//! Not here: the current time (callers pass it), time-zone files, floats, and what a network's
//! limit is (that is `dispute`'s).
//!
//! Invariant: every date and instant lies in the years 0001 to 9999, so arithmetic saturates at
//! the ends instead of failing, and a text without a zone never becomes an instant. Nothing has a
//! `Default`: a deadline of zero is not a deadline.
//!
//! ```
//! use calendar::{Calendar, Date, Instant, Limit, Roll, Unit, Zone};
//!
//! let settled_on = Date::parse("2026-11-10")?;
//! let two_banking_days = Limit {
//!     value: 2,
//!     unit: Unit::BankingDay,
//!     calendar: Some(Calendar::UsFed),
//!     zone: Zone::NewYork,
//!     cutoff: None,
//!     roll: Roll::Stay,
//! };
//! // 2026-11-11 is Veterans Day, so the second banking day is Friday.
//! assert_eq!(two_banking_days.due_on(settled_on).to_string(), "2026-11-13");
//! assert_eq!(Instant::parse("2026-11-01T11:00:00+01:00")?.to_string(), "2026-11-01T10:00:00Z");
//! # Ok::<(), calendar::TimeError>(())
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod business;
mod date;
mod error;
mod instant;
pub mod limit;
mod moment;
mod rule;
mod scan;
mod table;
mod zone;

pub use business::{Calendar, Confidence};
pub use date::{Date, Weekday};
pub use error::TimeError;
pub use instant::Instant;
pub use limit::{Limit, Roll, Unit};
pub use moment::Moment;
pub use zone::{CivilTime, Zone};
