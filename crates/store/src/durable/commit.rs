//! The one way in for anything derived: all of a commit, or nothing of it.

use super::fold::Folded;
use super::{Durable, documents, log, writes};
use crate::Error;
use crate::contract::{Commit, Fate, Processed};
use crate::database::{Database, Kind, Value, both, transaction};
use crate::rows;
use dispute::id::DocumentId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const DOING: &str = "committing";

/// How many commits this desk has seen.
pub(super) fn generation<D: Database>(database: &mut D) -> Result<i64, Error> {
    let sql = "SELECT generation FROM desk WHERE one = 1";
    match database
        .query("reading the desk's generation", sql, &[])?
        .pop()
    {
        Some(mut row) => row.int("generation"),
        None => Err(Error::corrupt("table desk", "no row")),
    }
}

pub(super) fn commit<D: Database>(store: &mut Durable<D>, commit: &Commit) -> Result<(), Error> {
    let folded = Folded::of(commit)?;
    // Whatever comes of it, the next reading begins anew.
    let seen = store.seen.take();
    let Durable {
        database, vault, ..
    } = store;
    transaction(database, DOING, |database| {
        advance(database, seen)?;
        let sequences = sequences(database, commit)?;
        // Before any row of a document is held: to make a key waits for the door, and the door waits for such rows.
        let keys = writes::keys(database, vault, &folded)?;
        process(database, commit, &sequences)?;
        writes::facts(database, vault, &keys, &folded, &sequences)?;
        writes::moves(database, vault, &folded)?;
        writes::cases(database, &folded)?;
        writes::obligations(database, &folded)?;
        writes::timers(database, &folded)?;
        writes::outbox(database, &folded, commit.now)?;
        writes::findings(database, &folded, commit.now)?;
        writes::entries(database, &folded, &sequences)?;
        log::append(database, &commit.leaves)
    })
}

/// Refuses to write what was computed from a desk that another writer has changed meanwhile: two engines over one database
/// may both read a family, and the second to write would undo the first.
fn advance<D: Database>(database: &mut D, seen: Option<i64>) -> Result<(), Error> {
    let now = generation(database)?;
    if let Some(seen) = seen.filter(|seen| *seen != now) {
        return Err(Error::Conflict {
            doing: DOING,
            found: format!("read at generation {seen}, the desk is at {now}"),
        });
    }
    let sql = "UPDATE desk SET generation = generation + 1 WHERE one = 1";
    database.execute(DOING, sql, &[]).map(|_| ())
}

/// The order of arrival of every document that the commit names.
fn sequences<D: Database>(
    database: &mut D,
    commit: &Commit,
) -> Result<BTreeMap<DocumentId, i64>, Error> {
    let processed = commit.processed.iter();
    let facts = commit
        .processed
        .iter()
        .flat_map(|processed| &processed.facts);
    let entries = commit.families.iter().flat_map(|change| &change.entries);
    let named: BTreeSet<&DocumentId> = processed
        .map(|processed| &processed.document)
        .chain(facts.map(|fact| &fact.document))
        .chain(entries.map(|entry| &entry.document))
        .collect();
    let named: Vec<DocumentId> = named.into_iter().cloned().collect();
    let found = documents::sequences(database, &named)?;
    match named.iter().find(|id| !found.contains_key(*id)) {
        Some(id) => Err(Error::Absent {
            what: format!("document {id}"),
        }),
        None => Ok(found),
    }
}

/// Writes what became of the documents. Only a pending one is processed: of two who decoded the same document, the second
/// finds it done.
fn process<D: Database>(
    database: &mut D,
    commit: &Commit,
    sequences: &BTreeMap<DocumentId, i64>,
) -> Result<(), Error> {
    use Kind::{Int, Text};
    let sequence = |id: &DocumentId| {
        let sequence = sequences.get(id).copied();
        Value::Int(sequence.expect("`sequences` holds every document of the commit"))
    };
    let fates = both(
        &[Int],
        "SELECT document, fate FROM document_states WHERE document = ?1",
        "SELECT s.document, s.fate FROM {rows} AS u (document) \
         JOIN document_states s USING (document) ORDER BY s.document FOR UPDATE OF s",
    );
    let all = &commit.processed;
    let values: Vec<Value<'_>> = all.iter().map(|one| sequence(&one.document)).collect();
    for mut row in database.query_many(DOING, &fates, &values)? {
        let number = row.int("document")?;
        let fate = rows::read(&mut row, "fate", Fate::parse)?;
        if fate != Fate::Pending {
            return Err(Error::Conflict {
                doing: DOING,
                found: format!("document number {number} is {}", fate.name()),
            });
        }
    }
    let states = both(
        &[Text, Text, Text, Int, Int, Int],
        "UPDATE document_states SET fate = ?1, form = ?2, trouble = ?3, facts_new = ?4, \
         facts_known = ?5 WHERE document = ?6",
        "UPDATE document_states s SET fate = u.fate, form = u.form, trouble = u.trouble, \
         facts_new = u.facts_new, facts_known = u.facts_known \
         FROM {rows} AS u (fate, form, trouble, facts_new, facts_known, document) \
         WHERE s.document = u.document",
    );
    let mut values = Vec::with_capacity(all.len().saturating_mul(6));
    for one in all {
        let facts = u32::try_from(one.facts.len()).unwrap_or(u32::MAX);
        values.extend([
            Value::from(one.fate.name()),
            Value::from(&one.form),
            Value::from(&one.trouble),
            Value::from(facts),
            Value::from(one.known_before),
            sequence(&one.document),
        ]);
    }
    database.execute_many(DOING, &states, &values)?;
    rejects(database, all, sequence)
}

fn rejects<D: Database>(
    database: &mut D,
    all: &[Processed],
    sequence: impl Fn(&DocumentId) -> Value<'static>,
) -> Result<(), Error> {
    use Kind::{Int, Text};
    let clear = both(
        &[Int],
        "DELETE FROM rejects WHERE document = ?1",
        "DELETE FROM rejects r USING {rows} AS u (document) WHERE r.document = u.document",
    );
    let documents: Vec<Value<'_>> = all.iter().map(|one| sequence(&one.document)).collect();
    database.execute_many(DOING, &clear, &documents)?;
    let columns = [
        ("document", Int),
        ("ordinal", Int),
        ("span_from", Int),
        ("span_until", Int),
        ("code", Text),
        ("name", Text),
        ("detail", Text),
        ("hint", Text),
    ];
    let mut values = Vec::new();
    for one in all {
        for (ordinal, reject) in (1_u32..).zip(&one.rejects) {
            values.extend([
                sequence(&one.document),
                Value::from(ordinal),
                Value::from(reject.span.from),
                Value::from(reject.span.until),
                Value::from(&reject.code),
                Value::from(&reject.name),
                Value::from(&reject.detail),
                Value::from(&reject.hint),
            ]);
        }
    }
    let insert = crate::database::insert("rejects", &columns, "");
    database.execute_many(DOING, &insert, &values)
}
