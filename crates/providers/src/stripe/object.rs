//! Any JSON of Stripe's: which object it is decides who reads it (F-12), and every other object is other business by its name.

use super::field::{is_id, twice};
use super::speaker::Speaker;
use super::{charge, dispute, event, fraud, movement};
use crate::draft::Draft;
use crate::json::{self, Object, Tape, Value};
use ::dispute::fact::Span;
use adapter::{Decoded, Fate, Inbound, Reject, RejectCode};

/// Decodes a JSON document.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let mut tape = Tape::new();
    let value = match json::read_noted(inbound.body, &mut tape) {
        Ok(value) => value,
        Err(reject) => return Decoded::rejected("unreadable", length, reject),
    };
    if let Some(items) = value.items() {
        return list("array", &items, inbound);
    }
    let Some(object) = value.object() else {
        return unknown(length, "expected an object");
    };
    if event::is_event(&object) {
        let mut draft = Draft::new(&event::form(&object), length);
        event::decode(&value, &object, inbound, &mut draft);
        return draft.finish();
    }
    match kind(&object).as_deref() {
        Some("list" | "search_result") => {
            let items = object.field("data").and_then(|data| data.items());
            match items {
                Some(items) => list("list", &items, inbound),
                None => Decoded::rejected("list", length, without_data(&object)),
            }
        }
        Some(kind) => alone(kind, &value, &object, inbound),
        None => wrapped(&value, &object, inbound),
    }
}

/// The object's name for itself, when it reads as one.
pub(super) fn kind(object: &Object<'_>) -> Option<String> {
    let value = object
        .field("object")
        .filter(|value| value.raw().starts_with('"'))?;
    let name = value.text()?;
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let reads = !name.is_empty() && name.len() <= 80 && name.chars().all(of_name);
    reads.then(|| name.into_owned())
}

fn alone(kind: &str, value: &Value<'_>, object: &Object<'_>, inbound: &Inbound<'_>) -> Decoded {
    let mut draft = Draft::new(kind, inbound.body.len());
    record(
        kind,
        value,
        object,
        &Speaker::of_object(inbound),
        &mut draft,
    );
    draft.finish()
}

/// What has no name: an error, or the `data` of an event without the event around it.
fn wrapped(value: &Value<'_>, object: &Object<'_>, inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let error = object
        .object("error")
        .and_then(|error| error.text("type").map(|kind| kind.ends_with("_error")));
    if error == Some(true) {
        return Decoded::other("error", length);
    }
    if let Some(kind) = kind_by_id(object) {
        return alone(kind, value, object, inbound);
    }
    let inner = object.field("object");
    let inside = inner.and_then(|value| Some((value, value.object()?)));
    let named =
        |inside: &Object<'_>| kind(inside).or_else(|| kind_by_id(inside).map(str::to_owned));
    match inside
        .as_ref()
        .and_then(|(value, inside)| Some((value, inside, named(inside)?)))
    {
        Some((value, inside, kind)) => alone(&kind, value, inside, inbound),
        None => unknown(
            length,
            "expected an event, or an object with its name in `object`",
        ),
    }
}

