//! The settlement detail report: what each payout is made of. Its rows are the money, final.

use super::field::{self, Rejected};
use super::report::Line;
use super::statement;
use super::tables::DisputeEvent;
use crate::draft::Draft;
use adapter::RejectCode;
use dispute::reference::{RefKind, References};
use money::{Currency, Money};

/// The fees between gross and net, docs.adyen.com/reporting/settlement-reconciliation. `Payment Fees (NC)` and `Gross Fees
/// (NC)` are totals of these and would count twice.
const FEES: [&str; 5] = [
    "Commission (NC)",
    "Markup (NC)",
    "Scheme Fees (NC)",
    "Interchange (NC)",
    "DCC Markup (NC)",
];

/// Reads a row about a dispute.
pub(super) fn row(
    draft: &mut Draft,
    line: &Line<'_>,
    event: &DisputeEvent,
) -> Result<(), Rejected> {
    let dispute = line.dispute(draft, "Modification Reference")?;
    let refs = refs(draft, line, dispute)?;
    let gross_currency = line.currency(draft, "Gross Currency")?;
    let gross = signed(
        draft,
        line,
        ["Gross Debit (GC)", "Gross Credit (GC)"],
        gross_currency,
    )?;
    let voice = line.voice(refs);
    if line.external {
        statement::network(draft, line, &voice);
        statement::disputed(draft, line, &voice, gross);
        return Ok(());
    }
    let net_currency = line.currency(draft, "Net Currency")?;
    let columns = ["Net Debit (NC)", "Net Credit (NC)"];
    let net = signed(draft, line, columns, net_currency)?;
    let parts = Parts::of(draft, line, event, (gross, net))?;
    statement::network(draft, line, &voice);
    statement::disputed(draft, line, &voice, gross);
    let amounts = (parts.principal, parts.fees);
    statement::movements(draft, line, &voice, (dispute, event), amounts, true);
    if !parts.unlisted.is_zero() {
        let value = parts.unlisted.to_string();
        draft.drift(&voice, line.span(), "unlisted fees", &value);
    }
    Ok(())
}

/// What the net amount of a row is made of, in the currency of the settlement.
struct Parts {
    /// Negative was taken.
    principal: Money,
    /// Positive was taken.
    fees: Money,
    /// The part of the fees that stands in no fee column: accounts choose their columns.
    unlisted: Money,
}

impl Parts {
    fn of(
        draft: &mut Draft,
        line: &Line<'_>,
        event: &DisputeEvent,
        (gross, net): (Money, Money),
    ) -> Result<Parts, Rejected> {
        let listed = line.fees(draft, &FEES, net.currency())?;
        let principal = line.add(draft, net, listed)?;
        let zero = Money::zero(net.currency());
        let parts = if gross.currency() == net.currency() {
            let unlisted = line.add(draft, gross, principal.negate())?;
            Parts {
                principal: gross,
                fees: line.add(draft, listed, unlisted)?,
                unlisted,
            }
        } else {
            Parts {
                principal,
                fees: listed,
                unlisted: zero,
            }
        };
        let right = statement::points_right(event, parts.principal)
            && statement::points_right(event, gross);
        // A column that is not there can hide a fee, and never money given.
        if right && !parts.unlisted.is_negative() {
            return Ok(parts);
        }
        let detail = if right {
            format!("net {net} is more than gross {gross} less fees {listed}")
        } else {
            let code = event.code;
            format!("gross {gross} and net {net} do not go the way of {code}")
        };
        Err(line.reject(draft, RejectCode::Amount, &detail))
    }
}

fn refs(draft: &mut Draft, line: &Line<'_>, dispute: &str) -> Result<References, Rejected> {
    let mut refs = line.payment_refs(References::none().and(RefKind::Dispute, dispute));
    if let Some(arn) = line.cell("ARN") {
        field::whole(draft, arn, line.span(), "ARN")?;
        refs = refs.and(RefKind::Arn, arn);
    }
    // Newer reports name the dispute a second time; where the two differ, both are its names.
    if let Some(alias) = line
        .cell("Dispute Reference")
        .filter(|alias| *alias != dispute)
    {
        refs = refs.and(RefKind::Alias, alias);
    }
    Ok(refs.and(
        RefKind::Batch,
        line.cell("Batch Number").unwrap_or_default(),
    ))
}

/// Credit less debit. Both blank is no amount, not zero (F-42).
fn signed(
    draft: &mut Draft,
    line: &Line<'_>,
    [debit, credit]: [&str; 2],
    currency: Currency,
) -> Result<Money, Rejected> {
    let taken = line.amount(draft, debit, currency)?;
    let given = line.amount(draft, credit, currency)?;
    if taken.is_none() && given.is_none() {
        let detail = format!("`{debit}` and `{credit}` are both blank");
        return Err(line.reject(draft, RejectCode::MissingField, &detail));
    }
    let zero = Money::zero(currency);
    line.add(draft, given.unwrap_or(zero), taken.unwrap_or(zero).negate())
}
