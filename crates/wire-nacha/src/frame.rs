//! Lines: how the input falls apart into records before anyone asks what they say.

use crate::column::{Measure, RECORD_LENGTH, Span};

/// What stands between a record and the next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// Nothing: the next record, or the end of the input, follows at once.
    None,
    Lf,
    CrLf,
    Cr,
}

impl Ending {
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Ending::None => b"",
            Ending::Lf => b"\n",
            Ending::CrLf => b"\r\n",
            Ending::Cr => b"\r",
        }
    }

    fn at(rest: &[u8]) -> Ending {
        match rest {
            [b'\r', b'\n', ..] => Ending::CrLf,
            [b'\r', ..] => Ending::Cr,
            [b'\n', ..] => Ending::Lf,
            _ => Ending::None,
        }
    }
}

/// How the input as a whole is framed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Framing {
    /// The input opens with the UTF-8 byte order mark.
    pub byte_order_mark: bool,
    /// How the first line ends.
    pub ending: Ending,
    /// Lines end in more than one way (the last line's lack of an ending does not count).
    pub mixed: bool,
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line with its place; `bytes` exclude the ending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawLine<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) start: usize,
    pub(crate) ending: Ending,
    pub(crate) blank: bool,
}

impl RawLine<'_> {
    pub(crate) fn span(&self) -> Span {
        Span {
            start: self.start,
            end: self.start.saturating_add(self.bytes.len()),
        }
    }

    /// Length without trailing blanks, and how the positions are counted.
    pub(crate) fn length(&self) -> (usize, Measure) {
        if self.bytes.len() == RECORD_LENGTH {
            return (RECORD_LENGTH, Measure::Bytes);
        }
        let trimmed = self.bytes.trim_ascii_end();
        if !trimmed.is_ascii()
            && let Ok(text) = core::str::from_utf8(trimmed)
        {
            let characters = text.chars().count();
            let in_bytes = trimmed.len();
            // A writer that counts characters makes 94 of them; one that counts bytes makes 94 bytes.
            if in_bytes != RECORD_LENGTH && characters <= RECORD_LENGTH {
                return (characters, Measure::Characters);
            }
        }
        (trimmed.len(), Measure::Bytes)
    }
}

/// Splits the input. The lines' bytes and endings, in order, are the input.
pub(crate) struct Lines<'a> {
    input: &'a [u8],
    at: usize,
    /// While before this offset, records follow each other without delimiters.
    undelimited_until: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(input: &'a [u8], at: usize) -> Lines<'a> {
        Lines {
            input,
            at,
            undelimited_until: 0,
        }
    }

    /// Where the next line starts.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.input.get(from..).unwrap_or_default()
    }

    /// Offset at which the line that starts at `self.at` ends.
    fn line_end(&self) -> usize {
        let rest = self.rest(self.at);
        let length = rest
            .iter()
            .position(|byte| is_line_end(*byte))
            .unwrap_or(rest.len());
        self.at.saturating_add(length)
    }

    fn line_until(&mut self, end: usize) -> RawLine<'a> {
        let ending = Ending::at(self.rest(end));
        let start = self.at;
        let bytes = self.input.get(start..end).unwrap_or_default();
        self.at = end.saturating_add(ending.bytes().len());
        RawLine {
            bytes,
            start,
            ending,
            blank: false,
        }
    }

    /// Blank lines come as one: an input of nothing but line ends must not cost a record each.
    fn blank_run(&mut self, first: RawLine<'a>) -> RawLine<'a> {
        while self.at < self.input.len() {
            let end = self.line_end();
            if !is_blank(self.input.get(self.at..end).unwrap_or_default()) {
                break;
            }
            self.at = end.saturating_add(Ending::at(self.rest(end)).bytes().len());
        }
        let bytes = self.input.get(first.start..self.at).unwrap_or_default();
        RawLine {
            bytes,
            start: first.start,
            ending: Ending::None,
            blank: true,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = RawLine<'a>;

    fn next(&mut self) -> Option<RawLine<'a>> {
        if self.at >= self.input.len() {
            return None;
        }
        if self.at >= self.undelimited_until {
            let rest = self.rest(self.at);
            if let Some((record, [next, ..])) = rest.split_at_checked(RECORD_LENGTH)
                && is_line_end(*next)
                && record.first().is_some_and(u8::is_ascii_digit)
                && !record
                    .iter()
                    .fold(false, |found, byte| found | is_line_end(*byte))
            {
                return Some(self.line_until(self.at.saturating_add(RECORD_LENGTH)));
            }
            let end = self.line_end();
            let line = self.input.get(self.at..end).unwrap_or_default();
            // Two records' worth on one line is not a long record but records without delimiters.
            if line.trim_ascii_end().len() < RECORD_LENGTH.saturating_mul(2) {
                let line = self.line_until(end);
                return Some(if is_blank(line.bytes) {
                    self.blank_run(line)
                } else {
                    line
                });
            }
            self.undelimited_until = end;
        }
        let end = self
            .at
            .saturating_add(RECORD_LENGTH)
            .min(self.undelimited_until);
        let line = self.line_until(end);
        Some(RawLine {
            blank: is_blank(line.bytes),
            ..line
        })
    }
}

pub(crate) fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Spaces, tabs, and the NUL and end-of-file bytes that mainframes and DOS leave at the end.
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | 0 | 0x1a))
}
