//! The desk of a story: the engine, its clock, and whatever fails while it runs.

use super::args::Args;
use super::outside::{Laid, Mishap, Outside};
use super::{ach, adyen, expect, instant, paypal, person, story, stripe};
use crate::invariants;
use adapter::{Channel, Secret};
use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::fact::Scope;
use dispute::rejection::Rejection;
use dispute::status::Party;
use engine::command::{Actor, Commanded};
use engine::intake::{Arrival, Trust};
use engine::{Engine, Error};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store as _;
use store::faulty::{self, Fault};

/// The store of every story: a real one that can be made to fail.
pub(super) type Shelf = faulty::Store<dyn store::Store>;

/// What fails, once, while a story runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// The operation of the store, counted from 1.
    pub store: Option<(u64, Fault)>,
    /// The request, counted from 1.
    pub request: Option<(u64, Mishap)>,
}

impl Disturbance {
    /// Nothing fails.
    pub fn none() -> Disturbance {
        Disturbance {
            store: None,
            request: None,
        }
    }
}

/// A document on its way, to be signed when it is delivered.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    provider: &'static str,
    account: String,
    channel: Channel,
    name: String,
    body: Vec<u8>,
    /// `None`: a way that is trusted by itself. Otherwise whether the signature is genuine.
    pub signed: Option<bool>,
    /// It carries no signature though its way needs one.
    pub unsigned: bool,
}

impl Delivery {
    pub(super) fn trusted(
        provider: &'static str,
        account: &str,
        channel: Channel,
        name: &str,
        body: Vec<u8>,
    ) -> Delivery {
        Delivery {
            provider,
            account: account.to_owned(),
            channel,
            name: name.to_owned(),
            body,
            signed: None,
            unsigned: false,
        }
    }
}

/// The running story.
pub struct Desk {
    pub(super) now: Instant,
    pub(super) outside: Outside,
    /// How many events Stripe has made; names them.
    pub(super) events: u32,
    pub(super) rejected: Option<Rejection>,
    engine: Option<Engine<Shelf>>,
    /// Every operation of the store, in order.
    names: Arc<Mutex<Vec<&'static str>>>,
    /// A failure is taken as a restart takes it: the same step again.
    forgiving: bool,
    /// Documents are kept and wait; `absorb` processes them together.
    queueing: bool,
    sent: Vec<Delivery>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk at {}", self.now)
    }
}

