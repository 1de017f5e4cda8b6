//! PayPal, as far as a desk meets it: the disputes interface and the settlement report. Its webhooks are left out, because
//! they are signed with a certificate that nobody else can have.

use super::letter::{Letter, Sign};
use super::truth::{Case, Moved, Taking};
use super::wire::{Asked, json_reply};
use crate::paper::paypal as paper;
use crate::paper::stripe::major;
use adapter::{Channel, Reply};
use calendar::Instant;
use dispute::status::{Stage, Standing};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The page size of the list; small, so that every seed turns pages.
const PAGE: usize = 10;

fn words(case: &Case) -> (&'static str, &'static str) {
    match case.standing {
        Standing::Ours => ("WAITING_FOR_SELLER_RESPONSE", "REQUIRED_ACTION"),
        Standing::Theirs | Standing::Network | Standing::Nobody => {
            ("UNDER_REVIEW", "UNDER_PAYPAL_REVIEW")
        }
        _ => ("RESOLVED", "RESOLVED"),
    }
}

fn outcome(case: &Case) -> Option<(String, Option<String>)> {
    let code = match case.standing {
        Standing::Won => "RESOLVED_SELLER_FAVOUR",
        Standing::Withdrawn => "CANCELED_BY_BUYER",
        Standing::Accepted => "ACCEPTED",
        Standing::Lapsed => "DENIED",
        Standing::Lost | Standing::Expired | Standing::PartiallyWon => "RESOLVED_BUYER_FAVOUR",
        _ => return None,
    };
    let refunded = (case.recovered_minor > 0).then(|| major(case.minor - case.recovered_minor));
    Some((code.to_owned(), refunded))
}

/// The dispute's object.
pub(super) fn object(case: &Case) -> Value {
    let (status, state) = words(case);
    let answers = case
        .taken
        .iter()
        .filter(|taken| taken.what == Taking::Answer)
        .count();
    let dispute = paper::Dispute {
        id: case.id.clone(),
        transaction: case.payment.clone(),
        invoice: case.order.clone(),
        amount: major(case.minor),
        currency: case.currency.to_owned(),
        reason: case.reason.to_owned(),
        status: status.to_owned(),
        state: state.to_owned(),
        stage: if case.stage == Stage::Inquiry {
            "INQUIRY"
        } else {
            "CHARGEBACK"
        }
        .to_owned(),
        channel: "INTERNAL".to_owned(),
        created: case.opened_at,
        updated: case.changed_at,
        due: case.due.filter(|_| case.standing == Standing::Ours),
        outcome: outcome(case),
        movements: case.moves.iter().map(movement).collect(),
        evidence_count: u32::try_from(answers).unwrap_or(u32::MAX),
    };
    let mut object = paper::object(&dispute);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("links".to_owned(), links(case));
    }
    object
}

fn movement(moved: &Moved) -> paper::Money {
    paper::Money {
        kind: if moved.minor < 0 { "DEBIT" } else { "CREDIT" }.to_owned(),
        amount: major(moved.minor.abs()),
        reason: "DISPUTE_SETTLEMENT".to_owned(),
        at: moved.at,
    }
}

fn links(case: &Case) -> Value {
    let link = |rel: &str, method: &str| {
        let href = format!("https://api.paypal.com/v1/customer/disputes/{}", case.id);
        json!({ "rel": rel, "method": method, "href": if rel == "self" { href } else { format!("{href}/{rel}") } })
    };
    match case.standing {
        Standing::Ours => json!([
            link("self", "GET"),
            link("provide-evidence", "POST"),
            link("accept-claim", "POST")
        ]),
        _ => json!([link("self", "GET")]),
    }
}

/// The settlement report of one day.
pub(super) fn report(
    account: &str,
    from: Instant,
    at: Instant,
    moved: &[(&Case, &Moved)],
    count_off: i64,
) -> Letter {
    let rows: Vec<paper::SettlementRow> = moved
        .iter()
        .map(|(case, moved)| paper::SettlementRow {
            id: moved.id.clone(),
            reference: case.payment.clone(),
            code: if moved.minor < 0 { "T1201" } else { "T1202" }.to_owned(),
            at: moved.at,
            hundredths: moved.minor,
            currency: case.currency.to_owned(),
        })
        .collect();
    Letter {
        at,
        provider: "paypal",
        account: account.to_owned(),
        channel: Channel::File,
        name: format!("STL-{}.R.01.009.CSV", at.unix_seconds()),
        body: paper::settlement_report(account, from, at, &rows, count_off),
        sign: Sign::TrustedWay,
    }
}

fn error(status: u16, name: &str) -> Reply {
    json_reply(
        status,
        &json!({ "name": name, "message": "the request was not taken", "debug_id": "0" }),
    )
}

/// What the interface answers, and what it took.
pub(super) fn answer(
    cases: &mut BTreeMap<String, Case>,
    asked: &Asked<'_>,
    now: Instant,
) -> (Reply, Option<(String, Taking)>) {
    let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
    let mut parts = path
        .trim_start_matches("/v1/customer/disputes")
        .trim_start_matches('/')
        .split('/');
    let (id, action) = (parts.next().unwrap_or_default(), parts.next());
    if id.is_empty() {
        return (list(cases, query, asked.account), None);
    }
    let Some(case) = cases.get_mut(id) else {
        return (error(404, "RESOURCE_NOT_FOUND"), None);
    };
    let what = match action {
        None => return (json_reply(200, &object(case)), None),
        Some("accept-claim") => Taking::Concession,
        Some(_) => Taking::Answer,
    };
    if case.standing != Standing::Ours {
        return (error(422, "UNPROCESSABLE_ENTITY"), None);
    }
    super::take(case, what, String::new(), now);
    (
        json_reply(200, &json!({ "links": links(case) })),
        Some((case.id.clone(), what)),
    )
}

fn list(cases: &BTreeMap<String, Case>, query: &str, account: &str) -> Reply {
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let since = value("update_time_after")
        .unwrap_or_default()
        .replace("%3A", ":");
    let since = Instant::parse(&since).unwrap_or(Instant::MIN);
    let from: usize = value("next_page_token")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let changed = cases.values().filter(|case| {
        case.provider == "paypal" && case.account == account && case.changed_at >= since
    });
    let changed: Vec<&Case> = changed.collect();
    let page: Vec<Value> = changed
        .iter()
        .skip(from)
        .take(PAGE)
        .map(|case| object(case))
        .collect();
    let mut links = vec![
        json!({ "rel": "self", "href": "https://api.paypal.com/v1/customer/disputes", "method": "GET" }),
    ];
    let next = from + page.len();
    if next < changed.len() {
        let href = format!("https://api.paypal.com/v1/customer/disputes?next_page_token={next}");
        links.push(json!({ "rel": "next", "href": href, "method": "GET" }));
    }
    json_reply(200, &json!({ "items": page, "links": links }))
}
