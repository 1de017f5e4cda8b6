//! Answers that mean to lead on, to fill memory or to hold a sender for ever.

use super::{BODY, PATIENT, SHORT, check_not_sent, impatient, loopback, post};
use crate::Trouble;
use crate::hook::Cut;
use crate::test_server::{self, Script, Server, answer, pace, read_request, write_until_refused};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// `CANARY` stands for the address of a listener that nobody may reach.
const REDIRECTS: &[(&str, &str)] = &[
    ("301 Moved Permanently", "http://CANARY/"),
    ("302 Found", "http://CANARY/"),
    ("303 See Other", "http://CANARY/"),
    ("307 Temporary Redirect", "http://CANARY/"),
    ("308 Permanent Redirect", "http://CANARY/"),
    ("300 Multiple Choices", "http://CANARY/"),
    ("305 Use Proxy", "http://CANARY/"),
    ("302 Found", "//CANARY/"),
    ("302 Found", "https://CANARY/"),
    ("302 Found", "/elsewhere"),
    ("302 Found", "gopher://CANARY/_x"),
    ("302 Found", "file:///etc/passwd"),
    ("302 Found", "data:text/plain,x"),
    ("302 Found", "http://user@CANARY/"),
    ("302 Found", "not a URL at all"),
    ("201 Created", "http://CANARY/"),
];

/// Other headers that ask for another request.
const LEADING: &[&str] = &[
    "Refresh: 0; url=http://CANARY/",
    "Link: <http://CANARY/>; rel=preload",
    "Alt-Svc: h2=\"CANARY\"; ma=86400",
    "Content-Location: http://CANARY/",
    "Set-Cookie: a=b; Domain=localhost",
    "Upgrade: h2c\r\nConnection: Upgrade",
    "Proxy-Authenticate: Basic realm=x",
    "WWW-Authenticate: Basic realm=x",
];

/// Answers that are none.
const BROKEN: &[&str] = &[
    "",
    "HTTP/1.1 200",
    "HTTP/2 200 OK\r\n\r\n",
    "ICY 200 OK\r\n\r\n",
    "220 mail.example.com ESMTP\r\n",
    "-ERR unknown command\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 99 Odd\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX A: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-A\0: b\r\n\r\n",
];

/// What follows the head where a body begins well and does not end well.
const CUT_SHORT: &[&str] = &[
    "Content-Length: 100\r\n\r\nten bytes.",
    "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
];

pub(super) const LINES: usize = REDIRECTS.len() + LEADING.len() + BROKEN.len() + CUT_SHORT.len();

#[test]
fn answers_that_lead_elsewhere_are_answers() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = canary.local_addr().unwrap().to_string();
    let redirects = REDIRECTS
        .iter()
        .map(|(status, location)| format!("{status}\r\nLocation: {location}"));
    let leading = LEADING.iter().map(|header| format!("200 OK\r\n{header}"));
    for head in redirects.chain(leading) {
        let head = head.replace("CANARY", &address);
        let reply = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::start(vec![answer(&reply)]);
        let got = post(&loopback(), &server.url()).unwrap();
        assert!(head.starts_with(&got.status.to_string()), "{head}: {got:?}");
        server.check_no_more();
    }
    test_server::check_silent(&canary);
}

#[test]
fn cookies_are_not_kept() {
    let sender = loopback();
    let reply = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![answer(reply), answer(reply)]);
    for _ in 0..2 {
        post(&sender, &server.url()).unwrap();
        let request = String::from_utf8(server.received()).unwrap();
        assert!(!request.contains("cookie"), "{request}");
    }
    server.check_no_more();
}

#[test]
fn answers_that_are_none_leave_it_open_whether_it_arrived() {
    for reply in BROKEN {
        let server = Server::start(vec![answer(reply)]);
        let got = post(&loopback(), &server.url());
        assert!(matches!(got, Err(Trouble::Lost(_))), "{reply:?}: {got:?}");
        server.check_no_more();
    }
}

#[test]
fn a_status_counts_however_its_body_ends() {
    for rest in CUT_SHORT {
        let server = Server::start(vec![answer(&format!("HTTP/1.1 200 OK\r\n{rest}"))]);
        let got = post(&loopback(), &server.url()).unwrap();
        assert_eq!((got.status, got.cut), (200, Some(Cut::Broken)), "{rest:?}");
        server.check_no_more();
    }
}

