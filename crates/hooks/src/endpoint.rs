//! The health of an endpoint: may anything be sent to it now, and what do its answers make of it?
//!
//! [`Health::after`] is every transition there is. What is held while an endpoint is disabled stays in the queue; only
//! the caller's store moves it, as [`Queue`] says.
//!
//! ```text
//!            429, 503                3 days of nothing but failures
//!  Enabled ----------> Slowed ------------------------------------+
//!     ^  ^                | 2xx                                   v
//!     |  | drained        v          3 failures        Disabled <----> Probing    one event at growing intervals
//!     |  +----------- Releasing -----------------------> |  probe fails   |
//!     |                   ^                              |                |
//!     |                   +------------------------------+---- 2xx -------+
//!   any: 410 -> Gone; a person -> Stopped. Both end only by a person, through Releasing.
//! ```

use calendar::Instant;

use crate::schedule::Class;

/// Nothing but failures for so long disables an endpoint, a weekend and a Monday morning.
pub const DISABLED_AFTER_SECONDS: i64 = 3 * 86_400;
/// And at least so many: one event that fails twice in three days proves little.
pub const DISABLED_AFTER_FAILURES: u32 = 5;
/// Attempts under way at once to one endpoint that is well.
pub const IN_FLIGHT_MAX: u32 = 8;
/// Longer than any attempt takes: the sender's total timeout must be shorter. What was begun and not heard of for so long
/// was lost with its process, and may be begun again.
pub const LEASE_SECONDS: i64 = 30;
/// Between two events that are released, so that what was held does not fell the endpoint again.
pub const RELEASE_EVERY_MS: i64 = 250;
/// Failures in a row that end a release.
pub const RELEASE_FAILURES: u32 = 3;

/// Failures without a success between them after which an endpoint rests between two attempts, and how long. A hiccup is
/// shorter, and whoever is well again waits no longer than this.
pub const REST_AFTER_FAILURES: u32 = 10;
pub const REST_SECONDS: i64 = 1;

const PROBE_FIRST_SECONDS: i64 = 5 * 60;
const PROBE_SECONDS_MAX: i64 = 6 * 3_600;
const SLOW_FIRST_SECONDS: i64 = 30;
const SLOW_SECONDS_MAX: i64 = 3_600;

/// Failures without a success between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub failures: u32,
    pub since: Instant,
}

/// How an endpoint is. No Default: a new one is [`Health::ENABLED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Enabled {
        failing: Option<Run>,
    },
    /// It asked for less: nothing before `until`, and then one at a time. `times` counts the askings.
    Slowed {
        until: Instant,
        times: u32,
        failing: Option<Run>,
    },
    /// What was held goes out, oldest first, one every [`RELEASE_EVERY_MS`].
    Releasing {
        next_at: Instant,
        failing: Option<Run>,
    },
    /// Given up after sustained failure; the next probe goes at `probe_at`.
    Disabled {
        since: Instant,
        probes: u32,
        probe_at: Instant,
    },
    /// Half open: one event is under way, and counts as failed at `lost_at`.
    Probing {
        since: Instant,
        probes: u32,
        lost_at: Instant,
    },
    /// It answered 410, and is not asked again.
    Gone {
        since: Instant,
    },
    /// A person disabled it.
    Stopped {
        since: Instant,
    },
}

/// What happens to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An attempt that [`Health::gate`] let through has begun.
    Begun,
    /// An attempt was answered, or its time ran out.
    Heard {
        class: Class,
        /// What a `Retry-After` asked for.
        not_before: Option<Instant>,
    },
    /// Nothing is due any more.
    Drained,
    /// A person disables it.
    Stop,
    /// A person enables it.
    Start,
}

/// What a transition means for the events that wait for the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    Keep,
    /// What is due is held: it costs no attempts and is not dropped.
    Hold,
    /// What is held is due.
    Release,
}

/// Whether something may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// One that is due.
    Go,
    /// One that is held.
    Probe,
    /// Nothing before this instant.
    Wait { until: Instant },
    /// Nothing before one that is under way is heard of.
    Full,
    /// Nothing before a person says so.
    Shut,
}

