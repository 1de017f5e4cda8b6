//! The evidence workspace of a dispute: what is asked for, what stands there, what the provider will get, and the way to send
//! it. Everything works without scripts; with them it saves by itself, and files can be dropped.
//!
//! Nothing that somebody wrote is lost: not when another saved first, not when a rule refuses it, and not when the session
//! ended meanwhile.

mod lost;
mod packet;
mod page;
mod receipt;
mod wrote;

pub use page::named;

use crate::door::{Posted, State, Trouble, escaped, version};
use crate::held_file::{self, size};
use crate::parts::{chip, is_cut_off};
use crate::portal::{confirmed, merchant};
use crate::routes::{actor, allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::answer::{CatalogueSlot, Done, catalogue};
use app::case::{CaseView, EvidenceView};
use app::files::{Incoming, shown_name};
use app::packet::PacketView;
use app::{Command, EvidenceContent};
use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use wrote::{Brought, Sender, Wrote};

/// The rejection of a save that was made from an older version.
const MOVED: &str = "DP-1009";

/// How often a save is tried on top of what others save elsewhere in the draft meanwhile.
const TRIES: usize = 4;

pub fn routes() -> Router<State> {
    Router::new()
        .route("/disputes/{dispute}/evidence", get(look).post(save))
        .route("/disputes/{dispute}/evidence/files", post(bring))
        .route("/disputes/{dispute}/evidence/clear", post(clear))
        .route("/disputes/{dispute}/evidence/seal", post(seal))
        .route("/disputes/{dispute}/evidence/submit", post(submit))
        .route("/disputes/{dispute}/evidence/{slot}/file", get(file))
        .route("/disputes/{dispute}/evidence/{slot}/image", get(image))
        .route("/disputes/{dispute}/receipt", get(keep))
}

/// Words for a slot that are not saved.
pub struct Draft {
    pub slot: String,
    pub text: String,
}

/// What the page says first.
pub struct Notice {
    pub bad: bool,
    pub words: String,
}

/// Everything that the page shows.
pub struct Workspace {
    pub case: CaseView,
    pub packet: PacketView,
    pub catalogue: Vec<CatalogueSlot>,
    pub drafts: Vec<Draft>,
    /// Drafts of slots that somebody else saved first.
    pub conflicts: Vec<Draft>,
    /// Whether anything can be written now, by this visitor.
    pub open: bool,
    /// Whether the provider's own cut-off has passed.
    pub late: bool,
    /// Which files are taken, as a sentence.
    pub taken: String,
}

impl Workspace {
    /// The slots without which it is not sealed, as people read them.
    pub fn missing(&self) -> Vec<String> {
        let needs = self.case.evidence.requirements.iter();
        let missing = needs.filter(|need| need.state == "missing");
        missing.map(|need| page::named(&need.slot)).collect()
    }

    pub fn why_closed(&self) -> &'static str {
        match (self.case.open, self.case.status) {
            (_, "unstated") => "the provider has not said yet whose move it is",
            (false, _) => "the dispute is over",
            (true, "ours") if self.late => "the provider's own cut-off has passed",
            (true, "ours") => "you may look, and somebody else of your team may write",
            (true, _) => "it is not your move",
        }
    }
}

/// What stands in a slot, in a few letters: a save says with it what it was made from.
pub fn fingerprint(case: &CaseView, slot: &str) -> String {
    let held = case.evidence.slots.iter().find(|held| held.slot == slot);
    let whole = match held {
        Some(held) => match (&held.text, &held.file) {
            (Some(text), _) => hex::encode(Sha256::digest(text.as_bytes())),
            (None, Some(file)) => file.digest.clone(),
            (None, None) => String::new(),
        },
        None => String::new(),
    };
    whole.chars().take(16).collect()
}

/// What stands on a dispute's own page: how the evidence is, and the way here. `ours`: an answer can be given now; `open`: by
/// whoever looks.
pub fn summary(case: &CaseView, ours: bool, open: bool) -> Markup {
    let evidence = &case.evidence;
    html! {
        section.panel id="evidence" aria-labelledby="would-win" {
            h2 id="would-win" { @if ours { "What would win it" } @else { "The evidence" } }
            @if evidence.requirements.iter().all(|need| need.state == "optional") {
                p.soft { @if ours { "Nothing is required. Write in your own words what speaks for you." (helps(evidence)) } @else { "Nothing in particular was asked for." } }
            }
            ul.needs {
                @for need in &evidence.requirements {
                    @if need.state != "optional" {
                        li {
                            strong { (page::named(&need.slot)) } " " (chip(if ours || need.state != "missing" { need.state } else { "not given" }))
                            @if ours && need.state != "ready" { br; span.small.soft { @if need.state == "missing" { @if let Some(meaning) = need.meaning { (meaning) } } @else { (need.why) } } }
                        }
                    }
                }
            }
            p {
                a.button.first[open] href={ "/disputes/" (case.case) "/evidence" } {
                    @if open { "Build the evidence" } @else { "Look at the evidence" }
                }
            }
        }
    }
}

