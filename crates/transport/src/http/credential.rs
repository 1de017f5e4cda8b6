//! What proves who we are: a password, a key, or a token fetched with them.

use super::Settings;
use crate::Secret;
use reqwest::Url;
use reqwest::blocking::RequestBuilder;
use reqwest::header::{HeaderName, HeaderValue};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is shown with every request to a base.
#[derive(Clone, Debug)]
pub enum Credential {
    /// RFC 7617.
    Basic { user: String, password: Secret },
    /// RFC 6750, with a token that does not change.
    Bearer(Secret),
    /// A header of the provider's own, such as `X-API-Key`.
    Header { name: String, value: Secret },
    /// A bearer token fetched when needed.
    Token(TokenSource),
}

/// OAuth 2 client credentials (RFC 6749 section 4.4): the identifier and secret buy a token that is good for a while.
#[derive(Clone, Debug)]
pub struct TokenSource {
    /// The base where tokens are issued, and the path there.
    pub base: String,
    pub path: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// Scopes separated by spaces; `None` asks for whatever the client has.
    pub scope: Option<String>,
    /// This room knows no formats, so the reading of the token endpoint's reply is given to it.
    pub read: ReadGrant,
}

/// Reads the body of a token endpoint's reply, or says what is wrong with it without quoting the token.
pub type ReadGrant = fn(&[u8]) -> Result<Grant, String>;

/// A token and for how long it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub access_token: Secret,
    /// From the moment it was asked for. Zero: good for one request.
    pub lifetime: Duration,
}

impl TokenSource {
    /// The body of the request for a token.
    pub(super) fn form(&self) -> String {
        let mut url = Url::parse("https://form.invalid/").expect("a constant URL");
        url.query_pairs_mut()
            .append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.scope {
            url.query_pairs_mut().append_pair("scope", scope);
        }
        url.query().unwrap_or_default().to_owned()
    }
}

/// A credential made ready: its headers are well formed, its tokens are kept.
pub(super) enum Pass {
    None,
    Basic { user: String, password: Secret },
    Header(HeaderName, HeaderValue),
    Token(Tokens),
}

impl Pass {
    pub(super) fn new(credential: &Credential, settings: &Settings) -> Result<Pass, String> {
        match credential {
            // RFC 7617: a colon ends the user's name.
            Credential::Basic { user, .. } if user.contains(':') => {
                Err("the user's name has a colon".to_owned())
            }
            Credential::Basic { user, password } => Ok(Pass::Basic {
                user: user.clone(),
                password: password.clone(),
            }),
            Credential::Bearer(token) => {
                let value = sensitive(&format!("Bearer {}", token.expose()))?;
                Ok(Pass::Header(reqwest::header::AUTHORIZATION, value))
            }
            Credential::Header { name, value } => {
                let header = HeaderName::try_from(name.as_str())
                    .map_err(|_| format!("`{name}` is not a header's name"))?;
                Ok(Pass::Header(header, sensitive(value.expose())?))
            }
            Credential::Token(source) => {
                if !settings.bases.contains_key(&source.base) {
                    return Err(format!(
                        "tokens come from base `{}`, which is not configured",
                        source.base
                    ));
                }
                Ok(Pass::Token(Tokens::new(source.clone())))
            }
        }
    }

    /// The header that this puts on a request, in lower case.
    pub(super) fn header_name(&self) -> Option<&str> {
        match self {
            Pass::None => None,
            Pass::Header(name, _) => Some(name.as_str()),
            Pass::Basic { .. } | Pass::Token(_) => Some("authorization"),
        }
    }

    /// Puts a credential that does not change on a request.
    pub(super) fn apply(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Pass::None | Pass::Token(_) => request,
            Pass::Basic { user, password } => request.basic_auth(user, Some(password.expose())),
            Pass::Header(name, value) => request.header(name, value),
        }
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| "the secret has characters that no header may have".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The token in hand of one base.
pub(super) struct Tokens {
    source: TokenSource,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: Secret,
    until: Instant,
}

impl Tokens {
    fn new(source: TokenSource) -> Tokens {
        Tokens {
            source,
            held: Mutex::new(None),
        }
    }

    pub(super) fn source(&self) -> &TokenSource {
        &self.source
    }

    /// The token in hand, if it outlasts a request of `timeout`; else a fetched one. Others wait meanwhile, so that a
    /// crowd asks for one token.
    pub(super) fn current(
        &self,
        timeout: Duration,
        fetch: impl FnOnce() -> Result<Grant, String>,
    ) -> Result<Secret, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let asked_at = Instant::now();
        if let Some(held) = held.as_ref().filter(|held| asked_at + timeout < held.until) {
            return Ok(held.token.clone());
        }
        *held = None;
        let grant = fetch()?;
        // A lifetime beyond the clock's range is not kept: asking again costs little.
        if let Some(until) = asked_at.checked_add(grant.lifetime) {
            let token = grant.access_token.clone();
            *held = Some(Held { token, until });
        }
        Ok(grant.access_token)
    }

    /// Drops this token, unless another has taken its place already.
    pub(super) fn forget(&self, token: &Secret) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| held.token == *token) {
            *held = None;
        }
    }
}
