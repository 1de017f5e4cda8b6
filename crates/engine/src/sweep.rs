//! Reading back what may have changed in silence: webhooks get lost, are never made, or were never subscribed to (F-02,
//! F-04, F-10). Two sweeps: each open case in turn, and at once those about which something was said that does not fit; and the
//! provider's own list of what is new.

use crate::carry::Carrier;
use crate::{Engine, Error};
use adapter::{Answer, Instruction, Sweep, Verb, Wanted};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::reference::{RefKind, References};
use dispute::status::Stage;
use std::collections::BTreeMap;
use store::{CaseRow, Store};

/// How far back a list is asked for beyond the last time it was read: providers' clocks and indexes lag.
const OVERLAP_HOURS: i64 = 24;
/// How far back the first list of a new desk reaches.
const FIRST_DAYS: i64 = 14;
/// How often the list of an account is read.
const LIST_EVERY_HOURS: i64 = 6;
/// A step never spends more than this many minutes of saved-up budget at once, so that a desk that was down for a week
/// does not storm the provider when it comes back.
const BURST_MINUTES: i64 = 5;

/// What the sweeps remember between steps. Losing it costs a few reads, never a truth.
#[derive(Debug)]
pub(crate) struct Sweeps {
    listed: BTreeMap<Scope, Instant>,
    swept: BTreeMap<String, Instant>,
}

impl Sweeps {
    pub fn new() -> Sweeps {
        Sweeps {
            listed: BTreeMap::new(),
            swept: BTreeMap::new(),
        }
    }
}

impl<S: Store> Engine<S> {
    /// Reads back what is due, within each provider's rate budget. Returns how many objects were read.
    pub(crate) fn sweep(&mut self, now: Instant, carrier: &mut dyn Carrier) -> Result<u32, Error> {
        let mut read = 0;
        for adapter in self.adapters().iter() {
            let capabilities = adapter.capabilities();
            let Sweep::EachCase { every_hours } = capabilities.sweep else {
                continue;
            };
            let budget = self.budget(adapter.name(), capabilities.reads_per_minute, now);
            if budget == 0 {
                continue;
            }
            let before = now.plus_hours(-i64::from(every_hours));
            let due = self.store.sweep_due(adapter.name(), before, budget);
            for row in due.map_err(Error::store("reading what to sweep"))? {
                if carrier.reaches(&row.scope) {
                    self.read_back(&row, now, carrier)?;
                    read += 1;
                }
            }
        }
        Ok(read)
    }

    /// How many reads this provider's budget allows now.
    fn budget(&mut self, provider: &str, per_minute: u32, now: Instant) -> u32 {
        let last = self.sweeps.swept.insert(provider.to_owned(), now);
        let minutes = last
            .map_or(BURST_MINUTES, |last| last.seconds_until(now) / 60)
            .clamp(0, BURST_MINUTES);
        if minutes == 0 {
            // The budget keeps growing until a whole minute has passed.
            if let Some(last) = last {
                self.sweeps.swept.insert(provider.to_owned(), last);
            }
            return 0;
        }
        per_minute.saturating_mul(u32::try_from(minutes).unwrap_or(0))
    }

    /// Reads one case's object back and keeps it. That it was read is noted whatever came of it, so that one broken case
    /// cannot hold up the sweep.
    pub fn read_back(
        &mut self,
        row: &CaseRow,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<bool, Error> {
        let instruction = Instruction {
            idempotency_key: String::new(),
            account: row.scope.account.clone(),
            refs: References::none().and(RefKind::Dispute, &row.dispute),
            stage: Stage::parse(&row.stage).unwrap_or(Stage::Chargeback),
            wanted: Wanted::ReadBack,
        };
        let conversation = self.converse(&row.scope, &instruction, now, carrier)?;
        let found = matches!(conversation.answer, Answer::Accepted);
        if found {
            self.keep_replies(&row.scope, &instruction, &conversation.exchanges, now)?;
        } else {
            tracing::warn!(case = %row.id, answer = ?conversation.answer, "a case could not be read back");
        }
        self.store
            .swept(&row.id, now)
            .map_err(Error::store("noting a sweep"))?;
        Ok(found)
    }

    /// Reads the provider's list of what changed for these accounts, when it is time: this finds disputes that no message
    /// ever told us of. Returns how many pages came.
    pub fn list_changed(
        &mut self,
        accounts: &[Scope],
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<u32, Error> {
        let mut pages = 0;
        for scope in accounts {
            let adapter = self.adapter(&scope.provider)?;
            let last = self.sweeps.listed.get(scope).copied();
            let fresh = last.is_some_and(|last| last.plus_hours(LIST_EVERY_HOURS) > now);
            if fresh
                || !adapter.capabilities().verbs.contains(&Verb::ListChanged)
                || !carrier.reaches(scope)
            {
                continue;
            }
            let since = last.map_or(now.plus_days(-FIRST_DAYS), |last| {
                last.plus_hours(-OVERLAP_HOURS)
            });
            let instruction = Instruction {
                idempotency_key: String::new(),
                account: scope.account.clone(),
                refs: References::none(),
                stage: Stage::Chargeback,
                wanted: Wanted::ListChanged { since },
            };
            let conversation = self.converse(scope, &instruction, now, carrier)?;
            // Every page that came is kept, even if a later one did not come.
            self.keep_replies(scope, &instruction, &conversation.exchanges, now)?;
            pages += u32::try_from(conversation.exchanges.len()).unwrap_or(u32::MAX);
            if matches!(conversation.answer, Answer::Accepted) {
                self.sweeps.listed.insert(scope.clone(), now);
            }
        }
        if pages > 0 {
            self.absorb(now)?;
        }
        Ok(pages)
    }
}
