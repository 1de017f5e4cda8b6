//! API keys: made and shown once, listed, replaced with an overlap, narrowed, revoked, and presented.

use super::{
    Doer, fresh_id, hash_of_text, hash_text, merchant_of, mode_of, named, owner_of, random,
    tenant_of,
};
use crate::shape::At;
use crate::{Desk, Error};
use access::key::{self, Key, KeyKind, KeyRefusal, ParsedKey, StoredKey};
use access::network::Network;
use access::policy::{Action, Resource, Role, exclude};
use access::scope::Scopes;
use access::{Asker, KeyId, Mode, PersonId, Secret, Tenant};
use calendar::Instant;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;
use store::ApiKey;

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct Mint {
    pub label: String,
    pub tenant: Tenant,
    pub mode: Mode,
    pub roles: Vec<Role>,
    /// `Some` makes a restricted key.
    pub scopes: Option<Scopes>,
    /// Empty: from anywhere.
    pub networks: Vec<Network>,
    pub expires_at: Option<Instant>,
    /// The version of the interface that answers whoever names none; the oldest when not said. Which there are, the
    /// interface knows.
    pub api_version: Option<String>,
}

/// What becomes of a key that stays the same key; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    pub label: Option<String>,
    pub networks: Option<Vec<Network>>,
    /// Of a restricted key only.
    pub scopes: Option<Scopes>,
    /// Only ever earlier than before.
    pub expires_at: Option<Instant>,
    pub api_version: Option<String>,
}

/// A key as people see it.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct KeyView {
    pub id: String,
    /// Prefix and last four characters.
    pub shown: String,
    pub label: String,
    pub mode: &'static str,
    /// `None`: the desk's own.
    pub merchant: Option<String>,
    pub roles: Vec<&'static str>,
    /// `None` for a key that is not restricted.
    pub scopes: Option<String>,
    pub networks: Vec<String>,
    /// The version of the interface that it is pinned to.
    pub api_version: Option<String>,
    pub made_by: String,
    pub made_at: At,
    pub expires_at: Option<At>,
    /// To the minute.
    pub last_used_at: Option<At>,
    pub revoked_at: Option<At>,
}

/// A key just made.
#[derive(Debug)]
pub struct Minted {
    pub key: KeyView,
    /// Shown now and never again.
    pub secret: Secret,
}

/// Who asks, with which key, and the version of the interface that the key is pinned to.
type Admitted = (Asker, KeyId, Option<String>);

fn no_key(id: &str) -> Error {
    Error::NotThere {
        what: "API key",
        name: id.to_owned(),
    }
}

fn unfit(error: &impl ToString) -> Error {
    Error::Unfit(error.to_string())
}

impl Desk {
    /// Makes a key. A key gets only roles that its maker may give, and is the maker's to answer for.
    ///
    /// # Errors
    /// When the asker may not, the roles cannot be, or the store fails.
    pub fn mint_key(&mut self, by: &Doer, wish: &Mint) -> Result<Minted, Error> {
        self.check_mint(by, wish)?;
        let (minted, row) = self.fresh_key(by, wish)?;
        let about = [
            ("key", row.id.as_str()),
            ("shown", &row.shown),
            ("tenant", row.merchant.as_deref().unwrap_or("desk")),
            ("grants", &row.grants),
            ("addresses", &row.addresses),
        ];
        let leaf = by.leaf("minted-key", &about);
        self.keep_key(&row, &leaf)?;
        Ok(minted)
    }

    fn check_mint(&mut self, by: &Doer, wish: &Mint) -> Result<(), Error> {
        let owner = owner_of(&wish.tenant, wish.mode);
        let missing =
            || super::merchant::no_merchant(&merchant_of(&wish.tenant).unwrap_or_default());
        by.check(Action::Manage, Resource::Keys, Some(owner), missing)?;
        self.check_tenant(&wish.tenant)?;
        if wish.roles.is_empty() {
            return Err(Error::Unfit(String::from("a key has at least one role")));
        }
        for (at, role) in wish.roles.iter().enumerate() {
            let granted = by.asker.check_grant(*role, &wish.tenant, by.now);
            granted.map_err(|denied| super::denied_or(denied, || no_key("")))?;
            let mut others = wish.roles.iter().skip(at + 1);
            if let Some(other) = others.find(|other| exclude(*role, **other)) {
                return Err(Error::Unfit(format!(
                    "roles `{role}` and `{other}` are not held by one key"
                )));
            }
        }
        match wish.expires_at.is_some_and(|at| at <= by.now) {
            true => Err(Error::Unfit(String::from(
                "the key would have expired already",
            ))),
            false => Ok(()),
        }
    }

