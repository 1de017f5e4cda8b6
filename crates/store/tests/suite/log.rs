use crate::open::Place;
use crate::world::{at, opening, take};
use audit::{SignedNote, VerifierKey};

crate::over_every_database! {
    leaves_are_numbered_in_commit_order
    a_checkpoint_is_signed_once_per_growth
    an_export_verifies_without_the_desk
}

fn leaves_are_numbered_in_commit_order(place: &Place) {
    let mut store = place.open();
    let mut expected = Vec::new();
    for n in 0..5 {
        let commit = take(
            &mut *store,
            &[opening(n), opening(n + 100)],
            at(i64::from(n)),
        );
        expected.extend(commit.leaves.into_iter().map(|leaf| leaf.0.into_bytes()));
    }
    assert_eq!(store.leaves(0, 100).unwrap(), expected);
    assert_eq!(store.leaves(3, 2).unwrap(), expected[3..5]);
    assert!(store.leaves(10, 5).unwrap().is_empty());
}

fn a_checkpoint_is_signed_once_per_growth(place: &Place) {
    let mut store = place.open();
    assert_eq!(store.checkpoint(at(0)).unwrap(), None, "nothing to sign");
    take(&mut *store, &[opening(1)], at(1));
    let first = store.checkpoint(at(2)).unwrap().unwrap();
    assert_eq!(store.checkpoint(at(3)).unwrap(), None);
    take(&mut *store, &[opening(2)], at(4));
    let second = store.checkpoint(at(5)).unwrap().unwrap();
    drop(store);
    let mut store = place.open();
    assert_eq!(store.checkpoints().unwrap(), [first, second]);
    let key = VerifierKey::parse(&store.verifier_key().unwrap()).unwrap();
    for (note, size) in store.checkpoints().unwrap().iter().zip([1, 2]) {
        let note = SignedNote::parse(note).unwrap();
        assert_eq!(audit::Checkpoint::verify(&note, &key).unwrap().size, size);
    }
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn an_export_verifies_without_the_desk(place: &Place) {
    let mut store = place.open();
    for n in 0..9 {
        take(&mut *store, &[opening(n)], at(i64::from(n)));
    }
    store.checkpoint(at(9)).unwrap();
    let key = VerifierKey::parse(&store.verifier_key().unwrap()).unwrap();
    let leaves = store.leaves(0, 1_000).unwrap();
    let notes: Vec<SignedNote> = store
        .checkpoints()
        .unwrap()
        .iter()
        .map(|note| SignedNote::parse(note).unwrap())
        .collect();
    let mut text = String::new();
    let leaves = leaves.iter().map(Vec::as_slice);
    audit::export::write(&mut text, key.name(), &key, leaves, &notes).unwrap();
    let report = audit::export::verify(text.as_bytes());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let changed = text.replacen("entry 4 ", "entry 4 A", 1);
    assert!(
        !audit::export::verify(changed.as_bytes())
            .findings
            .is_empty()
    );
}
