//! The door: keeps documents, many in one commit, and says of each that it is durable.
//!
//! Handlers wait while a commit is under way and the next one takes all of them, so that a storm costs as many commits as
//! the disk can do and no more (group commit).

use super::health::Alive;
use super::metrics::Counts;
use super::trace::SPAN;
use super::web::Accounts;
use super::work::Notice;
use app::Desk;
use dispute::fact::Scope;
use engine::intake::{Arrival, Trust};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::oneshot;

/// How many documents may wait at the door; beyond it callers are told to come back. At a thousand a second, which a disk
/// with group commit keeps up with, this is one second of waiting.
const WAITING_MAX: usize = 1_024;
/// How many documents one commit takes: enough to share its fsync, few enough that their bodies, of at most 1 MiB unless
/// the settings say otherwise, fit in memory while they are compressed and sealed.
const TOGETHER_MAX: usize = 256;

/// Somebody at the door.
struct Knock {
    arrival: Arrival,
    kept: oneshot::Sender<bool>,
}

/// The door and its thread.
pub struct Door {
    handle: DoorHandle,
    thread: JoinHandle<()>,
}

/// What handlers hold.
#[derive(Clone)]
pub struct DoorHandle(SyncSender<Knock>);

/// Why a document was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Too many wait.
    Busy,
    /// The store failed; its words are in the log.
    Failed,
}

impl Door {
    /// Opens the door on a desk of its own.
    pub fn open(
        mut desk: Desk,
        accounts: Arc<Accounts>,
        notice: Notice,
        alive: Alive,
        counts: Counts,
    ) -> Door {
        let (knocks, waiting) = sync_channel(WAITING_MAX);
        let thread = std::thread::spawn(move || {
            let _alive = alive;
            attend(&mut desk, &accounts, &waiting, &notice, &counts);
        });
        Door {
            handle: DoorHandle(knocks),
            thread,
        }
    }

    pub fn handle(&self) -> DoorHandle {
        self.handle.clone()
    }

    /// Lets in whoever waits and closes. Every handle must be gone by then.
    pub fn close(self) {
        drop(self.handle);
        if self.thread.join().is_err() {
            tracing::error!("the door ended in a panic");
        }
    }
}

impl DoorHandle {
    /// Hands a document in; durable when this returns well.
    pub async fn hand_in(&self, arrival: Arrival) -> Result<(), Closed> {
        let (kept, answer) = oneshot::channel();
        self.0
            .try_send(Knock { arrival, kept })
            .map_err(|_| Closed::Busy)?;
        match answer.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Closed::Failed),
        }
    }
}

fn attend(
    desk: &mut Desk,
    accounts: &Accounts,
    waiting: &Receiver<Knock>,
    notice: &Notice,
    counts: &Counts,
) {
    while let Ok(first) = waiting.recv() {
        let more = waiting.try_iter().take(TOGETHER_MAX - 1);
        let knocks: Vec<Knock> = std::iter::once(first).chain(more).collect();
        let span = tracing::info_span!(target: SPAN, "door", documents = knocks.len());
        let together = span.in_scope(|| keep(desk, accounts, &knocks, counts));
        match together {
            Ok(()) => answer(knocks, true),
            // What one account sends must not cost another its acknowledgement: each is tried by itself.
            Err(_) => {
                for (_, knocks) in by_account(knocks) {
                    let kept = keep(desk, accounts, &knocks, counts);
                    if let Err(error) = &kept {
                        let error = error.chain();
                        tracing::error!(error, documents = knocks.len(), "nothing was kept");
                    }
                    answer(knocks, kept.is_ok());
                }
            }
        }
        notice.give();
    }
}

fn answer(knocks: Vec<Knock>, kept: bool) {
    for knock in knocks {
        // A caller that hung up meanwhile does not hear that its document is kept, and will send it again.
        let _heard = knock.kept.send(kept);
    }
}

fn scope(arrival: &Arrival) -> Scope {
    Scope {
        provider: arrival.provider.clone(),
        account: arrival.account.clone(),
    }
}

fn by_account(knocks: Vec<Knock>) -> BTreeMap<Scope, Vec<Knock>> {
    let mut all: BTreeMap<Scope, Vec<Knock>> = BTreeMap::new();
    for knock in knocks {
        all.entry(scope(&knock.arrival)).or_default().push(knock);
    }
    all
}

/// Keeps documents of any accounts in one commit, each proved by its own account's secrets.
fn keep(
    desk: &mut Desk,
    accounts: &Accounts,
    knocks: &[Knock],
    counts: &Counts,
) -> Result<(), app::Error> {
    let began = Instant::now();
    let trusts: Vec<Trust<'_>> = knocks
        .iter()
        .map(|knock| Trust::Signed(accounts.secrets(&scope(&knock.arrival))))
        .collect();
    let arrivals = knocks.iter().map(|knock| &knock.arrival).zip(&trusts);
    let appended = desk.engine.receive_each(arrivals)?;
    let repeats = appended
        .iter()
        .filter(|appended| appended.duplicate)
        .count();
    let mut providers: BTreeMap<&str, u64> = BTreeMap::new();
    for knock in knocks {
        *providers.entry(&knock.arrival.provider).or_default() += 1;
    }
    counts.kept(&providers, began.elapsed());
    tracing::info!(documents = appended.len(), repeats, "kept");
    Ok(())
}
