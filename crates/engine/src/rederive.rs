//! The kept rows brought to what this program makes of the kept facts: after an upgrade that derives otherwise, or when a row
//! was changed by hand.
//!
//! Facts are never touched, and nothing that was posted is taken out of the books: what differs is posted as a correction,
//! the next of its key, under a document of our own that says what was repaired.

use crate::{Engine, Error};
use calendar::Instant;
use dispute::books::leg_line;
use dispute::case::Case;
use dispute::derive::{Derived, derive};
use dispute::digest;
use dispute::effects::{Effects, Posted, effects};
use dispute::fact::Scope;
use dispute::family::{Family, Known, families};
use dispute::finding::Finding;
use dispute::id::{CaseId, DocumentId, EntryId, FamilyId, FindingId};
use ledger::{Entry, Leg, diff};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    CaseRow, Commit, EntryRow, FactRow, FamilyChange, Fate, Leaf, NewDocument, OutboxRow,
    Processed, Store, StoredFact, TimerRow, Way,
};

/// How many families one transaction repairs at most.
const FAMILIES_AT_ONCE: u32 = 200;
/// How many rows are read at a time.
const PAGE: u32 = 1_000;
/// The name of the documents under which corrections stand, and the first word of their audit leaves.
const NAME: &str = "derive-again";

/// One kept row that this program derives otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub scope: Scope,
    /// `None` for money in suspense.
    pub case: Option<CaseId>,
    /// The provider's reference; empty for money in suspense.
    pub dispute: String,
    /// `status`, `money`, `entry m1 #2`, `finding residue`, and so on.
    pub what: String,
    pub kept: String,
    pub derived: String,
}

/// What deriving everything again came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rederived {
    pub cases: u64,
    pub differences: Vec<Difference>,
    /// Correction entries that were posted, or would be.
    pub corrections: u64,
    /// Cases that are kept and that no fact derives. A repair leaves them: which of the two is wrong is not its to say.
    pub underived: Vec<CaseId>,
    pub applied: bool,
}

/// What the desk waits for, whole: both are as short as what is open.
struct Waiting {
    timers: BTreeMap<CaseId, Vec<TimerRow>>,
    outbox: BTreeMap<CaseId, Vec<OutboxRow>>,
}

/// What one round repairs.
struct Repair {
    changes: Vec<FamilyChange>,
    differences: Vec<Difference>,
}

/// One posting key: whose books, which case, which movement.
type Key = (Scope, Option<CaseId>, String);

/// What is kept under a posting key, or should be.
#[derive(Clone)]
struct Sum {
    legs: Vec<Leg>,
    entries: u32,
    at: Instant,
    fact: Option<dispute::id::FactId>,
}

