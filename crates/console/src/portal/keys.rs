//! A merchant's API keys: made and shown once, replaced with an overlap, narrowed, revoked.

use crate::confirm::confirmed;
use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{at, chip, sentence, unsaid};
use crate::portal::{merchant, team};
use crate::prove;
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::network::Network;
use access::policy::Role;
use access::scope::{Access, Scopes};
use access::{Action, Resource};
use app::entrance::{KeyView, Mint, Minted, Restriction};
use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use calendar::Instant;
use maud::{Markup, html};

const HERE: &str = "/keys";
const DAY: i64 = 86_400;
/// How long a replaced key goes on beside its successor, in hours; the desk allows a week at most.
const OVERLAPS: [(i64, &str); 4] = [
    (0, "at once"),
    (1, "in 1 hour"),
    (24, "in 1 day"),
    (168, "in 7 days"),
];
/// What a restricted key may be narrowed to.
const NARROWED: [(Resource, &str); 6] = [
    (Resource::Disputes, "Disputes"),
    (Resource::Evidence, "Evidence"),
    (Resource::Files, "Files"),
    (Resource::Events, "Events"),
    (Resource::Endpoints, "Webhook endpoints"),
    (Resource::Ledger, "Money"),
];

pub fn routes() -> Router<State> {
    Router::new()
        .route(HERE, get(list))
        .route("/keys/mint", post(mint))
        .route("/keys/{key}/rotate", post(rotate))
        .route("/keys/{key}/revoke", post(revoke))
        .route("/keys/{key}/narrow", post(narrow))
}

async fn list(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Read, Resource::Keys)?;
    listed(&state, &visitor, None).await
}

async fn listed(
    state: &State,
    visitor: &Visitor,
    minted: Option<Minted>,
) -> Result<Response, Trouble> {
    let (doer, tenant) = (visitor.doer(), visitor.asker.tenant().clone());
    let keys = state
        .write(move |desk| desk.list_keys(&doer, &tenant))
        .await?;
    Ok(shown(&page(&keys, minted.as_ref(), visitor), visitor))
}

fn page(keys: &[KeyView], minted: Option<&Minted>, visitor: &Visitor) -> Page<'static> {
    let manages = visitor.may(Action::Manage, Resource::Keys);
    let proved = !visitor.must_prove(Action::Manage, Resource::Keys);
    let (over, live): (Vec<&KeyView>, Vec<&KeyView>) =
        keys.iter().partition(|key| is_over(key, visitor.now));
    Page {
        title: "API keys",
        place: HERE,
        about: html! { p { (sentence(&format!("{} mode", visitor.asker.mode()))) " A key does what its roles may, for your programs; nobody can read it again." } },
        body: html! {
            @if let Some(minted) = minted { (secret(minted)) }
            @if live.is_empty() { p.note { "No key works now. Make one for each program that needs one, so that each can be revoked alone." } }
            @for key in &live { (one(key, manages && proved, visitor)) }
            @if manages {
                @if proved { (making(visitor)) } @else { (prove::asked(HERE)) }
            }
            @if !over.is_empty() {
                details.quiet {
                    summary { (over.len()) " over" }
                    @for key in &over { (one(key, false, visitor)) }
                }
            }
        },
    }
}

fn is_over(key: &KeyView, now: Instant) -> bool {
    key.revoked_at.is_some() || key.expires_at.is_some_and(|at| at.0 <= now)
}

/// The one time that the key is shown.
fn secret(minted: &Minted) -> Markup {
    html! {
        div.note.good role="status" {
            p { strong { "Your new key " bdi { "“" (minted.key.label) "”" } "." } " Copy it now: it is shown this once and never again." }
            p { label for="secret" { "Key" } input.mono id="secret" readonly value=(minted.secret.expose()) data-select autocomplete="off"; }
        }
    }
}

fn one(key: &KeyView, changes: bool, visitor: &Visitor) -> Markup {
    html! {
        article.panel aria-label={ "Key " (key.label) } {
            div.line {
                h2 { bdi { (key.label) } }
                code { (key.shown) }
                @for role in &key.roles { (chip(team::role_name(role))) }
                @if key.revoked_at.is_some() { (chip("revoked")) } @else if is_over(key, visitor.now) { (chip("expired")) }
            }
            dl.facts.across {
                dt { "Last used" } dd { @match key.last_used_at { Some(used) => (at(used, visitor)), None => (unsaid("never")) } }
                dt { "Made" } dd { (at(key.made_at, visitor)) }
                dt { "Ends" } dd { @match key.revoked_at.or(key.expires_at) { Some(end) => (at(end, visitor)), None => (unsaid("never")) } }
                dt { "May" } dd { @match &key.scopes { Some(scopes) => span.mono.small { (scopes) }, None => "all that its role may" } }
                dt { "From" } dd { @if key.networks.is_empty() { (unsaid("any address")) } @else { span.mono.small { (key.networks.join(", ")) } } }
            }
            @if changes { (changes_of(key, visitor)) }
        }
    }
}

