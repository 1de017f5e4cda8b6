//! A store of either kind behind one type, so that a desk is one type whatever it is kept in.

use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId, EntryId, FactId, FamilyId, SubmissionId};
use dispute::reference::Reference;
use ledger::Leg;
use store::{
    Appended, CaseFilter, CaseRow, Commit, EntryRow, Error, Fate, FindingRow, Intake, Leaf,
    NewDocument, ObligationRow, OutboxRow, RejectRow, Seen, Statement, Store, StoredDocument,
    StoredFact, TimerRow, Whole,
};

/// The store of a desk.
pub struct Kept(Box<dyn Whole>);

impl Kept {
    pub fn new(store: impl Whole + 'static) -> Kept {
        Kept(Box::new(store))
    }
}

/// A span around the rest of a method: what a trace shows of the store is how long each question took.
macro_rules! during {
    ($op:ident) => {
        let _during =
            tracing::info_span!(target: crate::SPAN, "store", op = stringify!($op)).entered();
    };
}

impl Store for Kept {
    fn migrate(&mut self) -> Result<(), Error> {
        during!(migrate);
        self.0.migrate()
    }

    fn append(&mut self, documents: &[NewDocument]) -> Result<Vec<Appended>, Error> {
        during!(append);
        self.0.append(documents)
    }

    fn append_if(&mut self, document: &NewDocument, seen: &Seen) -> Result<Appended, Error> {
        during!(append_if);
        self.0.append_if(document, seen)
    }

    fn pending(&mut self, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        during!(pending);
        self.0.pending(limit)
    }

    fn documents_from(&mut self, sequence: u64, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        during!(documents_from);
        self.0.documents_from(sequence, limit)
    }

    fn document(&mut self, id: &DocumentId) -> Result<Option<StoredDocument>, Error> {
        during!(document);
        self.0.document(id)
    }

    fn documents_with(&mut self, fate: Fate, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        during!(documents_with);
        self.0.documents_with(fate, limit)
    }

    fn rejects(&mut self, document: &DocumentId) -> Result<Vec<RejectRow>, Error> {
        during!(rejects);
        self.0.rejects(document)
    }

    fn decide(
        &mut self,
        document: &DocumentId,
        fate: Fate,
        why: &str,
        leaf: &Leaf,
    ) -> Result<(), Error> {
        during!(decide);
        self.0.decide(document, fate, why, leaf)
    }

    fn facts_near(&mut self, references: &[(Scope, Reference)]) -> Result<Vec<StoredFact>, Error> {
        during!(facts_near);
        self.0.facts_near(references)
    }

    fn facts_of_family(&mut self, family: &FamilyId) -> Result<Vec<StoredFact>, Error> {
        during!(facts_of_family);
        self.0.facts_of_family(family)
    }

    fn facts_of_families(&mut self, families: &[FamilyId]) -> Result<Vec<StoredFact>, Error> {
        during!(facts_of_families);
        self.0.facts_of_families(families)
    }

    fn known(&mut self, facts: &[FactId]) -> Result<Vec<FactId>, Error> {
        during!(known);
        self.0.known(facts)
    }

    fn families_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<FamilyId>, Error> {
        during!(families_after);
        self.0.families_after(after, limit)
    }

    fn statements_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<Statement>, Error> {
        during!(statements_after);
        self.0.statements_after(after, limit)
    }

    fn another(&mut self) -> Result<Option<Box<dyn Store>>, Error> {
        during!(another);
        self.0.another()
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), Error> {
        during!(commit);
        self.0.commit(commit)
    }

    fn ordinals(
        &mut self,
        scope: &Scope,
        keys: &[(Option<CaseId>, String)],
    ) -> Result<Vec<u32>, Error> {
        during!(ordinals);
        self.0.ordinals(scope, keys)
    }

    fn case_row(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        during!(case_row);
        self.0.case_row(id)
    }

    fn find_cases(&mut self, text: &str, limit: u32) -> Result<Vec<CaseRow>, Error> {
        during!(find_cases);
        self.0.find_cases(text, limit)
    }

    fn cases(&mut self, filter: &CaseFilter) -> Result<Vec<CaseRow>, Error> {
        during!(cases);
        self.0.cases(filter)
    }

