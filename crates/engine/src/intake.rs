//! Taking a document in: check its signature, keep its bytes, and only then think.

use crate::{Engine, Error, gunzip};
use adapter::{Channel, Inbound, Secret, Verdict};
use calendar::Instant;
use dispute::fact::Scope;
use store::{Appended, NewDocument, Store, Way};

/// A document at the door.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub provider: String,
    /// Our account, as configured for this way in; the document's own word wins.
    pub account: String,
    pub channel: Channel,
    /// A file's name or an endpoint's path.
    pub name: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub received_at: Instant,
}

/// How the door treats signatures.
#[derive(Clone, Debug)]
pub enum Trust<'a> {
    /// Check against these secrets; anything but a valid signature is quarantined.
    Signed(&'a [Secret]),
    /// The way in is trusted by itself: a file that a person ingests, an answer to our own request.
    TrustedWay,
}

impl<S: Store> Engine<S> {
    /// Keeps documents; durable when this returns. Nothing is decoded here, so nothing about a document's content can
    /// make the provider send it again (F-13, F-14).
    pub fn receive(
        &mut self,
        arrivals: &[Arrival],
        trust: &Trust<'_>,
    ) -> Result<Vec<Appended>, Error> {
        self.receive_each(arrivals.iter().map(|arrival| (arrival, trust)))
    }

    /// As [`Engine::receive`], each on terms of its own: documents of several accounts share one commit.
    pub fn receive_each<'a>(
        &mut self,
        arrivals: impl Iterator<Item = (&'a Arrival, &'a Trust<'a>)>,
    ) -> Result<Vec<Appended>, Error> {
        let admitted = arrivals.map(|(arrival, trust)| self.admit(arrival, trust));
        let documents = admitted.collect::<Result<Vec<NewDocument>, Error>>()?;
        self.store
            .append(&documents)
            .map_err(Error::store("keeping documents"))
    }

    fn admit(&self, arrival: &Arrival, trust: &Trust<'_>) -> Result<NewDocument, Error> {
        let adapter = self.adapter(&arrival.provider)?;
        let inbound = Inbound {
            channel: arrival.channel,
            account: &arrival.account,
            headers: &arrival.headers,
            body: &arrival.body,
            received_at: arrival.received_at,
        };
        let verdict = match trust {
            Trust::Signed(secrets) => adapter.verify(&inbound, secrets, arrival.received_at),
            Trust::TrustedWay => Verdict::Unsigned,
        };
        // An unsigned document on a way that must be signed is not trusted, even if its kind never carries a signature.
        let trusted = match (trust, &verdict) {
            (Trust::Signed(_), Verdict::Valid { .. }) => true,
            (Trust::Signed(_), _) => false,
            (Trust::TrustedWay, _) => true,
        };
        // What an untrusted document says of its own account proves nothing.
        // A signature is over the bytes as they came; what they say is read unpacked.
        let own = match gunzip::unpacked(&arrival.body) {
            Ok(body) if trusted => adapter.account(&Inbound {
                body: &body,
                ..inbound
            }),
            _ => None,
        };
        let account = own.unwrap_or_else(|| arrival.account.clone());
        let way = match arrival.channel {
            Channel::Webhook => Way::Webhook,
            Channel::File => Way::File,
            Channel::Api => Way::Api,
        };
        Ok(NewDocument {
            scope: Scope {
                provider: arrival.provider.clone(),
                account,
            },
            way,
            name: arrival.name.clone(),
            headers: arrival.headers.clone(),
            body: arrival.body.clone(),
            received_at: arrival.received_at,
            verdict: verdict.name().to_owned(),
            verdict_detail: detail(&verdict),
            trusted,
        })
    }
}

fn detail(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Valid { label } => format!("secret `{label}`"),
        Verdict::Unsigned => String::new(),
        Verdict::Missing(words) | Verdict::Wrong(words) => words.clone(),
        Verdict::Stale { seconds } => format!("signed {seconds} seconds away from its arrival"),
    }
}
