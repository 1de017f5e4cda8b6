//! The parts of a desk at work: the door that keeps what comes in, the work behind it, and the web face of both.

pub mod door;
pub mod health;
pub mod web;
pub mod work;
