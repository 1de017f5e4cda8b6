//! Objects in Stripe's newest shape.

pub mod account;
pub mod balance;
pub mod charge;
pub mod dispute;
pub mod docket;
pub mod enhanced;
pub mod event;
pub mod file;
pub mod warning;
pub mod webhook_endpoint;

use money::Money;

/// Minor units, as every amount of Stripe's is. No payment comes near the bound.
pub(crate) fn minor(money: Money) -> i64 {
    i64::try_from(money.minor()).unwrap_or(i64::MAX)
}

/// A currency as Stripe writes it.
pub(crate) fn currency(money: Money) -> String {
    money.currency().code().to_ascii_lowercase()
}
