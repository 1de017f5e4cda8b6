//! Undoing a stream's filters (ISO 32000-2, 7.4): those that text and structure use. Pictures stay as they are.

use super::object::{Dict, Object, is_white};
use crate::inspect::Search;
use crate::refusal::Refusal;
use crate::verdict::Place;

/// Filters of one stream in a row; writers use one, printers' drivers two.
const FILTERS_MAX: usize = 4;

/// What the stream holds. `deref` follows a reference.
pub(super) fn decoded<'o>(
    number: u32,
    dict: &'o Dict,
    stream: &[u8],
    deref: impl Fn(&'o Object) -> &'o Object,
    search: &mut Search<'_>,
) -> Result<Vec<u8>, Refusal> {
    let place = Place::Object(number);
    let kind = search.kind;
    let refuse = |what: &str| Refusal::unreadable(kind, Place::Object(number), what);
    let list = |key: &str, short: &str| -> Vec<&'o Object> {
        match dict.find(key).or_else(|| dict.find(short)).map(&deref) {
            None => Vec::new(),
            Some(Object::Array(items)) => items.iter().map(&deref).collect(),
            Some(one) => vec![one],
        }
    };
    let (filters, parameters) = (list("Filter", "F"), list("DecodeParms", "DP"));
    if filters.len() > FILTERS_MAX {
        return Err(refuse("filters one after another without end"));
    }
    let mut bytes = stream.to_vec();
    for (index, filter) in filters.into_iter().enumerate() {
        let Object::Name(name) = filter else {
            return Err(refuse("a filter without a name"));
        };
        bytes = match name.as_slice() {
            b"FlateDecode" | b"Fl" => {
                let inflated = search.inflate(&bytes, &place)?;
                let parameters = parameters.get(index).and_then(|object| object.dict());
                unpredicted(inflated, parameters)
                    .ok_or_else(|| refuse("a predictor that is not read"))?
            }
            b"ASCIIHexDecode" | b"AHx" => {
                hexadecimal(&bytes).ok_or_else(|| refuse("hexadecimal text is damaged"))?
            }
            b"ASCII85Decode" | b"A85" => {
                base85(&bytes).ok_or_else(|| refuse("base-85 text is damaged"))?
            }
            b"Crypt" => return Err(Refusal::Encrypted),
            _ => return Err(refuse("a filter that is not read")),
        };
    }
    Ok(bytes)
}

/// Undoes PNG's row filters, which cross-reference streams use; another predictor is not read.
fn unpredicted(bytes: Vec<u8>, parameters: Option<&Dict>) -> Option<Vec<u8>> {
    let number = |key: &str, otherwise: usize| match parameters.and_then(|dict| dict.find(key)) {
        None => Some(otherwise),
        Some(said) => said.size(),
    };
    match number("Predictor", 1)? {
        1 => return Some(bytes),
        10..=15 => {}
        _ => return None,
    }
    let bits = number("Colors", 1)?.checked_mul(number("BitsPerComponent", 8)?)?;
    let step = bits.div_ceil(8).max(1);
    let width = bits.checked_mul(number("Columns", 1)?)?.div_ceil(8);
    // A row longer than all there is would be a bomb of zeros.
    if width == 0 || width > bytes.len() {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut above = vec![0_u8; width];
    for row in bytes.chunks(width + 1) {
        let (filter, row) = row.split_first()?;
        let mut this: Vec<u8> = Vec::with_capacity(width);
        for (index, byte) in row.iter().enumerate() {
            let left = index
                .checked_sub(step)
                .and_then(|at| this.get(at))
                .copied()
                .unwrap_or(0);
            let up = above.get(index).copied().unwrap_or(0);
            let corner = index
                .checked_sub(step)
                .and_then(|at| above.get(at))
                .copied()
                .unwrap_or(0);
            this.push(byte.wrapping_add(match filter {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).ok()?,
                4 => paeth(left, up, corner),
                _ => return None,
            }));
        }
        out.extend_from_slice(&this);
        above = this;
    }
    Some(out)
}

/// The neighbour nearest to left + up - corner (PNG, 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |from: u8| (guess - i16::from(from)).abs();
    if far(left) <= far(up) && far(left) <= far(corner) {
        left
    } else if far(up) <= far(corner) {
        up
    } else {
        corner
    }
}

fn hexadecimal(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !is_white(*byte))
        .take_while(|byte| *byte != b'>')
        .collect();
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
    hex::decode(digits).ok()
}

fn base85(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut group: Vec<u32> = Vec::new();
    for byte in bytes.iter().filter(|byte| !is_white(**byte)) {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => return None,
        }
        if group.len() == 5 {
            out.extend(number85(&group)?.to_be_bytes());
            group.clear();
        }
    }
    // A group that is not full stands for one byte less than it has characters.
    match group.len() {
        0 => {}
        1 => return None,
        short => {
            group.resize(5, 84);
            out.extend(number85(&group)?.to_be_bytes().iter().take(short - 1));
        }
    }
    Some(out)
}

fn number85(group: &[u32]) -> Option<u32> {
    group.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(85)?.checked_add(*digit)
    })
}
