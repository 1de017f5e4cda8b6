//! The small parts that pages are made of: money, times, words of state.

use crate::amount;
use crate::visitor::Visitor;
use app::case::CaseView;
use app::shape::{Amount, At, By};
use calendar::{Instant, Moment, Zone};
use maud::{Markup, html};

/// An amount with its currency: `1,234.50 USD`, never a bare number.
pub fn money(amount: Amount) -> Markup {
    html! { span.nowrap { (amount::words(amount.0)) } }
}

/// Several amounts, one a line; `none` where there are none.
pub fn amounts(amounts: &[Amount], none: &str) -> Markup {
    html! {
        @if amounts.is_empty() { span.soft { (none) } }
        @for (place, amount) in amounts.iter().enumerate() {
            @if place > 0 { br; }
            (money(*amount))
        }
    }
}

/// An instant in the visitor's zone, with UTC in the title.
pub fn at(instant: At, visitor: &Visitor) -> Markup {
    let utc = instant.0.wall_in(Zone::Utc);
    html! { time.nowrap datetime=(instant.0.to_string()) title=(utc) { (instant.0.wall_in(visitor.zone)) } }
}

/// A deadline as it was said, in its own zone, and how far away it is.
pub fn by(moment: By, visitor: &Visitor) -> Markup {
    html! { (due(moment, visitor)) " " (left(visitor.now, moment.0.latest_instant())) }
}

/// A deadline as it was said, in its own zone: of what is done already, where the time left would only alarm.
pub fn due(moment: By, visitor: &Visitor) -> Markup {
    let latest = moment.0.latest_instant();
    html! {
        time.nowrap datetime=(latest.to_string()) title={ "last instant: " (latest.wall_in(Zone::Utc)) } {
            @match moment.0 {
                Moment::At(instant) => { (instant.wall_in(visitor.zone)) },
                Moment::On { date, zone } => { (date.to_string()) " (" (zone.name().replace('_', " ")) ")" },
            }
        }
    }
}

/// The time that is left, as a chip: late, soon (within two days), or plain.
pub fn left(now: Instant, latest: Instant) -> Markup {
    let seconds = now.seconds_until(latest);
    let class = match seconds {
        ..0 => "chip late",
        0..172_800 => "chip soon",
        _ => "chip",
    };
    html! { span class=(class) { (left_words(seconds)) } }
}

/// Seconds in words: `in 3 h`, `in 12 days`, `2 days late`.
pub fn left_words(seconds: i64) -> String {
    let length = span_words(seconds.saturating_abs());
    if seconds < 0 {
        format!("{length} late")
    } else {
        format!("in {length}")
    }
}

