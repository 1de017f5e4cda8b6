//! What must happen because a family changed: the difference between what it was and what it is.

use crate::books::{Posting, books};
use crate::case::{AnswerKind, AnswerState, Case};
use crate::derive::Derived;
use crate::finding::Finding;
use crate::id::{CaseId, FactId, FindingId, SubmissionId, TimerId};
use crate::obligation::Standing;
use crate::status::Stage;
use alloc::collections::btree_map::Entry as Slot;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::{Instant, Moment};
use ledger::{Entry, EntryError, diff};

/// One entry to post: the difference under one posting key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub case: Option<CaseId>,
    pub key: String,
    pub entry: Entry,
    pub at: Instant,
    pub fact: Option<FactId>,
}

/// A moment at which the clock must speak about a duty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    pub id: TimerId,
    pub case: CaseId,
    /// The duty's key.
    pub what: String,
    pub due: Moment,
}

/// Something to do at the provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outgoing {
    pub id: SubmissionId,
    pub case: CaseId,
    pub stage: Stage,
    pub errand: Errand,
    pub digest: String,
    pub attempt: u32,
}

/// What kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errand {
    Submit,
    Accept,
    /// Refuse a return.
    Dishonor,
    /// Read back, to learn whether an earlier send arrived.
    Resolve,
}

impl Errand {
    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            Errand::Submit => "submit",
            Errand::Accept => "accept",
            Errand::Dishonor => "dishonor",
            Errand::Resolve => "resolve",
        }
    }
}

/// Everything that follows from a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    pub posted: Vec<Posted>,
    pub timers_set: Vec<Timer>,
    pub timers_cleared: Vec<TimerId>,
    pub outgoing_added: Vec<Outgoing>,
    pub outgoing_removed: Vec<SubmissionId>,
    /// New findings, and those that are open and whose detail or amount changed.
    pub findings_opened: Vec<(CaseId, Finding)>,
    pub findings_closed: Vec<FindingId>,
}

/// The difference between two states of what is now one family. `before` may be several families that a fact joined, or
/// none.
pub fn effects(before: &[Derived], after: &[Derived]) -> Result<Effects, EntryError> {
    let timers_before = gather(before, timers);
    let timers_after = gather(after, timers);
    let outgoing_before = gather(before, outgoing);
    let outgoing_after = gather(after, outgoing);
    let findings_before = gather(before, findings);
    let findings_after = gather(after, findings);
    Ok(Effects {
        posted: posted(before, after)?,
        timers_set: added(&timers_before, &timers_after),
        timers_cleared: removed(&timers_before, &timers_after),
        outgoing_added: added(&outgoing_before, &outgoing_after),
        outgoing_removed: removed(&outgoing_before, &outgoing_after),
        findings_opened: changed(&findings_before, &findings_after),
        findings_closed: removed(&findings_before, &findings_after),
    })
}

fn gather<K: Ord, V>(derived: &[Derived], of: impl Fn(&Case) -> Vec<(K, V)>) -> BTreeMap<K, V> {
    derived
        .iter()
        .flat_map(|derived| &derived.cases)
        .flat_map(of)
        .collect()
}

fn added<K: Ord, V: Clone>(before: &BTreeMap<K, V>, after: &BTreeMap<K, V>) -> Vec<V> {
    after
        .iter()
        .filter(|(key, _)| !before.contains_key(key))
        .map(|(_, value)| value.clone())
        .collect()
}

/// What is new, and what is known and says something else now: a finding that grows stays one, with its latest figures.
fn changed<K: Ord, V: Clone + PartialEq>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Vec<V> {
    after
        .iter()
        .filter(|(key, value)| before.get(key) != Some(value))
        .map(|(_, value)| value.clone())
        .collect()
}

fn removed<K: Ord + Clone, V>(before: &BTreeMap<K, V>, after: &BTreeMap<K, V>) -> Vec<K> {
    before
        .keys()
        .filter(|key| !after.contains_key(key))
        .cloned()
        .collect()
}

