//! Stripe's dispute objects, events, lists and activity reports.

use super::hmac_sha256;
use calendar::Instant;
use serde_json::{Value, json};

/// One balance transaction of a dispute. Amounts in minor units of `currency`, from the merchant's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    pub id: String,
    pub amount: i64,
    pub fee: i64,
    pub currency: String,
    pub created: Instant,
    pub available: bool,
}

/// A dispute as Stripe holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    pub id: String,
    pub charge: String,
    pub payment_intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub reason: String,
    pub brand: String,
    pub network_code: String,
    pub case_type: String,
    pub created: Instant,
    /// `None` is written as 0: the bank takes no answer.
    pub due_by: Option<Instant>,
    pub has_evidence: bool,
    pub submission_count: u32,
    pub balances: Vec<Balance>,
}

/// The object, as the interface and events carry it.
pub fn object(dispute: &Dispute) -> Value {
    let balances: Vec<Value> = dispute.balances.iter().map(balance).collect();
    json!({
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": balances,
        "charge": dispute.charge,
        "created": dispute.created.unix_seconds(),
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": dispute.due_by.map_or(0, Instant::unix_seconds),
            "enhanced_eligibility": {},
            "has_evidence": dispute.has_evidence,
            "past_due": false,
            "submission_count": dispute.submission_count,
        },
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": dispute.payment_intent,
        "payment_method_details": {
            "card": {
                "brand": dispute.brand,
                "case_type": dispute.case_type,
                "network_reason_code": dispute.network_code,
            },
            "type": "card",
        },
        "reason": dispute.reason,
        "status": dispute.status,
    })
}

fn balance(balance: &Balance) -> Value {
    let details = if balance.fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": balance.fee,
            "application": null,
            "currency": balance.currency,
            "description": "Dispute fee",
            "type": "stripe_fee",
        }])
    };
    json!({
        "id": balance.id,
        "object": "balance_transaction",
        "amount": balance.amount,
        "available_on": balance.created.plus_days(2).unix_seconds(),
        "created": balance.created.unix_seconds(),
        "currency": balance.currency,
        "description": "Chargeback",
        "exchange_rate": null,
        "fee": balance.fee,
        "fee_details": details,
        "net": balance.amount - balance.fee,
        "reporting_category": if balance.amount < 0 { "dispute" } else { "dispute_reversal" },
        "source": "",
        "status": if balance.available { "available" } else { "pending" },
        "type": "adjustment",
    })
}

/// An event around an object.
pub fn event(id: &str, kind: &str, created: Instant, object: &Value) -> Vec<u8> {
    let event = json!({
        "id": id,
        "object": "event",
        "api_version": "2026-07-29.dahlia",
        "created": created.unix_seconds(),
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
        "type": kind,
    });
    event.to_string().into_bytes()
}

/// The issuer's report of fraud on a charge, as Radar passes it on.
pub fn early_fraud_warning(
    id: &str,
    charge: &str,
    intent: &str,
    kind: &str,
    created: Instant,
) -> Value {
    json!({
        "id": id,
        "object": "radar.early_fraud_warning",
        "actionable": true,
        "charge": charge,
        "created": created.unix_seconds(),
        "fraud_type": kind,
        "livemode": false,
        "payment_intent": intent,
    })
}

/// A refund of a charge.
pub fn refund(
    id: &str,
    charge: &str,
    amount: i64,
    currency: &str,
    status: &str,
    created: Instant,
) -> Value {
    json!({
        "id": id,
        "object": "refund",
        "amount": amount,
        "charge": charge,
        "created": created.unix_seconds(),
        "currency": currency,
        "metadata": {},
        "reason": "requested_by_customer",
        "status": status,
    })
}

/// One page of a list.
pub fn list(objects: &[Value], has_more: bool) -> Vec<u8> {
    let list =
        json!({ "object": "list", "url": "/v1/disputes", "has_more": has_more, "data": objects });
    list.to_string().into_bytes()
}

/// The signature header of a body, signed at this instant.
pub fn signature(secret: &[u8], body: &[u8], at: Instant) -> (String, String) {
    let mut message = format!("{}.", at.unix_seconds()).into_bytes();
    message.extend_from_slice(body);
    let mac = hex::encode(hmac_sha256(secret, &message));
    (
        "Stripe-Signature".to_owned(),
        format!("t={},v1={mac}", at.unix_seconds()),
    )
}

/// A row of the itemized activity report: the same movements, in major units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    pub balance: Balance,
    pub charge: String,
    pub intent: String,
    /// The dispute's id, for disputes.
    pub source: String,
    pub category: String,
}

/// The report, in UTC. The exponent is two for every currency that the fakes use here.
pub fn activity_report(rows: &[ActivityRow]) -> Vec<u8> {
    let mut text = String::from(
        "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,charge_id,payment_intent_id,description\n",
    );
    for row in rows {
        let balance = &row.balance;
        let created = wall(balance.created);
        let available = wall(balance.created.plus_days(2));
        text.push_str(&format!(
            "{},{created},{available},{},{},{},{},{},{},{},{},Dispute\n",
            balance.id,
            balance.currency,
            major(balance.amount),
            major(balance.fee),
            major(balance.amount - balance.fee),
            row.category,
            row.source,
            row.charge,
            row.intent,
        ));
    }
    text.into_bytes()
}

fn wall(at: Instant) -> String {
    at.to_string().replace('T', " ").replace('Z', "")
}

/// Minor units as a decimal with two places.
pub(crate) fn major(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let units = minor.unsigned_abs();
    format!("{sign}{}.{:02}", units / 100, units % 100)
}
