//! What a batch of documents comes to, without a store: decoded, and derived against the families at hand.
//!
//! Documents whose references cannot meet are independent, so a large batch is dealt out to the machine's cores; the result
//! is the same, to the byte, whatever their number.

use crate::Adapters;
use crate::decode::{Opened, open};
use crate::working::{Change, Held, Working};
use adapter::{Decoded, Located};
use dispute::digest;
use dispute::effects::{Effects, Errand, Posted};
use dispute::fact::Scope;
use dispute::family::Known;
use dispute::id::CaseId;
use dispute::reference::Reference;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use store::{
    FactRow, FamilyChange, Fate, OutboxRow, Processed, RejectRow, StoredDocument, StoredFact,
    TimerRow,
};

/// How long after a send the read-back that settles it may start: the send itself is still being answered before that.
pub(crate) const RESOLVE_AFTER_SECONDS: i64 = 60;

/// Below this many documents a thread costs more than it saves (about 50 microseconds to start, as long as one document).
const DOCUMENTS_PER_THREAD: usize = 32;

/// A document with what it says.
pub(crate) struct Ready<'a> {
    stored: &'a StoredDocument,
    decoded: Result<Decoded, String>,
}

/// How many threads are worth their cost for so many documents.
fn threads(documents: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    cores.min(documents / DOCUMENTS_PER_THREAD).max(1)
}

/// Decodes a batch, in order.
pub(crate) fn ready(adapters: Adapters, batch: &[StoredDocument]) -> Vec<Ready<'_>> {
    let share = batch.len().div_ceil(threads(batch.len())).max(1);
    if share >= batch.len() {
        return batch
            .iter()
            .map(|stored| decode(adapters, stored))
            .collect();
    }
    thread::scope(|scope| {
        let shares = batch.chunks(share).map(|share| {
            scope.spawn(move || {
                share
                    .iter()
                    .map(|stored| decode(adapters, stored))
                    .collect::<Vec<_>>()
            })
        });
        let running: Vec<_> = shares.collect();
        running
            .into_iter()
            .flat_map(|share| share.join().expect("decoding catches its panics"))
            .collect()
    })
}

/// Decodes one document. A decoder that panics is our bug, and costs only this document.
fn decode(adapters: Adapters, stored: &StoredDocument) -> Ready<'_> {
    let opened = catch_unwind(AssertUnwindSafe(|| open(adapters, stored)));
    let decoded = match opened {
        Ok(Opened::Decoded(decoded)) => Ok(decoded),
        Ok(Opened::NoAdapter) => Err(format!(
            "no provider `{}` is known to this program",
            stored.document.scope.provider
        )),
        Err(panic) => Err(format!("decoding failed: {}", panic_words(panic.as_ref()))),
    };
    Ready { stored, decoded }
}

/// What each document comes to, in order of arrival, and the cases that the store had something of before.
pub(crate) fn outcomes(
    ready: Vec<Ready<'_>>,
    near: Vec<StoredFact>,
) -> (Vec<Outcome<'_>>, BTreeSet<CaseId>) {
    let count = threads(ready.len());
    if count == 1 {
        let numbered = ready.into_iter().enumerate().collect();
        let (outcomes, stored) = lane(numbered, near);
        return (
            outcomes.into_iter().map(|(_, outcome)| outcome).collect(),
            stored,
        );
    }
    let lanes = deal(ready, near, count);
    let mut all = Vec::new();
    let mut stored = BTreeSet::new();
    thread::scope(|scope| {
        let running: Vec<_> = lanes
            .into_iter()
            .map(|(documents, near)| scope.spawn(move || lane(documents, near)))
            .collect();
        for running in running {
            let (outcomes, cases) = running
                .join()
                .expect("a lane catches the panics of its documents");
            all.extend(outcomes);
            stored.extend(cases);
        }
    });
    all.sort_by_key(|(number, _)| *number);
    (
        all.into_iter().map(|(_, outcome)| outcome).collect(),
        stored,
    )
}

type Numbered<'a> = Vec<(usize, Ready<'a>)>;

