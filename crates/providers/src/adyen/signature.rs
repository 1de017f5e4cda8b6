//! Whether a webhook comes from the provider.
//!
//! A standard item is signed by itself: HMAC-SHA256 over eight of its fields, joined by colons without any escaping, in
//! `additionalData.hmacSignature`. The newer webhooks are signed as a whole, over the raw bytes, in the header
//! `HmacSignature`. Neither signs a time, so nothing here can be too old; that a replay changes nothing is the desk's
//! doing, because the same statement is the same fact.
//! Sources: docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures; the SDKs' own vectors.

use super::webhook::{self, ITEMS};
use crate::json::{self, Object, Value};
use adapter::{Channel, Inbound, Secret, Verdict};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;
use subtle::ConstantTimeEq;

/// The header over the raw body, compared without case.
const HEADER: &str = "HmacSignature";

/// The one signed field that may hold colons: it is the merchant's own. Were a second one to hold them, text could move from
/// field to field under the same signature.
const OPEN: &str = "merchantReference";

/// What is signed, and the signature that came with it.
struct Signed {
    /// As a person counts them: `item 2 of 3`, or the whole body.
    what: String,
    payload: Vec<u8>,
    signature: [u8; 32],
}

/// Checks a document against every current key. Each item must match the same key for the document to be valid.
pub(super) fn verify(inbound: &Inbound<'_>, secrets: &[Secret]) -> Verdict {
    if inbound.channel != Channel::Webhook {
        return Verdict::Unsigned;
    }
    let signed = match collect(inbound) {
        Ok(signed) => signed,
        Err(verdict) => return verdict,
    };
    let mut unmatched = String::new();
    for secret in secrets {
        let Some(key) = hex_key(&secret.value) else {
            unmatched = format!("the key `{}` is not hexadecimal", secret.label);
            continue;
        };
        match signed.iter().find(|one| !one.matches(&key)) {
            None => {
                return Verdict::Valid {
                    label: secret.label.clone(),
                };
            }
            Some(one) => unmatched = format!("the signature of {} matches no key", one.what),
        }
    }
    if unmatched.is_empty() {
        "no key is configured".clone_into(&mut unmatched);
    }
    Verdict::Wrong(unmatched)
}

impl Signed {
    fn matches(&self, key: &[u8]) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(&self.payload);
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        bool::from(expected.ct_eq(&self.signature))
    }
}

/// The key as it is copied from the provider's pages: hexadecimal text.
fn hex_key(value: &[u8]) -> Option<Vec<u8>> {
    let key = hex::decode(value.trim_ascii()).ok()?;
    (!key.is_empty()).then_some(key)
}

/// Everything in the document that is signed; at least one thing, or the verdict that nothing is.
fn collect(inbound: &Inbound<'_>) -> Result<Vec<Signed>, Verdict> {
    let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(HEADER);
    match inbound.headers.iter().filter(named).count() {
        0 => items(inbound.body),
        1 => {
            let text = inbound.header(HEADER).unwrap_or_default();
            let signature =
                decoded(text).ok_or_else(|| unreadable("the header `HmacSignature`"))?;
            let whole = Signed {
                what: "the whole body".to_owned(),
                payload: inbound.body.to_vec(),
                signature,
            };
            Ok(vec![whole])
        }
        count => Err(Verdict::Missing(format!(
            "the header `{HEADER}` stands {count} times, once is expected"
        ))),
    }
}

fn unreadable(what: &str) -> Verdict {
    Verdict::Missing(format!("{what} holds no 32 bytes in base64"))
}

