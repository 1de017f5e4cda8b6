//! Why is a value what it is? The statements that made it, with the very bytes that say them, and the rules.

mod ground;
pub(crate) mod rule;

use crate::shape::{At, Bytes};
use crate::{Desk, Error, ingest, redact, words};
use dispute::fact::Span;
use dispute::text;
use dispute::view;
use engine::command::Opened;
use engine::gunzip;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Store, StoredDocument, StoredFact};

pub use rule::RuleView;

/// How many characters of a document one statement shows. A statement's own bytes are far fewer; only one that rests on a
/// whole object or report has more, and the document itself is a command away.
const EXCERPT_CHARACTERS: usize = 2_000;

/// The answer.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Why {
    pub case: String,
    pub dispute: String,
    pub field: String,
    /// The field's value, or values by their full names; empty when nothing gives it one.
    pub values: Vec<ValueView>,
    /// What was said, in order of when it was true.
    pub statements: Vec<StatementView>,
    pub rules: Vec<RuleView>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ValueView {
    /// The full name, such as `withdrawn.USD`.
    pub name: String,
    pub value: String,
}

/// A statement and the bytes that say it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct StatementView {
    pub fact: String,
    /// The canonical line.
    pub line: String,
    /// The same in a sentence.
    pub text: String,
    pub at: At,
    pub known_at: At,
    pub by: &'static str,
    pub authority: &'static str,
    pub document: Option<DocumentView>,
    pub span: Bytes,
    /// The bytes of the span as text, card numbers masked, cut when long.
    pub bytes: String,
    pub cut: bool,
}

/// The document that a statement stands in.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DocumentView {
    pub document: String,
    /// Order of arrival on this desk.
    pub sequence: u64,
    pub way: &'static str,
    pub name: String,
    pub form: String,
    /// It came gzip-packed: the bytes and spans shown are of what was in it.
    pub packed: bool,
    pub received_at: At,
    /// How often the same content arrived.
    pub arrivals: u32,
    /// What the signature check found.
    pub verdict: String,
    pub verdict_detail: String,
    pub fate: &'static str,
}

impl Desk {
    /// Why this field of this case has its value.
    pub fn why(&mut self, name: &str, field: &str) -> Result<Why, Error> {
        let opened = self.case(name)?;
        let field = field.trim().replace('-', "_");
        let values = values(&opened, &field);
        let ground = ground::ground(&opened, &field);
        if values.is_empty() && ground.is_none() {
            return Err(Error::NoSuchField {
                field,
                fields: ground::fields(&opened),
            });
        }
        let ground = ground.unwrap_or_default();
        let mut documents = BTreeMap::new();
        let mut statements = Vec::new();
        for row in opened
            .facts
            .iter()
            .filter(|row| ground.facts.contains(&row.id))
        {
            statements.push(self.statement(row, &mut documents)?);
        }
        statements.sort_by_key(|statement: &StatementView| {
            (statement.at, statement.known_at, statement.fact.clone())
        });
        Ok(Why {
            case: opened.case.id.to_string(),
            dispute: opened.case.dispute.clone(),
            field,
            values,
            statements,
            rules: ground.rules.iter().map(|name| rule::view(name)).collect(),
        })
    }

    fn statement(
        &mut self,
        row: &StoredFact,
        documents: &mut BTreeMap<String, StoredDocument>,
    ) -> Result<StatementView, Error> {
        let id = row.document.to_string();
        if !documents.contains_key(&id) {
            let stored = self.engine.store.document(&row.document);
            if let Some(stored) = stored.map_err(Error::store("reading a document"))? {
                documents.insert(id.clone(), stored);
            }
        }
        let stored = documents.get(&id);
        let (bytes, cut) = stored
            .map(|stored| excerpt(stored, row.span))
            .unwrap_or_default();
        Ok(StatementView {
            fact: row.id.to_string(),
            line: redact::pans(&text::render(&row.fact)),
            text: words::sentence(&row.fact.said),
            at: row.fact.true_at.into(),
            known_at: row.known_at.into(),
            by: row.fact.by.name(),
            authority: row.fact.authority.name(),
            document: stored.map(document),
            span: row.span.into(),
            bytes,
            cut,
        })
    }
}

fn document(stored: &StoredDocument) -> DocumentView {
    DocumentView {
        document: stored.id.to_string(),
        sequence: stored.sequence,
        way: words::way(stored.document.way),
        name: stored.document.name.clone(),
        form: stored.form.clone(),
        packed: gunzip::is_packed(&stored.document.body),
        received_at: stored.document.received_at.into(),
        arrivals: stored.arrivals,
        verdict: stored.document.verdict.clone(),
        verdict_detail: stored.document.verdict_detail.clone(),
        fate: ingest::fate_name(stored.fate),
    }
}

/// The bytes of a span as text. The whole span is masked before it is cut, so that a cut never lets half a card number by.
fn excerpt(stored: &StoredDocument, span: Span) -> (String, bool) {
    let unpacked = gunzip::unpacked(&stored.document.body);
    let body = unpacked.as_deref().unwrap_or(&stored.document.body);
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let bytes = body
        .get(place(span.from)..place(span.until).min(body.len()))
        .unwrap_or_default();
    let masked = redact::pans(&String::from_utf8_lossy(bytes));
    let cut = masked.chars().count() > EXCERPT_CHARACTERS;
    (masked.chars().take(EXCERPT_CHARACTERS).collect(), cut)
}

/// The values of a field: of that very name, or of names below it (`withdrawn` is `withdrawn.USD` and `withdrawn.EUR`).
fn values(opened: &Opened, field: &str) -> Vec<ValueView> {
    let below = format!("{field}.");
    let fields = view::fields(&opened.case).into_iter();
    let named = fields.filter(|(name, _)| {
        let name = name.replace('-', "_");
        name == field || name.starts_with(&below)
    });
    named
        .map(|(name, value)| ValueView {
            name,
            value: redact::pans(&value),
        })
        .collect()
}
