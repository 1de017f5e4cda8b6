//! Opening a stored document: whoever wrote it, the result has one shape.

use crate::{Adapters, gunzip};
use adapter::{Channel, Decoded, Fate, Inbound, Located, Record, Reject, RejectCode};
use dispute::fact::Span;
use dispute::text;
use store::{NewDocument, StoredDocument, Way};

/// A document after opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    Decoded(Decoded),
    /// No adapter of that name is linked into this program.
    NoAdapter,
}

/// Decodes a stored document with the adapter of its provider, or reads our own lines.
pub fn open(adapters: Adapters, stored: &StoredDocument) -> Opened {
    open_new(adapters, &stored.document)
}

/// As [`open`], of a document that is not kept yet.
pub(crate) fn open_new(adapters: Adapters, document: &NewDocument) -> Opened {
    if matches!(document.way, Way::Command | Way::Desk) {
        return Opened::Decoded(own_lines(document));
    }
    let found = adapters
        .iter()
        .find(|adapter| adapter.name() == document.scope.provider);
    let Some(adapter) = found else {
        return Opened::NoAdapter;
    };
    Opened::Decoded(match gunzip::unpacked(&document.body) {
        Ok(body) => with_body(document, &body, |inbound| adapter.decode(inbound)),
        Err(reject) => refused(reject),
    })
}

/// What comes of a document that could not be unpacked: one reject over all of it.
pub fn refused(reject: Reject) -> Decoded {
    Decoded {
        form: String::from("gzip"),
        records: vec![Record {
            span: reject.span,
            fate: Fate::Rejected,
        }],
        facts: Vec::new(),
        rejects: vec![reject],
    }
}

/// Shows a kept document to an adapter, as it is read: unpacked when it came packed. One that cannot be unpacked is shown as
/// it came.
pub(crate) fn with_inbound<T>(document: &NewDocument, look: impl FnOnce(&Inbound<'_>) -> T) -> T {
    let body = gunzip::unpacked(&document.body);
    let body = body.as_deref().unwrap_or(&document.body);
    with_body(document, body, look)
}

fn with_body<T>(document: &NewDocument, body: &[u8], look: impl FnOnce(&Inbound<'_>) -> T) -> T {
    let channel = match document.way {
        Way::Webhook => Channel::Webhook,
        Way::Api => Channel::Api,
        Way::File | Way::Command | Way::Desk => Channel::File,
    };
    look(&Inbound {
        channel,
        account: &document.scope.account,
        headers: &document.headers,
        body,
        received_at: document.received_at,
    })
}

/// Our own documents hold one canonical fact a line; a line that begins with `#` states nothing.
fn own_lines(document: &NewDocument) -> Decoded {
    let form = if document.way == Way::Command {
        "command"
    } else {
        "desk"
    };
    let mut decoded = Decoded {
        form: form.to_owned(),
        records: Vec::new(),
        facts: Vec::new(),
        rejects: Vec::new(),
    };
    let mut from = 0;
    for line in document.body.split_inclusive(|byte| *byte == b'\n') {
        let span = Span::new(from, from + line.len());
        from += line.len();
        // Words for people, such as what a repair changed: no statement.
        if line.starts_with(b"#") {
            let fate = Fate::Framing;
            decoded.records.push(Record { span, fate });
            continue;
        }
        let read = std::str::from_utf8(line).map_err(|_| String::from("bytes that are not UTF-8"));
        let read =
            read.and_then(|line| text::parse(line.trim_end()).map_err(|error| error.to_string()));
        let fate = match read {
            Ok(fact) => {
                decoded.facts.push(Located { fact, span });
                Fate::Understood
            }
            Err(detail) => {
                let reject = Reject {
                    span,
                    code: RejectCode::Syntax,
                    detail,
                    hint: String::new(),
                };
                decoded.rejects.push(reject);
                Fate::Rejected
            }
        };
        decoded.records.push(Record { span, fate });
    }
    decoded
}
