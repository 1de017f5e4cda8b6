//! Files: uploaded, listed, fetched, and linked to.

use crate::Error;
use crate::call::Call;
use crate::object::file;
use crate::page::{self, Expand, From};
use crate::reply::Reply;
use crate::state::State;
use crate::upload::{self, REDACT};
use access::policy::{Action, Resource};
use app::files::Keeping;
use app::{Desk, FileLink, FileRow, Sight};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use calendar::Instant;
use dispute::id::{CaseId, sha256_hex};

/// Purposes that a caller may name, of Stripe's list: what a disputes desk has a use for.
const PURPOSES: &[&str] = &[
    "additional_verification",
    "business_icon",
    "business_logo",
    "customer_signature",
    "dispute_evidence",
    "identity_document",
    "pci_document",
    "tax_document_user_upload",
];

pub(crate) fn create(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Upload, Resource::Files)?;
    Expand::read(call, false, &[])?;
    let missing = |name: &str| {
        Error::invalid(format!("Missing required param: {name}."))
            .code("parameter_missing")
            .param(name)
    };
    let purpose = call
        .params
        .word("purpose")?
        .ok_or_else(|| missing("purpose"))?;
    if !PURPOSES.contains(&purpose.as_str()) {
        let words = format!("Invalid purpose: must be one of {}", PURPOSES.join(", "));
        return Err(Error::invalid(words).param("purpose"));
    }
    call.params.boolean(REDACT)?;
    call.finish()?;
    let part = call.part.take().ok_or_else(|| missing("file"))?;
    let keeping = Keeping {
        purpose,
        merchant: call
            .entered
            .merchant
            .as_ref()
            .map(|merchant| merchant.to_string()),
        live: call.livemode(),
    };
    desk.look_as(&Sight::All)?;
    let (row, new) = desk
        .keep_file(&part.file, keeping, &call.entered.actor(), call.now)
        .map_err(|error| Error::from(error).param("file"))?;
    if new {
        part.arriving.kept(row.bytes);
    }
    Ok(file::render(&row, &call.public_url).into())
}

fn named(desk: &mut Desk, id: &str) -> Result<FileRow, Error> {
    desk.file(id)?
        .ok_or_else(|| Error::missing("file upload", id, "file"))
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    Expand::read(call, false, &[])?;
    call.finish()?;
    let row = named(desk, call.named(0))?;
    Ok(file::render(&row, &call.public_url).into())
}

pub(crate) fn contents(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    call.finish()?;
    let row = named(desk, call.named(0))?;
    content(desk, &row)
}

fn content(desk: &mut Desk, row: &FileRow) -> Result<Reply, Error> {
    let bytes = desk
        .file_content(row)?
        .ok_or_else(|| Error::missing("file upload", &row.id, "file"))?;
    Ok(Reply::Content {
        media_type: row.media_type.clone(),
        name: row.name.clone(),
        bytes,
    })
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    Expand::read(call, true, &[])?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let purpose = call.params.word("purpose")?;
    call.finish()?;
    let (after, before) = match &paging.from {
        From::Start => (None, None),
        From::After(id) => (Some(id.as_str()), None),
        From::Before(id) => (None, Some(id.as_str())),
    };
    for (id, param) in [(after, "starting_after"), (before, "ending_before")] {
        if let Some(id) = id
            && desk.file(id)?.is_none()
        {
            return Err(Error::missing("file upload", id, param).status(400));
        }
    }
    let (rows, more) = desk.files(after, before, paging.limit)?;
    let meant = |row: &&FileRow| {
        purpose
            .as_ref()
            .is_none_or(|purpose| row.purpose == *purpose)
            && created.from.is_none_or(|from| row.created_at >= from)
            && created.before.is_none_or(|before| row.created_at < before)
    };
    let data = rows
        .iter()
        .filter(meant)
        .map(|row| file::render(row, &call.public_url))
        .collect();
    Ok(page::envelope("/v1/files", data, more).into())
}

