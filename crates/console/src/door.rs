//! The door of the pages: who comes with a session, who comes without, and whether a form is ours.

use crate::frame;
use crate::visitor::{Theme, Visitor};
use access::cookie;
use access::csrf::{self, Attempt};
use access::session::Token;
use access::{Mode, Tenant};
use app::entrance::Visit;
use app::{Desk, Pool, Sight};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::{Instant, Zone};
use maud::html;
use std::sync::Arc;

/// A form of ours: evidence of 150,000 characters, each at most four bytes and each byte `%XX`, with its names.
const FORM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How people read times, until they can choose: the page's own cookie.
const ZONE: &str = "docket-zone";
const THEME: &str = "docket-theme";

/// What every page needs.
#[derive(Clone)]
pub struct State {
    pub pool: Arc<Pool>,
    /// The composition's clock: nothing here asks the system what time it is.
    pub clock: fn() -> Instant,
    /// Where people reach these pages: scheme, host and port, as configured and never from a request.
    pub origin: Arc<str>,
}

impl State {
    /// Works on a desk that sees what the visitor may see, on a thread that may block.
    pub async fn read<T, W>(&self, visitor: &Visitor, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        self.on(sight(visitor), work).await
    }

    /// Works on a desk that sees everything; what the visitor may was checked before.
    pub async fn write<T, W>(&self, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        self.on(Sight::All, work).await
    }

    async fn on<T, W>(&self, sight: Sight, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let done = tokio::task::spawn_blocking(move || pool.read(&sight, work)).await;
        match done {
            Ok(done) => done.map_err(Trouble::from),
            // The panic is in the log already; the desk that it used is replaced.
            Err(_panicked) => Err(Trouble::Ours),
        }
    }
}

fn sight(visitor: &Visitor) -> Sight {
    match visitor.asker.tenant() {
        Tenant::Merchant(merchant) => Sight::Merchant {
            id: merchant.to_string(),
            live: visitor.asker.mode() == Mode::Live,
        },
        Tenant::Desk => Sight::All,
    }
}

/// Why there is no page.
#[derive(Debug)]
pub enum Trouble {
    /// Nobody, or somebody whose session is over: they sign in and come back here.
    SignIn {
        back: String,
    },
    /// It is not there, or not for them: the same answer.
    NotFound,
    /// What they may not do, in words.
    Denied(String),
    /// A form that is not ours, or not whole.
    Form(String),
    World(app::Error),
    Ours,
}

impl From<app::Error> for Trouble {
    fn from(error: app::Error) -> Trouble {
        match error.blame() {
            app::Blame::Asker => Trouble::NotFound,
            app::Blame::World => Trouble::World(error),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, title, words) = match self {
            Trouble::SignIn { back } => {
                return Redirect::to(&format!("/sign-in?back={}", escaped(&back))).into_response();
            }
            Trouble::NotFound => (
                StatusCode::NOT_FOUND,
                "Not found",
                String::from("There is no such page, or it is not for you."),
            ),
            Trouble::Denied(words) => (StatusCode::FORBIDDEN, "Not allowed", words),
            Trouble::Form(words) => (StatusCode::BAD_REQUEST, "The form was not taken", words),
            Trouble::World(error) => {
                tracing::error!(error = error.chain(), "a page failed");
                let words = format!("Nothing was changed. The log says why ({}).", error.code());
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The desk cannot answer now",
                    words,
                )
            }
            Trouble::Ours => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of ours",
                String::from("It is in the log. Nothing was half done."),
            ),
        };
        let body = html! { p { (words) } p { a href="/" { "Back to the start" } } };
        (status, frame::bare(title, &body)).into_response()
    }
}

/// The path and query to come back to, for a query of its own.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The token in the session cookie. Two cookies of the name: one is planted, so neither counts.
pub fn session(headers: &HeaderMap, name: &str) -> Option<Token> {
    let all: Vec<&str> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    cookie::find(&all.join("; "), name).ok().flatten()
}

fn setting<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A header that sets a cookie.
pub fn set_cookie(value: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(value).expect("a cookie of ours is plain ASCII");
    [(header::SET_COOKIE, value)]
}

