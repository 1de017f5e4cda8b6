//! The same rows by bulk load: what any intake is measured against. Prepared inserts for SQLite, in as many transactions as
//! the intake had, each of which waits for the disk as the intake's do; one `COPY` a table for PostgreSQL, in one transaction.
//! Both into the same schema with its indexes, references and triggers.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Keys, Store};

/// In an order that satisfies the references.
pub const TABLES: [&str; 19] = [
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

/// Loads every row of the desk in this folder into a fresh one, and says how long the inserts took.
pub fn sqlite(from: &Path, keys: Keys, transactions: usize) -> Duration {
    let mut load = SqliteLoad::new(from, keys, transactions);
    let begun = Instant::now();
    for number in 0..transactions {
        load.transaction(number);
    }
    begun.elapsed()
}

/// The rows of a desk, ready to be loaded into a fresh one. They go in by share of their table, so a transaction holds what
/// belongs together only roughly; the schema's deferred checks allow it.
pub struct SqliteLoad {
    target: rusqlite::Connection,
    sets: Vec<(&'static str, usize, Vec<Vec<rusqlite::types::Value>>)>,
    transactions: usize,
    _folder: tempfile::TempDir,
}

impl SqliteLoad {
    pub fn new(from: &Path, keys: Keys, transactions: usize) -> SqliteLoad {
        let folder = tempfile::tempdir().unwrap();
        let mut fresh = store::sqlite::Store::open_with(folder.path(), keys).unwrap();
        fresh.migrate().unwrap();
        drop(fresh);
        let source = rusqlite::Connection::open(from.join("desk.db")).unwrap();
        let target = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
            PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384";
        target.execute_batch(pragmas).unwrap();
        target.set_prepared_statement_cache_capacity(100);
        let rows = |table| {
            let mut statement = source.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let width = statement.column_count();
            let rows = statement.query_map([], |row| {
                let cells = (0..width).map(|at| row.get::<_, rusqlite::types::Value>(at));
                cells.collect::<Result<Vec<_>, _>>()
            });
            (table, width, rows.unwrap().map(Result::unwrap).collect())
        };
        SqliteLoad {
            sets: TABLES.into_iter().map(rows).collect(),
            target,
            transactions,
            _folder: folder,
        }
    }

    /// Loads one share.
    pub fn transaction(&mut self, number: usize) {
        let txn = self.target.transaction().unwrap();
        for (table, width, rows) in &self.sets {
            let marks = vec!["?"; *width].join(", ");
            let sql = format!("INSERT INTO {table} VALUES ({marks})");
            let mut statement = txn.prepare_cached(&sql).unwrap();
            let share = rows.len().div_ceil(self.transactions);
            for row in rows.iter().skip(number * share).take(share) {
                statement.execute(rusqlite::params_from_iter(row)).unwrap();
            }
        }
        txn.commit().unwrap();
    }
}

/// Loads every row of this schema into a fresh one, says how long the copies took, and drops both.
pub fn postgres(url: &str, from: &str, keys: Keys) -> Duration {
    let to = format!("{from}_bulk");
    store::pg::Store::connect_in(url, &to, keys)
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
        let sql = format!("COPY {to}.{table} FROM STDIN (FORMAT binary)");
        let mut writer = txn.copy_in(&sql).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap();
    }
    txn.commit().unwrap();
    let loaded = begun.elapsed();
    client
        .batch_execute(&format!(
            "DROP SCHEMA {from} CASCADE; DROP SCHEMA {to} CASCADE"
        ))
        .unwrap();
    loaded
}
