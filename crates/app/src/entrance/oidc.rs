//! Signing in through an OpenID provider: what is fetched, kept between the browser's two visits, and who it turns out to be.
//!
//! ```text
//! Provider::known(now)            metadata and keys, from the provider or from memory
//! Desk::begin_provider_sign_in    notes the errand; the browser goes to the URL
//! Desk::answer_provider_sign_in   takes the errand out, once, whatever the answer is
//! Provider::redeem                the code for an ID token, judged under the issuer's keys
//! Desk::enter_through_provider    the person, and a session
//! ```
//!
//! The two that reach out need no desk, so that none waits for somebody else's server. Bytes move through the same guard as
//! those of payment providers, and only to the issuer of the settings and the endpoints that it names.

use super::session::{PersonIn, SignedIn};
use super::{hash_of_text, hash_text, leaf, random};
use crate::settings::process::Oidc;
use crate::{Desk, Error};
use access::oidc::{
    self, Asking, Callback, CallbackRefusal, DiscoveryError, Issuer, Jwks, JwksError, Link,
    PENDING_SECONDS, Pending, Redeem, Registration, TokenRefusal,
};
use access::session::Token;
use access::{PersonId, Secret};
use calendar::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::{Errand, Person};
use transport::egress::Egress;
use transport::http::{self, Body, Credential};

/// Somebody waits in front of a browser.
const TIMEOUT_CONNECT: Duration = Duration::from_secs(5);
const TIMEOUT_TOTAL: Duration = Duration::from_secs(15);
/// Metadata, key sets and token replies are a few kilobytes.
const RESPONSE_BYTES_MAX: usize = 1024 * 1024;

