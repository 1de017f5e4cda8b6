//! The JSON: `/v1`, which speaks Stripe's interface for the disputes of every provider, and `/docket/v1`, which has what
//! Stripe's lacks.
//!
//! A merchant's developer points Stripe's own SDK here. What the SDK sends is decoded ([`form`]), the asker is let in
//! ([`call`]), `app` does what is asked, and the answer is rendered in the shape that the asked-for version has
//! ([`version`]). It opens no store and gives no engine a command: all of that is `app`'s.
//!
//! Invariants: what an asker may not see is answered exactly like what is not there; every answer carries a request id;
//! a request with an idempotency key has one effect, and the same bytes as its answer however often it is sent.

// The longest objects of Stripe's have more fields than the JSON macro's recursion is allowed without.
#![recursion_limit = "256"]

pub mod call;
pub mod error;
pub mod expand;
pub mod form;
pub mod ids;
pub mod object;
pub mod page;
pub mod tables;
pub mod version;

mod once;
mod reply;
mod route;
mod state;
mod superset;
mod upload;

pub use error::Error;
pub use reply::Reply;
pub use state::{Limits, Peer, State};
pub use superset::{Right, description, rights};

use axum::Router;

/// Every route of this room. The composition nests nothing before it: the paths are whole.
pub fn router(state: State) -> Router {
    superset::routes()
        .route(
            "/files/{link}/{secret}",
            axum::routing::get(route::linked_file),
        )
        .fallback(call::unrecognized)
        .method_not_allowed_fallback(call::without_method)
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            call::marked,
        ))
        .with_state(state)
}
