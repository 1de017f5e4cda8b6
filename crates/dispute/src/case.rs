//! A case: what its facts come to.

use crate::deadline::Deadline;
use crate::fact::Scope;
use crate::finding::Finding;
use crate::id::{CaseId, FactId};
use crate::movement::Movement;
use crate::network::Network;
use crate::obligation::Obligation;
use crate::reason::ReasonClaim;
use crate::reference::References;
use crate::said::{Audience, EvidenceContent};
use crate::status::{Authority, Outcome, Party, Phase, Stage, Standing};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;
use money::{Currency, Money};

/// Whose move it is. A stage that waits for us cannot lack a deadline, a closed one cannot have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Ours { deadline: Deadline },
    Theirs,
    Network,
    Nobody,
}

/// What the provider claims, as far as its claims hold together. Money is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Facts name this dispute, but none says where it stands (a report row came before its message).
    Unstated,
    Open {
        stage: Stage,
        turn: Turn,
    },
    Closed {
        stage: Stage,
        outcome: Outcome,
        said_by: Party,
    },
}

impl Status {
    /// The stage, once one was claimed.
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Status::Unstated => None,
            Status::Open { stage, .. } | Status::Closed { stage, .. } => Some(*stage),
        }
    }

    /// The outcome of a closed case.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Status::Closed { outcome, .. } => Some(*outcome),
            Status::Unstated | Status::Open { .. } => None,
        }
    }

    /// The deadline, when it is our move.
    pub fn deadline(&self) -> Option<&Deadline> {
        match self {
            Status::Open {
                turn: Turn::Ours { deadline },
                ..
            } => Some(deadline),
            _ => None,
        }
    }

    /// One word for whose move it is or how it ended.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Unstated => "unstated",
            Status::Open { turn, .. } => match turn {
                Turn::Ours { .. } => "ours",
                Turn::Theirs => "theirs",
                Turn::Network => "network",
                Turn::Nobody => "nobody",
            },
            Status::Closed { outcome, .. } => outcome.name(),
        }
    }
}

/// One claimed phase that held, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub phase: Phase,
    pub at: Instant,
    pub fact: FactId,
    /// The strongest voice that said it while it held.
    pub authority: Authority,
}

/// What movements prove, in one currency of settlement. All amounts from our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Taken or held; zero or positive.
    pub withdrawn: Money,
    /// Given back; zero or positive.
    pub reinstated: Money,
    /// Fees and taxes charged, less those returned.
    pub fees: Money,
    /// Written off as lost.
    pub lost: Money,
    /// The difference of exchange rates that is left when the case is closed: ours to bear, and no loss of the dispute.
    pub fx: Money,
}

impl Totals {
    /// Nothing moved yet.
    pub fn nothing(currency: Currency) -> Totals {
        let zero = Money::zero(currency);
        Totals {
            withdrawn: zero,
            reinstated: zero,
            fees: zero,
            lost: zero,
            fx: zero,
        }
    }
}

/// A movement that stands, when it happened, and the statement that it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub movement: Movement,
    pub at: Instant,
    pub fact: FactId,
}

/// Which way money stands, in one word, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoneyState {
    Untouched,
    /// Taken or held, and not given back.
    Withheld,
    PartlyReturned,
    Returned,
    /// More came back than was taken.
    Overreturned,
}

impl MoneyState {
    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            MoneyState::Untouched => "untouched",
            MoneyState::Withheld => "withheld",
            MoneyState::PartlyReturned => "partly-returned",
            MoneyState::Returned => "returned",
            MoneyState::Overreturned => "overreturned",
        }
    }
}

/// How far money is from what the status implies, and since when. A number that people watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Positive: we hold less than the status implies.
    pub amount: Money,
    pub since: Instant,
}

/// What we asked for at one stage, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub stage: Stage,
    /// What it is, in one text: the digest of the sealed packet; empty for an acceptance; `dishonor:<code>` for a dishonor.
    pub digest: String,
    pub state: AnswerState,
    /// The attempt that `state` is about; from 1.
    pub attempt: u32,
    pub asked_at: Instant,
    /// When the provider was known to have it, or to refuse it.
    pub settled_at: Option<Instant>,
    /// When the attempt that `state` is about was reported, once anything left.
    pub sent_at: Option<Instant>,
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerKind {
    Evidence,
    Acceptance,
    /// A return refused.
    Dishonor,
}

impl AnswerKind {
    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            AnswerKind::Evidence => "evidence",
            AnswerKind::Acceptance => "acceptance",
            AnswerKind::Dishonor => "dishonor",
        }
    }
}

/// Opens the digest of a dishonor. No packet's digest has a colon in it.
const DISHONOR: &str = "dishonor:";

/// What stands for a dishonor with this code where an answer has a packet's digest.
pub fn dishonor_digest(code: &str) -> String {
    let mut digest = String::from(DISHONOR);
    digest.push_str(code);
    digest
}

/// The network's code of a dishonor, when this digest stands for one.
pub fn dishonor_code(digest: &str) -> Option<&str> {
    digest.strip_prefix(DISHONOR)
}

impl Answered {
    /// What kind of answer it is.
    pub fn kind(&self) -> AnswerKind {
        if self.digest.is_empty() {
            AnswerKind::Acceptance
        } else if dishonor_code(&self.digest).is_some() {
            AnswerKind::Dishonor
        } else {
            AnswerKind::Evidence
        }
    }
}

