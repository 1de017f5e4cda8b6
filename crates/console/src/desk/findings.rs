//! What a person should look at, by cause and one by one.

use super::bits::{pager, plain, words};
use super::chart::{self, Part};
use super::{LINES, address, given, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{amounts, as_read, at, chip, money, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::findings::{Cause, Line, Wanted};
use app::board::{Paged, providers};
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    fingerprint: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    fn parameters(&self) -> [(&str, &str); 3] {
        [
            ("kind", &self.kind),
            ("fingerprint", &self.fingerprint),
            ("provider", &self.provider),
        ]
    }

    fn narrowed(&self) -> bool {
        self.parameters().iter().any(|(_, value)| !value.is_empty())
    }
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Findings)?;
    let wanted = Wanted {
        kind: given(&asked.kind),
        fingerprint: given(&asked.fingerprint),
        provider: given(&asked.provider),
        after: given(&asked.after),
        limit: LINES,
    };
    let (causes, page) = state
        .read(&visitor, move |desk| {
            Ok((desk.causes()?, desk.open_findings(&wanted)?))
        })
        .await?;
    Ok(shown(&view(&causes, &page, &asked, &visitor), &visitor))
}

fn view(causes: &[Cause], page: &Paged<Line>, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    let open: u64 = causes.iter().map(|cause| cause.open).sum();
    Page {
        title: "Findings",
        place: "/desk/findings",
        about: html! { p { (open) " open, of " (causes.len()) " causes" } },
        body: html! {
            @if asked.narrowed() { (filters(causes, asked)) } @else { (by_cause(causes, open)) (filters(causes, asked)) }
            @if page.lines.is_empty() { p.note.good { "Nothing needs a look." } } @else { (list(&page.lines, visitor)) }
            (pager("/desk/findings", &asked.parameters(), &asked.after, page.next.as_deref()))
        },
    }
}

fn by_cause(causes: &[Cause], open: u64) -> Markup {
    let most = causes.iter().map(|cause| cause.open).max().unwrap_or(0);
    html! {
        @if !causes.is_empty() {
            section.after aria-labelledby="causes" {
                h2 id="causes" { "By cause" }
                div.scroll tabindex="0" role="region" aria-labelledby="causes" {
                    table.cards {
                        thead { tr { th scope="col" { "Kind" } th scope="col" { "Fingerprint" } th.n scope="col" { "Open" } th scope="col" { span.visually-hidden { "Share" } } th.n scope="col" { "At stake" } } }
                        tbody {
                            @for cause in causes {
                                tr {
                                    th scope="row" { a href=(address("/desk/findings", &[("kind", &cause.kind), ("fingerprint", &cause.fingerprint)])) { (plain(&cause.kind)) } }
                                    td data-name="Fingerprint" { (cause.fingerprint) }
                                    td.n data-name="Open" { (cause.open) }
                                    td.chart { (chart::bar(&format!("{} of {open}", cause.open), &[Part { name: &cause.kind, class: "part-doubt", value: cause.open }], most)) }
                                    td.n data-name="At stake" { (amounts(&cause.amounts, "none said")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn filters(causes: &[Cause], asked: &Asked) -> Markup {
    let mut kinds: Vec<&str> = causes.iter().map(|cause| cause.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    html! {
        form.filters method="get" action="/desk/findings" {
            div { label for="kind" { "Kind" } select id="kind" name="kind" { (words("any", &kinds, &asked.kind)) } }
            div { label for="fingerprint" { "Fingerprint" } input id="fingerprint" name="fingerprint" value=(asked.fingerprint) placeholder="any"; }
            div { label for="provider" { "Provider" } select id="provider" name="provider" { (words("any", &providers::names(), &asked.provider)) } }
            div { button { "Show" } }
            @if asked.narrowed() { div { a.button href="/desk/findings" { "All causes" } } }
        }
    }
}

fn list(lines: &[Line], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Findings one by one" data-rows {
            table.cards {
                caption { (lines.len()) " on this page, those with most at stake first" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "Finding" } th.n scope="col" { "Amount" } th scope="col" { "Since" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a data-row href={ "/desk/cases/" (line.case) } { (line.dispute) } br; span.soft.small { (line.provider) " · " (plain(&line.status)) } }
                            td data-name="Finding" { (chip(line.kind)) " " (as_read(&line.detail, visitor.zone)) " " a.why href={ "/desk/cases/" (line.case) "/why/finding." (line.kind.replace('-', "_")) } aria-label={ "why " (line.detail) } { "why" } }
                            td.n data-name="Amount" { @match line.amount { Some(amount) => (money(amount)), None => (unsaid("none")) } }
                            td data-name="Since" { (at(line.opened_at, visitor)) }
                        }
                    }
                }
            }
        }
    }
}
