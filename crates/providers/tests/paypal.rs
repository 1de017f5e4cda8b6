//! What PayPal's documents mean, each habit of theirs that has cost somebody money being a test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use adapter::{Adapter, Channel, Decoded, Inbound, RejectCode};
use calendar::Instant;
use dispute::said::Said;
use dispute::text::render;
use providers::list::paypal::PayPal;
use serde_json::{Value, json};

fn decode(channel: Channel, body: &[u8]) -> Decoded {
    let received_at = Instant::parse("2026-03-02T12:00:00Z").unwrap();
    PayPal.decode(&Inbound {
        channel,
        account: "account-1",
        headers: &[],
        body,
        received_at,
    })
}

/// The canonical lines of these words, without the part that all share.
fn lines(decoded: &Decoded, word: &str) -> Vec<String> {
    let rendered = decoded.facts.iter().map(|located| render(&located.fact));
    rendered
        .filter(|line| line.split(' ').next() == Some(word))
        .collect()
}

fn dispute(changes: Value) -> Value {
    let mut object = json!({
        "dispute_id": "PP-R-AAA-1",
        "create_time": "2026-02-01T08:00:00Z",
        "update_time": "2026-02-02T08:00:00Z",
        "disputed_transactions": [{"seller_transaction_id": "0SELLER0000000001"}],
        "reason": "UNAUTHORISED",
        "status": "RESOLVED",
        "dispute_amount": {"currency_code": "USD", "value": "40.00"},
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
    });
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn event(object: Value) -> Vec<u8> {
    let event = json!({
        "id": "WH-1",
        "create_time": "2026-02-02T08:00:03Z",
        "resource_type": "dispute",
        "event_type": "CUSTOMER.DISPUTE.UPDATED",
        "resource": object,
    });
    event.to_string().into_bytes()
}

/// Checks stage and standing of a dispute with these fields.
#[track_caller]
fn check(changes: Value, expected: &str) {
    let decoded = decode(Channel::Webhook, &event(dispute(changes)));
    let phases = lines(&decoded, "phase");
    let found: Vec<&str> = phases
        .iter()
        .filter_map(|line| line.split(" stage=").nth(1))
        .collect();
    assert_eq!(found.join(", "), expected, "{:?}", decoded.rejects);
}

#[test]
fn whose_move_it_is_follows_the_sellers_own_view_then_the_status() {
    check(
        json!({"status": "OPEN", "dispute_life_cycle_stage": "INQUIRY"}),
        "inquiry standing=ours",
    );
    check(
        json!({"status": "OPEN", "dispute_state": "REQUIRED_OTHER_PARTY_ACTION"}),
        "chargeback standing=theirs",
    );
    check(
        json!({"status": "WAITING_FOR_SELLER_RESPONSE"}),
        "chargeback standing=ours",
    );
    check(
        json!({"status": "WAITING_FOR_BUYER_RESPONSE"}),
        "chargeback standing=theirs",
    );
    check(
        json!({"status": "UNDER_REVIEW", "dispute_life_cycle_stage": "PRE_ARBITRATION"}),
        "pre-arbitration standing=network",
    );
    check(
        json!({"status": "UNDER_REVIEW", "dispute_life_cycle_stage": "ARBITRATION"}),
        "arbitration standing=network",
    );
    check(json!({"status": "OTHER"}), "chargeback standing=nobody");
    check(
        json!({"status": "OPEN", "dispute_channel": "ALERT"}),
        "alert standing=ours",
    );
}

/// F-01, F-30, F-36, F-43, F-53: the outcome is PayPal's word, never drawn from money, and conceding is not losing.
#[test]
fn outcomes_keep_their_meaning_in_both_spellings() {
    let outcome = |code: &str| json!({"dispute_outcome": {"outcome_code": code}});
    for code in ["RESOLVED_BUYER_FAVOUR", "RESOLVED_BUYER_FAVOR"] {
        check(outcome(code), "chargeback standing=lost");
    }
    for code in [
        "RESOLVED_SELLER_FAVOUR",
        "RESOLVED_SELLER_FAVOR",
        "RESOLVED_WITH_PAYOUT",
        "DENIED",
    ] {
        check(outcome(code), "chargeback standing=won");
    }
    check(outcome("ACCEPTED"), "chargeback standing=accepted");
    check(
        outcome("CANCELED_BY_BUYER"),
        "chargeback standing=withdrawn",
    );
    check(outcome("NONE"), "chargeback standing=nobody");
    let inquiry = json!({"dispute_life_cycle_stage": "INQUIRY", "dispute_outcome": {"outcome_code": "DENIED"}});
    check(inquiry, "inquiry standing=lapsed");
}

/// F-16: the outcome comes with the resolving event only; its absence, or a value of another type, is not a loss.
#[test]
fn a_resolved_dispute_without_outcome_is_over_and_not_lost() {
    check(json!({}), "chargeback standing=nobody");
    check(json!({"dispute_outcome": {}}), "chargeback standing=nobody");
    check(
        json!({"dispute_outcome": {"outcome_code": 7}}),
        "chargeback standing=nobody",
    );
}

/// F-30: decided for the buyer, but less was refunded than disputed.
#[test]
fn a_partial_refund_is_a_partial_win() {
    let outcome = |refunded: &str| {
        let amount = json!({"currency_code": "USD", "value": refunded});
        json!({"dispute_outcome": {"outcome_code": "RESOLVED_BUYER_FAVOUR", "amount_refunded": amount}})
    };
    check(outcome("25.50"), "chargeback standing=partially-won");
    let decoded = decode(Channel::Webhook, &event(dispute(outcome("25.50"))));
    assert!(lines(&decoded, "recovered")[0].ends_with("amount=14.50%20USD"));
    for whole in ["40.00", "41.00", "0.00"] {
        check(outcome(whole), "chargeback standing=lost");
    }
}

/// F-06, F-09: the same movement by webhook and read back has the same key, whatever else changed.
#[test]
fn a_movement_keeps_its_key_in_every_document() {
    let amount = json!({"currency_code": "USD", "value": "40.00"});
    let movement = json!({"affected_party": "SELLER", "amount": amount, "type": "DEBIT",
        "initiated_time": "2026-02-02T00:00:00.000-08:00", "reason": "DISPUTE_SETTLEMENT"});
    let object = dispute(json!({"status": "UNDER_REVIEW", "money_movements": [movement]}));
    let keys = |decoded: &Decoded| -> Vec<String> {
        let moved = decoded.facts.iter().filter_map(|one| match &one.fact.said {
            Said::Moved(moved) => Some(format!(
                "{} {} {}",
                one.fact.true_at, moved.key, moved.amount
            )),
            _ => None,
        });
        moved.collect()
    };
    let by_webhook = keys(&decode(Channel::Webhook, &event(object.clone())));
    let read_back = keys(&decode(Channel::Api, object.to_string().as_bytes()));
    assert_eq!(by_webhook, read_back);
    let expected = "2026-02-02T08:00:00Z PP-R-AAA-1/DISPUTE_SETTLEMENT/DEBIT/2026-02-02T08:00:00Z/1 -40.00 USD";
    assert_eq!(by_webhook, [expected]);
}

const COLUMNS: &str = "CH,Transaction ID,PayPal Reference ID,PayPal Reference ID Type,Transaction Event Code,\
    Transaction Completion Date,Transaction Debit or Credit,Gross Transaction Amount,Gross Transaction Currency,\
    Fee Debit or Credit,Fee Amount,Fee Currency";

fn report(rows: &[&str]) -> Vec<u8> {
    let mut text = COLUMNS.replace("    ", "");
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text.push('\n');
    text.into_bytes()
}

/// F-06: a reversal by notification and its row in the report are one movement, and so are their fees.
#[test]
fn notification_and_report_agree_on_a_reversal() {
    let form = b"payment_status=Reversed&txn_id=0REVERSAL00000001&parent_txn_id=0SELLER0000000001&mc_gross=-5.00\
        &mc_fee=-0.34&mc_currency=USD&payment_date=15%3A44%3A06+Feb+06%2C+2026+PST&reason_code=unauthorized_spoof\
        &verify_sign=A0";
    let row = "SB,0REVERSAL00000001,0SELLER0000000001,TXN,T1106,2026/02/06 15:44:06 -0800,DR,500,USD,CR,34,USD";
    let tail = |decoded: &Decoded| -> Vec<String> {
        let moved = lines(decoded, "moved").into_iter();
        moved
            .map(|line| line.replace("auth=message-type", "auth=report-row"))
            .collect()
    };
    let (form, row) = (
        decode(Channel::Webhook, form),
        decode(Channel::File, &report(&[row])),
    );
    assert_eq!(tail(&form), tail(&row));
    assert_eq!(tail(&form).len(), 2);
}

/// F-23, F-42: hundredths whatever the currency; what is no whole amount is a reject and never 0.
#[test]
fn report_amounts_are_hundredths_whatever_the_currency() {
    let amount = |cents: &str, currency: &str| {
        let row = format!("SB,A,B,TXN,T1201,2026/02/06 15:44:06 -0800,DR,{cents},{currency},,,");
        let decoded = decode(Channel::File, &report(&[&row]));
        match lines(&decoded, "moved").first() {
            Some(line) => line
                .split("amount=")
                .nth(1)
                .unwrap()
                .replace("%20", " ")
                .replace(" settled=yes", ""),
            None => decoded.rejects[0].code.name().to_owned(),
        }
    };
    assert_eq!(amount("15000", "JPY"), "-150 JPY");
    assert_eq!(amount("300", "USD"), "-3.00 USD");
    assert_eq!(amount("300", "KWD"), "-3.000 KWD");
    assert_eq!(amount("15050", "JPY"), "amount");
    assert_eq!(amount("3.00", "USD"), "amount");
    assert_eq!(amount("", "USD"), "missing-field");
    assert_eq!(amount("300", "US"), "currency");
}

/// F-64: a count that is not true holds the whole file; F-65: columns are found by name.
#[test]
fn counts_are_checked_and_columns_may_move() {
    let row = "SB,A,B,TXN,T1201,2026/02/06 15:44:06 -0800,DR,300,USD,,,";
    for (count, held) in [("1", false), ("2", true), ("", true), ("one", true)] {
        let decoded = decode(Channel::File, &report(&[row, &format!("SC,{count}")]));
        assert_eq!(decoded.held(), held, "{count}");
    }
    let moved = b"CH,Gross Transaction Currency,New,Transaction Event Code,Gross Transaction Amount,Transaction ID,\
        Transaction Debit or Credit,Transaction Initiation Date\nSB,USD,x,T1201,300,A,DR,2026/02/06 15:44:06 -0800\n";
    let moved: String = String::from_utf8_lossy(moved).replace("        ", "");
    assert_eq!(
        lines(&decode(Channel::File, moved.as_bytes()), "moved").len(),
        1
    );
}

/// A report cut anywhere inside a row says so.
#[test]
fn a_cut_report_is_truncated() {
    let row = "SB,A,B,TXN,T1201,2026/02/06 15:44:06 -0800,DR,300,USD,CR,10,USD";
    let whole = report(&[row]);
    let start = whole.len() - row.len() - 1;
    for until in (3..start - 1).chain(start + 1..whole.len() - 4) {
        let decoded = decode(Channel::File, &whole[..until]);
        let cut = decoded
            .rejects
            .iter()
            .any(|reject| reject.code == RejectCode::Truncated);
        assert!(cut, "cut at {until}: {:?}", decoded.rejects);
    }
}

/// F-66: a time without its zone is refused, in every document.
#[test]
fn times_without_zone_are_refused() {
    let due = json!({"status": "OPEN", "seller_response_due_date": "2026-02-21T08:00:00"});
    let rows = ["SB,A,B,TXN,T1201,2026/02/06 15:44:06,DR,300,USD,,,"];
    for decoded in [
        decode(Channel::Webhook, &event(dispute(due))),
        decode(Channel::File, &report(&rows)),
    ] {
        let codes: Vec<RejectCode> = decoded.rejects.iter().map(|reject| reject.code).collect();
        assert_eq!(codes, [RejectCode::Time]);
    }
}

/// F-67: an id that a spreadsheet rounded names nothing.
#[test]
fn damaged_references_are_refused() {
    let rows = ["SB,2.47E+22,B,TXN,T1201,2026/02/06 15:44:06 -0800,DR,300,USD,,,"];
    let decoded = decode(Channel::File, &report(&rows));
    assert_eq!(decoded.rejects[0].code, RejectCode::Reference);
    assert_eq!(decoded.facts, Vec::new());
}

/// F-15: an unlisted code of the reversal and adjustment groups is money all the same.
#[test]
fn unlisted_dispute_codes_wait_in_suspense() {
    let rows = ["SB,A,B,TXN,T1299,2026/02/06 15:44:06 -0800,DR,300,USD,,,"];
    let decoded = decode(Channel::File, &report(&rows));
    assert!(lines(&decoded, "moved")[0].contains("kind=unexplained"));
    assert_eq!(lines(&decoded, "drifted").len(), 1);
    assert_eq!(decoded.rejects, Vec::new());
}

#[test]
fn the_account_is_the_sellers_own_where_a_document_names_it() {
    let account = |body: &[u8]| {
        let received_at = Instant::parse("2026-03-02T12:00:00Z").unwrap();
        let inbound = Inbound {
            channel: Channel::Webhook,
            account: "account-1",
            headers: &[],
            body,
            received_at,
        };
        PayPal.account(&inbound)
    };
    let sold = |id: &str| json!({"seller_transaction_id": "0S", "seller": {"merchant_id": id}});
    let one = dispute(json!({"disputed_transactions": [sold("M1"), sold("M1")]}));
    let two = dispute(json!({"disputed_transactions": [sold("M1"), sold("M2")]}));
    assert_eq!(account(&event(one)).as_deref(), Some("M1"));
    assert_eq!(account(&event(two)), None);
    assert_eq!(
        account(b"SH,2026/02/06 00:00:00 -0800,2026/02/06 23:59:59 -0800,M1\n").as_deref(),
        Some("M1")
    );
    assert_eq!(
        account(b"txn_type=web_accept&payment_status=Completed&receiver_id=M1").as_deref(),
        Some("M1")
    );
    assert_eq!(account(b"{}"), None);
}

/// Documents of the interfaces are genuine and other business; those of strangers are neither.
/// PayPal's interface promises no field of a row of a list; the whole dispute must have them.
#[test]
fn a_row_of_a_list_may_leave_out_what_a_dispute_must_say() {
    let row = json!({
        "dispute_id": "PP-D-1", "create_time": "2026-11-01T10:00:00.000Z",
        "update_time": "2026-11-02T10:00:00.000Z", "status": "RESOLVED", "reason": "UNAUTHORISED",
        "dispute_state": "RESOLVED", "links": [],
    });
    let list = decode(
        Channel::Api,
        json!({ "items": [row.clone()], "links": [] })
            .to_string()
            .as_bytes(),
    );
    assert_eq!(
        (list.form.as_str(), list.rejects.len()),
        ("dispute-list", 0)
    );
    assert_eq!(lines(&list, "reason").len(), 1);
    assert!(lines(&list, "phase").is_empty());
    let whole = decode(Channel::Api, row.to_string().as_bytes());
    let absent: Vec<&str> = whole
        .rejects
        .iter()
        .filter_map(|reject| reject.detail.split('`').nth(1))
        .collect();
    assert_eq!(absent, ["dispute_amount", "dispute_life_cycle_stage"]);
    // What a row does say must still read.
    let mut damaged = row;
    damaged["dispute_amount"] = json!({ "currency_code": "USD", "value": "ten" });
    let list = decode(
        Channel::Api,
        json!({ "items": [damaged] }).to_string().as_bytes(),
    );
    assert_eq!(list.rejects.len(), 1);
}

#[test]
fn interface_documents_are_recognised_and_strangers_are_not() {
    let form = |text: &str| decode(Channel::Webhook, text.as_bytes()).form;
    assert_eq!(form(r#"{"note":"No.","invoice_id":"1"}"#), "api.note");
    assert_eq!(
        form(r#"{"action":"BUYER_EVIDENCE"}"#),
        "api.require-evidence"
    );
    assert_eq!(
        form(r#"{"adjudication_outcome":"BUYER_FAVOR"}"#),
        "api.adjudicate"
    );
    assert_eq!(
        form(r#"{"verification_status":"SUCCESS"}"#),
        "api.verify-signature-response"
    );
    assert_eq!(
        form(r#"{"url":"https://example.com","event_type":"A.B","resource_version":"1.0"}"#),
        "api.simulate-event"
    );
    assert_eq!(
        form(r#"{"transmission_id":"1","webhook_event":{"event_type":"A.B"},"webhook_id":"2"}"#),
        "api.verify-signature"
    );
    let order = r#"{"id":"5O1","links":[{"href":"https://api.paypal.com/v2/checkout/orders/5O1","rel":"self"}]}"#;
    assert_eq!(form(order), "api.object");
    for stranger in [
        r#"{"action":"refund"}"#,
        r#"{"id":"evt_1","type":"charge.dispute.created"}"#,
        r#"{"event_type":"dispute.created","resource":{}}"#,
        r#"{"live":"false","notificationItems":[]}"#,
        r#"{"items":[{"id":1}]}"#,
        "[1,2]",
        "[]",
        "{}",
        "a,b\n1,2\n",
        "<xml/>",
    ] {
        let decoded = decode(Channel::Webhook, stranger.as_bytes());
        assert!(
            !decoded.rejects.is_empty(),
            "{stranger} is taken for {}",
            decoded.form
        );
    }
}
