//! The packet of an answer before it is sealed: what it comes to, whether those who receive it take so much, and how it
//! reads in the provider's own words.

mod limits;
mod words;

pub use limits::{Bound, Figures};
pub use words::{Message, Piece, Shown};

use crate::{Desk, Error};
use dispute::case::Case;
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use serde::Serialize;

/// A packet for looking at.
#[derive(Clone, Debug, Serialize)]
pub struct PacketView {
    pub figures: Figures,
    /// Every limit that applies, with how far it is used.
    pub bounds: Vec<Bound>,
    /// What stands against sealing it, for now, in words and with its number.
    pub over: Option<(String, &'static str)>,
    /// Kinds of files that the provider takes; empty when it takes none.
    pub media_types: Vec<&'static str>,
    /// The most bytes that one file may have, and whose limit that is.
    pub file_bytes_most: Option<(u64, String)>,
    /// What would be sent, in order.
    pub messages: Vec<Message>,
    /// Why the provider could not be told this, if it could not.
    pub unable: Option<String>,
    /// Whether that is only because the provider is asked for its own defences and documents when the answer is sent.
    pub asked_first: bool,
}

impl Desk {
    /// The packet of a case's draft.
    ///
    /// # Errors
    /// When there is no such case, or the store fails.
    pub fn packet(&mut self, name: &str) -> Result<PacketView, Error> {
        let case = self.case(name)?.case;
        let looks = self.looks(&case)?;
        let figures = limits::figures(&case, &looks);
        let over = limits::over(&case, &looks);
        let (messages, unable) = if case.evidence.slots.is_empty() {
            (Vec::new(), None)
        } else {
            let rehearsal = self.engine.rehearse(name)?;
            let messages = rehearsal.requests.iter().map(words::message);
            (messages.collect(), rehearsal.unable)
        };
        Ok(PacketView {
            bounds: limits::bounds(&case, &looks),
            media_types: limits::media_types(&case),
            file_bytes_most: limits::file_bytes_most(&case),
            figures,
            over: over.map(|rejection| (rejection.to_string(), rejection.code())),
            messages,
            asked_first: unable.is_some() && limits::asked_first(&case),
            unable,
        })
    }

    /// Why a draft that these commands make cannot be sealed by them: it is more than is taken. `None` where nothing is
    /// sealed.
    pub(crate) fn over_limit(
        &mut self,
        case: &Case,
        commands: &[Command],
    ) -> Result<Option<(Command, Rejection)>, Error> {
        let mut would = case.clone();
        for command in commands {
            match command {
                Command::SaveEvidence { slot, content, .. } => {
                    let slots = &mut would.evidence.slots;
                    match content {
                        EvidenceContent::Cleared => slots.remove(slot),
                        other => slots.insert(slot.clone(), other.clone()),
                    };
                }
                Command::Seal { .. } => {
                    let looks = self.looks(&would)?;
                    if let Some(rejection) = limits::over(&would, &looks) {
                        return Ok(Some((command.clone(), rejection)));
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }
}
