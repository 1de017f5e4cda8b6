//! Reason, return and change codes.

use super::day;
use crate::network::Network;
use crate::reason::Reason;
use crate::rules::{
    CodeStatus, change_code, change_codes, lifecycle, reason_code, reason_codes, return_code,
    return_codes,
};
use crate::status::Stage;
use alloc::format;
use alloc::string::{String, ToString};
use calendar::Unit;
use std::collections::BTreeSet;

#[test]
fn reason_codes_are_found_however_they_are_written() {
    #[track_caller]
    fn check(network: &str, code: &str, want: &str) {
        let found = reason_code(&Network::parse(network), code).map(|code| {
            let (reason, status) = (code.reason, code.status);
            format!(
                "{} {reason} {status:?} {}",
                code.code,
                code.respondable.name()
            )
        });
        assert_eq!(found.as_deref().unwrap_or("none"), want, "{network} {code}");
    }
    check("visa", "10.4", "10.4 fraudulent Current yes");
    check("visa", " 10-4 ", "10.4 fraudulent Current yes");
    check("visa", "104", "10.4 fraudulent Current yes");
    check("visa", "10.5", "10.5 fraudulent Current limited");
    check("visa", "12.6.2", "12.6.2 paid-by-other-means Current yes");
    check("visa", "c028", "C028 noncompliant Current yes");
    check("visa", "12.1", "12.1 general Legacy yes");
    check("visa", "30", "30 general Inquiry yes");
    check("visa", "83", "none");
    check("visa", "", "none");
    check("mastercard", "4853", "4853 not-as-described Current yes");
    check("mastercard", "4855", "4855 not-received Legacy yes");
    check("mastercard", "37", "4837 fraudulent Current yes");
    check("mastercard", "6321", "6321 unrecognized Legacy limited");
    check("mastercard", "10.4", "none");
    check("amex", "f29", "F29 fraudulent Current yes");
    check("amex", "004", "004 not-received Inquiry yes");
    check("amex", "4", "none");
    check("amex", "S01", "S01 general StatusMessage no");
    check("amex", "FR2", "FR2 fraudulent Current limited");
    check("discover", "4755", "RG not-received Current yes");
    check("discover", "RM", "RM not-as-described Current yes");
    check(
        "paypal",
        "merchandise or service not received",
        "MERCHANDISE_OR_SERVICE_NOT_RECEIVED not-received Current yes",
    );
    check("ach", "r10", "R10 debit-not-authorized Current no");
    check("jcb", "10.4", "none");
}

#[test]
fn every_reason_is_one_of_ours_and_no_code_is_listed_twice() {
    let mut seen = BTreeSet::new();
    for code in reason_codes() {
        assert!(!matches!(code.kind(), Reason::Unmapped(_)), "{}", code.code);
        assert!(
            seen.insert((code.network, code.code)),
            "{} {}",
            code.network,
            code.code
        );
        let network = Network::parse(code.network);
        let found = reason_code(&network, code.code).unwrap();
        assert_eq!(found.code, code.code);
        if let Some(replaced_by) = code.replaced_by {
            assert!(
                reason_code(&network, replaced_by).is_some(),
                "{replaced_by}"
            );
        }
    }
    assert_eq!(seen.len(), 268);
}

#[test]
fn a_code_and_its_life_cycle_give_the_same_days() {
    for code in reason_codes()
        .iter()
        .filter(|code| code.status == CodeStatus::Current)
    {
        let network = Network::parse(code.network);
        let machine = lifecycle(Some(&network), Some(code.code), day("2026-11-22"));
        let stated = code.response.map(|limit| (limit.value, limit.unit));
        let Some(stated) = stated else { continue };
        let rule = machine.answer_limit(Stage::Chargeback).unwrap();
        assert_eq!((rule.limit.value, rule.limit.unit), stated, "{}", code.code);
    }
}

#[test]
fn return_and_change_codes_carry_their_windows() {
    #[track_caller]
    fn check(code: &str, want: &str) {
        let found = return_code(code).unwrap();
        let window = found.window.map_or_else(
            || String::from("no window"),
            |window| format!("{} {:?} from {}", window.value, window.unit, window.start),
        );
        let statement = if found.statement_needed {
            "statement"
        } else {
            "no statement"
        };
        let bucket = found.rate_bucket.unwrap_or("no bucket");
        let retry = found.retry.map_or(0, |retry| retry.attempts);
        assert_eq!(
            format!(
                "{}: {window}, {statement}, {bucket}, {retry} retries",
                found.kind
            ),
            want
        );
    }
    check(
        "R01",
        "return: 2 BankingDay from settlement_date_of_original_entry, no statement, no bucket, 2 retries",
    );
    check(
        "r03",
        "return: 2 BankingDay from settlement_date_of_original_entry, no statement, administrative, 0 retries",
    );
    check(
        "R10",
        "return: 60 CalendarDay from settlement_date_of_original_entry, statement, unauthorized, 0 retries",
    );
    check(
        "R06",
        "return: no window, no statement, no bucket, 0 retries",
    );
    check(
        "R61",
        "dishonored_return: 5 BankingDay from settlement_date_of_return, no statement, no bucket, 0 retries",
    );
    check(
        "R72",
        "contested_dishonored_return: 2 BankingDay from settlement_date_of_dishonored_return, no statement, no bucket, 0 retries",
    );
    assert!(return_code("R99").is_none());
    assert_eq!(return_codes().len(), 70);
    let eleven = return_code("R11").unwrap().correction.unwrap();
    assert_eq!((eleven.value, eleven.unit), (60, Unit::CalendarDay));

    let change = change_code("c01").unwrap();
    assert_eq!(
        (change.refused, change.corrects),
        (false, &["account_number"][..])
    );
    let apply_by = change.apply_by.unwrap();
    assert_eq!(
        apply_by.due_on(day("2026-11-09")).to_string(),
        "2026-11-18@America/New_York"
    );
    assert_eq!(
        apply_by.note,
        Some("before the next entry, whichever is later")
    );
    assert!(change_code("C61").unwrap().refused);
    assert!(change_code("C10").is_none());
    assert_eq!(change_codes().len(), 20);
}
