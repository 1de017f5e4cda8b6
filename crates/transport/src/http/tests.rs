//! The carrier against real local servers that behave, misbehave, or never answer.

mod draft;
mod token;

use super::{Body, Carrier, Credential, OpenCarrier, Part, Reply, Settings};
use crate::egress::Egress;
use crate::test_server::{Server, answer, pace, read_request, write_until_refused};
use crate::{Secret, Trouble, test_server};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Enough for a local server that answers, and not waited for by one that does.
const PATIENT: Duration = Duration::from_secs(20);

/// How long tests wait for what never comes.
const SHORT: Duration = Duration::from_millis(300);

const BODY_MAX: usize = 64 * 1024;

fn settings(url: &str) -> Settings {
    Settings {
        bases: BTreeMap::from([("api".to_owned(), url.to_owned())]),
        credentials: BTreeMap::new(),
        timeout_connect: PATIENT / 2,
        timeout_total: PATIENT,
        response_bytes_max: BODY_MAX,
        allow: Egress::Loopback,
    }
}

fn carrier(url: &str) -> Carrier {
    Carrier::open(settings(url)).unwrap()
}

fn impatient(url: &str) -> Carrier {
    let quick = Settings {
        timeout_connect: SHORT,
        timeout_total: SHORT * 2,
        ..settings(url)
    };
    Carrier::open(quick).unwrap()
}

fn post(carrier: &Carrier) -> Result<Reply, Trouble> {
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    carrier.send(
        "api",
        "POST",
        "/v1/disputes",
        &headers,
        Body::Bytes(b"{\"submit\":true}".to_vec()),
    )
}

#[track_caller]
fn check_lost(sent: Result<Reply, Trouble>, want: &str) {
    match sent {
        Err(Trouble::Lost(why)) if why.contains(want) => {}
        other => panic!("{other:?}, expected lost: {want}"),
    }
}

#[track_caller]
fn check_not_sent(sent: Result<Reply, Trouble>, want: &str) {
    match sent {
        Err(Trouble::NotSent(why)) if why.contains(want) => {}
        other => panic!("{other:?}, expected not sent: {want}"),
    }
}

/// Lines of a received head in order, without those that vary by port.
fn head(received: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(received);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<String> = head
        .lines()
        .filter(|line| !line.starts_with("host:"))
        .map(str::to_owned)
        .collect();
    lines.get_mut(1..).unwrap().sort();
    lines
}

fn content(received: &[u8]) -> String {
    let text = String::from_utf8_lossy(received);
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn request_arrives_as_worded_and_reply_comes_back_whole() {
    let server = Server::start(vec![answer(
        "HTTP/1.1 409 Conflict\r\nX-One: 1\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 5\r\n\r\nhello",
    )]);
    let carrier = carrier(&format!("{}/base/", server.url()));
    let headers = [
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("Idempotency-Key".to_owned(), "k-1".to_owned()),
    ];
    let body = Body::Bytes(b"{\"a\":1}".to_vec());
    let reply = carrier
        .send("api", "POST", "/v1/x?limit=2&after=a%20b", &headers, body)
        .unwrap();
    assert_eq!(reply.status, 409);
    assert_eq!(reply.body, b"hello");
    let pairs: Vec<(&str, &str)> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("x-one", "1"),
            ("x-two", "a"),
            ("x-two", "b"),
            ("content-length", "5")
        ]
    );

    let received = server.received();
    let agent = concat!("user-agent: docket/", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        head(&received),
        [
            "POST /base/v1/x?limit=2&after=a%20b HTTP/1.1",
            "accept: */*",
            "content-length: 7",
            "content-type: application/json",
            "idempotency-key: k-1",
            agent,
        ]
    );
    assert_eq!(content(&received), "{\"a\":1}");
    server.check_no_more();
}

#[test]
fn empty_bodies_announce_nothing_on_get() {
    let ok = "HTTP/1.1 204 No Content\r\n\r\n";
    let server = Server::start(vec![answer(ok), answer(ok)]);
    let carrier = carrier(&server.url());
    for method in ["GET", "DELETE"] {
        let reply = carrier
            .send("api", method, "/x", &[], Body::Bytes(Vec::new()))
            .unwrap();
        assert_eq!((reply.status, reply.body), (204, Vec::new()));
        let lines = head(&server.received());
        assert_eq!(lines.first().unwrap(), &format!("{method} /x HTTP/1.1"));
        assert!(
            !lines
                .iter()
                .any(|line| line.starts_with("content-") || line.starts_with("transfer-")),
            "{lines:?}"
        );
    }
}

