//! The walk from the first byte to the last.

use super::object::{Dict, Lexer, Object, is_white};
use crate::bytes::{count, find};
use crate::inspect::Search;
use crate::kind::Kind;
use crate::refusal::Refusal;
use crate::verdict::Place;

/// Objects, names and numbers of one file, those inside arrays counted one by one.
pub(super) const TOKENS_MAX: u64 = 3_000_000;

/// Between objects stand the end marks and the four bytes that mark a file as binary; more could hide a script.
const COMMENT_BYTES_MAX: usize = 120;

/// An object that stands in the file by itself.
pub(super) struct Indirect<'a> {
    pub(super) number: u32,
    /// Where its number stands.
    pub(super) at: usize,
    pub(super) value: Object,
    /// As it stands in the file, encoded.
    pub(super) stream: Option<&'a [u8]>,
}

/// A cross-reference table with its trailer.
pub(super) struct Table {
    pub(super) at: usize,
    /// Number, and where it stands; `None` for a free one.
    pub(super) entries: Vec<(u32, Option<usize>)>,
    pub(super) trailer: Dict,
}

pub(super) struct Scan<'a> {
    pub(super) objects: Vec<Indirect<'a>>,
    pub(super) tables: Vec<Table>,
    /// Where the newest cross-reference section stands, as the file says at its end.
    pub(super) newest: usize,
    pub(super) budget: u64,
}

pub(super) fn scan<'a>(content: &'a [u8], search: &Search<'_>) -> Result<Scan<'a>, Refusal> {
    ends_with_its_mark(content, search)?;
    let mut lexer = Lexer {
        bytes: content,
        at: 0,
        budget: TOKENS_MAX,
    };
    let mut objects = Vec::new();
    let mut tables = Vec::new();
    let mut newest = None;
    loop {
        lexer.skip_white();
        let at = lexer.at;
        let Some(first) = lexer.peek() else { break };
        let read = match first {
            b'%' => comment(&mut lexer),
            b'0'..=b'9' => indirect(&mut lexer).map(|object| objects.push(object)),
            b'x' => table(&mut lexer).map(|table| tables.push(table)),
            b's' => start(&mut lexer).map(|at| newest = Some(at)),
            _ => None,
        };
        if read.is_none() {
            return Err(if lexer.budget == 0 {
                Refusal::bound(Kind::Pdf, "objects", TOKENS_MAX)
            } else {
                search.unreadable(at, "neither an object nor a cross-reference")
            });
        }
    }
    lengths_are_right(&objects)?;
    Ok(Scan {
        objects,
        tables,
        newest: newest.ok_or_else(|| search.unreadable(content.len(), "no cross-reference"))?,
        budget: lexer.budget,
    })
}

/// Nothing but white space behind the last end mark.
fn ends_with_its_mark(content: &[u8], search: &Search<'_>) -> Result<(), Refusal> {
    let mark = b"%%EOF";
    let last = content.windows(mark.len()).rposition(|five| five == mark);
    let Some(last) = last else {
        return Err(search.unreadable(content.len(), "no end mark"));
    };
    let after = content.get(last + mark.len()..).unwrap_or_default();
    if after.iter().all(|byte| is_white(*byte)) {
        Ok(())
    } else {
        let what = format!("{} bytes after its end", after.len());
        Err(Refusal::polyglot(Kind::Pdf, what))
    }
}

fn comment(lexer: &mut Lexer<'_>) -> Option<()> {
    // A second header would begin another file for whoever looks for it.
    if lexer.at > 0 && lexer.rest().starts_with(b"%PDF-") {
        return None;
    }
    let length = lexer.line_length();
    lexer.at += length;
    (length <= COMMENT_BYTES_MAX).then_some(())
}

fn indirect<'a>(lexer: &mut Lexer<'a>) -> Option<Indirect<'a>> {
    let at = lexer.at;
    let number = u32::try_from(lexer.unsigned()?).ok()?;
    lexer.skip_white();
    lexer.unsigned()?;
    lexer.skip_white();
    lexer.word(b"obj")?;
    let value = lexer.object()?;
    lexer.skip_space();
    let stream = match &value {
        Object::Dict(dict) if lexer.word(b"stream").is_some() => Some(stream(lexer, dict)?),
        _ => None,
    };
    lexer.skip_space();
    lexer.word(b"endobj")?;
    Some(Indirect {
        number,
        at,
        value,
        stream,
    })
}

/// The bytes of a stream, which end where its length says. A length that is written elsewhere is compared later.
fn stream<'a>(lexer: &mut Lexer<'a>, dict: &Dict) -> Option<&'a [u8]> {
    match lexer.rest() {
        [b'\r', b'\n', ..] => lexer.at += 2,
        [b'\n', ..] => lexer.at += 1,
        _ => return None,
    }
    let from = lexer.at;
    let until = match dict.find("Length")? {
        Object::Number(length) => from.checked_add(usize::try_from(*length).ok()?)?,
        Object::Ref(_) => find(lexer.bytes, b"endstream", from)?,
        _ => return None,
    };
    let bytes = lexer.bytes.get(from..until)?;
    lexer.at = until;
    lexer.skip_white();
    lexer.word(b"endstream")?;
    Some(bytes)
}

/// Streams whose length is written elsewhere end where it says, up to one end of line.
fn lengths_are_right(objects: &[Indirect<'_>]) -> Result<(), Refusal> {
    for object in objects {
        let (Some(stream), Object::Dict(dict)) = (object.stream, &object.value) else {
            continue;
        };
        let Some(Object::Ref(elsewhere)) = dict.find("Length") else {
            continue;
        };
        let fits = objects
            .iter()
            .filter(|other| other.number == *elsewhere)
            .filter_map(|other| other.value.size())
            .any(|length| stream.get(length..).is_some_and(is_end_of_line));
        if !fits {
            let place = Place::Object(object.number);
            return Err(Refusal::unreadable(
                Kind::Pdf,
                place,
                "a stream of another length",
            ));
        }
    }
    Ok(())
}

fn is_end_of_line(bytes: &[u8]) -> bool {
    matches!(bytes, b"" | b"\n" | b"\r" | b"\r\n")
}

fn table(lexer: &mut Lexer<'_>) -> Option<Table> {
    let at = lexer.at;
    lexer.word(b"xref")?;
    let mut entries = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.word(b"trailer").is_some() {
            break;
        }
        let first = lexer.unsigned()?;
        lexer.skip_white();
        let many = lexer.unsigned()?;
        for number in first..first.checked_add(many)? {
            lexer.budget = lexer.budget.checked_sub(1)?;
            entries.push(entry(lexer, u32::try_from(number).ok()?)?);
        }
    }
    let Object::Dict(trailer) = lexer.object()? else {
        return None;
    };
    Some(Table {
        at,
        entries,
        trailer,
    })
}

fn entry(lexer: &mut Lexer<'_>, number: u32) -> Option<(u32, Option<usize>)> {
    lexer.skip_white();
    let offset = usize::try_from(lexer.unsigned()?).ok()?;
    lexer.skip_white();
    lexer.unsigned()?;
    lexer.skip_white();
    match lexer.word(b"n") {
        Some(()) => Some((number, Some(offset))),
        None => lexer.word(b"f").map(|()| (number, None)),
    }
}

fn start(lexer: &mut Lexer<'_>) -> Option<usize> {
    lexer.word(b"startxref")?;
    lexer.skip_white();
    let at = lexer.unsigned()?;
    (at <= count(lexer.bytes.len())).then(|| usize::try_from(at).ok())?
}
