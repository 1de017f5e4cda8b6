//! Signing in through an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0; RFC 9700).
//!
//! ```text
//! begin -> Started { url, pending }      the browser goes to url; the store keeps pending, once
//! Pending::answer(callback) -> Redeem    the store took pending out: a second answer finds nothing
//! Redeem -> request as data              the caller sends it, and hands the body back
//! Redeem::identity(body) -> SignedIn     the ID token judged; whose account it is, `link` says
//! ```
//!
//! Nothing here sends bytes. What binds the four steps: `state` to the browser's pre-session, `nonce` to the ID token, the
//! verifier to the code, the issuer to all of them, so that an answer of one issuer is never redeemed at another (mix-up).

mod jwks;
mod token;

pub use jwks::{Jwks, JwksError};
pub use token::TokenRefusal;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use calendar::Instant;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::hashed::Hashed;
use crate::session::Token;
use crate::totp::escape;
use crate::{PersonId, Secret};

/// Whoever has not come back by then begins again.
pub const PENDING_SECONDS: i64 = 10 * 60;
/// Of state, nonce and verifier each; RFC 7636, 4.1 recommends 32 for the verifier.
pub const RANDOM_BYTES: usize = 32;
const RETURN_TO_MAX: usize = 2_048;

/// A provider's own description of itself does not fit what we expect of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    #[error("the provider's metadata is not an object with issuer, endpoints and jwks_uri")]
    Form,
    /// OpenID Connect Discovery 1.0, 4.3: exactly the same.
    #[error("the metadata is of issuer {found:?}, expected {expected:?}")]
    Issuer { expected: String, found: String },
    #[error("{name} is {found:?}, expected an https address")]
    NotHttps { name: &'static str, found: String },
    /// It says what it supports, and S256 is not there; the plain method proves nothing.
    #[error("the provider does not support PKCE with S256")]
    NoPkce,
}

/// One OpenID provider, as configured and discovered.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Compared character by character.
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client, held by PKCE alone.
    pub client_secret: Option<Secret>,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// Ours, with this issuer's name in its path where there are several.
    pub redirect_uri: String,
    /// It promises `iss` in its answers (RFC 9207), so an answer without is not its.
    pub names_itself: bool,
    /// E-mail domains for which its word counts, in small letters. Empty: it may say who somebody is, but never link by
    /// e-mail; else any provider could claim anybody's address.
    pub email_domains: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the desk's settings say of a provider; the rest it says itself.
#[derive(Clone, Debug)]
pub struct Registration {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub redirect_uri: String,
    pub email_domains: Vec<String>,
}

impl Issuer {
    /// Where a provider of this issuer describes itself.
    pub fn discovery_url(issuer: &str) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        )
    }

    /// From the settings and the document at [`Issuer::discovery_url`].
    pub fn discover(settings: Registration, metadata: &[u8]) -> Result<Issuer, DiscoveryError> {
        let found: Metadata = serde_json::from_slice(metadata).map_err(|_| DiscoveryError::Form)?;
        if found.issuer != settings.issuer {
            return Err(DiscoveryError::Issuer {
                expected: settings.issuer,
                found: found.issuer,
            });
        }
        for (name, url) in [
            ("issuer", &found.issuer),
            ("authorization_endpoint", &found.authorization_endpoint),
            ("token_endpoint", &found.token_endpoint),
            ("jwks_uri", &found.jwks_uri),
        ] {
            if !secure(url) {
                let found = url.clone();
                return Err(DiscoveryError::NotHttps { name, found });
            }
        }
        let methods = found.code_challenge_methods_supported;
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(DiscoveryError::NoPkce);
        }
        Ok(Issuer {
            issuer: settings.issuer,
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            authorization_endpoint: found.authorization_endpoint,
            token_endpoint: found.token_endpoint,
            jwks_uri: found.jwks_uri,
            redirect_uri: settings.redirect_uri,
            names_itself: found.authorization_response_iss_parameter_supported,
            email_domains: settings.email_domains,
        })
    }
}

