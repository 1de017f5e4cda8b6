//! The receiver's side of [`crate::sign`]: what a merchant's program does, and what the tests hold the signer to.
//!
//! Signatures are compared in constant time, and every one in the header is compared, so that the time taken tells
//! neither how much of one was right nor which.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use calendar::Instant;
use ed25519_dalek::Signature;
use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};

use crate::secret::{PublicKey, Secret};
use crate::sign::{standard_mac, standard_text, stripe_mac};

/// Stripe's libraries and Standard Webhooks' refuse what is more than five minutes old.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Signatures tried in one header. Ours carry at most three.
const SIGNATURES_MAX: usize = 16;

/// Digits of a time in seconds until the year 33658.
const TIME_DIGITS_MAX: usize = 12;

/// The three headers of Standard Webhooks.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// What a receiver holds.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    Secret(&'a Secret),
    Public(&'a PublicKey),
}

/// Why a message is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// The header is not of its scheme's form.
    Form {
        header: &'static str,
    },
    /// Not a plain number of seconds.
    Time(String),
    /// Signed this many seconds ago, more than is tolerated: perhaps captured and played again.
    Stale {
        seconds: i64,
    },
    /// Signed this many seconds in the future.
    Ahead {
        seconds: i64,
    },
    /// No signature of the scheme that was asked for.
    NoSignature {
        scheme: &'static str,
    },
    TooMany {
        found: usize,
    },
    Differs,
}

/// Checks `Stripe-Signature` over the raw body and returns when it was signed. `v0` and unknown schemes are ignored, as
/// Stripe's libraries do.
///
/// # Errors
/// [`Unverified`]; a tolerance below zero refuses everything.
pub fn stripe(
    header: &str,
    body: &[u8],
    secret: &Secret,
    now: Instant,
    tolerance_seconds: i64,
) -> Result<Instant, Unverified> {
    let form = || Unverified::Form {
        header: "stripe-signature",
    };
    let mut times = Vec::new();
    let mut signatures = Vec::new();
    for element in header.split(',') {
        match element.split_once('=').ok_or_else(form)? {
            ("t", time) => times.push(time),
            ("v1", signature) => signatures.push(signature),
            _ => {}
        }
    }
    let [time] = times.as_slice() else {
        return Err(form());
    };
    let signed_at = fresh(time, now, tolerance_seconds)?;
    check_count(&signatures, "v1")?;
    let want = stripe_mac(secret, time, body).finalize().into_bytes();
    let found = signatures.iter().fold(Choice::from(0), |found, text| {
        let bytes = hex::decode(text).unwrap_or_default();
        found | bytes.ct_eq(&want)
    });
    believed(found.into(), signed_at)
}

/// Checks the headers of Standard Webhooks over the raw body and returns when it was signed. A secret answers only for
/// `v1` and a public key only for `v1a`: a public key must never be taken for an HMAC's.
///
/// # Errors
/// [`Unverified`]; a tolerance below zero refuses everything.
pub fn standard(
    headers: Standard<'_>,
    body: &[u8],
    holder: Holder<'_>,
    now: Instant,
    tolerance_seconds: i64,
) -> Result<Instant, Unverified> {
    if headers.id.is_empty() || headers.id.contains('.') {
        return Err(Unverified::Form {
            header: "webhook-id",
        });
    }
    let signed_at = fresh(headers.timestamp, now, tolerance_seconds)?;
    let form = || Unverified::Form {
        header: "webhook-signature",
    };
    let scheme = match holder {
        Holder::Secret(_) => "v1",
        Holder::Public(_) => "v1a",
    };
    let mut signatures = Vec::new();
    for element in headers.signature.split(' ') {
        let (version, signature) = element.split_once(',').ok_or_else(form)?;
        if version == scheme {
            signatures.push(signature);
        }
    }
    check_count(&signatures, scheme)?;
    let decoded = signatures
        .iter()
        .map(|text| STANDARD.decode(text).unwrap_or_default());
    let found = match holder {
        Holder::Secret(secret) => {
            let mac = standard_mac(secret, headers.id, headers.timestamp, body);
            let want = mac.finalize().into_bytes();
            let found = decoded.fold(Choice::from(0), |found, bytes| found | bytes.ct_eq(&want));
            found.into()
        }
        Holder::Public(key) => {
            let text = standard_text(headers.id, headers.timestamp, body);
            let mut read = decoded.filter_map(|bytes| Signature::from_slice(&bytes).ok());
            // Strict: no signature of a small-order key, none in a second form.
            read.any(|signature| key.verifying().verify_strict(&text, &signature).is_ok())
        }
    };
    believed(found, signed_at)
}

fn believed(found: bool, signed_at: Instant) -> Result<Instant, Unverified> {
    match found {
        true => Ok(signed_at),
        false => Err(Unverified::Differs),
    }
}

fn check_count(signatures: &[&str], scheme: &'static str) -> Result<(), Unverified> {
    match signatures.len() {
        0 => Err(Unverified::NoSignature { scheme }),
        found if found > SIGNATURES_MAX => Err(Unverified::TooMany { found }),
        _ => Ok(()),
    }
}

/// The signed time, when it is near enough to now on either side.
fn fresh(text: &str, now: Instant, tolerance_seconds: i64) -> Result<Instant, Unverified> {
    let not_a_time = || Unverified::Time(text.chars().take(40).collect::<String>().to_owned());
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.len() > TIME_DIGITS_MAX {
        return Err(not_a_time());
    }
    let seconds: i64 = text.parse().map_err(|_| not_a_time())?;
    let signed_at = Instant::from_unix_seconds(seconds).ok_or_else(not_a_time)?;
    let age = now.unix_seconds().saturating_sub(seconds);
    match age {
        _ if age > tolerance_seconds => Err(Unverified::Stale { seconds: age }),
        _ if age.saturating_neg() > tolerance_seconds => Err(Unverified::Ahead {
            seconds: age.saturating_neg(),
        }),
        _ => Ok(signed_at),
    }
}

impl fmt::Display for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unverified::Form { header } => write!(f, "`{header}` is not of its form"),
            Unverified::Time(text) => write!(f, "time `{text}` is not a number of seconds"),
            Unverified::Stale { seconds } => write!(f, "signed {seconds} seconds ago"),
            Unverified::Ahead { seconds } => write!(f, "signed {seconds} seconds ahead"),
            Unverified::NoSignature { scheme } => write!(f, "no `{scheme}` signature"),
            Unverified::TooMany { found } => {
                write!(f, "{found} signatures, at most {SIGNATURES_MAX}")
            }
            Unverified::Differs => f.write_str("no signature is of this body and secret"),
        }
    }
}

impl core::error::Error for Unverified {}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
