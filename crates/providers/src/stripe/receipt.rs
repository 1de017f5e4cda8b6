//! Whether the dispute, read back, shows that Stripe got what we sent.

use crate::json::{self, Object};
use adapter::{Instruction, Receipt, Reply, Wanted};
use dispute::status::Stage;

/// The metadata key under which every answer of ours leaves its stage and its packet's digest.
pub(super) const MARK: &str = "docket_packet";

/// What stands under it. A dispute keeps its metadata when an inquiry becomes a chargeback, and may keep its count of
/// submissions too, so the same packet at the next stage must be told apart.
pub(super) fn mark(stage: Stage, digest: &str) -> String {
    format!("{stage}/{digest}")
}

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
        Wanted::Submit(packet) => submitted(&dispute, instruction.stage, &packet.digest),
        Wanted::Accept => closed(&dispute),
        _ => Receipt::Unclear("nothing was sent that an object could show".to_owned()),
    }
}

fn submitted(dispute: &Object<'_>, stage: Stage, digest: &str) -> Receipt {
    let left = dispute
        .object("metadata")
        .and_then(|data| data.text(MARK).map(|text| text.into_owned()));
    let mine = left.as_deref() == Some(mark(stage, digest).as_str());
    let earlier = left
        .as_deref()
        .is_some_and(|left| !left.starts_with(&format!("{stage}/")));
    let details = dispute.object("evidence_details");
    let number = |name: &str| details.as_ref()?.field(name)?.integer();
    let staged = details
        .as_ref()
        .and_then(|details| details.field("has_evidence")?.boolean());
    let status = dispute.text("status").unwrap_or_default();
    let waiting = matches!(status.as_ref(), "needs_response" | "warning_needs_response");
    if earlier && waiting {
        return Receipt::NotReceived;
    }
    if left.is_some() && !mine {
        return Receipt::Unclear("Stripe holds another packet of ours".to_owned());
    }
    match (number("submission_count"), status.as_ref()) {
        (Some(1..), _) if mine || !waiting => Receipt::Received,
        (_, "under_review" | "warning_under_review") => Receipt::Received,
        (None, "won" | "lost") => Receipt::Received,
        // The mark and the submission travel in one request.
        _ if mine => Receipt::Unclear("the packet is there and was not submitted".to_owned()),
        (Some(0), "won" | "lost" | "warning_closed" | "prevented") => Receipt::NotReceived,
        // A count without our mark, on a dispute that still waits, is of something sent before this stage.
        _ if waiting => Receipt::NotReceived,
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
