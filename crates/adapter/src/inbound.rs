//! What arrives, before anything is understood.

use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;
use core::fmt;

/// By which way a document came. It decides how strongly its words count: see `dispute::status::Authority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Pushed to us over HTTP.
    Webhook,
    /// A report or clearing file.
    File,
    /// The provider's object, fetched by us: a read-back, a sweep, or the answer to something we sent.
    Api,
}

impl Channel {
    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
            Channel::File => "file",
            Channel::Api => "api",
        }
    }

    /// Reads the stable text form.
    pub fn parse(name: &str) -> Option<Channel> {
        [Channel::Webhook, Channel::File, Channel::Api]
            .into_iter()
            .find(|channel| channel.name() == name)
    }
}

/// A document as it came.
#[derive(Clone, Copy, Debug)]
pub struct Inbound<'a> {
    pub channel: Channel,
    /// Our account at the provider, as configured for the way in; a document that names its own account wins.
    pub account: &'a str,
    /// HTTP headers in order of arrival, names as they came; empty for files.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    /// When we got it. For an object read back, this is the instant of which it is true.
    pub received_at: Instant,
}

impl<'a> Inbound<'a> {
    /// The value of the only header with this name, compared without case. Two such headers are none: a signature that
    /// stands twice proves nothing.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value.as_str()),
            _ => None,
        }
    }
}

/// Key material for checking or making signatures. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What a person calls it, to say which of two overlapping secrets matched.
    pub label: String,
    pub value: Vec<u8>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}, redacted)", self.label)
    }
}

/// What the signature check found. Everything but `Valid` and `Unsigned` on a trusted way in is quarantined, not dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Signed with the secret of this label.
    Valid { label: String },
    /// This way in carries no signature by its nature (a file fetched by us, an answer to our own request).
    Unsigned,
    /// A signature was due and is absent or unreadable; says what was expected.
    Missing(String),
    /// A signature is there and no secret matches.
    Wrong(String),
    /// It matches but is older, or newer, than the tolerance; seconds of difference, positive when old.
    Stale { seconds: i64 },
}

impl Verdict {
    /// Whether the document may be decoded and applied.
    pub fn trusted(&self) -> bool {
        matches!(self, Verdict::Valid { .. } | Verdict::Unsigned)
    }

    /// One word for tables and columns.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Valid { .. } => "valid",
            Verdict::Unsigned => "unsigned",
            Verdict::Missing(_) => "missing",
            Verdict::Wrong(_) => "wrong",
            Verdict::Stale { .. } => "stale",
        }
    }
}
