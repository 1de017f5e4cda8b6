//! What a story expects. Every check can fail, and says what was found.

use super::args::{Args, amount};
use super::desk::{Desk, chain};
use dispute::view;
use money::Money;
use std::collections::BTreeMap;
use store::{Fate, Store as _, Way};

/// Checks one expectation.
pub(super) fn check(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let what = args.next("what is expected")?;
    if what == "rejected" {
        return rejected(desk, args);
    }
    if let Some(rejection) = desk.rejected.take() {
        return Err(format!(
            "before this, a command was rejected: {} {rejection}",
            rejection.code()
        ));
    }
    match what {
        "dispute" => dispute(desk, args),
        "cases" => cases(desk, args),
        "no" => none(desk, args),
        "finding" => {
            let (case, kind) = (args.next("a case")?, args.next("a kind of finding")?);
            let fingerprint = args.maybe_next();
            args.done()?;
            finding(desk, case, kind, fingerprint)
        }
        "obligation" => obligation(desk, args),
        "ledger" => ledger(desk, args),
        "entries" => entries(desk, args),
        "outbox" => outbox(desk, args),
        "asked" => asked(desk, args),
        "header" => header(desk, args),
        "documents" => documents(desk, args),
        "quarantined" => quarantined(desk, args),
        "reject" => reject(desk, args),
        "linked" => linked(desk, args, true),
        "apart" => linked(desk, args, false),
        "invariants" | "replay" => {
            args.done()?;
            desk.invariants()
        }
        other => Err(format!("nobody can expect `{other}`")),
    }
}

fn rejected(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let code = args.next("a rejection's number")?;
    args.done()?;
    match desk.rejected.take() {
        Some(rejection) if rejection.code() == code => Ok(()),
        Some(rejection) => Err(format!(
            "expected {code}, it was rejected by {}: {rejection}",
            rejection.code()
        )),
        None => Err(format!("expected {code}, and nothing was rejected")),
    }
}

/// `dispute du_1 chargeback/ours field=value ...`: fields of `dispute::view`; `-` is absent.
fn dispute(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let name = args.next("a case")?;
    let case = desk.case(name)?;
    if let Some(expected) = args.maybe_next() {
        let stage = case.status.stage().map_or("-", |stage| stage.name());
        let found = format!("{stage}/{}", case.status.word());
        if found != expected {
            return Err(format!("{name} is {found}, expected {expected}"));
        }
    }
    let fields = view::fields(&case);
    for (field, expected) in args.rest() {
        let mut found: Vec<&str> = Vec::new();
        found.extend(
            fields
                .iter()
                .filter(|(name, _)| *name == field)
                .map(|(_, value)| value.as_str()),
        );
        let holds = if expected == "-" {
            found.is_empty()
        } else {
            found.contains(&expected.as_str())
        };
        if !holds {
            let found = if found.is_empty() {
                "absent".to_owned()
            } else {
                found.join("; ")
            };
            return Err(format!("{name}: {field} is {found}, expected {expected}"));
        }
    }
    args.done()
}

fn cases(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let expected = args.next("a number")?;
    args.done()?;
    let filter = store::CaseFilter::every(10_000);
    let rows = desk
        .engine()
        .store
        .cases(&filter)
        .map_err(|error| chain(&error))?;
    let names: Vec<&str> = rows.iter().map(|row| row.dispute.as_str()).collect();
    same(
        "cases",
        &names.len().to_string(),
        expected,
        &names.join(", "),
    )
}

fn same(what: &str, found: &str, expected: &str, detail: &str) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!(
            "{what}: found {found}, expected {expected} ({detail})"
        )),
    }
}

fn none(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let what = args.next("a case, finding or obligation")?;
    let name = args.next("a case")?;
    if what == "case" {
        args.done()?;
        return match desk.case(name) {
            Ok(case) => Err(format!(
                "expected no case {name}, and it is {}",
                case.status.word()
            )),
            Err(_) => Ok(()),
        };
    }
    let key = args.maybe_next();
    args.done()?;
    let case = desk.case(name)?;
    let found: Vec<String> = match what {
        "finding" => case
            .findings
            .iter()
            .map(|finding| finding.kind.name().to_owned())
            .collect(),
        "obligation" => case
            .obligations
            .iter()
            .map(|owed| owed.duty.key())
            .collect(),
        other => return Err(format!("nobody can expect no `{other}`")),
    };
    let there = found.iter().any(|one| key.is_none_or(|key| one == key));
    match there {
        true => Err(format!("{name} has {}", found.join(", "))),
        false => Ok(()),
    }
}

