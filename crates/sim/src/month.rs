//! A seeded month: disputes at four providers, people who answer them, and everything that can fail failing now and then;
//! then the faults end, what was lost is handed in again, and everything must come out even.

use crate::dice::Dice;
use crate::fakes::letter::Delivery;
use crate::fakes::truth::Next;
use crate::fakes::wire::Faults;
use crate::fakes::{Act, World};
use crate::fortnight::accounts;
use crate::openings::{any, with};
use crate::people::{self, Deed};
use crate::play::{hand_in, ours, round, temper};
use crate::{invariants, settled};
use calendar::Instant;
use dispute::status::Standing;
use engine::{Engine, Error};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::faulty::{self, Fault};
use store::{CaseRow, Store, sqlite};

/// Every month starts here; the seed changes everything else.
const START: &str = "2026-03-02T00:00:00Z";
/// So many store operations in ten thousand fail during a month.
const STORE_FAULTS: u32 = 20;
/// A failing store is tried again so often; at one fault in 500 operations a run of failures this long cannot be chance.
const TRIES_MAX: u32 = 200;
/// How long after the last day the providers may take to say their last word, in days. No answer is decided later than
/// ten days after it was given, and no deadline lies further away than twenty.
const DRAIN_DAYS: i64 = 60;

/// So many days in which nothing is left to say end a month.
const CALM_DAYS: u32 = 3;
/// Every so many seeds the documents are processed once more in the opposite order, which takes longer than the month.
const REVERSED_EVERY: u64 = 10;

type Desk = Engine<faulty::Store<sqlite::Store>>;

/// What a month came to. The same seed prints the same text, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub seed: u64,
    pub days: u32,
    /// What happened how often.
    pub counts: BTreeMap<String, u64>,
    /// The hash over every derived row of the desk.
    pub hash: String,
    /// What did not come out even, in words; none is what must be.
    pub breaks: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} days {}", self.seed, self.days)?;
        for (name, count) in &self.counts {
            writeln!(f, "  {name}: {count}")?;
        }
        writeln!(f, "  rows: {}", self.hash)?;
        for words in &self.breaks {
            writeln!(f, "  BROKEN with seed {}: {words}", self.seed)?;
        }
        let end = if self.breaks.is_empty() {
            "every invariant holds"
        } else {
            "not every invariant holds"
        };
        writeln!(f, "  {end}")
    }
}

/// The month while it runs.
struct Month {
    desk: Option<Desk>,
    world: World,
    dice: Dice,
    store_faults: Arc<AtomicU32>,
    counts: BTreeMap<String, u64>,
    /// Mail that came while the desk was down.
    waiting: Vec<Delivery>,
    handed_in: BTreeSet<String>,
    taken_back: BTreeSet<String>,
}

/// How the store fails during a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFaults {
    /// Now and then, as the dice have it: operations fail before and after their work, and processes die.
    Dice,
    /// The process dies once, at this commit, counted from 1.
    CrashAtCommit { number: u64, after: bool },
}

/// Runs a month. Deterministic: no clock, no network, no files.
///
/// # Errors
/// When the store fails beyond what was injected.
pub fn run(seed: u64, days: u32) -> Result<Outcome, Error> {
    run_with(seed, days, StoreFaults::Dice)
}

/// Runs a month whose store fails in this way.
///
/// # Errors
/// When the store fails beyond what was injected.
pub fn run_with(seed: u64, days: u32, faults: StoreFaults) -> Result<Outcome, Error> {
    let start = Instant::parse(START).expect("the constant is an instant");
    let mut month = Month::new(seed, faults)?;
    let end = month.busy(start, days)?;
    let last = month.heal(end)?;
    let mut breaks = Vec::new();
    let desk = month.desk.as_mut().expect("the desk is always put back");
    breaks.extend(invariants::healthy(desk, last)?);
    breaks.extend(invariants::drained(desk)?);
    breaks.extend(invariants::logged(desk)?);
    breaks.extend(invariants::replays(desk, last)?);
    if seed.is_multiple_of(REVERSED_EVERY) {
        breaks.extend(invariants::order_free(desk, last)?);
    }
    breaks.extend(settled::answers(desk, &month.world, &month.taken_back)?);
    breaks.extend(settled::money(desk, &month.world)?);
    breaks.extend(settled::endings(desk, &month.world)?);
    breaks.extend(settled::outbox(desk)?);
    breaks.extend(settled::documents(desk, &month.handed_in)?);
    let hash = desk.hash()?;
    if let Some(dispute) = breaks.first().and_then(|words| named(words)) {
        let story = settled::story(desk, &dispute)?;
        breaks.extend(story.into_iter().map(|line| format!("{dispute}: {line}")));
    }
    month.sum_up()?;
    Ok(Outcome {
        seed,
        days,
        counts: month.counts,
        hash,
        breaks,
    })
}

