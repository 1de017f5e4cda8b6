//! The queue: what is ours to do, ranked by time and value, claimed and assigned many at a time.

use super::bits::{self, choices, pager, plain, reason, words};
use super::{LINES, given, of_the_desk, views};
use crate::amount;
use crate::door::{State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{amounts, by, chip, money, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::board::duties::{Duty, DutyOrder, Sums, Wanted};
use app::board::{Paged, providers, stages};
use app::personal::SavedView;
use app::shape::Amount;
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use calendar::Instant;
use maud::{Markup, html};
use serde::Deserialize;

/// How the list was asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    stage: String,
    /// A name, `me` or `nobody`.
    #[serde(default)]
    assigned: String,
    /// `overdue`, `day`, `three-days` or `week`.
    #[serde(default)]
    due: String,
    /// `time`, `money`, or ranked.
    #[serde(default)]
    order: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    fn parameters(&self) -> [(&str, &str); 5] {
        [
            ("provider", &self.provider),
            ("stage", &self.stage),
            ("assigned", &self.assigned),
            ("due", &self.due),
            ("order", &self.order),
        ]
    }

    fn wanted(&self, visitor: &Visitor) -> Wanted {
        Wanted {
            provider: given(&self.provider),
            stage: given(&self.stage),
            assigned_to: match self.assigned.trim() {
                "" => None,
                "me" => Some(visitor.name.clone()),
                "nobody" => Some(String::new()),
                name => Some(name.to_owned()),
            },
            due_from: None,
            due_before: due_before(&self.due, visitor.now),
            order: match self.order.as_str() {
                "time" => DutyOrder::Time,
                "money" => DutyOrder::Money,
                _ => DutyOrder::Rank,
            },
            after: given(&self.after),
            limit: LINES,
        }
    }
}

fn due_before(text: &str, now: Instant) -> Option<Instant> {
    match text {
        "overdue" => Some(now),
        "day" => Some(now.plus_days(1)),
        "three-days" => Some(now.plus_days(3)),
        "week" => Some(now.plus_days(7)),
        _ => None,
    }
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Obligations)?;
    let wanted = asked.wanted(&visitor);
    let now = visitor.now;
    let (page, sums) = state
        .read(&visitor, move |desk| {
            Ok((
                desk.ranked_duties(&wanted, now)?,
                desk.duty_sums(&wanted, now)?,
            ))
        })
        .await?;
    let saved = views::of(&state, &visitor, "/desk/queue").await?;
    let listed = Listed { page, sums, saved };
    Ok(shown(&view(&listed, &asked, &visitor), &visitor))
}

/// What the page shows.
struct Listed {
    page: Paged<Duty>,
    sums: Sums,
    saved: Vec<SavedView>,
}

fn view(listed: &Listed, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    let Listed { page, sums, saved } = listed;
    let stake: Vec<Amount> = sums.at_stake.iter().map(|(amount, _)| *amount).collect();
    Page {
        title: "Queue",
        place: "/desk/queue",
        about: html! {
            p {
                strong { (amount::count(sums.total)) } " to do, " (amount::count(sums.overdue)) " overdue, " (amount::count(sums.in_a_day)) " within a day. At stake: "
                (inline(&stake))
            }
        },
        body: html! {
            (views::row(saved, "/desk/queue", &asked.parameters(), visitor))
            (filters(asked))
            @if page.lines.is_empty() {
                p.note.good { "Nothing waits for us here." }
            } @else {
                (list(page, sums, asked, visitor))
            }
            (pager("/desk/queue", &asked.parameters(), &asked.after, page.next.as_deref()))
        },
    }
}

fn inline(all: &[Amount]) -> Markup {
    html! {
        @if all.is_empty() { "nothing" }
        @for (place, amount) in all.iter().enumerate() { @if place > 0 { ", " } (money(*amount)) }
    }
}

