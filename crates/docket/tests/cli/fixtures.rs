//! Documents of others, where the folder with them is at hand: valid ones decode without a reject, damaged ones do not.

use crate::run::{Folder, docket};
use serde_json::Value;
use std::path::PathBuf;

/// Kinds of the index that are no documents of a provider: vectors for tests of signatures, specifications.
const NO_DOCUMENTS: [&str; 4] = [
    "signature-vectors",
    "signature-valid",
    "signature-invalid",
    "spec",
];

/// Called valid by the index, and a stub of its project's tests: its footers count rows that it does not have.
const COUNTS_LIE: &str = "stl_order_recur/paypal/incoming/STL-20260106.01.009.csv";

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("DOCKET_FIXTURES").map_or_else(beside, PathBuf::from);
    folder.join("INDEX.json").is_file().then_some(folder)
}

#[test]
fn documents_of_others_decode_as_their_index_says() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no folder of documents; DOCKET_FIXTURES names one");
        return;
    };
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.join("INDEX.json")).unwrap()).unwrap();
    let mut looked_at = 0;
    for entry in index.as_array().unwrap() {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let provider = match text("provider") {
            "nacha" => "ach",
            name @ ("adyen" | "paypal" | "stripe") => name,
            _ => continue,
        };
        if NO_DOCUMENTS.contains(&text("kind")) {
            continue;
        }
        looked_at += 1;
        let path = folder.join(text("rel"));
        let ran = docket(&["decode", provider, path.to_str().unwrap(), "--json"]);
        let good = matches!(text("kind"), "valid" | "generated-valid" | "valid-large")
            && !text("rel").ends_with(COUNTS_LIE);
        assert_eq!(
            ran.code,
            if good { 0 } else { 3 },
            "{} {}: {}",
            text("kind"),
            text("rel"),
            ran.out
        );
        for reject in ran.json()["rejects"].as_array().unwrap() {
            assert!(
                reject["span"].is_array() && !reject["detail"].as_str().unwrap().is_empty(),
                "{}",
                text("rel")
            );
        }
    }
    assert!(looked_at > 200, "only {looked_at} documents");
}

#[test]
fn a_desk_takes_all_of_them_and_stays_sound() {
    let Some(fixtures) = folder() else {
        eprintln!("skipped: no folder of documents; DOCKET_FIXTURES names one");
        return;
    };
    let scratch = Folder::new();
    let dir = scratch.path("desk");
    for (folder, provider) in [
        ("stripe", "stripe"),
        ("adyen", "adyen"),
        ("paypal", "paypal"),
        ("nacha", "ach"),
    ] {
        let files = files_in(&fixtures.join(folder));
        let mut args = vec![
            "ingest",
            "--dir",
            &dir,
            provider,
            "--at",
            crate::run::MORNING,
        ];
        args.extend(files.iter().map(String::as_str));
        let ran = docket(&args);
        assert!(ran.code == 0 || ran.code == 3, "{provider}: {}", ran.err);
    }
    docket(&["doctor", "--dir", &dir, "--at", crate::run::MORNING]).exits(0);
    docket(&[
        "replay",
        "--compare",
        "--dir",
        &dir,
        "--at",
        crate::run::MORNING,
    ])
    .exits(0);
}

fn files_in(folder: &std::path::Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else if path.extension().is_none_or(|kind| kind != "gz") {
            files.push(path.to_str().expect("the path is UTF-8").to_owned());
        }
    }
    files.sort();
    files
}
