//! One hash for a case and its books: what permutation, replay and doctor compare.

use crate::books::{books, leg_line};
use crate::case::{AnswerState, Case};
use crate::derive::Derived;
use crate::evidence::packet_digest;
use crate::id::{self, digest as hash};
use crate::network::Network;
use crate::obligation::Standing;
use crate::view::each;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Write as _};

/// The digest of one case: every field that people see, in the order of `view::fields`, and what stands behind them.
pub fn of_case(case: &Case) -> String {
    let mut lines = Lines::with_room();
    each(case, &mut |name, value| {
        lines.push(format_args!("{name}={value}"));
    });
    behind(case, &mut lines);
    reasons(case, &mut lines);
    lines.hash()
}

/// Lines in one text: a digest is made for every case of every batch, and an allocation for each of its fifty lines cost
/// more than hashing them.
struct Lines {
    text: String,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Lines {
    /// Most cases come to about 50 lines of 40 bytes.
    fn with_room() -> Lines {
        Lines {
            text: String::with_capacity(4_096),
            ends: Vec::with_capacity(96),
        }
    }

    fn push(&mut self, line: fmt::Arguments<'_>) {
        self.text
            .write_fmt(line)
            .expect("writing into a text does not fail");
        self.ends.push(self.text.len());
    }

    fn hash(&self) -> String {
        let starts = core::iter::once(&0).chain(&self.ends);
        let parts: Option<Vec<&[u8]>> = starts
            .zip(&self.ends)
            .map(|(from, until)| self.text.as_bytes().get(*from..*until))
            .collect();
        let parts = parts.expect("each line ends where the text did when it was written");
        id::hex(&hash("case", &parts))
    }
}

/// An optional value: nothing and an empty text are two things.
struct Maybe<T>(Option<T>);

fn maybe<T>(value: Option<T>) -> Maybe<T> {
    Maybe(value)
}

impl<T: Display> Display for Maybe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => write!(f, "={value}"),
            None => f.write_str("-"),
        }
    }
}

/// What the fields shorten: texts, digests, amounts and instants.
fn behind(case: &Case, lines: &mut Lines) {
    let network = case
        .reason
        .as_ref()
        .and_then(|claim| claim.network.as_ref());
    lines.push(format_args!(
        "code list {}",
        maybe(network.map(Network::name))
    ));
    lines.push(format_args!(
        "packet {}",
        packet_digest(&case.evidence.slots)
    ));
    for defence in &case.evidence.defences {
        lines.push(format_args!("defence {defence}"));
    }
    for (key, booked) in &case.movements {
        lines.push(format_args!("movement {key} at {}", booked.at));
    }
    for answer in &case.answers {
        let unproved = answer.state == AnswerState::Overtaken { unproved: true };
        lines.push(format_args!(
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
        lines.push(format_args!(
            "obligation {} to {} amount {} by {}: {standing}",
            owed.duty.key(),
            owed.creditor,
            maybe(owed.amount),
            owed.basis
        ));
    }
    for finding in &case.findings {
        let (kind, amount) = (finding.kind.name(), maybe(finding.amount));
        lines.push(format_args!(
            "finding {kind} {} {amount}",
            finding.fingerprint
        ));
    }
}

/// Which statements and rules made the values: what `why` shows.
fn reasons(case: &Case, lines: &mut Lines) {
    for step in &case.steps {
        lines.push(format_args!("step by {}", step.fact));
    }
    for booked in case.movements.values() {
        lines.push(format_args!("movement by {}", booked.fact));
    }
    for (field, because) in &case.because {
        for fact in &because.facts {
            lines.push(format_args!("{field} by {fact}"));
        }
        for rule in &because.rules {
            lines.push(format_args!("{field} by {rule}"));
        }
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
