//! API keys: made and shown once, replaced with an overlap, narrowed, revoked. A person signed in does this: a leaked key
//! cannot make another.

use super::operation::{Json, Nothing, Operation};
use super::people::{ModeSent, doer, role, role_names, tenant};
use super::words::{Page, at, instant};
use crate::Error;
use crate::call::Call;
use crate::version::{Version, supported};
use access::network::Network;
use access::policy::{Action, Resource, Role};
use access::scope::Scopes;
use app::Desk;
use app::entrance::{KeyView, Mint, Minted, Restriction};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const MANAGE: (Action, Resource) = (Action::Manage, Resource::Keys);
/// As `access` bounds it.
const OVERLAP_HOURS_MAX: i64 = 168;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/api_keys",
            "listKeys",
            "API keys of one's own merchant or desk, newest first, in one's own mode.",
            (Action::Read, Resource::Keys),
            list,
        ),
        Operation::change(
            "/docket/v1/api_keys",
            "makeKey",
            "Makes a key with roles that its maker may give. Its text is shown once.",
            MANAGE,
            make,
        )
        .secret(),
        Operation::change(
            "/docket/v1/api_keys/{key}",
            "changeKey",
            "Changes what a key is called, from where it may be used, what a restricted one may, and brings its end nearer.",
            MANAGE,
            change,
        ),
        Operation::change(
            "/docket/v1/api_keys/{key}/rotate",
            "rotateKey",
            "Makes a successor with the same rights, and lets the old key go on for an overlap.",
            MANAGE,
            rotate,
        )
        .secret(),
        Operation::change(
            "/docket/v1/api_keys/{key}/revoke",
            "revokeKey",
            "Ends a key at once and for good.",
            MANAGE,
            revoke,
        ),
    ]
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Whose {
    /// Of this merchant; one's own unless said.
    merchant: Option<String>,
}

fn list(desk: &mut Desk, call: &mut Call, asked: Whose) -> Result<Json<Page<KeyView>>, Error> {
    let by = doer(desk, call)?;
    let tenant = tenant(call, asked.merchant.as_deref())?;
    Ok(Json(Page {
        data: desk.list_keys(&by, &tenant)?,
        has_more: false,
    }))
}

fn roles_named(generator: &mut SchemaGenerator) -> Schema {
    let role = role_names(generator).to_value();
    json_schema!({ "type": "array", "items": role, "minItems": 1, "maxItems": 8 })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyWanted {
    #[schemars(length(min = 1, max = 200))]
    label: String,
    /// Of this merchant; one's own unless said.
    merchant: Option<String>,
    #[serde(default)]
    mode: ModeSent,
    #[schemars(schema_with = "roles_named")]
    roles: Vec<String>,
    /// Such as `disputes:read evidence:write`: makes a restricted key.
    scopes: Option<String>,
    /// Addresses and ranges from which alone it may be used; from anywhere unless said.
    #[serde(default)]
    #[schemars(length(max = 100))]
    networks: Vec<String>,
    #[serde(default)]
    #[schemars(schema_with = "instant")]
    expires_at: Option<String>,
    /// The version of Stripe's interface that answers requests which name none; the oldest unless said.
    #[serde(default)]
    #[schemars(schema_with = "version")]
    api_version: Option<String>,
}

/// A key just made.
#[derive(Debug, JsonSchema, Serialize)]
struct MintedView {
    key: KeyView,
    /// The key itself. Shown now and never again.
    secret: String,
}

fn shown(minted: Minted) -> Json<MintedView> {
    Json(MintedView {
        key: minted.key,
        secret: minted.secret.expose().to_owned(),
    })
}

fn networks(texts: &[String]) -> Result<Vec<Network>, Error> {
    let read = |text: &String| {
        Network::parse(text).map_err(|error| {
            Error::invalid(format!("Invalid networks: {error}.")).param("networks")
        })
    };
    texts.iter().map(read).collect()
}

fn scopes(text: Option<&str>) -> Result<Option<Scopes>, Error> {
    let read = |text: &str| {
        Scopes::parse(text)
            .map_err(|error| Error::invalid(format!("Invalid scopes: {error}.")).param("scopes"))
    };
    text.map(read).transpose()
}

fn version(_: &mut SchemaGenerator) -> Schema {
    let mut names: Vec<serde_json::Value> = supported().map(|known| known.name().into()).collect();
    names.push(serde_json::Value::Null);
    json_schema!({ "type": ["string", "null"], "enum": names })
}

fn known(version: Option<String>) -> Result<Option<String>, Error> {
    if let Some(name) = &version {
        Version::parse(name).map_err(|error| error.param("api_version"))?;
    }
    Ok(version)
}

fn make(desk: &mut Desk, call: &mut Call, sent: KeyWanted) -> Result<Json<MintedView>, Error> {
    let by = doer(desk, call)?;
    let roles: Result<Vec<Role>, Error> = sent.roles.iter().map(|name| role(name)).collect();
    let wish = Mint {
        label: sent.label,
        tenant: tenant(call, sent.merchant.as_deref())?,
        mode: sent.mode.mode(),
        roles: roles?,
        scopes: scopes(sent.scopes.as_deref())?,
        networks: networks(&sent.networks)?,
        expires_at: at(sent.expires_at.as_deref(), "expires_at")?,
        api_version: known(sent.api_version)?,
    };
    Ok(shown(desk.mint_key(&by, &wish)?))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct KeyChange {
    #[schemars(length(min = 1, max = 200))]
    label: Option<String>,
    #[schemars(length(max = 100))]
    networks: Option<Vec<String>>,
    scopes: Option<String>,
    #[schemars(schema_with = "instant")]
    expires_at: Option<String>,
    /// The version of Stripe's interface that answers requests which name none.
    #[schemars(schema_with = "version")]
    api_version: Option<String>,
}

fn change(desk: &mut Desk, call: &mut Call, sent: KeyChange) -> Result<Json<KeyView>, Error> {
    let by = doer(desk, call)?;
    let change = Restriction {
        label: sent.label,
        networks: sent.networks.as_deref().map(networks).transpose()?,
        scopes: scopes(sent.scopes.as_deref())?,
        expires_at: at(sent.expires_at.as_deref(), "expires_at")?,
        api_version: known(sent.api_version)?,
    };
    Ok(Json(desk.restrict_key(&by, call.named(0), &change)?))
}

/// How long the old key goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct KeyOverlap {
    /// For how long the old key goes on; 24 unless said.
    #[schemars(range(min = 0, max = 168))]
    overlap_hours: Option<i64>,
}

fn rotate(desk: &mut Desk, call: &mut Call, sent: KeyOverlap) -> Result<Json<MintedView>, Error> {
    let by = doer(desk, call)?;
    let hours = sent.overlap_hours.unwrap_or(24).clamp(0, OVERLAP_HOURS_MAX);
    let seconds = hours.saturating_mul(3_600);
    Ok(shown(desk.rotate_key(&by, call.named(0), seconds)?))
}

fn revoke(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<KeyView>, Error> {
    let by = doer(desk, call)?;
    Ok(Json(desk.revoke_key(&by, call.named(0))?))
}
