//! Stripe in a story: the disputes it holds, the events it sends, and its answers.

use super::args::{Args, amount, minor};
use super::desk::{Delivery, Desk};
use super::outside::{Outside, object, status};
use crate::paper::stripe as paper;
use adapter::{Channel, Reply, Request};
use calendar::Instant;
use serde_json::Value;
use std::collections::BTreeMap;

/// Its webhook secret in every story; protects nothing.
pub(super) const SECRET: &[u8] = b"whsec_of_a_story";
const ACCOUNT: &str = "acct_1";

/// What Stripe holds.
#[derive(Debug, Default)]
pub(super) struct Stripe {
    disputes: BTreeMap<String, paper::Dispute>,
    /// Words about balance transactions, where they say more than that they are a chargeback.
    descriptions: BTreeMap<String, String>,
    /// Changes to the plain object, as merge patches in order.
    patches: BTreeMap<String, Vec<Value>>,
    files: u32,
}

impl Stripe {
    fn object(&self, id: &str) -> Option<Value> {
        let mut object = paper::object(self.disputes.get(id)?);
        let balances = object
            .get_mut("balance_transactions")
            .and_then(Value::as_array_mut);
        for balance in balances.into_iter().flatten() {
            let words = balance
                .get("id")
                .and_then(Value::as_str)
                .and_then(|id| self.descriptions.get(id));
            if let (Some(words), Some(fields)) = (words.cloned(), balance.as_object_mut()) {
                fields.insert("description".to_owned(), Value::String(words));
            }
        }
        for patch in self.patches.get(id).into_iter().flatten() {
            merge(&mut object, patch);
        }
        Some(object)
    }
}

/// A JSON merge patch (RFC 7396): `null` takes a field away.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(fields) = target.as_object_mut() else {
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

pub(super) fn patch(body: Option<&String>) -> Result<Option<Value>, String> {
    let read =
        |body: &String| serde_json::from_str(body).map_err(|error| format!("the patch: {error}"));
    body.map(read).transpose()
}

/// One statement about Stripe.
pub(super) fn act(
    desk: &mut Desk,
    mut args: Args<'_>,
    body: Option<&String>,
) -> Result<(), String> {
    match args.next("what Stripe does")? {
        "holds" => holds(desk, args, body),
        "moves" => moves(desk, args),
        "sends" => sends(desk, args, body),
        "shows" => {
            let id = args.next("a dispute")?;
            let account = args.text("account", ACCOUNT);
            args.done()?;
            let object = desk
                .outside
                .stripe
                .object(id)
                .ok_or_else(|| format!("Stripe holds no {id}"))?;
            desk.deliver(Delivery::trusted(
                "stripe",
                &account,
                Channel::Api,
                "answer",
                object.to_string().into_bytes(),
            ))
        }
        other => Err(format!("Stripe does not `{other}`")),
    }
}

fn holds(desk: &mut Desk, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
    let id = args.next("a dispute")?.to_owned();
    let now = desk.now;
    let stripe = &mut desk.outside.stripe;
    if let Some(change) = patch(body)? {
        stripe.patches.entry(id.clone()).or_default().push(change);
    }
    let dispute = stripe
        .disputes
        .entry(id.clone())
        .or_insert_with(|| fresh(&id, now));
    if let Some(text) = args.take("amount") {
        let money = amount(text)?;
        dispute.amount = minor(money)?;
        dispute.currency = money.currency().code().to_ascii_lowercase();
    }
    let words = [
        ("charge", &mut dispute.charge),
        ("intent", &mut dispute.payment_intent),
        ("status", &mut dispute.status),
        ("reason", &mut dispute.reason),
        ("brand", &mut dispute.brand),
        ("code", &mut dispute.network_code),
        ("case_type", &mut dispute.case_type),
    ];
    for (name, field) in words {
        if let Some(word) = args.take(name) {
            *field = word.to_owned();
        }
    }
    match args.take("due") {
        Some("none") => dispute.due_by = None,
        Some(text) => dispute.due_by = Some(super::instant(text)?),
        None => {}
    }
    if let Some(created) = args.instant("created")? {
        dispute.created = created;
    }
    if let Some(count) = args.number("count")? {
        dispute.submission_count = count;
        dispute.has_evidence = true;
    }
    dispute.has_evidence |= args.flag("staged");
    args.done()
}

