//! Feeds: what comes from each provider account, how much of it could be used, and whether it has gone quiet.

use crate::shape::At;
use crate::{Desk, Error, words};
use calendar::Instant;
use dispute::fact::Scope;
use std::collections::BTreeMap;
use std::time::{Duration, Instant as Stopwatch};
use store::{Fate, Intake, Registry};

/// The time over which a feed's usual rhythm is measured.
const RHYTHM_DAYS: i64 = 14;
/// Nothing for twice the usual gap, and six hours at least, is late; for four times, and a day at least, silent. A desk's
/// choice: a provider's own times of delivery are not known here.
const LATE_SECONDS: i64 = 6 * 3_600;
const SILENT_SECONDS: i64 = 24 * 3_600;
/// Below this many documents in those days a feed's rhythm is slower than the least that counts as late: 112 of them are
/// three hours apart, twice which is six. More need not be counted to tell whether a feed is late.
const RHYTHM_TOLD: u32 = 200;
/// How long counts of what is in trouble hold where nothing came and nothing was decided meanwhile: repeats of a document
/// leave no trace but a higher count.
const TROUBLED_HOLD: Duration = Duration::from_secs(5);
/// A document that waited this long is not on its way, it is stuck.
const STUCK: &str = "waiting to be read";

/// What was counted as in trouble, and what the desk had seen by then.
pub(crate) struct Troubled {
    counted: Stopwatch,
    last_document: u64,
    log_size: u64,
    rows: Vec<Intake>,
}

/// One provider account.
#[derive(Clone, Debug)]
pub struct Feed {
    pub scope: Scope,
    /// `whole`, `held`, `late` or `silent`.
    pub state: &'static str,
    /// Why it is in that state, in words.
    pub why: String,
    /// The last document that came from outside, when, and by which way.
    pub last: Option<Last>,
    /// Documents of the last fourteen days.
    pub fortnight: u64,
    /// The mean time between two of them; `None` below three.
    pub gap_seconds: Option<i64>,
    /// What arrived since the instant asked about.
    pub recent: Fates,
    /// Whatever waits, is held or could not be read, however old.
    pub troubled: Fates,
}

#[derive(Clone, Debug)]
pub struct Last {
    pub document: String,
    pub at: At,
    pub way: &'static str,
}

/// How many documents met which fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fates {
    /// Arrivals, repeats included.
    pub received: u64,
    pub applied: u64,
    pub repeats: u64,
    pub other_business: u64,
    pub superseded: u64,
    pub rejected: u64,
    pub quarantined: u64,
    pub pending: u64,
}

impl Fates {
    pub const NONE: Fates = Fates {
        received: 0,
        applied: 0,
        repeats: 0,
        other_business: 0,
        superseded: 0,
        rejected: 0,
        quarantined: 0,
        pending: 0,
    };

    fn add(&mut self, row: &Intake) {
        let repeats = row.arrivals.saturating_sub(row.documents);
        self.received = self.received.saturating_add(row.arrivals);
        self.repeats = self.repeats.saturating_add(repeats);
        let count = match row.fate {
            Fate::Pending => &mut self.pending,
            Fate::Applied => &mut self.applied,
            Fate::OtherBusiness => &mut self.other_business,
            Fate::Rejected => &mut self.rejected,
            Fate::Quarantined => &mut self.quarantined,
            Fate::Duplicate => &mut self.repeats,
            Fate::Superseded => &mut self.superseded,
        };
        *count = count.saturating_add(row.documents);
    }
}

