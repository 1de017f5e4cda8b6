//! Adyen, as far as a desk meets it.

use super::letter::{Letter, Sign};
use super::truth::{Case, Change, Moved, Taking};
use super::wire::{Asked, json_reply};
use crate::paper::adyen as paper;
use adapter::{Channel, Reply};
use calendar::Instant;
use dispute::movement::MovementKind;
use dispute::status::{Stage, Standing};
use serde_json::json;
use std::collections::BTreeMap;

/// The one defence that this Adyen takes, and the document type that it asks for.
pub const DEFENCE: &str = "SupplyDefenseMaterial";
/// The only paper that the fake asks for in a defence: one required document keeps its stories short.
pub const DEFENCE_DOCUMENT: &str = "DefenseMaterial";

fn status(case: &Case) -> &'static str {
    match case.standing {
        Standing::Ours => "Undefended",
        Standing::Won => "Won",
        Standing::Lost => "Lost",
        Standing::Accepted => "Accepted",
        // A request for information that nobody answered ends the same way.
        Standing::Expired | Standing::Lapsed => "Expired",
        _ => "Pending",
    }
}

fn code(case: &Case, change: Change) -> &'static str {
    match (change, case.stage, case.standing) {
        (Change::Opened, Stage::Inquiry, _) => "REQUEST_FOR_INFORMATION",
        (Change::Opened | Change::Escalated, _, _) => "CHARGEBACK",
        (Change::Answered, _, _) => "INFORMATION_SUPPLIED",
        (Change::MoneyBack, _, _) => "CHARGEBACK_REVERSED",
        (Change::TakenAgain, _, _) => "SECOND_CHARGEBACK",
        (Change::Decided, _, Standing::Won) => "ISSUER_RESPONSE_TIMEFRAME_EXPIRED",
        (Change::Decided, _, _) => "DISPUTE_DEFENSE_PERIOD_ENDED",
    }
}

/// The notification about a change; a new chargeback is told of twice, once ahead.
pub(super) fn announce(case: &Case, change: Change, at: Instant, key: &str) -> Vec<Letter> {
    let code = code(case, change);
    let mut items = vec![item(case, code, at)];
    if change == Change::Opened && code == "CHARGEBACK" {
        items.insert(
            0,
            item(case, "NOTIFICATION_OF_CHARGEBACK", at.plus_seconds(-60)),
        );
    }
    let letters = items.into_iter().map(|item| Letter {
        at,
        provider: "adyen",
        account: case.account.clone(),
        channel: Channel::Webhook,
        name: format!("/in/adyen/{}", case.account),
        body: paper::notification(&[item], key),
        sign: Sign::Adyen,
    });
    letters.collect()
}

fn item(case: &Case, code: &str, at: Instant) -> paper::Item {
    let prefix = if case.stage == Stage::Inquiry {
        "rfi"
    } else {
        "chargeback"
    };
    let mut extra = vec![
        ("disputeStatus".to_owned(), status(case).to_owned()),
        (format!("{prefix}ReasonCode"), case.code.to_owned()),
        (format!("{prefix}SchemeCode"), case.brand.to_owned()),
    ];
    if let (Some(due), Standing::Ours) = (case.due, case.standing) {
        extra.push(("defensePeriodEndsAt".to_owned(), due.to_string()));
    }
    paper::Item {
        code: code.to_owned(),
        psp: case.id.clone(),
        original: case.payment.clone(),
        account: case.account.clone(),
        merchant_reference: case.order.clone(),
        amount: case.minor,
        currency: case.currency.to_owned(),
        method: case.brand.to_owned(),
        reason: case.reason.to_owned(),
        at,
        extra,
    }
}

/// The settlement report of one batch.
pub(super) fn report(account: &str, at: Instant, batch: u32, moved: &[(&Case, &Moved)]) -> Letter {
    let rows: Vec<paper::SettlementRow> = moved
        .iter()
        .map(|(case, moved)| paper::SettlementRow {
            psp: case.payment.clone(),
            merchant_reference: case.order.clone(),
            method: case.brand.to_owned(),
            at: moved.at,
            kind: journal(case, moved).to_owned(),
            modification: case.id.clone(),
            currency: case.currency.to_owned(),
            net: moved.minor,
        })
        .collect();
    Letter {
        at,
        provider: "adyen",
        account: account.to_owned(),
        channel: Channel::File,
        name: format!("settlement_detail_report_batch_{batch}.csv"),
        body: paper::settlement_report("Company1", account, batch, &rows),
        sign: Sign::TrustedWay,
    }
}

fn journal(case: &Case, moved: &Moved) -> &'static str {
    let first = case.moves.first().is_some_and(|first| first.id == moved.id);
    match (moved.kind, first) {
        (MovementKind::Withdrawal, true) => "Chargeback",
        (MovementKind::Withdrawal, false) => "SecondChargeback",
        _ => "ChargebackReversed",
    }
}

fn refused(why: &str) -> Reply {
    Reply {
        status: 200,
        headers: Vec::new(),
        body: paper::result(false, why),
    }
}

/// What the Disputes API answers, and what it took.
pub(super) fn answer(
    cases: &mut BTreeMap<String, Case>,
    asked: &Asked<'_>,
    now: Instant,
) -> (Reply, Option<(String, Taking)>) {
    let body = asked.json();
    let id = body
        .get("disputePspReference")
        .and_then(|id| id.as_str())
        .unwrap_or_default()
        .to_owned();
    let Some(case) = cases.get_mut(&id) else {
        return (refused("Dispute not found"), None);
    };
    let done = || Reply {
        status: 200,
        headers: Vec::new(),
        body: paper::result(true, ""),
    };
    match asked.path {
        "/retrieveApplicableDefenseReasons" => (
            Reply {
                status: 200,
                headers: Vec::new(),
                body: paper::defence_reasons(DEFENCE, &[(DEFENCE_DOCUMENT, "Required")]),
            },
            None,
        ),
        "/supplyDefenseDocument" => (done(), None),
        _ if case.over() => (refused("This dispute is closed"), None),
        "/acceptDispute" => {
            super::take(case, Taking::Concession, String::new(), now);
            (done(), Some((id, Taking::Concession)))
        }
        "/defendDispute" => {
            if body.get("defenseReasonCode").and_then(|code| code.as_str()) != Some(DEFENCE) {
                return (refused("Invalid defense reason"), None);
            }
            super::take(case, Taking::Answer, String::new(), now);
            (done(), Some((id, Taking::Answer)))
        }
        _ => (
            json_reply(
                404,
                &json!({ "status": 404, "errorCode": "000", "message": "unknown path" }),
            ),
            None,
        ),
    }
}
