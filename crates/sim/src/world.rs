//! Stories as text: what providers send, what people do, what the clock says, and what must then be so.
//!
//! A world reads as the rule that it shows. It runs the real engine over a real store with the real adapters; its providers
//! keep objects of their own, send documents in their real formats, and answer requests, or fail to, as the story says.
//! `crates/sim/worlds/README.md` lists the words.

mod ach;
mod adyen;
mod args;
mod desk;
mod expect;
mod outside;
mod paypal;
mod person;
mod story;
mod stripe;

pub use desk::{Desk, Disturbance};
pub use outside::Mishap;
pub use story::{Line, Story};

use calendar::Instant;

/// What a finished world leaves to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How many `expect` lines held.
    pub expectations: usize,
    /// The operations that the store was asked for while the story ran, by name.
    pub operations: Vec<&'static str>,
    /// How many requests left while the story ran.
    pub requests: u64,
    /// Cases, answers and balances in words: what must be the same however often things failed on the way.
    pub picture: Vec<String>,
}

/// Runs a story over a store: its lines, then every invariant. The error names the file and line.
///
/// # Errors
/// When a line does not read, an expectation or an invariant does not hold, or the engine fails.
pub fn run(story: &Story, store: Box<dyn store::Store>) -> Result<Ending, String> {
    let mut desk = Desk::new(story.begins, store, Disturbance::none());
    let mut expectations = 0;
    for line in &story.lines {
        let outcome = desk.line(line);
        let expected =
            outcome.map_err(|words| format!("{}:{}: {words}", story.name, line.number))?;
        expectations += usize::from(expected);
    }
    let end = |words: String| format!("{}: at the end: {words}", story.name);
    desk.finished().map_err(end)?;
    desk.invariants().map_err(end)?;
    let (operations, requests) = (desk.operations(), desk.requests());
    desk.settle().map_err(end)?;
    desk.invariants().map_err(end)?;
    Ok(Ending {
        expectations,
        operations,
        requests,
        picture: desk.picture().map_err(end)?,
    })
}

/// Runs a story while something fails, until it completes; then lets it settle, and checks every invariant. What the story
/// expects on its way is not asked: a delayed answer may come later. Its end is.
///
/// # Errors
/// When the story cannot complete, or an invariant does not hold.
pub fn run_disturbed(
    story: &Story,
    store: Box<dyn store::Store>,
    disturbance: Disturbance,
) -> Result<Ending, String> {
    let mut desk = Desk::new(story.begins, store, disturbance);
    for line in story.lines.iter().filter(|line| !line.expects()) {
        let outcome = desk.line(line);
        outcome.map_err(|words| format!("{}:{}: {words}", story.name, line.number))?;
    }
    let end = |words: String| format!("{}: at the end: {words}", story.name);
    let (operations, requests) = (desk.operations(), desk.requests());
    desk.settle().map_err(end)?;
    desk.invariants().map_err(end)?;
    Ok(Ending {
        expectations: 0,
        operations,
        requests,
        picture: desk.picture().map_err(end)?,
    })
}

/// An instant as worlds write it.
fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|error| error.to_string())
}