impl<S: Store> Engine<S> {
    /// Derives every case from the kept facts, and says where the kept rows differ; with `apply` repairs them, some families
    /// a transaction. Taken again after a failure it goes on where it stopped, for what is repaired does not differ.
    ///
    /// Facts are grouped into families as they are kept, except that a family that falls apart now is parted.
    ///
    /// # Errors
    /// When the store fails, another writer is first, or what is derived does not balance.
    pub fn derive_again(&mut self, now: Instant, apply: bool) -> Result<Rederived, Error> {
        let waiting = self.waiting()?;
        let mut all = Rederived {
            cases: 0,
            differences: Vec::new(),
            corrections: 0,
            underived: Vec::new(),
            applied: apply,
        };
        let mut seen = BTreeSet::new();
        let mut suspense: BTreeMap<Key, Sum> = BTreeMap::new();
        let mut after: Option<FamilyId> = None;
        loop {
            // A unit of work begins: what is read from here on must still be so when it is written.
            let fresh = self.store.pending(1);
            fresh.map_err(Error::store("reading pending documents"))?;
            let page = self.store.families_after(after.as_ref(), FAMILIES_AT_ONCE);
            let page = page.map_err(Error::store("listing families"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            let facts = self.store.facts_of_families(&page);
            let facts = facts.map_err(Error::store("loading families"))?;
            let mut repair = Repair::none();
            for (kept, known) in by_family(facts) {
                for family in families(known) {
                    let derived = derive(&family);
                    all.cases += u64::try_from(derived.cases.len()).unwrap_or(u64::MAX);
                    seen.extend(derived.cases.iter().map(|case| case.id.clone()));
                    self.compare_family(&kept, &family, &derived, &waiting, &mut repair)?;
                    let wanted = wanted(&family.id, &derived)?;
                    add_suspense(&mut suspense, &wanted);
                }
            }
            self.finish(repair, now, apply, &mut all)?;
        }
        let repair = self.compare_suspense(suspense)?;
        self.finish(repair, now, apply, &mut all)?;
        all.underived = self.underived(&seen)?;
        Ok(all)
    }

    /// Whether corrections of a repair stand in these books.
    pub(crate) fn was_derived_again(&mut self) -> Result<bool, Error> {
        let mut from = 0;
        loop {
            let page = self.store.leaves(from, PAGE);
            let page = page.map_err(Error::store("reading the log"))?;
            if page.is_empty() {
                return Ok(false);
            }
            from += u64::try_from(page.len()).unwrap_or(u64::MAX);
            if page.iter().any(|leaf| leaf.starts_with(NAME.as_bytes())) {
                return Ok(true);
            }
        }
    }

    fn waiting(&mut self) -> Result<Waiting, Error> {
        let timers = self.store.timers_due(Instant::MAX, u32::MAX);
        let outbox = self.store.outbox_all(u32::MAX);
        let mut waiting = Waiting {
            timers: BTreeMap::new(),
            outbox: BTreeMap::new(),
        };
        for row in timers.map_err(Error::store("reading timers"))? {
            waiting
                .timers
                .entry(row.case.clone())
                .or_default()
                .push(row);
        }
        for row in outbox.map_err(Error::store("reading the outbox"))? {
            waiting
                .outbox
                .entry(row.case.clone())
                .or_default()
                .push(row);
        }
        Ok(waiting)
    }

    fn compare_family(
        &mut self,
        kept: &FamilyId,
        family: &Family,
        derived: &Derived,
        waiting: &Waiting,
        repair: &mut Repair,
    ) -> Result<(), Error> {
        let effects = wanted(&family.id, derived)?;
        let Some(first) = family.facts.first() else {
            return Ok(());
        };
        let mut change = empty_change(&family.id, &first.fact.scope);
        if family.id != *kept {
            change.moved_facts = family.facts.iter().map(|known| known.id.clone()).collect();
        }
        for case in &derived.cases {
            let mut differences = Differences::of(case);
            let row = self.store.case_row(&case.id);
            let row = row.map_err(Error::store("reading a case"))?;
            differences.case(case, &family.id, row.as_ref());
            let owed = self.store.obligations_of(&case.id);
            let owed = owed.map_err(Error::store("listing obligations"))?;
            differences.obligations(case, &owed);
            if !differences.found.is_empty() {
                change.digests.push(digest::of_case(case));
                change.cases.push(case.clone());
            }
            let found = self.store.findings_of(&case.id);
            let found = found.map_err(Error::store("reading a case's findings"))?;
            differences.findings(&effects, &found, &mut change);
            differences.waiting(&effects, waiting, &mut change);
            let entries = self.store.entries_of(&case.id);
            let entries = entries.map_err(Error::store("reading entries"))?;
            let posted = effects.posted.iter();
            let posted = posted.filter(|posted| posted.case.as_ref() == Some(&case.id));
            let should = sums_of(posted);
            differences.entries(&sums_kept(&entries), &should, &family.id, &mut change)?;
            repair.differences.extend(differences.found);
        }
        if change != empty_change(&family.id, &first.fact.scope) {
            repair.changes.push(change);
        }
        Ok(())
    }

    /// Money in suspense is nobody's, so families that wait with one key are summed.
    fn compare_suspense(&mut self, should: BTreeMap<Key, Sum>) -> Result<Repair, Error> {
        let fresh = self.store.pending(1);
        fresh.map_err(Error::store("reading pending documents"))?;
        let mut entries = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.entries_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("listing entries"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            entries.extend(page.into_iter().filter(|row| row.case.is_none()));
        }
        let kept = sums_kept(&entries);
        let mut repair = Repair::none();
        let scopes: BTreeSet<Scope> = kept
            .keys()
            .chain(should.keys())
            .map(|key| key.0.clone())
            .collect();
        for scope in scopes {
            let own = |sums: &BTreeMap<Key, Sum>| -> BTreeMap<Key, Sum> {
                let own = sums.iter().filter(|(key, _)| key.0 == scope);
                own.map(|(key, sum)| (key.clone(), sum.clone())).collect()
            };
            let family = FamilyId::of(&[&scope.provider, &scope.account, "suspense"]);
            let mut change = empty_change(&family, &scope);
            let mut differences = Differences {
                scope: scope.clone(),
                case: None,
                dispute: String::new(),
                found: Vec::new(),
            };
            differences.entries(&own(&kept), &own(&should), &family, &mut change)?;
            if !differences.found.is_empty() {
                repair.differences.extend(differences.found);
                repair.changes.push(change);
            }
        }
        Ok(repair)
    }

    /// Adds what a round found to the account, and writes it when that is asked for.
    fn finish(
        &mut self,
        repair: Repair,
        now: Instant,
        apply: bool,
        all: &mut Rederived,
    ) -> Result<(), Error> {
        let entries: usize = repair
            .changes
            .iter()
            .map(|change| change.entries.len())
            .sum();
        all.corrections += u64::try_from(entries).unwrap_or(u64::MAX);
        if apply && !repair.changes.is_empty() {
            self.write(&repair, now)?;
        }
        all.differences.extend(repair.differences);
        Ok(())
    }

    /// Keeps one document an account that says what is repaired, and the repair under it.
    fn write(&mut self, repair: &Repair, now: Instant) -> Result<(), Error> {
        let scopes: BTreeSet<Scope> = repair
            .changes
            .iter()
            .map(|change| change.scope.clone())
            .collect();
        let mut commit = Commit {
            now,
            processed: Vec::new(),
            families: Vec::new(),
            leaves: Vec::new(),
        };
        for scope in scopes {
            let document = document(&scope, &repair.differences, now);
            let appended = self.store.append(&[document]);
            let appended = appended.map_err(Error::store("keeping what is repaired"))?;
            let appended = appended.first().expect("a store answers for each document");
            let own = repair.changes.iter().filter(|change| change.scope == scope);
            let mut own: Vec<FamilyChange> = own.cloned().collect();
            for change in &mut own {
                for entry in &mut change.entries {
                    entry.document = appended.id.clone();
                    entry.known_at = now;
                }
                for row in &mut change.outbox_added {
                    row.not_before = now;
                }
            }
            let processed = processed(&appended.id);
            let Leaf(applied) = crate::applied_leaf(&processed, &own, now);
            commit.leaves.push(Leaf(format!("{NAME} {applied}")));
            commit.processed.push(processed);
            commit.families.extend(own);
        }
        self.store
            .commit(&commit)
            .map_err(Error::store("committing a repair"))
    }

    fn underived(&mut self, seen: &BTreeSet<CaseId>) -> Result<Vec<CaseId>, Error> {
        let mut underived = Vec::new();
        let mut after: Option<CaseId> = None;
        loop {
            let page = self.store.digests_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("listing cases"))?;
            let Some((last, _)) = page.last() else {
                return Ok(underived);
            };
            after = Some(last.clone());
            let ids = page.into_iter().map(|(id, _)| id);
            underived.extend(ids.filter(|id| !seen.contains(id)));
        }
    }
}

impl Repair {
    fn none() -> Repair {
        Repair {
            changes: Vec::new(),
            differences: Vec::new(),
        }
    }
}

/// Everything that a family asks for, as if nothing of it were there yet.
fn wanted(family: &FamilyId, derived: &Derived) -> Result<Effects, Error> {
    effects(&[], core::slice::from_ref(derived)).map_err(|source| Error::Unbalanced {
        family: family.clone(),
        source: Box::new(source),
    })
}

fn by_family(facts: Vec<StoredFact>) -> BTreeMap<FamilyId, Vec<Known>> {
    let mut kept: BTreeMap<FamilyId, Vec<Known>> = BTreeMap::new();
    for row in facts {
        let known = Known {
            fact: row.fact,
            id: row.id,
        };
        kept.entry(row.family).or_default().push(known);
    }
    kept
}

fn empty_change(family: &FamilyId, scope: &Scope) -> FamilyChange {
    FamilyChange {
        family: family.clone(),
        scope: scope.clone(),
        moved_facts: Vec::new(),
        cases: Vec::new(),
        digests: Vec::new(),
        entries: Vec::new(),
        timers_set: Vec::new(),
        timers_cleared: Vec::new(),
        outbox_added: Vec::new(),
        outbox_removed: Vec::new(),
        findings_opened: Vec::new(),
        findings_closed: Vec::new(),
    }
}

/// A document of ours that states nothing: its lines tell people what was repaired. Processed again it changes nothing.
fn document(scope: &Scope, differences: &[Difference], now: Instant) -> NewDocument {
    let mut document = crate::timers::own_document(scope, Way::Desk, NAME, &[], now);
    let mut body = format!("# derived again at {now}\n");
    for one in differences.iter().filter(|one| one.scope == *scope) {
        let case = one.case.as_ref().map_or("suspense", CaseId::as_str);
        body.push_str(
            &format!("# {case} {}: {} -> {}\n", one.what, one.kept, one.derived)
                .replace(['\r', '\u{0}'], " "),
        );
    }
    document.body = body.into_bytes();
    document
}

fn processed(document: &DocumentId) -> Processed {
    Processed {
        document: document.clone(),
        fate: Fate::Applied,
        form: String::from("desk"),
        trouble: String::new(),
        rejects: Vec::new(),
        facts: Vec::<FactRow>::new(),
        known_before: 0,
    }
}

fn place(entry: &Entry) -> Option<Scope> {
    let leg = entry.legs().first()?;
    Some(Scope {
        provider: leg.account.provider.clone(),
        account: leg.account.account.clone(),
    })
}

fn sums_kept(entries: &[EntryRow]) -> BTreeMap<Key, Sum> {
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    for row in entries {
        let key = (row.scope.clone(), row.case.clone(), row.key.clone());
        let sum = sums.entry(key).or_insert_with(|| Sum {
            legs: Vec::new(),
            entries: 0,
            at: row.effective_at,
            fact: row.fact.clone(),
        });
        sum.legs.extend_from_slice(row.entry.legs());
        sum.entries = sum.entries.max(row.ordinal);
    }
    sums
}

fn sums_of<'a>(posted: impl Iterator<Item = &'a Posted>) -> BTreeMap<Key, Sum> {
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    for one in posted {
        let Some(scope) = place(&one.entry) else {
            continue;
        };
        let sum = sums
            .entry((scope, one.case.clone(), one.key.clone()))
            .or_insert_with(|| Sum {
                legs: Vec::new(),
                entries: 0,
                at: one.at,
                fact: one.fact.clone(),
            });
        sum.legs.extend_from_slice(one.entry.legs());
    }
    sums
}

