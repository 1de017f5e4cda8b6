//! One act on many cases of the queue, with what became of each.

use super::{LINES, address, of_the_desk};
use crate::door::{Posted, State, Trouble};
use crate::frame::Page;
use crate::parts::chip;
use crate::routes::{acted_on, allowed, found, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::Command;
use axum::extract::State as Shared;
use axum::response::Response;
use maud::{Markup, html};

/// What became of one.
struct Outcome {
    case: String,
    /// The dispute, as its provider names it.
    dispute: String,
    /// Empty when it was done.
    refused: String,
}

pub async fn act(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Obligations)?;
    let (command, done) = wanted(&posted)?;
    let action = match command {
        Command::Note { .. } => Action::Note,
        _ => Action::Assign,
    };
    allowed(&posted.visitor, action, Resource::Disputes)?;
    let most = usize::try_from(LINES).unwrap_or(usize::MAX);
    let mut cases: Vec<String> = posted.all("case").take(most).map(str::to_owned).collect();
    cases.dedup();
    if cases.is_empty() {
        return Err(Trouble::Form(String::from(
            "choose at least one case in the list",
        )));
    }
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in cases {
        outcomes.push(one(&state, &posted.visitor, case, command.clone()).await?);
    }
    let names = ["provider", "stage", "assigned", "due", "order"];
    let asked: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (*name, posted.text(name)))
        .collect();
    let back = address("/desk/queue", &asked);
    let page = Page {
        title: "What became of it",
        place: "/desk/queue",
        about: html! { p { (done) } },
        body: html! { (list(&outcomes)) p.after { a.button.first href=(back) { "Back to the queue" } } },
    };
    Ok(shown(&page, &posted.visitor))
}

async fn one(
    state: &State,
    visitor: &Visitor,
    case: String,
    command: Command,
) -> Result<Outcome, Trouble> {
    let (id, dispute) = match found(state, visitor, &case).await {
        Err(Trouble::NotFound) => {
            return Ok(Outcome {
                dispute: case.clone(),
                case,
                refused: String::from("there is no such case"),
            });
        }
        found => found?,
    };
    let refused = match acted_on(state, visitor, id, command).await {
        Ok(()) => String::new(),
        Err(Trouble::Form(words) | Trouble::Denied(words)) => words,
        Err(trouble) => return Err(trouble),
    };
    Ok(Outcome {
        case,
        dispute,
        refused,
    })
}

/// The command that the form asks for, and its words.
fn wanted(posted: &Posted) -> Result<(Command, String), Trouble> {
    let to = posted.text("to").trim().to_owned();
    let text = posted.text("text").trim().to_owned();
    match posted.text("do") {
        "claim" => {
            let to = posted.visitor.name.clone();
            Ok((Command::Assign { to }, String::from("Claimed by you")))
        }
        "assign" if to.is_empty() => Ok((Command::Assign { to }, String::from("Given to nobody"))),
        "assign" => Ok((
            Command::Assign { to: to.clone() },
            format!("Assigned to {to}"),
        )),
        "note" if text.is_empty() => Err(Trouble::Form(String::from("a note has some text"))),
        "note" => Ok((Command::Note { text }, String::from("A note added to each"))),
        other => Err(Trouble::Form(format!(
            "expected `claim`, `assign` or `note`, found `{other}`"
        ))),
    }
}

fn list(outcomes: &[Outcome]) -> Markup {
    let done = outcomes.iter().filter(|one| one.refused.is_empty()).count();
    html! {
        div.scroll tabindex="0" role="region" aria-label="What became of each" data-rows {
            table.cards {
                caption { (done) " of " (outcomes.len()) " done" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "Became" } } }
                tbody {
                    @for one in outcomes {
                        tr {
                            th scope="row" { a data-row href={ "/desk/cases/" (one.case) } { (one.dispute) } }
                            td data-name="Became" { @if one.refused.is_empty() { (chip("done")) } @else { (chip("refused")) " " (one.refused) } }
                        }
                    }
                }
            }
        }
    }
}
