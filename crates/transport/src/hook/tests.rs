//! Attacks on the sender of webhooks: by URL, by name, by header, by answer. A canary that listens on this machine tells
//! whether anything left.

mod answers;
mod names;

use super::{OpenSender, Reply, Sender, Settings};
use crate::Trouble;
use crate::egress::Egress;
use crate::egress::attacks::{PUBLIC, REFUSED, REFUSED_URLS};
use crate::test_server::{self, Server, answer};
use std::io::Read;
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Enough for a local server that answers, and not waited for by one that does.
const PATIENT: Duration = Duration::from_secs(20);

/// How long tests wait for what never comes.
const SHORT: Duration = Duration::from_millis(300);

const BODY: &[u8] = br#"{"id":"evt_1"}"#;

fn loopback() -> Sender {
    Sender::open(Settings {
        timeout_connect: PATIENT / 2,
        timeout_total: PATIENT,
        ..Settings::usual(Egress::Loopback)
    })
    .unwrap()
}

fn impatient() -> Sender {
    Sender::open(Settings {
        timeout_connect: SHORT,
        timeout_total: SHORT * 2,
        ..Settings::usual(Egress::Loopback)
    })
    .unwrap()
}

fn post(sender: &Sender, url: &str) -> Result<Reply, Trouble> {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    sender.post(url, &headers, BODY)
}

#[track_caller]
fn check_not_sent(got: Result<Reply, Trouble>, want: &str, what: &str) {
    match got {
        Err(Trouble::NotSent(why)) if why.contains(want) => {}
        other => panic!("{what}: {other:?}, expected not sent: {want}"),
    }
}

/// A listener that nobody may reach, and a sender whose operator has listed its port, so that only the guard over
/// addresses stands between them. Every name leads straight to the canary.
struct Canary {
    listener: TcpListener,
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Canary {
    fn listen() -> Canary {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        Canary {
            listener,
            port,
            asked,
        }
    }

    /// A sender to the public internet that takes these addresses for every name.
    fn sender(&self, addresses: &[&str]) -> Sender {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let asked = Arc::clone(&self.asked);
        Sender::with_lookup(self.settings(), move |_: &str| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(addresses.clone())
        })
        .unwrap()
    }

    fn settings(&self) -> Settings {
        Settings::usual(Egress::Public {
            ports: [self.port].into(),
            also: Vec::new(),
        })
    }

    fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/hooks", self.port)
    }

    /// How often a name was looked up, once nobody was found to have connected.
    #[track_caller]
    fn check_silent(self) -> usize {
        test_server::check_silent(&self.listener);
        self.asked.load(Ordering::SeqCst)
    }
}

fn bracketed(address: &str) -> String {
    match address.contains(':') {
        true => format!("[{address}]"),
        false => address.to_owned(),
    }
}

#[test]
fn refused_addresses_are_refused_in_urls() {
    let canary = Canary::listen();
    let sender = canary.sender(&["127.0.0.1"]);
    for (address, want) in REFUSED {
        let url = canary.url(&bracketed(address));
        check_not_sent(post(&sender, &url), want, &url);
        assert!(sender.admit(&url).is_err(), "{url}");
    }
    assert_eq!(canary.check_silent(), 0, "nothing is looked up");
}

#[test]
fn urls_that_hide_where_they_lead_are_refused() {
    let canary = Canary::listen();
    let sender = canary.sender(&["127.0.0.1"]);
    for (url, want) in REFUSED_URLS {
        // A merchant's URL may have a query.
        if *want != "a query" {
            check_not_sent(post(&sender, url), want, url);
        }
    }
    assert_eq!(canary.check_silent(), 0, "nothing is looked up");
}

