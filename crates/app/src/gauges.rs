//! What a watcher of the desk counts: how much came in, what waits, what is at risk.

use crate::{Desk, Error, ingest};
use calendar::Instant;
use dispute::finding::FindingKind;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CaseFilter, Registry, Store};

/// Money counts as at risk when it is ours to answer for within three days.
const RISK_HOURS: i64 = 72;
/// Cases and findings looked at; beyond it the gauges stand for at least as much. Reading so many takes a tenth of a second.
const LOOKED_AT_MAX: u32 = 10_000;

/// A desk in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Gauges {
    /// Documents by provider and fate, repeats included.
    pub intake: Vec<(String, &'static str, u64)>,
    /// How long the oldest document that is not yet processed has waited; 0 when none waits.
    pub oldest_pending_seconds: u64,
    pub to_send: u64,
    /// Sends whose fate is not known.
    pub in_doubt: u64,
    pub findings_open: Vec<(&'static str, u64)>,
    /// By currency: minor units by which what was said and what was moved differ, of all open findings that say so.
    pub divergence_minor: Vec<(String, u64)>,
    /// Deliveries of events that wait, by state: due, or held for an endpoint that does not take them.
    pub deliveries: Vec<(&'static str, u64)>,
    /// By currency: minor units of each case that waits for us, times the hours by which its deadline is nearer than three
    /// days. It grows as deadlines near and falls when they are answered.
    pub at_risk_minor_hours: Vec<(String, u64)>,
    /// Cases that wait for us and are due within three days.
    pub due_soon: u64,
}

impl Desk {
    /// Counts what a watcher wants to see.
    pub fn gauges(&mut self, now: Instant) -> Result<Gauges, Error> {
        let store = &mut self.engine.store;
        let mut intake: BTreeMap<(String, &'static str), u64> = BTreeMap::new();
        for row in store.intake().map_err(Error::store("counting documents"))? {
            let key = (row.scope.provider, ingest::fate_name(row.fate));
            let count = intake.entry(key).or_default();
            *count = count.saturating_add(row.arrivals);
        }
        let pending = store
            .pending(1)
            .map_err(Error::store("reading the inbox"))?;
        let waited = pending
            .first()
            .map_or(0, |row| row.document.received_at.seconds_until(now));
        let outbox = store
            .outbox_all(LOOKED_AT_MAX)
            .map_err(Error::store("reading the outbox"))?;
        let in_doubt = outbox
            .iter()
            .filter(|row| row.verb.starts_with("resolve/"))
            .count();
        let (due, held) = store
            .deliveries_waiting()
            .map_err(Error::store("counting deliveries"))?;
        let mut findings: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut divergence: BTreeMap<String, u64> = BTreeMap::new();
        let rows = store
            .findings(true, LOOKED_AT_MAX)
            .map_err(Error::store("listing findings"))?;
        for row in rows {
            *findings.entry(row.finding.kind.name()).or_default() += 1;
            if let (FindingKind::Divergence, Some(amount)) = (row.finding.kind, row.finding.amount)
            {
                let sum = divergence
                    .entry(amount.currency().code().to_owned())
                    .or_default();
                let minor = u64::try_from(amount.abs().minor()).unwrap_or(u64::MAX);
                *sum = sum.saturating_add(minor);
            }
        }
        let (due_soon, at_risk) = self.at_risk(now)?;
        Ok(Gauges {
            intake: intake
                .into_iter()
                .map(|((provider, fate), count)| (provider, fate, count))
                .collect(),
            oldest_pending_seconds: u64::try_from(waited).unwrap_or(0),
            to_send: number(outbox.len().saturating_sub(in_doubt)),
            in_doubt: number(in_doubt),
            findings_open: findings.into_iter().collect(),
            divergence_minor: divergence.into_iter().collect(),
            deliveries: vec![("due", due), ("held", held)],
            at_risk_minor_hours: at_risk.into_iter().collect(),
            due_soon,
        })
    }

    fn at_risk(&mut self, now: Instant) -> Result<(u64, BTreeMap<String, u64>), Error> {
        let until = now.plus_hours(RISK_HOURS);
        let filter = CaseFilter {
            due_before: Some(until),
            ..CaseFilter::every(LOOKED_AT_MAX)
        };
        let cases = self
            .engine
            .store
            .cases(&filter)
            .map_err(Error::store("listing cases"))?;
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for case in &cases {
            let (Some(amount), Some(due)) = (case.disputed, &case.respond_by) else {
                continue;
            };
            let left = now.seconds_until(due.latest_instant()).div_euclid(3_600);
            // What is long overdue counts as three days' worth too: it can no longer be answered.
            let nearer = RISK_HOURS.saturating_sub(left.max(0));
            let minor_hours = amount.abs().minor().saturating_mul(i128::from(nearer));
            let sum = sums.entry(amount.currency().code().to_owned()).or_default();
            *sum = sum.saturating_add(u64::try_from(minor_hours).unwrap_or(u64::MAX));
        }
        Ok((number(cases.len()), sums))
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
