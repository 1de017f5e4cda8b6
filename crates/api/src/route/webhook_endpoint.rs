//! Webhook endpoints: made, listed, changed and deleted by whoever wants to be told.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::object::event::offered;
use crate::object::webhook_endpoint::render;
use crate::page::{self, From};
use crate::reply::Reply;
use crate::route::metadata;
use access::policy::{Action, Resource};
use app::Desk;
use app::deliveries::health_of;
use app::endpoints::{SettingError, Wanted};
use app::publish::Endpoint;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whose endpoints a request is about: those of the merchant that it is for, or of the desk.
pub(crate) fn owner(call: &Call) -> (Option<String>, bool) {
    let merchant = call.entered.merchant.as_ref();
    (merchant.map(ToString::to_string), call.livemode())
}

/// The endpoint of this id, if it is the asker's.
pub(crate) fn named(desk: &mut Desk, call: &Call, id: &str) -> Result<Endpoint, Error> {
    let (merchant, live) = owner(call);
    match desk.endpoint_of((merchant.as_deref(), live), id) {
        Err(app::Error::NoSuchEndpoint { .. }) => {
            Err(Error::missing("webhook endpoint", id, "webhook_endpoint"))
        }
        other => Ok(other?),
    }
}

fn shown(desk: &mut Desk, call: &Call, endpoint: &Endpoint) -> Result<Value, Error> {
    let keys = desk.hook_public_keys(call.now)?;
    Ok(render(endpoint, &health_of(endpoint)?, &keys))
}

fn required(name: &str) -> Error {
    Error::invalid(format!("Missing required param: {name}."))
        .code("parameter_missing")
        .param(name)
}

/// The first of the mistakes, as Stripe names one.
fn refused(wrong: &[SettingError]) -> Error {
    let Some(first) = wrong.first() else {
        return Error::of_ours();
    };
    let error = Error::invalid(match first.field {
        "url" => format!("Invalid URL: {}.", first.why),
        field => format!("Invalid {field}: {}.", first.why),
    });
    match first.field {
        "url" => error.code("url_invalid").param("url"),
        field => error.param(field),
    }
}

/// What a request says of an endpoint, over what is there.
struct Said {
    url: String,
    description: String,
    events: Vec<String>,
    metadata: String,
    api_version: String,
}

impl Said {
    fn wanted<'a>(&'a self, events: &'a [&'a str]) -> Wanted<'a> {
        Wanted {
            url: &self.url,
            description: &self.description,
            events,
            api_version: &self.api_version,
            metadata: &self.metadata,
        }
    }

    fn of(endpoint: &Endpoint) -> Said {
        Said {
            url: endpoint.url.clone(),
            description: endpoint.description.clone(),
            events: endpoint.events.clone(),
            metadata: endpoint.metadata.clone(),
            api_version: endpoint.api_version.clone(),
        }
    }

    /// Reads what a creation and an update have in common.
    fn read(&mut self, call: &mut Call) -> Result<(), Error> {
        if let Some(url) = call.params.word("url")? {
            self.url = url;
        }
        if let Some(description) = call.params.text("description")? {
            self.description = description;
        }
        let events = call.params.texts("enabled_events")?;
        if !events.is_empty() {
            self.events = events;
        }
        let there: BTreeMap<String, String> =
            serde_json::from_str(&self.metadata).unwrap_or_default();
        if let Some(words) = metadata::change(&mut call.params, &there)? {
            self.metadata = json!(words).to_string();
        }
        Ok(())
    }
}

pub(crate) fn create(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Manage, Resource::Endpoints)?;
    Expand::read(call, false, Of::Whole)?;
    let mut said = Said {
        url: String::new(),
        description: String::new(),
        events: Vec::new(),
        metadata: String::from("{}"),
        // Events keep the shape that the endpoint's maker speaks, whatever their keys are pinned to later.
        api_version: call.version.name().to_owned(),
    };
    said.read(call)?;
    if let Some(version) = call.params.word("api_version")? {
        said.api_version = version;
    }
    // Events of connected accounts: here every merchant is one, and the desk's own endpoints hear of all.
    call.params.boolean("connect")?;
    call.finish()?;
    if said.url.is_empty() {
        return Err(required("url"));
    }
    if said.events.is_empty() {
        return Err(required("enabled_events"));
    }
    let events: Vec<&str> = said.events.iter().map(String::as_str).collect();
    let wanted = said.wanted(&events);
    let (merchant, live) = owner(call);
    let owner = (merchant.as_deref(), live);
    let who = (call.entered.actor().name, call.now);
    let who = (who.0.as_str(), who.1);
    let made = match &call.once {
        // A request that is sent again after a crash finds what it made.
        Some(once) => {
            let named = format!("{}\n{}", once.tenant, once.key);
            desk.create_endpoint_as(&named, owner, &wanted, &offered(), who)?
        }
        None => desk.create_endpoint(owner, &wanted, &offered(), who.0, who.1)?,
    };
    let (endpoint, secret) = made.map_err(|wrong| refused(&wrong))?;
    let mut value = shown(desk, call, &endpoint)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("secret".to_owned(), json!(secret.expose()));
    }
    Ok(value.into())
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Endpoints)?;
    Expand::read(call, false, Of::Whole)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let endpoint = named(desk, call, &id)?;
    Ok(shown(desk, call, &endpoint)?.into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Endpoints)?;
    Expand::read(call, true, Of::Whole)?;
    let paging = page::paging(&mut call.params)?;
    call.finish()?;
    let (merchant, live) = owner(call);
    // A merchant has few: all of them are read for any page.
    let all = desk.endpoints_seen(merchant.as_deref(), live)?;
    let place = |id: &str, param: &str| {
        let found = all.iter().position(|endpoint| endpoint.id == id);
        found.ok_or_else(|| Error::missing("webhook endpoint", id, param).status(400))
    };
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let (from, until) = match &paging.from {
        From::Start => (0, limit),
        From::After(id) => {
            let from = place(id, "starting_after")? + 1;
            (from, from.saturating_add(limit))
        }
        From::Before(id) => {
            let until = place(id, "ending_before")?;
            (until.saturating_sub(limit), until)
        }
    };
    let more = match &paging.from {
        From::Before(_) => from > 0,
        From::Start | From::After(_) => until < all.len(),
    };
    let page = all.iter().take(until).skip(from);
    let data: Result<Vec<Value>, Error> =
        page.map(|endpoint| shown(desk, call, endpoint)).collect();
    Ok(page::envelope("/v1/webhook_endpoints", data?, more).into())
}

pub(crate) fn update(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Manage, Resource::Endpoints)?;
    Expand::read(call, false, Of::Whole)?;
    let id = call.named(0).to_owned();
    let endpoint = named(desk, call, &id)?;
    let mut said = Said::of(&endpoint);
    said.read(call)?;
    let disabled = call.params.boolean("disabled")?;
    call.finish()?;
    let events: Vec<&str> = said.events.iter().map(String::as_str).collect();
    let who = call.entered.actor().name;
    let changed = desk.change_endpoint(&id, &said.wanted(&events), &offered(), &who, call.now)?;
    changed.map_err(|wrong| refused(&wrong))?;
    if let Some(disabled) = disabled {
        desk.switch_endpoint(&id, !disabled, &who, call.now)?;
    }
    let endpoint = named(desk, call, &id)?;
    Ok(shown(desk, call, &endpoint)?.into())
}

pub(crate) fn delete(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Manage, Resource::Endpoints)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    named(desk, call, &id)?;
    desk.delete_endpoint(&id, &call.entered.actor().name, call.now)?;
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }).into())
}
