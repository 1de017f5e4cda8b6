//! One request: who sends it, in which version, with which parameters; and the one way from there to an answer.

use crate::form::{self, Params};
use crate::reply::Reply;
use crate::state::{Peer, State};
use crate::superset::{Operation, Takes};
use crate::upload::{self, Part};
use crate::version::Version;
use crate::{Error, once};
use access::policy::{Action, Resource};
use access::session::Token;
use access::{cookie, csrf};
use app::entry::{Entered, Refused};
use app::files::Incoming;
use app::{Desk, Once, Sight};
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use calendar::Instant;
use dispute::id::CaseId;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// What an operation does, on a desk that sees what the asker may see.
pub type Work = Arc<dyn Fn(&mut Desk, &mut Call) -> Result<Reply, Error> + Send + Sync>;

/// A request that was let in.
#[derive(Debug)]
pub struct Call {
    pub request: RequestId,
    pub now: Instant,
    pub entered: Entered,
    /// Of a person, whose browser sends it; programs send keys.
    pub session: Option<Token>,
    pub version: Version,
    /// The parts of the path that vary, in order.
    pub path: Vec<String>,
    pub params: Params,
    /// The query as it came, where the operation reads it by its own shape.
    pub query: String,
    /// A JSON body as it came.
    pub json: Vec<u8>,
    /// The version of the draft that the caller saw, from `If-Match`.
    pub seen: Option<u32>,
    /// The file of a multipart body.
    pub part: Option<Part>,
    /// The row that makes a repeated request have one effect.
    pub once: Option<Once>,
    pub public_url: std::sync::Arc<str>,
}

/// `req_` and 26 characters: what a caller tells the operator, who finds it in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// A function of what tells one request from every other.
    pub fn of(request: &str) -> RequestId {
        let hashed = CaseId::of(&["request", request]);
        RequestId(hashed.as_str().replacen(CaseId::PREFIX, "req_", 1))
    }
}

impl Call {
    /// Whether the asker may do this to things of their tenant.
    pub fn may(&self, action: Action, resource: Resource) -> Result<(), Error> {
        may(&self.entered, action, resource, self.now)
    }

    pub fn sight(&self) -> Sight {
        self.entered.sight()
    }

    /// The part of the path at this position.
    pub fn named(&self, at: usize) -> &str {
        self.path.get(at).map(String::as_str).unwrap_or_default()
    }

    /// Every parameter was read.
    pub fn finish(&mut self) -> Result<(), Error> {
        std::mem::replace(&mut self.params, Params::none()).finish()
    }

    pub fn livemode(&self) -> bool {
        self.entered.live()
    }
}

