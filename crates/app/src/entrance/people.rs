//! People: invited, given roles, disabled.

use super::link::{EntryLink, Purpose};
use super::{Doer, fresh_id, merchant_of, named, owner_of, tenant_of};
use crate::shape::At;
use crate::{Desk, Error};
use access::policy::{Action, Resource, Role, exclude};
use access::{PersonId, Tenant};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Grant, Person};

/// Somebody who may enter.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct PersonView {
    pub id: String,
    pub email: String,
    pub name: String,
    pub roles: Vec<RoleView>,
    pub has_password: bool,
    /// Recovery codes not yet used.
    pub recovery_codes: usize,
    /// The identity provider through which they sign in.
    pub signs_in_through: Option<String>,
    pub created_at: At,
    pub disabled_at: Option<At>,
}

/// A role at a merchant, or (`None`) at the desk.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct RoleView {
    pub merchant: Option<String>,
    pub role: String,
}

/// Somebody invited.
#[derive(Debug)]
pub struct Invited {
    pub person: PersonView,
    /// `None` for somebody who can enter already, or was invited before: whoever has the link sets the password.
    pub link: Option<EntryLink>,
}

/// RFC 5321, 4.5.3.1.3.
const EMAIL_MAX: usize = 254;

pub(super) fn no_person(name: &str) -> Error {
    Error::NotThere {
        what: "person",
        name: name.to_owned(),
    }
}

impl Desk {
    /// Lets somebody in with a role. A new person gets a link that sets their password and code; the asker hands it over.
    ///
    /// Whoever invites holds the link for a while, so a merchant's member invites new people only, and somebody whom a
    /// merchant invited works for another one when the desk says so.
    ///
    /// # Errors
    /// When the asker may not give the role, the address cannot be, or the store fails.
    pub fn invite(
        &mut self,
        by: &Doer,
        email: &str,
        name: &str,
        role: Role,
        tenant: &Tenant,
    ) -> Result<Invited, Error> {
        self.check_grant(by, role, tenant)?;
        let email = plain_email(email)?;
        let name = named("a person's name", name)?;
        let known = self
            .registry()
            .person_by_email(&email)
            .map_err(Error::store("looking up a person"))?;
        if let Some(known) = known {
            let person = self.grant_role(by, &known.id, role, tenant)?;
            return Ok(Invited { person, link: None });
        }
        let person = Person {
            id: fresh_id("per_"),
            email,
            name,
            password: None,
            totp: None,
            totp_step: None,
            recovery: Vec::new(),
            subject: None,
            created_at: by.now,
            disabled_at: None,
            roles_changed_at: None,
            signed_out_at: None,
        };
        // The address is not in the log, which nothing is ever taken out of.
        let about = [("person", person.id.as_str())];
        self.keep_person(&person, &by.leaf("invited-person", &about))?;
        let view = self.grant_role_to(by, &person, role, tenant)?;
        let link = self.make_entry_link(by, &person.id, Purpose::Invitation)?;
        Ok(Invited {
            person: view,
            link: Some(link),
        })
    }

    /// Gives somebody a role more.
    ///
    /// # Errors
    /// When the asker may not give it, the person may not hold it beside what they hold, or the store fails.
    pub fn grant_role(
        &mut self,
        by: &Doer,
        person: &str,
        role: Role,
        tenant: &Tenant,
    ) -> Result<PersonView, Error> {
        self.check_grant(by, role, tenant)?;
        let person = self.visible_person(by, person)?;
        self.grant_role_to(by, &person, role, tenant)
    }

    fn grant_role_to(
        &mut self,
        by: &Doer,
        person: &Person,
        role: Role,
        tenant: &Tenant,
    ) -> Result<PersonView, Error> {
        let held = self.grants_of(Some(&person.id))?;
        let roles = held.iter().filter_map(|grant| Role::parse(&grant.role));
        if let Some(other) = roles.into_iter().find(|other| exclude(role, *other)) {
            return Err(Error::Unfit(format!(
                "roles `{role}` and `{other}` are not held by one person"
            )));
        }
        let grant = grant_row(person, role, tenant);
        let leaf = by.leaf("gave-role", &about_grant(&grant));
        self.registry()
            .put_grant(&grant, by.now, &leaf)
            .map_err(Error::store("giving a role"))?;
        self.person_view(person)
    }

