//! The inbox, and files of evidence.

use super::{Durable, keyring, log};
use crate::Error;
use crate::contract::{Appended, Fate, Intake, Leaf, NewDocument, RejectRow, StoredDocument, Way};
use crate::database::{
    Database, Kind, Many, Row, Value, both, insert, transaction, transaction_at_door,
};
use crate::vault::{Opener, Vault};
use crate::{lanes, rows};
use dispute::fact::Scope;
use dispute::id::{DocumentId, sha256_hex};
use std::collections::BTreeMap;

const DOING: &str = "keeping documents";
const READING: &str = "reading documents";

/// The id of a document: provider, account, way and bytes. When and under which headers it came is no part of it, but for
/// one thing: an answer to our own question may not say what it is about, so what we asked about counts with it. Two
/// disputes can get the same answer to the letter.
pub(crate) fn id_of(document: &NewDocument) -> DocumentId {
    let hash = sha256_hex(&document.body);
    let mut parts = vec![
        document.scope.provider.as_str(),
        document.scope.account.as_str(),
        document.way.name(),
        hash.as_str(),
    ];
    if document.way == Way::Api {
        let about = document
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("Docket-"));
        parts.extend(about.map(|(_, value)| value.as_str()));
    }
    DocumentId::of(&parts)
}

/// What a document's rows need beside itself.
struct Incoming<'a> {
    id: DocumentId,
    document: &'a NewDocument,
    sequence: i64,
    key: i64,
}

pub(super) fn append<D: Database>(
    store: &mut Durable<D>,
    documents: &[NewDocument],
) -> Result<Vec<Appended>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    transaction_at_door(database, DOING, |database| {
        keep(database, vault, documents, |_, _| Ok(()))
    })
}

/// Appends if `allowed` says nothing against it: asked in the same transaction, and told whether all of it is kept already.
pub(super) fn append_when<D: Database>(
    store: &mut Durable<D>,
    doing: &'static str,
    documents: &[NewDocument],
    allowed: impl FnOnce(&mut D, bool) -> Result<(), Error>,
) -> Result<Vec<Appended>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    transaction(database, doing, |database| {
        database.enter_door(doing)?;
        keep(database, vault, documents, allowed)
    })
}

/// As [`append_when`], inside the caller's transaction, which is at the door.
pub(super) fn keep<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    documents: &[NewDocument],
    allowed: impl FnOnce(&mut D, bool) -> Result<(), Error>,
) -> Result<Vec<Appended>, Error> {
    let ids: Vec<DocumentId> = documents.iter().map(id_of).collect();
    let mut sequences = sequences(database, &ids)?;
    allowed(database, ids.iter().all(|id| sequences.contains_key(id)))?;
    let mut next = last_sequence(database)?;
    let mut keys: BTreeMap<&Scope, i64> = BTreeMap::new();
    let mut fresh = Vec::new();
    let mut again = Vec::new();
    let mut appended = Vec::with_capacity(documents.len());
    for (id, document) in ids.iter().zip(documents) {
        let known = sequences.get(id).copied();
        appended.push(Appended {
            id: id.clone(),
            duplicate: known.is_some(),
        });
        if let Some(sequence) = known {
            again.push((sequence, document));
            continue;
        }
        let key = match keys.get(&document.scope) {
            Some(key) => *key,
            None => keyring::current(database, vault, &document.scope)?,
        };
        keys.insert(&document.scope, key);
        next = next.saturating_add(1);
        sequences.insert(id.clone(), next);
        fresh.push(Incoming {
            id: id.clone(),
            document,
            sequence: next,
            key,
        });
    }
    write(database, vault, &fresh)?;
    // In the order in which a commit locks the same rows, or the two could wait for each other.
    again.sort_by_key(|(sequence, _)| *sequence);
    count_again(database, &again)?;
    Ok(appended)
}

/// Which of these are kept, by their order of arrival.
pub(super) fn sequences<D: Database>(
    database: &mut D,
    ids: &[DocumentId],
) -> Result<BTreeMap<DocumentId, i64>, Error> {
    let many = both(
        &[Kind::Text],
        "SELECT id, sequence FROM documents WHERE id = ?1",
        "SELECT d.id, d.sequence FROM {rows} AS u (id) JOIN documents d USING (id)",
    );
    let values: Vec<Value<'_>> = ids.iter().map(|id| Value::from(id.as_str())).collect();
    let mut found = BTreeMap::new();
    for mut row in database.query_many(READING, &many, &values)? {
        found.insert(
            rows::read(&mut row, "id", DocumentId::parse)?,
            row.int("sequence")?,
        );
    }
    Ok(found)
}

