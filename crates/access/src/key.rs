//! API keys: how they look, how they are kept, and when they may be used.
//!
//! ```text
//! dk_live_sk_0DkVPO7HkfqH4dHhDpnJ7mq8XFhiv9wQ2Wz41cR
//! |  |    |  '-- 33 digits of base 62: 24 random bytes; then 6: CRC-32 of everything before them
//! |  |    '-- sk: all that its roles may; rk: restricted to scopes
//! |  '-- live or test
//! '-- a Docket key, so that scanners find leaked ones
//! ```
//!
//! The checksum keeps typing errors and guesses away from the store. What is kept is SHA-256 of the whole text: 192 random
//! bits cannot be tried, so a slow hash would only slow every request.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calendar::Instant;

use crate::asker::{Asker, AskerError, Identity, Mode, Tenant};
use crate::base62;
use crate::hashed::Hashed;
use crate::names::named;
use crate::network::Network;
use crate::policy::Role;
use crate::scope::Scopes;
use crate::{KeyId, PersonId, Secret};

/// Random bytes a key is made of.
pub const RANDOM_BYTES: usize = 24;
/// 62^33 > 2^192 > 62^32.
const BODY_DIGITS: usize = 33;
/// 62^6 > 2^32 > 62^5.
const CHECKSUM_DIGITS: usize = 6;
const BRAND: &str = "dk";
/// `dk_live_sk_`, the same for all four.
const PREFIX_LENGTH: usize = 11;
const KEY_LENGTH: usize = PREFIX_LENGTH + BODY_DIGITS + CHECKSUM_DIGITS;
/// An old key goes on for at most a week after its successor was made, as with Stripe.
pub const OVERLAP_SECONDS_MAX: i64 = 7 * 86_400;
/// Last use is kept to the minute, so that a busy key does not write a row per request.
const LAST_USED_SECONDS: i64 = 60;

named! {
    /// Which of the two sorts.
    KeyKind {
        Secret = "sk",
        Restricted = "rk",
    }
}

/// A text is not one of our keys. None of these carries any of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "no API key is given: expected `Authorization: Bearer dk_...`, or the key as user name of `Basic`"
    )]
    Missing,
    #[error("an API key begins with dk_live_sk_, dk_live_rk_, dk_test_sk_ or dk_test_rk_")]
    Prefix,
    #[error("an API key has {KEY_LENGTH} characters, found {found}")]
    Length { found: usize },
    #[error("an API key has letters and digits after its prefix")]
    Character,
    /// Mistyped, cut, or made up.
    #[error("the API key's checksum does not fit: it is mistyped or not complete")]
    Checksum,
}

/// A key just made: the only time that its text exists on our side.
pub struct Key {
    pub secret: Secret,
    pub parsed: ParsedKey,
}

/// Never the key: `dk_live_sk_...41cR`.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.parsed.shown)
    }
}

/// A key without its text: what it says of itself, how to find it, how to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedKey {
    pub mode: Mode,
    pub kind: KeyKind,
    pub hash: Hashed,
    /// The prefix and the last four characters, for people: `dk_live_sk_...41cR`.
    pub shown: String,
}

impl Key {
    /// `random` comes from the system's generator and is used for nothing else.
    pub fn mint(random: [u8; RANDOM_BYTES], mode: Mode, kind: KeyKind) -> Key {
        let body = base62::encode(&random, BODY_DIGITS);
        let mut text = format!("{BRAND}_{mode}_{kind}_{body}");
        let checksum = checksum(&text);
        text.push_str(&checksum);
        let parsed = parse(&text).expect("what is minted is of the form that is parsed");
        Key {
            secret: Secret::new(text),
            parsed,
        }
    }
}

/// Reads a key offline: nothing that is not of our making reaches the store.
pub fn parse(text: &str) -> Result<ParsedKey, KeyError> {
    let (mode, kind) = prefix(text).ok_or(KeyError::Prefix)?;
    let found = text.chars().count();
    if found != KEY_LENGTH {
        return Err(KeyError::Length { found });
    }
    let digits = text.get(PREFIX_LENGTH..).ok_or(KeyError::Character)?;
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(KeyError::Character);
    }
    let at = PREFIX_LENGTH + BODY_DIGITS;
    let (before, given) = text.split_at_checked(at).ok_or(KeyError::Character)?;
    let body = before
        .get(PREFIX_LENGTH..)
        .and_then(base62::decode::<RANDOM_BYTES>);
    if body.is_none() || given != checksum(before) {
        return Err(KeyError::Checksum);
    }
    let last4 = text.get(KEY_LENGTH - 4..).ok_or(KeyError::Character)?;
    Ok(ParsedKey {
        mode,
        kind,
        hash: Hashed::of(text.as_bytes()),
        shown: format!("{BRAND}_{mode}_{kind}_...{last4}"),
    })
}

/// The key in an `Authorization` header's value: `Bearer KEY`, or `Basic` with the key as user name and no password, as
/// Stripe's clients may send it.
pub fn from_authorization(header: &str) -> Result<ParsedKey, KeyError> {
    let (scheme, rest) = header.split_once(' ').ok_or(KeyError::Missing)?;
    let rest = rest.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return parse(rest);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(KeyError::Missing);
    }
    let decoded = STANDARD.decode(rest).map_err(|_| KeyError::Missing)?;
    let decoded = String::from_utf8(decoded).map_err(|_| KeyError::Missing)?;
    match decoded.split_once(':') {
        Some((key, "")) => parse(key),
        _ => Err(KeyError::Missing),
    }
}

