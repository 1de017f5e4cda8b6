//! People with a session: what only they may, and what holds a browser's session from other people's pages.

use crate::desk::{Served, still};
use crate::http::{Answered, send};
use crate::run::over_each;
use app::Place;
use serde_json::{Value, json};

/// Somebody signed in.
pub struct Person<'a> {
    served: &'a Served,
    pub cookie: String,
    pub csrf: String,
}

impl Person<'_> {
    #[track_caller]
    pub fn of<'a>(served: &'a Served, role: &str) -> Person<'a> {
        let path = format!("/world/sign_in/{role}");
        let token = send(&served.url, "POST", &path, &[], b"").body;
        let mut person = Person {
            served,
            cookie: format!("__Host-docket={token}"),
            csrf: String::new(),
        };
        let session = person.sent("GET", "/docket/v1/session", &[], &Value::Null);
        assert_eq!(session.status, 200, "{}", session.body);
        session.json()["csrf"]
            .as_str()
            .expect("a token")
            .clone_into(&mut person.csrf);
        person
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Answered {
        self.sent("POST", path, &[("x-csrf-token", &self.csrf)], body)
    }

    #[track_caller]
    fn sent(&self, method: &str, path: &str, more: &[(&str, &str)], body: &Value) -> Answered {
        let mut headers = vec![("cookie", self.cookie.as_str())];
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
        }
        headers.extend(more);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        send(&self.served.url, method, path, &headers, body.as_bytes())
    }
}

#[track_caller]
fn check(answered: &Answered, status: u16, pointer: &str, want: &Value) {
    assert_eq!(answered.status, status, "{}", answered.body);
    let body = answered.json();
    assert_eq!(
        body.pointer(pointer).unwrap_or(&Value::Null),
        want,
        "{body}"
    );
}

#[test]
fn a_member_makes_replaces_and_ends_keys_and_no_key_does() {
    over_each("keys", keys);
}

