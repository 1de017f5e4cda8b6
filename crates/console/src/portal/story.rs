//! What a dispute is about, by when it must be answered and why then, and what its money did, for the merchant.

use crate::parts::{at, by, chip, due, is_cut_off, money, unsaid};
use crate::portal::words;
use crate::visitor::Visitor;
use app::case::{CaseView, DeadlineView, MovementView};
use app::shape::By;
use app::timeline::Event;
use calendar::{Moment, Zone};
use maud::{Markup, html};

/// The dispute in a few numbers.
pub fn figures(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        dl.figures {
            div { dt { "Disputed" } dd { @match case.disputed { Some(amount) => (money(amount)), None => (unsaid("not said")) } @if let Some(paid) = case.paid { span.hint { "of a payment of " (money(paid)) } } } }
            @for totals in &case.money.totals {
                div { dt { "Taken" } dd { (money(totals.withdrawn)) } }
                div { dt { "Came back" } dd { (money(totals.reinstated)) } }
                @if !totals.fees.0.is_zero() { div { dt { "Fees" } dd { (money(totals.fees)) } } }
            }
            @if case.money.totals.is_empty() { div { dt { "Taken" } dd { (unsaid(if case.open { "nothing yet" } else { "nothing" })) } } }
            div { dt { "Opened" } dd.small { (at(case.opened_at, visitor)) } }
        }
    }
}

/// How the answer is that was given and not taken back or refused, in a sentence; `None` where there is none.
fn given(case: &CaseView) -> Option<&'static str> {
    let mut states = case.answers.iter().rev().map(|answer| answer.state);
    states.find_map(|state| match state {
        "refused" | "withdrawn" | "overtaken" => None,
        "asked" => Some("Your answer waits to be sent. The deadline is "),
        "in-doubt" => Some("Your answer was sent and is not confirmed yet. The deadline is "),
        _ => Some("You have answered. The deadline is "),
    })
}

/// The real deadline, how it was found, and what happens after it. Once it is answered, only by when that was due.
pub fn deadline(case: &CaseView, visitor: &Visitor) -> Markup {
    let given = given(case);
    let answered = given.is_some();
    let Some(deadline) = &case.deadline else {
        return html! {};
    };
    if !deadline.contestable {
        return html! {
            div.note.warn { p { strong { "This one cannot be answered." } " The provider takes no evidence for it." } }
        };
    }
    let Some(moment) = deadline.respond_by else {
        return html! {
            div.note.warn { p { strong { "No deadline is known." } " The provider has named none, and no rule of the network gives one. Answer soon." } }
        };
    };
    let passed = moment.0.latest_instant() < visitor.now;
    html! {
        div.note.deadline.bad[passed && !answered] {
            p.large { @if let Some(words) = given { (words) } @else if passed { "The answer was due by " } @else { "Answer by " } strong { (by(moment, visitor)) } }
            @if !answered { p.small { (reasoned(deadline, moment, visitor)) } }
            @if answered { p.small { "Nothing more is asked of you now. What became of your answer stands below." } }
            @else if is_cut_off(case, visitor.now) { p { "The provider takes no answer after that, so nothing can be sent from here: unless it decides otherwise, the dispute is lost by silence. If it told you that a late answer is taken, write to the desk." } }
            @else if passed { p { "The provider may still take a late answer, or not. If it does not, the dispute is lost by silence." } }
            @else { p.small { "After that it is lost by silence: the money stays with the payer." } }
        }
    }
}

fn reasoned(deadline: &DeadlineView, moment: By, visitor: &Visitor) -> Markup {
    let cutoff = deadline.cutoff == Some(moment);
    html! {
        @if cutoff { "This is the provider's own cut-off" }
        @else if let Some(rule) = &deadline.network_rule { "The provider named none; this is the network's limit, by rule " span.mono { (rule) } }
        @else { "This is the day that is known" }
        @if let Moment::On { zone, .. } = moment.0 { ": a day in " (zone.name().replace('_', " ")) ", which ends at " (moment.0.latest_instant().wall_in(visitor.zone)) ". " }
        @else if visitor.zone != Zone::Utc { ", " (moment.0.latest_instant().wall_in(Zone::Utc)) ". " }
        @else { ". " }
        @if let Some(limit) = deadline.network_limit.filter(|_| cutoff) { "The network's limit is " (due(limit, visitor)) @if let Some(rule) = &deadline.network_rule { ", by rule " span.mono { (rule) } } ". " }
        @if let Some(aim) = deadline.aim_for.filter(|aim| aim.0 > visitor.now) { "To be safe, aim for " (at(aim, visitor)) "." }
    }
}

