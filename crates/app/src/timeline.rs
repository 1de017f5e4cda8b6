//! One case on two clocks: when things happened, and when the desk knew.

use crate::shape::{Amount, At, Bytes};
use crate::{Desk, Error, decode, redact, words};
use dispute::said::Said;
use dispute::text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::{EntryRow, Store, StoredDocument, StoredFact};

/// A case from bytes to postings.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Timeline {
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    /// In order of when things happened.
    pub events: Vec<Event>,
}

/// A statement or a posting.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Event {
    /// When it happened, as its speaker says.
    pub at: At,
    /// When the desk learned it.
    pub known_at: At,
    /// How many seconds the desk learned it after it happened; negative when it was told of the future.
    pub lag_seconds: i64,
    /// `fact` or `posting`.
    pub kind: &'static str,
    /// What is said, such as `phase`, or `posting`.
    pub says: &'static str,
    /// The same in a sentence.
    pub text: String,
    pub by: &'static str,
    pub authority: Option<&'static str>,
    /// The id of the statement, or of the statement that a posting rests on.
    pub fact: Option<String>,
    /// Whether the statement names another case of the same payment, and which.
    pub about: Option<String>,
    pub document: String,
    pub way: Option<&'static str>,
    pub span: Option<Bytes>,
    /// The canonical line of a statement.
    pub line: Option<String>,
    /// The statement's own fields.
    pub fields: BTreeMap<String, Value>,
    /// The legs of a posting.
    pub legs: Vec<LegView>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct LegView {
    pub account: String,
    pub layer: String,
    pub amount: Amount,
}

impl Desk {
    /// The timeline of the case that people mean by this text. Statements about other cases of its payment are part of it,
    /// because they are part of what happened.
    pub fn timeline(&mut self, name: &str) -> Result<Timeline, Error> {
        let opened = self.case(name)?;
        let mut documents: BTreeMap<String, StoredDocument> = BTreeMap::new();
        let mut events: Vec<(usize, Event)> = Vec::new();
        for row in &opened.facts {
            let id = row.document.to_string();
            if !documents.contains_key(&id) {
                let stored = self.engine.store.document(&row.document);
                if let Some(stored) = stored.map_err(Error::store("reading a document"))? {
                    documents.insert(id.clone(), stored);
                }
            }
            events.push((0, fact_event(row, documents.get(&id), &opened.case.dispute)));
        }
        let entries = self
            .engine
            .store
            .entries_of(&opened.case.id)
            .map_err(Error::store("reading entries"))?;
        events.extend(entries.iter().map(|row| (1, posting_event(row))));
        events.sort_by_key(|(order, event)| (event.at, event.known_at, *order, event.line.clone()));
        Ok(Timeline {
            case: opened.case.id.to_string(),
            dispute: opened.case.dispute,
            provider: opened.case.scope.provider,
            account: opened.case.scope.account,
            events: events.into_iter().map(|(_, event)| event).collect(),
        })
    }
}

/// Whether the merchant whose dispute it is may read a statement. Whoever adds a statement decides here: what the desk's own
/// people write to each other, and what is about the desk itself, is not the merchant's.
fn open_to_merchant(said: &Said) -> bool {
    match said {
        Said::Phase(_)
        | Said::Disputed(_)
        | Said::Recovered(_)
        | Said::Reason(_)
        | Said::Network(_)
        | Said::Due { .. }
        | Said::Moved(_)
        | Said::Paid { .. }
        | Said::Refunded { .. }
        | Said::FraudReported { .. }
        | Said::Requires { .. }
        | Said::Acknowledged { .. }
        | Said::Staged { .. }
        | Said::ChangeAsked { .. }
        | Said::Offered { .. }
        | Said::EvidenceSaved { .. }
        | Said::EvidenceReviewed { .. }
        | Said::EvidenceSealed { .. }
        | Said::SubmissionAsked { .. }
        | Said::AcceptanceAsked { .. }
        | Said::DishonorAsked { .. }
        | Said::AskWithdrawn { .. }
        | Said::Told { .. }
        | Said::Sent { .. }
        | Said::Passed { .. } => true,
        Said::Noted { .. }
        | Said::Assigned { .. }
        | Said::Waived { .. }
        | Said::Drifted { .. }
        | Said::Cut { .. }
        | Said::Tied { .. } => false,
    }
}

impl Desk {
    /// What a merchant may read of the timeline of their dispute: no note, no duty of the desk's people, no posting, and
    /// nothing about another dispute.
    ///
    /// # Errors
    /// As for [`Desk::case`].
    pub fn merchant_timeline(&mut self, name: &str) -> Result<Vec<Event>, Error> {
        let opened = self.case(name)?;
        let mut ways: BTreeMap<String, StoredDocument> = BTreeMap::new();
        let mut events = Vec::new();
        for row in &opened.facts {
            if !open_to_merchant(&row.fact.said) {
                continue;
            }
            let id = row.document.to_string();
            if !ways.contains_key(&id) {
                let stored = self.engine.store.document(&row.document);
                if let Some(stored) = stored.map_err(Error::store("reading a document"))? {
                    ways.insert(id.clone(), stored);
                }
            }
            let event = fact_event(row, ways.get(&id), &opened.case.dispute);
            events.extend(Some(event).filter(|event| event.about.is_none()));
        }
        events.sort_by_key(|event| (event.at, event.known_at, event.line.clone()));
        Ok(events)
    }
}

fn fact_event(row: &StoredFact, stored: Option<&StoredDocument>, dispute: &str) -> Event {
    let fact = &row.fact;
    let line = text::render(fact);
    let about = fact
        .refs
        .dispute()
        .filter(|other| *other != dispute)
        .map(str::to_owned);
    Event {
        at: fact.true_at.into(),
        known_at: row.known_at.into(),
        lag_seconds: fact.true_at.seconds_until(row.known_at),
        kind: "fact",
        says: text::word(&fact.said),
        text: words::sentence(&fact.said),
        by: fact.by.name(),
        authority: Some(fact.authority.name()),
        fact: Some(row.id.to_string()),
        about,
        document: row.document.to_string(),
        way: stored.map(|stored| words::way(stored.document.way)),
        span: Some(row.span.into()),
        fields: decode::fields(fact, &line),
        line: Some(redact::pans(&line)),
        legs: Vec::new(),
    }
}

fn posting_event(row: &EntryRow) -> Event {
    let legs: Vec<LegView> = row
        .entry
        .legs()
        .iter()
        .map(|leg| LegView {
            account: leg.account.path(),
            layer: leg.layer.to_string(),
            amount: leg.amount.into(),
        })
        .collect();
    let taken = legs
        .first()
        .map(|leg| leg.amount.0.to_string())
        .unwrap_or_default();
    let correction = if row.ordinal > 1 {
        format!(", correction {}", row.ordinal - 1)
    } else {
        String::new()
    };
    Event {
        at: row.effective_at.into(),
        known_at: row.known_at.into(),
        lag_seconds: row.effective_at.seconds_until(row.known_at),
        kind: "posting",
        says: "posting",
        text: format!(
            "{} posted: {taken} on {}{correction}",
            row.key,
            first_account(&legs)
        ),
        by: "desk",
        authority: None,
        fact: row.fact.as_ref().map(ToString::to_string),
        about: None,
        document: row.document.to_string(),
        way: None,
        span: None,
        line: None,
        fields: BTreeMap::new(),
        legs,
    }
}

fn first_account(legs: &[LegView]) -> &str {
    legs.first().map_or("", |leg| leg.account.as_str())
}
