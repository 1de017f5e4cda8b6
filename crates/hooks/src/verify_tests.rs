//! Both schemes against values that another implementation computed, and every way a header can be bent.

#![allow(clippy::string_slice)]

use super::*;
use crate::secret::KeyPair;
use crate::sign::{self, Message};
use alloc::format;
use alloc::string::ToString;
use alloc::vec;

const BODY: &[u8] = br#"{"id":"evt_1","type":"charge.dispute.created"}"#;
const AT: i64 = 1_700_000_000;

/// HMAC and Ed25519 of the messages below, from Python's `hmac` and `cryptography`: secrets of 32 bytes of 1 and of 2,
/// seed of 32 bytes of 3.
const HEX: [&str; 2] = [
    "169dfb19f40dc7622e2e7f6b30c87fbdae339be30176689871aa31db8f1fc382",
    "0496b31a9939b1e2052466c70524e5361bd6b275c9efb1ede3303ebcc7665127",
];
const BASE64: [&str; 2] = [
    "ScVpZqU+d75hCKEiJ6g9r4EIblzVQ8mLMwwy/Ijzi+I=",
    "d8HhYE9wH6gYjbRsZtjt+cLf02s+r10Ne60Ih590A2A=",
];
const ED25519: &str =
    "nm9+QSZhFb2rc9sKDMG4KJmrtThJaIM03LgTBe2h2a1qftZRa/P9QHKXrZ639bB9EmI2XYGu8Rp9ocvZnImcCA==";
const PUBLIC: &str = "whpk_7UkoxijRwsbq6QM4kFmVYSlZJzpcY/k2NsFGFKyHN9E=";

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(seconds).unwrap()
}

fn secrets() -> [Secret; 2] {
    [Secret::mint([1; 32]), Secret::mint([2; 32])]
}

fn message() -> Message<'static> {
    Message::new("evt_1", at(AT), BODY).unwrap()
}

/// Verifies Stripe's header with the first secret, five seconds after it was signed.
#[track_caller]
fn check_stripe(header: &str, want: Result<(), Unverified>) {
    let [secret, _] = secrets();
    let got = stripe(header, BODY, &secret, at(AT + 5), TOLERANCE_SECONDS);
    assert_eq!(got.map(|_| ()), want, "{header}");
}

/// As above for Standard Webhooks.
#[track_caller]
fn check_standard(id: &str, timestamp: &str, signature: &str, want: Result<(), Unverified>) {
    let [secret, _] = secrets();
    let headers = Standard {
        id,
        timestamp,
        signature,
    };
    let holder = Holder::Secret(&secret);
    let got = standard(headers, BODY, holder, at(AT + 5), TOLERANCE_SECONDS);
    assert_eq!(got.map(|_| ()), want, "{id} {timestamp} {signature}");
}

#[test]
fn headers_are_those_of_another_implementation() {
    let [one, two] = secrets();
    let key = KeyPair::mint([3; 32]);
    let got = sign::headers(&message(), &[&two, &one], &[&key]);
    let want = [
        ("webhook-id", "evt_1".to_string()),
        ("webhook-timestamp", "1700000000".to_string()),
        (
            "webhook-signature",
            format!("v1,{} v1,{} v1a,{ED25519}", BASE64[1], BASE64[0]),
        ),
        (
            "stripe-signature",
            format!("t=1700000000,v1={},v1={}", HEX[1], HEX[0]),
        ),
    ];
    assert_eq!(got, want);
    assert_eq!(key.public().to_string(), PUBLIC);
}

#[test]
fn receivers_of_either_secret_or_the_key_believe_it() {
    let [one, two] = secrets();
    let stripe_header = sign::stripe(&message(), &[&two, &one]);
    let signature = sign::standard(&message(), &[&two, &one], &[&KeyPair::mint([3; 32])]);
    let headers = Standard {
        id: "evt_1",
        timestamp: "1700000000",
        signature: &signature,
    };
    let public = PublicKey::parse(PUBLIC).unwrap();
    for secret in [&one, &two] {
        assert_eq!(stripe(&stripe_header, BODY, secret, at(AT), 0), Ok(at(AT)));
        let holder = Holder::Secret(secret);
        assert_eq!(standard(headers, BODY, holder, at(AT), 0), Ok(at(AT)));
    }
    let holder = Holder::Public(&public);
    assert_eq!(standard(headers, BODY, holder, at(AT), 0), Ok(at(AT)));
    let other = KeyPair::mint([4; 32]).public();
    let holder = Holder::Public(&other);
    assert_eq!(
        standard(headers, BODY, holder, at(AT), 0),
        Err(Unverified::Differs)
    );
    let third = Secret::mint([5; 32]);
    assert_eq!(
        stripe(&stripe_header, BODY, &third, at(AT), 0),
        Err(Unverified::Differs)
    );
}

#[test]
fn every_byte_of_the_body_counts() {
    let [secret, _] = secrets();
    let header = sign::stripe(&message(), &[&secret]);
    let key = KeyPair::mint([3; 32]);
    let signature = sign::standard(&message(), &[&secret], &[&key]);
    let public = key.public();
    let headers = Standard {
        id: "evt_1",
        timestamp: "1700000000",
        signature: &signature,
    };
    let mut bodies: Vec<Vec<u8>> = (0..BODY.len())
        .map(|at| {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            body
        })
        .collect();
    bodies.push(BODY[1..].to_vec());
    bodies.push([BODY, b"\n"].concat());
    bodies.push([b"\xef\xbb\xbf", BODY].concat());
    bodies.push(vec![]);
    for body in bodies {
        let differs = Err(Unverified::Differs);
        assert_eq!(stripe(&header, &body, &secret, at(AT), 9), differs);
        for holder in [Holder::Secret(&secret), Holder::Public(&public)] {
            assert_eq!(standard(headers, &body, holder, at(AT), 9), differs);
        }
    }
}