/// `https`, or this machine itself for a provider run beside a test or a trial.
fn secure(url: &str) -> bool {
    let local = |scheme_and_host: &str| {
        url.strip_prefix(scheme_and_host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    let host_given = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', ':', '?', '#']);
    let https = url.strip_prefix("https://").is_some_and(host_given);
    printable && (https || local("http://127.0.0.1") || local("http://localhost"))
}

/// Random bytes for one sign-in, each of the system's generator.
pub struct Random {
    pub state: [u8; RANDOM_BYTES],
    pub nonce: [u8; RANDOM_BYTES],
    pub verifier: [u8; RANDOM_BYTES],
}

/// A sign-in begun.
#[derive(Debug)]
pub struct Started {
    /// Where the browser goes.
    pub url: Secret,
    pub pending: Pending,
}

/// A sign-in that waits for its answer. The store keeps it under `state` and takes it out when the answer comes, in one
/// statement, so that it is answered once; whatever the answer then is, it is gone.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Of the state's text.
    pub state: Hashed,
    pub issuer: String,
    /// Sealed at rest, as they are secrets until the sign-in is over.
    pub nonce: Secret,
    pub verifier: Secret,
    /// Of the browser's token at the beginning.
    pub pre_session: Hashed,
    pub began_at: Instant,
    /// A path of ours to go on to.
    pub return_to: String,
}

/// How the provider is asked who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Whoever it knows already will do.
    Known,
    /// They are to prove it now, whatever session they have there, and it says when they did (OpenID Connect Core 1.0,
    /// 3.1.2.1: `prompt`, and `max_age`, which makes `auth_time` mandatory).
    Afresh,
}

/// Sends somebody to the provider. `pre_session` is the browser's token from before signing in; `return_to` what it asked
/// for, or the start page if that is not a path of ours.
pub fn begin(
    issuer: &Issuer,
    random: &Random,
    pre_session: &Token,
    return_to: &str,
    asking: Asking,
    now: Instant,
) -> Started {
    let state = URL_SAFE_NO_PAD.encode(random.state);
    let nonce = URL_SAFE_NO_PAD.encode(random.nonce);
    let verifier = URL_SAFE_NO_PAD.encode(random.verifier);
    // RFC 7636, 4.2.
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let afresh: &[(&str, &str)] = match asking {
        Asking::Known => &[],
        Asking::Afresh => &[("prompt", "login"), ("max_age", "0")],
    };
    let query: Vec<String> = [
        ("response_type", "code"),
        ("client_id", &issuer.client_id),
        ("redirect_uri", &issuer.redirect_uri),
        ("scope", "openid email profile"),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .iter()
    .chain(afresh)
    .map(|(name, value)| format!("{name}={}", escape(value)))
    .collect();
    let endpoint = &issuer.authorization_endpoint;
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    Started {
        url: Secret::new(format!("{endpoint}{joint}{}", query.join("&"))),
        pending: Pending {
            state: Hashed::of(state.as_bytes()),
            issuer: issuer.issuer.clone(),
            nonce: Secret::new(nonce),
            verifier: Secret::new(verifier),
            pre_session: pre_session.hash(),
            began_at: now,
            return_to: own_path(return_to).unwrap_or("/").to_owned(),
        },
    }
}

/// A path on this very site; `None` for what a browser would take as another one.
pub fn own_path(path: &str) -> Option<&str> {
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let rooted = path.starts_with('/') && !path.starts_with("//");
    (plain && rooted && path.len() <= RETURN_TO_MAX).then_some(path)
}

/// The answer that the browser brings, from the query of our redirect address.
#[derive(Clone)]
pub struct Callback {
    pub state: String,
    /// The provider's `iss`, if it names itself.
    pub issuer: Option<String>,
    /// The code, or the provider's error.
    pub outcome: Result<String, String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.outcome.as_ref().err();
        write!(
            f,
            "Callback {{ issuer: {:?}, error: {failed:?} }}",
            self.issuer
        )
    }
}

