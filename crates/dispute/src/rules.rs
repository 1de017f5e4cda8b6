//! The rule book: life cycles, reason codes, evidence, limits and fees, compiled in as tables.
//!
//! The facts are the files of `rules/`, each entry with its sources and how far they can be trusted; `build.rs` turns them into
//! statics, and nothing is parsed at run time. Rules never refuse what a provider says: they tell what was to be expected, and by
//! when an answer is due where nobody said so.
//!
//! What is recorded and not applied: limits of single regions (`RuleLimit::regional`), because a case does not say its region.
//!
//! The invariant it keeps: every entry has a source, and every state of every life cycle has a stage and a standing. Data that
//! breaks either stops the build.

mod code;
mod evidence;
mod lifecycle;
mod limit;
mod money;
mod table;
#[cfg(test)]
mod tests;

pub use code::{
    ChangeCode, CodeStatus, ReasonCode, Respondable, Retry, ReturnCode, change_code, change_codes,
    reason_code, reason_codes, return_code, return_codes,
};
pub use evidence::{EvidenceLimit, Need, Requirement, Slot, evidence_limits, requirements, slots};
pub use lifecycle::{Lifecycle, Rule, Side, State, Transition, lifecycle, lifecycles};
pub use limit::{Regional, RuleLimit};
pub use money::{Fee, MoneyRule, Service, all_fees, fees, money_rules, services};

use alloc::string::ToString;
use calendar::Date;

/// The day on which the facts were compiled, and the first digits of the SHA-256 of every rule file: `2026-11-22+0123456789ab`.
pub const VERSION: &str = table::VERSION;

/// What the sources of an entry are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Read in a source that speaks for itself.
    High,
    /// Read in part, or in a source at second hand.
    Medium,
    /// Background knowledge, or sources that contradict each other.
    Low,
}

impl Confidence {
    /// The word that the rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

/// Whether a rule of this period holds on a day: from `since` on, and before `until`. ISO dates sort as text.
fn in_force(since: Option<&str>, until: Option<&str>, on: Date) -> bool {
    let on = on.to_string();
    since.is_none_or(|since| since <= on.as_str()) && until.is_none_or(|until| on.as_str() < until)
}
