//! `docket serve` over real HTTP.

use crate::run::{Folder, demo_desk, docket, program, ran, sample_desk};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// One notification of a chargeback, signed with the demonstration's synthetic key. Adyen's signature has no time in it, so
/// that this one is good for ever.
pub const SIGNED: &str = r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"chargebackReasonCode":"13.1","chargebackSchemeCode":"visa","hmacSignature":"YAH5/Wsgwxu/RyfEKuOIVtYIf0EHBYBIyGNnV2qRm0g="},"amount":{"currency":"EUR","value":8400},"eventCode":"CHARGEBACK","eventDate":"2026-11-22T10:00:00+01:00","merchantAccountCode":"Merchant1Retail","merchantReference":"order-1","originalReference":"8815000000000000","paymentMethod":"visa","pspReference":"8815000000000001","reason":"","success":"true"}}]}"#;
pub const WAY: &str = "/in/adyen/Merchant1Retail";

/// A running `serve`.
pub struct Serving {
    pub child: Child,
    pub address: String,
    /// What it wrote on standard error, where that was not taken for another purpose.
    log: Option<Folder>,
}

impl Serving {
    pub fn start(dir: &str) -> Serving {
        Serving::told(dir, &[])
    }

    /// At an address that was chosen before.
    pub fn at(dir: &str, address: &str) -> Serving {
        let mut command = program();
        command.args(["serve", "--dir", dir, "--listen", address, "--json"]);
        Serving::run(command)
    }

    /// Bytes on a connection of their own, and everything that came back.
    pub fn exchange(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        // One that refuses early closes before it has read everything.
        let _sent = stream.write_all(request);
        let mut answer = Vec::new();
        let _until_closed = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// With settings from the environment.
    pub fn told(dir: &str, variables: &[(&str, &str)]) -> Serving {
        let mut command = program();
        command.args(["serve", "--dir", dir, "--listen", "127.0.0.1:0", "--json"]);
        command.envs(variables.iter().copied());
        Serving::run(command)
    }

    /// With its log in a folder of its own: a test that waits in vain shows it.
    pub fn run(command: Command) -> Serving {
        let folder = Folder::new();
        let log = std::fs::File::create(folder.path("log")).expect("a log");
        let mut serving = Serving::logged(command, Stdio::from(log));
        serving.log = Some(folder);
        serving
    }

    fn log(&self) -> String {
        let read = |folder: &Folder| std::fs::read_to_string(folder.path("log"));
        let log = self.log.as_ref().map_or(Ok(String::new()), read);
        log.unwrap_or_else(|error| error.to_string())
    }

    /// With its log somewhere.
    pub fn logged(mut command: Command, log: Stdio) -> Serving {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut said = String::new();
        let mut reader = BufReader::new(child.stdout.take().expect("its answer is ours"));
        // One JSON value, indented: it ends with a closing brace on a line of its own.
        while !said.trim_end().ends_with('}') {
            assert!(
                reader.read_line(&mut said).expect("it speaks") > 0,
                "serve ended: {said}"
            );
        }
        let said: serde_json::Value = serde_json::from_str(&said).expect("one JSON value");
        Serving {
            child,
            address: said["listening"].as_str().expect("an address").to_owned(),
            log: None,
        }
    }

    /// Sends a request and gives status and body.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).expect("it reads");
        // One that refuses early closes before it has read everything.
        let _sent = stream.write_all(body);
        let mut answer = Vec::new();
        let _until_closed = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        let body = answer
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
            .to_owned();
        (status, body)
    }

