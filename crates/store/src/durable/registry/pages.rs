//! Pages of documents, entries and findings for the desk's own people, each by an index in the order of the list.

use super::Durable;
use super::overview::{by, cases_of};
use crate::Error;
use crate::contract::{FindingRow, Way};
use crate::database::{Database, Kind, Many, Row, Value, arrays};
use crate::overview::{
    Beside, DocumentQuery, DocumentRow, EntryQuery, FindingQuery, FindingSum, FoundIn, Moved,
    MovedAt, MovedQuery, NumberedEntry,
};
use crate::rows;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId};

const DOING: &str = "listing for the desk";

const DOCUMENT: &str = "SELECT d.id, d.sequence, d.provider, d.account, d.way, d.name, d.received_at, s.fate, s.form, \
    s.trouble, s.verdict, s.arrivals FROM documents d JOIN document_states s ON s.document = d.sequence";
/// What comes from providers, and not from our own people and clock.
const NOT_OWN: &str = "d.way IN ('webhook', 'file', 'api')";

fn document(mut row: Row) -> Result<DocumentRow, Error> {
    let row = &mut row;
    Ok(DocumentRow {
        id: rows::read(row, "id", DocumentId::parse)?,
        sequence: row.number("sequence")?,
        scope: rows::scope(row)?,
        way: rows::read(row, "way", Way::parse)?,
        name: row.text("name")?,
        received_at: rows::instant(row, "received_at")?,
        fate: rows::read(row, "fate", crate::Fate::parse)?,
        form: row.text("form")?,
        trouble: row.text("trouble")?,
        verdict: row.text("verdict")?,
        arrivals: row.number("arrivals")?,
    })
}

pub(super) fn documents<D: Database>(
    store: &mut Durable<D>,
    query: &DocumentQuery,
) -> Result<Vec<DocumentRow>, Error> {
    let mut values: Vec<Value<'_>> = Vec::new();
    let mut sql = String::from(DOCUMENT);
    sql.push_str(" WHERE 1 = 1");
    let mut and = |condition: &str, value: Value<'static>| {
        values.push(value);
        sql.push_str(&format!(" AND {condition} ${}", values.len()));
    };
    if let Some(scope) = &query.scope {
        and("d.provider =", Value::from(scope.provider.clone()));
        and("d.account =", Value::from(scope.account.clone()));
    }
    if let Some(before) = query.before {
        and("d.sequence <", rows::count(before));
    }
    if let Some(fate) = query.fate {
        and("s.fate =", Value::from(fate.name()));
        if fate != crate::Fate::Applied {
            sql.push_str(" AND s.fate <> 'applied'");
        }
    }
    if !query.own {
        sql.push_str(&format!(" AND {NOT_OWN}"));
    }
    values.push(Value::from(query.limit));
    sql.push_str(&format!(
        " ORDER BY d.sequence DESC LIMIT ${}",
        values.len()
    ));
    let found = store.database.query(DOING, &sql, &values)?;
    found.into_iter().map(document).collect()
}

/// The last document of each account that came from outside.
pub(super) fn last_arrivals<D: Database>(
    store: &mut Durable<D>,
    scopes: &[Scope],
) -> Result<Vec<DocumentRow>, Error> {
    let last = |provider: &str, account: &str| {
        format!(
            "{DOCUMENT} WHERE d.provider = {provider} AND d.account = {account} AND {NOT_OWN} \
             ORDER BY d.sequence DESC LIMIT 1"
        )
    };
    let kinds = vec![Kind::Text, Kind::Text];
    let many = Many {
        sqlite: last("?1", "?2").into(),
        pg: format!(
            "SELECT x.* FROM UNNEST({}) AS u (provider, account) CROSS JOIN LATERAL ({}) AS x",
            arrays(&kinds),
            last("u.provider", "u.account")
        )
        .into(),
        kinds,
    };
    let mut values = Vec::with_capacity(scopes.len().saturating_mul(2));
    for scope in scopes {
        values.push(Value::from(&scope.provider));
        values.push(Value::from(&scope.account));
    }
    let found = store.database.query_many(DOING, &many, &values)?;
    found.into_iter().map(document).collect()
}

pub(super) fn entries<D: Database>(
    store: &mut Durable<D>,
    query: &EntryQuery,
) -> Result<Vec<NumberedEntry>, Error> {
    crate::durable::books::entries_before(store, query.scope.as_ref(), query.before, query.limit)
}

/// The first entry under a key of a case is its movement; `resolution` is what a decision does to the books, and moves nothing.
const MOVED: &str = "e.ordinal = 1 AND e.case_id <> '' AND e.key <> 'resolution'";

