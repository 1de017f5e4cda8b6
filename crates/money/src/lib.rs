//! How much, in what currency, rounded how?
//!
//! Money is a whole number of a currency's minor units. Text becomes money
//! only through a named reading ([`Money::parse`], [`Money::parse_minor`],
//! [`Money::parse_cents`], [`Money::parse_overpunch`]) because the same digits
//! mean different sums in different providers' documents. What cannot be read
//! is an error that quotes the text, never zero.
//!
//! This room holds no floats, no exchange rates of its own, no formatting for
//! people's locales, and nothing has a `Default`: an amount must be said and a
//! currency must be chosen.
//!
//! Invariant: every [`Money`] has a known currency and
//! `-i128::MAX <= minor <= i128::MAX`, so negation cannot overflow, and no
//! operation loses or makes a minor unit without a [`Rounding`] named by its
//! caller.
//!
//! ```
//! use money::{Currency, Money};
//!
//! let price = Money::parse("12.34", Currency::USD)?;
//! assert_eq!(price.minor(), 1234);
//! assert_eq!(price.to_string(), "12.34 USD");
//! assert_eq!(
//!     Money::parse("12.345", Currency::USD).unwrap_err().to_string(),
//!     "amount \"12.345\" has 3 decimals, USD has 2",
//! );
//! # Ok::<(), money::MoneyError>(())
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod amount;
mod currency;
mod error;
mod parse;
mod ratio;

pub use amount::Money;
pub use currency::Currency;
pub use error::{Excerpt, MoneyError};
pub use ratio::{Rate, Rounding};
