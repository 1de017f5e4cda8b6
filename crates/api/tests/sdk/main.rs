//! Stripe's official SDKs drive the whole life of disputes from every provider, over a real port and a real store. Only the
//! providers are stand-ins, and the clock.
//!
//! Where the clients are is said by DOCKET_TEST_CLIENTS, which `cargo xtask test` sets after installing them; without it these
//! tests say aloud that they looked at nothing. With DOCKET_TEST_POSTGRES they run over PostgreSQL, too.
#![allow(
    clippy::print_stderr,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod desk;
mod http;
mod people;
mod routes;
mod run;
mod schemathesis;
mod superset;

use desk::Served;
use run::{Clients, Kept};

/// One script of a client over a desk of its own.
#[track_caller]
fn check(script: &str) {
    let Some(clients) = Clients::find() else {
        eprintln!("skipped: DOCKET_TEST_CLIENTS does not say where the official clients are");
        return;
    };
    for kept in Kept::all() {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(place) = kept.place(folder.path()) else {
            run::again_over_postgres(script);
            continue;
        };
        let served = Served::start(&place);
        clients.run(script, &served);
    }
}

#[test]
fn the_python_sdk_lives_through_disputes_of_every_provider() {
    check("sdk_python/life.py");
}

#[test]
fn the_python_sdk_meets_every_refusal() {
    check("sdk_python/refusals.py");
}

#[test]
fn the_python_sdk_walks_every_list_to_its_end() {
    check("sdk_python/lists.py");
}

#[test]
fn the_python_sdk_keeps_endpoints_and_believes_what_they_are_told() {
    check("sdk_python/endpoints.py");
}

#[test]
fn the_node_sdk_and_openssl_believe_what_endpoints_are_told() {
    check("sdk_node/endpoints.mjs");
}

#[test]
fn the_quickstart_guide_runs() {
    check("sdk_python/quickstart.py");
}

#[test]
fn the_guide_beyond_stripe_runs() {
    check("sdk_python/beyond.py");
}

#[test]
fn the_node_sdk_lives_through_disputes_and_its_types_hold() {
    check("sdk_node/life.mjs");
}