fn last_sequence<D: Database>(database: &mut D) -> Result<i64, Error> {
    let sql = "SELECT coalesce(max(sequence), 0) FROM documents";
    match database.query(READING, sql, &[])?.pop() {
        Some(mut row) => row.int("sequence"),
        None => Ok(0),
    }
}

fn write<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    fresh: &[Incoming<'_>],
) -> Result<(), Error> {
    let (mut heads, mut bodies, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for Incoming {
        id,
        document,
        sequence,
        key,
    } in fresh
    {
        heads.extend([
            Value::Int(*sequence),
            Value::from(id.as_str()),
            Value::from(&document.scope.provider),
            Value::from(&document.scope.account),
            Value::from(document.way.name()),
            Value::from(&document.name),
            rows::micros(document.received_at),
        ]);
        let sealed = vault.seal(*key, &aad(id), &pack(&document.headers, &document.body))?;
        bodies.extend([Value::Int(*sequence), Value::Int(*key), Value::from(sealed)]);
        let (fate, trouble) = match document.trusted {
            true => (Fate::Pending, ""),
            false => (Fate::Quarantined, document.verdict_detail.as_str()),
        };
        states.extend([
            Value::Int(*sequence),
            Value::from(fate.name()),
            Value::from(""),
            Value::from(trouble),
            Value::from(&document.verdict),
            Value::from(&document.verdict_detail),
            Value::from(document.trusted),
            Value::Int(1),
            Value::Int(0),
            Value::Int(0),
        ]);
    }
    let (head, body, state) = statements();
    database.execute_many(DOING, &head, &heads)?;
    database.execute_many(DOING, &body, &bodies)?;
    database.execute_many(DOING, &state, &states)
}

fn statements() -> (Many, Many, Many) {
    use Kind::{Bytes, Int, Text};
    let head = [
        ("sequence", Int),
        ("id", Text),
        ("provider", Text),
        ("account", Text),
        ("way", Text),
        ("name", Text),
        ("received_at", Int),
    ];
    let body = [("document", Int), ("key", Int), ("sealed", Bytes)];
    let state = [
        ("document", Int),
        ("fate", Text),
        ("form", Text),
        ("trouble", Text),
        ("verdict", Text),
        ("verdict_detail", Text),
        ("trusted", Int),
        ("arrivals", Int),
        ("facts_new", Int),
        ("facts_known", Int),
    ];
    (
        insert("documents", &head, ""),
        insert("document_bodies", &body, ""),
        insert("document_states", &state, ""),
    )
}

/// Counts further arrivals. Content that was held only because nobody could vouch for it is released when the same content
/// arrives vouched for: a forged copy that comes first, or a secret configured late, must not hold the genuine one.
fn count_again<D: Database>(database: &mut D, again: &[(i64, &NewDocument)]) -> Result<(), Error> {
    let count = "UPDATE document_states SET arrivals = arrivals + 1 WHERE document = $1";
    let vouch = "UPDATE document_states SET trusted = 1, verdict = $2, verdict_detail = $3, \
        fate = 'pending', trouble = '' WHERE document = $1 AND trusted = 0 AND fate = 'quarantined'";
    for (sequence, document) in again {
        database.execute(DOING, count, &[Value::Int(*sequence)])?;
        if document.trusted {
            let values = [
                Value::Int(*sequence),
                Value::from(&document.verdict),
                Value::from(&document.verdict_detail),
            ];
            database.execute(DOING, vouch, &values)?;
        }
    }
    Ok(())
}

fn aad(id: &DocumentId) -> String {
    format!("document/{id}")
}

/// Headers and body in one, so that they are compressed and sealed once: the number of headers, then each name and value,
/// each after its length; the rest is the body.
pub(super) fn pack(headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        length.to_be_bytes()
    };
    let count = u32::try_from(headers.len()).expect("a request has far fewer than 2^32 headers");
    let mut out = Vec::with_capacity(body.len().saturating_add(64));
    out.extend_from_slice(&count.to_be_bytes());
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        out.extend_from_slice(&length(text.as_bytes()));
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(body);
    out
}

pub(super) type Unpacked = (Vec<(String, String)>, Vec<u8>);