    /// Takes a role away; it is gone with the person's next request.
    ///
    /// # Errors
    /// When the asker may not, the person does not hold it, or the store fails.
    pub fn revoke_role(
        &mut self,
        by: &Doer,
        person: &str,
        role: Role,
        tenant: &Tenant,
    ) -> Result<PersonView, Error> {
        self.check_grant(by, role, tenant)?;
        let person = self.visible_person(by, person)?;
        let grant = grant_row(&person, role, tenant);
        if !self.grants_of(Some(&person.id))?.contains(&grant) {
            return Err(Error::NotThere {
                what: "such role of this person:",
                name: role.to_string(),
            });
        }
        let leaf = by.leaf("took-role", &about_grant(&grant));
        self.registry()
            .drop_grant(&grant, by.now, &leaf)
            .map_err(Error::store("taking a role"))?;
        self.person_view(&person)
    }

    /// Nobody enters as this person any more, and all their sessions end. Their keys stay: a key is the tenant's.
    ///
    /// # Errors
    /// When the asker may not, there is no such person, or the store fails.
    pub fn disable_person(&mut self, by: &Doer, person: &str) -> Result<PersonView, Error> {
        self.check_people_of_desk(by, person)?;
        let mut person = self.visible_person(by, person)?;
        person.disabled_at = person.disabled_at.or(Some(by.now));
        let about = [("person", person.id.as_str())];
        self.keep_person(&person, &by.leaf("disabled-person", &about))?;
        self.end_sessions_of(by, &person)?;
        self.person_view(&person)
    }

    /// Undoes [`Desk::disable_person`]; sessions stay ended.
    ///
    /// # Errors
    /// As for [`Desk::disable_person`].
    pub fn enable_person(&mut self, by: &Doer, person: &str) -> Result<PersonView, Error> {
        self.check_people_of_desk(by, person)?;
        let mut person = self.visible_person(by, person)?;
        person.disabled_at = None;
        let about = [("person", person.id.as_str())];
        self.keep_person(&person, &by.leaf("enabled-person", &about))?;
        self.person_view(&person)
    }

    /// Signs somebody out everywhere: oneself, or anybody for whoever keeps the desk's people.
    ///
    /// # Errors
    /// When the asker may not, there is no such person, or the store fails.
    pub fn sign_out_everywhere(&mut self, by: &Doer, person: &str) -> Result<u64, Error> {
        let own = by.asker.identity().person().map(PersonId::as_str) == Some(person)
            && matches!(by.asker.identity(), access::Identity::Person(_));
        if !own {
            self.check_people_of_desk(by, person)?;
        }
        let row = self.person_row(person)?;
        let row = row.ok_or_else(|| no_person(person))?;
        self.end_sessions_of(by, &row)
    }

    /// The people that the asker sees: all at the desk, those of the merchant for a merchant.
    ///
    /// # Errors
    /// When the asker may not, or the store fails.
    pub fn list_people(&mut self, by: &Doer) -> Result<Vec<PersonView>, Error> {
        by.check(Action::Read, Resource::People, None, || no_person(""))?;
        let grants = self.grants_of(None)?;
        let people = self
            .registry()
            .people()
            .map_err(Error::store("reading people"))?;
        let sees = |person: &Person| match merchant_of(by.asker.tenant()) {
            None => true,
            Some(own) => grants
                .iter()
                .any(|grant| grant.person == person.id && grant.merchant.as_ref() == Some(&own)),
        };
        let seen = people.iter().filter(|person| sees(person));
        Ok(seen
            .map(|person| {
                let mut view = view(person, &grants);
                // Where else somebody works is not a merchant's to know.
                if let Some(own) = merchant_of(by.asker.tenant()) {
                    view.roles
                        .retain(|role| role.merchant.as_ref() == Some(&own));
                }
                view
            })
            .collect())
    }

    fn check_grant(&mut self, by: &Doer, role: Role, tenant: &Tenant) -> Result<(), Error> {
        if role.of_merchant() != matches!(tenant, Tenant::Merchant(_)) {
            return Err(Error::Unfit(format!(
                "role `{role}` is held at {}",
                if role.of_merchant() {
                    "a merchant"
                } else {
                    "the desk"
                }
            )));
        }
        let missing = || super::merchant::no_merchant(&merchant_of(tenant).unwrap_or_default());
        let checked = by.asker.check_grant(role, tenant, by.now);
        checked.map_err(|denied| super::denied_or(denied, missing))?;
        self.check_tenant(tenant)
    }

    /// What concerns a whole person, wherever they work, is the desk's.
    pub(super) fn check_people_of_desk(&mut self, by: &Doer, person: &str) -> Result<(), Error> {
        let owner = owner_of(&Tenant::Desk, by.asker.mode());
        by.check(Action::Manage, Resource::People, Some(owner), || {
            no_person(person)
        })
    }

