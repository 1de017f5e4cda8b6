//! What waits for its time: timers and the outbox.

use super::Durable;
use crate::Error;
use crate::contract::{OutboxRow, TimerRow};
use crate::database::{Database, Value};
use crate::rows;
use calendar::Instant;
use dispute::id::SubmissionId;

pub(super) fn timers_due<D: Database>(
    store: &mut Durable<D>,
    now: Instant,
    limit: u32,
) -> Result<Vec<TimerRow>, Error> {
    let sql = format!(
        "SELECT {} FROM timers WHERE speaks_at <= $1 ORDER BY speaks_at, id LIMIT $2",
        rows::TIMER
    );
    let values = [rows::micros(now), Value::from(limit)];
    let found = store.database.query("reading due timers", &sql, &values)?;
    found.into_iter().map(rows::timer).collect()
}

pub(super) fn next_timer<D: Database>(store: &mut Durable<D>) -> Result<Option<Instant>, Error> {
    let sql = "SELECT min(speaks_at) FROM timers";
    match store
        .database
        .query("reading the next timer", sql, &[])?
        .pop()
    {
        Some(mut row) => rows::maybe_instant(&mut row, "speaks_at"),
        None => Ok(None),
    }
}

pub(super) fn outbox_due<D: Database>(
    store: &mut Durable<D>,
    now: Instant,
    limit: u32,
) -> Result<Vec<OutboxRow>, Error> {
    let sql = format!(
        "SELECT {} FROM outbox WHERE not_before <= $1 ORDER BY not_before, id LIMIT $2",
        rows::OUTBOX
    );
    let values = [rows::micros(now), Value::from(limit)];
    let found = store.database.query("reading the outbox", &sql, &values)?;
    found.into_iter().map(rows::outbox).collect()
}

pub(super) fn outbox_retry<D: Database>(
    store: &mut Durable<D>,
    id: &SubmissionId,
    not_before: Instant,
    trouble: &str,
) -> Result<(), Error> {
    let sql =
        "UPDATE outbox SET not_before = $1, last_trouble = $2, tries = tries + 1 WHERE id = $3";
    let values = [
        rows::micros(not_before),
        Value::from(trouble),
        Value::from(id.as_str()),
    ];
    match store
        .database
        .execute("noting a try to send", sql, &values)?
    {
        0 => Err(Error::Absent {
            what: format!("outbox row {id}"),
        }),
        _ => Ok(()),
    }
}
