//! What people list: cases, obligations, findings.

use super::Durable;
use crate::Error;
use crate::contract::{CaseFilter, CaseRow, FindingRow, ObligationRow};
use crate::database::{Database, Row, Value};
use crate::rows;
use calendar::Instant;
use dispute::finding::FindingKind;
use dispute::id::CaseId;
use std::collections::BTreeSet;

const DOING: &str = "reading cases";

fn select<D: Database>(
    store: &mut Durable<D>,
    rest: &str,
    values: &[Value<'_>],
) -> Result<Vec<CaseRow>, Error> {
    let sql = format!("SELECT {} FROM cases WHERE {rest}", rows::CASE);
    let found = store.database.query(DOING, &sql, values)?;
    found.into_iter().map(rows::case).collect()
}

pub(super) fn of_id<D: Database>(
    store: &mut Durable<D>,
    id: &CaseId,
) -> Result<Option<CaseRow>, Error> {
    Ok(select(store, "id = $1", &[Value::from(id.as_str())])?.pop())
}

/// Those whose id or a reference is the text, then those in which it is a part of one; each in order of id.
pub(super) fn find<D: Database>(
    store: &mut Durable<D>,
    text: &str,
    limit: u32,
) -> Result<Vec<CaseRow>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let exact = "(id = $1 OR id IN (SELECT case_id FROM case_refs WHERE value = $1))";
    let values = [Value::from(text), Value::from(limit)];
    let mut found = select(store, &format!("{exact} ORDER BY id LIMIT $2"), &values)?;
    let room = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    if room > 0 {
        let id = store.database.contains("id", "$1");
        let value = store.database.contains("value", "$1");
        let part = format!(
            "({id} OR id IN (SELECT case_id FROM case_refs WHERE {value})) AND NOT {exact} \
             ORDER BY id LIMIT $2"
        );
        found.extend(select(
            store,
            &part,
            &[Value::from(text), Value::from(room)],
        )?);
    }
    Ok(found)
}

pub(super) fn filtered<D: Database>(
    store: &mut Durable<D>,
    filter: &CaseFilter,
) -> Result<Vec<CaseRow>, Error> {
    let mut conditions: Vec<String> = vec![String::from("1 = 1")];
    let mut values: Vec<Value<'_>> = Vec::new();
    let mut add = |condition: &str, value: Value<'static>| {
        values.push(value);
        conditions.push(format!("{condition} ${}", values.len()));
    };
    if let Some(scope) = &filter.scope {
        add("provider =", Value::from(scope.provider.clone()));
        add("account =", Value::from(scope.account.clone()));
    }
    if let Some(provider) = &filter.provider {
        add("provider =", Value::from(provider.clone()));
    }
    if let Some(status) = &filter.status {
        add("status =", Value::from(status.clone()));
    }
    if let Some(stage) = &filter.stage {
        add("stage =", Value::from(stage.clone()));
    }
    if let Some(before) = filter.due_before {
        add("status = 'ours' AND respond_by_at <", rows::micros(before));
    }
    if let Some(after) = &filter.after {
        add("id >", Value::from(after.as_str().to_owned()));
    }
    values.push(Value::from(filter.limit));
    let rest = format!(
        "{} ORDER BY id LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    select(store, &rest, &values)
}

pub(super) fn digests_after<D: Database>(
    store: &mut Durable<D>,
    after: Option<&CaseId>,
    limit: u32,
) -> Result<Vec<(CaseId, String)>, Error> {
    let sql = "SELECT id, digest FROM cases WHERE id > $1 ORDER BY id LIMIT $2";
    let after = after.map_or("", CaseId::as_str);
    let found = store
        .database
        .query(DOING, sql, &[Value::from(after), Value::from(limit)])?;
    let one = |mut row: Row| {
        Ok((
            rows::read(&mut row, "id", CaseId::parse)?,
            row.text("digest")?,
        ))
    };
    found.into_iter().map(one).collect()
}

/// Open cases last read before this instant, or never, nearest deadline first and then those without one. Two questions,
/// because an order over both could follow no index.
pub(super) fn sweep_due<D: Database>(
    store: &mut Durable<D>,
    provider: &str,
    read_before: Instant,
    limit: u32,
) -> Result<Vec<CaseRow>, Error> {
    let mut found = contradicted(store, provider, limit)?;
    let doubted: BTreeSet<CaseId> = found.iter().map(|row| row.id.clone()).collect();
    let questions = [
        ("respond_by_at IS NOT NULL", "respond_by_at, id"),
        ("respond_by_at IS NULL", "id"),
    ];
    for (which, order) in questions {
        let kept = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let rest = format!(
            "closed = 0 AND provider = $1 AND {which} AND (read_at IS NULL OR read_at < $2) \
             ORDER BY {order} LIMIT $3"
        );
        let values = [
            Value::from(provider),
            rows::micros(read_before),
            Value::from(limit.saturating_sub(kept)),
        ];
        let rows = select(store, &rest, &values)?.into_iter();
        found.extend(rows.filter(|row| !doubted.contains(&row.id)));
    }
    Ok(found)
}

