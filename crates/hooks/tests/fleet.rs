//! An endpoint and its events under whatever comes: outages, crashes of the sender, people who stop and start, replays.
//! Nothing is lost, nothing is under way twice, and versions put in order what arrived in none.

#![allow(clippy::unwrap_used, clippy::as_conversions, clippy::indexing_slicing)]

use calendar::Instant;
use hooks::delivery::{self, Delivery, State, Ticket, Verdict};
use hooks::endpoint::{Gate, Happening, Health, LEASE_SECONDS, Queue};
use hooks::schedule::{ATTEMPTS, Answer, Attempted};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The sender's total timeout, shorter than a lease.
const TIMEOUT_SECONDS: i64 = 15;

const _: () = assert!(TIMEOUT_SECONDS < LEASE_SECONDS);

#[derive(Clone, Debug)]
enum Step {
    /// The case with this number changes.
    Publish {
        case: u8,
    },
    /// The loop begins what it may, this many times.
    Send {
        times: u8,
    },
    /// One of those under way is answered; the endpoint takes it when the status is 2xx.
    Answer {
        which: u8,
        status: u16,
        bits: u32,
    },
    /// The endpoint takes it and the answer is lost.
    Swallow {
        which: u8,
        bits: u32,
    },
    /// The sender dies: nobody waits for what is under way.
    Crash,
    Advance {
        seconds: i64,
    },
    Stop,
    Start,
    Replay {
        which: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        4 => Just(200_u16),
        4 => Just(500),
        1 => Just(302),
        2 => Just(429),
        1 => Just(410),
    ];
    let seconds = prop_oneof![1_i64..10, 10_i64..600, 600_i64..20_000, 20_000_i64..200_000];
    prop_oneof![
        3 => (0..4_u8).prop_map(|case| Step::Publish { case }),
        6 => (1..10_u8).prop_map(|times| Step::Send { times }),
        8 => (any::<u8>(), status, any::<u32>())
            .prop_map(|(which, status, bits)| Step::Answer { which, status, bits }),
        2 => (any::<u8>(), any::<u32>()).prop_map(|(which, bits)| Step::Swallow { which, bits }),
        1 => Just(Step::Crash),
        6 => seconds.prop_map(|seconds| Step::Advance { seconds }),
        1 => Just(Step::Stop),
        1 => Just(Step::Start),
        1 => any::<u8>().prop_map(|which| Step::Replay { which }),
    ]
}

/// One attempt under way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: u64,
    ticket: Ticket,
    begun_at: Instant,
    /// Somebody still waits for its answer.
    awaited: bool,
}

struct World {
    now: Instant,
    health: Health,
    /// By order of publication.
    deliveries: BTreeMap<u64, Delivery>,
    /// Event -> case and version.
    events: BTreeMap<u64, (u8, u32)>,
    flights: Vec<Flight>,
    /// What the receiver believes of every case, by version and not by arrival.
    receiver: BTreeMap<u8, u32>,
    arrived: BTreeMap<u64, u32>,
}

impl World {
    fn new() -> World {
        World {
            now: Instant::parse("2026-11-23T00:00:00Z").unwrap(),
            health: Health::ENABLED,
            deliveries: BTreeMap::new(),
            events: BTreeMap::new(),
            flights: Vec::new(),
            receiver: BTreeMap::new(),
            arrived: BTreeMap::new(),
        }
    }

    fn publish(&mut self, case: u8) {
        let version = 1 + self.events.values().filter(|(of, _)| *of == case).count() as u32;
        let sequence = self.events.len() as u64 + 1;
        self.events.insert(sequence, (case, version));
        let delivery = Delivery::new(self.now, &self.health);
        self.deliveries.insert(sequence, delivery);
    }

    fn happens(&mut self, happening: Happening) {
        let (health, queue) = self.health.after(self.now, happening);
        self.health = health;
        self.queued(queue);
    }

    fn queued(&mut self, queue: Queue) {
        for delivery in self.deliveries.values_mut() {
            *delivery = delivery.queued(queue, self.now);
        }
    }