fn changes_of(key: &KeyView, visitor: &Visitor) -> Markup {
    let post = |what: &str| format!("/keys/{}/{what}", key.id);
    let id = |what: &str| format!("{what}-{}", key.id);
    html! {
        details {
            summary { "Replace, narrow or revoke" }
            div.three {
                form method="post" action=(post("rotate")) {
                    (frame::csrf(visitor))
                    h3 { "Replace" }
                    label for=(id("overlap")) { "This one ends" }
                    select id=(id("overlap")) name="hours" { @for (hours, name) in OVERLAPS { option value=(hours) selected[hours == 24] { (name) } } }
                    button { "Make its successor" }
                }
                form method="post" action=(post("narrow")) {
                    (frame::csrf(visitor))
                    h3 { "Narrow" }
                    label for=(id("networks")) { "Only from these addresses" }
                    span.hint id=(id("networks-hint")) { "Such as 203.0.113.0/24, separated by spaces. Empty: from anywhere." }
                    input id=(id("networks")) name="networks" value=(key.networks.join(" ")) aria-describedby=(id("networks-hint"));
                    button { "Save" }
                }
                form method="post" action=(post("revoke")) {
                    (frame::csrf(visitor))
                    h3 { "Revoke" }
                    p { "It stops at once and for good." }
                    p.row { input type="checkbox" id=(id("sure")) name="understood" value="yes" required; label for=(id("sure")) { "I am sure" } }
                    button.grave { "Revoke it" }
                }
            }
        }
    }
}

fn making(visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="mint" {
            h2 id="mint" { "Make a key" }
            form method="post" action="/keys/mint" {
                (frame::csrf(visitor))
                div.filters {
                    p { label for="label" { "What it is for" } input id="label" name="label" maxlength="200" required; }
                    p { label for="role" { "Role" } select id="role" name="role" { option value=(Role::MerchantViewer) { "Viewer: reads" } option value=(Role::MerchantMember) { "Member: reads and answers" } } }
                    p { label for="days" { "Ends" } select id="days" name="days" { option value="" { "never" } option value="30" { "in 30 days" } option value="90" selected { "in 90 days" } option value="365" { "in a year" } } }
                    p { label for="networks" { "Only from addresses" } input id="networks" name="networks" placeholder="anywhere"; }
                }
                details {
                    summary { "Narrow it to some things" }
                    p.hint { "Left as they are, the key does all that its role may. Choose any, and it does only what is chosen." }
                    div.filters {
                        @for (resource, name) in NARROWED {
                            p {
                                label for={ "scope-" (resource) } { (name) }
                                select id={ "scope-" (resource) } name={ "scope-" (resource) } { option value="" { "—" } option value="read" { "read" } option value="write" { "read and write" } }
                            }
                        }
                    }
                }
                button.first { "Make the key" }
            }
        }
    }
}

fn networks(posted: &Posted) -> Result<Vec<Network>, Trouble> {
    let words = posted.text("networks").split([' ', ',', '\n', '\r', '\t']);
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| Network::parse(word).map_err(|error| Trouble::Form(error.to_string())))
        .collect()
}

/// `None` where nothing is chosen: the key is not restricted.
fn scopes(posted: &Posted) -> Result<Option<Scopes>, Trouble> {
    let mut scopes = None;
    for (resource, _) in NARROWED {
        let chosen = posted.text(&format!("scope-{resource}"));
        if chosen.is_empty() {
            continue;
        }
        let access = Access::parse(chosen)
            .ok_or_else(|| Trouble::Form(format!("a scope is read or write, found `{chosen}`")))?;
        scopes = Some(scopes.unwrap_or_else(Scopes::none).with(resource, access));
    }
    Ok(scopes)
}

async fn mint(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let asked = posted.text("role");
    let role =
        Role::parse(asked).ok_or_else(|| Trouble::Form(format!("there is no role `{asked}`")))?;
    let days: Option<i64> = match posted.text("days") {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| Trouble::Form(format!("expected a number of days, found `{text}`")))?,
        ),
    };
    let wish = Mint {
        label: posted.text("label").to_owned(),
        tenant: visitor.asker.tenant().clone(),
        mode: visitor.asker.mode(),
        roles: vec![role],
        scopes: scopes(&posted)?,
        networks: networks(&posted)?,
        expires_at: days.map(|days| visitor.now.plus_seconds(days.saturating_mul(DAY))),
        api_version: None,
    };
    let doer = visitor.doer();
    let minted = state
        .write(move |desk| desk.mint_key(&doer, &wish))
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    listed(&state, visitor, Some(minted)).await
}

async fn rotate(
    Shared(state): Shared<State>,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let text = posted.text("hours");
    let hours = OVERLAPS.iter().find(|(hours, _)| hours.to_string() == text);
    let (hours, _) = hours
        .copied()
        .ok_or_else(|| Trouble::Form(format!("expected hours of the list, found `{text}`")))?;
    let doer = visitor.doer();
    let minted = state
        .write(move |desk| desk.rotate_key(&doer, &key, hours * 3_600))
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    listed(&state, visitor, Some(minted)).await
}

async fn revoke(
    Shared(state): Shared<State>,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    merchant(&posted.visitor)?;
    confirmed(&posted)?;
    let doer = posted.visitor.doer();
    state
        .write(move |desk| desk.revoke_key(&doer, &key))
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    Ok(Redirect::to(HERE).into_response())
}

async fn narrow(
    Shared(state): Shared<State>,
    Path(key): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    merchant(&posted.visitor)?;
    let change = Restriction {
        networks: Some(networks(&posted)?),
        ..Restriction::default()
    };
    let doer = posted.visitor.doer();
    state
        .write(move |desk| desk.restrict_key(&doer, &key, &change))
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    Ok(Redirect::to(HERE).into_response())
}
