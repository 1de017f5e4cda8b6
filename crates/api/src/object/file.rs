//! Files and the links to them.

use app::{FileLink, FileRow};
use calendar::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Stripe's word for a type of content: the ending that such files have.
fn kind(media_type: &str) -> Option<&'static str> {
    match media_type {
        "application/pdf" => Some("pdf"),
        "image/png" => Some("png"),
        "image/jpeg" => Some("jpg"),
        "image/gif" => Some("gif"),
        "image/tiff" => Some("tif"),
        "text/plain" => Some("txt"),
        "text/csv" => Some("csv"),
        _ => None,
    }
}

/// `links` is the list of the links to it.
pub fn render(file: &FileRow, links: Value, public_url: &str) -> Value {
    json!({
        "id": file.id,
        "object": "file",
        "created": file.created_at.unix_seconds(),
        "expires_at": file.expires_at.map(Instant::unix_seconds),
        "filename": file.name,
        "links": links,
        "purpose": file.purpose,
        "size": file.bytes,
        "title": null,
        "type": kind(&file.media_type),
        "url": format!("{public_url}/v1/files/{}/contents", file.id),
    })
}

/// `url` holds the secret of the link, which only its maker is told, once: afterwards the desk knows only its hash.
pub fn link(
    link: &FileLink,
    url: Option<String>,
    metadata: &BTreeMap<String, String>,
    live: bool,
    now: Instant,
) -> Value {
    json!({
        "id": link.id,
        "object": "file_link",
        "created": link.created_at.unix_seconds(),
        "expired": link.expires_at.is_some_and(|at| at <= now),
        "expires_at": link.expires_at.map(Instant::unix_seconds),
        "file": link.file,
        "livemode": live,
        "metadata": metadata,
        "url": url,
    })
}
