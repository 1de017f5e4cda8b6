//! Why the payer disputes: the network's code, the provider's word, and our kind of reason.

use crate::network::Network;
use alloc::string::String;

/// Our kinds of reason. They are the union of what providers distinguish; the network's code stays beside them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    BankCannotProcess,
    CheckReturned,
    CreditNotProcessed,
    CustomerInitiated,
    DebitNotAuthorized,
    Duplicate,
    Fraudulent,
    General,
    IncorrectAccountDetails,
    IncorrectAmount,
    InsufficientFunds,
    Noncompliant,
    NotAsDescribed,
    NotReceived,
    PaidByOtherMeans,
    SubscriptionCanceled,
    Unrecognized,
    /// A word that no table maps yet. It keeps what was said; the dispute still opens.
    Unmapped(String),
}

const NAMES: [(Reason, &str); 17] = [
    (Reason::BankCannotProcess, "bank-cannot-process"),
    (Reason::CheckReturned, "check-returned"),
    (Reason::CreditNotProcessed, "credit-not-processed"),
    (Reason::CustomerInitiated, "customer-initiated"),
    (Reason::DebitNotAuthorized, "debit-not-authorized"),
    (Reason::Duplicate, "duplicate"),
    (Reason::Fraudulent, "fraudulent"),
    (Reason::General, "general"),
    (Reason::IncorrectAccountDetails, "incorrect-account-details"),
    (Reason::IncorrectAmount, "incorrect-amount"),
    (Reason::InsufficientFunds, "insufficient-funds"),
    (Reason::Noncompliant, "noncompliant"),
    (Reason::NotAsDescribed, "not-as-described"),
    (Reason::NotReceived, "not-received"),
    (Reason::PaidByOtherMeans, "paid-by-other-means"),
    (Reason::SubscriptionCanceled, "subscription-canceled"),
    (Reason::Unrecognized, "unrecognized"),
];

impl Reason {
    /// Every reason but the unmapped, in order.
    pub fn listed() -> impl Iterator<Item = Reason> {
        NAMES.iter().map(|(reason, _)| reason.clone())
    }

    /// The stable text form; an unmapped word is written `unmapped:<word>`.
    pub fn name(&self) -> String {
        match self {
            Reason::Unmapped(word) => alloc::format!("unmapped:{word}"),
            listed => {
                let found = NAMES.iter().find(|(reason, _)| reason == listed);
                String::from(found.expect("NAMES lists every variant but Unmapped").1)
            }
        }
    }

    /// Reads the stable text form, or keeps the word as unmapped.
    pub fn parse(name: &str) -> Reason {
        let listed = NAMES
            .iter()
            .find(|(_, text)| *text == name)
            .map(|(reason, _)| reason.clone());
        listed.unwrap_or_else(|| {
            Reason::Unmapped(String::from(name.strip_prefix("unmapped:").unwrap_or(name)))
        })
    }
}

/// A reason as a provider claims it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonClaim {
    pub reason: Reason,
    /// The network on whose code list `code` stands, when the provider said so.
    pub network: Option<Network>,
    /// The network's own code (`10.4`, `4853`, `R10`), trimmed; `None` when the provider gives only its own word.
    pub code: Option<String>,
}
