//! Spans reach a collector, and a caller's trace goes on in the desk and its logs.

use crate::run::{demo_desk, docket, program};
use crate::serve::{SIGNED, Serving, WAY};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A collector: it takes whatever is posted to `/v1/traces`.
fn collector() -> (String, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&taken);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || while take(&stream, &shared).is_some() {});
        }
    });
    (base, taken)
}

fn take(mut stream: &TcpStream, taken: &Mutex<Vec<Vec<u8>>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut first) = (0, String::new());
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    taken.lock().expect("the lock").push(body);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .ok()
}

/// One field of a protobuf message: its number, and its bytes or number.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    for at in 0..10 {
        let (byte, after) = rest.split_first().expect("a whole number");
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

fn fields(message: &[u8]) -> Vec<(u64, Wire<'_>)> {
    let mut rest = message;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let wire = match tag & 7 {
            0 => Wire::Number(varint(&mut rest)),
            1 => {
                let (bytes, after) = rest.split_first_chunk::<8>().expect("eight bytes");
                rest = after;
                Wire::Number(u64::from_le_bytes(*bytes))
            }
            2 => {
                let length = varint(&mut rest) as usize;
                let (bytes, after) = rest.split_at(length);
                rest = after;
                Wire::Bytes(bytes)
            }
            other => panic!("wire type {other} is not ours"),
        };
        all.push((tag >> 3, wire));
    }
    all
}

fn messages(message: &[u8], number: u64) -> Vec<&[u8]> {
    let wanted = fields(message).into_iter().filter(|(at, _)| *at == number);
    wanted
        .filter_map(|(_, wire)| match wire {
            Wire::Bytes(bytes) => Some(bytes),
            Wire::Number(_) => None,
        })
        .collect()
}

fn number(message: &[u8], wanted: u64) -> u64 {
    let found = fields(message)
        .into_iter()
        .find_map(|(at, wire)| match wire {
            Wire::Number(number) if at == wanted => Some(number),
            _ => None,
        });
    found.unwrap_or(0)
}

#[derive(Debug)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    lasts: u64,
    words: BTreeMap<String, String>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn spans(request: &[u8]) -> Vec<Span> {
    let scopes = messages(request, 1)
        .into_iter()
        .flat_map(|resource| messages(resource, 2));
    let read = |span: &[u8]| {
        let one = |at| messages(span, at).first().copied().unwrap_or_default();
        let words = messages(span, 9).into_iter().map(|pair| {
            let value = messages(pair, 2)[0];
            let word = match messages(value, 1).first() {
                Some(word) => text(word),
                None => number(value, 3).to_string(),
            };
            (text(messages(pair, 1)[0]), word)
        });
        Span {
            trace: hex(one(1)),
            id: hex(one(2)),
            parent: hex(one(4)),
            name: text(one(5)),
            lasts: number(span, 8) - number(span, 7),
            words: words.collect(),
        }
    };
    scopes
        .flat_map(|scope| messages(scope, 2))
        .map(read)
        .collect()
}

#[test]
fn a_callers_trace_goes_on_through_pool_store_and_commit() {
    let (_folder, dir) = demo_desk();
    let minted = docket(&[
        "api-key", "mint", "Shop", "--role", "operator", "--dir", &dir, "--as", "anna", "--json",
    ]);
    let key = minted.exits(0).json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let (base, taken) = collector();
    let mut command = program();
    command
        .args(["serve", "--dir", &dir, "--listen", "127.0.0.1:0", "--json"])
        .env("DOCKET_OBSERVABILITY_OTLP_ENDPOINT", &base);
    let log = format!("{dir}/serve.log");
    let serving = Serving::logged(command, Stdio::from(std::fs::File::create(&log).unwrap()));
    let joined = format!("00-{TRACE}-{PARENT}-01");
    let bearer = format!("Bearer {key}");
    let headers = [
        ("traceparent", joined.as_str()),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(
        serving.send("GET", "/v1/disputes?limit=1", &headers, b"").0,
        200
    );
    // Nonsense begins a trace of its own and costs nothing.
    let nonsense = [("traceparent", "00-nonsense-01")];
    assert_eq!(
        serving.send("POST", WAY, &nonsense, SIGNED.as_bytes()).0,
        200
    );
    serving.stop();

    let taken = taken.lock().unwrap();
    let all: Vec<Span> = taken.iter().flat_map(|request| spans(request)).collect();
    let mine: Vec<&Span> = all.iter().filter(|span| span.trace == TRACE).collect();
    let root = mine
        .iter()
        .find(|span| span.name == "request")
        .expect("the request");
    assert_eq!(root.parent, PARENT);
    assert_eq!(root.words["route"], "/v1/disputes");
    assert_eq!(root.words["status"], "200");
    assert!(root.words["request"].starts_with("req_"), "{root:?}");
    for name in ["pool", "store"] {
        let beneath = mine.iter().find(|span| span.name == name);
        let beneath = beneath.unwrap_or_else(|| panic!("no {name} in {mine:?}"));
        assert_eq!(beneath.parent, root.id);
        assert!(beneath.lasts <= root.lasts);
    }
    let door = all
        .iter()
        .find(|span| span.name == "door")
        .expect("the door");
    assert_ne!(door.trace, TRACE);
    let kept = all
        .iter()
        .find(|span| span.words.get("op").is_some_and(|op| op == "append"));
    let kept = kept.expect("the append");
    assert_eq!(kept.parent, door.id);
    let commit = all
        .iter()
        .find(|span| span.name == "commit" && span.parent == kept.id);
    assert_eq!(commit.expect("its end").trace, door.trace);
    assert!(
        all.iter()
            .all(|span| span.words.values().all(|word| !word.contains(&key))),
        "a secret was told"
    );
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answered = lines
        .iter()
        .find(|line| line["fields"]["trace"] == TRACE && line["fields"]["message"] == "answered");
    let answered = answered.expect("the request's line");
    assert_eq!(
        answered["fields"]["request"],
        root.words["request"].as_str()
    );
}