    /// A person by id or address, as far as the asker sees people.
    pub(super) fn visible_person(&mut self, by: &Doer, name: &str) -> Result<Person, Error> {
        let found = match self.person_row(name)? {
            Some(person) => Some(person),
            None => self
                .registry()
                .person_by_email(&name.to_ascii_lowercase())
                .map_err(Error::store("looking up a person"))?,
        };
        let person = found.ok_or_else(|| no_person(name))?;
        let Some(own) = merchant_of(by.asker.tenant()) else {
            return Ok(person);
        };
        let grants = self.grants_of(Some(&person.id))?;
        match grants
            .iter()
            .any(|grant| grant.merchant.as_ref() == Some(&own))
        {
            true => Ok(person),
            false => Err(no_person(name)),
        }
    }

    pub(super) fn person_row(&mut self, id: &str) -> Result<Option<Person>, Error> {
        self.registry()
            .person(id)
            .map_err(Error::store("looking up a person"))
    }

    pub(super) fn keep_person(&mut self, row: &Person, leaf: &store::Leaf) -> Result<(), Error> {
        self.registry()
            .put_person(row, leaf)
            .map_err(Error::store("keeping a person"))
    }

    pub(super) fn grants_of(&mut self, person: Option<&str>) -> Result<Vec<Grant>, Error> {
        self.registry()
            .grants(person)
            .map_err(Error::store("reading roles"))
    }

    pub(super) fn end_sessions_of(&mut self, by: &Doer, person: &Person) -> Result<u64, Error> {
        let leaf = by.leaf("ended-sessions", &[("person", &person.id)]);
        self.registry()
            .end_sessions(&person.id, by.now, &leaf)
            .map_err(Error::store("ending sessions"))
    }

    pub(super) fn person_view(&mut self, person: &Person) -> Result<PersonView, Error> {
        let grants = self.grants_of(Some(&person.id))?;
        Ok(view(person, &grants))
    }

    /// The roles that somebody holds for a tenant now. A role that no longer has a name gives nothing.
    pub(super) fn roles_at(&mut self, person: &str, tenant: &Tenant) -> Result<Vec<Role>, Error> {
        let merchant = merchant_of(tenant);
        let grants = self.grants_of(Some(person))?;
        let held = grants.iter().filter(|grant| grant.merchant == merchant);
        Ok(held.filter_map(|grant| Role::parse(&grant.role)).collect())
    }

    /// For whom somebody may work: the desk first, then merchants in order of id.
    pub(super) fn tenants_of(&mut self, person: &str) -> Result<Vec<Tenant>, Error> {
        let grants = self.grants_of(Some(person))?;
        let mut merchants: Vec<_> = grants.into_iter().map(|grant| grant.merchant).collect();
        merchants.sort();
        merchants.dedup();
        let tenants = merchants.iter();
        Ok(tenants
            .filter_map(|merchant| tenant_of(merchant.as_deref()))
            .collect())
    }
}

fn grant_row(person: &Person, role: Role, tenant: &Tenant) -> Grant {
    Grant {
        person: person.id.clone(),
        merchant: merchant_of(tenant),
        role: role.to_string(),
    }
}

fn about_grant(grant: &Grant) -> [(&'static str, &str); 3] {
    [
        ("person", grant.person.as_str()),
        ("role", &grant.role),
        ("tenant", grant.merchant.as_deref().unwrap_or("desk")),
    ]
}

fn view(person: &Person, grants: &[Grant]) -> PersonView {
    let held = grants.iter().filter(|grant| grant.person == person.id);
    PersonView {
        id: person.id.clone(),
        email: person.email.clone(),
        name: person.name.clone(),
        roles: held
            .map(|grant| RoleView {
                merchant: grant.merchant.clone(),
                role: grant.role.clone(),
            })
            .collect(),
        has_password: person.password.is_some(),
        recovery_codes: person.recovery.len(),
        signs_in_through: person.subject.as_ref().map(|(issuer, _)| issuer.clone()),
        created_at: At(person.created_at),
        disabled_at: person.disabled_at.map(At),
    }
}

/// In small letters, one `@`, nothing that another reader could take for two addresses.
fn plain_email(text: &str) -> Result<String, Error> {
    let plain = |part: &str| {
        let character = |byte: u8| byte.is_ascii_graphic() && !br#"@,;:<>()[]\""#.contains(&byte);
        !part.is_empty() && part.bytes().all(character)
    };
    let text = text.trim();
    let parts = text.split_once('@').filter(|_| text.len() <= EMAIL_MAX);
    match parts.is_some_and(|(local, domain)| plain(local) && plain(domain)) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(Error::Unfit(String::from(
            "an e-mail address is name@domain in ASCII, of at most 254 characters",
        ))),
    }
}