    /// Whether something was begun.
    fn send(&mut self) -> bool {
        let in_flight = self.flights.iter().filter(|flight| flight.awaited).count() as u32;
        let waiting = self.deliveries.iter().map(|(at, one)| (*at, *one));
        let Some((sequence, gate)) = delivery::next(&self.health, self.now, in_flight, waiting)
        else {
            return false;
        };
        assert!(!self.health.holds() || gate == Gate::Probe);
        let delivery = self.deliveries[&sequence];
        let (begun, ticket) = delivery.begin(self.now, gate).unwrap();
        let twice = self
            .flights
            .iter()
            .any(|flight| flight.sequence == sequence);
        assert!(
            !twice,
            "event {sequence} is under way twice: {}",
            self.health
        );
        self.deliveries.insert(sequence, begun);
        self.happens(Happening::Begun);
        self.flights.push(Flight {
            sequence,
            ticket,
            begun_at: self.now,
            awaited: true,
        });
        true
    }

    fn receive(&mut self, sequence: u64) {
        let (case, version) = self.events[&sequence];
        let believed = self.receiver.entry(case).or_default();
        *believed = version.max(*believed);
        *self.arrived.entry(sequence).or_default() += 1;
    }

    fn answer(&mut self, at: usize, answer: Answer, bits: u32) {
        let flight = self.flights.remove(at);
        if matches!(answer, Answer::Status(200)) {
            self.receive(flight.sequence);
        }
        if !flight.awaited {
            return;
        }
        let attempted = Attempted {
            answer,
            retry_after: None,
            took_ms: 1,
        };
        let delivery = self.deliveries[&flight.sequence];
        let held = self.health.holds();
        let settled = delivery::settle(
            self.health,
            delivery,
            flight.ticket,
            &attempted,
            self.now,
            bits,
        );
        assert!(
            !held || settled.verdict != Verdict::Parked,
            "parked while disabled"
        );
        if settled.verdict == Verdict::Parked {
            assert_eq!(settled.delivery.attempts % ATTEMPTS, 0);
        }
        self.health = settled.health;
        self.deliveries.insert(flight.sequence, settled.delivery);
        self.queued(settled.queue);
    }

    /// Time passes; what is under way longer than the timeout ends.
    fn advance(&mut self, seconds: i64) {
        let until = self.now.plus_seconds(seconds);
        while let Some(at) = self
            .flights
            .iter()
            .position(|flight| flight.begun_at.plus_seconds(TIMEOUT_SECONDS) <= until)
        {
            self.now = self
                .now
                .max(self.flights[at].begun_at.plus_seconds(TIMEOUT_SECONDS));
            self.answer(at, Answer::Lost, 0);
        }
        self.now = until;
    }

    fn step(&mut self, step: &Step) {
        let any = |which: u8, of: usize| (of > 0).then(|| usize::from(which) % of);
        match *step {
            Step::Publish { case } => self.publish(case),
            Step::Send { times } => {
                for _ in 0..times {
                    self.send();
                }
            }
            Step::Answer {
                which,
                status,
                bits,
            } => {
                if let Some(at) = any(which, self.flights.len()) {
                    self.answer(at, Answer::Status(status), bits);
                }
            }
            Step::Swallow { which, bits } => {
                if let Some(at) = any(which, self.flights.len()) {
                    self.receive(self.flights[at].sequence);
                    self.answer(at, Answer::Lost, bits);
                }
            }
            Step::Crash => {
                for flight in &mut self.flights {
                    flight.awaited = false;
                }
            }
            Step::Advance { seconds } => self.advance(seconds),
            Step::Stop => self.happens(Happening::Stop),
            Step::Start => self.happens(Happening::Start),
            Step::Replay { which } => {
                if let Some(at) = any(which, self.deliveries.len()) {
                    self.replay(at as u64 + 1);
                }
            }
        }
    }

    fn replay(&mut self, sequence: u64) {
        let replayed = self.deliveries[&sequence].replayed(self.now, &self.health);
        self.deliveries.insert(sequence, replayed);
    }

    fn check(&self) {
        assert_eq!(self.deliveries.len(), self.events.len());
        for (sequence, delivery) in &self.deliveries {
            match delivery.state {
                State::Due { .. } => assert!(!self.health.holds(), "due: {}", self.health),
                State::Held => assert!(self.health.holds(), "held: {}", self.health),
                State::Delivered { .. } => assert!(self.arrived.contains_key(sequence)),
                State::Parked { .. } => {}
                State::Cancelled { .. } => panic!("nobody deleted the endpoint"),
            }
        }
        let awaited = self.flights.iter().filter(|flight| flight.awaited).count();
        assert!(awaited <= hooks::endpoint::IN_FLIGHT_MAX as usize);
    }

