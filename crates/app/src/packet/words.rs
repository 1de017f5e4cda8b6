//! Requests to a provider, for people: fields and files under the provider's own names, and the bytes where they are text.

use crate::redact;
use adapter::Request;
use serde::Serialize;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `POST /v1/disputes/dp_1`, or the name of a file that is put where the bank collects it.
    pub title: String,
    pub pieces: Vec<Piece>,
}

/// One field of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// In the provider's words; empty for a body that is one whole.
    pub name: String,
    pub shown: Shown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Text(String),
    /// Written as it is, letter for letter.
    Bytes(String),
    File {
        name: String,
        media_type: String,
        bytes: u64,
    },
}

/// As much of a body as is read by a person; the rest is as its beginning.
const CHARACTERS_MAX: usize = 20_000;

pub(super) fn message(request: &Request) -> Message {
    match request {
        Request::Http {
            method,
            path,
            headers,
            body,
            ..
        } => Message {
            title: format!("{method} {}", plain(path)),
            pieces: body_pieces(&content_type(headers), body),
        },
        Request::Multipart { path, parts, .. } => Message {
            title: format!("POST {}", plain(path)),
            pieces: parts
                .iter()
                .map(|part| Piece {
                    name: part.name.clone(),
                    shown: match &part.file_name {
                        Some(name) => Shown::File {
                            name: name.clone(),
                            media_type: part.media_type.clone().unwrap_or_default(),
                            bytes: u64::try_from(part.content.len()).unwrap_or(u64::MAX),
                        },
                        None => text_of(part.media_type.as_deref(), &part.content),
                    },
                })
                .collect(),
        },
        Request::File { name, content } => Message {
            title: name.clone(),
            pieces: vec![Piece {
                name: String::new(),
                shown: Shown::Bytes(shown(content)),
            }],
        },
    }
}

fn content_type(headers: &[(String, String)]) -> String {
    let found = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn body_pieces(kind: &str, body: &[u8]) -> Vec<Piece> {
    if body.is_empty() {
        return Vec::new();
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return vec![Piece {
            name: String::new(),
            shown: text_of(Some(kind), body),
        }];
    }
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| Piece {
            name: plain(name),
            shown: Shown::Text(redact::pans(&plain(&value.replace('+', " ")))),
        })
        .collect()
}

/// JSON with its lines and without the content of files in it, which is told by its length.
fn text_of(kind: Option<&str>, content: &[u8]) -> Shown {
    let json = kind.is_some_and(|kind| kind.starts_with("application/json"));
    if json && let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(content) {
        shorten(&mut value);
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        return Shown::Bytes(shown(text.as_bytes()));
    }
    Shown::Text(shown(content))
}

/// A file in JSON is base64; nobody reads it.
fn shorten(value: &mut serde_json::Value) {
    /// Longer than any text field that a provider takes in one JSON value, and shorter than any file.
    const LONG: usize = 20_000;
    match value {
        serde_json::Value::String(text) if text.len() > LONG => {
            *text = format!("({} characters of a file)", text.len());
        }
        serde_json::Value::String(text) => {
            let base64 = text.len() > 80
                && !text.contains(char::is_whitespace)
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
            if base64 {
                *text = format!("({} characters of a file)", text.len());
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(shorten),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let cut: String = text.chars().take(CHARACTERS_MAX).collect();
    redact::pans(&cut)
}

/// Undoes `%XX`.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let mut digit = || char::from(ahead.next()?).to_digit(16);
        match (byte, digit(), digit()) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_shown_field_by_field() {
        let request = Request::Http {
            base: "api",
            method: "POST",
            path: String::from("/v1/disputes/dp_1"),
            headers: vec![(
                String::from("Content-Type"),
                String::from("application/x-www-form-urlencoded"),
            )],
            body: b"evidence%5Breceipt%5D=file_1&evidence%5Buncategorized_text%5D=a%20b%26%C3%A9"
                .to_vec(),
        };
        let text = |name: &str, value: &str| Piece {
            name: name.to_owned(),
            shown: Shown::Text(value.to_owned()),
        };
        let want = Message {
            title: String::from("POST /v1/disputes/dp_1"),
            pieces: vec![
                text("evidence[receipt]", "file_1"),
                text("evidence[uncategorized_text]", "a b&\u{e9}"),
            ],
        };
        assert_eq!(message(&request), want);
    }

    #[test]
    fn a_file_in_json_is_told_by_its_length() {
        let file = "QUJD".repeat(40);
        let json = format!("{{\"content\":\"{file}\",\"name\":\"a.pdf\"}}");
        let Shown::Bytes(text) = text_of(Some("application/json"), json.as_bytes()) else {
            panic!("JSON is shown letter for letter");
        };
        assert!(
            text.contains("160 characters of a file") && text.contains("a.pdf"),
            "{text}"
        );
    }
}
