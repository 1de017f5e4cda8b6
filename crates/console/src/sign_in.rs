//! Coming in and leaving: password and code, a demonstration's link, and out again.

use crate::door::{Posted, State, Trouble, fields, ours, session, set_cookie};
use crate::frame;
use crate::visitor::Visitor;
use access::cookie;
use access::csrf;
use access::session::{TOKEN_BYTES, Token};
use app::entrance::{Proof, SignInRefusal, SignedIn};
use axum::Extension;
use axum::body::Bytes;
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
    back: String,
}

/// Only a path of ours is gone back to: `//host` and `/\\host` are other hosts to a browser.
fn way_back(text: &str) -> &str {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(char::is_control);
    if ours { text } else { "/" }
}

/// `GET /sign-in`. The form is held to a token of the browser's own, so that nobody is signed in by another's page.
pub async fn form(Query(back): Query<Back>, headers: HeaderMap) -> Result<Response, Trouble> {
    let (token, fresh) = match session(&headers, cookie::PRE_SESSION) {
        Some(token) => (token, false),
        None => (fresh_token()?, true),
    };
    let page = frame::bare("Sign in", &sign_in_form(&token, way_back(&back.back), None));
    let mut response = page.into_response();
    if fresh {
        let value = cookie::set(cookie::PRE_SESSION, &token);
        response.headers_mut().extend(set_cookie(value.expose()));
    }
    Ok(response)
}

fn fresh_token() -> Result<Token, Trouble> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| Trouble::Ours)?;
    Ok(Token::mint(bytes))
}

fn sign_in_form(token: &Token, back: &str, wrong: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = wrong { div.note.bad role="alert" { p { (words) } } }
        form.panel method="post" action="/sign-in" {
            input type="hidden" name="csrf" value=(csrf::token(token));
            input type="hidden" name="back" value=(back);
            p { label for="email" { "E-mail" } input id="email" name="email" type="email" autocomplete="username" required; }
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

/// `POST /sign-in`.
pub async fn sign_in(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Trouble> {
    let again = || Trouble::SignIn {
        back: String::from("/"),
    };
    let token = session(&headers, cookie::PRE_SESSION).ok_or_else(again)?;
    let given = fields(&body);
    ours(&headers, &token, &given, &state.origin)?;
    let text = |name: &str| -> String {
        let found = given.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (email, password, code, back) =
        (text("email"), text("password"), text("code"), text("back"));
    let now = (state.clock)();
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
            let status = match refusal {
                SignInRefusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
                SignInRefusal::Wrong => StatusCode::UNAUTHORIZED,
            };
            let words = refusal.to_string();
            let form = sign_in_form(&token, way_back(&back), Some(&words));
            (status, frame::bare("Sign in", &form)).into_response()
        }
    })
}

/// `GET /enter/{token}`: a demonstration's link.
pub async fn enter(
    Shared(state): Shared<State>,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let now = (state.clock)();
    let signed_in = state
        .write(move |desk| desk.enter_demonstration(&token, now))
        .await?;
    Ok(entered(&signed_in, "/"))
}

fn entered(signed_in: &SignedIn, back: &str) -> Response {
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
