//! What a dispute event of a standard webhook says.
//!
//! The signature covers eight fields of an item and nothing in `additionalData`. Status, deadline and reason stand there:
//! they are taken, because there is no other source, and README.md says so.

use super::field::{self, Rejected};
use super::tables::{self, DisputeEvent};
use super::webhook::Item;
use crate::draft::{Draft, Voice};
use adapter::RejectCode;
use calendar::Moment;
use dispute::fact::Span;
use dispute::movement::Movement;
use dispute::network::Network;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Authority, Due, Phase, Stage, Standing};
use money::Money;

/// The fields of `additionalData` about disputes. Of the other fields of this open container only one that speaks of
/// disputes in its name is drift: merchants and the provider add the rest at will.
const EXTRA_FIELDS: [&str; 11] = [
    "arn",
    "autoDefended",
    "chargebackReasonCode",
    "chargebackSchemeCode",
    "defendable",
    "defensePeriodEndsAt",
    "disputeStatus",
    "nofReasonCode",
    "nofSchemeCode",
    "rfiReasonCode",
    "rfiSchemeCode",
];

/// The other fields of `additionalData` that are read.
const EXTRA_REFERENCES: [&str; 4] = [
    "captureMerchantReference",
    "capturePspReference",
    "grossCurrency",
    "modificationMerchantReferences",
];

/// States what the item says. `code` is the span of its event code.
pub(super) fn decode(
    draft: &mut Draft,
    item: &Item<'_, '_>,
    event: &DisputeEvent,
    code: Span,
) -> Result<(), Rejected> {
    let extra = match &item.extra {
        Some(extra) => field::scalars(draft, extra, &EXTRA_FIELDS).and(field::scalars(
            draft,
            extra,
            &EXTRA_REFERENCES,
        )),
        None => Ok(()),
    };
    let refs = refs(draft, item, event);
    let field_voice = item.voice(refs.clone(), Authority::StatusField);
    let type_voice = item.voice(refs, Authority::MessageType);
    let (success, span) = item.success;
    if !success {
        // An event that did not take effect moves nothing and changes no status.
        draft.drift(&field_voice, span, "success", "false");
        return Ok(());
    }
    let defence = Defence::read(draft, item);
    let stage = stage(item, event);
    phase(
        draft,
        item,
        event,
        stage,
        &defence,
        (&field_voice, &type_voice, code),
    );
    let (amount, span) = item.amount;
    if !amount.is_zero() {
        // A request for information may ask about nothing: 0 is sent for "no amount" (F-36).
        draft.say(&field_voice, span, Said::Disputed(amount));
        money(draft, item, event, &type_voice);
    }
    network_and_reason(draft, item, event, stage, &field_voice);
    let due = due(draft, item, stage, &defence, &field_voice);
    let gross = gross(draft, item, &field_voice);
    fraud(draft, item, stage, &field_voice);
    if event.code == "INFORMATION_SUPPLIED" && defence.automatic.is_none_or(|(auto, _)| !auto) {
        // What the provider defended by itself is not our submission.
        draft.say(&type_voice, code, Said::Acknowledged { stage, count: 1 });
    }
    item.drift(draft, &field_voice);
    extra_drift(draft, item, &field_voice);
    // A damaged deadline or payment amount is quarantined beside the rest: the case opens without it.
    extra.and(due).and(gross)
}

/// The codes that carry the payment's reference in place of the dispute's, and no `originalReference`, in accounts where
/// "Include the originalReference for CHARGEBACK_REVERSED events" is off (README.md, Quirks).
const WITHOUT_ORIGINAL: [&str; 4] = [
    "CHARGEBACK_REVERSED",
    "PREARBITRATION_LOST",
    "PREARBITRATION_WON",
    "SECOND_CHARGEBACK",
];

