//! PayPal in a story: the disputes it holds, its list, and its answers. Its webhooks need a certificate, so what it says
//! comes by its interface and its reports.

use super::args::{Args, amount};
use super::desk::{Delivery, Desk};
use super::outside::{Outside, object, status};
use super::stripe::{merge, patch};
use crate::paper::paypal as paper;
use adapter::{Channel, Reply, Request};
use calendar::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ACCOUNT: &str = "M1";

/// What PayPal holds.
#[derive(Debug, Default)]
pub(super) struct PayPal {
    disputes: BTreeMap<String, paper::Dispute>,
    patches: BTreeMap<String, Vec<Value>>,
}

impl PayPal {
    fn object(&self, id: &str) -> Option<Value> {
        let dispute = self.disputes.get(id)?;
        let mut object = paper::object(dispute);
        let open = dispute.state == "REQUIRED_ACTION";
        let links: &[&str] = if open {
            &["self", "provide-evidence", "accept-claim"]
        } else {
            &["self"]
        };
        let links: Vec<Value> = links
            .iter()
            .map(|rel| json!({ "rel": rel, "href": "https://example.com/" }))
            .collect();
        merge(&mut object, &json!({ "links": links }));
        for change in self.patches.get(id).into_iter().flatten() {
            merge(&mut object, change);
        }
        Some(object)
    }
}

/// One statement about PayPal.
pub(super) fn act(
    desk: &mut Desk,
    mut args: Args<'_>,
    body: Option<&String>,
) -> Result<(), String> {
    match args.next("what PayPal does")? {
        "holds" => holds(desk, args, body),
        "moves" => moves(desk, args),
        "shows" => {
            let id = args.next("a dispute")?;
            args.done()?;
            let object = desk
                .outside
                .paypal
                .object(id)
                .ok_or_else(|| format!("PayPal holds no {id}"))?;
            desk.deliver(Delivery::trusted(
                "paypal",
                ACCOUNT,
                Channel::Api,
                "answer",
                object.to_string().into_bytes(),
            ))
        }
        "reports" => report(desk, args, body),
        other => Err(format!("PayPal does not `{other}`")),
    }
}

fn holds(desk: &mut Desk, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
    let id = args.next("a dispute")?.to_owned();
    let now = desk.now;
    let paypal = &mut desk.outside.paypal;
    if let Some(change) = patch(body)? {
        paypal.patches.entry(id.clone()).or_default().push(change);
    }
    let dispute = paypal
        .disputes
        .entry(id.clone())
        .or_insert_with(|| fresh(&id, now));
    dispute.updated = now;
    if let Some(text) = args.take("amount") {
        let money = amount(text)?;
        dispute.amount = money.decimal();
        dispute.currency = money.currency().code().to_owned();
    }
    let words = [
        ("transaction", &mut dispute.transaction),
        ("invoice", &mut dispute.invoice),
        ("reason", &mut dispute.reason),
        ("status", &mut dispute.status),
        ("state", &mut dispute.state),
        ("stage", &mut dispute.stage),
        ("channel", &mut dispute.channel),
    ];
    for (name, field) in words {
        if let Some(word) = args.take(name) {
            *field = word.to_owned();
        }
    }
    if let Some(due) = args.instant("due")? {
        dispute.due = Some(due);
    }
    if let Some(code) = args.take("outcome") {
        let refunded = args.take("refunded").map(amount).transpose()?;
        dispute.outcome = Some((code.to_owned(), refunded.map(money::Money::decimal)));
    }
    args.done()
}

fn fresh(id: &str, created: Instant) -> paper::Dispute {
    paper::Dispute {
        id: id.to_owned(),
        transaction: format!("T{id}"),
        invoice: format!("INVOICE-{id}"),
        amount: "0.00".to_owned(),
        currency: "USD".to_owned(),
        reason: "MERCHANDISE_OR_SERVICE_NOT_RECEIVED".to_owned(),
        status: "WAITING_FOR_SELLER_RESPONSE".to_owned(),
        state: "REQUIRED_ACTION".to_owned(),
        stage: "CHARGEBACK".to_owned(),
        channel: "INTERNAL".to_owned(),
        created,
        updated: created,
        due: None,
        outcome: None,
        movements: Vec::new(),
        evidence_count: 0,
    }
}

