//! The business calendars as a table. A copy of `rules/calendars.json` in Rust: a test compares
//! the two entry by entry, so the table and the sourced file cannot drift apart.

use jiff::civil::Weekday::{Monday, Thursday};

use crate::business::Confidence;
use crate::rule::Observed::{NotMoved, SundayToMonday, WeekendToMonday, WeekendToNextFreeWeekday};
use crate::rule::{Kind, Observed, Rule};
use crate::zone::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weekend {
    SaturdayAndSunday,
    /// India: every Sunday, and the second and fourth Saturday of the month.
    SundayAndSecondAndFourthSaturday,
}

pub(crate) struct Entry {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) zone: Zone,
    pub(crate) weekend: Weekend,
    pub(crate) rules: &'static [Rule],
    /// Days off proclaimed once, `(year, month, day)`.
    pub(crate) added: &'static [(i32, u8, u8)],
    /// Days a rule gives that were worked, usually because the holiday was moved.
    pub(crate) removed: &'static [(i32, u8, u8)],
    /// First year the rules describe.
    pub(crate) valid_from_year: Option<i32>,
    pub(crate) confidence: Confidence,
    /// What a reader must know before trusting a day.
    pub(crate) note: Option<&'static str>,
}

const fn fixed(name: &'static str, month: u8, day: u8, observed: Observed) -> Rule {
    Rule {
        name,
        kind: Kind::Fixed {
            month,
            day,
            observed,
        },
        from_year: None,
        until_year: None,
    }
}

const fn fixed_from(
    from_year: i32,
    name: &'static str,
    month: u8,
    day: u8,
    observed: Observed,
) -> Rule {
    Rule {
        name,
        kind: Kind::Fixed {
            month,
            day,
            observed,
        },
        from_year: Some(from_year),
        until_year: None,
    }
}

const fn monday(name: &'static str, nth: i8, month: u8) -> Rule {
    Rule {
        name,
        kind: Kind::NthWeekday {
            month,
            weekday: Monday,
            nth,
        },
        from_year: None,
        until_year: None,
    }
}

const fn thursday(name: &'static str, nth: i8, month: u8) -> Rule {
    Rule {
        name,
        kind: Kind::NthWeekday {
            month,
            weekday: Thursday,
            nth,
        },
        from_year: None,
        until_year: None,
    }
}

const fn easter(name: &'static str, days: i64) -> Rule {
    Rule {
        name,
        kind: Kind::EasterOffset { days },
        from_year: None,
        until_year: None,
    }
}

const fn monday_on_or_before(name: &'static str, month: u8, day: u8) -> Rule {
    Rule {
        name,
        kind: Kind::MondayOnOrBefore { month, day },
        from_year: None,
        until_year: None,
    }
}

/// `nth` of `monday` and `thursday`: the last one of the month.
const LAST: i8 = -1;

pub(crate) const US_FED: Entry = Entry {
    id: "US_FED",
    title: "Federal Reserve",
    zone: Zone::NewYork,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, SundayToMonday),
        monday("Martin Luther King", 3, 1),
        monday("Washington", 3, 2),
        monday("Memorial", LAST, 5),
        fixed_from(2022, "Juneteenth", 6, 19, SundayToMonday),
        fixed("Independence", 7, 4, SundayToMonday),
        monday("Labor", 1, 9),
        monday("Columbus", 2, 10),
        fixed("Veterans", 11, 11, SundayToMonday),
        thursday("Thanksgiving", 4, 11),
        fixed("Christmas", 12, 25, SundayToMonday),
    ],
    added: &[],
    removed: &[],
    valid_from_year: None,
    confidence: Confidence::High,
    note: None,
};

pub(crate) const TARGET: Entry = Entry {
    id: "TARGET",
    title: "TARGET (T2)",
    zone: Zone::Berlin,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, NotMoved),
        easter("Good Friday", -2),
        easter("Easter Monday", 1),
        fixed("Labour", 5, 1, NotMoved),
        fixed("Christmas", 12, 25, NotMoved),
        fixed("26 December", 12, 26, NotMoved),
    ],
    added: &[(1999, 12, 31), (2001, 12, 31)],
    removed: &[],
    valid_from_year: Some(2002),
    confidence: Confidence::High,
    note: None,
};

