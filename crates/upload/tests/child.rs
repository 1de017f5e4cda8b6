//! The parent's side: whatever a child does but answer, the file is refused.
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::time::Duration;

use upload::{Inspector, Kind, Limits, Refusal};

fn limits() -> Limits {
    Limits::dispute_evidence().with_every_kind()
}

fn inspector(limits: Limits) -> Inspector {
    Inspector::with_program(limits, PathBuf::from(env!("CARGO_BIN_EXE_upload-probe")))
}

#[test]
fn a_verdict_is_bound_to_the_content() {
    let verdict = inspector(limits())
        .inspect("note.txt", Some("text/plain"), b"delivered on 3 March")
        .expect("plain text is taken");
    assert_eq!(verdict.kind, Kind::Text);
    assert_eq!(verdict.bytes, 20);
    assert!(verdict.covers(b"delivered on 3 March"));
    assert!(!verdict.covers(b"delivered on 4 March"));
    assert!(!verdict.covers(b"delivered on 3 March "));
}

#[track_caller]
fn not_inspected(inspector: &Inspector, why: &str) {
    match inspector.inspect("note.txt", None, b"text") {
        Err(refusal @ Refusal::NotInspected { .. }) => {
            let said = refusal.to_string();
            assert!(said.contains(why), "{said}");
            assert_eq!(refusal.code(), "DP-4018");
            assert!(refusal.retryable());
        }
        other => panic!("{other:?}"),
    }
}

fn program(path: &str) -> Inspector {
    Inspector::with_program(limits(), PathBuf::from(path))
}

#[test]
fn a_child_that_is_not_there_refuses() {
    not_inspected(&program("/nowhere/docket"), "did not start");
}

#[test]
fn a_child_that_fails_or_says_nothing_or_nonsense_refuses() {
    not_inspected(&program("/bin/false"), "ended with");
    // Neither reads its input nor says anything.
    not_inspected(&program("/bin/true"), "not read");
    // Says its arguments back.
    not_inspected(&program("/bin/echo"), "not read");
}

#[test]
fn a_child_that_hangs_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hangs");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_upload-probe"), &path).expect("a link");
    let limits = Limits {
        answer_in: Duration::from_millis(50),
        ..limits()
    };
    not_inspected(&Inspector::with_program(limits, path), "no answer in 50 ms");
}

#[test]
fn a_child_without_memory_refuses() {
    let limits = Limits {
        memory_bytes_max: 1 << 20,
        ..limits()
    };
    let text = vec![b'a'; 4 << 20];
    let refused = inspector(limits).inspect("note.txt", None, &text);
    assert!(
        matches!(refused, Err(Refusal::NotInspected { .. })),
        "{refused:?}"
    );
    assert!(
        inspector(self::limits())
            .inspect("note.txt", None, &text)
            .is_ok()
    );
}

#[test]
fn what_is_empty_or_too_large_starts_no_child() {
    let nobody = program("/nowhere/docket");
    assert_eq!(nobody.inspect("a.txt", None, b""), Err(Refusal::Empty));
    let large = vec![b'a'; 5 * 1024 * 1024 + 1];
    let refused = nobody.inspect("a.txt", None, &large);
    assert_eq!(
        refused,
        Err(Refusal::TooLarge {
            bytes_max: 5 * 1024 * 1024
        })
    );
    not_inspected(&nobody, "did not start");
}
