//! Facts of a family in, its cases out. Pure, total, and independent of the order in which the facts came.

mod answers;
mod evidence;
mod findings;
mod money;
mod obligations;
mod share;
mod status;

use crate::case::{Because, Case, Message};
use crate::fact::Scope;
use crate::family::{Family, Known};
use crate::id::{CaseId, FactId, FamilyId};
use crate::movement::Movement;
use crate::reference::References;
use crate::rules;
use crate::said::Said;
use crate::status::Authority;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use calendar::{Instant, Zone};

/// A movement of the family that no case could be given: several cases could own it, or none is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    pub scope: Scope,
    pub movement: Movement,
    pub at: Instant,
    pub fact: FactId,
}

/// What a family's facts come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    pub family: FamilyId,
    /// In order of id.
    pub cases: Vec<Case>,
    /// Money that waits in suspense.
    pub loose: Vec<Loose>,
    /// Statements that belong to no case yet: orphans.
    pub orphans: Vec<FactId>,
}

/// The facts of one case while it is derived, sorted.
struct Facts<'a> {
    id: CaseId,
    scope: &'a Scope,
    dispute: &'a str,
    /// Statements that name this dispute, and those of the payment that concern it.
    all: Vec<&'a Known>,
    /// Loose movements of the payment that were given to this case.
    given: Vec<&'a Known>,
}