    /// Asks again until it is so. Each question costs a run of the program, so that this waits without a clock; a desk that
    /// never gets there ends after as many questions.
    pub fn until(&mut self, what: &str, so: impl Fn() -> bool) {
        for _question in 0..20_000 {
            if so() {
                return;
            }
            assert!(
                self.child.try_wait().expect("its state").is_none(),
                "serve ended before {what}\n{}",
                self.log()
            );
        }
        panic!("never: {what}\n{}", self.log());
    }

    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status();
        assert!(kill.expect("kill runs").success());
    }

    /// Tells it to stop and waits until it has drained.
    pub fn stop(mut self) {
        self.signal("-TERM");
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Only what a failed test left: one that was stopped has ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn documents(dir: &str) -> u64 {
    let health = docket(&["doctor", "--dir", dir, "--json"]).json();
    health["checks"][0]["looked_at"].as_u64().unwrap()
}

#[test]
fn a_signed_webhook_is_kept_acknowledged_and_becomes_a_case() {
    let (_folder, dir) = demo_desk();
    let mut serving = Serving::start(&dir);
    assert_eq!(serving.send("GET", "/healthz", &[], b"").0, 200);
    assert_eq!(
        serving.send("GET", "/readyz", &[], b""),
        (200, String::from("ready\n"))
    );
    let (status, body) = serving.send("POST", WAY, &[], SIGNED.as_bytes());
    assert_eq!((status, body.as_str()), (200, "[accepted]"));
    serving.until("the case is there", || {
        docket(&["show", "--dir", &dir, "8815000000000001"]).code == 0
    });
    // The same again is one document more often arrived, and acknowledged all the same (F-09).
    let before = documents(&dir);
    assert_eq!(serving.send("POST", WAY, &[], SIGNED.as_bytes()).0, 200);
    assert_eq!(documents(&dir), before);
    serving.stop();
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}

#[test]
fn what_cannot_be_verified_is_kept_and_refused() {
    let (_folder, dir) = demo_desk();
    let held = |dir: &str| {
        let list = docket(&["quarantine", "list", "--dir", dir, "--json"])
            .exits(0)
            .json();
        list["documents"].as_array().unwrap().len()
    };
    let before = held(&dir);
    let serving = Serving::start(&dir);
    let forged = SIGNED.replace("8400", "8401");
    let (status, body) = serving.send("POST", WAY, &[], forged.as_bytes());
    assert_eq!(
        (status, body.as_str()),
        (401, "kept in quarantine: signature wrong\n")
    );
    assert_eq!(held(&dir), before + 1);
    assert_eq!(
        serving
            .send("POST", "/in/adyen/SomebodyElse", &[], SIGNED.as_bytes())
            .0,
        404
    );
    assert_eq!(
        serving
            .send("POST", "/in/acme/Merchant1Retail", &[], SIGNED.as_bytes())
            .0,
        404
    );
    assert_eq!(serving.send("GET", WAY, &[], b"").0, 405);
    let large = vec![b' '; 2 * 1024 * 1024];
    assert_eq!(serving.send("POST", WAY, &[], &large).0, 413);
    assert_eq!(held(&dir), before + 1);
    serving.stop();
}

#[test]
fn whatever_was_acknowledged_survives_a_kill() {
    let (_folder, dir) = demo_desk();
    let before = documents(&dir);
    let mut serving = Serving::start(&dir);
    for number in 0..20 {
        let body = SIGNED.replace("order-1", &format!("order-{number}"));
        assert_eq!(
            serving.send("POST", WAY, &[], body.as_bytes()).0,
            if number == 1 { 200 } else { 401 }
        );
    }
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    assert!(documents(&dir) >= before + 20);
    let serving = Serving::start(&dir);
    assert_eq!(serving.send("GET", "/readyz", &[], b"").0, 200);
    serving.stop();
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}

#[test]
fn only_one_process_sends_for_a_desk() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::start(&dir);
    docket(&["serve", "--dir", &dir, "--listen", "127.0.0.1:0"])
        .exits(2)
        .complains("DP-3013");
    let at = ["--at", "2026-03-03T09:00:00Z"];
    let submit = ["submit", "--dir", &dir, "dp_sample_1", "--send"];
    docket(&[&submit[..], &at[..]].concat())
        .exits(2)
        .complains("DP-3013");
    serving.stop();
    docket(&[&submit[..], &at[..]].concat())
        .exits(4)
        .complains("DP-1014");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let (_folder, dir) = sample_desk();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    docket(&["serve", "--dir", &dir, "--listen", &address])
        .exits(1)
        .complains("DP-3010");
}

