//! The desk's own Ed25519 keys, which sign every event beside the endpoints' secrets: whoever has a public half believes
//! the desk, and can sign nothing in its name.
//!
//! Each key is a row that is written once: with when it began to sign, and until when those before it sign beside it. What a
//! backup brings back is therefore what signed then, and ends when it was said to end.

use crate::deliver::TRIES;
use crate::shape::At;
use crate::{Desk, Error};
use calendar::Instant;
use hooks::desk_key::{DeskKeys, KeptKey, Known};
pub use hooks::desk_key::{KEY_OVERLAP_DAYS_MAX, KeyRollError};
use hooks::secret::KeyPair;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Leaf, Registry};

/// Their names begin so, and end in a number that counts from 1.
const NAMES: &str = "webhooks/ed25519/";

/// The public half of a key of the desk's own, and when it signs.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct PublicKeyView {
    /// `whpk_...`.
    pub key: String,
    /// When it began to sign.
    pub from: At,
    /// Until when it signs; `None` until another takes its place.
    pub until: Option<At>,
}

impl From<Known> for PublicKeyView {
    fn from(known: Known) -> PublicKeyView {
        PublicKeyView {
            key: known.key.to_string(),
            from: At(known.from),
            until: known.until.map(At),
        }
    }
}

/// Why the key is not rolled, or every public half with the new one first.
pub type KeyRolled = Result<Vec<PublicKeyView>, KeyRollError>;

impl Desk {
    /// The keys, the first of them made on first use. Of two processes that make one at the same time, both have the first.
    ///
    /// # Errors
    /// When the store fails or holds something else.
    pub(crate) fn hook_keys(&mut self, now: Instant) -> Result<DeskKeys, Error> {
        if let Some(keys) = DeskKeys::restored(self.kept_hook_keys()?) {
            return Ok(keys);
        }
        let made = KeptKey::first(minted()?, now);
        let leaf = format!("webhooks key made at={now} public={}", made.pair.public());
        self.keep_hook_key(1, &made, leaf)?;
        let kept = DeskKeys::restored(self.kept_hook_keys()?);
        Ok(kept.expect("whoever was first has kept one, and it stays"))
    }

    /// The public halves that sign now, the current one first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hook_public_keys(&mut self, now: Instant) -> Result<Vec<PublicKeyView>, Error> {
        let mut known = self.hook_keys(now)?.known();
        known.retain(|known| known.signs(now));
        Ok(known.into_iter().map(PublicKeyView::from).collect())
    }

    /// The public halves of every key that ever signed, the current one first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hook_key_history(&mut self, now: Instant) -> Result<Vec<PublicKeyView>, Error> {
        let known = self.hook_keys(now)?.known();
        Ok(known.into_iter().map(PublicKeyView::from).collect())
    }

    /// Makes a new key the current one; the old one signs beside it until `old_until`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn roll_hook_key(
        &mut self,
        old_until: Instant,
        who: &str,
        now: Instant,
    ) -> Result<KeyRolled, Error> {
        for _attempt in 0..TRIES {
            let keys = self.hook_keys(now)?;
            let fresh = match keys.roll(minted()?, old_until, now) {
                Ok(fresh) => fresh,
                Err(error) => return Ok(Err(error)),
            };
            let known = keys.known();
            let old = known.first().expect("the current key is always known");
            let mut leaf = format!(
                "webhooks key rolled at={now} public={} old={} old_until={} by=",
                fresh.pair.public(),
                old.key,
                fresh.others_until
            );
            dispute::text::escape(who, &mut leaf);
            let number = known.len().saturating_add(1);
            if self.keep_hook_key(number, &fresh, leaf)? {
                return Ok(Ok(self.hook_key_history(now)?));
            }
            // Somebody else rolled at the same moment: whether there is room for another is asked again.
        }
        Err(Error::Busy)
    }

    fn keep_hook_key(&mut self, number: usize, key: &KeptKey, leaf: String) -> Result<bool, Error> {
        let name = format!("{NAMES}{number:06}");
        let store = &mut self.engine.store;
        let kept = store.keep_secret(&name, key.expose().as_bytes(), &Leaf(leaf));
        kept.map_err(Error::store("keeping the key for webhooks"))
    }

    /// By number.
    fn kept_hook_keys(&mut self) -> Result<Vec<KeptKey>, Error> {
        const DOING: &str = "reading the keys for webhooks";
        let found = self.engine.store.secrets(NAMES);
        let read = |(name, plain): (String, Vec<u8>)| {
            let text = String::from_utf8(plain).ok();
            let corrupt = || Error::Store {
                doing: DOING,
                source: store::Error::Corrupt {
                    what: format!("secret {name}"),
                    found: String::from("a key that does not read"),
                },
            };
            text.and_then(|text| KeptKey::parse(&text))
                .ok_or_else(corrupt)
        };
        let found = found.map_err(Error::store(DOING))?;
        found.into_iter().map(read).collect()
    }
}

fn minted() -> Result<KeyPair, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| Error::Randomness)?;
    Ok(KeyPair::mint(seed))
}
