//! What waits for an endpoint, and who takes it on.

use crate::open::Place;
use crate::registry::with_events;
use crate::samples::{delivery, endpoint, event, id, leaf};
use crate::world::{at, document, opening, plan};
use store::{Again, Delivery, DeliveryQuery, Endpoint, Error, Wait, Whole};

crate::over_every_database! {
    what_waits_is_taken_on_as_it_was_seen
    what_is_released_together_leaves_in_the_order_of_publication
    what_is_sent_again_is_chosen_by_number_time_or_name
    what_is_held_too_long_is_parked_and_said
    deliveries_are_paged_both_ways
    what_no_endpoint_took_is_counted_for_each_event_and_asker
    a_writer_whose_lease_is_anothers_writes_nothing
    a_writer_that_waited_in_vain_writes_later
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
    let due = store.waiting(&well.id, Wait::Longest, at(9), 9).unwrap();
    assert_eq!(due, [(1, first.clone()), (2, second.clone())]);
    let sooner = store.waiting(&well.id, Wait::Longest, at(1), 9).unwrap();
    assert_eq!(sooner, due[..1]);
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
    assert_eq!(store.hold(&well.id).unwrap(), 2);
    assert_eq!(
        store.waiting(&well.id, Wait::Longest, at(99), 9).unwrap(),
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
        store
            .replay(&well.id, &Again::Numbers(2, 9), "due", at(90), 11)
            .unwrap(),
        0
    );
    assert_eq!(
        store
            .replay(&well.id, &Again::Numbers(1, 9), "due", at(90), 11)
            .unwrap(),
        1
    );
    let due = store.waiting(&well.id, Wait::Longest, at(90), 9).unwrap();
    assert_eq!(due.len(), 1);
}

fn what_is_released_together_leaves_in_the_order_of_publication(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let ill = endpoint(1, None, true).id;
    let held = |n, due| Delivery {
        state: "held".into(),
        due_at: at(due),
        ..delivery(1, n)
    };
    // The younger event was due first, which says nothing of which is older.
    store.put_deliveries(&[held(1, 8), held(2, 7)]).unwrap();
    let numbers =
        |found: Vec<(u64, Delivery)>| found.into_iter().map(|(n, _)| n).collect::<Vec<_>>();
    let probed = store.waiting(&ill, Wait::LeastTried, at(9), 9).unwrap();
    assert_eq!(numbers(probed), [1, 2]);
    assert_eq!(store.release(&ill, at(9)).unwrap(), 2);
    let due = store.waiting(&ill, Wait::Longest, at(9), 9).unwrap();
    assert_eq!(numbers(due), [1, 2]);
}

fn states(store: &mut dyn Whole) -> Vec<(String, u32, Option<String>)> {
    let mut found = store.deliveries(&id("we", 1), 9).unwrap();
    found.sort_by(|a, b| a.event.cmp(&b.event));
    let state = |row: Delivery| (row.state, row.attempts, row.why);
    found.into_iter().map(state).collect()
}

fn what_is_sent_again_is_chosen_by_number_time_or_name(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let we = id("we", 1);
    let parked = |n| Delivery {
        state: "parked".into(),
        settled_at: Some(at(9)),
        why: Some("11 attempts failed".into()),
        ..delivery(1, n)
    };
    let (second, third) = (delivery(1, 2).event, at(3));
    for (again, expected) in [
        (Again::Numbers(2, 2), [false, true]),
        (Again::Times(at(1), at(2)), [true, false]),
        (Again::Times(at(2), third), [false, true]),
        (Again::Times(third, at(99)), [false, false]),
        (Again::Event(second), [false, true]),
        (Again::Event("evt_other".into()), [false, false]),
    ] {
        store.put_deliveries(&[parked(1), parked(2)]).unwrap();
        let count = expected.iter().filter(|sent| **sent).count();
        let done = store.replay(&we, &again, "due", at(90), 11).unwrap();
        assert_eq!(usize::try_from(done), Ok(count), "{again:?}");
        let found = states(&mut *store);
        for ((state, _, why), sent) in found.iter().zip(expected) {
            assert_eq!((state == "due", why.is_none()), (sent, sent), "{again:?}");
        }
    }
}

