//! Who is asking, and the one question that every route and command puts before it does anything.

use calendar::Instant;

use crate::names::named;
use crate::policy::{self, Action, Resource, Role};
use crate::scope::Scopes;
use crate::session::step_up_is_fresh;
use crate::{KeyId, MerchantId, PersonId};

/// Who it is, apart from what they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Person(PersonId),
    /// A program. `person` made the key and answers for what it does.
    Key {
        key: KeyId,
        person: PersonId,
    },
    /// Nobody outside: the desk's own jobs.
    Desk,
}

impl Identity {
    /// The human who answers for it.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Identity::Person(person) | Identity::Key { person, .. } => Some(person),
            Identity::Desk => None,
        }
    }
}

/// For whom they ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// One merchant, whose things alone exist.
    Merchant(MerchantId),
    /// All merchants, and what belongs to the desk itself.
    Desk,
}

named! {
    /// Live and test data never meet: to a key of one mode the other's things do not exist.
    Mode {
        Live = "live",
        Test = "test",
    }
}

/// To whom a thing belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// `None`: the desk's own, such as a provider's file with rows of many merchants.
    pub merchant: Option<&'a MerchantId>,
    pub mode: Mode,
}

/// Why not. The variants are in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It belongs to another tenant or mode. Answer exactly as for an id that does not exist.
    #[error("there is no such thing")]
    NotFound,
    #[error("no role held may {action} {resource}")]
    Role { action: Action, resource: Resource },
    #[error("the key's scopes do not let it {action} {resource}")]
    Scope { action: Action, resource: Resource },
    #[error("only a person may {action} {resource}, not a key")]
    NeedsPerson { action: Action, resource: Resource },
    /// The same person planned it.
    #[error("a plan is approved by another person than its author")]
    OwnPlan,
    /// Not a refusal for good: the person proves again who they are, and asks again.
    #[error("to {action} {resource}, sign in again first")]
    StepUp { action: Action, resource: Resource },
}

impl Denied {
    /// Whether the answer may let the asker know that the thing exists.
    pub fn existence_may_be_known(&self) -> bool {
        *self != Denied::NotFound
    }
}

/// An asker as it was put together makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskerError {
    #[error("role `{role}` is not held by the tenant that asks")]
    Tenant { role: Role },
    #[error("roles `{one}` and `{other}` are not held by one person")]
    Exclude { one: Role, other: Role },
}

/// Built for each request from what the store says now, never kept in a session or a cache: a role taken away is gone
/// with the next request (ASVS 5.0, 8.3.2).
#[derive(Clone, Debug)]
pub struct Asker {
    identity: Identity,
    roles: Vec<Role>,
    tenant: Tenant,
    mode: Mode,
    /// `Some` for a restricted key only.
    scopes: Option<Scopes>,
    /// When the person last proved who they are with all factors.
    step_up_at: Option<Instant>,
}

impl Asker {
    /// A person as a session knows them. Merchants' roles belong to a merchant, the desk's to the desk; one person who
    /// works for both asks as one of them at a time.
    pub fn person(
        person: PersonId,
        roles: &[Role],
        tenant: Tenant,
        mode: Mode,
        step_up_at: Option<Instant>,
    ) -> Result<Asker, AskerError> {
        check_roles(roles, &tenant)?;
        Ok(Asker {
            identity: Identity::Person(person),
            roles: roles.to_vec(),
            tenant,
            mode,
            scopes: None,
            step_up_at,
        })
    }

    /// A program with a key; `scopes` only for a restricted one.
    pub(crate) fn key(
        identity: Identity,
        roles: &[Role],
        tenant: Tenant,
        mode: Mode,
        scopes: Option<Scopes>,
    ) -> Result<Asker, AskerError> {
        check_roles(roles, &tenant)?;
        Ok(Asker {
            identity,
            roles: roles.to_vec(),
            tenant,
            mode,
            scopes,
            step_up_at: None,
        })
    }

