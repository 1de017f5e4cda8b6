//! TIFF 6.0: a chain of directories without loops, each an image whose strips or tiles lie inside the file. Exif uses the
//! same structure.

use super::{Search, Shape, exif};
use crate::bytes::{count, piece, size, u16_big, u16_little, u32_big, u32_little};
use crate::kind::Kind;
use crate::refusal::Refusal;
use crate::verdict::Place;

/// Entries of one directory: baseline and extensions have some 100 tags.
const ENTRIES_MAX: u16 = 300;

/// Directories in a row; the limit of pages is lower and checked with its own words.
const DIRECTORIES_MAX: usize = 1000;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
/// Offsets and byte counts of strips, then of tiles.
const PIECES: [(u16, u16); 2] = [(273, 279), (324, 325)];

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

pub(super) struct Directory<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    /// Where the next one stands, if any.
    pub(super) next: Option<usize>,
}

pub(super) struct Entry<'a> {
    pub(super) tag: u16,
    pub(super) value: Value<'a>,
}

pub(super) enum Value<'a> {
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Numbers(Vec<u32>),
    /// Fractions and floating-point numbers: nothing that this room reads.
    Other,
}

impl Directory<'_> {
    pub(super) fn number(&self, tag: u16) -> Option<usize> {
        self.numbers(tag)?.first().copied().map(size)
    }

    fn numbers(&self, tag: u16) -> Option<&[u32]> {
        let entry = self.entries.iter().find(|entry| entry.tag == tag)?;
        match &entry.value {
            Value::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Reader<'a>> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Reader { bytes, little })
    }

    fn half(&self, at: usize) -> Option<u16> {
        if self.little {
            u16_little(self.bytes, at)
        } else {
            u16_big(self.bytes, at)
        }
    }

    fn word(&self, at: usize) -> Option<u32> {
        if self.little {
            u32_little(self.bytes, at)
        } else {
            u32_big(self.bytes, at)
        }
    }

    /// Where the first directory stands.
    pub(super) fn first(&self) -> Option<usize> {
        self.word(4).map(size)
    }

    pub(super) fn directory(&self, at: usize) -> Option<Directory<'a>> {
        let many = self.half(at).filter(|many| *many <= ENTRIES_MAX)?;
        let entries = (0..usize::from(many))
            .map(|index| self.entry(at + 2 + index * 12))
            .collect::<Option<Vec<_>>>()?;
        // Some writers of Exif leave the link out at the end of their block: then there is no next.
        let next = self.word(at + 2 + usize::from(many) * 12).unwrap_or(0);
        Some(Directory {
            entries,
            next: Some(size(next)).filter(|next| *next != 0),
        })
    }

    fn entry(&self, at: usize) -> Option<Entry<'a>> {
        let (tag, form, many) = (self.half(at)?, self.half(at + 2)?, size(self.word(at + 4)?));
        let width = match form {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = many.checked_mul(width)?;
        let from = if length <= 4 {
            at + 8
        } else {
            size(self.word(at + 8)?)
        };
        let bytes = piece(self.bytes, from, length)?;
        let value = match form {
            2 => Value::Text(bytes),
            1 | 6 | 7 => Value::Bytes(bytes),
            3 => Value::Numbers(
                (0..many)
                    .map(|index| self.half(from + index * 2).map(u32::from))
                    .collect::<Option<_>>()?,
            ),
            4 | 13 => Value::Numbers(
                (0..many)
                    .map(|index| self.word(from + index * 4))
                    .collect::<Option<_>>()?,
            ),
            _ => Value::Other,
        };
        Some(Entry { tag, value })
    }
}

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    let damaged =
        |at: usize| Refusal::unreadable(Kind::Tiff, Place::byte(at), "a directory is damaged");
    let reader = Reader::new(content).ok_or_else(|| damaged(0))?;
    let mut next = reader.first();
    let mut seen: Vec<usize> = Vec::new();
    let mut pixels = None;
    let mut pixels_in_all = 0_u64;
    while let Some(at) = next {
        if seen.contains(&at) {
            return Err(search.unreadable(at, "directories go in a circle"));
        }
        if seen.len() >= DIRECTORIES_MAX {
            return Err(Refusal::bound(
                Kind::Tiff,
                "directories",
                count(DIRECTORIES_MAX),
            ));
        }
        seen.push(at);
        let directory = reader.directory(at).ok_or_else(|| damaged(at))?;
        let (width, height) = image(&directory, content, search).ok_or_else(|| damaged(at))??;
        pixels_in_all = pixels_in_all.saturating_add(u64::from(width) * u64::from(height));
        pixels = pixels.or(Some((width, height)));
        exif::tell(&directory, search)?;
        next = directory.next;
    }
    if pixels_in_all > search.limits.pixels_max {
        return Err(Refusal::Pixels {
            pixels: pixels_in_all,
            pixels_max: search.limits.pixels_max,
        });
    }
    let pages = u32::try_from(seen.len()).unwrap_or(u32::MAX);
    if pages > search.limits.pages_max {
        return Err(Refusal::Pages {
            pages,
            pages_max: search.limits.pages_max,
        });
    }
    Ok(Shape {
        pages: Some(pages),
        pixels,
    })
}

/// Width and height of a directory's image, whose pieces lie inside the file; nothing where it is not whole.
fn image(
    directory: &Directory<'_>,
    content: &[u8],
    search: &Search<'_>,
) -> Option<Result<(u32, u32), Refusal>> {
    let side = |tag| u32::try_from(directory.number(tag)?).ok();
    let (width, height) = (side(WIDTH)?, side(HEIGHT)?);
    let (offsets, lengths) = PIECES.iter().find_map(|(offsets, lengths)| {
        directory.numbers(*offsets).zip(directory.numbers(*lengths))
    })?;
    let inside = offsets.len() == lengths.len()
        && offsets
            .iter()
            .zip(lengths)
            .all(|(offset, length)| piece(content, size(*offset), size(*length)).is_some());
    inside.then(|| search.pixels(width, height))
}
