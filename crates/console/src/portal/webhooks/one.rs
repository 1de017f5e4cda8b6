//! One endpoint: how it is, what was sent to it and what waits, and what its owner may do about it.

use super::{HERE, Spoken, health, owner, secret_once, told_of};
use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{at, counted, unsaid};
use crate::portal::{confirmed, merchant};
use crate::prove;
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::deliveries::{Again, AttemptView, DeliveryQuery, DeliveryView};
use app::endpoints::EndpointView;
use app::publish::Endpoint;
use app::{Desk, Error};
use axum::Extension;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const LINES: u32 = 50;
const ATTEMPTS: u32 = 100;
/// How long an old secret may sign beside a new one, in hours.
const OVERLAPS: [(u16, &str); 4] = [
    (0, "stops at once"),
    (1, "signs for 1 hour"),
    (24, "signs for 1 day"),
    (168, "signs for 7 days"),
];
const STATES: [(&str, &str); 5] = [
    ("", "All"),
    ("due", "On their way"),
    ("held", "Held"),
    ("delivered", "Delivered"),
    ("parked", "Given up"),
];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    after: String,
    before: String,
}

/// What the page of an endpoint shows.
struct Seen {
    view: EndpointView,
    rows: Vec<DeliveryView>,
    more: bool,
}

/// The endpoint, if it is the visitor's.
fn named(desk: &mut Desk, owner: &(Option<String>, bool), id: &str) -> Result<Endpoint, Error> {
    desk.endpoint_of((owner.0.as_deref(), owner.1), id)
}

pub async fn show(
    Shared(state): Shared<State>,
    Extension(spoken): Extension<Spoken>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Read, Resource::Endpoints)?;
    seen(&state, &spoken, &visitor, (&id, &asked), None).await
}

async fn seen(
    state: &State,
    spoken: &Spoken,
    visitor: &Visitor,
    (id, asked): (&str, &Asked),
    secret: Option<String>,
) -> Result<Response, Trouble> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let query = DeliveryQuery {
        endpoint: id.to_owned(),
        state: given(&asked.state),
        after: given(&asked.after),
        before: given(&asked.before).filter(|_| asked.after.is_empty()),
        limit: LINES,
    };
    let (whose, now, wording) = (owner(visitor), visitor.now, Arc::clone(&spoken.wording));
    let seen = state
        .write(move |desk| {
            let endpoint = named(desk, &whose, &query.endpoint)?;
            let view = desk.endpoint_view(&endpoint, now)?;
            let page = desk.deliveries(&query, wording.as_ref())?;
            Ok(page.map(|(rows, more)| Seen { view, rows, more }))
        })
        .await?;
    let seen = seen.ok_or(Trouble::NotFound)?;
    Ok(shown(
        &page(&seen, asked, secret.as_deref(), visitor),
        visitor,
    ))
}

fn page(seen: &Seen, asked: &Asked, secret: Option<&str>, visitor: &Visitor) -> Page<'static> {
    let view = &seen.view;
    Page {
        title: "Webhook endpoint",
        place: HERE,
        about: html! { p { bdi.mono { (view.url) } @if !view.description.is_empty() { " · " bdi { (view.description) } } } },
        body: html! {
            @if let Some(secret) = secret { (secret_once(&view.url, secret)) }
            div.split.wide {
                section aria-labelledby="deliveries" {
                    h2 id="deliveries" { "Deliveries" }
                    (filter(view, asked))
                    @if seen.rows.is_empty() { div.empty { p { "Nothing like this was on its way to it." } } }
                    @else { (table(&seen.rows, view, visitor)) (pager(seen, asked)) }
                }
                div.stack {
                    (facts(view, visitor))
                    @if visitor.may(Action::Replay, Resource::Endpoints) { (sending(view, visitor)) }
                    @if visitor.may(Action::Manage, Resource::Endpoints) { (keeping(view, visitor)) }
                }
            }
        },
    }
}

fn facts(view: &EndpointView, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="facts" {
            h2 id="facts" { "How it is" }
            p { (health(&view.health, visitor)) }
            dl.facts {
                dt { "Told of" } dd { (told_of(view)) }
                dt { "Version" } dd.mono { (view.api_version) }
                dt { "Made" } dd { (at(view.created_at, visitor)) }
                @if let Some(until) = view.old_secret_until { dt { "Old secret" } dd { "signs until " (at(until, visitor)) } }
                dt { "Verify" } dd { "with its secret, or with the desk's public key " code { (view.public_key) } }
                @for old in view.public_keys.iter().skip(1) {
                    @if let Some(until) = old.until { dt { "Old key" } dd { code { (old.key) } " signs until " (at(until, visitor)) } }
                }
            }
        }
    }
}