fn add_suspense(suspense: &mut BTreeMap<Key, Sum>, wanted: &Effects) {
    let waits = wanted.posted.iter().filter(|posted| posted.case.is_none());
    for (key, sum) in sums_of(waits) {
        match suspense.get_mut(&key) {
            Some(there) => there.legs.extend(sum.legs),
            None => drop(suspense.insert(key, sum)),
        }
    }
}

/// Where one case's kept rows differ.
struct Differences {
    scope: Scope,
    case: Option<CaseId>,
    dispute: String,
    found: Vec<Difference>,
}

impl Differences {
    fn of(case: &Case) -> Differences {
        Differences {
            scope: case.scope.clone(),
            case: Some(case.id.clone()),
            dispute: case.dispute.clone(),
            found: Vec::new(),
        }
    }

    fn note(&mut self, what: &str, kept: String, derived: String) {
        if kept != derived {
            self.found.push(Difference {
                scope: self.scope.clone(),
                case: self.case.clone(),
                dispute: self.dispute.clone(),
                what: what.to_owned(),
                kept,
                derived,
            });
        }
    }

    fn case(&mut self, case: &Case, family: &FamilyId, row: Option<&CaseRow>) {
        let Some(row) = row else {
            return self.note(
                "case",
                String::from("absent"),
                String::from(case.status.word()),
            );
        };
        let shown =
            |amount: Option<money::Money>| amount.map_or(String::from("none"), |it| it.to_string());
        let stage = case.status.stage().map_or("", |stage| stage.name());
        let due = case.status.deadline().and_then(|due| due.respond_by());
        let due_words =
            |due: Option<calendar::Moment>| due.map_or(String::from("none"), |it| it.to_string());
        let off = case.divergence.as_ref().map(|off| off.amount);
        self.note(
            "status",
            row.status.clone(),
            String::from(case.status.word()),
        );
        self.note("stage", row.stage.clone(), stage.to_owned());
        self.note("money", row.money.clone(), String::from(case.money.name()));
        self.note("disputed", shown(row.disputed), shown(case.disputed));
        self.note("divergence", shown(row.divergence), shown(off));
        self.note("respond-by", due_words(row.respond_by), due_words(due));
        self.note("family", row.family.to_string(), family.to_string());
        if self.found.is_empty() {
            self.note("digest", row.digest.clone(), digest::of_case(case));
        }
    }

