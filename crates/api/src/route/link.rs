//! Links to files: made, listed, changed, and followed without a key.

use super::file::{beside, named};
use super::metadata;
use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::form::Params;
use crate::object::file;
use crate::page;
use crate::reply::Reply;
use crate::state::State;
use crate::upload;
use access::policy::{Action, Resource};
use app::{Desk, FileLink, FileRow, LinkQuery, Sight};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use calendar::Instant;
use dispute::id::{CaseId, sha256_hex};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many of its links a file shows; the others are listed.
const OF_FILE: u32 = 10;

/// What a link is to be.
pub(super) struct Wish {
    expires_at: Option<Instant>,
    metadata: BTreeMap<String, String>,
}

impl Wish {
    pub(super) fn read(params: &mut Params, now: Instant) -> Result<Wish, Error> {
        let expires_at = match expiry(params, now)? {
            Expiry::At(at) => Some(at),
            Expiry::Unsaid | Expiry::Never => None,
        };
        let metadata = metadata::change(params, &BTreeMap::new())?.unwrap_or_default();
        Ok(Wish {
            expires_at,
            metadata,
        })
    }
}

/// The token of a link: a function of what only this desk and its maker's request know. It is told once.
fn url(call: &Call, link: &str, token: &str) -> String {
    format!("{}/files/{link}/{token}", call.public_url)
}

pub(crate) fn create(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Upload, Resource::Files)?;
    let expand = Expand::read(call, false, Of::Link)?;
    let id = call.params.word("file")?.ok_or_else(|| {
        Error::invalid("Missing required param: file.")
            .code("parameter_missing")
            .param("file")
    })?;
    let wish = Wish::read(&mut call.params, call.now)?;
    call.finish()?;
    let row = named(desk, &id).map_err(|error| error.status(400))?;
    let mut shown = make(desk, call, &row, &wish)?;
    expanded(desk, call, &mut shown, &expand)?;
    Ok(shown.into())
}

/// Makes a link to a file that the asker may link to. Its address stands in this answer alone.
pub(super) fn make(
    desk: &mut Desk,
    call: &Call,
    row: &FileRow,
    wish: &Wish,
) -> Result<Value, Error> {
    desk.look_as(&Sight::All)?;
    let token = desk.secret_token().map_err(Error::from)?;
    let hash = sha256_hex(token.as_bytes());
    let hashed = CaseId::of(&["file-link", &row.id, &hash]);
    let link = FileLink {
        id: hashed.as_str().replacen(CaseId::PREFIX, "link_", 1),
        file: row.id.clone(),
        token_hash: hash,
        created_at: call.now,
        expires_at: wish.expires_at,
    };
    let actor = call.entered.actor();
    if !wish.metadata.is_empty() {
        // Before the link, so that nobody sees it without.
        desk.write_metadata(&link.id, &wish.metadata, &actor, call.now)
            .map_err(|error| Error::from(error).param("metadata"))?;
    }
    desk.put_link(&link, &actor, call.now)?;
    desk.look_as(&call.sight())?;
    let address = url(call, &link.id, &token);
    let words = &wish.metadata;
    Ok(file::link(
        &link,
        Some(address),
        words,
        call.livemode(),
        call.now,
    ))
}

/// The newest links to a file, and whether there are more.
pub(super) fn of_file(
    desk: &mut Desk,
    call: &Call,
    file: &str,
) -> Result<(Vec<Value>, bool), Error> {
    let query = LinkQuery {
        file: Some(file.to_owned()),
        limit: OF_FILE,
        ..LinkQuery::default()
    };
    let (links, more) = desk.links(&query)?;
    Ok((shown(desk, call, &links)?, more))
}

/// Links as the asker, who sees them, is shown them.
fn shown(desk: &mut Desk, call: &Call, links: &[FileLink]) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::with_capacity(links.len());
    // Most files have none, and a page of files asks for each.
    if links.is_empty() {
        return Ok(objects);
    }
    desk.look_as(&Sight::All)?;
    for link in links {
        let words = desk.metadata_of(&link.id)?;
        objects.push(file::link(link, None, &words, call.livemode(), call.now));
    }
    desk.look_as(&call.sight())?;
    Ok(objects)
}

