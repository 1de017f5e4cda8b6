//! How far the evidence is: draft, review, seal, and what is still wanted.

use super::{Facts, recency};
use crate::case::{Case, Evidence, SlotNeed};
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
    }
}

pub(super) fn evidence(facts: &Facts<'_>, case: &mut Case) {
    let mut evidence = none();
    draft(facts, &mut evidence);
    seal(facts, &mut evidence);
    evidence.requirements = requirements(facts, case, &evidence);
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

/// The provider's own requirements for this very case where it states them, ours otherwise.
fn requirements(facts: &Facts<'_>, case: &Case, evidence: &Evidence) -> Vec<SlotNeed> {
    let stage = case.status.stage().unwrap_or(Stage::Chargeback);
    let ready = |slot: &str| evidence.slots.contains_key(slot);
    let theirs = facts.pick(|said| match said {
        Said::Requires {
            stage: at,
            defence,
            slots,
        } if *at == stage => Some((defence, slots)),
        _ => None,
    });
    if let Some((_, (defence, slots))) = theirs.into_iter().max_by_key(|(known, _)| recency(known))
    {
        let needs = slots.iter().map(|required| SlotNeed {
            slot: required.slot.clone(),
            required: required.required,
            ready: ready(&required.slot),
            basis: defence.clone(),
        });
        return needs.collect();
    }
    let Some(claim) = &case.reason else {
        return Vec::new();
    };
    let reason: &Reason = &claim.reason;
    let ours = rules::requirements(case.network.as_ref(), claim.code.as_deref(), reason, stage);
    let needs = ours.into_iter().map(|requirement| SlotNeed {
        slot: String::from(requirement.slot),
        required: requirement.need == Need::Required,
        ready: ready(requirement.slot),
        basis: String::from(requirement.basis),
    });
    needs.collect()
}
