//! Files that are not what they say, and files that are two things.

use crate::Attack;
use crate::make::*;

const NOT_TAKEN: &str = "DP-4005";
const DISAGREES: &str = "DP-4006";
const POLYGLOT: &str = "DP-4007";

fn test_virus() -> Vec<u8> {
    let first = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-";
    [first, "ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

pub fn attacks() -> Vec<Attack> {
    let mut attacks = disguises();
    attacks.extend(markup());
    attacks
}

fn disguises() -> Vec<Attack> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("png called pdf", "a.pdf", "", png(), DISAGREES),
        ("pdf called png", "a.png", "", pdf(), DISAGREES),
        ("jpeg declared png", "a", "image/png", jpeg(), DISAGREES),
        ("pdf declared html", "a.pdf", "text/html", pdf(), DISAGREES),
        (
            "pdf declared svg",
            "a.pdf",
            "image/svg+xml",
            pdf(),
            DISAGREES,
        ),
        (
            "name and type agree, content does not",
            "a.png",
            "image/png",
            pdf(),
            DISAGREES,
        ),
        (
            "pdf with the name of a program",
            "a.pdf.exe",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "pdf with a script's inner name",
            "a.php.pdf",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "program hidden by direction override",
            "a\u{202E}fdp.exe",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "program hidden by trailing dots",
            "a.exe. . .",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "program hidden by a line break",
            "a.pdf\n.exe",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "program hidden behind NUL",
            "a.pdf\0.exe",
            "",
            pdf(),
            DISAGREES,
        ),
        (
            "web page called pdf",
            "a.pdf",
            "application/pdf",
            text("<html><script>alert(1)</script>"),
            NOT_TAKEN,
        ),
        (
            "html after a space",
            "a.txt",
            "",
            text("  \n<!DOCTYPE html>"),
            NOT_TAKEN,
        ),
        (
            "html in a text",
            "a.txt",
            "text/plain",
            text("hello <SCRIPT src=x>"),
            NOT_TAKEN,
        ),
        (
            "program for windows called pdf",
            "a.pdf",
            "",
            text("MZ\u{1}\0\0"),
            NOT_TAKEN,
        ),
        (
            "program for linux",
            "a",
            "",
            b"\x7FELF\x02\x01".to_vec(),
            NOT_TAKEN,
        ),
        (
            "shell script",
            "a.txt",
            "",
            text("#!/bin/sh\nid"),
            NOT_TAKEN,
        ),
        (
            "php script",
            "a.txt",
            "",
            text("hi <?php system(1);"),
            NOT_TAKEN,
        ),
        (
            "zip archive",
            "a.pdf",
            "",
            b"PK\x03\x04\x14\0".to_vec(),
            NOT_TAKEN,
        ),
        (
            "empty zip archive",
            "a.zip",
            "application/zip",
            zip_end(),
            NOT_TAKEN,
        ),
        (
            "office document with macros",
            "a.docm",
            "",
            b"PK\x03\x04word/vbaProject.bin".to_vec(),
            NOT_TAKEN,
        ),
        (
            "old office document",
            "a.doc",
            "",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(),
            NOT_TAKEN,
        ),
        (
            "rar archive",
            "a.rar",
            "",
            b"Rar!\x1A\x07\0".to_vec(),
            NOT_TAKEN,
        ),
        (
            "7z archive",
            "a.7z",
            "",
            b"7z\xBC\xAF\x27\x1C".to_vec(),
            NOT_TAKEN,
        ),
        ("gzip bomb", "a.gz", "", b"\x1F\x8B\x08".to_vec(), NOT_TAKEN),
        (
            "tar with a link out of its folder",
            "a.tar",
            "",
            [vec![b'a'; 257], text("ustar")].concat(),
            NOT_TAKEN,
        ),
        (
            "windows shortcut",
            "a.lnk",
            "",
            b"L\0\0\0\x01\x14\x02\0".to_vec(),
            NOT_TAKEN,
        ),
        ("flash program", "a.swf", "", text("CWS\x09"), NOT_TAKEN),
        (
            "java class",
            "a.class",
            "",
            b"\xCA\xFE\xBA\xBE\0\0".to_vec(),
            NOT_TAKEN,
        ),
        (
            "webassembly",
            "a.wasm",
            "",
            b"\0asm\x01\0\0\0".to_vec(),
            NOT_TAKEN,
        ),
        (
            "drawing script",
            "a.png",
            "image/png",
            text("push graphic-context\nviewbox 0 0 1 1"),
            NOT_TAKEN,
        ),
        (
            "postscript called pdf",
            "a.pdf",
            "",
            text("%!PS-Adobe-3.0"),
            NOT_TAKEN,
        ),
        (
            "rich text with an object",
            "a.rtf",
            "",
            text("{\\rtf1\\object"),
            NOT_TAKEN,
        ),
        ("bmp", "a.bmp", "", b"BM\x36\0\0\0".to_vec(), NOT_TAKEN),
        (
            "heic photograph",
            "a.heic",
            "",
            b"\0\0\0\x18ftypheic".to_vec(),
            NOT_TAKEN,
        ),
        (
            "webp with jpeg's name",
            "a.jpg",
            "",
            b"RIFF\x10\0\0\0WEBP".to_vec(),
            NOT_TAKEN,
        ),
        ("eicar test file", "a.txt", "", test_virus(), NOT_TAKEN),
        (
            "eicar inside a pdf",
            "a.pdf",
            "",
            pdf_with_stream(stream("", &test_virus())),
            NOT_TAKEN,
        ),
        (
            "binary noise",
            "a.bin",
            "",
            vec![0x80, 0, 1, 2, 3],
            NOT_TAKEN,
        ),
        ("text with NUL", "a.txt", "", text("a\0b"), NOT_TAKEN),
        (
            "text with a terminal escape",
            "a.txt",
            "",
            text("\u{1B}[2J"),
            NOT_TAKEN,
        ),
        (
            "pdf behind other bytes",
            "a.pdf",
            "",
            [b"GARBAGE\n".to_vec(), pdf()].concat(),
            NOT_TAKEN,
        ),
        (
            "pdf behind a byte order mark",
            "a.pdf",
            "",
            [b"\xEF\xBB\xBF".to_vec(), pdf()].concat(),
            NOT_TAKEN,
        ),
        (
            "pdf of version 9",
            "a.pdf",
            "",
            text("%PDF-9.0\n"),
            NOT_TAKEN,
        ),
        ("nothing", "a.pdf", "application/pdf", Vec::new(), "DP-4004"),
        (
            "a byte too many",
            "a.txt",
            "",
            vec![b'a'; 5 * 1024 * 1024 + 1],
            "DP-4001",
        ),
        (
            "the most bytes there may be",
            "a.txt",
            "",
            vec![b'a'; 5 * 1024 * 1024],
            "",
        ),
    ]
}

