//! Disputes: list and retrieve.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::ids;
use crate::object::dispute::render;
use crate::page;
use crate::reply::Reply;
use crate::route::file;
use crate::superset;
use access::policy::{Action, Resource};
use app::disputes::Dispute;
use app::{CaseQuery, Desk};
use dispute::status::Stage;
use serde_json::Value;

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, true, Of::Dispute)?;
    let paging = page::paging(&mut call.params)?;
    let mut query = page::query(page::disputed_stages(), page::created(&mut call.params)?);
    let charge = call.params.word("charge")?;
    let intent = call.params.word("payment_intent")?;
    let ours = superset::beside(&mut call.params)?;
    call.finish()?;
    if let Some(ours) = ours {
        match ours.query(desk)?.and_then(|ours| narrowed(query, ours)) {
            Some(both) => query = both,
            None => return Ok(page::lines("/v1/disputes", &[], false)),
        }
    }
    let payment = charge.as_deref().or(intent.as_deref()).map(ids::reference);
    query.reference = payment.or(query.reference);
    let place = page::place_of(desk, &paging, "dispute", found)?;
    let (version, now) = (call.version, call.now);
    // A reference may be another kind's, or two accounts' of one word; only what the id says is meant.
    let meant = |dispute: &Dispute| {
        let case = &dispute.case;
        charge.as_ref().is_none_or(|id| *id == ids::charge(case))
            && intent
                .as_ref()
                .is_none_or(|id| Some(id) == ids::intent(case).as_ref())
    };
    if expand.has("evidence") {
        let held = |dispute: &Dispute| -> Vec<(String, Value)> {
            let object = || version.dispute(render(dispute, &expand, now));
            let id = || ids::dispute(&dispute.case);
            meant(dispute)
                .then(|| (id(), object()))
                .into_iter()
                .collect()
        };
        let (mut data, more) = page::collect(desk, query, &paging, place, &held)?;
        for object in &mut data {
            files(desk, object, call, &expand)?;
        }
        return Ok(page::envelope("/v1/disputes", data, more).into());
    }
    let held = |dispute: &Dispute| -> Vec<(String, String)> {
        match meant(dispute) {
            true => {
                let object = version.dispute(render(dispute, &expand, now));
                vec![(ids::dispute(&dispute.case), page::line(&object))]
            }
            false => Vec::new(),
        }
    };
    let (data, more) = page::collect(desk, query, &paging, place, &held)?;
    Ok(page::lines("/v1/disputes", &data, more))
}

/// Our filters with Stripe's: what both let through. `None` when nothing can be.
fn narrowed(theirs: CaseQuery, ours: CaseQuery) -> Option<CaseQuery> {
    let mut stages = theirs.stages;
    stages.retain(|stage| ours.stages.is_empty() || ours.stages.contains(stage));
    (!stages.is_empty()).then(|| CaseQuery {
        stages,
        opened_from: theirs.opened_from.max(ours.opened_from),
        opened_before: match (theirs.opened_before, ours.opened_before) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        ..ours
    })
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Dispute)?;
    call.finish()?;
    let dispute = named(desk, call.named(0))?;
    shown(desk, &dispute, call, &expand)
}

pub(crate) fn of_charge(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Dispute)?;
    call.finish()?;
    let dispute = on_charge(desk, call.named(0))?;
    shown(desk, &dispute, call, &expand)
}

/// A dispute as this caller sees it.
pub(super) fn shown(
    desk: &mut Desk,
    dispute: &Dispute,
    call: &Call,
    expand: &Expand,
) -> Result<Reply, Error> {
    let mut object = call.version.dispute(render(dispute, expand, call.now));
    files(desk, &mut object, call, expand)?;
    Ok(object.into())
}

/// Shows the files of an answer whole. One that the asker does not see stays an id.
fn files(desk: &mut Desk, object: &mut Value, call: &Call, expand: &Expand) -> Result<(), Error> {
    let (Some(inner), Some(fields)) = (
        expand.under("evidence"),
        object.get_mut("evidence").and_then(Value::as_object_mut),
    ) else {
        return Ok(());
    };
    let mut wanted = fields.iter_mut().filter(|(name, _)| inner.has(name));
    wanted.try_for_each(|(_, field)| {
        let row = match field.as_str() {
            Some(id) => desk.file(id)?,
            None => None,
        };
        if let Some(row) = row {
            *field = file::whole(desk, call, &row)?;
        }
        Ok(())
    })
}

/// The dispute of this id, as far as the desk sees; a warning of fraud is none.
fn found(desk: &mut Desk, id: &str) -> Result<Option<Dispute>, Error> {
    let found = desk.dispute(id)?;
    Ok(found.filter(|dispute| {
        let stage = dispute.case.status.stage();
        !matches!(stage, Some(Stage::FraudReport | Stage::NoticeOfChange))
    }))
}

pub(super) fn named(desk: &mut Desk, id: &str) -> Result<Dispute, Error> {
    found(desk, id)?.ok_or_else(|| Error::missing("dispute", id, "dispute"))
}

/// The newest dispute of a charge.
pub(super) fn on_charge(desk: &mut Desk, charge: &str) -> Result<Dispute, Error> {
    let mut query = page::query(page::disputed_stages(), page::Created::default());
    query.reference = Some(ids::reference(charge));
    let (disputes, _) = desk.disputes(&query)?;
    let newest = disputes
        .into_iter()
        .find(|dispute| ids::charge(&dispute.case) == charge);
    newest.ok_or_else(|| Error::missing("charge", charge, "charge"))
}
