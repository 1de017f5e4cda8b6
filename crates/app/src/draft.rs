//! The draft of an answer over time.

use crate::shape::At;
use dispute::fact::Fact;
use dispute::said::{EvidenceContent, Said};
use engine::command::Opened;
use schemars::JsonSchema;
use serde::Serialize;
use store::StoredFact;

/// One change of a draft, or a word about it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct VersionLine {
    /// The version that it made, or that it is about.
    pub version: u32,
    pub at: At,
    /// `saved`, `cleared`, `reviewed` or `sealed`.
    pub what: &'static str,
    /// Of a save.
    pub slot: Option<String>,
    /// `text` or `file`, of a save.
    pub kind: Option<&'static str>,
    /// Characters of a text, bytes of a file.
    pub size: Option<u64>,
    /// The name of a file.
    pub name: Option<String>,
    /// SHA-256 of a file, or of the packet that was sealed.
    pub digest: Option<String>,
    /// Who read the draft.
    pub reviewer: Option<String>,
    pub fact: String,
}

/// Every change of the draft of a case, oldest first.
pub fn versions(opened: &Opened) -> Vec<VersionLine> {
    let own = |fact: &Fact| fact.case().as_ref() == Some(&opened.case.id);
    let facts = opened.facts.iter().filter(|row| own(&row.fact));
    let mut lines: Vec<VersionLine> = facts.filter_map(line).collect();
    lines.sort_by_key(|line| (line.version, line.at));
    lines
}

fn line(row: &StoredFact) -> Option<VersionLine> {
    let empty = |version: u32, what| VersionLine {
        version,
        at: row.fact.true_at.into(),
        what,
        slot: None,
        kind: None,
        size: None,
        name: None,
        digest: None,
        reviewer: None,
        fact: row.id.to_string(),
    };
    Some(match &row.fact.said {
        Said::EvidenceSaved {
            version,
            slot,
            content,
        } => VersionLine {
            slot: Some(slot.clone()),
            ..saved(empty(*version, "saved"), content)
        },
        Said::EvidenceReviewed { version, reviewer } => VersionLine {
            reviewer: Some(reviewer.clone()),
            ..empty(*version, "reviewed")
        },
        Said::EvidenceSealed { version, digest } => VersionLine {
            digest: Some(digest.clone()),
            ..empty(*version, "sealed")
        },
        _ => return None,
    })
}

fn saved(line: VersionLine, content: &EvidenceContent) -> VersionLine {
    match content {
        EvidenceContent::Text(text) => VersionLine {
            kind: Some("text"),
            size: u64::try_from(text.chars().count()).ok(),
            ..line
        },
        EvidenceContent::File {
            digest,
            name,
            bytes,
            ..
        } => VersionLine {
            kind: Some("file"),
            size: Some(*bytes),
            name: Some(name.clone()),
            digest: Some(digest.clone()),
            ..line
        },
        EvidenceContent::Cleared => VersionLine {
            what: "cleared",
            ..line
        },
    }
}
