//! The desk's own keys, which sign every message beside the endpoints' secrets: the one that signs from now on, and for a
//! stated time the one before it, so that whoever holds either public half believes every message.
//!
//! Invariant: at most two sign at any instant, and the newest always does.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use calendar::Instant;

use crate::secret::{KeyPair, PublicKey};

/// How long an old key may go on signing. Nobody is told of a new one: receivers look when they come by, and a quarter
/// of a year is the longest that one may wait to find a key that signs.
pub const KEY_OVERLAP_DAYS_MAX: i64 = 90;

/// One key as a store keeps it: a text of its own, written once.
#[derive(Clone, Debug)]
pub struct KeptKey {
    pub pair: KeyPair,
    /// When it began to sign.
    pub from: Instant,
    /// Until when those before it sign beside it.
    pub others_until: Instant,
}

/// Every key that ever signed, oldest first.
#[derive(Clone, Debug)]
pub struct DeskKeys {
    older: Vec<KeptKey>,
    current: KeptKey,
}

/// A public half, and when its key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub key: PublicKey,
    pub from: Instant,
    /// `None`: it signs until another takes its place.
    pub until: Option<Instant>,
}

/// Why the key is not rolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRollError {
    /// Two sign already; a third would leave whoever holds the oldest behind before its time.
    TwoLive {
        until: Instant,
    },
    Overlap {
        days_max: i64,
    },
    /// The new one is one of the old ones.
    Same,
}

impl KeptKey {
    pub fn first(pair: KeyPair, now: Instant) -> KeptKey {
        KeptKey {
            pair,
            from: now,
            others_until: now,
        }
    }

    /// The private text and two numbers of microseconds, to be sealed at rest and shown to nobody.
    pub fn expose(&self) -> String {
        let (from, others) = (self.from.unix_micros(), self.others_until.unix_micros());
        format!("{} {from} {others}", self.pair.expose())
    }

    /// What [`KeptKey::expose`] wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<KeptKey> {
        let instant = |word: &str| word.parse().ok().and_then(Instant::from_unix_micros);
        let mut words = text.split(' ');
        let kept = KeptKey {
            pair: KeyPair::parse(words.next()?).ok()?,
            from: instant(words.next()?)?,
            others_until: instant(words.next()?)?,
        };
        words.next().is_none().then_some(kept)
    }
}

impl DeskKeys {
    /// From what a store kept, oldest first. `None` when it kept nothing.
    pub fn restored(mut kept: Vec<KeptKey>) -> Option<DeskKeys> {
        let current = kept.pop()?;
        Some(DeskKeys {
            older: kept,
            current,
        })
    }

    /// What is to be kept beside the others to make `fresh` the current key and let the one before it sign until
    /// `old_until`. An `old_until` that is not after `now` ends every older key at once, which is what a leak asks for and is
    /// therefore always possible.
    ///
    /// # Errors
    /// [`KeyRollError::TwoLive`] while an earlier roll still overlaps, unless this one ends it at once.
    pub fn roll(
        &self,
        fresh: KeyPair,
        old_until: Instant,
        now: Instant,
    ) -> Result<KeptKey, KeyRollError> {
        let known = self.known();
        if known.iter().any(|old| old.key == fresh.public()) {
            return Err(KeyRollError::Same);
        }
        if old_until > now.plus_days(KEY_OVERLAP_DAYS_MAX) {
            return Err(KeyRollError::Overlap {
                days_max: KEY_OVERLAP_DAYS_MAX,
            });
        }
        let beside = known.iter().filter_map(|old| old.until);
        if let Some(until) = beside.filter(|until| *until > now).max()
            && old_until > now
        {
            return Err(KeyRollError::TwoLive { until });
        }
        Ok(KeptKey {
            pair: fresh,
            from: now,
            others_until: old_until.max(now),
        })
    }

    /// What signs at this instant, the current one first. A clock that is behind the one that rolled signs with both, too.
    pub fn live(&self, now: Instant) -> Vec<&KeyPair> {
        let signs =
            |(_, until): &(&KeptKey, Option<Instant>)| until.is_none_or(|until| until > now);
        let live = self.newest_first().filter(signs);
        live.map(|(kept, _)| &kept.pair).collect()
    }

    /// Every public half, the current one first.
    pub fn known(&self) -> Vec<Known> {
        let known = |(kept, until): (&KeptKey, Option<Instant>)| Known {
            key: kept.pair.public(),
            from: kept.from,
            until,
        };
        self.newest_first().map(known).collect()
    }

    /// Each with the end that the earliest word of those after it gave it.
    fn newest_first(&self) -> impl Iterator<Item = (&KeptKey, Option<Instant>)> {
        let mut until: Option<Instant> = None;
        let newest_first = core::iter::once(&self.current).chain(self.older.iter().rev());
        newest_first.map(move |kept| {
            let ends = until;
            until = Some(ends.map_or(kept.others_until, |at| at.min(kept.others_until)));
            (kept, ends)
        })
    }
}

