//! Adyen: standard webhooks, financial reports, and the Disputes API v30. See README.md.

mod accounting_report;
mod dispute_item;
mod dispute_report;
mod field;
mod message;
mod platform_webhook;
mod report;
mod say;
mod service;
mod settlement_report;
mod signature;
mod statement;
mod tables;
#[cfg(test)]
mod tests;
mod webhook;

pub use service::{DISPUTE_HEADER, STAGE_HEADER};

use adapter::{
    Capabilities, Channel, Decoded, Document, DocumentKind, Exchange, Inbound, Instruction, Limits,
    Receipt, Reply, Secret, Step, Sweep, Verb, Verdict,
};
use calendar::Instant;
use dispute::fact::Span;
use dispute::reference::Reference;

const NAME: &str = "adyen";

const STANDARD_WEBHOOK: &str = "standard-webhook";
const CHANGE_WEBHOOK: &str = "change-webhook";
const PLATFORM_WEBHOOK: &str = "platform-webhook";
const TERMINAL_MESSAGE: &str = "terminal-message";
const SETTLEMENT: &str = "settlement-detail-report";
const ACCOUNTING: &str = "payments-accounting-report";
const DISPUTES: &str = "dispute-report";
const OTHER_REPORT: &str = "other-report";
const DEFENCES: &str = "defence-reasons";
const SERVICE_MESSAGE: &str = "service-message";

const fn document(form: &'static str, channel: Channel, kind: DocumentKind) -> Document {
    Document {
        form,
        channel,
        kind,
    }
}

static CAPABILITIES: Capabilities = Capabilities {
    documents: &[
        document(STANDARD_WEBHOOK, Channel::Webhook, DocumentKind::Disputes),
        document(CHANGE_WEBHOOK, Channel::Webhook, DocumentKind::Disputes),
        document(
            PLATFORM_WEBHOOK,
            Channel::Webhook,
            DocumentKind::OtherBusiness,
        ),
        document(
            TERMINAL_MESSAGE,
            Channel::Webhook,
            DocumentKind::OtherBusiness,
        ),
        document(SETTLEMENT, Channel::File, DocumentKind::Disputes),
        document(ACCOUNTING, Channel::File, DocumentKind::Disputes),
        document(DISPUTES, Channel::File, DocumentKind::Disputes),
        document(OTHER_REPORT, Channel::File, DocumentKind::OtherBusiness),
        document(DEFENCES, Channel::Api, DocumentKind::Disputes),
        document(SERVICE_MESSAGE, Channel::Api, DocumentKind::OtherBusiness),
    ],
    verbs: &[Verb::Submit, Verb::Accept, Verb::Requirements],
    answers_at: say::ANSWERS_AT,
    sweep: Sweep::None,
    limits: Limits {
        total_bytes: None,
        // The limit of a PDF; JPEG and TIFF may have 10 MiB, and one figure has to be safe for all three.
        file_bytes: Some(2 * 1024 * 1024),
        text_characters: None,
        // Mastercard's for a chargeback; its requests for information take 4.
        pages: Some(19),
        media_types: say::MEDIA_TYPES,
        one_file_per_slot: true,
        submissions: Some(1),
        source: "docs.oracle.com/en/industries/food-beverage/payments-platform/latest/pcsrf/t_disputes_defend.htm",
    },
    signature: "HMAC-SHA256 over eight fields of each item (base64 in the item), or over the raw body (header HmacSignature)",
    idempotency_seconds: 0,
    reads_per_minute: 60,
};

/// The adapter; it has no state.
pub struct Adyen;

impl adapter::Adapter for Adyen {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify(&self, inbound: &Inbound<'_>, secrets: &[Secret], _now: Instant) -> Verdict {
        signature::verify(inbound, secrets)
    }

    fn account(&self, inbound: &Inbound<'_>) -> Option<String> {
        if is_json(inbound.body) {
            message::account(inbound)
        } else {
            report::account(inbound)
        }
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Decoded {
        if is_json(inbound.body)
            || inbound.channel != Channel::File && !looks_delimited(inbound.body)
        {
            message::decode(inbound)
        } else {
            report::decode(inbound)
        }
    }

    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step {
        say::proceed(instruction, so_far)
    }

    fn quote(&self, _inbound: &Inbound<'_>, _span: Span) -> Vec<Reference> {
        Vec::new()
    }

    fn receipt(&self, _instruction: &Instruction, _read_back: &Reply) -> Receipt {
        Receipt::Unclear(
            "no object can be read; INFORMATION_SUPPLIED or the dispute's next webhook tells"
                .to_owned(),
        )
    }
}

/// JSON begins with a bracket, after a byte order mark and blanks at most.
fn is_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.trim_ascii_start()
        .first()
        .is_some_and(|byte| matches!(byte, b'{' | b'['))
}

/// A report may be handed in by any way: its first line has columns.
fn looks_delimited(body: &[u8]) -> bool {
    let first = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.iter().filter(|byte| **byte == b',').count() > 2
}
