//! Counting limits, business days and stated deadlines.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use calendar::{Calendar, CivilTime, Date, Instant, Limit, Moment, Roll, TimeError, Unit, Zone};

const NEVER_ROLLED: Limit = Limit {
    value: 1,
    unit: Unit::CalendarDay,
    calendar: None,
    zone: Zone::Utc,
    cutoff: None,
    roll: Roll::Stay,
};

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

#[track_caller]
fn check_due_on(limit: Limit, start: &str, want: &str) {
    assert_eq!(
        limit.due_on(day(start)).to_string(),
        want,
        "{limit:?} from {start}"
    );
}

#[track_caller]
fn check_due(limit: Limit, start: &str, want: &str) {
    assert_eq!(
        limit.due(Instant::parse(start).unwrap()).to_string(),
        want,
        "{limit:?} from {start}"
    );
}

#[test]
fn the_start_day_is_day_zero() {
    let days = |value| Limit {
        value,
        ..NEVER_ROLLED
    };
    check_due_on(days(0), "2026-11-01", "2026-11-01");
    check_due_on(days(30), "2026-11-01", "2026-12-01");
    check_due_on(days(1), "2024-02-28", "2024-02-29");
    check_due_on(days(365), "2024-02-29", "2025-02-28");
    check_due_on(days(u32::MAX), "2026-11-01", "9999-12-31");
    check_due_on(
        Limit {
            unit: Unit::Week,
            value: 8,
            ..NEVER_ROLLED
        },
        "2026-11-01",
        "2026-12-27",
    );
    check_due_on(
        Limit {
            unit: Unit::Month,
            value: 13,
            ..NEVER_ROLLED
        },
        "2026-01-31",
        "2027-02-28",
    );
    check_due_on(
        Limit {
            unit: Unit::Year,
            value: 1,
            ..NEVER_ROLLED
        },
        "2024-02-29",
        "2025-02-28",
    );
    check_due_on(
        Limit {
            unit: Unit::Year,
            value: u32::MAX,
            ..NEVER_ROLLED
        },
        "2024-02-29",
        "9999-12-31",
    );
}

#[test]
fn the_last_day_ends_at_its_last_second_in_the_zone_of_the_limit() {
    let ten_days = Limit {
        value: 10,
        ..NEVER_ROLLED
    };
    check_due(ten_days, "2026-11-01T00:00:00Z", "2026-11-11T23:59:59Z");
    check_due(ten_days, "2026-11-01T23:59:59Z", "2026-11-11T23:59:59Z");
    check_due(ten_days, "2026-11-02T00:00:00Z", "2026-11-12T23:59:59Z");
    let in_new_york = Limit {
        zone: Zone::NewYork,
        ..ten_days
    };
    // 03:30 UTC is still the evening before in New York; daylight time ends on the way.
    check_due(in_new_york, "2026-10-25T03:30:00Z", "2026-11-04T04:59:59Z");
    let in_sydney = Limit {
        zone: Zone::Sydney,
        ..ten_days
    };
    check_due(in_sydney, "2026-10-24T20:00:00Z", "2026-11-04T12:59:59Z");
}

#[test]
fn a_cutoff_ends_the_last_day_early() {
    let opening = Limit {
        value: 2,
        unit: Unit::BankingDay,
        zone: Zone::NewYork,
        cutoff: Some(CivilTime::hms(8, 30, 0)),
        ..NEVER_ROLLED
    };
    check_due(opening, "2026-07-01T15:00:00Z", "2026-07-03T12:30:00Z");
    // A cut-off inside the hour that a change of clocks skips: the first instant after.
    let skipped = Limit {
        value: 1,
        zone: Zone::NewYork,
        cutoff: Some(CivilTime::hms(2, 30, 0)),
        ..NEVER_ROLLED
    };
    check_due(skipped, "2026-03-07T15:00:00Z", "2026-03-08T07:00:00Z");
    // And inside the hour shown twice: the earlier.
    let doubled = Limit {
        cutoff: Some(CivilTime::hms(1, 30, 0)),
        ..skipped
    };
    check_due(doubled, "2026-10-31T15:00:00Z", "2026-11-01T05:30:00Z");
}

