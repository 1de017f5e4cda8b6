//! Sending events: what is due, to whom, and what an answer makes of it.
//!
//! One process sends at a time, by a lease. It asks [`Desk::parcels`] for what may go now, posts each on a thread of its own
//! and hands the answer to [`Desk::settle`]. The store is only touched between the two, so that a slow receiver holds no
//! connection. Nothing of an endpoint's state is kept in memory but what is under way: whoever takes over after a death
//! finds leases that run out, and sends again under the same id what may have arrived.
//!
//! Order: several events of one endpoint are under way at once, so they arrive in any order; their versions say which is
//! later. An endpoint that fails or recovers gets one at a time, what waits longest first, and what was released together in the
//! order of publication.

use crate::publish::{Wording, health};
use crate::settings::process::Webhooks;
use crate::{Desk, Error};
use calendar::Instant;
use dispute::id::sha256_hex;
pub use hooks::delivery::Verdict;
use hooks::delivery::{self, KEPT_DAYS, State, Ticket};
use hooks::desk_key::DeskKeys;
use hooks::endpoint::{Gate, Happening, Health, IN_FLIGHT_MAX, LEASE_SECONDS};
use hooks::schedule::{Answer, Attempted};
use hooks::secret::{Secret, Secrets};
use hooks::sign::{self, Message};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Attempt, Delivery, Endpoint, Leaf, Registry, Store, Wait, own_scope};
use transport::Trouble;
use transport::egress::Egress;
use transport::hook::{Sender, Settings as Sending};

/// The one lease of all senders: health is one value for each endpoint, and two that judge it at once would undo each other.
const LEASE: &str = "deliver";

/// How long a sender may be away before another takes over: longer than any attempt.
const SENDER_SECONDS: i64 = 2 * LEASE_SECONDS;

/// Attempts to the endpoints of one merchant under way at once: half of the usual threads, so that no merchant's slow
/// receivers hold up the others.
const MERCHANT_MAX: usize = 16;

/// How often a change of health is tried again when somebody else changed it at the same moment.
pub(crate) const TRIES: u32 = 50;

/// How often what was held for too long is looked for: it is a matter of days.
const GIVE_UP_EVERY_SECONDS: i64 = 3_600;

/// Words of an answer kept for the delivery log.
const WORDS_CHARS_MAX: usize = 200;

/// One attempt, ready to be posted.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub endpoint: String,
    pub event: String,
    pub merchant: Option<String>,
    pub number: u32,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub begun_at: Instant,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Heard {
    pub attempted: Attempted,
    /// The first of what was answered, or why nothing was.
    pub words: String,
}

/// The way out to endpoints, shared by the threads that post.
#[derive(Clone)]
pub struct WayOut(Arc<Sender>);

impl WayOut {
    pub fn open(webhooks: &Webhooks) -> WayOut {
        let sender = Sender::open(Sending {
            timeout_connect: webhooks.connect,
            timeout_total: webhooks.answer,
            ..Sending::usual(way_of(webhooks))
        });
        WayOut(Arc::new(
            sender.expect("the settings bound one timeout below the other"),
        ))
    }

    /// Posts once, waits, and follows nothing; less long than an attempt has before it counts as lost.
    pub fn post(&self, parcel: &Parcel) -> Heard {
        let (answer, retry_after, took_ms, words) =
            match self.0.post(&parcel.url, &parcel.headers, &parcel.body) {
                Ok(reply) => (
                    Answer::Status(reply.status),
                    reply.retry_after,
                    u64::try_from(reply.took.as_millis()).unwrap_or(u64::MAX),
                    String::from_utf8_lossy(&reply.body).into_owned(),
                ),
                Err(Trouble::NotSent(why)) => (Answer::NotSent, None, 0, why),
                Err(Trouble::Lost(why)) => (Answer::Lost, None, 0, why),
            };
        Heard {
            attempted: Attempted {
                answer,
                retry_after,
                took_ms,
            },
            words,
        }
    }
}

/// Where endpoints may lie.
pub(crate) fn way_of(webhooks: &Webhooks) -> Egress {
    match webhooks.loopback {
        true => Egress::Loopback,
        false => Egress::Public {
            ports: webhooks.ports.clone(),
            also: Vec::new(),
        },
    }
}