/// Spellings aimed at the canary itself; `PORT` stands for its port.
const AT_THE_CANARY: &[(&str, &str)] = &[
    ("https://127.0.0.1:PORT", "loopback"),
    ("https://127.1:PORT/", "loopback"),
    ("https://0:PORT", "this network"),
    ("https://0x7f000001:PORT/hooks", "loopback"),
    ("https://2130706433:PORT", "loopback"),
    ("https://017700000001:PORT", "loopback"),
    ("https://127.0.0.1.:PORT", "loopback"),
    ("https://[::1]:PORT", "loopback"),
    ("https://[::]:PORT", "unspecified"),
    ("https://[::ffff:127.0.0.1]:PORT", "mapped"),
    ("https://[::ffff:7f00:1]:PORT", "mapped"),
    ("https://[::127.0.0.1]:PORT", "IPv4-compatible"),
    ("https://[64:ff9b::7f00:1]:PORT", "translated"),
    ("https://[2002:7f00:1::]:PORT", "6to4"),
    ("https://[::1%25lo]:PORT", "not a URL"),
    ("https://[::1%lo]:PORT", "not a URL"),
    ("https://localhost:PORT", "private use"),
    ("https://LocalHost:PORT", "private use"),
    ("https://hooks.localhost:PORT", "private use"),
    ("https://localhost.:PORT", "spelled"),
    ("https://loc\u{ff41}lhost:PORT", "character"),
    ("https://\u{24db}ocalhost:PORT", "character"),
    ("https://127\u{3002}0\u{3002}0\u{3002}1:PORT", "character"),
    ("https://%6c%6f%63%61lhost:PORT", "spelled"),
    (
        "https://hooks.example.com@127.0.0.1:PORT",
        "user information",
    ),
    (
        "https://hooks.example.com:443@127.0.0.1:PORT",
        "user information",
    ),
    (
        "https://127.0.0.1:PORT@hooks.example.com",
        "user information",
    ),
    ("https://hooks.example.com\\@127.0.0.1:PORT", "character"),
    ("https://hooks.example.com#@127.0.0.1:PORT", "a fragment"),
    ("https://hooks.example.com/#x", "a fragment"),
    ("https://1.1.1.1 &@127.0.0.1:PORT# @2.2.2.2/", "character"),
    ("https:127.0.0.1:PORT", "loopback"),
    ("https:///127.0.0.1:PORT", "loopback"),
    ("http://127.0.0.1:PORT", "scheme `http`"),
    ("http://hooks.example.com:PORT", "scheme `http`"),
    ("gopher://127.0.0.1:PORT/_POST", "scheme `gopher`"),
    ("dict://127.0.0.1:PORT/x", "scheme `dict`"),
    ("ftp://127.0.0.1:PORT/", "scheme `ftp`"),
    ("wss://127.0.0.1:PORT/", "scheme `wss`"),
    ("file://127.0.0.1:PORT/", "not a URL"),
    ("jar:https://127.0.0.1:PORT!/", "scheme `jar`"),
    ("https://127.0.0.1:PORT\r\nHost: x", "character"),
];

#[test]
fn spellings_of_this_machine_reach_nobody() {
    let canary = Canary::listen();
    let sender = canary.sender(&["127.0.0.1"]);
    for (url, want) in AT_THE_CANARY {
        let url = url.replace("PORT", &canary.port.to_string());
        check_not_sent(post(&sender, &url), want, &url);
    }
    assert_eq!(canary.check_silent(), 0, "nothing is looked up");
}

#[test]
fn ports_that_are_not_listed_are_refused() {
    let sender = Sender::with_lookup(Settings::usual(Egress::public()), |_: &str| {
        panic!("nothing is looked up")
    })
    .unwrap();
    // Those of other protocols, our own listener's, and those beside 443.
    for port in [
        "0", "21", "22", "23", "25", "53", "80", "110", "139", "442", "444", "445", "2375", "3306",
        "5432", "6379", "8080", "8443", "8787", "9200", "11211", "27017", "65535",
    ] {
        for host in ["hooks.example.com", "8.8.8.8", "[2606:4700:4700::1111]"] {
            let url = format!("https://{host}:{port}/");
            let want = format!("port {port} is not among the allowed 443");
            check_not_sent(post(&sender, &url), &want, &url);
        }
    }
}

#[test]
fn urls_that_merchants_have_are_admitted() {
    let sender = Sender::open(Settings::usual(Egress::public())).unwrap();
    for url in [
        "https://merchant-1.example.com",
        "https://merchant-1.example.com/hooks?shop=2&token=a%20b",
        "https://merchant-1.example.com:443/hooks/",
        "https://xn--hndler-bua.example.com/",
        "https://8.8.8.8/hooks",
    ] {
        assert_eq!(sender.admit(url), Ok(()), "{url}");
    }
    for address in PUBLIC {
        let url = format!("https://{}/", bracketed(address));
        assert_eq!(sender.admit(&url), Ok(()), "{url}");
    }
    let long = format!("https://example.com/{}", "a".repeat(2_029));
    check_not_sent(post(&sender, &long), "2049 bytes, at most 2048", "long");
}

