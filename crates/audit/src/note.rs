//! C2SP `signed-note`: a text, a blank line, and one line per signature. Only Ed25519 (type `0x01`) is made and
//! checked here; lines of other keys are kept and ignored, as the specification demands, so witnesses may add theirs.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use crate::hash::Hash;

/// `signed-note`'s identifier byte of Ed25519 signatures over the note text.
const ED25519: u8 = 0x01;
/// Em dash and space open every signature line.
const SIGNATURE_PREFIX: &str = "\u{2014} ";
/// The specification asks to accept at least 16 signatures and to bound them; ours carry one, plus witnesses.
const SIGNATURES_MAX: usize = 64;

/// Who signs: a name and an Ed25519 public key, written `<name>+<key id, 8 hex digits>+<base64(0x01 || public key)>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: VerifyingKey,
}

/// Why a verifier key's text or name is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Not `<name>+<id>+<key>`.
    Form { text: String },
    /// Names are not empty and have neither spaces nor `+` nor control characters.
    Name { name: String },
    /// The written id is not the one that name and key give: a mistyped or spliced key.
    Id { expected: u32, found: String },
    /// Not base64 of `0x01` and 32 bytes of a curve point.
    Key { name: String },
}

/// One signature line of a note. `key_id` and `name` together say whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub key_id: u32,
    /// What follows the key id; 64 bytes for Ed25519, other lengths for other kinds of key.
    pub bytes: Vec<u8>,
}

/// A text with its signatures. The text is not to be believed before [`SignedNote::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

/// Why bytes are not a signed note, or a note is not signed by the key asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// A control character other than newline, at this byte.
    ControlCharacter { at: usize },
    /// No blank line followed by signature lines up to the last newline.
    NoSignatures,
    /// The n-th signature line, counted from 1, is not `— <name> <base64>`.
    SignatureLine { number: usize },
    /// More signature lines than a reader should try.
    TooManySignatures { found: usize },
    /// The key has signed nothing here.
    NotSignedBy { name: String, key_id: u32 },
    /// The key's own line does not verify over the text.
    SignatureDiffers { name: String, key_id: u32 },
}

impl VerifierKey {
    /// The public half of `key` under `name`.
    ///
    /// # Errors
    /// [`KeyError::Name`] when the name cannot stand in a signature line.
    pub fn of(key: &SigningKey, name: &str) -> Result<VerifierKey, KeyError> {
        check_name(name)?;
        Ok(VerifierKey {
            name: name.to_owned(),
            public: key.verifying_key(),
        })
    }

    /// Reads the text form and checks its id.
    ///
    /// # Errors
    /// [`KeyError`] says which of form, name, id or key does not hold.
    pub fn parse(text: &str) -> Result<VerifierKey, KeyError> {
        let form = || KeyError::Form {
            text: text.to_owned(),
        };
        // Base64 itself uses `+`, so only the first two separate.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(form());
        };
        check_name(name)?;
        let key_error = || KeyError::Key {
            name: name.to_owned(),
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| key_error())?;
        let Some((&ED25519, public)) = bytes.split_first() else {
            return Err(key_error());
        };
        let public = <[u8; 32]>::try_from(public).map_err(|_| key_error())?;
        let public = VerifyingKey::from_bytes(&public).map_err(|_| key_error())?;
        let key = VerifierKey {
            name: name.to_owned(),
            public,
        };
        let expected = key.id();
        if format!("{expected:08x}") != id {
            return Err(KeyError::Id {
                expected,
                found: id.to_owned(),
            });
        }
        Ok(key)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// `SHA-256(name || 0x0A || 0x01 || public key)`, the first four bytes, big-endian. An identifier, not a proof:
    /// it is short enough to collide on purpose.
    pub fn id(&self) -> u32 {
        let public = self.public.as_bytes();
        let Hash([a, b, c, d, ..]) =
            Hash::of(&[self.name.as_bytes(), b"\n", &[ED25519], public.as_slice()]);
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(33);
        bytes.push(ED25519);
        bytes.extend_from_slice(self.public.as_bytes());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            STANDARD.encode(bytes)
        )
    }
}