/// Reads what [`pack`] writes; `None` when the bytes end early or a header is no text.
pub(super) fn unpack(bytes: &[u8]) -> Option<Unpacked> {
    fn number(rest: &mut &[u8]) -> Option<usize> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        usize::try_from(u32::from_be_bytes(*length)).ok()
    }
    fn text(rest: &mut &[u8]) -> Option<String> {
        let length = number(rest)?;
        let (text, after) = rest.split_at_checked(length)?;
        *rest = after;
        String::from_utf8(text.to_vec()).ok()
    }
    let mut rest = bytes;
    let mut headers = Vec::new();
    for _ in 0..number(&mut rest)? {
        headers.push((text(&mut rest)?, text(&mut rest)?));
    }
    Some((headers, rest.to_vec()))
}

const DOCUMENT: &str = "SELECT d.sequence, d.id, d.provider, d.account, d.way, d.name, \
    d.received_at, s.fate, s.form, s.trouble, s.verdict, s.verdict_detail, s.trusted, s.arrivals, \
    b.key, b.sealed FROM documents d JOIN document_states s ON s.document = d.sequence \
    JOIN document_bodies b ON b.document = d.sequence";

fn select<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<StoredDocument>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    let found = database.query(READING, &format!("{DOCUMENT} {rest}"), values)?;
    let mut closed = Vec::with_capacity(found.len());
    for row in found {
        let row = sealed(row)?;
        keyring::load(database, vault, row.key)?;
        closed.push(row);
    }
    let vault = &*vault;
    lanes::deal(closed, DOCUMENTS_PER_LANE, |share| {
        let mut opener = vault.opener();
        share.into_iter().map(|row| row.open(&mut opener)).collect()
    })
}

/// Below this many documents a thread costs more to start than they cost to open (about ten microseconds each).
const DOCUMENTS_PER_LANE: usize = 32;

/// A document whose body is still sealed: empty in `stored`.
struct Sealed {
    stored: StoredDocument,
    key: i64,
    sealed: Vec<u8>,
}

fn sealed(mut row: Row) -> Result<Sealed, Error> {
    let row = &mut row;
    let sequence = row.number("sequence")?;
    let id = rows::read(row, "id", DocumentId::parse)?;
    let scope = rows::scope(row)?;
    let way = rows::read(row, "way", Way::parse)?;
    let name = row.text("name")?;
    let received_at = rows::instant(row, "received_at")?;
    let fate = rows::read(row, "fate", Fate::parse)?;
    let form = row.text("form")?;
    let trouble = row.text("trouble")?;
    let document = NewDocument {
        scope,
        way,
        name,
        headers: Vec::new(),
        body: Vec::new(),
        received_at,
        verdict: row.text("verdict")?,
        verdict_detail: row.text("verdict_detail")?,
        trusted: row.flag("trusted")?,
    };
    Ok(Sealed {
        stored: StoredDocument {
            id,
            sequence,
            document,
            fate,
            arrivals: row.number("arrivals")?,
            form,
            trouble,
        },
        key: row.int("key")?,
        sealed: row.bytes("sealed")?,
    })
}

impl Sealed {
    fn open(self, opener: &mut Opener<'_>) -> Result<StoredDocument, Error> {
        let mut stored = self.stored;
        let id = &stored.id;
        let plain = opener.open(self.key, &aad(id), &self.sealed)?;
        let (headers, body) =
            unpack(&plain).ok_or_else(|| Error::corrupt(format!("document {id}"), "a cut body"))?;
        stored.document.headers = headers;
        stored.document.body = body;
        if id_of(&stored.document) != *id {
            return Err(Error::corrupt(
                format!("document {id}"),
                "its bytes have another id",
            ));
        }
        Ok(stored)
    }
}

pub(super) fn with_fate<D: Database>(
    store: &mut Durable<D>,
    fate: Fate,
    limit: u32,
) -> Result<Vec<StoredDocument>, Error> {
    // The fate stands in the text, not in a parameter: only so can the partial index on fates be chosen.
    let rest = format!(
        "WHERE s.fate = '{}' ORDER BY s.document LIMIT $1",
        fate.name()
    );
    select(store, &rest, &[Value::from(limit)])
}

pub(super) fn from<D: Database>(
    store: &mut Durable<D>,
    sequence: u64,
    limit: u32,
) -> Result<Vec<StoredDocument>, Error> {
    let rest = "WHERE d.sequence >= $1 ORDER BY d.sequence LIMIT $2";
    select(store, rest, &[rows::count(sequence), Value::from(limit)])
}

pub(super) fn of_id<D: Database>(
    store: &mut Durable<D>,
    id: &DocumentId,
) -> Result<Option<StoredDocument>, Error> {
    Ok(select(store, "WHERE d.id = $1", &[Value::from(id.as_str())])?.pop())
}