#[test]
fn working_day_units_use_their_own_calendars() {
    let two = |unit| Limit {
        value: 2,
        unit,
        ..NEVER_ROLLED
    };
    // Thursday 2026-04-02 before Easter.
    check_due_on(two(Unit::BusinessDay), "2026-04-02", "2026-04-06");
    check_due_on(two(Unit::BankingDay), "2026-04-02", "2026-04-06");
    check_due_on(two(Unit::BankingDay), "2026-11-10", "2026-11-13");
    check_due_on(two(Unit::BusinessDay), "2026-11-10", "2026-11-12");
    check_due_on(two(Unit::BusinessDay), "9999-12-28", "9999-12-30");
    check_due_on(two(Unit::TargetDay), "2026-04-02", "2026-04-08");
    check_due_on(two(Unit::BacsWorkingDay), "2026-04-02", "2026-04-08");
    // A calendar given beside a unit that has its own does not change the unit's meaning.
    let target = Limit {
        calendar: Some(Calendar::UsFed),
        ..two(Unit::TargetDay)
    };
    check_due_on(target, "2026-04-02", "2026-04-08");
    let brazilian = Limit {
        calendar: Some(Calendar::BrBank),
        ..two(Unit::BusinessDay)
    };
    check_due_on(brazilian, "2026-02-13", "2026-02-19");
    let banking_in_canada = Limit {
        calendar: Some(Calendar::CaPayments),
        ..two(Unit::BankingDay)
    };
    check_due_on(banking_in_canada, "2026-06-30", "2026-07-03");
}

#[test]
fn business_days_without_a_calendar_are_never_later_than_with_one() {
    let weekdays = Limit {
        value: 10,
        unit: Unit::BusinessDay,
        ..NEVER_ROLLED
    };
    for calendar in [
        Calendar::UsFed,
        Calendar::Target,
        Calendar::UkBacs,
        Calendar::BrBank,
        Calendar::AuBecs,
    ] {
        let with = Limit {
            calendar: Some(calendar),
            ..weekdays
        };
        for n in 0..366 {
            let start = day("2026-01-01").plus_days(n);
            assert!(
                weekdays.due_on(start) <= with.due_on(start),
                "{calendar} {start}"
            );
        }
    }
}

#[test]
fn hours_run_through_changes_of_clocks_and_weekends() {
    let three_days = Limit {
        value: 72,
        unit: Unit::Hour,
        zone: Zone::NewYork,
        cutoff: Some(CivilTime::MIDNIGHT),
        calendar: Some(Calendar::UsFed),
        roll: Roll::Following,
    };
    check_due(
        three_days,
        "2026-10-30T12:00:00.5Z",
        "2026-11-02T12:00:00.5Z",
    );
    // From a bare date: from its first instant, so 72 hours over the 25-hour day end at 23:00 on
    // the third.
    check_due_on(three_days, "2026-10-31", "2026-11-02");
    check_due_on(three_days, "2026-11-02", "2026-11-05");
}

#[test]
fn the_last_day_rolls_only_when_asked() {
    // 2026-07-03 is a Friday; 2026-07-04 a Saturday, so the Federal Reserve works on the 3rd and
    // on Monday the 6th.
    let one = Limit {
        calendar: Some(Calendar::UsFed),
        ..NEVER_ROLLED
    };
    check_due_on(one, "2026-07-03", "2026-07-04");
    check_due_on(
        Limit {
            roll: Roll::Following,
            ..one
        },
        "2026-07-03",
        "2026-07-06",
    );
    check_due_on(
        Limit {
            roll: Roll::Preceding,
            ..one
        },
        "2026-07-03",
        "2026-07-03",
    );
    check_due_on(
        Limit {
            roll: Roll::Following,
            ..one
        },
        "2026-12-24",
        "2026-12-28",
    );
    check_due_on(
        Limit {
            roll: Roll::Following,
            ..one
        },
        "2026-07-06",
        "2026-07-07",
    );
    let no_calendar = Limit {
        calendar: None,
        roll: Roll::Following,
        ..one
    };
    check_due_on(no_calendar, "2026-07-03", "2026-07-06");
    check_due_on(no_calendar, "2026-12-24", "2026-12-25");
    check_due_on(
        Limit {
            roll: Roll::Following,
            value: u32::MAX,
            ..one
        },
        "2026-07-03",
        "9999-12-31",
    );
}

