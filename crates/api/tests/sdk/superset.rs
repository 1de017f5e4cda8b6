//! `/docket/v1` over a real port: what is read, and what is changed once, from the version that was seen.

use crate::desk::Served;
use crate::http::{Answered, send};
use crate::run::over_each;
use app::Place;
use serde_json::{Value, json};

/// A desk with one dispute of the first merchant.
struct Desk {
    served: Served,
    dispute: String,
}

impl Desk {
    fn new(place: &Place) -> Desk {
        let served = Served::start(place);
        let dispute = send(
            &served.url,
            "POST",
            "/world/open/stripe/merchant_1",
            &[],
            b"",
        )
        .body;
        Desk { served, dispute }
    }

    #[track_caller]
    fn get(&self, path: &str) -> Answered {
        self.sent("GET", path, &[], &Value::Null)
    }

    /// Below the dispute.
    #[track_caller]
    fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answered {
        let path = format!("/docket/v1/disputes/{}/{path}", self.dispute);
        self.sent("POST", &path, headers, body)
    }

    #[track_caller]
    fn sent(&self, method: &str, path: &str, more: &[(&str, &str)], body: &Value) -> Answered {
        let bearer = format!("Bearer {}", self.served.key);
        let mut headers = vec![("authorization", bearer.as_str())];
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
fn a_draft_is_changed_from_the_version_that_was_seen() {
    over_each("draft", a_draft);
}

fn a_draft(place: &Place) {
    let desk = Desk::new(place);
    let letter = json!({"slots": {"rebuttal_letter": {"text": "The goods arrived."}}});
    let none = desk.post("evidence", &[], &letter);
    check(&none, 428, "/error/param", &json!("If-Match"));
    let old = desk.post("evidence", &[("if-match", "\"7\"")], &letter);
    check(&old, 412, "/error/docket_code", &json!("DP-1009"));
    let seen = desk.get(&format!("/docket/v1/disputes/{}", desk.dispute));
    assert_eq!(seen.header("etag"), Some("\"0\""));
    let once = [("if-match", "\"0\""), ("idempotency-key", "save-1")];
    let saved = desk.post("evidence", &once, &letter);
    check(&saved, 200, "/evidence/version", &json!(1));
    assert_eq!(saved.header("etag"), Some("\"1\""));
    let again = desk.post("evidence", &once, &letter);
    assert_eq!((again.status, &again.body), (200, &saved.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = [("if-match", "\"1\""), ("idempotency-key", "save-1")];
    check(
        &desk.post("evidence", &other, &letter),
        400,
        "/error/type",
        &json!("idempotency_error"),
    );

    let wrong = json!({"slots": {"no_such_slot": {"text": "x"}}});
    let wrong = desk.post("evidence", &[("if-match", "\"1\"")], &wrong);
    check(&wrong, 400, "/error/docket_code", &json!("DP-1010"));
    let many = json!({"slots": {"rebuttal_letter": null, "customer_communication": {"text": "They thanked us."}}});
    let bare = desk.post("evidence", &[("if-match", "1")], &many);
    check(&bare, 400, "/error/param", &json!("If-Match"));
    let many = desk.post("evidence", &[("if-match", "\"1\"")], &many);
    check(&many, 200, "/evidence/version", &json!(3));
    let versions = desk.get(&format!("/docket/v1/disputes/{}/versions", desk.dispute));
    let what: Vec<Value> = versions.json()["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| json!([line["version"], line["what"], line["slot"]]))
        .collect();
    let want = json!([
        [1, "saved", "rebuttal_letter"],
        [2, "saved", "customer_communication"],
        [3, "cleared", "rebuttal_letter"]
    ]);
    assert_eq!(Value::Array(what), want);
}

#[test]
fn an_answer_is_given_again_to_who_may_hear_it() {
    over_each("again", |place| {
        let desk = Desk::new(place);
        let path = format!("/v1/disputes/{}", desk.dispute);
        let ask = |key: &str| {
            let bearer = format!("Bearer {key}");
            let headers = [
                ("authorization", bearer.as_str()),
                ("content-type", "application/x-www-form-urlencoded"),
                ("idempotency-key", "note-1"),
            ];
            send(&desk.served.url, "POST", &path, &headers, b"metadata[k]=v")
        };
        let (first, again) = (ask(&desk.served.key), ask(&desk.served.key));
        assert_eq!((first.status, &first.body), (200, &again.body));
        // The same words from a key that may only read: what was answered is not for it.
        let viewer = ask(&desk.served.viewer_key);
        check(&viewer, 400, "/error/type", &json!("idempotency_error"));
    });
}

#[test]
fn what_says_otherwise_than_it_is_written_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::new(&Place::Folder(folder.path().join("desk")));
    let path = format!("/docket/v1/disputes/{}/evidence", desk.dispute);
    let letter = r#"{"slots": {"rebuttal_letter": {"text": "The goods arrived."}}}"#;
    let bearer = format!("Bearer {}", desk.served.key);
    let ask = |kind: &str, version: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", kind),
            ("if-match", version),
        ];
        send(&desk.served.url, "POST", &path, &headers, letter.as_bytes()).status
    };
    assert_eq!(ask("application/json", "\"+0\""), 400);
    assert_eq!(ask("application/json", "\"0 \""), 400);
    assert_eq!(ask("application/json; charset=utf-16", "\"0\""), 415);
    assert_eq!(ask("application/json; charset=\"UTF-8\"", "\"0\""), 200);
}

#[test]
fn disputes_are_listed_by_any_filter_and_both_ways() {
    over_each("lists", lists);
}

fn lists(place: &Place) {
    let desk = Desk::new(place);
    for _more in 0..2 {
        send(
            &desk.served.url,
            "POST",
            "/world/open/paypal/MERCHANT1PP",
            &[],
            b"",
        );
    }
    let ids = |query: &str| -> Vec<String> {
        let answered = desk.get(&format!("/docket/v1/disputes?{query}"));
        assert_eq!(answered.status, 200, "{query}: {}", answered.body);
        let page = answered.json();
        let lines = page["data"].as_array().expect("a list").iter();
        lines
            .map(|line| line["case"].as_str().expect("an id").to_owned())
            .collect()
    };
    let all = ids("");
    assert_eq!(all.len(), 3);
    let first = all.first().expect("three");
    let last = all.last().expect("three");
    assert_eq!(
        ids(&format!("after={first}&limit=1")),
        all.get(1..2).expect("three")
    );
    assert_eq!(
        ids(&format!("before={last}&limit=1")),
        all.get(1..2).expect("three")
    );
    assert_eq!(ids("provider=paypal").len(), 2);
    assert_eq!(ids("provider=paypal&provider=stripe").len(), 3);
    assert_eq!(
        ids("status=ours&stage=chargeback&currency=USD&amount_from=4200&amount_until=4200").len(),
        3
    );
    assert_eq!(ids("amount_from=4201"), Vec::<String>::new());
    assert_eq!(ids("merchant=mer_2"), Vec::<String>::new());
    assert_eq!(ids(&format!("reference={}", desk.dispute)).len(), 1);
    // The same in Stripe's list, where they stand apart from what Stripe may add.
    let stripes = |query: &str| -> usize {
        let answered = desk.get(&format!("/v1/disputes?{query}"));
        assert_eq!(answered.status, 200, "{query}: {}", answered.body);
        answered.json()["data"].as_array().expect("a list").len()
    };
    assert_eq!(stripes("docket[provider]=paypal"), 2);
    assert_eq!(
        stripes("docket[provider][]=paypal&docket[provider][]=stripe&limit=2"),
        2
    );
    assert_eq!(stripes("docket[stage]=fraud-report"), 0);
    assert_eq!(
        stripes("docket[status]=ours&docket[amount_from]=4200&created[gt]=1"),
        3
    );
    assert_eq!(stripes("docket[opened_before]=2020-01-01T00:00:00Z"), 0);
    let wrong = |query: &str, param: &str| {
        let path = match query.starts_with("docket") {
            true => "/v1/disputes",
            false => "/docket/v1/disputes",
        };
        let answered = desk.get(&format!("{path}?{query}"));
        check(&answered, 400, "/error/param", &json!(param));
    };
    wrong("docket[limit]=3", "docket[limit]");
    wrong("docket[stage]=elsewhere", "docket[stage.0]");
    wrong("docket=paypal", "docket");
    wrong("limit=0", "limit");
    wrong("stage=elsewhere", "stage.0");
    wrong("due_before=tomorrow", "due_before");
    wrong("after=dp_nobodys", "after");
    wrong("sort=amount", "sort");
}

#[test]
fn many_rows_are_done_one_by_one_and_once() {
    over_each("bulk", many_rows);
}

fn many_rows(place: &Place) {
    let desk = Desk::new(place);
    let other = send(
        &desk.served.url,
        "POST",
        "/world/open/stripe/merchant_2",
        &[],
        b"",
    )
    .body;
    let rows = json!({"rows": [
        {"dispute": desk.dispute, "do": {"note": {"text": "looked at"}}},
        {"dispute": other, "do": {"note": {"text": "not mine"}}},
        {"dispute": desk.dispute, "do": {"assign": {"to": "Ann"}}},
        {"dispute": desk.dispute, "do": {"submit": {"version": 4}}},
        {"dispute": desk.dispute, "do": {"seal": {"version": 0}}},
        {"dispute": desk.dispute, "do": {"note": {"text": "again"}}}
    ]});
    let once = [("idempotency-key", "many-1")];
    let done = desk.sent("POST", "/docket/v1/bulk", &once, &rows);
    check(&done, 200, "/done", &json!(2));
    let statuses: Vec<Value> = done.json()["rows"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["status"].clone())
        .collect();
    assert_eq!(
        Value::Array(statuses),
        json!([200, 404, 403, 412, 409, 200])
    );
    let again = desk.sent("POST", "/docket/v1/bulk", &once, &rows);
    assert_eq!((again.status, &again.body), (200, &done.body));
    let shown = desk.get(&format!("/docket/v1/disputes/{}", desk.dispute));
    // A merchant's notes are messages: what the desk's people note among themselves, a merchant neither writes nor reads.
    let shown = shown.json();
    assert_eq!(shown["notes"], json!([]));
    let messages = shown["messages"].as_array().expect("a list");
    let words: Vec<&Value> = messages.iter().map(|message| &message["text"]).collect();
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(
        messages
            .iter()
            .all(|message| message["from_desk"] == json!(false))
    );
    let too_many: Vec<Value> = (0..501).map(|_| rows["rows"][0].clone()).collect();
    let too_many = desk.sent("POST", "/docket/v1/bulk", &[], &json!({"rows": too_many}));
    check(&too_many, 400, "/error/param", &json!("rows"));
    let twice = r#"{"rows":[],"rows":[]}"#;
    let bearer = format!("Bearer {}", desk.served.key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let twice = send(
        &desk.served.url,
        "POST",
        "/docket/v1/bulk",
        &headers,
        twice.as_bytes(),
    );
    assert_eq!(twice.status, 400, "{}", twice.body);
}

#[test]
fn the_description_is_served_to_programs_and_people_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(&Place::Folder(folder.path().join("desk")));
    let file = send(&served.url, "GET", "/docket/v1/openapi.json", &[], b"");
    assert_eq!(file.header("content-type"), Some("application/json"));
    assert_eq!(file.json(), api::description());
    let page = send(&served.url, "GET", "/docket/v1/reference", &[], b"");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for right in api::rights() {
        let heading = format!("<code>{} {}</code>", right.method, right.path);
        assert!(page.body.contains(&heading), "{heading}");
    }
    let other = send(&served.url, "PATCH", "/v1/disputes", &[], b"");
    check(&other, 405, "/error/type", &json!("invalid_request_error"));
    assert!(
        other
            .header("allow")
            .is_some_and(|allow| allow.contains("GET")),
        "{}",
        other.head
    );
}
