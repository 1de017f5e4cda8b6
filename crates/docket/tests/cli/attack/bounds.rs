//! What one database keeps and the other refuses, by every way in: a NUL, bytes that are no UTF-8, numbers beyond a column's
//! range, texts beyond an index's. It is refused before a database sees it, so that the words are the same over both.

use super::target::Target;
use super::{Attack, attack, request, withstood};

super::on_both! {
    no_database_meets_what_it_cannot_keep
}

/// Objects that are named in a path.
#[rustfmt::skip]
const NAMED: &[&str] = &[
    "/v1/disputes/{}", "/v1/charges/{}", "/v1/payment_intents/{}", "/v1/balance_transactions/{}", "/v1/files/{}",
    "/v1/file_links/{}", "/v1/events/{}", "/v1/webhook_endpoints/{}", "/v1/radar/early_fraud_warnings/{}", "/v1/accounts/{}",
    "/docket/v1/disputes/{}", "/docket/v1/webhook_endpoints/{}", "/docket/v1/webhook_endpoints/{}/deliveries",
];

/// Names that are none: a NUL, no UTF-8, a surrogate, longer than any index takes.
fn names() -> [(&'static str, String); 4] {
    [
        ("a NUL", String::from("a%00b")),
        ("no UTF-8", String::from("%ff%fe")),
        ("a surrogate", String::from("%ed%a0%80")),
        ("four thousand letters", "a".repeat(4_000)),
    ]
}

#[rustfmt::skip]
const QUERIES: &[&str] = &[
    "/v1/disputes?created[gt]=9223372036854775808",
    "/v1/disputes?created[gt]=-9223372036854775809",
    "/v1/disputes?docket[amount_from]=9223372036854775808&docket[currency]=usd",
    "/v1/disputes?docket[reason]=%00",
    "/v1/events?created[gte]=9223372036854775808",
    "/v1/events?type=%00",
    "/v1/events?types[]=a%00b",
    "/v1/events?starting_after=%00",
    "/v1/files?purpose=%00",
    "/v1/files?starting_after=%ff",
    "/v1/charges?starting_after=a%00",
    "/v1/balance_transactions?source=%00",
    "/v1/webhook_endpoints?ending_before=%00",
    "/docket/v1/disputes?text=%00",
    "/docket/v1/disputes?text=%ff",
    "/docket/v1/disputes?amount_from=9223372036854775808&currency=USD",
    "/docket/v1/disputes?amount_until=-9223372036854775809&currency=USD",
    "/docket/v1/disputes?opened_from=9999-12-31T24:00:00Z",
    "/docket/v1/disputes?updated_since=300000-01-01T00:00:00Z",
    "/docket/v1/disputes?after=%00",
    "/docket/v1/disputes?limit=18446744073709551616",
    "/docket/v1/obligations?after=%00",
];

/// Where something is written, and with what.
#[rustfmt::skip]
const WRITTEN: &[(&str, &str)] = &[
    ("/v1/webhook_endpoints", "url=https://shop.example.com/%00&enabled_events[]=*"),
    ("/v1/webhook_endpoints", "url=https://shop.example.com/&enabled_events[]=*&description=a%00b"),
    ("/v1/webhook_endpoints", "url=https://shop.example.com/&enabled_events[]=*&metadata[a]=%00"),
    ("/v1/webhook_endpoints", "url=https://shop.example.com/&enabled_events[]=%00"),
    ("/v1/file_links", "file=%00"),
    ("/v1/file_links", "file=file_1&expires_at=9223372036854775808"),
    ("/v1/disputes/{own}", "metadata[%00]=a"),
    ("/v1/disputes/{own}", "evidence[uncategorized_file]=a%00b"),
    ("/docket/v1/disputes/{own}/messages", r#"{"text":"a\u0000b"}"#),
    ("/docket/v1/disputes/{own}/messages", r#"{"text":"\udc00"}"#),
    ("/docket/v1/disputes/{own}/evidence", r#"{"slots":{"a\u0000":{"text":"a"}}}"#),
    ("/docket/v1/bulk", r#"{"rows":[{"dispute":"a\u0000","do":"seal"}]}"#),
    ("/docket/v1/webhook_endpoints/we_1/replay", r#"{"from":18446744073709551616,"until":1}"#),
    ("/docket/v1/webhook_endpoints/we_1/replay", r#"{"from":-1,"until":9223372036854775808}"#),
    ("/docket/v1/webhook_endpoints/we_1/resend", r#"{"event":"\u0000"}"#),
];

fn read(target: &Target, name: String, path: &str) -> Attack {
    let bearer = format!("Bearer {}", target.member);
    let sent = request("GET", path, &[("authorization", &bearer)], b"");
    attack(name, sent, &[400, 404, 414])
}

fn write(target: &Target, path: &str, body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let bearer = format!("Bearer {}", target.member);
    let kind = match path.starts_with("/v1") {
        true => "application/x-www-form-urlencoded",
        false => "application/json",
    };
    let own = [
        ("authorization", bearer.as_str()),
        ("content-type", kind),
        ("if-match", "\"0\""),
    ];
    let path = path.replace("{own}", &target.own);
    request("POST", &path, &[&own[..], more].concat(), body.as_bytes())
}

fn no_database_meets_what_it_cannot_keep(target: Target) {
    let mut attacks = Vec::new();
    for path in NAMED {
        for (name, id) in names() {
            let name = format!("{path}: {name}");
            attacks.push(read(&target, name, &path.replace("{}", &id)));
        }
    }
    for path in QUERIES {
        attacks.push(read(&target, (*path).to_owned(), path));
    }
    for (path, body) in WRITTEN {
        let sent = write(&target, path, body, &[]);
        attacks.push(attack(format!("{path}: {body}"), sent, &[400, 404]));
    }
    let path = "/v1/disputes/{own}";
    for (name, header, value) in [
        (
            "a key of other letters",
            "idempotency-key",
            "\u{e9}\u{1f600}",
        ),
        (
            "an account of other letters",
            "stripe-account",
            "mer_\u{e9}",
        ),
        ("a version of other letters", "stripe-version", "\u{e9}"),
    ] {
        let sent = write(&target, path, "metadata[k]=v", &[(header, value)]);
        attacks.push(attack(name, sent, &[400, 403, 404]));
    }
    withstood(&target, "bounds", &attacks);
    target.serving.stop();
}
