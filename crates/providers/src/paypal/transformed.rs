//! Notifications after an open-source fundraising stack has normalised them: one flat JSON object whose `gateway` is PayPal.
//! PayPal itself never sends this; imports of old archives hold it.

use super::{ipn, read};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::{Decoded, Fate, Inbound, RejectCode};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::movement::MovementKind;
use dispute::reference::{RefKind, References};
use dispute::status::{Authority, Party};
use money::Money;

/// Whether the object has that shape.
pub(super) fn is_transformed(object: &Object<'_>) -> bool {
    let gateway = object.text("gateway").unwrap_or_default();
    let paypal = ["paypal", "paypal_ec", "braintree_paypal"].contains(&gateway.trim());
    let telling = [
        "gateway_txn_id",
        "gateway_parent_id",
        "gross",
        "txn_type",
        "subscr_id",
        "type",
    ];
    paypal && telling.iter().any(|name| object.field(name).is_some())
}

/// Refunds and chargebacks are money; every other type is other business.
pub(super) fn decode(inbound: &Inbound<'_>, object: &Object<'_>) -> Decoded {
    let kind = object
        .text("type")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let parent = object.field("gateway_parent_id").is_some();
    let form = "transformed-notification";
    let what = match kind.as_str() {
        "refund" => Some(ipn::Money::Refund),
        "chargeback" => Some(ipn::Money::Movement(MovementKind::Withdrawal)),
        "chargeback_reversed" | "chargeback_reversal" | "refund_reversed" => {
            Some(ipn::Money::Movement(MovementKind::Reinstatement))
        }
        _ => None,
    };
    let mut draft = Draft::new(form, inbound.body.len());
    match what {
        Some(what) => {
            let before = (draft.reject_count(), draft.fact_count());
            facts(&mut draft, inbound, object, what);
            super::dispute_object::mark(&mut draft, object.span(), before);
        }
        None if kind.is_empty() && parent => {
            read::missing(&mut draft, object.span(), "type");
            draft.mark(object.span(), Fate::Rejected);
        }
        None => {
            let name = object.text("txn_type").unwrap_or_default();
            let name = [kind.as_str(), name.trim(), "payment"]
                .into_iter()
                .find(|name| !name.is_empty());
            draft.mark(
                object.span(),
                Fate::OtherBusiness(format!("transformed.{}", name.unwrap_or("payment"))),
            );
        }
    }
    draft.finish()
}

fn facts(draft: &mut Draft, inbound: &Inbound<'_>, object: &Object<'_>, what: ipn::Money) {
    let key_name = match object.field("gateway_txn_id") {
        Some(_) => "gateway_txn_id",
        None => "gateway_refund_id",
    };
    let key = read::required(draft, object, key_name);
    let parent = read::required(draft, object, "gateway_parent_id");
    let at = date(draft, object);
    let code_name = match object.field("currency") {
        Some(_) => "currency",
        None => "gross_currency",
    };
    let code = read::required(draft, object, code_name);
    let gross = read::required(draft, object, "gross");
    let fee = read::text(draft, object, "fee");
    let currency = code.and_then(|(code, span)| read::currency(draft, &code, span));
    let (Some((key, key_span)), Some((parent, parent_span)), Some(at)) = (key, parent, at) else {
        return;
    };
    let (Some((gross, gross_span)), Some(currency)) = (gross, currency) else {
        return;
    };
    let whole = read::whole(draft, &key, key_span, key_name)
        && read::whole(draft, &parent, parent_span, "gateway_parent_id");
    let mut amount = |text: &str, span| match Money::parse_padded(text.trim(), currency) {
        Ok(money) => Some(money),
        Err(error) => {
            draft.reject(span, RejectCode::Amount, error.to_string());
            None
        }
    };
    let gross = amount(&gross, gross_span);
    let fee = fee.and_then(|(fee, span)| Some((amount(&fee, span)?, span)));
    let (Some(gross), true) = (gross, whole) else {
        return;
    };
    let order = object.text("order_id").unwrap_or_default();
    let voice = Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account: inbound.account.to_owned(),
        },
        refs: References::none()
            .and(RefKind::Payment, &parent)
            .and(RefKind::Merchant, &order),
        by: Party::Provider,
        authority: Authority::MessageType,
        true_at: at,
        sequence: 0,
    };
    ipn::say_money(draft, &voice, what, &key, (gross, gross_span), fee);
}

/// `date` is in Unix seconds, as a number or as text.
fn date(draft: &mut Draft, object: &Object<'_>) -> Option<Instant> {
    let (text, span) = read::required(draft, object, "date")?;
    let at = text
        .trim()
        .parse()
        .ok()
        .and_then(Instant::from_unix_seconds);
    if at.is_none() {
        let detail = format!("`date` is `{}`, expected Unix seconds", read::shown(&text));
        draft.reject(span, RejectCode::Time, detail);
    }
    at
}