    fn digests_after(
        &mut self,
        after: Option<&CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, Error> {
        during!(digests_after);
        self.0.digests_after(after, limit)
    }

    fn obligations(
        &mut self,
        standing: Option<&str>,
        debtor: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObligationRow>, Error> {
        during!(obligations);
        self.0.obligations(standing, debtor, limit)
    }

    fn obligations_standing(&mut self, standing: &str) -> Result<u64, Error> {
        during!(obligations_standing);
        self.0.obligations_standing(standing)
    }

    fn obligations_of(&mut self, case: &CaseId) -> Result<Vec<ObligationRow>, Error> {
        during!(obligations_of);
        self.0.obligations_of(case)
    }

    fn findings(&mut self, open_only: bool, limit: u32) -> Result<Vec<FindingRow>, Error> {
        during!(findings);
        self.0.findings(open_only, limit)
    }

    fn findings_of(&mut self, case: &CaseId) -> Result<Vec<FindingRow>, Error> {
        during!(findings_of);
        self.0.findings_of(case)
    }

    fn entries_of(&mut self, case: &CaseId) -> Result<Vec<EntryRow>, Error> {
        during!(entries_of);
        self.0.entries_of(case)
    }

    fn entries_after(
        &mut self,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryRow>, Error> {
        during!(entries_after);
        self.0.entries_after(after, limit)
    }

    fn balances(&mut self) -> Result<Vec<Leg>, Error> {
        during!(balances);
        self.0.balances()
    }

    fn balances_after(&mut self, after: Option<&Leg>, limit: u32) -> Result<Vec<Leg>, Error> {
        during!(balances_after);
        self.0.balances_after(after, limit)
    }

    fn timers_due(&mut self, now: Instant, limit: u32) -> Result<Vec<TimerRow>, Error> {
        during!(timers_due);
        self.0.timers_due(now, limit)
    }

    fn next_timer(&mut self) -> Result<Option<Instant>, Error> {
        during!(next_timer);
        self.0.next_timer()
    }

    fn outbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        during!(outbox_due);
        self.0.outbox_due(now, limit)
    }

    fn outbox_all(&mut self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        during!(outbox_all);
        self.0.outbox_all(limit)
    }

    fn outbox_retry(
        &mut self,
        id: &SubmissionId,
        not_before: Instant,
        trouble: &str,
    ) -> Result<(), Error> {
        during!(outbox_retry);
        self.0.outbox_retry(id, not_before, trouble)
    }

    fn intake(&mut self) -> Result<Vec<Intake>, Error> {
        during!(intake);
        self.0.intake()
    }

    fn put_blob(&mut self, scope: &Scope, digest: &str, content: &[u8]) -> Result<(), Error> {
        during!(put_blob);
        self.0.put_blob(scope, digest, content)
    }

    fn blob(&mut self, scope: &Scope, digest: &str) -> Result<Option<Vec<u8>>, Error> {
        during!(blob);
        self.0.blob(scope, digest)
    }

    fn sweep_due(
        &mut self,
        provider: &str,
        read_before: Instant,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error> {
        during!(sweep_due);
        self.0.sweep_due(provider, read_before, limit)
    }

    fn swept(&mut self, case: &CaseId, at: Instant) -> Result<(), Error> {
        during!(swept);
        self.0.swept(case, at)
    }

    fn leaves(&mut self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
        during!(leaves);
        self.0.leaves(from, limit)
    }

    fn checkpoint(&mut self, now: Instant) -> Result<Option<String>, Error> {
        during!(checkpoint);
        self.0.checkpoint(now)
    }

    fn checkpoints(&mut self) -> Result<Vec<String>, Error> {
        during!(checkpoints);
        self.0.checkpoints()
    }

    fn verifier_key(&mut self) -> Result<String, Error> {
        during!(verifier_key);
        self.0.verifier_key()
    }

    fn rotate_key(&mut self, scope: &Scope, rows: u32) -> Result<u64, Error> {
        during!(rotate_key);
        self.0.rotate_key(scope, rows)
    }

    fn check(&mut self) -> Result<Vec<String>, Error> {
        during!(check);
        self.0.check()
    }
}

macro_rules! registry_of_kept {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $found:ty;)*) => {
        impl store::Registry for Kept {
            $(fn $name(&mut self, $($argument: $kind),*) -> Result<$found, Error> {
                during!($name);
                self.0.$name($($argument),*)
            })*
        }
    };
}

store::registry_methods!(registry_of_kept);
