//! One line of the log and one count for every request: method, route, status, how long, the id that the
//! caller was told, and the trace that it is part of. Every answer has its id, whoever gave it: limits and timeouts too.
//!
//! The route is the template, never the path as sent; queries, headers and bodies are never written.

use super::metrics::Counts;
use super::trace::{Place, SPAN};
use api::call::RequestId;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// A path that is no route of ours.
const NO_ROUTE: &str = "none";

/// Puts the watching around every route of this router.
pub fn observed<S>(router: Router<S>, counts: Counts) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn_with_state(counts, observe))
}

async fn observe(State(counts): State<Counts>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    // Methods that somebody makes up would make series without end.
    let method = match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    };
    let (trace, span) = begun(request.headers(), method, route);
    let id = RequestId::of(&format!("{:032x}", Place::fresh().trace));
    request.extensions_mut().insert(id.clone());
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    counts.request(method, route, status, took);
    let id = id.0.as_str();
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert("request-id", value);
    }
    span.record("request", id)
        .record("status", u64::from(status));
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        request = id,
        trace,
        method,
        route,
        status,
        micros,
        "answered"
    );
    response
}

/// The trace that this request joins or begins, and the span around it.
fn begun(headers: &HeaderMap, method: &str, route: &str) -> (String, Span) {
    // Two of them name no trace.
    let mut named = headers.get_all("traceparent").iter();
    let joined = match (named.next(), named.next()) {
        (Some(only), None) => only
            .to_str()
            .ok()
            .filter(|text| Place::parse(text).is_some()),
        _ => None,
    };
    let place = joined.and_then(Place::parse).unwrap_or_else(Place::fresh);
    let trace = format!("{:032x}", place.trace);
    let span = tracing::info_span!(
        target: SPAN,
        "request",
        trace,
        at = joined,
        method,
        route,
        status = Empty,
        request = Empty
    );
    (trace, span)
}
