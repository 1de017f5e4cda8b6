//! Files that a person brings: kept, processed at once, and accounted for one by one.

use crate::shape::Bytes;
use crate::{Desk, Error, redact};
use adapter::Channel;
use calendar::Instant;
use dispute::id::DocumentId;
use engine::intake::{Arrival, Trust};
use engine::{Opened, Progress};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Fate, RejectRow, Store, StoredDocument};

/// A file as it was read, or why it was not.
#[derive(Clone, Debug)]
pub struct Brought {
    pub name: String,
    pub content: Result<Vec<u8>, String>,
}

/// By which way files come in.
#[derive(Clone, Copy, Debug)]
pub struct WayIn<'a> {
    pub provider: &'a str,
    /// For documents that do not name their account.
    pub account: &'a str,
    pub channel: Channel,
}

impl WayIn<'_> {
    fn arrival(&self, name: String, body: Vec<u8>, received_at: Instant) -> Arrival {
        Arrival {
            provider: self.provider.to_owned(),
            account: self.account.to_owned(),
            channel: self.channel,
            name,
            headers: Vec::new(),
            body,
            received_at,
        }
    }
}

/// Files that one transaction will keep.
#[derive(Default)]
struct Batch {
    /// Which line each arrival belongs to.
    places: Vec<usize>,
    arrivals: Vec<Arrival>,
    bytes: usize,
}

/// Enough small files that they share an fsync, and so few bytes that a batch is no burden.
const BATCH_FILES: usize = 500;
const BATCH_BYTES: usize = 32 * 1024 * 1024;

impl Batch {
    fn add(&mut self, place: usize, arrival: Arrival) {
        self.bytes = self.bytes.saturating_add(arrival.body.len());
        self.places.push(place);
        self.arrivals.push(arrival);
    }

    fn full(&self) -> bool {
        self.places.len() >= BATCH_FILES || self.bytes >= BATCH_BYTES
    }
}

/// What became of all files.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Ingested {
    pub provider: String,
    pub files: Vec<FileLine>,
    pub counts: Counts,
    /// Statements that were new, over all files.
    pub facts_new: u32,
    pub entries_posted: u32,
}

/// What became of one file.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct FileLine {
    pub file: String,
    /// The document's id; none when the file could not be read.
    pub document: Option<String>,
    /// `applied`, `duplicate`, `other-business`, `rejected`, `quarantined`, or `unread` when the file could not be read.
    pub became: &'static str,
    /// The kind of document, in the provider's words.
    pub form: String,
    pub account: String,
    pub facts: usize,
    /// The cases that its facts name.
    pub cases: Vec<String>,
    pub rejects: Vec<Refused>,
    /// Why it is held, or could not be read.
    pub trouble: String,
}

/// A reject as kept.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Refused {
    pub span: Bytes,
    pub code: String,
    pub name: String,
    pub detail: String,
    pub hint: String,
}