/// `moves <dispute> DEBIT 12.34usd [reason=DISPUTE_SETTLEMENT]`.
fn moves(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let id = args.next("a dispute")?;
    let kind = args.next("DEBIT or CREDIT")?.to_owned();
    let money = amount(args.next("an amount")?)?;
    let reason = args.text("reason", "DISPUTE_SETTLEMENT");
    let at = args.instant("at")?.unwrap_or(desk.now);
    args.done()?;
    let dispute = desk
        .outside
        .paypal
        .disputes
        .get_mut(id)
        .ok_or_else(|| format!("PayPal holds no {id}"))?;
    dispute.movements.push(paper::Money {
        kind,
        amount: money.decimal(),
        reason,
        at,
    });
    Ok(())
}

/// `reports from=.. until=.. [off=1] <<<` with one row a line: `id reference code at hundredths currency`.
fn report(desk: &mut Desk, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
    let from = args.instant("from")?.ok_or("a report has a `from`")?;
    let until = args.instant("until")?.ok_or("a report has an `until`")?;
    let off = args.number("off")?.unwrap_or(0);
    let name = args.text("name", "STL.CSV");
    args.done()?;
    let mut rows = Vec::new();
    for line in body.ok_or("a report has rows")?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [id, reference, code, at, hundredths, currency] = words.as_slice() else {
            return Err(format!(
                "`{line}`: expected id, reference, code, instant, hundredths, currency"
            ));
        };
        rows.push(paper::SettlementRow {
            id: (*id).to_owned(),
            reference: (*reference).to_owned(),
            code: (*code).to_owned(),
            at: super::instant(at)?,
            hundredths: hundredths
                .parse()
                .map_err(|_| format!("`{hundredths}` is no number"))?,
            currency: (*currency).to_owned(),
        });
    }
    let bytes = paper::settlement_report(ACCOUNT, from, until, &rows, off);
    desk.deliver(Delivery::trusted(
        "paypal",
        ACCOUNT,
        Channel::File,
        &name,
        bytes,
    ))
}

/// PayPal's answer to a request.
pub(super) fn answer(outside: &mut Outside, request: &Request, now: Instant) -> Reply {
    let (path, reads) = match request {
        Request::Http { method, path, .. } => (path, *method == "GET"),
        Request::Multipart { path, .. } => (path, false),
        Request::File { .. } => return status(404, "PayPal takes no files this way"),
    };
    let place = path.split('?').next().unwrap_or_default();
    let rest = place
        .strip_prefix("/v1/customer/disputes")
        .unwrap_or_default();
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next(), reads) {
        (None, _, true) => {
            let ids = outside.paypal.disputes.keys();
            let objects: Vec<Value> = ids.filter_map(|id| outside.paypal.object(id)).collect();
            Reply {
                status: 200,
                headers: Vec::new(),
                body: paper::list(&objects),
            }
        }
        (Some(id), None, true) => match outside.paypal.object(id) {
            Some(value) => object(&value),
            None => status(404, "INVALID_RESOURCE_ID"),
        },
        (Some(id), Some(action), false) => take(outside, id, action, now),
        _ => status(404, "no such resource"),
    }
}

fn take(outside: &mut Outside, id: &str, action: &str, now: Instant) -> Reply {
    let Some(dispute) = outside.paypal.disputes.get_mut(id) else {
        return status(404, "INVALID_RESOURCE_ID");
    };
    if dispute.state != "REQUIRED_ACTION" {
        return status(422, "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE");
    }
    dispute.updated = now;
    if action == "accept-claim" {
        "RESOLVED".clone_into(&mut dispute.status);
        "RESOLVED".clone_into(&mut dispute.state);
        dispute.outcome = Some(("ACCEPTED".to_owned(), None));
    } else {
        "UNDER_REVIEW".clone_into(&mut dispute.status);
        "UNDER_PAYPAL_REVIEW".clone_into(&mut dispute.state);
        dispute.evidence_count += 1;
    }
    outside.took("paypal", id, "chargeback");
    object(&json!({ "links": [{ "rel": "self", "href": "https://example.com/" }] }))
}