    /// A job of the desk, for one merchant or for all. A job works for somebody: there is no form without a tenant.
    pub fn desk_itself(tenant: Tenant, mode: Mode) -> Asker {
        Asker {
            identity: Identity::Desk,
            roles: Vec::new(),
            tenant,
            mode,
            scopes: None,
            step_up_at: None,
        }
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What every list, count, search and export is filtered by, together with [`Asker::mode`].
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// May this be done? `owner` is whose the thing is, as the store says and never as the request does; `None` where
    /// there is no thing yet: a list, or something new in the asker's own tenant.
    ///
    /// Ownership is looked at first, so that another tenant's thing and none at all get the same answer. What remains
    /// depends only on the asker and the kind of thing.
    pub fn check(
        &self,
        action: Action,
        resource: Resource,
        owner: Option<Owner<'_>>,
        now: Instant,
    ) -> Result<(), Denied> {
        if owner.is_some_and(|owner| !self.sees(owner)) {
            return Err(Denied::NotFound);
        }
        self.check_role(action, resource)?;
        if let Some(scopes) = &self.scopes
            && !scopes.allow(action, resource)
        {
            return Err(Denied::Scope { action, resource });
        }
        match &self.identity {
            Identity::Person(_) => {}
            Identity::Key { .. } | Identity::Desk => {
                return match policy::needs_person(action, resource) {
                    true => Err(Denied::NeedsPerson { action, resource }),
                    false => Ok(()),
                };
            }
        }
        let fresh = self.step_up_at.is_some_and(|at| step_up_is_fresh(at, now));
        match policy::needs_step_up(action, resource) && !fresh {
            true => Err(Denied::StepUp { action, resource }),
            false => Ok(()),
        }
    }

    /// [`Asker::check`] of approving a plan, and that somebody else made it. A plan by a key has the key's person as its
    /// author; the desk itself plans nothing.
    pub fn check_approval(
        &self,
        author: &Identity,
        owner: Option<Owner<'_>>,
        now: Instant,
    ) -> Result<(), Denied> {
        let (action, resource) = (Action::Approve, Resource::Plans);
        let checked = self.check(action, resource, owner, now);
        let before_own_plan = matches!(checked, Ok(()) | Err(Denied::StepUp { .. }));
        if !before_own_plan {
            return checked;
        }
        let apart = author
            .person()
            .zip(self.identity.person())
            .is_some_and(|(author, approver)| policy::may_approve(author, approver));
        if !apart {
            return Err(Denied::OwnPlan);
        }
        checked
    }

    /// Giving a role to somebody of `tenant`: managing people there, and a role that one of ours may give.
    pub fn check_grant(&self, role: Role, tenant: &Tenant, now: Instant) -> Result<(), Denied> {
        let (action, resource) = (Action::Manage, Resource::People);
        let owner = match tenant {
            Tenant::Merchant(merchant) => Some(merchant),
            Tenant::Desk => None,
        };
        let mode = self.mode;
        let owner = Owner {
            merchant: owner,
            mode,
        };
        self.check(action, resource, Some(owner), now)?;
        let fits = role.of_merchant() == matches!(tenant, Tenant::Merchant(_));
        let granted = fits && self.roles.iter().any(|own| policy::may_grant(*own, role));
        match granted {
            true => Ok(()),
            false => Err(Denied::Role { action, resource }),
        }
    }

    fn sees(&self, owner: Owner<'_>) -> bool {
        let tenant = match &self.tenant {
            Tenant::Merchant(own) => owner.merchant == Some(own),
            Tenant::Desk => true,
        };
        tenant && owner.mode == self.mode
    }

    fn check_role(&self, action: Action, resource: Resource) -> Result<(), Denied> {
        let allowed = match self.identity {
            Identity::Desk => policy::desk_itself_may(action),
            Identity::Person(_) | Identity::Key { .. } => self
                .roles
                .iter()
                .any(|role| policy::may(*role, action, resource)),
        };
        match allowed {
            true => Ok(()),
            false => Err(Denied::Role { action, resource }),
        }
    }
}

fn check_roles(roles: &[Role], tenant: &Tenant) -> Result<(), AskerError> {
    let merchant = matches!(tenant, Tenant::Merchant(_));
    for (at, role) in roles.iter().copied().enumerate() {
        if role.of_merchant() != merchant {
            return Err(AskerError::Tenant { role });
        }
        let others = roles.iter().copied().skip(at + 1);
        if let Some(other) = others
            .into_iter()
            .find(|other| policy::exclude(role, *other))
        {
            return Err(AskerError::Exclude { one: role, other });
        }
    }
    Ok(())
}
