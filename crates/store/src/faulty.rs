//! A store that fails on purpose, for simulations: before its work, or after it, when nobody can tell any more.
//!
//! It wraps a real store and adds nothing but failures, so that what is tested under them is what runs.

use crate::contract::{
    Appended, CaseFilter, CaseRow, Commit, EntryRow, Fate, FindingRow, Intake, Leaf, NewDocument,
    ObligationRow, OutboxRow, RejectRow, Seen, Statement, StoredDocument, StoredFact, TimerRow,
};
use crate::{Driver, Error};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId, EntryId, FactId, FamilyId, SubmissionId};
use dispute::reference::Reference;
use ledger::Leg;

/// What happens to one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It fails and nothing was done.
    Before,
    /// It is done, and reported as failed: the answer was lost.
    After,
    /// The process dies before it: it and all that follow fail until [`Store::recover`].
    CrashBefore,
    /// The process dies after it.
    CrashAfter,
}

/// One operation about to run: its name in the contract and its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub name: &'static str,
    pub number: u64,
}

/// A store whose operations fail as a closure decides.
pub struct Store<S: ?Sized> {
    inner: Box<S>,
    decide: Box<dyn FnMut(Operation) -> Fault + Send>,
    number: u64,
    crashed: bool,
}

impl<S: crate::Store + ?Sized> Store<S> {
    pub fn new(inner: Box<S>, decide: impl FnMut(Operation) -> Fault + Send + 'static) -> Store<S> {
        Store {
            inner,
            decide: Box::new(decide),
            number: 0,
            crashed: false,
        }
    }

    /// How many operations were asked for so far.
    pub fn operations(&self) -> u64 {
        self.number
    }

    /// Whether a crash was injected and not recovered from.
    pub fn crashed(&self) -> bool {
        self.crashed
    }

    /// As a restart does: what the inner store kept is there, and operations run again.
    pub fn recover(&mut self) {
        self.crashed = false;
    }

    /// Gives the inner store back: what is durable, without faults.
    pub fn into_inner(self) -> Box<S> {
        self.inner
    }

    fn run<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut S) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.number = self.number.saturating_add(1);
        let number = self.number;
        let injected = Err(Error::Unavailable {
            doing: name,
            source: Driver::Injected {
                operation: name,
                number,
            },
        });
        if self.crashed {
            return injected;
        }
        let fault = (self.decide)(Operation { name, number });
        self.crashed = matches!(fault, Fault::CrashBefore | Fault::CrashAfter);
        match fault {
            Fault::None => work(&mut self.inner),
            Fault::Before | Fault::CrashBefore => injected,
            Fault::After | Fault::CrashAfter => work(&mut self.inner).and(injected),
        }
    }
}

impl<S: crate::Store + ?Sized> crate::Store for Store<S> {
    fn migrate(&mut self) -> Result<(), Error> {
        self.run("migrate", |store| store.migrate())
    }

    fn append(&mut self, documents: &[NewDocument]) -> Result<Vec<Appended>, Error> {
        self.run("append", |store| store.append(documents))
    }

    fn append_if(&mut self, document: &NewDocument, seen: &Seen) -> Result<Appended, Error> {
        self.run("append_if", |store| store.append_if(document, seen))
    }

    fn pending(&mut self, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        self.run("pending", |store| store.pending(limit))
    }

    fn documents_from(&mut self, sequence: u64, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        self.run("documents_from", |store| {
            store.documents_from(sequence, limit)
        })
    }

    fn document(&mut self, id: &DocumentId) -> Result<Option<StoredDocument>, Error> {
        self.run("document", |store| store.document(id))
    }

    fn documents_with(&mut self, fate: Fate, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        self.run("documents_with", |store| store.documents_with(fate, limit))
    }

    fn rejects(&mut self, document: &DocumentId) -> Result<Vec<RejectRow>, Error> {
        self.run("rejects", |store| store.rejects(document))
    }

    fn decide(
        &mut self,
        document: &DocumentId,
        fate: Fate,
        why: &str,
        leaf: &Leaf,
    ) -> Result<(), Error> {
        self.run("decide", |store| store.decide(document, fate, why, leaf))
    }

    fn facts_near(&mut self, references: &[(Scope, Reference)]) -> Result<Vec<StoredFact>, Error> {
        self.run("facts_near", |store| store.facts_near(references))
    }

    fn facts_of_family(&mut self, family: &FamilyId) -> Result<Vec<StoredFact>, Error> {
        self.run("facts_of_family", |store| store.facts_of_family(family))
    }

    fn facts_of_families(&mut self, families: &[FamilyId]) -> Result<Vec<StoredFact>, Error> {
        self.run("facts_of_families", |store| {
            store.facts_of_families(families)
        })
    }

    fn known(&mut self, facts: &[FactId]) -> Result<Vec<FactId>, Error> {
        self.run("known", |store| store.known(facts))
    }

    fn families_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<FamilyId>, Error> {
        self.run("families_after", |store| store.families_after(after, limit))
    }

    fn statements_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<Statement>, Error> {
        self.run("statements_after", |store| {
            store.statements_after(after, limit)
        })
    }

    /// None: what fails when is counted, and so everything has one order.
    fn another(&mut self) -> Result<Option<Box<dyn crate::Store>>, Error> {
        Ok(None)
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), Error> {
        self.run("commit", |store| store.commit(commit))
    }

