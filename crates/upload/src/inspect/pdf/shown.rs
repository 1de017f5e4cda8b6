//! The text that a content stream shows (ISO 32000-2, 9.4), in the order of the stream.

use super::font::{Font, Fonts};
use super::object::{Lexer, Object, Token, is_white};
use crate::bytes::find;

/// A gap inside `TJ`, in thousandths of the font's size, from which on it looks like a space.
const SPACE: i64 = -180;

/// Operands before one operator; the longest array counts as one.
const OPERANDS_MAX: usize = 512;

pub(super) struct Shown {
    /// What is shown, and what stands in properties beside it.
    pub(super) texts: Vec<String>,
    /// Names of the forms and pictures it paints.
    pub(super) forms: Vec<String>,
    /// Some of it was shown in a font whose codes nobody explains.
    pub(super) unread: bool,
}

struct Reader<'f> {
    fonts: &'f Fonts,
    font: Option<&'f Font>,
    line: String,
    beside: String,
    /// The place moved since the last text.
    moved: bool,
    /// The last text was one character: then so may be the next of the same number.
    single: bool,
    forms: Vec<String>,
    unread: bool,
}

/// Nothing where the stream does not read to its end as content.
pub(super) fn shown(content: &[u8], fonts: &Fonts, budget: &mut u64) -> Option<Shown> {
    let mut lexer = Lexer {
        bytes: content,
        at: 0,
        budget: *budget,
    };
    let mut reader = Reader {
        fonts,
        font: None,
        line: String::new(),
        beside: String::new(),
        moved: false,
        single: false,
        forms: Vec::new(),
        unread: false,
    };
    let mut operands = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.peek().is_none() {
            break;
        }
        match lexer.token()? {
            Token::Operand(operand) => {
                operands.push(operand);
                if operands.len() > OPERANDS_MAX {
                    return None;
                }
            }
            Token::Operator(b"ID") => {
                operands.clear();
                inline_picture(&mut lexer)?;
            }
            Token::Operator(operator) => {
                reader.operate(operator, &operands);
                operands.clear();
            }
        }
    }
    *budget = lexer.budget;
    Some(Shown {
        texts: vec![reader.line, reader.beside],
        forms: reader.forms,
        unread: reader.unread,
    })
}

/// Skips the bytes of a picture: they end with `EI` by itself.
fn inline_picture(lexer: &mut Lexer<'_>) -> Option<()> {
    loop {
        lexer.at = find(lexer.bytes, b"EI", lexer.at)?;
        let before = lexer.at.checked_sub(1).and_then(|at| lexer.bytes.get(at));
        let after = lexer.bytes.get(lexer.at + 2);
        lexer.at += 2;
        if before.is_some_and(|byte| is_white(*byte)) && after.is_none_or(|byte| is_white(*byte)) {
            return Some(());
        }
    }
}

impl Reader<'_> {
    fn operate(&mut self, operator: &[u8], operands: &[Object]) {
        match (operator, operands) {
            (b"Tf", [Object::Name(name), _]) => self.font = self.fonts.find(name),
            (b"Tj", [Object::Text(codes)]) => self.show(codes),
            (b"'", [Object::Text(codes)]) | (b"\"", [_, _, Object::Text(codes)]) => {
                self.moved = true;
                self.show(codes);
            }
            (b"TJ", [Object::Array(items)]) => self.show_spaced(items),
            (b"Td" | b"TD" | b"Tm" | b"T*" | b"BT" | b"ET", _) => self.moved = true,
            (b"Do", [Object::Name(name)]) => {
                self.forms.push(String::from_utf8_lossy(name).into_owned());
                self.moved = true;
            }
            _ => operands.iter().for_each(|operand| self.note(operand)),
        }
    }

    fn show_spaced(&mut self, items: &[Object]) {
        for item in items {
            match item {
                Object::Text(codes) => self.show(codes),
                Object::Number(gap) | Object::Real(gap) if *gap <= SPACE => self.line.push(' '),
                _ => {}
            }
        }
    }

    fn show(&mut self, codes: &[u8]) {
        let text = match self.font {
            Some(font) => {
                self.unread |= font.guessed && !codes.is_empty();
                font.text(codes)
            }
            None => codes.iter().copied().map(char::from).collect(),
        };
        let single = text.trim().chars().count() <= 1;
        if self.moved && !(single && self.single) {
            self.line.push('\n');
        }
        self.line.push_str(&text);
        self.moved = false;
        self.single = single;
    }

    /// Text in properties, such as what a reader aloud says in place of what is shown.
    fn note(&mut self, operand: &Object) {
        match operand {
            Object::Text(bytes) => {
                self.beside.push_str(&super::active::characters(bytes));
                self.beside.push('\n');
            }
            Object::Dict(dict) => dict.0.iter().for_each(|(_, value)| self.note(value)),
            Object::Array(items) => items.iter().for_each(|item| self.note(item)),
            _ => {}
        }
    }
}
