//! What a provider itself holds to be true of a dispute. The desk never sees this; it sees documents.

use calendar::Instant;
use dispute::movement::MovementKind;
use dispute::status::{Stage, Standing};

/// One dispute, as its provider keeps it.
#[derive(Clone, Debug)]
pub struct Case {
    pub provider: &'static str,
    pub account: String,
    /// The provider's reference of the dispute.
    pub id: String,
    /// The provider's reference of the payment.
    pub payment: String,
    /// The merchant's own reference of the payment.
    pub order: String,
    /// What the payment was worth, and how much of it is disputed; minor units.
    pub paid_minor: i64,
    pub minor: i64,
    pub currency: &'static str,
    /// The provider's word and the network's code for why.
    pub reason: &'static str,
    pub code: &'static str,
    pub brand: &'static str,
    pub stage: Stage,
    pub standing: Standing,
    pub opened_at: Instant,
    pub changed_at: Instant,
    pub due: Option<Instant>,
    /// What the seller kept on a partial outcome.
    pub recovered_minor: i64,
    pub moves: Vec<Moved>,
    pub taken: Vec<Taken>,
}

/// Money that moved between the provider and the merchant; negative was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub id: String,
    pub kind: MovementKind,
    pub minor: i64,
    /// Taken beside it; zero or positive.
    pub fee_minor: i64,
    pub at: Instant,
}

/// Something of ours that the provider accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub stage: Stage,
    pub what: Taking,
    /// What the provider keeps to tell one packet from another.
    pub mark: String,
    pub at: Instant,
}

/// What it accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    Answer,
    Concession,
}

/// What a new dispute is about.
#[derive(Clone, Debug)]
pub struct Opening {
    pub provider: &'static str,
    pub account: String,
    pub paid_minor: i64,
    pub minor: i64,
    pub currency: &'static str,
    pub reason: &'static str,
    pub code: &'static str,
    pub brand: &'static str,
    pub stage: Stage,
    pub due: Option<Instant>,
    /// A second dispute on this payment, or the one that a fraud warning was about.
    pub payment: Option<String>,
    /// What happens to it whatever the desk does, and how many hours after it was opened.
    pub then: Vec<(i64, Next)>,
}

/// What can happen to a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The time to answer is over.
    Due,
    /// It ends so, unless it has ended.
    Decide(Standing),
    /// What was taken comes back, all or this much of it.
    GiveBack(Option<i64>),
    /// An inquiry becomes a chargeback.
    Escalate,
    /// The issuer takes the money again.
    TakeAgain,
    /// The merchant refunds the payment.
    Refund,
    /// Our bank refuses a return.
    Dishonor,
    /// The other bank insists.
    Contest,
    /// A message gives the dispute this status, which it does not have.
    Misreport(&'static str),
}

/// What just became true of a dispute, for the provider's messages about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Opened,
    /// An inquiry became a chargeback.
    Escalated,
    Answered,
    /// Conceded, expired, won, lost: the standing says which.
    Decided,
    MoneyBack,
    /// Money taken a second time: the issuer did not accept our answer.
    TakenAgain,
}

impl Case {
    /// Whether the case is over.
    pub fn over(&self) -> bool {
        self.standing.outcome().is_some()
    }

    /// Net of everything that moved: negative was taken.
    pub fn net_minor(&self) -> i64 {
        self.moves
            .iter()
            .map(|moved| moved.minor - moved.fee_minor)
            .sum()
    }

    /// What is still with the provider; positive was taken.
    pub fn withheld_minor(&self) -> i64 {
        -self.moves.iter().map(|moved| moved.minor).sum::<i64>()
    }

    /// The submissions it holds at this stage.
    pub fn taken_at(&self, stage: Stage) -> usize {
        self.taken
            .iter()
            .filter(|taken| taken.stage == stage)
            .count()
    }
}
