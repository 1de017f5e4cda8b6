//! The unit and the container file run what the program has: their commands are taken out of them and run.

use crate::run::{Folder, program, ran};
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = "/usr/local/bin/docket";
const STATE: &str = "/var/lib/docket";

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    std::fs::read_to_string(folder.join(name)).expect("the file is there")
}

/// The program's arguments in every line of the unit that begins with one of these settings.
fn executed(unit: &str) -> Vec<Vec<String>> {
    let lines = unit.lines().filter(|line| line.starts_with("Exec"));
    let command = |line: &str| {
        let (_, command) = line.split_once('=').expect("a setting has a value");
        let mut words = command.split_whitespace().map(str::to_owned);
        assert_eq!(words.next().as_deref(), Some(PROGRAM), "{line}");
        words.collect()
    };
    lines.map(command).collect()
}

/// The words of an instruction of a container file, which stand there as a list.
fn instructed(file: &str, instruction: &str) -> Vec<String> {
    let line = file.lines().find_map(|line| line.strip_prefix(instruction));
    serde_json::from_str(line.expect("the instruction is there")).expect("a list of words")
}

/// The arguments are understood, and what they ask for can be had on a desk of this test's own.
#[track_caller]
fn check(args: &[String], variables: &[(&str, &str)]) {
    let folder = Folder::new();
    let state = folder.path("state");
    std::fs::create_dir(&state).expect("a folder");
    let mut args: Vec<&str> = args
        .iter()
        .map(|word| if word == STATE { &state } else { word.as_str() })
        .collect();
    assert!(args.contains(&state.as_str()), "{args:?} name no desk");
    let run = |args: &[&str]| {
        let mut command = program();
        command.args(args).envs(variables.iter().copied());
        ran(command.output().expect("the program starts"), args)
    };
    run(&[&args[..], &["--help"]].concat()).exits(0);
    if !args.contains(&"--check") {
        args.push("--check");
    }
    run(&args).exits(0);
}

#[test]
fn the_unit_runs_what_the_program_has() {
    let unit = read("docket.service");
    let executed = executed(&unit);
    assert_eq!(executed.len(), 2, "{executed:?}");
    // Also what is offered in a comment.
    let offered = unit.lines().map(|line| line.trim_start_matches("# "));
    let variables = offered.filter_map(|line| line.strip_prefix("Environment="));
    let variables: Vec<(&str, &str)> = variables
        .map(|pair| pair.split_once('=').expect("a name and a value"))
        .collect();
    assert!(!variables.is_empty());
    for args in &executed {
        check(args, &[]);
        check(args, &variables);
    }
}

#[test]
fn the_container_runs_what_the_program_has() {
    let file = read("Containerfile");
    assert_eq!(instructed(&file, "ENTRYPOINT "), [PROGRAM]);
    check(&instructed(&file, "CMD "), &[]);
    // No health check: the image has no shell, and whoever runs it asks `/healthz` and `/readyz`.
    assert!(!file.contains("HEALTHCHECK"));
}

/// Unknown settings and values are named, and fail nothing: silence is what is asked for.
#[test]
fn systemd_knows_every_setting_of_the_unit() {
    let here = Command::new("systemd-analyze").arg("--version").output();
    if here.is_err() {
        eprintln!("skipped: systemd-analyze is not on this machine");
        return;
    }
    let folder = Folder::new();
    let unit = read("docket.service").replace(PROGRAM, env!("CARGO_BIN_EXE_docket"));
    let verified = |unit: &str| {
        let path = folder.write("docket.service", unit.as_bytes());
        let mut command = Command::new("systemd-analyze");
        let output = command.args(["verify", "--man=no", &path]).output();
        let output = output.expect("it starts");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        // Of other units on the machine it may have something to say, too.
        let ours = said.lines().filter(|line| line.contains("docket.service"));
        ours.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(verified(&unit), Vec::<String>::new());
    let wrong = unit.replace("MemoryMax=", "MemoryMaximum=");
    assert_eq!(verified(&wrong).len(), 1, "a mistake would be told");
}
