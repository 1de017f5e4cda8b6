//! Is everything as it should be? The invariants of DESIGN section 3 that a live desk can check, each with its figures.

use crate::{Engine, Error};
use calendar::Instant;
use dispute::books::books;
use dispute::derive::{Derived, derive};
use dispute::digest;
use dispute::effects::outgoing;
use dispute::family::{Known, families};
use dispute::id::{CaseId, FamilyId};
use ledger::{Balances, Leg};
use std::collections::{BTreeMap, BTreeSet};
use store::{CaseFilter, Store};

const PAGE: u32 = 1_000;

/// One check and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The invariant's number in DESIGN, or 0 for the store's own.
    pub invariant: u8,
    pub name: &'static str,
    /// How much was looked at.
    pub looked_at: u64,
    /// The breaks, in words; at most the first twenty are listed and `breaks_total` counts all.
    pub breaks: Vec<String>,
    pub breaks_total: u64,
}

impl Check {
    fn new(invariant: u8, name: &'static str) -> Check {
        Check {
            invariant,
            name,
            looked_at: 0,
            breaks: Vec::new(),
            breaks_total: 0,
        }
    }

    fn fault(&mut self, words: String) {
        self.breaks_total += 1;
        if self.breaks.len() < 20 {
            self.breaks.push(words);
        }
    }

    /// Whether the invariant holds.
    pub fn holds(&self) -> bool {
        self.breaks_total == 0
    }
}

impl<S: Store> Engine<S> {
    /// Runs every check. Reads only.
    pub fn doctor(&mut self, now: Instant) -> Result<Vec<Check>, Error> {
        let mut checks = vec![self.conserved()?];
        checks.extend(self.derived()?);
        checks.push(self.on_time(now)?);
        checks.push(self.consistent()?);
        Ok(checks)
    }

    /// Invariant 2: every document is in exactly one fate, and none waits.
    fn conserved(&mut self) -> Result<Check, Error> {
        let mut check = Check::new(2, "every document is accounted for");
        let mut counted = 0;
        for row in self
            .store
            .intake()
            .map_err(Error::store("counting documents"))?
        {
            counted += row.documents;
        }
        let mut from = 1;
        loop {
            let page = self
                .store
                .documents_from(from, PAGE)
                .map_err(Error::store("reading documents"))?;
            let Some(last) = page.last() else { break };
            let expected = from + check_len(page.len()) - 1;
            if last.sequence != expected {
                check.fault(format!(
                    "documents {from} to {}: expected them without gaps",
                    last.sequence
                ));
            }
            from = last.sequence + 1;
            check.looked_at += check_len(page.len());
        }
        if counted != check.looked_at {
            check.fault(format!(
                "{} documents are kept, {counted} are accounted for",
                check.looked_at
            ));
        }
        Ok(check)
    }

