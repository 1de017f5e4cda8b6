//! Files handed over through a folder that somebody else reads or fills.
//!
//! The [`Outbox`] puts files where another program collects them; the [`Inbox`] takes files that another program put.
//! Both know names and bytes only. Neither overwrites a file, follows a symbolic link or leaves the folder it was
//! given. Files change places by hard link, because a rename would silently replace what is there; a file system
//! without hard links is refused with the error it gives.
//!
//! Invariant: a name that others look at holds a whole file or none, and what an inbox has taken is in its folder or in
//! `done/`, never in neither.

mod inbox;
mod outbox;
#[cfg(test)]
mod tests;

pub use inbox::{FolderError, Inbox, Look, Standing, Taken, standing};
pub use outbox::{Outbox, Placed};

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Endings by which programs mark a file that they are still writing.
const UNFINISHED: &[&str] = &[
    ".tmp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".swp",
];

/// Whether a name is nobody's business: hidden, or marked as still being written.
fn passed_over(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.ends_with('~')
        || UNFINISHED.iter().any(|ending| lower.ends_with(ending))
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Which file this is, and which state of it: device, inode, size, and time of change to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Identity {
        Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// Of what stands at a path itself: a link is not followed.
    fn at(path: &Path) -> io::Result<Identity> {
        Ok(Identity::of(&fs::symlink_metadata(path)?))
    }
}
