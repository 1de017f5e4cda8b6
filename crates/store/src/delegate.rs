//! The registry's methods as a table, for whoever passes them all on: one line for each.

use crate::{Registry, Store};

/// A store with its registry, whatever it is kept in.
pub trait Whole: Store + Registry {}

impl<S: Store + Registry + ?Sized> Whole for S {}

/// Gives every method of [`Registry`] to a macro, as `name(argument: type, ...) -> type;`.
#[macro_export]
macro_rules! registry_methods {
    ($each:ident) => { $each! {
        look_as(sight: &$crate::Sight) -> ();
        list_cases(query: &$crate::CaseQuery) -> $crate::CasePage;
        case_named(name: &str) -> Option<$crate::CaseRow>;
        put_merchant(merchant: &$crate::Merchant, leaf: &$crate::Leaf) -> ();
        merchants() -> Vec<$crate::Merchant>;
        own(owned: &$crate::Owned, leaf: &$crate::Leaf) -> ();
        owned() -> Vec<$crate::Owned>;
        put_person(person: &$crate::Person, leaf: &$crate::Leaf) -> ();
        person(id: &str) -> Option<$crate::Person>;
        person_by_email(email: &str) -> Option<$crate::Person>;
        person_by_subject(issuer: &str, subject: &str) -> Option<$crate::Person>;
        people() -> Vec<$crate::Person>;
        take_totp_step(person: &str, step: i64) -> bool;
        take_recovery(person: &str, hash: &str, leaf: &$crate::Leaf) -> bool;
        put_grant(grant: &$crate::Grant, at: calendar::Instant, leaf: &$crate::Leaf) -> ();
        drop_grant(grant: &$crate::Grant, at: calendar::Instant, leaf: &$crate::Leaf) -> ();
        grants(person: Option<&str>) -> Vec<$crate::Grant>;
        put_session(session: &$crate::Session, leaf: Option<&$crate::Leaf>) -> ();
        session(token_hash: &str) -> Option<$crate::Session>;
        sessions_of(person: &str) -> Vec<$crate::Session>;
        replace_session(
            token_hash: &str, next: &$crate::Session, leaf: Option<&$crate::Leaf>
        ) -> bool;
        end_sessions(person: &str, at: calendar::Instant, leaf: &$crate::Leaf) -> u64;
        put_errand(errand: &$crate::Errand) -> ();
        errand(state_hash: &str) -> Option<$crate::Errand>;
        take_errand(state_hash: &str) -> Option<$crate::Errand>;
        failures(about: &str) -> Option<$crate::Failures>;
        put_failures(failures: &$crate::Failures) -> ();
        count_failures(before: Option<&$crate::Failures>, after: &$crate::Failures) -> bool;
        note(leaf: &$crate::Leaf) -> ();
        put_key(key: &$crate::ApiKey, leaf: &$crate::Leaf) -> ();
        key_by_hash(hash: &str) -> Option<$crate::ApiKey>;
        keys(merchant: Option<&str>) -> Vec<$crate::ApiKey>;
        key_used(id: &str, at: calendar::Instant) -> ();
        append_once(
            once: &$crate::Once, seen: Option<&$crate::Seen>, documents: &[$crate::NewDocument]
        ) -> $crate::OnceOutcome;
        once(tenant: &str, key: &str) -> Option<$crate::Once>;
        put_once(once: &$crate::Once) -> bool;
        answer_once(tenant: &str, key: &str, status: u16, body: &[u8]) -> ();
        put_endpoint(endpoint: &$crate::Endpoint, leaf: Option<&$crate::Leaf>) -> ();
        endpoint(id: &str) -> Option<$crate::Endpoint>;
        endpoints() -> Vec<$crate::Endpoint>;
        awaited(now: calendar::Instant, health: &str) -> Vec<$crate::Endpoint>;
        put_health(
            endpoint: &str, was: &str, is: &str, leaf: Option<&$crate::Leaf>
        ) -> bool;
        learned_after(sequence: u64, limit: u32) -> Vec<$crate::Learned>;
        published_until() -> u64;
        publish(events: &[$crate::Event], deliveries: &[$crate::Delivery], until: u64) -> ();
        event(id: &str) -> Option<$crate::Event>;
        events(query: &$crate::EventQuery) -> (Vec<$crate::Event>, bool);
        events_between(from: u64, until: u64, limit: u32) -> Vec<$crate::Event>;
        event_versions(cases: &[dispute::id::CaseId]) -> Vec<(dispute::id::CaseId, u32)>;
        deliveries_due(now: calendar::Instant, limit: u32) -> Vec<$crate::Delivery>;
        waiting(
            endpoint: &str, wait: $crate::Wait, now: calendar::Instant, limit: u32
        ) -> Vec<(u64, $crate::Delivery)>;
        delivery(endpoint: &str, event: &str) -> Option<$crate::Delivery>;
        delivery_body(endpoint: &str, event: &str) -> Option<String>;
        begin(seen: &$crate::Delivery, body: &str, leased_until: calendar::Instant) -> bool;
        settle(
            attempt: &$crate::Attempt, seen: &$crate::Delivery, next: &$crate::Delivery,
            health: Option<(&str, &str)>
        ) -> ();
        put_deliveries(deliveries: &[$crate::Delivery]) -> ();
        release(endpoint: &str, due_at: calendar::Instant) -> u64;
        replay(
            endpoint: &str, again: &$crate::Again, state: &str, due_at: calendar::Instant, round: u32
        ) -> u64;
        give_up(
            endpoint: &str, before: calendar::Instant, at: calendar::Instant, why: &str, leaf: &$crate::Leaf
        ) -> u64;
        hold(endpoint: &str) -> u64;
        untaken(events: &[&str], merchant: Option<&str>, live: bool) -> Vec<(String, u64)>;
        deliveries_waiting() -> (u64, u64);
        deliveries(endpoint: &str, limit: u32) -> Vec<$crate::Delivery>;
        delivery_page(query: &$crate::DeliveryQuery) -> (Vec<$crate::Delivery>, bool);
        attempts(endpoint: &str, event: Option<&str>, limit: u32) -> Vec<$crate::Attempt>;
        put_file(file: &$crate::FileRow, leaf: &$crate::Leaf) -> ();
        file(id: &str) -> Option<$crate::FileRow>;
        files(query: &$crate::FileQuery) -> (Vec<$crate::FileRow>, bool);
        file_bytes(merchant: Option<&str>) -> u64;
        put_file_link(link: &$crate::FileLink, leaf: &$crate::Leaf) -> ();
        file_link(id: &str) -> Option<$crate::FileLink>;
        file_links(query: &$crate::LinkQuery) -> (Vec<$crate::FileLink>, bool);
        told(
            to: dispute::said::Audience, since: calendar::Instant, limit: u32
        ) -> Vec<(dispute::id::CaseId, calendar::Instant)>;
        tally(
            scope: &dispute::fact::Scope, from: calendar::Instant, until: calendar::Instant
        ) -> Vec<$crate::Tally>;
        tally_standing(
            scope: &dispute::fact::Scope, from: calendar::Instant, until: calendar::Instant,
            standing: &[&str]
        ) -> Vec<$crate::Tally>;
        flow(
            scope: &dispute::fact::Scope, from: calendar::Instant, until: calendar::Instant
        ) -> Vec<$crate::Flow>;
        put_metadata(object: &str, json: &str, leaf: &$crate::Leaf) -> ();
        metadata(objects: &[String]) -> Vec<(String, String)>;
        lease(
            name: &str, holder: &str, now: calendar::Instant, until: calendar::Instant
        ) -> Option<u64>;
        holds(name: &str, token: u64) -> bool;
        duties(query: &$crate::DutyQuery) -> Vec<$crate::DutyRow>;
        duty_sums(query: &$crate::DutyQuery) -> $crate::DutySums;
        open_sums() -> Vec<$crate::OpenSum>;
        divergence_sums() -> Vec<(money::Money, u64)>;
        since(at: calendar::Instant) -> $crate::Since;
        balance_sums() -> Vec<ledger::Leg>;
        balances_under(account: &ledger::Account, after: Option<&str>, limit: u32) -> Vec<ledger::Leg>;
        scopes() -> Vec<dispute::fact::Scope>;
        arrivals_from(sequence: u64) -> Vec<$crate::Intake>;
        troubled() -> Vec<$crate::Intake>;
        last_document() -> u64;
        heard_from(
            scopes: &[dispute::fact::Scope], sequence: u64, most: u32
        ) -> Vec<(dispute::fact::Scope, u64)>;
        sequence_at(at: calendar::Instant) -> u64;
        list_documents(query: &$crate::DocumentQuery) -> Vec<$crate::DocumentRow>;
        last_arrivals(scopes: &[dispute::fact::Scope]) -> Vec<$crate::DocumentRow>;
        list_entries(query: &$crate::EntryQuery) -> Vec<$crate::NumberedEntry>;
        list_moved(query: &$crate::MovedQuery) -> Vec<$crate::Moved>;
        moved_at(case: &dispute::id::CaseId, key: &str) -> Option<$crate::MovedAt>;
        finding_sums() -> Vec<$crate::FindingSum>;
        list_findings(query: &$crate::FindingQuery) -> Vec<$crate::FoundIn>;
        log_size() -> u64;
        fence(lease: Option<(&str, u64)>) -> ();
        secrets(begin: &str) -> Vec<(String, Vec<u8>)>;
        keep_secret(name: &str, plain: &[u8], leaf: &$crate::Leaf) -> bool;
    } };
}