    fn obligations(&mut self, case: &Case, kept: &[store::ObligationRow]) {
        let words = |duty: &str, due: &str, amount: &str, standing: &str| {
            (duty.to_owned(), format!("{amount} by {due}: {standing}"))
        };
        let amount =
            |it: Option<money::Money>| it.map_or(String::from("no amount"), |it| it.to_string());
        let kept = kept.iter().map(|row| {
            words(
                &row.duty,
                &row.due_by.to_string(),
                &amount(row.amount),
                &row.standing,
            )
        });
        let should = case.obligations.iter().map(|owed| {
            let standing = owed.standing.name();
            words(
                &owed.duty.key(),
                &owed.due_by.to_string(),
                &amount(owed.amount),
                standing,
            )
        });
        self.both("obligation", &kept.collect(), &should.collect());
    }

    fn both(
        &mut self,
        what: &str,
        kept: &BTreeMap<String, String>,
        should: &BTreeMap<String, String>,
    ) {
        let keys: BTreeSet<&String> = kept.keys().chain(should.keys()).collect();
        for key in keys {
            let words = |rows: &BTreeMap<String, String>| {
                rows.get(key)
                    .cloned()
                    .unwrap_or_else(|| String::from("absent"))
            };
            self.note(&format!("{what} {key}"), words(kept), words(should));
        }
    }

