//! Public ACH samples against an independent reader's verdicts and parsed facts. The samples are not part of this repository: without
//! them the tests say so and pass.
#![allow(
    clippy::as_conversions,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use adapter::{Channel, Decoded, Fate, Inbound};
use calendar::Instant;
use dispute::fact::Fact;
use dispute::reference::RefKind;
use dispute::said::Said;
use dispute::status::Stage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

struct Sample {
    rel: String,
    kind: String,
    bytes: Vec<u8>,
    /// The oracle's facts; null where it has none.
    oracle: Value,
}

impl Sample {
    fn is_valid(&self) -> bool {
        matches!(self.kind.as_str(), "valid" | "generated-valid")
    }

    fn is_json(&self) -> bool {
        self.rel.ends_with(".json")
    }

    fn decode(&self) -> Decoded {
        let adapter = providers::list::find("ach").unwrap();
        let inbound = Inbound {
            channel: Channel::File,
            account: "account-1",
            headers: &[],
            body: &self.bytes,
            received_at: Instant::parse("2026-03-02T12:00:00Z").unwrap(),
        };
        adapter.account(&inbound);
        adapter.decode(&inbound)
    }
}

/// Archives are left out: unpacking is the caller's.
fn samples() -> Vec<Sample> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let index = json(&folder.join("INDEX.json"));
    let oracle = json(&folder.join("_oracle/nacha-moov-ach.json"));
    let rows = index.as_array().unwrap().iter();
    let rows = rows.filter(|row| row["provider"] == "nacha");
    let samples: Vec<Sample> = rows
        .map(|row| (row, row["rel"].as_str().unwrap()))
        .filter(|(_, rel)| !rel.ends_with(".gz"))
        .map(|(row, rel)| Sample {
            rel: rel.to_owned(),
            kind: row["kind"].as_str().unwrap().to_owned(),
            bytes: std::fs::read(folder.join(rel)).unwrap(),
            oracle: oracle[rel].clone(),
        })
        .collect();
    assert!(samples.len() > 100, "only {} samples", samples.len());
    samples
}

