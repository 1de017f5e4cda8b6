//! One HTTPS request, and what became of it.
//!
//! A request names a *base* (`api`, `files`); the base's URL and credential are configuration, so that whoever words a
//! request can neither choose the host nor see the secret. No redirect is followed, no proxy is taken from the
//! environment, no cookie is kept, nothing is decompressed, and every request has a connection of its own: a connection
//! that had stood open could break under a request without telling whether it arrived, and a client may then send the
//! request again by itself.
//!
//! Invariant: one call to [`Carrier::send`] puts the request on the wire at most once, save that it is sent again with a
//! fresh token when it was answered 401. Whatever follows the first byte of a request and is not a whole reply is
//! [`Trouble::Lost`].

mod credential;
mod multipart;
pub(crate) mod request;
#[cfg(test)]
mod tests;

pub use credential::{Credential, Grant, ReadGrant, TokenSource};
pub use multipart::Part;

use crate::egress::{Egress, Refusal, system_lookup};
use crate::{Trouble, chain, client};
use credential::Pass;
use request::{Base, Draft};
use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than any upload should take, and short enough to be added to any instant.
const TIMEOUT_MAX: Duration = Duration::from_secs(60 * 60);

/// What a carrier needs to know. No Default: limits and reach must be chosen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of a base to its URL: scheme, host, port and the path that all its requests share.
    pub bases: BTreeMap<String, String>,
    /// Name of a base to what proves who we are there. A base without one is called without.
    pub credentials: BTreeMap<String, Credential>,
    /// For the look-up of the name, the connection and TLS together. Shorter than `timeout_total`, so that what never
    /// connected is known not to have been sent.
    pub timeout_connect: Duration,
    /// From the start of the look-up to the last byte of the reply.
    pub timeout_total: Duration,
    /// The largest body that is read. Headers have the HTTP client's own limits: 100 of them, in some 400 KB.
    pub response_bytes_max: usize,
    pub allow: Egress,
}

/// Why a carrier cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum OpenCarrier {
    #[error("base `{base}`: {refusal}")]
    Base { base: String, refusal: Refusal },
    #[error("credential for base `{0}`, which is not configured")]
    StrayCredential(String),
    #[error("credential for base `{base}`: {why}")]
    Credential { base: String, why: String },
    #[error(
        "connect timeout {connect:?} and total timeout {total:?}, expected 0 < connect < total <= {TIMEOUT_MAX:?}"
    )]
    Timeouts { connect: Duration, total: Duration },
    #[error("HTTP client: {0}")]
    Client(String),
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// As it is; none when empty.
    Bytes(Vec<u8>),
    /// `multipart/form-data`; the content type is set here.
    Multipart(Vec<Part>),
}

/// A whole reply, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// In order of arrival, names in lower case; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Sends requests to the configured bases.
pub struct Carrier {
    client: Client,
    bases: BTreeMap<String, (Base, Pass)>,
    timeout_total: Duration,
    response_bytes_max: usize,
}

impl Carrier {
    /// Checks the settings; connects nowhere.
    pub fn open(settings: Settings) -> Result<Carrier, OpenCarrier> {
        Carrier::with_lookup(settings, system_lookup)
    }

