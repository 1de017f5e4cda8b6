//! Writers that meet, and stores that fail.

use crate::open::Place;
use crate::world::{at, document, opening, plan, take, work};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::faulty::{self, Fault};
use store::{Error, Fate};

crate::over_every_database! {
    the_second_of_two_writers_reads_again
    a_document_is_processed_once
    each_operation_may_fail_before_or_after
    an_orphaned_write_does_not_stay_half_done
    a_broken_connection_is_made_anew
    what_people_looked_at_binds_nobody
}

/// Two engines read the same family; the second to commit would undo the first.
fn the_second_of_two_writers_reads_again(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    one.append(&[document(&opening(1), at(0)), document(&opening(2), at(0))])
        .unwrap();
    let pending = one.pending(10).unwrap();
    let first = plan(&mut *one, &pending[..1], at(1)).unwrap();
    let second = plan(&mut *other, &pending[1..], at(1)).unwrap();
    one.commit(&first).unwrap();
    let told = other.commit(&second).unwrap_err();
    assert!(
        matches!(told, Error::Conflict { .. }) && told.retryable(),
        "{told}"
    );
    let second = plan(&mut *other, &pending[1..], at(2)).unwrap();
    other.commit(&second).unwrap();
    assert_eq!(one.cases(&crate::faults::all()).unwrap().len(), 2);
    take(&mut *one, &[opening(3)], at(3));
    assert_eq!(one.check().unwrap(), [""; 0]);
}

pub fn all() -> store::CaseFilter {
    store::CaseFilter {
        scope: None,
        provider: None,
        status: None,
        stage: None,
        due_before: None,
        after: None,
        limit: 100,
    }
}

fn a_document_is_processed_once(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1)], at(0));
    let entries = store.entries_after(None, 10).unwrap();
    let told = store.commit(&commit).unwrap_err();
    assert!(matches!(told, Error::Conflict { .. }), "{told}");
    assert_eq!(store.entries_after(None, 10).unwrap(), entries);
}

/// For each operation of a small story in turn: it fails before, fails after, crashes before, crashes after; the desk starts
/// again and ends where it would have ended.
fn each_operation_may_fail_before_or_after(place: &Place) {
    let kinds = [
        Fault::Before,
        Fault::After,
        Fault::CrashBefore,
        Fault::CrashAfter,
    ];
    let mut n = 0;
    for kind in kinds {
        for fails_at in 1.. {
            n += 1;
            let fired = Arc::new(AtomicU64::new(0));
            let counter = Arc::clone(&fired);
            let mut store = faulty::Store::new(place.open(), move |operation| {
                let fires =
                    operation.number == fails_at && counter.fetch_add(1, Ordering::SeqCst) == 0;
                if fires { kind } else { Fault::None }
            });
            let body = document(&opening(n), at(0));
            let mut tries = 0;
            loop {
                let outcome = store::Store::append(&mut store, &[body.clone()])
                    .and_then(|_| work(&mut store, at(1)));
                tries += 1;
                assert!(tries < 5, "the story ends");
                match outcome {
                    Ok(_) => break,
                    Err(error) => assert!(error.retryable(), "{error}"),
                }
                store.recover();
            }
            let mut inner = store.into_inner();
            let id = inner.facts_near(&near(n)).unwrap();
            assert_eq!(id.len(), 8);
            assert_eq!(inner.check().unwrap(), [""; 0]);
            assert!(inner.documents_with(Fate::Pending, 10).unwrap().is_empty());
            if fired.load(Ordering::SeqCst) == 0 {
                assert!(fails_at > 5, "the story has more than five operations");
                break;
            }
        }
    }
    let mut store = place.open();
    let entries = store.entries_after(None, 10_000).unwrap();
    assert_eq!(
        entries.len(),
        usize::try_from(n).unwrap() * 2,
        "each movement posted once"
    );
}

fn near(n: u32) -> [(dispute::fact::Scope, dispute::reference::Reference); 1] {
    let reference = dispute::reference::Reference {
        kind: dispute::reference::RefKind::Payment,
        value: format!("ch_{n}"),
    };
    [(crate::world::scope(), reference)]
}

/// A connection that goes away in the middle takes its transaction with it.
fn an_orphaned_write_does_not_stay_half_done(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    let half = "BEGIN; DELETE FROM obligations; DELETE FROM timers";
    place.past(half).unwrap();
    assert_eq!(
        store.timers_due(calendar::Instant::MAX, 10).unwrap().len(),
        1
    );
    take(&mut *store, &[opening(2)], at(1));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// The operation that meets the broken connection fails, and can be tried again; the next one finds a new connection.
fn a_broken_connection_is_made_anew(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    place.sever();
    if let Err(error) = store.append(&[document(&opening(2), at(1))]) {
        assert!(
            matches!(error, Error::Unavailable { .. }) && error.retryable(),
            "{error}"
        );
    }
    take(&mut *store, &[opening(2), opening(3)], at(2));
    assert_eq!(store.cases(&all()).unwrap().len(), 3);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn what_people_looked_at_binds_nobody(place: &Place) {
    let (mut server, mut person) = (place.open(), place.open());
    let family = take(&mut *server, &[opening(1)], at(0)).families[0]
        .family
        .clone();
    assert_eq!(server.facts_of_family(&family).unwrap().len(), 8);
    take(&mut *person, &[opening(2)], at(1));
    take(&mut *server, &[opening(3)], at(2));
    assert_eq!(server.cases(&all()).unwrap().len(), 3);
}
