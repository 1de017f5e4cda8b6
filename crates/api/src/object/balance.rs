//! Balance transactions: the movements of a case, each with the fee that was taken with it.

use super::{currency, minor};
use crate::ids;
use app::disputes::Dispute;
use dispute::case::{Booked, Case};
use dispute::movement::MovementKind;
use serde_json::{Value, json};

/// Settlement takes so long where the provider says only that it is not final; what Stripe's own sandbox shows.
const PENDING_SECONDS: i64 = 2 * 86_400;
/// A provider that takes a fee in one movement with the amount says so by the same key and this ending.
const FEE_ENDING: &str = ":fee";

/// The balance transaction of the movement under this posting key, where it stands and is none of another's fee.
pub fn one(dispute: &Dispute, key: &str) -> Option<(String, Value)> {
    let case = &dispute.case;
    let booked = case.movements.get(key)?;
    (!rides(case, booked)).then(|| {
        let id = ids::movement(&case.id, key);
        let value = render(case, booked, &id);
        (id, value)
    })
}

/// Every balance transaction of a dispute, newest first, by id.
pub fn all(dispute: &Dispute) -> Vec<(String, Value)> {
    let case = &dispute.case;
    let mut booked: Vec<&Booked> = case
        .movements
        .values()
        .filter(|booked| !rides(case, booked))
        .collect();
    booked.sort_by(|one, other| (other.at, &other.movement.key).cmp(&(one.at, &one.movement.key)));
    booked
        .into_iter()
        .map(|booked| {
            let id = ids::movement(&case.id, &booked.movement.key);
            let value = render(case, booked, &id);
            (id, value)
        })
        .collect()
}

/// Whether it is shown as the fee of another movement.
fn rides(case: &Case, booked: &Booked) -> bool {
    let bearer = booked.movement.key.strip_suffix(FEE_ENDING);
    bearer
        .and_then(|key| case.movements.get(key))
        .is_some_and(|bearer| {
            bearer.movement.amount.currency() == booked.movement.amount.currency()
        })
}

/// Stripe's `type`, `reporting_category` and words.
fn words(kind: MovementKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        MovementKind::Withdrawal => ("adjustment", "dispute", "Chargeback withdrawal"),
        MovementKind::Reinstatement => ("adjustment", "dispute_reversal", "Chargeback reversal"),
        MovementKind::ReceivedFee => ("stripe_fee", "fee", "Dispute fee"),
        MovementKind::CounterFee => ("stripe_fee", "fee", "Dispute countered fee"),
        MovementKind::ComplianceFee => ("stripe_fee", "fee", "Compliance dispute fee"),
        MovementKind::FeeReturn => ("stripe_fee", "fee", "Dispute fee returned"),
        MovementKind::FxAdjustment => {
            ("adjustment", "other_adjustment", "Exchange rate difference")
        }
        MovementKind::PreDisputeCredit => ("refund", "refund", "Refund before a dispute"),
        MovementKind::Reserve => (
            "reserve_hold",
            "risk_reserved_funds",
            "Reserve for a dispute",
        ),
        MovementKind::ReserveRelease => {
            ("reserve_release", "risk_reserved_funds", "Reserve released")
        }
        MovementKind::TransferReversal => (
            "transfer_refund",
            "transfer_reversal",
            "Transfer reversed for a dispute",
        ),
        MovementKind::Tax => ("tax_fee", "tax", "Tax on a dispute fee"),
        MovementKind::Unexplained => ("adjustment", "other_adjustment", "Unexplained movement"),
    }
}

fn render(case: &Case, booked: &Booked, id: &str) -> Value {
    let movement = &booked.movement;
    let amount = minor(movement.amount);
    let code = currency(movement.amount);
    let ridden = case.movements.get(&format!("{}{FEE_ENDING}", movement.key));
    let ridden = ridden.filter(|fee| rides(case, fee));
    // A fee is positive where it was taken; a movement that is itself a fee is an amount, as with Stripe's `stripe_fee`.
    let fee = ridden.map_or(0, |fee| -minor(fee.movement.amount));
    let details: Vec<Value> = ridden
        .map(|fee| {
            let tax = fee.movement.kind == MovementKind::Tax;
            json!({
                "amount": -minor(fee.movement.amount),
                "application": null,
                "currency": code,
                "description": words(fee.movement.kind).2,
                "type": if tax { "tax" } else { "stripe_fee" },
            })
        })
        .into_iter()
        .collect();
    let (kind, category, description) = words(movement.kind);
    let available = match movement.settled {
        true => booked.at,
        false => booked.at.plus_seconds(PENDING_SECONDS),
    };
    json!({
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available.unix_seconds(),
        "balance_type": "payments",
        "created": booked.at.unix_seconds(),
        "currency": code,
        "description": description,
        "exchange_rate": null,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": category,
        "source": ids::dispute(case),
        "status": if movement.settled { "available" } else { "pending" },
        "type": kind,
    })
}
