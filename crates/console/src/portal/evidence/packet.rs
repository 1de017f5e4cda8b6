//! The other side of the workspace: what the packet comes to, how the provider will get it, and the way to send it.

use super::Workspace;
use super::page::named;
use crate::amount;
use crate::frame;
use crate::held_file::size;
use crate::parts::{at, chip};
use crate::visitor::Visitor;
use app::case::SealView;
use app::packet::{Bound, Message, Shown};
use maud::{Markup, html};

pub fn figures_panel(work: &Workspace) -> Markup {
    html! {
        section.panel aria-labelledby="comes-to" {
            h2 id="comes-to" { "What the packet comes to" }
            div id="figures" { (figures(work)) }
        }
    }
}

/// The figures, each against its limit; a page's script puts them anew after every save.
pub fn figures(work: &Workspace) -> Markup {
    let figures = &work.packet.figures;
    html! {
        dl.facts {
            dt { "Files" } dd { (figures.files) }
            dt { "Pages" } dd { (figures.pages) @if figures.uncounted > 0 { " or more" } }
            dt { "Size" } dd { (size(figures.bytes)) }
            dt { "Text" } dd { (amount::count(figures.characters)) " characters" }
        }
        @for bound in work.packet.bounds.iter().filter(|bound| bound.found > 0) { (meter(bound)) }
        @if let Some((words, code)) = &work.packet.over {
            div.note.bad { p { strong { "It cannot be sealed so: " } (words) " (" (code) ")." } }
        }
    }
}

fn meter(bound: &Bound) -> Markup {
    let over = bound.found > bound.limit;
    let by = named(&bound.by);
    let name = format!("{} of what {by} takes", bound.what);
    let show = |number: u64| match bound.what.starts_with("bytes") {
        true => size(number),
        false => amount::count(number),
    };
    html! {
        p.bound.over[over] {
            meter min="0" max=(bound.limit) optimum="0" high=(bound.limit.saturating_mul(9) / 10) value=(bound.found.min(bound.limit)) aria-label=(name) {}
            span.small { (show(bound.found)) " of " (show(bound.limit)) " " @if !bound.what.starts_with("bytes") { (bound.what) } @else { (bound.what.trim_start_matches("bytes").trim_start()) } " " span.soft { "(" (by) ")" } }
        }
    }
}

pub fn preview(work: &Workspace) -> Markup {
    html! {
        section.panel aria-labelledby="as-it-goes" {
            h2 id="as-it-goes" { "As " (named(&work.case.provider)) " will get it" }
            div id="packet" { (messages(work)) }
        }
    }
}

/// The requests, in order, with every field under the provider's own name.
pub fn messages(work: &Workspace) -> Markup {
    html! {
        @if work.packet.messages.is_empty() && work.packet.unable.is_none() {
            p.soft { @if work.open { "Nothing yet. What you save appears here in the provider's own words." } @else { "Nothing was saved." } }
        }
        @if work.packet.asked_first {
            p { (named(&work.case.provider)) " names its own documents for each dispute, and is asked for them when this is sent. Until then its words are not known; what you gather here is what it gets." }
        } @else if let Some(why) = &work.packet.unable {
            div.note.warn { p { strong { "It could not be sent so: " } (why) } }
        }
        @if work.packet.messages.len() > 1 {
            p.hint { "Sent in this order. Where it says “assigned_on_upload”, the provider's own number of the uploaded file will stand." }
        }
        ol.requests {
            @for message in &work.packet.messages { (message_shown(message)) }
        }
    }
}

fn message_shown(message: &Message) -> Markup {
    html! {
        li {
            p.mono.small { (message.title) }
            dl.pieces {
                @for piece in &message.pieces {
                    dt.mono.small { @if piece.name.is_empty() { "body" } @else { (piece.name) } }
                    dd {
                        @match &piece.shown {
                            Shown::Text(text) => span.piece { (text) },
                            Shown::Bytes(text) => pre.small { (text) },
                            Shown::File { name, media_type, bytes } => span { strong { (name) } ", " (media_type) ", " (size(*bytes)) },
                        }
                    }
                }
            }
        }
    }
}

