//! All cases, newest first, by any filter.

use super::bits::{self, choices, plain, reason, words};
use super::{LINES, address, given, of_the_desk, views};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, by, money, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::search::CaseHit;
use app::board::{providers, scope_named, stages, statuses};
use app::personal::SavedView;
use app::{CaseQuery, Cursor};
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// How the list was asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    provider: String,
    /// `provider/account`.
    #[serde(default)]
    account: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    assigned: String,
    #[serde(default)]
    divergent: String,
    /// `day` or `week`.
    #[serde(default)]
    opened: String,
    #[serde(default)]
    changed: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

impl Asked {
    fn parameters(&self) -> [(&str, &str); 10] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("stage", &self.stage),
            ("provider", &self.provider),
            ("account", &self.account),
            ("currency", &self.currency),
            ("assigned", &self.assigned),
            ("divergent", &self.divergent),
            ("opened", &self.opened),
            ("changed", &self.changed),
        ]
    }

    fn query(&self, visitor: &Visitor) -> Result<CaseQuery, Trouble> {
        let one = |text: &str| given(text).into_iter().collect::<Vec<String>>();
        let since = |text: &str| match text {
            "day" => Some(visitor.now.plus_days(-1)),
            "week" => Some(visitor.now.plus_days(-7)),
            _ => None,
        };
        let place = |text: &str| {
            app::case_id(text)
                .ok_or_else(|| Trouble::Form(format!("`{text}` is no place in this list")))
        };
        let cursor = match (self.after.as_str(), self.before.as_str()) {
            ("", "") => Cursor::Start,
            ("", before) => Cursor::Before(place(before)?),
            (after, _) => Cursor::After(place(after)?),
        };
        Ok(CaseQuery {
            statuses: one(&self.status),
            stages: one(&self.stage),
            providers: one(&self.provider),
            accounts: scope_named(&self.account).into_iter().collect(),
            currency: given(&self.currency).map(|code| code.to_ascii_uppercase()),
            assigned_to: match self.assigned.trim() {
                "me" => Some(visitor.name.clone()),
                name => given(name),
            },
            divergent: self.divergent == "yes",
            opened_from: since(&self.opened),
            changed_since: since(&self.changed),
            text: given(&self.q),
            cursor,
            ..CaseQuery::newest(LINES)
        })
    }
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let query = asked.query(&visitor)?;
    let (cases, more) = state
        .read(&visitor, move |desk| desk.list_cases(&query))
        .await?;
    let saved = views::of(&state, &visitor, "/desk/cases").await?;
    let listed = Listed { cases, more, saved };
    Ok(shown(&page(&listed, &asked, &visitor), &visitor))
}

/// What the page shows.
struct Listed {
    cases: Vec<CaseHit>,
    more: bool,
    saved: Vec<SavedView>,
}

fn page(listed: &Listed, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    let cases = &listed.cases;
    Page {
        title: "Cases",
        place: "/desk/cases",
        about: html! { p { "Newest first" @if asked.divergent == "yes" { ", of those whose money is not where their status says" } } },
        body: html! {
            (views::row(&listed.saved, "/desk/cases", &asked.parameters(), visitor))
            (filters(asked))
            @if cases.is_empty() { p.note { "No case fits. " a href="/desk/cases" { "Show all" } } }
            @else { (list(cases, visitor)) }
            (both_ways(cases, listed.more, asked))
        },
    }
}

