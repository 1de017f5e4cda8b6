//! One dispute for the merchant: what happened, what would win it, what it costs, and the answer.

use crate::frame::{self, Page};
use crate::parts::{at, by, chip, money, unsaid};
use crate::portal::{evidence, words};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::case::{AnswerView, CaseView, NeedView};
use maud::{Markup, html};

pub fn page<'a>(case: &CaseView, title: &'a str, visitor: &Visitor) -> Page<'a> {
    // While an answer is on its way, or there, nothing more can be written.
    let free = case
        .answers
        .iter()
        .all(|answer| matches!(answer.state, "refused" | "withdrawn" | "overtaken"));
    let ours = case.status == "ours" && free;
    let answers = visitor.may(Action::Answer, Resource::Evidence);
    Page {
        title,
        place: "/disputes",
        about: html! { p { (case.provider) " · " (chip(words::status(case.status))) } },
        body: html! {
            (deadline(case, visitor))
            div.split {
                div.stack {
                    (what_happened(case))
                    (evidence::summary(case, answers && ours))
                    (answer(case, answers && ours, visitor))
                }
                div.stack { (the_money(case, visitor)) (history(case, visitor)) }
            }
        },
    }
}

fn deadline(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        @if let Some(deadline) = &case.deadline {
            @if !deadline.contestable {
                div.note.warn { p { strong { "This one cannot be answered." } " The provider takes no evidence for it." } }
            } @else if let Some(moment) = deadline.respond_by {
                div.note {
                    p {
                        "Answer by " strong { (by(moment, visitor)) } ". "
                        @if let Some(aim) = deadline.aim_for.filter(|aim| aim.0 > visitor.now) { "To be safe, aim for " (at(aim, visitor)) "." }
                    }
                }
            }
        }
    }
}

fn what_happened(case: &CaseView) -> Markup {
    html! {
        section.panel aria-labelledby="happened" {
            h2 id="happened" { "What happened" }
            @match &case.reason {
                Some(reason) => {
                    p { (words::long(&reason.reason)) }
                    @if let Some(code) = &reason.code {
                        p.small.soft {
                            "The reason code is " (code)
                            @if let Some(title) = reason.title { ", “" (title) "”" }
                            @if let Some(network) = &case.network { ", of " (network) }
                            "."
                        }
                    }
                },
                None => p.soft { "The provider has not said why." },
            }
            @if let Some(stage) = case.stage { p { (words::stage(stage)) } }
            @if let Some(amount) = case.disputed { p { "Disputed: " (money(amount)) @if let Some(paid) = case.paid { " of a payment of " (money(paid)) } "." } }
        }
    }
}

fn answer(case: &CaseView, open: bool, visitor: &Visitor) -> Markup {
    html! {
        section.panel id="answer" aria-labelledby="your-answer" {
            h2 id="your-answer" { "Your answer" }
            @for answer in &case.answers { (receipt(answer, visitor)) }
            @if open {
                @match &case.evidence.sealed {
                    None => (seal(case, visitor)),
                    Some(seal) => {
                        p { "Sealed: version " (seal.version) ". Its fingerprint is " span.mono.small { (seal.digest) } "." }
                        (once(case, visitor, "submit", "Send it", "first", "I have understood that this goes to the provider once and cannot be changed after."))
                    },
                }
                hr;
                h3 { "Or accept it" }
                p { "You give up the disputed amount" @if let Some(amount) = case.disputed { ", " (money(amount)) } ". Fees that were charged are not returned." }
                (once(case, visitor, "accept", "Accept the loss", "grave", "I have understood that the money is given up for good."))
            } @else if case.answers.is_empty() {
                p.soft { "There is nothing for you to answer now." }
            }
        }
    }
}

fn seal(case: &CaseView, visitor: &Visitor) -> Markup {
    let missing: Vec<&NeedView> = case
        .evidence
        .requirements
        .iter()
        .filter(|need| need.required && !need.ready)
        .collect();
    html! {
        @if !missing.is_empty() { p.soft { (missing.len()) " of what is asked for is missing." } }
        form method="post" action={ "/disputes/" (case.case) "/seal" } {
            (frame::csrf(visitor))
            input type="hidden" name="version" value=(case.evidence.version);
            p { "Sealing freezes version " (case.evidence.version) ": what is sent is exactly this." }
            button { "Seal the evidence" }
        }
    }
}

/// A form for what is done once: it carries a tick of its own.
fn once(
    case: &CaseView,
    visitor: &Visitor,
    what: &str,
    button: &str,
    class: &str,
    words: &str,
) -> Markup {
    html! {
        form method="post" action={ "/disputes/" (case.case) "/" (what) } {
            (frame::csrf(visitor))
            p.row {
                input type="checkbox" id={ "understood-" (what) } name="understood" value="yes" required;
                label for={ "understood-" (what) } { (words) }
            }
            button class=(class) { (button) }
        }
    }
}

fn receipt(answer: &AnswerView, visitor: &Visitor) -> Markup {
    html! {
        div.note.good[answer.state == "accepted"].warn[answer.state == "in-doubt"].bad[answer.state == "refused"] {
            p {
                @match answer.state {
                    "asked" => { "Your " (answer.what) " waits to be sent." },
                    "in-doubt" => { "Your " (answer.what) " was sent. The provider has not confirmed it yet; we are reading back and will not send it twice." },
                    "accepted" => { strong { "The provider has your " (answer.what) "." } },
                    "refused" => { strong { "The provider refused your " (answer.what) "." } },
                    other => { "Your " (answer.what) ": " (other.replace('-', " ")) "." },
                }
                @if let Some(words) = &answer.refusal { " It said: " (words) }
            }
            dl.facts {
                dt { "Asked" } dd { (at(answer.asked_at, visitor)) }
                @if let Some(settled) = answer.settled_at { dt { "Confirmed" } dd { (at(settled, visitor)) } }
                dt { "Attempt" } dd { (answer.attempt) }
                @if !answer.digest.is_empty() { dt { "Receipt" } dd.mono.small { (answer.digest) } }
            }
        }
    }
}

fn the_money(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="the-money" {
            h2 id="the-money" { "The money" }
            @if case.movements.is_empty() { p.soft { "Nothing was taken or returned, as far as the provider has said." } }
            @for movement in &case.movements {
                p {
                    (movement.kind.replace('-', " ")) ": " strong { (money(movement.amount)) }
                    @if !movement.settled { " " (chip("pending")) }
                    br; span.soft.small { (at(movement.at, visitor)) ", by the provider's reference " (movement.key) }
                }
            }
            @for owed in case.obligations.iter().filter(|owed| owed.creditor == "merchant" && owed.standing == "open") {
                p { "Expected" @if let Some(amount) = owed.amount { ": " strong { (money(amount)) } } br; span.soft.small { "by " (by(owed.due_by, visitor)) ", " (owed.basis) } }
            }
        }
    }
}

fn history(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="history" {
            h2 id="history" { "History" }
            @if case.steps.is_empty() { (unsaid("nothing was said of where it stands")) }
            @for step in &case.steps {
                p { (step.stage.replace('-', " ")) ": " (words::status(step.standing)) br; span.soft.small { (at(step.at, visitor)) } }
            }
        }
    }
}
