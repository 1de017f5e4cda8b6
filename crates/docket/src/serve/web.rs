//! The web face: webhooks in, and health for whoever watches. Nothing is understood here.

use super::door::{Closed, DoorHandle};
use super::health::{Disk, Health};
use super::limit::Limiter;
use super::limit::layer::limited;
use super::metrics::Counts;
use super::observe::observed;
use crate::command::now;
use adapter::{Channel, Inbound, Secret, Verdict};
use app::settings::{Mistake, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use dispute::fact::Scope;
use engine::intake::Arrival;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A body that takes longer than this is not a notification. Providers give up after 10 to 30 seconds themselves.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// The exit code of a process that was told twice.
const AT_ONCE: i32 = 1;
/// What a caller is told to wait when nothing could be kept.
const COME_BACK_SECONDS: &str = "5";
/// The body of every acknowledgement. One provider asks for exactly this; the others look at the status alone.
const ACKNOWLEDGED: &str = "[accepted]";
/// Headers that prove who the caller is to whatever stands before us. They are not kept with the document.
const NOT_KEPT: [header::HeaderName; 3] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
];

/// The accounts whose webhooks are taken, and the secrets that prove them.
pub struct Accounts {
    secrets: BTreeMap<Scope, Vec<Secret>>,
    body_bytes_max: usize,
}

impl Accounts {
    /// Loads every secret; all that cannot be loaded are listed.
    pub fn load(settings: &Settings) -> Result<Accounts, Vec<Mistake>> {
        let mut secrets = BTreeMap::new();
        let mut mistakes = Vec::new();
        for account in &settings.accounts {
            match account.secrets() {
                Ok(loaded) => {
                    secrets.insert(account.scope.clone(), loaded);
                }
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() {
            Ok(Accounts {
                secrets,
                body_bytes_max: settings.body_bytes_max,
            })
        } else {
            Err(mistakes)
        }
    }

    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// The secrets of an account; none proves nothing, so its documents are quarantined.
    pub fn secrets(&self, scope: &Scope) -> &[Secret] {
        self.secrets.get(scope).map_or(&[], Vec::as_slice)
    }
}

/// What every handler sees.
#[derive(Clone)]
pub struct State {
    pub accounts: Arc<Accounts>,
    pub door: DoorHandle,
    pub health: Arc<Health>,
    pub disk: Disk,
}

/// The routes of this face: webhooks in, health, and whatever else people and programs ask for, which is limited. Webhooks
/// are not: they are proved by signatures, their senders come from few addresses, and the door has its own bound.
pub fn router(state: State, others: Router, limiter: Limiter, counts: Counts) -> Router {
    let others = observed(limited(others, limiter), counts.clone());
    let own = Router::new()
        .route("/in/{provider}/{account}", post(receive))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(state);
    observed(own, counts).fallback_service(others)
}

/// The pages, told where a request comes from, by which they throttle sign-in, and how the interface for programs words events.
fn people(state: console::State) -> Router {
    let spoken = console::Spoken {
        wording: Arc::new(api::object::event::Events),
        offered: Arc::new(api::object::event::offered()),
        version: api::version::Version::newest().name(),
    };
    console::router(state)
        .layer(axum::Extension(spoken))
        .layer(axum::middleware::map_request(whence))
}

/// A person's browser that asks for a page, not a program: by what it accepts, and by where it goes.
pub fn wants_a_page(path: &str, headers: &HeaderMap) -> bool {
    const PROGRAMS: [&str; 4] = ["/v1/", "/docket/v1/", "/in/", "/files/"];
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepts| accepts.contains("text/html"));
    accepts && !PROGRAMS.iter().any(|start| path.starts_with(start))
}

/// The pages and the interface for programs, in one: what is not there is told a browser on a page and a program in JSON.
pub fn faces(pages: console::State, programs: Router) -> Router {
    people(pages.clone())
        .merge(programs)
        .layer(from_fn_with_state(pages, told_missing))
}

async fn told_missing(
    Shared(pages): Shared<console::State>,
    request: Request,
    next: Next,
) -> Response {
    let page = wants_a_page(request.uri().path(), request.headers());
    let headers = page.then(|| request.headers().clone());
    let response = next.run(request).await;
    let missing = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    let framed = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    match headers {
        Some(headers) if missing && !framed => console::missing(&pages, &headers).await,
        _ => response,
    }
}

async fn whence(ConnectInfo(peer): ConnectInfo<api::Peer>, mut request: Request) -> Request {
    request
        .extensions_mut()
        .insert(console::Whence(peer.0.ip()));
    request
}

/// Becomes `true` at the first SIGTERM or SIGINT. The second ends the process at once: whatever is durable stays so, and what
/// was being sent is in doubt, as after a crash.
pub fn told_to_stop() -> std::io::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        let mut again = false;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if again {
                tracing::warn!("told to stop a second time; ended at once");
                std::process::exit(AT_ONCE);
            }
            again = true;
            tell.send_replace(true);
        }
    });
    Ok(told)
}