fn keys(place: &Place) {
    let served = Served::start(place);
    let _still = still();
    let member = Person::of(&served, "merchant-member");
    let wish = json!({"label": "books", "roles": ["merchant-viewer"], "scopes": "disputes:read"});
    let made = member.post("/docket/v1/api_keys", &wish);
    check(&made, 200, "/key/roles", &json!(["merchant-viewer"]));
    let reads = |key: &str| {
        let bearer = format!("Bearer {key}");
        send(
            &served.url,
            "GET",
            "/v1/disputes",
            &[("authorization", &bearer)],
            b"",
        )
        .status
    };
    let secret = made.json()["secret"].as_str().expect("a key").to_owned();
    assert_eq!(reads(&secret), 200);
    let id = made.json()["key"]["id"].as_str().expect("an id").to_owned();
    let rotate = format!("/docket/v1/api_keys/{id}/rotate");
    let next = member.post(&rotate, &json!({"overlap_hours": 1}));
    check(&next, 200, "/key/label", &json!("books"));
    let revoked = member.post(&format!("/docket/v1/api_keys/{id}/revoke"), &json!({}));
    check(&revoked, 200, "/id", &json!(id));
    assert_eq!(reads(&secret), 401);
    assert_eq!(reads(next.json()["secret"].as_str().expect("a key")), 200);

    pins(&served, &member);
    let kept = [
        ("x-csrf-token", member.csrf.as_str()),
        ("idempotency-key", "k"),
    ];
    let kept = member.sent("POST", "/docket/v1/api_keys", &kept, &wish);
    check(&kept, 400, "/error/param", &json!("Idempotency-Key"));
    let desk = json!({"label": "desk", "roles": ["analyst"], "merchant": "mer_2"});
    check(
        &member.post("/docket/v1/api_keys", &desk),
        404,
        "/error/docket_code",
        &json!("DP-5002"),
    );
    let admin = json!({"label": "more", "roles": ["admin"]});
    check(
        &member.post("/docket/v1/api_keys", &admin),
        403,
        "/error/docket_code",
        &json!("DP-5001"),
    );
    let bearer = format!("Bearer {}", served.key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let by_key = send(
        &served.url,
        "POST",
        "/docket/v1/api_keys",
        &headers,
        wish.to_string().as_bytes(),
    );
    assert_eq!(by_key.status, 403, "{}", by_key.body);
}

/// The version of a key answers who names none, and goes on with its successor.
fn pins(served: &Served, member: &Person<'_>) {
    let version = |key: &str, more: &[(&str, &str)]| {
        let bearer = format!("Bearer {key}");
        let headers = [&[("authorization", bearer.as_str())], more].concat();
        let answered = send(&served.url, "GET", "/v1/disputes", &headers, b"");
        answered
            .header("stripe-version")
            .unwrap_or_default()
            .to_owned()
    };
    let secret = |made: &crate::http::Answered| {
        made.json()["secret"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (pinned, later) = ("2025-09-30.clover", "2026-07-29.dahlia");
    let mut wish = json!({"label": "old", "roles": ["merchant-viewer"], "api_version": pinned});
    let made = member.post("/docket/v1/api_keys", &wish);
    check(&made, 200, "/key/api_version", &json!(pinned));
    let key = secret(&made);
    assert_eq!(version(&key, &[]), pinned);
    assert_eq!(version(&key, &[("stripe-version", later)]), later);
    let id = made.json()["key"]["id"].as_str().expect("an id").to_owned();
    let at = format!("/docket/v1/api_keys/{id}");
    let next = member.post(&format!("{at}/rotate"), &json!({"overlap_hours": 1}));
    assert_eq!(
        (version(&secret(&next), &[]), version(&key, &[])),
        (pinned.to_owned(), pinned.to_owned())
    );
    let changed = member.post(&at, &json!({"api_version": later, "label": "new"}));
    check(&changed, 200, "/api_version", &json!(later));
    let renamed = member.post(&at, &json!({"label": "newer"}));
    check(&renamed, 200, "/api_version", &json!(later));
    assert_eq!(version(&key, &[]), later);
    wish["api_version"] = json!("2031-01-01");
    let unknown = member.post("/docket/v1/api_keys", &wish);
    check(&unknown, 400, "/error/param", &json!("api_version"));
}

#[test]
fn a_change_with_a_session_comes_from_a_page_of_ours() {
    over_each("csrf", sessions);
}

fn sessions(place: &Place) {
    let served = Served::start(place);
    let _still = still();
    let member = Person::of(&served, "merchant-member");
    let wish = json!({"label": "x", "roles": ["merchant-viewer"]});
    let refused = |more: &[(&str, &str)]| {
        let answered = member.sent("POST", "/docket/v1/api_keys", more, &wish);
        check(&answered, 403, "/error/param", &json!("X-CSRF-Token"));
    };
    let csrf = member.csrf.as_str();
    refused(&[]);
    refused(&[("x-csrf-token", "AAAA")]);
    refused(&[("x-csrf-token", csrf), ("origin", "https://evil.example")]);
    refused(&[("x-csrf-token", csrf), ("sec-fetch-site", "cross-site")]);
    let nobody = [("cookie", "__Host-docket=0000")];
    assert_eq!(
        send(&served.url, "GET", "/docket/v1/session", &nobody, b"").status,
        401
    );
    let left = member.post("/docket/v1/session/sign_out", &json!({}));
    check(&left, 200, "/sessions", &json!(1));
    let after = member.sent("GET", "/docket/v1/session", &[], &Value::Null);
    assert_eq!(after.status, 401, "{}", after.body);
    // Stripe's interface takes keys only, so that no browser's session reaches it.
    assert_eq!(
        member.sent("GET", "/v1/disputes", &[], &Value::Null).status,
        401
    );
}

#[test]
fn an_admin_keeps_merchants_and_people() {
    over_each("people", people);
}

fn people(place: &Place) {
    let served = Served::start(place);
    let _still = still();
    let admin = Person::of(&served, "admin");
    let made = admin.post(
        "/docket/v1/merchants",
        &json!({"name": "Merchant 3", "id": "mer_3"}),
    );
    check(&made, 200, "/id", &json!("mer_3"));
    let account = json!({"provider": "adyen", "account": "Merchant3Retail", "mode": "test"});
    let given = admin.post("/docket/v1/merchants/mer_3/accounts", &account);
    check(&given, 200, "/accounts/0/mode", &json!("test"));
    let elsewhere = json!({"provider": "nobody", "account": "x"});
    let elsewhere = admin.post("/docket/v1/merchants/mer_3/accounts", &elsewhere);
    check(&elsewhere, 404, "/error/code", &json!("resource_missing"));

    let person = json!({"email": "bo@example.com", "name": "Bo Example", "role": "merchant-viewer", "merchant": "mer_3"});
    let invited = admin.post("/docket/v1/people", &person);
    check(&invited, 200, "/person/roles/0/merchant", &json!("mer_3"));
    let link = invited.json()["link"]["url"]
        .as_str()
        .expect("a link")
        .to_owned();
    assert!(
        link.starts_with(&format!("{}/enter/dl_", served.url)),
        "{link}"
    );
    let id = invited.json()["person"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let more = json!({"role": "merchant-member", "merchant": "mer_3"});
    let more = admin.post(&format!("/docket/v1/people/{id}/roles"), &more);
    assert_eq!(
        more.json()["roles"].as_array().map(Vec::len),
        Some(2),
        "{}",
        more.body
    );
    let less = json!({"role": "merchant-viewer", "merchant": "mer_3"});
    let less = admin.post(&format!("/docket/v1/people/{id}/roles/revoke"), &less);
    check(&less, 200, "/roles/0/role", &json!("merchant-member"));
    let disabled = admin.post(&format!("/docket/v1/people/{id}/disable"), &json!({}));
    assert_ne!(
        disabled.json()["disabled_at"],
        Value::Null,
        "{}",
        disabled.body
    );
    let enabled = admin.post(&format!("/docket/v1/people/{id}/enable"), &json!({}));
    check(&enabled, 200, "/disabled_at", &Value::Null);
    let nobody = admin.post("/docket/v1/people/per_none/sign_out", &json!({}));
    assert_eq!(nobody.status, 404, "{}", nobody.body);
}

#[test]
fn a_person_and_no_key_does_without_what_is_owed() {
    over_each("waive", waiving);
}

fn waiving(place: &Place) {
    let served = Served::start(place);
    let dispute = send(
        &served.url,
        "POST",
        "/world/open/stripe/merchant_1",
        &[],
        b"",
    )
    .body;
    let _still = still();
    let path = format!("/docket/v1/disputes/{dispute}");
    let waiver = json!({"obligation": "respond/chargeback", "reason": "settled with the payer"});
    let operator = Person::of(&served, "operator");
    let waived = operator.post(&format!("{path}/obligations/waive"), &waiver);
    check(&waived, 200, "/obligations/0/standing", &json!("waived"));
    let slot = json!({"obligation": "slot:signed_receipt", "reason": "x"});
    let slot = operator.post(&format!("{path}/obligations/waive"), &slot);
    check(&slot, 400, "/error/docket_code", &json!("DP-1017"));

    let analyst = Person::of(&served, "analyst");
    let reason = json!({"reason": "handed over in person"});
    let none = analyst.post(&format!("{path}/requirements/no_such_slot/waive"), &reason);
    check(&none, 400, "/error/docket_code", &json!("DP-1017"));
    let bearer = format!("Bearer {}", served.desk_key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let waive = format!("{path}/requirements/no_such_slot/waive");
    let by_key = send(
        &served.url,
        "POST",
        &waive,
        &headers,
        reason.to_string().as_bytes(),
    );
    assert_eq!(by_key.status, 403, "{}", by_key.body);
}
