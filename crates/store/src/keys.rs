//! The desk's own secrets: the key that wraps data keys, and the key that signs the audit log.

use crate::Error;
use audit::{SigningKey, VerifierKey};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Held in memory while a store is open. Whoever has neither the files nor the environment's values cannot open a
/// document, whatever they copied of the database.
#[derive(Clone)]
pub struct Keys {
    kek: [u8; 32],
    audit: SigningKey,
    origin: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({}, redacted)", self.origin)
    }
}

impl Keys {
    /// Reads `keys/kek` and `keys/audit` under the desk's folder, and makes them on first use, readable by the owner only.
    ///
    /// # Errors
    /// [`Error::File`] when a file cannot be read or made, [`Error::Key`] when it does not hold 32 bytes in hexadecimal.
    pub fn open(desk: &Path) -> Result<Keys, Error> {
        let folder = desk.join("keys");
        let trouble = |source| Error::File {
            path: folder.clone(),
            source,
        };
        let mut private = fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(&folder).map_err(trouble)?;
        let kek = read_or_make(&folder.join("kek"))?;
        let audit = read_or_make(&folder.join("audit"))?;
        Ok(Keys::of(kek, audit))
    }

    /// From text, 64 hexadecimal digits each, as an environment or a key service hands them over.
    ///
    /// # Errors
    /// [`Error::Key`] when one of them is not that.
    pub fn parse(kek: &str, audit: &str) -> Result<Keys, Error> {
        Ok(Keys::of(
            parse("the key-encryption key", kek)?,
            parse("the audit key", audit)?,
        ))
    }

    /// From raw key material.
    pub fn of(kek: [u8; 32], audit: [u8; 32]) -> Keys {
        let audit = SigningKey::from_bytes(&audit);
        let public = hex::encode(audit.verifying_key().as_bytes());
        let (short, _) = public
            .split_at_checked(16)
            .expect("32 bytes make 64 digits, all ASCII");
        // tlog-checkpoint: the origin is one line and names one log for ever; the public key does both.
        let origin = format!("docket-{short}/audit");
        Keys { kek, audit, origin }
    }

    /// The same keys for every test and simulation, so that their checkpoints repeat byte for byte. Protects nothing.
    pub fn known_to_everybody() -> Keys {
        Keys::of([7; 32], [9; 32])
    }

    /// Names this desk's log in every checkpoint.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The public half of the audit key, as text.
    pub fn verifier_key(&self) -> String {
        VerifierKey::of(&self.audit, &self.origin)
            .expect("an origin made of hexadecimal digits names a key")
            .to_string()
    }

    pub(crate) fn kek(&self) -> &[u8; 32] {
        &self.kek
    }

    /// Names the key-encryption key without telling it, so that the wrong one is recognised before anything fails to open.
    pub(crate) fn kek_name(&self) -> String {
        let digest = dispute::id::digest("docket kek name", &[&self.kek]);
        let short = digest.first_chunk::<8>().expect("a digest has 32 bytes");
        format!("kek-{}", hex::encode(short))
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.audit
    }
}

fn parse(what: &str, text: &str) -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| Error::Key {
        what: what.to_owned(),
        found: format!(
            "expected 64 hexadecimal digits, found {} characters",
            text.trim().len()
        ),
    })?;
    Ok(key)
}

/// 32 random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A machine that has no randomness cannot keep secrets; there is nothing to fall back to.
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// Reads the key in this file. When there is none, a new key is written beside it, made durable, and linked into place:
/// a crash never leaves half a key, and of two processes that start together one makes it and both read it.
fn read_or_make(path: &Path) -> Result<[u8; 32], Error> {
    let trouble = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    if !path.try_exists().map_err(trouble)? {
        make(path).map_err(trouble)?;
    }
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(trouble)?;
    parse(&format!("key file `{}`", path.display()), &text)
}

fn make(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension(hex::encode(random::<8>()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    writeln!(file, "{}", hex::encode(random::<32>()))?;
    file.sync_all()?;
    let linked = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&draft)?;
    linked?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_made_once_and_for_their_owner_only() {
        let desk = tempfile::tempdir().unwrap();
        let first = Keys::open(desk.path()).unwrap();
        let again = Keys::open(desk.path()).unwrap();
        assert_eq!(first.kek(), again.kek());
        assert_eq!(first.verifier_key(), again.verifier_key());
        let other = tempfile::tempdir().unwrap();
        assert_ne!(first.kek(), Keys::open(other.path()).unwrap().kek());
        let mut names = Vec::new();
        for file in fs::read_dir(desk.path().join("keys")).unwrap() {
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            names.push(file.file_name().into_string().unwrap());
        }
        names.sort();
        assert_eq!(names, ["audit", "kek"], "no draft stays behind");
    }

    #[test]
    fn processes_that_start_together_agree_on_one_key() {
        let desk = tempfile::tempdir().unwrap();
        let open = || Keys::open(desk.path()).unwrap().kek_name();
        let names: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
    }

    #[test]
    fn a_cut_key_file_is_told_and_never_replaced() {
        let desk = tempfile::tempdir().unwrap();
        Keys::open(desk.path()).unwrap();
        let path = desk.path().join("keys/kek");
        fs::write(&path, "abc").unwrap();
        let told = Keys::open(desk.path()).unwrap_err().to_string();
        assert!(
            told.ends_with("kek`: expected 64 hexadecimal digits, found 3 characters"),
            "{told}"
        );
        assert_eq!(fs::read_to_string(path).unwrap(), "abc");
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let keys = Keys::of([0xab; 32], [0xcd; 32]);
        let shown = format!("{keys:?} {} {}", keys.kek_name(), keys.verifier_key());
        assert!(
            !shown.contains("abab") && !shown.contains("cdcd"),
            "{shown}"
        );
    }
}
