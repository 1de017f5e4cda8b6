//! What was found in a file that may be kept, and where.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bytes::count;
use crate::kind::Kind;

/// The file may be kept. It speaks of exactly the bytes whose hash it has: whoever stores them asks [`Verdict::covers`]
/// about what is stored, so that nothing can be put in its place meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub kind: Kind,
    pub bytes: u64,
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// Of a PDF, or images of a TIFF; `None` where a file has no pages.
    pub pages: Option<u32>,
    /// Width and height of the (first) image; `None` for what is no image.
    pub pixels: Option<(u32, u32)>,
    /// What a person should know before it is sent on. None of it forbids keeping the file.
    pub findings: Vec<Finding>,
}

impl Verdict {
    #[must_use]
    pub fn covers(&self, bytes: &[u8]) -> bool {
        self.bytes == count(bytes.len()) && self.sha256 == hash(bytes)
    }
}

/// In lower-case hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Something in the file, and where. It never holds what was found, save a card number's last four digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    pub what: What,
    pub place: Place,
    /// Of a card number only.
    pub last4: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// 13 to 19 digits of a network's range that pass the check digit.
    CardNumber,
    /// A card number followed by what a magnetic stripe says after it. It may not be kept at all after authorisation
    /// (PCI DSS 4.0, requirement 3.3.1).
    TrackData,
    /// A card number with its security code beside it; the same requirement.
    SecurityCode,
    /// Where a photograph was taken.
    Position,
    /// Text that no page shows: a comment, a description, an author.
    Comment,
    /// Text that could not be read as characters, so no card number in it can be found.
    UnreadText,
    /// A picture inside a PDF. What it shows is not read.
    UnreadImage,
    /// A link; providers ask for evidence without any (docs.stripe.com/disputes/best-practices).
    Link,
    Signature,
}

impl What {
    /// Card data, which makes a refusal; everything else is told only.
    #[must_use]
    pub fn is_card_data(self) -> bool {
        matches!(
            self,
            What::CardNumber | What::TrackData | What::SecurityCode
        )
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::CardNumber => "card number",
            What::TrackData => "track data",
            What::SecurityCode => "card number with its security code",
            What::Position => "position",
            What::Comment => "comment",
            What::UnreadText => "text that cannot be searched",
            What::UnreadImage => "picture that cannot be searched",
            What::Link => "link",
            What::Signature => "signature",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what.name())?;
        if let Some(last4) = &self.last4 {
            write!(f, " ending in {last4}")?;
        }
        write!(f, " at {}", self.place)
    }
}

/// Where in a file. Pages, lines and columns count from 1, bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    FileName,
    Byte(u64),
    Line(u64),
    Page(u32),
    /// An object of a PDF, by its number: something that is on no single page.
    Object(u32),
    /// A key of the file's metadata, such as `tEXt Author` or `exif 0x9286`.
    Metadata(String),
}

impl Place {
    pub(crate) fn byte(at: usize) -> Place {
        Place::Byte(count(at))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::FileName => f.write_str("the file name"),
            Place::Byte(at) => write!(f, "byte {at}"),
            Place::Line(line) => write!(f, "line {line}"),
            Place::Page(page) => write!(f, "page {page}"),
            Place::Object(number) => write!(f, "object {number}"),
            Place::Metadata(key) => write!(f, "metadata {key}"),
        }
    }
}
