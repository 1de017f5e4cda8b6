//! Who is asking, and may they?
//!
//! People and programs come with something they know or hold: an API key, a session, a password and a code, a word from
//! an OpenID provider. This room judges each of these and gives an [`Asker`], and [`Asker::check`] answers from one table,
//! [`policy`], whether the asker may do a thing to what belongs to somebody.
//!
//! It has no store, no HTTP, no clock and no randomness: `now` and random bytes are arguments, what must be remembered is
//! handed back to be stored, and what must be fetched is described as data. Isolation in the database stands beneath it.
//!
//! Invariants: what no row of the table allows is denied. What belongs to another tenant does not exist for the asker,
//! whatever the role. No secret is in any `Debug`, `Display` or error, and secrets are compared in constant time.

mod base62;
mod id;
mod names;

pub mod asker;
pub mod cookie;
pub mod csrf;
pub mod hashed;
pub mod key;
pub mod network;
pub mod oidc;
pub mod password;
pub mod policy;
pub mod scope;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod totp;

pub use asker::{Asker, Denied, Identity, Mode, Owner, Tenant};
pub use id::{IdError, KeyId, MerchantId, PersonId};
pub use policy::{Action, Resource, Role, may, may_approve};
pub use secret::Secret;
