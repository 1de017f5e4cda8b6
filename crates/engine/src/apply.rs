//! From documents to one commit: what each comes to (`batch.rs`), numbered, leafed and written in order of arrival.

use crate::batch::{Outcome, count, outcomes, places, ready};
use crate::{Engine, Error, Progress};
use calendar::Instant;
use dispute::effects::Posted;
use dispute::fact::Scope;
use dispute::id::{CaseId, EntryId, digest as hash};
use std::collections::{BTreeMap, BTreeSet};
use store::{Commit, EntryRow, FamilyChange, Fate, Leaf, Processed, Store, StoredDocument};

/// How many entries each posting key has, and which cases can have any from before this batch.
struct Ordinals {
    stored: BTreeSet<CaseId>,
    used: BTreeMap<(Scope, Option<CaseId>, String), u32>,
}

impl<S: Store> Engine<S> {
    /// Processes a batch in order of arrival, in one transaction.
    pub(crate) fn process(
        &mut self,
        batch: &[StoredDocument],
        now: Instant,
    ) -> Result<Progress, Error> {
        let ready = ready(self.adapters(), batch);
        let near = self.store.facts_near(&places(&ready));
        let near = near.map_err(Error::store("loading families"))?;
        let (outcomes, stored) = outcomes(ready, near);
        let mut ordinals = Ordinals {
            stored,
            used: BTreeMap::new(),
        };
        let mut commit = Commit {
            now,
            processed: Vec::new(),
            families: Vec::new(),
            leaves: Vec::new(),
        };
        let mut progress = Progress::default();
        for outcome in outcomes {
            let Outcome {
                stored,
                processed,
                mut families,
                posted,
            } = outcome;
            let entries = self.entry_rows(&mut ordinals, stored, &posted)?;
            progress.documents += 1;
            progress.facts += count(processed.facts.len());
            progress.entries += count(entries.len());
            progress.quarantined += u32::from(processed.fate == Fate::Quarantined);
            // Effects of a whole change ride on the first of its families.
            if let Some(first) = families.first_mut() {
                first.entries = entries;
            }
            commit.leaves.push(applied_leaf(&processed, &families, now));
            commit.processed.push(processed);
            commit.families.extend(families);
        }
        self.store
            .commit(&commit)
            .map_err(Error::store("committing a batch"))?;
        Ok(progress)
    }

    fn entry_rows(
        &mut self,
        ordinals: &mut Ordinals,
        stored: &StoredDocument,
        posted: &[Posted],
    ) -> Result<Vec<EntryRow>, Error> {
        let mut rows = Vec::with_capacity(posted.len());
        for posted in posted {
            let scope = entry_scope(posted, stored);
            let ordinal = self.next_ordinal(ordinals, &scope, posted)?;
            let case = posted.case.as_ref().map_or("suspense", CaseId::as_str);
            let number = ordinal.to_string();
            rows.push(EntryRow {
                id: EntryId::of(&[&scope.provider, &scope.account, case, &posted.key, &number]),
                scope,
                case: posted.case.clone(),
                key: posted.key.clone(),
                ordinal,
                effective_at: posted.at,
                known_at: stored.document.received_at,
                document: stored.id.clone(),
                fact: posted.fact.clone(),
                entry: posted.entry.clone(),
            });
        }
        Ok(rows)
    }

    fn next_ordinal(
        &mut self,
        ordinals: &mut Ordinals,
        scope: &Scope,
        posted: &Posted,
    ) -> Result<u32, Error> {
        let place = (scope.clone(), posted.case.clone(), posted.key.clone());
        // A case that no stored statement names has no entry, and the common case, a new dispute, needs no look-up.
        let fresh = posted
            .case
            .as_ref()
            .is_some_and(|case| !ordinals.stored.contains(case));
        let used = match ordinals.used.get(&place) {
            Some(used) => *used,
            None if fresh => 0,
            None => {
                let key = [(posted.case.clone(), posted.key.clone())];
                let counts = self.store.ordinals(scope, &key);
                let counts = counts.map_err(Error::store("numbering an entry"))?;
                assert_eq!(counts.len(), 1, "a store counts each key it is asked about");
                counts.first().copied().expect("asserted above")
            }
        };
        ordinals.used.insert(place, used + 1);
        Ok(used + 1)
    }
}

/// The books an entry belongs to: those of its account legs, which all lie in one scope.
fn entry_scope(posted: &Posted, stored: &StoredDocument) -> Scope {
    let leg = posted.entry.legs().first();
    leg.map_or_else(
        || stored.document.scope.clone(),
        |leg| Scope {
            provider: leg.account.provider.clone(),
            account: leg.account.account.clone(),
        },
    )
}

/// The audit leaf of one processed document: what it was, what became of it, and a hash over every row it caused.
pub fn applied_leaf(processed: &Processed, families: &[FamilyChange], now: Instant) -> Leaf {
    let mut parts: Vec<&[u8]> = Vec::new();
    parts.extend(
        processed
            .facts
            .iter()
            .map(|fact| fact.id.as_str().as_bytes()),
    );
    for family in families {
        parts.extend(family.digests.iter().map(|digest| digest.as_bytes()));
        parts.extend(
            family
                .entries
                .iter()
                .map(|entry| entry.id.as_str().as_bytes()),
        );
        parts.extend(
            family
                .outbox_added
                .iter()
                .map(|row| row.id.as_str().as_bytes()),
        );
    }
    let effect = hash("effect", &parts);
    let effect: String = effect
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let entries: usize = families.iter().map(|family| family.entries.len()).sum();
    Leaf(format!(
        "applied document={} fate={:?} facts={} rejects={} entries={entries} effect={effect} at={now}",
        processed.document,
        processed.fate,
        processed.facts.len(),
        processed.rejects.len()
    ))
}
