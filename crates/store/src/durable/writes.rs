//! The tables of a commit, one function each.

use super::commit::DOING;
use super::facts::{aad, fact, places, sealed_at_rest, ties};
use super::fold::Folded;
use super::keyring;
use crate::Error;
use crate::database::{Database, Kind, Value, both, insert};
use crate::rows::{self, maybe_money, micros, minor, speaks_at};
use crate::vault::Vault;
use calendar::Instant;
use dispute::fact::{Fact, Scope};
use dispute::id::{CaseId, DocumentId, FactId, FamilyId};
use dispute::text;
use std::collections::{BTreeMap, BTreeSet};

use Kind::{Bytes, Int, Text};

/// A row of `refs`, and whether a cut or a tie names it.
type Places<'a> = BTreeMap<[&'a str; 5], bool>;

/// The data key of each scope of which something is sealed.
pub(super) type ScopeKeys<'a> = BTreeMap<&'a Scope, i64>;

pub(super) fn keys<'a, D: Database>(
    database: &mut D,
    vault: &mut Vault,
    folded: &Folded<'a>,
) -> Result<ScopeKeys<'a>, Error> {
    let mut keys = ScopeKeys::new();
    for row in &folded.facts {
        let scope = &row.fact.scope;
        if sealed_at_rest(&row.fact.said) && !keys.contains_key(scope) {
            keys.insert(scope, keyring::current(database, vault, scope)?);
        }
    }
    Ok(keys)
}

/// Facts, each once for ever, and the references under which their families are found.
pub(super) fn facts<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    keys: &ScopeKeys<'_>,
    folded: &Folded<'_>,
    sequences: &BTreeMap<DocumentId, i64>,
) -> Result<(), Error> {
    let columns = [
        ("id", Text),
        ("provider", Text),
        ("account", Text),
        ("family", Text),
        ("case_id", Text),
        ("word", Text),
        ("true_at", Int),
        ("known_at", Int),
        ("document", Int),
        ("span_from", Int),
        ("span_until", Int),
        ("line", Text),
        ("key", Int),
        ("sealed", Bytes),
    ];
    let mut values = Vec::with_capacity(folded.facts.len().saturating_mul(columns.len()));
    let mut found = Places::new();
    // Statements of one document mostly name the same things; their case and places are worked out once for a run of them.
    let mut run: Option<(&Fact, &FamilyId, Option<CaseId>)> = None;
    for row in &folded.facts {
        let family = folded.moves.get(&row.id).copied().unwrap_or(&row.family);
        let fact = &row.fact;
        let document = sequences.get(&row.document).copied();
        let same = run.as_ref().is_some_and(|(before, of, _)| {
            *of == family && before.refs == fact.refs && before.scope == fact.scope
        });
        if !same {
            run = Some((fact, family, fact.case()));
        }
        if !same || ties(fact) {
            note_places(&mut found, fact, family);
        }
        let case = run.as_ref().and_then(|(_, _, case)| case.as_ref());
        values.extend([
            Value::from(row.id.as_str()),
            Value::from(&fact.scope.provider),
            Value::from(&fact.scope.account),
            Value::from(family.as_str()),
            Value::from(case.map(|case| case.as_str().to_owned())),
            Value::from(text::word(&fact.said)),
            micros(fact.true_at),
            micros(row.known_at),
            Value::Int(document.expect("`sequences` holds every document of the commit")),
            Value::from(row.span.from),
            Value::from(row.span.until),
        ]);
        values.extend(line(vault, keys, &row.id, fact)?);
    }
    let many = insert("facts", &columns, "ON CONFLICT (id) DO NOTHING");
    database.execute_many(DOING, &many, &values)?;
    write_places(database, &found)
}

/// The columns line, key and sealed.
fn line(
    vault: &mut Vault,
    keys: &ScopeKeys<'_>,
    id: &FactId,
    fact: &Fact,
) -> Result<[Value<'static>; 3], Error> {
    let line = text::render(fact);
    if !sealed_at_rest(&fact.said) {
        return Ok([Value::from(line), Value::Null, Value::Null]);
    }
    let key = *keys
        .get(&fact.scope)
        .expect("`keys` holds the scope of every fact that is sealed");
    let sealed = vault.seal(key, &aad(id), line.as_bytes())?;
    Ok([Value::Null, Value::Int(key), Value::from(sealed)])
}

