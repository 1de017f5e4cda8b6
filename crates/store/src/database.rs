//! What the two databases have in common: rows in and rows out, one at a time or many at once.
//!
//! Plain SQL, written once where both take the same text (parameters are `$1`, `$2`, ...) and side by side where speed
//! lives. No mapping of objects: a statement is a text, a row is cells.

use crate::migration::Migration;
use crate::{Error, Sight};
use std::borrow::Cow;

/// The target of spans, as the application's.
const SPAN: &str = "docket_span";

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The type to bind as; of nothing, any will do.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Null | Value::Int(_) => Kind::Int,
            Value::Text(_) => Kind::Text,
            Value::Bytes(_) => Kind::Bytes,
        }
    }
}

/// The type of a column, as far as binding needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Text,
    Bytes,
}

/// A value read. PostgreSQL's and SQLite's types come to these three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row read, taken from left to right.
#[derive(Debug)]
pub struct Row(pub std::vec::IntoIter<Cell>);

/// A statement over many rows: prepared and run row by row in SQLite, where a call is a function call; run once over
/// `UNNEST`ed columns in PostgreSQL, where a call is a round trip.
#[derive(Clone, Debug)]
pub struct Many {
    pub kinds: Vec<Kind>,
    pub sqlite: Cow<'static, str>,
    pub pg: Cow<'static, str>,
}

/// One connection.
pub trait Database: Send {
    /// Returns all rows.
    fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error>;