/// What helps where nothing is required: a few names, so that one knows what to look for.
fn helps(evidence: &EvidenceView) -> String {
    const NAMED: usize = 4;
    let names: Vec<String> = evidence
        .requirements
        .iter()
        .map(|need| page::named(&need.slot).to_lowercase())
        .collect();
    let said: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match (said.as_slice(), names.len().saturating_sub(NAMED)) {
        ([], _) => String::new(),
        (said, 0) => format!(" What helps, where you have it: {}.", said.join(", ")),
        (said, more) => format!(
            " What helps, where you have it: {}, and {more} more.",
            said.join(", ")
        ),
    }
}

async fn load(state: &State, visitor: &Visitor, name: &str) -> Result<Workspace, Trouble> {
    let name = name.to_owned();
    let seen = state.read(visitor, move |desk| {
        let Some(dispute) = desk.dispute(&name)? else {
            return Ok(None);
        };
        let id = dispute.case.id.to_string();
        Ok(Some((desk.show(&id)?, desk.packet(&id)?)))
    });
    let (case, packet) = seen.await?.ok_or(Trouble::NotFound)?;
    let free = case
        .answers
        .iter()
        .all(|answer| matches!(answer.state, "refused" | "withdrawn" | "overtaken"));
    let most = packet.file_bytes_most.as_ref();
    let most = most.map(|(bytes, by)| (*bytes, by.as_str()));
    let taken = taken(&case.provider, &packet.media_types, most);
    let late = is_cut_off(&case, visitor.now);
    Ok(Workspace {
        open: case.status == "ours"
            && free
            && !late
            && visitor.may(Action::Answer, Resource::Evidence),
        late,
        catalogue: catalogue(),
        drafts: Vec::new(),
        conflicts: Vec::new(),
        case,
        packet,
        taken,
    })
}

fn taken(provider: &str, media_types: &[&str], most: Option<(u64, &str)>) -> String {
    let kinds: Vec<String> = media_types
        .iter()
        .map(|kind| {
            let name = kind.rsplit('/').next().unwrap_or(kind);
            name.to_ascii_uppercase()
        })
        .collect();
    let name = page::named(provider);
    let most = match most {
        Some((bytes, by)) if by == provider => format!(", each of {} at most", size(bytes)),
        Some((bytes, by)) => format!(", and {} each of {} at most", page::named(by), size(bytes)),
        None => String::new(),
    };
    match kinds.is_empty() {
        true => format!("{name} takes no files here; one can be kept for your own record."),
        false => format!("{name} takes {}{most}.", kinds.join(", ")),
    }
}

/// The page as an answer.
fn whole(status: StatusCode, work: &Workspace, notices: &[Notice], visitor: &Visitor) -> Response {
    let title = format!("Evidence for {}", work.case.dispute);
    let page = page::page(work, notices, &title, visitor);
    (status, shown(&page, visitor)).into_response()
}

async fn look(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    let work = load(&state, &visitor, &name).await?;
    Ok(whole(StatusCode::OK, &work, &[], &visitor))
}

async fn keep(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    let work = load(&state, &visitor, &name).await?;
    let title = format!("Receipt for {}", work.case.dispute);
    Ok(shown(&receipt::page(&work, &title, &visitor), &visitor))
}

/// What became of a save.
enum Put {
    Done,
    /// Somebody else saved this very slot.
    Conflict,
    Refused(String),
}

/// Whether they may write here, before anything is looked at.
fn writer(visitor: &Visitor) -> Result<(), Trouble> {
    merchant(visitor)?;
    allowed(visitor, Action::Answer, Resource::Evidence)
}

