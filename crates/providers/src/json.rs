//! JSON with the place of every value: serde_json reads it, this remembers where each value stood.
//!
//! Fields are kept as they came, in order, unread: a field of an unexpected type or an unknown name costs only itself (F-16).

use adapter::{Reject, RejectCode};
use dispute::fact::Span;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

pub use crate::tape::Tape;

/// A value somewhere in a document: its text, and where that text begins.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    text: &'a str,
    from: usize,
    noted: Option<Noted<'a>>,
}

/// Where a value stands on the tape of its document.
#[derive(Clone, Copy, Debug)]
struct Noted<'a> {
    tape: &'a Tape,
    document: &'a str,
    /// Bytes before `document`: the mark that may stand before JSON.
    skip: usize,
    at: u32,
}

/// An object's fields in order of appearance.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Value<'a>)>,
    span: Span,
}

struct RawFields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);
struct RawItems<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for RawFields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = RawFields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::with_capacity(16);
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    fields.push((key.0, map.next_value()?));
                }
                Ok(RawFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A key, borrowed unless it holds escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawItems<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = RawItems<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(RawItems(items))
            }
        }
        deserializer.deserialize_seq(Items)
    }
}

/// A byte order mark before JSON is tolerated and counted as framing.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads a whole document. The error is a located reject: bytes that are not UTF-8, text that ends early, text that goes
/// on after its end, or broken syntax.
pub fn read(body: &[u8]) -> Result<Value<'_>, Reject> {
    let (text, skip) = decoded(body)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| syntax(text, skip, &error))?;
    Ok(Value {
        text: raw.get(),
        from: skip + offset(text, raw.get()),
        noted: None,
    })
}

/// As [`read`], with the tape of the document beside it: objects inside objects are then found without reading them again. For
/// documents that come in thousands a second.
pub fn read_noted<'a>(body: &'a [u8], tape: &'a mut Tape) -> Result<Value<'a>, Reject> {
    let (document, skip) = decoded(body)?;
    if tape.note(document).is_none() {
        return read(body);
    }
    let noted = Noted {
        tape,
        document,
        skip,
        at: 0,
    };
    Ok(noted.value(0).expect("a noted document has a first entry"))
}

/// The text of a body, and how many bytes stand before it.
fn decoded(body: &[u8]) -> Result<(&str, usize), Reject> {
    let skip = if body.starts_with(BOM) { BOM.len() } else { 0 };
    let rest = body.get(skip..).unwrap_or_default();
    let text = std::str::from_utf8(rest).map_err(|error| {
        let at = skip + error.valid_up_to();
        reject(
            Span::new(at, at + 1),
            RejectCode::Characters,
            "a byte that is not UTF-8 in JSON".to_owned(),
        )
    })?;
    Ok((text, skip))
}

impl<'a> Noted<'a> {
    fn entry(&self, at: u32) -> Option<crate::tape::Entry> {
        self.tape.entries.get(usize::try_from(at).ok()?).copied()
    }

    /// The value of an entry.
    fn value(&self, at: u32) -> Option<Value<'a>> {
        let entry = self.entry(at)?;
        let from = usize::try_from(entry.from).ok()?;
        let text = self
            .document
            .get(from..usize::try_from(entry.until).ok()?)?;
        let noted = Some(Noted { at, ..*self });
        Some(Value {
            text,
            from: self.skip + from,
            noted,
        })
    }

    /// The entries directly in this one, keys and values alike.
    fn inner(&self) -> impl Iterator<Item = u32> {
        let until = self.entry(self.at).map_or(0, |entry| entry.next);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let here = (at < until).then_some(at)?;
            at = self.entry(here)?.next;
            Some(here)
        })
    }

    fn fields(&self) -> Option<Vec<(Cow<'a, str>, Value<'a>)>> {
        let mut fields = Vec::with_capacity(32);
        let mut inner = self.inner();
        while let Some(key) = inner.next() {
            let key = self.value(key)?.text()?;
            fields.push((key, self.value(inner.next()?)?));
        }
        Some(fields)
    }
}

/// Where `inner`, a slice of `outer`, begins in it.
fn offset(outer: &str, inner: &str) -> usize {
    inner
        .as_ptr()
        .addr()
        .checked_sub(outer.as_ptr().addr())
        .expect("inner is a slice of outer")
}

fn reject(span: Span, code: RejectCode, detail: String) -> Reject {
    Reject {
        span,
        code,
        detail,
        hint: String::new(),
    }
}

