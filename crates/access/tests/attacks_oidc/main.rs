//! Attacks on sign-in through an OpenID provider: each line is one, with the refusal it meets. The provider's keys are made
//! while the test runs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod claims;
mod flow;
mod signature;
mod world;
