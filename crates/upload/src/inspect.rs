//! What the child does with one file. It runs in the parent's address space never.
//!
//! Order: kind, agreement of name and type, what no kind may hold, the kind's own structure to the last byte, and card
//! data, which is refused last so that its place can be told.

mod exif;
mod gif;
pub(crate) mod jpeg;
mod pdf;
pub(crate) mod png;
mod text;
mod tiff;

use miniz_oxide::inflate::TINFLStatus;

use crate::bytes::{count, find, u16_little, u32_little};
use crate::card;
use crate::child::FINDINGS_MAX;
use crate::kind::{self, Kind};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::verdict::{Finding, Place, Verdict, What, hash};

pub(crate) use text::decoded as decoded_text;

/// The verdict, or the first reason against the file.
pub(crate) fn inspect(
    name: &str,
    declared: Option<&str>,
    content: &[u8],
    limits: &Limits,
) -> Result<Verdict, Refusal> {
    let verdict = examine(name, declared, content, limits)?;
    let (cards, findings): (Vec<_>, Vec<_>) = verdict
        .findings
        .into_iter()
        .partition(|finding| finding.what.is_card_data());
    if cards.is_empty() {
        Ok(Verdict {
            findings,
            ..verdict
        })
    } else {
        Err(Refusal::CardData { found: cards })
    }
}

/// As [`inspect`], with card data among the findings.
pub(crate) fn examine(
    name: &str,
    declared: Option<&str>,
    content: &[u8],
    limits: &Limits,
) -> Result<Verdict, Refusal> {
    if content.is_empty() {
        return Err(Refusal::Empty);
    }
    let not_taken = |found: &str| Refusal::KindNotTaken {
        found: found.to_owned(),
        taken: limits.kinds.clone(),
    };
    let kind = kind::of(content).map_err(not_taken)?;
    if !limits.kinds.contains(&kind) {
        return Err(not_taken(kind.name()));
    }
    kind::agree(name, declared, kind)?;
    one_thing_only(kind, content)?;
    let mut search = Search::new(kind, limits);
    let shape = match kind {
        Kind::Pdf => pdf::inspect(content, &mut search)?,
        Kind::Png => png::inspect(content, &mut search)?,
        Kind::Jpeg => jpeg::inspect(content, &mut search)?,
        Kind::Tiff => tiff::inspect(content, &mut search)?,
        Kind::Gif => gif::inspect(content, &mut search)?,
        Kind::Text => text::inspect(content, &mut search),
    };
    search.text(&Place::FileName, name)?;
    Ok(Verdict {
        kind,
        bytes: count(content.len()),
        sha256: hash(content),
        pages: shape.pages,
        pixels: shape.pixels,
        findings: search.findings(),
    })
}

/// Pages and pixels of a file, as far as its kind has them.
pub(crate) struct Shape {
    pub(crate) pages: Option<u32>,
    pub(crate) pixels: Option<(u32, u32)>,
}

/// Code that some server or browser finds anywhere in a file that it takes for its own, in lower case.
const CODE: &[&str] = &[
    "<?php",
    "<script",
    "<!doctype html",
    "<html",
    "<!entity",
    "<svg",
    "javascript:",
];

/// No archive behind or inside, no code that is found by looking for it.
fn one_thing_only(kind: Kind, content: &[u8]) -> Result<(), Refusal> {
    if kind == Kind::Text {
        return Ok(());
    }
    if ends_as_zip(content) {
        return Err(Refusal::polyglot(kind, "a zip archive"));
    }
    if let Some(what) = code_in(content) {
        return Err(Refusal::polyglot(kind, format!("code, {what}")));
    }
    Ok(())
}

/// What of [`CODE`] the bytes hold.
pub(crate) fn code_in(bytes: &[u8]) -> Option<&'static str> {
    let lower = bytes.to_ascii_lowercase();
    CODE.iter()
        .find(|code| find(&lower, code.as_bytes(), 0).is_some())
        .copied()
}

/// Whether an archive's end record stands in the content (APPNOTE 4.3.16): its signature, one disk, as many entries here
/// as in all, a directory that lies before it, and a comment that fits. Four bytes alone would be met by chance.
fn ends_as_zip(content: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = find(content, b"PK\x05\x06", at) {
        let half = |offset: usize| u16_little(content, found + offset);
        let word = |offset: usize| u32_little(content, found + offset).map(u64::from);
        let one_disk =
            half(4) == Some(0) && half(6) == Some(0) && half(8).is_some() && half(8) == half(10);
        let directory = word(12).zip(word(16)).map(|(size, offset)| size + offset);
        let before = directory.is_some_and(|until| until <= count(found));
        let fits =
            half(20).is_some_and(|comment| found + 22 + usize::from(comment) <= content.len());
        if one_disk && before && fits {
            return true;
        }
        at = found + 4;
    }
    false
}

