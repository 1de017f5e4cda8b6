//! Does the child's sandbox really deny? Each attempt works outside it, so that what fails inside fails because of it.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

/// `SIGSYS`, which the filter kills with.
const FORBIDDEN_CALL: i32 = 31;

fn attempt(how: &str, what: &str) -> ExitStatus {
    Command::new(env!("CARGO_BIN_EXE_upload-probe"))
        .args([how, what])
        .status()
        .expect("the probe starts")
}

#[track_caller]
fn check(what: &str, denied: impl Fn(ExitStatus) -> bool) {
    assert!(
        attempt("free", what).success(),
        "{what} outside the sandbox"
    );
    let status = attempt("locked", what);
    assert!(denied(status), "{what} inside the sandbox: {status}");
}

#[test]
fn computing_is_allowed() {
    check("compute", |status| status.success());
}

#[test]
fn files_network_processes_and_threads_kill_the_child() {
    for what in [
        "read a file",
        "list a folder",
        "write a file",
        "open a socket",
        "connect",
        "use an open socket",
        "start a program",
        "start a thread",
        "change folder",
    ] {
        check(what, |status| status.signal() == Some(FORBIDDEN_CALL));
    }
}

#[test]
fn memory_beyond_the_limit_is_not_given() {
    check("reserve 2 GiB", |status| status.code() == Some(1));
}
