//! A very small desk over a store: documents whose bytes are canonical fact lines, read, grouped, derived and committed.
//! It decides just enough to give a store real work, and is no engine.

use calendar::{Instant, Moment};
use dispute::case::Case;
use dispute::derive::derive;
use dispute::fact::{Fact, Scope, Span};
use dispute::family::{Known, families};
use dispute::id::{EntryId, FactId, FamilyId, SubmissionId, TimerId};
use dispute::reference::Reference;
use dispute::said::Said;
use dispute::{digest, text};
use ledger::{Account, AccountKind, Entry, Layer, Leg};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Commit, EntryRow, Error, FactRow, FamilyChange, Fate, Leaf, NewDocument, OutboxRow, Processed,
    RejectRow, Store, StoredDocument, StoredFact, TimerRow, Way,
};

pub fn scope() -> Scope {
    account("acct_1")
}

pub fn account(account: &str) -> Scope {
    Scope {
        provider: "acme".into(),
        account: account.into(),
    }
}

/// Midnight UTC of a day in November 2026, and so many seconds.
pub fn at(seconds: i64) -> Instant {
    Instant::parse("2026-11-01T00:00:00Z")
        .unwrap()
        .plus_seconds(seconds)
}

pub fn document(body: &str, received_at: Instant) -> NewDocument {
    NewDocument {
        scope: scope(),
        way: Way::Webhook,
        name: "/in/acme".into(),
        headers: vec![
            ("Content-Type".into(), "text/plain".into()),
            ("Signature".into(), format!("v1={}", body.len())),
        ],
        body: body.as_bytes().to_vec(),
        received_at,
        verdict: "valid".into(),
        verdict_detail: String::new(),
        trusted: true,
    }
}

/// One line of a fact by the provider about dispute `du_<n>` of payment `ch_<n>`.
pub fn line(n: u32, second: i64, rest: &str) -> String {
    let (word, pairs) = rest.split_once(' ').unwrap_or((rest, ""));
    format!(
        "{word} at={} by=provider auth=status-field scope=acme/acct_1 ref.dispute=du_{n} ref.payment=ch_{n} {pairs}",
        at(second)
    )
}

/// Eight statements, as many as a dispute's first webhook makes.
pub fn opening(n: u32) -> String {
    let second = i64::from(n);
    let amount = format!("{}.{:02}", 10 + n % 90, n % 100);
    let lines = [
        line(n, second, "phase stage=chargeback standing=ours"),
        line(n, second, &format!("disputed amount={amount}%20USD")),
        line(n, second, "reason reason=fraudulent network=visa code=10.4"),
        line(
            n,
            second,
            &format!("due stage=chargeback due={}", at(second + 864_000)),
        ),
        line(
            n,
            second,
            &format!("moved key=txn_{n} kind=withdrawal amount=-{amount}%20USD settled=yes"),
        ),
        line(
            n,
            second,
            &format!("moved key=fee_{n} kind=received-fee amount=-15.00%20USD settled=yes"),
        ),
        line(n, second, &format!("paid amount={amount}%20USD")),
        line(n, second, "drifted field=shade value=mauve"),
    ];
    lines.join("\n")
}

/// Appends the bodies and works them off; panics where the store fails.
pub fn take(store: &mut dyn Store, bodies: &[String], now: Instant) -> Commit {
    let documents: Vec<NewDocument> = bodies.iter().map(|body| document(body, now)).collect();
    store.append(&documents).unwrap();
    work(store, now).unwrap()
}

/// Works off what is pending, in one commit.
pub fn work(store: &mut dyn Store, now: Instant) -> Result<Commit, Error> {
    let pending = store.pending(10_000)?;
    let commit = plan(store, &pending, now)?;
    store.commit(&commit)?;
    Ok(commit)
}