fn filter(view: &EndpointView, asked: &Asked) -> Markup {
    html! {
        form.filters method="get" action={ (HERE) "/" (view.id) } {
            p {
                label for="state" { "Those that are" }
                select id="state" name="state" { @for (word, name) in STATES { option value=(word) selected[word == asked.state] { (name) } } }
            }
            p { button { "Show" } }
        }
    }
}

fn state_chip(row: &DeliveryView) -> Markup {
    let (class, word) = match row.state.as_str() {
        "delivered" => ("chip won", "delivered"),
        "held" => ("chip held", "held"),
        "parked" => ("chip broken", "given up"),
        "cancelled" => ("chip", "cancelled"),
        _ if row.attempts > 0 => ("chip weak", "tried again"),
        _ => ("chip", "on its way"),
    };
    html! { span class=(class) { (word) } }
}

fn table(rows: &[DeliveryView], view: &EndpointView, visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Deliveries" data-rows {
            table.cards {
                caption.visually-hidden { "Deliveries, latest due first" }
                thead { tr { th.n scope="col" { "Number" } th scope="col" { "Event" } th scope="col" { "Happened" } th scope="col" { "State" } th.n scope="col" { "Attempts" } } }
                tbody {
                    @for row in rows {
                        tr {
                            td.n data-name="Number" { (row.sequence) }
                            th scope="row" { a data-row href={ (HERE) "/" (view.id) "/events/" (row.event) } { (row.kind) } }
                            td data-name="Happened" { (at(row.happened_at, visitor)) }
                            td data-name="State" { (state_chip(row)) " " (then(row, visitor)) }
                            td.n data-name="Attempts" { (row.attempts) }
                        }
                    }
                }
            }
        }
    }
}

/// Since when, until when, or why.
fn then(row: &DeliveryView, visitor: &Visitor) -> Markup {
    html! {
        span.small {
            @match (&row.why, row.settled_at) {
                (Some(why), _) => (why),
                (None, Some(settled)) => (at(settled, visitor)),
                (None, None) if row.state == "due" => { "from " (at(row.due_at, visitor)) },
                (None, None) => (unsaid("until it is enabled")),
            }
        }
    }
}

fn pager(seen: &Seen, asked: &Asked) -> Markup {
    let backwards = asked.after.is_empty() && !asked.before.is_empty();
    let newer = (backwards && seen.more) || !asked.after.is_empty();
    let older = backwards || seen.more;
    let to = |way: &str, row: Option<&DeliveryView>| {
        let state = match asked.state.as_str() {
            "" => String::new(),
            state => format!("state={}&", crate::door::escaped(state)),
        };
        row.map(|row| format!("{HERE}/{}?{state}{way}={}", seen.view.id, row.event))
    };
    html! {
        @if newer || older {
            nav.pager aria-label="Pages" {
                @match to("before", seen.rows.first()).filter(|_| newer) { Some(address) => a.button rel="prev" href=(address) { "← Later" }, None => span {} }
                @match to("after", seen.rows.last()).filter(|_| older) { Some(address) => a.button rel="next" href=(address) { "Earlier →" }, None => span {} }
            }
        }
    }
}

fn sending(view: &EndpointView, visitor: &Visitor) -> Markup {
    let to = |deed: &str| format!("{HERE}/{}/{deed}", view.id);
    html! {
        section.panel aria-labelledby="sending" {
            h2 id="sending" { "Send" }
            form method="post" action=(to("ping")) {
                (frame::csrf(visitor))
                p { button { "Send a test event" } }
            }
            form method="post" action=(to("replay")) {
                (frame::csrf(visitor))
                h3 { "Again, by number" }
                p.hint { "What was delivered or given up is sent again under the same ids." }
                div.filters {
                    p { label for="from" { "From" } input id="from" name="from" inputmode="numeric" pattern="[0-9]+" required; }
                    p { label for="until" { "until" } input id="until" name="until" inputmode="numeric" pattern="[0-9]+" required; }
                    p { button { "Send again" } }
                }
            }
            form method="post" action=(to("replay")) {
                (frame::csrf(visitor))
                h3 { "Again, by day" }
                p.hint { "Days in UTC, both included." }
                div.filters {
                    p { label for="first" { "From" } input id="first" name="first" type="date" required; }
                    p { label for="last" { "until" } input id="last" name="last" type="date" required; }
                    p { button { "Send again" } }
                }
            }
        }
    }
}

