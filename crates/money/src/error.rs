//! Why an amount could not be read or computed.

use alloc::string::String;
use core::fmt;

use crate::Currency;

/// Longest quotation of the document's own text in an error: enough to see what
/// was there, short enough for one line of a report.
const EXCERPT_CHARS_MAX: usize = 64;

/// Shortest run of digits that may be a card number (ISO/IEC 7812: PANs in use
/// have 13 to 19 digits; 12 are allowed).
const PAN_DIGITS_MIN: usize = 12;

/// Text of a document as an error may repeat it: at most 64 characters, long
/// runs of digits masked.
///
/// A shifted column puts a card number where an amount was expected, and errors
/// travel to logs and screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    pub fn of(text: &str) -> Excerpt {
        let masks = longest_run(text) >= PAN_DIGITS_MIN;
        let mut kept = String::new();
        let mut digits = 0;
        for c in text.chars().take(EXCERPT_CHARS_MAX) {
            digits = run_after(digits, c);
            // The first six digits name an issuer, not a card.
            kept.push(if masks && digits > 6 && c.is_numeric() {
                '*'
            } else {
                c
            });
        }
        if text.chars().nth(EXCERPT_CHARS_MAX).is_some() {
            kept.push('…');
        }
        Excerpt(kept)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many digits the longest run has, where blanks and hyphens do not end one
/// (cards are printed in groups of four).
fn longest_run(text: &str) -> usize {
    let runs = text.chars().scan(0, |run, c| {
        *run = run_after(*run, c);
        Some(*run)
    });
    runs.max().unwrap_or(0)
}

fn run_after(run: usize, c: char) -> usize {
    match c {
        ' ' | '-' => run,
        _ if c.is_numeric() => run + 1,
        _ => 0,
    }
}

/// Why an amount could not be read or computed. Each value says what was found
/// and what was expected; none carries a substitute amount.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoneyError {
    /// Text that is not in the form that the reading demands.
    NotAnAmount {
        text: Excerpt,
        expected: &'static str,
    },
    /// More decimals than the currency has.
    TooPrecise {
        text: Excerpt,
        decimals: usize,
        currency: Currency,
    },
    /// A scaled integer (hundredths, say) that is no whole number of minor units.
    NotRepresentable {
        text: Excerpt,
        scale: u8,
        currency: Currency,
    },
    /// Text that names no currency we know.
    NotACurrency { text: Excerpt },
    /// Arithmetic between two currencies.
    CurrencyMismatch { left: Currency, right: Currency },
    /// A result beyond what 128 bits hold.
    Overflow { currency: Currency },
    /// A ratio over zero.
    ZeroDenominator,
    /// A share-out with no weight above zero.
    NoWeights,
    /// Text that is not a decimal rate above zero of at most 38 digits.
    NotARate { text: Excerpt },
    /// A conversion whose rate joins a currency to itself.
    SameCurrency { currency: Currency },
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAmount { text, expected } => {
                write!(f, "amount {:?} is not {expected}", text.as_str())
            }
            Self::TooPrecise {
                text,
                decimals,
                currency,
            } => write!(
                f,
                "amount {:?} has {decimals} decimal{}, {currency} has {}",
                text.as_str(),
                if *decimals == 1 { "" } else { "s" },
                currency.exponent()
            ),
            Self::NotRepresentable {
                text,
                scale,
                currency,
            } => write!(
                f,
                "amount {:?} with {scale} implied decimals is not a whole number of {currency} minor units, {currency} has {} decimals",
                text.as_str(),
                currency.exponent()
            ),
            Self::NotACurrency { text } => {
                write!(
                    f,
                    "currency {:?} is not an ISO 4217 code with a minor unit",
                    text.as_str()
                )
            }
            Self::CurrencyMismatch { left, right } => {
                write!(f, "amounts in {left} and {right} need one currency")
            }
            Self::Overflow { currency } => {
                write!(f, "amount in {currency} exceeds 128 bits of minor units")
            }
            Self::ZeroDenominator => f.write_str("ratio has denominator 0"),
            Self::NoWeights => f.write_str("share-out needs a weight above 0, found none"),
            Self::NotARate { text } => {
                write!(
                    f,
                    "rate {:?} is not a decimal above 0 of at most 38 digits",
                    text.as_str()
                )
            }
            Self::SameCurrency { currency } => {
                write!(f, "conversion needs two currencies, found {currency} twice")
            }
        }
    }
}

impl core::error::Error for MoneyError {}
