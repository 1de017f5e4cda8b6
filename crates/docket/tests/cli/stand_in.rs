//! A provider's interface in a few lines, on this machine: it holds one dispute and counts the answers it took.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// The one dispute as the provider holds it.
pub struct Held {
    /// The packet's digest, once an answer was taken.
    pub packet: Option<String>,
    pub answers: u32,
    pub manner: Manner,
    /// The last instant for an answer, in Unix seconds.
    pub due_by: u64,
    /// The process that is stopped (SIGSTOP) while it asks about the dispute for the first time.
    pub stops: Option<u32>,
    /// Requests as `METHOD path`, with the credential that came.
    pub requests: Vec<(String, String)>,
}

/// How it treats callers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It does what is asked and says so.
    Answer,
    /// It does what is asked and hangs up without a word: the caller cannot know.
    HangUp,
}

pub struct StandIn {
    pub address: String,
    pub held: Arc<Mutex<Held>>,
}

/// Starts one; it serves until the test ends.
pub fn stand_in(manner: Manner) -> StandIn {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let held = Arc::new(Mutex::new(Held {
        packet: None,
        answers: 0,
        manner,
        due_by: 1_773_705_599,
        stops: None,
        requests: Vec::new(),
    }));
    let shared = Arc::clone(&held);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.expect("a connection"), &shared);
        }
    });
    StandIn { address, held }
}

fn serve(stream: TcpStream, held: &Mutex<Held>) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).expect("a request line");
    let (mut length, mut credential) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "authorization" => credential = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    // A form is ASCII; a file is not looked into.
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut held = held.lock().expect("the lock");
    let words: Vec<&str> = first.split(' ').take(2).collect();
    held.requests.push((words.join(" "), credential));
    let taken = words.first() == Some(&"POST") && body.contains("submit=true");
    if taken {
        let packet = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("metadata%5Bdocket_packet%5D="));
        held.packet = packet.map(|packet| packet.replace("%2F", "/"));
        held.answers += 1;
    }
    if let Some(process) = held
        .stops
        .take_if(|_| first.contains("/v1/disputes/dp_sample_1"))
    {
        let stop = Command::new("kill")
            .args(["-STOP", &process.to_string()])
            .status();
        assert!(stop.expect("kill runs").success());
    }
    if held.manner == Manner::HangUp {
        return;
    }
    let object = if first.contains("/v1/disputes?") || first.contains("/v1/events") {
        String::from(r#"{"object":"list","url":"/v1/disputes","has_more":false,"data":[]}"#)
    } else if first.contains("/v1/files") {
        String::from(r#"{"id":"file_sample_1","object":"file","purpose":"dispute_evidence"}"#)
    } else {
        dispute(&held)
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{object}",
        object.len()
    );
    reader
        .get_mut()
        .write_all(answer.as_bytes())
        .expect("an answer");
}

fn dispute(held: &Held) -> String {
    let (status, metadata) = match &held.packet {
        Some(packet) => (
            "under_review",
            format!("{{\"docket_packet\":\"{packet}\"}}"),
        ),
        None => ("needs_response", String::from("{}")),
    };
    format!(
        "{{\"id\":\"dp_sample_1\",\"object\":\"dispute\",\"amount\":8400,\"balance_transactions\":[],\
         \"charge\":\"ch_sample_1\",\"created\":1772442000,\"currency\":\"usd\",\"evidence\":{{}},\
         \"evidence_details\":{{\"due_by\":{},\"has_evidence\":{},\"past_due\":false,\"submission_count\":{}}},\
         \"is_charge_refundable\":false,\"livemode\":false,\"metadata\":{metadata},\"payment_intent\":\"pi_sample_1\",\
         \"payment_method_details\":{{\"card\":{{\"brand\":\"visa\",\"case_type\":\"chargeback\",\
         \"network_reason_code\":\"13.1\"}},\"type\":\"card\"}},\"reason\":\"product_not_received\",\"status\":\"{status}\"}}",
        held.due_by,
        held.packet.is_some(),
        held.answers
    )
}

impl StandIn {
    /// Settings of a desk that reaches this stand-in, with the key in a file beside them.
    pub fn settings(&self, account: &str) -> String {
        let address = &self.address;
        format!(
            "[[account]]\nprovider = \"stripe\"\naccount = \"{account}\"\nloopback = true\n\
             bases = {{ api = \"http://{address}\", files = \"http://{address}\" }}\n\
             credentials.api = {{ kind = \"bearer\", token = {{ file = \"secrets/stripe-key\" }} }}\n\
             credentials.files = {{ kind = \"bearer\", token = {{ file = \"secrets/stripe-key\" }} }}\n"
        )
    }
}