async fn alive() -> &'static str {
    "alive\n"
}

/// Every part in JSON for whoever asks so; else one word, or what is the matter, one a line.
async fn ready(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    let parts = state.health.parts(&state.disk);
    let good = parts.iter().all(|part| part.trouble.is_empty());
    let status = if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let json = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    if json {
        let body = serde_json::json!({ "ready": good, "parts": parts });
        let kind = [(header::CONTENT_TYPE, "application/json")];
        return (status, kind, format!("{body}\n")).into_response();
    }
    if good {
        return (status, "ready\n").into_response();
    }
    let lines: Vec<String> = parts
        .iter()
        .filter(|part| !part.trouble.is_empty())
        .map(|part| format!("{}: {}\n", part.name, part.trouble))
        .collect();
    (status, lines.concat()).into_response()
}

/// Keeps the bytes and answers. Understanding them is the worker's job, at its own pace. What cannot be verified is kept
/// too, in quarantine, and the caller is told so: a genuine provider then sends again, which costs nothing, and shows the
/// failure on its own pages, where whoever set the wrong secret will see it.
async fn receive(
    Shared(state): Shared<State>,
    Path((provider, account)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let scope = Scope { provider, account };
    let adapter = providers::list::find(&scope.provider);
    let (Some(adapter), Some(secrets)) = (adapter, state.accounts.secrets.get(&scope)) else {
        return (StatusCode::NOT_FOUND, "no such account is configured\n").into_response();
    };
    let body = match body_within(body, state.accounts.body_bytes_max).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let arrival = Arrival {
        channel: Channel::Webhook,
        name: format!("/in/{}/{}", scope.provider, scope.account),
        provider: scope.provider,
        account: scope.account,
        headers: kept_headers(&headers),
        body,
        received_at: now(),
    };
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: &arrival.account,
        headers: &arrival.headers,
        body: &arrival.body,
        received_at: arrival.received_at,
    };
    // Only for the answer: whether the document is trusted is decided where it is kept.
    let verdict = adapter.verify(&inbound, secrets, arrival.received_at);
    match state.door.hand_in(arrival).await {
        Ok(()) => acknowledged(&verdict),
        Err(Closed::Busy | Closed::Failed) => {
            let wait = [(header::RETRY_AFTER, COME_BACK_SECONDS)];
            (
                StatusCode::SERVICE_UNAVAILABLE,
                wait,
                "not kept; send it again\n",
            )
                .into_response()
        }
    }
}

fn acknowledged(verdict: &Verdict) -> Response {
    match verdict {
        Verdict::Valid { .. } => (StatusCode::OK, ACKNOWLEDGED).into_response(),
        other => {
            let words = format!("kept in quarantine: signature {}\n", other.name());
            (StatusCode::UNAUTHORIZED, words).into_response()
        }
    }
}

async fn body_within(body: Body, most: usize) -> Result<Vec<u8>, Response> {
    match tokio::time::timeout(BODY_WITHIN, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(error)) => {
            // The limit is the only error that says so; every other is a connection that broke.
            let limit = std::error::Error::source(&error)
                .is_some_and(|source| source.to_string().contains("limit"));
            let (status, words) = if limit {
                (
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!("at most {most} bytes are taken\n"),
                )
            } else {
                (
                    StatusCode::BAD_REQUEST,
                    String::from("the body broke off\n"),
                )
            };
            Err((status, words).into_response())
        }
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body took too long\n").into_response()),
    }
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let kept = headers.iter().filter(|(name, _)| !NOT_KEPT.contains(name));
    kept.map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    })
    .collect()
}