/// A provider and our account with it, then a place in their books.
type Place = ((String, String), (Option<CaseId>, String));

/// The books of several families, by the provider account whose they are. Money in suspense has no case to tell it apart, so
/// families that wait with one key are added up: when they join, what was posted once too often is taken back.
fn posted_by(families: &[Derived]) -> BTreeMap<Place, Posting> {
    let mut all: BTreeMap<Place, Posting> = BTreeMap::new();
    for (key, posting) in families.iter().flat_map(books) {
        // A movement of nothing has no legs, and nothing to post.
        let Some(leg) = posting.legs.first() else {
            continue;
        };
        let owner = (leg.account.provider.clone(), leg.account.account.clone());
        match all.entry((owner, key)) {
            Slot::Vacant(place) => {
                place.insert(posting);
            }
            Slot::Occupied(mut place) => place.get_mut().legs.extend(posting.legs),
        }
    }
    all
}

fn posted(before: &[Derived], after: &[Derived]) -> Result<Vec<Posted>, EntryError> {
    let before = posted_by(before);
    let after = posted_by(after);
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut posted = Vec::new();
    for key in keys {
        let none: &[ledger::Leg] = &[];
        let legs = |posting: Option<&Posting>| {
            posting.map_or(Vec::from(none), |posting| posting.legs.clone())
        };
        let (old, new) = (before.get(key), after.get(key));
        let Some(entry) = diff(&legs(old), &legs(new))? else {
            continue;
        };
        let Some(source) = new.or(old) else { continue };
        let (_, (case, name)) = key.clone();
        posted.push(Posted {
            case,
            key: name,
            entry,
            at: source.at,
            fact: source.fact.clone(),
        });
    }
    Ok(posted)
}

/// A timer for every open obligation: when its time passes, the clock says so, once. The due time is part of its id, so a
/// deadline that moves sets a new timer and clears the old one.
fn timers(case: &Case) -> Vec<(TimerId, Timer)> {
    let open = case
        .obligations
        .iter()
        .filter(|obligation| obligation.standing == Standing::Open);
    let timers = open.map(|obligation| {
        let what = obligation.duty.key();
        let due = obligation.due_by;
        let id = TimerId::of(&[case.id.as_str(), &what, &format!("{due}")]);
        (
            id.clone(),
            Timer {
                id,
                case: case.id.clone(),
                what,
                due,
            },
        )
    });
    timers.collect()
}

/// What waits to be sent or read back.
pub fn outgoing(case: &Case) -> Vec<(SubmissionId, Outgoing)> {
    let wanted = case.answers.iter().filter_map(|answer| {
        let send = match answer.kind() {
            AnswerKind::Evidence => Errand::Submit,
            AnswerKind::Acceptance => Errand::Accept,
            AnswerKind::Dishonor => Errand::Dishonor,
        };
        let errand = match answer.state {
            AnswerState::Asked => send,
            AnswerState::InDoubt => Errand::Resolve,
            AnswerState::Accepted
            | AnswerState::Refused(_)
            | AnswerState::Withdrawn
            | AnswerState::Overtaken { .. } => {
                return None;
            }
        };
        let stage = answer.stage.name();
        let attempt = format!("{}", answer.attempt);
        let id = SubmissionId::of(&[
            case.id.as_str(),
            errand.name(),
            stage,
            &answer.digest,
            &attempt,
        ]);
        let outgoing = Outgoing {
            id: id.clone(),
            case: case.id.clone(),
            stage: answer.stage,
            errand,
            digest: answer.digest.clone(),
            attempt: answer.attempt,
        };
        Some((id, outgoing))
    });
    wanted.collect()
}

fn findings(case: &Case) -> Vec<(FindingId, (CaseId, Finding))> {
    let listed = case
        .findings
        .iter()
        .map(|finding| (finding.id(&case.id), (case.id.clone(), finding.clone())));
    listed.collect()
}
