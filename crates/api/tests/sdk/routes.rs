//! Every operation, called as every role, as another tenant, in the other mode and as nobody: what comes of it is what the
//! policy says, and the reference of routes is written from that.

use crate::desk::Served;
use crate::http::{Answered, send};
use crate::run::over_each;
use access::policy::{Role, may, needs_person};
use api::{Right, rights};
use app::Place;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const PAGE: &str = "docs/reference/routes.md";

/// What the parts of paths are for the merchant whose desk it is.
pub type Parts = BTreeMap<&'static str, String>;

/// Parts that name what belongs to somebody.
const OWNED: &[&str] = &[
    "charge",
    "dispute",
    "document",
    "endpoint",
    "event",
    "file",
    "intent",
    "link",
    "transaction",
    "warning",
];

/// A body that reads, for what takes one: what is refused then is not the body.
fn body(right: &Right) -> (&'static str, &'static str) {
    let last = right.path.rsplit('/').next().unwrap_or_default();
    match (right.json, last) {
        (true, "evidence") => (JSON, r#"{"slots":{"rebuttal_letter":{"text":"x"}}}"#),
        (true, "notes" | "messages") => (JSON, r#"{"text":"x"}"#),
        (true, "assign") => (JSON, r#"{"to":"Ann"}"#),
        (true, "dishonor") => (JSON, r#"{"code":"R61"}"#),
        (true, "waive") if right.path.contains("requirements") => (JSON, r#"{"reason":"x"}"#),
        (true, "waive") => (JSON, r#"{"obligation":"respond/chargeback","reason":"x"}"#),
        (true, "bulk") => (
            JSON,
            r#"{"rows":[{"dispute":"dp_none","do":{"seal":{"version":1}}}]}"#,
        ),
        (true, "resend") => (JSON, r#"{"event":"evt_none"}"#),
        (true, "replay") => (JSON, r#"{"from":1,"until":9}"#),
        (true, _) => (JSON, "{}"),
        (false, "webhook_endpoints") => (FORM, HOOK),
        (false, "file_links") => (FORM, "file=file_none"),
        (false, _) => (FORM, ""),
    }
}

/// Nobody listens there.
const HOOK: &str = "url=http://127.0.0.1:9/hook&enabled_events[]=*";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn path(right: &Right, parts: &Parts) -> String {
    let filled = right.path.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        match name {
            Some(name) => parts
                .get(name)
                .cloned()
                .unwrap_or_else(|| panic!("no {name} to ask for")),
            None => part.to_owned(),
        }
    });
    filled.collect::<Vec<String>>().join("/")
}

fn call(served: &Served, right: &Right, parts: &Parts, key: Option<&str>) -> Answered {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let (kind, body) = body(right);
    let mut headers: Vec<(&str, &str)> = Vec::new();
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    let sends = right.method == "POST";
    if sends {
        headers.push(("content-type", kind));
    }
    if right.guarded {
        headers.push(("if-match", "\"0\""));
    }
    let body = if sends { body } else { "" };
    send(
        &served.url,
        &right.method,
        &path(right, parts),
        &headers,
        body.as_bytes(),
    )
}

/// One of everything that the first merchant has.
pub fn parts(served: &Served) -> Parts {
    let world = |path: &str| send(&served.url, "POST", path, &[], b"").body;
    let read = |path: &str, key: &str| {
        let bearer = format!("Bearer {key}");
        let answered = send(&served.url, "GET", path, &[("authorization", &bearer)], b"");
        assert_eq!(answered.status, 200, "{path}: {}", answered.body);
        answered.json()
    };
    let text = |value: &Value, pointer: &str| {
        let found = value.pointer(pointer).and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("no {pointer} in {value}"))
            .to_owned()
    };
    world("/world/open/stripe/merchant_1");
    let disputes = read("/v1/disputes", &served.key);
    let charge = text(&disputes, "/data/0/charge");
    world(&format!("/world/warn/merchant_1/{charge}"));
    world("/world/publish");
    let dispute = text(&disputes, "/data/0/id");
    let timeline = read(
        &format!("/docket/v1/disputes/{dispute}/timeline"),
        &served.desk_key,
    );
    let first = |path: &str| text(&read(path, &served.key), "/data/0/id");
    let file = upload(served);
    let bearer = format!("Bearer {}", served.key);
    let headers = [("authorization", bearer.as_str()), ("content-type", FORM)];
    let linked = send(
        &served.url,
        "POST",
        "/v1/file_links",
        &headers,
        format!("file={file}").as_bytes(),
    );
    Parts::from([
        ("intent", text(&disputes, "/data/0/payment_intent")),
        ("document", text(&timeline, "/events/0/document")),
        ("transaction", first("/v1/balance_transactions")),
        ("warning", first("/v1/radar/early_fraud_warnings")),
        ("event", first("/v1/events")),
        ("link", text(&linked.json(), "/id")),
        ("endpoint", endpoint(served)),
        ("account", String::from("mer_1")),
        ("provider", String::from("stripe")),
        ("merchant", String::from("mer_1")),
        ("person", String::from("per_1")),
        ("key", String::from("key_1")),
        ("field", String::from("status")),
        ("slot", String::from("rebuttal_letter")),
        ("file", file),
        ("charge", charge),
        ("dispute", dispute),
    ])
}

/// A new one of the first merchant's.
fn endpoint(served: &Served) -> String {
    let bearer = format!("Bearer {}", served.key);
    let headers = [("authorization", bearer.as_str()), ("content-type", FORM)];
    let at = "/v1/webhook_endpoints";
    let made = send(&served.url, "POST", at, &headers, HOOK.as_bytes());
    assert_eq!(made.status, 200, "{}", made.body);
    made.json()["id"].as_str().expect("an id").to_owned()
}

fn upload(served: &Served) -> String {
    let bearer = format!("Bearer {}", served.key);
    let kind = "multipart/form-data; boundary=edge";
    let part = |name: &str, more: &str, content: &str| {
        format!(
            "--edge\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n"
        )
    };
    let body = [
        part("purpose", "", "dispute_evidence"),
        part(
            "file",
            "; filename=\"letter.txt\"\r\ncontent-type: text/plain",
            "The goods arrived.",
        ),
        String::from("--edge--\r\n"),
    ]
    .concat();
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    let answered = send(&served.url, "POST", "/v1/files", &headers, body.as_bytes());
    assert_eq!(answered.status, 200, "{}", answered.body);
    answered.json()["id"].as_str().expect("an id").to_owned()
}

/// The body without what differs between two requests for two ids.
fn words(answered: &Answered, parts: &Parts) -> String {
    let mut body = answered.json();
    if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("request_id");
    }
    let mut text = body.to_string();
    for id in OWNED.iter().filter_map(|name| parts.get(name)) {
        text = text.replace(id, "<id>");
    }
    text
}

fn owned(right: &Right) -> bool {
    OWNED
        .iter()
        .any(|name| right.path.contains(&format!("{{{name}}}")))
}

#[track_caller]
fn check_role(served: &Served, right: &Right, parts: &Parts, role: Role) -> &'static str {
    let key = served.role_key(role);
    let mut parts = parts.clone();
    if right.method == "DELETE" {
        // Whoever may, may once.
        parts.insert("endpoint", endpoint(served));
    }
    let answered = call(served, right, &parts, Some(key));
    let person = needs_person(right.action, right.resource);
    let granted = may(role, right.action, right.resource);
    let about = format!(
        "{} {} as {role}: {}",
        right.method, right.path, answered.body
    );
    match granted && !person {
        true => assert!(
            !matches!(answered.status, 401 | 403 | 404 | 500..),
            "{about}"
        ),
        false => assert_eq!(answered.status, 403, "{about}"),
    }
    match (granted, person) {
        (true, false) => "yes",
        (true, true) => "person",
        (false, _) => "",
    }
}

fn check_walls(served: &Served, right: &Right, parts: &Parts) {
    let about = format!("{} {}", right.method, right.path);
    assert_eq!(
        call(served, right, parts, None).status,
        401,
        "{about} as nobody"
    );
    let allowed = |role| {
        may(role, right.action, right.resource) && !needs_person(right.action, right.resource)
    };
    if !owned(right) || !allowed(Role::MerchantMember) {
        return;
    }
    let random: Parts = parts
        .iter()
        .map(|(name, id)| match OWNED.contains(name) {
            true => (*name, unknown(id)),
            false => (*name, id.clone()),
        })
        .collect();
    for (who, key) in [
        ("another tenant", &served.other_key),
        ("the other mode", &served.test_key),
    ] {
        let theirs = call(served, right, parts, Some(key));
        let nothing = call(served, right, &random, Some(key));
        assert_eq!(theirs.status, 404, "{about} as {who}: {}", theirs.body);
        assert_eq!(nothing.status, 404, "{about} of nothing: {}", nothing.body);
        assert_eq!(
            words(&theirs, parts),
            words(&nothing, &random),
            "{about} as {who}"
        );
    }
}

/// An id of the same form that nobody has.
fn unknown(id: &str) -> String {
    let last = id.chars().last().unwrap_or('a');
    let other = if last == '0' { '2' } else { '0' };
    let mut text: String = id
        .chars()
        .take(id.chars().count().saturating_sub(1))
        .collect();
    text.push(other);
    text
}

const OPENING: &str = "\
# Routes

For developers and auditors: every route of `/docket/v1` and `/v1`, what it asks of the policy, and which role's key may. Made by calling each
route as each role; every call did what this says. What each route takes and gives is in [openapi.json](openapi.json), and for people on
`/docket/v1/reference` of a desk.

`yes`: a key of this role may. `person`: a person of this role may, signed in, and no key. Empty: 403. Without a key every route answers 401.
What belongs to another merchant, or to the other mode, is answered like what is not there: the same status and the same body but for the id.
Some routes ask for more, by what is sent: an update of `/v1/disputes` for `answer evidence` or `note disputes`, each row of `bulk` for what it does.

";

#[test]
fn every_route_answers_every_role_and_tenant_as_the_policy_says() {
    over_each("routes", every_route);
}

fn every_route(place: &Place) {
    let served = Served::start(place);
    let parts = parts(&served);
    let mut page = String::from(OPENING);
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    writeln!(page, "| route | asks | {} |", roles.join(" | ")).expect("a string takes every write");
    writeln!(page, "| -- | -- |{}", " -- |".repeat(roles.len()))
        .expect("a string takes every write");
    let rights = rights();
    for right in &rights {
        check_walls(&served, right, &parts);
    }
    for right in &rights {
        let cells: Vec<&str> = Role::ALL
            .iter()
            .map(|role| check_role(&served, right, &parts, *role))
            .collect();
        writeln!(
            page,
            "| `{} {}` | {} {} | {} |",
            right.method,
            right.path,
            right.action,
            right.resource,
            cells.join(" | ")
        )
        .expect("a string takes every write");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(PAGE);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "{PAGE} is stale: run with BLESS=1 and read the difference"
    );
}
