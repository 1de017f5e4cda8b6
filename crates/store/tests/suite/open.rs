//! Opening a store of either kind for one test.

use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Keys, Whole};

/// Something that can be opened again and holds what was kept.
pub struct Place {
    kind: Kind,
}

enum Kind {
    Sqlite(tempfile::TempDir),
    Pg { url: String, schema: String },
}

/// Where the tests find a server.
const SERVER: &str = "DOCKET_TEST_POSTGRES";

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

static SKIPPED: Once = Once::new();

impl Place {
    pub fn sqlite() -> Place {
        let kind = Kind::Sqlite(tempfile::tempdir().unwrap());
        Place { kind }
    }

    /// A fresh schema on the server; `None`, loudly, where there is no server.
    pub fn pg(test: &str) -> Option<Place> {
        let Ok(url) = std::env::var(SERVER) else {
            // Past the capture of a passing test's output, once for all tests.
            SKIPPED.call_once(|| {
                let told = format!(
                    "skipped: no PostgreSQL (first: `{test}`); name a server in {SERVER}\n"
                );
                std::io::stderr().write_all(told.as_bytes()).unwrap();
            });
            return None;
        };
        let number = SCHEMAS.fetch_add(1, Ordering::SeqCst);
        let schema = format!("test_{}_{number}", std::process::id());
        let place = Place {
            kind: Kind::Pg { url, schema },
        };
        place.past("SELECT 1").unwrap();
        Some(place)
    }

    /// Another, empty place of the same kind.
    pub fn like(&self) -> Place {
        match &self.kind {
            Kind::Sqlite(_) => Place::sqlite(),
            Kind::Pg { .. } => Place::pg("another place").unwrap(),
        }
    }

    /// A connection of its own, not migrated.
    pub fn connect(&self) -> Box<dyn Whole> {
        self.connect_with(Keys::known_to_everybody())
    }

    pub fn connect_with(&self, keys: Keys) -> Box<dyn Whole> {
        match &self.kind {
            Kind::Sqlite(folder) => {
                Box::new(store::sqlite::Store::open_with(folder.path(), keys).unwrap())
            }
            Kind::Pg { url, schema } => {
                Box::new(store::pg::Store::connect_in(url, schema, keys).unwrap())
            }
        }
    }

    /// A migrated store.
    pub fn open(&self) -> Box<dyn Whole> {
        let mut store = self.connect();
        store.migrate().unwrap();
        store
    }

    /// Applies at most so many statements of the schema; how many are left.
    pub fn migrate_steps(&self, most: usize) -> usize {
        let keys = Keys::known_to_everybody();
        match &self.kind {
            Kind::Sqlite(folder) => {
                let mut store = store::sqlite::Store::open_with(folder.path(), keys).unwrap();
                store.migrate_steps(most).unwrap()
            }
            Kind::Pg { url, schema } => {
                let mut store = store::pg::Store::connect_in(url, schema, keys).unwrap();
                store.migrate_steps(most).unwrap()
            }
        }
    }

    /// How many statements the first release's schema had.
    pub fn first_release(&self) -> usize {
        let text = match &self.kind {
            Kind::Sqlite(_) => include_str!("../../src/migrations/sqlite/0001_initial.sql"),
            Kind::Pg { .. } => include_str!("../../src/migrations/pg/0001_initial.sql"),
        };
        text.matches("-- step\n").count()
    }

