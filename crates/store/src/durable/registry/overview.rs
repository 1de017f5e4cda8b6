//! Counts and pages for the desk's own people. Each statement names the condition of the partial index that serves it word
//! for word, so that SQLite sees that the index holds all it asks for.

use super::Durable;
use crate::Error;
use crate::contract::{CaseRow, Intake};
use crate::database::{Database, Kind, Many, Row, Value, both};
use crate::overview::{DutyOrder, DutyPlace, DutyQuery, DutyRow, DutySums, OpenSum, Since};
use crate::registry::Sight;
use crate::rows;
use calendar::Instant;
use dispute::fact::Scope;
use ledger::{Account, Layer, Leg};
use money::{Currency, Money};
use std::collections::BTreeMap;

const DOING: &str = "counting the desk";

/// Our own open duties: the condition of the index `obligations_ours`.
const OURS: &str = "o.standing = 'open' AND o.debtor IN ('merchant', 'operator', 'desk')";
/// The amount at stake: the duty's own, or what its case disputes, which is looked up only where the duty says none.
const MINOR: &str =
    "coalesce(o.amount_minor, (SELECT k.disputed_minor FROM cases k WHERE k.id = o.case_id))";
const CURRENCY: &str = "coalesce(o.amount_currency, (SELECT k.disputed_currency FROM cases k WHERE k.id = o.case_id), '~')";
const HOUR_MICROS: i64 = 3_600_000_000;
const DAY_MICROS: i64 = 24 * HOUR_MICROS;
/// Money is at risk when it is due within these hours.
const RISK_HOURS: i64 = 72;

/// The bounds of the bands of [`DutyOrder::Rank`], in days from now: overdue, a day, three, seven, later.
const BANDS: [(Option<i64>, Option<i64>); 5] = [
    (None, Some(0)),
    (Some(0), Some(1)),
    (Some(1), Some(3)),
    (Some(3), Some(7)),
    (Some(7), None),
];

/// Conditions with what they bind.
struct Asked<'a> {
    text: String,
    values: Vec<Value<'a>>,
}

impl<'a> Asked<'a> {
    fn bind(&mut self, value: impl Into<Value<'a>>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str, value: impl Into<Value<'a>>) {
        let mark = self.bind(value);
        self.text.push_str(&format!(" AND {condition} {mark}"));
    }