/// The answer is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    #[error("the answer has {name} {found} times, expected at most once")]
    Times { name: &'static str, found: usize },
    #[error("the answer has no state")]
    NoState,
    #[error("the answer has neither code nor error")]
    NoCode,
    /// Tokens in the address: the flow that RFC 9700, 2.1.2 tells to leave.
    #[error("the answer carries a token, expected a code")]
    Implicit,
    /// Never begun, answered already, or made up.
    #[error("no sign-in waits for this answer")]
    NotPending,
    /// Another browser began it: somebody signs a victim in as themselves.
    #[error("the sign-in was begun in another browser")]
    OtherBrowser,
    #[error("the sign-in was begun more than {PENDING_SECONDS} s ago")]
    Late,
    /// Or a provider that promised to name itself did not (RFC 9207, 2.4).
    #[error("the answer is of issuer {found:?}, expected {expected:?}")]
    Issuer {
        expected: String,
        found: Option<String>,
    },
    #[error("the provider refused: {code}")]
    Refused { code: String },
}

impl Callback {
    /// Reads the query's pairs, already percent-decoded. A parameter given twice is refused: two readers could take different
    /// ones.
    pub fn read(pairs: &[(String, String)]) -> Result<Callback, CallbackRefusal> {
        let one = |name: &'static str| {
            let values: Vec<&String> = pairs
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value)
                .collect();
            match values.as_slice() {
                [] => Ok(None),
                [value] => Ok(Some((*value).clone())),
                more => Err(CallbackRefusal::Times {
                    name,
                    found: more.len(),
                }),
            }
        };
        let (state, issuer) = (one("state")?, one("iss")?);
        let (code, error) = (one("code")?, one("error")?);
        if one("id_token")?.is_some() || one("access_token")?.is_some() {
            return Err(CallbackRefusal::Implicit);
        }
        let state = state.ok_or(CallbackRefusal::NoState)?;
        let outcome = match (code, error) {
            (_, Some(error)) => Err(error_code(&error)),
            (Some(code), None) if !code.is_empty() => Ok(code),
            (Some(_) | None, None) => return Err(CallbackRefusal::NoCode),
        };
        Ok(Callback {
            state,
            issuer,
            outcome,
        })
    }

    /// Under what the store has the sign-in that this answers.
    pub fn state_hash(&self) -> Hashed {
        Hashed::of(self.state.as_bytes())
    }
}

/// RFC 6749, 4.1.2.1: one word; whatever else stands there is not repeated to anybody.
fn error_code(text: &str) -> String {
    let word = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if word { text } else { "no error code" }.to_owned()
}

/// The code, ready to be redeemed, and what the ID token must then say.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub request: TokenRequest,
    expected: Expected,
    pub return_to: String,
}

/// What binds an ID token to the sign-in that asked for it.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) nonce: Secret,
    pub(crate) began_at: Instant,
    pub(crate) email_domains: Vec<String>,
}

/// A POST of a form, to be sent once, without following redirects.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub url: String,
    /// The value of `Authorization`, for a client with a secret.
    pub authorization: Option<Secret>,
    /// `application/x-www-form-urlencoded`.
    pub body: Secret,
}