/// What is under way in this process.
#[derive(Debug, Default)]
pub struct UnderWay {
    endpoints: BTreeMap<String, u32>,
    merchants: BTreeMap<Option<String>, usize>,
    /// The desk's own keys, once this call needed them: another process may have rolled them since the last.
    keys: Option<DeskKeys>,
    gave_up_at: Option<Instant>,
    /// When an endpoint last failed, of those that have not answered well since.
    failed_at: BTreeMap<String, Instant>,
}

impl UnderWay {
    pub fn count(&self) -> usize {
        self.merchants.values().sum()
    }

    fn of(&self, endpoint: &str) -> u32 {
        self.endpoints.get(endpoint).copied().unwrap_or(0)
    }

    fn begin(&mut self, parcel: &Parcel) {
        *self.endpoints.entry(parcel.endpoint.clone()).or_default() += 1;
        *self.merchants.entry(parcel.merchant.clone()).or_default() += 1;
    }

    fn end(&mut self, parcel: &Parcel) {
        if let Some(count) = self.endpoints.get_mut(&parcel.endpoint) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = self.merchants.get_mut(&parcel.merchant) {
            *count = count.saturating_sub(1);
        }
        self.endpoints.retain(|_, count| *count > 0);
        self.merchants.retain(|_, count| *count > 0);
    }

    fn heard(&mut self, endpoint: &str, verdict: Verdict, now: Instant) {
        match verdict {
            Verdict::Delivered => drop(self.failed_at.remove(endpoint)),
            Verdict::Next { .. } | Verdict::Parked | Verdict::DisableEndpoint | Verdict::Held => {
                self.failed_at.insert(endpoint.to_owned(), now);
            }
            Verdict::Overtaken => {}
        }
    }
}

impl Desk {
    /// Takes on at most `room` attempts, each endpoint in turn one after the other. Nothing while another process sends.
    ///
    /// # Errors
    /// When the store fails or holds what does not read. What was taken on before that is due again when its lease ends.
    pub fn parcels(
        &mut self,
        wording: &dyn Wording,
        under_way: &mut UnderWay,
        holder: &str,
        now: Instant,
        room: usize,
    ) -> Result<Vec<Parcel>, Error> {
        let until = now.plus_seconds(SENDER_SECONDS);
        let lease = self.engine.store.lease(LEASE, holder, now, until);
        let Some(token) = lease.map_err(Error::store("taking a lease"))? else {
            return Ok(Vec::new());
        };
        let mut parcels = Vec::new();
        under_way.keys = None;
        let done = self.fenced((LEASE, token), |desk| {
            desk.give_up(under_way, now)?;
            desk.rounds(wording, under_way, (now, room), &mut parcels)
        });
        match done {
            Ok(()) => Ok(parcels),
            Err(error) => {
                // Nobody posts them now: they are due again when their leases end.
                for parcel in &parcels {
                    under_way.end(parcel);
                }
                Err(error)
            }
        }
    }

    /// Binds everything that is written from now on to a lease, by its name and token.
    ///
    /// # Errors
    /// When the store fails.
    pub fn bind_to(&mut self, (lease, token): (&str, u64)) -> Result<(), Error> {
        let bound = self.engine.store.fence(Some((lease, token)));
        bound.map_err(Error::store("binding writes to a lease"))
    }

    /// Binds what is written meanwhile to a lease: a sender that was stopped and wakes writes nothing after another took over.
    pub(crate) fn fenced<T>(
        &mut self,
        (lease, token): (&str, u64),
        work: impl FnOnce(&mut Desk) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let doing = "binding writes to a lease";
        let store = &mut self.engine.store;
        store
            .fence(Some((lease, token)))
            .map_err(Error::store(doing))?;
        let done = work(self);
        let store = &mut self.engine.store;
        store.fence(None).map_err(Error::store(doing))?;
        done
    }

