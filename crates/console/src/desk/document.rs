//! One document: its bytes as text and as bytes, the place in them that a value rests on, what it says, and what is to be
//! done with it when it is held.

use super::bits::{self, INTAKE, tabs};
use super::{address, of_the_desk, quarantine};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{as_read, at, chip};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::Span;
use app::document::{DocumentPage, Dump, Look, RejectLine, Statement, Whole};
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    from: Option<u32>,
    until: Option<u32>,
    /// `bytes`: sixteen a row.
    #[serde(default)]
    view: String,
    /// Where the bytes shown begin.
    start: Option<usize>,
}

impl Asked {
    fn look(&self) -> Look {
        let mark = self
            .from
            .zip(self.until)
            .map(|(from, until)| Span { from, until });
        let marked = mark.map(|span| usize::try_from(span.from).unwrap_or(0).saturating_sub(64));
        Look {
            mark,
            bytes_from: (self.view == "bytes").then(|| self.start.or(marked).unwrap_or(0)),
        }
    }

    /// The same document, looked at otherwise.
    fn other(&self, document: &str, view: &str, start: Option<usize>) -> String {
        let text =
            |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let start = start.map(|start| start.to_string()).unwrap_or_default();
        let (from, until) = (text(self.from), text(self.until));
        let parameters = [
            ("from", from.as_str()),
            ("until", until.as_str()),
            ("view", view),
            ("start", start.as_str()),
        ];
        address(&format!("/desk/documents/{document}"), &parameters)
    }
}

pub async fn show(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Documents)?;
    let look = asked.look();
    let document = state
        .read(&visitor, move |desk| desk.document_whole(&id, look))
        .await?;
    Ok(shown(&page(&document, &asked, &visitor), &visitor))
}

fn page(whole: &Whole, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    let document = &whole.page;
    Page {
        title: "Document",
        place: "/desk/feeds",
        about: html! { p { "No. " (document.sequence) " " (chip(document.fate)) " " span.mono.small { (document.document) } } },
        body: html! {
            (tabs(&INTAKE, "", visitor))
            @if document.fate == "quarantined" { (quarantine::decision(&document.document, visitor)) }
            div.split {
                div.stack {
                    @match &whole.dump { Some(dump) => (bytes(document, dump, asked)), None => (text(document, asked)) }
                    (rejects(&document.rejects))
                }
                div.stack {
                    (how_it_came(whole, visitor))
                    (says(whole, asked, visitor))
                }
            }
        },
    }
}

fn views(document: &DocumentPage, asked: &Asked) -> Markup {
    let hex = asked.view == "bytes";
    html! {
        nav.tabs.inner aria-label="View" {
            ul {
                li { a href=(asked.other(&document.document, "", None)) aria-current=[(!hex).then_some("true")] { "Text" } }
                li { a href=(asked.other(&document.document, "bytes", None)) aria-current=[hex.then_some("true")] { "Bytes" } }
            }
        }
    }
}

fn heading(document: &DocumentPage) -> Markup {
    html! {
        h2 id="bytes" {
            @if let Some(span) = &document.marked { "Bytes " (span.0.from) " to " (span.0.until) " of " (document.bytes) } @else { (document.bytes) " bytes" }
        }
    }
}

fn text(document: &DocumentPage, asked: &Asked) -> Markup {
    html! {
        section.panel aria-labelledby="bytes" {
            (heading(document))
            (views(document, asked))
            pre.bytes tabindex="0" { (document.before) @if !document.mark.is_empty() { mark id="mark" { (document.mark) } } (document.after) }
            p.hint { "Card numbers are masked." @if document.cut { " The text is cut around the marked place; the bytes have all of it." } }
        }
    }
}

