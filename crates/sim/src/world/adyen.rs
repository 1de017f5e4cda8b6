//! Adyen in a story: its signed notifications, its settlement report, and the answers of its disputes interface.

use super::args::{Args, amount, minor};
use super::desk::{Delivery, Desk};
use super::outside::{Outside, status};
use crate::paper::adyen as paper;
use adapter::{Channel, Reply, Request};
use serde_json::Value;

/// Its key in every story, hexadecimal as Adyen hands keys out; protects nothing.
pub(super) const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
const ACCOUNT: &str = "Merchant1";

/// What Adyen has to say about its disputes.
#[derive(Debug, Default)]
pub(super) struct Adyen {
    /// The defence that every dispute allows, with its documents and how far each is required.
    defence: Option<(String, Vec<(String, String)>)>,
    answered: std::collections::BTreeSet<String>,
}

/// One statement about Adyen.
pub(super) fn act(
    desk: &mut Desk,
    mut args: Args<'_>,
    body: Option<&String>,
) -> Result<(), String> {
    match args.next("what Adyen does")? {
        "sends" => sends(desk, args),
        "settles" => settles(desk, args, body),
        "allows" => {
            let code = args.next("a defence")?.to_owned();
            let documents = args.rest();
            args.done()?;
            desk.outside.adyen.defence = Some((code, documents));
            Ok(())
        }
        other => Err(format!("Adyen does not `{other}`")),
    }
}

/// `sends CHARGEBACK psp=.. original=.. amount=12.34eur [reason=..] [any additionalData]`.
fn sends(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let code = args.next("an event code")?.to_owned();
    let psp = args.text("psp", "D1");
    let money = amount(args.take("amount").ok_or("an item has an `amount`")?)?;
    let key = if args.flag("forged") { OTHER_KEY } else { KEY };
    let item = paper::Item {
        code,
        original: args.text("original", "P1"),
        account: args.text("account", ACCOUNT),
        merchant_reference: args.text("merchant_reference", "order 1"),
        amount: minor(money)?,
        currency: money.currency().code().to_owned(),
        method: args.text("method", "visa"),
        reason: args.text("reason", ""),
        at: args.instant("at")?.unwrap_or(desk.now),
        psp,
        extra: args.rest(),
    };
    args.done()?;
    let bytes = paper::notification(&[item], key);
    let mut delivery = Delivery::trusted("adyen", ACCOUNT, Channel::Webhook, "/in/adyen", bytes);
    delivery.signed = Some(true);
    desk.deliver(delivery)
}

/// `settles batch=7 <<<` with one row a line: `kind payment dispute at amount`.
fn settles(desk: &mut Desk, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
    let batch = args.number("batch")?.unwrap_or(1);
    let name = args.text("name", "settlement_detail_report_batch_1.csv");
    args.done()?;
    let mut rows = Vec::new();
    for line in body.ok_or("a report has rows")?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [kind, payment, dispute, at, net] = words.as_slice() else {
            return Err(format!(
                "`{line}`: expected kind, payment, dispute, instant, amount"
            ));
        };
        let money = amount(net)?;
        rows.push(paper::SettlementRow {
            psp: (*payment).to_owned(),
            merchant_reference: "order 1".to_owned(),
            method: "visa".to_owned(),
            at: super::instant(at)?,
            kind: (*kind).to_owned(),
            modification: (*dispute).to_owned(),
            currency: money.currency().code().to_owned(),
            net: minor(money)?,
        });
    }
    let bytes = paper::settlement_report("Company1", ACCOUNT, batch, &rows);
    desk.deliver(Delivery::trusted(
        "adyen",
        ACCOUNT,
        Channel::File,
        &name,
        bytes,
    ))
}

/// Adyen's answer to a request.
pub(super) fn answer(outside: &mut Outside, request: &Request) -> Reply {
    let Request::Http { path, body, .. } = request else {
        return status(404, "no such service");
    };
    let asked: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let dispute = asked
        .get("disputePspReference")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let body = match path.as_str() {
        "/retrieveApplicableDefenseReasons" => match &outside.adyen.defence {
            Some((code, documents)) => {
                let documents: Vec<(&str, &str)> = documents
                    .iter()
                    .map(|(code, level)| (code.as_str(), level.as_str()))
                    .collect();
                paper::defence_reasons(code, &documents)
            }
            None => paper::result(false, "no defence applies"),
        },
        "/supplyDefenseDocument" => paper::result(true, ""),
        _ if !outside.adyen.answered.insert(dispute.clone()) => {
            paper::result(false, "the dispute was answered before")
        }
        _ => {
            outside.took("adyen", &dispute, "chargeback");
            paper::result(true, "")
        }
    };
    Reply {
        status: 200,
        headers: Vec::new(),
        body,
    }
}
