//! The money movements in the dispute object.

use super::{lookup, read};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::RejectCode;
use dispute::movement::{Movement, MovementKind};
use dispute::said::Said;
use money::Money;
use std::collections::BTreeMap;

/// Says each movement that touched the seller. PayPal gives them no id, so the key is made of the dispute, the reason, the
/// direction and the instant, and of the ordinal among movements that agree in all of these. `fund_movements` is the newer
/// name of the same list and is read only when the older is absent.
pub(super) fn decode(draft: &mut Draft, object: &Object<'_>, voice: &Voice, dispute: &str) {
    let (list, party) = match object.field("money_movements") {
        Some(_) => ("money_movements", "affected_party"),
        None => ("fund_movements", "party"),
    };
    let mut ordinals: BTreeMap<String, u32> = BTreeMap::new();
    for entry in read::objects(draft, object, list) {
        let Some((party, party_span)) = read::required(draft, &entry, party) else {
            continue;
        };
        match party.trim() {
            "SELLER" => seller(draft, &entry, voice, dispute, &mut ordinals),
            "BUYER" | "PAYMENT_PROCESSOR" => {}
            other => draft.drift(voice, party_span, "money_movements.affected_party", other),
        }
    }
}

fn seller(
    draft: &mut Draft,
    entry: &Object<'_>,
    voice: &Voice,
    dispute: &str,
    ordinals: &mut BTreeMap<String, u32>,
) {
    let Some(signed) = signed(draft, entry, voice) else {
        return;
    };
    let reason = read::required(draft, entry, "reason");
    let before = draft.reject_count();
    let initiated = read::instant(draft, entry, "initiated_time");
    if initiated.is_none() && draft.reject_count() == before {
        read::missing(draft, entry.span(), "money_movements.initiated_time");
    }
    let (Some((reason, reason_span)), Some((at, _))) = (reason, initiated) else {
        return;
    };
    let reason = reason.trim();
    let direction = if signed.is_negative() {
        "DEBIT"
    } else {
        "CREDIT"
    };
    let row = lookup::find(lookup::MOVEMENTS, [reason, direction]);
    let kind = match row.as_deref() {
        Some([kind, ..]) => MovementKind::parse(kind).unwrap_or(MovementKind::Unexplained),
        _ => {
            draft.drift(voice, reason_span, "money_movements.reason", reason);
            MovementKind::Unexplained
        }
    };
    let stem = format!("{dispute}/{reason}/{direction}/{at}");
    let ordinal = ordinals.entry(stem.clone()).or_insert(0);
    *ordinal += 1;
    let key = format!("{stem}/{ordinal}");
    let movement = Movement {
        key,
        kind,
        amount: signed,
        settled: true,
    };
    let voice = Voice {
        true_at: at,
        ..voice.clone()
    };
    draft.say(&voice, entry.span(), Said::Moved(movement));
}

/// The amount from our side: `type` says the direction, so the amount itself has no sign.
fn signed(draft: &mut Draft, entry: &Object<'_>, voice: &Voice) -> Option<Money> {
    if entry.field("amount").is_none() {
        match entry.field("asset") {
            Some(asset) => draft.drift(voice, asset.span(), "money_movements.asset", asset.raw()),
            None => read::missing(draft, entry.span(), "money_movements.amount"),
        }
        return None;
    }
    let amount = read::money(draft, entry, "amount");
    let direction = read::required(draft, entry, "type");
    let ((amount, amount_span), (direction, direction_span)) = (amount?, direction?);
    if amount.is_negative() {
        let detail = format!("a movement of {amount}: `type` says the direction, expected no sign");
        draft.reject(amount_span, RejectCode::Amount, detail);
        return None;
    }
    match direction.trim() {
        "DEBIT" => Some(amount.negate()),
        "CREDIT" => Some(amount),
        other => {
            let shown = read::shown(other);
            let detail =
                format!("`type` is `{shown}`, neither DEBIT nor CREDIT, so the sign is open");
            draft.reject(direction_span, RejectCode::Amount, detail);
            None
        }
    }
}
