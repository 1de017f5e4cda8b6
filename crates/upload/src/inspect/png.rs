//! PNG (W3C Recommendation, third edition): every chunk in its place with its right check sum, image data that inflates
//! to exactly what the header asks for, and nothing after the end.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

use super::{Search, Shape, exif};
use crate::bytes::{count, piece, size, text, u32_big};
use crate::kind::Kind;
use crate::refusal::Refusal;
use crate::verdict::{Place, What};

/// Before the first chunk (5.2).
pub(crate) const SIGNATURE_LENGTH: usize = 8;

/// An encoder of scans writes chunks of 8 KiB and more; 5 MiB of those are 640.
const CHUNKS_MAX: u64 = 20_000;

/// A chunk that was read whole and has its right check sum.
pub(crate) struct Chunk<'a> {
    /// Where its length stands.
    pub(crate) at: usize,
    pub(crate) name: [u8; 4],
    pub(crate) data: &'a [u8],
}

impl Chunk<'_> {
    /// Behind its check sum.
    pub(crate) fn end(&self) -> usize {
        self.at + 12 + self.data.len()
    }

    fn key(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

/// Every chunk up to `IEND`, which ends the file.
pub(crate) fn chunks(content: &[u8]) -> Result<Vec<Chunk<'_>>, Refusal> {
    let unreadable = |at: usize, what: &str| Refusal::unreadable(Kind::Png, Place::byte(at), what);
    let mut chunks: Vec<Chunk<'_>> = Vec::new();
    let mut at = SIGNATURE_LENGTH;
    loop {
        let chunk =
            chunk(content, at).ok_or_else(|| unreadable(at, "a chunk is cut off or damaged"))?;
        at = chunk.end();
        let last = &chunk.name == b"IEND";
        if last && !chunk.data.is_empty() {
            return Err(unreadable(chunk.at, "the end chunk holds something"));
        }
        chunks.push(chunk);
        if count(chunks.len()) > CHUNKS_MAX {
            return Err(Refusal::bound(Kind::Png, "chunks", CHUNKS_MAX));
        }
        if last {
            break;
        }
    }
    match content.len() - at {
        0 => Ok(chunks),
        more => Err(Refusal::polyglot(
            Kind::Png,
            format!("{more} bytes after its end"),
        )),
    }
}

fn chunk(content: &[u8], at: usize) -> Option<Chunk<'_>> {
    let length = size(u32_big(content, at)?);
    let checked = piece(content, at + 4, length.checked_add(4)?)?;
    let sum = u32_big(content, at + 8 + length)?;
    let (name, data) = checked.split_first_chunk::<4>()?;
    let letters = name.iter().all(u8::is_ascii_alphabetic);
    (letters && crc32fast::hash(checked) == sum).then_some(Chunk {
        at,
        name: *name,
        data,
    })
}

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    let chunks = chunks(content)?;
    let header = chunks
        .first()
        .filter(|chunk| &chunk.name == b"IHDR")
        .and_then(|chunk| Header::read(chunk.data))
        .ok_or_else(|| search.unreadable(SIGNATURE_LENGTH, "the first chunk is no image header"))?;
    let pixels = search.pixels(header.width, header.height)?;
    in_order(&chunks, search)?;
    for chunk in &chunks {
        match &chunk.name {
            b"acTL" | b"fcTL" | b"fdAT" => return Err(Refusal::Animated { kind: Kind::Png }),
            b"IHDR" | b"IDAT" | b"IEND" | b"PLTE" => {}
            name if name.first().is_some_and(u8::is_ascii_uppercase) => {
                return Err(search.unreadable(
                    chunk.at,
                    "a critical chunk that no version of the format has",
                ));
            }
            _ => ancillary(chunk, search)?,
        }
    }
    image_data(&chunks, &header, search)?;
    Ok(Shape {
        pages: None,
        pixels: Some(pixels),
    })
}

