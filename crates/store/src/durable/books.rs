//! Entries, legs and balances.

use super::Durable;
use crate::Error;
use crate::contract::EntryRow;
use crate::database::{Database, Kind, Row, Value, both};
use crate::rows;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId, EntryId, FactId};
use ledger::{Account, Entry, Layer, Leg};
use money::Money;
use std::collections::BTreeMap;

const DOING: &str = "reading the books";

/// How many entries each posting key has, in the order asked.
pub(super) fn ordinals<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    keys: &[(Option<CaseId>, String)],
) -> Result<Vec<u32>, Error> {
    let many = both(
        &[Kind::Text, Kind::Text, Kind::Text, Kind::Text],
        "SELECT case_id, key, count(*) FROM entries \
         WHERE case_id = ?1 AND key = ?2 AND provider = ?3 AND account = ?4 GROUP BY case_id, key",
        "SELECT e.case_id, e.key, count(DISTINCT e.sequence) \
         FROM {rows} AS u (case_id, key, provider, account) \
         JOIN entries e USING (case_id, key, provider, account) GROUP BY e.case_id, e.key",
    );
    let mut values = Vec::with_capacity(keys.len().saturating_mul(4));
    for (case, key) in keys {
        values.push(Value::from(case.as_ref().map_or("", CaseId::as_str)));
        values.push(Value::from(key));
        values.push(Value::from(&scope.provider));
        values.push(Value::from(&scope.account));
    }
    let mut counts: BTreeMap<(String, String), u32> = BTreeMap::new();
    for mut row in store
        .database
        .query_many("numbering postings", &many, &values)?
    {
        let place = (row.text("case_id")?, row.text("key")?);
        counts.insert(place, row.number("count")?);
    }
    let of = |(case, key): &(Option<CaseId>, String)| {
        let case = case.as_ref().map_or("", CaseId::as_str);
        counts
            .get(&(case.to_owned(), key.clone()))
            .copied()
            .unwrap_or(0)
    };
    Ok(keys.iter().map(of).collect())
}

const ENTRY: &str = "SELECT e.sequence, e.id, e.provider, e.account, e.case_id, e.key, e.ordinal, \
    e.effective_at, e.known_at, d.id, e.fact FROM entries e JOIN documents d ON d.sequence = e.document";

/// In order of writing.
pub(super) fn entries_of<D: Database>(
    store: &mut Durable<D>,
    case: &CaseId,
) -> Result<Vec<EntryRow>, Error> {
    let sql = format!("{ENTRY} WHERE e.case_id = $1 ORDER BY e.sequence");
    let found = store
        .database
        .query(DOING, &sql, &[Value::from(case.as_str())])?;
    with_legs(store, found)
}

/// In order of writing, after the one given.
pub(super) fn entries_after<D: Database>(
    store: &mut Durable<D>,
    after: Option<&EntryId>,
    limit: u32,
) -> Result<Vec<EntryRow>, Error> {
    let from = match after {
        None => 0,
        Some(id) => {
            let sql = "SELECT sequence FROM entries WHERE id = $1";
            let found = store
                .database
                .query(DOING, sql, &[Value::from(id.as_str())])?;
            let mut row = found.into_iter().next().ok_or_else(|| Error::Absent {
                what: format!("entry {id}"),
            })?;
            row.int("sequence")?
        }
    };
    let sql = format!("{ENTRY} WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2");
    let found = store
        .database
        .query(DOING, &sql, &[Value::Int(from), Value::from(limit)])?;
    with_legs(store, found)
}