    /// Rounds: every endpoint gets one attempt before any gets a second.
    fn rounds(
        &mut self,
        wording: &dyn Wording,
        under_way: &mut UnderWay,
        (now, room): (Instant, usize),
        parcels: &mut Vec<Parcel>,
    ) -> Result<(), Error> {
        let awaited = self.engine.store.awaited(now, "releasing");
        let awaited = awaited.map_err(Error::store("reading endpoints"))?;
        let mut turn: Vec<Endpoint> = Vec::new();
        for endpoint in awaited {
            self.reconcile(&endpoint, now)?;
            turn.push(endpoint);
        }
        while !turn.is_empty() && parcels.len() < room {
            let mut again = Vec::new();
            for endpoint in turn {
                let of_merchant = under_way.merchants.get(&endpoint.merchant).copied();
                if parcels.len() >= room || of_merchant.unwrap_or(0) >= MERCHANT_MAX {
                    continue;
                }
                if let Some(parcel) = self.take_on(wording, under_way, &endpoint.id, now)? {
                    under_way.begin(&parcel);
                    parcels.push(parcel);
                    again.push(endpoint);
                }
            }
            turn = again;
        }
        Ok(())
    }

    /// Parks what endpoints were held for [`KEPT_DAYS`], in words that their owners and the audit log see.
    fn give_up(&mut self, under_way: &mut UnderWay, now: Instant) -> Result<(), Error> {
        let lately = |at: Instant| at.seconds_until(now) < GIVE_UP_EVERY_SECONDS;
        if under_way.gave_up_at.is_some_and(lately) {
            return Ok(());
        }
        let endpoints = self.engine.store.endpoints();
        let endpoints = endpoints.map_err(Error::store("reading endpoints"))?;
        let before = now.plus_days(-KEPT_DAYS);
        let why = format!("held for {KEPT_DAYS} days while the endpoint was disabled");
        for endpoint in endpoints {
            if endpoint.deleted_at.is_some() || !health(&endpoint)?.holds() {
                continue;
            }
            let leaf = Leaf(format!(
                "endpoint {} gave up what happened before={before} at={now} by=desk",
                endpoint.id
            ));
            let given_up = self
                .engine
                .store
                .give_up(&endpoint.id, before, now, &why, &leaf);
            given_up.map_err(Error::store("giving up what is held"))?;
        }
        under_way.gave_up_at = Some(now);
        Ok(())
    }

    /// Lets what waits follow the endpoint's health. It changed in another transaction, or was published while it did.
    fn reconcile(&mut self, endpoint: &Endpoint, now: Instant) -> Result<(), Error> {
        let store = &mut self.engine.store;
        let moved = match health(endpoint)?.holds() {
            true => store.hold(&endpoint.id),
            false => store.release(&endpoint.id, now),
        };
        moved.map_err(Error::store("holding or releasing events"))?;
        Ok(())
    }

    /// The next attempt of one endpoint, if there is one that may go.
    fn take_on(
        &mut self,
        wording: &dyn Wording,
        under_way: &mut UnderWay,
        id: &str,
        now: Instant,
    ) -> Result<Option<Parcel>, Error> {
        let found = self.engine.store.endpoint(id);
        let found = found.map_err(Error::store("reading an endpoint"))?;
        let Some(endpoint) = found else {
            return Ok(None);
        };
        let health = health(&endpoint)?;
        if health.rests(under_way.failed_at.get(id).copied(), now) {
            return Ok(None);
        }
        let in_flight = self.in_flight(&health, under_way.of(id));
        let wait = match health.gate(now, in_flight) {
            Gate::Go => Wait::Longest,
            Gate::Probe => Wait::LeastTried,
            Gate::Wait { .. } | Gate::Full | Gate::Shut => return Ok(None),
        };
        let waiting = self.engine.store.waiting(id, wait, now, 1);
        let waiting = waiting.map_err(Error::store("reading what waits"))?;
        let Some((_, row)) = waiting.into_iter().next() else {
            // What was released and failed waits for its next attempt, and is no reason to go on slowly.
            if under_way.of(id) == 0 {
                self.happens(&endpoint, &health, Happening::Drained, now)?;
            }
            return Ok(None);
        };
        if !self.happens(&endpoint, &health, Happening::Begun, now)? {
            return Ok(None);
        }
        let keys = match under_way.keys.take() {
            Some(keys) => keys,
            None => self.hook_keys(now)?,
        };
        let keys = &*under_way.keys.insert(keys);
        self.parcel(wording, (&endpoint, keys), row, now)
    }

    /// An endpoint that fails is not given all of its threads to fail on.
    fn in_flight(&self, health: &Health, under_way: u32) -> u32 {
        match health {
            Health::Enabled { failing: Some(_) } if under_way > 0 => IN_FLIGHT_MAX,
            _ => under_way,
        }
    }

