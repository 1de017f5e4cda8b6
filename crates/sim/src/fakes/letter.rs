//! Documents on their way to the desk.

use crate::paper;
use adapter::{Channel, Secret};
use calendar::Instant;
use engine::intake::Arrival;

/// How a document proves where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Files, and answers to our own questions.
    TrustedWay,
    /// In the header, over the time of the delivery.
    Stripe,
    /// In the body.
    Adyen,
    /// Somebody who does not have the key.
    Forged,
}

/// A document that a provider wrote.
#[derive(Clone, Debug)]
pub struct Letter {
    /// When it is handed in for the first time.
    pub at: Instant,
    pub provider: &'static str,
    pub account: String,
    pub channel: Channel,
    pub name: String,
    pub body: Vec<u8>,
    pub sign: Sign,
}

/// A document at the desk's door.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub arrival: Arrival,
    /// Whether this way in is checked against the account's secrets.
    pub signed: bool,
}

impl Letter {
    /// Hands the document in at this instant; providers sign a repeated delivery anew.
    pub fn deliver(&self, at: Instant, secret: Option<&Secret>) -> Delivery {
        let mut headers = Vec::new();
        let key = secret
            .map(|secret| secret.value.as_slice())
            .unwrap_or_default();
        match self.sign {
            Sign::Stripe => headers.push(paper::stripe::signature(key, &self.body, at)),
            Sign::Forged => {
                headers.push(paper::stripe::signature(b"somebody else's", &self.body, at))
            }
            Sign::Adyen | Sign::TrustedWay => {}
        }
        let arrival = Arrival {
            provider: self.provider.to_owned(),
            account: self.account.clone(),
            channel: self.channel,
            name: self.name.clone(),
            headers,
            body: self.body.clone(),
            received_at: at,
        };
        Delivery {
            arrival,
            signed: self.sign != Sign::TrustedWay,
        }
    }
}
