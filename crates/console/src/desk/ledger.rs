//! The books: balances, and what should be zero and is not.

use crate::frame::Page;
use crate::parts::{chip, money};
use app::ledger::{BalanceView, Books, ResidueView};
use maud::{Markup, html};

pub fn page(books: &Books) -> Page<'static> {
    Page {
        title: "Ledger",
        place: "/desk/ledger",
        about: html! { p { @if books.balanced { "Every currency balances." } @else { strong.wrong { "The books do not balance." } } } },
        body: html! {
            (residues(&books.residues))
            (balances(&books.balances))
        },
    }
}

fn residues(residues: &[ResidueView]) -> Markup {
    html! {
        section aria-labelledby="residues" {
            h2 id="residues" { "Residues of closed cases" }
            @if residues.is_empty() { p.note.good { "Every closed case's account is at zero." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="residues" {
                    table.cards {
                        caption { "Positive: taken and not back. A closed case owes nobody anything." }
                        thead { tr { th scope="col" { "Dispute" } th scope="col" { "Ended" } th.n scope="col" { "Left" } th scope="col" { "Likely" } } }
                        tbody {
                            @for residue in residues {
                                tr {
                                    th scope="row" { a href={ "/desk/cases/" (residue.case) } { (residue.dispute) } br; span.soft.small { (residue.provider) } }
                                    td data-name="Ended" { (chip(&residue.status)) }
                                    td.n data-name="Left" { (money(residue.amount)) }
                                    td data-name="Likely" { @match residue.likely { Some(words) => (words), None => span.soft { "its size names no cause" } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn balances(balances: &[BalanceView]) -> Markup {
    html! {
        section aria-labelledby="balances" {
            h2 id="balances" { "Balances" }
            div.scroll tabindex="0" role="region" aria-labelledby="balances" {
                table {
                    thead { tr { th scope="col" { "Account" } th scope="col" { "Provider" } th scope="col" { "Layer" } th.n scope="col" { "Balance" } } }
                    tbody {
                        @for balance in balances {
                            tr {
                                th scope="row" { (balance.kind.replace('-', " ")) }
                                td { (balance.provider) @if !balance.account.is_empty() { " · " (balance.account) } }
                                td { (balance.layer) }
                                td.n { (money(balance.amount)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
