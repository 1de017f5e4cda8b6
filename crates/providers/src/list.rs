//! The one list of providers. Adding one is its folder and its line here.

use adapter::Adapter;

#[path = "ach/mod.rs"]
pub mod ach;

#[path = "adyen/mod.rs"]
pub mod adyen;

#[path = "paypal/mod.rs"]
pub mod paypal;

#[path = "stripe/mod.rs"]
pub mod stripe;

/// Every provider, by name.
pub static ALL: &[&dyn Adapter] = &[&ach::Ach, &adyen::Adyen, &paypal::PayPal, &stripe::Stripe];

/// The provider that users call by this name.
pub fn find(name: &str) -> Option<&'static dyn Adapter> {
    ALL.iter().copied().find(|adapter| adapter.name() == name)
}

/// The table of a provider's own words for reasons, as its folder has it.
pub fn reasons(name: &str) -> Option<&'static str> {
    const TABLES: [(&str, &str); 4] = [
        ("ach", include_str!("ach/reasons.csv")),
        ("adyen", include_str!("adyen/reasons.csv")),
        ("paypal", include_str!("paypal/reasons.csv")),
        ("stripe", include_str!("stripe/reasons.csv")),
    ];
    let found = TABLES.into_iter().find(|(of, _)| *of == name);
    found.map(|(_, table)| table)
}
