//! Whether the parts are alive, for whoever watches.

use serde::Serialize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How far the system's clock may have moved against the steady one since the start. Signatures of webhooks are good for
/// minutes and deadlines are stated to the second; an hour's leap is a machine whose clock nobody can trust.
const CLOCK_MOVED_MAX: Duration = Duration::from_secs(60);

/// Shared by all parts.
#[derive(Debug)]
pub struct Health {
    door: AtomicBool,
    work: AtomicBool,
    teller: AtomicBool,
    /// Why the last round of work failed; empty when it did not.
    trouble: Mutex<String>,
    /// Both clocks at the start.
    began: (Instant, SystemTime),
}

/// The disk beside the desk.
#[derive(Clone, Debug)]
pub struct Disk {
    pub path: PathBuf,
    pub bytes_min: u64,
}

/// How one part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub name: &'static str,
    /// What keeps it from working; empty when nothing does.
    pub trouble: String,
}

/// One part is alive for as long as it holds this: a thread that panics drops it.
pub struct Alive {
    health: Arc<Health>,
    of: fn(&Health) -> &AtomicBool,
}

impl Health {
    pub fn new() -> Arc<Health> {
        Arc::new(Health {
            door: AtomicBool::new(false),
            work: AtomicBool::new(false),
            teller: AtomicBool::new(false),
            trouble: Mutex::new(String::new()),
            began: (Instant::now(), SystemTime::now()),
        })
    }

    pub fn door_opens(self: &Arc<Health>) -> Alive {
        Alive::of(self, |health| &health.door)
    }

    pub fn work_starts(self: &Arc<Health>) -> Alive {
        Alive::of(self, |health| &health.work)
    }

    pub fn teller_starts(self: &Arc<Health>) -> Alive {
        Alive::of(self, |health| &health.teller)
    }

    /// Notes how the last round of work ended.
    pub fn note(&self, trouble: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Every part, and what is the matter with it.
    pub fn parts(&self, disk: &Disk) -> Vec<Part> {
        let when = |alive: &AtomicBool, words: &str| match alive.load(Ordering::Acquire) {
            true => String::new(),
            false => words.to_owned(),
        };
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match trouble.as_str() {
            "" => String::new(),
            words => format!("the last round of work failed: {words}"),
        };
        drop(trouble);
        vec![
            Part {
                name: "door",
                trouble: when(&self.door, "it is closed: nothing can be kept"),
            },
            Part {
                name: "worker",
                trouble: when(&self.work, "it has stopped: nothing is processed"),
            },
            Part {
                name: "teller",
                trouble: when(&self.teller, "it has stopped: nobody is told of events"),
            },
            Part {
                name: "store",
                trouble: store,
            },
            Part {
                name: "disk",
                trouble: disk.trouble(),
            },
            Part {
                name: "clock",
                trouble: self.clock_trouble(SystemTime::now(), self.began.0.elapsed()),
            },
        ]
    }

    /// The system's clock is compared with the steady one, which nobody sets.
    fn clock_trouble(&self, now: SystemTime, passed: Duration) -> String {
        let should = self.began.1 + passed;
        let moved = now
            .duration_since(should)
            .unwrap_or_else(|backwards| backwards.duration());
        if moved <= CLOCK_MOVED_MAX {
            return String::new();
        }
        let seconds = moved.as_secs();
        format!("the system's clock was moved by {seconds} s since the start")
    }
}

impl Disk {
    fn trouble(&self) -> String {
        match rustix::fs::statvfs(&self.path) {
            Err(error) => format!("its free space is not known: {error}"),
            Ok(found) => {
                let free = found.f_bavail.saturating_mul(found.f_frsize);
                if free >= self.bytes_min {
                    return String::new();
                }
                format!(
                    "{free} bytes are free, expected at least {}",
                    self.bytes_min
                )
            }
        }
    }
}

impl Alive {
    fn of(health: &Arc<Health>, of: fn(&Health) -> &AtomicBool) -> Alive {
        of(health).store(true, Ordering::Release);
        Alive {
            health: Arc::clone(health),
            of,
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        (self.of)(&self.health).store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn troubled(health: &Health, bytes_min: u64) -> Vec<&'static str> {
        let disk = Disk {
            path: PathBuf::from("/"),
            bytes_min,
        };
        let parts = health.parts(&disk);
        let troubled = parts.iter().filter(|part| !part.trouble.is_empty());
        troubled.map(|part| part.name).collect()
    }

    #[test]
    fn a_part_that_ends_is_missed() {
        let health = Health::new();
        assert_eq!(troubled(&health, 0), ["door", "worker", "teller"]);
        let _teller = health.teller_starts();
        let (door, work) = (health.door_opens(), health.work_starts());
        assert!(troubled(&health, 0).is_empty());
        drop(door);
        assert_eq!(troubled(&health, 0), ["door"]);
        health.note(String::from("the database is down"));
        assert_eq!(troubled(&health, 0), ["door", "store"]);
        drop(work);
        assert_eq!(
            troubled(&health, u64::MAX),
            ["door", "worker", "store", "disk"]
        );
    }

    #[test]
    fn a_clock_that_was_moved_is_noticed() {
        let health = Health::new();
        let check = |system: i64, steady: u64, good: bool| {
            let moved = Duration::from_secs(system.unsigned_abs());
            let now = if system < 0 {
                health.began.1 - moved
            } else {
                health.began.1 + moved
            };
            let trouble = health.clock_trouble(now, Duration::from_secs(steady));
            assert_eq!(trouble.is_empty(), good, "{system} {steady}: {trouble}");
        };
        check(3_600, 3_600, true);
        check(3_650, 3_600, true);
        check(7_200, 3_600, false);
        check(-3_600, 10, false);
    }
}