/// What became of something asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerState {
    /// To be sent.
    Asked,
    /// Sent, and nobody knows whether it arrived. Never sent again blindly.
    InDoubt,
    Accepted,
    Refused(String),
    /// Taken back before it left.
    Withdrawn,
    /// The case moved on without it. `unproved`: it was sent, and nobody ever learned whether it arrived.
    Overtaken {
        unproved: bool,
    },
}

impl AnswerState {
    /// The stable text form.
    pub fn name(&self) -> &'static str {
        match self {
            AnswerState::Asked => "asked",
            AnswerState::InDoubt => "in-doubt",
            AnswerState::Accepted => "accepted",
            AnswerState::Refused(_) => "refused",
            AnswerState::Withdrawn => "withdrawn",
            AnswerState::Overtaken { .. } => "overtaken",
        }
    }
}

/// How far the evidence is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Counts saves. A write names the version it was made from, so that no update is lost (F-59).
    pub version: u32,
    pub slots: BTreeMap<String, EvidenceContent>,
    /// The version that a second person read, and who.
    pub reviewed: Option<(u32, String)>,
    /// The version that is frozen, and the digest of its packet.
    pub sealed: Option<(u32, String)>,
    /// What the provider asks for in this case where it says so, what our rules would send otherwise.
    pub requirements: Vec<SlotNeed>,
    /// The provider's own names for the ways in which this case can be defended, a complete one first; empty when it states
    /// none. The basis of each of its requirements is one of them.
    pub defences: Vec<String>,
}

impl Evidence {
    /// The required slots that are empty. Each defence of the provider's is a way of its own to answer, so it is that which
    /// lacks least; our own list is one.
    pub fn missing(&self) -> Vec<String> {
        let lacking = |defence: Option<&String>| -> Vec<String> {
            self.requirements
                .iter()
                .filter(|need| need.required && !need.ready && need.waived.is_none())
                .filter(|need| defence.is_none_or(|defence| *defence == need.basis))
                .map(|need| need.slot.clone())
                .collect()
        };
        let ways = self.defences.iter().map(|defence| lacking(Some(defence)));
        ways.min_by_key(Vec::len).unwrap_or_else(|| lacking(None))
    }
}

/// One slot that would help, and whether it is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotNeed {
    pub slot: String,
    pub required: bool,
    pub ready: bool,
    /// Why it is asked for: the provider's defence code, or our rule.
    pub basis: String,
    /// Why a person of ours does without it; `None` for what the provider itself asks for.
    pub waived: Option<String>,
}

/// What the desk and the merchant wrote to each other about a case. It is made from [`crate::said::Said::Told`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub at: Instant,
    pub to: Audience,
    pub author: String,
    pub text: String,
}

/// Why a value is what it is: the statements and rules that made it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Because {
    pub facts: Vec<FactId>,
    pub rules: Vec<String>,
}

/// What the facts of one dispute come to, in whatever order they arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub scope: Scope,
    /// The provider's own reference.
    pub dispute: String,
    pub refs: References,
    pub status: Status,
    /// The phases that held, oldest first.
    pub steps: Vec<Step>,
    /// The life cycle whose rules govern it.
    pub lifecycle: &'static str,
    pub network: Option<Network>,
    pub reason: Option<ReasonClaim>,
    /// As claimed, in the currency of the claim.
    pub disputed: Option<Money>,
    /// The payment, where a document says it.
    pub paid: Option<Money>,
    /// What we keep of it on a partial outcome.
    pub recovered: Option<Money>,
    /// Given back to the payer outside the dispute, pending or done.
    pub refunded: Vec<Money>,
    /// Each movement once, by key.
    pub movements: BTreeMap<String, Booked>,
    pub totals: BTreeMap<Currency, Totals>,
    pub money: MoneyState,
    pub divergence: Option<Divergence>,
    pub evidence: Evidence,
    pub answers: Vec<Answered>,
    pub obligations: Vec<Obligation>,
    pub findings: Vec<Finding>,
    pub assigned_to: Option<String>,
    /// Among the desk's own people.
    pub notes: Vec<(Instant, String, String)>,
    /// Between the desk and the merchant, oldest first.
    pub messages: Vec<Message>,
    /// The earliest instant of which anything is said about this dispute.
    pub opened_at: Instant,
    /// The latest instant of which anything is said about it or its payment.
    pub changed_at: Instant,
    /// Field name to why it has its value.
    pub because: BTreeMap<&'static str, Because>,
}

impl Case {
    /// When this stage became ours again after it had not been, as when a wallet asks for more after its review; `None` while
    /// our first turn at it lasts. What was answered before is no answer to the new turn.
    pub fn ours_again_since(&self, stage: Stage) -> Option<Instant> {
        let mut turns = self.turns(stage);
        turns.next()?;
        turns.next_back()
    }

    /// The instants at which this stage became ours.
    pub(crate) fn turns(&self, stage: Stage) -> impl DoubleEndedIterator<Item = Instant> {
        self.steps
            .iter()
            .filter(move |step| step.phase.stage == stage && step.phase.standing == Standing::Ours)
            .map(|step| step.at)
    }

    /// What was asked and became of it at this stage.
    pub fn answer_at(&self, stage: Stage) -> Option<&Answered> {
        self.answers
            .iter()
            .rev()
            .find(|answer| answer.stage == stage)
    }
}
