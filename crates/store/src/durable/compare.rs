//! Compare and append: what was decided by looking at a case is kept only while the case is still what was looked at.

use super::{Durable, documents};
use crate::Error;
use crate::contract::{Appended, NewDocument, Seen};
use crate::database::{Database, Value};
use crate::rows;

const DOING: &str = "keeping what was decided about a case";

pub(super) fn append_if<D: Database>(
    store: &mut Durable<D>,
    document: &NewDocument,
    seen: &Seen,
) -> Result<Appended, Error> {
    let one = core::slice::from_ref(document);
    let appended = documents::append_when(store, DOING, one, |database, known| {
        admits(database, document, known, seen)
    })?;
    Ok(appended
        .into_iter()
        .next()
        .expect("one document was appended"))
}

/// Whether a document that was written by looking at a case may be kept: asked inside the transaction that keeps it.
pub(super) fn admits<D: Database>(
    database: &mut D,
    document: &NewDocument,
    known: bool,
    seen: &Seen,
) -> Result<(), Error> {
    // The same words again are the same document, whatever was decided since: the first answer was lost.
    if known {
        return Ok(());
    }
    waiting(database, document)?;
    unchanged(database, seen)
}

/// A command or a report of ours that is kept and not yet processed may be about this very case.
fn waiting<D: Database>(database: &mut D, document: &NewDocument) -> Result<(), Error> {
    // The fate stands in the text, not in a parameter: only so can the partial index on fates be chosen.
    let sql = "SELECT s.document FROM document_states s \
        JOIN documents d ON d.sequence = s.document \
        WHERE s.fate = 'pending' AND d.way IN ('command', 'desk') \
        AND d.provider = $1 AND d.account = $2 LIMIT 1";
    let values = [
        Value::from(&document.scope.provider),
        Value::from(&document.scope.account),
    ];
    match database.query(DOING, sql, &values)?.pop() {
        None => Ok(()),
        Some(mut row) => Err(Error::Conflict {
            doing: DOING,
            found: format!("document number {} waits", row.int("document")?),
        }),
    }
}

/// The case's row and the number of its family's facts. Facts are only ever added, so a family of as many facts under the
/// same name, whose case has the same digest, is the one that was looked at.
fn unchanged<D: Database>(database: &mut D, seen: &Seen) -> Result<(), Error> {
    let sql = "SELECT family, digest, \
        (SELECT count(*) FROM facts f WHERE f.family = cases.family) AS facts \
        FROM cases WHERE id = $1";
    let found = database.query(DOING, sql, &[Value::from(seen.case.as_str())])?;
    let Some(mut row) = found.into_iter().next() else {
        return Err(Error::Absent {
            what: format!("case {}", seen.case),
        });
    };
    let family = rows::read(&mut row, "family", dispute::id::FamilyId::parse)?;
    let digest = row.text("digest")?;
    let facts: u64 = row.number("facts")?;
    if family == seen.family && digest == seen.digest && facts == seen.facts {
        return Ok(());
    }
    Err(Error::Conflict {
        doing: DOING,
        found: format!(
            "case {} has changed: seen with {} facts, it has {facts}",
            seen.case, seen.facts
        ),
    })
}