fn note_places<'a>(found: &mut Places<'a>, fact: &'a Fact, family: &'a FamilyId) {
    let Scope { provider, account } = &fact.scope;
    for (reference, tie) in places(fact) {
        let row = [
            provider.as_str(),
            account.as_str(),
            reference.kind.name(),
            reference.value.as_str(),
            family.as_str(),
        ];
        let noted = found.entry(row).or_insert(tie);
        *noted = *noted || tie;
    }
}

fn write_places<D: Database>(database: &mut D, found: &Places<'_>) -> Result<(), Error> {
    let columns = [
        ("provider", Text),
        ("account", Text),
        ("kind", Text),
        ("value", Text),
        ("family", Text),
        ("tie", Int),
    ];
    let conflict = "ON CONFLICT (provider, account, kind, value, family) \
        DO UPDATE SET tie = 1 WHERE excluded.tie = 1 AND refs.tie = 0";
    let mut values = Vec::with_capacity(found.len().saturating_mul(columns.len()));
    for (row, tie) in found {
        values.extend(row.iter().map(|text| Value::from(*text)));
        values.push(Value::from(*tie));
    }
    database.execute_many(DOING, &insert("refs", &columns, conflict), &values)
}

/// Facts kept before that change their family: joined with another, or cut from it.
pub(super) fn moves<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    folded: &Folded<'_>,
) -> Result<(), Error> {
    if folded.moves.is_empty() {
        return Ok(());
    }
    let ids: Vec<Value<'_>> = folded
        .moves
        .keys()
        .map(|id| Value::from(id.as_str()))
        .collect();
    let before = both(
        &[Text],
        "SELECT id, family, line, key, sealed FROM facts WHERE id = ?1",
        "SELECT f.id, f.family, f.line, f.key, f.sealed FROM {rows} AS u (id) JOIN facts f USING (id)",
    );
    let mut left = BTreeSet::new();
    let mut moved = Vec::new();
    for mut row in database.query_many(DOING, &before, &ids)? {
        let id = rows::read(&mut row, "id", FactId::parse)?;
        let old = rows::read(&mut row, "family", FamilyId::parse)?;
        let new = folded.moves.get(&id).copied();
        let new = new.expect("only facts that move were asked for");
        if old != *new {
            moved.push((fact(database, vault, &id, &mut row)?, new));
            left.insert(old);
        }
    }
    let mut found = Places::new();
    for (fact, family) in &moved {
        note_places(&mut found, fact, family);
    }
    let change = both(
        &[Text, Text],
        "UPDATE facts SET family = ?1 WHERE id = ?2 AND family <> ?1",
        "UPDATE facts f SET family = u.family FROM {rows} AS u (family, id) \
         WHERE f.id = u.id AND f.family <> u.family",
    );
    let pairs = folded.moves.iter();
    let values: Vec<Value<'_>> = pairs
        .flat_map(|(id, family)| [Value::from(family.as_str()), Value::from(id.as_str())])
        .collect();
    database.execute_many(DOING, &change, &values)?;
    write_places(database, &found)?;
    rebuild(database, vault, left.into_iter().collect())
}

/// Writes the references of families that lost facts anew, from the facts that stayed.
fn rebuild<D: Database>(
    database: &mut D,
    vault: &mut Vault,
    families: Vec<FamilyId>,
) -> Result<(), Error> {
    let clear = both(
        &[Text],
        "DELETE FROM refs WHERE family = ?1",
        "DELETE FROM refs r USING {rows} AS u (family) WHERE r.family = u.family",
    );
    let values: Vec<Value<'_>> = families.iter().map(|id| Value::from(id.as_str())).collect();
    database.execute_many(DOING, &clear, &values)?;
    let stayed = super::facts::read(database, vault, &families)?;
    let mut found = Places::new();
    for stayed in &stayed {
        note_places(&mut found, &stayed.fact, &stayed.family);
    }
    write_places(database, &found)
}

