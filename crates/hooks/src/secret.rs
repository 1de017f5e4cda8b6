//! The secrets that sign: `whsec_` for both HMAC schemes, `whsk_` and `whpk_` for Ed25519.
//!
//! Invariant: at most two HMAC secrets of an endpoint are live at any instant, and none is ever printed by `Debug`.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use calendar::Instant;
use ed25519_dalek::{SigningKey, VerifyingKey};
use subtle::ConstantTimeEq;

const SECRET_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";

/// Standard Webhooks asks for keys of 192 to 512 bits.
const KEY_BYTES_MIN: usize = 24;
const KEY_BYTES_MAX: usize = 64;

/// How long an old secret may go on signing beside a new one. Longer, and a leaked one stays useful.
pub const OVERLAP_DAYS_MAX: i64 = 7;

/// A shared secret, `whsec_` and base64. Stripe's scheme keys its HMAC with the whole text, Standard Webhooks with the
/// bytes that the base64 stands for; so one secret serves both.
#[derive(Clone)]
pub struct Secret {
    text: String,
    key: Vec<u8>,
}

/// Why a text is not a secret or key. The text itself is never quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    Prefix {
        expected: &'static str,
    },
    Base64 {
        prefix: &'static str,
    },
    Length {
        bytes: usize,
    },
    /// The two halves of a key pair do not belong together, or are no point of the curve.
    Pair,
}

impl Secret {
    /// From random bytes, which the caller takes from the operating system.
    pub fn mint(random: [u8; 32]) -> Secret {
        Secret {
            text: format!("{SECRET_PREFIX}{}", STANDARD.encode(random)),
            key: random.to_vec(),
        }
    }

    /// # Errors
    /// [`SecretError`] unless it is `whsec_` and the base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Secret, SecretError> {
        let key = decode(text, SECRET_PREFIX)?;
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
            return Err(SecretError::Length { bytes: key.len() });
        }
        Ok(Secret {
            text: text.to_owned(),
            key,
        })
    }

    /// The text as it is shown to the merchant once, and as Stripe's scheme uses it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.text.as_bytes().ct_eq(other.text.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// An Ed25519 key that signs, `whsk_` and the base64 of seed and public key. Receivers get only [`KeyPair::public`], so
/// that nothing they can leak signs in our name.
#[derive(Clone)]
pub struct KeyPair(SigningKey);

/// The public half, `whpk_` and the base64 of 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl KeyPair {
    /// From a random seed.
    pub fn mint(seed: [u8; 32]) -> KeyPair {
        KeyPair(SigningKey::from_bytes(&seed))
    }

    /// Reads 64 bytes, seed and public key, or the seed alone: both forms are about.
    ///
    /// # Errors
    /// [`SecretError`] says which of prefix, base64, length or pair does not hold.
    pub fn parse(text: &str) -> Result<KeyPair, SecretError> {
        let bytes = decode(text, PRIVATE_PREFIX)?;
        if let Ok(seed) = <[u8; 32]>::try_from(bytes.as_slice()) {
            return Ok(KeyPair::mint(seed));
        }
        let length = SecretError::Length { bytes: bytes.len() };
        let pair = <[u8; 64]>::try_from(bytes.as_slice()).map_err(|_| length)?;
        SigningKey::from_keypair_bytes(&pair)
            .map(KeyPair)
            .map_err(|_| SecretError::Pair)
    }

    /// The private text, to be sealed at rest and shown to nobody.
    pub fn expose(&self) -> String {
        format!(
            "{PRIVATE_PREFIX}{}",
            STANDARD.encode(self.0.to_keypair_bytes())
        )
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.0
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(redacted)")
    }
}

