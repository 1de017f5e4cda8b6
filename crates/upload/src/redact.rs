//! Removing card numbers where that is sound: where the result is the same file less the number, for every program that
//! reads it.
//!
//! Plain text keeps its length, with all but the last four digits masked. Images lose the metadata that holds text; what
//! they show stays byte for byte. A PDF is never rewritten: a number on a page may be drawn in pieces, repeated in a
//! hidden layer or an older version, and a file that was changed in its middle no longer agrees with its own
//! cross-reference. TIFF and GIF are not rewritten either. The result is searched again before it is given out.

use crate::card;
use crate::inspect::{self, jpeg, png};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::verdict::Finding;

/// The content without card data; as it was if it has none.
pub(crate) fn redact(
    name: &str,
    declared: Option<&str>,
    content: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, Refusal> {
    let verdict = inspect::examine(name, declared, content, limits)?;
    let found = card_data(verdict.findings);
    if found.is_empty() {
        return Ok(content.to_vec());
    }
    let redacted = match verdict.kind {
        Kind::Text => text(content, limits),
        Kind::Png => image_of_png(content)?,
        Kind::Jpeg => image_of_jpeg(content)?,
        Kind::Pdf | Kind::Tiff | Kind::Gif => return Err(Refusal::RedactionUnsafe { found }),
    };
    let left = card_data(inspect::examine(name, declared, &redacted, limits)?.findings);
    if left.is_empty() {
        Ok(redacted)
    } else {
        Err(Refusal::RedactionUnsafe { found: left })
    }
}

fn card_data(findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .into_iter()
        .filter(|finding| finding.what.is_card_data())
        .collect()
}

/// Digits and separators alike give way to an asterisk, so that no grouping tells what stood there. Track data and
/// security codes lose what follows the number, to the end of the line.
fn text(content: &[u8], limits: &Limits) -> Vec<u8> {
    let text = crate::bytes::text(content);
    let hits = card::hits(&text, limits);
    let mut line_is_masked = false;
    let masked: String = text
        .chars()
        .enumerate()
        .map(|(at, c)| {
            line_is_masked &= c != '\n';
            let inside = hits.iter().find(|hit| (hit.from..hit.until).contains(&at));
            if let Some(hit) = inside {
                line_is_masked |= hit.what != crate::What::CardNumber;
                let kept = hit.until.saturating_sub(4) <= at;
                return if kept && c.is_numeric() { c } else { '*' };
            }
            if line_is_masked && c.is_numeric() {
                '*'
            } else {
                c
            }
        })
        .collect();
    masked.into_bytes()
}

/// Without text, Exif, and chunks of no standard.
fn image_of_png(content: &[u8]) -> Result<Vec<u8>, Refusal> {
    const KEPT: &[&[u8; 4]] = &[
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
        b"pHYs", b"cICP",
    ];
    let mut out = content
        .get(..png::SIGNATURE_LENGTH)
        .unwrap_or_default()
        .to_vec();
    for chunk in png::chunks(content)? {
        if KEPT.contains(&&chunk.name) {
            out.extend_from_slice(content.get(chunk.at..chunk.end()).unwrap_or_default());
        }
    }
    Ok(out)
}

/// Without comments and programs' segments, save JFIF's and Adobe's, which say how colours read.
fn image_of_jpeg(content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(content.len());
    for segment in jpeg::segments(content)? {
        if !matches!(segment.marker, 0xE1..=0xED | 0xEF | 0xFE) {
            out.extend_from_slice(content.get(segment.at..segment.end).unwrap_or_default());
        }
    }
    Ok(out)
}
