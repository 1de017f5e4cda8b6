//! Is the desk as it should be, and would it come out the same again?

use crate::shape::At;
use crate::{Desk, Error, Kept};
use calendar::Instant;
use engine::Engine;
use serde::Serialize;

/// What the doctor found.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    pub now: At,
    pub holds: bool,
    pub checks: Vec<CheckLine>,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct CheckLine {
    /// The number of the invariant in DESIGN section 3; 0 for the store's own.
    pub invariant: u8,
    pub name: &'static str,
    pub holds: bool,
    pub looked_at: u64,
    pub breaks_total: u64,
    /// At most the first twenty.
    pub breaks: Vec<String>,
}

/// What replaying every document into an empty store gave.
#[derive(Clone, Debug, Serialize)]
pub struct Replayed {
    pub same: bool,
    pub documents: u64,
    pub cases: u64,
    pub entries: u64,
    pub live_hash: String,
    pub replayed_hash: String,
    /// The first differences, in words.
    pub differences: Vec<String>,
}

/// What deriving every case again from the kept facts gave.
#[derive(Clone, Debug, Serialize)]
pub struct Again {
    pub same: bool,
    /// Whether what differed was repaired.
    pub applied: bool,
    pub cases: u64,
    /// Entries of the difference that were posted, or would be.
    pub corrections: u64,
    pub differences_total: u64,
    /// At most the first thousand.
    pub differences: Vec<AgainLine>,
    /// Cases that are kept and that no fact derives; never repaired.
    pub underived: Vec<String>,
}

/// One kept row that this program derives otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct AgainLine {
    pub provider: String,
    pub account: String,
    /// The case's id and the provider's reference; absent for money in suspense.
    pub case: Option<String>,
    pub dispute: Option<String>,
    pub what: String,
    pub kept: String,
    pub derived: String,
}

/// How many differences are listed; all are counted.
const DIFFERENCES_LISTED: usize = 1_000;

impl Desk {
    /// Runs every check; changes nothing.
    pub fn health(&mut self, now: Instant) -> Result<Health, Error> {
        let checks = self.engine.doctor(now)?;
        let lines: Vec<CheckLine> = checks
            .into_iter()
            .map(|check| CheckLine {
                invariant: check.invariant,
                name: check.name,
                holds: check.holds(),
                looked_at: check.looked_at,
                breaks_total: check.breaks_total,
                breaks: check.breaks,
            })
            .collect();
        Ok(Health {
            now: now.into(),
            holds: lines.iter().all(|line| line.holds),
            checks: lines,
        })
    }

    /// Processes every document again in an empty store that goes with the answer, and compares every derived row.
    pub fn replay(&mut self, now: Instant) -> Result<Replayed, Error> {
        let empty =
            store::sqlite::Store::disposable().map_err(Error::store("making an empty store"))?;
        let mut again = Engine::new(Kept::new(empty), self.engine.adapters());
        let documents = self.engine.replay_into(&mut again, now)?;
        let compared = self.engine.compare(&mut again, documents)?;
        Ok(Replayed {
            same: compared.live_hash == compared.replayed_hash && compared.differences.is_empty(),
            documents: compared.documents,
            cases: compared.cases,
            entries: compared.entries,
            live_hash: compared.live_hash,
            replayed_hash: compared.replayed_hash,
            differences: compared.differences,
        })
    }

    /// Derives every case again from the kept facts, and says where the kept rows differ; with `apply` repairs them.
    pub fn derive_again(&mut self, now: Instant, apply: bool) -> Result<Again, Error> {
        let found = self.engine.derive_again(now, apply)?;
        let total = u64::try_from(found.differences.len()).unwrap_or(u64::MAX);
        let listed = found.differences.into_iter().take(DIFFERENCES_LISTED);
        let line = |one: engine::rederive::Difference| AgainLine {
            provider: one.scope.provider,
            account: one.scope.account,
            dispute: one.case.is_some().then_some(one.dispute),
            case: one.case.map(|case| case.to_string()),
            what: one.what,
            kept: one.kept,
            derived: one.derived,
        };
        Ok(Again {
            same: total == 0 && found.underived.is_empty(),
            applied: found.applied,
            cases: found.cases,
            corrections: found.corrections,
            differences_total: total,
            differences: listed.map(line).collect(),
            underived: found.underived.iter().map(ToString::to_string).collect(),
        })
    }
}
