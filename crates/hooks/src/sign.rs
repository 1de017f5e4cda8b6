//! The headers that prove who sent a message, when, and every byte of it.
//!
//! Two schemes over one body, so that receivers keep the code they have: Stripe's `Stripe-Signature`, HMAC-SHA256 over
//! `{t}.{body}`, and Standard Webhooks' three headers, HMAC-SHA256 or Ed25519 over `{id}.{t}.{body}`
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use calendar::Instant;
use ed25519_dalek::Signer;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::{KeyPair, Secret};

pub const STRIPE_SIGNATURE: &str = "stripe-signature";
pub const WEBHOOK_ID: &str = "webhook-id";
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";

const ID_BYTES_MAX: usize = 255;

/// One message as it is sent in one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    id: &'a str,
    sent_at_seconds: i64,
    body: &'a [u8],
}

/// Why a message cannot be signed unambiguously.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// A dot would move the border between id and time in the signed text.
    Id(String),
    /// Signed times are seconds since 1970, without a sign.
    Before1970(Instant),
}

impl<'a> Message<'a> {
    /// `id` is the event's and stays the same in every attempt, so that receivers can drop what they have seen;
    /// `sent_at` is the attempt's, so that a captured one grows stale.
    ///
    /// # Errors
    /// [`MessageError`] when the id has other characters than letters, digits, `_` and `-`, or is not 1 to 255 long.
    pub fn new(id: &'a str, sent_at: Instant, body: &'a [u8]) -> Result<Message<'a>, MessageError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(plain) {
            return Err(MessageError::Id(id.chars().take(40).collect()));
        }
        if sent_at.unix_seconds() < 0 {
            return Err(MessageError::Before1970(sent_at));
        }
        Ok(Message {
            id,
            sent_at_seconds: sent_at.unix_seconds(),
            body,
        })
    }
}

/// `t=1700000000,v1=<hex>`, one `v1` for every live secret.
pub fn stripe(message: &Message<'_>, secrets: &[&Secret]) -> String {
    let time = message.sent_at_seconds.to_string();
    let mut header = format!("t={time}");
    for secret in secrets {
        let mac = stripe_mac(secret, &time, message.body);
        header.push_str(",v1=");
        header.push_str(&hex::encode(mac.finalize().into_bytes()));
    }
    header
}

/// `v1,<base64>` for every live secret and `v1a,<base64>` for every key, separated by spaces.
pub fn standard(message: &Message<'_>, secrets: &[&Secret], keys: &[&KeyPair]) -> String {
    let time = message.sent_at_seconds.to_string();
    let shared = secrets.iter().map(|secret| {
        let mac = standard_mac(secret, message.id, &time, message.body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    });
    let signed = standard_text(message.id, &time, message.body);
    let own = keys.iter().map(|key| {
        let signature = key.signing().sign(&signed);
        format!("v1a,{}", STANDARD.encode(signature.to_bytes()))
    });
    shared.chain(own).collect::<Vec<_>>().join(" ")
}

/// Every header of both schemes, names in lower case.
pub fn headers(
    message: &Message<'_>,
    secrets: &[&Secret],
    keys: &[&KeyPair],
) -> Vec<(&'static str, String)> {
    [
        (WEBHOOK_ID, message.id.to_string()),
        (WEBHOOK_TIMESTAMP, message.sent_at_seconds.to_string()),
        (WEBHOOK_SIGNATURE, standard(message, secrets, keys)),
        (STRIPE_SIGNATURE, stripe(message, secrets)),
    ]
    .into()
}

pub(crate) fn stripe_mac(secret: &Secret, time: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed(secret.expose().as_bytes());
    for part in [time.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}

pub(crate) fn standard_mac(secret: &Secret, id: &str, time: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed(secret.key());
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}

pub(crate) fn standard_text(id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), time.as_bytes(), body].join(&b'.')
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MessageError::Id(id) => write!(
                f,
                "id `{id}` is not 1 to {ID_BYTES_MAX} letters, digits, `_` and `-`"
            ),
            MessageError::Before1970(at) => write!(f, "{at} is before 1970"),
        }
    }
}

impl core::error::Error for MessageError {}
