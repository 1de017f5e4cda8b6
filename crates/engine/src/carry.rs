//! How bytes leave and answers come back, as far as the engine sees it.

use adapter::{Reply, Request};
use calendar::Instant;
use dispute::fact::Scope;

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    Reply(Reply),
    /// It certainly never left.
    NotSent(String),
    /// It may have arrived; no answer did.
    Lost(String),
}

/// Moves one request for one of our accounts. The host, the credentials and the wire are its business.
pub trait Carrier {
    /// Sends and waits for the answer, within the carrier's own time limit.
    fn carry(&mut self, scope: &Scope, request: &Request, now: Instant) -> Carried;

    /// Whether this account can be reached at all: it is configured, and nobody has switched it off.
    fn reaches(&self, scope: &Scope) -> bool;
}

/// A desk without a way out: it takes documents in and sends nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoCarrier;

impl Carrier for NoCarrier {
    fn carry(&mut self, _scope: &Scope, _request: &Request, _now: Instant) -> Carried {
        Carried::NotSent(String::from("no way out is configured for this account"))
    }

    fn reaches(&self, _scope: &Scope) -> bool {
        false
    }
}
