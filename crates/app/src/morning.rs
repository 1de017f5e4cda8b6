//! What a desk lead wants to know in the morning.

use crate::finding::{Findings, Group, Wanted as WantedFindings};
use crate::ledger::Books;
use crate::quarantine::HeldDocument;
use crate::queue::{self, Queue};
use crate::shape::{Amount, At};
use crate::{Desk, Error, ingest, words};
use calendar::Instant;
use money::{Currency, Money};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CaseFilter, CaseRow, Fate, Intake, Store};

/// How many held documents and queue lines the summary lists; the counts say how many there are.
const LISTED: u32 = 12;
const PAGE: u32 = 1_000;

/// The desk at an instant.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Morning {
    pub now: At,
    pub intake: Vec<IntakeLine>,
    /// What was refused and why: kinds of trouble, with how often and one example.
    pub refused: Vec<RefusedGroup>,
    pub cases: Vec<StageLine>,
    pub cases_total: u64,
    pub due: Queue,
    pub money: Vec<MoneyLine>,
    pub balanced: bool,
    pub residues: usize,
    pub residues_total: Vec<Amount>,
    pub findings_open: usize,
    pub findings: Vec<Group>,
    /// Sends whose fate is not known, and sends that wait.
    pub in_doubt: usize,
    pub to_send: usize,
}

/// Documents of one provider.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct IntakeLine {
    pub provider: String,
    /// Arrivals, repeats included: the sum of what follows.
    pub received: u64,
    pub applied: u64,
    pub duplicate: u64,
    pub other_business: u64,
    pub rejected: u64,
    pub quarantined: u64,
    pub superseded: u64,
    pub pending: u64,
    /// Documents that are our own: commands, the clock, the transport's reports. Not counted as received.
    pub own: u64,
}

/// Documents refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct RefusedGroup {
    pub provider: String,
    pub became: &'static str,
    /// The code of the reject, or `signature`, or `trouble`.
    pub code: String,
    pub documents: usize,
    /// One of them, and what was the matter with it.
    pub document: String,
    pub detail: String,
}

/// Cases at one stage.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct StageLine {
    pub stage: String,
    pub ours: u64,
    pub theirs: u64,
    pub network: u64,
    pub nobody: u64,
    pub won: u64,
    pub lost: u64,
    /// Accepted, expired, prevented, withdrawn, lapsed, partially won.
    pub other_ends: u64,
    pub unstated: u64,
}

/// Money of one currency.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct MoneyLine {
    pub currency: String,
    /// Disputed in cases that are open and not conceded.
    pub at_risk: Amount,
    /// Of that, in cases that wait for our answer.
    pub waits_for_us: Amount,
    /// How far the money of all cases is from where their status implies, both ways added.
    pub divergence: Amount,
    pub cases_divergent: u64,
}

impl Desk {
    /// The summary of this desk at this instant.
    pub fn morning(&mut self, now: Instant) -> Result<Morning, Error> {
        let intake = self
            .engine
            .store
            .intake()
            .map_err(Error::store("counting documents"))?;
        let cases = self.all_cases()?;
        let wanted = queue::Wanted {
            provider: None,
            account: None,
            assigned_to: None,
            due_until: None,
            order: queue::Order::Time,
            limit: usize::try_from(LISTED).unwrap_or(usize::MAX),
        };
        let due = self.queue(&wanted, now)?;
        let Books {
            balanced,
            residues,
            residues_total,
            ..
        } = self.books()?;
        let all = WantedFindings {
            open_only: true,
            kind: None,
            provider: None,
            limit: 0,
        };
        let Findings { groups, open, .. } = self.findings(&all)?;
        let outbox = self
            .engine
            .store
            .outbox_all(u32::MAX)
            .map_err(Error::store("reading the outbox"))?;
        let in_doubt = outbox
            .iter()
            .filter(|row| row.verb.starts_with("resolve/"))
            .count();
        Ok(Morning {
            now: now.into(),
            intake: intake_lines(&intake),
            refused: self.refused()?,
            cases: stage_lines(&cases),
            cases_total: u64::try_from(cases.len()).unwrap_or(u64::MAX),
            due,
            money: money_lines(&cases),
            balanced,
            residues: residues.len(),
            residues_total,
            findings_open: open,
            findings: groups,
            in_doubt,
            to_send: outbox.len() - in_doubt,
        })
    }

    fn all_cases(&mut self) -> Result<Vec<CaseRow>, Error> {
        let mut filter = CaseFilter::every(PAGE);
        let mut all = Vec::new();
        loop {
            let page = self
                .engine
                .store
                .cases(&filter)
                .map_err(Error::store("listing cases"))?;
            let Some(last) = page.last() else {
                return Ok(all);
            };
            filter.after = Some(last.id.clone());
            all.extend(page);
        }
    }

