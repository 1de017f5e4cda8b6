//! What every handler shares.

use crate::Error;
use crate::call::RequestId;
use app::{Desk, Pool, Sight};
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use calendar::Instant;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// How much is taken of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A form body: 150,000 characters of evidence, each at most four bytes, each byte `%XX`, and room for the names.
    pub form_bytes_max: usize,
}

impl Limits {
    pub const USUAL: Limits = Limits {
        form_bytes_max: 2 * 1024 * 1024,
    };
}

/// Cloned into every request.
#[derive(Clone)]
pub struct State {
    pub pool: Arc<Pool>,
    /// The composition's clock: nothing here asks the system what time it is.
    pub clock: fn() -> Instant,
    pub limits: Limits,
    /// Where this API is reached from outside, without a slash at the end: links to files begin with it.
    pub public_url: Arc<str>,
    /// Requests under way in this process that carry an idempotency key: tenant and key.
    /// Tells the requests of one instant apart.
    requests: Arc<AtomicU64>,
    pub(crate) under_way: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl State {
    pub fn new(pool: Arc<Pool>, clock: fn() -> Instant, limits: Limits, public_url: &str) -> State {
        State {
            pool,
            clock,
            limits,
            public_url: Arc::from(public_url.trim_end_matches('/')),
            requests: Arc::new(AtomicU64::new(0)),
            under_way: Arc::new(Mutex::new(BTreeSet::new())),
        }
    }

    /// An id for a request: a function of the process, the instant and a count, so that two processes and
    /// two starts do not give the same.
    pub(crate) fn next_request(&self) -> RequestId {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let at = (self.clock)().unix_micros();
        let process = std::process::id();
        RequestId::of(&format!("{process} {at} {count}"))
    }

    /// Works on a desk that sees what `sight` says, on a thread that may block.
    pub async fn read<T, W>(&self, sight: Sight, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let span = tracing::Span::current();
        let done =
            tokio::task::spawn_blocking(move || span.in_scope(|| pool.read(&sight, work))).await;
        done.unwrap_or_else(|_panicked| Err(Error::of_ours()))
    }

    /// Works on the pool itself, on a thread that may block: where no desk is to be held meanwhile.
    pub async fn blocking<T, W>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&Pool) -> Result<T, Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let done = tokio::task::spawn_blocking(move || work(&pool)).await;
        done.unwrap_or_else(|_panicked| Err(Error::of_ours()))
    }

    /// Works on a desk that sees everything; what the asker may was checked before.
    pub async fn write<T, W>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || span.in_scope(|| pool.write(work))).await;
        done.unwrap_or_else(|_panicked| Err(Error::of_ours()))
    }
}

/// Where a request comes from, as the listener knows it: what keys that are bound to addresses are held to.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Peer {
        Peer(*stream.remote_addr())
    }
}
