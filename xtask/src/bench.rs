//! `cargo xtask bench`: runs every room's examples in release. Each measures one thing and prints its ratio against
//! what a user would pick instead; only ratios of one run on one machine mean anything.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::steps::{Steps, succeed};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, rest: &[String]) -> Result<ExitCode> {
    let only = match rest {
        [] => None,
        [room] => Some(room.as_str()),
        _ => bail!("`bench` takes at most one room"),
    };
    let benches: Vec<(String, String)> = benches(workspace)?
        .into_iter()
        .filter(|(room, _)| only.is_none_or(|only| only == room))
        .collect();
    if benches.is_empty() {
        bail!(
            "no room{} has an example to run",
            only.map(|room| format!(" `{room}`")).unwrap_or_default()
        );
    }
    let mut steps = Steps::default();
    for (room, example) in &benches {
        steps.run(&format!("{room}: {example}"), || {
            succeed(&mut workspace.cargo(&[
                "run",
                "--release",
                "--package",
                room,
                "--example",
                example,
            ]))
        });
    }
    Ok(steps.summary())
}

/// Room and example, in order.
fn benches(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let crates = workspace.path("crates");
    let mut found = Vec::new();
    for room in fs::read_dir(&crates).with_context(|| format!("list {}", crates.display()))? {
        let room = room.context("list the rooms")?;
        let Ok(examples) = fs::read_dir(room.path().join("examples")) else {
            continue;
        };
        for example in examples {
            let path = example.context("list examples")?.path();
            let source = path.extension().is_some_and(|extension| extension == "rs");
            if let Some(stem) = path.file_stem().filter(|_| source) {
                let room = room.file_name().to_string_lossy().into_owned();
                found.push((room, stem.to_string_lossy().into_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}
