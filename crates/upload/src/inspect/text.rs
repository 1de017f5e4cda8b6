//! Plain text, and what text encodes.

use super::{Search, Shape};
use crate::bytes::text;

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Shape {
    search.lines(&text(content));
    Shape {
        pages: None,
        pixels: None,
    }
}

/// What a text says once its encodings are undone, one at a time: percent signs, character references and escapes, and
/// runs of hexadecimal and base64 that turn out to be printable.
pub(crate) fn decoded(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains('%') {
        found.push(unescaped(text, "%", 2, 16));
    }
    if text.contains("&#") {
        found.push(references(text));
    }
    if text.contains("\\u") {
        found.push(unescaped(text, "\\u", 4, 16));
    }
    if text.contains("\\x") {
        found.push(unescaped(text, "\\x", 2, 16));
    }
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    for run in text.split(|c: char| !word(c)) {
        // Thirteen digits are 26 characters in hexadecimal and 18 in base64.
        if run.len() >= 26 {
            found.extend(printable(hex::decode(run).ok()));
        }
        if run.len() >= 18 {
            found.extend(printable(base64(run)));
        }
    }
    found
}

fn printable(bytes: Option<Vec<u8>>) -> Option<String> {
    let text = String::from_utf8(bytes?).ok()?;
    text.chars()
        .all(|c| !c.is_control() || c.is_whitespace())
        .then_some(text)
}

/// Each `prefix` with so many digits of a base replaced by the character of that number.
fn unescaped(text: &str, prefix: &str, digits: usize, base: u32) -> String {
    let mut pieces = text.split(prefix);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let number = piece
            .get(..digits)
            .and_then(|code| u32::from_str_radix(code, base).ok());
        match number.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                out.push_str(piece.get(digits..).unwrap_or_default());
            }
            None => {
                out.push_str(prefix);
                out.push_str(piece);
            }
        }
    }
    out
}

/// `&#52;` and `&#x34;` as their characters.
fn references(text: &str) -> String {
    let mut pieces = text.split("&#");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once(';').unwrap_or((piece, ""));
        let number = match code.strip_prefix(['x', 'X']) {
            Some(code) => u32::from_str_radix(code, 16).ok(),
            None => code.parse().ok(),
        };
        match number.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                out.push_str(rest);
            }
            None => out.push_str(piece),
        }
    }
    out
}

/// Both alphabets, padded or not; nothing when it is none.
fn base64(run: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(run.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in run.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xFF).ok()?);
        }
    }
    Some(out)
}
