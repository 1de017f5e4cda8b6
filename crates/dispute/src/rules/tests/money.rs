//! Fees, periods and services.

use super::day;
use crate::rules::{all_fees, fees, in_force, services};
use calendar::Unit;

/// F-38: the fee for answering exists since 2025-06-17, in the middle of the life of cases. The provider is named in the data only.
#[test]
fn a_fee_holds_from_its_first_day_and_not_before() {
    let countered = all_fees()
        .iter()
        .find(|fee| fee.line == "dispute_countered")
        .unwrap();
    assert_eq!(countered.since, Some("2025-06-17"));
    let on = |date: &str| fees(countered.provider, "dispute_countered", day(date));
    assert!(on("2025-06-16").is_none());
    let first = on("2025-06-17").unwrap();
    assert_eq!(
        (first.amount_minor, first.currency, first.returned_if_won),
        (Some(1500), Some("USD"), Some(true))
    );
    assert_eq!(on("2026-11-22"), Some(first));
    let received = fees(countered.provider, "dispute_received", day("2025-06-16")).unwrap();
    assert_eq!(
        (received.amount_minor, received.returned_if_won),
        (Some(1500), Some(false))
    );
}

#[test]
fn a_fee_that_was_raised_has_both_periods() {
    let on = |date: &str| {
        fees("visa network", "arbitration", day(date))
            .unwrap()
            .amount_minor
    };
    assert_eq!(on("2024-09-30"), Some(50_000));
    assert_eq!(on("2024-10-01"), Some(60_000));
    assert!(fees("nobody", "arbitration", day("2024-10-01")).is_none());
}

#[test]
fn periods_hold_from_their_first_day_until_before_their_last() {
    let check = |since, until, on: &str, want: bool| {
        assert_eq!(
            in_force(since, until, day(on)),
            want,
            "{since:?} {until:?} {on}"
        );
    };
    check(None, None, "0001-01-01", true);
    check(Some("2026-10-24"), None, "2026-10-23", false);
    check(Some("2026-10-24"), None, "2026-10-24", true);
    check(None, Some("2026-10-24"), "2026-10-23", true);
    check(None, Some("2026-10-24"), "2026-10-24", false);
    check(Some("2025-01-01"), Some("2026-01-01"), "2026-01-01", false);
}

#[test]
fn alert_services_say_how_long_we_have() {
    let window = |id: &str| {
        let service = services().iter().find(|service| service.id == id).unwrap();
        service.window.map(|window| (window.value, window.unit))
    };
    // The working window of the alert networks: the shorter of the published ones (conflict ethoca.window).
    assert_eq!(window("ethoca"), Some((24, Unit::Hour)));
    assert_eq!(window("cdrn"), Some((72, Unit::Hour)));
    assert_eq!(window("rdr"), None);
}
