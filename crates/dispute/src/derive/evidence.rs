//! How far the evidence is: draft, review, seal, and what is still wanted.

use super::{Facts, recency};
use crate::case::{Case, Evidence, SlotNeed};
use crate::evidence::waived_slot;
use crate::family::Known;
use crate::reason::Reason;
use crate::rules::{self, Need};
use crate::said::{EvidenceContent, Said};
use crate::status::Stage;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// No evidence yet.
pub(super) fn none() -> Evidence {
    Evidence {
        version: 0,
        slots: BTreeMap::new(),
        reviewed: None,
        sealed: None,
        requirements: Vec::new(),
        defences: Vec::new(),
    }
}

pub(super) fn evidence(facts: &Facts<'_>, case: &mut Case) {
    let mut evidence = none();
    draft(facts, &mut evidence);
    seal(facts, &mut evidence);
    if !stated(facts, case, &mut evidence) {
        evidence.requirements = ours(facts, case, &evidence);
    }
    case.evidence = evidence;
}

/// Saves in order of version: each names the version it made, so the order of arrival does not matter.
fn draft(facts: &Facts<'_>, evidence: &mut Evidence) {
    let mut saves = facts.pick(|said| match said {
        Said::EvidenceSaved {
            version,
            slot,
            content,
        } => Some((*version, slot, content)),
        _ => None,
    });
    saves.sort_by_key(|(known, (version, _, _))| (*version, recency(known)));
    for (_, (version, slot, content)) in saves {
        evidence.version = version;
        if *content == EvidenceContent::Cleared {
            evidence.slots.remove(slot);
        } else {
            evidence.slots.insert(slot.clone(), content.clone());
        }
    }
}

fn seal(facts: &Facts<'_>, evidence: &mut Evidence) {
    for known in &facts.all {
        match &known.fact.said {
            Said::EvidenceReviewed { version, reviewer } => {
                evidence.reviewed = Some((*version, reviewer.clone()));
            }
            Said::EvidenceSealed { version, digest } => {
                evidence.sealed = Some((*version, digest.clone()))
            }
            Said::AskWithdrawn { .. } => evidence.sealed = None,
            _ => {}
        }
    }
    // A save after the seal breaks it: what is sent is what was sealed, never something newer.
    let version = evidence.version;
    evidence.sealed = evidence
        .sealed
        .take()
        .filter(|(sealed, _)| *sealed == version);
}

fn stage_of(case: &Case) -> Stage {
    case.status.stage().unwrap_or(Stage::Chargeback)
}

/// The provider's own requirements for this very case win over ours. `false` when it states none.
fn stated(facts: &Facts<'_>, case: &Case, evidence: &mut Evidence) -> bool {
    let stage = stage_of(case);
    let theirs = facts.pick(|said| match said {
        Said::Requires {
            stage: at,
            defence,
            slots,
        } if *at == stage => Some((defence, slots)),
        _ => None,
    });
    let when = |known: &Known| (known.fact.true_at, known.fact.sequence);
    let Some(newest) = theirs.iter().map(|(known, _)| when(known)).max() else {
        return false;
    };
    let ready = |slot: &str| evidence.slots.contains_key(slot);
    // One statement per defence, all made at once; what is stated later replaces them all. A complete defence comes first,
    // because one is enough.
    let mut defences: Vec<_> = theirs
        .into_iter()
        .filter(|(known, _)| when(known) == newest)
        .map(|(_, (defence, slots))| {
            let missing = slots
                .iter()
                .any(|needed| needed.required && !ready(&needed.slot));
            (missing, defence, slots)
        })
        .collect();
    defences.sort();
    let needs = defences.iter().flat_map(|(_, defence, slots)| {
        slots.iter().map(|needed| SlotNeed {
            slot: needed.slot.clone(),
            required: needed.required,
            ready: ready(&needed.slot),
            basis: (*defence).clone(),
            waived: None,
        })
    });
    evidence.requirements = needs.collect();
    evidence.defences = defences
        .into_iter()
        .map(|(_, defence, _)| defence.clone())
        .collect();
    evidence.defences.dedup();
    true
}

/// What our rules would send for this reason at this stage.
fn ours(facts: &Facts<'_>, case: &Case, evidence: &Evidence) -> Vec<SlotNeed> {
    let Some(claim) = &case.reason else {
        return Vec::new();
    };
    let reason: &Reason = &claim.reason;
    let (network, code) = (case.network.as_ref(), claim.code.as_deref());
    let listed = rules::requirements(network, code, reason, stage_of(case));
    let needs = listed.into_iter().map(|requirement| SlotNeed {
        slot: String::from(requirement.slot),
        required: requirement.need == Need::Required,
        ready: evidence.slots.contains_key(requirement.slot),
        basis: String::from(requirement.basis),
        waived: waived(facts, requirement.slot),
    });
    needs.collect()
}

/// Why a person does without a slot that our rules ask for; the last who said so.
fn waived(facts: &Facts<'_>, slot: &str) -> Option<String> {
    let said = facts.pick(|said| match said {
        Said::Waived {
            obligation, reason, ..
        } => waived_slot(obligation)
            .filter(|waived| *waived == slot)
            .map(|_| reason),
        _ => None,
    });
    let last = said.into_iter().max_by_key(|(known, _)| recency(known));
    last.map(|(_, reason)| reason.clone())
}
