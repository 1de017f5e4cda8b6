//! What happened, durably, once: documents, facts and everything derived from them, in SQLite or PostgreSQL.
//!
//! The room keeps and never decides. It is not a query layer for people and knows no provider: the engine says what to
//! write, one [`Commit`] at a time, and the database itself refuses what must not be (an entry that does not balance, a
//! movement posted twice, a change to what is append-only).
//!
//! The invariant it keeps: whatever a call returned as done survives a crash whole, and whatever it did not return as done
//! is there whole or not at all. Document bodies, files and people's words are sealed at rest; see [`Keys`].

mod contract;
mod database;
mod delegate;
mod durable;
mod error;
pub mod faulty;
mod keys;
mod lanes;
mod migration;
mod names;
mod overview;
pub mod pg;
mod registry;
mod rows;
mod sight;
pub mod sqlite;
mod turns;
mod vault;

pub use contract::*;
pub use delegate::Whole;
pub use error::{Driver, Error};
pub use keys::Keys;
pub use overview::*;
pub use registry::*;
pub use rows::speaks_at;

/// The longest document or file taken: what one process can hold several times over while compressing and sealing it.
/// A desk's choice; the largest clearing files we know of are below a tenth of it.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024 * 1024;
