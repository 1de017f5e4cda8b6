//! Who asks a programming interface, with an API key or a session, and what of the desk exists for them.

use crate::entrance::Visit;
use crate::{Desk, Error};
use access::key::{self, KeyError, KeyRefusal};
use access::policy::{Action, Resource};
use access::{Asker, Denied, MerchantId, Mode, Owner, Tenant};
use calendar::Instant;
use dispute::status::Party;
use engine::command::Actor;
use std::net::IpAddr;
use store::{Merchant, Registry, Sight};

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Entered {
    pub asker: Asker,
    /// As they stand in the timeline of a case: a key's id, or a person's name.
    pub name: String,
    /// The version of the interface that the key is pinned to.
    pub pinned: Option<String>,
    /// The merchant whose things alone are looked at: a merchant's key's own, or the one that a desk key named.
    pub merchant: Option<MerchantId>,
}

/// Why somebody was not let in. Each says its reason in words that hold nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Text(#[from] KeyError),
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    /// The account that the request names is not there, or not the asker's.
    #[error("no such account: '{0}'")]
    Account(String),
}

impl Entered {
    /// A person with a session that stands.
    pub fn by_session(visit: &Visit) -> Entered {
        Entered {
            asker: visit.asker.clone(),
            name: visit.name.clone(),
            pinned: None,
            merchant: own(&visit.asker),
        }
    }

    pub fn live(&self) -> bool {
        self.asker.mode() == Mode::Live
    }

    /// What of the desk exists for them.
    pub fn sight(&self) -> Sight {
        let live = self.live();
        match &self.merchant {
            Some(merchant) => Sight::Merchant {
                id: merchant.to_string(),
                live,
            },
            None => Sight::Mode { live },
        }
    }

    /// In whose name idempotency keys are kept apart.
    pub fn tenant(&self) -> String {
        let whose = self.merchant.as_ref().map_or("desk", MerchantId::as_str);
        format!("{whose}/{}", self.asker.mode())
    }

    /// As they stand in the timeline of a case.
    pub fn actor(&self) -> Actor {
        let party = match self.asker.tenant() {
            Tenant::Merchant(_) => Party::Merchant,
            Tenant::Desk => Party::Operator,
        };
        Actor {
            name: self.name.clone(),
            party,
        }
    }

    /// Whether the key may do this to things of the tenant it looks at.
    ///
    /// # Errors
    /// As the policy says.
    pub fn may(&self, action: Action, resource: Resource, now: Instant) -> Result<(), Denied> {
        let owner = Owner {
            merchant: self.merchant.as_ref(),
            mode: self.asker.mode(),
        };
        self.asker.check(action, resource, Some(owner), now)
    }
}

fn own(asker: &Asker) -> Option<MerchantId> {
    match asker.tenant() {
        Tenant::Merchant(merchant) => Some(merchant.clone()),
        Tenant::Desk => None,
    }
}

impl Desk {
    /// Lets in whoever sent this `Authorization` header from this address. `account` is the one they want to act for.
    ///
    /// # Errors
    /// When the store fails.
    pub fn enter(
        &mut self,
        authorization: Option<&str>,
        account: Option<&str>,
        address: IpAddr,
        now: Instant,
    ) -> Result<Result<Entered, Refused>, Error> {
        let sent = match key::from_authorization(authorization.unwrap_or_default()) {
            Ok(sent) => sent,
            Err(error) => return Ok(Err(error.into())),
        };
        self.look_as(&Sight::All)?;
        let (asker, key, pinned) = match self.admit_pinned(&sent, address, now)? {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        let own = own(&asker);
        let merchant = match account {
            None => own,
            Some(name) => {
                let named = self.merchant_named(name)?;
                match named.filter(|named| own.as_ref().is_none_or(|own| own == named)) {
                    Some(named) => Some(named),
                    None => return Ok(Err(Refused::Account(name.to_owned()))),
                }
            }
        };
        Ok(Ok(Entered {
            asker,
            name: key.to_string(),
            pinned,
            merchant,
        }))
    }

    /// A merchant by id, or by the name of one of its accounts at a provider.
    fn merchant_named(&mut self, name: &str) -> Result<Option<MerchantId>, Error> {
        let doing = || Error::store("looking up a merchant");
        let registry = self.registry();
        let merchants = registry.merchants().map_err(doing())?;
        let by_id = merchants.iter().find(|merchant| merchant.id == name);
        let found = match by_id {
            Some(merchant) => Some(merchant.id.clone()),
            None => {
                let owned = registry.owned().map_err(doing())?;
                let mut of_account = owned
                    .into_iter()
                    .filter(|owned| owned.scope.account == name);
                // Two merchants with accounts of one name at two providers: the name alone names neither.
                match (of_account.next(), of_account.next()) {
                    (Some(owned), None) => Some(owned.merchant),
                    _ => None,
                }
            }
        };
        Ok(found.and_then(|id| MerchantId::parse(&id).ok()))
    }

    /// Every merchant of the desk.
    ///
    /// # Errors
    /// When the store fails.
    pub fn merchants(&mut self) -> Result<Vec<Merchant>, Error> {
        self.registry()
            .merchants()
            .map_err(Error::store("listing merchants"))
    }

    /// What the desk keeps beside its disputes.
    pub(crate) fn registry(&mut self) -> &mut dyn Registry {
        &mut self.engine.store
    }

    /// Restricts what this desk shows from now on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look_as(&mut self, sight: &Sight) -> Result<(), Error> {
        self.registry()
            .look_as(sight)
            .map_err(Error::store("restricting what is seen"))
    }
}
