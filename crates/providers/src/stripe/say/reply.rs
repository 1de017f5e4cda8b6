//! What an answer of Stripe's proves. The status code alone never proves that something took effect: the object in it does.

use super::super::field::is_id;
use crate::json::{self, Object};
use adapter::{Answer, Exchange, Reply};

/// Whether a request changes anything at Stripe that cannot be repeated at will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Reads, and uploads: a file that nothing names has no effect, and its key makes a repetition the same file.
    None,
    /// Answers and concessions: when in doubt, only reading back can tell.
    Binding,
}

/// The reply when it is a success; otherwise how the instruction ended.
pub(super) fn settle(exchange: &Exchange, effect: Effect) -> Result<&Reply, Answer> {
    let doubt = |why: String| match effect {
        Effect::None => Answer::Again {
            after_seconds: None,
            why,
        },
        Effect::Binding => Answer::InDoubt(why),
    };
    let Some(reply) = &exchange.reply else {
        return Err(doubt("no answer came".to_owned()));
    };
    let words = words(reply);
    match reply.status {
        200..=299 => Ok(reply),
        // Not authenticated: nothing was looked at.
        401 => Err(Answer::Again {
            after_seconds: None,
            why: words,
        }),
        // Another request holds the object, or one with our key is under way: the latter may be ours.
        409 if code(reply).as_deref() == Some("lock_timeout") => Err(Answer::Again {
            after_seconds: retry_after(reply),
            why: words,
        }),
        409 => Err(doubt(words)),
        429 => Err(Answer::Again {
            after_seconds: retry_after(reply),
            why: words,
        }),
        400..=499 => Err(Answer::Refused(words)),
        _ => Err(doubt(words)),
    }
}

fn body(reply: &Reply) -> Option<Object<'_>> {
    json::read(&reply.body).ok()?.object()
}

fn code(reply: &Reply) -> Option<String> {
    let error = body(reply)?.object("error")?;
    error.text("code").map(|code| code.into_owned())
}

/// Stripe's own words for a failure, with the status.
fn words(reply: &Reply) -> String {
    let error = body(reply).and_then(|body| body.object("error"));
    let message = error.as_ref().and_then(|error| error.text("message"));
    let code = error.as_ref().and_then(|error| error.text("code"));
    let said = [code, message].into_iter().flatten();
    let said: Vec<String> = said.map(|text| text.chars().take(300).collect()).collect();
    match said.is_empty() {
        true => format!("HTTP {}", reply.status),
        false => format!("HTTP {}: {}", reply.status, said.join(": ")),
    }
}

fn retry_after(reply: &Reply) -> Option<u32> {
    let mut headers = reply.headers.iter();
    let header = headers.find(|(name, _)| name.eq_ignore_ascii_case("Retry-After"));
    header.and_then(|(_, value)| value.trim().parse().ok())
}

/// The id of an uploaded file.
pub(super) fn uploaded(exchange: &Exchange) -> Result<String, Answer> {
    let reply = settle(exchange, Effect::None)?;
    let id = body(reply).and_then(|file| file.text("id").map(|id| id.into_owned()));
    id.filter(|id| is_id(id)).ok_or_else(|| Answer::Again {
        after_seconds: None,
        why: "the answer to an upload holds no file id".to_owned(),
    })
}

/// The dispute in a reply, if it is the one that we asked about.
fn dispute<'r>(reply: &'r Reply, id: &str) -> Option<Object<'r>> {
    let object = body(reply)?;
    (object.text("id").as_deref() == Some(id)).then_some(object)
}

/// The outcome of an answer: accepted only when the dispute counts a submission or is no longer ours to answer. Evidence that is
/// saved and not sent on to the bank does not count (F-60).
pub(super) fn submitted(exchange: &Exchange, id: &str) -> Answer {
    let reply = match settle(exchange, Effect::Binding) {
        Ok(reply) => reply,
        Err(answer) => return answer,
    };
    let Some(dispute) = dispute(reply, id) else {
        return Answer::InDoubt("the answer does not hold the dispute".to_owned());
    };
    let details = dispute.object("evidence_details");
    let count = details.and_then(|details| details.field("submission_count")?.integer());
    let status = dispute.text("status").unwrap_or_default();
    let reviewed = matches!(
        status.as_ref(),
        "under_review" | "warning_under_review" | "won"
    );
    if reviewed || count.is_some_and(|count| count > 0) {
        Answer::Accepted
    } else {
        Answer::InDoubt(
            "the evidence is saved, and Stripe does not say that it was submitted".to_owned(),
        )
    }
}

/// The outcome of a concession: success alone is not closed (F-44).
pub(super) fn closed(exchange: &Exchange, id: &str) -> Answer {
    let reply = match settle(exchange, Effect::Binding) {
        Ok(reply) => reply,
        Err(answer) => return answer,
    };
    let status =
        dispute(reply, id).and_then(|dispute| dispute.text("status").map(|s| s.into_owned()));
    match status.as_deref() {
        Some("lost" | "warning_closed") => Answer::Accepted,
        Some(other) => Answer::InDoubt(format!("the dispute is `{other}` and not closed")),
        None => Answer::InDoubt("the answer does not hold the dispute".to_owned()),
    }
}

/// One page of a list.
pub(super) struct Page {
    pub(super) has_more: bool,
    pub(super) last_id: Option<String>,
}

impl Page {
    /// `None` when the reply is no list.
    pub(super) fn read(reply: &Reply) -> Option<Page> {
        let list = body(reply)?;
        let items = list.field("data")?.items()?;
        let last = items.last().and_then(|item| item.object());
        let last_id = last.and_then(|last| last.text("id").map(|id| id.into_owned()));
        Some(Page {
            has_more: list.field("has_more")?.boolean()?,
            last_id: last_id.filter(|id| is_id(id)),
        })
    }
}
