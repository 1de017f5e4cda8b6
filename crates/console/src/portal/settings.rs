//! What one chooses for oneself, what one is told of, and how one signs in.

use crate::door::{Posted, State, Trouble, set_cookie};
use crate::frame::{self, Page};
use crate::parts::{at, chip, sentence};
use crate::prove::{self, Typed};
use crate::routes::shown;
use crate::sign_in::{Whence, recovery};
use crate::visitor::{Theme, Visitor};
use access::cookie;
use access::{Action, Resource};
use app::entrance::{PersonView, SessionView};
use app::personal::Preferences;
use axum::Extension;
use axum::Router;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use calendar::Zone;
use maud::{Markup, html};

const HERE: &str = "/settings";

/// What can be told in the list on the first page, by the news' name.
pub const NEWS: [(&str, &str); 8] = [
    ("opened", "A new dispute"),
    ("closed", "A dispute is decided"),
    ("reopened", "A decided dispute goes on"),
    ("withdrawn", "Money was taken"),
    ("reinstated", "Money came back"),
    ("answer-accepted", "The provider has your answer"),
    ("answer-refused", "The provider refused your answer"),
    ("answer-in-doubt", "An answer is in doubt"),
];

/// Everybody's own, at the desk and at merchants alike.
pub fn routes() -> Router<State> {
    Router::new()
        .route(HERE, get(show).post(choose))
        .route("/settings/news", post(told))
        .route("/settings/password", post(password))
        .route("/settings/recovery", post(codes))
        .route("/settings/telephone", post(telephone))
        .route("/settings/sign-out", post(sign_out))
}

/// What the page needs to know of whoever looks.
struct Own {
    preferences: Preferences,
    view: PersonView,
    sessions: Vec<SessionView>,
}

async fn own(state: &State, visitor: &Visitor) -> Result<Own, Trouble> {
    let (doer, person, token) = (
        visitor.doer(),
        visitor.person.clone(),
        visitor.token.clone(),
    );
    state
        .write(move |desk| {
            Ok(Own {
                preferences: desk.preferences(&person)?,
                view: desk.own_view(&doer)?,
                sessions: desk.own_sessions(&doer, &token)?,
            })
        })
        .await
}

async fn show(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    let own = own(&state, &visitor).await?;
    Ok(shown(&page(&own, None, None, &visitor), &visitor))
}

fn page(own: &Own, news: Option<Markup>, wrong: Option<&str>, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Settings",
        place: HERE,
        about: html! { p { bdi { (own.view.name) } " · " bdi { (own.view.email) } } },
        body: html! {
            @if let Some(words) = wrong { div.note.bad role="alert" { p { (sentence(words)) } } }
            @if let Some(news) = news { (news) }
            div.grid {
                (looks(visitor))
                @if !visitor.of_the_desk() { (told_of(&own.preferences, visitor)) }
                (sign_in(own, visitor))
                (sessions(&own.sessions, visitor))
            }
        },
    }
}

fn looks(visitor: &Visitor) -> Markup {
    let themes = [
        (Theme::Browser, "As the browser prefers"),
        (Theme::Light, "Light"),
        (Theme::Dark, "Dark"),
    ];
    html! {
        section.panel aria-labelledby="looks" {
            h2 id="looks" { "Time and looks" }
            form method="post" action=(HERE) {
                (frame::csrf(visitor))
                p {
                    label for="zone" { "Your time zone" }
                    span.hint id="zone-hint" { "Every time on your pages is shown in it and says so. It is " (visitor.now.wall_in(visitor.zone)) " now. A deadline that is a day in another zone stays that day, and names its zone." }
                    select id="zone" name="zone" aria-describedby="zone-hint" {
                        @for zone in Zone::ALL { option value=(zone.name()) selected[zone == visitor.zone] { (zone.name().replace('_', " ")) } }
                    }
                }
                fieldset {
                    legend { "Light or dark" }
                    @for (theme, name) in themes {
                        p.row { input type="radio" id={ "theme-" (theme.name()) } name="theme" value=(theme.name()) checked[theme == visitor.theme]; label for={ "theme-" (theme.name()) } { (name) } }
                    }
                }
                button.first { "Save" }
            }
        }
    }
}

fn told_of(preferences: &Preferences, visitor: &Visitor) -> Markup {
    let chosen = |name: &str| {
        preferences
            .told
            .as_ref()
            .is_none_or(|told| told.iter().any(|word| word == name))
    };
    html! {
        section.panel aria-labelledby="news" {
            h2 id="news" { "What you are told of" }
            p.hint { "Listed under “What is new” on your first page. This desk sends no e-mail." @if visitor.may(Action::Read, Resource::Endpoints) { " For your programs, and for chat or e-mail through them, add a " a href="/webhooks" { "webhook" } "." } }
            form method="post" action="/settings/news" {
                (frame::csrf(visitor))
                fieldset {
                    legend.visually-hidden { "News" }
                    @for (name, words) in NEWS {
                        p.row { input type="checkbox" id={ "news-" (name) } name="news" value=(name) checked[chosen(name)]; label for={ "news-" (name) } { (words) } }
                    }
                }
                button { "Save" }
            }
        }
    }
}

