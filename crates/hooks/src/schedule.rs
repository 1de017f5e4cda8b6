//! When is a message tried again?
//!
//! Eleven attempts. Before the n-th retry lies a pause of up to 10 s x 4^(n-1), at most 48 hours; half of it always, the
//! other half by chance ("equal jitter"), so that receivers that fell over together are not met together again. However
//! the draws fall, the last attempt is at least 78 hours after the first, and at most 157: a weekend's outage fits.

use alloc::string::String;

use calendar::Instant;

use crate::http_date;

/// Attempts of one round, the first included.
pub const ATTEMPTS: u32 = 11;

/// How far ahead a receiver's `Retry-After` is followed. Beyond it, its word would decide over what is kept, not over pace.
pub const RETRY_AFTER_SECONDS_MAX: i64 = 24 * 3_600;

const FIRST_SECONDS: i64 = 10;
const GROWTH: i64 = 4;
const PAUSE_SECONDS_MAX: i64 = 48 * 3_600;

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    pub answer: Answer,
    /// The header's text, if there was one.
    pub retry_after: Option<String>,
    pub took_ms: u64,
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Status(u16),
    /// The receiver cannot have it: no such name, refused, TLS not agreed, or our own guard.
    NotSent,
    /// It may have it: no whole answer came in time.
    Lost,
}

/// What an answer means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// 200 to 299.
    Delivered,
    /// 410: the receiver says that it will never listen again.
    Gone,
    /// 429 and 503: it says that it is too much.
    Slow,
    /// Everything else, redirects among it: where a message goes is what the merchant configured, not what an answer says.
    Failed,
}

impl Answer {
    pub fn class(self) -> Class {
        match self {
            Answer::Status(200..=299) => Class::Delivered,
            Answer::Status(410) => Class::Gone,
            Answer::Status(429 | 503) => Class::Slow,
            Answer::Status(_) | Answer::NotSent | Answer::Lost => Class::Failed,
        }
    }
}

/// When to try again after the attempt of this number (from 1), or `None` after a round's last. Rounds repeat: what is
/// replayed after it was parked has a whole round again. A `not_before` moves the attempt later, never earlier.
pub fn next_at(
    number: u32,
    now: Instant,
    not_before: Option<Instant>,
    bits: u32,
) -> Option<Instant> {
    let within = number.saturating_sub(1) % ATTEMPTS;
    if within + 1 == ATTEMPTS {
        return None;
    }
    let drawn = plus_ms(now, pause_ms(within, bits));
    Some(not_before.map_or(drawn, |other| other.max(drawn)))
}

/// The pause before retry `index`, from 0: half of its ceiling and a share of the other half.
fn pause_ms(index: u32, bits: u32) -> i64 {
    let ceiling = GROWTH.saturating_pow(index).saturating_mul(FIRST_SECONDS);
    // At most 86,400,000 ms, below 2^27, so that the product with 32 bits stays below 2^59.
    let half_ms = ceiling.min(PAUSE_SECONDS_MAX) * 500;
    half_ms + ((half_ms * i64::from(bits)) >> 32)
}

/// The instant a `Retry-After` asks for: a number of seconds or an HTTP date (RFC 9110 section 10.2.3), no further ahead
/// than [`RETRY_AFTER_SECONDS_MAX`]. What is neither, or has passed, asks for nothing.
pub fn retry_after(text: &str, now: Instant) -> Option<Instant> {
    let text = text.trim_matches([' ', '\t']);
    let cap = now.plus_seconds(RETRY_AFTER_SECONDS_MAX);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that do not fit are a very long time.
        let seconds = text.parse::<i64>().unwrap_or(i64::MAX);
        return Some(now.plus_seconds(seconds.min(RETRY_AFTER_SECONDS_MAX)));
    }
    let at = http_date::parse(text, now)?;
    (at > now).then_some(at.min(cap))
}

fn plus_ms(at: Instant, ms: i64) -> Instant {
    Instant::from_unix_micros(at.unix_micros().saturating_add(ms.saturating_mul(1_000)))
        .unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn now() -> Instant {
        Instant::parse("2026-11-23T00:00:00Z").unwrap()
    }

    /// Seconds from the first attempt to every later one of a round.
    fn round(bits: u32) -> Vec<i64> {
        let mut at = now();
        (1..)
            .map_while(|number| {
                at = next_at(number, at, None, bits)?;
                Some(now().seconds_until(at))
            })
            .collect()
    }

    #[test]
    fn whatever_is_drawn_ten_attempts_or_more_span_75_hours() {
        let (least, most) = (round(0), round(u32::MAX));
        assert_eq!(
            least,
            [
                5, 25, 105, 425, 1_705, 6_825, 27_305, 109_225, 195_625, 282_025
            ]
        );
        assert_eq!(
            most,
            [
                9, 49, 209, 849, 3_409, 13_649, 54_609, 218_449, 391_249, 564_049
            ]
        );
        assert!(least.len() + 1 >= 10 && least.last() >= Some(&(75 * 3_600)));
    }

    #[test]
    fn draws_spread_over_the_second_half_of_the_pause() {
        let at = |bits| now().seconds_until(next_at(3, now(), None, bits).unwrap());
        assert_eq!((at(0), at(1 << 31), at(u32::MAX)), (80, 120, 159));
    }

    #[test]
    fn rounds_end_and_begin_again() {
        let ends = |number| next_at(number, now(), None, 0).is_none();
        let found: Vec<u32> = (1..=40).filter(|number| ends(*number)).collect();
        assert_eq!(found, [11, 22, 33]);
        assert_eq!(next_at(12, now(), None, 0), next_at(1, now(), None, 0));
        assert!(!ends(0));
    }

    #[test]
    fn retry_after_moves_later_and_never_earlier() {
        let hour = now().plus_seconds(3_600);
        assert_eq!(next_at(1, now(), Some(hour), 0), Some(hour));
        let soon = now().plus_seconds(1);
        assert_eq!(
            next_at(1, now(), Some(soon), 0),
            Some(now().plus_seconds(5))
        );
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        for (text, want) in [
            ("120", Some(120)),
            (" 7\t", Some(7)),
            ("0", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Mon, 23 Nov 2026 00:10:00 GMT", Some(600)),
            ("Thu, 31 Dec 2026 00:00:00 GMT", Some(86_400)),
            ("Sun, 22 Nov 2026 23:59:59 GMT", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("1e3", None),
            ("soon", None),
            ("", None),
        ] {
            let got = retry_after(text, now()).map(|at| now().seconds_until(at));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn answers_fall_into_four_classes() {
        for (status, want) in [
            (100, Class::Failed),
            (199, Class::Failed),
            (200, Class::Delivered),
            (204, Class::Delivered),
            (299, Class::Delivered),
            (301, Class::Failed),
            (302, Class::Failed),
            (307, Class::Failed),
            (308, Class::Failed),
            (400, Class::Failed),
            (404, Class::Failed),
            (409, Class::Failed),
            (410, Class::Gone),
            (429, Class::Slow),
            (500, Class::Failed),
            (503, Class::Slow),
            (999, Class::Failed),
        ] {
            assert_eq!(Answer::Status(status).class(), want, "{status}");
        }
        assert_eq!(Answer::NotSent.class(), Class::Failed);
        assert_eq!(Answer::Lost.class(), Class::Failed);
    }
}
