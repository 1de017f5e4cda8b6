//! Which facts belong together: references said together belong together, in whatever order they were learned.

use crate::fact::{Fact, Scope};
use crate::id::{FactId, FamilyId};
use crate::reference::Reference;
use crate::said::Said;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// A fact and its id, computed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    pub fact: Fact,
    pub id: FactId,
}

impl Known {
    /// Computes the id of a fact.
    pub fn of(fact: Fact) -> Known {
        let id = fact.id();
        Known { fact, id }
    }
}

/// Facts whose references lead to one another: a payment, its disputes, and all that was said of them. Sorted, without
/// duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    pub id: FamilyId,
    pub facts: Vec<Known>,
}

/// A reference within the books it belongs to. The same number at two providers names two things.
type Place<'a> = (&'a Scope, &'a Reference);

/// Sets that only ever grow together; each is named by its least place, so that names do not depend on order.
struct Sets<'a>(BTreeMap<Place<'a>, Place<'a>>);

impl<'a> Sets<'a> {
    fn root(&mut self, place: Place<'a>) -> Place<'a> {
        let mut at = place;
        loop {
            match self.0.get(&at) {
                Some(parent) if *parent != at => at = *parent,
                Some(_) => break,
                None => {
                    self.0.insert(at, at);
                    break;
                }
            }
        }
        // Path compression keeps later look-ups short for payments with thousands of facts.
        self.0.insert(place, at);
        at
    }

    fn join(&mut self, one: Place<'a>, other: Place<'a>) {
        let (one, other) = (self.root(one), self.root(other));
        let (least, greater) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        self.0.insert(greater, least);
    }
}

/// The links that people cut, per scope: in a statement that carries the first, the second is no link.
fn cuts<'a>(facts: &[&'a Known]) -> BTreeSet<(&'a Scope, &'a Reference, &'a Reference)> {
    let cut = facts.iter().filter_map(|known| match &known.fact.said {
        Said::Cut { one, other, .. } => Some((&known.fact.scope, one, other)),
        _ => None,
    });
    cut.collect()
}

/// The references by which a fact links, once cuts are respected.
fn links<'a>(
    fact: &'a Fact,
    cuts: &BTreeSet<(&'a Scope, &'a Reference, &'a Reference)>,
) -> Vec<&'a Reference> {
    let kept = fact.refs.joining().filter(|reference| {
        !fact
            .refs
            .joining()
            .any(|one| cuts.contains(&(&fact.scope, one, *reference)))
    });
    kept.collect()
}

/// Groups facts into families. Any order and any duplication of the facts gives the same families, in order of id.
pub fn families(facts: impl IntoIterator<Item = Known>) -> Vec<Family> {
    let unique: BTreeSet<Known> = facts.into_iter().collect();
    let all: Vec<&Known> = unique.iter().collect();
    let cuts = cuts(&all);
    let mut sets = Sets(BTreeMap::new());
    for known in &all {
        let scope = &known.fact.scope;
        let links = links(&known.fact, &cuts);
        if let Some(first) = links.first() {
            sets.root((scope, *first));
        }
        for pair in links.windows(2) {
            if let [one, other] = pair {
                sets.join((scope, *one), (scope, *other));
            }
        }
        if let Said::Tied { one, other, .. } = &known.fact.said {
            sets.join((scope, one), (scope, other));
        }
    }
    // Most facts of a batch share their root with others: its name is hashed once.
    let mut names: BTreeMap<Place<'_>, FamilyId> = BTreeMap::new();
    let ids: Vec<FamilyId> = all
        .iter()
        .map(|known| match links(&known.fact, &cuts).first() {
            Some(first) => {
                let root = sets.root((&known.fact.scope, *first));
                let name = names.entry(root).or_insert_with(|| family_id(root));
                name.clone()
            }
            // A statement without any link is alone until somebody ties it.
            None => FamilyId::of(&["alone", known.id.as_str()]),
        })
        .collect();
    let mut grouped: BTreeMap<FamilyId, Vec<Known>> = BTreeMap::new();
    for (known, id) in unique.into_iter().zip(ids) {
        grouped.entry(id).or_default().push(known);
    }
    grouped
        .into_iter()
        .map(|(id, facts)| Family { id, facts })
        .collect()
}

fn family_id((scope, reference): Place<'_>) -> FamilyId {
    FamilyId::of(&[
        &scope.provider,
        &scope.account,
        reference.kind.name(),
        &reference.value,
    ])
}
