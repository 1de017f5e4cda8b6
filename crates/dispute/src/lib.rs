//! Facts in, case out: what a dispute is, what it costs, who owes what by when, and what a person may do now.
//!
//! This room is pure. It reads no bytes, no clock and no database; `now` is an argument where a person acts, and nowhere
//! else. It knows no provider: providers' words are turned into [`fact::Fact`]s before they come here.
//!
//! The invariant it keeps: the facts of a case, permuted or duplicated in any way, derive the same case, the same books and
//! the same digest.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod books;
pub mod case;
pub mod command;
pub mod deadline;
pub mod derive;
pub mod digest;
pub mod effects;
pub mod evidence;
pub mod fact;
pub mod family;
pub mod finding;
pub mod id;
pub mod movement;
pub mod network;
pub mod news;
pub mod obligation;
pub mod permit;
pub mod reason;
pub mod reference;
pub mod rejection;
pub mod rules;
pub mod said;
pub mod status;
pub mod strength;
pub mod text;
pub mod view;
