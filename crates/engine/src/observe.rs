//! Observations: what a provider's object said when it was read, though it had said the same before.
//!
//! A document is its content, so the same bytes read twice are one document that arrived twice. That is right as long as
//! nothing else was said in between. An object that goes from A to B and back to A says something the third time; then the
//! instant of the reading is part of what was said, and goes into the document (decision 0008).

use crate::batch::fact_places;
use crate::decode::{Opened, open_new};
use crate::{Engine, Error};
use dispute::fact::Fact;
use dispute::status::Authority;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::{NewDocument, Store, StoredFact};

/// The header that makes the instant of a reading part of the document: `Docket-` headers count in its id.
const OBSERVED_HEADER: &str = "Docket-Observed";

impl<S: Store> Engine<S> {
    /// The document to keep for something that we read just now: as it came, or with the instant of the reading when that is
    /// news. What a person brings as a file stays as it came: nobody knows when it was read.
    pub(crate) fn observed(&mut self, mut document: NewDocument) -> Result<NewDocument, Error> {
        if self.says_again(&document)? {
            let instant = document.received_at.to_string();
            document
                .headers
                .push((String::from(OBSERVED_HEADER), instant));
        }
        Ok(document)
    }

    /// Whether something that this document says was said before, and something else about the same thing since.
    fn says_again(&mut self, document: &NewDocument) -> Result<bool, Error> {
        let adapters = self.adapters();
        // A decoder that cannot survive these bytes will be set aside with them when they are processed.
        let opened = catch_unwind(AssertUnwindSafe(|| open_new(adapters, document)));
        let Ok(Opened::Decoded(decoded)) = opened else {
            return Ok(false);
        };
        let facts = decoded.facts.iter().map(|located| &located.fact);
        // What carries a time of its own is the same statement however often it is read.
        let of_now: Vec<&Fact> = facts
            .filter(|fact| fact.true_at == document.received_at)
            .collect();
        let places: BTreeSet<_> = of_now.iter().flat_map(|fact| fact_places(fact)).collect();
        let places: Vec<_> = places.into_iter().collect();
        let near = self.store.facts_near(&places);
        let near = near.map_err(Error::store("loading what was said before"))?;
        Ok(of_now.iter().any(|fact| overtaken(fact, &near)))
    }
}

/// Whether the last time that a provider said this was followed, up to now, by something else about the same thing.
fn overtaken(fact: &Fact, near: &[StoredFact]) -> bool {
    let about = |other: &&Fact| {
        other.authority != Authority::Own
            && other.scope == fact.scope
            && other.refs.dispute() == fact.refs.dispute()
            && other.true_at <= fact.true_at
            && other.said.contests(&fact.said)
    };
    let near: Vec<&Fact> = near.iter().map(|row| &row.fact).filter(about).collect();
    let same = near
        .iter()
        .filter(|other| other.authority == fact.authority && other.said == fact.said);
    let last = same.map(|other| other.true_at).max();
    last.is_some_and(|last| {
        let mut others = near.iter().filter(|other| other.said != fact.said);
        others.any(|other| other.true_at > last)
    })
}
