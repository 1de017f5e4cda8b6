//! Open findings: by cause, and one by one with most at stake first.

use super::{Paged, bad_cursor, paged};
use crate::shape::{Amount, At};
use crate::{Desk, Error, redact};
use money::{Currency, Money};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::{FindingQuery, FoundIn};

/// Open findings of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub kind: String,
    pub fingerprint: String,
    pub open: u64,
    /// Per currency.
    pub amounts: Vec<Amount>,
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Option<String>,
    pub fingerprint: Option<String>,
    pub provider: Option<String>,
    pub after: Option<String>,
    pub limit: u32,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Line {
    pub finding: String,
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub status: String,
    pub kind: &'static str,
    pub fingerprint: String,
    pub detail: String,
    pub amount: Option<Amount>,
    pub opened_at: At,
}

impl Desk {
    /// Causes of what is open, the most frequent first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn causes(&mut self) -> Result<Vec<Cause>, Error> {
        let sums = self
            .registry()
            .finding_sums()
            .map_err(Error::store("counting findings"))?;
        let mut causes: BTreeMap<(String, String), (u64, BTreeMap<Currency, Money>)> =
            BTreeMap::new();
        for sum in sums {
            let (open, amounts) = causes.entry((sum.kind, sum.fingerprint)).or_default();
            *open = open.saturating_add(sum.findings);
            amounts.extend(sum.amount.map(|amount| (amount.currency(), amount)));
        }
        let mut all: Vec<Cause> = causes
            .into_iter()
            .map(|((kind, fingerprint), (open, amounts))| Cause {
                kind,
                fingerprint,
                open,
                amounts: amounts.into_values().map(Amount).collect(),
            })
            .collect();
        all.sort_by_key(|cause| Reverse(cause.open));
        Ok(all)
    }

    /// A page of open findings.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a cursor that is none of ours, and when the store fails.
    pub fn open_findings(&mut self, wanted: &Wanted) -> Result<Paged<Line>, Error> {
        let after = match wanted.after.as_deref() {
            None | Some("") => None,
            Some(text) => Some(read(text).ok_or_else(|| bad_cursor(text))?),
        };
        let query = FindingQuery {
            kind: wanted.kind.clone(),
            fingerprint: wanted.fingerprint.clone(),
            provider: wanted.provider.clone(),
            after,
            limit: wanted.limit.saturating_add(1),
        };
        let rows = self
            .registry()
            .list_findings(&query)
            .map_err(Error::store("listing findings"))?;
        let page = paged(rows, wanted.limit, |(row, _): &FoundIn| {
            let minor = row.finding.amount.map_or(0, |amount| amount.abs().minor());
            format!("{minor}.{}", row.id)
        });
        Ok(Paged {
            lines: page.lines.into_iter().map(line).collect(),
            next: page.next,
        })
    }
}

fn read(text: &str) -> Option<(i64, String)> {
    let (minor, id) = text.split_once('.')?;
    Some((minor.parse().ok()?, id.to_owned()))
}

fn line((row, case): FoundIn) -> Line {
    Line {
        finding: row.id.to_string(),
        case: row.case.to_string(),
        dispute: case.dispute,
        provider: row.scope.provider,
        status: case.status,
        kind: row.finding.kind.name(),
        fingerprint: row.finding.fingerprint,
        detail: redact::pans(&row.finding.detail),
        amount: row.finding.amount.map(Amount),
        opened_at: row.opened_at.into(),
    }
}