impl PublicKey {
    /// # Errors
    /// [`SecretError`] unless it is `whpk_` and the base64 of a point of the curve.
    pub fn parse(text: &str) -> Result<PublicKey, SecretError> {
        let bytes = decode(text, PUBLIC_PREFIX)?;
        let length = SecretError::Length { bytes: bytes.len() };
        let point = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| length)?;
        VerifyingKey::from_bytes(&point)
            .map(PublicKey)
            .map_err(|_| SecretError::Pair)
    }

    pub(crate) fn verifying(&self) -> &VerifyingKey {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

fn decode(text: &str, prefix: &'static str) -> Result<Vec<u8>, SecretError> {
    let rest = text
        .strip_prefix(prefix)
        .ok_or(SecretError::Prefix { expected: prefix })?;
    STANDARD
        .decode(rest)
        .map_err(|_| SecretError::Base64 { prefix })
}

/// The secrets of one endpoint: the one that receivers should have, and for a while the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    current: Secret,
    previous: Option<(Secret, Instant)>,
}

/// Why a secret is not rolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollError {
    /// Two are live already; a third would leave one of the receivers behind unseen.
    TwoLive {
        until: Instant,
    },
    Overlap {
        days_max: i64,
    },
    /// The new one is one of the old ones.
    Same,
}

impl Secrets {
    pub fn new(current: Secret) -> Secrets {
        Secrets {
            current,
            previous: None,
        }
    }

    /// As a store kept them: `previous` signs until its instant.
    pub fn restored(current: Secret, previous: Option<(Secret, Instant)>) -> Secrets {
        Secrets { current, previous }
    }

    /// Makes `fresh` the current secret and lets the old one sign until `old_until`. An `old_until` that is not after
    /// `now` ends every older secret at once, which is what a leak asks for and is therefore always possible.
    ///
    /// # Errors
    /// [`RollError::TwoLive`] while an earlier roll still overlaps, unless this one ends it at once.
    pub fn roll(
        &self,
        fresh: Secret,
        old_until: Instant,
        now: Instant,
    ) -> Result<Secrets, RollError> {
        let known = self.previous.iter().map(|(secret, _)| secret);
        if known.chain([&self.current]).any(|old| *old == fresh) {
            return Err(RollError::Same);
        }
        if old_until <= now {
            return Ok(Secrets::new(fresh));
        }
        if old_until > now.plus_days(OVERLAP_DAYS_MAX) {
            return Err(RollError::Overlap {
                days_max: OVERLAP_DAYS_MAX,
            });
        }
        match &self.previous {
            Some((_, until)) if *until > now => Err(RollError::TwoLive { until: *until }),
            _ => Ok(Secrets {
                current: fresh,
                previous: Some((self.current.clone(), old_until)),
            }),
        }
    }

    pub fn current(&self) -> &Secret {
        &self.current
    }

    /// The older secret and when it stops signing, also when that has passed.
    pub fn previous(&self) -> Option<(&Secret, Instant)> {
        self.previous
            .as_ref()
            .map(|(secret, until)| (secret, *until))
    }

    /// What signs at this instant, the current one first.
    pub fn live(&self, now: Instant) -> Vec<&Secret> {
        let old = self.previous.iter().filter(|(_, until)| *until > now);
        let old = old.map(|(secret, _)| secret);
        core::iter::once(&self.current).chain(old).collect()
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretError::Prefix { expected } => write!(f, "does not begin with `{expected}`"),
            SecretError::Base64 { prefix } => write!(f, "what follows `{prefix}` is not base64"),
            SecretError::Length { bytes } => write!(
                f,
                "has {bytes} bytes of key, which is not a length of its kind"
            ),
            SecretError::Pair => f.write_str("is not a key of Ed25519 with its own public half"),
        }
    }
}

impl core::error::Error for SecretError {}

impl fmt::Display for RollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RollError::TwoLive { until } => write!(
                f,
                "two secrets are live until {until}; roll again after that, or end the old ones at once"
            ),
            RollError::Overlap { days_max } => {
                write!(f, "an old secret may sign for at most {days_max} days more")
            }
            RollError::Same => f.write_str("the new secret is one of the old ones"),
        }
    }
}

