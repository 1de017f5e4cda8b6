//! What an endpoint's owner does with its deliveries: looks at them and their attempts, has them sent again, asks for a test
//! event, disables and enables.
//!
//! Whether the asker may is the face's question, and whose endpoint it is [`Desk::endpoint_of`] answers.

use crate::deliver::TRIES;
use crate::publish::{PING, Wording, health, owner};
use crate::shape::At;
use crate::{Desk, Error};
use calendar::Instant;
use dispute::id::{CaseId, DocumentId, EventId, FamilyId};
use dispute::status::Stage;
use hooks::endpoint::{Happening, Health};
use hooks::schedule;
use schemars::JsonSchema;
use serde::Serialize;
pub use store::{Again, DeliveryQuery};
use store::{Attempt, Delivery, Endpoint, Event, Leaf, Registry, Sight, Store, own_scope};

/// One event on its way to one endpoint.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DeliveryView {
    pub endpoint: String,
    pub event: String,
    /// Its place in the order of publication: what a range to replay is given in.
    pub sequence: u64,
    #[serde(rename = "type")]
    pub kind: String,
    pub case: String,
    pub happened_at: At,
    /// `due`, `held` while the endpoint is disabled, `delivered`, `parked`, `cancelled`.
    pub state: String,
    /// Those that ended.
    pub attempts: u32,
    /// When the next attempt may begin, or when the last one might have.
    pub due_at: At,
    pub settled_at: Option<At>,
    /// Why it is parked.
    pub why: Option<String>,
}

/// One attempt, as the delivery log has it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct AttemptView {
    pub endpoint: String,
    pub event: String,
    /// From 1, over all rounds.
    pub number: u32,
    pub at: At,
    pub took_ms: u32,
    /// What was answered; `None`: nothing was.
    pub status: Option<u16>,
    /// The first words of the answer, or why there is none.
    pub words: String,
}

/// How an endpoint is, for whoever looks at it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct HealthView {
    /// `enabled`, `slowed`, `releasing`, `disabled`, `probing`, `gone`, `stopped`.
    pub state: &'static str,
    /// Whether events are held for it.
    pub holds: bool,
    /// Since when it is so, where that is known.
    pub since: Option<At>,
    /// Failures in a row; 0 after a success.
    pub failures: u32,
    /// When it is tried next, where something is waited for.
    pub next_at: Option<At>,
}

impl From<&Health> for HealthView {
    fn from(health: &Health) -> HealthView {
        let (state, since, failing, next_at) = match *health {
            Health::Enabled { failing } => ("enabled", None, failing, None),
            Health::Slowed { until, failing, .. } => ("slowed", None, failing, Some(until)),
            Health::Releasing { next_at, failing } => ("releasing", None, failing, Some(next_at)),
            Health::Disabled {
                since, probe_at, ..
            } => ("disabled", Some(since), None, Some(probe_at)),
            Health::Probing { since, lost_at, .. } => ("probing", Some(since), None, Some(lost_at)),
            Health::Gone { since } => ("gone", Some(since), None, None),
            Health::Stopped { since } => ("stopped", Some(since), None, None),
        };
        HealthView {
            state,
            holds: health.holds(),
            since: since.or(failing.map(|run| run.since)).map(At),
            failures: failing.map_or(0, |run| run.failures),
            next_at: next_at.map(At),
        }
    }
}

/// How an endpoint is.
///
/// # Errors
/// When somebody else than this program wrote its row.
pub fn health_of(endpoint: &Endpoint) -> Result<HealthView, Error> {
    Ok(HealthView::from(&health(endpoint)?))
}

impl Desk {
    /// An endpoint that is not deleted, if this merchant, or with `None` the desk, may look at it: the desk at every merchant's,
    /// in the one mode. Everybody else's is not there.
    ///
    /// # Errors
    /// When the store fails, or it is not there.
    pub fn endpoint_of(
        &mut self,
        (merchant, live): (Option<&str>, bool),
        id: &str,
    ) -> Result<Endpoint, Error> {
        let found = self.kept_endpoint(id)?;
        let theirs = merchant.is_none() || found.merchant.as_deref() == merchant;
        match theirs && found.live == live {
            true => Ok(found),
            false => Err(Error::NoSuchEndpoint { id: id.to_owned() }),
        }
    }

