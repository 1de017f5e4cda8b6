//! One box that finds anything by any reference.

use super::bits::{self, plain};
use super::{address, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, money, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::search::{CaseHit, Found, Group, Hit};
use axum::extract::{Query, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// What names one case and nothing else leads straight to it; anything else is a list in groups.
pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let text = asked.q.trim().to_owned();
    let found = state.read(&visitor, move |desk| desk.search(&text)).await?;
    if let [
        Group {
            hits, more: false, ..
        },
    ] = found.groups.as_slice()
        && let [Hit::Case(case)] = hits.as_slice()
    {
        return Ok(Redirect::to(&format!("/desk/cases/{}", case.case)).into_response());
    }
    Ok(shown(&page(&found, asked.q.trim(), &visitor), &visitor))
}

fn page(found: &Found, text: &str, visitor: &Visitor) -> Page<'static> {
    let documents = visitor.may(access::Action::Read, Resource::Documents);
    Page {
        title: "Search",
        place: "",
        about: html! { p { @if text.is_empty() { "By any reference, an amount, a person, an account, a merchant or a rule" } @else { "For “" (text) "”" } } },
        body: html! {
            form.filters.wide method="get" action="/desk/search" role="search" {
                div.grow { label for="q" { "Anything" } input id="q" name="q" type="search" value=(text) autofocus; }
                div { button.first { "Find" } }
            }
            @if let Some(words) = found.not_kept { p.note { (words) } }
            @if found.groups.is_empty() && !text.is_empty() {
                p.note { "Nothing has this name. A whole reference finds its case: the provider's id, an ARN, a trace number, a payment; so does the beginning of one, or an amount such as 12.34 USD." }
            }
            @for group in &found.groups { (grouped(group, documents, visitor)) }
        },
    }
}

fn grouped(group: &Group, documents: bool, visitor: &Visitor) -> Markup {
    html! {
        section.after {
            h2 { (group.title) @if group.more { span.soft.small { " · the newest " (group.hits.len()) } } }
            ul.hits data-rows { @for hit in &group.hits { @if documents || !matches!(hit, Hit::Document { .. }) { (line(hit, visitor)) } } }
        }
    }
}

fn line(hit: &Hit, visitor: &Visitor) -> Markup {
    html! {
        @match hit {
            Hit::Case(case) => (case_line(case, visitor)),
            Hit::Document { id, words, at: arrived } => li {
                a data-row href={ "/desk/documents/" (id) } { "Document " span.mono.small { (id) } }
                span.soft { (words) ", arrived " (at(*arrived, visitor)) }
            },
            Hit::Account { scope, merchant } => li {
                a data-row href=(address("/desk/cases", &[("account", scope)])) { (scope) }
                span.soft { @match merchant { Some(name) => { "of " (name) ": its cases" }, None => { "of no merchant: its cases" } } }
                a.why href=(address("/desk/documents", &[("account", scope)])) { "documents" }
            },
            Hit::Rule(rule) => li {
                a data-row href=(address("/desk/rules", &[("q", &rule.name), ("kind", rule.kind)])) { (rule.of) " " (rule.name) }
                span.soft { (rule.says) }
            },
        }
    }
}

fn case_line(case: &CaseHit, visitor: &Visitor) -> Markup {
    html! {
        li {
            a data-row href={ "/desk/cases/" (case.case) } { (case.dispute) }
            (bits::standing(&case.status, case.respond_by, visitor.now))
            @match case.disputed { Some(amount) => (money(amount)), None => (unsaid("no amount")) }
            span.soft { (plain(&case.stage)) " · " (bits::account(&case.provider, &case.account)) " · opened " (at(case.opened_at, visitor)) }
        }
    }
}
