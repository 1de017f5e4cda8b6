//! What is this file, may we keep it, and what is in it?
//!
//! [`Inspector::inspect`] answers with a [`Verdict`] that is bound to the content by its SHA-256, or with a numbered
//! [`Refusal`]. The type is read from the content: the name and the declared type may only agree with it. Nothing that
//! people uploaded is parsed in the calling process: [`child`] starts the same executable again, and that process gives
//! up files, network, new processes and memory before it reads the first byte. [`Meter`] counts an upload while it
//! arrives, so that nothing larger than allowed is ever held.
//!
//! It is not a virus scanner, it renders nothing, and it stores nothing.
//!
//! Invariant: whatever cannot be read to its last byte is refused. A child that crashes, hangs, talks nonsense or cannot
//! lock itself in is a refusal as well.

mod bytes;
mod card;
pub mod child;
mod inspect;
mod kind;
mod limits;
mod meter;
pub mod name;
mod redact;
mod refusal;
mod verdict;

pub use card::{PUBLISHED_TEST_CARDS, holds_card_number, is_card_number};
pub use child::Inspector;
pub use kind::Kind;
pub use limits::Limits;
pub use meter::{Meter, Quota, Request};
pub use refusal::Refusal;
pub use verdict::{Finding, Place, Verdict, What};
