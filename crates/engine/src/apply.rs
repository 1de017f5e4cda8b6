//! From documents to one commit: decode, append facts, derive, take the difference.

use crate::decode::{Opened, open};
use crate::working::{Change, Held, Working};
use crate::{Engine, Error, Progress};
use adapter::{Decoded, Located};
use calendar::Instant;
use dispute::digest;
use dispute::effects::{Effects, Errand};
use dispute::fact::Scope;
use dispute::family::Known;
use dispute::id::{CaseId, EntryId, digest as hash};
use dispute::reference::Reference;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::{
    Commit, EntryRow, FactRow, FamilyChange, Fate, Leaf, OutboxRow, Processed, RejectRow, Store,
    StoredDocument, TimerRow,
};

/// How long after a send the read-back that settles it may start: the send itself is still being answered before that.
pub(crate) const RESOLVE_AFTER_SECONDS: i64 = 60;

/// A document with what it says.
struct Ready<'a> {
    stored: &'a StoredDocument,
    decoded: Result<Decoded, String>,
}

impl<S: Store> Engine<S> {
    /// Processes a batch in order of arrival, in one transaction.
    pub(crate) fn process(
        &mut self,
        batch: &[StoredDocument],
        now: Instant,
    ) -> Result<Progress, Error> {
        let ready: Vec<Ready<'_>> = batch.iter().map(|stored| self.ready(stored)).collect();
        let places = places(&ready);
        let near = self
            .store
            .facts_near(&places)
            .map_err(Error::store("loading families"))?;
        let mut working = Working::of(near);
        let mut commit = Commit {
            now,
            processed: Vec::new(),
            families: Vec::new(),
            leaves: Vec::new(),
        };
        let mut progress = Progress::default();
        for document in ready {
            let outcome = self.one(&mut working, document)?;
            progress.documents += 1;
            progress.facts += count(outcome.processed.facts.len());
            progress.entries += count(
                outcome
                    .families
                    .iter()
                    .map(|family| family.entries.len())
                    .sum(),
            );
            progress.quarantined += u32::from(outcome.processed.fate == Fate::Quarantined);
            commit
                .leaves
                .push(applied_leaf(&outcome.processed, &outcome.families, now));
            commit.processed.push(outcome.processed);
            commit.families.extend(outcome.families);
        }
        self.store
            .commit(&commit)
            .map_err(Error::store("committing a batch"))?;
        Ok(progress)
    }

