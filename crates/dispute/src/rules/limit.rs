//! Time limits as the rule files state them.

use calendar::{Calendar, CivilTime, Date, Limit, Moment, Roll, Unit, Zone};

/// A limit: so many units from a start, in a zone where the source names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleLimit {
    pub value: u32,
    /// The low end, where the source gives a range (`7 to 21 days`); `value` is then the high end.
    pub shortest: Option<u32>,
    pub unit: Unit,
    /// The event whose day is day zero, in the rule files' words (`dispute_processing_date`).
    pub start: &'static str,
    /// The cut-off on the last day, in the source's words.
    pub cutoff: Option<&'static str>,
    /// Where the last day ends; `None` when no source names a zone, and it is then read as UTC.
    pub zone: Option<&'static str>,
    /// Whose business days count; see [`calendar::Unit`] for what `None` means.
    pub calendar: Option<Calendar>,
    /// Limits of single regions. Recorded, not applied: a case does not say its region.
    pub regional: &'static [Regional],
    /// What else the rule says about the limit.
    pub note: Option<&'static str>,
}

/// Another limit in one region, in the rule files' word for it (`poland_atm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regional {
    pub region: &'static str,
    pub value: u32,
    pub unit: Unit,
}

impl RuleLimit {
    /// The last day, in the limit's zone, of a limit that starts on this day. To the day and no closer: rule books count from
    /// days, and a cut-off in words (`opening of business`) is not an hour. Plan before it where there is one.
    pub fn due_on(&self, start: Date) -> Moment {
        Moment::On {
            date: self.limit().due_on(start),
            zone: self.zone(),
        }
    }

    /// The limit for `calendar`. It does not roll over weekends: card networks do not move their days (counting rule
    /// `weekend`, medium confidence), and business days never end on one.
    pub fn limit(&self) -> Limit {
        Limit {
            value: self.value,
            unit: self.unit,
            calendar: self.calendar,
            zone: self.zone(),
            cutoff: self.cutoff.and_then(|text| CivilTime::parse(text).ok()),
            roll: Roll::Stay,
        }
    }

    /// This limit at its shortest, for acts of ours: a day that nobody promised must not make us late.
    pub(super) fn at_shortest(self) -> RuleLimit {
        RuleLimit {
            value: self.shortest.unwrap_or(self.value),
            ..self
        }
    }

    /// About how many hours the limit lasts, to compare limits in different units: a business day is a day, a month 30 days.
    pub(super) fn hours(&self) -> u64 {
        let of_one = match self.unit {
            Unit::Hour => 1,
            Unit::CalendarDay
            | Unit::BusinessDay
            | Unit::BankingDay
            | Unit::TargetDay
            | Unit::BacsWorkingDay => 24,
            Unit::Week => 24 * 7,
            Unit::Month => 24 * 30,
            Unit::Year => 24 * 365,
        };
        u64::from(self.value) * of_one
    }

    fn zone(&self) -> Zone {
        self.zone.and_then(Zone::find).unwrap_or(Zone::Utc)
    }
}
