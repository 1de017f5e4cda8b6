//! The dispute object, of every version since disputes had no id: status, reason, amount, deadline, evidence and movements.

use super::field::{Fields, drift, payment, twice};
use super::speaker::Speaker;
use super::{charge, codes, movement};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::RejectCode;
use calendar::{Instant, Moment};
use dispute::network::Network;
use dispute::reason::ReasonClaim;
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Due, Stage};
use std::borrow::Cow;

/// Fields of every version; `evidence_due_by` and `balance_transaction` until 2014, `is_protected` until 2015.
/// Source: stripe-node 22.5.0 and its change log; the oldest from webhook samples of their time.
const KNOWN: [&str; 24] = [
    "id",
    "object",
    "amount",
    "balance_transaction",
    "balance_transactions",
    "charge",
    "created",
    "currency",
    "enhanced_eligibility_types",
    "evidence",
    "evidence_details",
    "evidence_due_by",
    "intended_submission_method",
    "is_charge_refundable",
    "is_protected",
    "livemode",
    "metadata",
    "network_details",
    "network_reason_code",
    "payment_intent",
    "payment_method_details",
    "reason",
    "smart_disputes",
    "status",
];

const KNOWN_DETAILS: [&str; 5] = [
    "due_by",
    "enhanced_eligibility",
    "has_evidence",
    "past_due",
    "submission_count",
];

/// States everything that the dispute says.
pub(super) fn decode(dispute: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let fields = Fields(dispute);
    let (refs, charge) = references(dispute, draft);
    if refs.dispute().is_none() && !before_ids(dispute) {
        // Without its id, its payment could lead it to another dispute of the same payment.
        return;
    }
    let method = dispute.object("payment_method_details");
    let kind = method.as_ref().and_then(|method| method.text("type"));
    let of_kind = method
        .as_ref()
        .zip(kind)
        .and_then(|(method, kind)| method.object(&kind));
    for part in [&method, &of_kind].into_iter().flatten() {
        twice(part, draft);
    }
    let refs = method
        .iter()
        .fold(refs, |refs, method| case_number(method, refs, draft));
    let voice = speaker.voice(refs);
    if dispute.field("id").is_none() {
        draft.drift(&voice, dispute.span(), "id", "absent");
    }
    for (name, value) in dispute
        .unlisted(&KNOWN)
        .filter(|(_, value)| !value.is_null())
    {
        drift(draft, &voice, name, &value);
    }
    let stage = status(dispute, method.as_ref(), &voice, draft);
    reason(dispute, method.as_ref(), &voice, draft);
    if let Some(currency) = fields.currency(draft, "currency")
        && let Some(amount) = fields.needed_money(draft, "amount", currency)
    {
        let span = dispute
            .field("amount")
            .map_or(dispute.span(), |value| value.span());
        if amount.is_negative() {
            draft.reject(span, RejectCode::Amount, "field `amount` is below zero");
        } else {
            draft.say(&voice, span, Said::Disputed(amount));
        }
    }
    evidence(dispute, stage, &voice, draft);
    types(dispute, draft);
    movements(dispute, &voice, draft);
    if let Some(charge) = charge {
        charge::paid(&charge, speaker, draft);
    }
}

/// Whether the object is of the time when disputes had no id of their own: they hung on their charge.
fn before_ids(dispute: &Object<'_>) -> bool {
    let text_evidence = dispute
        .field("evidence")
        .is_some_and(|value| value.raw().starts_with('"'));
    text_evidence || dispute.field("evidence_due_by").is_some()
}

fn references<'a>(dispute: &Object<'a>, draft: &mut Draft) -> (References, Option<Object<'a>>) {
    let fields = Fields(dispute);
    let mut refs = References::none();
    match fields.id(draft, "id") {
        Some(id) => refs = refs.and(RefKind::Dispute, &id),
        None if dispute.field("id").is_none() && !before_ids(dispute) => {
            fields.missing(draft, "id", "the dispute's id");
        }
        None => {}
    }
    if dispute.field("charge").is_none() && dispute.field("payment_intent").is_none() {
        fields.missing(draft, "charge", "the disputed charge or its payment intent");
    }
    payment(dispute, refs, draft)
}

/// Fields that say nothing here and still have a type: another one is damage.
fn types(dispute: &Object<'_>, draft: &mut Draft) {
    let fields = Fields(dispute);
    fields.instant(draft, "created");
    fields.boolean(draft, "livemode");
    fields.boolean(draft, "is_charge_refundable");
    if let Some(value) = dispute.field("metadata")
        && !value.raw().starts_with(['{', '['])
    {
        draft.reject(
            value.span(),
            RejectCode::FieldType,
            "field `metadata` is no object",
        );
    }
}

/// PayPal's own number of the case, another name of the same dispute.
fn case_number(method: &Object<'_>, refs: References, draft: &mut Draft) -> References {
    let paypal = method.object("paypal");
    let case_id = paypal.and_then(|paypal| Fields(&paypal).id(draft, "case_id"));
    case_id
        .iter()
        .fold(refs, |refs, id| refs.and(RefKind::Alias, id))
}

/// The details under the method's own name (`card`, `klarna`, ...), and that name.
fn details<'a>(
    method: Option<&Object<'a>>,
    draft: &mut Draft,
) -> Option<(Cow<'a, str>, Object<'a>)> {
    let method = method?;
    let kind = Fields(method).text(draft, "type")?;
    let details = method.object(&kind)?;
    Some((kind, details))
}

