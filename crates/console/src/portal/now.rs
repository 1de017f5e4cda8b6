//! What needs the merchant now, and the list of all disputes.

use crate::frame::Page;
use crate::parts::{amounts, at, by, chip, counted, money, unsaid};
use crate::portal::words;
use crate::visitor::Visitor;
use app::disputes::Dispute;
use app::queue::{Item, Queue};
use maud::{Markup, html};

pub fn page(queue: &Queue, visitor: &Visitor) -> Page<'static> {
    let total = i64::try_from(queue.total).unwrap_or(i64::MAX);
    Page {
        title: "What needs you now",
        place: "/",
        about: html! { p { (counted(total, "dispute")) " to answer. At stake: " (amounts(&queue.at_stake, "nothing")) } },
        body: html! {
            @if queue.overdue > 0 {
                div.note.bad role="status" { p { strong { (queue.overdue) " overdue." } " A late answer may still be taken; the provider decides." } }
            }
            @if queue.items.is_empty() {
                p.note.good { "Nothing waits for your answer. " a href="/disputes" { "See all disputes" } }
            } @else { (waiting(&queue.items, visitor)) }
        },
    }
}

fn waiting(items: &[Item], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="To answer" data-rows {
            table.cards {
                caption { "The nearest deadline first" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "Why" } th scope="col" { "Answer by" } th.n scope="col" { "Amount" } } }
                tbody {
                    @for item in items {
                        tr {
                            th scope="row" { a data-row href={ "/disputes/" (item.case) } { (item.dispute) } br; span.soft.small { (item.provider) } }
                            td data-name="Why" { (words::short(&item.reason)) br; span.soft.small { (item.stage.replace('-', " ")) } }
                            td data-name="Answer by" { (by(item.due_by, visitor)) }
                            td.n data-name="Amount" { @match item.amount { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
                        }
                    }
                }
            }
        }
    }
}

pub fn list(disputes: &[Dispute], more: bool, text: &str, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Disputes",
        place: "/disputes",
        about: html! { p { @if text.is_empty() { "Newest first" } @else { "With a reference that begins with “" (text) "”" } } },
        body: html! {
            @if disputes.is_empty() { p.note { "There is none." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Disputes" data-rows {
                    table.cards {
                        caption { (disputes.len()) " shown" @if more { "; there are more: search by a reference" } }
                        thead { tr { th scope="col" { "Dispute" } th scope="col" { "Status" } th scope="col" { "Why" } th.n scope="col" { "Amount" } th scope="col" { "Opened" } } }
                        tbody { @for dispute in disputes { (row(dispute, visitor)) } }
                    }
                }
            }
        },
    }
}

fn row(dispute: &Dispute, visitor: &Visitor) -> Markup {
    let case = &dispute.case;
    let reason = case
        .reason
        .as_ref()
        .map(|claim| claim.reason.name().to_string());
    html! {
        tr {
            th scope="row" { a data-row href={ "/disputes/" (case.id) } { (case.dispute) } br; span.soft.small { (case.scope.provider) } }
            td data-name="Status" { (chip(words::status(case.status.word()))) }
            td data-name="Why" { @match reason { Some(reason) => (words::short(&reason)), None => (unsaid("not said")) } }
            td.n data-name="Amount" { @match case.disputed { Some(amount) => (money(amount.into())), None => (unsaid("not said")) } }
            td data-name="Opened" { (at(case.opened_at.into(), visitor)) }
        }
    }
}
