//! Two weeks of a desk's mail, for the demonstration: some 330 cases at four providers, with everything that goes wrong in
//! two weeks. All of it is synthetic, and a function of the instant at which it ends.

use crate::dice::Dice;
use crate::fakes::letter::{Letter, Sign};
use crate::fakes::truth::Next;
use crate::fakes::wire::Faults;
use crate::fakes::{Account, Act, World};
use crate::openings::{any, with};
use crate::paper;
use crate::people::Deed;
use crate::play::{hand_in, hour, round, temper, work_queue};
use adapter::{Channel, Secret};
use calendar::{Instant, Zone};
use dispute::fact::Scope;
use dispute::status::{Stage, Standing};
use engine::{Engine, Error};
use store::{CaseRow, Store};

const DAYS: i64 = 14;
/// Fixed, so that everybody's demonstration is the same one.
const SEED: u64 = 20_260_302;

/// Everything that a demonstration needs.
pub struct Fortnight {
    pub starting: Instant,
    pub ending: Instant,
    /// Accounts and secrets, the mail, and the carrier for whatever the desk sends.
    pub world: World,
}

/// What playing the two weeks came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Documents handed in, repeats included.
    pub arrivals: u64,
    /// Commands that people gave and the desk carried out.
    pub commands: u64,
    /// Deeds that ended at a rejection of our rules.
    pub rejections: u64,
}

/// Accounts of two merchants at Stripe, and one each elsewhere.
pub fn accounts() -> Vec<Account> {
    let account = |provider: &str, name: &str, key: &[u8]| Account {
        scope: Scope {
            provider: provider.to_owned(),
            account: name.to_owned(),
        },
        secrets: match key {
            b"" => Vec::new(),
            key => vec![Secret {
                label: String::from("synthetic"),
                value: key.to_vec(),
            }],
        },
    };
    vec![
        account("stripe", "merchant_1", b"synthetic-signing-key-1"),
        account("stripe", "merchant_2", b"synthetic-signing-key-2"),
        account(
            "adyen",
            "Merchant1Retail",
            b"00112233445566778899aabbccddeeff",
        ),
        account("paypal", "MERCHANT1PP", b""),
        account("ach", "1234567890", b""),
    ]
}

/// The two weeks that end at this instant.
pub fn fortnight(ending: Instant) -> Fortnight {
    let starting = ending.plus_days(-DAYS);
    let mut world = World::new(accounts(), SEED);
    // One document in twenty comes late, one in twenty-five twice; one request in a hundred has an accident.
    world.faults = Faults {
        wire: 10,
        letter_late: 50,
        letter_twice: 40,
        ..Faults::NONE
    };
    let mut dice = Dice::new(SEED + 1);
    ordinary(&mut world, starting, ending, &mut dice);
    due_soon(&mut world, ending, &mut dice);
    told_stories(&mut world, ending, &mut dice);
    bad_mail(&mut world, ending);
    let days =
        (0..=DAYS).map(|day| Zone::Utc.start_of_day(starting.plus_days(day).date_in(Zone::Utc)));
    for midnight in days.filter(|at| *at > starting && *at <= ending) {
        world.plan(midnight, Act::CloseDay);
    }
    Fortnight {
        starting,
        ending,
        world,
    }
}

fn some_instant(from: Instant, until: Instant, dice: &mut Dice) -> Instant {
    let seconds = u32::try_from(from.seconds_until(until)).unwrap_or(1);
    from.plus_seconds(i64::from(dice.below(seconds)))
}

fn ordinary(world: &mut World, starting: Instant, ending: Instant, dice: &mut Dice) {
    let shares = [
        ("stripe", "merchant_1", 75),
        ("stripe", "merchant_2", 60),
        ("adyen", "Merchant1Retail", 70),
        ("paypal", "MERCHANT1PP", 55),
        ("ach", "1234567890", 34),
    ];
    for (provider, account, count) in shares {
        for _ in 0..count {
            let at = some_instant(starting, ending.plus_hours(-3), dice);
            let opening = any(provider, account, at, dice);
            world.plan(at, Act::Open(opening));
        }
    }
}

/// Several answers are due on the day itself and on the next one.
fn due_soon(world: &mut World, ending: Instant, dice: &mut Dice) {
    for index in 0..22 {
        let (provider, account) = match index % 4 {
            0 => ("stripe", "merchant_1"),
            1 => ("adyen", "Merchant1Retail"),
            2 => ("stripe", "merchant_2"),
            _ => ("paypal", "MERCHANT1PP"),
        };
        let at = ending.plus_days(-10).plus_hours(i64::from(dice.below(48)));
        let hours = if index < 9 {
            dice.between(2, 14)
        } else {
            dice.between(20, 40)
        };
        let mut opening = with(any(provider, account, at, dice), &[]);
        opening.due = Some(ending.plus_hours(i64::from(hours)));
        world.plan(at, Act::Open(opening));
    }
}

