//! Endpoints, events, and the deliveries between them.

use super::files::page;
use super::{Durable, absent, all, change, lines, of_lines, sealing};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Kind, Row, Value, both, insert};
use crate::durable::{documents, keyring};
use crate::registry::{Attempt, Delivery, Endpoint, Event, EventQuery, Learned, Taken};
use crate::rows;
use calendar::Instant;
use dispute::id::{CaseId, DocumentId, FamilyId};
use std::collections::BTreeSet;

const DOING: &str = "keeping an endpoint";
const READING: &str = "reading endpoints";
const PUBLISHING: &str = "publishing events";
const DELIVERING: &str = "noting deliveries";

const ENDPOINT: &str = "id, merchant, live, url, events, description, metadata, api_version, health, \
    created_at, deleted_at, key, sealed";

fn endpoint_aad(id: &str) -> String {
    format!("endpoint/{id}")
}

/// The tenant and mode of an endpoint stay; the database refuses another. Its health is changed by itself.
pub(super) fn put_endpoint<D: Database>(
    store: &mut Durable<D>,
    endpoint: &Endpoint,
    leaf: Option<&Leaf>,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO endpoints ({ENDPOINT}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (id) DO UPDATE SET merchant = excluded.merchant, live = excluded.live, \
         url = excluded.url, events = excluded.events, description = excluded.description, \
         metadata = excluded.metadata, api_version = excluded.api_version, \
         created_at = excluded.created_at, deleted_at = excluded.deleted_at, key = excluded.key, \
         sealed = excluded.sealed"
    );
    change(store, DOING, leaf, |database, vault| {
        let scope = sealing(endpoint.merchant.as_deref());
        let aad = endpoint_aad(&endpoint.id);
        let [key, sealed] = keyring::seal(database, vault, &scope, &aad, &secrets(endpoint))?;
        let values = [
            Value::from(&endpoint.id),
            Value::from(endpoint.merchant.as_ref()),
            Value::from(endpoint.live),
            Value::from(&endpoint.url),
            Value::from(lines(&endpoint.events)),
            Value::from(&endpoint.description),
            Value::from(&endpoint.metadata),
            Value::from(&endpoint.api_version),
            Value::from(&endpoint.health),
            rows::micros(endpoint.created_at),
            rows::maybe_micros(endpoint.deleted_at),
            key,
            sealed,
        ];
        database.execute(DOING, &sql, &values).map(|_| ())
    })
}

/// Each secret and the microsecond until which it signs, packed as a document's headers are.
fn secrets(endpoint: &Endpoint) -> Vec<u8> {
    let pair = |(secret, until): &(String, Option<Instant>)| {
        let until = until.map(|until| until.unix_micros().to_string());
        (secret.clone(), until.unwrap_or_default())
    };
    let pairs: Vec<(String, String)> = endpoint.secrets.iter().map(pair).collect();
    documents::pack(&pairs, b"")
}

fn of_secrets(id: &str, plain: &[u8]) -> Result<Vec<(String, Option<Instant>)>, Error> {
    let corrupt = || Error::corrupt(format!("endpoint {id}"), "secrets that do not read");
    let (pairs, _) = documents::unpack(plain).ok_or_else(corrupt)?;
    let until = |(secret, until): (String, String)| {
        if until.is_empty() {
            return Ok((secret, None));
        }
        let until = until.parse().ok().and_then(Instant::from_unix_micros);
        until.map(|until| (secret, Some(until))).ok_or_else(corrupt)
    };
    pairs.into_iter().map(until).collect()
}

pub(super) fn endpoints<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<Endpoint>, Error> {
    let sql = format!("SELECT {ENDPOINT} FROM endpoints {rest}");
    let found = store.database.query(READING, &sql, values)?;
    all(store, found, |database, vault, row| {
        let id = row.text("id")?;
        let mut endpoint = Endpoint {
            merchant: row.maybe_text("merchant")?,
            live: row.flag("live")?,
            url: row.text("url")?,
            events: of_lines(&row.text("events")?),
            description: row.text("description")?,
            metadata: row.text("metadata")?,
            api_version: row.text("api_version")?,
            secrets: Vec::new(),
            health: row.text("health")?,
            created_at: rows::instant(row, "created_at")?,
            deleted_at: rows::maybe_instant(row, "deleted_at")?,
            id,
        };
        let plain = keyring::open(database, vault, row, &endpoint_aad(&endpoint.id))?;
        endpoint.secrets = of_secrets(&endpoint.id, &plain)?;
        Ok(endpoint)
    })
}

