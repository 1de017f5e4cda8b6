//! What waits for endpoints, for whoever sends it: each change is made only if the row is still what the sender saw, so that
//! people and other senders may change it meanwhile.

use super::hooks::{endpoints, read_delivery, select_deliveries};
use super::{Durable, absent, change, files};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Row, Value};
use crate::registry::{Again, Delivery, DeliveryQuery, Endpoint, Wait};
use crate::rows;
use calendar::Instant;

const DOING: &str = "sending events";

/// Every test is a look into a partial index, so that this costs what the endpoints are and not what the deliveries are.
pub(super) fn awaited<D: Database>(
    store: &mut Durable<D>,
    now: Instant,
    health: &str,
) -> Result<Vec<Endpoint>, Error> {
    let rest = "e WHERE deleted_at IS NULL AND (substr(health, 1, length($2)) = $2 \
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'due' AND d.due_at <= $1) \
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'held')) \
        ORDER BY id";
    endpoints(store, rest, &[rows::micros(now), Value::from(health)])
}

/// The states stand in the text, so that partial indexes alone are counted and not what was ever delivered.
pub(super) fn counted<D: Database>(store: &mut Durable<D>) -> Result<(u64, u64), Error> {
    let sql = "SELECT (SELECT count(*) FROM deliveries WHERE state = 'due') AS due, \
        (SELECT count(*) FROM deliveries WHERE state = 'held') AS held";
    match store.database.query(DOING, sql, &[])?.pop() {
        Some(mut row) => Ok((row.number("due")?, row.number("held")?)),
        None => Ok((0, 0)),
    }
}

pub(super) fn put_health<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    was: &str,
    is: &str,
    leaf: Option<&Leaf>,
) -> Result<bool, Error> {
    let sql = "UPDATE endpoints SET health = $1 WHERE id = $2 AND health = $3";
    let values = [is, endpoint, was].map(Value::from);
    let look = "SELECT id FROM endpoints WHERE id = $1 AND health = $2";
    let seen = [endpoint, was].map(Value::from);
    // A leaf is of something that happened.
    if store.database.query(DOING, look, &seen)?.is_empty() {
        return Ok(false);
    }
    let changed = change(store, DOING, leaf, |database, _| {
        match database.execute(DOING, sql, &values)? {
            0 => Err(Error::Conflict {
                doing: DOING,
                found: format!("endpoint {endpoint} is not `{was}`"),
            }),
            _ => Ok(true),
        }
    });
    match changed {
        Err(Error::Conflict { .. }) => Ok(false),
        other => other,
    }
}

pub(super) fn waiting<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    wait: Wait,
    now: Instant,
    limit: u32,
) -> Result<Vec<(u64, Delivery)>, Error> {
    // Each is the order of an index over these alone, so that one of a million is found as fast as one of ten.
    let (which, order) = match wait {
        Wait::Longest => ("'due' AND due_at <= $2", "due_at, number"),
        // Whatever is held was due by some instant: the bound is the same and says nothing.
        Wait::LeastTried => ("'held' AND (due_at <= $2 OR 1 = 1)", "attempts, number"),
    };
    let sql = format!(
        "SELECT number, endpoint, event, state, attempts, due_at, settled_at, why FROM deliveries \
         WHERE endpoint = $1 AND state = {which} ORDER BY {order} LIMIT $3"
    );
    let values = [Value::from(endpoint), rows::micros(now), Value::from(limit)];
    let found = store.database.query(DOING, &sql, &values)?;
    let row = |mut row: Row| Ok((row.number("number")?, read_delivery(&mut row)?));
    found.into_iter().map(row).collect()
}

pub(super) fn delivery<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    event: &str,
) -> Result<Option<Delivery>, Error> {
    let values = [endpoint, event].map(Value::from);
    Ok(select_deliveries(store, "WHERE endpoint = $1 AND event = $2", &values)?.pop())
}

pub(super) fn delivery_body<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    event: &str,
) -> Result<Option<String>, Error> {
    let sql = "SELECT body FROM deliveries WHERE endpoint = $1 AND event = $2";
    let values = [endpoint, event].map(Value::from);
    match store.database.query(DOING, sql, &values)?.pop() {
        Some(mut row) => row.maybe_text("body"),
        None => Ok(None),
    }
}

pub(super) fn begin<D: Database>(
    store: &mut Durable<D>,
    seen: &Delivery,
    body: &str,
    leased_until: Instant,
) -> Result<bool, Error> {
    let sql = "UPDATE deliveries SET due_at = $1, body = coalesce(body, $7) \
        WHERE endpoint = $2 AND event = $3 AND state = $4 AND attempts = $5 AND due_at = $6";
    let values = [
        rows::micros(leased_until),
        Value::from(&seen.endpoint),
        Value::from(&seen.event),
        Value::from(&seen.state),
        Value::from(seen.attempts),
        rows::micros(seen.due_at),
        Value::from(body),
    ];
    change(store, DOING, None, |database, _| {
        Ok(database.execute(DOING, sql, &values)? > 0)
    })
}

pub(super) fn hold<D: Database>(store: &mut Durable<D>, endpoint: &str) -> Result<u64, Error> {
    let sql = "UPDATE deliveries SET state = 'held' WHERE endpoint = $1 AND state = 'due'";
    change(store, DOING, None, |database, _| {
        database.execute(DOING, sql, &[Value::from(endpoint)])
    })
}

