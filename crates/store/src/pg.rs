//! The store of a team: PostgreSQL, in a schema of its own.

use crate::database::{Cell, Database, Kind, Many, Row, Value};
use crate::durable::Durable;
use crate::migration::Migration;
use crate::sight::{Dialect, narrowed};
use crate::{Error, Keys, Sight};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use std::borrow::Cow;
use std::collections::HashMap;

/// A desk kept in PostgreSQL.
pub type Store = Durable<Pg>;

/// One connection to a PostgreSQL database.
pub struct Pg {
    config: Config,
    schema: String,
    client: Client,
    /// By text. A statement is parsed and planned once per connection.
    statements: HashMap<String, Statement>,
    /// Between `begin` and `end` or `undo`.
    writing: bool,
    sight: Sight,
    fence: Option<(String, u64)>,
    /// Whether row-level security was found in force.
    walled: bool,
    /// Whether this connection was made anew and does not yet see as the sight says.
    unlooked: bool,
    /// The schema, with its dot.
    own: String,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        text: include_str!("migrations/pg/0001_initial.sql"),
    },
    Migration {
        version: 2,
        text: include_str!("migrations/pg/0002_rotation_and_lists.sql"),
    },
    Migration {
        version: 3,
        text: include_str!("migrations/pg/0003_registry.sql"),
    },
    Migration {
        version: 4,
        text: include_str!("migrations/pg/0004_faces.sql"),
    },
];

/// The schema of a desk that has its database to itself.
const SCHEMA: &str = "docket";

/// A statement over many rows is sent in pieces below this size: well below the protocol's 1 GiB, and little enough that
/// two copies of it do not matter.
const PIECE_BYTES: usize = 32 * 1024 * 1024;

/// A commit waits for the disk, whatever the server's default says. A writer waits for another as long as in SQLite. A
/// process that stops in the middle of a transaction keeps others from writing for less than that, so that they wait and do
/// not fail; ours pause in one for milliseconds. A statement is given up after an hour: a check of a desk of millions takes minutes, and so does an index
/// that a migration makes on it.
/// Compiling a question to machine code takes longer than any of ours takes (measured: 40 to 110 ms for 20), and starting
/// workers longer than a page's: of 80,000 open cases 24 ms with two, 14 without. A check of the whole desk has them.
const SETTINGS: &str = "SET synchronous_commit = on; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '8s'; SET statement_timeout = '1h'; \
    SET jit = off; SET parallel_setup_cost = 50000";

/// Taken by whoever writes anything derived. The schema's triggers take the same.
const BOOKS: &str = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 0))";
/// Taken by whoever adds documents or data keys; after the first where both are.
const DOOR: &str = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 1))";

impl Durable<Pg> {
    /// Connects by URL (`postgres://user@host/database`), into the schema `docket`. Call
    /// [`migrate`](crate::Store::migrate) before anything else.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when nobody answers there, [`Error::Failed`] when the server refuses.
    pub fn connect(url: &str, keys: Keys) -> Result<Store, Error> {
        Store::connect_in(url, SCHEMA, keys)
    }

    /// As [`Store::connect`], into another schema: several desks, or tests, share one database.
    ///
    /// # Errors
    /// As for [`Store::connect`].
    ///
    /// # Panics
    /// When `schema` is not made of lower-case letters, digits and underscores: it is our own name, not a person's text.
    pub fn connect_in(url: &str, schema: &str, keys: Keys) -> Result<Store, Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        assert!(schema.bytes().all(plain), "a schema is named plainly");
        let config: Config = url
            .parse()
            .map_err(|error| Error::postgres("reading the database URL", error))?;
        let client = connect(&config, schema)?;
        let database = Pg {
            config,
            schema: schema.to_owned(),
            client,
            statements: HashMap::new(),
            writing: false,
            sight: Sight::All,
            fence: None,
            walled: false,
            unlooked: false,
            own: format!("{schema}."),
        };
        Ok(Durable::of(database, keys))
    }
}