pub(super) fn published_until<D: Database>(store: &mut Durable<D>) -> Result<u64, Error> {
    let sql = "SELECT until FROM published WHERE one = 1";
    match store.database.query(PUBLISHING, sql, &[])?.pop() {
        Some(mut row) => row.number("until"),
        None => Ok(0),
    }
}

const EVENT: &str = "sequence, id, kind, case_id, family, provider, account, version, document, \
    known_before, known_until, at";

/// In order of their numbers.
pub(super) fn learned_after<D: Database>(
    store: &mut Durable<D>,
    sequence: u64,
    limit: u32,
) -> Result<Vec<Learned>, Error> {
    let sql = "SELECT f.sequence, f.family, d.id, f.known_at FROM facts f \
        JOIN documents d ON d.sequence = f.document \
        WHERE f.sequence > $1 ORDER BY f.sequence LIMIT $2";
    let values = [rows::count(sequence), Value::from(limit)];
    let learned = |mut row: Row| {
        let row = &mut row;
        Ok(Learned {
            sequence: row.number("sequence")?,
            family: rows::read(row, "family", FamilyId::parse)?,
            document: rows::read(row, "document", DocumentId::parse)?,
            known_at: rows::instant(row, "known_at")?,
        })
    };
    let found = store.database.query(PUBLISHING, sql, &values)?;
    found.into_iter().map(learned).collect()
}

/// Whoever publishes twice publishes once: events are known by their ids, deliveries by endpoint and event, and the mark
/// does not go back.
pub(super) fn publish<D: Database>(
    store: &mut Durable<D>,
    events: &[Event],
    deliveries: &[Delivery],
    until: u64,
) -> Result<(), Error> {
    change(store, PUBLISHING, None, |database, _| {
        let mut known = known(database, events)?;
        let sql = "SELECT coalesce(max(sequence), 0) FROM events";
        let mut last = match database.query(PUBLISHING, sql, &[])?.pop() {
            Some(mut row) => row.int("sequence")?,
            None => 0,
        };
        let mut values = Vec::new();
        for event in events {
            if !known.insert(event.id.clone()) {
                continue;
            }
            last = last.saturating_add(1);
            values.extend(of_event(event, last));
        }
        database.execute_many(PUBLISHING, &event_insert(), &values)?;
        write_deliveries(database, PUBLISHING, deliveries, "ON CONFLICT DO NOTHING")?;
        let sql = "UPDATE published SET until = $1 WHERE one = 1 AND until < $1";
        database
            .execute(PUBLISHING, sql, &[rows::count(until)])
            .map(|_| ())
    })
}

fn known<D: Database>(database: &mut D, events: &[Event]) -> Result<BTreeSet<String>, Error> {
    let many = both(
        &[Kind::Text],
        "SELECT id FROM events WHERE id = ?1",
        "SELECT e.id FROM {rows} AS u (id) JOIN events e USING (id)",
    );
    let values: Vec<Value<'_>> = events.iter().map(|event| Value::from(&event.id)).collect();
    let found = database.query_many(PUBLISHING, &many, &values)?;
    found.into_iter().map(|mut row| row.text("id")).collect()
}

fn event_insert() -> crate::database::Many {
    use Kind::{Int, Text};
    let columns = [
        ("sequence", Int),
        ("id", Text),
        ("kind", Text),
        ("case_id", Text),
        ("family", Text),
        ("provider", Text),
        ("account", Text),
        ("version", Int),
        ("document", Text),
        ("known_before", Int),
        ("known_until", Int),
        ("at", Int),
    ];
    insert("events", &columns, "")
}

fn of_event(event: &Event, sequence: i64) -> [Value<'_>; 12] {
    [
        Value::Int(sequence),
        Value::from(&event.id),
        Value::from(&event.kind),
        Value::from(event.case.as_str()),
        Value::from(event.family.as_str()),
        Value::from(&event.scope.provider),
        Value::from(&event.scope.account),
        Value::from(event.version),
        Value::from(event.document.as_str()),
        rows::count(event.known_before),
        rows::count(event.known_until),
        rows::micros(event.at),
    ]
}