#[test]
fn the_demonstration_serves_when_it_is_not_told_to_stop() {
    let folder = Folder::new();
    let dir = folder.path("desk");
    let mut command = program();
    command.args([
        "demo",
        "--dir",
        &dir,
        "--listen",
        "127.0.0.1:0",
        "--at",
        crate::run::MORNING,
    ]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let reader = BufReader::new(child.stdout.take().unwrap());
    let line = reader
        .lines()
        .map_while(Result::ok)
        .find(|line| line.starts_with("listening on http://"));
    let line = line.expect("it says where it listens");
    let address = line
        .split(['/', ' '])
        .find(|word| word.starts_with("127.0.0.1:"))
        .unwrap()
        .to_owned();
    let serving = Serving {
        child,
        address,
        log: None,
    };
    assert_eq!(serving.send("POST", WAY, &[], SIGNED.as_bytes()).0, 200);
    serving.stop();
}

#[test]
fn every_mistake_of_the_settings_is_listed_before_anything_opens() {
    let folder = Folder::new();
    let dir = folder.path("desk");
    folder.write(
        "desk/desk.toml",
        b"[limits]\ncost = 0\n[[account]]\nprovider = \"adyen\"\naccount = \"a\"\n\
          webhook_secrets.now = { env = \"NO_SUCH_SECRET\" }\n",
    );
    docket(&["serve", "--check", "--dir", &dir])
        .exits(2)
        .complains("`limits.cost`: expected a number from 1 to 100000, found 0");
    let told = |variables: &[(&str, &str)]| {
        let mut command = program();
        command.envs(variables.iter().copied());
        let args = ["serve", "--check", "--dir", &dir];
        ran(command.args(args).output().unwrap(), &args)
    };
    let fixed = ("DOCKET_LIMITS_COST", "400");
    told(&[fixed, ("DOCKET_LIMITS_COSTS", "1")])
        .exits(2)
        .complains("`DOCKET_LIMITS_COSTS`: no setting");
    told(&[fixed])
        .exits(2)
        .complains("the environment variable `NO_SUCH_SECRET` is not set");
    told(&[fixed, ("NO_SUCH_SECRET", "00ff")])
        .exits(0)
        .says("in order, for 1 accounts");
    assert!(!std::path::Path::new(&dir).join("desk.db").exists());
}

/// The whole answer to one request as it stands on the wire.
fn raw(serving: &Serving, text: &str) -> String {
    let mut stream = TcpStream::connect(&serving.address).expect("it listens");
    stream.write_all(text.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    let _until_closed = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_caller_beyond_its_rate_is_told_when_to_come_back() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::told(
        &dir,
        &[
            ("DOCKET_LIMITS_READS_PER_SECOND", "1"),
            ("DOCKET_LIMITS_READS_BURST", "3"),
        ],
    );
    let ask = "GET /v1/nothing HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n";
    for left in ["2", "1", "0"] {
        let answer = raw(&serving, ask);
        assert!(answer.contains("ratelimit-limit: 3"), "{answer}");
        assert!(
            answer.contains(&format!("ratelimit-remaining: {left}")),
            "{answer}"
        );
    }
    let answer = raw(&serving, ask);
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    for part in [
        "retry-after: 1",
        "stripe-should-retry: true",
        "request-id: req_",
        "\"request_id\":\"req_",
        "\"type\":\"rate_limit_error\"",
        "\"code\":\"rate_limit\"",
    ] {
        assert!(answer.contains(part), "no {part} in {answer}");
    }
    // Writes have a budget of their own, and health is nobody's to limit.
    assert_ne!(serving.send("POST", "/v1/nothing", &[], b"").0, 429);
    for _ in 0..5 {
        assert_eq!(serving.send("GET", "/healthz", &[], b"").0, 200);
    }
    serving.stop();
}

/// A browser says what it accepts; a program that does not, or asks the interface for programs, gets JSON.
#[test]
fn a_browser_is_told_on_a_page_and_a_program_in_json() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::told(
        &dir,
        &[
            ("DOCKET_LIMITS_READS_PER_SECOND", "1"),
            ("DOCKET_LIMITS_READS_BURST", "9"),
        ],
    );
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let ask = |path: &str, accept: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: desk\r\naccept: {accept}");
        raw(&serving, &format!("{head}\r\nconnection: close\r\n\r\n"))
    };
    let check = |path: &str, accept: &str, status: &str, parts: &[&str]| {
        // One more is let in every second: it may take several to be beyond the rate.
        let mut tries = (0..500).map(|_| ask(path, accept));
        let answer = match status {
            "429" => tries.find(|answer| answer.starts_with("HTTP/1.1 429 ")),
            _ => tries.next(),
        };
        let answer = answer.expect("it is beyond the rate in the end");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
        for part in parts {
            assert!(answer.contains(part), "{path}: no {part} in {answer}");
        }
    };
    let page = [
        "content-type: text/html",
        "content-security-policy: default-src 'none'",
        "<h1>Not found</h1>",
    ];
    let json = ["content-type: application/json", "Unrecognized request URL"];
    check("/nowhere", browser, "404", &page);
    // The address of a form, asked as a page is.
    let form = [
        "content-type: text/html",
        "allow: POST",
        "<h1>Nothing to see here</h1>",
    ];
    check("/disputes/dp_1/seal", browser, "405", &form);
    check("/nowhere", "*/*", "404", &json);
    check("/v1/nothing", browser, "404", &json);
    check("/docket/v1/nothing", browser, "404", &json);
    let late = [
        "content-type: text/html",
        "content-security-policy: default-src 'none'",
        "retry-after: 1",
        "Wait a second, then load the page again.",
    ];
    check("/nowhere", browser, "429", &late);
    check(
        "/v1/nothing",
        browser,
        "429",
        &["\"type\":\"rate_limit_error\""],
    );
    serving.stop();
}

