//! How the contract's values stand in columns, both ways.

use crate::Error;
use crate::contract::{
    CaseRow, Fate, FindingRow, Intake, ObligationRow, OutboxRow, RejectRow, TimerRow, Way,
};
use crate::database::{Row, Value};
use calendar::{Instant, Moment};
use dispute::fact::{Scope, Span};
use dispute::finding::{Finding, FindingKind};
use money::{Currency, Money};

/// The instant from which on the clock says that this moment has passed: the first one at which nobody is in time any more.
/// Instants count microseconds; the last second of a day is wholly in time.
pub fn speaks_at(due: Moment) -> Instant {
    let latest = due.latest_instant();
    match due {
        Moment::At(_) => {
            let after = latest.unix_micros().saturating_add(1);
            Instant::from_unix_micros(after).unwrap_or(Instant::MAX)
        }
        Moment::On { .. } => latest.plus_seconds(1),
    }
}

/// Minor units as they are kept: 64 bits in both databases, so that both can sum them. That is 92 quadrillion units of a
/// currency with two decimals; more is refused, never cut.
pub(crate) fn minor(amount: Money) -> Result<i64, Error> {
    i64::try_from(amount.minor()).map_err(|_| Error::TooLarge {
        what: String::from("an amount"),
        found: format!("{} minor units of {}", amount.minor(), amount.currency()),
        bound: i64::MAX.to_string(),
    })
}

/// The two columns of an amount that may be absent.
pub(crate) fn maybe_money(amount: Option<Money>) -> Result<[Value<'static>; 2], Error> {
    match amount {
        None => Ok([Value::Null, Value::Null]),
        Some(amount) => Ok([
            Value::Int(minor(amount)?),
            Value::from(amount.currency().code()),
        ]),
    }
}

pub(crate) fn micros(instant: Instant) -> Value<'static> {
    Value::Int(instant.unix_micros())
}

pub(crate) fn maybe_micros(instant: Option<Instant>) -> Value<'static> {
    instant.map_or(Value::Null, micros)
}

pub(crate) fn count(number: u64) -> Value<'static> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Reads a text that has a form of its own.
pub(crate) fn read<T>(
    row: &mut Row,
    column: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    let text = row.text(column)?;
    parse(&text).ok_or_else(|| Error::corrupt(format!("column {column}"), text))
}

pub(crate) fn instant(row: &mut Row, column: &str) -> Result<Instant, Error> {
    let micros = row.int(column)?;
    instant_of(micros, column)
}

pub(crate) fn maybe_instant(row: &mut Row, column: &str) -> Result<Option<Instant>, Error> {
    let micros = row.maybe_int(column)?;
    micros.map(|micros| instant_of(micros, column)).transpose()
}

fn instant_of(micros: i64, column: &str) -> Result<Instant, Error> {
    Instant::from_unix_micros(micros)
        .ok_or_else(|| Error::corrupt(format!("column {column}"), micros.to_string()))
}

pub(crate) fn moment(row: &mut Row, column: &str) -> Result<Moment, Error> {
    read(row, column, |text| Moment::parse(text).ok())
}

pub(crate) fn scope(row: &mut Row) -> Result<Scope, Error> {
    Ok(Scope {
        provider: row.text("provider")?,
        account: row.text("account")?,
    })
}

pub(crate) fn span(row: &mut Row) -> Result<Span, Error> {
    Ok(Span {
        from: row.number("span_from")?,
        until: row.number("span_until")?,
    })
}

pub(crate) fn money(row: &mut Row, column: &str) -> Result<Option<Money>, Error> {
    let minor = row.maybe_int(column)?;
    let code = row.maybe_text(column)?;
    match (minor, code) {
        (None, None) => Ok(None),
        (Some(minor), Some(code)) => {
            let currency = Currency::find(&code)
                .ok_or_else(|| Error::corrupt(format!("column {column}"), code))?;
            Ok(Some(Money::of_minor(i128::from(minor), currency)))
        }
        _ => Err(Error::corrupt(
            format!("column {column}"),
            "an amount without its currency, or the reverse",
        )),
    }
}

/// The columns that [`case`] reads, in order.
pub(crate) const CASE: &str = "id, family, provider, account, dispute, stage, status, reason, \
    network, disputed_minor, disputed_currency, respond_by, money, divergence_minor, \
    divergence_currency, opened_at, changed_at, assigned_to, digest";

