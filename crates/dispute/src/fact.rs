//! A fact: one statement, who made it, about what, and as of when.

use crate::id::{CaseId, FactId};
use crate::reference::References;
use crate::said::Said;
use crate::status::{Authority, Party};
use crate::text;
use alloc::string::String;
use calendar::Instant;

/// Whose books a fact belongs to: the provider and our account with it. It is the partition key of every row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The adapter's name, as in the list of providers.
    pub provider: String,
    /// Our account at that provider, in its own words.
    pub account: String,
}

/// One statement. When we learned it and which bytes say so are kept beside it, not in it: the same statement in two
/// documents is one fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// The instant of which it is true, as its speaker says. First, so that facts sort by it.
    pub true_at: Instant,
    /// A tie-breaker within one instant where the speaker has one (a sequence number); 0 otherwise (F-19).
    pub sequence: u64,
    pub authority: Authority,
    pub by: Party,
    pub scope: Scope,
    pub refs: References,
    pub said: Said,
}

impl Fact {
    /// The id of the statement: a function of what it says, not of when we heard it.
    pub fn id(&self) -> FactId {
        FactId::of(&[&text::render(self)])
    }

    /// The case that this statement names, if it carries a dispute reference.
    pub fn case(&self) -> Option<CaseId> {
        self.refs
            .dispute()
            .map(|dispute| case_id(&self.scope, dispute))
    }
}

/// The case id: a function of (provider, account, provider's reference), so two machines and a replay agree.
pub fn case_id(scope: &Scope, dispute: &str) -> CaseId {
    CaseId::of(&[&scope.provider, &scope.account, dispute])
}

/// Where in a document a statement stands: half-open byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub from: u32,
    pub until: u32,
}

impl Span {
    /// From `from` up to but not including `until`. Documents are capped well below 4 GiB at every entrance.
    pub fn new(from: usize, until: usize) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span {
            from: clamp(from),
            until: clamp(until.max(from)),
        }
    }

    /// Whether every byte of `inner` lies in this span.
    pub fn holds(self, inner: Span) -> bool {
        self.from <= inner.from && inner.until <= self.until
    }
}

impl core::fmt::Display for Span {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}..{}", self.from, self.until)
    }
}