#[test]
fn multipart_arrives_byte_for_byte() {
    let server = Server::start(vec![answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
    let file: Vec<u8> = (0..=255).collect();
    let parts = vec![
        Part {
            name: "purpose".to_owned(),
            file_name: None,
            media_type: None,
            content: b"dispute_evidence".to_vec(),
        },
        Part {
            name: "file".to_owned(),
            file_name: Some("proof.pdf".to_owned()),
            media_type: Some("application/pdf".to_owned()),
            content: file.clone(),
        },
    ];
    carrier(&server.url())
        .send("api", "POST", "/files", &[], Body::Multipart(parts))
        .unwrap();
    let received = server.received();
    let mut want = b"--docket-part-0-x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n\
        --docket-part-0-x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"proof.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n"
        .to_vec();
    want.extend_from_slice(&file);
    want.extend_from_slice(b"\r\n--docket-part-0-x--\r\n");
    assert!(received.ends_with(&want));
    let lines = head(&received);
    assert!(
        lines.contains(&"content-type: multipart/form-data; boundary=docket-part-0-x".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&format!("content-length: {}", want.len())),
        "{lines:?}"
    );
}

#[test]
fn credentials_are_shown_and_never_printed() {
    let secret = || Secret::new("s3cret-value");
    let table = [
        (
            Credential::Basic {
                user: "merchant-1".to_owned(),
                password: secret(),
            },
            // RFC 7617: base64 of `merchant-1:s3cret-value`.
            "authorization: Basic bWVyY2hhbnQtMTpzM2NyZXQtdmFsdWU=",
        ),
        (
            Credential::Bearer(secret()),
            "authorization: Bearer s3cret-value",
        ),
        (
            Credential::Header {
                name: "X-API-Key".to_owned(),
                value: secret(),
            },
            "x-api-key: s3cret-value",
        ),
    ];
    for (credential, want) in table {
        let server = Server::start(vec![answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
        let mut settings = settings(&server.url());
        settings.credentials.insert("api".to_owned(), credential);
        assert!(!format!("{settings:?}").contains("s3cret"), "{settings:?}");
        post(&Carrier::open(settings).unwrap()).unwrap();
        let lines = head(&server.received());
        assert!(
            lines.contains(&want.to_owned()),
            "{lines:?}, expected {want}"
        );
    }
}

#[test]
fn redirects_are_answers_and_not_followed() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = canary.local_addr().unwrap();
        let server = Server::start(vec![answer(&format!(
            "HTTP/1.1 {status}\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n"
        ))]);
        let reply = post(&carrier(&server.url())).unwrap();
        assert!(
            status.starts_with(&reply.status.to_string()),
            "{}",
            reply.status
        );
        server.check_no_more();
    }
    test_server::check_silent(&canary);
}

#[test]
fn compressed_bodies_are_handed_on_as_they_came() {
    let server = Server::start(vec![answer(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b\x08\x00",
    )]);
    assert_eq!(
        post(&carrier(&server.url())).unwrap().body,
        b"\x1f\x0b\x08\x00"
    );
}

#[test]
fn connections_are_not_used_again() {
    let (keep, _kept) = mpsc::channel::<TcpStream>();
    let script = || -> test_server::Script {
        let keep = keep.clone();
        Box::new(move |mut stream: TcpStream| {
            let request = read_request(&mut stream);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .unwrap();
            // Left open: a second request on it would never be answered.
            keep.send(stream).unwrap();
            request
        })
    };
    let server = Server::start(vec![script(), script()]);
    let carrier = carrier(&server.url());
    for _ in 0..2 {
        assert_eq!(post(&carrier).unwrap().body, b"ok");
    }
    server.check_no_more();
}

#[test]
fn refused_connection_is_not_sent() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    check_not_sent(
        post(&carrier(&format!("http://127.0.0.1:{port}"))),
        "refused",
    );
}

#[test]
fn tls_that_does_not_come_about_is_not_sent() {
    // Something else than TLS; G13.
    let garbage = Server::start(vec![Box::new(|mut stream: TcpStream| {
        stream.write_all(b"220 mail.example.com ready\r\n").unwrap();
        drain(stream)
    })]);
    check_not_sent(post(&carrier(&garbage.tls_url())), "");
    // Closed in the middle of the handshake.
    let closed = Server::start(vec![Box::new(|mut stream: TcpStream| {
        let mut hello = [0; 16];
        stream.read_exact(&mut hello).unwrap();
        hello.to_vec()
    })]);
    check_not_sent(post(&carrier(&closed.tls_url())), "");
    let hello = closed.received();
    assert_eq!(
        hello.first(),
        Some(&0x16),
        "a TLS handshake record, not a request: {hello:?}"
    );
    // Never answered.
    let silent = Server::start(vec![Box::new(drain)]);
    check_not_sent(post(&impatient(&silent.tls_url())), "timed out");
}

/// Reads until the other side closes.
fn drain(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    all
}

#[test]
fn names_that_are_not_found_are_not_sent() {
    let not_found = |_: &str| Err(io::Error::new(io::ErrorKind::NotFound, "no such host"));
    let carrier = Carrier::with_lookup(settings("http://localhost:9"), not_found).unwrap();
    check_not_sent(post(&carrier), "no such host");
    let empty =
        Carrier::with_lookup(settings("http://localhost:9"), |_: &str| Ok(Vec::new())).unwrap();
    check_not_sent(post(&empty), "host `localhost` has no address");
}

#[test]
fn look_up_that_hangs_is_not_sent() {
    let (release, hung) = mpsc::channel::<()>();
    let hung = std::sync::Mutex::new(hung);
    let quick = Settings {
        timeout_connect: SHORT / 2,
        timeout_total: PATIENT,
        ..settings("http://localhost:9")
    };
    let carrier = Carrier::with_lookup(quick, move |_: &str| {
        let _ = hung.lock().unwrap().recv();
        Ok(Vec::new())
    });
    check_not_sent(post(&carrier.unwrap()), "timed out");
    drop(release);
}

#[test]
fn names_that_lead_to_private_addresses_reach_nobody() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = canary.local_addr().unwrap().port();
    let public: IpAddr = "8.8.8.8".parse().unwrap();
    let table: [&[&str]; 6] = [
        &["127.0.0.1"],
        // One public beside one private: which is taken is not ours to choose.
        &["8.8.8.8", "127.0.0.1"],
        &["127.0.0.1", "8.8.8.8"],
        &["::ffff:127.0.0.1"],
        &["169.254.169.254"],
        &["64:ff9b::7f00:1"],
    ];
    assert!(table.iter().all(|row| {
        row.iter()
            .any(|text| text.parse::<IpAddr>().unwrap() != public)
    }));
    for row in table {
        let addresses: Vec<IpAddr> = row.iter().map(|text| text.parse().unwrap()).collect();
        let mut settings = settings(&format!("https://api.example.com:{port}"));
        settings.allow = Egress::Public {
            ports: [port].into(),
            also: Vec::new(),
        };
        let carrier = Carrier::with_lookup(settings, move |_: &str| Ok(addresses.clone())).unwrap();
        check_not_sent(post(&carrier), "only public addresses are allowed");
    }
    test_server::check_silent(&canary);
}

