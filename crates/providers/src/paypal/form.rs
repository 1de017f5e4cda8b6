//! `application/x-www-form-urlencoded` bodies, with the bytes of every pair.

use super::ipn::{Field, Fields};
use dispute::fact::Span;

/// Splits a form. `None` when the bytes are no form: it has no `name=value` pair or holds what a form must escape.
pub(super) fn read(body: &[u8]) -> Option<Fields> {
    let end = body.len()
        - body
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    let inner = body.get(..end)?;
    if inner.is_empty()
        || inner
            .iter()
            .any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'{' | b'<' | b'"'))
    {
        return None;
    }
    let mut list = Vec::new();
    let mut at = 0;
    for pair in inner.split(|byte| *byte == b'&') {
        let span = Span::new(at, at + pair.len());
        at += pair.len() + 1;
        if pair.is_empty() {
            continue;
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next()?;
        list.push(Field {
            name: unescape(name),
            value: unescape(value),
            span,
        });
    }
    (!list.is_empty()).then(|| Fields {
        list,
        span: Span::new(0, end),
    })
}

/// Undoes `+` and `%XX`. The fields that are read are ASCII in every encoding that `charset` may name; other bytes that are
/// not UTF-8 occur in names and addresses, which nothing reads, so windows-1252 taken as Latin-1 is enough.
fn unescape(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        let hex = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let ahead = rest.clone();
                let (high, low) = (rest.next().and_then(hex), rest.next().and_then(hex));
                match (high, low) {
                    (Some(high), Some(low)) => bytes.push(high * 16 + low),
                    _ => {
                        bytes.push(b'%');
                        rest = ahead;
                    }
                }
            }
            other => bytes.push(other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], expected: Option<&[(&str, &str)]>) {
        let fields = read(body);
        let pairs = fields.as_ref().map(|fields| {
            let list = fields.list.iter();
            list.map(|field| (field.name.as_str(), field.value.as_str()))
                .collect::<Vec<_>>()
        });
        assert_eq!(pairs.as_deref(), expected);
    }

    #[test]
    fn pairs_are_unescaped_in_their_encoding() {
        check(
            b"a=1+2&b=%41%e9&c=\r\n",
            Some(&[("a", "1 2"), ("b", "A\u{e9}"), ("c", "")]),
        );
        check(b"a=%C3%A9&b=%4", Some(&[("a", "\u{e9}"), ("b", "%4")]));
        check(b"no form", None);
        check(b"{\"a\":1}", None);
        check(b"a&b=1", None);
        check(b"", None);
    }
}
