//! The pages of a demonstration in real Chromium: everybody's journeys, at two widths, in both themes, without scripts.

use crate::run::{Folder, program};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Runs a demonstration and one of the scripts of `tests/browser` over it, with the links of its three doors (the desk's, the
/// merchant's, the auditor's) and the folder of clients. Left out, loudly, where there are no clients.
#[track_caller]
pub fn over_a_demonstration(script: &str) {
    let Some(clients) = clients() else { return };
    let folder = Folder::new();
    let demonstration = Demonstration::start(&folder.path("desk"));
    let mut arguments = demonstration.links.clone();
    arguments.push(clients);
    let found = node(script, &arguments);
    assert_eq!(found.trim_end(), "0 findings");
}

/// The folder of official clients; nothing, said aloud, where there is none.
#[allow(clippy::print_stdout)]
pub fn clients() -> Option<String> {
    let clients = std::env::var("DOCKET_TEST_CLIENTS").ok();
    if clients.is_none() {
        println!("left out: DOCKET_TEST_CLIENTS names no clients");
    }
    clients
}

/// Runs a script of `tests/browser` to its good end, and returns what it printed. What it measured goes on to whoever looks.
#[track_caller]
#[allow(clippy::print_stdout)]
pub fn node(script: &str, arguments: &[String]) -> String {
    let path = format!("{}/tests/browser/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("node")
        .arg(path)
        .args(arguments)
        .output()
        .expect("node runs");
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{found}{trouble}");
    print!("{trouble}");
    found
}

struct Demonstration {
    child: Child,
    links: Vec<String>,
}

impl Demonstration {
    fn start(dir: &str) -> Demonstration {
        let mut child = program()
            .args(["demo", "--dir", dir, "--listen", "127.0.0.1:0"])
            // Endpoints of these journeys lie on this machine.
            .env("DOCKET_WEBHOOKS_LOOPBACK", "true")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let said = child.stdout.take().expect("its answer is ours");
        let mut lines = BufReader::new(said).lines();
        let mut links: Vec<String> = Vec::new();
        while links.len() < 3 {
            let line = lines.next().expect("it names three doors").expect("text");
            let link = line
                .split_whitespace()
                .find(|word| word.contains("/enter/"));
            links.extend(link.map(str::to_owned));
        }
        // What it says later is read by nobody, and must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Demonstration { child, links }
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[test]
fn a_merchant_answers_and_an_operator_finds_the_bytes() {
    over_a_demonstration("journeys.mjs");
}

#[test]
fn an_operator_works_the_desk_from_the_keyboard() {
    over_a_demonstration("desk.mjs");
}

#[test]
fn a_merchant_works_in_the_portal_all_day() {
    over_a_demonstration("portal.mjs");
}

#[test]
fn a_merchant_keeps_an_endpoint_on_the_pages() {
    over_a_demonstration("webhooks.mjs");
}

#[test]
fn evidence_is_built_and_nothing_written_is_lost() {
    over_a_demonstration("evidence.mjs");
}
