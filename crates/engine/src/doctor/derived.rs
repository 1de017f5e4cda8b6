//! Invariants 3, 5 and 6: what the facts come to, held against what is kept.
//!
//! The first walk over the desk leaves only sums of either side (`sieve.rs`). Where those differ a second walk compares row
//! by row, so memory grows with what is wrong and not with the desk. The store is read page after page; what a page comes
//! to is worked out beside the reading, and taken in the pages' order.

use super::{Check, PAGE, check_len};
use crate::sieve::{Sieve, Suspects};
use crate::{Engine, Error};
use dispute::books::books;
use dispute::derive::{Derived, derive};
use dispute::digest;
use dispute::effects::outgoing;
use dispute::family::{Known, families};
use dispute::id::{CaseId, FamilyId, SubmissionId};
use ledger::{Account, Balances, Layer, Leg};
use money::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZero;
use std::thread;
use store::{Statement, Store};

/// What is kept: sums of all, and the rows that are looked at one by one.
struct Kept {
    sums: Sieve,
    digests: BTreeMap<CaseId, String>,
    balances: BTreeMap<(Account, Layer), i128>,
}

/// What the facts, or a page of their families, come to.
struct Walked {
    sums: Sieve,
    cases: Check,
    entries: Check,
    /// Of the suspects.
    seen: BTreeSet<CaseId>,
    /// Of accounts that all cases share, and of suspects.
    balances: BTreeMap<(Account, Layer), i128>,
    totals: BTreeMap<(Currency, Layer), i128>,
    wanted: BTreeSet<SubmissionId>,
}

impl<S: Store> Engine<S> {
    pub(super) fn derived(&mut self) -> Result<[Check; 3], Error> {
        let mut suspects = Suspects::none();
        let mut kept = self.kept(&suspects)?;
        let mut walked = self.walk(&kept, &suspects)?;
        let differing = kept.sums.suspects(&walked.sums);
        if differing.any() {
            suspects = differing;
            kept = self.kept(&suspects)?;
            walked = self.walk(&kept, &suspects)?;
        }
        for id in kept.digests.keys().filter(|id| !walked.seen.contains(*id)) {
            let words = format!("case {id} is kept and no fact derives it");
            walked.cases.fault(words);
        }
        check_balances(&kept, &mut walked);
        let outbox = self.check_outbox(&walked.wanted)?;
        Ok([walked.cases, walked.entries, outbox])
    }

    fn kept(&mut self, suspects: &Suspects) -> Result<Kept, Error> {
        let mut kept = Kept {
            sums: Sieve::new(),
            digests: BTreeMap::new(),
            balances: BTreeMap::new(),
        };
        let mut after: Option<CaseId> = None;
        loop {
            let page = self.store.digests_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("listing cases"))?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (id, digest) in page {
                if suspects.hold(id.as_str()) {
                    kept.digests.insert(id, digest);
                } else {
                    kept.sums.put(id.as_str(), &digest);
                }
            }
        }
        let mut after: Option<Leg> = None;
        loop {
            let page = self.store.balances_after(after.as_ref(), PAGE);
            let mut page = page.map_err(Error::store("reading balances"))?;
            let Some(last) = page.last() else {
                return Ok(kept);
            };
            after = Some(last.clone());
            for leg in page.drain(..) {
                let balance = (leg.account, leg.layer);
                match sifted(&balance, suspects) {
                    Some(key) => kept.sums.put(&key, &leg.amount.to_string()),
                    None => drop(kept.balances.insert(balance, leg.amount.minor())),
                }
            }
        }
    }

    fn walk(&mut self, kept: &Kept, suspects: &Suspects) -> Result<Walked, Error> {
        let mut all = Walked::new();
        let mut after: Option<FamilyId> = None;
        let store = &mut self.store;
        let read = || {
            let page = store.statements_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("loading families"))?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            after = Some(last.family.clone());
            Ok(Some(page))
        };
        let page = |lines| Walked::page(lines, kept, suspects);
        let take = |page: Result<Walked, Error>| {
            all.take(page?);
            Ok(())
        };
        beside(read, page, take)?;
        Ok(all)
    }

    fn check_outbox(&mut self, wanted: &BTreeSet<SubmissionId>) -> Result<Check, Error> {
        let mut outbox = Check::new(6, "the outbox is what cases ask for");
        let rows = self.store.outbox_all(u32::MAX);
        let rows = rows.map_err(Error::store("reading the outbox"))?;
        let rows: BTreeSet<_> = rows.into_iter().map(|row| row.id).collect();
        outbox.looked_at = check_len(rows.len());
        for id in wanted.symmetric_difference(&rows) {
            let place = match rows.contains(id) {
                true => "the outbox",
                false => "the facts",
            };
            outbox.fault(format!("send {id} is only in {place}"));
        }
        Ok(outbox)
    }
}

/// Reads page after page here, works on each in a thread of its own, at most one a core, and takes the results in order.
fn beside<P: Send, R: Send>(
    mut read: impl FnMut() -> Result<Option<P>, Error>,
    work: impl Fn(P) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), Error>,
) -> Result<(), Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let work = &work;
        let mut running = VecDeque::new();
        loop {
            let page = read()?;
            let done = page.is_none();
            running.extend(page.map(|page| scope.spawn(move || work(page))));
            while running.len() >= cores || (done && !running.is_empty()) {
                if let Some(first) = running.pop_front() {
                    let first = first.join();
                    take(first.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))?;
                }
            }
            if done {
                return Ok(());
            }
        }
    })
}