impl core::error::Error for RollError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds).unwrap()
    }

    fn secret(byte: u8) -> Secret {
        Secret::mint([byte; 32])
    }

    #[test]
    fn minted_texts_are_read_back() {
        let minted = secret(7);
        assert_eq!(Secret::parse(minted.expose()), Ok(minted.clone()));
        assert_eq!(minted.key(), [7; 32]);
        let pair = KeyPair::mint([9; 32]);
        let read = KeyPair::parse(&pair.expose()).unwrap();
        assert_eq!(read.public(), pair.public());
        let public = pair.public().to_string();
        assert_eq!(PublicKey::parse(&public), Ok(pair.public()));
        let seed = format!("whsk_{}", STANDARD.encode([9; 32]));
        assert_eq!(KeyPair::parse(&seed).unwrap().public(), pair.public());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?} {:?}", secret(7), KeyPair::mint([7; 32]));
        assert_eq!(printed, "Secret(redacted) KeyPair(redacted)");
        let pair = Secrets::restored(secret(1), Some((secret(2), at(9))));
        assert!(!format!("{pair:?}").contains("whsec"));
    }

    #[test]
    fn texts_that_are_no_secret_are_refused() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(alloc::vec![1; bytes]));
        for (text, want) in [
            (String::new(), "does not begin with `whsec_`"),
            ("WHSEC_AAAA".into(), "does not begin"),
            ("whpk_AAAA".into(), "does not begin"),
            ("whsec_*".into(), "is not base64"),
            (of(32).replace('=', ""), "is not base64"),
            ("whsec_".into(), "has 0 bytes"),
            (of(23), "has 23 bytes"),
            (of(65), "has 65 bytes"),
        ] {
            let got = Secret::parse(&text).unwrap_err().to_string();
            assert!(got.contains(want), "{text}: {got}");
        }
        assert!(Secret::parse(&of(24)).is_ok() && Secret::parse(&of(64)).is_ok());
    }

    #[test]
    fn halves_that_do_not_belong_together_are_refused() {
        let mut bytes = KeyPair::mint([1; 32]).0.to_keypair_bytes();
        bytes[32..].copy_from_slice(KeyPair::mint([2; 32]).0.verifying_key().as_bytes());
        let text = format!("whsk_{}", STANDARD.encode(bytes));
        assert_eq!(KeyPair::parse(&text).unwrap_err(), SecretError::Pair);
        let short = format!("whsk_{}", STANDARD.encode([1; 31]));
        assert_eq!(
            KeyPair::parse(&short).unwrap_err(),
            SecretError::Length { bytes: 31 }
        );
    }

    #[test]
    fn rolled_secrets_overlap_until_their_instant() {
        let rolled = Secrets::new(secret(1))
            .roll(secret(2), at(1_100), at(1_000))
            .unwrap();
        assert_eq!(rolled.live(at(1_099)), [&secret(2), &secret(1)]);
        assert_eq!(rolled.live(at(1_100)), [&secret(2)]);
        assert_eq!(
            rolled.roll(secret(3), at(1_200), at(1_050)),
            Err(RollError::TwoLive { until: at(1_100) })
        );
        let third = rolled.roll(secret(3), at(1_300), at(1_100)).unwrap();
        assert_eq!(third.live(at(1_200)), [&secret(3), &secret(2)]);
    }

    #[test]
    fn a_leak_ends_every_older_secret_at_once() {
        let rolled = Secrets::new(secret(1))
            .roll(secret(2), at(1_100), at(1_000))
            .unwrap();
        let fresh = rolled.roll(secret(3), at(1_050), at(1_050)).unwrap();
        assert_eq!(fresh.live(at(1_050)), [&secret(3)]);
    }

    #[test]
    fn overlaps_are_bounded_and_secrets_are_new() {
        let first = Secrets::new(secret(1));
        let limit = at(0).plus_days(OVERLAP_DAYS_MAX);
        assert!(first.roll(secret(2), limit, at(0)).is_ok());
        assert_eq!(
            first.roll(secret(2), limit.plus_seconds(1), at(0)),
            Err(RollError::Overlap { days_max: 7 })
        );
        assert_eq!(first.roll(secret(1), at(5), at(0)), Err(RollError::Same));
    }
}
