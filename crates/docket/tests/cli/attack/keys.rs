//! Keys that are none, not in force, not for this, or not where a key belongs.

use super::target::Target;
use super::{Attack, attack, request, status, withstood};
use base64::Engine as _;

super::on_both! {
    no_key_but_a_whole_one_in_its_place_opens
    a_key_opens_while_it_is_in_force_and_only_what_it_is_for
}

/// What stands in the header instead of a key. `{key}` is one in force.
#[rustfmt::skip]
const HEADERS: &[(&str, &str)] = &[
    ("an empty header", ""),
    ("no key behind the word", "Bearer"),
    ("an empty key", "Bearer "),
    ("the key without a word", "{key}"),
    ("another word", "Token {key}"),
    ("the word twice", "Bearer Bearer {key}"),
    ("two keys", "Bearer {key} {key}"),
    ("two keys with a comma", "Bearer {key},{key}"),
    ("a key one short", "Bearer {cut}"),
    ("a key one long", "Bearer {key}a"),
    ("a key with another end", "Bearer {swapped}"),
    ("a key in capitals", "Bearer {capitals}"),
    ("another house's prefix", "Bearer {foreign}"),
    ("the other mode's prefix", "Bearer {other_mode}"),
    ("the other kind's prefix", "Bearer {restricted}"),
    ("a publishable key", "Bearer pk_live_0123456789abcdef"),
    ("a key in quotes", "Bearer \"{key}\""),
    ("a key and a comment", "Bearer {key}#"),
    ("a key and a NUL's escape", "Bearer {key}%00"),
    ("a pattern", "Bearer dk_live_sk_%"),
    ("a statement", "Bearer ' OR '1'='1"),
    ("another alphabet", "Bearer dk_live_sk_\u{430}\u{430}\u{430}\u{430}"),
    ("a digest", "Digest username=\"{key}\""),
    ("no base64", "Basic !!!"),
];

fn with(name: &str, headers: &[(&str, &str)]) -> Attack {
    attack(
        name,
        request("GET", "/v1/disputes", headers, b""),
        &[400, 401],
    )
}

fn basic(user: &str, password: &str) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {text}")
}

fn headers(key: &str) -> Vec<Attack> {
    let (first, last) = key.split_at(key.len() - 1);
    let swapped = format!("{first}{}", if last == "a" { "b" } else { "a" });
    let filled = |header: &str| {
        header
            .replace("{key}", key)
            .replace("{cut}", first)
            .replace("{swapped}", &swapped)
            .replace("{capitals}", &key.to_uppercase())
            .replace("{foreign}", &key.replacen("dk_live_", "ek_live_", 1))
            .replace("{other_mode}", &key.replacen("dk_live_", "dk_test_", 1))
            .replace("{restricted}", &key.replacen("_sk_", "_rk_", 1))
    };
    let mut attacks: Vec<Attack> = HEADERS
        .iter()
        .map(|(name, header)| with(name, &[("authorization", &filled(header))]))
        .collect();
    let (good, bad) = (format!("Bearer {key}"), format!("Bearer {swapped}"));
    attacks.extend([
        with("no key", &[]),
        with(
            "a long key",
            &[("authorization", &format!("Bearer {}", "a".repeat(4_000)))],
        ),
        with(
            "the key as a password",
            &[("authorization", &basic("", key))],
        ),
        with(
            "the key and a password",
            &[("authorization", &basic(key, "secret"))],
        ),
        with(
            "two headers, the bad first",
            &[("authorization", &bad), ("authorization", &good)],
        ),
        with(
            "two headers, the bad last",
            &[("authorization", &good), ("authorization", &bad)],
        ),
        with("as a cookie", &[("cookie", &format!("session={key}"))]),
        with("under another name", &[("x-api-key", key)]),
    ]);
    attacks
}

