//! Events: the envelope of webhooks, in its snapshot form (the object inside) and its thin form (only its id).

use super::field::{Fields, drift, is_id, twice};
use super::object::{self, Before};
use super::speaker::Speaker;
use crate::draft::Draft;
use crate::json::{Object, Value};
use adapter::{Inbound, RejectCode};
use calendar::Instant;
use dispute::reference::{RefKind, References};
use dispute::status::Authority;
use std::borrow::Cow;

/// Source: stripe-node 22.5.0; `user_id` of Connect until 2017.
const KNOWN: [&str; 15] = [
    "id",
    "object",
    "account",
    "api_version",
    "context",
    "created",
    "data",
    "livemode",
    "pending_webhooks",
    "reason",
    "related_object",
    "request",
    "snapshot_event",
    "type",
    "user_id",
];

/// Whether an object is an event. Samples of old leave out its `object`, and tell it by its type and data.
pub(super) fn is_event(candidate: &Object<'_>) -> bool {
    match candidate.text("object").as_deref() {
        Some("event" | "v2.core.event") => true,
        Some(_) => false,
        None => {
            let data = candidate
                .object("data")
                .and_then(|data| data.object("object"));
            candidate.field("type").is_some()
                && data.and_then(|inside| object::kind(&inside)).is_some()
        }
    }
}

/// What kind of event it is, in Stripe's words.
pub(super) fn form(event: &Object<'_>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let written = event
        .text("type")
        .filter(|name| !name.is_empty() && name.len() <= 120);
    match written.filter(|name| name.chars().all(plain)) {
        Some(name) => name.into_owned(),
        None => "event".to_owned(),
    }
}

/// The account that the event is about: a connected account, or the one a thin event has as its context.
pub(super) fn account<'a>(event: &Object<'a>) -> Option<Cow<'a, str>> {
    let account = event.text("account").or_else(|| event.text("context"))?;
    let first = account.split('/').next().unwrap_or_default();
    (first.starts_with("acct_") && is_id(first)).then(|| Cow::Owned(first.to_owned()))
}

/// Whether this type of event is about disputes, whatever is inside.
fn of_disputes(form: &str) -> bool {
    let form = form.strip_prefix("v1.").unwrap_or(form);
    form.starts_with("charge.dispute.") || form.starts_with("radar.early_fraud_warning.")
}

/// The event types that are known to be about disputes.
const TYPES: [&str; 7] = [
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
];

/// Decodes one event as one record.
pub(super) fn decode(
    value: &Value<'_>,
    event: &Object<'_>,
    inbound: &Inbound<'_>,
    draft: &mut Draft,
) {
    let before = Before::of(draft);
    let form = form(event);
    if !twice(event, draft) {
        say(event, &form, inbound, draft);
    }
    before.mark(value, &form, draft);
}

fn say(event: &Object<'_>, form: &str, inbound: &Inbound<'_>, draft: &mut Draft) {
    let fields = Fields(event);
    if event.text("object").is_some() {
        fields.needed(draft, "id");
    }
    if fields.needed(draft, "type").is_none() {
        return;
    }
    if event.object("related_object").is_some()
        && event
            .field("data")
            .is_none_or(|data| !data.raw().contains("\"object\""))
    {
        thin(event, form, inbound, draft);
        return;
    }
    let data = event.object("data");
    if data.as_ref().is_some_and(|data| twice(data, draft)) {
        return;
    }
    let inside = data.as_ref().and_then(|data| data.field("object"));
    let Some(inside) = inside.and_then(|value| value.object()) else {
        if of_disputes(form) || event.text("object").as_deref() == Some("event") {
            fields.missing(draft, "data.object", "the object that the event is about");
        }
        return;
    };
    let expected = expected_kind(form);
    let kind = object::kind(&inside).or_else(|| expected.map(str::to_owned));
    let kind = kind.unwrap_or_default();
    if !object::relevant(&kind) && !of_disputes(form) {
        return;
    }
    let Some(created) = created(event, draft) else {
        return;
    };
    let account = account(event);
    let speaker = Speaker::of_event(account.as_deref().unwrap_or(inbound.account), created);
    let facts = draft.fact_count();
    object::say(&kind, &inside, &speaker, draft);
    if draft.fact_count() > facts || of_disputes(form) {
        drifts(event, form, &kind, &inside, &speaker, draft);
    }
}

/// The kind of object that an event of this type holds, for objects that do not name themselves.
fn expected_kind(form: &str) -> Option<&'static str> {
    if form.starts_with("charge.dispute.") {
        Some("dispute")
    } else if form.starts_with("radar.early_fraud_warning.") {
        Some("radar.early_fraud_warning")
    } else if form.starts_with("refund.") || form.starts_with("charge.refund.") {
        Some("refund")
    } else if form.starts_with("charge.") {
        Some("charge")
    } else {
        None
    }
}

/// When the event was made: seconds in snapshot events, RFC 3339 in thin ones.
fn created(event: &Object<'_>, draft: &mut Draft) -> Option<Instant> {
    let fields = Fields(event);
    let Some(value) = event.field("created") else {
        fields.missing(draft, "created", "when the event was made");
        return None;
    };
    if !value.raw().starts_with('"') {
        return fields.instant(draft, "created");
    }
    let read = Instant::parse(&value.text().unwrap_or_default());
    match read {
        Ok(created) => Some(created),
        Err(error) => {
            draft.reject(
                value.span(),
                RejectCode::Time,
                format!("field `created`: {error}"),
            );
            None
        }
    }
}

/// Shows what no table maps: a type of event, an object under another type, a field of the envelope.
fn drifts(
    event: &Object<'_>,
    form: &str,
    kind: &str,
    inside: &Object<'_>,
    speaker: &Speaker,
    draft: &mut Draft,
) {
    let id = inside.text("id").filter(|id| is_id(id)).unwrap_or_default();
    let reference = match kind {
        "charge" => RefKind::Payment,
        "refund" => RefKind::Refund,
        _ => RefKind::Dispute,
    };
    let voice = speaker.voice(References::none().and(reference, &id));
    let span = event
        .field("type")
        .map_or(event.span(), |value| value.span());
    let unlisted = of_disputes(form) && !TYPES.contains(&form);
    let foreign = expected_kind(form).is_some_and(|expected| expected != kind);
    if unlisted || foreign {
        draft.drift(&voice, span, "type", form);
    }
    for (name, value) in event.unlisted(&KNOWN).filter(|(_, value)| !value.is_null()) {
        drift(draft, &voice, name, &value);
    }
}

/// A thin event names the object and says nothing of it: for a dispute, that something changed and must be read back.
fn thin(event: &Object<'_>, form: &str, inbound: &Inbound<'_>, draft: &mut Draft) {
    let related = event.object("related_object");
    let id = related.as_ref().and_then(|related| related.text("id"));
    if !of_disputes(form) {
        return;
    }
    let Some(created) = created(event, draft) else {
        return;
    };
    let Some(id) = id.filter(|id| is_id(id)) else {
        Fields(event).missing(draft, "related_object.id", "the dispute's id");
        return;
    };
    let account = account(event);
    let mut speaker = Speaker::of_event(account.as_deref().unwrap_or(inbound.account), created);
    speaker.authority = Authority::MessageType;
    let voice = speaker.voice(References::none().and(RefKind::Dispute, &id));
    let span = event
        .field("type")
        .map_or(event.span(), |value| value.span());
    draft.drift(&voice, span, "type", form);
}