fn filters(asked: &Asked) -> Markup {
    let due = [
        ("", "any time"),
        ("overdue", "overdue"),
        ("day", "within a day"),
        ("three-days", "within three days"),
        ("week", "within a week"),
    ];
    let order = [
        ("", "near and large"),
        ("time", "the nearest"),
        ("money", "the largest"),
    ];
    html! {
        form.filters method="get" action="/desk/queue" {
            div { label for="provider" { "Provider" } select id="provider" name="provider" { (words("any", &providers::names(), &asked.provider)) } }
            div { label for="stage" { "Stage" } select id="stage" name="stage" { (words("any", &stages(), &asked.stage)) } }
            div { label for="assigned" { "Assigned to" } input id="assigned" name="assigned" value=(asked.assigned) list="whom" placeholder="anybody"; }
            datalist id="whom" { option value="me" {} option value="nobody" {} }
            div { label for="due" { "Due" } select id="due" name="due" { (choices(&due, &asked.due)) } }
            div { label for="order" { "First comes" } select id="order" name="order" { (choices(&order, &asked.order)) } }
            div { button { "Show" } }
        }
    }
}

fn list(page: &Paged<Duty>, sums: &Sums, asked: &Asked, visitor: &Visitor) -> Markup {
    let assigns = visitor.may(Action::Assign, Resource::Disputes);
    let notes = visitor.may(Action::Note, Resource::Disputes);
    html! {
        form method="post" action="/desk/queue" {
            (frame::csrf(visitor))
            @for (name, value) in asked.parameters() { @if !value.is_empty() { input type="hidden" name=(name) value=(value); } }
            div.scroll tabindex="0" role="region" aria-label="Queue" data-rows {
                table.cards.fixed {
                    caption { (page.lines.len()) " of " (amount::count(sums.total)) " on this page" }
                    thead { tr {
                        @if assigns || notes { th.pick.w-1 scope="col" { span.visually-hidden { "Choose" } } }
                        th scope="col" { "Dispute" }
                        th.w-3 scope="col" { "What is owed" }
                        th.w-4 scope="col" { "By" }
                        th.n.w-2 scope="col" { "Amount" }
                        th.w-3 scope="col" { "Reason" }
                        th.w-2 scope="col" { "Assigned" }
                    } }
                    tbody { @for duty in &page.lines { (row(duty, assigns || notes, visitor)) } }
                }
            }
            @if assigns || notes { (together(assigns, notes)) }
        }
    }
}

/// What is done to all that are chosen.
fn together(assigns: bool, notes: bool) -> Markup {
    html! {
        div.together role="group" aria-label="With the chosen" {
            span.soft { "With the chosen:" }
            @if assigns {
                button name="do" value="claim" aria-keyshortcuts="c" { "Claim" }
                div { label.visually-hidden for="to" { "Assign to" } input id="to" name="to" autocomplete="off" placeholder="a name; empty frees"; }
                button name="do" value="assign" { "Assign" }
            }
            @if notes {
                div.grow { label.visually-hidden for="text" { "A note" } input id="text" name="text" autocomplete="off" placeholder="a note for each"; }
                button name="do" value="note" { "Add note" }
            }
        }
    }
}

fn row(duty: &Duty, picks: bool, visitor: &Visitor) -> Markup {
    html! {
        tr {
            @if picks {
                td.pick { label.tap { span.visually-hidden { "choose " (duty.dispute) } input type="checkbox" name="case" value=(duty.case); } }
            }
            th scope="row" {
                a data-row href={ "/desk/cases/" (duty.case) } { (duty.dispute) }
                br; span.soft.small { (bits::account(&duty.provider, &duty.account)) }
            }
            td data-name="Owed" { (plain(&duty.duty)) @if !duty.duty.contains(&duty.stage) { br; (chip(&duty.stage)) } }
            td data-name="By" { (by(duty.due_by, visitor)) br; span.soft.small.basis title=(duty.basis) { (duty.basis) } }
            td.n data-name="Amount" { @match duty.amount { Some(amount) => (amounts(&[amount], "")), None => (unsaid("not said")) } }
            td data-name="Reason" { (reason(&duty.reason)) br; span.soft.small { (duty.network) } }
            td data-name="Assigned" { @if duty.assigned_to.is_empty() { (unsaid("nobody")) } @else { (duty.assigned_to) } }
        }
    }
}
