//! Breaks of the store's own invariants. What the database refuses to write can still be found broken on a disk.

use super::log;
use crate::database::{Database, Value};
use crate::{Error, lanes};
use audit::{Checkpoint, Hash, SignedNote, Tree, leaf_hash};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const DOING: &str = "checking the store";

/// At most so many of one kind are named; the rest would say nothing new.
const NAMED_MAX: i64 = 20;

/// A query whose every row is a break: one text column that names it, and what is wrong with it.
const BREAKS: [(&str, &str); 10] = [
    (
        "entry does not balance",
        "SELECT (SELECT e.id FROM entries e WHERE e.sequence = l.entry) FROM legs l \
         GROUP BY l.entry, l.currency, l.layer HAVING sum(l.minor) <> 0",
    ),
    (
        "entry has fewer than two legs",
        "SELECT e.id FROM entries e LEFT JOIN legs l ON l.entry = e.sequence \
         GROUP BY e.id HAVING count(l.entry) < 2",
    ),
    (
        "leg without an entry",
        "SELECT l.path FROM legs l LEFT JOIN entries e ON e.sequence = l.entry \
         WHERE e.sequence IS NULL",
    ),
    (
        "balance differs from the sum of its legs",
        "SELECT path FROM (SELECT path, layer, minor, 0 AS side FROM balances \
         UNION ALL SELECT path, layer, CAST(-sum(minor) AS BIGINT), 1 FROM legs \
         GROUP BY path, layer) AS sides GROUP BY path, layer HAVING sum(minor) <> 0",
    ),
    (
        "fact without a document",
        "SELECT f.id FROM facts f LEFT JOIN documents d ON d.sequence = f.document \
         WHERE d.sequence IS NULL",
    ),
    (
        "entry whose fact is not kept",
        "SELECT e.id FROM entries e LEFT JOIN facts f ON f.id = e.fact \
         WHERE e.fact IS NOT NULL AND f.id IS NULL",
    ),
    (
        "document without its bytes or its state",
        "SELECT d.id FROM documents d LEFT JOIN document_bodies b ON b.document = d.sequence \
         LEFT JOIN document_states s ON s.document = d.sequence \
         WHERE b.document IS NULL OR s.document IS NULL",
    ),
    (
        "case whose family has no fact",
        "SELECT c.id FROM cases c WHERE NOT EXISTS \
         (SELECT 1 FROM facts f WHERE f.family = c.family)",
    ),
    (
        "reference to a family that has no fact",
        "SELECT r.value FROM refs r WHERE NOT EXISTS \
         (SELECT 1 FROM facts f WHERE f.family = r.family)",
    ),
    (
        "timer or send for a case that is not kept",
        "SELECT w.id FROM (SELECT id, case_id FROM timers UNION ALL \
         SELECT id, case_id FROM outbox) AS w LEFT JOIN cases c ON c.id = w.case_id \
         WHERE c.id IS NULL",
    ),
];

/// Numbers that must run from their first value without gaps: the table, the column, and the first.
const SERIES: [(&str, &str, i64); 3] = [
    ("documents", "sequence", 1),
    ("entries", "sequence", 1),
    ("leaves", "number", 0),
];

/// At most so many connections at once: a check is a guest on a database that works.
const READERS_MAX: usize = 4;

/// One thing to look at.
#[derive(Clone, Copy)]
enum Look {
    Breaks(&'static str, &'static str),
    Series(&'static str, &'static str, i64),
    Log,
}

impl Look {
    fn at<D: Database>(self, database: &mut D) -> Result<Vec<String>, Error> {
        match self {
            Look::Breaks(wrong, sql) => check_breaks(database, wrong, sql),
            Look::Series(table, column, first) => check_series(database, table, column, first),
            Look::Log => check_log(database),
        }
    }
}

