//! Endpoints are kept from the command line, and `docket serve` tells them of events, which the official libraries believe.

use crate::docs::words;
use crate::run::{docket, program, ran, sample_desk};
use crate::serve::Serving;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/webhooks.md");

/// A receiver in Python, and what it says.
struct Receiver {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Receiver {
    fn start(clients: &Path) -> Receiver {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/clients/receiver.py");
        let mut child = Command::new(clients.join("python/bin/python"))
            .args([script, GUIDE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let said = BufReader::new(child.stdout.take().expect("its answer is ours"));
        Receiver { child, said }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it speaks");
        serde_json::from_str(&line).expect("one JSON value a line")
    }

    fn tell(&mut self, secret: &str) {
        let stdin = self.child.stdin.as_mut().expect("it listens to us");
        writeln!(stdin, "{secret}").expect("it hears");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn on_this_machine(dir: &str) {
    let settings = Path::new(dir).join("desk.toml");
    std::fs::write(settings, "[webhooks]\nloopback = true\n").expect("settings are written");
}

#[test]
fn official_libraries_believe_what_a_desk_tells() {
    let Some(clients) = std::env::var_os("DOCKET_TEST_CLIENTS") else {
        eprintln!("not with the official libraries: DOCKET_TEST_CLIENTS does not name them");
        return;
    };
    let (_folder, dir) = sample_desk();
    on_this_machine(&dir);
    let mut receiver = Receiver::start(Path::new(&clients));
    let url = format!("http://127.0.0.1:{}/hook?shop=1", receiver.line());
    let run = |args: &[&str]| {
        docket(&[&["webhooks"], args, &["--dir", &dir, "--json"]].concat())
            .exits(0)
            .json()
    };
    let made = run(&[
        "add",
        &url,
        "--event",
        "charge.dispute.*",
        "--api-version",
        "2024-06-20",
    ]);
    receiver.tell(made["secret"].as_str().expect("a secret"));
    let endpoint = made["endpoint"]["id"].as_str().expect("an id").to_owned();
    run(&["ping", &endpoint]);
    let serving = Serving::start(&dir);
    let mut heard = [receiver.line(), receiver.line(), receiver.line()];
    heard.sort_by_key(|event| event["type"].as_str().map(str::to_owned));
    let found = heard.each_ref().map(|event| {
        assert_eq!(event["api_version"], "2024-06-20");
        assert!(
            event["signature"]
                .as_str()
                .is_some_and(|text| text.contains(" v1a,"))
        );
        (
            event["type"].as_str().unwrap(),
            event["object"]["amount"].as_i64(),
        )
    });
    assert_eq!(
        found,
        [
            ("charge.dispute.created", Some(8400)),
            ("charge.dispute.funds_withdrawn", Some(8400)),
            ("docket.ping", None),
        ]
    );
    // Heard is not yet settled: the receiver speaks before it answers.
    let delivered = || {
        let rows = run(&["deliveries", &endpoint, "--state", "delivered"]);
        rows["deliveries"].as_array().expect("rows").len()
    };
    while delivered() < 3 {}
    // What was delivered is sent once more, under its id, while the desk serves.
    run(&["replay", &endpoint, "--from", "1", "--until", "9"]);
    let again = [receiver.line(), receiver.line(), receiver.line()];
    for event in &again {
        assert!(
            heard.iter().any(|first| first["id"] == event["id"]),
            "{event}"
        );
    }
    while delivered() < 3 {}
    serving.stop();
    let first = heard[0]["id"].as_str().unwrap();
    let attempts = run(&["deliveries", &endpoint, "--event", first]);
    let attempts: Vec<_> = attempts["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["status"])
        .collect();
    assert_eq!(attempts, [200, 200]);
}

#[test]
fn the_guide_to_webhooks_is_run() {
    let (folder, dir) = sample_desk();
    let text = std::fs::read_to_string(GUIDE).unwrap();
    let (mut endpoint, mut event) = (String::new(), String::new());
    let mut count = 0;
    for line in text.lines() {
        let Some(command) = line.strip_prefix("docket webhooks ") else {
            continue;
        };
        let mut args = words(&format!("webhooks {command}"));
        for word in &mut args {
            match word.as_str() {
                "ENDPOINT" => word.clone_from(&endpoint),
                "EVENT" => word.clone_from(&event),
                _ => {}
            }
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = program()
            .args(&args)
            .current_dir(folder.0.path())
            .output()
            .unwrap();
        let said = ran(output, &args).exits(0).out;
        for word in said.split_whitespace() {
            if word.starts_with("we_") {
                endpoint = word.trim_end_matches('.').to_owned();
            }
            if word.starts_with("evt_") {
                event = word.to_owned();
            }
        }
        count += 1;
    }
    assert!(count >= 11, "{count}");
    let left = docket(&["webhooks", "list", "--dir", &dir, "--json"])
        .exits(0)
        .json();
    assert_eq!(
        left,
        serde_json::json!([]),
        "the guide deletes what it made"
    );
}

#[test]
fn a_secret_is_printed_once_and_mistakes_are_named_together() {
    let (_folder, dir) = sample_desk();
    let at = ["--dir", &dir, "--json"];
    let run = |args: &[&str]| docket(&[&["webhooks"], args, &at].concat());
    let bad = run(&["add", "http://shop.example.com", "--event", "invoice.paid"]);
    bad.exits(2)
        .complains("does not begin with `https://`")
        .complains("names no event");
    let made = run(&["add", "https://shop.example.com/hook"])
        .exits(0)
        .json();
    let (id, secret) = (
        made["endpoint"]["id"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    for args in [&["list"][..], &["disable", id], &["enable", id]] {
        let said = run(args).exits(0).out;
        assert!(said.contains(id) && !said.contains(secret), "{said}");
    }
    let rolled = run(&["roll", id]).exits(0).json();
    assert_ne!(rolled["secret"], made["secret"]);
    assert!(
        rolled["endpoint"]["old_secret_until"].is_string(),
        "{rolled}"
    );
    run(&["roll", id])
        .exits(2)
        .complains("two secrets are live until");
    run(&["roll", id, "--overlap-hours", "0"]).exits(0);
    let key = run(&["key"]).exits(0).json();
    assert_eq!(key["public_key"], made["endpoint"]["public_key"]);
    run(&["ping", "we_none"])
        .exits(2)
        .complains("no endpoint is called `we_none`");
    run(&["resend", id, "evt_none"])
        .exits(2)
        .complains("evt_none");
}
