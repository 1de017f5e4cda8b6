//! Uploads that are none, more than one, or not what they say. What is inside of a file is the room `upload`'s to try.

use super::target::Target;
use super::{Attack, attack, request, status, withstood};
use crate::run::pdf;

super::on_both! {
    an_upload_is_one_file_of_an_honest_shape
    a_name_leads_nowhere
}

const MULTIPART: &str = "multipart/form-data; boundary=b";
const PURPOSE: &str =
    "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n";
const HTML: &str = "<html><script>alert(1)</script></html>";
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";

fn part(disposition: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\ncontent-disposition: {disposition}\r\ncontent-type: {kind}\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

fn file(name: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
    part(&disposition, kind, bytes)
}

fn whole(parts: &[&[u8]]) -> Vec<u8> {
    [&parts.concat()[..], b"--b--\r\n"].concat()
}

fn sent(target: &Target, name: &str, kind: &str, body: &[u8]) -> Attack {
    let bearer = format!("Bearer {}", target.member);
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    attack(
        name,
        request("POST", "/v1/files", &headers, body),
        &[400, 413, 415],
    )
}

/// Envelopes around a good file that are not one envelope around one file for one purpose.
#[rustfmt::skip]
fn envelopes(target: &Target) -> Vec<Attack> {
    let purpose = PURPOSE.as_bytes();
    let good = file("a.pdf", "application/pdf", &pdf("Hello"));
    let other = PURPOSE.replace("dispute_evidence", "anything");
    let thousands = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n1\r\n".repeat(10_000);
    let nameless = part("form-data", "application/pdf", &pdf("Hello"));
    let attachment = part(
        "attachment; name=\"file\"; filename=\"a.pdf\"",
        "application/pdf",
        b"a",
    );
    let headless = [purpose, b"--b\r\n\r\nabc\r\n--b--\r\n"].concat();
    [
        ("no boundary", "multipart/form-data", whole(&[purpose, &good])),
        ("an empty boundary", "multipart/form-data; boundary=", whole(&[purpose, &good])),
        ("another boundary", "multipart/form-data; boundary=c", whole(&[purpose, &good])),
        ("no last boundary", MULTIPART, purpose.to_vec()),
        ("a file that does not end", MULTIPART, [purpose, &good[..200]].concat()),
        ("nothing", MULTIPART, Vec::new()),
        ("no purpose", MULTIPART, whole(&[&good])),
        ("a purpose that is none", MULTIPART, whole(&[other.as_bytes(), &good])),
        ("no file", MULTIPART, whole(&[purpose])),
        ("two files", MULTIPART, whole(&[purpose, &good, &good])),
        ("two purposes", MULTIPART, whole(&[purpose, purpose, &good])),
        ("ten thousand parts", MULTIPART, whole(&[thousands.as_bytes()])),
        ("a part without a name", MULTIPART, whole(&[purpose, &nameless])),
        ("a part that is no form's", MULTIPART, whole(&[purpose, &attachment])),
        ("a part without a head", MULTIPART, headless),
        ("no multipart", "application/json", whole(&[purpose, &good])),
        ("a form", "application/x-www-form-urlencoded", b"purpose=dispute_evidence&file=a".to_vec()),
    ]
    .map(|(name, kind, body)| sent(target, name, kind, &body))
    .into()
}

/// What is in a good envelope: its name, its declared type, its bytes.
#[rustfmt::skip]
const CONTENTS: &[(&str, &str, &str, &[u8])] = &[
    ("a page for an image", "a.png", "image/png", HTML.as_bytes()),
    ("a page for a document", "a.pdf", "application/pdf", HTML.as_bytes()),
    ("a page", "a.html", "text/html", HTML.as_bytes()),
    ("a drawing with a script", "a.svg", "image/svg+xml", SVG.as_bytes()),
    ("a program", "a.exe", "application/octet-stream", b"MZ\x90\0\x03\0\0\0"),
    ("a shell script", "a.sh", "text/x-sh", b"#!/bin/sh\nid\n"),
    ("an archive", "a.zip", "application/zip", b"PK\x03\x04\x14\0\0\0"),
    ("an archive for a document", "a.pdf", "application/pdf", b"PK\x03\x04\x14\0\0\0"),
    ("an empty file", "a.pdf", "application/pdf", b""),
    ("half a document", "a.pdf", "application/pdf", b"%PDF-1.7\n1 0 obj"),
    ("half an image", "a.png", "image/png", b"\x89PNG\r\n\x1a\n\0\0"),
    ("a picture too many", "a.gif", "image/gif", b"GIF89a\xff\xff\xff\xff\0\0\0"),
    ("a published test card number", "a.txt", "text/plain", b"card 4111 1111 1111 1111 on the order"),
    ("a card number for a name", "4111111111111111.txt", "text/plain", b"hello"),
];

fn an_upload_is_one_file_of_an_honest_shape(target: Target) {
    let mut attacks = envelopes(&target);
    for (what, name, kind, bytes) in CONTENTS {
        let body = whole(&[PURPOSE.as_bytes(), &file(name, kind, bytes)]);
        attacks.push(sent(&target, what, MULTIPART, &body));
    }
    let bearer = format!("Bearer {}", target.viewer);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", MULTIPART),
    ];
    let good = whole(&[
        PURPOSE.as_bytes(),
        &file("a.pdf", "application/pdf", &pdf("Hello")),
    ]);
    let viewer = request("POST", "/v1/files", &headers, &good);
    attacks.push(attack("by whoever only reads", viewer, &[403]));
    withstood(&target, "files", &attacks);
    let answer = target.exchange(&sent(&target, "good", MULTIPART, &good));
    assert_eq!(status(&answer), 200, "{answer}");
    target.serving.stop();
}

/// Names that lead elsewhere, or into a head: the file may be kept, the name may not do anything.
const NAMES: [&str; 9] = [
    "../../desk.db",
    "..\\\\..\\\\desk.db",
    "/etc/passwd",
    "a%00.pdf",
    "a\u{202e}fdp.exe",
    "CON.pdf",
    "a%0d%0aset-cookie: b=c.pdf",
    "a\u{1f4a3}.pdf",
    "a;filename=b.html",
];

fn a_name_leads_nowhere(target: Target) {
    let bearer = format!("Bearer {}", target.member);
    let key = [("authorization", bearer.as_str())];
    for name in NAMES {
        let parts = file(name, "application/pdf", &pdf("Hello"));
        let body = whole(&[PURPOSE.as_bytes(), &parts]);
        let answer = target.exchange(&sent(&target, name, MULTIPART, &body));
        if status(&answer) != 200 {
            assert_eq!(status(&answer), 400, "{name}: {answer}");
            continue;
        }
        let made: serde_json::Value = serde_json::from_str(super::body(&answer)).unwrap();
        let path = format!("/v1/files/{}/contents", made["id"].as_str().unwrap());
        let got = target.exchange(&attack("got", request("GET", &path, &key, b""), &[200]));
        let head = got
            .split_once("\r\n\r\n")
            .map_or("", |(head, _)| head)
            .to_lowercase();
        assert_eq!(status(&got), 200, "{name}: {head}");
        assert!(!head.contains("\nset-cookie"), "{name}: {head}");
        for told in [
            "nosniff",
            "content-disposition: attachment",
            "content-security-policy",
        ] {
            assert!(head.contains(told), "{name}: no {told} in {head}");
        }
        let kept = made["filename"].as_str().unwrap();
        assert!(
            !kept.contains(['/', '\\', '\r', '\n', '\0', '\u{202e}']),
            "{name}: {kept}"
        );
    }
    target.serving.stop();
}
