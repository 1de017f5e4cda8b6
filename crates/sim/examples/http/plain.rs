//! What the same database does for whoever inserts one row of a webhook's size a transaction, and waits for the disk.

use super::desk::Place;
use super::load;
use std::time::{Duration, Instant};

pub struct Plain {
    pub rate: f64,
    pub p99_ms: f64,
}

/// One after the other over one connection, into a table of their own beside the desk's.
pub fn inserts(place: &Place, lasts: Duration) -> Plain {
    let body = load::body(1, 14);
    match &place.server {
        None => {
            let path = place.folder.join("plain.db");
            let connection = rusqlite::Connection::open(&path).unwrap();
            let begin = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                CREATE TABLE IF NOT EXISTS plain (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT";
            connection.execute_batch(begin).unwrap();
            let mut statement = connection
                .prepare("INSERT INTO plain (body) VALUES (?1)")
                .unwrap();
            timed(lasts, || {
                statement.execute([&body]).unwrap();
            })
        }
        Some((url, schema)) => {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            let begin = format!(
                "SET synchronous_commit = on; CREATE TABLE IF NOT EXISTS {schema}_plain \
                 (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA NOT NULL)"
            );
            client.batch_execute(&begin).unwrap();
            let statement = client
                .prepare(&format!("INSERT INTO {schema}_plain (body) VALUES ($1)"))
                .unwrap();
            let plain = timed(lasts, || {
                client.execute(&statement, &[&body]).unwrap();
            });
            client
                .batch_execute(&format!("DROP TABLE {schema}_plain"))
                .unwrap();
            plain
        }
    }
}

fn timed(lasts: Duration, mut insert: impl FnMut()) -> Plain {
    let begun = Instant::now();
    let mut micros = Vec::new();
    while begun.elapsed() < lasts {
        let one = Instant::now();
        insert();
        micros.push(one.elapsed().as_micros());
    }
    let rate = micros.len() as f64 / begun.elapsed().as_secs_f64();
    micros.sort_unstable();
    Plain {
        rate,
        p99_ms: micros[micros.len() * 99 / 100] as f64 / 1e3,
    }
}