/// What these documents come to, beside what is kept.
pub fn plan(
    store: &mut dyn Store,
    pending: &[StoredDocument],
    now: Instant,
) -> Result<Commit, Error> {
    let mut processed = Vec::new();
    for stored in pending {
        processed.push(decode(stored, now));
    }
    let ids: Vec<_> = processed
        .iter()
        .flat_map(|one| &one.facts)
        .map(|row| row.id.clone())
        .collect();
    let mut known: BTreeSet<_> = store.known(&ids)?.into_iter().collect();
    for one in &mut processed {
        let before = one.facts.len();
        one.facts.retain(|row| known.insert(row.id.clone()));
        one.known_before = u32::try_from(before - one.facts.len()).unwrap();
    }
    let rows = processed.iter().flat_map(|one| &one.facts);
    let near: BTreeSet<(Scope, Reference)> = rows
        .clone()
        .flat_map(|row| {
            row.fact
                .refs
                .joining()
                .map(|it| (row.fact.scope.clone(), it.clone()))
        })
        .collect();
    let near: Vec<_> = near.into_iter().collect();
    let kept = store.facts_near(&near)?;
    let fresh: Vec<FactRow> = rows.cloned().collect();
    let groups = families(
        kept.iter()
            .map(|stored| stored.fact.clone())
            .chain(fresh.iter().map(|row| row.fact.clone()))
            .map(Known::of),
    );
    let mut of_fact = BTreeMap::new();
    let mut changes = Vec::new();
    let kept: BTreeMap<FactId, StoredFact> =
        kept.into_iter().map(|it| (it.id.clone(), it)).collect();
    let fresh: BTreeMap<FactId, FactRow> =
        fresh.into_iter().map(|row| (row.id.clone(), row)).collect();
    for group in &groups {
        of_fact.extend(
            group
                .facts
                .iter()
                .map(|known| (known.id.clone(), group.id.clone())),
        );
        changes.push(change(store, group, &kept, &fresh, now)?);
    }
    for row in processed.iter_mut().flat_map(|one| &mut one.facts) {
        row.family = of_fact[&row.id].clone();
    }
    let leaves = changes
        .iter()
        .map(|change| Leaf(format!("family {} at {now}", change.family)));
    Ok(Commit {
        now,
        leaves: leaves.collect(),
        processed,
        families: changes,
    })
}

fn decode(stored: &StoredDocument, now: Instant) -> Processed {
    let body = String::from_utf8(stored.document.body.clone()).unwrap();
    let mut one = Processed {
        document: stored.id.clone(),
        fate: Fate::Applied,
        form: "lines".into(),
        trouble: String::new(),
        rejects: Vec::new(),
        facts: Vec::new(),
        known_before: 0,
    };
    let mut from = 0;
    for line in body.split_inclusive('\n') {
        let span = Span::new(from, from + line.len());
        from += line.len();
        match text::parse(line.trim_end()) {
            Ok(fact) => one.facts.push(FactRow {
                id: fact.id(),
                family: FamilyId::of(&["not yet known"]),
                fact,
                document: stored.id.clone(),
                span,
                known_at: now,
            }),
            Err(error) => one.rejects.push(RejectRow {
                span,
                code: "RJ-1".into(),
                name: "line".into(),
                detail: error.to_string(),
                hint: String::new(),
            }),
        }
    }
    if one.facts.is_empty() {
        one.fate = Fate::Rejected;
    }
    one
}

fn change(
    store: &mut dyn Store,
    group: &dispute::family::Family,
    kept: &BTreeMap<FactId, StoredFact>,
    fresh: &BTreeMap<FactId, FactRow>,
    now: Instant,
) -> Result<FamilyChange, Error> {
    let derived = derive(group);
    let kept = group.facts.iter().filter_map(|known| kept.get(&known.id));
    let fresh: Vec<&FactRow> = group
        .facts
        .iter()
        .filter_map(|known| fresh.get(&known.id))
        .collect();
    let moved = kept.filter(|it| it.family != group.id);
    let mut entries = Vec::new();
    for row in &fresh {
        entries.extend(posting(store, row, now)?);
    }
    let scope = group.facts[0].fact.scope.clone();
    let timers = derived.cases.iter().filter_map(timer).collect();
    let sends = fresh.iter().filter_map(|row| send(row, now));
    let found = derived.cases.iter().flat_map(|case| {
        case.findings
            .iter()
            .map(|finding| (case.id.clone(), finding.clone()))
    });
    Ok(FamilyChange {
        family: group.id.clone(),
        scope,
        moved_facts: moved.map(|it| it.id.clone()).collect(),
        digests: derived.cases.iter().map(digest::of_case).collect(),
        findings_opened: found.collect(),
        cases: derived.cases,
        entries,
        timers_set: timers,
        timers_cleared: Vec::new(),
        outbox_added: sends.collect(),
        outbox_removed: Vec::new(),
        findings_closed: Vec::new(),
    })
}