fn connect(config: &Config, schema: &str) -> Result<Client, Error> {
    let prepare = || {
        let mut client = config.connect(NoTls)?;
        client.batch_execute(SETTINGS)?;
        let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
        if client.query(sql, &[&schema])?.is_empty() {
            client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
        }
        let own = format!("SET search_path TO {schema}; SET application_name = 'docket/{schema}'");
        client.batch_execute(&own)?;
        Ok(client)
    };
    prepare().map_err(|error| Error::postgres("connecting to PostgreSQL", error))
}

/// What PostgreSQL itself should keep from a restricted connection and does not.
const UNENFORCED: &str = "
    SELECT CASE WHEN NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR p.polrelid IS NULL
        THEN 'row-level security is not in force on table ' || c.relname
        ELSE 'row-level security hides table ' || c.relname || ' from ' || current_user END
    FROM pg_class c
    LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'sight'
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR p.polrelid IS NULL
            OR (row_security_active(c.oid) AND NOT EXISTS (SELECT 1 FROM pg_policy d
                WHERE d.polrelid = c.oid AND d.polname = 'desk'
                AND pg_has_role(current_user, d.polroles[1], 'usage'))))
    ORDER BY c.relname COLLATE \"C\"";

/// Takes the role that only reads, and says for whom. The role comes first: whatever fails then, fails closed.
const LOOK: &str = "SELECT set_config('role', $1, false), set_config('docket.merchant', $2, false), \
    set_config('docket.mode', $3, false)";
const LOOK_AS_ALL: &str = "RESET ROLE; SET docket.merchant = ''; SET docket.mode = ''";
/// Whether row-level security is in force.
const WALLED: &str = "SELECT 1 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid \
    WHERE c.relnamespace = current_schema()::regnamespace AND p.polname = 'sight' LIMIT 1";

impl Pg {
    /// What a statement reads through the sight; in a transaction, all there is.
    fn seen<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        if self.writing {
            return Cow::Borrowed(sql);
        }
        let dialect = Dialect {
            merchant: "(SELECT current_setting('docket.merchant'))",
            mode: "(SELECT current_setting('docket.mode'))",
            own: &self.own,
        };
        narrowed(&self.sight, &dialect, sql)
    }

    /// One writer of each kind at a time: sequences without gaps need it, and the trigger on legs counts on the books' lock.
    fn begin_under(&mut self, doing: &'static str, lock: &str) -> Result<(), Error> {
        let open = match self.sight {
            Sight::All => "BEGIN",
            Sight::Merchant { .. } | Sight::Mode { .. } => {
                "BEGIN; SET LOCAL ROLE NONE; SET LOCAL docket.merchant = ''; SET LOCAL docket.mode = ''"
            }
        };
        let begun = self.run(doing, &format!("{open}; {lock}"));
        match begun {
            Ok(()) => self.writing = true,
            // Whoever waited for the lock in vain has begun all the same, and could say nothing more until that is undone.
            Err(_) => self.undo(),
        }
        begun
    }

    /// A connection that broke is made anew before the next operation; the operation that saw it break has failed. Never
    /// inside a transaction: what was begun on the old connection is gone, and its second half must not be written alone.
    fn client(&mut self) -> Result<&mut Client, Error> {
        if self.client.is_closed() && !self.writing {
            self.statements.clear();
            self.client = connect(&self.config, &self.schema)?;
            self.unlooked = self.sight != Sight::All;
        }
        // A new connection sees no more than the broken one did, and is not used before it does.
        if self.unlooked {
            let sight = self.sight.clone();
            self.look(&sight)?;
            self.unlooked = false;
        }
        Ok(&mut self.client)
    }

    /// Makes this connection see what the sight sees, in one round trip once it has been asked before.
    fn look(&mut self, sight: &Sight) -> Result<(), Error> {
        let doing = "looking as somebody";
        let failed = |error| Error::postgres(doing, error);
        if *sight == Sight::All {
            return self.client.batch_execute(LOOK_AS_ALL).map_err(failed);
        }
        // Once there, the wall stays: only a schema that is being made has none yet.
        if !self.walled {
            self.walled = !self.client.query(WALLED, &[]).map_err(failed)?.is_empty();
        }
        let role = match self.walled {
            true => format!("docket_sight_{}", self.schema),
            false => String::from("none"),
        };
        let statement = match self.statements.get(LOOK) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.client.prepare(LOOK).map_err(failed)?;
                self.statements.insert(LOOK.to_owned(), statement.clone());
                statement
            }
        };
        let values: [&(dyn ToSql + Sync); 3] = [&role, &sight.merchant(), &sight.mode()];
        self.client
            .query(&statement, &values)
            .map(|_| ())
            .map_err(failed)
    }

    fn prepared(&mut self, doing: &'static str, sql: &str) -> Result<Statement, Error> {
        self.client()?;
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self
            .client
            .prepare(sql)
            .map_err(|error| Error::postgres(doing, error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// PostgreSQL's text holds every character but NUL. Where somebody sent one, its picture is kept: the same on writing and on
/// looking up, and the document itself has the byte.
fn text<'a>(text: &'a Cow<'a, str>) -> Cow<'a, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{2400}")),
        false => Cow::Borrowed(text),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => number.to_sql(kind, out),
            Value::Text(value) => text(value).as_ref().to_sql(kind, out),
            Value::Bytes(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

fn read(row: &postgres::Row) -> Result<Row, postgres::Error> {
    let mut cells = Vec::with_capacity(row.len());
    for (at, column) in row.columns().iter().enumerate() {
        let cell = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Cell::Int),
            Type::INT4 => {
                let number = row.try_get::<_, Option<i32>>(at)?;
                number.map(|number| Cell::Int(i64::from(number)))
            }
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Cell::Bytes),
            _ => row.try_get::<_, Option<String>>(at)?.map(Cell::Text),
        };
        cells.push(cell.unwrap_or(Cell::Null));
    }
    Ok(Row(cells.into_iter()))
}

fn parameters<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    fn parameter<'a>(value: &'a Value<'a>) -> &'a (dyn ToSql + Sync) {
        value
    }
    values.iter().map(parameter).collect()
}

