//! The morning page: is every feed whole, what is due, where is the money, what is wrong.

use crate::frame::Page;
use crate::parts::{amounts, at, by, chip, counted, money};
use crate::visitor::Visitor;
use app::morning::{IntakeLine, MoneyLine, Morning, RefusedGroup, StageLine};
use maud::{Markup, html};

pub fn page(morning: &Morning, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Morning",
        place: "/desk",
        about: html! { p { "As of " (at(morning.now, visitor)) } },
        body: html! {
            (alarms(morning))
            div.grid {
                (due(morning, visitor))
                div {
                    (at_risk(&morning.money))
                    (wrong(morning))
                }
            }
            div.stack {
                (intake(&morning.intake))
                (refused(&morning.refused))
                (stages(&morning.cases, morning.cases_total))
            }
        },
    }
}

/// What cannot wait for the rest of the page to be read.
fn alarms(morning: &Morning) -> Markup {
    html! {
        @if !morning.balanced {
            div.note.bad role="alert" { p { strong { "The books do not balance." } " Run " code { "docket doctor" } " before anything else is posted." } }
        }
        @if morning.due.overdue > 0 {
            div.note.bad role="status" {
                p {
                    strong { (counted(count(morning.due.overdue), "answer")) " overdue." }
                    " " a href="/desk/queue" { "See the queue" }
                }
            }
        }
        @if morning.in_doubt > 0 {
            div.note.warn role="status" {
                p {
                    strong { (counted(count(morning.in_doubt), "answer")) " in doubt." }
                    " Sent, and not yet known to have arrived; each is being read back and none is sent again blindly."
                }
            }
        }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn due(morning: &Morning, visitor: &Visitor) -> Markup {
    let due = &morning.due;
    html! {
        section.panel aria-labelledby="due" {
            h2 id="due" { "Due" }
            p { span.figure { (due.due_in_a_day) } " within a day, " (due.total) " in all" }
            p.soft { "At stake: " (amounts(&due.at_stake, "nothing")) }
            table.cards {
                caption.visually-hidden { "What is due next" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "Answer by" } th.n scope="col" { "Amount" } } }
                tbody {
                    @for item in due.items.iter().take(6) {
                        tr {
                            th scope="row" { a href={ "/desk/cases/" (item.case) } { (item.dispute) } br; span.soft.small { (item.provider) } }
                            td { (by(item.due_by, visitor)) }
                            td.n { @if let Some(amount) = item.amount { (money(amount)) } }
                        }
                    }
                }
            }
            p.small { a href="/desk/queue" { "The whole queue" } }
        }
    }
}

fn at_risk(lines: &[MoneyLine]) -> Markup {
    html! {
        section.panel aria-labelledby="money" {
            h2 id="money" { "Money at risk" }
            @if lines.is_empty() { p.soft { "No open dispute has an amount." } }
            table.cards {
                caption.visually-hidden { "Money at risk and divergence per currency" }
                thead { tr { th scope="col" { "" span.visually-hidden { "Currency" } } th.n scope="col" { "At risk" } th.n scope="col" { "Waits for us" } th.n scope="col" { "Divergence" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { (line.currency) }
                            td.n { (money(line.at_risk)) }
                            td.n { (money(line.waits_for_us)) }
                            td.n { (money(line.divergence)) br; span.soft.small { (line.cases_divergent) " cases" } }
                        }
                    }
                }
            }
            p.hint { "Divergence: how far the money of a case is from where its status says it should be." }
        }
    }
}

fn wrong(morning: &Morning) -> Markup {
    html! {
        section.panel aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            p { span.figure { (morning.findings_open) } " open" }
            @if morning.residues > 0 {
                p { a href="/desk/ledger" { (counted(count(morning.residues), "residue")) } ": " (amounts(&morning.residues_total, "")) }
            }
            table.cards {
                caption.visually-hidden { "Open findings by kind" }
                thead { tr { th scope="col" { "Kind" } th.n scope="col" { "Open" } th.n scope="col" { "At stake" } } }
                tbody {
                    @for group in morning.findings.iter().take(8) {
                        tr {
                            th scope="row" { a href={ "/desk/findings?kind=" (group.kind) } { (group.kind.replace('-', " ")) } br; span.soft.small { (group.fingerprint) } }
                            td.n { (group.open) }
                            td.n { (amounts(&group.amounts, "none said")) }
                        }
                    }
                }
            }
        }
    }
}

fn intake(lines: &[IntakeLine]) -> Markup {
    html! {
        section aria-labelledby="intake" {
            h2 id="intake" { "Intake" }
            div.scroll tabindex="0" role="region" aria-labelledby="intake" {
                table {
                    caption { "Every arrival is in exactly one column. Received is their sum." }
                    thead { tr {
                        th scope="col" { "Provider" }
                        @for name in ["Received", "Applied", "Repeats", "Other business", "Rejected", "Quarantined", "Superseded", "Pending"] { th.n scope="col" { (name) } }
                    } }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { (line.provider) }
                                @for number in [line.received, line.applied, line.duplicate, line.other_business, line.rejected, line.quarantined, line.superseded, line.pending] { td.n { (number) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn refused(groups: &[RefusedGroup]) -> Markup {
    html! {
        @if !groups.is_empty() {
            section aria-labelledby="refused" {
                h2 id="refused" { "Refused, and why" }
                div.scroll tabindex="0" role="region" aria-labelledby="refused" {
                    table {
                        thead { tr { th scope="col" { "Provider" } th scope="col" { "Became" } th scope="col" { "Why" } th.n scope="col" { "Documents" } th scope="col" { "For example" } } }
                        tbody {
                            @for group in groups {
                                tr {
                                    th scope="row" { (group.provider) }
                                    td { (chip(group.became)) }
                                    td { (group.code) br; span.soft.small { (group.detail) } }
                                    td.n { (group.documents) }
                                    td { a.mono href={ "/desk/documents/" (group.document) } { (group.document) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn stages(lines: &[StageLine], total: u64) -> Markup {
    html! {
        section aria-labelledby="stages" {
            h2 id="stages" { "Cases by stage" }
            div.scroll tabindex="0" role="region" aria-labelledby="stages" {
                table {
                    caption { (total) " cases in all" }
                    thead { tr {
                        th scope="col" { "Stage" }
                        @for name in ["Ours", "Theirs", "Network's", "Nobody's", "Won", "Lost", "Other ends", "Unstated"] { th.n scope="col" { (name) } }
                    } }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { (line.stage.replace('-', " ")) }
                                @for number in [line.ours, line.theirs, line.network, line.nobody, line.won, line.lost, line.other_ends, line.unstated] { td.n { (number) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
