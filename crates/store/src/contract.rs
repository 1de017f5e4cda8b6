//! What a store must do, for any database. Policy is the engine's: a store never decides, it keeps.

use crate::Error;
pub use audit_log::Leaf;
use calendar::{Instant, Moment};
use dispute::case::Case;
use dispute::fact::{Fact, Scope, Span};
use dispute::family::Known;
use dispute::finding::Finding;
use dispute::id::{
    CaseId, DocumentId, EntryId, FactId, FamilyId, FindingId, SubmissionId, TimerId,
};
use dispute::reference::Reference;
use ledger::{Entry, Leg};

pub mod audit_log {
    //! What goes into the audit log.

    /// The bytes of one leaf, canonical text. The store gives it its index, in commit order, in the same transaction.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Leaf(pub String);
}

/// By which way a document came in. The three of the adapter contract, and our own two: people and the clock write
/// documents too, so that the inbox holds everything the desk ever knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    Webhook,
    File,
    Api,
    /// A person's command, as its canonical fact lines.
    Command,
    /// The clock's tick or the transport's report, as canonical fact lines.
    Desk,
}

/// A document to keep, before anything is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    pub scope: Scope,
    pub way: Way,
    /// A file's name, or the path of an endpoint; empty when there is none.
    pub name: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub received_at: Instant,
    /// One word of `adapter::Verdict::name`, and its detail.
    pub verdict: String,
    pub verdict_detail: String,
    /// `false` puts it into quarantine from the start: it is kept and not decoded until somebody releases it.
    pub trusted: bool,
}

/// What became of a document. Every document is in exactly one of these states (invariant 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Kept, not yet decoded.
    Pending,
    /// Its facts are in the books, new or known before.
    Applied,
    /// Genuine, and not about disputes.
    OtherBusiness,
    /// Nothing of it could be read; its rejects say why.
    Rejected,
    /// Held: signature, control totals, or an error of ours while processing it. A person decides.
    Quarantined,
    /// Another document of the same content came before; this arrival is counted on that row.
    Duplicate,
    /// A corrected re-issue took its place.
    Superseded,
}

/// A document as kept, with its bytes opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    pub id: DocumentId,
    /// Order of arrival on this desk, from 1 without gaps.
    pub sequence: u64,
    pub document: NewDocument,
    pub fate: Fate,
    /// How often the same content arrived, the first time included.
    pub arrivals: u32,
    pub form: String,
    /// Why it is quarantined, when it is.
    pub trouble: String,
}

/// What appending said of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    pub id: DocumentId,
    /// The same content was there before; only its arrival was counted.
    pub duplicate: bool,
}

/// A case as somebody saw it when they decided something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub case: CaseId,
    pub family: FamilyId,
    /// The digest in the case's row, read before its facts.
    pub digest: String,
    /// How many facts its family had.
    pub facts: u64,
}

/// A reject as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectRow {
    pub span: Span,
    pub code: String,
    pub name: String,
    pub detail: String,
    pub hint: String,
}

/// A fact to keep, and the bytes that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    pub id: FactId,
    pub fact: Fact,
    pub document: DocumentId,
    pub span: Span,
    pub known_at: Instant,
    pub family: FamilyId,
}

/// How the processing of one document ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processed {
    pub document: DocumentId,
    pub fate: Fate,
    pub form: String,
    pub trouble: String,
    pub rejects: Vec<RejectRow>,
    /// Facts not known before. A fact that another document said before is counted in `known_before`.
    pub facts: Vec<FactRow>,
    pub known_before: u32,
}

/// One ledger entry to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    pub id: EntryId,
    pub scope: Scope,
    pub case: Option<CaseId>,
    /// The posting key: the movement, or `resolution`. Unique with `ordinal` within scope and case.
    pub key: String,
    /// 1 for the first posting of the key, then its corrections.
    pub ordinal: u32,
    /// The instant at which the money moved, as claimed.
    pub effective_at: Instant,
    pub known_at: Instant,
    pub document: DocumentId,
    pub fact: Option<FactId>,
    pub entry: Entry,
}

