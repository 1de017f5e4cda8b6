//! A merchant's webhook endpoints: made with a secret that is shown once, looked at delivery by delivery, sent to again,
//! disabled, enabled, given another secret, deleted.

mod one;

use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{at, chip, counted, sentence};
use crate::portal::merchant;
use crate::prove;
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Mode, Resource, Tenant};
use app::deliveries::HealthView;
use app::endpoints::{EndpointView, Offered, SettingError, Wanted};
use app::publish::Wording;
use app::{Desk, Error};
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use maud::{Markup, html};
use std::sync::Arc;

const HERE: &str = "/webhooks";

/// How events are worded and what an endpoint may ask for: the business of the interface for programs, which the composition
/// lends to these pages.
#[derive(Clone)]
pub struct Spoken {
    pub wording: Arc<dyn Wording>,
    pub offered: Arc<Offered>,
    /// The version whose shape an endpoint made here is told in.
    pub version: &'static str,
}

pub fn routes() -> Router<State> {
    Router::new()
        .route(HERE, get(list))
        .route("/webhooks/add", post(add))
        .route("/webhooks/{endpoint}", get(one::show))
        .route("/webhooks/{endpoint}/events/{event}", get(one::event))
        .route("/webhooks/{endpoint}/{deed}", post(one::act))
}

/// Whose endpoints these pages are about.
fn owner(visitor: &Visitor) -> (Option<String>, bool) {
    let merchant = match visitor.asker.tenant() {
        Tenant::Merchant(merchant) => Some(merchant.to_string()),
        Tenant::Desk => None,
    };
    (merchant, visitor.asker.mode() == Mode::Live)
}

/// A form as it was filled in, to be filled in again.
#[derive(Clone, Debug, Default)]
struct Draft {
    url: String,
    description: String,
    events: Vec<String>,
}

async fn list(
    Shared(state): Shared<State>,
    Extension(spoken): Extension<Spoken>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Read, Resource::Endpoints)?;
    listed(&state, &spoken, &visitor, News::None).await
}

/// What the list says beside itself.
enum News {
    None,
    Made {
        url: String,
        secret: String,
    },
    Wrong {
        draft: Draft,
        wrong: Vec<SettingError>,
    },
}

async fn listed(
    state: &State,
    spoken: &Spoken,
    visitor: &Visitor,
    news: News,
) -> Result<Response, Trouble> {
    let (merchant, live) = owner(visitor);
    let now = visitor.now;
    let all = state
        .write(move |desk| views(desk, merchant.as_deref(), live, now))
        .await?;
    Ok(shown(&page(&all, &news, spoken, visitor), visitor))
}

fn views(
    desk: &mut Desk,
    merchant: Option<&str>,
    live: bool,
    now: calendar::Instant,
) -> Result<Vec<EndpointView>, Error> {
    let found = desk.endpoints_of(merchant, live)?;
    let views = found
        .iter()
        .map(|endpoint| desk.endpoint_view(endpoint, now));
    views.collect()
}

fn page(all: &[EndpointView], news: &News, spoken: &Spoken, visitor: &Visitor) -> Page<'static> {
    let manages = visitor.may(Action::Manage, Resource::Endpoints);
    let proved = !visitor.must_prove(Action::Manage, Resource::Endpoints);
    let draft = match news {
        News::Wrong { draft, .. } => draft.clone(),
        News::None | News::Made { .. } => Draft {
            events: vec![String::from("*")],
            ..Draft::default()
        },
    };
    Page {
        title: "Webhooks",
        place: HERE,
        about: html! { p { (sentence(&format!("{} mode", visitor.asker.mode()))) " Your programs are told what happens to your disputes, within seconds, signed." } },
        body: html! {
            @match news {
                News::Made { url, secret } => (secret_once(url, secret)),
                News::Wrong { wrong, .. } => div.note.bad role="alert" {
                    p { strong { "The endpoint was not made." } }
                    ul { @for one in wrong { li { (field_name(one.field)) " " (one.why) "." } } }
                },
                News::None => {}
            }
            @if all.is_empty() {
                div.empty { p { strong { "Nobody is told yet." } } p.soft { "An endpoint is a URL of yours that takes a POST for every event." } }
            } @else { (table(all, visitor)) }
            @if manages {
                @if proved { (making(&draft, spoken, visitor)) } @else { (prove::asked(HERE)) }
            }
        },
    }
}

fn field_name(field: &str) -> &'static str {
    match field {
        "url" => "The URL",
        "description" => "The description",
        "enabled_events" => "What it is told",
        _ => "The version",
    }
}

/// The one time that a secret is shown.
fn secret_once(url: &str, secret: &str) -> Markup {
    html! {
        div.note.good role="status" {
            p { strong { "The secret of " bdi { (url) } "." } " Copy it now: it is shown this once and never again. Your receiver verifies every message with it." }
            p { label for="secret" { "Secret" } input.mono id="secret" readonly value=(secret) data-select autocomplete="off"; }
        }
    }
}