    fn fresh_key(&mut self, by: &Doer, wish: &Mint) -> Result<(Minted, ApiKey), Error> {
        let kind = match wish.scopes {
            Some(_) => KeyKind::Restricted,
            None => KeyKind::Secret,
        };
        let key = Key::mint(random(), wish.mode, kind);
        let made_by = by.asker.identity().person().cloned();
        let made_by =
            made_by.ok_or_else(|| Error::Unfit(String::from("a key is made by a person")))?;
        let stored = StoredKey {
            id: KeyId::parse(&fresh_id("key_")).expect("a prefix and letters"),
            hash: key.parsed.hash,
            shown: key.parsed.shown.clone(),
            mode: wish.mode,
            kind,
            tenant: wish.tenant.clone(),
            roles: wish.roles.clone(),
            scopes: wish.scopes.clone().unwrap_or_else(Scopes::none),
            made_by,
            made_at: by.now,
            expires_at: wish.expires_at,
            networks: wish.networks.clone(),
            replaced_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let label = named("a key's label", &wish.label)?;
        let row = pinned_to(key_row(&stored, &label), wish.api_version.as_deref());
        let minted = Minted {
            key: view(&row),
            secret: key.secret,
        };
        Ok((minted, row))
    }

    /// The keys of one tenant, newest first.
    ///
    /// # Errors
    /// When the asker may not, or the store fails.
    pub fn list_keys(&mut self, by: &Doer, tenant: &Tenant) -> Result<Vec<KeyView>, Error> {
        let owner = owner_of(tenant, by.asker.mode());
        let missing = || super::merchant::no_merchant(&merchant_of(tenant).unwrap_or_default());
        by.check(Action::Read, Resource::Keys, Some(owner), missing)?;
        self.check_tenant(tenant)?;
        let rows = self.key_rows(tenant)?;
        let live = by.asker.mode() == Mode::Live;
        Ok(rows
            .iter()
            .filter(|row| row.live == live)
            .map(view)
            .collect())
    }

    /// Makes a successor with the same rights, and lets the old key go on for the overlap, at most a week.
    ///
    /// # Errors
    /// When the asker may not, there is no such key, it is over already, or the store fails.
    pub fn rotate_key(
        &mut self,
        by: &Doer,
        id: &str,
        overlap_seconds: i64,
    ) -> Result<Minted, Error> {
        let (row, stored) = self.managed_key(by, id)?;
        if stored.revoked_at.is_some() || stored.expires_at.is_some_and(|at| at <= by.now) {
            return Err(Error::Unfit(format!(
                "the key {} is over already",
                row.shown
            )));
        }
        let wish = Mint {
            label: row.label.clone(),
            tenant: stored.tenant.clone(),
            mode: stored.mode,
            roles: stored.roles.clone(),
            scopes: (stored.kind == KeyKind::Restricted).then(|| stored.scopes.clone()),
            networks: stored.networks.clone(),
            expires_at: stored.expires_at,
            api_version: pinned(&row).map(str::to_owned),
        };
        self.check_mint(by, &wish)?;
        let (minted, successor) = self.fresh_key(by, &wish)?;
        let about = [
            ("key", successor.id.as_str()),
            ("shown", &successor.shown),
            ("instead_of", id),
        ];
        self.keep_key(&successor, &by.leaf("minted-key", &about))?;
        let old = again(&row, &stored.replaced(by.now, overlap_seconds));
        let until = old.expires_at.map(|at| at.to_string()).unwrap_or_default();
        let about = [("key", id), ("until", &until), ("successor", &successor.id)];
        self.keep_key(&old, &by.leaf("replaced-key", &about))?;
        Ok(minted)
    }

    /// At once and for good.
    ///
    /// # Errors
    /// When the asker may not, there is no such key, or the store fails.
    pub fn revoke_key(&mut self, by: &Doer, id: &str) -> Result<KeyView, Error> {
        let (row, stored) = self.managed_key(by, id)?;
        let row = again(&row, &stored.revoked(by.now));
        self.keep_key(&row, &by.leaf("revoked-key", &[("key", id)]))?;
        Ok(view(&row))
    }

    /// A key was found where it should not be, such as in a log: it is revoked, whoever found it. `None` for no key of ours.
    ///
    /// # Errors
    /// When the store fails.
    pub fn revoke_leaked_key(
        &mut self,
        found: &ParsedKey,
        place: &str,
        now: Instant,
    ) -> Result<Option<KeyView>, Error> {
        let row = self.key_by_hash(found)?;
        let Some((row, stored)) = row.and_then(|row| stored_key(&row).map(|stored| (row, stored)))
        else {
            return Ok(None);
        };
        if stored.revoked_at.is_some() {
            return Ok(Some(view(&row)));
        }
        let about = [("key", row.id.as_str()), ("found_in", place)];
        let leaf = super::leaf("revoked-leaked-key", &about, "desk", now);
        let row = again(&row, &stored.revoked(now));
        self.keep_key(&row, &leaf)?;
        Ok(Some(view(&row)))
    }

    /// Changes what a key is called, from where it may be used, what a restricted one may, and when it ends.
    ///
    /// # Errors
    /// When the asker may not, the key cannot be so, or the store fails.
    pub fn restrict_key(
        &mut self,
        by: &Doer,
        id: &str,
        change: &Restriction,
    ) -> Result<KeyView, Error> {
        let (mut row, mut stored) = self.managed_key(by, id)?;
        if let Some(networks) = &change.networks {
            stored.networks.clone_from(networks);
        }
        if let Some(scopes) = &change.scopes {
            if stored.kind != KeyKind::Restricted {
                return Err(Error::Unfit(String::from(
                    "only a restricted key has scopes; mint one instead",
                )));
            }
            stored.scopes.clone_from(scopes);
        }
        if let Some(at) = change.expires_at {
            if stored.expires_at.is_some_and(|before| before < at) {
                return Err(Error::Unfit(String::from(
                    "a key's end is not put off; mint another",
                )));
            }
            stored.expires_at = Some(at);
        }
        if let Some(label) = &change.label {
            row.label = named("a key's label", label)?;
        }
        let version = change.api_version.as_deref().or(pinned(&row));
        let row = pinned_to(key_row(&stored, &row.label), version);
        let about = [
            ("key", id),
            ("grants", row.grants.as_str()),
            ("addresses", &row.addresses),
        ];
        self.keep_key(&row, &by.leaf("changed-key", &about))?;
        Ok(view(&row))
    }

    /// Who asks with this key, from this address.
    ///
    /// # Errors
    /// When the store fails. A key that is not taken is the inner refusal.
    pub fn admit_key(
        &mut self,
        sent: &ParsedKey,
        address: IpAddr,
        now: Instant,
    ) -> Result<Result<(Asker, KeyId), KeyRefusal>, Error> {
        let admitted = self.admit_pinned(sent, address, now)?;
        Ok(admitted.map(|(asker, key, _)| (asker, key)))
    }

    /// As [`Desk::admit_key`], with the version of the interface that the key is pinned to.
    pub(crate) fn admit_pinned(
        &mut self,
        sent: &ParsedKey,
        address: IpAddr,
        now: Instant,
    ) -> Result<Result<Admitted, KeyRefusal>, Error> {
        let row = self.key_by_hash(sent)?;
        let stored = row.as_ref().and_then(stored_key);
        let asker = match key::admit(sent, stored.as_ref(), now, address) {
            Ok(asker) => asker,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(stored) = stored else {
            return Ok(Err(KeyRefusal::NoSuchKey));
        };
        if stored.use_is_news(now) {
            self.registry()
                .key_used(stored.id.as_str(), now)
                .map_err(Error::store("noting the use of an API key"))?;
        }
        let version = row.as_ref().and_then(pinned).map(str::to_owned);
        Ok(Ok((asker, stored.id, version)))
    }

    fn key_by_hash(&mut self, sent: &ParsedKey) -> Result<Option<ApiKey>, Error> {
        self.registry()
            .key_by_hash(&hash_text(&sent.hash))
            .map_err(Error::store("looking up an API key"))
    }

    fn keep_key(&mut self, row: &ApiKey, leaf: &store::Leaf) -> Result<(), Error> {
        self.registry()
            .put_key(row, leaf)
            .map_err(Error::store("keeping an API key"))
    }

    pub(super) fn key_rows(&mut self, tenant: &Tenant) -> Result<Vec<ApiKey>, Error> {
        self.registry()
            .keys(merchant_of(tenant).as_deref())
            .map_err(Error::store("reading API keys"))
    }

    /// The key of this id that the asker may manage.
    fn managed_key(&mut self, by: &Doer, id: &str) -> Result<(ApiKey, StoredKey), Error> {
        let tenants = match by.asker.tenant() {
            Tenant::Merchant(_) => vec![by.asker.tenant().clone()],
            Tenant::Desk => {
                let merchants = self.merchant_rows()?;
                let ids = merchants.iter().map(|row| Some(row.id.as_str()));
                ids.chain([None]).filter_map(tenant_of).collect()
            }
        };
        let mut found = None;
        for tenant in &tenants {
            let mut rows = self.key_rows(tenant)?.into_iter();
            found = found.or(rows.find(|row| row.id == id));
        }
        let row = found.ok_or_else(|| no_key(id))?;
        let stored = stored_key(&row).ok_or_else(|| unfit(&"the key's row does not read"))?;
        let owner = owner_of(&stored.tenant, stored.mode);
        by.check(Action::Manage, Resource::Keys, Some(owner), || no_key(id))?;
        Ok((row, stored))
    }
}

fn view(row: &ApiKey) -> KeyView {
    let stored = stored_key(row);
    let restricted = stored
        .as_ref()
        .filter(|stored| stored.kind == KeyKind::Restricted);
    KeyView {
        id: row.id.clone(),
        shown: row.shown.clone(),
        label: row.label.clone(),
        mode: mode_of(row.live).as_str(),
        merchant: row.merchant.clone(),
        scopes: restricted.map(|stored| stored.scopes.to_string()),
        roles: stored
            .iter()
            .flat_map(|stored| stored.roles.iter().map(|role| role.as_str()))
            .collect(),
        networks: row
            .addresses
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        api_version: pinned(row).map(str::to_owned),
        made_by: row.created_by.clone(),
        made_at: At(row.created_at),
        expires_at: row.expires_at.map(At),
        last_used_at: row.last_used_at.map(At),
        revoked_at: row.revoked_at.map(At),
    }
}

/// The version that a key's row is pinned to: what stands after its scopes and another bar.
fn pinned(row: &ApiKey) -> Option<&str> {
    let version = row.grants.splitn(3, '|').nth(2)?.trim();
    (!version.is_empty()).then_some(version)
}

/// A row without a version, with one.
fn pinned_to(mut row: ApiKey, version: Option<&str>) -> ApiKey {
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        row.grants = format!("{} | {version}", row.grants);
    }
    row
}

/// The row of a key that stands differently now, with what stays its own.
fn again(row: &ApiKey, stored: &StoredKey) -> ApiKey {
    pinned_to(key_row(stored, &row.label), pinned(row))
}

/// The row that keeps a key: its roles, then after a bar its scopes. That it was replaced is an earlier end.
pub fn key_row(stored: &StoredKey, label: &str) -> ApiKey {
    let networks: Vec<String> = stored.networks.iter().map(ToString::to_string).collect();
    let roles: Vec<&str> = stored.roles.iter().map(|role| role.as_str()).collect();
    let ends = [stored.expires_at, stored.replaced_at];
    ApiKey {
        id: stored.id.to_string(),
        hash: hash_text(&stored.hash),
        shown: stored.shown.clone(),
        label: label.to_owned(),
        live: stored.mode == Mode::Live,
        merchant: merchant_of(&stored.tenant),
        grants: format!("{} | {}", roles.join(" "), stored.scopes),
        addresses: networks.join(" "),
        created_by: stored.made_by.to_string(),
        created_at: stored.made_at,
        expires_at: ends.into_iter().flatten().min(),
        last_used_at: stored.last_used_at,
        revoked_at: stored.revoked_at,
    }
}

/// A row read back; `None` when some part of it does not read, which lets nobody in.
pub fn stored_key(row: &ApiKey) -> Option<StoredKey> {
    let mut grants = row.grants.splitn(3, '|');
    let (roles, scopes) = (grants.next()?, grants.next()?);
    let roles: Option<Vec<Role>> = roles.split_whitespace().map(Role::parse).collect();
    let networks = row.addresses.split_whitespace().map(Network::parse);
    let networks: Result<Vec<Network>, _> = networks.collect();
    Some(StoredKey {
        id: KeyId::parse(&row.id).ok()?,
        hash: hash_of_text(&row.hash)?,
        shown: row.shown.clone(),
        mode: mode_of(row.live),
        kind: row.shown.split('_').nth(2).and_then(KeyKind::parse)?,
        tenant: tenant_of(row.merchant.as_deref())?,
        roles: roles?,
        scopes: Scopes::parse(scopes).ok()?,
        made_by: PersonId::parse(&row.created_by).ok()?,
        made_at: row.created_at,
        expires_at: row.expires_at,
        networks: networks.ok()?,
        replaced_at: None,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
    })
}
