//! What we want of PayPal, as requests to the Disputes API v1, and what its answers mean.
//!
//! PayPal says what may be done now only by the links of the dispute object (HATEOAS), so submitting and accepting read the
//! object first. Links are never followed: only their names are taken, and the path is made here.

use super::dispute_object::{is_dispute, links, stage_of};
use super::packet;
use crate::json::{self, Object};
use adapter::{
    Answer, Exchange, Instruction, Packet, Part, Receipt, Reply, Request, Step, Unable, Wanted,
};
use calendar::Instant;
use dispute::status::Stage;
use serde_json::json;

const DISPUTES: &str = "/v1/customer/disputes";
/// The largest page the list takes.
const PAGE_SIZE: u32 = 50;
/// Pages asked for in one instruction: 2,500 changed disputes. Beyond it the rest waits for the next sweep.
const PAGES_MAX: usize = 50;

/// The next step.
pub(super) fn proceed(instruction: &Instruction, so_far: &[Exchange]) -> Step {
    match &instruction.wanted {
        Wanted::Submit(packet) => act(instruction, so_far, |object| {
            submission(instruction, packet, object)
        }),
        Wanted::Accept => act(instruction, so_far, |object| {
            acceptance(instruction, object)
        }),
        Wanted::ReadBack | Wanted::Requirements => read(instruction, so_far),
        Wanted::ListChanged { since } => list(*since, so_far),
        Wanted::Dishonor { .. } => Step::Unable(Unable {
            why: "PayPal has no returns to refuse; answer the dispute with evidence instead"
                .to_owned(),
        }),
    }
}

fn refused(why: impl Into<String>) -> Step {
    Step::Finished(Answer::Refused(why.into()))
}

fn path(instruction: &Instruction, action: &str) -> Option<String> {
    // Ids are letters, digits and hyphens (Disputes API v1); anything else could leave the path.
    let id = instruction.refs.dispute()?;
    let whole = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    whole.then(|| format!("{DISPUTES}/{id}{action}"))
}

fn get(instruction: &Instruction) -> Step {
    match path(instruction, "") {
        Some(path) => Step::Send(Request::Http {
            base: "api",
            method: "GET",
            path,
            headers: accepts(),
            body: Vec::new(),
        }),
        None => refused("the case has no PayPal dispute id of letters, digits and hyphens"),
    }
}

fn accepts() -> Vec<(String, String)> {
    vec![("Accept".to_owned(), "application/json".to_owned())]
}

fn idempotent(instruction: &Instruction) -> Vec<(String, String)> {
    let mut headers = accepts();
    headers.push((
        "PayPal-Request-Id".to_owned(),
        instruction.idempotency_key.clone(),
    ));
    headers
}

/// Reads the object.
fn read(instruction: &Instruction, so_far: &[Exchange]) -> Step {
    match so_far.last() {
        None => get(instruction),
        Some(exchange) => match fetched(exchange.reply.as_ref()) {
            Ok(reply) if dispute_in(reply).is_some() => Step::Finished(Answer::Accepted),
            Ok(_) => Step::Finished(again("the reply holds no dispute", None)),
            Err(answer) => Step::Finished(answer),
        },
    }
}

