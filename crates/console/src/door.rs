//! The door of the pages: who comes with a session, who comes without, and whether a form is ours.

use crate::kept::{self, Kept, Words};
use crate::parts::sentence;
use crate::visitor::{Theme, Visitor};
use crate::{frame, headers};
use access::cookie;
use access::csrf::{self, Attempt};
use access::session::Token;
use access::{Mode, Tenant};
use app::entrance::Visit;
use app::entrance::oidc::Provider;
use app::personal::Preferences;
use app::year::Year;
use app::{Desk, Pool, Sight, is_of_a_name};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use calendar::Instant;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A form of ours: evidence of 150,000 characters, each at most four bytes and each byte `%XX`, with its names.
pub const FORM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// More fields than a page has: a line of each case that it lists, and what is done with them.
const FIELDS_MAX: usize = 1_000;
/// Fields of which a form may have several: the ticked lines of a list. Any other that comes twice says two things, and
/// choosing one of them would be a guess.
const SEVERAL: [&str; 3] = ["case", "event", "news"];

/// Fields in which people write lines.
pub const LINES: [&str; 2] = ["text", "why"];
/// What ends a line or a page in PDFs and word processors: vertical tab, form feed, next line. It comes with what is pasted
/// from them, nobody sees it, and whoever wrote it meant the line to end.
const ENDS: [char; 3] = ['\u{b}', '\u{c}', '\u{85}'];

/// What every page needs.
#[derive(Clone)]
pub struct State {
    pub pool: Arc<Pool>,
    /// The composition's clock: nothing here asks the system what time it is.
    pub clock: fn() -> Instant,
    /// Where people reach these pages: scheme, host and port, as configured and never from a request.
    pub origin: Arc<str>,
    /// The identity provider of the settings, if they name one.
    pub provider: Option<Arc<Provider>>,
}

impl State {
    /// Works on a desk that sees what the visitor may see, on a thread that may block.
    pub async fn read<T, W>(&self, visitor: &Visitor, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        let read = self.on(sight(visitor), work).await;
        // Nothing was to be written: what does not fit is what was asked.
        read.map_err(|trouble| match trouble {
            Trouble::Form(words) => Trouble::Address(words),
            other => other,
        })
    }

    /// The year of what the visitor may see, as counted within the last minute.
    pub async fn year(&self, visitor: &Visitor) -> Result<Arc<Year>, Trouble> {
        let (sight, now) = (sight(visitor), visitor.now);
        self.pooled(move |pool| pool.year(&sight, now)).await
    }

    /// Works on a desk that sees everything; what the visitor may was checked before.
    pub async fn write<T, W>(&self, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        self.on(Sight::All, work).await
    }

    /// Works on the pool itself, on a thread that may block: where no desk is to be held meanwhile.
    pub async fn pooled<T, W>(&self, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&Pool) -> Result<T, app::Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        match tokio::task::spawn_blocking(move || work(&pool)).await {
            Ok(done) => done.map_err(Trouble::from),
            Err(_panicked) => Err(Trouble::Ours),
        }
    }

    async fn on<T, W>(&self, sight: Sight, work: W) -> Result<T, Trouble>
    where
        T: Send + 'static,
        W: FnOnce(&mut Desk) -> Result<T, app::Error> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        let span = tracing::Span::current();
        let done =
            tokio::task::spawn_blocking(move || span.in_scope(|| pool.read(&sight, work))).await;
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
    /// They prove again who they are, and come back here.
    Prove {
        back: String,
    },
    /// It is not there, or not for them: the same answer.
    NotFound,
    /// What they may not do, in words.
    Denied(String),
    /// A form that is not ours, or not whole, or whose content is not taken.
    Form(String),
    /// A form that is larger than any of ours.
    Large,
    /// An address of ours that is asked in a way which it does not have.
    Method,
    /// An address that does not read: letters that are none, a filter given twice, a number that is none. With what it is.
    Address(String),
    World(app::Error),
    Ours,
}

impl From<app::Error> for Trouble {
    fn from(error: app::Error) -> Trouble {
        match error {
            app::Error::Denied(access::Denied::StepUp { .. }) => Trouble::Prove {
                back: String::from("/"),
            },
            app::Error::Denied(denied) => Trouble::from(denied),
            app::Error::Unfit(words) => Trouble::Form(words),
            app::Error::CardNumber { .. } => Trouble::Form(format!("{error}. {}", error.hint())),
            app::Error::Upload(refusal) => Trouble::Form(format!("{refusal} ({})", refusal.code())),
            error => match error.blame() {
                app::Blame::Asker => Trouble::NotFound,
                app::Blame::World => Trouble::World(error),
            },
        }
    }
}

impl From<access::Denied> for Trouble {
    fn from(denied: access::Denied) -> Trouble {
        match denied.existence_may_be_known() {
            true => Trouble::Denied(denied.to_string()),
            false => Trouble::NotFound,
        }
    }
}

