//! `tlog-tiles` entry bundles: the leaves themselves, each after its length as two big-endian bytes.

use alloc::vec::Vec;
use core::fmt;

/// The longest leaf a bundle can carry: its length is written in 16 bits.
pub const ENTRY_BYTES_MAX: usize = 0xffff;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// The n-th entry, counted from 0, is longer than [`ENTRY_BYTES_MAX`].
    EntryTooLong { number: usize, found: usize },
    /// The n-th entry, counted from 0, ends after the bundle does.
    Truncated { number: usize },
}

/// Concatenates entries, 256 to a full bundle; the caller chooses which.
///
/// # Errors
/// [`BundleError::EntryTooLong`]: such a leaf must never have been appended.
pub fn encode_bundle<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, BundleError> {
    let mut out = Vec::new();
    for (number, entry) in entries.into_iter().enumerate() {
        let found = entry.len();
        let length =
            u16::try_from(found).map_err(|_| BundleError::EntryTooLong { number, found })?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle, in order.
///
/// # Errors
/// [`BundleError::Truncated`] when the bytes end inside an entry or its length.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let truncated = BundleError::Truncated {
            number: entries.len(),
        };
        let (length, after) = rest.split_first_chunk::<2>().ok_or(truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(truncated)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BundleError::EntryTooLong { number, found } => {
                write!(
                    f,
                    "entry {number} has {found} bytes, a bundle carries at most {ENTRY_BYTES_MAX}"
                )
            }
            BundleError::Truncated { number } => {
                write!(f, "the bundle ends inside entry {number}")
            }
        }
    }
}

impl core::error::Error for BundleError {}