pub(super) fn rejects<D: Database>(
    store: &mut Durable<D>,
    document: &DocumentId,
) -> Result<Vec<RejectRow>, Error> {
    let sql = format!(
        "SELECT {} FROM rejects WHERE document = (SELECT sequence FROM documents WHERE id = $1) \
         ORDER BY ordinal",
        rows::REJECT
    );
    let found = store
        .database
        .query("reading rejects", &sql, &[Value::from(document.as_str())])?;
    found.into_iter().map(rows::reject).collect()
}

/// A person's decision about a document, with its leaf.
pub(super) fn decide<D: Database>(
    store: &mut Durable<D>,
    document: &DocumentId,
    fate: Fate,
    why: &str,
    leaf: &Leaf,
) -> Result<(), Error> {
    let doing = "deciding about a document";
    transaction(&mut store.database, doing, |database| {
        // The same content may arrive vouched for meanwhile, which changes its fate.
        database.enter_door(doing)?;
        let sql = "SELECT s.document, s.fate FROM document_states s \
            JOIN documents d ON d.sequence = s.document WHERE d.id = $1";
        let Some(mut row) = database
            .query(doing, sql, &[Value::from(document.as_str())])?
            .pop()
        else {
            return Err(Error::Absent {
                what: format!("document {document}"),
            });
        };
        let sequence = row.int("document")?;
        let before = rows::read(&mut row, "fate", Fate::parse)?;
        // Deciding twice, or about what was processed meanwhile, would tell the log what did not happen. A document that
        // was decoded may still give way to a corrected re-issue.
        let held = matches!(before, Fate::Quarantined | Fate::Rejected | Fate::Pending);
        let allowed = match fate {
            Fate::Pending | Fate::Rejected | Fate::Quarantined => held && before != fate,
            Fate::Superseded => before != fate,
            Fate::Applied | Fate::OtherBusiness | Fate::Duplicate => false,
        };
        if !allowed {
            let found = format!("document {document} is {}", before.name());
            return Err(Error::Conflict { doing, found });
        }
        let sql = "UPDATE document_states SET fate = $1, trouble = $2 WHERE document = $3";
        let values = [
            Value::from(fate.name()),
            Value::from(why),
            Value::Int(sequence),
        ];
        database.execute(doing, sql, &values)?;
        log::append(database, core::slice::from_ref(leaf))
    })
}

pub(super) fn intake<D: Database>(store: &mut Durable<D>) -> Result<Vec<Intake>, Error> {
    let sql = "SELECT d.provider, d.account, d.way, s.fate, count(*), \
        CAST(sum(s.arrivals) AS BIGINT) FROM documents d \
        JOIN document_states s ON s.document = d.sequence \
        GROUP BY d.provider, d.account, d.way, s.fate \
        ORDER BY d.provider, d.account, d.way, s.fate";
    let found = store.database.query("counting documents", sql, &[])?;
    found.into_iter().map(rows::intake).collect()
}

/// The same content twice is one row.
pub(super) fn put_blob<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    digest: &str,
    content: &[u8],
) -> Result<(), Error> {
    assert_eq!(digest, sha256_hex(content), "a file is named by its digest");
    let doing = "keeping a file";
    let Durable {
        database, vault, ..
    } = store;
    transaction(database, doing, |database| {
        let key = keyring::current(database, vault, scope)?;
        let sealed = vault.seal(key, &keyring::blob_aad(scope, digest), content)?;
        let sql = "INSERT INTO blobs (provider, account, digest, key, sealed) \
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let values = [
            Value::from(&scope.provider),
            Value::from(&scope.account),
            Value::from(digest),
            Value::Int(key),
            Value::from(sealed),
        ];
        database.execute(doing, sql, &values).map(|_| ())
    })
}

pub(super) fn blob<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    digest: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    let sql = "SELECT key, sealed FROM blobs WHERE provider = $1 AND account = $2 AND digest = $3";
    let values = [
        Value::from(&scope.provider),
        Value::from(&scope.account),
        Value::from(digest),
    ];
    let Some(mut row) = database.query("reading a file", sql, &values)?.pop() else {
        return Ok(None);
    };
    let key = row.int("key")?;
    keyring::load(database, vault, key)?;
    let content = vault.open(
        key,
        &keyring::blob_aad(scope, digest),
        &row.bytes("sealed")?,
    )?;
    if sha256_hex(&content) != digest {
        return Err(Error::corrupt(
            format!("file {digest}"),
            "its bytes have another digest",
        ));
    }
    Ok(Some(content))
}
