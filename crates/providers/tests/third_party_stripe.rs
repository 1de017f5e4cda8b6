//! Stripe documents made by others: read without rejects, named, and saying what their makers say they hold.
//!
//! Runs where the samples are (see `DOCKET_FIXTURES`); elsewhere it says that it did not.
#![allow(
    clippy::as_conversions,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use adapter::{Channel, Decoded, Inbound, Secret, Verdict};
use calendar::Instant;
use dispute::said::Said;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn samples() -> Option<(PathBuf, Vec<Value>)> {
    let (root, index) = all_samples()?;
    let stripe = index
        .into_iter()
        .filter(|entry| entry["provider"] == "stripe");
    Some((root, stripe.collect()))
}

fn all_samples() -> Option<(PathBuf, Vec<Value>)> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures");
    let root =
        std::env::var_os("DOCKET_FIXTURES").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let Ok(text) = fs::read_to_string(root.join("INDEX.json")) else {
        eprintln!("no samples at {}: not run", root.display());
        return None;
    };
    let index: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some((root, index))
}

fn now() -> Instant {
    Instant::parse("2026-06-01T00:00:00Z").unwrap()
}

fn decode(body: &[u8], channel: Channel) -> Decoded {
    let adapter = providers::list::find("stripe").unwrap();
    adapter.decode(&Inbound {
        channel,
        account: "acct_1",
        headers: &[],
        body,
        received_at: now(),
    })
}

fn words(decoded: &Decoded) -> Vec<String> {
    let lines = decoded.facts.iter();
    lines
        .map(|located| dispute::text::render(&located.fact))
        .collect()
}

/// The value of `key=value` in what the index expects.
fn expected<'e>(entry: &'e Value, key: &str) -> Option<&'e str> {
    let text = entry["expected"].as_str()?;
    let mut pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
}

#[test]
fn every_valid_sample_reads_without_rejects_under_its_own_name() {
    let Some((root, entries)) = samples() else {
        return;
    };
    let mut seen = 0;
    for entry in entries.iter().filter(|entry| entry["kind"] == "valid") {
        let rel = entry["rel"].as_str().unwrap();
        let body = fs::read(root.join(rel)).unwrap();
        let decoded = decode(&body, Channel::Api);
        assert_eq!(decoded.rejects, Vec::new(), "{rel}");
        let form = expected(entry, "type").or_else(|| expected(entry, "object"));
        // An index entry for an event object names the object; the event names its type.
        if let Some(form) = form.filter(|form| *form != "event") {
            assert_eq!(decoded.form, form, "{rel}");
        }
        seen += 1;
    }
    assert!(seen > 0, "the index lists no valid sample");
}

#[track_caller]
fn check(root: &std::path::Path, rel: &str, wanted: &[&str]) {
    let Ok(body) = fs::read(root.join(rel)) else {
        eprintln!("no {rel}: not run");
        return;
    };
    let channel = if rel.ends_with(".csv") {
        Channel::File
    } else {
        Channel::Webhook
    };
    let words = words(&decode(&body, channel));
    for text in wanted {
        assert!(
            words.iter().any(|line| line.contains(text)),
            "{rel}: no `{text}` in\n{}",
            words.join("\n")
        );
    }
}

#[test]
fn samples_about_disputes_say_what_they_hold() {
    let Some((root, _)) = samples() else { return };
    let mock = "stripe/stripe-ruby-mock+stripe-ruby-mock/lib/stripe_mock/webhook_fixtures";
    let wiki = "stripe/wikimedia+wikimedia-fundraising-SmashPig/PaymentProviders/Stripe/Tests/Data";
    let api = "stripe/stripe+openapi/openapi/fixtures3.json.resources";
    check(
        &root,
        &format!("{mock}/charge.dispute.updated.json"),
        &[
            "ref.payment=ch_00000000000000 stage=chargeback standing=theirs",
            "amount=10.00%20USD",
            "reason=general",
            "field=id value=absent",
            "due=2013-10-25T23:59:59Z",
        ],
    );
    check(
        &root,
        &format!("{mock}/charge.refunded.json"),
        &[
            "ref.refund=re_000000000000000000000000",
            "amount=1.00%20USD state=succeeded",
        ],
    );
    check(
        &root,
        &format!("{mock}/charge.refund.updated.json"),
        &["amount=1.00%20USD state=succeeded"],
    );
    check(
        &root,
        "stripe/pay-rails+pay/test/fixtures/files/stripe/charge.refunded.json",
        &["amount=5.00%20USD state=succeeded"],
    );
    check(
        &root,
        &format!("{api}/radar.early_fraud_warning.json"),
        &[
            "stage=fraud-report standing=nobody",
            "ref.payment=ch_1234 kind=misc",
        ],
    );
    check(
        &root,
        &format!("{api}/refund.json"),
        &["amount=1.00%20USD state=succeeded"],
    );
    check(
        &root,
        &format!("{wiki}/payments_activity.csv"),
        &[
            "ref.dispute=dp_bbb ref.payment=ch_bbb ref.payment-alias=pi_bbb ref.batch=po_def key=txn_102 kind=withdrawal amount=-30.00%20USD",
            "key=txn_102:fee kind=received-fee amount=-15.00%20USD",
        ],
    );
}

