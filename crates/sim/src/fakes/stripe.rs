//! Stripe, as far as a desk meets it.

use super::letter::{Letter, Sign};
use super::truth::{Case, Change, Moved, Taking};
use super::wire::{Asked, json_reply};
use crate::paper::stripe as paper;
use adapter::{Channel, Reply};
use calendar::Instant;
use dispute::status::{Stage, Standing};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The dispute's object at this instant.
pub(super) fn object(case: &Case, now: Instant) -> Value {
    let mark = case
        .taken
        .iter()
        .rev()
        .find(|taken| taken.what == Taking::Answer);
    let answers = case
        .taken
        .iter()
        .filter(|taken| taken.what == Taking::Answer)
        .count();
    let dispute = paper::Dispute {
        id: case.id.clone(),
        charge: case.payment.clone(),
        payment_intent: case.payment.replace("ch_", "pi_"),
        amount: case.minor,
        currency: case.currency.to_ascii_lowercase(),
        status: status(case).to_owned(),
        reason: case.reason.to_owned(),
        brand: case.brand.to_owned(),
        network_code: case.code.to_owned(),
        case_type: if case.stage == Stage::Inquiry {
            "inquiry"
        } else {
            "chargeback"
        }
        .to_owned(),
        created: case.opened_at,
        due_by: case.due,
        has_evidence: answers > 0,
        submission_count: u32::try_from(answers).unwrap_or(u32::MAX),
        balances: case
            .moves
            .iter()
            .map(|moved| balance(case, moved, now))
            .collect(),
    };
    let mut object = paper::object(&dispute);
    if let (Some(mark), Some(fields)) = (mark, object.as_object_mut()) {
        fields.insert("metadata".to_owned(), json!({ "docket_packet": mark.mark }));
    }
    object
}

fn balance(case: &Case, moved: &Moved, now: Instant) -> paper::Balance {
    paper::Balance {
        id: moved.id.clone(),
        amount: moved.minor,
        fee: moved.fee_minor,
        currency: case.currency.to_ascii_lowercase(),
        created: moved.at,
        available: moved.at.plus_days(2) <= now,
    }
}

fn status(case: &Case) -> &'static str {
    match (case.stage, case.standing) {
        (Stage::Inquiry, Standing::Ours) => "warning_needs_response",
        (Stage::Inquiry, Standing::Theirs) => "warning_under_review",
        (Stage::Inquiry, _) => "warning_closed",
        (_, Standing::Ours) => "needs_response",
        (_, Standing::Won) => "won",
        (_, Standing::Lost | Standing::Accepted | Standing::Expired) => "lost",
        _ => "under_review",
    }
}

/// The events about a change.
pub(super) fn announce(case: &Case, change: Change, at: Instant) -> Vec<Letter> {
    let kinds: &[&str] = match change {
        Change::Opened if case.moves.is_empty() => &["charge.dispute.created"],
        Change::Opened => &["charge.dispute.created", "charge.dispute.funds_withdrawn"],
        Change::Escalated => &["charge.dispute.updated", "charge.dispute.funds_withdrawn"],
        Change::Answered => &["charge.dispute.updated"],
        Change::Decided => &["charge.dispute.closed"],
        Change::MoneyBack => &["charge.dispute.funds_reinstated"],
        Change::TakenAgain => &["charge.dispute.funds_withdrawn"],
    };
    let object = object(case, at);
    let letters = kinds.iter().enumerate().map(|(index, kind)| {
        let id = format!(
            "evt_{}_{}_{}_{index}",
            case.id,
            at.unix_seconds(),
            kind.replace('.', "_")
        );
        letter(&case.account, at, paper::event(&id, kind, at, &object))
    });
    letters.collect()
}

/// An event whose object has another status than the dispute.
pub(super) fn misreport(case: &Case, status: &str, at: Instant) -> Letter {
    let mut object = object(case, at);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("status".to_owned(), json!(status));
    }
    let id = format!("evt_{}_{}_{status}", case.id, at.unix_seconds());
    letter(
        &case.account,
        at,
        paper::event(&id, "charge.dispute.updated", at, &object),
    )
}

/// A message on the webhook's way.
pub(super) fn letter(account: &str, at: Instant, body: Vec<u8>) -> Letter {
    Letter {
        at,
        provider: "stripe",
        account: account.to_owned(),
        channel: Channel::Webhook,
        name: format!("/in/stripe/{account}"),
        body,
        sign: Sign::Stripe,
    }
}

