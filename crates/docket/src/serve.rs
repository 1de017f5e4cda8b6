//! The parts of a desk at work: the door that keeps what comes in, the work behind it, the teller that sends
//! events out, and the web face.

pub mod door;
pub mod health;
pub mod limit;
pub mod listen;
pub mod metrics;
pub mod observe;
pub mod tell;
pub mod trace;
pub mod web;
pub mod work;
