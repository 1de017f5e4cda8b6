//! Doing everything again from the bytes, into an empty store, and comparing.

use crate::{Engine, Error};
use calendar::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::{CaseFilter, Fate, NewDocument, Store, StoredDocument};

/// How many rows a comparison reads at a time.
const PAGE: u32 = 1_000;

/// What a replay found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub documents: u64,
    pub cases: u64,
    pub entries: u64,
    /// One hash over every derived row of each store.
    pub live_hash: String,
    pub replayed_hash: String,
    /// The first differences, in words; empty when the hashes agree.
    pub differences: Vec<String>,
}

/// Every derived row as one line, by its key.
type Rows = BTreeMap<String, String>;

impl<S: Store> Engine<S> {
    /// Copies every document of this desk, in order of arrival, into an empty store and processes it there.
    pub fn replay_into<T: Store>(
        &mut self,
        target: &mut Engine<T>,
        now: Instant,
    ) -> Result<u64, Error> {
        let mut documents = 0;
        let mut from = 1;
        loop {
            let page = self
                .store
                .documents_from(from, PAGE)
                .map_err(Error::store("reading documents"))?;
            let Some(last) = page.last() else {
                return Ok(documents);
            };
            from = last.sequence + 1;
            documents += u64::try_from(page.len()).unwrap_or(u64::MAX);
            let copies: Vec<NewDocument> = page.into_iter().map(copy).collect();
            target
                .store
                .append(&copies)
                .map_err(Error::store("copying documents"))?;
            target.absorb(now)?;
        }
    }

    /// Compares this desk's derived rows with another's.
    pub fn compare<T: Store>(
        &mut self,
        other: &mut Engine<T>,
        documents: u64,
    ) -> Result<Compared, Error> {
        // Corrections of a repair have no counterpart where everything was derived by one program, so the entries of each
        // posting key are compared as their sum.
        let summed = self.was_derived_again()?;
        let (live, replayed) = (self.rows(summed)?, other.rows(summed)?);
        let keys: BTreeSet<&String> = live.keys().chain(replayed.keys()).collect();
        let mut differences = Vec::new();
        for key in keys {
            let (one, two) = (live.get(key), replayed.get(key));
            if one != two && differences.len() < 20 {
                let words = |row: Option<&String>| row.map_or(String::from("absent"), Clone::clone);
                differences.push(format!(
                    "{key}: live {}, replayed {}",
                    words(one),
                    words(two)
                ));
            }
        }
        let count =
            |prefix: &str| u64::try_from(live.keys().filter(|key| key.starts_with(prefix)).count());
        Ok(Compared {
            documents,
            cases: count("case ").unwrap_or(u64::MAX),
            entries: count("entry ").unwrap_or(u64::MAX),
            live_hash: hash(&live),
            replayed_hash: hash(&replayed),
            differences,
        })
    }

    /// Every derived row: cases, entries, balances, obligations, open findings.
    fn rows(&mut self, summed: bool) -> Result<Rows, Error> {
        let mut rows = Rows::new();
        self.case_rows(&mut rows)?;
        if summed {
            self.entry_sums(&mut rows)?;
        } else {
            self.entry_rows_all(&mut rows)?;
        }
        for leg in self
            .store
            .balances()
            .map_err(Error::store("reading balances"))?
        {
            let key = format!("balance {} {}", leg.account.path(), leg.layer);
            rows.insert(key, leg.amount.to_string());
        }
        let findings = self
            .store
            .findings(true, u32::MAX)
            .map_err(Error::store("listing findings"))?;
        for row in findings {
            rows.insert(format!("finding {}", row.id), row.finding.detail);
        }
        let owed = self.store.obligations(None, None, u32::MAX);
        for row in owed.map_err(Error::store("listing obligations"))? {
            rows.insert(
                format!("obligation {}", row.id),
                format!("{} {}", row.due_by, row.standing),
            );
        }
        Ok(rows)
    }

    fn case_rows(&mut self, rows: &mut Rows) -> Result<(), Error> {
        let mut filter = CaseFilter::every(PAGE);
        loop {
            let page = self
                .store
                .cases(&filter)
                .map_err(Error::store("listing cases"))?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            filter.after = Some(last.id.clone());
            for case in page {
                let line = format!("{} family {}", case.digest, case.family);
                rows.insert(format!("case {}", case.id), line);
            }
        }
    }

    fn entry_rows_all(&mut self, rows: &mut Rows) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.store.entries_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("listing entries"))?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            for row in page {
                let legs: Vec<String> = row
                    .entry
                    .legs()
                    .iter()
                    .map(dispute::books::leg_line)
                    .collect();
                let (key, ordinal, at) = (&row.key, row.ordinal, row.effective_at);
                let line = format!("{key} #{ordinal} {at} {}", legs.join("; "));
                rows.insert(format!("entry {}", row.id), line);
            }
        }
    }

    /// As [`Engine::entry_rows_all`], the entries of one posting key in one line; keys that come to nothing are left out.
    fn entry_sums(&mut self, rows: &mut Rows) -> Result<(), Error> {
        let mut sums: BTreeMap<String, Vec<ledger::Leg>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.entries_after(after.as_ref(), PAGE);
            let page = page.map_err(Error::store("listing entries"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for row in page {
                let case = row.case.as_ref().map_or("suspense", |case| case.as_str());
                let (provider, account) = (&row.scope.provider, &row.scope.account);
                let key = format!("entry {provider}/{account} {case} {}", row.key);
                sums.entry(key)
                    .or_default()
                    .extend_from_slice(row.entry.legs());
            }
        }
        for (key, legs) in sums {
            let sum = ledger::diff(&[], &legs);
            let words = match sum {
                Ok(None) => continue,
                Ok(Some(entry)) => entry
                    .legs()
                    .iter()
                    .map(dispute::books::leg_line)
                    .collect::<Vec<_>>()
                    .join("; "),
                Err(error) => error.to_string(),
            };
            rows.insert(key, words);
        }
        Ok(())
    }

    /// One hash over every derived row of this desk.
    pub fn hash(&mut self) -> Result<String, Error> {
        Ok(hash(&self.rows(false)?))
    }
}

/// A document as it arrived. A person released or set aside a document by a recorded decision, and the copy follows the
/// decision.
fn copy(stored: StoredDocument) -> NewDocument {
    NewDocument {
        trusted: !matches!(stored.fate, Fate::Quarantined | Fate::Superseded),
        ..stored.document
    }
}

fn hash(rows: &Rows) -> String {
    let lines: Vec<String> = rows
        .iter()
        .map(|(key, row)| format!("{key} = {row}"))
        .collect();
    dispute::id::sha256_hex(lines.join("\n").as_bytes())
}
