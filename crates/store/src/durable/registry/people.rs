//! People, what they may, and how they entered.

use super::{Durable, absent, all, change, lines, of_lines, sealing};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Row, Value};
use crate::durable::{keyring, log};
use crate::registry::{Errand, Failures, Grant, Person, Session};
use crate::rows;
use crate::vault::Vault;
use calendar::Instant;

const DOING: &str = "keeping people";
const READING: &str = "reading people";

/// The seal stands last in both, so that it is read with the rest.
const COLUMNS: &str = "id, email, name, password, totp_step, recovery, issuer, subject, created_at, \
    disabled_at, key, sealed";
const READ: &str = "id, email, name, password, totp_step, recovery, issuer, subject, created_at, \
    disabled_at, roles_changed_at, signed_out_at, key, sealed";

fn aad(id: &str) -> String {
    format!("person/{id}")
}

/// A new TOTP secret begins with the step given; the same one never goes back to a step before one taken.
pub(super) fn put<D: Database>(
    store: &mut Durable<D>,
    person: &Person,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO people ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, \
         password = excluded.password, totp_step = excluded.totp_step, recovery = excluded.recovery, \
         issuer = excluded.issuer, subject = excluded.subject, disabled_at = excluded.disabled_at, \
         key = excluded.key, sealed = excluded.sealed"
    );
    change(store, DOING, Some(leaf), |database, vault| {
        let before = one(database, vault, "id = $1", &[Value::from(&person.id)])?;
        let same = before.filter(|before| before.totp == person.totp);
        let step = same.map_or(person.totp_step, |before| {
            before.totp_step.max(person.totp_step)
        });
        let [key, sealed] = match &person.totp {
            None => [Value::Null, Value::Null],
            Some(secret) => {
                keyring::seal(database, vault, &sealing(None), &aad(&person.id), secret)?
            }
        };
        let subject = person.subject.as_ref();
        let values = [
            Value::from(&person.id),
            Value::from(&person.email),
            Value::from(&person.name),
            Value::from(person.password.as_ref()),
            Value::from(step),
            Value::from(lines(&person.recovery)),
            Value::from(subject.map(|(issuer, _)| issuer)),
            Value::from(subject.map(|(_, subject)| subject)),
            rows::micros(person.created_at),
            rows::maybe_micros(person.disabled_at),
            key,
            sealed,
        ];
        database.execute(DOING, &sql, &values).map(|_| ())
    })
}

fn read<D: Database>(database: &mut D, vault: &mut Vault, row: &mut Row) -> Result<Person, Error> {
    let id = row.text("id")?;
    let mut person = Person {
        email: row.text("email")?,
        name: row.text("name")?,
        password: row.maybe_text("password")?,
        totp: None,
        totp_step: row.maybe_int("totp_step")?,
        recovery: of_lines(&row.text("recovery")?),
        subject: row.maybe_text("issuer")?.zip(row.maybe_text("subject")?),
        created_at: rows::instant(row, "created_at")?,
        disabled_at: rows::maybe_instant(row, "disabled_at")?,
        roles_changed_at: rows::maybe_instant(row, "roles_changed_at")?,
        signed_out_at: rows::maybe_instant(row, "signed_out_at")?,
        id,
    };
    person.totp = keyring::maybe_open(database, vault, row, &aad(&person.id))?;
    Ok(person)
}

fn one<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    condition: &str,
    values: &[Value<'_>],
) -> Result<Option<Person>, Error> {
    let sql = format!("SELECT {READ} FROM people WHERE {condition}");
    match database.query(READING, &sql, values)?.pop() {
        None => Ok(None),
        Some(mut row) => read(database, vault, &mut row).map(Some),
    }
}

pub(super) fn find<D: Database>(
    store: &mut Durable<D>,
    condition: &str,
    values: &[&str],
) -> Result<Option<Person>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    let values: Vec<Value<'_>> = values.iter().map(|text| Value::from(*text)).collect();
    one(database, vault, condition, &values)
}

/// In order of address.
pub(super) fn list<D: Database>(store: &mut Durable<D>) -> Result<Vec<Person>, Error> {
    let sql = format!("SELECT {READ} FROM people ORDER BY email");
    let found = store.database.query(READING, &sql, &[])?;
    all(store, found, read)
}

