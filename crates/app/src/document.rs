//! One document as it came, with card numbers masked, and the place in it that a statement rests on.

use crate::shape::{At, Bytes};
use crate::{Desk, Error, ingest, redact, words};
use dispute::fact::Span;
use dispute::id::DocumentId;
use schemars::JsonSchema;
use serde::Serialize;
use store::{RejectRow, Store};

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
        let shown = window(&stored.document.body, mark);
        Ok(DocumentPage {
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
            bytes: stored.document.body.len(),
            marked: mark.map(Bytes),
            before: shown.before,
            mark: shown.mark,
            after: shown.after,
            cut: shown.cut,
            rejects: rejects.into_iter().map(reject).collect(),
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
    fn a_span_beyond_the_end_marks_what_there_is() {
        let shown = window(b"abc", Some(Span { from: 2, until: 99 }));
        assert_eq!((shown.before.as_str(), shown.mark.as_str()), ("ab", "c"));
    }
}
