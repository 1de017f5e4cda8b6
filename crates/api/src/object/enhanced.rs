//! Enhanced evidence: the networks' own programmes, and whether a dispute qualifies. Source of the rules: Stripe's page on
//! Visa Compelling Evidence 3.0 (docs.stripe.com/disputes/api/visa-ce3) and the SDKs' types.

use app::disputes::Dispute;
use dispute::case::Case;
use dispute::network::Network;
use dispute::status::Stage;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Visa's fraud condition for card-absent payments, the only one that the programme is for.
const CE3_CODE: &str = "10.4";
/// "Exactly two" prior transactions.
pub const PRIORS: usize = 2;

pub const CE3: &str = "visa_compelling_evidence_3";
pub const DISPUTED: &str = "visa_compelling_evidence_3.disputed_transaction";

/// Of each transaction.
pub const IDENTIFIERS: &[&str] = &[
    "customer_account_id",
    "customer_device_fingerprint",
    "customer_device_id",
    "customer_email_address",
    "customer_purchase_ip",
];

pub const ADDRESS: &[&str] = &["city", "country", "line1", "line2", "postal_code", "state"];

/// The path of a prior transaction.
pub fn prior(at: usize) -> String {
    format!("{CE3}.prior_undisputed_transactions.{at}")
}

/// Which programmes this dispute is eligible for.
pub fn eligible(case: &Case) -> Vec<&'static str> {
    let stage = case.status.stage();
    let code = case.reason.as_ref().and_then(|claim| claim.code.as_deref());
    match (case.network.as_ref(), stage) {
        (Some(Network::Visa), Some(Stage::Compliance)) => vec!["visa_compliance"],
        (Some(Network::Mastercard), Some(Stage::Compliance)) => vec!["mastercard_compliance"],
        (Some(Network::Visa), Some(Stage::Chargeback)) if code == Some(CE3_CODE) => vec![CE3],
        _ => Vec::new(),
    }
}

/// `evidence_details.enhanced_eligibility`.
pub fn eligibility(dispute: &Dispute) -> Value {
    let mut fields = Map::new();
    for program in eligible(&dispute.case) {
        let value = match program {
            CE3 => ce3(&dispute.enhanced),
            _ => {
                let paid = dispute.enhanced.get(&format!("{program}.fee_acknowledged"));
                let acknowledged = paid.is_some_and(|word| word == "true");
                json!({ "status": if acknowledged { "fee_acknowledged" } else { "requires_fee_acknowledgement" } })
            }
        };
        fields.insert(program.to_owned(), value);
    }
    Value::Object(fields)
}

fn ce3(said: &BTreeMap<String, String>) -> Value {
    let has = |path: &str, field: &str| said.contains_key(&format!("{path}.{field}"));
    let priors: Vec<String> = (0..PRIORS)
        .map(prior)
        .filter(|path| has(path, "charge"))
        .collect();
    let mut actions = Vec::new();
    if !priors.iter().all(|prior| matched(said, prior)) || priors.is_empty() {
        actions.push("missing_customer_identifiers");
    }
    if !has(DISPUTED, "product_description") {
        actions.push("missing_disputed_transaction_description");
    }
    if !has(DISPUTED, "merchandise_or_services") {
        actions.push("missing_merchandise_or_services");
    }
    if !priors.iter().all(|prior| has(prior, "product_description")) || priors.is_empty() {
        actions.push("missing_prior_undisputed_transaction_description");
    }
    if priors.len() < PRIORS {
        actions.push("missing_prior_undisputed_transactions");
    }
    let status = match actions.is_empty() {
        true => "qualified",
        false => "requires_action",
    };
    json!({ "required_actions": actions, "status": status })
}

/// Two main elements match, or one main and one secondary; a fingerprint together with a device id counts once.
fn matched(said: &BTreeMap<String, String>, prior: &str) -> bool {
    let same = |field: &str| {
        let here = said.get(&format!("{DISPUTED}.{field}"));
        here.is_some() && here == said.get(&format!("{prior}.{field}"))
    };
    let address = || {
        let line = |path: &str| said.get(&format!("{path}.shipping_address.line1"));
        line(DISPUTED).is_some()
            && ADDRESS.iter().all(|field| {
                let at = |path: &str| said.get(&format!("{path}.shipping_address.{field}"));
                at(DISPUTED) == at(prior)
            })
    };
    let ip = same("customer_purchase_ip");
    let device = same("customer_device_fingerprint") || same("customer_device_id");
    let secondary = same("customer_email_address") || same("customer_account_id") || address();
    (ip && device) || ((ip || device) && secondary)
}

/// `evidence.enhanced_evidence`: what was said so far.
pub fn evidence(dispute: &Dispute) -> Value {
    let said = &dispute.enhanced;
    let mut fields = Map::new();
    for program in eligible(&dispute.case) {
        let value = if program == CE3 {
            let priors: Vec<Value> = (0..PRIORS)
                .map(prior)
                .filter(|path| said.contains_key(&format!("{path}.charge")))
                .map(|path| transaction(said, &path, "charge"))
                .collect();
            json!({
                "disputed_transaction": transaction(said, DISPUTED, "merchandise_or_services"),
                "prior_undisputed_transactions": priors,
            })
        } else {
            let word = said.get(&format!("{program}.fee_acknowledged"));
            json!({ "fee_acknowledged": word.is_some_and(|word| word == "true") })
        };
        fields.insert(program.to_owned(), value);
    }
    Value::Object(fields)
}

fn transaction(said: &BTreeMap<String, String>, path: &str, own: &str) -> Value {
    let text = |field: &str| json!(said.get(&format!("{path}.{field}")));
    let mut fields = Map::new();
    for field in IDENTIFIERS.iter().chain(&["product_description", own]) {
        fields.insert((*field).to_owned(), text(field));
    }
    let address: Map<String, Value> = ADDRESS
        .iter()
        .map(|field| {
            (
                (*field).to_owned(),
                text(&format!("shipping_address.{field}")),
            )
        })
        .collect();
    let known = address.values().any(|value| !value.is_null());
    let address = if known {
        Value::Object(address)
    } else {
        Value::Null
    };
    fields.insert("shipping_address".to_owned(), address);
    Value::Object(fields)
}
