//! How fast the store takes documents and what follows from them, against the same database taking the same rows by bulk
//! load: prepared inserts for SQLite, binary `COPY` for PostgreSQL (where `DOCKET_TEST_POSTGRES` names a server).
//!
//! The bulk load gets its rows ready made, sorted by primary key, and in as many transactions as the intake: nothing is
//! compressed, sealed, hashed, looked up or written twice. Both write the same schema with its indexes, references and
//! triggers, in turns, batch by batch, so that a busy machine slows both. Deriving is not measured here; the commits are
//! made beforehand.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::string_slice,
    dead_code
)]

mod bulk;
#[path = "../tests/suite/world.rs"]
mod world;

use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Commit, Keys, NewDocument, Store};

/// Documents in one transaction.
const BATCH: u32 = 1_000;
const BATCHES: u32 = 20;
/// Facts in each document of [`world::opening`].
const FACTS: u32 = 8;

/// The primary keys of [`bulk::TABLES`], in the same order.
const KEYS: [&str; 19] = [
    "id",
    "sequence",
    "document",
    "document",
    "document, ordinal",
    "sequence",
    "provider, account, kind, value, family",
    "id",
    "case_id, kind, value",
    "entry, ordinal",
    "sequence",
    "path, layer",
    "case_id, id",
    "id",
    "id",
    "id",
    "id",
    "number",
    "size",
];

/// What each kind of work took, over all batches.
struct Times {
    keep: Duration,
    pending: Duration,
    families: Duration,
    commit: Duration,
    bulk: Duration,
}

type Work = Vec<(Vec<NewDocument>, Commit)>;

fn main() {
    let made = tempfile::tempdir().unwrap();
    let work = commits(made.path());
    sqlite(made.path(), &work);
    match std::env::var("DOCKET_TEST_POSTGRES") {
        Ok(url) => postgres(&url, &work),
        Err(_) => println!("PostgreSQL: skipped, DOCKET_TEST_POSTGRES names no server"),
    }
}

fn keys() -> Keys {
    Keys::known_to_everybody()
}

fn sqlite_at(folder: &Path) -> store::sqlite::Store {
    let mut store = store::sqlite::Store::open_with(folder, keys()).unwrap();
    store.migrate().unwrap();
    store
}

/// The documents of each batch and the commit they come to; the desk on which they were made is where the bulk load finds
/// its rows.
fn commits(made: &Path) -> Work {
    let mut scratch = sqlite_at(made);
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

fn timed<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    *sum += begun.elapsed();
    done
}

/// The store's share of the intake, and the bulk load, batch by batch.
fn race(store: &mut dyn Store, work: &Work, mut bulk: impl FnMut(usize)) -> Times {
    let zero = Duration::ZERO;
    let mut times = Times {
        keep: zero,
        pending: zero,
        families: zero,
        commit: zero,
        bulk: zero,
    };
    for (number, (documents, commit)) in work.iter().enumerate() {
        timed(&mut times.keep, || store.append(documents)).unwrap();
        let pending = timed(&mut times.pending, || store.pending(BATCH)).unwrap();
        assert_eq!(pending.len(), documents.len());
        let facts = commit.processed.iter().flat_map(|one| &one.facts);
        let references: Vec<_> = facts
            .flat_map(|row| {
                row.fact
                    .refs
                    .joining()
                    .map(|it| (row.fact.scope.clone(), it.clone()))
            })
            .collect();
        let near = timed(&mut times.families, || store.facts_near(&references)).unwrap();
        assert!(near.is_empty());
        timed(&mut times.commit, || store.commit(commit)).unwrap();
        timed(&mut times.bulk, || bulk(number));
    }
    times
}

fn sqlite(made: &Path, work: &Work) {
    let ours = tempfile::tempdir().unwrap();
    let mut store = sqlite_at(ours.path());
    let mut load = bulk::SqliteLoad::new(made, keys(), work.len());
    let times = race(&mut store, work, |number| load.transaction(number));
    assert_eq!(store.check().unwrap(), [""; 0]);
    report("SQLite", &times);
}

fn postgres(url: &str, work: &Work) {
    let process = std::process::id();
    let [made, ours, theirs] =
        ["made", "ours", "theirs"].map(|name| format!("ratio_{name}_{process}"));
    let open = |schema: &str| {
        let mut store = store::pg::Store::connect_in(url, schema, keys()).unwrap();
        store.migrate().unwrap();
        store
    };
    let mut scratch = open(&made);
    for (documents, commit) in work {
        scratch.append(documents).unwrap();
        scratch.commit(commit).unwrap();
    }
    drop(open(&theirs));
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let mut sets = Vec::new();
    for (table, key) in bulk::TABLES.iter().zip(KEYS) {
        let count = format!("SELECT count(*) FROM {made}.{table}");
        let rows: i64 = client.query_one(&count, &[]).unwrap().get(0);
        let share = usize::try_from(rows).unwrap().div_ceil(work.len());
        let mut shares = Vec::new();
        for number in 0..work.len() {
            let offset = number * share;
            let sql = format!(
                "COPY (SELECT * FROM {made}.{table} ORDER BY {key} LIMIT {share} OFFSET {offset}) \
                 TO STDOUT (FORMAT binary)"
            );
            let mut bytes = Vec::new();
            client
                .copy_out(&sql)
                .unwrap()
                .read_to_end(&mut bytes)
                .unwrap();
            shares.push(bytes);
        }
        sets.push((table, shares));
    }
    let mut store = open(&ours);
    let times = race(&mut store, work, |number| {
        let mut txn = client.transaction().unwrap();
        for (table, shares) in &sets {
            let sql = format!("COPY {theirs}.{table} FROM STDIN (FORMAT binary)");
            let mut writer = txn.copy_in(&sql).unwrap();
            writer.write_all(&shares[number]).unwrap();
            writer.finish().unwrap();
        }
        txn.commit().unwrap();
    });
    assert_eq!(store.check().unwrap(), [""; 0]);
    let drops = [made, ours, theirs].map(|schema| format!("DROP SCHEMA {schema} CASCADE;"));
    client.batch_execute(&drops.concat()).unwrap();
    report("PostgreSQL", &times);
}

fn report(name: &str, times: &Times) {
    let facts = f64::from(BATCHES * BATCH * FACTS);
    let taken = times.keep + times.pending + times.families + times.commit;
    let (intake, bulk) = (
        facts / taken.as_secs_f64(),
        facts / times.bulk.as_secs_f64(),
    );
    println!(
        "{name}: intake {intake:.0} facts/s, bulk load of the same rows {bulk:.0} facts/s, ratio {:.2} (target 0.50)",
        intake / bulk
    );
    println!(
        "  keep {:.2} s, read pending {:.2} s, find families {:.2} s, commit {:.2} s; bulk load {:.2} s",
        times.keep.as_secs_f64(),
        times.pending.as_secs_f64(),
        times.families.as_secs_f64(),
        times.commit.as_secs_f64(),
        times.bulk.as_secs_f64(),
    );
}