impl Health {
    pub const ENABLED: Health = Health::Enabled { failing: None };

    /// Whether what is published for this endpoint is held rather than due.
    pub fn holds(&self) -> bool {
        matches!(
            self,
            Health::Disabled { .. }
                | Health::Probing { .. }
                | Health::Gone { .. }
                | Health::Stopped { .. }
        )
    }

    /// Whether an attempt may begin, when `in_flight` are under way.
    pub fn gate(&self, now: Instant, in_flight: u32) -> Gate {
        let from = |at: Instant, open: Gate| match at > now {
            true => Gate::Wait { until: at },
            false => open,
        };
        let fewer_than = |max: u32| match in_flight < max {
            true => Gate::Go,
            false => Gate::Full,
        };
        match *self {
            Health::Enabled { .. } => fewer_than(IN_FLIGHT_MAX),
            Health::Slowed { until, .. } => from(until, fewer_than(1)),
            Health::Releasing { next_at, .. } => from(next_at, fewer_than(IN_FLIGHT_MAX)),
            Health::Disabled { probe_at, .. } => from(probe_at, Gate::Probe),
            Health::Probing { lost_at, .. } => from(lost_at, Gate::Probe),
            Health::Gone { .. } | Health::Stopped { .. } => Gate::Shut,
        }
    }

    /// Whether it fails and goes on failing, and did so a moment ago: it is asked once in a while, and what waits for it
    /// waits. A refusal takes no time, and a hundred thousand events would otherwise be refused one after the other.
    pub fn rests(&self, failed_at: Option<Instant>, now: Instant) -> bool {
        let lately = |at: Instant| at.plus_seconds(REST_SECONDS) > now;
        match self {
            Health::Enabled { failing: Some(run) } => {
                run.failures >= REST_AFTER_FAILURES && failed_at.is_some_and(lately)
            }
            _ => false,
        }
    }

    /// The endpoint after something happened, and what becomes of its queue.
    #[must_use]
    pub fn after(self, now: Instant, happening: Happening) -> (Health, Queue) {
        let next = match happening {
            Happening::Begun => self.begun(now),
            Happening::Heard { class, not_before } => self.heard(now, class, not_before),
            Happening::Drained => match self {
                Health::Releasing { failing, .. } => Health::Enabled { failing },
                other => other,
            },
            Happening::Stop => match self {
                Health::Stopped { .. } => self,
                _ => Health::Stopped { since: now },
            },
            // What was under way when it was disabled may still be: its lease runs out first.
            Happening::Start if self.holds() => releasing(now.plus_seconds(LEASE_SECONDS)),
            Happening::Start => self,
        };
        let queue = match (self.holds(), next.holds()) {
            (false, true) => Queue::Hold,
            (true, false) => Queue::Release,
            _ => Queue::Keep,
        };
        (next, queue)
    }

    fn begun(self, now: Instant) -> Health {
        match self {
            Health::Disabled { since, probes, .. } => probing(now, since, probes),
            // The one before was lost with its process.
            Health::Probing { since, probes, .. } => probing(now, since, probes.saturating_add(1)),
            Health::Releasing { failing, .. } => Health::Releasing {
                next_at: plus_ms(now, RELEASE_EVERY_MS),
                failing,
            },
            other => other,
        }
    }

    fn heard(self, now: Instant, class: Class, not_before: Option<Instant>) -> Health {
        match class {
            Class::Delivered => self.delivered(now),
            Class::Gone => match self {
                Health::Gone { .. } | Health::Stopped { .. } => self,
                _ => Health::Gone { since: now },
            },
            Class::Slow => self.slowed(now, not_before),
            Class::Failed => self.failed(now),
        }
    }