pub(super) fn take_totp_step<D: Database>(
    store: &mut Durable<D>,
    person: &str,
    step: i64,
) -> Result<bool, Error> {
    let sql =
        "UPDATE people SET totp_step = $1 WHERE id = $2 AND (totp_step IS NULL OR totp_step < $1)";
    change(store, DOING, None, |database, _| {
        let taken = database.execute(DOING, sql, &[Value::Int(step), Value::from(person)])?;
        Ok(taken > 0)
    })
}

/// A code that is not there leaves no leaf: nothing happened.
pub(super) fn take_recovery<D: Database>(
    store: &mut Durable<D>,
    person: &str,
    hash: &str,
    leaf: &Leaf,
) -> Result<bool, Error> {
    change(store, DOING, None, |database, _| {
        let sql = "SELECT recovery FROM people WHERE id = $1";
        let Some(mut row) = database.query(READING, sql, &[Value::from(person)])?.pop() else {
            return Ok(false);
        };
        let mut codes = of_lines(&row.text("recovery")?);
        let before = codes.len();
        codes.retain(|code| code != hash);
        if codes.len() == before {
            return Ok(false);
        }
        let sql = "UPDATE people SET recovery = $1 WHERE id = $2";
        let values = [Value::from(lines(&codes)), Value::from(person)];
        database.execute(DOING, sql, &values)?;
        log::append(database, core::slice::from_ref(leaf))?;
        Ok(true)
    })
}

/// A grant held twice is held once.
pub(super) fn put_grant<D: Database>(
    store: &mut Durable<D>,
    grant: &Grant,
    at: Instant,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO grants (person, merchant, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values = of_grant(grant);
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, sql, &values)?;
        roles_changed(database, &grant.person, at)
    })
}

/// Says it beside the person, so that every session's token is made anew.
fn roles_changed<D: Database>(database: &mut D, person: &str, at: Instant) -> Result<(), Error> {
    let sql = "UPDATE people SET roles_changed_at = $1 WHERE id = $2";
    let values = [rows::micros(at), Value::from(person)];
    database.execute(DOING, sql, &values).map(|_| ())
}

fn of_grant(grant: &Grant) -> [Value<'_>; 3] {
    [
        Value::from(&grant.person),
        Value::from(grant.merchant.as_ref()),
        Value::from(&grant.role),
    ]
}

pub(super) fn drop_grant<D: Database>(
    store: &mut Durable<D>,
    grant: &Grant,
    at: Instant,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = "DELETE FROM grants WHERE person = $1 AND coalesce(merchant, '') = coalesce($2, '') AND role = $3";
    let values = of_grant(grant);
    change(store, DOING, Some(leaf), |database, _| {
        match database.execute(DOING, sql, &values)? {
            0 => Err(absent(
                "grant",
                &format!("{} of {}", grant.role, grant.person),
            )),
            _ => roles_changed(database, &grant.person, at),
        }
    })
}

pub(super) fn grants<D: Database>(
    store: &mut Durable<D>,
    person: Option<&str>,
) -> Result<Vec<Grant>, Error> {
    let (condition, values) = match person {
        None => ("", Vec::new()),
        Some(id) => ("WHERE person = $1", vec![Value::from(id)]),
    };
    let sql = format!(
        "SELECT person, merchant, role FROM grants {condition} \
         ORDER BY person, coalesce(merchant, ''), role"
    );
    let grant = |mut row: Row| {
        Ok(Grant {
            person: row.text("person")?,
            merchant: row.maybe_text("merchant")?,
            role: row.text("role")?,
        })
    };
    let found = store.database.query(READING, &sql, &values)?;
    found.into_iter().map(grant).collect()
}

const SESSION: &str =
    "token_hash, person, merchant, live, created_at, rotated_at, seen_at, stepped_up_at, ended_at";

fn of_session(session: &Session) -> [Value<'_>; 9] {
    [
        Value::from(&session.token_hash),
        Value::from(&session.person),
        Value::from(session.merchant.as_ref()),
        Value::from(session.live),
        rows::micros(session.created_at),
        rows::micros(session.rotated_at),
        rows::micros(session.seen_at),
        rows::maybe_micros(session.stepped_up_at),
        rows::maybe_micros(session.ended_at),
    ]
}