    /// Decodes one document. A decoder that panics is our bug, and costs only this document.
    fn ready<'a>(&self, stored: &'a StoredDocument) -> Ready<'a> {
        let adapters = self.adapters();
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

    /// Processes one document against the families at hand.
    fn one(&mut self, working: &mut Working, document: Ready<'_>) -> Result<Outcome, Error> {
        let Ready { stored, decoded } = document;
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(trouble) => return Ok(Outcome::set_aside(stored, "", trouble, Vec::new())),
        };
        let rejects = reject_rows(&decoded);
        if decoded.held() {
            let trouble = decoded
                .rejects
                .iter()
                .find(|reject| reject.code.holds_document());
            let trouble = trouble
                .map(|reject| reject.detail.clone())
                .unwrap_or_default();
            return Ok(Outcome::set_aside(stored, &decoded.form, trouble, rejects));
        }
        let (new, known_before) = unknown(working, &decoded);
        let knowns: Vec<Known> = new.iter().map(|(known, _)| known.clone()).collect();
        let considered = catch_unwind(AssertUnwindSafe(|| working.consider(&knowns)));
        let change = match considered {
            Ok(Ok(change)) => change,
            Ok(Err(error)) => {
                return Ok(Outcome::set_aside(
                    stored,
                    &decoded.form,
                    error.to_string(),
                    rejects,
                ));
            }
            Err(panic) => {
                let trouble = format!("deriving failed: {}", panic_words(panic.as_ref()));
                return Ok(Outcome::set_aside(stored, &decoded.form, trouble, rejects));
            }
        };
        let families = self.family_changes(working, stored, &change)?;
        working.accept(&change);
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
        Ok(Outcome {
            processed,
            families,
        })
    }

    /// The rows of a change. Effects of the whole change ride on the first of its families.
    fn family_changes(
        &mut self,
        working: &mut Working,
        stored: &StoredDocument,
        change: &Change,
    ) -> Result<Vec<FamilyChange>, Error> {
        let mut families: Vec<FamilyChange> =
            change.now.iter().map(|held| bare(held, change)).collect();
        let entries = self.entry_rows(working, stored, &change.effects)?;
        if let Some(first) = families.first_mut() {
            first.entries = entries;
            attach(first, stored, &change.effects);
        }
        Ok(families)
    }

    fn entry_rows(
        &mut self,
        working: &mut Working,
        stored: &StoredDocument,
        effects: &Effects,
    ) -> Result<Vec<EntryRow>, Error> {
        let mut rows = Vec::with_capacity(effects.posted.len());
        for posted in &effects.posted {
            let scope = entry_scope(posted, stored);
            let ordinal = self.next_ordinal(working, &scope, posted.case.clone(), &posted.key)?;
            let case = posted.case.as_ref().map_or("suspense", CaseId::as_str);
            let number = ordinal.to_string();
            rows.push(EntryRow {
                id: EntryId::of(&[&scope.provider, &scope.account, case, &posted.key, &number]),
                scope,
                case: posted.case.clone(),
                key: posted.key.clone(),
                ordinal,
                effective_at: posted.at,
                known_at: stored.document.received_at,
                document: stored.id.clone(),
                fact: posted.fact.clone(),
                entry: posted.entry.clone(),
            });
        }
        Ok(rows)
    }

    fn next_ordinal(
        &mut self,
        working: &mut Working,
        scope: &Scope,
        case: Option<CaseId>,
        key: &str,
    ) -> Result<u32, Error> {
        let place = (scope.clone(), case.clone(), key.to_owned());
        let used = match working.ordinals.get(&place) {
            Some(used) => *used,
            None if !working.may_have_entries(case.as_ref()) => 0,
            None => {
                let counts = self.store.ordinals(scope, &[(case, key.to_owned())]);
                let counts = counts.map_err(Error::store("numbering an entry"))?;
                counts.first().copied().unwrap_or(0)
            }
        };
        working.ordinals.insert(place, used + 1);
        Ok(used + 1)
    }
}

/// The books an entry belongs to: those of its account legs, which all lie in one scope.
fn entry_scope(posted: &dispute::effects::Posted, stored: &StoredDocument) -> Scope {
    let leg = posted.entry.legs().first();
    leg.map_or_else(
        || stored.document.scope.clone(),
        |leg| Scope {
            provider: leg.account.provider.clone(),
            account: leg.account.account.clone(),
        },
    )
}

/// What processing one document gives.
struct Outcome {
    processed: Processed,
    families: Vec<FamilyChange>,
}

impl Outcome {
    /// Quarantined: kept whole, nothing applied, with the reason.
    fn set_aside(
        stored: &StoredDocument,
        form: &str,
        trouble: String,
        rejects: Vec<RejectRow>,
    ) -> Outcome {
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
            processed,
            families: Vec::new(),
        }
    }
}

fn count(length: usize) -> u32 {
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

fn places(ready: &[Ready<'_>]) -> Vec<(Scope, Reference)> {
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
    let changed = held
        .derived
        .cases
        .iter()
        .filter(|case| change.before.get(&case.id) != Some(case));
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
        Errand::Submit | Errand::Accept => known_at,
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

/// The audit leaf of one processed document: what it was, what became of it, and a hash over every row it caused.
pub fn applied_leaf(processed: &Processed, families: &[FamilyChange], now: Instant) -> Leaf {
    let mut parts: Vec<&[u8]> = Vec::new();
    parts.extend(
        processed
            .facts
            .iter()
            .map(|fact| fact.id.as_str().as_bytes()),
    );
    for family in families {
        parts.extend(family.digests.iter().map(|digest| digest.as_bytes()));
        parts.extend(
            family
                .entries
                .iter()
                .map(|entry| entry.id.as_str().as_bytes()),
        );
        parts.extend(
            family
                .outbox_added
                .iter()
                .map(|row| row.id.as_str().as_bytes()),
        );
    }
    let effect = hash("effect", &parts);
    let effect: String = effect
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let entries: usize = families.iter().map(|family| family.entries.len()).sum();
    Leaf(format!(
        "applied document={} fate={:?} facts={} rejects={} entries={entries} effect={effect} at={now}",
        processed.document,
        processed.fate,
        processed.facts.len(),
        processed.rejects.len()
    ))
}
