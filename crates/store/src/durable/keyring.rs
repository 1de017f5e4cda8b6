//! Data keys, one per scope and version: found, made, and replaced while the desk runs.

use super::Durable;
use crate::Error;
use crate::database::{Database, Kind, Row, Value, both, transaction};
use crate::rows;
use crate::vault::{Vault, WrappedKey};
use dispute::fact::Scope;

const DOING: &str = "reading data keys";
const ROTATING: &str = "sealing again under a new key";

const COLUMNS: &str = "id, provider, account, version, kek, wrapped";

/// The newest data key of this scope, opened; made when there is none. Called inside a writing transaction.
pub(super) fn current<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    scope: &Scope,
) -> Result<i64, Error> {
    if let Some((id, _)) = newest(database, vault, scope)? {
        return Ok(id);
    }
    // The books and the door may both see the scope for the first time.
    database.enter_door(DOING)?;
    match newest(database, vault, scope)? {
        Some((id, _)) => Ok(id),
        None => make(database, vault, scope, 1),
    }
}

/// Opens a key that a row names, unless it is open already.
pub(super) fn load<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    key: i64,
) -> Result<(), Error> {
    if vault.holds(key) {
        return Ok(());
    }
    let sql = format!("SELECT {COLUMNS} FROM keys WHERE id = $1");
    let mut found = database.query(DOING, &sql, &[Value::Int(key)])?;
    match found.pop() {
        Some(row) => vault.unwrap(&wrapped(row)?),
        None => Err(Error::Key {
            what: format!("data key {key}"),
            found: String::from("a row is sealed with it and it is not kept"),
        }),
    }
}

/// Seals under the scope's newest key: the key's number and the sealed value. Called inside a writing transaction.
pub(super) fn seal<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    scope: &Scope,
    aad: &str,
    plain: &[u8],
) -> Result<[Value<'static>; 2], Error> {
    let key = current(database, vault, scope)?;
    Ok([Value::Int(key), Value::from(vault.seal(key, aad, plain)?)])
}

/// Opens what the row's next two columns, the key's number and the sealed value, hold.
pub(super) fn open<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    row: &mut Row,
    aad: &str,
) -> Result<Vec<u8>, Error> {
    let opened = maybe_open(database, vault, row, aad)?;
    opened.ok_or_else(|| Error::corrupt(aad, "nothing sealed where something must be"))
}

/// As [`open`], where both may be absent.
pub(super) fn maybe_open<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    row: &mut Row,
    aad: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let key = row.maybe_int("key")?;
    let sealed = row.maybe_bytes("sealed")?;
    let Some((key, sealed)) = key.zip(sealed) else {
        return Ok(None);
    };
    load(database, vault, key)?;
    vault.open(key, aad, &sealed).map(Some)
}

fn newest<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    scope: &Scope,
) -> Result<Option<(i64, i64)>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM keys WHERE provider = $1 AND account = $2 ORDER BY version DESC LIMIT 1"
    );
    let values = [Value::from(&scope.provider), Value::from(&scope.account)];
    let Some(row) = database.query(DOING, &sql, &values)?.pop() else {
        return Ok(None);
    };
    let key = wrapped(row)?;
    if !vault.holds(key.id) {
        vault.unwrap(&key)?;
    }
    Ok(Some((key.id, key.version)))
}

