//! Facts, and the references through which they find one another.

use super::{Durable, keyring};
use crate::Error;
use crate::contract::{Statement, StoredFact};
use crate::database::{Database, Kind, Many, Row, Value, both};
use crate::vault::Vault;
use crate::{lanes, rows};
use calendar::Instant;
use core::fmt::Display;
use dispute::fact::{Fact, Scope, Span};
use dispute::id::{DocumentId, FactId, FamilyId};
use dispute::reference::Reference;
use dispute::said::Said;
use dispute::text;
use std::collections::{BTreeMap, BTreeSet};

const DOING: &str = "reading facts";

/// Whether the line carries people's own words, which are sealed at rest like the documents that say them.
pub(super) fn sealed_at_rest(said: &Said) -> bool {
    matches!(
        said,
        Said::EvidenceSaved { .. } | Said::Noted { .. } | Said::Told { .. }
    )
}

/// Whether the statement cuts or ties references that it need not carry itself.
pub(super) fn ties(fact: &Fact) -> bool {
    matches!(fact.said, Said::Cut { .. } | Said::Tied { .. })
}

/// What a sealed line is bound to.
pub(super) fn aad(id: impl Display) -> String {
    format!("fact/{id}")
}

/// The references under which a fact's family is found, each with whether a cut or a tie names it.
///
/// A tie may name references of which its family holds nothing else. Who looks for one of them must find the tie, or would
/// derive as if nobody had made it.
pub(super) fn places(fact: &Fact) -> BTreeMap<&Reference, bool> {
    let mut places: BTreeMap<&Reference, bool> = fact
        .refs
        .joining()
        .map(|reference| (reference, false))
        .collect();
    if let Said::Cut { one, other, .. } | Said::Tied { one, other, .. } = &fact.said {
        for reference in [one, other] {
            if reference.kind.joins() {
                places.insert(reference, true);
            }
        }
    }
    places
}

/// Every fact of every family that holds one of these references, in order of family and arrival.
pub(super) fn near<D: Database>(
    store: &mut Durable<D>,
    references: &[(Scope, Reference)],
) -> Result<Vec<StoredFact>, Error> {
    use Kind::Text;
    let many = both(
        &[Text, Text, Text, Text],
        "SELECT family FROM refs WHERE provider = ?1 AND account = ?2 AND kind = ?3 AND value = ?4",
        "SELECT r.family FROM {rows} AS u (provider, account, kind, value) \
         JOIN refs r USING (provider, account, kind, value)",
    );
    let wanted: BTreeSet<&(Scope, Reference)> = references.iter().collect();
    let mut values = Vec::with_capacity(wanted.len().saturating_mul(4));
    for (scope, reference) in wanted {
        values.push(Value::from(&scope.provider));
        values.push(Value::from(&scope.account));
        values.push(Value::from(reference.kind.name()));
        values.push(Value::from(&reference.value));
    }
    let mut families = families(store.database.query_many(DOING, &many, &values)?)?;
    if tied(&mut store.database)? {
        families = neighbours(&mut store.database, families)?;
    }
    let families: Vec<FamilyId> = families.into_iter().collect();
    of_families(store, &families)
}

fn families(found: Vec<Row>) -> Result<BTreeSet<FamilyId>, Error> {
    let family = |mut row: Row| rows::read(&mut row, "family", FamilyId::parse);
    found.into_iter().map(family).collect()
}

/// Whether anybody ever cut or tied references; without it no two families share one.
fn tied<D: Database>(database: &mut D) -> Result<bool, Error> {
    let sql = "SELECT tie FROM refs WHERE tie = 1 LIMIT 1";
    Ok(!database.query(DOING, sql, &[])?.is_empty())
}

