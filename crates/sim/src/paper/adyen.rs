//! Adyen's notifications, dispute interface answers and settlement reports.

use super::hmac_sha256;
use super::stripe::major;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calendar::Instant;
use serde_json::{Map, Value, json};

/// One notification item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub code: String,
    /// The dispute, for dispute events.
    pub psp: String,
    /// The payment.
    pub original: String,
    pub account: String,
    pub merchant_reference: String,
    pub amount: i64,
    pub currency: String,
    pub method: String,
    pub reason: String,
    pub at: Instant,
    /// `disputeStatus`, `defensePeriodEndsAt` and the like.
    pub extra: Vec<(String, String)>,
}

/// A signed notification of some items. The key is hexadecimal, as Adyen hands it out.
pub fn notification(items: &[Item], key_hex: &str) -> Vec<u8> {
    let items: Vec<Value> = items
        .iter()
        .map(|item| json!({ "NotificationRequestItem": notified(item, key_hex) }))
        .collect();
    json!({ "live": "false", "notificationItems": items })
        .to_string()
        .into_bytes()
}

fn notified(item: &Item, key_hex: &str) -> Value {
    let key = hex::decode(key_hex).unwrap_or_default();
    let signed = format!(
        "{}:{}:{}:{}:{}:{}:{}:true",
        item.psp,
        item.original,
        item.account,
        item.merchant_reference,
        item.amount,
        item.currency,
        item.code
    );
    let mut extra = Map::new();
    for (name, value) in &item.extra {
        extra.insert(name.clone(), Value::String(value.clone()));
    }
    let mac = STANDARD.encode(hmac_sha256(&key, signed.as_bytes()));
    extra.insert("hmacSignature".to_owned(), Value::String(mac));
    json!({
        "additionalData": extra,
        "amount": { "currency": item.currency, "value": item.amount },
        "eventCode": item.code,
        "eventDate": item.at.to_string(),
        "merchantAccountCode": item.account,
        "merchantReference": item.merchant_reference,
        "originalReference": item.original,
        "paymentMethod": item.method,
        "pspReference": item.psp,
        "reason": item.reason,
        "success": "true",
    })
}

/// The answer of the disputes interface to a defence or an acceptance.
pub fn result(success: bool, message: &str) -> Vec<u8> {
    let mut inner = json!({ "success": success });
    if !success && let Some(inner) = inner.as_object_mut() {
        inner.insert("errorMessage".to_owned(), Value::String(message.to_owned()));
    }
    json!({ "disputeServiceResult": inner })
        .to_string()
        .into_bytes()
}

/// Which defences a dispute may take.
pub fn defence_reasons(code: &str, documents: &[(&str, &str)]) -> Vec<u8> {
    let types: Vec<Value> = documents
        .iter()
        .map(|(code, level)| {
            json!({ "available": false, "defenseDocumentTypeCode": code, "requirementLevel": level })
        })
        .collect();
    let reasons =
        json!([{ "defenseReasonCode": code, "satisfied": false, "defenseDocumentTypes": types }]);
    json!({ "defenseReasons": reasons, "disputeServiceResult": { "success": true } })
        .to_string()
        .into_bytes()
}

/// A row of the settlement detail report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementRow {
    /// The payment.
    pub psp: String,
    pub merchant_reference: String,
    pub method: String,
    pub at: Instant,
    /// `Chargeback`, `ChargebackReversed`, `SecondChargeback`, `Settled`.
    pub kind: String,
    /// The dispute.
    pub modification: String,
    pub currency: String,
    /// In minor units; negative was taken.
    pub net: i64,
}

/// The report of one batch, its times in UTC as its own column says.
pub fn settlement_report(
    company: &str,
    account: &str,
    batch: u32,
    rows: &[SettlementRow],
) -> Vec<u8> {
    let mut text = String::from(
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Payment Method Variant,Modification Merchant Reference,Batch Number\n",
    );
    for row in rows {
        let amount = major(row.net.abs());
        let (debit, credit) = if row.net < 0 {
            (amount.as_str(), "")
        } else {
            ("", amount.as_str())
        };
        let created = row.at.to_string().replace('T', " ").replace('Z', "");
        text.push_str(&format!(
            "{company},{account},{},{},{},{created},UTC,{},{},{},{debit},{credit},1,{},{debit},{credit},,,,,{},{},{batch}\n",
            row.psp,
            row.merchant_reference,
            row.method,
            row.kind,
            row.modification,
            row.currency,
            row.currency,
            row.method,
            row.merchant_reference,
        ));
    }
    text.into_bytes()
}