fn what_is_held_too_long_is_parked_and_said(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let we = id("we", 1);
    let mut give_up = |before| {
        let leaf = leaf("given up");
        store
            .give_up(&we, before, at(70), "held for 90 days", &leaf)
            .unwrap()
    };
    // Due is not held.
    assert_eq!(give_up(at(99)), 0);
    store.hold(&we).unwrap();
    let mut give_up = |before| {
        let leaf = leaf("given up");
        store
            .give_up(&we, before, at(70), "held for 90 days", &leaf)
            .unwrap()
    };
    assert_eq!(give_up(at(1)), 0);
    assert_eq!(give_up(at(2)), 1);
    assert_eq!(give_up(at(2)), 0);
    let said = Some("held for 90 days".to_owned());
    assert_eq!(
        states(&mut *store),
        [("parked".into(), 0, said), ("held".into(), 0, None)]
    );
    let leaves = store.leaves(0, 99).unwrap();
    let given_up = leaves.iter().filter(|leaf| *leaf == b"given up").count();
    assert_eq!(given_up, 1);
}

fn deliveries_are_paged_both_ways(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let third = Delivery {
        due_at: at(2),
        state: "held".into(),
        ..delivery(1, 3)
    };
    store.put_deliveries(&[third]).unwrap();
    let mut check =
        |after: Option<u32>, before: Option<u32>, state: Option<&str>, expected: &[u32], more| {
            let query = DeliveryQuery {
                endpoint: id("we", 1),
                state: state.map(str::to_owned),
                after: after.map(|n| id("evt", n)),
                before: before.map(|n| id("evt", n)),
                limit: 2,
            };
            let (found, further) = store.delivery_page(&query).unwrap();
            let found: Vec<String> = found.into_iter().map(|row| row.event).collect();
            let expected: Vec<String> = expected.iter().map(|n| id("evt", *n)).collect();
            assert_eq!((found, further), (expected, more));
        };
    // Two are due at once: the last published first.
    check(None, None, None, &[3, 2], true);
    check(Some(2), None, None, &[1], false);
    check(Some(3), None, None, &[2, 1], false);
    check(None, Some(1), None, &[3, 2], false);
    check(None, Some(2), None, &[3], false);
    check(None, None, Some("held"), &[3], false);
    check(Some(2), None, Some("due"), &[1], false);
    let absent = DeliveryQuery {
        endpoint: id("we", 1),
        state: None,
        after: Some("evt_other".into()),
        before: None,
        limit: 2,
    };
    let told = store.delivery_page(&absent);
    assert!(matches!(told, Err(Error::Absent { .. })), "{told:?}");
}

/// A process that was stopped and wakes believes that it still has the right: whatever it writes then is refused in the
/// transaction itself, on every way in.
fn a_writer_whose_lease_is_anothers_writes_nothing(place: &Place) {
    let (mut late, mut other) = (place.open(), place.open());
    with_events(&mut *late);
    late.append(&[document(&opening(1), at(0))]).unwrap();
    let token = late.lease("worker", "late", at(0), at(10)).unwrap();
    let token = token.expect("nobody else has it");
    late.fence(Some(("worker", token))).unwrap();
    let first = delivery(1, 1);
    assert!(late.begin(&first, "abc", at(5)).unwrap());
    let pending = late.pending(9).unwrap();
    let planned = plan(&mut *late, &pending, at(1)).unwrap();
    assert_eq!(
        other.lease("worker", "other", at(11), at(20)).unwrap(),
        Some(token + 1)
    );
    let seen = Delivery {
        due_at: at(5),
        ..first
    };
    let refused = [
        late.commit(&planned).err(),
        late.append(&[document(&opening(2), at(2))]).err(),
        late.begin(&seen, "abc", at(9)).err(),
        late.publish(&[event(4, "acct_1", 3, 1)], &[], 9).err(),
        late.hold(&id("we", 1)).err(),
        late.put_health(&id("we", 1), "well", "ill", None).err(),
    ];
    for error in refused {
        let told = error.expect("it is refused").to_string();
        assert!(
            told.ends_with("lease `worker` is at 2, this writer has 1"),
            "{told}"
        );
    }
    assert_eq!(other.published_until().unwrap(), 7);
    assert_eq!(other.pending(9).unwrap().len(), 1);
    // Bound to nothing, it writes as anybody.
    late.fence(None).unwrap();
    assert!(late.begin(&seen, "abc", at(9)).unwrap());
    other.fence(Some(("unheard-of", 1))).unwrap();
    assert!(other.begin(&seen, "abc", at(9)).is_err());
}

