//! Does the whole survive a bad quarter? Simulated providers, people, clocks and faults, by seed; and stories as text files.
//!
//! Nothing here touches a real network or a real clock. What it drives is the real engine, the real adapters and a real
//! store; what it fakes is the world outside.
//!
//! The invariant it keeps: a seed, or a story, always runs the same way, to the byte.

pub mod dice;
pub mod fakes;
pub mod fortnight;
pub mod invariants;
pub mod month;
pub mod openings;
pub mod paper;
pub mod people;
pub mod play;
pub mod settled;
pub mod world;

/// Runs a seeded month and says in words how it went, and whether every invariant held: what `docket sim` prints.
pub fn main_text(seed: u64, days: u32) -> (String, bool) {
    match month::run(seed, days) {
        Ok(outcome) => (outcome.to_string(), outcome.breaks.is_empty()),
        Err(error) => (
            format!("seed {seed} days {days}: the simulation itself failed: {error}\n"),
            false,
        ),
    }
}
