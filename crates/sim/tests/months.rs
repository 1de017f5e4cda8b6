//! Some seeded months, quick enough for every build; thousands more are run with `docket sim`.
#![allow(clippy::unwrap_used)]

use sim::month::{Outcome, StoreFaults, run, run_with};

#[track_caller]
fn check(outcome: &Outcome) {
    assert!(outcome.breaks.is_empty(), "{outcome}");
    let happened = |name: &str| outcome.counts.get(name).copied().unwrap_or(0);
    assert!(
        happened("documents: Applied") > 50,
        "too little happened to prove anything:\n{outcome}"
    );
    assert!(
        happened("answers: taken by providers") > 0,
        "nobody answered anything:\n{outcome}"
    );
}

#[test]
fn a_fortnight_with_faults_everywhere_comes_out_even() {
    for seed in [3, 20, 33] {
        check(&run(seed, 14).unwrap());
    }
}

#[test]
fn the_same_seed_prints_the_same_text() {
    let text = |seed| run(seed, 6).unwrap().to_string();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn a_desk_that_dies_at_any_commit_goes_on_from_what_it_kept() {
    // F-13: what was acknowledged is there, and nothing is done twice.
    for number in [1, 2, 5, 17, 40, 80] {
        for after in [false, true] {
            let outcome = run_with(11, 7, StoreFaults::CrashAtCommit { number, after }).unwrap();
            assert_eq!(
                outcome.counts.get("store: crashes and restarts"),
                Some(&1),
                "{outcome}"
            );
            check(&outcome);
        }
    }
}
