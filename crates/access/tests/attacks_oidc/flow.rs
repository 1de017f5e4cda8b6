//! The way there and back: metadata, addresses, state, issuer, code.

use access::Secret;
use access::oidc::{
    Callback, CallbackRefusal, DiscoveryError, Issuer, PENDING_SECONDS, RANDOM_BYTES, Started,
    answer, own_path,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::world::{
    Answered, ISSUER, answered, browser, callback, metadata, nonce, now, pairs, redeem,
    registration, started, state,
};

#[track_caller]
fn check_metadata(attack: &str, name: &str, value: Value, want: DiscoveryError) {
    let mut metadata = metadata();
    metadata[name] = value;
    let found = Issuer::discover(registration(), metadata.to_string().as_bytes());
    assert_eq!(found.err(), Some(want), "{attack}");
}

#[test]
fn a_provider_that_describes_another_is_refused() {
    let issuer = |found: &str| DiscoveryError::Issuer {
        expected: ISSUER.to_owned(),
        found: found.to_owned(),
    };
    let plain = |name, found: &str| DiscoveryError::NotHttps {
        name,
        found: found.to_owned(),
    };
    check_metadata(
        "another issuer",
        "issuer",
        json!("https://evil.example"),
        issuer("https://evil.example"),
    );
    check_metadata(
        "a slash more",
        "issuer",
        json!("https://id.example.com/"),
        issuer("https://id.example.com/"),
    );
    check_metadata(
        "another case",
        "issuer",
        json!("https://ID.example.com"),
        issuer("https://ID.example.com"),
    );
    check_metadata(
        "keys over plain HTTP",
        "jwks_uri",
        json!("http://id.example.com/keys"),
        plain("jwks_uri", "http://id.example.com/keys"),
    );
    check_metadata(
        "code over plain HTTP",
        "token_endpoint",
        json!("http://10.0.0.1/token"),
        plain("token_endpoint", "http://10.0.0.1/token"),
    );
    check_metadata(
        "a script as the page to go to",
        "authorization_endpoint",
        json!("javascript:alert(1)"),
        plain("authorization_endpoint", "javascript:alert(1)"),
    );
    check_metadata(
        "this machine's name as a prefix",
        "token_endpoint",
        json!("http://localhost.evil.example/"),
        plain("token_endpoint", "http://localhost.evil.example/"),
    );
    check_metadata(
        "a line end in an address",
        "token_endpoint",
        json!("https://id.example.com/\r\nX: y"),
        plain("token_endpoint", "https://id.example.com/\r\nX: y"),
    );
    check_metadata(
        "no host",
        "jwks_uri",
        json!("https:///keys"),
        plain("jwks_uri", "https:///keys"),
    );
    check_metadata(
        "PKCE downgrade",
        "code_challenge_methods_supported",
        json!(["plain"]),
        DiscoveryError::NoPkce,
    );
    check_metadata(
        "PKCE gone",
        "code_challenge_methods_supported",
        json!([]),
        DiscoveryError::NoPkce,
    );
    check_metadata("no keys", "jwks_uri", Value::Null, DiscoveryError::Form);
    let mut local = metadata();
    local["token_endpoint"] = json!("http://127.0.0.1:8080/token");
    assert!(Issuer::discover(registration(), local.to_string().as_bytes()).is_ok());
    assert_eq!(
        Issuer::discovery_url("https://id.example.com/realm/"),
        "https://id.example.com/realm/.well-known/openid-configuration"
    );
}

#[test]
fn the_way_to_the_provider_carries_state_nonce_and_challenge() {
    let Started { url, pending } = started();
    // RFC 7636, 4.2 over the verifier of 32 threes, computed elsewhere.
    let challenge = CHALLENGE;
    assert_eq!(
        url.expose(),
        format!(
            "https://id.example.com/authorize?response_type=code&client_id=docket&redirect_uri=https%3A%2F%2Fdesk.example.com%2Fsign-in%2Fid\
             &scope=openid%20email%20profile&state={}&nonce={}&code_challenge={challenge}&code_challenge_method=S256",
            state(),
            nonce()
        )
    );
    let verifier = URL_SAFE_NO_PAD.encode([3; RANDOM_BYTES]);
    assert_eq!(pending.verifier.expose(), verifier);
    assert!(!url.expose().contains(&verifier), "the verifier stays here");
    let printed = format!("{url:?} {pending:?}");
    assert!(
        !printed.contains(&verifier) && !printed.contains(&nonce()) && !printed.contains(&state())
    );
}

const CHALLENGE: &str = "g77gcvvTQj90gfwWOCFjatjPtz-u8N0FgfOXnqDHMbk";

#[test]
fn one_goes_on_only_to_a_page_of_ours() {
    for path in ["/", "/cases/dp_1?tab=evidence#files"] {
        assert_eq!(own_path(path), Some(path));
    }
    let long = format!("/{}", "a".repeat(2_048));
    for path in [
        "",
        "cases",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " /cases",
        "/cases\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/caf\u{e9}",
        &long,
    ] {
        assert_eq!(own_path(path), None, "{path:?}");
    }
}

#[track_caller]
fn check_query(attack: &str, given: &[(&str, &str)], want: CallbackRefusal) {
    assert_eq!(Callback::read(&pairs(given)).err(), Some(want), "{attack}");
}

#[test]
fn an_answer_that_could_be_read_two_ways_is_refused() {
    let twice = |name| CallbackRefusal::Times { name, found: 2 };
    check_query(
        "state twice",
        &[("state", "a"), ("state", "b"), ("code", "c")],
        twice("state"),
    );
    check_query(
        "code twice",
        &[("state", "a"), ("code", "b"), ("code", "c")],
        twice("code"),
    );
    check_query(
        "issuer twice",
        &[("state", "a"), ("code", "b"), ("iss", "c"), ("iss", "d")],
        twice("iss"),
    );
    check_query(
        "error twice",
        &[("state", "a"), ("error", "b"), ("error", "c")],
        twice("error"),
    );
    check_query(
        "no state: login CSRF",
        &[("code", "c")],
        CallbackRefusal::NoState,
    );
    check_query("nothing", &[], CallbackRefusal::NoState);
    check_query("no code", &[("state", "a")], CallbackRefusal::NoCode);
    check_query(
        "an empty code",
        &[("state", "a"), ("code", "")],
        CallbackRefusal::NoCode,
    );
    check_query(
        "an ID token in the address",
        &[("state", "a"), ("code", "b"), ("id_token", "c")],
        CallbackRefusal::Implicit,
    );
    check_query(
        "an access token in the address",
        &[("state", "a"), ("access_token", "c")],
        CallbackRefusal::Implicit,
    );
}

#[track_caller]
fn check_answer(
    attack: &str,
    change: impl FnOnce(&mut Answered<'static>),
    want: Option<CallbackRefusal>,
) {
    let mut given = answered();
    change(&mut given);
    let at = now().plus_seconds(given.after_seconds);
    let found = answer(
        &callback(given.query),
        given.pending,
        &given.issuer,
        given.browser.as_ref(),
        at,
    );
    assert_eq!(found.err(), want, "{attack}");
}

#[test]
fn an_answer_counts_once_in_the_browser_that_asked_from_the_issuer_asked() {
    use CallbackRefusal::{Issuer as Other, Late, NotPending, OtherBrowser, Refused};
    let other = |found: Option<&str>| Other {
        expected: ISSUER.to_owned(),
        found: found.map(str::to_owned),
    };
    check_answer("as it should be", |_| {}, None);
    check_answer(
        "answered before, or never begun",
        |given| given.pending = None,
        Some(NotPending),
    );
    check_answer(
        "another sign-in's row",
        |given| given.pending.as_mut().unwrap().state = access::hashed::Hashed::of(b"x"),
        Some(NotPending),
    );
    check_answer(
        "login CSRF: the attacker's answer in the victim's browser",
        |given| given.browser = Some(browser(8)),
        Some(OtherBrowser),
    );
    check_answer(
        "a browser without a pre-session",
        |given| given.browser = None,
        Some(OtherBrowser),
    );
    check_answer(
        "the last second",
        |given| given.after_seconds = PENDING_SECONDS - 1,
        None,
    );
    check_answer(
        "too late",
        |given| given.after_seconds = PENDING_SECONDS,
        Some(Late),
    );
    check_answer(
        "mix-up: another issuer's answer",
        |given| given.query = &[("code", "c"), ("iss", "https://evil.example")],
        Some(other(Some("https://evil.example"))),
    );
    check_answer(
        "mix-up: the issuer left out",
        |given| given.query = &[("code", "c")],
        Some(other(None)),
    );
    check_answer(
        "mix-up: redeemed at another issuer",
        |given| given.issuer.issuer = "https://evil.example".to_owned(),
        Some(other(Some(ISSUER))),
    );
    check_answer(
        "an issuer that never names itself",
        |given| (given.query, given.issuer.names_itself) = (&[("code", "c")], false),
        None,
    );
    check_answer(
        "the provider says no",
        |given| given.query = &[("error", "access_denied"), ("iss", ISSUER)],
        Some(Refused {
            code: "access_denied".to_owned(),
        }),
    );
    check_answer(
        "a page in the error",
        |given| given.query = &[("error", "<script>"), ("iss", ISSUER)],
        Some(Refused {
            code: "no error code".to_owned(),
        }),
    );
    check_answer(
        "error and code",
        |given| given.query = &[("error", "x"), ("code", "c"), ("iss", ISSUER)],
        Some(Refused {
            code: "x".to_owned(),
        }),
    );
}

#[test]
fn the_code_is_redeemed_with_the_verifier() {
    let redeem = redeem();
    let verifier = URL_SAFE_NO_PAD.encode([3; RANDOM_BYTES]);
    assert_eq!(redeem.request.url, "https://id.example.com/token");
    assert_eq!(redeem.return_to, "/cases/dp_1");
    assert_eq!(
        redeem.request.body.expose(),
        format!(
            "grant_type=authorization_code&code=c0de&redirect_uri=https%3A%2F%2Fdesk.example.com%2Fsign-in%2Fid\
             &code_verifier={verifier}&client_id=docket"
        )
    );
    assert!(redeem.request.authorization.is_none());
    let printed = format!("{redeem:?} {:?}", callback(&[("code", "c0de")]));
    assert!(
        !printed.contains("c0de") && !printed.contains(&verifier),
        "{printed}"
    );
    let mut given = answered();
    given.issuer.client_secret = Some(Secret::new("p:q r"));
    let redeem = answer(
        &callback(given.query),
        given.pending,
        &given.issuer,
        given.browser.as_ref(),
        now(),
    )
    .unwrap();
    let basic = redeem.request.authorization.unwrap();
    assert_eq!(
        basic.expose(),
        format!("Basic {}", STANDARD.encode("docket:p%3Aq%20r"))
    );
    assert!(!redeem.request.body.expose().contains("client_id"));
}