/// Carries out a command on a dispute that the visitor sees.
async fn command(
    state: &State,
    visitor: &Visitor,
    name: &str,
    command: Command,
) -> Result<Result<(), (&'static str, String)>, Trouble> {
    let seen = name.to_owned();
    let found = state.read(visitor, move |desk| desk.dispute(&seen)).await?;
    let found = found.ok_or(Trouble::NotFound)?;
    let (actor, now) = (actor(visitor), visitor.now);
    let done = state
        .write(move |desk| desk.act(found.case.id.as_str(), &command, &actor, now))
        .await;
    match done {
        Ok(Done::Done(_)) => Ok(Ok(())),
        Ok(Done::Refused(rejection)) => {
            let code = rejection.code();
            let words = format!("{rejection} ({code}). {}", rejection.hint());
            Ok(Err((code, words)))
        }
        Err(Trouble::Form(words)) => Ok(Err(("", words))),
        Err(other) => Err(other),
    }
}

/// Saves a slot. A draft has one version for all its slots, so that what is sealed is one thing; a save elsewhere in it is no
/// conflict for whoever wrote here, as long as this slot is what they saw.
async fn put(
    state: &State,
    visitor: &Visitor,
    name: &str,
    (slot, content): (&str, EvidenceContent),
    (mut if_version, seen): (u32, &str),
) -> Result<Put, Trouble> {
    for _try in 0..TRIES {
        let save = Command::SaveEvidence {
            if_version,
            slot: slot.to_owned(),
            content: content.clone(),
        };
        match command(state, visitor, name, save).await? {
            Ok(()) => return Ok(Put::Done),
            Err((MOVED, _)) => {}
            Err((_, words)) => return Ok(Put::Refused(words)),
        }
        let work = load(state, visitor, name).await?;
        if fingerprint(&work.case, slot) != seen {
            return Ok(Put::Conflict);
        }
        if_version = work.case.evidence.version;
    }
    Ok(Put::Conflict)
}

/// `POST /disputes/ID/evidence`: words for a slot.
async fn save(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    wrote: Wrote,
) -> Result<Response, Trouble> {
    let draft = Draft {
        slot: wrote.text("slot").to_owned(),
        text: wrote.text("text").to_owned(),
    };
    let visitor = match &wrote.sender {
        Sender::Ours(visitor) => visitor,
        Sender::Stale(visitor) => return stale(&state, visitor, &name, draft).await,
        Sender::Nobody => {
            let address = format!("/disputes/{}/evidence", escaped(&name));
            return Ok(lost::page(
                &address,
                (&draft.slot, &draft.text),
                wrote.quiet,
            ));
        }
    };
    writer(visitor)?;
    let if_version = version(wrote.text("version"))?;
    let content = match draft.text.trim().is_empty() {
        true => EvidenceContent::Cleared,
        false => EvidenceContent::Text(draft.text.clone()),
    };
    let from = (if_version, wrote.text("seen"));
    let put = put(&state, visitor, &name, (&draft.slot, content), from).await?;
    let work = load(&state, visitor, &name).await?;
    Ok(answer(work, put, draft, visitor, wrote.quiet))
}

/// What was written on a page of an older session: shown on one of this session, and saved from there.
async fn stale(
    state: &State,
    visitor: &Visitor,
    name: &str,
    draft: Draft,
) -> Result<Response, Trouble> {
    writer(visitor)?;
    let mut work = load(state, visitor, name).await?;
    let notice = Notice {
        bad: false,
        words: format!(
            "You are back. What you wrote for “{}” stands in its place below and is not saved yet.",
            page::named(&draft.slot)
        ),
    };
    let held = work.case.evidence.slots.iter();
    let mut held = held.filter(|held| held.slot == draft.slot);
    let other = held.any(|held| held.text.as_deref() != Some(draft.text.as_str()));
    match other {
        true => work.conflicts.push(draft),
        false => work.drafts.push(draft),
    }
    Ok(whole(StatusCode::OK, &work, &[notice], visitor))
}

fn answer(mut work: Workspace, put: Put, draft: Draft, visitor: &Visitor, quiet: bool) -> Response {
    match (put, quiet) {
        (Put::Done, true) => pieces(&work, &draft.slot, visitor),
        (Put::Done, false) => {
            let (case, slot) = (&work.case.case, escaped(&draft.slot));
            Redirect::to(&format!("/disputes/{case}/evidence#slot-{slot}")).into_response()
        }
        (Put::Conflict, true) => {
            let fragment = page::conflict(&work, &draft, visitor);
            (StatusCode::CONFLICT, Html(fragment.into_string())).into_response()
        }
        (Put::Conflict, false) => {
            work.conflicts.push(draft);
            whole(StatusCode::CONFLICT, &work, &[], visitor)
        }
        (Put::Refused(words), quiet) => {
            let notice = Notice {
                bad: true,
                words: format!("Not saved: {words}"),
            };
            if quiet {
                return noted(StatusCode::BAD_REQUEST, &[notice]);
            }
            work.drafts.push(draft);
            whole(StatusCode::BAD_REQUEST, &work, &[notice], visitor)
        }
    }
}

