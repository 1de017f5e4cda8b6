//! Webhook endpoints beyond Stripe's words: how one is, what was sent to it and what waits, every attempt, and sending again.

use super::operation::{Json, Nothing, Operation};
use super::words::{Page, at, instant};
use crate::Error;
use crate::call::Call;
use crate::object::event::Events;
use crate::route::webhook_endpoint::{named, owner};
use access::policy::{Action, Resource};
use app::Desk;
use app::deliveries::{Again, AttemptView, DeliveryQuery, DeliveryView};
use app::endpoints::EndpointView;
use app::publish::Endpoint;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const READ: (Action, Resource) = (Action::Read, Resource::Endpoints);
const REPLAY: (Action, Resource) = (Action::Replay, Resource::Endpoints);
const MANAGE: (Action, Resource) = (Action::Manage, Resource::Endpoints);

const LIMIT: u32 = 50;
const HOUR_SECONDS: i64 = 3_600;

pub(super) fn operations() -> Vec<Operation> {
    let mut all = reads();
    all.extend(changes());
    all
}

fn reads() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/webhook_endpoints",
            "listEndpoints",
            "The endpoints of the key's merchant, newest first; a key of the desk sees all. They are made by `POST /v1/webhook_endpoints`.",
            READ,
            list,
        ),
        Operation::read(
            "/docket/v1/webhook_endpoints/{endpoint}",
            "showEndpoint",
            "One endpoint, and how it is: failing since when, tried next when.",
            READ,
            |desk, call, _: Nothing| {
                let endpoint = this(desk, call)?;
                view(desk, call, &endpoint)
            },
        ),
        Operation::read(
            "/docket/v1/webhook_endpoints/{endpoint}/deliveries",
            "listDeliveries",
            "What was sent to an endpoint and what waits for it, latest due first. Pages go both ways.",
            READ,
            deliveries,
        ),
        Operation::read(
            "/docket/v1/webhook_endpoints/{endpoint}/attempts",
            "listAttempts",
            "Every attempt to reach an endpoint, newest first, with the first words of what it answered.",
            READ,
            attempts,
        ),
    ]
}

fn changes() -> Vec<Operation> {
    vec![
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/replay",
            "replayDeliveries",
            "Sends again what was delivered or parked, of a range of events by sequence number or by time.",
            REPLAY,
            replay,
        ),
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/resend",
            "resendEvent",
            "Sends one event, also one that the endpoint never had. What is on its way already is left as it is.",
            REPLAY,
            resend,
        ),
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/ping",
            "pingEndpoint",
            "Sends a test event, `docket.ping`, which goes the way of every event.",
            REPLAY,
            ping,
        ),
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/roll_secret",
            "rollSecret",
            "Gives an endpoint another secret, shown this once; the old one signs beside it for the overlap.",
            MANAGE,
            roll,
        ),
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/enable",
            "enableEndpoint",
            "Sends to an endpoint again; what was held goes out oldest first.",
            MANAGE,
            |desk, call, _: Nothing| switch(desk, call, true),
        ),
        Operation::change(
            "/docket/v1/webhook_endpoints/{endpoint}/disable",
            "disableEndpoint",
            "Sends nothing to an endpoint; what happens meanwhile is held for 90 days.",
            MANAGE,
            |desk, call, _: Nothing| switch(desk, call, false),
        ),
    ]
}

fn this(desk: &mut Desk, call: &Call) -> Result<Endpoint, Error> {
    named(desk, call, call.named(0))
}

fn view(desk: &mut Desk, call: &Call, endpoint: &Endpoint) -> Result<Json<EndpointView>, Error> {
    Ok(Json(desk.endpoint_view(endpoint, call.now)?))
}

fn list(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Page<EndpointView>>, Error> {
    let (merchant, live) = owner(call);
    let found = desk.endpoints_seen(merchant.as_deref(), live)?;
    let views: Result<Vec<EndpointView>, app::Error> = found
        .iter()
        .map(|endpoint| desk.endpoint_view(endpoint, call.now))
        .collect();
    Ok(Json(Page {
        data: views?,
        has_more: false,
    }))
}

fn states(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "enum": ["due", "held", "delivered", "parked", "cancelled", null],
    })
}

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Which {
    /// Only those that stand so.
    #[schemars(schema_with = "states")]
    state: Option<String>,
    /// The page after the delivery of this event.
    after: Option<String>,
    /// The page before the delivery of this event.
    before: Option<String>,
    /// How many; 50 unless said.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
}

