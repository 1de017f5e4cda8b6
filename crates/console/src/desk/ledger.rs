//! The books: balances, the cases behind one, entries, residues, and the journal to take away.

use super::bits::{self, BOOKS, pager, plain, tabs};
use super::{LINES, address, given, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, money, unsaid};
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::board::Paged;
use app::board::findings::{Line, Wanted};
use app::board::ledger::{Balance, Balances, Entry, OfCase};
use axum::extract::{Query, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

/// Residues listed beside the balances; the findings have all of them.
const RESIDUES: u32 = 20;

pub async fn show(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Ledger)?;
    let wanted = Wanted {
        kind: Some(String::from("residue")),
        fingerprint: None,
        provider: None,
        after: None,
        limit: RESIDUES,
    };
    let (balances, residues) = state
        .read(&visitor, move |desk| {
            Ok((desk.account_balances()?, desk.open_findings(&wanted)?))
        })
        .await?;
    Ok(shown(&view(&balances, &residues, &visitor), &visitor))
}

fn view(balances: &Balances, residues: &Paged<Line>, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Ledger",
        place: "/desk/ledger",
        about: html! {
            p { @if balances.balanced { "Every currency balances." } @else { strong.wrong { "The books do not balance: run `docket doctor` before anything else is posted." } } }
        },
        body: html! {
            (tabs(&BOOKS, "/desk/ledger", visitor))
            (residue_list(residues, visitor))
            (balance_list(&balances.lines))
            @if visitor.may(Action::Export, Resource::Ledger) {
                p.after { a.button href="/desk/ledger/journal" download="journal.hledger" { "Journal for hledger" } }
            }
        },
    }
}

