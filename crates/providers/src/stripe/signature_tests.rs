//! The header and the raw body under attack. Names follow the attacks that each row stands for.

use super::verify;
use adapter::{Channel, Inbound, Secret, Verdict};
use calendar::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SIGNED_AT: i64 = 1_772_449_200;
const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;

fn secret(label: &str, value: &str) -> Secret {
    Secret {
        label: label.to_owned(),
        value: value.as_bytes().to_vec(),
    }
}

fn sign(key: &str, text: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn verdict_of(headers: &[(&str, &str)], body: &[u8], now: i64) -> Verdict {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let headers: Vec<(String, String)> = headers.iter().map(owned).collect();
    let now = Instant::from_unix_seconds(now).unwrap();
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "acct_1",
        headers: &headers,
        body,
        received_at: now,
    };
    verify(
        &inbound,
        &[secret("old", "whsec_old"), secret("new", "whsec_new")],
        now,
    )
}

/// `{old}` and `{new}` stand for the signatures of the two secrets over the body at `SIGNED_AT`.
#[track_caller]
fn check(template: &str, expected: &str) {
    let text = SIGNED_AT.to_string();
    let header = template
        .replace("{t}", &text)
        .replace("{old}", &sign("whsec_old", &text, BODY))
        .replace("{new}", &sign("whsec_new", &text, BODY))
        .replace("{other}", &sign("whsec_other_account", &text, BODY))
        .replace("{empty}", &sign("", &text, BODY));
    let verdict = verdict_of(&[("Stripe-Signature", &header)], BODY, SIGNED_AT + 1);
    let found = match &verdict {
        Verdict::Valid { label } => format!("valid {label}"),
        other => other.name().to_owned(),
    };
    assert_eq!(found, expected, "{template}: {verdict:?}");
}

#[test]
fn any_current_secret_and_any_v1_will_do() {
    check("t={t},v1={old}", "valid old");
    check("t={t},v1={new}", "valid new");
    check("t={t},v1={other},v1={new}", "valid new");
    check("v1={new},t={t}", "valid new");
    check("t={t},v1={new},v0=00,v2=00", "valid new");
    check("t={t},v1=potato,v1={old}", "valid old");
}

#[test]
fn a_signature_of_another_kind_or_secret_is_none() {
    check("t={t},v1={other}", "wrong");
    check("t={t},v1={empty}", "wrong");
    check("t={t},v1=", "wrong");
    check("t={t},v1=zz{new}", "wrong");
    check("t={t},v1={new}00", "wrong");
    check("t={t},v0={new}", "missing");
    check("t={t},v1a={new}", "missing");
    check("t={t},V1={new}", "missing");
    check("t={t}", "missing");
    check("", "missing");
    check("{new}", "missing");
}

#[test]
fn the_timestamp_is_one_number_that_was_signed() {
    check("v1={new}", "missing");
    check("t={t},t={t},v1={new}", "missing");
    check("t=1,t={t},v1={new}", "missing");
    check("t=,v1={new}", "missing");
    check("t=NaN,v1={new}", "missing");
    check("t=-{t},v1={new}", "missing");
    check("t=+{t},v1={new}", "missing");
    check("t={t}.0,v1={new}", "missing");
    check("t=99999999999999999999,v1={new}", "missing");
    check("t=0{t},v1={new}", "wrong");
    check("t={t}1,v1={new}", "wrong");
}

#[test]
fn blanks_are_not_overlooked() {
    check(" t={t},v1={new}", "missing");
    check("t={t} ,v1={new}", "missing");
    check("t={t}, v1={new}", "missing");
    check("t={t},v1= {new}", "wrong");
    check("t={t};v1={new}", "missing");
}

#[test]
fn no_header_two_headers_and_too_many_signatures_are_missing() {
    let text = SIGNED_AT.to_string();
    let good = format!("t={text},v1={}", sign("whsec_new", &text, BODY));
    let many = format!("t={text}{}", ",v1=00".repeat(17));
    let header = ("Stripe-Signature", good.as_str());
    let now = SIGNED_AT;
    assert_eq!(verdict_of(&[], BODY, now).name(), "missing");
    assert_eq!(verdict_of(&[header, header], BODY, now).name(), "missing");
    assert_eq!(
        verdict_of(&[("stripe-signature", &good), header], BODY, now).name(),
        "missing"
    );
    assert_eq!(
        verdict_of(&[("Stripe-Signature", &many)], BODY, now).name(),
        "missing"
    );
    assert_eq!(
        verdict_of(&[("STRIPE-SIGNATURE", &good)], BODY, now).name(),
        "valid"
    );
}

#[test]
fn five_minutes_either_way_are_the_limit() {
    let text = SIGNED_AT.to_string();
    let good = format!("t={text},v1={}", sign("whsec_new", &text, BODY));
    let at = |offset: i64| verdict_of(&[("Stripe-Signature", &good)], BODY, SIGNED_AT + offset);
    assert!(at(300).trusted() && at(-300).trusted());
    assert_eq!(at(301), Verdict::Stale { seconds: 301 });
    assert_eq!(at(-301), Verdict::Stale { seconds: -301 });
}

#[test]
fn every_changed_byte_of_the_body_is_noticed() {
    let text = SIGNED_AT.to_string();
    let good = format!("t={text},v1={}", sign("whsec_new", &text, BODY));
    for at in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at] ^= 1;
        let verdict = verdict_of(&[("Stripe-Signature", &good)], &body, SIGNED_AT);
        assert_eq!(verdict.name(), "wrong", "byte {at}");
    }
    for body in [&BODY[1..], &BODY[..BODY.len() - 1], b"", b"\xEF\xBB\xBF{}"] {
        assert_eq!(
            verdict_of(&[("Stripe-Signature", &good)], body, SIGNED_AT).name(),
            "wrong"
        );
    }
}

#[test]
fn a_blank_secret_signs_nothing() {
    let text = SIGNED_AT.to_string();
    let header = format!("t={text},v1={}", sign("", &text, BODY));
    let headers = [("Stripe-Signature".to_owned(), header)];
    let now = Instant::from_unix_seconds(SIGNED_AT).unwrap();
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "acct_1",
        headers: &headers,
        body: BODY,
        received_at: now,
    };
    assert_eq!(
        verify(&inbound, &[secret("blank", "")], now).name(),
        "wrong"
    );
    assert_eq!(verify(&inbound, &[], now).name(), "wrong");
}

#[test]
fn files_and_answers_carry_no_signature() {
    let now = Instant::from_unix_seconds(SIGNED_AT).unwrap();
    for channel in [Channel::File, Channel::Api] {
        let inbound = Inbound {
            channel,
            account: "a",
            headers: &[],
            body: BODY,
            received_at: now,
        };
        assert_eq!(verify(&inbound, &[], now), Verdict::Unsigned);
    }
}
