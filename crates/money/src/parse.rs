//! Text to money: one function per spelling that documents use.
//!
//! Every reading is strict. Blanks, thousands separators, a leading `+`,
//! exponents (`2.47E+22`), a bare point (`5.`, `.5`), digits outside ASCII and
//! empty text are refused, because each is a sign that the column, the locale
//! or the tool in between is not the one the adapter was written for (F-42).

use crate::{Currency, Excerpt, Money, MoneyError};

const DECIMAL: &str = "a decimal like 12.34";
const INTEGER: &str = "a whole number like 1234";
const OVERPUNCH: &str = "digits ending in a signed digit ({ A-I, } J-R)";

impl Money {
    /// Reads an amount in major units: `12.34`, `12`, `-0.5`.
    ///
    /// Refuses more decimals than the currency has instead of rounding, zeros
    /// included: a provider that sends `12.345` USD or `150.00` JPY has sent
    /// something that this reading does not describe. Fewer are fine.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let parts = Decimal::split(text)?;
        parts.to_money(parts.fraction, text, currency)
    }

    /// As [`Money::parse`], but zeros beyond the currency's decimals are
    /// allowed: for providers that always write two, such as `150.00` for
    /// 150 JPY.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// assert_eq!(Money::parse_padded("150.00", Currency::JPY)?.minor(), 150);
    /// assert!(Money::parse("150.00", Currency::JPY).is_err());
    /// assert!(Money::parse_padded("150.50", Currency::JPY).is_err());
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn parse_padded(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let parts = Decimal::split(text)?;
        let exponent = usize::from(currency.exponent());
        let fraction = match parts.fraction.split_at_checked(exponent) {
            Some((kept, padding)) if padding.bytes().all(|digit| digit == b'0') => kept,
            _ => parts.fraction,
        };
        parts.to_money(fraction, text, currency)
    }

    /// Reads an integer of the currency's minor units: `1234` USD is 12.34 USD,
    /// `150` JPY is 150 JPY.
    pub fn parse_minor(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        Money::in_bounds(integer(text)?, currency)
    }

    /// Reads an integer of hundredths of the major unit whatever the currency: some
    /// providers' settlement reports write 15000 for 150 JPY. Fails when the
    /// figure is no whole number of minor units (`15050` JPY).
    pub fn parse_cents(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let value = integer(text)?.ok_or(MoneyError::Overflow { currency })?;
        rescale(value, 2, currency, text)
    }

    /// Reads an integer of minor units whose last digit carries the sign, as
    /// zoned decimal does: `{` is +0, `A`-`I` +1 to +9, `}` is -0, `J`-`R` -1
    /// to -9.
    ///
    /// A plain last digit is refused: a field without a sign zone is unsigned,
    /// and [`Money::parse_minor`] reads that.
    ///
    /// ```
    /// use money::{Currency, Money};
    ///
    /// let amount = Money::parse_overpunch("0000500355D", Currency::USD)?;
    /// assert_eq!(amount.minor(), 5_003_554);
    /// assert_eq!(Money::parse_overpunch("0000500355M", Currency::USD)?.minor(), -5_003_554);
    /// # Ok::<(), money::MoneyError>(())
    /// ```
    pub fn parse_overpunch(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let not_overpunch = || not_an_amount(text, OVERPUNCH);
        let last = text.chars().next_back().ok_or_else(not_overpunch)?;
        let (negative, digit) = signed_digit(last).ok_or_else(not_overpunch)?;
        let leading = text.strip_suffix(last).ok_or_else(not_overpunch)?;
        if !leading.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_overpunch());
        }
        let digits = leading
            .bytes()
            .map(|byte| byte - b'0')
            .chain(core::iter::once(digit));
        Money::in_bounds(accumulate(digits, negative), currency)
    }

    /// Reads what [`Money`] displays: `12.34 USD`. The two are separated by
    /// exactly one space.
    pub fn from_text(text: &str) -> Result<Money, MoneyError> {
        let (decimal, code) = text
            .split_once(' ')
            .ok_or_else(|| not_an_amount(text, "like 12.34 USD"))?;
        let currency = Currency::find(code).ok_or_else(|| MoneyError::NotACurrency {
            text: Excerpt::of(code),
        })?;
        Money::parse(decimal, currency)
    }
}

