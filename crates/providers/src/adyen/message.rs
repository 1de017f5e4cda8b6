//! Which message a JSON document is, by the fields at its top.

use super::{PLATFORM_WEBHOOK, SERVICE_MESSAGE, TERMINAL_MESSAGE};
use super::{platform_webhook, service, webhook};
use crate::draft::Draft;
use crate::json::{self, Object};
use adapter::{Decoded, Fate, Inbound, Reject, RejectCode};
use dispute::fact::Span;

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An envelope, a wrapped item or a bare one.
    Standard,
    /// `{type, data, environment}`.
    Platform,
    /// Known, without facts: the form, and what it is.
    Other(&'static str, &'static str),
    Defences,
}

/// Fields that no other message of the provider has side by side with a dispute's.
fn kind(object: &Object<'_>) -> Option<Kind> {
    // Presence alone counts here: a field that stands twice or is null still tells what the message was meant to be.
    let has = |name: &str| object.fields().any(|(field, _)| field == name);
    let all = |names: &[&str]| names.iter().all(|name| has(name));
    if has(webhook::ITEMS) || has(webhook::ITEM) || has("eventCode") {
        return Some(Kind::Standard);
    }
    if has("SaleToPOIRequest") || has("SaleToPOIResponse") {
        return Some(Kind::Other(TERMINAL_MESSAGE, "terminal"));
    }
    if all(&["type", "data"]) && (has("environment") || has("createdAt")) && !has("object") {
        return Some(Kind::Platform);
    }
    if all(&["eventType", "eventDate"]) && (has("content") || has("live")) {
        return Some(Kind::Other(PLATFORM_WEBHOOK, "classic-platform"));
    }
    if has("defenseReasons") {
        return Some(Kind::Defences);
    }
    if has("disputeServiceResult") {
        return Some(Kind::Other(SERVICE_MESSAGE, "result"));
    }
    if all(&["disputePspReference", "merchantAccountCode"]) {
        return Some(Kind::Other(SERVICE_MESSAGE, "request"));
    }
    if all(&["errorCode", "message"]) && (has("errorType") || has("status")) {
        return Some(Kind::Other(SERVICE_MESSAGE, "error"));
    }
    if has("pspReference") && (has("resultCode") || all(&["paymentPspReference", "status"])) {
        return Some(Kind::Other(SERVICE_MESSAGE, "payment"));
    }
    // An item that lost its event code, or a bare one of an unknown make.
    if has("pspReference") && (has("merchantAccountCode") || has("success") || has("amount")) {
        return Some(Kind::Standard);
    }
    None
}

/// Decodes a JSON document.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let whole = |detail: &str| {
        let reject = Reject {
            span: Span::new(0, length),
            code: RejectCode::UnknownForm,
            detail: detail.to_owned(),
            hint: "Set the webhook's method to JSON; SOAP and form posts are not read.".to_owned(),
        };
        Decoded::rejected("unknown", length, reject)
    };
    if !super::is_json(inbound.body) && !inbound.body.trim_ascii().is_empty() {
        return whole("the document is neither JSON nor a delimited report");
    }
    let root = match json::read(inbound.body) {
        Ok(root) => root,
        Err(reject) => return Decoded::rejected("unknown", length, reject),
    };
    let Some(object) = root.object() else {
        return whole("the document is JSON and no object, as every message of this provider is");
    };
    match kind(&object) {
        Some(Kind::Standard) => webhook::decode(inbound, root, &object),
        Some(Kind::Platform) => platform_webhook::decode(inbound, &object),
        Some(Kind::Defences) => service::defences(inbound, &object),
        Some(Kind::Other(form, what)) => {
            let mut draft = Draft::new(form, length);
            draft.mark(object.span(), Fate::OtherBusiness(what.to_owned()));
            draft.finish()
        }
        None => whole("no field at the top tells which message of this provider it is"),
    }
}

/// Our account as the document names it.
pub(super) fn account(inbound: &Inbound<'_>) -> Option<String> {
    let root = json::read(inbound.body).ok()?;
    let object = root.object()?;
    let named = |object: &Object<'_>, name: &str| {
        let text = object.text(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    match kind(&object)? {
        Kind::Standard => webhook::account(root, &object),
        Kind::Platform => {
            let data = object.object("data")?;
            named(&data, "merchantAccount").or_else(|| named(&data, "merchantAccountCode"))
        }
        Kind::Other(..) | Kind::Defences => named(&object, "merchantAccountCode"),
    }
}
