//! How much each merchant may keep, held while uploads arrive: those in parallel reserve from the same rest.

use crate::{Error, Pool};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use upload::{Meter, Quota, Refusal, Request};

/// The budgets of the merchants that brought something since this process began.
#[derive(Debug, Default)]
pub(crate) struct Budgets(Mutex<BTreeMap<Option<String>, Arc<Quota>>>);

/// A request that brings files: what it may still bring. Nothing that exceeds it is ever held.
#[derive(Debug)]
pub struct Allowance {
    request: Request,
    quota: Arc<Quota>,
}

/// One file, or one whole body, while it arrives. Dropped without [`Arriving::kept`], it gives back what it reserved.
#[derive(Debug)]
pub struct Arriving {
    meter: Meter,
    quota: Arc<Quota>,
}

impl Allowance {
    /// The next body; `declared_bytes` can only refuse early.
    ///
    /// # Errors
    /// [`Error::Upload`] where it is too large already.
    pub fn body(&self, declared_bytes: Option<u64>) -> Result<Arriving, Error> {
        Ok(Arriving {
            meter: self.request.file(declared_bytes)?,
            quota: Arc::clone(&self.quota),
        })
    }
}

impl Arriving {
    /// Call with the length of what has arrived, before it is held.
    ///
    /// # Errors
    /// [`Error::Upload`] when it is more than the file, the request or the merchant may have.
    pub fn take(&mut self, length: usize) -> Result<(), Error> {
        Ok(self.meter.take(length)?)
    }

    /// So many bytes of it were kept as files; the rest was envelope, or was there before, and is given back.
    pub fn kept(self, bytes: u64) {
        let Arriving { meter, quota } = self;
        let arrived = meter.bytes();
        meter.keep();
        quota.give_back(arrived.saturating_sub(bytes));
    }
}

impl Pool {
    /// What a merchant may still bring in one request.
    ///
    /// # Errors
    /// When the store fails while what is kept already is added up, which happens once a merchant and process.
    pub fn allowance(&self, merchant: Option<&str>, live: bool) -> Result<Allowance, Error> {
        let quota = self.quota(merchant)?;
        let limits = super::limits(self.process(), live);
        Ok(Allowance {
            request: Request::new(&limits, Some(Arc::clone(&quota))),
            quota,
        })
    }

    fn quota(&self, merchant: Option<&str>) -> Result<Arc<Quota>, Error> {
        let name = merchant.map(str::to_owned);
        let held = |budgets: &Budgets| {
            let budgets = budgets.0.lock().unwrap_or_else(PoisonError::into_inner);
            budgets.get(&name).cloned()
        };
        if let Some(quota) = held(self.budgets()) {
            return Ok(quota);
        }
        let kept = self.write(|desk| desk.file_bytes(merchant))?;
        let quota = Quota::new(self.process().uploads.quota_bytes, kept);
        let mut budgets = self
            .budgets()
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Whoever was first reserves from it already.
        Ok(Arc::clone(budgets.entry(name).or_insert(quota)))
    }
}

/// The last word, where several processes keep files: each knows its own reservations only.
pub(super) fn within(quota_bytes: u64, kept: u64, more: u64) -> Result<(), Error> {
    if kept.saturating_add(more) <= quota_bytes {
        return Ok(());
    }
    Err(Error::Upload(Refusal::Quota {
        bytes_max: quota_bytes,
        bytes_free: quota_bytes.saturating_sub(kept),
    }))
}