/// How an endpoint is, in a word and a sentence.
fn health(view: &HealthView, visitor: &Visitor) -> Markup {
    let (class, word, sentence) = match (view.state, view.failures) {
        ("enabled", 0) => ("won", "works", "It takes what it is sent."),
        ("enabled", _) => ("broken", "fails", "Every event is tried again."),
        ("slowed", _) => (
            "weak",
            "slowed",
            "It asked for less, and gets one at a time.",
        ),
        ("releasing", _) => (
            "weak",
            "catching up",
            "What was held goes out, oldest first.",
        ),
        ("gone", _) => (
            "broken",
            "gone",
            "It answered that it is gone. Events are held until somebody enables it.",
        ),
        ("stopped", _) => (
            "held",
            "disabled by hand",
            "Events are held until somebody enables it.",
        ),
        _ => (
            "broken",
            "disabled",
            "It failed for days. Events are held, and one is tried now and then.",
        ),
    };
    html! {
        span class={ "chip " (class) } { (word) } " " (sentence)
        @if view.failures > 0 { " " (counted(i64::from(view.failures), "failure")) " in a row." }
        @if let Some(since) = view.since { " Since " (at(since, visitor)) "." }
        @if let Some(next) = view.next_at { " Next at " (at(next, visitor)) "." }
    }
}

fn table(all: &[EndpointView], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Endpoints" data-rows {
            table.cards {
                caption.visually-hidden { "Endpoints, newest first" }
                thead { tr { th scope="col" { "Endpoint" } th scope="col" { "How it is" } th scope="col" { "Told of" } th scope="col" { "Made" } } }
                tbody {
                    @for view in all {
                        tr {
                            th scope="row" { a data-row href={ (HERE) "/" (view.id) } { bdi { (view.url) } } @if !view.description.is_empty() { br; span.soft.small { bdi { (view.description) } } } }
                            td data-name="How it is" { (health(&view.health, visitor)) }
                            td data-name="Told of" { (told_of(view)) }
                            td data-name="Made" { (at(view.created_at, visitor)) }
                        }
                    }
                }
            }
        }
    }
}

fn told_of(view: &EndpointView) -> Markup {
    html! {
        @for pattern in &view.enabled_events {
            @if pattern == "*" { (chip("everything")) } @else { span.mono.small.event { (pattern) } br; }
        }
    }
}

fn making(draft: &Draft, spoken: &Spoken, visitor: &Visitor) -> Markup {
    let chosen = |event: &str| draft.events.iter().any(|known| known == event);
    html! {
        section.panel.after aria-labelledby="make" {
            h2 id="make" { "Add an endpoint" }
            form method="post" action="/webhooks/add" {
                (frame::csrf(visitor))
                p {
                    label for="url" { "URL" }
                    span.hint id="url-hint" { "https and a public host, on port 443 unless this desk allows others." }
                    input.mono id="url" name="url" value=(draft.url) maxlength="2048" required autocomplete="off" aria-describedby="url-hint" placeholder="https://shop.example.com/hooks";
                }
                p { label for="description" { "What it is for" } input id="description" name="description" value=(draft.description) maxlength="5000"; }
                fieldset {
                    legend { "It is told of" }
                    p.row { input type="checkbox" id="event-all" name="event" value="*" checked[chosen("*")]; label for="event-all" { "Everything" } }
                    details open[!chosen("*")] {
                        summary { "Only some events" }
                        div.filters {
                            @for (place, event) in spoken.offered.event_types.iter().enumerate() {
                                p.row { input type="checkbox" id={ "event-" (place) } name="event" value=(event) checked[chosen(event)]; label.mono.small for={ "event-" (place) } { (event) } }
                            }
                        }
                    }
                }
                button.first { "Add it" }
            }
        }
    }
}

async fn add(
    Shared(state): Shared<State>,
    Extension(spoken): Extension<Spoken>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let may = allowed(visitor, Action::Manage, Resource::Endpoints);
    may.map_err(|trouble| trouble.back_to(HERE))?;
    let draft = Draft {
        url: posted.text("url").trim().to_owned(),
        description: posted.text("description").trim().to_owned(),
        events: posted.all("event").map(str::to_owned).collect(),
    };
    let (merchant, live) = owner(visitor);
    let (who, now, wanted) = (visitor.person.to_string(), visitor.now, draft.clone());
    let (offered, version) = (Arc::clone(&spoken.offered), spoken.version);
    let made = state
        .write(move |desk| {
            let events: Vec<&str> = wanted.events.iter().map(String::as_str).collect();
            let asked = Wanted {
                url: &wanted.url,
                description: &wanted.description,
                events: &events,
                api_version: version,
                metadata: "{}",
            };
            let owner = (merchant.as_deref(), live);
            desk.create_endpoint(owner, &asked, &offered, &who, now)
        })
        .await?;
    let news = match made {
        Ok((endpoint, secret)) => News::Made {
            url: endpoint.url,
            secret: secret.expose().to_owned(),
        },
        Err(wrong) => News::Wrong { draft, wrong },
    };
    listed(&state, &spoken, visitor, news).await
}
