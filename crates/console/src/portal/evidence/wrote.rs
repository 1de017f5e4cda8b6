//! What somebody wrote, whoever they are by now: a session that ended while they wrote must not cost them a word.

use crate::door::{State, Trouble, form, ours};
use crate::visitor::Visitor;
use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use std::pin::Pin;

/// The media type that the page's own script asks for: pieces of the page, instead of a page.
pub const PIECES: &str = "text/x-docket-pieces";

/// Who sent a form.
pub enum Sender {
    /// A visitor, from a page that was made for this session.
    Ours(Box<Visitor>),
    /// A visitor, from a page of ours that was made before they signed in again. Nothing is done; what they wrote is shown.
    Stale(Box<Visitor>),
    /// Nobody any more. What they wrote is given back.
    Nobody,
}

/// A form as it came.
pub struct Wrote {
    pub sender: Sender,
    fields: Vec<(String, String)>,
    /// Whether the page's script asks, and puts the answer into the page.
    pub quiet: bool,
}

impl Wrote {
    /// The first value of a field; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

pub fn is_quiet(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes() == PIECES.as_bytes())
}

/// Who sent these fields. A form of another site's is nobody's.
fn sender(
    headers: &HeaderMap,
    visitor: Option<Visitor>,
    fields: &[(String, String)],
    origin: &str,
) -> Result<Sender, Trouble> {
    let site = headers.get("sec-fetch-site");
    let here = site.is_some_and(|site| site.as_bytes() == b"same-origin");
    let Some(visitor) = visitor else {
        // Nobody's words are shown on our page because another site's form says them.
        return match site.is_none() || here {
            true => Ok(Sender::Nobody),
            false => Err(Trouble::SignIn {
                back: String::from("/"),
            }),
        };
    };
    match ours(headers, &visitor.token, fields, origin) {
        Ok(()) => Ok(Sender::Ours(Box::new(visitor))),
        Err(refused) => {
            // What a browser says of it proves that the form stood on a page of ours.
            let from = headers.get(header::ORIGIN);
            let same = from.is_none_or(|from| from.as_bytes() == origin.as_bytes());
            match here && same {
                true => Ok(Sender::Stale(Box::new(visitor))),
                false => Err(refused),
            }
        }
    }
}

impl FromRequest<State> for Wrote {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &State) -> Result<Wrote, Trouble> {
        let (parts, body) = request.into_parts();
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let fields = form(&parts.headers, body).await?;
        Ok(Wrote {
            sender: sender(&parts.headers, visitor, &fields, &state.origin)?,
            fields,
            quiet: is_quiet(&parts.headers),
        })
    }
}

/// Files and fields of a form with files.
pub struct Brought {
    pub visitor: Visitor,
    pub parts: Vec<app::files::form::Part>,
    pub arriving: app::files::Arriving,
    pub quiet: bool,
}

impl FromRequest<State> for Brought {
    type Rejection = Trouble;

    /// Whose files they are is known before the first byte of them is held, and every byte is counted as it comes.
    async fn from_request(request: Request, state: &State) -> Result<Brought, Trouble> {
        let (parts, body) = request.into_parts();
        let quiet = is_quiet(&parts.headers);
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let visitor = visitor.ok_or(Trouble::SignIn {
            back: String::from("/"),
        })?;
        let (merchant, live) = visitor.tenant();
        let allowance = state
            .pooled(move |pool| pool.allowance(merchant.as_deref(), live))
            .await?;
        let text = |name: header::HeaderName| {
            let value = parts.headers.get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let declared = text(header::CONTENT_LENGTH).parse().ok();
        let mut arriving = allowance.body(declared)?;
        let bytes = arrived(body, &mut arriving).await?;
        let read = app::files::form::read(text(header::CONTENT_TYPE), &bytes)
            .map_err(|broken| Trouble::Form(broken.to_string()))?;
        let fields: Vec<(String, String)> = read
            .iter()
            .filter(|part| part.file_name.is_none())
            .map(|part| {
                let value = String::from_utf8_lossy(&part.content).into_owned();
                (part.name.clone(), value)
            })
            .collect();
        ours(&parts.headers, &visitor.token, &fields, &state.origin)?;
        Ok(Brought {
            visitor,
            parts: read,
            arriving,
            quiet,
        })
    }
}

async fn arrived(mut body: Body, arriving: &mut app::files::Arriving) -> Result<Vec<u8>, Trouble> {
    let mut whole = Vec::new();
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else {
            return Ok(whole);
        };
        let frame = frame.map_err(|error| Trouble::Form(error.to_string()))?;
        if let Ok(data) = frame.into_data() {
            arriving.take(data.len())?;
            whole.extend_from_slice(&data);
        }
    }
}
