//! Every provider account: how whole and how late what comes from it is.

use super::bits::{INTAKE, tabs};
use super::chart::{self, Part};
use super::{address, of_the_desk};
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{at, chip, span_words, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::board::feeds::{Fates, Feed};
use app::board::scope_name;
use axum::extract::State as Shared;
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Feeds)?;
    let now = visitor.now;
    let feeds = state
        .read(&visitor, move |desk| desk.feeds(now.plus_days(-1), now))
        .await?;
    Ok(shown(&page(&feeds, &visitor), &visitor))
}

fn page(feeds: &[Feed], visitor: &Visitor) -> Page<'static> {
    let whole = feeds.iter().filter(|feed| feed.state == "whole").count();
    Page {
        title: "Feeds",
        place: "/desk/feeds",
        about: html! { p { (whole) " of " (feeds.len()) " whole" } },
        body: html! {
            (tabs(&INTAKE, "/desk/feeds", visitor))
            @if feeds.is_empty() { p.note { "Nothing ever came, and no account is configured." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Feeds" data-rows {
                    table.cards {
                        caption { "The last day by what became of it; each arrival is in exactly one column. What waits or is held is counted however old it is." }
                        thead { tr {
                            th scope="col" { "Feed" } th scope="col" { "State" } th scope="col" { "Last" } th scope="col" { "Usual gap" }
                            th.n scope="col" { "Received" } th.n scope="col" { "Applied" } th.n scope="col" { "Repeats" } th.n scope="col" { "Other" } th.n scope="col" { "Rejected" }
                            th.n scope="col" { "Held" } th.n scope="col" { "Pending" } th scope="col" { span.visually-hidden { "Share" } }
                        } }
                        tbody { @for feed in feeds { (row(feed, visitor)) } }
                    }
                }
                p.hint.after { "Late: nothing for twice the usual gap and six hours at least. Silent: four times, and a day at least. The usual gap is the mean of fourteen days." }
            }
        },
    }
}

fn row(feed: &Feed, visitor: &Visitor) -> Markup {
    let scope = scope_name(&feed.scope);
    let counted = |count: u64, fate: &str| {
        let to = address("/desk/documents", &[("account", &scope), ("fate", fate)]);
        html! { @if count > 0 { a href=(to) { (count) } } @else { span.soft { "0" } } }
    };
    let (recent, old) = (&feed.recent, &feed.troubled);
    html! {
        tr {
            th scope="row" { a data-row href=(address("/desk/documents", &[("account", &scope)])) { (feed.scope.provider) } br; span.soft.small { (feed.scope.account) } }
            td data-name="State" { (chip(feed.state)) @if feed.state != "whole" { br; span.small { (feed.why) } } }
            td data-name="Last" { @match &feed.last { Some(last) => { a.quiet href={ "/desk/documents/" (last.document) } { (at(last.at, visitor)) } br; span.soft.small { (last.way) } }, None => (unsaid("never")) } }
            td data-name="Usual gap" { @match feed.gap_seconds { Some(gap) => (span_words(gap)), None => (unsaid("too few to tell")) } }
            td.n data-name="Received" { (recent.received) }
            td.n data-name="Applied" { (counted(recent.applied, "applied")) }
            td.n data-name="Repeats" { (recent.repeats) }
            td.n data-name="Other" { (counted(recent.other_business.saturating_add(recent.superseded), "other-business")) }
            td.n data-name="Rejected" { (counted(old.rejected, "rejected")) }
            td.n data-name="Held" { (counted(old.quarantined, "quarantined")) }
            td.n data-name="Pending" { (counted(old.pending, "pending")) }
            td.chart { (share(recent)) }
        }
    }
}

fn share(fates: &Fates) -> Markup {
    let part = |name, class, value| Part { name, class, value };
    let parts = [
        part("applied", "part-good", fates.applied),
        part("repeats", "part-nobody", fates.repeats),
        part("other business", "part-theirs", fates.other_business),
        part(
            "rejected or held",
            "part-ours",
            fates.rejected.saturating_add(fates.quarantined),
        ),
        part("pending", "part-doubt", fates.pending),
    ];
    chart::bar(
        &format!("{} received", fates.received),
        &parts,
        fates.received,
    )
}