/// Notices for the page's script.
fn noted(status: StatusCode, notices: &[Notice]) -> Response {
    let words: Vec<&str> = notices.iter().map(|notice| notice.words.as_str()).collect();
    let fragment = html! { div.note.bad role="alert" { @for words in words { p { (words) } } } };
    (status, Html(fragment.into_string())).into_response()
}

/// The pieces of the page that a save changes, each with the place where it belongs.
fn pieces(work: &Workspace, slot: &str, visitor: &Visitor) -> Response {
    let need = work
        .case
        .evidence
        .requirements
        .iter()
        .find(|need| need.slot == slot);
    let fragment = html! {
        div data-for={ "state-" (slot) } { (page::state(need)) }
        div data-for="figures" { (packet::figures(work)) }
        div data-for="packet" { (packet::messages(work)) }
        div data-for="to-send" { (packet::send(work, visitor)) }
        p data-version=(work.case.evidence.version) data-seen=(fingerprint(&work.case, slot)) {}
    };
    Html(fragment.into_string()).into_response()
}

/// What came of one file.
enum Came {
    Attached { bytes_new: u64 },
    Not(String),
}

/// `POST /disputes/ID/evidence/files`: files, each after the name of its slot.
async fn bring(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    brought: Result<Brought, Trouble>,
) -> Result<Response, Trouble> {
    let brought = match brought {
        Err(Trouble::SignIn { .. }) => return Ok(lost::of_files()),
        other => other?,
    };
    let visitor = &brought.visitor;
    writer(visitor)?;
    allowed(visitor, Action::Upload, Resource::Files)?;
    let (files, seen) = sorted(brought.parts);
    let mut notices = Vec::new();
    let (mut kept, mut last) = (0_u64, String::new());
    for (slot, incoming) in files {
        let (file_name, place) = (shown_name(&incoming.name), page::named(&slot));
        let came = attach(&state, visitor, &name, &slot, incoming, seen.as_deref()).await?;
        let (bad, words) = match came {
            Came::Attached { bytes_new } => {
                kept = kept.saturating_add(bytes_new);
                (false, format!("“{file_name}” stands under “{place}”."))
            }
            Came::Not(why) => (true, format!("“{file_name}” was not attached: {why}")),
        };
        notices.push(Notice { bad, words });
        last = slot;
    }
    brought.arriving.kept(kept);
    if notices.is_empty() {
        notices.push(Notice {
            bad: true,
            words: String::from("No file was chosen."),
        });
    }
    let good = notices.iter().all(|notice| !notice.bad);
    let work = load(&state, visitor, &name).await?;
    Ok(match (good, brought.quiet) {
        (true, true) => pieces(&work, &last, visitor),
        (true, false) => {
            let (case, slot) = (&work.case.case, escaped(&last));
            Redirect::to(&format!("/disputes/{case}/evidence#slot-{slot}")).into_response()
        }
        (false, true) => noted(StatusCode::BAD_REQUEST, &notices),
        (false, false) => whole(StatusCode::BAD_REQUEST, &work, &notices, visitor),
    })
}

/// The files of a form, each with the slot named before it, and what stood in the slot when a form is about one alone.
fn sorted(parts: Vec<app::files::form::Part>) -> (Vec<(String, Incoming)>, Option<String>) {
    let text = |content: Vec<u8>| String::from_utf8_lossy(&content).into_owned();
    let redact = parts.iter().any(|part| part.name == "redact");
    let (mut slot, mut seen, mut files) = (String::new(), None, Vec::new());
    for part in parts {
        match (part.name.as_str(), part.file_name) {
            ("slot", None) => slot = text(part.content),
            ("seen", None) => seen = Some(text(part.content)),
            ("file", Some(name)) if !name.is_empty() => files.push((
                slot.clone(),
                Incoming {
                    name,
                    declared_type: part.declared_type,
                    content: part.content,
                    redact,
                },
            )),
            _ => {}
        }
    }
    (files, seen)
}

