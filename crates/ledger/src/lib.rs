//! Is this entry legal, and what is the balance?
//!
//! Double entry over [`Account`]s, where debits are positive and credits
//! negative. An [`Entry`] that exists is balanced, because [`Entry::new`] is the
//! only way to make one. Nothing here edits: a correction is the [`diff`]
//! between what was said and what is now known, posted as an entry of its own.
//!
//! This room knows no disputes, no providers, no dates and no store. It names
//! accounts, checks and folds entries, reads residues, and renders journals.
//!
//! Invariant: in every entry, and so in every fold of entries, the legs of each
//! currency and layer sum to zero.
//!
//! ```
//! use ledger::{Account, AccountKind, Balances, Entry, Layer, Leg};
//! use money::{Currency, Money};
//!
//! // 12.34 USD is taken from us because of a dispute: the provider owes us less,
//! // and we have a contested claim instead.
//! let clearing = Account::new(AccountKind::ProviderClearing, "acme", "acct_1", Currency::USD);
//! let contested = Account::new(AccountKind::DisputeReceivable, "acme", "acct_1", Currency::USD)
//!     .for_case("dp_1");
//! let taken = Money::parse("12.34", Currency::USD)?;
//! let entry = Entry::new(vec![
//!     Leg::new(contested.clone(), Layer::Posted, taken),
//!     Leg::new(clearing, Layer::Posted, taken.negate()),
//! ])?;
//!
//! let mut balances = Balances::new();
//! balances.apply(&entry)?;
//! assert_eq!(balances.balance(&contested, Layer::Posted), Some(taken));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
mod balances;
mod entry;
pub mod export;
pub mod residue;

pub use account::{Account, AccountKind, PathError};
pub use balances::{Balances, Overflow};
pub use entry::{Entry, EntryError, Layer, Leg, diff};
