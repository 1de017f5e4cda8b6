//! Requests that may have one effect only: the row and the effect are one transaction.

use super::{Durable, change, sealing};
use crate::Error;
use crate::contract::{NewDocument, Seen};
use crate::database::{Database, Row, Value};
use crate::durable::{compare, documents, keyring};
use crate::registry::{Once, OnceOutcome};
use crate::rows;
use crate::vault::Vault;

const DOING: &str = "keeping a request";
const READING: &str = "reading a request";

const COLUMNS: &str = "name, tenant, key_text, fingerprint, at, about, status, key, sealed";

/// A tenant has one slash, so no two pairs come to one name.
fn name(tenant: &str, key: &str) -> String {
    format!("{tenant}/{key}")
}

fn aad(tenant: &str, key: &str) -> String {
    format!("once/{}", name(tenant, key))
}

/// The tenant is a merchant's id, or `desk`, before the mode.
fn merchant(tenant: &str) -> Option<&str> {
    let name = tenant.split('/').next();
    name.filter(|name| *name != "desk" && !name.is_empty())
}

fn read<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    tenant: &str,
    key: &str,
) -> Result<Option<Once>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM once WHERE name = $1");
    let found = database.query(READING, &sql, &[Value::from(name(tenant, key))])?;
    let Some(mut row) = found.into_iter().next() else {
        return Ok(None);
    };
    once(database, vault, &mut row).map(Some)
}

fn once<D: Database>(database: &mut D, vault: &mut Vault, row: &mut Row) -> Result<Once, Error> {
    row.text("name")?;
    let (tenant, key) = (row.text("tenant")?, row.text("key_text")?);
    let fingerprint = row.text("fingerprint")?;
    let at = rows::instant(row, "at")?;
    let about = row.text("about")?;
    let answer = match row.maybe_int("status")? {
        None => None,
        Some(status) => {
            let status = u16::try_from(status)
                .map_err(|_| Error::corrupt("column status", status.to_string()))?;
            let body = keyring::open(database, vault, row, &aad(&tenant, &key))?;
            Some((status, body))
        }
    };
    Ok(Once {
        tenant,
        key,
        fingerprint,
        at,
        about,
        answer,
    })
}

/// Writes the row unless the key was used; the row that is there otherwise.
fn keep<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    once: &Once,
) -> Result<Option<Once>, Error> {
    if let Some(before) = read(database, vault, &once.tenant, &once.key)? {
        return Ok(Some(before));
    }
    let [key, sealed] = match &once.answer {
        None => [Value::Null, Value::Null],
        Some((_, body)) => keyring::seal(
            database,
            vault,
            &sealing(merchant(&once.tenant)),
            &aad(&once.tenant, &once.key),
            body,
        )?,
    };
    let sql = format!("INSERT INTO once ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    let status = once.answer.as_ref().map(|(status, _)| i64::from(*status));
    let values = [
        Value::from(name(&once.tenant, &once.key)),
        Value::from(&once.tenant),
        Value::from(&once.key),
        Value::from(&once.fingerprint),
        rows::micros(once.at),
        Value::from(&once.about),
        Value::from(status),
        key,
        sealed,
    ];
    database.execute(DOING, &sql, &values)?;
    Ok(None)
}

/// The key first: who repeats a request gets its first outcome, whatever happened to the case since.
pub(super) fn append<D: Database>(
    store: &mut Durable<D>,
    once: &Once,
    seen: Option<&Seen>,
    documents: &[NewDocument],
) -> Result<OnceOutcome, Error> {
    let done = change(store, DOING, None, |database, vault| {
        if let Some(before) = keep(database, vault, once)? {
            return Ok(OnceOutcome::Before(Box::new(before)));
        }
        database.enter_door(DOING)?;
        let kept = documents::keep(database, vault, documents, |database, known| {
            match (seen, documents.first()) {
                (Some(seen), Some(first)) => compare::admits(database, first, known, seen),
                _ => Ok(()),
            }
        });
        kept.map(OnceOutcome::Done)
    });
    // The conflict has undone the transaction, and with it the key.
    match done {
        Err(Error::Conflict { .. }) => Ok(OnceOutcome::Moved),
        done => done,
    }
}

pub(super) fn find<D: Database>(
    store: &mut Durable<D>,
    tenant: &str,
    key: &str,
) -> Result<Option<Once>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    read(database, vault, tenant, key)
}

pub(super) fn put<D: Database>(store: &mut Durable<D>, once: &Once) -> Result<bool, Error> {
    change(store, DOING, None, |database, vault| {
        keep(database, vault, once).map(|before| before.is_none())
    })
}

/// The first answer stays: the same once more is no error, another is.
pub(super) fn answer<D: Database>(
    store: &mut Durable<D>,
    tenant: &str,
    key: &str,
    status: u16,
    body: &[u8],
) -> Result<(), Error> {
    change(store, DOING, None, |database, vault| {
        let Some(before) = read(database, vault, tenant, key)? else {
            return Err(super::absent("request", key));
        };
        match before.answer {
            Some((known, kept)) if known == status && kept == body => return Ok(()),
            Some((known, _)) => {
                let found = format!("request {key} was answered with {known} before");
                return Err(Error::Conflict {
                    doing: DOING,
                    found,
                });
            }
            None => {}
        }
        let scope = sealing(merchant(tenant));
        let [sealed_by, sealed] = keyring::seal(database, vault, &scope, &aad(tenant, key), body)?;
        let sql = "UPDATE once SET status = $1, key = $2, sealed = $3 WHERE name = $4";
        let values = [
            Value::Int(i64::from(status)),
            sealed_by,
            sealed,
            Value::from(name(tenant, key)),
        ];
        database.execute(DOING, sql, &values).map(|_| ())
    })
}