const CASE: [(&str, Kind); 21] = [
    ("id", Text),
    ("family", Text),
    ("provider", Text),
    ("account", Text),
    ("dispute", Text),
    ("stage", Text),
    ("status", Text),
    ("closed", Int),
    ("reason", Text),
    ("network", Text),
    ("disputed_minor", Int),
    ("disputed_currency", Text),
    ("respond_by", Text),
    ("respond_by_at", Int),
    ("money", Text),
    ("divergence_minor", Int),
    ("divergence_currency", Text),
    ("opened_at", Int),
    ("changed_at", Int),
    ("assigned_to", Text),
    ("digest", Text),
];

/// `a = excluded.a, b = excluded.b` for all but the first column.
fn replace(columns: &[(&str, Kind)]) -> String {
    let set = |(name, _): &(&str, Kind)| format!("{name} = excluded.{name}");
    let all: Vec<String> = columns.iter().skip(1).map(set).collect();
    all.join(", ")
}

/// Cases as they now are. When each was last read back is not part of what was derived, and stays.
pub(super) fn cases<D: Database>(database: &mut D, folded: &Folded<'_>) -> Result<(), Error> {
    let mut values = Vec::with_capacity(folded.cases.len().saturating_mul(CASE.len()));
    for (id, one) in &folded.cases {
        let case = one.case;
        let stage = case.status.stage().map_or("", |stage| stage.name());
        let deadline = case.status.deadline();
        let respond_by = deadline.and_then(|deadline| deadline.respond_by());
        let reason = case.reason.as_ref().map(|claim| claim.reason.name());
        values.extend([
            Value::from(id.as_str()),
            Value::from(one.family.as_str()),
            Value::from(&case.scope.provider),
            Value::from(&case.scope.account),
            Value::from(&case.dispute),
            Value::from(stage),
            Value::from(case.status.word()),
            Value::from(case.status.outcome().is_some()),
            Value::from(reason.unwrap_or_default()),
            Value::from(case.network.as_ref().map_or("", |network| network.name())),
        ]);
        values.extend(maybe_money(case.disputed)?);
        values.push(Value::from(respond_by.map(|moment| moment.to_string())));
        values.push(respond_by.map_or(Value::Null, |moment| micros(moment.latest_instant())));
        values.push(Value::from(case.money.name()));
        values.extend(maybe_money(case.divergence.as_ref().map(|it| it.amount))?);
        values.extend([
            micros(case.opened_at),
            micros(case.changed_at),
            Value::from(case.assigned_to.as_deref().unwrap_or_default()),
            Value::from(one.digest),
        ]);
    }
    let conflict = format!("ON CONFLICT (id) DO UPDATE SET {}", replace(&CASE));
    database.execute_many(DOING, &insert("cases", &CASE, &conflict), &values)?;
    case_refs(database, folded)
}