/// A moment at which the clock must speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerRow {
    pub id: TimerId,
    pub scope: Scope,
    pub case: CaseId,
    /// The duty's key.
    pub what: String,
    pub due: Moment,
}

/// Something to send, or to read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: SubmissionId,
    pub scope: Scope,
    pub case: CaseId,
    /// `submit/<stage>`, `accept/<stage>`, `resolve/<stage>`, `read-back`.
    pub verb: String,
    /// The sealed packet's digest; empty otherwise.
    pub digest: String,
    pub attempt: u32,
    /// Not before this instant.
    pub not_before: Instant,
    /// How often the transport tried.
    pub tries: u32,
    pub last_trouble: String,
}

/// Everything that changed in one family by one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyChange {
    pub family: FamilyId,
    pub scope: Scope,
    /// Facts that were in another family before.
    pub moved_facts: Vec<FactId>,
    pub cases: Vec<Case>,
    /// The digest of each case, in the same order: what `replay --compare` compares.
    pub digests: Vec<String>,
    pub entries: Vec<EntryRow>,
    pub timers_set: Vec<TimerRow>,
    pub timers_cleared: Vec<TimerId>,
    pub outbox_added: Vec<OutboxRow>,
    pub outbox_removed: Vec<SubmissionId>,
    pub findings_opened: Vec<(CaseId, Finding)>,
    pub findings_closed: Vec<FindingId>,
}

/// One transaction: some documents, in order, and all that follows from them. Nothing of it is visible before all of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub now: Instant,
    pub processed: Vec<Processed>,
    pub families: Vec<FamilyChange>,
    pub leaves: Vec<Leaf>,
}

/// A fact as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFact {
    /// Order in which this desk learned its facts, from 1. Another desk, or a replay, may number them otherwise.
    pub sequence: u64,
    pub id: FactId,
    pub fact: Fact,
    pub document: DocumentId,
    pub span: Span,
    pub known_at: Instant,
    pub family: FamilyId,
}

/// A fact's line as kept, opened and not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub family: FamilyId,
    pub id: FactId,
    pub line: String,
}

impl Statement {
    /// Reads the line.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is no fact, or not the one of this id.
    pub fn read(self) -> Result<(FamilyId, Known), Error> {
        let fact = crate::durable::of_line(&self.id, &self.line)?;
        let known = Known { fact, id: self.id };
        Ok((self.family, known))
    }
}

/// A line of the case list: the columns that people filter and sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub id: CaseId,
    pub family: FamilyId,
    pub scope: Scope,
    pub dispute: String,
    pub stage: String,
    /// `Status::word`.
    pub status: String,
    pub reason: String,
    pub network: String,
    pub disputed: Option<money::Money>,
    pub respond_by: Option<Moment>,
    pub money: String,
    pub divergence: Option<money::Money>,
    pub opened_at: Instant,
    pub changed_at: Instant,
    pub assigned_to: String,
    pub digest: String,
}

/// An obligation as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationRow {
    pub id: String,
    pub case: CaseId,
    pub scope: Scope,
    pub duty: String,
    pub debtor: String,
    pub creditor: String,
    pub amount: Option<money::Money>,
    pub due_by: Moment,
    pub basis: String,
    pub standing: String,
}

/// A finding as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    pub id: FindingId,
    pub case: CaseId,
    pub scope: Scope,
    pub finding: Finding,
    pub opened_at: Instant,
    pub closed_at: Option<Instant>,
}

/// Documents by provider, account, way and fate, for the conservation of input (invariant 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    pub scope: Scope,
    pub way: Way,
    pub fate: Fate,
    pub documents: u64,
    /// Arrivals, repeats included.
    pub arrivals: u64,
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFilter {
    pub scope: Option<Scope>,
    pub provider: Option<String>,
    pub status: Option<String>,
    pub stage: Option<String>,
    /// Cases whose respond-by is before this instant and that are ours to answer.
    pub due_before: Option<Instant>,
    /// After this id, for paging; at most `limit`.
    pub after: Option<CaseId>,
    pub limit: u32,
}

