//! The public sample files against an independent reader's verdicts and parsed facts. The samples are not part of this
//! repository: without them the tests say so and pass.

#![allow(clippy::print_stdout, clippy::indexing_slicing)]
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wire_nacha::{Addenda, Code, Direction, Entry, File, Form, Severity, read, verify, write};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKET_FIXTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    if folder.join("INDEX.json").is_file() {
        return Some(folder);
    }
    println!("skipped: no sample files at {}", folder.display());
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("the index names it"))
        .expect("the index is JSON")
}

/// `(path, kind, bytes, oracle's facts)`, archives left out: unpacking is the caller's.
fn samples() -> Vec<(String, String, Vec<u8>, Value)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let index = json(&folder.join("INDEX.json"));
    let oracle = json(&folder.join("_oracle/nacha-moov-ach.json"));
    let mut samples = Vec::new();
    for row in index.as_array().expect("a list of samples") {
        let rel = row["rel"].as_str().expect("a path");
        if row["provider"] == "nacha" && !rel.ends_with(".gz") {
            let bytes = std::fs::read(folder.join(rel)).expect("the index names it");
            samples.push((
                rel.to_owned(),
                row["kind"].as_str().unwrap_or_default().to_owned(),
                bytes,
                oracle[rel].clone(),
            ));
        }
    }
    assert!(
        samples.len() > 100,
        "expected over 100 samples, found {}",
        samples.len()
    );
    samples
}

fn is_json(rel: &str) -> bool {
    rel.ends_with(".json")
}

#[test]
fn every_sample_is_written_back_as_it_was_read() {
    for (rel, _, bytes, _) in samples() {
        assert!(write(&read(&bytes)) == bytes, "{rel}");
    }
}

