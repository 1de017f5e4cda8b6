//! The embedded store: one file, `desk.db`, in the desk's folder.

use crate::database::{Cell, Database, Many, Row, Value};
use crate::durable::Durable;
use crate::keys::random;
use crate::migration::Migration;
use crate::sight::{Dialect, narrowed};
use crate::turns::{Turn, Turns, Writer};
use crate::{Error, Keys, Sight};
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use std::borrow::Cow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A desk kept in SQLite.
pub type Store = Durable<Sqlite>;

/// One connection to a SQLite database.
pub struct Sqlite {
    connection: rusqlite::Connection,
    sight: Sight,
    fence: Option<(String, u64)>,
    /// Where writers of this process queue; `None` for a database that has one connection.
    turns: Option<Arc<Turns>>,
    turn: Option<Turn>,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        text: include_str!("migrations/sqlite/0001_initial.sql"),
    },
    Migration {
        version: 2,
        text: include_str!("migrations/sqlite/0002_rotation_and_lists.sql"),
    },
    Migration {
        version: 3,
        text: include_str!("migrations/sqlite/0003_registry.sql"),
    },
    Migration {
        version: 4,
        text: include_str!("migrations/sqlite/0004_faces.sql"),
    },
];

/// How long a writer waits for another process's transaction. Ours last well below a second; a person's command should
/// rather wait than fail.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Every statement of this room once, with room for the ones whose text varies.
const STATEMENTS_CACHED: usize = 200;

/// `FULL`: a commit is on the disk before it returns, or the webhook's acknowledgement would be a lie.
/// The cache is 64 MiB (negative: KiB), so that the inner pages of the indexes of a million cases stay in memory.
/// A WAL of 64 MiB (16,384 pages of 4 KiB) before it is folded back: batches of a thousand documents write 10 to 20 MiB each,
/// and one fold for several writes the pages they share once.
const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 16384;
";

/// Of a connection that only reads, for a question or two over the whole desk: what it sorts leaves memory beyond its cache
/// of 16 MiB, for files without a name.
const READER_PRAGMAS: &str = "
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = FILE;
    PRAGMA cache_size = -16384;
";

/// Of a database without a name, which is thrown away: what undoes a transaction stays in memory, and so does up to 256 MiB
/// of the database. A journal file and early writing took a third of a replay's time.
const NAMELESS_PRAGMAS: &str = "
    PRAGMA journal_mode = MEMORY;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -262144;
";

/// The sight, as this connection alone reads it. One text for every merchant, so that statements stay prepared.
const SIGHT: &str = "CREATE TEMP TABLE IF NOT EXISTS sight \
    (one INTEGER PRIMARY KEY, merchant TEXT NOT NULL, mode TEXT NOT NULL)";

const DIALECT: Dialect<'static> = Dialect {
    merchant: "(SELECT s.merchant FROM temp.sight s)",
    mode: "(SELECT s.mode FROM temp.sight s)",
    own: "main.",
};

impl Durable<Sqlite> {
    /// Opens or makes `desk.db` in this folder, which is made when it is not there, with the keys under `keys/`. Call
    /// [`migrate`](crate::Store::migrate) before anything else.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Key`] or [`Error::Unavailable`].
    pub fn open(desk: &Path) -> Result<Store, Error> {
        Store::open_with(desk, Keys::open(desk)?)
    }

    /// As [`Store::open`], with keys from elsewhere.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be made, [`Error::Unavailable`] when the database cannot be opened.
    pub fn open_with(desk: &Path, keys: Keys) -> Result<Store, Error> {
        let path = desk.join("desk.db");
        private(desk, &path).map_err(|source| Error::File {
            path: path.clone(),
            source,
        })?;
        let connection = rusqlite::Connection::open(&path)
            .map_err(|error| Error::sqlite("opening desk.db", error))?;
        let mut database = Sqlite::configure(connection)?;
        database.turns = Some(Turns::of(&path));
        Ok(Durable::of(database, keys))
    }

    /// A migrated store in memory, for tests and simulations. Nothing of it survives the value.
    ///
    /// # Errors
    /// Only when SQLite itself fails.
    pub fn memory() -> Result<Store, Error> {
        let connection = rusqlite::Connection::open_in_memory()
            .map_err(|error| Error::sqlite("opening a database in memory", error))?;
        Store::migrated(Sqlite::configure(connection)?, Keys::known_to_everybody())
    }

    /// A migrated store for a copy that is compared and thrown away: in memory as far as its cache goes, beyond that in a
    /// file without a name, in the system's folder for such. It is sealed under keys that go with the value, and nothing
    /// waits for the disk.
    ///
    /// # Errors
    /// Only when SQLite itself fails.
    pub fn disposable() -> Result<Store, Error> {
        Store::migrated(Sqlite::nameless()?, Keys::of(random(), random()))
    }

    fn migrated(database: Sqlite, keys: Keys) -> Result<Store, Error> {
        let mut store = Durable::of(database, keys);
        crate::Store::migrate(&mut store)?;
        Ok(store)
    }
}

