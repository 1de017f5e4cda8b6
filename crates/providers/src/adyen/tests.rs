//! What the documents of one dispute say together.

use super::Adyen;
use adapter::{Adapter, Channel, Decoded, Inbound};
use calendar::Instant;
use dispute::movement::Movement;
use dispute::said::Said;

fn decode(channel: Channel, body: &str) -> Decoded {
    Adyen.decode(&Inbound {
        channel,
        account: "account-1",
        headers: &[],
        body: body.as_bytes(),
        received_at: Instant::MIN,
    })
}

fn movements(decoded: &Decoded) -> Vec<&Movement> {
    let said = decoded.facts.iter().map(|located| &located.fact.said);
    said.filter_map(|said| match said {
        Said::Moved(movement) => Some(movement),
        _ => None,
    })
    .collect()
}

fn webhook(code: &str, more: &str) -> String {
    format!(
        r#"{{"eventCode":"{code}","eventDate":"2026-02-06T09:25:36Z","merchantAccountCode":"M1","pspReference":"DSP1","originalReference":"PAY1","amount":{{"value":1250,"currency":"EUR"}},"success":"true"{more}}}"#
    )
}

const SETTLEMENT_HEADER: &str = "Merchant Account,Psp Reference,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Currency,Net Debit (NC),Net Credit (NC),Markup (NC)";
const ACCOUNTING_HEADER: &str = "Merchant Account,Psp Reference,Booking Date,TimeZone,Record Type,Modification Psp Reference,Main Amount,Settlement Currency,Payable (SC),Markup (SC)";

/// F-06: the webhook, the booking and the settlement of one taking are one movement: same key, kind and principal.
#[track_caller]
fn check_same(code: &str, kind: &str, settled: &str, booked: &str) {
    let report =
        format!("{SETTLEMENT_HEADER}\nM1,PAY1,2026-02-06 10:25:36,CET,{kind},DSP1,EUR,{settled}\n");
    let ledger = format!(
        "{ACCOUNTING_HEADER}\nM1,PAY1,2026-02-06 10:25:36,CET,{kind},DSP1,12.50,EUR,{booked}\n"
    );
    let documents = [
        decode(Channel::Webhook, &webhook(code, "")),
        decode(Channel::File, &ledger),
        decode(Channel::File, &report),
    ];
    let mut seen = Vec::new();
    for document in &documents {
        assert_eq!(document.rejects, []);
        let principal = movements(document)
            .into_iter()
            .find(|one| !one.key.ends_with(":fee"));
        let principal = principal.expect("each document moves money");
        seen.push((principal.key.clone(), principal.kind, principal.amount));
        let located = document.facts.first().expect("a fact");
        assert_eq!(located.fact.refs.dispute(), Some("DSP1"));
        assert_eq!(located.fact.true_at.to_string(), "2026-02-06T09:25:36Z");
        assert_eq!(located.fact.scope.account, "M1");
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn one_movement_has_one_key_in_every_document() {
    check_same(
        "CHARGEBACK",
        "Chargeback",
        "12.50,,EUR,27.50,,15.00",
        "-27.50,15.00",
    );
    check_same(
        "CHARGEBACK_REVERSED",
        "ChargebackReversed",
        ",12.50,EUR,,12.39,.11",
        "12.39,.11",
    );
    check_same(
        "SECOND_CHARGEBACK",
        "SecondChargeback",
        "12.50,,EUR,12.50,,",
        "-12.50,",
    );
    check_same(
        "PREARBITRATION_LOST",
        "SecondChargeback",
        "12.50,,EUR,12.50,,",
        "-12.50,",
    );
}

/// Only the settlement report makes money final.
#[test]
fn money_is_pending_until_it_is_settled() {
    let report = format!(
        "{SETTLEMENT_HEADER}\nM1,PAY1,2026-02-06 10:25:36,CET,Chargeback,DSP1,EUR,12.50,,EUR,12.50,,\n"
    );
    assert!(
        movements(&decode(Channel::File, &report))
            .iter()
            .all(|one| one.settled)
    );
    let pending = decode(Channel::Webhook, &webhook("CHARGEBACK", ""));
    assert!(movements(&pending).iter().all(|one| !one.settled));
}

/// F-36: what moves no money states none, whatever amount it carries.
#[test]
fn warnings_and_requests_move_nothing() {
    for code in [
        "NOTIFICATION_OF_CHARGEBACK",
        "NOTIFICATION_OF_FRAUD",
        "REQUEST_FOR_INFORMATION",
        "INFORMATION_SUPPLIED",
    ] {
        let decoded = decode(Channel::Webhook, &webhook(code, ""));
        assert!(!decoded.facts.is_empty(), "{code}");
        assert!(movements(&decoded).is_empty(), "{code}");
    }
}

/// F-16: any one field lost or of another type costs a reject or a weaker reading, and never silence.
#[test]
fn a_lost_field_is_never_silent() {
    let whole = decode(Channel::Webhook, &webhook("CHARGEBACK", ""));
    for field in [
        "pspReference",
        "eventDate",
        "amount",
        "value",
        "currency",
        "success",
    ] {
        let renamed = webhook("CHARGEBACK", "").replace(&format!("\"{field}\""), "\"renamed\"");
        let decoded = decode(Channel::Webhook, &renamed);
        assert!(!decoded.rejects.is_empty(), "{field}");
        assert!(decoded.facts.is_empty(), "{field}");
    }
    for field in ["originalReference", "merchantAccountCode"] {
        let renamed = webhook("CHARGEBACK", "").replace(&format!("\"{field}\""), "\"renamed\"");
        let decoded = decode(Channel::Webhook, &renamed);
        assert_eq!(decoded.rejects, [], "{field}");
        assert_eq!(
            decoded.facts.len(),
            whole.facts.len() + 1,
            "{field}: the other name is drift"
        );
    }
    // An event code under another name leaves an item that is still known for one.
    let renamed = webhook("CHARGEBACK", "").replace("\"eventCode\"", "\"renamed\"");
    assert!(!decode(Channel::Webhook, &renamed).rejects.is_empty());
}

#[test]
fn the_account_is_the_documents_own() {
    let account = |channel, body: &str| {
        Adyen.account(&Inbound {
            channel,
            account: "account-1",
            headers: &[],
            body: body.as_bytes(),
            received_at: Instant::MIN,
        })
    };
    let one = "Merchant Account,Psp Reference\nM1,P1\nM1,P2\n";
    let two = "Merchant Account,Psp Reference\nM1,P1\nM2,P2\n";
    assert_eq!(
        account(Channel::Webhook, &webhook("CAPTURE", "")).as_deref(),
        Some("M1")
    );
    assert_eq!(account(Channel::File, one).as_deref(), Some("M1"));
    assert_eq!(account(Channel::File, two), None, "each row names its own");
    assert_eq!(account(Channel::Webhook, "{"), None);
}