    fn findings(
        &mut self,
        wanted: &Effects,
        kept: &[store::FindingRow],
        change: &mut FamilyChange,
    ) {
        let open = kept.iter().filter(|row| row.closed_at.is_none());
        let open: BTreeMap<FindingId, &Finding> =
            open.map(|row| (row.id.clone(), &row.finding)).collect();
        let own = wanted
            .findings_opened
            .iter()
            .filter(|(case, _)| Some(case) == self.case.as_ref());
        let own: BTreeMap<FindingId, &(CaseId, Finding)> =
            own.map(|one| (one.1.id(&one.0), one)).collect();
        for (id, one) in &own {
            if open.get(id) != Some(&&one.1) {
                let was = open.get(id).map_or("absent", |finding| &finding.detail);
                let what = format!("finding {}", one.1.kind.name());
                self.note(&what, was.to_owned(), one.1.detail.clone());
                change.findings_opened.push((*one).clone());
            }
        }
        for (id, finding) in open.iter().filter(|(id, _)| !own.contains_key(*id)) {
            let what = format!("finding {}", finding.kind.name());
            self.note(&what, finding.detail.clone(), String::from("absent"));
            change.findings_closed.push(id.clone());
        }
    }

    /// What the clock and the transport wait for.
    fn waiting(&mut self, wanted: &Effects, waiting: &Waiting, change: &mut FamilyChange) {
        let Some(case) = self.case.clone() else {
            return;
        };
        let none = Vec::new();
        let timers = waiting.timers.get(&case).unwrap_or(&none);
        for timer in wanted.timers_set.iter().filter(|timer| timer.case == case) {
            if !timers.iter().any(|row| row.id == timer.id) {
                let words = format!("{} by {}", timer.what, timer.due);
                self.note("timer", String::from("absent"), words);
                change.timers_set.push(TimerRow {
                    id: timer.id.clone(),
                    scope: self.scope.clone(),
                    case: case.clone(),
                    what: timer.what.clone(),
                    due: timer.due,
                });
            }
        }
        for row in timers {
            if !wanted.timers_set.iter().any(|timer| timer.id == row.id) {
                let words = format!("{} by {}", row.what, row.due);
                self.note("timer", words, String::from("absent"));
                change.timers_cleared.push(row.id.clone());
            }
        }
        let none = Vec::new();
        let outbox = waiting.outbox.get(&case).unwrap_or(&none);
        for outgoing in wanted
            .outgoing_added
            .iter()
            .filter(|outgoing| outgoing.case == case)
        {
            if !outbox.iter().any(|row| row.id == outgoing.id) {
                let row = OutboxRow {
                    id: outgoing.id.clone(),
                    scope: self.scope.clone(),
                    case: case.clone(),
                    verb: format!("{}/{}", outgoing.errand.name(), outgoing.stage),
                    digest: outgoing.digest.clone(),
                    attempt: outgoing.attempt,
                    // Set when the repair is written.
                    not_before: Instant::MIN,
                    tries: 0,
                    last_trouble: String::new(),
                };
                self.note("send", String::from("absent"), row.verb.clone());
                change.outbox_added.push(row);
            }
        }
        for row in outbox {
            if !wanted
                .outgoing_added
                .iter()
                .any(|outgoing| outgoing.id == row.id)
            {
                self.note("send", row.verb.clone(), String::from("absent"));
                change.outbox_removed.push(row.id.clone());
            }
        }
    }