fn deliveries(
    desk: &mut Desk,
    call: &mut Call,
    which: Which,
) -> Result<Json<Page<DeliveryView>>, Error> {
    let endpoint = this(desk, call)?;
    desk.look_at_all()?;
    if which.after.is_some() && which.before.is_some() {
        return Err(Error::invalid("Give `after` or `before`, not both.").param("before"));
    }
    let beside = which.after.clone().or(which.before.clone());
    let query = DeliveryQuery {
        endpoint: endpoint.id,
        state: which.state,
        after: which.after,
        before: which.before,
        limit: which.limit.unwrap_or(LIMIT),
    };
    match desk.deliveries(&query, &Events)? {
        Some((data, has_more)) => Ok(Json(Page { data, has_more })),
        None => {
            let event = beside.unwrap_or_default();
            Err(Error::missing("delivery of event", &event, "after").status(400))
        }
    }
}

/// Which attempts to list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Tried {
    /// Only of this event.
    event: Option<String>,
    /// How many; 50 unless said.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
}

fn attempts(
    desk: &mut Desk,
    call: &mut Call,
    tried: Tried,
) -> Result<Json<Page<AttemptView>>, Error> {
    let endpoint = this(desk, call)?;
    desk.look_at_all()?;
    let limit = tried.limit.unwrap_or(LIMIT);
    let event = tried.event.as_deref();
    let mut data = desk.attempts(&endpoint.id, event, limit.saturating_add(1))?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = data.len() > most;
    data.truncate(most);
    Ok(Json(Page { data, has_more }))
}

/// A range of events: by number, both ends included, or by time, from one instant to before the other.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Range {
    /// The first sequence number.
    from: Option<u64>,
    /// The last one.
    until: Option<u64>,
    /// What happened from this instant on.
    #[schemars(schema_with = "instant")]
    since: Option<String>,
    /// And before this one; now when left out.
    #[schemars(schema_with = "instant")]
    before: Option<String>,
}

/// How many are sent again.
#[derive(Debug, JsonSchema, Serialize)]
struct Replayed {
    replayed: u64,
}

fn replay(desk: &mut Desk, call: &mut Call, range: Range) -> Result<Json<Replayed>, Error> {
    let endpoint = this(desk, call)?;
    let since = at(range.since.as_deref(), "since")?;
    let before = at(range.before.as_deref(), "before")?;
    let again = match (range.from, range.until, since) {
        (Some(from), Some(until), None) if before.is_none() => Again::Numbers(from, until),
        (None, None, Some(since)) => Again::Times(since, before.unwrap_or(call.now)),
        _ => {
            return Err(Error::invalid(
                "A range is `from` and `until`, or `since` and perhaps `before`.",
            )
            .param("from"));
        }
    };
    let who = call.entered.actor().name;
    let replayed = desk.replay_events(&endpoint.id, &again, &who, call.now)?;
    Ok(Json(Replayed { replayed }))
}

/// One event.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    event: String,
}

fn resend(desk: &mut Desk, call: &mut Call, one: One) -> Result<Json<DeliveryView>, Error> {
    let endpoint = this(desk, call)?;
    desk.look_at_all()?;
    let who = call.entered.actor().name;
    let sent = desk.resend_event(&endpoint.id, &one.event, &who, call.now, &Events)?;
    let missing = || Error::missing("event", &one.event, "event").status(400);
    sent.map(Json).ok_or_else(missing)
}

fn ping(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<DeliveryView>, Error> {
    let endpoint = this(desk, call)?;
    desk.look_at_all()?;
    Ok(Json(desk.ping_endpoint(&endpoint.id, call.now, &Events)?))
}

/// How long the old secret goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct SecretOverlap {
    /// For how many hours the old secret signs beside the new one; 24 unless said, 0 ends every older one at once.
    #[schemars(range(min = 0, max = 168))]
    overlap_hours: Option<u32>,
}

/// An endpoint, and its new secret.
#[derive(Debug, JsonSchema, Serialize)]
struct Rolled {
    endpoint: EndpointView,
    /// `whsec_...`, shown this once.
    secret: String,
}

fn roll(desk: &mut Desk, call: &mut Call, overlap: SecretOverlap) -> Result<Json<Rolled>, Error> {
    let endpoint = this(desk, call)?;
    let hours = i64::from(overlap.overlap_hours.unwrap_or(24));
    let until = call.now.plus_seconds(hours * HOUR_SECONDS);
    let who = call.entered.actor().name;
    let rolled = desk.roll_secret(&endpoint.id, until, &who, call.now)?;
    let (endpoint, secret) = rolled.map_err(|refusal| {
        Error::invalid(format!("Invalid overlap_hours: {refusal}."))
            .status(409)
            .param("overlap_hours")
    })?;
    Ok(Json(Rolled {
        endpoint: desk.endpoint_view(&endpoint, call.now)?,
        secret: secret.expose().to_owned(),
    }))
}

fn switch(desk: &mut Desk, call: &mut Call, enabled: bool) -> Result<Json<EndpointView>, Error> {
    let endpoint = this(desk, call)?;
    let who = call.entered.actor().name;
    desk.switch_endpoint(&endpoint.id, enabled, &who, call.now)?;
    let endpoint = this(desk, call)?;
    view(desk, call, &endpoint)
}