#[test]
fn business_days_count_from_the_day_after() {
    let fed = Calendar::UsFed;
    for (start, count, want) in [
        ("2026-11-10", 0, "2026-11-10"),
        ("2026-11-10", 1, "2026-11-12"),
        ("2026-11-10", 2, "2026-11-13"),
        ("2026-11-11", 0, "2026-11-11"),
        ("2026-11-11", 1, "2026-11-12"),
        ("2026-11-14", 1, "2026-11-16"),
        ("2026-11-12", -1, "2026-11-10"),
        ("2026-11-14", -1, "2026-11-13"),
        // Independence Day on a Saturday gives no day off, on a Sunday it gives the Monday.
        ("2026-07-02", 1, "2026-07-03"),
        ("2027-07-02", 1, "2027-07-06"),
        // Over the year's end: 2027-01-01 is a Friday.
        ("2026-12-30", 2, "2027-01-04"),
        ("9999-12-29", 1, "9999-12-30"),
        ("9999-12-31", 1, "9999-12-31"),
        ("0001-01-01", 1, "0001-01-02"),
        ("0001-01-01", -1, "0001-01-01"),
    ] {
        assert_eq!(
            fed.plus_business_days(day(start), count).to_string(),
            want,
            "{start} {count}"
        );
    }
    assert_eq!(fed.next_business_day(day("2026-11-10")), day("2026-11-12"));
    for (from, until, want) in [
        ("2026-11-10", "2026-11-10", 0),
        ("2026-11-10", "2026-11-11", 0),
        ("2026-11-10", "2026-11-13", 2),
        ("2026-11-13", "2026-11-10", -2),
        ("2026-11-14", "2026-11-15", 0),
        ("2026-11-14", "2026-11-13", -1),
    ] {
        assert_eq!(
            fed.business_days_between(day(from), day(until)),
            want,
            "{from} {until}"
        );
    }
}

#[test]
fn english_holidays_move_to_free_weekdays() {
    let named = |year| -> Vec<String> {
        let days = Calendar::UkBacs
            .holidays(year)
            .into_iter()
            .filter(|(date, _)| date.month() == 12);
        days.map(|(date, name)| format!("{date} {name}")).collect()
    };
    assert_eq!(named(2026), ["2026-12-25 Christmas", "2026-12-28 Boxing"]);
    assert_eq!(named(2027), ["2027-12-27 Christmas", "2027-12-28 Boxing"]);
    assert_eq!(named(2033), ["2033-12-26 Boxing", "2033-12-27 Christmas"]);
    // The late Queen's jubilee moved the spring holiday of 2022, and her funeral closed Bacs.
    assert_eq!(Calendar::UkBacs.holiday(day("2022-05-30")), None);
    assert_eq!(
        Calendar::UkBacs.holiday(day("2022-06-02")),
        Some("proclaimed day")
    );
    assert_eq!(
        Calendar::UkBacs.holiday(day("2022-09-19")),
        Some("proclaimed day")
    );
}

#[test]
fn easter_is_found_in_known_years() {
    // Earliest and latest possible dates and some between: U.S. Naval Observatory and Meeus,
    // Astronomical Algorithms, chapter 8.
    for (easter, year) in [
        ("1818-03-22", 1818),
        ("1886-04-25", 1886),
        ("1943-04-25", 1943),
        ("1954-04-18", 1954),
        ("2000-04-23", 2000),
        ("2008-03-23", 2008),
        ("2024-03-31", 2024),
        ("2026-04-05", 2026),
        ("2038-04-25", 2038),
    ] {
        let monday = day(easter).plus_days(1);
        let found = Calendar::Target
            .holidays(year)
            .into_iter()
            .find(|(_, name)| *name == "Easter Monday");
        assert_eq!(found, Some((monday, "Easter Monday")));
    }
}

