//! How often somebody may try to sign in: per name typed, and per address.
//!
//! An attempt is counted before the password is looked at, in a transaction of its own, so that a hundred at once are a
//! hundred; success then clears the account's count. A name nobody has is counted like any other, and while one waits
//! nothing is looked at, so that the answer says neither whether the name exists nor whether the password was right.
//!
//! Waiting is bounded: whoever tries a victim's name all day costs the victim a quarter of an hour at a time, not the
//! account. A desk that minds signs its people in by OpenID Connect.

use std::net::IpAddr;

use calendar::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hashed::Hashed;

/// The numbers of one kind of count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many at once without waiting.
    pub free: u32,
    pub wait_seconds_max: i64,
    /// Without an attempt for so long, all is forgotten.
    pub forget_seconds: i64,
}

/// Five mistakes are human. At one try per quarter of an hour afterwards, 100 a day: under the 100 an hour that ASVS 4.0,
/// 2.2.1 allows.
pub const ACCOUNT: Limit = Limit {
    free: 5,
    wait_seconds_max: 900,
    forget_seconds: 86_400,
};
/// An office shares an address, so it has more, and soon forgets.
pub const ADDRESS: Limit = Limit {
    free: 30,
    wait_seconds_max: 900,
    forget_seconds: 3_600,
};

/// Attempts so far, as the store keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    pub attempts: u32,
    pub last_at: Instant,
}

/// Come back later. The same for everybody, known or not, right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts to sign in: wait {seconds} s")]
pub struct TooMany {
    pub seconds: i64,
}

/// Counts one attempt for the account and the address, or refuses it; what is refused is not counted.
pub fn attempt(
    account: Option<Throttle>,
    address: Option<Throttle>,
    now: Instant,
) -> Result<(Throttle, Throttle), TooMany> {
    let seconds = wait(account, &ACCOUNT, now).max(wait(address, &ADDRESS, now));
    if seconds > 0 {
        return Err(TooMany { seconds });
    }
    Ok((
        counted(account, &ACCOUNT, now),
        counted(address, &ADDRESS, now),
    ))
}

/// Seconds until the next attempt may be made: none for the free ones, then 1, 2, 4 ... after each.
pub fn wait(before: Option<Throttle>, limit: &Limit, now: Instant) -> i64 {
    let Some(before) = remembered(before, limit, now) else {
        return 0;
    };
    let Some(doublings) = before.attempts.checked_sub(limit.free) else {
        return 0;
    };
    let pause = 1_i64
        .checked_shl(doublings)
        .filter(|pause| (1..limit.wait_seconds_max).contains(pause))
        .unwrap_or(limit.wait_seconds_max);
    // A clock set back must not make anybody wait longer than the rule.
    let since = before.last_at.seconds_until(now).max(0);
    (pause - since).max(0)
}

fn counted(before: Option<Throttle>, limit: &Limit, now: Instant) -> Throttle {
    let attempts = remembered(before, limit, now).map_or(0, |before| before.attempts);
    Throttle {
        attempts: attempts.saturating_add(1),
        last_at: now,
    }
}

fn remembered(before: Option<Throttle>, limit: &Limit, now: Instant) -> Option<Throttle> {
    before.filter(|before| before.last_at.seconds_until(now) < limit.forget_seconds)
}

/// Under what an account's attempts are counted: the name as typed, without case and outer space, keyed so that the table
/// does not list who tried.
pub fn account_key(typed: &str, desk_secret: &[u8]) -> Hashed {
    let name = typed.trim().to_lowercase();
    let mut mac =
        Hmac::<Sha256>::new_from_slice(desk_secret).expect("HMAC takes a key of any length");
    mac.update(name.as_bytes());
    Hashed::from_bytes(mac.finalize().into_bytes().into())
}

/// Under what an address's attempts are counted: IPv4 as it is, IPv6 by its /64, since one customer has all of that.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