fn filters(asked: &Asked) -> Markup {
    let since = [
        ("", "any time"),
        ("day", "in the last day"),
        ("week", "in the last week"),
    ];
    html! {
        form.filters method="get" action="/desk/cases" {
            div { label for="q" { "Reference begins with" } input id="q" name="q" type="search" value=(asked.q); }
            div { label for="status" { "Status" } select id="status" name="status" { (words("any", &statuses(), &asked.status)) } }
            div { label for="stage" { "Stage" } select id="stage" name="stage" { (words("any", &stages(), &asked.stage)) } }
            div { label for="provider" { "Provider" } select id="provider" name="provider" { (words("any", &providers::names(), &asked.provider)) } }
            div.narrow { label for="currency" { "Currency" } input id="currency" name="currency" value=(asked.currency) maxlength="3" placeholder="any"; }
            div { label for="assigned" { "Assigned to" } input id="assigned" name="assigned" value=(asked.assigned) placeholder="anybody"; }
            div { label for="opened" { "Opened" } select id="opened" name="opened" { (choices(&since, &asked.opened)) } }
            div { label for="changed" { "Changed" } select id="changed" name="changed" { (choices(&since, &asked.changed)) } }
            div.roomy { label for="divergent" { "Money" } select id="divergent" name="divergent" { (choices(&[("", "wherever it is"), ("yes", "not where it should be")], &asked.divergent)) } }
            @if !asked.account.is_empty() { input type="hidden" name="account" value=(asked.account); }
            div { button { "Show" } }
        }
        @if !asked.account.is_empty() { p { "Of the account " strong { (asked.account) } " only. " a href="/desk/cases" { "All accounts" } } }
    }
}

fn list(cases: &[CaseHit], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Cases" data-rows {
            table.cards.fixed {
                caption { (cases.len()) " on this page" }
                thead { tr { th scope="col" { "Dispute" } th.w-2 scope="col" { "Stage" } th.w-2 scope="col" { "Status" } th.n.w-2 scope="col" { "Disputed" } th.w-2 scope="col" { "Reason" } th.w-3 scope="col" { "Answer by" } th.w-4 scope="col" { "Opened" } } }
                tbody { @for case in cases { (row(case, visitor)) } }
            }
        }
    }
}

fn row(case: &CaseHit, visitor: &Visitor) -> Markup {
    let ours = case.status == "ours";
    html! {
        tr {
            th scope="row" { a data-row href={ "/desk/cases/" (case.case) } { (case.dispute) } br; span.soft.small { (bits::account(&case.provider, &case.account)) } }
            td data-name="Stage" { @if case.stage.is_empty() { (unsaid("not said")) } @else { (plain(&case.stage)) } }
            td data-name="Status" { (bits::standing(&case.status, case.respond_by, visitor.now)) @if !case.assigned_to.is_empty() { br; span.soft.small { (case.assigned_to) } } }
            td.n data-name="Disputed" { @match case.disputed { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
            td data-name="Reason" { @if case.reason.is_empty() { (unsaid("not said")) } @else { (reason(&case.reason)) } }
            td data-name="Answer by" { @match case.respond_by.filter(|_| ours) { Some(moment) => (by(moment, visitor)), None => (unsaid("not our move")) } }
            td data-name="Opened" { (at(case.opened_at, visitor)) }
        }
    }
}

/// To the page before and the one after. The list may have grown at its head, so there is always a way back to the start.
fn both_ways(cases: &[CaseHit], more: bool, asked: &Asked) -> Markup {
    let with = |name, id: &str| {
        let mut all = asked.parameters().to_vec();
        all.push((name, id));
        address("/desk/cases", &all)
    };
    let back = !asked.before.is_empty();
    let within = back || !asked.after.is_empty();
    html! {
        @if within || more {
            nav.pager aria-label="Pages" {
                @if within {
                    span.row {
                        a.button href=(address("/desk/cases", &asked.parameters())) rel="first" { "First page" }
                        @if let Some(first) = cases.first() { a.button href=(with("before", &first.case)) rel="prev" { "Previous page" } }
                    }
                } @else { span {} }
                @if let Some(last) = cases.last().filter(|_| more || back) { a.button href=(with("after", &last.case)) rel="next" aria-keyshortcuts="n" { "Next page" } }
                @else { span.soft { "The end of the list" } }
            }
        }
    }
}
