//! Time zones as POSIX rules compiled in: the same answer on every machine, and no tz files.

use alloc::string::{String, ToString};
use core::fmt;

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::date::Date;
use crate::error::{TimeError, shown};
use crate::instant::Instant;
use crate::scan::Scan;

const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// A time of day on the wall, 00:00:00 to 23:59:59. 24:00:00 is not one: a cut-off at the end of
/// the day is `LAST_SECOND`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilTime {
    hour: u8,
    minute: u8,
    second: u8,
}

impl CivilTime {
    pub const MIDNIGHT: CivilTime = CivilTime {
        hour: 0,
        minute: 0,
        second: 0,
    };
    /// 23:59:59, where a day ends for a deadline.
    pub const LAST_SECOND: CivilTime = CivilTime {
        hour: 23,
        minute: 59,
        second: 59,
    };

    pub fn new(hour: u8, minute: u8, second: u8) -> Result<CivilTime, TimeError> {
        if hour > 23 || minute > 59 || second > 59 {
            let (hour, minute, second) = (i64::from(hour), i64::from(minute), i64::from(second));
            return Err(TimeError::NoSuchTime {
                hour,
                minute,
                second,
            });
        }
        Ok(CivilTime {
            hour,
            minute,
            second,
        })
    }

    /// For tables in code: a time that does not exist stops the build when used in a `const`.
    pub const fn hms(hour: u8, minute: u8, second: u8) -> CivilTime {
        assert!(
            hour <= 23 && minute <= 59 && second <= 59,
            "a time of day is 00:00:00 to 23:59:59"
        );
        CivilTime {
            hour,
            minute,
            second,
        }
    }

    /// Reads `HH:MM` or `HH:MM:SS`.
    pub fn parse(text: &str) -> Result<CivilTime, TimeError> {
        let mut scan = Scan::new(text);
        let mut read = || {
            let hour = scan.digits(2)?;
            scan.one_of(b":")?;
            let minute = scan.digits(2)?;
            let second = match scan.one_of(b":") {
                Some(_) => scan.digits(2)?,
                None => 0,
            };
            scan.is_empty().then_some((hour, minute, second))
        };
        let form = || TimeError::Form {
            expected: "a time of day HH:MM or HH:MM:SS",
            text: shown(text),
        };
        let (hour, minute, second) = read().ok_or_else(form)?;
        let two_digits = |value: i64| u8::try_from(value).expect("two digits are at most 99");
        CivilTime::new(two_digits(hour), two_digits(minute), two_digits(second))
    }

    pub fn hour(self) -> u8 {
        self.hour
    }

    pub fn minute(self) -> u8 {
        self.minute
    }

    pub fn second(self) -> u8 {
        self.second
    }

    fn second_of_day(self) -> i64 {
        i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }
}

impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

impl fmt::Debug for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The zones in which a network, a scheme or a provider states its days.
///
/// Each zone is one POSIX rule, which has no history. `is_verified_on` says for which days the
/// rule is known to be the law; for days outside, the answers are the rule's and may be an hour
/// off (New York before 2007, São Paulo summers before 2019-02-17, and every zone after 2037,
/// where laws may still change).
///
/// ```
/// use calendar::{CivilTime, Date, Zone};
/// let settled_on = Date::parse("2026-07-01")?;
/// let at = Zone::NewYork.to_instant(settled_on, CivilTime::parse("08:30")?);
/// assert_eq!(at.to_string(), "2026-07-01T12:30:00Z");
/// assert_eq!(Zone::NewYork.end_of_day(settled_on).to_string(), "2026-07-02T03:59:59Z");
/// # Ok::<(), calendar::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    Amsterdam,
    Berlin,
    Chicago,
    Denver,
    Kolkata,
    London,
    LosAngeles,
    NewYork,
    Paris,
    SaoPaulo,
    Singapore,
    Sydney,
    Tokyo,
    Toronto,
    Utc,
}

/// Other names of a zone that our sources use. `Europe/Frankfurt` is the TARGET calendar's; IANA
/// knows only Berlin.
const ALIASES: [(&str, Zone); 5] = [
    ("Asia/Calcutta", Zone::Kolkata),
    ("Etc/UTC", Zone::Utc),
    ("Europe/Frankfurt", Zone::Berlin),
    ("US/Central", Zone::Chicago),
    ("US/Eastern", Zone::NewYork),
];

impl Zone {
    pub const ALL: [Zone; 15] = [
        Zone::Amsterdam,
        Zone::Berlin,
        Zone::Chicago,
        Zone::Denver,
        Zone::Kolkata,
        Zone::London,
        Zone::LosAngeles,
        Zone::NewYork,
        Zone::Paris,
        Zone::SaoPaulo,
        Zone::Singapore,
        Zone::Sydney,
        Zone::Tokyo,
        Zone::Toronto,
        Zone::Utc,
    ];

    /// By IANA name, letter case counting, or by one of the few aliases (`Europe/Frankfurt`,
    /// `Etc/UTC`).
    pub fn find(name: &str) -> Option<Zone> {
        let alias = || {
            ALIASES
                .iter()
                .find(|(alias, _)| *alias == name)
                .map(|(_, zone)| *zone)
        };
        Zone::ALL
            .into_iter()
            .find(|zone| zone.name() == name)
            .or_else(alias)
    }

