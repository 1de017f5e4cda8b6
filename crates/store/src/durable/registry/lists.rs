//! Lists of cases by any filter, fast at a million: which index leads is decided here, by counting, and not by a planner
//! that knows the data of one database and not of the other.
//!
//! A page is found in one of two ways. *Along* an index in the list's order, reading on until the page is full: good when
//! many rows match. Or by *gathering* all that match one filter and sorting them: good when few do. With m matches of n
//! rows the first reads about page * n / m rows, the second m, so at [`GATHERED_MAX`] = sqrt(100 * 1,000,000) both read as
//! much, and neither ever reads much more. Counting up to that bound tells which it is.
//!
//! Where the accounts are known, as they are of a merchant, nothing of that is counted but a reference or a text: the page
//! is followed through their accounts' own indexes, because every other filter leads through other merchants' cases too.
//! Only the place in the list and the id of what may be on the page are read, from an index alone where it holds all that
//! is asked; whole rows are read for the page itself.

use super::files::{keyset, page};
use super::{Durable, absent};
use crate::Error;
use crate::contract::CaseRow;
use crate::database::{Database, Kind, Many, Row, Value, arrays};
use crate::registry::{CasePage, CaseQuery, Cursor, Sight};
use crate::rows;
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::reference::RefKind;
use std::cmp::Ordering;

const DOING: &str = "listing cases";
/// See above.
const GATHERED_MAX: i64 = 10_000;
/// In a merchant's sight, where accounts' own indexes lead too, fewer are worth gathering.
const GATHERED_IN_SIGHT_MAX: i64 = 5_000;
/// Filters with more values than these are not followed value by value.
const BRANCHES_MAX: usize = 64;
/// Stages that lead to a page by their index.
const STAGES_LED_MAX: usize = 4;
/// Matches of a reference or a text that are read without looking for a filter with fewer.
const FEW: i64 = 200;
/// So many branches are asked one by one: PostgreSQL then knows the value and follows the index. Over more, the round trips
/// cost more than the poorer plan of one statement for all.
const ASKED_SINGLY_MAX: usize = 16;

/// Beyond twice its even share of a page a branch gives so many lines more before it is asked again.
const SHARE_LEAST: u32 = 8;

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

    /// One of these accounts, as a condition of the table that goes by this name.
    fn one_scope_of(&mut self, table: &str, scopes: &'a [Scope]) -> String {
        let Some(last) = scopes.last() else {
            return String::from("1 = 0");
        };
        let fill = scopes.len().next_power_of_two();
        let all = scopes.iter().chain(std::iter::repeat(last)).take(fill);
        let pair = |scope: &'a Scope| {
            let provider = self.bind(&scope.provider);
            format!("({provider}, {})", self.bind(&scope.account))
        };
        let pairs: Vec<String> = all.map(pair).collect();
        format!(
            "({table}.provider, {table}.account) IN (VALUES {})",
            pairs.join(", ")
        )
    }
}

/// A filter by equality, which an index can follow in the list's order.
struct Along<'a> {
    index: &'static str,
    /// One set of column and value for each branch.
    branches: Vec<Vec<(&'static str, &'a str)>>,
}

impl Along<'_> {
    fn of_accounts(&self) -> bool {
        self.index.starts_with("cases_of_account")
    }
}

/// A filter whose matches lie together in an index, in no order of the list.
struct Gather<'a> {
    /// Of the case itself, or of its references.
    index: Option<&'static str>,
    /// What matches, with `{1}` and `{2}` for the values.
    condition: &'static str,
    values: Vec<Value<'a>>,
}