/// Gives every request its id, unless whoever handed it on did, and every answer the headers that all answers have.
pub async fn marked(Shared(state): Shared<State>, mut request: Request, next: Next) -> Response {
    let known = request.extensions().get::<RequestId>().cloned();
    let id = known.unwrap_or_else(|| state.next_request());
    let key = request.headers().get("idempotency-key").cloned();
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert("request-id", value);
    }
    if let Some(key) = key {
        headers.insert("idempotency-key", key);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// A path that is no route of ours.
pub async fn unrecognized(request: Request) -> Response {
    let path: String = request.uri().path().chars().take(512).collect();
    let words = format!(
        "Unrecognized request URL ({}: {path}). If you are trying to list objects, remove the trailing slash. If you are \
         trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.",
        request.method()
    );
    failed(&Error::invalid(words).status(404), &id_of(&request), None)
}

fn id_of(request: &Request) -> RequestId {
    let found = request.extensions().get::<RequestId>().cloned();
    found.unwrap_or_else(|| RequestId(String::from("req_unmarked")))
}

/// A path of ours with a method that it does not have.
pub async fn without_method(request: Request) -> Response {
    let words = format!(
        "Unrecognized request method {} for {}.",
        request.method(),
        request.uri().path()
    );
    failed(&Error::invalid(words).status(405), &id_of(&request), None)
}

/// Lets the asker in, reads what they sent, does it, and renders what came of it.
pub(crate) async fn answer(
    state: State,
    path: Vec<String>,
    request: Request,
    operation: Arc<Operation>,
) -> Response {
    let id = id_of(&request);
    let known = Mutex::new(Known::default());
    let answered = answered(&state, path, request, &operation, &id, &known).await;
    let known = known.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut response = match answered {
        Ok((reply, version)) => replied(reply, version),
        Err(error) => failed(&error, &id, known.version),
    };
    if let Some(token) = known.fresh
        && let Ok(cookie) = HeaderValue::from_str(cookie::set(cookie::SESSION, &token).expose())
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// What an answer says even when it is a refusal.
#[derive(Default)]
struct Known {
    version: Option<Version>,
    /// The session's token was changed: the old one opens nothing any more.
    fresh: Option<Token>,
}

fn note(known: &Mutex<Known>, what: impl FnOnce(&mut Known)) {
    what(&mut known.lock().unwrap_or_else(PoisonError::into_inner));
}

async fn answered(
    state: &State,
    path: Vec<String>,
    request: Request,
    operation: &Operation,
    id: &RequestId,
    known: &Mutex<Known>,
) -> Result<(Reply, Version), Error> {
    let now = (state.clock)();
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if !access::key::find_keys(&query).is_empty() {
        return Err(unauthorized(
            "An API key stands in the URL, which everything on the way writes down: it counts as leaked. Send it in the \
             `Authorization` header, and replace it.",
        ));
    }
    let (entered, session) = came(state, operation, &parts, now, known).await?;
    let version = version(&parts.headers, &entered)?;
    note(known, |known| known.version = Some(version));
    let (action, resource) = operation.asks;
    may(&entered, action, resource, now)?;
    let key = idempotency_key(&parts.headers, operation)?;
    let seen = seen(&parts.headers, operation.guarded)?;
    let sent = read(state, operation, &parts.headers, &query, body, &entered).await?;
    let mut call = Call {
        request: id.clone(),
        now,
        entered,
        session,
        version,
        path,
        params: sent.params,
        query,
        json: sent.json,
        seen,
        part: sent.part,
        once: None,
        public_url: Arc::clone(&state.public_url),
    };
    let work = Arc::clone(&operation.work);
    let reply = if parts.method == Method::GET || parts.method == Method::HEAD {
        let sight = call.sight();
        state.read(sight, move |desk| work(desk, &mut call)).await?
    } else {
        let asked = once::Asked {
            key,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            // Two versions of a draft are two requests.
            digest: match seen {
                Some(version) => format!("{}/{version}", sent.digest),
                None => sent.digest,
            },
        };
        once::answer(state, call, asked, work).await?
    };
    Ok((reply, version))
}

/// Who asks, with a key or a session, and the session's token.
async fn came(
    state: &State,
    operation: &Operation,
    parts: &axum::http::request::Parts,
    now: Instant,
    known: &Mutex<Known>,
) -> Result<(Entered, Option<Token>), Error> {
    let peer = parts.extensions.get::<ConnectInfo<Peer>>();
    // Without a known address, keys that are bound to one are refused.
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
        peer.0.ip()
    });
    match session(&parts.headers, operation)? {
        None => Ok((enter(state, &parts.headers, address, now).await?, None)),
        Some(token) => {
            held(state, parts, &token)?;
            let (entered, token) = visit(state, token, now, known).await?;
            Ok((entered, Some(token)))
        }
    }
}

/// The version in `If-Match`, as `ETag` said it.
fn seen(headers: &HeaderMap, guarded: bool) -> Result<Option<u32>, Error> {
    if !guarded {
        return Ok(None);
    }
    let text = header_text(headers, "if-match")?.ok_or_else(|| {
        Error::invalid(
            "This changes the draft of a dispute: send the version that you saw, from the `ETag` of the dispute, in the \
             header `If-Match`.",
        )
        .status(428)
        .param("If-Match")
    })?;
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    // `parse` takes a sign as well, which `ETag` never gave.
    let number = quoted.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match number.and_then(|text| text.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => Err(Error::invalid(
            "`If-Match` is the version of the draft, as `ETag` gave it: a number in quotes.",
        )
        .param("If-Match")),
    }
}

fn may(entered: &Entered, action: Action, resource: Resource, now: Instant) -> Result<(), Error> {
    entered
        .may(action, resource, now)
        .map_err(|denied| Error::denied(&denied))
}

