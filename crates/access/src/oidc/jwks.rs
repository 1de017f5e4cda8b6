//! A provider's signing keys (RFC 7517), and signatures under them.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calendar::Instant;
use serde::Deserialize;

use super::token::Algorithm;

/// Providers have a handful; more is not one.
const KEYS_MAX: usize = 64;
const COORDINATE_BYTES: usize = 32;
/// After a key was not found, the set is asked for again at most so often, so that made-up key ids do not make us a hammer.
const REFETCH_SECONDS: i64 = 300;
/// A set is used for so long without being asked for again, so that a key taken back stops working.
const FRESH_SECONDS: i64 = 24 * 3_600;

/// A key set is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    #[error("a key set is an object with `keys`")]
    Form,
    #[error("a key set has at most {KEYS_MAX} keys, found {found}")]
    Many { found: usize },
    #[error("the key set has two signing keys {kid:?}")]
    Twice { kid: String },
}

/// The public keys under which ID tokens of one issuer may be signed.
#[derive(Clone, Debug)]
pub struct Jwks {
    keys: Vec<Key>,
    pub fetched_at: Instant,
}

#[derive(Clone, Debug)]
struct Key {
    kid: String,
    public: Public,
}

#[derive(Clone, Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256 { point: Vec<u8> },
    Ed25519 { point: Vec<u8> },
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwks {
    /// Reads the set at the issuer's `jwks_uri`. Keys that could not sign an ID token for us are left out: other types and
    /// curves, for encryption, without an id, and shared secrets above all.
    pub fn parse(body: &[u8], fetched_at: Instant) -> Result<Jwks, JwksError> {
        let set: Set = serde_json::from_slice(body).map_err(|_| JwksError::Form)?;
        let found = set.keys.len();
        if found > KEYS_MAX {
            return Err(JwksError::Many { found });
        }
        let mut keys: Vec<Key> = Vec::new();
        for jwk in set.keys {
            let Some(key) = serde_json::from_value(jwk).ok().and_then(read) else {
                continue;
            };
            if keys.iter().any(|other| other.kid == key.kid) {
                return Err(JwksError::Twice { kid: key.kid });
            }
            keys.push(key);
        }
        Ok(Jwks { keys, fetched_at })
    }

    /// Too old to be relied on: ask for it again before judging a token.
    pub fn stale(&self, now: Instant) -> bool {
        self.fetched_at.seconds_until(now) >= FRESH_SECONDS
    }

    /// After [`super::TokenRefusal::UnknownKey`]: whether to ask for the set again and judge once more.
    pub fn may_refetch(&self, now: Instant) -> bool {
        self.fetched_at.seconds_until(now) >= REFETCH_SECONDS
    }

    /// `None`: no such key. `Some(false)`: another kind of key, or the signature is not by it.
    pub(crate) fn verify(
        &self,
        kid: &str,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let key = self.keys.iter().find(|key| key.kid == kid)?;
        let verified = match (&key.public, algorithm) {
            (Public::Rsa { n, e }, Algorithm::Rs256) => {
                let components = PublicKeyComponents { n, e };
                components.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Public::P256 { point }, Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Public::Ed25519 { point }, Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            (Public::Rsa { .. } | Public::P256 { .. } | Public::Ed25519 { .. }, _) => {
                return Some(false);
            }
        };
        Some(verified.is_ok())
    }
}

fn read(jwk: Jwk) -> Option<Key> {
    if jwk.purpose.is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let kid = jwk.kid.filter(|kid| !kid.is_empty())?;
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let coordinate =
        |text: &Option<String>| bytes(text).filter(|bytes| bytes.len() == COORDINATE_BYTES);
    let (public, algorithm) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes(&jwk.n)?, bytes(&jwk.e)?);
            (Public::Rsa { n, e }, Algorithm::Rs256)
        }
        ("EC", Some("P-256")) => {
            // SEC 1, 2.3.3: the uncompressed point.
            let point = [vec![4], coordinate(&jwk.x)?, coordinate(&jwk.y)?].concat();
            (Public::P256 { point }, Algorithm::Es256)
        }
        ("OKP", Some("Ed25519")) => {
            let point = coordinate(&jwk.x)?;
            (Public::Ed25519 { point }, Algorithm::EdDsa)
        }
        _ => return None,
    };
    let fits = jwk
        .alg
        .is_none_or(|alg| Algorithm::parse(&alg) == Some(algorithm));
    fits.then_some(Key { kid, public })
}
