//! References: the many ways in which documents name a case, a payment or a movement.

use alloc::collections::BTreeSet;
use alloc::string::String;
use core::fmt;

/// What a reference names. The order is the order in which a person should be shown them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefKind {
    /// The provider's own reference of the dispute. It defines the case: two values are two cases.
    Dispute,
    /// Another name of the same dispute (a network case number, a provider's second id).
    Alias,
    /// The payment: a charge, a capture, an original transaction. Several disputes may hang on it.
    Payment,
    /// Another name of the payment (an intent, an authorisation).
    PaymentAlias,
    /// The acquirer reference number of the card networks, 23 digits.
    Arn,
    /// The trace number of an ACH entry, 15 digits.
    Trace,
    /// A refund of the payment.
    Refund,
    /// The merchant's own reference. Not unique, so it never joins cases.
    Merchant,
    /// A batch, file or payout. Shared by many cases, so it never joins them.
    Batch,
}

impl RefKind {
    /// All kinds, in order.
    pub const ALL: [RefKind; 9] = [
        RefKind::Dispute,
        RefKind::Alias,
        RefKind::Payment,
        RefKind::PaymentAlias,
        RefKind::Arn,
        RefKind::Trace,
        RefKind::Refund,
        RefKind::Merchant,
        RefKind::Batch,
    ];

    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            RefKind::Dispute => "dispute",
            RefKind::Alias => "alias",
            RefKind::Payment => "payment",
            RefKind::PaymentAlias => "payment-alias",
            RefKind::Arn => "arn",
            RefKind::Trace => "trace",
            RefKind::Refund => "refund",
            RefKind::Merchant => "merchant",
            RefKind::Batch => "batch",
        }
    }

    /// Reads the stable text form.
    pub fn parse(name: &str) -> Option<RefKind> {
        RefKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether two facts that share such a reference belong to one family.
    pub fn joins(self) -> bool {
        !matches!(self, RefKind::Merchant | RefKind::Batch)
    }
}

/// One reference, as the provider wrote it, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    pub kind: RefKind,
    pub value: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.value)
    }
}

/// All the references that one statement carries. References said together belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct References(BTreeSet<Reference>);

impl References {
    /// No reference yet; `and` adds them.
    pub fn none() -> References {
        References(BTreeSet::new())
    }

    /// Adds a reference; blank values are not references and are ignored.
    #[must_use]
    pub fn and(mut self, kind: RefKind, value: &str) -> References {
        let value = value.trim();
        if !value.is_empty() {
            self.0.insert(Reference {
                kind,
                value: String::from(value),
            });
        }
        self
    }

    /// In order of kind, then value.
    pub fn iter(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter()
    }

    /// Those through which facts find one another.
    pub fn joining(&self) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter(|reference| reference.kind.joins())
    }

    /// The first value of this kind.
    pub fn find(&self, kind: RefKind) -> Option<&str> {
        self.0
            .iter()
            .find(|reference| reference.kind == kind)
            .map(|reference| reference.value.as_str())
    }

    /// The provider's dispute reference: what makes a statement belong to one case.
    pub fn dispute(&self) -> Option<&str> {
        self.find(RefKind::Dispute)
    }

    /// Whether this very reference is among them.
    pub fn contains(&self, reference: &Reference) -> bool {
        self.0.contains(reference)
    }
}