/// The token of a person's session, where no key is sent. Stripe's interface takes keys only.
fn session(headers: &HeaderMap, operation: &Operation) -> Result<Option<Token>, Error> {
    if operation.is_stripes() || header_word(headers, "authorization")?.is_some() {
        return Ok(None);
    }
    let cookies: Vec<&str> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    cookie::find(&cookies.join("; "), cookie::SESSION)
        .map_err(|tossed| unauthorized(&format!("Invalid session: {tossed}.")))
}

/// Browsers send a session by themselves, to pages of others too: a change must come from a page of ours.
fn held(state: &State, parts: &axum::http::request::Parts, token: &Token) -> Result<(), Error> {
    if parts.method == Method::GET || parts.method == Method::HEAD {
        return Ok(());
    }
    let text = |name: &str| header_text(&parts.headers, name);
    let given = text("x-csrf-token")?;
    let origin = text("origin")?;
    let fetch_site = text("sec-fetch-site")?;
    let content_type = text("content-type")?;
    let attempt = csrf::Attempt {
        session: token,
        given: given.as_deref(),
        origin: origin.as_deref(),
        fetch_site: fetch_site.as_deref(),
        content_type: content_type.as_deref(),
    };
    csrf::check(&attempt, &state.public_url).map_err(|refusal| {
        let words = format!(
            "A change with a session sends the header `X-CSRF-Token`, as `GET /docket/v1/session` gives it: {refusal}."
        );
        Error::invalid(words).status(403).param("X-CSRF-Token")
    })
}

/// Who the session is, and the token that it goes on with.
async fn visit(
    state: &State,
    token: Token,
    now: Instant,
    known: &Mutex<Known>,
) -> Result<(Entered, Token), Error> {
    let looked = token.clone();
    let visit = state
        .write(move |desk| Ok(desk.visit(&looked, now)?))
        .await?
        .map_err(|refusal| unauthorized(&format!("Invalid session: {refusal}.")))?;
    let entered = Entered::by_session(&visit);
    if let Some(fresh) = &visit.next {
        note(known, |known| known.fresh = Some(fresh.clone()));
    }
    Ok((entered, visit.next.unwrap_or(token)))
}

async fn enter(
    state: &State,
    headers: &HeaderMap,
    address: IpAddr,
    now: Instant,
) -> Result<Entered, Error> {
    let authorization = header_word(headers, "authorization")?;
    let account = for_whom(headers)?;
    let entered = state
        .write(move |desk| {
            Ok(desk.enter(authorization.as_deref(), account.as_deref(), address, now)?)
        })
        .await?;
    entered.map_err(|refused| match refused {
        Refused::Text(error) => unauthorized(&format!("Invalid API Key provided: {error}.")),
        Refused::Key(refusal) => unauthorized(&format!("Invalid API Key provided: {refusal}.")),
        Refused::Account(name) => Error::missing("account", &name, "Stripe-Account")
            .status(403)
            .code("account_invalid"),
    })
}

/// Whose a key of the desk is used as. Stripe's newer word for the same is not passed over: what was meant for one merchant
/// would be answered for all.
fn for_whom(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let account = header_word(headers, "stripe-account")?;
    let context = header_word(headers, "stripe-context")?;
    match (account, context) {
        (Some(account), Some(context)) if account != context => Err(Error::invalid(format!(
            "`Stripe-Account` is {account} and `Stripe-Context` is {context}: which one is meant?"
        ))
        .param("Stripe-Context")),
        (account, context) => Ok(account.or(context)),
    }
}

fn unauthorized(words: &str) -> Error {
    Error::invalid(words).status(401)
}

fn header_text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let refuse = || {
        Error::invalid(format!(
            "The header `{name}` is given once, in ASCII, with at most 255 characters."
        ))
    };
    let text = first.to_str().map_err(|_| refuse())?;
    if values.next().is_some() || text.len() > 255 {
        return Err(refuse());
    }
    Ok(Some(text.to_owned()))
}

/// As [`header_text`]; empty is absent.
fn header_word(headers: &HeaderMap, name: &str) -> Result<Option<String>, Error> {
    Ok(header_text(headers, name)?.filter(|text| !text.is_empty()))
}

