//! JSON documents: webhook events, the dispute object and its lists, notifications kept as JSON, and the many genuine
//! documents of PayPal's interfaces that are not about one dispute.

use super::dispute_object::{self, Extent, Hearing, is_dispute};
use super::{ipn, lookup, read, transformed};
use crate::draft::{Draft, Voice};
use crate::json::{self, Object, Value};
use adapter::{Channel, Decoded, Fate, Inbound, Reject, RejectCode};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::reference::{RefKind, References};
use dispute::status::{Authority, Party};

/// Dispute events by their names, each a form of its own.
const DISPUTE_EVENTS: [&str; 4] = [
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.UPDATED",
    "CUSTOMER.DISPUTE.RESOLVED",
    "RISK.DISPUTE.CREATED",
];

/// The form of a dispute event of another name.
const OTHER_DISPUTE_EVENT: &str = "dispute-event";

/// Fields of the event envelope in both of its versions.
const ENVELOPE: &[&str] = &[
    "id",
    "create_time",
    "event_type",
    "event_version",
    "resource_type",
    "resource_version",
    "resource",
    "summary",
    "status",
    "transmissions",
    "zts",
    "links",
];

/// Decodes a JSON body.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let body = inbound.body;
    let first = body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(body)
        .trim_ascii_start()
        .first();
    if first.is_some_and(|byte| !matches!(byte, b'{' | b'[')) {
        return unknown(
            length,
            "neither JSON nor a notification nor a report that PayPal is known to send",
        );
    }
    let root = match json::read(inbound.body) {
        Ok(root) => root,
        Err(reject) => return Decoded::rejected("json", length, reject),
    };
    match root.object() {
        Some(object) => of_object(inbound, &object, root.raw()),
        None => of_array(inbound, root),
    }
}

fn unknown(length: usize, detail: &str) -> Decoded {
    let span = dispute::fact::Span::new(0, length);
    let hint =
        "Check that the document came from PayPal; if it did, its kind is new to this adapter."
            .to_owned();
    let reject = Reject {
        span,
        code: RejectCode::UnknownForm,
        detail: detail.to_owned(),
        hint,
    };
    Decoded::rejected("unknown", length, reject)
}

fn of_array(inbound: &Inbound<'_>, root: Value<'_>) -> Decoded {
    let length = inbound.body.len();
    let items = root.items().unwrap_or_default();
    let objects: Vec<Object<'_>> = items.iter().filter_map(|item| item.object()).collect();
    if !objects.is_empty() && objects.len() == items.len() {
        if objects
            .iter()
            .all(|item| item.field("op").is_some() && item.field("path").is_some())
        {
            return Decoded::other("api.patch", length);
        }
        if objects.iter().any(is_event) {
            return events(inbound, &objects);
        }
        if objects.iter().any(is_dispute) {
            return list(inbound, &objects);
        }
    }
    unknown(
        length,
        "a JSON document that is neither an object nor a list that PayPal sends",
    )
}

fn of_object(inbound: &Inbound<'_>, object: &Object<'_>, raw: &str) -> Decoded {
    let length = inbound.body.len();
    let listed = |name: &str| object.field(name).and_then(|value| value.items());
    let resource_is_dispute = object
        .object("resource")
        .is_some_and(|resource| is_dispute(&resource));
    if is_event(object) || resource_is_dispute {
        let mut draft = Draft::new(&event_form(object), length);
        event(&mut draft, object, inbound);
        return draft.finish();
    }
    if let Some(items) = listed("events") {
        let objects: Vec<Object<'_>> = items.iter().filter_map(|item| item.object()).collect();
        return events(inbound, &objects);
    }
    if is_dispute(object) {
        let mut draft = Draft::new("dispute", length);
        dispute_object::decode(&mut draft, object, hearing(inbound));
        return draft.finish();
    }
    if let Some(items) = listed("items") {
        let objects: Vec<Object<'_>> = items.iter().filter_map(|item| item.object()).collect();
        let disputes = objects.iter().any(is_dispute);
        if disputes || (items.is_empty() && object.unlisted(&["items", "links"]).next().is_none()) {
            return list(inbound, &objects);
        }
    }
    if ipn::is_notification(object) {
        return ipn::decode_json(inbound, object);
    }
    if transformed::is_transformed(object) {
        return transformed::decode(inbound, object);
    }
    match request(object, raw) {
        Some(form) => Decoded::other(form, length),
        None => unknown(
            length,
            "a JSON object of no kind that PayPal is known to send",
        ),
    }
}

/// Which document of the interfaces this is; objects of other interfaces (orders, captures) show themselves by their links.
fn request(object: &Object<'_>, raw: &str) -> Option<&'static str> {
    let fits = |cells: &[&str]| {
        let [all, beside, word, ..] = cells else {
            return false;
        };
        let known = |name: &str| {
            *beside == "*"
                || all
                    .split(' ')
                    .chain(beside.split(' '))
                    .any(|one| one == name)
        };
        all.split(' ').all(|name| object.field(name).is_some())
            && object.fields().all(|(name, _)| known(name))
            && (*word == "-" || raw.contains(word))
    };
    let row = lookup::rows(lookup::REQUESTS)
        .skip(1)
        .find(|cells| fits(cells))?;
    row.last().copied()
}

/// An event envelope. Its `event_type` has PayPal's own form (`PAYMENT.CAPTURE.COMPLETED`), so another provider's event is
/// not taken for one.
fn is_event(object: &Object<'_>) -> bool {
    let named = object
        .text("event_type")
        .is_some_and(|name| is_event_name(name.trim()));
    let enveloped = object.field("resource").is_some() || object.field("resource_type").is_some();
    (named && (enveloped || object.field("url").is_none()))
        || (object.field("resource_type").is_some() && object.field("resource").is_some())
}

fn is_event_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    name.len() <= 120 && name.contains('.') && name.split('.').all(part)
}

