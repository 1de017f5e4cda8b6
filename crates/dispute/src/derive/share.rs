//! Which statement concerns which case of a family.

use super::Facts;
use crate::fact::{Scope, case_id};
use crate::family::{Family, Known};
use crate::id::FactId;
use crate::said::Said;
use alloc::collections::BTreeMap;
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
