//! Two weeks of a desk's mail, for the demonstration: some 330 cases at four providers, with everything that goes wrong in
//! two weeks. All of it is synthetic, and a function of the instant at which it ends.

use crate::dice::Dice;
use crate::fakes::letter::{Letter, Sign};
use crate::fakes::truth::{Next, Opening};
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

/// What a desk lead should find in the morning.
fn told_stories(world: &mut World, ending: Instant, dice: &mut Dice) {
    let stripe = "merchant_1";
    let mut open = |days: i64,
                    provider: &'static str,
                    account: &str,
                    change: &dyn Fn(&mut Opening),
                    then: &[(i64, Next)]| {
        let at = ending.plus_days(-days);
        let mut opening = with(any(provider, account, at, dice), then);
        change(&mut opening);
        Act::Open(opening)
    };
    let as_it_is: &dyn Fn(&mut Opening) = &|_| {};
    let won_unpaid = [(72, Next::Decide(Standing::Won))];
    let stories = [
        // Won, and the money never came back.
        (13, open(13, "stripe", stripe, as_it_is, &won_unpaid)),
        (12, open(12, "stripe", "merchant_2", as_it_is, &won_unpaid)),
        // Won and paid.
        (
            13,
            open(
                13,
                "stripe",
                stripe,
                as_it_is,
                &[
                    (96, Next::Decide(Standing::Won)),
                    (120, Next::GiveBack(None)),
                ],
            ),
        ),
        // A message says of a lost case that it waits for us.
        (
            8,
            open(
                8,
                "stripe",
                "merchant_2",
                as_it_is,
                &[
                    (60, Next::Decide(Standing::Lost)),
                    (150, Next::Misreport("needs_response")),
                ],
            ),
        ),
        // A status on no list.
        (
            3,
            open(
                3,
                "stripe",
                "merchant_2",
                as_it_is,
                &[(30, Next::Misreport("paused"))],
            ),
        ),
        // Its webhooks were missed; the sweep of the list finds it.
        (
            6,
            Act::Untold(Box::new(open(6, "stripe", stripe, as_it_is, &[]))),
        ),
        // A reason on no list.
        (
            5,
            open(
                5,
                "stripe",
                stripe,
                &|opening| {
                    opening.reason = "weather";
                    opening.code = "99.9";
                },
                &[],
            ),
        ),
        (
            4,
            open(
                4,
                "adyen",
                "Merchant1Retail",
                &|opening| {
                    opening.reason = "Unheard of";
                    opening.code = "77.7";
                },
                &[],
            ),
        ),
        // Part of it came back.
        (
            11,
            open(
                11,
                "paypal",
                "MERCHANT1PP",
                &|opening| opening.minor = 9_000,
                &[
                    (90, Next::GiveBack(Some(4_000))),
                    (91, Next::Decide(Standing::PartiallyWon)),
                ],
            ),
        ),
        // Refunded while the dispute was open, and lost: the same money twice.
        (
            9,
            open(
                9,
                "stripe",
                stripe,
                as_it_is,
                &[(20, Next::Refund), (100, Next::Decide(Standing::Lost))],
            ),
        ),
        // Fraud was reported first, the chargeback came after.
        (
            7,
            open(
                7,
                "stripe",
                stripe,
                &|opening| {
                    opening.payment = Some(String::from("ch_warned_1"));
                    opening.reason = "fraudulent";
                },
                &[],
            ),
        ),
        // A return that our bank refused and the other bank insisted on.
        (
            12,
            open(
                12,
                "ach",
                "1234567890",
                &|opening| opening.code = "R10",
                &[(48, Next::Dishonor), (120, Next::Contest)],
            ),
        ),
        (
            10,
            open(
                10,
                "ach",
                "1234567890",
                &|opening| opening.code = "R01",
                &[(48, Next::Dishonor)],
            ),
        ),
        (
            5,
            Act::Notice {
                account: String::from("1234567890"),
            },
        ),
        (
            3,
            Act::Notice {
                account: String::from("1234567890"),
            },
        ),
        (
            9,
            Act::Warn {
                account: stripe.to_owned(),
                payment: String::from("ch_warned_1"),
            },
        ),
        (
            2,
            Act::Warn {
                account: stripe.to_owned(),
                payment: String::from("ch_warned_2"),
            },
        ),
    ];
    for (days, act) in stories {
        world.plan(ending.plus_days(-days), act);
    }
}

/// Mail that a desk must not swallow, and must not choke on.
fn bad_mail(world: &mut World, ending: Instant) {
    let letter =
        |at: Instant, provider: &'static str, account: &str, name: &str, body: Vec<u8>| Letter {
            at,
            provider,
            account: account.to_owned(),
            channel: if provider == "stripe" {
                Channel::Webhook
            } else {
                Channel::File
            },
            name: name.to_owned(),
            body,
            sign: if provider == "stripe" {
                Sign::Stripe
            } else {
                Sign::TrustedWay
            },
        };
    let yesterday = ending.plus_days(-1);
    let row = paper::paypal::SettlementRow {
        id: String::from("90000000000000001"),
        reference: String::from("90000000000000002"),
        code: String::from("T1201"),
        at: yesterday,
        hundredths: -4_200,
        currency: String::from("USD"),
    };
    // Its counts lie by two rows.
    let stl = paper::paypal::settlement_report("MERCHANT1PP", yesterday, ending, &[row], 2);
    // Its control total lies.
    let returned = paper::ach::Return {
        code: String::from("R01"),
        amount: 7_700,
        original_trace: 980_000_029_000_001,
        trace: 990_000_019_000_001,
    };
    let ach = paper::ach::returns(
        "1234567890",
        yesterday.date_in(Zone::NewYork),
        &[returned],
        1,
    )
    .expect("the lines fit their columns");
    let mut forged = letter(
        yesterday,
        "stripe",
        "merchant_1",
        "/in/stripe/merchant_1",
        b"{\"id\":\"evt_forged\",\"object\":\"event\"}".to_vec(),
    );
    forged.sign = Sign::Forged;
    let unknown = paper::stripe::event(
        "evt_weather",
        "weather.changed",
        yesterday,
        &serde_json::json!({ "object": "weather", "id": "wx_1" }),
    );
    let mail = [
        letter(
            yesterday.plus_hours(2),
            "paypal",
            "MERCHANT1PP",
            "STL-lying.CSV",
            stl,
        ),
        letter(
            yesterday.plus_hours(3),
            "ach",
            "1234567890",
            "returns-lying.ach",
            ach,
        ),
        letter(
            yesterday.plus_hours(1),
            "stripe",
            "merchant_2",
            "/in/stripe/merchant_2",
            unknown,
        ),
        letter(
            yesterday.plus_hours(4),
            "stripe",
            "merchant_2",
            "/in/stripe/merchant_2",
            b"{\"id\":\"evt_cut\",\"object\":\"ev".to_vec(),
        ),
        forged,
    ];
    for letter in mail {
        world.plan(letter.at, Act::Send(Box::new(letter)));
    }
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
