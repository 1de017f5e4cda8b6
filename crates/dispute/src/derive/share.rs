//! Which statement concerns which case of a family.

use super::Facts;
use crate::fact::{Scope, case_id};
use crate::family::{Family, Known};
use crate::id::FactId;
use crate::movement::Movement;
use crate::said::Said;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use money::Money;

/// A family's statements, dealt out.
pub(super) struct Shared<'a> {
    pub cases: Vec<Facts<'a>>,
    /// Movements that wait for a case.
    pub loose: Vec<&'a Known>,
    pub orphans: Vec<FactId>,
}

/// Whether a statement without a dispute reference is about the payment, and so about every dispute on it.
fn about_payment(said: &Said) -> bool {
    matches!(
        said,
        Said::Paid { .. }
            | Said::Refunded { .. }
            | Said::FraudReported { .. }
            | Said::Network(_)
            | Said::Cut { .. }
            | Said::Tied { .. }
    )
}

/// Deals the statements out. A function of the set of statements alone.
pub(super) fn share(family: &Family) -> Shared<'_> {
    let mut cases: BTreeMap<(&Scope, &str), Facts<'_>> = BTreeMap::new();
    let mut rest = Vec::new();
    for known in &family.facts {
        let Some(dispute) = known.fact.refs.dispute() else {
            rest.push(known);
            continue;
        };
        let scope = &known.fact.scope;
        let facts = cases.entry((scope, dispute)).or_insert_with(|| Facts {
            id: case_id(scope, dispute),
            scope,
            dispute,
            all: Vec::new(),
            given: Vec::new(),
        });
        facts.all.push(known);
    }
    let mut cases: Vec<Facts<'_>> = cases.into_values().collect();
    let mut loose = Vec::new();
    let mut orphans = Vec::new();
    let rest = confirmations(&mut cases, rest);
    for known in rest {
        if about_payment(&known.fact.said) && !cases.is_empty() {
            for facts in &mut cases {
                facts.all.push(known);
            }
        } else if let Some(facts) = owner(&mut cases, known) {
            match known.fact.said {
                Said::Moved(_) => facts.given.push(known),
                _ => facts.all.push(known),
            }
        } else {
            orphans.push(known.id.clone());
            if matches!(known.fact.said, Said::Moved(_)) {
                loose.push(known);
            }
        }
    }
    for facts in &mut cases {
        facts.all.sort();
        facts.given.sort();
    }
    Shared {
        cases,
        loose,
        orphans,
    }
}

/// Gives each case the movements of the payment that only repeat one of its own: the same key, or the same kind and amount
/// of a movement that no other row has repeated yet. Which of two equal movements a row repeats cannot be told and does
/// not matter; that it is booked once does. Returns what repeats nothing.
fn confirmations<'a>(cases: &mut [Facts<'a>], rest: Vec<&'a Known>) -> Vec<&'a Known> {
    let mut keyed: BTreeMap<&str, Vec<&'a Known>> = BTreeMap::new();
    let mut others = Vec::new();
    for known in rest {
        match &known.fact.said {
            Said::Moved(movement) => keyed.entry(&movement.key).or_default().push(known),
            _ => others.push(known),
        }
    }
    let mut claimed: BTreeSet<(usize, &str)> = BTreeSet::new();
    for (key, statements) in keyed {
        match repeated(cases, key, &statements, &claimed) {
            Some((at, own)) => {
                claimed.insert((at, own));
                if let Some(facts) = cases.get_mut(at) {
                    facts.given.extend(statements);
                }
            }
            None => others.extend(statements),
        }
    }
    others.sort();
    others
}

/// The case and the key of its own movement that these statements repeat.
fn repeated<'a>(
    cases: &[Facts<'a>],
    key: &str,
    statements: &[&'a Known],
    claimed: &BTreeSet<(usize, &'a str)>,
) -> Option<(usize, &'a str)> {
    let own = cases.iter().enumerate().flat_map(|(at, facts)| {
        let moved = facts.all.iter().filter_map(|known| moved(known));
        moved.map(move |movement| (at, movement))
    });
    let fits = |movement: &Movement| {
        let mut said = statements.iter().filter_map(|known| moved(known));
        said.any(|said| said.kind == movement.kind && said.amount == movement.amount)
    };
    let named = own.clone().find(|(_, movement)| movement.key == key);
    let alike = own.filter(|(at, movement)| {
        fits(movement) && !claimed.contains(&(*at, movement.key.as_str()))
    });
    let least = alike.min_by_key(|(at, movement)| (*at, movement.key.as_str()));
    named
        .or(least)
        .map(|(at, movement)| (at, movement.key.as_str()))
}

fn moved(known: &Known) -> Option<&Movement> {
    match &known.fact.said {
        Said::Moved(movement) => Some(movement),
        _ => None,
    }
}

/// The only case that a statement about "the dispute on this payment" can mean: the only one there is, or for a movement
/// the only one about that amount.
fn owner<'c, 'a>(cases: &'c mut [Facts<'a>], known: &Known) -> Option<&'c mut Facts<'a>> {
    if cases.len() == 1 {
        return cases.first_mut();
    }
    let Said::Moved(movement) = &known.fact.said else {
        return None;
    };
    let mut fitting = cases
        .iter_mut()
        .filter(|facts| disputes(facts, movement.amount.abs()));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Whether any statement of the case disputes exactly this amount.
fn disputes(facts: &Facts<'_>, amount: Money) -> bool {
    facts
        .all
        .iter()
        .any(|known| matches!(&known.fact.said, Said::Disputed(disputed) if *disputed == amount))
}