fn residue_list(residues: &Paged<Line>, visitor: &Visitor) -> Markup {
    html! {
        section.after aria-labelledby="residues" {
            h2 id="residues" { "Residues of closed cases" }
            @if residues.lines.is_empty() { p.note.good { "Every closed case's account is at zero, or its time has not run out." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="residues" data-rows {
                    table.cards {
                        caption { "Positive: taken and not back. A closed case owes nobody anything." }
                        thead { tr { th scope="col" { "Dispute" } th scope="col" { "Ended" } th.n scope="col" { "Left" } th scope="col" { "Likely" } th scope="col" { "Since" } } }
                        tbody {
                            @for line in &residues.lines {
                                tr {
                                    th scope="row" { a data-row href={ "/desk/cases/" (line.case) } { (line.dispute) } br; span.soft.small { (line.provider) } }
                                    td data-name="Ended" { (crate::parts::chip(&line.status)) }
                                    td.n data-name="Left" { @match line.amount { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
                                    td data-name="Likely" { (plain(&line.fingerprint)) }
                                    td data-name="Since" { (at(line.opened_at, visitor)) }
                                }
                            }
                        }
                    }
                }
                @if residues.next.is_some() { p.small.after { a href="/desk/findings?kind=residue" { "All residues" } } }
            }
        }
    }
}

fn balance_list(lines: &[Balance]) -> Markup {
    html! {
        section aria-labelledby="balances" {
            h2 id="balances" { "Balances" }
            @if lines.is_empty() { p.soft { "Nothing was posted." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="balances" {
                    table.cards {
                        caption { "Accounts of cases are added up; each leads to what is behind it." }
                        thead { tr { th scope="col" { "Account" } th scope="col" { "Provider" } th scope="col" { "Layer" } th.n scope="col" { "Balance" } } }
                        tbody {
                            @for line in lines {
                                tr {
                                    th scope="row" { a href=(behind(line)) { (plain(line.kind)) } }
                                    td data-name="Provider" { (line.provider) @if !line.account.is_empty() { span.soft { " · " (line.account) } } }
                                    td data-name="Layer" { (line.layer) }
                                    td.n data-name="Balance" { (money(line.amount)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where the parts of a balance are listed: its cases, or the entries of its provider account.
fn behind(line: &Balance) -> String {
    match line.of_cases {
        true => address("/desk/ledger/account", &[("path", &line.path)]),
        false => {
            let scope = format!("{}/{}", line.provider, line.account);
            address("/desk/ledger/entries", &[("account", &scope)])
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    #[serde(default)]
    path: String,
    #[serde(default)]
    after: String,
}

pub async fn account(
    Shared(state): Shared<State>,
    Query(asked): Query<Account>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Ledger)?;
    let (path, after) = (asked.path.clone(), given(&asked.after));
    let (account, page) = state
        .read(&visitor, move |desk| {
            desk.balance_by_case(&path, after.as_deref(), LINES)
        })
        .await?;
    Ok(shown(
        &of_cases(&account, &page, &asked, &visitor),
        &visitor,
    ))
}

fn of_cases(
    account: &Balance,
    page: &Paged<OfCase>,
    asked: &Account,
    visitor: &Visitor,
) -> Page<'static> {
    Page {
        title: "Balance by case",
        place: "/desk/ledger",
        about: html! { p { (plain(account.kind)) " at " (account.provider) " · " (account.account) } },
        body: html! {
            (tabs(&BOOKS, "", visitor))
            @if page.lines.is_empty() { p.note.good { "No case has anything on it." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Cases of the account" data-rows {
                    table.cards {
                        caption { (page.lines.len()) " on this page" }
                        thead { tr { th scope="col" { "Case" } th scope="col" { "Layer" } th.n scope="col" { "Balance" } } }
                        tbody {
                            @for line in &page.lines {
                                tr {
                                    th scope="row" { a.mono data-row href={ "/desk/cases/" (line.case) } { (line.case) } }
                                    td data-name="Layer" { (line.layer) }
                                    td.n data-name="Balance" { (money(line.amount)) }
                                }
                            }
                        }
                    }
                }
            }
            (pager("/desk/ledger/account", &[("path", &asked.path)], &asked.after, page.next.as_deref()))
        },
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Entries {
    /// `provider/account`.
    #[serde(default)]
    account: String,
    #[serde(default)]
    after: String,
}

pub async fn entries(
    Shared(state): Shared<State>,
    Query(asked): Query<Entries>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Ledger)?;
    let (scope, before) = (given(&asked.account), given(&asked.after));
    let page = state
        .read(&visitor, move |desk| {
            desk.list_entries(scope.as_deref(), before.as_deref(), LINES)
        })
        .await?;
    Ok(shown(&entry_list(&page, &asked, &visitor), &visitor))
}

fn entry_list(page: &Paged<Entry>, asked: &Entries, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Entries",
        place: "/desk/ledger",
        about: html! { p { "Newest first" @if !asked.account.is_empty() { ", of " (asked.account) } } },
        body: html! {
            (tabs(&BOOKS, "/desk/ledger/entries", visitor))
            form.filters method="get" action="/desk/ledger/entries" {
                div { label for="account" { "Provider/account" } input id="account" name="account" value=(asked.account) placeholder="any"; }
                div { button { "Show" } }
            }
            @if page.lines.is_empty() { p.note { "Nothing was posted." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Entries" data-rows {
                    table.cards.dense {
                        caption { (page.lines.len()) " on this page. Each entry balances; its legs stand under what moved." }
                        thead { tr { th scope="col" { "Posting" } th scope="col" { "Legs" } th scope="col" { "Moved" } th scope="col" { "Known" } th scope="col" { "From" } th scope="col" { "Said by" } } }
                        tbody { @for entry in &page.lines { (entry_row(entry, visitor)) } }
                    }
                }
            }
            (pager("/desk/ledger/entries", &[("account", &asked.account)], &asked.after, page.next.as_deref()))
        },
    }
}

fn entry_row(entry: &Entry, visitor: &Visitor) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if entry.case.is_empty() { (entry.key) } @else { a data-row href={ "/desk/cases/" (entry.case) } { (entry.key) } }
                @if entry.ordinal > 1 { br; span.soft.small { "correction " (entry.ordinal - 1) } }
            }
            td data-name="Legs" {
                ul.legs { @for leg in &entry.legs { li { span.n { (money(leg.amount)) } " " span.soft.small { (account_words(&leg.account)) ", " (leg.layer) } } } }
            }
            td data-name="Moved" { (at(entry.effective_at, visitor)) }
            td data-name="Known" { (at(entry.known_at, visitor)) }
            td data-name="From" { (bits::account(&entry.provider, &entry.account)) }
            td data-name="Said by" { a href={ "/desk/documents/" (entry.document) } { "document" } }
        }
    }
}

/// The kind of account, the head of its path.
fn account_words(path: &str) -> String {
    plain(path.split(':').next().unwrap_or(path))
}

/// The whole journal, to take away.
pub async fn journal(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Ledger)?;
    allowed(&visitor, Action::Export, Resource::Ledger)?;
    let journal = state.read(&visitor, |desk| desk.journal()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"journal.hledger\"",
        ),
    ];
    Ok((headers, journal).into_response())
}