impl<'a> Facts<'a> {
    /// Statements whose `said` the function picks, in order of time.
    fn pick<T>(&self, pick: impl Fn(&'a Said) -> Option<T>) -> Vec<(&'a Known, T)> {
        self.all
            .iter()
            .filter_map(|known| pick(&known.fact.said).map(|picked| (*known, picked)))
            .collect()
    }

    /// The statement that stands among competing ones: the strongest authority, then the latest.
    fn standing<T>(&self, pick: impl Fn(&'a Said) -> Option<T>) -> Option<(&'a Known, T)> {
        self.pick(pick)
            .into_iter()
            .max_by_key(|(known, _)| strength(known))
    }
}

/// How statements about one unchanging thing compete. The text breaks ties, so that the order of arrival never does.
fn strength(known: &Known) -> (Authority, Instant, u64, &FactId) {
    (
        known.fact.authority,
        known.fact.true_at,
        known.fact.sequence,
        &known.id,
    )
}

/// How statements about a changing thing compete: the latest, then the strongest.
fn recency(known: &Known) -> (Instant, u64, Authority, &FactId) {
    (
        known.fact.true_at,
        known.fact.sequence,
        known.fact.authority,
        &known.id,
    )
}

/// Derives every case of a family.
pub fn derive(family: &Family) -> Derived {
    let shared = share::share(family);
    let mut cases: Vec<Case> = shared.cases.iter().map(derive_case).collect();
    let loose: Vec<Loose> = shared.loose.into_iter().filter_map(loose).collect();
    findings::across(&mut cases);
    findings::unassigned(&mut cases, &loose);
    cases.sort_by(|one, other| one.id.cmp(&other.id));
    Derived {
        family: family.id.clone(),
        cases,
        loose,
        orphans: shared.orphans,
    }
}

fn loose(known: &Known) -> Option<Loose> {
    let Said::Moved(movement) = &known.fact.said else {
        return None;
    };
    Some(Loose {
        scope: known.fact.scope.clone(),
        movement: movement.clone(),
        at: known.fact.true_at,
        fact: known.id.clone(),
    })
}

fn derive_case(facts: &Facts<'_>) -> Case {
    let mut case = opened(facts);
    describe(facts, &mut case);
    let lifecycle = governing(&case);
    case.lifecycle = lifecycle.machine;
    case.answers = answers::answers(facts);
    status::status(facts, lifecycle, &mut case);
    answers::confirmed_by_status(&mut case);
    answers::overtaken(&mut case);
    evidence::evidence(facts, &mut case);
    money::money(facts, &mut case);
    obligations::obligations(facts, lifecycle, &mut case);
    findings::findings(facts, &mut case);
    case
}

/// The case before any statement is read: its names and its time.
fn opened(facts: &Facts<'_>) -> Case {
    let times = facts
        .all
        .iter()
        .chain(&facts.given)
        .map(|known| known.fact.true_at);
    // The payment and its refunds are older than the dispute on it.
    let named = facts
        .all
        .iter()
        .filter(|known| known.fact.refs.dispute().is_some())
        .map(|known| known.fact.true_at);
    let epoch = || Instant::from_unix_seconds(0).expect("the epoch is an instant");
    let mut refs = References::none();
    for known in &facts.all {
        for reference in known.fact.refs.iter() {
            refs = refs.and(reference.kind, &reference.value);
        }
    }
    Case {
        id: facts.id.clone(),
        scope: facts.scope.clone(),
        dispute: facts.dispute.to_string(),
        refs,
        status: crate::case::Status::Unstated,
        steps: Vec::new(),
        lifecycle: "",
        network: None,
        reason: None,
        disputed: None,
        paid: None,
        recovered: None,
        refunded: Vec::new(),
        movements: BTreeMap::new(),
        totals: BTreeMap::new(),
        money: crate::case::MoneyState::Untouched,
        divergence: None,
        evidence: evidence::none(),
        answers: Vec::new(),
        obligations: Vec::new(),
        findings: Vec::new(),
        assigned_to: None,
        notes: Vec::new(),
        messages: Vec::new(),
        opened_at: named.min().unwrap_or_else(epoch),
        changed_at: times.max().unwrap_or_else(epoch),
        because: BTreeMap::new(),
    }
}

/// Reads the plain fields: what is claimed about reason, amount, payment and people.
fn describe(facts: &Facts<'_>, case: &mut Case) {
    // A reason with the network's own code says more than a bare word, so it wins whatever its authority.
    let reasons = facts.pick(|said| {
        if let Said::Reason(claim) = said {
            Some(claim)
        } else {
            None
        }
    });
    let reason = reasons
        .into_iter()
        .max_by_key(|(known, claim)| (claim.code.is_some(), strength(known)));
    if let Some((known, claim)) = reason {
        case.reason = Some(claim.clone());
        because(case, "reason", known);
    }
    let network = facts.standing(|said| {
        if let Said::Network(network) = said {
            Some(network)
        } else {
            None
        }
    });
    let of_reason = case.reason.as_ref().and_then(|claim| claim.network.clone());
    case.network = network.map(|(_, network)| network.clone()).or(of_reason);
    if let Some((known, _)) = network {
        because(case, "network", known);
    }
    // The amount in dispute changes over a life (partial, then full), so the latest statement stands.
    let amounts = facts.pick(|said| {
        if let Said::Disputed(amount) = said {
            Some(*amount)
        } else {
            None
        }
    });
    if let Some((known, amount)) = amounts.into_iter().max_by_key(|(known, _)| recency(known)) {
        case.disputed = Some(amount);
        because(case, "disputed", known);
    }
    if let Some((known, amount)) = facts.standing(|said| {
        if let Said::Paid { amount, .. } = said {
            Some(*amount)
        } else {
            None
        }
    }) {
        case.paid = Some(amount);
        because(case, "paid", known);
    }
    if let Some((known, amount)) = facts.standing(|said| {
        if let Said::Recovered(amount) = said {
            Some(*amount)
        } else {
            None
        }
    }) {
        case.recovered = Some(amount);
        because(case, "recovered", known);
    }
    people(facts, case);
}

/// Reads what people say: who has the case, their notes, and what the desk and the merchant wrote to each other.
fn people(facts: &Facts<'_>, case: &mut Case) {
    let assigned = facts.pick(|said| {
        if let Said::Assigned { to, .. } = said {
            Some(to)
        } else {
            None
        }
    });
    if let Some((known, to)) = assigned.into_iter().max_by_key(|(known, _)| recency(known)) {
        case.assigned_to = Some(to.clone()).filter(|to| !to.is_empty());
        because(case, "assigned_to", known);
    }
    let notes = facts.pick(|said| match said {
        Said::Noted { text, author } => Some((text, author)),
        _ => None,
    });
    case.notes = notes
        .into_iter()
        .map(|(known, (text, author))| (known.fact.true_at, author.clone(), text.clone()))
        .collect();
    let messages = facts.pick(|said| match said {
        Said::Told { to, text, author } => Some((to, text, author)),
        _ => None,
    });
    case.messages = messages
        .into_iter()
        .map(|(known, (to, text, author))| Message {
            at: known.fact.true_at,
            to: *to,
            author: author.clone(),
            text: text.clone(),
        })
        .collect();
}

/// The life cycle that governs a case: by network and code, in the edition of the day it opened.
fn governing(case: &Case) -> &'static rules::Lifecycle {
    let code = case.reason.as_ref().and_then(|claim| claim.code.as_deref());
    rules::lifecycle(
        case.network.as_ref(),
        code,
        case.opened_at.date_in(Zone::Utc),
    )
}

/// Notes which statement gave a field its value.
fn because(case: &mut Case, field: &'static str, known: &Known) {
    case.because
        .entry(field)
        .or_default()
        .facts
        .push(known.id.clone());
}

/// Notes which rule gave a field its value.
fn because_rule(case: &mut Case, field: &'static str, rule: &str) {
    let because: &mut Because = case.because.entry(field).or_default();
    because.rules.push(String::from(rule));
}
