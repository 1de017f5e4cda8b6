//! Webhooks come in through two doors while a worker works them off and another takes the worker's lease over: what was
//! acknowledged is there once, and was applied once.
//!
//! Nobody waits for a clock: a writer that waits for another longer than the store lets it fails, and the test with it.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use adapter::{Channel, Secret};
use calendar::Instant;
use engine::intake::{Arrival, Trust};
use engine::{Engine, Error};
use sim::paper::stripe as paper;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use store::{Fate, Keys, Registry, Store};

/// Where the tests find a server.
const SERVER: &str = "DOCKET_TEST_POSTGRES";
const LEASE: &str = "worker";
const SECRET: &[u8] = b"whsec_synthetic";
const ACCOUNTS: i64 = 3;
const CASES_A_WAVE: i64 = 8;
const WAVES: i64 = 24;
const CASES: i64 = WAVES * CASES_A_WAVE;
/// The doors that documents come through; each hears all of them.
const DOORS: u64 = 2;

fn at(seconds: i64) -> Instant {
    Instant::parse("2026-03-02T09:00:00Z")
        .unwrap()
        .plus_seconds(seconds)
}

/// Beyond every arrival.
fn later() -> Instant {
    at(3_600)
}

/// The webhook that opens case number so many, and withdraws its amount.
fn webhook(number: i64) -> Arrival {
    let opened = at(number);
    let dispute = paper::Dispute {
        id: format!("du_{number}"),
        charge: format!("ch_{number}"),
        payment_intent: format!("pi_{number}"),
        amount: 1_000 + number,
        currency: "usd".to_owned(),
        status: "needs_response".to_owned(),
        reason: "fraudulent".to_owned(),
        brand: "visa".to_owned(),
        network_code: "10.4".to_owned(),
        case_type: "chargeback".to_owned(),
        created: opened,
        due_by: Some(opened.plus_days(14)),
        has_evidence: false,
        submission_count: 0,
        balances: vec![paper::Balance {
            id: format!("txn_{number}"),
            amount: -(1_000 + number),
            fee: 1_500,
            currency: "usd".to_owned(),
            created: opened,
            available: true,
        }],
    };
    let id = format!("evt_{number}");
    let object = paper::object(&dispute);
    let body = paper::event(&id, "charge.dispute.created", opened, &object);
    let account = format!("acct_{}", number % ACCOUNTS);
    Arrival {
        provider: "stripe".to_owned(),
        name: format!("/in/stripe/{account}"),
        account,
        channel: Channel::Webhook,
        headers: vec![paper::signature(SECRET, &body, opened)],
        body,
        received_at: opened,
    }
}

fn secrets() -> [Secret; 1] {
    [Secret {
        label: "current".to_owned(),
        value: SECRET.to_vec(),
    }]
}

/// How often each document was acknowledged, by its id.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

/// Hands in every case's document, wave by wave, and each wave's again with the next: the worker has the first in hand by
/// then. `order` gives the wave's place in this door's order.
fn attend<S: Store>(
    store: S,
    order: impl Fn(i64) -> i64,
    acknowledged: &Acknowledged,
    waves: &AtomicU64,
) {
    let mut door = Engine::new(store, providers::list::ALL);
    let secrets = secrets();
    let trust = Trust::Signed(&secrets);
    for place in 0..WAVES {
        let cases = |wave: i64| (wave * CASES_A_WAVE)..((wave + 1) * CASES_A_WAVE);
        let before = (place > 0).then(|| order(place - 1));
        let numbers = cases(order(place)).chain(before.into_iter().flat_map(cases));
        let arrivals: Vec<Arrival> = numbers.map(webhook).collect();
        let each = arrivals.iter().map(|arrival| (arrival, &trust));
        let kept = door.receive_each(each).unwrap();
        let mut acknowledged = acknowledged.lock().unwrap();
        for one in kept {
            *acknowledged.entry(one.id.to_string()).or_default() += 1;
        }
        waves.fetch_add(1, Ordering::SeqCst);
    }
}

