//! Fees by period, the services that avert disputes, and the rules about money that stay words.

use super::limit::RuleLimit;
use super::{Confidence, in_force, table};
use calendar::Date;

/// A fee as published. A contract of our own wins over it.
#[derive(Debug, PartialEq, Eq)]
pub struct Fee {
    pub id: &'static str,
    /// The provider's name; a network's fees stand under `<network> network`.
    pub provider: &'static str,
    /// What the fee is for (`dispute_received`, `dispute_countered`, `arbitration`).
    pub line: &'static str,
    /// In minor units of `currency`; `None` when the source gives no single amount, and the note then says what it gives.
    pub amount_minor: Option<i64>,
    pub currency: Option<&'static str>,
    /// Whether it comes back when the case is won; `None` when the source does not say.
    pub returned_if_won: Option<bool>,
    pub note: Option<&'static str>,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
    /// First day of the fee, `YYYY-MM-DD`; `None` when it is older than our sources.
    pub since: Option<&'static str>,
    /// First day on which it no longer applies.
    pub until: Option<&'static str>,
}

/// A service that averts disputes before they are filed.
#[derive(Debug)]
pub struct Service {
    pub id: &'static str,
    pub name: &'static str,
    /// Networks it covers, in the source's words.
    pub networks: &'static [&'static str],
    /// How long we have to act on an alert; `None` when nobody is asked or a machine answers.
    pub window: Option<RuleLimit>,
    pub window_note: Option<&'static str>,
    /// What there is to do.
    pub action: &'static str,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
}

/// A rule about money that is applied by people or written into code elsewhere; shown where a case touches it.
#[derive(Debug)]
pub struct MoneyRule {
    pub id: &'static str,
    pub rule: &'static str,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
    pub since: Option<&'static str>,
    pub until: Option<&'static str>,
}

/// Every published fee of every period.
pub fn all_fees() -> &'static [Fee] {
    table::FEES
}

/// The provider's fee for this line in force on this day. The published United States price where prices differ by country.
pub fn fees(provider: &str, line: &str, on: Date) -> Option<&'static Fee> {
    table::FEES.iter().find(|fee| {
        fee.provider == provider && fee.line == line && in_force(fee.since, fee.until, on)
    })
}

/// Every service before a dispute.
pub fn services() -> &'static [Service] {
    table::SERVICES
}

/// Every rule about money.
pub fn money_rules() -> &'static [MoneyRule] {
    table::MONEY_RULES
}
