//! People's commands: checked by one function, kept as documents, processed like everything else.

use crate::timers::own_document;
use crate::{CONFLICTS_MAX, Engine, Error};
use adapter::Verb;
use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::derive::derive;
use dispute::fact::Fact;
use dispute::family::{Family, Known, families};
use dispute::id::{CaseId, FamilyId};
use dispute::permit::permit;
use dispute::reference::{RefKind, References};
use dispute::rejection::Rejection;
use dispute::said::Said;
use dispute::status::{Authority, Party};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{Appended, CaseRow, Seen, Store, StoredFact, Way};

/// Who commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// As it should stand in the timeline.
    pub name: String,
    /// Merchant or operator.
    pub party: Party,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commanded {
    /// It is a fact now; the case after it.
    Done(Box<Case>),
    Rejected(Rejection),
}

/// A case together with the statements of its family.
#[derive(Clone, Debug)]
pub struct Opened {
    pub row: CaseRow,
    pub case: Case,
    pub facts: Vec<StoredFact>,
    /// The other cases of the family.
    pub linked: Vec<Case>,
}

impl<S: Store> Engine<S> {
    /// The case that people mean by this text: its id, the provider's reference, or any other reference that leads to one
    /// case only.
    pub fn open(&mut self, name: &str) -> Result<Opened, Error> {
        // An id is a key; only what is none is looked for in every reference.
        if let Some(id) = CaseId::parse(name) {
            let row = self.store.case_row(&id);
            if let Some(row) = row.map_err(Error::store("finding a case"))? {
                return self.open_row(row);
            }
        }
        let found = self
            .store
            .find_cases(name, 2)
            .map_err(Error::store("finding a case"))?;
        let exact = found
            .iter()
            .find(|row| row.id.as_str() == name || row.dispute == name);
        let row = match (exact, found.as_slice()) {
            (Some(row), _) => row.clone(),
            (None, [row]) => row.clone(),
            _ => {
                return Err(Error::NoSuchCase {
                    name: name.to_owned(),
                });
            }
        };
        self.open_row(row)
    }

    /// Derives a listed case from its statements.
    pub fn open_row(&mut self, row: CaseRow) -> Result<Opened, Error> {
        let facts = self
            .store
            .facts_of_family(&row.family)
            .map_err(Error::store("loading a family"))?;
        opened(row, facts)
    }

