//! Well-signed nonsense: bodies and queries that a parser could stumble over, or that ask for what nobody may set.

use super::target::Target;
use super::{Attack, attack, request, withstood};

super::on_both! {
    a_form_sets_what_it_may_and_nothing_else
    a_query_costs_what_it_may_and_says_what_is_wrong_with_it
    a_json_body_is_of_its_shape_or_refused
}

/// Bodies of an update of one's own dispute. A capital word stands for something long, which `long` fills in.
#[rustfmt::skip]
const FORMS: &[(&str, &[u8])] = &[
    ("the same parameter twice", b"submit=false&submit=true"),
    ("a text twice", b"evidence[uncategorized_text]=a&evidence[uncategorized_text]=b"),
    ("a text that is a level too", b"evidence[uncategorized_text]=a&evidence[uncategorized_text][b]=c"),
    ("evidence in one word", b"evidence=everything"),
    ("evidence as a list", b"evidence[]=a&evidence[]=b"),
    ("metadata in one word", b"metadata=x"),
    ("metadata two levels deep", b"metadata[a][b]=c"),
    ("a slot that is none", b"evidence[nothing]=a"),
    ("a file that is none", b"evidence[receipt]=file_nobody"),
    ("a path for a file", b"evidence[receipt]=../../etc/passwd"),
    ("an address for a file", b"evidence[receipt]=http://169.254.169.254/"),
    ("submit, maybe", b"submit=maybe"),
    ("submit, one", b"submit=1"),
    ("submit in capitals", b"submit=TRUE"),
    ("the status", b"status=won"),
    ("the amount", b"amount=0"),
    ("a negative amount", b"amount=-8400"),
    ("the currency", b"currency=jpy"),
    ("the mode", b"livemode=true"),
    ("the merchant", b"merchant=mer_2"),
    ("the tenant", b"tenant_id=mer_2"),
    ("the account", b"account=acct_2"),
    ("the reason", b"reason=fraudulent"),
    ("the deadline", b"evidence_details[due_by]=4102444800"),
    ("the balance", b"balance_transactions[0][amount]=1"),
    ("who approved", b"approved_by=per_1"),
    ("the version of the draft", b"docket[version]=7"),
    ("the prototype", b"__proto__[status]=won"),
    ("the constructor", b"constructor[prototype][status]=won"),
    ("an open bracket", b"evidence[uncategorized_text=a"),
    ("brackets crossed", b"evidence]uncategorized_text[=a"),
    ("no UTF-8", b"evidence[uncategorized_text]=%ff%fe"),
    ("no UTF-8 in a name", b"evidence[%ff]=a"),
    ("half an escape", b"evidence[uncategorized_text]=%4"),
    ("an escape that is none", b"evidence[uncategorized_text]=%zz"),
    ("an overlong slash", b"evidence[uncategorized_text]=%c0%af"),
    ("a lone surrogate", b"evidence[uncategorized_text]=%ed%a0%80"),
    ("a NUL in a text", b"evidence[uncategorized_text]=a%00b"),
    ("a NUL in a name", b"evidence%00[uncategorized_text]=a"),
    ("an empty name", b"=a"),
    ("a card number in a text", b"evidence[uncategorized_text]=card+4111+1111+1111+1111"),
    ("a card number in metadata", b"metadata[note]=4111111111111111"),
    ("a JSON body", br#"{"submit":true}"#),
    ("an XML body", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"),
];

fn long() -> Vec<(&'static str, String)> {
    vec![
        (
            "a thousand levels",
            format!("evidence{}=1", "[a]".repeat(1_000)),
        ),
        (
            "five thousand parameters",
            (0..5_000).map(|n| format!("metadata[k{n}]=v&")).collect(),
        ),
        (
            "fifty-one keys of metadata",
            (0..51).map(|n| format!("metadata[k{n}]=v&")).collect(),
        ),
        (
            "a text of 200 kB",
            format!("evidence[uncategorized_text]={}", "a".repeat(200_000)),
        ),
        (
            "a key of 41 characters",
            format!("metadata[{}]=v", "k".repeat(41)),
        ),
        (
            "a value of 501 characters",
            format!("metadata[k]={}", "v".repeat(501)),
        ),
        ("a name of 10 kB", format!("{}=1", "n".repeat(10_000))),
        (
            "three megabytes",
            format!("metadata[k]={}", "v".repeat(3 * 1024 * 1024)),
        ),
    ]
}

fn form(target: &Target, name: &str, kind: &str, body: &[u8]) -> Attack {
    let bearer = format!("Bearer {}", target.member);
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    let path = format!("/v1/disputes/{}", target.own);
    attack(
        name,
        request("POST", &path, &headers, body),
        &[400, 404, 413, 415],
    )
}

fn a_form_sets_what_it_may_and_nothing_else(target: Target) {
    let kind = "application/x-www-form-urlencoded";
    let long = long();
    let long = long.iter().map(|(name, body)| (*name, body.as_bytes()));
    let rows = FORMS.iter().copied().chain(long);
    let mut attacks: Vec<Attack> = rows
        .map(|(name, body)| form(&target, name, kind, body))
        .collect();
    let granted = b"metadata[k]=v";
    for kind in [
        "text/plain",
        "application/json",
        "application/xml",
        "multipart/form-data; boundary=b",
    ] {
        attacks.push(form(&target, &format!("as {kind}"), kind, granted));
    }
    withstood(&target, "forms", &attacks);
    target.serving.stop();
}

#[rustfmt::skip]
const QUERIES: &[&str] = &[
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1000000000",
    "limit=99999999999999999999",
    "limit=ten",
    "limit=1e2",
    "limit=",
    "limit=1&limit=100",
    "limit[gt]=1",
    "starting_after=dp_nobody",
    "ending_before=dp_nobody",
    "starting_after=dp_1&ending_before=dp_2",
    "starting_after='%20OR%201=1--",
    "starting_after=%00",
    "starting_after[]=a",
    "starting_after={foreign}",
    "created[gt]=yesterday",
    "created[gt]=NaN",
    "created[gt]=99999999999999999999",
    "created[after]=1",
    "created[gt]=1&created[gt]=2",
    "created=1e9",
    "expand=charge",
    "expand[]=password",
    "expand[]=data.secrets",
    "expand[0][a]=charge",
    "sort=amount;DROP%20TABLE%20cases",
    "order=desc",
    "livemode=false",
    "account=acct_2",
    "tenant=mer_2",
    "charge[]=a",
    "page=2",
    "fields=*",
    "callback=alert",
    "_method=DELETE",
    "docket[status]=anything",
    "docket[due_before]=tomorrow",
    "docket[amount_min]=1e99",
    "docket[nothing]=1",
    "docket[text]=%00",
];

fn a_query_costs_what_it_may_and_says_what_is_wrong_with_it(target: Target) {
    let bearer = format!("Bearer {}", target.member);
    let long = [
        (
            "two hundred paths to expand",
            "expand[]=data.charge&".repeat(200),
        ),
        (
            "fifty levels to expand",
            format!("expand[]=data{}", ".charge".repeat(50)),
        ),
        (
            "a cursor of 5 kB",
            format!("starting_after={}", "d".repeat(5_000)),
        ),
        ("five thousand parameters", "a=b&".repeat(5_000)),
    ];
    let short = QUERIES
        .iter()
        .map(|query| (*query, query.replace("{foreign}", &target.foreign)));
    let attacks: Vec<Attack> = short
        .chain(long)
        .map(|(name, query)| {
            let path = format!("/v1/disputes?{query}");
            let sent = request("GET", &path, &[("authorization", &bearer)], b"");
            attack(name, sent, &[400, 404, 431])
        })
        .collect();
    withstood(&target, "queries", &attacks);
    target.serving.stop();
}

/// What a draft is saved with, if anything of it is right.
const GOOD: &str = r#"{"slots":{"tracking_number":{"text":"a"}}}"#;

#[rustfmt::skip]
const JSON: &[(&str, &[u8])] = &[
    ("nothing", b""),
    ("null", b"null"),
    ("a number", b"1"),
    ("a text", b"\"slots\""),
    ("a list", b"[]"),
    ("no member", b"{}"),
    ("no slot", b"{\"slots\":{}}"),
    ("half a body", b"{\"slots\":"),
    ("a comma too many", b"{\"slots\":{},}"),
    ("single quotes", b"{'slots':{}}"),
    ("a comment", b"{/**/\"slots\":{}}"),
    ("NaN", b"{\"slots\":NaN}"),
    ("infinity", b"{\"slots\":1e999}"),
    ("two bodies", b"{} {}"),
    ("a byte-order mark", b"\xef\xbb\xbf{}"),
    ("UTF-16", b"\xff\xfe{\0}\0"),
    ("no UTF-8", b"{\"slots\":\"\xff\"}"),
    ("a lone surrogate", b"{\"slots\":{\"tracking_number\":{\"text\":\"\\ud800\"}}}"),
    ("a NUL", b"{\"slots\":{\"tracking_number\":{\"text\":\"a\\u0000b\"}}}"),
    ("a member twice", b"{\"slots\":{},\"slots\":{}}"),
    ("a slot twice", b"{\"slots\":{\"tracking_number\":{\"text\":\"a\"},\"tracking_number\":null}}"),
    ("a member that is none", b"{\"status\":\"won\",\"slots\":{}}"),
    ("the tenant", b"{\"tenant\":\"mer_2\",\"slots\":{}}"),
    ("the version in the body", b"{\"version\":0,\"slots\":{}}"),
    ("the prototype", b"{\"__proto__\":{\"status\":\"won\"},\"slots\":{}}"),
    ("a slot that is none", b"{\"slots\":{\"nothing\":{\"text\":\"a\"}}}"),
    ("a text that is a number", b"{\"slots\":{\"tracking_number\":{\"text\":1}}}"),
    ("text and file at once", b"{\"slots\":{\"tracking_number\":{\"text\":\"a\",\"file\":\"file_1\"}}}"),
    ("content of no kind", b"{\"slots\":{\"tracking_number\":{\"path\":\"/etc/passwd\"}}}"),
    ("a file that is none", b"{\"slots\":{\"receipt\":{\"file\":\"file_nobody\"}}}"),
    ("a text in no wrapping", b"{\"slots\":{\"tracking_number\":\"a\"}}"),
    ("a card number", b"{\"slots\":{\"tracking_number\":{\"text\":\"4111 1111 1111 1111\"}}}"),
    ("a form", b"slots=a&text=b"),
];

#[rustfmt::skip]
const VERSIONS: &[(&str, &[&str])] = &[
    ("no version", &[]),
    ("another version", &["\"999\""]),
    ("a version beyond 32 bits", &["\"99999999999\""]),
    ("a negative version", &["\"-1\""]),
    ("a version with a sign", &["\"+0\""]),
    ("whatever version", &["*"]),
    ("several versions", &["\"998\", \"0\""]),
    ("two headers", &["\"998\"", "\"0\""]),
    ("words", &["latest"]),
    ("no quotes", &["0x0"]),
    ("an empty version", &["\"\""]),
];

fn draft(target: &Target, name: &str, kind: &str, versions: &[&str], body: &[u8]) -> Attack {
    let bearer = format!("Bearer {}", target.member);
    let path = format!("/docket/v1/disputes/{}/evidence", target.own);
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", kind)];
    headers.extend(versions.iter().map(|version| ("if-match", *version)));
    let refused = &[400, 404, 412, 413, 415, 428];
    attack(name, request("POST", &path, &headers, body), refused)
}

fn a_json_body_is_of_its_shape_or_refused(target: Target) {
    let json = "application/json";
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let members = format!("{{{}1{}}}", "\"a\":{".repeat(500), "}".repeat(500));
    let large = " ".repeat(3 * 1024 * 1024);
    let long = [
        ("a hundred thousand brackets", deep.as_bytes()),
        ("five hundred levels", members.as_bytes()),
        ("three megabytes", large.as_bytes()),
    ];
    let bodies = JSON.iter().copied().chain(long);
    let mut attacks: Vec<Attack> = bodies
        .map(|(name, body)| draft(&target, name, json, &["\"0\""], body))
        .collect();
    for (name, versions) in VERSIONS {
        attacks.push(draft(&target, name, json, versions, GOOD.as_bytes()));
    }
    for kind in [
        "text/plain",
        "text/xml",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonp",
    ] {
        let name = format!("as {kind}");
        attacks.push(draft(&target, &name, kind, &["\"0\""], GOOD.as_bytes()));
    }
    withstood(&target, "json", &attacks);
    let good = draft(&target, "good", json, &["\"0\""], GOOD.as_bytes());
    let answer = target.exchange(&good);
    assert_eq!(super::status(&answer), 200, "{answer}");
    target.serving.stop();
}
