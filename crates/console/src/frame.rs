//! The frame around every page: what stands at the top, who is here, and where one may go.

use crate::assets;
use crate::desk;
use crate::visitor::{Theme, Visitor};
use access::{Action, Resource};
use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

/// A page before its frame.
pub struct Page<'a> {
    pub title: &'a str,
    /// The address of the entry in the menu to which the page belongs.
    pub place: &'a str,
    /// Under the title: what this page is about, how fresh it is.
    pub about: Markup,
    pub body: Markup,
}

/// An entry of the menu: address, name, and what one must be allowed for it.
type Entry = (&'static str, &'static str, Action, Resource);

const DESK: &[Entry] = &[
    ("/desk", "Morning", Action::Read, Resource::Disputes),
    ("/desk/queue", "Queue", Action::Read, Resource::Obligations),
    ("/desk/cases", "Cases", Action::Read, Resource::Disputes),
    (
        "/desk/findings",
        "Findings",
        Action::Read,
        Resource::Findings,
    ),
    ("/desk/ledger", "Ledger", Action::Read, Resource::Ledger),
    ("/desk/feeds", "Intake", Action::Read, Resource::Feeds),
    ("/desk/rules", "Rules", Action::Read, Resource::Rules),
];

const PORTAL: &[Entry] = &[
    ("/", "Now", Action::Read, Resource::Disputes),
    ("/disputes", "Disputes", Action::Read, Resource::Disputes),
    ("/insights", "Insights", Action::Read, Resource::Disputes),
    ("/team", "Team", Action::Read, Resource::People),
    ("/keys", "Keys", Action::Read, Resource::Keys),
    ("/webhooks", "Webhooks", Action::Read, Resource::Endpoints),
    ("/settings", "Settings", Action::Read, Resource::Disputes),
];

/// The whole document.
pub fn framed(page: &Page<'_>, visitor: &Visitor) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme(visitor.theme)] {
            (head(page.title))
            body.portal[!visitor.of_the_desk()] {
                a.skip href="#main" { "Skip to content" }
                (bar(page.place, visitor))
                main id="main" tabindex="-1" {
                    div.head { h1 { (page.title) } (page.about) }
                    (page.body)
                }
                (foot(visitor))
                (palette(visitor))
            }
        }
    }
}

/// A document for somebody who is nobody yet: signing in, errors.
pub fn bare(title: &str, body: &Markup) -> Html<String> {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body.portal {
                a.skip href="#main" { "Skip to content" }
                header.bar { a.name href="/" { "Docket" } }
                main id="main" tabindex="-1" {
                    div.head { h1 { (title) } }
                    (body)
                }
            }
        }
    };
    Html(document.into_string())
}

fn theme(theme: Theme) -> Option<&'static str> {
    Some(theme.name()).filter(|name| !name.is_empty())
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · Docket" }
            link rel="icon" type="image/svg+xml" href=(assets::url("docket.svg"));
            link rel="stylesheet" href=(assets::url("console.css"));
            script src=(assets::url("desk.js")) defer {}
        }
    }
}

fn entries(visitor: &Visitor) -> impl Iterator<Item = &'static Entry> + '_ {
    let all: &'static [Entry] = if visitor.of_the_desk() { DESK } else { PORTAL };
    all.iter()
        .filter(|(_, _, action, resource)| visitor.may(*action, *resource))
}

fn bar(place: &str, visitor: &Visitor) -> Markup {
    let (home, find) = if visitor.of_the_desk() {
        ("/desk", "/desk/search")
    } else {
        ("/", "/disputes")
    };
    html! {
        header.bar {
            a.name href=(home) { "Docket" }
            nav aria-label="Main" {
                ul {
                    @for (address, name, _, _) in entries(visitor) {
                        li { a href=(address) aria-current=[(*address == place).then_some("page")] { (name) } }
                    }
                }
            }
            form.find role="search" action=(find) method="get" {
                label.visually-hidden for="find" { "Find by any reference" }
                input id="find" type="search" name="q" placeholder="Any reference" autocomplete="off" aria-keyshortcuts="/";
                button { "Find" }
            }
            div.who {
                span { a href="/settings" { bdi { (visitor.name) } } span.place { " · " (visitor.place) } }
                form action="/leave" method="post" {
                    (csrf(visitor))
                    button.plain { "Leave" }
                }
            }
        }
    }
}

fn foot(visitor: &Visitor) -> Markup {
    html! {
        footer.foot {
            span { "Times in " (visitor.zone.name()) }
            span { kbd { "/" } " find" }
            span { kbd { "j" } " " kbd { "k" } " rows" }
            span { kbd { "Ctrl" } " " kbd { "k" } " go anywhere" }
            span { kbd { "?" } " all keys" }
        }
    }
}

/// Keys and what they do, for the list of them.
const KEYS: [(&str, &str); 9] = [
    ("/", "Into the search box"),
    ("Ctrl k", "Go to any page, or find"),
    ("j, k", "The next row, the one before"),
    ("Enter", "Open the row"),
    ("x", "Choose the row, where rows can be chosen"),
    ("c", "Claim what is chosen, in the queue"),
    ("n, p", "The next page of a list, the one before"),
    ("g", "then the first letter of a page in the menu"),
    ("?", "This list"),
];

/// Where one can go by typing. Without scripts it is never shown, and nothing is lost: the menu has the same places.
fn palette(visitor: &Visitor) -> Markup {
    let within = desk::places(visitor).filter(|_| visitor.of_the_desk());
    let find = if visitor.of_the_desk() {
        "/desk/search"
    } else {
        "/disputes"
    };
    html! {
        dialog id="palette" aria-label="Go anywhere" data-find=(find) {
            form method="dialog" {
                label for="palette-text" { "Go to a page, or find anything" }
                input id="palette-text" type="search" autocomplete="off" role="combobox" aria-expanded="true" aria-controls="palette-places";
            }
            ul id="palette-places" {
                @for (address, name, _, _) in entries(visitor) { li { a href=(address) { (name) } } }
                @for (address, name) in within { li { a href=(address) { (name) } } }
            }
        }
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            dl.keys { @for (key, does) in KEYS { dt { kbd { (key) } } dd { (does) } } }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// The field that proves that a form is ours.
pub fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf" value=(visitor.csrf); }
}
