//! The audit log: leaves in commit order, the tree's growing edge beside them, and signed checkpoints.

use super::Durable;
use crate::Error;
use crate::contract::Leaf;
use crate::database::{Database, Kind, Value, insert, transaction};
use crate::rows;
use audit::{Checkpoint, ENTRY_BYTES_MAX, Hash, Tree, leaf_hash};
use calendar::Instant;

const DOING: &str = "writing the audit log";
const READING: &str = "reading the audit log";

/// The tree as it stands. Read inside a writing transaction when leaves are to follow.
pub(super) fn tree<D: Database>(database: &mut D) -> Result<Tree, Error> {
    let sql = "SELECT log_size, log_frontier FROM desk WHERE one = 1";
    let Some(mut row) = database.query(READING, sql, &[])?.pop() else {
        return Err(Error::corrupt("table desk", "no row"));
    };
    let size = row.number("log_size")?;
    let bytes = row.bytes("log_frontier")?;
    let frontier = bytes
        .chunks(32)
        .map(Hash::from_slice)
        .collect::<Option<Vec<Hash>>>();
    let frontier = frontier.ok_or_else(|| Error::corrupt("the audit log's edge", "a cut hash"))?;
    Tree::from_parts(size, frontier)
        .map_err(|error| Error::corrupt("the audit log's edge", error.to_string()))
}

/// Appends leaves in this order, inside the caller's transaction.
pub(super) fn append<D: Database>(database: &mut D, leaves: &[Leaf]) -> Result<(), Error> {
    if leaves.is_empty() {
        return Ok(());
    }
    let mut tree = tree(database)?;
    let mut values = Vec::with_capacity(leaves.len().saturating_mul(2));
    for leaf in leaves {
        let bytes = leaf.0.as_bytes();
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(Error::TooLarge {
                what: String::from("an audit leaf"),
                found: format!("{} bytes", bytes.len()),
                bound: format!("{ENTRY_BYTES_MAX} bytes"),
            });
        }
        values.push(rows::count(tree.size()));
        values.push(Value::from(bytes));
        tree.append(leaf_hash(bytes));
    }
    let many = insert(
        "leaves",
        &[("number", Kind::Int), ("leaf", Kind::Bytes)],
        "",
    );
    database.execute_many(DOING, &many, &values)?;
    let frontier: Vec<u8> = tree
        .frontier()
        .iter()
        .flat_map(|hash| *hash.as_bytes())
        .collect();
    let sql = "UPDATE desk SET log_size = $1, log_frontier = $2 WHERE one = 1";
    database.execute(
        DOING,
        sql,
        &[rows::count(tree.size()), Value::from(frontier)],
    )?;
    Ok(())
}

/// From an index on.
pub(super) fn leaves<D: Database>(
    database: &mut D,
    from: u64,
    limit: u32,
) -> Result<Vec<Vec<u8>>, Error> {
    let sql = "SELECT leaf FROM leaves WHERE number >= $1 ORDER BY number LIMIT $2";
    let found = database.query(READING, sql, &[rows::count(from), Value::from(limit)])?;
    found.into_iter().map(|mut row| row.bytes("leaf")).collect()
}

/// Signs the log as it stands, when it has grown.
pub(super) fn checkpoint<D: Database>(
    store: &mut Durable<D>,
    now: Instant,
) -> Result<Option<String>, Error> {
    let keys = store.vault.keys().clone();
    transaction(&mut store.database, "signing a checkpoint", |database| {
        let tree = tree(database)?;
        let last = "SELECT coalesce(max(size), 0) FROM checkpoints";
        let signed = match database.query(READING, last, &[])?.pop() {
            Some(mut row) => row.number("size")?,
            None => 0,
        };
        if tree.size() <= signed {
            return Ok(None);
        }
        let note = Checkpoint::of(keys.origin(), &tree)
            .sign(keys.signing(), keys.origin())
            .expect("an origin made of hexadecimal digits is one line and names a key")
            .to_string();
        let sql = "INSERT INTO checkpoints (size, signed_at, note) VALUES ($1, $2, $3)";
        let values = [
            rows::count(tree.size()),
            rows::micros(now),
            Value::from(&note),
        ];
        database.execute(DOING, sql, &values)?;
        Ok(Some(note))
    })
}

/// All of them, oldest first.
pub(super) fn checkpoints<D: Database>(database: &mut D) -> Result<Vec<String>, Error> {
    let found = database.query(READING, "SELECT note FROM checkpoints ORDER BY size", &[])?;
    found.into_iter().map(|mut row| row.text("note")).collect()
}