pub(crate) const UK_BACS: Entry = Entry {
    id: "UK_BACS",
    title: "England and Wales bank holidays (Bacs, CHAPS)",
    zone: Zone::London,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, WeekendToMonday),
        easter("Good Friday", -2),
        easter("Easter Monday", 1),
        monday("Early May", 1, 5),
        monday("Spring", LAST, 5),
        monday("Summer", LAST, 8),
        fixed("Christmas", 12, 25, WeekendToNextFreeWeekday),
        fixed("Boxing", 12, 26, WeekendToNextFreeWeekday),
    ],
    added: &[
        (1981, 7, 29),
        (1995, 5, 8),
        (1999, 12, 31),
        (2002, 6, 3),
        (2002, 6, 4),
        (2011, 4, 29),
        (2012, 6, 4),
        (2012, 6, 5),
        (2020, 5, 8),
        (2022, 6, 2),
        (2022, 6, 3),
        (2022, 9, 19),
        (2023, 5, 8),
    ],
    removed: &[
        (1995, 5, 1),
        (2002, 5, 27),
        (2012, 5, 28),
        (2020, 5, 4),
        (2022, 5, 30),
    ],
    valid_from_year: None,
    confidence: Confidence::High,
    note: Some(
        "proclaimed one-off days need a data file; Scotland and Northern Ireland differ (Scotland also 2026-06-15)",
    ),
};

pub(crate) const BR_BANK: Entry = Entry {
    id: "BR_BANK",
    title: "Brazil bank days (ANBIMA)",
    zone: Zone::SaoPaulo,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, NotMoved),
        easter("Carnival Monday", -48),
        easter("Carnival Tuesday", -47),
        easter("Good Friday", -2),
        fixed("Tiradentes", 4, 21, NotMoved),
        fixed("Labour", 5, 1, NotMoved),
        easter("Corpus Christi", 60),
        fixed("Independence", 9, 7, NotMoved),
        fixed("Aparecida", 10, 12, NotMoved),
        fixed("All Souls", 11, 2, NotMoved),
        fixed("Republic", 11, 15, NotMoved),
        fixed_from(2024, "Black Awareness", 11, 20, NotMoved),
        fixed("Christmas", 12, 25, NotMoved),
    ],
    added: &[],
    removed: &[],
    valid_from_year: None,
    confidence: Confidence::High,
    note: Some("holidays are not moved; Pix itself runs every day"),
};

pub(crate) const AU_BECS: Entry = Entry {
    id: "AU_BECS",
    title: "Australia national (BECS)",
    zone: Zone::Sydney,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, WeekendToMonday),
        fixed("Australia Day", 1, 26, WeekendToMonday),
        easter("Good Friday", -2),
        easter("Easter Monday", 1),
        fixed("Anzac", 4, 25, NotMoved),
        monday("King's Birthday", 2, 6),
        fixed("Christmas", 12, 25, WeekendToNextFreeWeekday),
        fixed("Boxing", 12, 26, WeekendToNextFreeWeekday),
    ],
    added: &[(2022, 9, 22)],
    removed: &[],
    valid_from_year: None,
    confidence: Confidence::Medium,
    note: Some(
        "QuantLib settlement also closes on the first Monday of August and October (New South Wales); RITS, where direct \
         entry settles, does not name them",
    ),
};

pub(crate) const CA_PAYMENTS: Entry = Entry {
    id: "CA_PAYMENTS",
    title: "Canada (Payments Canada)",
    zone: Zone::Toronto,
    weekend: Weekend::SaturdayAndSunday,
    rules: &[
        fixed("New Year", 1, 1, WeekendToMonday),
        easter("Good Friday", -2),
        monday_on_or_before("Victoria", 5, 24),
        fixed("Canada Day", 7, 1, WeekendToMonday),
        monday("Labour", 1, 9),
        fixed_from(2021, "Truth and Reconciliation", 9, 30, WeekendToMonday),
        monday("Thanksgiving", 2, 10),
        fixed("Remembrance", 11, 11, WeekendToMonday),
        fixed("Christmas", 12, 25, WeekendToNextFreeWeekday),
        fixed("Boxing", 12, 26, WeekendToNextFreeWeekday),
    ],
    added: &[],
    removed: &[],
    valid_from_year: None,
    confidence: Confidence::Medium,
    note: Some(
        "QuantLib settlement adds Family Day (3rd Monday of February) and the August civic day; those are provincial, confirm",
    ),
};

