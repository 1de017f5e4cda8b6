//! The pages of a demonstration in real Chromium: both people's journeys, at two widths, in both themes, without scripts.

use crate::run::{Folder, program};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/journeys.mjs");

struct Demonstration(Child);

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _waited = self.0.wait();
    }
}

#[test]
fn a_merchant_answers_and_an_operator_finds_the_bytes() {
    let Ok(clients) = std::env::var("DOCKET_TEST_CLIENTS") else {
        println!("left out: DOCKET_TEST_CLIENTS names no clients");
        return;
    };
    let folder = Folder::new();
    let dir = folder.path("desk");
    let child = program()
        .args(["demo", "--dir", &dir, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut demonstration = Demonstration(child);
    let said = demonstration.0.stdout.take().expect("its answer is ours");
    let mut links: Vec<String> = Vec::new();
    let mut lines = BufReader::new(said).lines();
    while links.len() < 2 {
        let line = lines.next().expect("it names two doors").expect("text");
        let link = line
            .split_whitespace()
            .find(|word| word.contains("/enter/"));
        links.extend(link.map(str::to_owned));
    }
    let output = Command::new("node")
        .arg(SCRIPT)
        .args(&links)
        .arg(&clients)
        .output()
        .expect("node runs");
    let found = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{found}{trouble}");
    assert_eq!(found.trim_end(), "0 findings", "{trouble}");
}
