//! Early fraud warnings: the issuer tells of fraud before anybody disputes.

use crate::expand::Expand;
use crate::ids;
use crate::object::charge;
use app::disputes::Dispute;
use dispute::status::Stage;
use serde_json::{Value, json};

pub fn render(dispute: &Dispute, expand: &Expand) -> Value {
    let case = &dispute.case;
    // It still helps to give the money back: nothing was refunded, and no dispute has followed.
    let followed = dispute
        .linked
        .iter()
        .any(|other| other.status.stage() != Some(Stage::FraudReport));
    let mut warning = json!({
        "id": ids::warning(case),
        "object": "radar.early_fraud_warning",
        "actionable": !followed && case.refunded.is_empty(),
        "charge": match expand.under("charge") {
            Some(inner) => charge::render(dispute, &inner),
            None => json!(ids::charge(case)),
        },
        "created": case.opened_at.unix_seconds(),
        "fraud_type": dispute.fraud.as_deref().unwrap_or("misc"),
        "livemode": dispute.live,
    });
    if let (Some(intent), Some(fields)) = (ids::intent(case), warning.as_object_mut()) {
        let shown = match expand.under("payment_intent") {
            Some(inner) => charge::intent(dispute, &inner).unwrap_or(Value::Null),
            None => json!(intent),
        };
        fields.insert("payment_intent".to_owned(), shown);
    }
    warning
}
