//! One case, whole: where it stands, by when, what it costs, what was said, and what a person may do now.

use super::{address, bits, clocks, of_the_desk};
use crate::confirm::{self, once};
use crate::door::{State, Trouble};
use crate::frame::{self, Page};
use crate::held_file;
use crate::messages;
use crate::parts::{amounts, as_read, at, by, chip, counted, due, is_cut_off, money, unsaid, why};
use crate::portal;
use crate::routes::shown;
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::case::{CaseView, DeadlineView, NeedView, ObligationView, SlotView};
use app::timeline::{Event, Timeline};
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let (case, timeline) = state
        .read(&visitor, move |desk| {
            let case = desk.show(&name)?;
            let timeline = desk.timeline(&case.case)?;
            Ok((case, timeline))
        })
        .await?;
    portal::read(&state, &visitor, &case).await?;
    let title = format!("Dispute {}", case.dispute);
    Ok(shown(&page(&case, &timeline, &title, &visitor), &visitor))
}

/// The file of a slot, to keep.
pub async fn file(
    Shared(state): Shared<State>,
    Path(path): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Evidence)?;
    held_file::download(&state, &visitor, path).await
}

/// The image of a slot, within the case's page.
pub async fn image(
    Shared(state): Shared<State>,
    Path(path): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Evidence)?;
    held_file::image(&state, &visitor, path).await
}

fn page<'a>(case: &CaseView, events: &Timeline, title: &'a str, visitor: &Visitor) -> Page<'a> {
    let respond_by = case.deadline.as_ref().and_then(|due| due.respond_by);
    Page {
        title,
        place: "/desk/cases",
        about: html! {
            p {
                (bits::standing(case.status, respond_by, visitor.now)) " " @if let Some(stage) = case.stage { (chip(stage)) } " "
                (bits::account(&case.provider, &case.account)) " · " span.mono.small { (case.case) } (why(&case.case, "dispute"))
            }
        },
        body: html! {
            (alarms(case, visitor))
            (not_back(case, events, visitor))
            div.split {
                div.stack {
                    (standing(case, visitor))
                    (the_money(case, events, visitor))
                    (evidence(case, visitor))
                    (answer(case, visitor))
                }
                div.stack {
                    (actions(case, visitor))
                    (obligations(case, visitor))
                    (messages::thread(&case.messages, &format!("/desk/cases/{}/tell", case.case), visitor))
                    (notes(case, visitor))
                    (linked(case))
                    (references(case))
                    (documents(events))
                }
            }
            (clocks::timeline(events, visitor))
        },
    }
}

/// The place in a document where a statement is made; the page of the bytes.
pub fn bytes_of(event: &Event) -> Option<String> {
    let span = event.span.as_ref()?.0;
    let (from, until) = (span.from.to_string(), span.until.to_string());
    let place = format!("/desk/documents/{}", event.document);
    Some(address(&place, &[("from", &from), ("until", &until)]) + "#mark")
}

/// In words, why the money of a case is not where its status says it should be, each step with the bytes that say so.
fn not_back(case: &CaseView, events: &Timeline, visitor: &Visitor) -> Markup {
    let Some(divergence) = &case.money.divergence else {
        return html! {};
    };
    let owed = case
        .obligations
        .iter()
        .find(|owed| owed.duty == "return-funds");
    let said = |status: &str| {
        events.events.iter().rev().find(|event| {
            event.says == "phase" && event.about.is_none() && event.text.ends_with(status)
        })
    };
    html! {
        section.panel.why-money aria-labelledby="not-back" {
            h2 id="not-back" { "Why the money is not where it should be" (why(&case.case, "divergence")) }
            ol.steps {
                li {
                    "The case is " strong { (case.status.replace('-', " ")) }
                    @if let Some(party) = case.said_by { ", by the " (party) "'s word" }
                    @if let Some(event) = said(case.status) { ", since " (at(event.at, visitor)) (bytes_link(event)) }
                    "."
                }
                @for movement in &case.movements {
                    li {
                        (movement.kind.replace('-', " ")) " of " strong { (money(movement.amount)) } " on " (at(movement.at, visitor))
                        @if !movement.settled { ", pending" }
                        @if let Some(event) = events.events.iter().find(|event| event.fact.as_deref() == Some(movement.fact.as_str())) { (bytes_link(event)) }
                        "."
                    }
                }
                @if case.movements.is_empty() { li { "No movement of money is known." } }
                li {
                    "So " strong { (money(divergence.amount)) } " is not where the status says, since " (at(divergence.since, visitor)) ". "
                    @match owed {
                        Some(owed) if owed.standing == "broken" => { strong.wrong { "The " (owed.debtor) " owed it back and its time has passed" } ": by " (by(owed.due_by, visitor)) ", " (owed.basis) "." },
                        Some(owed) => { "The " (owed.debtor) " owes it back by " (by(owed.due_by, visitor)) " (" (chip(owed.standing)) ", " (owed.basis) ")." },
                        None => "No rule says when it must be back.",
                    }
                }
            }
        }
    }
}

