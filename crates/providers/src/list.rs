//! The one list of providers. Adding one is its folder and its line here.

use adapter::Adapter;

/// Every provider, by name.
pub static ALL: &[&dyn Adapter] = &[];

/// The provider that users call by this name.
pub fn find(name: &str) -> Option<&'static dyn Adapter> {
    ALL.iter().copied().find(|adapter| adapter.name() == name)
}