impl Gather<'_> {
    /// The condition, its values numbered after so many others.
    fn numbered(&self, others: usize) -> String {
        let mark = |at: usize| format!("${}", others.saturating_add(at));
        self.condition
            .replace("{1}", &mark(1))
            .replace("{2}", &mark(2))
    }
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
    let lead = lead(store, query, &seen, &own)?;
    let mut conditions = filters(query, &own, &lead);
    match &seen {
        Seen::All => {}
        // The branches name the accounts one by one.
        Seen::Accounts(_) if matches!(&lead, Lead::Along(along) if along.of_accounts()) => {}
        // Where references are gathered, they are those of the accounts: asked of the cases, PostgreSQL reads all of theirs.
        Seen::Accounts(_) if lead.gathers(REFERENCE) || lead.gathers(BEGINNING) => {}
        Seen::Accounts(accounts) => {
            let theirs = conditions.one_scope_of("c", accounts);
            conditions.and(&theirs);
        }
        Seen::AllButTests => conditions.and(&format!(
            "(c.provider, c.account) NOT IN (SELECT o.provider, o.account FROM {own}owned o WHERE o.live = 0)"
        )),
    }
    let back = from_cursor(store, &query.cursor, &mut conditions)?;
    let reading = Reading {
        own: &own,
        seen: &seen,
        conditions: &conditions,
        back,
        limit: query.limit.saturating_add(1),
    };
    let mut places = reading.places(store, &lead)?;
    places.sort_by(|one, other| in_order(back, one, other));
    let (places, more) = page(places, query.limit, back);
    let ids: Vec<String> = places.into_iter().map(|(_, id)| id).collect();
    Ok(CasePage {
        rows: reading.rows(store, &ids)?,
        more,
    })
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

/// What every row of the page satisfies, but for what the lead's branches say themselves.
fn filters<'a>(query: &'a CaseQuery, own: &str, lead: &Lead<'_>) -> Conditions<'a> {
    let mut all = Conditions::default();
    if !lead.index().ends_with("by_status") {
        all.one_of("c.status", &query.statuses);
    }
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
    if query.divergent {
        all.and("c.divergence_minor IS NOT NULL");
    }
    let holds = format!("EXISTS (SELECT 1 FROM {own}case_refs r WHERE r.case_id = c.id AND");
    // What is gathered by a reference or by a text holds it already.
    if let Some(reference) = &query.reference
        && !lead.gathers(REFERENCE)
    {
        let mark = all.bind(reference);
        all.and(&format!("{holds} r.value = {mark})"));
    }
    if let Some(text) = &query.text
        && !lead.gathers(BEGINNING)
    {
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

/// Holds this reference.
const REFERENCE: &str = "r.value = {1}";
/// Holds a reference that begins so.
const BEGINNING: &str = "r.value >= {1} AND r.value < {2}";

/// The index that leads to the page.
enum Lead<'a> {
    Along(Along<'a>),
    Gather(Gather<'a>),
    Opened,
}

impl Lead<'_> {
    /// Whether what is read was gathered by this.
    fn gathers(&self, condition: &str) -> bool {
        matches!(self, Lead::Gather(gather) if gather.condition == condition)
    }

    /// The index followed; empty where none is.
    fn index(&self) -> &'static str {
        match self {
            Lead::Along(along) => along.index,
            Lead::Gather(_) | Lead::Opened => "",
        }
    }
}

/// Of the filters that bind, the one with the fewest matches; one that can be followed in order needs no counting when it is
/// alone.
fn lead<'a, D: Database>(
    store: &mut Durable<D>,
    query: &'a CaseQuery,
    seen: &'a Seen,
    own: &str,
) -> Result<Lead<'a>, Error> {
    let (mut along, mut gathers) = (along(query, seen), gathers(query));
    let mut bound = GATHERED_MAX;
    let by_account = along.iter().any(Along::of_accounts);
    if by_account {
        // Whatever else leads reads other merchants' cases too, each only to be withheld: dear to read, and as dear to count.
        along.retain(Along::of_accounts);
        gathers.retain(|gather| gather.index.is_none());
        bound = GATHERED_IN_SIGHT_MAX;
    }
    if gathers.is_empty() && along.len() <= 1 {
        return Ok(along.pop().map_or(Lead::Opened, Lead::Along));
    }
    let mut best: Option<(i64, Lead<'a>)> = None;
    let least =
        |best: &Option<(i64, Lead<'a>)>| best.as_ref().map_or(i64::MAX, |(least, _)| *least);
    // Of many branches each is read for a whole page, so that following them reads up to all that match: gathering pays
    // for longer.
    if along.iter().any(|along| along.branches.len() > 1) {
        bound = bound.saturating_mul(5);
    }
    for gather in gathers {
        let from = match gather.index {
            Some(index) => format!("cases c{}", store.database.indexed_by(index)),
            None => String::from("case_refs r"),
        };
        let from = format!("{own}{from} WHERE {}", gather.numbered(0));
        // More than these are not worth counting: another filter has fewer, or the page lies near in the list's own order.
        let most = least(&best).min(bound.saturating_add(1));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT {most}) AS matching");
        let mut found = store.database.query(DOING, &sql, &gather.values)?;
        let count = found.pop().map_or(Ok(0), |mut row| row.int("count"))?;
        if count < most {
            best = Some((count, Lead::Gather(gather)));
        }
    }
    if by_account {
        // An account's own cases are too many to be counted for one page.
        let own = along.pop().map(Lead::Along);
        let gathered = best.map(|(_, lead)| lead);
        return Ok(gathered.or(own).unwrap_or(Lead::Opened));
    }
    // So few are read sooner than anything is counted.
    if least(&best) <= FEW {
        return Ok(best.map_or(Lead::Opened, |(_, lead)| lead));
    }
    for along in along {
        let count = counted_along(store, own, &along)?;
        if count < least(&best) {
            best = Some((count, Lead::Along(along)));
        }
    }
    Ok(best.map_or(Lead::Opened, |(_, lead)| lead))
}

