//! Reading single values of PayPal's documents: what is absent, of another type or unreadable becomes a located reject.

use crate::draft::Draft;
use crate::json::{Object, Value};
use adapter::{Reject, RejectCode};
use calendar::Instant;
use dispute::fact::Span;
use money::{Currency, Excerpt, Money};
use std::borrow::Cow;

/// A value with the bytes that say it.
pub(super) type At<T> = (T, Span);

/// A field's text when it is there and not blank. Another type than text or number is a reject.
pub(super) fn text<'a>(
    draft: &mut Draft,
    object: &Object<'a>,
    name: &str,
) -> Option<At<Cow<'a, str>>> {
    let value = object.field(name)?;
    match value.text() {
        Some(text) if text.trim().is_empty() => None,
        Some(text) => Some((text, value.span())),
        None => {
            wrong_type(draft, value, name, "text");
            None
        }
    }
}

/// As [`text`], and its absence is a reject.
pub(super) fn required<'a>(
    draft: &mut Draft,
    object: &Object<'a>,
    name: &str,
) -> Option<At<Cow<'a, str>>> {
    let before = draft.reject_count();
    let found = text(draft, object, name);
    if found.is_none() && draft.reject_count() == before {
        missing(draft, object.span(), name);
    }
    found
}

pub(super) fn missing(draft: &mut Draft, span: Span, name: &str) {
    let detail = format!("`{name}` is absent and nothing can be said without it");
    draft.reject(span, RejectCode::MissingField, detail);
}

pub(super) fn wrong_type(draft: &mut Draft, value: Value<'_>, name: &str, expected: &str) {
    let detail = format!("`{name}` is not {expected}: `{}`", shown(value.raw()));
    draft.reject(value.span(), RejectCode::FieldType, detail);
}

/// The object in a field; another type is a reject.
pub(super) fn object<'a>(draft: &mut Draft, within: &Object<'a>, name: &str) -> Option<Object<'a>> {
    let value = within.field(name)?;
    let found = value.object();
    if found.is_none() {
        wrong_type(draft, value, name, "an object");
    }
    found
}

/// The objects of an array; an absent array is empty, another type is a reject.
pub(super) fn objects<'a>(draft: &mut Draft, within: &Object<'a>, name: &str) -> Vec<Object<'a>> {
    let Some(value) = within.field(name) else {
        return Vec::new();
    };
    let Some(items) = value.items() else {
        wrong_type(draft, value, name, "an array");
        return Vec::new();
    };
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        match item.object() {
            Some(object) => found.push(object),
            None => wrong_type(draft, item, name, "an array of objects"),
        }
    }
    found
}

/// An instant with its zone; PayPal writes RFC 3339.
pub(super) fn instant(draft: &mut Draft, object: &Object<'_>, name: &str) -> Option<At<Instant>> {
    let (text, span) = text(draft, object, name)?;
    match Instant::parse(&text) {
        Ok(at) => Some((at, span)),
        Err(error) => {
            draft.reject(span, RejectCode::Time, format!("`{name}`: {error}"));
            None
        }
    }
}

/// An amount of money `{currency_code, value}`; the first API versions wrote `{currency, total}`. Decimal text in major units;
/// zeros beyond the currency's decimals are allowed. Absent is `None` without a reject.
pub(super) fn money(draft: &mut Draft, within: &Object<'_>, name: &str) -> Option<At<Money>> {
    let amount = object(draft, within, name)?;
    let either = |first: &'static str, second: &'static str| match amount.field(second) {
        Some(_) if amount.field(first).is_none() => second,
        _ => first,
    };
    let code = required(draft, &amount, either("currency_code", "currency"));
    let value = required(draft, &amount, either("value", "total"));
    let ((code, code_span), (value, value_span)) = (code?, value?);
    let currency = currency(draft, &code, code_span)?;
    match Money::parse_padded(&value, currency) {
        Ok(money) => Some((money, amount.span())),
        Err(error) => {
            draft.reject(value_span, RejectCode::Amount, format!("`{name}`: {error}"));
            None
        }
    }
}

/// A currency by its ISO 4217 code.
pub(super) fn currency(draft: &mut Draft, code: &str, span: Span) -> Option<Currency> {
    let found = Currency::find(code);
    if found.is_none() {
        let detail = format!(
            "currency `{}` is no ISO 4217 code with a minor unit",
            shown(code)
        );
        draft.reject(span, RejectCode::Currency, detail);
    }
    found
}

/// Whether a reference is whole. A spreadsheet turns long digit strings into `2.47E+22`, and the digits are gone (F-67).
pub(super) fn whole(draft: &mut Draft, reference: &str, span: Span, name: &str) -> bool {
    let damaged = reference
        .split_once("E+")
        .is_some_and(|(digits, exponent)| {
            digits.starts_with(|first: char| first.is_ascii_digit())
                && digits
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
                && !exponent.is_empty()
                && exponent.bytes().all(|byte| byte.is_ascii_digit())
        });
    if damaged {
        let detail = format!(
            "`{name}` is in scientific notation: `{}`, its digits are lost",
            shown(reference)
        );
        let hint =
            "Fetch the report again and do not open it in a spreadsheet before importing it.";
        draft.reject_with_hint(span, RejectCode::Reference, detail, hint);
    }
    !damaged
}

/// At most 40 characters of theirs on one line, for a message, long runs of digits masked: it might be a card number.
pub(super) fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let start: String = words
        .join(" ")
        .chars()
        .filter(|one| !one.is_control())
        .take(40)
        .collect();
    Excerpt::of(&start).as_str().to_owned()
}

/// PayPal writes UTF-8. A file in UTF-16 has been through a spreadsheet, which also rounds ids.
pub(super) fn wide_characters(body: &[u8]) -> Option<Reject> {
    let wide = body.starts_with(b"\xFF\xFE") || body.starts_with(b"\xFE\xFF");
    wide.then(|| Reject {
        span: Span::new(0, 2),
        code: RejectCode::Characters,
        detail: "text in UTF-16, expected UTF-8".to_owned(),
        hint: "Import the file as PayPal wrote it, before any spreadsheet saved it.".to_owned(),
    })
}
