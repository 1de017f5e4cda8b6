//! JPEG (ITU-T T.81): markers and segments to the end of image, one frame, nothing after it.

use super::{Search, Shape, exif};
use crate::bytes::{piece, text, u16_big};
use crate::kind::Kind;
use crate::refusal::Refusal;
use crate::verdict::{Place, What};

/// A marker and what its segment holds; scans and markers without a segment hold nothing here.
pub(crate) struct Segment<'a> {
    /// Where its `FF` stands.
    pub(crate) at: usize,
    pub(crate) marker: u8,
    pub(crate) data: &'a [u8],
    /// Behind it, the compressed data of a scan included.
    pub(crate) end: usize,
}

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
const COMMENT: u8 = 0xFE;

/// A progressive image has some ten scans of four segments, and metadata comes in pieces of 64 KiB.
const SEGMENTS_MAX: usize = 2000;

/// Every segment from the start of image to its end, which ends the file.
pub(crate) fn segments(content: &[u8]) -> Result<Vec<Segment<'_>>, Refusal> {
    let unreadable = |at: usize, what: &str| Refusal::unreadable(Kind::Jpeg, Place::byte(at), what);
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let segment = segment(content, at)
            .ok_or_else(|| unreadable(at, "a segment is cut off or damaged"))?;
        at = segment.end;
        let (marker, first) = (segment.marker, segments.is_empty());
        if first != (marker == START) {
            return Err(unreadable(segment.at, "an image starts inside another"));
        }
        segments.push(segment);
        if segments.len() > SEGMENTS_MAX {
            return Err(Refusal::bound(
                Kind::Jpeg,
                "segments",
                crate::bytes::count(SEGMENTS_MAX),
            ));
        }
        if marker == END {
            break;
        }
    }
    let after = content.get(at..).unwrap_or_default();
    if after.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n')) && after.len() <= 16 {
        Ok(segments)
    } else {
        Err(Refusal::polyglot(
            Kind::Jpeg,
            format!("{} bytes after its end", after.len()),
        ))
    }
}

fn segment(content: &[u8], at: usize) -> Option<Segment<'_>> {
    // A marker may be preceded by any number of fill bytes (B.1.1.2).
    let fill = content
        .get(at..)?
        .iter()
        .take_while(|byte| **byte == 0xFF)
        .count();
    let place = at + fill;
    let marker = *content.get(place).filter(|_| fill > 0)?;
    let begins = place + 1;
    match marker {
        START | END => Some(Segment {
            at,
            marker,
            data: &[],
            end: begins,
        }),
        0xC0..=0xFE => {
            let length = usize::from(u16_big(content, begins)?);
            let data = piece(content, begins + 2, length.checked_sub(2)?)?;
            let end = begins + length;
            let end = if marker == SCAN {
                scan_end(content, end)?
            } else {
                end
            };
            Some(Segment {
                at,
                marker,
                data,
                end,
            })
        }
        _ => None,
    }
}

/// Where the next marker stands that is neither a stuffed byte nor a restart.
fn scan_end(content: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += content.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        match content.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    let segments = segments(content)?;
    let mut pixels = None;
    let mut scans = 0;
    for segment in &segments {
        match segment.marker {
            // Baseline, extended and progressive, with Huffman codes: what every reader shows.
            0xC0..=0xC2 if pixels.is_none() => pixels = Some(frame(segment, search)?),
            0xC4 | 0xDB | 0xDD | START | END => {}
            SCAN if pixels.is_some() => scans += 1,
            0xE0..=0xEF => application(segment, search)?,
            COMMENT => search.metadata("jpeg comment", &text(segment.data))?,
            _ => {
                let what = format!(
                    "marker {:#04x} where none of its kind may stand",
                    segment.marker
                );
                return Err(search.unreadable(segment.at, &what));
            }
        }
    }
    if pixels.is_none() || scans == 0 {
        return Err(search.unreadable(0, "no image"));
    }
    Ok(Shape {
        pages: None,
        pixels,
    })
}

/// Sides of the image: grey, colour, or the four inks of a print (B.2.2).
fn frame(segment: &Segment<'_>, search: &Search<'_>) -> Result<(u32, u32), Refusal> {
    let damaged = || search.unreadable(segment.at, "a frame header is damaged");
    let half = |at| u16_big(segment.data, at).map(u32::from).ok_or_else(damaged);
    let components = segment.data.get(5).copied().unwrap_or_default();
    let whole = segment.data.len() == 6 + 3 * usize::from(components);
    if !whole || !matches!(components, 1 | 3 | 4) {
        return Err(damaged());
    }
    search.pixels(half(3)?, half(1)?)
}

const EXIF: &[u8] = b"Exif\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Segments that cameras and programs add.
fn application(segment: &Segment<'_>, search: &mut Search<'_>) -> Result<(), Refusal> {
    let data = segment.data;
    if segment.marker == 0xE1 && data.starts_with(EXIF) {
        return exif::inspect(data.get(6..).unwrap_or_default(), search);
    }
    if segment.marker == 0xE1 && data.starts_with(XMP) {
        return search.metadata("xmp", &text(data));
    }
    match segment.marker {
        // JFIF, colour profiles and Adobe's colour flag are numbers.
        0xE0 | 0xE2 | 0xEE => search.text(&Place::Metadata(key(segment)), &text(data)),
        _ => {
            search.found(What::Comment, Place::Metadata(key(segment)));
            search.metadata(&key(segment), &text(data))
        }
    }
}

fn key(segment: &Segment<'_>) -> String {
    format!("app{}", segment.marker.saturating_sub(0xE0))
}