/// The names under which cases are searched. A case loses a name only where somebody cut a link, so that is looked for
/// afterwards.
fn case_refs<D: Database>(database: &mut D, folded: &Folded<'_>) -> Result<(), Error> {
    let columns = [
        ("case_id", Text),
        ("kind", Text),
        ("value", Text),
        ("provider", Text),
        ("account", Text),
    ];
    let many = insert("case_refs", &columns, "ON CONFLICT DO NOTHING");
    fn rows<'a>(folded: &'a Folded<'_>, only: Option<&BTreeSet<CaseId>>) -> Vec<Value<'a>> {
        let wanted = |id: &CaseId| only.is_none_or(|only| only.contains(id));
        let cases = folded.cases.iter().filter(|(id, _)| wanted(id));
        let refs = cases.flat_map(|(id, one)| {
            let scope = &one.case.scope;
            one.case
                .refs
                .iter()
                .map(move |reference| (id, reference, scope))
        });
        refs.flat_map(|(id, reference, scope)| {
            [
                Value::from(id.as_str()),
                Value::from(reference.kind.name()),
                Value::from(&reference.value),
                Value::from(&scope.provider),
                Value::from(&scope.account),
            ]
        })
        .collect()
    }
    database.execute_many(DOING, &many, &rows(folded, None))?;
    let count = both(
        &[Text],
        "SELECT case_id, count(*) FROM case_refs WHERE case_id = ?1 GROUP BY case_id",
        "SELECT r.case_id, count(*) FROM {rows} AS u (case_id) JOIN case_refs r USING (case_id) \
         GROUP BY r.case_id",
    );
    let ids: Vec<Value<'_>> = folded
        .cases
        .keys()
        .map(|id| Value::from(id.as_str()))
        .collect();
    let mut stale = BTreeSet::new();
    for mut row in database.query_many(DOING, &count, &ids)? {
        let id = rows::read(&mut row, "case_id", CaseId::parse)?;
        let kept: usize = row.number("count")?;
        let case = folded.cases.get(&id).map(|one| one.case);
        if case.is_some_and(|case| case.refs.iter().count() != kept) {
            stale.insert(id);
        }
    }
    let clear = both(
        &[Text],
        "DELETE FROM case_refs WHERE case_id = ?1",
        "DELETE FROM case_refs r USING {rows} AS u (case_id) WHERE r.case_id = u.case_id",
    );
    let ids: Vec<Value<'_>> = stale.iter().map(|id| Value::from(id.as_str())).collect();
    database.execute_many(DOING, &clear, &ids)?;
    database.execute_many(DOING, &many, &rows(folded, Some(&stale)))
}

/// A case's obligations are written anew with it.
pub(super) fn obligations<D: Database>(database: &mut D, folded: &Folded<'_>) -> Result<(), Error> {
    let clear = both(
        &[Text],
        "DELETE FROM obligations WHERE case_id = ?1",
        "DELETE FROM obligations o USING {rows} AS u (case_id) WHERE o.case_id = u.case_id",
    );
    let ids: Vec<Value<'_>> = folded
        .cases
        .keys()
        .map(|id| Value::from(id.as_str()))
        .collect();
    database.execute_many(DOING, &clear, &ids)?;
    let columns = [
        ("id", Text),
        ("case_id", Text),
        ("provider", Text),
        ("account", Text),
        ("duty", Text),
        ("debtor", Text),
        ("creditor", Text),
        ("amount_minor", Int),
        ("amount_currency", Text),
        ("due_by", Text),
        ("due_by_at", Int),
        ("basis", Text),
        ("standing", Text),
        ("assigned_to", Text),
        ("stage", Text),
    ];
    let mut values = Vec::new();
    for (id, one) in &folded.cases {
        for owed in &one.case.obligations {
            values.extend([
                Value::from(owed.id.as_str()),
                Value::from(id.as_str()),
                Value::from(&one.case.scope.provider),
                Value::from(&one.case.scope.account),
                Value::from(owed.duty.key()),
                Value::from(owed.debtor.name()),
                Value::from(owed.creditor.name()),
            ]);
            values.extend(maybe_money(owed.amount)?);
            values.extend([
                Value::from(owed.due_by.to_string()),
                micros(owed.due_by.latest_instant()),
                Value::from(&owed.basis),
                Value::from(owed.standing.name()),
                Value::from(one.case.assigned_to.as_deref().unwrap_or_default()),
                Value::from(one.case.status.stage().map_or("", |stage| stage.name())),
            ]);
        }
    }
    database.execute_many(DOING, &insert("obligations", &columns, ""), &values)
}

pub(super) fn timers<D: Database>(database: &mut D, folded: &Folded<'_>) -> Result<(), Error> {
    let clear = both(
        &[Text],
        "DELETE FROM timers WHERE id = ?1",
        "DELETE FROM timers t USING {rows} AS u (id) WHERE t.id = u.id",
    );
    let cleared = folded.timers.iter().filter(|(_, timer)| timer.is_none());
    let cleared: Vec<Value<'_>> = cleared.map(|(id, _)| Value::from(id.as_str())).collect();
    database.execute_many(DOING, &clear, &cleared)?;
    let columns = [
        ("id", Text),
        ("provider", Text),
        ("account", Text),
        ("case_id", Text),
        ("what", Text),
        ("due", Text),
        ("speaks_at", Int),
    ];
    let mut values = Vec::new();
    for timer in folded.timers.values().copied().flatten() {
        values.extend([
            Value::from(timer.id.as_str()),
            Value::from(&timer.scope.provider),
            Value::from(&timer.scope.account),
            Value::from(timer.case.as_str()),
            Value::from(&timer.what),
            Value::from(timer.due.to_string()),
            micros(speaks_at(timer.due)),
        ]);
    }
    let conflict = format!("ON CONFLICT (id) DO UPDATE SET {}", replace(&columns));
    database.execute_many(DOING, &insert("timers", &columns, &conflict), &values)
}

