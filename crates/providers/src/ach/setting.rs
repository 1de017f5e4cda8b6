//! What a batch and its file say about all their entries: whose they are, and when they settled.

use adapter::Inbound;
use calendar::{CivilTime, Date, Instant, Zone};
use dispute::fact::Scope;

/// ACH files name no zone. `Unverified:` the operators' day is taken, which is that of the eastern United States.
const ZONE: Zone = Zone::NewYork;

/// What the statements of one batch have in common.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub scope: Scope,
    /// When it settled; where nobody says so, when the file was made; without a file header, when it arrived.
    pub true_at: Instant,
    /// `None` until the operator puts the settlement day in.
    pub settled_on: Option<Date>,
}

/// When a file was made, as its header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub on: Date,
    pub at: Instant,
}

impl Made {
    /// `date` as year, month and day; a header may leave the time out.
    pub(super) fn of(date: Option<(u16, u8, u8)>, time: Option<(u8, u8)>) -> Option<Made> {
        let (year, month, day) = date?;
        let on = Date::new(i32::from(year), month, day).ok()?;
        let time = time.and_then(|(hour, minute)| CivilTime::new(hour, minute, 0).ok());
        let at = ZONE.to_instant(on, time.unwrap_or(CivilTime::MIDNIGHT));
        Some(Made { on, at })
    }
}

impl Setting {
    /// `company` is the batch's company identification; where it is blank the account of the way in stands for it. The settlement
    /// day of the year is that nearest to the file's own date, so a file of early January can settle in December.
    pub(super) fn of(
        inbound: &Inbound<'_>,
        company: &str,
        made: Option<Made>,
        settled: Option<u16>,
    ) -> Setting {
        let company = company.trim();
        let account = if company.is_empty() {
            inbound.account
        } else {
            company
        };
        let near = made.map_or_else(|| inbound.received_at.date_in(ZONE), |made| made.on);
        let settled_on = settled.and_then(|day| Date::from_julian(day, near).ok());
        let made_at = made.map_or(inbound.received_at, |made| made.at);
        Setting {
            scope: Scope {
                provider: super::NAME.to_owned(),
                account: account.to_owned(),
            },
            true_at: settled_on.map_or(made_at, |date| ZONE.start_of_day(date)),
            settled_on,
        }
    }
}
