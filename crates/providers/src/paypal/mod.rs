//! PayPal: disputes by webhook and interface, older notifications (IPN), and the reports of the secure file server.

mod case_report;
mod dispute_object;
mod document;
mod evidence;
mod form;
mod ipn;
mod lookup;
mod movement;
mod packet;
mod read;
mod report;
mod say;
mod settlement;
mod signature;
mod transformed;

use adapter::{
    Adapter, Capabilities, Channel, Decoded, Document, DocumentKind, Exchange, Inbound,
    Instruction, Limits, Receipt, Reply, Secret, Step, Sweep, Verb, Verdict,
};
use calendar::Instant;
use dispute::fact::Span;
use dispute::reference::Reference;
use dispute::status::Stage;

const NAME: &str = "paypal";

/// Our code for PayPal.
pub struct PayPal;

const fn disputes(form: &'static str, channel: Channel) -> Document {
    Document {
        form,
        channel,
        kind: DocumentKind::Disputes,
    }
}

const fn other(form: &'static str, channel: Channel) -> Document {
    Document {
        form,
        channel,
        kind: DocumentKind::OtherBusiness,
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    documents: &[
        disputes("CUSTOMER.DISPUTE.CREATED", Channel::Webhook),
        disputes("CUSTOMER.DISPUTE.UPDATED", Channel::Webhook),
        disputes("CUSTOMER.DISPUTE.RESOLVED", Channel::Webhook),
        disputes("RISK.DISPUTE.CREATED", Channel::Webhook),
        disputes("dispute-event", Channel::Webhook),
        disputes("ipn", Channel::Webhook),
        disputes("transformed-notification", Channel::Webhook),
        disputes("dispute", Channel::Api),
        disputes("dispute-list", Channel::Api),
        disputes("event-list", Channel::Api),
        disputes("settlement-report", Channel::File),
        disputes("transaction-report", Channel::File),
        disputes("case-report", Channel::File),
        other("subscription-report", Channel::File),
    ],
    verbs: &[
        Verb::Submit,
        Verb::Accept,
        Verb::ReadBack,
        Verb::Requirements,
        Verb::ListChanged,
    ],
    answers_at: &[Stage::Chargeback, Stage::PreArbitration, Stage::Arbitration],
    sweep: Sweep::EachCase { every_hours: 24 },
    limits: Limits {
        total_bytes: Some(packet::TOTAL_BYTES_MAX),
        file_bytes: Some(packet::FILE_BYTES_MAX),
        text_characters: Some(packet::NOTES_CHARACTERS_MAX),
        pages: None,
        media_types: packet::MEDIA_TYPES,
        one_file_per_slot: false,
        submissions: None,
        source: "developer.paypal.com/platforms/disputes/reference/supported-file-types-sizes; Disputes API v1: evidence.notes",
    },
    signature: "RSA-SHA256 over id|time|webhook id|crc32, with PayPal's certificate (PAYPAL-TRANSMISSION-*)",
    // `PayPal-Request-Id` is sent, but the specification of the Disputes API does not promise to honour it.
    idempotency_seconds: 0,
    reads_per_minute: 30,
};

impl Adapter for PayPal {
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
        let body = inbound.body;
        if report::is_report(body) {
            return report::account(body);
        }
        match form::read(body).filter(ipn::is_form) {
            Some(fields) => ipn::receiver(&fields),
            None => document::account(body),
        }
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Decoded {
        let body = inbound.body;
        if let Some(reject) = read::wide_characters(body) {
            return Decoded::rejected("text", body.len(), reject);
        }
        if report::is_report(body) {
            return report::decode(inbound);
        }
        if let Some(fields) = form::read(body) {
            if ipn::is_form(&fields) {
                return ipn::decode_form(inbound, &fields);
            }
            if ipn::is_name_value_response(&fields) {
                return Decoded::other("nvp.response", body.len());
            }
        }
        document::decode(inbound)
    }

    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step {
        say::proceed(instruction, so_far)
    }

    fn quote(&self, _inbound: &Inbound<'_>, _span: Span) -> Vec<Reference> {
        Vec::new()
    }

    fn receipt(&self, instruction: &Instruction, read_back: &Reply) -> Receipt {
        say::receipt(instruction, read_back)
    }
}