/// Turns serde_json's line and column (both from 1, columns in bytes) into a span.
fn syntax(text: &str, skip: usize, error: &serde_json::Error) -> Reject {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = skip + (before + error.column().saturating_sub(1)).min(text.len());
    let code = if error.is_eof() {
        RejectCode::Truncated
    } else {
        RejectCode::Syntax
    };
    let words = error.to_string();
    let words = words.split(" at line").next().unwrap_or_default();
    reject(
        Span::new(at, skip + text.len()),
        code,
        format!("JSON stops making sense: {words}"),
    )
}

impl<'a> Value<'a> {
    /// The bytes of the value in its document.
    pub fn span(&self) -> Span {
        Span::new(self.from, self.from + self.text.len())
    }

    /// The value as it stands in the document.
    pub fn raw(&self) -> &'a str {
        self.text
    }

    pub fn is_null(&self) -> bool {
        self.text == "null"
    }

    /// The value's own text: a string without its quotes and escapes, any other scalar as written. `None` for null,
    /// objects and arrays. Providers write numbers and booleans as strings and back again; both read the same here.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.text.bytes().next() {
            Some(b'"') => {
                let inner = self
                    .text
                    .get(1..self.text.len().saturating_sub(1))
                    .unwrap_or_default();
                if inner.contains('\\') {
                    serde_json::from_str::<String>(self.text)
                        .ok()
                        .map(Cow::Owned)
                } else {
                    Some(Cow::Borrowed(inner))
                }
            }
            Some(b'{' | b'[') | None => None,
            Some(_) if self.is_null() => None,
            Some(_) => Some(Cow::Borrowed(self.text)),
        }
    }

    /// A whole number, written as a number or as a string of digits. Scientific notation and fractions are not whole.
    pub fn integer(&self) -> Option<i128> {
        self.text()?.parse().ok()
    }

    /// `true` or `false`, written bare or as a string.
    pub fn boolean(&self) -> Option<bool> {
        match self.text()?.as_ref() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The object that this value is.
    pub fn object(&self) -> Option<Object<'a>> {
        if !self.text.starts_with('{') {
            return None;
        }
        let span = self.span();
        if let Some(noted) = self.noted {
            let fields = noted.fields()?;
            return Some(Object { fields, span });
        }
        let fields: RawFields<'a> = serde_json::from_str(self.text).ok()?;
        let fields = fields
            .0
            .into_iter()
            .map(|(key, raw)| (key, self.inner(raw)))
            .collect();
        Some(Object { fields, span })
    }

    /// The items of the array that this value is.
    pub fn items(&self) -> Option<Vec<Value<'a>>> {
        if !self.text.starts_with('[') {
            return None;
        }
        if let Some(noted) = self.noted {
            return noted.inner().map(|at| noted.value(at)).collect();
        }
        let items: RawItems<'a> = serde_json::from_str(self.text).ok()?;
        Some(items.0.into_iter().map(|raw| self.inner(raw)).collect())
    }

    fn inner(&self, raw: &'a RawValue) -> Value<'a> {
        Value {
            text: raw.get(),
            from: self.from + offset(self.text, raw.get()),
            noted: None,
        }
    }
}