/// Looks at everything, over connections of its own where the database has them, and tells in the same order always.
pub(super) fn check<D: Database>(database: &mut D) -> Result<Vec<String>, Error> {
    let breaks = BREAKS.iter().map(|(wrong, sql)| Look::Breaks(wrong, sql));
    let series = SERIES
        .iter()
        .map(|(table, column, first)| Look::Series(table, column, *first));
    let looks: Vec<Look> = breaks.chain(series).chain([Look::Log]).collect();
    let mut readers = Vec::new();
    while readers.len() < READERS_MAX.min(lanes::cores()) {
        match database.another()? {
            Some(reader) => readers.push(reader),
            None => break,
        }
    }
    let next = AtomicUsize::new(0);
    let turns = |database: &mut D| {
        let mut done = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            match looks.get(turn) {
                Some(look) => done.push((turn, look.at(database))),
                None => return done,
            }
        }
    };
    let turns = &turns;
    let mut done = match readers.is_empty() {
        true => turns(database),
        false => thread::scope(|scope| {
            let all: Vec<_> = readers
                .iter_mut()
                .map(|reader| scope.spawn(move || turns(reader)))
                .collect();
            let all = all.into_iter().flat_map(|reader| {
                let reader = reader.join();
                reader.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            all.collect()
        }),
    };
    done.sort_by_key(|(turn, _)| *turn);
    let all: Vec<Vec<String>> = done
        .into_iter()
        .map(|(_, found)| found)
        .collect::<Result<_, Error>>()?;
    Ok(all.concat())
}

fn check_breaks<D: Database>(
    database: &mut D,
    wrong: &str,
    sql: &str,
) -> Result<Vec<String>, Error> {
    let sql = format!("{sql} LIMIT $1");
    let mut breaks = Vec::new();
    for mut row in database.query(DOING, &sql, &[Value::Int(NAMED_MAX)])? {
        let name = row.maybe_text("name")?.unwrap_or_default();
        breaks.push(format!("{wrong}: {name}"));
    }
    Ok(breaks)
}

fn check_series<D: Database>(
    database: &mut D,
    table: &str,
    column: &str,
    first: i64,
) -> Result<Vec<String>, Error> {
    let sql = format!("SELECT count(*), coalesce(max({column}), $1) FROM {table}");
    let mut breaks = Vec::new();
    for mut row in database.query(DOING, &sql, &[Value::Int(first - 1)])? {
        let (count, last) = (row.int("count")?, row.int("max")?);
        let expected = last.saturating_sub(first).saturating_add(1);
        if count != expected {
            breaks.push(format!("{table} has {count} rows, numbered up to {last}"));
        }
    }
    Ok(breaks)
}

/// How many leaves are read at a time.
const PAGE: u32 = 10_000;

/// Builds the tree again from the leaves, and holds it against the edge that is kept and every checkpoint's root.
fn check_log<D: Database>(database: &mut D) -> Result<Vec<String>, Error> {
    let mut breaks = Vec::new();
    let mut signed: BTreeMap<u64, Hash> = BTreeMap::new();
    for note in log::checkpoints(database)? {
        let parsed = SignedNote::parse(&note).map_err(|error| error.to_string());
        let parsed = parsed.and_then(|note| {
            Checkpoint::parse(note.unverified_text()).map_err(|error| error.to_string())
        });
        match parsed {
            Ok(checkpoint) => drop(signed.insert(checkpoint.size, checkpoint.root)),
            Err(error) => breaks.push(format!("checkpoint does not read: {error}")),
        }
    }
    let mut tree = Tree::empty();
    loop {
        let page = log::leaves(database, tree.size(), PAGE)?;
        for leaf in &page {
            tree.append(leaf_hash(leaf));
            if let Some(root) = signed.remove(&tree.size())
                && root != tree.root()
            {
                breaks.push(format!(
                    "checkpoint of {} leaves has another root",
                    tree.size()
                ));
            }
        }
        if u32::try_from(page.len()).is_ok_and(|length| length < PAGE) {
            break;
        }
    }
    let beyond = signed
        .keys()
        .map(|size| format!("checkpoint of {size} leaves, the log has {}", tree.size()));
    breaks.extend(beyond);
    if log::tree(database)? != tree {
        breaks.push(format!(
            "the log's edge is not that of its {} leaves",
            tree.size()
        ));
    }
    Ok(breaks)
}
