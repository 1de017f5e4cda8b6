//! Who may send for a desk: one process at a time.

use crate::command::stop;
use crate::exit::{Failure, Stop};
use app::carrier::Carrier;
use app::{Desk, Error};
use std::fs::{File, OpenOptions, TryLockError};

/// The right to send for a desk, and the way out. Given up when dropped, and by the system when the process dies.
pub struct Sender {
    pub carrier: Carrier,
    _lock: File,
}

impl Sender {
    /// Takes the desk's sending lock. On a database that several machines share, the lock holds on this machine only, so
    /// that at most one of them may run `serve`.
    pub fn of(desk: &Desk) -> Result<Sender, Stop> {
        let carrier =
            Carrier::open(&desk.settings).map_err(|mistakes| stop(Error::Settings(mistakes)))?;
        let path = desk.place.home().map_err(stop)?.join("sending.lock");
        let shown = path.display().to_string();
        let world =
            |error: std::io::Error| Failure::world("DP-3004", error.to_string()).at(shown.clone());
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(world)?;
        match file.try_lock() {
            Ok(()) => Ok(Sender {
                carrier,
                _lock: file,
            }),
            Err(TryLockError::WouldBlock) => Err(Failure::misuse(
                "DP-3013",
                "another process sends for this desk",
            )
            .at(shown)
            .hint("A running `serve` sends what is asked for by itself.")
            .into()),
            Err(TryLockError::Error(error)) => Err(world(error).into()),
        }
    }
}
