//! Every page's address, and what is read for it.

use crate::desk;
use crate::door::{State, Trouble, recognised};
use crate::frame::{Page, framed};
use crate::portal;
use crate::visitor::Visitor;
use crate::{assets, headers, prove, provider, sign_in};
use access::{Action, Resource, Tenant};
use app::answer::Done;
use app::{Actor, Command, Party};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

/// Every page. The paths are whole: nothing is nested before them.
pub fn router(state: State) -> Router {
    Router::new()
        .merge(desk::routes())
        .merge(portal::routes())
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route(provider::BEGIN, get(provider::begin))
        .route(provider::RETURN, get(provider::finish))
        .route("/enter/{token}", get(sign_in::enter).post(sign_in::accept))
        .route("/prove", get(prove::form).post(prove::prove))
        .route("/leave", post(sign_in::leave))
        .layer(from_fn_with_state(state.clone(), recognised))
        .route("/assets/{path}", get(assets::serve))
        .layer(from_fn(headers::guarded))
        .with_state(state)
}

/// A framed page.
pub fn shown(page: &Page<'_>, visitor: &Visitor) -> Response {
    Html(framed(page, visitor).into_string()).into_response()
}

/// Whether they may; refused in words where they may know that there is something.
pub fn allowed(visitor: &Visitor, action: Action, resource: Resource) -> Result<(), Trouble> {
    let checked = visitor.asker.check(action, resource, None, visitor.now);
    checked.map_err(Trouble::from)
}

/// The visitor as whoever does something.
pub fn actor(visitor: &Visitor) -> Actor {
    Actor {
        name: visitor.name.clone(),
        party: match visitor.asker.tenant() {
            Tenant::Merchant(_) => Party::Merchant,
            Tenant::Desk => Party::Operator,
        },
    }
}

/// A case that the visitor sees: its id, and the provider's own name of the dispute.
pub async fn found(
    state: &State,
    visitor: &Visitor,
    name: &str,
) -> Result<(String, String), Trouble> {
    let seen = name.to_owned();
    let found = state
        .read(visitor, move |desk| desk.dispute(&seen))
        .await?
        .ok_or(Trouble::NotFound)?;
    Ok((found.case.id.to_string(), found.case.dispute))
}

/// Carries out a command of the visitor's, after the case was found with their own sight.
pub async fn acted(
    state: &State,
    visitor: &Visitor,
    name: &str,
    command: Command,
) -> Result<(), Trouble> {
    let (case, _) = found(state, visitor, name).await?;
    acted_on(state, visitor, case, command).await
}

/// Carries it out on a case that was [`found`].
pub async fn acted_on(
    state: &State,
    visitor: &Visitor,
    case: String,
    command: Command,
) -> Result<(), Trouble> {
    let (actor, now) = (actor(visitor), visitor.now);
    let done = state
        .write(move |desk| desk.act(&case, &command, &actor, now))
        .await?;
    match done {
        Done::Done(_) => Ok(()),
        Done::Refused(rejection) => {
            Err(Trouble::Form(format!("{rejection} ({})", rejection.code())))
        }
    }
}
