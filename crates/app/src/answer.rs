//! People answer disputes: evidence, sealing, sending, conceding, and the small commands around them.

use crate::case::CaseView;
use crate::disputes::refuse_card_number;
use crate::{Desk, Error};
use calendar::Instant;
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use engine::command::{Actor, Commanded};
use schemars::JsonSchema;
use serde::Serialize;

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

/// What became of a file that was to be evidence.
#[derive(Clone, Debug)]
pub struct Attached {
    pub done: Done,
    /// Bytes that are kept now and were not before.
    pub bytes_new: u64,
}

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
        if matches!(command, Command::Seal { .. })
            && let Some(rejection) = self.unsealable(name, command, actor, now)?
        {
            return Ok(Done::Refused(rejection));
        }
        match self.command(name, command, actor, now)? {
            Commanded::Rejected(rejection) => Ok(Done::Refused(rejection)),
            Commanded::Done(after) => Ok(Done::Done(Box::new(self.show(after.id.as_str())?))),
        }
    }

    /// Why a draft is not sealed that is more than is taken; what our other rules say against it comes first.
    fn unsealable(
        &mut self,
        name: &str,
        command: &Command,
        actor: &Actor,
        now: Instant,
    ) -> Result<Option<Rejection>, Error> {
        let case = self.case(name)?.case;
        let over = self.over_limit(&case, std::slice::from_ref(command))?;
        let Some((_, over)) = over else {
            return Ok(None);
        };
        let plan = |_: &dispute::case::Case| vec![command.clone()];
        let permitted = self.engine.permit_all(name, &plan, actor, now)?;
        Ok(Some(permitted.map_or(over, |(_, rejection)| rejection)))
    }

    /// The version that the next save, review or seal must name.
    pub fn evidence_version(&mut self, name: &str) -> Result<u32, Error> {
        Ok(self.case(name)?.case.evidence.version)
    }
}

/// Card numbers are refused where people write: what is kept may be sent to others, and stands in backups for years. Files
/// are searched where they are brought.
fn without_card_numbers(command: &Command) -> Result<(), Error> {
    match command {
        Command::SaveEvidence {
            content: EvidenceContent::Text(text),
            ..
        } => refuse_card_number("text", text),
        Command::Note { text } => refuse_card_number("note", text),
        Command::Tell { text, .. } => refuse_card_number("message", text),
        Command::Waive { reason, .. } => refuse_card_number("reason", reason),
        _ => Ok(()),
    }
}
