//! Requests that two programs on the way could read differently, and heads that cost more than they say.

use super::target::Target;
use super::{Attack, attack, withstood};

super::on_both! {
    a_request_is_read_in_one_way_or_not_at_all
    what_stands_behind_a_doubtful_body_is_never_heard
}

/// What stands behind the body: a server that disagrees about where the body ends would answer it.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nhost: desk\r\n\r\n";

/// Heads that leave it open, or wrong, where the body ends.
#[rustfmt::skip]
const HEADS: &[(&str, &str)] = &[
    ("two lengths that differ", "content-length: 5\r\ncontent-length: 6\r\n"),
    ("two lengths in one", "content-length: 5, 6\r\n"),
    ("a length with a sign", "content-length: +5\r\n"),
    ("a negative length", "content-length: -5\r\n"),
    ("a length in hexadecimal", "content-length: 0x5\r\n"),
    ("a length beyond 64 bits", "content-length: 18446744073709551621\r\n"),
    ("a length in words", "content-length: five\r\n"),
    ("an empty length", "content-length: \r\n"),
    ("chunks under another name", "transfer-encoding: xchunked\r\n"),
    ("chunks and then more", "transfer-encoding: chunked, identity\r\n"),
    ("chunks and then gzip", "transfer-encoding: chunked, gzip\r\n"),
    ("a tab before chunks", "transfer-encoding:\x0bchunked\r\n"),
    ("a space before the colon", "transfer-encoding : chunked\r\n"),
    ("a folded line", "x-a: b\r\n transfer-encoding: chunked\r\n"),
    ("a header without a name", ": chunked\r\n"),
    ("a header with a space in its name", "content length: 5\r\n"),
    ("a NUL in a header", "x-a: a\0b\r\n"),
    ("a line's end in a header", "x-a: a\rb\r\n"),
    ("a control character in a name", "x\x01a: b\r\n"),
    ("a letter beyond ASCII in a name", "x-\u{e9}: b\r\n"),
];

#[rustfmt::skip]
const CHUNKS: &[(&str, &str)] = &[
    ("a chunk's size in words", "zz\r\nabc\r\n0\r\n\r\n"),
    ("a chunk's size beyond 64 bits", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    ("a negative chunk", "-1\r\nabc\r\n0\r\n\r\n"),
    ("a chunk that is longer than it says", "1\r\nabc\r\n0\r\n\r\n"),
    ("chunks without an end", "3\r\nabc\r\n"),
    ("a chunk's size with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk's size with an underline", "1_0\r\nabc\r\n0\r\n\r\n"),
];

#[rustfmt::skip]
const FIRST_LINES: &[(&str, &str)] = &[
    ("a version that is none", "GET /v1/disputes HTTP/9.9"),
    ("no version", "GET /v1/disputes"),
    ("two spaces", "GET  /v1/disputes HTTP/1.1"),
    ("a space in the path", "GET /v1/ disputes HTTP/1.1"),
    ("a NUL in the path", "GET /v1/dis\0putes HTTP/1.1"),
    ("a line's end in the path", "GET /v1/dis\rputes HTTP/1.1"),
    ("no path", "GET HTTP/1.1"),
    ("a method with a control character", "G\x01T /v1/disputes HTTP/1.1"),
    ("a method in brackets", "[GET] /v1/disputes HTTP/1.1"),
    ("another protocol", "SSH-2.0-OpenSSH"),
    ("a handshake", "\x16\x03\x01\x02\x00\x01\x00"),
];

/// A key in force, so that a request which was heard after all would be granted or refused for something else.
fn post(target: &Target, head: &str, body: &str) -> Vec<u8> {
    let key = &target.member;
    let first = format!(
        "POST /v1/disputes/{} HTTP/1.1\r\nhost: desk\r\n",
        target.own
    );
    let rest = format!("authorization: Bearer {key}\r\nconnection: close\r\n{head}\r\n{body}");
    (first + &rest).into_bytes()
}

fn large(target: &Target) -> Vec<Attack> {
    let many: String = (0..2_000).map(|n| format!("x-{n}: a\r\n")).collect();
    let wide = format!("x-wide: {}\r\n", "a".repeat(1_000_000));
    let path = format!(
        "GET /v1/{} HTTP/1.1\r\nhost: desk\r\n\r\n",
        "a".repeat(100_000)
    );
    vec![
        attack(
            "two thousand headers",
            post(target, &many, ""),
            &[0, 400, 431],
        ),
        attack(
            "a header of a megabyte",
            post(target, &wide, ""),
            &[0, 400, 431],
        ),
        attack("a path of 100 kB", path.into_bytes(), &[0, 400, 414, 431]),
    ]
}

fn a_request_is_read_in_one_way_or_not_at_all(target: Target) {
    let body = format!("0\r\n\r\nmetadata[heard]=yes{HIDDEN}");
    let mut attacks: Vec<Attack> = HEADS
        .iter()
        .map(|(name, head)| attack(*name, post(&target, head, &body), &[0, 400]))
        .collect();
    attacks.extend(CHUNKS.iter().map(|(name, body)| {
        let sent = post(&target, "transfer-encoding: chunked\r\n", body);
        attack(*name, sent, &[0, 400])
    }));
    attacks.extend(FIRST_LINES.iter().map(|(name, first)| {
        let sent = format!("{first}\r\nhost: desk\r\n\r\n");
        attack(*name, sent.into_bytes(), &[0, 400])
    }));
    attacks.extend(large(&target));
    withstood(&target, "wire", &attacks);
    target.serving.stop();
}

/// Both lengths at once: RFC 9112, section 6.1, lets a server read the chunks, but then the connection must end, or the rest
/// would be a request of whoever shares it.
fn what_stands_behind_a_doubtful_body_is_never_heard(target: Target) {
    let doubtful = |head: &str| {
        let first = "POST /v1/disputes/dp_nobody HTTP/1.1\r\nhost: desk\r\n";
        let key = format!("authorization: Bearer {}\r\n", target.member);
        format!("{first}{key}{head}\r\n0\r\n\r\n{HIDDEN}").into_bytes()
    };
    let attacks: Vec<Attack> = BOTH
        .iter()
        .map(|(name, head)| attack(*name, doubtful(head), &[404]))
        .collect();
    withstood(&target, "wire-both", &attacks);
    target.serving.stop();
}

#[rustfmt::skip]
const BOTH: &[(&str, &str)] = &[
    ("chunks and a length", "transfer-encoding: chunked\r\ncontent-length: 5\r\n"),
    ("a length and chunks", "content-length: 5\r\ntransfer-encoding: chunked\r\n"),
    ("a length of everything and chunks", "content-length: 500\r\ntransfer-encoding: chunked\r\n"),
];
