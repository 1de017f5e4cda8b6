//! Accounts: the merchant whose key it is, or for the desk all of them.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::object::account::render;
use crate::page::{self, From};
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use serde_json::Value;

/// What the desk itself is called as an account.
const DESK: &str = "acct_docket";

fn all(desk: &mut Desk, call: &Call) -> Result<Vec<(String, Value)>, Error> {
    let own = call
        .entered
        .merchant
        .as_ref()
        .map(|merchant| merchant.to_string());
    let mut merchants = desk.merchants()?;
    merchants.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
    Ok(merchants
        .into_iter()
        .filter(|merchant| own.as_ref().is_none_or(|own| *own == merchant.id))
        .map(|merchant| {
            let created = Some(merchant.created_at.unix_seconds());
            let object = render(&merchant.id, &merchant.name, created);
            (merchant.id, object)
        })
        .collect())
}

fn one(desk: &mut Desk, call: &Call, id: &str) -> Result<Reply, Error> {
    if id == DESK && call.entered.merchant.is_none() {
        return Ok(render(DESK, "Docket", None).into());
    }
    let found = all(desk, call)?.into_iter().find(|(own, _)| own == id);
    let (_, object) = found.ok_or_else(|| Error::missing("account", id, "account"))?;
    Ok(object.into())
}

pub(crate) fn own(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Merchants)?;
    Expand::read(call, false, Of::Account)?;
    call.finish()?;
    let merchant = call.entered.merchant.as_ref();
    let id = merchant.map_or_else(|| DESK.to_owned(), |merchant| merchant.to_string());
    one(desk, call, &id)
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Merchants)?;
    Expand::read(call, false, Of::Account)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    one(desk, call, &id)
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Merchants)?;
    Expand::read(call, true, Of::Account)?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    call.finish()?;
    let mut all = all(desk, call)?;
    all.retain(|(_, object)| {
        let at = object.get("created").and_then(Value::as_i64);
        let at = at.unwrap_or_default();
        created.from.is_none_or(|from| at >= from.unix_seconds())
            && created
                .before
                .is_none_or(|before| at < before.unix_seconds())
    });
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let at = |id: &str, param: &str| {
        let found = all.iter().position(|(own, _)| own == id);
        found.ok_or_else(|| Error::missing("account", id, param).status(400))
    };
    let (from, until) = match &paging.from {
        From::Start => (0, all.len()),
        From::After(id) => (at(id, "starting_after")? + 1, all.len()),
        From::Before(id) => {
            let until = at(id, "ending_before")?;
            (until.saturating_sub(limit), until)
        }
    };
    let more = match &paging.from {
        From::Before(_) => from > 0,
        _ => until.saturating_sub(from) > limit,
    };
    let wanted = until.saturating_sub(from).min(limit);
    let data = all
        .into_iter()
        .skip(from)
        .take(wanted)
        .map(|(_, object)| object)
        .collect();
    Ok(page::envelope("/v1/accounts", data, more).into())
}
