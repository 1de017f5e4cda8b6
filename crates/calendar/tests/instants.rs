//! Reading and writing instants and dates.
#![allow(clippy::unwrap_used)]

use calendar::{CivilTime, Date, Instant, TimeError, Weekday, Zone};

#[track_caller]
fn check(text: &str, want: &str) {
    let instant = Instant::parse(text).unwrap();
    assert_eq!(instant.to_string(), want, "{text}");
    assert_eq!(Instant::parse(want), Ok(instant), "{want} reads back");
}

#[track_caller]
fn check_refused(text: &str, want: &str) {
    assert_eq!(Instant::parse(text).unwrap_err().to_string(), want);
}

#[test]
fn offsets_of_every_form_are_read() {
    check("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z");
    check("2026-11-01t10:00:00z", "2026-11-01T10:00:00Z");
    check("2026-11-01 10:00:00+02:00", "2026-11-01T08:00:00Z");
    check("2026-11-01T10:00:00+0200", "2026-11-01T08:00:00Z");
    check("2026-11-01T10:00:00-08", "2026-11-01T18:00:00Z");
    check("2026-11-01T10:00:00+05:30", "2026-11-01T04:30:00Z");
    check("2026-11-01T10:00:00-00:00", "2026-11-01T10:00:00Z");
    check("2026-11-01T10:00Z", "2026-11-01T10:00:00Z");
    check("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z");
    check("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z");
}

#[test]
fn fractions_are_kept_to_the_microsecond_and_cut_towards_the_past() {
    check("2026-11-01T10:00:00.5Z", "2026-11-01T10:00:00.5Z");
    check("2026-11-01T10:00:00.000Z", "2026-11-01T10:00:00Z");
    check("2026-11-01T10:00:00,123456Z", "2026-11-01T10:00:00.123456Z");
    check(
        "2026-11-01T10:00:00.123456999+00:00",
        "2026-11-01T10:00:00.123456Z",
    );
    check("1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z");
    let before_epoch = Instant::parse("1969-12-31T23:59:59.75Z").unwrap();
    assert_eq!(
        (before_epoch.unix_micros(), before_epoch.unix_seconds()),
        (-250_000, -1)
    );
    let form = "expected an instant YYYY-MM-DDTHH:MM:SS with `Z` or an offset, found ";
    check_refused(
        "2026-11-01T10:00:00.Z",
        &format!("{form}`2026-11-01T10:00:00.Z`"),
    );
    check_refused(
        "2026-11-01T10:00:00.1234567890Z",
        &format!("{form}`2026-11-01T10:00:00.1234567890Z`"),
    );
}

#[test]
fn midnight_at_the_end_is_the_next_day_and_no_other_hour_24_exists() {
    check("2026-02-28T24:00:00Z", "2026-03-01T00:00:00Z");
    check("2026-12-31T24:00:00+00:00", "2027-01-01T00:00:00Z");
    check_refused(
        "2026-02-28T24:00:01Z",
        "no such time of day: hour 24 minute 0 second 1",
    );
    check_refused(
        "2026-02-28T24:01:00Z",
        "no such time of day: hour 24 minute 1 second 0",
    );
    check_refused(
        "2026-02-28T24:00:00.5Z",
        "no such time of day: hour 24 minute 0 second 0",
    );
    check_refused(
        "2026-02-28T25:00:00Z",
        "no such time of day: hour 25 minute 0 second 0",
    );
}

