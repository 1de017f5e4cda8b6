//! Parts of shapes that several operations share: words of the vocabulary, instants, pages.

use crate::Error;
use calendar::Instant;
use dispute::status::{Outcome, Stage};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

/// A page of a list.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Page<T> {
    pub data: Vec<T>,
    /// There are more in the direction in which the page was read.
    pub has_more: bool,
}

fn listed(words: impl Iterator<Item = &'static str>) -> Schema {
    let words: Vec<Value> = words.map(Value::from).collect();
    json_schema!({ "type": "array", "items": { "type": "string", "enum": words } })
}

pub(crate) fn stages(_: &mut SchemaGenerator) -> Schema {
    listed(Stage::ALL.iter().map(|stage| stage.name()))
}

/// `Status::word`: whose move it is, or how it ended.
pub(crate) fn statuses(_: &mut SchemaGenerator) -> Schema {
    let open = ["unstated", "ours", "theirs", "network", "nobody"];
    let closed = Outcome::ALL.iter().map(|outcome| outcome.name());
    listed(open.into_iter().chain(closed))
}

/// An instant, as RFC 3339 writes it.
pub(crate) fn instant(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "date-time" })
}

/// The instant of a parameter.
pub(crate) fn at(text: Option<&str>, param: &str) -> Result<Option<Instant>, Error> {
    let Some(text) = text else { return Ok(None) };
    match Instant::parse(text) {
        Ok(at) => Ok(Some(at)),
        Err(error) => Err(Error::invalid(format!("Invalid {param}: {error}.")).param(param)),
    }
}