/// The halves of `-12.34`: both all ASCII digits, the whole never empty, the
/// fraction empty when there is no point.
pub(crate) struct Decimal<'a> {
    pub(crate) negative: bool,
    pub(crate) whole: &'a str,
    pub(crate) fraction: &'a str,
}

impl<'a> Decimal<'a> {
    pub(crate) fn split(text: &'a str) -> Result<Decimal<'a>, MoneyError> {
        let (negative, unsigned) = split_sign(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return Err(not_an_amount(text, DECIMAL)),
            None => (unsigned, ""),
        };
        if !is_digits(whole) {
            return Err(not_an_amount(text, DECIMAL));
        }
        Ok(Decimal {
            negative,
            whole,
            fraction,
        })
    }

    fn to_money(
        &self,
        fraction: &str,
        text: &str,
        currency: Currency,
    ) -> Result<Money, MoneyError> {
        let missing = usize::from(currency.exponent()).checked_sub(fraction.len());
        let Some(missing) = missing else {
            let decimals = fraction.len();
            return Err(MoneyError::TooPrecise {
                text: Excerpt::of(text),
                decimals,
                currency,
            });
        };
        let digits = self
            .whole
            .bytes()
            .chain(fraction.bytes())
            .map(|byte| byte - b'0');
        let minor = accumulate(
            digits.chain(core::iter::repeat_n(0, missing)),
            self.negative,
        );
        Money::in_bounds(minor, currency)
    }
}

/// The digits as one signed number; `None` on overflow.
pub(crate) fn accumulate(digits: impl Iterator<Item = u8>, negative: bool) -> Option<i128> {
    let mut value: i128 = 0;
    for digit in digits {
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    Some(if negative { -value } else { value })
}

/// `value` units of `10^-scale` as money, exactly or not at all. `text` is what
/// the document says, for the error.
pub(crate) fn rescale(
    value: i128,
    scale: u8,
    currency: Currency,
    text: &str,
) -> Result<Money, MoneyError> {
    let exponent = currency.exponent();
    if exponent >= scale {
        let factor = 10_i128.checked_pow(u32::from(exponent - scale));
        let minor = factor.and_then(|factor| value.checked_mul(factor));
        return Money::in_bounds(minor, currency);
    }
    let not_representable = || MoneyError::NotRepresentable {
        text: Excerpt::of(text),
        scale,
        currency,
    };
    let Some(factor) = 10_i128.checked_pow(u32::from(scale - exponent)) else {
        // The unit is smaller than 10^-38 of a minor unit: only zero is whole.
        return if value == 0 {
            Ok(Money::zero(currency))
        } else {
            Err(not_representable())
        };
    };
    if value % factor != 0 {
        return Err(not_representable());
    }
    Money::in_bounds(Some(value / factor), currency)
}

/// The value of an optional `-` and digits; `Ok(None)` is overflow.
fn integer(text: &str) -> Result<Option<i128>, MoneyError> {
    let (negative, digits) = split_sign(text);
    if !is_digits(digits) {
        return Err(not_an_amount(text, INTEGER));
    }
    Ok(accumulate(digits.bytes().map(|byte| byte - b'0'), negative))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// (negative, digit) of a zoned-decimal last character.
fn signed_digit(last: char) -> Option<(bool, u8)> {
    let byte = u8::try_from(last).ok()?;
    match byte {
        b'{' => Some((false, 0)),
        b'A'..=b'I' => Some((false, byte - b'A' + 1)),
        b'}' => Some((true, 0)),
        b'J'..=b'R' => Some((true, byte - b'J' + 1)),
        _ => None,
    }
}

fn not_an_amount(text: &str, expected: &'static str) -> MoneyError {
    MoneyError::NotAnAmount {
        text: Excerpt::of(text),
        expected,
    }
}
