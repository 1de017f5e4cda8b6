//! Third-party samples of PayPal documents, when they are at hand. They are no part of this repository.
#![allow(
    clippy::as_conversions,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use adapter::{Channel, Decoded, Inbound};
use calendar::Instant;
use dispute::reference::RefKind;
use dispute::said::Said;
use serde_json::Value;
use std::path::PathBuf;

/// Valid by their origin, and yet rightly held: why.
const HELD: &[(&str, &str)] = &[(
    "stl_order_recur/paypal/incoming/STL-20260106.01.009.csv",
    "its counts say 5 data rows and it was cut down to 1 (F-64)",
)];

fn root() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let root = std::env::var_os("DOCKET_FIXTURES").map_or(beside, PathBuf::from);
    root.join("INDEX.json").exists().then_some(root)
}

/// The index's entries about PayPal, with their bytes.
fn samples() -> Vec<(Value, Vec<u8>)> {
    let Some(root) = root() else {
        eprintln!("skipped: no third-party fixtures");
        return Vec::new();
    };
    let index = std::fs::read(root.join("INDEX.json")).unwrap();
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let ours = index
        .into_iter()
        .filter(|entry| entry["provider"] == "paypal");
    ours.map(|entry| {
        let bytes = std::fs::read(root.join(entry["rel"].as_str().unwrap())).unwrap();
        (entry, bytes)
    })
    .collect()
}

fn decode(rel: &str, body: &[u8]) -> Decoded {
    let paypal = providers::list::find("paypal").unwrap();
    let file = rel.to_ascii_lowercase().ends_with(".csv");
    let inbound = Inbound {
        channel: if file {
            Channel::File
        } else {
            Channel::Webhook
        },
        account: "account-1",
        headers: &[],
        body,
        received_at: Instant::parse("2026-03-02T12:00:00Z").unwrap(),
    };
    paypal.decode(&inbound)
}

/// `key=value` pairs of the index's `expected` column.
fn expected(entry: &Value, key: &str) -> Option<String> {
    let text = entry["expected"].as_str()?;
    let mut pairs = text.split(", ").filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}

#[test]
fn valid_documents_have_no_rejects() {
    for (entry, body) in samples() {
        let rel = entry["rel"].as_str().unwrap();
        let decoded = decode(rel, &body);
        if HELD.iter().any(|(end, _)| rel.ends_with(end)) {
            assert!(decoded.held(), "{rel} is not held");
        } else {
            assert_eq!(decoded.rejects, Vec::new(), "{rel}");
        }
        assert_ne!(decoded.form, "unknown", "{rel}");
        if std::env::var_os("SHOW").is_some() {
            eprintln!("== {rel}: {}", decoded.form);
            for record in &decoded.records {
                eprintln!("   {:?}", record);
            }
            for located in &decoded.facts {
                eprintln!("   {}", dispute::text::render(&located.fact));
            }
        }
    }
}

/// What the index says of a notification is what its facts say.
#[test]
fn notifications_say_what_the_index_expects() {
    for (entry, body) in samples() {
        let rel = entry["rel"].as_str().unwrap();
        let Some(status) = expected(&entry, "payment_status") else {
            continue;
        };
        let facts = decode(rel, &body).facts;
        if !["Refunded", "Reversed", "Canceled_Reversal"].contains(&status.as_str()) {
            assert_eq!(facts, Vec::new(), "{rel}");
            continue;
        }
        let gross = expected(&entry, "mc_gross").unwrap();
        let currency = expected(&entry, "mc_currency").unwrap();
        let parent = expected(&entry, "parent_txn_id").unwrap();
        let sum =
            money::Money::parse_padded(&gross, money::Currency::find(&currency).unwrap()).unwrap();
        let fact = &facts
            .first()
            .unwrap_or_else(|| panic!("{rel} says nothing"))
            .fact;
        assert_eq!(
            fact.refs.find(RefKind::Payment),
            Some(parent.as_str()),
            "{rel}"
        );
        match &fact.said {
            Said::Refunded { amount, .. } => assert_eq!(amount.negate(), sum, "{rel}"),
            Said::Moved(moved) => assert_eq!(moved.amount, sum, "{rel}"),
            other => panic!("{rel}: {other:?}"),
        }
    }
}

/// The chargeback and its fee of the same moment hang together: the fee refers to the chargeback, the chargeback to the payment.
#[test]
fn a_chargeback_and_its_fee_are_two_movements_of_one_family() {
    for (entry, body) in samples() {
        let rel = entry["rel"].as_str().unwrap();
        if !rel.ends_with("stl_chargeback_with_fee.csv") {
            continue;
        }
        let lines: Vec<String> = decode(rel, &body)
            .facts
            .iter()
            .map(|one| dispute::text::render(&one.fact))
            .collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].contains("kind=withdrawal amount=-3.00%20USD"),
            "{}",
            lines[0]
        );
        assert!(
            lines[0].contains("ref.payment=59M83 ref.payment-alias=5K823"),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].contains("kind=received-fee amount=-20.00%20USD"),
            "{}",
            lines[1]
        );
        assert!(lines[1].contains("ref.payment-alias=5K823"), "{}", lines[1]);
    }
}

/// F-16, F-42: a refund or reversal that lost one of the fields it cannot do without is a located reject, never silence.
#[test]
fn a_notification_that_lost_a_field_is_rejected() {
    for (entry, body) in samples() {
        let rel = entry["rel"].as_str().unwrap();
        let status = expected(&entry, "payment_status").unwrap_or_default();
        if !["Refunded", "Reversed"].contains(&status.as_str()) {
            continue;
        }
        for lost in [
            "payment_status",
            "txn_id",
            "parent_txn_id",
            "mc_gross",
            "mc_currency",
            "payment_date",
        ] {
            let mut object: Value = serde_json::from_slice(&body).unwrap();
            object.as_object_mut().unwrap().remove(lost);
            let decoded = decode(rel, object.to_string().as_bytes());
            assert!(!decoded.rejects.is_empty(), "{rel} without {lost}");
        }
    }
}
