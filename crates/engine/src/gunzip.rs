//! Documents that came gzip-packed (RFC 1952), unpacked for reading. What is kept are the bytes as they came; what is read,
//! and what spans point into, are the bytes within.
//!
//! The invariant it keeps: no document becomes larger by unpacking than a document may be.

use adapter::{Reject, RejectCode};
use dispute::fact::Span;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::borrow::Cow;

/// The first bytes of every gzip file, its only method of compression included.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// How much is unpacked at a time.
const STRIDE: usize = 64 * 1024;

const HEADER_CHECK: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Whether these bytes say that they are gzip-packed.
pub fn is_packed(body: &[u8]) -> bool {
    body.starts_with(&MAGIC)
}

/// The bytes that a document is read as: unpacked when it came gzip-packed, as they are otherwise.
///
/// # Errors
/// A reject that spans the whole document as it came: cut short, damaged, or larger than a document may be.
pub fn unpacked(body: &[u8]) -> Result<Cow<'_, [u8]>, Reject> {
    if !is_packed(body) {
        return Ok(Cow::Borrowed(body));
    }
    match within(body, store::DOCUMENT_BYTES_MAX) {
        Ok(plain) => Ok(Cow::Owned(plain)),
        Err((code, detail)) => Err(Reject {
            span: Span::new(0, body.len()),
            code,
            detail,
            hint: String::from("Ask for the file again, or unpack it and bring what is in it."),
        }),
    }
}

type Refused = (RejectCode, String);

fn cut() -> Refused {
    let detail = "the gzip file ends before its data do";
    (RejectCode::Truncated, detail.to_owned())
}

fn within(body: &[u8], most: usize) -> Result<Vec<u8>, Refused> {
    let mut plain = Vec::new();
    let mut rest = body;
    // Files may be put one after another, and tapes pad with zeros.
    while rest.iter().any(|byte| *byte != 0) {
        if !is_packed(rest) {
            let detail = format!("{} bytes follow the gzip data", rest.len());
            return Err((RejectCode::Truncated, detail));
        }
        let began = plain.len();
        rest = after_header(rest)?;
        rest = member(rest, &mut plain, most, body.len())?;
        let (trailer, next) = rest.split_at_checked(8).ok_or_else(cut)?;
        let own = plain.get(began..).unwrap_or_default();
        check(trailer, own)?;
        rest = next;
    }
    Ok(plain)
}

/// Skips a member's header.
fn after_header(from: &[u8]) -> Result<&[u8], Refused> {
    let (fixed, mut rest) = from.split_at_checked(10).ok_or_else(cut)?;
    let flags = fixed.get(3).copied().unwrap_or_default();
    if flags & RESERVED != 0 {
        let detail = format!("the gzip header has the reserved flags {flags:#04x}");
        return Err((RejectCode::Syntax, detail));
    }
    if flags & EXTRA != 0 {
        let (length, more) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        let length = usize::from(u16::from_le_bytes(*length));
        rest = more.get(length..).ok_or_else(cut)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or_else(cut)?;
            rest = rest.get(end + 1..).ok_or_else(cut)?;
        }
    }
    if flags & HEADER_CHECK != 0 {
        rest = rest.get(2..).ok_or_else(cut)?;
    }
    Ok(rest)
}

/// Unpacks one member's data and returns what follows them.
fn member<'a>(
    from: &'a [u8],
    plain: &mut Vec<u8>,
    most: usize,
    packed: usize,
) -> Result<&'a [u8], Refused> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let mut stride = vec![0; STRIDE];
    let mut rest = from;
    loop {
        let done = inflate(&mut state, rest, &mut stride, MZFlush::None);
        rest = rest.get(done.bytes_consumed..).unwrap_or_default();
        let written = stride.get(..done.bytes_written).unwrap_or_default();
        if plain.len() + written.len() > most {
            let detail = format!(
                "{packed} packed bytes unpack to more than {most}, the most that a document may have"
            );
            return Err((RejectCode::Length, detail));
        }
        plain.extend_from_slice(written);
        let moved = done.bytes_consumed > 0 || done.bytes_written > 0;
        match done.status {
            Ok(MZStatus::StreamEnd) => return Ok(rest),
            Ok(_) if moved => {}
            Ok(_) | Err(MZError::Buf) => return Err(cut()),
            Err(_) => {
                let at = plain.len();
                let detail = format!("the packed data are damaged after {at} unpacked bytes");
                return Err((RejectCode::Syntax, detail));
            }
        }
    }
}

