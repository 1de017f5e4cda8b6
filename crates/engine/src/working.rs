//! The families that one batch touches, in memory: loaded once, changed document by document.

use dispute::derive::{Derived, derive};
use dispute::effects::{Effects, effects};
use dispute::fact::Scope;
use dispute::family::{Family, Known, families};
use dispute::id::{CaseId, FactId, FamilyId};
use dispute::reference::Reference;
use ledger::EntryError;
use std::collections::{BTreeMap, BTreeSet};
use store::StoredFact;

/// One family and what it comes to.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub family: Family,
    pub derived: Derived,
}

/// The families at hand.
#[derive(Debug)]
pub(crate) struct Working {
    held: BTreeMap<FamilyId, Held>,
    /// Every family in which a statement carries this reference. Usually one; a link that people cut leaves two.
    places: BTreeMap<(Scope, Reference), BTreeSet<FamilyId>>,
    facts: BTreeSet<FactId>,
    /// Cases that the store had something of before this batch: only they can have entries already.
    stored: BTreeSet<CaseId>,
}

/// What adding a document's facts changes.
pub(crate) struct Change {
    /// Families that are no more, or changed.
    pub gone: Vec<FamilyId>,
    pub now: Vec<Held>,
    pub effects: Effects,
    /// Facts that were in another family before.
    pub moved: BTreeMap<FamilyId, Vec<FactId>>,
    /// The cases before and the family of each, to see which rows changed.
    pub before: BTreeMap<CaseId, (FamilyId, dispute::case::Case)>,
}

impl Working {
    /// Starts from what the store knows near the batch's references.
    pub fn of(stored: Vec<StoredFact>) -> Working {
        let mut working = Working {
            held: BTreeMap::new(),
            places: BTreeMap::new(),
            facts: BTreeSet::new(),
            stored: BTreeSet::new(),
        };
        let known = stored.into_iter().map(|row| Known {
            fact: row.fact,
            id: row.id,
        });
        for family in families(known) {
            let derived = derive(&family);
            for case in &derived.cases {
                working.stored.insert(case.id.clone());
            }
            working.hold(Held { family, derived });
        }
        working
    }

    /// Cases that the store had something of before this batch.
    pub fn stored_cases(&self) -> BTreeSet<CaseId> {
        self.stored.clone()
    }

    /// Whether this statement is known already.
    pub fn knows(&self, fact: &FactId) -> bool {
        self.facts.contains(fact)
    }

    /// What these new statements would change. Nothing is changed yet: a panic or a refusal on the way leaves this as it
    /// was.
    pub fn consider(&self, new: &[Known]) -> Result<Change, EntryError> {
        let mut touched: BTreeSet<FamilyId> = BTreeSet::new();
        for known in new {
            for reference in known.fact.refs.joining() {
                let place = (known.fact.scope.clone(), reference.clone());
                touched.extend(self.places.get(&place).into_iter().flatten().cloned());
            }
        }
        let before: Vec<&Held> = touched.iter().filter_map(|id| self.held.get(id)).collect();
        let old = before
            .iter()
            .flat_map(|held| held.family.facts.iter().cloned());
        let now: Vec<Held> = families(old.chain(new.iter().cloned()))
            .into_iter()
            .map(|family| Held {
                derived: derive(&family),
                family,
            })
            .collect();
        let mut home: BTreeMap<&FactId, &FamilyId> = BTreeMap::new();
        for held in &before {
            home.extend(
                held.family
                    .facts
                    .iter()
                    .map(|known| (&known.id, &held.family.id)),
            );
        }
        let mut moved: BTreeMap<FamilyId, Vec<FactId>> = BTreeMap::new();
        for held in &now {
            let strangers = held.family.facts.iter().filter(|known| {
                home.get(&known.id)
                    .is_some_and(|family| **family != held.family.id)
            });
            let ids: Vec<FactId> = strangers.map(|known| known.id.clone()).collect();
            if !ids.is_empty() {
                moved.insert(held.family.id.clone(), ids);
            }
        }
        let derived_before: Vec<Derived> = before.iter().map(|held| held.derived.clone()).collect();
        let derived_now: Vec<Derived> = now.iter().map(|held| held.derived.clone()).collect();
        let effects = effects(&derived_before, &derived_now)?;
        let mut before = BTreeMap::new();
        for derived in derived_before {
            let family = &derived.family;
            let cases = derived.cases.into_iter();
            before.extend(cases.map(|case| (case.id.clone(), (family.clone(), case))));
        }
        Ok(Change {
            gone: touched.into_iter().collect(),
            now,
            effects,
            moved,
            before,
        })
    }

    /// Takes a considered change over.
    pub fn accept(&mut self, change: Change) {
        for id in &change.gone {
            self.held.remove(id);
        }
        // Names of families that are no more stay in `places`; looking them up finds nothing, which is right.
        for held in change.now {
            self.hold(held);
        }
    }

    fn hold(&mut self, held: Held) {
        for known in &held.family.facts {
            self.facts.insert(known.id.clone());
            for reference in known.fact.refs.joining() {
                let place = (known.fact.scope.clone(), reference.clone());
                let families = self.places.entry(place).or_default();
                families.insert(held.family.id.clone());
            }
        }
        self.held.insert(held.family.id.clone(), held);
    }
}
