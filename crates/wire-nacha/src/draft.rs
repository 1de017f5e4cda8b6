//! A record being written: 94 positions, filled column by column.

use core::fmt;

use crate::column::{Column, Field, Fill, RECORD_LENGTH};

/// What is put into a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value<'v> {
    Number(u64),
    Text(&'v [u8]),
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(number)
    }
}

impl From<u8> for Value<'_> {
    fn from(number: u8) -> Self {
        Value::Number(u64::from(number))
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text.as_bytes())
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(text: &'v [u8]) -> Self {
        Value::Text(text)
    }
}

/// Copies a field as it stands: a dishonored return repeats the return's fields.
impl<'v> From<Field<'v>> for Value<'v> {
    fn from(field: Field<'v>) -> Self {
        Value::Text(field.bytes())
    }
}

/// Why a record could not be written. The first fault of a draft is kept; later ones would be about the same record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DraftFault {
    /// The value has more characters than the column; cutting would change what it says.
    TooLong {
        column: &'static str,
        width: usize,
        found: usize,
    },
    /// A numeric column was given something that is neither digits nor blank.
    NotDigits { column: &'static str },
    /// ACH files are ASCII without control characters.
    NotAscii { column: &'static str, byte: u8 },
    /// A record was put outside a batch, or is not one that goes there.
    OutOfPlace { found: u8 },
}

impl fmt::Display for DraftFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DraftFault::TooLong {
                column,
                width,
                found,
            } => {
                write!(f, "{column} has {width} positions, the value needs {found}")
            }
            DraftFault::NotDigits { column } => {
                write!(f, "{column} takes digits, the value has other characters")
            }
            DraftFault::NotAscii { column, byte } => {
                write!(f, "{column} takes printable ASCII, found byte {byte:#04x}")
            }
            DraftFault::OutOfPlace { found } => {
                write!(
                    f,
                    "expected an entry or addenda inside a batch, found record type {:?}",
                    char::from(*found)
                )
            }
        }
    }
}

impl core::error::Error for DraftFault {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Draft {
    line: [u8; RECORD_LENGTH],
    fault: Option<DraftFault>,
}

impl Draft {
    /// Numeric columns start as zeros, literals as themselves, all others blank.
    pub(crate) fn new(layout: &[Column]) -> Draft {
        let mut draft = Draft {
            line: [b' '; RECORD_LENGTH],
            fault: None,
        };
        for column in layout {
            match column.fill {
                Fill::Numeric => draft.put(*column, Value::Number(0)),
                Fill::Literal(text) => draft.put(*column, Value::Text(text.as_bytes())),
                Fill::Text | Fill::Right => {}
            }
        }
        draft
    }

    pub(crate) fn from_line(bytes: &[u8]) -> Draft {
        let mut draft = Draft {
            line: [b' '; RECORD_LENGTH],
            fault: None,
        };
        for (target, source) in draft.line.iter_mut().zip(bytes) {
            *target = *source;
        }
        draft
    }

    pub(crate) fn put(&mut self, column: Column, value: Value<'_>) {
        if let Err(fault) = self.try_put(column, value) {
            self.fault.get_or_insert(fault);
        }
    }

    fn try_put(&mut self, column: Column, value: Value<'_>) -> Result<(), DraftFault> {
        // 20 digits hold u64::MAX.
        let mut digits = [b'0'; 20];
        let text = match value {
            Value::Number(number) => digits_of(number, &mut digits),
            Value::Text(text) => text,
        };
        let name = column.name;
        if let Some(byte) = text.iter().find(|byte| !(b' '..=b'~').contains(byte)) {
            return Err(DraftFault::NotAscii {
                column: name,
                byte: *byte,
            });
        }
        let blank = text.iter().all(|byte| *byte == b' ');
        if column.fill == Fill::Numeric && !blank && !text.iter().all(u8::is_ascii_digit) {
            return Err(DraftFault::NotDigits { column: name });
        }
        let width = column.width();
        let Some(free) = width.checked_sub(text.len()) else {
            return Err(DraftFault::TooLong {
                column: name,
                width,
                found: text.len(),
            });
        };
        let (before, pad) = match column.fill {
            Fill::Numeric if !blank => (free, b'0'),
            Fill::Right => (free, b' '),
            Fill::Numeric | Fill::Text | Fill::Literal(_) => (0, b' '),
        };
        let start = usize::from(column.from).saturating_sub(1);
        let target = self.line.iter_mut().skip(start).take(width);
        for (position, byte) in target.enumerate() {
            *byte = position
                .checked_sub(before)
                .and_then(|at| text.get(at).copied())
                .unwrap_or(pad);
        }
        Ok(())
    }

    pub(crate) fn render(self) -> Result<[u8; RECORD_LENGTH], DraftFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.line),
        }
    }
}

fn digits_of(number: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut rest = number;
    let mut used: usize = 0;
    for slot in buffer.iter_mut().rev() {
        let digit = u8::try_from(rest % 10).expect("a remainder of ten is below ten");
        *slot = b'0'.saturating_add(digit);
        rest /= 10;
        used = used.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    buffer
        .get(buffer.len().saturating_sub(used)..)
        .unwrap_or_default()
}
