//! Coming in through the identity provider of the settings: to it, and back from it with an answer.

use crate::door::{State, Trouble, escaped, session, set_cookie};
use crate::frame;
use crate::sign_in::{entered, fresh_token, way_back};
use access::cookie;
use access::oidc::{Asking, Callback, CallbackRefusal, Issuer};
use app::entrance::oidc::{Provider, ProviderTrouble};
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use maud::html;
use std::sync::Arc;

/// Where the provider sends the browser back to, as registered with it.
pub const RETURN: &str = "/enter/provider";
/// Where a browser begins.
pub const BEGIN: &str = "/sign-in/provider";

/// Asks the provider, on a thread that may block and with no desk held meanwhile.
async fn asked<T: Send + 'static>(
    provider: &Arc<Provider>,
    ask: impl FnOnce(&Provider) -> Result<T, ProviderTrouble> + Send + 'static,
) -> Result<Result<T, ProviderTrouble>, Trouble> {
    let provider = Arc::clone(provider);
    let done = tokio::task::spawn_blocking(move || ask(&provider)).await;
    done.map_err(|_panicked| Trouble::Ours)
}

async fn described(
    provider: &Arc<Provider>,
    now: Instant,
) -> Result<Result<Issuer, ProviderTrouble>, Trouble> {
    asked(provider, move |provider| provider.known(now)).await
}

/// What a browser begins with.
#[derive(serde::Deserialize)]
pub struct Begin {
    #[serde(default)]
    back: String,
    /// Given where somebody in is to prove again who they are.
    afresh: Option<String>,
}

/// Where somebody proves again who they are, and comes back from to this path.
pub fn proof(back: &str) -> String {
    format!("{BEGIN}?afresh=1&back={}", escaped(back))
}

/// `GET /sign-in/provider`: the sign-in is noted for this browser, which then goes to the provider. A link and not a form: the
/// content policy lets forms go nowhere else, and nobody is signed in by having begun.
pub async fn begin(
    Shared(state): Shared<State>,
    Query(asked): Query<Begin>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let provider = state.provider.clone().ok_or(Trouble::NotFound)?;
    let asking = match asked.afresh {
        Some(_) => Asking::Afresh,
        None => Asking::Known,
    };
    let now = (state.clock)();
    let issuer = match described(&provider, now).await? {
        Ok(issuer) => issuer,
        Err(trouble) => return Ok(untaken(&trouble)),
    };
    let token = match session(&headers, cookie::PRE_SESSION) {
        Some(token) => token,
        None => fresh_token()?,
    };
    let (browser, back) = (token.clone(), way_back(&asked.back).to_owned());
    let url = state
        .write(move |desk| desk.begin_provider_sign_in(&issuer, &browser, &back, asking, now))
        .await?;
    let value = cookie::set(cookie::PRE_SESSION, &token);
    Ok((set_cookie(value.expose()), Redirect::to(url.expose())).into_response())
}

/// `GET /enter/provider`: the answer, which the browser brings.
pub async fn finish(
    Shared(state): Shared<State>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let provider = state.provider.clone().ok_or(Trouble::NotFound)?;
    let callback = match Callback::read(&pairs) {
        Ok(callback) => callback,
        Err(refusal) => return Ok(unfinished(&refusal)),
    };
    let now = (state.clock)();
    let issuer = match described(&provider, now).await? {
        Ok(issuer) => issuer,
        Err(trouble) => return Ok(untaken(&trouble)),
    };
    let browser = session(&headers, cookie::PRE_SESSION);
    let answered = state
        .write(move |desk| desk.answer_provider_sign_in(&callback, &issuer, browser.as_ref(), now))
        .await?;
    let redeem = match answered {
        Ok(redeem) => redeem,
        Err(refusal) => return Ok(unfinished(&refusal)),
    };
    let back = redeem.return_to.clone();
    let judged = asked(&provider, move |provider| provider.redeem(&redeem, now)).await?;
    let who = match judged {
        Ok(who) => who,
        Err(trouble) => {
            let (issuer, words) = (provider.issuer().to_owned(), trouble.to_string());
            state
                .write(move |desk| desk.note_provider_refusal(&issuer, &words, now))
                .await?;
            return Ok(untaken(&trouble));
        }
    };
    let inside = state
        .write(move |desk| desk.enter_through_provider(&who, now))
        .await?;
    Ok(match inside {
        Some(signed_in) => entered(&signed_in, way_back(&back)),
        None => told(
            StatusCode::FORBIDDEN,
            "Your identity provider knows you, and this desk does not. Ask whoever keeps it to invite you by your e-mail address.",
        ),
    })
}

fn unfinished(refusal: &CallbackRefusal) -> Response {
    let words = match refusal {
        CallbackRefusal::Refused { .. } => "Your identity provider did not let you in.",
        _ => {
            "This sign-in was not begun in this browser, took too long, or was answered already. Begin it again."
        }
    };
    told(StatusCode::BAD_REQUEST, words)
}

/// What is the matter is for the log: whoever forges an answer learns nothing of why it is not taken.
fn untaken(trouble: &ProviderTrouble) -> Response {
    tracing::warn!(
        error = trouble.to_string(),
        "a sign-in through the identity provider failed"
    );
    told(
        StatusCode::BAD_GATEWAY,
        "Signing in through your identity provider did not work; the desk's log says why. Try again in a minute.",
    )
}

fn told(status: StatusCode, words: &str) -> Response {
    let body = html! {
        div.note.bad role="alert" { p { (words) } }
        p { a.button href="/sign-in" { "Back to signing in" } }
    };
    (status, frame::bare("Sign in", &body)).into_response()
}
