//! When and how is an event told to whoever listens?
//!
//! Signs a message ([`sign`]), says when it is tried again ([`schedule`], [`delivery`]), what an endpoint's answers make
//! of the endpoint ([`endpoint`]), which events it asked for ([`subscription`]), and which secrets are live ([`secret`]),
//! and which keys of the desk ([`desk_key`]). It decides and computes only: `now` and random bits are arguments, sending is the transport's business, and what an
//! event says is somebody else's.
//!
//! Invariant: an event leaves a delivery only delivered or parked, and a parked one is kept for replay; at most one
//! attempt of it is under way at a time; a disabled endpoint costs no event an attempt. Order is what the version number
//! in an event says, never the order of arrival.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod delivery;
pub mod desk_key;
pub mod endpoint;
mod health_text;
mod http_date;
pub mod schedule;
pub mod secret;
pub mod sign;
pub mod subscription;
pub mod verify;

pub use health_text::HealthError;