impl<'a> Object<'a> {
    /// The bytes of the whole object.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The field of this name when it stands exactly once; a null field is absent. A name that stands twice is ambiguous
    /// and is never read: see [`Object::twice`].
    pub fn field(&self, name: &str) -> Option<Value<'a>> {
        let mut found = self.fields.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_null() => Some(*value),
            _ => None,
        }
    }

    /// The text of a scalar field.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.field(name)?.text()
    }

    /// The object in a field.
    pub fn object(&self, name: &str) -> Option<Object<'a>> {
        self.field(name)?.object()
    }

    /// All fields, in order of appearance.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.fields
            .iter()
            .map(|(key, value)| (key.as_ref(), *value))
    }

    /// A field name that stands twice: two readers could take two different values (a known attack on webhooks).
    pub fn twice(&self) -> Option<(&str, Value<'a>)> {
        // Comparing all pairs of a few names is quicker than a set, and many names must not cost their square.
        if self.fields.len() > 64 {
            let mut seen = std::collections::BTreeSet::new();
            let mut fields = self.fields.iter();
            let found = fields.find(|(key, _)| !seen.insert(key.as_ref()));
            return found.map(|(key, value)| (key.as_ref(), *value));
        }
        let mut before: &[(Cow<'a, str>, Value<'a>)] = &[];
        for (index, (key, value)) in self.fields.iter().enumerate() {
            if before.iter().any(|(other, _)| other == key) {
                return Some((key.as_ref(), *value));
            }
            before = self.fields.get(..=index).unwrap_or_default();
        }
        None
    }

    /// Fields whose names are not in `known`: the provider has added something.
    pub fn unlisted<'s>(&'s self, known: &'s [&str]) -> impl Iterator<Item = (&'s str, Value<'a>)> {
        // Providers keep the order of their fields, so each name is mostly found where the last one was left.
        let mut left = known;
        self.fields
            .iter()
            .filter(move |(key, _)| {
                let ahead = left.iter().position(|name| *name == key.as_ref());
                let listed = ahead.is_some() || known.contains(&key.as_ref());
                left = ahead.and_then(|at| left.get(at + 1..)).unwrap_or(left);
                !listed
            })
            .map(|(key, value)| (key.as_ref(), *value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_span(body: &str, path: &[&str], expected: &str) {
        let mut value = read(body.as_bytes()).unwrap();
        for name in path {
            value = value.object().unwrap().field(name).unwrap();
        }
        let span = value.span();
        let (from, until) = (
            usize::try_from(span.from).unwrap(),
            usize::try_from(span.until).unwrap(),
        );
        assert_eq!(body.as_bytes().get(from..until), Some(expected.as_bytes()));
    }

    #[test]
    fn every_value_knows_its_bytes() {
        check_span(
            r#" {"a": {"b" : "ü\n", "c": 12}} "#,
            &["a", "b"],
            r#""ü\n""#,
        );
        check_span(r#"{"a":{"b":1, "c": 12 }}"#, &["a", "c"], "12");
        check_span("\u{feff}{\"a\":true}", &["a"], "true");
    }

    #[test]
    fn a_cut_document_is_truncated_and_a_broken_one_is_syntax() {
        assert_eq!(read(b"{\"a\": 1").unwrap_err().code, RejectCode::Truncated);
        assert_eq!(read(b"{\"a\": 1} x").unwrap_err().code, RejectCode::Syntax);
        assert_eq!(read(b"{\"a\": \xff}").unwrap_err().span, Span::new(6, 7));
        assert_eq!(read(b"").unwrap_err().code, RejectCode::Truncated);
    }

    #[test]
    fn a_field_that_stands_twice_is_not_read() {
        let value = read(br#"{"id":"a","id":"b"}"#).unwrap().object().unwrap();
        assert!(value.field("id").is_none());
        assert_eq!(value.twice().unwrap().0, "id");
    }

    /// Everything that can be seen of a value, to compare two readings of it.
    fn seen(value: &Value<'_>, out: &mut String) {
        use std::fmt::Write;
        write!(out, "{} {:?};", value.span(), value.text()).unwrap();
        for (name, inner) in value.object().iter().flat_map(Object::fields) {
            write!(out, "{name}:").unwrap();
            seen(&inner, out);
        }
        for item in value.items().unwrap_or_default() {
            seen(&item, out);
        }
    }

    #[track_caller]
    fn check_both_readings(body: &[u8]) {
        let mut tape = Tape::new();
        let (mut plain, mut noted) = (String::new(), String::new());
        let one = read(body).map(|value| seen(&value, &mut plain));
        let other = read_noted(body, &mut tape).map(|value| seen(&value, &mut noted));
        let shown = String::from_utf8_lossy(body);
        assert_eq!((one, plain), (other, noted), "{shown}");
    }

    #[test]
    fn a_noted_document_reads_as_a_plain_one() {
        let body = "\u{feff} {\"a\\u0062\" : [1, -2.5e+3, {}, [], \"\\\"x\\n\"], \"c\":{\"d\":null,\"e\":true,\"f\":false}, \"ü\":0 } ";
        check_both_readings(body.as_bytes());
        // Every cut and many changes of every byte: both take the same documents and refuse the same.
        for at in 0..body.len() {
            check_both_readings(body.as_bytes().get(..at).unwrap());
            for byte in b"\x00\x1f \"\\,:{}[]0-.eEtnu/+9a\xff" {
                let mut changed = body.as_bytes().to_vec();
                *changed.get_mut(at).unwrap() = *byte;
                check_both_readings(&changed);
            }
        }
        check_both_readings("[".repeat(1_000).as_bytes());
        let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
        check_both_readings(nested.as_bytes());
    }

    #[test]
    fn numbers_and_booleans_read_as_strings_too() {
        let value = read(br#"{"a":"12","b":12,"c":"true","d":1.5,"e":2.47E+22}"#)
            .unwrap()
            .object()
            .unwrap();
        assert_eq!(value.field("a").unwrap().integer(), Some(12));
        assert_eq!(value.field("b").unwrap().integer(), Some(12));
        assert_eq!(value.field("c").unwrap().boolean(), Some(true));
        assert_eq!(value.field("d").unwrap().integer(), None);
        assert_eq!(value.field("e").unwrap().integer(), None);
    }
}