fn status(
    dispute: &Object<'_>,
    method: Option<&Object<'_>>,
    voice: &Voice,
    draft: &mut Draft,
) -> Stage {
    let Some(status) = Fields(dispute).needed(draft, "status") else {
        return Stage::Chargeback;
    };
    let span = dispute
        .field("status")
        .map_or(dispute.span(), |value| value.span());
    let details = details(method, draft).map(|(_, details)| details);
    let case_type = details
        .as_ref()
        .and_then(|details| details.text("case_type"));
    let case_type = case_type.unwrap_or_default();
    match codes::phase(&status, &case_type) {
        Some(phase) => {
            draft.say(voice, span, Said::Phase(phase));
            phase.stage
        }
        None => {
            draft.drift(voice, span, "status", &status);
            // The deadline must still be told apart: warnings are inquiries, whatever word follows.
            let warning = status.starts_with("warning_") || case_type == "inquiry";
            if warning {
                Stage::Inquiry
            } else {
                Stage::Chargeback
            }
        }
    }
}

fn reason(dispute: &Object<'_>, method: Option<&Object<'_>>, voice: &Voice, draft: &mut Draft) {
    let details = details(method, draft);
    let mut network: Option<Network> = None;
    let mut code = dispute.text("network_reason_code");
    if let Some((kind, details)) = &details {
        let brand = details.text("network").or_else(|| details.text("brand"));
        let word = if kind == "card" {
            brand
        } else {
            Some(kind.clone())
        };
        network = word
            .as_deref()
            .filter(|word| *word != "unknown")
            .map(codes::network);
        let own = details
            .text("network_reason_code")
            .or_else(|| details.text("reason_code"));
        code = own.or(code);
    }
    let Some(word) = Fields(dispute).text(draft, "reason") else {
        draft.drift(voice, dispute.span(), "reason", "absent");
        if let Some(network) = network {
            draft.say(voice, dispute.span(), Said::Network(network));
        }
        return;
    };
    let claim = ReasonClaim {
        reason: codes::reason(&word),
        network,
        code: code
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty()),
    };
    let span = match (&claim.network, &claim.code) {
        (None, None) => dispute
            .field("reason")
            .map_or(dispute.span(), |value| value.span()),
        _ => dispute.span(),
    };
    draft.say(voice, span, Said::Reason(claim));
}

/// Whether the status says that the move is ours.
fn waiting(dispute: &Object<'_>) -> bool {
    matches!(
        dispute.text("status").as_deref(),
        Some("needs_response" | "warning_needs_response")
    )
}

/// Deadline, submissions and staged evidence, wherever the version keeps them.
fn evidence(dispute: &Object<'_>, stage: Stage, voice: &Voice, draft: &mut Draft) {
    if dispute.field("evidence_due_by").is_some() {
        due(dispute, "evidence_due_by", stage, voice, draft);
    }
    let Some(value) = dispute.field("evidence_details") else {
        return;
    };
    let Some(details) = value.object() else {
        let detail = "field `evidence_details` is no object";
        draft.reject(value.span(), RejectCode::FieldType, detail);
        return;
    };
    if twice(&details, draft) {
        return;
    }
    for (name, value) in details
        .unlisted(&KNOWN_DETAILS)
        .filter(|(_, value)| !value.is_null())
    {
        drift(draft, voice, &format!("evidence_details.{name}"), &value);
    }
    due(&details, "due_by", stage, voice, draft);
    let fields = Fields(&details);
    let count = fields.whole(draft, "submission_count", RejectCode::FieldType);
    let staged = fields.boolean(draft, "has_evidence");
    if let Some(count) = count {
        let span = details
            .field("submission_count")
            .map_or(details.span(), |value| value.span());
        match u32::try_from(count) {
            Ok(0) if staged == Some(true) => {
                draft.say(voice, details.span(), Said::Staged { stage })
            }
            // While Stripe waits for us, a count is of something sent before this stage: an inquiry that became a chargeback
            // may keep it (`Unverified:` no source says that it starts again).
            Ok(_) if waiting(dispute) => {}
            Ok(0) => {}
            Ok(count) => draft.say(voice, span, Said::Acknowledged { stage, count }),
            Err(_) => {
                let detail = format!("field `submission_count` is {count}, expected a count");
                draft.reject(span, RejectCode::FieldType, detail);
            }
        }
    }
}

fn due(holder: &Object<'_>, name: &str, stage: Stage, voice: &Voice, draft: &mut Draft) {
    let Some(value) = holder.field(name) else {
        return;
    };
    // "0 if the bank doesn't allow a response": never 1 January 1970 (F-47).
    let due = if value.raw() == "0" {
        Some(Due::NotContestable)
    } else {
        let at: Option<Instant> = Fields(holder).instant(draft, name);
        at.map(|at| Due::By(Moment::At(at)))
    };
    if let Some(due) = due {
        draft.say(voice, value.span(), Said::Due { stage, due });
    }
}

fn movements(dispute: &Object<'_>, voice: &Voice, draft: &mut Draft) {
    // Until 2014 there was one, and only its id unless it was expanded: an id alone says no amount.
    if let Some(transaction) = dispute.object("balance_transaction") {
        movement::decode(&transaction, voice, draft);
    }
    let Some(value) = dispute.field("balance_transactions") else {
        return;
    };
    let Some(items) = value.items() else {
        let detail = "field `balance_transactions` is no array";
        draft.reject(value.span(), RejectCode::FieldType, detail);
        return;
    };
    for item in items {
        match item.object() {
            Some(transaction) => movement::decode(&transaction, voice, draft),
            None if item.raw().starts_with('"') => {}
            None => {
                let detail = "an item of `balance_transactions` is no object";
                draft.reject(item.span(), RejectCode::FieldType, detail);
            }
        }
    }
}