/// A dispute of which it is known from the start how it goes on.
struct Told {
    days_ago: i64,
    provider: &'static str,
    account: &'static str,
    /// The provider's word and the network's code, where the story needs them.
    why: Option<(&'static str, &'static str)>,
    payment: Option<&'static str>,
    untold: bool,
    then: &'static [(i64, Next)],
}

const fn told(
    days_ago: i64,
    provider: &'static str,
    account: &'static str,
    then: &'static [(i64, Next)],
) -> Told {
    Told {
        days_ago,
        provider,
        account,
        why: None,
        payment: None,
        untold: false,
        then,
    }
}

const WON: Next = Next::Decide(Standing::Won);
const LOST: Next = Next::Decide(Standing::Lost);
const STORE_1: &str = "merchant_1";
const STORE_2: &str = "merchant_2";
const RETAIL: &str = "Merchant1Retail";
const COMPANY: &str = "1234567890";

/// What a desk lead should find in the morning.
const STORIES: [Told; 12] = [
    // Won before these two weeks, and the money did not come back in them: an exception. Won in them, and still expected.
    told(19, "stripe", STORE_1, &[(72, WON)]),
    told(12, "stripe", STORE_2, &[(72, WON)]),
    // Won and paid.
    told(
        13,
        "stripe",
        STORE_1,
        &[(96, WON), (120, Next::GiveBack(None))],
    ),
    // A message says of a lost case that it waits for us.
    told(
        10,
        "stripe",
        STORE_2,
        &[(60, LOST), (150, Next::Misreport("needs_response"))],
    ),
    // A status on no list, told more than the three days ago that a letter can be late.
    told(5, "stripe", STORE_2, &[(30, Next::Misreport("paused"))]),
    // Its webhooks were missed; the sweep of the list finds it.
    Told {
        untold: true,
        ..told(6, "stripe", STORE_1, &[])
    },
    // Reasons on no list.
    Told {
        why: Some(("weather", "99.9")),
        ..told(5, "stripe", STORE_1, &[])
    },
    Told {
        why: Some(("Unheard of", "77.7")),
        ..told(4, "adyen", RETAIL, &[])
    },
    // Part of it came back.
    told(
        11,
        "paypal",
        "MERCHANT1PP",
        &[
            (90, Next::GiveBack(Some(400))),
            (91, Next::Decide(Standing::PartiallyWon)),
        ],
    ),
    // Refunded while the dispute was open, and lost: the same money twice.
    told(9, "stripe", STORE_1, &[(20, Next::Refund), (100, LOST)]),
    // Fraud was reported first, the chargeback came after.
    Told {
        why: Some(("fraudulent", "10.4")),
        payment: Some("ch_warned_1"),
        ..told(7, "stripe", STORE_1, &[])
    },
    // A return that our bank refused and the other bank insisted on.
    told(
        12,
        "ach",
        COMPANY,
        &[(48, Next::Dishonor), (120, Next::Contest)],
    ),
];

fn told_stories(world: &mut World, ending: Instant, dice: &mut Dice) {
    for story in STORIES {
        let at = ending.plus_days(-story.days_ago);
        let mut opening = with(any(story.provider, story.account, at, dice), story.then);
        if let Some((reason, code)) = story.why {
            opening.reason = reason;
            opening.code = code;
        }
        opening.payment = story.payment.map(str::to_owned);
        let act = Act::Open(opening);
        let act = if story.untold {
            Act::Untold(Box::new(act))
        } else {
            act
        };
        world.plan(at, act);
    }
    for days in [5, 3] {
        world.plan(
            ending.plus_days(-days),
            Act::Notice {
                account: COMPANY.to_owned(),
            },
        );
    }
    for (days, payment) in [(9, "ch_warned_1"), (2, "ch_warned_2")] {
        let (account, payment) = (STORE_1.to_owned(), payment.to_owned());
        world.plan(ending.plus_days(-days), Act::Warn { account, payment });
    }
}

