//! `cargo xtask bench`: builds and runs the measuring examples in release, and prints what they hold against their targets in
//! one table. Each figure is of one run on this machine; only ratios of one run mean anything elsewhere.
//!
//! An example says a figure that has a target on a line with `(target N)`, or that it kept `within` a budget or `MISSED` it.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::postgres::{Cluster, Keeps};
use crate::steps::{Steps, spelled};
use crate::workspace::Workspace;

/// What tests read too.
const POSTGRES: &str = "DOCKET_TEST_POSTGRES";
const PROGRAM: &str = "DOCKET_PROGRAM";

/// One example: its room, its name, and the arguments of a run of a minute or less.
struct Bench {
    room: &'static str,
    example: &'static str,
    small: &'static [&'static str],
}

const BENCHES: &[Bench] = &[
    bench("wire-nacha", "throughput", &[]),
    bench("providers", "decode_throughput", &[]),
    bench("providers", "ach_throughput", &[]),
    bench("store", "intake_ratio", &[]),
    bench("store", "list_cases", &["50000"]),
    bench("sim", "books", &["10000"]),
    bench(
        "sim",
        "http",
        &["--cases", "10000", "--seconds", "5", "--soak-seconds", "20"],
    ),
];

const fn bench(room: &'static str, example: &'static str, small: &'static [&'static str]) -> Bench {
    Bench {
        room,
        example,
        small,
    }
}

/// `bench` runs all at small sizes; `bench NAME [ARGUMENTS]` one, with whatever it takes.
pub(crate) fn run(workspace: &Workspace, rest: &[String]) -> Result<ExitCode> {
    let named = rest.first().map(String::as_str);
    let benches: Vec<&Bench> = BENCHES
        .iter()
        .filter(|bench| named.is_none_or(|name| name == bench.example || name == bench.room))
        .collect();
    if benches.is_empty() {
        let all: Vec<&str> = BENCHES.iter().map(|bench| bench.example).collect();
        bail!("the benches are {}", all.join(", "));
    }
    let own = rest.get(1..).unwrap_or_default();
    let mut steps = Steps::default();
    // A server that somebody measures on purpose comes before one of our own.
    let mut cluster = None;
    let url = std::env::var(POSTGRES).ok().or_else(|| {
        steps.run("PostgreSQL: start", || {
            cluster = Some(Cluster::start(workspace.target(), Keeps::Everything)?);
            Ok(())
        });
        cluster.as_ref().map(Cluster::url)
    });
    let mut held = Vec::new();
    for bench in benches {
        let Bench { room, example, .. } = bench;
        steps.run(&format!("{room}: {example}"), || {
            let said = measure(workspace, bench, own, url.as_deref())?;
            held.extend(said.into_iter().map(|line| format!("{example:<18} {line}")));
            Ok(())
        });
    }
    if let Some(cluster) = cluster {
        cluster.stop_now()?;
    }
    println!("\nheld against their targets, on this machine, in this run:");
    for line in held {
        println!("  {line}");
    }
    Ok(steps.summary())
}

/// Builds and runs one, shows what it says, and gives the lines that have a target.
fn measure(
    workspace: &Workspace,
    bench: &Bench,
    own: &[String],
    url: Option<&str>,
) -> Result<Vec<String>> {
    let program = workspace.target().join("release").join("docket");
    if bench.example == "http" {
        crate::steps::succeed(&mut workspace.cargo(&[
            "build",
            "--release",
            "--package",
            "docket",
        ]))?;
    }
    let mut arguments = vec!["run", "--release", "--package", bench.room];
    arguments.extend(["--example", bench.example, "--"]);
    match own {
        [] => arguments.extend(bench.small),
        own => arguments.extend(own.iter().map(String::as_str)),
    }
    let mut command = workspace.cargo(&arguments);
    command.env(PROGRAM, program);
    if let Some(url) = url {
        command.env(POSTGRES, url);
    }
    told(&mut command)
}

fn told(command: &mut Command) -> Result<Vec<String>> {
    println!("    {}", spelled(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", spelled(command)))?;
    let said = child.stdout.take().context("its output is ours")?;
    let mut held = Vec::new();
    for line in BufReader::new(said).lines() {
        let line = line.context("read what it says")?;
        println!("{line}");
        if ["(target ", " within ", " MISSED "]
            .iter()
            .any(|word| line.contains(word))
        {
            held.push(line.trim().to_owned());
        }
    }
    let status = child.wait().context("wait for it")?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(held)
}
