//! The second factor of desks without an OpenID provider: time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 s), and
//! recovery codes for the day the telephone is lost.

use std::fmt;

use aws_lc_rs::hmac;
use calendar::Instant;
use subtle::ConstantTimeEq;

use crate::Secret;
use crate::hashed::Hashed;

/// RFC 4226, 4 recommends 160 bits, the length of the hash.
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
/// Clocks of telephones are off by a step at most; more would give a guesser more codes (RFC 6238, 5.2).
const STEPS_EITHER_WAY: i64 = 1;
const CODES: u32 = 1_000_000;
const DIGITS: usize = 6;

/// The count of 30 seconds since 1970 whose code was taken. The store keeps the last one, and takes a code and keeps its step
/// in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

/// A code is not taken. The face answers both alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    #[error("the code is not one of these minutes")]
    Code,
    /// Seen by somebody over the shoulder, or sent twice.
    #[error("the code was used before")]
    Used,
}

/// What the person's telephone and we share.
#[derive(Clone)]
pub struct Totp([u8; SECRET_BYTES]);

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(redacted)")
    }
}

impl Totp {
    /// `random` when one is made, or as the store has it, sealed at rest.
    pub fn new(secret: [u8; SECRET_BYTES]) -> Totp {
        Totp(secret)
    }

    /// Base32 without padding, for typing by hand.
    pub fn secret_text(&self) -> Secret {
        Secret::new(base32(&self.0))
    }

    /// What the square code for the telephone says.
    pub fn uri(&self, issuer: &str, account: &str) -> Secret {
        let (issuer, account) = (escape(issuer), escape(account));
        let secret = base32(&self.0);
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        ))
    }

    /// Takes a code of now or of a step to either side, and none at or before `last`, the step of the code taken last:
    /// each code works once.
    pub fn check(
        &self,
        typed: &str,
        last: Option<Step>,
        now: Instant,
    ) -> Result<Step, CodeRefusal> {
        let typed: Vec<u8> = typed.bytes().filter(|byte| *byte != b' ').collect();
        if typed.len() != DIGITS || !typed.iter().all(u8::is_ascii_digit) {
            return Err(CodeRefusal::Code);
        }
        let at = now.unix_seconds().div_euclid(STEP_SECONDS);
        let mut found = None;
        // All steps are compared whatever is found, so that time tells nothing of the clock's error.
        for step in (at - STEPS_EITHER_WAY..=at + STEPS_EITHER_WAY).map(Step) {
            if bool::from(self.code(step).as_bytes().ct_eq(&typed)) {
                found = Some(step);
            }
        }
        let step = found.ok_or(CodeRefusal::Code)?;
        match last.is_some_and(|last| step <= last) {
            true => Err(CodeRefusal::Used),
            false => Ok(step),
        }
    }

    /// What the telephone shows during the step: RFC 4226, 5.3, over its number.
    pub fn code(&self, step: Step) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let tag = tag.as_ref();
        let offset = tag.last().map_or(0, |byte| usize::from(byte & 0x0f));
        let word = tag.get(offset..).and_then(<[u8]>::first_chunk);
        let word = word.expect("the offset is at most 15, and SHA-1 has 20 bytes");
        let number = u32::from_be_bytes(*word) & 0x7fff_ffff;
        format!("{:06}", number % CODES)
    }
}

/// How many a person gets at once.
pub const RECOVERY_CODES: usize = 10;
/// 80 bits: 16 characters of base32, and too many to try, so SHA-256 keeps them.
pub const RECOVERY_BYTES: usize = 10;
const RECOVERY_GROUP: usize = 4;

/// `ABCD-EFGH-IJKL-MNOP`, shown once; its hash is stored.
pub fn recovery_code(random: [u8; RECOVERY_BYTES]) -> (Secret, Hashed) {
    let digits = base32(&random);
    let hash = Hashed::of(digits.as_bytes());
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % RECOVERY_GROUP == 0 {
            shown.push('-');
        }
        shown.push(digit);
    }
    (Secret::new(shown), hash)
}

/// The place of the code typed among those unused; the caller removes it in the transaction that signs in. Case, spaces and
/// hyphens do not matter, nor 0, 1 and 8 typed for O, I and B: base32 has none of them.
pub fn find_recovery_code(typed: &str, unused: &[Hashed]) -> Option<usize> {
    let digits: String = typed
        .chars()
        .filter(|found| !matches!(found, ' ' | '-'))
        .take(RECOVERY_BYTES * 2)
        .map(|found| match found.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            other => other,
        })
        .collect();
    let hash = Hashed::of(digits.as_bytes());
    unused.iter().position(|code| code.matches(&hash))
}

/// RFC 4648, 6, without padding: both lengths used here fill whole characters.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 2);
    for chunk in bytes.chunks(5) {
        let number = chunk
            .iter()
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        assert!(chunk.len() == 5, "secrets are whole groups of 40 bits");
        for shift in (0..40).step_by(5).rev() {
            let place = usize::try_from((number >> shift) & 31).ok();
            let digit = place.and_then(|place| DIGITS.get(place));
            text.push(char::from(*digit.expect("five bits are under 32")));
        }
    }
    text
}

/// Percent-encoding of RFC 3986: all but the unreserved.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: of its eight digits the last six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = Totp::new(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Instant::from_unix_seconds(seconds).unwrap();
            assert_eq!(totp.code(Step(seconds / 30)), code);
            assert_eq!(totp.check(code, None, now), Ok(Step(seconds / 30)));
        }
    }

    #[test]
    fn the_telephone_gets_the_secret_in_base32() {
        let totp = Totp::new(*b"12345678901234567890");
        assert_eq!(
            totp.uri("Desk 1", "a+b@example.com").expose(),
            "otpauth://totp/Desk%201:a%2Bb%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Desk%201\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{totp:?}"), "Totp(redacted)");
    }
}
