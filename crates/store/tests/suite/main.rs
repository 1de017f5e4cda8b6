//! One suite over both databases: what a store promises, whichever it is. SQLite always runs; PostgreSQL runs where
//! `DOCKET_TEST_POSTGRES` names a server, in a schema of its own per test, and is loudly skipped elsewhere.
#![allow(
    clippy::as_conversions,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cloned_ref_to_slice_refs
)]

mod books;
mod compare;
mod documents;
mod door;
mod facts;
mod faults;
mod files;
mod insights;
mod keys;
mod lists;
mod log;
mod migrations;
mod open;
mod overview;
mod queues;
mod refusals;
mod registry;
mod samples;
mod waits;
mod walls;
mod world;