    fn of(query: &'a DutyQuery, sight: &Sight) -> Asked<'a> {
        let mut asked = Asked {
            text: String::from(OURS),
            values: Vec::new(),
        };
        if matches!(sight, Sight::Merchant { .. }) {
            // Their accounts, of their mode, through the sight: the table itself is read past it, held to its index.
            asked.text.push_str(
                " AND (o.provider, o.account) IN (SELECT w.provider, w.account FROM owned w)",
            );
        }
        if let Some(provider) = &query.provider {
            asked.and("o.provider =", provider);
        }
        if let Some(stage) = &query.stage {
            asked.and("o.stage =", stage);
        }
        if let Some(name) = &query.assigned_to {
            asked.and("o.assigned_to =", name);
        }
        if let Some(from) = query.due_from {
            asked.and("o.due_by_at >=", rows::micros(from));
        }
        if let Some(before) = query.due_before {
            asked.and("o.due_by_at <", rows::micros(before));
        }
        asked
    }
}

/// Holds a statement to an index, as `Database::indexed_by`: SQLite's planner knows nothing of the data. A narrower sight reads
/// through tables that stand before these and have no index of their own.
pub(super) fn by<D: Database>(store: &Durable<D>, index: &str) -> String {
    match store.sight {
        Sight::All => store.database.indexed_by(index),
        Sight::Merchant { .. } | Sight::Mode { .. } => String::new(),
    }
}

/// Whether something of the case narrows.
fn by_case(query: &DutyQuery) -> bool {
    query.stage.is_some() || query.assigned_to.is_some()
}

/// The duties, held to their index.
fn duties_from<D: Database>(store: &Durable<D>) -> String {
    let ours = match store.sight {
        Sight::Merchant { .. } => store.database.indexed_by("obligations_ours"),
        Sight::All | Sight::Mode { .. } => by(store, "obligations_ours"),
    };
    let own = match store.sight {
        Sight::Merchant { .. } => store.database.own(),
        Sight::All | Sight::Mode { .. } => "",
    };
    format!("{own}obligations o{ours}")
}

/// A page, and one more where there is one.
pub(super) fn duties<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<Vec<DutyRow>, Error> {
    let places = match query.order {
        DutyOrder::Rank => by_rank(store, query)?,
        DutyOrder::Time => by_time(store, query)?,
        DutyOrder::Money => by_money(store, query)?,
    };
    whole(store, places)
}

fn by_time<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<Vec<DutyPlace>, Error> {
    let mut asked = Asked::of(query, &store.sight);
    if let Some(after) = &query.after {
        let due = asked.bind(after.first);
        let case = asked.bind(&after.case);
        let id = asked.bind(&after.obligation);
        asked.text.push_str(&format!(
            " AND (o.due_by_at, o.case_id, o.id) > ({due}, {case}, {id})"
        ));
    }
    let limit = asked.bind(query.limit);
    let from = duties_from(store);
    let sql = format!(
        "SELECT o.due_by_at, CAST(0 AS BIGINT), '', o.case_id, o.id FROM {from} WHERE {} \
         ORDER BY o.due_by_at, o.case_id, o.id LIMIT {limit}",
        asked.text
    );
    places(store, &sql, &asked.values)
}

fn by_money<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<Vec<DutyPlace>, Error> {
    let mut asked = Asked::of(query, &store.sight);
    let mut beyond = String::new();
    if let Some(after) = &query.after {
        let currency = asked.bind(&after.currency);
        let minor = asked.bind(after.second);
        let case = asked.bind(&after.case);
        let id = asked.bind(&after.obligation);
        beyond = format!(
            " WHERE currency > {currency} OR (currency = {currency} AND (minor < {minor} \
             OR (minor = {minor} AND (case_id, id) > ({case}, {id}))))"
        );
    }
    let limit = asked.bind(query.limit);
    let from = duties_from(store);
    let sql = format!(
        "SELECT CAST(0 AS BIGINT), minor, currency, case_id, id FROM (SELECT coalesce({MINOR}, 0) AS minor, {CURRENCY} AS currency, \
         o.case_id, o.id FROM {from} WHERE {}) AS d{beyond} \
         ORDER BY currency, minor DESC, case_id, id LIMIT {limit}",
        asked.text
    );
    places(store, &sql, &asked.values)
}

/// Band by band, so that a page reads little more than the bands it shows.
fn by_rank<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<Vec<DutyPlace>, Error> {
    let now = query.now.unix_micros();
    let duties = duties_from(store);
    let mut found: Vec<DutyPlace> = Vec::new();
    for (band, (from, until)) in (0_i64..).zip(BANDS) {
        let after = query.after.as_ref().filter(|after| after.first >= band);
        if after.is_some_and(|after| after.first > band) {
            continue;
        }
        let room = query
            .limit
            .saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if room == 0 {
            break;
        }
        let mut asked = Asked::of(query, &store.sight);
        let edge = |days: i64| now.saturating_add(days.saturating_mul(DAY_MICROS));
        if let Some(from) = from {
            asked.and("o.due_by_at >=", edge(from));
        }
        if let Some(until) = until {
            asked.and("o.due_by_at <", edge(until));
        }
        found.extend(banded(store, &duties, asked, (band, after), room)?);
    }
    Ok(found)
}

fn banded<'a, D: Database>(
    store: &mut Durable<D>,
    from: &str,
    mut asked: Asked<'a>,
    (band, after): (i64, Option<&'a DutyPlace>),
    room: u32,
) -> Result<Vec<DutyPlace>, Error> {
    let mut beyond = String::new();
    if let Some(after) = after {
        let rank = asked.bind(after.second);
        let currency = asked.bind(&after.currency);
        let case = asked.bind(&after.case);
        let id = asked.bind(&after.obligation);
        beyond =
            format!(" WHERE (rank, currency, case_id, id) > ({rank}, {currency}, {case}, {id})");
    }
    let limit = asked.bind(room);
    let sql = format!(
        "SELECT CAST({band} AS BIGINT), rank, currency, case_id, id FROM (SELECT row_number() OVER (PARTITION BY {CURRENCY} \
         ORDER BY abs(coalesce({MINOR}, 0)) DESC, o.due_by_at, o.case_id, o.id) AS rank, {CURRENCY} AS currency, o.case_id, o.id \
         FROM {from} WHERE {}) AS d{beyond} \
         ORDER BY rank, currency, case_id, id LIMIT {limit}",
        asked.text
    );
    places(store, &sql, &asked.values)
}

fn places<D: Database>(
    store: &mut Durable<D>,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<DutyPlace>, Error> {
    let place = |mut row: Row| {
        Ok(DutyPlace {
            first: row.int("first")?,
            second: row.int("second")?,
            currency: row.text("currency")?,
            case: row.text("case_id")?,
            obligation: row.text("id")?,
        })
    };
    let found = store.database.query(DOING, sql, values)?;
    found.into_iter().map(place).collect()
}

/// The duties and cases at these places, in their order.
fn whole<D: Database>(
    store: &mut Durable<D>,
    places: Vec<DutyPlace>,
) -> Result<Vec<DutyRow>, Error> {
    let columns = rows::OBLIGATION;
    let many = Many {
        kinds: vec![Kind::Text],
        sqlite: format!("SELECT {columns} FROM obligations WHERE case_id = ?1").into(),
        pg: format!("SELECT {columns} FROM obligations WHERE case_id = ANY ($1::text[])").into(),
    };
    let mut cases: Vec<String> = places.iter().map(|place| place.case.clone()).collect();
    cases.sort_unstable();
    cases.dedup();
    let values: Vec<Value<'_>> = cases.iter().map(Value::from).collect();
    let mut duties = BTreeMap::new();
    for row in store.database.query_many(DOING, &many, &values)? {
        let row = rows::obligation(row)?;
        duties.insert((row.case.to_string(), row.id.clone()), row);
    }
    let cases = cases_of(store, &cases)?;
    // What is not there any more was settled between the two reads.
    let there = places.into_iter().filter_map(|place| {
        let case = cases.get(&place.case)?.clone();
        let duty = duties.remove(&(place.case.clone(), place.obligation.clone()))?;
        Some(DutyRow { duty, case, place })
    });
    Ok(there.collect())
}

pub(super) fn cases_of<D: Database>(
    store: &mut Durable<D>,
    ids: &[String],
) -> Result<BTreeMap<String, CaseRow>, Error> {
    let columns = rows::CASE;
    let many = Many {
        kinds: vec![Kind::Text],
        sqlite: format!("SELECT {columns} FROM cases WHERE id = ?1").into(),
        pg: format!("SELECT {columns} FROM cases WHERE id = ANY ($1::text[])").into(),
    };
    let values: Vec<Value<'_>> = ids.iter().map(Value::from).collect();
    let found = store.database.query_many(DOING, &many, &values)?;
    let case = |row| {
        let row: CaseRow = rows::case(row)?;
        Ok((row.id.to_string(), row))
    };
    found.into_iter().map(case).collect()
}

pub(super) fn duty_sums<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<DutySums, Error> {
    let due = query.due_from.is_some() || query.due_before.is_some();
    if due || query.provider.is_some() || by_case(query) {
        return narrowed_sums(store, query);
    }
    let now = query.now.unix_micros();
    let [total, overdue, in_a_day, in_three_days] = duty_counts(store, query, now)?;
    Ok(DutySums {
        total,
        overdue,
        in_a_day,
        in_three_days,
        at_stake: stake_of_all(store)?,
        minor_hours: minor_hours(store, query, now)?,
    })
}

/// Counts and sums of what was narrowed, in one pass: by the whole hours that are left (-1: overdue; [`RISK_HOURS`]: at least so many) and by currency.
fn narrowed_sums<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
) -> Result<DutySums, Error> {
    let now = query.now.unix_micros();
    let mut asked = Asked::of(query, &store.sight);
    let start = asked.bind(now);
    let far = asked.bind(now.saturating_add(RISK_HOURS.saturating_mul(HOUR_MICROS)));
    let from = duties_from(store);
    let sql = format!(
        "SELECT hours, count(*), count(minor), CAST(coalesce(sum(minor), 0) AS BIGINT), currency, \
         CAST(coalesce(sum(abs(minor)), 0) AS BIGINT) FROM (SELECT CASE WHEN o.due_by_at < {start} THEN -1 \
         WHEN o.due_by_at >= {far} THEN {RISK_HOURS} ELSE (o.due_by_at - {start}) / {HOUR_MICROS} END AS hours, \
         {MINOR} AS minor, {CURRENCY} AS currency FROM {from} WHERE {}) AS d GROUP BY hours, currency ORDER BY hours, currency",
        asked.text
    );
    let mut sums = Sums::default();
    for mut row in store.database.query(DOING, &sql, &asked.values)? {
        sums.add(&mut row)?;
    }
    Ok(sums.whole())
}

/// Sums under way.
#[derive(Default)]
struct Sums {
    total: u64,
    overdue: u64,
    in_a_day: u64,
    in_three_days: u64,
    at_stake: BTreeMap<Currency, (Money, u64)>,
    minor_hours: BTreeMap<Currency, i128>,
}

impl Sums {
    fn add(&mut self, row: &mut Row) -> Result<(), Error> {
        let hours = row.int("hours")?;
        let (duties, said) = (row.number("duties")?, row.number("said")?);
        let count = |of: &mut u64| *of = of.saturating_add(duties);
        count(&mut self.total);
        match hours {
            ..0 => count(&mut self.overdue),
            0..RISK_HOURS => {
                count(&mut self.in_three_days);
                if hours < 24 {
                    count(&mut self.in_a_day);
                }
            }
            _ => {}
        }
        if said == 0 {
            return Ok(());
        }
        let Some(sum) = rows::money(row, "sum")? else {
            return Ok(());
        };
        let size = row.int("size")?;
        let currency = sum.currency();
        let (stake, cases) = self
            .at_stake
            .entry(currency)
            .or_insert_with(|| (Money::zero(currency), 0));
        // A sum beyond 128 bits is no sum of real money; what was summed until then stands.
        *stake = stake.checked_add(sum).unwrap_or(*stake);
        *cases = cases.saturating_add(said);
        if hours < RISK_HOURS {
            let nearer = i128::from(RISK_HOURS.saturating_sub(hours.max(0)));
            let of = self.minor_hours.entry(currency).or_default();
            *of = of.saturating_add(i128::from(size).saturating_mul(nearer));
        }
        Ok(())
    }

