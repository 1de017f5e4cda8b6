//! The command line as people and scripts meet it: the built program, run.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod answer;
mod attack;
mod backup;
mod bad;
mod base;
mod browser;
mod decode;
mod demo;
mod deploy;
mod desk;
mod docs;
mod entrance;
mod fixtures;
mod goldens;
mod guides;
mod hook_key;
mod lease;
mod life;
mod oidc;
mod postgres;
mod rows;
mod run;
mod serve;
mod stand_in;
mod tell;
mod trace;
mod uploads;