    fn entries(
        &mut self,
        kept: &BTreeMap<Key, Sum>,
        should: &BTreeMap<Key, Sum>,
        family: &FamilyId,
        change: &mut FamilyChange,
    ) -> Result<(), Error> {
        let keys: BTreeSet<&Key> = kept.keys().chain(should.keys()).collect();
        for key in keys {
            let (old, new) = (kept.get(key), should.get(key));
            let legs = |sum: Option<&Sum>| sum.map_or(Vec::new(), |sum| sum.legs.clone());
            let entry = diff(&legs(old), &legs(new)).map_err(|source| Error::Unbalanced {
                family: family.clone(),
                source: Box::new(source),
            })?;
            let (Some(entry), Some(source)) = (entry, new.or(old)) else {
                continue;
            };
            let (scope, case, name) = key;
            let ordinal = old.map_or(0, |sum| sum.entries) + 1;
            let lines: Vec<String> = entry.legs().iter().map(leg_line).collect();
            let none = String::from("not posted");
            self.note(&format!("entry {name} #{ordinal}"), none, lines.join("; "));
            let of_case = case.as_ref().map_or("suspense", CaseId::as_str);
            let number = ordinal.to_string();
            change.entries.push(EntryRow {
                id: EntryId::of(&[&scope.provider, &scope.account, of_case, name, &number]),
                scope: scope.clone(),
                case: case.clone(),
                key: name.clone(),
                ordinal,
                effective_at: source.at,
                // Both are the document's under which the correction is written, and set with it.
                known_at: source.at,
                document: DocumentId::of(&[]),
                fact: source.fact.clone(),
                entry,
            });
        }
        Ok(())
    }
}
