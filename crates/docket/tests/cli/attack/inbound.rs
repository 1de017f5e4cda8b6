//! Forged notifications: whatever is not signed over these very bytes waits in quarantine, and the sender is told.

use super::target::{SECRETS, Target};
use super::{Attack, attack, request, withstood};
use crate::serve::{SIGNED, WAY};
use calendar::Instant;
use sim::paper::stripe::signature;
use std::time::{SystemTime, UNIX_EPOCH};

super::on_both! {
    no_header_but_the_genuine_one_is_believed
    no_field_under_a_fields_signature_can_be_changed
    no_way_but_an_accounts_own_leads_in
}

const STRIPE: &str = "/in/stripe/merchant_1";
const BODY: &str = r#"{"id":"evt_9","object":"event","api_version":"2024-06-20","created":1793000000,"livemode":false,"type":"charge.dispute.created","data":{"object":{"id":"dp_9","object":"dispute","amount":999,"charge":"ch_9","created":1793000000,"currency":"usd","reason":"general","status":"needs_response"}}}"#;

/// Headers that are not the genuine one. `{t}` and `{v1}` are its time and code; `{late}` and `{early}` are codes of an hour
/// ago and ahead with their times, `{theirs}` another account's, `{blank}` made with an empty secret, `{nothing}` of no body.
#[rustfmt::skip]
const FORGED: &[(&str, &str)] = &[
    ("an empty header", ""),
    ("words", "trust me"),
    ("the time alone", "t={t}"),
    ("the code alone", "v1={v1}"),
    ("the scheme v0", "t={t},v0={v1}"),
    ("the scheme v1a", "t={t},v1a={v1}"),
    ("the scheme sha1", "t={t},sha1={v1}"),
    ("names in capitals", "T={t},V1={v1}"),
    ("a code one short", "t={t},v1={cut}"),
    ("half a code", "t={t},v1={half}"),
    ("a code one long", "t={t},v1={v1}0"),
    ("a code twice", "t={t},v1={v1}{v1}"),
    ("a code turned round", "t={t},v1={turned}"),
    ("no code", "t={t},v1="),
    ("a code of zeros", "t={t},v1=0000000000000000000000000000000000000000000000000000000000000000"),
    ("no hexadecimal", "t={t},v1=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"),
    ("an old one again", "t={late_t},v1={late}"),
    ("one from the future", "t={early_t},v1={early}"),
    ("an old one with a new time", "t={t},v1={late}"),
    ("a second time before", "t={late_t},t={t},v1={late}"),
    ("a second time behind", "t={t},t={late_t},v1={late}"),
    ("no number", "t=NaN,v1={v1}"),
    ("infinity", "t=inf,v1={v1}"),
    ("an empty time", "t=,v1={v1}"),
    ("a negative time", "t=-{t},v1={v1}"),
    ("a fraction", "t={t}.0,v1={v1}"),
    ("an exponent", "t=1e9,v1={v1}"),
    ("a time beyond 64 bits", "t=99999999999999999999,v1={v1}"),
    ("the largest time", "t=9223372036854775807,v1={v1}"),
    ("the smallest time", "t=-9223372036854775808,v1={v1}"),
    ("semicolons", "t={t};v1={v1}"),
    ("quotes", "t=\"{t}\",v1=\"{v1}\""),
    ("another account's secret", "t={t},v1={theirs}"),
    ("an empty secret", "t={t},v1={blank}"),
    ("another body's code", "t={t},v1={nothing}"),
];

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_unix_seconds(since.as_secs().try_into().unwrap()).unwrap()
}

/// Time and hexadecimal code of a genuine signature.
fn genuine(secret: &str, body: &str, at: Instant) -> (String, String) {
    let (_, value) = signature(secret.as_bytes(), body.as_bytes(), at);
    let (time, code) = value.split_once(",v1=").unwrap();
    (time.trim_start_matches("t=").to_owned(), code.to_owned())
}

