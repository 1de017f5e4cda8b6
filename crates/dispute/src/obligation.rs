//! Who owes what, by when: deadlines, money to return, acknowledgements. One concept for the queue, the scorecard and
//! compliance (DESIGN, section 2).

use crate::id::{CaseId, ObligationId};
use crate::status::{Party, Stage};
use alloc::format;
use alloc::string::String;
use calendar::{Instant, Moment};
use money::Money;

/// What is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Answer this stage, by evidence or by conceding.
    Respond(Stage),
    /// Show that our answer at this stage arrived.
    Acknowledge(Stage),
    /// Give back what was withdrawn.
    ReturnFunds,
    /// Give back a fee that a win returns.
    ReturnFee,
    /// Correct account details before the next debit.
    ApplyChange,
}

impl Duty {
    /// The stable key within a case.
    pub fn key(self) -> String {
        match self {
            Duty::Respond(stage) => format!("respond/{stage}"),
            Duty::Acknowledge(stage) => format!("acknowledge/{stage}"),
            Duty::ReturnFunds => String::from("return-funds"),
            Duty::ReturnFee => String::from("return-fee"),
            Duty::ApplyChange => String::from("apply-change"),
        }
    }
}

/// How an obligation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    Met {
        at: Instant,
    },
    MetLate {
        at: Instant,
    },
    /// Its time passed and it was not met; the instant at which the clock said so, or the case ended without it.
    Broken {
        at: Instant,
    },
    /// By a person with a reason, or because the case ended so that nothing is owed any more.
    Waived {
        why: String,
    },
}

impl Standing {
    /// The stable text form.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Met { .. } => "met",
            Standing::MetLate { .. } => "met-late",
            Standing::Broken { .. } => "broken",
            Standing::Waived { .. } => "waived",
        }
    }
}

/// One obligation of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    pub id: ObligationId,
    pub duty: Duty,
    pub debtor: Party,
    pub creditor: Party,
    pub amount: Option<Money>,
    pub due_by: Moment,
    /// The rule or statement it rests on.
    pub basis: String,
    pub standing: Standing,
}

impl Obligation {
    /// The id of a duty in a case.
    pub fn id_of(case: &CaseId, duty: Duty) -> ObligationId {
        ObligationId::of(&[case.as_str(), &duty.key()])
    }

    /// Whether it is ours to meet.
    pub fn ours(&self) -> bool {
        matches!(self.debtor, Party::Merchant | Party::Operator | Party::Desk)
    }
}
