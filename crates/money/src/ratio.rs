//! Proportions: ratios, reported rates and share-outs. Wherever a remainder can
//! arise, the caller names what becomes of it.

use alloc::vec::Vec;
use core::fmt;

use crate::parse::{Decimal, accumulate};
use crate::{Currency, Excerpt, Money, MoneyError};

/// What becomes of a fraction of a minor unit. There is no default: rounding is
/// a decision of the contract or rule that the caller applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Toward zero.
    Down,
    /// Away from zero.
    Up,
    /// To the nearest; a half goes away from zero.
    HalfUp,
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
}

impl Rounding {
    /// `numerator / denominator` as a whole number; `None` on overflow. The
    /// denominator is above zero.
    fn divide(self, numerator: i128, denominator: i128) -> Option<i128> {
        debug_assert!(
            denominator > 0,
            "callers normalise the sign and refuse zero"
        );
        let quotient = numerator.checked_div(denominator)?;
        let remainder = numerator.checked_rem(denominator)?.unsigned_abs();
        // `remainder < denominator <= 2^127`, so the complement is above zero and
        // comparing with it is comparing twice the remainder without overflow.
        let complement = denominator.unsigned_abs() - remainder;
        let away = match self {
            Self::Down => false,
            Self::Up => remainder != 0,
            Self::HalfUp => remainder >= complement,
            Self::HalfEven => {
                remainder > complement || (remainder == complement && quotient % 2 != 0)
            }
        };
        if away {
            quotient.checked_add(numerator.signum())
        } else {
            Some(quotient)
        }
    }
}

/// An exchange rate as somebody reported it: units of the target's major unit
/// for one of the source's.
///
/// Kept digit for digit, so `1.10` and `1.1` are different reports (and not
/// equal) although they convert alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    mantissa: i128,
    scale: u8,
}

impl Rate {
    /// Reads a decimal above zero: `1.1374`, `0.0067`, `149`. Refuses what
    /// [`Money::parse`] refuses, zero, a sign, and more than 38 digits (what 128
    /// bits hold).
    pub fn parse(text: &str) -> Result<Rate, MoneyError> {
        let not_a_rate = || MoneyError::NotARate {
            text: Excerpt::of(text),
        };
        let parts = Decimal::split(text).map_err(|_| not_a_rate())?;
        let digits = parts
            .whole
            .bytes()
            .chain(parts.fraction.bytes())
            .map(|byte| byte - b'0');
        let mantissa = accumulate(digits, false).ok_or_else(not_a_rate)?;
        let scale = u8::try_from(parts.fraction.len()).map_err(|_| not_a_rate())?;
        if parts.negative || mantissa == 0 || scale > 38 {
            return Err(not_a_rate());
        }
        Ok(Rate { mantissa, scale })
    }

    /// The digits without the point; the rate is `mantissa * 10^-scale`.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many digits stood after the point, trailing zeros included; at most 38.
    pub const fn scale(self) -> u8 {
        self.scale
    }
}

/// The text as reported, but for zeros before the whole part.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = alloc::format!("{:0>width$}", self.mantissa, width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if fraction.is_empty() { "" } else { "." };
        f.pad(&alloc::format!("{whole}{point}{fraction}"))
    }
}

