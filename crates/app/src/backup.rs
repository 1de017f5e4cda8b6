//! Copies of a desk that can be brought back: of a desk that works, whole, and with its keys apart.

use crate::{Desk, Error, Place};
use calendar::Instant;
use serde::Serialize;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use store::Store;

/// Where a backup goes.
#[derive(Clone, Debug)]
pub struct To {
    /// A folder that is not there or empty.
    pub data: PathBuf,
    /// The keys without which the data cannot be opened. Elsewhere, or whoever finds one backup has everything.
    pub keys: Option<PathBuf>,
}

/// What was copied.
#[derive(Clone, Debug, Serialize)]
pub struct BackedUp {
    pub data: String,
    pub bytes: u64,
    pub keys: Option<String>,
    /// The signed head of the audit log just before the copy, to compare what is brought back with.
    pub checkpoint: String,
}

impl Desk {
    /// Copies the desk while it works. A desk in a database is copied by the database's own tool; its keys here.
    pub fn back_up(&mut self, to: &To, now: Instant) -> Result<BackedUp, Error> {
        let Place::Folder(folder) = self.place.clone() else {
            return Err(Error::NotAFolder {
                place: self.place.shown(),
            });
        };
        empty(&to.data)?;
        if let Some(keys) = &to.keys {
            empty(keys)?;
        }
        self.sign_audit(now)?;
        let checkpoints = self.engine.store.checkpoints();
        let checkpoints = checkpoints.map_err(Error::store("reading checkpoints"))?;
        let file = to.data.join("desk.db");
        store::sqlite::back_up(&folder, &file).map_err(Error::store("copying the desk"))?;
        let settings = folder.join("desk.toml");
        if settings.is_file() {
            copy(&settings, &to.data.join("desk.toml"))?;
        }
        if let Some(keys) = &to.keys {
            copy_all(&folder.join("keys"), keys)?;
        }
        let bytes = fs::metadata(&file).map_err(failed(&file))?.len();
        Ok(BackedUp {
            data: to.data.display().to_string(),
            bytes,
            keys: to.keys.as_ref().map(|keys| keys.display().to_string()),
            checkpoint: checkpoints.last().cloned().unwrap_or_default(),
        })
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let what = path.display().to_string();
    move |source| Error::File { what, source }
}

/// Makes the folder for its owner only; one that holds something is left alone.
fn empty(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed(folder))?;
    let mut entries = fs::read_dir(folder).map_err(failed(folder))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::NotEmpty {
            folder: folder.display().to_string(),
        }),
    }
}

/// Copies a file, for its owner only, and waits until it is on the disk.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = fs::File::open(from).map_err(failed(from))?;
    let mut options = fs::OpenOptions::new();
    let mut target = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(failed(to))?;
    std::io::copy(&mut source, &mut target).map_err(failed(to))?;
    target.sync_all().map_err(failed(to))
}

/// Copies the files of a folder. Keys have no folders below theirs.
fn copy_all(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        if entry.path().is_file() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
