//! Is the repository itself in order? Rules about the source that no compiler checks, as functions from the tree of
//! files to violations; `tests/repository.rs` runs them all over the real tree.
//!
//! It is not a linter of taste: clippy and rustfmt have that. Invariant: every rule has a test in which a planted
//! violation is found, so no rule can pass by looking at nothing.
//!
//! Uses the standard library only. Manifests are read line by line, which the workspace's plain style allows and the
//! `manifest` module's own test pins; a TOML parser would buy nothing here.

mod cards;
mod comments;
mod failure_cases;
mod manifest;
mod pages;
mod providers;
mod repository;
mod rooms;
mod rust;
mod sizes;
mod words;

use std::fmt;

pub use failure_cases::{FAILURE_CASE_MAX, covered_failure_cases};
pub use repository::Repository;
pub use rooms::{ROOMS, Room};

/// One place where the repository is not in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// From the root, with `/`.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

/// A rule: what it is called, and what it finds.
pub type Rule = (&'static str, fn(&Repository) -> Vec<Violation>);

/// All rules, in the order in which a reader wants to hear of them.
pub const RULES: &[Rule] = &[
    ("rooms use only what they may", rooms::edges),
    ("pure rooms have no std", rooms::no_std),
    ("crate roots say what they are", rooms::crate_roots),
    ("workspace dependencies have reasons", manifest::reasons),
    ("providers' names stay in their folders", providers::names),
    ("files are short", sizes::files),
    ("functions are short", sizes::functions),
    ("error codes have pages and pages have codes", pages::codes),
    ("links resolve", pages::links),
    ("pages can be found", pages::reachable),
    ("forbidden words are absent", words::forbidden),
    ("no card numbers", cards::numbers),
    ("comments say more than names", comments::repeated_names),
    ("cited failure cases exist", failure_cases::citations),
];

impl Violation {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Violation {
        Violation {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Plants `files` and expects exactly these places, `path:line`, to be found.
#[cfg(test)]
#[track_caller]
fn check(rule: fn(&Repository) -> Vec<Violation>, files: &[(&str, &str)], want: &[&str]) {
    let mut found: Vec<String> = rule(&Repository::planted(files))
        .iter()
        .map(|violation| format!("{}:{}", violation.path, violation.line))
        .collect();
    found.sort();
    assert_eq!(found, want);
}