    /// As [`Carrier::open`], with names looked up by this function instead of the operating system. The guard judges
    /// its answers all the same.
    pub fn with_lookup(
        settings: Settings,
        lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Result<Carrier, OpenCarrier> {
        let (connect, total) = (settings.timeout_connect, settings.timeout_total);
        if connect.is_zero() || connect >= total || total > TIMEOUT_MAX {
            return Err(OpenCarrier::Timeouts { connect, total });
        }
        let mut bases = BTreeMap::new();
        for (name, url) in &settings.bases {
            let url = settings
                .allow
                .read_base(url)
                .map_err(|refusal| OpenCarrier::Base {
                    base: name.clone(),
                    refusal,
                })?;
            bases.insert(name.clone(), (Base::new(&url), Pass::None));
        }
        for (name, credential) in &settings.credentials {
            let pass = Pass::new(credential, &settings).map_err(|why| OpenCarrier::Credential {
                base: name.clone(),
                why,
            })?;
            match bases.get_mut(name) {
                Some((_, slot)) => *slot = pass,
                None => return Err(OpenCarrier::StrayCredential(name.clone())),
            }
        }
        Ok(Carrier {
            client: client::open(
                &settings.allow,
                settings.timeout_connect,
                settings.timeout_total,
                Arc::new(lookup),
            )
            .map_err(OpenCarrier::Client)?,
            bases,
            timeout_total: settings.timeout_total,
            response_bytes_max: settings.response_bytes_max,
        })
    }

    /// Sends one request and waits for the whole reply. `path` is path and query, percent-encoded, and is appended to
    /// the base's URL; `method` is one of GET, HEAD, POST, PUT, PATCH, DELETE.
    pub fn send(
        &self,
        base: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Body,
    ) -> Result<Reply, Trouble> {
        let (at, pass) = self.base(base)?;
        let draft = Draft::new(at, method, path, headers, body, pass.header_name())
            .map_err(Trouble::NotSent)?;
        let sent = match pass {
            Pass::Token(tokens) => self.send_with_token(&draft, tokens),
            fixed => self.exchange(fixed.apply(draft.request(&self.client))),
        };
        match &sent {
            Ok(reply) => tracing::debug!(
                base,
                method,
                status = reply.status,
                bytes = reply.body.len(),
                "answered"
            ),
            Err(trouble) => tracing::warn!(base, method, %trouble, "no answer"),
        }
        sent
    }

    fn base(&self, name: &str) -> Result<&(Base, Pass), Trouble> {
        let missing = || Trouble::NotSent(format!("no base `{name}` is configured"));
        self.bases.get(name).ok_or_else(missing)
    }

    /// Sends with the token in hand, and once more with a fresh one if that was refused. A request answered 401 was
    /// refused before it took effect, so the second is no repetition of something that may have happened.
    fn send_with_token(
        &self,
        draft: &Draft,
        tokens: &credential::Tokens,
    ) -> Result<Reply, Trouble> {
        let fetch = || self.fetch_grant(tokens.source());
        let token = tokens
            .current(self.timeout_total, fetch)
            .map_err(|why| Trouble::NotSent(format!("no token: {why}")))?;
        let first = self.exchange(draft.request(&self.client).bearer_auth(token.expose()))?;
        if first.status != StatusCode::UNAUTHORIZED.as_u16() {
            return Ok(first);
        }
        tokens.forget(&token);
        let fresh = tokens.current(self.timeout_total, fetch).map_err(|why| {
            Trouble::NotSent(format!("token refused with 401, and no fresh one: {why}"))
        })?;
        self.exchange(draft.request(&self.client).bearer_auth(fresh.expose()))
    }

    /// Asks for a token by the client-credentials grant (RFC 6749 section 4.4).
    fn fetch_grant(&self, source: &TokenSource) -> Result<Grant, String> {
        let (at, _) = self
            .base(&source.base)
            .map_err(|trouble| trouble.to_string())?;
        let headers = [
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let form = Body::Bytes(source.form().into_bytes());
        let draft = Draft::new(
            at,
            "POST",
            &source.path,
            &headers,
            form,
            Some("authorization"),
        )?;
        let request = draft
            .request(&self.client)
            .basic_auth(&source.client_id, Some(source.client_secret.expose()));
        let reply = self
            .exchange(request)
            .map_err(|trouble| trouble.to_string())?;
        if reply.status != StatusCode::OK.as_u16() {
            return Err(format!(
                "the token endpoint answered {}, expected 200",
                reply.status
            ));
        }
        (source.read)(&reply.body)
    }

    fn exchange(&self, request: RequestBuilder) -> Result<Reply, Trouble> {
        let until = Instant::now() + self.timeout_total;
        // Set on the request it bounds the whole exchange to the last byte; the client's own bounds every read alone.
        let request = request.timeout(self.timeout_total).build();
        let request = request.map_err(|error| Trouble::NotSent(chain(&error.without_url())))?;
        let response = self.client.execute(request).map_err(client::trouble)?;
        self.read_reply(response, until)
    }

    fn read_reply(&self, mut response: Response, until: Instant) -> Result<Reply, Trouble> {
        let max = self.response_bytes_max;
        let mut headers = Vec::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.push((name.as_str().to_owned(), value));
        }
        let mut body = Vec::new();
        let mut chunk = [0_u8; 16 * 1024];
        loop {
            let got = response.read(&mut chunk).map_err(|error| {
                let why = format!(
                    "the reply broke off after {} bytes: {}",
                    body.len(),
                    chain(&error)
                );
                Trouble::Lost(why)
            })?;
            body.extend_from_slice(
                chunk
                    .get(..got)
                    .expect("a read returns at most the length of its buffer"),
            );
            if body.len() > max {
                return Err(Trouble::Lost(format!(
                    "the reply is larger than {max} bytes"
                )));
            }
            if got == 0 {
                break;
            }
            if Instant::now() >= until {
                let why = format!("the reply timed out after {:?}", self.timeout_total);
                return Err(Trouble::Lost(why));
            }
        }
        Ok(Reply {
            status: response.status().as_u16(),
            headers,
            body,
        })
    }
}
