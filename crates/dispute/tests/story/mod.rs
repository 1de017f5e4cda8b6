//! Stories: facts as short lines, and what people see of the cases they come to.
//!
//! A line is `<when> <word> <values>`, a shortening of the canonical line. `when` is a day or minute of 2026 (`11-02`,
//! `11-02T09:30`). Without `by=`, `auth=`, `scope=` or a reference, a provider says it about dispute `d1` in a status field of
//! `acme/acct_1`; commands are an operator's, sends and the clock are the desk's. Amounts lose their blank (`-12.34USD`).
#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "each test binary uses a part, and a story that does not read stops its test"
)]

use dispute::case::Case;
use dispute::derive::{Derived, derive};
use dispute::effects::{Effects, effects};
use dispute::family::{Known, families};
use dispute::{digest, text, view};
use ledger::{AccountKind, Balances};
use std::collections::BTreeMap;

/// The values of each word, in the order in which a short line gives them.
fn keys(word: &str) -> &'static [&'static str] {
    match word {
        "phase" => &["stage", "standing"],
        "disputed" | "recovered" | "paid" => &["amount"],
        "reason" => &["reason", "network", "code"],
        "network" => &["network"],
        "due" => &["stage", "due"],
        "moved" => &["key", "kind", "amount", "settled"],
        "refunded" => &["key", "amount", "state"],
        "fraud-reported" => &["kind"],
        "requires" => &["stage", "defence"],
        "acknowledged" => &["stage", "count"],
        "staged" | "acceptance-asked" | "ask-withdrawn" => &["stage"],
        "change-asked" => &["code", "corrected", "settled-on"],
        "offered" => &["kind", "amount"],
        "drifted" => &["field", "value"],
        "evidence-saved" => &["version", "slot", "text"],
        "evidence-reviewed" => &["version", "reviewer"],
        "evidence-sealed" => &["version", "digest"],
        "submission-asked" => &["stage", "digest"],
        "noted" => &["text", "author"],
        "assigned" => &["to", "author"],
        "waived" => &["obligation", "reason", "author"],
        "cut" | "tied" => &["one", "other", "author"],
        "sent" => &["stage", "digest", "sending", "attempt"],
        "passed" => &["what", "due"],
        other => panic!("no statement is called `{other}`"),
    }
}

fn instant(when: &str) -> String {
    match when.split_once('T') {
        Some((day, time)) => format!("2026-{day}T{time}:00Z"),
        None => format!("2026-{when}T00:00:00Z"),
    }
}

/// The canonical form of one value.
fn value(key: &str, value: &str) -> String {
    match key {
        "amount" => {
            let (number, currency) = value.split_at(value.len() - 3);
            format!("{number}%20{currency}")
        }
        "due" if value.len() == 5 => format!("2026-{value}@UTC"),
        "digest" if value == "-" => String::new(),
        _ => value.to_string(),
    }
}

/// Reads one short line.
#[track_caller]
pub fn known(line: &str) -> Known {
    let mut words = line.split_whitespace();
    let when = words.next().expect("a line begins with its time");
    let word = words.next().expect("a line has a word");
    let (mut given, mut said, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for part in words {
        match part.split_once('=') {
            Some((key, _))
                if key.starts_with("ref.") || matches!(key, "by" | "auth" | "scope" | "seq") =>
            {
                given.push(part.to_string());
            }
            Some((key, text)) => said.push(format!("{key}={}", value(key, text))),
            None => bare.push(part),
        }
    }
    let (by, auth) = match word {
        "sent" | "passed" => ("desk", "own"),
        "evidence-saved" | "evidence-reviewed" | "evidence-sealed" | "submission-asked"
        | "acceptance-asked" | "ask-withdrawn" | "noted" | "assigned" | "waived" | "cut"
        | "tied" => ("operator", "own"),
        _ => ("provider", "status-field"),
    };
    let has = |key: &str| given.iter().any(|part| part.starts_with(key));
    let mut full = format!("{word} at={}", instant(when));
    for (key, default) in [("by=", by), ("auth=", auth), ("scope=", "acme/acct_1")] {
        if !has(key) {
            full.push_str(&format!(" {key}{default}"));
        }
    }
    if !has("ref.") {
        full.push_str(" ref.dispute=d1");
    }
    let keys = keys(word);
    assert!(bare.len() <= keys.len(), "too many values in `{line}`");
    let placed = keys
        .iter()
        .zip(bare)
        .map(|(key, text)| format!("{key}={}", value(key, text)));
    for part in given.into_iter().chain(placed).chain(said) {
        full.push(' ');
        full.push_str(&part);
    }
    match text::parse(&full) {
        Ok(fact) => Known::of(fact),
        Err(error) => panic!("`{line}` as `{full}`: {error}"),
    }
}

/// Reads the lines of a story; blank lines are left out.
#[track_caller]
pub fn story(lines: &str) -> Vec<Known> {
    let mut facts = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        facts.push(known(line));
    }
    facts
}

/// Every family of a story.
pub fn derived(facts: &[Known]) -> Vec<Derived> {
    families(facts.iter().cloned()).iter().map(derive).collect()
}

/// What the story comes to, posted at once.
#[track_caller]
pub fn all_effects(derived: &[Derived]) -> Effects {
    effects(&[], derived).expect("what a case posts balances")
}

