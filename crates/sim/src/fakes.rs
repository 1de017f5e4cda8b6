//! The world outside the desk: four providers that keep their own truth, write documents in their real formats, and answer
//! requests. What they hold is compared with what the desk holds; the desk never sees it directly.

mod ach;
pub mod adyen;
pub mod letter;
mod paypal;
mod stripe;
pub mod truth;
pub mod wire;

use crate::dice::Dice;
use crate::paper;
use adapter::{Reply, Request, Secret};
use calendar::{Instant, Zone};
use dispute::fact::Scope;
use dispute::movement::MovementKind;
use dispute::status::{Stage, Standing};
use engine::{Carried, Carrier};
use letter::{Delivery, Letter};
use std::collections::{BTreeMap, BTreeSet};
use truth::{Case, Change, Moved, Next, Opening, Taken, Taking};
use wire::{Asked, Faults, WireFault};

/// What a card dispute costs at this Stripe, in minor units.
const FEE_MINOR: i64 = 1_500;

/// One of our accounts at a provider.
#[derive(Clone, Debug)]
pub struct Account {
    pub scope: Scope,
    pub secrets: Vec<Secret>,
}

/// What is to happen at a provider.
#[derive(Clone, Debug)]
pub enum Act {
    Open(Opening),
    /// Something happens to a dispute that is there.
    To {
        case: String,
        next: Next,
    },
    /// The issuer tells of fraud on a payment.
    Warn {
        account: String,
        payment: String,
    },
    /// Account details must change.
    Notice {
        account: String,
    },
    /// The day's reports are written.
    CloseDay,
    /// A document as it is.
    Send(Box<Letter>),
    /// It happens, and every message about it is lost.
    Untold(Box<Act>),
}

/// How a letter fared, for counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    pub written: u64,
    pub lost: u64,
    pub late: u64,
    pub twice: u64,
    pub cut: u64,
    pub forged: u64,
}

/// Every provider, its truth, and the mail between them and the desk.
pub struct World {
    pub accounts: Vec<Account>,
    pub faults: Faults,
    pub fared: Fared,
    /// How often each fault of the wire happened.
    pub wired: BTreeMap<WireFault, u64>,
    /// How accepted answers end: drawn by the dice.
    pub dice: Dice,
    cases: BTreeMap<String, Case>,
    plans: BTreeMap<(Instant, u64), Act>,
    post: BTreeMap<(Instant, u64), Letter>,
    written: Vec<Letter>,
    lines: Vec<ach::Line>,
    replies: BTreeMap<String, Reply>,
    scripted: BTreeSet<String>,
    traces: BTreeMap<String, (u64, u64, u64)>,
    reported_until: Option<Instant>,
    serial: u64,
    batch: u32,
}

/// Takes what arrived: this is the moment that the desk must find out about.
fn take(case: &mut Case, what: Taking, mark: String, now: Instant) {
    case.taken.push(Taken {
        stage: case.stage,
        what,
        mark,
        at: now,
    });
    case.changed_at = now;
    case.standing = match (what, case.provider) {
        (Taking::Concession, _) => Standing::Accepted,
        (Taking::Answer, "paypal") => Standing::Network,
        (Taking::Answer, _) => Standing::Theirs,
    };
}

impl World {
    /// A world in which nothing has happened.
    pub fn new(accounts: Vec<Account>, seed: u64) -> World {
        World {
            accounts,
            faults: Faults::NONE,
            fared: Fared::default(),
            wired: BTreeMap::new(),
            dice: Dice::new(seed),
            cases: BTreeMap::new(),
            plans: BTreeMap::new(),
            post: BTreeMap::new(),
            written: Vec::new(),
            lines: Vec::new(),
            replies: BTreeMap::new(),
            scripted: BTreeSet::new(),
            traces: BTreeMap::new(),
            reported_until: None,
            serial: 0,
            batch: 0,
        }
    }