/// Collects findings and pays for what is inflated.
pub(crate) struct Search<'a> {
    pub(crate) kind: Kind,
    pub(crate) limits: &'a Limits,
    findings: Vec<Finding>,
    inflated_bytes: u64,
}

impl<'a> Search<'a> {
    pub(crate) fn new(kind: Kind, limits: &'a Limits) -> Search<'a> {
        Search {
            kind,
            limits,
            findings: Vec::new(),
            inflated_bytes: 0,
        }
    }

    /// A finding that is told only; the same twice is one.
    pub(crate) fn found(&mut self, what: What, place: Place) {
        self.push(Finding {
            what,
            place,
            last4: None,
        });
    }

    /// Card data is never crowded out by what is told only.
    fn push(&mut self, finding: Finding) {
        let card = finding.what.is_card_data();
        let alike = self
            .findings
            .iter()
            .filter(|other| other.what.is_card_data() == card);
        if alike.count() < FINDINGS_MAX && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn findings(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings
    }

    pub(crate) fn card(&mut self, hit: &card::Hit, place: &Place) {
        self.push(hit.at(place.clone()));
    }

    /// Looks for card data in a text that has one place, also in what it encodes.
    pub(crate) fn text(&mut self, place: &Place, text: &str) -> Result<(), Refusal> {
        for hit in card::hits(text, self.limits) {
            self.push(hit.at(place.clone()));
        }
        for inner in decoded_text(text) {
            for hit in card::hits(&inner, self.limits) {
                self.push(hit.at(place.clone()));
            }
        }
        Ok(())
    }

    /// As [`Search::text`] for a text with lines.
    pub(crate) fn lines(&mut self, text: &str) {
        let line_of = |from: usize| {
            let breaks = text.chars().take(from).filter(|c| *c == '\n').count();
            Place::Line(count(breaks) + 1)
        };
        for hit in card::hits(text, self.limits) {
            self.push(hit.at(line_of(hit.from)));
        }
        for (number, line) in (1..).zip(text.lines()) {
            for inner in decoded_text(line) {
                for hit in card::hits(&inner, self.limits) {
                    self.push(hit.at(Place::Line(number)));
                }
            }
        }
    }

    /// Text that the file carries beside what it shows: searched, told as a comment, and refused if it is code.
    pub(crate) fn metadata(&mut self, key: &str, text: &str) -> Result<(), Refusal> {
        let place = Place::Metadata(crate::name::shown(key));
        if let Some(code) = code_in(text.as_bytes()) {
            let what = format!("code, {code} at {place}");
            return Err(Refusal::polyglot(self.kind, what));
        }
        if text.chars().any(|c| c.is_alphanumeric()) {
            self.found(What::Comment, place.clone());
        }
        self.text(&place, text)
    }

    /// Inflates a zlib stream that must end properly, within what the file may still inflate to.
    pub(crate) fn inflate(&mut self, deflated: &[u8], place: &Place) -> Result<Vec<u8>, Refusal> {
        let most = self.limits.inflated_bytes_max;
        let rest = usize::try_from(most.saturating_sub(self.inflated_bytes)).unwrap_or(usize::MAX);
        let inflated = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(deflated, rest)
            .map_err(|error| match error.status {
                TINFLStatus::HasMoreOutput => Refusal::bound(self.kind, "inflated bytes", most),
                _ => {
                    Refusal::unreadable(self.kind, place.clone(), "a compressed stream is damaged")
                }
            })?;
        self.inflated_bytes = self.inflated_bytes.saturating_add(count(inflated.len()));
        Ok(inflated)
    }

    pub(crate) fn unreadable(&self, at: usize, what: &str) -> Refusal {
        Refusal::unreadable(self.kind, Place::byte(at), what)
    }

    /// Both sides are at least one, and together not more than is taken.
    pub(crate) fn pixels(&self, width: u32, height: u32) -> Result<(u32, u32), Refusal> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            return Err(self.unreadable(0, "an image without pixels"));
        }
        if pixels > self.limits.pixels_max {
            return Err(Refusal::Pixels {
                pixels,
                pixels_max: self.limits.pixels_max,
            });
        }
        Ok((width, height))
    }
}
