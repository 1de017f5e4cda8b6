//! A file that stands in a slot of a dispute's evidence, given out to whoever sees the dispute. Who may ask is the caller's to
//! check; whose the dispute is, the visitor's own sight decides.

use crate::door::{State, Trouble};
use crate::parts::counted;
use crate::visitor::Visitor;
use app::EvidenceContent;
use app::case::FileView;
use app::files::{download_headers, previewed};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// As a file to keep, never shown as a page. The path names the dispute and the slot.
pub async fn download(
    state: &State,
    visitor: &Visitor,
    path: (String, String),
) -> Result<Response, Trouble> {
    let (name, media_type, bytes) = content(state, visitor, path).await?;
    Ok(given(&media_type, &name, bytes, false))
}

/// An image, for `<img>`: never a page of its own, because the content policy of the answer gives it nothing.
pub async fn image(
    state: &State,
    visitor: &Visitor,
    path: (String, String),
) -> Result<Response, Trouble> {
    let (name, media_type, bytes) = content(state, visitor, path).await?;
    match previewed(&media_type) {
        true => Ok(given(&media_type, &name, bytes, true)),
        false => Err(Trouble::NotFound),
    }
}

async fn content(
    state: &State,
    visitor: &Visitor,
    (name, slot): (String, String),
) -> Result<(String, String, Vec<u8>), Trouble> {
    let found = state.read(visitor, move |desk| {
        let Some(dispute) = desk.dispute(&name)? else {
            return Ok(None);
        };
        desk.evidence_content(&dispute, &slot)
    });
    match found.await? {
        Some((
            EvidenceContent::File {
                name, media_type, ..
            },
            bytes,
        )) => Ok((name, media_type, bytes)),
        _ => Err(Trouble::NotFound),
    }
}

fn given(media_type: &str, name: &str, bytes: Vec<u8>, inline: bool) -> Response {
    let mut response = bytes.into_response();
    for (header, value) in download_headers(media_type, name) {
        let value = match (inline, header) {
            (true, "content-disposition") => String::from("inline"),
            _ => value,
        };
        let value = HeaderValue::from_str(&value)
            .expect("names are made ASCII and media types are our own");
        response
            .headers_mut()
            .insert(HeaderName::from_static(header), value);
    }
    response
}

/// A file as it stands in a slot: what it shows, how large it is, what one should know of it, and the way to keep it.
/// `base` is the slot's address; `more` stands beside the download.
pub fn figure(base: &str, file: &FileView, more: &Markup) -> Markup {
    html! {
        figure.held {
            @if previewed(&file.media_type) {
                img src={ (base) "/image?" (file.digest) } alt={ "What " (file.name) " shows" } loading="lazy"
                    width=[file.pixels.map(|(width, _)| width)] height=[file.pixels.map(|(_, height)| height)];
            } @else {
                div.sheet aria-hidden="true" { (ending(&file.media_type)) }
            }
            figcaption {
                strong { bdi { (file.name) } } br;
                span.soft.small {
                    (size(file.bytes))
                    @if let Some(pages) = file.pages { ", " (counted(i64::from(pages), "page")) }
                    @if let Some((width, height)) = file.pixels { ", " (width) " × " (height) " pixels" }
                }
                @for told in &file.told { br; span.small { "Look at this: " (told) } }
                div.row {
                    a.button href={ (base) "/file" } { "Download" span.visually-hidden { " " (file.name) } }
                    (more)
                }
            }
        }
    }
}

fn ending(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "PDF",
        "image/tiff" => "TIFF",
        "text/plain" => "Text",
        _ => "File",
    }
}

/// A number of bytes as people read it.
pub fn size(bytes: u64) -> String {
    const KILO: u64 = 1024;
    const MEGA: u64 = KILO * KILO;
    match bytes {
        0..KILO => counted(i64::try_from(bytes).unwrap_or(i64::MAX), "byte"),
        KILO..MEGA => format!("{} KB", bytes / KILO),
        _ if bytes.is_multiple_of(MEGA) => format!("{} MB", bytes / MEGA),
        _ => format!("{}.{} MB", bytes / MEGA, bytes % MEGA * 10 / MEGA),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        let check = |bytes: u64, want: &str| assert_eq!(size(bytes), want);
        check(1, "1 byte");
        check(1_023, "1,023 bytes");
        check(1_024, "1 KB");
        check(2_097_152, "2 MB");
        check(4_718_592, "4.5 MB");
        check(1_048_575, "1023 KB");
    }
}
