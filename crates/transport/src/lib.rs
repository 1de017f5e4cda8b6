//! How do bytes get out and in?
//!
//! Moves requests, replies and files between the desk and the world. It knows no provider, no format and no dispute:
//! what to send and what an answer means is decided elsewhere. Every call blocks, because the engine that drives it is
//! synchronous; call it from a thread of its own, never from inside an asynchronous runtime.
//!
//! - [`http::Carrier`] sends one HTTPS request and says whether it certainly did not leave, may have arrived, or was
//!   answered.
//! - [`hook::Sender`] posts to a URL that a merchant chose, and trusts neither the URL nor the answer.
//! - [`egress`] decides to which addresses a connection may be made, at the moment it is made.
//! - [`folder::Outbox`] and [`folder::Inbox`] hand files over through a folder that somebody else reads or fills.
//! - [`Budget`] says when the next request may go, so that a provider's rate limit is kept.
//!
//! SFTP and object stores are not there yet: files travel through a folder that another program synchronises.
//!
//! Nothing here retries, save the one request that an expired token had refused. Retries belong to the outbox row.
//!
//! Invariant: [`Trouble::NotSent`] is returned only when the far side cannot have acted on the request. Whatever is
//! uncertain is [`Trouble::Lost`], which only reading back can resolve.

mod budget;
mod client;
pub mod egress;
pub mod folder;
pub mod hook;
pub mod http;
mod secret;
#[cfg(test)]
mod test_server;

pub use budget::{Budget, Wait};
pub use secret::Secret;

use std::error::Error;

/// Why there is no answer. The difference decides whether the same may be sent again, so doubt is always `Lost`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The far side cannot have acted on it: the name was not found, the connection refused by them or by our guard,
    /// TLS not agreed, or the request itself not well formed. It may be sent again.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have arrived: time ran out or the connection broke once it stood, or the reply was cut short or too large.
    #[error("lost: {0}")]
    Lost(String),
}

/// An error with its causes, outermost first, in one line. A cause that repeats the end of what is already said is left
/// out.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = next.source();
    }
    text
}
