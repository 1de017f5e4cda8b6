//! Reason codes, return codes and change codes.

use super::evidence::Requirement;
use super::limit::RuleLimit;
use super::{Confidence, table};
use crate::network::Network;
use crate::reason::Reason;
use alloc::string::String;

/// One code of a network's list.
#[derive(Debug)]
pub struct ReasonCode {
    /// The network's name, as [`Network::name`] writes it.
    pub network: &'static str,
    pub code: &'static str,
    /// What the code means, in our words.
    pub title: &'static str,
    /// The network's own group (`fraud`, `processing_error`); for ACH the kind of return.
    pub group: Option<&'static str>,
    pub status: CodeStatus,
    /// Our kind of reason, by name: the plain meaning of the code.
    pub reason: &'static str,
    /// The category under which a platform that hides the networks shows the code. It differs from the plain meaning at times,
    /// and both are kept.
    pub platform_reason: &'static str,
    /// The life cycle, or the part of one, in which the code occurs.
    pub flow: Option<&'static str>,
    pub respondable: Respondable,
    /// Slots of the catalogue that the code's own list names.
    pub evidence: &'static [&'static str],
    /// The same with how much each is needed; empty for legacy codes, whose lists were never detailed.
    pub(super) requirements: &'static [Requirement],
    /// How long the payer's side has to file.
    pub filing: Option<RuleLimit>,
    /// How long our side has to answer; `None` when only the case's own date counts.
    pub response: Option<RuleLimit>,
    /// The code that took this one's place.
    pub replaced_by: Option<&'static str>,
    /// When the code may not be used, in words.
    pub conditions: &'static [&'static str],
    pub note: Option<&'static str>,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
    /// First day of the code, `YYYY-MM-DD`; `None` when no source gives one.
    pub since: Option<&'static str>,
    /// First day on which it no longer exists.
    pub until: Option<&'static str>,
}

impl ReasonCode {
    /// Our kind of reason.
    pub fn kind(&self) -> Reason {
        Reason::parse(self.reason)
    }
}

/// Whether a code is in use, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeStatus {
    Current,
    /// In use in some regions only.
    Regional,
    /// No longer filed; old cases and older feeds still carry it.
    Legacy,
    /// A question before a dispute: a retrieval request or an inquiry.
    Inquiry,
    /// Not a reason: a message about a case.
    StatusMessage,
}

/// Whether an answer can change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Respondable {
    Yes,
    No,
    /// Only on narrow grounds; the note or the conditions say which.
    Limited,
}

impl Respondable {
    /// The word that the rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Respondable::Yes => "yes",
            Respondable::No => "no",
            Respondable::Limited => "limited",
        }
    }
}

/// An ACH return code: its reason, and what the rail adds to it.
#[derive(Debug)]
pub struct ReturnCode {
    pub reason: &'static ReasonCode,
    /// `return`, `dishonored_return`, `contested_dishonored_return` or `gateway_return`.
    pub kind: &'static str,
    /// Which bank or agency may use the code.
    pub initiator: &'static str,
    /// How long the initiator has.
    pub window: Option<RuleLimit>,
    /// Whether the receiving bank must hold a written statement of unauthorized debit.
    pub statement_needed: bool,
    /// Whether the entry may be sent again as it is.
    pub retry: Option<Retry>,
    /// How long a corrected entry may be sent without a new authorisation (R11).
    pub correction: Option<RuleLimit>,
    /// The return rate that the return counts towards: `unauthorized`, `administrative`.
    pub rate_bucket: Option<&'static str>,
}

/// How an entry may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Further attempts. Unverified: the sources behind the limit were not read.
    pub attempts: u32,
    pub within: Option<RuleLimit>,
}

/// An ACH change code.
#[derive(Debug)]
pub struct ChangeCode {
    pub code: &'static str,
    pub title: &'static str,
    /// Whether the code refuses a notice, instead of giving one.
    pub refused: bool,
    /// Which data the notice corrects (`account_number`).
    pub corrects: &'static [&'static str],
    /// How long the bank that speaks has to send it.
    pub send_by: Option<RuleLimit>,
    /// How long our bank has to pass it on.
    pub forward_by: Option<RuleLimit>,
    /// How long we have to apply it, or until the next entry when that is later.
    pub apply_by: Option<RuleLimit>,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
}

/// Every reason code of every network, ACH returns among them.
pub fn reason_codes() -> &'static [&'static ReasonCode] {
    table::REASON_CODES
}

/// The code on the network's list, legacy codes and second spellings (Discover's numbers, the two digits of Mastercard's
/// single-message system) included. Letter case, spaces and separators do not matter: `10.4`, `10-4` and `104` are one code.
pub fn reason_code(network: &Network, code: &str) -> Option<&'static ReasonCode> {
    let plain = plain(code);
    let wanted = (network.name(), plain.as_str());
    table::REASON_KEYS
        .binary_search_by(|(network, code, _)| (*network, *code).cmp(&wanted))
        .ok()
        .and_then(|place| table::REASON_KEYS.get(place))
        .map(|(_, _, code)| *code)
}

/// Every ACH return code, with the text under which it is found.
pub fn return_codes() -> &'static [(&'static str, &'static ReturnCode)] {
    table::RETURN_CODES
}

/// The ACH return code (`R01`), letter case and spaces aside.
pub fn return_code(code: &str) -> Option<&'static ReturnCode> {
    let plain = plain(code);
    table::RETURN_CODES
        .iter()
        .find(|(listed, _)| *listed == plain)
        .map(|(_, code)| *code)
}

/// Every ACH change code.
pub fn change_codes() -> &'static [ChangeCode] {
    table::CHANGE_CODES
}

/// The ACH change code (`C01`), letter case and spaces aside.
pub fn change_code(code: &str) -> Option<&'static ChangeCode> {
    let plain = plain(code);
    table::CHANGE_CODES
        .iter()
        .find(|listed| listed.code == plain)
}

/// The form in which codes are compared; `build/reason.rs` makes the same for the tables.
fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
