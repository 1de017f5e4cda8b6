//! What a person of the desk does to one case.

use super::{given, of_the_desk};
use crate::confirm::confirmed;
use crate::door::{Posted, State, Trouble, escaped};
use crate::routes::{acted, allowed};
use access::{Action, Resource};
use app::{Audience, Command, EvidenceContent};
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};

pub async fn act(
    Shared(state): Shared<State>,
    Path((name, what)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Disputes)?;
    let Wanted {
        command,
        action,
        resource,
        back,
    } = wanted(&what, &posted)?;
    allowed(&posted.visitor, action, resource)?;
    acted(&state, &posted.visitor, &name, command).await?;
    Ok(Redirect::to(&format!("/desk/cases/{}#{back}", escaped(&name))).into_response())
}

/// A command, what one must be allowed for it, and the part of the page to come back to.
struct Wanted {
    command: Command,
    action: Action,
    resource: Resource,
    back: &'static str,
}

fn wanted(what: &str, posted: &Posted) -> Result<Wanted, Trouble> {
    let want = |command, action, resource, back| Wanted {
        command,
        action,
        resource,
        back,
    };
    let text = |name: &str| posted.text(name).trim().to_owned();
    let needed = |name: &str, missing: &str| {
        given(posted.text(name)).ok_or_else(|| Trouble::Form(missing.to_owned()))
    };
    Ok(match what {
        "note" => {
            let text = needed("text", "a note has some text")?;
            want(
                Command::Note { text },
                Action::Note,
                Resource::Disputes,
                "notes",
            )
        }
        "tell" => {
            let text = needed("text", "a message has some text")?;
            let to = Audience::Merchant;
            want(
                Command::Tell { to, text },
                Action::Note,
                Resource::Disputes,
                "messages",
            )
        }
        "assign" => {
            let to = text("to");
            want(
                Command::Assign { to },
                Action::Assign,
                Resource::Disputes,
                "actions",
            )
        }
        "claim" => {
            let to = posted.visitor.name.clone();
            want(
                Command::Assign { to },
                Action::Assign,
                Resource::Disputes,
                "actions",
            )
        }
        "waive" => {
            let command = Command::Waive {
                obligation: text("obligation"),
                reason: needed("reason", "a waiver has a reason")?,
            };
            want(command, Action::Waive, Resource::Obligations, "obligations")
        }
        _ => return answering(what, posted),
    })
}

/// What leads to an answer: the draft, its seal, and sending or giving up.
fn answering(what: &str, posted: &Posted) -> Result<Wanted, Trouble> {
    let command = match what {
        "evidence" => Command::SaveEvidence {
            if_version: posted.version()?,
            slot: posted.text("slot").trim().to_owned(),
            content: match given(posted.text("text")) {
                Some(_) => EvidenceContent::Text(posted.text("text").to_owned()),
                None => EvidenceContent::Cleared,
            },
        },
        "seal" => Command::Seal {
            if_version: posted.version()?,
        },
        "withdraw" => Command::Withdraw,
        "submit" => Command::Submit,
        "accept" => Command::Accept,
        _ => return Err(Trouble::NotFound),
    };
    if matches!(command, Command::Submit | Command::Accept) {
        confirmed(posted)?;
    }
    let (action, resource) = match command {
        Command::Accept => (Action::Accept, Resource::Disputes),
        _ => (Action::Answer, Resource::Evidence),
    };
    let back = match command {
        Command::SaveEvidence { .. } => "evidence",
        _ => "answer",
    };
    Ok(Wanted {
        command,
        action,
        resource,
        back,
    })
}
