//! The whole log as one text file that anybody can check without a database and without a secret.
//!
//! ```text
//! docket-audit-export v1
//! origin <origin>
//! key <verifier key>
//! entry <seq> <leaf hash, base64> <leaf, base64>        once per leaf, seq from 0 upwards
//! checkpoint <lines>                                    once per checkpoint, oldest first;
//! <the signed note, verbatim, that many lines>
//! end <entries> <checkpoints>
//! ```
//!
//! The leaf hash beside each leaf adds no trust, the checkpoints carry that; it lets a verifier name the very leaf
//! whose bytes changed. What no file can show by itself is a history rewritten and signed again with the log's own
//! key, or a log cut back to an old checkpoint: against those give [`verify_against`] the key and a checkpoint that
//! were noted elsewhere.

mod finding;
mod read;
mod verify;

use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::hash::leaf_hash;
use crate::note::{SignedNote, VerifierKey};

pub use finding::{Finding, Problem};
pub use verify::{Report, Trust, verify, verify_against, verify_with_key};

pub(crate) const HEADER: &str = "docket-audit-export v1";

/// Writes an export piece by piece, so that a log need not fit in memory: all entries first, then all checkpoints.
/// To verify as whole it must end with a checkpoint over all its entries.
pub struct Writer<'a, W: fmt::Write> {
    out: &'a mut W,
    entries: u64,
    checkpoints: u64,
}

impl<'a, W: fmt::Write> Writer<'a, W> {
    /// Writes the header.
    ///
    /// # Errors
    /// What `out` gives.
    ///
    /// # Panics
    /// When `origin` is empty or has control characters: no checkpoint could have been signed for it.
    pub fn begin(out: &'a mut W, origin: &str, key: &VerifierKey) -> Result<Self, fmt::Error> {
        assert!(
            !origin.is_empty() && !origin.contains(char::is_control),
            "an origin is one line"
        );
        writeln!(out, "{HEADER}\norigin {origin}\nkey {key}")?;
        Ok(Writer {
            out,
            entries: 0,
            checkpoints: 0,
        })
    }

    /// Writes the next leaf.
    ///
    /// # Errors
    /// What `out` gives.
    ///
    /// # Panics
    /// When a checkpoint was already written: entries come first.
    pub fn entry(&mut self, leaf: &[u8]) -> fmt::Result {
        assert_eq!(self.checkpoints, 0, "entries precede checkpoints");
        let hash = STANDARD.encode(leaf_hash(leaf).as_bytes());
        writeln!(
            self.out,
            "entry {} {hash} {}",
            self.entries,
            STANDARD.encode(leaf)
        )?;
        self.entries += 1;
        Ok(())
    }

    /// Writes the next checkpoint, verbatim.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn checkpoint(&mut self, note: &SignedNote) -> fmt::Result {
        let lines = alloc::format!("{note}");
        write!(
            self.out,
            "checkpoint {}\n{lines}",
            lines.split_terminator('\n').count()
        )?;
        self.checkpoints += 1;
        Ok(())
    }

    /// Writes the closing line; without it a verifier takes the file for cut off.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self) -> fmt::Result {
        writeln!(self.out, "end {} {}", self.entries, self.checkpoints)
    }
}

/// Writes a whole export to `out`.
///
/// # Errors
/// What `out` gives.
pub fn write<'e>(
    out: &mut impl fmt::Write,
    origin: &str,
    key: &VerifierKey,
    leaves: impl IntoIterator<Item = &'e [u8]>,
    checkpoints: impl IntoIterator<Item = &'e SignedNote>,
) -> fmt::Result {
    let mut writer = Writer::begin(out, origin, key)?;
    for leaf in leaves {
        writer.entry(leaf)?;
    }
    for note in checkpoints {
        writer.checkpoint(note)?;
    }
    writer.finish()
}
