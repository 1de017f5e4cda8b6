//! The registry: merchants, people, keys, requests, endpoints, files and leases. Each change is one transaction with its leaf.

use super::{Durable, log};
use crate::contract::{CaseRow, Intake, Leaf, NewDocument, Seen};
use crate::database::{Database, Row, transaction};
use crate::overview::{
    DocumentQuery, DocumentRow, DutyQuery, DutyRow, DutySums, EntryQuery, FindingQuery, FindingSum,
    FoundIn, Moved, MovedAt, MovedQuery, NumberedEntry, OpenSum, Since,
};
use crate::registry::{
    Again, ApiKey, Attempt, CasePage, CaseQuery, Delivery, DeliveryQuery, Endpoint, Errand, Event,
    EventQuery, Failures, FileLink, FileQuery, FileRow, Flow, Grant, Learned, LinkQuery, Merchant,
    Once, OnceOutcome, Owned, Person, Registry, Session, Sight, Tally, Wait,
};
use crate::vault::Vault;
use crate::{Error, own_scope};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::said::Audience;
use ledger::{Account, Leg};
use money::Money;

mod files;
mod hooks;
mod insights;
mod keys;
mod lease;
mod lists;
mod once;
mod overview;
mod pages;
mod people;
mod queue;
mod secrets;
mod sight;

/// One transaction, with its leaf when it has one.
fn change<D: Database, T>(
    store: &mut Durable<D>,
    doing: &'static str,
    leaf: Option<&Leaf>,
    work: impl FnOnce(&mut D, &mut Vault) -> Result<T, Error>,
) -> Result<T, Error> {
    let Durable {
        database, vault, ..
    } = store;
    transaction(database, doing, |database| {
        let done = work(database, vault)?;
        log::append(database, leaf.map_or(&[][..], core::slice::from_ref))?;
        Ok(done)
    })
}