#[test]
fn headers_that_would_end_route_or_reframe_the_request_are_refused() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", canary.local_addr().unwrap());
    let long = "a".repeat(17_000);
    let forms = "no header may have";
    let names = "is not a header's name";
    let ours = "is set by the carrier alone";
    for (name, value, want) in [
        ("X-A", "b\r\nHost: 10.0.0.1", forms),
        ("X-A", "b\nX-B: c", forms),
        ("X-A", "b\rX-B: c", forms),
        ("X-A", "b\r\n\r\nGET /internal HTTP/1.1", forms),
        ("X-A", "b\0c", forms),
        ("X-A", "\u{7f}", forms),
        ("X-A\r\nX-B", "c", names),
        ("X-A: b\r\nX-B", "c", names),
        ("X A", "b", names),
        ("X-\u{e4}", "b", names),
        ("", "b", names),
        (":authority", "10.0.0.1", names),
        ("Host", "10.0.0.1", ours),
        ("HOST", "10.0.0.1", ours),
        ("Content-Length", "0", ours),
        ("Transfer-Encoding", "chunked", ours),
        ("Connection", "keep-alive", ours),
        ("Upgrade", "h2c", ours),
        ("Expect", "100-continue", ours),
        ("TE", "trailers", ours),
        ("Trailer", "x", ours),
        ("Cookie", "a=b", ours),
        ("Authorization", "Bearer x", ours),
        ("Proxy-Authorization", "Basic x", ours),
        ("Proxy-Connection", "keep-alive", ours),
        ("Accept-Encoding", "gzip", ours),
        ("User-Agent", "x", ours),
        ("X-A", &long, "headers have 17003 bytes, at most 16384"),
    ] {
        let headers = [(name.to_owned(), value.to_owned())];
        let got = loopback().post(&url, &headers, BODY);
        check_not_sent(got, want, &format!("{name:?}: {value:.20?}"));
    }
    test_server::check_silent(&canary);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for (connect, total) in [(0, 1), (1, 1), (2, 1)] {
        let settings = Settings {
            timeout_connect: Duration::from_secs(connect),
            timeout_total: Duration::from_secs(total),
            ..Settings::usual(Egress::public())
        };
        let refused = Sender::open(settings).err();
        assert!(matches!(refused, Some(OpenSender::Timeouts { .. })));
    }
}

#[test]
fn the_tables_hold_more_attacks_than_the_150_asked_for() {
    let urls = REFUSED.len() + REFUSED_URLS.len() + AT_THE_CANARY.len();
    let all = urls + names::LINES + answers::LINES;
    assert!(all >= 320, "{all}");
}

/// Reads what comes until nothing more comes or the other side closes.
fn hello(mut stream: TcpStream) -> Vec<u8> {
    let mut record = [0; 5];
    stream.read_exact(&mut record).unwrap();
    let length = u16::from_be_bytes([record[3], record[4]]);
    let mut rest = vec![0; usize::from(length)];
    stream.read_exact(&mut rest).unwrap();
    rest
}

#[test]
fn tls_offers_no_protocol_in_which_hosts_share_a_connection() {
    let server = Server::start(vec![Box::new(hello)]);
    let got = post(&loopback(), &server.tls_url());
    check_not_sent(got, "", "closed in the handshake");
    let hello = server.received();
    assert!(
        !hello.windows(3).any(|bytes| bytes == b"\x02h2"),
        "{hello:?}"
    );
}

/// Run by the next test in a process of its own, because an environment belongs to a whole process.
#[test]
fn under_a_proxy_environment() {
    let Ok(url) = std::env::var("HOOK_TEST_TARGET") else {
        return;
    };
    assert_eq!(post(&loopback(), &url).unwrap().status, 204);
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", canary.local_addr().unwrap());
    let server = Server::start(vec![answer("HTTP/1.1 204 No Content\r\n\r\n")]);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "hook::tests::under_a_proxy_environment"]);
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        child.env(name, &proxy);
    }
    let child = child
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env("HOOK_TEST_TARGET", server.url());
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert!(server.received().starts_with(b"POST / HTTP/1.1\r\n"));
    server.check_no_more();
    test_server::check_silent(&canary);
}
