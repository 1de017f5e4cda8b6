//! Compressing and sealing: what is kept of a document is unreadable without the desk's key file.
//!
//! A sealed value is `1 || nonce (24) || XChaCha20-Poly1305(length (4) || zstd(plain))` under a data key of its scope. The
//! associated data names the row and what it holds, so that a sealed value moved to another row does not open.

use crate::keys::random;
use crate::{DOCUMENT_BYTES_MAX, Error, Keys};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use dispute::fact::Scope;
use std::collections::BTreeMap;

/// Level 3 is the library's default: the last level before time grows faster than size shrinks.
const ZSTD_LEVEL: i32 = 3;
const FORM: u8 = 1;
const NONCE_BYTES: usize = 24;

/// A data key as the database keeps it.
#[derive(Clone, Debug)]
pub(crate) struct WrappedKey {
    pub id: i64,
    pub scope: Scope,
    pub version: i64,
    pub kek: String,
    pub wrapped: Vec<u8>,
}

/// The keys opened so far, and the desk's own.
pub(crate) struct Vault {
    keys: Keys,
    opened: BTreeMap<i64, XChaCha20Poly1305>,
    compressor: zstd::bulk::Compressor<'static>,
    decompressor: zstd::bulk::Decompressor<'static>,
}

impl Vault {
    pub fn new(keys: Keys) -> Vault {
        let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)
            .expect("a compressor needs nothing but memory and a level that exists");
        Vault {
            keys,
            opened: BTreeMap::new(),
            compressor,
            decompressor: decompressor(),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn holds(&self, key: i64) -> bool {
        self.opened.contains_key(&key)
    }

    /// A new data key, wrapped; the caller gives it its id when it has stored it.
    pub fn make(&self, scope: &Scope, version: i64) -> WrappedKey {
        let aad = key_aad(scope, version);
        let kek = XChaCha20Poly1305::new(&Key::from(*self.keys.kek()));
        WrappedKey {
            id: 0,
            scope: scope.clone(),
            version,
            kek: self.keys.kek_name(),
            wrapped: encrypt(&kek, &aad, &random::<32>()),
        }
    }

    /// Unwraps a data key and holds it from now on.
    ///
    /// # Errors
    /// [`Error::Key`] when another key-encryption key wraps it, or when it was changed.
    pub fn unwrap(&mut self, row: &WrappedKey) -> Result<(), Error> {
        let what = || {
            format!(
                "data key {}/{} v{}",
                row.scope.provider, row.scope.account, row.version
            )
        };
        let named = self.keys.kek_name();
        if row.kek != named {
            return Err(Error::Key {
                what: what(),
                found: format!("it is wrapped by {}, this desk has {named}", row.kek),
            });
        }
        let kek = XChaCha20Poly1305::new(&Key::from(*self.keys.kek()));
        let plain = decrypt(&kek, &key_aad(&row.scope, row.version), &row.wrapped);
        let bytes = plain.and_then(|plain| <[u8; 32]>::try_from(plain).ok());
        let Some(bytes) = bytes else {
            return Err(Error::Key {
                what: what(),
                found: String::from("the key-encryption key does not open it"),
            });
        };
        self.opened
            .insert(row.id, XChaCha20Poly1305::new(&Key::from(bytes)));
        Ok(())
    }

    /// Compresses and seals under an opened key.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above [`DOCUMENT_BYTES_MAX`].
    pub fn seal(&mut self, key: i64, aad: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let length = u32::try_from(plain.len()).ok();
        let (Some(length), true) = (length, plain.len() <= DOCUMENT_BYTES_MAX) else {
            return Err(Error::TooLarge {
                what: aad.to_owned(),
                found: format!("{} bytes", plain.len()),
                bound: format!("{DOCUMENT_BYTES_MAX} bytes"),
            });
        };
        let packed = self
            .compressor
            .compress(plain)
            .expect("the output buffer is as large as zstd's own bound");
        let mut framed = Vec::with_capacity(packed.len().saturating_add(4));
        framed.extend_from_slice(&length.to_be_bytes());
        framed.extend_from_slice(&packed);
        Ok(encrypt(self.cipher(key), aad, &framed))
    }

    /// Opens and decompresses.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the value was changed, moved or cut.
    pub fn open(&mut self, key: i64, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let framed = decrypt(cipher(&self.opened, key), aad, sealed);
        unframe(&mut self.decompressor, framed, aad)
    }

    /// Opens with the same keys, beside others that do.
    pub fn opener(&self) -> Opener<'_> {
        Opener {
            opened: &self.opened,
            decompressor: decompressor(),
        }
    }