#[test]
fn leap_seconds_are_read_as_the_second_before() {
    check("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
    check_refused(
        "2016-12-31T23:59:61Z",
        "no such time of day: hour 23 minute 59 second 61",
    );
}

/// F-66: the same file must give the same instants on every machine, so local time is never
/// assumed.
#[test]
fn text_without_a_zone_is_refused() {
    for text in [
        "2026-11-01T10:00:00",
        "2026-11-01 10:00:00",
        "2026-11-01T10:00",
        "2026-11-01T10:00:00.25",
        "2026-11-01",
    ] {
        assert_eq!(
            Instant::parse(text),
            Err(TimeError::NoZone { text: text.into() })
        );
    }
    check_refused(
        "2026-11-01T10:00:00",
        "no zone: `2026-11-01T10:00:00` needs `Z` or an offset such as `+02:00`",
    );
}

#[test]
fn other_forms_are_refused() {
    for text in [
        "",
        "0",
        "1700000000",
        "2026-11-1T10:00:00Z",
        "26-11-01T10:00:00Z",
        "2026/11/01T10:00:00Z",
        "20261101T100000Z",
        "+2026-11-01T10:00:00Z",
        " 2026-11-01T10:00:00Z",
        "2026-11-01T10:00:00Z ",
        "2026-11-01T10:00:00 Z",
        "2026-11-01T10:00:00ZZ",
        "2026-11-01T10:00:00+2:00",
        "2026-11-01T10:00:00+24:00",
        "2026-11-01T10:00:00+02:60",
        "2026-11-01T10:00:00+02:",
        "2026-11-01T10:00:00+020",
        "2026-11-01T10:00:00 CET",
        "2026-11-01T10:00:00[Europe/Berlin]",
        "2026-11-01T1\u{664}:00:00Z",
    ] {
        assert!(
            matches!(Instant::parse(text), Err(TimeError::Form { .. })),
            "{text}"
        );
    }
}

#[test]
fn errors_keep_only_the_start_of_a_long_text() {
    let TimeError::Form { text, .. } = Instant::parse(&"é".repeat(10_000)).unwrap_err() else {
        panic!("a form error")
    };
    assert_eq!(text, "é".repeat(64));
}

#[test]
fn days_that_do_not_exist_are_refused() {
    check_refused(
        "2026-02-29T10:00:00Z",
        "no such day: year 2026 month 2 day 29",
    );
    check_refused(
        "2026-00-10T10:00:00Z",
        "no such day: year 2026 month 0 day 10",
    );
    check_refused("0000-01-01T10:00:00Z", "no such day: year 0 month 1 day 1");
    assert!(Date::parse("2024-02-29").is_ok());
    assert!(
        Date::parse("2100-02-29").is_err(),
        "2100 is not a leap year"
    );
    assert!(Date::parse("2000-02-29").is_ok());
    assert!(Date::new(2026, 4, 31).is_err());
    assert!(
        Date::new(-1, 1, 1).is_err()
            && Date::new(10_000, 1, 1).is_err()
            && Date::new(2026, 200, 1).is_err()
    );
    assert!(
        Date::parse("2026-11-01T00:00:00Z").is_err(),
        "a date is not an instant"
    );
}

#[test]
fn instants_end_with_the_years_0001_and_9999() {
    check("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
    check("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
    check_refused(
        "9999-12-31T23:59:59-01:00",
        "`9999-12-31T23:59:59-01:00` is outside the years 0001 to 9999",
    );
    check_refused(
        "9999-12-31T24:00:00Z",
        "`9999-12-31T24:00:00Z` is outside the years 0001 to 9999",
    );
    check_refused(
        "0001-01-01T00:00:00+01:00",
        "`0001-01-01T00:00:00+01:00` is outside the years 0001 to 9999",
    );
    assert_eq!(
        Instant::from_unix_seconds(1_793_527_200)
            .unwrap()
            .to_string(),
        "2026-11-01T10:00:00Z"
    );
    assert_eq!(
        Instant::from_unix_seconds(1_793_527_200_000),
        None,
        "milliseconds given as seconds"
    );
    assert_eq!(Instant::from_unix_seconds(i64::MAX), None);
    assert_eq!(Instant::from_unix_micros(i64::MIN), None);
    assert_eq!(Instant::MAX.plus_days(1), Instant::MAX);
    assert_eq!(Instant::MIN.plus_hours(i64::MIN), Instant::MIN);
}

#[test]
fn seconds_left_are_whole_and_lateness_shows_at_once() {
    let respond_by = Instant::parse("2026-11-01T23:59:59Z").unwrap();
    for (now, left) in [
        ("2026-11-01T23:59:58Z", 1),
        ("2026-11-01T23:59:58.5Z", 0),
        ("2026-11-01T23:59:59Z", 0),
        ("2026-11-01T23:59:59.000001Z", -1),
        ("2026-11-02T00:00:00Z", -1),
    ] {
        assert_eq!(
            Instant::parse(now).unwrap().seconds_until(respond_by),
            left,
            "{now}"
        );
    }
}

/// F-48: a deadline in UTC shown as a date of the reader's zone was a day off. The text for
/// people always carries its zone.
#[test]
fn wall_text_names_its_zone() {
    let due_by = Instant::parse("2026-11-01T23:59:59Z").unwrap();
    for (zone, want) in [
        (Zone::Utc, "2026-11-01 23:59:59 UTC"),
        (Zone::NewYork, "2026-11-01 18:59:59 EST"),
        (Zone::Berlin, "2026-11-02 00:59:59 CET"),
        (Zone::Sydney, "2026-11-02 10:59:59 AEDT"),
        (Zone::SaoPaulo, "2026-11-01 20:59:59 UTC-03"),
        (Zone::Singapore, "2026-11-02 07:59:59 UTC+08"),
        (Zone::Kolkata, "2026-11-02 05:29:59 IST"),
    ] {
        assert_eq!(due_by.wall_in(zone), want);
    }
    assert_eq!(
        Instant::parse("2026-11-01T10:00:00Z")
            .unwrap()
            .wall_in(Zone::Berlin),
        "2026-11-01 11:00 CET"
    );
}

#[test]
fn two_digit_years_turn_at_69() {
    for (text, want) in [
        ("000101", "2000-01-01"),
        ("240229", "2024-02-29"),
        ("681231", "2068-12-31"),
        ("690101", "1969-01-01"),
        ("991231", "1999-12-31"),
    ] {
        assert_eq!(Date::parse_yymmdd(text).unwrap().to_string(), want);
    }
    for text in [
        "", "26110", "2611011", "26-1-1", "      ", "260230", "261301", "000000",
    ] {
        assert!(Date::parse_yymmdd(text).is_err(), "{text}");
    }
}

#[test]
fn julian_days_take_the_year_nearest_to_the_reference() {
    for (day_of_year, near, want) in [
        (1, "2026-12-31", "2027-01-01"),
        (365, "2027-01-01", "2026-12-31"),
        (366, "2025-01-03", "2024-12-31"),
        (366, "2024-12-30", "2024-12-31"),
        (60, "2024-02-28", "2024-02-29"),
        (60, "2026-02-28", "2026-03-01"),
        (122, "2026-05-01", "2026-05-02"),
        // Halfway in a leap year both day 1s are 183 days away: the earlier.
        (1, "2024-07-02", "2024-01-01"),
    ] {
        let date = Date::from_julian(day_of_year, Date::parse(near).unwrap()).unwrap();
        assert_eq!(date.to_string(), want, "{day_of_year} near {near}");
        assert_eq!(date.day_of_year(), day_of_year);
    }
    for (day_of_year, near) in [
        (0, "2026-01-02"),
        (367, "2024-12-31"),
        (999, "2026-01-02"),
        (366, "2026-06-01"),
        (366, "2025-07-10"),
    ] {
        let near = Date::parse(near).unwrap();
        assert_eq!(
            Date::from_julian(day_of_year, near),
            Err(TimeError::NoSuchJulianDay { day_of_year, near })
        );
    }
    let refused = Date::from_julian(366, Date::parse("2026-06-01").unwrap())
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "no day 366 of a year within half a year of 2026-06-01"
    );
}

#[test]
fn months_clamp_to_the_last_day() {
    for (start, months, want) in [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-01-31", 13, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -13, "2024-12-15"),
        ("2026-12-31", 0, "2026-12-31"),
        ("9999-12-01", 1, "9999-12-31"),
        ("0001-01-31", -1, "0001-01-01"),
        ("2026-01-01", i32::MAX, "9999-12-31"),
        ("2026-01-01", i32::MIN, "0001-01-01"),
    ] {
        assert_eq!(
            Date::parse(start).unwrap().plus_months(months).to_string(),
            want,
            "{start} {months}"
        );
    }
}

#[test]
fn days_are_counted_across_leap_days_and_year_ends() {
    for (start, days, want) in [
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-02-28", 2, "2024-03-01"),
        ("2026-02-28", 1, "2026-03-01"),
        ("2026-12-31", 1, "2027-01-01"),
        ("1970-01-01", -1, "1969-12-31"),
        ("9999-12-31", 1, "9999-12-31"),
        ("0001-01-01", -1, "0001-01-01"),
        ("2026-01-01", i64::MAX, "9999-12-31"),
    ] {
        assert_eq!(
            Date::parse(start).unwrap().plus_days(days).to_string(),
            want,
            "{start} {days}"
        );
    }
    let date = Date::parse("2026-11-01").unwrap();
    assert_eq!(
        (date.year(), date.month(), date.day(), date.day_of_year()),
        (2026, 11, 1, 305)
    );
    assert_eq!(date.weekday(), Weekday::Sunday);
}

#[test]
fn times_of_day_end_at_the_last_second() {
    assert_eq!(CivilTime::parse("17:30").unwrap().to_string(), "17:30:00");
    assert_eq!(
        CivilTime::parse("23:59:59").unwrap(),
        CivilTime::LAST_SECOND
    );
    assert_eq!(CivilTime::hms(6, 5, 4), CivilTime::new(6, 5, 4).unwrap());
    for text in [
        "24:00",
        "24:00:00",
        "12:60",
        "12:00:60",
        "1:00",
        "12",
        "12:00:00Z",
        "noon",
        "",
    ] {
        assert!(CivilTime::parse(text).is_err(), "{text}");
    }
}