impl Desk {
    /// A desk over a migrated store, in which something may fail.
    pub fn new(now: Instant, store: Box<dyn store::Store>, disturbance: Disturbance) -> Desk {
        let fails = disturbance.store;
        let names = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&names);
        let store = faulty::Store::new(store, move |operation| {
            log.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(operation.name);
            match fails {
                Some((number, fault)) if number == operation.number => fault,
                _ => Fault::None,
            }
        });
        let outside = Outside {
            fails: disturbance.request,
            ..Outside::default()
        };
        Desk {
            now,
            outside,
            events: 0,
            rejected: None,
            engine: Some(Engine::new(store, providers::list::ALL)),
            names,
            forgiving: disturbance != Disturbance::none(),
            queueing: false,
            sent: Vec::new(),
        }
    }

    pub(super) fn engine(&mut self) -> &mut Engine<Shelf> {
        self.engine
            .as_mut()
            .expect("the engine is only away while it restarts")
    }

    /// Every operation that the store was asked for, by name.
    pub fn operations(&self) -> Vec<&'static str> {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many requests left.
    pub fn requests(&self) -> u64 {
        self.outside.requests
    }

    /// Carries out one line. Whether it was an expectation.
    ///
    /// # Errors
    /// When it does not read, does not hold, or fails.
    pub fn line(&mut self, line: &story::Line) -> Result<bool, String> {
        let mut args = Args::of(&line.words)?;
        let verb = args.next("a statement")?.to_owned();
        if verb == "expect" {
            expect::check(self, args)?;
            return Ok(true);
        }
        if let Some(rejection) = self.rejected.take().filter(|_| !self.forgiving) {
            return Err(format!(
                "before this, a command was rejected: {} {rejection}",
                rejection.code()
            ));
        }
        let body = line.body.as_ref();
        match verb.as_str() {
            "at" => {
                let then = instant(args.next("an instant")?)?;
                args.done()?;
                self.until(then)?;
            }
            "step" => {
                args.done()?;
                self.step()?;
            }
            "sweep" => {
                args.done()?;
                self.sweep()?;
            }
            "read" => self.read(args.next("a case")?)?,
            "ask" => {
                let case = args.next("a case")?.to_owned();
                self.attempt(|engine, outside, now| {
                    engine.ask_requirements(&case, now, outside).map(|_| ())
                })?;
            }
            "queue" => self.queueing = true,
            "absorb" => {
                self.queueing = false;
                self.attempt(|engine, _, now| engine.absorb(now).map(|_| ()))?;
            }
            "again" => self.again(args.maybe_next())?,
            "online" => {
                let provider = args.next("a provider")?;
                self.outside.online.insert(provider.to_owned());
            }
            "offline" => {
                let provider = args.next("a provider")?;
                self.outside.online.remove(provider);
            }
            "answers" => self.lay(args, body)?,
            "stripe" => stripe::act(self, args, body)?,
            "adyen" => adyen::act(self, args, body)?,
            "paypal" => paypal::act(self, args, body)?,
            "ach" => ach::act(self, args, body)?,
            "raw" => self.raw(args, body)?,
            person => person::act(self, person, args)?,
        }
        Ok(false)
    }

    /// Does something as a desk does it: when it fails for the world's sake, the process starts again and does it again.
    fn attempt<T>(
        &mut self,
        mut work: impl FnMut(&mut Engine<Shelf>, &mut Outside, Instant) -> Result<T, Error>,
    ) -> Result<T, String> {
        let now = self.now;
        for _ in 0..3 {
            let engine = self
                .engine
                .as_mut()
                .expect("the engine is only away while it restarts");
            match work(engine, &mut self.outside, now) {
                Ok(done) => return Ok(done),
                Err(Error::Store { source, .. }) if self.forgiving && source.retryable() => {
                    self.restart()
                }
                Err(error) => return Err(chain(&error)),
            }
        }
        Err("it failed three times, and only one failure was injected".to_owned())
    }

    /// A new process over what the old one left behind.
    fn restart(&mut self) {
        if let Some(engine) = self.engine.take() {
            let mut store = engine.store;
            store.recover();
            self.engine = Some(Engine::new(store, providers::list::ALL));
        }
    }

    /// The clock moves on. A disturbed desk goes on working in between, as a live one does: what was put off for minutes is
    /// not put off for the days that a story leaps over.
    fn until(&mut self, then: Instant) -> Result<(), String> {
        for _ in 0..4 {
            let between = self.now.plus_seconds(4_200);
            if self.forgiving && between < then {
                self.now = between;
                self.step()?;
            }
        }
        self.now = then;
        self.step()
    }

    fn step(&mut self) -> Result<(), String> {
        self.attempt(|engine, outside, now| engine.step(now, outside).map(|_| ()))
    }

    fn sweep(&mut self) -> Result<(), String> {
        let accounts: Vec<Scope> = [("stripe", "acct_1"), ("paypal", "M1")]
            .into_iter()
            .map(|(provider, account)| Scope {
                provider: provider.to_owned(),
                account: account.to_owned(),
            })
            .collect();
        // A list that did not come is asked for again, as the desk's host does at its next round.
        let rounds = if self.forgiving { 2 } else { 1 };
        for _ in 0..rounds {
            self.attempt(|engine, outside, now| {
                engine.list_changed(&accounts, now, outside).map(|_| ())
            })?;
        }
        Ok(())
    }

    fn read(&mut self, case: &str) -> Result<(), String> {
        self.attempt(|engine, outside, now| {
            let row = engine.open(case)?.row;
            engine.read_back(&row, now, outside)?;
            engine.absorb(now).map(|_| ())
        })
    }

    /// Brings a document to the door.
    pub(super) fn deliver(&mut self, delivery: Delivery) -> Result<(), String> {
        self.bring(&delivery)?;
        self.sent.push(delivery);
        Ok(())
    }

    fn bring(&mut self, delivery: &Delivery) -> Result<(), String> {
        let headers = match (delivery.provider, delivery.signed) {
            ("stripe", Some(genuine)) if !delivery.unsigned => {
                stripe::headers(&delivery.body, genuine, self.now)
            }
            _ => Vec::new(),
        };
        let arrival = Arrival {
            provider: delivery.provider.to_owned(),
            account: delivery.account.clone(),
            channel: delivery.channel,
            name: delivery.name.clone(),
            headers,
            body: delivery.body.clone(),
            received_at: self.now,
        };
        let value = match delivery.provider {
            "adyen" => adyen::KEY.as_bytes().to_vec(),
            _ => stripe::SECRET.to_vec(),
        };
        let secrets = [Secret {
            label: "the story's".to_owned(),
            value,
        }];
        let signed = delivery.signed.is_some();
        let queueing = self.queueing;
        self.attempt(|engine, _, now| {
            let trust = if signed {
                Trust::Signed(&secrets)
            } else {
                Trust::TrustedWay
            };
            engine.receive(std::slice::from_ref(&arrival), &trust)?;
            if !queueing {
                engine.absorb(now)?;
            }
            Ok(())
        })
    }

    /// Brings the last document once more, or the one of this name; signed anew, as providers do.
    fn again(&mut self, name: Option<&str>) -> Result<(), String> {
        let mut sent = self.sent.iter().rev();
        let delivery = sent.find(|delivery| name.is_none_or(|name| delivery.name == name));
        let delivery = delivery.cloned().ok_or("nothing of this name was sent")?;
        self.bring(&delivery)
    }

    /// `raw <provider> webhook|file|api <name> [account=..] [crlf] <<<` with the very bytes.
    fn raw(&mut self, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
        let provider = args.next("a provider")?;
        let provider = providers::list::find(provider)
            .ok_or_else(|| format!("no provider is called {provider}"))?;
        let channel = args.next("webhook, file or api")?;
        let channel = Channel::parse(channel).ok_or_else(|| format!("`{channel}` is no way in"))?;
        let name = args.next("a name")?;
        let account = match provider.name() {
            "stripe" => "acct_1",
            "adyen" => "Merchant1",
            "paypal" => "M1",
            _ => "1234567890",
        };
        let account = args.text("account", account);
        let mut bytes = body.ok_or("`raw` has a body")?.clone();
        if args.flag("crlf") {
            bytes = bytes.replace('\n', "\r\n");
        }
        if args.flag("truncated") {
            let half = bytes.chars().count() / 2;
            bytes = bytes.chars().take(half).collect();
        }
        args.done()?;
        let mut delivery =
            Delivery::trusted(provider.name(), &account, channel, name, bytes.into_bytes());
        delivery.signed = (channel == Channel::Webhook).then_some(true);
        self.deliver(delivery)
    }

    /// `answers <provider> "POST /v1/disputes/du_1" lost-before|lost-after|not-sent|500|500-after [after=600] [body="..."]`.
    fn lay(&mut self, mut args: Args<'_>, body: Option<&String>) -> Result<(), String> {
        let provider = args.next("a provider")?.to_owned();
        let request = args.next("a request like \"POST /v1\"")?.to_owned();
        let how = args.next("what becomes of it")?;
        let code = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("`{text}` is no mishap"))
        };
        let mishap = match (how, how.strip_suffix("-after")) {
            ("not-sent", _) => Mishap::NotSent,
            ("lost-before", _) => Mishap::LostBefore,
            ("lost-after", _) => Mishap::LostAfter,
            (_, Some(status)) => Mishap::StatusAfter(code(status)?),
            (status, None) => Mishap::Status(code(status)?),
        };
        let headers = args
            .take("after")
            .map(|seconds| ("Retry-After".to_owned(), seconds.to_owned()));
        args.done()?;
        self.outside.laid.push(Laid {
            provider,
            request,
            mishap: Some(mishap),
            headers: headers.into_iter().collect(),
            body: body.map(|body| body.clone().into_bytes()),
        });
        Ok(())
    }

    /// Orders something; a rejection waits for the next line to expect it.
    pub(super) fn command(
        &mut self,
        person: &str,
        case: &str,
        command: &Command,
    ) -> Result<(), String> {
        let actor = Actor {
            name: person.to_owned(),
            party: Party::Operator,
        };
        let done = self.attempt(|engine, _, now| engine.command(case, command, &actor, now))?;
        if let Commanded::Rejected(rejection) = done {
            self.rejected = Some(rejection);
        }
        Ok(())
    }

    pub(super) fn keep_file(
        &mut self,
        case: &str,
        digest: &str,
        content: &[u8],
    ) -> Result<(), String> {
        let scope = self.case(case)?.scope;
        self.attempt(|engine, _, _| {
            let kept = engine.store.put_blob(&scope, digest, content);
            kept.map_err(|source| Error::Store {
                doing: "keeping a file",
                source,
            })
        })
    }

    pub(super) fn case(&mut self, name: &str) -> Result<Case, String> {
        self.attempt(|engine, _, _| engine.open(name))
            .map(|opened| opened.case)
    }

    /// Nothing may be left that the story laid out.
    pub fn finished(&mut self) -> Result<(), String> {
        if let Some(rejection) = self.rejected.take() {
            return Err(format!(
                "the last command was rejected: {} {rejection}",
                rejection.code()
            ));
        }
        match self.outside.laid.first() {
            Some(laid) => Err(format!("nobody asked {} `{}`", laid.provider, laid.request)),
            None => Ok(()),
        }
    }

    /// Lets time pass, with every provider within reach and nothing failing, until what was put off has happened.
    pub fn settle(&mut self) -> Result<(), String> {
        self.outside.laid.clear();
        for provider in ["stripe", "adyen", "paypal"] {
            self.outside.online.insert(provider.to_owned());
        }
        // The longest that anything waits between two tries is an hour; sweeps come once a day.
        for _ in 0..7 {
            self.now = self.now.plus_hours(4);
            self.step()?;
        }
        Ok(())
    }

    /// Every invariant, of this desk and of the outside.
    pub fn invariants(&mut self) -> Result<(), String> {
        let (now, forgiving) = (self.now, self.forgiving);
        let engine = self.engine();
        let mut breaks = invariants::of_desk(engine, now).map_err(|error| chain(&error))?;
        if !forgiving {
            // The documents of a disturbed run are those of the undisturbed one, in which every order was tried.
            let ordered = invariants::order_free(engine, now);
            breaks.extend(ordered.map_err(|error| chain(&error))?);
        }
        breaks.extend(invariants::answered_once(&self.outside.taken));
        match breaks.is_empty() {
            true => Ok(()),
            false => Err(breaks.join("\n  ")),
        }
    }

    /// The end in words: each case's status, money and answers, and every balance.
    pub fn picture(&mut self) -> Result<Vec<String>, String> {
        invariants::picture(self.engine()).map_err(|error| chain(&error))
    }
}

/// An error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
