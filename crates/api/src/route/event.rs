//! Events, as they were published.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::object::event::{self, Published};
use crate::page::{self, From};
use crate::reply::Reply;
use crate::route::webhook_endpoint;
use access::policy::{Action, Resource};
use app::Desk;
use app::events::{EventQuery, Taken, Told};
use dispute::status::Stage;
use serde_json::Value;

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Events)?;
    Expand::read(call, false, Of::Whole)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let found = desk
        .published(&id)?
        .ok_or_else(|| Error::missing("event", &id, "id"))?;
    let rendered = rendered(desk, call, &[found])?;
    Ok(rendered.into_iter().next().expect("one for one").into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Events)?;
    Expand::read(call, true, Of::Whole)?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let mut kinds = call.params.texts("types")?;
    kinds.extend(call.params.word("type")?);
    let by_all = call.params.boolean("delivery_success")?;
    call.finish()?;
    let (merchant, live) = webhook_endpoint::owner(call);
    let (words, warnings) = event::meant(&kinds);
    let mut query = EventQuery {
        kinds: words.into_iter().map(str::to_owned).collect(),
        case: None,
        from: created.from,
        before: created.before,
        taken: by_all.map(|by_all| Taken {
            by_all,
            merchant,
            live,
        }),
        at_stage: match kinds.is_empty() {
            true => None,
            false => warnings.map(|warnings| (Stage::FraudReport, warnings)),
        },
        after_id: None,
        before_id: None,
        limit: paging.limit,
    };
    if !kinds.is_empty() && query.kinds.is_empty() {
        return Ok(page::envelope("/v1/events", Vec::new(), false).into());
    }
    match &paging.from {
        From::Start => {}
        From::After(id) => query.after_id = Some(known(desk, id, "starting_after")?),
        From::Before(id) => query.before_id = Some(known(desk, id, "ending_before")?),
    }
    let backwards = query.after_id.is_none() && query.before_id.is_some();
    loop {
        let (events, more) = desk.list_published(&query)?;
        let edge = match backwards {
            true => events.first(),
            false => events.last(),
        };
        let edge = edge.map(|told| told.event.id.clone());
        let mut objects = rendered(desk, call, &events)?;
        // What one word means is of two types, where disputes and warnings are wanted of different words.
        objects.retain(|object| {
            let own = object.get("type").and_then(Value::as_str);
            let own = own.unwrap_or_default();
            kinds.is_empty() || kinds.iter().any(|kind| event::is_meant(kind, own))
        });
        // Clients take an empty page for the end.
        if !objects.is_empty() || !more {
            return Ok(page::envelope("/v1/events", objects, more).into());
        }
        match backwards {
            true => query.before_id = edge,
            false => query.after_id = edge,
        }
    }
}

/// Each with how many of the asker's endpoints have not taken it yet, asked once for all.
fn rendered(desk: &mut Desk, call: &Call, events: &[Told]) -> Result<Vec<Value>, Error> {
    let ids: Vec<&str> = events.iter().map(|told| told.event.id.as_str()).collect();
    let (merchant, live) = webhook_endpoint::owner(call);
    let untaken = desk.untaken(&ids, (merchant.as_deref(), live))?;
    let object = |told: &Told| {
        let pending = untaken.get(&told.event.id).copied().unwrap_or(0);
        event::render(&Published::of(told, pending, call))
    };
    Ok(events.iter().map(object).collect())
}

fn known(desk: &mut Desk, id: &str, param: &str) -> Result<String, Error> {
    match desk.published(id)? {
        Some(_) => Ok(id.to_owned()),
        None => Err(Error::missing("event", id, param).status(400)),
    }
}
