//! GIF (GIF89a, CompuServe 1990): blocks to the trailer, one image, nothing after it.

use super::{Search, Shape};
use crate::bytes::{piece, text, u16_little};
use crate::kind::Kind;
use crate::refusal::Refusal;

pub(super) fn inspect(content: &[u8], search: &mut Search<'_>) -> Result<Shape, Refusal> {
    let cut = |at: usize| {
        Refusal::unreadable(
            Kind::Gif,
            crate::verdict::Place::byte(at),
            "a block is cut off",
        )
    };
    let size = |at: usize| {
        u16_little(content, at)
            .map(u32::from)
            .ok_or_else(|| cut(at))
    };
    let pixels = search.pixels(size(6)?, size(8)?)?;
    let mut at = 13 + palette(content, 10).ok_or_else(|| cut(10))?;
    let mut images = 0;
    loop {
        match piece(content, at, 2) {
            Some([0x2C, _]) => {
                images += 1;
                if images > 1 {
                    return Err(Refusal::Animated { kind: Kind::Gif });
                }
                search.pixels(size(at + 5)?, size(at + 7)?)?;
                let (data, end) = palette(content, at + 9)
                    .and_then(|palette| blocks(content, at + 11 + palette))
                    .ok_or_else(|| cut(at))?;
                drop(data);
                at = end;
            }
            Some([0x21, label]) => {
                let label = *label;
                let (data, end) = blocks(content, at + 2).ok_or_else(|| cut(at))?;
                extension(label, &data, search)?;
                at = end;
            }
            _ => break,
        }
    }
    if content.get(at) != Some(&0x3B) {
        return Err(search.unreadable(at, "neither a block nor the trailer"));
    }
    if images == 0 {
        return Err(search.unreadable(at, "no image"));
    }
    match content.len() - at - 1 {
        0 => Ok(Shape {
            pages: None,
            pixels: Some(pixels),
        }),
        more => Err(Refusal::polyglot(
            Kind::Gif,
            format!("{more} bytes after its end"),
        )),
    }
}

/// Bytes of the colour table whose flags stand at `at`.
fn palette(content: &[u8], at: usize) -> Option<usize> {
    let flags = content.get(at)?;
    Some(if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    })
}

/// What the sub-blocks from `at` on hold together, and where they end.
fn blocks(content: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let mut data = Vec::new();
    loop {
        let length = usize::from(*content.get(at)?);
        if length == 0 {
            return Some((data, at + 1));
        }
        data.extend_from_slice(piece(content, at + 1, length)?);
        at += 1 + length;
    }
}

fn extension(label: u8, data: &[u8], search: &mut Search<'_>) -> Result<(), Refusal> {
    let said = text(data);
    match label {
        0xFF if data.starts_with(b"NETSCAPE") || data.starts_with(b"ANIMEXTS") => {
            Err(Refusal::Animated { kind: Kind::Gif })
        }
        // A comment that closes and opens a script's comments makes the whole file a script.
        0xFE | 0x01 | 0xFF if said.contains("*/") => {
            Err(Refusal::polyglot(Kind::Gif, "code in a comment"))
        }
        0xFE => search.metadata("comment", &said),
        0x01 => search.metadata("plain text", &said),
        0xFF => search.metadata("application", &said),
        0xF9 => Ok(()),
        _ => search.metadata(&format!("extension {label:#04x}"), &said),
    }
}