fn forged(now: Instant) -> Vec<Attack> {
    let [own, theirs] = SECRETS;
    let (t, v1) = genuine(own, BODY, now);
    let (late_t, late) = genuine(own, BODY, now.plus_hours(-1));
    let (early_t, early) = genuine(own, BODY, now.plus_hours(1));
    let filled = |header: &str| {
        header
            .replace("{cut}", &v1[..63])
            .replace("{half}", &v1[..32])
            .replace("{turned}", &v1.chars().rev().collect::<String>())
            .replace("{late_t}", &late_t)
            .replace("{late}", &late)
            .replace("{early_t}", &early_t)
            .replace("{early}", &early)
            .replace("{theirs}", &genuine(theirs, BODY, now).1)
            .replace("{blank}", &genuine("", BODY, now).1)
            .replace("{nothing}", &genuine(own, "", now).1)
            .replace("{t}", &t)
            .replace("{v1}", &v1)
    };
    let many = format!("t={t}{}", ",v1=00".repeat(1_000));
    let rows = FORGED.iter().copied();
    rows.chain([("a thousand codes", many.as_str())])
        .map(|(name, header)| {
            let header = filled(header);
            let headers = [("Stripe-Signature", header.as_str())];
            attack(
                name,
                request("POST", STRIPE, &headers, BODY.as_bytes()),
                &[401],
            )
        })
        .collect()
}

/// The genuine header over other bytes, in another place, or with something beside it.
fn misused(header: &str) -> Vec<Attack> {
    let spaced = BODY.replace(':', ": ");
    let sealed = [("Stripe-Signature", header)];
    let told = |name: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        attack(
            name,
            request("POST", path, headers, body.as_bytes()),
            &[401],
        )
    };
    let mut attacks = vec![
        told("no signature", STRIPE, &[], BODY),
        told("the body written anew", STRIPE, &sealed, &spaced),
        told(
            "a byte-order mark",
            STRIPE,
            &sealed,
            &format!("\u{feff}{BODY}"),
        ),
        told("a line's end more", STRIPE, &sealed, &format!("{BODY}\n")),
        told("no body", STRIPE, &sealed, ""),
        told("to another account", "/in/stripe/merchant_2", &sealed, BODY),
        told("to another provider", WAY, &sealed, BODY),
        told(
            "in the query",
            &format!("{STRIPE}?{}", header.replace(',', "&")),
            &[],
            BODY,
        ),
        told(
            "under another name",
            STRIPE,
            &[("X-Stripe-Signature", header)],
            BODY,
        ),
        told("as a cookie", STRIPE, &[("Cookie", header)], BODY),
        told(
            "as a bearer",
            STRIPE,
            &[("Authorization", &format!("Bearer {header}"))],
            BODY,
        ),
        told(
            "a forged header before",
            STRIPE,
            &[("Stripe-Signature", "t=1,v1=00"), sealed[0]],
            BODY,
        ),
        told(
            "a forged header behind",
            STRIPE,
            &[sealed[0], ("Stripe-Signature", "t=1,v1=00")],
            BODY,
        ),
    ];
    for at in (0..BODY.len()).step_by(9) {
        let mut changed = BODY.as_bytes().to_vec();
        changed[at] ^= 1;
        let sent = request("POST", STRIPE, &sealed, &changed);
        attacks.push(attack(format!("byte {at} changed"), sent, &[401]));
    }
    attacks
}

fn no_header_but_the_genuine_one_is_believed(target: Target) {
    let header = || {
        let (t, v1) = genuine(SECRETS[0], BODY, now());
        format!("t={t},v1={v1}")
    };
    withstood(&target, "inbound-stripe-header", &forged(now()));
    withstood(&target, "inbound-stripe-body", &misused(&header()));
    // The genuine one is heard although forgeries of the same bytes came first, so the refusals were for the forgery.
    let sealed = [("Stripe-Signature", header())];
    let sealed = [(sealed[0].0, sealed[0].1.as_str())];
    let sent = target
        .serving
        .send("POST", STRIPE, &sealed, BODY.as_bytes());
    assert_eq!(sent.0, 200, "{}", sent.1);
    target.serving.stop();
}

const CODE: &str = "\"YAH5/Wsgwxu/RyfEKuOIVtYIf0EHBYBIyGNnV2qRm0g=\"";

