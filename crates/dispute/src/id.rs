//! Identifiers: every id is a function of content, so two machines and a replay agree (DESIGN, invariant 9).

use alloc::string::String;
use core::fmt;
use sha2::{Digest, Sha256};

/// The alphabet of ids: Crockford's base 32 in lower case, which has no letter that is mistaken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Ids keep 130 bits (26 characters of 5 bits) of a SHA-256, so that a collision by chance stays out of reach at any
/// number of facts a desk will hold (about 2^65 ids for an even chance).
const ID_CHARACTERS: usize = 26;

/// Hashes the parts, each preceded by its length, so that no two lists of parts run together into the same bytes.
pub fn digest(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in core::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
        let length = u64::try_from(part.len()).expect("a slice is shorter than 2^64 bytes");
        hasher.update(length.to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// SHA-256 of bytes as lower-case hexadecimal: the name of a document or an attachment.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes).into())
}

/// A hash as lower-case hexadecimal.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in hash {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16"));
        }
    }
    text
}

/// The first 130 bits of a hash in the id alphabet: what follows the prefix of every id.
pub fn render(hash: &[u8; 32]) -> String {
    let mut text = String::with_capacity(ID_CHARACTERS);
    let mut bits: u32 = 0;
    let mut held: u32 = 0;
    for byte in hash {
        if text.len() == ID_CHARACTERS {
            break;
        }
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            let index = usize::try_from((bits >> held) & 31).expect("five bits fit");
            text.push(char::from(
                *ALPHABET.get(index).expect("five bits index 32 letters"),
            ));
        }
        bits &= (1 << held) - 1;
    }
    text.truncate(ID_CHARACTERS);
    text
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The public prefix, with its underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id of this content. The parts are length-prefixed and the prefix separates the kinds of id.
            pub fn of(parts: &[&str]) -> Self {
                let mut bytes: alloc::vec::Vec<&[u8]> = alloc::vec::Vec::with_capacity(parts.len());
                bytes.extend(parts.iter().map(|part| part.as_bytes()));
                let mut text = String::from($prefix);
                text.push_str(&render(&digest($prefix, &bytes)));
                $name(text)
            }

            /// Reads an id back; `None` when the prefix or the alphabet is not this kind's.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?;
                let whole = rest.len() == ID_CHARACTERS && rest.bytes().all(|b| ALPHABET.contains(&b));
                whole.then(|| $name(String::from(text)))
            }

            /// The whole text, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}

ids! {
    /// A case: a function of provider, provider account and the provider's own dispute reference.
    CaseId = "dp_";
    /// A document as it arrived: a function of provider, account, channel and bytes.
    DocumentId = "doc_";
    /// A statement: a function of what is said, by whom, about what, as of when; not of when we heard it.
    FactId = "fa_";
    /// All that hangs together: facts whose references lead to one another.
    FamilyId = "fam_";
    /// A ledger entry: a function of case, posting key and ordinal.
    EntryId = "en_";
    /// Who owes what: a function of case or feed, kind and stage.
    ObligationId = "ob_";
    /// Something a person should look at: a function of its fingerprint and subject.
    FindingId = "fi_";
    /// One send to a provider: a function of case, stage and what is sent.
    SubmissionId = "su_";
    /// A moment at which the clock must speak: a function of case and what falls due.
    TimerId = "ti_";
    /// Something told to others: a function of case, document and what is told.
    EventId = "evt_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_parts_give_the_same_id_and_moved_boundaries_do_not() {
        assert_eq!(CaseId::of(&["a", "bc"]), CaseId::of(&["a", "bc"]));
        assert_ne!(CaseId::of(&["a", "bc"]), CaseId::of(&["ab", "c"]));
        assert_ne!(CaseId::of(&["a"]).as_str().len(), 0);
    }

    #[test]
    fn ids_read_back_and_refuse_other_kinds() {
        let id = CaseId::of(&["x"]);
        assert_eq!(CaseId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(FactId::parse(id.as_str()), None);
        assert_eq!(CaseId::parse("dp_short"), None);
    }
}