/// Processes the documents of one lane, in order.
fn lane<'a>(
    documents: Numbered<'a>,
    near: Vec<StoredFact>,
) -> (Vec<(usize, Outcome<'a>)>, BTreeSet<CaseId>) {
    let mut working = Working::of(near);
    let stored = working.stored_cases();
    let outcomes = documents
        .into_iter()
        .map(|(number, ready)| (number, one(&mut working, ready)));
    (outcomes.collect(), stored)
}

/// Deals documents and stored facts to lanes so that nothing in one lane can meet anything in another: whatever shares a
/// reference goes together.
fn deal(
    ready: Vec<Ready<'_>>,
    near: Vec<StoredFact>,
    count: usize,
) -> Vec<(Numbered<'_>, Vec<StoredFact>)> {
    let mut sets = Sets::default();
    let stored: Vec<Option<usize>> = near
        .iter()
        .map(|row| sets.join(fact_places(&row.fact)))
        .collect();
    let arrived: Vec<Option<usize>> = ready
        .iter()
        .map(|document| {
            let facts = document.decoded.iter().flat_map(|decoded| &decoded.facts);
            sets.join(
                facts
                    .flat_map(|located| fact_places(&located.fact))
                    .collect(),
            )
        })
        .collect();
    let mut lanes: Vec<(Numbered<'_>, Vec<StoredFact>)> =
        (0..count).map(|_| Default::default()).collect();
    let lane_of = |set: Option<usize>, number: usize, sets: &mut Sets| {
        set.map_or(number, |set| sets.root(set)) % count
    };
    for (number, (document, set)) in ready.into_iter().zip(arrived).enumerate() {
        let lane = lane_of(set, number, &mut sets);
        if let Some((documents, _)) = lanes.get_mut(lane) {
            documents.push((number, document));
        }
    }
    for (number, (row, set)) in near.into_iter().zip(stored).enumerate() {
        let lane = lane_of(set, number, &mut sets);
        if let Some((_, facts)) = lanes.get_mut(lane) {
            facts.push(row);
        }
    }
    lanes
}

pub(crate) fn fact_places(fact: &dispute::fact::Fact) -> Vec<(Scope, Reference)> {
    fact.refs
        .joining()
        .map(|reference| (fact.scope.clone(), reference.clone()))
        .collect()
}

/// Disjoint sets of references, numbered.
#[derive(Default)]
struct Sets {
    parents: Vec<usize>,
    places: BTreeMap<(Scope, Reference), usize>,
}

impl Sets {
    /// Joins all these places into one set and names it; `None` when there are none.
    fn join(&mut self, places: Vec<(Scope, Reference)>) -> Option<usize> {
        let mut joined: Option<usize> = None;
        for place in places {
            let next = self.parents.len();
            let set = *self.places.entry(place).or_insert(next);
            if set == next {
                self.parents.push(next);
            }
            let set = self.root(set);
            joined = Some(match joined {
                None => set,
                Some(other) => {
                    let (least, greater) = (set.min(other), set.max(other));
                    if let Some(parent) = self.parents.get_mut(greater) {
                        *parent = least;
                    }
                    least
                }
            });
        }
        joined
    }

    fn root(&mut self, set: usize) -> usize {
        let mut at = set;
        while let Some(parent) = self.parents.get(at).copied().filter(|parent| *parent != at) {
            at = parent;
        }
        if let Some(parent) = self.parents.get_mut(set) {
            *parent = at;
        }
        at
    }
}

/// Processes one document against the families at hand.
fn one<'a>(working: &mut Working, document: Ready<'a>) -> Outcome<'a> {
    let Ready { stored, decoded } = document;
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(trouble) => return Outcome::set_aside(stored, "", trouble, Vec::new()),
    };
    let rejects = reject_rows(&decoded);
    if let Some(reject) = decoded
        .rejects
        .iter()
        .find(|reject| reject.code.holds_document())
    {
        return Outcome::set_aside(stored, &decoded.form, reject.detail.clone(), rejects);
    }
    let (new, known_before) = unknown(working, &decoded);
    let knowns: Vec<Known> = new.iter().map(|(known, _)| known.clone()).collect();
    let considered = catch_unwind(AssertUnwindSafe(|| working.consider(&knowns)));
    let change = match considered {
        Ok(Ok(change)) => change,
        Ok(Err(error)) => {
            return Outcome::set_aside(stored, &decoded.form, error.to_string(), rejects);
        }
        Err(panic) => {
            let trouble = format!("deriving failed: {}", panic_words(panic.as_ref()));
            return Outcome::set_aside(stored, &decoded.form, trouble, rejects);
        }
    };
    let mut families: Vec<FamilyChange> =
        change.now.iter().map(|held| bare(held, &change)).collect();
    if let Some(first) = families.first_mut() {
        attach(first, stored, &change.effects);
    }
    let fate = match (decoded.facts.is_empty(), decoded.rejects.is_empty()) {
        (false, _) => Fate::Applied,
        (true, false) => Fate::Rejected,
        (true, true) => Fate::OtherBusiness,
    };
    let facts = new.into_iter().map(|(known, span)| FactRow {
        family: family_of(&change, &known),
        id: known.id,
        fact: known.fact,
        document: stored.id.clone(),
        span,
        known_at: stored.document.received_at,
    });
    let processed = Processed {
        document: stored.id.clone(),
        fate,
        form: decoded.form,
        trouble: String::new(),
        rejects,
        facts: facts.collect(),
        known_before,
    };
    let posted = change.effects.posted.clone();
    working.accept(change);
    Outcome {
        stored,
        processed,
        families,
        posted,
    }
}

/// What processing one document gives.
pub(crate) struct Outcome<'a> {
    pub stored: &'a StoredDocument,
    pub processed: Processed,
    /// Without their entries: those are numbered afterwards, in order of arrival.
    pub families: Vec<FamilyChange>,
    pub posted: Vec<Posted>,
}

