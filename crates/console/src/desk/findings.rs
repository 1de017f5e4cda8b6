//! What a person should look at, grouped by what caused it.

use crate::frame::Page;
use crate::parts::{amounts, at, chip, money, unsaid};
use crate::visitor::Visitor;
use app::finding::{FindingLine, Findings, Group};
use maud::{Markup, html};

pub fn page(findings: &Findings, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Findings",
        place: "/desk/findings",
        about: html! { p { (findings.open) " open" } },
        body: html! {
            (groups(&findings.groups))
            (lines(&findings.findings, visitor))
        },
    }
}

fn groups(groups: &[Group]) -> Markup {
    html! {
        section aria-labelledby="groups" {
            h2 id="groups" { "By fingerprint" }
            div.scroll tabindex="0" role="region" aria-labelledby="groups" {
                table {
                    thead { tr { th scope="col" { "Kind" } th scope="col" { "Fingerprint" } th.n scope="col" { "Open" } th.n scope="col" { "Closed" } th.n scope="col" { "At stake" } } }
                    tbody {
                        @for group in groups {
                            tr {
                                th scope="row" { a href={ "/desk/findings?kind=" (group.kind) } { (group.kind.replace('-', " ")) } }
                                td { (group.fingerprint) }
                                td.n { (group.open) }
                                td.n { (group.closed) }
                                td.n { (amounts(&group.amounts, "none said")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lines(lines: &[FindingLine], visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="each" {
            h2 id="each" { "One by one" }
            div.scroll tabindex="0" role="region" aria-labelledby="each" data-rows {
                table.cards {
                    caption { (lines.len()) " shown, those with most at stake first" }
                    thead { tr { th scope="col" { "Dispute" } th scope="col" { "Finding" } th.n scope="col" { "Amount" } th scope="col" { "Since" } } }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { a data-row href={ "/desk/cases/" (line.case) } { (line.dispute) } br; span.soft.small { (line.provider) } }
                                td data-name="Finding" { (chip(line.kind)) " " (line.detail) }
                                td.n data-name="Amount" { @match line.amount { Some(amount) => (money(amount)), None => (unsaid("none")) } }
                                td data-name="Since" { (at(line.opened_at, visitor)) @if let Some(closed) = line.closed_at { br; span.soft.small { "closed " (at(closed, visitor)) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