impl Trouble {
    /// Where somebody comes back to who has proved again who they are.
    pub fn back_to(self, address: &str) -> Trouble {
        match self {
            Trouble::Prove { .. } => Trouble::Prove {
                back: address.to_owned(),
            },
            other => other,
        }
    }

    /// Status, title, what happened, and what to do next.
    fn words(self) -> (StatusCode, &'static str, String, &'static str) {
        match self {
            Trouble::SignIn { .. } | Trouble::Prove { .. } => (
                StatusCode::UNAUTHORIZED,
                "Sign in",
                String::from("This page asks who you are."),
                "",
            ),
            Trouble::NotFound => (
                StatusCode::NOT_FOUND,
                "Not found",
                String::from("There is no such page, or it is not for you."),
                "Look for the dispute by any reference in the box above: a payment, an ARN, the provider's own number.",
            ),
            Trouble::Denied(words) => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                sentence(&words),
                "Somebody who keeps your team can give you a role that may.",
            ),
            Trouble::Form(words) => (
                StatusCode::BAD_REQUEST,
                "The form was not taken",
                sentence(&as_shown(&words)),
                "Nothing was changed. Go back in your browser: what you wrote is still there.",
            ),
            Trouble::Large => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form was not taken",
                format!("A form has at most {} megabytes.", FORM_BYTES_MAX >> 20),
                "Nothing was changed. Go back in your browser and shorten the text, or attach it as a file.",
            ),
            Trouble::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Nothing to see here",
                String::from("This address is not asked in this way."),
                "A form is sent from its own page: go there and fill it in.",
            ),
            Trouble::Address(words) => (
                StatusCode::BAD_REQUEST,
                "The address does not read",
                sentence(&as_shown(&words)),
                "Go to the page by the menu and choose there what you look for.",
            ),
            Trouble::World(error) => {
                tracing::error!(error = error.chain(), "a page failed");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The desk cannot answer now",
                    format!("Nothing was changed. The log says why ({}).", error.code()),
                    "Try again in a minute. If it stays so, tell whoever runs this desk the code above.",
                )
            }
            Trouble::Ours => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of ours",
                String::from("It is in the log. Nothing was half done."),
                "Tell whoever runs this desk at what time it happened.",
            ),
        }
    }
}

/// Words that may say again what somebody sent: no more of it than one reads, and nothing that turns the page around.
fn as_shown(words: &str) -> String {
    const CHARACTERS_MAX: usize = 400;
    let seen = |c: char| if is_of_a_name(c) { c } else { '\u{FFFD}' };
    words.chars().map(seen).take(CHARACTERS_MAX).collect()
}

/// A trouble on its way out: whoever is signed in sees it in the frame of their own pages, with what they wrote.
#[derive(Clone)]
struct Told {
    title: &'static str,
    words: String,
    next: &'static str,
}

/// What to do next for whoever finds their words on this very page.
const STANDS_BELOW: &str =
    "Nothing was changed, and what you wrote stands below: mend it and try again.";

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match &self {
            Trouble::SignIn { back } => {
                return Redirect::to(&format!("/sign-in?back={}", escaped(back))).into_response();
            }
            Trouble::Prove { back } => {
                return Redirect::to(&format!("/prove?back={}", escaped(back))).into_response();
            }
            _ => {}
        }
        // Where nobody is signed in there is no box above, and the way on is to come in.
        let way_in = matches!(self, Trouble::NotFound).then_some("If it is yours, sign in first.");
        let (status, title, words, next) = self.words();
        let body = told(status, &words, way_in.unwrap_or(next));
        let mut response = (status, frame::bare(title, &body)).into_response();
        response
            .extensions_mut()
            .insert(Told { title, words, next });
        response
    }
}

