//! Lists that somebody saved for themselves: their names above the list, and a form that keeps the one shown.

use super::{address, of_the_desk};
use crate::door::{Posted, State, Trouble};
use crate::frame;
use crate::visitor::Visitor;
use access::Resource;
use app::personal::SavedView;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

/// Pages whose lists can be saved.
const PLACES: [&str; 2] = ["/desk/queue", "/desk/cases"];

/// The lists that somebody saved for a page.
pub async fn of(
    state: &State,
    visitor: &Visitor,
    place: &'static str,
) -> Result<Vec<SavedView>, Trouble> {
    let person = visitor.person.clone();
    state
        .write(move |desk| desk.saved_views(&person, place))
        .await
}

/// What of an address is the list: its parameters without the path.
fn query(place: &str, parameters: &[(&str, &str)]) -> String {
    let whole = address(place, parameters);
    whole
        .split_once('?')
        .map(|(_, query)| query.to_owned())
        .unwrap_or_default()
}

pub fn row(
    all: &[SavedView],
    place: &str,
    parameters: &[(&str, &str)],
    visitor: &Visitor,
) -> Markup {
    let here = query(place, parameters);
    let saved = all.iter().find(|view| view.query == here);
    html! {
        div.views {
            @for view in all {
                a.chip href={ (view.place) "?" (view.query) } aria-current=[(view.query == here).then_some("true")] { (view.name) }
            }
            @if let Some(view) = saved {
                form method="post" action="/desk/lists" {
                    (hidden(place, &here, visitor))
                    input type="hidden" name="name" value=(view.name);
                    button.plain name="do" value="drop" { "Forget this list" }
                }
            } @else if !here.is_empty() {
                details {
                    summary { "Save this list" }
                    form.row method="post" action="/desk/lists" {
                        (hidden(place, &here, visitor))
                        label.visually-hidden for="view-name" { "Its name" }
                        input id="view-name" name="name" required maxlength="60" placeholder="its name";
                        button name="do" value="save" { "Save" }
                    }
                }
            }
        }
    }
}

fn hidden(place: &str, query: &str, visitor: &Visitor) -> Markup {
    html! {
        (frame::csrf(visitor))
        input type="hidden" name="place" value=(place);
        input type="hidden" name="query" value=(query);
    }
}

pub async fn keep(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Disputes)?;
    let doer = posted.visitor.doer();
    let view = SavedView {
        place: posted.text("place").to_owned(),
        name: posted.text("name").trim().to_owned(),
        query: posted.text("query").to_owned(),
    };
    // An address of ours is letters, digits and a few signs: whatever else comes here was never one.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./%=&".contains(&byte);
    if !PLACES.contains(&view.place.as_str()) || !view.query.bytes().all(plain) {
        return Err(Trouble::Form(String::from("the list is not one of ours")));
    }
    let back = format!("{}?{}", view.place, view.query);
    let drops = posted.text("do") == "drop";
    state
        .write(move |desk| match drops {
            true => desk.drop_view(&doer, &view.place, &view.name),
            false => desk.save_view(&doer, &view),
        })
        .await?;
    Ok(Redirect::to(&back).into_response())
}
