//! Why is a value what it is: the statements, the bytes that say them, and the rules.

use super::{address, bits, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{as_read, at, span_words, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::why::{RuleView, StatementView, Why};
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(
    Shared(state): Shared<State>,
    Path((name, field)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let title = format!("Why {}", bits::plain(&field.replace('.', ": ")));
    let why = state
        .read(&visitor, move |desk| desk.why(&name, &field))
        .await?;
    Ok(shown(&page(&why, &title, &visitor), &visitor))
}

fn page<'a>(why: &Why, title: &'a str, visitor: &Visitor) -> Page<'a> {
    Page {
        title,
        place: "/desk/cases",
        about: html! { p { "Of " a href={ "/desk/cases/" (why.case) } { (why.dispute) } } },
        body: html! {
            section.panel aria-labelledby="value" {
                h2 id="value" { "The value" }
                dl.facts {
                    @if why.values.is_empty() { dt { (bits::plain(&why.field)) } dd { (unsaid("nothing gives it a value")) } }
                    @for value in &why.values { dt { (bits::plain(&value.name.replace('.', ": "))) } dd { (as_read(&value.value, visitor.zone)) } }
                }
            }
            section.after aria-labelledby="who" {
                h2 id="who" { "Who says so" }
                @if why.statements.is_empty() { p.soft { "No statement: a rule alone gives it." } }
                div.stack data-rows { @for statement in &why.statements { (said(statement, visitor)) } }
            }
            section.after aria-labelledby="by-which" {
                h2 id="by-which" { "By which rules" }
                @if why.rules.is_empty() { p.soft { "No rule: the statements say it themselves." } }
                div.stack { @for rule in &why.rules { (rules(rule)) } }
            }
        },
    }
}

fn said(statement: &StatementView, visitor: &Visitor) -> Markup {
    let span = statement.span.0;
    let (from, until) = (span.from.to_string(), span.until.to_string());
    let lag = statement.at.0.seconds_until(statement.known_at.0);
    html! {
        article.panel {
            h3 { (as_read(&statement.text, visitor.zone)) }
            p.small {
                "by the " (statement.by) " (" (bits::plain(statement.authority)) "), true " (at(statement.at, visitor))
                ", known " (at(statement.known_at, visitor))
                @if lag > 3_600 { span.soft { ", " (span_words(lag)) " later" } }
            }
            pre.bytes tabindex="0" { mark { (statement.bytes) } @if statement.cut { " …" } }
            @if let Some(document) = &statement.document {
                @let place = address(&format!("/desk/documents/{}", document.document), &[("from", &from), ("until", &until)]);
                p.small {
                    a data-row href={ (place) "#mark" } { "Bytes " (from) " to " (until) " of the document" }
                    " " span.soft { (document.way) " " (document.name) ", arrived " (at(document.received_at, visitor))
                    ", signature " (document.verdict)
                    @if document.arrivals > 1 { ", " (document.arrivals) " times" } }
                }
            }
            p.hint { "Card numbers are masked." }
        }
    }
}

fn rules(rule: &RuleView) -> Markup {
    let found = address("/desk/rules", &[("q", &rule.rule)]);
    html! {
        section.panel {
            h3.mono { a.quiet href=(found) { (rule.rule) } }
            @if !rule.says.is_empty() { p { (rule.says) } }
            @for source in &rule.sources { p.small { "Source: " (source) } }
            p.hint {
                "Rule book " (rule.version)
                @if let Some(confidence) = rule.confidence { ", confidence " (confidence) }
            }
        }
    }
}