/// XML is never taken, so that no entity of it is ever resolved: each carrier is refused by its kind.
fn markup() -> Vec<Attack> {
    let row = |what, name, text: &str| (what, name, "", text.as_bytes().to_vec(), NOT_TAKEN);
    let dtd = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
    vec![
        row("external entity of a file", "a.xml", dtd),
        row("external entity called text", "a.txt", dtd),
        row(
            "external entity over http",
            "a.xml",
            "<!DOCTYPE a SYSTEM \"http://example.com/a.dtd\"><a/>",
        ),
        row(
            "parameter entity",
            "a.xml",
            "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://example.com/\"> %p;]><a/>",
        ),
        row("billion laughs", "a.xml", laughs),
        row(
            "quadratic blow-up",
            "a.xml",
            &format!(
                "<!DOCTYPE a [<!ENTITY a \"{}\">]><a>&a;&a;</a>",
                "x".repeat(50_000)
            ),
        ),
        row(
            "entity after a declaration",
            "a.xml",
            &format!("<?xml version=\"1.0\"?>{dtd}"),
        ),
        row(
            "xinclude",
            "a.xml",
            "<a xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"file:///etc/passwd\"/></a>",
        ),
        row(
            "stylesheet that reads",
            "a.xsl",
            "<xsl:stylesheet version=\"1.0\"><xsl:value-of select=\"document('x')\"/></xsl:stylesheet>",
        ),
        row("soap", "a.xml", "<soap:Envelope xmlns:soap=\"urn:x\"/>"),
        row("markup in utf-7", "a.txt", "+ADw-script+AD4-alert(1)"),
        ("markup in utf-16", "a.xml", "", utf16(dtd), NOT_TAKEN),
        (
            "text in utf-16",
            "a.txt",
            "text/plain",
            utf16("hello"),
            NOT_TAKEN,
        ),
        row(
            "svg with a script",
            "a.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>",
        ),
        row(
            "svg with html inside",
            "a.svg",
            "<svg><foreignObject><body onload=\"x\"/></foreignObject></svg>",
        ),
        row(
            "svg with an entity",
            "a.svg",
            "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg>&x;</svg>",
        ),
        row("svg called png", "a.png", "<svg onload=\"alert(1)\"/>"),
        row("svg after a comment", "a.txt", "<!-- x --><svg/>"),
        row(
            "namespaces that confuse",
            "a.xml",
            "<a:b xmlns:a=\"urn:x\" xmlns:A=\"urn:y\"/>",
        ),
        row(
            "signature that wraps",
            "a.xml",
            "<ds:Signature xmlns:ds=\"urn:x\"><ds:Object/></ds:Signature>",
        ),
        row(
            "markup behind text",
            "a.txt",
            "fine <!ENTITY x SYSTEM \"y\">",
        ),
        row("link that runs", "a.txt", "see JavaScript:alert(1)"),
        row("markup after a byte order mark", "a.txt", "\u{FEFF}<a/>"),
        row(
            "e-mail with parts",
            "a.txt",
            "MIME-Version: 1.0\nContent-Type: multipart/mixed",
        ),
    ]
}

