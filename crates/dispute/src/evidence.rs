//! The packet: what a sealed draft is, byte for byte.

use crate::id::sha256_hex;
use crate::said::EvidenceContent;
use crate::text::escape;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

/// The canonical text of a draft: one line per slot, in order of slot. Files stand in it by their digest, so the digest of
/// this text fixes every byte that will be sent.
pub fn packet_text(slots: &BTreeMap<String, EvidenceContent>) -> String {
    let mut text = String::new();
    for (slot, content) in slots {
        let mut pair = |key: &str, value: &str| {
            text.push_str(key);
            text.push('=');
            escape(value, &mut text);
            text.push(' ');
        };
        pair("slot", slot);
        match content {
            EvidenceContent::Text(words) => pair("text", words),
            EvidenceContent::File {
                digest,
                name,
                media_type,
                bytes,
            } => {
                pair("file", digest);
                pair("name", name);
                pair("media-type", media_type);
                pair("bytes", &bytes.to_string());
            }
            EvidenceContent::Cleared => pair("cleared", "yes"),
        }
        text.push('\n');
    }
    text
}

/// SHA-256 of the packet's text: the name under which it is sealed, sent and acknowledged.
pub fn packet_digest(slots: &BTreeMap<String, EvidenceContent>) -> String {
    sha256_hex(packet_text(slots).as_bytes())
}

/// Opens the name under which a slot is waived where an obligation has its id.
const SLOT: &str = "slot:";

/// The slot that is waived under this name, if it is a slot's: `slot:signed_receipt`.
pub fn waived_slot(name: &str) -> Option<&str> {
    name.strip_prefix(SLOT)
}
