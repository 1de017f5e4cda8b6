//! Stripe: webhook events, API objects and itemized reports in; evidence, concessions and reads out. See README.md.

mod charge;
mod codes;
mod dispute;
mod event;
mod field;
mod fraud;
mod movement;
mod object;
mod receipt;
mod report;
mod say;
mod signature;
mod speaker;

use crate::json;
use ::dispute::fact::Span;
use ::dispute::status::Stage;
use adapter::{
    Adapter, Capabilities, Channel, Decoded, Document, DocumentKind, Exchange, Inbound,
    Instruction, Limits, Receipt, Reject, RejectCode, Reply, Secret, Step, Sweep, Verb, Verdict,
};
use calendar::Instant;

const NAME: &str = "stripe";

/// What our code can do for Stripe.
#[derive(Debug)]
pub struct Stripe;

const fn says(form: &'static str, channel: Channel) -> Document {
    Document {
        form,
        channel,
        kind: DocumentKind::Disputes,
    }
}

const DOCUMENTS: &[Document] = &[
    says("charge.dispute.created", Channel::Webhook),
    says("charge.dispute.updated", Channel::Webhook),
    says("charge.dispute.closed", Channel::Webhook),
    says("charge.dispute.funds_withdrawn", Channel::Webhook),
    says("charge.dispute.funds_reinstated", Channel::Webhook),
    says("radar.early_fraud_warning.created", Channel::Webhook),
    says("radar.early_fraud_warning.updated", Channel::Webhook),
    says("charge.refunded", Channel::Webhook),
    says("charge.refund.updated", Channel::Webhook),
    says("refund.created", Channel::Webhook),
    says("refund.updated", Channel::Webhook),
    says("refund.failed", Channel::Webhook),
    says("charge.updated", Channel::Webhook),
    says("dispute", Channel::Api),
    says("radar.early_fraud_warning", Channel::Api),
    says("charge", Channel::Api),
    says("refund", Channel::Api),
    says("balance_transaction", Channel::Api),
    says("list", Channel::Api),
    says("charge.dispute.closed", Channel::Api),
    says("payout_reconciliation.itemized", Channel::File),
    says("balance_change_from_activity.itemized", Channel::File),
    says("balance_history", Channel::File),
];

static CAPABILITIES: Capabilities = Capabilities {
    documents: DOCUMENTS,
    verbs: &[
        Verb::Submit,
        Verb::Accept,
        Verb::ReadBack,
        Verb::ListChanged,
    ],
    answers_at: &[Stage::Inquiry, Stage::Chargeback, Stage::Compliance],
    // Lists filter by creation alone (F-20) and events live 30 days (F-03), so each open case is read.
    sweep: Sweep::EachCase { every_hours: 6 },
    limits: Limits {
        // "5 MB" documented, 4.5 MB measured (F-55): the smaller holds.
        total_bytes: Some(4_718_592),
        file_bytes: Some(4_718_592),
        text_characters: Some(say::TEXT_CHARACTERS_MAX),
        pages: Some(49),
        media_types: &["application/pdf", "image/jpeg", "image/png"],
        one_file_per_slot: true,
        submissions: Some(1),
        source: "docs.stripe.com/disputes/best-practices and docs.stripe.com/api/disputes/update",
    },
    signature: "Stripe-Signature: HMAC-SHA256 over timestamp and body, five minutes either way",
    // "Keys can be removed after they are at least 24 hours old": docs.stripe.com/api/idempotent_requests.
    idempotency_seconds: 86_400,
    // Of 100 a second in live mode (docs.stripe.com/rate-limits): sweeps must never starve sales.
    reads_per_minute: 300,
};

impl Adapter for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify(&self, inbound: &Inbound<'_>, secrets: &[Secret], now: Instant) -> Verdict {
        signature::verify(inbound, secrets, now)
    }

    fn account(&self, inbound: &Inbound<'_>) -> Option<String> {
        let event = json::read(inbound.body).ok()?.object()?;
        event::account(&event).map(|account| account.into_owned())
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Decoded {
        decode(inbound)
    }

    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step {
        say::proceed(instruction, so_far)
    }

    fn receipt(&self, instruction: &Instruction, read_back: &Reply) -> Receipt {
        receipt::receipt(instruction, read_back)
    }
}

/// JSON begins with a brace or bracket; anything else is read as a report.
fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let body = inbound
        .body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(inbound.body);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let whole = |code, detail: &str, hint: &str| {
        let span = Span::new(0, length);
        let reject = Reject {
            span,
            code,
            detail: detail.to_owned(),
            hint: hint.to_owned(),
        };
        Decoded::rejected("unreadable", length, reject)
    };
    match first {
        None => whole(RejectCode::Truncated, "the document is empty", ""),
        Some(b'{' | b'[') => object::decode(inbound),
        Some(0xFF | 0xFE) => {
            let hint = "Save or send it as UTF-8.";
            whole(
                RejectCode::Characters,
                "the document is UTF-16, expected UTF-8",
                hint,
            )
        }
        Some(_) => report::decode(inbound),
    }
}
