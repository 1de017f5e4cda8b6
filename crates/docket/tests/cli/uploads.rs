//! Files over a real port, read by the program's own child: what is kept, what is refused, and who may fetch it.

use crate::run::{Folder, docket, pdf, sample_desk};
use crate::serve::Serving;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The smallest quota that settings take.
const QUOTA: usize = 1024 * 1024;

struct Served {
    _folder: Folder,
    serving: Serving,
    key: String,
}

struct Answered {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.body));
        })
    }

    #[track_caller]
    fn has(&self, header: &str) {
        assert!(
            self.head.contains(&header.to_lowercase()),
            "no `{header}` in\n{}",
            self.head
        );
    }
}

impl Served {
    fn start(variables: &[(&str, &str)]) -> Served {
        let (folder, dir) = sample_desk();
        let desk = ["--dir", &dir, "--as", "anna", "--json"];
        let run = |args: &[&str]| docket(&[args, &desk].concat()).exits(0).json();
        run(&["merchant", "add", "Merchant 1", "--id", "mer_1"]);
        run(&["merchant", "own", "mer_1", "stripe", "acct_1"]);
        let minted = run(&[
            "api-key",
            "mint",
            "Shop",
            "--merchant",
            "mer_1",
            "--role",
            "merchant-member",
        ]);
        Served {
            _folder: folder,
            serving: Serving::told(&dir, variables),
            key: minted["secret"].as_str().unwrap().to_owned(),
        }
    }

    /// A request, with the key unless it is for the public.
    fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8], keyed: bool) -> Answered {
        let mut stream = TcpStream::connect(&self.serving.address).expect("it listens");
        let key = if keyed {
            format!("authorization: Bearer {}\r\n", self.key)
        } else {
            String::new()
        };
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!("content-type: {kind}\r\n")
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n{key}{kind}content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        // One that refuses early closes before it has read everything.
        let _sent = stream.write_all(body);
        let mut answer = Vec::new();
        let _until_closed = stream.read_to_end(&mut answer);
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        Answered {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|code| code.parse().ok())
                .unwrap_or(0),
            body: answer.get(end + 4..).unwrap_or_default().to_vec(),
            head,
        }
    }

    fn upload(&self, name: &str, content: &[u8], more: &[(&str, &str)]) -> Answered {
        let mut body = Vec::new();
        for (field, value) in [("purpose", "dispute_evidence")].iter().chain(more) {
            body.extend(
                format!(
                    "--B\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
                )
                .into_bytes(),
            );
        }
        body.extend(
            format!(
                "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            )
            .into_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--B--\r\n");
        self.ask(
            "POST",
            "/v1/files",
            "multipart/form-data; boundary=B",
            &body,
            true,
        )
    }

    #[track_caller]
    fn kept(&self, name: &str, content: &[u8]) -> Value {
        let answered = self.upload(name, content, &[]);
        let file = answered.json();
        assert_eq!(answered.status, 200, "{file}");
        file
    }

    fn form(&self, path: &str, body: &str) -> Answered {
        self.ask(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            body.as_bytes(),
            true,
        )
    }
}

/// Text of so many bytes that is nobody else's.
fn text(number: usize, bytes: usize) -> Vec<u8> {
    let line = format!("letter {number} about what was delivered and when\n");
    line.bytes().cycle().take(bytes).collect()
}

#[test]
fn a_file_is_refused_for_what_it_is() {
    let served = Served::start(&[]);
    let check = |name: &str, content: &[u8], status: u16, code: &str| {
        let answered = served.upload(name, content, &[]);
        let said = answered.json();
        assert_eq!(
            (answered.status, said["error"]["docket_code"].as_str()),
            (status, Some(code)),
            "{said}"
        );
        said["error"]["message"].as_str().unwrap().to_owned()
    };
    check("a.png", &pdf("Delivered"), 400, "DP-4006");
    check("a.pdf", b"%PDF-1.7 and nothing", 400, "DP-4008");
    check("a.zip", b"PK\x03\x04 and more", 400, "DP-4005");
    check("a.pdf", b"", 400, "DP-4004");
    let said = check("a.pdf", &pdf("paid with 4242424242424242"), 400, "DP-4016");
    assert!(
        said.contains("page 1") && said.contains("4242") && !said.contains("424242"),
        "{said}"
    );
    let listed = served.ask("GET", "/v1/files", "", b"", true).json();
    assert_eq!(listed["data"], serde_json::json!([]), "nothing was kept");
}

#[test]
fn card_numbers_are_blanked_out_on_request_where_that_is_sound() {
    let served = Served::start(&[]);
    let redact = [("redact_card_numbers", "true")];
    let answered = served.upload("a.txt", b"paid with 4242 4242 4242 4242 on Monday", &redact);
    let file = answered.json();
    assert_eq!(answered.status, 200, "{file}");
    let path = format!("/v1/files/{}/contents", file["id"].as_str().unwrap());
    let content = served.ask("GET", &path, "", b"", true);
    assert_eq!(content.body, b"paid with ***************4242 on Monday");
    content.has("content-disposition: attachment; filename=\"a.txt\"");
    content.has("x-content-type-options: nosniff");
    content.has("content-security-policy: default-src 'none'; sandbox");
    // A page that shows one is not rewritten.
    let answered = served.upload("a.pdf", &pdf("4242424242424242"), &redact);
    assert_eq!(answered.json()["error"]["docket_code"], "DP-4017");
}

#[test]
fn parallel_uploads_share_one_budget_and_what_failed_gives_it_back() {
    let served = Served::start(&[("DOCKET_UPLOADS_QUOTA_BYTES", "1048576")]);
    let size = 300_000;
    let kept = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..8)
            .map(|number| {
                let served = &served;
                scope.spawn(move || served.upload("a.txt", &text(number, size), &[]))
            })
            .collect();
        let answers = uploads
            .into_iter()
            .map(|upload| upload.join().expect("it ends"));
        let refused = |answered: &Answered| {
            let said = answered.json();
            assert_eq!(said["error"]["docket_code"], "DP-4003", "{said}");
            false
        };
        answers
            .filter(|answered| answered.status == 200 || refused(answered))
            .count()
    });
    assert!(kept * size <= QUOTA, "{kept} were kept");
    for number in 8..12 {
        served.upload("a.txt", &text(number, size), &[]);
    }
    let listed = served.ask("GET", "/v1/files", "", b"", true).json();
    let files = listed["data"].as_array().unwrap();
    assert_eq!(
        files.len(),
        QUOTA / size,
        "as many as there is room for, and no more"
    );
    let free = QUOTA - files.len() * size;
    served.kept("b.txt", &text(99, free - 1000));
    // The same content again is the same file, and costs nothing.
    for _time in 0..4 {
        served.kept("c.txt", &text(98, 200));
    }
}