impl<'a> Outcome<'a> {
    /// Quarantined: kept whole, nothing applied, with the reason.
    fn set_aside(
        stored: &'a StoredDocument,
        form: &str,
        trouble: String,
        rejects: Vec<RejectRow>,
    ) -> Outcome<'a> {
        let processed = Processed {
            document: stored.id.clone(),
            fate: Fate::Quarantined,
            form: form.to_owned(),
            trouble,
            rejects,
            facts: Vec::new(),
            known_before: 0,
        };
        Outcome {
            stored,
            processed,
            families: Vec::new(),
            posted: Vec::new(),
        }
    }
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The words of a panic, for the quarantine. Panics carry our own texts, never document bytes.
fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| String::from("a panic without words"))
}

pub(crate) fn places(ready: &[Ready<'_>]) -> Vec<(Scope, Reference)> {
    let mut places = BTreeSet::new();
    for decoded in ready
        .iter()
        .filter_map(|document| document.decoded.as_ref().ok())
    {
        for Located { fact, .. } in &decoded.facts {
            for reference in fact.refs.joining() {
                places.insert((fact.scope.clone(), reference.clone()));
            }
        }
    }
    places.into_iter().collect()
}

/// The statements that are new, each once, with their bytes; and how many were known.
fn unknown(working: &Working, decoded: &Decoded) -> (Vec<(Known, dispute::fact::Span)>, u32) {
    let mut seen = BTreeSet::new();
    let mut new = Vec::new();
    let mut known_before = 0;
    for located in &decoded.facts {
        let known = Known::of(located.fact.clone());
        if working.knows(&known.id) || !seen.insert(known.id.clone()) {
            known_before += 1;
        } else {
            new.push((known, located.span));
        }
    }
    (new, known_before)
}

fn reject_rows(decoded: &Decoded) -> Vec<RejectRow> {
    let rows = decoded.rejects.iter().map(|reject| RejectRow {
        span: reject.span,
        code: reject.code.code().to_owned(),
        name: reject.code.name().to_owned(),
        detail: reject.detail.clone(),
        hint: reject.hint.clone(),
    });
    rows.collect()
}

fn family_of(change: &Change, known: &Known) -> dispute::id::FamilyId {
    let held = change
        .now
        .iter()
        .find(|held| held.family.facts.binary_search(known).is_ok());
    held.expect("every new statement is in one of the families it made")
        .family
        .id
        .clone()
}

/// A family's rows without effects: the cases that changed, and the facts that moved in.
fn bare(held: &Held, change: &Change) -> FamilyChange {
    // A case whose family has another name now is written again even if nothing else of it changed: its row leads to its
    // facts through the family.
    let changed = held.derived.cases.iter().filter(|case| {
        let before = change.before.get(&case.id);
        before.is_none_or(|(family, before)| *family != held.family.id || before != *case)
    });
    let cases: Vec<_> = changed.cloned().collect();
    let scope = held
        .family
        .facts
        .first()
        .map(|known| known.fact.scope.clone());
    FamilyChange {
        family: held.family.id.clone(),
        scope: scope.expect("a family has at least one statement"),
        moved_facts: change
            .moved
            .get(&held.family.id)
            .cloned()
            .unwrap_or_default(),
        digests: cases.iter().map(digest::of_case).collect(),
        cases,
        entries: Vec::new(),
        timers_set: Vec::new(),
        timers_cleared: Vec::new(),
        outbox_added: Vec::new(),
        outbox_removed: Vec::new(),
        findings_opened: Vec::new(),
        findings_closed: Vec::new(),
    }
}

fn attach(row: &mut FamilyChange, stored: &StoredDocument, effects: &Effects) {
    let scope = row.scope.clone();
    row.timers_set = effects
        .timers_set
        .iter()
        .map(|timer| TimerRow {
            id: timer.id.clone(),
            scope: scope.clone(),
            case: timer.case.clone(),
            what: timer.what.clone(),
            due: timer.due,
        })
        .collect();
    row.timers_cleared = effects.timers_cleared.clone();
    row.outbox_added = effects
        .outgoing_added
        .iter()
        .map(|outgoing| outbox_row(outgoing, &scope, stored))
        .collect();
    row.outbox_removed = effects.outgoing_removed.clone();
    row.findings_opened = effects.findings_opened.clone();
    row.findings_closed = effects.findings_closed.clone();
}

fn outbox_row(
    outgoing: &dispute::effects::Outgoing,
    scope: &Scope,
    stored: &StoredDocument,
) -> OutboxRow {
    let known_at = stored.document.received_at;
    let not_before = match outgoing.errand {
        Errand::Resolve => known_at.plus_seconds(RESOLVE_AFTER_SECONDS),
        Errand::Submit | Errand::Accept | Errand::Dishonor => known_at,
    };
    OutboxRow {
        id: outgoing.id.clone(),
        scope: scope.clone(),
        case: outgoing.case.clone(),
        verb: format!("{}/{}", outgoing.errand.name(), outgoing.stage),
        digest: outgoing.digest.clone(),
        attempt: outgoing.attempt,
        not_before,
        tries: 0,
        last_trouble: String::new(),
    }
}
