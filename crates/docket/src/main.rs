//! `docket`: the one executable. It composes the rooms, reads the command line, and prints.
//!
//! No rule of disputes lives here: what a command does is `app`'s and the engine's, so that every face does the same. What
//! lives here is how people ask and how answers look: options, tables, JSON, colour, exit codes.
//!
//! The invariant it keeps: standard output carries the answer and nothing else, and the exit code says in which of five ways
//! a run ended (see `exit::Exit`).

mod cli;
mod command;
mod exit;
mod out;
mod sending;
mod serve;

use clap::Parser;
use std::process::ExitCode;

/// See the workspace's manifest for why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    upload::child::run_if_asked();
    // Clap prints its own messages and leaves with 0 for help and 2 for misuse.
    let cli = cli::Cli::parse();
    let mut out = out::Out::new(cli.json);
    let ended = command::run(cli.command, &mut out).and_then(|exit| out.flush().map(|()| exit));
    match ended {
        Ok(exit) => exit.code(),
        Err(stop) => exit::report(stop, cli.json),
    }
}