fn event_form(object: &Object<'_>) -> String {
    let name = object.text("event_type").unwrap_or_default();
    let name = name.trim();
    let about_dispute = name.contains(".DISPUTE.")
        || object
            .text("resource_type")
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("dispute"))
        || object
            .object("resource")
            .is_some_and(|resource| is_dispute(&resource));
    match (
        DISPUTE_EVENTS.iter().find(|known| **known == name),
        about_dispute,
    ) {
        (Some(known), _) => (*known).to_owned(),
        (None, true) => OTHER_DISPUTE_EVENT.to_owned(),
        (None, false) if is_event_name(name) => name.to_owned(),
        (None, false) => "event".to_owned(),
    }
}

/// One event: what it is about decides, and the resource inside says it.
fn event(draft: &mut Draft, object: &Object<'_>, inbound: &Inbound<'_>) {
    let form = event_form(object);
    let about_dispute = form == OTHER_DISPUTE_EVENT || DISPUTE_EVENTS.contains(&form.as_str());
    if !about_dispute {
        if object
            .text("event_type")
            .is_some_and(|name| is_event_name(name.trim()))
        {
            draft.mark(object.span(), Fate::OtherBusiness(form));
            return;
        }
        // Without its name nobody can tell whether the event matters.
        read::missing(draft, object.span(), "event_type");
        draft.mark(object.span(), Fate::Rejected);
        return;
    }
    let before = (draft.reject_count(), draft.fact_count());
    if let Some((name, value)) = object.twice() {
        let detail = format!("`{name}` stands twice in one event; none of the two can be trusted");
        draft.reject(value.span(), RejectCode::Syntax, detail);
    }
    for name in ["id", "event_type"] {
        read::required(draft, object, name);
    }
    let created = read::instant(draft, object, "create_time");
    let inner = match object.field("resource") {
        Some(value) => match value.object() {
            Some(inner) => Some(inner),
            None => {
                read::wrong_type(draft, value, "resource", "an object");
                None
            }
        },
        None => {
            read::missing(draft, object.span(), "resource");
            None
        }
    };
    if let Some(inner) = inner {
        let at = created.map(|(at, _)| at);
        let hearing = Hearing {
            account: inbound.account,
            authority: Authority::StatusField,
            at,
            extent: Extent::Whole,
        };
        dispute_object::facts(draft, &inner, hearing);
        envelope_drift(draft, object, &inner, hearing, inbound.received_at);
    }
    dispute_object::mark(draft, object.span(), before);
}

/// What is new in the envelope itself, said of the dispute that it carries.
fn envelope_drift(
    draft: &mut Draft,
    object: &Object<'_>,
    inner: &Object<'_>,
    hearing: Hearing<'_>,
    received_at: Instant,
) {
    let Some(id) = inner.text("dispute_id") else {
        return;
    };
    let account = dispute_object::merchant(inner).unwrap_or_else(|| hearing.account.to_owned());
    let voice = Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account,
        },
        refs: References::none().and(RefKind::Dispute, &id),
        by: Party::Provider,
        authority: hearing.authority,
        true_at: hearing.at.unwrap_or(received_at),
        sequence: 0,
    };
    if let Some(value) = object.field("event_type")
        && let Some(name) = value.text()
        && !DISPUTE_EVENTS.contains(&name.trim())
    {
        draft.drift(&voice, value.span(), "event_type", &name);
    }
    for (name, value) in object.unlisted(ENVELOPE) {
        draft.drift(&voice, value.span(), &format!("event.{name}"), value.raw());
    }
}

/// How a bare object is to be believed: fetched by us it is true now, otherwise as of when it says it changed.
fn hearing<'a>(inbound: &Inbound<'a>) -> Hearing<'a> {
    match inbound.channel {
        Channel::Api => Hearing {
            account: inbound.account,
            authority: Authority::ReadBack,
            at: Some(inbound.received_at),
            extent: Extent::Whole,
        },
        Channel::Webhook | Channel::File => Hearing {
            account: inbound.account,
            authority: Authority::StatusField,
            at: None,
            extent: Extent::Whole,
        },
    }
}

/// A list of events, as the interface gives what the webhook missed.
fn events(inbound: &Inbound<'_>, objects: &[Object<'_>]) -> Decoded {
    if objects.is_empty() {
        return Decoded::other("event-list", inbound.body.len());
    }
    let mut draft = Draft::new("event-list", inbound.body.len());
    for object in objects {
        event(&mut draft, object, inbound);
    }
    draft.finish()
}

/// A page of disputes. Items are summaries of the object and each is a record of its own.
fn list(inbound: &Inbound<'_>, objects: &[Object<'_>]) -> Decoded {
    if objects.is_empty() {
        return Decoded::other("dispute-list", inbound.body.len());
    }
    let mut draft = Draft::new("dispute-list", inbound.body.len());
    for object in objects {
        let row = Hearing {
            extent: Extent::Summary,
            ..hearing(inbound)
        };
        dispute_object::decode(&mut draft, object, row);
    }
    draft.finish()
}

/// The seller's account that a JSON document names.
pub(super) fn account(body: &[u8]) -> Option<String> {
    let root = json::read(body).ok()?.object()?;
    let dispute = root.object("resource").filter(is_dispute);
    let named = dispute.or_else(|| is_dispute(&root).then(|| root.clone()));
    match named {
        Some(object) => dispute_object::merchant(&object),
        None if ipn::is_notification(&root) => {
            root.text("receiver_id").map(|id| id.trim().to_owned())
        }
        None => None,
    }
    .filter(|id| !id.is_empty())
}