fn posting(store: &mut dyn Store, row: &FactRow, now: Instant) -> Result<Option<EntryRow>, Error> {
    let Said::Moved(movement) = &row.fact.said else {
        return Ok(None);
    };
    let scope = row.fact.scope.clone();
    let case = row.fact.case();
    let key = movement.key.clone();
    let ordinal = store.ordinals(&scope, &[(case.clone(), key.clone())])?[0] + 1;
    let named = case.as_ref().map_or("", |case| case.as_str());
    let id = EntryId::of(&[named, &key, &ordinal.to_string()]);
    Ok(Some(EntryRow {
        id,
        entry: balanced(&row.fact, movement.amount),
        scope,
        case,
        key,
        ordinal,
        effective_at: row.fact.true_at,
        known_at: now,
        document: row.document.clone(),
        fact: Some(row.id.clone()),
    }))
}

/// What the provider took stands against us at the provider and is contested.
pub fn balanced(fact: &Fact, amount: money::Money) -> Entry {
    let of = |kind| {
        Account::new(
            kind,
            &*fact.scope.provider,
            &*fact.scope.account,
            amount.currency(),
        )
    };
    let mut contested = of(AccountKind::DisputeReceivable);
    if let Some(case) = fact.case() {
        contested = contested.for_case(case.as_str());
    }
    Entry::new(vec![
        Leg::new(of(AccountKind::ProviderClearing), Layer::Posted, amount),
        Leg::new(contested, Layer::Posted, amount.negate()),
    ])
    .unwrap()
}

fn timer(case: &Case) -> Option<TimerRow> {
    let due = case.status.deadline()?.respond_by()?;
    Some(TimerRow {
        id: TimerId::of(&[case.id.as_str(), "respond"]),
        scope: case.scope.clone(),
        case: case.id.clone(),
        what: "respond/chargeback".into(),
        due,
    })
}

fn send(row: &FactRow, now: Instant) -> Option<OutboxRow> {
    let Said::SubmissionAsked { stage, digest } = &row.fact.said else {
        return None;
    };
    let case = row.fact.case()?;
    Some(OutboxRow {
        id: SubmissionId::of(&[case.as_str(), stage.name(), digest]),
        scope: row.fact.scope.clone(),
        case,
        verb: format!("submit/{stage}"),
        digest: digest.clone(),
        attempt: 1,
        not_before: now,
        tries: 0,
        last_trouble: String::new(),
    })
}

/// An empty change of one family, to which a test adds what it is about.
pub fn nothing(family: &FamilyId) -> FamilyChange {
    FamilyChange {
        family: family.clone(),
        scope: scope(),
        moved_facts: Vec::new(),
        cases: Vec::new(),
        digests: Vec::new(),
        entries: Vec::new(),
        timers_set: Vec::new(),
        timers_cleared: Vec::new(),
        outbox_added: Vec::new(),
        outbox_removed: Vec::new(),
        findings_opened: Vec::new(),
        findings_closed: Vec::new(),
    }
}

/// A commit of these changes alone.
pub fn only(families: Vec<FamilyChange>, now: Instant) -> Commit {
    Commit {
        now,
        processed: Vec::new(),
        families,
        leaves: Vec::new(),
    }
}

pub fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}