    fn happens(
        &mut self,
        endpoint: &Endpoint,
        health: &Health,
        happening: Happening,
        now: Instant,
    ) -> Result<bool, Error> {
        let (next, _) = health.after(now, happening);
        if next == *health {
            return Ok(true);
        }
        self.engine
            .store
            .put_health(&endpoint.id, &endpoint.health, &next.to_string(), None)
            .map_err(Error::store("noting an endpoint's health"))
    }

    fn parcel(
        &mut self,
        wording: &dyn Wording,
        (endpoint, keys): (&Endpoint, &DeskKeys),
        row: Delivery,
        now: Instant,
    ) -> Result<Option<Parcel>, Error> {
        let (body, digest) = self.body(wording, endpoint, &row)?;
        let leased_until = now.plus_seconds(LEASE_SECONDS);
        let begun = self.engine.store.begin(&row, &digest, leased_until);
        if !begun.map_err(Error::store("taking on a delivery"))? {
            return Ok(None);
        }
        let headers = signed((endpoint, keys), &row.event, &body, now)?;
        Ok(Some(Parcel {
            endpoint: endpoint.id.clone(),
            merchant: endpoint.merchant.clone(),
            number: row.attempts.saturating_add(1),
            event: row.event,
            url: endpoint.url.clone(),
            headers,
            body,
            begun_at: now,
        }))
    }

    /// What is sent, and its digest: as the first attempt sent it, whatever was changed or released since.
    fn body(
        &mut self,
        wording: &dyn Wording,
        endpoint: &Endpoint,
        row: &Delivery,
    ) -> Result<(Vec<u8>, String), Error> {
        let scope = own_scope(endpoint.merchant.as_deref());
        let store = &mut self.engine.store;
        let kept = store.delivery_body(&row.endpoint, &row.event);
        if let Some(digest) = kept.map_err(Error::store("reading a delivery"))? {
            let body = store.blob(&scope, &digest);
            if let Some(body) = body.map_err(Error::store("reading an event's body"))? {
                return Ok((body, digest));
            }
        }
        let event = store.event(&row.event);
        let event = event
            .map_err(Error::store("reading an event"))?
            .expect("the database lets no delivery be without its event");
        let body = wording.body(self, &event, endpoint)?;
        let digest = sha256_hex(&body);
        self.engine
            .store
            .put_blob(&scope, &digest, &body)
            .map_err(Error::store("keeping an event's body"))?;
        Ok((body, digest))
    }

    /// Notes how an attempt ended. `bits` are random.
    ///
    /// # Errors
    /// When the store fails: the attempt is then as if it had not been heard of, and is made again.
    pub fn settle(
        &mut self,
        under_way: &mut UnderWay,
        parcel: &Parcel,
        heard: &Heard,
        now: Instant,
        bits: u32,
    ) -> Result<Verdict, Error> {
        under_way.end(parcel);
        for _attempt in 0..TRIES {
            if let Some(verdict) = self.settled(parcel, heard, now, bits)? {
                under_way.heard(&parcel.endpoint, verdict, now);
                return Ok(verdict);
            }
        }
        Err(Error::Busy)
    }

    /// `None`: somebody changed the delivery or the endpoint since they were read, and they are to be read again.
    fn settled(
        &mut self,
        parcel: &Parcel,
        heard: &Heard,
        now: Instant,
        bits: u32,
    ) -> Result<Option<Verdict>, Error> {
        let store = &mut self.engine.store;
        let row = store.delivery(&parcel.endpoint, &parcel.event);
        let row = row.map_err(Error::store("reading a delivery"))?;
        let endpoint = store.endpoint(&parcel.endpoint);
        let endpoint = endpoint.map_err(Error::store("reading an endpoint"))?;
        let (Some(row), Some(endpoint)) = (row, endpoint) else {
            return Ok(Some(Verdict::Overtaken));
        };
        if row.attempts.saturating_add(1) != parcel.number {
            return Ok(Some(Verdict::Overtaken));
        }
        let before = delivery::Delivery {
            state: state(&row),
            attempts: parcel.number,
        };
        let ticket = Ticket {
            number: parcel.number,
        };
        let (health, attempted) = (health(&endpoint)?, &heard.attempted);
        let settled = delivery::settle(health, before, ticket, attempted, now, bits);
        let next = to_row(&row, &settled.delivery);
        let is = settled.health.to_string();
        let change = Some((endpoint.health.as_str(), is.as_str()));
        match store.settle(&attempt(parcel, heard), &row, &next, change) {
            Ok(()) => Ok(Some(settled.verdict)),
            Err(store::Error::Conflict { .. }) => Ok(None),
            Err(source) => Err(Error::store("settling a delivery")(source)),
        }
    }

