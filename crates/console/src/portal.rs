//! The portal: where a merchant sees what needs them, answers it, and keeps the receipt.

mod dispute;
mod evidence;
mod fresh;
mod history;
mod insights;
mod keys;
mod list;
mod now;
pub mod settings;
mod story;
mod team;
pub mod webhooks;
pub mod words;

use crate::confirm::confirmed;
use crate::door::{Posted, State, Trouble, escaped};
use crate::messages;
use crate::routes::{acted, allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource, Tenant};
use app::board::duties::{Duty, DutyOrder, Wanted};
use app::case::CaseView;
use app::personal::Unread;
use app::{Audience, CasePage, CaseQuery, Command, Desk};
use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use calendar::{Instant, Zone};
use now::{Group, News, Now, Order, When};
use serde::Deserialize;

/// Lines of what stands aside of them.
const ASIDE: u32 = 12;

pub fn routes() -> Router<State> {
    Router::new()
        .merge(evidence::routes())
        .merge(insights::routes())
        .merge(keys::routes())
        .merge(settings::routes())
        .merge(team::routes())
        .merge(webhooks::routes())
        .route("/", get(home))
        .route(list::HERE, get(list::list))
        .route("/disputes.csv", get(list::file))
        .route("/disputes/lists", post(list::keep))
        .route("/disputes/{dispute}", get(one))
        .route("/disputes/{dispute}/{deed}", post(act))
}

/// The portal is for merchants; the desk's people have pages of their own.
pub fn merchant(visitor: &Visitor) -> Result<(), Trouble> {
    match visitor.asker.tenant() {
        Tenant::Merchant(_) => allowed(visitor, Action::Read, Resource::Disputes),
        Tenant::Desk => Err(Trouble::NotFound),
    }
}

#[derive(Deserialize)]
struct Ordered {
    #[serde(default)]
    order: String,
}

async fn home(
    Shared(state): Shared<State>,
    Query(ordered): Query<Ordered>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    if visitor.of_the_desk() {
        return Ok(Redirect::to("/desk").into_response());
    }
    merchant(&visitor)?;
    let order = match ordered.order.as_str() {
        "money" => Order::Money,
        _ => Order::Time,
    };
    let person = visitor.person.clone();
    let preferences = state.write(move |desk| desk.preferences(&person)).await?;
    let kinds: Vec<String> = settings::NEWS
        .iter()
        .filter(|(name, _)| {
            let told = preferences.told.as_ref();
            told.is_none_or(|told| told.iter().any(|word| word == name))
        })
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let clock = (visitor.now, visitor.zone);
    // Read beside each other: none needs what another finds.
    let (due, around, unread, fresh) = tokio::try_join!(
        state.read(&visitor, move |desk| due(desk, order, clock)),
        state.read(&visitor, move |desk| around(desk, &kinds, clock.0)),
        unread(&state, &visitor),
        fresh::strip(&state, &visitor)
    )?;
    let now = Now {
        passed: (
            now::unlisted(around.passed.rows, &due.groups),
            around.passed.more,
        ),
        groups: due.groups,
        largest: due.largest,
        order,
        others: (around.others.rows, around.others.more),
        news: around.news,
        unread,
        fresh,
    };
    Ok(shown(&now::page(&now, &visitor), &visitor))
}

/// The disputes with messages that they have not read. Whose messages there are is asked with their own sight, what they
/// have read with the desk's.
async fn unread(state: &State, visitor: &Visitor) -> Result<Vec<Unread>, Trouble> {
    let instant = visitor.now;
    let told = state
        .read(visitor, move |desk| {
            desk.written_to(Audience::Merchant, instant)
        })
        .await?;
    let person = visitor.person.clone();
    state
        .write(move |desk| {
            let marks = desk.read_until(&person)?;
            Ok(app::personal::unread(told, &marks))
        })
        .await
}

/// What stands beside the duties.
struct Around {
    others: CasePage,
    /// What was not answered in time.
    passed: CasePage,
    news: Vec<News>,
}

fn around(desk: &mut Desk, kinds: &[String], now: Instant) -> Result<Around, app::Error> {
    let others = CaseQuery {
        statuses: ["theirs", "network", "nobody"].map(str::to_owned).to_vec(),
        ..CaseQuery::newest(ASIDE)
    };
    let passed = CaseQuery {
        statuses: vec![String::from("ours")],
        due_before: Some(now),
        ..CaseQuery::newest(ASIDE)
    };
    let news = desk.headlines(kinds, ASIDE)?;
    let news = news.into_iter().map(|line| News {
        case: line.case,
        dispute: line.dispute,
        kind: line.kind,
        at: line.at.into(),
    });
    Ok(Around {
        others: desk.lines(&others)?,
        passed: desk.lines(&passed)?,
        news: news.collect(),
    })
}

