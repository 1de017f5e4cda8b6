//! C2SP `tlog-checkpoint`: the statement that a log has this many leaves and this root.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::SigningKey;

use crate::hash::Hash;
use crate::note::{KeyError, NoteError, SignedNote, VerifierKey};
use crate::tree::Tree;

/// A tree head. To sign one is to promise that every later head of `origin` extends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a URL without scheme, such as `desk.example.com/audit`. Not empty, one line.
    pub origin: String,
    /// Leaves under `root`.
    pub size: u64,
    pub root: Hash,
}

/// Why a text is not a checkpoint, or a note not a signed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// An origin is one line that is not empty.
    Origin {
        found: String,
    },
    /// Not a decimal number of leaves without leading zeros.
    Size {
        found: String,
    },
    /// Not base64 of 32 bytes.
    Root {
        found: String,
    },
    /// Fewer than three lines, an empty line, or no final newline.
    Form,
    Key(KeyError),
    Note(NoteError),
}

impl Checkpoint {
    /// The present head of `tree`.
    pub fn of(origin: &str, tree: &Tree) -> Checkpoint {
        Checkpoint {
            origin: origin.to_owned(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    /// The note text: origin, size, root in base64; three lines, each ended.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the origin is empty or would break the lines.
    pub fn render(&self) -> Result<String, CheckpointError> {
        if self.origin.is_empty() || self.origin.contains(char::is_control) {
            return Err(CheckpointError::Origin {
                found: self.origin.clone(),
            });
        }
        let root = STANDARD.encode(self.root.as_bytes());
        Ok(format!("{}\n{}\n{root}\n", self.origin, self.size))
    }

    /// Reads a note text. Extension lines, which this log never writes, are accepted and not kept: the note holds them.
    ///
    /// # Errors
    /// [`CheckpointError`] names the line that does not hold.
    pub fn parse(text: &str) -> Result<Checkpoint, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        if lines.split('\n').any(str::is_empty) {
            return Err(CheckpointError::Form);
        }
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size: parse_decimal(size).ok_or_else(|| CheckpointError::Size {
                found: size.to_owned(),
            })?,
            root: parse_hash(root).ok_or_else(|| CheckpointError::Root {
                found: root.to_owned(),
            })?,
        })
    }

    /// Signs the rendered checkpoint. `tlog-checkpoint` asks that `name` be the origin.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] or [`CheckpointError::Key`] when one of the two cannot be written.
    pub fn sign(&self, key: &SigningKey, name: &str) -> Result<SignedNote, CheckpointError> {
        SignedNote::sign(self.render()?, key, name).map_err(CheckpointError::Key)
    }

    /// The checkpoint that `note` states under a good signature of `key`.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the signature does not hold; otherwise what [`Checkpoint::parse`] refuses.
    pub fn verify(note: &SignedNote, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::parse(note.verify(key).map_err(CheckpointError::Note)?)
    }
}

/// Decimal without sign and without leading zeros, so that one number has one text.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| text.parse().ok()).flatten()
}

pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    Hash::from_slice(&STANDARD.decode(text).ok()?)
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Origin { found } => {
                write!(
                    f,
                    "an origin is one line that is not empty, found {found:?}"
                )
            }
            CheckpointError::Size { found } => {
                write!(
                    f,
                    "a tree size is decimal without leading zeros, found {found:?}"
                )
            }
            CheckpointError::Root { found } => {
                write!(f, "a root is base64 of 32 bytes, found {found:?}")
            }
            CheckpointError::Form => {
                write!(
                    f,
                    "a checkpoint is origin, size and root, a line each, none empty"
                )
            }
            CheckpointError::Key(error) => error.fmt(f),
            CheckpointError::Note(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CheckpointError {}
