//! What others are told: facts, in the order in which they became known, turned into events.
//!
//! One event is the difference that one document made to one case. The step is apart from intake: it reads what is committed
//! and moves a mark, so a desk that takes in a storm is not slowed by those who listen, and a crash between the two repeats
//! the step and finds the same events under the same ids.

use crate::{Engine, Error};
use dispute::case::Case;
use dispute::derive::derive;
use dispute::family::{Known, families};
use dispute::id::{CaseId, DocumentId, EventId, FamilyId};
use dispute::news::{News, news};
use dispute::status::Stage;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{Event, Learned, Registry, Store, StoredFact};

/// How many facts one round looks at, at least: some 200 documents, each derived twice. What they come to is written in some
/// tens of milliseconds, for which other writers wait.
const FACTS_A_ROUND: u32 = 500;

/// One round of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub told: Vec<Told>,
    /// The number of the last fact that it looked at.
    pub until: u64,
}

/// An event to publish, and the stage of the case after it: a fraud report is told of by other names than a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub event: Event,
    pub stage: Option<Stage>,
}

/// What one document taught about one family: facts that became known together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lesson {
    family: FamilyId,
    document: DocumentId,
    from: u64,
    until: u64,
    known_at: calendar::Instant,
}

/// What a lesson changed: a case before it, where it was known, and after it.
type Difference<'a> = (&'a Lesson, Option<Case>, Case);

/// The lessons of one family with their places among all, and its facts.
type Taught<'a> = (Vec<(usize, &'a Lesson)>, Vec<StoredFact>);

impl<S: Store + Registry> Engine<S> {
    /// What is new since the last round; `None` when nothing is. Nothing is written: whoever knows the listeners writes events
    /// and deliveries together.
    pub fn news(&mut self) -> Result<Option<Round>, Error> {
        let after = self
            .store
            .published_until()
            .map_err(Error::store("reading what is published"))?;
        let learned = self.learned(after)?;
        let Some(until) = learned.last().map(|fact| fact.sequence) else {
            return Ok(None);
        };
        let lessons = lessons(&learned);
        let differences = self.differences(&lessons)?;
        let mut versions = self.versions(&differences)?;
        let mut all = Vec::new();
        for (lesson, before, after) in differences {
            let version = versions.entry(after.id.clone()).or_default();
            let told = told(before.as_ref(), &after, lesson, *version);
            if let Some(last) = told.last() {
                *version = last.event.version;
            }
            all.extend(told);
        }
        Ok(Some(Round { told: all, until }))
    }

    /// What each lesson changed, in their order. Families are derived beside each other, the lessons of one in turn.
    fn differences<'a>(&mut self, lessons: &'a [Lesson]) -> Result<Vec<Difference<'a>>, Error> {
        let mut taught: BTreeMap<&FamilyId, Taught<'a>> = BTreeMap::new();
        for (place, lesson) in lessons.iter().enumerate() {
            let (of_family, _) = taught.entry(&lesson.family).or_default();
            of_family.push((place, lesson));
        }
        let families: Vec<FamilyId> = taught.keys().copied().cloned().collect();
        let facts = self
            .store
            .facts_of_families(&families)
            .map_err(Error::store("loading families"))?;
        for fact in facts {
            if let Some((_, facts)) = taught.get_mut(&fact.family) {
                facts.push(fact);
            }
        }
        let taught: Vec<_> = taught.into_values().collect();
        let mut all: Vec<(usize, Difference<'a>)> = taught
            .into_par_iter()
            .flat_map_iter(|(lessons, facts)| {
                let mut history = History::of(facts);
                lessons.into_iter().flat_map(move |(place, lesson)| {
                    let differences = history.differences(lesson).into_iter();
                    differences.map(move |(before, after)| (place, (lesson, before, after)))
                })
            })
            .collect();
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, difference)| difference).collect())
    }

    /// The version of the last event of each of these cases that has one.
    fn versions(&mut self, differences: &[Difference<'_>]) -> Result<BTreeMap<CaseId, u32>, Error> {
        let cases: BTreeSet<CaseId> = differences
            .iter()
            .map(|(_, _, after)| after.id.clone())
            .collect();
        let cases: Vec<CaseId> = cases.into_iter().collect();
        let versions = self.store.event_versions(&cases);
        let versions = versions.map_err(Error::store("counting events"))?;
        Ok(versions.into_iter().collect())
    }

    /// The case of an event as it was after it, and before: `None` where it was not known.
    pub fn case_at(&mut self, event: &Event) -> Result<(Option<Case>, Option<Case>), Error> {
        let facts = self.facts_of(&event.family)?;
        let find = |cases: Vec<Case>| cases.into_iter().find(|case| case.id == event.case);
        let mut after = find(cases(&facts, event.known_until));
        let mut before = find(cases(&facts, event.known_before));
        if after.is_none() {
            // Its family was joined with another, or parted, since: the facts are where the case is now.
            let row = self
                .store
                .case_row(&event.case)
                .map_err(Error::store("reading a case"))?;
            if let Some(row) = row {
                let facts = self.facts_of(&row.family)?;
                after = find(cases(&facts, event.known_until));
                before = find(cases(&facts, event.known_before));
            }
        }
        Ok((before, after))
    }

    fn facts_of(&mut self, family: &FamilyId) -> Result<Vec<StoredFact>, Error> {
        self.store
            .facts_of_family(family)
            .map_err(Error::store("loading a family"))
    }

    /// The next facts, to the end of a document: what one document says is told together, wherever a round ends.
    fn learned(&mut self, after: u64) -> Result<Vec<Learned>, Error> {
        let mut page = |after: u64| {
            self.store
                .learned_after(after, FACTS_A_ROUND)
                .map_err(Error::store("reading what became known"))
        };
        let mut learned = page(after)?;
        let mut full = learned.len() >= usize::try_from(FACTS_A_ROUND).unwrap_or(usize::MAX);
        while full {
            let Some(last) = learned.last().cloned() else {
                break;
            };
            let more = page(last.sequence)?;
            full = !more.is_empty() && more.iter().all(|fact| fact.document == last.document);
            learned.extend(
                more.into_iter()
                    .take_while(|fact| fact.document == last.document),
            );
        }
        Ok(learned)
    }
}

