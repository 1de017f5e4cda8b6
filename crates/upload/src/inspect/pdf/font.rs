//! What the codes of a font mean (ISO 32000-2, 9.10.2), as far as digits need it.

use std::collections::BTreeMap;

use super::document::Document;
use super::filter;
use super::object::{Dict, Lexer, Object, Token};
use crate::inspect::Search;
use crate::refusal::Refusal;

/// Codes of one font: two bytes have 65,536.
const CODES_MAX: usize = 65_536;

/// Digits of the Latin glyph names.
const DIGIT_NAMES: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// Glyphs of TrueType fonts made for Windows follow ASCII at this distance: the digit 0 is glyph 19.
const GLYPH_DISTANCE: u32 = 29;

pub(super) struct Font {
    /// Codes of two bytes.
    wide: bool,
    characters: BTreeMap<u32, String>,
    /// Nobody says what its codes mean; they are guessed.
    pub(super) guessed: bool,
}

/// Fonts by the names that content uses.
pub(super) struct Fonts(BTreeMap<Vec<u8>, Font>);

impl Fonts {
    pub(super) fn of(
        document: &Document<'_>,
        resources: Option<&Dict>,
        search: &mut Search<'_>,
    ) -> Result<Fonts, Refusal> {
        let named = resources
            .and_then(|resources| document.value(resources, "Font"))
            .and_then(Object::dict);
        let mut fonts = BTreeMap::new();
        for (name, font) in named.iter().flat_map(|named| &named.0) {
            if let Some(dict) = document.deref(font).dict() {
                fonts.insert(name.clone(), Font::read(document, dict, search)?);
            }
        }
        Ok(Fonts(fonts))
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<&Font> {
        self.0.get(name)
    }
}

impl Font {
    fn read(
        document: &Document<'_>,
        dict: &Dict,
        search: &mut Search<'_>,
    ) -> Result<Font, Refusal> {
        let wide = dict.names("Subtype", "Type0");
        let mut characters = BTreeMap::new();
        let encoding = document.value(dict, "Encoding");
        if let Some(Object::Array(differences)) = encoding
            .and_then(Object::dict)
            .and_then(|encoding| document.value(encoding, "Differences"))
        {
            different(differences, &mut characters);
        }
        let mut guessed = wide;
        if let Some(Object::Ref(number)) = dict.find("ToUnicode")
            && let Some((Object::Dict(map), Some(stream))) = document.find(*number)
        {
            let map = filter::decoded(
                *number,
                map,
                stream,
                |object| document.deref(object),
                search,
            )?;
            characters.extend(unicode(&map));
            guessed = false;
        }
        Ok(Font {
            wide,
            characters,
            guessed,
        })
    }

    pub(super) fn text(&self, codes: &[u8]) -> String {
        let codes: Vec<u32> = if self.wide {
            codes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|two| u32::from(u16::from_be_bytes(*two)))
                .collect()
        } else {
            codes.iter().map(|code| u32::from(*code)).collect()
        };
        let mut text = String::new();
        for code in codes {
            match self.characters.get(&code) {
                Some(said) => text.push_str(said),
                None => {
                    let code = if self.guessed {
                        code + GLYPH_DISTANCE
                    } else {
                        code
                    };
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
        }
        text
    }
}

/// `[48 /zero /one ...]`: names from a code on (9.6.5.1).
fn different(differences: &[Object], characters: &mut BTreeMap<u32, String>) {
    let mut code = 0_u32;
    for item in differences {
        match item {
            Object::Number(number) => code = u32::try_from(*number).unwrap_or(0),
            Object::Name(name) => {
                let digit = DIGIT_NAMES
                    .iter()
                    .position(|digit| digit.as_bytes() == name);
                // Another name is no digit, and must not read as the one that its code would be.
                let text = digit.map_or("?".to_owned(), |digit| digit.to_string());
                characters.insert(code, text);
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}

/// The `bfchar` and `bfrange` of a character map. What does not read ends it: codes that it lacks read as themselves.
fn unicode(map: &[u8]) -> BTreeMap<u32, String> {
    let mut lexer = Lexer {
        bytes: map,
        at: 0,
        budget: 1_000_000,
    };
    let mut found = BTreeMap::new();
    let mut held: Vec<Object> = Vec::new();
    while let Some(token) = lexer.token() {
        match token {
            Token::Operand(operand) => held.push(operand),
            Token::Operator(b"endbfchar") => {
                for pair in held.chunks_exact(2) {
                    if let [Object::Text(code), Object::Text(said)] = pair
                        && found.len() < CODES_MAX
                    {
                        found.insert(number(code), utf16(said));
                    }
                }
                held.clear();
            }
            Token::Operator(b"endbfrange") => {
                for three in held.chunks_exact(3) {
                    range(three, &mut found);
                }
                held.clear();
            }
            Token::Operator(_) => held.clear(),
        }
    }
    found
}

fn range(three: &[Object], found: &mut BTreeMap<u32, String>) {
    let [Object::Text(first), Object::Text(last), to] = three else {
        return;
    };
    let codes = number(first)..=number(last);
    match to {
        Object::Array(items) => {
            for (code, item) in codes.zip(items) {
                if let Object::Text(said) = item {
                    found.insert(code, utf16(said));
                }
            }
        }
        Object::Text(said) => {
            let start = number(said);
            for (code, distance) in codes.zip(0..) {
                if found.len() >= CODES_MAX {
                    return;
                }
                let said = start.checked_add(distance).and_then(char::from_u32);
                found.insert(code, said.map(String::from).unwrap_or_default());
            }
        }
        _ => {}
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number: u32, byte| (number << 8) | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|two| u16::from_be_bytes(*two))
        .collect();
    String::from_utf16_lossy(&units)
}
