//! Somebody's session ended while they wrote. What they wrote stands here until they are back.

use crate::frame;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

/// What was written, as a whole page for a browser without scripts. It goes on by the very form: after signing in the same
/// words are shown on a page of the new session, and saved from there.
pub fn page(address: &str, (slot, text): (&str, &str), quiet: bool) -> Response {
    if quiet {
        return (StatusCode::UNAUTHORIZED, Html(pieces().into_string())).into_response();
    }
    let body = html! {
        div.note.warn {
            p { strong { "Your session has ended, and nothing that you wrote is lost." } }
            p { "It was not saved yet: it stands below. Keep this page open." }
        }
        ol {
            li { p { a.button href="/sign-in?back=/disputes" target="_blank" rel="noopener" { "Sign in, in another tab" } } }
            li {
                form method="post" action=(address) {
                    input type="hidden" name="slot" value=(slot);
                    input type="hidden" name="again" value="yes";
                    label for="kept-text" { "What you wrote" }
                    textarea id="kept-text" name="text" readonly { (text) }
                    button.first { "I am back: go on with this" }
                }
            }
        }
    };
    (
        StatusCode::UNAUTHORIZED,
        frame::bare("You are signed out", &body),
    )
        .into_response()
}

/// The same for the page's script, which keeps the words in their field meanwhile.
fn pieces() -> Markup {
    html! {
        div.note.warn role="alert" {
            p {
                strong { "You are signed out; nothing that you wrote is lost." } " "
                a href="/sign-in?back=/disputes" target="_blank" rel="noopener" { "Sign in, in another tab" }
                ", then come back here: it is saved by itself."
            }
        }
    }
}

/// A file cannot be held for somebody whom nobody knows.
pub fn of_files() -> Response {
    let body = html! {
        div.note.warn {
            p { strong { "Your session has ended, so the file was not taken." } }
            p { "Sign in again and choose it once more; what was saved before is there." }
        }
        p { a.button href="/sign-in?back=/disputes" { "Sign in" } }
    };
    (
        StatusCode::UNAUTHORIZED,
        frame::bare("You are signed out", &body),
    )
        .into_response()
}
