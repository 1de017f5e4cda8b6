//! Migrations: forward only, one statement at a time, each recorded in the transaction that runs it.
//!
//! Whoever is interrupted between two statements runs on from there. A statement that was applied is never changed
//! afterwards; its digest is recorded, and a program whose text differs refuses to go on.

use crate::Error;

/// One file of `src/migrations/<database>`: its number and its statements, in order.
pub struct Migration {
    pub version: i64,
    pub text: &'static str,
}

/// One statement, with where it stands and what was recorded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub version: i64,
    /// From 1 within its migration.
    pub number: i64,
    pub digest: String,
    pub sql: &'static str,
}

/// Divides statements. A semicolon would not do: the bodies of triggers contain them.
const DIVIDER: &str = "-- step\n";

/// All statements of all migrations, in order.
pub(crate) fn steps(migrations: &[Migration]) -> Vec<Step> {
    let of = |migration: &Migration| {
        let statements = migration.text.split(DIVIDER).skip(1);
        let version = migration.version;
        let step = move |(number, sql): (i64, &'static str)| Step {
            version,
            number,
            digest: dispute::id::sha256_hex(sql.trim().as_bytes()),
            sql,
        };
        (1..).zip(statements).map(step).collect::<Vec<Step>>()
    };
    migrations.iter().flat_map(of).collect()
}

/// The statements still to run, given those recorded as (version, number, digest) in order.
///
/// # Errors
/// [`Error::Schema`] when the record is not a beginning of what this program knows.
pub(crate) fn remaining(
    steps: &[Step],
    recorded: &[(i64, i64, String)],
) -> Result<Vec<Step>, Error> {
    for (at, (version, number, digest)) in recorded.iter().enumerate() {
        let refuse = |found: String| Err(Error::Schema { found });
        match steps.get(at) {
            None => {
                return refuse(format!(
                    "step {version}.{number} was applied, this program's last is {}",
                    last(steps)
                ));
            }
            Some(step) if (step.version, step.number) != (*version, *number) => {
                return refuse(format!(
                    "step {version}.{number} was applied where this program has {}.{}",
                    step.version, step.number
                ));
            }
            Some(step) if step.digest != *digest => {
                return refuse(format!(
                    "step {version}.{number} was applied with another text than this program has"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(steps.iter().skip(recorded.len()).cloned().collect())
}

fn last(steps: &[Step]) -> String {
    match steps.last() {
        Some(step) => format!("{}.{}", step.version, step.number),
        None => String::from("none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Migration] = &[
        Migration {
            version: 1,
            text: "Prose before the first divider is no statement.\n-- step\nA;\n-- step\nB;\n",
        },
        Migration {
            version: 2,
            text: "-- step\nC;\n",
        },
    ];

    fn recorded(steps: &[Step]) -> Vec<(i64, i64, String)> {
        let of = |step: &Step| (step.version, step.number, step.digest.clone());
        steps.iter().map(of).collect()
    }

    #[test]
    fn every_beginning_leaves_its_rest() {
        let all = steps(TWO);
        assert_eq!(all.len(), 3);
        for done in 0..=all.len() {
            let rest = remaining(&all, &recorded(&all[..done])).unwrap();
            assert_eq!(rest, all[done..]);
        }
    }

    #[track_caller]
    fn refused(change: impl Fn(&mut Vec<(i64, i64, String)>), told: &str) {
        let all = steps(TWO);
        let mut record = recorded(&all);
        change(&mut record);
        let error = remaining(&all, &record).unwrap_err();
        assert_eq!(error.to_string(), told);
    }

    #[test]
    fn a_record_that_is_no_beginning_is_refused() {
        refused(
            |record| record.push((3, 1, String::new())),
            "schema: step 3.1 was applied, this program's last is 2.1",
        );
        refused(
            |record| record[1].2.clear(),
            "schema: step 1.2 was applied with another text than this program has",
        );
        refused(
            |record| drop(record.remove(1)),
            "schema: step 2.1 was applied where this program has 1.2",
        );
    }
}
