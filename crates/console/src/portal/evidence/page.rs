//! The workspace: on one side what is asked for and what stands there, on the other what the provider will get.

use super::{Draft, Notice, Workspace, packet};
use crate::assets;
use crate::frame::{self, Page};
use crate::held_file;
use crate::parts::{by, chip};
use crate::visitor::Visitor;
use app::answer::CatalogueSlot;
use app::case::{FileView, NeedView, SlotView};
use maud::{Markup, html};

/// The slot for whatever no other asks for: a letter in one's own words.
const OPEN_SLOT: &str = "rebuttal_letter";

/// Rows of the form that brings files to several slots at once.
const FILES_AT_ONCE: usize = 3;

/// What a text field takes: our own bound, and below every provider's for all texts together.
const CHARACTERS_MAX: u32 = 20_000;

pub fn page<'a>(
    work: &Workspace,
    notices: &[Notice],
    title: &'a str,
    visitor: &Visitor,
) -> Page<'a> {
    let case = &work.case;
    Page {
        title,
        place: "/disputes",
        about: html! {
            p {
                a href={ "/disputes/" (case.case) } { "Dispute " (case.dispute) }
                @if let Some(moment) = case.deadline.as_ref().and_then(|deadline| deadline.respond_by) {
                    (if work.open { " · answer by " } else { " · the deadline is " }) (by(moment, visitor))
                }
            }
        },
        body: html! {
            @for notice in notices { (told(notice)) }
            @for draft in &work.conflicts { (conflict(work, draft, visitor)) }
            @if !work.open { (packet::closed(work, visitor)) }
            div.workspace data-workspace[work.open] {
                div.stack { (slots(work, visitor)) }
                div.stack.beside tabindex="0" role="region" aria-label="The packet" {
                    (packet::figures_panel(work))
                    (packet::send_panel(work, visitor))
                    (packet::preview(work))
                }
            }
            script src=(assets::url("evidence.js")) defer {}
        },
    }
}

fn told(notice: &Notice) -> Markup {
    html! {
        div.note.bad[notice.bad].good[!notice.bad] role=[notice.bad.then_some("alert")] { p { (notice.words) } }
    }
}

/// One slot as the page shows it: what is asked, and what stands there.
struct Row<'a> {
    slot: &'a str,
    need: Option<&'a NeedView>,
    held: Option<&'a SlotView>,
}

fn rows(work: &Workspace) -> Vec<Row<'_>> {
    let evidence = &work.case.evidence;
    let held = |slot: &str| {
        let found = evidence.slots.iter().find(|held| held.slot == slot);
        found.filter(|held| held.kind != "empty")
    };
    let mut rows: Vec<Row<'_>> = Vec::new();
    for need in &evidence.requirements {
        // Several defences may ask for one slot; it is filled once.
        if !rows.iter().any(|row| row.slot == need.slot) {
            rows.push(Row {
                slot: &need.slot,
                need: Some(need),
                held: held(&need.slot),
            });
        }
    }
    for slot in &evidence.slots {
        if slot.kind != "empty" && !rows.iter().any(|row| row.slot == slot.slot) {
            rows.push(Row {
                slot: &slot.slot,
                need: None,
                held: Some(slot),
            });
        }
    }
    if !rows.iter().any(|row| row.slot == OPEN_SLOT) {
        rows.push(Row {
            slot: OPEN_SLOT,
            need: None,
            held: None,
        });
    }
    rows
}

fn slots(work: &Workspace, visitor: &Visitor) -> Markup {
    let (aside, first): (Vec<Row<'_>>, Vec<Row<'_>>) = rows(work)
        .into_iter()
        .partition(|row| row.held.is_none() && row.need.is_some_and(|need| !need.required));
    html! {
        section.panel aria-labelledby="asked" {
            h2 id="asked" { @if work.open { "What would win it" } @else { "What was gathered" } }
            @if work.case.evidence.requirements.is_empty() {
                p.soft { "Nothing in particular is asked for. Write in your own words what speaks for you." }
            }
            @for row in &first { (slot(work, row, visitor)) }
        }
        @if work.open && !aside.is_empty() {
            section.panel aria-labelledby="would-help" {
                h2 id="would-help" { "What would help, where you have it" }
                @for row in &aside {
                    details.slot-more {
                        summary { span.slot-name { (named(row.slot)) } " " @if let Some(need) = row.need { (chip(need.state)) } }
                        (slot(work, row, visitor))
                    }
                }
            }
        }
        @if work.open { (several(work, visitor)) }
    }
}