fn bytes(document: &DocumentPage, dump: &Dump, asked: &Asked) -> Markup {
    html! {
        section.panel aria-labelledby="bytes" {
            (heading(document))
            (views(document, asked))
            div.scroll tabindex="0" role="region" aria-labelledby="bytes" {
                table.hex {
                    caption.visually-hidden { "Bytes, sixteen a row: place, hexadecimal, text" }
                    thead.visually-hidden { tr { th scope="col" { "Place" } th scope="col" { "Bytes" } th scope="col" { "Text" } } }
                    tbody {
                        @for row in &dump.rows {
                            tr {
                                th scope="row" { (format!("{:06x}", row.offset)) }
                                td { @for (byte, marked) in &row.bytes { (cell(&format!("{byte:02x}"), *marked)) " " } }
                                td { @for (byte, marked) in &row.bytes { (cell(&shown_as(*byte), *marked)) } }
                            }
                        }
                    }
                }
            }
            nav.pager aria-label="Bytes" {
                @if let Some(start) = dump.before { a.button href=(asked.other(&document.document, "bytes", Some(start))) rel="prev" { "Bytes before" } } @else { span {} }
                @if let Some(start) = dump.after { a.button href=(asked.other(&document.document, "bytes", Some(start))) rel="next" { "Bytes after" } } @else { span.soft { "The end of the document" } }
            }
            p.hint { "Card numbers are masked with " code { "2a" } "." }
        }
    }
}

fn cell(text: &str, marked: bool) -> Markup {
    html! { @if marked { mark { (text) } } @else { (text) } }
}

/// A byte as text; a middle dot where it is none.
fn shown_as(byte: u8) -> String {
    let character = char::from(byte);
    match byte.is_ascii_graphic() || byte == b' ' {
        true => character.to_string(),
        false => String::from("\u{b7}"),
    }
}

fn how_it_came(whole: &Whole, visitor: &Visitor) -> Markup {
    let document = &whole.page;
    html! {
        section.panel aria-labelledby="about" {
            h2 id="about" { "How it came" }
            dl.facts {
                dt { "From" } dd { (bits::account(&document.provider, &document.account)) }
                dt { "By" } dd { (document.way) " " span.soft { (document.name) } }
                dt { "Form" } dd { @if document.form.is_empty() { span.soft { "not understood" } } @else { (document.form) } }
                dt { "Arrived" } dd { (at(document.received_at, visitor)) @if document.arrivals > 1 { ", " (document.arrivals) " times" } }
                dt { "Signature" } dd { (document.verdict) @if !document.verdict_detail.is_empty() { br; span.soft.small { (document.verdict_detail) } } }
                dt { "Size" } dd { (document.bytes) " bytes" @if whole.packed { ", came packed and is shown unpacked" } }
            }
            @if !document.trouble.is_empty() { div.note.warn { p { (document.trouble) } } }
        }
    }
}

fn says(whole: &Whole, asked: &Asked, visitor: &Visitor) -> Markup {
    let document = &whole.page;
    html! {
        section.panel aria-labelledby="says" {
            h2 id="says" { "What it says" }
            @if whole.statements.is_empty() { p.soft { "Nothing about disputes." } }
            ol.statements {
                @for statement in &whole.statements { (said(document, statement, asked, visitor)) }
            }
            @if whole.more_statements { p.hint { "There are more; the first " (whole.statements.len()) " are listed." } }
        }
    }
}

fn said(
    document: &DocumentPage,
    statement: &Statement,
    asked: &Asked,
    visitor: &Visitor,
) -> Markup {
    let span = statement.span.0;
    let here = document.marked.as_ref().is_some_and(|mark| mark.0 == span);
    let (from, until) = (span.from.to_string(), span.until.to_string());
    let place = address(
        &format!("/desk/documents/{}", document.document),
        &[("from", &from), ("until", &until), ("view", &asked.view)],
    );
    html! {
        li {
            a href=(place) aria-current=[here.then_some("true")] { (as_read(&statement.text, visitor.zone)) }
            @if let Some(case) = &statement.case { " " a.why href={ "/desk/cases/" (case) } aria-label={ "the case of: " (statement.text) } { "case" } }
        }
    }
}

fn rejects(rejects: &[RejectLine]) -> Markup {
    html! {
        @if !rejects.is_empty() {
            section.panel aria-labelledby="rejects" {
                h2 id="rejects" { "What could not be read" }
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
}
