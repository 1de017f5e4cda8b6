//! Health as one line, for the store: `slowed until 2026-11-23T10:00:00Z times 2 failing 3 since 2026-11-20T08:00:00Z`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::{FromStr, SplitAsciiWhitespace};

use calendar::Instant;

use crate::endpoint::{Health, Run};

/// Not a line that [`Health`] writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthError(String);

impl fmt::Display for HealthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no health of an endpoint", self.0)
    }
}

impl core::error::Error for HealthError {}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failing = match self {
            Health::Enabled { failing } => {
                f.write_str("enabled")?;
                failing
            }
            Health::Slowed {
                until,
                times,
                failing,
            } => {
                write!(f, "slowed until {until} times {times}")?;
                failing
            }
            Health::Releasing { next_at, failing } => {
                write!(f, "releasing next {next_at}")?;
                failing
            }
            Health::Disabled {
                since,
                probes,
                probe_at,
            } => return write!(f, "disabled since {since} probes {probes} next {probe_at}"),
            Health::Probing {
                since,
                probes,
                lost_at,
            } => return write!(f, "probing since {since} probes {probes} lost {lost_at}"),
            Health::Gone { since } => return write!(f, "gone since {since}"),
            Health::Stopped { since } => return write!(f, "stopped since {since}"),
        };
        match failing {
            Some(run) => write!(f, " failing {} since {}", run.failures, run.since),
            None => Ok(()),
        }
    }
}

impl FromStr for Health {
    type Err = HealthError;

    fn from_str(text: &str) -> Result<Health, HealthError> {
        let mut words = text.split_ascii_whitespace();
        let health = read(&mut words).filter(|_| words.next().is_none());
        health.ok_or_else(|| HealthError(text.chars().take(120).collect::<String>().to_owned()))
    }
}

fn read(words: &mut SplitAsciiWhitespace<'_>) -> Option<Health> {
    Some(match words.next()? {
        "enabled" => Health::Enabled {
            failing: failing(words)?,
        },
        "slowed" => Health::Slowed {
            until: instant(words, "until")?,
            times: count(words, "times")?,
            failing: failing(words)?,
        },
        "releasing" => Health::Releasing {
            next_at: instant(words, "next")?,
            failing: failing(words)?,
        },
        "disabled" => Health::Disabled {
            since: instant(words, "since")?,
            probes: count(words, "probes")?,
            probe_at: instant(words, "next")?,
        },
        "probing" => Health::Probing {
            since: instant(words, "since")?,
            probes: count(words, "probes")?,
            lost_at: instant(words, "lost")?,
        },
        "gone" => Health::Gone {
            since: instant(words, "since")?,
        },
        "stopped" => Health::Stopped {
            since: instant(words, "since")?,
        },
        _ => return None,
    })
}

/// Outer `None`: not of the form. Inner: no run of failures.
fn failing(words: &mut SplitAsciiWhitespace<'_>) -> Option<Option<Run>> {
    match words.next() {
        None => Some(None),
        Some("failing") => {
            let failures = words
                .next()?
                .parse()
                .ok()
                .filter(|failures| *failures > 0)?;
            let since = instant(words, "since")?;
            Some(Some(Run { failures, since }))
        }
        Some(_) => None,
    }
}

fn count(words: &mut SplitAsciiWhitespace<'_>, name: &str) -> Option<u32> {
    (words.next()? == name).then(|| words.next()?.parse().ok())?
}

fn instant(words: &mut SplitAsciiWhitespace<'_>, name: &str) -> Option<Instant> {
    (words.next()? == name).then(|| Instant::parse(words.next()?).ok())?
}