    /// The endpoint is well again and a person enables it and replays what was parked: everything must drain.
    fn heal(&mut self) {
        self.advance(LEASE_SECONDS);
        self.happens(Happening::Start);
        let sequences: Vec<u64> = self.deliveries.keys().copied().collect();
        for sequence in sequences {
            if matches!(self.deliveries[&sequence].state, State::Parked { .. }) {
                self.replay(sequence);
            }
        }
        for _ in 0..10_000 {
            let begun = self.send();
            while !self.flights.is_empty() {
                self.answer(0, Answer::Status(200), 0);
            }
            let unsettled = |one: &Delivery| !matches!(one.state, State::Delivered { .. });
            if !self.deliveries.values().any(unsettled) {
                self.happens(Happening::Drained);
                return;
            }
            if !begun {
                // The longest pause of the schedule, in steps that a release needs.
                self.now = self.now.plus_seconds(60);
            }
        }
        panic!("does not drain: {} {:?}", self.health, self.deliveries);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_is_lost_and_none_is_under_way_twice(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            world.check();
        }
        world.heal();
        world.check();
        assert!(matches!(world.health, Health::Enabled { .. }), "{}", world.health);
        let last: BTreeMap<u8, u32> = world.events.values().fold(BTreeMap::new(), |mut last, (case, version)| {
            last.insert(*case, *version);
            last
        });
        assert_eq!(world.receiver, last);
    }
}

/// An endpoint that is down from the start and has one event that it cannot digest.
#[test]
fn a_poisonous_event_is_parked_and_does_not_keep_the_endpoint_disabled() {
    let mut world = World::new();
    let first_at = world.now;
    for case in 0..3 {
        world.publish(case);
    }
    let mut last_failed_at = world.now;
    for minute in 0..40 * 24 * 60 {
        if minute % (24 * 60) == 1 {
            world.publish(3);
        }
        while world.send() {}
        let down = world.now < first_at.plus_days(10);
        while let Some(flight) = world.flights.first() {
            let poison = flight.sequence == 1;
            if poison {
                last_failed_at = world.now;
            }
            let status = if down || poison { 500 } else { 200 };
            world.answer(0, Answer::Status(status), 0);
        }
        if !world.health.holds() && !world.deliveries.values().any(|one| one.due(world.now)) {
            world.happens(Happening::Drained);
        }
        world.check();
        world.now = world.now.plus_seconds(60);
    }
    assert_eq!(world.deliveries.len(), 43);
    let state = |sequence| world.deliveries[&sequence].state;
    assert!(matches!(state(1), State::Parked { .. }), "{:?}", state(1));
    for sequence in 2..12 {
        let soon =
            matches!(state(sequence), State::Delivered { at } if at < first_at.plus_days(11));
        assert!(soon, "{sequence}: {:?}", state(sequence));
    }
    assert!(
        last_failed_at < first_at.plus_days(39),
        "parked events are left alone"
    );
    assert!(
        matches!(world.health, Health::Enabled { .. }),
        "{}",
        world.health
    );
}

#[test]
fn replay_leaves_alone_what_is_on_its_way() {
    let now = Instant::parse("2026-11-23T00:00:00Z").unwrap();
    let (begun, _) = Delivery::new(now, &Health::ENABLED)
        .begin(now, Gate::Go)
        .unwrap();
    assert_eq!(begun.replayed(now, &Health::ENABLED), begun);
    assert_eq!(begun.begin(now, Gate::Go), None);
    let parked = Delivery {
        state: State::Parked { at: now },
        attempts: ATTEMPTS,
    };
    assert!(parked.replayed(now, &Health::ENABLED).due(now));
    let stopped = Health::Stopped { since: now };
    assert_eq!(parked.replayed(now, &stopped).state, State::Held);
}

#[test]
fn a_late_answer_counts_only_when_it_is_good() {
    let now = Instant::parse("2026-11-23T00:00:00Z").unwrap();
    let (first, ticket) = Delivery::new(now, &Health::ENABLED)
        .begin(now, Gate::Go)
        .unwrap();
    let later = now.plus_seconds(LEASE_SECONDS);
    let (second, _) = first.begin(later, Gate::Go).unwrap();
    for (status, want) in [(500, Verdict::Overtaken), (200, Verdict::Delivered)] {
        let attempted = Attempted {
            answer: Answer::Status(status),
            retry_after: None,
            took_ms: 31_000,
        };
        let settled = delivery::settle(Health::ENABLED, second, ticket, &attempted, later, 0);
        assert_eq!(settled.verdict, want);
    }
}
