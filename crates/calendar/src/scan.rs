//! A cursor over ASCII text for the fixed forms of dates and times.

/// The rest of a text that has not been read yet. Every step either consumes what it names or
/// leaves the rest untouched.
#[derive(Clone, Copy)]
pub(crate) struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Scan<'a> {
        Scan {
            rest: text.as_bytes(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Consumes one byte if it is among `wanted`, and says which it was.
    pub(crate) fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        if !wanted.contains(first) {
            return None;
        }
        self.rest = rest;
        Some(*first)
    }

    /// Consumes exactly `count` ASCII digits. No sign and no spaces: `+1` and ` 1` are not two
    /// digits.
    pub(crate) fn digits(&mut self, count: usize) -> Option<i64> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        let mut value: i64 = 0;
        for byte in head {
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
        }
        self.rest = rest;
        Some(value)
    }
}
