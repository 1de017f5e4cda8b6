//! Charges and refunds, as far as a dispute needs them: what was paid, and what was given back outside the dispute.

use super::field::{Fields, payment, twice};
use super::speaker::Speaker;
use super::{codes, dispute};
use crate::draft::Draft;
use crate::json::Object;
use ::dispute::reference::{RefKind, References};
use ::dispute::said::{RefundState, Said};
use adapter::RejectCode;

/// A charge says something about disputes when it is disputed, and when it lists refunds. A charge that only counts what was
/// refunded names no refund, so nothing is said: the refund's own events do.
pub(super) fn decode(charge: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let expanded = charge.object("dispute");
    let disputed = charge.field("disputed").and_then(|value| value.boolean()) == Some(true);
    if disputed || charge.field("dispute").is_some() {
        paid(charge, speaker, draft);
    }
    if let Some(dispute) = expanded {
        dispute::decode(&dispute, speaker, draft);
    }
    let list = charge.field("refunds");
    // A list object today, a bare array until 2014.
    let items = list.and_then(|list| {
        list.items()
            .or_else(|| list.object()?.field("data")?.items())
    });
    for item in items.unwrap_or_default() {
        match item.object() {
            Some(refund) => decode_refund(&refund, speaker, draft),
            None => {
                let detail = "an item of `refunds` is no object";
                draft.reject(item.span(), RejectCode::FieldType, detail);
            }
        }
    }
}

/// The payment under dispute, as captured.
pub(super) fn paid(charge: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let fields = Fields(charge);
    if twice(charge, draft) {
        return;
    }
    let captured = charge.field("captured").and_then(|value| value.boolean());
    if captured == Some(false) {
        return;
    }
    if charge.field("id").is_none() {
        fields.missing(draft, "id", "the charge's id");
    }
    let Some(id) = fields.id(draft, "id") else {
        return;
    };
    let refs = References::none().and(RefKind::Payment, &id);
    let (refs, _) = payment(charge, refs, draft);
    let Some(currency) = fields.currency(draft, "currency") else {
        return;
    };
    let name = match charge.field("amount_captured") {
        Some(_) => "amount_captured",
        None => "amount",
    };
    if let Some(amount) = fields.needed_money(draft, name, currency) {
        let paid_at = fields.instant(draft, "created");
        draft.say(
            &speaker.voice(refs),
            charge.span(),
            Said::Paid { amount, paid_at },
        );
    }
}

/// A refund and how it stands: an accepted one can still fail days later (F-41).
pub(super) fn decode_refund(refund: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let fields = Fields(refund);
    if twice(refund, draft) {
        return;
    }
    if refund.field("id").is_none() {
        fields.missing(draft, "id", "the refund's id");
    }
    let Some(id) = fields.id(draft, "id") else {
        return;
    };
    let (refs, _) = payment(refund, References::none().and(RefKind::Refund, &id), draft);
    let voice = speaker.voice(refs);
    let state = match fields.text(draft, "status") {
        // Refunds had no status until 2014: there were none but those that succeeded.
        None => Some(RefundState::Succeeded),
        Some(status) => {
            let state = codes::refund_state(&status);
            if state.is_none() {
                draft.drift(&voice, refund.span(), "refund.status", &status);
            }
            state
        }
    };
    let Some(currency) = fields.currency(draft, "currency") else {
        return;
    };
    let amount = fields.needed_money(draft, "amount", currency);
    if let (Some(amount), Some(state)) = (amount, state) {
        let said = Said::Refunded {
            key: id.into_owned(),
            amount,
            state,
        };
        draft.say(&voice, refund.span(), said);
    }
}