/// How many match, each branch up to one more than are gathered.
fn counted_along<D: Database>(
    store: &mut Durable<D>,
    own: &str,
    along: &Along<'_>,
) -> Result<i64, Error> {
    let index = store.database.indexed_by(along.index);
    let most = GATHERED_MAX.saturating_add(1);
    let within = |condition: &str| {
        format!(
            "SELECT count(*) AS matching FROM (SELECT 1 FROM {own}cases c{index} WHERE 1 = 1{condition} LIMIT {most}) AS m"
        )
    };
    let mut sum: i64 = 0;
    for mut row in branched(store, along, &Conditions::default(), within)? {
        let _branch = row.int("branch")?;
        sum = sum.saturating_add(row.int("count")?);
    }
    Ok(sum)
}

/// Asks for every branch; where they are many, in one statement in PostgreSQL. `within` makes the question from what
/// follows a `WHERE`. The number of its branch leads each row.
fn branched<D: Database>(
    store: &mut Durable<D>,
    along: &Along<'_>,
    conditions: &Conditions<'_>,
    within: impl Fn(&str) -> String,
) -> Result<Vec<Row>, Error> {
    if along.branches.len() <= ASKED_SINGLY_MAX {
        let mut found = Vec::new();
        for (number, branch) in along.branches.iter().enumerate() {
            let mut all = conditions.clone();
            pin(&mut all, branch);
            let sql = format!("SELECT {number}, x.* FROM ({}) AS x", within(&all.text));
            found.extend(store.database.query(DOING, &sql, &all.values)?);
        }
        return Ok(found);
    }
    let mut values = Vec::new();
    let (mut text, mut kinds) = (String::new(), Vec::new());
    for (number, branch) in (0_i64..).zip(&along.branches) {
        let mut all = conditions.clone();
        pin(&mut all, branch);
        text = all.text;
        kinds = all.values.iter().map(Value::kind).collect();
        values.extend(all.values);
        values.push(Value::Int(number));
    }
    // From the last to the first, or `$1` would be found in `$12`.
    let mut lateral = text.clone();
    let mut names: Vec<String> = (1..=kinds.len()).map(|at| format!("v{at}")).collect();
    for (at, name) in names.iter().enumerate().rev() {
        lateral = lateral.replace(&format!("${}", at.saturating_add(1)), &format!("u.{name}"));
    }
    kinds.push(Kind::Int);
    names.push(String::from("branch"));
    let many = Many {
        sqlite: format!(
            "SELECT ?{}, x.* FROM ({}) AS x",
            kinds.len(),
            within(&text.replace('$', "?"))
        )
        .into(),
        pg: format!(
            "SELECT u.branch, x.* FROM UNNEST({}) AS u ({}) CROSS JOIN LATERAL ({}) AS x",
            arrays(&kinds),
            names.join(", "),
            within(&lateral)
        )
        .into(),
        kinds,
    };
    store.database.query_many(DOING, &many, &values)
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
    // Most cases stand at one or two stages: whoever names more than a few leaves out the rare ones, and is led nowhere.
    if query.stages.len() <= STAGES_LED_MAX {
        add("cases_by_stage", plain("stage", &query.stages));
    }
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

fn gathers(query: &CaseQuery) -> Vec<Gather<'_>> {
    let mut all = Vec::new();
    if let Some(reference) = &query.reference {
        all.push(Gather {
            index: None,
            condition: REFERENCE,
            values: vec![Value::from(reference)],
        });
    }
    if let Some(text) = &query.text {
        all.push(Gather {
            index: None,
            condition: BEGINNING,
            values: vec![Value::from(text), Value::from(past(text))],
        });
    }
    if let Some(before) = query.due_before {
        all.push(Gather {
            index: Some("cases_due"),
            condition: "c.status = 'ours' AND c.respond_by_at < {1}",
            values: vec![rows::micros(before)],
        });
    }
    if let Some(since) = query.changed_since {
        all.push(Gather {
            index: Some("cases_changed"),
            condition: "c.changed_at >= {1}",
            values: vec![rows::micros(since)],
        });
    }
    if let Some((from, until)) = query.amount {
        all.push(Gather {
            index: Some("cases_by_amount"),
            condition: "c.disputed_minor >= {1} AND c.disputed_minor <= {2}",
            values: vec![Value::Int(from), Value::Int(until)],
        });
    }
    if query.divergent {
        all.push(Gather {
            index: Some("cases_divergent"),
            condition: "c.divergence_minor IS NOT NULL",
            values: Vec::new(),
        });
    }
    all
}

