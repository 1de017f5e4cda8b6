//! The audit log: its leaves, its signed checkpoints, and whether it holds.

use super::bits::{BOOK_OF_RULES, tabs};
use super::{LINES, of_the_desk};
use crate::amount;
use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::counted;
use crate::routes::shown;
use crate::visitor::Visitor;
use access::{Action, Denied, Resource};
use app::audit_log::{self, Verified};
use app::board::log::Stretch;
use axum::extract::{Query, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    before: Option<u64>,
}

pub async fn show(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Audit)?;
    let stretch = state
        .read(&visitor, move |desk| {
            desk.audit_stretch(asked.before, LINES)
        })
        .await?;
    let page = page(&stretch, None, asked.before.is_some(), &visitor);
    Ok(shown(&page, &visitor))
}

/// Exports the log as it stands and checks the export, as somebody outside would.
pub async fn verify(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Audit)?;
    let now = posted.visitor.now;
    let (verified, stretch) = state
        .write(move |desk| {
            let exported = desk.export_audit(now)?;
            let verified = audit_log::verify(exported.text.as_bytes(), None);
            Ok((verified, desk.audit_stretch(None, LINES)?))
        })
        .await?;
    let page = page(&stretch, Some(&verified), false, &posted.visitor);
    Ok(shown(&page, &posted.visitor))
}

/// The whole log, to be checked elsewhere.
pub async fn export(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    of_the_desk(&posted.visitor, Resource::Audit)?;
    let visitor = &posted.visitor;
    let checked = visitor
        .asker
        .check(Action::Export, Resource::Audit, None, visitor.now);
    checked.map_err(|denied| match denied {
        Denied::StepUp { .. } => Trouble::Prove {
            back: String::from("/desk/audit"),
        },
        denied => Trouble::from(denied),
    })?;
    let now = posted.visitor.now;
    let exported = state.write(move |desk| desk.export_audit(now)).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.log\"",
        ),
    ];
    Ok((headers, exported.text).into_response())
}

fn page(
    stretch: &Stretch,
    verified: Option<&Verified>,
    within: bool,
    visitor: &Visitor,
) -> Page<'static> {
    Page {
        title: "Audit log",
        place: "/desk/rules",
        about: html! { p { (amount::count(stretch.size)) " leaves; none is ever changed or taken away" } },
        body: html! {
            (tabs(&BOOK_OF_RULES, "/desk/audit", visitor))
            @if let Some(verified) = verified { (outcome(verified)) }
            (acts(visitor))
            (leaves(stretch, within))
            (checkpoints(stretch))
        },
    }
}

fn acts(visitor: &Visitor) -> Markup {
    html! {
        div.row.after {
            form method="post" action="/desk/audit/verify" { (frame::csrf(visitor)) button.first { "Verify now" } }
            @if visitor.may(Action::Export, Resource::Audit) {
                form method="post" action="/desk/audit/export" { (frame::csrf(visitor)) button { "Download the log" } }
            }
        }
    }
}

fn outcome(verified: &Verified) -> Markup {
    html! {
        div.note.good[verified.holds].bad[!verified.holds] role="status" {
            p {
                @if verified.holds { strong { "The log holds. " } } @else { strong { "The log does not hold. " } }
                (amount::count(verified.sealed)) " of " (amount::count(verified.entries)) " leaves lie under " (counted(i64::try_from(verified.checkpoints).unwrap_or(i64::MAX), "signed checkpoint")) ". Root " span.mono.small { (verified.root) } "."
            }
            @for finding in &verified.findings { p { (finding) } }
            p.small { "Checked with the key that the desk itself names. A key that was noted elsewhere proves more: " code { "docket audit verify --key" } "." }
        }
    }
}

fn leaves(stretch: &Stretch, within: bool) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Leaves" {
            table {
                caption { "Newest first" }
                thead { tr { th.n scope="col" { "Number" } th scope="col" { "Leaf" } } }
                tbody { @for (number, text) in &stretch.leaves { tr { th.n scope="row" { (number) } td.mono.small data-random { (text) } } } }
            }
        }
        nav.pager aria-label="Pages" {
            @if within { a.button href="/desk/audit" rel="first" { "Newest" } } @else { span {} }
            @if let Some(before) = stretch.before { a.button href={ "/desk/audit?before=" (before) } rel="next" aria-keyshortcuts="n" { "Older" } }
            @else { span.soft { "The beginning of the log" } }
        }
    }
}

fn checkpoints(stretch: &Stretch) -> Markup {
    html! {
        section.panel aria-labelledby="checkpoints" {
            h2 id="checkpoints" { "Checkpoints" }
            p.small { "Verifier key: " span.mono data-random { (stretch.verifier_key) } }
            @if stretch.checkpoints.is_empty() { p.soft { "None was signed yet." } }
            @for note in &stretch.checkpoints { pre.small tabindex="0" data-random { (note) } }
        }
    }
}