/// An empty key would be taken for none by us and for one by its sender.
fn idempotency_key(headers: &HeaderMap, operation: &Operation) -> Result<Option<String>, Error> {
    let key = header_text(headers, "idempotency-key")?;
    match key {
        Some(_) if operation.secret => Err(Error::invalid(
            "This answer holds a secret, which is shown once and not kept, so that it cannot be given again: send the \
             request without `Idempotency-Key`.",
        )
        .param("Idempotency-Key")),
        Some(key) if key.is_empty() || key.contains('\t') => Err(Error::invalid(
            "The header `Idempotency-Key` has 1 to 255 printable ASCII characters.",
        )
        .param("Idempotency-Key")),
        key => Ok(key),
    }
}

fn version(headers: &HeaderMap, entered: &Entered) -> Result<Version, Error> {
    let asked = header_text(headers, "stripe-version")?;
    match asked.as_deref().or(entered.pinned.as_deref()) {
        Some(name) => Version::parse(name),
        None => Ok(Version::oldest()),
    }
}

/// A body that is too large, or that broke off or was written wrongly on its way.
fn not_whole(error: &axum::Error, most: usize) -> Error {
    // The limit is the only error that says so; every other is of the connection or of how the body is framed.
    let limit =
        std::error::Error::source(error).is_some_and(|source| source.to_string().contains("limit"));
    match limit {
        true => Error::invalid(format!("A body has at most {most} bytes.")).status(413),
        false => Error::invalid("The body did not come whole."),
    }
}

struct Sent {
    params: Params,
    json: Vec<u8>,
    part: Option<Part>,
    /// SHA-256 of what was sent, without what differs between two sendings of one request.
    digest: String,
}

async fn read(
    state: &State,
    operation: &Operation,
    headers: &HeaderMap,
    query: &str,
    body: Body,
    entered: &Entered,
) -> Result<Sent, Error> {
    let kind = header_text(headers, "content-type")?.unwrap_or_default();
    as_it_is(headers)?;
    let multipart = kind.starts_with("multipart/form-data");
    if multipart && matches!(operation.takes, Takes::Multipart(_)) {
        return uploaded(state, headers, &kind, body, entered).await;
    }
    let most = state.limits.form_bytes_max;
    let bytes = to_bytes(body, most)
        .await
        .map_err(|error| not_whole(&error, most))?;
    let reads = operation.method == Method::GET || matches!(operation.takes, Takes::Nothing);
    if reads && !bytes.is_empty() {
        return Err(Error::invalid("A request of this method has no body."));
    }
    if let Takes::Json(_) = operation.takes {
        return json_body(&kind, query, &bytes);
    }
    if reads {
        // Our own operations read the query by their shapes.
        let params = match operation.is_stripes() {
            true => form::decode(query.as_bytes())?,
            false => Params::none(),
        };
        return Ok(Sent {
            params,
            json: Vec::new(),
            part: None,
            digest: String::new(),
        });
    }
    if multipart {
        let upload = upload::read(&kind, &bytes)?;
        if upload.file.is_some() {
            return Err(Error::unknown_parameter("file"));
        }
        return Ok(Sent {
            digest: upload.digest(),
            params: form::of_pairs(upload.fields)?,
            json: Vec::new(),
            part: None,
        });
    }
    if !bytes.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Error::invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
        ));
    }
    if of_another_charset(&kind) {
        return Err(Error::invalid("Invalid request (a form is taken in UTF-8 only).").status(415));
    }
    let joined = [query.as_bytes(), b"&", &bytes].concat();
    Ok(Sent {
        params: form::decode(&joined)?,
        json: Vec::new(),
        part: None,
        digest: dispute::id::sha256_hex(&joined),
    })
}