/// What is changed in a notification whose fields are signed, and into what.
#[rustfmt::skip]
const CHANGED: &[(&str, &str, &str)] = &[
    ("a larger amount", "\"value\":8400", "\"value\":8401"),
    ("a negative amount", "\"value\":8400", "\"value\":-8400"),
    ("an amount in words", "\"value\":8400", "\"value\":\"84e2\""),
    ("an amount beyond 64 bits", "\"value\":8400", "\"value\":99999999999999999999"),
    ("another currency", "\"EUR\"", "\"USD\""),
    ("another event", "\"CHARGEBACK\"", "\"CHARGEBACK_REVERSED\""),
    ("another account", "\"Merchant1Retail\"", "\"Merchant2Retail\""),
    ("another order", "\"order-1\"", "\"order-2\""),
    ("another payment", "\"8815000000000000\"", "\"8815000000000002\""),
    ("another dispute", "\"8815000000000001\"", "\"8815000000000003\""),
    ("no success", "\"success\":\"true\"", "\"success\":\"false\""),
    ("a delimiter moved", "\"order-1\"", "\"order-1:8400\""),
    ("an empty code", CODE, "\"\""),
    ("half a code", CODE, "\"YAH5/Wsgwxu/RyfEKuOIVg==\""),
    ("the other alphabet", CODE, "\"YAH5_Wsgwxu_RyfEKuOIVtYIf0EHBYBIyGNnV2qRm0g=\""),
    ("no base64", CODE, "\"!!!!\""),
    ("a number for a code", CODE, "8400"),
    ("null for a code", CODE, "null"),
    ("a list for a code", CODE, "[]"),
    ("no code at all", "\"hmacSignature\"", "\"signature\""),
    ("no item", "\"notificationItems\"", "\"items\""),
    ("a second value", "\"value\":8400", "\"value\":8400,\"value\":1"),
    ("a second dispute", "\"pspReference\":", "\"pspReference\":\"1\",\"pspReference\":"),
    ("a forged item beside the genuine one", "}}]}", "}},{\"NotificationRequestItem\":{\"eventCode\":\"CHARGEBACK\"}}]}"),
];

fn no_field_under_a_fields_signature_can_be_changed(target: Target) {
    let mut attacks = Vec::new();
    for (name, from, to) in CHANGED.iter().copied() {
        let body = SIGNED.replacen(from, to, 1);
        assert_ne!(body, SIGNED, "{name}");
        attacks.push(attack(
            name,
            request("POST", WAY, &[], body.as_bytes()),
            &[401],
        ));
    }
    let deep = "[".repeat(100_000);
    let deep = format!("{{\"notificationItems\":{deep}{}}}", deep.replace('[', "]"));
    for (name, body) in [
        ("a hundred thousand brackets", deep.as_bytes()),
        ("no JSON", b"<xml/>".as_slice()),
        ("no UTF-8", b"\xff\xfe\x00"),
        ("nothing", b""),
    ] {
        attacks.push(attack(name, request("POST", WAY, &[], body), &[401]));
    }
    let packed = request(
        "POST",
        WAY,
        &[("content-encoding", "gzip")],
        b"\x1f\x8b\x08\0\0",
    );
    attacks.push(attack("packed", packed, &[401]));
    let large = request("POST", WAY, &[], &vec![b' '; 2 * 1024 * 1024]);
    attacks.push(attack("two megabytes", large, &[413]));
    withstood(&target, "inbound-adyen", &attacks);
    let sent = target.serving.send("POST", WAY, &[], SIGNED.as_bytes());
    assert_eq!(sent.0, 200, "{}", sent.1);
    target.serving.stop();
}

const WAYS: [&str; 21] = [
    "/in/stripe/merchant_1/",
    "/in//stripe/merchant_1",
    "/in/stripe//merchant_1",
    "/in/stripe/MERCHANT_1",
    "/in/STRIPE/merchant_1",
    "/IN/stripe/merchant_1",
    "/in/stripe/merchant_1%00",
    "/in/stripe/merchant_1%20",
    "/in/stripe/merchant_1;a=b",
    "/in/stripe/%2e%2e%2fmerchant_1",
    "/in/stripe/../stripe/merchant_1",
    "/in/stripe/merchant_1%0d%0aX:1",
    "/in/stripe/merchant%EF%BC%BF1",
    "/in/stripe/*",
    "/in/stripe/%25",
    "/in/stripe/%ff",
    "/in/stripe/'%20OR%201=1%20--",
    "/in/stripe",
    "/in/",
    "/in/docket/desk",
    "/in/nobody/merchant_1",
];

fn no_way_but_an_accounts_own_leads_in(target: Target) {
    let (t, v1) = genuine(SECRETS[0], BODY, now());
    let header = format!("t={t},v1={v1}");
    let sealed = [("Stripe-Signature", header.as_str())];
    let mut attacks = Vec::new();
    for path in WAYS {
        let sent = request("POST", path, &sealed, BODY.as_bytes());
        attacks.push(attack(path, sent, &[400, 404]));
    }
    for method in [
        "GET", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND",
    ] {
        let sent = request(method, STRIPE, &sealed, BODY.as_bytes());
        attacks.push(attack(method, sent, &[400, 404, 405]));
    }
    withstood(&target, "inbound-ways", &attacks);
    target.serving.stop();
}