    fn delivered(self, now: Instant) -> Health {
        match self {
            Health::Enabled { .. } => Health::ENABLED,
            // What gathered meanwhile goes out at the pace of a release.
            Health::Slowed { .. } => releasing(now),
            Health::Releasing { next_at, .. } => releasing(next_at),
            Health::Probing { .. } => releasing(now),
            // Begun before it was disabled; others that were may still be under way.
            Health::Disabled { .. } => releasing(now.plus_seconds(LEASE_SECONDS)),
            Health::Gone { .. } | Health::Stopped { .. } => self,
        }
    }

    fn failed(self, now: Instant) -> Health {
        match self {
            Health::Enabled { failing } => given_up(longer(failing, now), now)
                .unwrap_or_else(|run| Health::Enabled { failing: Some(run) }),
            Health::Slowed {
                until,
                times,
                failing,
            } => given_up(longer(failing, now), now).unwrap_or_else(|run| Health::Slowed {
                until,
                times,
                failing: Some(run),
            }),
            Health::Releasing { next_at, failing } => match longer(failing, now) {
                run if run.failures >= RELEASE_FAILURES => disabled(now),
                run => Health::Releasing {
                    next_at,
                    failing: Some(run),
                },
            },
            // Attempts from before it was disabled ended within a lease, well before the first probe: it was the probe.
            Health::Probing { since, probes, .. } => closed(now, since, probes.saturating_add(1)),
            Health::Disabled { .. } | Health::Gone { .. } | Health::Stopped { .. } => self,
        }
    }

    /// As a failure, and slower from here on.
    fn slowed(self, now: Instant, not_before: Option<Instant>) -> Health {
        let (times, earlier) = match self {
            // Said by what was under way when it first asked: the same asking.
            Health::Slowed { until, times, .. } if now < until => (times, Some(until)),
            Health::Slowed { times, .. } => (times.saturating_add(1), None),
            _ => (1, None),
        };
        match self.failed(now) {
            Health::Enabled { failing }
            | Health::Slowed { failing, .. }
            | Health::Releasing { failing, .. } => {
                let pause = doubled(
                    SLOW_FIRST_SECONDS,
                    times.saturating_sub(1),
                    SLOW_SECONDS_MAX,
                );
                let until = now.plus_seconds(pause);
                Health::Slowed {
                    until: [not_before, earlier]
                        .into_iter()
                        .flatten()
                        .fold(until, Instant::max),
                    times,
                    failing,
                }
            }
            held => held,
        }
    }
}

fn longer(failing: Option<Run>, now: Instant) -> Run {
    match failing {
        Some(Run { failures, since }) => Run {
            failures: failures.saturating_add(1),
            since,
        },
        None => Run {
            failures: 1,
            since: now,
        },
    }
}

/// `Err` with the run while it is too short to give up on.
fn given_up(run: Run, now: Instant) -> Result<Health, Run> {
    let long = run.since.seconds_until(now) >= DISABLED_AFTER_SECONDS;
    match long && run.failures >= DISABLED_AFTER_FAILURES {
        true => Ok(disabled(now)),
        false => Err(run),
    }
}

fn disabled(now: Instant) -> Health {
    closed(now, now, 0)
}

fn closed(now: Instant, since: Instant, probes: u32) -> Health {
    let pause = doubled(PROBE_FIRST_SECONDS, probes, PROBE_SECONDS_MAX);
    Health::Disabled {
        since,
        probes,
        probe_at: now.plus_seconds(pause),
    }
}

fn probing(now: Instant, since: Instant, probes: u32) -> Health {
    Health::Probing {
        since,
        probes,
        lost_at: now.plus_seconds(LEASE_SECONDS),
    }
}

fn releasing(next_at: Instant) -> Health {
    Health::Releasing {
        next_at,
        failing: None,
    }
}

fn doubled(first_seconds: i64, times: u32, max: i64) -> i64 {
    2_i64
        .saturating_pow(times)
        .saturating_mul(first_seconds)
        .min(max)
}

fn plus_ms(at: Instant, ms: i64) -> Instant {
    Instant::from_unix_micros(at.unix_micros().saturating_add(ms.saturating_mul(1_000)))
        .unwrap_or(Instant::MAX)
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
