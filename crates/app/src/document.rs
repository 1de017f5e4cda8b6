//! One document as it came, with card numbers masked, and the place in it that a statement rests on.

use crate::shape::{At, Bytes};
use crate::{Desk, Error, ingest, redact, words};
use dispute::fact::Span;
use dispute::id::DocumentId;
use engine::{Opened, gunzip};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use store::{RejectRow, Store, StoredDocument};

/// How many characters are shown before and after the marked place, or from the start where nothing is marked.
const AROUND: usize = 6_000;

/// A document for showing.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DocumentPage {
    pub document: String,
    pub provider: String,
    pub account: String,
    pub sequence: u64,
    pub way: &'static str,
    pub name: String,
    pub form: String,
    pub received_at: At,
    pub arrivals: u32,
    pub verdict: String,
    pub verdict_detail: String,
    pub fate: &'static str,
    pub trouble: String,
    /// How many bytes it has.
    pub bytes: usize,
    pub marked: Option<Bytes>,
    pub before: String,
    pub mark: String,
    pub after: String,
    /// Whether something before or after is left out.
    pub cut: bool,
    pub rejects: Vec<RejectLine>,
}

/// A document with all that a person looks at it for.
#[derive(Clone, Debug)]
pub struct Whole {
    pub page: DocumentPage,
    /// It came packed, and its bytes are shown unpacked.
    pub packed: bool,
    /// What it says, as this program reads it now.
    pub statements: Vec<Statement>,
    /// There are more statements than are listed.
    pub more_statements: bool,
    /// The bytes around the marked place, where they were asked for.
    pub dump: Option<Dump>,
}

/// One statement of a document.
#[derive(Clone, Debug)]
pub struct Statement {
    pub text: String,
    pub span: Bytes,
    /// The case that it is about, where it names one.
    pub case: Option<String>,
}

/// A stretch of bytes, sixteen a row.
#[derive(Clone, Debug)]
pub struct Dump {
    pub rows: Vec<DumpRow>,
    /// Where the stretch before and the one after begin.
    pub before: Option<usize>,
    pub after: Option<usize>,
}

/// Sixteen bytes, card numbers masked, each with whether it is marked.
#[derive(Clone, Debug)]
pub struct DumpRow {
    pub offset: usize,
    pub bytes: Vec<(u8, bool)>,
}

/// How a document is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub mark: Option<Span>,
    /// Where a stretch of bytes begins, beside the text; `None`: no bytes are asked for.
    pub bytes_from: Option<usize>,
}

/// Statements that a page lists: a report has thousands, and each has its place in the text.
const STATEMENTS: usize = 200;
/// Rows of a stretch of bytes, and bytes of a row.
const ROWS: usize = 64;
const WIDTH: usize = 16;

/// What could not be read of it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RejectLine {
    pub span: Bytes,
    pub code: String,
    pub name: String,
    pub detail: String,
    pub hint: String,
}

impl Desk {
    /// The document of this id, with a span of it marked.
    ///
    /// # Errors
    /// [`Error::NoSuchDocument`] when there is none, and when the store fails.
    pub fn document_page(&mut self, id: &str, mark: Option<Span>) -> Result<DocumentPage, Error> {
        let look = Look {
            mark,
            bytes_from: None,
        };
        Ok(self.document_whole(id, look)?.page)
    }

    /// The same with what it says, and its bytes.
    ///
    /// # Errors
    /// As for [`Desk::document_page`].
    pub fn document_whole(&mut self, id: &str, look: Look) -> Result<Whole, Error> {
        let missing = || Error::NoSuchDocument { id: id.to_owned() };
        let parsed = DocumentId::parse(id).ok_or_else(missing)?;
        let stored = self
            .engine
            .store
            .document(&parsed)
            .map_err(Error::store("reading a document"))?
            .ok_or_else(missing)?;
        let rejects = self
            .engine
            .store
            .rejects(&parsed)
            .map_err(Error::store("reading rejects"))?;
        let packed = gunzip::is_packed(&stored.document.body);
        let raw = stored.document.body.as_slice();
        let body = gunzip::unpacked(raw).unwrap_or(Cow::Borrowed(raw));
        let shown = window(&body, look.mark);
        let dump = look.bytes_from.map(|from| dump(&body, from, look.mark));
        let (statements, more_statements) = statements(&stored);
        let bytes = body.len();
        let page = DocumentPage {
            document: stored.id.to_string(),
            provider: stored.document.scope.provider,
            account: stored.document.scope.account,
            sequence: stored.sequence,
            way: words::way(stored.document.way),
            name: stored.document.name,
            form: stored.form,
            received_at: stored.document.received_at.into(),
            arrivals: stored.arrivals,
            verdict: stored.document.verdict,
            verdict_detail: stored.document.verdict_detail,
            fate: ingest::fate_name(stored.fate),
            trouble: redact::pans(&stored.trouble),
            bytes,
            marked: look.mark.map(Bytes),
            before: shown.before,
            mark: shown.mark,
            after: shown.after,
            cut: shown.cut,
            rejects: rejects.into_iter().map(reject).collect(),
        };
        Ok(Whole {
            page,
            packed,
            statements,
            more_statements,
            dump,
        })
    }
}

impl Desk {
    /// The document of this id as it came, byte for byte, with its name.
    ///
    /// # Errors
    /// As for [`Desk::document_page`].
    pub fn document_bytes(&mut self, id: &str) -> Result<(String, Vec<u8>), Error> {
        let missing = || Error::NoSuchDocument { id: id.to_owned() };
        let parsed = DocumentId::parse(id).ok_or_else(missing)?;
        let stored = self
            .engine
            .store
            .document(&parsed)
            .map_err(Error::store("reading a document"))?
            .ok_or_else(missing)?;
        Ok((stored.document.name, stored.document.body))
    }
}