pub fn polyglots() -> Vec<Attack> {
    let behind = |file: Vec<u8>, more: &[u8]| [file, more.to_vec()].concat();
    let script = b"<script>alert(1)</script>";
    let png_text = |text: &[u8]| png_with(&[png_chunk(b"tEXt", &[b"Comment\0", text].concat())]);
    vec![
        (
            "zip behind a pdf",
            "a.pdf",
            "",
            behind(pdf(), &zip_end()),
            POLYGLOT,
        ),
        (
            "zip in a pdf's stream",
            "a.pdf",
            "",
            pdf_with_stream(stream("", &zip_end())),
            POLYGLOT,
        ),
        (
            "zip behind a png",
            "a.png",
            "",
            behind(png(), &zip_end()),
            POLYGLOT,
        ),
        (
            "zip behind a jpeg",
            "a.jpg",
            "",
            behind(jpeg(), &zip_end()),
            POLYGLOT,
        ),
        (
            "zip behind a gif",
            "a.gif",
            "",
            behind(gif(), &zip_end()),
            POLYGLOT,
        ),
        (
            "zip behind a tiff",
            "a.tif",
            "",
            behind(tiff(), &zip_end()),
            POLYGLOT,
        ),
        (
            "text behind a pdf",
            "a.pdf",
            "",
            behind(pdf(), b"more"),
            POLYGLOT,
        ),
        (
            "page behind a pdf",
            "a.pdf",
            "",
            behind(pdf(), script),
            POLYGLOT,
        ),
        (
            "second pdf behind a pdf",
            "a.pdf",
            "",
            behind(pdf(), &pdf()),
            "DP-4008",
        ),
        (
            "bytes behind a png",
            "a.png",
            "",
            behind(png(), b"x"),
            POLYGLOT,
        ),
        (
            "second png behind a png",
            "a.png",
            "",
            behind(png(), &png()),
            POLYGLOT,
        ),
        (
            "second jpeg behind a jpeg",
            "a.jpg",
            "",
            behind(jpeg(), &jpeg()),
            POLYGLOT,
        ),
        (
            "program behind a jpeg",
            "a.jpg",
            "",
            behind(jpeg(), b"MZ\x90\0"),
            POLYGLOT,
        ),
        (
            "bytes behind a gif",
            "a.gif",
            "",
            behind(gif(), b";alert(1)"),
            POLYGLOT,
        ),
        (
            "gif that is a script",
            "a.gif",
            "",
            gif_of(&[gif_comment("*/=1;alert(1)/*"), gif_frame()]),
            POLYGLOT,
        ),
        (
            "script in a gif's comment",
            "a.gif",
            "",
            gif_of(&[gif_comment("<script>"), gif_frame()]),
            POLYGLOT,
        ),
        (
            "php in a jpeg's comment",
            "a.jpg",
            "",
            jpeg_with(&[jpeg_segment(0xFE, b"<?php x")]),
            POLYGLOT,
        ),
        (
            "php in exif",
            "a.jpg",
            "",
            jpeg_with(&[jpeg_exif(&exif(0x10E, "<?PHP x();"))]),
            POLYGLOT,
        ),
        (
            "script in png text",
            "a.png",
            "",
            png_text(script),
            POLYGLOT,
        ),
        (
            "page in a pdf's comment",
            "a.pdf",
            "",
            replaced(pdf_with("(a)\n% xxxxxxx"), b"% xxxxxxx", b"%<script "),
            POLYGLOT,
        ),
        (
            "script in deflated png text",
            "a.png",
            "",
            png_with(&[png_chunk(
                b"zTXt",
                &[b"C\0\0".to_vec(), deflated(script)].concat(),
            )]),
            POLYGLOT,
        ),
        (
            "zeros behind a jpeg",
            "a.jpg",
            "",
            behind(jpeg(), b"\0\0"),
            "",
        ),
        (
            "line end behind a pdf",
            "a.pdf",
            "",
            behind(pdf(), b"\r\n"),
            "",
        ),
    ]
}
