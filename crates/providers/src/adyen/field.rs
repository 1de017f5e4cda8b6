//! Reading single values of a message or row, with a located reject for each way in which one can be damaged.

use super::tables;
use crate::draft::Draft;
use crate::json::{Object, Value};
use adapter::RejectCode;
use calendar::Instant;
use dispute::fact::Span;
use money::{Currency, Excerpt, Money};

/// Why a record cannot be read; the reject is in the draft already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rejected;

/// A field without which the record says nothing. Blank is absent: the provider sends "" for what it does not know.
pub(super) fn required<'a>(
    draft: &mut Draft,
    object: &Object<'a>,
    name: &str,
) -> Result<Value<'a>, Rejected> {
    match object.field(name) {
        Some(value) if value.text().is_none_or(|text| !text.trim().is_empty()) => Ok(value),
        _ => {
            let detail = format!("`{name}` is absent or blank");
            draft.reject(object.span(), RejectCode::MissingField, detail);
            Err(Rejected)
        }
    }
}

/// A required scalar, trimmed.
pub(super) fn required_text(
    draft: &mut Draft,
    object: &Object<'_>,
    name: &str,
) -> Result<(String, Span), Rejected> {
    let value = required(draft, object, name)?;
    let Some(text) = value.text() else {
        wrong_type(draft, value, name, "text");
        return Err(Rejected);
    };
    Ok((text.trim().to_owned(), value.span()))
}

/// An optional scalar, trimmed; blank is absent.
pub(super) fn text(object: &Object<'_>, name: &str) -> Option<(String, Span)> {
    let value = object.field(name)?;
    let text = value.text()?.trim().to_owned();
    (!text.is_empty()).then_some((text, value.span()))
}

/// An optional object; anything else in its place is a reject.
pub(super) fn object<'a>(
    draft: &mut Draft,
    parent: &Object<'a>,
    name: &str,
) -> Result<Option<Object<'a>>, Rejected> {
    let Some(value) = parent.field(name) else {
        return Ok(None);
    };
    match value.object() {
        Some(object) => Ok(Some(object)),
        None => {
            wrong_type(draft, value, name, "an object");
            Err(Rejected)
        }
    }
}

pub(super) fn wrong_type(draft: &mut Draft, value: Value<'_>, name: &str, expected: &str) {
    let found = match value.raw().bytes().next() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "a list".to_owned(),
        _ => Excerpt::of(value.raw()).as_str().to_owned(),
    };
    let detail = format!("`{name}` must be {expected}, found {found}");
    draft.reject(value.span(), RejectCode::FieldType, detail);
}

/// Refuses objects and lists where text, a number or a boolean belongs.
pub(super) fn scalars(
    draft: &mut Draft,
    object: &Object<'_>,
    names: &[&str],
) -> Result<(), Rejected> {
    let mut result = Ok(());
    for name in names {
        if let Some(value) = object.field(name).filter(|value| value.text().is_none()) {
            wrong_type(draft, value, name, "text");
            result = Err(Rejected);
        }
    }
    result
}

/// A name that stands twice in one object: two readers could take two values, so none is taken.
pub(super) fn twice(draft: &mut Draft, object: &Object<'_>) -> Result<(), Rejected> {
    let Some((name, value)) = object.twice() else {
        return Ok(());
    };
    let detail = format!(
        "`{}` stands twice in one object",
        Excerpt::of(name).as_str()
    );
    draft.reject(value.span(), RejectCode::Syntax, detail);
    Err(Rejected)
}

/// `true` or `false`, bare or as text.
pub(super) fn required_boolean(
    draft: &mut Draft,
    object: &Object<'_>,
    name: &str,
) -> Result<(bool, Span), Rejected> {
    let value = required(draft, object, name)?;
    let read = value.text().and_then(|text| boolean(&text));
    match read {
        Some(read) => Ok((read, value.span())),
        None => {
            wrong_type(draft, value, name, "`true` or `false`");
            Err(Rejected)
        }
    }
}

/// Messages write `true`, reports and older messages `True` or `TRUE`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        yes if yes.eq_ignore_ascii_case("true") => Some(true),
        no if no.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An instant as messages write it: ISO 8601 with an offset.
pub(super) fn required_instant(
    draft: &mut Draft,
    object: &Object<'_>,
    name: &str,
) -> Result<Instant, Rejected> {
    let (text, span) = required_text(draft, object, name)?;
    instant(draft, &text, span, name)
}

pub(super) fn instant(
    draft: &mut Draft,
    text: &str,
    span: Span,
    name: &str,
) -> Result<Instant, Rejected> {
    Instant::parse(text).map_err(|error| {
        draft.reject(span, RejectCode::Time, format!("`{name}`: {error}"));
        Rejected
    })
}

pub(super) fn currency(draft: &mut Draft, text: &str, span: Span) -> Result<Currency, Rejected> {
    Currency::find(text).ok_or_else(|| {
        let found = Excerpt::of(text);
        let detail = format!("currency `{}` is on no list", found.as_str());
        draft.reject(span, RejectCode::Currency, detail);
        Rejected
    })
}

/// Minor units as messages count them, which for some currencies is not ISO 4217's count. Converted exactly or not at
/// all (F-42), and never negative: direction is in the event.
pub(super) fn minor(
    draft: &mut Draft,
    value: &Value<'_>,
    currency: Currency,
) -> Result<Money, Rejected> {
    let read = value.integer().ok_or_else(|| {
        let found = Excerpt::of(value.raw());
        format!(
            "amount {} is not a whole number of minor units",
            found.as_str()
        )
    });
    // i64 is what the provider's interface description allows; it also keeps the conversion in bounds.
    let bounded = read.and_then(|minor| {
        i64::try_from(minor).map_err(|_| "amount has more digits than 64 bits hold".to_owned())
    });
    let money = bounded.and_then(|minor| {
        let scale = tables::decimals(currency);
        match Money::of_scaled(i128::from(minor), scale, currency) {
            Ok(money) if money.is_negative() => Err(format!("amount {minor} is negative")),
            Ok(money) => Ok(money),
            Err(error) => Err(error.to_string()),
        }
    });
    money.map_err(|detail| {
        draft.reject(value.span(), RejectCode::Amount, detail);
        Rejected
    })
}

/// Whether a reference went through a spreadsheet: `2.47E+22` has lost its digits for good (F-67).
pub(super) fn damaged(reference: &str) -> bool {
    let Some((mantissa, exponent)) = reference.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let marked = mantissa.contains(['.', ',']) || exponent.starts_with(['+', '-']);
    marked
        && digits(&mantissa.replace(['.', ','], ""))
        && digits(exponent.trim_start_matches(['+', '-']))
}

/// Refuses a damaged reference.
pub(super) fn whole(
    draft: &mut Draft,
    reference: &str,
    span: Span,
    name: &str,
) -> Result<(), Rejected> {
    if !damaged(reference) {
        return Ok(());
    }
    let detail =
        format!("`{name}` {reference} is a number in scientific notation, its digits are lost");
    draft.reject_with_hint(
        span,
        RejectCode::Reference,
        detail,
        "Take the document from the provider again instead of from a spreadsheet.",
    );
    Err(Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scientific_notation_is_damaged() {
        for lost in ["2.47E+22", "1.2302025304E+022", "8.5E15", "1e+5"] {
            assert!(damaged(lost), "{lost}");
        }
        for whole in [
            "8515208516304269",
            "QFQTPCQ8HXSKGK82",
            "85E1234567890123",
            "",
            "E+5",
        ] {
            assert!(!damaged(whole), "{whole}");
        }
    }
}
