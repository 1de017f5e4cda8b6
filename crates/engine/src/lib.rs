//! In what order anything happens: documents in, facts, cases, effects, and what must be sent.
//!
//! Everything that the engine cannot know by itself is handed to it: the store, the adapters, the carrier that moves bytes,
//! and `now`. It reads no clock and knows no provider's name, so a simulation drives the very code that a desk runs.
//!
//! The invariant it keeps: it is the one writer. A document and all that follows from it are one transaction, nothing leaves
//! before that commits, and a document that cannot be processed is set aside without stopping the ones behind it.

mod apply;
mod batch;
mod carry;
pub mod command;
mod decode;
pub mod doctor;
pub mod gunzip;
pub mod intake;
mod observe;
pub mod outbox;
pub mod publish;
pub mod rederive;
pub mod rehearse;
pub mod replay;
pub mod several;
mod sieve;
pub mod sweep;
mod timers;
mod working;

pub use apply::applied_leaf;
pub use carry::{Carried, Carrier, NoCarrier};
pub use decode::{Opened, open, refused};

use adapter::Adapter;
use calendar::Instant;
use std::collections::BTreeMap;
use store::{Fate, Store};

/// How many documents one transaction takes at most: large enough that the fsync is shared, small enough that a poisoned
/// batch is redone one by one in well under a second.
pub const BATCH_DOCUMENTS: u32 = 500;

/// How often work is looked at anew because another writer was first. Each round reads what that writer wrote, so this only
/// stops a fault that would repeat for ever.
const CONFLICTS_MAX: u32 = 50;

/// The list of providers, as the composition hands it in.
pub type Adapters = &'static [&'static dyn Adapter];

/// Why the engine could not go on. Nothing was half-applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the store failed while {doing}")]
    Store {
        doing: &'static str,
        source: store::Error,
    },
    #[error("no provider is called `{name}`")]
    NoSuchProvider { name: String },
    #[error("no case is called `{name}`")]
    NoSuchCase { name: String },
    #[error("the file `{digest}` is sealed into a packet and not in the store")]
    MissingFile { digest: String },
    #[error("what family {family} derives does not balance")]
    Unbalanced {
        family: dispute::id::FamilyId,
        source: Box<ledger::EntryError>,
    },
    #[error("a stored fact line does not read: {line}")]
    FactLine {
        line: String,
        source: dispute::text::Unreadable,
    },
}

impl Error {
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(store::Error) -> Error {
        move |source| Error::Store { doing, source }
    }

    /// Whether another writer was first. Nothing was kept; the same work, read anew, can succeed.
    pub fn is_conflict(&self) -> bool {
        let Error::Store { source, .. } = self else {
            return false;
        };
        matches!(source, store::Error::Conflict { .. })
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub documents: u32,
    pub facts: u32,
    pub entries: u32,
    pub quarantined: u32,
    pub timers: u32,
    pub sent: u32,
    pub read_back: u32,
}

impl Progress {
    /// Whether nothing was left to do.
    pub fn idle(&self) -> bool {
        *self == Progress::default()
    }

    /// Adds what another step did.
    pub fn add(&mut self, other: Progress) {
        self.documents += other.documents;
        self.facts += other.facts;
        self.entries += other.entries;
        self.quarantined += other.quarantined;
        self.timers += other.timers;
        self.sent += other.sent;
        self.read_back += other.read_back;
    }
}

/// The engine over one store.
pub struct Engine<S> {
    pub store: S,
    adapters: Adapters,
    sweeps: sweep::Sweeps,
}

impl<S: Store> Engine<S> {
    /// An engine over a migrated store.
    pub fn new(store: S, adapters: Adapters) -> Engine<S> {
        Engine {
            store,
            adapters,
            sweeps: sweep::Sweeps::new(),
        }
    }

    /// The adapter of this name.
    pub fn adapter(&self, name: &str) -> Result<&'static dyn Adapter, Error> {
        let found = self
            .adapters
            .iter()
            .copied()
            .find(|adapter| adapter.name() == name);
        found.ok_or_else(|| Error::NoSuchProvider {
            name: name.to_owned(),
        })
    }

    /// Every adapter.
    pub fn adapters(&self) -> Adapters {
        self.adapters
    }

    /// One round of everything that is due: documents, timers, sends, sweeps. Idempotent: a step that fails or dies is
    /// simply taken again.
    pub fn step(&mut self, now: Instant, carrier: &mut dyn Carrier) -> Result<Progress, Error> {
        let mut progress = self.absorb(now)?;
        progress.timers = self.fire_timers(now)?;
        if progress.timers > 0 {
            progress.add(self.absorb(now)?);
        }
        progress.sent = self.send_due(now, carrier)?;
        progress.read_back = self.sweep(now, carrier)?;
        progress.add(self.absorb(now)?);
        Ok(progress)
    }

    /// Processes pending documents until none is left.
    pub fn absorb(&mut self, now: Instant) -> Result<Progress, Error> {
        let mut progress = Progress::default();
        loop {
            let batch = self
                .store
                .pending(BATCH_DOCUMENTS)
                .map_err(Error::store("reading pending documents"))?;
            if batch.is_empty() {
                return Ok(progress);
            }
            progress.add(self.process(&batch, now)?);
        }
    }

    /// As [`Engine::absorb`], when another engine may be doing the same: what it was first with is done.
    pub(crate) fn absorb_beside_others(&mut self, now: Instant) -> Result<Progress, Error> {
        let mut left = CONFLICTS_MAX;
        loop {
            match self.absorb(now) {
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                other => return other,
            }
        }
    }

    /// How many documents are in each fate.
    pub fn fates(&mut self) -> Result<BTreeMap<Fate, u64>, Error> {
        let mut fates = BTreeMap::new();
        for row in self
            .store
            .intake()
            .map_err(Error::store("counting documents"))?
        {
            *fates.entry(row.fate).or_insert(0) += row.documents;
        }
        Ok(fates)
    }
}
