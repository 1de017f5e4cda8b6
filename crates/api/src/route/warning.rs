//! Early fraud warnings.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::ids;
use crate::object::warning::render;
use crate::page;
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use app::disputes::Dispute;
use dispute::status::Stage;
use serde_json::Value;

fn stages() -> Vec<String> {
    vec![Stage::FraudReport.name().to_owned()]
}

fn found(desk: &mut Desk, id: &str) -> Result<Option<Dispute>, Error> {
    let dispute = desk.dispute(&ids::warning_name(id))?;
    Ok(dispute.filter(|dispute| dispute.case.status.stage() == Some(Stage::FraudReport)))
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Warning)?;
    call.finish()?;
    let id = call.named(0);
    let dispute =
        found(desk, id)?.ok_or_else(|| Error::missing("early fraud warning", id, "id"))?;
    Ok(render(&dispute, &expand).into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, true, Of::Warning)?;
    let paging = page::paging(&mut call.params)?;
    let mut query = page::query(stages(), page::created(&mut call.params)?);
    let charge = call.params.word("charge")?;
    let intent = call.params.word("payment_intent")?;
    let actionable = call.params.boolean("actionable")?;
    call.finish()?;
    query.reference = charge.as_deref().or(intent.as_deref()).map(ids::reference);
    let place = page::place_of(desk, &paging, "early fraud warning", found)?;
    let held = |dispute: &Dispute| -> Vec<(String, Value)> {
        let object = render(dispute, &expand);
        let is =
            |field: &str, wanted: bool| object.get(field).and_then(Value::as_bool) == Some(wanted);
        let meant = charge
            .as_ref()
            .is_none_or(|id| *id == ids::charge(&dispute.case))
            && intent
                .as_ref()
                .is_none_or(|id| Some(id) == ids::intent(&dispute.case).as_ref())
            && actionable.is_none_or(|wanted| is("actionable", wanted));
        meant
            .then(|| (ids::warning(&dispute.case), object))
            .into_iter()
            .collect()
    };
    let (data, more) = page::collect(desk, query, &paging, place, &held)?;
    Ok(page::envelope("/v1/radar/early_fraud_warnings", data, more).into())
}