/// One header, one palette at most, image data in one piece (5.6).
fn in_order(chunks: &[Chunk<'_>], search: &Search<'_>) -> Result<(), Refusal> {
    let many = |name: &[u8; 4]| chunks.iter().filter(|chunk| &chunk.name == name).count();
    let pieces = chunks
        .chunk_by(|one, next| (&one.name == b"IDAT") == (&next.name == b"IDAT"))
        .filter(|run| run.first().is_some_and(|chunk| &chunk.name == b"IDAT"))
        .count();
    if many(b"IHDR") != 1 || many(b"PLTE") > 1 || pieces != 1 {
        return Err(search.unreadable(0, "chunks are not in their order"));
    }
    Ok(())
}

/// Text and whatever else is not needed to show the image.
fn ancillary(chunk: &Chunk<'_>, search: &mut Search<'_>) -> Result<(), Refusal> {
    match &chunk.name {
        b"eXIf" => exif::inspect(chunk.data, search),
        b"tEXt" | b"zTXt" | b"iTXt" => {
            let (key, said) = said(chunk, search)?;
            search.metadata(&format!("{} {key}", chunk.key()), &format!("{key}\n{said}"))
        }
        // Known ones hold numbers only; a colour profile's text says nothing of the uploader.
        b"cHRM" | b"gAMA" | b"sBIT" | b"sRGB" | b"bKGD" | b"hIST" | b"tRNS" | b"pHYs" | b"tIME"
        | b"cICP" | b"mDCV" | b"cLLI" => Ok(()),
        b"iCCP" | b"sPLT" => search.text(&Place::Metadata(chunk.key()), &text(chunk.data)),
        _ => {
            search.found(What::Comment, Place::Metadata(chunk.key()));
            search.metadata(&chunk.key(), &text(chunk.data))
        }
    }
}

/// Keyword and text of a textual chunk (11.3.3), inflated where it is compressed.
fn said(chunk: &Chunk<'_>, search: &mut Search<'_>) -> Result<(String, String), Refusal> {
    let damaged =
        || Refusal::unreadable(Kind::Png, Place::byte(chunk.at), "a text chunk is damaged");
    let (key, rest) = split_at_nul(chunk.data).ok_or_else(damaged)?;
    let compressed = |deflated: &[u8], search: &mut Search<'_>| {
        search.inflate(deflated, &Place::Metadata(chunk.key()))
    };
    let said = match (&chunk.name, rest) {
        (b"tEXt", said) => said.to_vec(),
        (b"zTXt", [0, deflated @ ..]) => compressed(deflated, search)?,
        (b"iTXt", [flag @ (0 | 1), 0, rest @ ..]) => {
            let (_language, rest) = split_at_nul(rest).ok_or_else(damaged)?;
            let (_translated, said) = split_at_nul(rest).ok_or_else(damaged)?;
            if *flag == 1 {
                compressed(said, search)?
            } else {
                said.to_vec()
            }
        }
        _ => return Err(damaged()),
    };
    Ok((text(key), text(&said)))
}

fn split_at_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

struct Header {
    width: u32,
    height: u32,
    bits_per_pixel: u64,
    interlaced: bool,
}

impl Header {
    /// Nothing where the combination is none that the standard has (11.2.1).
    fn read(data: &[u8]) -> Option<Header> {
        let rest = data.get(8..).filter(|_| data.len() == 13)?;
        let &[depth, colour, 0, 0, interlace @ (0 | 1)] = rest else {
            return None;
        };
        let samples = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
            (2, 8 | 16) => 3,
            (4, 8 | 16) => 2,
            (6, 8 | 16) => 4,
            _ => return None,
        };
        Some(Header {
            width: u32_big(data, 0)?,
            height: u32_big(data, 4)?,
            bits_per_pixel: samples * u64::from(depth),
            interlaced: interlace == 1,
        })
    }

    /// Bytes that the image data inflates to: per row of each pass a filter byte and the row's bits, rounded up.
    fn image_bytes(&self) -> u64 {
        let rows = |width: u64, height: u64| match width {
            0 => 0,
            _ => height * (1 + (width * self.bits_per_pixel).div_ceil(8)),
        };
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        if !self.interlaced {
            return rows(width, height);
        }
        // Adam7: first column and row, and steps, of each pass (8.2).
        let passes = [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ];
        passes
            .iter()
            .map(|(left, top, across, down)| {
                rows(
                    width.saturating_sub(*left).div_ceil(*across),
                    height.saturating_sub(*top).div_ceil(*down),
                )
            })
            .sum()
    }
}

/// The image data inflates to what the header asks for, neither more nor less. The pixels are thrown away.
fn image_data(chunks: &[Chunk<'_>], header: &Header, search: &Search<'_>) -> Result<(), Refusal> {
    let wanted = header.image_bytes();
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut out = vec![0_u8; 64 * 1024];
    let (mut made, mut ended) = (0_u64, false);
    for chunk in chunks.iter().filter(|chunk| &chunk.name == b"IDAT") {
        let mut rest = chunk.data;
        loop {
            let step = inflate(&mut state, rest, &mut out, MZFlush::None);
            rest = rest.get(step.bytes_consumed..).unwrap_or_default();
            made += count(step.bytes_written);
            if made > wanted {
                return Err(search.unreadable(chunk.at, "image data is longer than the image"));
            }
            match step.status {
                Ok(MZStatus::StreamEnd) => ended = true,
                // Nothing more can be made of this chunk; the next one goes on.
                Err(miniz_oxide::MZError::Buf) => {}
                Ok(_) => {}
                Err(_) => return Err(search.unreadable(chunk.at, "image data is damaged")),
            }
            if ended && !rest.is_empty() {
                return Err(search.unreadable(chunk.at, "something stands behind the image data"));
            }
            if step.bytes_written == 0 && (rest.is_empty() || step.bytes_consumed == 0) || ended {
                break;
            }
        }
    }
    if !ended || made != wanted {
        return Err(search.unreadable(0, "image data is shorter than the image"));
    }
    Ok(())
}
