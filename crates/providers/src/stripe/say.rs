//! Our instructions in Stripe's words: uploads, then the answer; a concession; reads.
//!
//! Nothing here retries or waits: an answer says what is certain, and the desk decides.

mod evidence;
mod reply;

use super::field::is_id;
use adapter::{
    Answer, Attachment, Exchange, Instruction, Packet, Part, Request, Step, Unable, Wanted,
};
use calendar::Instant;
use dispute::status::Stage;
use evidence::Form;
use reply::Effect;

/// "The combined character count of all fields is limited to 150,000": docs.stripe.com/api/disputes/update.
pub(super) const TEXT_CHARACTERS_MAX: u32 = 150_000;

/// The version whose types were read for this folder; without it Stripe answers in the account's own.
const VERSION: &str = "2026-07-29.dahlia";

/// The largest page that lists give.
const PAGE: u32 = 100;

/// The next step of an instruction.
pub(super) fn proceed(instruction: &Instruction, so_far: &[Exchange]) -> Step {
    match &instruction.wanted {
        Wanted::Submit(packet) => or_unable(submit(instruction, packet, so_far)),
        Wanted::Accept => or_unable(accept(instruction, so_far)),
        Wanted::ReadBack => or_unable(read_back(instruction, so_far)),
        Wanted::ListChanged { since } => list_changed(instruction, *since, so_far),
        Wanted::Requirements => unable("Stripe publishes no requirements per case; ours apply"),
        Wanted::Dishonor { .. } => {
            unable("returns are dishonored by banks; answer the dispute instead")
        }
    }
}

fn unable(why: &str) -> Step {
    Step::Unable(Unable {
        why: why.to_owned(),
    })
}

fn or_unable(step: Result<Step, String>) -> Step {
    step.unwrap_or_else(|why| Step::Unable(Unable { why }))
}

/// The dispute or warning to act on, fit to stand in a path.
fn target(instruction: &Instruction) -> Result<&str, String> {
    let id = instruction.refs.dispute().filter(|id| is_id(id));
    id.ok_or_else(|| {
        "the case has no dispute id of Stripe's; read it back by its charge first".to_owned()
    })
}

/// Early fraud warnings are cases of ours and no disputes of Stripe's: they take no answer.
fn disputed(instruction: &Instruction) -> Result<&str, String> {
    let id = target(instruction)?;
    if id.starts_with("issfr_") || instruction.stage == Stage::FraudReport {
        return Err("an early fraud warning takes no answer; refund the charge or wait".to_owned());
    }
    Ok(id)
}

/// The version, the connected account (the charge's own, F-69) and the idempotency key of a request.
fn headers(instruction: &Instruction, key: Option<String>) -> Vec<(String, String)> {
    let mut headers = vec![("Stripe-Version".to_owned(), VERSION.to_owned())];
    if instruction.account.starts_with("acct_") {
        headers.push(("Stripe-Account".to_owned(), instruction.account.clone()));
    }
    headers.extend(key.map(|key| ("Idempotency-Key".to_owned(), key)));
    headers
}

fn get(instruction: &Instruction, path: String) -> Step {
    Step::Send(Request::Http {
        base: "api",
        method: "GET",
        path,
        headers: headers(instruction, None),
        body: Vec::new(),
    })
}

fn post(instruction: &Instruction, path: String, form: &Form) -> Step {
    let mut headers = headers(instruction, Some(instruction.idempotency_key.clone()));
    let form_type = "application/x-www-form-urlencoded".to_owned();
    headers.push(("Content-Type".to_owned(), form_type));
    Step::Send(Request::Http {
        base: "api",
        method: "POST",
        path,
        headers,
        body: form.encode(),
    })
}

