//! Whether the parts are alive, for whoever watches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by all parts.
#[derive(Debug)]
pub struct Health {
    door: AtomicBool,
    work: AtomicBool,
    teller: AtomicBool,
    /// Why the last round of work failed; empty when it did not.
    trouble: Mutex<String>,
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

    /// What keeps the desk from working; empty when nothing does.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        if !self.door.load(Ordering::Acquire) {
            complaints.push(String::from("the door is closed: nothing can be kept"));
        }
        if !self.work.load(Ordering::Acquire) {
            complaints.push(String::from("the worker has stopped: nothing is processed"));
        }
        if !self.teller.load(Ordering::Acquire) {
            complaints.push(String::from(
                "the teller has stopped: nobody is told of events",
            ));
        }
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if !trouble.is_empty() {
            complaints.push(format!("the last round of work failed: {trouble}"));
        }
        complaints
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

    #[test]
    fn a_part_that_ends_is_missed() {
        let health = Health::new();
        assert_eq!(health.complaints().len(), 3);
        let _teller = health.teller_starts();
        let (door, work) = (health.door_opens(), health.work_starts());
        assert!(health.complaints().is_empty());
        drop(door);
        assert!(
            health
                .complaints()
                .first()
                .unwrap()
                .starts_with("the door is closed")
        );
        health.note(String::from("the disk is full"));
        assert_eq!(health.complaints().len(), 2);
        drop(work);
        assert_eq!(health.complaints().len(), 3);
    }
}
