//! What came in, newest first.

use super::bits::{self, INTAKE, pager, tabs, words};
use super::{LINES, given, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, chip, counted, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::Paged;
use app::board::documents::{Line, Wanted, fates};
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// `provider/account`.
    #[serde(default)]
    account: String,
    #[serde(default)]
    fate: String,
    /// `yes`: commands and the clock's words too.
    #[serde(default)]
    own: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    fn parameters(&self) -> [(&str, &str); 3] {
        [
            ("account", &self.account),
            ("fate", &self.fate),
            ("own", &self.own),
        ]
    }
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Documents)?;
    let wanted = Wanted {
        scope: given(&asked.account),
        fate: given(&asked.fate),
        own: asked.own == "yes",
        before: given(&asked.after),
        limit: LINES,
    };
    let page = state
        .read(&visitor, move |desk| desk.list_documents(&wanted))
        .await?;
    Ok(shown(&view(&page, &asked, &visitor), &visitor))
}

fn view(page: &Paged<Line>, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Documents",
        place: "/desk/feeds",
        about: html! { p { "Newest first" @if !asked.account.is_empty() { ", of " (asked.account) } } },
        body: html! {
            (tabs(&INTAKE, "/desk/documents", visitor))
            (filters(asked))
            @if page.lines.is_empty() { p.note { "No document fits." } } @else { (list(&page.lines, visitor)) }
            (pager("/desk/documents", &asked.parameters(), &asked.after, page.next.as_deref()))
        },
    }
}

fn filters(asked: &Asked) -> Markup {
    html! {
        form.filters method="get" action="/desk/documents" {
            div { label for="account" { "Provider/account" } input id="account" name="account" value=(asked.account) placeholder="any"; }
            div { label for="fate" { "Became" } select id="fate" name="fate" { (words("anything", &fates(), &asked.fate)) } }
            div { label.check { input type="checkbox" name="own" value="yes" checked[asked.own == "yes"]; " our own too" } }
            div { button { "Show" } }
        }
    }
}

fn list(lines: &[Line], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Documents" data-rows {
            table.cards {
                caption { (lines.len()) " on this page" }
                thead { tr { th scope="col" { "Document" } th scope="col" { "Arrived" } th scope="col" { "From" } th scope="col" { "Form" } th scope="col" { "Became" } th scope="col" { "Signature" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a data-row href={ "/desk/documents/" (line.document) } { "No. " (line.sequence) } br; span.soft.small { (line.way) " " (line.name) } }
                            td data-name="Arrived" { (at(line.received_at, visitor)) @if line.arrivals > 1 { br; span.soft.small { (counted(i64::from(line.arrivals), "time")) } } }
                            td data-name="From" { (bits::account(&line.provider, &line.account)) }
                            td data-name="Form" { @if line.form.is_empty() { (unsaid("not understood")) } @else { (line.form) } }
                            td data-name="Became" { (chip(line.fate)) @if !line.trouble.is_empty() { br; span.soft.small { (line.trouble) } } }
                            td data-name="Signature" { (line.verdict) }
                        }
                    }
                }
            }
        }
    }
}