#[test]
fn a_request_that_costs_too_much_is_refused_before_it_is_done() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::told(&dir, &[("DOCKET_LIMITS_COST", "300")]);
    let path = "/v1/disputes?limit=100&expand[]=data.charge&expand[]=data.payment_intent";
    let (status, body) = serving.send("GET", path, &[], b"");
    assert_eq!(status, 400);
    assert!(body.contains("asks for 500 objects, at most 300"), "{body}");
    serving.stop();
}

#[test]
fn slow_and_oversized_heads_are_cut() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::told(
        &dir,
        &[
            ("DOCKET_LIMITS_HEAD_SECONDS", "1"),
            ("DOCKET_LIMITS_HEAD_BYTES", "8192"),
        ],
    );
    // Half a head, and nothing for ever: the server hangs up, or this test never ends.
    let answer = raw(&serving, "GET /healthz HTTP/1.1\r\nhost: de");
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    let long = "x".repeat(20_000);
    let ask = format!("GET /healthz HTTP/1.1\r\nhost: desk\r\nx-long: {long}\r\n\r\n");
    let answer = raw(&serving, &ask);
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    // An idle connection is cut too.
    let answer = raw(&serving, "GET /healthz HTTP/1.1\r\nhost: desk\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    serving.stop();
}

#[test]
fn readiness_says_each_part() {
    let (_folder, dir) = sample_desk();
    let json = [("accept", "application/json")];
    let parts = |body: &str| -> Vec<(String, bool)> {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let parts = body["parts"].as_array().unwrap().clone();
        parts
            .iter()
            .map(|part| {
                let name = part["name"].as_str().unwrap().to_owned();
                (name, part["trouble"].as_str().unwrap().is_empty())
            })
            .collect()
    };
    let serving = Serving::start(&dir);
    let (status, body) = serving.send("GET", "/readyz", &json, b"");
    let names = ["door", "worker", "teller", "store", "disk", "clock"];
    let good: Vec<(String, bool)> = names.iter().map(|name| (name.to_string(), true)).collect();
    assert_eq!((status, parts(&body)), (200, good));
    serving.stop();
    let terabyte = "1099511627776";
    let serving = Serving::told(&dir, &[("DOCKET_WORKER_DISK_BYTES_MIN", terabyte)]);
    let (status, body) = serving.send("GET", "/readyz", &[], b"");
    assert_eq!(status, 503);
    assert!(
        body.starts_with("disk: ") && body.contains("expected at least"),
        "{body}"
    );
    serving.stop();
}