/// Cases, closed ones too, about which something was said that does not fit since they were last read.
fn contradicted<D: Database>(
    store: &mut Durable<D>,
    provider: &str,
    limit: u32,
) -> Result<Vec<CaseRow>, Error> {
    let rest = "provider = $1 AND id IN (SELECT f.case_id FROM findings f WHERE f.closed_at IS NULL \
                AND f.kind = $2 AND (cases.read_at IS NULL OR f.opened_at > cases.read_at)) \
                ORDER BY id LIMIT $3";
    let values = [
        Value::from(provider),
        Value::from(FindingKind::Contradicted.name()),
        Value::from(limit),
    ];
    select(store, rest, &values)
}

pub(super) fn swept<D: Database>(
    store: &mut Durable<D>,
    case: &CaseId,
    at: Instant,
) -> Result<(), Error> {
    let sql = "UPDATE cases SET read_at = $1 WHERE id = $2";
    let values = [rows::micros(at), Value::from(case.as_str())];
    match store.database.execute("noting a read-back", sql, &values)? {
        0 => Err(Error::Absent {
            what: format!("case {case}"),
        }),
        _ => Ok(()),
    }
}

/// Nearest due first.
pub(super) fn obligations<D: Database>(
    store: &mut Durable<D>,
    standing: Option<&str>,
    debtor: Option<&str>,
    limit: u32,
) -> Result<Vec<ObligationRow>, Error> {
    let mut sql = format!("SELECT {} FROM obligations WHERE 1 = 1", rows::OBLIGATION);
    let mut values: Vec<Value<'_>> = Vec::new();
    for (column, wanted) in [("standing", standing), ("debtor", debtor)] {
        if let Some(wanted) = wanted {
            values.push(Value::from(wanted));
            sql.push_str(&format!(" AND {column} = ${}", values.len()));
        }
    }
    values.push(Value::from(limit));
    sql.push_str(&format!(" ORDER BY due_by_at, id LIMIT ${}", values.len()));
    let found = store.database.query("reading obligations", &sql, &values)?;
    found.into_iter().map(rows::obligation).collect()
}

pub(super) fn obligations_standing<D: Database>(
    store: &mut Durable<D>,
    standing: &str,
) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM obligations WHERE standing = $1";
    let doing = "counting obligations";
    match store
        .database
        .query(doing, sql, &[Value::from(standing)])?
        .pop()
    {
        Some(mut row) => row.number("count"),
        None => Ok(0),
    }
}

pub(super) fn obligations_of<D: Database>(
    store: &mut Durable<D>,
    case: &CaseId,
) -> Result<Vec<ObligationRow>, Error> {
    let sql = format!(
        "SELECT {} FROM obligations WHERE case_id = $1 ORDER BY due_by_at, id",
        rows::OBLIGATION
    );
    let values = [Value::from(case.as_str())];
    let found = store.database.query("reading obligations", &sql, &values)?;
    found.into_iter().map(rows::obligation).collect()
}

/// Oldest first.
pub(super) fn findings<D: Database>(
    store: &mut Durable<D>,
    open_only: bool,
    limit: u32,
) -> Result<Vec<FindingRow>, Error> {
    let open = if open_only {
        "WHERE closed_at IS NULL"
    } else {
        ""
    };
    let sql = format!(
        "SELECT {} FROM findings {open} ORDER BY opened_at, id LIMIT $1",
        rows::FINDING
    );
    let found = store
        .database
        .query("reading findings", &sql, &[Value::from(limit)])?;
    found.into_iter().map(rows::finding).collect()
}

pub(super) fn findings_of<D: Database>(
    store: &mut Durable<D>,
    case: &CaseId,
) -> Result<Vec<FindingRow>, Error> {
    let sql = format!(
        "SELECT {} FROM findings WHERE case_id = $1 ORDER BY opened_at, id",
        rows::FINDING
    );
    let found = store
        .database
        .query("reading findings", &sql, &[Value::from(case.as_str())])?;
    found.into_iter().map(rows::finding).collect()
}
