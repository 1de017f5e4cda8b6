//! Endpoints as their owners keep them: made, changed, given another secret, deleted.
//!
//! Whether the asker may do so is the face's question. A URL is judged here by its form and, where its host is an address, by
//! the egress guard; what a name leads to is judged at every connection.

use crate::deliver::{secrets, way_of};
use crate::deliveries::{HealthView, health_of};
use crate::hook_key::PublicKeyView;
use crate::shape::At;
use crate::{Desk, Error};
use calendar::Instant;
use dispute::id::CaseId;
use hooks::endpoint::Health;
use hooks::secret::{RollError, Secret};
pub use hooks::subscription::SettingError;
use hooks::subscription::{self, Given};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Delivery, Endpoint, Leaf, Registry, Wait};

/// How many deliveries one transaction cancels.
const TOGETHER: u32 = 1_000;

/// An endpoint as somebody asks for it.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub url: &'a str,
    pub description: &'a str,
    /// Patterns of event types.
    pub events: &'a [&'a str],
    pub api_version: &'a str,
    /// In JSON.
    pub metadata: &'a str,
}

/// What the face publishes: every event type, and every version of its interface.
#[derive(Clone, Debug)]
pub struct Offered {
    pub event_types: Vec<String>,
    pub api_versions: Vec<String>,
}

/// An endpoint as people and programs see it: without its secret.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct EndpointView {
    pub id: String,
    /// `None`: the desk's own, which hears of every merchant.
    pub merchant: Option<String>,
    /// `live` or `test`.
    pub mode: String,
    pub url: String,
    pub description: String,
    pub enabled_events: Vec<String>,
    pub api_version: String,
    pub metadata: BTreeMap<String, String>,
    /// `enabled`, or `disabled` while events are held for it.
    pub status: String,
    pub health: HealthView,
    /// Until when the secret before the present one signs, where one does.
    pub old_secret_until: Option<At>,
    /// The public half of the desk's current key, `whpk_...`: it verifies `v1a` signatures.
    pub public_key: String,
    /// Every key of the desk that signs now, the current one first: two for as long as one takes the other's place.
    pub public_keys: Vec<PublicKeyView>,
    pub created_at: At,
}

/// Why a secret is not rolled, or the fresh one with the endpoint.
pub type Rolled = Result<(Endpoint, Secret), RollError>;

impl Desk {
    /// Makes an endpoint of a merchant, or of the desk. Its secret is shown to nobody again.
    ///
    /// # Errors
    /// Inner: every mistake of what is wanted. Outer: when the store fails.
    pub fn create_endpoint(
        &mut self,
        owner: (Option<&str>, bool),
        wanted: &Wanted<'_>,
        offered: &Offered,
        who: &str,
        now: Instant,
    ) -> Result<Result<(Endpoint, Secret), Vec<SettingError>>, Error> {
        // Of what was drawn at random, so that no two are alike; the secret itself is not told by it.
        let drawn = minted();
        self.create_endpoint_as(drawn.expose(), owner, wanted, offered, (who, now))
    }

    /// As [`Desk::create_endpoint`], once for what `named` says: a request that is sent again finds the endpoint that it made.
    ///
    /// # Errors
    /// As for [`Desk::create_endpoint`].
    pub fn create_endpoint_as(
        &mut self,
        named: &str,
        owner: (Option<&str>, bool),
        wanted: &Wanted<'_>,
        offered: &Offered,
        (who, now): (&str, Instant),
    ) -> Result<Result<(Endpoint, Secret), Vec<SettingError>>, Error> {
        let (merchant, live) = owner;
        let id = CaseId::of(&["endpoint", named]);
        let id = id.as_str().replacen(CaseId::PREFIX, "we_", 1);
        let made = self.engine.store.endpoint(&id);
        if let Some(made) = made.map_err(Error::store("reading an endpoint"))? {
            let secret = secrets(&made)?.current().clone();
            return Ok(Ok((made, secret)));
        }
        let others = self.endpoints_of(merchant, live)?.len();
        let events = match self.judged(wanted, offered, others) {
            Ok(events) => events,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let secret = minted();
        let endpoint = Endpoint {
            id,
            merchant: merchant.map(str::to_owned),
            live,
            url: wanted.url.to_owned(),
            events,
            description: wanted.description.to_owned(),
            metadata: wanted.metadata.to_owned(),
            api_version: wanted.api_version.to_owned(),
            secrets: vec![(secret.expose().to_owned(), None)],
            health: Health::ENABLED.to_string(),
            created_at: now,
            deleted_at: None,
        };
        self.write_endpoint(&endpoint, "made", who, now)?;
        Ok(Ok((endpoint, secret)))
    }

    /// The endpoints of a merchant, or of the desk, in one mode, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn endpoints_of(
        &mut self,
        merchant: Option<&str>,
        live: bool,
    ) -> Result<Vec<Endpoint>, Error> {
        let found = self.engine.store.endpoints();
        let mut found = found.map_err(Error::store("reading endpoints"))?;
        found.retain(|endpoint| {
            endpoint.deleted_at.is_none()
                && endpoint.live == live
                && endpoint.merchant.as_deref() == merchant
        });
        Ok(found)
    }