fn fresh(id: &str, created: Instant) -> paper::Dispute {
    paper::Dispute {
        id: id.to_owned(),
        charge: id.replace("du_", "ch_"),
        payment_intent: id.replace("du_", "pi_"),
        amount: 0,
        currency: "usd".to_owned(),
        status: "needs_response".to_owned(),
        reason: "fraudulent".to_owned(),
        brand: "visa".to_owned(),
        network_code: "10.4".to_owned(),
        case_type: "chargeback".to_owned(),
        created,
        due_by: Some(created.plus_days(14)),
        has_evidence: false,
        submission_count: 0,
        balances: Vec::new(),
    }
}

fn moves(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let id = args.next("a dispute")?;
    let key = args.next("a balance transaction")?.to_owned();
    let money = amount(args.next("an amount")?)?;
    let fee = args.take("fee").map(amount).transpose()?;
    let words = args.take("as").map(str::to_owned);
    let available = !args.flag("pending");
    let created = args.instant("at")?.unwrap_or(desk.now);
    args.done()?;
    let stripe = &mut desk.outside.stripe;
    if let Some(words) = words {
        stripe.descriptions.insert(key.clone(), words);
    }
    let dispute = stripe
        .disputes
        .get_mut(id)
        .ok_or_else(|| format!("Stripe holds no {id}"))?;
    dispute.balances.retain(|balance| balance.id != key);
    dispute.balances.push(paper::Balance {
        id: key,
        amount: minor(money)?,
        fee: fee.map_or(Ok(0), minor)?,
        currency: money.currency().code().to_ascii_lowercase(),
        created,
        available,
    });
    Ok(())
}

/// `sends <event type> <object> id=evt_1`: the event around the object as Stripe holds it now.
fn sends(desk: &mut Desk, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
    let kind = args.next("a type of event")?;
    let id = args.next("an object")?;
    let event_id = args.text("id", &format!("evt_{}", desk.events + 1));
    desk.events += 1;
    let created = args.instant("at")?.unwrap_or(desk.now);
    let account = args.text("account", ACCOUNT);
    let names_account = args.flag("connect");
    let forged = args.flag("forged");
    let unsigned = args.flag("unsigned");
    let mut object = match kind.split('.').next().unwrap_or_default() {
        "radar" => {
            let charge = args.text("charge", "ch_1");
            let intent = args.text("intent", "pi_1");
            paper::early_fraud_warning(
                id,
                &charge,
                &intent,
                &args.text("kind", "made_with_stolen_card"),
                created,
            )
        }
        "refund" => {
            let charge = args.text("charge", "ch_1");
            let money = amount(args.take("amount").ok_or("a refund has an `amount`")?)?;
            let currency = money.currency().code().to_ascii_lowercase();
            let state = args.text("status", "succeeded");
            let born = args.instant("created")?.unwrap_or(created);
            paper::refund(id, &charge, minor(money)?, &currency, &state, born)
        }
        _ => desk
            .outside
            .stripe
            .object(id)
            .ok_or_else(|| format!("Stripe holds no {id}"))?,
    };
    args.done()?;
    if let Some(change) = patch(body)? {
        merge(&mut object, &change);
    }
    let mut event: Value = serde_json::from_slice(&paper::event(&event_id, kind, created, &object))
        .map_err(|error| error.to_string())?;
    if names_account {
        merge(&mut event, &serde_json::json!({ "account": account }));
    }
    let way = if names_account {
        "acct_platform"
    } else {
        account.as_str()
    };
    let mut delivery = Delivery::trusted(
        "stripe",
        way,
        Channel::Webhook,
        &event_id,
        event.to_string().into_bytes(),
    );
    delivery.signed = Some(!(forged || unsigned));
    delivery.unsigned = unsigned;
    desk.deliver(delivery)
}

