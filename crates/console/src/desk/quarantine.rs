//! What is held: why, and what a person decides.

use super::bits::{self, INTAKE, pager, tabs};
use super::{LINES, given, of_the_desk};
use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{at, chip, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::{Action, Denied, Resource};
use app::board::Paged;
use app::board::documents::Line;
use app::quarantine::{Decided, Decision};
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: String,
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Quarantine)?;
    let before = given(&asked.after);
    let page = state
        .read(&visitor, move |desk| desk.held(before, LINES))
        .await?;
    Ok(shown(&view(&page, &asked, &visitor), &visitor))
}

fn view(page: &Paged<Line>, asked: &Asked, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Quarantine",
        place: "/desk/feeds",
        about: html! { p { "Kept whole, nothing of it applied, until somebody decides" } },
        body: html! {
            (tabs(&INTAKE, "/desk/quarantine", visitor))
            @if page.lines.is_empty() { p.note.good { "Nothing is held." } } @else { (list(&page.lines, visitor)) }
            (pager("/desk/quarantine", &[], &asked.after, page.next.as_deref()))
        },
    }
}

fn list(lines: &[Line], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Held documents" data-rows {
            table.cards {
                caption { (lines.len()) " on this page; open one to decide" }
                thead { tr { th scope="col" { "Document" } th scope="col" { "Arrived" } th scope="col" { "From" } th scope="col" { "Why it is held" } th scope="col" { "Signature" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a data-row href={ "/desk/documents/" (line.document) } { "No. " (line.sequence) } br; span.soft.small { (line.way) " " (line.name) } }
                            td data-name="Arrived" { (at(line.received_at, visitor)) }
                            td data-name="From" { (bits::account(&line.provider, &line.account)) }
                            td data-name="Why" { (why(line)) }
                            td data-name="Signature" { (chip(&line.verdict)) }
                        }
                    }
                }
            }
        }
    }
}

fn why(line: &Line) -> Markup {
    html! {
        @if line.trouble.is_empty() && line.rejects.is_empty() { (unsaid("its signature does not hold")) }
        @if line.rejects.is_empty() { (line.trouble) }
        @for (place, reject) in line.rejects.iter().take(3).enumerate() { @if place > 0 { br; } strong { (reject.code) } " " (reject.detail) }
    }
}

/// What may be decided about a held document.
pub fn decision(document: &str, visitor: &Visitor) -> Markup {
    let may = visitor.may(Action::Intervene, Resource::Quarantine);
    html! {
        section.panel.decision aria-labelledby="decide" {
            h2 id="decide" { "It is held" }
            @if !may { p.soft { "An operator decides what becomes of it." } } @else {
                form method="post" action={ "/desk/documents/" (document) "/decide" } {
                    (frame::csrf(visitor))
                    fieldset.plain {
                        legend { "What becomes of it" }
                        label.check { input type="radio" name="decision" value="release" required; " Release it: it is read as if it had been trusted" }
                        label.check { input type="radio" name="decision" value="reject"; " Reject it: it is never read" }
                        label.check { input type="radio" name="decision" value="supersede"; " A corrected one took its place" }
                    }
                    label for="why" { "Why" }
                    p.hint { "It stands in the audit log with your name." }
                    textarea id="why" name="why" required {}
                    button.first { "Decide" }
                }
            }
        }
    }
}

pub async fn decide(
    Shared(state): Shared<State>,
    Path(document): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Quarantine)?;
    let visitor = &posted.visitor;
    let checked = visitor
        .asker
        .check(Action::Intervene, Resource::Quarantine, None, visitor.now);
    checked.map_err(|denied| match denied {
        Denied::StepUp { .. } => Trouble::Prove {
            back: format!("/desk/documents/{document}"),
        },
        denied => Trouble::from(denied),
    })?;
    let decision = match posted.text("decision") {
        "release" => Decision::Release,
        "reject" => Decision::Reject,
        "supersede" => Decision::Supersede,
        other => {
            return Err(Trouble::Form(format!(
                "expected `release`, `reject` or `supersede`, found `{other}`"
            )));
        }
    };
    let why = given(posted.text("why"))
        .ok_or_else(|| Trouble::Form(String::from("a decision has a reason")))?;
    let (who, now) = (posted.visitor.name.clone(), posted.visitor.now);
    let decided = state
        .write(move |desk| desk.decide(&document, decision, &who, &why, now))
        .await?;
    Ok(shown(&became(&decided), &posted.visitor))
}

fn became(decided: &Decided) -> Page<'static> {
    Page {
        title: "Decided",
        place: "/desk/feeds",
        about: html! { p { "The document is now " (chip(decided.became)) } },
        body: html! {
            @if !decided.trouble.is_empty() { p { (decided.trouble) } }
            @for reject in &decided.rejects { p { strong { (reject.code) } " " (reject.detail) } }
            p.row {
                a.button.first href="/desk/quarantine" { "Back to quarantine" }
                a.button href={ "/desk/documents/" (decided.document) } { "The document" }
            }
        },
    }
}