/// The way to the bytes that make a statement.
pub fn bytes_link(event: &Event) -> Markup {
    html! {
        @if let Some(place) = bytes_of(event) { a.why href=(place) aria-label={ "bytes that say: " (event.text) } { "bytes" } }
    }
}

fn alarms(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        @for finding in &case.findings {
            div.note.warn {
                p {
                    strong { (finding.kind.replace('-', " ")) } ": " (as_read(&finding.detail, visitor.zone))
                    @if let Some(amount) = finding.amount { " (" (money(amount)) ")" }
                    (why(&case.case, &format!("finding.{}", finding.kind)))
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
                dd { (chip(case.status)) (why(&case.case, "status")) @if let Some(party) = case.said_by { " " span.soft { "by the " (party) "'s word" } (why(&case.case, "said_by")) } }
                dt { "Stage" }
                dd { @match case.stage { Some(stage) => { (stage.replace('-', " ")) (why(&case.case, "stage")) }, None => (unsaid("no statement says where it stands")) } }
                dt { "Answer by" }
                dd { @if case.status == "unstated" { (unsaid("no statement says whose move it is")) } @else { (deadline(case.deadline.as_ref(), &case.case, visitor)) } }
                dt { "Reason" }
                dd {
                    @match &case.reason {
                        Some(reason) => {
                            (bits::reason(&reason.reason))
                            @if let Some(code) = &reason.code { " (" (code) ")" }
                            (why(&case.case, "reason"))
                            @if let Some(title) = reason.title { br; span.soft.small { (title) } }
                        },
                        None => (unsaid("not said")),
                    }
                }
                dt { "Network" }
                dd { @match &case.network { Some(network) => { (network) (why(&case.case, "network")) }, None => (unsaid("not said")) } " " span.soft.small { "rules: " (bits::plain(case.lifecycle)) } (why(&case.case, "lifecycle")) }
                dt { "Disputed" }
                dd { @match case.disputed { Some(amount) => { (money(amount)) (why(&case.case, "disputed")) }, None => (unsaid("not said")) } }
                dt { "Paid" }
                dd { @match case.paid { Some(amount) => { (money(amount)) (why(&case.case, "paid")) }, None => (unsaid("not said")) } }
                dt { "Opened" }
                dd { (at(case.opened_at, visitor)) (why(&case.case, "opened_at")) }
                dt { "Last change" }
                dd { (at(case.changed_at, visitor)) (why(&case.case, "changed_at")) }
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
                @if let Some(cutoff) = deadline.cutoff { br; span.soft.small { "provider's cut-off " (by(cutoff, visitor)) } (why(case, "cutoff")) }
                @if let Some(limit) = deadline.network_limit { br; span.soft.small { "network's limit " (by(limit, visitor)) @if let Some(rule) = &deadline.network_rule { " by " (rule) } } (why(case, "network_limit")) }
                @if let Some(aim) = deadline.aim_for { br; span.soft.small { "we aim for " (at(aim, visitor)) } (why(case, "aim_for")) }
            }
        }
    }
}

/// Whether the draft may still be written: while an answer is on its way, or there, nothing more can be.
fn open_to_write(case: &CaseView) -> bool {
    let free = case
        .answers
        .iter()
        .all(|answer| matches!(answer.state, "refused" | "withdrawn" | "overtaken"));
    case.status == "ours" && free
}