fn read_event(mut row: Row) -> Result<Event, Error> {
    let row = &mut row;
    Ok(Event {
        sequence: row.number("sequence")?,
        id: row.text("id")?,
        kind: row.text("kind")?,
        case: rows::read(row, "case_id", CaseId::parse)?,
        family: rows::read(row, "family", FamilyId::parse)?,
        scope: rows::scope(row)?,
        version: row.number("version")?,
        document: rows::read(row, "document", DocumentId::parse)?,
        known_before: row.number("known_before")?,
        known_until: row.number("known_until")?,
        at: rows::instant(row, "at")?,
    })
}

fn select_events<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<Event>, Error> {
    let sql = format!("SELECT {EVENT} FROM events {rest}");
    let found = store.database.query("reading events", &sql, values)?;
    found.into_iter().map(read_event).collect()
}

pub(super) fn event<D: Database>(store: &mut Durable<D>, id: &str) -> Result<Option<Event>, Error> {
    Ok(select_events(store, "WHERE id = $1", &[Value::from(id)])?.pop())
}

/// Newest first, by order of publication.
pub(super) fn events<D: Database>(
    store: &mut Durable<D>,
    query: &EventQuery,
) -> Result<(Vec<Event>, bool), Error> {
    let back = query.after_id.is_none() && query.before_id.is_some();
    let mut values = vec![Value::from(query.limit.saturating_add(1))];
    let mut condition = String::from("WHERE 1 = 1");
    let mut add = |text: &str, value: Value<'static>| {
        values.push(value);
        condition.push_str(&format!(" AND {text} ${}", values.len()));
    };
    for (mark, past) in [
        (&query.after_id, "sequence <"),
        (&query.before_id, "sequence >"),
    ] {
        let Some(mark) = mark else { continue };
        let found = event(store, mark)?.ok_or_else(|| absent("event", mark))?;
        add(past, rows::count(found.sequence));
    }
    if let Some(case) = &query.case {
        add("case_id =", Value::from(case.as_str().to_owned()));
    }
    if let Some(from) = query.from {
        add("at >=", rows::micros(from));
    }
    if let Some(before) = query.before {
        add("at <", rows::micros(before));
    }
    if !query.kinds.is_empty() {
        let first = values.len().saturating_add(1);
        values.extend(query.kinds.iter().map(Value::from));
        let marks: Vec<String> = (first..=values.len()).map(|n| format!("${n}")).collect();
        condition.push_str(&format!(" AND kind IN ({})", marks.join(", ")));
    }
    if let Some((stage, at)) = query.at_stage {
        values.push(Value::from(stage.name()));
        let mark = values.len();
        condition.push_str(&match at {
            true => format!(" AND case_id IN (SELECT id FROM cases WHERE stage = ${mark})"),
            false => format!(
                " AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = case_id AND c.stage = ${mark})"
            ),
        });
    }
    if let Some(taken) = &query.taken {
        condition.push_str(&taken_by(taken, &mut values));
    }
    let order = if back { "ASC" } else { "DESC" };
    let rest = format!("{condition} ORDER BY sequence {order} LIMIT $1");
    let found = select_events(store, &rest, &values)?;
    Ok(page(found, query.limit, back))
}

/// The states stand in the text: only so can the index of what was not taken be chosen, which is as small as the backlog.
fn taken_by(taken: &Taken, values: &mut Vec<Value<'_>>) -> String {
    values.push(Value::from(taken.live));
    let mut theirs = format!("e.live = ${}", values.len());
    if let Some(merchant) = &taken.merchant {
        values.push(Value::from(merchant.clone()));
        theirs.push_str(&format!(" AND e.merchant = ${}", values.len()));
    }
    let waiting = format!(
        "SELECT d.event FROM deliveries d JOIN endpoints e ON e.id = d.endpoint \
         WHERE d.state IN ('due', 'held', 'parked') AND e.deleted_at IS NULL AND {theirs}"
    );
    match taken.by_all {
        true => format!(" AND NOT EXISTS ({waiting} AND d.event = events.id)"),
        false => format!(" AND id IN ({waiting})"),
    }
}

/// Both ends included, oldest first.
pub(super) fn events_between<D: Database>(
    store: &mut Durable<D>,
    from: u64,
    until: u64,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let rest = "WHERE sequence >= $1 AND sequence <= $2 ORDER BY sequence LIMIT $3";
    let values = [rows::count(from), rows::count(until), Value::from(limit)];
    select_events(store, rest, &values)
}

