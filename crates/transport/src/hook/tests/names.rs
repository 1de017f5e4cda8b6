//! Names that lead where they should not: what the look-up answers is judged, once, and connected to as judged.

use super::{Canary, PATIENT, SHORT, check_not_sent, post};
use crate::egress::Egress;
use crate::egress::attacks::REFUSED;
use crate::hook::{Sender, Settings};
use crate::test_server::{Server, answer};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

/// Answers of several addresses, and a word about the refused one, whichever place it has.
const MIXED: &[(&[&str], &str)] = &[
    (&["8.8.8.8", "127.0.0.1"], "127.0.0.1 is loopback"),
    (&["127.0.0.1", "8.8.8.8"], "127.0.0.1 is loopback"),
    (&["8.8.8.8", "1.1.1.1", "10.0.0.1"], "10.0.0.1 is private"),
    (&["8.8.8.8", "::1"], "::1 is loopback"),
    (
        &["2606:4700:4700::1111", "fd00::1"],
        "fd00::1 is unique local",
    ),
    (
        &["2606:4700:4700::1111", "192.168.0.1"],
        "192.168.0.1 is private",
    ),
    (&["8.8.8.8", "169.254.169.254"], "a metadata service"),
    (&["8.8.8.8", "::ffff:127.0.0.1"], "mapped"),
    (&["8.8.8.8", "64:ff9b::7f00:1"], "translated"),
    (&["8.8.8.8", "fe80::1"], "link-local"),
    (&["8.8.8.8", "0.0.0.0"], "this network"),
    (&["127.0.0.1", "127.0.0.1"], "loopback"),
];

/// Zones of aliases: every name to another name or to an address. The first is posted to.
const ALIASES: &[(&[(&str, &str)], &str)] = &[
    (&[("a.example.com", "127.0.0.1")], "loopback"),
    (
        &[
            ("a.example.com", "b.example.net"),
            ("b.example.net", "10.0.0.1"),
        ],
        "private",
    ),
    (
        &[
            ("a.example.com", "b.example.net"),
            ("b.example.net", "metadata.google.internal"),
            ("metadata.google.internal", "169.254.169.254"),
        ],
        "metadata",
    ),
    (
        &[("a.example.com", "localhost"), ("localhost", "127.0.0.1")],
        "loopback",
    ),
    (
        &[
            ("a.example.com", "b.example.net"),
            ("b.example.net", "fd00:ec2::254"),
        ],
        "metadata",
    ),
    (&[("a.example.com", "b.example.net")], "no such host"),
    (
        &[
            ("a.example.com", "b.example.net"),
            ("b.example.net", "a.example.com"),
        ],
        "too many aliases",
    ),
];

/// Names whose own text is an address of this machine to whoever answers for them.
const SPEAKING: &[&str] = &[
    "127.0.0.1.example.com",
    "127-0-0-1.example.com",
    "7f000001.example.com",
    "localhost.example.com",
    "169.254.169.254.example.com",
    "www.10.0.0.1.example.com",
    "xn--hndler-bua.example.com",
    "_hooks.example.com",
];

pub(super) const LINES: usize = MIXED.len() + ALIASES.len() + SPEAKING.len();

#[test]
fn refused_addresses_are_refused_as_answers() {
    let canary = Canary::listen();
    let url = canary.url("hooks.example.com");
    for (address, want) in REFUSED {
        check_not_sent(post(&canary.sender(&[address]), &url), want, address);
    }
    assert_eq!(canary.check_silent(), REFUSED.len(), "one look-up each");
}

#[test]
fn one_refused_address_refuses_them_all() {
    let canary = Canary::listen();
    let url = canary.url("hooks.example.com");
    for (addresses, want) in MIXED {
        let what = addresses.join(" ");
        check_not_sent(post(&canary.sender(addresses), &url), want, &what);
    }
    assert_eq!(canary.check_silent(), MIXED.len());
}

#[test]
fn names_that_speak_of_addresses_are_judged_by_their_answers() {
    let canary = Canary::listen();
    let sender = canary.sender(&["127.0.0.1"]);
    for name in SPEAKING {
        let url = canary.url(name);
        assert_eq!(sender.admit(&url), Ok(()), "{url}");
        check_not_sent(post(&sender, &url), "127.0.0.1 is loopback", name);
    }
    assert_eq!(canary.check_silent(), SPEAKING.len());
}