/// Sign-in through the provider went wrong on the provider's side, or its word was not taken. The face says only that it did
/// not work; the difference is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderTrouble {
    #[error("the secret for the identity provider: {0}")]
    Secret(String),
    #[error("the identity provider was not reached: {0}")]
    Unreached(String),
    #[error("the identity provider answered {status}, expected 200")]
    Status { status: u16 },
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    Jwks(#[from] JwksError),
    #[error(transparent)]
    Token(#[from] TokenRefusal),
}

/// The identity provider of the settings, with what it said of itself. One for the whole process.
pub struct Provider {
    registration: Registration,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    issuer: Issuer,
    jwks: Jwks,
}

impl Provider {
    /// Connects nowhere. `redirect_uri` is ours, as registered with the provider.
    ///
    /// # Errors
    /// When the client's secret cannot be read.
    pub fn new(settings: &Oidc, redirect_uri: &str) -> Result<Provider, ProviderTrouble> {
        let secret = settings.client_secret.as_ref().map(|at| at.load());
        let secret = secret.transpose().map_err(ProviderTrouble::Secret)?;
        Ok(Provider {
            registration: Registration {
                issuer: settings.issuer.clone(),
                client_id: settings.client_id.clone(),
                client_secret: secret.map(Secret::new),
                redirect_uri: redirect_uri.to_owned(),
                email_domains: settings.email_domains.clone(),
            },
            known: Mutex::new(None),
        })
    }

    /// Its issuer, as the settings have it.
    pub fn issuer(&self) -> &str {
        &self.registration.issuer
    }

    /// The provider as it describes itself; asked again once a day.
    ///
    /// # Errors
    /// When it is not reached, or its description is not the issuer's.
    pub fn known(&self, now: Instant) -> Result<Issuer, ProviderTrouble> {
        self.fresh(now).map(|known| known.issuer)
    }

    fn fresh(&self, now: Instant) -> Result<Known, ProviderTrouble> {
        let held = self.held().clone();
        match held.filter(|known| !known.jwks.stale(now)) {
            Some(known) => Ok(known),
            None => self.learn(now),
        }
    }

    /// Asks the provider. The lock is not held meanwhile: two at once ask twice, and nobody waits behind a slow one.
    fn learn(&self, now: Instant) -> Result<Known, ProviderTrouble> {
        let url = Issuer::discovery_url(&self.registration.issuer);
        let metadata = self.fetch(&url, None)?;
        let issuer = Issuer::discover(self.registration.clone(), &metadata)?;
        let jwks = Jwks::parse(&self.fetch(&issuer.jwks_uri, None)?, now)?;
        let known = Known { issuer, jwks };
        *self.held() = Some(known.clone());
        Ok(known)
    }

    /// Gives the code for an ID token and judges it. A key that is not known is asked for once more, at most every five
    /// minutes; a signature that does not hold is never a reason to ask for other keys.
    ///
    /// # Errors
    /// When the provider is not reached, or its word is not taken.
    pub fn redeem(&self, redeem: &Redeem, now: Instant) -> Result<oidc::SignedIn, ProviderTrouble> {
        let known = self.fresh(now)?;
        let request = &redeem.request;
        let form = (&request.body, request.authorization.as_ref());
        let reply = self.fetch(&request.url, Some(form))?;
        match redeem.identity(&reply, &known.jwks, now) {
            Err(TokenRefusal::UnknownKey { .. }) if known.jwks.may_refetch(now) => {
                let known = self.learn(now)?;
                Ok(redeem.identity(&reply, &known.jwks, now)?)
            }
            judged => Ok(judged?),
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A GET, or a POST of a form, through the guard. An issuer on this machine reaches this machine only, and no other does.
    fn fetch(
        &self,
        url: &str,
        form: Option<(&Secret, Option<&Secret>)>,
    ) -> Result<Vec<u8>, ProviderTrouble> {
        let unreached = |why: String| ProviderTrouble::Unreached(why);
        let (base, path) = split(url).ok_or_else(|| unreached(format!("{url:?} has no path")))?;
        let authorization = form.and_then(|(_, authorization)| authorization);
        let credentials = authorization.map(|value| Credential::Header {
            name: String::from("authorization"),
            value: transport::Secret::new(value.expose()),
        });
        let carrier = http::Carrier::open(http::Settings {
            bases: BTreeMap::from([(String::from("provider"), base.to_owned())]),
            credentials: credentials
                .map(|credential| (String::from("provider"), credential))
                .into_iter()
                .collect(),
            timeout_connect: TIMEOUT_CONNECT,
            timeout_total: TIMEOUT_TOTAL,
            response_bytes_max: RESPONSE_BYTES_MAX,
            allow: match self.registration.issuer.starts_with("https://") {
                true => Egress::public(),
                false => Egress::Loopback,
            },
        });
        let carrier = carrier.map_err(|error| unreached(error.to_string()))?;
        let mut headers = vec![(String::from("accept"), String::from("application/json"))];
        let (method, body) = match form {
            None => ("GET", Vec::new()),
            Some((body, _)) => {
                let form = String::from("application/x-www-form-urlencoded");
                headers.push((String::from("content-type"), form));
                ("POST", body.expose().as_bytes().to_vec())
            }
        };
        let reply = carrier
            .send("provider", method, path, &headers, Body::Bytes(body))
            .map_err(|trouble| unreached(trouble.to_string()))?;
        match reply.status {
            200 => Ok(reply.body),
            status => Err(ProviderTrouble::Status { status }),
        }
    }
}

/// Scheme and host, and the path from its slash on.
fn split(url: &str) -> Option<(&str, &str)> {
    let authority = url.find("://")?.checked_add(3)?;
    let slash = url.get(authority..)?.find('/')?;
    url.split_at_checked(authority.checked_add(slash)?)
}

/// How a sign-in that waits is kept: sealed, under the hash of its state.
#[derive(Serialize, Deserialize)]
struct Waiting {
    issuer: String,
    nonce: String,
    verifier: String,
    pre_session: String,
    began_at_micros: i64,
    return_to: String,
}

impl Desk {
    /// Notes a sign-in begun, and says where the browser goes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin_provider_sign_in(
        &mut self,
        issuer: &Issuer,
        pre_session: &Token,
        return_to: &str,
        asking: Asking,
        now: Instant,
    ) -> Result<Secret, Error> {
        let chance = oidc::Random {
            state: random(),
            nonce: random(),
            verifier: random(),
        };
        let started = oidc::begin(issuer, &chance, pre_session, return_to, asking, now);
        let pending = started.pending;
        let waiting = Waiting {
            issuer: pending.issuer,
            nonce: pending.nonce.expose().to_owned(),
            verifier: pending.verifier.expose().to_owned(),
            pre_session: hash_text(&pending.pre_session),
            began_at_micros: now.unix_micros(),
            return_to: pending.return_to,
        };
        let errand = Errand {
            state_hash: hash_text(&pending.state),
            content: serde_json::to_string(&waiting).expect("texts and a number"),
            expires_at: now.plus_seconds(PENDING_SECONDS),
        };
        self.registry()
            .put_errand(&errand)
            .map_err(Error::store("noting a sign-in"))?;
        Ok(started.url)
    }

    /// Judges what the browser brought back. The sign-in is taken out first: it is answered once, whatever the answer.
    ///
    /// # Errors
    /// When the store fails. An answer that is not taken is the inner refusal.
    pub fn answer_provider_sign_in(
        &mut self,
        callback: &Callback,
        issuer: &Issuer,
        browser: Option<&Token>,
        now: Instant,
    ) -> Result<Result<Redeem, CallbackRefusal>, Error> {
        let state = callback.state_hash();
        let errand = self
            .registry()
            .take_errand(&hash_text(&state))
            .map_err(Error::store("taking a sign-in"))?;
        let pending = errand.and_then(|errand| pending(&errand));
        let answered = oidc::answer(callback, pending, issuer, browser, now);
        if let Err(refusal) = &answered {
            self.note_provider_refusal(&issuer.issuer, &refusal.to_string(), now)?;
        }
        Ok(answered)
    }

    /// That a provider's word was not taken.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_provider_refusal(
        &mut self,
        issuer: &str,
        because: &str,
        now: Instant,
    ) -> Result<(), Error> {
        let about = [("issuer", issuer), ("because", because)];
        self.note_leaf(&leaf("refused-sign-in", &about, "nobody", now))
    }

    /// Opens a session for the person whom the provider vouches for; `None` for nobody of ours.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter_through_provider(
        &mut self,
        who: &oidc::SignedIn,
        now: Instant,
    ) -> Result<Option<SignedIn>, Error> {
        let doing = || Error::store("looking up a person");
        let registry = self.registry();
        let by_account = registry
            .person_by_subject(&who.issuer, &who.subject)
            .map_err(doing())?;
        let by_email = match &who.email {
            Some(email) => registry.person_by_email(email).map_err(doing())?,
            None => None,
        };
        // Who has an account already is not somebody else's by an address; who has a password was not only invited.
        let invited = |person: &Person| {
            person.subject.is_none() && person.password.is_none() && person.disabled_at.is_none()
        };
        let by_email = by_email.filter(invited);
        let id = |person: &Option<Person>| {
            let id = person.as_ref().map(|person| PersonId::parse(&person.id));
            id.and_then(Result::ok)
        };
        let person = match oidc::link(who, id(&by_account), id(&by_email)) {
            Link::Known(_) => by_account,
            Link::ByEmail(_) => by_email
                .map(|person| self.keep_account(person, who, now))
                .transpose()?,
            Link::Nobody => None,
        };
        let opened = match person {
            Some(person) => {
                let how = PersonIn::Provider {
                    issuer: &who.issuer,
                    proved_at: who.authenticated_at,
                };
                self.open_session(&person, how, now)?
            }
            None => None,
        };
        if opened.is_none() {
            self.note_provider_refusal(&who.issuer, "nobody of this desk", now)?;
        }
        Ok(opened)
    }

    fn keep_account(
        &mut self,
        mut person: Person,
        who: &oidc::SignedIn,
        now: Instant,
    ) -> Result<Person, Error> {
        person.subject = Some((who.issuer.clone(), who.subject.clone()));
        let about = [("person", person.id.as_str()), ("issuer", &who.issuer)];
        let leaf = leaf("linked-account", &about, &person.id, now);
        self.keep_person(&person, &leaf)?;
        Ok(person)
    }
}

fn pending(errand: &Errand) -> Option<Pending> {
    let waiting: Waiting = serde_json::from_str(&errand.content).ok()?;
    Some(Pending {
        state: hash_of_text(&errand.state_hash)?,
        issuer: waiting.issuer,
        nonce: Secret::new(waiting.nonce),
        verifier: Secret::new(waiting.verifier),
        pre_session: hash_of_text(&waiting.pre_session)?,
        began_at: Instant::from_unix_micros(waiting.began_at_micros)?,
        return_to: waiting.return_to,
    })
}
