//! The payments accounting report: every booking of every payment, before it is settled.

use super::field::Rejected;
use super::report::Line;
use super::statement;
use super::tables::DisputeEvent;
use crate::draft::Draft;
use adapter::RejectCode;
use dispute::reference::{RefKind, References};

/// The fees inside `Payable (SC)`, docs.adyen.com/reporting/invoice-reconciliation/payment-accounting-report.
const FEES: [&str; 4] = [
    "Commission (SC)",
    "Markup (SC)",
    "Scheme Fees (SC)",
    "Interchange (SC)",
];

/// Reads a row about a dispute. One that books nothing here tells nothing that the dispute report does not.
pub(super) fn row(
    draft: &mut Draft,
    line: &Line<'_>,
    event: &DisputeEvent,
) -> Result<(), Rejected> {
    let dispute = line.dispute(draft, "Modification Psp Reference")?;
    let refs = line
        .payment_refs(References::none().and(RefKind::Dispute, dispute))
        .and(
            RefKind::Batch,
            line.cell("Payable Batch").unwrap_or_default(),
        );
    let voice = line.voice(refs);
    if event.money.is_none() || line.external {
        return Ok(());
    }
    let currency = line.currency(draft, "Settlement Currency")?;
    let Some(payable) = line.amount(draft, "Payable (SC)", currency)? else {
        return Err(line.reject(draft, RejectCode::MissingField, "`Payable (SC)` is blank"));
    };
    let fees = line.fees(draft, &FEES, currency)?;
    let principal = line.add(draft, payable, fees)?;
    if !statement::points_right(event, principal) {
        let detail = format!(
            "payable {payable} with fees {fees} does not go the way of {}",
            event.code
        );
        return Err(line.reject(draft, RejectCode::Amount, &detail));
    }
    statement::network(draft, line, &voice);
    statement::movements(
        draft,
        line,
        &voice,
        (dispute, event),
        (principal, fees),
        false,
    );
    Ok(())
}