// The weekend rule: Reserve Bank of India, press release 34844 of August 2015. Unverified: every
// holiday. The states publish their own lists each year and none is here, so a count of business
// days ends on the true day or before it, never after it.
pub(crate) const IN_BANK: Entry = Entry {
    id: "IN_BANK",
    title: "India bank days",
    zone: Zone::Kolkata,
    weekend: Weekend::SundayAndSecondAndFourthSaturday,
    rules: &[],
    added: &[],
    removed: &[],
    valid_from_year: None,
    confidence: Confidence::Low,
    note: Some(
        "only the weekend rule, in force since 2015-09-01; no holidays: state lists are published each year and are not here",
    ),
};

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    use super::*;
    use crate::business::Calendar;

    const SOURCE: &str = include_str!("../rules/calendars.json");

    fn word<'a>(value: &'a Value, key: &str) -> &'a str {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("`{key}` is a text in {value}"))
    }

    fn number(value: &Value, key: &str) -> Option<i64> {
        value.get(key).and_then(Value::as_i64)
    }

    fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
        value
            .get(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Both sides as one line of text per rule, so that a mismatch shows itself.
    fn line_of_source(rule: &Value) -> String {
        let from = number(rule, "from_year");
        let until = number(rule, "until_year");
        let numbers: Vec<i64> = ["month", "day", "nth", "days"]
            .iter()
            .filter_map(|key| number(rule, key))
            .collect();
        let texts: Vec<&str> = ["weekday", "observed"]
            .iter()
            .filter_map(|key| rule.get(key).and_then(Value::as_str))
            .collect();
        format!(
            "{} {} {numbers:?} {texts:?} {from:?} {until:?}",
            word(rule, "name"),
            word(rule, "kind")
        )
    }

    fn line_of_table(rule: &Rule) -> String {
        let (kind, numbers, texts) = match rule.kind {
            Kind::Fixed {
                month,
                day,
                observed,
            } => {
                let observed = match observed {
                    NotMoved => "none",
                    SundayToMonday => "sunday_to_monday",
                    WeekendToMonday => "weekend_to_monday",
                    WeekendToNextFreeWeekday => "weekend_to_next_free_weekday",
                };
                (
                    "fixed",
                    vec![i64::from(month), i64::from(day)],
                    vec![observed],
                )
            }
            Kind::NthWeekday {
                month,
                weekday,
                nth,
            } => {
                let weekday = if weekday == Monday { "mon" } else { "thu" };
                (
                    "nth_weekday",
                    vec![i64::from(month), i64::from(nth)],
                    vec![weekday],
                )
            }
            Kind::EasterOffset { days } => ("easter_offset", vec![days], vec![]),
            Kind::MondayOnOrBefore { month, day } => (
                "monday_on_or_before",
                vec![i64::from(month), i64::from(day)],
                vec![],
            ),
        };
        format!(
            "{} {kind} {numbers:?} {texts:?} {:?} {:?}",
            rule.name, rule.from_year, rule.until_year
        )
    }

    #[track_caller]
    fn check(source: &Value, entry: &Entry) {
        assert_eq!(word(source, "id"), entry.id);
        assert_eq!(word(source, "name"), entry.title);
        assert_eq!(Zone::find(word(source, "tz")), Some(entry.zone));
        let weekend: Vec<&str> = list(source, "weekend")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        match entry.weekend {
            Weekend::SaturdayAndSunday => assert_eq!(weekend, ["sat", "sun"]),
            Weekend::SundayAndSecondAndFourthSaturday => {
                assert_eq!(weekend, ["sun", "2nd and 4th sat"])
            }
        }
        let wanted: Vec<String> = list(source, "rules").iter().map(line_of_source).collect();
        let found: Vec<String> = entry.rules.iter().map(line_of_table).collect();
        assert_eq!(found, wanted, "{}", entry.id);

        let exceptions = source.get("exceptions").cloned().unwrap_or(Value::Null);
        for (key, days) in [("added", entry.added), ("removed", entry.removed)] {
            let wanted: Vec<String> = list(&exceptions, key)
                .iter()
                .filter_map(Value::as_str)
                .map(ToString::to_string)
                .collect();
            let found: Vec<String> = days
                .iter()
                .map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}"))
                .collect();
            assert_eq!(found, wanted, "{} {key}", entry.id);
        }
        assert_eq!(
            number(source, "valid_from"),
            entry.valid_from_year.map(i64::from)
        );
        assert_eq!(source.get("note").and_then(Value::as_str), entry.note);
        let confidence = match entry.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        };
        assert_eq!(word(source, "confidence"), confidence);
    }

    #[test]
    fn table_and_sourced_file_say_the_same() {
        let source: Value = serde_json::from_str(SOURCE).expect("the rules are JSON");
        let calendars = list(&source, "calendars");
        assert_eq!(calendars.len(), Calendar::ALL.len());
        for source in calendars {
            let calendar = Calendar::find(word(source, "id"))
                .expect("every calendar of the file is in the table");
            check(source, calendar.entry());
        }
    }
}
