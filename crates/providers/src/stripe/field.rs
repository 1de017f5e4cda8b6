//! Reading one field: its value, or a located reject that says what was expected and what stood there.
//!
//! Stripe's JSON types are steady: amounts and times are bare integers, ids and codes strings. Another type means damage, so it is
//! rejected rather than coerced.

use super::codes;
use crate::draft::{Draft, Voice};
use crate::json::{Object, Value};
use adapter::RejectCode;
use calendar::Instant;
use dispute::reference::RefKind;
use dispute::reference::References;
use money::{Currency, Money};
use std::borrow::Cow;

/// The object's fields, read one by one.
pub(super) struct Fields<'o, 'a>(pub(super) &'o Object<'a>);

fn excerpt(value: &Value<'_>) -> String {
    money::Excerpt::of(value.raw()).as_str().to_owned()
}

impl<'a> Fields<'_, 'a> {
    pub(super) fn missing(&self, draft: &mut Draft, name: &str, expected: &str) {
        let detail = format!("field `{name}` is absent, expected {expected}");
        draft.reject(self.0.span(), RejectCode::MissingField, detail);
    }

    /// A string; `None` when absent, or rejected when it is no string.
    pub(super) fn text(&self, draft: &mut Draft, name: &str) -> Option<Cow<'a, str>> {
        let value = self.0.field(name)?;
        let (code, expected) = match value.text() {
            Some(text) if value.raw().starts_with('"') => return Some(text),
            None if value.raw().starts_with('"') => (RejectCode::Characters, "whole characters"),
            _ => (RejectCode::FieldType, "a string"),
        };
        let detail = format!("field `{name}` is {}, expected {expected}", excerpt(&value));
        draft.reject(value.span(), code, detail);
        None
    }

    /// A string that must be there.
    pub(super) fn needed(&self, draft: &mut Draft, name: &str) -> Option<Cow<'a, str>> {
        if self.0.field(name).is_none() {
            self.missing(draft, name, "a string");
        }
        self.text(draft, name)
    }

    /// A bare whole number; anything else there is rejected with this code.
    pub(super) fn whole(&self, draft: &mut Draft, name: &str, code: RejectCode) -> Option<i128> {
        let value = self.0.field(name)?;
        let bare = value
            .raw()
            .starts_with(|c: char| c == '-' || c.is_ascii_digit());
        match value.integer().filter(|_| bare) {
            Some(number) => Some(number),
            None => {
                let code = if bare { code } else { RejectCode::FieldType };
                let detail = format!(
                    "field `{name}` is {}, expected a whole number",
                    excerpt(&value)
                );
                draft.reject(value.span(), code, detail);
                None
            }
        }
    }

    pub(super) fn boolean(&self, draft: &mut Draft, name: &str) -> Option<bool> {
        let value = self.0.field(name)?;
        match value.raw() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let detail = format!(
                    "field `{name}` is {}, expected true or false",
                    excerpt(&value)
                );
                draft.reject(value.span(), RejectCode::FieldType, detail);
                None
            }
        }
    }

    /// Seconds since 1970, after 1970; 0 is never a time (F-47).
    pub(super) fn instant(&self, draft: &mut Draft, name: &str) -> Option<Instant> {
        let seconds = self.whole(draft, name, RejectCode::Time)?;
        let read = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        let instant = read.and_then(Instant::from_unix_seconds);
        if instant.is_none() {
            let value = self.0.field(name)?;
            let detail = format!("field `{name}` is {seconds}, expected seconds since 1970");
            draft.reject(value.span(), RejectCode::Time, detail);
        }
        instant
    }

    /// The currency in a field that must be there.
    pub(super) fn currency(&self, draft: &mut Draft, name: &str) -> Option<Currency> {
        let code = self.needed(draft, name)?;
        let currency = Currency::find(&code);
        if currency.is_none() {
            let value = self.0.field(name)?;
            let detail = format!("currency {} is on no list", excerpt(&value));
            draft.reject(value.span(), RejectCode::Currency, detail);
        }
        currency
    }

    /// An amount in Stripe's units of `currency`, of either sign.
    pub(super) fn money(&self, draft: &mut Draft, name: &str, currency: Currency) -> Option<Money> {
        let units = self.whole(draft, name, RejectCode::Amount)?;
        // Stripe's integers have 64 bits; a longer one is damage.
        let fits = i64::try_from(units).is_ok();
        let read = Money::of_scaled(units, codes::exponent(currency), currency);
        match read {
            Ok(money) if fits => Some(money),
            Ok(_) => self.bad_amount(draft, name, "more than 64 bits"),
            Err(error) => self.bad_amount(draft, name, &error.to_string()),
        }
    }

    fn bad_amount(&self, draft: &mut Draft, name: &str, why: &str) -> Option<Money> {
        let value = self.0.field(name)?;
        let detail = format!("field `{name}`: {why}");
        draft.reject(value.span(), RejectCode::Amount, detail);
        None
    }

    /// An amount that must be there.
    pub(super) fn needed_money(
        &self,
        draft: &mut Draft,
        name: &str,
        currency: Currency,
    ) -> Option<Money> {
        if self.0.field(name).is_none() {
            self.missing(
                draft,
                name,
                "a whole number of the currency's smallest units",
            );
        }
        self.money(draft, name, currency)
    }

    /// An id; `None` when absent, rejected when it cannot be one.
    pub(super) fn id(&self, draft: &mut Draft, name: &str) -> Option<Cow<'a, str>> {
        let id = self.text(draft, name)?;
        if is_id(&id) {
            return Some(id);
        }
        let value = self.0.field(name)?;
        reject_id(draft, &value, name);
        None
    }

    /// A field that holds an id, or the whole object of that id.
    pub(super) fn expandable(&self, draft: &mut Draft, name: &str) -> Option<Expanded<'a>> {
        let value = self.0.field(name)?;
        match value.object() {
            Some(object) => {
                let id = Fields(&object).id(draft, "id");
                if id.is_none() && object.field("id").is_none() {
                    Fields(&object).missing(draft, "id", "a string");
                }
                Some(Expanded {
                    id: id?,
                    object: Some(object),
                })
            }
            None => Some(Expanded {
                id: self.id(draft, name)?,
                object: None,
            }),
        }
    }
}