#[test]
fn valid_samples_have_no_rejects_and_others_have_located_ones() {
    let mut wrong = Vec::new();
    for sample in samples() {
        let decoded = sample.decode();
        let said: Vec<String> = decoded
            .rejects
            .iter()
            .map(|it| format!("{} {} {}", it.span, it.code.name(), it.detail))
            .collect();
        if sample.is_valid() != said.is_empty() {
            wrong.push(format!(
                "{} ({}): {}",
                sample.rel,
                sample.kind,
                said.join("; ")
            ));
        }
        let located = decoded.rejects.iter().all(|reject| {
            let holds = |fate: &Fate| *fate == Fate::Rejected;
            let mut records = decoded.records.iter();
            records.any(|record| record.span.holds(reject.span) && holds(&record.fate))
        });
        if !located {
            wrong.push(format!("{}: a reject in no rejected record", sample.rel));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// F-64: nothing of a file whose totals disagree is applied.
#[test]
fn samples_whose_totals_disagree_are_held() {
    for sample in samples() {
        if sample.kind == "invalid-totals" {
            let decoded = sample.decode();
            assert!(decoded.held(), "{}: {:?}", sample.rel, decoded.rejects);
        }
    }
}

/// Rows of extracts and rows with codes of no list are kept although the document has rejects (F-15, F-64).
#[test]
fn rows_are_kept_beside_rejects() {
    let expected = BTreeMap::from([
        (
            "return-no-batch-header.ach",
            "return R01, notice-of-change C01",
        ),
        (
            "return-no-batch-controls.ach",
            "return R01, notice-of-change C01",
        ),
        ("return-PPD-custom-reason-code.ach", "return R97"),
        ("pos-invalidReturnFile.ach", "return R96"),
        ("iat-invalidAddenda99.ach", "return R96"),
        ("iat-invalidAddenda98.ach", "notice-of-change C78"),
        ("web-invalidNOCFile.ach", "notice-of-change C92"),
    ]);
    let mut seen = 0;
    for sample in samples() {
        let name = sample.rel.rsplit('/').next().unwrap();
        let Some(expected) = expected.get(name) else {
            continue;
        };
        let decoded = sample.decode();
        assert!(!decoded.held() && !decoded.rejects.is_empty(), "{name}");
        let told: Vec<String> = told(&decoded)
            .iter()
            .map(|row| format!("{} {}", row.stage, row.codes.last().unwrap()))
            .collect();
        assert_eq!(told.join(", "), *expected, "{name}");
        seen += 1;
    }
    assert!(seen == 0 || seen == expected.len(), "{seen} found");
}

/// What the facts of one case's step say.
#[derive(Debug)]
struct Told {
    stage: Stage,
    original: String,
    traces: Vec<String>,
    amount: Option<i128>,
    moved: Option<i128>,
    /// The return's code first, the step's own last.
    codes: Vec<String>,
    corrected: Option<String>,
}

/// The facts, one row for every phase, in the order of the document.
fn told(decoded: &Decoded) -> Vec<Told> {
    let mut rows: Vec<Told> = Vec::new();
    for located in &decoded.facts {
        let Fact { refs, said, .. } = &located.fact;
        if let Said::Phase(phase) = said {
            let named = |kind| refs.iter().filter(move |it| it.kind == kind);
            rows.push(Told {
                stage: phase.stage,
                original: refs.find(RefKind::Payment).unwrap().to_owned(),
                traces: named(RefKind::Trace).map(|it| it.value.clone()).collect(),
                amount: None,
                moved: None,
                codes: Vec::new(),
                corrected: None,
            });
        }
        let row = rows.last_mut().expect("a phase is said first");
        match said {
            Said::Disputed(amount) => row.amount = Some(amount.minor()),
            Said::Moved(movement) => row.moved = Some(movement.amount.minor()),
            Said::Reason(claim) => row.codes.push(claim.code.clone().unwrap()),
            Said::ChangeAsked {
                code, corrected, ..
            } => {
                row.codes.push(code.clone());
                row.corrected = Some(corrected.clone());
            }
            _ => {}
        }
    }
    rows
}

/// Rows of the oracle that came back, batch by batch: it lists international batches after the others.
fn expected(oracle: &Value) -> Vec<Value> {
    let batches = oracle["batches"].as_array().cloned().unwrap_or_default();
    let entries = batches
        .iter()
        .flat_map(|batch| batch["e"].as_array().cloned().unwrap_or_default());
    entries
        .filter(|entry| {
            ["ret", "noc", "dishonored", "contested"]
                .iter()
                .any(|key| entry[*key].is_string())
        })
        .collect()
}

fn with_r(code: &Value) -> Option<String> {
    let code = code.as_str()?;
    Some(if code.starts_with('R') {
        code.to_owned()
    } else {
        format!("R{code}")
    })
}

fn check_row(name: &str, told: &Told, want: &Value) {
    let stage = if want["contested"].is_string() {
        Stage::ContestedReturn
    } else if want["dishonored"].is_string() {
        Stage::DishonoredReturn
    } else if want["ret"].is_string() {
        Stage::Return
    } else {
        Stage::NoticeOfChange
    };
    assert_eq!(told.stage, stage, "{name}: {told:?}");
    for key in ["ret", "dishonored", "contested"] {
        if let Some(code) = with_r(&want[key]) {
            assert!(told.codes.contains(&code), "{name}: {key} {code}, {told:?}");
        }
    }
    if let Some(code) = want["noc"].as_str() {
        assert_eq!(told.codes, [code], "{name}");
        let corrected = want["corrected"].as_str().unwrap().trim();
        let told = told.corrected.as_deref().unwrap();
        let last: String = corrected.chars().skip(corrected.len() - 2).collect();
        assert!(
            told.ends_with(&last) || told == "****",
            "{name}: {corrected} became {told}"
        );
    } else {
        let amount = i128::from(want["amount"].as_u64().unwrap());
        assert_eq!(told.amount, Some(amount), "{name}");
        let debit = matches!(want["tc"].as_u64().unwrap(), 26..=29 | 36..=39 | 46..=49 | 55 | 56);
        let taken = debit != (stage == Stage::DishonoredReturn);
        assert_eq!(
            told.moved,
            Some(if taken { -amount } else { amount }),
            "{name}: {told:?}"
        );
    }
    let original = want["orig_trace"].as_str().unwrap();
    assert_eq!(told.original, original, "{name}");
    let trace = want["trace"].as_str().unwrap().to_owned();
    assert!(told.traces.contains(&trace), "{name}: {trace}, {told:?}");
}

#[test]
fn facts_are_the_oracles() {
    let mut rows = 0;
    for sample in samples() {
        // The oracle renumbers the traces of files it reads from JSON.
        if !sample.is_valid() || sample.is_json() {
            continue;
        }
        // Of batches with many entries it lists none.
        let batches = sample.oracle["batches"].as_array();
        let listed = |batch: &Value| batch["e"].is_array() || batch["entries"] == 0;
        if !batches.is_none_or(|batches| batches.iter().all(listed)) {
            continue;
        }
        let told = told(&sample.decode());
        let expected = expected(&sample.oracle);
        assert_eq!(told.len(), expected.len(), "{}", sample.rel);
        for (told, want) in told.iter().zip(&expected) {
            check_row(&sample.rel, told, want);
            rows += 1;
        }
    }
    println!("{rows} returned entries agree with the oracle");
}

#[test]
fn a_batch_of_many_codes_is_told_row_by_row() {
    for sample in samples() {
        if !sample.rel.ends_with("returns-odd-codes-ppd.ach") {
            continue;
        }
        let told = told(&sample.decode());
        let text = String::from_utf8(sample.bytes).unwrap();
        let codes: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("799"))
            .map(|line| &line[3..6])
            .collect();
        assert_eq!(told.len(), 21);
        for (nth, (row, code)) in told.iter().zip(codes).enumerate() {
            let amount = 1001 + nth as i128;
            // Only R23 returns a credit.
            let moved = if code == "R23" { amount } else { -amount };
            assert_eq!(
                (row.codes.as_slice(), row.moved),
                ([code.to_owned()].as_slice(), Some(moved))
            );
        }
    }
}

#[test]
fn json_files_tell_their_returns() {
    for sample in samples().iter().filter(|sample| sample.is_json()) {
        let decoded = sample.decode();
        let name = sample.rel.rsplit('/').next().unwrap();
        let told: Vec<(String, Option<i128>)> = told(&decoded)
            .iter()
            .map(|row| (row.codes.join(" "), row.moved))
            .collect();
        let want: &[(&str, Option<i128>)] = match name {
            "issue1501.json" => &[("R06", Some(1000)), ("R06", Some(1000))],
            // An accounting advice: the money moves by other entries.
            "adv-return.json" => &[("R14", None)],
            _ => &[],
        };
        let want: Vec<_> = want
            .iter()
            .map(|(code, moved)| ((*code).to_owned(), *moved))
            .collect();
        assert_eq!(told, want, "{name}");
        assert_eq!(decoded.other_business(), want.is_empty(), "{name}");
    }
}

/// F-64: a row that is lost or stands twice never passes.
#[test]
fn a_lost_or_repeated_record_holds_the_sample() {
    for sample in samples() {
        // Long files would cost minutes and show nothing more.
        if !sample.is_valid() || sample.is_json() || sample.bytes.len() > 20_000 {
            continue;
        }
        let lines: Vec<&[u8]> = sample
            .bytes
            .split_inclusive(|byte| *byte == b'\n')
            .collect();
        for (nth, line) in lines.iter().enumerate() {
            let (before, after) = (lines[..nth].concat(), lines[nth + 1..].concat());
            let fill = line.starts_with(b"99999999");
            if fill || line.trim_ascii().is_empty() || lines.len() == 1 {
                continue;
            }
            for (how, middle) in [
                ("without", Vec::new()),
                ("with twice", [*line, *line].concat()),
            ] {
                let bytes = [before.clone(), middle, after.clone()].concat();
                let damaged = Sample {
                    bytes,
                    rel: sample.rel.clone(),
                    kind: String::new(),
                    oracle: Value::Null,
                };
                let decoded = damaged.decode();
                // Without its header a file is an extract: told so, and its rows stand.
                let told = decoded.held() || nth == 0 && !decoded.rejects.is_empty();
                assert!(
                    told,
                    "{} {how} line {}: {:?}",
                    sample.rel,
                    nth + 1,
                    decoded.rejects
                );
            }
        }
    }
}