fn reject(row: RejectRow) -> RejectLine {
    RejectLine {
        span: row.span.into(),
        code: row.code,
        name: row.name,
        detail: redact::pans(&row.detail),
        hint: row.hint,
    }
}

/// What the document says, read again from its bytes.
fn statements(stored: &StoredDocument) -> (Vec<Statement>, bool) {
    let Opened::Decoded(decoded) = engine::open(providers::list::ALL, stored) else {
        return (Vec::new(), false);
    };
    let more = decoded.facts.len() > STATEMENTS;
    let statement = |located: &adapter::Located| Statement {
        text: words::sentence(&located.fact.said),
        span: located.span.into(),
        case: located.fact.case().map(|case| case.to_string()),
    };
    let facts = decoded.facts.iter().take(STATEMENTS);
    (facts.map(statement).collect(), more)
}

/// A stretch of bytes from the row that holds this one. Masked as a whole first: every byte stands for one character, so
/// that places stay.
fn dump(body: &[u8], from: usize, mark: Option<Span>) -> Dump {
    let text: String = body.iter().copied().map(char::from).collect();
    let masked = redact::pans(&text);
    let masked: Vec<u8> = masked
        .chars()
        .map(|character| u8::try_from(character).unwrap_or(b'*'))
        .collect();
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let marked = mark.map(|span| place(span.from)..place(span.until));
    let first = (from.min(body.len().saturating_sub(1)) / WIDTH).saturating_mul(WIDTH);
    let end = first.saturating_add(ROWS * WIDTH);
    let rows = (first..end.min(masked.len())).step_by(WIDTH).map(|offset| {
        let cells = (offset..).zip(masked.iter().skip(offset)).take(WIDTH);
        DumpRow {
            offset,
            bytes: cells
                .map(|(at, byte)| {
                    (
                        *byte,
                        marked.as_ref().is_some_and(|span| span.contains(&at)),
                    )
                })
                .collect(),
        }
    });
    Dump {
        rows: rows.collect(),
        before: (first > 0).then(|| first.saturating_sub(ROWS * WIDTH)),
        after: Some(end).filter(|end| *end < masked.len()),
    }
}

struct Window {
    before: String,
    mark: String,
    after: String,
    cut: bool,
}

/// The text around a span. The whole is masked before it is cut, so that no cut lets half a card number by; masking keeps the
/// number of characters, so places are counted in characters.
fn window(body: &[u8], mark: Option<Span>) -> Window {
    let place = |offset: u32| {
        usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(body.len())
    };
    let (from, until) = mark.map_or((0, 0), |span| (place(span.from), place(span.until)));
    let until = until.max(from);
    let part = |range: std::ops::Range<usize>| {
        String::from_utf8_lossy(body.get(range).unwrap_or_default()).into_owned()
    };
    let parts = [part(0..from), part(from..until), part(until..body.len())];
    let counts = parts.each_ref().map(|part| part.chars().count());
    let masked: Vec<char> = redact::pans(&parts.concat()).chars().collect();
    let [ahead, marked, _] = counts;
    let skipped = ahead.saturating_sub(AROUND);
    let text =
        |from: usize, most: usize| -> String { masked.iter().skip(from).take(most).collect() };
    let behind = masked.len().saturating_sub(ahead + marked);
    Window {
        before: text(skipped, ahead - skipped),
        mark: text(ahead, marked),
        after: text(ahead + marked, AROUND),
        cut: skipped > 0 || behind > AROUND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_marked_in_text_of_any_width() {
        let body = "caf\u{e9} {\"id\":1} end".as_bytes();
        let shown = window(body, Some(Span { from: 6, until: 14 }));
        assert_eq!(shown.before, "caf\u{e9} ");
        assert_eq!(shown.mark, "{\"id\":1}");
        assert_eq!(shown.after, " end");
        assert!(!shown.cut);
    }

    #[test]
    fn a_card_number_across_the_edge_of_the_mark_is_masked() {
        let body = b"pan 4242424242424242 end";
        let shown = window(body, Some(Span { from: 8, until: 12 }));
        let whole = format!("{}{}{}", shown.before, shown.mark, shown.after);
        assert_eq!(whole, "pan ************4242 end");
    }

    #[test]
    fn bytes_are_masked_marked_and_paged() {
        let mut body = vec![0xff; 1_030];
        body.extend(b"pan 4242424242424242 end");
        let span = Span {
            from: 1_034,
            until: 1_050,
        };
        let shown = dump(&body, 1_034, Some(span));
        assert_eq!(shown.rows[0].offset, 1_024);
        let all: Vec<(u8, bool)> = shown
            .rows
            .iter()
            .flat_map(|row| row.bytes.clone())
            .collect();
        let marked: Vec<u8> = all
            .iter()
            .filter(|(_, on)| *on)
            .map(|(byte, _)| *byte)
            .collect();
        assert_eq!(marked, b"************4242");
        assert_eq!((shown.before, shown.after), (Some(0), None));
        let first = dump(&body, 0, None);
        assert_eq!(first.rows.len(), ROWS);
        assert_eq!((first.before, first.after), (None, Some(1_024)));
        assert!(dump(b"", 5, None).rows.is_empty());
    }

    #[test]
    fn a_span_beyond_the_end_marks_what_there_is() {
        let shown = window(b"abc", Some(Span { from: 2, until: 99 }));
        assert_eq!((shown.before.as_str(), shown.mark.as_str()), ("ab", "c"));
    }
}
