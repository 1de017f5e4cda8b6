//! Lists of cases by any filter, fast at a million: which index leads is decided here, by counting, and not by a planner
//! that knows the data of one database and not of the other.
//!
//! A page is found in one of two ways. *Along* an index in the list's order, reading on until the page is full: good when
//! many rows match. Or by *gathering* all that match one filter and sorting them: good when few do. With m matches of n
//! rows the first reads about page * n / m rows, the second m, so at [`GATHERED_MAX`] = sqrt(100 * 1,000,000) both read as
//! much, and neither ever reads much more. Counting up to that bound tells which it is.

use super::files::{keyset, page};
use super::{Durable, absent};
use crate::Error;
use crate::contract::CaseRow;
use crate::database::{Database, Value};
use crate::registry::{CasePage, CaseQuery, Cursor, Sight};
use crate::rows;
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::reference::RefKind;

const DOING: &str = "listing cases";

/// See the room's text above.
const GATHERED_MAX: i64 = 10_000;

/// Filters with more values than these are not followed value by value.
const BRANCHES_MAX: usize = 64;

/// Conditions with the values that they bind.
#[derive(Clone, Default)]
struct Conditions<'a> {
    text: String,
    values: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    fn bind(&mut self, value: impl Into<Value<'a>>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn compare(&mut self, left: &str, value: impl Into<Value<'a>>) {
        let mark = self.bind(value);
        self.and(&format!("{left} {mark}"));
    }

    /// One of these. The list is filled up to a power of two with its last, so that few texts are ever prepared.
    fn one_of(&mut self, column: &str, values: &'a [String]) {
        let Some(last) = values.last() else { return };
        let fill = values.len().next_power_of_two();
        let all = values.iter().chain(std::iter::repeat(last)).take(fill);
        let marks: Vec<String> = all.map(|value| self.bind(value)).collect();
        self.and(&format!("{column} IN ({})", marks.join(", ")));
    }

    fn one_scope_of(&mut self, scopes: &'a [Scope]) {
        let Some(last) = scopes.last() else {
            self.and("1 = 0");
            return;
        };
        let fill = scopes.len().next_power_of_two();
        let all = scopes.iter().chain(std::iter::repeat(last)).take(fill);
        let pair = |scope: &'a Scope| {
            let provider = self.bind(&scope.provider);
            format!("({provider}, {})", self.bind(&scope.account))
        };
        let pairs: Vec<String> = all.map(pair).collect();
        self.and(&format!(
            "(c.provider, c.account) IN (VALUES {})",
            pairs.join(", ")
        ));
    }
}

/// A filter by equality, which an index can follow in the list's order.
struct Along<'a> {
    index: &'static str,
    /// One set of column and value for each branch.
    branches: Vec<Vec<(&'static str, &'a str)>>,
}

/// A filter whose matches lie together in an index, in no order of the list.
#[derive(Clone)]
struct Gather<'a> {
    /// From a table on, with a condition, after `SELECT <column>`.
    column: &'static str,
    from: String,
    values: Vec<Value<'a>>,
}

/// Which cases the sight lets through, beside what the database itself withholds.
enum Seen {
    All,
    Accounts(Vec<Scope>),
    AllButTests,
}

pub(super) fn list<D: Database>(
    store: &mut Durable<D>,
    query: &CaseQuery,
) -> Result<CasePage, Error> {
    let seen = seen(store, query)?;
    if matches!(&seen, Seen::Accounts(accounts) if accounts.is_empty()) {
        return Ok(CasePage {
            rows: Vec::new(),
            more: false,
        });
    }
    let own = store.database.own().to_owned();
    let mut conditions = filters(query, &own);
    match &seen {
        Seen::All => {}
        Seen::Accounts(accounts) => conditions.one_scope_of(accounts),
        Seen::AllButTests => conditions.and(&format!(
            "(c.provider, c.account) NOT IN (SELECT o.provider, o.account FROM {own}owned o WHERE o.live = 0)"
        )),
    }
    let back = from_cursor(store, &query.cursor, &mut conditions)?;
    let order = match back {
        true => "c.opened_at ASC, c.id DESC",
        false => "c.opened_at DESC, c.id ASC",
    };
    let reading = Reading {
        own: &own,
        conditions: &conditions,
        order,
        limit: query.limit.saturating_add(1),
    };
    let mut found = match lead(store, query, &seen, &own)? {
        Lead::Gather(gather) => reading.gathered(store, &gather)?,
        Lead::Along(along) => {
            let mut found = Vec::new();
            for branch in &along.branches {
                found.extend(reading.along(store, along.index, branch)?);
            }
            found
        }
        Lead::Opened => reading.along(store, "cases_opened", &[])?,
    };
    found.sort_by(|one, other| {
        let by_time = other.opened_at.cmp(&one.opened_at);
        let forward = by_time.then_with(|| one.id.cmp(&other.id));
        if back { forward.reverse() } else { forward }
    });
    let (rows, more) = page(found, query.limit, back);
    Ok(CasePage { rows, more })
}

