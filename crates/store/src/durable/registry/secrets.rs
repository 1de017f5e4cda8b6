//! Secrets of the desk's own, such as the key that signs what it tells others: made once, sealed at rest.

use super::{Durable, all, change, sealing};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Value};
use crate::durable::keyring;

const DOING: &str = "keeping a secret of the desk";

fn aad(name: &str) -> String {
    format!("secret/{name}")
}

pub(super) fn find<D: Database>(
    store: &mut Durable<D>,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT key, sealed FROM secrets WHERE name = $1";
    let found = store.database.query(DOING, sql, &[Value::from(name)])?;
    let opened = all(store, found, |database, vault, row| {
        keyring::open(database, vault, row, &aad(name))
    });
    Ok(opened?.pop())
}

/// Of two who make one at the same time, the second finds the first's. A leaf is of something that happened.
pub(super) fn keep<D: Database>(
    store: &mut Durable<D>,
    name: &str,
    plain: &[u8],
    leaf: &Leaf,
) -> Result<bool, Error> {
    if find(store, name)?.is_some() {
        return Ok(false);
    }
    let kept = change(store, DOING, Some(leaf), |database, vault| {
        let there = "SELECT name FROM secrets WHERE name = $1";
        if !database
            .query(DOING, there, &[Value::from(name)])?
            .is_empty()
        {
            return Err(Error::Conflict {
                doing: DOING,
                found: format!("secret `{name}` is there already"),
            });
        }
        let [key, sealed] = keyring::seal(database, vault, &sealing(None), &aad(name), plain)?;
        let sql = "INSERT INTO secrets (name, key, sealed) VALUES ($1, $2, $3)";
        database
            .execute(DOING, sql, &[Value::from(name), key, sealed])
            .map(|_| ())
    });
    match kept {
        Ok(()) => Ok(true),
        Err(Error::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
