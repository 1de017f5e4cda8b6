//! What a request may hold, checked against the very schema that the description shows.
//!
//! Invariant: what the description allows is taken as far as its shape goes, and what it does not allow is refused by name.
//! Only the words of JSON Schema that our types give are known here; [`Shape::of`] refuses to be made of others.

use crate::Error;
use crate::form;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::sync::Arc;

/// The shape of a query or a body that reads as a `T`.
pub struct Shape<T> {
    schema: Arc<Value>,
    reads: PhantomData<fn() -> T>,
}

/// Words that are looked at, and words that only describe.
const KNOWN: &[&str] = &[
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "title",
    "type",
];

impl<T: DeserializeOwned + JsonSchema> Shape<T> {
    pub fn of() -> Shape<T> {
        let mut settings = SchemaSettings::draft2020_12().for_deserialize();
        settings.meta_schema = None;
        let schema = settings.into_generator().into_root_schema_for::<T>();
        let schema = schema.to_value();
        let unknown = unknown_word(&schema);
        assert!(
            unknown.is_none(),
            "a shape uses only words that are checked, found {unknown:?}"
        );
        Shape {
            schema: Arc::new(schema),
            reads: PhantomData,
        }
    }

    /// Reads a body.
    pub fn body(&self, value: Value) -> Result<T, Error> {
        self.check(&self.schema, &value, &mut Vec::new())?;
        read(value)
    }

    /// Reads a query. A name may stand several times where a list is taken.
    pub fn query(&self, query: &str) -> Result<T, Error> {
        self.pairs(form::pairs(query.as_bytes())?)
    }

    /// As [`Shape::query`], of names and values that were decoded.
    pub fn pairs(&self, pairs: Vec<(String, String)>) -> Result<T, Error> {
        let mut asked = Map::new();
        for (name, text) in pairs {
            let property = self
                .schema
                .pointer("/properties")
                .and_then(|all| all.get(&name));
            let Some(property) = property else {
                return Err(Error::unknown_parameter(
                    &name.chars().take(80).collect::<String>(),
                ));
            };
            let list = is_type(property, "array");
            let inner = if list {
                property.get("items").unwrap_or(&Value::Null)
            } else {
                property
            };
            let value = self.typed(inner, text);
            match (list, asked.get_mut(&name)) {
                (true, Some(Value::Array(items))) => items.push(value),
                (true, _) => {
                    asked.insert(name, Value::Array(vec![value]));
                }
                (false, None) => {
                    asked.insert(name, value);
                }
                (false, Some(_)) => {
                    let words = format!("The parameter is given more than once: {name}");
                    return Err(Error::invalid(words).param(name));
                }
            }
        }
        self.body(Value::Object(asked))
    }

    /// A text of a query as what its schema takes; left a text where it does not read.
    fn typed(&self, schema: &Value, text: String) -> Value {
        let schema = self.resolved(schema);
        if is_type(schema, "integer")
            && let Ok(number) = text.parse::<i64>()
        {
            return number.into();
        }
        match (is_type(schema, "boolean"), text.as_str()) {
            (true, "true") => true.into(),
            (true, "false") => false.into(),
            _ => text.into(),
        }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|path| path.rsplit('/').next());
        let found = name.and_then(|name| self.schema.get("$defs")?.get(name));
        found.unwrap_or(schema)
    }

    fn check(&self, schema: &Value, value: &Value, at: &mut Vec<String>) -> Result<(), Error> {
        let schema = self.resolved(schema);
        for word in ["anyOf", "oneOf"] {
            let Some(ways) = schema.get(word).and_then(Value::as_array) else {
                continue;
            };
            let fits = |way: &&Value| self.check(way, value, &mut at.clone()).is_ok();
            let fitting = ways.iter().filter(fits).count();
            if fitting == 0 || (word == "oneOf" && fitting > 1) {
                return Err(refuse(
                    at,
                    &format!("none of the forms that it can have: {}", forms(ways)),
                ));
            }
        }
        one(schema, value, at)?;
        match value {
            Value::Object(entries) => self.entries(schema, entries, at),
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    at.push(place.to_string());
                    self.check(schema.get("items").unwrap_or(&Value::Null), item, at)?;
                    at.pop();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn entries(
        &self,
        schema: &Value,
        entries: &Map<String, Value>,
        at: &mut Vec<String>,
    ) -> Result<(), Error> {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !entries.contains_key(name) {
                at.push(name.to_owned());
                let param = at.join(".");
                return Err(Error::invalid(format!("Missing required param: {param}."))
                    .code("parameter_missing")
                    .param(param));
            }
        }
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties");
        for (name, value) in entries {
            at.push(name.clone());
            let own = properties.and_then(|all| all.get(name));
            match own.or(others) {
                Some(Value::Bool(false)) => {
                    return Err(Error::unknown_parameter(&at.join(".")));
                }
                Some(inner) => self.check(inner, value, at)?,
                None => {}
            }
            at.pop();
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::invalid(format!("The request does not read: {error}.")))
}

/// The words of one level that bind the value itself.
fn one(schema: &Value, value: &Value, at: &[String]) -> Result<(), Error> {
    let words = |word: &str| schema.get(word).and_then(Value::as_array);
    if let Some(fixed) = schema.get("const").filter(|fixed| *fixed != value) {
        return Err(refuse(at, &format!("expected {fixed}")));
    }
    if let Some(listed) = words("enum").filter(|listed| !listed.contains(value)) {
        let listed: Vec<String> = listed.iter().map(plain).collect();
        return Err(refuse(at, &format!("must be one of {}", listed.join(", "))));
    }
    let kinds: Vec<&str> = kinds(schema);
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_kind(kind, value)) {
        return Err(refuse(at, &format!("expected {}", kinds.join(" or "))));
    }
    let bound = |word: &str| schema.get(word).and_then(Value::as_i64);
    let (word, unit, found) = match value {
        Value::Number(number) => {
            let found = number.as_i64().unwrap_or(i64::MAX);
            (["minimum", "maximum"], "", found)
        }
        Value::String(text) => {
            let found = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            (["minLength", "maxLength"], " characters", found)
        }
        Value::Array(items) => {
            let found = i64::try_from(items.len()).unwrap_or(i64::MAX);
            (["minItems", "maxItems"], " items", found)
        }
        _ => return Ok(()),
    };
    let [least, most] = word.map(bound);
    if least.is_some_and(|least| found < least) || most.is_some_and(|most| found > most) {
        let range = match (least, most) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("at least {least}"),
            (_, most) => format!("at most {}", most.unwrap_or_default()),
        };
        return Err(refuse(
            at,
            &format!("expected {range}{unit}, found {found}"),
        ));
    }
    Ok(())
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_type(schema: &Value, kind: &str) -> bool {
    kinds(schema).contains(&kind)
}

fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What each form needs, for people.
fn forms(ways: &[Value]) -> String {
    let named = ways.iter().map(|way| {
        let required = way.get("required").and_then(Value::as_array);
        let names: Vec<String> = required.into_iter().flatten().map(plain).collect();
        match names.as_slice() {
            [] => kinds(way).join(" or "),
            names => format!("an object with `{}`", names.join("`, `")),
        }
    });
    named
        .filter(|form| !form.is_empty())
        .collect::<Vec<String>>()
        .join("; ")
}

fn refuse(at: &[String], words: &str) -> Error {
    match at {
        [] => Error::invalid(format!("Invalid body: {words}.")),
        at => {
            let param = at.join(".");
            Error::invalid(format!("Invalid {param}: {words}.")).param(param)
        }
    }
}

/// A word of JSON Schema in here that nobody checks.
fn unknown_word(schema: &Value) -> Option<String> {
    let entries = schema.as_object()?;
    for (word, value) in entries {
        let inner = match word.as_str() {
            word if !KNOWN.contains(&word) => return Some(word.to_owned()),
            "$defs" | "properties" => value
                .as_object()
                .and_then(|all| all.values().find_map(unknown_word)),
            "anyOf" | "oneOf" => value
                .as_array()
                .and_then(|all| all.iter().find_map(unknown_word)),
            "items" | "additionalProperties" => unknown_word(value),
            _ => None,
        };
        if inner.is_some() {
            return inner;
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::Shape;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Sent {
        Text(#[schemars(length(min = 1))] String),
        File(String),
    }

    #[derive(Debug, Default, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Wanted {
        #[schemars(range(min = 1, max = 100))]
        limit: Option<u32>,
        open: Option<bool>,
        status: Vec<String>,
        slots: BTreeMap<String, Option<Sent>>,
    }

    #[track_caller]
    fn query(text: &str, want: Result<Wanted, (&str, &str)>) {
        let found = Shape::<Wanted>::of().query(text);
        let found = found.map_err(|error| (error.param.unwrap_or_default(), error.message));
        match want {
            Ok(want) => assert_eq!(found.expect("it reads"), want),
            Err((param, words)) => {
                let (found, message) = found.expect_err("it is refused");
                assert_eq!(found, param);
                assert!(message.contains(words), "{message}");
            }
        }
    }

    #[track_caller]
    fn body(value: serde_json::Value, want: Result<usize, (&str, &str)>) {
        let found = Shape::<Wanted>::of().body(value);
        match want {
            Ok(slots) => assert_eq!(found.expect("it reads").slots.len(), slots),
            Err((param, words)) => {
                let error = found.expect_err("it is refused");
                assert_eq!(error.param.unwrap_or_default(), param);
                assert!(error.message.contains(words), "{}", error.message);
            }
        }
    }

    #[test]
    fn a_query_is_read_by_what_is_described() {
        let with = |limit, open, status: &[&str]| Wanted {
            limit,
            open,
            status: status.iter().map(|text| (*text).to_owned()).collect(),
            slots: BTreeMap::new(),
        };
        query("", Ok(Wanted::default()));
        query(
            "limit=5&open=true&status=won&status=1",
            Ok(with(Some(5), Some(true), &["won", "1"])),
        );
        query("limit=0", Err(("limit", "expected 1 to 100, found 0")));
        query("limit=x", Err(("limit", "expected integer")));
        query("limit=1&limit=2", Err(("limit", "more than once")));
        query("open=yes", Err(("open", "expected boolean")));
        query("opne=true", Err(("opne", "unknown parameter")));
    }

    #[test]
    fn a_body_is_held_to_what_is_described() {
        body(json!({"slots": {"a": {"text": "x"}, "b": null}}), Ok(2));
        body(
            json!({"slots": {"a": {"text": ""}}}),
            Err(("slots.a", "none of the forms")),
        );
        body(
            json!({"slots": {"a": {"text": "x", "file": "y"}}}),
            Err(("slots.a", "none of the forms")),
        );
        body(
            json!({"limit": "5"}),
            Err(("limit", "expected integer or null")),
        );
        body(
            json!({"limit": 1.5}),
            Err(("limit", "expected integer or null")),
        );
        body(json!([]), Err(("", "expected object")));
        body(json!({"more": 1}), Err(("more", "unknown parameter")));
    }
}
