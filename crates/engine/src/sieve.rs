//! Two large sets of rows compared without holding either: what agrees leaves a few sums, and only what does not is looked
//! at again row by row.
//!
//! Each row is put under its key, and the keys are spread over buckets; a bucket is the sum of its rows' hashes, which no
//! order of theirs changes. Buckets that agree hold the same rows, but for a chance of 2^-128 each.

use dispute::id::digest;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;

/// A million rows leave about sixty to a bucket: one wrong row costs a second look at sixty, and a sieve has 256 KiB.
const BUCKETS: u64 = 16_384;

/// The sums of one set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sieve(Vec<u128>);

/// Buckets in which two sets differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suspects(Vec<bool>);

fn bucket(key: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    hasher.write(key.as_bytes());
    usize::try_from(hasher.finish() % BUCKETS).expect("a bucket's number is small")
}

impl Sieve {
    pub fn new() -> Sieve {
        Sieve(vec![0; bucket_count()])
    }

    pub fn put(&mut self, key: &str, value: &str) {
        let hash = digest("row", &[key.as_bytes(), value.as_bytes()]);
        let (half, _) = hash.split_first_chunk::<16>().expect("a hash has 32 bytes");
        if let Some(sum) = self.0.get_mut(bucket(key)) {
            *sum = sum.wrapping_add(u128::from_be_bytes(*half));
        }
    }

    /// Adds another part of the same set.
    pub fn merge(&mut self, other: &Sieve) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.wrapping_add(*more);
        }
    }

    pub fn suspects(&self, other: &Sieve) -> Suspects {
        let differ = self.0.iter().zip(&other.0).map(|(one, two)| one != two);
        Suspects(differ.collect())
    }
}

impl Suspects {
    pub fn none() -> Suspects {
        Suspects(vec![false; bucket_count()])
    }

    pub fn any(&self) -> bool {
        self.0.contains(&true)
    }

    /// Whether the row of this key is to be looked at by itself.
    pub fn hold(&self, key: &str) -> bool {
        self.0.get(bucket(key)).copied().unwrap_or(false)
    }
}

fn bucket_count() -> usize {
    usize::try_from(BUCKETS).expect("the buckets are few")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieve(rows: &[(u32, u32)]) -> Sieve {
        let mut sieve = Sieve::new();
        for (key, value) in rows {
            sieve.put(&key.to_string(), &value.to_string());
        }
        sieve
    }

    #[test]
    fn order_and_parts_do_not_matter() {
        let rows: Vec<(u32, u32)> = (0..100).map(|key| (key, key * 3)).collect();
        let back: Vec<(u32, u32)> = rows.iter().rev().copied().collect();
        let (one, two) = back.split_at(40);
        let mut parts = sieve(one);
        parts.merge(&sieve(two));
        assert!(!sieve(&rows).suspects(&parts).any());
    }

    #[test]
    fn a_changed_a_missing_and_a_repeated_row_are_suspect_and_others_are_not() {
        let all = sieve(&[(1, 1), (2, 2), (3, 3)]);
        for other in [
            &[(1, 1), (2, 9), (3, 3)][..],
            &[(1, 1), (3, 3)],
            &[(1, 1), (2, 2), (2, 2), (3, 3)],
        ] {
            let suspects = all.suspects(&sieve(other));
            assert!(suspects.any() && suspects.hold("2"));
            assert!(!suspects.hold("1") && !suspects.hold("3"));
        }
    }
}
