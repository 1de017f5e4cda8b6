//! What a provider can do, as data.

use crate::inbound::Channel;
use dispute::status::Stage;

/// What we can ask of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Submit,
    Accept,
    ReadBack,
    Requirements,
    ListChanged,
    Dishonor,
}

impl Verb {
    /// Every verb, in order.
    pub const ALL: [Verb; 6] = [
        Verb::Submit,
        Verb::Accept,
        Verb::ReadBack,
        Verb::Requirements,
        Verb::ListChanged,
        Verb::Dishonor,
    ];

    /// The stable text form; the name of its golden file.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Submit => "submit",
            Verb::Accept => "accept",
            Verb::ReadBack => "read-back",
            Verb::Requirements => "requirements",
            Verb::ListChanged => "list-changed",
            Verb::Dishonor => "dishonor",
        }
    }
}

/// What a kind of document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// It states facts about disputes.
    Disputes,
    /// Known, kept, and not about disputes.
    OtherBusiness,
}

/// One kind of document that the provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// As in `Decoded::form`.
    pub form: &'static str,
    pub channel: Channel,
    pub kind: DocumentKind,
}

/// How cases whose truth may have changed in silence are found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Each open case is read back once in so many hours.
    EachCase { every_hours: u32 },
    /// No object can be read: the next file is the only other voice.
    None,
}

/// What the provider takes in an answer. `None` where no limit is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub total_bytes: Option<u64>,
    pub file_bytes: Option<u64>,
    pub text_characters: Option<u32>,
    pub pages: Option<u32>,
    /// Media types; empty when no file can be sent.
    pub media_types: &'static [&'static str],
    pub one_file_per_slot: bool,
    /// How many answers a stage takes; `Some(1)` means one shot.
    pub submissions: Option<u32>,
    /// Where these figures come from.
    pub source: &'static str,
}

/// Everything a provider can do. Each entry has a fixture; `conformance` checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub documents: &'static [Document],
    pub verbs: &'static [Verb],
    /// Stages at which an answer can be sent by interface.
    pub answers_at: &'static [Stage],
    pub sweep: Sweep,
    pub limits: Limits,
    /// The signature scheme in words, or `none`.
    pub signature: &'static str,
    /// Seconds for which the provider honours an idempotency key; 0 when it has none.
    pub idempotency_seconds: u32,
    /// Calls a minute that we allow ourselves for sweeps.
    pub reads_per_minute: u32,
}