    fn whole(self) -> DutySums {
        DutySums {
            total: self.total,
            overdue: self.overdue,
            in_a_day: self.in_a_day,
            in_three_days: self.in_three_days,
            at_stake: self.at_stake.into_values().collect(),
            minor_hours: self.minor_hours.into_iter().collect(),
        }
    }
}

fn duty_counts<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
    now: i64,
) -> Result<[u64; 4], Error> {
    let mut asked = Asked::of(query, &store.sight);
    let now_mark = asked.bind(now);
    let day = asked.bind(now.saturating_add(DAY_MICROS));
    let three = asked.bind(now.saturating_add(3 * DAY_MICROS));
    let counted = |condition: &str| {
        format!("CAST(coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)")
    };
    let from = duties_from(store);
    let sql = format!(
        "SELECT count(*), {}, {}, {} FROM {from} WHERE {}",
        counted(&format!("o.due_by_at < {now_mark}")),
        counted(&format!(
            "o.due_by_at >= {now_mark} AND o.due_by_at < {day}"
        )),
        counted(&format!(
            "o.due_by_at >= {now_mark} AND o.due_by_at < {three}"
        )),
        asked.text
    );
    let found = store.database.query(DOING, &sql, &asked.values)?;
    let Some(mut row) = found.into_iter().next() else {
        return Ok([0; 4]);
    };
    Ok([
        row.number("total")?,
        row.number("overdue")?,
        row.number("day")?,
        row.number("three")?,
    ])
}

