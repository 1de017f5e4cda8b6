//! One hash for a case and its books: what permutation, replay and doctor compare.

use crate::books::{books, leg_line};
use crate::case::Case;
use crate::derive::Derived;
use crate::id::digest as hash;
use crate::view::fields;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The digest of one case: every field that people see, in the order of `view::fields`.
pub fn of_case(case: &Case) -> String {
    let lines: Vec<String> = fields(case)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    hex(&lines)
}

/// The digest of a family: its cases, its suspense and its balances.
pub fn of_family(derived: &Derived) -> String {
    let mut lines: Vec<String> = derived.cases.iter().map(of_case).collect();
    lines.extend(
        derived
            .loose
            .iter()
            .map(|loose| format!("loose {} {}", loose.movement.key, loose.movement.amount)),
    );
    let mut balances: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((case, key), posting) in books(derived) {
        let case = case.map_or(String::new(), |case| format!("{case}"));
        balances
            .entry(format!("{case} {key}"))
            .or_default()
            .extend(posting.legs.iter().map(leg_line));
    }
    lines.extend(
        balances
            .into_iter()
            .map(|(key, legs)| format!("{key} {}", legs.join("; "))),
    );
    hex(&lines)
}

fn hex(lines: &[String]) -> String {
    let parts: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
    let hash = hash("case", &parts);
    let mut text = String::with_capacity(64);
    for byte in hash {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
