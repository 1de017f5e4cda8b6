//! The work: one thread that steps the desk, whenever something came in and at least once a second for the clock.

use super::health::{Alive, Health};
use crate::command::now;
use crate::sending::Sender;
use app::Desk;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the clock is looked at when nothing comes in. Deadlines are stated to the second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a round that failed, doubled each time: a database that restarts is back within seconds, one that is down for an
/// hour is asked twice a minute.
const REST_FIRST: Duration = Duration::from_secs(1);
const REST_MAX: Duration = Duration::from_secs(30);
/// How often the audit log is signed while the desk works: what an outsider noted is never older than this.
const SIGN_EVERY: Duration = Duration::from_secs(3_600);

/// Tells the worker that something came in.
#[derive(Clone)]
pub struct Notice(SyncSender<()>);

impl Notice {
    /// Never waits: one notice that was not yet heard says as much as two.
    pub fn give(&self) {
        let _waiting_already = self.0.try_send(());
    }
}

/// The worker and its thread.
pub struct Work {
    notice: Notice,
    thread: JoinHandle<()>,
}

impl Work {
    /// Starts working on a desk, with the only right to send for it.
    pub fn start(mut desk: Desk, mut sender: Sender, health: Arc<Health>, alive: Alive) -> Work {
        let (notice, noticed) = sync_channel(1);
        let thread = std::thread::spawn(move || {
            let _alive = alive;
            Rounds {
                desk: &mut desk,
                sender: &mut sender,
                health: &health,
                signed: None,
            }
            .run(&noticed);
        });
        Work {
            notice: Notice(notice),
            thread,
        }
    }

    pub fn notice(&self) -> Notice {
        self.notice.clone()
    }

    /// Lets the worker finish its round, and one more for what came in last. Every notice must be gone by then.
    pub fn stop(self) {
        drop(self.notice);
        if self.thread.join().is_err() {
            tracing::error!("the worker ended in a panic");
        }
    }
}

struct Rounds<'a> {
    desk: &'a mut Desk,
    sender: &'a mut Sender,
    health: &'a Health,
    signed: Option<Instant>,
}

impl Rounds<'_> {
    fn run(&mut self, noticed: &Receiver<()>) {
        let mut rest = REST_FIRST;
        loop {
            let wait = match self.round() {
                Ok(()) => {
                    self.health.note(String::new());
                    rest = REST_FIRST;
                    LOOK_EVERY
                }
                Err(error) => {
                    let words = error.chain();
                    tracing::error!(error = words, "a round of work failed; it is taken again");
                    self.health.note(words);
                    rest = (rest * 2).min(REST_MAX);
                    rest
                }
            };
            if noticed.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
        }
        if let Err(error) = self.round().and_then(|()| self.sign()) {
            tracing::error!(
                error = error.chain(),
                "the last round of work failed; the next start takes it again"
            );
        }
    }

    /// Everything that is due now, if it is ours to do.
    fn round(&mut self) -> Result<(), app::Error> {
        if !self.sender.begin() {
            return Ok(());
        }
        self.sender.bind(self.desk)?;
        let at = now();
        let progress = self.desk.work(at, self.sender)?;
        let scopes = self.sender.scopes();
        let carrier = &mut *self.sender;
        let listed = self
            .desk
            .retrying(|engine| engine.list_changed(&scopes, at, carrier))?;
        if !progress.idle() || listed > 0 {
            tracing::info!(
                documents = progress.documents,
                facts = progress.facts,
                entries = progress.entries,
                quarantined = progress.quarantined,
                timers = progress.timers,
                sent = progress.sent,
                read_back = progress.read_back,
                listed,
                "worked"
            );
        }
        if self
            .signed
            .is_none_or(|signed| signed.elapsed() >= SIGN_EVERY)
        {
            self.sign()?;
        }
        Ok(())
    }

    fn sign(&mut self) -> Result<(), app::Error> {
        self.desk.sign_audit(now())?;
        self.signed = Some(Instant::now());
        Ok(())
    }
}
