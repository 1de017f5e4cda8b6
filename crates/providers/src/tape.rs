//! Where every value of a document stands, found in the one pass that also checks its syntax.
//!
//! It saves reading nested objects again and again. The syntax is that of RFC 8259, as serde_json holds it; a document that this
//! pass does not take is given to serde_json, which says what is the matter.

/// One value, or the key before one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) from: u32,
    pub(crate) until: u32,
    /// The entry after this one and all that is in it.
    pub(crate) next: u32,
}

/// The values of one document in order: an object's entry is followed by its keys and values in turn, an array's by its items.
#[derive(Debug, Default)]
pub struct Tape {
    pub(crate) entries: Vec<Entry>,
    open: Vec<Open>,
}

/// A container whose end is not reached yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    at: u32,
    object: bool,
}

/// Deeper documents are left to serde_json, so that a body of brackets costs no memory here. Providers nest ten deep.
const DEPTH_MAX: usize = 256;

impl Tape {
    /// A tape for one document, or for one after another.
    pub fn new() -> Tape {
        Tape::default()
    }

    /// Notes the values of `text`; `None` when this pass does not take it.
    pub(crate) fn note(&mut self, text: &str) -> Option<()> {
        self.entries.clear();
        self.open.clear();
        u32::try_from(text.len()).ok()?;
        self.entries.reserve(text.len() / 14);
        let mut scan = Scan {
            bytes: text.as_bytes(),
            at: 0,
        };
        scan.blanks();
        self.value(&mut scan)?;
        while let Some(open) = self.open.last().copied() {
            scan.blanks();
            let close = if open.object { b'}' } else { b']' };
            let first = self.entries.len() == usize::try_from(open.at).ok()? + 1;
            match scan.peek()? {
                byte if byte == close => {
                    scan.at += 1;
                    self.close(open, scan.at)?;
                    continue;
                }
                b',' if !first => {
                    scan.at += 1;
                    scan.blanks();
                }
                _ if first => {}
                _ => return None,
            }
            if open.object {
                self.key(&mut scan)?;
            }
            self.value(&mut scan)?;
        }
        scan.blanks();
        scan.peek().is_none().then_some(())
    }

    fn push(&mut self, from: usize, until: usize) -> Option<()> {
        let next = u32::try_from(self.entries.len() + 1).ok()?;
        let (from, until) = (u32::try_from(from).ok()?, u32::try_from(until).ok()?);
        self.entries.push(Entry { from, until, next });
        Some(())
    }

    fn close(&mut self, open: Open, until: usize) -> Option<()> {
        let next = u32::try_from(self.entries.len()).ok()?;
        let entry = self.entries.get_mut(usize::try_from(open.at).ok()?)?;
        entry.until = u32::try_from(until).ok()?;
        entry.next = next;
        self.open.pop();
        Some(())
    }

    /// A key and its colon, up to the value.
    fn key(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let from = scan.at;
        scan.string()?;
        self.push(from, scan.at)?;
        scan.blanks();
        scan.take(b':')?;
        scan.blanks();
        Some(())
    }

    /// A scalar whole, a container's opening.
    fn value(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let from = scan.at;
        match scan.peek()? {
            b'"' => scan.string()?,
            b'{' | b'[' => {
                if self.open.len() == DEPTH_MAX {
                    return None;
                }
                let at = u32::try_from(self.entries.len()).ok()?;
                self.open.push(Open {
                    at,
                    object: scan.peek()? == b'{',
                });
                scan.at += 1;
            }
            b't' => scan.word(b"true")?,
            b'f' => scan.word(b"false")?,
            b'n' => scan.word(b"null")?,
            _ => scan.number()?,
        }
        self.push(from, scan.at)
    }
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

/// Bytes that end a plain run inside a string: the quote, the backslash, control characters.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        set(&mut stops, byte);
        byte += 1;
    }
    set(&mut stops, 0x22);
    set(&mut stops, 0x5C);
    stops
};

#[allow(
    clippy::indexing_slicing,
    reason = "at compile time, within the table's 256"
)]
const fn set(stops: &mut [bool; 256], byte: usize) {
    stops[byte] = true;
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        self.at += rest
            .iter()
            .position(|byte| !blank(byte))
            .unwrap_or(rest.len());
    }

    fn word(&mut self, wanted: &[u8]) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(wanted).then(|| self.at += wanted.len())
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let stops = |byte: &u8| STOPS.get(usize::from(*byte)).copied().unwrap_or(true);
            let run = rest.iter().position(stops)?;
            self.at += run + 1;
            match rest.get(run)? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                let whole = digits.iter().all(u8::is_ascii_hexdigit);
                whole.then(|| self.at += 4)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let run = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += run;
        (run > 0).then_some(())
    }
}
