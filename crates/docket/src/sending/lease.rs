//! The right to work for a shared database: one process has it, renews it while it lives, and loses it by silence.
//!
//! A holder that was stopped and wakes may believe that it still has the right while another has long taken over. So the
//! right is asked for again directly before anything leaves: by a steady clock, and by the lease's own token in the database.
//! What the database is told is bound to the same token, in the transaction itself, and guarded besides by its generation:
//! work computed from what another has since changed is refused there.

use crate::command::{now, stop};
use crate::exit::Stop;
use app::{Desk, Opening, Place};
use calendar::Instant;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use store::Registry as _;

/// The name of the lease.
const WORKER: &str = "worker";

/// What the renewing thread and the worker share.
#[derive(Debug)]
struct Shared {
    /// 0: another holds it.
    token: AtomicU64,
    /// By the steady clock: until when the last renewal is good, less a margin.
    good_until: Mutex<Option<std::time::Instant>>,
}

/// A lease, held or waited for.
pub struct Lease {
    shared: Arc<Shared>,
    /// A connection of its own for asking.
    desk: Desk,
    /// The token with which the present round began.
    round: u64,
    stop: Option<SyncSender<()>>,
    renewing: Option<JoinHandle<()>>,
}

struct Renewing {
    desk: Desk,
    holder: String,
    lasts: Duration,
    shared: Arc<Shared>,
}

impl Lease {
    /// Asks for the lease and goes on asking until dropped; a process that ends well gives it back.
    pub fn seek(place: &Place, lasts: Duration) -> Result<Lease, Stop> {
        let open = || Desk::open(place, Opening::Existing).map_err(stop);
        let shared = Arc::new(Shared {
            token: AtomicU64::new(0),
            good_until: Mutex::new(None),
        });
        let began = now().unix_micros();
        let mut renewing = Renewing {
            desk: open()?,
            holder: format!("{}-{began}", std::process::id()),
            lasts,
            shared: Arc::clone(&shared),
        };
        renewing.ask();
        let (stop, stopped) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            // Three chances before it ends.
            while stopped.recv_timeout(lasts / 3) == Err(RecvTimeoutError::Timeout) {
                renewing.ask();
            }
            renewing.give_back();
        });
        Ok(Lease {
            shared,
            desk: open()?,
            round: 0,
            stop: Some(stop),
            renewing: Some(thread),
        })
    }

    /// Begins a round of work, if the lease is ours.
    pub fn begin(&mut self) -> bool {
        self.round = self.shared.token.load(Ordering::Acquire);
        self.trouble().is_none()
    }

    /// The lease's name, and the token with which the round began.
    pub fn token(&self) -> (&'static str, u64) {
        (WORKER, self.round)
    }

    /// Why nothing may leave now.
    pub fn trouble(&mut self) -> Option<String> {
        let token = self.shared.token.load(Ordering::Acquire);
        if self.round == 0 || token != self.round {
            return Some(String::from("another process works for this desk now"));
        }
        let until = *self
            .shared
            .good_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if until.is_none_or(|until| std::time::Instant::now() >= until) {
            return Some(String::from("the right to work was not renewed in time"));
        }
        match self.desk.engine.store.holds(WORKER, self.round) {
            Ok(true) => None,
            Ok(false) => Some(String::from("another process has taken over")),
            Err(error) => Some(format!("the right to work cannot be asked for: {error}")),
        }
    }
}

impl Renewing {
    fn ask(&mut self) {
        // The steady clock is read first: what the database took to answer is not ours.
        let asked = std::time::Instant::now();
        let at = now();
        match self
            .desk
            .engine
            .store
            .lease(WORKER, &self.holder, at, later(at, self.lasts))
        {
            Ok(token) => {
                let before = self.shared.token.load(Ordering::Acquire);
                let token = token.unwrap_or(0);
                if token != before {
                    tracing::info!(
                        token,
                        "the right to work {}",
                        if token == 0 {
                            "is another's"
                        } else {
                            "is ours"
                        }
                    );
                }
                // A quarter is kept back for clocks of other machines that run ahead.
                let good = (token != 0).then(|| asked + self.lasts * 3 / 4);
                *self
                    .shared
                    .good_until
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = good;
                self.shared.token.store(token, Ordering::Release);
            }
            // What was last renewed stays good until its end.
            Err(error) => tracing::warn!(
                error = app::chain(&error),
                "the right to work was not renewed"
            ),
        }
    }

    fn give_back(&mut self) {
        if self.shared.token.swap(0, Ordering::AcqRel) == 0 {
            return;
        }
        let at = now();
        if let Err(error) = self.desk.engine.store.lease(WORKER, &self.holder, at, at) {
            tracing::warn!(
                error = app::chain(&error),
                "the right to work ends by itself"
            );
        }
    }
}

fn later(at: Instant, by: Duration) -> Instant {
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    at.plus_seconds(seconds)
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self
            .renewing
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the thread that renews ended in a panic");
        }
    }
}