fn one(desk: &mut Desk, call: &Call, link: FileLink, expand: &Expand) -> Result<Reply, Error> {
    let mut objects = shown(desk, call, &[link])?;
    let mut object = objects.pop().expect("one for one");
    expanded(desk, call, &mut object, expand)?;
    Ok(object.into())
}

fn expanded(
    desk: &mut Desk,
    call: &Call,
    object: &mut Value,
    expand: &Expand,
) -> Result<(), Error> {
    let (true, Some(fields)) = (expand.has("file"), object.as_object_mut()) else {
        return Ok(());
    };
    let id = fields.get("file").and_then(Value::as_str);
    if let Some(row) = id.map(|id| desk.file(id)).transpose()?.flatten() {
        fields.insert("file".to_owned(), super::file::whole(desk, call, &row)?);
    }
    Ok(())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    let expand = Expand::read(call, true, Of::Link)?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let file = call.params.word("file")?;
    let expired = call.params.boolean("expired")?;
    call.finish()?;
    let (after_id, before_id) = beside(&paging.from);
    for (id, param) in [(&after_id, "starting_after"), (&before_id, "ending_before")] {
        if let Some(id) = id
            && desk.link(id)?.is_none()
        {
            return Err(Error::missing("file link", id, param).status(400));
        }
    }
    let query = LinkQuery {
        file,
        expired: expired.map(|expired| (expired, call.now)),
        from: created.from,
        before: created.before,
        after_id,
        before_id,
        limit: paging.limit,
    };
    let (links, more) = desk.links(&query)?;
    let mut data = shown(desk, call, &links)?;
    for object in &mut data {
        expanded(desk, call, object, &expand)?;
    }
    Ok(page::envelope("/v1/file_links", data, more).into())
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

/// What is said of a link's end.
enum Expiry {
    Unsaid,
    Never,
    At(Instant),
}

fn expiry(params: &mut Params, now: Instant) -> Result<Expiry, Error> {
    let param = params.named("expires_at");
    let Some(text) = params.text("expires_at")? else {
        return Ok(Expiry::Unsaid);
    };
    match text.as_str() {
        "" => return Ok(Expiry::Never),
        "now" => return Ok(Expiry::At(now)),
        _ => {}
    }
    let at = text.parse().ok().and_then(Instant::from_unix_seconds);
    let at = at
        .ok_or_else(|| Error::invalid(format!("Invalid timestamp: {text}")).param(param.clone()))?;
    match at > now {
        true => Ok(Expiry::At(at)),
        false => Err(Error::invalid("Invalid expires_at: it has passed.").param(param)),
    }
}

fn linked(desk: &mut Desk, id: &str) -> Result<FileLink, Error> {
    let missing = || Error::missing("file link", id, "link");
    let link = desk.link(id)?.ok_or_else(missing)?;
    // Whose file it is not, his link it is not.
    desk.file(&link.file)?.ok_or_else(missing)?;
    Ok(link)
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    let expand = Expand::read(call, false, Of::Link)?;
    call.finish()?;
    let link = linked(desk, call.named(0))?;
    one(desk, call, link, &expand)
}

pub(crate) fn update(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Upload, Resource::Files)?;
    let expand = Expand::read(call, false, Of::Link)?;
    let mut link = linked(desk, call.named(0))?;
    match expiry(&mut call.params, call.now)? {
        Expiry::Unsaid => {}
        Expiry::Never => link.expires_at = None,
        Expiry::At(at) => link.expires_at = Some(at),
    }
    desk.look_as(&Sight::All)?;
    let there = desk.metadata_of(&link.id)?;
    let words = metadata::change(&mut call.params, &there)?;
    call.finish()?;
    let actor = call.entered.actor();
    if let Some(words) = words {
        desk.write_metadata(&link.id, &words, &actor, call.now)
            .map_err(|error| Error::from(error).param("metadata"))?;
    }
    desk.put_link(&link, &actor, call.now)?;
    desk.look_as(&call.sight())?;
    one(desk, call, link, &expand)
}