#[test]
fn files_the_oracle_accepts_have_nothing_but_warnings() {
    let mut wrong = Vec::new();
    let mut warnings = BTreeMap::<Code, usize>::new();
    for (rel, kind, bytes, _) in samples() {
        if !kind.contains("valid") || kind.starts_with("invalid") || is_json(&rel) {
            continue;
        }
        for problem in verify(&read(&bytes)) {
            *warnings.entry(problem.code).or_default() += 1;
            if problem.severity > Severity::Warning {
                wrong.push(format!("{rel}: {:?} {problem}", problem.severity));
            }
        }
    }
    println!("{warnings:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_the_oracle_rejects_have_a_located_problem() {
    let mut wrong = Vec::new();
    for (rel, kind, bytes, _) in samples() {
        let fatal = kind == "invalid-totals";
        if !fatal && !kind.starts_with("malformed") {
            continue;
        }
        let problems = verify(&read(&bytes));
        println!("{rel}");
        for problem in problems.iter().take(6) {
            println!("  {:?} {:?} {problem}", problem.severity, problem.span);
        }
        let worst = problems.iter().map(|problem| problem.severity).max();
        let located = problems
            .iter()
            .all(|it| it.span.start <= it.span.end && it.span.end <= bytes.len());
        if worst.is_none() || !located || fatal && worst != Some(Severity::Fatal) {
            wrong.push(format!("{rel} ({kind}): {worst:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn json_says_only_that_it_is_not_nacha() {
    for (rel, _, bytes, _) in samples().into_iter().filter(|(rel, ..)| is_json(rel)) {
        let problems = verify(&read(&bytes));
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::NotNacha], "{rel}");
        assert!(
            problems[0]
                .to_string()
                .starts_with("not-nacha: starts with \"{"),
            "{}",
            problems[0]
        );
    }
}

/// The oracle's facts of one entry, from our reading.
fn check_entry(at: &str, entry: Entry<'_>, addenda: Vec<Addenda<'_>>, want: &Value) {
    assert_eq!(
        entry.transaction_code().number(),
        want["tc"].as_u64(),
        "{at} transaction code"
    );
    assert_eq!(
        entry.amount().number(),
        want["amount"].as_u64(),
        "{at} amount"
    );
    if let Some(trace) = entry.trace() {
        assert_eq!(trace.text(), want["trace"].as_str(), "{at} trace");
    }
    let code = |field: wire_nacha::Field<'_>| field.text().map(str::to_owned);
    // The oracle keeps the last addenda of each kind, and shows the one that is furthest in the exchange.
    let last = |pick: fn(&Addenda<'_>) -> bool| addenda.iter().rev().copied().find(pick);
    let (mut returned, mut dishonored, mut contested, mut change, mut corrected) =
        (None, None, None, None, None);
    if let Some(Addenda::Contested(it)) = last(|it| matches!(it, Addenda::Contested(_))) {
        (contested, dishonored, returned) = (
            code(it.contested_code()),
            code(it.dishonored_code()),
            code(it.return_code()),
        );
    } else if let Some(Addenda::Dishonored(it)) = last(|it| matches!(it, Addenda::Dishonored(_))) {
        (dishonored, returned) = (code(it.dishonored_code()), code(it.return_code()));
    } else if let Some(Addenda::Return(it)) = last(|it| matches!(it, Addenda::Return(_))) {
        returned = code(it.return_code());
    } else if let Some(Addenda::IatReturn(it)) = last(|it| matches!(it, Addenda::IatReturn(_))) {
        returned = code(it.return_code());
    }
    if let Some(Addenda::Change(it)) = last(|it| matches!(it, Addenda::Change(_))) {
        (change, corrected) = (code(it.change_code()), code(it.corrected_data()));
    }
    for (key, found) in [
        ("ret", returned),
        ("dishonored", dishonored),
        ("contested", contested),
        ("noc", change),
        ("corrected", corrected),
    ] {
        assert_eq!(found.as_deref(), want[key].as_str(), "{at} {key}");
    }
    if let Some(trace) = want["orig_trace"].as_str() {
        let found = addenda
            .iter()
            .any(|it| it.original_trace().and_then(|field| field.text()) == Some(trace));
        assert!(found, "{at}: no addenda has original trace {trace}");
    }
}

fn check_file(rel: &str, file: &File<'_>, want: &Value) {
    let (mut debit, mut credit, mut hash, mut count) = (0, 0, 0, 0);
    let want_batches = want["batches"].as_array().cloned().unwrap_or_default();
    assert_eq!(file.batches.len(), want_batches.len(), "{rel} batches");
    // The oracle lists IAT batches, then ADV ones, after the others.
    let order = |form: Form| match form {
        Form::Standard | Form::Corporate => 0,
        Form::International => 1,
        Form::Advice => 2,
    };
    let mut batches: Vec<_> = file.batches.iter().collect();
    batches.sort_by_key(|batch| order(batch.form));
    for (number, (batch, want)) in batches.into_iter().zip(&want_batches).enumerate() {
        let header = batch.header.expect("accepted files have batch headers");
        let at = format!("{rel} batch {number}");
        // The oracle writes `IAT:` before the SEC code of an IAT batch.
        let sec = want["sec"]
            .as_str()
            .map(|sec| sec.trim_start_matches("IAT:"));
        assert_eq!(header.sec().text(), sec, "{at} SEC");
        assert_eq!(
            header.service_class().number(),
            want["scc"].as_u64(),
            "{at} service class"
        );
        if batch.form != Form::International {
            assert_eq!(
                header.company_id().text(),
                want["company_id"].as_str().map(str::trim),
                "{at} company id"
            );
        }
        let groups: Vec<_> = file.entries(batch).collect();
        assert_eq!(
            u64::try_from(groups.len()).ok(),
            want["entries"].as_u64(),
            "{at} entries"
        );
        for (nth, group) in groups.iter().enumerate() {
            let amount = group
                .entry
                .amount()
                .number()
                .expect("accepted files have amounts");
            match group
                .entry
                .direction()
                .expect("accepted files have transaction codes")
            {
                Direction::Debit => debit += amount,
                Direction::Credit => credit += amount,
            }
            hash += group
                .entry
                .rdfi()
                .number()
                .expect("accepted files have receiving banks");
            count += 1 + u64::try_from(group.addenda().count()).expect("small");
            if let Some(want) = want["e"].get(nth) {
                check_entry(
                    &format!("{at} entry {nth}"),
                    group.entry,
                    group.addenda().collect(),
                    want,
                );
            }
        }
    }
    assert_eq!(Some(debit), want["total_debit"].as_u64(), "{rel} debit");
    assert_eq!(Some(credit), want["total_credit"].as_u64(), "{rel} credit");
    assert_eq!(
        Some(hash % 10_000_000_000),
        want["entry_hash"].as_u64(),
        "{rel} hash"
    );
    assert_eq!(
        Some(count),
        want["entry_addenda_count"].as_u64(),
        "{rel} count"
    );
    let control = file.control.expect("accepted files have a control");
    assert_eq!(
        control.batch_count().number(),
        want["batch_count"].as_u64(),
        "{rel} batch count"
    );
    assert_eq!(
        control.block_count().number(),
        want["block_count"].as_u64(),
        "{rel} block count"
    );
    let header = file.header.expect("accepted files have a header");
    for (field, key) in [
        (header.immediate_origin(), "origin"),
        (header.immediate_destination(), "dest"),
    ] {
        // The oracle leaves the tenth digit out.
        let found = field.text().unwrap_or_default();
        let nine = found.len().saturating_sub(9);
        assert_eq!(found.get(nine..), want[key].as_str(), "{rel} {key}");
    }
    let created = format!(
        "{}{}",
        header.created_on().text().unwrap_or_default(),
        header.created_at_local().text().unwrap_or_default()
    );
    assert_eq!(
        Some(created.as_str()),
        want["created"].as_str(),
        "{rel} created"
    );
}

#[test]
fn facts_are_the_oracles() {
    let mut checked = 0;
    for (rel, kind, bytes, want) in samples() {
        if kind.contains("valid") && !kind.starts_with("invalid") && !is_json(&rel) {
            check_file(&rel, &read(&bytes), &want);
            checked += 1;
        }
    }
    println!("{checked} files agree with the oracle");
}