/// Whole keys anywhere in a text: in a URL, a log line, a mail to support. A request that has one in its URL is refused,
/// and the key counts as leaked, because URLs are written down by everything they pass.
pub fn find_keys(text: &str) -> Vec<ParsedKey> {
    // A careful client escapes the underscore, too.
    let text = text.replace("%5F", "_").replace("%5f", "_");
    text.match_indices("dk_")
        .filter_map(|(at, _)| text.get(at..at.checked_add(KEY_LENGTH)?))
        .filter_map(|candidate| parse(candidate).ok())
        .collect()
}

fn prefix(text: &str) -> Option<(Mode, KeyKind)> {
    let mut parts = text.splitn(4, '_');
    let brand = parts.next()?;
    let mode = parts.next().and_then(Mode::parse)?;
    let kind = parts.next().and_then(KeyKind::parse)?;
    parts.next()?;
    (brand == BRAND).then_some((mode, kind))
}

fn checksum(text: &str) -> String {
    base62::encode(
        &crc32fast::hash(text.as_bytes()).to_be_bytes(),
        CHECKSUM_DIGITS,
    )
}

/// A key as the store keeps it, found by the hash of what was sent.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub id: KeyId,
    pub hash: Hashed,
    pub shown: String,
    pub mode: Mode,
    pub kind: KeyKind,
    pub tenant: Tenant,
    /// At most those its maker held; narrowed by `scopes` when restricted.
    pub roles: Vec<Role>,
    /// Looked at when `kind` is restricted.
    pub scopes: Scopes,
    /// Who made it and answers for it.
    pub made_by: PersonId,
    pub made_at: Instant,
    /// From this instant on it is refused; `None`: until revoked.
    pub expires_at: Option<Instant>,
    /// Empty: from anywhere.
    pub networks: Vec<Network>,
    /// A successor exists, and this one is refused from this instant on.
    pub replaced_at: Option<Instant>,
    /// By a person, or because it was found where it should not be.
    pub revoked_at: Option<Instant>,
    /// To the minute.
    pub last_used_at: Option<Instant>,
}

/// The key is ours and may not be used now. In order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// No key has this hash, or the row says another mode or kind than the key: answered alike.
    #[error("no such API key")]
    NoSuchKey,
    #[error("the API key {shown} was revoked")]
    Revoked { shown: String },
    #[error("the API key {shown} was replaced, and its overlap ended at {at}")]
    Replaced { shown: String, at: Instant },
    #[error("the API key {shown} expired at {at}")]
    Expired { shown: String, at: Instant },
    #[error("the API key {shown} may not be used from {address}")]
    Address { shown: String, address: IpAddr },
    /// The row gives roles that its tenant cannot hold.
    #[error("the API key {shown} has roles that cannot be: {because}")]
    Roles { shown: String, because: AskerError },
}

impl StoredKey {
    /// Whether the key may be used now from this address: the peer's, or what a trusted proxy says it is.
    pub fn usable(&self, now: Instant, address: IpAddr) -> Result<(), KeyRefusal> {
        let shown = || self.shown.clone();
        if self.revoked_at.is_some_and(|at| at <= now) {
            return Err(KeyRefusal::Revoked { shown: shown() });
        }
        if let Some(at) = self.replaced_at.filter(|at| *at <= now) {
            return Err(KeyRefusal::Replaced { shown: shown(), at });
        }
        if let Some(at) = self.expires_at.filter(|at| *at <= now) {
            return Err(KeyRefusal::Expired { shown: shown(), at });
        }
        let within = self
            .networks
            .iter()
            .any(|network| network.contains(address));
        if !self.networks.is_empty() && !within {
            return Err(KeyRefusal::Address {
                shown: shown(),
                address: address.to_canonical(),
            });
        }
        Ok(())
    }

    /// A successor was minted: this one goes on for `overlap_seconds`, cut to [`OVERLAP_SECONDS_MAX`], and never longer
    /// than it would have without.
    #[must_use]
    pub fn replaced(mut self, now: Instant, overlap_seconds: i64) -> StoredKey {
        let until = now.plus_seconds(overlap_seconds.clamp(0, OVERLAP_SECONDS_MAX));
        let earlier = self.replaced_at.map_or(until, |at| at.min(until));
        self.replaced_at = Some(earlier);
        self
    }

    /// At once and for good; the first instant stays.
    #[must_use]
    pub fn revoked(mut self, now: Instant) -> StoredKey {
        self.revoked_at = Some(self.revoked_at.map_or(now, |at| at.min(now)));
        self
    }

    /// Whether this use is worth writing down.
    pub fn use_is_news(&self, now: Instant) -> bool {
        self.last_used_at
            .is_none_or(|at| at.seconds_until(now) >= LAST_USED_SECONDS)
    }
}

/// The asker behind a key: what was sent, what the store has under its hash, and from where it came.
pub fn admit(
    sent: &ParsedKey,
    stored: Option<&StoredKey>,
    now: Instant,
    address: IpAddr,
) -> Result<Asker, KeyRefusal> {
    let same = |stored: &&StoredKey| {
        stored.hash.matches(&sent.hash) && (stored.mode, stored.kind) == (sent.mode, sent.kind)
    };
    let stored = stored.filter(same).ok_or(KeyRefusal::NoSuchKey)?;
    stored.usable(now, address)?;
    let scopes = match stored.kind {
        KeyKind::Secret => None,
        KeyKind::Restricted => Some(stored.scopes.clone()),
    };
    let identity = Identity::Key {
        key: stored.id.clone(),
        person: stored.made_by.clone(),
    };
    let tenant = stored.tenant.clone();
    Asker::key(identity, &stored.roles, tenant, stored.mode, scopes).map_err(|because| {
        KeyRefusal::Roles {
            shown: stored.shown.clone(),
            because,
        }
    })
}
