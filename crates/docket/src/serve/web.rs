//! The web face: webhooks in, and health for whoever watches. Nothing is understood here.

use super::door::{Closed, DoorHandle};
use super::health::Health;
use crate::command::now;
use adapter::{Channel, Inbound, Secret, Verdict};
use app::settings::{Mistake, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use dispute::fact::Scope;
use engine::intake::Arrival;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A body that takes longer than this is not a notification. Providers give up after 10 to 30 seconds themselves.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// How long open connections may take to end once we are told to stop; process managers kill after 30 seconds and more.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
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
    /// What programs see.
    pub api: api::State,
}

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
pub async fn serve(listener: TcpListener, state: State) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (tell, told) = tokio::sync::watch::channel(false);
    let programs = api::router(state.api.clone());
    let app = Router::new()
        .route("/in/{provider}/{account}", post(receive))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(state)
        .merge(programs)
        .into_make_service_with_connect_info::<api::Peer>();
    let mut heard = told.clone();
    let graceful = axum::serve(listener, app).with_graceful_shutdown(async move {
        // The sender lives as long as this function, so waiting only ends when it speaks.
        let _spoken = heard.wait_for(|stop| *stop).await;
    });
    let stopping = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to stop; draining");
        tell.send_replace(true);
        tokio::time::sleep(DRAIN_WITHIN).await;
        tracing::warn!("connections still open are cut");
    };
    tokio::select! {
        served = graceful => served,
        () = stopping => Ok(()),
    }
}

async fn alive() -> &'static str {
    "alive\n"
}

async fn ready(Shared(state): Shared<State>) -> Response {
    let complaints = state.health.complaints();
    if complaints.is_empty() {
        return (StatusCode::OK, "ready\n").into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        format!("{}\n", complaints.join("\n")),
    )
        .into_response()
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