fn finding(
    desk: &mut Desk,
    case: &str,
    kind: &str,
    fingerprint: Option<&str>,
) -> Result<(), String> {
    if dispute::finding::FindingKind::parse(kind).is_none() {
        return Err(format!("no kind of finding is called `{kind}`"));
    }
    let findings = desk.case(case)?.findings;
    let meant = |found: &&dispute::finding::Finding| {
        found.kind.name() == kind && fingerprint.is_none_or(|words| found.fingerprint == words)
    };
    if findings.iter().any(|found| meant(&found)) {
        return Ok(());
    }
    let all: Vec<String> = findings
        .iter()
        .map(|found| {
            format!(
                "{} {}: {}",
                found.kind.name(),
                found.fingerprint,
                found.detail
            )
        })
        .collect();
    Err(format!(
        "{case} has no finding {kind} {}; it has: {}",
        fingerprint.unwrap_or_default(),
        all.join("; ")
    ))
}

/// `obligation du_1 respond/chargeback broken [due=..] [amount=..] [debtor=..]`.
fn obligation(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let (name, duty, standing) = (
        args.next("a case")?,
        args.next("a duty")?,
        args.next("how it stands")?,
    );
    let (due, sum, debtor) = (args.take("due"), args.take("amount"), args.take("debtor"));
    args.done()?;
    let case = desk.case(name)?;
    let Some(owed) = case.obligations.iter().find(|owed| owed.duty.key() == duty) else {
        let all: Vec<String> = case
            .obligations
            .iter()
            .map(|owed| owed.duty.key())
            .collect();
        return Err(format!(
            "{name} has no obligation {duty}; it has: {}",
            all.join(", ")
        ));
    };
    same(
        duty,
        owed.standing.name(),
        standing,
        &format!("due by {}", owed.due_by),
    )?;
    if let Some(due) = due {
        same("due", &owed.due_by.to_string(), due, duty)?;
    }
    if let Some(sum) = sum {
        let found = owed
            .amount
            .map_or("nothing".to_owned(), |amount| amount.to_string());
        same("amount", &found, &amount(sum)?.to_string(), duty)?;
    }
    debtor.map_or(Ok(()), |debtor| {
        same("debtor", owed.debtor.name(), debtor, duty)
    })
}

/// `ledger dispute-receivable [posted|pending] 12.34usd [case=du_1]`: the sum over accounts of this kind, of this case.
fn ledger(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let kind = args.next("a kind of account")?;
    let sum = amount(args.next("an amount")?)?;
    let layer = args.take("layer");
    let case = args.take("case").map(|name| desk.case(name)).transpose()?;
    let provider = args.take("provider");
    args.done()?;
    if ledger::AccountKind::parse(kind).is_none() {
        return Err(format!("no kind of account is called `{kind}`"));
    }
    let legs = desk
        .engine()
        .store
        .balances()
        .map_err(|error| chain(&error))?;
    let of_case = |leg: &ledger::Leg| {
        let id = case.as_ref().map(|case| case.id.as_str());
        id.is_none_or(|id| leg.account.case.as_deref() == Some(id))
    };
    let meant = legs.iter().filter(|leg| {
        leg.account.kind.name() == kind
            && leg.account.currency == sum.currency()
            && layer.is_none_or(|layer| leg.layer.name() == layer)
            && provider.is_none_or(|provider| leg.account.provider == provider)
            && of_case(leg)
    });
    let mut found = Money::zero(sum.currency());
    for leg in meant {
        found = found
            .checked_add(leg.amount)
            .map_err(|error| error.to_string())?;
    }
    let all: Vec<String> = legs.iter().map(dispute::books::leg_line).collect();
    same(kind, &found.to_string(), &sum.to_string(), &all.join("; "))
}

fn entries(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let (name, expected) = (args.next("a case")?, args.next("a number")?);
    args.done()?;
    let id = desk.case(name)?.id;
    let rows = desk
        .engine()
        .store
        .entries_of(&id)
        .map_err(|error| chain(&error))?;
    let keys: Vec<String> = rows
        .iter()
        .map(|row| format!("{} #{}", row.key, row.ordinal))
        .collect();
    same(
        "entries",
        &rows.len().to_string(),
        expected,
        &keys.join(", "),
    )
}

/// `outbox empty`, or `outbox submit/chargeback`.
fn outbox(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let expected = args.next("`empty` or what waits")?;
    args.done()?;
    let rows = desk
        .engine()
        .store
        .outbox_all(1_000)
        .map_err(|error| chain(&error))?;
    let verbs: Vec<&str> = rows.iter().map(|row| row.verb.as_str()).collect();
    let holds = if expected == "empty" {
        verbs.is_empty()
    } else {
        verbs.contains(&expected)
    };
    match holds {
        true => Ok(()),
        false => Err(format!(
            "the outbox has [{}], expected {expected}",
            verbs.join(", ")
        )),
    }
}

