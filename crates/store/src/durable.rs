//! The contract, over either database. What is said here is only who does what.

use crate::contract::{
    Appended, CaseFilter, CaseRow, Commit, EntryRow, Fate, FindingRow, Intake, Leaf, NewDocument,
    ObligationRow, OutboxRow, RejectRow, Seen, Statement, Store, StoredDocument, StoredFact,
    TimerRow,
};
use crate::database::Database;
use crate::vault::Vault;
use crate::{Error, Keys, Sight};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId, EntryId, FactId, FamilyId, SubmissionId};
use dispute::reference::Reference;
use ledger::Leg;

pub(crate) mod books;
mod cases;
mod check;
mod commit;
mod compare;
mod documents;
mod facts;
mod fold;
mod keyring;
mod log;
mod migrate;
mod queue;
mod registry;
mod writes;

pub(crate) use facts::of_line;

/// A store over one connection.
pub struct Durable<D> {
    database: D,
    vault: Vault,
    /// The generation of the desk when this value first read what its next commit rests on: since its last commit, or since
    /// it last asked what is pending. `None` when it read nothing since. A commit refuses to overwrite what it has not seen.
    seen: Option<i64>,
    /// Who looks.
    sight: Sight,
}

impl<D: Database> Durable<D> {
    pub(crate) fn of(database: D, keys: Keys) -> Durable<D> {
        Durable {
            database,
            vault: Vault::new(keys),
            seen: None,
            sight: Sight::All,
        }
    }

    /// Names this desk's audit log.
    pub fn origin(&self) -> &str {
        self.vault.keys().origin()
    }

    /// Applies at most so many statements of the schema and returns how many are left.
    ///
    /// # Errors
    /// As for [`Store::migrate`].
    pub fn migrate_steps(&mut self, most: usize) -> Result<usize, Error> {
        migrate::steps(&mut self.database, most)
    }

    fn note_generation(&mut self) -> Result<(), Error> {
        if self.seen.is_none() {
            self.seen = Some(commit::generation(&mut self.database)?);
        }
        Ok(())
    }
}

