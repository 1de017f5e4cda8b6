//! `docket decode`.

use crate::run::{docket, fixture, sample};
use serde_json::{Value, json};

#[test]
fn a_document_about_disputes_is_told_fact_by_fact() {
    let report = docket(&["decode", "stripe", &sample("created.json"), "--json"])
        .exits(0)
        .json();
    assert_eq!(report["about"], "disputes");
    assert_eq!(report["form"], "charge.dispute.created");
    assert_eq!(report["held"], false);
    assert_eq!(report["rejects"], json!([]));
    let facts = report["facts"].as_array().unwrap();
    let said = |word: &str| facts.iter().find(|fact| fact["says"] == word).unwrap();
    let disputed = said("disputed");
    assert_eq!(
        disputed["amount"],
        json!({ "amount_minor": "8400", "currency": "USD", "text": "84.00 USD" })
    );
    assert_eq!(disputed["refs"]["dispute"], json!(["dp_sample_1"]));
    assert_eq!(disputed["at"], "2026-03-02T09:00:00Z");
    assert_eq!(disputed["authority"], "status-field");
    let due = said("due");
    assert_eq!(due["due"]["latest"], "2026-03-16T23:59:59Z");
    assert_eq!(due["due"]["precision"], "instant");
    assert_eq!(said("moved")["settled"], true);
}

#[test]
fn spans_are_the_very_bytes() {
    let path = sample("created.json");
    let body = std::fs::read_to_string(&path).unwrap();
    let report = docket(&["decode", "stripe", &path, "--json"])
        .exits(0)
        .json();
    let disputed = report["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["says"] == "disputed")
        .unwrap();
    let place = |index: usize| disputed["span"][index].as_u64().unwrap() as usize;
    assert_eq!(&body[place(0)..place(1)], "8400");
}

#[test]
fn records_account_for_every_byte() {
    for (provider, name) in [
        ("stripe", "stripe/payout-reconciliation.in.csv"),
        ("stripe", "stripe/malformed-twice.in.json"),
    ] {
        let path = fixture(name);
        let length = std::fs::metadata(&path).unwrap().len();
        let report = docket(&["decode", provider, &path, "--json"]).json();
        let mut at = 0;
        for record in report["records"].as_array().unwrap() {
            assert_eq!(record["span"][0].as_u64(), Some(at), "{name}");
            at = record["span"][1].as_u64().unwrap();
        }
        assert_eq!(at, length, "{name}");
    }
}

#[test]
fn other_business_is_fine_and_says_so() {
    let path = fixture("stripe/review-opened.in.json");
    let report = docket(&["decode", "stripe", &path, "--json"])
        .exits(0)
        .json();
    assert_eq!(report["about"], "other-business");
    docket(&["decode", "stripe", &path])
        .exits(0)
        .says("not about disputes");
}

#[test]
fn rejects_are_located_and_exit_with_three() {
    let path = fixture("stripe/malformed-twice.in.json");
    let report = docket(&["decode", "stripe", &path, "--json"])
        .exits(3)
        .json();
    let reject = &report["rejects"][0];
    assert_eq!(reject["code"], "DP-2003");
    assert!(reject["span"][1].as_u64() > reject["span"][0].as_u64());
    docket(&["decode", "stripe", &path])
        .exits(3)
        .says("DP-2003 syntax: field `amount` stands twice");
}

#[test]
fn what_no_table_maps_is_drift_and_no_reject() {
    let report = docket(&[
        "decode",
        "stripe",
        &fixture("stripe/unknown-status.in.json"),
        "--json",
    ])
    .exits(0)
    .json();
    let drift = report["drift"].as_array().unwrap();
    assert!(
        drift.iter().any(|line| line["field"] == "status"),
        "{drift:?}"
    );
}

#[test]
fn misuse_exits_with_two() {
    docket(&["decode", "stripe"]).exits(2);
    docket(&["decode", "acme", &sample("created.json")])
        .exits(2)
        .complains("acme");
    docket(&["decode", "stripe", "no-such-file.json"])
        .exits(2)
        .complains("DP-3004");
    docket(&[
        "decode",
        "stripe",
        &sample("created.json"),
        "--at",
        "yesterday",
    ])
    .exits(2)
    .complains("DP-3002");
    docket(&[]).exits(2);
}

#[test]
fn any_bytes_are_answered() {
    let folder = crate::run::Folder::new();
    let deep = "[".repeat(100_000);
    for (number, bytes) in [&b""[..], b"\xff\xfe\x00", b"{", b"\n\n\n", deep.as_bytes()]
        .into_iter()
        .enumerate()
    {
        let path = folder.write(&format!("{number}"), bytes);
        for provider in ["ach", "adyen", "paypal", "stripe"] {
            let ran = docket(&["decode", provider, &path, "--json"]);
            assert!(
                ran.code == 3 || ran.code == 0,
                "{provider} {number}: {}",
                ran.err
            );
            let report: Value = ran.json();
            assert_eq!(report["provider"], provider);
        }
    }
}

#[test]
fn card_numbers_are_never_shown() {
    let folder = crate::run::Folder::new();
    let body = std::fs::read_to_string(sample("created.json")).unwrap();
    let body = body.replace("needs_response", "4242424242424242");
    let path = folder.write("pan.json", body.as_bytes());
    for args in [
        vec!["decode", "stripe", &path],
        vec!["decode", "stripe", &path, "--json"],
    ] {
        let ran = docket(&args);
        assert!(!ran.out.contains("4242424242424242"), "{}", ran.out);
        assert!(ran.out.contains("************4242"), "{}", ran.out);
    }
}