    /// The schema as the database describes it, in order.
    pub fn shape(&self) -> Vec<String> {
        let sql = match &self.kind {
            Kind::Sqlite(_) => "SELECT CAST(type || name || coalesce(sql, '') AS BLOB) FROM sqlite_schema ORDER BY 1".to_owned(),
            Kind::Pg { schema, .. } => format!(
                "SELECT convert_to(replace(what, '{schema}', 'schema'), 'UTF8') FROM (
                 SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable AS what
                 FROM information_schema.columns WHERE table_schema = '{schema}'
                 UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = '{schema}'
                 UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
                 JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
                 AND c.relnamespace = '{schema}'::regnamespace) AS shapes ORDER BY what COLLATE \"C\""
            ),
        };
        let texts = self
            .raw(&sql)
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap());
        texts.collect()
    }

    /// Keeps everybody else from writing until it is dropped.
    pub fn hold(&self) -> Box<dyn std::any::Any> {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let raw = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
                raw.execute_batch("BEGIN IMMEDIATE").unwrap();
                Box::new(raw)
            }
            Kind::Pg { .. } => {
                let mut raw = self.client();
                // Each of the two locks that writers wait for.
                let lock = |n| {
                    format!("PERFORM pg_advisory_lock(hashtextextended(current_schema(), {n}))")
                };
                raw.batch_execute(&format!("DO $$BEGIN {}; {}; END$$", lock(0), lock(1)))
                    .unwrap();
                Box::new(raw)
            }
        }
    }

    /// Runs statements past the store, as somebody with a database client would.
    pub fn past(&self, sql: &str) -> Result<(), String> {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let raw = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
                raw.busy_timeout(std::time::Duration::from_secs(10))
                    .unwrap();
                raw.execute_batch("PRAGMA foreign_keys = ON").unwrap();
                raw.execute_batch(sql).map_err(|error| error.to_string())
            }
            Kind::Pg { .. } => self.client().batch_execute(sql).map_err(|error| {
                error
                    .as_db_error()
                    .map_or(error.to_string(), |it| it.message().to_owned())
            }),
        }
    }

    /// Cuts every connection to the place, as a restart of the server does. A file has no connections.
    pub fn sever(&self) {
        if let Kind::Pg { schema, .. } = &self.kind {
            let sql = format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                 WHERE application_name = 'docket/{schema}'"
            );
            self.past(&sql).unwrap();
        }
    }

    fn client(&self) -> postgres::Client {
        let Kind::Pg { url, schema } = &self.kind else {
            unreachable!("only a PostgreSQL place has a client");
        };
        let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
        client
            .batch_execute(&format!("SET search_path TO {schema}"))
            .unwrap();
        client
    }

    /// The server and the schema, where there is one: for tests of what only PostgreSQL does.
    pub fn server(&self) -> Option<(&str, &str)> {
        match &self.kind {
            Kind::Sqlite(_) => None,
            Kind::Pg { url, schema } => Some((url, schema)),
        }
    }

    /// What to run so that the database's own rules do not stop the statement.
    pub fn without_rules(&self, sql: &str) -> String {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let raw = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
                let mut statement = raw
                    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                    .unwrap();
                let names = statement
                    .query_map([], |row| row.get::<_, String>(0))
                    .unwrap();
                let drops: String = names
                    .map(|name| format!("DROP TRIGGER IF EXISTS {};", name.unwrap()))
                    .collect();
                format!("PRAGMA foreign_keys = OFF; {drops} {sql}")
            }
            Kind::Pg { .. } => format!("SET session_replication_role = replica; {sql}"),
        }
    }

    /// What the database calls the same thing.
    pub fn words<'a>(&self, sqlite: &'a str, pg: &'a str) -> &'a str {
        match &self.kind {
            Kind::Sqlite(_) => sqlite,
            Kind::Pg { .. } => pg,
        }
    }

    /// The bytes that somebody who copied the database would hold.
    pub fn raw(&self, sql: &str) -> Vec<Vec<u8>> {
        match &self.kind {
            Kind::Sqlite(folder) => {
                let raw = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
                let mut statement = raw.prepare(sql).unwrap();
                let rows = statement
                    .query_map([], |row| row.get::<_, Option<Vec<u8>>>(0))
                    .unwrap();
                rows.filter_map(Result::unwrap).collect()
            }
            Kind::Pg { .. } => {
                let rows = self.client().query(sql, &[]).unwrap();
                rows.iter()
                    .filter_map(|row| row.get::<_, Option<Vec<u8>>>(0))
                    .collect()
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Kind::Pg { schema, .. } = &self.kind {
            let sql = format!(
                "DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE IF EXISTS docket_sight_{schema}"
            );
            if let Err(error) = self.past(&sql) {
                eprintln!("schema {schema} stays: {error}");
            }
        }
    }
}

/// Runs each test of a file over every database.
#[macro_export]
macro_rules! over_every_database {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&$crate::open::Place::sqlite()); })*
        }
        mod pg {
            $(#[test] fn $test() {
                if let Some(place) = $crate::open::Place::pg(stringify!($test)) {
                    super::$test(&place);
                }
            })*
        }
    };
}