impl<D: Database + 'static> Store for Durable<D> {
    fn migrate(&mut self) -> Result<(), Error> {
        self.migrate_steps(usize::MAX).map(|_| ())
    }

    fn append(&mut self, documents: &[NewDocument]) -> Result<Vec<Appended>, Error> {
        documents::append(self, documents)
    }

    fn append_if(&mut self, document: &NewDocument, seen: &Seen) -> Result<Appended, Error> {
        compare::append_if(self, document, seen)
    }

    fn pending(&mut self, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        // A unit of work begins here: what was read before, for people to look at, binds nobody.
        self.seen = None;
        documents::with_fate(self, Fate::Pending, limit)
    }

    fn documents_from(&mut self, sequence: u64, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        documents::from(self, sequence, limit)
    }

    fn document(&mut self, id: &DocumentId) -> Result<Option<StoredDocument>, Error> {
        documents::of_id(self, id)
    }

    fn documents_with(&mut self, fate: Fate, limit: u32) -> Result<Vec<StoredDocument>, Error> {
        documents::with_fate(self, fate, limit)
    }

    fn rejects(&mut self, document: &DocumentId) -> Result<Vec<RejectRow>, Error> {
        documents::rejects(self, document)
    }

    fn decide(
        &mut self,
        document: &DocumentId,
        fate: Fate,
        why: &str,
        leaf: &Leaf,
    ) -> Result<(), Error> {
        documents::decide(self, document, fate, why, leaf)
    }

    fn facts_near(&mut self, references: &[(Scope, Reference)]) -> Result<Vec<StoredFact>, Error> {
        self.note_generation()?;
        facts::near(self, references)
    }

    fn facts_of_family(&mut self, family: &FamilyId) -> Result<Vec<StoredFact>, Error> {
        self.note_generation()?;
        facts::of_families(self, core::slice::from_ref(family))
    }

    fn facts_of_families(&mut self, families: &[FamilyId]) -> Result<Vec<StoredFact>, Error> {
        self.note_generation()?;
        facts::of_families(self, families)
    }

    fn known(&mut self, facts: &[FactId]) -> Result<Vec<FactId>, Error> {
        self.note_generation()?;
        facts::known(self, facts)
    }

    fn families_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<FamilyId>, Error> {
        facts::families_after(self, after, limit)
    }

    fn statements_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<Statement>, Error> {
        facts::statements_after(self, after, limit)
    }

    fn another(&mut self) -> Result<Option<Box<dyn Store>>, Error> {
        let Some(database) = self.database.another()? else {
            return Ok(None);
        };
        let mut other = Durable::of(database, self.vault.keys().clone());
        other.sight = self.sight.clone();
        Ok(Some(Box::new(other)))
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), Error> {
        commit::commit(self, commit)
    }

    fn ordinals(
        &mut self,
        scope: &Scope,
        keys: &[(Option<CaseId>, String)],
    ) -> Result<Vec<u32>, Error> {
        self.note_generation()?;
        books::ordinals(self, scope, keys)
    }

    fn case_row(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        cases::of_id(self, id)
    }

    fn find_cases(&mut self, text: &str, limit: u32) -> Result<Vec<CaseRow>, Error> {
        cases::find(self, text, limit)
    }

    fn cases(&mut self, filter: &CaseFilter) -> Result<Vec<CaseRow>, Error> {
        cases::filtered(self, filter)
    }

    fn digests_after(
        &mut self,
        after: Option<&CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, Error> {
        cases::digests_after(self, after, limit)
    }

    fn obligations(
        &mut self,
        standing: Option<&str>,
        debtor: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObligationRow>, Error> {
        cases::obligations(self, standing, debtor, limit)
    }

    fn obligations_standing(&mut self, standing: &str) -> Result<u64, Error> {
        cases::obligations_standing(self, standing)
    }

    fn obligations_of(&mut self, case: &CaseId) -> Result<Vec<ObligationRow>, Error> {
        cases::obligations_of(self, case)
    }

    fn findings(&mut self, open_only: bool, limit: u32) -> Result<Vec<FindingRow>, Error> {
        cases::findings(self, open_only, limit)
    }

    fn findings_of(&mut self, case: &CaseId) -> Result<Vec<FindingRow>, Error> {
        cases::findings_of(self, case)
    }

    fn entries_of(&mut self, case: &CaseId) -> Result<Vec<EntryRow>, Error> {
        books::entries_of(self, case)
    }

    fn entries_after(
        &mut self,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryRow>, Error> {
        books::entries_after(self, after, limit)
    }

    fn balances(&mut self) -> Result<Vec<Leg>, Error> {
        books::balances(self)
    }

    fn balances_after(&mut self, after: Option<&Leg>, limit: u32) -> Result<Vec<Leg>, Error> {
        books::balances_after(self, after, limit)
    }

    fn timers_due(&mut self, now: Instant, limit: u32) -> Result<Vec<TimerRow>, Error> {
        queue::timers_due(self, now, limit)
    }

    fn next_timer(&mut self) -> Result<Option<Instant>, Error> {
        queue::next_timer(self)
    }

    fn outbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        queue::outbox_due(self, now, limit)
    }

    fn outbox_all(&mut self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        queue::outbox_due(self, Instant::MAX, limit)
    }

    fn outbox_retry(
        &mut self,
        id: &SubmissionId,
        not_before: Instant,
        trouble: &str,
    ) -> Result<(), Error> {
        queue::outbox_retry(self, id, not_before, trouble)
    }

    fn intake(&mut self) -> Result<Vec<Intake>, Error> {
        documents::intake(self)
    }

    fn put_blob(&mut self, scope: &Scope, digest: &str, content: &[u8]) -> Result<(), Error> {
        documents::put_blob(self, scope, digest, content)
    }

    fn blob(&mut self, scope: &Scope, digest: &str) -> Result<Option<Vec<u8>>, Error> {
        documents::blob(self, scope, digest)
    }

    fn sweep_due(
        &mut self,
        provider: &str,
        read_before: Instant,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error> {
        cases::sweep_due(self, provider, read_before, limit)
    }

    fn swept(&mut self, case: &CaseId, at: Instant) -> Result<(), Error> {
        cases::swept(self, case, at)
    }

    fn leaves(&mut self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
        log::leaves(&mut self.database, from, limit)
    }

    fn checkpoint(&mut self, now: Instant) -> Result<Option<String>, Error> {
        log::checkpoint(self, now)
    }

    fn checkpoints(&mut self) -> Result<Vec<String>, Error> {
        log::checkpoints(&mut self.database)
    }

    fn verifier_key(&mut self) -> Result<String, Error> {
        Ok(self.vault.keys().verifier_key())
    }

    fn rotate_key(&mut self, scope: &Scope, rows: u32) -> Result<u64, Error> {
        keyring::rotate(self, scope, rows)
    }

    fn check(&mut self) -> Result<Vec<String>, Error> {
        let mut breaks = check::check(&mut self.database)?;
        breaks.extend(self.database.unenforced()?);
        Ok(breaks)
    }
}