/// The balances of all entries.
pub fn balances<'a>(effects: impl IntoIterator<Item = &'a Effects>) -> Balances {
    let mut balances = Balances::new();
    for posted in effects.into_iter().flat_map(|effects| &effects.posted) {
        balances.apply(&posted.entry).expect("the sums are small");
    }
    balances
}

/// The only case of a story.
#[track_caller]
pub fn case_of(lines: &str) -> Case {
    case_named(&story(lines), "d1")
}

/// The case of one dispute.
#[track_caller]
pub fn case_named(facts: &[Known], dispute: &str) -> Case {
    let mut cases = derived(facts).into_iter().flat_map(|derived| derived.cases);
    cases
        .find(|case| case.dispute == dispute)
        .unwrap_or_else(|| panic!("no case {dispute}"))
}

/// What people see of a story: every field of every case, and sums that the fields do not show.
#[track_caller]
pub fn seen(facts: &[Known]) -> Vec<String> {
    let derived = derived(facts);
    let mut lines = Vec::new();
    for case in derived.iter().flat_map(|derived| &derived.cases) {
        for (name, value) in view::fields(case) {
            lines.push(format!("{}: {name}={value}", case.dispute));
        }
        for finding in &case.findings {
            let amount = finding
                .amount
                .map_or(String::new(), |amount| format!(" {amount}"));
            lines.push(format!(
                "{}: found.{}={}{amount}",
                case.dispute,
                finding.kind.name(),
                finding.fingerprint
            ));
        }
        for obligation in &case.obligations {
            let amount = obligation
                .amount
                .map_or("nothing".to_string(), |amount| amount.to_string());
            lines.push(format!(
                "{}: owed.{}={amount}",
                case.dispute,
                obligation.duty.key()
            ));
        }
    }
    lines.push(format!("families={}", derived.len()));
    lines.push(format!(
        "cases={}",
        derived.iter().map(|one| one.cases.len()).sum::<usize>()
    ));
    lines.push(format!(
        "orphans={}",
        derived.iter().map(|one| one.orphans.len()).sum::<usize>()
    ));
    lines.push(format!(
        "loose={}",
        derived.iter().map(|one| one.loose.len()).sum::<usize>()
    ));
    let mut accounts: BTreeMap<String, money::Money> = BTreeMap::new();
    let effects = all_effects(&derived);
    for (account, layer, amount) in balances([&effects]).iter() {
        let sum = accounts
            .entry(format!("account.{}.{layer}", account.kind))
            .or_insert_with(|| money::Money::zero(amount.currency()));
        if let Ok(more) = sum.checked_add(amount) {
            *sum = more;
        }
    }
    lines.extend(
        accounts
            .iter()
            .map(|(name, amount)| format!("{name}={amount}")),
    );
    lines
}

/// Books and case agree: what a case has outstanding and not written off is on its receivable, in every currency.
#[track_caller]
pub fn agree(derived: &[Derived]) {
    let effects = all_effects(derived);
    let balances = balances([&effects]);
    for case in derived.iter().flat_map(|derived| &derived.cases) {
        for (currency, total) in &case.totals {
            let held = balances
                .iter()
                .filter(|(account, _, _)| {
                    account.kind == AccountKind::DisputeReceivable
                        && account.case.as_deref() == Some(case.id.as_str())
                        && account.currency == *currency
                })
                .map(|(_, _, amount)| amount.minor())
                .sum::<i128>();
            let left = total.withdrawn.minor()
                - total.reinstated.minor()
                - total.lost.minor()
                - total.fx.minor();
            assert_eq!(
                held, left,
                "{} in {currency}: the receivable and the totals differ",
                case.dispute
            );
        }
    }
}

/// Checks what a story comes to. An expectation is `name=value`, `name~part of the value` or `!name`; `d2: ` before it picks
/// the case where there are several. Every story is also told backwards and twice over.
#[track_caller]
pub fn check(lines: &str, expected: &[&str]) {
    let facts = story(lines);
    let seen = seen(&facts);
    for wanted in expected {
        let (not, rest) = match wanted.strip_prefix('!') {
            Some(rest) => ("!", rest),
            None => ("", *wanted),
        };
        let whole = if rest.contains(": ") && rest.starts_with('d') || is_global(rest) {
            format!("{not}{rest}")
        } else {
            format!("{not}d1: {rest}")
        };
        let met = if let Some(absent) = whole.strip_prefix('!') {
            !seen.iter().any(|line| line.starts_with(absent))
        } else if let (Some(tilde), true) = (whole.find('~'), !whole.contains('=')) {
            let (name, part) = (&whole[..tilde], &whole[tilde + 1..]);
            let mut values = seen
                .iter()
                .filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            values.any(|value| value.contains(part))
        } else {
            seen.contains(&whole)
        };
        assert!(
            met,
            "expected `{whole}` of\n{lines}\nfound\n{}",
            seen.join("\n")
        );
    }
    let mut again: Vec<Known> = facts.iter().rev().cloned().collect();
    again.extend(facts.iter().cloned());
    let digests =
        |facts: &[Known]| -> Vec<String> { derived(facts).iter().map(digest::of_family).collect() };
    assert_eq!(
        digests(&facts),
        digests(&again),
        "the order of\n{lines}\nmatters"
    );
    agree(&derived(&facts));
}

fn is_global(wanted: &str) -> bool {
    ["families=", "cases=", "orphans=", "loose=", "account."]
        .iter()
        .any(|start| wanted.starts_with(start))
}
