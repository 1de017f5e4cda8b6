//! What the database itself refuses, from whoever has a client and thinks to know better.

use crate::open::Place;
use crate::world::{at, opening, take};

crate::over_every_database! {
    append_only_tables_take_no_change
    an_unbalanced_entry_cannot_be_written
    a_leg_without_an_entry_cannot_be_written
    a_closed_entry_takes_no_more_legs
    an_entry_of_one_leg_cannot_be_written
    the_check_finds_what_was_forced_in
}

#[track_caller]
fn refused(place: &Place, sql: &str, told: &str) {
    let found = place.past(sql).expect_err(sql);
    assert!(
        found.contains(told),
        "`{sql}`: expected `{told}`, found `{found}`"
    );
}

fn filled(place: &Place) -> Box<dyn store::Store> {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    store.checkpoint(at(1)).unwrap().unwrap();
    store
}

fn append_only_tables_take_no_change(place: &Place) {
    let mut store = filled(place);
    let changes = [
        ("documents", "name = 'other'"),
        ("document_bodies", "sealed = sealed"),
        ("facts", "line = 'moved nothing'"),
        ("facts", "case_id = NULL"),
        ("facts", "known_at = 0"),
        ("facts", "sealed = sealed"),
        ("entries", "key = 'other'"),
        ("legs", "minor = 1"),
        ("leaves", "leaf = leaf"),
        ("checkpoints", "note = ''"),
    ];
    for (table, change) in changes {
        let told = format!("{table} is append-only");
        refused(place, &format!("UPDATE {table} SET {change}"), &told);
        if change != "sealed = sealed" || table != "facts" {
            refused(place, &format!("DELETE FROM {table}"), &told);
        }
    }
    refused(
        place,
        "DELETE FROM document_states",
        "document_states loses no row",
    );
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn legs(entry: i64, minors: &[i64]) -> String {
    let of = |(ordinal, minor): (i64, &i64)| {
        format!(
            "INSERT INTO legs (entry, ordinal, path, layer, currency, minor) \
             VALUES ({entry}, {ordinal}, 'suspense:acme:acct_{ordinal}:USD', 'posted', 'USD', {minor});"
        )
    };
    (10..).zip(minors).map(of).collect()
}

const ENTRY: &str = "INSERT INTO entries (sequence, id, provider, account, case_id, key, ordinal, \
    effective_at, known_at, document) VALUES (3, 'en_x', 'acme', 'acct_1', '', 'x', 1, 0, 0, 1);";

fn an_unbalanced_entry_cannot_be_written(place: &Place) {
    let mut store = filled(place);
    let sql = format!("BEGIN; {} {ENTRY} COMMIT;", legs(3, &[100, -99]));
    refused(place, &sql, "an entry balances per currency and layer");
    let sql = format!("BEGIN; {} {ENTRY} COMMIT;", legs(3, &[100, -100]));
    place.past(&sql).unwrap();
    // Its legs are not in the balances: the check says so.
    let told = store.check().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("balance differs from the sum of its legs"),
        "{told:?}"
    );
}

fn a_leg_without_an_entry_cannot_be_written(place: &Place) {
    let _store = filled(place);
    let sql = format!("BEGIN; {} COMMIT;", legs(3, &[100, -100]));
    refused(place, &sql, place.words("FOREIGN KEY", "foreign key"));
}

fn a_closed_entry_takes_no_more_legs(place: &Place) {
    let _store = filled(place);
    let sql = format!("BEGIN; {} COMMIT;", legs(1, &[100, -100]));
    refused(place, &sql, "an entry takes no more legs");
}

fn an_entry_of_one_leg_cannot_be_written(place: &Place) {
    let _store = filled(place);
    refused(place, ENTRY, "an entry has two legs or more");
}

/// Somebody switches the rules off and writes past them. What they did shows.
fn the_check_finds_what_was_forced_in(place: &Place) {
    let mut store = filled(place);
    let leaf = place.words(
        "UPDATE leaves SET leaf = x'78'",
        "UPDATE leaves SET leaf = 'x'",
    );
    let forced = [
        (
            place.without_rules("UPDATE balances SET minor = minor + 1"),
            "balance differs",
        ),
        (
            place.without_rules("UPDATE legs SET minor = minor + 1 WHERE ordinal = 1"),
            "entry does not balance",
        ),
        (
            place.without_rules("DELETE FROM document_bodies"),
            "document without its bytes",
        ),
        (place.without_rules(leaf), "has another root"),
        (
            place.without_rules("DELETE FROM facts"),
            "case whose family has no fact",
        ),
    ];
    for (sql, told) in forced {
        place.past(&sql).unwrap();
        let found = store.check().unwrap();
        assert!(
            found.iter().any(|one| one.contains(told)),
            "{told}: {found:?}"
        );
    }
}
