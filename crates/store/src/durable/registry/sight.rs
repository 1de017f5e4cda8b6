//! Merchants, and whose accounts are whose.

use super::{Durable, change};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Row, Value};
use crate::registry::{Merchant, Owned};
use crate::rows;

const DOING: &str = "keeping merchants";
const READING: &str = "reading merchants";

/// A merchant's name may change; when it was made may not.
pub(super) fn put_merchant<D: Database>(
    store: &mut Durable<D>,
    merchant: &Merchant,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = "INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET name = excluded.name";
    let values = [
        Value::from(&merchant.id),
        Value::from(&merchant.name),
        rows::micros(merchant.created_at),
    ];
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, sql, &values).map(|_| ())
    })
}

/// In order of id.
pub(super) fn merchants<D: Database>(store: &mut Durable<D>) -> Result<Vec<Merchant>, Error> {
    let sql = "SELECT id, name, created_at FROM merchants ORDER BY id";
    let merchant = |mut row: Row| {
        Ok(Merchant {
            id: row.text("id")?,
            name: row.text("name")?,
            created_at: rows::instant(&mut row, "created_at")?,
        })
    };
    let found = store.database.query(READING, sql, &[])?;
    found.into_iter().map(merchant).collect()
}

pub(super) fn own<D: Database>(
    store: &mut Durable<D>,
    owned: &Owned,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = "INSERT INTO owned (provider, account, merchant, live) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (provider, account) DO UPDATE SET merchant = excluded.merchant, live = excluded.live";
    let values = [
        Value::from(&owned.scope.provider),
        Value::from(&owned.scope.account),
        Value::from(&owned.merchant),
        Value::from(owned.live),
    ];
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, sql, &values).map(|_| ())
    })
}

/// In order of provider and account.
pub(super) fn owned<D: Database>(store: &mut Durable<D>) -> Result<Vec<Owned>, Error> {
    let sql = "SELECT provider, account, merchant, live FROM owned ORDER BY provider, account";
    let owned = |mut row: Row| {
        Ok(Owned {
            scope: rows::scope(&mut row)?,
            merchant: row.text("merchant")?,
            live: row.flag("live")?,
        })
    };
    let found = store.database.query(READING, sql, &[])?;
    found.into_iter().map(owned).collect()
}