#[test]
fn a_name_that_changes_its_address_is_judged_at_every_connection() {
    let server = Server::start(vec![answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
    let asked = AtomicUsize::new(0);
    let rebinding = move |_: &str| {
        let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first {
            Ipv4Addr::LOCALHOST
        } else {
            Ipv4Addr::new(10, 0, 0, 1)
        };
        Ok(vec![IpAddr::V4(address)])
    };
    let url = server.url().replace("127.0.0.1", "localhost");
    let carrier = Carrier::with_lookup(settings(&url), rebinding).unwrap();
    assert_eq!(post(&carrier).unwrap().status, 200);
    check_not_sent(post(&carrier), "address 10.0.0.1 is not loopback");
}

#[test]
fn connection_that_closes_without_a_reply_is_lost() {
    // G1, G2: whether before or after the request was understood cannot be told.
    let server = Server::start(vec![
        Box::new(|stream: TcpStream| {
            drop(stream);
            Vec::new()
        }),
        Box::new(|mut stream: TcpStream| read_request(&mut stream)),
        // Closed with unread bytes: the operating system sends a reset.
        Box::new(|mut stream: TcpStream| {
            let mut some = [0; 10];
            stream.read_exact(&mut some).unwrap();
            some.to_vec()
        }),
    ]);
    let carrier = carrier(&server.url());
    for _ in 0..3 {
        check_lost(post(&carrier), "");
    }
    server.check_no_more();
}

#[test]
fn reply_that_breaks_off_is_lost() {
    for reply in [
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "not HTTP at all\r\n\r\n",
    ] {
        let server = Server::start(vec![answer(reply)]);
        check_lost(post(&carrier(&server.url())), "");
        server.check_no_more();
    }
}

#[test]
fn server_that_never_answers_is_lost() {
    let server = Server::start(vec![Box::new(drain)]);
    check_lost(post(&impatient(&server.url())), "timed out");
    assert_eq!(content(&server.received()), "{\"submit\":true}");
    server.check_no_more();
}

#[test]
fn reply_that_drips_is_lost_when_its_time_is_up() {
    // G12: every byte comes well within the timeout, the whole never does.
    for beginning in [
        "HTTP/1.1 200 OK\r\nX-Slow: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    ] {
        let server = Server::start(vec![Box::new(move |mut stream: TcpStream| {
            let request = read_request(&mut stream);
            stream.write_all(beginning.as_bytes()).unwrap();
            write_until_refused(&mut stream, |stream| {
                pace(stream, SHORT / 20);
                b"a".to_vec()
            });
            request
        })]);
        check_lost(post(&impatient(&server.url())), "timed out");
    }
}

#[test]
fn reply_without_end_is_lost_at_the_limit() {
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000)).into_bytes();
    let server = Server::start(vec![Box::new(move |mut stream: TcpStream| {
        let request = read_request(&mut stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        write_until_refused(&mut stream, |_| chunk.clone());
        request
    })]);
    check_lost(
        post(&carrier(&server.url())),
        "the reply is larger than 65536 bytes",
    );
}

#[test]
fn reply_of_exactly_the_limit_is_whole_and_one_more_is_lost() {
    for (length, fits) in [(BODY_MAX, true), (BODY_MAX + 1, false)] {
        let server = Server::start(vec![answer(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}",
            "a".repeat(length)
        ))]);
        let sent = post(&carrier(&server.url()));
        if fits {
            assert_eq!(sent.unwrap().body.len(), length);
        } else {
            check_lost(sent, "larger than 65536 bytes");
        }
    }
}