/// What waits for us, from the index of open cases alone: whoever waits for us has a duty of ours.
fn stake_of_all<D: Database>(store: &mut Durable<D>) -> Result<Vec<(Money, u64)>, Error> {
    let open = by(store, "cases_open");
    let sql = format!(
        "SELECT CAST(coalesce(sum(disputed_minor), 0) AS BIGINT), disputed_currency, count(*) FROM cases{open} \
         WHERE closed = 0 AND status = 'ours' AND disputed_currency IS NOT NULL \
         GROUP BY disputed_currency ORDER BY disputed_currency"
    );
    sums(store, &sql, &[])
}

fn sums<D: Database>(
    store: &mut Durable<D>,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<(Money, u64)>, Error> {
    let mut all = Vec::new();
    for mut row in store.database.query(DOING, sql, values)? {
        if let Some(sum) = rows::money(&mut row, "sum")? {
            all.push((sum, row.number("count")?));
        }
    }
    Ok(all)
}

fn minor_hours<D: Database>(
    store: &mut Durable<D>,
    query: &DutyQuery,
    now: i64,
) -> Result<Vec<(Currency, i128)>, Error> {
    let mut asked = Asked::of(query, &store.sight);
    asked.and(
        "o.due_by_at <",
        now.saturating_add(RISK_HOURS.saturating_mul(HOUR_MICROS)),
    );
    let from = duties_from(store);
    let sql = format!(
        "SELECT {MINOR}, {CURRENCY} AS currency, o.due_by_at FROM {from} \
         WHERE {} AND {MINOR} IS NOT NULL",
        asked.text
    );
    let mut all: BTreeMap<Currency, i128> = BTreeMap::new();
    for mut row in store.database.query(DOING, &sql, &asked.values)? {
        let Some(amount) = rows::money(&mut row, "amount")? else {
            continue;
        };
        let left = row.int("due_by_at")?.saturating_sub(now).max(0) / HOUR_MICROS;
        let nearer = i128::from(RISK_HOURS.saturating_sub(left));
        let sum = all.entry(amount.currency()).or_default();
        *sum = sum.saturating_add(amount.abs().minor().saturating_mul(nearer));
    }
    Ok(all.into_iter().collect())
}

pub(super) fn open_sums<D: Database>(store: &mut Durable<D>) -> Result<Vec<OpenSum>, Error> {
    let open = by(store, "cases_open");
    let sql = format!(
        "SELECT stage, status, CASE WHEN disputed_currency IS NOT NULL \
         THEN CAST(coalesce(sum(disputed_minor), 0) AS BIGINT) END, disputed_currency, count(*) \
         FROM cases{open} WHERE closed = 0 GROUP BY status, stage, disputed_currency ORDER BY status, stage, disputed_currency"
    );
    let sum = |mut row: Row| {
        let row = &mut row;
        Ok(OpenSum {
            stage: row.text("stage")?,
            status: row.text("status")?,
            disputed: rows::money(row, "disputed")?,
            cases: row.number("cases")?,
        })
    };
    let found = store.database.query(DOING, &sql, &[])?;
    found.into_iter().map(sum).collect()
}

/// How far all cases are from where their status implies, both ways added, and how many they are.
pub(super) fn divergence_sums<D: Database>(
    store: &mut Durable<D>,
) -> Result<Vec<(Money, u64)>, Error> {
    let sql = "SELECT CAST(sum(abs(divergence_minor)) AS BIGINT), divergence_currency, count(*) FROM cases \
        WHERE divergence_minor IS NOT NULL GROUP BY divergence_currency ORDER BY divergence_currency";
    sums(store, sql, &[])
}

pub(super) fn since<D: Database>(store: &mut Durable<D>, at: Instant) -> Result<Since, Error> {
    let at = rows::micros(at);
    let mut number = |sql: &str| {
        let found = store
            .database
            .query(DOING, sql, std::slice::from_ref(&at))?;
        match found.into_iter().next() {
            Some(mut row) => row.number("count"),
            None => Ok(0),
        }
    };
    let cases_opened = number("SELECT count(*) FROM cases WHERE opened_at >= $1")?;
    let findings_opened =
        number("SELECT count(*) FROM findings WHERE closed_at IS NULL AND opened_at >= $1")?;
    let findings_closed =
        number("SELECT count(*) FROM findings WHERE closed_at IS NOT NULL AND closed_at >= $1")?;
    let changed = by(store, "cases_changed");
    let sql = format!(
        "SELECT status, count(*) FROM cases{changed} WHERE changed_at >= $1 AND closed = 1 GROUP BY status ORDER BY status"
    );
    let mut cases_ended = Vec::new();
    for mut row in store.database.query(DOING, &sql, &[at])? {
        cases_ended.push((row.text("status")?, row.number("count")?));
    }
    Ok(Since {
        cases_opened,
        cases_ended,
        findings_opened,
        findings_closed,
    })
}

/// Balances with the cases of an account added up.
pub(super) fn balance_sums<D: Database>(store: &mut Durable<D>) -> Result<Vec<Leg>, Error> {
    let (folded, index) = (store.database.folded(), by(store, "balances_folded"));
    let sql = format!(
        "SELECT {folded}, layer, CAST(sum(minor) AS BIGINT) FROM balances{index} WHERE minor <> 0 \
         GROUP BY {folded}, layer ORDER BY {folded}, layer"
    );
    let found = store.database.query(DOING, &sql, &[])?;
    let legs: Result<Vec<Leg>, Error> = found.into_iter().map(leg).collect();
    Ok(legs?
        .into_iter()
        .filter(|leg| !leg.amount.is_zero())
        .collect())
}

fn leg(mut row: Row) -> Result<Leg, Error> {
    let path = row.text("path")?;
    let account = Account::parse_path(&path)
        .map_err(|error| Error::corrupt("column path", error.to_string()))?;
    let layer = rows::read(&mut row, "layer", Layer::parse)?;
    let amount = Money::of_minor(i128::from(row.int("minor")?), account.currency);
    Ok(Leg::new(account, layer, amount))
}

/// The accounts under this one, those of its cases too, that have anything on them; after this path, in order of path.
pub(super) fn balances_under<D: Database>(
    store: &mut Durable<D>,
    account: &Account,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Leg>, Error> {
    let path = account.path();
    let currency = format!(":{}", account.currency.code());
    let under = path.strip_suffix(&currency).unwrap_or(&path).to_owned();
    let sql = "SELECT path, layer, minor FROM balances WHERE path > $1 AND path < $2 AND minor <> 0 \
        AND substr(path, length(path) - 3) = $3 ORDER BY path, layer LIMIT $4";
    let from = after.map_or(format!("{under}:"), str::to_owned);
    let values = [
        Value::from(from),
        Value::from(format!("{under}:{}", char::MAX)),
        Value::from(currency),
        Value::from(limit),
    ];
    let found = store.database.query(DOING, sql, &values)?;
    found.into_iter().map(leg).collect()
}

/// Of every account from which something came.
pub(super) fn scopes<D: Database>(store: &mut Durable<D>) -> Result<Vec<Scope>, Error> {
    let sql = "SELECT DISTINCT provider, account FROM keys WHERE provider <> 'docket' ORDER BY provider, account";
    let found = store.database.query(DOING, sql, &[])?;
    found
        .into_iter()
        .map(|mut row| rows::scope(&mut row))
        .collect()
}

/// Documents numbered from here on, by account, way and fate.
pub(super) fn arrivals_from<D: Database>(
    store: &mut Durable<D>,
    sequence: u64,
) -> Result<Vec<Intake>, Error> {
    let sql = "SELECT d.provider, d.account, d.way, s.fate, count(*), CAST(sum(s.arrivals) AS BIGINT) FROM documents d \
        JOIN document_states s ON s.document = d.sequence WHERE d.sequence >= $1 \
        GROUP BY d.provider, d.account, d.way, s.fate ORDER BY d.provider, d.account, d.way, s.fate";
    intakes(store, sql, &[rows::count(sequence)])
}

/// Whatever waits, is held or could not be read, however old, by account, way and fate.
pub(super) fn troubled<D: Database>(store: &mut Durable<D>) -> Result<Vec<Intake>, Error> {
    let sql = "SELECT d.provider, d.account, d.way, s.fate, count(*), CAST(sum(s.arrivals) AS BIGINT) FROM document_states s \
        JOIN documents d ON d.sequence = s.document \
        WHERE s.fate <> 'applied' AND s.fate IN ('pending', 'quarantined', 'rejected') \
        GROUP BY d.provider, d.account, d.way, s.fate ORDER BY d.provider, d.account, d.way, s.fate";
    intakes(store, sql, &[])
}

fn intakes<D: Database>(
    store: &mut Durable<D>,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<Intake>, Error> {
    let found = store.database.query(DOING, sql, values)?;
    found.into_iter().map(rows::intake).collect()
}

pub(super) fn last_document<D: Database>(store: &mut Durable<D>) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(sequence), 0) FROM documents";
    match store.database.query(DOING, sql, &[])?.pop() {
        Some(mut row) => row.number("sequence"),
        None => Ok(0),
    }
}

/// How many documents of each of these accounts are numbered from here on; of each no more than so many are counted.
pub(super) fn heard_from<D: Database>(
    store: &mut Durable<D>,
    scopes: &[Scope],
    sequence: u64,
    most: u32,
) -> Result<Vec<(Scope, u64)>, Error> {
    let many = both(
        &[Kind::Text, Kind::Text, Kind::Int, Kind::Int],
        "SELECT ?1 AS provider, ?2 AS account, count(*) AS heard FROM (SELECT 1 FROM documents \
         WHERE provider = ?1 AND account = ?2 AND sequence >= ?3 LIMIT ?4) AS counted",
        "SELECT u.provider, u.account, x.heard FROM {rows} AS u (provider, account, number, most) \
         CROSS JOIN LATERAL (SELECT count(*) AS heard FROM (SELECT 1 FROM documents d WHERE d.provider = u.provider \
         AND d.account = u.account AND d.sequence >= u.number LIMIT u.most) AS counted) AS x",
    );
    let mut values = Vec::with_capacity(scopes.len().saturating_mul(4));
    for scope in scopes {
        values.push(Value::from(&scope.provider));
        values.push(Value::from(&scope.account));
        values.push(rows::count(sequence));
        values.push(Value::from(most));
    }
    let found = store.database.query_many(DOING, &many, &values)?;
    let heard = |mut row: Row| Ok((rows::scope(&mut row)?, row.number("heard")?));
    found.into_iter().map(heard).collect()
}

/// The number of the first document that arrived at this instant or later: documents are numbered as they arrive, so it is
/// found by halving, without an index on the time.
pub(super) fn sequence_at<D: Database>(store: &mut Durable<D>, at: Instant) -> Result<u64, Error> {
    let last = i64::try_from(last_document(store)?).unwrap_or(i64::MAX);
    let (mut low, mut high) = (1, last.saturating_add(1));
    while low < high {
        let middle = low.midpoint(high);
        let sql =
            "SELECT received_at FROM documents WHERE sequence >= $1 ORDER BY sequence LIMIT 1";
        let found = store.database.query(DOING, sql, &[Value::Int(middle)])?;
        let Some(mut row) = found.into_iter().next() else {
            high = middle;
            continue;
        };
        match row.int("received_at")? < at.unix_micros() {
            true => low = middle.saturating_add(1),
            false => high = middle,
        }
    }
    Ok(u64::try_from(low).unwrap_or(u64::MAX))
}