/// The kind of object that an id belongs to, for objects that do not name themselves.
fn kind_by_id(object: &Object<'_>) -> Option<&'static str> {
    let id = object.text("id").filter(|id| is_id(id))?;
    let (prefix, _) = id.split_once('_')?;
    let named = KINDS_BY_PREFIX.iter().find(|(known, _)| *known == prefix);
    named.map(|(_, kind)| *kind)
}

/// Source: the samples in stripe-node's types and in Stripe's OpenAPI fixtures.
const KINDS_BY_PREFIX: [(&str, &str); 14] = [
    ("ch", "charge"),
    ("cus", "customer"),
    ("dp", "dispute"),
    ("du", "dispute"),
    ("in", "invoice"),
    ("issfr", "radar.early_fraud_warning"),
    ("pi", "payment_intent"),
    ("pm", "payment_method"),
    ("po", "payout"),
    ("py", "charge"),
    ("pyr", "refund"),
    ("re", "refund"),
    ("sub", "subscription"),
    ("txn", "balance_transaction"),
];

fn without_data(list: &Object<'_>) -> Reject {
    Reject {
        span: list.span(),
        code: RejectCode::MissingField,
        detail: "field `data` is absent, expected the items of the list".to_owned(),
        hint: String::new(),
    }
}

fn unknown(length: usize, expected: &str) -> Decoded {
    let reject = Reject {
        span: Span::new(0, length),
        code: RejectCode::UnknownForm,
        detail: format!("JSON that is none of Stripe's: {expected}"),
        hint: "Check that the document belongs to this provider.".to_owned(),
    };
    Decoded::rejected("unknown", length, reject)
}

/// Each item is a record of its own: one bad item costs only itself.
fn list(form: &str, items: &[Value<'_>], inbound: &Inbound<'_>) -> Decoded {
    let mut draft = Draft::new(form, inbound.body.len());
    let mut recognised = items.is_empty();
    for item in items {
        let Some(object) = item.object() else {
            draft.reject(
                item.span(),
                RejectCode::FieldType,
                "an item of a list is no object",
            );
            draft.mark(item.span(), Fate::Rejected);
            continue;
        };
        if event::is_event(&object) {
            recognised = true;
            event::decode(item, &object, inbound, &mut draft);
        } else if let Some(kind) = kind(&object) {
            recognised = true;
            record(
                &kind,
                item,
                &object,
                &Speaker::of_object(inbound),
                &mut draft,
            );
        } else {
            let detail = "an item of a list does not name its object";
            draft.reject(item.span(), RejectCode::MissingField, detail);
            draft.mark(item.span(), Fate::Rejected);
        }
    }
    if recognised {
        draft.finish()
    } else {
        unknown(inbound.body.len(), "expected a list of Stripe's objects")
    }
}

/// Reads one object as one record and marks what became of it.
fn record(
    kind: &str,
    value: &Value<'_>,
    object: &Object<'_>,
    speaker: &Speaker,
    draft: &mut Draft,
) {
    let before = Before::of(draft);
    say(kind, object, speaker, draft);
    before.mark(value, kind, draft);
}

/// Whether this kind of object can say anything about disputes.
pub(super) fn relevant(kind: &str) -> bool {
    matches!(
        kind,
        "dispute" | "radar.early_fraud_warning" | "charge" | "refund" | "balance_transaction"
    )
}

/// States what an object says, by its kind; nothing for all the others.
pub(super) fn say(kind: &str, object: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    if relevant(kind) && twice(object, draft) {
        return;
    }
    match kind {
        "dispute" => dispute::decode(object, speaker, draft),
        "radar.early_fraud_warning" => fraud::decode(object, speaker, draft),
        "charge" => charge::decode(object, speaker, draft),
        "refund" => charge::decode_refund(object, speaker, draft),
        "balance_transaction" => movement::decode_alone(object, speaker, draft),
        _ => {}
    }
}

/// How much a draft held before a record, to see what the record added.
pub(super) struct Before {
    facts: usize,
    rejects: usize,
}

impl Before {
    pub(super) fn of(draft: &Draft) -> Before {
        Before {
            facts: draft.fact_count(),
            rejects: draft.reject_count(),
        }
    }

    /// Marks the record: rejected if anything in it was, for a person must look; else understood, or business not ours.
    pub(super) fn mark(&self, value: &Value<'_>, name: &str, draft: &mut Draft) {
        let fate = if draft.reject_count() > self.rejects {
            Fate::Rejected
        } else if draft.fact_count() > self.facts {
            Fate::Understood
        } else {
            Fate::OtherBusiness(name.to_owned())
        };
        draft.mark(value.span(), fate);
    }
}
