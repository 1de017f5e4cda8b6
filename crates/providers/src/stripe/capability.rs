//! What Stripe sends, takes and limits.

use super::say;
use ::dispute::status::Stage;
use adapter::{Capabilities, Channel, Document, DocumentKind, Limits, Sweep, Verb};

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

pub(super) static CAPABILITIES: Capabilities = Capabilities {
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