/// Copies the `desk.db` of this folder into a new file as of one moment, while others read and write it, and waits until the
/// copy is on the disk.
///
/// # Errors
/// [`Error::File`] when the new file cannot be made, or is there already; [`Error::Busy`] or [`Error::Unavailable`] when
/// SQLite cannot copy.
pub fn back_up(desk: &Path, into: &Path) -> Result<(), Error> {
    const DOING: &str = "copying desk.db";
    let file = |source| Error::File {
        path: into.to_owned(),
        source,
    };
    let made = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(into)
        .map_err(file)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error| Error::sqlite(DOING, error);
    let connection =
        rusqlite::Connection::open_with_flags(desk.join("desk.db"), flags).map_err(failed)?;
    connection.busy_timeout(BUSY_WAIT).map_err(failed)?;
    // SQLite fills an empty file, with the rights that it has.
    let target = into.to_string_lossy();
    connection
        .execute("VACUUM INTO ?1", [target.as_ref()])
        .map_err(failed)?;
    made.sync_all().map_err(file)
}

/// Makes the file for its owner only, before SQLite would make it for everybody: references and amounts in it are not
/// sealed. SQLite gives its side files the same rights.
fn private(desk: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(desk)?;
    let mut options = std::fs::OpenOptions::new();
    options
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(|_| ())
}

/// While another process takes the last connection down or recovers the log, SQLite refuses the journal's mode at once,
/// whatever the time to wait; so we wait ourselves.
fn patiently(mut work: impl FnMut() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(10);
    let begun = std::time::Instant::now();
    loop {
        let done = work();
        let busy = done.as_ref().is_err_and(|error| {
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
        });
        if !busy || begun.elapsed() > BUSY_WAIT {
            return done;
        }
        std::thread::sleep(PAUSE);
    }
}

/// What SQLite itself says of a lock that did not come free.
fn waited_in_vain() -> rusqlite::Error {
    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    rusqlite::Error::SqliteFailure(busy, Some(String::from("database is locked")))
}

impl Sqlite {
    fn nameless() -> Result<Sqlite, Error> {
        let connection = rusqlite::Connection::open("")
            .map_err(|error| Error::sqlite("opening a temporary database", error))?;
        let database = Sqlite::configure(connection)?;
        database
            .connection
            .execute_batch(NAMELESS_PRAGMAS)
            .map_err(|error| Error::sqlite("configuring a temporary database", error))?;
        Ok(database)
    }

    fn configure(connection: rusqlite::Connection) -> Result<Sqlite, Error> {
        let prepare = || {
            connection.busy_timeout(BUSY_WAIT)?;
            patiently(|| connection.execute_batch(PRAGMAS))?;
            // A plan does not depend on the values bound. Without this, a statement on a table with a partial index is
            // compiled again whenever a value changes, in case it now implied the index's condition.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
            Ok(())
        };
        prepare().map_err(|error| Error::sqlite("configuring SQLite", error))?;
        Ok(Sqlite {
            connection,
            sight: Sight::All,
            fence: None,
            turns: None,
            turn: None,
        })
    }

    fn begin_as(&mut self, writer: Writer, doing: &'static str) -> Result<(), Error> {
        if let Some(turns) = &self.turns {
            let turn = turns.take(writer, BUSY_WAIT);
            self.turn = Some(turn.ok_or_else(|| Error::sqlite(doing, waited_in_vain()))?);
        }
        // Immediate: a transaction that reads first and then writes could find another writer in between.
        let begun = self.run(doing, "BEGIN IMMEDIATE");
        if begun.is_err() {
            self.turn = None;
        }
        begun
    }

    /// What a statement reads through the sight; in a transaction, all there is.
    fn seen<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        match self.connection.is_autocommit() {
            true => narrowed(&self.sight, &DIALECT, sql),
            false => Cow::Borrowed(sql),
        }
    }
}

/// SQLite's numbered parameters are written `?1`; `$1` would be a name, numbered by its first appearance.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn collect(
    statement: &mut rusqlite::CachedStatement<'_>,
    values: &[Value<'_>],
    into: &mut Vec<Row>,
) -> rusqlite::Result<()> {
    let width = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let mut cells = Vec::with_capacity(width);
        for at in 0..width {
            cells.push(cell(row.get_ref(at)?)?);
        }
        into.push(Row(cells.into_iter()));
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> rusqlite::Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(_) => Cell::Text(value.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        // No column of ours is REAL; only a sum that left the integers could be.
        ValueRef::Real(_) => return Err(rusqlite::Error::IntegralValueOutOfRange(0, i64::MAX)),
    })
}