fn decoded(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn items(body: &[u8]) -> Result<Vec<Signed>, Verdict> {
    let absent = |why: &str| Verdict::Missing(why.to_owned());
    let root =
        json::read(body).map_err(|_| absent("the body is no JSON, and no header signs it"))?;
    let object = root
        .object()
        .ok_or_else(|| absent("the body is no object, and no header signs it"))?;
    unambiguous(&object, "the envelope")?;
    let elements = match object.field(ITEMS) {
        Some(list) => list
            .items()
            .ok_or_else(|| absent("the items are no list"))?,
        None => vec![root],
    };
    if elements.is_empty() {
        return Err(absent("the envelope holds no item that could be signed"));
    }
    let count = elements.len();
    let mut signed = Vec::with_capacity(count);
    for (element, number) in elements.into_iter().zip(1_usize..) {
        signed.push(item(element, format!("item {number} of {count}"))?);
    }
    Ok(signed)
}

/// A name that stands twice could be signed in one value and read in the other.
fn unambiguous(object: &Object<'_>, what: &str) -> Result<(), Verdict> {
    match object.twice() {
        None => Ok(()),
        Some(_) => Err(Verdict::Wrong(format!(
            "{what} has a field that stands twice"
        ))),
    }
}

fn item(element: Value<'_>, what: String) -> Result<Signed, Verdict> {
    let absent = || Verdict::Missing(format!("{what} has no `additionalData.hmacSignature`"));
    if let Some(wrapper) = element.object() {
        unambiguous(&wrapper, &what)?;
    }
    let object = webhook::unwrapped(element).ok_or_else(absent)?;
    unambiguous(&object, &what)?;
    let extra = object.object("additionalData").ok_or_else(absent)?;
    unambiguous(&extra, &what)?;
    let text = extra
        .text("hmacSignature")
        .filter(|text| !text.is_empty())
        .ok_or_else(absent)?;
    let amount = object.object("amount");
    if let Some(amount) = &amount {
        unambiguous(amount, &what)?;
    }
    let money = |name: &str| amount.as_ref().and_then(|amount| amount.text(name));
    let fields = [
        ("pspReference", object.text("pspReference")),
        ("originalReference", object.text("originalReference")),
        ("merchantAccountCode", object.text("merchantAccountCode")),
        (OPEN, object.text(OPEN)),
        ("amount.value", money("value")),
        ("amount.currency", money("currency")),
        ("eventCode", object.text("eventCode")),
        ("success", object.text("success")),
    ];
    let colon = |(name, text): &&(&str, Option<Cow<'_, str>>)| {
        *name != OPEN && text.as_ref().is_some_and(|text| text.contains(':'))
    };
    if let Some((name, _)) = fields.iter().find(colon) {
        let why = format!("`{name}` of {what} holds a colon, so the signed text has two readings");
        return Err(Verdict::Wrong(why));
    }
    let payload = fields.map(|(_, text)| text.unwrap_or_default().into_owned());
    let payload = payload.join(":");
    let signature = decoded(&text).ok_or_else(|| {
        Verdict::Wrong(format!(
            "the signature of {what} holds no 32 bytes in base64"
        ))
    })?;
    Ok(Signed {
        what,
        payload: payload.into_bytes(),
        signature,
    })
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]
mod tests {
    use super::*;
    use calendar::Instant;

    /// The key and item that the provider's documentation and SDKs publish as a test vector.
    const KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    const SIGNATURE: &str = "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=";
    const OTHER_KEY: &str = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";

    fn published(signature: &str) -> String {
        format!(
            r#"{{"live":"false","notificationItems":[{{"NotificationRequestItem":{{"additionalData":{{"hmacSignature":"{signature}"}},"amount":{{"currency":"EUR","value":1130}},"eventCode":"AUTHORISATION","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","pspReference":"7914073381342284","success":"true"}}}}]}}"#
        )
    }

    fn secrets(keys: &[&str]) -> Vec<Secret> {
        let secret = |(number, key): (usize, &&str)| Secret {
            label: format!("key-{number}"),
            value: key.as_bytes().to_vec(),
        };
        keys.iter().enumerate().map(secret).collect()
    }

    fn verdict_of(body: &[u8], headers: &[(&str, &str)], keys: &[&str]) -> Verdict {
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let inbound = Inbound {
            channel: Channel::Webhook,
            account: "account-1",
            headers: &headers,
            body,
            received_at: Instant::MIN,
        };
        verify(&inbound, &secrets(keys))
    }

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let verdict = verdict_of(body.as_bytes(), &[], &[KEY]);
        assert_eq!(verdict.name(), expected, "{verdict:?}");
    }

    fn sign(payload: &[u8], key: &str) -> String {
        let key = hex_key(key.as_bytes()).expect("a test key is hexadecimal");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(payload);
        STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn the_published_vector_is_valid() {
        check(&published(SIGNATURE), "valid");
    }

    #[test]
    fn a_bare_item_is_checked_like_one_in_its_envelope() {
        let envelope = published(SIGNATURE);
        let from = envelope.find("{\"additionalData").expect("the item");
        check(&envelope[from..envelope.len() - 3], "valid");
    }

    /// Attacks "no signature", "empty", "wrong algorithm": nothing but 32 bytes in base64 counts.
    #[test]
    fn an_absent_or_short_signature_is_none() {
        check(&published(""), "missing");
        check(r#"{"eventCode":"CHARGEBACK"}"#, "missing");
        check(
            r#"{"additionalData":"x","eventCode":"CHARGEBACK"}"#,
            "missing",
        );
        check("", "missing");
        check("[]", "missing");
        check(r#"{"notificationItems":[]}"#, "missing");
        for text in ["AAAA", "not base64", "b0ea55c2fe60d4d1d605e9c385e0e7..."] {
            check(&published(text), "wrong");
        }
        // 44 letters that decode to 33 bytes, as long as a real one.
        check(&published(&"A".repeat(44)), "wrong");
    }

    /// Attacks "other tenant's secret" and "revoked secret"; two keys overlap while one replaces the other.
    #[test]
    fn the_label_tells_which_of_two_keys_matched() {
        let body = published(SIGNATURE);
        let label = |keys: &[&str]| match verdict_of(body.as_bytes(), &[], keys) {
            Verdict::Valid { label } => label,
            other => panic!("{other:?}"),
        };
        assert_eq!(label(&[KEY, OTHER_KEY]), "key-0");
        assert_eq!(label(&[OTHER_KEY, KEY]), "key-1");
        assert_eq!(label(&["not hexadecimal", KEY]), "key-1");
        for keys in [&[OTHER_KEY][..], &[], &["not hexadecimal"], &[""]] {
            assert_eq!(verdict_of(body.as_bytes(), &[], keys).name(), "wrong");
        }
    }

    /// Attack "1-byte body change at each offset", over the signed fields; the others are not covered, which README.md says.
    #[test]
    fn a_change_in_any_signed_field_is_noticed() {
        for (from, to) in [
            ("7914073381342284", "7914073381342285"),
            ("TestMerchant\"", "TestMerchanu\""),
            ("TestPayment", "TestPaymenu"),
            ("1130", "1131"),
            ("EUR", "USD"),
            ("AUTHORISATION", "CHARGEBACK"),
            ("\"success\":\"true\"", "\"success\":\"false\""),
            (
                "\"pspReference\"",
                "\"originalReference\":\"1\",\"pspReference\"",
            ),
        ] {
            let changed = published(SIGNATURE).replacen(from, to, 1);
            assert_ne!(changed, published(SIGNATURE), "{from} stands in the item");
            check(&changed, "wrong");
        }
    }

    /// Attack "body re-serialised": the signature covers fields, so order, blanks and escapes do not matter.
    #[test]
    fn another_spelling_of_the_same_fields_is_still_valid() {
        check(&published(&SIGNATURE.replace('/', "\\/")), "valid");
        check(&published(SIGNATURE).replace(',', " ,\n "), "valid");
        let with_mark = format!("\u{feff}{}", published(SIGNATURE));
        check(&with_mark, "valid");
    }

    /// Attack "duplicate JSON keys": signed in one value, read in the other.
    #[test]
    fn a_field_that_stands_twice_is_never_valid() {
        for (from, to) in [
            ("\"live\"", "\"live\":\"true\",\"live\""),
            (
                "\"eventCode\"",
                "\"eventCode\":\"CHARGEBACK\",\"eventCode\"",
            ),
            ("\"value\"", "\"value\":1,\"value\""),
            (
                "\"hmacSignature\"",
                "\"hmacSignature\":\"x\",\"hmacSignature\"",
            ),
        ] {
            check(&published(SIGNATURE).replacen(from, to, 1), "wrong");
        }
    }

    /// The signed text is not escaped, so only the merchant's reference may hold the separator.
    #[test]
    fn text_cannot_move_between_fields_under_one_signature() {
        let payload = "PSP1:PAY1:TestMerchant:a:b:100:EUR:CHARGEBACK:true";
        let body = |account: &str, reference: &str| {
            let signature = sign(payload.as_bytes(), KEY);
            format!(
                r#"{{"additionalData":{{"hmacSignature":"{signature}"}},"pspReference":"PSP1","originalReference":"PAY1","merchantAccountCode":"{account}","merchantReference":"{reference}","amount":{{"value":100,"currency":"EUR"}},"eventCode":"CHARGEBACK","success":"true"}}"#
            )
        };
        check(&body("TestMerchant", "a:b"), "valid");
        check(&body("TestMerchant:a", "b"), "wrong");
    }

    #[test]
    fn every_item_must_match() {
        let one = published(SIGNATURE);
        let item = &one[one.find('[').expect("a list") + 1..one.len() - 2];
        let two = |second: &str| format!(r#"{{"notificationItems":[{item},{second}]}}"#);
        check(&two(item), "valid");
        check(&two(&item.replace("1130", "1131")), "wrong");
        check(&two(r#"{"eventCode":"CHARGEBACK"}"#), "missing");
    }

    #[test]
    fn the_header_signs_the_raw_body() {
        let body = br#"{"type":"recurring.token.created","data":{},"environment":"test"}"#;
        let signature = sign(body, KEY);
        let name = |headers: &[(&str, &str)], body: &[u8]| verdict_of(body, headers, &[KEY]).name();
        assert_eq!(name(&[("hmacsignature", &signature)], body), "valid");
        // Attacks "no signature" and "duplicate headers".
        assert_eq!(name(&[], body), "missing");
        assert_eq!(
            name(
                &[("HmacSignature", &signature), ("hmacsignature", &signature)],
                body
            ),
            "missing"
        );
        // Attack "comma/space tricks": the header is one signature and nothing beside it.
        for tricked in [
            format!("{signature},{signature}"),
            format!(" {signature}"),
            format!("sha256={signature}"),
        ] {
            assert_eq!(
                name(&[("HmacSignature", &tricked)], body),
                "missing",
                "{tricked}"
            );
        }
        // Attack "1-byte body change at each offset".
        for at in 0..body.len() {
            let mut changed = body.to_vec();
            changed[at] ^= 1;
            assert_eq!(
                name(&[("HmacSignature", &signature)], &changed),
                "wrong",
                "at {at}"
            );
        }
    }

    /// Attacks "deep nesting" and "huge numbers".
    #[test]
    fn hostile_shapes_are_refused_quietly() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        check(&deep, "missing");
        check(
            &published(SIGNATURE).replace("1130", &"9".repeat(10_000)),
            "wrong",
        );
    }

    #[test]
    fn files_and_replies_carry_no_signature() {
        let inbound = Inbound {
            channel: Channel::File,
            account: "account-1",
            headers: &[],
            body: b"a,b",
            received_at: Instant::MIN,
        };
        assert_eq!(verify(&inbound, &secrets(&[KEY])), Verdict::Unsigned);
    }
}