/// Adds the families that share a reference with these, and so on until there are no more.
fn neighbours<D: Database>(
    database: &mut D,
    mut all: BTreeSet<FamilyId>,
) -> Result<BTreeSet<FamilyId>, Error> {
    let many = both(
        &[Kind::Text],
        "SELECT b.family FROM refs a JOIN refs b ON b.provider = a.provider \
         AND b.account = a.account AND b.kind = a.kind AND b.value = a.value WHERE a.family = ?1",
        "SELECT DISTINCT b.family FROM {rows} AS u (family) JOIN refs a USING (family) \
         JOIN refs b ON b.provider = a.provider AND b.account = a.account \
         AND b.kind = a.kind AND b.value = a.value",
    );
    let mut edge = all.clone();
    while !edge.is_empty() {
        let values: Vec<Value<'_>> = edge.iter().map(|id| Value::from(id.as_str())).collect();
        let found = families(database.query_many(DOING, &many, &values)?)?;
        edge = found.difference(&all).cloned().collect();
        all.extend(edge.iter().cloned());
    }
    Ok(all)
}

/// The columns that [`stored`] reads, in order.
const FACT: &str = "f.sequence, f.id, d.id, f.span_from, f.span_until, f.known_at, f.family, \
    f.line, f.key, f.sealed";

fn of_family() -> Many {
    let select = |from: &str| {
        format!("SELECT {FACT} FROM {from} JOIN documents d ON d.sequence = f.document")
    };
    Many {
        kinds: vec![Kind::Text],
        sqlite: format!("{} WHERE f.family = ?1", select("facts f")).into(),
        pg: select("UNNEST($1::text[]) AS u (family) JOIN facts f USING (family)").into(),
    }
}

pub(super) fn of_families<D: Database>(
    store: &mut Durable<D>,
    families: &[FamilyId],
) -> Result<Vec<StoredFact>, Error> {
    let Durable {
        database, vault, ..
    } = store;
    read(database, vault, families)
}

pub(super) fn read<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    families: &[FamilyId],
) -> Result<Vec<StoredFact>, Error> {
    let values: Vec<Value<'_>> = families.iter().map(|id| Value::from(id.as_str())).collect();
    let found = database.query_many(DOING, &of_family(), &values)?;
    let mut lines = Vec::with_capacity(found.len());
    for row in found {
        lines.push(unread(database, vault, row)?);
    }
    lines.sort_by(|one, other| (&one.family, one.sequence).cmp(&(&other.family, other.sequence)));
    let stored = |share: Vec<Unread>| share.into_iter().map(Unread::read).collect();
    lanes::deal(lines, FACTS_PER_LANE, stored)
}

/// Below this many facts a thread costs more to start than they cost to read (a few microseconds each).
const FACTS_PER_LANE: usize = 64;

/// A fact as its columns give it, opened and not yet read.
struct Unread {
    sequence: i64,
    id: String,
    document: String,
    span: Span,
    known_at: Instant,
    family: String,
    line: String,
}

fn unread<D: Database>(database: &mut D, vault: &mut Vault, mut row: Row) -> Result<Unread, Error> {
    let row = &mut row;
    let sequence = row.int("sequence")?;
    let id = row.text("id")?;
    let document = row.text("document")?;
    let span = rows::span(row)?;
    let known_at = rows::instant(row, "known_at")?;
    let family = row.text("family")?;
    let line = line(database, vault, &id, row)?;
    Ok(Unread {
        sequence,
        id,
        document,
        span,
        known_at,
        family,
        line,
    })
}

impl Unread {
    fn read(self) -> Result<StoredFact, Error> {
        fn id<T>(column: &str, text: &str, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
            parse(text).ok_or_else(|| Error::corrupt(format!("column {column}"), text))
        }
        let fact_id = id("id", &self.id, FactId::parse)?;
        Ok(StoredFact {
            sequence: u64::try_from(self.sequence)
                .map_err(|_| Error::corrupt("column sequence", self.sequence.to_string()))?,
            fact: of_line(&fact_id, &self.line)?,
            id: fact_id,
            document: id("document", &self.document, DocumentId::parse)?,
            span: self.span,
            known_at: self.known_at,
            family: id("family", &self.family, FamilyId::parse)?,
        })
    }
}

