use crate::open::Place;
use crate::overview::every;
use crate::world::{at, opening, take};
use store::{
    CaseFilter, CaseQuery, CaseRow, DutyOrder, DutyQuery, EntryRow, StoredDocument, Whole,
};

crate::over_every_database! {
    a_migration_interrupted_anywhere_goes_on
    a_desk_of_the_release_before_keeps_its_rows
    a_schema_from_the_future_is_refused
    migrating_twice_changes_nothing
}

fn a_migration_interrupted_anywhere_goes_on(place: &Place) {
    // One statement, then the process dies; another starts, runs two, dies; and so on.
    let mut left = usize::MAX;
    let mut most = 0;
    while left > 0 {
        most = most % 3 + 1;
        let before = left;
        left = place.migrate_steps(most);
        assert!(left < before);
    }
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    assert_eq!(store.check().unwrap(), [""; 0]);
    let at_once = place.like();
    drop(at_once.open());
    assert_eq!(place.shape(), at_once.shape());
}

type Snapshot = (
    Vec<StoredDocument>,
    Vec<CaseRow>,
    Vec<EntryRow>,
    Vec<Vec<u8>>,
);

fn snapshot(store: &mut dyn store::Store) -> Snapshot {
    let all = CaseFilter {
        scope: None,
        provider: None,
        status: None,
        stage: None,
        due_before: None,
        after: None,
        limit: 100,
    };
    (
        store.documents_from(1, 100).unwrap(),
        store.cases(&all).unwrap(),
        store.entries_after(None, 100).unwrap(),
        store.leaves(0, 100).unwrap(),
    )
}

/// Who writes is today's program: the columns that the first release had not yet are there while it writes, and no longer.
fn beyond(place: &Place, change: &str, kind: &str) {
    let columns = [
        ("obligations", "assigned_to"),
        ("obligations", "stage"),
        ("case_refs", "provider"),
        ("case_refs", "account"),
    ];
    for (table, column) in columns {
        place
            .past(&format!("ALTER TABLE {table} {change} {column}{kind}"))
            .unwrap();
    }
}

/// Our duties at a stage, which is the case's.
fn at_chargeback(store: &mut dyn Whole) -> usize {
    let query = DutyQuery {
        stage: Some(String::from("chargeback")),
        ..every(DutyOrder::Time, at(0))
    };
    store.duties(&query).unwrap().len()
}

/// The account's cases by what their references begin with, which are found by the account in each reference's own row.
fn referred_to(store: &mut dyn Whole) -> usize {
    let query = CaseQuery {
        accounts: vec![crate::world::scope()],
        text: Some(String::from("du_")),
        ..CaseQuery::newest(10)
    };
    store.list_cases(&query).unwrap().rows.len()
}

/// A desk of the first release, with rows in every table, is brought forward; the migration dies before each of its
/// statements in turn.
fn a_desk_of_the_release_before_keeps_its_rows(place: &Place) {
    let left = place.migrate_steps(place.first_release());
    assert!(left > 0, "there is a migration after the first release");
    let mut old = place.connect();
    beyond(place, "ADD COLUMN", " TEXT NOT NULL DEFAULT ''");
    take(&mut *old, &[opening(1), opening(2)], at(0));
    beyond(place, "DROP COLUMN", "");
    old.checkpoint(at(1)).unwrap();
    old.put_blob(&crate::world::scope(), &dispute::id::sha256_hex(b"x"), b"x")
        .unwrap();
    let before = snapshot(&mut *old);
    drop(old);
    for expected in (0..left).rev() {
        assert_eq!(place.migrate_steps(1), expected);
        assert_eq!(snapshot(&mut *place.connect()), before);
    }
    let mut new = place.open();
    assert_eq!(at_chargeback(&mut *new), 2);
    assert_eq!(referred_to(&mut *new), 2);
    take(&mut *new, &[opening(3)], at(2));
    assert_eq!(at_chargeback(&mut *new), 3);
    assert_eq!(referred_to(&mut *new), 3);
    assert_eq!(new.check().unwrap(), [""; 0]);
}

fn a_schema_from_the_future_is_refused(place: &Place) {
    drop(place.open());
    place
        .past("INSERT INTO migration_steps (version, step, digest) VALUES (99, 1, 'x')")
        .unwrap();
    let told = place.connect().migrate().unwrap_err().to_string();
    assert!(
        told.starts_with("schema: step 99.1 was applied, this program's last is "),
        "{told}"
    );
}

fn migrating_twice_changes_nothing(place: &Place) {
    let mut store = place.open();
    let shape = place.shape();
    store.migrate().unwrap();
    assert_eq!(place.shape(), shape);
}
