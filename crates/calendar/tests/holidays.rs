//! Our calendars against lists from elsewhere: every weekday of 2020 to 2035. See
//! `holidays/README.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use calendar::{Calendar, Date, Weekday};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/holidays");

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(file)).unwrap()
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// Answer and reason for each disputed day; a reason must be defined in the file's own comments.
fn differences(calendar: Calendar) -> BTreeMap<Date, bool> {
    let text = read("differences.txt");
    let reasons: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# reason ")?.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    let mut answers = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let [id, date, answer, reason] = words[..] else {
            panic!("four words, found `{line}`")
        };
        assert!(reasons.contains(reason), "reason `{reason}` is not defined");
        assert!(Calendar::find(id).is_some(), "`{id}` is a calendar");
        if id == calendar.id() {
            let open = match answer {
                "open" => true,
                "closed" => false,
                _ => panic!("open or closed, found `{line}`"),
            };
            assert_eq!(answers.insert(day(date), open), None, "{line}");
        }
    }
    answers
}

#[track_caller]
fn check(calendar: Calendar, closed_days_least: usize) {
    let text = read(&format!("{}.txt", calendar.id()));
    let mut closed_in_both = BTreeSet::new();
    let mut disputed = BTreeSet::new();
    for line in text.lines() {
        match line.split_once(' ') {
            None => closed_in_both.insert(day(line)),
            Some((date, _only)) => disputed.insert(day(date)),
        };
    }
    assert!(
        closed_in_both.len() >= closed_days_least,
        "{} days in {calendar}.txt",
        closed_in_both.len()
    );

    let mut answers = differences(calendar);
    let mut date = day("2020-01-01");
    while date <= day("2035-12-31") {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let wanted_open = match answers.remove(&date) {
            Some(answer) => {
                assert!(
                    disputed.contains(&date),
                    "{calendar} {date} is not disputed, differences.txt has it"
                );
                answer
            }
            None => {
                assert!(
                    !disputed.contains(&date),
                    "{calendar} {date} is disputed, differences.txt lacks it"
                );
                !closed_in_both.contains(&date)
            }
        };
        if !weekend {
            assert_eq!(
                calendar.is_business_day(date),
                wanted_open,
                "{calendar} {date}"
            );
            assert_eq!(
                calendar.holiday(date).is_none(),
                wanted_open,
                "{calendar} {date}"
            );
        }
        date = date.plus_days(1);
    }
    assert!(answers.is_empty(), "outside 2020 to 2035: {answers:?}");
}

// The least number of closed weekdays keeps an emptied list from passing: 16 years times the
// fewest a year can have.
#[test]
fn us_fed_closes_with_the_federal_reserve() {
    check(Calendar::UsFed, 16 * 9);
}

#[test]
fn target_closes_on_its_six_days() {
    check(Calendar::Target, 16 * 4);
}

#[test]
fn uk_bacs_closes_on_english_bank_holidays() {
    check(Calendar::UkBacs, 16 * 8);
}

#[test]
fn br_bank_closes_with_brazilian_banks() {
    check(Calendar::BrBank, 16 * 8);
}

#[test]
fn au_becs_closes_on_days_of_sydney_and_melbourne() {
    check(Calendar::AuBecs, 16 * 7);
}

#[test]
fn ca_payments_closes_on_federal_days() {
    check(Calendar::CaPayments, 16 * 9);
}

/// Reserve Bank of India, press release 34844: payment systems do not run on second and fourth
/// Saturdays, and run in full on the others. In November 2024 the Saturdays were the 2nd, 9th,
/// 16th, 23rd and 30th; June and September have the earliest and latest days on which a second,
/// fourth and fifth Saturday can fall.
#[test]
fn in_bank_works_on_odd_saturdays_and_never_on_sundays() {
    for (date, open) in [
        ("2024-11-02", true),
        ("2024-11-09", false),
        ("2024-11-16", true),
        ("2024-11-23", false),
        ("2024-11-30", true),
        ("2024-06-08", false),
        ("2024-09-14", false),
        ("2024-06-22", false),
        ("2024-09-28", false),
        ("2024-06-29", true),
        ("2024-09-07", true),
        ("2024-11-03", false),
        ("2024-11-04", true),
    ] {
        assert_eq!(Calendar::InBank.is_business_day(day(date)), open, "{date}");
    }
    assert_eq!(Calendar::InBank.holidays(2026), []);
}
