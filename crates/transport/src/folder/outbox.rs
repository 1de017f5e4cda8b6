//! Puts files where another program collects them.

use super::{Identity, passed_over, sync_folder};
use crate::Trouble;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Most file systems' limit for a name, less what our temporary name adds to it.
const NAME_BYTES_MAX: usize = 255 - ".".len() - ".tmp".len();

/// A folder that somebody collects files from. One process writes to it.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

/// How a file came to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    Written,
    /// A file of this name and content was there already: an earlier attempt arrived.
    AlreadyThere,
}

impl Outbox {
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Outbox> {
        let folder = folder.into();
        if !fs::metadata(&folder)?.is_dir() {
            let why = format!("outbox `{}` is not a folder", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotADirectory, why));
        }
        Ok(Outbox { folder })
    }

    /// Puts a file under this name, whole and durable, or not at all. A file of the name with other content is left as
    /// it is and refuses this one.
    ///
    /// A file that was collected and removed is not remembered: whoever calls again after an unknown end must ask the
    /// other side, or give a name that it accepts only once.
    pub fn put(&self, name: &str, content: &[u8]) -> Result<Placed, Trouble> {
        check_name(name).map_err(Trouble::NotSent)?;
        let target = self.folder.join(name);
        let not_sent = |error: io::Error| Trouble::NotSent(format!("file `{name}`: {error}"));
        // From the link on others can see the file.
        let lost = |error: io::Error| Trouble::Lost(format!("file `{name}`: {error}"));
        // What an earlier attempt left may be collected while we look, so not seeing it clearly is doubt.
        if let Some(there) = find_content(&target, content).map_err(lost)? {
            return self.confirm(name, there, &target);
        }
        let temporary = self.temporary(name);
        write_fresh(&temporary, content).map_err(not_sent)?;
        if let Err(error) = fs::hard_link(&temporary, &target) {
            // Over a network the answer to a link that was made can get lost.
            match Identity::at(&target) {
                Ok(there) if Identity::at(&temporary).is_ok_and(|ours| ours == there) => {}
                Err(look) if look.kind() != io::ErrorKind::NotFound => return Err(lost(error)),
                Ok(_) | Err(_) => {
                    // What this leaves is hidden, and the next attempt clears it away.
                    let _ = remove_left(&temporary);
                    return Err(not_sent(error));
                }
            }
        }
        fs::remove_file(&temporary).map_err(lost)?;
        sync_folder(&self.folder).map_err(lost)?;
        Ok(Placed::Written)
    }

    /// Where a file stands until it is whole: hidden, and marked as unfinished for those who show hidden files.
    fn temporary(&self, name: &str) -> PathBuf {
        self.folder.join(format!(".{name}.tmp"))
    }

    /// The earlier attempt may have ended before the file was durable, so that is made up for.
    fn confirm(&self, name: &str, there: There, target: &Path) -> Result<Placed, Trouble> {
        match there {
            There::Other => Err(Trouble::NotSent(format!(
                "file `{name}` is there already with other content"
            ))),
            There::Same => {
                let durable = File::open(target).and_then(|file| file.sync_all());
                durable
                    .and_then(|()| remove_left(&self.temporary(name)))
                    .and_then(|()| sync_folder(&self.folder))
                    .map_err(|error| Trouble::Lost(format!("file `{name}`: {error}")))?;
                Ok(Placed::AlreadyThere)
            }
        }
    }
}

enum There {
    Same,
    Other,
}

/// What stands at the target, compared with what should.
fn find_content(target: &Path, content: &[u8]) -> io::Result<Option<There>> {
    let identity = match Identity::at(target) {
        Ok(identity) => identity,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // A folder or link of this name is something else than our file.
    let plain = fs::symlink_metadata(target)?.is_file();
    let as_long = u64::try_from(content.len()).is_ok_and(|length| length == identity.bytes);
    let same = plain && as_long && fs::read(target)? == content;
    Ok(Some(if same { There::Same } else { There::Other }))
}

/// Writes a file that was not there. What an interrupted attempt left is removed and not written over: it may be linked
/// under the target's name, and writing would then change a file that is already out.
fn write_fresh(path: &Path, content: &[u8]) -> io::Result<()> {
    remove_left(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Removes what an interrupted attempt may have left.
fn remove_left(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(format!(
            "file name of {} bytes, expected 1 to {NAME_BYTES_MAX}",
            name.len()
        ));
    }
    if name
        .chars()
        .any(|c| c.is_control() || matches!(c, '/' | '\\'))
    {
        return Err(format!(
            "file name {name:?} has a slash, backslash or control character"
        ));
    }
    if passed_over(name) {
        return Err(format!(
            "file name {name:?} is hidden or looks unfinished, so nobody would collect it"
        ));
    }
    Ok(())
}
