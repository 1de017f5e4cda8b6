//! What can be said about a dispute: the whole vocabulary of facts.

use crate::movement::Movement;
use crate::network::Network;
use crate::reason::ReasonClaim;
use crate::reference::Reference;
use crate::status::{Due, Phase, Stage};
use alloc::string::String;
use alloc::vec::Vec;
use calendar::{Date, Instant, Moment};
use money::Money;

/// How one evidence slot is needed, in a provider's own words about this very case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequiredSlot {
    pub slot: String,
    /// `true`: without it the provider refuses the answer. `false`: it may be added.
    pub required: bool,
}

/// The state of a refund as the provider reports it. An accepted refund can still fail days later (F-41).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundState {
    Pending,
    Succeeded,
    Failed,
}

/// For whom a message is. It is part of what is said and of the word that says it, so that a note among the desk's own people
/// ([`Said::Noted`]) is never taken for a message to a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// From the desk to the merchant whose dispute it is.
    Merchant,
    /// From the merchant to the desk.
    Desk,
}

/// What became of something that we sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sending {
    /// The provider answered that it has it.
    Accepted,
    /// The provider refused it, in its own words.
    Refused(String),
    /// No answer came, or one that proves nothing. Only reading back can tell (invariant 7).
    InDoubt,
    /// Read back: the provider never got it. It may be sent again.
    NotReceived,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    // By providers.
    /// Where the case stands, as claimed.
    Phase(Phase),
    /// The amount in dispute, in the currency in which it was claimed. May exceed the payment (F-22).
    Disputed(Money),
    /// The part that the seller keeps or gets back on a partial outcome; negative never.
    Recovered(Money),
    Reason(ReasonClaim),
    /// The rail, when said apart from the reason.
    Network(Network),
    Due {
        stage: Stage,
        due: Due,
    },
    Moved(Movement),
    /// The payment under dispute. Amount as captured; `paid_at` when the provider says it.
    Paid {
        amount: Money,
        paid_at: Option<Instant>,
    },
    /// Money given back to the payer outside the dispute.
    Refunded {
        key: String,
        amount: Money,
        state: RefundState,
    },
    /// The issuer or network reports fraud on the payment, in its own word for the kind.
    FraudReported {
        kind: String,
    },
    /// The provider's own evidence requirements for this case. They win over ours.
    Requires {
        stage: Stage,
        defence: String,
        slots: Vec<RequiredSlot>,
    },
    /// The provider holds evidence from us at this stage; `count` is how many submissions it has seen.
    Acknowledged {
        stage: Stage,
        count: u32,
    },
    /// Evidence is staged at the provider but not sent on to the bank (F-60).
    Staged {
        stage: Stage,
    },
    /// Account details to correct before the next debit, with the change code and the corrected data.
    ChangeAsked {
        code: String,
        corrected: String,
        settled_on: Option<Date>,
    },
    /// An offer between buyer and seller.
    Offered {
        kind: String,
        amount: Option<Money>,
    },
    /// Something the provider said that no table maps: the field and the value, kept word for word (F-15).
    Drifted {
        field: String,
        value: String,
    },

    // By people.
    /// A slot of evidence was saved. `version` is the version of the whole draft that this save made.
    EvidenceSaved {
        version: u32,
        slot: String,
        content: EvidenceContent,
    },
    /// A second person read the draft at this version.
    EvidenceReviewed {
        version: u32,
        reviewer: String,
    },
    /// The draft was frozen: the digest of the rendered packet and the version it was made from.
    EvidenceSealed {
        version: u32,
        digest: String,
    },
    /// The sealed packet is to be sent for this stage.
    SubmissionAsked {
        stage: Stage,
        digest: String,
    },
    /// We concede this stage.
    AcceptanceAsked {
        stage: Stage,
    },
    /// The return is to be refused, for the reason that this code of the network gives.
    DishonorAsked {
        stage: Stage,
        code: String,
    },
    /// What was asked for and not yet sent is taken back, and the seal is broken.
    AskWithdrawn {
        stage: Stage,
    },
    /// A note among the desk's own people. No merchant ever sees it.
    Noted {
        text: String,
        author: String,
    },
    /// A message between the desk and the merchant; both see it.
    Told {
        to: Audience,
        text: String,
        author: String,
    },
    Assigned {
        to: String,
        author: String,
    },
    /// An obligation is waived, with the reason a person gave.
    Waived {
        obligation: String,
        reason: String,
        author: String,
    },
    /// A person cut a wrong link between two references, or tied one that no document says.
    Cut {
        one: Reference,
        other: Reference,
        author: String,
    },
    Tied {
        one: Reference,
        other: Reference,
        author: String,
    },

    // By the desk.
    /// What became of what we sent for this stage. `digest` is the packet's, empty for an acceptance, `dishonor:<code>` for a
    /// dishonor.
    Sent {
        stage: Stage,
        digest: String,
        sending: Sending,
        attempt: u32,
    },
    /// The clock says, once, that this moment has passed for this case.
    Passed {
        what: String,
        due: Moment,
    },
}

impl Said {
    /// Whether two statements are about one thing that can change, so that the later may take the place of the earlier: both
    /// about where the case stands, both about the deadline of one stage, both about one movement.
    pub fn contests(&self, other: &Said) -> bool {
        match (self, other) {
            (Said::Due { stage: one, .. }, Said::Due { stage: two, .. })
            | (Said::Acknowledged { stage: one, .. }, Said::Acknowledged { stage: two, .. })
            | (Said::Staged { stage: one }, Said::Staged { stage: two }) => one == two,
            (Said::Moved(one), Said::Moved(two)) => one.key == two.key,
            (Said::Refunded { key: one, .. }, Said::Refunded { key: two, .. }) => one == two,
            (Said::Drifted { field: one, .. }, Said::Drifted { field: two, .. }) => one == two,
            (
                Said::Requires {
                    stage: one,
                    defence: first,
                    ..
                },
                Said::Requires {
                    stage: two,
                    defence: second,
                    ..
                },
            ) => (one, first) == (two, second),
            _ => core::mem::discriminant(self) == core::mem::discriminant(other),
        }
    }
}

/// What was put into an evidence slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceContent {
    Text(String),
    /// A stored file by its SHA-256, with what the person called it, its media type and its size.
    File {
        digest: String,
        name: String,
        media_type: String,
        bytes: u64,
    },
    /// The slot was emptied.
    Cleared,
}
