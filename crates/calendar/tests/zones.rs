//! The compiled zone rules against the IANA tz database: both sides of every change of clocks.
//! See `zones/README.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;

use calendar::{CivilTime, Date, Instant, Zone};

const TRANSITIONS: &str = include_str!("zones/transitions.txt");

/// One line: from `at` on, the zone is `offset_seconds` east of UTC and calls it `abbreviation`.
#[derive(Clone)]
struct Change {
    at: Instant,
    offset_seconds: i64,
    abbreviation: String,
}

fn changes() -> BTreeMap<Zone, Vec<Change>> {
    let mut changes: BTreeMap<Zone, Vec<Change>> = BTreeMap::new();
    for line in TRANSITIONS.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [zone, at, offset, abbreviation] = words[..] else {
            panic!("four words, found `{line}`")
        };
        let (hours, minutes) = offset[1..].split_at(2);
        let size = hours.parse::<i64>().unwrap() * 3_600 + minutes.parse::<i64>().unwrap() * 60;
        let utc_if_numeric = if abbreviation.starts_with(['+', '-']) {
            "UTC"
        } else {
            ""
        };
        changes
            .entry(Zone::parse(zone).unwrap())
            .or_default()
            .push(Change {
                at: Instant::parse(at).unwrap(),
                offset_seconds: if offset.starts_with('-') { -size } else { size },
                abbreviation: format!("{utc_if_numeric}{abbreviation}"),
            });
    }
    changes
}

#[track_caller]
fn check(zone: Zone, at: Instant, want: &Change) {
    let shifted = at.plus_seconds(want.offset_seconds).to_string();
    let (date, time) = shifted.trim_end_matches('Z').split_once('T').unwrap();
    let time = time.strip_suffix(":00").unwrap_or(time);
    assert_eq!(
        at.wall_in(zone),
        format!("{date} {time} {}", want.abbreviation),
        "{zone} {at}"
    );
    assert_eq!(at.date_in(zone).to_string(), date);
}

#[test]
fn walls_agree_with_the_tz_database_on_both_sides_of_every_change() {
    let changes = changes();
    assert_eq!(
        changes.len(),
        Zone::ALL.len() - 1,
        "every zone but UTC is listed"
    );
    for (zone, changes) in changes {
        assert!(
            zone.is_verified_on(changes[0].at.date_in(Zone::Utc)),
            "{zone}"
        );
        assert!(
            !zone.is_verified_on(changes[0].at.date_in(Zone::Utc).plus_days(-1)),
            "{zone}"
        );
        check(zone, changes[0].at, &changes[0]);
        for pair in changes.windows(2) {
            check(zone, pair[1].at.plus_seconds(-1), &pair[0]);
            check(zone, pair[1].at, &pair[1]);
        }
        let last_second = Instant::parse("2037-12-31T12:00:00Z").unwrap();
        check(zone, last_second, changes.last().unwrap());
    }
}

/// Around each change, every minute of the wall maps to an instant that shows it, the earlier one
/// if two do; a skipped minute maps to the change itself.
#[test]
fn walls_map_back_to_the_earliest_instant_that_shows_them() {
    for (zone, changes) in changes() {
        for pair in changes.windows(2) {
            let (before, after) = (pair[0].offset_seconds, pair[1].offset_seconds);
            let change = pair[1].at;
            for minute in -180..180 {
                // The wall as a UTC instant: what the clock face shows, first under the old
                // offset.
                let face = change.plus_seconds(before + minute * 60);
                let by_old = change.plus_seconds(minute * 60);
                let by_new = by_old.plus_seconds(before - after);
                let want = match (by_old < change, by_new >= change) {
                    (true, _) => by_old,
                    (false, true) => by_new,
                    (false, false) => change,
                };
                let text = face.to_string();
                let time = CivilTime::parse(&text[11..19]).unwrap();
                assert_eq!(
                    zone.to_instant(Date::parse(&text[..10]).unwrap(), time),
                    want,
                    "{zone} {text}"
                );
            }
        }
    }
}