pub(crate) fn case(mut row: Row) -> Result<CaseRow, Error> {
    use dispute::id::{CaseId, FamilyId};
    let row = &mut row;
    Ok(CaseRow {
        id: read(row, "id", CaseId::parse)?,
        family: read(row, "family", FamilyId::parse)?,
        scope: scope(row)?,
        dispute: row.text("dispute")?,
        stage: row.text("stage")?,
        status: row.text("status")?,
        reason: row.text("reason")?,
        network: row.text("network")?,
        disputed: money(row, "disputed")?,
        respond_by: match row.maybe_text("respond_by")? {
            None => None,
            Some(text) => Some(
                Moment::parse(&text)
                    .map_err(|error| Error::corrupt("column respond_by", error.to_string()))?,
            ),
        },
        money: row.text("money")?,
        divergence: money(row, "divergence")?,
        opened_at: instant(row, "opened_at")?,
        changed_at: instant(row, "changed_at")?,
        assigned_to: row.text("assigned_to")?,
        digest: row.text("digest")?,
    })
}

/// The columns that [`obligation`] reads, in order.
pub(crate) const OBLIGATION: &str = "id, case_id, provider, account, duty, debtor, creditor, \
    amount_minor, amount_currency, due_by, basis, standing";

pub(crate) fn obligation(mut row: Row) -> Result<ObligationRow, Error> {
    let row = &mut row;
    Ok(ObligationRow {
        id: row.text("id")?,
        case: read(row, "case_id", dispute::id::CaseId::parse)?,
        scope: scope(row)?,
        duty: row.text("duty")?,
        debtor: row.text("debtor")?,
        creditor: row.text("creditor")?,
        amount: money(row, "amount")?,
        due_by: moment(row, "due_by")?,
        basis: row.text("basis")?,
        standing: row.text("standing")?,
    })
}

/// The columns that [`finding`] reads, in order.
pub(crate) const FINDING: &str = "id, case_id, provider, account, kind, fingerprint, detail, \
    amount_minor, amount_currency, opened_at, closed_at";

pub(crate) fn finding(mut row: Row) -> Result<FindingRow, Error> {
    let row = &mut row;
    Ok(FindingRow {
        id: read(row, "id", dispute::id::FindingId::parse)?,
        case: read(row, "case_id", dispute::id::CaseId::parse)?,
        scope: scope(row)?,
        finding: Finding {
            kind: read(row, "kind", FindingKind::parse)?,
            fingerprint: row.text("fingerprint")?,
            detail: row.text("detail")?,
            amount: money(row, "amount")?,
        },
        opened_at: instant(row, "opened_at")?,
        closed_at: maybe_instant(row, "closed_at")?,
    })
}

/// The columns that [`timer`] reads, in order.
pub(crate) const TIMER: &str = "id, provider, account, case_id, what, due";

pub(crate) fn timer(mut row: Row) -> Result<TimerRow, Error> {
    let row = &mut row;
    Ok(TimerRow {
        id: read(row, "id", dispute::id::TimerId::parse)?,
        scope: scope(row)?,
        case: read(row, "case_id", dispute::id::CaseId::parse)?,
        what: row.text("what")?,
        due: moment(row, "due")?,
    })
}

/// The columns that [`outbox`] reads, in order.
pub(crate) const OUTBOX: &str =
    "id, provider, account, case_id, verb, digest, attempt, not_before, tries, last_trouble";

pub(crate) fn outbox(mut row: Row) -> Result<OutboxRow, Error> {
    let row = &mut row;
    Ok(OutboxRow {
        id: read(row, "id", dispute::id::SubmissionId::parse)?,
        scope: scope(row)?,
        case: read(row, "case_id", dispute::id::CaseId::parse)?,
        verb: row.text("verb")?,
        digest: row.text("digest")?,
        attempt: row.number("attempt")?,
        not_before: instant(row, "not_before")?,
        tries: row.number("tries")?,
        last_trouble: row.text("last_trouble")?,
    })
}

/// The columns that [`reject`] reads, in order.
pub(crate) const REJECT: &str = "span_from, span_until, code, name, detail, hint";

pub(crate) fn reject(mut row: Row) -> Result<RejectRow, Error> {
    let row = &mut row;
    Ok(RejectRow {
        span: span(row)?,
        code: row.text("code")?,
        name: row.text("name")?,
        detail: row.text("detail")?,
        hint: row.text("hint")?,
    })
}

/// Reads provider, account, way, fate, documents and arrivals.
pub(crate) fn intake(mut row: Row) -> Result<Intake, Error> {
    let row = &mut row;
    Ok(Intake {
        scope: scope(row)?,
        way: read(row, "way", Way::parse)?,
        fate: read(row, "fate", Fate::parse)?,
        documents: row.number("documents")?,
        arrivals: row.number("arrivals")?,
    })
}
