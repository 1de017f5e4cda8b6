//! Balance transactions: what moved for disputes.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::ids;
use crate::object::{balance, dispute};
use crate::page::{self, From, Paging};
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use app::disputes::Dispute;
use app::movements::{Beside, MovedAt, MovementQuery};
use money::Currency;
use serde_json::Value;

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Ledger)?;
    let expand = Expand::read(call, false, Of::Movement)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let missing = || Error::missing("balance transaction", &id, "id");
    let case = ids::case_of_movement(&id).ok_or_else(missing)?;
    let dispute = desk.dispute(case.as_str())?.ok_or_else(missing)?;
    let found = balance::all(&dispute)
        .into_iter()
        .find(|(own, _)| *own == id);
    let (_, mut object) = found.ok_or_else(missing)?;
    expanded(&mut object, &dispute, &expand, call);
    Ok(object.into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Ledger)?;
    let expand = Expand::read(call, true, Of::Movement)?;
    let paging = page::paging(&mut call.params)?;
    let created = page::created(&mut call.params)?;
    let source = call.params.word("source")?;
    let wanted = Wanted {
        kind: call.params.word("type")?,
        currency: call.params.word("currency")?,
    };
    if let Some(payout) = call.params.word("payout")? {
        return Err(Error::missing("payout", &payout, "payout").status(400));
    }
    call.finish()?;
    if let Some(source) = &source {
        let meant = |object: &Value| {
            let at = object.get("created").and_then(Value::as_i64);
            let at = at.unwrap_or_default();
            let from = created.from.is_none_or(|from| at >= from.unix_seconds());
            let before = created.before;
            let until = before.is_none_or(|before| at < before.unix_seconds());
            wanted.meant(object) && from && until
        };
        let held = |dispute: &Dispute| -> Vec<(String, Value)> {
            let objects = balance::all(dispute).into_iter();
            let mut objects: Vec<(String, Value)> =
                objects.filter(|(_, object)| meant(object)).collect();
            for (_, object) in &mut objects {
                expanded(object, dispute, &expand, call);
            }
            objects
        };
        return of_source(desk, &paging, source, &held);
    }
    let currency = match &wanted.currency {
        None => None,
        // What is no currency moved nothing.
        Some(code) => match Currency::find(&code.to_ascii_uppercase()) {
            Some(currency) if *code == code.to_ascii_lowercase() => Some(currency),
            _ => return Ok(page::envelope(URL, Vec::new(), false).into()),
        },
    };
    let query = MovementQuery {
        from: created.from,
        before: created.before,
        currency,
        beside: None,
        limit: 0,
    };
    let (data, more) = by_time(desk, call, query, &paging, &wanted, &expand)?;
    Ok(page::envelope(URL, data, more).into())
}

const URL: &str = "/v1/balance_transactions";
/// How many movements are read at a time, and how often, for one page: a list of rare things is refused rather than reading
/// every movement of a large desk for one request.
const READ_AT_ONCE: u32 = 200;
const READINGS_MAX: u32 = 25;

/// What the list is narrowed by beside the time.
struct Wanted {
    kind: Option<String>,
    currency: Option<String>,
}

impl Wanted {
    fn meant(&self, object: &Value) -> bool {
        let is = |field: &str, wanted: &Option<String>| {
            let wanted = wanted.as_ref();
            wanted.is_none_or(|wanted| object.get(field).and_then(Value::as_str) == Some(wanted))
        };
        is("type", &self.kind) && is("currency", &self.currency)
    }
}

/// A page of what moved on every case that the asker sees, the last first.
fn by_time(
    desk: &mut Desk,
    call: &Call,
    mut query: MovementQuery,
    paging: &Paging,
    wanted: &Wanted,
    expand: &Expand,
) -> Result<(Vec<Value>, bool), Error> {
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    query.beside = beside(desk, paging)?;
    query.limit = paging.limit.saturating_add(1);
    let sight = call.sight();
    let mut found: Vec<Value> = Vec::new();
    let mut more = true;
    for _reading in 0..READINGS_MAX {
        let moved = desk.movements(&query, &sight)?;
        let disputes = desk.disputes_of(&moved)?;
        let objects = moved.iter().filter_map(|moved| {
            let dispute = disputes.get(&moved.case)?;
            let (_, mut object) = balance::one(dispute, &moved.key)?;
            wanted.meant(&object).then(|| {
                expanded(&mut object, dispute, expand, call);
                object
            })
        });
        found.extend(objects);
        let read = u32::try_from(moved.len()).unwrap_or(u32::MAX);
        more = read == query.limit;
        let Some(last) = moved.last().filter(|_| more && found.len() <= limit) else {
            break;
        };
        query.beside = Some(match paging.from {
            From::Before(_) => Beside::Before(last.at),
            From::Start | From::After(_) => Beside::After(last.at),
        });
        query.limit = READ_AT_ONCE;
    }
    if more && found.is_empty() {
        return Err(Error::invalid(format!(
            "Of the {} movements nearest to where this page begins none is meant: narrow the list by `created`.",
            READ_AT_ONCE.saturating_mul(READINGS_MAX)
        ))
        .param("created"));
    }
    more |= found.len() > limit;
    found.truncate(limit);
    if matches!(paging.from, From::Before(_)) {
        found.reverse();
    }
    Ok((found, more))
}

/// Where the object of the cursor stands.
fn beside(desk: &mut Desk, paging: &Paging) -> Result<Option<Beside>, Error> {
    let (id, param, on): (&str, &str, fn(MovedAt) -> Beside) = match &paging.from {
        From::Start => return Ok(None),
        From::After(id) => (id, "starting_after", Beside::After),
        From::Before(id) => (id, "ending_before", Beside::Before),
    };
    let missing = || Error::missing("balance transaction", id, param).status(400);
    let dispute = holder(desk, id)?.ok_or_else(missing)?;
    let booked = dispute.case.movements.values();
    let mut booked = booked.filter(|booked| ids::is_movement(&dispute.case, booked, id));
    let key = &booked.next().ok_or_else(missing)?.movement.key;
    let place = desk.movement_place(&dispute.case.id, key)?;
    place.map(|at| Some(on(at))).ok_or_else(missing)
}

fn expanded(object: &mut Value, dispute: &Dispute, expand: &Expand, call: &Call) {
    if let (Some(inner), Some(fields)) = (expand.under("source"), object.as_object_mut()) {
        let whole = dispute::render(dispute, &inner, call.now);
        fields.insert("source".to_owned(), call.version.dispute(whole));
    }
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
    paging: &Paging,
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
        From::Start => (0, items.len()),
        From::After(id) => (
            at(id).ok_or_else(|| missing(id, "starting_after"))? + 1,
            items.len(),
        ),
        From::Before(id) => {
            let until = at(id).ok_or_else(|| missing(id, "ending_before"))?;
            (until.saturating_sub(limit), until)
        }
    };
    let more = match &paging.from {
        From::Before(_) => from > 0,
        _ => until.saturating_sub(from) > limit,
    };
    let wanted = until.saturating_sub(from).min(limit);
    let data = items
        .into_iter()
        .skip(from)
        .take(wanted)
        .map(|(_, object)| object)
        .collect();
    Ok(page::envelope(URL, data, more).into())
}
