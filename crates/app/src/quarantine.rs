//! Documents that are held: kept whole, nothing applied, until a person decides.

use crate::disputes::refuse_card_number;
use crate::ingest::Refused;
use crate::shape::At;
use crate::{Desk, Error, ingest, redact, words};
use calendar::Instant;
use dispute::id::DocumentId;
use dispute::permit::{TEXT_CHARACTERS_MAX, written};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Fate, Leaf, Store, StoredDocument};

/// Held documents.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Quarantine {
    pub documents: Vec<HeldDocument>,
}

/// One held or rejected document and why.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct HeldDocument {
    pub document: String,
    pub sequence: u64,
    pub provider: String,
    pub account: String,
    pub way: &'static str,
    pub name: String,
    pub form: String,
    pub received_at: At,
    pub arrivals: u32,
    pub verdict: String,
    pub verdict_detail: String,
    /// Why it is held.
    pub trouble: String,
    pub rejects: Vec<Refused>,
}

/// What became of a person's decision.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Decided {
    pub document: String,
    pub became: &'static str,
    pub trouble: String,
    pub rejects: Vec<Refused>,
}

/// What a person decides about a held document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Process it as if it had been trusted. One that cannot be read is held again.
    Release,
    /// It is not to be processed, ever.
    Reject,
    /// A corrected re-issue took its place.
    Supersede,
}

impl Desk {
    /// The documents in quarantine, oldest first.
    pub fn quarantine(&mut self, limit: u32) -> Result<Quarantine, Error> {
        Ok(Quarantine {
            documents: self.with_fate(Fate::Quarantined, limit)?,
        })
    }

    pub(crate) fn with_fate(&mut self, fate: Fate, limit: u32) -> Result<Vec<HeldDocument>, Error> {
        let stored = self
            .engine
            .store
            .documents_with(fate, limit)
            .map_err(Error::store("listing documents"))?;
        let mut held = Vec::with_capacity(stored.len());
        for document in stored {
            let rejects = self
                .engine
                .store
                .rejects(&document.id)
                .map_err(Error::store("reading rejects"))?;
            held.push(held_document(
                document,
                rejects.into_iter().map(Refused::from).collect(),
            ));
        }
        Ok(held)
    }

    /// Carries out a person's decision about a held document, and writes who and why into the audit log.
    pub fn decide(
        &mut self,
        id: &str,
        decision: Decision,
        who: &str,
        why: &str,
        now: Instant,
    ) -> Result<Decided, Error> {
        let absent = || Error::NoSuchDocument { id: id.to_owned() };
        let document = DocumentId::parse(id).ok_or_else(absent)?;
        refuse_card_number("reason", why)?;
        written("reason", why, TEXT_CHARACTERS_MAX)
            .map_err(|rejection| Error::Unfit(rejection.to_string()))?;
        let stored = self
            .engine
            .store
            .document(&document)
            .map_err(Error::store("reading a document"))?;
        let stored = stored.ok_or_else(absent)?;
        if stored.fate != Fate::Quarantined {
            return Err(Error::NotQuarantined {
                id: id.to_owned(),
                fate: ingest::fate_name(stored.fate),
            });
        }
        let (word, fate) = match decision {
            Decision::Release => ("released", Fate::Pending),
            Decision::Reject => ("rejected", Fate::Rejected),
            Decision::Supersede => ("superseded", Fate::Superseded),
        };
        let mut leaf = format!("decided document={document} {word} at={now} by=");
        dispute::text::escape(who, &mut leaf);
        leaf.push_str(" why=");
        dispute::text::escape(why, &mut leaf);
        self.engine
            .store
            .decide(&document, fate, why, &Leaf(leaf))
            .map_err(Error::store("recording a decision"))?;
        self.catch_up(now)?;
        self.decided(&document)
    }

    fn decided(&mut self, id: &DocumentId) -> Result<Decided, Error> {
        let stored = self
            .engine
            .store
            .document(id)
            .map_err(Error::store("reading a document"))?;
        let stored = stored.ok_or_else(|| Error::NoSuchDocument { id: id.to_string() })?;
        let rejects = self
            .engine
            .store
            .rejects(id)
            .map_err(Error::store("reading rejects"))?;
        Ok(Decided {
            document: id.to_string(),
            became: ingest::fate_name(stored.fate),
            trouble: redact::pans(&stored.trouble),
            rejects: rejects.into_iter().map(Refused::from).collect(),
        })
    }
}

fn held_document(stored: StoredDocument, rejects: Vec<Refused>) -> HeldDocument {
    let document = stored.document;
    let trouble = if stored.trouble.is_empty() && !document.trusted {
        format!(
            "signature {}: {}",
            document.verdict, document.verdict_detail
        )
    } else {
        stored.trouble
    };
    HeldDocument {
        document: stored.id.to_string(),
        sequence: stored.sequence,
        provider: document.scope.provider,
        account: document.scope.account,
        way: words::way(document.way),
        name: document.name,
        form: stored.form,
        received_at: document.received_at.into(),
        arrivals: stored.arrivals,
        verdict: document.verdict,
        verdict_detail: document.verdict_detail,
        trouble: redact::pans(&trouble),
        rejects,
    }
}