/// Shows a field on no list of ours, by its own text or, for objects and arrays, as written.
pub(super) fn drift(draft: &mut Draft, voice: &Voice, name: &str, value: &Value<'_>) {
    let text = value.text().unwrap_or(Cow::Borrowed(value.raw()));
    draft.drift(voice, value.span(), name, &text);
}

/// Rejects an object in which a name stands twice: another reader could take the other value.
pub(super) fn twice(object: &Object<'_>, draft: &mut Draft) -> bool {
    let Some((name, value)) = object.twice() else {
        return false;
    };
    let name: String = name.chars().take(80).collect();
    let detail = format!("field `{name}` stands twice");
    draft.reject(value.span(), RejectCode::Syntax, detail);
    true
}

/// What stood in an expandable field.
pub(super) struct Expanded<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) object: Option<Object<'a>>,
}

fn reject_id(draft: &mut Draft, value: &Value<'_>, name: &str) {
    let detail = format!(
        "field `{name}` is {}, expected an id of letters and digits",
        excerpt(value)
    );
    draft.reject(value.span(), RejectCode::Reference, detail);
}

/// Whether a text can be one of Stripe's ids, or of a method's behind it: letters, digits, `_` and `-`. Spreadsheets turn long
/// digits into `2.47E+22` (F-67), which this refuses.
pub(super) fn is_id(text: &str) -> bool {
    let of_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= 255 && text.bytes().all(of_id)
}

/// The payment's references in an object with `charge` and `payment_intent`, and the charge when it is expanded.
pub(super) fn payment<'a>(
    object: &Object<'a>,
    mut refs: References,
    draft: &mut Draft,
) -> (References, Option<Object<'a>>) {
    let fields = Fields(object);
    let mut charge = None;
    if let Some(expanded) = fields.expandable(draft, "charge") {
        refs = refs.and(RefKind::Payment, &expanded.id);
        charge = expanded.object;
    }
    if let Some(expanded) = fields.expandable(draft, "payment_intent") {
        refs = refs.and(RefKind::PaymentAlias, &expanded.id);
    }
    if let Some(charge) = &charge
        && let Some(expanded) = Fields(charge).expandable(draft, "payment_intent")
    {
        refs = refs.and(RefKind::PaymentAlias, &expanded.id);
    }
    (refs, charge)
}
