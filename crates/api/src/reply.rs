//! What a handler gives back.

use serde_json::Value;

/// An answer that went well.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Json(Value),
    /// JSON that is written already: a list.
    Written(Vec<u8>),
    /// A dispute, with the version of its draft for `ETag`.
    Tagged {
        version: u32,
        value: Value,
    },
    /// A stored file, as it is; browsers are told to save it, never to show it.
    Content {
        media_type: String,
        name: String,
        bytes: Vec<u8>,
    },
    /// The answer to a request with an idempotency key, as it was kept.
    First {
        status: u16,
        body: Vec<u8>,
        tag: Option<u32>,
    },
    /// What was answered to the same request before: its status and bytes.
    Again {
        status: u16,
        body: Vec<u8>,
    },
}

impl From<Value> for Reply {
    fn from(value: Value) -> Reply {
        Reply::Json(value)
    }
}
