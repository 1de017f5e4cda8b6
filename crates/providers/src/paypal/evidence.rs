//! What the dispute object says of evidence and offers.

use super::dispute_object::stage_of;
use super::{lookup, read};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use dispute::fact::Span;
use dispute::said::{RequiredSlot, Said};
use dispute::status::{Party, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// What PayPal asks of the seller, and what it holds from the seller, by stage.
pub(super) fn decode(draft: &mut Draft, object: &Object<'_>, voice: &Voice, current: Stage) {
    let mut asked: BTreeMap<Stage, BTreeMap<String, bool>> = BTreeMap::new();
    let mut held: BTreeMap<Stage, BTreeSet<String>> = BTreeMap::new();
    let at_stage = |entry: &Object<'_>| {
        let said = entry.text("dispute_life_cycle_stage");
        said.and_then(|word| stage_of(&word)).unwrap_or(current)
    };
    for entry in read::objects(draft, object, "evidences") {
        let source = entry.text("source").unwrap_or_default();
        match source.trim() {
            "REQUESTED_FROM_SELLER" => {
                let kind = entry.text("evidence_type").unwrap_or_default();
                let mandatory = entry
                    .object("action_info")
                    .and_then(|action| action.field("mandatory")?.boolean());
                let slot = asked
                    .entry(at_stage(&entry))
                    .or_default()
                    .entry(slot_of(&kind))
                    .or_insert(false);
                // Asked for without a word on whether it must come: it must.
                *slot = *slot || mandatory.unwrap_or(true);
            }
            "SUBMITTED_BY_SELLER" => {
                let when = entry.text("date").unwrap_or_default().into_owned();
                held.entry(at_stage(&entry)).or_default().insert(when);
            }
            _ => {}
        }
    }
    for entry in read::objects(draft, object, "supporting_info") {
        if entry
            .text("source")
            .is_some_and(|source| source.trim() == "SUBMITTED_BY_SELLER")
        {
            let when = entry.text("provided_time").unwrap_or_default().into_owned();
            held.entry(at_stage(&entry)).or_default().insert(when);
        }
    }
    let span = object
        .field("evidences")
        .or(object.field("supporting_info"));
    let Some(span) = span.map(|value| value.span()) else {
        return;
    };
    say(draft, voice, span, asked, held);
}

fn say(
    draft: &mut Draft,
    voice: &Voice,
    span: Span,
    asked: BTreeMap<Stage, BTreeMap<String, bool>>,
    held: BTreeMap<Stage, BTreeSet<String>>,
) {
    for (stage, slots) in asked {
        let slots = slots
            .into_iter()
            .map(|(slot, required)| RequiredSlot { slot, required })
            .collect();
        let defence = String::new();
        draft.say(
            voice,
            span,
            Said::Requires {
                stage,
                defence,
                slots,
            },
        );
    }
    for (stage, times) in held {
        // PayPal numbers no submissions; pieces of one share their time of receipt.
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
        draft.say(voice, span, Said::Acknowledged { stage, count });
    }
}

/// Our slot for a type of evidence; a type without one is kept in small letters as a slot of its own.
fn slot_of(kind: &str) -> String {
    let kind = kind.trim();
    let mut rows = lookup::rows(lookup::EVIDENCE_TYPES);
    let listed = rows.find_map(|row| match row.as_slice() {
        [slot, listed, ..] if listed.eq_ignore_ascii_case(kind) => Some((*slot).to_owned()),
        _ => None,
    });
    listed.unwrap_or_else(|| kind.to_ascii_lowercase())
}

/// Offers between buyer and seller: each step of the history at its own time, and where they stand now.
pub(super) fn offers(draft: &mut Draft, object: &Object<'_>, voice: &Voice) {
    let Some(offer) = read::object(draft, object, "offer") else {
        return;
    };
    let kind = offer
        .text("offer_type")
        .unwrap_or_default()
        .trim()
        .to_owned();
    let now = [
        ("buyer_requested_amount", Party::Payer, "requested"),
        ("seller_offered_amount", Party::Merchant, kind.as_str()),
    ];
    for (name, by, kind) in now {
        if let Some((amount, span)) = read::money(draft, &offer, name) {
            let kind = if kind.is_empty() { "offered" } else { kind }.to_owned();
            let amount = Some(amount);
            draft.say(
                &Voice {
                    by,
                    ..voice.clone()
                },
                span,
                Said::Offered { kind, amount },
            );
        }
    }
    for step in read::objects(draft, &offer, "history") {
        let at = read::instant(draft, &step, "offer_time");
        let amount = read::money(draft, &step, "offer_amount").map(|(amount, _)| amount);
        let Some((at, _)) = at else { continue };
        let by = match step.text("actor").unwrap_or_default().trim() {
            "BUYER" => Party::Payer,
            "SELLER" => Party::Merchant,
            _ => Party::Provider,
        };
        let words = [step.text("event_type"), step.text("offer_type")];
        let words: Vec<String> = words
            .into_iter()
            .flatten()
            .map(|word| word.trim().to_owned())
            .collect();
        let voice = Voice {
            by,
            true_at: at,
            ..voice.clone()
        };
        draft.say(
            &voice,
            step.span(),
            Said::Offered {
                kind: words.join(" "),
                amount,
            },
        );
    }
}