/// The references of the item. Where its own may be the payment's, both readings are kept: it joins the payment's family.
fn refs(draft: &mut Draft, item: &Item<'_, '_>, event: &DisputeEvent) -> References {
    let refs = References::none().and(RefKind::Dispute, &item.psp);
    let payment = match &item.original {
        Some(original) => original,
        None if WITHOUT_ORIGINAL.contains(&event.code) => &item.psp,
        None => "",
    };
    let mut refs = item.merchant_refs(refs.and(RefKind::Payment, payment));
    if let Some((capture, _)) = item.extra("capturePspReference") {
        refs = refs.and(RefKind::PaymentAlias, &capture);
    }
    if let Some((arn, span)) = item.extra("arn")
        && field::whole(draft, &arn, span, "arn").is_ok()
    {
        refs = refs.and(RefKind::Arn, &arn);
    }
    refs
}

/// Whether we may answer, and whether the provider has answered by itself. `None`: the item does not say.
struct Defence {
    possible: Option<(bool, Span)>,
    automatic: Option<(bool, Span)>,
}

impl Defence {
    fn read(draft: &mut Draft, item: &Item<'_, '_>) -> Defence {
        let mut read = |name: &str| {
            let (text, span) = item.extra(name)?;
            let read = field::boolean(&text);
            if read.is_none() {
                let detail = format!("`{name}` must be `true` or `false`");
                draft.reject(span, RejectCode::FieldType, detail);
            }
            read.map(|read| (read, span))
        };
        Defence {
            possible: read("defendable"),
            automatic: read("autoDefended"),
        }
    }
}

/// Supplied information and an ended period may belong to a request for information: then only its codes are there.
fn stage(item: &Item<'_, '_>, event: &DisputeEvent) -> Stage {
    let has = |name| item.extra(name).is_some();
    let asked = has("rfiReasonCode") || has("rfiSchemeCode");
    let charged = has("chargebackReasonCode") || has("chargebackSchemeCode");
    let shared = event.stage == Stage::Chargeback && event.money.is_none();
    if shared && asked && !charged {
        Stage::Inquiry
    } else {
        event.stage
    }
}

/// The voices of a status field and of the event code, and the span of the code.
type Voices<'v> = (&'v Voice, &'v Voice, Span);

fn phase(
    draft: &mut Draft,
    item: &Item<'_, '_>,
    event: &DisputeEvent,
    stage: Stage,
    defence: &Defence,
    (field_voice, type_voice, code): Voices<'_>,
) {
    let status = item.extra("disputeStatus");
    let stated = status.as_ref().and_then(|(word, _)| tables::standing(word));
    let open = |standing| match (standing, defence.automatic, defence.possible) {
        (Standing::Ours, Some((true, _)), _) => Standing::Theirs,
        (Standing::Ours, _, Some((false, _))) => Standing::Nobody,
        _ => standing,
    };
    match (stated, &status) {
        (Some(standing), Some((_, span))) => {
            let standing = open(standing);
            draft.say(field_voice, *span, Said::Phase(Phase { stage, standing }));
        }
        (_, unread) => {
            if let Some((word, span)) = unread {
                draft.drift(field_voice, *span, "disputeStatus", word);
            }
            if let Some(standing) = event.standing {
                let standing = open(standing);
                draft.say(type_voice, code, Said::Phase(Phase { stage, standing }));
            }
        }
    }
}

/// Money that the event moves. It is final only when the settlement report has it, so here it is pending. The key ends in
/// the kind of event: a third cycle of one dispute would share it, and the provider documents none.
fn money(draft: &mut Draft, item: &Item<'_, '_>, event: &DisputeEvent, voice: &Voice) {
    let Some((kind, ending)) = event.money else {
        return;
    };
    let amount = item.amount.0;
    let taken = kind == dispute::movement::MovementKind::Withdrawal;
    let movement = Movement {
        key: format!("{}:{ending}", item.psp),
        kind,
        amount: if taken { amount.negate() } else { amount },
        settled: false,
    };
    draft.say(voice, item.object.span(), Said::Moved(movement));
}

