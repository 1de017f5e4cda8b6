//! What a desk keeps beside its disputes: whose accounts they are, who may enter, what was asked once already, who wants to
//! be told, and the files that people brought.
//!
//! These rows are said by people of the desk, not derived from facts, so they may change; what changes them leaves a leaf in
//! the audit log in the same transaction. Secrets and people's words are sealed like documents.

use crate::Error;
use crate::contract::{Appended, CaseRow, Intake, Leaf, NewDocument, Seen};
use crate::overview::{
    DocumentQuery, DocumentRow, DutyQuery, DutyRow, DutySums, EntryQuery, FindingQuery, FindingSum,
    FoundIn, Moved, MovedAt, MovedQuery, NumberedEntry, OpenSum, Since,
};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId, FamilyId};
use dispute::said::Audience;
use dispute::status::Stage;
use ledger::{Account, Leg};
use money::Money;

/// A merchant: the tenant of the portal and of the API. `mer_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub id: String,
    pub name: String,
    pub created_at: Instant,
}

/// Whose a provider account is. An account without such a row belongs to the desk alone: no merchant sees it, and it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub scope: Scope,
    pub merchant: String,
    /// `false`: its disputes are tests, seen with test keys only.
    pub live: bool,
}

/// Somebody who may enter. `per_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    /// Lower case, unique.
    pub email: String,
    pub name: String,
    /// The argon2id string; `None` where only the identity provider lets in.
    pub password: Option<String>,
    /// The TOTP secret; sealed at rest.
    pub totp: Option<Vec<u8>>,
    /// The last time step whose code was taken, so that no code is taken twice.
    pub totp_step: Option<i64>,
    /// Hashes of recovery codes not yet used.
    pub recovery: Vec<String>,
    /// Issuer and subject at the identity provider.
    pub subject: Option<(String, String)>,
    pub created_at: Instant,
    pub disabled_at: Option<Instant>,
    /// When a role was last given or taken; written with the grants, never by [`Registry::put_person`].
    pub roles_changed_at: Option<Instant>,
    /// Sessions opened until then are over; written by [`Registry::end_sessions`] alone.
    pub signed_out_at: Option<Instant>,
}

/// A role that a person holds: at one merchant, or (`None`) at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub person: String,
    pub merchant: Option<String>,
    /// The stable name of a role; what it may is not the store's to know.
    pub role: String,
}

/// A browser's session, known by the hash of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub token_hash: String,
    pub person: String,
    /// For whom the person works in it; `None` is the desk.
    pub merchant: Option<String>,
    pub live: bool,
    pub created_at: Instant,
    /// When this token was made; earlier ones of the same session are rows that ended.
    pub rotated_at: Instant,
    pub seen_at: Instant,
    /// When the person last proved who they are again.
    pub stepped_up_at: Option<Instant>,
    pub ended_at: Option<Instant>,
}

/// What was noted of a browser on its way to an identity provider; taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// SHA-256 of the `state` that the browser carries, in hexadecimal.
    pub state_hash: String,
    /// Nonce, PKCE verifier, issuer, where to go after: as the access room writes it. Sealed.
    pub content: String,
    pub expires_at: Instant,
}

/// An API key, known by the hash of its text. `key_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    pub hash: String,
    /// As people may see it: prefix and last four characters.
    pub shown: String,
    pub label: String,
    pub live: bool,
    /// The tenant; `None` for the desk's own.
    pub merchant: Option<String>,
    /// What it may, as the access room writes it: a role, or the scopes of a restricted key.
    pub grants: String,
    /// CIDR ranges from which it may be used, separated by spaces; empty is anywhere.
    pub addresses: String,
    pub created_by: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

/// How often somebody failed to enter, by person or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    /// `person:...` or `address:...`.
    pub about: String,
    pub count: u32,
    pub last_at: Instant,
}

/// A request that may have one effect only. The row is written in the transaction of the effect, so there is no time between
/// the two, and no clock decides when a second execution would be safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The tenant and mode, `mer_.../live` or `desk/test`: keys of two tenants are two keys.
    pub tenant: String,
    pub key: String,
    /// SHA-256 over method, path, tenant and body.
    pub fingerprint: String,
    pub at: Instant,
    /// What the effect was about: a case, a file, an endpoint. Kept as long as it.
    pub about: String,
    /// The answer given, once it was made: status and body. The same bytes again for the same key.
    pub answer: Option<(u16, Vec<u8>)>,
}

