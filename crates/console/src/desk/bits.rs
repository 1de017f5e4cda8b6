//! What several pages of the desk have in common: the places of a section, the way to the next page, an account.

use super::address;
use crate::parts::{chip, is_overdue};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::shape::By;
use calendar::Instant;
use maud::{Markup, html};

/// A place within a section: address, name, and what one must be allowed to read for it.
type Place = (&'static str, &'static str, Resource);

pub const INTAKE: [Place; 4] = [
    ("/desk/feeds", "Feeds", Resource::Feeds),
    ("/desk/documents", "Documents", Resource::Documents),
    ("/desk/quarantine", "Quarantine", Resource::Quarantine),
    ("/desk/sends", "Sends", Resource::Disputes),
];

pub const BOOKS: [Place; 2] = [
    ("/desk/ledger", "Balances", Resource::Ledger),
    ("/desk/ledger/entries", "Entries", Resource::Ledger),
];

pub const BOOK_OF_RULES: [Place; 3] = [
    ("/desk/rules", "Rules", Resource::Rules),
    ("/desk/providers", "Providers", Resource::Rules),
    ("/desk/audit", "Audit log", Resource::Audit),
];

/// Every place that the menu itself does not have.
pub fn places() -> impl Iterator<Item = &'static Place> {
    INTAKE.iter().chain(&BOOKS).chain(&BOOK_OF_RULES)
}

/// The places of a section.
pub fn tabs(section: &[Place], here: &str, visitor: &Visitor) -> Markup {
    let seen = section
        .iter()
        .filter(|(_, _, resource)| visitor.may(Action::Read, *resource));
    html! {
        nav.tabs aria-label="Section" {
            ul {
                @for (address, name, _) in seen {
                    li { a href=(address) aria-current=[(*address == here).then_some("page")] { (name) } }
                }
            }
        }
    }
}

/// The way through a list that is longer than a page. `path` with `parameters` is the list itself.
pub fn pager(path: &str, parameters: &[(&str, &str)], cursor: &str, next: Option<&str>) -> Markup {
    let with = |cursor: &str| {
        let mut all = parameters.to_vec();
        all.push(("after", cursor));
        address(path, &all)
    };
    html! {
        @if next.is_some() || !cursor.is_empty() {
            nav.pager aria-label="Pages" {
                @if cursor.is_empty() { span {} } @else { a.button href=(with("")) rel="first" { "First page" } }
                @if let Some(next) = next { a.button href=(with(next)) rel="next" aria-keyshortcuts="n" { "Next page" } }
                @else { span.soft { "The end of the list" } }
            }
        }
    }
}

/// A provider account, leading to what came from it.
pub fn account(provider: &str, account: &str) -> Markup {
    let scope = format!("{provider}/{account}");
    html! { a.quiet href=(address("/desk/documents", &[("account", &scope)])) { (provider) " · " (account) } }
}

/// Whose move it is or how it ended, and whether our answer is overdue.
pub fn standing(status: &str, due: Option<By>, now: Instant) -> Markup {
    match is_overdue(status, due.map(|due| due.0), now) {
        true => chip("ours, overdue"),
        false => chip(status),
    }
}

/// A word with hyphens or underscores as people write it.
pub fn plain(word: &str) -> String {
    word.replace(['-', '_', '/'], " ")
}

/// A reason in plain letters; of one that no table of ours maps, the provider's own.
pub fn reason(word: &str) -> String {
    match word.strip_prefix("unmapped:") {
        Some(own) => format!("the provider's “{own}”"),
        None => plain(word),
    }
}

/// One choice of a list, the current one chosen.
pub fn choices(values: &[(&str, &str)], current: &str) -> Markup {
    html! {
        @for (value, name) in values { option value=(value) selected[*value == current] { (name) } }
    }
}

/// A choice among words that name themselves, and any of them.
pub fn words(any: &str, values: &[&str], current: &str) -> Markup {
    html! {
        option value="" selected[current.is_empty()] { (any) }
        @for value in values { option value=(value) selected[*value == current] { (plain(value)) } }
    }
}