/// The dispute that a break names: `stripe dp_1: ...`.
fn named(words: &str) -> Option<String> {
    let (name, _) = words.split_once(':')?;
    let (_, dispute) = name.split_once(' ')?;
    (!dispute.contains(' ')).then(|| dispute.to_owned())
}

fn injected(
    faults: StoreFaults,
    rate: Arc<AtomicU32>,
    mut dice: Dice,
) -> impl FnMut(faulty::Operation) -> Fault + Send + 'static {
    let mut commits = 0;
    move |operation| {
        if let StoreFaults::CrashAtCommit { number, after } = faults {
            commits += u64::from(operation.name == "commit");
            return match (operation.name == "commit" && commits == number, after) {
                (false, _) => Fault::None,
                (true, false) => Fault::CrashBefore,
                (true, true) => Fault::CrashAfter,
            };
        }
        let rate = rate.load(Ordering::Relaxed);
        if rate == 0 || dice.below(10_000) >= rate {
            return Fault::None;
        }
        match dice.below(4) {
            0 => Fault::Before,
            1 => Fault::After,
            2 => Fault::CrashBefore,
            _ => Fault::CrashAfter,
        }
    }
}

impl Month {
    fn new(seed: u64, faults: StoreFaults) -> Result<Month, Error> {
        let mut dice = Dice::new(seed);
        let mut world = World::new(accounts(), dice.roll());
        world.faults = Faults::BAD;
        let rate = Arc::new(AtomicU32::new(STORE_FAULTS));
        let inner = sqlite::Store::memory().map_err(|source| Error::Store {
            doing: "opening a store",
            source,
        })?;
        let store = faulty::Store::new(
            Box::new(inner),
            injected(faults, Arc::clone(&rate), dice.fork()),
        );
        Ok(Month {
            desk: Some(Engine::new(store, providers::list::ALL)),
            world,
            dice,
            store_faults: rate,
            counts: BTreeMap::new(),
            waiting: Vec::new(),
            handed_in: BTreeSet::new(),
            taken_back: BTreeSet::new(),
        })
    }

    fn count(&mut self, what: &str, by: u64) {
        if by > 0 {
            *self.counts.entry(what.to_owned()).or_insert(0) += by;
        }
    }

    /// Does something with the desk until the store lets it through: a crash is followed by a restart, which forgets
    /// everything that is not in the store.
    fn insist<T>(
        &mut self,
        mut work: impl FnMut(&mut Desk, &mut World) -> Result<T, Error>,
    ) -> Result<T, Error> {
        for _ in 0..TRIES_MAX {
            let mut desk = self.desk.take().expect("the desk is always put back");
            let done = work(&mut desk, &mut self.world);
            let crashed = desk.store.crashed();
            if crashed {
                desk.store.recover();
                desk = Engine::new(desk.store, providers::list::ALL);
                self.count("store: crashes and restarts", 1);
            }
            self.desk = Some(desk);
            match done {
                Ok(done) => return Ok(done),
                Err(Error::Store { .. }) => self.count("store: operations repeated", 1),
                Err(other) => return Err(other),
            }
        }
        // Without faults, so that the real error comes out.
        self.store_faults.store(0, Ordering::Relaxed);
        let mut desk = self.desk.take().expect("the desk is always put back");
        let done = work(&mut desk, &mut self.world);
        self.desk = Some(desk);
        done
    }