/// The accounts of the sight, those asked for among them.
fn seen<D: Database>(store: &mut Durable<D>, query: &CaseQuery) -> Result<Seen, Error> {
    let named = |scope: &Scope| {
        (query.accounts.is_empty() || query.accounts.contains(scope))
            && (query.providers.is_empty() || query.providers.contains(&scope.provider))
    };
    let wanted = match store.sight.clone() {
        Sight::All => None,
        Sight::Mode { live: true } => None,
        Sight::Mode { live: false } => Some((String::new(), false)),
        Sight::Merchant { id, live } => Some((id, live)),
    };
    let Some((merchant, live)) = wanted else {
        let tests = store.sight != Sight::All;
        return Ok(match (query.accounts.is_empty(), tests) {
            (true, true) => Seen::AllButTests,
            (true, false) => Seen::All,
            (false, _) => {
                let owned = super::sight::owned(store)?;
                let test = |scope: &Scope| owned.iter().any(|it| it.scope == *scope && !it.live);
                let kept = query.accounts.iter().filter(|scope| named(scope));
                Seen::Accounts(kept.filter(|it| !tests || !test(it)).cloned().collect())
            }
        });
    };
    let owned = super::sight::owned(store)?.into_iter();
    let ours =
        owned.filter(|it| it.live == live && (merchant.is_empty() || it.merchant == merchant));
    Ok(Seen::Accounts(
        ours.map(|it| it.scope).filter(named).collect(),
    ))
}

/// What every row of the page satisfies, whichever index leads to it.
fn filters<'a>(query: &'a CaseQuery, own: &str) -> Conditions<'a> {
    let mut all = Conditions::default();
    all.one_of("c.status", &query.statuses);
    all.one_of("c.stage", &query.stages);
    all.one_of("c.provider", &query.providers);
    all.one_of("c.network", &query.networks);
    all.one_of("c.reason", &query.reasons);
    if let Some(who) = &query.assigned_to {
        all.compare("c.assigned_to =", who);
    }
    if let Some(currency) = &query.currency {
        all.compare("c.disputed_currency =", currency);
    }
    if let Some(before) = query.due_before {
        all.compare(
            "c.status = 'ours' AND c.respond_by_at <",
            rows::micros(before),
        );
    }
    if let Some(since) = query.changed_since {
        all.compare("c.changed_at >=", rows::micros(since));
    }
    if let Some(from) = query.opened_from {
        all.compare("c.opened_at >=", rows::micros(from));
    }
    if let Some(before) = query.opened_before {
        all.compare("c.opened_at <", rows::micros(before));
    }
    if let Some((from, until)) = query.amount {
        all.compare("c.disputed_minor >=", from);
        all.compare("c.disputed_minor <=", until);
    }
    let holds = format!("EXISTS (SELECT 1 FROM {own}case_refs r WHERE r.case_id = c.id AND");
    if let Some(reference) = &query.reference {
        let mark = all.bind(reference);
        all.and(&format!("{holds} r.value = {mark})"));
    }
    if let Some(text) = &query.text {
        let from = all.bind(text);
        let until = all.bind(past(text));
        all.and(&format!("{holds} r.value >= {from} AND r.value < {until})"));
    }
    all
}

