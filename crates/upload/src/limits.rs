//! How much of everything an upload may be. A limit bounds either what the desk keeps or what one hostile file can cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::kind::Kind;

const MEBIBYTE: u64 = 1024 * 1024;

/// What one purpose of uploading takes.
// No Default: a purpose must be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Kinds that are taken; every other is refused although it is recognised.
    pub kinds: Vec<Kind>,
    pub file_bytes_max: u64,
    /// All files of one request together.
    pub request_bytes_max: u64,
    pub request_files_max: u32,
    /// Of a PDF, or images of a TIFF.
    pub pages_max: u32,
    /// Width times height of an image, of all images of a TIFF together.
    pub pixels_max: u64,
    /// Everything that one file inflates to, added up. What an image inflates to is bounded by `pixels_max` instead.
    pub inflated_bytes_max: u64,
    /// Numbers that are no secret although they read as cards, digits only; for a desk's test mode
    /// [`crate::PUBLISHED_TEST_CARDS`].
    pub cards_allowed: Vec<String>,
    /// Address space of the child, its own program included.
    pub memory_bytes_max: u64,
    /// Processor time of the child, in whole seconds as the kernel counts it.
    pub cpu_seconds_max: u64,
    /// After this the parent ends the child, whatever it does.
    pub answer_in: Duration,
}

impl Limits {
    /// Evidence in a dispute: PDF, PNG and JPEG of at most 5 MiB, which is what Stripe takes for this purpose, and 50
    /// pages (docs.stripe.com/disputes/best-practices). What other providers take beyond or below that is checked by
    /// their adapters when an answer is sealed.
    #[must_use]
    pub fn dispute_evidence() -> Limits {
        Limits {
            kinds: vec![Kind::Pdf, Kind::Png, Kind::Jpeg],
            file_bytes_max: 5 * MEBIBYTE,
            request_bytes_max: 5 * MEBIBYTE,
            request_files_max: 1,
            pages_max: 50,
            // A page of 11 by 17 inches scanned at 600 dots per inch has 67 million.
            pixels_max: 70_000_000,
            // Text and structure of 50 pages are below 10 MiB.
            inflated_bytes_max: 64 * MEBIBYTE,
            cards_allowed: Vec::new(),
            // The program, the content, what it inflates to, and its objects at some 40 bytes a token.
            memory_bytes_max: 768 * MEBIBYTE,
            cpu_seconds_max: 5,
            answer_in: Duration::from_secs(15),
        }
    }

    /// The same with every kind that is recognised.
    #[must_use]
    pub fn with_every_kind(self) -> Limits {
        let kinds = Kind::ALL.to_vec();
        Limits { kinds, ..self }
    }
}
