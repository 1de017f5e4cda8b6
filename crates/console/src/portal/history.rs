//! All that was said of a dispute, on both clocks, in the merchant's words and zone.

use crate::amount;
use crate::parts::{as_read, at, moment_words, sentence};
use crate::portal::evidence::named;
use crate::portal::words;
use crate::visitor::Visitor;
use app::timeline::Event;
use calendar::{Moment, Zone};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// What was said first or otherwise than before: a provider that is read back says all of it again each time.
fn news(events: &[Event]) -> Vec<&Event> {
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    let mut once: BTreeSet<&str> = BTreeSet::new();
    let mut news = Vec::new();
    for event in events {
        let text = event.text.as_str();
        let new = match event.says {
            "phase" | "reason" | "network" | "disputed" | "due" | "paid" => {
                last.insert(event.says, text) != Some(text)
            }
            "moved" | "acknowledged" => once.insert(text),
            _ => true,
        };
        if new {
            news.push(event);
        }
    }
    // That a send is in doubt is said before it is tried, at the same instant as what became of it.
    news.sort_by_key(|event| {
        let outcome = event.says == "sent" && !event.text.contains("in doubt");
        (event.at.0, outcome)
    });
    news
}

/// The statement as whoever sells would say it. What has no words of its own here stays as the desk says it.
fn what(event: &Event, zone: Zone) -> String {
    match event.says {
        // What people wrote is as they wrote it.
        "noted" | "told-merchant" | "told-desk" => sentence(&event.text),
        _ => sentence(&said(event, zone).unwrap_or_else(|| as_read(&event.text, zone))),
    }
}

fn said(event: &Event, zone: Zone) -> Option<String> {
    let field = |name: &str| event.fields.get(name).and_then(|value| value.as_str());
    let stage = || field("stage").map(|stage| stage.replace('-', " "));
    Some(match event.says {
        "phase" => {
            let standing = field("standing")?;
            let is = match standing {
                "ours" => "it waits for you",
                "theirs" => "it is with the other side",
                "network" => "the network decides",
                other => words::status(other),
            };
            format!("{}: {is}", stage()?)
        }
        "due" => {
            let (_, by) = event.text.split_once(" is due by ")?;
            let by = moment_words(Moment::parse(by).ok()?, zone);
            format!("the {} is to be answered by {by}", stage()?)
        }
        "passed" => {
            let what = field("what")?.strip_prefix("respond/")?;
            format!("the time to answer the {} ran out", what.replace('-', " "))
        }
        "reason" => {
            let reason = words::short(field("reason")?);
            match field("code") {
                Some(code) => format!("why: {reason}, code {code}"),
                None => format!("why: {reason}"),
            }
        }
        "network" => format!("the network is {}", words::network(field("network")?)),
        "moved" => {
            let (_, moved) = event.text.split_once(" of ")?;
            let moved = amount::within(moved).replacen(", pending (", ", not settled yet (", 1);
            format!("{}: {moved}", words::movement(field("kind")?))
        }
        "evidence-saved" => {
            let slot = field("slot")?;
            let rest = event.text.strip_prefix(&format!("evidence {slot} "))?;
            format!("“{}” {rest}", named(slot))
        }
        _ => return None,
    })
}

/// Everything that was said, the newest first.
pub fn history(events: &[Event], visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 id="history" { "History" }
            @if events.is_empty() { p.soft { "Nothing was said yet." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="history" {
                    table.clocks.cards {
                        caption { "When it happened, and when this desk learned of it" }
                        thead { tr { th scope="col" { "Happened" } th scope="col" { "Known" } th scope="col" { "What" } th scope="col" { "Said by" } } }
                        tbody { @for event in news(events).into_iter().rev() { tr {
                            td data-name="Happened" { (at(event.at, visitor)) }
                            td data-name="Known" { @if event.lag_seconds.abs() <= 60 { span.soft { "at once" } } @else { (at(event.known_at, visitor)) } }
                            td data-name="What" dir="auto" { (what(event, visitor.zone)) }
                            td data-name="Said by" { (event.by) @if let Some(way) = event.way { span.soft.small { ", " (words::way(way)) } } }
                        } } }
                    }
                }
            }
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
        let fields = fields.iter();
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
            fields: fields
                .map(|(name, value)| ((*name).to_owned(), (*value).into()))
                .collect(),
            legs: Vec::new(),
        }
    }

    #[test]
    fn statements_are_said_in_the_merchants_words_and_zone() {
        let tokyo = Zone::parse("Asia/Tokyo").expect("a zone");
        let check = |says, text: &str, fields: &[(&str, &str)], want: &str| {
            assert_eq!(what(&event(says, text, fields), tokyo), want);
        };
        let chargeback = ("stage", "chargeback");
        let standing = |word| [chargeback, ("standing", word)];
        check(
            "phase",
            "",
            &standing("ours"),
            "Chargeback: it waits for you.",
        );
        check(
            "phase",
            "",
            &standing("lapsed"),
            "Chargeback: came to nothing.",
        );
        let due = "an answer to the chargeback is due by 2026-11-26T09:00:00Z";
        let want = "The chargeback is to be answered by 2026-11-26 18:00 JST.";
        check("due", due, &[chargeback], want);
        let day = "an answer to the chargeback is due by 2026-11-26@America/New_York";
        let want = "The chargeback is to be answered by 2026-11-26 (America/New York).";
        check("due", day, &[chargeback], want);
        let none = "no answer to the chargeback is taken";
        check(
            "due",
            none,
            &[chargeback],
            "No answer to the chargeback is taken.",
        );
        let moved = "withdrawal of -1.00 USD, pending (txn_1)";
        let want = "Taken for the dispute: -1.00 USD, not settled yet (txn_1).";
        check("moved", moved, &[("kind", "withdrawal")], want);
        let saved = "evidence rebuttal_letter saved as version 1: emptied";
        let want = "“Rebuttal letter” saved as version 1: emptied.";
        check(
            "evidence-saved",
            saved,
            &[("slot", "rebuttal_letter")],
            want,
        );
        let fields = [("reason", "duplicate"), ("code", "12.6")];
        check("reason", "", &fields, "Why: Charged twice, code 12.6.");
        check(
            "passed",
            "",
            &[("what", "respond/inquiry")],
            "The time to answer the inquiry ran out.",
        );
        // What has no words of its own is as the desk says it.
        check("offered", "an offer: refund", &[], "An offer: refund.");
    }

    #[test]
    fn what_became_of_a_send_is_said_after_that_it_was_in_doubt() {
        let said = ["taken by the provider", "sent, and in doubt"];
        let events = said.map(|text| event("sent", text, &[]));
        let texts: Vec<&str> = news(&events)
            .iter()
            .map(|event| event.text.as_str())
            .collect();
        assert_eq!(texts, ["sent, and in doubt", "taken by the provider"]);
    }

    #[test]
    fn what_a_provider_says_again_is_said_once() {
        let again = event("acknowledged", "the provider holds 1 answer", &[]);
        assert_eq!(news(&[again.clone(), again]).len(), 1);
    }
}