/// What became of an append that may happen once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnceOutcome {
    /// The effect happened now.
    Done(Vec<Appended>),
    /// This key was used before; nothing was written.
    Before(Box<Once>),
    /// The case is not what the caller saw; nothing was written.
    Moved,
}

/// An endpoint that is told of events. `we_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub id: String,
    /// The tenant; `None` hears of everything.
    pub merchant: Option<String>,
    pub live: bool,
    pub url: String,
    /// Patterns of event types.
    pub events: Vec<String>,
    pub description: String,
    /// As the caller gave it, in JSON.
    pub metadata: String,
    pub api_version: String,
    /// Live secrets, newest first, each with the instant until which it signs. Sealed.
    pub secrets: Vec<(String, Option<Instant>)>,
    /// The state of the endpoint's health, as the hooks room writes it.
    pub health: String,
    pub created_at: Instant,
    pub deleted_at: Option<Instant>,
}

/// That a fact became known: which document brought it to which family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The fact's own number.
    pub sequence: u64,
    pub family: FamilyId,
    pub document: DocumentId,
    pub known_at: Instant,
}

/// Something that happened to a case, as told to others: the difference that one document made. `evt_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    /// Order of publication on this desk, from 1 without gaps. The store numbers: what a caller gives is not read.
    pub sequence: u64,
    /// `dispute::news::News::name`.
    pub kind: String,
    pub case: CaseId,
    pub family: FamilyId,
    pub scope: Scope,
    /// Counts the events of the case, from 1: receivers order by it.
    pub version: u32,
    pub document: DocumentId,
    /// The case as it was before is derived from the facts numbered up to this, and as it was after, up to `known_until`.
    pub known_before: u64,
    pub known_until: u64,
    pub at: Instant,
}

/// What events to list, newest first. Empty lists narrow nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    pub kinds: Vec<String>,
    pub case: Option<CaseId>,
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    pub taken: Option<Taken>,
    /// Only of cases at this stage, or only of the others.
    pub at_stage: Option<(Stage, bool)>,
    /// Ids of events between which to page.
    pub after_id: Option<String>,
    pub before_id: Option<String>,
    pub limit: u32,
}

/// Events by whether endpoints took them: those of one mode that are not deleted, and of one merchant where one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Only events of which no delivery is due, held or parked; `false`: only the others.
    pub by_all: bool,
    pub merchant: Option<String>,
    pub live: bool,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub endpoint: String,
    pub event: String,
    /// `due`, `held` (the endpoint is disabled), `delivered`, `parked`, `cancelled`.
    pub state: String,
    pub attempts: u32,
    pub due_at: Instant,
    pub settled_at: Option<Instant>,
    /// Why it is parked; `None` in every other state.
    pub why: Option<String>,
}

/// What deliveries of an endpoint to list, latest due first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    pub endpoint: String,
    /// A state of [`Delivery`].
    pub state: Option<String>,
    /// Ids of events between whose deliveries to page.
    pub after: Option<String>,
    pub before: Option<String>,
    pub limit: u32,
}

/// Which of an endpoint's settled deliveries are sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Of events with these sequence numbers, both ends included.
    Numbers(u64, u64),
    /// Of events from this instant on, and before the other.
    Times(Instant, Instant),
    /// Of one event.
    Event(String),
}

/// Which of the deliveries that wait for an endpoint come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Those due by now, longest due first; of those due since one instant, in the order of publication.
    Longest,
    /// Those held, least often tried first, then in the order of publication.
    LeastTried,
}

/// One attempt, for the delivery log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub endpoint: String,
    pub event: String,
    pub number: u32,
    pub at: Instant,
    pub took_ms: u32,
    pub status: Option<u16>,
    /// What went wrong, or the first of what the receiver answered; redacted.
    pub words: String,
}

/// A file that somebody brought. `file_` and 26 characters. Its bytes are a blob of the merchant's own scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: String,
    pub merchant: Option<String>,
    pub live: bool,
    pub purpose: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub pages: Option<u32>,
    pub digest: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
}