async fn attach(
    state: &State,
    visitor: &Visitor,
    name: &str,
    slot: &str,
    incoming: Incoming,
    seen: Option<&str>,
) -> Result<Came, Trouble> {
    if slot.is_empty() {
        return Ok(Came::Not(String::from("choose the place where it belongs")));
    }
    let (_, live) = visitor.tenant();
    let inspected = state.pooled(move |pool| pool.inspect(incoming, live)).await;
    let file = match inspected {
        Ok(file) => std::sync::Arc::new(file),
        Err(Trouble::Form(words)) => return Ok(Came::Not(words)),
        Err(other) => return Err(other),
    };
    for _try in 0..TRIES {
        let work = load(state, visitor, name).await?;
        let held = fingerprint(&work.case, slot);
        // A form that does not say what stood there may fill what is empty, and nothing else.
        if held != seen.unwrap_or_default() {
            let why =
                "the place holds something else by now; look at it, then attach the file there";
            return Ok(Came::Not(String::from(why)));
        }
        let (actor, now, file) = (actor(visitor), visitor.now, std::sync::Arc::clone(&file));
        let (case, slot) = (work.case.case.clone(), slot.to_owned());
        let if_version = work.case.evidence.version;
        let attached = state
            .write(move |desk| desk.attach(&case, &file, &slot, if_version, (&actor, now)))
            .await;
        match attached {
            Ok(attached) => match attached.done {
                Done::Done(_) => {
                    let bytes_new = attached.bytes_new;
                    return Ok(Came::Attached { bytes_new });
                }
                Done::Refused(rejection) if rejection.code() == MOVED => {}
                Done::Refused(rejection) => {
                    return Ok(Came::Not(format!("{rejection} ({})", rejection.code())));
                }
            },
            Err(Trouble::Form(words)) => return Ok(Came::Not(words)),
            Err(other) => return Err(other),
        }
    }
    Ok(Came::Not(String::from(
        "others save all the time; try again",
    )))
}

/// A command of the page, and the page again: at a place of it when it was carried out, with what refuses it otherwise.
async fn done(
    state: &State,
    posted: &Posted,
    name: &str,
    asked: Command,
    place: &str,
) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    writer(visitor)?;
    match command(state, visitor, name, asked).await? {
        Ok(()) => {
            let address = format!("/disputes/{}/evidence#{place}", escaped(name));
            Ok(Redirect::to(&address).into_response())
        }
        Err((_, words)) => {
            let work = load(state, visitor, name).await?;
            let notice = Notice { bad: true, words };
            Ok(whole(StatusCode::BAD_REQUEST, &work, &[notice], visitor))
        }
    }
}

async fn clear(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    writer(&posted.visitor)?;
    let draft = Draft {
        slot: posted.text("slot").to_owned(),
        text: String::new(),
    };
    let from = (posted.version()?, posted.text("seen"));
    let cleared = (draft.slot.as_str(), EvidenceContent::Cleared);
    let put = put(&state, &posted.visitor, &name, cleared, from).await?;
    let work = load(&state, &posted.visitor, &name).await?;
    Ok(answer(work, put, draft, &posted.visitor, false))
}

async fn seal(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let if_version = posted.version()?;
    done(&state, &posted, &name, Command::Seal { if_version }, "send").await
}

async fn submit(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    confirmed(&posted)?;
    done(&state, &posted, &name, Command::Submit, "receipt").await
}

/// A merchant's own, and no page of the desk's.
fn reader(visitor: &Visitor) -> Result<(), Trouble> {
    merchant(visitor)?;
    allowed(visitor, Action::Read, Resource::Evidence)
}

async fn file(
    Shared(state): Shared<State>,
    Path(path): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    reader(&visitor)?;
    held_file::download(&state, &visitor, path).await
}

async fn image(
    Shared(state): Shared<State>,
    Path(path): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    reader(&visitor)?;
    held_file::image(&state, &visitor, path).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_files_are_taken_is_said_before_one_is_chosen() {
        let check =
            |kinds: &[&str], most, want: &str| assert_eq!(taken("stripe", kinds, most), want);
        let kinds = ["application/pdf", "image/png"];
        let own = Some((4_718_592, "stripe"));
        check(
            &kinds,
            own,
            "Stripe takes PDF, PNG, each of 4.5 MB at most.",
        );
        let others = Some((2_097_152, "amex"));
        check(
            &kinds,
            others,
            "Stripe takes PDF, PNG, and Amex each of 2 MB at most.",
        );
        check(&kinds, None, "Stripe takes PDF, PNG.");
        check(
            &[],
            own,
            "Stripe takes no files here; one can be kept for your own record.",
        );
    }
}
