//! A commit folded to what it comes to: one row written per thing, however many of its documents changed it.

use crate::Error;
use crate::contract::{Commit, EntryRow, FactRow, FamilyChange, OutboxRow, TimerRow};
use crate::rows;
use dispute::case::Case;
use dispute::fact::Scope;
use dispute::finding::Finding;
use dispute::id::{CaseId, FactId, FamilyId, FindingId, SubmissionId, TimerId};
use ledger::Layer;
use money::Currency;
use std::collections::{BTreeMap, BTreeSet};

/// A case as the last change of the commit left it.
pub(super) struct FoldedCase<'a> {
    pub case: &'a Case,
    pub family: &'a FamilyId,
    pub digest: &'a str,
}

/// What a commit comes to. Later changes win, as if each had been written in turn.
pub(super) struct Folded<'a> {
    pub facts: Vec<&'a FactRow>,
    /// Facts kept before that change their family.
    pub moves: BTreeMap<&'a FactId, &'a FamilyId>,
    pub cases: BTreeMap<&'a CaseId, FoldedCase<'a>>,
    /// Set, or cleared.
    pub timers: BTreeMap<&'a TimerId, Option<&'a TimerRow>>,
    /// What to send and what was settled. One that is added and removed is both.
    pub outbox: BTreeMap<&'a SubmissionId, Outgoing<'a>>,
    /// Opened, whether or not a later change closed it again.
    pub opened: BTreeMap<FindingId, (&'a CaseId, &'a Scope, &'a Finding)>,
    /// Closed, and not opened again later.
    pub closed: BTreeSet<FindingId>,
    pub entries: Vec<&'a EntryRow>,
    /// Per account path and layer, in that order: two writers that touch the same accounts meet in the same order.
    pub balances: BTreeMap<(String, Layer), (Currency, i64)>,
}

#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub row: Option<&'a OutboxRow>,
    pub open: bool,
}

impl<'a> Folded<'a> {
    pub fn of(commit: &'a Commit) -> Result<Folded<'a>, Error> {
        let mut folded = Folded {
            facts: commit
                .processed
                .iter()
                .flat_map(|document| &document.facts)
                .collect(),
            moves: BTreeMap::new(),
            cases: BTreeMap::new(),
            timers: BTreeMap::new(),
            outbox: BTreeMap::new(),
            opened: BTreeMap::new(),
            closed: BTreeSet::new(),
            entries: Vec::new(),
            balances: BTreeMap::new(),
        };
        for change in &commit.families {
            folded.add(change)?;
        }
        Ok(folded)
    }

    fn add(&mut self, change: &'a FamilyChange) -> Result<(), Error> {
        assert_eq!(
            change.cases.len(),
            change.digests.len(),
            "every case of a change comes with its digest"
        );
        for fact in &change.moved_facts {
            self.moves.insert(fact, &change.family);
        }
        for (case, digest) in change.cases.iter().zip(&change.digests) {
            let folded = FoldedCase {
                case,
                family: &change.family,
                digest,
            };
            self.cases.insert(&case.id, folded);
        }
        for timer in &change.timers_cleared {
            self.timers.insert(timer, None);
        }
        for timer in &change.timers_set {
            self.timers.insert(&timer.id, Some(timer));
        }
        self.add_outbox(change);
        self.closed.extend(change.findings_closed.iter().cloned());
        for (case, finding) in &change.findings_opened {
            let id = finding.id(case);
            self.closed.remove(&id);
            self.opened.insert(id, (case, &change.scope, finding));
        }
        for entry in &change.entries {
            self.add_entry(entry)?;
        }
        Ok(())
    }

    fn add_outbox(&mut self, change: &'a FamilyChange) {
        for id in &change.outbox_removed {
            let outgoing = self.outbox.entry(id).or_insert(Outgoing {
                row: None,
                open: false,
            });
            outgoing.open = false;
        }
        for row in &change.outbox_added {
            self.outbox.insert(
                &row.id,
                Outgoing {
                    row: Some(row),
                    open: true,
                },
            );
        }
    }

    fn add_entry(&mut self, entry: &'a EntryRow) -> Result<(), Error> {
        for leg in entry.entry.legs() {
            let minor = rows::minor(leg.amount)?;
            let place = (leg.account.path(), leg.layer);
            let (_, sum) = self
                .balances
                .entry(place)
                .or_insert((leg.account.currency, 0));
            *sum = sum.checked_add(minor).ok_or_else(|| Error::TooLarge {
                what: format!("the balance of {}", leg.account),
                found: format!("{sum} and {minor} minor units"),
                bound: i64::MAX.to_string(),
            })?;
        }
        self.entries.push(entry);
        Ok(())
    }
}
