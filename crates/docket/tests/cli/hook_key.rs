//! The desk's own key for webhooks is rolled at the shell while the desk serves, in a folder and in PostgreSQL.

use crate::base::{Base, server};
use crate::run::{Folder, sample};
use crate::serve::Serving;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

/// Takes one event and gives its `webhook-signature`.
fn one_signature(listener: &TcpListener) -> String {
    let (stream, _) = listener.accept().expect("the desk calls");
    let mut reader = BufReader::new(stream);
    let (mut signature, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).expect("a line") > 2 {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "webhook-signature" => value.clone_into(&mut signature),
                "content-length" => length = value.parse().expect("a number"),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let answer = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).expect("it listens");
    signature
}

fn check(folder: &Folder, desk: &Base) {
    folder.write("desk/desk.toml", b"[webhooks]\nloopback = true\n");
    desk.run(&["ingest", "stripe", &sample("created.json")])
        .exits(0);
    let run = |args: &[&str]| desk.run(&[&["webhooks"], args, &["--json"]].concat());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    // It hears of nothing but test events here.
    let made = run(&["add", &url, "--event", "charge.dispute.closed"])
        .exits(0)
        .json();
    let endpoint = made["endpoint"]["id"].as_str().expect("an id");
    let old = made["endpoint"]["public_key"].clone();
    let serving = Serving::run(desk.serve());
    let own_signatures = || {
        run(&["ping", endpoint]).exits(0);
        one_signature(&listener).matches("v1a,").count()
    };
    assert_eq!(own_signatures(), 1);
    // While it serves: the next message has both.
    let rolled = run(&["roll-key", "--overlap-days", "7"]).exits(0).json();
    assert_eq!(own_signatures(), 2);
    let keys = rolled["public_keys"].as_array().expect("keys");
    assert_eq!((keys.len(), &keys[0]["key"]), (2, &rolled["public_key"]));
    assert_eq!((&keys[1]["key"], &keys[0]["until"]), (&old, &Value::Null));
    assert!(keys[1]["until"].is_string());
    run(&["roll-key"]).exits(2).complains("two keys sign until");
    run(&["roll-key", "--overlap-days", "91"]).exits(2);
    let listed = run(&["list"]).exits(0).json();
    assert_eq!(listed[0]["public_keys"], rolled["public_keys"]);
    // A leak ends what is older at once.
    let last = run(&["roll-key", "--overlap-days", "0"]).exits(0).json();
    assert_eq!(own_signatures(), 1);
    serving.stop();
    let listed = run(&["list"]).exits(0).json();
    assert_eq!(listed[0]["public_keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["public_key"], last["public_key"]);
    let known = run(&["key"]).exits(0).json();
    assert_eq!(known, last);
    assert_eq!(known["public_keys"].as_array().map(Vec::len), Some(3));
    let log = desk.run(&["audit", "export"]).exits(0).out;
    let leaves = log.lines().filter_map(|line| line.strip_prefix("entry "));
    let leaves = leaves.map(|line| {
        let leaf = line.rsplit(' ').next().unwrap_or_default();
        let leaf = STANDARD.decode(leaf).expect("a leaf is in base64");
        String::from_utf8_lossy(&leaf).into_owned()
    });
    let leaves: Vec<String> = leaves.collect();
    let rolls = leaves
        .iter()
        .filter(|leaf| leaf.starts_with("webhooks key rolled"));
    assert_eq!(rolls.count(), 2, "{leaves:?}");
    assert!(!leaves.iter().any(|leaf| leaf.contains("whsk_")));
}

#[test]
fn the_key_is_rolled_beside_a_serving_desk_in_a_folder() {
    let folder = Folder::new();
    check(&folder, &Base::folder(&folder));
}

#[test]
fn the_key_is_rolled_beside_a_serving_desk_in_postgres() {
    let Some(server) = server() else { return };
    let folder = Folder::new();
    check(&folder, &Base::postgres(&folder, &server));
}
