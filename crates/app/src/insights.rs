//! How disputes end, by reason and provider, and how long the open ones have been open.

use crate::shape::At;
use crate::{Desk, Error};
use calendar::Instant;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CaseQuery, CaseRow, Cursor};

/// A page of cases at a time.
const PAGE: u32 = 1_000;
/// The newest so many cases are counted: a second's reading at most, and beyond them shares change little.
const COUNTED_MAX: usize = 20_000;
/// Days within which an open case counts, the last for all older ones.
const AGES: [i64; 5] = [7, 30, 60, 90, 120];

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Insights {
    pub now: At,
    /// How many cases were counted, newest first.
    pub counted: usize,
    /// Whether older ones were left out.
    pub cut: bool,
    pub by_reason: Vec<Share>,
    pub by_provider: Vec<Share>,
    /// Open cases by how long they have been open.
    pub ages: Vec<Age>,
}

/// How the cases of one kind stand.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Share {
    /// The reason or the provider; empty where none was said.
    pub name: String,
    pub cases: u64,
    pub open: u64,
    pub won: u64,
    pub lost: u64,
    /// Accepted, expired, prevented, withdrawn, lapsed, partially won.
    pub other_ends: u64,
    /// Won, of those won or lost, in hundredths of a percent; null where none was.
    pub win_rate_bp: Option<u64>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Age {
    /// Open for at most so many days; null: longer than all others.
    pub days_until: Option<i64>,
    pub cases: u64,
}

#[derive(Default)]
struct Counts {
    open: u64,
    won: u64,
    lost: u64,
    other: u64,
}

impl Desk {
    /// Counts the newest cases that this desk sees.
    ///
    /// # Errors
    /// When the store fails.
    pub fn insights(&mut self, now: Instant) -> Result<Insights, Error> {
        let mut query = CaseQuery::newest(PAGE);
        let mut reasons: BTreeMap<String, Counts> = BTreeMap::new();
        let mut providers: BTreeMap<String, Counts> = BTreeMap::new();
        let mut ages = [0_u64; AGES.len() + 1];
        let mut counted = 0;
        let mut cut = false;
        loop {
            let page = self
                .registry()
                .list_cases(&query)
                .map_err(Error::store("listing cases"))?;
            counted += page.rows.len();
            for row in &page.rows {
                count(reasons.entry(row.reason.clone()).or_default(), row);
                count(
                    providers.entry(row.scope.provider.clone()).or_default(),
                    row,
                );
                let days = row.opened_at.seconds_until(now).div_euclid(86_400);
                let place = AGES.iter().position(|most| days <= *most);
                if let Some(age) = ages.get_mut(place.unwrap_or(AGES.len()))
                    && is_open(&row.status)
                {
                    *age += 1;
                }
            }
            let last = page.rows.last().map(|row| row.id.clone());
            match last.filter(|_| page.more) {
                Some(_) if counted >= COUNTED_MAX => {
                    cut = true;
                    break;
                }
                Some(last) => query.cursor = Cursor::After(last),
                None => break,
            }
        }
        let bounds = AGES.iter().copied().map(Some).chain([None]);
        Ok(Insights {
            now: now.into(),
            counted,
            cut,
            by_reason: shares(reasons),
            by_provider: shares(providers),
            ages: bounds
                .zip(ages)
                .map(|(days_until, cases)| Age { days_until, cases })
                .collect(),
        })
    }
}

fn is_open(status: &str) -> bool {
    matches!(
        status,
        "unstated" | "ours" | "theirs" | "network" | "nobody"
    )
}

fn count(counts: &mut Counts, row: &CaseRow) {
    let cell = match row.status.as_str() {
        status if is_open(status) => &mut counts.open,
        "won" => &mut counts.won,
        "lost" => &mut counts.lost,
        _ => &mut counts.other,
    };
    *cell += 1;
}

fn shares(counts: BTreeMap<String, Counts>) -> Vec<Share> {
    let shares = counts.into_iter().map(|(name, counts)| {
        let decided = counts.won + counts.lost;
        Share {
            name,
            cases: counts.open + decided + counts.other,
            open: counts.open,
            won: counts.won,
            lost: counts.lost,
            other_ends: counts.other,
            win_rate_bp: (counts.won * 10_000).checked_div(decided),
        }
    });
    shares.collect()
}