/// Reads the object, then does the one thing that its links allow.
fn act(
    instruction: &Instruction,
    so_far: &[Exchange],
    request: impl Fn(&Object<'_>) -> Result<Request, String>,
) -> Step {
    match so_far {
        [] => get(instruction),
        [first] => {
            let reply = match fetched(first.reply.as_ref()) {
                Ok(reply) => reply,
                Err(answer) => return Step::Finished(answer),
            };
            match dispute_in(reply) {
                Some(object) => match request(&object) {
                    Ok(request) => Step::Send(request),
                    Err(why) => refused(why),
                },
                None => Step::Finished(again("the reply holds no dispute", None)),
            }
        }
        [.., last] => Step::Finished(sent(last.reply.as_ref())),
    }
}

/// Chooses the way in that is open: evidence PayPal asks for, an appeal, or information beside a running review.
fn submission(
    instruction: &Instruction,
    packet: &Packet,
    object: &Object<'_>,
) -> Result<Request, String> {
    let appeal_first = matches!(
        instruction.stage,
        Stage::PreArbitration | Stage::Arbitration
    );
    let order = match appeal_first {
        true => ["appeal", "provide-evidence", "provide-supporting-info"],
        false => ["provide-evidence", "appeal", "provide-supporting-info"],
    };
    let Some(action) = order.into_iter().find(|action| links(object, action)) else {
        let status = object.text("status").unwrap_or_default();
        return Err(format!(
            "PayPal offers no {} now; the dispute is {status}",
            order.join(", no ")
        ));
    };
    let parts = match action {
        "provide-supporting-info" => packet::supporting(packet)?,
        _ => packet::evidence(packet)?,
    };
    multipart(instruction, action, parts)
}

fn multipart(instruction: &Instruction, action: &str, parts: Vec<Part>) -> Result<Request, String> {
    let path =
        path(instruction, &format!("/{action}")).ok_or("the case has no PayPal dispute id")?;
    Ok(Request::Multipart {
        base: "api",
        path,
        headers: idempotent(instruction),
        parts,
    })
}

/// Accepts with a full refund, the only way that needs nothing more from a person.
fn acceptance(instruction: &Instruction, object: &Object<'_>) -> Result<Request, String> {
    if !links(object, "accept-claim") {
        let status = object.text("status").unwrap_or_default();
        return Err(format!(
            "PayPal offers no accept-claim now; the dispute is {status}; an inquiry is ended by a refund or an offer"
        ));
    }
    let options = object
        .object("allowed_response_options")
        .and_then(|options| options.object("accept_claim"))
        .and_then(|accept| accept.field("accept_claim_types")?.items());
    if let Some(options) = options {
        let words: Vec<String> = options
            .iter()
            .filter_map(|word| word.text())
            .map(|word| word.into_owned())
            .collect();
        if !words.iter().any(|word| word == "REFUND") {
            let words = words.join(", ");
            return Err(format!(
                "PayPal takes an acceptance only as {words}, which needs a person's choice"
            ));
        }
    }
    let path = path(instruction, "/accept-claim").ok_or("the case has no PayPal dispute id")?;
    let mut headers = idempotent(instruction);
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    let body = json!({ "accept_claim_type": "REFUND", "note": "We accept the claim." })
        .to_string()
        .into_bytes();
    Ok(Request::Http {
        base: "api",
        method: "POST",
        path,
        headers,
        body,
    })
}

/// Fetches page after page. PayPal names the next one in a link, of which only the token is taken.
fn list(since: Instant, so_far: &[Exchange]) -> Step {
    let mut query = format!(
        "?update_time_after={}&page_size={PAGE_SIZE}",
        escape(&since.to_string())
    );
    if let Some(last) = so_far.last() {
        let reply = match fetched(last.reply.as_ref()) {
            Ok(reply) => reply,
            Err(answer) => return Step::Finished(answer),
        };
        let Some(page) = json::read(&reply.body).ok().and_then(|root| root.object()) else {
            return Step::Finished(again("the reply is no list of disputes", None));
        };
        if page
            .field("items")
            .is_none_or(|items| items.items().is_none())
        {
            return Step::Finished(again("the reply is no list of disputes", None));
        }
        match next_token(&page) {
            Some(token) if so_far.len() < PAGES_MAX => {
                query.push_str("&next_page_token=");
                query.push_str(&escape(&token));
            }
            _ => return Step::Finished(Answer::Accepted),
        }
    }
    Step::Send(Request::Http {
        base: "api",
        method: "GET",
        path: format!("{DISPUTES}{query}"),
        headers: accepts(),
        body: Vec::new(),
    })
}

fn next_token(page: &Object<'_>) -> Option<String> {
    let items = page.field("links")?.items()?;
    let next = items
        .iter()
        .filter_map(|link| link.object())
        .find(|link| link.text("rel").is_some_and(|rel| rel == "next"))?;
    let href = next.text("href")?;
    let (_, query) = href.split_once('?')?;
    let token = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("next_page_token="))?;
    // The token is base 64, of which a link escapes `+`, `/` and `=`.
    Some(
        token
            .replace("%2B", "+")
            .replace("%2F", "/")
            .replace("%3D", "=")
            .replace("%2b", "+")
            .replace("%2f", "/")
            .replace("%3d", "="),
    )
    .filter(|token| !token.is_empty())
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn dispute_in(reply: &Reply) -> Option<Object<'_>> {
    json::read(&reply.body).ok()?.object().filter(is_dispute)
}

fn again(why: &str, reply: Option<&Reply>) -> Answer {
    let after = reply.and_then(|reply| {
        let mut named = reply
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("Retry-After"));
        named.next()?.1.trim().parse().ok()
    });
    Answer::Again {
        after_seconds: after,
        why: why.to_owned(),
    }
}

/// A read that failed changed nothing, so it may be repeated.
fn fetched(reply: Option<&Reply>) -> Result<&Reply, Answer> {
    let Some(reply) = reply else {
        return Err(again("no answer came to a read", None));
    };
    match reply.status {
        200..=299 => Ok(reply),
        401 | 408 | 429 | 500..=599 => Err(again(&words(reply), Some(reply))),
        _ => Err(Answer::Refused(words(reply))),
    }
}

/// What became of the one request that changes something. A server error or silence proves nothing.
fn sent(reply: Option<&Reply>) -> Answer {
    let Some(reply) = reply else {
        return Answer::InDoubt("no answer came".to_owned());
    };
    let answered = json::read(&reply.body).ok().and_then(|root| root.object());
    match reply.status {
        200..=299
            if answered
                .as_ref()
                .is_some_and(|object| object.field("links").is_some()) =>
        {
            Answer::Accepted
        }
        200..=299 => {
            Answer::InDoubt("success without the links that PayPal answers with".to_owned())
        }
        401 | 429 => again(&words(reply), Some(reply)),
        408 | 409 | 500..=599 => Answer::InDoubt(words(reply)),
        _ => Answer::Refused(words(reply)),
    }
}

