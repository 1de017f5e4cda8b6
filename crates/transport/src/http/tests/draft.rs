//! Requests that could go elsewhere, or say more than one thing, are stopped before anything leaves.

use super::{check_not_sent, settings};
use crate::Secret;
use crate::http::{Body, Carrier, Credential};
use crate::test_server;
use std::net::TcpListener;

/// Words a request to a listener that must hear nothing.
struct Canary {
    listener: TcpListener,
    carrier: Carrier,
}

impl Canary {
    fn new() -> Canary {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut settings = settings(&format!("http://{}/v1", listener.local_addr().unwrap()));
        let key = Credential::Header {
            name: "X-API-Key".to_owned(),
            value: Secret::new("key"),
        };
        settings.credentials.insert("api".to_owned(), key);
        let carrier = Carrier::open(settings).unwrap();
        Canary { listener, carrier }
    }

    #[track_caller]
    fn check(&self, method: &str, path: &str, header: (&str, &str), body: Body, want: &str) {
        let headers = [(header.0.to_owned(), header.1.to_owned())];
        check_not_sent(self.carrier.send("api", method, path, &headers, body), want);
        test_server::check_silent(&self.listener);
    }
}

const NONE: Body = Body::Bytes(Vec::new());
const PLAIN: (&str, &str) = ("X-Note", "plain");

#[test]
fn base_that_is_not_configured_is_not_guessed() {
    let canary = Canary::new();
    let sent = canary.carrier.send("files", "GET", "/", &[], NONE);
    check_not_sent(sent, "no base `files` is configured");
}

#[test]
fn other_methods_are_not_sent() {
    let smuggled = "GET / HTTP/1.1\r\nX: y\r\n\r\n";
    for method in ["get", "CONNECT", "TRACE", "", smuggled] {
        let want = "is not GET, HEAD, POST, PUT, PATCH or DELETE";
        Canary::new().check(method, "/", PLAIN, NONE, want);
    }
}

#[test]
fn paths_that_leave_the_base_are_not_sent() {
    let canary = Canary::new();
    let hosts = "|x|@10.0.0.1/|:80/|.example.com/|?a=b|http://10.0.0.1/";
    for path in hosts.split('|') {
        canary.check("GET", path, PLAIN, NONE, "does not begin with `/`");
    }
    let changed =
        "/../admin|/..|/%2e%2e/admin|/a/./b|/.%2E/a|/a b|/a\\..\\b|/ä|/a\r\nX: y|/a\tb|/a\"b|/<a>";
    for path in changed.split('|') {
        let want = "is not percent-encoded or has dot segments";
        canary.check("GET", path, PLAIN, NONE, want);
    }
    canary.check("GET", "/a#b", PLAIN, NONE, "has a fragment");
}

#[test]
fn headers_that_frame_route_or_prove_are_the_carriers() {
    let canary = Canary::new();
    let names = "Host|Content-Length|transfer-encoding|Connection|Authorization|Cookie|X-Api-Key";
    let want = "is set by the carrier alone";
    for name in names.split('|') {
        canary.check("POST", "/a", (name, "x"), NONE, want);
    }
    let form = Body::Multipart(Vec::new());
    canary.check("POST", "/a", ("Content-Type", "text/plain"), form, want);
}

#[test]
fn headers_cannot_begin_another() {
    let canary = Canary::new();
    for name in ["", "X Y", "X:", "X\r\nY", "Ä"] {
        canary.check("POST", "/a", (name, "x"), NONE, "is not a header's name");
    }
    for value in ["a\r\nX: y", "a\nb", "a\0b", "a\u{7f}"] {
        let want = "characters that no header may have";
        canary.check("POST", "/a", ("X-Note", value), NONE, want);
    }
}