/// The rail, and why the payer disputes. A fraud report's code is of another list and stays with the report.
fn network_and_reason(
    draft: &mut Draft,
    item: &Item<'_, '_>,
    event: &DisputeEvent,
    stage: Stage,
    voice: &Voice,
) {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| item.extra(name));
    let scheme = first(["chargebackSchemeCode", "rfiSchemeCode"]);
    let scheme = scheme.or_else(|| item.extra("nofSchemeCode"));
    let method = || field::text(item.object, "paymentMethod");
    let rail = scheme.clone().or_else(method);
    let rail = rail.map(|(word, span)| (tables::network(&word), span));
    if let Some((network, span)) = &rail {
        draft.say(voice, *span, Said::Network(network.clone()));
    }
    let network = rail.map(|(network, _)| network);
    let stated = scheme.is_some().then(|| network.clone()).flatten();
    let container = item.extra.as_ref().map(|extra| extra.span());
    if let (Some((code, span)), Some(container)) =
        (first(["chargebackReasonCode", "rfiReasonCode"]), container)
    {
        let whole = if stated.is_some() { container } else { span };
        draft.say(
            voice,
            whole,
            Said::Reason(claim(network.as_ref(), stated, code)),
        );
        return;
    }
    // Without a code the text of an event that opens a stage is the reason, in the provider's words.
    let opens = matches!(stage, Stage::Inquiry | Stage::Chargeback)
        && event.standing == Some(Standing::Ours);
    if let Some((words, span)) = field::text(item.object, "reason").filter(|_| opens)
        && words != "null"
    {
        let claim = ReasonClaim {
            reason: Reason::Unmapped(words),
            network: stated,
            code: None,
        };
        draft.say(voice, span, Said::Reason(claim));
    }
}

fn claim(lookup: Option<&Network>, network: Option<Network>, code: String) -> ReasonClaim {
    ReasonClaim {
        reason: tables::reason(lookup, &code),
        network,
        code: Some(code),
    }
}

/// By when we may answer. The provider's word that no answer is taken stands above a date beside it (F-47).
fn due(
    draft: &mut Draft,
    item: &Item<'_, '_>,
    stage: Stage,
    defence: &Defence,
    voice: &Voice,
) -> Result<(), Rejected> {
    if let Some((false, span)) = defence.possible {
        let due = Due::NotContestable;
        draft.say(voice, span, Said::Due { stage, due });
        return Ok(());
    }
    let Some((text, span)) = item.extra("defensePeriodEndsAt") else {
        return Ok(());
    };
    let at = field::instant(draft, &text, span, "defensePeriodEndsAt")?;
    let due = Due::By(Moment::At(at));
    draft.say(voice, span, Said::Due { stage, due });
    Ok(())
}

/// The whole payment, of which a part may be disputed. Unverified: that `grossValue` is the payment and not the dispute's
/// amount before fees is taken from published samples, in which it exceeds `amount`.
fn gross(draft: &mut Draft, item: &Item<'_, '_>, voice: &Voice) -> Result<(), Rejected> {
    let (Some(extra), Some((code, code_span))) = (&item.extra, item.extra("grossCurrency")) else {
        return Ok(());
    };
    let Some(value) = extra.field("grossValue") else {
        return Ok(());
    };
    let currency = field::currency(draft, &code, code_span)?;
    let amount: Money = field::minor(draft, &value, currency)?;
    if !amount.is_zero() {
        let said = Said::Paid {
            amount,
            paid_at: None,
        };
        draft.say(voice, extra.span(), said);
    }
    Ok(())
}

/// A fraud report, in the network's code for its kind or else in the provider's words.
fn fraud(draft: &mut Draft, item: &Item<'_, '_>, stage: Stage, voice: &Voice) {
    if stage != Stage::FraudReport {
        return;
    }
    let words = || field::text(item.object, "reason");
    let (kind, span) = item
        .extra("nofReasonCode")
        .or_else(words)
        .unwrap_or_else(|| ("not stated".to_owned(), item.object.span()));
    draft.say(voice, span, Said::FraudReported { kind });
}

fn extra_drift(draft: &mut Draft, item: &Item<'_, '_>, voice: &Voice) {
    let Some(extra) = &item.extra else { return };
    for (name, value) in extra.unlisted(&EXTRA_FIELDS) {
        let lower = name.to_ascii_lowercase();
        let ours = ["dispute", "chargeback", "defen", "arbitration"];
        // An issuer's comments are the payer's words, not a state of the case.
        if !lower.starts_with("issuercomments.") && ours.iter().any(|word| lower.contains(word)) {
            draft.drift(voice, value.span(), name, value.raw());
        }
    }
}