/// The trailer holds a CRC-32 and the length modulo 2^32 of what was packed.
fn check(trailer: &[u8], plain: &[u8]) -> Result<(), Refused> {
    let (crc, length) = trailer.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = length.first_chunk::<4>().ok_or_else(cut)?;
    let (told, told_length) = (u32::from_le_bytes(*crc), u32::from_le_bytes(*length));
    let found = crc32fast::hash(plain);
    let found_length = u64::try_from(plain.len()).unwrap_or(u64::MAX) % (1 << 32);
    if told == found && u64::from(told_length) == found_length {
        return Ok(());
    }
    let detail = format!(
        "the gzip file says CRC {told:08x} over {told_length} bytes, and CRC {found:08x} over {found_length} bytes was unpacked"
    );
    Err((RejectCode::ControlTotal, detail))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn packed(plain: &[u8], flags: u8, fields: &[u8]) -> Vec<u8> {
        let mut gz = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        gz.extend_from_slice(fields);
        gz.extend(miniz_oxide::deflate::compress_to_vec(plain, 6));
        gz.extend(crc32fast::hash(plain).to_le_bytes());
        gz.extend(u32::try_from(plain.len()).unwrap().to_le_bytes());
        gz
    }

    #[track_caller]
    fn check(body: &[u8], most: usize, expected: Result<&[u8], (RejectCode, &str)>) {
        let found = within(body, most);
        let found = found.as_ref().map(Vec::as_slice);
        match (found, expected) {
            (Err((code, detail)), Err((wanted, words))) => {
                assert_eq!(*code, wanted);
                assert!(detail.contains(words), "{detail}");
            }
            (found, expected) => assert_eq!(found.ok(), expected.ok()),
        }
    }

    #[test]
    fn every_form_of_header_is_read() {
        let plain = b"one line\nanother\n".repeat(20_000);
        for (flags, fields) in [
            (0, &b""[..]),
            (NAME, b"returns.ach\0"),
            (
                EXTRA | NAME | COMMENT | HEADER_CHECK,
                b"\x03\0abcname\0words\0hc",
            ),
        ] {
            check(&packed(&plain, flags, fields), plain.len(), Ok(&plain));
        }
    }

    #[test]
    fn members_follow_one_another_and_zeros_pad() {
        let mut body = packed(b"first ", 0, b"");
        body.extend(packed(b"second", 0, b""));
        body.extend([0; 100]);
        check(&body, 100, Ok(b"first second"));
        body.extend(b"and more");
        check(&body, 100, Err((RejectCode::Truncated, "108 bytes follow")));
    }

    #[test]
    fn a_bomb_is_refused_with_the_figure() {
        let bomb = packed(&vec![0; 4_000_000], 0, b"");
        assert!(bomb.len() < 10_000);
        let words = "unpack to more than 1000000, the most";
        check(&bomb, 1_000_000, Err((RejectCode::Length, words)));
        // Many small members make one too.
        let many = packed(&[7; 1_000], 0, b"").repeat(1_001);
        check(&many, 1_000_000, Err((RejectCode::Length, words)));
    }

    #[test]
    fn a_cut_or_damaged_file_is_refused_wherever_it_is_cut() {
        let whole = packed(b"a line that says something\n", NAME, b"x\0");
        for length in 3..whole.len() {
            let cut = whole.get(..length).unwrap();
            check(cut, 100, Err((RejectCode::Truncated, "ends before")));
        }
        let mut wrong = whole.clone();
        *wrong.iter_mut().rev().nth(7).unwrap() ^= 1;
        check(&wrong, 100, Err((RejectCode::ControlTotal, "CRC")));
        let mut flags = whole;
        *flags.get_mut(3).unwrap() = 0xe0;
        check(
            &flags,
            100,
            Err((RejectCode::Syntax, "reserved flags 0xe0")),
        );
    }
}
