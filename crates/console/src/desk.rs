//! The desk: pages for those who run it.

pub mod case;
pub mod cases;
pub mod document;
pub mod findings;
pub mod ledger;
pub mod morning;
pub mod queue;
pub mod why;
