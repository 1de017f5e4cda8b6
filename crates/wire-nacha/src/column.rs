//! Columns, lines and fields: where a value sits in a record, and in the input.

use core::str;

use crate::number::parse_digits;

/// Every record is this long. Appendix Three: 94 characters, ten records to a block.
pub const RECORD_LENGTH: usize = 94;

/// A half-open range of bytes of the input that was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// What a writer puts into the positions a value does not cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// Right-justified, zeros before.
    Numeric,
    /// Left-justified, blanks after.
    Text,
    /// Right-justified, blanks before (routing numbers in the file header).
    Right,
    /// Always this text.
    Literal(&'static str),
}

/// Positions of one field, 1-based and inclusive on both sides, as the rule book counts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    pub name: &'static str,
    pub from: u8,
    pub until: u8,
    pub fill: Fill,
}

impl Column {
    /// In characters.
    pub fn width(self) -> usize {
        usize::from(self.until.saturating_sub(self.from)).saturating_add(1)
    }
}

/// How a line's positions are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Measure {
    Bytes,
    /// The line holds multi-byte UTF-8 and is 94 *characters* long: its writer counted characters, so columns do too.
    Characters,
}

/// The text of one record as it stands in the input, without its delimiter. It may be shorter than 94 (trailing blanks
/// trimmed by a transfer) or longer (trailing blanks added).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    bytes: &'a [u8],
    start: usize,
    measure: Measure,
}

impl<'a> Line<'a> {
    pub(crate) fn new(bytes: &'a [u8], start: usize, measure: Measure) -> Line<'a> {
        Line {
            bytes,
            start,
            measure,
        }
    }

    /// A line that is not part of a larger input, for reading a rendered record back.
    pub fn alone(bytes: &'a [u8]) -> Line<'a> {
        Line::new(bytes, 0, Measure::Bytes)
    }

    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub fn span(self) -> Span {
        Span {
            start: self.start,
            end: self.start.saturating_add(self.bytes.len()),
        }
    }

    /// Positions that a trimmed line does not have are simply absent from the field.
    #[inline]
    pub fn field(self, column: Column) -> Field<'a> {
        let (from, until) = match self.measure {
            Measure::Bytes => (
                usize::from(column.from).saturating_sub(1),
                usize::from(column.until),
            ),
            Measure::Characters => self.character_range(column),
        };
        let until = until.min(self.bytes.len());
        let from = from.min(until);
        Field {
            bytes: self.bytes.get(from..until).unwrap_or_default(),
            start: self.start.saturating_add(from),
            column,
        }
    }

    fn character_range(self, column: Column) -> (usize, usize) {
        let text = str::from_utf8(self.bytes).unwrap_or_default();
        let offset = |nth: usize| {
            text.char_indices()
                .nth(nth)
                .map_or(text.len(), |(offset, _)| offset)
        };
        (
            offset(usize::from(column.from).saturating_sub(1)),
            offset(usize::from(column.until)),
        )
    }
}

impl core::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{}: {:?}",
            self.start,
            alloc::string::String::from_utf8_lossy(self.bytes)
        )
    }
}

/// One field of one record: its bytes, untrimmed, and where they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field<'a> {
    bytes: &'a [u8],
    start: usize,
    column: Column,
}

impl<'a> Field<'a> {
    /// As they stand, blanks included.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    #[inline]
    pub fn column(self) -> Column {
        self.column
    }

    /// The bytes of the input that say this.
    pub fn span(self) -> Span {
        Span {
            start: self.start,
            end: self.start.saturating_add(self.bytes.len()),
        }
    }

    #[inline]
    pub fn is_blank(self) -> bool {
        self.bytes.iter().all(|byte| *byte == b' ')
    }

    /// Without the blanks on either side.
    pub fn trimmed(self) -> &'a [u8] {
        self.bytes.trim_ascii()
    }

    /// Trimmed text; `None` when the bytes are not UTF-8 (Latin-1 names do occur: use [`Field::trimmed`]).
    pub fn text(self) -> Option<&'a str> {
        str::from_utf8(self.trimmed()).ok()
    }

    /// The digits' value, blanks on either side ignored. `None` when blank, when anything but a digit is in it, or when
    /// it is above `u64::MAX` (only the 20-digit totals of ADV records can be).
    #[inline]
    pub fn number(self) -> Option<u64> {
        parse_digits(self.bytes)
    }

    /// `(year, month, day)` of a YYMMDD field, years 00-99 being 2000-2099; `None` unless it is a day of the calendar.
    pub fn date(self) -> Option<(u16, u8, u8)> {
        crate::number::parse_date(self.bytes)
    }

    /// `(hour, minute)` of an HHMM field.
    pub fn time(self) -> Option<(u8, u8)> {
        crate::number::parse_time(self.bytes)
    }

    /// Day of the year of a settlement field, 1-366; `None` when blank, zero or out of range.
    pub fn day_of_year(self) -> Option<u16> {
        self.number()
            .and_then(|day| u16::try_from(day).ok())
            .filter(|day| (1..=366).contains(day))
    }
}
