//! Whether a change was asked for by our own page, or by somebody else's page in the same browser.
//!
//! The token in a page is HMAC-SHA-256 of the session's token: whoever cannot read the cookie cannot make it, nothing is
//! stored for it, and it changes when the session's token does. Signing in is held to it too, with the pre-session.
//! Requests with an API key need none of this, for no browser adds a key by itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::session::Token;

/// Keeps this use of the token apart from any other that may come.
const LABEL: &[u8] = b"docket csrf 1";

/// A request that changes something, with what a browser says of it. Headers as they came; `None` where absent.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// From the cookie.
    pub session: &'a Token,
    /// The form field or header in which our page repeats [`token`].
    pub given: Option<&'a str>,
    pub origin: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
    pub content_type: Option<&'a str>,
}

/// In order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfRefusal {
    #[error("the request comes from another site")]
    OtherSite,
    #[error("the request comes from another origin")]
    OtherOrigin,
    /// A form of another site can send `text/plain` that reads as JSON.
    #[error(
        "expected a body of type application/x-www-form-urlencoded, multipart/form-data or application/json"
    )]
    ContentType,
    #[error("the page's token is missing")]
    Missing,
    #[error("the page's token is not this session's")]
    Token,
}

/// What our pages carry.
pub fn token(session: &Token) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(session.bytes()).expect("HMAC takes a key of any length");
    mac.update(LABEL);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// `own_origin` is ours, as configured (`https://desk.example.com`), never from the `Host` header.
pub fn check(attempt: &Attempt<'_>, own_origin: &str) -> Result<(), CsrfRefusal> {
    if attempt.fetch_site.is_some_and(|site| site != "same-origin") {
        return Err(CsrfRefusal::OtherSite);
    }
    if attempt.origin.is_some_and(|origin| origin != own_origin) {
        return Err(CsrfRefusal::OtherOrigin);
    }
    if !attempt.content_type.is_none_or(of_our_pages) {
        return Err(CsrfRefusal::ContentType);
    }
    let given = attempt.given.ok_or(CsrfRefusal::Missing)?;
    let expected = token(attempt.session);
    match bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        true => Ok(()),
        false => Err(CsrfRefusal::Token),
    }
}

fn of_our_pages(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json",
    ]
    .iter()
    .any(|ours| essence.eq_ignore_ascii_case(ours))
}