/// The header of a delivery, signed when it is made.
pub(super) fn headers(body: &[u8], genuine: bool, at: Instant) -> Vec<(String, String)> {
    let secret: &[u8] = if genuine {
        SECRET
    } else {
        b"whsec_of_somebody_else"
    };
    vec![paper::signature(secret, body, at)]
}

/// Stripe's answer to a request.
pub(super) fn answer(outside: &mut Outside, request: &Request, now: Instant) -> Reply {
    match request {
        // Stripe refuses a part without its media type (F-57).
        Request::Multipart { parts, .. }
            if parts
                .iter()
                .any(|part| part.file_name.is_some() && part.media_type.is_none()) =>
        {
            status(400, "the file part has no content type")
        }
        Request::Multipart { .. } => {
            outside.stripe.files += 1;
            let id = format!("file_{}", outside.stripe.files);
            object(&serde_json::json!({ "id": id, "object": "file" }))
        }
        Request::Http {
            method: "GET",
            path,
            ..
        } => read(&outside.stripe, path),
        Request::Http { path, .. } => {
            let rest = path.strip_prefix("/v1/disputes/").unwrap_or_default();
            match rest.strip_suffix("/close") {
                Some(id) => close(outside, id),
                None => submit(outside, rest, now),
            }
        }
        Request::File { .. } => status(404, "Stripe takes no files this way"),
    }
}

fn read(stripe: &Stripe, path: &str) -> Reply {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    if place == "/v1/disputes" {
        let since = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("created%5Bgte%5D="));
        let since: i64 = since.and_then(|text| text.parse().ok()).unwrap_or(0);
        let listed = stripe
            .disputes
            .values()
            .filter(|dispute| dispute.created.unix_seconds() >= since);
        let objects: Vec<Value> = listed
            .filter_map(|dispute| stripe.object(&dispute.id))
            .collect();
        return Reply {
            status: 200,
            headers: Vec::new(),
            body: paper::list(&objects, false),
        };
    }
    let id = place.rsplit('/').next().unwrap_or_default();
    match stripe.object(id) {
        Some(value) => object(&value),
        None => status(404, &format!("No such dispute: {id}")),
    }
}

fn submit(outside: &mut Outside, id: &str, now: Instant) -> Reply {
    let Some(dispute) = outside.stripe.disputes.get_mut(id) else {
        return status(404, &format!("No such dispute: {id}"));
    };
    if dispute.due_by.is_none_or(|due| now > due) {
        return status(400, "The time to answer this dispute has passed");
    }
    let (next, stage) = match dispute.status.as_str() {
        "needs_response" => ("under_review", "chargeback"),
        "warning_needs_response" => ("warning_under_review", "inquiry"),
        _ => return status(400, "This dispute has already been answered"),
    };
    dispute.status = next.to_owned();
    dispute.submission_count += 1;
    dispute.has_evidence = true;
    outside.took("stripe", id, stage);
    outside
        .stripe
        .object(id)
        .map_or_else(|| status(404, "gone"), |value| object(&value))
}

fn close(outside: &mut Outside, id: &str) -> Reply {
    let Some(dispute) = outside.stripe.disputes.get_mut(id) else {
        return status(404, &format!("No such dispute: {id}"));
    };
    if dispute.status != "needs_response" && dispute.status != "warning_needs_response" {
        return status(400, "This dispute is not open");
    }
    let warning = dispute.status.starts_with("warning_");
    dispute.status = if warning { "warning_closed" } else { "lost" }.to_owned();
    outside.took("stripe", id, if warning { "inquiry" } else { "chargeback" });
    outside
        .stripe
        .object(id)
        .map_or_else(|| status(404, "gone"), |value| object(&value))
}
