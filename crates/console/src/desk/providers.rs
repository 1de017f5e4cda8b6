//! What each provider can do, and how its words for reasons become ours.

use super::bits::{BOOK_OF_RULES, plain, tabs};
use super::of_the_desk;
use crate::amount;
use crate::door::Trouble;
use crate::frame::Page;
use crate::held_file::size;
use crate::parts::{chip, span_words};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::providers::{self, Provider, Reasons};
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Rules)?;
    Ok(shown(&page(&providers::all(), &visitor), &visitor))
}

fn page(all: &[Provider], visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Providers",
        place: "/desk/rules",
        about: html! { p { (all.len()) " linked into this program" } },
        body: html! {
            (tabs(&BOOK_OF_RULES, "/desk/providers", visitor))
            (overview(all))
            @for provider in all { (one(provider)) }
        },
    }
}

/// Who can what, side by side.
fn overview(all: &[Provider]) -> Markup {
    let mut verbs: Vec<&str> = all
        .iter()
        .flat_map(|provider| provider.verbs.clone())
        .collect();
    verbs.sort_unstable();
    verbs.dedup();
    html! {
        div.scroll.after tabindex="0" role="region" aria-label="Who can what" {
            table {
                caption { "What can be done by interface" }
                thead { tr { th scope="col" { "Provider" } @for verb in &verbs { th scope="col" { (plain(verb)) } } th scope="col" { "Answers at" } } }
                tbody {
                    @for provider in all {
                        tr {
                            th scope="row" { a href={ "#" (provider.name) } { (provider.name) } }
                            @for verb in &verbs { td { @if provider.verbs.contains(verb) { (chip("yes")) } @else { span.soft { "no" } } } }
                            td { @for (place, stage) in provider.answers_at.iter().enumerate() { @if place > 0 { ", " } (plain(stage)) } }
                        }
                    }
                }
            }
        }
    }
}

fn one(provider: &Provider) -> Markup {
    html! {
        section.panel.after aria-labelledby=(provider.name) {
            h2 id=(provider.name) { (provider.name) }
            div.split {
                dl.facts {
                    dt { "Signature" } dd { (provider.signature) }
                    dt { "Silent changes" } dd { (provider.sweep) }
                    dt { "Calls a minute" } dd { (provider.reads_per_minute) }
                    dt { "Idempotency keys" } dd { @if provider.idempotency_seconds == 0 { "none" } @else { "honoured for " (span_words(i64::from(provider.idempotency_seconds))) } }
                    @for (what, figure) in &provider.limits { dt { "Answer: " (what) } dd { (limit(what, figure)) } }
                    dt { "Limits from" } dd.small { (provider.limits_source) }
                }
                div {
                    h3 { "Documents" }
                    ul.plain { @for (form, channel, disputes) in &provider.documents { li { span.mono.small { (form) } span.soft.small { ", " (channel) @if !disputes { ", other business" } } } } }
                }
            }
            details {
                summary { "Its words for reasons: " (provider.reasons.rows.len()) }
                (reasons(provider.name, &provider.reasons))
            }
        }
    }
}

/// A limit as people read it: bytes as a size, numbers with their thousands set apart.
fn limit(what: &str, figure: &str) -> String {
    match figure.parse::<u64>() {
        Ok(bytes) if what.starts_with("bytes") => size(bytes),
        Ok(number) => amount::count(number),
        Err(_words) => figure.to_owned(),
    }
}

fn reasons(name: &str, reasons: &Reasons) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Reasons of " (name) } {
            table {
                thead { tr { @for column in &reasons.columns { th scope="col" { (plain(column)) } } } }
                tbody { @for row in &reasons.rows { tr { @for cell in row { td.small { (cell) } } } } }
            }
        }
    }
}