/// A text after all that begin with this one. Both databases order text by code point here, and none is above the last.
fn past(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// Where the page begins; whether it is read backwards.
fn from_cursor<D: Database>(
    store: &mut Durable<D>,
    cursor: &Cursor,
    conditions: &mut Conditions<'_>,
) -> Result<bool, Error> {
    let (id, older) = match cursor {
        Cursor::Start => return Ok(false),
        Cursor::After(id) => (id, true),
        Cursor::Before(id) => (id, false),
    };
    let sql = "SELECT opened_at FROM cases WHERE id = $1";
    let found = store
        .database
        .query(DOING, sql, &[Value::from(id.as_str())])?;
    let mut row = found
        .into_iter()
        .next()
        .ok_or_else(|| absent("case", id.as_str()))?;
    conditions.values.push(Value::Int(row.int("opened_at")?));
    conditions.values.push(Value::from(id.as_str().to_owned()));
    let last = conditions.values.len();
    let after = keyset("c.opened_at", last.saturating_sub(1), last, older);
    conditions.text.push_str(&after.replace("OR id", "OR c.id"));
    Ok(!older)
}

/// The index that leads to the page.
enum Lead<'a> {
    Along(Along<'a>),
    Gather(Gather<'a>),
    Opened,
}

/// Of the filters that bind, the one with the fewest matches; one that can be followed in order needs no counting when it is
/// alone.
fn lead<'a, D: Database>(
    store: &mut Durable<D>,
    query: &'a CaseQuery,
    seen: &'a Seen,
    own: &str,
) -> Result<Lead<'a>, Error> {
    let mut along = along(query, seen);
    let gathers = gathers(query, own);
    if gathers.is_empty() && along.len() <= 1 {
        return Ok(along.pop().map_or(Lead::Opened, Lead::Along));
    }
    let mut best: Option<(i64, Lead<'a>)> = None;
    for gather in gathers {
        let count = counted(store, &gather.from, &gather.values)?;
        // Too many to gather: the page lies near in the list's own order.
        if count <= GATHERED_MAX && best.as_ref().is_none_or(|(least, _)| count < *least) {
            best = Some((count, Lead::Gather(gather)));
        }
    }
    for along in along {
        let bound = best.as_ref().map_or(i64::MAX, |(least, _)| *least);
        let mut count: i64 = 0;
        for branch in &along.branches {
            let (from, values) = matching(own, store.database.indexed_by(along.index), branch);
            count = count.saturating_add(counted(store, &from, &values)?);
            if count >= bound {
                break;
            }
        }
        if count < bound {
            best = Some((count, Lead::Along(along)));
        }
    }
    Ok(best.map_or(Lead::Opened, |(_, lead)| lead))
}

fn matching<'a>(
    own: &str,
    index: String,
    branch: &[(&'static str, &'a str)],
) -> (String, Vec<Value<'a>>) {
    let mut conditions = Conditions::default();
    pin(&mut conditions, branch);
    let from = format!("{own}cases c{index} WHERE 1 = 1{}", conditions.text);
    (from, conditions.values)
}

/// The columns of one branch. A partial index is chosen only where its own condition stands beside.
fn pin<'a>(conditions: &mut Conditions<'a>, branch: &[(&'static str, &'a str)]) {
    for (column, value) in branch {
        conditions.compare(&format!("c.{column} ="), *value);
        if *column == "assigned_to" {
            conditions.and("c.assigned_to <> ''");
        }
    }
}

/// How many match, up to one more than are gathered.
fn counted<D: Database>(
    store: &mut Durable<D>,
    from: &str,
    values: &[Value<'_>],
) -> Result<i64, Error> {
    let most = GATHERED_MAX.saturating_add(1);
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT {most}) AS matching");
    match store.database.query(DOING, &sql, values)?.pop() {
        Some(mut row) => row.int("count"),
        None => Ok(0),
    }
}

fn along<'a>(query: &'a CaseQuery, seen: &'a Seen) -> Vec<Along<'a>> {
    let mut all = Vec::new();
    let mut add = |index: &'static str, branches: Vec<Vec<(&'static str, &'a str)>>| {
        if !branches.is_empty() && branches.len() <= BRANCHES_MAX {
            all.push(Along { index, branches });
        }
    };
    let plain = |column: &'static str, values: &'a [String]| {
        let branch = |value: &'a String| vec![(column, value.as_str())];
        distinct(values).into_iter().map(branch).collect()
    };
    if let Seen::Accounts(accounts) = seen {
        let account = |scope: &'a Scope| {
            vec![
                ("provider", scope.provider.as_str()),
                ("account", scope.account.as_str()),
            ]
        };
        let scopes = distinct(accounts);
        if query.statuses.is_empty() {
            add(
                "cases_of_account",
                scopes.into_iter().map(account).collect(),
            );
        } else {
            let statuses = distinct(&query.statuses);
            let branch = |scope: &'a Scope| {
                let one = move |status: &&'a String| {
                    let mut branch = account(scope);
                    branch.push(("status", status.as_str()));
                    branch
                };
                statuses.iter().map(one).collect::<Vec<_>>()
            };
            let branches = scopes.into_iter().flat_map(branch).collect();
            add("cases_of_account_by_status", branches);
        }
    } else {
        add("cases_by_status", plain("status", &query.statuses));
    }
    add("cases_by_stage", plain("stage", &query.stages));
    add("cases_by_reason", plain("reason", &query.reasons));
    add("cases_by_network", plain("network", &query.networks));
    let currency = query.currency.as_ref().map(std::slice::from_ref);
    add(
        "cases_by_currency",
        plain("disputed_currency", currency.unwrap_or_default()),
    );
    let assigned = query.assigned_to.as_ref().filter(|who| !who.is_empty());
    let assigned = assigned.map(std::slice::from_ref).unwrap_or_default();
    add("cases_by_assignee", plain("assigned_to", assigned));
    all
}