/// The key under which a balance is only summed; `None` for those that are compared one by one: of accounts that all cases
/// share, to which many pages add, and of suspects.
fn sifted((account, layer): &(Account, Layer), suspects: &Suspects) -> Option<String> {
    account.case.as_ref()?;
    let key = format!("{} {layer}", account.path());
    (!suspects.hold(&key)).then_some(key)
}

impl Walked {
    fn new() -> Walked {
        Walked {
            sums: Sieve::new(),
            cases: Check::new(3, "facts derive the cases that are kept"),
            entries: Check::new(5, "books follow from movements and balance"),
            seen: BTreeSet::new(),
            balances: BTreeMap::new(),
            totals: BTreeMap::new(),
            wanted: BTreeSet::new(),
        }
    }

    /// Each family is derived by itself: that others of the page are near must not join them.
    fn page(lines: Vec<Statement>, kept: &Kept, suspects: &Suspects) -> Result<Walked, Error> {
        let mut page = Walked::new();
        let mut stored: BTreeMap<FamilyId, Vec<Known>> = BTreeMap::new();
        for line in lines {
            let (family, known) = line.read().map_err(Error::store("reading a family"))?;
            stored.entry(family).or_default().push(known);
        }
        for (id, known) in stored {
            for family in families(known) {
                if family.id != id {
                    let words = format!("family {id} derives as {}", family.id);
                    page.cases.fault(words);
                }
                page.add(&derive(&family), kept, suspects);
            }
        }
        Ok(page)
    }

    fn add(&mut self, derived: &Derived, kept: &Kept, suspects: &Suspects) {
        for case in &derived.cases {
            self.cases.looked_at += 1;
            let digest = digest::of_case(case);
            if !suspects.hold(case.id.as_str()) {
                self.sums.put(case.id.as_str(), &digest);
                continue;
            }
            if kept.digests.get(&case.id) != Some(&digest) {
                let words = format!("case {} derives differently from what is kept", case.id);
                self.cases.fault(words);
            }
            self.seen.insert(case.id.clone());
        }
        let mut own = Balances::new();
        for posting in books(derived).into_values() {
            self.entries.looked_at += 1;
            if let Err(error) = add(&mut own, posting.legs) {
                self.entries.fault(error);
            }
        }
        self.add_totals(own.totals());
        for (account, layer, amount) in own.iter().filter(|(_, _, amount)| !amount.is_zero()) {
            let balance = (account.clone(), layer);
            match sifted(&balance, suspects) {
                Some(key) => self.sums.put(&key, &amount.to_string()),
                None => self.add_balance(balance, amount.minor()),
            }
        }
        let wanted = derived.cases.iter().flat_map(outgoing);
        self.wanted.extend(wanted.map(|(id, _)| id));
    }

    fn add_balance(&mut self, balance: (Account, Layer), minor: i128) {
        let sum = self.balances.entry(balance.clone()).or_insert(0);
        match sum.checked_add(minor) {
            Some(more) => *sum = more,
            None => {
                let (account, layer) = balance;
                let words = format!("{account} {layer}: {sum} and {minor} leave 128 bits");
                self.entries.fault(words);
            }
        }
    }

    fn add_totals(&mut self, totals: BTreeMap<(Currency, Layer), i128>) {
        for (place, total) in totals {
            let sum = self.totals.entry(place).or_insert(0);
            // Modulo 2^128 a true sum of zero is zero whatever the partial sums did.
            *sum = sum.wrapping_add(total);
        }
    }

    fn take(&mut self, page: Walked) {
        self.sums.merge(&page.sums);
        self.cases.take(page.cases);
        self.entries.take(page.entries);
        self.seen.extend(page.seen);
        for (balance, minor) in page.balances {
            self.add_balance(balance, minor);
        }
        self.add_totals(page.totals);
        self.wanted.extend(page.wanted);
    }
}

fn check_balances(kept: &Kept, walked: &mut Walked) {
    let words = |balances: &BTreeMap<(Account, Layer), i128>| {
        let moved = balances.iter().filter(|(_, minor)| **minor != 0);
        let line = |((account, layer), minor): (&(Account, Layer), &i128)| {
            let amount = Money::of_minor(*minor, account.currency);
            (format!("{} {layer}", account.path()), amount.to_string())
        };
        moved.map(line).collect::<BTreeMap<String, String>>()
    };
    let (one, other) = (words(&kept.balances), words(&walked.balances));
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    for key in keys {
        if one.get(key) != other.get(key) {
            let (one, other) = (one.get(key), other.get(key));
            let words = format!("{key}: kept {one:?}, derived {other:?}");
            walked.entries.fault(words);
        }
    }
    for ((currency, layer), total) in &walked.totals {
        if *total != 0 {
            let words = format!("{currency} {layer} sums to {total}, not to zero");
            walked.entries.fault(words);
        }
    }
}

fn add(balances: &mut Balances, legs: Vec<Leg>) -> Result<(), String> {
    if legs.is_empty() {
        return Ok(());
    }
    let entry = ledger::Entry::new(legs).map_err(|error| error.to_string())?;
    balances.apply(&entry).map_err(|error| error.to_string())
}
