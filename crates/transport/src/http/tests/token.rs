//! Tokens: fetched, kept, replaced once, and never a reason for doubt.

use super::{check_lost, check_not_sent, content, head, post, settings};
use crate::Secret;
use crate::http::{Carrier, Credential, Grant, TokenSource};
use crate::test_server::{self, Server, answer};
use std::time::Duration;

pub(super) fn source(seconds: u64) -> TokenSource {
    TokenSource {
        base: "auth".to_owned(),
        path: "/oauth2/token".to_owned(),
        client_id: "client-1".to_owned(),
        client_secret: Secret::new("s3cret-value"),
        scope: Some("disputes:read disputes:write".to_owned()),
        read: match seconds {
            0 => |body| read_grant(body, 0),
            _ => |body| read_grant(body, 3600),
        },
    }
}

fn read_grant(body: &[u8], seconds: u64) -> Result<Grant, String> {
    let token = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let token = token
        .strip_prefix("token=")
        .ok_or("no token in the reply")?;
    Ok(Grant {
        access_token: Secret::new(token),
        lifetime: Duration::from_secs(seconds),
    })
}

fn with_tokens(api: &Server, auth: &Server, seconds: u64) -> Carrier {
    let mut settings = settings(&api.url());
    settings.bases.insert("auth".to_owned(), auth.url());
    settings
        .credentials
        .insert("api".to_owned(), Credential::Token(source(seconds)));
    Carrier::open(settings).unwrap()
}

fn grant(token: &str) -> test_server::Script {
    let body = format!("token={token}");
    answer(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const UNAUTHORIZED: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

#[track_caller]
fn check_bearer(api: &Server, want: &str) {
    let lines = head(&api.received());
    assert!(
        lines.contains(&format!("authorization: Bearer {want}")),
        "{lines:?}, expected {want}"
    );
}

#[test]
fn token_is_fetched_once_and_used_while_it_is_good() {
    let (api, auth) = (
        Server::start(vec![answer(OK), answer(OK)]),
        Server::start(vec![grant("t1")]),
    );
    let carrier = with_tokens(&api, &auth, 3600);
    for _ in 0..2 {
        assert_eq!(post(&carrier).unwrap().status, 200);
        check_bearer(&api, "t1");
    }
    let asked = auth.received();
    let lines = head(&asked);
    assert_eq!(lines.first().unwrap(), "POST /oauth2/token HTTP/1.1");
    // RFC 7617: base64 of `client-1:s3cret-value`.
    assert!(
        lines.contains(&"authorization: Basic Y2xpZW50LTE6czNjcmV0LXZhbHVl".to_owned()),
        "{lines:?}"
    );
    assert_eq!(
        content(&asked),
        "grant_type=client_credentials&scope=disputes%3Aread+disputes%3Awrite"
    );
    auth.check_no_more();
}

#[test]
fn token_that_is_over_is_fetched_anew() {
    let api = Server::start(vec![answer(OK), answer(OK)]);
    let auth = Server::start(vec![grant("t1"), grant("t2")]);
    let carrier = with_tokens(&api, &auth, 0);
    for token in ["t1", "t2"] {
        post(&carrier).unwrap();
        check_bearer(&api, token);
    }
}

#[test]
fn refused_token_is_replaced_once() {
    let api = Server::start(vec![answer(OK), answer(UNAUTHORIZED), answer(OK)]);
    let auth = Server::start(vec![grant("t1"), grant("t2")]);
    let carrier = with_tokens(&api, &auth, 3600);
    assert_eq!(post(&carrier).unwrap().status, 200);
    assert_eq!(post(&carrier).unwrap().status, 200);
    for token in ["t1", "t1", "t2"] {
        check_bearer(&api, token);
    }
    // Refused again: that is the answer. G14.
    let api = Server::start(vec![answer(UNAUTHORIZED), answer(UNAUTHORIZED)]);
    let auth = Server::start(vec![grant("t1"), grant("t2")]);
    assert_eq!(post(&with_tokens(&api, &auth, 3600)).unwrap().status, 401);
    api.check_no_more();
    auth.check_no_more();
}

#[test]
fn no_token_means_not_sent() {
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let table = [
        (
            answer(refused),
            "no token: the token endpoint answered 400, expected 200",
        ),
        (
            answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
            "no token: no token in the reply",
        ),
        // The request for a token is lost; the request itself never left.
        (answer(""), "no token: lost: "),
    ];
    for (script, want) in table {
        let (api, auth) = (Server::start(Vec::new()), Server::start(vec![script]));
        check_not_sent(post(&with_tokens(&api, &auth, 3600)), want);
        api.check_no_more();
    }
}

#[test]
fn what_follows_a_refused_token_keeps_its_own_certainty() {
    let api = Server::start(vec![answer(UNAUTHORIZED), answer("")]);
    let auth = Server::start(vec![grant("t1"), grant("t2")]);
    check_lost(post(&with_tokens(&api, &auth, 3600)), "");
    let (api, auth) = (
        Server::start(vec![answer(UNAUTHORIZED)]),
        Server::start(vec![grant("t1"), answer(UNAUTHORIZED)]),
    );
    check_not_sent(
        post(&with_tokens(&api, &auth, 3600)),
        "token refused with 401, and no fresh one",
    );
    api.check_no_more();
}
