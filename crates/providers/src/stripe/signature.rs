//! `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>...][,v0=...]`: HMAC-SHA256 over `t`, a full stop and the raw body.
//!
//! Only `v1` counts (`v0` is a fake for test events), any of several may match (a rolled secret signs twice), and `t` may be off
//! by five minutes either way. Source: docs.stripe.com/webhooks/signature, and stripe-node's verifier.

use adapter::{Channel, Inbound, Secret, Verdict};
use calendar::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Stripe's own libraries allow so much by default.
const TOLERANCE_SECONDS: u64 = 300;

/// A rolled secret gives two signatures; a header with more than this many is not Stripe's.
const SIGNATURES_MAX: usize = 16;

/// Hexadecimal digits of a SHA-256.
const HEX_DIGITS: usize = 64;

struct Header<'h> {
    signed_at: i64,
    /// The digits of `t`, as they were signed.
    signed_at_text: &'h str,
    signatures: Vec<&'h str>,
}

/// Reads the header strictly: no blanks, one `t`, digits only.
fn header(text: &str) -> Result<Header<'_>, String> {
    let mut signed_at_text = None;
    let mut signatures = Vec::new();
    for item in text.split(',') {
        match item.split_once('=') {
            Some(("t", _)) if signed_at_text.is_some() => {
                return Err("expected one `t=` in Stripe-Signature, found two".to_owned());
            }
            Some(("t", seconds)) => signed_at_text = Some(seconds),
            Some(("v1", signature)) => signatures.push(signature),
            _ => {}
        }
    }
    let signed_at_text = signed_at_text.ok_or("expected `t=` in Stripe-Signature")?;
    let digits = signed_at_text.bytes().all(|byte| byte.is_ascii_digit());
    let signed_at = signed_at_text.parse().ok().filter(|_| digits);
    let signed_at = signed_at.ok_or("expected `t=` with seconds since 1970 in Stripe-Signature")?;
    if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
        return Err(format!(
            "expected 1 to {SIGNATURES_MAX} `v1=`, found {}",
            signatures.len()
        ));
    }
    Ok(Header {
        signed_at,
        signed_at_text,
        signatures,
    })
}

/// Checks a delivery. Files and answers to our own calls carry no signature.
pub(super) fn verify(inbound: &Inbound<'_>, secrets: &[Secret], now: Instant) -> Verdict {
    if inbound.channel != Channel::Webhook {
        return Verdict::Unsigned;
    }
    let Some(text) = inbound.header("Stripe-Signature") else {
        return Verdict::Missing("expected one header Stripe-Signature".to_owned());
    };
    let header = match header(text) {
        Ok(header) => header,
        Err(why) => return Verdict::Missing(why),
    };
    let matching = secrets
        .iter()
        .find(|secret| matches(&header, inbound.body, secret));
    let Some(secret) = matching else {
        return Verdict::Wrong(format!("no `v1` matches any of {} secrets", secrets.len()));
    };
    let seconds = now.unix_seconds().saturating_sub(header.signed_at);
    if seconds.unsigned_abs() > TOLERANCE_SECONDS {
        return Verdict::Stale { seconds };
    }
    Verdict::Valid {
        label: secret.label.clone(),
    }
}

fn matches(header: &Header<'_>, body: &[u8], secret: &Secret) -> bool {
    // An empty secret is a configuration left blank; anybody could sign with it.
    if secret.value.is_empty() {
        return false;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&secret.value)
        .expect("HMAC takes keys of any length");
    mac.update(header.signed_at_text.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut expected = [0_u8; HEX_DIGITS];
    hex::encode_to_slice(mac.finalize().into_bytes(), &mut expected)
        .expect("64 digits hold 32 bytes");
    let mut any = subtle::Choice::from(0);
    for signature in &header.signatures {
        any |= signature.as_bytes().ct_eq(&expected);
    }
    any.into()
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