#[test]
fn calendars_say_what_their_sources_are_worth() {
    for calendar in Calendar::ALL {
        assert_eq!(Calendar::find(calendar.id()), Some(calendar));
        assert_eq!(calendar.to_string(), calendar.id());
    }
    assert_eq!(Calendar::find("us_fed"), None);
    assert_eq!(
        Calendar::parse("MOON").unwrap_err().to_string(),
        "calendar `MOON` is not among the calendars compiled in"
    );
    assert_eq!(Calendar::InBank.confidence(), calendar::Confidence::Low);
    assert_eq!(Calendar::UsFed.confidence(), calendar::Confidence::High);
    assert_eq!(Calendar::Target.valid_from_year(), Some(2002));
    assert_eq!(Calendar::Target.zone(), Zone::Berlin);
    assert!(
        Calendar::InBank
            .note()
            .is_some_and(|note| note.contains("no holidays"))
    );
}

/// F-47, F-48: a date-only deadline keeps its precision and its zone, and is over at 23:59:59
/// there.
#[test]
fn stated_deadlines_keep_their_precision() {
    for (text, earliest, latest) in [
        (
            "2026-11-01T10:00:00Z",
            "2026-11-01T10:00:00Z",
            "2026-11-01T10:00:00Z",
        ),
        (
            "2026-11-01@UTC",
            "2026-11-01T00:00:00Z",
            "2026-11-01T23:59:59Z",
        ),
        (
            "2026-11-01@America/New_York",
            "2026-11-01T04:00:00Z",
            "2026-11-02T04:59:59Z",
        ),
        (
            "2026-11-01@Asia/Tokyo",
            "2026-10-31T15:00:00Z",
            "2026-11-01T14:59:59Z",
        ),
    ] {
        let moment = Moment::parse(text).unwrap();
        assert_eq!(moment.to_string(), text);
        assert_eq!(moment.earliest_instant().to_string(), earliest);
        assert_eq!(moment.latest_instant().to_string(), latest);
    }
    assert_eq!(
        Moment::parse("2026-11-01T11:00:00+01:00")
            .unwrap()
            .to_string(),
        "2026-11-01T10:00:00Z"
    );
    assert_eq!(
        Moment::parse("2026-11-01@Europe/Frankfurt")
            .unwrap()
            .to_string(),
        "2026-11-01@Europe/Berlin"
    );
}

/// F-66: neither a bare date nor a zone we do not know is read in local time or UTC.
#[test]
fn stated_deadlines_without_a_known_zone_are_refused() {
    assert!(matches!(
        Moment::parse("2026-11-01"),
        Err(TimeError::NoZone { .. })
    ));
    assert!(matches!(
        Moment::parse("2026-11-01T10:00:00"),
        Err(TimeError::NoZone { .. })
    ));
    assert!(matches!(
        Moment::parse("2026-11-01@"),
        Err(TimeError::ZoneNotKnown { .. })
    ));
    assert!(matches!(
        Moment::parse("2026-11-01@EST"),
        Err(TimeError::ZoneNotKnown { .. })
    ));
    assert!(matches!(
        Moment::parse("2026-11-01T10:00:00Z@UTC"),
        Err(TimeError::Form { .. })
    ));
    assert!(matches!(Moment::parse("@UTC"), Err(TimeError::Form { .. })));
    // F-47: a provider's zero is not a deadline text.
    assert!(matches!(Moment::parse("0"), Err(TimeError::Form { .. })));
}

#[test]
fn stated_deadlines_sort_by_their_last_instant() {
    let sorted = [
        "2026-11-01@Asia/Tokyo",
        "2026-11-01T23:59:58Z",
        // The same last instant: by text.
        "2026-11-01@UTC",
        "2026-11-01T23:59:59Z",
        "2026-11-01@America/New_York",
    ];
    let mut moments: Vec<Moment> = sorted
        .iter()
        .rev()
        .map(|text| Moment::parse(text).unwrap())
        .collect();
    moments.sort();
    let found: Vec<String> = moments.iter().map(ToString::to_string).collect();
    assert_eq!(found, sorted);
}