#[test]
fn skipped_wall_times_give_the_first_instant_after() {
    // New York 2026-03-08: the wall goes from 01:59:59 EST to 03:00:00 EDT.
    let date = Date::parse("2026-03-08").unwrap();
    for (time, want) in [
        ("01:59:59", "2026-03-08T06:59:59Z"),
        ("02:00", "2026-03-08T07:00:00Z"),
        ("02:30", "2026-03-08T07:00:00Z"),
        ("02:59:59", "2026-03-08T07:00:00Z"),
        ("03:00", "2026-03-08T07:00:00Z"),
    ] {
        assert_eq!(
            Zone::NewYork
                .to_instant(date, CivilTime::parse(time).unwrap())
                .to_string(),
            want,
            "{time}"
        );
    }
}

#[test]
fn doubled_wall_times_give_the_earlier_instant() {
    // Berlin 2026-10-25: 02:00 to 02:59:59 is shown twice, first as CEST, then as CET.
    let date = Date::parse("2026-10-25").unwrap();
    for (time, want) in [
        ("01:59:59", "2026-10-24T23:59:59Z"),
        ("02:00", "2026-10-25T00:00:00Z"),
        ("02:30", "2026-10-25T00:30:00Z"),
        ("03:00", "2026-10-25T02:00:00Z"),
    ] {
        assert_eq!(
            Zone::Berlin
                .to_instant(date, CivilTime::parse(time).unwrap())
                .to_string(),
            want,
            "{time}"
        );
    }
}

#[test]
fn days_with_a_change_of_clocks_have_23_or_25_hours() {
    for (zone, date, hours) in [
        (Zone::NewYork, "2026-03-08", 23),
        (Zone::NewYork, "2026-11-01", 25),
        (Zone::London, "2026-03-29", 23),
        (Zone::London, "2026-10-25", 25),
        (Zone::Sydney, "2026-04-05", 25),
        (Zone::Sydney, "2026-10-04", 23),
        (Zone::SaoPaulo, "2026-10-18", 24),
        (Zone::Utc, "2026-03-29", 24),
    ] {
        let date = Date::parse(date).unwrap();
        let seconds = zone.start_of_day(date).seconds_until(zone.end_of_day(date));
        assert_eq!(seconds, hours * 3_600 - 1, "{zone} {date}");
    }
}

#[test]
fn zones_are_found_by_iana_name_and_alias_only() {
    for zone in Zone::ALL {
        assert_eq!(Zone::find(zone.name()), Some(zone));
    }
    assert_eq!(Zone::find("Europe/Frankfurt"), Some(Zone::Berlin));
    assert_eq!(Zone::Berlin.to_string(), "Europe/Berlin");
    for name in ["", "EST", "CST", "+01:00", "utc", "Local", "Europe/berlin"] {
        assert_eq!(Zone::find(name), None, "{name}");
    }
    let refused = Zone::parse("Mars/Olympus").unwrap_err().to_string();
    assert_eq!(
        refused,
        "zone `Mars/Olympus` is not among the zones compiled in"
    );
}

#[test]
fn days_before_the_rule_was_law_are_not_verified() {
    // Brazil's summer time until 2019-02-17 and the United States' earlier dates are not in the
    // rules.
    for (zone, date, verified) in [
        (Zone::SaoPaulo, "2019-01-15", false),
        (Zone::SaoPaulo, "2020-01-15", true),
        (Zone::NewYork, "2006-12-31", false),
        (Zone::NewYork, "2037-12-31", true),
        (Zone::NewYork, "2038-01-01", false),
        (Zone::Utc, "1970-01-01", true),
    ] {
        assert_eq!(
            zone.is_verified_on(Date::parse(date).unwrap()),
            verified,
            "{zone} {date}"
        );
    }
}

#[test]
fn zones_answer_at_both_ends_of_the_time_line() {
    for zone in Zone::ALL {
        assert!(zone.end_of_day(Date::MAX) <= Instant::MAX);
        assert!(zone.start_of_day(Date::MIN) >= Instant::MIN);
        assert!(Instant::MAX.date_in(zone) >= Date::parse("9999-12-31").unwrap());
        assert!(Instant::MIN.date_in(zone) <= Date::parse("0001-01-01").unwrap());
    }
}