/// Delivered is not waited for; neither is what a deleted endpoint will never take.
fn what_no_endpoint_took_is_counted_for_each_event_and_asker(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let (ours, gone, test) = (
        endpoint(2, Some(&id("mer", 1)), true),
        endpoint(3, None, true),
        endpoint(4, None, false),
    );
    for endpoint in [&ours, &gone, &test] {
        store.put_endpoint(endpoint, None).unwrap();
    }
    let stands = |endpoint: u32, event: u32, state: &str| Delivery {
        state: state.into(),
        settled_at: (!["due", "held"].contains(&state)).then(|| at(9)),
        ..delivery(endpoint, event)
    };
    store
        .put_deliveries(&[
            stands(1, 1, "held"),
            stands(1, 2, "delivered"),
            stands(1, 3, "parked"),
            stands(2, 1, "due"),
            stands(2, 2, "cancelled"),
            stands(3, 1, "due"),
            stands(4, 1, "due"),
        ])
        .unwrap();
    let deleted = Endpoint {
        deleted_at: Some(at(5)),
        ..gone
    };
    store.put_endpoint(&deleted, None).unwrap();
    let names: Vec<String> = (1..=4).map(|n| id("evt", n)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut check = |merchant: Option<&str>, live: bool, expected: &[(u32, u64)]| {
        let found = store.untaken(&names, merchant, live).unwrap();
        let expected = expected.iter().map(|(n, count)| (id("evt", *n), *count));
        assert_eq!(found, expected.collect::<Vec<_>>());
    };
    check(None, true, &[(1, 2), (3, 1)]);
    check(None, false, &[(1, 1)]);
    check(Some(&id("mer", 1)), true, &[(1, 1)]);
    check(Some(&id("mer", 1)), false, &[]);
    check(Some(&id("mer", 2)), true, &[]);
    assert_eq!(store.untaken(&[], None, true).unwrap(), []);
    assert_eq!(store.untaken(&names[2..], None, true).unwrap().len(), 1);
    store
        .look_as(&store::Sight::Merchant {
            id: id("mer", 1),
            live: true,
        })
        .unwrap();
    let seen = store.untaken(&names, None, true).unwrap();
    assert_eq!(seen, [(id("evt", 1), 1)], "the sight alone narrows it");
}

/// One process in the middle of a long transaction, another that gives up waiting for it: by the same connection it must be
/// able to write afterwards.
fn a_writer_that_waited_in_vain_writes_later(place: &Place) {
    let (mut store, mut door) = (place.open(), place.open());
    let held = place.hold();
    let at_door = std::thread::spawn(move || {
        let told = door.append(&[document(&opening(1), at(0))]);
        (door, told)
    });
    let told = store.lease("worker", "a", at(0), at(10));
    assert!(matches!(told, Err(Error::Busy { .. })), "{told:?}");
    let (mut door, told) = at_door.join().unwrap();
    assert!(matches!(told, Err(Error::Busy { .. })), "{told:?}");
    drop(held);
    assert_eq!(store.lease("worker", "a", at(1), at(10)).unwrap(), Some(1));
    let kept = door.append(&[document(&opening(1), at(0))]).unwrap();
    assert_eq!(kept.len(), 1);
}

/// Two that write without pause get on alike: left to SQLite, one of them made all its writes before the other's second.
#[test]
fn writers_of_one_file_take_turns() {
    const WRITES: u64 = 40;
    let place = Place::sqlite();
    let (mut store, mut other) = (place.open(), place.open());
    let (begun, first) = std::sync::mpsc::channel();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let without_end = std::thread::spawn(move || {
        let mut writes: u64 = 0;
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            writes += 1;
            let until = at(i64::try_from(writes).unwrap());
            other.lease("other", "a", at(0), until).unwrap();
            begun.send(()).unwrap_or_default();
        }
        writes
    });
    first.recv().unwrap();
    for number in 1..=WRITES {
        let until = at(i64::try_from(number).unwrap());
        store.lease("one", "b", at(0), until).unwrap();
    }
    drop(stop);
    let writes = without_end.join().unwrap();
    // One for one, but for moments in which a thread was not on a processor.
    let alike = WRITES / 4..WRITES * 4;
    assert!(
        alike.contains(&writes),
        "{writes} writes while the other made {WRITES}"
    );
}