/// A session that ended stays ended, its last sign of life does not go back, and it is always the same person's for the same
/// tenant in the same mode: what changes those is another token.
pub(super) fn put_session<D: Database>(
    store: &mut Durable<D>,
    session: &Session,
    leaf: Option<&Leaf>,
) -> Result<(), Error> {
    let doing = "keeping a session";
    let sql = format!(
        "INSERT INTO sessions ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (token_hash) DO UPDATE SET \
         seen_at = CASE WHEN excluded.seen_at > sessions.seen_at THEN excluded.seen_at ELSE sessions.seen_at END, \
         ended_at = coalesce(sessions.ended_at, excluded.ended_at) \
         WHERE sessions.person = excluded.person AND sessions.live = excluded.live \
         AND coalesce(sessions.merchant, '') = coalesce(excluded.merchant, '')"
    );
    let values = of_session(session);
    change(store, doing, leaf, |database, _| {
        match database.execute(doing, &sql, &values)? {
            0 => Err(Error::Conflict {
                doing,
                found: String::from("the session is another person's, tenant's or mode's"),
            }),
            _ => Ok(()),
        }
    })
}

pub(super) fn replace_session<D: Database>(
    store: &mut Durable<D>,
    token_hash: &str,
    next: &Session,
    leaf: Option<&Leaf>,
) -> Result<bool, Error> {
    let doing = "giving a session another token";
    change(store, doing, None, |database, _| {
        let end = "UPDATE sessions SET ended_at = $1 WHERE token_hash = $2 AND ended_at IS NULL AND person = $3";
        let values = [
            rows::micros(next.rotated_at),
            Value::from(token_hash),
            Value::from(&next.person),
        ];
        if database.execute(doing, end, &values)? == 0 {
            return Ok(false);
        }
        let sql =
            format!("INSERT INTO sessions ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        database.execute(doing, &sql, &of_session(next))?;
        log::append(database, leaf.map_or(&[][..], core::slice::from_ref))?;
        Ok(true)
    })
}

/// Newest first.
pub(super) fn sessions<D: Database>(
    store: &mut Durable<D>,
    condition: &str,
    value: &str,
) -> Result<Vec<Session>, Error> {
    let sql = format!(
        "SELECT {SESSION} FROM sessions \
         WHERE {condition} ORDER BY created_at DESC, token_hash"
    );
    let session = |mut row: Row| {
        let row = &mut row;
        Ok(Session {
            token_hash: row.text("token_hash")?,
            person: row.text("person")?,
            merchant: row.maybe_text("merchant")?,
            live: row.flag("live")?,
            created_at: rows::instant(row, "created_at")?,
            rotated_at: rows::instant(row, "rotated_at")?,
            seen_at: rows::instant(row, "seen_at")?,
            stepped_up_at: rows::maybe_instant(row, "stepped_up_at")?,
            ended_at: rows::maybe_instant(row, "ended_at")?,
        })
    };
    let found = store
        .database
        .query("reading sessions", &sql, &[Value::from(value)])?;
    found.into_iter().map(session).collect()
}

pub(super) fn end_sessions<D: Database>(
    store: &mut Durable<D>,
    person: &str,
    at: Instant,
    leaf: &Leaf,
) -> Result<u64, Error> {
    let doing = "ending sessions";
    let sql = "UPDATE sessions SET ended_at = $1 WHERE person = $2 AND ended_at IS NULL";
    let values = [rows::micros(at), Value::from(person)];
    change(store, doing, Some(leaf), |database, _| {
        // A sign-in under way that looked at the person before this must not stand after it.
        let out = "UPDATE people SET signed_out_at = $1 WHERE id = $2";
        database.execute(doing, out, &[rows::micros(at), Value::from(person)])?;
        database.execute(doing, sql, &values)
    })
}

/// An errand whose end lies a day before a new one's is long past: errands last minutes. So those that nobody took go, and
/// the store needs no clock.
const FORGOTTEN_AFTER_SECONDS: i64 = 86_400;

fn errand_aad(state_hash: &str) -> String {
    format!("errand/{state_hash}")
}

pub(super) fn put_errand<D: Database>(
    store: &mut Durable<D>,
    errand: &Errand,
) -> Result<(), Error> {
    let doing = "keeping an errand";
    change(store, doing, None, |database, vault| {
        let past = errand.expires_at.plus_seconds(-FORGOTTEN_AFTER_SECONDS);
        let forget = "DELETE FROM errands WHERE expires_at < $1";
        database.execute(doing, forget, &[rows::micros(past)])?;
        let aad = errand_aad(&errand.state_hash);
        let content = errand.content.as_bytes();
        let [key, sealed] = keyring::seal(database, vault, &sealing(None), &aad, content)?;
        let sql =
            "INSERT INTO errands (state_hash, expires_at, key, sealed) VALUES ($1, $2, $3, $4)";
        let values = [
            Value::from(&errand.state_hash),
            rows::micros(errand.expires_at),
            key,
            sealed,
        ];
        database.execute(doing, sql, &values).map(|_| ())
    })
}

fn read_errand<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    state_hash: &str,
) -> Result<Option<Errand>, Error> {
    let doing = "reading an errand";
    let sql = "SELECT expires_at, key, sealed FROM errands WHERE state_hash = $1";
    let Some(mut row) = database
        .query(doing, sql, &[Value::from(state_hash)])?
        .pop()
    else {
        return Ok(None);
    };
    let expires_at = rows::instant(&mut row, "expires_at")?;
    let content = keyring::open(database, vault, &mut row, &errand_aad(state_hash))?;
    let content = String::from_utf8(content)
        .map_err(|error| Error::corrupt("an errand", error.to_string()))?;
    Ok(Some(Errand {
        state_hash: state_hash.to_owned(),
        content,
        expires_at,
    }))
}