fn evidence(case: &CaseView, visitor: &Visitor) -> Markup {
    let evidence = &case.evidence;
    let writes = open_to_write(case) && visitor.may(Action::Answer, Resource::Evidence);
    let asked = |slot: &SlotView| {
        evidence
            .requirements
            .iter()
            .any(|need| need.slot == slot.slot)
    };
    let unasked = evidence.slots.iter().filter(|slot| !asked(slot));
    html! {
        section.panel aria-labelledby="evidence" {
            h2 id="evidence" { "Evidence, version " (evidence.version) @if evidence.version > 0 { (why(&case.case, "evidence")) } }
            @if let Some(seal) = &evidence.sealed { p { (chip("ready")) " Version " (seal.version) " is sealed as " span.mono.small { (seal.digest) } (why(&case.case, "sealed")) } }
            @if evidence.requirements.is_empty() && evidence.slots.is_empty() {
                p.soft { "Nothing is asked for, and nothing was saved." }
            }
            @for need in &evidence.requirements { (slot(case, need, writes, visitor)) }
            @for held in unasked { (extra(case, held, writes, visitor)) }
            @if writes && !evidence.slots.iter().any(|slot| slot.slot == OPEN_SLOT) && !evidence.requirements.iter().any(|need| need.slot == OPEN_SLOT) {
                details.slot { summary { "Anything else" } (slot_form(case, OPEN_SLOT, "Anything else that speaks for us", visitor)) }
            }
        }
    }
}

/// The slot for whatever no other asks for: a letter in one's own words.
const OPEN_SLOT: &str = "rebuttal_letter";

fn slot(case: &CaseView, need: &NeedView, writes: bool, visitor: &Visitor) -> Markup {
    let name = bits::plain(&need.slot);
    let held = case
        .evidence
        .slots
        .iter()
        .find(|held| held.slot == need.slot);
    html! {
        details.slot open[held.is_some_and(|held| held.file.is_some())] {
            summary { (name) " " (chip(need.state)) @if need.required { " " span.soft.small { "required" } } }
            @if let Some(meaning) = need.meaning { p.hint { (meaning) ". " } }
            p.small { (need.why) " " span.soft { "Asked for by " (need.basis) } (why(&case.case, &format!("requirement.{}", need.slot))) }
            @if let Some(held) = held { (content(case, held)) }
            @if writes { (slot_form(case, &need.slot, &name, visitor)) }
        }
    }
}

fn extra(case: &CaseView, held: &SlotView, writes: bool, visitor: &Visitor) -> Markup {
    let name = bits::plain(&held.slot);
    html! {
        details.slot open[held.file.is_some()] {
            summary { (name) " " (chip("ready")) " " span.soft.small { "asked for by nobody" } }
            (content(case, held))
            @if writes { (slot_form(case, &held.slot, &name, visitor)) }
        }
    }
}

fn content(case: &CaseView, held: &SlotView) -> Markup {
    let base = format!("/desk/cases/{}/evidence/{}", case.case, held.slot);
    html! {
        @if let Some(file) = &held.file { (held_file::figure(&base, file, &html! {})) }
        @if let Some(text) = &held.text { p.said { (text) } }
        @if held.kind != "empty" { p.small { "Who saved it, and when" (why(&case.case, &format!("evidence.{}", held.slot))) } }
    }
}

fn slot_form(case: &CaseView, slot: &str, name: &str, visitor: &Visitor) -> Markup {
    let held = case.evidence.slots.iter().find(|held| held.slot == slot);
    let text = held
        .and_then(|held| held.text.as_deref())
        .unwrap_or_default();
    html! {
        form method="post" action={ "/desk/cases/" (case.case) "/evidence" } {
            (frame::csrf(visitor))
            input type="hidden" name="version" value=(case.evidence.version);
            input type="hidden" name="slot" value=(slot);
            label for={ "slot-" (slot) } { "Text for " (name) }
            textarea id={ "slot-" (slot) } name="text" { (text) }
            button { "Save" }
        }
    }
}

