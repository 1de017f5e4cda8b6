//! Attacks with API keys: each line is one, with the refusal it meets. Keys are made while the test runs.

#![allow(clippy::string_slice, clippy::unwrap_used, reason = "tests")]

use std::net::IpAddr;

use access::hashed::Hashed;
use access::key::{
    Key, KeyError, KeyKind, KeyRefusal, OVERLAP_SECONDS_MAX, RANDOM_BYTES, StoredKey, admit,
    find_keys, from_authorization, parse,
};
use access::network::Network;
use access::scope::{Access, ScopeError, Scopes};
use access::{
    Action, Denied, KeyId, MerchantId, Mode, Owner, PersonId, Resource, Role, Tenant, may,
};
use calendar::Instant;

fn now() -> Instant {
    Instant::parse("2026-11-02T10:00:00Z").unwrap()
}

fn minted() -> Key {
    Key::mint([7; RANDOM_BYTES], Mode::Live, KeyKind::Secret)
}

fn stored(key: &Key) -> StoredKey {
    StoredKey {
        id: KeyId::parse("key_1").unwrap(),
        hash: key.parsed.hash,
        shown: key.parsed.shown.clone(),
        mode: key.parsed.mode,
        kind: key.parsed.kind,
        tenant: Tenant::Merchant(MerchantId::parse("mer_1").unwrap()),
        roles: vec![Role::MerchantMember],
        scopes: Scopes::none(),
        made_by: PersonId::parse("per_1").unwrap(),
        made_at: now().plus_days(-30),
        expires_at: None,
        networks: Vec::new(),
        replaced_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn home() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

#[track_caller]
fn check_offline(attack: &str, text: &str, want: KeyError) {
    let refused = parse(text).expect_err(attack);
    assert_eq!(refused, want, "{attack}");
    let said = format!("{refused} {refused:?}");
    let tail: String = text.chars().skip(11).collect();
    assert!(
        tail.len() < 8 || !said.contains(&tail),
        "{attack}: the key is in {said}"
    );
}

#[test]
fn a_key_that_is_not_ours_never_reaches_the_store() {
    let key = minted();
    let text = key.secret.expose();
    let body = text.trim_start_matches("dk_live_sk_");
    check_offline("empty", "", KeyError::Prefix);
    check_offline(
        "another product's prefix",
        &format!("ek_live_sk_{body}"),
        KeyError::Prefix,
    );
    check_offline(
        "upper case prefix",
        &format!("DK_LIVE_SK_{body}"),
        KeyError::Prefix,
    );
    check_offline(
        "a mode that is none",
        &format!("dk_prod_sk_{body}"),
        KeyError::Prefix,
    );
    check_offline(
        "a kind that is none",
        &format!("dk_live_pk_{body}"),
        KeyError::Prefix,
    );
    check_offline("prefix without a key", "dk_live_sk", KeyError::Prefix);
    check_offline(
        "prefix alone",
        "dk_live_sk_",
        KeyError::Length { found: 11 },
    );
    check_offline("cut by one", &text[..49], KeyError::Length { found: 49 });
    check_offline(
        "one more",
        &format!("{text}0"),
        KeyError::Length { found: 51 },
    );
    check_offline("leading space", &format!(" {text}"), KeyError::Prefix);
    check_offline(
        "trailing line end",
        &format!("{text}\n"),
        KeyError::Length { found: 51 },
    );
    check_offline(
        "trailing NUL",
        &format!("{text}\0"),
        KeyError::Length { found: 51 },
    );
    check_offline(
        "a separator inside",
        &format!("{}-{}", &text[..20], &text[21..]),
        KeyError::Character,
    );
    check_offline(
        "a letter that looks alike",
        &format!("{}а{}", &text[..20], &text[21..]),
        KeyError::Character,
    );
    check_offline(
        "a megabyte",
        &format!("dk_live_sk_{}", "A".repeat(1 << 20)),
        KeyError::Length {
            found: (1 << 20) + 11,
        },
    );
    check_offline(
        "zeros",
        &format!("dk_live_sk_{}", "0".repeat(39)),
        KeyError::Checksum,
    );
    check_offline(
        "a number beyond 24 bytes, with its checksum",
        &format!("dk_live_sk_{}1EDWPu", "z".repeat(33)),
        KeyError::Checksum,
    );
    check_offline(
        "a number beyond 24 bytes",
        &format!("dk_live_sk_{}", "z".repeat(39)),
        KeyError::Checksum,
    );
    check_offline(
        "test key said to be live",
        &text.replace("live", "test"),
        KeyError::Checksum,
    );
    check_offline(
        "restricted key said to be secret",
        &text.replace("sk_", "rk_"),
        KeyError::Checksum,
    );
}

#[test]
fn any_one_changed_character_is_refused_offline() {
    let key = minted();
    let text = key.secret.expose();
    for at in 11..text.len() {
        for other in ["0", "9", "A", "Z", "a", "z"] {
            if &text[at..=at] != other {
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                check_offline(&format!("{other} at {at}"), &changed, KeyError::Checksum);
            }
        }
    }
}

#[test]
fn two_neighbours_swapped_are_refused_offline() {
    let key = Key::mint(
        *b"0123456789abcdefghijklmn",
        Mode::Test,
        KeyKind::Restricted,
    );
    let text = key.secret.expose();
    for at in 11..text.len() - 1 {
        let (one, other) = (&text[at..=at], &text[at + 1..at + 2]);
        if one != other {
            let swapped = format!("{}{other}{one}{}", &text[..at], &text[at + 2..]);
            check_offline(&format!("swap at {at}"), &swapped, KeyError::Checksum);
        }
    }
}

#[test]
fn a_key_is_read_back_as_it_was_made() {
    for (mode, kind, prefix) in [
        (Mode::Live, KeyKind::Secret, "dk_live_sk_"),
        (Mode::Live, KeyKind::Restricted, "dk_live_rk_"),
        (Mode::Test, KeyKind::Secret, "dk_test_sk_"),
        (Mode::Test, KeyKind::Restricted, "dk_test_rk_"),
    ] {
        let key = Key::mint([9; RANDOM_BYTES], mode, kind);
        let text = key.secret.expose();
        assert!(text.starts_with(prefix) && text.len() == 50, "{prefix}");
        let read = parse(text).unwrap();
        assert_eq!((read.mode, read.kind), (mode, kind));
        assert_eq!(read, key.parsed);
        assert_eq!(read.shown, format!("{prefix}...{}", &text[46..]));
    }
}

#[test]
fn nothing_printed_has_the_key_in_it() {
    let key = minted();
    let body = &key.secret.expose()[11..46];
    let hash: String = key
        .parsed
        .hash
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte}, "))
        .collect();
    let printed = format!(
        "{key:?} {:?} {:?} {:?}",
        key.parsed,
        key.secret,
        stored(&key)
    );
    assert!(!printed.contains(body), "{printed}");
    assert!(!printed.contains(&hash), "{printed}");
    assert!(printed.contains("dk_live_sk_..."));
}

#[track_caller]
fn check_header(attack: &str, header: &str, want: Result<(), KeyError>) {
    assert_eq!(from_authorization(header).map(|_| ()), want, "{attack}");
}

#[test]
fn a_key_is_taken_from_the_header_in_two_forms_only() {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let key = minted();
    let text = key.secret.expose();
    check_header("bearer", &format!("Bearer {text}"), Ok(()));
    check_header("scheme in small letters", &format!("bearer {text}"), Ok(()));
    check_header(
        "basic with the key as user",
        &format!("Basic {}", encode(&format!("{text}:"))),
        Ok(()),
    );
    check_header(
        "basic with a password",
        &format!("Basic {}", encode(&format!("{text}:x"))),
        Err(KeyError::Missing),
    );
    check_header(
        "basic with the key as password",
        &format!("Basic {}", encode(&format!("x:{text}"))),
        Err(KeyError::Missing),
    );
    check_header(
        "basic without a colon",
        &format!("Basic {}", encode(text)),
        Err(KeyError::Missing),
    );
    check_header(
        "basic that is not base64",
        "Basic %%%",
        Err(KeyError::Missing),
    );
    check_header(
        "basic that is not text",
        "Basic //79",
        Err(KeyError::Missing),
    );
    check_header("no scheme", text, Err(KeyError::Missing));
    check_header(
        "another scheme",
        &format!("Digest {text}"),
        Err(KeyError::Missing),
    );
    check_header(
        "two keys",
        &format!("Bearer {text}, Bearer {text}"),
        Err(KeyError::Length { found: 109 }),
    );
    check_header("empty", "", Err(KeyError::Missing));
    check_header("bearer of nothing", "Bearer ", Err(KeyError::Prefix));
}

#[test]
fn a_key_in_an_url_or_a_log_is_found_as_leaked() {
    let key = minted();
    let text = key.secret.expose();
    let found = |text: &str| {
        find_keys(text)
            .into_iter()
            .map(|key| key.shown)
            .collect::<Vec<_>>()
    };
    let shown = vec![key.parsed.shown.clone()];
    assert_eq!(
        found(&format!("/v1/disputes?api_key={text}&limit=3")),
        shown
    );
    assert_eq!(found(&format!("https://{text}:@desk.example.com/")), shown);
    assert_eq!(
        found(&format!("/v1/disputes?key={}", text.replace('_', "%5F"))),
        shown
    );
    assert_eq!(found(&format!("my key is {text}.")), shown);
    assert_eq!(found(&format!("dk_dk_{text}{text}")).len(), 2);
    assert_eq!(found("/v1/disputes?dk_live_sk_=1"), Vec::<String>::new());
    assert_eq!(found(&key.parsed.shown), Vec::<String>::new());
}

#[track_caller]
fn check_use(attack: &str, change: impl FnOnce(&mut StoredKey), from: &str, want: Option<&str>) {
    let key = minted();
    let mut row = stored(&key);
    change(&mut row);
    let used = admit(&key.parsed, Some(&row), now(), from.parse().unwrap());
    let refused = used.err().map(|refusal| refusal.to_string());
    let shown = &key.parsed.shown;
    let want = want.map(|want| want.replace("KEY", &format!("the API key {shown}")));
    assert_eq!(refused, want, "{attack}");
}

#[test]
fn a_key_is_used_only_while_and_where_it_may_be() {
    let net = |text: &str| vec![Network::parse(text).unwrap()];
    let here = "192.0.2.7";
    let soon = now().plus_seconds(1);
    check_use("nothing wrong", |_| {}, here, None);
    check_use(
        "guessed: another hash",
        |row| row.hash = Hashed::from_bytes([0; 32]),
        here,
        Some("no such API key"),
    );
    check_use(
        "row of the other mode",
        |row| row.mode = Mode::Test,
        here,
        Some("no such API key"),
    );
    check_use(
        "row of the other kind",
        |row| row.kind = KeyKind::Restricted,
        here,
        Some("no such API key"),
    );
    check_use(
        "revoked this instant",
        |row| row.revoked_at = Some(now()),
        here,
        Some("KEY was revoked"),
    );
    check_use(
        "leaked",
        |row| *row = row.clone().revoked(now()),
        here,
        Some("KEY was revoked"),
    );
    check_use(
        "expires this instant",
        |row| row.expires_at = Some(now()),
        here,
        Some("KEY expired at 2026-11-02T10:00:00Z"),
    );
    check_use(
        "expires soon",
        |row| row.expires_at = Some(soon),
        here,
        None,
    );
    check_use(
        "rotated, in its overlap",
        |row| *row = row.clone().replaced(now(), 60),
        here,
        None,
    );
    check_use(
        "rotated without overlap",
        |row| *row = row.clone().replaced(now(), 0),
        here,
        Some("KEY was replaced, and its overlap ended at 2026-11-02T10:00:00Z"),
    );
    check_use(
        "rotated with a negative overlap",
        |row| *row = row.clone().replaced(now(), i64::MIN),
        here,
        Some("KEY was replaced, and its overlap ended at 2026-11-02T10:00:00Z"),
    );
    check_use(
        "revoked in its overlap",
        |row| *row = row.clone().replaced(now(), 60).revoked(now()),
        here,
        Some("KEY was revoked"),
    );
    check_use(
        "from its network",
        |row| row.networks = net("192.0.2.0/24"),
        here,
        None,
    );
    check_use(
        "from its network, mapped",
        |row| row.networks = net("192.0.2.0/24"),
        "::ffff:192.0.2.7",
        None,
    );
    check_use(
        "from elsewhere",
        |row| row.networks = net("192.0.2.0/24"),
        "198.51.100.1",
        Some("KEY may not be used from 198.51.100.1"),
    );
    check_use(
        "from elsewhere, mapped",
        |row| row.networks = net("192.0.2.0/24"),
        "::ffff:198.51.100.1",
        Some("KEY may not be used from 198.51.100.1"),
    );
    check_use(
        "over IPv6 though only IPv4 is listed",
        |row| row.networks = net("0.0.0.0/0"),
        "2001:db8::1",
        Some("KEY may not be used from 2001:db8::1"),
    );
    check_use(
        "a desk's role in a merchant's key",
        |row| row.roles = vec![Role::Admin],
        here,
        Some("KEY has roles that cannot be: role `admin` is not held by the tenant that asks"),
    );
}

#[test]
fn a_key_that_does_not_exist_is_refused_like_a_wrong_one() {
    let refused = admit(&minted().parsed, None, now(), home()).unwrap_err();
    assert_eq!(refused, KeyRefusal::NoSuchKey);
}

#[test]
fn an_overlap_is_at_most_a_week_and_never_grows() {
    let row = stored(&minted()).replaced(now(), i64::MAX);
    assert_eq!(
        row.replaced_at,
        Some(now().plus_seconds(OVERLAP_SECONDS_MAX))
    );
    let row = row.replaced(now(), 60).replaced(now(), OVERLAP_SECONDS_MAX);
    assert_eq!(row.replaced_at, Some(now().plus_seconds(60)));
    let row = row.revoked(now()).revoked(now().plus_days(1));
    assert_eq!(row.revoked_at, Some(now()));
}

#[test]
fn last_use_is_written_once_a_minute() {
    let mut row = stored(&minted());
    assert!(row.use_is_news(now()));
    row.last_used_at = Some(now());
    assert!(!row.use_is_news(now().plus_seconds(59)));
    assert!(row.use_is_news(now().plus_seconds(60)));
    assert!(!row.use_is_news(now().plus_seconds(-5)));
}

/// A restricted key's scope x action x resource: reads with `read`, everything its role may with `write`, nothing else.
#[test]
fn a_restricted_key_does_what_its_scopes_say_and_no_more() {
    let key = Key::mint([3; RANDOM_BYTES], Mode::Live, KeyKind::Restricted);
    let merchant = MerchantId::parse("mer_1").unwrap();
    let owner = Owner {
        merchant: Some(&merchant),
        mode: Mode::Live,
    };
    for scoped in Resource::ALL.iter().copied() {
        for access in [None, Some(Access::Read), Some(Access::Write)] {
            let mut row = stored(&key);
            row.scopes =
                access.map_or(Scopes::none(), |access| Scopes::none().with(scoped, access));
            let asker = admit(&key.parsed, Some(&row), now(), home()).unwrap();
            for action in Action::ALL.iter().copied() {
                for resource in Resource::ALL.iter().copied() {
                    let scope = match access {
                        Some(Access::Write) => resource == scoped,
                        Some(Access::Read) => resource == scoped && action.reads_only(),
                        None => false,
                    };
                    let person = access::policy::needs_person(action, resource);
                    let may = may(Role::MerchantMember, action, resource) && scope && !person;
                    let said = asker.check(action, resource, Some(owner), now());
                    assert_eq!(
                        said.is_ok(),
                        may,
                        "{access:?} {scoped}: {action} {resource}"
                    );
                }
            }
        }
    }
}

#[track_caller]
fn check_key_denied(attack: &str, action: Action, resource: Resource, want: Denied) {
    let key = minted();
    let asker = admit(&key.parsed, Some(&stored(&key)), now(), home()).unwrap();
    let merchant = MerchantId::parse("mer_1").unwrap();
    let owner = Owner {
        merchant: Some(&merchant),
        mode: Mode::Live,
    };
    assert_eq!(
        asker.check(action, resource, Some(owner), now()),
        Err(want),
        "{attack}"
    );
}

#[test]
fn a_leaked_key_lets_nobody_else_in() {
    let (action, person) = (Action::Manage, |resource| Denied::NeedsPerson {
        action: Action::Manage,
        resource,
    });
    check_key_denied(
        "makes another key",
        action,
        Resource::Keys,
        person(Resource::Keys),
    );
    check_key_denied(
        "invites a person",
        action,
        Resource::People,
        person(Resource::People),
    );
    check_key_denied(
        "changes settings",
        action,
        Resource::Settings,
        person(Resource::Settings),
    );
    let role = Denied::Role {
        action: Action::Approve,
        resource: Resource::Plans,
    };
    check_key_denied("approves", Action::Approve, Resource::Plans, role);
}

#[test]
fn a_scope_that_could_be_read_two_ways_is_refused() {
    let form = |found: &str| {
        Err(ScopeError::Form {
            found: found.to_owned(),
        })
    };
    for (text, want) in [
        ("", Ok(String::new())),
        (
            "disputes:read  evidence:write",
            Ok("disputes:read evidence:write".to_owned()),
        ),
        ("disputes", form("disputes")),
        ("disputes:admin", form("disputes:admin")),
        ("*:write", form("*:write")),
        ("Disputes:read", form("Disputes:read")),
        ("disputes:read:write", form("disputes:read:write")),
        ("disputes:none", form("disputes:none")),
        (
            "disputes:read disputes:write",
            Err(ScopeError::Twice {
                resource: Resource::Disputes,
            }),
        ),
    ] {
        assert_eq!(
            Scopes::parse(text).map(|scopes| scopes.to_string()),
            want,
            "{text:?}"
        );
    }
}
