//! By when we must answer: three instants held apart, and why each is what it is.

use crate::status::Due;
use alloc::string::String;
use calendar::{Instant, Moment};

/// Our own margin before whatever limit is nearest, so that a send that fails can be repeated by people who are awake.
/// A desk's choice, not a rule: one working shift and the night before it.
pub const BUFFER_HOURS: i64 = 24;

/// The deadline of one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The provider's cut-off, as it said.
    pub cutoff: Option<Moment>,
    /// The network's limit, as our rules compute it, with the rule's id.
    pub limit: Option<(Moment, String)>,
    /// `false`: the provider takes no answer at this stage.
    pub contestable: bool,
}

impl Deadline {
    /// From what the provider said, if anything, and what the rules say, if anything.
    pub fn of(said: Option<Due>, limit: Option<(Moment, String)>) -> Deadline {
        match said {
            Some(Due::NotContestable) => Deadline {
                cutoff: None,
                limit: None,
                contestable: false,
            },
            Some(Due::By(moment)) => Deadline {
                cutoff: Some(moment),
                limit,
                contestable: true,
            },
            None => Deadline {
                cutoff: None,
                limit,
                contestable: true,
            },
        }
    }

    /// The moment that binds us: the provider's cut-off where it said one, because it alone decides what it forwards;
    /// otherwise the network's limit. `None` when no answer is taken.
    pub fn respond_by(&self) -> Option<Moment> {
        self.cutoff
            .or(self.limit.as_ref().map(|(moment, _)| *moment))
    }

    /// When we mean to have answered.
    pub fn aim_for(&self) -> Option<Instant> {
        self.respond_by()
            .map(|moment| moment.latest_instant().plus_hours(-BUFFER_HOURS))
    }
}
