//! What holds across documents: one case for a whole exchange, one movement for one message.
#![allow(clippy::string_slice, reason = "a test may fail loudly")]

use super::Ach;
use adapter::{Adapter, Channel, Decoded, Inbound, Instruction, Request, Step, Wanted};
use calendar::{Date, Instant};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::Stage;
use std::collections::BTreeSet;

const RETURNS: &str = include_str!("../../fixtures/ach/returns.in.ach");
const DISHONORED: &str = include_str!("../../fixtures/ach/returns-dishonored.in.ach");
const CONTESTED: &str = include_str!("../../fixtures/ach/returns-contested.in.ach");
const NOTICES: &str = include_str!("../../fixtures/ach/returns-notices.in.ach");
const JSON: &str = include_str!("../../fixtures/ach/moov-json-returns.in.json");

fn inbound(body: &[u8]) -> Inbound<'_> {
    Inbound {
        channel: Channel::File,
        account: "1234567890",
        headers: &[],
        body,
        received_at: Instant::parse("2026-03-02T12:00:00Z").unwrap(),
    }
}

fn decode(body: &str) -> Decoded {
    Ach.decode(&inbound(body.as_bytes()))
}

fn lines(decoded: &Decoded) -> Vec<String> {
    decoded
        .facts
        .iter()
        .map(|located| dispute::text::render(&located.fact))
        .collect()
}

fn cases(decoded: &Decoded) -> BTreeSet<String> {
    let disputes = decoded
        .facts
        .iter()
        .filter_map(|located| located.fact.refs.dispute());
    disputes.map(str::to_owned).collect()
}

/// `(key, minor units)` of every movement of a case.
fn movements(decoded: &Decoded, dispute: &str) -> Vec<(String, i128)> {
    let of_case = decoded
        .facts
        .iter()
        .filter(|located| located.fact.refs.dispute() == Some(dispute));
    of_case
        .filter_map(|located| match &located.fact.said {
            Said::Moved(movement) => Some((movement.key.clone(), movement.amount.minor())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_return_its_dishonor_and_the_contest_are_one_case() {
    const CASE: &str = "990000010000001-98000002";
    let mut balance = Vec::new();
    for body in [RETURNS, DISHONORED, CONTESTED] {
        let decoded = decode(body);
        assert!(cases(&decoded).contains(CASE));
        balance.extend(movements(&decoded, CASE));
    }
    let amounts: Vec<i128> = balance.iter().map(|(_, minor)| *minor).collect();
    assert_eq!(amounts, [-12345, 12345, -12345]);
    let keys: BTreeSet<&String> = balance.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 3, "each message moves money of its own");
}

/// F-36 in its ACH form: the entry that a notice names was paid.
#[test]
fn a_notice_of_change_moves_no_money_and_is_a_case_of_its_own() {
    let decoded = decode(NOTICES);
    assert!(cases(&decoded).iter().all(|case| case.ends_with("-noc")));
    assert!(
        cases(&decoded)
            .iter()
            .all(|case| movements(&decoded, case).is_empty())
    );
    assert!(
        !lines(&decoded)
            .iter()
            .any(|line| line.contains("1918171614")),
        "an account number in a fact"
    );
}

#[test]
fn the_same_return_as_records_and_as_json_is_the_same_facts() {
    const CASE: &str = "ref.dispute=990000010000001-98000002 ";
    let of_case = |body: &str| -> Vec<String> {
        lines(&decode(body))
            .into_iter()
            .filter(|line| line.contains(CASE))
            .collect()
    };
    let records = of_case(RETURNS);
    assert_eq!((records.len(), &records), (5, &of_case(JSON)));
}

#[test]
fn every_framing_says_the_same() {
    let want = lines(&decode(RETURNS));
    for ending in ["", "\r\n", "\r", "\n\n"] {
        assert_eq!(
            lines(&decode(&RETURNS.replace('\n', ending))),
            want,
            "{ending:?}"
        );
    }
}

/// F-06: an extract and the file that it was taken from tell of one movement.
#[test]
fn an_extract_and_its_file_have_one_key_for_one_movement() {
    const CASE: &str = "990000010000001-98000002";
    let entry: String = RETURNS.split_inclusive('\n').skip(2).take(2).collect();
    let extract = decode(&entry);
    assert!(!extract.rejects.is_empty() && !extract.held());
    assert_eq!(movements(&extract, CASE), movements(&decode(RETURNS), CASE));
}

/// F-64: a changed digit anywhere in an amount holds the whole file.
#[test]
fn a_changed_amount_holds_the_file() {
    let changed = RETURNS.replacen("0000012345", "0000012346", 1);
    let decoded = decode(&changed);
    assert!(decoded.held());
    assert!(
        decoded
            .rejects
            .iter()
            .any(|it| it.detail.contains("18246") && it.detail.contains("18245")),
        "both figures"
    );
}

#[track_caller]
fn check_account(body: &str, expected: Option<&str>) {
    assert_eq!(Ach.account(&inbound(body.as_bytes())).as_deref(), expected);
}

#[test]
fn a_file_of_one_company_is_that_companys() {
    check_account(DISHONORED, Some("1234567890"));
    check_account(JSON, Some("1234567890"));
    check_account(RETURNS, None);
    check_account("", None);
}

/// What we send must say to a reader what we meant.
#[test]
fn a_dishonor_that_we_write_reads_back_as_one() {
    let mut records = RETURNS.lines();
    let mut refs = References::none().and(RefKind::Payment, "990000010000001");
    for record in records.by_ref().take(4) {
        refs = refs.and(RefKind::Alias, &format!("nacha-record:{record}"));
    }
    let on = Date::parse("2026-03-04").unwrap();
    let instruction = Instruction {
        idempotency_key: "send-1".to_owned(),
        account: "1234567890".to_owned(),
        refs,
        stage: Stage::Return,
        wanted: Wanted::Dishonor {
            code: "R68".to_owned(),
            on,
        },
    };
    let Step::Send(Request::File { content, .. }) = Ach.proceed(&instruction, &[]) else {
        panic!("a file is sent");
    };
    let decoded = Ach.decode(&inbound(&content));
    assert_eq!(decoded.rejects, []);
    assert_eq!(cases(&decoded), cases(&decode(DISHONORED)));
    let said = lines(&decoded).join("\n");
    for word in [
        "stage=dishonored-return",
        "code=R68",
        "code=R01",
        "amount=123.45%20USD settled=no",
    ] {
        assert!(said.contains(word), "{word} in {said}");
    }
}