impl CaseFilter {
    /// Every case, the first so many of them.
    pub fn every(limit: u32) -> CaseFilter {
        CaseFilter {
            scope: None,
            provider: None,
            status: None,
            stage: None,
            due_before: None,
            after: None,
            limit,
        }
    }
}

/// A durable store. One value is one connection; `commit` is the only way in for anything derived (invariant 6).
pub trait Store: Send {
    /// Brings the schema to this program's version, forward only. Interrupted anywhere, it is run again.
    fn migrate(&mut self) -> Result<(), Error>;

    /// Keeps documents; durable when it returns. The same content twice is one row (F-09).
    fn append(&mut self, documents: &[NewDocument]) -> Result<Vec<Appended>, Error>;
    /// Keeps one document that was written by looking at a case, if the case is still what was seen and no word of ours in
    /// its account waits to be processed; [`Error::Conflict`] otherwise, with nothing kept. Compared and kept in one
    /// transaction, so of two people who saw the same draft one is refused. A document that is kept already is an arrival.
    fn append_if(&mut self, document: &NewDocument, seen: &Seen) -> Result<Appended, Error>;
    /// Documents not yet decoded, in order of arrival.
    fn pending(&mut self, limit: u32) -> Result<Vec<StoredDocument>, Error>;
    /// All documents in order of arrival, from a sequence number on: for replay and doctor.
    fn documents_from(&mut self, sequence: u64, limit: u32) -> Result<Vec<StoredDocument>, Error>;
    fn document(&mut self, id: &DocumentId) -> Result<Option<StoredDocument>, Error>;
    fn documents_with(&mut self, fate: Fate, limit: u32) -> Result<Vec<StoredDocument>, Error>;
    fn rejects(&mut self, document: &DocumentId) -> Result<Vec<RejectRow>, Error>;
    /// Puts a quarantined document back to pending, or marks it superseded or rejected, by a person's decision.
    fn decide(
        &mut self,
        document: &DocumentId,
        fate: Fate,
        why: &str,
        leaf: &Leaf,
    ) -> Result<(), Error>;

    /// Every fact of every family that holds one of these references.
    fn facts_near(&mut self, references: &[(Scope, Reference)]) -> Result<Vec<StoredFact>, Error>;
    fn facts_of_family(&mut self, family: &FamilyId) -> Result<Vec<StoredFact>, Error>;
    /// Every fact of these families, in order of family and arrival: a page of a walk over the whole desk.
    fn facts_of_families(&mut self, families: &[FamilyId]) -> Result<Vec<StoredFact>, Error>;
    /// Which of these facts are kept already.
    fn known(&mut self, facts: &[FactId]) -> Result<Vec<FactId>, Error>;
    /// Families in order of id, for doctor and replay from facts.
    fn families_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<FamilyId>, Error>;

    /// What is kept of each statement of the next so many families, in order of family and arrival: a page of a walk over
    /// the whole desk, which leaves the reading of the lines to whoever takes it, in a thread of its own.
    fn statements_after(
        &mut self,
        after: Option<&FamilyId>,
        limit: u32,
    ) -> Result<Vec<Statement>, Error>;
    /// Another connection to the same desk, for reading beside this one; `None` where there can be none.
    fn another(&mut self) -> Result<Option<Box<dyn Store>>, Error>;

    /// Writes one transaction, all or nothing.
    fn commit(&mut self, commit: &Commit) -> Result<(), Error>;
    /// How many entries each posting key has, to number the next: (case or empty, key) to count.
    fn ordinals(
        &mut self,
        scope: &Scope,
        keys: &[(Option<CaseId>, String)],
    ) -> Result<Vec<u32>, Error>;