/// The error in PayPal's own words: its name, message and the issues of its details.
fn words(reply: &Reply) -> String {
    let mut words = format!("HTTP {}", reply.status);
    let Some(error) = json::read(&reply.body).ok().and_then(|root| root.object()) else {
        return words;
    };
    let mut add = |text: Option<std::borrow::Cow<'_, str>>| {
        if let Some(text) = text {
            words.push_str("; ");
            words.extend(text.chars().take(300));
        }
    };
    add(error.text("name"));
    add(error.text("message"));
    let details = error
        .field("details")
        .and_then(|details| details.items())
        .unwrap_or_default();
    for detail in details.iter().filter_map(|detail| detail.object()).take(5) {
        add(detail.text("issue"));
        add(detail.text("description"));
    }
    words
}

/// What the object, read back, shows of something we sent.
pub(super) fn receipt(instruction: &Instruction, read_back: &Reply) -> Receipt {
    let Some(object) = dispute_in(read_back).filter(|_| (200..300).contains(&read_back.status))
    else {
        return Receipt::Unclear("the reply holds no dispute".to_owned());
    };
    if object.text("dispute_id").as_deref() != instruction.refs.dispute() {
        return Receipt::Unclear("the reply holds another dispute".to_owned());
    }
    match &instruction.wanted {
        Wanted::Submit(packet) => submitted(instruction, packet, &object),
        Wanted::Accept => accepted(&object),
        Wanted::ReadBack | Wanted::Requirements | Wanted::ListChanged { .. } => Receipt::Received,
        Wanted::Dishonor { .. } => Receipt::NotReceived,
    }
}

/// Evidence from the seller at this stage shows that something came; that it is this packet is shown by a file name or a note
/// of it. PayPal does not always give the pieces' content back.
fn submitted(instruction: &Instruction, packet: &Packet, object: &Object<'_>) -> Receipt {
    let listed = |name: &str| {
        object
            .field(name)
            .and_then(|value| value.items())
            .unwrap_or_default()
    };
    let entries = [listed("evidences"), listed("supporting_info")].concat();
    let at_stage = |entry: &Object<'_>| {
        let stage = entry
            .text("dispute_life_cycle_stage")
            .and_then(|word| stage_of(&word));
        entry
            .text("source")
            .is_some_and(|source| source == "SUBMITTED_BY_SELLER")
            && stage.is_none_or(|stage| stage == instruction.stage)
    };
    let entries: Vec<Object<'_>> = entries
        .iter()
        .filter_map(|entry| entry.object())
        .filter(at_stage)
        .collect();
    let waits = object
        .text("status")
        .is_some_and(|status| status == "WAITING_FOR_SELLER_RESPONSE");
    if entries.iter().any(|entry| holds(entry, packet)) {
        return Receipt::Received;
    }
    let bare =
        |entry: &Object<'_>| entry.field("documents").is_none() && entry.field("notes").is_none();
    match (entries.is_empty(), waits) {
        (true, true) => Receipt::NotReceived,
        (false, false) if entries.iter().all(bare) => Receipt::Received,
        (true, false) => {
            let status = object.text("status").unwrap_or_default();
            Receipt::Unclear(format!(
                "the dispute is {status} and shows no evidence from the seller at this stage"
            ))
        }
        (false, _) => Receipt::Unclear(
            "the dispute shows evidence from the seller at this stage, but not this packet"
                .to_owned(),
        ),
    }
}

/// Whether a piece read back holds a file or a text of the packet.
fn holds(entry: &Object<'_>, packet: &Packet) -> bool {
    let documents = entry
        .field("documents")
        .and_then(|documents| documents.items())
        .unwrap_or_default();
    let named = |name: &str| {
        packet
            .attachments
            .iter()
            .any(|attachment| attachment.name == name)
    };
    let notes = entry.text("notes").unwrap_or_default();
    documents
        .iter()
        .filter_map(|document| document.object()?.text("name").map(|name| named(&name)))
        .any(|found| found)
        || packet
            .texts
            .iter()
            .any(|(_, text)| !text.trim().is_empty() && notes.contains(text.trim()))
}

fn accepted(object: &Object<'_>) -> Receipt {
    let status = object.text("status").unwrap_or_default();
    let outcome = object
        .object("dispute_outcome")
        .and_then(|outcome| Some(outcome.text("outcome_code")?.into_owned()));
    match (status.as_ref(), outcome.as_deref()) {
        (_, Some("ACCEPTED")) => Receipt::Received,
        ("WAITING_FOR_SELLER_RESPONSE", _) => Receipt::NotReceived,
        (status, outcome) => {
            let outcome = outcome.unwrap_or("no outcome");
            Receipt::Unclear(format!(
                "the dispute is {status} with {outcome}, which an acceptance need not have caused"
            ))
        }
    }
}
