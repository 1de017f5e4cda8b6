//! Every compiled rule, searchable: what it says, since when, from which source, and how sure that is.

use super::bits::{BOOK_OF_RULES, choices, tabs};
use super::of_the_desk;
use crate::door::Trouble;
use crate::frame::Page;
use crate::parts::unsaid;
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::rules::{self, Rule};
use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// Rules that one page lists: a search narrows further than paging leads.
const SHOWN: usize = 200;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    kind: String,
    /// The network, rail or provider.
    #[serde(default)]
    of: String,
    #[serde(default)]
    q: String,
}

pub async fn show(Query(asked): Query<Asked>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Rules)?;
    let found = rules::find(&asked.kind, &asked.of, &asked.q);
    Ok(shown(&page(&found, &asked, &visitor), &visitor))
}

fn page(found: &[&Rule], asked: &Asked, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Rules",
        place: "/desk/rules",
        about: html! { p { (rules::all().len()) " rules, edition " span.mono { (rules::version()) } } },
        body: html! {
            (tabs(&BOOK_OF_RULES, "/desk/rules", visitor))
            (filters(asked))
            @if found.is_empty() { p.note { "No rule has all of these words. " a href="/desk/rules" { "Show all" } } } @else {
                div.scroll tabindex="0" role="region" aria-label="Rules" {
                    table.cards {
                        caption { (found.len()) " found" @if found.len() > SHOWN { "; the first " (SHOWN) " are listed" } }
                        thead { tr { th scope="col" { "Rule" } th scope="col" { "Of" } th scope="col" { "Says" } th scope="col" { "In force" } th scope="col" { "Confidence" } th scope="col" { "Source" } } }
                        tbody { @for rule in found.iter().take(SHOWN) { (row(rule)) } }
                    }
                }
            }
        },
    }
}

fn filters(asked: &Asked) -> Markup {
    let kinds: Vec<(&str, &str)> = [("", "any")]
        .into_iter()
        .chain(rules::KINDS.map(|kind| (kind, kind)))
        .collect();
    let owners: Vec<(&str, &str)> = [("", "any")]
        .into_iter()
        .chain(rules::owners().into_iter().map(|owner| (owner, owner)))
        .collect();
    html! {
        form.filters method="get" action="/desk/rules" role="search" {
            div.grow { label for="q" { "Words" } input id="q" name="q" type="search" value=(asked.q) placeholder="visa 10.4, fee, 45 days"; }
            div { label for="kind" { "Kind" } select id="kind" name="kind" { (choices(&kinds, &asked.kind)) } }
            div { label for="of" { "Network or provider" } select id="of" name="of" { (choices(&owners, &asked.of)) } }
            div { button { "Show" } }
        }
    }
}

fn row(rule: &Rule) -> Markup {
    html! {
        tr {
            th.rule scope="row" { span.mono.small { (rule.name) } br; span.soft.small { (rule.kind) } }
            td data-name="Of" { (rule.of) }
            td.says data-name="Says" { (rule.says) }
            td data-name="In force" { (in_force(rule)) }
            td data-name="Confidence" { span class={ "chip confidence-" (rule.confidence) } { (rule.confidence) } }
            td.source data-name="Source" { @for source in &rule.sources { p.small { (source) } } }
        }
    }
}

fn in_force(rule: &Rule) -> Markup {
    html! {
        @match (rule.since, rule.until) {
            (None, None) => (unsaid("no dates given")),
            (Some(since), None) => { "since " (since) },
            (None, Some(until)) => { "until " (until) },
            (Some(since), Some(until)) => { (since) " to " (until) },
        }
    }
}