impl Money {
    /// The amount times `numerator / denominator`, rounded as named. Fails on a
    /// denominator of zero, and when the reduced product exceeds 128 bits.
    ///
    /// ```
    /// use money::{Currency, Money, Rounding};
    ///
    /// // A third of ten dollars, and 1.5 % of it.
    /// let ten = Money::of_minor(1000, Currency::USD);
    /// assert_eq!(ten.checked_mul_ratio(1, 3, Rounding::HalfEven)?.minor(), 333);
    /// assert_eq!(ten.checked_mul_ratio(15, 1000, Rounding::HalfUp)?.minor(), 15);
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn checked_mul_ratio(
        self,
        numerator: i128,
        denominator: i128,
        rounding: Rounding,
    ) -> Result<Money, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::ZeroDenominator);
        }
        let minor = multiply(self.minor(), numerator, denominator, rounding);
        Money::in_bounds(minor, self.currency())
    }

    /// The amount in another currency at a reported rate (units of `to` for one
    /// unit of this currency), rounded as named.
    ///
    /// ```
    /// use money::{Currency, Money, Rate, Rounding};
    ///
    /// let paid = Money::of_minor(10_000, Currency::EUR);
    /// let rate = Rate::parse("1.1374")?;
    /// let taken = paid.convert(rate, Currency::USD, Rounding::HalfEven)?;
    /// assert_eq!(taken.to_string(), "113.74 USD");
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn convert(
        self,
        rate: Rate,
        to: Currency,
        rounding: Rounding,
    ) -> Result<Money, MoneyError> {
        if to == self.currency() {
            return Err(MoneyError::SameCurrency { currency: to });
        }
        let overflow = MoneyError::Overflow { currency: to };
        let numerator = power(to.exponent()).and_then(|p| p.checked_mul(rate.mantissa));
        let denominator = power(rate.scale)
            .and_then(|p| power(self.currency().exponent()).and_then(|q| p.checked_mul(q)));
        let (Some(numerator), Some(denominator)) = (numerator, denominator) else {
            return Err(overflow);
        };
        Money::in_bounds(multiply(self.minor(), numerator, denominator, rounding), to)
    }
}

/// Largest-remainder shares of `minor`; see [`Money::allocate`].
pub(crate) fn allocate(
    minor: i128,
    weights: &[u64],
    currency: Currency,
) -> Result<Vec<i128>, MoneyError> {
    let overflow = || MoneyError::Overflow { currency };
    let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    if total == 0 {
        return Err(MoneyError::NoWeights);
    }
    let magnitude = minor.unsigned_abs();
    let (each, rest) = (magnitude / total, magnitude % total);
    let mut shares = Vec::with_capacity(weights.len());
    for (place, &weight) in weights.iter().enumerate() {
        let weight = u128::from(weight);
        // `each * weight <= magnitude`, so only the second product can overflow.
        let part = rest.checked_mul(weight).ok_or_else(overflow)?;
        shares.push((part % total, place, each * weight + part / total));
    }
    let given: u128 = shares.iter().map(|&(_, _, share)| share).sum();
    // Fewer units are left than there are remainders above zero, so one each is enough.
    let mut left = magnitude - given;
    shares.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for share in &mut shares {
        if left == 0 {
            break;
        }
        share.2 += 1;
        left -= 1;
    }
    shares.sort_by_key(|&(_, place, _)| place);
    let signed = |share: u128| {
        let share = i128::try_from(share).map_err(|_| overflow())?;
        Ok(if minor < 0 { -share } else { share })
    };
    shares
        .into_iter()
        .map(|(_, _, share)| signed(share))
        .collect()
}

/// `minor * numerator / denominator` with common factors taken out first, so
/// that only a product that is truly wide overflows (`None`).
fn multiply(minor: i128, numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    let shared = divisor(numerator.unsigned_abs(), denominator.unsigned_abs())?;
    let (mut numerator, mut denominator) = (
        numerator.checked_div(shared)?,
        denominator.checked_div(shared)?,
    );
    if denominator < 0 {
        (numerator, denominator) = (numerator.checked_neg()?, denominator.checked_neg()?);
    }
    let shared = divisor(minor.unsigned_abs(), denominator.unsigned_abs())?;
    let product = (minor / shared).checked_mul(numerator)?;
    rounding.divide(product, denominator / shared)
}

/// Greatest common divisor; `None` when it exceeds an `i128` (both are `2^127`
/// or one is and the other is zero).
fn divisor(mut a: u128, mut b: u128) -> Option<i128> {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).ok()
}

fn power(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(exponent))
}