/// Sealing, and sending what was sealed.
pub fn send_panel(work: &Workspace, visitor: &Visitor) -> Markup {
    html! {
        @if work.open {
            section.panel id="send" aria-labelledby="send-it" {
                h2 id="send-it" { "Send it" }
                div id="to-send" { (send(work, visitor)) }
            }
        }
    }
}

/// What can be done with the draft as it is now; a page's script puts it anew after every save.
pub fn send(work: &Workspace, visitor: &Visitor) -> Markup {
    let case = &work.case;
    let missing: Vec<String> = work.missing();
    html! {
        @match &case.evidence.sealed {
            None if case.evidence.slots.is_empty() => {
                p { strong { "There is nothing to send yet." } }
                p {
                    @if missing.is_empty() { "Write in your own words what speaks for you, or attach a file." }
                    @else { "Begin with what is asked for: " (missing.join(", ")) "." }
                    " What you save is gathered here, and sealed when it is whole."
                }
            },
            None => {
                @if !missing.is_empty() { p { strong { "Missing: " } (missing.join(", ")) "." } }
                p { "Sealing freezes version " span data-version="" { (case.evidence.version) } ". What is sent is exactly that, byte for byte." }
                form method="post" action={ "/disputes/" (case.case) "/evidence/seal" } {
                    (frame::csrf(visitor))
                    input type="hidden" name="version" value=(case.evidence.version);
                    button.first { "Seal the evidence" }
                }
            },
            Some(seal) => (sealed(work, seal, visitor)),
        }
    }
}

fn sealed(work: &Workspace, seal: &SealView, visitor: &Visitor) -> Markup {
    let case = &work.case;
    html! {
        p { (chip("ready")) " Sealed: version " (seal.version) ". Its fingerprint is " span.mono.small { (seal.digest) } "." }
        form method="post" action={ "/disputes/" (case.case) "/evidence/submit" } {
            (frame::csrf(visitor))
            p.row {
                input type="checkbox" id="understood-submit" name="understood" value="yes" required;
                label for="understood-submit" { "I have understood that this goes to the provider once and cannot be changed after." }
            }
            button.first { "Send it to " (named(&case.provider)) }
        }
        form method="post" action={ "/disputes/" (case.case) "/withdraw" } {
            (frame::csrf(visitor))
            button { "Open the seal again" }
        }
    }
}

/// Nothing can be written now; what became of the answer stands instead.
pub fn closed(work: &Workspace, visitor: &Visitor) -> Markup {
    let sent = work
        .case
        .answers
        .iter()
        .rfind(|answer| answer.what == "evidence");
    html! {
        @match sent {
            Some(answer) => {
                div.note.good[answer.state == "accepted"].warn[answer.state == "in-doubt"].bad[answer.state == "refused"] id="receipt" {
                    p {
                        @match answer.state {
                            "asked" => { strong { "Your evidence waits to be sent." } " It leaves within a minute, as soon as the provider can be reached." },
                            "in-doubt" => { strong { "Your evidence was sent" } ", and the provider has not confirmed it yet. We read back, and will not send it twice." },
                            "accepted" => { strong { "The provider has your evidence." } @if let Some(settled) = answer.settled_at { " It confirmed on " (at(settled, visitor)) "." } },
                            "refused" => { strong { "The provider refused your evidence." } @if let Some(words) = &answer.refusal { " It said: " (words) } },
                            other => { "Your evidence: " (other.replace('-', " ")) "." },
                        }
                    }
                    p { a.button href={ "/disputes/" (work.case.case) "/receipt" } { "Receipt to keep" } }
                }
            },
            None => div.note { p { "Nothing can be written here now: " (work.why_closed()) "." } },
        }
    }
}
