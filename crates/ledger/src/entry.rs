//! Legs and the entries they make.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use money::{Currency, Money};

use crate::Account;

/// How sure a movement is. Each layer balances by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Announced or provisional: it may still be taken back without a new movement.
    Pending,
    /// Moved, by the provider's own record.
    Posted,
}

impl Layer {
    /// Stable kebab-case text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Posted => "posted",
        }
    }

    /// The layer with exactly this [`name`](Layer::name).
    pub fn parse(name: &str) -> Option<Layer> {
        [Self::Pending, Self::Posted]
            .into_iter()
            .find(|layer| layer.name() == name)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One side of an entry. Debits are positive, credits negative; the amount is in
/// the account's currency, which [`Entry::new`] checks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg {
    pub account: Account,
    pub layer: Layer,
    pub amount: Money,
}

impl Leg {
    pub const fn new(account: Account, layer: Layer, amount: Money) -> Leg {
        Leg {
            account,
            layer,
            amount,
        }
    }
}

/// A balanced set of legs: never empty, sorted by account and layer, at most one
/// leg for each account and layer, none of them zero, and for each currency and
/// layer a sum of zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    legs: Vec<Leg>,
}

impl Entry {
    /// The entry of these legs in normal form, or why they are none.
    ///
    /// Legs on the same account and layer are merged, and dropped where they
    /// cancel. A leg given as zero is refused: somebody computed an amount that
    /// is not there (F-40). Legs that cancel altogether make no entry.
    pub fn new(legs: Vec<Leg>) -> Result<Entry, EntryError> {
        if let Some(zero) = legs.iter().find(|leg| leg.amount.is_zero()) {
            return Err(EntryError::ZeroLeg {
                account: zero.account.clone(),
                layer: zero.layer,
            });
        }
        let entry = Entry { legs: merge(legs)? };
        if entry.legs.is_empty() {
            return Err(EntryError::Empty);
        }
        balanced(&entry.legs)?;
        Ok(entry)
    }

    /// In normal form; see [`Entry`].
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    pub fn into_legs(self) -> Vec<Leg> {
        self.legs
    }

    /// The entry that takes this one back in full.
    pub fn reversal(&self) -> Entry {
        let negate = |leg: &Leg| Leg {
            amount: leg.amount.negate(),
            ..leg.clone()
        };
        Entry {
            legs: self.legs.iter().map(negate).collect(),
        }
    }
}

/// The entry that turns the first set of legs into the second: a correction posts
/// the difference and never edits. `None` when both come to the same.
///
/// Either set may be empty (nothing posted yet; all taken back). The sets need not
/// be in normal form, and only their difference must balance.
///
/// ```
/// use ledger::{Account, AccountKind, Layer, Leg, diff};
/// use money::{Currency, Money};
///
/// let account = |kind| Account::new(kind, "acme", "acct_1", Currency::USD);
/// let withdrawal = |minor| {
///     let taken = Money::of_minor(minor, Currency::USD);
///     vec![
///         Leg::new(account(AccountKind::DisputeReceivable), Layer::Posted, taken),
///         Leg::new(account(AccountKind::ProviderClearing), Layer::Posted, taken.negate()),
///     ]
/// };
/// let correction = diff(&withdrawal(1500), &withdrawal(1400))?.unwrap();
/// assert_eq!(correction.legs()[0].amount.to_string(), "1.00 USD"); // Owed to us again.
/// assert_eq!(diff(&withdrawal(1500), &withdrawal(1500))?, None);
/// # Ok::<(), ledger::EntryError>(())
/// ```
pub fn diff(before: &[Leg], after: &[Leg]) -> Result<Option<Entry>, EntryError> {
    let negate = |leg: &Leg| Leg {
        amount: leg.amount.negate(),
        ..leg.clone()
    };
    let legs = merge(before.iter().map(negate).chain(after.iter().cloned()))?;
    if legs.is_empty() {
        return Ok(None);
    }
    balanced(&legs)?;
    Ok(Some(Entry { legs }))
}

/// Sorted, one leg per account and layer, no zeros.
fn merge(legs: impl IntoIterator<Item = Leg>) -> Result<Vec<Leg>, EntryError> {
    let mut sums: BTreeMap<(Account, Layer), Money> = BTreeMap::new();
    for Leg {
        account,
        layer,
        amount,
    } in legs
    {
        let currency = account.currency;
        if currency != amount.currency() {
            return Err(EntryError::CurrencyMismatch { account, amount });
        }
        let sum = sums
            .entry((account, layer))
            .or_insert(Money::zero(currency));
        *sum = sum
            .checked_add(amount)
            .map_err(|_| EntryError::Overflow { currency })?;
    }
    let leg = |((account, layer), amount)| Leg {
        account,
        layer,
        amount,
    };
    Ok(sums
        .into_iter()
        .map(leg)
        .filter(|leg| !leg.amount.is_zero())
        .collect())
}

fn balanced(legs: &[Leg]) -> Result<(), EntryError> {
    let mut sums: BTreeMap<(Currency, Layer), Money> = BTreeMap::new();
    for leg in legs {
        let currency = leg.amount.currency();
        let sum = sums
            .entry((currency, leg.layer))
            .or_insert(Money::zero(currency));
        *sum = sum
            .checked_add(leg.amount)
            .map_err(|_| EntryError::Overflow { currency })?;
    }
    match sums.into_iter().find(|(_, sum)| !sum.is_zero()) {
        Some(((currency, layer), sum)) => Err(EntryError::Unbalanced {
            currency,
            layer,
            by_minor: sum.minor(),
        }),
        None => Ok(()),
    }
}

/// Why legs make no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryError {
    /// No legs, or legs that cancel altogether.
    Empty,
    ZeroLeg {
        account: Account,
        layer: Layer,
    },
    /// The legs of one currency and layer sum to `by_minor` minor units, not zero.
    Unbalanced {
        currency: Currency,
        layer: Layer,
        by_minor: i128,
    },
    /// A leg whose amount is not in its account's currency.
    CurrencyMismatch {
        account: Account,
        amount: Money,
    },
    /// A sum beyond 128 bits.
    Overflow {
        currency: Currency,
    },
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("entry has no legs left after merging"),
            Self::ZeroLeg { account, layer } => {
                write!(f, "leg on {account} ({layer}) has amount 0")
            }
            Self::Unbalanced {
                currency,
                layer,
                by_minor,
            } => {
                let sum = Money::of_minor(*by_minor, *currency);
                write!(f, "{layer} legs in {currency} sum to {sum}, expected 0")
            }
            Self::CurrencyMismatch { account, amount } => {
                write!(f, "leg on {account} has amount {amount}")
            }
            Self::Overflow { currency } => {
                write!(
                    f,
                    "legs in {currency} sum to more than 128 bits of minor units"
                )
            }
        }
    }
}

impl core::error::Error for EntryError {}
