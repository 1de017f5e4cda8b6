//! What waits to be sent, and what was sent and is not known to have arrived.

use super::bits::{self, INTAKE, plain, tabs};
use super::of_the_desk;
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, chip, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::sends::{Send, Sends};
use axum::extract::State as Shared;
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let sends = state.read(&visitor, |desk| desk.sends()).await?;
    Ok(shown(&page(&sends, &visitor), &visitor))
}

fn page(sends: &Sends, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Sends",
        place: "/desk/feeds",
        about: html! { p { (sends.in_doubt) " in doubt, " (sends.waiting) " waiting" @if sends.more { "; more than are listed" } } },
        body: html! {
            (tabs(&INTAKE, "/desk/sends", visitor))
            @if sends.in_doubt > 0 {
                div.note.warn { p { "What is in doubt was sent and no answer proves that it arrived. It is read back from the provider, and not sent again before that." } }
            }
            @if sends.lines.is_empty() { p.note.good { "Nothing waits to be sent." } } @else { (list(&sends.lines, visitor)) }
        },
    }
}

fn list(lines: &[Send], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Sends" data-rows {
            table.cards {
                caption { (lines.len()) " listed, those in doubt first" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "What" } th scope="col" { "State" } th scope="col" { "Not before" } th.n scope="col" { "Attempt" } th.n scope="col" { "Tries" } th scope="col" { "Last trouble" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a data-row href={ "/desk/cases/" (line.case) } { (line.dispute) } br; span.soft.small { (bits::account(&line.provider, &line.account)) } }
                            td data-name="What" { (plain(&line.verb)) }
                            td data-name="State" { (chip(if line.in_doubt { "in-doubt" } else { "waiting" })) }
                            td data-name="Not before" { (at(line.not_before, visitor)) }
                            td.n data-name="Attempt" { (line.attempt) }
                            td.n data-name="Tries" { (line.tries) }
                            td data-name="Last trouble" { @if line.trouble.is_empty() { (unsaid("none")) } @else { (line.trouble) } }
                        }
                    }
                }
            }
        }
    }
}
