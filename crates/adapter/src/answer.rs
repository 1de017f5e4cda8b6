//! What comes back, and what it means.

use crate::instruction::Request;
use alloc::string::String;
use alloc::vec::Vec;

/// A response as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub request: Request,
    /// `None`: it may or may not have arrived, and no answer did.
    pub reply: Option<Reply>,
}

/// How an instruction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The provider has it. For reads: the reply holds the object, which is a document to decode.
    Accepted,
    /// The provider refused, in its own words. Sending the same again cannot help.
    Refused(String),
    /// It certainly did not take effect and may be sent again, not before so many seconds when the provider said so.
    Again {
        after_seconds: Option<u32>,
        why: String,
    },
    /// It may have taken effect. Only reading back can tell.
    InDoubt(String),
}

/// The next step of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Send(Request),
    Finished(Answer),
    /// This provider cannot do it.
    Unable(Unable),
}

/// Why a provider cannot do what is wanted. A declared gap, visible before anybody relies on it (F-63).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unable {
    /// What is missing, and what a person can do instead.
    pub why: String,
}

/// What the provider's object, read back, says about something we sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    Received,
    NotReceived,
    /// The object does not tell; a person must look.
    Unclear(String),
}
