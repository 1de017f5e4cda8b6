//! Files that chance spoils: never a crash that counts as an acceptance, and no answer that is not bound to its bytes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::wildcard_imports,
    dead_code
)]

#[path = "attack/make.rs"]
mod make;

use std::path::PathBuf;

use make::*;
use proptest::prelude::*;
use upload::{Inspector, Limits, Refusal};

fn valid() -> Vec<Vec<u8>> {
    vec![
        pdf(),
        pdf_packed(3, "<< /Type /Catalog /Pages 2 0 R >>"),
        png_with(&[png_chunk(b"eXIf", &exif(0x10E, "a picture"))]),
        jpeg_with(&[jpeg_exif(&exif(0x10E, "a picture"))]),
        tiff(),
        gif_of(&[gif_comment("hello"), gif_frame()]),
        b"plain text".to_vec(),
    ]
}

/// A verdict covers the bytes; a refusal is the file's own, not a child that died.
fn answers(bytes: &[u8]) {
    let limits = Limits::dispute_evidence().with_every_kind();
    let inspector =
        Inspector::with_program(limits, PathBuf::from(env!("CARGO_BIN_EXE_upload-probe")));
    match inspector.inspect("a", None, bytes) {
        Ok(verdict) => assert!(verdict.covers(bytes)),
        Err(Refusal::NotInspected { why }) => panic!("{why}: {}", hex::encode(bytes)),
        Err(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_is_answered(start in 0..7_usize, noise in prop::collection::vec(any::<u8>(), 1..2000)) {
        let start = valid().swap_remove(start);
        answers(&noise);
        answers(&[start.iter().copied().take(8).collect(), noise].concat());
    }

    #[test]
    fn spoiled_files_are_answered(
        which in 0..7_usize,
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = valid().swap_remove(which);
        for (at, by) in spoils {
            let at = at.index(bytes.len());
            bytes.splice(at..=at, [by]);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        answers(&bytes);
    }
}

/// Images and documents end with their last byte, so that none is whole before it.
#[test]
fn no_file_that_was_cut_off_is_taken() {
    let limits = Limits::dispute_evidence().with_every_kind();
    let inspector =
        Inspector::with_program(limits, PathBuf::from(env!("CARGO_BIN_EXE_upload-probe")));
    for (name, bytes) in [
        ("a.png", png()),
        ("a.jpg", jpeg()),
        ("a.gif", gif()),
        ("a.pdf", pdf()),
    ] {
        // A PDF's last byte is a line end, which may be missing.
        let bytes = bytes.trim_ascii_end();
        for length in 1..bytes.len() {
            let cut: Vec<u8> = bytes.iter().copied().take(length).collect();
            assert!(
                inspector.inspect(name, None, &cut).is_err(),
                "{name} cut to {length}"
            );
        }
    }
}
