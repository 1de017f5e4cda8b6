//! Objects and the text they are written in (ISO 32000-2, 7.2 and 7.3).

/// Arrays and dictionaries inside each other. Page trees and outlines refer; they do not nest.
const DEPTH_MAX: u32 = 64;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    /// Whether true or false matters to nothing here.
    Bool,
    Number(i64),
    /// Its whole part: fractions matter to nothing here.
    Real(i64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Ref(u32),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dict(pub(super) Vec<(Vec<u8>, Object)>);

impl Dict {
    pub(super) fn find(&self, key: &str) -> Option<&Object> {
        let (_, value) = self.0.iter().find(|(name, _)| name == key.as_bytes())?;
        Some(value)
    }

    pub(super) fn names(&self, key: &str, name: &str) -> bool {
        matches!(self.find(key), Some(Object::Name(said)) if said == name.as_bytes())
    }
}

impl Object {
    pub(super) fn dict(&self) -> Option<&Dict> {
        match self {
            Object::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// A number that counts or places something.
    pub(super) fn size(&self) -> Option<usize> {
        match self {
            Object::Number(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// What a content stream is made of.
pub(super) enum Token<'a> {
    Operand(Object),
    Operator(&'a [u8]),
}

/// Reads objects one after another. `None` always means that what stands there is none.
pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Objects that may still be read.
    pub(super) budget: u64,
}

impl<'a> Lexer<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_white(&mut self) {
        let white = self.rest().iter().take_while(|byte| is_white(**byte));
        self.at += white.count();
    }

    /// White space and comments.
    pub(super) fn skip_space(&mut self) {
        self.skip_white();
        while self.peek() == Some(b'%') {
            self.at += self.line_length();
            self.skip_white();
        }
    }

    /// Bytes before the next end of line.
    pub(super) fn line_length(&self) -> usize {
        let line = self.rest().iter();
        line.take_while(|byte| !matches!(byte, b'\r' | b'\n'))
            .count()
    }

    /// Steps over `word` where it stands by itself.
    pub(super) fn word(&mut self, word: &[u8]) -> Option<()> {
        let ends = self
            .rest()
            .get(word.len())
            .is_none_or(|byte| !is_regular(*byte));
        if !self.rest().starts_with(word) || !ends {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// A run of digits without a sign.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let text = std::str::from_utf8(self.rest().get(..digits)?).ok()?;
        let number = text.parse().ok()?;
        self.at += digits;
        Some(number)
    }

    pub(super) fn object(&mut self) -> Option<Object> {
        self.nested(0)
    }

    /// The next operand or operator; nothing at the end, or where neither stands.
    pub(super) fn token(&mut self) -> Option<Token<'a>> {
        self.skip_space();
        let first = self.peek()?;
        if is_regular(first) && !matches!(first, b'+' | b'-' | b'.' | b'0'..=b'9') {
            let at = self.at;
            let length = self
                .rest()
                .iter()
                .take_while(|byte| is_regular(**byte))
                .count();
            if let Some(word) = self.rest().get(..length)
                && !matches!(word, b"true" | b"false" | b"null")
            {
                self.at = at + length;
                self.budget = self.budget.checked_sub(1)?;
                return Some(Token::Operator(word));
            }
        }
        self.object().map(Token::Operand)
    }

    fn nested(&mut self, depth: u32) -> Option<Object> {
        self.budget = self.budget.checked_sub(1)?;
        self.skip_space();
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::Text),
            b'<' if self.rest().starts_with(b"<<") => self.dict(depth).map(Object::Dict),
            b'<' => self.hexadecimal().map(Object::Text),
            b'[' => self.array(depth).map(Object::Array),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference(),
            b't' => self.word(b"true").map(|()| Object::Bool),
            b'f' => self.word(b"false").map(|()| Object::Bool),
            b'n' => self.word(b"null").map(|()| Object::Null),
            _ => None,
        }
    }

    fn array(&mut self, depth: u32) -> Option<Vec<Object>> {
        if depth >= DEPTH_MAX {
            return None;
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek()? == b']' {
                self.at += 1;
                return Some(items);
            }
            items.push(self.nested(depth + 1)?);
        }
    }

    /// A key that stands twice would be read by each program in its own way, so such a dictionary is none.
    fn dict(&mut self, depth: u32) -> Option<Dict> {
        if depth >= DEPTH_MAX {
            return None;
        }
        self.at += 2;
        let mut entries: Vec<(Vec<u8>, Object)> = Vec::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                break;
            }
            if self.peek()? != b'/' {
                return None;
            }
            let key = self.name()?;
            entries.push((key, self.nested(depth + 1)?));
        }
        let mut keys: Vec<&[u8]> = entries.iter().map(|(key, _)| key.as_slice()).collect();
        keys.sort_unstable();
        let twice = keys
            .windows(2)
            .any(|two| matches!(two, [one, other] if one == other));
        (!twice).then_some(Dict(entries))
    }

    /// With its escapes undone, so that no name hides behind them.
    fn name(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            let escaped = self
                .rest()
                .get(1..3)
                .and_then(|code| hex::decode(code).ok());
            match (byte, escaped.as_deref()) {
                (b'#', Some([byte])) => {
                    name.push(*byte);
                    self.at += 3;
                }
                _ => {
                    name.push(byte);
                    self.at += 1;
                }
            }
        }
        Some(name)
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let mut open = 0_u32;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => {
                    open += 1;
                    if open > 1 {
                        text.push(byte);
                    }
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(text);
                    }
                    text.push(byte);
                }
                b'\\' => text.extend(self.escaped()?),
                byte => text.push(byte),
            }
        }
    }

    /// What an escape in a literal string stands for; nothing for a line that goes on.
    fn escaped(&mut self) -> Option<Option<u8>> {
        let byte = self.peek()?;
        self.at += 1;
        Some(Some(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'\n' => return Some(None),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                return Some(None);
            }
            b'0'..=b'7' => {
                let mut number = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    number = number * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                // High-order overflow is ignored (7.3.4.2).
                u8::try_from(number & 0xFF).ok()?
            }
            byte => byte,
        }))
    }

    fn hexadecimal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut digits = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'>' => break,
                byte if is_white(byte) => {}
                byte => digits.push(byte),
            }
        }
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        hex::decode(digits).ok()
    }

    fn number_or_reference(&mut self) -> Option<Object> {
        let number = self.number()?;
        let Object::Number(first) = number else {
            return Some(number);
        };
        let behind = self.at;
        self.skip_space();
        let referred = self.unsigned().and_then(|_generation| {
            self.skip_space();
            self.word(b"R")
        });
        match (referred, u32::try_from(first)) {
            (Some(()), Ok(first)) => Some(Object::Ref(first)),
            (Some(()), Err(_)) => None,
            (None, _) => {
                self.at = behind;
                Some(number)
            }
        }
    }

    fn number(&mut self) -> Option<Object> {
        let length = self
            .rest()
            .iter()
            .take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9'))
            .count();
        let text = std::str::from_utf8(self.rest().get(..length)?).ok()?;
        self.at += length;
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let shaped = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !shaped(whole) || !shaped(fraction) {
            return None;
        }
        let number = if whole.is_empty() {
            0
        } else {
            whole.parse::<i64>().ok()?
        };
        Some(if digits.contains('.') {
            Object::Real(sign * number)
        } else {
            Object::Number(sign * number)
        })
    }
}

pub(super) fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_white(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}