#[test]
fn aliases_are_judged_by_where_they_end() {
    for (zone, want) in ALIASES {
        let canary = Canary::listen();
        let records: BTreeMap<&str, &str> = zone.iter().copied().collect();
        let sender = Sender::with_lookup(canary.settings(), move |host: &str| {
            let mut name = host;
            for _ in 0..8 {
                let missing = || io::Error::new(io::ErrorKind::NotFound, "no such host");
                name = records.get(name).ok_or_else(missing)?;
                if let Ok(address) = name.parse::<IpAddr>() {
                    return Ok(vec![address]);
                }
            }
            Err(io::Error::other("too many aliases"))
        })
        .unwrap();
        let got = post(&sender, &canary.url("a.example.com"));
        check_not_sent(got, want, &format!("{zone:?}"));
        canary.check_silent();
    }
}

#[test]
fn a_name_that_was_public_when_it_was_entered_is_judged_again_when_it_is_used() {
    let canary = Canary::listen();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // Time to live zero: every question has another answer.
    let answers = [
        "127.0.0.1",
        "10.0.0.1",
        "::1",
        "169.254.169.254",
        "192.168.1.1",
    ];
    let sender = Sender::with_lookup(canary.settings(), move |_: &str| {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        Ok(vec![answers[n % answers.len()].parse().unwrap()])
    })
    .unwrap();
    let url = canary.url("rebinding.example.com");
    assert_eq!(sender.admit(&url), Ok(()));
    for answer in answers {
        check_not_sent(post(&sender, &url), "only public addresses", answer);
    }
    assert_eq!(asked.load(Ordering::SeqCst), answers.len());
    canary.check_silent();
}

#[test]
fn the_address_that_was_judged_is_the_one_connected_to() {
    let server = Server::start(vec![answer("HTTP/1.1 204 No Content\r\n\r\n")]);
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // A second question would be answered by an address that is refused.
    let sender = Sender::with_lookup(Settings::usual(Egress::Loopback), move |_: &str| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { "127.0.0.1" } else { "10.0.0.1" };
        Ok(vec![address.parse().unwrap()])
    })
    .unwrap();
    let url = server.url().replace("127.0.0.1", "localhost");
    assert_eq!(post(&sender, &url).unwrap().status, 204);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    check_not_sent(
        post(&sender, &url),
        "10.0.0.1 is not loopback",
        "the next post",
    );
    server.check_no_more();
}

#[test]
fn look_ups_that_fail_or_hang_send_nothing() {
    let canary = Canary::listen();
    let url = canary.url("hooks.example.com");
    let want = "host `hooks.example.com` has no address";
    check_not_sent(post(&canary.sender(&[]), &url), want, "no answer");

    let (release, hung) = mpsc::channel::<()>();
    let hung = Mutex::new(hung);
    let settings = Settings {
        timeout_connect: SHORT / 2,
        timeout_total: PATIENT,
        ..canary.settings()
    };
    let sender = Sender::with_lookup(settings, move |_: &str| {
        let _ = hung.lock().unwrap().recv();
        Ok(vec!["127.0.0.1".parse().unwrap()])
    })
    .unwrap();
    check_not_sent(post(&sender, &url), "timed out", "a look-up that hangs");
    drop(release);
    canary.check_silent();
}

#[test]
fn two_names_of_one_address_share_no_connection() {
    let reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![answer(reply), answer(reply)]);
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let sender = Sender::with_lookup(Settings::usual(Egress::Loopback), |_: &str| {
        Ok(vec!["127.0.0.1".parse().unwrap()])
    })
    .unwrap();
    for name in ["one.localhost", "two.localhost"] {
        post(&sender, &format!("http://{name}:{port}/")).unwrap();
        let request = String::from_utf8(server.received()).unwrap();
        let host = format!("\r\nhost: {name}:{port}\r\n");
        assert!(request.contains(&host), "{request}");
    }
    server.check_no_more();
}
