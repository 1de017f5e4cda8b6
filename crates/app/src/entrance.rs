//! Who enters, and what they are given: merchants, people and their sessions, API keys, links, and sign-in by a provider.
//!
//! `access` decides; this module reads what it decides upon, keeps what follows, and writes a leaf of the audit log in the
//! same transaction. It is called on a desk that sees everything: with a narrower sight nobody is found and nobody enters.
//!
//! Invariant: nothing here is changed without [`access::Asker`] having been asked first, and no role is named here but the
//! one that whoever can open the desk's own files has.

mod key;
mod link;
mod merchant;
pub mod oidc;
mod people;
mod session;

pub use key::{KeyView, Mint, Minted, Restriction, key_row, stored_key};
pub use link::{EntryLink, Purpose, Welcome, Welcomed};
pub use merchant::{MerchantView, OwnedView};
pub use people::{Invited, PersonView, RoleView};
pub use session::{Proof, SessionView, SignInRefusal, SignedIn, Visit};

use crate::{Desk, Error};
use access::policy::{Action, Resource, Role};
use access::{Asker, Denied, Identity, MerchantId, Mode, Owner, PersonId, Tenant};
use calendar::Instant;
use dispute::permit::{NAME_CHARACTERS_MAX, is_of_a_name};
use store::Leaf;

/// Who stands behind what is done at a shell, as far as separation of duties asks.
const SHELL: &str = "shell";

/// Who changes something, when, and how they stand in the audit log.
#[derive(Clone, Debug)]
pub struct Doer {
    pub asker: Asker,
    pub now: Instant,
    name: String,
}

impl Doer {
    pub fn new(asker: &Asker, now: Instant) -> Doer {
        let name = match asker.identity() {
            Identity::Person(person) => person.to_string(),
            Identity::Key { key, .. } => key.to_string(),
            Identity::Desk => String::from("desk"),
        };
        Doer {
            asker: asker.clone(),
            now,
            name,
        }
    }

    /// Whoever can open the desk's files and keys can do everything to them already, so here they are its admin.
    pub fn at_the_shell(name: &str, mode: Mode, now: Instant) -> Doer {
        let person = PersonId::parse(SHELL).expect("a constant of letters");
        let asker = Asker::person(person, &[Role::Admin], Tenant::Desk, mode, Some(now))
            .expect("one role of the desk, at the desk");
        Doer {
            asker,
            now,
            name: format!("{SHELL}/{name}"),
        }
    }

    /// May they? What is not theirs is answered as `missing`.
    fn check(
        &self,
        action: Action,
        resource: Resource,
        owner: Option<Owner<'_>>,
        missing: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        let checked = self.asker.check(action, resource, owner, self.now);
        checked.map_err(|denied| denied_or(denied, missing))
    }

    pub(crate) fn leaf(&self, did: &str, about: &[(&str, &str)]) -> Leaf {
        leaf(did, about, &self.name, self.now)
    }
}

fn denied_or(denied: Denied, missing: impl FnOnce() -> Error) -> Error {
    match denied {
        Denied::NotFound => missing(),
        denied => Error::Denied(denied),
    }
}

/// A line of the audit log: what was done, to what, when, and by whom.
fn leaf(did: &str, about: &[(&str, &str)], by: &str, at: Instant) -> Leaf {
    let mut text = String::from(did);
    for (name, value) in about {
        text.push(' ');
        text.push_str(name);
        text.push('=');
        dispute::text::escape(value, &mut text);
    }
    text.push_str(&format!(" at={at} by="));
    dispute::text::escape(by, &mut text);
    Leaf(text)
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A machine without randomness lets nobody in; there is nothing to fall back to.
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A new id: the prefix and 26 characters, random, since what people make has no content to be named by.
fn fresh_id(prefix: &str) -> String {
    format!("{prefix}{}", dispute::id::render(&random()))
}

/// A hash as the store keeps it.
fn hash_text(hash: &access::hashed::Hashed) -> String {
    hex::encode(hash.as_bytes())
}

fn hash_of_text(text: &str) -> Option<access::hashed::Hashed> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(access::hashed::Hashed::from_bytes(bytes))
}

fn mode_of(live: bool) -> Mode {
    match live {
        true => Mode::Live,
        false => Mode::Test,
    }
}

/// As a row has it: `None` at the desk.
fn merchant_of(tenant: &Tenant) -> Option<String> {
    match tenant {
        Tenant::Merchant(merchant) => Some(merchant.to_string()),
        Tenant::Desk => None,
    }
}

/// `None` for a row that was not written by us.
fn tenant_of(merchant: Option<&str>) -> Option<Tenant> {
    match merchant {
        Some(merchant) => MerchantId::parse(merchant).ok().map(Tenant::Merchant),
        None => Some(Tenant::Desk),
    }
}

fn owner_of(tenant: &Tenant, mode: Mode) -> Owner<'_> {
    let merchant = match tenant {
        Tenant::Merchant(merchant) => Some(merchant),
        Tenant::Desk => None,
    };
    Owner { merchant, mode }
}

/// What people call a thing: some text, on one line, that leaves the letters around it where they are.
fn named(what: &str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    let found = text.chars().count();
    if found == 0 || found > NAME_CHARACTERS_MAX {
        return Err(Error::Unfit(format!(
            "{what} has 1 to {NAME_CHARACTERS_MAX} characters, found {found}"
        )));
    }
    if let Some(odd) = text.chars().find(|c| !is_of_a_name(*c)) {
        return Err(Error::Unfit(format!(
            "{what} stands on one line as it is written, found U+{:04X} in it",
            u32::from(odd)
        )));
    }
    Ok(text.to_owned())
}

impl Desk {
    /// That something was refused, or done by nobody who could be asked.
    fn note_leaf(&mut self, leaf: &Leaf) -> Result<(), Error> {
        self.registry()
            .note(leaf)
            .map_err(Error::store("noting a refusal"))
    }
}