/// Reads every row with its function.
fn all<D: Database, T>(
    store: &mut Durable<D>,
    rows: Vec<Row>,
    read: impl Fn(&mut D, &mut Vault, &mut Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    let rows = rows.into_iter();
    rows.map(|mut row| read(database, vault, &mut row))
        .collect()
}

/// Lines of text that are each without a line's end: our own rooms make them so.
fn lines(of: &[String]) -> String {
    assert!(
        of.iter().all(|line| !line.contains('\n')),
        "one of them would read as two"
    );
    of.join("\n")
}

fn of_lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn absent(what: &str, id: &str) -> Error {
    Error::Absent {
        what: format!("{what} {id}"),
    }
}

/// The scope of the desk's own keys under which a tenant's secrets are sealed.
fn sealing(merchant: Option<&str>) -> Scope {
    own_scope(merchant)
}

impl<D: Database> Registry for Durable<D> {
    fn look_as(&mut self, sight: &Sight) -> Result<(), Error> {
        self.database.look_as(sight)?;
        self.sight = sight.clone();
        Ok(())
    }

    fn list_cases(&mut self, query: &CaseQuery) -> Result<CasePage, Error> {
        lists::list(self, query)
    }

    fn case_named(&mut self, name: &str) -> Result<Option<CaseRow>, Error> {
        lists::named(self, name)
    }

    fn put_merchant(&mut self, merchant: &Merchant, leaf: &Leaf) -> Result<(), Error> {
        sight::put_merchant(self, merchant, leaf)
    }

    fn merchants(&mut self) -> Result<Vec<Merchant>, Error> {
        sight::merchants(self)
    }

    fn own(&mut self, owned: &Owned, leaf: &Leaf) -> Result<(), Error> {
        sight::own(self, owned, leaf)
    }

    fn owned(&mut self) -> Result<Vec<Owned>, Error> {
        sight::owned(self)
    }

    fn put_person(&mut self, person: &Person, leaf: &Leaf) -> Result<(), Error> {
        people::put(self, person, leaf)
    }

    fn person(&mut self, id: &str) -> Result<Option<Person>, Error> {
        people::find(self, "id = $1", &[id])
    }

    fn person_by_email(&mut self, email: &str) -> Result<Option<Person>, Error> {
        people::find(self, "email = $1", &[email])
    }

    fn person_by_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<Person>, Error> {
        people::find(self, "issuer = $1 AND subject = $2", &[issuer, subject])
    }

    fn people(&mut self) -> Result<Vec<Person>, Error> {
        people::list(self)
    }

    fn take_totp_step(&mut self, person: &str, step: i64) -> Result<bool, Error> {
        people::take_totp_step(self, person, step)
    }

    fn take_recovery(&mut self, person: &str, hash: &str, leaf: &Leaf) -> Result<bool, Error> {
        people::take_recovery(self, person, hash, leaf)
    }

    fn put_grant(&mut self, grant: &Grant, at: Instant, leaf: &Leaf) -> Result<(), Error> {
        people::put_grant(self, grant, at, leaf)
    }

    fn drop_grant(&mut self, grant: &Grant, at: Instant, leaf: &Leaf) -> Result<(), Error> {
        people::drop_grant(self, grant, at, leaf)
    }

    fn grants(&mut self, person: Option<&str>) -> Result<Vec<Grant>, Error> {
        people::grants(self, person)
    }

    fn put_session(&mut self, session: &Session, leaf: Option<&Leaf>) -> Result<(), Error> {
        people::put_session(self, session, leaf)
    }

    fn session(&mut self, token_hash: &str) -> Result<Option<Session>, Error> {
        Ok(people::sessions(self, "token_hash = $1", token_hash)?.pop())
    }

    fn sessions_of(&mut self, person: &str) -> Result<Vec<Session>, Error> {
        people::sessions(self, "person = $1", person)
    }

    fn replace_session(
        &mut self,
        token_hash: &str,
        next: &Session,
        leaf: Option<&Leaf>,
    ) -> Result<bool, Error> {
        people::replace_session(self, token_hash, next, leaf)
    }

    fn end_sessions(&mut self, person: &str, at: Instant, leaf: &Leaf) -> Result<u64, Error> {
        people::end_sessions(self, person, at, leaf)
    }

    fn put_errand(&mut self, errand: &Errand) -> Result<(), Error> {
        people::put_errand(self, errand)
    }

    fn errand(&mut self, state_hash: &str) -> Result<Option<Errand>, Error> {
        people::errand(self, state_hash)
    }

    fn take_errand(&mut self, state_hash: &str) -> Result<Option<Errand>, Error> {
        people::take_errand(self, state_hash)
    }

    fn failures(&mut self, about: &str) -> Result<Option<Failures>, Error> {
        people::failures(self, about)
    }

    fn put_failures(&mut self, failures: &Failures) -> Result<(), Error> {
        people::put_failures(self, failures)
    }

    fn count_failures(
        &mut self,
        before: Option<&Failures>,
        after: &Failures,
    ) -> Result<bool, Error> {
        people::count_failures(self, before, after)
    }

    fn note(&mut self, leaf: &Leaf) -> Result<(), Error> {
        change(self, "noting a refusal", Some(leaf), |_, _| Ok(()))
    }

    fn put_key(&mut self, key: &ApiKey, leaf: &Leaf) -> Result<(), Error> {
        keys::put(self, key, leaf)
    }

    fn key_by_hash(&mut self, hash: &str) -> Result<Option<ApiKey>, Error> {
        keys::by_hash(self, hash)
    }

    fn keys(&mut self, merchant: Option<&str>) -> Result<Vec<ApiKey>, Error> {
        keys::of(self, merchant)
    }

    fn key_used(&mut self, id: &str, at: Instant) -> Result<(), Error> {
        keys::used(self, id, at)
    }

    fn append_once(
        &mut self,
        once: &Once,
        seen: Option<&Seen>,
        documents: &[NewDocument],
    ) -> Result<OnceOutcome, Error> {
        once::append(self, once, seen, documents)
    }

    fn once(&mut self, tenant: &str, key: &str) -> Result<Option<Once>, Error> {
        once::find(self, tenant, key)
    }

    fn put_once(&mut self, once: &Once) -> Result<bool, Error> {
        once::put(self, once)
    }

    fn answer_once(
        &mut self,
        tenant: &str,
        key: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), Error> {
        once::answer(self, tenant, key, status, body)
    }

    fn put_endpoint(&mut self, endpoint: &Endpoint, leaf: Option<&Leaf>) -> Result<(), Error> {
        hooks::put_endpoint(self, endpoint, leaf)
    }

    fn endpoint(&mut self, id: &str) -> Result<Option<Endpoint>, Error> {
        Ok(hooks::endpoints(self, "WHERE id = $1", &[id.into()])?.pop())
    }

    fn endpoints(&mut self) -> Result<Vec<Endpoint>, Error> {
        hooks::endpoints(self, "ORDER BY created_at DESC, id", &[])
    }

    fn awaited(&mut self, now: Instant, health: &str) -> Result<Vec<Endpoint>, Error> {
        queue::awaited(self, now, health)
    }

    fn put_health(
        &mut self,
        endpoint: &str,
        was: &str,
        is: &str,
        leaf: Option<&Leaf>,
    ) -> Result<bool, Error> {
        queue::put_health(self, endpoint, was, is, leaf)
    }

    fn learned_after(&mut self, sequence: u64, limit: u32) -> Result<Vec<Learned>, Error> {
        hooks::learned_after(self, sequence, limit)
    }

    fn published_until(&mut self) -> Result<u64, Error> {
        hooks::published_until(self)
    }

    fn publish(
        &mut self,
        events: &[Event],
        deliveries: &[Delivery],
        until: u64,
    ) -> Result<(), Error> {
        hooks::publish(self, events, deliveries, until)
    }

    fn event(&mut self, id: &str) -> Result<Option<Event>, Error> {
        hooks::event(self, id)
    }

    fn events(&mut self, query: &EventQuery) -> Result<(Vec<Event>, bool), Error> {
        hooks::events(self, query)
    }

    fn events_between(&mut self, from: u64, until: u64, limit: u32) -> Result<Vec<Event>, Error> {
        hooks::events_between(self, from, until, limit)
    }

    fn event_versions(&mut self, cases: &[CaseId]) -> Result<Vec<(CaseId, u32)>, Error> {
        hooks::event_versions(self, cases)
    }

    fn deliveries_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Delivery>, Error> {
        hooks::deliveries_due(self, now, limit)
    }

    fn waiting(
        &mut self,
        endpoint: &str,
        wait: Wait,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<(u64, Delivery)>, Error> {
        queue::waiting(self, endpoint, wait, now, limit)
    }

    fn delivery(&mut self, endpoint: &str, event: &str) -> Result<Option<Delivery>, Error> {
        queue::delivery(self, endpoint, event)
    }

    fn delivery_body(&mut self, endpoint: &str, event: &str) -> Result<Option<String>, Error> {
        queue::delivery_body(self, endpoint, event)
    }

    fn begin(&mut self, seen: &Delivery, body: &str, leased_until: Instant) -> Result<bool, Error> {
        queue::begin(self, seen, body, leased_until)
    }

    fn settle(
        &mut self,
        attempt: &Attempt,
        seen: &Delivery,
        next: &Delivery,
        health: Option<(&str, &str)>,
    ) -> Result<(), Error> {
        hooks::settle(self, attempt, (seen, next), health)
    }

    fn put_deliveries(&mut self, deliveries: &[Delivery]) -> Result<(), Error> {
        hooks::put_deliveries(self, deliveries)
    }

    fn release(&mut self, endpoint: &str, due_at: Instant) -> Result<u64, Error> {
        hooks::release(self, endpoint, due_at)
    }

    fn replay(
        &mut self,
        endpoint: &str,
        again: &Again,
        state: &str,
        due_at: Instant,
        round: u32,
    ) -> Result<u64, Error> {
        queue::replay(self, endpoint, again, (state, due_at, round))
    }

    fn give_up(
        &mut self,
        endpoint: &str,
        before: Instant,
        at: Instant,
        why: &str,
        leaf: &Leaf,
    ) -> Result<u64, Error> {
        queue::give_up(self, (endpoint, before), (at, why), leaf)
    }

    fn hold(&mut self, endpoint: &str) -> Result<u64, Error> {
        queue::hold(self, endpoint)
    }

    fn untaken(
        &mut self,
        events: &[&str],
        merchant: Option<&str>,
        live: bool,
    ) -> Result<Vec<(String, u64)>, Error> {
        queue::untaken(self, events, (merchant, live))
    }

    fn deliveries_waiting(&mut self) -> Result<(u64, u64), Error> {
        queue::counted(self)
    }

    fn deliveries(&mut self, endpoint: &str, limit: u32) -> Result<Vec<Delivery>, Error> {
        hooks::deliveries(self, endpoint, limit)
    }

    fn delivery_page(&mut self, query: &DeliveryQuery) -> Result<(Vec<Delivery>, bool), Error> {
        queue::page(self, query)
    }

    fn attempts(
        &mut self,
        endpoint: &str,
        event: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Attempt>, Error> {
        hooks::attempts(self, endpoint, event, limit)
    }

    fn put_file(&mut self, file: &FileRow, leaf: &Leaf) -> Result<(), Error> {
        files::put(self, file, leaf)
    }

    fn file(&mut self, id: &str) -> Result<Option<FileRow>, Error> {
        files::find(self, id)
    }

    fn files(&mut self, query: &FileQuery) -> Result<(Vec<FileRow>, bool), Error> {
        files::list(self, query)
    }

    fn file_bytes(&mut self, merchant: Option<&str>) -> Result<u64, Error> {
        files::bytes(self, merchant)
    }

    fn put_file_link(&mut self, link: &FileLink, leaf: &Leaf) -> Result<(), Error> {
        files::put_link(self, link, leaf)
    }

    fn file_link(&mut self, id: &str) -> Result<Option<FileLink>, Error> {
        files::link(self, id)
    }

    fn file_links(&mut self, query: &LinkQuery) -> Result<(Vec<FileLink>, bool), Error> {
        files::links(self, query)
    }

    fn told(
        &mut self,
        to: Audience,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<(CaseId, Instant)>, Error> {
        insights::told(self, to, since, limit)
    }

    fn tally(&mut self, scope: &Scope, from: Instant, until: Instant) -> Result<Vec<Tally>, Error> {
        insights::tally(self, scope, from, until, &[])
    }

    fn tally_standing(
        &mut self,
        scope: &Scope,
        from: Instant,
        until: Instant,
        standing: &[&str],
    ) -> Result<Vec<Tally>, Error> {
        insights::tally(self, scope, from, until, standing)
    }

    fn flow(&mut self, scope: &Scope, from: Instant, until: Instant) -> Result<Vec<Flow>, Error> {
        insights::flow(self, scope, from, until)
    }

    fn put_metadata(&mut self, object: &str, json: &str, leaf: &Leaf) -> Result<(), Error> {
        files::put_metadata(self, object, json, leaf)
    }

    fn metadata(&mut self, objects: &[String]) -> Result<Vec<(String, String)>, Error> {
        files::metadata(self, objects)
    }

    fn lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Instant,
        until: Instant,
    ) -> Result<Option<u64>, Error> {
        lease::take(self, name, holder, now, until)
    }

    fn holds(&mut self, name: &str, token: u64) -> Result<bool, Error> {
        lease::holds(self, name, token)
    }

    fn duties(&mut self, query: &DutyQuery) -> Result<Vec<DutyRow>, Error> {
        overview::duties(self, query)
    }

    fn duty_sums(&mut self, query: &DutyQuery) -> Result<DutySums, Error> {
        overview::duty_sums(self, query)
    }

    fn open_sums(&mut self) -> Result<Vec<OpenSum>, Error> {
        overview::open_sums(self)
    }

    fn divergence_sums(&mut self) -> Result<Vec<(Money, u64)>, Error> {
        overview::divergence_sums(self)
    }

    fn since(&mut self, at: Instant) -> Result<Since, Error> {
        overview::since(self, at)
    }

    fn balance_sums(&mut self) -> Result<Vec<Leg>, Error> {
        overview::balance_sums(self)
    }

    fn balances_under(
        &mut self,
        account: &Account,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Leg>, Error> {
        overview::balances_under(self, account, after, limit)
    }

    fn scopes(&mut self) -> Result<Vec<Scope>, Error> {
        overview::scopes(self)
    }

    fn arrivals_from(&mut self, sequence: u64) -> Result<Vec<Intake>, Error> {
        overview::arrivals_from(self, sequence)
    }

    fn troubled(&mut self) -> Result<Vec<Intake>, Error> {
        overview::troubled(self)
    }

    fn last_document(&mut self) -> Result<u64, Error> {
        overview::last_document(self)
    }

    fn heard_from(
        &mut self,
        scopes: &[Scope],
        sequence: u64,
        most: u32,
    ) -> Result<Vec<(Scope, u64)>, Error> {
        overview::heard_from(self, scopes, sequence, most)
    }

    fn sequence_at(&mut self, at: Instant) -> Result<u64, Error> {
        overview::sequence_at(self, at)
    }

    fn list_documents(&mut self, query: &DocumentQuery) -> Result<Vec<DocumentRow>, Error> {
        pages::documents(self, query)
    }

    fn last_arrivals(&mut self, scopes: &[Scope]) -> Result<Vec<DocumentRow>, Error> {
        pages::last_arrivals(self, scopes)
    }

    fn list_entries(&mut self, query: &EntryQuery) -> Result<Vec<NumberedEntry>, Error> {
        pages::entries(self, query)
    }

    fn list_moved(&mut self, query: &MovedQuery) -> Result<Vec<Moved>, Error> {
        pages::moved(self, query)
    }

    fn moved_at(&mut self, case: &CaseId, key: &str) -> Result<Option<MovedAt>, Error> {
        pages::moved_at(self, case, key)
    }

    fn finding_sums(&mut self) -> Result<Vec<FindingSum>, Error> {
        pages::finding_sums(self)
    }

    fn list_findings(&mut self, query: &FindingQuery) -> Result<Vec<FoundIn>, Error> {
        pages::findings(self, query)
    }

    fn log_size(&mut self) -> Result<u64, Error> {
        pages::log_size(self)
    }

    fn fence(&mut self, lease: Option<(&str, u64)>) -> Result<(), Error> {
        self.database
            .fence(lease.map(|(name, token)| (name.to_owned(), token)));
        Ok(())
    }

    fn secrets(&mut self, begin: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
        secrets::beginning(self, begin)
    }

    fn keep_secret(&mut self, name: &str, plain: &[u8], leaf: &Leaf) -> Result<bool, Error> {
        secrets::keep(self, name, plain, leaf)
    }
}