/// A body with a file. Whether the asker may bring one was checked before its first byte; every byte is counted as it comes,
/// and the file is read in a process of its own before anything else happens.
async fn uploaded(
    state: &State,
    headers: &HeaderMap,
    kind: &str,
    body: Body,
    entered: &Entered,
) -> Result<Sent, Error> {
    let merchant = entered.merchant.as_ref().map(ToString::to_string);
    let live = entered.live();
    let allowance = state
        .blocking(move |pool| Ok(pool.allowance(merchant.as_deref(), live)?))
        .await?;
    let declared = header_text(headers, "content-length")?;
    let mut arriving = allowance.body(declared.and_then(|text| text.parse().ok()))?;
    let bytes = upload::arrived(body, &mut arriving).await?;
    let upload = upload::read(kind, &bytes)?;
    drop(bytes);
    let digest = upload.digest();
    let redact = upload.redact();
    let part = match upload.file {
        None => None,
        Some(part) => {
            let incoming = Incoming {
                name: part.file_name.unwrap_or_else(|| String::from("file")),
                declared_type: part.declared_type,
                content: part.content,
                redact,
            };
            let file = state.blocking(move |pool| {
                let file = pool.inspect(incoming, live);
                file.map_err(|error| Error::from(error).param("file"))
            });
            let file = file.await?;
            Some(Part { file, arriving })
        }
    };
    Ok(Sent {
        digest,
        params: form::of_pairs(upload.fields)?,
        json: Vec::new(),
        part,
    })
}

/// Packed bytes would be read as what they are not, and by something on the way as something else.
fn as_it_is(headers: &HeaderMap) -> Result<(), Error> {
    match header_word(headers, "content-encoding")? {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => Err(Error::invalid(
            "Invalid request (a body is taken as it is, without `Content-Encoding`).",
        )
        .status(415)),
        _ => Ok(()),
    }
}

fn of_another_charset(kind: &str) -> bool {
    kind.split(';').skip(1).any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("charset")
            && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

fn json_body(kind: &str, query: &str, bytes: &[u8]) -> Result<Sent, Error> {
    let json = kind.split(';').next().unwrap_or_default().trim();
    if !bytes.is_empty() && !json.eq_ignore_ascii_case("application/json") {
        return Err(Error::invalid(
            "Invalid request (check that your content type is application/json).",
        )
        .status(415));
    }
    // RFC 8259, section 8.1: JSON between programs is UTF-8, whatever else somebody says about it.
    if of_another_charset(kind) {
        return Err(Error::invalid("Invalid request (JSON is taken in UTF-8 only).").status(415));
    }
    let joined = [query.as_bytes(), b"&", bytes].concat();
    Ok(Sent {
        params: Params::none(),
        json: bytes.to_vec(),
        part: None,
        digest: dispute::id::sha256_hex(&joined),
    })
}

/// The bytes of a JSON answer.
pub fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("a JSON value is JSON");
    bytes.push(b'\n');
    bytes
}

fn replied(reply: Reply, version: Version) -> Response {
    let mut response = match reply {
        Reply::Json(value) => json(StatusCode::OK, bytes(&value)),
        Reply::Written(bytes) => json(StatusCode::OK, bytes),
        Reply::Tagged { version, value } => tagged(json(StatusCode::OK, bytes(&value)), version),
        Reply::First { status, body, tag } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            match tag {
                Some(version) => tagged(json(status, body), version),
                None => json(status, body),
            }
        }
        Reply::Again { status, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let mut response = json(status, body);
            let replayed = HeaderValue::from_static("true");
            response
                .headers_mut()
                .insert("idempotent-replayed", replayed);
            response
        }
        Reply::Content {
            media_type,
            name,
            bytes,
        } => upload::content(&media_type, &name, bytes),
    };
    response
        .headers_mut()
        .insert("stripe-version", HeaderValue::from_static(version.name()));
    response
}

fn tagged(mut response: Response, version: u32) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn failed(error: &Error, id: &RequestId, version: Option<Version>) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, bytes(&error.body(&id.0)));
    let headers = response.headers_mut();
    if let Some(version) = version {
        headers.insert("stripe-version", HeaderValue::from_static(version.name()));
    }
    if let Some(again) = error.again {
        let word = if again { "true" } else { "false" };
        headers.insert("stripe-should-retry", HeaderValue::from_static(word));
    }
    if error.status == 401 {
        let realm = HeaderValue::from_static("Bearer realm=\"Docket\"");
        headers.insert(header::WWW_AUTHENTICATE, realm);
    }
    response
}