fn make<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    scope: &Scope,
    version: i64,
) -> Result<i64, Error> {
    let mut key = vault.make(scope, version);
    let mut last = database.query(DOING, "SELECT coalesce(max(id), 0) FROM keys", &[])?;
    // Ids rise with time: the database itself refuses to seal a row again under an older key.
    key.id = match last.pop() {
        Some(mut row) => row.int("id")?.saturating_add(1),
        None => 1,
    };
    let sql = format!("INSERT INTO keys ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
    let values = [
        Value::Int(key.id),
        Value::from(&scope.provider),
        Value::from(&scope.account),
        Value::Int(version),
        Value::from(&key.kek),
        Value::from(key.wrapped.as_slice()),
    ];
    database.execute("making a data key", &sql, &values)?;
    vault.unwrap(&key)?;
    Ok(key.id)
}

fn wrapped(mut row: Row) -> Result<WrappedKey, Error> {
    Ok(WrappedKey {
        id: row.int("id")?,
        scope: rows::scope(&mut row)?,
        version: row.int("version")?,
        kek: row.text("kek")?,
        wrapped: row.bytes("wrapped")?,
    })
}

/// A table with sealed rows: how rows under older keys of a scope are found, counted and sealed again. `find` gives the
/// row's number or name, the associated data's last part, the key and the sealed value.
struct Sealed {
    prefix: &'static str,
    find: &'static str,
    count: &'static str,
    renew: (&'static [Kind], &'static str, &'static str),
}

const OLDER: &str = "k.provider = $1 AND k.account = $2 AND k.version < $3";

const SEALED: [Sealed; 9] = [
    Sealed {
        prefix: "document",
        find: "SELECT d.id, b.key, b.sealed FROM keys k JOIN document_bodies b ON b.key = k.id \
               JOIN documents d ON d.sequence = b.document",
        count: "SELECT count(*) FROM keys k JOIN document_bodies b ON b.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE document_bodies SET key = ?1, sealed = ?2 \
             WHERE document = (SELECT sequence FROM documents WHERE id = ?3)",
            "UPDATE document_bodies b SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, id) JOIN documents d ON d.id = u.id \
             WHERE b.document = d.sequence",
        ),
    },
    Sealed {
        prefix: "fact",
        find: "SELECT f.id, f.key, f.sealed FROM keys k JOIN facts f ON f.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN facts f ON f.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE facts SET key = ?1, sealed = ?2 WHERE id = ?3",
            "UPDATE facts f SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, id) WHERE f.id = u.id",
        ),
    },
    Sealed {
        prefix: "blob",
        find: "SELECT b.digest, b.key, b.sealed FROM keys k JOIN blobs b ON b.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN blobs b ON b.key = k.id",
        // The key belongs to the scope, so that (old key, digest) names one row.
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE blobs SET key = ?1, sealed = ?2 WHERE digest = ?3 \
             AND (provider, account) = (SELECT provider, account FROM keys WHERE id = ?1)",
            "UPDATE blobs b SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, digest) JOIN keys k ON k.id = u.key \
             WHERE b.digest = u.digest AND b.provider = k.provider AND b.account = k.account",
        ),
    },
    Sealed {
        prefix: "person",
        find: "SELECT t.id, t.key, t.sealed FROM keys k JOIN people t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN people t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE people SET key = ?1, sealed = ?2 WHERE id = ?3",
            "UPDATE people t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.id = u.name",
        ),
    },
    Sealed {
        prefix: "errand",
        find: "SELECT t.state_hash, t.key, t.sealed FROM keys k JOIN errands t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN errands t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE errands SET key = ?1, sealed = ?2 WHERE state_hash = ?3",
            "UPDATE errands t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.state_hash = u.name",
        ),
    },
    Sealed {
        prefix: "once",
        find: "SELECT t.name, t.key, t.sealed FROM keys k JOIN once t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN once t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE once SET key = ?1, sealed = ?2 WHERE name = ?3",
            "UPDATE once t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.name = u.name",
        ),
    },
    Sealed {
        prefix: "endpoint",
        find: "SELECT t.id, t.key, t.sealed FROM keys k JOIN endpoints t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN endpoints t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE endpoints SET key = ?1, sealed = ?2 WHERE id = ?3",
            "UPDATE endpoints t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.id = u.name",
        ),
    },
    Sealed {
        prefix: "metadata",
        find: "SELECT t.object, t.key, t.sealed FROM keys k JOIN metadata t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN metadata t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE metadata SET key = ?1, sealed = ?2 WHERE object = ?3",
            "UPDATE metadata t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.object = u.name",
        ),
    },
    Sealed {
        prefix: "secret",
        find: "SELECT t.name, t.key, t.sealed FROM keys k JOIN secrets t ON t.key = k.id",
        count: "SELECT count(*) FROM keys k JOIN secrets t ON t.key = k.id",
        renew: (
            &[Kind::Int, Kind::Bytes, Kind::Text],
            "UPDATE secrets SET key = ?1, sealed = ?2 WHERE name = ?3",
            "UPDATE secrets t SET key = u.key, sealed = u.sealed \
             FROM {rows} AS u (key, sealed, name) WHERE t.name = u.name",
        ),
    },
];

