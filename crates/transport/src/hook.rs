//! Posts to a URL that a merchant chose, and trusts neither the URL nor whoever answers.
//!
//! The URL is judged at every post, the name behind it looked up once, and the connection made to an address that was
//! judged. Nothing in an answer leads to another request. What is read is bounded in bytes and in time.
//!
//! Invariant: a post makes at most one connection, and with [`Egress::Public`] only to a public address, by HTTPS, on a
//! listed port.

#[cfg(test)]
mod tests;

use crate::egress::{Egress, Refusal, system_lookup};
use crate::http::request::header_map;
use crate::{Trouble, chain, client};
use reqwest::blocking::{Client, Response};
use reqwest::header::RETRY_AFTER;
use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Header bytes beyond which a request is refused before it is sent: servers refuse more, and we never mean it.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// What a sender needs to know. No Default: the reach must be chosen.
#[derive(Clone, Debug)]
pub struct Settings {
    pub allow: Egress,
    /// For the look-up of the name, the connection and TLS together.
    pub timeout_connect: Duration,
    /// From the start of the look-up to the end of reading.
    pub timeout_total: Duration,
    /// As much of the answer's body is read. Of headers the HTTP client takes 100, in some 400 KB.
    pub body_bytes_max: usize,
}

impl Settings {
    /// 5 seconds to connect, 15 in all, and 64 KiB of the answer.
    pub fn usual(allow: Egress) -> Settings {
        Settings {
            allow,
            timeout_connect: Duration::from_secs(5),
            timeout_total: Duration::from_secs(15),
            body_bytes_max: 64 * 1024,
        }
    }
}

/// Why a sender cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum OpenSender {
    #[error(
        "connect timeout {connect:?} and total timeout {total:?}, expected 0 < connect < total"
    )]
    Timeouts { connect: Duration, total: Duration },
    #[error("HTTP client: {0}")]
    Client(String),
}

/// Why an answer's body is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There was more than is read.
    Size,
    /// It broke off, or did not come in time.
    Broken,
}

/// What was answered. Its status counts however the body ends: the receiver had decided by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// As it was sent; `None` also when it is not plain text.
    pub retry_after: Option<String>,
    /// As it came, still compressed if it was.
    pub body: Vec<u8>,
    pub cut: Option<Cut>,
    pub took: Duration,
}

/// Sends events to merchants' endpoints.
pub struct Sender {
    client: Client,
    settings: Settings,
}

impl Sender {
    /// Connects nowhere.
    pub fn open(settings: Settings) -> Result<Sender, OpenSender> {
        Sender::with_lookup(settings, system_lookup)
    }

    /// As [`Sender::open`], with names looked up by this function instead of the operating system. The guard judges its
    /// answers all the same.
    pub fn with_lookup(
        settings: Settings,
        lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Result<Sender, OpenSender> {
        let (connect, total) = (settings.timeout_connect, settings.timeout_total);
        if connect.is_zero() || connect >= total {
            return Err(OpenSender::Timeouts { connect, total });
        }
        let client = client::open(&settings.allow, connect, total, Arc::new(lookup))
            .map_err(OpenSender::Client)?;
        Ok(Sender { client, settings })
    }

    /// Whether a URL may be posted to, as far as its form says; for whoever enters it.
    pub fn admit(&self, url: &str) -> Result<(), Refusal> {
        self.settings.allow.admit_hook(url)
    }

    /// Posts once and waits for the answer. A redirect is an answer like any other.
    pub fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Reply, Trouble> {
        let begun = Instant::now();
        let refused = |refusal: Refusal| Trouble::NotSent(refusal.to_string());
        let url = self.settings.allow.read(url).map_err(refused)?;
        let lengths = headers.iter().map(|(name, value)| name.len() + value.len());
        let bytes: usize = lengths.sum();
        if bytes > HEADER_BYTES_MAX {
            let why = format!("headers have {bytes} bytes, at most {HEADER_BYTES_MAX}");
            return Err(Trouble::NotSent(why));
        }
        let headers = header_map(headers, &["accept-encoding", "user-agent"]);
        let request = self
            .client
            .post(url)
            .headers(headers.map_err(Trouble::NotSent)?)
            .body(body.to_vec())
            // Set on the request it bounds the whole exchange to the last byte.
            .timeout(self.settings.timeout_total)
            .build()
            .map_err(|error| Trouble::NotSent(chain(&error.without_url())))?;
        let response = self.client.execute(request).map_err(client::trouble)?;
        Ok(self.read(response, begun))
    }

    fn read(&self, response: Response, begun: Instant) -> Reply {
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        let (body, cut) = self.read_body(response, begun);
        Reply {
            status,
            retry_after,
            body,
            cut,
            took: begun.elapsed(),
        }
    }

    fn read_body(&self, mut response: Response, begun: Instant) -> (Vec<u8>, Option<Cut>) {
        let max = self.settings.body_bytes_max;
        let mut body = Vec::new();
        let mut chunk = [0_u8; 4 * 1024];
        loop {
            let read = match response.read(&mut chunk) {
                Ok(0) => return (body, None),
                Ok(read) => read,
                Err(_) => return (body, Some(Cut::Broken)),
            };
            let read = chunk.get(..read);
            body.extend_from_slice(read.expect("a read returns at most the length of its buffer"));
            if body.len() > max {
                body.truncate(max);
                return (body, Some(Cut::Size));
            }
            // A drip that always has a byte ready never meets the client's own timeout.
            if begun.elapsed() >= self.settings.timeout_total {
                return (body, Some(Cut::Broken));
            }
        }
    }
}