/// Facts of one document and one family, in the order in which the first of each became known.
fn lessons(learned: &[Learned]) -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = Vec::new();
    for fact in learned {
        let same =
            |lesson: &&mut Lesson| lesson.document == fact.document && lesson.family == fact.family;
        // A file's facts about one family need not stand together in it, but its own facts do.
        match lessons
            .iter_mut()
            .rev()
            .take_while(|lesson| lesson.document == fact.document)
            .find(same)
        {
            Some(lesson) => lesson.until = fact.sequence,
            None => lessons.push(Lesson {
                family: fact.family.clone(),
                document: fact.document.clone(),
                from: fact.sequence,
                until: fact.sequence,
                known_at: fact.known_at,
            }),
        }
    }
    lessons
}

/// A family's facts, and its cases as they were at the last lesson asked for.
struct History {
    facts: Vec<StoredFact>,
    until: u64,
    cases: Vec<Case>,
}

impl History {
    fn of(facts: Vec<StoredFact>) -> History {
        History {
            facts,
            until: 0,
            cases: Vec::new(),
        }
    }

    /// The cases before and after a lesson, those that it left alone left out.
    fn differences(&mut self, lesson: &Lesson) -> Vec<(Option<Case>, Case)> {
        let before_until = lesson.from.saturating_sub(1);
        // Facts of other families may stand between two lessons of this one.
        let between = self
            .facts
            .iter()
            .any(|fact| fact.sequence > self.until && fact.sequence <= before_until);
        let before = if between {
            cases(&self.facts, before_until)
        } else {
            std::mem::take(&mut self.cases)
        };
        let after = cases(&self.facts, lesson.until);
        let differences = after
            .iter()
            .map(|case| {
                let was = before.iter().find(|was| was.id == case.id).cloned();
                (was, case.clone())
            })
            .filter(|(was, case)| was.as_ref() != Some(case));
        let differences = differences.collect();
        self.until = lesson.until;
        self.cases = after;
        differences
    }
}

/// The cases that these facts come to, as far as they were known at a number.
fn cases(facts: &[StoredFact], until: u64) -> Vec<Case> {
    let known = facts
        .iter()
        .filter(|row| row.sequence <= until)
        .map(|row| Known {
            fact: row.fact.clone(),
            id: row.id.clone(),
        });
    let families = families(known);
    families
        .iter()
        .flat_map(|family| derive(family).cases)
        .collect()
}

/// The events of one difference, numbered on from the case's last.
fn told(before: Option<&Case>, after: &Case, lesson: &Lesson, version: u32) -> Vec<Told> {
    let numbered = (version + 1..).zip(news(before, after));
    let told = numbered.map(|(version, news)| Told {
        event: event(after, lesson, version, &news),
        stage: after.status.stage(),
    });
    told.collect()
}

fn event(after: &Case, lesson: &Lesson, version: u32, news: &News) -> Event {
    let id = EventId::of(&[
        after.id.as_str(),
        lesson.document.as_str(),
        news.name(),
        &news.subject(),
    ]);
    Event {
        id: id.as_str().to_owned(),
        sequence: 0,
        kind: news.name().to_owned(),
        case: after.id.clone(),
        family: lesson.family.clone(),
        scope: after.scope.clone(),
        version,
        document: lesson.document.clone(),
        known_before: lesson.from.saturating_sub(1),
        known_until: lesson.until,
        at: lesson.known_at,
    }
}
