//! A case on both clocks: when things happened, and when the desk knew. A provider that is read back says all of it again; what
//! it said the same way is one row, and each time of saying it stays there with its bytes.

use super::bits::{plain, reason};
use super::case::{bytes_link, bytes_of};
use crate::amount;
use crate::parts::{as_read, at, counted, moment_words, span_words};
use crate::portal::words;
use crate::visitor::Visitor;
use app::timeline::{Event, Timeline};
use calendar::{Moment, Zone};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Something that was said or posted, and each time that the same was said again before anything else was said of it.
struct Row<'a> {
    event: &'a Event,
    again: Vec<&'a Event>,
}

/// Rows in the order in which things happened.
fn rows(events: &[Event]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut last: BTreeMap<(&str, &str, Option<&str>), usize> = BTreeMap::new();
    for event in events {
        let key = match event.says {
            // Of these one holds at a time: another in between is news, and so is the first one after it.
            "phase" | "due" | "reason" | "network" | "disputed" | "recovered" | "paid"
            | "acknowledged" | "requires" => (event.says, event.by, event.about.as_deref()),
            // Each of these is a thing of its own.
            "moved" | "refunded" | "fraud-reported" => {
                (event.text.as_str(), event.by, event.about.as_deref())
            }
            _ => {
                rows.push(Row {
                    event,
                    again: Vec::new(),
                });
                continue;
            }
        };
        let known = last.get(&key).and_then(|place| rows.get_mut(*place));
        match known.filter(|row| row.event.text == event.text) {
            Some(row) => row.again.push(event),
            None => {
                last.insert(key, rows.len());
                rows.push(Row {
                    event,
                    again: Vec::new(),
                });
            }
        }
    }
    rows
}

/// What was said, in words and in the reader's zone; the provider's own name of a movement or of a posting stands apart.
fn said(event: &Event, zone: Zone) -> (String, Option<String>) {
    let text = || (event.text.clone(), None);
    match event.says {
        "moved" => moved(event).unwrap_or_else(text),
        "posting" => posted(&event.text).unwrap_or_else(text),
        "noted" | "told-merchant" | "told-desk" => text(),
        _ => (
            plainly(event, zone).unwrap_or_else(|| as_read(&event.text, zone)),
            None,
        ),
    }
}

fn moved(event: &Event) -> Option<(String, Option<String>)> {
    let key = event.fields.get("key")?.as_str()?;
    let words = event.text.strip_suffix(&format!(" ({key})"))?;
    let kind = event.fields.get("kind")?.as_str()?;
    let rest = amount::within(words.strip_prefix(kind)?);
    Some((
        format!("{}{rest}", kind.replace('-', " ")),
        Some(key.to_owned()),
    ))
}

/// The accounts and amounts of a posting stand below it, leg by leg.
fn posted(text: &str) -> Option<(String, Option<String>)> {
    let (key, rest) = text.split_once(" posted: ")?;
    let (_, correction) = rest.split_once(", correction ").unzip();
    let words = match correction {
        Some(number) => format!("posted anew, correction {number}"),
        None => String::from("posted"),
    };
    Some((words, Some(key.to_owned())))
}

fn plainly(event: &Event, zone: Zone) -> Option<String> {
    let field = |name: &str| event.fields.get(name).and_then(|value| value.as_str());
    let due = || {
        let text = event.fields.get("due")?.get("text")?.as_str()?;
        Some(moment_words(Moment::parse(text).ok()?, zone))
    };
    let stage = || field("stage").map(|stage| stage.replace('-', " "));
    Some(match event.says {
        "phase" => format!("{} is {}", stage()?, field("standing")?.replace('-', " ")),
        "due" => format!("an answer to the {} is due by {}", stage()?, due()?),
        "passed" => format!(
            "the time to {} passed, due {}",
            field("what")?.replace(['-', '/'], " "),
            due()?
        ),
        "reason" => {
            let reason = reason(field("reason")?);
            match field("code") {
                Some(code) => format!("the reason is {reason} ({code})"),
                None => format!("the reason is {reason}"),
            }
        }
        "network" => format!("the network is {}", words::network(field("network")?)),
        "evidence-saved" => {
            let slot = field("slot")?;
            let rest = event.text.strip_prefix(&format!("evidence {slot} "))?;
            format!("“{}” {rest}", plain(slot))
        }
        _ => return None,
    })
}

pub fn timeline(timeline: &Timeline, visitor: &Visitor) -> Markup {
    html! {
        section.after aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            div.scroll tabindex="0" role="region" aria-labelledby="timeline" data-rows {
                table.clocks.cards {
                    caption { "When it happened, and when the desk knew" }
                    thead { tr { th scope="col" { "Happened" } th scope="col" { "Known" } th scope="col" { "What" } th scope="col" { "By" } } }
                    tbody { @for row in rows(&timeline.events) { (line(&row, visitor)) } }
                }
            }
        }
    }
}

fn line(row: &Row<'_>, visitor: &Visitor) -> Markup {
    let event = row.event;
    let (words, key) = said(event, visitor.zone);
    html! {
        tr {
            td data-name="Happened" { (at(event.at, visitor)) }
            td data-name="Known" {
                @if event.lag_seconds.abs() <= 60 { span.soft { "at once" } } @else { (at(event.known_at, visitor)) }
                @if event.lag_seconds > 3_600 { br; span.soft { (span_words(event.lag_seconds)) " later" } }
            }
            td data-name="What" dir="auto" {
                @if let Some(other) = &event.about { span.soft { "about " (other) ": " } }
                (words)
                (bytes_link(event))
                @if let Some(key) = key { br; span.soft.small.mono { (key) } }
                @for leg in &event.legs { br; span.soft.small.mono { (leg.account) " " (leg.layer) " " (amount::words(leg.amount.0)) } }
                (again(&row.again, visitor))
            }
            td data-name="By" { (event.by) @if let Some(way) = event.way { br; span.soft.small { (way) } } }
        }
    }
}