fn no_key_but_a_whole_one_in_its_place_opens(target: Target) {
    let key = target.member.clone();
    let mut attacks = headers(&key);
    for place in ["api_key", "key", "access_token", "token", "authorization"] {
        let path = format!("/v1/disputes?{place}={key}");
        let sent = request("GET", &path, &[], b"");
        attacks.push(attack(
            format!("in the query as {place}"),
            sent,
            &[400, 401],
        ));
        let good = format!("Bearer {key}");
        let sent = request("GET", &path, &[("authorization", &good)], b"");
        let name = format!("in its header and in the query as {place}");
        attacks.push(attack(name, sent, &[401]));
    }
    for path in [
        "/v1/files",
        "/v1/events",
        "/v1/charges",
        "/v1/account",
        "/v1/webhook_endpoints",
        "/docket/v1/disputes",
        "/docket/v1/queue",
        "/docket/v1/books",
        "/docket/v1/people",
        "/docket/v1/api_keys",
    ] {
        attacks.push(attack(path, request("GET", path, &[], b""), &[401]));
    }
    withstood(&target, "keys", &attacks);
    let good = format!("Bearer {key}");
    let asked = with("a key in force", &[("authorization", &good)]);
    assert_eq!(status(&target.exchange(&asked)), 200);
    target.serving.stop();
}

fn call(name: &str, key: &str, way: (&str, &str), refused: &'static [u16]) -> Attack {
    let bearer = format!("Bearer {key}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let kind = if way.1.starts_with("/v1") { form } else { json };
    let headers = [
        ("authorization", bearer.as_str()),
        ("if-match", "\"0\""),
        kind,
    ];
    let sent = request(way.0, way.1, &headers, b"");
    attack(format!("{name}: {} {}", way.0, way.1), sent, refused)
}

fn a_key_opens_while_it_is_in_force_and_only_what_it_is_for(target: Target) {
    let member = ["--role", "merchant-member"];
    let mint = |more: &[&str]| target.key("mer_1", &[&member[..], more].concat());
    let (_, ended) = mint(&[
        "--expires",
        "2024-04-02T00:00:00Z",
        "--at",
        "2024-04-01T00:00:00Z",
    ]);
    let (_, elsewhere) = mint(&["--network", "192.0.2.0/24"]);
    let (_, testing) = mint(&["--mode", "test"]);
    let (_, reading) = mint(&["--scopes", "disputes:read"]);
    let (revoked_id, revoked) = mint(&[]);
    target
        .desk
        .run(&["api-key", "revoke", &revoked_id])
        .exits(0);
    let mut attacks = Vec::new();
    for path in [
        "/v1/disputes",
        "/v1/files",
        "/v1/events",
        "/docket/v1/disputes",
    ] {
        attacks.push(call("ended", &ended, ("GET", path), &[401]));
        attacks.push(call("revoked", &revoked, ("GET", path), &[401]));
        attacks.push(call(
            "from elsewhere",
            &elsewhere,
            ("GET", path),
            &[401, 403],
        ));
    }
    let own = target.own.clone();
    let ways = |base: &str, ends: &[&str]| -> Vec<String> {
        ends.iter()
            .map(|end| format!("{base}/{own}{end}"))
            .collect()
    };
    for path in ways("/v1/disputes", &["", "/close"]) {
        attacks.push(call("the other mode", &testing, ("POST", &path), &[404]));
    }
    let read = ways(
        "/docket/v1/disputes",
        &["", "/movements", "/requirements", "/obligations"],
    );
    for path in &read {
        attacks.push(call("the other mode", &testing, ("GET", path), &[404]));
    }
    attacks.push(call(
        "restricted",
        &reading,
        ("POST", &ways("/v1/disputes", &["/close"])[0]),
        &[403],
    ));
    for path in [
        "/v1/files",
        "/v1/webhook_endpoints",
        "/v1/events",
        "/docket/v1/books",
    ] {
        attacks.push(call("restricted", &reading, ("GET", path), &[403]));
    }
    let ends = [
        "/accept",
        "/seal",
        "/submit",
        "/withdraw",
        "/review",
        "/dishonor",
        "/evidence",
        "/notes",
        "/messages",
        "/assign",
    ];
    for path in ways("/docket/v1/disputes", &ends) {
        attacks.push(call("a viewer", &target.viewer, ("POST", &path), &[403]));
    }
    attacks.push(call(
        "a viewer",
        &target.viewer,
        ("POST", &ways("/v1/disputes", &["/close"])[0]),
        &[403],
    ));
    for path in ["/docket/v1/quarantine", "/docket/v1/morning"] {
        attacks.push(call("a merchant's", &target.member, ("GET", path), &[403]));
    }
    withstood(&target, "keys-in-force", &attacks);
    target.serving.stop();
}