    /// The days in which things happen.
    fn busy(&mut self, start: Instant, days: u32) -> Result<Instant, Error> {
        let mut down_until = start;
        let end = start.plus_days(i64::from(days));
        let mut now = start;
        while now < end {
            if crate::play::hour(now) == 0 {
                self.plan_day(now);
            }
            let mail = self.world.tick(now);
            self.waiting.extend(mail);
            if now >= down_until {
                self.hand_in_all()?;
                // Clocks that are put right jump, also backwards.
                let shown = if self.dice.chance(20) {
                    now.plus_seconds(-1_800)
                } else {
                    now
                };
                self.insist(|desk, world| round(desk, world, shown))?;
                if crate::play::hour(now) == 8 {
                    self.people(now)?;
                }
                if self.dice.chance(8) {
                    down_until = now.plus_hours(i64::from(self.dice.between(4, 60)));
                    self.count(
                        "desk: hours down",
                        u64::try_from(now.seconds_until(down_until) / 3_600).unwrap_or(0),
                    );
                }
            }
            now = now.plus_hours(8);
        }
        Ok(end)
    }

    /// The faults are over: what was lost is sent again, what is in doubt is read back, and time goes on until nobody has
    /// anything left to say.
    fn heal(&mut self, end: Instant) -> Result<Instant, Error> {
        self.world.faults = Faults::NONE;
        self.store_faults.store(0, Ordering::Relaxed);
        let mut now = end;
        let mut calm = 0;
        for day in 0..DRAIN_DAYS {
            self.world.plan(now, Act::CloseDay);
            let mail = self.world.tick(now);
            self.waiting.extend(mail);
            if day == 0 {
                self.waiting.extend(self.world.redeliver(now));
            }
            self.hand_in_all()?;
            self.insist(|desk, world| round(desk, world, now))?;
            now = now.plus_days(1);
            let desk = self.desk.as_mut().expect("the desk is always put back");
            let waits = !settled::outbox(desk)?.is_empty();
            // A few days more, so that closed cases' last reports are in and every sweep has gone round.
            if self.world.quiet() && !waits {
                calm += 1;
            }
            if calm > CALM_DAYS {
                break;
            }
        }
        Ok(now)
    }