/// A value named twice would bring its rows twice.
fn distinct<T: Ord>(values: &[T]) -> Vec<&T> {
    let mut all: Vec<&T> = values.iter().collect();
    all.sort();
    all.dedup();
    all
}

fn gathers<'a>(query: &'a CaseQuery, own: &str) -> Vec<Gather<'a>> {
    let mut all = Vec::new();
    if let Some(reference) = &query.reference {
        all.push(Gather {
            column: "case_id",
            from: format!("{own}case_refs WHERE value = $1"),
            values: vec![Value::from(reference)],
        });
    }
    if let Some(text) = &query.text {
        all.push(Gather {
            column: "case_id",
            from: format!("{own}case_refs WHERE value >= $1 AND value < $2"),
            values: vec![Value::from(text), Value::from(past(text))],
        });
    }
    let mut range = |condition: &str, values: Vec<Value<'a>>| {
        all.push(Gather {
            column: "id",
            from: format!("{own}cases WHERE {condition}"),
            values,
        });
    };
    if let Some(before) = query.due_before {
        range(
            "status = 'ours' AND respond_by_at < $1",
            vec![rows::micros(before)],
        );
    }
    if let Some(since) = query.changed_since {
        range("changed_at >= $1", vec![rows::micros(since)]);
    }
    if let Some((from, until)) = query.amount {
        let values = vec![Value::Int(from), Value::Int(until)];
        range("disputed_minor >= $1 AND disputed_minor <= $2", values);
    }
    all
}

struct Reading<'a> {
    own: &'a str,
    conditions: &'a Conditions<'a>,
    order: &'a str,
    limit: u32,
}

impl Reading<'_> {
    fn run<D: Database>(
        &self,
        store: &mut Durable<D>,
        from: &str,
        mut conditions: Conditions<'_>,
    ) -> Result<Vec<CaseRow>, Error> {
        let limit = conditions.bind(self.limit);
        let sql = format!(
            "SELECT {} FROM {from} WHERE 1 = 1{} ORDER BY {} LIMIT {limit}",
            rows::CASE,
            conditions.text,
            self.order
        );
        let found = store.database.query(DOING, &sql, &conditions.values)?;
        found.into_iter().map(rows::case).collect()
    }

    fn along<D: Database>(
        &self,
        store: &mut Durable<D>,
        index: &str,
        branch: &[(&'static str, &str)],
    ) -> Result<Vec<CaseRow>, Error> {
        let mut conditions = self.conditions.clone();
        pin(&mut conditions, branch);
        let index = store.database.indexed_by(index);
        let from = format!("{}cases c{index}", self.own);
        self.run(store, &from, conditions)
    }

    /// The limit within keeps both planners from weaving the two together; twice what was counted, so that it cuts nothing
    /// that came meanwhile.
    fn gathered<D: Database>(
        &self,
        store: &mut Durable<D>,
        gather: &Gather<'_>,
    ) -> Result<Vec<CaseRow>, Error> {
        let mut conditions = self.conditions.clone();
        let first = conditions.values.len();
        conditions.values.extend(gather.values.iter().cloned());
        let mut from = gather.from.clone();
        for at in (1..=gather.values.len()).rev() {
            let mark = format!("${}", first.saturating_add(at));
            from = from.replace(&format!("${at}"), &mark);
        }
        conditions.and("c.id = gathered.hit");
        let most = GATHERED_MAX.saturating_mul(2);
        let from = format!(
            "(SELECT DISTINCT {} AS hit FROM {from} LIMIT {most}) AS gathered CROSS JOIN {}cases c",
            gather.column, self.own
        );
        self.run(store, &from, conditions)
    }
}

pub(super) fn named<D: Database>(
    store: &mut Durable<D>,
    name: &str,
) -> Result<Option<CaseRow>, Error> {
    let by = |store: &mut Durable<D>, condition: &str, values: &[Value<'_>]| {
        let sql = format!(
            "SELECT {} FROM cases c WHERE {condition} LIMIT 2",
            rows::CASE
        );
        let found = store.database.query(DOING, &sql, values)?;
        let rows: Result<Vec<CaseRow>, Error> = found.into_iter().map(rows::case).collect();
        rows
    };
    if let Some(id) = CaseId::parse(name)
        && let Some(case) = by(store, "c.id = $1", &[Value::from(id.as_str())])?.pop()
    {
        return Ok(Some(case));
    }
    let condition = "c.dispute = $1 AND c.id IN (SELECT r.case_id FROM case_refs r WHERE r.value = $1 AND r.kind = $2)";
    let values = [Value::from(name), Value::from(RefKind::Dispute.name())];
    let mut found = by(store, condition, &values)?;
    // Two cases of one name: to choose would be to guess.
    Ok(found.pop().filter(|_| found.is_empty()))
}
