//! Files that people bring: kept once per tenant and content, and copied to a case when they become its evidence.

mod look;

pub use look::{Look, Looks};

use crate::answer::{EVIDENCE_BYTES_MAX, media_type};
use crate::disputes::{Dispute, refuse_card_number, tenant_scope};
use crate::{Desk, Error};
use calendar::Instant;
use dispute::id::{CaseId, sha256_hex};
use dispute::said::EvidenceContent;
use engine::command::Actor;
use store::{FileLink, FileRow, Leaf, Store};

/// A file as somebody brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    pub name: String,
    pub purpose: String,
    pub content: Vec<u8>,
    pub merchant: Option<String>,
    pub live: bool,
}

/// The id of a file: a function of whose it is, what it is called and what is in it, so that the same file brought twice is
/// one file, and the file in a slot of evidence is known by its content.
pub fn file_id(merchant: Option<&str>, live: bool, digest: &str, name: &str) -> String {
    let mode = if live { "live" } else { "test" };
    let hashed = CaseId::of(&["file", merchant.unwrap_or("desk"), mode, digest, name]);
    hashed.as_str().replacen(CaseId::PREFIX, "file_", 1)
}

impl Desk {
    /// Keeps a file, before anything names it.
    ///
    /// # Errors
    /// When it is too large, holds a card number, or the store fails.
    pub fn bring_file(
        &mut self,
        brought: Brought,
        actor: &Actor,
        now: Instant,
    ) -> Result<FileRow, Error> {
        let found = brought.content.len();
        if found > EVIDENCE_BYTES_MAX {
            return Err(Error::TooLarge {
                what: brought.name,
                found,
                bound: EVIDENCE_BYTES_MAX,
            });
        }
        let media_type = media_type(&brought.content);
        if media_type == "text/plain" {
            refuse_card_number("file", &String::from_utf8_lossy(&brought.content))?;
        }
        let digest = sha256_hex(&brought.content);
        let scope = tenant_scope(brought.merchant.as_deref());
        self.engine
            .store
            .put_blob(&scope, &digest, &brought.content)
            .map_err(Error::store("keeping a file"))?;
        let row = FileRow {
            id: file_id(
                brought.merchant.as_deref(),
                brought.live,
                &digest,
                &brought.name,
            ),
            merchant: brought.merchant,
            live: brought.live,
            purpose: brought.purpose,
            name: brought.name,
            media_type: media_type.to_owned(),
            bytes: u64::try_from(found).unwrap_or(u64::MAX),
            pages: None,
            digest,
            created_at: now,
            expires_at: None,
        };
        self.keep_row(row, actor, now)
    }

    /// Keeps the row unless it is there; the first one stays.
    fn keep_row(&mut self, row: FileRow, actor: &Actor, now: Instant) -> Result<FileRow, Error> {
        if let Some(there) = self.file(&row.id)? {
            return Ok(there);
        }
        let leaf = Leaf(format!(
            "file {} at {now} by {} {}",
            row.id, actor.name, row.digest
        ));
        self.registry()
            .put_file(&row, &leaf)
            .map_err(Error::store("keeping a file"))?;
        Ok(row)
    }

    /// A file that this desk sees.
    ///
    /// # Errors
    /// When the store fails.
    pub fn file(&mut self, id: &str) -> Result<Option<FileRow>, Error> {
        self.registry()
            .file(id)
            .map_err(Error::store("finding a file"))
    }

    /// A page of files, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn files(
        &mut self,
        after: Option<&str>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<FileRow>, bool), Error> {
        self.registry()
            .files(after, before, limit)
            .map_err(Error::store("listing files"))
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When the store fails.
    pub fn file_content(&mut self, row: &FileRow) -> Result<Option<Vec<u8>>, Error> {
        let scope = tenant_scope(row.merchant.as_deref());
        self.engine
            .store
            .blob(&scope, &row.digest)
            .map_err(Error::store("reading a file"))
    }

    /// Copies a file to where a case keeps its evidence, and says what its slot is to hold.
    ///
    /// # Errors
    /// When the store fails.
    pub fn as_evidence(
        &mut self,
        row: &FileRow,
        dispute: &Dispute,
        actor: &Actor,
        now: Instant,
    ) -> Result<Option<EvidenceContent>, Error> {
        let Some(content) = self.file_content(row)? else {
            return Ok(None);
        };
        // The desk's people may bring a file of their own to a merchant's case: from then on it is the merchant's, too.
        if (row.merchant.as_deref(), row.live) != (dispute.merchant.as_deref(), dispute.live) {
            let brought = Brought {
                name: row.name.clone(),
                purpose: row.purpose.clone(),
                content: content.clone(),
                merchant: dispute.merchant.clone(),
                live: dispute.live,
            };
            self.bring_file(brought, actor, now)?;
        }
        self.engine
            .store
            .put_blob(&dispute.case.scope, &row.digest, &content)
            .map_err(Error::store("keeping evidence"))?;
        Ok(Some(EvidenceContent::File {
            digest: row.digest.clone(),
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            bytes: row.bytes,
        }))
    }

    /// Keeps a link to a file, or its new end.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put_link(&mut self, link: &FileLink, actor: &Actor, now: Instant) -> Result<(), Error> {
        let leaf = Leaf(format!("file-link {} at {now} by {}", link.id, actor.name));
        self.registry()
            .put_file_link(link, &leaf)
            .map_err(Error::store("keeping a link"))
    }

    /// A link of this id.
    ///
    /// # Errors
    /// When the store fails.
    pub fn link(&mut self, id: &str) -> Result<Option<FileLink>, Error> {
        self.registry()
            .file_link(id)
            .map_err(Error::store("finding a link"))
    }
}

impl Desk {
    /// A token that nobody can guess: 192 random bits, in the alphabet of ids.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn secret_token(&self) -> Result<String, Error> {
        let mut bytes = [0_u8; 24];
        getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
        let mut text = String::with_capacity(48);
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16"));
            }
        }
        Ok(text)
    }
}