fn sign_in(own: &Own, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="sign-in" {
            h2 id="sign-in" { "How you sign in" }
            @if own.view.signs_in_through.is_some() { p { "Through your organization's own sign-in. Passwords and codes are kept there." } }
            @if !own.view.has_password {
                p.soft { "You have no password here, so there is none to change." }
            } @else {
                p { "With a password and a code. " (own.view.recovery_codes) " recovery codes are left." }
                details {
                    summary { "Change the password" }
                    form method="post" action="/settings/password" {
                        (frame::csrf(visitor))
                        (prove::fields("password"))
                        p { label for="new-password" { "New password" } input id="new-password" name="new" type="password" autocomplete="new-password" minlength="8" required; }
                        p.hint { "All your sessions end, this one too." }
                        button { "Change it" }
                    }
                }
                details {
                    summary { "Another telephone" }
                    form method="post" action="/settings/telephone" {
                        (frame::csrf(visitor))
                        (prove::fields("telephone"))
                        p.hint { "You set password and code anew; until you have, the old ones work." }
                        button { "Set up another" }
                    }
                }
                details {
                    summary { "New recovery codes" }
                    form method="post" action="/settings/recovery" {
                        (frame::csrf(visitor))
                        (prove::fields("recovery"))
                        p.hint { "The old ones open nothing any more." }
                        button { "Make new ones" }
                    }
                }
            }
        }
    }
}

fn sessions(all: &[SessionView], visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="sessions" {
            h2 id="sessions" { "Where you are signed in" }
            table.cards {
                caption.visually-hidden { "Your sessions" }
                thead { tr { th scope="col" { "Signed in" } th scope="col" { "Last used" } th scope="col" { span.visually-hidden { "Which" } } } }
                tbody { @for session in all { tr {
                    th scope="row" { (at(session.opened_at.into(), visitor)) }
                    td data-name="Last used" { (at(session.seen_at.into(), visitor)) }
                    td { @if session.this { (chip("this one")) } }
                } } }
            }
            form method="post" action="/settings/sign-out" {
                (frame::csrf(visitor))
                button.grave { "Sign out everywhere" }
            }
        }
    }
}

async fn choose(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let (doer, person) = (posted.visitor.doer(), posted.visitor.person.clone());
    let (zone, theme) = (
        posted.text("zone").to_owned(),
        posted.text("theme").to_owned(),
    );
    state
        .write(move |desk| {
            let kept = desk.preferences(&person)?;
            desk.prefer(
                &doer,
                &Preferences {
                    zone,
                    theme,
                    ..kept
                },
            )
        })
        .await?;
    Ok(Redirect::to(HERE).into_response())
}

async fn told(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let (doer, person) = (posted.visitor.doer(), posted.visitor.person.clone());
    let known = |word: &&str| NEWS.iter().any(|(name, _)| name == word);
    let told: Vec<String> = posted
        .all("news")
        .filter(known)
        .map(str::to_owned)
        .collect();
    state
        .write(move |desk| {
            let kept = desk.preferences(&person)?;
            let told = Some(told);
            desk.prefer(&doer, &Preferences { told, ..kept })
        })
        .await?;
    Ok(Redirect::to(HERE).into_response())
}

/// The page again, with what is new or what was wrong.
async fn again(
    state: &State,
    visitor: &Visitor,
    news: Option<Markup>,
    wrong: Option<&app::entrance::SignInRefusal>,
) -> Result<Response, Trouble> {
    let own = own(state, visitor).await?;
    let words = wrong.map(ToString::to_string);
    let page = shown(&page(&own, news, words.as_deref(), visitor), visitor);
    Ok(match wrong {
        Some(refusal) => (prove::status(refusal), page).into_response(),
        None => page,
    })
}

fn out() -> Response {
    let gone = set_cookie(&cookie::clear(cookie::SESSION));
    (gone, Redirect::to("/sign-in")).into_response()
}

async fn password(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (doer, typed) = (posted.visitor.doer(), Typed::of(&posted, from));
    let new = posted.text("new").to_owned();
    let done = state
        .write(move |desk| desk.change_password(&doer, &typed.proof(), &new))
        .await?;
    match done {
        Ok(()) => Ok(out()),
        Err(refusal) => again(&state, &posted.visitor, None, Some(&refusal)).await,
    }
}

async fn codes(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (doer, typed) = (posted.visitor.doer(), Typed::of(&posted, from));
    let done = state
        .write(move |desk| desk.renew_recovery_codes(&doer, &typed.proof()))
        .await?;
    match done {
        Ok(codes) => again(&state, &posted.visitor, Some(recovery(&codes)), None).await,
        Err(refusal) => again(&state, &posted.visitor, None, Some(&refusal)).await,
    }
}

async fn telephone(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (doer, typed) = (posted.visitor.doer(), Typed::of(&posted, from));
    let done = state
        .write(move |desk| desk.renew_own_entry(&doer, &typed.proof()))
        .await?;
    match done {
        Ok(link) => Ok(Redirect::to(&format!("/enter/{}", link.token.expose())).into_response()),
        Err(refusal) => again(&state, &posted.visitor, None, Some(&refusal)).await,
    }
}

async fn sign_out(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let (doer, person) = (posted.visitor.doer(), posted.visitor.person.clone());
    state
        .write(move |desk| desk.sign_out_everywhere(&doer, person.as_str()))
        .await?;
    Ok(out())
}
