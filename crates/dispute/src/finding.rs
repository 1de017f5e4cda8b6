//! Findings: what a person should look at. Nothing a provider says is refused; what our rules did not expect becomes one
//! of these.

use crate::id::{CaseId, FindingId};
use alloc::string::String;
use money::Money;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What kind of oddity it is. The fingerprint by which findings are grouped starts with it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingKind { $($(#[$doc])* $variant,)* }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &'static [FindingKind] = &[$(FindingKind::$variant,)*];

            /// The stable text form.
            pub fn name(self) -> &'static str {
                match self { $(FindingKind::$variant => $text,)* }
            }

            /// Reads the stable text form.
            pub fn parse(name: &str) -> Option<FindingKind> {
                match name { $($text => Some(FindingKind::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// We sent two answers at one stage and the provider took both.
    AnsweredTwice = "answered-twice",
    /// Something we sent was refused by the provider.
    AnswerRefused = "answer-refused",
    /// A weaker statement contradicts what we hold; it was kept and not followed.
    Contradicted = "contradicted",
    /// No document states the deadline; ours is computed from a rule.
    DeadlineAssumed = "deadline-assumed",
    /// The provider moved its cut-off.
    DeadlineMoved = "deadline-moved",
    /// Money is not where the status implies.
    Divergence = "divergence",
    /// More was lost on one payment than it was worth: refund and chargeback, or two chargebacks.
    DoubleLoss = "double-loss",
    /// The provider said something no table maps.
    Drift = "drift",
    /// Evidence is staged at the provider and not sent on (F-60).
    EvidenceStaged = "evidence-staged",
    /// An obligation's time passed and it was not met.
    ObligationBroken = "obligation-broken",
    /// One movement was stated with two amounts or meanings; the strongest statement stands.
    MovementCorrected = "movement-corrected",
    /// Money moved on a payment with several disputes, and nothing says for which.
    MovementUnassigned = "movement-unassigned",
    /// A refund that was reported failed later (F-41).
    RefundFailed = "refund-failed",
    /// A closed case's receivable is not zero; the detail names the likely cause.
    Residue = "residue",
    /// Sent, and no answer proves that it arrived.
    SendInDoubt = "send-in-doubt",
    /// The case moved in a way its life cycle does not know.
    UnexpectedStep = "unexpected-step",
}

/// One finding about a case or a family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub kind: FindingKind,
    /// Groups findings of one cause: kind-specific, without ids or amounts (`status:paused`, `reinstatement-missing`).
    pub fingerprint: String,
    /// One sentence: what was found and what was expected.
    pub detail: String,
    /// What is at stake, where money is.
    pub amount: Option<Money>,
}

impl Finding {
    /// The id within its case; the detail is not part of it, so that a finding that grows stays the same finding.
    pub fn id(&self, case: &CaseId) -> FindingId {
        FindingId::of(&[case.as_str(), self.kind.name(), &self.fingerprint])
    }
}