    /// A page of an endpoint's deliveries, latest due first, and whether there are more. `None` for a page beside an event
    /// that was never on its way to it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn deliveries(
        &mut self,
        query: &DeliveryQuery,
        wording: &dyn Wording,
    ) -> Result<Option<(Vec<DeliveryView>, bool)>, Error> {
        let (rows, more) = match self.engine.store.delivery_page(query) {
            Ok(page) => page,
            Err(store::Error::Absent { .. }) => return Ok(None),
            Err(source) => return Err(Error::store("listing deliveries")(source)),
        };
        let views: Result<Vec<DeliveryView>, Error> = rows
            .into_iter()
            .map(|row| self.delivery_view(row, wording))
            .collect();
        Ok(Some((views?, more)))
    }

    /// One delivery; `None` where the event was never on its way there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn delivery(
        &mut self,
        endpoint: &str,
        event: &str,
        wording: &dyn Wording,
    ) -> Result<Option<DeliveryView>, Error> {
        let row = self.engine.store.delivery(endpoint, event);
        let row = row.map_err(Error::store("reading a delivery"))?;
        row.map(|row| self.delivery_view(row, wording)).transpose()
    }

    /// The event belongs to the endpoint's owner, who may look at less than the event's case has become since.
    fn delivery_view(
        &mut self,
        row: Delivery,
        wording: &dyn Wording,
    ) -> Result<DeliveryView, Error> {
        let event = self.engine.store.event(&row.event);
        let event = event.map_err(Error::store("reading an event"))?;
        let case = match &event {
            Some(event) => self.engine.store.case_row(&event.case),
            None => Ok(None),
        };
        let case = case.map_err(Error::store("reading a case"))?;
        let stage = case.and_then(|case| Stage::parse(&case.stage));
        let kind = event.as_ref().map_or(PING, |event| event.kind.as_str());
        Ok(DeliveryView {
            sequence: event.as_ref().map_or(0, |event| event.sequence),
            kind: wording.kind(kind, stage),
            case: event
                .as_ref()
                .map_or_else(String::new, |event| event.case.to_string()),
            happened_at: At(event.map_or(row.due_at, |event| event.at)),
            endpoint: row.endpoint,
            event: row.event,
            state: row.state,
            attempts: row.attempts,
            due_at: At(row.due_at),
            settled_at: row.settled_at.map(At),
            why: row.why,
        })
    }

    /// Attempts at an endpoint, or at one event of it, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn attempts(
        &mut self,
        endpoint: &str,
        event: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AttemptView>, Error> {
        let found = self.engine.store.attempts(endpoint, event, limit);
        let found = found.map_err(Error::store("reading attempts"))?;
        let view = |row: Attempt| AttemptView {
            endpoint: row.endpoint,
            event: row.event,
            number: row.number,
            at: At(row.at),
            took_ms: row.took_ms,
            status: row.status,
            words: row.words,
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Sends again what an endpoint was sent or given up on. Each has a whole round of attempts before it; what is on its way
    /// is left as it is. Returns how many.
    ///
    /// # Errors
    /// When the store fails, or there is no such endpoint.
    pub fn replay_events(
        &mut self,
        endpoint: &str,
        again: &Again,
        who: &str,
        now: Instant,
    ) -> Result<u64, Error> {
        let found = self.kept_endpoint(endpoint)?;
        let state = waiting_state(&health(&found)?);
        let store = &mut self.engine.store;
        let count = store.replay(endpoint, again, state, now, schedule::ATTEMPTS);
        let count = count.map_err(Error::store("sending events again"))?;
        if count > 0 {
            let which = match again {
                Again::Numbers(from, until) => format!("numbers={from}..{until}"),
                Again::Times(from, before) => format!("from={from} before={before}"),
                Again::Event(event) => format!("event={event}"),
            };
            let mut leaf =
                format!("endpoint {endpoint} replayed {which} count={count} at={now} by=");
            dispute::text::escape(who, &mut leaf);
            let noted = self.engine.store.note(&Leaf(leaf));
            noted.map_err(Error::store("noting a replay"))?;
        }
        Ok(count)
    }

    /// Sends one event to an endpoint, also one that it was never sent, because it did not exist or did not ask for it.
    /// What is on its way already stays as it is. `None`: no event of this id belongs to the endpoint's owner.
    ///
    /// # Errors
    /// When the store fails, or there is no such endpoint.
    pub fn resend_event(
        &mut self,
        endpoint: &str,
        event: &str,
        who: &str,
        now: Instant,
        wording: &dyn Wording,
    ) -> Result<Option<DeliveryView>, Error> {
        let found = self.kept_endpoint(endpoint)?;
        let row = self.engine.store.delivery(endpoint, event);
        if row.map_err(Error::store("reading a delivery"))?.is_some() {
            self.replay_events(endpoint, &Again::Event(event.to_owned()), who, now)?;
            return self.delivery(endpoint, event, wording);
        }
        let known = self.engine.store.event(event);
        let known = known.map_err(Error::store("reading an event"))?;
        let Some(known) = known.filter(|known| known.kind != PING) else {
            return Ok(None);
        };
        let owned = self.engine.store.owned();
        let owned = owned.map_err(Error::store("reading whose accounts they are"))?;
        let (merchant, live) = owner(&known.scope, &owned);
        // The desk's own endpoints may hear of every merchant.
        let theirs = found.merchant.is_none() || found.merchant.as_deref() == merchant;
        if !theirs || found.live != live {
            return Ok(None);
        }
        let row = waiting(&found, event, now)?;
        let put = self.engine.store.put_deliveries(&[row]);
        put.map_err(Error::store("sending an event"))?;
        let mut leaf = format!("endpoint {endpoint} sent event={event} at={now} by=");
        dispute::text::escape(who, &mut leaf);
        let noted = self.engine.store.note(&Leaf(leaf));
        noted.map_err(Error::store("noting a replay"))?;
        self.delivery(endpoint, event, wording)
    }

    /// Publishes a test event for one endpoint alone, which goes the way that every event goes: signed, logged, tried again,
    /// and held while the endpoint is disabled. It is of no case.
    ///
    /// # Errors
    /// When the store fails, or there is no such endpoint.
    pub fn ping_endpoint(
        &mut self,
        endpoint: &str,
        now: Instant,
        wording: &dyn Wording,
    ) -> Result<DeliveryView, Error> {
        let found = self.kept_endpoint(endpoint)?;
        let case = CaseId::of(&[PING, endpoint]);
        let versions = self
            .engine
            .store
            .event_versions(std::slice::from_ref(&case));
        let versions = versions.map_err(Error::store("counting events"))?;
        let version = versions.first().map_or(1, |(_, last)| last + 1);
        let drawn = crate::deliver::random().to_string();
        let parts = [PING, endpoint, &now.to_string(), &drawn];
        let event = Event {
            id: EventId::of(&parts).as_str().to_owned(),
            sequence: 0,
            kind: PING.to_owned(),
            family: FamilyId::of(&[PING, endpoint]),
            scope: own_scope(found.merchant.as_deref()),
            version,
            document: DocumentId::of(&parts),
            known_before: 0,
            known_until: 0,
            at: now,
            case,
        };
        let row = waiting(&found, &event.id, now)?;
        let store = &mut self.engine.store;
        let published = store.publish(std::slice::from_ref(&event), &[row], 0);
        published.map_err(Error::store("publishing a test event"))?;
        let made = self.delivery(endpoint, &event.id, wording)?;
        Ok(made.expect("it was put there above, and deliveries are never removed"))
    }

    /// A person enables or disables an endpoint. `false` when it was so already.
    ///
    /// # Errors
    /// When the store fails, there is no such endpoint, or answers change it faster than it can be changed.
    pub fn switch_endpoint(
        &mut self,
        endpoint: &str,
        enabled: bool,
        who: &str,
        now: Instant,
    ) -> Result<bool, Error> {
        let happening = match enabled {
            true => Happening::Start,
            false => Happening::Stop,
        };
        for _attempt in 0..TRIES {
            let found = self.kept_endpoint(endpoint)?;
            let was = health(&found)?;
            let (next, _) = was.after(now, happening);
            if next == was {
                return Ok(false);
            }
            let word = if enabled { "enabled" } else { "disabled" };
            let mut leaf = format!("endpoint {endpoint} {word} at={now} by=");
            dispute::text::escape(who, &mut leaf);
            let next = next.to_string();
            let store = &mut self.engine.store;
            let written = store.put_health(endpoint, &found.health, &next, Some(&Leaf(leaf)));
            if written.map_err(Error::store("noting an endpoint's health"))? {
                return Ok(true);
            }
        }
        Err(Error::Busy)
    }

    /// From here on everything is seen: what belongs to an endpoint belongs to its owner, wherever the event's account went.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look_at_all(&mut self) -> Result<(), Error> {
        self.look_as(&Sight::All)
    }
}

fn waiting_state(health: &Health) -> &'static str {
    match health.holds() {
        true => "held",
        false => "due",
    }
}

fn waiting(endpoint: &Endpoint, event: &str, now: Instant) -> Result<Delivery, Error> {
    Ok(Delivery {
        endpoint: endpoint.id.clone(),
        event: event.to_owned(),
        state: waiting_state(&health(endpoint)?).to_owned(),
        attempts: 0,
        due_at: now,
        settled_at: None,
        why: None,
    })
}
