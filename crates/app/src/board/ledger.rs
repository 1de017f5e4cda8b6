//! The books a page at a time: balances with their cases added up, the cases behind one balance, and entries newest first.

use super::{Paged, bad_cursor, paged, scope_named};
use crate::shape::{Amount, At};
use crate::timeline::LegView;
use crate::{Desk, Error};
use ledger::{Account, AccountKind, Layer, Leg};
use money::{Currency, Money};
use std::collections::BTreeMap;
use store::{EntryQuery, NumberedEntry};

/// One account with its balance; accounts of cases are added up.
#[derive(Clone, Debug)]
pub struct Balance {
    pub kind: &'static str,
    pub provider: String,
    pub account: String,
    pub layer: &'static str,
    pub amount: Amount,
    /// Names the account in an address.
    pub path: String,
    /// Whether it is made of accounts of single cases.
    pub of_cases: bool,
}

/// The balances, and whether they add up to nothing per currency and layer, as they must.
#[derive(Clone, Debug)]
pub struct Balances {
    pub lines: Vec<Balance>,
    pub balanced: bool,
}

/// What stands on the account of one case.
#[derive(Clone, Debug)]
pub struct OfCase {
    pub case: String,
    pub layer: &'static str,
    pub amount: Amount,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    pub entry: String,
    /// Empty for an entry of no case.
    pub case: String,
    pub provider: String,
    pub account: String,
    /// The movement that it posts, or `resolution`.
    pub key: String,
    pub ordinal: u32,
    /// When the money moved, as claimed.
    pub effective_at: At,
    pub known_at: At,
    pub document: String,
    pub legs: Vec<LegView>,
}

impl Desk {
    /// Every account with anything on it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn account_balances(&mut self) -> Result<Balances, Error> {
        let legs = self
            .registry()
            .balance_sums()
            .map_err(Error::store("reading balances"))?;
        let mut sums: BTreeMap<(Currency, Layer), i128> = BTreeMap::new();
        for leg in &legs {
            let sum = sums.entry((leg.amount.currency(), leg.layer)).or_default();
            *sum = sum.saturating_add(leg.amount.minor());
        }
        Ok(Balances {
            lines: legs.into_iter().map(balance).collect(),
            balanced: sums.values().all(|sum| *sum == 0),
        })
    }

    /// The cases behind a balance, after a path.
    ///
    /// # Errors
    /// [`Error::Unfit`] for what is no account, and when the store fails.
    pub fn balance_by_case(
        &mut self,
        path: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Balance, Paged<OfCase>), Error> {
        let account = Account::parse_path(path)
            .map_err(|error| Error::Unfit(format!("`{path}` is no account: {error}")))?;
        let legs = self
            .registry()
            .balances_under(&account, after, limit.saturating_add(1))
            .map_err(Error::store("reading balances"))?;
        let page = paged(legs, limit, |leg: &Leg| leg.account.path());
        let head = Leg::new(
            account.clone(),
            Layer::Posted,
            Money::zero(account.currency),
        );
        let lines = page.lines.into_iter().map(|leg| OfCase {
            case: leg.account.case.unwrap_or_default(),
            layer: leg.layer.name(),
            amount: leg.amount.into(),
        });
        let lines = lines.collect();
        let next = page.next;
        Ok((balance(head), Paged { lines, next }))
    }

    /// A page of entries, newest first.
    ///
    /// # Errors
    /// [`Error::Unfit`] for what is no account or place, and when the store fails.
    pub fn list_entries(
        &mut self,
        scope: Option<&str>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Paged<Entry>, Error> {
        let scope = scope.map(|text| {
            scope_named(text)
                .ok_or_else(|| Error::Unfit(format!("expected `provider/account`, found `{text}`")))
        });
        let before = before.map(|text| text.parse().map_err(|_| bad_cursor(text)));
        let query = EntryQuery {
            scope: scope.transpose()?,
            before: before.transpose()?,
            limit: limit.saturating_add(1),
        };
        let rows = self
            .registry()
            .list_entries(&query)
            .map_err(Error::store("listing entries"))?;
        let page = paged(rows, limit, |(number, _): &NumberedEntry| {
            number.to_string()
        });
        Ok(Paged {
            lines: page.lines.into_iter().map(|(_, row)| entry(&row)).collect(),
            next: page.next,
        })
    }
}

fn balance(leg: Leg) -> Balance {
    Balance {
        kind: leg.account.kind.name(),
        path: leg.account.path(),
        layer: leg.layer.name(),
        amount: leg.amount.into(),
        of_cases: matches!(
            leg.account.kind,
            AccountKind::DisputeReceivable | AccountKind::RefundClearing
        ),
        provider: leg.account.provider,
        account: leg.account.account,
    }
}

fn entry(row: &store::EntryRow) -> Entry {
    let legs = row.entry.legs().iter().map(|leg| LegView {
        account: leg.account.path(),
        layer: leg.layer.to_string(),
        amount: leg.amount.into(),
    });
    Entry {
        entry: row.id.to_string(),
        case: row
            .case
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        provider: row.scope.provider.clone(),
        account: row.scope.account.clone(),
        key: row.key.clone(),
        ordinal: row.ordinal,
        effective_at: row.effective_at.into(),
        known_at: row.known_at.into(),
        document: row.document.to_string(),
        legs: legs.collect(),
    }
}