/// A length of time in its largest whole unit.
pub fn span_words(seconds: i64) -> String {
    match seconds {
        ..60 => counted(seconds.max(0), "second"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => counted(seconds / 86_400, "day"),
    }
}

/// `1 case`, `2 cases`.
pub fn counted(number: i64, noun: &str) -> String {
    match (number, noun) {
        (1, noun) => format!("1 {noun}"),
        (number, "person") => format!("{} people", amount::count(number)),
        (number, noun) => format!("{} {noun}s", amount::count(number)),
    }
}

/// How a word of state looks.
pub fn chip(word: &str) -> Markup {
    let class = match word {
        // That it is our move is no alarm; how near its time is, is said beside it.
        "ours" | "needs response" => "chip ours",
        "ours, overdue" | "overdue" | "lost" | "expired" | "broken" | "missing" | "late"
        | "silent" | "wrong" => "chip late",
        "won"
        | "partially-won"
        | "prevented"
        | "met"
        | "accepted by provider"
        | "ready"
        | "whole"
        | "done"
        | "yes"
        | "applied" => "chip won",
        "in-doubt" | "met-late" | "weak" | "quarantined" | "held" | "pending" => "chip doubt",
        _ => "chip",
    };
    html! { span class=(class) { (word.replace('-', " ")) } }
}

/// A fact of ours, said as a sentence: with a capital and a full stop.
pub fn sentence(fact: &str) -> String {
    let fact = fact.trim_end();
    let ends = fact.ends_with(['.', '!', '?']);
    let mut letters = fact.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let end = (!ends).then_some('.');
    first.chain(letters).chain(end).collect()
}

/// Something that is not there, and why.
pub fn unsaid(why: &str) -> Markup {
    html! { span.soft { (why) } }
}

/// A sentence of the desk's, in which instants, days and amounts stand as machines write them, as its reader writes them; and
/// a duty such as `respond/chargeback` as words.
pub fn as_read(text: &str, zone: Zone) -> String {
    let text = amount::within(text);
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(['(', ')', ',', ';', '`', '.']);
        let said = match Moment::parse(bare) {
            Ok(moment) => moment_words(moment, zone),
            Err(_) if word.contains('`') && is_duty(bare) => {
                return word.replace('`', "").replace(['/', '-'], " ");
            }
            Err(_) => return word.to_owned(),
        };
        word.replacen(bare, &said, 1)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How duties begin that a person meets (`dispute::obligation`).
fn is_duty(word: &str) -> bool {
    ["respond/", "acknowledge/", "return-funds"]
        .iter()
        .any(|duty| word.starts_with(duty))
}

/// A moment as a reader in this zone writes it; a day stays the day of its own zone.
pub fn moment_words(moment: Moment, zone: Zone) -> String {
    match moment {
        Moment::At(instant) => instant.wall_in(zone),
        Moment::On { date, zone } => format!("{date} ({})", zone.name().replace('_', " ")),
    }
}

/// Whether an answer of ours was due before now. Every list and every page of a dispute says so by this rule alone; whether a
/// late one can still be given is said where it would be.
pub fn is_overdue(status: &str, due: Option<Moment>, now: Instant) -> bool {
    status == "ours" && due.is_some_and(|due| due.latest_instant() < now)
}

/// Whether the provider's own cut-off has passed: after it no answer is permitted, and a page must not invite one.
pub fn is_cut_off(case: &CaseView, now: Instant) -> bool {
    let deadline = case.deadline.as_ref();
    let cutoff = deadline.and_then(|deadline| deadline.cutoff);
    cutoff.is_some_and(|cutoff| cutoff.0.latest_instant() < now)
}

/// A link that asks why a value is what it is. A field may end in a provider's own name, of whatever letters.
pub fn why(case: &str, field: &str) -> Markup {
    let place = crate::door::escaped(field).replace('/', "%2F");
    html! {
        a.why href={ "/desk/cases/" (case) "/why/" (place) } aria-label={ "why " (field) } { "why" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_said_as_one_sentence() {
        let check = |fact: &str, want: &str| assert_eq!(sentence(fact), want);
        check("no role held may read keys", "No role held may read keys.");
        check("Ended. ", "Ended.");
        check("why so?", "Why so?");
        check("\u{e9}t\u{e9}", "\u{c9}t\u{e9}.");
        check("147.80 USD is disputed", "147.80 USD is disputed.");
    }

    #[test]
    fn instants_within_a_sentence_are_in_the_readers_zone() {
        let tokyo = Zone::parse("Asia/Tokyo").expect("a zone");
        let check = |text: &str, want: &str| assert_eq!(as_read(text, tokyo), want);
        check(
            "merchant owed `respond/chargeback` by 2026-11-26T09:00:00Z, and was late",
            "merchant owed respond chargeback by 2026-11-26 18:00 JST, and was late",
        );
        check(
            "the time passed (2026-11-26@America/New_York)",
            "the time passed (2026-11-26 (America/New York))",
        );
        check("`status` holds `a/b-c`", "`status` holds `a/b-c`");
        check("12.50 USD  differ", "12.50 USD  differ");
        check(
            "12500.00 USD differ since 2026-11-26T09:00:00Z",
            "12,500.00 USD differ since 2026-11-26 18:00 JST",
        );
    }

    #[test]
    fn what_waits_for_us_past_its_time_is_overdue() {
        let now = Instant::parse("2026-11-26T09:00:00Z").expect("an instant");
        let check = |status: &str, due: &str, want: bool| {
            let due = Moment::parse(due).ok();
            assert_eq!(is_overdue(status, due, now), want, "{status} by {due:?}");
        };
        check("ours", "2026-11-26T08:59:59Z", true);
        check("ours", "2026-11-26T09:00:00Z", false);
        // A day lasts to its end in its own zone.
        check("ours", "2026-11-26@America/New_York", false);
        check("ours", "2026-11-25@America/New_York", true);
        check("theirs", "2026-11-25@America/New_York", false);
        check("ours", "none is known", false);
    }

    #[test]
    fn lengths_read_as_people_say_them() {
        let check = |seconds: i64, want: &str| assert_eq!(left_words(seconds), want);
        check(-1, "1 second late");
        check(59, "in 59 seconds");
        check(3_599, "in 59 min");
        check(172_799, "in 47 h");
        check(172_800, "in 2 days");
        check(-86_400 * 3, "3 days late");
    }
}
