//! Messages between the desk and a merchant, as both see them.
//!
//! The desk's own notes have another type and cannot be given to these functions: what is drawn here may be seen by a
//! merchant.

use crate::frame;
use crate::parts::at;
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::case::MessageView;
use maud::{Markup, html};

/// The messages of a dispute, oldest first, and a form that writes one to `action`.
pub fn thread(messages: &[MessageView], action: &str, visitor: &Visitor) -> Markup {
    let of_the_desk = visitor.of_the_desk();
    let other = match of_the_desk {
        true => "the merchant",
        false => "the desk",
    };
    html! {
        section.panel id="messages" aria-labelledby="messages-title" {
            h2 id="messages-title" { "Messages with " (other) }
            @if messages.is_empty() { p.soft { "Nothing was written yet." } }
            ol.thread {
                @for message in messages {
                    @let own = message.from_desk == of_the_desk;
                    li.own[own] {
                        p.small.soft { strong { bdi { (message.author) } } @if message.from_desk { " (desk)" } " · " (at(message.at, visitor)) }
                        p.said dir="auto" { (message.text) }
                    }
                }
            }
            @if visitor.may(Action::Note, Resource::Disputes) {
                form method="post" action=(action) {
                    (frame::csrf(visitor))
                    label for="message" { "Write to " (other) }
                    span.hint id="message-hint" { "They see it and your name. No card numbers." }
                    textarea id="message" name="text" maxlength="5000" required dir="auto" aria-describedby="message-hint" {}
                    button { "Send" }
                }
            }
        }
    }
}

/// Until when one side has been written to; `None` where nothing was written to it.
pub fn written_to(messages: &[MessageView], of_the_desk: bool) -> Option<calendar::Instant> {
    let to_them = messages
        .iter()
        .filter(|message| message.from_desk != of_the_desk);
    to_them.map(|message| message.at.0).max()
}
