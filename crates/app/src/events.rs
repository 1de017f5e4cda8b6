//! What was told to others, with the cases as they were.

use crate::disputes::Dispute;
use crate::{Desk, Error};
use std::collections::BTreeMap;
use store::Event;
pub use store::{EventQuery, Taken};

/// An event, and the dispute before and after it; `None` where it was not known.
#[derive(Clone, Debug)]
pub struct Told {
    pub event: Event,
    pub before: Option<Dispute>,
    pub after: Option<Dispute>,
}

/// An event in a line.
#[derive(Clone, Debug)]
pub struct Headline {
    pub case: String,
    pub dispute: String,
    /// As `dispute::news` names it.
    pub kind: String,
    pub at: calendar::Instant,
}

impl Desk {
    /// The newest events of these kinds, without the disputes around them. No kinds: none.
    ///
    /// # Errors
    /// When the store fails.
    pub fn headlines(&mut self, kinds: &[String], limit: u32) -> Result<Vec<Headline>, Error> {
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let query = EventQuery {
            kinds: kinds.to_vec(),
            case: None,
            from: None,
            before: None,
            taken: None,
            at_stage: None,
            after_id: None,
            before_id: None,
            limit,
        };
        let (events, _) = self
            .registry()
            .events(&query)
            .map_err(Error::store("listing events"))?;
        let mut lines = Vec::with_capacity(events.len());
        for event in events {
            let row = self
                .registry()
                .case_named(event.case.as_str())
                .map_err(Error::store("finding a case"))?;
            lines.extend(row.map(|row| Headline {
                case: event.case.to_string(),
                dispute: row.dispute,
                kind: event.kind,
                at: event.at,
            }));
        }
        Ok(lines)
    }

    /// The event of this id, if this desk sees it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn published(&mut self, id: &str) -> Result<Option<Told>, Error> {
        let event = self
            .registry()
            .event(id)
            .map_err(Error::store("finding an event"))?;
        event.map(|event| self.told(event)).transpose()
    }

    /// A page of events, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list_published(&mut self, query: &EventQuery) -> Result<(Vec<Told>, bool), Error> {
        let (events, more) = self
            .registry()
            .events(query)
            .map_err(Error::store("listing events"))?;
        let told: Result<Vec<Told>, Error> =
            events.into_iter().map(|event| self.told(event)).collect();
        Ok((told?, more))
    }

    /// An event with the dispute around it. What its owner wrote on the dispute is as it is now: it is no fact of the case.
    ///
    /// # Errors
    /// When the store fails.
    pub fn told(&mut self, event: Event) -> Result<Told, Error> {
        let (before, after) = self.engine.case_at(&event)?;
        let now = self.dispute(event.case.as_str())?;
        let with = |case| now.clone().map(|now| Dispute { case, ..now });
        Ok(Told {
            before: before.and_then(with),
            after: after.and_then(with),
            event,
        })
    }

    /// Of these events, how many deliveries wait for an endpoint that has not taken them, among the endpoints that this
    /// merchant, or with `None` the desk, may look at in one mode. Events that have none are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn untaken(
        &mut self,
        events: &[&str],
        (merchant, live): (Option<&str>, bool),
    ) -> Result<BTreeMap<String, u64>, Error> {
        let found = self.registry().untaken(events, merchant, live);
        let found = found.map_err(Error::store("counting deliveries"))?;
        Ok(found.into_iter().collect())
    }
}