/// Takes a fact's line from its columns line, key and sealed.
fn line<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    id: &str,
    row: &mut Row,
) -> Result<String, Error> {
    let line = row.maybe_text("line")?;
    let key = row.maybe_int("key")?;
    let sealed = row.maybe_bytes("sealed")?;
    let corrupt = |found: String| Error::corrupt(format!("fact {id}"), found);
    match (line, key, sealed) {
        (Some(line), None, None) => Ok(line),
        (None, Some(key), Some(sealed)) => {
            keyring::load(database, vault, key)?;
            let plain = vault.open(key, &aad(id), &sealed)?;
            String::from_utf8(plain).map_err(|error| corrupt(error.to_string()))
        }
        _ => Err(corrupt(String::from("neither a line nor a sealed one"))),
    }
}

/// Reads a fact from its columns line, key and sealed.
pub(super) fn fact<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    id: &FactId,
    row: &mut Row,
) -> Result<Fact, Error> {
    of_line(id, &line(database, vault, id.as_str(), row)?)
}

/// Reads a fact from its line, whose id it must have.
pub(crate) fn of_line(id: &FactId, line: &str) -> Result<Fact, Error> {
    let corrupt = |found: String| Error::corrupt(format!("fact {id}"), found);
    if FactId::of(&[line]) != *id {
        return Err(corrupt(String::from("its line has another id")));
    }
    text::parse(line).map_err(|error| corrupt(error.to_string()))
}

pub(super) fn known<D: Database>(
    store: &mut Durable<D>,
    facts: &[FactId],
) -> Result<Vec<FactId>, Error> {
    let many = both(
        &[Kind::Text],
        "SELECT id FROM facts WHERE id = ?1",
        "SELECT f.id FROM {rows} AS u (id) JOIN facts f USING (id)",
    );
    let values: Vec<Value<'_>> = facts.iter().map(|id| Value::from(id.as_str())).collect();
    let found = store.database.query_many(DOING, &many, &values)?;
    let id = |mut row: Row| rows::read(&mut row, "id", FactId::parse);
    let unique: BTreeSet<FactId> = found.into_iter().map(id).collect::<Result<_, Error>>()?;
    Ok(unique.into_iter().collect())
}

pub(super) fn families_after<D: Database>(
    store: &mut Durable<D>,
    after: Option<&FamilyId>,
    limit: u32,
) -> Result<Vec<FamilyId>, Error> {
    let sql = "SELECT DISTINCT family FROM facts WHERE family > $1 ORDER BY family LIMIT $2";
    let after = after.map_or("", FamilyId::as_str);
    let found = store
        .database
        .query(DOING, sql, &[Value::from(after), Value::from(limit)])?;
    let family = |mut row: Row| rows::read(&mut row, "family", FamilyId::parse);
    found.into_iter().map(family).collect()
}

/// One walk along the index of families: a page is one range of it, and needs of a fact only what is derived from.
pub(super) fn statements_after<D: Database>(
    store: &mut Durable<D>,
    after: Option<&FamilyId>,
    limit: u32,
) -> Result<Vec<Statement>, Error> {
    let page = families_after(store, after, limit)?;
    let Some(last) = page.last() else {
        return Ok(Vec::new());
    };
    let sql = "SELECT family, id, line, key, sealed FROM facts WHERE family > $1 AND family <= $2 \
         ORDER BY family, sequence";
    let after = after.map_or("", FamilyId::as_str);
    let Durable {
        database, vault, ..
    } = store;
    let found = database.query(
        DOING,
        sql,
        &[Value::from(after), Value::from(last.as_str())],
    )?;
    let statement = |mut row: Row| {
        let family = rows::read(&mut row, "family", FamilyId::parse)?;
        let id = rows::read(&mut row, "id", FactId::parse)?;
        let line = line(database, vault, id.as_str(), &mut row)?;
        Ok(Statement { family, id, line })
    };
    found.into_iter().map(statement).collect()
}
