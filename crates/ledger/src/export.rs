//! Entries as text for the tools that finance uses.

pub mod hledger;

pub use hledger::{Posting, hledger};