    fn cipher(&self, key: i64) -> &XChaCha20Poly1305 {
        cipher(&self.opened, key)
    }
}

/// The keys opened so far, for one thread of several.
pub(crate) struct Opener<'a> {
    opened: &'a BTreeMap<i64, XChaCha20Poly1305>,
    decompressor: zstd::bulk::Decompressor<'static>,
}

impl Opener<'_> {
    /// As [`Vault::open`].
    pub fn open(&mut self, key: i64, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let framed = decrypt(cipher(self.opened, key), aad, sealed);
        unframe(&mut self.decompressor, framed, aad)
    }
}

fn decompressor() -> zstd::bulk::Decompressor<'static> {
    zstd::bulk::Decompressor::new().expect("a decompressor needs nothing but memory")
}

fn cipher(opened: &BTreeMap<i64, XChaCha20Poly1305>, key: i64) -> &XChaCha20Poly1305 {
    opened
        .get(&key)
        .expect("callers load a key before they use it")
}

/// Decompresses what was sealed. The stated length bounds what is decompressed, and is itself bounded.
fn unframe(
    decompressor: &mut zstd::bulk::Decompressor<'static>,
    framed: Option<Vec<u8>>,
    aad: &str,
) -> Result<Vec<u8>, Error> {
    let changed = |found: &str| Error::corrupt(aad, found);
    let framed = framed.ok_or_else(|| changed("the seal does not hold"))?;
    let (length, packed) = framed
        .split_first_chunk::<4>()
        .ok_or_else(|| changed("sealed without a length"))?;
    let length = usize::try_from(u32::from_be_bytes(*length))
        .ok()
        .filter(|length| *length <= DOCUMENT_BYTES_MAX)
        .ok_or_else(|| changed("the stated length is above what is ever sealed"))?;
    let plain = decompressor
        .decompress(packed, length)
        .map_err(|error| changed(&format!("does not decompress: {error}")))?;
    match plain.len() == length {
        true => Ok(plain),
        false => Err(changed("decompresses to another length")),
    }
}

fn key_aad(scope: &Scope, version: i64) -> String {
    format!("key/{}/{}/{version}", scope.provider, scope.account)
}

fn encrypt(cipher: &XChaCha20Poly1305, aad: &str, msg: &[u8]) -> Vec<u8> {
    // 192 random bits: two equal ones are out of reach for any number of documents.
    let nonce = random::<NONCE_BYTES>();
    let payload = Payload {
        msg,
        aad: aad.as_bytes(),
    };
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), payload)
        .expect("documents are far below the cipher's 256 GiB");
    let mut out = Vec::with_capacity(sealed.len().saturating_add(NONCE_BYTES + 1));
    out.push(FORM);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    out
}

fn decrypt(cipher: &XChaCha20Poly1305, aad: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (form, rest) = sealed.split_first()?;
    let (nonce, msg) = rest.split_first_chunk::<NONCE_BYTES>()?;
    if *form != FORM {
        return None;
    }
    let payload = Payload {
        msg,
        aad: aad.as_bytes(),
    };
    cipher.decrypt(&XNonce::from(*nonce), payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let mut vault = Vault::new(Keys::known_to_everybody());
        let scope = Scope {
            provider: "acme".into(),
            account: "acct_1".into(),
        };
        let made = vault.make(&scope, 1);
        vault.unwrap(&made).unwrap();
        vault
    }

    #[test]
    fn what_is_sealed_opens_only_whole_and_in_its_place() {
        let mut vault = vault();
        let plain = "the same words again and again, ".repeat(50);
        let sealed = vault.seal(0, "document/doc_1", plain.as_bytes()).unwrap();
        assert!(sealed.len() < plain.len(), "compressed before sealing");
        assert_eq!(
            vault.open(0, "document/doc_1", &sealed).unwrap(),
            plain.as_bytes()
        );
        assert!(vault.open(0, "document/doc_2", &sealed).is_err(), "moved");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(
                vault.open(0, "document/doc_1", &changed).is_err(),
                "byte {at}"
            );
            assert!(
                vault.open(0, "document/doc_1", &sealed[..at]).is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn a_data_key_wrapped_elsewhere_is_named_as_such() {
        let scope = Scope {
            provider: "acme".into(),
            account: "acct_1".into(),
        };
        let made = vault().make(&scope, 3);
        let mut other = Vault::new(Keys::of([1; 32], [2; 32]));
        let told = other.unwrap(&made).unwrap_err().to_string();
        assert!(
            told.starts_with("data key acme/acct_1 v3: it is wrapped by kek-"),
            "{told}"
        );
    }
}