impl Desk {
    /// Every provider account that the desk ever heard of, and every one configured, those in trouble first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn feeds(&mut self, since: Instant, now: Instant) -> Result<Vec<Feed>, Error> {
        let mut scopes = self
            .registry()
            .scopes()
            .map_err(Error::store("listing accounts"))?;
        let configured = self.settings.accounts.iter();
        scopes.extend(configured.map(|account| account.scope.clone()));
        scopes.sort();
        scopes.dedup();
        let store = self.registry();
        let from = numbered(store, since)?;
        let recent = store
            .arrivals_from(from)
            .map_err(Error::store("counting documents"))?;
        self.feeds_among(scopes, &recent, u32::MAX, now)
    }

    /// How these accounts are heard: as [`Desk::feeds`], without counts of what arrived.
    ///
    /// # Errors
    /// As for [`Desk::feeds`].
    pub fn feeds_of(&mut self, scopes: Vec<Scope>, now: Instant) -> Result<Vec<Feed>, Error> {
        self.feeds_among(scopes, &[], RHYTHM_TOLD, now)
    }

    fn feeds_among(
        &mut self,
        scopes: Vec<Scope>,
        recent: &[Intake],
        most: u32,
        now: Instant,
    ) -> Result<Vec<Feed>, Error> {
        let troubled = self.troubled()?;
        let store = self.registry();
        let rhythm_from = numbered(store, now.plus_days(-RHYTHM_DAYS))?;
        let heard = store
            .heard_from(&scopes, rhythm_from, most)
            .map_err(Error::store("counting documents"))?;
        let heard: BTreeMap<Scope, u64> = heard.into_iter().collect();
        let last = store
            .last_arrivals(&scopes)
            .map_err(Error::store("reading the last arrivals"))?;
        let last = last.into_iter().map(|row| {
            let last = Last {
                document: row.id.to_string(),
                at: row.received_at.into(),
                way: words::way(row.way),
            };
            (row.scope, last)
        });
        let mut last: BTreeMap<Scope, Last> = last.collect();
        let feed = |scope: Scope| {
            let fortnight = heard.get(&scope).copied().unwrap_or(0);
            let fates = (fates(recent, &scope), fates(&troubled, &scope));
            feed(last.remove(&scope), fortnight, fates, now, scope)
        };
        let mut feeds: Vec<Feed> = scopes.into_iter().map(feed).collect();
        feeds.sort_by_key(|feed| (rank(feed.state), feed.scope.clone()));
        Ok(feeds)
    }

    /// Whatever waits, is held or could not be read. Every document that is processed and everything that is decided about
    /// one has its leaf in the log: while neither grew, what was counted stands.
    fn troubled(&mut self) -> Result<Vec<Intake>, Error> {
        let counting = Error::store("counting documents");
        let store = self.registry();
        let seen = store
            .last_document()
            .and_then(|last| Ok((last, store.log_size()?)));
        let (last_document, log_size) = seen.map_err(counting)?;
        let stands = self.troubled.as_ref().filter(|held| {
            held.counted.elapsed() < TROUBLED_HOLD
                && (held.last_document, held.log_size) == (last_document, log_size)
        });
        if let Some(held) = stands {
            return Ok(held.rows.clone());
        }
        let counted = Stopwatch::now();
        let rows = self
            .registry()
            .troubled()
            .map_err(Error::store("counting documents"))?;
        self.troubled = Some(Troubled {
            counted,
            last_document,
            log_size,
            rows: rows.clone(),
        });
        Ok(rows)
    }
}

fn numbered(store: &mut dyn Registry, at: Instant) -> Result<u64, Error> {
    store
        .sequence_at(at)
        .map_err(Error::store("finding an arrival"))
}

fn rank(state: &str) -> u8 {
    match state {
        "silent" => 0,
        "late" => 1,
        "held" => 2,
        _ => 3,
    }
}

fn fates(rows: &[Intake], scope: &Scope) -> Fates {
    let mut sum = Fates::NONE;
    let theirs = rows
        .iter()
        .filter(|row| row.scope == *scope && !matches!(words::way(row.way), "command" | "desk"));
    for row in theirs {
        sum.add(row);
    }
    sum
}

fn feed(
    last: Option<Last>,
    fortnight: u64,
    (recent, troubled): (Fates, Fates),
    now: Instant,
    scope: Scope,
) -> Feed {
    let gap_seconds = i64::try_from(fortnight)
        .ok()
        .filter(|count| *count >= 3)
        .map(|count| RHYTHM_DAYS * 86_400 / count);
    let quiet = last.as_ref().map(|last| last.at.0.seconds_until(now));
    let (state, why) = state(quiet, gap_seconds, troubled);
    Feed {
        scope,
        state,
        why,
        last,
        fortnight,
        gap_seconds,
        recent,
        troubled,
    }
}

/// The state of a feed that has been quiet for so long.
fn state(quiet: Option<i64>, gap: Option<i64>, troubled: Fates) -> (&'static str, String) {
    let Some(quiet) = quiet else {
        return ("silent", String::from("nothing ever came"));
    };
    let usual = gap.unwrap_or(SILENT_SECONDS);
    let hours = quiet / 3_600;
    if quiet >= SILENT_SECONDS.max(usual.saturating_mul(4)) {
        return ("silent", format!("nothing for {hours} h"));
    }
    if quiet >= LATE_SECONDS.max(usual.saturating_mul(2)) {
        return ("late", format!("nothing for {hours} h"));
    }
    let held = [
        (troubled.quarantined, "in quarantine"),
        (troubled.pending, STUCK),
    ];
    let held: Vec<String> = held
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    match held.is_empty() {
        true => ("whole", String::from("everything that came was read")),
        false => ("held", held.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(quiet: Option<i64>, gap: Option<i64>, quarantined: u64, want: &str) {
        let troubled = Fates {
            quarantined,
            ..Fates::NONE
        };
        assert_eq!(state(quiet, gap, troubled).0, want);
    }

    #[test]
    fn a_feed_is_measured_by_its_own_rhythm() {
        check(None, None, 0, "silent");
        check(Some(60), Some(600), 0, "whole");
        check(Some(60), Some(600), 1, "held");
        // Twice the usual gap is not late before six hours have passed.
        check(Some(3_600), Some(600), 0, "whole");
        check(Some(LATE_SECONDS), Some(600), 0, "late");
        check(Some(LATE_SECONDS), Some(LATE_SECONDS), 0, "whole");
        check(Some(SILENT_SECONDS), Some(600), 3, "silent");
        // A weekly file is not late on the second day.
        check(
            Some(2 * SILENT_SECONDS),
            Some(7 * SILENT_SECONDS),
            0,
            "whole",
        );
    }
}