    fn case_row(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error>;
    /// Cases by any reference, id, or part of one, exact first.
    fn find_cases(&mut self, text: &str, limit: u32) -> Result<Vec<CaseRow>, Error>;
    fn cases(&mut self, filter: &CaseFilter) -> Result<Vec<CaseRow>, Error>;
    /// Every case's digest, in order of id: after this case, at most `limit`.
    fn digests_after(
        &mut self,
        after: Option<&CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, Error>;
    /// Nearest due first.
    fn obligations(
        &mut self,
        standing: Option<&str>,
        debtor: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObligationRow>, Error>;
    /// How many obligations stand like this: a word of `dispute::obligation::Standing::name`.
    fn obligations_standing(&mut self, standing: &str) -> Result<u64, Error>;
    fn obligations_of(&mut self, case: &CaseId) -> Result<Vec<ObligationRow>, Error>;
    fn findings(&mut self, open_only: bool, limit: u32) -> Result<Vec<FindingRow>, Error>;
    fn findings_of(&mut self, case: &CaseId) -> Result<Vec<FindingRow>, Error>;
    fn entries_of(&mut self, case: &CaseId) -> Result<Vec<EntryRow>, Error>;
    fn entries_after(
        &mut self,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryRow>, Error>;
    /// The balance of every account and layer with anything on it, as folded at commit.
    fn balances(&mut self) -> Result<Vec<Leg>, Error>;
    /// As [`Store::balances`], after this leg's account and layer and at most `limit`, in order of path and layer name.
    fn balances_after(&mut self, after: Option<&Leg>, limit: u32) -> Result<Vec<Leg>, Error>;
    fn timers_due(&mut self, now: Instant, limit: u32) -> Result<Vec<TimerRow>, Error>;
    fn next_timer(&mut self) -> Result<Option<Instant>, Error>;
    fn outbox_due(&mut self, now: Instant, limit: u32) -> Result<Vec<OutboxRow>, Error>;
    fn outbox_all(&mut self, limit: u32) -> Result<Vec<OutboxRow>, Error>;
    /// Notes a try that did not settle: when to try again and why.
    fn outbox_retry(
        &mut self,
        id: &SubmissionId,
        not_before: Instant,
        trouble: &str,
    ) -> Result<(), Error>;
    fn intake(&mut self) -> Result<Vec<Intake>, Error>;

    /// Evidence files by digest, sealed at rest like documents.
    fn put_blob(&mut self, scope: &Scope, digest: &str, content: &[u8]) -> Result<(), Error>;
    fn blob(&mut self, scope: &Scope, digest: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Cases to read back, at most `limit`: first those, closed ones too, with a finding `contradicted` that was opened since
    /// they were last read; then the open ones last read before this instant, nearest deadline first.
    fn sweep_due(
        &mut self,
        provider: &str,
        read_before: Instant,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error>;
    /// Notes that a case was read back, whatever it said.
    fn swept(&mut self, case: &CaseId, at: Instant) -> Result<(), Error>;

    /// Leaves of the audit log from an index on.
    fn leaves(&mut self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, Error>;
    /// Signs and keeps a checkpoint of the log as it stands; `None` when nothing was added since the last.
    fn checkpoint(&mut self, now: Instant) -> Result<Option<String>, Error>;
    fn checkpoints(&mut self) -> Result<Vec<String>, Error>;
    /// The verifier key of this desk's log, in text form.
    fn verifier_key(&mut self) -> Result<String, Error>;

    /// Gives an account a new data key and re-seals so many rows with it; returns how many are left. Online.
    fn rotate_key(&mut self, scope: &Scope, rows: u32) -> Result<u64, Error>;

    /// Breaks of the store's own invariants: unbalanced entries, balances that differ from the sum of legs, facts without
    /// document, gaps in the log. Empty when all is well.
    fn check(&mut self) -> Result<Vec<String>, Error>;
}
