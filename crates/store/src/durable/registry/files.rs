//! Files that people brought, links to them, and words that callers put on objects.

use super::{Durable, absent, change, sealing};
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Kind, Row, Value, both};
use crate::durable::keyring;
use crate::registry::{FileLink, FileQuery, FileRow, LinkQuery};
use crate::rows;
use calendar::Instant;

const DOING: &str = "keeping a file";
const READING: &str = "reading files";

const COLUMNS: &str =
    "id, merchant, live, purpose, name, media_type, bytes, pages, digest, created_at, expires_at";

pub(super) fn put<D: Database>(
    store: &mut Durable<D>,
    file: &FileRow,
    leaf: &Leaf,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO files ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    let values = [
        Value::from(&file.id),
        Value::from(file.merchant.as_ref()),
        Value::from(file.live),
        Value::from(&file.purpose),
        Value::from(&file.name),
        Value::from(&file.media_type),
        rows::count(file.bytes),
        Value::from(file.pages),
        Value::from(&file.digest),
        rows::micros(file.created_at),
        rows::maybe_micros(file.expires_at),
    ];
    change(store, DOING, Some(leaf), |database, _| {
        database.execute(DOING, &sql, &values).map(|_| ())
    })
}

fn read(mut row: Row) -> Result<FileRow, Error> {
    let row = &mut row;
    let pages = |pages: i64| {
        u32::try_from(pages).map_err(|_| Error::corrupt("column pages", pages.to_string()))
    };
    Ok(FileRow {
        id: row.text("id")?,
        merchant: row.maybe_text("merchant")?,
        live: row.flag("live")?,
        purpose: row.text("purpose")?,
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        bytes: row.number("bytes")?,
        pages: row.maybe_int("pages")?.map(pages).transpose()?,
        digest: row.text("digest")?,
        created_at: rows::instant(row, "created_at")?,
        expires_at: rows::maybe_instant(row, "expires_at")?,
    })
}

pub(super) fn find<D: Database>(
    store: &mut Durable<D>,
    id: &str,
) -> Result<Option<FileRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM files WHERE id = $1");
    let found = store.database.query(READING, &sql, &[Value::from(id)])?;
    found.into_iter().next().map(read).transpose()
}

/// Newest first, then by id.
pub(super) fn list<D: Database>(
    store: &mut Durable<D>,
    query: &FileQuery,
) -> Result<(Vec<FileRow>, bool), Error> {
    let mut listing = Listing::of(query.limit, (query.from, query.before));
    if let Some(purpose) = &query.purpose {
        listing.narrow("purpose =", Value::from(purpose));
    }
    for (mark, older) in [(&query.after_id, true), (&query.before_id, false)] {
        let Some(mark) = mark else { continue };
        let file = find(store, mark)?.ok_or_else(|| absent("file", mark))?;
        listing.beside(file.created_at, mark, older);
    }
    let back = query.after_id.is_none() && query.before_id.is_some();
    let sql = listing.sql(COLUMNS, "files", back);
    let found = store.database.query(READING, &sql, &listing.values)?;
    let found: Result<Vec<FileRow>, Error> = found.into_iter().map(read).collect();
    Ok(page(found?, query.limit, back))
}

/// What narrows a list that is read newest first, then by id.
struct Listing<'a> {
    condition: String,
    values: Vec<Value<'a>>,
}

impl<'a> Listing<'a> {
    /// The first value is how many rows are read: one more than the page has.
    fn of(limit: u32, (from, before): (Option<Instant>, Option<Instant>)) -> Listing<'a> {
        let mut listing = Listing {
            condition: String::new(),
            values: vec![Value::from(limit.saturating_add(1))],
        };
        for (at, text) in [(from, "created_at >="), (before, "created_at <")] {
            if let Some(at) = at {
                listing.narrow(text, rows::micros(at));
            }
        }
        listing
    }

    fn narrow(&mut self, text: &str, value: Value<'a>) {
        self.values.push(value);
        let text = format!(" AND {text} ${}", self.values.len());
        self.condition.push_str(&text);
    }

    fn beside(&mut self, at: Instant, id: &'a str, older: bool) {
        self.values.push(rows::micros(at));
        self.values.push(Value::from(id));
        let (at, id) = (self.values.len().saturating_sub(1), self.values.len());
        self.condition
            .push_str(&keyset("created_at", at, id, older));
    }

    fn sql(&self, columns: &str, table: &str, back: bool) -> String {
        let order = match back {
            true => "created_at ASC, id DESC",
            false => "created_at DESC, id ASC",
        };
        let condition = &self.condition;
        format!("SELECT {columns} FROM {table} WHERE 1 = 1{condition} ORDER BY {order} LIMIT $1")
    }
}

/// What comes after a row in an order by time, newest first, then id; or before it. The first half alone bounds the scan of
/// an index.
pub(super) fn keyset(time: &str, at: usize, id: usize, older: bool) -> String {
    let (edge, past, next) = match older {
        true => ("<=", "<", ">"),
        false => (">=", ">", "<"),
    };
    format!(" AND {time} {edge} ${at} AND ({time} {past} ${at} OR id {next} ${id})")
}

/// Cuts the one row too many, by which it is known that there are more, and turns a page that was read backwards.
pub(super) fn page<T>(mut found: Vec<T>, limit: u32, back: bool) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    if back {
        found.reverse();
    }
    (found, more)
}