/// The answers given, and the one that may be given now.
fn answer(case: &CaseView, visitor: &Visitor) -> Markup {
    let base = format!("/desk/cases/{}", case.case);
    let writes = open_to_write(case) && visitor.may(Action::Answer, Resource::Evidence);
    let late = is_cut_off(case, visitor.now);
    let accepts = open_to_write(case) && visitor.may(Action::Accept, Resource::Disputes);
    html! {
        section.panel aria-labelledby="the-answer" {
            h2 id="answer" { span id="the-answer" { "Answer" } }
            @if case.answers.is_empty() && !writes { p.soft { "None was given." } }
            @for answer in &case.answers {
                p {
                    "The " (answer.what) " for the " (bits::plain(answer.stage)) ": " (chip(answer.state)) (why(&case.case, &format!("answer.{}", answer.stage))) ", attempt " (answer.attempt)
                    ", asked " (at(answer.asked_at, visitor))
                    @if let Some(settled) = answer.settled_at { ", settled " (at(settled, visitor)) }
                    @if let Some(words) = &answer.refusal { br; span.wrong { "The provider refused: " (words) } }
                    @if !answer.digest.is_empty() { br; span.soft.small { "packet " span.mono { (answer.digest) } } }
                }
            }
            @if late && (writes || accepts) {
                p.soft { "The provider's cut-off has passed: nothing is sealed, sent or accepted from here. If it takes a late answer, give it on the provider's own pages, and leave a note." }
            } @else if writes { (seal_or_send(case, &base, visitor)) }
            @if accepts && !late {
                details.slot {
                    summary { "Or accept it" }
                    p { "The disputed amount" @if let Some(amount) = case.disputed { ", " (money(amount)) "," } " is given up. Fees that were charged are not returned." }
                    (once(&base, "accept", ("Accept the loss", "grave"), confirm::ACCEPT, visitor))
                }
            }
        }
    }
}

fn seal_or_send(case: &CaseView, base: &str, visitor: &Visitor) -> Markup {
    let missing = case.evidence.requirements.iter();
    let missing = missing.filter(|need| need.required && !need.ready).count();
    html! {
        @if case.evidence.sealed.is_some() {
            (once(base, "submit", ("Send it", "first"), confirm::SUBMIT, visitor))
            form method="post" action={ (base) "/withdraw" } { (frame::csrf(visitor)) button.plain { "Take the seal back" } }
        } @else if case.evidence.slots.is_empty() {
            p.soft { "There is nothing to seal yet: save some evidence first." }
        } @else {
            @if missing > 0 { p.soft { (missing) " of what is asked for is missing." } }
            form method="post" action={ (base) "/seal" } {
                (frame::csrf(visitor))
                input type="hidden" name="version" value=(case.evidence.version);
                p { "Sealing freezes version " (case.evidence.version) ": what is sent is exactly this." }
                button { "Seal the evidence" }
            }
        }
    }
}

/// The documents behind the case, once each.
fn documents(timeline: &Timeline) -> Markup {
    let mut seen: Vec<(&str, Option<&str>)> = Vec::new();
    for event in &timeline.events {
        if event.way.is_some() && !seen.iter().any(|(id, _)| *id == event.document) {
            seen.push((&event.document, event.way));
        }
    }
    html! {
        section.panel aria-labelledby="documents" {
            h2 id="documents" { (counted(i64::try_from(seen.len()).unwrap_or(i64::MAX), "document")) }
            ul.plain.scrolling tabindex="0" { @for (id, way) in &seen { li { a.mono.small href={ "/desk/documents/" (id) } { (id) } " " span.soft.small { (way.unwrap_or_default()) } } } }
        }
    }
}

fn actions(case: &CaseView, visitor: &Visitor) -> Markup {
    let post = |path: &str| format!("/desk/cases/{}/{path}", case.case);
    let mine = case.assigned_to.as_deref() == Some(visitor.name.as_str());
    html! {
        section.panel aria-labelledby="whose" {
            h2 id="actions" { span id="whose" { "Assigned to " } @match &case.assigned_to { Some(name) => { (name) (why(&case.case, "assigned_to")) }, None => span.soft { "nobody" } } }
            @if visitor.may(Action::Assign, Resource::Disputes) {
                div.row {
                    @if !mine { form method="post" action=(post("claim")) { (frame::csrf(visitor)) button.first { "Claim" } } }
                    form.row method="post" action=(post("assign")) {
                        (frame::csrf(visitor))
                        label.visually-hidden for="to" { "Assign to" }
                        input id="to" name="to" placeholder="a name; empty frees" autocomplete="off";
                        button { "Assign" }
                    }
                }
            }
        }
    }
}

