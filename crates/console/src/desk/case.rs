//! One case, whole: where it stands, by when, what it costs, what was said, and what a person may do now.

use crate::frame::{self, Page};
use crate::parts::{amounts, at, by, chip, counted, money, unsaid, why};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::case::{CaseView, DeadlineView, ObligationView};
use app::timeline::{Event, Timeline};
use maud::{Markup, html};

pub struct Shown<'a> {
    pub case: &'a CaseView,
    pub timeline: &'a Timeline,
    pub title: &'a str,
}

pub fn page<'a>(shown: &Shown<'a>, visitor: &Visitor) -> Page<'a> {
    let case = shown.case;
    Page {
        title: shown.title,
        place: "/desk/cases",
        about: html! {
            p {
                (case.provider) " · " (case.account) " · " span.mono { (case.case) }
                " · " (chip(case.status)) " " @if let Some(stage) = case.stage { (chip(stage)) }
            }
        },
        body: html! {
            (alarms(case))
            div.split {
                div.stack {
                    (standing(case, visitor))
                    (evidence(case, visitor))
                    (timeline(shown.timeline, visitor))
                }
                div.stack {
                    (actions(case, visitor))
                    (the_money(case, visitor))
                    (obligations(&case.obligations, visitor))
                    (linked(case))
                    (references(case))
                    (notes(case, visitor))
                }
            }
        },
    }
}

fn alarms(case: &CaseView) -> Markup {
    html! {
        @for finding in &case.findings {
            div.note.warn {
                p {
                    strong { (finding.kind.replace('-', " ")) } ": " (finding.detail)
                    @if let Some(amount) = finding.amount { " (" (money(amount)) ")" }
                }
            }
        }
        @for answer in case.answers.iter().filter(|answer| answer.state == "in-doubt") {
            div.note.warn role="status" {
                p { strong { "In doubt." } " The " (answer.what) " for the " (answer.stage) " was sent and no answer came. It is being read back; it is not sent again before that." }
            }
        }
    }
}

