//! Documents without their bytes, newest first, and those that are held.

use super::{Paged, bad_cursor, paged, scope_named};
use crate::ingest::{self, Refused};
use crate::shape::At;
use crate::{Desk, Error, redact, words};
use store::{DocumentQuery, DocumentRow, Fate, Store};

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `provider/account`.
    pub scope: Option<String>,
    /// A stable name of a fate.
    pub fate: Option<String>,
    /// Commands of people and words of the clock too.
    pub own: bool,
    pub before: Option<String>,
    pub limit: u32,
}

/// One document.
#[derive(Clone, Debug)]
pub struct Line {
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
    pub fate: &'static str,
    pub trouble: String,
    /// What could not be read of it; only where it is held.
    pub rejects: Vec<Refused>,
}

/// Every fate that can be asked for.
pub fn fates() -> Vec<&'static str> {
    Fate::ALL
        .iter()
        .map(|fate| ingest::fate_name(*fate))
        .collect()
}

impl Desk {
    /// A page of documents, newest first.
    ///
    /// # Errors
    /// [`Error::Unfit`] for what is no account, fate or place, and when the store fails.
    pub fn list_documents(&mut self, wanted: &Wanted) -> Result<Paged<Line>, Error> {
        let rows = self
            .registry()
            .list_documents(&query(wanted)?)
            .map_err(Error::store("listing documents"))?;
        let page = paged(rows, wanted.limit, |row: &DocumentRow| {
            row.sequence.to_string()
        });
        Ok(Paged {
            lines: page.lines.into_iter().map(line).collect(),
            next: page.next,
        })
    }

    /// A page of what is in quarantine, newest first, with what could not be read.
    ///
    /// # Errors
    /// As for [`Desk::list_documents`].
    pub fn held(&mut self, before: Option<String>, limit: u32) -> Result<Paged<Line>, Error> {
        let wanted = Wanted {
            scope: None,
            fate: Some(Fate::Quarantined.name().to_owned()),
            own: true,
            before,
            limit,
        };
        let mut page = self.list_documents(&wanted)?;
        for line in &mut page.lines {
            let id = dispute::id::DocumentId::parse(&line.document);
            let Some(id) = id else { continue };
            let rejects = self
                .engine
                .store
                .rejects(&id)
                .map_err(Error::store("reading rejects"))?;
            line.rejects = rejects.into_iter().map(Refused::from).collect();
        }
        Ok(page)
    }
}

fn query(wanted: &Wanted) -> Result<DocumentQuery, Error> {
    let scope = wanted.scope.as_deref().map(|text| {
        scope_named(text)
            .ok_or_else(|| Error::Unfit(format!("expected `provider/account`, found `{text}`")))
    });
    let fate = wanted.fate.as_deref().map(|text| {
        Fate::parse(text).ok_or_else(|| Error::Unfit(format!("`{text}` is no fate of a document")))
    });
    let before = wanted
        .before
        .as_deref()
        .map(|text| text.parse().map_err(|_| bad_cursor(text)));
    Ok(DocumentQuery {
        scope: scope.transpose()?,
        fate: fate.transpose()?,
        own: wanted.own,
        before: before.transpose()?,
        limit: wanted.limit.saturating_add(1),
    })
}

fn line(row: DocumentRow) -> Line {
    Line {
        document: row.id.to_string(),
        sequence: row.sequence,
        provider: row.scope.provider,
        account: row.scope.account,
        way: words::way(row.way),
        name: row.name,
        form: row.form,
        received_at: row.received_at.into(),
        arrivals: row.arrivals,
        verdict: row.verdict,
        fate: ingest::fate_name(row.fate),
        trouble: redact::pans(&row.trouble),
        rejects: Vec::new(),
    }
}
