//! What the rows of the money reports state alike: the rail, the disputed amount, and money.
//!
//! They state no phase: what a row of money implies about status is guessed, and would contradict the messages (F-01).

use super::report::Line;
use super::tables::{self, DisputeEvent};
use crate::draft::{Draft, Voice};
use dispute::movement::{Movement, MovementKind};
use dispute::said::Said;
use money::Money;

/// States the rail.
pub(super) fn network(draft: &mut Draft, line: &Line<'_>, voice: &Voice) {
    if let Some(method) = line.cell("Payment Method") {
        draft.say(voice, line.span(), Said::Network(tables::network(method)));
    }
}

/// States the disputed amount unless it is zero, which stands for none.
pub(super) fn disputed(draft: &mut Draft, line: &Line<'_>, voice: &Voice, amount: Money) {
    if !amount.is_zero() {
        draft.say(voice, line.span(), Said::Disputed(amount.abs()));
    }
}

/// States the principal and the fees of one row as movements of their own. `fees` are positive when they are taken.
///
/// The key of the principal is the one that the webhook of the same event gives, so that it posts once.
pub(super) fn movements(
    draft: &mut Draft,
    line: &Line<'_>,
    voice: &Voice,
    (dispute, event): (&str, &DisputeEvent),
    (principal, fees): (Money, Money),
    settled: bool,
) {
    let Some((kind, ending)) = event.money else {
        return;
    };
    let key = format!("{dispute}:{ending}");
    let fee_kind = if fees.is_negative() {
        MovementKind::FeeReturn
    } else {
        MovementKind::ReceivedFee
    };
    let fee = (format!("{key}:fee"), fee_kind, fees.negate());
    for (key, kind, amount) in [(key, kind, principal), fee] {
        if !amount.is_zero() {
            let movement = Movement {
                key,
                kind,
                amount,
                settled,
            };
            draft.say(voice, line.span(), Said::Moved(movement));
        }
    }
}

/// Whether the sign of a principal is that of its kind: what a withdrawal takes is negative, what comes back positive.
pub(super) fn points_right(event: &DisputeEvent, principal: Money) -> bool {
    match event.money {
        Some((MovementKind::Withdrawal, _)) => !principal.is_zero() && principal.is_negative(),
        Some(_) => !principal.is_zero() && !principal.is_negative(),
        None => true,
    }
}