#[test]
fn a_request_under_way_is_finished_when_told_to_stop() {
    let (_folder, dir) = demo_desk();
    let mut serving = Serving::start(&dir);
    let mut stream = TcpStream::connect(&serving.address).unwrap();
    let head = format!(
        "POST {WAY} HTTP/1.1\r\nhost: desk\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        SIGNED.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Once it asks for the body, the request is under way.
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
    serving.signal("-TERM");
    // No new connection is taken from now on.
    let address = serving.address.clone();
    serving.until("it closed its door", || {
        TcpStream::connect(&address).is_err()
    });
    stream.write_all(SIGNED.as_bytes()).unwrap();
    let mut answer = String::new();
    reader.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("HTTP/1.1 200 ") && answer.contains("[accepted]"),
        "{answer}"
    );
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    // The worker's last round saw it.
    docket(&["show", "--dir", &dir, "8815000000000001"]).exits(0);
}

#[test]
fn a_second_signal_ends_at_once() {
    let (_folder, dir) = demo_desk();
    let mut serving = Serving::told(&dir, &[("DOCKET_WORKER_DRAIN_SECONDS", "600")]);
    let mut stream = TcpStream::connect(&serving.address).unwrap();
    let head = format!(
        "POST {WAY} HTTP/1.1\r\nhost: desk\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap())
        .read_line(&mut line)
        .unwrap();
    serving.signal("-TERM");
    let address = serving.address.clone();
    serving.until("it closed its door", || {
        TcpStream::connect(&address).is_err()
    });
    serving.signal("-TERM");
    assert_eq!(serving.child.wait().unwrap().code(), Some(1));
    docket(&["doctor", "--dir", &dir, "--at", crate::run::MORNING]).exits(0);
}

#[test]
fn metrics_are_counted_beside_the_public_address() {
    let (_folder, dir) = demo_desk();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let serving = Serving::told(&dir, &[("DOCKET_OBSERVABILITY_METRICS_LISTEN", &address)]);
    assert_eq!(serving.send("POST", WAY, &[], SIGNED.as_bytes()).0, 200);
    assert_eq!(
        serving
            .send("GET", "/v1/disputes/dp_nothing?secret=1", &[], b"")
            .0,
        401
    );
    // The public address has none.
    assert_eq!(serving.send("GET", "/metrics", &[], b"").0, 404);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    for part in [
        "docket_request_seconds_count{method=\"POST\",route=\"/in/{provider}/{account}\",status=\"200\"} 1",
        "docket_request_seconds_bucket{le=\"30.0\",method=\"POST\"",
        "status=\"401\"} 1",
        "docket_kept_total{provider=\"adyen\"} 1",
        "docket_door_commit_seconds_count 1",
        "docket_documents{provider=\"stripe\",fate=\"applied\"}",
        "docket_oldest_pending_seconds",
        "docket_outbox{state=\"in_doubt\"}",
        "docket_findings_open{kind=",
        "docket_pool_loans",
        "docket_build_info{version=",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    assert!(
        !text.contains("dp_nothing") && !text.contains("secret"),
        "{text}"
    );
    serving.stop();
}
