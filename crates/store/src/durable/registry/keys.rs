//! API keys, known by the hash of their text.

use super::{Durable, absent, change};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Row, Value};
use crate::registry::ApiKey;
use crate::rows;
use calendar::Instant;

const DOING: &str = "keeping API keys";
const READING: &str = "reading API keys";

const COLUMNS: &str = "id, hash, shown, label, live, merchant, grants, addresses, created_by, created_at, \
    expires_at, last_used_at, revoked_at";

/// What may change of a key is its label, what it may and from where, when it ends, and that it was revoked.
pub(super) fn put<D: Database>(
    store: &mut Durable<D>,
    key: &ApiKey,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO api_keys ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, live = excluded.live, \
         merchant = excluded.merchant, created_at = excluded.created_at, label = excluded.label, \
         grants = excluded.grants, addresses = excluded.addresses, expires_at = excluded.expires_at, \
         revoked_at = coalesce(api_keys.revoked_at, excluded.revoked_at)"
    );
    let values = [
        Value::from(&key.id),
        Value::from(&key.hash),
        Value::from(&key.shown),
        Value::from(&key.label),
        Value::from(key.live),
        Value::from(key.merchant.as_ref()),
        Value::from(&key.grants),
        Value::from(&key.addresses),
        Value::from(&key.created_by),
        rows::micros(key.created_at),
        rows::maybe_micros(key.expires_at),
        rows::maybe_micros(key.last_used_at),
        rows::maybe_micros(key.revoked_at),
    ];
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, &sql, &values).map(|_| ())
    })
}

fn select<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<ApiKey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE {rest}");
    let found = store.database.query(READING, &sql, values)?;
    found.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<ApiKey, Error> {
    let row = &mut row;
    Ok(ApiKey {
        id: row.text("id")?,
        hash: row.text("hash")?,
        shown: row.text("shown")?,
        label: row.text("label")?,
        live: row.flag("live")?,
        merchant: row.maybe_text("merchant")?,
        grants: row.text("grants")?,
        addresses: row.text("addresses")?,
        created_by: row.text("created_by")?,
        created_at: rows::instant(row, "created_at")?,
        expires_at: rows::maybe_instant(row, "expires_at")?,
        last_used_at: rows::maybe_instant(row, "last_used_at")?,
        revoked_at: rows::maybe_instant(row, "revoked_at")?,
    })
}

pub(super) fn by_hash<D: Database>(
    store: &mut Durable<D>,
    hash: &str,
) -> Result<Option<ApiKey>, Error> {
    Ok(select(store, "hash = $1", &[Value::from(hash)])?.pop())
}

/// Newest first.
pub(super) fn of<D: Database>(
    store: &mut Durable<D>,
    merchant: Option<&str>,
) -> Result<Vec<ApiKey>, Error> {
    let order = "ORDER BY created_at DESC, id";
    match merchant {
        None => select(store, &format!("merchant IS NULL {order}"), &[]),
        Some(id) => {
            let rest = format!("merchant = $1 {order}");
            select(store, &rest, &[Value::from(id)])
        }
    }
}

/// Uses are noted out of order by several processes: the latest stays.
pub(super) fn used<D: Database>(
    store: &mut Durable<D>,
    id: &str,
    at: Instant,
) -> Result<(), Error> {
    let sql = "UPDATE api_keys SET last_used_at = CASE WHEN last_used_at > $1 THEN last_used_at ELSE $1 END \
        WHERE id = $2";
    let values = [rows::micros(at), Value::from(id)];
    let changed = change(store, DOING, None, |database, _| {
        database.execute(DOING, sql, &values)
    })?;
    match changed {
        0 => Err(absent("API key", id)),
        _ => Ok(()),
    }
}
