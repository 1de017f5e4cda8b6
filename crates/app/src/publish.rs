//! Events for whoever listens: made from what became known, and laid out for every endpoint that asked for them.
//!
//! Whoever calls this may die anywhere: a round is one transaction, ids and versions are functions of the facts, and the next
//! call begins where the last round ended.

use crate::{Desk, Error};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::status::Stage;
use engine::publish::Told;
use hooks::delivery;
use hooks::endpoint::Health;
use hooks::subscription::{self, Pattern};
use store::{Delivery, Owned, Registry};
pub use store::{Endpoint, Event};

/// Rounds of one call. Each is some 500 facts; between calls attempts are begun and heard, so that a backlog of news keeps
/// nobody waiting who was told of it before.
const ROUNDS_MAX: u32 = 4;

/// How long a publisher may be away before another takes over: far longer than a round.
const LEASE_SECONDS: i64 = 60;

/// The one lease of all publishers: two that number the events of one case at once would leave gaps.
const LEASE: &str = "publish";

/// The name at home of a test event, which is of no case.
pub const PING: &str = "ping";

/// How events are worded: the business of the face that others know.
pub trait Wording: Send + Sync {
    /// The public type of an event, from its name at home (`dispute::news::News::name`, or [`PING`]) and the stage of the case after it.
    fn kind(&self, name: &str, stage: Option<Stage>) -> String;

    /// The types of every event that an endpoint may ask for.
    fn types(&self) -> Vec<String>;

    /// What an endpoint is sent. A function of the event and what the desk knew then, so that every attempt sends the same.
    ///
    /// # Errors
    /// When the store fails.
    fn body(&self, desk: &mut Desk, event: &Event, endpoint: &Endpoint) -> Result<Vec<u8>, Error>;
}

/// What one call published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub events: usize,
    pub deliveries: usize,
    /// There may be more: call again.
    pub more: bool,
}

/// An endpoint as far as the choice of events goes.
struct Listener {
    id: String,
    merchant: Option<String>,
    live: bool,
    patterns: Vec<Pattern>,
    health: Health,
}

impl Desk {
    /// Publishes what became known since the last call. `holder` names this process among those that publish; where another
    /// one does, nothing is done here.
    ///
    /// # Errors
    /// When the store fails, or holds an endpoint that does not read.
    pub fn publish(
        &mut self,
        wording: &dyn Wording,
        holder: &str,
        now: Instant,
    ) -> Result<Published, Error> {
        let until = now.plus_seconds(LEASE_SECONDS);
        let lease = self.engine.store.lease(LEASE, holder, now, until);
        let Some(token) = lease.map_err(Error::store("taking a lease"))? else {
            return Ok(Published::default());
        };
        self.fenced((LEASE, token), |desk| desk.publish_rounds(wording, now))
    }

    fn publish_rounds(&mut self, wording: &dyn Wording, now: Instant) -> Result<Published, Error> {
        let mut published = Published::default();
        for _round in 0..ROUNDS_MAX {
            let Some(round) = self.retrying(|engine| engine.news())? else {
                published.more = false;
                return Ok(published);
            };
            let listeners = self.listeners()?;
            let owned = self.engine.store.owned();
            let owned = owned.map_err(Error::store("reading whose accounts they are"))?;
            let deliveries: Vec<Delivery> = round
                .told
                .iter()
                .flat_map(|told| deliveries(told, wording, &listeners, &owned, now))
                .collect();
            let events: Vec<Event> = round.told.into_iter().map(|told| told.event).collect();
            self.engine
                .store
                .publish(&events, &deliveries, round.until)
                .map_err(Error::store("publishing events"))?;
            published.events += events.len();
            published.deliveries += deliveries.len();
            published.more = true;
        }
        Ok(published)
    }

    fn listeners(&mut self) -> Result<Vec<Listener>, Error> {
        let endpoints = self.engine.store.endpoints();
        let endpoints = endpoints.map_err(Error::store("reading endpoints"))?;
        let kept = endpoints
            .into_iter()
            .filter(|endpoint| endpoint.deleted_at.is_none());
        kept.map(|endpoint| listener(&endpoint)).collect()
    }
}

fn listener(endpoint: &Endpoint) -> Result<Listener, Error> {
    Ok(Listener {
        id: endpoint.id.clone(),
        merchant: endpoint.merchant.clone(),
        live: endpoint.live,
        patterns: endpoint
            .events
            .iter()
            .filter_map(|text| Pattern::parse(text))
            .collect(),
        health: health(endpoint)?,
    })
}

/// The health of an endpoint, read.
///
/// # Errors
/// When somebody else than this program wrote it.
pub(crate) fn health(endpoint: &Endpoint) -> Result<Health, Error> {
    endpoint.health.parse().map_err(|_unread| Error::Store {
        doing: "reading the health of an endpoint",
        source: store::Error::Corrupt {
            what: format!("endpoint {}", endpoint.id),
            found: endpoint.health.clone(),
        },
    })
}

/// An account that is nobody's is the desk's alone, and live.
pub(crate) fn owner<'a>(scope: &Scope, owned: &'a [Owned]) -> (Option<&'a str>, bool) {
    match owned.iter().find(|own| own.scope == *scope) {
        Some(own) => (Some(own.merchant.as_str()), own.live),
        None => (None, true),
    }
}

fn deliveries(
    told: &Told,
    wording: &dyn Wording,
    listeners: &[Listener],
    owned: &[Owned],
    now: Instant,
) -> Vec<Delivery> {
    let (merchant, live) = owner(&told.event.scope, owned);
    let kind = wording.kind(&told.event.kind, told.stage);
    let meant = listeners.iter().filter(|listener| {
        // The desk's own endpoints hear of every merchant.
        let theirs = listener.merchant.is_none() || listener.merchant.as_deref() == merchant;
        theirs && listener.live == live && subscription::wants(&listener.patterns, &kind)
    });
    let delivery = |listener: &Listener| {
        let held = matches!(
            delivery::Delivery::new(now, &listener.health).state,
            delivery::State::Held
        );
        Delivery {
            endpoint: listener.id.clone(),
            event: told.event.id.clone(),
            state: String::from(if held { "held" } else { "due" }),
            attempts: 0,
            due_at: now,
            settled_at: None,
            why: None,
        }
    };
    meant.map(delivery).collect()
}