/// `asked stripe "POST /v1/disputes/du_1" 1`: how many requests began so.
fn asked(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let provider = args.next("a provider")?;
    let request = args.next("a request like \"POST /v1\"")?;
    let expected = args.next("a number")?;
    args.done()?;
    let beginning = format!("{provider} {request}");
    let count = desk
        .outside
        .asked
        .iter()
        .filter(|asked| asked.starts_with(&beginning))
        .count();
    same(
        &beginning,
        &count.to_string(),
        expected,
        &desk.outside.asked.join("; "),
    )
}

/// `header stripe "POST /v1" "Stripe-Account: acct_9"`: some such request carried it, and none carried another of its name.
fn header(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let provider = args.next("a provider")?;
    let request = args.next("a request like \"POST /v1\"")?;
    let expected = args.next("a header")?;
    args.done()?;
    let beginning = format!("{provider} {request}");
    let name = expected.split(':').next().unwrap_or_default();
    let sent = desk
        .outside
        .headers
        .iter()
        .filter(|(asked, header)| asked.starts_with(&beginning) && header.starts_with(name));
    let found: Vec<&str> = sent.map(|(_, header)| header.as_str()).collect();
    match !found.is_empty() && found.iter().all(|header| *header == expected) {
        true => Ok(()),
        false => Err(format!(
            "{beginning}: expected {expected}, found [{}]",
            found.join(", ")
        )),
    }
}

/// `documents applied=3 repeated=1 quarantined=0`: those from outside, by fate; `repeated` counts arrivals beyond the first.
fn documents(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let rows = desk
        .engine()
        .store
        .intake()
        .map_err(|error| chain(&error))?;
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| !matches!(row.way, Way::Command | Way::Desk))
    {
        let fate = match row.fate {
            Fate::Pending => "pending",
            Fate::Applied => "applied",
            Fate::OtherBusiness => "other",
            Fate::Rejected => "rejected",
            Fate::Quarantined => "quarantined",
            Fate::Duplicate => "duplicate",
            Fate::Superseded => "superseded",
        };
        *found.entry(fate).or_insert(0) += row.documents;
        *found.entry("repeated").or_insert(0) += row.arrivals - row.documents;
    }
    let detail = format!("{found:?}");
    for (fate, expected) in args.rest() {
        let count = found.get(fate.as_str()).copied().unwrap_or(0);
        same(&fate, &count.to_string(), &expected, &detail)?;
    }
    args.done()
}

/// `quarantined "words"`: some document is held, and its trouble or verdict has these words.
fn quarantined(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let words = args.next("words of its trouble")?;
    args.done()?;
    let held = desk
        .engine()
        .store
        .documents_with(Fate::Quarantined, 100)
        .map_err(|error| chain(&error))?;
    let troubles: Vec<String> = held
        .iter()
        .map(|held| {
            format!(
                "{} {} {}",
                held.trouble, held.document.verdict, held.document.verdict_detail
            )
        })
        .collect();
    match troubles.iter().any(|trouble| trouble.contains(words)) {
        true => Ok(()),
        false => Err(format!(
            "no held document says `{words}`; they say: {}",
            troubles.join("; ")
        )),
    }
}

/// `reject DP-2006`: some document has such a reject.
fn reject(desk: &mut Desk, mut args: Args<'_>) -> Result<(), String> {
    let code = args.next("a reject's number")?;
    args.done()?;
    let store = &mut desk.engine().store;
    let all = store
        .documents_from(1, 10_000)
        .map_err(|error| chain(&error))?;
    let mut found = Vec::new();
    for document in all {
        let rows = store.rejects(&document.id).map_err(|error| chain(&error))?;
        found.extend(
            rows.into_iter()
                .map(|row| format!("{}: {}", row.code, row.detail)),
        );
    }
    match found.iter().any(|reject| reject.starts_with(code)) {
        true => Ok(()),
        false => Err(format!("no reject {code}; there are: {}", found.join("; "))),
    }
}

fn linked(desk: &mut Desk, mut args: Args<'_>, expected: bool) -> Result<(), String> {
    let (one, other) = (args.next("a case")?, args.next("another case")?);
    args.done()?;
    let family = |desk: &mut Desk, name: &str| {
        desk.engine()
            .open(name)
            .map(|opened| opened.row.family)
            .map_err(|error| chain(&error))
    };
    let (first, second) = (family(desk, one)?, family(desk, other)?);
    match (first == second) == expected {
        true => Ok(()),
        false => Err(format!("{one} is in family {first}, {other} in {second}")),
    }
}
