//! Paths to operations.

mod account;
mod balance;
mod charge;
mod dispute;
mod event;
mod file;
mod metadata;
mod update;
mod warning;

use crate::call::{self, Work};
use crate::state::State;
use axum::Router;
use axum::extract::{RawPathParams, Request, State as Shared};
use axum::routing::{MethodRouter, get, post};

/// `GET` does this.
fn reads(work: Work) -> MethodRouter<State> {
    get(
        move |Shared(state): Shared<State>, path: RawPathParams, request: Request| {
            call::answer(state, parts(&path), request, work)
        },
    )
}

/// `POST` does this.
fn changes(work: Work) -> MethodRouter<State> {
    post(
        move |Shared(state): Shared<State>, path: RawPathParams, request: Request| {
            call::answer(state, parts(&path), request, work)
        },
    )
}

fn parts(path: &RawPathParams) -> Vec<String> {
    path.iter().map(|(_, value)| value.to_owned()).collect()
}

/// Everything under `/v1`.
pub(crate) fn v1() -> Router<State> {
    Router::new()
        .route("/v1/disputes", reads(dispute::list))
        .route(
            "/v1/disputes/{id}",
            reads(dispute::retrieve).merge(changes(update::update)),
        )
        .route("/v1/disputes/{id}/close", changes(update::close))
        .route("/v1/charges", reads(charge::list))
        .route("/v1/charges/{id}", reads(charge::retrieve))
        .route(
            "/v1/charges/{id}/dispute",
            reads(dispute::of_charge).merge(changes(update::of_charge)),
        )
        .route(
            "/v1/charges/{id}/dispute/close",
            changes(update::close_of_charge),
        )
        .route("/v1/payment_intents", reads(charge::intents))
        .route("/v1/payment_intents/{id}", reads(charge::intent))
        .route("/v1/balance_transactions", reads(balance::list))
        .route("/v1/balance_transactions/{id}", reads(balance::retrieve))
        .route("/v1/balance/history", reads(balance::list))
        .route("/v1/balance/history/{id}", reads(balance::retrieve))
        .route("/v1/radar/early_fraud_warnings", reads(warning::list))
        .route(
            "/v1/radar/early_fraud_warnings/{id}",
            reads(warning::retrieve),
        )
        .route("/v1/account", reads(account::own))
        .route("/v1/accounts", reads(account::list))
        .route("/v1/accounts/{id}", reads(account::retrieve))
        .route("/v1/files", reads(file::list).merge(changes(file::create)))
        .route("/v1/files/{id}", reads(file::retrieve))
        .route("/v1/files/{id}/contents", reads(file::contents))
        .route("/v1/file_links", changes(file::link))
        .route(
            "/v1/file_links/{id}",
            reads(file::retrieve_link).merge(changes(file::update_link)),
        )
        .route("/v1/events", reads(event::list))
        .route("/v1/events/{id}", reads(event::retrieve))
}
