//! The audit log as people leaf through it.

use crate::{Desk, Error};
use store::Store;

/// A stretch of the log, newest first.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// How many leaves there are.
    pub size: u64,
    /// Number and text of each.
    pub leaves: Vec<(u64, String)>,
    /// The number before which the next stretch ends; `None` at the beginning of the log.
    pub before: Option<u64>,
    /// The newest signed checkpoints, newest first, as signed notes.
    pub checkpoints: Vec<String>,
    pub verifier_key: String,
}

/// How many checkpoints are shown.
const CHECKPOINTS: usize = 5;

impl Desk {
    /// The last so many leaves before a number.
    ///
    /// # Errors
    /// When the store fails.
    pub fn audit_stretch(&mut self, before: Option<u64>, limit: u32) -> Result<Stretch, Error> {
        let size = self
            .registry()
            .log_size()
            .map_err(Error::store("reading the audit log"))?;
        let until = before.unwrap_or(size).min(size);
        let from = until.saturating_sub(u64::from(limit));
        let count = u32::try_from(until.saturating_sub(from)).unwrap_or(limit);
        let store = &mut self.engine.store;
        let found = store
            .leaves(from, count)
            .map_err(Error::store("reading the audit log"))?;
        let mut leaves: Vec<(u64, String)> = (from..)
            .zip(found)
            .map(|(number, leaf)| (number, String::from_utf8_lossy(&leaf).into_owned()))
            .collect();
        leaves.reverse();
        let mut checkpoints = store
            .checkpoints()
            .map_err(Error::store("reading checkpoints"))?;
        checkpoints.reverse();
        checkpoints.truncate(CHECKPOINTS);
        let verifier_key = store
            .verifier_key()
            .map_err(Error::store("reading the audit key"))?;
        Ok(Stretch {
            size,
            leaves,
            before: Some(from).filter(|from| *from > 0),
            checkpoints,
            verifier_key,
        })
    }
}
