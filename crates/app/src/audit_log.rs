//! The audit log, out of the desk: an export that can be checked without it.

use crate::{Desk, Error};
use audit::{Checkpoint, SignedNote, VerifierKey, export};
use calendar::Instant;
use serde::Serialize;
use store::Store;

/// How many leaves are read at a time.
const PAGE: u32 = 10_000;

/// An export and what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub text: String,
    pub leaves: u64,
    pub checkpoints: u64,
    /// The key under which the file verifies; to be noted elsewhere.
    pub verifier_key: String,
}

/// What a check of an export found.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    pub holds: bool,
    pub origin: String,
    /// The key that signatures were checked with.
    pub key: String,
    /// Whether the key came from elsewhere; if not, the file vouches for itself.
    pub key_trusted: bool,
    pub entries: u64,
    /// Leaves under the largest checkpoint that holds, and its root.
    pub sealed: u64,
    pub root: String,
    pub checkpoints: u64,
    pub findings: Vec<String>,
}

impl Desk {
    /// Signs a checkpoint over all leaves, when there are new ones.
    pub fn sign_audit(&mut self, now: Instant) -> Result<(), Error> {
        self.engine
            .store
            .checkpoint(now)
            .map(|_| ())
            .map_err(Error::store("signing a checkpoint"))
    }

    /// Signs a checkpoint over all leaves and exports the whole log.
    pub fn export_audit(&mut self, now: Instant) -> Result<Exported, Error> {
        let store = &mut self.engine.store;
        store
            .checkpoint(now)
            .map_err(Error::store("signing a checkpoint"))?;
        let verifier_key = store
            .verifier_key()
            .map_err(Error::store("reading the audit key"))?;
        let key = VerifierKey::parse(&verifier_key).expect("the store writes keys that parse");
        let notes = store
            .checkpoints()
            .map_err(Error::store("reading checkpoints"))?;
        // Leaves written after the last checkpoint wait for the next one: an export ends with what is signed.
        let sealed = notes.last().map_or(0, |note| sealed_size(note));
        let mut text = String::new();
        let mut leaves: u64 = 0;
        let writing = "a string takes every write";
        let mut writer = export::Writer::begin(&mut text, key.name(), &key).expect(writing);
        while leaves < sealed {
            let most = u32::try_from(sealed - leaves).unwrap_or(PAGE).min(PAGE);
            let page = store
                .leaves(leaves, most)
                .map_err(Error::store("reading the audit log"))?;
            if page.is_empty() {
                break;
            }
            for leaf in &page {
                writer.entry(leaf).expect(writing);
                leaves += 1;
            }
        }
        let mut checkpoints = 0;
        for note in &notes {
            let note = SignedNote::parse(note).expect("the store keeps the notes it signed");
            writer.checkpoint(&note).expect(writing);
            checkpoints += 1;
        }
        writer.finish().expect(writing);
        Ok(Exported {
            text,
            leaves,
            checkpoints,
            verifier_key,
        })
    }
}

/// How many leaves a checkpoint of ours covers.
fn sealed_size(note: &str) -> u64 {
    let note = SignedNote::parse(note).expect("the store keeps the notes it signed");
    Checkpoint::parse(note.unverified_text())
        .expect("the store signs checkpoints")
        .size
}

/// Checks an export without its desk: with the key that the file names, or with one noted elsewhere.
pub fn verify(bytes: &[u8], key: Option<&VerifierKey>) -> Verified {
    let report = match key {
        Some(key) => export::verify_with_key(bytes, key),
        None => export::verify(bytes),
    };
    Verified {
        holds: report.holds(),
        origin: report.origin.clone(),
        key: report.key.clone(),
        key_trusted: report.key_trusted,
        entries: report.entries,
        sealed: report.size,
        root: report.root.to_string(),
        checkpoints: report.checkpoints_verified,
        findings: report.findings.iter().map(ToString::to_string).collect(),
    }
}
