//! The desk's own Ed25519 key, which signs every event beside the endpoints' secrets: whoever has its public half believes
//! the desk, and can sign nothing in its name.

use crate::{Desk, Error};
use calendar::Instant;
use hooks::secret::KeyPair;
use store::{Leaf, Registry};

/// The name under which it is kept.
const NAME: &str = "webhooks/ed25519";

impl Desk {
    /// The key, made on first use. Of two processes that make one at the same time, both have the first.
    ///
    /// # Errors
    /// When the store fails or holds something else.
    pub(crate) fn hook_key(&mut self, now: Instant) -> Result<KeyPair, Error> {
        if let Some(key) = self.kept_key()? {
            return Ok(key);
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| Error::Randomness)?;
        let made = KeyPair::mint(seed);
        let leaf = Leaf(format!(
            "webhooks key made at={now} public={}",
            made.public()
        ));
        let store = &mut self.engine.store;
        let kept = store.keep_secret(NAME, made.expose().as_bytes(), &leaf);
        if kept.map_err(Error::store("keeping the key for webhooks"))? {
            return Ok(made);
        }
        let first = self.kept_key()?;
        Ok(first.expect("whoever was first has kept one, and it stays"))
    }

    /// The public half, `whpk_...`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hook_public_key(&mut self, now: Instant) -> Result<String, Error> {
        Ok(self.hook_key(now)?.public().to_string())
    }

    fn kept_key(&mut self) -> Result<Option<KeyPair>, Error> {
        const DOING: &str = "reading the key for webhooks";
        let found = self
            .engine
            .store
            .secret(NAME)
            .map_err(Error::store(DOING))?;
        let read = |plain: Vec<u8>| {
            let text = String::from_utf8(plain).ok()?;
            KeyPair::parse(&text).ok()
        };
        let Some(plain) = found else {
            return Ok(None);
        };
        let corrupt = || Error::Store {
            doing: DOING,
            source: store::Error::Corrupt {
                what: format!("secret {NAME}"),
                found: String::from("a key that does not read"),
            },
        };
        read(plain).map(Some).ok_or_else(corrupt)
    }
}