fn keeping(view: &EndpointView, visitor: &Visitor) -> Markup {
    let to = |deed: &str| format!("{HERE}/{}/{deed}", view.id);
    let here = format!("{HERE}/{}", view.id);
    html! {
        @if visitor.must_prove(Action::Manage, Resource::Endpoints) { (prove::asked(&here)) } @else {
            section.panel aria-labelledby="keeping" {
                h2 id="keeping" { "Keep" }
                form method="post" action=(to(if view.health.holds { "enable" } else { "disable" })) {
                    (frame::csrf(visitor))
                    @if view.health.holds {
                        p { button.first { "Enable it" } } p.hint { "What is held goes out oldest first, four a second." }
                    } @else {
                        p { button { "Disable it" } } p.hint { "Events are held for it, for 90 days." }
                    }
                }
                form method="post" action=(to("roll")) {
                    (frame::csrf(visitor))
                    h3 { "Another secret" }
                    label for="hours" { "The present one" }
                    select id="hours" name="hours" { @for (hours, name) in OVERLAPS { option value=(hours) selected[hours == 24] { (name) } } }
                    p { button { "Make another secret" } }
                }
                form method="post" action=(to("delete")) {
                    (frame::csrf(visitor))
                    h3 { "Delete" }
                    p.row { input type="checkbox" id="sure" name="understood" value="yes" required; label for="sure" { "I am sure: what waits for it is dropped" } }
                    button.grave { "Delete it" }
                }
            }
        }
    }
}

/// One event and every attempt of it.
pub async fn event(
    Shared(state): Shared<State>,
    Extension(spoken): Extension<Spoken>,
    Path((id, event)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Read, Resource::Endpoints)?;
    let (whose, wording) = (owner(&visitor), Arc::clone(&spoken.wording));
    let found = state
        .write(move |desk| {
            let endpoint = named(desk, &whose, &id)?;
            let Some(row) = desk.delivery(&endpoint.id, &event, wording.as_ref())? else {
                return Ok(None);
            };
            let attempts = desk.attempts(&endpoint.id, Some(&event), ATTEMPTS)?;
            Ok(Some((endpoint, row, attempts)))
        })
        .await?;
    let (endpoint, row, attempts) = found.ok_or(Trouble::NotFound)?;
    Ok(shown(
        &event_page(&endpoint, &row, &attempts, &visitor),
        &visitor,
    ))
}

fn event_page(
    endpoint: &Endpoint,
    row: &DeliveryView,
    attempts: &[AttemptView],
    visitor: &Visitor,
) -> Page<'static> {
    Page {
        title: "Delivery",
        place: HERE,
        about: html! { p { (row.kind) " to " a href={ (HERE) "/" (endpoint.id) } { bdi { (endpoint.url) } } } },
        body: html! {
            section.panel aria-label="The delivery" {
                p { (state_chip(row)) " " (then(row, visitor)) }
                dl.facts {
                    dt { "Event" } dd { code { (row.event) } }
                    dt { "Number" } dd { (row.sequence) }
                    dt { "Happened" } dd { (at(row.happened_at, visitor)) }
                    @if row.kind != "docket.ping" { dt { "Dispute" } dd { a href={ "/disputes/" (row.case) } { (row.case) } } }
                }
                @if visitor.may(Action::Replay, Resource::Endpoints) && matches!(row.state.as_str(), "delivered" | "parked") {
                    form method="post" action={ (HERE) "/" (endpoint.id) "/resend" } {
                        (frame::csrf(visitor))
                        input type="hidden" name="event" value=(row.event);
                        button { "Send it again" }
                    }
                }
            }
            section.after aria-labelledby="attempts" {
                h2 id="attempts" { (counted(i64::try_from(attempts.len()).unwrap_or(i64::MAX), "attempt")) }
                @if attempts.is_empty() { div.empty { p { "None has ended yet." } } } @else { (attempts_table(attempts, visitor)) }
            }
        },
    }
}

fn attempts_table(attempts: &[AttemptView], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Attempts" {
            table.cards {
                caption.visually-hidden { "Attempts, newest first" }
                thead { tr { th.n scope="col" { "Attempt" } th scope="col" { "At" } th.n scope="col" { "Answer" } th.n scope="col" { "Took" } th scope="col" { "Its first words" } } }
                tbody {
                    @for attempt in attempts {
                        tr {
                            th.n scope="row" { (attempt.number) }
                            td data-name="At" { (at(attempt.at, visitor)) }
                            td.n data-name="Answer" { @match attempt.status { Some(status) => (status), None => (unsaid("none")) } }
                            td.n data-name="Took" { (attempt.took_ms) " ms" }
                            td data-name="Words" { bdi.mono.small { (attempt.words) } }
                        }
                    }
                }
            }
        }
    }
}

/// What is asked of an endpoint by a form.
enum Deed {
    Ping,
    Replay(Again),
    Resend(String),
    Switch { enabled: bool },
    Roll { hours: u16 },
    Delete,
}

