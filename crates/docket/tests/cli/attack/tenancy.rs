//! Another merchant's things are answered like what is not there, whatever the way to them.

use super::target::Target;
use super::{Attack, attack, body, request, status, withstood};

super::on_both! {
    what_is_anothers_is_answered_like_what_is_not_there
    no_other_name_and_no_list_leads_to_what_is_anothers
}

/// The answer without what differs from request to request, and without the id that was asked for.
fn shape(answer: &str, id: &str) -> String {
    let words = body(answer).replace(id, "ID");
    let mut parts = words.split("req_");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shape, part| {
        shape + "REQUEST" + part.trim_start_matches(|c: char| c.is_ascii_alphanumeric())
    })
}

/// A request to a way of the description, about this dispute.
fn about(target: &Target, method: &str, path: &str, id: &str) -> Attack {
    let bearer = format!("Bearer {}", target.member);
    let (kind, body) = match (method, path.starts_with("/v1")) {
        ("GET", _) => ("text/plain", ""),
        (_, true) => ("application/x-www-form-urlencoded", ""),
        (_, false) => ("application/json", JSON),
    };
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", kind),
        ("if-match", "\"0\""),
    ];
    let filled = path
        .replace("{dispute}", id)
        .replace("{slot}", "tracking_number")
        .replace("{field}", "status");
    let sent = request(method, &filled, &headers, body_of(path, body).as_bytes());
    attack(format!("{method} {path}"), sent, &[404])
}

/// What each way asks for, so that nothing but whose the dispute is can be what is refused.
const JSON: &str = "{}";

fn body_of(path: &str, otherwise: &str) -> String {
    let end = path.rsplit('/').next().unwrap_or_default();
    let body = match (path.starts_with("/docket"), otherwise.is_empty(), end) {
        (true, false, "evidence") => r#"{"slots":{"tracking_number":{"text":"a"}}}"#,
        (true, false, "notes" | "messages") => r#"{"text":"a"}"#,
        (true, false, "assign") => r#"{"to":"a"}"#,
        (true, false, "dishonor") => r#"{"code":"R61"}"#,
        (true, false, "waive") if path.contains("obligations") => {
            r#"{"obligation":"respond/chargeback","reason":"a"}"#
        }
        (true, false, "waive") => r#"{"reason":"a"}"#,
        _ => otherwise,
    };
    body.to_owned()
}

/// Every way of the description that is about one dispute, and what a merchant may not do at all.
fn described(target: &Target) -> Vec<(String, String)> {
    let (status, text) = target
        .serving
        .send("GET", "/docket/v1/openapi.json", &[], b"");
    assert_eq!(status, 200);
    let text: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut ways = Vec::new();
    for (path, methods) in text["paths"].as_object().unwrap() {
        if !path.contains("/disputes/{dispute}") {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            ways.push((method.to_uppercase(), path.clone()));
        }
    }
    ways
}

fn what_is_anothers_is_answered_like_what_is_not_there(target: Target) {
    let last = target.foreign.chars().last().unwrap();
    let nobody = target
        .foreign
        .replace(last, if last == 'x' { "y" } else { "x" });
    let mut attacks = Vec::new();
    for (method, path) in described(&target) {
        // What no merchant may do is refused before it is looked for.
        let refused: &[u16] = &[403, 404];
        let theirs = about(&target, &method, &path, &target.foreign);
        let none = target.exchange(&about(&target, &method, &path, &nobody));
        let found = target.exchange(&theirs);
        assert_eq!(status(&found), status(&none), "{method} {path}: {found}");
        assert_eq!(
            shape(&found, &target.foreign),
            shape(&none, &nobody),
            "{method} {path}"
        );
        attacks.push(Attack { refused, ..theirs });
    }
    assert!(attacks.len() >= 20, "{} ways", attacks.len());
    withstood(&target, "tenancy-ways", &attacks);
    target.serving.stop();
}

#[rustfmt::skip]
const PATHS: &[&str] = &[
    "/v1/disputes/{foreign}",
    "/v1/disputes/{own}%00",
    "/v1/disputes/{own}%2f..%2f{foreign}",
    "/v1/disputes/{own},{foreign}",
    "/v1/disputes/{own}*",
    "/v1/disputes/dp_",
    "/v1/disputes/%25",
    "/v1/disputes/dp_foreign_1",
    "/docket/v1/disputes/dp_foreign_1",
    "/docket/v1/disputes/DP_OWN_1",
    "/v1/charges/ch_foreign_1",
    "/v1/charges/ch_foreign_1/dispute",
    "/v1/payment_intents/pi_foreign_1",
    "/v1/balance_transactions/txn_foreign_1",
    "/v1/balance/history/txn_foreign_1",
    "/v1/accounts/mer_2",
    "/v1/files/file_1",
    "/v1/files/file_1/contents",
    "/v1/file_links/link_1",
    "/v1/events/evt_1",
    "/v1/events/evt_foreign_1",
    "/v1/webhook_endpoints/we_1",
    "/v1/radar/early_fraud_warnings/issfr_1",
];

fn no_other_name_and_no_list_leads_to_what_is_anothers(target: Target) {
    let bearer = format!("Bearer {}", target.member);
    let key = ("authorization", bearer.as_str());
    let mut attacks = Vec::new();
    for path in PATHS {
        let filled = path
            .replace("{own}", &target.own)
            .replace("{foreign}", &target.foreign);
        attacks.push(attack(
            *path,
            request("GET", &filled, &[key], b""),
            &[400, 404],
        ));
    }
    for account in [
        "mer_2",
        "merchant_2",
        "acct_2",
        "*",
        "mer_1,mer_2",
        "'",
        "%",
    ] {
        let sent = request(
            "GET",
            "/v1/disputes",
            &[key, ("stripe-account", account)],
            b"",
        );
        attacks.push(attack(
            format!("on behalf of {account:?}"),
            sent,
            &[400, 403, 404],
        ));
    }
    withstood(&target, "tenancy-names", &attacks);
    for path in [
        "/v1/disputes?limit=100",
        "/v1/events?limit=100",
        "/v1/charges?limit=100",
        "/v1/payment_intents?limit=100",
        "/v1/balance_transactions?limit=100",
        "/v1/accounts?limit=100",
        "/docket/v1/disputes?limit=100",
        "/docket/v1/disputes?merchant=mer_2",
        "/docket/v1/disputes?text=foreign",
        "/docket/v1/queue",
        "/docket/v1/books",
        "/docket/v1/feeds",
        "/docket/v1/people",
        "/docket/v1/merchants",
        "/docket/v1/api_keys",
        "/docket/v1/obligations",
    ] {
        let (status, body) = target.serving.send("GET", path, &[key], b"");
        assert!(
            [200, 400, 403, 404].contains(&status),
            "{path}: {status} {body}"
        );
        for word in ["foreign", "merchant_2", "mer_2"] {
            let echoed = status != 200 || path.contains(word);
            assert!(echoed || !body.contains(word), "{path}: {body}");
        }
    }
    target.serving.stop();
}
