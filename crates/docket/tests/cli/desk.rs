//! Files in, and what the desk says of them.

use crate::run::{Folder, docket, fixture, program, ran, sample, sample_desk};
use serde_json::json;
use std::process::Stdio;

#[test]
fn files_are_accounted_for_one_by_one() {
    let folder = Folder::new();
    let dir = folder.path("desk");
    let args = [
        "ingest",
        "--dir",
        &dir,
        "stripe",
        &sample("created.json"),
        &sample("created.json"),
        &fixture("stripe/review-opened.in.json"),
        &fixture("stripe/malformed-twice.in.json"),
        "no-such-file.json",
        "--json",
    ];
    // The missing file is the worst of it, and costs only itself (F-13).
    let ingested = docket(&args).exits(2).json();
    let became: Vec<&str> = ingested["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["became"].as_str().unwrap())
        .collect();
    assert_eq!(
        became,
        [
            "applied",
            "duplicate",
            "other-business",
            "rejected",
            "unread"
        ]
    );
    assert_eq!(ingested["counts"]["applied"], 1);
    assert_eq!(ingested["files"][3]["rejects"][0]["code"], "DP-2003");
    let again = docket(&args).exits(2).json();
    assert_eq!(again["facts_new"], 0);
    docket(&["doctor", "--dir", &dir]).exits(0);
}

#[test]
fn a_lying_file_is_held_and_shown() {
    let folder = Folder::new();
    let dir = folder.path("desk");
    let body = std::fs::read_to_string(sample("created.json")).unwrap();
    let cut = folder.write("cut.json", &body.as_bytes()[..body.len() / 2]);
    let ingested = docket(&["ingest", "--dir", &dir, "stripe", &cut, "--json"])
        .exits(3)
        .json();
    assert_eq!(ingested["files"][0]["became"], "quarantined");
    let document = ingested["files"][0]["document"].as_str().unwrap();
    let held = docket(&["quarantine", "list", "--dir", &dir, "--json"])
        .exits(0)
        .json();
    assert_eq!(held["documents"][0]["document"], document);
    assert_eq!(held["documents"][0]["rejects"][0]["code"], "DP-2002");
    // Released, it is read again and held again: nothing about it changed.
    let release = [
        "quarantine",
        "release",
        "--dir",
        &dir,
        document,
        "--why",
        "looked at",
    ];
    docket(&release).exits(3).says("quarantined");
    docket(&[
        "quarantine",
        "reject",
        "--dir",
        &dir,
        document,
        "--why",
        "cut off",
        "--json",
    ])
    .exits(0);
    docket(&release).exits(2).complains("DP-3012");
    docket(&["quarantine", "list", "--dir", &dir])
        .exits(0)
        .says("Nothing is held.");
    docket(&["doctor", "--dir", &dir]).exits(0);
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}

#[test]
fn the_queue_knows_what_is_due_and_what_is_overdue() {
    let (_folder, dir) = sample_desk();
    let queue = |at: &str, more: &[&str]| {
        let mut args = vec!["queue", "--dir", &dir, "--json", "--at", at];
        args.extend(more);
        docket(&args).exits(0).json()
    };
    let before = queue("2026-03-16T09:00:00Z", &[]);
    assert_eq!(before["total"], 1);
    assert_eq!(before["due_in_a_day"], 1);
    let item = &before["items"][0];
    assert_eq!(item["dispute"], "dp_sample_1");
    assert_eq!(item["duty"], "respond/chargeback");
    assert_eq!(item["hours_left"], 14);
    assert_eq!(item["amount"]["text"], "84.00 USD");
    assert_eq!(item["due_by"]["latest"], "2026-03-16T23:59:59Z");
    let after = queue("2026-03-17T00:00:00Z", &[]);
    assert_eq!(after["items"][0]["overdue"], true);
    assert_eq!(
        queue("2026-03-03T09:00:00Z", &["--within", "24"])["total"],
        0
    );
    assert_eq!(
        queue("2026-03-03T09:00:00Z", &["--provider", "ach"])["total"],
        0
    );
    assert_eq!(
        queue("2026-03-03T09:00:00Z", &["--by", "money"])["total"],
        1
    );
}

#[test]
fn silence_is_found_by_the_next_command_that_works() {
    let (folder, dir) = sample_desk();
    // A worker has a quarter of an hour to notice.
    docket(&["doctor", "--dir", &dir, "--at", "2026-03-17T00:14:59Z"]).exits(0);
    // The doctor reads only: what passed unnoticed is a break until somebody lets the clock speak (invariant 8).
    for at in ["2026-03-17T00:15:00Z", "2026-03-18T00:00:00Z"] {
        docket(&["doctor", "--dir", &dir, "--at", at])
            .exits(3)
            .says("BROKEN");
    }
    let other = folder.write(
        "other.json",
        &std::fs::read(fixture("stripe/review-opened.in.json")).unwrap(),
    );
    docket(&[
        "ingest",
        "--dir",
        &dir,
        "stripe",
        &other,
        "--at",
        "2026-03-18T00:00:00Z",
    ])
    .exits(0);
    docket(&["doctor", "--dir", &dir, "--at", "2026-03-18T00:00:00Z"]).exits(0);
    let findings = docket(&["findings", "--dir", &dir, "--json"])
        .exits(0)
        .json();
    assert_eq!(findings["groups"][0]["kind"], "obligation-broken");
}

#[test]
fn a_case_is_found_by_any_of_its_names() {
    let (_folder, dir) = sample_desk();
    for name in ["dp_sample_1", "ch_sample_1", "pi_sample_1"] {
        let case = docket(&["show", "--dir", &dir, name, "--json"])
            .exits(0)
            .json();
        assert_eq!(case["dispute"], "dp_sample_1");
        assert_eq!(case["status"], "ours");
        assert_eq!(case["reason"]["title"], "Goods or services not received");
    }
    docket(&["show", "--dir", &dir, "dp_nobody"])
        .exits(2)
        .complains("DP-3007");
}

#[test]
fn the_timeline_has_both_clocks() {
    let (_folder, dir) = sample_desk();
    let timeline = docket(&["timeline", "--dir", &dir, "dp_sample_1", "--json"])
        .exits(0)
        .json();
    let events = timeline["events"].as_array().unwrap();
    let phase = events
        .iter()
        .find(|event| event["says"] == "phase")
        .unwrap();
    assert_eq!(phase["at"], "2026-03-02T09:00:00Z");
    assert_eq!(phase["known_at"], "2026-03-02T09:05:00Z");
    assert_eq!(phase["lag_seconds"], 300);
    let postings: Vec<_> = events
        .iter()
        .filter(|event| event["kind"] == "posting")
        .collect();
    assert_eq!(postings.len(), 2);
    assert_eq!(postings[0]["legs"].as_array().unwrap().len(), 2);
    docket(&["timeline", "--dir", &dir, "dp_sample_1"])
        .exits(0)
        .says("chargeback is ours");
}

#[test]
fn why_answers_with_bytes_and_rules() {
    let (_folder, dir) = sample_desk();
    let why = |field: &str| {
        docket(&["why", "--dir", &dir, "dp_sample_1", field, "--json"])
            .exits(0)
            .json()
    };
    let disputed = why("disputed");
    assert_eq!(
        disputed["values"],
        json!([{ "name": "disputed", "value": "84.00 USD" }])
    );
    let statement = &disputed["statements"][0];
    assert_eq!(statement["bytes"], "8400");
    assert_eq!(statement["document"]["verdict"], "unsigned");
    assert_eq!(statement["document"]["received_at"], "2026-03-02T09:05:00Z");
    let status = why("status");
    assert_eq!(status["statements"][0]["bytes"], "\"needs_response\"");
    assert_eq!(status["rules"][0]["rule"], "life cycle visa_collaboration");
    assert!(!status["rules"][0]["sources"].as_array().unwrap().is_empty());
    assert_eq!(why("respond-by")["statements"][0]["bytes"], "1773705599");
    // A field that this case lacks is answered, one that no case has is not.
    assert_eq!(why("recovered")["values"], json!([]));
    docket(&["why", "--dir", &dir, "dp_sample_1", "colour"])
        .exits(2)
        .complains("respond_by");
}

#[test]
fn every_field_of_a_case_can_be_asked_for() {
    let (_folder, dir) = sample_desk();
    let refused = docket(&["why", "--dir", &dir, "dp_sample_1", "colour"]).exits(2);
    let (_, list) = refused.err.split_once("Its fields are ").unwrap();
    let fields: Vec<&str> = list.trim().trim_end_matches('.').split(", ").collect();
    assert!(fields.len() > 40, "{fields:?}");
    for field in fields {
        let why = docket(&["why", "--dir", &dir, "dp_sample_1", field, "--json"])
            .exits(0)
            .json();
        let valued = !why["values"].as_array().unwrap().is_empty();
        let grounded = !why["statements"].as_array().unwrap().is_empty()
            || !why["rules"].as_array().unwrap().is_empty();
        // Evidence that nobody saved yet rests on nothing.
        assert!(
            grounded || !valued || field == "evidence_version",
            "{field}: {why}"
        );
    }
}

#[test]
fn the_books_and_the_journal_are_printed() {
    let (_folder, dir) = sample_desk();
    let books = docket(&["ledger", "--dir", &dir, "--json"]).exits(0).json();
    assert_eq!(books["balanced"], true);
    let clearing = &books["balances"][0];
    assert_eq!(clearing["kind"], "provider-clearing");
    assert_eq!(clearing["amount"]["text"], "-99.00 USD");
    docket(&["ledger", "--dir", &dir, "--export", "hledger"])
        .exits(0)
        .says("2026-03-02 (txn_sample_1)")
        .says("-84.00 USD");
}

#[test]
fn a_key_is_rotated_and_everything_still_opens() {
    let (_folder, dir) = sample_desk();
    docket(&["keys", "rotate", "--dir", &dir, "stripe", "default"]).exits(0);
    docket(&["replay", "--compare", "--dir", &dir])
        .exits(0)
        .says("the same, row for row");
    docket(&["keys", "rotate", "--dir", &dir, "stripe", "nobody"]).exits(2);
}

#[test]
fn a_desk_that_is_not_there_is_named_with_what_to_run() {
    let folder = Folder::new();
    let dir = folder.path("nothing");
    for command in ["queue", "doctor", "findings", "ledger", "migrate", "serve"] {
        docket(&[command, "--dir", &dir])
            .exits(2)
            .complains("DP-3005")
            .complains("docket demo --dir");
    }
    docket(&["queue"]).exits(2).complains("--dir");
    docket(&["queue", "--dir", &dir, "--db", "postgres://x/y"]).exits(2);
    assert!(!std::path::Path::new(&dir).exists(), "a look made a folder");
}

#[test]
fn complaints_are_json_when_answers_are() {
    let folder = Folder::new();
    let ran = docket(&["queue", "--json", "--dir", &folder.path("nothing")]).exits(2);
    let complaint: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(complaint["error"]["code"], "DP-3005");
    assert_eq!(ran.out, "");
}

#[test]
fn two_processes_share_one_folder() {
    let folder = Folder::new();
    let dir = folder.path("desk");
    let files = [
        "stripe/review-opened.in.json",
        "stripe/unknown-status.in.json",
        "stripe/payout-reconciliation.in.csv",
    ];
    let running: Vec<_> = files
        .iter()
        .map(|name| {
            let mut command = program();
            command.args(["ingest", "--dir", &dir, "stripe", &fixture(name), "--json"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts")
        })
        .collect();
    for child in running {
        ran(child.wait_with_output().expect("it ends"), &["ingest"]).exits(0);
    }
    let health = docket(&["doctor", "--dir", &dir, "--json"]).exits(0).json();
    assert!(health["checks"][0]["looked_at"].as_u64() >= Some(3));
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let (_folder, dir) = sample_desk();
    let mut command = program();
    command.args(["timeline", "--dir", &dir, "dp_sample_1", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}

#[test]
fn completions_and_help_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        docket(&["completions", shell]).exits(0).says("timeline");
    }
    docket(&["--help"]).exits(0).says("queue");
    docket(&["--version"]).exits(0);
}