impl Database for Sqlite {
    fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        let sql = self.seen(sql);
        self.connection
            .prepare_cached(&numbered(&sql))
            .and_then(|mut statement| collect(&mut statement, values, &mut found))
            .map_err(|error| Error::sqlite(doing, error))?;
        Ok(found)
    }

    fn execute(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64, Error> {
        let changed = self
            .connection
            .prepare_cached(&numbered(sql))
            .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(values)))
            .map_err(|error| Error::sqlite(doing, error))?;
        Ok(u64::try_from(changed).expect("a count of rows fits 64 bits"))
    }

    fn query_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        let sql = self.seen(&many.sqlite);
        let mut run = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = values.chunks_exact(many.kinds.len());
            rows.try_for_each(|row| collect(&mut statement, row, &mut found))
        };
        run().map_err(|error| Error::sqlite(doing, error))?;
        Ok(found)
    }

    fn execute_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<(), Error> {
        let run = || {
            let mut statement = self.connection.prepare_cached(&many.sqlite)?;
            let mut rows = values.chunks_exact(many.kinds.len());
            rows.try_for_each(|row| {
                statement
                    .execute(rusqlite::params_from_iter(row))
                    .map(|_| ())
            })
        };
        run().map_err(|error| Error::sqlite(doing, error))
    }

    fn run(&mut self, doing: &'static str, sql: &str) -> Result<(), Error> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| Error::sqlite(doing, error))
    }

    fn begin(&mut self, doing: &'static str) -> Result<(), Error> {
        self.begin_as(Writer::Books, doing)
    }

    fn begin_at_door(&mut self, doing: &'static str) -> Result<(), Error> {
        self.begin_as(Writer::Door, doing)
    }

    fn enter_door(&mut self, _doing: &'static str) -> Result<(), Error> {
        Ok(())
    }

    fn end(&mut self, doing: &'static str) -> Result<(), Error> {
        self.run(doing, "COMMIT")?;
        self.turn = None;
        Ok(())
    }

    fn undo(&mut self) {
        if !self.connection.is_autocommit() {
            let _lost_either_way = self.connection.execute_batch("ROLLBACK");
        }
        self.turn = None;
    }

    fn another(&self) -> Result<Option<Sqlite>, Error> {
        // A database in memory, or without a name, has an empty path and belongs to its connection alone.
        let path = self.connection.path().filter(|path| !path.is_empty());
        let open = |path: &str| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = rusqlite::Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_WAIT)?;
            connection.execute_batch(READER_PRAGMAS)?;
            Ok(Sqlite {
                connection,
                sight: Sight::All,
                fence: None,
                turns: None,
                turn: None,
            })
        };
        let other = path.map(open).transpose();
        let mut other =
            other.map_err(|error| Error::sqlite("opening desk.db to read beside", error))?;
        if let Some(other) = &mut other
            && self.sight != Sight::All
        {
            other.look_as(&self.sight)?;
        }
        Ok(other)
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn look_as(&mut self, sight: &Sight) -> Result<(), Error> {
        if self.sight == *sight {
            return Ok(());
        }
        let doing = "looking as somebody";
        self.run(doing, SIGHT)?;
        let values = [Value::from(sight.merchant()), Value::from(sight.mode())];
        let sql = "INSERT OR REPLACE INTO temp.sight (one, merchant, mode) VALUES (1, $1, $2)";
        self.execute(doing, sql, &values)?;
        self.sight = sight.clone();
        Ok(())
    }

    fn fence(&mut self, fence: Option<(String, u64)>) {
        self.fence = fence;
    }

    fn fenced(&self) -> Option<(String, u64)> {
        self.fence.clone()
    }

    fn own(&self) -> &str {
        DIALECT.own
    }

    fn indexed_by(&self, index: &str) -> String {
        format!(" INDEXED BY {index}")
    }

    /// Word for word the expression of the index. A path ends in `:` and a currency's three letters; a case's id, `dp_` and 26
    /// characters, stands before.
    fn folded(&self) -> &'static str {
        "CASE WHEN substr(path, length(path) - 33, 4) = ':dp_' THEN substr(path, 1, length(path) - 34) || substr(path, length(path) - 3) ELSE path END"
    }

    fn unenforced(&mut self) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn contains(&self, column: &str, parameter: &str) -> String {
        format!("instr({column}, {parameter}) > 0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_disposable_store_leaves_memory_when_it_grows_and_reads_back() {
        let mut database = Sqlite::nameless().unwrap();
        let mut held = |sql: &str| database.query("testing", sql, &[]).unwrap();
        // Beyond the cache, so that pages have left it.
        held("PRAGMA cache_size = -8192");
        held("CREATE TABLE heap (bytes BLOB) STRICT");
        held(
            "INSERT INTO heap WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80) \
             SELECT zeroblob(1048576) FROM n",
        );
        let mut sum = held("SELECT sum(length(bytes)) FROM heap");
        assert_eq!(sum.pop().unwrap().int("sum").unwrap(), 80 * 1_048_576);
        assert!(database.another().unwrap().is_none());
    }

    #[test]
    fn only_the_owner_reads_the_files() {
        let desk = tempfile::tempdir().unwrap();
        let mut store = Store::open(desk.path()).unwrap();
        crate::Store::migrate(&mut store).unwrap();
        for name in ["desk.db", "desk.db-wal", "desk.db-shm", "keys/kek"] {
            let about = std::fs::metadata(desk.path().join(name)).unwrap();
            assert_eq!(about.permissions().mode() & 0o077, 0, "{name}");
        }
    }
}
