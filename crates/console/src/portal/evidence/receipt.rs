//! The receipt: what was sent, when, and the provider's word that it arrived. Made to be printed and kept.

use super::Workspace;
use super::page::named;
use crate::frame::Page;
use crate::held_file::size;
use crate::parts::{at, chip, counted, money, unsaid};
use crate::visitor::Visitor;
use app::case::{AnswerView, SlotView};
use maud::{Markup, html};

pub fn page<'a>(work: &Workspace, title: &'a str, visitor: &Visitor) -> Page<'a> {
    let case = &work.case;
    Page {
        title,
        place: "/disputes",
        about: html! { p { a href={ "/disputes/" (case.case) } { "Dispute " (case.dispute) } " · as of " (at(visitor.now.into(), visitor)) } },
        body: html! {
            @if case.answers.is_empty() { p { (unsaid("Nothing was sent for this dispute yet.")) } }
            @for answer in &case.answers { (sent(work, answer, visitor)) }
            section.panel aria-labelledby="contents" {
                h2 id="contents" { "What the packet holds" }
                @if sealed(work) {
                    p.soft { "Version " (case.evidence.version) ", in the order of its places." }
                    dl.pieces { @for slot in &case.evidence.slots { (held(slot)) } }
                } @else {
                    p.soft { "The draft was changed since. The fingerprint says which packet was sent." }
                }
            }
            p.row { button type="button" data-print="" hidden { "Print" } }
            script src=(crate::assets::url("evidence.js")) defer {}
        },
    }
}

/// Whether the draft as it stands is what was sent last.
fn sealed(work: &Workspace) -> bool {
    let seal = work.case.evidence.sealed.as_ref();
    let last = work
        .case
        .answers
        .iter()
        .rfind(|answer| answer.what == "evidence");
    seal.zip(last)
        .is_some_and(|(seal, last)| seal.digest == last.digest)
}

/// What became of it, in a word or two.
fn stands(state: &str) -> &str {
    match state {
        "asked" => "waits to be sent",
        "in-doubt" => "sent, not confirmed",
        "accepted" => "accepted by provider",
        other => other,
    }
}

fn sent(work: &Workspace, answer: &AnswerView, visitor: &Visitor) -> Markup {
    let case = &work.case;
    html! {
        section.panel aria-label={ "The " (answer.what) " for the " (answer.stage) } {
            h2 { "Your " (answer.what) " for the " (answer.stage.replace('-', " ")) " " (chip(stands(answer.state))) }
            dl.facts {
                dt { "Dispute" } dd.mono { (case.dispute) }
                dt { "Provider" } dd { (named(&case.provider)) ", account " (case.account) }
                @if let Some(amount) = case.disputed { dt { "Disputed" } dd { (money(amount)) } }
                dt { "Asked for" } dd { (at(answer.asked_at, visitor)) }
                dt { "The provider's word" }
                dd {
                    @match (answer.state, answer.settled_at) {
                        ("accepted", Some(settled)) => { "It has it, since " (at(settled, visitor)) },
                        ("refused", Some(settled)) => { "Refused on " (at(settled, visitor)) @if let Some(words) = &answer.refusal { ": " (words) } },
                        _ => (unsaid("none yet; this page says it as soon as it comes")),
                    }
                }
                dt { "Attempt" } dd { (answer.attempt) }
                @if !answer.digest.is_empty() { dt { "Fingerprint (SHA-256)" } dd.mono.small { (answer.digest) } }
            }
        }
    }
}

fn held(slot: &SlotView) -> Markup {
    html! {
        dt { (named(&slot.slot)) }
        dd {
            @if let Some(text) = &slot.text { span.piece { (text) } }
            @if let Some(file) = &slot.file {
                (file.name) ", " (size(file.bytes))
                @if let Some(pages) = file.pages { ", " (counted(i64::from(pages), "page")) }
                br; span.mono.small.soft { (file.digest) }
            }
        }
    }
}