pub(super) fn event_versions<D: Database>(
    store: &mut Durable<D>,
    cases: &[CaseId],
) -> Result<Vec<(CaseId, u32)>, Error> {
    let many = both(
        &[Kind::Text],
        "SELECT case_id, max(version) AS version FROM events WHERE case_id = ?1 GROUP BY case_id",
        "SELECT e.case_id, max(e.version) AS version FROM {rows} AS u (case_id) \
         JOIN events e USING (case_id) GROUP BY e.case_id",
    );
    let values: Vec<Value<'_>> = cases.iter().map(|id| Value::from(id.as_str())).collect();
    let found = store
        .database
        .query_many("reading events", &many, &values)?;
    let read = |mut row: Row| {
        let case = rows::read(&mut row, "case_id", CaseId::parse)?;
        Ok((case, row.number("version")?))
    };
    found.into_iter().map(read).collect()
}

const DELIVERY: [(&str, Kind); 7] = [
    ("endpoint", Kind::Text),
    ("event", Kind::Text),
    ("state", Kind::Text),
    ("attempts", Kind::Int),
    ("due_at", Kind::Int),
    ("settled_at", Kind::Int),
    ("why", Kind::Text),
];

fn write_deliveries<D: Database>(
    database: &mut D,
    doing: &'static str,
    deliveries: &[Delivery],
    conflict: &str,
) -> Result<(), Error> {
    let mut values = Vec::with_capacity(deliveries.len().saturating_mul(DELIVERY.len()));
    for delivery in deliveries {
        values.extend([
            Value::from(&delivery.endpoint),
            Value::from(&delivery.event),
            Value::from(&delivery.state),
            Value::from(delivery.attempts),
            rows::micros(delivery.due_at),
            rows::maybe_micros(delivery.settled_at),
            Value::from(delivery.why.as_ref()),
        ]);
    }
    let kinds = DELIVERY.map(|(_, kind)| kind);
    let columns = DELIVERY.map(|(column, _)| column).join(", ");
    // The order of publication is the events' own.
    let many = both(
        &kinds,
        format!(
            "INSERT INTO deliveries ({columns}, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
             (SELECT sequence FROM events WHERE id = ?2)) {conflict}"
        ),
        &format!(
            "INSERT INTO deliveries ({columns}, number) SELECT u.*, \
             (SELECT sequence FROM events WHERE id = u.event) FROM {{rows}} AS u ({columns}) {conflict}"
        ),
    );
    database.execute_many(doing, &many, &values)
}

pub(super) fn select_deliveries<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<Delivery>, Error> {
    let sql = format!(
        "SELECT endpoint, event, state, attempts, due_at, settled_at, why FROM deliveries {rest}"
    );
    let found = store.database.query("reading deliveries", &sql, values)?;
    found
        .into_iter()
        .map(|mut row| read_delivery(&mut row))
        .collect()
}

pub(super) fn read_delivery(row: &mut Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        endpoint: row.text("endpoint")?,
        event: row.text("event")?,
        state: row.text("state")?,
        attempts: row.number("attempts")?,
        due_at: rows::instant(row, "due_at")?,
        settled_at: rows::maybe_instant(row, "settled_at")?,
        why: row.maybe_text("why")?,
    })
}

/// Earliest first. The state stands in the text: only so can the partial index be chosen.
pub(super) fn deliveries_due<D: Database>(
    store: &mut Durable<D>,
    now: Instant,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    let rest = "WHERE state = 'due' AND due_at <= $1 ORDER BY due_at, endpoint, event LIMIT $2";
    select_deliveries(store, rest, &[rows::micros(now), Value::from(limit)])
}

