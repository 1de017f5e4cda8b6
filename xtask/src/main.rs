//! The repository's one command: `cargo xtask test` checks everything, here as on any machine.
//!
//! It composes cargo, PostgreSQL and the `docket` executable and holds no rule of its own: rules about the source are
//! in `tidy`, rules about the desk in its rooms. Invariant: whatever it starts it stops, also when a step fails.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod adapter;
mod bench;
mod clients;
mod packages;
mod postgres;
mod sim;
mod steps;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  test [--without-postgres] [--seeds N]   every check there is; `ci` is the same
  clients                                 install what tests use to look at a desk from outside
  sim --seeds N [--days D] [--dev]        simulate seeds 1 to N in parallel
  bench                                   measure everything at small sizes, in release
  bench NAME [ARGUMENTS]                  one of: throughput decode_throughput ach_throughput intake_ratio list_cases books http
  bless [CRATE]                           rewrite goldens with what the tests get now; then read the difference
  new-adapter NAME                        lay out the folder of a new provider

Environment: XTASK_SEEDS is the default of --seeds (test: 200). CARGO_TARGET_DIR is respected.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(ExitCode::from(2));
    };
    match command.as_str() {
        "test" | "ci" => test::run(&workspace, &test::Options::parse(rest)?),
        "sim" => sim::run(&workspace, &sim::Options::parse(rest)?),
        "clients" => clients::ensure(&workspace).map(|folder| {
            println!("{}={}", clients::CLIENTS, folder.display());
            ExitCode::SUCCESS
        }),
        "bench" => bench::run(&workspace, rest),
        "bless" => test::bless(&workspace, rest),
        "new-adapter" => adapter::lay_out(&workspace, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("no command `{other}`; `cargo xtask help` lists them"),
    }
}

/// The number after a flag.
fn number_after(flag: &str, value: Option<&String>) -> Result<u64> {
    let Some(text) = value else {
        bail!("{flag} takes a number")
    };
    let Ok(number) = text.parse() else {
        bail!("{flag} takes a number, found {text:?}")
    };
    Ok(number)
}