    /// The endpoints that this merchant, or with `None` the desk, may look at: the desk at every merchant's. Newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn endpoints_seen(
        &mut self,
        merchant: Option<&str>,
        live: bool,
    ) -> Result<Vec<Endpoint>, Error> {
        if merchant.is_some() {
            return self.endpoints_of(merchant, live);
        }
        let found = self.engine.store.endpoints();
        let mut found = found.map_err(Error::store("reading endpoints"))?;
        found.retain(|endpoint| endpoint.deleted_at.is_none() && endpoint.live == live);
        Ok(found)
    }

    /// An endpoint for whoever may look at it.
    ///
    /// # Errors
    /// When the store fails or holds what does not read.
    pub fn endpoint_view(
        &mut self,
        endpoint: &Endpoint,
        now: Instant,
    ) -> Result<EndpointView, Error> {
        let health = health_of(endpoint)?;
        let secrets = secrets(endpoint)?;
        let old = secrets.previous().map(|(_, until)| until);
        let public_keys = self.hook_public_keys(now)?;
        let current = public_keys.first().map(|current| current.key.clone());
        Ok(EndpointView {
            id: endpoint.id.clone(),
            merchant: endpoint.merchant.clone(),
            mode: String::from(if endpoint.live { "live" } else { "test" }),
            url: endpoint.url.clone(),
            description: endpoint.description.clone(),
            enabled_events: endpoint.events.clone(),
            api_version: endpoint.api_version.clone(),
            metadata: serde_json::from_str(&endpoint.metadata).unwrap_or_default(),
            status: String::from(if health.holds { "disabled" } else { "enabled" }),
            health,
            old_secret_until: old.filter(|until| *until > now).map(At),
            public_key: current.expect("the current key signs until another does"),
            public_keys,
            created_at: At(endpoint.created_at),
        })
    }

    /// Changes what an endpoint asks for and where it is.
    ///
    /// # Errors
    /// As for [`Desk::create_endpoint`], and when there is no such endpoint.
    pub fn change_endpoint(
        &mut self,
        id: &str,
        wanted: &Wanted<'_>,
        offered: &Offered,
        who: &str,
        now: Instant,
    ) -> Result<Result<Endpoint, Vec<SettingError>>, Error> {
        let kept = self.kept_endpoint(id)?;
        let events = match self.judged(wanted, offered, 0) {
            Ok(events) => events,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let endpoint = Endpoint {
            url: wanted.url.to_owned(),
            events,
            description: wanted.description.to_owned(),
            metadata: wanted.metadata.to_owned(),
            api_version: wanted.api_version.to_owned(),
            ..kept
        };
        self.write_endpoint(&endpoint, "changed", who, now)?;
        Ok(Ok(endpoint))
    }

    /// Gives an endpoint another secret; the old one signs beside it until `old_until`.
    ///
    /// # Errors
    /// When the store fails or there is no such endpoint.
    pub fn roll_secret(
        &mut self,
        id: &str,
        old_until: Instant,
        who: &str,
        now: Instant,
    ) -> Result<Rolled, Error> {
        let mut endpoint = self.kept_endpoint(id)?;
        let fresh = minted();
        let rolled = match secrets(&endpoint)?.roll(fresh.clone(), old_until, now) {
            Ok(rolled) => rolled,
            Err(error) => return Ok(Err(error)),
        };
        let old = rolled
            .previous()
            .map(|(secret, until)| (secret.expose().to_owned(), Some(until)));
        endpoint.secrets = std::iter::once((fresh.expose().to_owned(), None))
            .chain(old)
            .collect();
        self.write_endpoint(&endpoint, "given a new secret", who, now)?;
        Ok(Ok((endpoint, fresh)))
    }

    /// Deletes an endpoint; what waited for it is cancelled.
    ///
    /// # Errors
    /// When the store fails or there is no such endpoint.
    pub fn delete_endpoint(&mut self, id: &str, who: &str, now: Instant) -> Result<(), Error> {
        let endpoint = Endpoint {
            deleted_at: Some(now),
            ..self.kept_endpoint(id)?
        };
        self.write_endpoint(&endpoint, "deleted", who, now)?;
        self.look_at_all()?;
        for wait in [Wait::Longest, Wait::LeastTried] {
            loop {
                let store = &mut self.engine.store;
                let waiting = store.waiting(id, wait, Instant::MAX, TOGETHER);
                let waiting = waiting.map_err(Error::store("reading what waits"))?;
                if waiting.is_empty() {
                    break;
                }
                let cancel = |(_, row): (u64, Delivery)| Delivery {
                    state: String::from("cancelled"),
                    settled_at: Some(now),
                    ..row
                };
                let cancelled: Vec<Delivery> = waiting.into_iter().map(cancel).collect();
                let written = store.put_deliveries(&cancelled);
                written.map_err(Error::store("cancelling deliveries"))?;
            }
        }
        Ok(())
    }

    /// An endpoint that is not deleted, whosever it is.
    ///
    /// # Errors
    /// When the store fails, or there is no such endpoint.
    pub fn kept_endpoint(&mut self, id: &str) -> Result<Endpoint, Error> {
        let found = self.engine.store.endpoint(id);
        let found = found.map_err(Error::store("reading an endpoint"))?;
        let kept = found.filter(|endpoint| endpoint.deleted_at.is_none());
        kept.ok_or_else(|| Error::NoSuchEndpoint { id: id.to_owned() })
    }

    fn judged(
        &self,
        wanted: &Wanted<'_>,
        offered: &Offered,
        endpoints: usize,
    ) -> Result<Vec<String>, Vec<SettingError>> {
        let webhooks = &self.settings.process.webhooks;
        let types: Vec<&str> = offered.event_types.iter().map(String::as_str).collect();
        let versions: Vec<&str> = offered.api_versions.iter().map(String::as_str).collect();
        let given = Given {
            url: wanted.url,
            description: wanted.description,
            enabled_events: wanted.events,
            api_version: Some(wanted.api_version),
        };
        let desk = subscription::Desk {
            event_types: &types,
            api_versions: &versions,
            endpoints,
            endpoints_max: webhooks.endpoints_max,
            loopback: webhooks.loopback,
        };
        let accepted = subscription::accept(&given, &desk)?;
        way_of(webhooks).admit_hook(wanted.url).map_err(|refusal| {
            vec![SettingError {
                field: "url",
                why: refusal.to_string(),
            }]
        })?;
        Ok(accepted.patterns.iter().map(ToString::to_string).collect())
    }

    fn write_endpoint(
        &mut self,
        endpoint: &Endpoint,
        what: &str,
        who: &str,
        now: Instant,
    ) -> Result<(), Error> {
        let mut leaf = format!("endpoint {} {what} at={now} by=", endpoint.id);
        dispute::text::escape(who, &mut leaf);
        leaf.push_str(" url=");
        dispute::text::escape(&endpoint.url, &mut leaf);
        let store = &mut self.engine.store;
        let written = store.put_endpoint(endpoint, Some(&Leaf(leaf)));
        written.map_err(Error::store("keeping an endpoint"))
    }
}

fn minted() -> Secret {
    let mut random = [0; 32];
    getrandom::fill(&mut random).expect("the operating system gives randomness");
    Secret::mint(random)
}