pub(super) fn errand<D: Database>(
    store: &mut Durable<D>,
    state_hash: &str,
) -> Result<Option<Errand>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    read_errand(database, vault, state_hash)
}

pub(super) fn take_errand<D: Database>(
    store: &mut Durable<D>,
    state_hash: &str,
) -> Result<Option<Errand>, Error> {
    let doing = "taking an errand";
    change(store, doing, None, |database, vault| {
        let found = read_errand(database, vault, state_hash)?;
        let sql = "DELETE FROM errands WHERE state_hash = $1";
        // Whoever's deletion finds nothing came second.
        let gone = database.execute(doing, sql, &[Value::from(state_hash)])?;
        Ok(found.filter(|_| gone > 0))
    })
}

pub(super) fn failures<D: Database>(
    store: &mut Durable<D>,
    about: &str,
) -> Result<Option<Failures>, Error> {
    let sql = "SELECT count, last_at FROM failures WHERE about = $1";
    let found = store
        .database
        .query("reading failures to enter", sql, &[Value::from(about)])?;
    let failures = |mut row: Row| {
        Ok(Failures {
            about: about.to_owned(),
            count: row.number("count")?,
            last_at: rows::instant(&mut row, "last_at")?,
        })
    };
    found.into_iter().next().map(failures).transpose()
}

pub(super) fn put_failures<D: Database>(
    store: &mut Durable<D>,
    failures: &Failures,
) -> Result<(), Error> {
    let doing = "counting failures to enter";
    let sql = "INSERT INTO failures (about, count, last_at) VALUES ($1, $2, $3) \
        ON CONFLICT (about) DO UPDATE SET count = excluded.count, last_at = excluded.last_at";
    let values = [
        Value::from(&failures.about),
        Value::from(failures.count),
        rows::micros(failures.last_at),
    ];
    change(store, doing, None, |database, _| {
        database.execute(doing, sql, &values).map(|_| ())
    })
}

pub(super) fn count_failures<D: Database>(
    store: &mut Durable<D>,
    before: Option<&Failures>,
    after: &Failures,
) -> Result<bool, Error> {
    let doing = "counting failures to enter";
    let count = Value::from(after.count);
    let at = rows::micros(after.last_at);
    let about = Value::from(&after.about);
    change(store, doing, None, |database, _| {
        let written = match before {
            None => database.execute(
                doing,
                "INSERT INTO failures (about, count, last_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[about, count, at],
            )?,
            Some(before) => database.execute(
                doing,
                "UPDATE failures SET count = $2, last_at = $3 \
                 WHERE about = $1 AND count = $4 AND last_at = $5",
                &[
                    about,
                    count,
                    at,
                    Value::from(before.count),
                    rows::micros(before.last_at),
                ],
            )?,
        };
        Ok(written > 0)
    })
}
