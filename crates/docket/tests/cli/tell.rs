//! `docket serve` tells a merchant's receiver of events, which the official libraries believe.

use crate::run::sample_desk;
use crate::serve::Serving;
use app::{Desk, Opening, Place};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use store::{Endpoint, Leaf, Registry};

/// `whsec_` and 32 bytes of 1: a secret that nobody uses.
const SECRET: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A receiver in Python, and what it says.
struct Receiver {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Receiver {
    fn start(clients: &Path) -> Receiver {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/clients/receiver.py");
        let mut child = Command::new(clients.join("python/bin/python"))
            .args([script, SECRET])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let said = BufReader::new(child.stdout.take().expect("its answer is ours"));
        Receiver { child, said }
    }

    fn line(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it speaks");
        serde_json::from_str(&line).expect("one JSON value a line")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn listen(dir: &str, port: u64) {
    std::fs::write(
        Path::new(dir).join("desk.toml"),
        "[webhooks]\nloopback = true\n",
    )
    .expect("settings are written");
    let place = Place::Folder(PathBuf::from(dir));
    let mut desk = Desk::open(&place, Opening::Existing).expect("the desk opens");
    let endpoint = Endpoint {
        id: format!("we_{:026}", 1),
        merchant: None,
        live: true,
        url: format!("http://127.0.0.1:{port}/hook?shop=1"),
        events: vec![String::from("charge.dispute.*")],
        description: String::new(),
        metadata: String::from("{}"),
        api_version: String::from("2024-06-20"),
        secrets: vec![(SECRET.to_owned(), None)],
        health: String::from("enabled"),
        created_at: calendar::Instant::parse("2026-03-02T09:00:00Z").expect("an instant"),
        deleted_at: None,
    };
    let leaf = Leaf(format!("endpoint {}", endpoint.id));
    let store = &mut desk.engine.store;
    store
        .put_endpoint(&endpoint, Some(&leaf))
        .expect("it is kept");
}

#[test]
fn official_libraries_believe_what_a_desk_tells() {
    let Some(clients) = std::env::var_os("DOCKET_TEST_CLIENTS") else {
        eprintln!("not with the official libraries: DOCKET_TEST_CLIENTS does not name them");
        return;
    };
    let (_folder, dir) = sample_desk();
    let mut receiver = Receiver::start(Path::new(&clients));
    listen(&dir, receiver.line().as_u64().expect("a port"));
    let serving = Serving::start(&dir);
    let mut heard = [receiver.line(), receiver.line()];
    heard.sort_by_key(|event| event["version"].as_u64());
    let found = heard.each_ref().map(|event| {
        assert_eq!(event["api_version"], "2024-06-20");
        (event["type"].as_str().unwrap(), event["amount"].as_i64())
    });
    assert_eq!(
        found,
        [
            ("charge.dispute.created", Some(8400)),
            ("charge.dispute.funds_withdrawn", Some(8400))
        ]
    );
    serving.stop();
    let place = Place::Folder(PathBuf::from(&dir));
    let mut desk = Desk::open(&place, Opening::Existing).expect("the desk opens");
    let store = &mut desk.engine.store;
    let rows = store.deliveries(&format!("we_{:026}", 1), 9).expect("rows");
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["delivered", "delivered"]);
}