fn the_money(case: &CaseView, events: &Timeline, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="the-money" {
            h2 id="the-money" { "Money " (chip(case.money.state)) @if !case.movements.is_empty() { (why(&case.case, "money")) } }
            @for totals in &case.money.totals {
                dl.facts {
                    dt { "Withdrawn" } dd.n { (money(totals.withdrawn)) (why(&case.case, "withdrawn")) }
                    dt { "Returned" } dd.n { (money(totals.reinstated)) (why(&case.case, "reinstated")) }
                    dt { "Fees" } dd.n { (money(totals.fees)) (why(&case.case, "fees")) }
                    dt { "Lost" } dd.n { (money(totals.lost)) (why(&case.case, "lost")) }
                }
            }
            @if case.movements.is_empty() { p.soft { "No movement is known." } } @else {
                table.cards {
                    caption.visually-hidden { "Movements" }
                    thead { tr { th scope="col" { "Movement" } th scope="col" { "At" } th.n scope="col" { "Amount" } } }
                    tbody {
                        @for movement in &case.movements {
                            tr {
                                th scope="row" { (movement.kind.replace('-', " ")) @if !movement.settled { " " (chip("pending")) } br; span.soft.small.mono { (movement.key) } }
                                td data-name="At" { (at(movement.at, visitor)) @if let Some(event) = events.events.iter().find(|event| event.fact.as_deref() == Some(movement.fact.as_str())) { (bytes_link(event)) } }
                                td.n data-name="Amount" { (money(movement.amount)) (why(&case.case, &format!("movement.{}", movement.key))) }
                            }
                        }
                    }
                }
            }
            @if !case.refunded.is_empty() { p { "Refunded outside the dispute: " (amounts(&case.refunded, "")) (why(&case.case, "refunded")) } }
        }
    }
}

fn obligations(case: &CaseView, visitor: &Visitor) -> Markup {
    let all = &case.obligations;
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
                                td data-name="By" { @if matches!(owed.standing, "open" | "broken") { (by(owed.due_by, visitor)) } @else { (due(owed.due_by, visitor)) } (why(&case.case, &format!("obligation.{}", owed.duty))) br; span.soft.small { (owed.basis) } }
                                td data-name="State" { (chip(owed.standing)) @if let Some(words) = &owed.waived { br; span.soft.small { (words) } } (waive(case, owed, visitor)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Doing without what is owed, with a reason.
fn waive(case: &CaseView, owed: &ObligationView, visitor: &Visitor) -> Markup {
    let may = owed.standing == "open" && visitor.may(Action::Waive, Resource::Obligations);
    html! {
        @if may {
            details.waive {
                summary { "Waive" }
                form method="post" action={ "/desk/cases/" (case.case) "/waive" } {
                    (frame::csrf(visitor))
                    input type="hidden" name="obligation" value=(owed.obligation);
                    label for={ "waive-" (owed.obligation) } { "Why it need not be met" }
                    input id={ "waive-" (owed.obligation) } name="reason" required;
                    button { "Waive it" }
                }
            }
        }
    }
}

fn linked(case: &CaseView) -> Markup {
    html! {
        @if !case.linked.is_empty() {
            section.panel aria-labelledby="linked" {
                h2 id="linked" { "Of the same payment" (why(&case.case, "linked")) }
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
                    dd.mono.small { @for (place, value) in values.iter().enumerate() { @if place > 0 { br; } (value) } (why(&case.case, &format!("reference.{kind}"))) }
                }
            }
        }
    }
}

fn notes(case: &CaseView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="notes" {
            h2 id="notes" { (counted(i64::try_from(case.notes.len()).unwrap_or(i64::MAX), "note")) @if !case.notes.is_empty() { (why(&case.case, "note")) } }
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
