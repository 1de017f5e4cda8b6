//! Data rows of the settlement report (STL) and the transaction detail report (TRR), which share their columns.

use super::report::{Place, cell, instant, needed};
use super::{ipn, lookup, read};
use crate::draft::{Draft, Voice};
use crate::table::Row;
use adapter::{Fate, RejectCode};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::movement::{Movement, MovementKind};
use dispute::reference::{RefKind, References};
use dispute::said::{RefundState, Said};
use dispute::status::{Authority, Party};
use money::{Currency, Money};

const ID: &[&str] = &["Transaction ID"];
const CODE: &[&str] = &["Transaction Event Code"];
const SIDE: &[&str] = &["Transaction Debit or Credit", "Debit or Credit"];
const AMOUNT: &[&str] = &["Gross Transaction Amount", "Gross Amount"];
const CURRENCY: &[&str] = &["Gross Transaction Currency", "Gross Currency"];
const COMPLETED: &[&str] = &["Transaction Completion Date", "Completion Date"];
const INITIATED: &[&str] = &["Transaction Initiation Date", "Initiation Date"];

/// The columns without which no row says anything, each by all its names.
pub(super) const NEEDED: &[&[&str]] = &[ID, CODE, SIDE, AMOUNT, CURRENCY];

/// One data row.
pub(super) fn decode(draft: &mut Draft, row: &Row, place: &Place<'_>) {
    let before = (draft.reject_count(), draft.fact_count());
    let Some(code) = needed(draft, place, row, CODE) else {
        return draft.mark(row.span, Fate::Rejected);
    };
    let listed = lookup::find(lookup::EVENT_CODES, [code]);
    let side = cell(place, row, SIDE).unwrap_or_default();
    let credit = side.eq_ignore_ascii_case("CR") || side.eq_ignore_ascii_case("CREDIT");
    let (word, refers_to) = match listed.as_deref() {
        Some([debit, credited, refers_to, ..]) => {
            (if credit { *credited } else { *debit }, *refers_to)
        }
        _ if ["T11", "T12"].iter().any(|group| code.starts_with(group)) => {
            ("unexplained", "either")
        }
        _ if is_event_code(code) => ("other", "-"),
        _ => ("drift", "-"),
    };
    let denied = cell(place, row, &["Transactional Status"]).is_some_and(|status| status == "D");
    // A refund on the credit side is one that we received.
    if word == "other" || denied || (word == "refund" && credit) {
        return draft.mark(row.span, Fate::OtherBusiness(read::shown(code)));
    }
    if let Some((voice, key)) = voice(draft, row, place, refers_to, word) {
        if word == "drift" || listed.is_none() {
            draft.drift(&voice, row.span, "Transaction Event Code", code);
        }
        if word != "drift" {
            money(draft, row, place, &voice, &key, word);
        }
    }
    super::dispute_object::mark(draft, row.span, before);
}

fn is_event_code(code: &str) -> bool {
    code.len() == 5
        && code.starts_with('T')
        && code.bytes().skip(1).all(|byte| byte.is_ascii_digit())
}

/// Who speaks, of what and when, and the movement's own id. Money moved when the transaction was completed.
fn voice(
    draft: &mut Draft,
    row: &Row,
    place: &Place<'_>,
    refers_to: &str,
    word: &str,
) -> Option<(Voice, String)> {
    let id = needed(draft, place, row, ID);
    let reference = cell(place, row, &["PayPal Reference ID"]);
    let invoice = cell(place, row, &["Invoice ID"]);
    let at = time(draft, row, place);
    let mut whole = true;
    for (name, value) in [
        ("Transaction ID", id),
        ("PayPal Reference ID", reference),
        ("Invoice ID", invoice),
    ] {
        whole &= read::whole(draft, value.unwrap_or_default(), row.span, name);
    }
    let (id, at) = (id?, at?);
    if !whole {
        return None;
    }
    // Types other than TXN name orders, profiles and agreements.
    let kind = cell(place, row, &["PayPal Reference ID Type"]).unwrap_or("TXN");
    let reference = reference.unwrap_or_default();
    let mut refs = References::none().and(RefKind::Merchant, invoice.unwrap_or_default());
    if kind == "TXN" && matches!(refers_to, "payment" | "either") {
        refs = refs.and(RefKind::Payment, reference);
    }
    if kind != "TXN" || matches!(refers_to, "movement" | "either") {
        refs = refs.and(RefKind::PaymentAlias, reference);
    }
    // Fee rows refer to the movement, so the movement answers to its own id. A refund has a kind of its own for that.
    let own = if word == "refund" {
        RefKind::Refund
    } else {
        RefKind::PaymentAlias
    };
    refs = refs.and(own, id);
    let voice = Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account: place.account.to_owned(),
        },
        refs,
        by: Party::Provider,
        authority: Authority::ReportRow,
        true_at: at,
        sequence: 0,
    };
    Some((voice, id.to_owned()))
}