/// What files to list, newest first, then by id. Every part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileQuery {
    pub purpose: Option<String>,
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    /// Ids of files between which to page.
    pub after_id: Option<String>,
    pub before_id: Option<String>,
    pub limit: u32,
}

/// What links to list, newest first, then by id. Every part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkQuery {
    pub file: Option<String>,
    /// Only those that have ended by this instant, or only the others.
    pub expired: Option<(bool, Instant)>,
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    /// Ids of links between which to page.
    pub after_id: Option<String>,
    pub before_id: Option<String>,
    pub limit: u32,
}

/// A link by which a file can be fetched without a key. `link_` and 26 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    pub id: String,
    pub file: String,
    /// The hash of the secret part of its URL.
    pub token_hash: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
}

/// Who looks: every read is filtered by the store, and on PostgreSQL by the database itself (row-level security). Writes run
/// beneath the sight: they are the program's own act, after it read what it may.
///
/// What belongs to nobody in particular (the audit log, balances, sessions, leases) is not there for a merchant; of people
/// and grants it sees those at the merchant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// The desk's people.
    All,
    /// One merchant's accounts, in one mode.
    Merchant { id: String, live: bool },
    /// The desk's people, looking at one mode only. Accounts of which nobody said otherwise are live.
    Mode { live: bool },
}

/// Where a page of a list begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    Start,
    /// After this case, in the list's order. A case that is not seen is [`Error::Absent`].
    After(CaseId),
    /// Before this case: the page that ends just before it.
    Before(CaseId),
}

/// What cases to list, newest first by `opened_at`, then in order of id. Every part narrows; empty lists do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseQuery {
    pub statuses: Vec<String>,
    pub stages: Vec<String>,
    pub providers: Vec<String>,
    pub accounts: Vec<Scope>,
    pub networks: Vec<String>,
    pub reasons: Vec<String>,
    pub assigned_to: Option<String>,
    /// Ours to answer, and before this instant.
    pub due_before: Option<Instant>,
    /// Changed at this instant or later.
    pub changed_since: Option<Instant>,
    pub opened_from: Option<Instant>,
    pub opened_before: Option<Instant>,
    /// Minor units of the disputed amount, from and to, both included, and the currency.
    pub amount: Option<(i64, i64)>,
    pub currency: Option<String>,
    /// Any reference, exact: a payment, an ARN, a trace number.
    pub reference: Option<String>,
    /// The beginning of any reference, letter case included: a range of an index, whatever the size of the desk.
    pub text: Option<String>,
    /// Only those whose money is not where their status implies.
    pub divergent: bool,
    pub cursor: Cursor,
    pub limit: u32,
}

impl CaseQuery {
    /// The newest of all cases: narrow it from here.
    pub fn newest(limit: u32) -> CaseQuery {
        CaseQuery {
            statuses: Vec::new(),
            stages: Vec::new(),
            providers: Vec::new(),
            accounts: Vec::new(),
            networks: Vec::new(),
            reasons: Vec::new(),
            assigned_to: None,
            due_before: None,
            changed_since: None,
            opened_from: None,
            opened_before: None,
            amount: None,
            currency: None,
            reference: None,
            text: None,
            divergent: false,
            cursor: Cursor::Start,
            limit,
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePage {
    /// In the list's order, also where the page was read backwards.
    pub rows: Vec<CaseRow>,
    /// There are more in the direction in which the page was read.
    pub more: bool,
}

/// So many cases alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// `Status::word`.
    pub status: String,
    pub stage: String,
    pub reason: String,
    pub network: String,
    pub cases: u64,
    /// What they dispute together; `None` for those that say no amount.
    pub disputed: Option<money::Money>,
}

/// What a day's postings moved on one kind of account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// Midnight in UTC at which the day begins.
    pub day: Instant,
    /// `ledger::AccountKind::name`.
    pub kind: String,
    /// All that was added to it, and all that was taken from it: zero or positive, zero or negative.
    pub added: money::Money,
    pub taken: money::Money,
}

/// The desk's own scope, under which its secrets are sealed and people's files are kept: a merchant's, or the desk's.
pub fn own_scope(merchant: Option<&str>) -> Scope {
    Scope {
        provider: String::from("docket"),
        account: String::from(merchant.unwrap_or("desk")),
    }
}

/// The registry of a desk. Every change is one transaction with its leaf.
pub trait Registry {
    /// Restricts what this connection sees from now on; on PostgreSQL by role and row-level security.
    fn look_as(&mut self, sight: &Sight) -> Result<(), Error>;
    fn list_cases(&mut self, query: &CaseQuery) -> Result<CasePage, Error>;
    /// The case of this id, or of this reference at its provider, as far as this connection may see. Nothing where two cases
    /// have the reference.
    fn case_named(&mut self, name: &str) -> Result<Option<CaseRow>, Error>;

