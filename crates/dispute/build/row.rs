//! Reading the rule files: rows that know where they stand and which of their fields nobody has read yet.

use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

/// A result whose error says which file, entry and field does not map, and what was expected there.
pub(crate) type Read<T> = Result<T, String>;

/// One JSON object of a rule file.
pub(crate) struct Row<'a> {
    /// File and entry, for messages.
    pub(crate) at: String,
    fields: &'a Map<String, Value>,
    read: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Row<'a> {
    pub(crate) fn of(at: &str, value: &'a Value) -> Read<Row<'a>> {
        let fields = value
            .as_object()
            .ok_or_else(|| format!("{at}: expected an object, found {value}"))?;
        Ok(Row {
            at: String::from(at),
            fields,
            read: RefCell::default(),
        })
    }

    /// The field, when it is there and not null.
    pub(crate) fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.read.borrow_mut().insert(key);
        self.fields.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, key: &'static str) -> Read<&'a str> {
        self.maybe_text(key)?
            .ok_or_else(|| format!("{}: `{key}` is missing", self.at))
    }

    pub(crate) fn maybe_text(&self, key: &'static str) -> Read<Option<&'a str>> {
        let read = |value: &'a Value| {
            value
                .as_str()
                .filter(|text| !text.trim().is_empty())
                .ok_or_else(|| format!("{}: `{key}` is {value}, expected a text", self.at))
        };
        self.value(key).map(read).transpose()
    }

    pub(crate) fn maybe_number(&self, key: &'static str) -> Read<Option<u64>> {
        let read = |value: &Value| {
            value
                .as_u64()
                .ok_or_else(|| format!("{}: `{key}` is {value}, expected a whole number", self.at))
        };
        self.value(key).map(read).transpose()
    }

    pub(crate) fn maybe_flag(&self, key: &'static str) -> Read<Option<bool>> {
        let read = |value: &Value| {
            value
                .as_bool()
                .ok_or_else(|| format!("{}: `{key}` is {value}, expected true or false", self.at))
        };
        self.value(key).map(read).transpose()
    }

    /// A list of texts; empty when the field is absent.
    pub(crate) fn texts(&self, key: &'static str) -> Read<Vec<&'a str>> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let wrong = || format!("{}: `{key}` is {value}, expected a list of texts", self.at);
        let items = value.as_array().ok_or_else(wrong)?;
        items
            .iter()
            .map(|item| item.as_str().ok_or_else(wrong))
            .collect()
    }

    /// The entries of a list of objects, each named by its `id`, `code` or place.
    pub(crate) fn rows(&self, key: &'static str) -> Read<Vec<Row<'a>>> {
        let list = self
            .value(key)
            .and_then(Value::as_array)
            .ok_or_else(|| format!("{}: `{key}` is missing or not a list", self.at))?;
        let named = |(place, value): (usize, &'a Value)| {
            let name = ["id", "code"]
                .iter()
                .find_map(|key| value.get(key).and_then(Value::as_str));
            match name {
                Some(name) => Row::of(&format!("{} {name}", self.at), value),
                None => Row::of(&format!("{} {key} {place}", self.at), value),
            }
        };
        list.iter().enumerate().map(named).collect()
    }

    pub(crate) fn maybe_row(&self, key: &'static str) -> Read<Option<Row<'a>>> {
        self.value(key)
            .map(|value| Row::of(&format!("{} {key}", self.at), value))
            .transpose()
    }

    /// The keys of an object used as a table, with their values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.fields.iter()
    }

    /// Fields that the files record and this build does not compile.
    pub(crate) fn keep_unread(&self, keys: &[&'static str]) {
        self.read.borrow_mut().extend(keys);
    }

    /// Refuses fields that nobody read: a new kind of fact must be compiled or named as kept, never lost in silence.
    pub(crate) fn finish(&self) -> Read<()> {
        let read = self.read.borrow();
        match self.fields.keys().find(|key| !read.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(format!(
                "{}: the build has no place for the field `{key}`",
                self.at
            )),
        }
    }
}

/// One line of a CSV table of ours, by column name.
pub(crate) struct Line {
    /// File and line, for messages.
    pub(crate) at: String,
    cells: Vec<(String, String)>,
}

impl Line {
    /// The cell; an empty one is `None`.
    pub(crate) fn maybe(&self, column: &str) -> Read<Option<&str>> {
        let cell = self.cells.iter().find(|(name, _)| name == column);
        let (_, text) =
            cell.ok_or_else(|| format!("{}: there is no column `{column}`", self.at))?;
        Ok(Some(text.as_str()).filter(|text| !text.is_empty()))
    }

    pub(crate) fn text(&self, column: &str) -> Read<&str> {
        self.maybe(column)?
            .ok_or_else(|| format!("{}: `{column}` is empty", self.at))
    }
}

/// Reads a CSV table: a line of column names, then lines of cells, quoted with `"` where they hold a comma. Every table has
/// a `source` and a `confidence`, and no line leaves them empty.
pub(crate) fn read_csv(folder: &Path, name: &str) -> Read<Vec<Line>> {
    let text = read_text(folder, name)?;
    let mut lines = text.lines();
    let columns = split_cells(lines.next().unwrap_or_default());
    let mut read = Vec::new();
    for (place, line) in lines.enumerate() {
        let cells = split_cells(line);
        let at = format!("{name} line {}", place + 2);
        if cells.len() != columns.len() {
            let (found, expected) = (cells.len(), columns.len());
            return Err(format!("{at}: has {found} cells, expected {expected}"));
        }
        let line = Line {
            at,
            cells: columns.iter().cloned().zip(cells).collect(),
        };
        line.text("source")?;
        confidence(&line.at, line.text("confidence")?)?;
        read.push(line);
    }
    Ok(read)
}

pub(crate) fn read_text(folder: &Path, name: &str) -> Read<String> {
    std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"))
}

pub(crate) fn read_json(folder: &Path, name: &str) -> Read<Value> {
    serde_json::from_str(&read_text(folder, name)?).map_err(|error| format!("{name}: {error}"))
}

fn split_cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(core::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

/// The variant that a confidence compiles to.
pub(crate) fn confidence(at: &str, name: &str) -> Read<&'static str> {
    match name {
        "high" => Ok("Confidence::High"),
        "medium" => Ok("Confidence::Medium"),
        "low" => Ok("Confidence::Low"),
        other => Err(format!(
            "{at}: confidence `{other}`, expected high, medium or low"
        )),
    }
}
