//! What holds across Stripe's documents: one movement whoever tells it, exact amounts, accounts, and repeated names.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use adapter::{Channel, Decoded, Inbound};
use calendar::Instant;
use dispute::movement::Movement;
use dispute::said::Said;
use std::fs;

fn decode(channel: Channel, body: &[u8]) -> Decoded {
    let received_at = Instant::parse("2026-06-01T00:00:00Z").unwrap();
    let inbound = Inbound {
        channel,
        account: "acct_1",
        headers: &[],
        body,
        received_at,
    };
    providers::list::find("stripe").unwrap().decode(&inbound)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/stripe/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read(path).unwrap()
}

fn movements(decoded: &Decoded, key: &str) -> Vec<Movement> {
    let said = decoded.facts.iter().map(|located| &located.fact.said);
    let moved = said.filter_map(|said| match said {
        Said::Moved(movement) => Some(movement.clone()),
        _ => None,
    });
    moved.filter(|movement| movement.key == key).collect()
}

/// F-06, F-09: a movement posts once, whichever document says it first.
#[test]
fn a_movement_is_the_same_by_webhook_api_and_report() {
    let told = [
        (Channel::Webhook, "dispute-funds-withdrawn.in.json"),
        (Channel::Api, "api-dispute.in.json"),
        (Channel::Api, "api-balance-transaction.in.json"),
        (Channel::File, "payout-reconciliation.in.csv"),
    ];
    for key in ["txn_docket0001", "txn_docket0001:fee"] {
        let mut all = Vec::new();
        for (channel, name) in told {
            let found = movements(&decode(channel, &fixture(name)), key);
            assert_eq!(found.len(), 1, "{name} tells {key} once");
            all.extend(found);
        }
        // Whether it is settled is as of each document, and only grows.
        let kinds: Vec<_> = all.iter().map(|moved| (moved.kind, moved.amount)).collect();
        assert!(
            kinds.windows(2).all(|pair| pair.first() == pair.last()),
            "{key}: {kinds:?}"
        );
    }
}

#[track_caller]
fn check_amount(units: &str, currency: &str, expected: Result<&str, &str>) {
    let body = format!(
        r#"{{"id":"dp_1","object":"dispute","charge":"ch_1","reason":"general","status":"lost","amount":{units},"currency":"{currency}"}}"#
    );
    let decoded = decode(Channel::Api, body.as_bytes());
    let said = decoded
        .facts
        .iter()
        .find_map(|located| match &located.fact.said {
            Said::Disputed(amount) => Some(amount.to_string()),
            _ => None,
        });
    match expected {
        Ok(amount) => assert_eq!(said.as_deref(), Some(amount), "{units} {currency}"),
        Err(code) => {
            assert_eq!(said, None, "{units} {currency}");
            let codes: Vec<_> = decoded
                .rejects
                .iter()
                .map(|reject| reject.code.name())
                .collect();
            assert_eq!(codes, [code], "{units} {currency}");
        }
    }
}

/// F-23, F-42: Stripe's decimals, not ISO's, and never a guess.
#[test]
fn amounts_are_read_with_the_decimals_that_stripe_gives_them() {
    check_amount("1050", "usd", Ok("10.50 USD"));
    check_amount("1050", "USD", Ok("10.50 USD"));
    check_amount("0", "usd", Ok("0.00 USD"));
    check_amount("1500", "jpy", Ok("1500 JPY"));
    check_amount("1500", "krw", Ok("1500 KRW"));
    check_amount("12340", "kwd", Ok("12.340 KWD"));
    check_amount("1000", "huf", Ok("10.00 HUF"));
    check_amount("80045", "twd", Ok("800.45 TWD"));
    check_amount("500", "isk", Ok("5 ISK"));
    check_amount("550", "isk", Err("amount"));
    check_amount("500", "ugx", Ok("5 UGX"));
    check_amount("501", "ugx", Err("amount"));
    check_amount("500", "mga", Ok("500.00 MGA"));
    check_amount("10.5", "usd", Err("amount"));
    check_amount("1e3", "usd", Err("amount"));
    check_amount("-1", "usd", Err("amount"));
    check_amount("\"1050\"", "usd", Err("field-type"));
    check_amount("true", "usd", Err("field-type"));
    check_amount("{}", "usd", Err("field-type"));
    check_amount("9223372036854775808", "usd", Err("amount"));
    check_amount("1050", "xau", Err("currency"));
    check_amount("1050", "us", Err("currency"));
    check_amount("null", "usd", Err("missing-field"));
}

#[track_caller]
fn check_account(body: &str, expected: Option<&str>) {
    let received_at = Instant::parse("2026-06-01T00:00:00Z").unwrap();
    let body = body.as_bytes();
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "x",
        headers: &[],
        body,
        received_at,
    };
    let account = providers::list::find("stripe").unwrap().account(&inbound);
    assert_eq!(account.as_deref(), expected);
}

#[test]
fn an_event_names_the_connected_account_that_it_is_about() {
    check_account(r#"{"object":"event","account":"acct_7"}"#, Some("acct_7"));
    check_account(
        r#"{"object":"v2.core.event","context":"acct_8"}"#,
        Some("acct_8"),
    );
    check_account(
        r#"{"object":"v2.core.event","context":"acct_8/acct_9"}"#,
        Some("acct_8"),
    );
    check_account(r#"{"object":"event"}"#, None);
    check_account(r#"{"object":"event","account":null}"#, None);
    check_account(r#"{"object":"event","account":7}"#, None);
    check_account(
        r#"{"object":"event","account":"acct_7","account":"acct_8"}"#,
        None,
    );
    check_account(r#"{"object":"event","account":"../acct_7"}"#, None);
    check_account("balance_transaction_id,created\n", None);
}

/// F-01: the words of an event's type move neither status nor money.
#[test]
fn an_event_of_funds_reinstated_on_a_lost_dispute_is_lost_and_pays_nothing() {
    let body = String::from_utf8(fixture("dispute-closed-lost.in.json")).unwrap();
    let renamed = body.replace("charge.dispute.closed", "charge.dispute.funds_reinstated");
    assert_ne!(body, renamed);
    let said = |body: &str| -> Vec<Said> {
        let facts = decode(Channel::Webhook, body.as_bytes()).facts;
        facts.into_iter().map(|located| located.fact.said).collect()
    };
    assert_eq!(said(&body), said(&renamed));
    assert!(
        !said(&renamed)
            .iter()
            .any(|said| matches!(said, Said::Moved(_)))
    );
}

/// Depth and width cost time in proportion, never a crash.
#[test]
fn hostile_shapes_are_rejected_or_kept() {
    let deep = format!(
        "{{\"object\":\"event\",\"data\":{}{}}}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let wide = format!("{{{}\"object\":\"dispute\"}}", "\"x\":1,".repeat(20_000));
    let long = format!(
        "{{\"object\":\"dispute\",\"id\":\"dp_{}\"}}",
        "9".repeat(100_000)
    );
    for body in [deep, wide, long] {
        let decoded = decode(Channel::Webhook, body.as_bytes());
        assert!(!decoded.rejects.is_empty());
        assert!(
            decoded
                .rejects
                .iter()
                .all(|reject| reject.detail.len() < 300)
        );
    }
}
