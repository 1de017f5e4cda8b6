use crate::open::Place;
use crate::world::{account, at, document, opening, scope, take, work};
use store::{Error, Fate};

crate::over_every_database! {
    a_key_is_replaced_while_the_desk_runs
    a_rotation_that_stopped_goes_on
    only_the_account_asked_for_is_sealed_again
    another_desks_key_opens_nothing
}

fn note(n: u32) -> String {
    format!(
        "noted at={} by=operator auth=own scope=acme/acct_1 ref.dispute=du_{n} text=hello author=op_1",
        at(500)
    )
}

/// Between any two steps of the rotation another connection reads everything and writes something new.
fn a_key_is_replaced_while_the_desk_runs(place: &Place) {
    let mut store = place.open();
    let bodies: Vec<String> = (0..6)
        .map(|n| format!("{}\n{}", opening(n), note(n)))
        .collect();
    take(&mut *store, &bodies, at(0));
    store
        .put_blob(&scope(), &dispute::id::sha256_hex(b"file"), b"file")
        .unwrap();
    let mut other = place.open();
    let first = place.raw("SELECT sealed FROM document_bodies ORDER BY document");
    let mut steps = 0;
    loop {
        let left = store.rotate_key(&scope(), 2).unwrap();
        let all = other.documents_from(1, 100).unwrap();
        assert_eq!(all[0].document.body, bodies[0].as_bytes());
        let n = 100 + steps;
        let body = format!("{}\n{}", opening(n), note(n));
        other.append(&[document(&body, at(600))]).unwrap();
        work(&mut *other, at(600)).unwrap();
        assert_eq!(
            store
                .blob(&scope(), &dispute::id::sha256_hex(b"file"))
                .unwrap()
                .unwrap(),
            b"file"
        );
        for family in other.families_after(None, 100).unwrap() {
            assert_eq!(other.facts_of_family(&family).unwrap().len(), 9);
        }
        steps += 1;
        if left == 0 {
            break;
        }
    }
    // 6 documents, 6 notes and a file, 2 at a time; what was written meanwhile is under the new key from the start.
    assert_eq!(steps, 7);
    let second = place.raw("SELECT sealed FROM document_bodies ORDER BY document");
    assert!(
        first
            .iter()
            .zip(&second)
            .all(|(before, after)| before != after)
    );
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn a_rotation_that_stopped_goes_on(place: &Place) {
    let mut store = place.open();
    let bodies: Vec<String> = (0..5).map(opening).collect();
    take(&mut *store, &bodies, at(0));
    assert_eq!(store.rotate_key(&scope(), 2).unwrap(), 3);
    drop(store);
    let mut store = place.open();
    assert_eq!(
        store.rotate_key(&scope(), 2).unwrap(),
        1,
        "no new key before the last is done with"
    );
    assert_eq!(store.rotate_key(&scope(), 2).unwrap(), 0);
    assert_eq!(
        store.rotate_key(&scope(), 2).unwrap(),
        3,
        "the next rotation"
    );
}

fn only_the_account_asked_for_is_sealed_again(place: &Place) {
    let mut store = place.open();
    let mut other = document("theirs", at(0));
    other.scope = account("acct_2");
    store.append(&[document("ours", at(0)), other]).unwrap();
    let before = place.raw("SELECT sealed FROM document_bodies ORDER BY document");
    assert_eq!(store.rotate_key(&account("acct_2"), 10).unwrap(), 0);
    let after = place.raw("SELECT sealed FROM document_bodies ORDER BY document");
    assert_eq!(
        (before[0] == after[0], before[1] == after[1]),
        (true, false)
    );
    assert_eq!(store.documents_with(Fate::Pending, 10).unwrap().len(), 2);
}

fn another_desks_key_opens_nothing(place: &Place) {
    let mut store = place.open();
    store.append(&[document("ours", at(0))]).unwrap();
    let mut thief = place.connect_with(store::Keys::of([1; 32], [2; 32]));
    let told = thief.pending(10).unwrap_err();
    assert!(matches!(told, Error::Key { .. }), "{told}");
    let told = thief.append(&[document("mine", at(0))]).unwrap_err();
    assert!(matches!(told, Error::Key { .. }), "{told}");
    assert_eq!(store.pending(10).unwrap().len(), 1);
}