impl fmt::Display for KeyRollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyRollError::TwoLive { until } => write!(
                f,
                "two keys sign until {until}; roll again after that, or end the old ones at once"
            ),
            KeyRollError::Overlap { days_max } => {
                write!(f, "an old key may sign for at most {days_max} days more")
            }
            KeyRollError::Same => f.write_str("the new key is one of the old ones"),
        }
    }
}

impl core::error::Error for KeyRollError {}

impl Known {
    /// Whether messages of this instant are signed with it.
    pub fn signs(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self.until.map_or(String::from("-"), |at| at.to_string());
        write!(f, "{} from={} until={until}", self.key, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds).unwrap()
    }

    fn pair(byte: u8) -> KeyPair {
        KeyPair::mint([byte; 32])
    }

    fn first() -> DeskKeys {
        DeskKeys::restored(vec![KeptKey::first(pair(1), at(0))]).unwrap()
    }

    fn with(keys: &DeskKeys, next: KeptKey) -> DeskKeys {
        let older = keys.older.iter().cloned();
        let all = older.chain([keys.current.clone(), next]).collect();
        DeskKeys::restored(all).unwrap()
    }

    /// Which keys sign at this second, by the byte that they were minted of.
    #[track_caller]
    fn check(keys: &DeskKeys, second: i64, expected: &[u8]) {
        let live = keys.live(at(second)).into_iter().map(KeyPair::public);
        let expected = expected.iter().map(|byte| pair(*byte).public());
        assert_eq!(live.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_old_key_signs_beside_the_new_one_until_its_instant() {
        let next = first().roll(pair(2), at(1_100), at(1_000)).unwrap();
        let keys = with(&first(), next);
        check(&keys, 999, &[2, 1]);
        check(&keys, 1_099, &[2, 1]);
        check(&keys, 1_100, &[2]);
        let known = keys.known();
        assert_eq!((known[0].from, known[0].until), (at(1_000), None));
        assert_eq!((known[1].from, known[1].until), (at(0), Some(at(1_100))));
        assert!(known[1].signs(at(1_099)) && !known[1].signs(at(1_100)));
    }

    #[test]
    fn a_third_waits_for_the_oldest_to_end() {
        let next = first().roll(pair(2), at(1_100), at(1_000)).unwrap();
        let keys = with(&first(), next);
        let early = keys.roll(pair(3), at(1_200), at(1_099)).unwrap_err();
        assert_eq!(early, KeyRollError::TwoLive { until: at(1_100) });
        let next = keys.roll(pair(3), at(1_200), at(1_100)).unwrap();
        check(&with(&keys, next), 1_150, &[3, 2]);
    }

    #[test]
    fn a_leak_ends_every_older_key_at_once() {
        let next = first().roll(pair(2), at(1_100), at(1_000)).unwrap();
        let keys = with(&first(), next);
        let next = keys.roll(pair(3), at(1_050), at(1_050)).unwrap();
        let keys = with(&keys, next);
        check(&keys, 1_050, &[3]);
        let until: Vec<_> = keys.known().into_iter().map(|known| known.until).collect();
        assert_eq!(until, [None, Some(at(1_050)), Some(at(1_050))]);
        // A later overlap wakes none of them.
        let next = keys.roll(pair(4), at(9_000), at(2_000)).unwrap();
        check(&with(&keys, next), 2_001, &[4, 3]);
    }

    #[test]
    fn overlaps_are_bounded_and_keys_are_new() {
        let limit = at(0).plus_days(KEY_OVERLAP_DAYS_MAX);
        assert!(first().roll(pair(2), limit, at(0)).is_ok());
        let late = first().roll(pair(2), limit.plus_seconds(1), at(0));
        assert_eq!(late.unwrap_err(), KeyRollError::Overlap { days_max: 90 });
        let same = first().roll(pair(1), at(5), at(0));
        assert_eq!(same.unwrap_err(), KeyRollError::Same);
    }

    #[test]
    fn what_is_kept_is_read_back_and_nothing_else_is() {
        let kept = first().roll(pair(2), at(1_100), at(1_000)).unwrap();
        let text = kept.expose();
        let read = KeptKey::parse(&text).unwrap();
        assert_eq!(read.expose(), text);
        assert_eq!((read.from, read.others_until), (at(1_000), at(1_100)));
        assert!(!format!("{kept:?}").contains("whsk"));
        let bare = pair(1).expose();
        for wrong in [
            String::new(),
            bare.clone(),
            format!("{bare} 1"),
            format!("{text} 1"),
            format!("{bare} 1 x"),
            text.replace("whsk_", "whpk_"),
        ] {
            assert!(KeptKey::parse(&wrong).is_none(), "{wrong}");
        }
    }
}
