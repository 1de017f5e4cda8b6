//! Files that people bring: read in a process of their own, kept once per tenant and content, and copied to a case when they
//! become its evidence.

mod budget;
pub mod form;
mod inspection;
mod look;

pub(crate) use budget::Budgets;
pub use budget::{Allowance, Arriving};
pub use inspection::{Incoming, Inspected, limits, read_uploads_with};
pub use look::{Look, Looks};
pub use upload::child::run_if_asked as read_one_if_asked;
pub use upload::name::display as shown_name;
pub use upload::{Kind, Refusal};

use crate::answer::{Attached, Done};
use crate::disputes::{Dispute, tenant_scope};
use crate::{Desk, Error};
use calendar::Instant;
use dispute::command::Command;
use dispute::id::{CaseId, sha256_hex};
use dispute::said::EvidenceContent;
use dispute::strength::FileLook;
use engine::command::Actor;
use store::{FileLink, FileQuery, FileRow, Leaf, LinkQuery, Store};

/// The purpose of files that can be evidence, in Stripe's word.
pub const EVIDENCE: &str = "dispute_evidence";

/// Whose a file becomes, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    pub purpose: String,
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
    /// Keeps a file, before anything names it; the second answer says whether it is new.
    ///
    /// # Errors
    /// When it is more than the merchant may keep, or the store fails.
    pub fn keep_file(
        &mut self,
        file: &Inspected,
        keeping: Keeping,
        actor: &Actor,
        now: Instant,
    ) -> Result<(FileRow, bool), Error> {
        let look = Look {
            file: FileLook {
                pages: file.verdict().pages,
                pixels: file.verdict().pixels,
                links: file.has_links(),
            },
            told: file.told(),
        };
        let digest = sha256_hex(file.content());
        assert_eq!(digest, file.verdict().sha256, "a verdict is of these bytes");
        let row = FileRow {
            id: file_id(
                keeping.merchant.as_deref(),
                keeping.live,
                &digest,
                file.name(),
            ),
            merchant: keeping.merchant,
            live: keeping.live,
            purpose: keeping.purpose,
            name: file.name().to_owned(),
            media_type: file.media_type().to_owned(),
            bytes: file.verdict().bytes,
            pages: file.verdict().pages,
            digest,
            created_at: now,
            expires_at: None,
        };
        self.put_file(row, file.content(), &look, actor, now)
    }

    /// Keeps bytes, row and look, unless the row is there; the first one stays.
    fn put_file(
        &mut self,
        row: FileRow,
        content: &[u8],
        look: &Look,
        actor: &Actor,
        now: Instant,
    ) -> Result<(FileRow, bool), Error> {
        if let Some(there) = self.file(&row.id)? {
            return Ok((there, false));
        }
        let kept = self.file_bytes(row.merchant.as_deref())?;
        budget::within(self.settings.process.uploads.quota_bytes, kept, row.bytes)?;
        let scope = tenant_scope(row.merchant.as_deref());
        self.engine
            .store
            .put_blob(&scope, &row.digest, content)
            .map_err(Error::store("keeping a file"))?;
        // Before the row, so that a file that can be found has its look.
        self.write_metadata(&row.id, &look::words(look), actor, now)?;
        let leaf = Leaf(format!(
            "file {} at {now} by {} {}",
            row.id, actor.name, row.digest
        ));
        self.registry()
            .put_file(&row, &leaf)
            .map_err(Error::store("keeping a file"))?;
        Ok((row, true))
    }

    /// Keeps a file and saves it into a slot. The file is kept first: a slot never names a file that is not there.
    ///
    /// # Errors
    /// As for [`Desk::keep_file`].
    pub fn attach(
        &mut self,
        name: &str,
        file: &Inspected,
        slot: &str,
        if_version: u32,
        (actor, now): (&Actor, Instant),
    ) -> Result<Attached, Error> {
        let case = self.case(name)?.case;
        let verdict = file.verdict();
        let wish = Command::SaveEvidence {
            if_version,
            slot: slot.to_owned(),
            content: EvidenceContent::File {
                digest: verdict.sha256.clone(),
                name: file.name().to_owned(),
                media_type: file.media_type().to_owned(),
                bytes: verdict.bytes,
            },
        };
        // What no slot will hold is not kept either. Somebody may still be faster: then the file stays, in no slot.
        let plan = |_: &dispute::case::Case| vec![wish.clone()];
        let permitted = self.engine.permit_all(name, &plan, actor, now)?;
        if let Some((_, rejection)) = permitted {
            return Ok(Attached {
                done: Done::Refused(rejection),
                bytes_new: 0,
            });
        }
        let (merchant, live) = self.owner(&case)?;
        let keeping = Keeping {
            purpose: EVIDENCE.to_owned(),
            merchant,
            live,
        };
        let (row, new) = self.keep_file(file, keeping, actor, now)?;
        self.engine
            .store
            .put_blob(&case.scope, &row.digest, file.content())
            .map_err(Error::store("keeping evidence"))?;
        let command = Command::SaveEvidence {
            if_version,
            slot: slot.to_owned(),
            content: content_of(&row),
        };
        let done = self.act(name, &command, actor, now)?;
        Ok(Attached {
            done,
            bytes_new: if new { row.bytes } else { 0 },
        })
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
    pub fn files(&mut self, query: &FileQuery) -> Result<(Vec<FileRow>, bool), Error> {
        self.registry()
            .files(query)
            .map_err(Error::store("listing files"))
    }

    /// Bytes of files that a merchant keeps; `None`: the desk itself.
    pub(crate) fn file_bytes(&mut self, merchant: Option<&str>) -> Result<u64, Error> {
        self.registry()
            .file_bytes(merchant)
            .map_err(Error::store("adding up files"))
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

    /// The bytes of the file in a slot of a case's draft.
    ///
    /// # Errors
    /// When the store fails.
    pub fn evidence_content(
        &mut self,
        dispute: &Dispute,
        slot: &str,
    ) -> Result<Option<(EvidenceContent, Vec<u8>)>, Error> {
        let Some(held @ EvidenceContent::File { digest, .. }) =
            dispute.case.evidence.slots.get(slot)
        else {
            return Ok(None);
        };
        let content = self
            .engine
            .store
            .blob(&dispute.case.scope, digest)
            .map_err(Error::store("reading evidence"))?;
        Ok(content.map(|content| (held.clone(), content)))
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
        let merchant = dispute.merchant.as_deref();
        if (row.merchant.as_deref(), row.live) != (merchant, dispute.live) {
            let words = self.metadata(std::slice::from_ref(&row.id))?;
            let look = words.get(&row.id).and_then(look::read).unwrap_or_default();
            let theirs = FileRow {
                id: file_id(merchant, dispute.live, &row.digest, &row.name),
                merchant: dispute.merchant.clone(),
                live: dispute.live,
                created_at: now,
                ..row.clone()
            };
            self.put_file(theirs, &content, &look, actor, now)?;
        }
        self.engine
            .store
            .put_blob(&dispute.case.scope, &row.digest, &content)
            .map_err(Error::store("keeping evidence"))?;
        Ok(Some(content_of(row)))
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

    /// A page of links, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn links(&mut self, query: &LinkQuery) -> Result<(Vec<FileLink>, bool), Error> {
        self.registry()
            .file_links(query)
            .map_err(Error::store("listing links"))
    }

    /// The file behind a link, for whoever has its secret: nothing else is asked of them. No link, another secret and an
    /// ended link are one answer. Secrets are compared by their hashes, so that the time it takes tells nothing of them.
    ///
    /// # Errors
    /// When the store fails.
    pub fn linked_file(
        &mut self,
        id: &str,
        secret: &str,
        now: Instant,
    ) -> Result<Option<(FileRow, Vec<u8>)>, Error> {
        let Some(link) = self.link(id)? else {
            return Ok(None);
        };
        let ended = link.expires_at.is_some_and(|at| at <= now);
        if ended || sha256_hex(secret.as_bytes()) != link.token_hash {
            return Ok(None);
        }
        let Some(row) = self.file(&link.file)? else {
            return Ok(None);
        };
        let content = self.file_content(&row)?;
        Ok(content.map(|content| (row, content)))
    }

    /// A token that nobody can guess: 192 random bits, in hexadecimal.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn secret_token(&self) -> Result<String, Error> {
        let mut bytes = [0_u8; 24];
        getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
        Ok(hex::encode(bytes))
    }
}

/// What a slot holds when this file is put into it.
fn content_of(row: &FileRow) -> EvidenceContent {
    EvidenceContent::File {
        digest: row.digest.clone(),
        name: row.name.clone(),
        media_type: row.media_type.clone(),
        bytes: row.bytes,
    }
}

/// Headers of a file that is given out, beside its length: nothing guesses, runs or frames it, and nothing keeps it.
pub fn download_headers(media_type: &str, name: &str) -> [(&'static str, String); 6] {
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.media_type().split(';').next() == Some(media_type));
    let mut headers = upload::name::download_headers(kind.unwrap_or(Kind::Text), name);
    // What was kept before kinds were told is given out as bytes.
    if kind.is_none() {
        for (header, value) in &mut headers {
            if *header == "content-type" {
                *value = String::from("application/octet-stream");
            }
        }
    }
    headers
}

/// Whether a browser shows this kind of image by itself.
pub fn previewed(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif")
}
