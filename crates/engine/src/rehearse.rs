//! What a packet would be in the provider's own words, before anything is sealed or sent.
//!
//! The adapter is asked as when the answer is sent, and each of its requests is answered as by a provider that takes
//! everything, so that the next follows. Nothing leaves, and nothing is written down.

use crate::{Engine, Error};
use adapter::{Exchange, Instruction, Reply, Request, Step, Wanted};
use dispute::status::Stage;
use store::Store;

/// What stands for the ids that the provider gives out while it takes a packet.
pub const ASSIGNED: &str = "assigned_on_upload";

/// No conversation has more requests: a packet's files, and two (see [`crate::outbox`]).
const REQUESTS_MAX: usize = 64;

/// The requests of an answer, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    pub requests: Vec<Request>,
    /// Why the provider could not be told this, if it could not.
    pub unable: Option<String>,
}

impl<S: Store> Engine<S> {
    /// What would be sent if the draft as it stands were sealed and submitted now.
    ///
    /// # Errors
    /// When there is no such case, the store fails, or a file of the draft is not there.
    pub fn rehearse(&mut self, name: &str) -> Result<Rehearsal, Error> {
        let opened = self.open(name)?;
        let stage = opened.case.status.stage().unwrap_or(Stage::Chargeback);
        let packet = self.packet(&opened, stage)?;
        let instruction = Instruction {
            idempotency_key: String::from("rehearsal"),
            account: opened.case.scope.account.clone(),
            refs: opened.case.refs.clone(),
            stage,
            wanted: Wanted::Submit(packet),
        };
        let adapter = self.adapter(&opened.case.scope.provider)?;
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut unable = None;
        while exchanges.len() < REQUESTS_MAX {
            match adapter.proceed(&instruction, &exchanges) {
                Step::Send(request) => exchanges.push(Exchange {
                    request,
                    reply: Some(welcome()),
                }),
                Step::Finished(_) => break,
                Step::Unable(why) => {
                    unable = Some(why.why);
                    break;
                }
            }
        }
        let requests = exchanges.into_iter().map(|exchange| exchange.request);
        Ok(Rehearsal {
            requests: requests.collect(),
            unable,
        })
    }
}

/// An answer that gives an id to whatever was sent, and says that it went well in the words that providers use for it.
fn welcome() -> Reply {
    let body = format!(
        "{{\"id\":\"{ASSIGNED}\",\"success\":true,\"disputeServiceResult\":{{\"success\":true}}}}"
    );
    Reply {
        status: 200,
        headers: Vec::new(),
        body: body.into_bytes(),
    }
}
