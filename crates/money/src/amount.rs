//! An amount and its exact arithmetic.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::{Currency, MoneyError};

/// A whole number of minor units of one currency: 1234 and USD is 12.34 USD,
/// 150 and JPY is 150 JPY. The sign is the caller's convention (in the ledger,
/// debits are positive).
///
/// Ordered by currency, then by minor units. That order is for stable lists and
/// keys; it says nothing about worth, and `10 EUR < 1 USD` holds in it.
///
/// No `Default`: zero of what currency?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    // Declared first so that the derived order is (currency, minor).
    currency: Currency,
    minor: i128,
}

impl Money {
    /// `minor` minor units of `currency`.
    ///
    /// # Panics
    ///
    /// On `i128::MIN`, the one value without a negative. No document yields it:
    /// the readings of this room refuse it and providers' integers have 64 bits.
    pub const fn of_minor(minor: i128, currency: Currency) -> Money {
        assert!(minor != i128::MIN, "amounts are symmetric about zero");
        Money { currency, minor }
    }

    pub const fn zero(currency: Currency) -> Money {
        Money { currency, minor: 0 }
    }

    /// `value` units of `10^-scale` of the major unit, whatever decimals the
    /// currency has: for providers whose exponent for a currency differs from
    /// ISO 4217's.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// // A provider that counts ISK with two decimals writes 150 ISK as 15000.
    /// let amount = Money::of_scaled(15000, 2, Currency::ISK)?;
    /// assert_eq!(amount, Money::of_minor(150, Currency::ISK));
    /// assert!(Money::of_scaled(15050, 2, Currency::ISK).is_err());
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn of_scaled(value: i128, scale: u8, currency: Currency) -> Result<Money, MoneyError> {
        crate::parse::rescale(value, scale, currency, &value.to_string())
    }

    pub const fn minor(self) -> i128 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// True below zero; zero is not negative.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    pub const fn negate(self) -> Money {
        Money {
            currency: self.currency,
            minor: -self.minor,
        }
    }

    pub const fn abs(self) -> Money {
        Money {
            currency: self.currency,
            minor: self.minor.abs(),
        }
    }

    /// The sum, or why there is none: two currencies, or more than 128 bits.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        Money::in_bounds(self.minor.checked_add(other.minor), self.currency)
    }

    /// The difference, or why there is none: two currencies, or more than 128 bits.
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.checked_add(other.negate())
    }

    /// The sum of any number of amounts, all of which must be in `currency`.
    pub fn checked_sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Money>,
    ) -> Result<Money, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Money::zero(currency), Money::checked_add)
    }

    /// Shares the amount out in proportion to `weights`, by largest remainder:
    /// each share is rounded toward zero and the units left over go one each to
    /// the largest remainders, the earlier weight first when two are equal.
    ///
    /// The shares sum to the amount exactly, each is within one minor unit of
    /// its exact proportion, and a weight of 0 gets nothing. Fails when no
    /// weight is above 0 (the amount would vanish) or on overflow.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let shares = Money::of_minor(100, Currency::USD).allocate(&[1, 1, 1])?;
    /// let minors: Vec<i128> = shares.iter().map(|share| share.minor()).collect();
    /// assert_eq!(minors, [34, 33, 33]);
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Money>, MoneyError> {
        let minors = crate::ratio::allocate(self.minor, weights, self.currency)?;
        Ok(minors
            .into_iter()
            .map(|minor| Money::of_minor(minor, self.currency))
            .collect())
    }

    /// The decimal text without the code: `12.34`, `-0.05`, `150`.
    pub fn decimal(self) -> String {
        let exponent = usize::from(self.currency.exponent());
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = alloc::format!(
            "{:0>width$}",
            self.minor.unsigned_abs(),
            width = exponent + 1
        );
        // At least `exponent + 1` digits, so both halves exist and the first is not empty.
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let point = if fraction.is_empty() { "" } else { "." };
        alloc::format!("{sign}{whole}{point}{fraction}")
    }

    pub(crate) fn in_bounds(minor: Option<i128>, currency: Currency) -> Result<Money, MoneyError> {
        match minor {
            Some(minor) if minor != i128::MIN => Ok(Money { currency, minor }),
            _ => Err(MoneyError::Overflow { currency }),
        }
    }

    fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch {
            left: self.currency,
            right: other.currency,
        })
    }
}

/// `12.34 USD`, `150 JPY`. [`Money::from_text`] reads it back.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("{} {}", self.decimal(), self.currency))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