/// A trouble told in the frame of whoever is here, with what they wrote.
fn at_home(response: Response, visitor: &Visitor, wrote: Option<&Words>) -> Response {
    let (parts, body) = response.into_parts();
    let Some(told) = parts.extensions.get::<Told>().cloned() else {
        return Response::from_parts(parts, body);
    };
    let next = match (wrote, parts.status) {
        (Some(_), StatusCode::BAD_REQUEST) => STANDS_BELOW,
        _ => told.next,
    };
    let page = frame::Page {
        title: told.title,
        place: "",
        about: html! {},
        body: html! {
            (note(parts.status, &told.words, next))
            @match wrote {
                Some(words) if parts.status == StatusCode::BAD_REQUEST => (kept::to_mend(words, visitor)),
                Some(words) => (kept::to_copy(words)),
                None => (to_the_start()),
            }
        },
    };
    let framed = frame::framed(&page, visitor).into_string();
    let mut response = (parts.status, Html(framed)).into_response();
    for name in [header::SET_COOKIE, header::ALLOW] {
        if let Some(value) = parts.headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// What stands as itself in a query of ours; everything else is `%XX`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'/');

/// A text as one value of a query.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
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
    let wrote = Kept::default();
    request.extensions_mut().insert(wrote.clone());
    let Some(token) = session(request.headers(), cookie::SESSION) else {
        return nobodys(answered(request, next).await, &wrote);
    };
    let (visitor, next_token) = match visited(&state, token).await {
        Ok(Some(seen)) => seen,
        // Over or never was: as nobody, the cookie is taken away with the answer.
        Ok(None) => {
            let mut response = nobodys(answered(request, next).await, &wrote);
            let gone = set_cookie(&cookie::clear(cookie::SESSION));
            if !response.headers().contains_key(header::SET_COOKIE) {
                response.headers_mut().extend(gone);
            }
            return response;
        }
        Err(trouble) => return trouble.into_response(),
    };
    request.extensions_mut().insert(visitor.clone());
    let answer = answered(request, next).await;
    let mut response = at_home(answer, &visitor, wrote.words().as_ref());
    // Whoever leaves sets the cookie themselves.
    if let Some(fresh) = next_token
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        let value = cookie::set(cookie::SESSION, &fresh);
        response.headers_mut().extend(set_cookie(value.expose()));
    }
    response
}

/// What nobody is answered: with what they wrote while they were somebody, instead of the way in alone.
fn nobodys(response: Response, wrote: &Kept) -> Response {
    match wrote.words() {
        Some(words) if response.status().is_redirection() => kept::signed_out(&words),
        _ => response,
    }
}

/// An answer that has words, whoever gives it. No text that is looked for holds a NUL, and PostgreSQL takes none.
async fn answered(request: Request, next: Next) -> Response {
    let uri = request.uri();
    match uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        true => Trouble::Address(String::from("the address holds a NUL")).into_response(),
        false => worded(next.run(request).await),
    }
}

/// What the router itself refuses has no page yet.
fn worded(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let trouble = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Trouble::Method,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Trouble::Address(
            String::from("a filter of this address is given twice, or holds what it does not take"),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::Large,
        _ => return response,
    };
    let mut page = trouble.into_response();
    if let Some(methods) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, methods.clone());
    }
    page
}

/// Whose session this is, and the token that takes its place; nothing when it is over or never was.
async fn visited(state: &State, token: Token) -> Result<Option<(Visitor, Option<Token>)>, Trouble> {
    let now = (state.clock)();
    let looked = token.clone();
    let seen = state.write(move |desk| {
        let Ok(visit) = desk.visit(&looked, now)? else {
            return Ok(None);
        };
        let preferences = desk.preferences(&visit.person)?;
        Ok(Some((visit, preferences)))
    });
    Ok(seen.await?.map(|(visit, preferences)| {
        let next = visit.next.clone();
        (visitor(visit, &preferences, token, now), next)
    }))
}

/// What a browser is told whose address leads to nothing: in the frame of whoever is here.
pub async fn missing(state: &State, headers: &HeaderMap) -> Response {
    let mut response = Trouble::NotFound.into_response();
    if let Some(token) = session(headers, cookie::SESSION)
        && let Ok(Some((visitor, next))) = visited(state, token).await
    {
        response = at_home(response, &visitor, None);
        if let Some(next) = next {
            let value = cookie::set(cookie::SESSION, &next);
            response.headers_mut().extend(set_cookie(value.expose()));
        }
    }
    headers::guard(response.headers_mut());
    response
}

/// A page for whoever comes, made without looking anything up: what happened, and what to do next.
pub fn plain_page(status: StatusCode, title: &'static str, words: &str, next: &str) -> Response {
    let mut response = (status, frame::bare(title, &told(status, words, next))).into_response();
    headers::guard(response.headers_mut());
    response
}

fn told(status: StatusCode, words: &str, next: &str) -> Markup {
    html! { (note(status, words, next)) (to_the_start()) }
}

fn note(status: StatusCode, words: &str, next: &str) -> Markup {
    html! {
        div.note.bad[status.is_server_error()].warn[!status.is_server_error()] {
            p { strong { (words) } }
            @if !next.is_empty() { p { (next) } }
        }
    }
}

fn to_the_start() -> Markup {
    html! { p { a.button href="/" { "Back to the start" } } }
}

fn visitor(visit: Visit, preferences: &Preferences, token: Token, now: Instant) -> Visitor {
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
        person: visit.person,
        zone: preferences.zone(),
        theme: Theme::parse(&preferences.theme),
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

    /// The version of the draft that the page showed.
    pub fn version(&self) -> Result<u32, Trouble> {
        version(self.text("version"))
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
        let visitor = match Visitor::from_request_parts(&mut parts, state).await {
            Err(nobody) if !kept::is_here(&parts.headers, &state.origin) => return Err(nobody),
            whoever => whoever,
        };
        let fields = form(&parts.headers, body).await;
        if let Ok(fields) = &fields {
            Kept::hold(&parts, fields, &state.origin);
        }
        let (visitor, fields) = (visitor?, fields?);
        ours(&parts.headers, &visitor.token, &fields, &state.origin)?;
        Ok(Posted { visitor, fields })
    }
}