    /// What was refused, grouped by provider and cause.
    fn refused(&mut self) -> Result<Vec<RefusedGroup>, Error> {
        let mut groups: BTreeMap<(String, &'static str, String), (usize, String, String)> =
            BTreeMap::new();
        for fate in [Fate::Quarantined, Fate::Rejected] {
            for held in self.with_fate(fate, u32::MAX)? {
                let (code, detail) = cause(&held);
                let group = groups
                    .entry((held.provider, ingest::fate_name(fate), code))
                    .or_insert((0, held.document, detail));
                group.0 += 1;
            }
        }
        let listed = groups.into_iter().map(
            |((provider, became, code), (documents, document, detail))| RefusedGroup {
                provider,
                became,
                code,
                documents,
                document,
                detail,
            },
        );
        Ok(listed.collect())
    }
}

fn cause(held: &HeldDocument) -> (String, String) {
    match held.rejects.first() {
        Some(reject) => (reject.code.clone(), reject.detail.clone()),
        None if held.verdict == "valid" || held.verdict == "unsigned" => {
            (String::from("trouble"), held.trouble.clone())
        }
        None => (String::from("signature"), held.trouble.clone()),
    }
}

fn intake_lines(rows: &[Intake]) -> Vec<IntakeLine> {
    let mut lines: BTreeMap<&str, IntakeLine> = BTreeMap::new();
    for row in rows {
        let line = lines
            .entry(&row.scope.provider)
            .or_insert_with(|| IntakeLine {
                provider: row.scope.provider.clone(),
                received: 0,
                applied: 0,
                duplicate: 0,
                other_business: 0,
                rejected: 0,
                quarantined: 0,
                superseded: 0,
                pending: 0,
                own: 0,
            });
        if matches!(words::way(row.way), "command" | "desk") {
            line.own += row.documents;
            continue;
        }
        let repeats = row.arrivals.saturating_sub(row.documents);
        line.received += row.arrivals;
        line.duplicate += repeats;
        let count = match row.fate {
            Fate::Pending => &mut line.pending,
            Fate::Applied => &mut line.applied,
            Fate::OtherBusiness => &mut line.other_business,
            Fate::Rejected => &mut line.rejected,
            Fate::Quarantined => &mut line.quarantined,
            Fate::Duplicate => &mut line.duplicate,
            Fate::Superseded => &mut line.superseded,
        };
        *count += row.documents;
    }
    lines.into_values().collect()
}

fn stage_lines(cases: &[CaseRow]) -> Vec<StageLine> {
    let mut lines: BTreeMap<(usize, &str), StageLine> = BTreeMap::new();
    for case in cases {
        // Stages stand in the order of the life cycle; a case without one comes last.
        let all = dispute::status::Stage::ALL;
        let place = all
            .iter()
            .position(|stage| stage.name() == case.stage)
            .unwrap_or(all.len());
        let line = lines
            .entry((place, &case.stage))
            .or_insert_with(|| StageLine {
                stage: case.stage.clone(),
                ours: 0,
                theirs: 0,
                network: 0,
                nobody: 0,
                won: 0,
                lost: 0,
                other_ends: 0,
                unstated: 0,
            });
        let count = match case.status.as_str() {
            "ours" => &mut line.ours,
            "theirs" => &mut line.theirs,
            "network" => &mut line.network,
            "nobody" => &mut line.nobody,
            "won" => &mut line.won,
            "lost" => &mut line.lost,
            "unstated" => &mut line.unstated,
            _ => &mut line.other_ends,
        };
        *count += 1;
    }
    lines.into_values().collect()
}

fn money_lines(cases: &[CaseRow]) -> Vec<MoneyLine> {
    #[derive(Clone, Copy)]
    struct Sums {
        at_risk: Money,
        ours: Money,
        divergence: Money,
        divergent: u64,
    }
    let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
    let nothing = |currency| {
        let zero = Money::zero(currency);
        Sums {
            at_risk: zero,
            ours: zero,
            divergence: zero,
            divergent: 0,
        }
    };
    let plus = |sum: Money, amount: Money| sum.checked_add(amount).unwrap_or(sum);
    for case in cases {
        let open = matches!(
            case.status.as_str(),
            "ours" | "theirs" | "network" | "nobody"
        );
        if let Some(disputed) = case.disputed.filter(|_| open) {
            let sum = sums
                .entry(disputed.currency())
                .or_insert_with(|| nothing(disputed.currency()));
            sum.at_risk = plus(sum.at_risk, disputed);
            if case.status == "ours" {
                sum.ours = plus(sum.ours, disputed);
            }
        }
        if let Some(divergence) = case.divergence {
            let sum = sums
                .entry(divergence.currency())
                .or_insert_with(|| nothing(divergence.currency()));
            sum.divergence = plus(sum.divergence, divergence.abs());
            sum.divergent += 1;
        }
    }
    let lines = sums.into_iter().map(|(currency, sums)| MoneyLine {
        currency: currency.code().to_owned(),
        at_risk: sums.at_risk.into(),
        waits_for_us: sums.ours.into(),
        divergence: sums.divergence.into(),
        cases_divergent: sums.divergent,
    });
    lines.collect()
}
