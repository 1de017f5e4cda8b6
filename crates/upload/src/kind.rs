//! Which kind of file content is, from its own bytes; never from a name or a declared type, which may only agree.

use serde::{Deserialize, Serialize};

use crate::bytes::find;
use crate::refusal::Refusal;

/// The kinds that providers take as evidence (rules on evidence limits, per provider), plain text included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    Pdf,
    Png,
    Jpeg,
    Tiff,
    Gif,
    /// UTF-8 without control characters and without markup that a browser or an interpreter would run.
    Text,
}

impl Kind {
    pub const ALL: [Kind; 6] = [
        Kind::Pdf,
        Kind::Png,
        Kind::Jpeg,
        Kind::Tiff,
        Kind::Gif,
        Kind::Text,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Pdf => "pdf",
            Kind::Png => "png",
            Kind::Jpeg => "jpeg",
            Kind::Tiff => "tiff",
            Kind::Gif => "gif",
            Kind::Text => "text",
        }
    }

    /// The media type to serve and to send it with.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Png => "image/png",
            Kind::Jpeg => "image/jpeg",
            Kind::Tiff => "image/tiff",
            Kind::Gif => "image/gif",
            Kind::Text => "text/plain; charset=utf-8",
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Kind::Pdf => &["pdf"],
            Kind::Png => &["png"],
            Kind::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Kind::Tiff => &["tif", "tiff"],
            Kind::Gif => &["gif"],
            Kind::Text => &["txt", "text"],
        }
    }

    fn declared_types(self) -> &'static [&'static str] {
        match self {
            Kind::Pdf => &["application/pdf", "application/x-pdf"],
            Kind::Png => &["image/png"],
            Kind::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Kind::Tiff => &["image/tiff"],
            Kind::Gif => &["image/gif"],
            Kind::Text => &["text/plain"],
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Content that is recognised in order to be named in its refusal: where, what stands there, what it is.
const NEVER_TAKEN: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "a zip archive or office document"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, b"PK\x07\x08", "a split zip archive"),
    (0, b"Rar!", "a rar archive"),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (0, b"\x1F\x8B", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xFD7zXZ\0", "an xz archive"),
    (0, b"\x28\xB5\x2F\xFD", "a zstd archive"),
    (0, b"MSCF", "a cabinet archive"),
    (257, b"ustar", "a tar archive"),
    (0x8001, b"CD001", "a disk image"),
    (0, b"MZ", "a program for windows"),
    (0, b"\x7FELF", "a program for linux"),
    (0, b"\xCA\xFE\xBA\xBE", "a java class or program for macos"),
    (0, b"\xFE\xED\xFA", "a program for macos"),
    (0, b"\xCF\xFA\xED\xFE", "a program for macos"),
    (0, b"\0asm", "a webassembly program"),
    (0, b"#!", "a script"),
    (0, b"L\0\0\0\x01\x14\x02\0", "a windows shortcut"),
    (
        0,
        b"\xD0\xCF\x11\xE0",
        "an old office document or installer",
    ),
    (0, b"{\\rtf", "a rich text document"),
    (0, b"%!PS", "a postscript program"),
    (0, b"\xC5\xD0\xD3\xC6", "a postscript program"),
    (0, b"RIFF", "a webp, wave or avi file"),
    (4, b"ftyp", "a heic, avif or mp4 file"),
    (0, b"BM", "a bmp image"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"8BPS", "a photoshop document"),
    (0, b"\0\0\0\x0CjP  ", "a jpeg 2000 image"),
    (0, b"\xFF\x4F\xFF\x51", "a jpeg 2000 image"),
    (0, b"\xFF\x0A", "a jpeg xl image"),
    (0, b"AT&TFORM", "a djvu document"),
    (0, b"CWS", "a flash program"),
    (0, b"FWS", "a flash program"),
    (0, b"SQLite format 3\0", "a database"),
    (0, b"\xFF\xFE", "text in utf-16"),
    (0, b"\xFE\xFF", "text in utf-16"),
    (0, b"\0\0\xFE\xFF", "text in utf-32"),
];

/// What makes text more than text, in lower case.
const MARKUP: &[(&str, &str)] = &[
    ("<!doctype html", "html"),
    ("<html", "html"),
    ("<script", "html"),
    ("<iframe", "html"),
    ("<svg", "svg"),
    ("<!doctype", "xml with a dtd"),
    ("<!entity", "xml with a dtd"),
    ("<?xml", "xml"),
    ("<xsl:", "xml"),
    ("xmlns", "xml"),
    ("<?php", "a php script"),
    ("push graphic-context", "a drawing script"),
    ("+adw-", "markup in utf-7"),
    ("javascript:", "a script"),
    ("mime-version:", "an e-mail with parts"),
];

/// The two halves of the test file that every scanner knows; joined only where they are looked for.
const TEST_VIRUS: [&[u8]; 2] = [b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!"];

/// The kind, or what was found instead.
pub(crate) fn of(content: &[u8]) -> Result<Kind, &'static str> {
    if holds_test_virus(content) {
        return Err("the eicar test file");
    }
    let starts = |signature: &[u8]| content.starts_with(signature);
    if starts(b"%PDF-1.") || starts(b"%PDF-2.") {
        return Ok(Kind::Pdf);
    }
    if starts(b"\x89PNG\r\n\x1A\n") {
        return Ok(Kind::Png);
    }
    if starts(b"\xFF\xD8\xFF") {
        return Ok(Kind::Jpeg);
    }
    if starts(b"II*\0") || starts(b"MM\0*") {
        return Ok(Kind::Tiff);
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Ok(Kind::Gif);
    }
    let stands = |at: usize, signature: &[u8]| {
        content
            .get(at..)
            .is_some_and(|rest| rest.starts_with(signature))
    };
    if let Some((_, _, what)) = NEVER_TAKEN
        .iter()
        .find(|(at, signature, _)| stands(*at, signature))
    {
        return Err(what);
    }
    // Readers look for a PDF's header in the first 1,024 bytes, so such a file is two things at once.
    if find(content, b"%PDF-", 0).is_some_and(|at| at < 1024) {
        return Err("a pdf behind other bytes");
    }
    text(content)
}

fn text(content: &[u8]) -> Result<Kind, &'static str> {
    let Ok(text) = std::str::from_utf8(content) else {
        return Err("no kind that is known");
    };
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0C');
    if text.chars().any(control) {
        return Err("no kind that is known");
    }
    if let Some(what) = markup(content) {
        return Err(what);
    }
    if text
        .trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n'])
        .starts_with('<')
    {
        return Err("markup");
    }
    Ok(Kind::Text)
}