    fn put_merchant(&mut self, merchant: &Merchant, leaf: &Leaf) -> Result<(), Error>;
    fn merchants(&mut self) -> Result<Vec<Merchant>, Error>;
    fn own(&mut self, owned: &Owned, leaf: &Leaf) -> Result<(), Error>;
    fn owned(&mut self) -> Result<Vec<Owned>, Error>;

    /// The last TOTP step is never put back while the secret is the same.
    fn put_person(&mut self, person: &Person, leaf: &Leaf) -> Result<(), Error>;
    fn person(&mut self, id: &str) -> Result<Option<Person>, Error>;
    fn person_by_email(&mut self, email: &str) -> Result<Option<Person>, Error>;
    fn person_by_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<Person>, Error>;
    fn people(&mut self) -> Result<Vec<Person>, Error>;
    /// Takes a time step of a TOTP code; `false` when it, or a later one, was taken before.
    fn take_totp_step(&mut self, person: &str, step: i64) -> Result<bool, Error>;
    /// Uses up a recovery code; `false` when it is not there.
    fn take_recovery(&mut self, person: &str, hash: &str, leaf: &Leaf) -> Result<bool, Error>;
    fn put_grant(&mut self, grant: &Grant, at: Instant, leaf: &Leaf) -> Result<(), Error>;
    fn drop_grant(&mut self, grant: &Grant, at: Instant, leaf: &Leaf) -> Result<(), Error>;
    fn grants(&mut self, person: Option<&str>) -> Result<Vec<Grant>, Error>;
    /// A session that ended stays ended.
    fn put_session(&mut self, session: &Session, leaf: Option<&Leaf>) -> Result<(), Error>;
    fn session(&mut self, token_hash: &str) -> Result<Option<Session>, Error>;
    fn sessions_of(&mut self, person: &str) -> Result<Vec<Session>, Error>;
    /// Ends the session of one token and keeps the one that goes on in its stead; `false`, with nothing written, when it had
    /// ended already.
    fn replace_session(
        &mut self,
        token_hash: &str,
        next: &Session,
        leaf: Option<&Leaf>,
    ) -> Result<bool, Error>;
    /// Ends every session of a person, those under way included: none that was opened until `at` stands.
    fn end_sessions(&mut self, person: &str, at: Instant, leaf: &Leaf) -> Result<u64, Error>;
    /// Errands that ended a day before this one will, untaken, are forgotten.
    fn put_errand(&mut self, errand: &Errand) -> Result<(), Error>;
    /// Looks at an errand without taking it.
    fn errand(&mut self, state_hash: &str) -> Result<Option<Errand>, Error>;
    /// Takes an errand: it is gone afterwards, whoever asks again.
    fn take_errand(&mut self, state_hash: &str) -> Result<Option<Errand>, Error>;
    fn failures(&mut self, about: &str) -> Result<Option<Failures>, Error>;
    fn put_failures(&mut self, failures: &Failures) -> Result<(), Error>;
    /// Counts from what was read; `false`, with nothing written, when somebody else counted meanwhile. So a hundred attempts
    /// at once are a hundred.
    fn count_failures(
        &mut self,
        before: Option<&Failures>,
        after: &Failures,
    ) -> Result<bool, Error>;
    /// A leaf alone: that something was refused.
    fn note(&mut self, leaf: &Leaf) -> Result<(), Error>;

