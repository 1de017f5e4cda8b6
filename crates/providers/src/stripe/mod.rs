//! Stripe: webhook events, API objects and itemized reports in; evidence, concessions and reads out. See README.md.

mod capability;
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
use ::dispute::reference::Reference;
use adapter::{
    Adapter, Capabilities, Decoded, Exchange, Inbound, Instruction, Receipt, Reject, RejectCode,
    Reply, Secret, Step, Verdict,
};
use calendar::Instant;
use capability::CAPABILITIES;

const NAME: &str = "stripe";

/// What our code can do for Stripe.
#[derive(Debug)]
pub struct Stripe;

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

    fn quote(&self, _inbound: &Inbound<'_>, _span: Span) -> Vec<Reference> {
        Vec::new()
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