fn standing(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="standing" {
            h2 id="standing" { "Where it stands" }
            dl.facts {
                dt { "Status" }
                dd { (chip(case.status)) (why(&case.case, "status")) @if let Some(party) = case.said_by { " " span.soft { "by the " (party) "'s word" } } }
                dt { "Stage" }
                dd { @match case.stage { Some(stage) => { (stage.replace('-', " ")) (why(&case.case, "stage")) }, None => (unsaid("no statement says where it stands")) } }
                dt { "Answer by" }
                dd { (deadline(case.deadline.as_ref(), &case.case, visitor)) }
                dt { "Reason" }
                dd {
                    @match &case.reason {
                        Some(reason) => {
                            (reason.reason.replace('-', " "))
                            @if let Some(code) = &reason.code { " (" (code) ")" }
                            (why(&case.case, "reason"))
                            @if let Some(title) = reason.title { br; span.soft.small { (title) } }
                        },
                        None => (unsaid("not said")),
                    }
                }
                dt { "Network" }
                dd { @match &case.network { Some(network) => (network), None => (unsaid("not said")) } " " span.soft.small { "rules: " (case.lifecycle) } }
                dt { "Disputed" }
                dd { @match case.disputed { Some(amount) => { (money(amount)) (why(&case.case, "disputed")) }, None => (unsaid("not said")) } }
                dt { "Paid" }
                dd { @match case.paid { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
                dt { "Opened" }
                dd { (at(case.opened_at, visitor)) }
                dt { "Last change" }
                dd { (at(case.changed_at, visitor)) }
            }
        }
    }
}

fn deadline(deadline: Option<&DeadlineView>, case: &str, visitor: &Visitor) -> Markup {
    html! {
        @match deadline {
            None => (unsaid("not our move")),
            Some(deadline) if !deadline.contestable => { strong { "No answer is taken" } (why(case, "respond_by")) },
            Some(deadline) => {
                @match deadline.respond_by { Some(moment) => { (by(moment, visitor)) (why(case, "respond_by")) }, None => (unsaid("no time is known")) }
                @if let Some(cutoff) = deadline.cutoff { br; span.soft.small { "provider's cut-off " (by(cutoff, visitor)) } }
                @if let Some(limit) = deadline.network_limit { br; span.soft.small { "network's limit " (by(limit, visitor)) @if let Some(rule) = &deadline.network_rule { " by " (rule) } } }
                @if let Some(aim) = deadline.aim_for { br; span.soft.small { "we aim for " (at(aim, visitor)) } }
            }
        }
    }
}

fn evidence(case: &CaseView, visitor: &Visitor) -> Markup {
    let evidence = &case.evidence;
    html! {
        section.panel aria-labelledby="evidence" {
            h2 id="evidence" { "Evidence, version " (evidence.version) }
            @if let Some(seal) = &evidence.sealed { p { (chip("ready")) " Version " (seal.version) " is sealed as " span.mono.small { (seal.digest) } } }
            @if evidence.requirements.is_empty() && evidence.slots.is_empty() {
                p.soft { "Nothing is asked for, and nothing was saved." }
            } @else {
                table.cards {
                    caption.visually-hidden { "What is asked for and what is there" }
                    thead { tr { th scope="col" { "Slot" } th scope="col" { "State" } th scope="col" { "Asked for by" } } }
                    tbody {
                        @for need in &evidence.requirements {
                            tr {
                                th scope="row" { (need.slot.replace('-', " ")) @if let Some(meaning) = need.meaning { br; span.soft.small { (meaning) } } }
                                td { (chip(if need.ready { "ready" } else if need.required { "missing" } else { "optional" })) }
                                td { (need.basis) }
                            }
                        }
                        @for slot in evidence.slots.iter().filter(|slot| !evidence.requirements.iter().any(|need| need.slot == slot.slot)) {
                            tr { th scope="row" { (slot.slot.replace('-', " ")) } td { (chip("ready")) } td { (unsaid("nobody; it was saved")) } }
                        }
                    }
                }
            }
            @for answer in &case.answers {
                p {
                    "The " (answer.what) " for the " (answer.stage.replace('-', " ")) ": " (chip(answer.state)) ", attempt " (answer.attempt)
                    ", asked " (at(answer.asked_at, visitor))
                    @if let Some(settled) = answer.settled_at { ", settled " (at(settled, visitor)) }
                    @if let Some(words) = &answer.refusal { br; span.wrong { "The provider refused: " (words) } }
                }
            }
        }
    }
}

/// Both clocks: when it happened, and when the desk knew.
fn timeline(timeline: &Timeline, visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            div.scroll tabindex="0" role="region" aria-labelledby="timeline" {
                table.clocks.cards {
                    caption { "When it happened, and when the desk knew" }
                    thead { tr { th scope="col" { "Happened" } th scope="col" { "Known" } th scope="col" { "What" } th scope="col" { "By" } } }
                    tbody { @for event in &timeline.events { (moment(event, visitor)) } }
                }
            }
        }
    }
}

fn moment(event: &Event, visitor: &Visitor) -> Markup {
    html! {
        tr {
            td data-name="Happened" { (at(event.at, visitor)) }
            td data-name="Known" {
                (at(event.known_at, visitor))
                @if event.lag_seconds > 3_600 { br; span.soft { (crate::parts::span_words(event.lag_seconds)) " later" } }
            }
            td data-name="What" {
                @if let Some(other) = &event.about { span.soft { "about " (other) ": " } }
                (event.text)
                @if let Some(span) = &event.span {
                    " " a.why href={ "/desk/documents/" (event.document) "?from=" (span.0.from) "&until=" (span.0.until) } aria-label={ "bytes that say: " (event.text) } { "bytes" }
                }
                @for leg in &event.legs { br; span.soft.small.mono { (leg.account) " " (leg.layer) " " (leg.amount.0.to_string()) } }
            }
            td data-name="By" { (event.by) @if let Some(way) = event.way { br; span.soft.small { (way) } } }
        }
    }
}

fn actions(case: &CaseView, visitor: &Visitor) -> Markup {
    let post = |path: &str| format!("/desk/cases/{}/{path}", case.case);
    html! {
        section.panel aria-labelledby="actions" {
            h2 id="actions" { "Do" }
            dl.facts { dt { "Assigned to" } dd { @match &case.assigned_to { Some(name) => (name), None => (unsaid("nobody")) } } }
            @if visitor.may(Action::Assign, Resource::Disputes) {
                form.row method="post" action=(post("assign")) {
                    (frame::csrf(visitor))
                    label.visually-hidden for="to" { "Assign to" }
                    input id="to" name="to" value=(visitor.name);
                    button { "Assign" }
                }
            }
        }
    }
}

