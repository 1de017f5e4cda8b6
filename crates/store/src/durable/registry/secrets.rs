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

/// Names are compared by their bytes in both databases, so that those which begin alike stand together.
pub(super) fn beginning<D: Database>(
    store: &mut Durable<D>,
    begin: &str,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let sql = "SELECT name, key, sealed FROM secrets WHERE name >= $1 AND name < $2 ORDER BY name";
    let past = format!("{begin}{}", char::MAX);
    let values = [Value::from(begin), Value::from(&past)];
    let found = store.database.query(DOING, sql, &values)?;
    all(store, found, |database, vault, row| {
        let name = row.text("name")?;
        let plain = keyring::open(database, vault, row, &aad(&name))?;
        Ok((name, plain))
    })
}

fn there<D: Database>(database: &mut D, name: &str) -> Result<bool, Error> {
    let sql = "SELECT name FROM secrets WHERE name = $1";
    Ok(!database.query(DOING, sql, &[Value::from(name)])?.is_empty())
}

/// Of two who make one at the same time, the second finds the first's. A leaf is of something that happened.
pub(super) fn keep<D: Database>(
    store: &mut Durable<D>,
    name: &str,
    plain: &[u8],
    leaf: &Leaf,
) -> Result<bool, Error> {
    if there(&mut store.database, name)? {
        return Ok(false);
    }
    let kept = change(store, DOING, Some(leaf), |database, vault| {
        if there(database, name)? {
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
