//! One line of the log and one count for every request: method, route, status, how long, and the id that the caller was told.
//!
//! The route is the template, never the path as sent; queries, headers and bodies are never written.

use super::metrics::Counts;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::time::Instant;

/// A path that is no route of ours.
const NO_ROUTE: &str = "none";

/// Puts the watching around every route of this router.
pub fn observed<S>(router: Router<S>, counts: Counts) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn_with_state(counts, observe))
}

async fn observe(State(counts): State<Counts>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let began = Instant::now();
    let response = next.run(request).await;
    let took = began.elapsed();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    // Methods that somebody makes up would make series without end.
    let method = match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    };
    let status = response.status().as_u16();
    counts.request(method, route, status, took);
    let id = response.headers().get("request-id");
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(request = id, method, route, status, micros, "answered");
    response
}
