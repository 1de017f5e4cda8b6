//! PayPal's dispute objects, events, lists and settlement reports.

use calendar::Instant;
use serde_json::{Value, json};

/// One money movement, as the dispute object lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// `DEBIT` or `CREDIT`, for the seller.
    pub kind: String,
    /// Decimal text.
    pub amount: String,
    pub reason: String,
    pub at: Instant,
}

/// A dispute as PayPal holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    pub id: String,
    pub transaction: String,
    pub invoice: String,
    pub amount: String,
    pub currency: String,
    pub reason: String,
    pub status: String,
    pub state: String,
    pub stage: String,
    pub channel: String,
    pub created: Instant,
    pub updated: Instant,
    pub due: Option<Instant>,
    /// Outcome code and amount refunded, once resolved.
    pub outcome: Option<(String, Option<String>)>,
    pub movements: Vec<Money>,
    /// How often the seller gave evidence.
    pub evidence_count: u32,
}

/// The object, as the interface and events carry it.
pub fn object(dispute: &Dispute) -> Value {
    let amount = |value: &str| json!({ "currency_code": dispute.currency, "value": value });
    let movements: Vec<Value> = dispute
        .movements
        .iter()
        .map(|movement| {
            json!({
                "affected_party": "SELLER",
                "amount": amount(&movement.amount),
                "initiated_time": movement.at.to_string(),
                "type": movement.kind,
                "reason": movement.reason,
            })
        })
        .collect();
    let evidences: Vec<Value> = (0..dispute.evidence_count)
        .map(|_| json!({ "evidence_type": "PROOF_OF_FULFILLMENT", "source": "SUBMITTED_BY_SELLER", "date": dispute.updated.to_string() }))
        .collect();
    let mut object = json!({
        "dispute_id": dispute.id,
        "create_time": dispute.created.to_string(),
        "update_time": dispute.updated.to_string(),
        "disputed_transactions": [{
            "seller_transaction_id": dispute.transaction,
            "invoice_number": dispute.invoice,
            "gross_amount": amount(&dispute.amount),
        }],
        "reason": dispute.reason,
        "status": dispute.status,
        "dispute_state": dispute.state,
        "dispute_amount": amount(&dispute.amount),
        "dispute_life_cycle_stage": dispute.stage,
        "dispute_channel": dispute.channel,
        "money_movements": movements,
        "evidences": evidences,
    });
    if let Some(fields) = object.as_object_mut() {
        if let Some(due) = dispute.due {
            fields.insert(
                "seller_response_due_date".to_owned(),
                Value::String(due.to_string()),
            );
        }
        if let Some((code, refunded)) = &dispute.outcome {
            let mut outcome = json!({ "outcome_code": code });
            if let (Some(refunded), Some(outcome)) = (refunded, outcome.as_object_mut()) {
                outcome.insert("amount_refunded".to_owned(), amount(refunded));
            }
            fields.insert("dispute_outcome".to_owned(), outcome);
        }
    }
    object
}

/// A webhook event around a dispute.
pub fn event(id: &str, kind: &str, created: Instant, object: &Value) -> Vec<u8> {
    let event = json!({
        "id": id,
        "event_version": "1.0",
        "create_time": created.to_string(),
        "resource_type": "dispute",
        "event_type": kind,
        "summary": "A dispute changed",
        "resource": object,
    });
    event.to_string().into_bytes()
}

/// One page of the list of disputes.
pub fn list(objects: &[Value]) -> Vec<u8> {
    json!({ "items": objects, "links": [] })
        .to_string()
        .into_bytes()
}

/// A row of the settlement report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementRow {
    pub id: String,
    /// The disputed transaction.
    pub reference: String,
    /// `T1201` chargeback, `T1202` its reversal, `T0106` its fee.
    pub code: String,
    pub at: Instant,
    /// Hundredths, whatever the currency; negative was taken.
    pub hundredths: i64,
    pub currency: String,
}

/// A settlement report with its counts. `count_off` makes its counts lie by so many rows.
pub fn settlement_report(
    account: &str,
    from: Instant,
    until: Instant,
    rows: &[SettlementRow],
    count_off: i64,
) -> Vec<u8> {
    let mut text = format!("\"RH\",{},\"A\",{account},009\n\"FH\",01\n", wall(until));
    text.push_str(&format!(
        "\"SH\",{},{},{account},\"\"\n",
        wall(from),
        wall(until)
    ));
    text.push_str("\"CH\",\"Transaction ID\",\"Invoice ID\",\"PayPal Reference ID\",\"PayPal Reference ID Type\",\"Transaction Event Code\",\"Transaction Initiation Date\",\"Transaction Completion Date\",\"Transaction Debit or Credit\",\"Gross Transaction Amount\",\"Gross Transaction Currency\",\"Fee Debit or Credit\",\"Fee Amount\",\"Fee Currency\"\n");
    for row in rows {
        let sign = if row.hundredths < 0 { "DR" } else { "CR" };
        text.push_str(&format!(
            "\"SB\",\"{}\",\"\",\"{}\",\"TXN\",\"{}\",{},{},\"{sign}\",{},\"{}\",,,\n",
            row.id,
            row.reference,
            row.code,
            wall(row.at),
            wall(row.at),
            row.hundredths.unsigned_abs(),
            row.currency,
        ));
    }
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX) + count_off;
    text.push_str(&format!("\"SC\",{count}\n\"RC\",{count}\n\"FC\",{count}\n"));
    text.into_bytes()
}

fn wall(at: Instant) -> String {
    let text = at.to_string();
    format!(
        "{} +0000",
        text.replace('-', "/").replace('T', " ").replace('Z', "")
    )
}
