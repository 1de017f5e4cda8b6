//! What a case looks like in the ledger: for every movement its legs, and at the end the write-off.
//!
//! Postings are a pure function of the case. A later fact changes the case, and the difference between the legs before and
//! after is what is posted; nothing is ever edited.

use crate::case::{Booked, Case, Status, Totals};
use crate::derive::{Derived, Loose};
use crate::fact::Scope;
use crate::id::{CaseId, FactId};
use crate::movement::{Movement, MovementKind};
use crate::status::Outcome;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;
use ledger::{Account, AccountKind, Layer, Leg};
use money::{Currency, Money};

/// What one posting key comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub legs: Vec<Leg>,
    /// When the money moved, as claimed.
    pub at: Instant,
    pub fact: Option<FactId>,
}

/// Legs by case (none for suspense) and posting key.
pub type Books = BTreeMap<(Option<CaseId>, String), Posting>;

/// The books of a family.
pub fn books(derived: &Derived) -> Books {
    let mut books = Books::new();
    for case in &derived.cases {
        for (key, booked) in &case.movements {
            let posting = Posting {
                legs: legs(&case.scope, Some(&case.id), &booked.movement),
                at: booked.at,
                fact: Some(booked.fact.clone()),
            };
            books.insert((Some(case.id.clone()), key.clone()), posting);
        }
        if let Some(posting) = resolution(case) {
            books.insert((Some(case.id.clone()), String::from("resolution")), posting);
        }
    }
    for Loose {
        scope,
        movement,
        at,
        fact,
    } in &derived.loose
    {
        let mut suspended = movement.clone();
        suspended.kind = MovementKind::Unexplained;
        let posting = Posting {
            legs: legs(scope, None, &suspended),
            at: *at,
            fact: Some(fact.clone()),
        };
        books.insert((None, movement.key.clone()), posting);
    }
    books
}

/// The account that stands against the provider's clearing account.
fn counter(kind: MovementKind) -> AccountKind {
    match kind {
        MovementKind::Withdrawal
        | MovementKind::Reinstatement
        | MovementKind::Reserve
        | MovementKind::ReserveRelease
        // While the case is open the difference is part of what is held: it may come back with the rest (F-21).
        | MovementKind::FxAdjustment => AccountKind::DisputeReceivable,
        MovementKind::ReceivedFee
        | MovementKind::CounterFee
        | MovementKind::ComplianceFee
        | MovementKind::FeeReturn
        | MovementKind::Tax => AccountKind::DisputeFees,
        MovementKind::PreDisputeCredit => AccountKind::ChargebackLoss,
        MovementKind::TransferReversal => AccountKind::RefundClearing,
        MovementKind::Unexplained => AccountKind::Suspense,
    }
}

/// Debits positive, credits negative. Money that was taken (negative) credits clearing and debits its counter account.
fn legs(scope: &Scope, case: Option<&CaseId>, movement: &Movement) -> Vec<Leg> {
    if movement.amount.is_zero() {
        return Vec::new();
    }
    let currency = movement.amount.currency();
    let layer = if movement.settled {
        Layer::Posted
    } else {
        Layer::Pending
    };
    let clearing = Account::new(
        AccountKind::ProviderClearing,
        &*scope.provider,
        &*scope.account,
        currency,
    );
    let mut other = Account::new(
        counter(movement.kind),
        &*scope.provider,
        &*scope.account,
        currency,
    );
    if let Some(case) = case {
        other = other.for_case(case.as_str());
    }
    Vec::from([
        Leg {
            account: clearing,
            layer,
            amount: movement.amount,
        },
        Leg {
            account: other,
            layer,
            amount: movement.amount.negate(),
        },
    ])
}

/// Whether this outcome costs us what was taken.
fn costs(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Lost
        | Outcome::Accepted
        | Outcome::Expired
        | Outcome::Prevented
        | Outcome::PartiallyWon => true,
        Outcome::Won | Outcome::Withdrawn | Outcome::Lapsed => false,
    }
}

/// What a closed case bears of the adjustments for exchange rates: no more than is left, and no more than they came to, so
/// that a rate never hides money that is missing.
fn borne(case: &Case, left: Money) -> Money {
    let currency = left.currency();
    let none = Money::zero(currency);
    let adjusted = case
        .movements
        .values()
        .map(|Booked { movement, .. }| movement)
        .filter(|movement| {
            movement.kind == MovementKind::FxAdjustment && movement.amount.currency() == currency
        })
        .fold(none, |sum, movement| {
            sum.checked_sub(movement.amount)
                .expect("sums of one case in one currency fit 128 bits")
        });
    if adjusted.is_zero() || left.is_negative() != adjusted.is_negative() {
        none
    } else if left.abs().minor() < adjusted.abs().minor() {
        left
    } else {
        adjusted
    }
}

/// Fills in what a closed case writes off, per currency of settlement: differences of rates, and what was taken and is not
/// to come back, but no more than was disputed, so that a movement counted twice stays visible as a residue instead of
/// vanishing into the loss.
pub(crate) fn write_off(case: &Case, totals: &mut BTreeMap<Currency, Totals>) {
    let Status::Closed { outcome, .. } = case.status else {
        return;
    };
    for (currency, total) in totals {
        let left = total
            .withdrawn
            .checked_sub(total.reinstated)
            .expect("both are of one currency");
        total.fx = borne(case, left);
        if !costs(outcome) {
            continue;
        }
        let taken = left
            .checked_sub(total.fx)
            .expect("both are of one currency");
        let bound = case
            .disputed
            .filter(|amount| amount.currency() == *currency)
            .map(|disputed| {
                let kept = case
                    .recovered
                    .filter(|amount| amount.currency() == *currency);
                kept.and_then(|kept| disputed.checked_sub(kept).ok())
                    .unwrap_or(disputed)
            });
        let amount = match bound {
            Some(bound) if bound.minor() < taken.minor() => bound,
            _ => taken,
        };
        if !amount.is_negative() {
            total.lost = amount;
        }
    }
}

/// The write-off of a closed case: receivable into loss, and into the difference of rates. When the case turns, the difference takes it back (F-43).
fn resolution(case: &Case) -> Option<Posting> {
    let mut legs = Vec::new();
    for (currency, total) in &case.totals {
        let account = |kind| {
            Account::new(kind, &*case.scope.provider, &*case.scope.account, *currency)
                .for_case(case.id.as_str())
        };
        let layer = Layer::Posted;
        let parts = [
            (AccountKind::ChargebackLoss, total.lost),
            (AccountKind::FxDifference, total.fx),
        ];
        for (kind, amount) in parts.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            legs.push(Leg {
                account: account(kind),
                layer,
                amount,
            });
            legs.push(Leg {
                account: account(AccountKind::DisputeReceivable),
                layer,
                amount: amount.negate(),
            });
        }
    }
    let step = case.steps.last();
    let at = step.map_or(case.changed_at, |step| step.at);
    let fact = step.map(|step| step.fact.clone());
    if legs.is_empty() {
        None
    } else {
        Some(Posting { legs, at, fact })
    }
}

/// A stable text of one leg, for digests and exports.
pub fn leg_line(leg: &Leg) -> String {
    format!("{} {} {}", leg.account.path(), leg.layer, leg.amount)
}