/// Newest first, each with its number.
pub(super) fn entries_before<D: Database>(
    store: &mut Durable<D>,
    scope: Option<&Scope>,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<(u64, EntryRow)>, Error> {
    let mut values = vec![before.map_or(Value::Int(i64::MAX), rows::count)];
    let mut sql = format!("{ENTRY} WHERE e.sequence < $1");
    if let Some(scope) = scope {
        values.push(Value::from(&scope.provider));
        values.push(Value::from(&scope.account));
        sql.push_str(" AND e.provider = $2 AND e.account = $3");
    }
    values.push(Value::from(limit));
    sql.push_str(&format!(
        " ORDER BY e.sequence DESC LIMIT ${}",
        values.len()
    ));
    let found = store.database.query(DOING, &sql, &values)?;
    numbered(store, found)
}

fn with_legs<D: Database>(store: &mut Durable<D>, found: Vec<Row>) -> Result<Vec<EntryRow>, Error> {
    let numbered = numbered(store, found)?;
    Ok(numbered.into_iter().map(|(_, row)| row).collect())
}

fn numbered<D: Database>(
    store: &mut Durable<D>,
    found: Vec<Row>,
) -> Result<Vec<(u64, EntryRow)>, Error> {
    let mut heads = Vec::with_capacity(found.len());
    for mut row in found {
        heads.push((row.int("sequence")?, row));
    }
    let many = both(
        &[Kind::Int],
        "SELECT entry, ordinal, path, layer, minor FROM legs WHERE entry = ?1 ORDER BY ordinal",
        "SELECT l.entry, l.ordinal, l.path, l.layer, l.minor FROM {rows} AS u (entry) \
         JOIN legs l USING (entry) ORDER BY l.entry, l.ordinal",
    );
    let sequences: Vec<Value<'_>> = heads
        .iter()
        .map(|(sequence, _)| Value::Int(*sequence))
        .collect();
    let mut legs: BTreeMap<i64, Vec<Leg>> = BTreeMap::new();
    for mut row in store.database.query_many(DOING, &many, &sequences)? {
        let entry = row.int("entry")?;
        row.int("ordinal")?;
        legs.entry(entry).or_default().push(leg(row)?);
    }
    let entry = |(sequence, row): (i64, Row)| {
        let legs = legs.remove(&sequence).unwrap_or_default();
        Ok((u64::try_from(sequence).unwrap_or(0), entry(row, legs)?))
    };
    heads.into_iter().map(entry).collect()
}

fn entry(mut row: Row, legs: Vec<Leg>) -> Result<EntryRow, Error> {
    let row = &mut row;
    let id = rows::read(row, "id", EntryId::parse)?;
    let corrupt = |found: String| Error::corrupt(format!("entry {id}"), found);
    let entry = Entry::new(legs).map_err(|error| corrupt(error.to_string()))?;
    let scope = rows::scope(row)?;
    let case = match row.text("case_id")? {
        none if none.is_empty() => None,
        text => Some(CaseId::parse(&text).ok_or_else(|| corrupt(text))?),
    };
    let key = row.text("key")?;
    let ordinal = row.number("ordinal")?;
    let effective_at = rows::instant(row, "effective_at")?;
    let known_at = rows::instant(row, "known_at")?;
    let document = rows::read(row, "document", DocumentId::parse)?;
    let fact = match row.maybe_text("fact")? {
        None => None,
        Some(text) => Some(FactId::parse(&text).ok_or_else(|| corrupt(text))?),
    };
    Ok(EntryRow {
        id,
        scope,
        case,
        key,
        ordinal,
        effective_at,
        known_at,
        document,
        fact,
        entry,
    })
}

/// Reads path, layer and minor units.
fn leg(mut row: Row) -> Result<Leg, Error> {
    let path = row.text("path")?;
    let account = Account::parse_path(&path)
        .map_err(|error| Error::corrupt("column path", error.to_string()))?;
    let layer = rows::read(&mut row, "layer", Layer::parse)?;
    let amount = Money::of_minor(i128::from(row.int("minor")?), account.currency);
    Ok(Leg::new(account, layer, amount))
}

/// Of every account and layer with anything on it, in order of path.
pub(super) fn balances<D: Database>(store: &mut Durable<D>) -> Result<Vec<Leg>, Error> {
    let sql = "SELECT path, layer, minor FROM balances WHERE minor <> 0 ORDER BY path, layer";
    let found = store.database.query(DOING, sql, &[])?;
    found.into_iter().map(leg).collect()
}

/// As [`balances`], in pages.
pub(super) fn balances_after<D: Database>(
    store: &mut Durable<D>,
    after: Option<&Leg>,
    limit: u32,
) -> Result<Vec<Leg>, Error> {
    let sql = "SELECT path, layer, minor FROM balances \
        WHERE (path, layer) > ($1, $2) AND minor <> 0 ORDER BY path, layer LIMIT $3";
    let (path, layer) = match after {
        None => (String::new(), ""),
        Some(leg) => (leg.account.path(), leg.layer.name()),
    };
    let values = [Value::from(path), Value::from(layer), Value::from(limit)];
    let found = store.database.query(DOING, sql, &values)?;
    found.into_iter().map(leg).collect()
}