    /// Gives the right to send back, so that the next process need not wait for the lease to end.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stop_sending(&mut self, holder: &str, now: Instant) -> Result<(), Error> {
        let given_back = self.engine.store.lease(LEASE, holder, now, now);
        given_back.map_err(Error::store("giving back a lease"))?;
        Ok(())
    }
}

/// The headers of one attempt, by every secret that is live and by the desk's own keys.
fn signed(
    (endpoint, keys): (&Endpoint, &DeskKeys),
    event: &str,
    body: &[u8],
    now: Instant,
) -> Result<Vec<(String, String)>, Error> {
    let secrets = secrets(endpoint)?;
    let message = Message::new(event, now, body).expect("ids of events are letters and digits");
    let signed = sign::headers(&message, &secrets.live(now), &keys.live(now));
    let kind = (
        String::from("content-type"),
        String::from("application/json; charset=utf-8"),
    );
    let own = signed
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Ok(std::iter::once(kind).chain(own).collect())
}

/// The secrets of an endpoint, read.
///
/// # Errors
/// When somebody else than this program wrote them.
pub(crate) fn secrets(endpoint: &Endpoint) -> Result<Secrets, Error> {
    let corrupt = || Error::Store {
        doing: "reading the secrets of an endpoint",
        source: store::Error::Corrupt {
            what: format!("endpoint {}", endpoint.id),
            found: String::from("secrets that do not read"),
        },
    };
    let read = |text: &str| Secret::parse(text).map_err(|_unread| corrupt());
    let mut kept = endpoint.secrets.iter();
    let (current, _) = kept.next().ok_or_else(corrupt)?;
    let previous = match kept.next() {
        Some((text, Some(until))) => Some((read(text)?, *until)),
        Some((_, None)) => return Err(corrupt()),
        None => None,
    };
    Ok(Secrets::restored(read(current)?, previous))
}

fn state(row: &Delivery) -> State {
    let at = row.settled_at.unwrap_or(row.due_at);
    match row.state.as_str() {
        "held" => State::Held,
        "delivered" => State::Delivered { at },
        "parked" => State::Parked { at },
        "cancelled" => State::Cancelled { at },
        _ => State::Due { at: row.due_at },
    }
}

fn to_row(row: &Delivery, next: &delivery::Delivery) -> Delivery {
    let (state, due_at, settled_at) = match next.state {
        State::Due { at } => ("due", at, None),
        State::Held => ("held", row.due_at, None),
        State::Delivered { at } => ("delivered", row.due_at, Some(at)),
        State::Parked { at } => ("parked", row.due_at, Some(at)),
        State::Cancelled { at } => ("cancelled", row.due_at, Some(at)),
    };
    let why = match state {
        "parked" if row.state == "parked" => row.why.clone(),
        "parked" => Some(format!("{} attempts failed", next.attempts)),
        _ => None,
    };
    Delivery {
        state: String::from(state),
        attempts: next.attempts,
        due_at,
        settled_at,
        why,
        ..row.clone()
    }
}

fn attempt(parcel: &Parcel, heard: &Heard) -> Attempt {
    let status = match heard.attempted.answer {
        Answer::Status(status) => Some(status),
        Answer::NotSent | Answer::Lost => None,
    };
    let first: String = heard
        .words
        .chars()
        .filter(|c| !c.is_control())
        .take(WORDS_CHARS_MAX)
        .collect();
    Attempt {
        endpoint: parcel.endpoint.clone(),
        event: parcel.event.clone(),
        number: parcel.number,
        at: parcel.begun_at,
        took_ms: u32::try_from(heard.attempted.took_ms).unwrap_or(u32::MAX),
        status,
        words: crate::redact::pans(&first),
    }
}

/// Random bits, for jitter and for the name of a process.
pub fn random() -> u32 {
    getrandom::u32().expect("the operating system gives randomness")
}
