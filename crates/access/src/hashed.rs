//! What is kept of a secret that is itself random: its SHA-256.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of a key, a session token, a recovery code or a state. All of them have at least 80 random bits, so they need no
/// salt and no slow hash. To look a row up by it is safe, because nobody can choose hashes; comparing is in constant time.
#[derive(Clone, Copy)]
pub struct Hashed([u8; 32]);

impl Hashed {
    pub fn of(secret: &[u8]) -> Hashed {
        Hashed(Sha256::digest(secret).into())
    }

    /// As the store gave it back.
    pub fn from_bytes(bytes: [u8; 32]) -> Hashed {
        Hashed(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In constant time.
    pub fn matches(&self, other: &Hashed) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl PartialEq for Hashed {
    fn eq(&self, other: &Hashed) -> bool {
        self.matches(other)
    }
}

impl Eq for Hashed {}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed(redacted)")
    }
}