/// One upload per attachment, then the answer that names them all.
fn submit(instruction: &Instruction, packet: &Packet, so_far: &[Exchange]) -> Result<Step, String> {
    let id = disputed(instruction)?;
    if !super::capability::CAPABILITIES
        .answers_at
        .contains(&instruction.stage)
    {
        return Err(format!(
            "Stripe takes no answer at stage {}",
            instruction.stage
        ));
    }
    // Every limit is checked before anything is sent: a packet that does not fit leaves no trace.
    let mut form = evidence::compile(packet, instruction.stage)?;
    for (index, attachment) in packet.attachments.iter().enumerate() {
        let Some(exchange) = so_far.get(index) else {
            return Ok(upload(instruction, index, attachment));
        };
        match reply::uploaded(exchange) {
            Ok(file) => form.name_file(attachment, file)?,
            Err(answer) => return Ok(Step::Finished(answer)),
        }
    }
    let step = match so_far.get(packet.attachments.len()) {
        None => post(instruction, format!("/v1/disputes/{id}"), &form),
        Some(exchange) => Step::Finished(reply::submitted(exchange, id)),
    };
    Ok(step)
}

fn upload(instruction: &Instruction, index: usize, attachment: &Attachment) -> Step {
    let key = format!("{}-file-{}", instruction.idempotency_key, index + 1);
    let purpose = Part {
        name: "purpose".to_owned(),
        file_name: None,
        media_type: None,
        content: b"dispute_evidence".to_vec(),
    };
    // A part without its media type is refused (F-57).
    let file = Part {
        name: "file".to_owned(),
        file_name: Some(attachment.name.clone()),
        media_type: Some(attachment.media_type.clone()),
        content: attachment.content.clone(),
    };
    Step::Send(Request::Multipart {
        base: "files",
        path: "/v1/files".to_owned(),
        headers: headers(instruction, Some(key)),
        parts: vec![purpose, file],
    })
}

/// Closing concedes for good.
fn accept(instruction: &Instruction, so_far: &[Exchange]) -> Result<Step, String> {
    let id = disputed(instruction)?;
    let step = match so_far.first() {
        None => post(
            instruction,
            format!("/v1/disputes/{id}/close"),
            &Form::empty(),
        ),
        Some(exchange) => Step::Finished(reply::closed(exchange, id)),
    };
    Ok(step)
}

/// The object, with its charge: what was paid is not in the dispute itself.
fn read_back(instruction: &Instruction, so_far: &[Exchange]) -> Result<Step, String> {
    let id = target(instruction)?;
    let of = if id.starts_with("issfr_") {
        "radar/early_fraud_warnings"
    } else {
        "disputes"
    };
    let step = match so_far.first() {
        None => get(instruction, format!("/v1/{of}/{id}?expand%5B%5D=charge")),
        Some(exchange) => Step::Finished(match reply::settle(exchange, Effect::None) {
            Ok(_) => Answer::Accepted,
            Err(answer) => answer,
        }),
    };
    Ok(step)
}

/// Disputes by creation, newest first: Stripe has no filter for change (F-20), so older open cases are read one by one.
fn list_changed(instruction: &Instruction, since: Instant, so_far: &[Exchange]) -> Step {
    let first = format!(
        "/v1/disputes?created%5Bgte%5D={}&limit={PAGE}",
        since.unix_seconds().max(0)
    );
    let Some(last) = so_far.last() else {
        return get(instruction, first);
    };
    let page = match reply::settle(last, Effect::None) {
        Ok(reply) => reply::Page::read(reply),
        Err(answer) => return Step::Finished(answer),
    };
    match page {
        Some(page) if !page.has_more => Step::Finished(Answer::Accepted),
        Some(reply::Page {
            last_id: Some(id), ..
        }) => {
            let path = format!("{first}&starting_after={id}");
            let asked = |exchange: &Exchange| matches!(&exchange.request, Request::Http { path: asked, .. } if *asked == path);
            if so_far.iter().any(asked) {
                return again("the pages of the list do not advance");
            }
            get(instruction, path)
        }
        Some(_) => again("the list says there is more and gives nothing to go on from"),
        None => again("the answer is no list"),
    }
}

fn again(why: &str) -> Step {
    Step::Finished(Answer::Again {
        after_seconds: None,
        why: why.to_owned(),
    })
}