fn time(draft: &mut Draft, row: &Row, place: &Place<'_>) -> Option<Instant> {
    let text = cell(place, row, COMPLETED).or_else(|| needed(draft, place, row, INITIATED))?;
    let at = instant(text);
    if at.is_none() {
        let shown = read::shown(text);
        let detail = format!(
            "row {}: `{shown}` is no `YYYY/MM/DD HH:MM:SS +ZZZZ`",
            row.number
        );
        draft.reject(row.span, RejectCode::Time, detail);
    }
    at
}

/// The amounts of the row: unsigned hundredths whatever the currency, the sign being in a column of its own.
fn money(draft: &mut Draft, row: &Row, place: &Place<'_>, voice: &Voice, key: &str, word: &str) {
    let side = needed(draft, place, row, SIDE);
    let amount = needed(draft, place, row, AMOUNT);
    let currency = needed(draft, place, row, CURRENCY);
    let (Some(side), Some(amount), Some(currency)) = (side, amount, currency) else {
        return;
    };
    let Some(currency) = read::currency(draft, currency, row.span) else {
        return;
    };
    let Some(amount) = signed(draft, row, side, amount, currency) else {
        return;
    };
    let settled = cell(place, row, &["Transactional Status"]) != Some("P");
    if word == "refund" {
        let state = if settled {
            RefundState::Succeeded
        } else {
            RefundState::Pending
        };
        let refunded = Said::Refunded {
            key: key.to_owned(),
            amount: amount.negate(),
            state,
        };
        return draft.say(voice, row.span, refunded);
    }
    let kind = MovementKind::parse(word).unwrap_or(MovementKind::Unexplained);
    let moved = Movement {
        key: key.to_owned(),
        kind,
        amount,
        settled,
    };
    draft.say(voice, row.span, Said::Moved(moved));
    let fee_kinds = [MovementKind::ReceivedFee, MovementKind::FeeReturn];
    if !fee_kinds.contains(&kind) {
        fee(draft, row, place, voice, key);
    }
}

/// The payment's fee that goes the other way with a reversal stands in columns of the same row.
fn fee(draft: &mut Draft, row: &Row, place: &Place<'_>, voice: &Voice, key: &str) {
    let Some(amount) =
        cell(place, row, &["Fee Amount"]).filter(|amount| amount.bytes().any(|byte| byte != b'0'))
    else {
        return;
    };
    let side = needed(draft, place, row, &["Fee Debit or Credit"]);
    let currency = needed(draft, place, row, &["Fee Currency"]);
    let (Some(side), Some(currency)) = (side, currency) else {
        return;
    };
    let Some(currency) = read::currency(draft, currency, row.span) else {
        return;
    };
    if let Some(amount) = signed(draft, row, side, amount, currency) {
        draft.say(voice, row.span, Said::Moved(ipn::fee_movement(key, amount)));
    }
}

/// From our side: a debit was taken from us.
fn signed(
    draft: &mut Draft,
    row: &Row,
    side: &str,
    amount: &str,
    currency: Currency,
) -> Option<Money> {
    let unsigned = amount.bytes().all(|byte| byte.is_ascii_digit());
    let read = Money::parse_cents(amount, currency);
    let money = match read {
        Ok(money) if unsigned => money,
        Ok(_) => {
            let detail = format!(
                "row {}: amount `{}` has a sign, expected digits only",
                row.number,
                read::shown(amount)
            );
            draft.reject(row.span, RejectCode::Amount, detail);
            return None;
        }
        Err(error) => {
            draft.reject(
                row.span,
                RejectCode::Amount,
                format!("row {}: {error}", row.number),
            );
            return None;
        }
    };
    match side.to_ascii_uppercase().as_str() {
        "DR" | "DEBIT" => Some(money.negate()),
        "CR" | "CREDIT" => Some(money),
        other => {
            let detail = format!(
                "row {}: `{}` is neither DR nor CR, so the sign is open",
                row.number,
                read::shown(other)
            );
            draft.reject(row.span, RejectCode::Amount, detail);
            None
        }
    }
}
