//! Who one is, the people who may enter, and the merchants for whom they work. A person signed in does this, never a key.

use super::operation::{Json, Nothing, Operation};
use super::words::Page;
use crate::Error;
use crate::call::Call;
use access::policy::{Action, Resource, Role};
use access::{MerchantId, Mode, Tenant, csrf};
use app::entrance::{Doer, MerchantView, PersonView};
use app::shape::At;
use app::{Desk, Scope, Sight};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const MANAGE: (Action, Resource) = (Action::Manage, Resource::People);

pub(super) fn operations() -> Vec<Operation> {
    let mut all = own();
    all.extend(people());
    all.extend(merchants());
    all
}

fn own() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/session",
            "showSession",
            "Who one is: for whom, in which mode, with which roles; and the token that a change with a session sends.",
            (Action::Read, Resource::Rules),
            session,
        ),
        Operation::change(
            "/docket/v1/session/sign_out",
            "signOut",
            "Ends the session that the request comes with.",
            (Action::Read, Resource::Rules),
            leave,
        ),
    ]
}

fn people() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/people",
            "listPeople",
            "People who may enter, as far as one sees them.",
            (Action::Read, Resource::People),
            list,
        ),
        Operation::change(
            "/docket/v1/people",
            "invitePerson",
            "Lets somebody in with a role. Somebody new gets a link that sets password and code, for you to hand over; it is shown once.",
            MANAGE,
            invite,
        )
        .secret(),
        Operation::change(
            "/docket/v1/people/{person}/roles",
            "grantRole",
            "Gives a person a role.",
            MANAGE,
            grant,
        ),
        Operation::change(
            "/docket/v1/people/{person}/roles/revoke",
            "revokeRole",
            "Takes a role from a person.",
            MANAGE,
            revoke,
        ),
        Operation::change(
            "/docket/v1/people/{person}/disable",
            "disablePerson",
            "Lets a person in no more, and ends their sessions.",
            MANAGE,
            |desk, call, _: Nothing| one(desk, call, |desk, by, id| desk.disable_person(by, id)),
        ),
        Operation::change(
            "/docket/v1/people/{person}/enable",
            "enablePerson",
            "Lets a disabled person in again.",
            MANAGE,
            |desk, call, _: Nothing| one(desk, call, |desk, by, id| desk.enable_person(by, id)),
        ),
        Operation::change(
            "/docket/v1/people/{person}/sign_out",
            "signOutPerson",
            "Ends every session of a person.",
            MANAGE,
            sign_out,
        ),
    ]
}

fn merchants() -> Vec<Operation> {
    let manage = (Action::Manage, Resource::Merchants);
    vec![
        Operation::read(
            "/docket/v1/merchants",
            "listMerchants",
            "Merchants with their provider accounts, as far as one sees them.",
            (Action::Read, Resource::Merchants),
            all_merchants,
        ),
        Operation::change(
            "/docket/v1/merchants",
            "addMerchant",
            "Makes a merchant.",
            manage,
            add_merchant,
        ),
        Operation::change(
            "/docket/v1/merchants/{merchant}/accounts",
            "giveAccount",
            "Gives a provider account to a merchant: its disputes are the merchant's from now on, and nobody else's.",
            manage,
            give_account,
        ),
    ]
}

/// Whoever changes who may enter does it on a desk that sees all; what they may is asked there.
pub(super) fn doer(desk: &mut Desk, call: &Call) -> Result<Doer, Error> {
    desk.look_as(&Sight::All)?;
    Ok(Doer::new(&call.entered.asker, call.now))
}

/// For whom: the merchant named, or whomever the asker works for.
pub(super) fn tenant(call: &Call, merchant: Option<&str>) -> Result<Tenant, Error> {
    match merchant {
        None => Ok(call.entered.asker.tenant().clone()),
        Some(name) => match MerchantId::parse(name) {
            Ok(merchant) => Ok(Tenant::Merchant(merchant)),
            Err(_) => Err(Error::missing("merchant", name, "merchant")),
        },
    }
}

pub(super) fn role_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    json_schema!({ "type": "string", "enum": names })
}

pub(super) fn role(name: &str) -> Result<Role, Error> {
    Role::parse(name).ok_or_else(|| Error::invalid(format!("No such role: '{name}'")).param("role"))
}

/// Who sends the request.
#[derive(Debug, JsonSchema, Serialize)]
struct SessionView {
    /// A key's id, or a person's name.
    name: String,
    /// For whom they work; null: the desk.
    merchant: Option<String>,
    /// `live` or `test`.
    mode: &'static str,
    roles: Vec<&'static str>,
    /// The header `X-CSRF-Token` of every change; null with a key, which needs none.
    csrf: Option<String>,
}

