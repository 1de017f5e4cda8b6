//! Signed webhooks, each the opening of one synthetic case, for whatever is measured under load.
#![allow(dead_code, clippy::unwrap_used)]

use adapter::Channel;
use calendar::Instant;
use engine::intake::Arrival;
use sim::paper::stripe::{Balance, Dispute, event, object, signature};

pub const SECRET: &[u8] = b"whsec_synthetic";

/// The second at which the first case was opened; each later one is a second later.
pub fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(1_790_000_000 + seconds).unwrap()
}

/// The provider's name of case number so many.
pub fn name(number: i64) -> String {
    format!("dp_bench{number:08}")
}

/// The bytes that open case number so many, to be answered within so many days.
pub fn body(number: i64, days: i64) -> Vec<u8> {
    let opened = at(number);
    let amount = 1_000 + number % 5_000;
    let dispute = Dispute {
        id: name(number),
        charge: format!("ch_bench{number:08}"),
        payment_intent: format!("pi_bench{number:08}"),
        amount,
        currency: "usd".to_owned(),
        status: "needs_response".to_owned(),
        reason: "fraudulent".to_owned(),
        brand: "visa".to_owned(),
        network_code: "10.4".to_owned(),
        case_type: "chargeback".to_owned(),
        created: opened,
        due_by: Some(opened.plus_days(days)),
        has_evidence: false,
        submission_count: 0,
        balances: vec![Balance {
            id: format!("txn_bench{number:08}"),
            amount: -amount,
            fee: 1_500,
            currency: "usd".to_owned(),
            created: opened,
            available: true,
        }],
    };
    let id = format!("evt_bench{number:08}");
    event(&id, "charge.dispute.created", opened, &object(&dispute))
}

/// As it arrives at the endpoint of this account, signed when it was opened.
pub fn arrival(number: i64, days: i64, account: &str) -> Arrival {
    let body = body(number, days);
    Arrival {
        provider: "stripe".to_owned(),
        account: account.to_owned(),
        channel: Channel::Webhook,
        name: format!("/in/stripe/{account}"),
        headers: vec![signature(SECRET, &body, at(number))],
        body,
        received_at: at(number),
    }
}