/// Delivery and health are compared with what the caller saw, so that neither a person's word nor another sender's is undone.
pub(super) fn settle<D: Database>(
    store: &mut Durable<D>,
    attempt: &Attempt,
    (seen, next): (&Delivery, &Delivery),
    health: Option<(&str, &str)>,
) -> Result<(), Error> {
    assert_eq!(
        (&attempt.endpoint, &attempt.event, attempt.number),
        (&next.endpoint, &next.event, next.attempts),
        "an attempt settles its own delivery"
    );
    change(store, DELIVERING, None, |database, _| {
        let sql = "UPDATE deliveries SET state = $1, attempts = $2, due_at = $3, settled_at = $4, why = $5 \
            WHERE endpoint = $6 AND event = $7 AND attempts + 1 = $2 AND state = $8 AND due_at = $9";
        let values = [
            Value::from(&next.state),
            Value::from(next.attempts),
            rows::micros(next.due_at),
            rows::maybe_micros(next.settled_at),
            Value::from(next.why.as_ref()),
            Value::from(&next.endpoint),
            Value::from(&next.event),
            Value::from(&seen.state),
            rows::micros(seen.due_at),
        ];
        if database.execute(DELIVERING, sql, &values)? == 0 {
            let found = format!(
                "delivery of {} to {} is not {} before attempt {}",
                next.event, next.endpoint, seen.state, attempt.number
            );
            return Err(Error::Conflict {
                doing: DELIVERING,
                found,
            });
        }
        let sql = "INSERT INTO attempts (endpoint, event, number, at, took_ms, status, words) \
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            Value::from(&attempt.endpoint),
            Value::from(&attempt.event),
            Value::from(attempt.number),
            rows::micros(attempt.at),
            Value::from(attempt.took_ms),
            Value::from(attempt.status.map(i64::from)),
            Value::from(&attempt.words),
        ];
        database.execute(DELIVERING, sql, &values)?;
        let Some((was, is)) = health else {
            return Ok(());
        };
        let sql = "UPDATE endpoints SET health = $1 WHERE id = $2 AND health = $3";
        let values = [is, next.endpoint.as_str(), was].map(Value::from);
        match database.execute(DELIVERING, sql, &values)? {
            0 => Err(Error::Conflict {
                doing: DELIVERING,
                found: format!("endpoint {} is not `{was}`", next.endpoint),
            }),
            _ => Ok(()),
        }
    })
}

/// Attempts are never uncounted, whatever state a delivery is put into.
pub(super) fn put_deliveries<D: Database>(
    store: &mut Durable<D>,
    deliveries: &[Delivery],
) -> Result<(), Error> {
    let conflict = "ON CONFLICT (endpoint, event) DO UPDATE SET state = excluded.state, \
        due_at = excluded.due_at, settled_at = excluded.settled_at, why = excluded.why";
    change(store, DELIVERING, None, |database, _| {
        write_deliveries(database, DELIVERING, deliveries, conflict)
    })
}

pub(super) fn release<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    due_at: Instant,
) -> Result<u64, Error> {
    let sql =
        "UPDATE deliveries SET state = 'due', due_at = $1 WHERE endpoint = $2 AND state = 'held'";
    let values = [rows::micros(due_at), Value::from(endpoint)];
    change(store, DELIVERING, None, |database, _| {
        database.execute(DELIVERING, sql, &values)
    })
}

/// Latest due first; of one due time, the last published first.
pub(super) fn deliveries<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    let rest = "WHERE endpoint = $1 ORDER BY due_at DESC, number DESC LIMIT $2";
    select_deliveries(store, rest, &[Value::from(endpoint), Value::from(limit)])
}

/// Newest first.
pub(super) fn attempts<D: Database>(
    store: &mut Durable<D>,
    endpoint: &str,
    event: Option<&str>,
    limit: u32,
) -> Result<Vec<Attempt>, Error> {
    let mut values = vec![Value::from(endpoint), Value::from(limit)];
    let mut condition = "";
    if let Some(event) = event {
        values.push(Value::from(event));
        condition = "AND event = $3";
    }
    let sql = format!(
        "SELECT endpoint, event, number, at, took_ms, status, words FROM attempts \
         WHERE endpoint = $1 {condition} ORDER BY at DESC, event, number DESC LIMIT $2"
    );
    let found = store.database.query("reading attempts", &sql, &values)?;
    found.into_iter().map(attempt).collect()
}

fn attempt(mut row: Row) -> Result<Attempt, Error> {
    let row = &mut row;
    let status = |status: i64| {
        u16::try_from(status).map_err(|_| Error::corrupt("column status", status.to_string()))
    };
    Ok(Attempt {
        endpoint: row.text("endpoint")?,
        event: row.text("event")?,
        number: row.number("number")?,
        at: rows::instant(row, "at")?,
        took_ms: row.number("took_ms")?,
        status: row.maybe_int("status")?.map(status).transpose()?,
        words: row.text("words")?,
    })
}