fn again(all: &[&Event], visitor: &Visitor) -> Markup {
    let Some(last) = all.last() else {
        return html! {};
    };
    let times = match all.len() {
        1 => String::from("once"),
        many => counted(i64::try_from(many).unwrap_or(i64::MAX), "time"),
    };
    html! {
        details.small.again {
            summary.soft { "Said the same again " (times) ", last at " (at(last.at, visitor)) }
            ul.plain { @for event in all { li { (at(event.at, visitor)) @if let Some(way) = event.way { ", " (way) } @if bytes_of(event).is_some() { (bytes_link(event)) } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::shape::At;
    use calendar::Instant;

    fn event(says: &'static str, text: &str, fields: &[(&str, &str)]) -> Event {
        let at = At(Instant::parse("2026-11-23T09:00:00Z").expect("an instant"));
        let fields = fields.iter().map(|(name, value)| {
            // An instant has parts, of which the page reads its text.
            let value = match *name {
                "due" => [("text", *value)].into_iter().collect(),
                _ => (*value).into(),
            };
            ((*name).to_owned(), value)
        });
        Event {
            at,
            known_at: at,
            lag_seconds: 0,
            kind: "fact",
            says,
            text: text.to_owned(),
            by: "provider",
            authority: None,
            fact: None,
            about: None,
            document: String::new(),
            way: None,
            span: None,
            line: None,
            fields: fields.collect(),
            legs: Vec::new(),
        }
    }

    #[test]
    fn what_is_said_again_is_one_row_until_something_else_is_said() {
        #[track_caller]
        fn check(said: &[(&'static str, &str)], want: &[(&str, usize)]) {
            let events: Vec<Event> = said
                .iter()
                .map(|(says, text)| event(says, text, &[]))
                .collect();
            let rows = rows(&events);
            let found: Vec<(&str, usize)> = rows
                .iter()
                .map(|row| (row.event.text.as_str(), row.again.len()))
                .collect();
            assert_eq!(found, want);
        }
        let (ours, theirs) = (("phase", "ours"), ("phase", "theirs"));
        check(
            &[ours, ("network", "visa"), ours, ("network", "visa"), ours],
            &[("ours", 2), ("visa", 1)],
        );
        // That it came back to us is news.
        check(
            &[ours, theirs, ours, ours],
            &[("ours", 0), ("theirs", 0), ("ours", 1)],
        );
        // Two movements are two, in whatever order they are told again.
        let (one, two) = (("moved", "a"), ("moved", "b"));
        check(&[one, two, one, two], &[("a", 1), ("b", 1)]);
        // What people wrote is never folded.
        check(&[("noted", "x"), ("noted", "x")], &[("x", 0), ("x", 0)]);
    }

    #[test]
    fn another_party_or_another_dispute_that_says_the_same_is_another_row() {
        let first = event("phase", "ours", &[]);
        let other = Event {
            by: "network",
            ..first.clone()
        };
        let linked = Event {
            about: Some(String::from("dp_2")),
            ..first.clone()
        };
        assert_eq!(rows(&[first, other, linked]).len(), 3);
    }

    #[test]
    fn statements_are_said_without_machine_words_and_in_the_readers_zone() {
        let tokyo = Zone::parse("Asia/Tokyo").expect("a zone");
        let check = |says, text: &str, fields: &[(&str, &str)], want: (&str, Option<&str>)| {
            let (words, key) = said(&event(says, text, fields), tokyo);
            assert_eq!((words.as_str(), key.as_deref()), want);
        };
        let due = ("due", "2026-11-26T09:00:00Z");
        let stage = ("stage", "pre-arbitration");
        check(
            "due",
            "",
            &[stage, due],
            (
                "an answer to the pre arbitration is due by 2026-11-26 18:00 JST",
                None,
            ),
        );
        check(
            "passed",
            "",
            &[("what", "respond/chargeback"), due],
            (
                "the time to respond chargeback passed, due 2026-11-26 18:00 JST",
                None,
            ),
        );
        check(
            "phase",
            "",
            &[stage, ("standing", "partially-won")],
            ("pre arbitration is partially won", None),
        );
        check(
            "reason",
            "",
            &[("reason", "not-received"), ("code", "13.1")],
            ("the reason is not received (13.1)", None),
        );
        check(
            "network",
            "",
            &[("network", "amex")],
            ("the network is American Express", None),
        );
        let moved = "fee-charge of -1500.00 USD, pending (txn_1)";
        check(
            "moved",
            moved,
            &[("kind", "fee-charge"), ("key", "txn_1")],
            ("fee charge of -1,500.00 USD, pending", Some("txn_1")),
        );
        check(
            "posting",
            "txn_1 posted: -15.00 USD on a:b:USD",
            &[],
            ("posted", Some("txn_1")),
        );
        check(
            "posting",
            "txn_1 posted: 15.00 USD on a:b:USD, correction 2",
            &[],
            ("posted anew, correction 2", Some("txn_1")),
        );
    }

    #[test]
    fn what_has_no_words_of_its_own_is_as_the_desk_says_it_and_what_people_wrote_as_they_wrote_it()
    {
        let check = |says, text: &str, want: &str| {
            let (words, key) = said(&event(says, text, &[]), Zone::Utc);
            assert_eq!((words.as_str(), key), (want, None));
        };
        check(
            "disputed",
            "1250.00 USD is disputed",
            "1,250.00 USD is disputed",
        );
        let note = "anna: pay 1250.00 USD by 2026-11-26T09:00:00Z";
        check("noted", note, note);
        check("told-desk", note, note);
    }
}