/// Mail that a desk must not swallow, and must not choke on. It is posted before the three days that a letter can be late, so
/// that it is there whatever happens to the other mail.
fn bad_mail(world: &mut World, ending: Instant) {
    let ending = ending.plus_days(-3);
    let yesterday = ending.plus_days(-1);
    let letter = |hours: i64, name: &str, body: Vec<u8>| Letter {
        at: yesterday.plus_hours(hours),
        provider: "stripe",
        account: STORE_2.to_owned(),
        channel: Channel::Webhook,
        name: name.to_owned(),
        body,
        sign: Sign::Stripe,
    };
    let file = |provider: &'static str, account: &str, letter: Letter| Letter {
        provider,
        account: account.to_owned(),
        channel: Channel::File,
        sign: Sign::TrustedWay,
        ..letter
    };
    let weather = serde_json::json!({ "object": "weather", "id": "wx_1" });
    let unknown = paper::stripe::event("evt_weather", "weather.changed", yesterday, &weather);
    let hook = "/in/stripe/merchant_2";
    let mail = [
        letter(1, hook, unknown),
        letter(4, hook, b"{\"id\":\"evt_cut\",\"object\":\"ev".to_vec()),
        Letter {
            sign: Sign::Forged,
            ..letter(
                0,
                hook,
                b"{\"id\":\"evt_forged\",\"object\":\"event\"}".to_vec(),
            )
        },
        file(
            "paypal",
            "MERCHANT1PP",
            letter(2, "STL-lying.CSV", lying_settlement(ending)),
        ),
        file(
            "ach",
            COMPANY,
            letter(3, "returns-lying.ach", lying_returns(ending)),
        ),
    ];
    for letter in mail {
        world.plan(letter.at, Act::Send(Box::new(letter)));
    }
}

/// One row, and counts that say three.
fn lying_settlement(ending: Instant) -> Vec<u8> {
    let yesterday = ending.plus_days(-1);
    let row = paper::paypal::SettlementRow {
        id: String::from("90000000000000001"),
        reference: String::from("90000000000000002"),
        code: String::from("T1201"),
        at: yesterday,
        hundredths: -4_200,
        currency: String::from("USD"),
    };
    paper::paypal::settlement_report("MERCHANT1PP", yesterday, ending, &[row], 2)
}

/// One return, and a control total that is a cent off.
fn lying_returns(ending: Instant) -> Vec<u8> {
    let returned = paper::ach::Return {
        code: String::from("R01"),
        amount: 7_700,
        original_trace: 980_000_029_000_001,
        trace: 990_000_019_000_001,
    };
    let on = ending.plus_days(-1).date_in(Zone::NewYork);
    paper::ach::returns(COMPANY, on, &[returned], 1).expect("the lines fit their columns")
}

impl Fortnight {
    /// Lets the two weeks pass over a desk: mail as it comes, two rounds a day, people every morning.
    /// `passed` is told how far the time has come.
    ///
    /// # Errors
    /// When the store fails.
    pub fn play<S: Store>(
        &mut self,
        engine: &mut Engine<S>,
        passed: &mut dyn FnMut(Instant),
    ) -> Result<Played, Error> {
        let mut played = Played::default();
        let mut now = self.starting;
        loop {
            let mail = self.world.tick(now);
            played.arrivals += u64::try_from(mail.len()).unwrap_or(u64::MAX);
            hand_in(engine, &self.world, &mail)?;
            engine.absorb(now)?;
            let morning = (9..12).contains(&hour(now));
            if morning {
                let (ending, scripted) = (self.ending, self.world.scripted().clone());
                let rule = |row: &CaseRow| {
                    rule(row, now, ending).filter(|_| !scripted.contains(&row.dispute))
                };
                for (_, _, deeds) in work_queue(engine, now, &mut self.world, &rule)? {
                    played.commands += u64::from(deeds.done);
                    played.rejections += u64::from(deeds.rejected.is_some());
                }
            }
            // Two rounds a day: a desk makes one a minute, and the demonstration should not take that long.
            if morning || hour(now) >= 21 || now >= self.ending {
                round(engine, &mut self.world, now)?;
            }
            passed(now);
            if now >= self.ending {
                return Ok(played);
            }
            now = now.plus_hours(3).min(self.ending);
        }
    }
}

/// What the analyst does with a case of the queue: waits a day, and leaves to the demonstration's user what is due by then.
fn rule(row: &CaseRow, now: Instant, ending: Instant) -> Option<Deed> {
    let due = row.respond_by.map(|due| due.latest_instant());
    let users = due.is_some_and(|due| due > ending && due < ending.plus_hours(48));
    if users || row.opened_at.plus_days(1) > now || row.stage == Stage::NoticeOfChange.name() {
        return None;
    }
    match temper(row) {
        0..45 => Some(Deed::Contest),
        45..55 => Some(Deed::Concede),
        _ => None,
    }
}
