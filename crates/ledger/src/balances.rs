//! Balances: the fold of entries.

use alloc::collections::BTreeMap;
use core::fmt;

use money::{Currency, Money};

use crate::{Account, AccountKind, Entry, Layer};

/// What each account holds after some set of entries. The order in which they
/// were applied does not matter.
///
/// An account that an entry has touched is present even at zero; that is what
/// tells "cleared" from "never moved".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balances {
    accounts: BTreeMap<Account, Cells>,
}

/// One account's balance in minor units by layer; `None` is untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cells {
    pending: Option<i128>,
    posted: Option<i128>,
}

impl Cells {
    const UNTOUCHED: Cells = Cells {
        pending: None,
        posted: None,
    };

    const fn layer(&self, layer: Layer) -> Option<i128> {
        match layer {
            Layer::Pending => self.pending,
            Layer::Posted => self.posted,
        }
    }

    const fn layer_mut(&mut self, layer: Layer) -> &mut Option<i128> {
        match layer {
            Layer::Pending => &mut self.pending,
            Layer::Posted => &mut self.posted,
        }
    }
}

#[expect(clippy::new_without_default, reason = "no money state has a Default")]
impl Balances {
    /// No account touched.
    pub const fn new() -> Balances {
        Balances {
            accounts: BTreeMap::new(),
        }
    }

    /// Adds one entry, whole or not at all.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Overflow> {
        // An entry has each account and layer once, so checking every sum before
        // writing any cannot miss an interplay between two legs.
        for leg in entry.legs() {
            self.sum(&leg.account, leg.layer, leg.amount.minor())?;
        }
        for leg in entry.legs() {
            self.add(&leg.account, leg.layer, leg.amount.minor())?;
        }
        Ok(())
    }

    /// Adds all that `other` holds, whole or not at all: folding two batches apart
    /// and merging is folding them together.
    pub fn merge(&mut self, other: &Balances) -> Result<(), Overflow> {
        for (account, layer, balance) in other.iter() {
            self.sum(account, layer, balance.minor())?;
        }
        for (account, layer, balance) in other.iter() {
            self.add(account, layer, balance.minor())?;
        }
        Ok(())
    }

    /// The balance, debits positive; `None` when no entry touched this account in
    /// this layer.
    pub fn balance(&self, account: &Account, layer: Layer) -> Option<Money> {
        let minor = self.accounts.get(account)?.layer(layer)?;
        Some(Money::of_minor(minor, account.currency))
    }

    /// The balance in minor units; `None` as for [`Balances::balance`].
    pub fn minor(&self, account: &Account, layer: Layer) -> Option<i128> {
        self.balance(account, layer).map(Money::minor)
    }

    /// Every touched account and layer with its balance, zeros included, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&Account, Layer, Money)> {
        self.accounts.iter().flat_map(|(account, cells)| {
            let balance = move |layer| {
                let money = Money::of_minor(cells.layer(layer)?, account.currency);
                Some((account, layer, money))
            };
            [Layer::Pending, Layer::Posted]
                .into_iter()
                .filter_map(balance)
        })
    }

    /// The sum over all accounts by currency and layer. Zero everywhere, because
    /// entries balance; a caller that finds otherwise has found a bug.
    pub fn totals(&self) -> BTreeMap<(Currency, Layer), i128> {
        let mut totals = BTreeMap::new();
        for (account, layer, balance) in self.iter() {
            let total: &mut i128 = totals.entry((account.currency, layer)).or_insert(0);
            // Modulo 2^128 a true sum of zero is zero whatever the partial sums
            // did, so wrapping cannot hide a balanced book.
            *total = total.wrapping_add(balance.minor());
        }
        totals
    }

    /// The balances of one kind of account that are not zero, sorted: what is
    /// left over, by case, where everything should have cleared.
    pub fn residues(&self, kind: AccountKind) -> impl Iterator<Item = (&Account, Layer, Money)> {
        self.iter()
            .filter(move |(account, _, balance)| account.kind == kind && !balance.is_zero())
    }

    fn sum(&self, account: &Account, layer: Layer, minor: i128) -> Result<i128, Overflow> {
        let held = self
            .accounts
            .get(account)
            .and_then(|cells| cells.layer(layer))
            .unwrap_or(0);
        match held.checked_add(minor) {
            Some(sum) if sum != i128::MIN => Ok(sum),
            _ => Err(Overflow {
                account: account.clone(),
                layer,
            }),
        }
    }

    fn add(&mut self, account: &Account, layer: Layer, minor: i128) -> Result<(), Overflow> {
        let sum = self.sum(account, layer, minor)?;
        match self.accounts.get_mut(account) {
            Some(cells) => *cells.layer_mut(layer) = Some(sum),
            None => {
                let mut cells = Cells::UNTOUCHED;
                *cells.layer_mut(layer) = Some(sum);
                self.accounts.insert(account.clone(), cells);
            }
        }
        Ok(())
    }
}

/// A balance that would exceed 128 bits of minor units; nothing was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflow {
    pub account: Account,
    pub layer: Layer,
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "balance of {} ({}) exceeds 128 bits of minor units",
            self.account, self.layer
        )
    }
}

impl core::error::Error for Overflow {}