fn the_money(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="the-money" {
            h2 id="the-money" { "Money " (chip(case.money.state)) }
            @for totals in &case.money.totals {
                dl.facts {
                    dt { "Withdrawn" } dd.n { (money(totals.withdrawn)) (why(&case.case, "withdrawn")) }
                    dt { "Returned" } dd.n { (money(totals.reinstated)) (why(&case.case, "reinstated")) }
                    dt { "Fees" } dd.n { (money(totals.fees)) (why(&case.case, "fees")) }
                    dt { "Lost" } dd.n { (money(totals.lost)) }
                }
            }
            @if let Some(divergence) = &case.money.divergence {
                div.note.warn { p { "The status says otherwise by " (money(divergence.amount)) ", since " (at(divergence.since, visitor)) "." (why(&case.case, "divergence")) } }
            }
            @if case.movements.is_empty() { p.soft { "No movement is known." } } @else {
                table.cards {
                    caption.visually-hidden { "Movements" }
                    thead { tr { th scope="col" { "Movement" } th scope="col" { "At" } th.n scope="col" { "Amount" } } }
                    tbody {
                        @for movement in &case.movements {
                            tr {
                                th scope="row" { (movement.kind.replace('-', " ")) @if !movement.settled { " " (chip("pending")) } br; span.soft.small.mono { (movement.key) } }
                                td { (at(movement.at, visitor)) }
                                td.n { (money(movement.amount)) }
                            }
                        }
                    }
                }
            }
            @if !case.refunded.is_empty() { p { "Refunded outside the dispute: " (amounts(&case.refunded, "")) } }
        }
    }
}

fn obligations(all: &[ObligationView], visitor: &Visitor) -> Markup {
    html! {
        @if !all.is_empty() {
            section.panel aria-labelledby="obligations" {
                h2 id="obligations" { "Who owes what" }
                table.cards {
                    caption.visually-hidden { "Obligations" }
                    thead { tr { th scope="col" { "Duty" } th scope="col" { "By" } th scope="col" { "State" } } }
                    tbody {
                        @for owed in all {
                            tr {
                                th scope="row" { (owed.duty.replace(['-', '/'], " ")) br; span.soft.small { (owed.debtor) " to " (owed.creditor) @if let Some(amount) = owed.amount { ", " (money(amount)) } } }
                                td { (by(owed.due_by, visitor)) br; span.soft.small { (owed.basis) } }
                                td { (chip(owed.standing)) @if let Some(words) = &owed.waived { br; span.soft.small { (words) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn linked(case: &CaseView) -> Markup {
    html! {
        @if !case.linked.is_empty() {
            section.panel aria-labelledby="linked" {
                h2 id="linked" { "Of the same payment" }
                ul {
                    @for other in &case.linked {
                        li {
                            a href={ "/desk/cases/" (other.case) } { (other.dispute) } " " (chip(other.status))
                            @if let Some(amount) = other.disputed { " " (money(amount)) }
                        }
                    }
                }
            }
        }
    }
}

fn references(case: &CaseView) -> Markup {
    html! {
        section.panel aria-labelledby="references" {
            h2 id="references" { "References" }
            dl.facts {
                @for (kind, values) in &case.references {
                    dt { (kind.replace('-', " ")) }
                    dd.mono.small { @for value in values { (value) br; } }
                }
            }
        }
    }
}

fn notes(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="notes" {
            h2 id="notes" { (counted(i64::try_from(case.notes.len()).unwrap_or(i64::MAX), "note")) }
            @for note in &case.notes {
                p { (note.text) br; span.soft.small { (note.author) ", " (at(note.at, visitor)) } }
            }
            @if visitor.may(Action::Note, Resource::Disputes) {
                form method="post" action={ "/desk/cases/" (case.case) "/note" } {
                    (frame::csrf(visitor))
                    label for="note" { "Add a note" }
                    textarea id="note" name="text" required {}
                    button { "Add" }
                }
            }
        }
    }
}
