//! What is ours to do, by time and by money.

use crate::shape::{Amount, At, By};
use crate::{Desk, Error};
use calendar::Instant;
use dispute::status::Party;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::{CaseRow, ObligationRow, Store};

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub provider: Option<String>,
    pub account: Option<String>,
    pub assigned_to: Option<String>,
    /// Only what is due at or before this instant.
    pub due_until: Option<Instant>,
    pub order: Order,
    /// How many lines; the totals count all.
    pub limit: usize,
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The nearest due time, and of one time the largest amount.
    Time,
    /// The largest amount, currency by currency, since amounts in two currencies have no order.
    Money,
}

/// The queue at an instant.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Queue {
    pub now: At,
    pub items: Vec<Item>,
    /// How many there are, listed or not.
    pub total: usize,
    pub overdue: usize,
    /// Due within a day from now.
    pub due_in_a_day: usize,
    /// What the listed and unlisted items put at stake, per currency.
    pub at_stake: Vec<Amount>,
}

/// One thing to do.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Item {
    pub obligation: String,
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    /// What is owed, such as `respond/chargeback`.
    pub duty: String,
    pub stage: String,
    pub status: String,
    pub reason: String,
    pub network: String,
    pub amount: Option<Amount>,
    pub due_by: By,
    /// Whole hours from now to the last instant in time; negative when it has passed.
    pub hours_left: i64,
    pub overdue: bool,
    /// The rule or statement on which the due time rests.
    pub basis: String,
    pub assigned_to: String,
}

/// Whether this party's obligations are ours.
pub fn is_ours(debtor: &str) -> bool {
    matches!(
        Party::parse(debtor),
        Some(Party::Merchant | Party::Operator | Party::Desk)
    )
}

impl Desk {
    /// Our open obligations.
    pub fn queue(&mut self, wanted: &Wanted, now: Instant) -> Result<Queue, Error> {
        let rows = self
            .engine
            .store
            .obligations(Some("open"), None, u32::MAX)
            .map_err(Error::store("listing obligations"))?;
        let mut items = Vec::new();
        for row in rows.into_iter().filter(|row| is_ours(&row.debtor)) {
            if wanted
                .provider
                .as_ref()
                .is_some_and(|provider| *provider != row.scope.provider)
                || wanted
                    .account
                    .as_ref()
                    .is_some_and(|account| *account != row.scope.account)
                || wanted
                    .due_until
                    .is_some_and(|until| row.due_by.latest_instant() > until)
            {
                continue;
            }
            let case = self
                .engine
                .store
                .case_row(&row.case)
                .map_err(Error::store("reading a case"))?;
            let Some(case) = case else { continue };
            if wanted
                .assigned_to
                .as_ref()
                .is_none_or(|name| *name == case.assigned_to)
            {
                items.push(item(row, case, now));
            }
        }
        match wanted.order {
            Order::Time => {
                items.sort_by_key(|item| (item.due_by, Reverse(minor(item)), item.case.clone()))
            }
            Order::Money => items.sort_by_key(|item| {
                let currency = item.amount.map(|amount| amount.0.currency());
                (
                    currency.is_none(),
                    currency,
                    Reverse(minor(item)),
                    item.due_by,
                    item.case.clone(),
                )
            }),
        }
        Ok(queue(items, wanted.limit, now))
    }
}

fn minor(item: &Item) -> i128 {
    item.amount.map_or(0, |amount| amount.0.minor())
}

fn item(row: ObligationRow, case: CaseRow, now: Instant) -> Item {
    let latest = row.due_by.latest_instant();
    Item {
        obligation: row.id,
        case: row.case.to_string(),
        dispute: case.dispute,
        provider: row.scope.provider,
        account: row.scope.account,
        duty: row.duty,
        stage: case.stage,
        status: case.status,
        reason: case.reason,
        network: case.network,
        amount: row.amount.or(case.disputed).map(Amount),
        due_by: row.due_by.into(),
        hours_left: now.seconds_until(latest).div_euclid(3_600),
        overdue: latest < now,
        basis: row.basis,
        assigned_to: case.assigned_to,
    }
}

fn queue(mut items: Vec<Item>, limit: usize, now: Instant) -> Queue {
    let mut stake: BTreeMap<money::Currency, money::Money> = BTreeMap::new();
    for amount in items.iter().filter_map(|item| item.amount) {
        let currency = amount.0.currency();
        let so_far = stake
            .entry(currency)
            .or_insert_with(|| money::Money::zero(currency));
        // A sum beyond 128 bits is no sum of real money; what was summed until then is shown.
        *so_far = so_far.checked_add(amount.0).unwrap_or(*so_far);
    }
    let total = items.len();
    let overdue = items.iter().filter(|item| item.overdue).count();
    let day = items
        .iter()
        .filter(|item| !item.overdue && item.hours_left < 24)
        .count();
    items.truncate(limit);
    Queue {
        now: now.into(),
        items,
        total,
        overdue,
        due_in_a_day: day,
        at_stake: stake.into_values().map(Amount).collect(),
    }
}
