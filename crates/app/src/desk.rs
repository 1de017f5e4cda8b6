//! One desk, open.

use crate::board::feeds::Troubled;
use crate::kept::Kept;
use crate::settings::Settings;
use crate::{Error, Opening, Place};
use calendar::Instant;
use dispute::command::Command;
use engine::command::{Actor, Commanded, Opened};
use engine::{Carrier, Engine, NoCarrier, Progress};

/// A step takes at most so many documents, timers and sends of each kind; this many rounds clear a backlog of a million.
const ROUNDS_MAX: u32 = 4_000;

/// How often work is derived again because another process was first. Each round reads what that process wrote, so this
/// only stops a fault that would repeat for ever.
const CONFLICTS_MAX: u32 = 50;

/// An open desk.
pub struct Desk {
    pub engine: Engine<Kept>,
    pub place: Place,
    pub settings: Settings,
    /// What is in trouble, as last counted.
    pub(crate) troubled: Option<Troubled>,
}

impl Desk {
    /// Opens a desk with every provider of the list, reads its settings, and brings its schema up to date.
    pub fn open(place: &Place, opening: Opening) -> Result<Desk, Error> {
        let kept = place.open(opening)?;
        let settings = Settings::read(&place.home()?)?;
        Ok(Desk {
            engine: Engine::new(kept, providers::list::ALL),
            place: place.clone(),
            settings,
            troubled: None,
        })
    }

    /// Does everything that is due and needs no way out: documents, the clock, and what follows.
    pub fn catch_up(&mut self, now: Instant) -> Result<Progress, Error> {
        self.work(now, &mut NoCarrier)
    }

    /// Steps until nothing is left to do at this instant.
    pub fn work(&mut self, now: Instant, carrier: &mut dyn Carrier) -> Result<Progress, Error> {
        let mut total = Progress::default();
        for _round in 0..ROUNDS_MAX {
            let progress = self.retrying(|engine| engine.step(now, carrier))?;
            total.add(progress);
            if progress.documents == 0 && progress.timers == 0 && progress.sent == 0 {
                break;
            }
        }
        Ok(total)
    }

    /// Runs work again when another process wrote first: nothing of it was applied then.
    pub fn retrying<T>(
        &mut self,
        mut work: impl FnMut(&mut Engine<Kept>) -> Result<T, engine::Error>,
    ) -> Result<T, Error> {
        let mut left = CONFLICTS_MAX;
        loop {
            match work(&mut self.engine) {
                Err(engine::Error::Store {
                    source: store::Error::Conflict { .. },
                    ..
                }) if left > 0 => left -= 1,
                other => return Ok(other?),
            }
        }
    }

    /// The case that people mean by this text.
    pub fn case(&mut self, name: &str) -> Result<Opened, Error> {
        Ok(self.engine.open(name)?)
    }

    /// Carries out a person's command.
    pub fn command(
        &mut self,
        name: &str,
        command: &Command,
        actor: &Actor,
        now: Instant,
    ) -> Result<Commanded, Error> {
        Ok(self.engine.command(name, command, actor, now)?)
    }

    /// The account to which a file belongs that names none: the one given, the only one configured, or `default`.
    pub fn account_for(&self, provider: &str, given: Option<&str>) -> String {
        if let Some(given) = given {
            return given.to_owned();
        }
        let mut configured = self
            .settings
            .accounts
            .iter()
            .filter(|account| account.scope.provider == provider);
        match (configured.next(), configured.next()) {
            (Some(only), None) => only.scope.account.clone(),
            _ => String::from("default"),
        }
    }
}
