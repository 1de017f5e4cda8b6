//! Proving again who one is, before what is grave: keys, people, passwords.

use crate::door::{Posted, State, Trouble, set_cookie};
use crate::frame::{self, Page};
use crate::parts::sentence;
use crate::provider;
use crate::routes::shown;
use crate::sign_in::{Back, Whence, way_back};
use crate::visitor::Visitor;
use access::cookie;
use app::entrance::{Proof, SignInRefusal};
use axum::Extension;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

/// What somebody types to prove who they are.
pub struct Typed {
    password: String,
    code: String,
    from: Whence,
}

impl Typed {
    pub fn of(posted: &Posted, from: Whence) -> Typed {
        Typed {
            password: posted.text("password").to_owned(),
            code: posted.text("code").to_owned(),
            from,
        }
    }

    pub fn proof(&self) -> Proof<'_> {
        Proof {
            password: &self.password,
            code: &self.code,
            address: self.from.0,
        }
    }
}

/// The two fields of a proof. `about` tells the ids of two forms on one page apart.
pub fn fields(about: &str) -> Markup {
    let (password, code) = (format!("password-{about}"), format!("code-{about}"));
    html! {
        div.pair {
            p { label for=(password) { "Your password now" } input id=(password) name="password" type="password" autocomplete="current-password" required; }
            p { label for=(code) { "Code" } input id=(code) name="code" inputmode="numeric" autocomplete="one-time-code" required aria-describedby={ (code) "-hint" }; span.hint id={ (code) "-hint" } { "From your authenticator, or a recovery code." } }
        }
    }
}

/// What stands where a form would be, while the proof is older than five minutes.
pub fn asked(back: &str) -> Markup {
    html! {
        div.note {
            p { strong { "Prove that it is you." } " Changes here ask for your password and code once more; the proof lasts five minutes." }
            p { a.button.first href={ "/prove?back=" (crate::door::escaped(back)) } { "Prove it" } }
        }
    }
}

/// `GET /prove`.
pub async fn form(
    Shared(state): Shared<State>,
    Query(back): Query<Back>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    let doer = visitor.doer();
    let own = state.write(move |desk| desk.own_view(&doer)).await?;
    let way = match (own.has_password, &state.provider) {
        (true, _) => Way::Password,
        (false, Some(_)) => Way::Provider,
        (false, None) => Way::Neither,
    };
    let page = page(way_back(&back.back), way, None, &visitor);
    Ok(shown(&page, &visitor))
}

/// How somebody can prove who they are.
enum Way {
    Password,
    Provider,
    Neither,
}

fn page(back: &str, way: Way, wrong: Option<&str>, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Prove that it is you",
        place: "",
        about: html! {},
        body: html! {
            @if let Some(words) = wrong { div.note.bad role="alert" { p { (sentence(words)) } } }
            @match way {
                Way::Password => {
                    form.panel.narrow method="post" action="/prove" {
                        (frame::csrf(visitor))
                        input type="hidden" name="back" value=(back);
                        (fields("again"))
                        button.first { "Go on" }
                    }
                }
                Way::Provider => {
                    p { "You come in through your organization's own sign-in. It asks you again now; for five minutes after that, changes like this one are taken." }
                    p { a.button.first href=(provider::proof(back)) { "Prove it there" } " " a.button href=(back) { "Back" } }
                }
                Way::Neither => {
                    div.note.warn {
                        p { strong { "You have no password here." } " You came in by a link of a demonstration or an invitation." }
                        p { "Come in again the same way: for five minutes after that, changes like this one are taken." }
                    }
                    p { a.button href=(back) { "Back" } }
                }
            }
        },
    }
}

/// `POST /prove`.
pub async fn prove(
    Shared(state): Shared<State>,
    Extension(from): Extension<Whence>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let typed = Typed::of(&posted, from);
    let back = way_back(posted.text("back")).to_owned();
    let Visitor { token, now, .. } = posted.visitor.clone();
    let proved = state
        .write(move |desk| desk.step_up(&token, &typed.proof(), now))
        .await?;
    Ok(match proved {
        Ok(token) => {
            let value = cookie::set(cookie::SESSION, &token);
            (set_cookie(value.expose()), Redirect::to(&back)).into_response()
        }
        Err(refusal) => {
            let words = refusal.to_string();
            let page = page(&back, Way::Password, Some(&words), &posted.visitor);
            (status(&refusal), shown(&page, &posted.visitor)).into_response()
        }
    })
}

/// How a refusal is answered.
pub fn status(refusal: &SignInRefusal) -> StatusCode {
    match refusal {
        SignInRefusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        SignInRefusal::Wrong => StatusCode::UNAUTHORIZED,
    }
}