#[test]
fn the_request_is_what_was_given_and_nothing_else() {
    let reply = "HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nslow";
    let server = Server::start(vec![answer(reply)]);
    let url = format!("{}/hooks?shop=2", server.url());
    let headers = [("Webhook-Id".to_owned(), "evt_1".to_owned())];
    let got = loopback().post(&url, &headers, BODY).unwrap();
    assert_eq!(got.status, 429);
    assert_eq!(got.retry_after.as_deref(), Some("120"));
    assert_eq!((got.body.as_slice(), got.cut), (&b"slow"[..], None));
    let request = String::from_utf8(server.received()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /hooks?shop=2 HTTP/1.1"));
    let mut names: Vec<&str> = lines.map(|line| line.split(':').next().unwrap()).collect();
    names.sort_unstable();
    let want = [
        "accept",
        "content-length",
        "host",
        "user-agent",
        "webhook-id",
    ];
    assert_eq!(names, want);
    assert_eq!(body.as_bytes(), BODY);
    server.check_no_more();
}

/// Answers with this head and then these pieces without end. Returns how many bytes were written before the sender left.
#[track_caller]
fn check_bomb(head: &'static str, piece: Vec<u8>, want: Option<Cut>) -> usize {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let server = Server::start(vec![Box::new(move |mut stream: TcpStream| {
        let request = read_request(&mut stream);
        let _ = stream.write_all(head.as_bytes());
        write_until_refused(&mut stream, |_| {
            count.fetch_add(piece.len(), Ordering::SeqCst);
            piece.clone()
        });
        request
    })]);
    match (post(&loopback(), &server.url()), want) {
        (Ok(reply), Some(_)) => {
            assert_eq!((reply.status, reply.cut), (200, want), "{head:?}");
            assert_eq!(reply.body.len(), 64 * 1024);
        }
        (Err(Trouble::Lost(_)), None) => {}
        (got, _) => panic!("{head:?}: {got:?}"),
    }
    server.check_no_more();
    written.load(Ordering::SeqCst)
}

#[test]
fn bombs_are_left_after_a_few_bytes() {
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000)).into_bytes();
    let header = format!("X-A: {}\r\n", "a".repeat(1_000)).into_bytes();
    let plain = || vec![b'a'; 0x1000];
    let size = Some(Cut::Size);
    for (head, piece, want) in [
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            chunk,
            size,
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", plain(), size),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
            plain(),
            size,
        ),
        // Packed zeros would be a thousand times as many; as they are never unpacked, bytes are bytes.
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            vec![0x1f; 0x1000],
            size,
        ),
        // A hundred megabytes of headers, as many or as one.
        ("HTTP/1.1 200 OK\r\n", header, None),
        ("HTTP/1.1 200 OK\r\nX-A: ", plain(), None),
    ] {
        let written = check_bomb(head, piece, want);
        // What the operating system buffers for both sides, beside what was read.
        assert!(written < 32 * 1024 * 1024, "{head:?}: {written} bytes");
    }
}

#[test]
fn interim_answers_without_end_are_left() {
    let script: Script = Box::new(|mut stream: TcpStream| {
        let request = read_request(&mut stream);
        write_until_refused(&mut stream, |stream| {
            pace(stream, SHORT / 30);
            b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec()
        });
        request
    });
    let server = Server::start(vec![script]);
    let got = post(&impatient(), &server.url());
    assert!(matches!(got, Err(Trouble::Lost(_))), "{got:?}");
    server.check_no_more();
}

/// Drips one byte after another behind this beginning, each well within any timeout for a read.
#[track_caller]
fn check_drip(beginning: &'static str, status: Option<u16>) {
    let server = Server::start(vec![Box::new(move |mut stream: TcpStream| {
        let request = read_request(&mut stream);
        let _ = stream.write_all(beginning.as_bytes());
        write_until_refused(&mut stream, |stream| {
            pace(stream, SHORT / 20);
            b"a".to_vec()
        });
        request
    })]);
    let begun = Instant::now();
    let got = post(&impatient(), &server.url());
    match (&got, status) {
        (Err(Trouble::Lost(why)), None) => assert!(why.contains("timed out"), "{why}"),
        (Ok(reply), Some(status)) => {
            assert_eq!((reply.status, reply.cut), (status, Some(Cut::Broken)));
        }
        _ => panic!("{beginning:?}: {got:?}"),
    }
    assert!(begun.elapsed() < PATIENT / 4, "{:?}", begun.elapsed());
    server.check_no_more();
}

#[test]
fn drips_end_when_their_time_is_up() {
    check_drip("HTTP/1.1 200 OK\r\nX-Slow: ", None);
    check_drip(
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        Some(200),
    );
    check_drip("HTTP/1.1 500 Oops\r\n\r\n", Some(500));
}

#[test]
fn servers_that_never_answer_are_lost_and_those_that_are_not_there_not_sent() {
    let silent = Server::start(vec![Box::new(|mut stream: TcpStream| {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        all
    })]);
    let got = post(&impatient(), &silent.url());
    assert!(matches!(got, Err(Trouble::Lost(_))), "{got:?}");
    silent.check_no_more();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let got = post(&loopback(), &format!("http://127.0.0.1:{port}/"));
    check_not_sent(got, "refused", "nobody listens");
}
