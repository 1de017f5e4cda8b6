//! One event on its way to one endpoint: what is its state, and what follows from an attempt?
//!
//! A store-backed loop does, for every endpoint: ask [`next`] what to send; commit [`Delivery::begin`] and
//! `Happening::Begun`; send; commit what [`settle`] says. It may die anywhere: what was begun becomes due again when its
//! lease has run out, so an event may arrive twice, under the same id, and never not at all.

use calendar::Instant;

use crate::endpoint::{Gate, Happening, Health, LEASE_SECONDS, Queue};
use crate::schedule::{self, Attempted, Class};

/// How long an event is kept for an endpoint that does not take it, and for replay.
pub const KEPT_DAYS: i64 = 90;

/// Where an event stands with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent from this instant on. While an attempt is under way: when its lease runs out.
    Due {
        at: Instant,
    },
    /// The endpoint is disabled; due when it is not.
    Held,
    Delivered {
        at: Instant,
    },
    /// A round of attempts failed. Kept, and sent again when somebody replays it.
    Parked {
        at: Instant,
    },
    /// The endpoint was deleted.
    Cancelled {
        at: Instant,
    },
}

/// An event's way to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub state: State,
    /// Attempts begun so far, probes among them; it only grows, and numbers the delivery log.
    pub attempts: u32,
}

/// Which attempt it is whose answer is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub number: u32,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Next {
        at: Instant,
    },
    Delivered,
    Parked,
    /// The endpoint is disabled from now on, and the event waits with the others.
    DisableEndpoint,
    /// The endpoint was disabled before, and stays so.
    Held,
    /// A later attempt has been begun since, which decides.
    Overtaken,
}

/// What is to be committed after an attempt, in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub health: Health,
    pub delivery: Delivery,
    pub verdict: Verdict,
    /// What becomes of the endpoint's other events.
    pub queue: Queue,
}

impl Delivery {
    /// Of an event that was published now.
    pub fn new(now: Instant, health: &Health) -> Delivery {
        let state = match health.holds() {
            true => State::Held,
            false => State::Due { at: now },
        };
        Delivery { state, attempts: 0 }
    }

    pub fn due(&self, now: Instant) -> bool {
        matches!(self.state, State::Due { at } if at <= now)
    }

    /// Begins an attempt. `None` when it is not this event's turn: it is settled, not yet due, under way, or held and
    /// not the probe.
    pub fn begin(self, now: Instant, gate: Gate) -> Option<(Delivery, Ticket)> {
        let state = match (gate, self.state) {
            (Gate::Go, State::Due { at }) if at <= now => State::Due {
                at: now.plus_seconds(LEASE_SECONDS),
            },
            (Gate::Probe, State::Held) => State::Held,
            _ => return None,
        };
        let number = self.attempts.checked_add(1)?;
        let begun = Delivery {
            state,
            attempts: number,
        };
        Some((begun, Ticket { number }))
    }

    /// [`Queue`]'s word for one of the endpoint's events.
    #[must_use]
    pub fn queued(self, queue: Queue, now: Instant) -> Delivery {
        let state = match (queue, self.state) {
            (Queue::Hold, State::Due { .. }) => State::Held,
            (Queue::Release, State::Held) => State::Due { at: now },
            (_, other) => other,
        };
        Delivery { state, ..self }
    }

    /// Sends again what is settled; what is on its way already stays as it is.
    #[must_use]
    pub fn replayed(self, now: Instant, health: &Health) -> Delivery {
        let state = match self.state {
            State::Delivered { .. } | State::Parked { .. } => Delivery::new(now, health).state,
            other => other,
        };
        Delivery { state, ..self }
    }
}

/// What to send now, of the deliveries of one endpoint, each with its event's place in the order of publication: the one
/// longest due while the endpoint is well; the oldest while it recovers; and for a probe the one least often tried,
/// so that one event that the endpoint cannot digest does not keep it disabled.
pub fn next(
    health: &Health,
    now: Instant,
    in_flight: u32,
    deliveries: impl Iterator<Item = (u64, Delivery)>,
) -> Option<(u64, Gate)> {
    let gate = health.gate(now, in_flight);
    let wanted = deliveries.filter(|(_, delivery)| delivery.begin(now, gate).is_some());
    let rank = |delivery: &Delivery| match (gate, health, delivery.state) {
        (Gate::Probe, _, _) => i64::from(delivery.attempts),
        (_, Health::Enabled { .. }, State::Due { at }) => at.unix_micros(),
        _ => 0,
    };
    wanted
        .min_by_key(|(sequence, delivery)| (rank(delivery), *sequence))
        .map(|(sequence, _)| (sequence, gate))
}

/// What an attempt makes of its endpoint and its event. `bits` are random.
#[must_use]
pub fn settle(
    health: Health,
    delivery: Delivery,
    ticket: Ticket,
    attempted: &Attempted,
    now: Instant,
    bits: u32,
) -> Settled {
    let class = attempted.answer.class();
    let asked = attempted.retry_after.as_deref();
    let not_before = asked.and_then(|text| schedule::retry_after(text, now));
    let (after, queue) = health.after(now, Happening::Heard { class, not_before });
    let (state, verdict) = match delivery.state {
        State::Cancelled { .. } => (delivery.state, Verdict::Overtaken),
        _ if class == Class::Delivered => (State::Delivered { at: now }, Verdict::Delivered),
        State::Delivered { .. } | State::Parked { .. } => (delivery.state, Verdict::Overtaken),
        _ if after.holds() && !health.holds() => (State::Held, Verdict::DisableEndpoint),
        _ if after.holds() => (State::Held, Verdict::Held),
        _ if ticket.number != delivery.attempts => (delivery.state, Verdict::Overtaken),
        State::Due { .. } | State::Held => {
            match schedule::next_at(ticket.number, now, not_before, bits) {
                Some(at) => (State::Due { at }, Verdict::Next { at }),
                None => (State::Parked { at: now }, Verdict::Parked),
            }
        }
    };
    Settled {
        health: after,
        delivery: Delivery { state, ..delivery },
        verdict,
        queue,
    }
}

/// Until when an event is kept for endpoints that have not taken it, and for replay.
pub fn kept_until(event_at: Instant) -> Instant {
    event_at.plus_days(KEPT_DAYS)
}