    /// A key keeps its hash, tenant and mode, and once revoked stays so; the database refuses anything else.
    fn put_key(&mut self, key: &ApiKey, leaf: &Leaf) -> Result<(), Error>;
    fn key_by_hash(&mut self, hash: &str) -> Result<Option<ApiKey>, Error>;
    /// Those of one tenant, newest first; `None` for the desk's own.
    fn keys(&mut self, merchant: Option<&str>) -> Result<Vec<ApiKey>, Error>;
    /// Notes a use; coarse, no leaf.
    fn key_used(&mut self, id: &str, at: Instant) -> Result<(), Error>;

    /// Appends documents if the key was not used before and if the case is still what the caller saw, as for
    /// [`Store::append_if`](crate::Store::append_if). One transaction. The key is looked at first.
    fn append_once(
        &mut self,
        once: &Once,
        seen: Option<&Seen>,
        documents: &[NewDocument],
    ) -> Result<OnceOutcome, Error>;
    /// Keeps a request whose effect is in the registry itself.
    fn once(&mut self, tenant: &str, key: &str) -> Result<Option<Once>, Error>;
    /// Writes the row without documents; `false` when the key is there already.
    fn put_once(&mut self, once: &Once) -> Result<bool, Error>;
    /// Adds the answer to a row that has none. The same answer again is no error; another is [`Error::Conflict`].
    fn answer_once(
        &mut self,
        tenant: &str,
        key: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), Error>;

    /// An endpoint keeps its tenant and mode. What is said of its health is read only of a new one.
    fn put_endpoint(&mut self, endpoint: &Endpoint, leaf: Option<&Leaf>) -> Result<(), Error>;
    fn endpoint(&mut self, id: &str) -> Result<Option<Endpoint>, Error>;
    fn endpoints(&mut self) -> Result<Vec<Endpoint>, Error>;
    /// Those not deleted for which something is due by now or held, or whose health begins with this word.
    fn awaited(&mut self, now: Instant, health: &str) -> Result<Vec<Endpoint>, Error>;
    /// Changes an endpoint's health from what the caller saw; `false` when it is no longer that, and nothing is written.
    fn put_health(
        &mut self,
        endpoint: &str,
        was: &str,
        is: &str,
        leaf: Option<&Leaf>,
    ) -> Result<bool, Error>;

    /// Facts numbered above this, in order.
    fn learned_after(&mut self, sequence: u64, limit: u32) -> Result<Vec<Learned>, Error>;
    /// The number of the last fact whose events are published.
    fn published_until(&mut self) -> Result<u64, Error>;
    /// Publishes events in order, makes their deliveries, and moves the mark, in one transaction. Events and deliveries that
    /// are there already are left alone, and the mark never goes back: whoever publishes twice publishes once.
    fn publish(
        &mut self,
        events: &[Event],
        deliveries: &[Delivery],
        until: u64,
    ) -> Result<(), Error>;
    fn event(&mut self, id: &str) -> Result<Option<Event>, Error>;
    /// Events newest first, and whether there are more.
    fn events(&mut self, query: &EventQuery) -> Result<(Vec<Event>, bool), Error>;
    /// Events of a range of sequence numbers, both ends included, oldest first: for replay.
    fn events_between(&mut self, from: u64, until: u64, limit: u32) -> Result<Vec<Event>, Error>;
    /// The version of the last event of each of these cases that has one.
    fn event_versions(&mut self, cases: &[CaseId]) -> Result<Vec<(CaseId, u32)>, Error>;

