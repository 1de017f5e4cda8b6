//! All cases, newest first, and what a search found.

use crate::frame::Page;
use crate::parts::{at, by, chip, money, unsaid};
use crate::visitor::Visitor;
use app::disputes::Dispute;
use maud::html;

pub fn page(disputes: &[Dispute], more: bool, text: &str, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Cases",
        place: "/desk/cases",
        about: html! { p { @if text.is_empty() { "Newest first" } @else { "With a reference that begins with “" (text) "”" } } },
        body: html! {
            @if disputes.is_empty() { p.note { "No case has such a reference. A whole reference, an ARN, a trace number or the provider's id finds its case." } }
            @else {
                div.scroll tabindex="0" role="region" aria-label="Cases" data-rows {
                    table.cards {
                        caption { (disputes.len()) " shown" @if more { "; there are more: narrow the search" } }
                        thead { tr { th scope="col" { "Dispute" } th scope="col" { "Stage" } th scope="col" { "Status" } th.n scope="col" { "Disputed" } th scope="col" { "Answer by" } th scope="col" { "Opened" } } }
                        tbody {
                            @for dispute in disputes {
                                @let case = &dispute.case;
                                tr {
                                    th scope="row" { a data-row href={ "/desk/cases/" (case.id) } { (case.dispute) } br; span.soft.small { (case.scope.provider) " · " (case.scope.account) } }
                                    td data-name="Stage" { @match case.status.stage() { Some(stage) => (stage.name().replace('-', " ")), None => (unsaid("not said")) } }
                                    td data-name="Status" { (chip(case.status.word())) }
                                    td.n data-name="Disputed" { @match case.disputed { Some(amount) => (money(amount.into())), None => (unsaid("not said")) } }
                                    td data-name="Answer by" {
                                        @match case.status.deadline().and_then(|deadline| deadline.respond_by()) { Some(moment) => (by(moment.into(), visitor)), None => (unsaid("not our move")) }
                                    }
                                    td data-name="Opened" { (at(case.opened_at.into(), visitor)) }
                                }
                            }
                        }
                    }
                }
            }
        },
    }
}
