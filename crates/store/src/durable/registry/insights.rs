//! What people compare: cases counted, postings added up, and who was written to.

use super::Durable;
use crate::Error;
use crate::database::{Database, Row, Value};
use crate::registry::{Flow, Tally};
use crate::rows;
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::said::Audience;
use money::{Currency, Money};

const DOING: &str = "adding up";
const DAY_MICROS: i64 = 86_400_000_000;
/// Sums are kept in two parts, millions and the rest, so that no sum of what one column holds is beyond it.
const PART: i64 = 1_000_000;

/// The word is written out: each side has an index of its own, which holds nothing but messages to it.
pub(super) fn told<D: Database>(
    store: &mut Durable<D>,
    to: Audience,
    since: Instant,
    limit: u32,
) -> Result<Vec<(CaseId, Instant)>, Error> {
    let word = match to {
        Audience::Merchant => "told-merchant",
        Audience::Desk => "told-desk",
    };
    let sql = format!(
        "SELECT case_id, max(true_at) AS at FROM facts WHERE word = '{word}' AND true_at >= $1 \
         AND case_id IS NOT NULL GROUP BY case_id ORDER BY 2 DESC, 1 LIMIT $2"
    );
    let values = [rows::micros(since), Value::from(limit)];
    let found = store.database.query(DOING, &sql, &values)?;
    let row = |mut row: Row| {
        let case = rows::read(&mut row, "case_id", CaseId::parse)?;
        Ok((case, rows::instant(&mut row, "at")?))
    };
    found.into_iter().map(row).collect()
}

pub(super) fn tally<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    from: Instant,
    until: Instant,
    standing: &[&str],
) -> Result<Vec<Tally>, Error> {
    let mut values = within(scope, from, until).to_vec();
    let places = standing.iter().map(|word| {
        values.push(Value::from(*word));
        format!("${}", values.len())
    });
    let places: Vec<String> = places.collect();
    let standing = match places.is_empty() {
        true => String::new(),
        false => format!("AND status IN ({})", places.join(", ")),
    };
    let sql = format!(
        "SELECT status, stage, reason, network, coalesce(disputed_currency, '') AS currency, count(*) AS cases, \
         CAST(coalesce(sum(disputed_minor / {PART}), 0) AS BIGINT) AS high, \
         CAST(coalesce(sum(disputed_minor % {PART}), 0) AS BIGINT) AS low \
         FROM cases WHERE provider = $1 AND account = $2 AND opened_at >= $3 AND opened_at < $4 {standing} \
         GROUP BY status, stage, reason, network, currency ORDER BY 1, 2, 3, 4, 5"
    );
    let found = store.database.query(DOING, &sql, &values)?;
    let row = |mut row: Row| {
        let (status, stage) = (row.text("status")?, row.text("stage")?);
        let (reason, network) = (row.text("reason")?, row.text("network")?);
        let code = row.text("currency")?;
        let cases = row.number("cases")?;
        let disputed = match code.is_empty() {
            true => None,
            false => Some(sum(&mut row, &code, "high", "low")?),
        };
        Ok(Tally {
            status,
            stage,
            reason,
            network,
            cases,
            disputed,
        })
    };
    found.into_iter().map(row).collect()
}

pub(super) fn flow<D: Database>(
    store: &mut Durable<D>,
    scope: &Scope,
    from: Instant,
    until: Instant,
) -> Result<Vec<Flow>, Error> {
    let kinds = ledger::AccountKind::ALL.map(|kind| {
        let name = kind.name();
        format!("WHEN l.path LIKE '{name}:%' THEN '{name}'")
    });
    let part = |name: &str, sign: &str, cut: &str| {
        format!(
            "CAST(coalesce(sum(CASE WHEN l.minor {sign} 0 THEN l.minor {cut} {PART} END), 0) AS BIGINT) AS {name}"
        )
    };
    let sql = format!(
        "SELECT e.effective_at / {DAY_MICROS} AS day, CASE {} ELSE '' END AS kind, l.currency AS currency, {}, {}, {}, {} \
         FROM entries e JOIN legs l ON l.entry = e.sequence \
         WHERE e.provider = $1 AND e.account = $2 AND e.effective_at >= $3 AND e.effective_at < $4 AND l.layer = 'posted' \
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        kinds.join(" "),
        part("added_high", ">", "/"),
        part("added_low", ">", "%"),
        part("taken_high", "<", "/"),
        part("taken_low", "<", "%"),
    );
    let found = store
        .database
        .query(DOING, &sql, &within(scope, from, until))?;
    let row = |mut row: Row| {
        let (day, kind) = (row.int("day")?, row.text("kind")?);
        let code = row.text("currency")?;
        let midnight = day
            .checked_mul(DAY_MICROS)
            .and_then(Instant::from_unix_micros);
        Ok(Flow {
            day: midnight
                .ok_or_else(|| Error::corrupt("a posting's day", format!("{day} is no day")))?,
            kind,
            added: sum(&mut row, &code, "added_high", "added_low")?,
            taken: sum(&mut row, &code, "taken_high", "taken_low")?,
        })
    };
    found.into_iter().map(row).collect()
}

fn within<'a>(scope: &'a Scope, from: Instant, until: Instant) -> [Value<'a>; 4] {
    [
        Value::from(&scope.provider),
        Value::from(&scope.account),
        rows::micros(from),
        rows::micros(until),
    ]
}

/// A sum from its two parts.
fn sum(row: &mut Row, code: &str, high: &str, low: &str) -> Result<Money, Error> {
    let currency = Currency::find(code)
        .ok_or_else(|| Error::corrupt("a sum", format!("`{code}` is no currency")))?;
    let whole = i128::from(row.int(high)?)
        .checked_mul(i128::from(PART))
        .and_then(|high| high.checked_add(i128::from(row.int(low).ok()?)));
    let minor =
        whole.ok_or_else(|| Error::corrupt("a sum", String::from("it is beyond all money")))?;
    Ok(Money::of_minor(minor, currency))
}
