//! `cargo xtask test`: everything, in the order in which failing early saves most time.
//!
//! One profile throughout, and clippy, tests and docs with the same features, so that nothing is built twice.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::clients;
use crate::number_after;
use crate::packages::ensure_postgres;
use crate::postgres::{Cluster, Keeps};
use crate::sim;
use crate::steps::{Steps, succeed};
use crate::workspace::Workspace;

/// Where the store's tests find the database; without it they run on SQLite alone and say so.
const POSTGRES: &str = "DOCKET_TEST_POSTGRES";
const SEEDS_DEFAULT: u64 = 200;

pub(crate) struct Options {
    postgres: bool,
    seeds: u64,
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options {
            postgres: true,
            seeds: sim::seeds_from_environment()?.unwrap_or(SEEDS_DEFAULT),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--without-postgres" => options.postgres = false,
                "--seeds" => options.seeds = number_after("--seeds", arguments.next())?,
                other => bail!("`test` takes --without-postgres and --seeds N, found {other:?}"),
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let mut steps = Steps::default();
    let mut cluster = None;
    if options.postgres {
        steps.run("PostgreSQL: packages", ensure_postgres);
        steps.run("PostgreSQL: start", || {
            let started = Cluster::start(workspace.target(), Keeps::Nothing)?;
            println!("    listening on {}", started.address());
            cluster = Some(started);
            Ok(())
        });
    } else {
        println!("PostgreSQL left out as asked: the store is tested on SQLite alone");
    }
    let mut clients_at = None;
    steps.run("clients and browser", || {
        clients_at = Some(clients::ensure(workspace)?);
        Ok(())
    });
    let url = cluster.as_ref().map(Cluster::url);
    let cargo = |arguments: &[&str]| {
        let mut command = workspace.cargo(arguments);
        match &url {
            Some(url) => command.env(POSTGRES, url),
            // One inherited from outside is not ours to write into.
            None => command.env_remove(POSTGRES),
        };
        match &clients_at {
            Some(folder) => command.env(clients::CLIENTS, folder),
            None => command.env_remove(clients::CLIENTS),
        };
        command
    };
    steps.run("format", || {
        succeed(&mut cargo(&["fmt", "--all", "--check"]))
    });
    steps.run("clippy", || {
        succeed(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    });
    steps.run("tests", || {
        tests(&mut cargo(&["nextest", "--version"]), &cargo)
    });
    steps.run("doctests", || {
        succeed(&mut cargo(&["test", "--workspace", "--doc"]))
    });
    steps.run("docs", || {
        let mut command = cargo(&["doc", "--no-deps", "--workspace"]);
        succeed(command.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.run("simulation", || {
        let options = sim::Options::smoke(options.seeds);
        match sim::run(workspace, &options)? {
            ExitCode::SUCCESS => Ok(()),
            _ => bail!("a seed did not heal; its output is named above"),
        }
    });
    if let Some(cluster) = cluster {
        steps.run("PostgreSQL: stop", || cluster.stop_now());
    }
    Ok(steps.summary())
}

/// nextest where it is installed, since it runs test binaries side by side; else cargo's own runner.
fn tests(probe: &mut Command, cargo: &dyn Fn(&[&str]) -> Command) -> Result<()> {
    let nextest = probe.output().is_ok_and(|output| output.status.success());
    if nextest {
        return succeed(&mut cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
        ]));
    }
    println!("    cargo-nextest is not installed: using cargo test");
    succeed(&mut cargo(&[
        "test",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--no-fail-fast",
    ]))
}

/// Reruns the tests so that goldens are rewritten: fixtures under BLESS, inline ones under UPDATE_EXPECT.
pub(crate) fn bless(workspace: &Workspace, rest: &[String]) -> Result<ExitCode> {
    let mut command = workspace.cargo(&["test", "--no-fail-fast"]);
    match rest {
        [] => command.arg("--workspace"),
        [package] => command.args(["--package", package]),
        _ => bail!("`bless` takes at most one crate"),
    };
    command.env("BLESS", "1").env("UPDATE_EXPECT", "1");
    let blessed = succeed(&mut command);
    println!("\nWhat changed; read it before committing:");
    let mut status = Command::new("git");
    status
        .args(["status", "--short"])
        .current_dir(workspace.path(""));
    succeed(&mut status).context("list what was rewritten")?;
    blessed.map(|()| ExitCode::SUCCESS)
}