/// Goes on with the scope's rotation, or begins one when nothing is left of the last. Old keys are kept: a reader may hold
/// a row sealed with one, and so may a backup.
pub(super) fn rotate<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    rows: u32,
) -> Result<u64, Error> {
    let Durable {
        database, vault, ..
    } = store;
    transaction(database, ROTATING, |database| {
        // Nothing comes in under the old key meanwhile, so that none is left when none is counted.
        database.enter_door(ROTATING)?;
        let (mut key, mut version) = match newest(database, vault, scope)? {
            Some(newest) => newest,
            None => (make(database, vault, scope, 1)?, 1),
        };
        if left(database, scope, version)? == 0 {
            version = version.saturating_add(1);
            key = make(database, vault, scope, version)?;
        }
        let mut budget = i64::from(rows);
        for table in &SEALED {
            budget = budget.saturating_sub(renew(
                database,
                vault,
                table,
                scope,
                (key, version, budget),
            )?);
        }
        left(database, scope, version)
    })
}

fn older<'a>(scope: &'a Scope, version: i64) -> [Value<'a>; 3] {
    [
        Value::from(&scope.provider),
        Value::from(&scope.account),
        Value::Int(version),
    ]
}

fn left<D: Database>(database: &mut D, scope: &Scope, version: i64) -> Result<u64, Error> {
    let mut sum: u64 = 0;
    for table in &SEALED {
        let sql = format!("{} WHERE {OLDER}", table.count);
        for mut row in database.query(ROTATING, &sql, &older(scope, version))? {
            sum = sum.saturating_add(row.number("count")?);
        }
    }
    Ok(sum)
}

/// Seals at most `budget` rows of one table again and returns how many it were.
fn renew<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    table: &Sealed,
    scope: &Scope,
    (key, version, budget): (i64, i64, i64),
) -> Result<i64, Error> {
    let sql = format!("{} WHERE {OLDER} LIMIT $4", table.find);
    let [provider, account, before] = older(scope, version);
    let found = database.query(
        ROTATING,
        &sql,
        &[provider, account, before, Value::Int(budget)],
    )?;
    let mut done: i64 = 0;
    let mut values = Vec::with_capacity(found.len().saturating_mul(3));
    for mut row in found {
        let name = row.text("name")?;
        let old = row.int("key")?;
        let sealed = row.bytes("sealed")?;
        load(database, vault, old)?;
        let aad = match table.prefix {
            "blob" => blob_aad(scope, &name),
            prefix => format!("{prefix}/{name}"),
        };
        let plain = vault.open(old, &aad, &sealed)?;
        values.push(Value::Int(key));
        values.push(Value::from(vault.seal(key, &aad, &plain)?));
        values.push(Value::from(name));
        done = done.saturating_add(1);
    }
    let (kinds, sqlite, pg) = table.renew;
    database.execute_many(ROTATING, &both(kinds, sqlite, pg), &values)?;
    Ok(done)
}

/// What a sealed blob is bound to.
pub(super) fn blob_aad(scope: &Scope, digest: &str) -> String {
    format!("blob/{}/{}/{digest}", scope.provider, scope.account)
}
