//! The limits around a router: who asks is told by what they show, and refusals have Stripe's shape, which SDKs act upon.

use super::{Budget, Caller, Kind, Limiter, Refusal, Under};
use crate::serve::web::wants_a_page;
use access::key::find_keys;
use api::call::RequestId;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

/// What the layer holds.
#[derive(Clone)]
struct Held {
    limiter: Limiter,
    /// Keyed afresh in every process, so that nobody can choose keys that collide.
    hasher: Arc<RandomState>,
    began: Instant,
}

/// Puts the limits around every route of this router.
pub fn limited<S>(router: Router<S>, limiter: Limiter) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let held = Held {
        limiter,
        hasher: Arc::new(RandomState::new()),
        began: Instant::now(),
    };
    router.layer(from_fn_with_state(held, limit))
}

async fn limit(State(held): State<Held>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map_or("", |id| id.0.as_str());
    // The stylesheet and the scripts: they are in memory and the same for everybody, and a page that says that somebody was too
    // fast is still to look like a page.
    if request.uri().path().starts_with("/assets/") {
        return next.run(request).await;
    }
    let now = || u64::try_from(held.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let limits = *held.limiter.limits();
    let cost = super::cost(request.uri().query().unwrap_or_default());
    if cost > limits.cost {
        let words = format!(
            "This request asks for {cost} objects, at most {} are given at once. Use a smaller `limit` or expand less.",
            limits.cost
        );
        return error(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            None,
            &words,
            id,
        );
    }
    let peer = request.extensions().get::<ConnectInfo<api::Peer>>();
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
        peer.0.ip()
    });
    let caller = caller(request.headers(), address, &held.hasher);
    let kind = match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => Kind::Read,
        _ => Kind::Write,
    };
    let page = wants_a_page(request.uri().path(), request.headers());
    let under = match held.limiter.enter(caller, address, kind, now()) {
        Ok(under) => under,
        Err(refusal) => return refused(refusal, page, id),
    };
    let budget = under.budget;
    let answered = tokio::time::timeout(limits.request, answer(under, request, next)).await;
    let mut response = answered.unwrap_or_else(|_| {
        let words = "The request took too long and was given up. Send it again with the same idempotency key.";
        match page {
            true => console::plain_page(
                StatusCode::SERVICE_UNAVAILABLE,
                "That took too long",
                "The page took too long and was given up.",
                "Load it again in a moment. Look first whether what you sent is there already.",
            ),
            false => error(
                StatusCode::SERVICE_UNAVAILABLE,
                "api_error",
                None,
                words,
                id,
            ),
        }
    });
    if response.status() == StatusCode::UNAUTHORIZED {
        held.limiter.refused(address, now());
    }
    show(response.headers_mut(), budget);
    response
}

/// The request counts as under way until it is answered or given up.
async fn answer(_under: Under, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// A key in whatever form it is shown, a session by its cookie, else the address. What is only shaped like one has the budget
/// of its own until the refusals of its address are used up.
fn caller(headers: &HeaderMap, address: IpAddr, hasher: &RandomState) -> Caller {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let shown = text(header::AUTHORIZATION).unwrap_or_default();
    let unpacked = shown
        .split_once(' ')
        .and_then(|(_, packed)| STANDARD.decode(packed.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let key = find_keys(shown)
        .into_iter()
        .chain(unpacked.as_deref().map(find_keys).into_iter().flatten())
        .next();
    if let Some(key) = key {
        return Caller::Holder(hasher.hash_one(key.hash.as_bytes()));
    }
    let cookie = text(header::COOKIE).unwrap_or_default();
    let session = cookie
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == access::cookie::SESSION);
    match session {
        Some((_, token)) => Caller::Holder(hasher.hash_one(token)),
        None => Caller::Address(address),
    }
}

fn show(headers: &mut HeaderMap, budget: Budget) {
    let pairs = [
        ("ratelimit-limit", budget.limit),
        ("ratelimit-remaining", budget.remaining),
        ("ratelimit-reset", budget.full_in),
    ];
    for (name, value) in pairs {
        headers.insert(name, HeaderValue::from(value));
    }
}

/// The page of a browser that is refused: until when, and that nothing of it was done.
fn refused_page(refusal: &Refusal) -> Response {
    let (status, title, words, wait) = match refusal {
        Refusal::Rate { retry_after, .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too fast",
            "You asked for more pages than are given at once.",
            *retry_after,
        ),
        Refusal::Concurrency => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many at once",
            "Too many of your pages are being made at once.",
            1,
        ),
        Refusal::Guessing { retry_after } => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries",
            "Too many requests from your address had no good key or session.",
            *retry_after,
        ),
        Refusal::Overload => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Busy",
            "The desk has more to do than it can at this moment.",
            1,
        ),
    };
    let seconds = match wait {
        0 | 1 => String::from("a second"),
        wait => format!("{wait} seconds"),
    };
    let next =
        format!("Wait {seconds}, then load the page again. What you sent with it was not done.");
    console::plain_page(status, title, words, &next)
}

fn refused(refusal: Refusal, page: bool, id: &str) -> Response {
    let shown = page.then(|| refused_page(&refusal));
    let mut response = refused_program(refusal, id);
    if let Some(shown) = shown {
        // What says when to come back stays: a page has the same head.
        let (parts, body) = shown.into_parts();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(parts.headers);
        *response.body_mut() = body;
    }
    response
}

fn refused_program(refusal: Refusal, id: &str) -> Response {
    let limited = |words: &str| {
        error(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_error",
            Some("rate_limit"),
            words,
            id,
        )
    };
    let (mut response, wait, reason) = match refusal {
        Refusal::Rate {
            budget,
            retry_after,
        } => {
            let mut response = limited("Too many requests: the key's budget is used up.");
            show(response.headers_mut(), budget);
            (response, retry_after, "global-rate")
        }
        Refusal::Concurrency => {
            let words = "Too many requests of this key are under way at once.";
            (limited(words), 1, "global-concurrency")
        }
        Refusal::Guessing { retry_after } => {
            let words = "Too many requests from this address had no good key.";
            (limited(words), retry_after, "global-rate")
        }
        Refusal::Overload => {
            let words = "The desk is busy; send it again.";
            let response = error(
                StatusCode::SERVICE_UNAVAILABLE,
                "api_error",
                None,
                words,
                id,
            );
            (response, 1, "resource-specific")
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    headers.insert(
        "stripe-rate-limited-reason",
        HeaderValue::from_static(reason),
    );
    headers.insert("stripe-should-retry", HeaderValue::from_static("true"));
    response
}

fn error(status: StatusCode, kind: &str, code: Option<&str>, words: &str, id: &str) -> Response {
    let fields = serde_json::json!({ "message": words, "request_id": id, "type": kind });
    let mut body = serde_json::json!({ "error": fields });
    if let (Some(code), Some(error)) = (code, body.get_mut("error")) {
        error["code"] = code.into();
    }
    let head = [(header::CONTENT_TYPE, "application/json")];
    (status, head, format!("{body}\n")).into_response()
}