/// Works off whatever is there until both doors are shut, or until somebody else has the lease; `true` for that.
fn work<S: Store>(worker: &mut Engine<S>, waves: &AtomicU64) -> bool {
    loop {
        // Asked first: what comes in after it is still worked off.
        let shut = waves.load(Ordering::SeqCst) == DOORS * u64::try_from(WAVES).unwrap();
        match worker.absorb(later()) {
            Ok(_) if shut => return false,
            Ok(_) => thread::yield_now(),
            Err(Error::Store {
                source: store::Error::Fenced { .. },
                ..
            }) => return true,
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn leased<S: Store + Registry>(mut store: S, holder: &str, from: i64) -> Engine<S> {
    let until = at(from + 10);
    let token = store.lease(LEASE, holder, at(from), until).unwrap();
    let token = token.expect("the lease before it has ended");
    store.fence(Some((LEASE, token))).unwrap();
    Engine::new(store, providers::list::ALL)
}

/// What the same documents come to with nobody beside.
fn alone() -> Vec<(String, String)> {
    let mut desk = Engine::new(
        store::sqlite::Store::memory().unwrap(),
        providers::list::ALL,
    );
    let arrivals: Vec<Arrival> = (0..CASES).map(webhook).collect();
    desk.receive(&arrivals, &Trust::Signed(&secrets())).unwrap();
    desk.absorb(later()).unwrap();
    outcome(&mut desk)
}

fn outcome<S: Store>(desk: &mut Engine<S>) -> Vec<(String, String)> {
    let cases = desk.store.digests_after(None, 10_000).unwrap();
    let cases = cases
        .into_iter()
        .map(|(case, digest)| (case.to_string(), digest));
    let balances = desk.store.balances().unwrap();
    let balances = balances
        .into_iter()
        .map(|leg| (format!("{:?}", leg.account), format!("{:?}", leg.amount)));
    cases.chain(balances).collect()
}

#[track_caller]
fn check<S: Store + Registry + Send>(open: impl Fn() -> S + Sync) {
    open().migrate().unwrap();
    let (acknowledged, waves) = (Acknowledged::default(), AtomicU64::new(0));
    let mut first = leased(open(), "first", 0);
    let begin = Barrier::new(4);
    let taken = thread::scope(|scope| {
        scope.spawn(|| {
            begin.wait();
            attend(open(), |place| place, &acknowledged, &waves);
        });
        scope.spawn(|| {
            begin.wait();
            attend(open(), |place| WAVES - 1 - place, &acknowledged, &waves);
        });
        let first = scope.spawn(|| {
            begin.wait();
            work(&mut first, &waves)
        });
        let second = scope.spawn(|| {
            begin.wait();
            while waves.load(Ordering::SeqCst) < u64::try_from(WAVES).unwrap() / 2 {
                thread::yield_now();
            }
            work(&mut leased(open(), "second", 11), &waves)
        });
        assert!(!second.join().unwrap(), "nobody takes the second's lease");
        first.join().unwrap()
    });
    // Whether or not it had anything to write by then, the first writes nothing any more.
    let late = first.receive(&[webhook(CASES)], &Trust::Signed(&secrets()));
    assert!(late.is_err(), "refused before: {taken}");

    let mut desk = Engine::new(open(), providers::list::ALL);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.len(), usize::try_from(CASES).unwrap());
    for document in desk.store.documents_from(1, 10_000).unwrap() {
        let times = acknowledged.get(&document.id.to_string()).copied();
        assert_eq!(Some(u64::from(document.arrivals)), times);
        assert_eq!(document.fate, Fate::Applied);
    }
    let intake = desk.store.intake().unwrap();
    let documents: u64 = intake.iter().map(|row| row.documents).sum();
    assert_eq!(documents, u64::try_from(CASES).unwrap());
    assert_eq!(outcome(&mut desk), alone());
    for check in desk.doctor(later()).unwrap() {
        assert!(check.holds(), "{check:#?}");
    }
}

#[test]
fn what_is_acknowledged_beside_a_worker_and_its_heir_is_applied_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(|| {
        let keys = Keys::known_to_everybody();
        store::sqlite::Store::open_with(folder.path(), keys).unwrap()
    });
}

#[test]
fn what_is_acknowledged_beside_a_worker_and_its_heir_is_applied_once_on_postgresql() {
    let Ok(url) = std::env::var(SERVER) else {
        eprintln!("skipped: no PostgreSQL for the doors; name a server in {SERVER}");
        return;
    };
    let schema = format!("door_{}", std::process::id());
    check(|| {
        let keys = Keys::known_to_everybody();
        store::pg::Store::connect_in(&url, &schema, keys).unwrap()
    });
}