    fn plan_day(&mut self, midnight: Instant) {
        self.world.plan(midnight, Act::CloseDay);
        let shares: [(&'static str, &str, u32); 5] = [
            ("stripe", "merchant_1", 2),
            ("stripe", "merchant_2", 1),
            ("adyen", "Merchant1Retail", 2),
            ("paypal", "MERCHANT1PP", 1),
            ("ach", "1234567890", 1),
        ];
        for (provider, account, most) in shares {
            for _ in 0..self.dice.below(most + 1) {
                let at = midnight.plus_seconds(i64::from(self.dice.below(86_400)));
                let mut opening = any(provider, account, at, &mut self.dice);
                if provider != "ach" && self.dice.chance(120) {
                    opening.payment = self.earlier_payment(provider, account, at);
                }
                let opening = match self.dice.below(20) {
                    0 => with(opening, &[(30, Next::Decide(Standing::Lost))]),
                    1 if provider == "stripe" => with(opening, &[(20, Next::Refund)]),
                    2 if provider == "stripe" => {
                        with(opening, &[(70, Next::Misreport("under_review"))])
                    }
                    3 if provider == "ach" => {
                        with(opening, &[(48, Next::Dishonor), (96, Next::Contest)])
                    }
                    4 if provider == "ach" => with(opening, &[(48, Next::Dishonor)]),
                    _ => opening,
                };
                self.world.plan(at, Act::Open(opening));
            }
        }
        if self.dice.chance(100) {
            self.world.plan(
                midnight.plus_hours(4),
                Act::Notice {
                    account: String::from("1234567890"),
                },
            );
        }
    }

    /// A payment that was disputed before, or of which fraud is reported some hours earlier or later.
    fn earlier_payment(&mut self, provider: &str, account: &str, at: Instant) -> Option<String> {
        if provider == "stripe" && self.dice.chance(500) {
            let payment = format!("ch_warned_{}", self.dice.below(1_000_000));
            let warned_at = at.plus_hours(i64::from(self.dice.below(72)) - 48);
            let account = account.to_owned();
            self.world.plan(
                warned_at,
                Act::Warn {
                    account,
                    payment: payment.clone(),
                },
            );
            return Some(payment);
        }
        let of_account = self
            .world
            .cases()
            .filter(|case| case.provider == provider && case.account == account);
        let payments: Vec<String> = of_account.map(|case| case.payment.clone()).collect();
        self.dice.pick(&payments).cloned()
    }

    fn hand_in_all(&mut self) -> Result<(), Error> {
        let mail = std::mem::take(&mut self.waiting);
        for delivery in &mail {
            let arrival = &delivery.arrival;
            let scope = (&*arrival.provider, &*arrival.account);
            let print = settled::print(scope, arrival.channel.name(), &arrival.body);
            self.handed_in.insert(print);
        }
        self.count(
            "mail: arrivals",
            u64::try_from(mail.len()).unwrap_or(u64::MAX),
        );
        self.insist(|desk, world| hand_in(desk, world, &mail))
    }

    fn people(&mut self, now: Instant) -> Result<(), Error> {
        let rows = self.insist(|desk, _| ours(desk))?;
        for row in rows {
            for deed in deeds(&row, now) {
                let deeds = self
                    .insist(|desk, world| people::work(desk, row.id.as_str(), *deed, now, world))?;
                self.count(&format!("people: {deed:?}"), 1);
                self.count("people: commands", u64::from(deeds.done));
                if *deed == Deed::TakeBack && deeds.done > 0 {
                    self.taken_back.insert(row.dispute.clone());
                }
                if let Some(rejected) = deeds.rejected {
                    let command = rejected.split(':').next().unwrap_or_default();
                    self.count(&format!("people: rejected {command}"), 1);
                }
            }
        }
        Ok(())
    }

    fn sum_up(&mut self) -> Result<(), Error> {
        let fared = self.world.fared;
        for (name, count) in [
            ("mail: written", fared.written),
            ("mail: lost", fared.lost),
            ("mail: late", fared.late),
            ("mail: twice", fared.twice),
            ("mail: cut", fared.cut),
            ("mail: forged", fared.forged),
        ] {
            self.count(name, count);
        }
        for (fault, count) in self.world.wired.clone() {
            self.count(&format!("wire: {fault:?}"), count);
        }
        let cases: Vec<String> = self
            .world
            .cases()
            .map(|case| format!("disputes: {}", case.provider))
            .collect();
        for name in cases {
            self.count(&name, 1);
        }
        let taken = self
            .world
            .cases()
            .map(|case| case.taken.len())
            .sum::<usize>();
        self.count(
            "answers: taken by providers",
            u64::try_from(taken).unwrap_or(u64::MAX),
        );
        let desk = self.desk.as_mut().expect("the desk is always put back");
        let fates = desk.fates()?;
        let entries = desk
            .store
            .balances()
            .map_err(|source| Error::Store {
                doing: "reading balances",
                source,
            })?
            .len();
        for (fate, count) in fates {
            self.count(&format!("documents: {fate:?}"), count);
        }
        self.count("balances", u64::try_from(entries).unwrap_or(u64::MAX));
        Ok(())
    }
}

/// What people do with a case, by its temper: most are answered after a day, some in haste, some taken back, some left.
fn deeds(row: &CaseRow, now: Instant) -> &'static [Deed] {
    let hasty = row.opened_at.plus_hours(20) > now;
    match temper(row) {
        0..10 => &[Deed::Contest],
        10..50 if !hasty => &[Deed::Contest],
        50..60 if !hasty => &[Deed::Concede],
        60..66 if !hasty => &[Deed::Contest, Deed::TakeBack],
        66..70 if !hasty => &[Deed::Concede, Deed::TakeBack, Deed::Contest],
        70..76 if !hasty => &[Deed::Prepare],
        _ => &[],
    }
}