/// One column of many rows.
enum Column<'a> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<Cow<'a, str>>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Column<'a> {
    fn of(kind: Kind, values: impl Iterator<Item = &'a Value<'a>>) -> Column<'a> {
        match kind {
            Kind::Int => Column::Int(values.map(int).collect()),
            Kind::Text => Column::Text(values.map(maybe_text).collect()),
            Kind::Bytes => Column::Bytes(values.map(bytes).collect()),
        }
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Column::Int(values) => values,
            Column::Text(values) => values,
            Column::Bytes(values) => values,
        }
    }
}

fn int(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Null => None,
        other => unreachable!("a column of integers holds {other:?}"),
    }
}

fn maybe_text<'a>(value: &'a Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Text(value) => Some(text(value)),
        Value::Null => None,
        other => unreachable!("a column of text holds {other:?}"),
    }
}

fn bytes<'a>(value: &'a Value<'a>) -> Option<&'a [u8]> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        Value::Null => None,
        other => unreachable!("a column of bytes holds {other:?}"),
    }
}

/// Cuts rows of values into pieces to send, each with at least one row.
fn pieces<'a>(values: &'a [Value<'a>], width: usize) -> Vec<&'a [Value<'a>]> {
    let size = |value: &Value<'_>| match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    };
    let mut pieces = Vec::new();
    let mut rest = values;
    while !rest.is_empty() {
        let mut sum = 0_usize;
        let rows = rest.chunks_exact(width).take_while(|row| {
            let first = sum == 0;
            sum = sum.saturating_add(row.iter().map(size).sum());
            first || sum <= PIECE_BYTES
        });
        let length = rows.count().max(1).saturating_mul(width);
        let (piece, after) = rest
            .split_at_checked(length)
            .expect("values come in whole rows");
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn columns<'a>(kinds: &[Kind], piece: &'a [Value<'a>]) -> Vec<Column<'a>> {
    let column =
        |(at, kind): (usize, &Kind)| Column::of(*kind, piece.iter().skip(at).step_by(kinds.len()));
    kinds.iter().enumerate().map(column).collect()
}

impl Database for Pg {
    fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let sql = self.seen(sql);
        let statement = self.prepared(doing, &sql)?;
        let found = self.client.query(&statement, &parameters(values));
        found
            .and_then(|rows| rows.iter().map(read).collect())
            .map_err(|error| Error::postgres(doing, error))
    }

    fn execute(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64, Error> {
        let statement = self.prepared(doing, sql)?;
        self.client
            .execute(&statement, &parameters(values))
            .map_err(|error| Error::postgres(doing, error))
    }

    fn query_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        for piece in pieces(values, many.kinds.len()) {
            let sql = self.seen(&many.pg);
            let statement = self.prepared(doing, &sql)?;
            let columns = columns(&many.kinds, piece);
            let columns: Vec<_> = columns.iter().map(Column::parameter).collect();
            let rows = self.client.query(&statement, &columns);
            let rows = rows.and_then(|rows| rows.iter().map(read).collect::<Result<Vec<_>, _>>());
            found.extend(rows.map_err(|error| Error::postgres(doing, error))?);
        }
        Ok(found)
    }

    fn execute_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<(), Error> {
        for piece in pieces(values, many.kinds.len()) {
            let statement = self.prepared(doing, &many.pg)?;
            let columns = columns(&many.kinds, piece);
            let columns: Vec<_> = columns.iter().map(Column::parameter).collect();
            let done = self.client.execute(&statement, &columns);
            done.map_err(|error| Error::postgres(doing, error))?;
        }
        Ok(())
    }

    fn run(&mut self, doing: &'static str, sql: &str) -> Result<(), Error> {
        self.client()?
            .batch_execute(sql)
            .map_err(|error| Error::postgres(doing, error))
    }

    fn begin(&mut self, doing: &'static str) -> Result<(), Error> {
        self.begin_under(doing, BOOKS)
    }

    fn begin_at_door(&mut self, doing: &'static str) -> Result<(), Error> {
        self.begin_under(doing, DOOR)
    }

    fn enter_door(&mut self, doing: &'static str) -> Result<(), Error> {
        self.run(doing, DOOR)
    }

    fn end(&mut self, doing: &'static str) -> Result<(), Error> {
        self.run(doing, "COMMIT")?;
        self.writing = false;
        Ok(())
    }

    fn undo(&mut self) {
        self.writing = false;
        if !self.client.is_closed() {
            let _lost_either_way = self.client.batch_execute("ROLLBACK");
        }
    }

    fn another(&self) -> Result<Option<Pg>, Error> {
        let mut other = Pg {
            config: self.config.clone(),
            schema: self.schema.clone(),
            client: connect(&self.config, &self.schema)?,
            statements: HashMap::new(),
            writing: false,
            sight: self.sight.clone(),
            fence: self.fence.clone(),
            walled: self.walled,
            unlooked: false,
            own: self.own.clone(),
        };
        other.look(&self.sight)?;
        Ok(Some(other))
    }

    fn migrations(&self) -> &'static [Migration] {
        MIGRATIONS
    }

    fn look_as(&mut self, sight: &Sight) -> Result<(), Error> {
        self.client()?;
        if self.sight != *sight {
            self.look(sight)?;
            self.sight = sight.clone();
        }
        Ok(())
    }

    fn fence(&mut self, fence: Option<(String, u64)>) {
        self.fence = fence;
    }

    fn fenced(&self) -> Option<(String, u64)> {
        self.fence.clone()
    }

    fn own(&self) -> &str {
        &self.own
    }

    fn indexed_by(&self, _index: &str) -> String {
        String::new()
    }

    fn folded(&self) -> &'static str {
        "folded"
    }

    fn unenforced(&mut self) -> Result<Vec<String>, Error> {
        let doing = "checking row-level security";
        let rows = self.query(doing, UNENFORCED, &[])?;
        rows.into_iter().map(|mut row| row.text("wrong")).collect()
    }

    fn contains(&self, column: &str, parameter: &str) -> String {
        format!("strpos({column}, {parameter}) > 0")
    }
}
