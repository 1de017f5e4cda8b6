//! How many requests a provider takes, and when the next may go.

use calendar::Instant;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A token bucket. Pure: the instant is passed in, so a simulation drives it as production does.
///
/// Kept as the one instant at which the bucket will be full again; every request moves that instant later by the time
/// one token takes to come back, and a request is refused when it would move more than a bucketful ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Microseconds in which one token comes back; rounded up, so that the limit is never exceeded.
    micros_each: i64,
    /// Microseconds in which an empty bucket fills.
    micros_full: i64,
    /// Instant, in microseconds since 1970, at which the bucket is full.
    full_at: i64,
    /// No request before this instant, whatever the bucket holds.
    held_until: i64,
}

/// Not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the budget is spent until {until}")]
pub struct Wait {
    /// From here on [`Budget::take`] succeeds, unless somebody else takes first.
    pub until: Instant,
}

impl Budget {
    /// At most `burst` requests at once, and `count` in any `seconds` after that. `None` when one of them is zero.
    /// Starts full.
    pub fn new(burst: u32, count: u32, seconds: u32) -> Option<Budget> {
        if burst == 0 || count == 0 || seconds == 0 {
            return None;
        }
        // Below 2^32 x 10^6 < 2^52; the ceiling of a quotient by at least one is no larger.
        let micros_each =
            (i64::from(seconds) * MICROS_PER_SECOND + i64::from(count) - 1) / i64::from(count);
        Some(Budget {
            micros_each,
            micros_full: micros_each.saturating_mul(i64::from(burst)),
            full_at: i64::MIN,
            held_until: i64::MIN,
        })
    }

    /// Takes one token, or says when there will be one. A clock that went back gives nothing away: the bucket then fills
    /// only when the old time is reached again.
    pub fn take(&mut self, now: Instant) -> Result<(), Wait> {
        let at = now.unix_micros();
        let full_at = self.full_at.max(at).saturating_add(self.micros_each);
        let ready_at = full_at
            .saturating_sub(self.micros_full)
            .max(self.held_until);
        if ready_at > at {
            return Err(Wait {
                until: Instant::from_unix_micros(ready_at).unwrap_or(Instant::MAX),
            });
        }
        self.full_at = full_at;
        Ok(())
    }

    /// Nothing before this instant: the provider said `Retry-After`. A later hold stands.
    pub fn hold(&mut self, until: Instant) {
        self.held_until = self.held_until.max(until.unix_micros());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at these microseconds; `None` where a token is given, else when to come again.
    #[track_caller]
    fn check(mut budget: Budget, takes: &[(i64, Option<i64>)]) {
        for (at, want) in takes {
            let now = Instant::from_unix_micros(*at).unwrap();
            let got = budget.take(now).err().map(|wait| wait.until.unix_micros());
            assert_eq!(got, *want, "at {at}");
        }
    }

    #[test]
    fn burst_is_given_at_once_and_then_the_rate() {
        let budget = Budget::new(3, 2, 1).unwrap();
        check(
            budget,
            &[
                (0, None),
                (0, None),
                (0, None),
                (0, Some(500_000)),
                (499_999, Some(500_000)),
                (500_000, None),
                (500_000, Some(1_000_000)),
                (1_000_000, None),
                // A long pause fills the bucket, and no further than the bucket.
                (60_000_000, None),
                (60_000_000, None),
                (60_000_000, None),
                (60_000_000, Some(60_500_000)),
            ],
        );
    }

    #[test]
    fn refused_takes_cost_nothing() {
        let budget = Budget::new(1, 1, 1).unwrap();
        check(
            budget,
            &[
                (0, None),
                (1, Some(1_000_000)),
                (2, Some(1_000_000)),
                (1_000_000, None),
            ],
        );
    }

    #[test]
    fn clock_that_goes_back_gives_nothing_away() {
        let budget = Budget::new(1, 1, 1).unwrap();
        check(
            budget,
            &[
                (10_000_000, None),
                (0, Some(11_000_000)),
                (11_000_000, None),
            ],
        );
    }

    #[test]
    fn a_rate_that_does_not_divide_is_rounded_against_us() {
        let budget = Budget::new(1, 3, 1).unwrap();
        check(
            budget,
            &[(0, None), (333_333, Some(333_334)), (333_334, None)],
        );
    }

    #[test]
    fn hold_outlasts_a_full_bucket_and_is_not_shortened() {
        let mut budget = Budget::new(5, 5, 1).unwrap();
        budget.hold(Instant::from_unix_micros(9_000_000).unwrap());
        budget.hold(Instant::from_unix_micros(4_000_000).unwrap());
        check(
            budget,
            &[
                (0, Some(9_000_000)),
                (8_999_999, Some(9_000_000)),
                (9_000_000, None),
            ],
        );
    }

    #[test]
    fn zero_is_no_budget() {
        for (burst, count, seconds) in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] {
            assert_eq!(Budget::new(burst, count, seconds), None);
        }
    }

    #[test]
    fn any_window_of_the_period_holds_at_most_the_burst_and_the_rate() {
        let mut budget = Budget::new(4, 10, 1).unwrap();
        let mut given: Vec<i64> = Vec::new();
        // An uneven walk over some seconds: steps of a linear congruence, which repeats no short pattern.
        let mut at = 0;
        let mut step = 7_919;
        while at < 20_000_000 {
            if budget.take(Instant::from_unix_micros(at).unwrap()).is_ok() {
                given.push(at);
            }
            step = (step * 31 + 17) % 60_013;
            at += step;
        }
        for start in &given {
            let within = given
                .iter()
                .filter(|at| (*start..*start + 1_000_000).contains(*at))
                .count();
            assert!(within <= 14, "{within} in the second from {start}");
        }
        assert!(given.len() > 150, "the budget starves: {}", given.len());
    }
}