pub(super) fn bytes<D: Database>(
    store: &mut Durable<D>,
    merchant: Option<&str>,
) -> Result<u64, Error> {
    let (condition, values) = match merchant {
        None => ("merchant IS NULL", Vec::new()),
        Some(id) => ("merchant = $1", vec![Value::from(id)]),
    };
    let sql =
        format!("SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM files WHERE {condition}");
    match store.database.query(READING, &sql, &values)?.pop() {
        Some(mut row) => row.number("bytes"),
        None => Ok(0),
    }
}

/// A link's end may change; what it leads to may not.
pub(super) fn put_link<D: Database>(
    store: &mut Durable<D>,
    link: &FileLink,
    leaf: &Leaf,
) -> Result<(), Error> {
    let doing = "keeping a link";
    let sql = "INSERT INTO file_links (id, file, token_hash, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at \
        WHERE file_links.file = excluded.file AND file_links.token_hash = excluded.token_hash";
    let values = [
        Value::from(&link.id),
        Value::from(&link.file),
        Value::from(&link.token_hash),
        rows::micros(link.created_at),
        rows::maybe_micros(link.expires_at),
    ];
    change(store, doing, Some(leaf), |database, _| {
        match database.execute(doing, sql, &values)? {
            0 => Err(Error::Conflict {
                doing,
                found: format!("link {} leads elsewhere", link.id),
            }),
            _ => Ok(()),
        }
    })
}

pub(super) fn link<D: Database>(
    store: &mut Durable<D>,
    id: &str,
) -> Result<Option<FileLink>, Error> {
    let sql = format!("SELECT {LINK} FROM file_links WHERE id = $1");
    let found = store.database.query(READING, &sql, &[Value::from(id)])?;
    found.into_iter().next().map(read_link).transpose()
}

const LINK: &str = "id, file, token_hash, created_at, expires_at";

fn read_link(mut row: Row) -> Result<FileLink, Error> {
    let row = &mut row;
    Ok(FileLink {
        id: row.text("id")?,
        file: row.text("file")?,
        token_hash: row.text("token_hash")?,
        created_at: rows::instant(row, "created_at")?,
        expires_at: rows::maybe_instant(row, "expires_at")?,
    })
}

/// Newest first, then by id.
pub(super) fn links<D: Database>(
    store: &mut Durable<D>,
    query: &LinkQuery,
) -> Result<(Vec<FileLink>, bool), Error> {
    let mut listing = Listing::of(query.limit, (query.from, query.before));
    if let Some(file) = &query.file {
        listing.narrow("file =", Value::from(file));
    }
    match query.expired {
        Some((true, by)) => listing.narrow("expires_at <=", rows::micros(by)),
        Some((false, by)) => listing.narrow(
            "coalesce(expires_at, 9223372036854775807) >",
            rows::micros(by),
        ),
        None => {}
    }
    for (mark, older) in [(&query.after_id, true), (&query.before_id, false)] {
        let Some(mark) = mark else { continue };
        let there = link(store, mark)?.ok_or_else(|| absent("link", mark))?;
        listing.beside(there.created_at, mark, older);
    }
    let back = query.after_id.is_none() && query.before_id.is_some();
    let sql = listing.sql(LINK, "file_links", back);
    let found = store.database.query(READING, &sql, &listing.values)?;
    let found: Result<Vec<FileLink>, Error> = found.into_iter().map(read_link).collect();
    Ok(page(found?, query.limit, back))
}

fn aad(object: &str) -> String {
    format!("metadata/{object}")
}

pub(super) fn put_metadata<D: Database>(
    store: &mut Durable<D>,
    object: &str,
    json: &str,
    leaf: &Leaf,
) -> Result<(), Error> {
    let doing = "keeping metadata";
    change(store, doing, Some(leaf), |database, vault| {
        let scope = sealing(None);
        let [key, sealed] = keyring::seal(database, vault, &scope, &aad(object), json.as_bytes())?;
        let sql = "INSERT INTO metadata (object, key, sealed) VALUES ($1, $2, $3) \
            ON CONFLICT (object) DO UPDATE SET key = excluded.key, sealed = excluded.sealed";
        database
            .execute(doing, sql, &[Value::from(object), key, sealed])
            .map(|_| ())
    })
}

/// Of those that have any, in order of the object.
pub(super) fn metadata<D: Database>(
    store: &mut Durable<D>,
    objects: &[String],
) -> Result<Vec<(String, String)>, Error> {
    let doing = "reading metadata";
    let many = both(
        &[Kind::Text],
        "SELECT object, key, sealed FROM metadata WHERE object = ?1",
        "SELECT m.object, m.key, m.sealed FROM {rows} AS u (object) JOIN metadata m USING (object)",
    );
    let Durable {
        database, vault, ..
    } = store;
    let values: Vec<Value<'_>> = objects.iter().map(Value::from).collect();
    let mut found = Vec::new();
    for mut row in database.query_many(doing, &many, &values)? {
        let object = row.text("object")?;
        let json = keyring::open(database, vault, &mut row, &aad(&object))?;
        let json = String::from_utf8(json)
            .map_err(|error| Error::corrupt(format!("metadata of {object}"), error.to_string()))?;
        found.push((object, json));
    }
    found.sort();
    found.dedup();
    Ok(found)
}
