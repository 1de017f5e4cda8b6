//! PayPal's webhook signatures, with a certificate and key made while the test runs. Attack numbers are those of the list
//! "Inbound webhook" in the reliability notes, named in words.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use adapter::{Adapter, Channel, Inbound, Secret, Verdict};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calendar::Instant;
use providers::list::paypal::PayPal;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SigningKey, date_time_ymd};
use std::sync::LazyLock;

const BODY: &[u8] = br#"{"id":"WH-1","event_type":"CUSTOMER.DISPUTE.CREATED"}"#;
const NOW: &str = "2026-03-02T12:00:00Z";
const WEBHOOK_ID: &str = "1AB234567C890123D";

/// A key with a certificate that is valid in the years given.
struct Signer {
    key: KeyPair,
    pem: String,
}

impl Signer {
    fn new(from_year: i32, until_year: i32) -> Signer {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new(vec!["messages.example.com".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from_year, 1, 1);
        params.not_after = date_time_ymd(until_year, 1, 1);
        let pem = params.self_signed(&key).unwrap().pem();
        Signer { key, pem }
    }

    fn secret(&self, label: &str, webhook_id: &str) -> Secret {
        Secret {
            label: label.to_owned(),
            value: format!("{webhook_id}\n{}", self.pem).into_bytes(),
        }
    }

    fn sign(&self, id: &str, time: &str, body: &[u8]) -> String {
        let message = format!("{id}|{time}|{WEBHOOK_ID}|{}", crc32fast::hash(body));
        STANDARD.encode(self.key.sign(message.as_bytes()).unwrap())
    }
}

static PAYPALS: LazyLock<Signer> = LazyLock::new(|| Signer::new(2020, 2030));
static ANOTHER: LazyLock<Signer> = LazyLock::new(|| Signer::new(2020, 2030));

/// The headers of a good notification.
fn headers(signer: &Signer, time: &str, body: &[u8]) -> Vec<(String, String)> {
    let id = "69cd13f0-0000-0000-0000-000000000001";
    let signature = signer.sign(id, time, body);
    let pairs = [
        ("PAYPAL-TRANSMISSION-ID", id),
        ("PAYPAL-TRANSMISSION-TIME", time),
        ("PAYPAL-TRANSMISSION-SIG", &signature),
        (
            "PAYPAL-CERT-URL",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-00000000-00000001",
        ),
        ("PAYPAL-AUTH-ALGO", "SHA256withRSA"),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn verdict(headers: &[(String, String)], body: &[u8], secrets: &[Secret]) -> Verdict {
    let at = Instant::parse(NOW).unwrap();
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "account-1",
        headers,
        body,
        received_at: at,
    };
    PayPal.verify(&inbound, secrets, at)
}

/// Checks a good notification after one change to its headers and body.
#[track_caller]
fn check(change: impl FnOnce(&mut Vec<(String, String)>, &mut Vec<u8>), expected: &str) {
    let mut body = BODY.to_vec();
    let mut list = headers(&PAYPALS, NOW, &body);
    change(&mut list, &mut body);
    let found = verdict(&list, &body, &[PAYPALS.secret("current", WEBHOOK_ID)]);
    assert_eq!(found.name(), expected, "{found:?}");
}

fn set(list: &mut [(String, String)], name: &str, value: &str) {
    list.iter_mut().find(|(key, _)| key == name).unwrap().1 = value.to_owned();
}

#[test]
fn what_paypal_signed_is_valid() {
    check(|_, _| {}, "valid");
    // Header names have no case.
    check(
        |list, _| {
            list.iter_mut()
                .for_each(|(name, _)| *name = name.to_ascii_lowercase())
        },
        "valid",
    );
}

#[test]
fn every_header_must_stand_exactly_once() {
    for index in 0..5 {
        check(|list, _| drop(list.remove(index)), "missing");
        check(|list, _| list.push(list[index].clone()), "missing");
        check(|list, _| list[index].1.clear(), "missing");
    }
}

#[test]
fn one_changed_byte_anywhere_is_wrong() {
    for at in 0..BODY.len() {
        check(|_, body| body[at] ^= 1, "wrong");
    }
    check(|_, body| body.push(b'\n'), "wrong");
    check(
        |_, body| *body = br#"{"event_type":"CUSTOMER.DISPUTE.CREATED","id":"WH-1"}"#.to_vec(),
        "wrong",
    );
}

#[test]
fn another_algorithm_host_or_id_is_wrong() {
    check(
        |list, _| set(list, "PAYPAL-AUTH-ALGO", "SHA1withRSA"),
        "wrong",
    );
    check(|list, _| set(list, "PAYPAL-AUTH-ALGO", "none"), "wrong");
    check(
        |list, _| {
            set(
                list,
                "PAYPAL-CERT-URL",
                "https://example.com/v1/notifications/certs/CERT-1",
            )
        },
        "wrong",
    );
    check(
        |list, _| {
            set(
                list,
                "PAYPAL-CERT-URL",
                "https://api.paypal.com.example.com/v1/notifications/certs/C",
            )
        },
        "wrong",
    );
    check(
        |list, _| set(list, "PAYPAL-TRANSMISSION-ID", "another"),
        "wrong",
    );
    check(
        |list, _| {
            set(
                list,
                "PAYPAL-TRANSMISSION-ID",
                "69cd13f0|2026-03-02T12:00:00Z",
            )
        },
        "wrong",
    );
    check(
        |list, _| set(list, "PAYPAL-TRANSMISSION-TIME", "2026-03-02T12:00:01Z"),
        "wrong",
    );
}

#[test]
fn headers_that_do_not_read_are_missing() {
    for time in [
        "NaN",
        "1772452800",
        "99999999999999999999-01-01T00:00:00Z",
        "2026-03-02T12:00:00",
    ] {
        check(
            |list, _| set(list, "PAYPAL-TRANSMISSION-TIME", time),
            "missing",
        );
    }
    check(
        |list, _| set(list, "PAYPAL-TRANSMISSION-SIG", "not base64!"),
        "missing",
    );
    check(
        |list, _| set(list, "PAYPAL-TRANSMISSION-SIG", "AAAA"),
        "wrong",
    );
}

#[test]
fn a_signature_that_is_too_old_or_from_the_future_is_stale() {
    let secrets = [PAYPALS.secret("current", WEBHOOK_ID)];
    let at = |time: &str| verdict(&headers(&PAYPALS, time, BODY), BODY, &secrets);
    assert_eq!(at("2026-02-27T12:00:00Z").name(), "valid");
    assert_eq!(
        at("2026-02-27T11:59:59Z"),
        Verdict::Stale { seconds: 259_201 }
    );
    assert_eq!(at("2026-03-02T12:05:00Z").name(), "valid");
    assert_eq!(at("2026-03-02T12:05:01Z"), Verdict::Stale { seconds: -301 });
}

#[test]
fn the_label_of_the_matching_secret_is_told() {
    let secrets = [
        ANOTHER.secret("new", WEBHOOK_ID),
        PAYPALS.secret("old", WEBHOOK_ID),
    ];
    let found = verdict(&headers(&PAYPALS, NOW, BODY), BODY, &secrets);
    assert_eq!(
        found,
        Verdict::Valid {
            label: "old".to_owned()
        }
    );
}

#[test]
fn a_chain_of_certificates_is_searched_for_the_signing_one() {
    let mut secret = ANOTHER.secret("chain", WEBHOOK_ID);
    secret.value.extend_from_slice(PAYPALS.pem.as_bytes());
    assert_eq!(
        verdict(&headers(&PAYPALS, NOW, BODY), BODY, &[secret]).name(),
        "valid"
    );
}

/// Another tenant's webhook id, another key, a revoked (removed) secret, and secrets that are none.
#[test]
fn no_other_secret_matches() {
    let list = headers(&PAYPALS, NOW, BODY);
    let others = [
        vec![],
        vec![PAYPALS.secret("tenant", "9XY987654Z321098W")],
        vec![ANOTHER.secret("key", WEBHOOK_ID)],
        vec![Secret {
            label: "id".to_owned(),
            value: WEBHOOK_ID.as_bytes().to_vec(),
        }],
        vec![Secret {
            label: "garbled".to_owned(),
            value: format!("{WEBHOOK_ID}\nnot a certificate").into_bytes(),
        }],
        vec![Secret {
            label: "bytes".to_owned(),
            value: vec![0xff, b'\n', 0xff],
        }],
        vec![Secret {
            label: "pipe".to_owned(),
            value: format!("{WEBHOOK_ID}|1\n{}", PAYPALS.pem).into_bytes(),
        }],
    ];
    for secrets in others {
        let found = verdict(&list, BODY, &secrets);
        assert_eq!(found.name(), "wrong", "{secrets:?}: {found:?}");
    }
}

#[test]
fn a_certificate_past_its_time_or_before_it_is_wrong() {
    for signer in [Signer::new(2010, 2020), Signer::new(2028, 2030)] {
        let found = verdict(
            &headers(&signer, NOW, BODY),
            BODY,
            &[signer.secret("expired", WEBHOOK_ID)],
        );
        let Verdict::Wrong(why) = found else {
            panic!("{found:?}")
        };
        assert!(why.contains("validity"), "{why}");
    }
}

#[test]
fn a_notification_by_form_is_never_taken_for_signed() {
    let at = Instant::parse(NOW).unwrap();
    let body = b"payment_status=Reversed&txn_id=1&verify_sign=A0";
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "account-1",
        headers: &[],
        body,
        received_at: at,
    };
    let found = PayPal.verify(&inbound, &[PAYPALS.secret("current", WEBHOOK_ID)], at);
    assert_eq!(found.name(), "missing");
}

#[test]
fn files_and_answers_carry_no_signature() {
    let at = Instant::parse(NOW).unwrap();
    for channel in [Channel::File, Channel::Api] {
        let inbound = Inbound {
            channel,
            account: "account-1",
            headers: &[],
            body: BODY,
            received_at: at,
        };
        assert_eq!(PayPal.verify(&inbound, &[], at), Verdict::Unsigned);
    }
}
