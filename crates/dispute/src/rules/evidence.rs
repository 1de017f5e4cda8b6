//! Evidence: what would win a case, and which files whoever receives it takes.

use super::code::reason_code;
use super::{Confidence, table};
use crate::network::Network;
use crate::reason::Reason;
use crate::status::Stage;
use alloc::string::String;
use alloc::vec::Vec;

/// A kind of evidence that the desk knows.
#[derive(Debug)]
pub struct Slot {
    pub id: &'static str,
    /// What belongs into it.
    pub meaning: &'static str,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
}

/// How much a slot is needed to win. The rules' opinion: nothing here makes a provider refuse an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Without it the answer has no ground.
    Required,
    Recommended,
    /// Where it exists or applies.
    Optional,
}

impl Need {
    /// The word that the rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Need::Required => "required",
            Need::Recommended => "recommended",
            Need::Optional => "optional",
        }
    }
}

/// One slot of what would win a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub slot: &'static str,
    pub need: Need,
    /// What belongs into the slot.
    pub meaning: &'static str,
    /// Why it is asked for: the list that names it, and the ground of its need.
    pub basis: &'static str,
}

/// Limits on the files of an answer, from a provider or a network. A bound that is `None` is not stated by the source.
#[derive(Debug)]
pub struct EvidenceLimit {
    pub id: &'static str,
    /// Names of providers and networks; `*` is everybody.
    pub applies_to: &'static [&'static str],
    pub bytes_total: Option<u64>,
    pub bytes_each: Option<u64>,
    /// Bytes of one file by type, where types differ.
    pub bytes_each_by_type: &'static [(&'static str, u64)],
    pub files: Option<u64>,
    pub pages: Option<u64>,
    /// Pages on a Mastercard dispute.
    pub pages_mastercard: Option<u64>,
    /// Highest resolution, dots per inch.
    pub dpi: Option<u64>,
    /// Characters of all text fields together.
    pub characters: Option<u64>,
    /// Empty when the source names none.
    pub file_types: &'static [&'static str],
    pub one_file_per_slot: bool,
    pub black_and_white: bool,
    pub note: Option<&'static str>,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
}

/// The catalogue of evidence.
pub fn slots() -> &'static [Slot] {
    table::SLOTS
}

/// Every known limit on evidence files.
pub fn evidence_limits() -> &'static [EvidenceLimit] {
    table::EVIDENCE_LIMITS
}

/// What would win a case, most needed first: the list of the network's code where it has one of its own, else what the networks
/// ask for on this kind of reason. Legacy codes were never detailed and go by the kind of reason; where the reason tells nothing, by
/// the code's own kind, or the general one. Empty at stages that take no evidence. A provider's own requirements for the case win over this.
pub fn requirements(
    network: Option<&Network>,
    code: Option<&str>,
    reason: &Reason,
    stage: Stage,
) -> Vec<Requirement> {
    if !takes_evidence(stage) {
        return Vec::new();
    }
    let listed = network
        .zip(code)
        .and_then(|(network, code)| reason_code(network, code));
    if let Some(listed) = listed
        && !listed.requirements.is_empty()
    {
        return listed.requirements.to_vec();
    }
    let kind = match reason {
        Reason::Unmapped(_) | Reason::General => listed.map_or_else(
            || Reason::General.name(),
            |listed| String::from(listed.reason),
        ),
        telling => telling.name(),
    };
    let of_kind = table::KINDS.iter().find(|(name, _)| *name == kind);
    of_kind.map_or_else(Vec::new, |(_, list)| list.to_vec())
}

/// Whether documents can be sent at a stage at all. A contested return has no further step inside the network, and what the
/// SEPA and Bacs stages take is not compiled in yet.
fn takes_evidence(stage: Stage) -> bool {
    match stage {
        Stage::Inquiry
        | Stage::Chargeback
        | Stage::SecondChargeback
        | Stage::PreArbitration
        | Stage::Arbitration
        | Stage::Compliance
        | Stage::Return
        | Stage::DishonoredReturn
        | Stage::RefundClaim
        | Stage::IndemnityClaim
        | Stage::Infraction => true,
        Stage::FraudReport
        | Stage::Alert
        | Stage::ContestedReturn
        | Stage::NoticeOfChange
        | Stage::Reject
        | Stage::Recall => false,
    }
}
