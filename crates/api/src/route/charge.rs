//! Charges and payment intents, as far as disputes and warnings tell of them.

use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::ids;
use crate::object::charge;
use crate::page::{self, Created};
use crate::reply::Reply;
use access::policy::{Action, Resource};
use app::Desk;
use app::disputes::Dispute;
use dispute::case::Case;

/// The newest case of this payment, of whatever stage.
fn on(desk: &mut Desk, id: &str, same: fn(&Case, &str) -> bool) -> Result<Option<Dispute>, Error> {
    let mut query = page::query(Vec::new(), Created::default());
    query.reference = Some(ids::reference(id));
    let (disputes, _) = desk.disputes(&query)?;
    Ok(disputes.into_iter().find(|dispute| same(&dispute.case, id)))
}

fn is_charge(case: &Case, id: &str) -> bool {
    ids::charge(case) == id
}

fn is_intent(case: &Case, id: &str) -> bool {
    ids::intent(case).as_deref() == Some(id)
}

pub(crate) fn retrieve(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Charge)?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let dispute = on(desk, &id, is_charge)?.ok_or_else(|| Error::missing("charge", &id, "id"))?;
    Ok(charge::render(&dispute, &expand).into())
}

pub(crate) fn intent(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Intent)?;
    // Sent by clients in browsers; ours hold a key.
    call.params.text("client_secret")?;
    call.finish()?;
    let id = call.named(0).to_owned();
    let dispute = on(desk, &id, is_intent)?;
    let object = dispute.and_then(|dispute| charge::intent(&dispute, &expand));
    let object = object.ok_or_else(|| Error::missing("payment_intent", &id, "intent"))?;
    Ok(object.into())
}

pub(crate) fn list(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let expand = Expand::read(call, true, Of::Charge)?;
    let none = of_nobody(call)?;
    let intent = call.params.word("payment_intent")?;
    let held = |dispute: &Dispute| {
        let meant = intent
            .as_ref()
            .is_none_or(|id| is_intent(&dispute.case, id));
        let id = ids::charge(&dispute.case);
        // One payment has one line, at its newest case.
        let newest = newest(dispute, |case| ids::charge(case) == id);
        (meant && newest)
            .then(|| (id, charge::render(dispute, &expand)))
            .into_iter()
            .collect()
    };
    listed(desk, call, &CHARGES, (intent.clone(), none), &held)
}

pub(crate) fn intents(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let expand = Expand::read(call, true, Of::Intent)?;
    let none = of_nobody(call)?;
    let held = |dispute: &Dispute| {
        let Some((id, object)) = ids::intent(&dispute.case).zip(charge::intent(dispute, &expand))
        else {
            return Vec::new();
        };
        match newest(dispute, |case| ids::intent(case).as_ref() == Some(&id)) {
            true => vec![(id, object)],
            false => Vec::new(),
        }
    };
    listed(desk, call, &INTENTS, (None, none), &held)
}

/// Whether only payments of some customer, transfer or group are wanted: no document tells of any, so that there are none.
fn of_nobody(call: &mut Call) -> Result<bool, Error> {
    let mut asked = false;
    for name in ["customer", "customer_account", "transfer_group"] {
        asked |= call.params.word(name)?.is_some();
    }
    Ok(asked)
}

/// One of the two lists.
struct Kind {
    url: &'static str,
    what: &'static str,
    same: fn(&Case, &str) -> bool,
}

const CHARGES: Kind = Kind {
    url: "/v1/charges",
    what: "charge",
    same: is_charge,
};

const INTENTS: Kind = Kind {
    url: "/v1/payment_intents",
    what: "payment_intent",
    same: is_intent,
};

fn newest(dispute: &Dispute, same: impl Fn(&Case) -> bool) -> bool {
    let own = (dispute.case.opened_at, &dispute.case.id);
    let mut others = dispute.linked.iter().filter(|case| same(case));
    others.all(|case| (case.opened_at, &case.id) < own)
}

fn listed(
    desk: &mut Desk,
    call: &mut Call,
    kind: &Kind,
    (reference, none): (Option<String>, bool),
    held: &page::Held<'_>,
) -> Result<Reply, Error> {
    call.may(Action::Read, Resource::Disputes)?;
    let paging = page::paging(&mut call.params)?;
    let mut query = page::query(Vec::new(), page::created(&mut call.params)?);
    call.finish()?;
    if none {
        return Ok(page::envelope(kind.url, Vec::new(), false).into());
    }
    query.reference = reference.as_deref().map(ids::reference);
    let place = page::place_of(desk, &paging, kind.what, |desk, id| on(desk, id, kind.same))?;
    let (data, more) = page::collect(desk, query, &paging, place, held)?;
    Ok(page::envelope(kind.url, data, more).into())
}
