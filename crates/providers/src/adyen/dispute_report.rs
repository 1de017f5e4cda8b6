//! The dispute transaction details report: one row for each event of each dispute. It tells status, not money.

use super::field::{self, Rejected};
use super::report::Line;
use super::statement;
use super::tables::{self, DisputeEvent};
use crate::draft::{Draft, Voice};
use adapter::RejectCode;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Phase, Stage, Standing};

/// Reads a row.
pub(super) fn row(
    draft: &mut Draft,
    line: &Line<'_>,
    event: &DisputeEvent,
) -> Result<(), Rejected> {
    let dispute = line.dispute(draft, "Dispute PSP Reference")?;
    let mut refs = line.payment_refs(References::none().and(RefKind::Dispute, dispute));
    if let Some(arn) = line.cell("Dispute ARN") {
        field::whole(draft, arn, line.span(), "Dispute ARN")?;
        refs = refs.and(RefKind::Arn, arn);
    }
    let currency = line.currency(draft, "Dispute Currency")?;
    let Some(amount) = line.amount(draft, "Dispute Amount", currency)? else {
        return Err(line.reject(draft, RejectCode::MissingField, "`Dispute Amount` is blank"));
    };
    let paid = paid(draft, line)?;
    let voice = line.voice(refs);
    phase(draft, line, event, &voice);
    statement::disputed(draft, line, &voice, amount);
    reason(draft, line, event, &voice);
    if let Some(paid) = paid {
        draft.say(&voice, line.span(), paid);
    }
    Ok(())
}

/// The phase of the record type; a dispute that the provider defended by itself is no longer ours to answer.
fn phase(draft: &mut Draft, line: &Line<'_>, event: &DisputeEvent, voice: &Voice) {
    let automatic = line.cell("Dispute Auto Defended").and_then(field::boolean);
    let standing = match event.standing {
        Some(Standing::Ours) if automatic == Some(true) => Some(Standing::Theirs),
        standing => standing,
    };
    if let Some(standing) = standing {
        let stage = event.stage;
        draft.say(voice, line.span(), Said::Phase(Phase { stage, standing }));
    }
}

/// Scheme and code stand in three pairs of columns, one for each kind of event.
fn reason(draft: &mut Draft, line: &Line<'_>, event: &DisputeEvent, voice: &Voice) {
    let scheme = ["CB Scheme Code", "RFI Scheme Code", "NoF Scheme Code"];
    let scheme = scheme.into_iter().find_map(|name| line.cell(name));
    let rail = scheme
        .or_else(|| line.cell("Payment Method"))
        .map(tables::network);
    if let Some(network) = &rail {
        draft.say(voice, line.span(), Said::Network(network.clone()));
    }
    let words = line.cell("Dispute Reason");
    if event.stage == Stage::FraudReport {
        let kind = line
            .cell("NoF Reason Code")
            .or(words)
            .unwrap_or("not stated");
        let said = Said::FraudReported {
            kind: kind.to_owned(),
        };
        draft.say(voice, line.span(), said);
        return;
    }
    let code = ["CB Reason Code", "RFI Reason Code"];
    let code = code.into_iter().find_map(|name| line.cell(name));
    let reason = match (code, words) {
        (Some(code), _) => tables::reason(rail.as_ref(), code),
        (None, Some(words)) => Reason::Unmapped(words.to_owned()),
        (None, None) => return,
    };
    let claim = ReasonClaim {
        reason,
        network: scheme.and(rail),
        code: code.map(str::to_owned),
    };
    draft.say(voice, line.span(), Said::Reason(claim));
}

/// The payment, when the row has its amount.
fn paid(draft: &mut Draft, line: &Line<'_>) -> Result<Option<Said>, Rejected> {
    if line.cell("Payment Amount").is_none() || line.cell("Payment Currency").is_none() {
        return Ok(None);
    }
    let currency = line.currency(draft, "Payment Currency")?;
    let Some(amount) = line.amount(draft, "Payment Amount", currency)? else {
        return Ok(None);
    };
    let paid_at = match (
        line.cell("Payment Date"),
        line.cell("Payment Date TimeZone"),
    ) {
        (Some(date), Some(zone)) => tables::instant(date, zone).ok().flatten(),
        _ => None,
    };
    Ok(Some(Said::Paid { amount, paid_at }))
}
