//! Every page's address, and what is read for it.

use crate::desk;
use crate::door::{Posted, State, Trouble, recognised};
use crate::frame::{Page, framed};
use crate::portal;
use crate::visitor::Visitor;
use crate::{assets, headers, prove, sign_in};
use access::{Action, Resource, Tenant};
use app::answer::Done;
use app::queue::{Order, Wanted};
use app::{Actor, CaseQuery, Command, Party, finding};
use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

/// Lines of a list that one page shows: what one scrolls through, not what a database holds.
const LINES: usize = 200;

/// Every page. The paths are whole: nothing is nested before them.
pub fn router(state: State) -> Router {
    Router::new()
        .merge(desk_pages())
        .merge(portal::routes())
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/enter/{token}", get(sign_in::enter).post(sign_in::accept))
        .route("/prove", get(prove::form).post(prove::prove))
        .route("/leave", post(sign_in::leave))
        .layer(from_fn_with_state(state.clone(), recognised))
        .route("/assets/{path}", get(assets::serve))
        .layer(from_fn(headers::guarded))
        .with_state(state)
}

fn desk_pages() -> Router<State> {
    Router::new()
        .route("/desk", get(morning))
        .route("/desk/queue", get(queue))
        .route("/desk/queue/assign", post(assign_many))
        .route("/desk/cases", get(cases))
        .route("/desk/search", get(search))
        .route("/desk/cases/{case}", get(case))
        .route("/desk/cases/{case}/why/{field}", get(why))
        .route("/desk/cases/{case}/note", post(note))
        .route("/desk/cases/{case}/assign", post(assign))
        .route("/desk/documents/{document}", get(document))
        .route("/desk/findings", get(findings))
        .route("/desk/ledger", get(ledger))
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

/// Pages of the desk are for its own people; to others they are not there.
fn of_the_desk(visitor: &Visitor, resource: Resource) -> Result<(), Trouble> {
    match visitor.asker.tenant() {
        Tenant::Desk => allowed(visitor, Action::Read, resource),
        Tenant::Merchant(_) => Err(Trouble::NotFound),
    }
}

async fn morning(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let now = visitor.now;
    let morning = state.read(&visitor, move |desk| desk.morning(now)).await?;
    Ok(shown(&desk::morning::page(&morning, &visitor), &visitor))
}

#[derive(Deserialize)]
struct QueueAsked {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    assigned_to: String,
    #[serde(default)]
    order: String,
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

async fn queue(
    Shared(state): Shared<State>,
    Query(asked): Query<QueueAsked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Obligations)?;
    let order = match asked.order.as_str() {
        "money" => Order::Money,
        _ => Order::Time,
    };
    let wanted = Wanted {
        provider: given(&asked.provider),
        account: None,
        assigned_to: given(&asked.assigned_to),
        due_until: None,
        order,
        limit: LINES,
    };
    let now = visitor.now;
    let queue = state
        .read(&visitor, move |desk| desk.queue(&wanted, now))
        .await?;
    let asked = desk::queue::Asked {
        provider: asked.provider,
        assigned_to: asked.assigned_to,
        order,
    };
    Ok(shown(
        &desk::queue::page(&queue, &asked, &visitor),
        &visitor,
    ))
}

#[derive(Deserialize)]
struct Find {
    #[serde(default)]
    q: String,
}

/// Any reference leads straight to its case; anything else is a list.
async fn search(
    Shared(state): Shared<State>,
    Query(find): Query<Find>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let text = find.q.trim().to_owned();
    let exact = text.clone();
    let found = state
        .read(&visitor, move |desk| desk.dispute(&exact))
        .await?;
    if let Some(found) = found {
        let address = format!("/desk/cases/{}", found.case.id);
        return Ok(Redirect::to(&address).into_response());
    }
    cases_of(&state, &visitor, &text).await
}

async fn cases(
    Shared(state): Shared<State>,
    Query(find): Query<Find>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    cases_of(&state, &visitor, find.q.trim()).await
}

async fn cases_of(state: &State, visitor: &Visitor, text: &str) -> Result<Response, Trouble> {
    let query = CaseQuery {
        text: given(text),
        ..CaseQuery::newest(u32::try_from(LINES).unwrap_or(u32::MAX))
    };
    let (disputes, more) = state
        .read(visitor, move |desk| desk.disputes(&query))
        .await?;
    let page = desk::cases::page(&disputes, more, text, visitor);
    Ok(shown(&page, visitor))
}

async fn case(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let (case, timeline) = state
        .read(&visitor, move |desk| {
            Ok((desk.show(&name)?, desk.timeline(&name)?))
        })
        .await?;
    let title = format!("Dispute {}", case.dispute);
    let page = desk::case::Shown {
        case: &case,
        timeline: &timeline,
        title: &title,
    };
    Ok(shown(&desk::case::page(&page, &visitor), &visitor))
}

async fn why(
    Shared(state): Shared<State>,
    Path((name, field)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let title = format!("Why {}", field.replace('_', " "));
    let why = state
        .read(&visitor, move |desk| desk.why(&name, &field))
        .await?;
    Ok(shown(&desk::why::page(&why, &title, &visitor), &visitor))
}

#[derive(Deserialize)]
struct Marked {
    from: Option<u32>,
    until: Option<u32>,
}

async fn document(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(marked): Query<Marked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Documents)?;
    let span = marked
        .from
        .zip(marked.until)
        .map(|(from, until)| app::Span { from, until });
    let document = state
        .read(&visitor, move |desk| desk.document_page(&id, span))
        .await?;
    Ok(shown(&desk::document::page(&document, &visitor), &visitor))
}

#[derive(Deserialize)]
struct FindingsAsked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    provider: String,
}