    fn ordinals(
        &mut self,
        scope: &Scope,
        keys: &[(Option<CaseId>, String)],
    ) -> Result<Vec<u32>, Error> {
        self.run("ordinals", |store| store.ordinals(scope, keys))
    }

    fn case_row(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        self.run("case_row", |store| store.case_row(id))
    }

    fn find_cases(&mut self, text: &str, limit: u32) -> Result<Vec<CaseRow>, Error> {
        self.run("find_cases", |store| store.find_cases(text, limit))
    }

    fn cases(&mut self, filter: &CaseFilter) -> Result<Vec<CaseRow>, Error> {
        self.run("cases", |store| store.cases(filter))
    }

    fn digests_after(
        &mut self,
        after: Option<&CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, Error> {
        self.run("digests_after", |store| store.digests_after(after, limit))
    }

    fn obligations(
        &mut self,
        standing: Option<&str>,
        debtor: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObligationRow>, Error> {
        self.run("obligations", |store| {
            store.obligations(standing, debtor, limit)
        })
    }

    fn obligations_standing(&mut self, standing: &str) -> Result<u64, Error> {
        self.run("obligations_standing", |store| {
            store.obligations_standing(standing)
        })
    }

    fn obligations_of(&mut self, case: &CaseId) -> Result<Vec<ObligationRow>, Error> {
        self.run("obligations_of", |store| store.obligations_of(case))
    }

    fn findings(&mut self, open_only: bool, limit: u32) -> Result<Vec<FindingRow>, Error> {
        self.run("findings", |store| store.findings(open_only, limit))
    }

    fn findings_of(&mut self, case: &CaseId) -> Result<Vec<FindingRow>, Error> {
        self.run("findings_of", |store| store.findings_of(case))
    }

    fn entries_of(&mut self, case: &CaseId) -> Result<Vec<EntryRow>, Error> {
        self.run("entries_of", |store| store.entries_of(case))
    }

    fn entries_after(
        &mut self,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryRow>, Error> {
        self.run("entries_after", |store| store.entries_after(after, limit))
    }

    fn balances(&mut self) -> Result<Vec<Leg>, Error> {
        self.run("balances", |store| store.balances())
    }

    fn balances_after(&mut self, after: Option<&Leg>, limit: u32) -> Result<Vec<Leg>, Error> {
        self.run("balances_after", |store| store.balances_after(after, limit))
    }

    fn timers_due(&mut self, now: Instant, limit: u32) -> Result<Vec<TimerRow>, Error> {
        self.run("timers_due", |store| store.timers_due(now, limit))
    }

    fn next_timer(&mut self) -> Result<Option<Instant>, Error> {
        self.run("next_timer", |store| store.next_timer())
    }

    fn outbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        self.run("outbox_due", |store| store.outbox_due(now, limit))
    }

    fn outbox_all(&mut self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        self.run("outbox_all", |store| store.outbox_all(limit))
    }

    fn outbox_retry(
        &mut self,
        id: &SubmissionId,
        not_before: Instant,
        trouble: &str,
    ) -> Result<(), Error> {
        self.run("outbox_retry", |store| {
            store.outbox_retry(id, not_before, trouble)
        })
    }

    fn intake(&mut self) -> Result<Vec<Intake>, Error> {
        self.run("intake", |store| store.intake())
    }

    fn put_blob(&mut self, scope: &Scope, digest: &str, content: &[u8]) -> Result<(), Error> {
        self.run("put_blob", |store| store.put_blob(scope, digest, content))
    }

    fn blob(&mut self, scope: &Scope, digest: &str) -> Result<Option<Vec<u8>>, Error> {
        self.run("blob", |store| store.blob(scope, digest))
    }

    fn sweep_due(
        &mut self,
        provider: &str,
        read_before: Instant,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error> {
        self.run("sweep_due", |store| {
            store.sweep_due(provider, read_before, limit)
        })
    }

    fn swept(&mut self, case: &CaseId, at: Instant) -> Result<(), Error> {
        self.run("swept", |store| store.swept(case, at))
    }

    fn leaves(&mut self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
        self.run("leaves", |store| store.leaves(from, limit))
    }

    fn checkpoint(&mut self, now: Instant) -> Result<Option<String>, Error> {
        self.run("checkpoint", |store| store.checkpoint(now))
    }

    fn checkpoints(&mut self) -> Result<Vec<String>, Error> {
        self.run("checkpoints", |store| store.checkpoints())
    }

    fn verifier_key(&mut self) -> Result<String, Error> {
        self.run("verifier_key", |store| store.verifier_key())
    }

    fn rotate_key(&mut self, scope: &Scope, rows: u32) -> Result<u64, Error> {
        self.run("rotate_key", |store| store.rotate_key(scope, rows))
    }

    fn check(&mut self) -> Result<Vec<String>, Error> {
        self.run("check", |store| store.check())
    }
}

macro_rules! registry_under_faults {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $found:ty;)*) => {
        impl<S: crate::Store + crate::Registry + ?Sized> crate::Registry for Store<S> {
            $(fn $name(&mut self, $($argument: $kind),*) -> Result<$found, Error> {
                self.run(stringify!($name), |store| store.$name($($argument),*))
            })*
        }
    };
}

crate::registry_methods!(registry_under_faults);