struct Reading<'a> {
    own: &'a str,
    seen: &'a Seen,
    conditions: &'a Conditions<'a>,
    back: bool,
    limit: u32,
}

/// When a case was opened, in microseconds, and its id.
type Place = (i64, String);

/// The newest first, those of one instant by id; read backwards, the other way round.
fn in_order(back: bool, (one, first): &Place, (other, second): &Place) -> Ordering {
    let forward = other.cmp(one).then_with(|| first.cmp(second));
    if back { forward.reverse() } else { forward }
}

fn place(mut row: Row) -> Result<Place, Error> {
    Ok((row.int("opened_at")?, row.text("id")?))
}

impl Reading<'_> {
    fn places<D: Database>(
        &self,
        store: &mut Durable<D>,
        lead: &Lead<'_>,
    ) -> Result<Vec<Place>, Error> {
        let mut found = Vec::new();
        match lead {
            Lead::Gather(gather) => return self.gathered(store, gather),
            Lead::Along(along) => match along.branches.as_slice() {
                // Each with its limit bound: a limit that stands in the text lets PostgreSQL plan for a value of average
                // frequency, and read every case there is for a page of a rare one.
                few if few.len() <= ASKED_SINGLY_MAX => {
                    for branch in few {
                        found.extend(self.along(store, along.index, branch)?);
                    }
                }
                _ => return self.along_all(store, along),
            },
            Lead::Opened => found.extend(self.along(store, "cases_opened", &[])?),
        }
        Ok(found)
    }

    /// `time` is what stands for the opening in the order: the column itself follows an index.
    fn run<D: Database>(
        &self,
        store: &mut Durable<D>,
        from: &str,
        mut conditions: Conditions<'_>,
        time: &str,
    ) -> Result<Vec<Place>, Error> {
        let limit = conditions.bind(self.limit);
        let sql = self.question(from, &conditions.text, time, &limit);
        let found = store.database.query(DOING, &sql, &conditions.values)?;
        found.into_iter().map(place).collect()
    }

    fn question(&self, from: &str, conditions: &str, time: &str, limit: &str) -> String {
        let (by_time, by_id) = match self.back {
            true => ("ASC", "DESC"),
            false => ("DESC", "ASC"),
        };
        format!(
            "SELECT c.opened_at, c.id FROM {from} WHERE 1 = 1{conditions} \
             ORDER BY {time} {by_time}, c.id {by_id} LIMIT {limit}"
        )
    }

    /// Each branch is asked for its share of the page first, and for a whole page only if what it gave lies within the page:
    /// of twenty accounts most have five lines on a page of a hundred.
    fn along_all<D: Database>(
        &self,
        store: &mut Durable<D>,
        along: &Along<'_>,
    ) -> Result<Vec<Place>, Error> {
        let branches = u32::try_from(along.branches.len()).unwrap_or(u32::MAX);
        let even = self.limit.checked_div(branches).unwrap_or(self.limit);
        let share = even.saturating_mul(2).saturating_add(SHARE_LEAST);
        let share = share.min(self.limit);
        let found = self.of_each(store, along, share)?;
        let mut lines: Vec<&Place> = found.iter().map(|(_, place)| place).collect();
        lines.sort_by(|one, other| in_order(self.back, one, other));
        let page = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let end = lines.get(page.saturating_sub(1)).copied().cloned();
        let before = |place: &Place| match &end {
            Some(end) => in_order(self.back, place, end).is_lt(),
            None => true,
        };
        let more = |number: usize| {
            let given = || found.iter().filter(|(of, _)| *of == number);
            let whole = given().count() >= usize::try_from(share).unwrap_or(usize::MAX);
            whole && given().all(|(_, place)| before(place))
        };
        let cut: Vec<usize> = (0..along.branches.len()).filter(|at| more(*at)).collect();
        let branch = |at: &usize| along.branches.get(*at).cloned();
        let again = Along {
            index: along.index,
            branches: cut.iter().filter_map(branch).collect(),
        };
        let rest = match again.branches.is_empty() {
            true => Vec::new(),
            false => self.of_each(store, &again, self.limit)?,
        };
        let kept = found.into_iter().filter(|(of, _)| !cut.contains(of));
        Ok(kept.chain(rest).map(|(_, place)| place).collect())
    }

    /// So many of each branch, with the number of the branch.
    fn of_each<D: Database>(
        &self,
        store: &mut Durable<D>,
        along: &Along<'_>,
        limit: u32,
    ) -> Result<Vec<(usize, Place)>, Error> {
        let index = store.database.indexed_by(along.index);
        let from = format!("{}cases c{index}", self.own);
        let limit = limit.to_string();
        let within = |conditions: &str| self.question(&from, conditions, "c.opened_at", &limit);
        let found = branched(store, along, self.conditions, within)?;
        let numbered = |mut row: Row| Ok((row.number("branch")?, place(row)?));
        found.into_iter().map(numbered).collect()
    }

    fn along<D: Database>(
        &self,
        store: &mut Durable<D>,
        index: &str,
        branch: &[(&'static str, &str)],
    ) -> Result<Vec<Place>, Error> {
        let mut conditions = self.conditions.clone();
        pin(&mut conditions, branch);
        let index = store.database.indexed_by(index);
        let from = format!("{}cases c{index}", self.own);
        self.run(store, &from, conditions, "c.opened_at")
    }

    /// The sum in the order keeps both planners from following the list's order instead. The limit on references keeps them
    /// from weaving the two tables together; it is twice the most that is gathered, so that it cuts nothing that came meanwhile.
    fn gathered<D: Database>(
        &self,
        store: &mut Durable<D>,
        gather: &Gather<'_>,
    ) -> Result<Vec<Place>, Error> {
        let own = self.own;
        let mut conditions = self.conditions.clone();
        let from = match gather.index {
            Some(index) => format!("{own}cases c{}", store.database.indexed_by(index)),
            None => {
                let mut condition = gather.numbered(conditions.values.len());
                conditions.values.extend(gather.values.iter().cloned());
                if let Seen::Accounts(accounts) = self.seen {
                    let theirs = conditions.one_scope_of("r", accounts);
                    condition.push_str(&format!(" AND {theirs}"));
                }
                conditions.and("c.id = gathered.hit");
                let most = GATHERED_MAX.saturating_mul(10);
                format!(
                    "(SELECT DISTINCT r.case_id AS hit FROM {own}case_refs r WHERE {condition} LIMIT {most}) AS gathered \
                     CROSS JOIN {own}cases c"
                )
            }
        };
        self.run(store, &from, conditions, "c.opened_at + 0")
    }

    /// The rows of these cases, in this order.
    fn rows<D: Database>(
        &self,
        store: &mut Durable<D>,
        ids: &[String],
    ) -> Result<Vec<CaseRow>, Error> {
        let own = self.own;
        let columns = rows::CASE;
        let many = Many {
            kinds: vec![Kind::Text],
            sqlite: format!("SELECT {columns} FROM {own}cases WHERE id = ?1").into(),
            pg: format!("SELECT {columns} FROM {own}cases WHERE id = ANY ($1::text[])").into(),
        };
        let values: Vec<Value<'_>> = ids.iter().map(Value::from).collect();
        let found = store.database.query_many(DOING, &many, &values)?;
        let found: Result<Vec<CaseRow>, Error> = found.into_iter().map(rows::case).collect();
        let mut found = found?;
        found.sort_by_key(|row| ids.iter().position(|id| id == row.id.as_str()));
        Ok(found)
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