/// What happened, in plain words. `ours`: an answer can be given now, so that it is said what one can do.
pub fn what_happened(case: &CaseView, ours: bool) -> Markup {
    html! {
        section.panel aria-labelledby="happened" {
            h2 id="happened" { "What happened" }
            @match &case.reason {
                Some(reason) => {
                    p { (words::long(&reason.reason)) }
                    @if let Some(code) = &reason.code {
                        p.small.soft {
                            "The reason code is " strong { (code) }
                            @if let Some(title) = reason.title { ", “" (title) "”" }
                            @if let Some(network) = &case.network { ", of " (words::network(network)) }
                            "."
                        }
                    }
                },
                None => p.soft { "The provider has not said why." },
            }
            @if let Some(stage) = case.stage.filter(|_| case.open && (ours || case.status != "ours")) { p { (words::stage(stage)) } }
            @if let Some(party) = case.said_by { p { strong { (words::ended(case.status)) } " So says the " (party) "." } }
            @if !case.linked.is_empty() {
                p { "Of the same payment: "
                    @for (place, other) in case.linked.iter().enumerate() {
                        @if place > 0 { ", " }
                        a href={ "/disputes/" (other.case) } { (other.dispute) } " (" (words::status(other.status)) ")"
                    }
                }
            }
        }
    }
}

/// Each movement of money with who said so and how, and what is still to come.
pub fn the_money(case: &CaseView, events: &[Event], visitor: &Visitor) -> Markup {
    let expected: Vec<_> = case
        .obligations
        .iter()
        .filter(|owed| owed.creditor == "merchant" && owed.standing == "open")
        .collect();
    html! {
        section.panel aria-labelledby="the-money" {
            h2 id="the-money" { "The money" }
            @if case.movements.is_empty() { p.soft { "Nothing was taken or returned, as far as the provider has said." } } @else {
                table.tight {
                    caption.visually-hidden { "Movements, each with its source" }
                    thead.visually-hidden { tr { th scope="col" { "What" } th scope="col" { "Amount" } } }
                    tbody { @for movement in &case.movements { (moved(movement, events, visitor)) } }
                }
            }
            @if !expected.is_empty() {
                h3 { "Still to come" }
                @for owed in expected {
                    p { @match owed.amount { Some(amount) => strong { (money(amount)) }, None => "An amount not yet said" } " by " (by(owed.due_by, visitor)) br; span.soft.small { "from the " (owed.debtor) "; why: " span.mono { (owed.basis) } } }
                }
            }
            @if let Some(divergence) = &case.money.divergence {
                p.small { "The money is not yet where the dispute's status says: " (money(divergence.amount)) " apart since " (at(divergence.since, visitor)) ". The desk watches it." }
            }
            @if !case.refunded.is_empty() { p.small { "Refunded outside the dispute: " (crate::parts::amounts(&case.refunded, "nothing")) } }
        }
    }
}

fn moved(movement: &MovementView, events: &[Event], visitor: &Visitor) -> Markup {
    let said = events
        .iter()
        .find(|event| event.fact.as_deref() == Some(movement.fact.as_str()));
    html! {
        tr {
            th scope="row" {
                (words::movement(movement.kind)) @if !movement.settled { " " (chip("pending")) }
                br; span.soft.small { (at(movement.at, visitor)) }
                br; span.soft.small { "the provider's " span.mono { (movement.key) } @if let Some(way) = said.and_then(|event| event.way) { ", by " (words::way(way)) } }
            }
            td.n { (money(movement.amount)) }
        }
    }
}
