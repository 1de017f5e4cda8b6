//! One effect per idempotency key: the same bytes again for the same request, a refusal for another request under the same
//! key, and 409 for one that is still under way.

use crate::Error;
use crate::call::{Call, Work, bytes};
use crate::reply::Reply;
use crate::state::State;
use access::Denied;
use access::policy::{Action, Resource};
use app::{Desk, Once};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What tells one request from another.
pub(crate) struct Asked {
    pub key: Option<String>,
    pub method: String,
    pub path: String,
    pub digest: String,
}

type UnderWay = Arc<Mutex<BTreeSet<(String, String)>>>;

/// A key at work in this process; free again when dropped.
struct Busy {
    under_way: UnderWay,
    key: (String, String),
}

impl Busy {
    fn take(under_way: &UnderWay, key: (String, String)) -> Result<Busy, Error> {
        let mut keys = under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.insert(key.clone()) {
            return Err(in_use());
        }
        Ok(Busy {
            under_way: Arc::clone(under_way),
            key,
        })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut keys = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.key);
    }
}

fn in_use() -> Error {
    Error {
        again: Some(true),
        ..Error::invalid(
            "There is currently another in-progress request using this idempotency key.",
        )
        .status(409)
        .kind("idempotency_error")
        .code("idempotency_key_in_use")
    }
}

/// Does what changes something.
pub(crate) async fn answer(
    state: &State,
    mut call: Call,
    asked: Asked,
    work: Work,
) -> Result<Reply, Error> {
    let Some(key) = asked.key else {
        let sight = call.sight();
        return state.read(sight, move |desk| work(desk, &mut call)).await;
    };
    let tenant = call.entered.tenant();
    let busy = Busy::take(&state.under_way, (tenant.clone(), key.clone()))?;
    let rights = rights(&call);
    let parts = [
        asked.method.as_bytes(),
        asked.path.as_bytes(),
        tenant.as_bytes(),
        asked.digest.as_bytes(),
        rights.as_bytes(),
    ];
    let whole: Vec<u8> = parts.join(&b'\n');
    call.once = Some(Once {
        tenant,
        key,
        fingerprint: dispute::id::sha256_hex(&whole),
        at: call.now,
        about: asked.path,
        answer: None,
    });
    let sight = call.sight();
    state
        .read(sight, move |desk| {
            let _busy = busy;
            kept(desk, &mut call, &work)
        })
        .await
}

/// What the asker may, a character for each right. What is given back was shown to somebody with the same rights: a key for
/// reading must not hear what a key for answering was told, only because it says the same. A person who has yet to step up
/// counts as allowed, for between two sendings they may.
fn rights(call: &Call) -> String {
    let of = |action: Action| {
        Resource::ALL.iter().map(move |resource| {
            let may = call.entered.may(action, *resource, call.now);
            match may {
                Ok(()) | Err(Denied::StepUp { .. }) => '1',
                Err(_) => '0',
            }
        })
    };
    Action::ALL.iter().copied().flat_map(of).collect()
}

fn kept(desk: &mut Desk, call: &mut Call, work: &Work) -> Result<Reply, Error> {
    let Some(once) = call.once.clone() else {
        return work(desk, call);
    };
    if let Some(before) = desk.asked_before(&once.tenant, &once.key)? {
        same(&once, &before)?;
        if let Some((status, body)) = before.answer {
            return Ok(Reply::Again { status, body });
        }
        // The effect is there and its answer was never made: what follows finds the effect and only answers.
    }
    let (value, tag) = match work(desk, call)? {
        Reply::Json(value) => (value, None),
        Reply::Tagged { version, value } => (value, Some(version)),
        Reply::Written(_) | Reply::Content { .. } | Reply::First { .. } | Reply::Again { .. } => {
            return Err(Error::of_ours());
        }
    };
    let body = bytes(&value);
    // The row is there already where the effect was a document; it was written with it.
    desk.ask_once(&once)?;
    desk.answered(&once.tenant, &once.key, 200, &body)?;
    Ok(Reply::First {
        status: 200,
        body,
        tag,
    })
}

/// Refuses a key that was used for another request.
pub(crate) fn same(asked: &Once, before: &Once) -> Result<(), Error> {
    if asked.fingerprint == before.fingerprint {
        return Ok(());
    }
    Err(Error::invalid(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a \
         key other than the one you meant to reuse.",
    )
    .kind("idempotency_error"))
}
