//! Counting an upload while it arrives: what exceeds a limit is refused before it is buffered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::limits::Limits;
use crate::refusal::Refusal;

/// How much a merchant may keep. One is shared by all uploads of a merchant in this process, so that uploads in parallel
/// reserve from the same rest. Several processes reserve each from their own: there the store's transaction, which
/// knows what is kept, has the last word.
#[derive(Debug)]
pub struct Quota {
    bytes_max: u64,
    /// Kept, and reserved by uploads under way.
    bytes_taken: AtomicU64,
}

impl Quota {
    #[must_use]
    pub fn new(bytes_max: u64, bytes_kept: u64) -> Arc<Quota> {
        Arc::new(Quota {
            bytes_max,
            bytes_taken: AtomicU64::new(bytes_kept),
        })
    }

    /// Kept and reserved together.
    #[must_use]
    pub fn bytes_taken(&self) -> u64 {
        self.bytes_taken.load(Ordering::Acquire)
    }

    /// Something that was kept is gone.
    pub fn give_back(&self, bytes: u64) {
        // The closure never returns `None`, so that the update cannot fail.
        let _ = self
            .bytes_taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                Some(taken.saturating_sub(bytes))
            });
    }

    fn reserve(&self, bytes: u64) -> Result<(), Refusal> {
        reserve(&self.bytes_taken, bytes, self.bytes_max).map_err(|taken| Refusal::Quota {
            bytes_max: self.bytes_max,
            bytes_free: self.bytes_max.saturating_sub(taken),
        })
    }
}

/// Adds in one step or not at all; otherwise what was taken already.
fn reserve(taken: &AtomicU64, bytes: u64, max: u64) -> Result<(), u64> {
    let more = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= max);
    taken
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
        .map(|_| ())
}

/// The files of one request, which share its limits.
#[derive(Clone, Debug)]
pub struct Request {
    file_bytes_max: u64,
    bytes_max: u64,
    files_max: u32,
    bytes_taken: Arc<AtomicU64>,
    files: Arc<AtomicU32>,
    quota: Option<Arc<Quota>>,
}

impl Request {
    #[must_use]
    pub fn new(limits: &Limits, quota: Option<Arc<Quota>>) -> Request {
        Request {
            file_bytes_max: limits.file_bytes_max,
            bytes_max: limits.request_bytes_max,
            files_max: limits.request_files_max,
            bytes_taken: Arc::default(),
            files: Arc::default(),
            quota,
        }
    }

    /// The meter of the next file. `declared_bytes` (a part's `Content-Length`) can only refuse early: what arrives is
    /// counted all the same.
    pub fn file(&self, declared_bytes: Option<u64>) -> Result<Meter, Refusal> {
        let next = |files: u32| {
            files
                .checked_add(1)
                .filter(|files| *files <= self.files_max)
        };
        self.files
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next)
            .map_err(|_| Refusal::RequestTooLarge {
                max: u64::from(self.files_max),
                unit: "files".to_owned(),
            })?;
        if declared_bytes.is_some_and(|bytes| bytes > self.file_bytes_max) {
            return Err(Refusal::TooLarge {
                bytes_max: self.file_bytes_max,
            });
        }
        Ok(Meter {
            request: self.clone(),
            bytes: 0,
            kept: false,
        })
    }
}

/// Counts one file. Dropped without [`Meter::keep`], it gives its reservation back.
#[derive(Debug)]
pub struct Meter {
    request: Request,
    bytes: u64,
    kept: bool,
}

impl Meter {
    /// Call with the length of what has arrived, before it is buffered. After a refusal nothing of it is counted.
    pub fn take(&mut self, length: usize) -> Result<(), Refusal> {
        let more = crate::bytes::count(length);
        let file_max = self.request.file_bytes_max;
        let bytes = self
            .bytes
            .checked_add(more)
            .filter(|bytes| *bytes <= file_max);
        let Some(bytes) = bytes else {
            return Err(Refusal::TooLarge {
                bytes_max: file_max,
            });
        };
        let request_max = self.request.bytes_max;
        reserve(&self.request.bytes_taken, more, request_max).map_err(|_| {
            Refusal::RequestTooLarge {
                max: request_max,
                unit: "bytes".to_owned(),
            }
        })?;
        if let Some(quota) = &self.request.quota
            && let Err(refusal) = quota.reserve(more)
        {
            self.request.bytes_taken.fetch_sub(more, Ordering::AcqRel);
            return Err(refusal);
        }
        self.bytes = bytes;
        Ok(())
    }

    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file was stored: its bytes stay counted against the quota.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(quota) = &self.request.quota
            && !self.kept
        {
            quota.give_back(self.bytes);
        }
    }
}