/// What is to be sent, and the record of all that ever was.
pub(super) fn outbox<D: Database>(
    database: &mut D,
    folded: &Folded<'_>,
    now: Instant,
) -> Result<(), Error> {
    let shared = [
        ("id", Text),
        ("provider", Text),
        ("account", Text),
        ("case_id", Text),
        ("verb", Text),
        ("digest", Text),
        ("attempt", Int),
    ];
    let waiting = [("not_before", Int), ("tries", Int), ("last_trouble", Text)];
    let (mut open, mut asked, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    for (id, outgoing) in &folded.outbox {
        if let Some(row) = outgoing.row {
            let head = [
                Value::from(row.id.as_str()),
                Value::from(&row.scope.provider),
                Value::from(&row.scope.account),
                Value::from(row.case.as_str()),
                Value::from(&row.verb),
                Value::from(&row.digest),
                Value::from(row.attempt),
            ];
            asked.extend(head.iter().cloned());
            asked.push(micros(now));
            if outgoing.open {
                open.extend(head);
                open.extend([
                    micros(row.not_before),
                    Value::from(row.tries),
                    Value::from(&row.last_trouble),
                ]);
            }
        }
        if !outgoing.open {
            settled.extend([micros(now), Value::from(id.as_str())]);
        }
    }
    let columns: Vec<(&str, Kind)> = shared.iter().chain(&waiting).copied().collect();
    let conflict = format!("ON CONFLICT (id) DO UPDATE SET {}", replace(&columns));
    database.execute_many(DOING, &insert("outbox", &columns, &conflict), &open)?;
    let columns: Vec<(&str, Kind)> = shared.into_iter().chain([("asked_at", Int)]).collect();
    let conflict = "ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, settled_at = NULL";
    database.execute_many(DOING, &insert("submissions", &columns, conflict), &asked)?;
    settle(database, &settled)
}

fn settle<D: Database>(database: &mut D, settled: &[Value<'_>]) -> Result<(), Error> {
    let note = both(
        &[Int, Text],
        "UPDATE submissions SET settled_at = ?1 WHERE id = ?2",
        "UPDATE submissions s SET settled_at = u.at FROM {rows} AS u (at, id) WHERE s.id = u.id",
    );
    database.execute_many(DOING, &note, settled)?;
    let clear = both(
        &[Int, Text],
        "DELETE FROM outbox WHERE id = ?2 AND ?1 IS NOT NULL",
        "DELETE FROM outbox o USING {rows} AS u (at, id) WHERE o.id = u.id",
    );
    database.execute_many(DOING, &clear, settled)
}

/// A finding that is opened again while open keeps the instant since when it is open.
pub(super) fn findings<D: Database>(
    database: &mut D,
    folded: &Folded<'_>,
    now: Instant,
) -> Result<(), Error> {
    let columns = [
        ("id", Text),
        ("case_id", Text),
        ("provider", Text),
        ("account", Text),
        ("kind", Text),
        ("fingerprint", Text),
        ("detail", Text),
        ("amount_minor", Int),
        ("amount_currency", Text),
        ("opened_at", Int),
    ];
    let mut values = Vec::new();
    for (id, (case, scope, finding)) in &folded.opened {
        values.extend([
            Value::from(id.as_str().to_owned()),
            Value::from(case.as_str()),
            Value::from(&scope.provider),
            Value::from(&scope.account),
            Value::from(finding.kind.name()),
            Value::from(&finding.fingerprint),
            Value::from(&finding.detail),
        ]);
        values.extend(maybe_money(finding.amount)?);
        values.push(micros(now));
    }
    let conflict = "ON CONFLICT (id) DO UPDATE SET detail = excluded.detail, \
        amount_minor = excluded.amount_minor, amount_currency = excluded.amount_currency, \
        opened_at = CASE WHEN findings.closed_at IS NULL THEN findings.opened_at \
        ELSE excluded.opened_at END, closed_at = NULL";
    database.execute_many(DOING, &insert("findings", &columns, conflict), &values)?;
    let close = both(
        &[Int, Text],
        "UPDATE findings SET closed_at = ?1 WHERE id = ?2 AND closed_at IS NULL",
        "UPDATE findings f SET closed_at = u.at FROM {rows} AS u (at, id) \
         WHERE f.id = u.id AND f.closed_at IS NULL",
    );
    let closed = folded.closed.iter();
    let values: Vec<Value<'_>> = closed
        .flat_map(|id| [micros(now), Value::from(id.as_str())])
        .collect();
    database.execute_many(DOING, &close, &values)
}

/// Legs first, then the entries that close over them; see the trigger `entries_balance`. Then the balances.
pub(super) fn entries<D: Database>(
    database: &mut D,
    folded: &Folded<'_>,
    sequences: &BTreeMap<DocumentId, i64>,
) -> Result<(), Error> {
    if folded.entries.is_empty() {
        return Ok(());
    }
    let last = "SELECT coalesce(max(sequence), 0) FROM entries";
    let mut next = match database.query(DOING, last, &[])?.pop() {
        Some(mut row) => row.int("sequence")?,
        None => 0,
    };
    let (mut heads, mut legs) = (Vec::new(), Vec::new());
    for row in &folded.entries {
        next = next.saturating_add(1);
        for (ordinal, leg) in (1_u32..).zip(row.entry.legs()) {
            legs.extend([
                Value::Int(next),
                Value::from(ordinal),
                Value::from(leg.account.path()),
                Value::from(leg.layer.name()),
                Value::from(leg.account.currency.code()),
                Value::Int(minor(leg.amount)?),
            ]);
        }
        let document = sequences.get(&row.document).copied();
        heads.extend([
            Value::Int(next),
            Value::from(row.id.as_str()),
            Value::from(&row.scope.provider),
            Value::from(&row.scope.account),
            Value::from(row.case.as_ref().map_or("", CaseId::as_str)),
            Value::from(&row.key),
            Value::from(row.ordinal),
            micros(row.effective_at),
            micros(row.known_at),
            Value::Int(document.expect("`sequences` holds every document of the commit")),
            Value::from(row.fact.as_ref().map(FactId::as_str)),
        ]);
    }
    let columns = [
        ("entry", Int),
        ("ordinal", Int),
        ("path", Text),
        ("layer", Text),
        ("currency", Text),
        ("minor", Int),
    ];
    database.execute_many(DOING, &insert("legs", &columns, ""), &legs)?;
    let columns = [
        ("sequence", Int),
        ("id", Text),
        ("provider", Text),
        ("account", Text),
        ("case_id", Text),
        ("key", Text),
        ("ordinal", Int),
        ("effective_at", Int),
        ("known_at", Int),
        ("document", Int),
        ("fact", Text),
    ];
    database.execute_many(DOING, &insert("entries", &columns, ""), &heads)?;
    balances(database, folded)
}

fn balances<D: Database>(database: &mut D, folded: &Folded<'_>) -> Result<(), Error> {
    let columns = [
        ("path", Text),
        ("layer", Text),
        ("currency", Text),
        ("minor", Int),
    ];
    let mut values = Vec::with_capacity(folded.balances.len().saturating_mul(columns.len()));
    for ((path, layer), (currency, minor)) in &folded.balances {
        values.extend([
            Value::from(path),
            Value::from(layer.name()),
            Value::from(currency.code()),
            Value::Int(*minor),
        ]);
    }
    let conflict =
        "ON CONFLICT (path, layer) DO UPDATE SET minor = balances.minor + excluded.minor";
    database.execute_many(DOING, &insert("balances", &columns, conflict), &values)
}
