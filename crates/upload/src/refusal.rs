//! Why a file is not kept. Each variant is numbered and has a page; numbers are never reused.

use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::verdict::{Finding, Place};

/// The file was refused and nothing of it was kept. Messages never hold a card number, and nothing longer from the file
/// than a few characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Refusal {
    #[error("the file has more than {bytes_max} bytes")]
    TooLarge { bytes_max: u64 },
    #[error("the request has more than {max} {unit}")]
    RequestTooLarge { max: u64, unit: String },
    #[error("the quota of {bytes_max} bytes has {bytes_free} left")]
    Quota { bytes_max: u64, bytes_free: u64 },
    #[error("the file is empty")]
    Empty,
    /// `found` is ours, from a fixed list, or one of [`Kind`]'s names.
    #[error("the content is {found}; {} is taken", listed(taken))]
    KindNotTaken { found: String, taken: Vec<Kind> },
    /// Name, declared type and content do not say the same.
    #[error("the {said_by} says {said}, the content is {found}")]
    KindDisagrees {
        said_by: String,
        said: String,
        found: Kind,
    },
    #[error("the {kind} is something else as well: {what}")]
    Polyglot { kind: Kind, what: String },
    #[error("the {kind} does not read: {what} at {place}")]
    Unreadable {
        kind: Kind,
        place: Place,
        what: String,
    },
    #[error("the {kind} has more than {max} {what}")]
    Bound { kind: Kind, what: String, max: u64 },
    #[error("the pdf is encrypted")]
    Encrypted,
    #[error("the pdf can act: {what} at {place}")]
    Active { what: String, place: Place },
    #[error("the pdf was changed after it was signed")]
    ChangedAfterSigning,
    #[error("the file has {pages} pages, {pages_max} are taken")]
    Pages { pages: u32, pages_max: u32 },
    #[error("the image has {pixels} pixels, {pixels_max} are taken")]
    Pixels { pixels: u64, pixels_max: u64 },
    #[error("the {kind} is animated")]
    Animated { kind: Kind },
    /// Every finding has the last four digits and the place.
    #[error("the file holds {} that read as card data, first {}", found.len(), first(found))]
    CardData { found: Vec<Finding> },
    /// Redacting was asked for and would not be sound here.
    #[error("what reads as card data cannot be removed: {}", first(found))]
    RedactionUnsafe { found: Vec<Finding> },
    /// The child gave no verdict. The cause is ours to look at; the file may be sent again.
    #[error("the file could not be inspected: {why}")]
    NotInspected { why: String },
    /// No file is parsed outside the sandbox, so none is taken where there is none.
    #[error("there is no sandbox here: {why}")]
    NoSandbox { why: String },
}

impl Refusal {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::TooLarge { .. } => "DP-4001",
            Refusal::RequestTooLarge { .. } => "DP-4002",
            Refusal::Quota { .. } => "DP-4003",
            Refusal::Empty => "DP-4004",
            Refusal::KindNotTaken { .. } => "DP-4005",
            Refusal::KindDisagrees { .. } => "DP-4006",
            Refusal::Polyglot { .. } => "DP-4007",
            Refusal::Unreadable { .. } => "DP-4008",
            Refusal::Bound { .. } => "DP-4009",
            Refusal::Encrypted => "DP-4010",
            Refusal::Active { .. } => "DP-4011",
            Refusal::ChangedAfterSigning => "DP-4012",
            Refusal::Pages { .. } => "DP-4013",
            Refusal::Pixels { .. } => "DP-4014",
            Refusal::Animated { .. } => "DP-4015",
            Refusal::CardData { .. } => "DP-4016",
            Refusal::RedactionUnsafe { .. } => "DP-4017",
            Refusal::NotInspected { .. } => "DP-4018",
            Refusal::NoSandbox { .. } => "DP-4019",
        }
    }

    /// Whether the very same file can be taken later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Refusal::Quota { .. } | Refusal::NotInspected { .. } | Refusal::NoSandbox { .. }
        )
    }

    pub(crate) fn unreadable(kind: Kind, place: Place, what: impl Into<String>) -> Refusal {
        Refusal::Unreadable {
            kind,
            place,
            what: what.into(),
        }
    }

    pub(crate) fn bound(kind: Kind, what: &str, max: u64) -> Refusal {
        Refusal::Bound {
            kind,
            what: what.to_owned(),
            max,
        }
    }

    pub(crate) fn polyglot(kind: Kind, what: impl Into<String>) -> Refusal {
        Refusal::Polyglot {
            kind,
            what: what.into(),
        }
    }

    pub(crate) fn not_inspected(why: impl Into<String>) -> Refusal {
        Refusal::NotInspected { why: why.into() }
    }
}

fn listed(kinds: &[Kind]) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

fn first(found: &[Finding]) -> String {
    found.first().map(Finding::to_string).unwrap_or_default()
}
