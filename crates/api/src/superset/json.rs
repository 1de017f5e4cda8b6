//! JSON bodies, read strictly: a name given twice is refused, because readers differ in which of the two they take.

use crate::Error;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

struct Strict(Value);

struct Reading;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

impl<'de> Visitor<'de> for Reading {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Strict(Value::Array(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Strict, A::Error> {
        let mut all = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if all.contains_key(&name) {
                let words = format!("the name `{name}` is given twice");
                return Err(serde::de::Error::custom(words));
            }
            all.insert(name, value);
        }
        Ok(Strict(Value::Object(all)))
    }
}

/// The value of a body; an empty one is an empty object.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Error> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let read: Result<Strict, _> = serde_json::from_slice(bytes);
    let Strict(value) =
        read.map_err(|error| Error::invalid(format!("The body is no JSON we take: {error}.")))?;
    match holds_nul(&value) {
        true => Err(Error::invalid("The body holds a NUL character.")),
        false => Ok(value),
    }
}

/// PostgreSQL keeps no NUL in a text, and no field of a dispute has one.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(entries) => entries
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::read;

    #[track_caller]
    fn check(body: &str, want: Result<&str, &str>) {
        let found = read(body.as_bytes());
        match want {
            Ok(want) => assert_eq!(found.expect("it reads").to_string(), want),
            Err(words) => {
                let error = found.expect_err("it is refused");
                assert!(error.message.contains(words), "{}", error.message);
            }
        }
    }

    #[test]
    fn what_two_readers_would_read_differently_is_refused() {
        check("", Ok("{}"));
        check(
            r#"{"a":[1,null,"x",true]}"#,
            Ok(r#"{"a":[1,null,"x",true]}"#),
        );
        check(r#"{"a":1,"a":2}"#, Err("`a` is given twice"));
        check(r#"{"b":{"a":1,"\u0061":2}}"#, Err("`a` is given twice"));
        check(r#"{"a":"\u0000"}"#, Err("NUL"));
        check("{\"a\":1} x", Err("trailing"));
        check("[1,2", Err("EOF"));
        check(&"[".repeat(200), Err("recursion"));
    }
}
