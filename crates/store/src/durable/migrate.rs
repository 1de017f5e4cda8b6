//! Bringing the schema forward.

use crate::Error;
use crate::database::{Database, Value, transaction};
use crate::migration;

const DOING: &str = "migrating the schema";

/// The record of what was applied. Made outside the numbered steps, because it records them.
const RECORD: &str = "CREATE TABLE IF NOT EXISTS migration_steps (
    version BIGINT NOT NULL,
    step BIGINT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (version, step)
)";

/// Applies at most so many statements, each with its record in one transaction; returns how many are left.
pub(super) fn steps<D: Database>(database: &mut D, most: usize) -> Result<usize, Error> {
    database.run(DOING, RECORD)?;
    let all = migration::steps(database.migrations());
    let mut left = remaining(database, &all)?.len();
    for _ in 0..left.min(most) {
        left = transaction(database, DOING, |database| {
            // Read again inside: another process may have taken this step meanwhile.
            let rest = remaining(database, &all)?;
            let Some((step, after)) = rest.split_first() else {
                return Ok(0);
            };
            database.run(DOING, step.sql)?;
            let record = "INSERT INTO migration_steps (version, step, digest) VALUES ($1, $2, $3)";
            let values = [
                Value::Int(step.version),
                Value::Int(step.number),
                Value::from(&step.digest),
            ];
            database.execute(DOING, record, &values)?;
            Ok(after.len())
        })?;
    }
    Ok(left)
}

fn remaining<D: Database>(
    database: &mut D,
    all: &[migration::Step],
) -> Result<Vec<migration::Step>, Error> {
    let sql = "SELECT version, step, digest FROM migration_steps ORDER BY version, step";
    let rows = database.query(DOING, sql, &[])?;
    let mut recorded = Vec::with_capacity(rows.len());
    for mut row in rows {
        recorded.push((row.int("version")?, row.int("step")?, row.text("digest")?));
    }
    migration::remaining(all, &recorded)
}
