//! What a person may ask for.

use crate::reference::Reference;
use crate::said::{Audience, EvidenceContent};
use alloc::string::String;

/// One command about one case, by one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Fill, replace or empty a slot, from the version of the draft that the person saw.
    SaveEvidence {
        if_version: u32,
        slot: String,
        content: EvidenceContent,
    },
    /// Say that one has read the draft at this version.
    Review {
        if_version: u32,
    },
    /// Freeze the draft: what is sent is exactly this.
    Seal {
        if_version: u32,
    },
    /// Send the sealed packet for the stage that waits for us.
    Submit,
    /// Concede the stage that waits for us.
    Accept,
    /// Refuse the return that came, for the reason that this code of the network gives. Bank rails only.
    Dishonor {
        code: String,
    },
    /// Take back a seal, and a submission, acceptance or dishonor that has not left.
    Withdraw,
    /// A note for the desk's own people.
    Note {
        text: String,
    },
    /// A message to the other side: the desk's to the merchant, or the merchant's to the desk.
    Tell {
        to: Audience,
        text: String,
    },
    /// Give the case to a person; an empty name frees it.
    Assign {
        to: String,
    },
    Waive {
        obligation: String,
        reason: String,
    },
    /// Cut a wrong link: in statements that carry `one`, `other` is no link.
    Cut {
        one: Reference,
        other: Reference,
    },
    Tie {
        one: Reference,
        other: Reference,
    },
}

impl Command {
    /// The word by which people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Command::SaveEvidence { .. } => "save-evidence",
            Command::Review { .. } => "review",
            Command::Seal { .. } => "seal",
            Command::Submit => "submit",
            Command::Accept => "accept",
            Command::Dishonor { .. } => "dishonor",
            Command::Withdraw => "withdraw",
            Command::Note { .. } => "note",
            Command::Tell { .. } => "tell",
            Command::Assign { .. } => "assign",
            Command::Waive { .. } => "waive",
            Command::Cut { .. } => "cut",
            Command::Tie { .. } => "tie",
        }
    }
}