/// What waits for their answer.
struct Due {
    groups: Vec<Group>,
    /// The largest of all, where these were asked for.
    largest: Vec<Duty>,
}

/// Each group is counted whole and listed as far as it is shown, so that the page costs what it shows.
fn due(desk: &mut Desk, order: Order, (now, zone): (Instant, Zone)) -> Result<Due, app::Error> {
    let mut groups = Vec::new();
    for when in When::ALL {
        let (from, before) = when.bounds(now, zone);
        let wanted = Wanted {
            due_from: from,
            due_before: before,
            order: DutyOrder::Time,
            ..Wanted::first(now::SHOWN)
        };
        let sums = desk.duty_sums(&wanted, now)?;
        let lines = match order {
            Order::Time if sums.total > 0 => desk.ranked_duties(&wanted, now)?.lines,
            Order::Time | Order::Money => Vec::new(),
        };
        groups.push(Group { when, lines, sums });
    }
    let largest = match order {
        Order::Time => Vec::new(),
        Order::Money => {
            let wanted = Wanted {
                order: DutyOrder::Money,
                ..Wanted::first(now::SHOWN)
            };
            desk.ranked_duties(&wanted, now)?.lines
        }
    };
    Ok(Due { groups, largest })
}

async fn one(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    let looked = name.clone();
    let seen = state
        .read(&visitor, move |desk| desk.dispute(&looked))
        .await?;
    let seen = seen.ok_or(Trouble::NotFound)?;
    let id = seen.case.id.to_string();
    let (case, events) = state
        .read(&visitor, move |desk| {
            Ok((desk.show(&id)?, desk.merchant_timeline(&id)?))
        })
        .await?;
    read(&state, &visitor, &case).await?;
    let fresh = fresh::of(&state, &visitor, Some((&case.provider, &case.account))).await?;
    let title = format!("Dispute {}", case.dispute);
    let page = dispute::Shown {
        case: &case,
        events: &events,
        title: &title,
        fresh,
    };
    Ok(shown(&dispute::page(&page, &visitor), &visitor))
}

/// Whoever opens a dispute's page has read its messages.
pub async fn read(state: &State, visitor: &Visitor, case: &CaseView) -> Result<(), Trouble> {
    let Some(until) = messages::written_to(&case.messages, visitor.of_the_desk()) else {
        return Ok(());
    };
    let (doer, person, id) = (visitor.doer(), visitor.person.clone(), case.case.clone());
    state
        .write(move |desk| {
            let marks = desk.read_until(&person)?;
            match marks.get(&id).is_some_and(|read| *read >= until) {
                true => Ok(()),
                false => desk.mark_read(&doer, &id, until),
            }
        })
        .await
}

/// What a form of a dispute's page asks for: what one must be allowed, the command, and where on the page to go on.
struct Deed {
    action: Action,
    resource: Resource,
    command: Command,
    then: &'static str,
}

fn deed(name: &str, posted: &Posted) -> Result<Deed, Trouble> {
    let evidence = |command, then| Deed {
        action: Action::Answer,
        resource: Resource::Evidence,
        command,
        then,
    };
    Ok(match name {
        "seal" => {
            let if_version = posted.version()?;
            evidence(Command::Seal { if_version }, "answer")
        }
        "message" => Deed {
            action: Action::Note,
            resource: Resource::Disputes,
            command: Command::Tell {
                to: Audience::Desk,
                text: posted.text("text").to_owned(),
            },
            then: "messages",
        },
        "withdraw" => evidence(Command::Withdraw, "answer"),
        "submit" => {
            confirmed(posted)?;
            evidence(Command::Submit, "answer")
        }
        "accept" => {
            confirmed(posted)?;
            Deed {
                action: Action::Accept,
                resource: Resource::Disputes,
                command: Command::Accept,
                then: "answer",
            }
        }
        _ => return Err(Trouble::NotFound),
    })
}

async fn act(
    Shared(state): Shared<State>,
    Path((name, what)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Trouble> {
    merchant(&posted.visitor)?;
    let Deed {
        action,
        resource,
        command,
        then,
    } = deed(&what, &posted)?;
    allowed(&posted.visitor, action, resource)?;
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(Redirect::to(&format!("/disputes/{}#{then}", escaped(&name))).into_response())
}
