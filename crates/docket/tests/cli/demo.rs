//! `docket demo`, and what can be asked of its desk.

use crate::run::{Folder, MORNING, demo_desk, docket};

#[test]
fn the_demonstration_tells_what_a_desk_lead_wants_to_know() {
    let (_folder, dir) = demo_desk();
    // On a folder that has a desk it says so, and how that stands.
    let again = docket(&["demo", "--no-serve", "--dir", &dir, "--at", MORNING])
        .exits(0)
        .says("has a desk already");
    for part in [
        "Intake",
        "Refused, and why",
        "Cases: ",
        "Ours to do: ",
        "Money",
        "The books balance",
        "Findings: ",
        "Next",
    ] {
        assert!(again.out.contains(part), "no `{part}` in {}", again.out);
    }
    let morning = docket(&[
        "demo",
        "--no-serve",
        "--dir",
        &dir,
        "--at",
        MORNING,
        "--json",
    ])
    .exits(0)
    .json();
    assert_eq!(morning["made"], false);
    let morning = &morning["morning"];
    assert!(
        morning["cases_total"].as_u64() >= Some(300),
        "{}",
        morning["cases_total"]
    );
    assert_eq!(morning["intake"].as_array().unwrap().len(), 4);
    for line in morning["intake"].as_array().unwrap() {
        let count = |name: &str| line[name].as_u64().unwrap();
        let kinds = [
            "applied",
            "duplicate",
            "other_business",
            "rejected",
            "quarantined",
            "superseded",
            "pending",
        ];
        assert_eq!(
            count("received"),
            kinds.iter().map(|kind| count(kind)).sum::<u64>(),
            "{line}"
        );
        assert_eq!(count("pending"), 0);
    }
    assert_eq!(morning["balanced"], true);
    assert_eq!(morning["in_doubt"], 0);
    assert!(morning["due"]["due_in_a_day"].as_u64() > Some(0));
    assert!(
        morning["residues"].as_u64() > Some(0),
        "a won case whose money never came back is a residue (F-34)"
    );
    let findings = morning["findings"].as_array().unwrap();
    for kind in [
        "residue",
        "divergence",
        "drift",
        "double-loss",
        "unexpected-step",
    ] {
        assert!(
            findings.iter().any(|group| group["kind"] == kind),
            "no {kind} in {findings:?}"
        );
    }
    let refused = morning["refused"].as_array().unwrap();
    for code in ["DP-2011", "signature"] {
        assert!(
            refused.iter().any(|group| group["code"] == code),
            "no {code} in {refused:?}"
        );
    }
}

#[test]
fn the_demonstration_is_the_same_for_everybody() {
    let (_one, first) = demo_desk();
    let folder = Folder::new();
    let second = folder.path("desk");
    docket(&["demo", "--no-serve", "--dir", &second, "--at", MORNING]).exits(0);
    let hash = |dir: &str| {
        let replayed = docket(&[
            "replay",
            "--compare",
            "--dir",
            dir,
            "--at",
            MORNING,
            "--json",
        ])
        .exits(0)
        .json();
        assert_eq!(replayed["same"], true);
        replayed["live_hash"].as_str().unwrap().to_owned()
    };
    assert_eq!(hash(&first), hash(&second));
}

#[test]
fn its_desk_is_sound() {
    let (folder, dir) = demo_desk();
    let health = docket(&["doctor", "--dir", &dir, "--at", MORNING, "--json"])
        .exits(0)
        .json();
    assert_eq!(health["holds"], true);
    // One program made all of it, so deriving it again finds nothing; and writing is only ever asked for.
    docket(&["replay", "--from", "facts", "--dir", &dir, "--at", MORNING])
        .exits(0)
        .says("nothing differs");
    docket(&["replay", "--dir", &dir, "--at", MORNING]).exits(2);
    docket(&["replay", "--compare", "--apply", "--dir", &dir]).exits(2);
    let path = folder.path("log.txt");
    let exported = docket(&["audit", "export", "--dir", &dir, "--out", &path, "--json"])
        .exits(0)
        .json();
    let key = exported["verifier_key"].as_str().unwrap();
    let verified = docket(&["audit", "verify", &path, "--key", key, "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (
            verified["holds"].as_bool(),
            verified["key_trusted"].as_bool()
        ),
        (Some(true), Some(true))
    );
    assert_eq!(verified["entries"], exported["leaves"]);
    docket(&["audit", "verify", &path, "--key", "no-key"])
        .exits(2)
        .complains("DP-3014");
    // One leaf changed, one line gone: both are seen.
    let log = std::fs::read_to_string(&path).unwrap();
    let changed = folder.write(
        "changed.txt",
        log.replacen("entry 5 ", "entry 6 ", 1).as_bytes(),
    );
    docket(&["audit", "verify", &changed])
        .exits(3)
        .says("BROKEN");
    let cut = folder.write("cut.txt", &log.as_bytes()[..log.len() - 30]);
    docket(&["audit", "verify", &cut]).exits(3).says("BROKEN");
}

#[test]
fn every_case_of_it_can_be_shown_and_explained() {
    let (_folder, dir) = demo_desk();
    let queue = docket(&[
        "queue", "--dir", &dir, "--json", "--at", MORNING, "--limit", "8",
    ])
    .exits(0)
    .json();
    for item in queue["items"].as_array().unwrap() {
        let dispute = item["dispute"].as_str().unwrap();
        docket(&["show", "--dir", &dir, dispute])
            .exits(0)
            .says("Who owes what");
        docket(&["timeline", "--dir", &dir, dispute]).exits(0);
        for field in ["status", "respond_by", "money", "obligation"] {
            let why = docket(&["why", "--dir", &dir, dispute, field, "--json"])
                .exits(0)
                .json();
            assert!(
                !why["statements"].as_array().unwrap().is_empty(),
                "{dispute} {field}"
            );
        }
    }
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = Folder::new();
    folder.write("desk/photo.png", b"not a desk");
    docket(&["demo", "--no-serve", "--dir", &folder.path("desk")])
        .exits(2)
        .complains("DP-3011");
    assert!(!std::path::Path::new(&folder.path("desk/desk.db")).exists());
}

#[test]
fn a_simulated_month_repeats_byte_for_byte() {
    let run = || docket(&["sim", "--seed", "7", "--days", "3"]).exits(0).out;
    assert_eq!(run(), run());
    let run = docket(&["sim", "--seed", "7", "--days", "3", "--json"])
        .exits(0)
        .json();
    assert_eq!(run["held"], true);
}
