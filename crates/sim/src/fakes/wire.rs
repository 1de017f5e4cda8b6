//! Requests as fakes read them, and the bad luck that a wire can have.

use adapter::{Reply, Request};
use serde_json::Value;

/// A request, as far as fakes look at it.
pub(super) struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub account: &'a str,
    pub body: &'a [u8],
    pub headers: &'a [(String, String)],
}

impl<'a> Asked<'a> {
    pub fn of(request: &'a Request, account: &'a str) -> Asked<'a> {
        match request {
            Request::Http {
                method,
                path,
                headers,
                body,
                ..
            } => Asked {
                method,
                path,
                account,
                body,
                headers,
            },
            Request::Multipart {
                path,
                headers,
                parts,
                ..
            } => {
                let body = parts
                    .first()
                    .map(|part| part.content.as_slice())
                    .unwrap_or_default();
                Asked {
                    method: "POST",
                    path,
                    account,
                    body,
                    headers,
                }
            }
            Request::File { name, content } => Asked {
                method: "PUT",
                path: name,
                account,
                body: content,
                headers: &[],
            },
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A field of a form body.
    pub fn form_value(&self, name: &str) -> String {
        let text = String::from_utf8_lossy(self.body);
        let name = name.replace('[', "%5B").replace(']', "%5D");
        let found = text
            .split('&')
            .find_map(|pair| pair.strip_prefix(name.as_str())?.strip_prefix('='));
        found.unwrap_or_default().to_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or(Value::Null)
    }
}

pub(super) fn json_reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

/// What happens to one request on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WireFault {
    None,
    /// No connection: it certainly did not leave.
    NotSent,
    /// It left, never arrived, and no answer came.
    LostBefore,
    /// It arrived and was taken, and no answer came.
    LostAfter,
    /// A server error before anything was done.
    ErrorBefore,
    /// A server error after it was done.
    ErrorAfter,
    Throttled,
}

/// How often, in a thousand requests or documents, something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    pub wire: u32,
    pub letter_lost: u32,
    pub letter_late: u32,
    pub letter_twice: u32,
    pub letter_cut: u32,
    pub letter_forged: u32,
    /// Reports whose control totals are wrong, before they are issued once more.
    pub report_lies: u32,
}

impl Faults {
    pub const NONE: Faults = Faults {
        wire: 0,
        letter_lost: 0,
        letter_late: 0,
        letter_twice: 0,
        letter_cut: 0,
        letter_forged: 0,
        report_lies: 0,
    };

    /// A bad quarter: every tenth request and every fourth document has something.
    pub const BAD: Faults = Faults {
        wire: 120,
        letter_lost: 60,
        letter_late: 100,
        letter_twice: 80,
        letter_cut: 15,
        letter_forged: 10,
        report_lies: 50,
    };
}
