//! The world outside the desk: providers with objects of their own, and the wire to them.

use super::paypal::PayPal;
use super::stripe::Stripe;
use super::{ach, adyen, paypal, stripe};
use adapter::{Reply, Request};
use calendar::Instant;
use dispute::fact::Scope;
use engine::{Carried, Carrier};
use std::collections::{BTreeMap, BTreeSet};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It never leaves.
    NotSent,
    /// It is lost on its way; nothing happens at the provider.
    LostBefore,
    /// It takes effect, and its answer is lost.
    LostAfter,
    /// The provider fails before it does anything.
    Status(u16),
    /// The provider does it and answers with a failure.
    StatusAfter(u16),
}

/// A mishap, or an answer, that the story has laid out for a request.
#[derive(Clone, Debug)]
pub(super) struct Laid {
    pub provider: String,
    /// Method and the beginning of the path.
    pub request: String,
    pub mishap: Option<Mishap>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// Everything that is not the desk.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub stripe: Stripe,
    pub paypal: PayPal,
    pub adyen: adyen::Adyen,
    pub online: BTreeSet<String>,
    pub laid: Vec<Laid>,
    /// Every request that left, in order: `stripe POST /v1/disputes/du_1`.
    pub asked: Vec<String>,
    /// Every header of every request that left, beside its request.
    pub headers: Vec<(String, String)>,
    /// The providers' own record: answers that they took, by provider, dispute and stage.
    pub taken: BTreeMap<(String, String, String), u32>,
    /// The request, counted from 1, that fails, and how.
    pub fails: Option<(u64, Mishap)>,
    pub requests: u64,
}

impl Outside {
    fn answer(&mut self, scope: &Scope, request: &Request, now: Instant) -> Reply {
        match scope.provider.as_str() {
            "stripe" => stripe::answer(self, request, now),
            "paypal" => paypal::answer(self, request, now),
            "adyen" => adyen::answer(self, request),
            "ach" => ach::answer(self, request),
            other => status(404, &format!("nobody answers for {other}")),
        }
    }

    /// Notes that a provider took an answer.
    pub(super) fn took(&mut self, provider: &str, dispute: &str, stage: &str) {
        let key = (provider.to_owned(), dispute.to_owned(), stage.to_owned());
        *self.taken.entry(key).or_insert(0) += 1;
    }
}

/// A bare answer.
pub(super) fn status(status: u16, words: &str) -> Reply {
    let body = serde_json::json!({ "error": { "message": words } });
    Reply {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

/// A success with an object.
pub(super) fn object(value: &serde_json::Value) -> Reply {
    Reply {
        status: 200,
        headers: Vec::new(),
        body: value.to_string().into_bytes(),
    }
}

/// What a request asks for, in one line.
fn line(provider: &str, request: &Request) -> String {
    match request {
        Request::Http { method, path, .. } => format!("{provider} {method} {path}"),
        Request::Multipart { path, .. } => format!("{provider} POST {path}"),
        Request::File { name, .. } => format!("{provider} PUT {name}"),
    }
}

impl Carrier for Outside {
    fn carry(&mut self, scope: &Scope, request: &Request, now: Instant) -> Carried {
        self.requests += 1;
        let asked = line(&scope.provider, request);
        if let Request::Http { headers, .. } | Request::Multipart { headers, .. } = request {
            let beside = headers
                .iter()
                .map(|(name, value)| (asked.clone(), format!("{name}: {value}")));
            self.headers.extend(beside);
        }
        self.asked.push(asked.clone());
        let meant = |laid: &Laid| asked.starts_with(&format!("{} {}", laid.provider, laid.request));
        let laid = self
            .laid
            .iter()
            .position(meant)
            .map(|place| self.laid.remove(place));
        let fails = self.fails.filter(|(number, _)| *number == self.requests);
        let mishap = fails.map(|(_, mishap)| mishap);
        let mishap = mishap.or(laid.as_ref().and_then(|laid| laid.mishap));
        let failure = |code: u16| Reply {
            status: code,
            headers: laid
                .as_ref()
                .map(|laid| laid.headers.clone())
                .unwrap_or_default(),
            body: laid
                .as_ref()
                .and_then(|laid| laid.body.clone())
                .unwrap_or_default(),
        };
        match mishap {
            Some(Mishap::NotSent) => return Carried::NotSent("the line is down".to_owned()),
            Some(Mishap::LostBefore) => return Carried::Lost("the line went dead".to_owned()),
            Some(Mishap::Status(code)) => return Carried::Reply(failure(code)),
            Some(Mishap::LostAfter) => {
                self.answer(scope, request, now);
                return Carried::Lost("the answer was lost".to_owned());
            }
            Some(Mishap::StatusAfter(code)) => {
                let reply = failure(code);
                self.answer(scope, request, now);
                return Carried::Reply(reply);
            }
            None => {}
        }
        Carried::Reply(self.answer(scope, request, now))
    }

    fn reaches(&self, scope: &Scope) -> bool {
        self.online.contains(&scope.provider)
    }
}