impl Deed {
    fn read(name: &str, posted: &Posted) -> Result<Deed, Trouble> {
        Ok(match name {
            "ping" => Deed::Ping,
            "replay" => Deed::Replay(range(posted)?),
            "resend" => Deed::Resend(posted.text("event").to_owned()),
            "enable" => Deed::Switch { enabled: true },
            "disable" => Deed::Switch { enabled: false },
            "roll" => {
                let text = posted.text("hours");
                let known = OVERLAPS.iter().find(|(hours, _)| hours.to_string() == text);
                let refuse =
                    || Trouble::Form(format!("expected hours of the list, found `{text}`"));
                let (hours, _) = known.copied().ok_or_else(refuse)?;
                Deed::Roll { hours }
            }
            "delete" => {
                confirmed(posted)?;
                Deed::Delete
            }
            _ => return Err(Trouble::NotFound),
        })
    }

    fn action(&self) -> Action {
        match self {
            Deed::Ping | Deed::Replay(_) | Deed::Resend(_) => Action::Replay,
            Deed::Switch { .. } | Deed::Roll { .. } | Deed::Delete => Action::Manage,
        }
    }
}

/// By number, or by days in UTC, both ends included.
fn range(posted: &Posted) -> Result<Again, Trouble> {
    let number = |name: &str| {
        let text = posted.text(name);
        let refuse = |_| Trouble::Form(format!("expected a number, found `{text}`"));
        text.parse::<u64>().map_err(refuse)
    };
    if posted.text("first").is_empty() {
        let (from, until) = (number("from")?, number("until")?);
        return match from <= until {
            true => Ok(Again::Numbers(from, until)),
            false => Err(Trouble::Form(format!(
                "nothing lies from {from} until {until}"
            ))),
        };
    }
    let day = |name: &str| {
        let text = posted.text(name);
        let refuse = |_| Trouble::Form(format!("expected a day, found `{text}`"));
        Instant::parse(&format!("{text}T00:00:00Z")).map_err(refuse)
    };
    let (first, last) = (day("first")?, day("last")?);
    match first <= last {
        true => Ok(Again::Times(first, last.plus_days(1))),
        false => Err(Trouble::Form(String::from(
            "the first day comes after the last",
        ))),
    }
}

pub async fn act(
    Shared(state): Shared<State>,
    Extension(spoken): Extension<Spoken>,
    Path((id, name)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let here = format!("{HERE}/{id}");
    let deed = Deed::read(&name, &posted)?;
    let may = allowed(visitor, deed.action(), Resource::Endpoints);
    may.map_err(|trouble| trouble.back_to(&here))?;
    let (whose, wording, by) = (
        owner(visitor),
        Arc::clone(&spoken.wording),
        (visitor.person.to_string(), visitor.now),
    );
    let endpoint = id.clone();
    let done = state
        .write(move |desk| {
            named(desk, &whose, &endpoint)?;
            done(desk, &endpoint, deed, (&by.0, by.1), wording.as_ref())
        })
        .await?;
    match done {
        Done::Nothing => Ok(Redirect::to(&here).into_response()),
        Done::Gone => Ok(Redirect::to(HERE).into_response()),
        Done::Event(event) => Ok(Redirect::to(&format!("{here}/events/{event}")).into_response()),
        Done::Secret(secret) => {
            seen(
                &state,
                &spoken,
                visitor,
                (&id, &Asked::default()),
                Some(secret),
            )
            .await
        }
        Done::Refused(why) => Err(Trouble::Form(why)),
    }
}

/// Where somebody looks after a deed.
enum Done {
    Nothing,
    Gone,
    Event(String),
    Secret(String),
    Refused(String),
}

fn done(
    desk: &mut Desk,
    endpoint: &str,
    deed: Deed,
    (who, now): (&str, Instant),
    wording: &dyn app::publish::Wording,
) -> Result<Done, Error> {
    Ok(match deed {
        Deed::Ping => Done::Event(desk.ping_endpoint(endpoint, now, wording)?.event),
        Deed::Replay(again) => {
            desk.replay_events(endpoint, &again, who, now)?;
            Done::Nothing
        }
        Deed::Resend(event) => match desk.resend_event(endpoint, &event, who, now, wording)? {
            Some(row) => Done::Event(row.event),
            None => Done::Refused(format!("there is no event `{event}` of yours")),
        },
        Deed::Switch { enabled } => {
            desk.switch_endpoint(endpoint, enabled, who, now)?;
            Done::Nothing
        }
        Deed::Roll { hours } => {
            let until = now.plus_seconds(i64::from(hours) * 3_600);
            match desk.roll_secret(endpoint, until, who, now)? {
                Ok((_, secret)) => Done::Secret(secret.expose().to_owned()),
                Err(refusal) => Done::Refused(refusal.to_string()),
            }
        }
        Deed::Delete => {
            desk.delete_endpoint(endpoint, who, now)?;
            Done::Gone
        }
    })
}
