//! The stable text forms of the contract's own words, as they stand in columns.

use crate::{Fate, Way};

impl Way {
    /// Every way in.
    pub const ALL: [Way; 5] = [Way::Webhook, Way::File, Way::Api, Way::Command, Way::Desk];

    /// The stable text form; the first three are the adapter contract's.
    pub fn name(self) -> &'static str {
        match self {
            Way::Webhook => "webhook",
            Way::File => "file",
            Way::Api => "api",
            Way::Command => "command",
            Way::Desk => "desk",
        }
    }

    /// Reads the stable text form.
    pub fn parse(name: &str) -> Option<Way> {
        Way::ALL.into_iter().find(|way| way.name() == name)
    }
}

impl Fate {
    /// Every fate.
    pub const ALL: [Fate; 7] = [
        Fate::Pending,
        Fate::Applied,
        Fate::OtherBusiness,
        Fate::Rejected,
        Fate::Quarantined,
        Fate::Duplicate,
        Fate::Superseded,
    ];

    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Pending => "pending",
            Fate::Applied => "applied",
            Fate::OtherBusiness => "other-business",
            Fate::Rejected => "rejected",
            Fate::Quarantined => "quarantined",
            Fate::Duplicate => "duplicate",
            Fate::Superseded => "superseded",
        }
    }

    /// Reads the stable text form.
    pub fn parse(name: &str) -> Option<Fate> {
        Fate::ALL.into_iter().find(|fate| fate.name() == name)
    }
}