    fn deliveries_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Delivery>, Error>;
    /// What waits for an endpoint, each with its event's place in the order of publication.
    fn waiting(
        &mut self,
        endpoint: &str,
        wait: Wait,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<(u64, Delivery)>, Error>;
    fn delivery(&mut self, endpoint: &str, event: &str) -> Result<Option<Delivery>, Error>;
    /// The digest of what is sent, once a first attempt began: every later one sends the same.
    fn delivery_body(&mut self, endpoint: &str, event: &str) -> Result<Option<String>, Error>;
    /// Takes a delivery on for an attempt: it is not due again before `leased_until`, and sends what has this digest unless
    /// an earlier attempt said otherwise. `false` when it is no longer as the caller saw it, and nothing is written.
    fn begin(&mut self, seen: &Delivery, body: &str, leased_until: Instant) -> Result<bool, Error>;
    /// Notes an attempt and what follows from it: the delivery's next state and the endpoint's health, from and to, together.
    /// [`Error::Conflict`], with nothing written, when the delivery or the health is no longer what the caller saw.
    fn settle(
        &mut self,
        attempt: &Attempt,
        seen: &Delivery,
        next: &Delivery,
        health: Option<(&str, &str)>,
    ) -> Result<(), Error>;
    /// Makes deliveries, or puts them into another state; the attempts counted stay.
    fn put_deliveries(&mut self, deliveries: &[Delivery]) -> Result<(), Error>;
    /// Releases what is held for an endpoint; returns how many.
    fn release(&mut self, endpoint: &str, due_at: Instant) -> Result<u64, Error>;
    /// Puts what was delivered or parked of these events into this state, due at this instant; returns how many. Attempts go on at the next multiple of `round`, so that whatever is sent again has a whole
    /// round before it.
    fn replay(
        &mut self,
        endpoint: &str,
        again: &Again,
        state: &str,
        due_at: Instant,
        round: u32,
    ) -> Result<u64, Error>;
    /// Holds what is due for an endpoint; returns how many.
    fn hold(&mut self, endpoint: &str) -> Result<u64, Error>;
    /// Parks what an endpoint is held of events before this instant, and says why; returns how many. Without any, there is no
    /// leaf either.
    fn give_up(
        &mut self,
        endpoint: &str,
        before: Instant,
        at: Instant,
        why: &str,
        leaf: &Leaf,
    ) -> Result<u64, Error>;
    /// Of these events, how many deliveries no endpoint took: due, held and parked ones, to endpoints that are not deleted, of
    /// one mode, and of one merchant where one is named. Events that have none are left out.
    fn untaken(
        &mut self,
        events: &[&str],
        merchant: Option<&str>,
        live: bool,
    ) -> Result<Vec<(String, u64)>, Error>;
    /// How many wait: those that are due, and those that are held.
    fn deliveries_waiting(&mut self) -> Result<(u64, u64), Error>;
    /// Latest due first; of one due time, the last published first.
    fn deliveries(&mut self, endpoint: &str, limit: u32) -> Result<Vec<Delivery>, Error>;
    /// A page of them in the same order, and whether there are more.
    fn delivery_page(&mut self, query: &DeliveryQuery) -> Result<(Vec<Delivery>, bool), Error>;
    /// Newest first.
    fn attempts(
        &mut self,
        endpoint: &str,
        event: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Attempt>, Error>;

    fn put_file(&mut self, file: &FileRow, leaf: &Leaf) -> Result<(), Error>;
    fn file(&mut self, id: &str) -> Result<Option<FileRow>, Error>;
    /// Newest first, and whether there are more.
    fn files(&mut self, query: &FileQuery) -> Result<(Vec<FileRow>, bool), Error>;
    /// Bytes kept by a merchant, for its quota; `None` for the desk's own.
    fn file_bytes(&mut self, merchant: Option<&str>) -> Result<u64, Error>;
    /// Makes a link, or changes when it ends.
    fn put_file_link(&mut self, link: &FileLink, leaf: &Leaf) -> Result<(), Error>;
    fn file_link(&mut self, id: &str) -> Result<Option<FileLink>, Error>;
    /// Newest first, and whether there are more.
    fn file_links(&mut self, query: &LinkQuery) -> Result<(Vec<FileLink>, bool), Error>;

    /// The cases to which this side was written since an instant, each with when it last was, the last first.
    fn told(
        &mut self,
        to: Audience,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<(CaseId, Instant)>, Error>;
    /// Cases of one account opened from one instant until before another, counted by what people compare.
    fn tally(&mut self, scope: &Scope, from: Instant, until: Instant) -> Result<Vec<Tally>, Error>;
    /// As [`Registry::tally`], of those cases only that stand like one of these: words of `Status`.
    fn tally_standing(
        &mut self,
        scope: &Scope,
        from: Instant,
        until: Instant,
        standing: &[&str],
    ) -> Result<Vec<Tally>, Error>;
    /// What was posted for one account from one instant until before another, added up by day and kind of ledger account.
    fn flow(&mut self, scope: &Scope, from: Instant, until: Instant) -> Result<Vec<Flow>, Error>;

    /// Key-value words that a caller put on an object, such as a dispute's metadata, in JSON. The object is named by its id:
    /// who sees the case, file or endpoint of that id sees them. Sealed.
    fn put_metadata(&mut self, object: &str, json: &str, leaf: &Leaf) -> Result<(), Error>;
    fn metadata(&mut self, objects: &[String]) -> Result<Vec<(String, String)>, Error>;

    /// Takes or renews a lease; `None` when another holder has it. The token grows with every new holder and fences late ones;
    /// a holder that did not renew in time counts as new. A lease until `now` is one given back.
    fn lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Instant,
        until: Instant,
    ) -> Result<Option<u64>, Error>;
    /// Whether this token is still the newest of the lease.
    fn holds(&mut self, name: &str, token: u64) -> Result<bool, Error>;

    /// A page of our open duties.
    fn duties(&mut self, query: &DutyQuery) -> Result<Vec<DutyRow>, Error>;
    /// What our open duties come to; order, place and limit are not read.
    fn duty_sums(&mut self, query: &DutyQuery) -> Result<DutySums, Error>;
    fn open_sums(&mut self) -> Result<Vec<OpenSum>, Error>;
    /// How far cases are from where their status implies, both ways added, per currency, and how many they are.
    fn divergence_sums(&mut self) -> Result<Vec<(Money, u64)>, Error>;
    fn since(&mut self, at: Instant) -> Result<Since, Error>;
    /// The balance of every account and layer, those of one account's cases added up.
    fn balance_sums(&mut self) -> Result<Vec<Leg>, Error>;
    /// Accounts of cases under this one with anything on them, in order of path, after a path.
    fn balances_under(
        &mut self,
        account: &Account,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Leg>, Error>;
    /// Every provider account that the desk ever heard of.
    fn scopes(&mut self) -> Result<Vec<Scope>, Error>;
    /// Documents numbered from here on, by account, way and fate.
    fn arrivals_from(&mut self, sequence: u64) -> Result<Vec<Intake>, Error>;
    /// Whatever is pending, quarantined or rejected, however old.
    fn troubled(&mut self) -> Result<Vec<Intake>, Error>;
    /// The number of the last document; 0 where there is none.
    fn last_document(&mut self) -> Result<u64, Error>;
    /// How many documents of each of these accounts are numbered from here on; of each no more than so many are counted.
    fn heard_from(
        &mut self,
        scopes: &[Scope],
        sequence: u64,
        most: u32,
    ) -> Result<Vec<(Scope, u64)>, Error>;
    /// The number of the first document that arrived at this instant or later.
    fn sequence_at(&mut self, at: Instant) -> Result<u64, Error>;
    fn list_documents(&mut self, query: &DocumentQuery) -> Result<Vec<DocumentRow>, Error>;
    /// The last document of each of these accounts that came from outside.
    fn last_arrivals(&mut self, scopes: &[Scope]) -> Result<Vec<DocumentRow>, Error>;
    fn list_entries(&mut self, query: &EntryQuery) -> Result<Vec<NumberedEntry>, Error>;
    fn list_moved(&mut self, query: &MovedQuery) -> Result<Vec<Moved>, Error>;
    /// Where the movement of this posting key stands among all.
    fn moved_at(&mut self, case: &CaseId, key: &str) -> Result<Option<MovedAt>, Error>;
    fn finding_sums(&mut self) -> Result<Vec<FindingSum>, Error>;
    fn list_findings(&mut self, query: &FindingQuery) -> Result<Vec<FoundIn>, Error>;
    /// How many leaves the audit log has.
    fn log_size(&mut self) -> Result<u64, Error>;

    /// Binds every write of this connection to a lease, until it is bound otherwise: where the token is no longer the newest
    /// when the write is made, nothing is written, and [`Error::Fenced`] says so.
    fn fence(&mut self, lease: Option<(&str, u64)>) -> Result<(), Error>;

    /// The desk's own secrets whose names begin so, opened, by name.
    fn secrets(&mut self, begin: &str) -> Result<Vec<(String, Vec<u8>)>, Error>;
    /// Keeps one, sealed; `false`, with nothing written, when there is one of this name: the first stays.
    fn keep_secret(&mut self, name: &str, plain: &[u8], leaf: &Leaf) -> Result<bool, Error>;
}
