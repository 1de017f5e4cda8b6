//! One document, its bytes, and the place in them that a value rests on.

use crate::frame::Page;
use crate::parts::{at, chip};
use crate::visitor::Visitor;
use app::document::{DocumentPage, RejectLine};
use maud::{Markup, html};

pub fn page<'a>(document: &DocumentPage, visitor: &Visitor) -> Page<'a> {
    Page {
        title: "Document",
        place: "/desk/cases",
        about: html! { p { span.mono { (document.document) } " " (chip(document.fate)) } },
        body: html! {
            div.split {
                section.panel aria-labelledby="bytes" {
                    h2 id="bytes" { "Bytes" @if let Some(span) = &document.marked { " " (span.0.from) " to " (span.0.until) } }
                    @if document.cut { p.hint { "The text is cut around the marked place; the whole has " (document.bytes) " bytes." } }
                    pre.bytes tabindex="0" { (document.before) @if !document.mark.is_empty() { mark id="mark" { (document.mark) } } (document.after) }
                    p.hint { "Card numbers are masked." }
                }
                section.panel aria-labelledby="about" {
                    h2 id="about" { "How it came" }
                    dl.facts {
                        dt { "From" } dd { (document.provider) " · " (document.account) }
                        dt { "By" } dd { (document.way) " " span.soft { (document.name) } }
                        dt { "Form" } dd { @if document.form.is_empty() { span.soft { "not understood" } } @else { (document.form) } }
                        dt { "Arrived" } dd { (at(document.received_at, visitor)) @if document.arrivals > 1 { ", " (document.arrivals) " times" } }
                        dt { "Number" } dd { (document.sequence) " on this desk" }
                        dt { "Signature" } dd { (document.verdict) @if !document.verdict_detail.is_empty() { br; span.soft.small { (document.verdict_detail) } } }
                        dt { "Size" } dd { (document.bytes) " bytes" }
                    }
                    @if !document.trouble.is_empty() { div.note.warn { p { (document.trouble) } } }
                    (rejects(&document.rejects))
                }
            }
        },
    }
}

fn rejects(rejects: &[RejectLine]) -> Markup {
    html! {
        @if !rejects.is_empty() {
            h2 { "What could not be read" }
            @for reject in rejects {
                p {
                    strong { (reject.code) " " (reject.name) } ": " (reject.detail)
                    @if !reject.hint.is_empty() { br; span.soft { (reject.hint) } }
                    br; span.soft.small { "bytes " (reject.span.0.from) " to " (reject.span.0.until) }
                }
            }
        }
    }
}