#[test]
fn headers_without_end_are_lost() {
    let many = "X-A: b\r\n".repeat(1_000);
    let server = Server::start(vec![answer(&format!("HTTP/1.1 200 OK\r\n{many}\r\n"))]);
    check_lost(post(&carrier(&server.url())), "");
    let server = Server::start(vec![Box::new(|mut stream: TcpStream| {
        let request = read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nX-Large: ").unwrap();
        write_until_refused(&mut stream, |_| vec![b'a'; 0x1000]);
        request
    })]);
    check_lost(post(&carrier(&server.url())), "");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let check = |change: fn(&mut Settings), want: &str| {
        let mut settings = settings("http://127.0.0.1:9");
        change(&mut settings);
        let refused: OpenCarrier = Carrier::open(settings).err().unwrap();
        assert!(
            refused.to_string().contains(want),
            "{refused}, expected {want}"
        );
    };
    check(
        |s| s.timeout_connect = Duration::ZERO,
        "expected 0 < connect < total",
    );
    check(
        |s| s.timeout_connect = s.timeout_total,
        "expected 0 < connect < total",
    );
    check(
        |s| s.timeout_total = Duration::MAX,
        "expected 0 < connect < total",
    );
    check(
        |s| s.allow = Egress::public(),
        "base `api`: scheme `http` instead of https",
    );
    check(
        |s| {
            s.credentials
                .insert("files".to_owned(), Credential::Bearer(Secret::new("x")));
        },
        "credential for base `files`, which is not configured",
    );
    check(
        |s| {
            s.credentials
                .insert("api".to_owned(), Credential::Bearer(Secret::new("x\ny")));
        },
        "credential for base `api`: the secret has characters that no header may have",
    );
    check(
        |s| {
            let user = "a:b".to_owned();
            let password = Secret::new("x");
            s.credentials
                .insert("api".to_owned(), Credential::Basic { user, password });
        },
        "the user's name has a colon",
    );
    check(
        |s| {
            let mut source = token::source(3600);
            source.base = "login".to_owned();
            s.credentials
                .insert("api".to_owned(), Credential::Token(source));
        },
        "tokens come from base `login`, which is not configured",
    );
}