impl From<RejectRow> for Refused {
    fn from(row: RejectRow) -> Refused {
        Refused {
            span: row.span.into(),
            code: row.code,
            name: row.name,
            detail: redact::pans(&row.detail),
            hint: row.hint,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Counts {
    pub files: u32,
    pub applied: u32,
    pub duplicate: u32,
    pub other_business: u32,
    pub rejected: u32,
    pub quarantined: u32,
    pub unread: u32,
    /// Rejects over all files.
    pub rejects: u32,
}

impl Desk {
    /// Keeps and processes files of one provider, read as they are asked for, so that memory holds a batch and not all of
    /// them. A file that cannot be read costs only itself.
    pub fn ingest(
        &mut self,
        way: &WayIn<'_>,
        files: impl IntoIterator<Item = Brought>,
        now: Instant,
    ) -> Result<Ingested, Error> {
        let mut lines = Vec::new();
        let mut batch = Batch::default();
        for file in files {
            let name = file
                .name
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let content = file
                .content
                .and_then(|body| within_bound(body, store::DOCUMENT_BYTES_MAX));
            lines.push(FileLine::new(file.name, content.as_ref().err().cloned()));
            let Ok(body) = content else { continue };
            batch.add(lines.len() - 1, way.arrival(name, body, now));
            if batch.full() {
                self.keep(&mut batch, &mut lines)?;
            }
        }
        self.keep(&mut batch, &mut lines)?;
        let progress = self.catch_up(now)?;
        for line in &mut lines {
            if let Some(id) = line.document.as_deref().and_then(DocumentId::parse) {
                self.account_for_file(line, &id)?;
            }
        }
        Ok(Ingested::of(way.provider, lines, progress))
    }

    /// Keeps a batch in one transaction and notes what each file is called now.
    fn keep(&mut self, batch: &mut Batch, lines: &mut [FileLine]) -> Result<(), Error> {
        let appended = self.engine.receive(&batch.arrivals, &Trust::TrustedWay)?;
        for (place, appended) in batch.places.iter().zip(appended) {
            if let Some(line) = lines.get_mut(*place) {
                line.document = Some(appended.id.to_string());
                line.became = if appended.duplicate {
                    "duplicate"
                } else {
                    "pending"
                };
            }
        }
        *batch = Batch::default();
        Ok(())
    }

    fn account_for_file(&mut self, line: &mut FileLine, id: &DocumentId) -> Result<(), Error> {
        let stored = self
            .engine
            .store
            .document(id)
            .map_err(Error::store("reading a document"))?;
        let Some(stored) = stored else {
            return Err(Error::NoSuchDocument { id: id.to_string() });
        };
        if line.became != "duplicate" {
            line.became = fate_name(stored.fate);
        }
        line.form = stored.form.clone();
        line.account = stored.document.scope.account.clone();
        line.trouble = redact::pans(&stored.trouble);
        let rejects = self
            .engine
            .store
            .rejects(id)
            .map_err(Error::store("reading rejects"))?;
        line.rejects = rejects.into_iter().map(Refused::from).collect();
        if stored.fate == Fate::Applied {
            let (facts, cases) = self.facts_in(&stored);
            line.facts = facts;
            line.cases = cases;
        }
        Ok(())
    }

    /// How many statements a document makes, and about which cases.
    fn facts_in(&self, stored: &StoredDocument) -> (usize, Vec<String>) {
        let Opened::Decoded(decoded) = engine::open(self.engine.adapters(), stored) else {
            return (0, Vec::new());
        };
        let cases: BTreeSet<String> = decoded
            .facts
            .iter()
            .filter_map(|located| Some(located.fact.case()?.to_string()))
            .collect();
        (decoded.facts.len(), cases.into_iter().collect())
    }
}

fn within_bound(body: Vec<u8>, bound: usize) -> Result<Vec<u8>, String> {
    if body.len() > bound {
        Err(format!(
            "the file has {} bytes, at most {bound} are kept",
            body.len()
        ))
    } else {
        Ok(body)
    }
}

/// The stable word for what became of a document.
pub fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::Pending => "pending",
        Fate::Applied => "applied",
        Fate::OtherBusiness => "other-business",
        Fate::Rejected => "rejected",
        Fate::Quarantined => "quarantined",
        Fate::Duplicate => "duplicate",
        Fate::Superseded => "superseded",
    }
}

impl FileLine {
    fn new(file: String, trouble: Option<String>) -> FileLine {
        FileLine {
            file,
            document: None,
            became: "unread",
            form: String::new(),
            account: String::new(),
            facts: 0,
            cases: Vec::new(),
            rejects: Vec::new(),
            trouble: trouble.unwrap_or_default(),
        }
    }
}

impl Ingested {
    fn of(provider: &str, files: Vec<FileLine>, progress: Progress) -> Ingested {
        let mut counts = Counts::default();
        for line in &files {
            counts.files += 1;
            counts.rejects += u32::try_from(line.rejects.len()).unwrap_or(u32::MAX);
            let count = match line.became {
                "applied" => &mut counts.applied,
                "duplicate" => &mut counts.duplicate,
                "other-business" => &mut counts.other_business,
                "rejected" => &mut counts.rejected,
                "unread" => &mut counts.unread,
                _ => &mut counts.quarantined,
            };
            *count += 1;
        }
        Ingested {
            provider: provider.to_owned(),
            files,
            counts,
            facts_new: progress.facts,
            entries_posted: progress.entries,
        }
    }
}
