//! What we want a provider to do, in our words, and the requests that say it in theirs.

use alloc::string::String;
use alloc::vec::Vec;
use calendar::{Date, Instant};
use dispute::reference::References;
use dispute::status::Stage;

/// One file of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Our evidence slot; the adapter maps it to the provider's field.
    pub slot: String,
    pub name: String,
    pub media_type: String,
    /// SHA-256 of the content, hexadecimal.
    pub digest: String,
    pub content: Vec<u8>,
}

/// A sealed packet of evidence: what is sent is exactly what was sealed, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The digest under which it was sealed.
    pub digest: String,
    /// Slot and text, in order of slot.
    pub texts: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
    /// The defence that the packet argues, where the provider asks for one.
    pub defence: Option<String>,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Answer this stage with the packet.
    Submit(Packet),
    /// Concede.
    Accept,
    /// Fetch the dispute's object.
    ReadBack,
    /// Fetch which defences and documents the provider would take.
    Requirements,
    /// Fetch disputes that changed since an instant, from a page on; the adapter asks for the next page itself.
    ListChanged { since: Instant },
    /// ACH and its like: refuse the return, with the network's code for why.
    Dishonor { code: String, on: Date },
}

/// One thing to do at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Names this sending, for idempotency where the provider has it. The same instruction sent again has the same key.
    pub idempotency_key: String,
    pub account: String,
    /// All the references of the case.
    pub refs: References,
    pub stage: Stage,
    pub wanted: Wanted,
}

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// The file name, for file parts.
    pub file_name: Option<String>,
    pub media_type: Option<String>,
    pub content: Vec<u8>,
}

/// A request in the provider's words. Hosts and credentials are the transport's: a path is relative to a named base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Http {
        /// Which of the provider's configured bases (`api`, `files`).
        base: &'static str,
        method: &'static str,
        /// Path and query, percent-encoded.
        path: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    Multipart {
        base: &'static str,
        path: String,
        headers: Vec<(String, String)>,
        parts: Vec<Part>,
    },
    /// A file to be put where the provider or bank collects it.
    File { name: String, content: Vec<u8> },
}
