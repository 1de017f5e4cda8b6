//! What a person should look at, over all cases.

use crate::shape::{Amount, At};
use crate::{Desk, Error, redact};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{FindingRow, Store};

/// Findings, grouped and one by one.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Findings {
    pub groups: Vec<Group>,
    pub findings: Vec<FindingLine>,
    pub open: usize,
}

/// Findings of one cause.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Group {
    pub kind: &'static str,
    pub fingerprint: String,
    pub open: usize,
    pub closed: usize,
    /// What the open ones put at stake, per currency.
    pub amounts: Vec<Amount>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct FindingLine {
    pub finding: String,
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    pub kind: &'static str,
    pub fingerprint: String,
    pub detail: String,
    pub amount: Option<Amount>,
    pub opened_at: At,
    pub closed_at: Option<At>,
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub open_only: bool,
    pub kind: Option<String>,
    pub provider: Option<String>,
    pub limit: usize,
}

impl Desk {
    /// Findings, those that put most at stake first within a kind.
    pub fn findings(&mut self, wanted: &Wanted) -> Result<Findings, Error> {
        let rows = self
            .engine
            .store
            .findings(wanted.open_only, u32::MAX)
            .map_err(Error::store("listing findings"))?;
        let asked_for = |row: &FindingRow| {
            wanted
                .kind
                .as_ref()
                .is_none_or(|kind| kind == row.finding.kind.name())
                && wanted
                    .provider
                    .as_ref()
                    .is_none_or(|provider| *provider == row.scope.provider)
        };
        let mut rows: Vec<FindingRow> = rows.into_iter().filter(asked_for).collect();
        rows.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
        let groups = groups(&rows);
        let open = rows.iter().filter(|row| row.closed_at.is_none()).count();
        let mut lines = Vec::new();
        for row in rows.into_iter().take(wanted.limit) {
            let case = self
                .engine
                .store
                .case_row(&row.case)
                .map_err(Error::store("reading a case"))?;
            lines.push(line(row, case.map(|case| case.dispute).unwrap_or_default()));
        }
        Ok(Findings {
            groups,
            findings: lines,
            open,
        })
    }
}

fn sort_key(row: &FindingRow) -> (bool, &'static str, std::cmp::Reverse<i128>, String) {
    let at_stake = row.finding.amount.map_or(0, |amount| amount.abs().minor());
    (
        row.closed_at.is_some(),
        row.finding.kind.name(),
        std::cmp::Reverse(at_stake),
        row.id.to_string(),
    )
}

fn groups(rows: &[FindingRow]) -> Vec<Group> {
    let mut groups: BTreeMap<(&'static str, String), Vec<&FindingRow>> = BTreeMap::new();
    for row in rows {
        groups
            .entry((row.finding.kind.name(), row.finding.fingerprint.clone()))
            .or_default()
            .push(row);
    }
    let mut listed: Vec<Group> = groups
        .into_iter()
        .map(|((kind, fingerprint), rows)| group(kind, fingerprint, &rows))
        .collect();
    listed.sort_by_key(|group| {
        (
            std::cmp::Reverse(group.open),
            group.kind,
            group.fingerprint.clone(),
        )
    });
    listed
}

fn group(kind: &'static str, fingerprint: String, rows: &[&FindingRow]) -> Group {
    let mut sums: BTreeMap<money::Currency, money::Money> = BTreeMap::new();
    let open: Vec<&&FindingRow> = rows.iter().filter(|row| row.closed_at.is_none()).collect();
    for amount in open.iter().filter_map(|row| row.finding.amount) {
        let sum = sums
            .entry(amount.currency())
            .or_insert_with(|| money::Money::zero(amount.currency()));
        *sum = sum.checked_add(amount).unwrap_or(*sum);
    }
    Group {
        kind,
        fingerprint,
        open: open.len(),
        closed: rows.len() - open.len(),
        amounts: sums.into_values().map(Amount).collect(),
    }
}

fn line(row: FindingRow, dispute: String) -> FindingLine {
    FindingLine {
        finding: row.id.to_string(),
        case: row.case.to_string(),
        dispute,
        provider: row.scope.provider,
        account: row.scope.account,
        kind: row.finding.kind.name(),
        fingerprint: row.finding.fingerprint,
        detail: redact::pans(&row.finding.detail),
        amount: row.finding.amount.map(Amount),
        opened_at: row.opened_at.into(),
        closed_at: row.closed_at.map(At),
    }
}