/// The token of a link: a function of what only this desk and its maker's request know. It is told once.
fn url(call: &Call, link: &str, token: &str) -> String {
    format!("{}/files/{link}/{token}", call.public_url)
}

pub(crate) fn link(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Upload, Resource::Files)?;
    Expand::read(call, false, &[])?;
    let id = call.params.word("file")?.ok_or_else(|| {
        Error::invalid("Missing required param: file.")
            .code("parameter_missing")
            .param("file")
    })?;
    let expires_at = expiry(call, call.now)?;
    call.finish()?;
    let row = named(desk, &id).map_err(|error| error.status(400))?;
    desk.look_as(&Sight::All)?;
    let token = desk.secret_token().map_err(Error::from)?;
    let hash = sha256_hex(token.as_bytes());
    let hashed = CaseId::of(&["file-link", &row.id, &hash]);
    let link = FileLink {
        id: hashed.as_str().replacen(CaseId::PREFIX, "link_", 1),
        file: row.id,
        token_hash: hash,
        created_at: call.now,
        expires_at,
    };
    desk.put_link(&link, &call.entered.actor(), call.now)?;
    let shown = url(call, &link.id, &token);
    Ok(file::link(&link, Some(shown), call.livemode(), call.now).into())
}

/// `GET /files/LINK/SECRET`: for whoever was given the link, without a key. It says nothing but the file; whatever is wrong with
/// the link is one answer, nobody keeps it, and no page elsewhere is told of it.
pub(crate) async fn public(
    Shared(state): Shared<State>,
    Path((link, secret)): Path<(String, String)>,
) -> Response {
    let now = (state.clock)();
    let found = state
        .write(move |desk| Ok(desk.linked_file(&link, &secret, now)?))
        .await;
    let mut response = match found {
        Ok(Some((row, bytes))) => upload::content(&row.media_type, &row.name, bytes),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            "There is no such link, or it has ended.\n",
        )
            .into_response(),
        Err(_in_the_log) => (StatusCode::SERVICE_UNAVAILABLE, "Try again.\n").into_response(),
    };
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow, noarchive"),
    ] {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

fn expiry(call: &mut Call, now: Instant) -> Result<Option<Instant>, Error> {
    let Some(text) = call.params.word("expires_at")? else {
        return Ok(None);
    };
    if text == "now" {
        return Ok(Some(now));
    }
    let at = text.parse().ok().and_then(Instant::from_unix_seconds);
    let at =
        at.ok_or_else(|| Error::invalid(format!("Invalid timestamp: {text}")).param("expires_at"))?;
    match at > now {
        true => Ok(Some(at)),
        false => Err(Error::invalid("Invalid expires_at: it has passed.").param("expires_at")),
    }
}

fn linked(desk: &mut Desk, id: &str) -> Result<FileLink, Error> {
    let missing = || Error::missing("file link", id, "link");
    let link = desk.link(id)?.ok_or_else(missing)?;
    // Whose file it is not, his link it is not.
    desk.file(&link.file)?.ok_or_else(missing)?;
    Ok(link)
}

pub(crate) fn retrieve_link(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    Expand::read(call, false, &[])?;
    call.finish()?;
    let link = linked(desk, call.named(0))?;
    Ok(file::link(&link, None, call.livemode(), call.now).into())
}

pub(crate) fn update_link(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Upload, Resource::Files)?;
    Expand::read(call, false, &[])?;
    let expires_at = expiry(call, call.now)?;
    call.finish()?;
    let mut link = linked(desk, call.named(0))?;
    if expires_at.is_some() {
        link.expires_at = expires_at;
    }
    desk.look_as(&Sight::All)?;
    desk.put_link(&link, &call.entered.actor(), call.now)?;
    Ok(file::link(&link, None, call.livemode(), call.now).into())
}