    /// As [`Engine::open_row`], of a page of cases, whose statements are read together: a page of a hundred is one question
    /// to the store and not a hundred.
    pub fn open_rows(&mut self, rows: Vec<CaseRow>) -> Result<Vec<Opened>, Error> {
        let families: BTreeSet<FamilyId> = rows.iter().map(|row| row.family.clone()).collect();
        let families: Vec<FamilyId> = families.into_iter().collect();
        let facts = self
            .store
            .facts_of_families(&families)
            .map_err(Error::store("loading families"))?;
        let mut held: BTreeMap<FamilyId, (Vec<Row>, Vec<StoredFact>)> = BTreeMap::new();
        for fact in facts {
            match held.get_mut(&fact.family) {
                Some((_, facts)) => facts.push(fact),
                None => drop(held.insert(fact.family.clone(), (Vec::new(), vec![fact]))),
            }
        }
        // Two cases of a page may be of one family.
        for (place, row) in rows.into_iter().enumerate() {
            let family = held.entry(row.family.clone()).or_default();
            family.0.push((place, row));
        }
        let families: Vec<_> = held.into_values().collect();
        let shares = families
            .into_par_iter()
            .with_min_len(FAMILIES_AT_ONCE)
            .map(|(rows, facts)| of_family(rows, facts));
        let mut all = Vec::new();
        for share in shares.collect::<Vec<_>>() {
            all.extend(share?);
        }
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, opened)| opened).collect())
    }

    /// Carries out a command now, or says why not.
    ///
    /// What was decided holds for the case that was looked at and for no other: when somebody else was first, the store
    /// keeps nothing, and the command is looked at anew, against what that other wrote (F-59).
    pub fn command(
        &mut self,
        name: &str,
        command: &Command,
        actor: &Actor,
        now: Instant,
    ) -> Result<Commanded, Error> {
        let mut left = CONFLICTS_MAX;
        loop {
            self.absorb_beside_others(now)?;
            let opened = self.open(name)?;
            let fact = match self.decide(&opened, command, actor, now)? {
                Ok(fact) => fact,
                Err(rejection) => return Ok(Commanded::Rejected(rejection)),
            };
            match self.say(&opened, Way::Command, command.name(), fact, now) {
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(error),
                Ok(_) => {
                    self.absorb_beside_others(now)?;
                    let after = self.open(opened.case.id.as_str())?;
                    return Ok(Commanded::Done(Box::new(after.case)));
                }
            }
        }
    }

    /// Keeps a statement of ours about a case, if the case is still the one that was opened.
    pub(crate) fn say(
        &mut self,
        opened: &Opened,
        way: Way,
        name: &str,
        fact: Fact,
        now: Instant,
    ) -> Result<Appended, Error> {
        let document = own_document(&opened.case.scope, way, name, &[fact], now);
        let seen = Seen {
            case: opened.row.id.clone(),
            family: opened.row.family.clone(),
            digest: opened.row.digest.clone(),
            facts: u64::try_from(opened.facts.len()).unwrap_or(u64::MAX),
        };
        self.store
            .append_if(&document, &seen)
            .map_err(Error::store("keeping what was decided"))
    }

    /// What the command says about this case, or why not.
    fn decide(
        &mut self,
        opened: &Opened,
        command: &Command,
        actor: &Actor,
        now: Instant,
    ) -> Result<Result<Fact, Rejection>, Error> {
        let said = match permit(&opened.case, command, &actor.name, now) {
            Ok(said) => said,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if let Some(rejection) = self.unsayable(&opened.case, &said)? {
            return Ok(Err(rejection));
        }
        let mut refs = References::none().and(RefKind::Dispute, &opened.case.dispute);
        if let Command::Cut { one, other } | Command::Tie { one, other } = command {
            refs = refs.and(one.kind, &one.value).and(other.kind, &other.value);
        }
        // A clock that was set back, or a second machine's, must not put this before what people of ours said already: it
        // would be Done and have no effect.
        let own = opened
            .facts
            .iter()
            .filter(|row| row.fact.authority == Authority::Own);
        let last = own.map(|row| row.fact.true_at).max();
        // The same command given again at the same instant (its first answer was lost) stays the same statement.
        let ahead = last.filter(|last| *last > now);
        let after = ahead.and_then(|last| Instant::from_unix_micros(last.unix_micros() + 1));
        Ok(Ok(Fact {
            true_at: after.unwrap_or(now),
            sequence: 0,
            authority: Authority::Own,
            by: actor.party,
            scope: opened.case.scope.clone(),
            refs,
            said,
        }))
    }

    /// Why this provider cannot be told this, if it cannot (F-63: a gap is said before anybody relies on it).
    pub(crate) fn unsayable(&self, case: &Case, said: &Said) -> Result<Option<Rejection>, Error> {
        let capabilities = self.adapter(&case.scope.provider)?.capabilities();
        let (stage, verb) = match said {
            Said::SubmissionAsked { stage, .. } => (*stage, Verb::Submit),
            Said::AcceptanceAsked { stage } => (*stage, Verb::Accept),
            Said::DishonorAsked { stage, .. } => (*stage, Verb::Dishonor),
            _ => return Ok(None),
        };
        let there = verb != Verb::Submit || capabilities.answers_at.contains(&stage);
        if capabilities.verbs.contains(&verb) && there {
            return Ok(None);
        }
        let what = match verb {
            Verb::Submit => "evidence",
            Verb::Dishonor => "dishonor",
            _ => "acceptance",
        };
        Ok(Some(Rejection::NoWayToSay { stage, what }))
    }
}

/// The case of this row, as these statements of its family derive it.
/// A row and its place on the page.
type Row = (usize, CaseRow);

/// A family of a few statements is derived in some 25 microseconds, well above what it costs to hand two to another thread.
const FAMILIES_AT_ONCE: usize = 2;

/// The cases of a page that are of one family.
fn of_family(rows: Vec<Row>, facts: Vec<StoredFact>) -> Result<Vec<(usize, Opened)>, Error> {
    let mut rows = rows.into_iter();
    let last = rows.next_back();
    let mut all = Vec::with_capacity(rows.len().saturating_add(1));
    for (place, row) in rows {
        all.push((place, opened(row, facts.clone())?));
    }
    if let Some((place, row)) = last {
        all.push((place, opened(row, facts)?));
    }
    Ok(all)
}

fn opened(row: CaseRow, facts: Vec<StoredFact>) -> Result<Opened, Error> {
    let known = facts.iter().map(|row| Known {
        fact: row.fact.clone(),
        id: row.id.clone(),
    });
    let mut cases: Vec<Case> = families(known)
        .iter()
        .flat_map(|family: &Family| derive(family).cases)
        .collect();
    let position = cases.iter().position(|case| case.id == row.id);
    let position = position.ok_or_else(|| Error::NoSuchCase {
        name: row.id.to_string(),
    })?;
    let case = cases.remove(position);
    Ok(Opened {
        row,
        case,
        facts,
        linked: cases,
    })
}