pub(super) fn moved<D: Database>(
    store: &mut Durable<D>,
    query: &MovedQuery,
) -> Result<Vec<Moved>, Error> {
    let mut values: Vec<Value<'_>> = Vec::new();
    let mut sql =
        format!("SELECT e.effective_at, e.sequence, e.case_id, e.key FROM entries e WHERE {MOVED}");
    let mut and = |condition: &str, value: Value<'static>| {
        values.push(value);
        let mark = format!("${}", values.len());
        sql.push_str(&format!(" AND {}", condition.replace('?', &mark)));
    };
    if let Some(scope) = &query.scope {
        and("e.provider = ?", Value::from(scope.provider.clone()));
        and("e.account = ?", Value::from(scope.account.clone()));
    }
    if let Some(from) = query.from {
        and("e.effective_at >= ?", rows::micros(from));
    }
    if let Some(before) = query.before {
        and("e.effective_at < ?", rows::micros(before));
    }
    if let Some(currency) = query.currency {
        let within = "EXISTS (SELECT 1 FROM legs l WHERE l.entry = e.sequence AND l.currency = ?)";
        and(within, Value::from(currency.code().to_owned()));
    }
    let (order, edge) = match query.beside {
        None => ("DESC", None),
        Some(Beside::After(at)) => ("DESC", Some(("<", at))),
        Some(Beside::Before(at)) => ("ASC", Some((">", at))),
    };
    if let Some((past, MovedAt { at, number })) = edge {
        values.push(rows::micros(at));
        values.push(rows::count(number));
        let (at, number) = (values.len().saturating_sub(1), values.len());
        sql.push_str(&format!(
            " AND (e.effective_at, e.sequence) {past} (${at}, ${number})"
        ));
    }
    values.push(Value::from(query.limit));
    sql.push_str(&format!(
        " ORDER BY e.effective_at {order}, e.sequence {order} LIMIT ${}",
        values.len()
    ));
    let found = store.database.query(DOING, &sql, &values)?;
    let moved = |mut row: Row| {
        Ok(Moved {
            at: place(&mut row)?,
            case: rows::read(&mut row, "case_id", CaseId::parse)?,
            key: row.text("key")?,
        })
    };
    found.into_iter().map(moved).collect()
}

fn place(row: &mut Row) -> Result<MovedAt, Error> {
    Ok(MovedAt {
        at: rows::instant(row, "effective_at")?,
        number: row.number("sequence")?,
    })
}

pub(super) fn moved_at<D: Database>(
    store: &mut Durable<D>,
    case: &CaseId,
    key: &str,
) -> Result<Option<MovedAt>, Error> {
    let sql = format!(
        "SELECT e.effective_at, e.sequence FROM entries e WHERE {MOVED} AND e.case_id = $1 AND e.key = $2"
    );
    let values = [case.as_str(), key].map(Value::from);
    let found = store.database.query(DOING, &sql, &values)?;
    found
        .into_iter()
        .next()
        .map(|mut row| place(&mut row))
        .transpose()
}

pub(super) fn finding_sums<D: Database>(store: &mut Durable<D>) -> Result<Vec<FindingSum>, Error> {
    let causes = by(store, "findings_by_cause");
    let sql = format!(
        "SELECT kind, fingerprint, CASE WHEN amount_currency IS NOT NULL \
         THEN CAST(coalesce(sum(amount_minor), 0) AS BIGINT) END, amount_currency, count(*) FROM findings{causes} \
         WHERE closed_at IS NULL GROUP BY kind, fingerprint, amount_currency ORDER BY kind, fingerprint, amount_currency"
    );
    let sum = |mut row: Row| {
        let row = &mut row;
        Ok(FindingSum {
            kind: row.text("kind")?,
            fingerprint: row.text("fingerprint")?,
            amount: rows::money(row, "amount")?,
            findings: row.number("count")?,
        })
    };
    let found = store.database.query(DOING, &sql, &[])?;
    found.into_iter().map(sum).collect()
}

/// Open findings, those with most at stake first; of one amount in order of id.
pub(super) fn findings<D: Database>(
    store: &mut Durable<D>,
    query: &FindingQuery,
) -> Result<Vec<FoundIn>, Error> {
    let mut values: Vec<Value<'_>> = Vec::new();
    let mut sql = format!(
        "SELECT {} FROM findings WHERE closed_at IS NULL",
        rows::FINDING
    );
    let filters = [
        ("kind", &query.kind),
        ("fingerprint", &query.fingerprint),
        ("provider", &query.provider),
    ];
    for (column, wanted) in filters {
        if let Some(wanted) = wanted {
            values.push(Value::from(wanted));
            sql.push_str(&format!(" AND {column} = ${}", values.len()));
        }
    }
    let at_stake = "abs(coalesce(amount_minor, 0))";
    if let Some((minor, id)) = &query.after {
        values.push(Value::Int(*minor));
        values.push(Value::from(id));
        let (minor, id) = (values.len().saturating_sub(1), values.len());
        sql.push_str(&format!(
            " AND ({at_stake} < ${minor} OR ({at_stake} = ${minor} AND id > ${id}))"
        ));
    }
    values.push(Value::from(query.limit));
    sql.push_str(&format!(
        " ORDER BY {at_stake} DESC, id LIMIT ${}",
        values.len()
    ));
    let found = store.database.query(DOING, &sql, &values)?;
    let found: Result<Vec<FindingRow>, Error> = found.into_iter().map(rows::finding).collect();
    let found = found?;
    let ids: Vec<String> = found.iter().map(|row| row.case.to_string()).collect();
    let cases = cases_of(store, &ids)?;
    let with = found.into_iter().filter_map(|row| {
        let case = cases.get(row.case.as_str())?.clone();
        Some((row, case))
    });
    Ok(with.collect())
}

/// How many leaves the audit log has.
pub(super) fn log_size<D: Database>(store: &mut Durable<D>) -> Result<u64, Error> {
    let sql = "SELECT log_size FROM desk";
    match store.database.query(DOING, sql, &[])?.pop() {
        Some(mut row) => row.number("log_size"),
        None => Ok(0),
    }
}