/// The first kind of markup that text holds anywhere: a browser that guesses looks further than its first byte.
fn markup(content: &[u8]) -> Option<&'static str> {
    let lower = content.to_ascii_lowercase();
    MARKUP
        .iter()
        .find(|(pattern, _)| find(&lower, pattern.as_bytes(), 0).is_some())
        .map(|(_, what)| *what)
}

pub(crate) fn holds_test_virus(content: &[u8]) -> bool {
    let [first, second] = TEST_VIRUS;
    find(content, first, 0)
        .and_then(|at| content.get(at + first.len()..))
        .is_some_and(|rest| rest.starts_with(second))
}

/// Name and declared type agree with the content, or say nothing.
pub(crate) fn agree(name: &str, declared: Option<&str>, found: Kind) -> Result<(), Refusal> {
    let disagrees = |said_by: &str, said: &str| {
        Err(Refusal::KindDisagrees {
            said_by: said_by.to_owned(),
            said: crate::name::shown(said),
            found,
        })
    };
    if let Some(declared) = declared {
        let essence = declared.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let silent = essence.is_empty() || essence == "application/octet-stream";
        if !silent && !found.declared_types().contains(&essence.as_str()) {
            return disagrees("declared type", &essence);
        }
    }
    let mut extensions = extensions(name);
    if let Some(last) = extensions.next_back()
        && !found.extensions().contains(&last.as_str())
    {
        return disagrees("name", &last);
    }
    match extensions.find(|inner| RUN_BY_NAME.contains(&inner.as_str())) {
        Some(inner) => disagrees("name", &inner),
        None => Ok(()),
    }
}

/// Extensions that some server or desktop runs even where another one follows.
const RUN_BY_NAME: &[&str] = &[
    "asp", "aspx", "bat", "cgi", "cmd", "com", "dll", "exe", "hta", "htm", "html", "jar", "js",
    "jsp", "lnk", "mjs", "msi", "php", "phtml", "pl", "ps1", "py", "scr", "sh", "shtml", "svg",
    "vbs", "xhtml", "xml",
];

/// What stands after each dot, in lower case, as far as it can be an extension: up to ten letters and digits, not digits
/// alone (a date or an amount). What is invisible does not hide one, and the part before the first dot is none.
fn extensions(name: &str) -> impl DoubleEndedIterator<Item = String> {
    let name = crate::name::visible(name);
    let pieces: Vec<String> = name
        .trim_end_matches(['.', ' '])
        .split('.')
        .skip(1)
        .map(|piece| piece.trim().to_lowercase())
        .filter(|piece| {
            (1..=10).contains(&piece.chars().count())
                && piece.chars().all(char::is_alphanumeric)
                && !piece.chars().all(char::is_numeric)
        })
        .collect();
    pieces.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, declared: Option<&str>, agrees: bool) {
        assert_eq!(agree(name, declared, Kind::Pdf).is_ok(), agrees, "{name:?}");
    }

    #[test]
    fn what_says_nothing_agrees() {
        for name in [
            "receipt",
            "receipt.pdf",
            "RECEIPT.PDF",
            "of 12.05.2026",
            "a.pdf.",
            ".pdf",
            "é. Müller & co",
        ] {
            check(name, None, true);
        }
        check("a", Some("application/octet-stream"), true);
        check("a", Some("Application/PDF; charset=binary"), true);
        check("a", Some(""), true);
    }

    #[test]
    fn what_says_something_else_disagrees() {
        for name in [
            "a.exe",
            "a.pdf.exe",
            "a.php.pdf",
            "a.png",
            "a.pdf\u{202E}fdp.exe",
            "a.e\u{200B}xe",
            "a.html .",
        ] {
            check(name, None, false);
        }
        check("a.pdf", Some("text/html"), false);
        check("a.pdf", Some("image/png"), false);
        check("a.pdf", Some("application/pdfx"), false);
    }
}
