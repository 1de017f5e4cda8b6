//! The clock speaks once: a due time that has passed becomes a document, and so a fact.

use crate::{BATCH_DOCUMENTS, Engine, Error};
use calendar::Instant;
use dispute::fact::{Fact, Scope};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Authority, Party};
use dispute::text;
use store::{NewDocument, Store, TimerRow, Way};

impl<S: Store> Engine<S> {
    /// Says of every due timer that its time has passed. The document's content is a function of the timer, so a step that
    /// dies and is taken again says it once.
    pub(crate) fn fire_timers(&mut self, now: Instant) -> Result<u32, Error> {
        let due = self
            .store
            .timers_due(now, BATCH_DOCUMENTS)
            .map_err(Error::store("reading timers"))?;
        let mut documents = Vec::with_capacity(due.len());
        for timer in &due {
            let case = self
                .store
                .case_row(&timer.case)
                .map_err(Error::store("reading a case"))?;
            let Some(case) = case else { continue };
            documents.push(passed(timer, &case.dispute, now));
        }
        if documents.is_empty() {
            return Ok(0);
        }
        let appended = self
            .store
            .append(&documents)
            .map_err(Error::store("keeping the clock's word"))?;
        let fired = appended
            .iter()
            .filter(|appended| !appended.duplicate)
            .count();
        Ok(u32::try_from(fired).unwrap_or(u32::MAX))
    }
}

fn passed(timer: &TimerRow, dispute: &str, now: Instant) -> NewDocument {
    let fact = Fact {
        // The statement is true of the moment that passed, not of the moment at which somebody looked.
        true_at: timer.due.latest_instant(),
        sequence: 0,
        authority: Authority::Own,
        by: Party::Desk,
        scope: timer.scope.clone(),
        refs: References::none().and(RefKind::Dispute, dispute),
        said: Said::Passed {
            what: timer.what.clone(),
            due: timer.due,
        },
    };
    own_document(&timer.scope, Way::Desk, "clock", &[fact], now)
}

/// A document of our own: canonical facts, one a line.
pub(crate) fn own_document(
    scope: &Scope,
    way: Way,
    name: &str,
    facts: &[Fact],
    now: Instant,
) -> NewDocument {
    let mut body = String::new();
    for fact in facts {
        body.push_str(&text::render(fact));
        body.push('\n');
    }
    NewDocument {
        scope: scope.clone(),
        way,
        name: name.to_owned(),
        headers: Vec::new(),
        body: body.into_bytes(),
        received_at: now,
        verdict: String::from("unsigned"),
        verdict_detail: String::new(),
        trusted: true,
    }
}