    /// Returns how many rows were changed.
    fn execute(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64, Error>;

    /// Runs a query once for every row of values, `many.kinds.len()` values each, and returns all rows found, in no order.
    fn query_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error>;

    /// Runs a statement once for every row of values.
    fn execute_many(
        &mut self,
        doing: &'static str,
        many: &Many,
        values: &[Value<'_>],
    ) -> Result<(), Error>;

    /// Runs statements without values, such as a schema's.
    fn run(&mut self, doing: &'static str, sql: &str) -> Result<(), Error>;

    /// Begins a transaction that will write. `begin`, then `end` or `undo`. Where it fails nothing is begun.
    fn begin(&mut self, doing: &'static str) -> Result<(), Error>;
    /// Begins one that adds documents and touches nothing derived, so that intake does not wait for the books: PostgreSQL
    /// has a lock for each, always taken in the order books, door. SQLite has one writer in all.
    fn begin_at_door(&mut self, doing: &'static str) -> Result<(), Error>;
    /// Takes the door's lock besides, in a transaction that was begun for the books and adds documents or data keys as well.
    fn enter_door(&mut self, doing: &'static str) -> Result<(), Error>;
    /// Makes it durable. Only when this returns is anything of it so.
    fn end(&mut self, doing: &'static str) -> Result<(), Error>;
    /// Takes it back. Errors are not reported: a connection that cannot even roll back has lost the transaction anyway.
    fn undo(&mut self);

    /// Another connection to the same rows, for reading beside this one; `None` where there can be none.
    fn another(&self) -> Result<Option<Self>, Error>
    where
        Self: Sized;

    fn migrations(&self) -> &'static [Migration];

    /// From now on `query` and `query_many` see what the sight sees, outside of transactions: a write is the program's own
    /// act, and rests on all that is there.
    fn look_as(&mut self, sight: &Sight) -> Result<(), Error>;

    /// The lease, by name and token, without which nothing is written from now on.
    fn fence(&mut self, fence: Option<(String, u64)>);
    fn fenced(&self) -> Option<(String, u64)>;

    /// The schema of the tables themselves, with its dot. A table named with it is not narrowed by the sight, except by
    /// PostgreSQL's own policies.
    fn own(&self) -> &str;

    /// What follows a table's name so that no other index is chosen; empty where the planner knows the data.
    fn indexed_by(&self, index: &str) -> String;

    /// The path of a balance without its case, which the index `balances_folded` is in order of.
    fn folded(&self) -> &'static str;

    /// What the database should enforce and does not.
    fn unenforced(&mut self) -> Result<Vec<String>, Error>;

    /// A condition that is true when the column contains the text in `$n`, letter case included.
    fn contains(&self, column: &str, parameter: &str) -> String;
}

/// Runs `work` in one transaction: all of it or nothing, and nothing where the lease that it is bound to is another's.
pub fn transaction<D: Database, T>(
    database: &mut D,
    doing: &'static str,
    work: impl FnOnce(&mut D) -> Result<T, Error>,
) -> Result<T, Error> {
    database.begin(doing)?;
    within(database, doing, work)
}

/// As [`transaction`], at the door: see [`Database::begin_at_door`]. Whoever is bound to a lease waits for the books besides,
/// because leases change under their lock.
pub fn transaction_at_door<D: Database, T>(
    database: &mut D,
    doing: &'static str,
    work: impl FnOnce(&mut D) -> Result<T, Error>,
) -> Result<T, Error> {
    if database.fenced().is_none() {
        database.begin_at_door(doing)?;
        return within(database, doing, work);
    }
    database.begin(doing)?;
    within(database, doing, |database| {
        database.enter_door(doing)?;
        work(database)
    })
}

fn within<D: Database, T>(
    database: &mut D,
    doing: &'static str,
    work: impl FnOnce(&mut D) -> Result<T, Error>,
) -> Result<T, Error> {
    let worked = unfenced(database, doing).and_then(|()| work(database));
    let done = worked.and_then(|value| {
        // The wait for the disk, apart from the statements before it.
        let _commit = tracing::info_span!(target: SPAN, "commit").entered();
        database.end(doing).map(|()| value)
    });
    if done.is_err() {
        database.undo();
    }
    done
}

/// Looked at within the transaction: writers wait for each other, so nobody takes the lease before it ends.
fn unfenced<D: Database>(database: &mut D, doing: &'static str) -> Result<(), Error> {
    let Some((lease, token)) = database.fenced() else {
        return Ok(());
    };
    let sql = "SELECT token FROM leases WHERE name = $1";
    let found = database
        .query(doing, sql, &[Value::from(&lease)])?
        .pop()
        .map(|mut row| row.number::<u64>("token"))
        .transpose()?;
    match found {
        Some(newest) if newest == token => Ok(()),
        newest => Err(Error::Fenced {
            doing,
            lease,
            token,
            newest: newest.unwrap_or(0),
        }),
    }
}

/// An `INSERT` of many rows in both dialects; `conflict` is what follows the rows, the same in both.
pub fn insert(table: &str, columns: &[(&str, Kind)], conflict: &str) -> Many {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let numbers = 1..=columns.len();
    let marks: Vec<String> = numbers.map(|number| format!("?{number}")).collect();
    let kinds: Vec<Kind> = columns.iter().map(|(_, kind)| *kind).collect();
    Many {
        sqlite: format!(
            "INSERT INTO {table} ({names}) VALUES ({}) {conflict}",
            marks.join(", ")
        )
        .into(),
        pg: format!(
            "INSERT INTO {table} ({names}) SELECT * FROM UNNEST({}) {conflict}",
            arrays(&kinds)
        )
        .into(),
        kinds,
    }
}

/// `$1::text[], $2::bigint[], ...`
pub fn arrays(kinds: &[Kind]) -> String {
    let array = |(number, kind): (usize, &Kind)| match kind {
        Kind::Int => format!("${number}::bigint[]"),
        Kind::Text => format!("${number}::text[]"),
        Kind::Bytes => format!("${number}::bytea[]"),
    };
    let all: Vec<String> = (1..).zip(kinds).map(array).collect();
    all.join(", ")
}

/// A statement over many rows whose text differs between the two. In `pg`, `{rows}` becomes the `UNNEST` of the values.
pub fn both(kinds: &[Kind], sqlite: impl Into<Cow<'static, str>>, pg: &str) -> Many {
    Many {
        kinds: kinds.to_vec(),
        sqlite: sqlite.into(),
        pg: pg
            .replace("{rows}", &format!("UNNEST({})", arrays(kinds)))
            .into(),
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Value<'a> {
        Value::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Bytes(Cow::Owned(bytes))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Int(i64::from(number))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Int(i64::from(flag))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(maybe: Option<T>) -> Value<'a> {
        maybe.map_or(Value::Null, Into::into)
    }
}

impl Row {
    fn cell(&mut self, wanted: &str) -> Result<Cell, Error> {
        self.0
            .next()
            .ok_or_else(|| Error::corrupt("a row", format!("has no further column for {wanted}")))
    }

    pub fn maybe_text(&mut self, column: &str) -> Result<Option<String>, Error> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            other => Err(unexpected(column, "text", &other)),
        }
    }

    pub fn text(&mut self, column: &str) -> Result<String, Error> {
        self.maybe_text(column)?
            .ok_or_else(|| unexpected(column, "text", &Cell::Null))
    }

    pub fn maybe_int(&mut self, column: &str) -> Result<Option<i64>, Error> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(number) => Ok(Some(number)),
            other => Err(unexpected(column, "an integer", &other)),
        }
    }

    pub fn int(&mut self, column: &str) -> Result<i64, Error> {
        self.maybe_int(column)?
            .ok_or_else(|| unexpected(column, "an integer", &Cell::Null))
    }

    /// An integer that fits a narrower type.
    pub fn number<N: TryFrom<i64>>(&mut self, column: &str) -> Result<N, Error> {
        let wide = self.int(column)?;
        N::try_from(wide).map_err(|_| Error::corrupt(format!("column {column}"), wide.to_string()))
    }

    pub fn flag(&mut self, column: &str) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    pub fn maybe_bytes(&mut self, column: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Bytes(bytes) => Ok(Some(bytes)),
            other => Err(unexpected(column, "bytes", &other)),
        }
    }

    pub fn bytes(&mut self, column: &str) -> Result<Vec<u8>, Error> {
        self.maybe_bytes(column)?
            .ok_or_else(|| unexpected(column, "bytes", &Cell::Null))
    }
}

fn unexpected(column: &str, expected: &str, found: &Cell) -> Error {
    let found = match found {
        Cell::Null => "nothing",
        Cell::Int(_) => "an integer",
        Cell::Text(_) => "text",
        Cell::Bytes(_) => "bytes",
    };
    Error::corrupt(
        format!("column {column}"),
        format!("expected {expected}, found {found}"),
    )
}
