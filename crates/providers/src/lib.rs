//! One folder per provider: what its documents mean in our words, and how we say ours in its words; and the one list.
//!
//! This room touches no store, network or clock, and no folder knows another. What they share is only the reading of
//! located text ([`json`], [`table`]) and how a document is put together ([`draft`]).
//!
//! The invariant it keeps: `conformance` (tests/conformance.rs) holds for every provider of [`list::ALL`].

pub mod draft;
pub mod json;
pub mod list;
pub mod table;
mod tape;
