//! Merchants, and whose accounts are whose.

use super::{Doer, fresh_id, mode_of, named};
use crate::shape::At;
use crate::{Desk, Error};
use access::policy::{Action, Resource};
use access::{MerchantId, Mode, Tenant};
use dispute::fact::Scope;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Merchant, Owned};

/// A merchant with its accounts.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct MerchantView {
    pub id: String,
    pub name: String,
    pub created_at: At,
    pub accounts: Vec<OwnedView>,
}

/// An account that a merchant owns.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct OwnedView {
    pub provider: String,
    pub account: String,
    /// `live` or `test`.
    pub mode: &'static str,
}

pub(super) fn no_merchant(name: &str) -> Error {
    Error::NotThere {
        what: "merchant",
        name: name.to_owned(),
    }
}

impl Desk {
    /// Makes a merchant; without an id it gets one.
    ///
    /// # Errors
    /// When the asker may not, the id stands already, or the store fails.
    pub fn add_merchant(
        &mut self,
        by: &Doer,
        id: Option<&str>,
        name: &str,
    ) -> Result<MerchantView, Error> {
        by.check(Action::Manage, Resource::Merchants, None, || {
            no_merchant(name)
        })?;
        let name = named("a merchant's name", name)?;
        let id = id.map_or_else(|| fresh_id("mer_"), str::to_owned);
        MerchantId::parse(&id).map_err(|error| Error::Unfit(error.to_string()))?;
        if self.merchant_rows()?.iter().any(|row| row.id == id) {
            return Err(Error::Unfit(format!("merchant `{id}` is there already")));
        }
        let row = Merchant {
            id,
            name,
            created_at: by.now,
        };
        let leaf = by.leaf(
            "added-merchant",
            &[("merchant", &row.id), ("name", &row.name)],
        );
        self.registry()
            .put_merchant(&row, &leaf)
            .map_err(Error::store("keeping a merchant"))?;
        Ok(view(row, &[]))
    }

    /// The merchants that the asker sees: all at the desk, their own for a merchant.
    ///
    /// # Errors
    /// When the asker may not, or the store fails.
    pub fn list_merchants(&mut self, by: &Doer) -> Result<Vec<MerchantView>, Error> {
        by.check(Action::Read, Resource::Merchants, None, || no_merchant(""))?;
        let owned = self
            .registry()
            .owned()
            .map_err(Error::store("reading merchants"))?;
        let mut rows = self.merchant_rows()?;
        if let Tenant::Merchant(own) = by.asker.tenant() {
            rows.retain(|row| row.id == own.as_str());
        }
        Ok(rows.into_iter().map(|row| view(row, &owned)).collect())
    }

    /// Gives a provider account to a merchant, in a mode. Its disputes are the merchant's from now on, and nobody else's.
    ///
    /// # Errors
    /// When the asker may not, there is no such merchant or provider, or the store fails.
    pub fn own_account(
        &mut self,
        by: &Doer,
        merchant: &str,
        scope: &Scope,
        mode: Mode,
    ) -> Result<MerchantView, Error> {
        by.check(Action::Manage, Resource::Merchants, None, || {
            no_merchant(merchant)
        })?;
        let mut rows = self.merchant_rows()?.into_iter();
        let row = rows.find(|row| row.id == merchant);
        let row = row.ok_or_else(|| no_merchant(merchant))?;
        if providers::list::find(&scope.provider).is_none() {
            return Err(Error::NotThere {
                what: "provider",
                name: scope.provider.clone(),
            });
        }
        named("an account's name", &scope.account)?;
        let owned = Owned {
            scope: scope.clone(),
            merchant: row.id.clone(),
            live: mode == Mode::Live,
        };
        let about = [
            ("merchant", row.id.as_str()),
            ("provider", &scope.provider),
            ("account", &scope.account),
            ("mode", mode.as_str()),
        ];
        let leaf = by.leaf("gave-account", &about);
        self.registry()
            .own(&owned, &leaf)
            .map_err(Error::store("giving an account to a merchant"))?;
        let owned = self
            .registry()
            .owned()
            .map_err(Error::store("reading merchants"))?;
        Ok(view(row, &owned))
    }

    pub(super) fn merchant_rows(&mut self) -> Result<Vec<Merchant>, Error> {
        self.registry()
            .merchants()
            .map_err(Error::store("reading merchants"))
    }

    /// That a tenant exists.
    pub(super) fn check_tenant(&mut self, tenant: &Tenant) -> Result<(), Error> {
        let Tenant::Merchant(merchant) = tenant else {
            return Ok(());
        };
        let mut rows = self.merchant_rows()?.into_iter();
        match rows.any(|row| row.id == merchant.as_str()) {
            true => Ok(()),
            false => Err(no_merchant(merchant.as_str())),
        }
    }
}

fn view(row: Merchant, owned: &[Owned]) -> MerchantView {
    let accounts = owned.iter().filter(|owned| owned.merchant == row.id);
    MerchantView {
        accounts: accounts
            .map(|owned| OwnedView {
                provider: owned.scope.provider.clone(),
                account: owned.scope.account.clone(),
                mode: mode_of(owned.live).as_str(),
            })
            .collect(),
        id: row.id,
        name: row.name,
        created_at: At(row.created_at),
    }
}
