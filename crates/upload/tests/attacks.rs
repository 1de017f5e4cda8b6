//! Files that people with bad intentions or bad luck send, each with the one refusal it meets. Every attack is a row:
//! what it is called, how it is sent, its bytes, its code.
#![cfg(target_os = "linux")]
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_imports
)]

#[path = "attack/cards.rs"]
mod cards;
#[path = "attack/image.rs"]
mod image;
#[path = "attack/kind.rs"]
mod kind;
#[path = "attack/make.rs"]
mod make;
#[path = "attack/pdf.rs"]
mod pdf;

use std::path::PathBuf;

use make::*;
use upload::{Inspector, Kind, Limits, Refusal, Verdict};

/// What it is, its file name, its declared type, its bytes, and the code it is refused with; `""` is taken.
pub type Attack = (
    &'static str,
    &'static str,
    &'static str,
    Vec<u8>,
    &'static str,
);

pub fn inspector() -> Inspector {
    with(Limits::dispute_evidence().with_every_kind())
}

pub fn with(limits: Limits) -> Inspector {
    Inspector::with_program(limits, PathBuf::from(env!("CARGO_BIN_EXE_upload-probe")))
}

pub fn inspected(name: &str, declared: &str, bytes: &[u8]) -> Result<Verdict, Refusal> {
    let declared = Some(declared).filter(|declared| !declared.is_empty());
    inspector().inspect(name, declared, bytes)
}