    /// Invariants 3 and 5: the facts derive the cases and books that are kept.
    fn derived(&mut self) -> Result<[Check; 3], Error> {
        let mut cases = Check::new(3, "facts derive the cases that are kept");
        let mut entries = Check::new(5, "books follow from movements and balance");
        let mut outbox = Check::new(6, "the outbox is what cases ask for");
        let kept = self.kept_digests()?;
        let mut seen: BTreeSet<CaseId> = BTreeSet::new();
        let mut legs: Balances = Balances::new();
        let mut wanted = BTreeSet::new();
        let mut after: Option<FamilyId> = None;
        loop {
            let page = self
                .store
                .families_after(after.as_ref(), PAGE)
                .map_err(Error::store("listing families"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for id in &page {
                let facts = self
                    .store
                    .facts_of_family(id)
                    .map_err(Error::store("loading a family"))?;
                let known: Vec<Known> = facts
                    .into_iter()
                    .map(|row| Known {
                        fact: row.fact,
                        id: row.id,
                    })
                    .collect();
                for family in families(known) {
                    let derived = derive(&family);
                    if family.id != *id {
                        cases.fault(format!("family {id} derives as {}", family.id));
                    }
                    check_cases(&derived, &kept, &mut cases, &mut seen);
                    for posting in books(&derived).into_values() {
                        entries.looked_at += 1;
                        if let Err(error) = add(&mut legs, posting.legs) {
                            entries.fault(error);
                        }
                    }
                    wanted.extend(derived.cases.iter().flat_map(outgoing).map(|(id, _)| id));
                }
            }
        }
        for id in kept.keys().filter(|id| !seen.contains(*id)) {
            cases.fault(format!("case {id} is kept and no fact derives it"));
        }
        self.check_balances(&legs, &mut entries)?;
        let rows = self
            .store
            .outbox_all(u32::MAX)
            .map_err(Error::store("reading the outbox"))?;
        let rows: BTreeSet<_> = rows.into_iter().map(|row| row.id).collect();
        outbox.looked_at = check_len(rows.len());
        for id in wanted.symmetric_difference(&rows) {
            outbox.fault(format!(
                "send {id} is only in {}",
                if rows.contains(id) {
                    "the outbox"
                } else {
                    "the facts"
                }
            ));
        }
        Ok([cases, entries, outbox])
    }

    fn kept_digests(&mut self) -> Result<BTreeMap<CaseId, String>, Error> {
        let mut kept = BTreeMap::new();
        let mut filter = CaseFilter {
            scope: None,
            provider: None,
            status: None,
            stage: None,
            due_before: None,
            after: None,
            limit: PAGE,
        };
        loop {
            let page = self
                .store
                .cases(&filter)
                .map_err(Error::store("listing cases"))?;
            let Some(last) = page.last() else {
                return Ok(kept);
            };
            filter.after = Some(last.id.clone());
            kept.extend(page.into_iter().map(|row| (row.id, row.digest)));
        }
    }

    fn check_balances(&mut self, derived: &Balances, check: &mut Check) -> Result<(), Error> {
        let mut kept: BTreeMap<String, String> = BTreeMap::new();
        for leg in self
            .store
            .balances()
            .map_err(Error::store("reading balances"))?
        {
            if !leg.amount.is_zero() {
                kept.insert(
                    format!("{} {}", leg.account.path(), leg.layer),
                    leg.amount.to_string(),
                );
            }
        }
        let mut wanted: BTreeMap<String, String> = BTreeMap::new();
        for (account, layer, amount) in derived.iter() {
            if !amount.is_zero() {
                wanted.insert(format!("{} {layer}", account.path()), amount.to_string());
            }
        }
        let keys: BTreeSet<&String> = kept.keys().chain(wanted.keys()).collect();
        for key in keys {
            if kept.get(key) != wanted.get(key) {
                check.fault(format!(
                    "{key}: kept {:?}, derived {:?}",
                    kept.get(key),
                    wanted.get(key)
                ));
            }
        }
        for ((currency, layer), total) in derived.totals() {
            if total != 0 {
                check.fault(format!("{currency} {layer} sums to {total}, not to zero"));
            }
        }
        Ok(())
    }

    /// Invariant 8: no open obligation of ours is past its due time without a recorded decision.
    fn on_time(&mut self, now: Instant) -> Result<Check, Error> {
        let mut check = Check::new(8, "no due time passed unnoticed");
        let open = self
            .store
            .obligations(Some("open"), None, u32::MAX)
            .map_err(Error::store("listing obligations"))?;
        check.looked_at = check_len(open.len());
        for row in open.iter().filter(|row| row.due_by.latest_instant() < now) {
            check.fault(format!(
                "{} of case {} was due by {} and is still open",
                row.duty, row.case, row.due_by
            ));
        }
        Ok(check)
    }

    /// The store's own invariants.
    fn consistent(&mut self) -> Result<Check, Error> {
        let mut check = Check::new(0, "the store agrees with itself");
        for words in self
            .store
            .check()
            .map_err(Error::store("checking the store"))?
        {
            check.fault(words);
        }
        check.looked_at = 1;
        Ok(check)
    }
}

/// Compares the digests of a family's cases with those that are kept.
fn check_cases(
    derived: &Derived,
    kept: &BTreeMap<CaseId, String>,
    check: &mut Check,
    seen: &mut BTreeSet<CaseId>,
) {
    for case in &derived.cases {
        check.looked_at += 1;
        let digest = digest::of_case(case);
        if kept.get(&case.id) != Some(&digest) {
            check.fault(format!(
                "case {} derives differently from what is kept",
                case.id
            ));
        }
        seen.insert(case.id.clone());
    }
}

fn add(balances: &mut Balances, legs: Vec<Leg>) -> Result<(), String> {
    if legs.is_empty() {
        return Ok(());
    }
    let entry = ledger::Entry::new(legs).map_err(|error| error.to_string())?;
    balances.apply(&entry).map_err(|error| error.to_string())
}

fn check_len(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
