//! Why a command is refused: our rules, numbered, in order of precedence.

use crate::status::{Outcome, Stage};
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Moment;
use core::fmt;

/// A refusal. The first that applies, in this order, is the one given. Numbers are public and never reused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The case is over.
    CaseClosed { outcome: Outcome },
    /// No document says yet where the case stands.
    StatusUnstated,
    /// The case waits for the issuer, the network, or nobody.
    NotOurMove { stage: Stage, turn: &'static str },
    /// The provider takes no answer at this stage.
    NotContestable { stage: Stage },
    /// The time to answer has run out.
    DeadlinePassed { stage: Stage, respond_by: Moment },
    /// The provider has our answer; one is all it takes.
    AlreadyAnswered { stage: Stage },
    /// An answer was sent and nobody knows whether it arrived.
    AnswerInDoubt { stage: Stage },
    /// An answer is asked for and not yet sent.
    AnswerUnderWay { stage: Stage },
    /// The draft moved on since the person saw it.
    VersionMoved { seen: u32, is: u32 },
    /// No such slot in the evidence catalogue.
    NoSuchSlot { slot: String },
    /// A text is longer than any provider takes.
    TextTooLong {
        slot: String,
        characters: u32,
        limit: u32,
    },
    /// The draft is empty.
    NothingToSeal,
    /// A slot is missing without which the provider refuses the answer.
    SlotsMissing { slots: Vec<String> },
    /// The draft is not sealed.
    NotSealed,
    /// There is nothing to take back.
    NothingToWithdraw,
    /// A note, a name or a reason is empty.
    Blank { what: &'static str },
    /// The case has no such open or broken obligation.
    NoSuchObligation { obligation: String },
    /// Both references are the same, or no statement carries them.
    NoSuchLink,
    /// No code of the network refuses a return under this name.
    NoSuchCode { code: String },
    /// A packet has more of something than whoever receives it takes.
    PacketOverLimit {
        /// Such as `pages` or `bytes in claim.pdf`.
        what: String,
        found: u64,
        limit: u64,
        /// Whose limit it is.
        by: String,
    },
    /// A file is of a kind that whoever receives the packet does not take.
    FileKindNotTaken {
        name: String,
        media_type: String,
        /// Whose rule it is, and what is taken.
        by: String,
    },
    /// Our adapter has no way to say this to the provider at this stage.
    NoWayToSay { stage: Stage, what: &'static str },
    /// Only a return is refused by a dishonor, and the case stands at another stage.
    NotAReturn { stage: Stage },
    /// A text holds a control character, or a name one that turns around what stands after it.
    NotPrinted {
        what: &'static str,
        /// Counted from 1.
        line: u32,
        character: char,
    },
}

impl Rejection {
    /// The public number.
    pub fn code(&self) -> &'static str {
        match self {
            Rejection::CaseClosed { .. } => "DP-1001",
            Rejection::StatusUnstated => "DP-1002",
            Rejection::NotOurMove { .. } => "DP-1003",
            Rejection::NotContestable { .. } => "DP-1004",
            Rejection::DeadlinePassed { .. } => "DP-1005",
            Rejection::AlreadyAnswered { .. } => "DP-1006",
            Rejection::AnswerInDoubt { .. } => "DP-1007",
            Rejection::AnswerUnderWay { .. } => "DP-1008",
            Rejection::VersionMoved { .. } => "DP-1009",
            Rejection::NoSuchSlot { .. } => "DP-1010",
            Rejection::TextTooLong { .. } => "DP-1011",
            Rejection::NothingToSeal => "DP-1012",
            Rejection::SlotsMissing { .. } => "DP-1013",
            Rejection::NotSealed => "DP-1014",
            Rejection::NothingToWithdraw => "DP-1015",
            Rejection::Blank { .. } => "DP-1016",
            Rejection::NoSuchObligation { .. } => "DP-1017",
            Rejection::NoSuchLink => "DP-1018",
            Rejection::NoWayToSay { .. } => "DP-1019",
            Rejection::NoSuchCode { .. } => "DP-1020",
            Rejection::PacketOverLimit { .. } => "DP-1021",
            Rejection::FileKindNotTaken { .. } => "DP-1022",
            Rejection::NotAReturn { .. } => "DP-1023",
            Rejection::NotPrinted { .. } => "DP-1024",
        }
    }

    /// Whether the same command can succeed later without anything else being done by the person.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Rejection::StatusUnstated
                | Rejection::AnswerInDoubt { .. }
                | Rejection::NotOurMove { .. }
        )
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Rejection::CaseClosed { .. } => {
                "A closed case takes notes only; if the outcome is wrong, read the case back."
            }
            Rejection::StatusUnstated => "Read the case back from the provider, then try again.",
            Rejection::NotOurMove { .. } => {
                "Wait for the other side; the case's timeline says since when it is theirs."
            }
            Rejection::NotContestable { .. } => {
                "There is nothing to send; accept the loss or take it outside the provider."
            }
            Rejection::DeadlinePassed { .. } => {
                "Ask the provider whether it takes late answers, and note what it said."
            }
            Rejection::AlreadyAnswered { .. } => {
                "The answer is with the provider; nothing more can be sent at this stage."
            }
            Rejection::AnswerInDoubt { .. } => {
                "The desk reads the case back and settles it; do not send again by hand."
            }
            Rejection::AnswerUnderWay { .. } => "Withdraw it first if it should not leave.",
            Rejection::VersionMoved { .. } => {
                "Load the draft again, look at what changed, and save on top of it."
            }
            Rejection::NoSuchSlot { .. } => {
                "Use a slot of the evidence catalogue; `docket evidence list` says them."
            }
            Rejection::TextTooLong { .. } => "Shorten the text, or attach it as a file.",
            Rejection::NothingToSeal => "Save at least one slot of evidence first.",
            Rejection::SlotsMissing { .. } => {
                "Fill the missing slots; without them the provider refuses the answer."
            }
            Rejection::NotSealed => "Seal the draft first; what is sent is what was sealed.",
            Rejection::NothingToWithdraw => {
                "There is nothing to do. What the provider has cannot be taken back from here."
            }
            Rejection::Blank { .. } => "Write something.",
            Rejection::NoSuchObligation { .. } => {
                "List the case's obligations and take the id from there."
            }
            Rejection::NotAReturn { .. } => {
                "Only an ACH return that nobody has refused yet is dishonored; what any other stage takes, `docket show` says."
            }
            Rejection::NoWayToSay { .. } => {
                "Answer on the provider's own pages or by its files, and leave a note of what was sent."
            }
            Rejection::NoSuchCode { .. } => {
                "Use R61, R62, R67, R68 or R70; the reference of reasons says what each means."
            }
            Rejection::PacketOverLimit { .. } => {
                "Leave out what proves least, or join and shorten files; then seal again."
            }
            Rejection::FileKindNotTaken { .. } => {
                "Save the file as one of the kinds that are taken, such as PDF, and attach that."
            }
            Rejection::NotPrinted { .. } => {
                "Delete it, or write that line anew: what was copied from elsewhere may hold characters that nobody sees."
            }
            Rejection::NoSuchLink => "Take both references from the case's own list.",
        }
    }
}

