//! What somebody wrote in a form that was not taken: it is given back on the page that says why. A browser that goes back to
//! a page which may not be stored need not fill its fields again, and a session that ended costs nobody a word.

use crate::door::{LINES, escaped};
use crate::frame;
use crate::visitor::Visitor;
use app::redact;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::sync::{Arc, Mutex, PoisonError};

/// What was written, with the rest of its form, and the page on which.
#[derive(Clone)]
pub struct Words {
    field: String,
    text: String,
    action: String,
    rest: Vec<(String, String)>,
    page: String,
}

/// Carried with a request: its form is read in one place, and what becomes of it is known in another.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Option<Words>>>);

impl Kept {
    /// Keeps what these fields hold of somebody's own words, where the form stood on a page of this origin: nobody's words are
    /// shown on our pages because another site's form says them.
    pub fn hold(parts: &Parts, fields: &[(String, String)], origin: &str) {
        let held = parts.extensions.get::<Kept>();
        let written = fields
            .iter()
            .find(|(name, value)| LINES.contains(&name.as_str()) && !value.trim().is_empty());
        let (Some(kept), Some((field, text)), true) =
            (held, written, is_here(&parts.headers, origin))
        else {
            return;
        };
        let rest = fields
            .iter()
            .filter(|(name, _)| name != field && name != "csrf");
        let action = parts.uri.path();
        let words = Words {
            field: field.clone(),
            text: redact::pans(text),
            action: action.to_owned(),
            rest: rest.cloned().collect(),
            page: page_of(action),
        };
        let mut place = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(words);
    }

    pub fn words(&self) -> Option<Words> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }
}

/// Whether a browser says that the form stood on a page of ours.
pub fn is_here(headers: &HeaderMap, origin: &str) -> bool {
    let says = |name: &str, wanted: &str| {
        let value = headers.get(name);
        value.is_some_and(|value| value.as_bytes() == wanted.as_bytes())
    };
    match headers.contains_key("sec-fetch-site") {
        true => says("sec-fetch-site", "same-origin"),
        false => says(header::ORIGIN.as_str(), origin),
    }
}

/// The page on which a form stands: `/desk/cases/ID` of `/desk/cases/ID/note`; a list's own form goes to the list.
fn page_of(path: &str) -> String {
    let (parent, _) = path.rsplit_once('/').unwrap_or_default();
    match path.split('/').count() {
        4.. => parent.to_owned(),
        _ => path.to_owned(),
    }
}

/// What was written, to mend and send again from here, and the way back to where it belongs.
pub fn to_mend(words: &Words, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="kept" {
            form method="post" action=(words.action) {
                (frame::csrf(visitor))
                @for (name, value) in &words.rest { input type="hidden" name=(name) value=(value); }
                h2 { label id="kept" for="kept-text" { "What you wrote" } }
                textarea id="kept-text" name=(words.field) rows="8" dir="auto" { (words.text) }
                p.row { button.first { "Try again with this" } a.button href=(words.page) { "Back, without it" } }
            }
        }
    }
}

/// What was written, to copy, and the way back to where it belongs.
pub fn to_copy(words: &Words) -> Markup {
    html! {
        section.panel aria-labelledby="kept" {
            h2 { label id="kept" for="kept-text" { "What you wrote" } }
            textarea id="kept-text" readonly rows="8" dir="auto" data-select="" { (words.text) }
            p { a.button href=(words.page) { "Back to where you wrote it" } }
        }
    }
}

/// The page for somebody whose session is over.
pub fn signed_out(words: &Words) -> Response {
    let way_in = format!("/sign-in?back={}", escaped(&words.page));
    let body = html! {
        div.note.warn {
            p { strong { "Your session has ended, and nothing that you wrote is lost." } }
            p { "Nothing was done with it yet: it stands below. Keep this page open, " a href=(way_in) target="_blank" rel="noopener" { "sign in, in another tab" } ", and put it in again there." }
        }
        (to_copy(words))
    };
    let page = frame::bare("You are signed out", &body);
    (StatusCode::UNAUTHORIZED, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_to_the_page_of_a_form() {
        let check = |path: &str, want: &str| assert_eq!(page_of(path), want);
        check("/disputes/dp_1/message", "/disputes/dp_1");
        check("/desk/cases/dp_1/note", "/desk/cases/dp_1");
        check("/desk/documents/doc_1/decide", "/desk/documents/doc_1");
        check("/desk/queue", "/desk/queue");
        check("/settings", "/settings");
    }

    #[test]
    fn only_a_form_of_ours_gives_words_back() {
        let own = "https://desk.example";
        let check = |headers: &[(&'static str, &str)], want: bool| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().expect("a header's value"));
            }
            assert_eq!(is_here(&map, own), want, "{headers:?}");
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("origin", own)], true);
        check(&[("origin", "https://evil.example")], false);
        check(&[("origin", own), ("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[], false);
    }
}