    /// Like `find`, with a reject that names the zone.
    pub fn parse(name: &str) -> Result<Zone, TimeError> {
        Zone::find(name).ok_or_else(|| TimeError::ZoneNotKnown { name: shown(name) })
    }

    /// The IANA name, the only form ever written out.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// IANA name, POSIX rule, first year in which the rule was the law all year (or from which it
    /// was compared).
    ///
    /// Rules and years are those of the IANA tz database: the United States and Canada begin in
    /// 2007 (Energy Policy Act of 2005), the EU rule in 1996, New South Wales in 2008, and
    /// Brazil's last summer time ended on 2019-02-17.
    fn facts(self) -> (&'static str, &'static str, i32) {
        match self {
            Zone::Amsterdam => ("Europe/Amsterdam", "CET-1CEST,M3.5.0,M10.5.0/3", 1996),
            Zone::Berlin => ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", 1996),
            Zone::Chicago => ("America/Chicago", "CST6CDT,M3.2.0,M11.1.0", 2007),
            Zone::Denver => ("America/Denver", "MST7MDT,M3.2.0,M11.1.0", 2007),
            Zone::Kolkata => ("Asia/Kolkata", "IST-5:30", 1996),
            Zone::London => ("Europe/London", "GMT0BST,M3.5.0/1,M10.5.0", 1996),
            Zone::LosAngeles => ("America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0", 2007),
            Zone::NewYork => ("America/New_York", "EST5EDT,M3.2.0,M11.1.0", 2007),
            Zone::Paris => ("Europe/Paris", "CET-1CEST,M3.5.0,M10.5.0/3", 1996),
            Zone::SaoPaulo => ("America/Sao_Paulo", "<-03>3", 2020),
            Zone::Singapore => ("Asia/Singapore", "<+08>-8", 1996),
            Zone::Sydney => ("Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3", 2008),
            Zone::Tokyo => ("Asia/Tokyo", "JST-9", 1996),
            Zone::Toronto => ("America/Toronto", "EST5EDT,M3.2.0,M11.1.0", 2007),
            Zone::Utc => ("UTC", "UTC0", 1),
        }
    }

    /// True for days on which the compiled rule was compared with the IANA tz database: from the
    /// zone's first year to 2037. UTC holds always. Callers that read old data should say so when
    /// this is false.
    pub fn is_verified_on(self, date: Date) -> bool {
        /// Where the IANA compiled files of this zone stop listing changes one by one.
        const LAST_YEAR: i32 = 2037;
        self == Zone::Utc || (self.facts().2..=LAST_YEAR).contains(&date.year())
    }

    /// The instant at which the zone's wall shows `date` and `time`.
    ///
    /// A time the wall skips (clocks go forward) gives the first instant after the gap. A time
    /// the wall shows twice (clocks go back) gives the earlier instant: whoever works to it is in
    /// time under either reading.
    pub fn to_instant(self, date: Date, time: CivilTime) -> Instant {
        let small =
            |value: u8| i8::try_from(value).expect("hours, minutes and seconds are at most 59");
        let wall = date
            .civil()
            .at(small(time.hour), small(time.minute), small(time.second), 0);
        let wall_seconds = date.epoch_days() * SECONDS_PER_DAY + time.second_of_day();
        let rule = self.rule();
        let seconds = match rule.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => wall_seconds - i64::from(offset.seconds()),
            // The offset before a fold is the larger one, so it gives the earlier instant.
            AmbiguousOffset::Fold { before, .. } => wall_seconds - i64::from(before.seconds()),
            AmbiguousOffset::Gap { after, .. } => {
                let before_gap = wall_seconds - i64::from(after.seconds());
                let change = rule.following(clamped_timestamp(before_gap)).next();
                change.map_or(before_gap, |change| change.timestamp().as_second())
            }
        };
        Instant::saturating_from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// The first instant of the day on this zone's wall.
    pub fn start_of_day(self, date: Date) -> Instant {
        self.to_instant(date, CivilTime::MIDNIGHT)
    }

    /// 23:59:59 of the day, the last whole second: what is late by a fraction of a second is
    /// late.
    pub fn end_of_day(self, date: Date) -> Instant {
        self.to_instant(date, CivilTime::LAST_SECOND)
    }

    /// Seconds east of UTC.
    pub(crate) fn offset_seconds_at(self, at: Instant) -> i64 {
        i64::from(
            self.rule()
                .to_offset(clamped_timestamp(at.unix_seconds()))
                .seconds(),
        )
    }

    /// `CET`, or `UTC-03` where the zone has no letters of its own.
    pub(crate) fn abbreviation_at(self, at: Instant) -> String {
        let rule = self.rule();
        let found = rule
            .to_offset_info(clamped_timestamp(at.unix_seconds()))
            .abbreviation()
            .to_string();
        if found.starts_with(['+', '-']) {
            String::from("UTC") + &found
        } else {
            found
        }
    }

    fn rule(self) -> TimeZone {
        TimeZone::posix(self.facts().1)
            .expect("the rules are constants of this file, and a test reads each of them")
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// jiff's timestamps end 26 hours before the year 9999 does; no zone changes its offset there.
fn clamped_timestamp(seconds: i64) -> Timestamp {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds)
        .expect("clamped to jiff's own range, whose ends are whole seconds downwards")
}