fn too_long(f: &mut fmt::Formatter<'_>, what: &str, characters: u32, limit: u32) -> fmt::Result {
    write!(
        f,
        "`{what}` has {characters} characters, the limit is {limit}"
    )
}

fn not_printed(f: &mut fmt::Formatter<'_>, what: &str, line: u32, character: char) -> fmt::Result {
    let code = u32::from(character);
    write!(
        f,
        "line {line} of the {what} holds U+{code:04X}, which nobody sees"
    )
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::CaseClosed { outcome } => write!(f, "the case is closed: {outcome}"),
            Rejection::StatusUnstated => f.write_str("no document says yet where the case stands"),
            Rejection::NotOurMove { stage, turn } => {
                write!(f, "at {stage} the move is {turn}, not ours")
            }
            Rejection::NotContestable { stage } => {
                write!(f, "the provider takes no answer at {stage}")
            }
            Rejection::DeadlinePassed { stage, respond_by } => {
                write!(f, "the time to answer {stage} ran out at {respond_by}")
            }
            Rejection::AlreadyAnswered { stage } => {
                write!(f, "the provider has our answer at {stage}")
            }
            Rejection::AnswerInDoubt { stage } => {
                write!(f, "an answer at {stage} was sent and is in doubt")
            }
            Rejection::AnswerUnderWay { stage } => {
                write!(f, "an answer at {stage} is waiting to be sent")
            }
            Rejection::VersionMoved { seen, is } => {
                write!(f, "the draft is at version {is}, not {seen}")
            }
            Rejection::NoSuchSlot { slot } => write!(f, "no evidence slot is called `{slot}`"),
            Rejection::TextTooLong {
                slot,
                characters,
                limit,
            } => too_long(f, slot, *characters, *limit),
            Rejection::NothingToSeal => f.write_str("the draft is empty"),
            Rejection::SlotsMissing { slots } => {
                write!(f, "required slots are empty: {}", slots.join(", "))
            }
            Rejection::NotSealed => f.write_str("the draft is not sealed"),
            Rejection::NothingToWithdraw => f.write_str("nothing is sealed or waiting to be sent"),
            Rejection::Blank { what } => write!(f, "the {what} is empty"),
            Rejection::NoSuchObligation { obligation } => {
                write!(f, "the case owes no open `{obligation}`")
            }
            Rejection::NotAReturn { stage } => {
                write!(f, "the case is at {stage}, and only a return is dishonored")
            }
            Rejection::NoWayToSay { stage, what } => {
                write!(f, "the provider's interface takes no {what} at {stage}")
            }
            Rejection::NoSuchCode { code } => {
                write!(f, "no code `{code}` refuses a return on this network")
            }
            Rejection::PacketOverLimit {
                what,
                found,
                limit,
                by,
            } => write!(f, "the packet has {found} {what}, {by} takes {limit}"),
            Rejection::FileKindNotTaken {
                name,
                media_type,
                by,
            } => write!(f, "`{name}` is {media_type}, {by}"),
            Rejection::NotPrinted {
                what,
                line,
                character,
            } => not_printed(f, what, *line, *character),
            Rejection::NoSuchLink => f.write_str("the case has no link between these references"),
        }
    }
}

impl core::error::Error for Rejection {}
