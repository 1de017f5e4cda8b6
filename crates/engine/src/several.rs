//! Several commands as one effect: each is checked against the case as the ones before it leave it, and all of them are
//! kept as one document, or none is.

use crate::command::{Actor, Opened};
use crate::timers::own_document;
use crate::{Engine, Error};
use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::derive::derive;
use dispute::fact::Fact;
use dispute::family::{Known, families};
use dispute::permit::permit;
use dispute::reference::{RefKind, References};
use dispute::rejection::Rejection;
use dispute::status::Authority;
use store::{NewDocument, Store, Way};

/// How often a plan is made anew because the case moved while it was made. Each round reads what moved it, so this only
/// stops a fault that would repeat for ever.
const MOVED_MAX: u32 = 50;

/// What keeping the document came to, as whoever keeps it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping<T> {
    Kept,
    /// The case is not what was looked at; nothing was kept.
    Moved,
    /// Something else stands in the way, for good; nothing was kept.
    Barred(T),
}

/// What became of several commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Several<T> {
    /// All of them are facts now; the case after them.
    Done(Box<Case>),
    /// The command at this position, from 0, is refused, and so nothing happened.
    Rejected {
        at: usize,
        command: Box<Command>,
        rejection: Rejection,
    },
    Barred(T),
}

/// Makes a document durable, if the case is still the one that was opened.
pub type Keep<'a, S, T> =
    dyn FnMut(&mut S, &NewDocument, &Opened) -> Result<Keeping<T>, store::Error> + 'a;

/// The command that is refused, where it stands, and why.
type Refused = (usize, Command, Rejection);

impl<S: Store> Engine<S> {
    /// Carries out what `plan` makes of the case as it stands. `keep` makes the document durable, if the case is still the
    /// one that was opened; when it is not, a new plan is made of the new case.
    ///
    /// # Errors
    /// When the store fails, or no case has this name.
    pub fn command_all<T>(
        &mut self,
        name: &str,
        plan: &dyn Fn(&Case) -> Vec<Command>,
        actor: &Actor,
        now: Instant,
        keep: &mut Keep<'_, S, T>,
    ) -> Result<Several<T>, Error> {
        for _round in 0..MOVED_MAX {
            let opened = self.open(name)?;
            let facts = match self.said_by(&opened, &plan(&opened.case), actor, now)? {
                Ok(facts) => facts,
                Err((at, command, rejection)) => {
                    let command = Box::new(command);
                    return Ok(Several::Rejected {
                        at,
                        command,
                        rejection,
                    });
                }
            };
            let scope = &opened.case.scope;
            let document = own_document(scope, Way::Command, "update", &facts, now);
            match keep(&mut self.store, &document, &opened)
                .map_err(Error::store("keeping commands"))?
            {
                Keeping::Kept => {
                    self.absorb_beside_others(now)?;
                    let after = self.open(opened.case.id.as_str())?;
                    return Ok(Several::Done(Box::new(after.case)));
                }
                Keeping::Barred(by) => return Ok(Several::Barred(by)),
                Keeping::Moved => {
                    self.absorb_beside_others(now)?;
                }
            }
        }
        Err(Error::Store {
            doing: "keeping commands",
            source: store::Error::Conflict {
                doing: "keeping commands",
                found: String::from("a case that moved each time it was looked at"),
            },
        })
    }

    /// Whether all of them would be permitted now, without doing anything.
    ///
    /// # Errors
    /// When the store fails, or no case has this name.
    pub fn permit_all(
        &mut self,
        name: &str,
        plan: &dyn Fn(&Case) -> Vec<Command>,
        actor: &Actor,
        now: Instant,
    ) -> Result<Option<(Command, Rejection)>, Error> {
        let opened = self.open(name)?;
        let checked = self.said_by(&opened, &plan(&opened.case), actor, now)?;
        Ok(checked
            .err()
            .map(|(_, command, rejection)| (command, rejection)))
    }

    /// What the commands say, one after the other; or the first that is refused.
    fn said_by(
        &mut self,
        opened: &Opened,
        commands: &[Command],
        actor: &Actor,
        now: Instant,
    ) -> Result<Result<Vec<Fact>, Refused>, Error> {
        // As for one command: never before what people of ours said already, and within one instant nothing has an order,
        // so each is a microsecond after the one before.
        let own = opened
            .facts
            .iter()
            .filter(|row| row.fact.authority == Authority::Own);
        let last = own.map(|row| row.fact.true_at).max();
        let mut at = match last.filter(|last| *last > now) {
            Some(last) => microsecond_after(last),
            None => now,
        };
        let mut case = opened.case.clone();
        let mut facts: Vec<Fact> = Vec::with_capacity(commands.len());
        for (position, command) in commands.iter().enumerate() {
            let refuse = |rejection| Ok(Err((position, command.clone(), rejection)));
            let said = match permit(&case, command, &actor.name, now) {
                Ok(said) => said,
                Err(rejection) => return refuse(rejection),
            };
            if let Some(rejection) = self.unsayable(&case, &said)? {
                return refuse(rejection);
            }
            facts.push(Fact {
                true_at: at,
                sequence: 0,
                authority: Authority::Own,
                by: actor.party,
                scope: case.scope.clone(),
                refs: References::none().and(RefKind::Dispute, &case.dispute),
                said,
            });
            at = microsecond_after(at);
            case = derived(opened, &facts)?;
        }
        Ok(Ok(facts))
    }
}

fn microsecond_after(at: Instant) -> Instant {
    Instant::from_unix_micros(at.unix_micros().saturating_add(1)).unwrap_or(at)
}

/// The case as it would be with these statements.
fn derived(opened: &Opened, more: &[Fact]) -> Result<Case, Error> {
    let known = opened.facts.iter().map(|row| Known {
        fact: row.fact.clone(),
        id: row.id.clone(),
    });
    let more = more.iter().map(|fact| Known {
        fact: fact.clone(),
        id: fact.id(),
    });
    let mut cases = families(known.chain(more))
        .iter()
        .flat_map(|family| derive(family).cases)
        .collect::<Vec<Case>>()
        .into_iter();
    cases
        .find(|case| case.id == opened.case.id)
        .ok_or_else(|| Error::NoSuchCase {
            name: opened.case.id.to_string(),
        })
}
