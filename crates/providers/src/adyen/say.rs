//! What we say to the Disputes API v30: documents, the defence that they argue, acceptance, and the question which
//! defences there are. The base `disputes` is the transport's (`.../ca/services/DisputeService/v30`).
//!
//! The API takes no idempotency key and has no object to read back. So a defence or an acceptance whose answer is lost is
//! in doubt until a webhook tells, and is never sent again blindly (invariant 7). An upload alone answers nothing: it may
//! be sent again.
//! Source: docs.adyen.com/api-explorer/Disputes/30/overview.

use crate::json;
use adapter::{
    Answer, Attachment, Exchange, Instruction, Packet, Reply, Request, Step, Unable, Wanted,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dispute::status::Stage;
use money::Excerpt;
use serde_json::json;

/// What the provider takes as a document.
pub(super) const MEDIA_TYPES: &[&str] = &["application/pdf", "image/jpeg", "image/tiff"];

/// The stages that this API answers.
pub(super) const ANSWERS_AT: &[Stage] = &[Stage::Inquiry, Stage::Chargeback];

/// Whether a request that gets no proof of its fate may have answered the dispute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It ends our part of the stage.
    Final,
    /// It only prepares or asks.
    Harmless,
}

/// The next step of an instruction.
pub(super) fn proceed(instruction: &Instruction, so_far: &[Exchange]) -> Step {
    let Some(dispute) = instruction.refs.dispute() else {
        return unable(
            "the case has no dispute reference of the provider, without which nothing can be asked",
        );
    };
    let address = json!({
        "disputePspReference": dispute,
        "merchantAccountCode": instruction.account,
    });
    let steps = match &instruction.wanted {
        Wanted::Submit(packet) => match submission(instruction.stage, packet, &address) {
            Ok(steps) => steps,
            Err(why) => return unable(&why),
        },
        Wanted::Accept => vec![(post("/acceptDispute", &address), Effect::Final)],
        Wanted::Requirements => vec![(
            post("/retrieveApplicableDefenseReasons", &address),
            Effect::Harmless,
        )],
        Wanted::ReadBack | Wanted::ListChanged { .. } => {
            return unable(
                "the Disputes API has no object to read; webhooks and reports are the only voice",
            );
        }
        Wanted::Dishonor { .. } => {
            return unable("returns are refused on bank rails only, not through this provider");
        }
    };
    walk(steps, so_far)
}

fn unable(why: &str) -> Step {
    Step::Unable(Unable {
        why: why.to_owned(),
    })
}

/// Sends the steps in order, each after the one before it was taken.
fn walk(steps: Vec<(Request, Effect)>, so_far: &[Exchange]) -> Step {
    let mut exchanges = so_far.iter();
    for (request, effect) in steps {
        let Some(exchange) = exchanges.next() else {
            return Step::Send(request);
        };
        if let Some(answer) = interpret(exchange.reply.as_ref(), effect) {
            return Step::Finished(answer);
        }
    }
    Step::Finished(Answer::Accepted)
}

/// The documents, if there are any, then the defence. Or why it cannot be said to this provider.
fn submission(
    stage: Stage,
    packet: &Packet,
    address: &serde_json::Value,
) -> Result<Vec<(Request, Effect)>, String> {
    if !ANSWERS_AT.contains(&stage) {
        return Err(format!(
            "the Disputes API does not answer at stage {stage}; use the Customer Area"
        ));
    }
    let Some(defence) = &packet.defence else {
        return Err(
            "the packet names no defence; fetch the requirements and choose one of their codes"
                .to_owned(),
        );
    };
    if let Some((slot, _)) = packet.texts.first() {
        return Err(format!(
            "the provider takes documents only; render the text `{slot}` into one"
        ));
    }
    let mut steps = Vec::new();
    if !packet.attachments.is_empty() {
        let documents: Vec<_> = packet
            .attachments
            .iter()
            .map(document)
            .collect::<Result<_, _>>()?;
        let mut body = address.clone();
        put(&mut body, "defenseDocuments", json!(documents));
        steps.push((post("/supplyDefenseDocument", &body), Effect::Harmless));
    }
    let mut body = address.clone();
    put(&mut body, "defenseReasonCode", json!(defence));
    steps.push((post("/defendDispute", &body), Effect::Final));
    Ok(steps)
}

fn put(body: &mut serde_json::Value, name: &str, value: serde_json::Value) {
    let object = body.as_object_mut().expect("`address` is an object");
    object.insert(name.to_owned(), value);
}

fn document(attachment: &Attachment) -> Result<serde_json::Value, String> {
    if !MEDIA_TYPES.contains(&attachment.media_type.as_str()) {
        return Err(format!(
            "`{}` is {}, the provider takes {}",
            attachment.name,
            attachment.media_type,
            MEDIA_TYPES.join(", ")
        ));
    }
    Ok(json!({
        "content": STANDARD.encode(&attachment.content),
        "contentType": attachment.media_type,
        "defenseDocumentTypeCode": attachment.slot,
    }))
}

fn post(path: &str, body: &serde_json::Value) -> Request {
    Request::Http {
        base: "disputes",
        method: "POST",
        path: path.to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

/// What a reply means; `None`: taken, go on.
fn interpret(reply: Option<&Reply>, effect: Effect) -> Option<Answer> {
    let unproven = |why: String| match effect {
        Effect::Final => Some(Answer::InDoubt(why)),
        Effect::Harmless => Some(Answer::Again {
            after_seconds: None,
            why,
        }),
    };
    let Some(reply) = reply else {
        return unproven("no answer came".to_owned());
    };
    match reply.status {
        200..=299 => match result(reply) {
            Some((true, _)) => None,
            // HTTP 200 carries refusals as well.
            Some((false, words)) => Some(Answer::Refused(words)),
            None => unproven("the answer holds no `disputeServiceResult`".to_owned()),
        },
        429 => Some(Answer::Again {
            after_seconds: retry_after(reply),
            why: "HTTP 429: too many requests".to_owned(),
        }),
        500.. => unproven(words(reply)),
        _ => Some(Answer::Refused(words(reply))),
    }
}

/// `disputeServiceResult`: whether it was taken, and the provider's words.
fn result(reply: &Reply) -> Option<(bool, String)> {
    let object = json::read(&reply.body).ok()?.object()?;
    let result = object.object("disputeServiceResult")?;
    let success = result.field("success")?.boolean()?;
    let words = result.text("errorMessage").unwrap_or_default();
    let words = if words.trim().is_empty() {
        "refused without a reason"
    } else {
        words.trim()
    };
    Some((success, words.to_owned()))
}

/// The provider's words in an error, or its status alone.
fn words(reply: &Reply) -> String {
    let read = || {
        let object = json::read(&reply.body).ok()?.object()?;
        let message = object.text("message")?.into_owned();
        let code = object.text("errorCode").unwrap_or_default().into_owned();
        Some(format!(
            "HTTP {}: {} ({code})",
            reply.status,
            Excerpt::of(&message).as_str()
        ))
    };
    read().unwrap_or_else(|| format!("HTTP {}", reply.status))
}

fn retry_after(reply: &Reply) -> Option<u32> {
    let header = reply
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Retry-After"));
    header?.1.trim().parse().ok()
}
