//! The portal: where a merchant sees what needs them, answers it, and keeps the receipt.

mod dispute;
mod now;
mod words;

use crate::door::{Posted, State, Trouble};
use crate::routes::{acted, allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource, Tenant};
use app::queue::{Order, Wanted};
use app::{CaseQuery, Command, EvidenceContent};
use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

/// Disputes that one page of the list shows.
const LINES: u32 = 100;

pub fn routes() -> Router<State> {
    Router::new()
        .route("/", get(home))
        .route("/disputes", get(list))
        .route("/disputes/{dispute}", get(one))
        .route("/disputes/{dispute}/evidence", post(save))
        .route("/disputes/{dispute}/seal", post(seal))
        .route("/disputes/{dispute}/submit", post(submit))
        .route("/disputes/{dispute}/accept", post(accept))
}

/// The portal is for merchants; the desk's people have pages of their own.
fn of_a_merchant(visitor: &Visitor) -> Result<(), Trouble> {
    match visitor.asker.tenant() {
        Tenant::Merchant(_) => allowed(visitor, Action::Read, Resource::Disputes),
        Tenant::Desk => Err(Trouble::NotFound),
    }
}

async fn home(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    if visitor.of_the_desk() {
        return Ok(Redirect::to("/desk").into_response());
    }
    of_a_merchant(&visitor)?;
    let wanted = Wanted {
        provider: None,
        account: None,
        assigned_to: None,
        due_until: None,
        order: Order::Time,
        limit: usize::try_from(LINES).unwrap_or(usize::MAX),
    };
    let now = visitor.now;
    let queue = state
        .read(&visitor, move |desk| desk.queue(&wanted, now))
        .await?;
    Ok(shown(&now::page(&queue, &visitor), &visitor))
}

#[derive(Deserialize)]
struct Find {
    #[serde(default)]
    q: String,
}

async fn list(
    Shared(state): Shared<State>,
    Query(find): Query<Find>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_a_merchant(&visitor)?;
    let text = find.q.trim().to_owned();
    let exact = text.clone();
    let found = state
        .read(&visitor, move |desk| desk.dispute(&exact))
        .await?;
    if let Some(found) = found {
        return Ok(Redirect::to(&format!("/disputes/{}", found.case.id)).into_response());
    }
    let query = CaseQuery {
        text: Some(text.clone()).filter(|text| !text.is_empty()),
        ..CaseQuery::newest(LINES)
    };
    let (disputes, more) = state
        .read(&visitor, move |desk| desk.disputes(&query))
        .await?;
    Ok(shown(
        &now::list(&disputes, more, &text, &visitor),
        &visitor,
    ))
}

async fn one(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_a_merchant(&visitor)?;
    let looked = name.clone();
    let seen = state
        .read(&visitor, move |desk| desk.dispute(&looked))
        .await?;
    let seen = seen.ok_or(Trouble::NotFound)?;
    let id = seen.case.id.to_string();
    let case = state.read(&visitor, move |desk| desk.show(&id)).await?;
    let title = format!("Dispute {}", case.dispute);
    Ok(shown(&dispute::page(&case, &title, &visitor), &visitor))
}

/// The version of the draft that the page showed.
fn version(posted: &Posted) -> Result<u32, Trouble> {
    let text = posted.text("version");
    text.parse()
        .map_err(|_| Trouble::Form(format!("expected the draft's version, found `{text}`")))
}

fn back(name: &str, to: &str) -> Response {
    Redirect::to(&format!("/disputes/{name}#{to}")).into_response()
}

async fn save(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_a_merchant(&posted.visitor)?;
    allowed(&posted.visitor, Action::Answer, Resource::Evidence)?;
    let text = posted.text("text").to_owned();
    let command = Command::SaveEvidence {
        if_version: version(&posted)?,
        slot: posted.text("slot").to_owned(),
        content: match text.trim().is_empty() {
            true => EvidenceContent::Cleared,
            false => EvidenceContent::Text(text),
        },
    };
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(back(&name, "evidence"))
}

async fn seal(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_a_merchant(&posted.visitor)?;
    allowed(&posted.visitor, Action::Answer, Resource::Evidence)?;
    let command = Command::Seal {
        if_version: version(&posted)?,
    };
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(back(&name, "answer"))
}

async fn submit(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_a_merchant(&posted.visitor)?;
    allowed(&posted.visitor, Action::Answer, Resource::Evidence)?;
    confirmed(&posted)?;
    acted(&state, &posted.visitor, &name, Command::Submit).await?;
    Ok(back(&name, "answer"))
}

async fn accept(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_a_merchant(&posted.visitor)?;
    allowed(&posted.visitor, Action::Accept, Resource::Disputes)?;
    confirmed(&posted)?;
    acted(&state, &posted.visitor, &name, Command::Accept).await?;
    Ok(back(&name, "answer"))
}

/// What cannot be taken back is asked for with a tick of its own.
fn confirmed(posted: &Posted) -> Result<(), Trouble> {
    match posted.text("understood") {
        "yes" => Ok(()),
        _ => Err(Trouble::Form(String::from(
            "tick the box that says you have understood that this cannot be taken back",
        ))),
    }
}