pub(super) fn replay<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    again: &Again,
    (state, due_at, round): (&str, Instant, u32),
) -> Result<u64, Error> {
    let mut values = vec![
        Value::from(state),
        rows::micros(due_at),
        Value::from(round.max(1)),
        Value::from(endpoint),
    ];
    let which = match again {
        Again::Numbers(from, until) => {
            values.extend([rows::count(*from), rows::count(*until)]);
            "IN (SELECT id FROM events WHERE sequence >= $5 AND sequence <= $6)"
        }
        Again::Times(from, before) => {
            values.extend([rows::micros(*from), rows::micros(*before)]);
            "IN (SELECT id FROM events WHERE at >= $5 AND at < $6)"
        }
        Again::Event(event) => {
            values.push(Value::from(event));
            "= $5"
        }
    };
    let sql = format!(
        "UPDATE deliveries SET state = $1, due_at = $2, settled_at = NULL, why = NULL, \
         attempts = (attempts + $3 - 1) / $3 * $3 \
         WHERE endpoint = $4 AND state IN ('delivered', 'parked') AND event {which}"
    );
    change(store, DOING, None, |database, _| {
        database.execute(DOING, &sql, &values)
    })
}

pub(super) fn give_up<D: Database>(
    store: &mut Durable<D>,
    (endpoint, before): (&str, Instant),
    (at, why): (Instant, &str),
    leaf: &Leaf,
) -> Result<u64, Error> {
    let old = "endpoint = $1 AND state = 'held' AND event IN (SELECT id FROM events WHERE at < $2)";
    let values = [
        Value::from(endpoint),
        rows::micros(before),
        rows::micros(at),
        Value::from(why),
    ];
    let look = format!("SELECT event FROM deliveries WHERE {old} LIMIT 1");
    let [endpoint, before, ..] = values.clone();
    if store
        .database
        .query(DOING, &look, &[endpoint, before])?
        .is_empty()
    {
        return Ok(0);
    }
    let sql =
        format!("UPDATE deliveries SET state = 'parked', settled_at = $3, why = $4 WHERE {old}");
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, &sql, &values)
    })
}

/// By due time, then in the order of publication: the order of the index on both.
pub(super) fn page<D: Database>(
    store: &mut Durable<D>,
    query: &DeliveryQuery,
) -> Result<(Vec<Delivery>, bool), Error> {
    let back = query.after.is_none() && query.before.is_some();
    let mut condition = String::from("WHERE endpoint = $1");
    let mut values = vec![
        Value::from(&query.endpoint),
        Value::from(query.limit.saturating_add(1)),
    ];
    for (mark, past) in [
        (&query.after, "(due_at, number) < ($3, $4)"),
        (&query.before, "(due_at, number) > ($3, $4)"),
    ] {
        let Some(mark) = mark else { continue };
        let found = place(store, &query.endpoint, mark)?;
        values.extend(found.ok_or_else(|| absent("delivery of event", mark))?);
        condition.push_str(&format!(" AND {past}"));
        break;
    }
    if let Some(state) = &query.state {
        values.push(Value::from(state));
        condition.push_str(&format!(" AND state = ${}", values.len()));
    }
    let order = match back {
        true => "due_at ASC, number ASC",
        false => "due_at DESC, number DESC",
    };
    let rest = format!("{condition} ORDER BY {order} LIMIT $2");
    let found = select_deliveries(store, &rest, &values)?;
    Ok(files::page(found, query.limit, back))
}

/// Where a delivery stands among those of its endpoint: due time, then number.
fn place<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    event: &str,
) -> Result<Option<[Value<'static>; 2]>, Error> {
    let sql = "SELECT due_at, number FROM deliveries WHERE endpoint = $1 AND event = $2";
    let values = [endpoint, event].map(Value::from);
    match store.database.query(DOING, sql, &values)?.pop() {
        Some(mut row) => Ok(Some([
            Value::Int(row.int("due_at")?),
            Value::Int(row.int("number")?),
        ])),
        None => Ok(None),
    }
}

/// The states stand in the text: only so can the partial index be chosen.
pub(super) fn untaken<D: Database>(
    store: &mut Durable<D>,
    events: &[&str],
    (merchant, live): (Option<&str>, bool),
) -> Result<Vec<(String, u64)>, Error> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![Value::from(live)];
    values.extend(events.iter().map(|event| Value::from(*event)));
    let marks: Vec<String> = (2..=values.len()).map(|n| format!("${n}")).collect();
    let mut theirs = String::new();
    if let Some(merchant) = merchant {
        values.push(Value::from(merchant));
        theirs = format!(" AND e.merchant = ${}", values.len());
    }
    let sql = format!(
        "SELECT d.event, count(*) AS untaken FROM deliveries d JOIN endpoints e ON e.id = d.endpoint \
         WHERE d.event IN ({}) AND d.state IN ('due', 'held', 'parked') \
         AND e.live = $1 AND e.deleted_at IS NULL{theirs} GROUP BY d.event ORDER BY d.event",
        marks.join(", ")
    );
    let counted = |mut row: Row| Ok((row.text("event")?, row.number("untaken")?));
    let found = store.database.query("counting deliveries", &sql, &values)?;
    found.into_iter().map(counted).collect()
}
