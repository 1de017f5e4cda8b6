//! Takes files that another program put.
//!
//! Nobody tells when a file is complete, so it is looked at twice: what did not change between two looks counts as
//! complete. How far apart the looks are is the caller's choice and clock.

use super::{Identity, passed_over, sync_folder};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How many files of one name `done/` keeps apart. A provider that sends one name daily reaches it in 27 years.
const NAMESAKES_MAX: u32 = 10_000;

/// A folder that somebody puts files into. Files that were taken go to its folder `done`.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
    done: PathBuf,
    /// The largest file that is read.
    bytes_max: u64,
}

/// Why a folder did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("list inbox `{folder}`")]
    List { folder: String, source: io::Error },
    #[error("read file `{name}`")]
    Read { name: String, source: io::Error },
    #[error("file `{name}` has {bytes} bytes, at most {max} are read")]
    TooLarge { name: String, bytes: u64, max: u64 },
    #[error("`{0}` is not a plain file of this inbox")]
    NotPlain(String),
    #[error("file `{0}` changed while it was read or since")]
    Changed(String),
    #[error("move file `{name}` to done")]
    Finish { name: String, source: io::Error },
    #[error("done holds {NAMESAKES_MAX} files named `{0}`")]
    DoneFull(String),
}

/// The folder as it stood at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    files: BTreeMap<String, Identity>,
    odd: Vec<String>,
}

/// What two looks together say. Names in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Not empty, and the same in both looks.
    pub complete: Vec<String>,
    /// New or changed since the earlier look.
    pub growing: Vec<String>,
    /// Without a byte in both looks. Somebody announced a file that did not come.
    pub empty: Vec<String>,
    /// Not files, or with names that are not text: never read, but somebody should know.
    pub odd: Vec<String>,
}

/// A file that was read. Held until what it says is safe, then finished.
#[derive(Clone, Debug)]
pub struct Taken {
    pub name: String,
    pub content: Vec<u8>,
    identity: Identity,
}

/// Compares two looks at one folder.
pub fn standing(earlier: &Look, later: &Look) -> Standing {
    let mut standing = Standing {
        complete: Vec::new(),
        growing: Vec::new(),
        empty: Vec::new(),
        odd: later.odd.clone(),
    };
    for (name, now) in &later.files {
        let group = match earlier.files.get(name) {
            Some(before) if before == now && now.bytes == 0 => &mut standing.empty,
            Some(before) if before == now => &mut standing.complete,
            Some(_) | None => &mut standing.growing,
        };
        group.push(name.clone());
    }
    standing
}

impl Inbox {
    /// Makes the folder `done` if it is not there.
    pub fn open(folder: impl Into<PathBuf>, bytes_max: u64) -> Result<Inbox, FolderError> {
        let folder = folder.into();
        let done = folder.join("done");
        let failed = |source| FolderError::List {
            folder: folder.display().to_string(),
            source,
        };
        match fs::create_dir(&done) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            Ok(()) | Err(_) => {}
        }
        Ok(Inbox {
            folder,
            done,
            bytes_max,
        })
    }

    /// Every file there, but those hidden or marked as unfinished.
    pub fn look(&self) -> Result<Look, FolderError> {
        let failed = |source| FolderError::List {
            folder: self.folder.display().to_string(),
            source,
        };
        let mut look = Look {
            files: BTreeMap::new(),
            odd: Vec::new(),
        };
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                look.odd
                    .push(entry.file_name().to_string_lossy().into_owned());
                continue;
            };
            if passed_over(&name) || name == "done" {
                continue;
            }
            match fs::symlink_metadata(entry.path()) {
                Ok(metadata) if metadata.is_file() => {
                    look.files.insert(name, Identity::of(&metadata));
                }
                Ok(_) => look.odd.push(name),
                // Gone between the listing and the look: taken back by whoever put it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        look.odd.sort();
        Ok(look)
    }

    /// Reads one file whole. That it did not change meanwhile is checked, so that no mixture of two states is taken.
    pub fn read(&self, name: &str) -> Result<Taken, FolderError> {
        let path = self.path(name)?;
        let failed = |source| FolderError::Read {
            name: name.to_owned(),
            source,
        };
        let metadata = fs::symlink_metadata(&path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(FolderError::NotPlain(name.to_owned()));
        }
        let identity = Identity::of(&metadata);
        if identity.bytes > self.bytes_max {
            return Err(FolderError::TooLarge {
                name: name.to_owned(),
                bytes: identity.bytes,
                max: self.bytes_max,
            });
        }
        let file = File::open(&path).map_err(failed)?;
        let changed = || FolderError::Changed(name.to_owned());
        // A link may have taken the file's place between the two calls.
        if Identity::of(&file.metadata().map_err(failed)?) != identity {
            return Err(changed());
        }
        let mut content = Vec::new();
        // One byte more than is expected, to notice growth without following it.
        (&file)
            .take(identity.bytes.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(failed)?;
        let as_long = u64::try_from(content.len()).is_ok_and(|length| length == identity.bytes);
        if !as_long || Identity::of(&file.metadata().map_err(failed)?) != identity {
            return Err(changed());
        }
        Ok(Taken {
            name: name.to_owned(),
            content,
            identity,
        })
    }

    /// Moves a file that was read to `done`, under its name or, where that is taken, its name with `~2`, `~3` and so on;
    /// returns the name there. Called again after an interruption it completes the move.
    pub fn finish(&self, taken: &Taken) -> Result<String, FolderError> {
        let path = self.path(&taken.name)?;
        let failed = |source| FolderError::Finish {
            name: taken.name.clone(),
            source,
        };
        if Identity::at(&path).map_err(failed)? != taken.identity {
            return Err(FolderError::Changed(taken.name.clone()));
        }
        let kept = self.keep(&path, taken)?;
        sync_folder(&self.done).map_err(failed)?;
        fs::remove_file(&path).map_err(failed)?;
        sync_folder(&self.folder).map_err(failed)?;
        Ok(kept)
    }

    /// Links the file under the first free name in `done`.
    fn keep(&self, path: &Path, taken: &Taken) -> Result<String, FolderError> {
        for number in 1..=NAMESAKES_MAX {
            let kept = match number {
                1 => taken.name.clone(),
                _ => format!("{}~{number}", taken.name),
            };
            let target = self.done.join(&kept);
            let linked = fs::hard_link(path, &target);
            match linked {
                Ok(()) => return Ok(kept),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // The very file: an earlier move ended before the file was removed here.
                    if Identity::at(&target).is_ok_and(|there| there == taken.identity) {
                        return Ok(kept);
                    }
                }
                Err(source) => {
                    return Err(FolderError::Finish {
                        name: taken.name.clone(),
                        source,
                    });
                }
            }
        }
        Err(FolderError::DoneFull(taken.name.clone()))
    }

    /// Of a name as a look gives it: one that could lead elsewhere is none of this inbox.
    fn path(&self, name: &str) -> Result<PathBuf, FolderError> {
        let elsewhere =
            name.is_empty() || name == "done" || name.contains(['/', '\0']) || passed_over(name);
        if elsewhere {
            return Err(FolderError::NotPlain(name.to_owned()));
        }
        Ok(self.folder.join(name))
    }
}
