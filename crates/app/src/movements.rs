//! What moved for cases, as a list by time: movements of all cases together, the last first.

use crate::disputes::Dispute;
use crate::{Desk, Error, Sight};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::CaseId;
use money::Currency;
use std::collections::{BTreeMap, BTreeSet};
pub use store::{Beside, Moved, MovedAt};
use store::{MovedQuery, Store as _};

/// Which movements, and how many.
#[derive(Clone, Debug)]
pub struct MovementQuery {
    /// By when they happened, as it was known when they were posted: a movement whose time is corrected later keeps its
    /// place, so that whoever reads on from where they were misses none.
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    pub currency: Option<Currency>,
    pub beside: Option<Beside>,
    pub limit: u32,
}

impl Desk {
    /// A page of what moved, the last first; before a place, read away from it. One more than the page may be asked for to
    /// know that there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn movements(&mut self, query: &MovementQuery, sight: &Sight) -> Result<Vec<Moved>, Error> {
        // A merchant's accounts are each read in the order of an index of their own, however large the desk around them.
        let scopes: Vec<Option<Scope>> = match sight {
            Sight::Merchant { .. } => self.accounts_seen()?.into_iter().map(Some).collect(),
            Sight::All | Sight::Mode { .. } => vec![None],
        };
        let mut found: Vec<Moved> = Vec::new();
        for scope in scopes {
            let asked = MovedQuery {
                scope,
                from: query.from,
                before: query.before,
                currency: query.currency,
                beside: query.beside,
                limit: query.limit,
            };
            let moved = self.registry().list_moved(&asked);
            found.extend(moved.map_err(Error::store("listing movements"))?);
        }
        match query.beside {
            Some(Beside::Before(_)) => found.sort_by_key(|moved| moved.at),
            _ => found.sort_by_key(|moved| std::cmp::Reverse(moved.at)),
        }
        found.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Where a movement stands in the list; `None` when nothing was posted under this key.
    ///
    /// # Errors
    /// When the store fails.
    pub fn movement_place(&mut self, case: &CaseId, key: &str) -> Result<Option<MovedAt>, Error> {
        self.registry()
            .moved_at(case, key)
            .map_err(Error::store("finding a movement"))
    }

    /// The disputes that movements belong to, by case; those of a case that is no longer there are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn disputes_of(&mut self, movements: &[Moved]) -> Result<BTreeMap<CaseId, Dispute>, Error> {
        let cases = movements.iter().map(|movement| &movement.case);
        let cases: BTreeSet<&CaseId> = cases.collect();
        let mut rows = Vec::with_capacity(cases.len());
        for case in cases {
            let row = self.engine.store.case_row(case);
            rows.extend(row.map_err(Error::store("finding a case"))?);
        }
        let whole = self.whole(rows)?.into_iter();
        Ok(whole
            .map(|dispute| (dispute.case.id.clone(), dispute))
            .collect())
    }
}
