//! Whether the dispute, read back, shows that Stripe got what we sent.

use crate::json::{self, Object};
use adapter::{Instruction, Receipt, Reply, Wanted};

/// The metadata key under which every answer of ours leaves its packet's digest.
pub(super) const MARK: &str = "docket_packet";

/// Reads the evidence of a sending off the provider's object.
pub(super) fn receipt(instruction: &Instruction, read_back: &Reply) -> Receipt {
    if !(200..=299).contains(&read_back.status) {
        return Receipt::Unclear(format!("reading back answered HTTP {}", read_back.status));
    }
    let value = json::read(&read_back.body).ok();
    let Some(dispute) = value.and_then(|value| value.object()) else {
        return Receipt::Unclear("reading back gave no object".to_owned());
    };
    if dispute.text("id").as_deref() != instruction.refs.dispute() {
        return Receipt::Unclear("reading back gave another dispute".to_owned());
    }
    match &instruction.wanted {
        Wanted::Submit(packet) => submitted(&dispute, &packet.digest),
        Wanted::Accept => closed(&dispute),
        _ => Receipt::Unclear("nothing was sent that an object could show".to_owned()),
    }
}

fn submitted(dispute: &Object<'_>, digest: &str) -> Receipt {
    let mark = dispute
        .object("metadata")
        .and_then(|data| data.text(MARK).map(|text| text.into_owned()));
    let mine = mark.as_deref() == Some(digest);
    let details = dispute.object("evidence_details");
    let number = |name: &str| details.as_ref()?.field(name)?.integer();
    let staged = details
        .as_ref()
        .and_then(|details| details.field("has_evidence")?.boolean());
    let status = dispute.text("status").unwrap_or_default();
    if mark.is_some() && !mine {
        return Receipt::Unclear("Stripe holds another packet of ours".to_owned());
    }
    match (number("submission_count"), status.as_ref()) {
        (Some(1..), _) => Receipt::Received,
        (_, "under_review" | "warning_under_review") => Receipt::Received,
        (None, "won" | "lost") => Receipt::Received,
        // The mark and the submission travel in one request.
        _ if mine => Receipt::Unclear("the packet is there and was not submitted".to_owned()),
        (Some(0), "won" | "lost" | "warning_closed" | "prevented") => Receipt::NotReceived,
        (Some(0), "needs_response" | "warning_needs_response") => Receipt::NotReceived,
        _ if staged == Some(false) => Receipt::NotReceived,
        (_, other) => Receipt::Unclear(format!(
            "the dispute is `{other}` and counts no submissions"
        )),
    }
}

fn closed(dispute: &Object<'_>) -> Receipt {
    let status = dispute.text("status").unwrap_or_default();
    match status.as_ref() {
        "lost" | "warning_closed" | "charge_refunded" => Receipt::Received,
        "needs_response" | "warning_needs_response" => Receipt::NotReceived,
        other => Receipt::Unclear(format!(
            "the dispute is `{other}`, neither open nor closed by us"
        )),
    }
}