#[test]
fn stripe_headers_that_are_bent_are_not_believed() {
    let form = || {
        Err(Unverified::Form {
            header: "stripe-signature",
        })
    };
    let none = || Err(Unverified::NoSignature { scheme: "v1" });
    let good = HEX[0];
    check_stripe(&format!("t={AT},v1={good}"), Ok(()));
    check_stripe(&format!("v0=aa,t={AT},v1=bb,v1={good}"), Ok(()));
    for header in [
        String::new(),
        format!("t={AT}"),
        format!("v1={good}"),
        format!("t={AT},t={AT},v1={good}"),
        format!("t={AT};v1={good},"),
        format!("t={AT},{good}"),
    ] {
        let want = if header == format!("t={AT}") {
            none()
        } else {
            form()
        };
        check_stripe(&header, want);
    }
    check_stripe(&format!("t={AT},v0={good}"), none());
    check_stripe(&format!("t={AT},v1a={good}"), none());
    check_stripe(&format!("t={AT}, v1={good}"), none());
    for wrong in [
        "".to_string(),
        good[..62].to_string(),
        format!("{good}00"),
        format!(" {good}"),
        HEX[1].to_string(),
        BASE64[0].to_string(),
    ] {
        check_stripe(&format!("t={AT},v1={wrong}"), Err(Unverified::Differs));
    }
    let many = ",v1=00".repeat(17);
    check_stripe(
        &format!("t={AT}{many}"),
        Err(Unverified::TooMany { found: 17 }),
    );
}

#[test]
fn times_that_are_bent_are_not_believed() {
    for time in [
        "",
        "NaN",
        "-1700000000",
        "+1700000000",
        "1.7e9",
        " 1700000000",
        "1700000000 ",
        "0x6553f100",
        "9999999999999999999999",
        "\u{661}700000000",
        "999999999999",
    ] {
        let want = Err(Unverified::Time(time.to_string()));
        check_stripe(&format!("t={time},v1={}", HEX[0]), want.clone());
        check_standard("evt_1", time, &format!("v1,{}", BASE64[0]), want);
    }
    // A second spelling of the same time is not what was signed.
    let padded = "01700000000";
    check_standard(
        "evt_1",
        padded,
        &format!("v1,{}", BASE64[0]),
        Err(Unverified::Differs),
    );
}

#[test]
fn tolerance_bounds_both_sides() {
    let [secret, _] = secrets();
    let header = sign::stripe(&message(), &[&secret]);
    for (now, want) in [
        (AT + 300, Ok(at(AT))),
        (AT + 301, Err(Unverified::Stale { seconds: 301 })),
        (AT - 300, Ok(at(AT))),
        (AT - 301, Err(Unverified::Ahead { seconds: 301 })),
    ] {
        let got = stripe(&header, BODY, &secret, at(now), TOLERANCE_SECONDS);
        assert_eq!(got, want, "{now}");
    }
}

#[test]
fn standard_headers_that_are_bent_are_not_believed() {
    let differs = || Err(Unverified::Differs);
    let form = |header| Err(Unverified::Form { header });
    let time = "1700000000";
    let good = format!("v1,{}", BASE64[0]);
    check_standard("evt_1", time, &good, Ok(()));
    check_standard("evt_1", time, &format!("v2,AA v1,AA {good}"), Ok(()));
    check_standard("evt_2", time, &good, differs());
    check_standard("", time, &good, form("webhook-id"));
    // The border between id and time cannot be moved.
    check_standard("evt_1.1700000000", time, &good, form("webhook-id"));
    check_standard("evt_1", "1700000001", &good, differs());
    for signature in [
        "",
        "v1",
        " ",
        &format!("{good} "),
        &format!("{good}  v1,AA"),
    ] {
        check_standard("evt_1", time, signature, form("webhook-signature"));
    }
    check_standard("evt_1", time, &format!("v1,{}", HEX[0]), differs());
    check_standard("evt_1", time, &format!("{good},"), differs());
    // A public key is no secret, and an Ed25519 signature no HMAC.
    let none = Err(Unverified::NoSignature { scheme: "v1" });
    check_standard("evt_1", time, &format!("v1a,{ED25519}"), none);
    check_standard("evt_1", time, &format!("v1,{ED25519}"), differs());
}

#[test]
fn hmac_of_the_public_key_is_no_signature() {
    let public = PublicKey::parse(PUBLIC).unwrap();
    let bytes = STANDARD.decode(&PUBLIC[5..]).unwrap();
    let forged = Secret::mint(bytes.try_into().unwrap());
    let signature = sign::standard(&message(), &[&forged], &[]);
    for version in ["v1", "v1a"] {
        let headers = Standard {
            id: "evt_1",
            timestamp: "1700000000",
            signature: &signature.replace("v1", version),
        };
        let got = standard(headers, BODY, Holder::Public(&public), at(AT), 9);
        let want = match version {
            "v1" => Unverified::NoSignature { scheme: "v1a" },
            _ => Unverified::Differs,
        };
        assert_eq!(got, Err(want));
    }
}

#[test]
fn ids_and_times_that_cannot_be_signed_are_refused() {
    for id in ["", "evt.1", "evt 1", "evt\r\n1", "\u{e9}", &"a".repeat(256)] {
        assert!(Message::new(id, at(AT), BODY).is_err(), "{id}");
    }
    assert!(Message::new(&"a".repeat(255), at(0), BODY).is_ok());
    let refused = Message::new("evt_1", at(-1), BODY).unwrap_err();
    assert_eq!(refused.to_string(), "1969-12-31T23:59:59Z is before 1970");
}
