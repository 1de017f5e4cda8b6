//! The queue: what is ours to do, by time or by money.

use crate::frame::{self, Page};
use crate::parts::{amounts, by, chip, money, unsaid};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::queue::{Item, Order, Queue};
use maud::{Markup, html};

/// How the list was asked for, so that the form shows it again.
#[derive(Clone, Debug)]
pub struct Asked {
    pub provider: String,
    pub assigned_to: String,
    pub order: Order,
}

pub fn page(queue: &Queue, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Queue",
        place: "/desk/queue",
        about: html! {
            p {
                (queue.total) " to do, " (queue.overdue) " overdue, " (queue.due_in_a_day) " within a day. At stake: "
                (amounts(&queue.at_stake, "nothing"))
            }
        },
        body: html! {
            (filters(asked))
            @if queue.items.is_empty() {
                p.note.good { "Nothing waits for us here." }
            } @else {
                (list(queue, visitor))
            }
        },
    }
}

fn filters(asked: &Asked) -> Markup {
    let by_money = asked.order == Order::Money;
    html! {
        form.filters method="get" action="/desk/queue" {
            div { label for="provider" { "Provider" } input id="provider" name="provider" value=(asked.provider); }
            div { label for="assigned" { "Assigned to" } input id="assigned" name="assigned_to" value=(asked.assigned_to); }
            div {
                label for="order" { "First comes" }
                select id="order" name="order" {
                    option value="time" selected[!by_money] { "the nearest due time" }
                    option value="money" selected[by_money] { "the largest amount" }
                }
            }
            div { button { "Show" } }
        }
    }
}

fn list(queue: &Queue, visitor: &Visitor) -> Markup {
    let assigns = visitor.may(Action::Assign, Resource::Disputes);
    html! {
        form method="post" action="/desk/queue/assign" {
            (frame::csrf(visitor))
            div.scroll tabindex="0" role="region" aria-label="Queue" data-rows {
                table.cards {
                    caption { (queue.items.len()) " of " (queue.total) " shown" }
                    thead { tr {
                        @if assigns { th scope="col" { span.visually-hidden { "Choose" } } }
                        th scope="col" { "Dispute" }
                        th scope="col" { "What is owed" }
                        th scope="col" { "By" }
                        th.n scope="col" { "Amount" }
                        th scope="col" { "Reason" }
                        th scope="col" { "Assigned" }
                    } }
                    tbody { @for item in &queue.items { (row(item, assigns, visitor)) } }
                }
            }
            @if assigns {
                div.row {
                    label for="to" { "Assign the chosen to" }
                    input id="to" name="to" value=(visitor.name) autocomplete="off";
                    button { "Assign" }
                }
            }
        }
    }
}

fn row(item: &Item, assigns: bool, visitor: &Visitor) -> Markup {
    html! {
        tr {
            @if assigns {
                td { input type="checkbox" name="case" value=(item.case) aria-label={ "choose " (item.dispute) }; }
            }
            th scope="row" {
                a data-row href={ "/desk/cases/" (item.case) } { (item.dispute) }
                br; span.soft.small { (item.provider) " · " (item.account) }
            }
            td data-name="Owed" { (item.duty.replace(['-', '/'], " ")) br; (chip(&item.stage)) }
            td data-name="By" { (by(item.due_by, visitor)) br; span.soft.small { (item.basis) } }
            td.n data-name="Amount" { @match item.amount { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
            td data-name="Reason" { (item.reason.replace('-', " ")) br; span.soft.small { (item.network) } }
            td data-name="Assigned" { @if item.assigned_to.is_empty() { (unsaid("nobody")) } @else { (item.assigned_to) } }
        }
    }
}
