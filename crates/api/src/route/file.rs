//! Files: uploaded, listed and fetched.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::object::file;
use crate::page::{self, From};
use crate::reply::Reply;
use crate::route::link;
use crate::upload::REDACT;
use access::policy::{Action, Resource};
use app::files::Keeping;
use app::{Desk, FileQuery, FileRow, Sight};
use serde_json::Value;

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
    Expand::read(call, false, Of::File)?;
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
    let wished = match call.params.hash("file_link_data")? {
        None => None,
        Some(mut wish) => {
            let create = wish.boolean("create")?;
            let read = link::Wish::read(&mut wish, call.now)?;
            wish.finish()?;
            create.unwrap_or(false).then_some(read)
        }
    };
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
    let fresh = match wished {
        None => Vec::new(),
        Some(wish) => vec![link::make(desk, call, &row, &wish)?],
    };
    Ok(with_links(desk, call, &row, fresh)?.into())
}

/// A file and the links to it, newest first; what a link opens stands only in the answer that made it.
pub(super) fn whole(desk: &mut Desk, call: &Call, row: &FileRow) -> Result<Value, Error> {
    with_links(desk, call, row, Vec::new())
}

fn with_links(
    desk: &mut Desk,
    call: &Call,
    row: &FileRow,
    fresh: Vec<Value>,
) -> Result<Value, Error> {
    let (links, more) = match fresh.is_empty() {
        true => link::of_file(desk, call, &row.id)?,
        false => (fresh, false),
    };
    let url = format!("/v1/file_links?file={}", row.id);
    let links = page::envelope(&url, links, more);
    Ok(file::render(row, links, &call.public_url))
}

pub(super) fn named(desk: &mut Desk, id: &str) -> Result<FileRow, Error> {
    desk.file(id)?
        .ok_or_else(|| Error::missing("file upload", id, "file"))
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Files)?;
    Expand::read(call, false, Of::File)?;
    call.finish()?;
    let row = named(desk, call.named(0))?;
    Ok(whole(desk, call, &row)?.into())
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
    Expand::read(call, true, Of::File)?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let purpose = call.params.word("purpose")?;
    call.finish()?;
    let (after, before) = beside(&paging.from);
    for (id, param) in [(&after, "starting_after"), (&before, "ending_before")] {
        if let Some(id) = id
            && desk.file(id)?.is_none()
        {
            return Err(Error::missing("file upload", id, param).status(400));
        }
    }
    let query = FileQuery {
        purpose,
        from: created.from,
        before: created.before,
        after_id: after,
        before_id: before,
        limit: paging.limit,
    };
    let (rows, more) = desk.files(&query)?;
    let data: Result<Vec<Value>, Error> = rows.iter().map(|row| whole(desk, call, row)).collect();
    Ok(page::envelope("/v1/files", data?, more).into())
}

/// After which object a page lies, or before which.
pub(super) fn beside(from: &From) -> (Option<String>, Option<String>) {
    match from {
        From::Start => (None, None),
        From::After(id) => (Some(id.clone()), None),
        From::Before(id) => (None, Some(id.clone())),
    }
}
