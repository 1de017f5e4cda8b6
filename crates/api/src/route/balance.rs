//! Balance transactions: what moved for disputes.

use crate::Error;
use crate::call::Call;
use crate::ids;
use crate::object::balance;
use crate::page::{self, Expand};
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use app::disputes::Dispute;
use serde_json::Value;

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Ledger)?;
    Expand::read(call, false, &[])?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let missing = || Error::missing("balance transaction", &id, "id");
    let case = ids::case_of_movement(&id).ok_or_else(missing)?;
    let dispute = desk.dispute(case.as_str())?.ok_or_else(missing)?;
    let found = balance::all(&dispute)
        .into_iter()
        .find(|(own, _)| *own == id);
    let (_, object) = found.ok_or_else(missing)?;
    Ok(object.into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Ledger)?;
    Expand::read(call, true, &[])?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let source = call.params.word("source")?;
    let kind = call.params.word("type")?;
    let currency = call.params.word("currency")?;
    if let Some(payout) = call.params.word("payout")? {
        return Err(Error::missing("payout", &payout, "payout").status(400));
    }
    call.finish()?;
    let meant = |object: &Value| {
        let is = |field: &str, wanted: &Option<String>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| object.get(field).and_then(Value::as_str) == Some(wanted))
        };
        let at = object
            .get("created")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        is("type", &kind)
            && is("currency", &currency)
            && created.from.is_none_or(|from| at >= from.unix_seconds())
            && created
                .before
                .is_none_or(|before| at < before.unix_seconds())
    };
    let held = |dispute: &Dispute| -> Vec<(String, Value)> {
        let objects = balance::all(dispute).into_iter();
        objects.filter(|(_, object)| meant(object)).collect()
    };
    if let Some(source) = &source {
        return of_source(desk, &paging, source, &held);
    }
    let place = page::place_of(desk, &paging, "balance transaction", holder)?;
    // The movements of a case may be younger than the case itself, so its own time does not narrow.
    let query = page::query(Vec::new(), page::Created::default());
    let (data, more) = page::collect(desk, query, &paging, place, &held)?;
    Ok(page::envelope("/v1/balance_transactions", data, more).into())
}

fn holder(desk: &mut Desk, id: &str) -> Result<Option<Dispute>, Error> {
    let Some(case) = ids::case_of_movement(id) else {
        return Ok(None);
    };
    Ok(desk.dispute(case.as_str())?)
}

/// Those of one dispute.
fn of_source(
    desk: &mut Desk,
    paging: &page::Paging,
    source: &str,
    held: &page::Held<'_>,
) -> Result<Reply, Error> {
    let items = desk
        .dispute(source)?
        .map(|dispute| held(&dispute))
        .unwrap_or_default();
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let at = |id: &String| items.iter().position(|(own, _)| own == id);
    let missing =
        |id: &String, param: &str| Error::missing("balance transaction", id, param).status(400);
    let (from, until) = match &paging.from {
        page::From::Start => (0, items.len()),
        page::From::After(id) => (
            at(id).ok_or_else(|| missing(id, "starting_after"))? + 1,
            items.len(),
        ),
        page::From::Before(id) => {
            let until = at(id).ok_or_else(|| missing(id, "ending_before"))?;
            (until.saturating_sub(limit), until)
        }
    };
    let more = match &paging.from {
        page::From::Before(_) => from > 0,
        _ => until.saturating_sub(from) > limit,
    };
    let wanted = until.saturating_sub(from).min(limit);
    let data = items
        .into_iter()
        .skip(from)
        .take(wanted)
        .map(|(_, object)| object)
        .collect();
    Ok(page::envelope("/v1/balance_transactions", data, more).into())
}