/// Judges the answer against the sign-in that the store took out for its state, if there was one, in the browser whose token
/// this is. `issuer` is the configured one of `pending.issuer`.
pub fn answer(
    callback: &Callback,
    pending: Option<Pending>,
    issuer: &Issuer,
    browser: Option<&Token>,
    now: Instant,
) -> Result<Redeem, CallbackRefusal> {
    let pending = pending
        .filter(|pending| pending.state.matches(&callback.state_hash()))
        .ok_or(CallbackRefusal::NotPending)?;
    let same = browser.is_some_and(|token| pending.pre_session.matches(&token.hash()));
    if !same {
        return Err(CallbackRefusal::OtherBrowser);
    }
    if pending.began_at.seconds_until(now) >= PENDING_SECONDS {
        return Err(CallbackRefusal::Late);
    }
    let named = match &callback.issuer {
        Some(found) => *found == pending.issuer,
        None => !issuer.names_itself,
    };
    if !named || issuer.issuer != pending.issuer {
        return Err(CallbackRefusal::Issuer {
            expected: pending.issuer,
            found: callback.issuer.clone(),
        });
    }
    let code = callback
        .outcome
        .as_ref()
        .map_err(|code| CallbackRefusal::Refused { code: code.clone() })?;
    Ok(Redeem {
        request: token_request(issuer, code, &pending.verifier),
        return_to: pending.return_to,
        expected: Expected {
            issuer: pending.issuer,
            client_id: issuer.client_id.clone(),
            nonce: pending.nonce,
            began_at: pending.began_at,
            email_domains: issuer.email_domains.clone(),
        },
    })
}

/// RFC 6749, 4.1.3 and RFC 7636, 4.5.
fn token_request(issuer: &Issuer, code: &str, verifier: &Secret) -> TokenRequest {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", issuer.redirect_uri.as_str()),
        ("code_verifier", verifier.expose()),
    ];
    // RFC 6749, 2.3.1: name and secret are form-encoded before they are joined.
    let authorization = issuer.client_secret.as_ref().map(|secret| {
        let pair = format!("{}:{}", escape(&issuer.client_id), escape(secret.expose()));
        Secret::new(format!("Basic {}", STANDARD.encode(pair)))
    });
    if authorization.is_none() {
        form.push(("client_id", issuer.client_id.as_str()));
    }
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    TokenRequest {
        url: issuer.token_endpoint.clone(),
        authorization,
        body: Secret::new(body.join("&")),
    }
}

#[derive(Deserialize)]
struct TokenReply {
    id_token: Option<String>,
}

impl Redeem {
    /// The person that the provider vouches for, from the body of its reply. The other tokens in it are not used, and dropped.
    pub fn identity(
        &self,
        reply: &[u8],
        jwks: &Jwks,
        now: Instant,
    ) -> Result<SignedIn, TokenRefusal> {
        let reply: TokenReply = serde_json::from_slice(reply).map_err(|_| TokenRefusal::Reply)?;
        let token = reply.id_token.ok_or(TokenRefusal::Reply)?;
        token::validate(&token, jwks, &self.expected, now)
    }
}

/// Who it is, by an issuer's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub issuer: String,
    /// Theirs for good; with the issuer it is the account (OpenID Connect Core 1.0, 5.7). An e-mail address is not.
    pub subject: String,
    /// As the provider has it, in small letters.
    pub email: Option<String>,
    /// The provider says that the address was verified, and its word counts for the address's domain.
    pub email_counts: bool,
    pub name: Option<String>,
    /// When they last proved it to the provider, if it says so (`auth_time`).
    pub authenticated_at: Option<Instant>,
}

/// Which person of the desk it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Signed in before by this account.
    Known(PersonId),
    /// An invited person with this address, who signs in by this account for the first time: keep the account.
    ByEmail(PersonId),
    /// Nobody. The face says only that there is no access; the log has who it was.
    Nobody,
}

/// `by_account` is the person whom the store has under issuer and subject, `by_email` the one invited under the address and
/// without an account of this issuer. An address alone never moves somebody who is known to another person.
pub fn link(who: &SignedIn, by_account: Option<PersonId>, by_email: Option<PersonId>) -> Link {
    match (by_account, by_email) {
        (Some(person), _) => Link::Known(person),
        (None, Some(person)) if who.email_counts => Link::ByEmail(person),
        (None, Some(_) | None) => Link::Nobody,
    }
}
