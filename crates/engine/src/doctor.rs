//! Is everything as it should be? The invariants of DESIGN section 3 that a live desk can check, each with its figures.

use crate::{Engine, Error};
use calendar::Instant;
use dispute::obligation::Standing;
use std::thread;
use store::{ObligationRow, Store};

mod derived;

const PAGE: u32 = 1_000;

/// How long a due time may have passed before nobody noticing it is a fault: a worker looks every few seconds, and one that
/// is restarted or waits for its database is back within minutes.
const NOTICED_SECONDS: i64 = 15 * 60;

/// The rest is counted.
const BREAKS_LISTED: usize = 20;

/// One check and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The invariant's number in DESIGN, or 0 for the store's own.
    pub invariant: u8,
    pub name: &'static str,
    /// How much was looked at.
    pub looked_at: u64,
    /// The breaks, in words; at most the first twenty are listed and `breaks_total` counts all.
    pub breaks: Vec<String>,
    pub breaks_total: u64,
}

impl Check {
    fn new(invariant: u8, name: &'static str) -> Check {
        Check {
            invariant,
            name,
            looked_at: 0,
            breaks: Vec::new(),
            breaks_total: 0,
        }
    }

    fn fault(&mut self, words: String) {
        self.breaks_total += 1;
        if self.breaks.len() < BREAKS_LISTED {
            self.breaks.push(words);
        }
    }

    /// Adds what another part of the desk came to.
    fn take(&mut self, other: Check) {
        self.looked_at += other.looked_at;
        self.breaks_total += other.breaks_total;
        let room = BREAKS_LISTED - self.breaks.len();
        self.breaks.extend(other.breaks.into_iter().take(room));
    }

    /// Whether the invariant holds.
    pub fn holds(&self) -> bool {
        self.breaks_total == 0
    }
}

impl<S: Store> Engine<S> {
    /// Runs every check. Reads only.
    ///
    /// What rests on nothing that is derived is looked at meanwhile over a connection of its own, where there can be one.
    pub fn doctor(&mut self, now: Instant) -> Result<Vec<Check>, Error> {
        let other = self.store.another();
        let other = other.map_err(Error::store("connecting once more"))?;
        let (kept, derived) = match other {
            None => (kept(&mut self.store), self.derived()),
            Some(mut other) => thread::scope(|scope| {
                let kept = scope.spawn(move || kept(&mut *other));
                let derived = self.derived();
                let kept = kept.join();
                let kept = kept.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                (kept, derived)
            }),
        };
        let [conserved, consistent] = kept?;
        let mut checks = vec![conserved];
        checks.extend(derived?);
        checks.push(self.on_time(now)?);
        checks.push(consistent);
        Ok(checks)
    }

    /// Invariant 8: no open obligation of ours is past its due time without a recorded decision, once a desk that works has
    /// had the time to record one.
    fn on_time(&mut self, now: Instant) -> Result<Check, Error> {
        let mut check = Check::new(8, "no due time passed unnoticed");
        let open = self.store.obligations_standing(Standing::Open.name());
        check.looked_at = open.map_err(Error::store("counting obligations"))?;
        for row in self.late(now)? {
            check.fault(format!(
                "{} of case {} was due by {} and is still open",
                row.duty, row.case, row.due_by
            ));
        }
        Ok(check)
    }

    /// Open obligations whose due time is past. The nearest due come first, so that the desk's other ones stay unread.
    fn late(&mut self, now: Instant) -> Result<Vec<ObligationRow>, Error> {
        let mut limit = PAGE;
        loop {
            let open = Some(Standing::Open.name());
            let rows = self.store.obligations(open, None, limit);
            let mut rows = rows.map_err(Error::store("listing obligations"))?;
            let read = check_len(rows.len());
            rows.retain(|row| row.due_by.latest_instant() < now.plus_seconds(-NOTICED_SECONDS));
            if read < u64::from(limit) || check_len(rows.len()) < read {
                return Ok(rows);
            }
            limit = limit.saturating_mul(8);
        }
    }
}

/// What is checked without deriving anything.
fn kept(store: &mut dyn Store) -> Result<[Check; 2], Error> {
    Ok([conserved(store)?, consistent(store)?])
}

/// Invariant 2: every document is in exactly one fate, and none waits.
fn conserved(store: &mut dyn Store) -> Result<Check, Error> {
    let mut check = Check::new(2, "every document is accounted for");
    let mut counted = 0;
    for row in store.intake().map_err(Error::store("counting documents"))? {
        counted += row.documents;
    }
    let mut from = 1;
    loop {
        let page = store
            .documents_from(from, PAGE)
            .map_err(Error::store("reading documents"))?;
        let Some(last) = page.last() else { break };
        let expected = from + check_len(page.len()) - 1;
        if last.sequence != expected {
            check.fault(format!(
                "documents {from} to {}: expected them without gaps",
                last.sequence
            ));
        }
        from = last.sequence + 1;
        check.looked_at += check_len(page.len());
    }
    if counted != check.looked_at {
        check.fault(format!(
            "{} documents are kept, {counted} are accounted for",
            check.looked_at
        ));
    }
    Ok(check)
}

/// The store's own invariants.
fn consistent(store: &mut dyn Store) -> Result<Check, Error> {
    let mut check = Check::new(0, "the store agrees with itself");
    let breaks = store.check().map_err(Error::store("checking the store"))?;
    for words in breaks {
        check.fault(words);
    }
    check.looked_at = 1;
    Ok(check)
}

fn check_len(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
