//! People answer disputes: evidence, sealing, sending, conceding, and the small commands around them.

use crate::case::CaseView;
use crate::{Desk, Error, redact};
use calendar::Instant;
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use engine::command::{Actor, Commanded};
use schemars::JsonSchema;
use serde::Serialize;
use store::Store;

/// What became of a command.
#[derive(Clone, Debug)]
pub enum Done {
    /// The case after it.
    Done(Box<CaseView>),
    /// Our rules refuse it.
    Refused(Rejection),
}

/// A refusal by our rules, for showing.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RejectionView {
    pub code: &'static str,
    pub what: String,
    /// Whether the same command can succeed later.
    pub retryable: bool,
}

impl From<&Rejection> for RejectionView {
    fn from(rejection: &Rejection) -> RejectionView {
        RejectionView {
            code: rejection.code(),
            what: rejection.to_string(),
            retryable: rejection.retryable(),
        }
    }
}

/// One slot of the evidence catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct CatalogueSlot {
    pub slot: &'static str,
    pub meaning: &'static str,
}

/// Every slot that a draft can have; a provider may ask for others, which a case's requirements then name.
pub fn catalogue() -> Vec<CatalogueSlot> {
    let slots = dispute::rules::slots().iter();
    slots
        .map(|slot| CatalogueSlot {
            slot: slot.id,
            meaning: slot.meaning,
        })
        .collect()
}

/// A file brought as evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    pub slot: String,
    /// The version of the draft that the person saw.
    pub if_version: u32,
    pub name: String,
    pub content: Vec<u8>,
}

/// The largest evidence file kept. The largest that a provider takes is 20 MB (domain rules, evidence limits); this leaves
/// room for one that is compressed before it is sent.
pub const EVIDENCE_BYTES_MAX: usize = 64 * 1024 * 1024;

impl Desk {
    /// Carries out one command and shows the case after it. Nothing is sent here: what was asked for waits in the outbox.
    pub fn act(
        &mut self,
        name: &str,
        command: &Command,
        actor: &Actor,
        now: Instant,
    ) -> Result<Done, Error> {
        without_card_numbers(command)?;
        match self.command(name, command, actor, now)? {
            Commanded::Rejected(rejection) => Ok(Done::Refused(rejection)),
            Commanded::Done(after) => Ok(Done::Done(Box::new(self.show(after.id.as_str())?))),
        }
    }

    /// The version that the next save, review or seal must name.
    pub fn evidence_version(&mut self, name: &str) -> Result<u32, Error> {
        Ok(self.case(name)?.case.evidence.version)
    }

    /// Keeps a file and saves it into a slot. The file is kept first: a slot never names a file that is not there.
    pub fn attach(
        &mut self,
        name: &str,
        file: EvidenceFile,
        actor: &Actor,
        now: Instant,
    ) -> Result<Done, Error> {
        let found = file.content.len();
        if found > EVIDENCE_BYTES_MAX {
            return Err(Error::TooLarge {
                what: file.name,
                found,
                bound: EVIDENCE_BYTES_MAX,
            });
        }
        let media_type = media_type(&file.content);
        if media_type == "text/plain" {
            refuse_card_number("file", &String::from_utf8_lossy(&file.content))?;
        }
        let scope = self.case(name)?.case.scope;
        let digest = dispute::id::sha256_hex(&file.content);
        self.engine
            .store
            .put_blob(&scope, &digest, &file.content)
            .map_err(Error::store("keeping a file"))?;
        let content = EvidenceContent::File {
            digest,
            media_type: media_type.to_owned(),
            bytes: u64::try_from(found).unwrap_or(u64::MAX),
            name: file.name,
        };
        let command = Command::SaveEvidence {
            if_version: file.if_version,
            slot: file.slot,
            content,
        };
        self.act(name, &command, actor, now)
    }
}

/// Card numbers are refused where people write: what is kept may be sent to others, and stands in backups for years. What is
/// inside a PDF or an image is not seen here.
fn without_card_numbers(command: &Command) -> Result<(), Error> {
    match command {
        Command::SaveEvidence {
            content: EvidenceContent::Text(text),
            ..
        } => refuse_card_number("text", text),
        Command::Note { text } => refuse_card_number("note", text),
        Command::Waive { reason, .. } => refuse_card_number("reason", reason),
        _ => Ok(()),
    }
}

fn refuse_card_number(what: &str, text: &str) -> Result<(), Error> {
    if redact::pans(text) == text {
        Ok(())
    } else {
        Err(Error::CardNumber {
            what: what.to_owned(),
        })
    }
}

/// The media type by the first bytes: names lie. Only types that some provider takes are told apart.
pub fn media_type(content: &[u8]) -> &'static str {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"GIF8", "image/gif"),
    ];
    let known = SIGNATURES
        .iter()
        .find(|(start, _)| content.starts_with(start));
    match known {
        Some((_, media_type)) => media_type,
        None if std::str::from_utf8(content).is_ok() => "text/plain",
        None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn types_are_told_by_content() {
        let check = |content: &[u8], want: &str| assert_eq!(media_type(content), want);
        check(b"%PDF-1.7\n", "application/pdf");
        check(b"\x89PNG\r\n\x1a\n....", "image/png");
        check(b"\xff\xd8\xff\xe0", "image/jpeg");
        check("a letter, signé".as_bytes(), "text/plain");
        check(b"\x00\x01\xfe", "application/octet-stream");
    }
}
