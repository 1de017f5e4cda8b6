//! Coming in and leaving: password and code, an invitation, a demonstration's link, and out again.

use crate::door::{Posted, State, Trouble, escaped, form as fields_of, ours, session, set_cookie};
use crate::frame;
use crate::parts::sentence;
use crate::prove::status;
use crate::provider::BEGIN;
use crate::square::square;
use crate::visitor::Visitor;
use access::Secret;
use access::cookie;
use access::csrf;
use access::session::{TOKEN_BYTES, Token};
use app::entrance::oidc::Provider;
use app::entrance::{Proof, SignedIn, Welcome};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::net::IpAddr;

/// Where a request comes from, as the listener knows it.
#[derive(Clone, Copy, Debug)]
pub struct Whence(pub IpAddr);

/// Where to go after.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    pub back: String,
}

/// Only a path of ours is gone back to: `//host` and `/\\host` are other hosts to a browser.
pub fn way_back(text: &str) -> &str {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(char::is_control);
    if ours { text } else { "/" }
}

/// `GET /sign-in`. The form is held to a token of the browser's own, so that nobody is signed in by another's page.
pub async fn form(
    Shared(state): Shared<State>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let (token, fresh) = match session(&headers, cookie::PRE_SESSION) {
        Some(token) => (token, false),
        None => (fresh_token()?, true),
    };
    let provider = state.provider.as_deref();
    let form = sign_in_form(&token, way_back(&back.back), None, provider);
    let page = frame::bare("Sign in", &form);
    let mut response = page.into_response();
    if fresh {
        let value = cookie::set(cookie::PRE_SESSION, &token);
        response.headers_mut().extend(set_cookie(value.expose()));
    }
    Ok(response)
}

pub(crate) fn fresh_token() -> Result<Token, Trouble> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| Trouble::Ours)?;
    Ok(Token::mint(bytes))
}

/// The form, after a refusal with what it says and the address that was typed.
fn sign_in_form(
    token: &Token,
    back: &str,
    wrong: Option<(&str, &str)>,
    provider: Option<&Provider>,
) -> Markup {
    let typed = wrong.map(|(_, email)| email);
    html! {
        @if let Some((words, _)) = wrong { div.note.bad role="alert" { p { (sentence(words)) } } }
        @if let Some(provider) = provider {
            div.panel.narrow {
                p { a.button.first href={ (BEGIN) "?back=" (escaped(back)) } { "Sign in through " (host(provider.issuer())) } }
                p.small { "Or with a password of this desk:" }
            }
        }
        form.panel.narrow method="post" action="/sign-in" {
            input type="hidden" name="csrf" value=(csrf::token(token));
            input type="hidden" name="back" value=(back);
            p { label for="email" { "E-mail" } input id="email" name="email" type="email" autocomplete="username" value=[typed] required; }
            p { label for="password" { "Password" } input id="password" name="password" type="password" autocomplete="current-password" required; }
            p {
                label for="code" { "Code" }
                span.hint { "Six digits from your authenticator, or a recovery code." }
                input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required;
            }
            button.first { "Sign in" }
        }
    }
}

