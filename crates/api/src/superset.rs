//! Our own interface, `/docket/v1`: what Stripe's has no words for. And what both are made of: an [`Operation`] is declared
//! once, and its route, its check, its description and its line in the table of who may are all made from the declaration.

mod bulk;
mod command;
mod desk;
mod dispute;
mod endpoint;
mod json;
mod keys;
mod openapi;
mod operation;
mod page;
mod people;
mod shape;
mod words;

pub(crate) use dispute::beside;
pub use openapi::{Right, description, rights};
pub(crate) use operation::{Gives, Kind, Operation, Param, Takes};

use crate::call;
use crate::route;
use crate::state::State;
use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State as Shared};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use std::sync::Arc;

/// Every operation of both interfaces, in the order of the description.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = dispute::operations();
    all.extend(command::operations());
    all.extend(bulk::operations());
    all.extend(desk::operations());
    all.extend(people::operations());
    all.extend(keys::operations());
    all.extend(endpoint::operations());
    all.extend(route::v1());
    all
}

/// The routes of every operation, and of the description itself.
pub(crate) fn routes() -> Router<State> {
    let described = Router::new()
        .route("/docket/v1/openapi.json", get(page::description_file))
        .route("/docket/v1/reference", get(page::reference));
    operations()
        .into_iter()
        .fold(described, |router, operation| {
            router.route(operation.path, does(operation))
        })
}

type Path = Result<RawPathParams, RawPathParamsRejection>;

fn does(operation: Operation) -> MethodRouter<State> {
    let method = MethodFilter::try_from(operation.method.clone())
        .expect("an operation has one of the methods that routers know");
    let operation = Arc::new(operation);
    on(
        method,
        move |Shared(state): Shared<State>, path: Path, request: Request| async move {
            match path {
                Ok(path) => {
                    let parts = path.iter().map(|(_, value)| value.to_owned()).collect();
                    call::answer(state, parts, request, operation).await
                }
                // Percent-encoded bytes that are no UTF-8: nothing of ours is called so.
                Err(_) => call::unrecognized(request).await,
            }
        },
    )
}