/// The report of everything that moved since the last one.
pub(super) fn report(account: &str, at: Instant, moved: &[(&Case, &Moved)]) -> Letter {
    let rows: Vec<paper::ActivityRow> = moved
        .iter()
        .map(|(case, moved)| paper::ActivityRow {
            balance: balance(case, moved, at),
            charge: case.payment.clone(),
            intent: case.payment.replace("ch_", "pi_"),
            source: case.id.clone(),
            category: if moved.minor < 0 {
                "dispute"
            } else {
                "dispute_reversal"
            }
            .to_owned(),
        })
        .collect();
    Letter {
        at,
        provider: "stripe",
        account: account.to_owned(),
        channel: Channel::File,
        name: format!("activity-{account}-{}.csv", at.unix_seconds()),
        body: paper::activity_report(&rows),
        sign: Sign::TrustedWay,
    }
}

/// The object as the interface gives it: with its charge.
fn expanded(case: &Case, now: Instant) -> Value {
    let mut object = object(case, now);
    if let Some(fields) = object.as_object_mut() {
        let charge = json!({
            "id": case.payment,
            "object": "charge",
            "amount": case.paid_minor,
            "amount_captured": case.paid_minor,
            "captured": true,
            "created": case.opened_at.plus_days(-20).unix_seconds(),
            "currency": case.currency.to_ascii_lowercase(),
            "disputed": true,
            "payment_intent": case.payment.replace("ch_", "pi_"),
        });
        fields.insert("charge".to_owned(), charge);
    }
    object
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let body =
        json!({ "error": { "code": code, "message": message, "type": "invalid_request_error" } });
    json_reply(status, &body)
}

/// What Stripe answers, and what it took.
pub(super) fn answer(
    cases: &mut BTreeMap<String, Case>,
    asked: &Asked<'_>,
    now: Instant,
) -> (Reply, Option<(String, Taking)>) {
    let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
    let mut parts = path.trim_start_matches("/v1/").split('/');
    match (asked.method, parts.next(), parts.next(), parts.next()) {
        ("POST", Some("files"), None, _) => {
            let file = json!({ "id": format!("file_{}", now.unix_seconds()), "object": "file" });
            (json_reply(200, &file), None)
        }
        ("GET", Some("disputes"), None, _) => (list(cases, query, asked.account), None),
        ("GET", Some("disputes"), Some(id), _) => match cases.get(id) {
            Some(case) => (json_reply(200, &expanded(case, now)), None),
            None => (error(404, "resource_missing", "no such dispute"), None),
        },
        ("POST", Some("disputes"), Some(id), action) => match cases.get_mut(id) {
            None => (error(404, "resource_missing", "no such dispute"), None),
            Some(case) if case.over() => (
                error(400, "dispute_closed", "this dispute is already closed"),
                None,
            ),
            Some(case) => {
                let what = if action == Some("close") {
                    Taking::Concession
                } else {
                    Taking::Answer
                };
                super::take(case, what, asked.form_value("metadata[docket_packet]"), now);
                (
                    json_reply(200, &object(case, now)),
                    Some((case.id.clone(), what)),
                )
            }
        },
        _ => (
            error(404, "unknown_path", "unrecognized request path"),
            None,
        ),
    }
}

/// Newest first, by creation, a page at a time.
fn list(cases: &BTreeMap<String, Case>, query: &str, account: &str) -> Reply {
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let since: i64 = value("created%5Bgte%5D")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let after = value("starting_after").unwrap_or_default();
    let of_account = cases.values().filter(|case| {
        case.provider == "stripe"
            && case.account == account
            && case.opened_at.unix_seconds() >= since
    });
    let mut found: Vec<&Case> = of_account.collect();
    found.sort_by_key(|case| (std::cmp::Reverse(case.opened_at), case.id.clone()));
    let from = found
        .iter()
        .position(|case| case.id == after)
        .map_or(0, |at| at + 1);
    let page: Vec<&&Case> = found.iter().skip(from).take(100).collect();
    let more = found.len() > from + page.len();
    let now = page.iter().map(|case| case.changed_at.plus_days(3)).max();
    let objects: Vec<Value> = page
        .iter()
        .map(|case| object(case, now.unwrap_or(case.changed_at)))
        .collect();
    Reply {
        status: 200,
        headers: Vec::new(),
        body: paper::list(&objects, more),
    }
}