    /// Every dispute as its provider keeps it.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// One dispute.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.get(id)
    }

    /// The disputes whose end is written already, whatever the desk does.
    pub fn scripted(&self) -> &BTreeSet<String> {
        &self.scripted
    }

    /// The accounts' scopes.
    pub fn scopes(&self) -> Vec<Scope> {
        self.accounts
            .iter()
            .map(|account| account.scope.clone())
            .collect()
    }

    /// The secrets of one account.
    pub fn secrets(&self, provider: &str, name: &str) -> &[Secret] {
        let found = self
            .accounts
            .iter()
            .find(|account| account.scope.provider == provider && account.scope.account == name);
        found
            .map(|account| account.secrets.as_slice())
            .unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Plans something.
    pub fn plan(&mut self, at: Instant, act: Act) {
        let serial = self.next();
        self.plans.insert((at, serial), act);
    }

    /// Plans something for one dispute.
    pub fn plan_for(&mut self, case: &str, at: Instant, next: Next) {
        self.plan(
            at,
            Act::To {
                case: case.to_owned(),
                next,
            },
        );
    }

    /// Whether anything is still to happen or under way.
    pub fn quiet(&self) -> bool {
        self.plans.is_empty() && self.post.is_empty()
    }

    /// Does what is planned until now, and hands over the mail that is due.
    pub fn tick(&mut self, now: Instant) -> Vec<Delivery> {
        while let Some(entry) = self.plans.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let at = entry.key().0;
            let act = entry.remove();
            self.act(act, at);
        }
        let mut due = Vec::new();
        while let Some(entry) = self.post.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let at = entry.key().0;
            due.push((at, entry.remove()));
        }
        due.iter()
            .map(|(at, letter)| self.deliver(letter, *at))
            .collect()
    }

    fn deliver(&self, letter: &Letter, now: Instant) -> Delivery {
        letter.deliver(now, self.secrets(letter.provider, &letter.account).first())
    }

    /// Everything that was ever written, once more: what a provider's operator does after an outage.
    pub fn redeliver(&self, now: Instant) -> Vec<Delivery> {
        self.written
            .iter()
            .map(|letter| self.deliver(letter, now))
            .collect()
    }

    fn act(&mut self, act: Act, at: Instant) {
        match act {
            Act::Open(opening) => {
                self.open(&opening, at);
            }
            Act::To { case, next } => self.happen(&case, next, at),
            Act::Warn { account, payment } => self.warn(&account, &payment, at),
            Act::Notice { account } => self.notice(&account, at),
            Act::CloseDay => self.close_day(at),
            Act::Send(letter) => self.send(*letter),
            Act::Untold(act) => {
                let faults = self.faults;
                self.faults.letter_lost = 1_000;
                self.act(*act, at);
                self.faults = faults;
            }
        }
    }

    fn happen(&mut self, case: &str, next: Next, at: Instant) {
        match next {
            Next::Due => self.due(case, at),
            Next::Decide(standing) => self.decide(case, standing, at),
            Next::GiveBack(minor) => self.give_back(case, minor, at),
            Next::Escalate => self.escalate(case, at),
            Next::TakeAgain => self.take_again(case, at),
            Next::Refund => self.refund(case, at),
            Next::Dishonor => self.dishonor(case, at),
            Next::Contest => self.contest(case, at),
            Next::Misreport(status) => self.misreport(case, status, at),
        }
    }

    /// The time to answer is over: who was silent has lost, except that an inquiry that nobody pursues lapses.
    fn due(&mut self, id: &str, at: Instant) {
        let Some(case) = self.cases.get(id) else {
            return;
        };
        if case.standing != Standing::Ours || case.due.is_some_and(|due| due > at) {
            return;
        }
        let standing = if case.stage == Stage::Inquiry {
            Standing::Lapsed
        } else {
            Standing::Expired
        };
        self.decide(id, standing, at);
    }

    /// Opens a dispute and tells of it. Returns its id.
    pub fn open(&mut self, opening: &Opening, at: Instant) -> String {
        let serial = self.next();
        let original = 980_000_020_000_000 + serial;
        let (id, payment) = match opening.provider {
            "stripe" => (format!("dp_{serial:08}"), format!("ch_{serial:08}")),
            "adyen" => (format!("DSP{serial:013}"), format!("PAY{serial:013}")),
            "ach" => (ach::dispute_id(original), format!("{original:0>15}")),
            _ => (format!("PP-D-{serial:05}"), format!("{serial:017}")),
        };
        let case = Case {
            provider: opening.provider,
            account: opening.account.clone(),
            id: id.clone(),
            payment: opening.payment.clone().unwrap_or(payment),
            order: format!("order-{serial}"),
            paid_minor: opening.paid_minor,
            minor: opening.minor,
            currency: opening.currency,
            reason: opening.reason,
            code: opening.code,
            brand: opening.brand,
            stage: opening.stage,
            standing: if opening.provider == "ach" {
                Standing::Nobody
            } else {
                Standing::Ours
            },
            opened_at: at,
            changed_at: at,
            due: opening.due,
            recovered_minor: 0,
            moves: Vec::new(),
            taken: Vec::new(),
        };
        if opening.provider == "ach" {
            let trace = 990_000_010_000_000 + serial;
            self.traces.insert(id.clone(), (original, trace, 0));
            self.lines.push(ach::first(&case, original, trace));
        }
        self.cases.insert(id.clone(), case);
        if opening.stage != Stage::Inquiry {
            self.moved(&id, MovementKind::Withdrawal, -opening.minor, at);
        }
        self.tell(&id, Change::Opened, at);
        if let Some(due) = opening.due {
            self.plan_for(&id, due.plus_seconds(1), Next::Due);
        }
        if !opening.then.is_empty() {
            self.scripted.insert(id.clone());
        }
        for (hours, next) in &opening.then {
            self.plan_for(&id, at.plus_hours(*hours), *next);
        }
        id
    }

    fn moved(&mut self, id: &str, kind: MovementKind, minor: i64, at: Instant) {
        let serial = self.next();
        let Some(case) = self.cases.get_mut(id) else {
            return;
        };
        let fee_minor = if case.provider == "stripe" && minor < 0 && case.moves.is_empty() {
            FEE_MINOR
        } else {
            0
        };
        let id = match case.provider {
            "stripe" => format!("txn_{serial:08}"),
            _ => format!("{serial:017}"),
        };
        case.moves.push(Moved {
            id,
            kind,
            minor,
            fee_minor,
            at,
        });
        case.changed_at = at;
    }

    fn decide(&mut self, id: &str, standing: Standing, at: Instant) {
        let Some(case) = self.cases.get_mut(id) else {
            return;
        };
        if case.over() {
            return;
        }
        case.standing = standing;
        case.changed_at = at;
        self.tell(id, Change::Decided, at);
    }

    fn give_back(&mut self, id: &str, minor: Option<i64>, at: Instant) {
        let Some(case) = self.cases.get_mut(id) else {
            return;
        };
        if case.standing == Standing::Lost {
            return;
        }
        let withheld = case.withheld_minor();
        let minor = minor.unwrap_or(withheld).min(withheld);
        if minor <= 0 {
            return;
        }
        if minor < withheld {
            case.recovered_minor = minor;
        }
        self.moved(id, MovementKind::Reinstatement, minor, at);
        self.tell(id, Change::MoneyBack, at);
    }

    fn escalate(&mut self, id: &str, at: Instant) {
        let Some(case) = self.cases.get_mut(id) else {
            return;
        };
        if case.stage != Stage::Inquiry || case.over() {
            return;
        }
        case.stage = Stage::Chargeback;
        case.standing = Standing::Ours;
        case.changed_at = at;
        case.due = Some(at.plus_days(9));
        let minor = case.minor;
        self.moved(id, MovementKind::Withdrawal, -minor, at);
        self.tell(id, Change::Escalated, at);
        self.plan_for(id, at.plus_days(9).plus_seconds(1), Next::Due);
    }

    fn take_again(&mut self, id: &str, at: Instant) {
        let Some(case) = self.cases.get_mut(id) else {
            return;
        };
        if case.withheld_minor() > 0 {
            return;
        }
        case.standing = Standing::Lost;
        case.changed_at = at;
        let minor = case.minor;
        self.moved(id, MovementKind::Withdrawal, -minor, at);
        self.tell(id, Change::TakenAgain, at);
    }

    fn refund(&mut self, id: &str, at: Instant) {
        let serial = self.next();
        let Some(case) = self.cases.get(id) else {
            return;
        };
        let currency = case.currency.to_ascii_lowercase();
        let refund = paper::stripe::refund(
            &format!("re_{serial:08}"),
            &case.payment,
            case.paid_minor,
            &currency,
            "succeeded",
            at,
        );
        let event = paper::stripe::event(
            &format!("evt_refund_{serial:08}"),
            "refund.created",
            at,
            &refund,
        );
        let letter = stripe::letter(&case.account, at, event);
        self.send(letter);
    }

    fn warn(&mut self, account: &str, payment: &str, at: Instant) {
        let serial = self.next();
        let intent = payment.replace("ch_", "pi_");
        let warning = paper::stripe::early_fraud_warning(
            &format!("issfr_{serial:08}"),
            payment,
            &intent,
            "made_with_stolen_card",
            at,
        );
        let event = paper::stripe::event(
            &format!("evt_warning_{serial:08}"),
            "radar.early_fraud_warning.created",
            at,
            &warning,
        );
        self.send(stripe::letter(account, at, event));
    }

    fn misreport(&mut self, id: &str, status: &str, at: Instant) {
        let Some(case) = self.cases.get(id) else {
            return;
        };
        let letter = stripe::misreport(case, status, at);
        self.send(letter);
    }

    fn dishonor(&mut self, id: &str, at: Instant) {
        let serial = 980_000_025_000_000 + self.next();
        let Some((original, trace, dishonor)) = self.traces.get_mut(id) else {
            return;
        };
        *dishonor = serial;
        let (original, trace) = (*original, *trace);
        let Some(case) = self.cases.get(id) else {
            return;
        };
        let mut line = ach::first(case, original, serial);
        line.step = paper::ach::Step::Dishonored {
            return_trace: trace,
            returned_on: case.opened_at.date_in(Zone::NewYork),
        };
        let minor = case.minor;
        self.lines.push(line);
        self.moved(id, MovementKind::Reinstatement, minor, at);
    }

    fn contest(&mut self, id: &str, at: Instant) {
        let serial = 990_000_015_000_000 + self.next();
        let Some((original, trace, dishonor)) = self.traces.get(id).copied() else {
            return;
        };
        let Some(case) = self.cases.get(id) else {
            return;
        };
        let on = |at: Instant| at.date_in(Zone::NewYork);
        let mut line = ach::first(case, original, serial);
        line.step = paper::ach::Step::Contested {
            return_trace: trace,
            returned_on: on(case.opened_at),
            dishonored_trace: dishonor,
            dishonored_on: on(case.changed_at),
        };
        let minor = case.minor;
        self.lines.push(line);
        self.moved(id, MovementKind::Withdrawal, -minor, at);
    }

    fn notice(&mut self, account: &str, at: Instant) {
        let serial = self.next();
        let line = ach::Line {
            account: account.to_owned(),
            returned: paper::ach::Return {
                code: String::from("C01"),
                amount: 0,
                original_trace: 980_000_020_000_000 + serial,
                trace: 990_000_010_000_000 + serial,
            },
            step: paper::ach::Step::Change {
                corrected: String::from("1918171614"),
            },
        };
        let on = at.date_in(Zone::NewYork);
        let mut letter = ach::file(account, at.plus_hours(6), on, &[&line], 0);
        letter.name = format!("notices-{account}-{serial}.ach");
        self.send(letter);
    }

    /// Writes the reports of everything that moved since the last ones.
    fn close_day(&mut self, at: Instant) {
        let from = self.reported_until.replace(at).unwrap_or(at.plus_days(-1));
        self.batch += 1;
        let mut letters = Vec::new();
        for account in &self.accounts {
            let (provider, name) = (
                account.scope.provider.as_str(),
                account.scope.account.as_str(),
            );
            let of_account = self
                .cases
                .values()
                .filter(|case| case.provider == provider && case.account == name);
            let moved: Vec<(&Case, &Moved)> = of_account
                .flat_map(|case| case.moves.iter().map(move |moved| (case, moved)))
                .filter(|(_, moved)| moved.at > from && moved.at <= at)
                .collect();
            let due = at.plus_hours(6);
            let lines: Vec<&ach::Line> = self
                .lines
                .iter()
                .filter(|line| line.account == name)
                .collect();
            // A report whose totals lie, and its correction two hours later.
            let lies = self.dice.chance(self.faults.report_lies);
            let issues = [(lies, due, 1_i64), (true, due.plus_hours(2), 0)];
            for (_, due, off) in issues.into_iter().filter(|(issued, _, _)| *issued) {
                match provider {
                    "ach" if lines.is_empty() => {}
                    "ach" => {
                        letters.push(ach::file(name, due, at.date_in(Zone::NewYork), &lines, off))
                    }
                    _ if moved.is_empty() => {}
                    "stripe" if off == 0 => letters.push(stripe::report(name, due, &moved)),
                    "adyen" if off == 0 => {
                        letters.push(adyen::report(name, due, self.batch, &moved))
                    }
                    "paypal" => letters.push(paypal::report(name, from, due, &moved, off)),
                    _ => {}
                }
            }
        }
        self.lines.clear();
        for letter in letters {
            self.send(letter);
        }
    }

    /// Tells the desk, in the provider's way. PayPal and ACH tell by interface and file only.
    fn tell(&mut self, id: &str, change: Change, at: Instant) {
        let Some(case) = self.cases.get(id) else {
            return;
        };
        let letters = match case.provider {
            "stripe" => stripe::announce(case, change, at),
            "adyen" => {
                let key = self.secrets("adyen", &case.account).first();
                let key = key
                    .map(|key| String::from_utf8_lossy(&key.value).into_owned())
                    .unwrap_or_default();
                adyen::announce(case, change, at, &key)
            }
            _ => Vec::new(),
        };
        for letter in letters {
            self.send(letter);
        }
    }

    /// Puts a letter into the post, where things can happen to it.
    pub fn send(&mut self, letter: Letter) {
        self.fared.written += 1;
        self.written.push(letter.clone());
        let faults = self.faults;
        if self.dice.chance(faults.letter_lost) {
            self.fared.lost += 1;
            return;
        }
        let mut at = letter.at;
        if self.dice.chance(faults.letter_late) {
            self.fared.late += 1;
            at = at.plus_hours(i64::from(self.dice.between(1, 72)));
        }
        if self.dice.chance(faults.letter_twice) {
            self.fared.twice += 1;
            let again = at.plus_seconds(i64::from(self.dice.between(1, 7_200)));
            let serial = self.next();
            self.post.insert((again, serial), letter.clone());
        }
        if self.dice.chance(faults.letter_cut) {
            self.fared.cut += 1;
            let mut cut = letter.clone();
            let half = cut.body.len() / 2;
            cut.body.truncate(half);
            let serial = self.next();
            self.post.insert((at, serial), cut);
        }
        if self.dice.chance(faults.letter_forged) && letter.sign == letter::Sign::Stripe {
            self.fared.forged += 1;
            let mut forged = letter.clone();
            forged.sign = letter::Sign::Forged;
            forged.body.push(b' ');
            let serial = self.next();
            self.post.insert((at, serial), forged);
        }
        let serial = self.next();
        self.post.insert((at, serial), letter);
    }

    /// What became true by an accepted request, and what the provider will do about it in time.
    fn follow(&mut self, id: &str, what: Taking, now: Instant) {
        if what == Taking::Concession {
            self.tell(id, Change::Decided, now.plus_seconds(5));
            return;
        }
        self.tell(id, Change::Answered, now.plus_seconds(5));
        let Some((provider, stage, minor)) = self
            .cases
            .get(id)
            .map(|case| (case.provider, case.stage, case.minor))
        else {
            return;
        };
        let after = now.plus_hours(i64::from(self.dice.between(20, 160)));
        let later = after.plus_hours(i64::from(self.dice.between(1, 60)));
        let roll = self.dice.below(100);
        match (provider, stage) {
            (_, Stage::Inquiry) if roll < 60 => {
                self.plan_for(id, after, Next::Decide(Standing::Lapsed))
            }
            (_, Stage::Inquiry) => self.plan_for(id, after, Next::Escalate),
            // Adyen gives the money back at once, and the issuer may take it again.
            ("adyen", _) => {
                self.plan_for(id, after, Next::GiveBack(None));
                let end = if roll < 60 {
                    Next::Decide(Standing::Won)
                } else {
                    Next::TakeAgain
                };
                self.plan_for(id, later.plus_days(2), end);
            }
            ("paypal", _) if roll < 15 => {
                self.plan_for(id, after, Next::GiveBack(Some(minor / 3)));
                self.plan_for(
                    id,
                    after.plus_seconds(1),
                    Next::Decide(Standing::PartiallyWon),
                );
            }
            _ if roll < 50 => {
                self.plan_for(id, after, Next::Decide(Standing::Won));
                self.plan_for(id, later, Next::GiveBack(None));
            }
            _ => self.plan_for(id, after, Next::Decide(Standing::Lost)),
        }
    }

    fn fault(&mut self) -> WireFault {
        if !self.dice.chance(self.faults.wire) {
            return WireFault::None;
        }
        match self.dice.below(6) {
            0 => WireFault::NotSent,
            1 => WireFault::LostBefore,
            2 => WireFault::LostAfter,
            3 => WireFault::ErrorBefore,
            4 => WireFault::ErrorAfter,
            _ => WireFault::Throttled,
        }
    }

    /// The provider's own work on a request that arrived.
    fn serve(&mut self, scope: &Scope, request: &Request, now: Instant) -> Reply {
        let asked = Asked::of(request, &scope.account);
        let key = asked.header("Idempotency-Key").map(str::to_owned);
        if let Some(reply) = key.as_ref().and_then(|key| self.replies.get(key)) {
            return reply.clone();
        }
        let (reply, taken) = match scope.provider.as_str() {
            "stripe" => stripe::answer(&mut self.cases, &asked, now),
            "adyen" => adyen::answer(&mut self.cases, &asked, now),
            "paypal" => paypal::answer(&mut self.cases, &asked, now),
            _ => (
                Reply {
                    status: 404,
                    headers: Vec::new(),
                    body: Vec::new(),
                },
                None,
            ),
        };
        if let Some(key) = key {
            self.replies.insert(key, reply.clone());
        }
        if let Some((id, what)) = taken {
            self.follow(&id, what, now);
        }
        reply
    }
}

impl Carrier for World {
    fn carry(&mut self, scope: &Scope, request: &Request, now: Instant) -> Carried {
        let fault = self.fault();
        *self.wired.entry(fault).or_insert(0) += 1;
        let empty = |status: u16| Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        };
        match fault {
            WireFault::None => Carried::Reply(self.serve(scope, request, now)),
            WireFault::NotSent => Carried::NotSent(String::from("connection refused")),
            WireFault::LostBefore => Carried::Lost(String::from("no answer within the time limit")),
            WireFault::LostAfter => {
                self.serve(scope, request, now);
                Carried::Lost(String::from("no answer within the time limit"))
            }
            WireFault::ErrorBefore => Carried::Reply(empty(503)),
            WireFault::ErrorAfter => {
                self.serve(scope, request, now);
                Carried::Reply(empty(500))
            }
            WireFault::Throttled => {
                let mut reply = empty(429);
                reply
                    .headers
                    .push((String::from("Retry-After"), String::from("120")));
                Carried::Reply(reply)
            }
        }
    }

    fn reaches(&self, scope: &Scope) -> bool {
        self.accounts.iter().any(|account| account.scope == *scope)
    }
}
