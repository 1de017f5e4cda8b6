//! One hash for a case and its books: what permutation, replay and doctor compare.

use crate::books::{books, leg_line};
use crate::case::{AnswerState, Case};
use crate::derive::Derived;
use crate::evidence::packet_digest;
use crate::id::{self, digest as hash};
use crate::network::Network;
use crate::obligation::Standing;
use crate::view::fields;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;

/// The digest of one case: every field that people see, in the order of `view::fields`, and what stands behind them.
pub fn of_case(case: &Case) -> String {
    let mut lines: Vec<String> = fields(case)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    behind(case, &mut lines);
    reasons(case, &mut lines);
    hex(&lines)
}

/// An optional value: nothing and an empty text are two things.
fn maybe(value: Option<impl Display>) -> String {
    value.map_or_else(|| String::from("-"), |value| format!("={value}"))
}

/// What the fields shorten: texts, digests, amounts and instants.
fn behind(case: &Case, lines: &mut Vec<String>) {
    let network = case
        .reason
        .as_ref()
        .and_then(|claim| claim.network.as_ref());
    lines.push(format!("code list {}", maybe(network.map(Network::name))));
    lines.push(format!("packet {}", packet_digest(&case.evidence.slots)));
    for defence in &case.evidence.defences {
        lines.push(format!("defence {defence}"));
    }
    for (key, booked) in &case.movements {
        lines.push(format!("movement {key} at {}", booked.at));
    }
    for answer in &case.answers {
        let unproved = answer.state == AnswerState::Overtaken { unproved: true };
        lines.push(format!(
            "answer {} {} asked {} settled {} unproved {unproved}",
            answer.stage,
            answer.digest,
            answer.asked_at,
            maybe(answer.settled_at)
        ));
    }
    for owed in &case.obligations {
        let standing = match &owed.standing {
            Standing::Open => String::new(),
            Standing::Met { at } | Standing::MetLate { at } | Standing::Broken { at } => {
                format!("{at}")
            }
            Standing::Waived { why } => why.clone(),
        };
        lines.push(format!(
            "obligation {} to {} amount {} by {}: {standing}",
            owed.duty.key(),
            owed.creditor,
            maybe(owed.amount),
            owed.basis
        ));
    }
    for finding in &case.findings {
        let (kind, amount) = (finding.kind.name(), maybe(finding.amount));
        lines.push(format!("finding {kind} {} {amount}", finding.fingerprint));
    }
}

/// Which statements and rules made the values: what `why` shows.
fn reasons(case: &Case, lines: &mut Vec<String>) {
    lines.extend(
        case.steps
            .iter()
            .map(|step| format!("step by {}", step.fact)),
    );
    let moved = case.movements.values();
    lines.extend(moved.map(|booked| format!("movement by {}", booked.fact)));
    for (field, because) in &case.because {
        lines.extend(
            because
                .facts
                .iter()
                .map(|fact| format!("{field} by {fact}")),
        );
        lines.extend(
            because
                .rules
                .iter()
                .map(|rule| format!("{field} by {rule}")),
        );
    }
}

/// The digest of a family: its cases, its suspense, its orphans and its balances.
pub fn of_family(derived: &Derived) -> String {
    let mut lines: Vec<String> = derived.cases.iter().map(of_case).collect();
    lines.extend(
        derived
            .loose
            .iter()
            .map(|loose| format!("loose {} {}", loose.movement.key, loose.movement.amount)),
    );
    let orphans = derived.orphans.iter();
    lines.extend(orphans.map(|orphan| format!("orphan {orphan}")));
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
    id::hex(&hash("case", &parts))
}