// The child's limit of memory leaves room for every file that the door lets in, whatever its allocator reserves.
#[test]
fn the_largest_files_are_read_within_the_childs_memory() {
    let served = Served::start(&[]);
    for (number, size) in [100_000, 1_000_000, 5_000_000, 15_000_000]
        .into_iter()
        .enumerate()
    {
        let file = served.kept("a.txt", &text(number, size));
        assert_eq!(file["size"], size);
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_while_it_arrives() {
    let served = Served::start(&[("DOCKET_API_UPLOAD_BYTES_MAX", "10000")]);
    let answered = served.upload("a.txt", &text(1, 20_000), &[]);
    assert_eq!(answered.status, 413, "{}", answered.head);
    served.kept("a.txt", &text(1, 9_000));
}

#[test]
fn a_link_serves_its_file_until_it_ends() {
    let served = Served::start(&[]);
    let file = served.kept("invoice.pdf", &pdf("Delivered on 3 March"));
    let id = file["id"].as_str().unwrap();
    let link = served.form("/v1/file_links", &format!("file={id}")).json();
    let url = link["url"].as_str().expect("its maker is told").to_owned();
    let path = url
        .splitn(4, '/')
        .nth(3)
        .map(|path| format!("/{path}"))
        .unwrap();
    let fetch = |path: &str| served.ask("GET", path, "", b"", false);
    let fetched = fetch(&path);
    assert_eq!(
        (fetched.status, fetched.body),
        (200, pdf("Delivered on 3 March"))
    );
    let fetched = fetch(&path);
    for header in [
        "content-type: application/pdf",
        "content-disposition: attachment; filename=\"invoice.pdf\"",
        "x-content-type-options: nosniff",
        "sandbox",
        "cache-control: no-cache, no-store",
        "referrer-policy: no-referrer",
        "x-robots-tag: noindex",
    ] {
        fetched.has(header);
    }
    // Another secret, no secret, another link, and a list of them: one answer.
    let (link_path, _) = path.rsplit_once('/').unwrap();
    for wrong in [
        format!("{link_path}/{}", "0".repeat(48)),
        link_path.to_owned(),
        format!("/files/link_none/{}", path.rsplit('/').next().unwrap()),
        String::from("/files"),
        String::from("/files/"),
    ] {
        assert_eq!(fetch(&wrong).status, 404, "{wrong}");
    }
    let link_id = link["id"].as_str().unwrap();
    let ended = served
        .form(&format!("/v1/file_links/{link_id}"), "expires_at=now")
        .json();
    assert_eq!(ended["expired"], true);
    assert_eq!(fetch(&path).status, 404);
}
