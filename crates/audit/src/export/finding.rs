//! What a verifier can find wrong, and where.

use alloc::string::String;
use core::fmt;

use crate::checkpoint::CheckpointError;
use crate::hash::Hash;
use crate::note::KeyError;

/// One thing that does not hold. A report without findings is a log that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The first leaf that the finding puts in doubt. `None` when it is about the file or the key and not a leaf.
    pub seq: Option<u64>,
    /// Line of the file, counted from 1; where the file ends, one more than it has.
    pub line: u64,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The bytes of this leaf are not those its hash was taken of: edited.
    EntryEdited { expected: Hash, found: Hash },
    /// Leaves `seq` up to, not including, `until` are not in the file: deleted.
    EntriesMissing { until: u64 },
    /// This number was used by an earlier line: inserted.
    EntryRepeated,
    /// This leaf stands after one with a higher number: reordered.
    EntryOutOfOrder { after: u64 },
    /// The leaves from `seq` up to `size` do not give the signed root: something among them was edited, inserted,
    /// deleted or reordered with numbers and hashes made to fit.
    RootDiffers {
        size: u64,
        expected: Hash,
        found: Hash,
    },
    /// A checkpoint was signed over `size` leaves and the file has fewer: its tail was cut off.
    EntriesCutOff { size: u64 },
    /// No checkpoint covers the leaves from here on: appended after the last signature, or the signature was removed.
    EntriesUnsealed { entries: u64 },
    /// The checkpoint's own text or signature does not hold.
    Checkpoint(CheckpointError),
    /// The checkpoint, or the file when the checkpoint was noted elsewhere, is another log's.
    OriginDiffers { expected: String, found: String },
    /// A checkpoint covers less than the one before it: the log was rolled back.
    SizeDecreases { from: u64, to: u64 },
    /// Two signed checkpoints of one size have two roots: two histories were signed.
    Fork {
        size: u64,
        first: Hash,
        second: Hash,
    },
    /// The caller noted a checkpoint that this file does not extend: history before `size` was rewritten.
    HistoryDiffers {
        size: u64,
        expected: Hash,
        found: Hash,
    },
    /// The caller noted a checkpoint over `size` leaves and the file has fewer: the log was rolled back.
    HistoryCutOff { size: u64 },
    /// The file names another key than the caller trusts.
    KeyDiffers { expected: String, found: String },
    /// The file's `key` line is not a verifier key, and the caller gave none.
    Key(KeyError),
    /// The file does not end in its `end` line: cut off in writing or in transport.
    EndMissing,
    /// The `end` line counts otherwise than the file holds.
    EndDiffers { entries: u64, checkpoints: u64 },
    /// A line is not what the format has at this place.
    Line { expected: &'static str },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(seq) = self.seq {
            write!(f, ", entry {seq}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::EntryEdited { expected, found } => {
                write!(f, "the leaf hashes to {found}, recorded as {expected}")
            }
            Problem::EntriesMissing { until } => write!(f, "entries up to {until} are missing"),
            Problem::EntryRepeated => write!(f, "the number was used before"),
            Problem::EntryOutOfOrder { after } => write!(f, "stands after entry {after}"),
            Problem::RootDiffers {
                size,
                expected,
                found,
            } => write!(
                f,
                "the first {size} entries give root {found}, signed was {expected}"
            ),
            Problem::EntriesCutOff { size } => {
                write!(f, "a checkpoint covers {size} entries, the file has fewer")
            }
            Problem::EntriesUnsealed { entries } => {
                write!(f, "no checkpoint covers the entries from here to {entries}")
            }
            Problem::OriginDiffers { expected, found } => {
                write!(f, "found log {found:?}, expected {expected:?}")
            }
            Problem::SizeDecreases { from, to } => {
                write!(f, "a checkpoint over {to} entries follows one over {from}")
            }
            Problem::Fork {
                size,
                first,
                second,
            } => write!(
                f,
                "size {size} was signed with root {first} and with {second}"
            ),
            Problem::HistoryDiffers {
                size,
                expected,
                found,
            } => write!(
                f,
                "the first {size} entries give root {found}, noted elsewhere was {expected}"
            ),
            Problem::HistoryCutOff { size } => write!(
                f,
                "a checkpoint noted elsewhere covers {size} entries, the file has fewer"
            ),
            Problem::KeyDiffers { expected, found } => {
                write!(f, "the file names key {found}, trusted is {expected}")
            }
            Problem::Checkpoint(error) => error.fmt(f),
            Problem::Key(error) => error.fmt(f),
            Problem::EndMissing => write!(f, "the file ends without its `end` line"),
            Problem::EndDiffers {
                entries,
                checkpoints,
            } => write!(
                f,
                "the end counts {entries} entries and {checkpoints} checkpoints, the file holds others"
            ),
            Problem::Line { expected } => write!(f, "expected {expected}"),
        }
    }
}