/// Every row meets its code, its message holds no card number, and the same file sent twice is answered alike.
#[track_caller]
fn check(attacks: &[Attack]) {
    let mut wrong = Vec::new();
    for (what, name, declared, bytes, code) in attacks {
        let answer = inspected(name, declared, bytes);
        let met = answer.as_ref().map_or_else(Refusal::code, |_| "");
        if met != *code {
            wrong.push(format!("{what}: wanted {code:?}, met {met:?}: {answer:?}"));
        }
        let said = format!("{answer:?}");
        if said.contains(CARD) {
            wrong.push(format!("{what}: the answer holds a card number"));
        }
        if answer != inspected(name, declared, bytes) {
            wrong.push(format!("{what}: two answers"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn valid_files_of_every_kind_are_taken() {
    for (name, declared, bytes, kind, pages, pixels) in [
        ("a.pdf", "application/pdf", pdf(), Kind::Pdf, Some(1), None),
        (
            "a.pdf",
            "",
            pdf_packed(3, "<< /Type /Catalog /Pages 2 0 R >>"),
            Kind::Pdf,
            Some(1),
            None,
        ),
        ("a.png", "image/png", png(), Kind::Png, None, Some((4, 3))),
        (
            "a.jpg",
            "image/jpeg",
            jpeg(),
            Kind::Jpeg,
            None,
            Some((4, 3)),
        ),
        (
            "a.tif",
            "image/tiff",
            tiff(),
            Kind::Tiff,
            Some(1),
            Some((4, 3)),
        ),
        ("a.gif", "image/gif", gif(), Kind::Gif, None, Some((4, 3))),
        (
            "a.txt",
            "text/plain; charset=utf-8",
            "Grüße\r\n".into(),
            Kind::Text,
            None,
            None,
        ),
    ] {
        let verdict = inspected(name, declared, &bytes).expect(name);
        assert_eq!(
            (verdict.kind, verdict.pages, verdict.pixels),
            (kind, pages, pixels)
        );
        assert!(verdict.covers(&bytes));
        assert_eq!(verdict.findings, [], "{name}");
    }
}

#[test]
fn wrong_kinds_and_disguises_are_refused() {
    check(&kind::attacks());
}

#[test]
fn other_containers_inside_and_behind_are_refused() {
    check(&kind::polyglots());
}

#[test]
fn spoiled_images_are_refused() {
    check(&image::attacks());
}

#[test]
fn pdfs_that_act_are_refused() {
    check(&pdf::active());
}

#[test]
fn pdfs_that_do_not_read_are_refused() {
    check(&pdf::broken());
}

#[test]
fn card_data_is_refused_however_it_is_written() {
    check(&cards::written());
}

#[test]
fn card_data_is_refused_wherever_it_stands() {
    check(&cards::placed());
}

#[test]
fn numbers_that_are_no_cards_are_taken() {
    check(&cards::negatives());
}

#[test]
fn there_are_as_many_attacks_as_were_asked_for() {
    let lists = [
        kind::attacks(),
        kind::polyglots(),
        image::attacks(),
        pdf::active(),
        pdf::broken(),
        cards::written(),
        cards::placed(),
    ];
    let refused = |list: &Vec<Attack>| list.iter().filter(|(.., code)| !code.is_empty()).count();
    let many: usize = lists.iter().map(refused).sum();
    assert!(many >= 120, "{many} attacks");
}

#[test]
fn findings_say_the_place_and_the_last_four_digits_only() {
    for (bytes, name, want) in [
        (
            pdf_showing("BT (4242424242424242) Tj ET"),
            "a.pdf",
            "card number ending in 4242 at page 1",
        ),
        (
            b"a\nb 4242 4242 4242 4242".to_vec(),
            "a.txt",
            "card number ending in 4242 at line 2",
        ),
        (
            b";4242424242424242=25121010000012300000?".to_vec(),
            "a.txt",
            "track data ending in 4242 at line 1",
        ),
        (
            b"4242424242424242 CVV 123".to_vec(),
            "a.txt",
            "card number with its security code ending in 4242 at line 1",
        ),
        (
            png_with(&[png_chunk(b"tEXt", b"Author\x004242424242424242")]),
            "a.png",
            "card number ending in 4242 at metadata tEXt Author",
        ),
        (
            png(),
            "4242424242424242.png",
            "card number ending in 4242 at the file name",
        ),
    ] {
        let Err(Refusal::CardData { found }) = inspected(name, "", &bytes) else {
            panic!("{want}");
        };
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [want]
        );
    }
}

#[test]
fn positions_comments_links_and_what_is_not_read_are_told() {
    let gps = [
        b"II*\0\x08\0\0\0".to_vec(),
        ifd(&[(0x8825, 4, 1, 26)], 0),
        ifd(&[], 0),
    ]
    .concat();
    let picture = stream(
        "/Subtype /Image /Width 2 /Height 2 /Filter /DCTDecode",
        b"x",
    );
    for (bytes, name, want) in [
        (
            jpeg_with(&[jpeg_exif(&gps)]),
            "a.jpg",
            "position at metadata exif gps",
        ),
        (
            jpeg_with(&[jpeg_segment(0xFE, b"by somebody")]),
            "a.jpg",
            "comment at metadata jpeg comment",
        ),
        (
            png_with(&[png_chunk(b"tEXt", b"Author\0somebody")]),
            "a.png",
            "comment at metadata tEXt Author",
        ),
        (
            pdf_with("<< /S /URI /URI (https://example.com) >>"),
            "a.pdf",
            "link at object 6",
        ),
        (
            pdf_with_stream(picture),
            "a.pdf",
            "picture that cannot be searched at object 6",
        ),
    ] {
        let verdict = inspected(name, "", &bytes).expect(want);
        let found: Vec<String> = verdict.findings.iter().map(ToString::to_string).collect();
        assert_eq!(found, [want]);
    }
}

#[test]
fn test_cards_are_taken_where_that_is_asked_for() {
    let limits = Limits {
        cards_allowed: upload::PUBLISHED_TEST_CARDS
            .iter()
            .map(ToString::to_string)
            .collect(),
        ..Limits::dispute_evidence().with_every_kind()
    };
    for card in upload::PUBLISHED_TEST_CARDS {
        let refused = inspected("a.txt", "", card.as_bytes());
        assert!(
            matches!(refused, Err(Refusal::CardData { .. })),
            "{card} {refused:?}"
        );
        let taken = with(limits.clone()).inspect("a.txt", None, card.as_bytes());
        assert!(taken.is_ok(), "{taken:?}");
    }
}

#[test]
fn kinds_that_a_purpose_does_not_take_are_refused() {
    let evidence = with(Limits::dispute_evidence());
    for (name, bytes) in [
        ("a.txt", b"text".to_vec()),
        ("a.gif", gif()),
        ("a.tif", tiff()),
    ] {
        let refused = evidence.inspect(name, None, &bytes).expect_err(name);
        assert_eq!(refused.code(), "DP-4005");
    }
    assert!(evidence.inspect("a.pdf", None, &pdf()).is_ok());
}

#[test]
fn redaction_takes_numbers_out_of_text_and_of_images_metadata() {
    let text = b"order 7\npaid 4242 4242 4242 4242 cvv 123\nthanks 5\n".to_vec();
    let (redacted, verdict) = inspector().redact("a.txt", None, &text).expect("text");
    assert_eq!(
        String::from_utf8(redacted.clone()).unwrap(),
        "order 7\npaid ***************4242 cvv ***\nthanks 5\n"
    );
    assert!(verdict.covers(&redacted));
    let noted = png_with(&[png_chunk(b"tEXt", b"Author\x004242424242424242")]);
    assert_eq!(
        inspector().redact("a.png", None, &noted).expect("png").0,
        png()
    );
    let noted = jpeg_with(&[
        jpeg_segment(0xFE, CARD.as_bytes()),
        jpeg_exif(&exif(0x10E, CARD)),
    ]);
    assert_eq!(
        inspector().redact("a.jpg", None, &noted).expect("jpeg").0,
        jpeg()
    );
    assert_eq!(
        inspector()
            .redact("a.pdf", None, &pdf())
            .expect("nothing to redact")
            .0,
        pdf()
    );
}

#[test]
fn redaction_that_would_not_be_sound_is_refused_with_the_place() {
    let shown = pdf_showing("BT (4242424242424242) Tj ET");
    let encoded = b"NDI0MjQyNDI0MjQyNDI0Mg==".to_vec();
    for (name, bytes, place) in [
        ("a.pdf", shown, "at page 1"),
        ("4242424242424242.pdf", pdf(), "at the file name"),
        ("a.txt", encoded, "at line 1"),
        (
            "a.gif",
            gif_of(&[gif_comment(CARD), gif_frame()]),
            "at metadata comment",
        ),
    ] {
        let refused = inspector().redact(name, None, &bytes).expect_err(name);
        assert_eq!(refused.code(), "DP-4017", "{refused}");
        assert!(refused.to_string().ends_with(place), "{refused}");
    }
}
