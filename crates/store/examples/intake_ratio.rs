//! How fast the store takes documents and what follows from them, against the same database taking the same rows by bulk
//! load: prepared inserts in one transaction for SQLite, `COPY` for PostgreSQL (where `DOCKET_TEST_POSTGRES` names a server).
//!
//! The bulk load gets its rows ready made: nothing compressed, sealed, hashed or looked up. Both write the same schema, with
//! its indexes, references and triggers. Deriving is not measured here; the commits are made beforehand.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::string_slice,
    dead_code
)]

#[path = "../tests/suite/world.rs"]
mod world;

use std::io::{Read, Write};
use std::time::{Duration, Instant};
use store::{Commit, Keys, NewDocument, Store};

/// Documents in one transaction.
const BATCH: u32 = 1_000;
const BATCHES: u32 = 20;
/// Facts in each document of [`world::opening`].
const FACTS: u32 = 8;

const TABLES: [&str; 19] = [
    "keys",
    "documents",
    "document_bodies",
    "document_states",
    "rejects",
    "facts",
    "refs",
    "cases",
    "case_refs",
    "legs",
    "entries",
    "balances",
    "obligations",
    "timers",
    "outbox",
    "submissions",
    "findings",
    "leaves",
    "checkpoints",
];

fn main() {
    let work = commits();
    let folder = tempfile::tempdir().unwrap();
    let mut store = store::sqlite::Store::open_with(folder.path(), keys()).unwrap();
    store.migrate().unwrap();
    let taken = take(&mut store, &work);
    assert_eq!(store.check().unwrap(), [""; 0]);
    drop(store);
    let loaded = load_sqlite(folder.path());
    report("SQLite", taken, loaded);
    match std::env::var("DOCKET_TEST_POSTGRES") {
        Ok(url) => postgres(&url, &work),
        Err(_) => println!("PostgreSQL: skipped, DOCKET_TEST_POSTGRES names no server"),
    }
}

fn keys() -> Keys {
    Keys::known_to_everybody()
}

/// The documents of each batch and the commit they come to.
fn commits() -> Vec<(Vec<NewDocument>, Commit)> {
    let mut scratch = store::sqlite::Store::memory().unwrap();
    let batch = |number: u32| {
        let from = number * BATCH;
        let body = |n: u32| world::document(&world::opening(n), world::at(i64::from(n)));
        let documents: Vec<NewDocument> = (from..from + BATCH).map(body).collect();
        scratch.append(&documents).unwrap();
        let commit = world::work(&mut scratch, world::at(1_000_000)).unwrap();
        (documents, commit)
    };
    (0..BATCHES).map(batch).collect()
}

/// The store's share of the intake: keep, read back what is pending, look for families, commit.
fn take(store: &mut dyn Store, work: &[(Vec<NewDocument>, Commit)]) -> Duration {
    let mut parts = [Duration::ZERO; 4];
    for (documents, commit) in work {
        let mut time = |at: usize, begun: Instant| parts[at] += begun.elapsed();
        let begun = Instant::now();
        store.append(documents).unwrap();
        time(0, begun);
        let begun = Instant::now();
        assert_eq!(store.pending(BATCH).unwrap().len(), documents.len());
        time(1, begun);
        let facts = commit.processed.iter().flat_map(|one| &one.facts);
        let references: Vec<_> = facts
            .flat_map(|row| {
                row.fact
                    .refs
                    .joining()
                    .map(|it| (row.fact.scope.clone(), it.clone()))
            })
            .collect();
        let begun = Instant::now();
        assert!(store.facts_near(&references).unwrap().is_empty());
        time(2, begun);
        let begun = Instant::now();
        store.commit(commit).unwrap();
        time(3, begun);
    }
    println!(
        "  keep {:?}, read pending {:?}, find families {:?}, commit {:?}",
        parts[0], parts[1], parts[2], parts[3]
    );
    parts.iter().sum()
}

fn load_sqlite(from: &std::path::Path) -> Duration {
    use rusqlite::types::Value;
    let folder = tempfile::tempdir().unwrap();
    store::sqlite::Store::open_with(folder.path(), keys())
        .unwrap()
        .migrate()
        .unwrap();
    let source = rusqlite::Connection::open(from.join("desk.db")).unwrap();
    let mut target = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536";
    target.execute_batch(pragmas).unwrap();
    let mut sets = Vec::new();
    for table in TABLES {
        let mut statement = source.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..width)
                .map(|at| row.get::<_, Value>(at))
                .collect::<Result<Vec<Value>, _>>()
        });
        let rows: Vec<Vec<Value>> = rows.unwrap().map(Result::unwrap).collect();
        sets.push((table, width, rows));
    }
    let begun = Instant::now();
    let txn = target.transaction().unwrap();
    for (table, width, rows) in &sets {
        let marks = vec!["?"; *width].join(", ");
        let mut statement = txn
            .prepare(&format!("INSERT INTO {table} VALUES ({marks})"))
            .unwrap();
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row)).unwrap();
        }
    }
    txn.commit().unwrap();
    begun.elapsed()
}

fn postgres(url: &str, work: &[(Vec<NewDocument>, Commit)]) {
    let process = std::process::id();
    let (from, to) = (
        format!("ratio_{process}_from"),
        format!("ratio_{process}_to"),
    );
    let mut store = store::pg::Store::connect_in(url, &from, keys()).unwrap();
    store.migrate().unwrap();
    let taken = take(&mut store, work);
    assert_eq!(store.check().unwrap(), [""; 0]);
    store::pg::Store::connect_in(url, &to, keys())
        .unwrap()
        .migrate()
        .unwrap();
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let mut sets = Vec::new();
    for table in TABLES {
        let mut bytes = Vec::new();
        let sql = format!("COPY {from}.{table} TO STDOUT (FORMAT binary)");
        client
            .copy_out(&sql)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        sets.push((table, bytes));
    }
    let begun = Instant::now();
    let mut txn = client.transaction().unwrap();
    for (table, bytes) in &sets {
        let mut writer = txn
            .copy_in(&format!("COPY {to}.{table} FROM STDIN (FORMAT binary)"))
            .unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap();
    }
    txn.commit().unwrap();
    let loaded = begun.elapsed();
    let drop = format!("DROP SCHEMA {from} CASCADE; DROP SCHEMA {to} CASCADE");
    client.batch_execute(&drop).unwrap();
    report("PostgreSQL", taken, loaded);
}

fn report(name: &str, taken: Duration, loaded: Duration) {
    let facts = f64::from(BATCHES * BATCH * FACTS);
    let (intake, bulk) = (facts / taken.as_secs_f64(), facts / loaded.as_secs_f64());
    println!(
        "{name}: intake {intake:.0} facts/s, bulk load of the same rows {bulk:.0} facts/s, ratio {:.2} (target 0.50)",
        intake / bulk
    );
}
