//! Why is a value what it is: the statements, the bytes that say them, and the rules.

use crate::frame::Page;
use crate::parts::{at, unsaid};
use crate::visitor::Visitor;
use app::why::{RuleView, StatementView, Why};
use maud::{Markup, html};

pub fn page<'a>(why: &Why, title: &'a str, visitor: &Visitor) -> Page<'a> {
    Page {
        title,
        place: "/desk/cases",
        about: html! { p { "Of " a href={ "/desk/cases/" (why.case) } { (why.dispute) } } },
        body: html! {
            section.panel {
                h2 { "The value" }
                dl.facts {
                    @if why.values.is_empty() { dt { (why.field) } dd { (unsaid("nothing gives it a value")) } }
                    @for value in &why.values { dt { (value.name) } dd { (value.value) } }
                }
            }
            h2 { "Who says so" }
            @if why.statements.is_empty() { p.soft { "No statement: a rule alone gives it." } }
            @for statement in &why.statements { (said(statement, visitor)) }
            h2 { "By which rules" }
            @if why.rules.is_empty() { p.soft { "No rule: the statements say it themselves." } }
            @for rule in &why.rules { (rules(rule)) }
        },
    }
}

fn said(statement: &StatementView, visitor: &Visitor) -> Markup {
    html! {
        section.panel {
            h3 { (statement.text) }
            p.small {
                "by the " (statement.by) " (" (statement.authority.replace('-', " ")) "), true " (at(statement.at, visitor))
                ", known " (at(statement.known_at, visitor))
            }
            @if let Some(document) = &statement.document {
                p.small {
                    a.mono href={ "/desk/documents/" (document.document) "?from=" (statement.span.0.from) "&until=" (statement.span.0.until) } { (document.document) }
                    " " (document.name) ", " (document.way) ", arrived " (at(document.received_at, visitor))
                    ", signature " (document.verdict)
                    @if document.arrivals > 1 { ", " (document.arrivals) " times" }
                }
            }
            pre.bytes tabindex="0" { mark { (statement.bytes) } @if statement.cut { " …" } }
            p.hint { "Bytes " (statement.span.0.from) " to " (statement.span.0.until) ". Card numbers are masked." }
        }
    }
}

fn rules(rule: &RuleView) -> Markup {
    html! {
        section.panel {
            h3.mono { (rule.rule) }
            @if !rule.says.is_empty() { p { (rule.says) } }
            @for source in &rule.sources { p.small { "Source: " (source) } }
            p.hint {
                "Rule book " (rule.version)
                @if let Some(confidence) = rule.confidence { ", confidence " (confidence) }
            }
        }
    }
}