/// A slot's name as people read it; a provider's, too.
pub fn named(slot: &str) -> String {
    let words = slot.replace(['-', '_'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn slot(work: &Workspace, row: &Row<'_>, visitor: &Visitor) -> Markup {
    let meaning = row.need.and_then(|need| need.meaning).or_else(|| {
        let known = work.catalogue.iter().find(|known| known.slot == row.slot);
        known.map(|known| known.meaning)
    });
    html! {
        article.slot id={ "slot-" (row.slot) } data-slot=(row.slot) aria-labelledby={ "name-" (row.slot) } {
            div.slot-head {
                h3 id={ "name-" (row.slot) } { (named(row.slot)) }
                div id={ "state-" (row.slot) } { (state(row.need)) }
            }
            p.hint {
                @if let Some(meaning) = meaning { (meaning) ". " }
                @if let Some(need) = row.need { "Asked for because it is " (need.basis) "." }
            }
            @if let Some(file) = row.held.and_then(|held| held.file.as_ref()) { (file_held(work, row.slot, file, visitor)) }
            @if work.open { (fill(work, row, visitor)) }
            @else if let Some(text) = row.held.and_then(|held| held.text.as_ref()) { p.piece { (text) } }
            @else if row.held.is_none() { p.soft { "Nothing stands here." } }
        }
    }
}

/// How the slot stands, and why.
pub fn state(need: Option<&NeedView>) -> Markup {
    html! {
        @if let Some(need) = need {
            (chip(need.state))
            @if matches!(need.state, "weak" | "waived") { " " span.small.soft { (need.why) } }
        }
    }
}

fn file_held(work: &Workspace, slot: &str, file: &FileView, visitor: &Visitor) -> Markup {
    let base = format!("/disputes/{}/evidence/{slot}", work.case.case);
    let remove = html! {
        @if work.open {
            form method="post" action={ "/disputes/" (work.case.case) "/evidence/clear" } {
                (hidden(work, slot, visitor))
                button { "Remove" span.visually-hidden { " " (file.name) } }
            }
        }
    };
    held_file::figure(&base, file, &remove)
}

/// What every form of a slot carries: the session's token, the version that the page showed, and what stood in the slot.
pub fn hidden(work: &Workspace, slot: &str, visitor: &Visitor) -> Markup {
    html! {
        (frame::csrf(visitor))
        input type="hidden" name="version" value=(work.case.evidence.version);
        input type="hidden" name="slot" value=(slot);
        input type="hidden" name="seen" value=(super::fingerprint(&work.case, slot));
    }
}

fn fill(work: &Workspace, row: &Row<'_>, visitor: &Visitor) -> Markup {
    let file = row.held.is_some_and(|held| held.file.is_some());
    html! {
        @if file {
            details { summary { "Write words instead of the file" } (words(work, row, visitor)) }
            details { summary { "Put another file in its place" } (bring(work, row, visitor)) }
        } @else {
            (words(work, row, visitor))
            (bring(work, row, visitor))
        }
    }
}

fn words(work: &Workspace, row: &Row<'_>, visitor: &Visitor) -> Markup {
    let draft = work.drafts.iter().find(|draft| draft.slot == row.slot);
    let saved = row.held.and_then(|held| held.text.as_deref());
    let text = draft.map_or(saved, |draft| Some(draft.text.as_str()));
    let id = format!("text-{}", row.slot);
    html! {
        form method="post" action={ "/disputes/" (work.case.case) "/evidence" } data-autosave="" {
            (hidden(work, row.slot, visitor))
            label for=(id) { "In words" span.visually-hidden { ", for " (named(row.slot)) } }
            textarea id=(id) name="text" maxlength=(CHARACTERS_MAX) aria-describedby={ "status-" (row.slot) } { (text.unwrap_or_default()) }
            div.row {
                button { "Save" span.visually-hidden { " " (named(row.slot)) } }
                span.small.soft id={ "status-" (row.slot) } role="status" data-status="" { @if draft.is_some() { "Not saved yet." } }
            }
        }
        div data-answer="" {}
    }
}

fn bring(work: &Workspace, row: &Row<'_>, visitor: &Visitor) -> Markup {
    let words = row.held.is_some_and(|held| held.text.is_some());
    let id = format!("file-{}", row.slot);
    html! {
        form.bring method="post" enctype="multipart/form-data" action={ "/disputes/" (work.case.case) "/evidence/files" } data-files="" {
            (hidden(work, row.slot, visitor))
            label for=(id) { "Or a file" span.visually-hidden { ", for " (named(row.slot)) } }
            p.hint { (work.taken) @if words { " A file takes the place of the words above." } }
            div.row {
                input id=(id) type="file" name="file" accept=(ACCEPT) required;
                button { "Attach" span.visually-hidden { " to " (named(row.slot)) } }
            }
            (redact(row.slot))
            p.small role="status" data-status="" {}
        }
    }
}

const ACCEPT: &str = ".pdf,.png,.jpg,.jpeg,.gif,.tif,.tiff,.txt";

fn redact(slot: &str) -> Markup {
    html! {
        p.tick.small {
            input type="checkbox" id={ "redact-" (slot) } name="redact" value="yes";
            label for={ "redact-" (slot) } { "Blank out card numbers, where that is sound, instead of refusing the file" }
        }
    }
}

/// Files for several slots in one form: each with the slot that it belongs to.
fn several(work: &Workspace, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="several" {
            h2 id="several" { "Several files at once" }
            p.hint { "Choose a place for each. " (work.taken) }
            form method="post" enctype="multipart/form-data" action={ "/disputes/" (work.case.case) "/evidence/files" } {
                (frame::csrf(visitor))
                input type="hidden" name="version" value=(work.case.evidence.version);
                @for number in 1..=FILES_AT_ONCE {
                    div.several {
                        div {
                            label for={ "several-slot-" (number) } { "Place of file " (number) }
                            select id={ "several-slot-" (number) } name="slot" {
                                option value="" { "Choose a place" }
                                @for known in &work.catalogue { (choice(known)) }
                            }
                        }
                        div {
                            label for={ "several-file-" (number) } { "File " (number) }
                            input id={ "several-file-" (number) } type="file" name="file" accept=(ACCEPT);
                        }
                    }
                }
                (redact("several"))
                button { "Attach all" }
            }
        }
    }
}

fn choice(known: &CatalogueSlot) -> Markup {
    html! { option value=(known.slot) title=(known.meaning) { (named(known.slot)) } }
}

/// What somebody wrote while somebody else saved: both, and nothing lost.
pub fn conflict(work: &Workspace, draft: &Draft, visitor: &Visitor) -> Markup {
    let held = work
        .case
        .evidence
        .slots
        .iter()
        .find(|held| held.slot == draft.slot);
    let id = format!("mine-{}", draft.slot);
    html! {
        section.note.warn.conflict role="alert" aria-labelledby={ "conflict-" (draft.slot) } {
            h3 id={ "conflict-" (draft.slot) } { "Somebody else saved “" (named(&draft.slot)) "” meanwhile" }
            p { "Nothing is lost: theirs is saved, yours stands below. Take over what you need, then save yours in its place, or leave theirs." }
            div.split {
                div {
                    h4 { "Theirs, saved as version " (work.case.evidence.version) }
                    @match held {
                        Some(SlotView { text: Some(text), .. }) => pre { (text) },
                        Some(SlotView { file: Some(file), .. }) => p { "The file " (file.name) },
                        _ => p.soft { "They emptied it." },
                    }
                }
                form method="post" action={ "/disputes/" (work.case.case) "/evidence" } {
                    (hidden(work, &draft.slot, visitor))
                    label for=(id) { "Yours, not saved" }
                    textarea id=(id) name="text" maxlength=(CHARACTERS_MAX) { (draft.text) }
                    div.row {
                        button.first { "Save mine in its place" }
                        a.button href={ "/disputes/" (work.case.case) "/evidence#slot-" (draft.slot) } { "Leave theirs" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_slots_are_words() {
        assert_eq!(
            named("delivery_proof-full_address"),
            "Delivery proof full address"
        );
        assert_eq!(named(""), "");
    }
}