#[test]
fn a_report_of_payments_alone_is_other_business() {
    let Some((root, _)) = samples() else { return };
    let rel = "stripe/wikimedia+wikimedia-fundraising-SmashPig/PaymentProviders/Stripe/Tests/Data/settlement_report_with_customer_data.csv";
    if let Ok(body) = fs::read(root.join(rel)) {
        assert!(decode(&body, Channel::File).other_business());
    }
}

/// Headers made by Stripe's own library, with its verdicts.
#[test]
fn signed_samples_get_the_verdict_of_their_makers() {
    let Some((root, entries)) = samples() else {
        return;
    };
    let adapter = providers::list::find("stripe").unwrap();
    let mut seen = 0;
    for entry in entries
        .iter()
        .filter(|entry| entry["rel"].as_str().unwrap().contains("/signed/"))
    {
        let rel = entry["rel"].as_str().unwrap();
        let vector: Value = serde_json::from_slice(&fs::read(root.join(rel)).unwrap()).unwrap();
        let headers = [(
            "stripe-signature".to_owned(),
            vector["header"].as_str().unwrap().to_owned(),
        )];
        let body = vector["payload"].as_str().unwrap().as_bytes();
        let secret = Secret {
            label: "one".to_owned(),
            value: vector["secret"].as_str().unwrap().as_bytes().to_vec(),
        };
        let signed_at = vector["timestamp"].as_i64().unwrap();
        let inbound = Inbound {
            channel: Channel::Webhook,
            account: "acct_1",
            headers: &headers,
            body,
            received_at: now(),
        };
        let at = |seconds| Instant::from_unix_seconds(signed_at + seconds).unwrap();
        let verdict =
            |seconds| adapter.verify(&inbound, std::slice::from_ref(&secret), at(seconds));
        if entry["kind"] == "signature-valid" {
            let valid = Verdict::Valid {
                label: "one".to_owned(),
            };
            assert_eq!(verdict(0), valid, "{rel}");
            assert_eq!(verdict(300), valid, "{rel}");
            assert_eq!(verdict(301), Verdict::Stale { seconds: 301 }, "{rel}");
            assert_eq!(verdict(-301), Verdict::Stale { seconds: -301 }, "{rel}");
            let decoded = decode(body, Channel::Webhook);
            assert_eq!(decoded.rejects, Vec::new(), "{rel}");
            assert!(
                decoded
                    .facts
                    .iter()
                    .any(|located| matches!(located.fact.said, Said::Phase(_))),
                "{rel}"
            );
        } else {
            assert!(
                matches!(verdict(0), Verdict::Wrong(_)),
                "{rel}: {:?}",
                verdict(0)
            );
        }
        seen += 1;
    }
    assert!(seen > 0, "the index lists no signed sample");
}

/// A document on the wrong way in must be seen to be there, not pass for other business.
#[test]
fn samples_of_other_providers_are_rejected() {
    let Some((root, entries)) = all_samples() else {
        return;
    };
    for entry in entries.iter().filter(|entry| entry["provider"] != "stripe") {
        let rel = entry["rel"].as_str().unwrap();
        let body = fs::read(root.join(rel)).unwrap();
        let decoded = decode(&body, Channel::Webhook);
        assert!(
            !decoded.rejects.is_empty(),
            "{rel} passes for {}",
            decoded.form
        );
        assert_eq!(decoded.facts, Vec::new(), "{rel}");
    }
}
