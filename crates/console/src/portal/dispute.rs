//! One dispute for the merchant: what happened, what would win it, what it costs, and the answer.

use crate::confirm::{self, once};
use crate::frame::{self, Page};
use crate::messages;
use crate::parts::{at, chip, is_cut_off, is_overdue, money};
use crate::portal::{evidence, history, story, words};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::case::{AnswerView, CaseView, NeedView};
use app::timeline::Event;
use maud::{Markup, html};

/// A dispute, and what the merchant may read of its timeline.
pub struct Shown<'a> {
    pub case: &'a CaseView,
    pub events: &'a [Event],
    pub title: &'a str,
    /// How fresh this is, drawn.
    pub fresh: Markup,
}

pub fn page<'a>(shown: &Shown<'a>, visitor: &Visitor) -> Page<'a> {
    let case = shown.case;
    // While an answer is on its way, or there, nothing more can be written.
    let free = case
        .answers
        .iter()
        .all(|answer| matches!(answer.state, "refused" | "withdrawn" | "overtaken"));
    let ours = case.status == "ours" && free && !is_cut_off(case, visitor.now);
    let answers = visitor.may(Action::Answer, Resource::Evidence);
    let messages = format!("/disputes/{}/message", case.case);
    Page {
        title: shown.title,
        place: "/disputes",
        about: html! {
            p { (chip(standing(case, visitor))) @if let Some(stage) = case.stage { " " (stage.replace('-', " ")) } " · " (case.provider) " · " bdi { (case.account) } }
        },
        body: html! {
            @if case.status == "unstated" {
                div.note { p { strong { "The provider has not said yet where this dispute stands." } " Nothing can be answered until it does. If you know more, write to the desk." } }
            }
            (story::deadline(case, visitor))
            (story::figures(case, visitor))
            div.split {
                div.stack {
                    (story::what_happened(case, ours))
                    (evidence::summary(case, ours, answers && ours))
                    (answer(case, answers && ours, visitor))
                }
                div.stack {
                    (story::the_money(case, shown.events, visitor))
                    (messages::thread(&case.messages, &messages, visitor))
                }
            }
            (history::history(shown.events, visitor))
            (shown.fresh)
        },
    }
}

/// The status, or how an answer of ours is that nobody has spoken about yet.
fn standing(case: &CaseView, visitor: &Visitor) -> &'static str {
    let due = case.deadline.as_ref().and_then(|due| due.respond_by);
    let overdue = is_overdue(case.status, due.map(|due| due.0), visitor.now);
    let last = case.answers.iter().rev().map(|answer| answer.state);
    let mut last = last.filter(|state| !matches!(*state, "refused" | "withdrawn" | "overtaken"));
    match last.next().filter(|_| case.status == "ours") {
        Some("asked") => "waits to be sent",
        Some("in-doubt") => "not confirmed yet",
        Some(_) => "answered",
        None => words::standing(case.status, overdue),
    }
}

fn answer(case: &CaseView, open: bool, visitor: &Visitor) -> Markup {
    let base = format!("/disputes/{}", case.case);
    html! {
        section.panel id="answer" aria-labelledby="your-answer" {
            h2 id="your-answer" { "Your answer" }
            @for answer in &case.answers { (receipt(answer, visitor)) }
            @if open {
                @match &case.evidence.sealed {
                    None => (seal(case, visitor)),
                    Some(seal) => {
                        p { "Sealed: version " (seal.version) ". Its fingerprint is " span.mono.small { (seal.digest) } "." }
                        (once(&base, "submit", ("Send it", "first"), confirm::SUBMIT, visitor))
                    },
                }
                hr;
                h3 { "Or accept it" }
                p { "You give up the disputed amount" @if let Some(amount) = case.disputed { ", " (money(amount)) } ". Fees that were charged are not returned." }
                (once(&base, "accept", ("Accept the loss", "grave"), confirm::ACCEPT, visitor))
            } @else if case.answers.is_empty() {
                p.soft { @if case.status == "ours" && is_cut_off(case, visitor.now) { "The time to answer has passed." } @else { "There is nothing for you to answer now." } }
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
        @if case.evidence.version == 0 { p.soft { "There is nothing to send yet: build the evidence first." } } @else {
        @if !missing.is_empty() { p.soft { (missing.len()) " of what is asked for is missing." } }
        form method="post" action={ "/disputes/" (case.case) "/seal" } {
            (frame::csrf(visitor))
            input type="hidden" name="version" value=(case.evidence.version);
            p { "Sealing freezes version " (case.evidence.version) ": what is sent is exactly this." }
            button { "Seal the evidence" }
        }
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
