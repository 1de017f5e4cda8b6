//! Who may send for a desk: one process at a time.

mod lease;

use crate::command::stop;
use crate::exit::{Failure, Stop};
use adapter::Request;
use app::carrier::Carrier;
use app::{Desk, Error, Place};
use calendar::Instant;
use dispute::fact::Scope;
use engine::Carried;
use lease::Lease;
use std::fs::{File, OpenOptions, TryLockError};

/// The right to send for a desk, and the way out. Given up when dropped; when the process dies, by the system or by silence.
pub struct Sender {
    carrier: Carrier,
    right: Right,
}

/// Where the right is kept.
enum Right {
    /// A desk in a folder: a lock that the system lets go when the process dies.
    Lock { _held: File },
    /// A desk in a database that several machines share.
    Lease(Box<Lease>),
}

impl Sender {
    /// Takes the right, or says that another process has it.
    pub fn of(desk: &Desk) -> Result<Sender, Stop> {
        let mut sender = Sender::seeking(desk)?;
        if sender.begin() {
            return Ok(sender);
        }
        Err(taken(desk.place.shown()).into())
    }

    /// As [`Sender::of`], but where several processes may serve one desk, this one may stand by until the right is free.
    pub fn seeking(desk: &Desk) -> Result<Sender, Stop> {
        let carrier =
            Carrier::open(&desk.settings).map_err(|mistakes| stop(Error::Settings(mistakes)))?;
        let right = match &desk.place {
            Place::Folder(_) => Right::Lock { _held: lock(desk)? },
            place @ Place::Postgres(_) => {
                let lasts = desk.settings.process.worker.lease;
                Right::Lease(Box::new(Lease::seek(place, lasts)?))
            }
        };
        Ok(Sender { carrier, right })
    }

    /// Whether a round of work may begin.
    pub fn begin(&mut self) -> bool {
        match &mut self.right {
            Right::Lock { .. } => true,
            Right::Lease(lease) => lease.begin(),
        }
    }

    /// Binds what a desk writes to the right with which this round began: a round that was stopped and wakes after another
    /// process took over writes nothing.
    pub fn bind(&self, desk: &mut Desk) -> Result<(), Error> {
        match &self.right {
            // The system takes the lock from a process that is gone, and from no other.
            Right::Lock { .. } => Ok(()),
            Right::Lease(lease) => desk.bind_to(lease.token()),
        }
    }

    /// The accounts that can be reached.
    pub fn scopes(&self) -> Vec<Scope> {
        self.carrier.scopes()
    }
}

impl engine::Carrier for Sender {
    /// Asks for the right once more directly before anything leaves.
    fn carry(&mut self, scope: &Scope, request: &Request, now: Instant) -> Carried {
        let trouble = match &mut self.right {
            Right::Lock { .. } => None,
            Right::Lease(lease) => lease.trouble(),
        };
        match trouble {
            Some(why) => Carried::NotSent(why),
            None => self.carrier.carry(scope, request, now),
        }
    }

    fn reaches(&self, scope: &Scope) -> bool {
        self.carrier.reaches(scope)
    }
}

fn taken(at: String) -> Failure {
    Failure::misuse("DP-3013", "another process sends for this desk")
        .at(at)
        .hint("A running `serve` sends what is asked for by itself.")
}

fn lock(desk: &Desk) -> Result<File, Stop> {
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
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(taken(shown).into()),
        Err(TryLockError::Error(error)) => Err(world(error).into()),
    }
}
