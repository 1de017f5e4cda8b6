//! Charges and payment intents, as far as disputes tell of them. What no document says is null, as it is with Stripe for
//! payments made in other ways.

use super::{currency, minor};
use crate::expand::Expand;
use crate::ids;
use app::disputes::Dispute;
use dispute::case::Case;
use dispute::status::Stage;
use money::Money;
use serde_json::{Value, json};

/// What the payment was worth: as a document says it, else as much of it as is disputed.
fn paid(case: &Case) -> Option<Money> {
    case.paid.or(case.disputed)
}

/// Refunds outside disputes, in the payment's currency.
fn refunded(case: &Case, paid: Option<Money>) -> i64 {
    let same = |refund: &&Money| paid.is_none_or(|paid| paid.currency() == refund.currency());
    case.refunded
        .iter()
        .filter(same)
        .map(|refund| minor(*refund))
        .sum()
}

/// Stripe's word for a network's card brand; `None` where no card was used.
pub fn brand(case: &Case) -> Option<&'static str> {
    use dispute::network::Network;
    match case.network.as_ref()? {
        Network::Amex => Some("amex"),
        Network::CartesBancaires => Some("cartes_bancaires"),
        Network::Diners => Some("diners"),
        Network::Discover => Some("discover"),
        Network::Jcb => Some("jcb"),
        Network::Mastercard => Some("mastercard"),
        Network::UnionPay => Some("unionpay"),
        Network::Visa => Some("visa"),
        Network::Ach | Network::Paypal => None,
        Network::Unlisted(_) => Some("unknown"),
    }
}

/// Stripe's word for the way of paying.
pub fn method(case: &Case) -> Option<&'static str> {
    use dispute::network::Network;
    match case.network.as_ref()? {
        Network::Ach => Some("us_bank_account"),
        Network::Paypal => Some("paypal"),
        _ => Some("card"),
    }
}

fn disputed(dispute: &Dispute) -> bool {
    let is = |case: &Case| {
        let stage = case.status.stage();
        !matches!(
            stage,
            None | Some(Stage::FraudReport | Stage::NoticeOfChange)
        )
    };
    is(&dispute.case) || dispute.linked.iter().any(is)
}

fn reported(dispute: &Dispute) -> Value {
    match dispute.fraud.is_some() {
        true => json!({ "stripe_report": "fraudulent" }),
        false => json!({}),
    }
}

pub fn render(dispute: &Dispute, expand: &Expand) -> Value {
    let case = &dispute.case;
    let paid = paid(case);
    let amount = paid.map_or(0, minor);
    let refunded = refunded(case, paid);
    let method = method(case).map(|kind| json!({ "type": kind }));
    json!({
        "id": ids::charge(case),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": refunded,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": { "address": null, "email": null, "name": null, "phone": null, "tax_id": null },
        "calculated_statement_descriptor": null,
        "captured": true,
        // No document says when the payment was made in a form that every provider has; the dispute came after it.
        "created": case.opened_at.unix_seconds(),
        "currency": paid.map_or_else(|| String::from("xxx"), currency),
        "customer": null,
        "description": null,
        "disputed": disputed(dispute),
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": reported(dispute),
        "livemode": dispute.live,
        "metadata": {},
        "on_behalf_of": null,
        "outcome": null,
        "paid": true,
        "payment_intent": match expand.under("payment_intent") {
            Some(inner) => intent(dispute, &inner).unwrap_or(Value::Null),
            None => json!(ids::intent(case)),
        },
        "payment_method": null,
        "payment_method_details": method,
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "refunded": paid.is_some() && refunded >= amount,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "succeeded",
        "transfer_data": null,
        "transfer_group": null,
    })
}

/// The intent of a payment; `None` where the provider has none.
pub fn intent(dispute: &Dispute, expand: &Expand) -> Option<Value> {
    let case = &dispute.case;
    let id = ids::intent(case)?;
    let paid = paid(case);
    let amount = paid.map_or(0, minor);
    Some(json!({
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": null,
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": amount,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic",
        "client_secret": null,
        "confirmation_method": "automatic",
        "created": case.opened_at.unix_seconds(),
        "currency": paid.map_or_else(|| String::from("xxx"), currency),
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": match expand.under("latest_charge") {
            Some(inner) => render(dispute, &inner),
            None => json!(ids::charge(case)),
        },
        "livemode": dispute.live,
        "managed_payments": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": [method(case).unwrap_or("card")],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "succeeded",
        "transfer_data": null,
        "transfer_group": null,
    }))
}
