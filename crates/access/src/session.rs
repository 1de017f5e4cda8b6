//! Sessions of people.

use calendar::Instant;

/// How long a proof of who one is lasts for what [`crate::policy::needs_step_up`] names.
pub const STEP_UP_SECONDS: i64 = 5 * 60;

/// A proof from the future is none: it would last longer than the rule.
pub fn step_up_is_fresh(step_up_at: Instant, now: Instant) -> bool {
    (0..STEP_UP_SECONDS).contains(&step_up_at.seconds_until(now))
}