/// A version as a page of ours writes it: digits alone.
pub fn version(text: &str) -> Result<u32, Trouble> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let version = text.parse().ok().filter(|_| plain);
    version.ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        Trouble::Form(format!("expected the draft's version, found `{text}`"))
    })
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

/// The fields of a form of ours, in order.
pub async fn form(headers: &HeaderMap, body: Body) -> Result<Vec<(String, String)>, Trouble> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.map_or(Ok("none"), HeaderValue::to_str);
    let kind = kind.unwrap_or("what is no text");
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(FORM) {
        return Err(Trouble::Form(format!(
            "expected a form of type {FORM}, found {essence}"
        )));
    }
    let bytes = to_bytes(body, FORM_BYTES_MAX)
        .await
        .map_err(|_| Trouble::Large)?;
    fields(&bytes).map_err(Trouble::Form)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of `application/x-www-form-urlencoded`, in order, or why they are none that a browser wrote for a page of ours.
fn fields(body: &Bytes) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(body).map_err(|_| String::from("the form is not UTF-8"))?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut names = BTreeSet::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, mut value) = (plain(name)?, plain(value)?);
        if LINES.contains(&name.as_str()) {
            value = value.replace(ENDS, "\n");
        }
        if fields.len() == FIELDS_MAX {
            return Err(format!("a form has at most {FIELDS_MAX} fields"));
        }
        if !SEVERAL.contains(&name.as_str()) && !names.insert(name.clone()) {
            let name: String = name.chars().take(40).collect();
            return Err(format!("the field `{name}` is given twice"));
        }
        fields.push((name, value));
    }
    Ok(fields)
}

/// Undoes `+` and `%XX`.
fn plain(text: &str) -> Result<String, String> {
    let spaced = text.replace('+', " ");
    let mut escapes = spaced.split('%').skip(1);
    let whole = |escape: &str| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(whole) {
        return Err(String::from(
            "the form is not whole: `%` is followed by two hexadecimal digits",
        ));
    }
    let read = percent_decode_str(&spaced).decode_utf8();
    let read = read.map_err(|_| String::from("the form is not UTF-8"))?;
    match read.contains('\0') {
        true => Err(String::from(
            "the form holds a NUL, which is no character of a text",
        )),
        false => Ok(read.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let body = Bytes::from_static(b"text=a+b%26c%0D%0A%C3%A9&case=1&case=2&empty=&%C3%A9=1");
        let want = [
            ("text", "a b&c\r\n\u{e9}"),
            ("case", "1"),
            ("case", "2"),
            ("empty", ""),
            ("\u{e9}", "1"),
        ];
        let want: Vec<(String, String)> = want
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(fields(&body), Ok(want));
    }

    #[test]
    fn what_ends_a_line_elsewhere_ends_it_here_where_lines_are_written() {
        let body = Bytes::from_static(b"text=a%0Bb%0Cc%C2%85d%0D%0Ae%08&name=a%0Bb");
        let read = fields(&body).expect("it is a form of ours");
        let values: Vec<&str> = read.iter().map(|(_, value)| value.as_str()).collect();
        // Any other control is nobody's line break, and is refused where it is kept.
        assert_eq!(values, ["a\nb\nc\nd\r\ne\u{8}", "a\u{b}b"]);
    }

    #[test]
    fn fields_that_no_browser_writes_are_refused() {
        #[track_caller]
        fn check(body: &[u8], want: &str) {
            let refused = fields(&Bytes::copy_from_slice(body)).expect_err("it is refused");
            assert!(refused.contains(want), "{refused}");
        }
        check(b"text=a&to=b&text=c", "`text` is given twice");
        check(b"text=%zz", "two hexadecimal digits");
        check(b"text=%4", "two hexadecimal digits");
        check(b"text=a%", "two hexadecimal digits");
        check(b"text=%ff", "not UTF-8");
        check(b"text=\xff", "not UTF-8");
        check(b"text=%ed%a0%80", "not UTF-8");
        check(b"a%00=b", "NUL");
        check(b"text=a%00b", "NUL");
        check("case=1&".repeat(1_001).as_bytes(), "at most 1000 fields");
    }

    #[test]
    fn where_to_come_back_is_one_value() {
        assert_eq!(
            escaped("/desk/queue?a=1&b=//x"),
            "/desk/queue%3Fa%3D1%26b%3D//x"
        );
    }
}