fn session(_: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<SessionView>, Error> {
    let entered = &call.entered;
    let roles = entered.asker.roles().iter().map(|role| role.as_str());
    Ok(Json(SessionView {
        name: entered.name.clone(),
        merchant: entered.merchant.as_ref().map(ToString::to_string),
        mode: entered.asker.mode().as_str(),
        roles: roles.collect(),
        csrf: call.session.as_ref().map(csrf::token),
    }))
}

fn leave(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<SignedOut>, Error> {
    let token = call.session.clone().ok_or_else(|| {
        Error::invalid("A key has no session to end; revoke it where it is not needed any more.")
    })?;
    desk.look_as(&Sight::All)?;
    desk.sign_out(&token, call.now)?;
    Ok(Json(SignedOut { sessions: 1 }))
}

fn list(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Page<PersonView>>, Error> {
    let by = doer(desk, call)?;
    Ok(Json(Page {
        data: desk.list_people(&by)?,
        has_more: false,
    }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Invitation {
    #[schemars(length(min = 3, max = 254))]
    email: String,
    #[schemars(length(min = 1, max = 200))]
    name: String,
    #[schemars(schema_with = "role_names")]
    role: String,
    /// At this merchant; at one's own unless said.
    merchant: Option<String>,
}

/// Somebody let in.
#[derive(Debug, JsonSchema, Serialize)]
struct InvitedView {
    person: PersonView,
    /// Null for somebody who can enter already.
    link: Option<LinkView>,
}

/// Where somebody new sets password and code. Shown now and never again.
#[derive(Debug, JsonSchema, Serialize)]
struct LinkView {
    url: String,
    expires_at: At,
}

fn invite(desk: &mut Desk, call: &mut Call, sent: Invitation) -> Result<Json<InvitedView>, Error> {
    let by = doer(desk, call)?;
    let tenant = tenant(call, sent.merchant.as_deref())?;
    let invited = desk.invite(&by, &sent.email, &sent.name, role(&sent.role)?, &tenant)?;
    Ok(Json(InvitedView {
        person: invited.person,
        link: invited.link.map(|link| LinkView {
            url: format!("{}/enter/{}", call.public_url, link.token.expose()),
            expires_at: link.expires_at.into(),
        }),
    }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleSent {
    #[schemars(schema_with = "role_names")]
    role: String,
    /// At this merchant; at one's own unless said.
    merchant: Option<String>,
}

fn grant(desk: &mut Desk, call: &mut Call, sent: RoleSent) -> Result<Json<PersonView>, Error> {
    let by = doer(desk, call)?;
    let tenant = tenant(call, sent.merchant.as_deref())?;
    Ok(Json(desk.grant_role(
        &by,
        call.named(0),
        role(&sent.role)?,
        &tenant,
    )?))
}

fn revoke(desk: &mut Desk, call: &mut Call, sent: RoleSent) -> Result<Json<PersonView>, Error> {
    let by = doer(desk, call)?;
    let tenant = tenant(call, sent.merchant.as_deref())?;
    Ok(Json(desk.revoke_role(
        &by,
        call.named(0),
        role(&sent.role)?,
        &tenant,
    )?))
}

fn one(
    desk: &mut Desk,
    call: &mut Call,
    change: fn(&mut Desk, &Doer, &str) -> Result<PersonView, app::Error>,
) -> Result<Json<PersonView>, Error> {
    let by = doer(desk, call)?;
    Ok(Json(change(desk, &by, call.named(0))?))
}

/// How many sessions ended.
#[derive(Debug, JsonSchema, Serialize)]
struct SignedOut {
    sessions: u64,
}

fn sign_out(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<SignedOut>, Error> {
    let by = doer(desk, call)?;
    let sessions = desk.sign_out_everywhere(&by, call.named(0))?;
    Ok(Json(SignedOut { sessions }))
}

fn all_merchants(
    desk: &mut Desk,
    call: &mut Call,
    _: Nothing,
) -> Result<Json<Page<MerchantView>>, Error> {
    let by = doer(desk, call)?;
    Ok(Json(Page {
        data: desk.list_merchants(&by)?,
        has_more: false,
    }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MerchantSent {
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// `mer_…`; made unless said.
    id: Option<String>,
}

fn add_merchant(
    desk: &mut Desk,
    call: &mut Call,
    sent: MerchantSent,
) -> Result<Json<MerchantView>, Error> {
    let by = doer(desk, call)?;
    Ok(Json(desk.add_merchant(
        &by,
        sent.id.as_deref(),
        &sent.name,
    )?))
}

/// Whether its disputes are real.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModeSent {
    #[default]
    Live,
    Test,
}

impl ModeSent {
    pub fn mode(self) -> Mode {
        match self {
            ModeSent::Live => Mode::Live,
            ModeSent::Test => Mode::Test,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountSent {
    #[schemars(length(min = 1, max = 64))]
    provider: String,
    #[schemars(length(min = 1, max = 200))]
    account: String,
    #[serde(default)]
    mode: ModeSent,
}

fn give_account(
    desk: &mut Desk,
    call: &mut Call,
    sent: AccountSent,
) -> Result<Json<MerchantView>, Error> {
    let by = doer(desk, call)?;
    let scope = Scope {
        provider: sent.provider,
        account: sent.account,
    };
    let mode = sent.mode.mode();
    Ok(Json(desk.own_account(&by, call.named(0), &scope, mode)?))
}
