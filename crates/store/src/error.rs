//! What can go wrong between us and a database, by what a caller does next.

use std::path::PathBuf;

/// The world failed, or another writer was first. Our own mistakes are panics, not errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody else holds the database. The same call may succeed later.
    #[error("{doing}: the database is busy")]
    Busy {
        doing: &'static str,
        #[source]
        source: Driver,
    },
    /// The server or disk is not there, or the connection broke. Whether a write in flight was kept is not known; read
    /// before writing again.
    #[error("{doing}: the database is not reachable")]
    Unavailable {
        doing: &'static str,
        #[source]
        source: Driver,
    },
    /// Another writer was first, so what this write was computed from is no longer so. Read again, derive again.
    #[error("{doing}: {found}")]
    Conflict { doing: &'static str, found: String },
    /// The lease under which this was to be written is another's by now: what it was computed from may be late.
    #[error("{doing}: lease `{lease}` is at {newest}, this writer has {token}")]
    Fenced {
        doing: &'static str,
        lease: String,
        token: u64,
        newest: u64,
    },
    /// The database's own rules refused the write: an entry that does not balance, a posting written twice, a change to an
    /// append-only table.
    #[error("{doing}: the database refused it")]
    Refused {
        doing: &'static str,
        #[source]
        source: Driver,
    },
    /// What is kept cannot be what was written.
    #[error("{what}: {found}")]
    Corrupt { what: String, found: String },
    /// A key is missing, is another desk's, or does not open what it should.
    #[error("{what}: {found}")]
    Key { what: String, found: String },
    /// A file or folder of the desk's own.
    #[error("cannot use `{path}`")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Larger than the store takes, with its bound.
    #[error("{what} has {found}, at most {bound} is kept")]
    TooLarge {
        what: String,
        found: String,
        bound: String,
    },
    /// Nothing of this id is kept.
    #[error("{what} is not kept here")]
    Absent { what: String },
    /// A newer program wrote this database, or the schema was changed by hand. Migrations only go forward.
    #[error("schema: {found}")]
    Schema { found: String },
    /// Anything else that the driver says.
    #[error("{doing}: the database failed")]
    Failed {
        doing: &'static str,
        #[source]
        source: Driver,
    },
}

/// What the driver itself said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Driver {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Postgres(#[from] postgres::Error),
    /// Made on purpose by [`crate::faulty`].
    #[error("injected at operation {number} (`{operation}`)")]
    Injected {
        operation: &'static str,
        number: u64,
    },
}

impl Error {
    /// Whether the same work, read and derived again, can succeed later.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Error::Busy { .. } | Error::Unavailable { .. } | Error::Conflict { .. }
        )
    }

    pub(crate) fn corrupt(what: impl Into<String>, found: impl Into<String>) -> Error {
        Error::Corrupt {
            what: what.into(),
            found: found.into(),
        }
    }

    /// Sorts what SQLite says by what a caller does next.
    pub(crate) fn sqlite(doing: &'static str, error: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode as Code;
        let code = error.sqlite_error_code();
        let source = Driver::Sqlite(error);
        match code {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Error::Busy { doing, source },
            Some(
                Code::CannotOpen
                | Code::SystemIoFailure
                | Code::DiskFull
                | Code::ReadOnly
                | Code::PermissionDenied,
            ) => Error::Unavailable { doing, source },
            Some(Code::ConstraintViolation) => Error::Refused { doing, source },
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Error::corrupt(doing, source.to_string())
            }
            _ => Error::Failed { doing, source },
        }
    }

    /// Sorts what PostgreSQL says by what a caller does next.
    pub(crate) fn postgres(doing: &'static str, error: postgres::Error) -> Error {
        let class = error.code().map(|state| state.code().to_owned());
        let source = Driver::Postgres(error);
        match class.as_deref() {
            // 40: serialization failure or deadlock. 55P03: lock not available.
            Some(state) if state.starts_with("40") || state == "55P03" => {
                Error::Busy { doing, source }
            }
            // 23: integrity constraint violation, which our triggers raise too.
            Some(state) if state.starts_with("23") => Error::Refused { doing, source },
            // 08: connection. 53: resources. 57: operator intervention, such as a shutdown.
            Some(state)
                if state.starts_with("08")
                    || state.starts_with("53")
                    || state.starts_with("57") =>
            {
                Error::Unavailable { doing, source }
            }
            // XX: the server found its own data corrupted.
            Some(state) if state.starts_with("XX") => Error::corrupt(doing, source.to_string()),
            Some(_) => Error::Failed { doing, source },
            // No SQLSTATE: the connection itself, or a value that cannot be sent.
            None => Error::Unavailable { doing, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[track_caller]
    fn check(code: i32, expected: &str, retryable: bool) {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let error = Error::sqlite("committing", error);
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.retryable(), retryable);
    }

    #[test]
    fn what_sqlite_says_is_sorted_by_what_to_do_next() {
        check(ffi::SQLITE_BUSY, "committing: the database is busy", true);
        check(
            ffi::SQLITE_BUSY_SNAPSHOT,
            "committing: the database is busy",
            true,
        );
        check(
            ffi::SQLITE_FULL,
            "committing: the database is not reachable",
            true,
        );
        check(
            ffi::SQLITE_IOERR_FSYNC,
            "committing: the database is not reachable",
            true,
        );
        check(
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            "committing: the database refused it",
            false,
        );
        check(
            ffi::SQLITE_CONSTRAINT_TRIGGER,
            "committing: the database refused it",
            false,
        );
        check(
            ffi::SQLITE_CORRUPT,
            "committing: Error code 11: database disk image is malformed",
            false,
        );
        check(ffi::SQLITE_ERROR, "committing: the database failed", false);
    }
}
