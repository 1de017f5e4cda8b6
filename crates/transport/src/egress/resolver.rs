//! Names become addresses here and nowhere else, and only addresses that the guard admits.

use super::Egress;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

/// Asks for the addresses of a host. May block.
pub(crate) type Lookup = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

type Answer = Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>>;

/// The operating system's own look-up.
pub(crate) fn system_lookup(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0)
        .to_socket_addrs()?
        .map(|address| address.ip())
        .collect())
}

/// The look-up that the HTTP client uses for every connection.
pub(crate) struct Resolver {
    allow: Egress,
    lookup: Lookup,
}

impl Resolver {
    pub(crate) fn new(allow: Egress, lookup: Lookup) -> Resolver {
        Resolver { allow, lookup }
    }
}

impl Resolve for Resolver {
    /// A look-up may block for as long as the system's resolver likes, so it has a thread of its own: the client's
    /// connect timeout then runs on, and a look-up that nobody waits for any more ends by itself.
    fn resolve(&self, name: Name) -> Resolving {
        let slot = Arc::new(Mutex::new(Slot::default()));
        let (filled, allow, lookup) = (
            Arc::clone(&slot),
            self.allow.clone(),
            Arc::clone(&self.lookup),
        );
        let asked = thread::Builder::new()
            .name("name look-up".to_owned())
            .spawn(move || {
                fill(&filled, admitted(&allow, &lookup, name.as_str()));
            });
        if let Err(error) = asked {
            fill(&slot, Err(error.into()));
        }
        Box::pin(Pending(slot))
    }
}

/// Every address of the host, or a refusal if the guard refuses one of them: which of several is connected to is not
/// ours to choose.
fn admitted(allow: &Egress, lookup: &Lookup, host: &str) -> Answer {
    let addresses = lookup(host)?;
    if addresses.is_empty() {
        return Err(format!("host `{host}` has no address").into());
    }
    for address in &addresses {
        allow.admit_address(*address)?;
    }
    // Port 0 stands for the URL's own.
    Ok(addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, 0))
        .collect())
}

/// Where the thread puts its answer, and whom it wakes.
#[derive(Default)]
struct Slot {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

fn fill(slot: &Mutex<Slot>, answer: Answer) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    slot.answer = Some(answer);
    if let Some(waker) = slot.waker.take() {
        waker.wake();
    }
}

/// An answer that is still being looked up.
struct Pending(Arc<Mutex<Slot>>);

impl Future for Pending {
    type Output = Result<Addrs, Box<dyn std::error::Error + Send + Sync>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.answer.take() {
            Some(answer) => {
                Poll::Ready(answer.map(|addresses| -> Addrs { Box::new(addresses.into_iter()) }))
            }
            None => {
                slot.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
