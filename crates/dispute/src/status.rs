//! Stages, whose move it is, and how a case ended.

use calendar::Moment;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable text form.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// Reads the stable text form.
            pub fn parse(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)* _ => None }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// How far a case has come. The card stages are in the order of their life cycle, then the rails' own.
    Stage {
        /// The issuer told of fraud; nobody has to answer and no money moves.
        FraudReport = "fraud-report",
        /// A warning before a dispute, which a refund can still avert.
        Alert = "alert",
        /// A retrieval request or request for information. No money moves (F-36).
        Inquiry = "inquiry",
        Chargeback = "chargeback",
        SecondChargeback = "second-chargeback",
        PreArbitration = "pre-arbitration",
        Arbitration = "arbitration",
        Compliance = "compliance",
        /// ACH: the receiving bank sent the entry back.
        Return = "return",
        /// ACH: our bank refused that return.
        DishonoredReturn = "dishonored-return",
        /// ACH: the receiving bank insists.
        ContestedReturn = "contested-return",
        /// ACH: account details must be corrected; no money moves.
        NoticeOfChange = "notice-of-change",
        /// SEPA: refused before settlement.
        Reject = "reject",
        /// SEPA: the debtor asks for a refund.
        RefundClaim = "refund-claim",
        /// SEPA: the sender asks a credit transfer back.
        Recall = "recall",
        /// Bacs: a claim under the direct debit guarantee.
        IndemnityClaim = "indemnity-claim",
        /// Pix: an infraction report.
        Infraction = "infraction",
    }
}

named! {
    /// How a case ended, in the words of whoever ended it. No outcome is final: a new fact derives a new case (F-43).
    Outcome {
        Won = "won",
        PartiallyWon = "partially-won",
        Lost = "lost",
        /// We conceded it. Kept apart from lost, so that loss figures mean something (F-53).
        Accepted = "accepted",
        /// Averted before it became a dispute: an alert refund, an automatic resolution (F-45).
        Prevented = "prevented",
        /// Lost by silence: the time to answer ran out.
        Expired = "expired",
        /// The payer or the issuer took it back.
        Withdrawn = "withdrawn",
        /// An inquiry, alert or fraud report that came to nothing; no money moved.
        Lapsed = "lapsed",
    }
}

named! {
    /// Who says or owes something.
    Party {
        Provider = "provider",
        Network = "network",
        Issuer = "issuer",
        Payer = "payer",
        Merchant = "merchant",
        /// A person of the desk.
        Operator = "operator",
        /// The desk itself: its clock, its transport, its rules.
        Desk = "desk",
    }
}

named! {
    /// Whose move a provider claims it is, or that it is over.
    Standing {
        Ours = "ours",
        /// The issuer's, or on bank rails the other bank's.
        Theirs = "theirs",
        Network = "network",
        Nobody = "nobody",
        Won = "won",
        PartiallyWon = "partially-won",
        Lost = "lost",
        Accepted = "accepted",
        Prevented = "prevented",
        Expired = "expired",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
}

impl Standing {
    /// The outcome, when this standing ends the case.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Standing::Ours | Standing::Theirs | Standing::Network | Standing::Nobody => None,
            Standing::Won => Some(Outcome::Won),
            Standing::PartiallyWon => Some(Outcome::PartiallyWon),
            Standing::Lost => Some(Outcome::Lost),
            Standing::Accepted => Some(Outcome::Accepted),
            Standing::Prevented => Some(Outcome::Prevented),
            Standing::Expired => Some(Outcome::Expired),
            Standing::Withdrawn => Some(Outcome::Withdrawn),
            Standing::Lapsed => Some(Outcome::Lapsed),
        }
    }
}

/// What a provider claims about where a case stands. It says nothing about money (F-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phase {
    pub stage: Stage,
    pub standing: Standing,
}

/// By when the provider wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// The provider's cut-off for this stage, to the instant or to the day, as it was said.
    By(Moment),
    /// The provider takes no answer at all. Its own value: never zero, never 1970 (F-47).
    NotContestable,
}

named! {
    /// How strongly a statement speaks about status, weakest first (DESIGN, section 5). Age alone never decides.
    Authority {
        /// A line of a file that was made hours or days after the fact, for accounting.
        ReportRow = "report-row",
        /// What kind of message it is, without a status in it.
        MessageType = "message-type",
        /// A status field inside a message.
        StatusField = "status-field",
        /// The provider's object, read back by us.
        ReadBack = "read-back",
        /// A person of ours, or the desk itself, about its own acts.
        Own = "own",
    }
}