async fn findings(
    Shared(state): Shared<State>,
    Query(asked): Query<FindingsAsked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Findings)?;
    let wanted = finding::Wanted {
        open_only: true,
        kind: given(&asked.kind),
        provider: given(&asked.provider),
        limit: LINES,
    };
    let found = state
        .read(&visitor, move |desk| desk.findings(&wanted))
        .await?;
    Ok(shown(&desk::findings::page(&found, &visitor), &visitor))
}

async fn ledger(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Ledger)?;
    let books = state.read(&visitor, |desk| desk.books()).await?;
    Ok(shown(&desk::ledger::page(&books), &visitor))
}

async fn note(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Disputes)?;
    allowed(&posted.visitor, Action::Note, Resource::Disputes)?;
    let command = Command::Note {
        text: posted.text("text").to_owned(),
    };
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(Redirect::to(&format!("/desk/cases/{name}#notes")).into_response())
}

async fn assign(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Disputes)?;
    allowed(&posted.visitor, Action::Assign, Resource::Disputes)?;
    let command = Command::Assign {
        to: posted.text("to").trim().to_owned(),
    };
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(Redirect::to(&format!("/desk/cases/{name}")).into_response())
}

async fn assign_many(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Obligations)?;
    allowed(&posted.visitor, Action::Assign, Resource::Disputes)?;
    let to = posted.text("to").trim().to_owned();
    let cases: Vec<String> = posted.all("case").take(LINES).map(str::to_owned).collect();
    for case in cases {
        let command = Command::Assign { to: to.clone() };
        acted(&state, &posted.visitor, &case, command).await?;
    }
    Ok(Redirect::to("/desk/queue").into_response())
}

/// Carries out a command of the visitor's, after the case was found with their own sight.
pub async fn acted(
    state: &State,
    visitor: &Visitor,
    name: &str,
    command: Command,
) -> Result<(), Trouble> {
    let seen = name.to_owned();
    let found = state
        .read(visitor, move |desk| desk.dispute(&seen))
        .await?
        .ok_or(Trouble::NotFound)?;
    let actor = Actor {
        name: visitor.name.clone(),
        party: match visitor.asker.tenant() {
            Tenant::Merchant(_) => Party::Merchant,
            Tenant::Desk => Party::Operator,
        },
    };
    let now = visitor.now;
    let done = state
        .write(move |desk| desk.act(found.case.id.as_str(), &command, &actor, now))
        .await?;
    match done {
        Done::Done(_) => Ok(()),
        Done::Refused(rejection) => {
            Err(Trouble::Form(format!("{rejection} ({})", rejection.code())))
        }
    }
}
