//! What waits for an endpoint, and who takes it on.

use crate::open::Place;
use crate::registry::with_events;
use crate::samples::{delivery, endpoint, leaf};
use crate::world::at;
use store::{Delivery, Endpoint, Wait};

crate::over_every_database! {
    what_waits_is_taken_on_as_it_was_seen
}

/// Senders and people change the same rows: whoever saw what is no longer so changes nothing.
fn what_waits_is_taken_on_as_it_was_seen(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let well = endpoint(1, None, true);
    let ids = |found: Vec<Endpoint>| found.into_iter().map(|e| e.id).collect::<Vec<_>>();
    assert_eq!(
        ids(store.awaited(at(0), "ill").unwrap()),
        Vec::<String>::new()
    );
    assert_eq!(ids(store.awaited(at(1), "ill").unwrap()), [well.id.clone()]);
    assert!(ids(store.awaited(at(0), "well").unwrap()).contains(&well.id));
    let (first, second) = (delivery(1, 1), delivery(1, 2));
    for wait in [Wait::Longest, Wait::Oldest] {
        let due = store.waiting(&well.id, wait, at(9), 9).unwrap();
        assert_eq!(due, [(1, first.clone()), (2, second.clone())]);
        assert_eq!(store.waiting(&well.id, wait, at(1), 9).unwrap(), due[..1]);
    }
    assert!(store.begin(&first, "abc", at(30)).unwrap());
    assert!(!store.begin(&first, "abc", at(30)).unwrap());
    let leased = Delivery {
        due_at: at(30),
        ..first.clone()
    };
    assert_eq!(
        store.delivery(&well.id, &first.event).unwrap(),
        Some(leased.clone())
    );
    assert!(store.begin(&leased, "other", at(60)).unwrap());
    let body = store.delivery_body(&well.id, &first.event).unwrap();
    assert_eq!(body.as_deref(), Some("abc"));
    assert_eq!(store.delivery_body(&well.id, &second.event).unwrap(), None);
    let longest = store.waiting(&well.id, Wait::Longest, at(99), 9).unwrap();
    assert_eq!(longest.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [2, 1]);
    let oldest = store.waiting(&well.id, Wait::Oldest, at(99), 9).unwrap();
    assert_eq!(oldest.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(store.hold(&well.id).unwrap(), 2);
    assert_eq!(
        store.waiting(&well.id, Wait::Oldest, at(99), 9).unwrap(),
        []
    );
    let held = store.waiting(&well.id, Wait::LeastTried, at(0), 1).unwrap();
    assert_eq!(held.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1]);
    assert_eq!(ids(store.awaited(at(0), "ill").unwrap()), [well.id.clone()]);
    assert!(
        store
            .put_health(&well.id, "well", "ill", Some(&leaf("health")))
            .unwrap()
    );
    assert!(
        !store
            .put_health(&well.id, "well", "gone", Some(&leaf("health")))
            .unwrap()
    );
    store.put_endpoint(&well, None).unwrap();
    assert_eq!(store.endpoint(&well.id).unwrap().unwrap().health, "ill");
    let parked = Delivery {
        state: "parked".into(),
        attempts: 0,
        settled_at: Some(at(9)),
        ..first
    };
    store.put_deliveries(&[parked]).unwrap();
    // Only what is settled, and only in the range.
    assert_eq!(
        store.replay(&well.id, (2, 9), "due", at(90), 11).unwrap(),
        0
    );
    assert_eq!(
        store.replay(&well.id, (1, 9), "due", at(90), 11).unwrap(),
        1
    );
    let due = store.waiting(&well.id, Wait::Oldest, at(90), 9).unwrap();
    assert_eq!(due.len(), 1);
}