impl SignedNote {
    /// Signs `text`, which must end in a newline, as `name`.
    pub(crate) fn sign(text: String, key: &SigningKey, name: &str) -> Result<SignedNote, KeyError> {
        assert!(text.ends_with('\n'), "signed-note: a text ends in newline");
        let verifier = VerifierKey::of(key, name)?;
        let signature = Signature {
            name: name.to_owned(),
            key_id: verifier.id(),
            bytes: key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        Ok(SignedNote {
            text,
            signatures: alloc::vec![signature],
        })
    }

    /// Splits a note at its last blank line. Says nothing about whether a signature holds.
    ///
    /// # Errors
    /// [`NoteError`] when the bytes do not have the form of a note.
    pub fn parse(note: &str) -> Result<SignedNote, NoteError> {
        if let Some(at) = note.bytes().position(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::ControlCharacter { at });
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let found = lines.split('\n').count();
        if found > SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures { found });
        }
        let signatures = lines
            .split('\n')
            .zip(1..)
            .map(|(line, number)| Signature::parse(line).ok_or(NoteError::SignatureLine { number }))
            .collect::<Result<Vec<Signature>, NoteError>>()?;
        Ok(SignedNote {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// The signed text, final newline included, once a signature of `key` over it has verified. Strict Ed25519: weak
    /// keys and malleable signatures are refused.
    ///
    /// # Errors
    /// [`NoteError::NotSignedBy`] or [`NoteError::SignatureDiffers`]; one failing line of `key` fails the note even
    /// beside a good one.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let key_id = key.id();
        let mut verified = false;
        for line in &self.signatures {
            if line.name != key.name || line.key_id != key_id {
                continue;
            }
            let holds = ed25519_dalek::Signature::from_slice(&line.bytes)
                .and_then(|signature| key.public.verify_strict(self.text.as_bytes(), &signature));
            if holds.is_err() {
                return Err(NoteError::SignatureDiffers {
                    name: key.name.clone(),
                    key_id,
                });
            }
            verified = true;
        }
        if verified {
            return Ok(&self.text);
        }
        Err(NoteError::NotSignedBy {
            name: key.name.clone(),
            key_id,
        })
    }

    /// The text whether or not anybody signed it: for display, never for a decision.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

impl fmt::Display for SignedNote {
    /// The note as it is stored and served; [`SignedNote::parse`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            writeln!(f, "{signature}")?;
        }
        Ok(())
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Signature> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        check_name(name).ok()?;
        let decoded = STANDARD.decode(encoded).ok()?;
        let (id, bytes) = decoded.split_first_chunk::<4>()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Signature {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(
            f,
            "{SIGNATURE_PREFIX}{} {}",
            self.name,
            STANDARD.encode(bytes)
        )
    }
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let misfit = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(misfit) {
        return Err(KeyError::Name {
            name: name.to_owned(),
        });
    }
    Ok(())
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Form { text } => {
                write!(f, "a verifier key is `name+id+key`, found {text:?}")
            }
            KeyError::Name { name } => {
                write!(f, "a key name has no spaces and no `+`, found {name:?}")
            }
            KeyError::Id { expected, found } => {
                write!(
                    f,
                    "name and key give the id {expected:08x}, found {found:?}"
                )
            }
            KeyError::Key { name } => {
                write!(
                    f,
                    "the key of `{name}` is not base64 of 0x01 and an Ed25519 public key"
                )
            }
        }
    }
}

impl core::error::Error for KeyError {}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteError::ControlCharacter { at } => {
                write!(
                    f,
                    "a note has no control character but newline, found one at byte {at}"
                )
            }
            NoteError::NoSignatures => {
                write!(
                    f,
                    "a note ends in a blank line and signature lines, found none"
                )
            }
            NoteError::SignatureLine { number } => {
                write!(
                    f,
                    "signature line {number} is not an em dash, a name and base64"
                )
            }
            NoteError::TooManySignatures { found } => {
                write!(
                    f,
                    "a note has at most {SIGNATURES_MAX} signatures, found {found}"
                )
            }
            NoteError::NotSignedBy { name, key_id } => {
                write!(f, "no signature by key {key_id:08x} of `{name}`")
            }
            NoteError::SignatureDiffers { name, key_id } => {
                write!(
                    f,
                    "the signature by key {key_id:08x} of `{name}` does not fit the text"
                )
            }
        }
    }
}

impl core::error::Error for NoteError {}