/// The issuer's host: what people know it by.
fn host(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// `POST /sign-in`.
pub async fn sign_in(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Trouble> {
    let again = || Trouble::SignIn {
        back: String::from("/"),
    };
    let token = session(&headers, cookie::PRE_SESSION).ok_or_else(again)?;
    let given = fields_of(&headers, body).await?;
    ours(&headers, &token, &given, &state.origin)?;
    let text = |name: &str| -> String {
        let found = given.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (email, password, code, back) =
        (text("email"), text("password"), text("code"), text("back"));
    let (now, typed) = ((state.clock)(), email.clone());
    let done = state
        .write(move |desk| {
            let proof = Proof {
                password: &password,
                code: &code,
                address: from.0,
            };
            desk.sign_in(&email, &proof, now)
        })
        .await?;
    Ok(match done {
        Ok(signed_in) => entered(&signed_in, way_back(&back)),
        Err(refusal) => {
            let status = status(&refusal);
            let words = refusal.to_string();
            let provider = state.provider.as_deref();
            let form = sign_in_form(&token, way_back(&back), Some((&words, &typed)), provider);
            (status, frame::bare("Sign in", &form)).into_response()
        }
    })
}

/// `GET /enter/{token}`: an invitation to set password and code, or a demonstration's link. Looking at an invitation does
/// not use it up.
pub async fn enter(
    Shared(state): Shared<State>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let now = (state.clock)();
    let link = token.clone();
    let opened = state
        .write(move |desk| match desk.open_invitation(&link, DESK, now) {
            Ok(welcome) => Ok(Ok(welcome)),
            Err(app::Error::NotThere { .. }) => desk.enter_demonstration(&link, now).map(Err),
            Err(error) => Err(error),
        })
        .await?;
    match opened {
        Ok(welcome) => welcomed(&token, &welcome, &headers, None),
        Err(signed_in) => Ok(entered(&signed_in, "/")),
    }
}

/// What a telephone calls this desk.
const DESK: &str = "Docket";

fn welcomed(
    link: &str,
    welcome: &Welcome,
    headers: &HeaderMap,
    wrong: Option<&str>,
) -> Result<Response, Trouble> {
    let (token, fresh) = match session(headers, cookie::PRE_SESSION) {
        Some(token) => (token, false),
        None => (fresh_token()?, true),
    };
    let body = html! {
        p { "Welcome, " strong { (welcome.name) } ". Two things let you in from now on: a password, and a code that your telephone makes." }
        @if let Some(words) = wrong { div.note.bad role="alert" { p { (sentence(words)) } } }
        form.panel.narrow method="post" action={ "/enter/" (link) } {
            input type="hidden" name="csrf" value=(csrf::token(&token));
            input type="hidden" name="email" autocomplete="username" value=(welcome.email);
            h2 { "1. Your telephone" }
            p { "Scan this with an authenticator app." }
            (square(welcome.code_uri.expose(), "The square code for your authenticator; the same in letters stands below"))
            p.small { "Or type it: " code { (welcome.code_secret.expose()) } }
            p { label for="code" { "The six digits that it shows" } input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required; }
            h2 { "2. A password" }
            p { label for="password" { "Password" } input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required aria-describedby="password-hint"; span.hint id="password-hint" { "Long is good; a sentence is fine. It is never shown again." } }
            button.first { "Come in" }
        }
    };
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let mut response = (status, frame::bare("Come in", &body)).into_response();
    if fresh {
        let value = cookie::set(cookie::PRE_SESSION, &token);
        response.headers_mut().extend(set_cookie(value.expose()));
    }
    Ok(response)
}

/// `POST /enter/{token}`: password and code are set, and whoever set them is in.
pub async fn accept(
    Shared(state): Shared<State>,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Trouble> {
    let again = || Trouble::SignIn {
        back: String::from("/"),
    };
    let token = session(&headers, cookie::PRE_SESSION).ok_or_else(again)?;
    let given = fields_of(&headers, body).await?;
    ours(&headers, &token, &given, &state.origin)?;
    let text = |name: &str| -> String {
        let found = given.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (password, code, used) = (text("password"), text("code"), link.clone());
    let now = (state.clock)();
    let done = state
        .write(move |desk| {
            // Whether the link stands is asked first: it answers as a link that never was.
            let welcome = desk.open_invitation(&used, DESK, now)?;
            match desk.accept_invitation(&used, &password, &code, now) {
                Ok(welcomed) => Ok(Ok(welcomed)),
                Err(app::Error::Unfit(words)) => Ok(Err((welcome, words))),
                Err(error) => Err(error),
            }
        })
        .await?;
    let inside = match done {
        Ok(inside) => inside,
        Err((welcome, words)) => return welcomed(&link, &welcome, &headers, Some(&words)),
    };
    let home = match inside.signed_in.tenant {
        access::Tenant::Desk => "/desk",
        access::Tenant::Merchant(_) => "/",
    };
    let page = frame::bare(
        "You are in",
        &html! {
            (recovery(&inside.recovery_codes))
            p { a.button.first href=(home) { "Go on" } }
        },
    );
    let value = cookie::set(cookie::SESSION, &inside.signed_in.token);
    Ok((set_cookie(value.expose()), page).into_response())
}

/// Recovery codes, the one time that they are shown.
pub fn recovery(codes: &[Secret]) -> Markup {
    html! {
        section.panel.narrow aria-labelledby="recovery" {
            h2 id="recovery" { "Your recovery codes" }
            p { "Each lets you in once in place of the telephone. Keep them where the telephone is not. " strong { "They are shown now and never again." } }
            ul.codes { @for code in codes { li.mono { (code.expose()) } } }
        }
    }
}

pub(crate) fn entered(signed_in: &SignedIn, back: &str) -> Response {
    let home = match (back, &signed_in.tenant) {
        ("/", access::Tenant::Desk) => "/desk",
        (back, _) => back,
    };
    let value = cookie::set(cookie::SESSION, &signed_in.token);
    (set_cookie(value.expose()), Redirect::to(home)).into_response()
}

/// `POST /leave`.
pub async fn leave(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let Visitor { token, now, .. } = posted.visitor;
    state.write(move |desk| desk.sign_out(&token, now)).await?;
    let gone = set_cookie(&cookie::clear(cookie::SESSION));
    let clear = [(
        header::HeaderName::from_static("clear-site-data"),
        "\"cache\"",
    )];
    Ok((gone, clear, Redirect::to("/sign-in")).into_response())
}

#[cfg(test)]
mod tests {
    use super::way_back;

    #[test]
    fn only_paths_of_ours_are_gone_back_to() {
        let check = |text: &str, want: &str| assert_eq!(way_back(text), want);
        check("/desk/queue?order=money", "/desk/queue?order=money");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("https://evil.example", "/");
        check("/a\r\nb", "/");
        check("", "/");
    }
}