/// Recognises whoever comes with a session, once a request, and carries a session on whose token was changed.
pub async fn recognised(
    axum::extract::State(state): axum::extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(token) = session(request.headers(), cookie::SESSION) else {
        return next.run(request).await;
    };
    let now = (state.clock)();
    let looked = token.clone();
    let visit = match state.write(move |desk| desk.visit(&looked, now)).await {
        Ok(Ok(visit)) => visit,
        // Over or never was: as nobody, the cookie is taken away with the answer.
        Ok(Err(_refusal)) => {
            let mut response = next.run(request).await;
            let gone = set_cookie(&cookie::clear(cookie::SESSION));
            if !response.headers().contains_key(header::SET_COOKIE) {
                response.headers_mut().extend(gone);
            }
            return response;
        }
        Err(trouble) => return trouble.into_response(),
    };
    let next_token = visit.next.clone();
    let visitor = visitor(visit, token, request.headers(), now);
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    // Whoever leaves sets the cookie themselves.
    if let Some(fresh) = next_token
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        let value = cookie::set(cookie::SESSION, &fresh);
        response.headers_mut().extend(set_cookie(value.expose()));
    }
    response
}

fn visitor(visit: Visit, token: Token, headers: &HeaderMap, now: Instant) -> Visitor {
    let token = visit.next.unwrap_or(token);
    let place = match visit.asker.tenant() {
        Tenant::Merchant(merchant) => merchant.to_string(),
        Tenant::Desk => String::from("desk"),
    };
    Visitor {
        name: visit.name,
        place,
        asker: visit.asker,
        csrf: csrf::token(&token),
        token,
        zone: setting(headers, ZONE)
            .and_then(|name| Zone::find(&name.replace("%2F", "/")))
            .unwrap_or(Zone::Utc),
        theme: setting(headers, THEME).map_or(Theme::Browser, Theme::parse),
        now,
    }
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _state: &State) -> Result<Visitor, Trouble> {
        let back = match parts.method {
            Method::GET => parts.uri.path_and_query().map_or("/", |path| path.as_str()),
            _ => "/",
        };
        parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .ok_or_else(|| Trouble::SignIn {
                back: back.to_owned(),
            })
    }
}

/// A form that was sent from a page of ours, by whoever the visitor is.
pub struct Posted {
    pub visitor: Visitor,
    fields: Vec<(String, String)>,
}

impl Posted {
    /// The first value of a field; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl FromRequest<State> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &State) -> Result<Posted, Trouble> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let bytes = to_bytes(body, FORM_BYTES_MAX)
            .await
            .map_err(|error| Trouble::Form(error.to_string()))?;
        let fields = fields(&bytes);
        ours(&parts.headers, &visitor.token, &fields, &state.origin)?;
        Ok(Posted { visitor, fields })
    }
}

/// Whether a form of these fields comes from a page that was made for this session.
pub fn ours(
    headers: &HeaderMap,
    session: &Token,
    fields: &[(String, String)],
    origin: &str,
) -> Result<(), Trouble> {
    let named = |name: &header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let attempt = Attempt {
        session,
        given: fields
            .iter()
            .find(|(name, _)| name == "csrf")
            .map(|(_, value)| value.as_str()),
        origin: named(&header::ORIGIN),
        fetch_site: headers
            .get("sec-fetch-site")
            .and_then(|value| value.to_str().ok()),
        content_type: named(&header::CONTENT_TYPE),
    };
    csrf::check(&attempt, origin).map_err(|refusal| Trouble::Form(refusal.to_string()))
}

/// The fields of `application/x-www-form-urlencoded`, in order.
pub fn fields(body: &Bytes) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (plain(name), plain(value))
        })
        .collect()
}

/// Undoes `+` and `%XX`; what is no escape stays as it is.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let body = Bytes::from_static(b"text=a+b%26c%0D%0A%C3%A9&case=1&case=2&bad=%zz&empty=");
        let want = [
            ("text", "a b&c\r\n\u{e9}"),
            ("case", "1"),
            ("case", "2"),
            ("bad", "%zz"),
            ("empty", ""),
        ];
        let want: Vec<(String, String)> = want
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(fields(&body), want);
    }

    #[test]
    fn where_to_come_back_is_one_value() {
        assert_eq!(
            escaped("/desk/queue?a=1&b=//x"),
            "/desk/queue%3Fa%3D1%26b%3D//x"
        );
    }
}
