//! Open desks to work on, so that requests wait for a connection and not for each other.

use crate::files::Budgets;
use crate::settings::process::Process;
use crate::year::Years;
use crate::{Desk, Error, Opening, Place};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::Sight;

/// How long a request waits for a desk. Callers give up after 80 seconds (Stripe's SDKs) or earlier; a desk that is not
/// free after ten is overloaded, and saying so at once lets the callers' own backoff help.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A fixed number of open desks over one place.
pub struct Pool {
    place: Place,
    idle: Mutex<Vec<Desk>>,
    freed: Condvar,
    loans: AtomicU64,
    waited_micros: AtomicU64,
    process: Process,
    budgets: Budgets,
    years: Years,
    /// Files that are being read now, and the word that one fewer is.
    reading: Mutex<usize>,
    read: Condvar,
    readers_max: usize,
}

/// The right to read one file; given back when dropped.
pub(crate) struct Turn<'a>(&'a Pool);

/// How often desks were lent, and how long the borrowers waited in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    pub loans: u64,
    pub micros: u64,
}

/// A desk on loan; given back when dropped, unless the work panicked: then a fresh one is opened for the next.
struct Loan<'a> {
    pool: &'a Pool,
    desk: Option<Desk>,
}

impl Pool {
    /// Opens so many desks. SQLite has one writer, however many are open; PostgreSQL takes them all.
    ///
    /// # Errors
    /// As for [`Desk::open`].
    pub fn open(place: &Place, desks: usize) -> Result<Pool, Error> {
        let idle: Result<Vec<Desk>, Error> = (0..desks.max(1))
            .map(|_| Desk::open(place, Opening::Existing))
            .collect();
        let idle = idle?;
        let process = match idle.first() {
            Some(desk) => desk.settings.process.clone(),
            None => return Err(Error::Busy),
        };
        Ok(Pool {
            place: place.clone(),
            readers_max: idle.len(),
            idle: Mutex::new(idle),
            process,
            budgets: Budgets::default(),
            years: Years::default(),
            reading: Mutex::new(0),
            read: Condvar::new(),
            freed: Condvar::new(),
            loans: AtomicU64::new(0),
            waited_micros: AtomicU64::new(0),
        })
    }

    /// Works on a desk that sees what `sight` says and no more.
    ///
    /// # Errors
    /// [`Error::Busy`] when no desk comes free, and whatever the work fails with.
    pub fn read<T, E: From<Error>>(
        &self,
        sight: &Sight,
        work: impl FnOnce(&mut Desk) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut loan = self.lend()?;
        let desk = loan.desk.as_mut().ok_or(Error::Busy)?;
        desk.look_as(sight)?;
        work(desk)
    }

    /// Works on a desk that sees everything.
    ///
    /// # Errors
    /// As for [`Pool::read`].
    pub fn write<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read(&Sight::All, work)
    }

    /// What borrowers waited since the pool was opened.
    pub fn waited(&self) -> Waited {
        Waited {
            loans: self.loans.load(Ordering::Relaxed),
            micros: self.waited_micros.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    pub(crate) fn years(&self) -> &Years {
        &self.years
    }

    pub(crate) fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// Waits until one file more may be read: each takes a processor, and memory up to its limit.
    pub(crate) fn turn(&self) -> Result<Turn<'_>, Error> {
        let reading = self.reading();
        let waited = self
            .read
            .wait_timeout_while(reading, WAIT_MAX, |reading| *reading >= self.readers_max);
        let (mut reading, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *reading >= self.readers_max {
            return Err(Error::Busy);
        }
        *reading += 1;
        Ok(Turn(self))
    }

    fn reading(&self) -> MutexGuard<'_, usize> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lend(&self) -> Result<Loan<'_>, Error> {
        let _waiting = tracing::info_span!(target: crate::SPAN, "pool").entered();
        let asked = Instant::now();
        let idle = self.idle();
        let waited = self
            .freed
            .wait_timeout_while(idle, WAIT_MAX, |idle| idle.is_empty());
        let (mut idle, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.loans.fetch_add(1, Ordering::Relaxed);
        self.waited_micros.fetch_add(micros, Ordering::Relaxed);
        let desk = idle.pop().ok_or(Error::Busy)?;
        Ok(Loan {
            pool: self,
            desk: Some(desk),
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Desk>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.reading() -= 1;
        self.0.read.notify_one();
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        // After a panic nobody knows what the connection was in the middle of.
        let fresh = match self.desk.take() {
            Some(desk) if !std::thread::panicking() => Some(desk),
            _ => Desk::open(&self.pool.place, Opening::Existing)
                .inspect_err(|error| {
                    tracing::error!(error = error.chain(), "a desk is not open again");
                })
                .ok(),
        };
        self.pool.idle().extend(fresh);
        self.pool.freed.notify_one();
    }
}
