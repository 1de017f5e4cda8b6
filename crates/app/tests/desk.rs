//! A desk as a face uses it, without a command line.
#![allow(clippy::unwrap_used)]

use adapter::Channel;
use app::ingest::{Brought, WayIn};
use app::{Blame, Desk, Error, Opening, Place};
use calendar::Instant;

fn now() -> Instant {
    Instant::parse("2026-03-02T09:05:00Z").unwrap()
}

fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(&Place::Folder(folder.path().to_owned()), Opening::OrNew).unwrap();
    (folder, desk)
}

#[track_caller]
fn check<T>(result: Result<T, Error>, code: &str, blame: Blame) {
    let Err(error) = result else {
        panic!("{code} is expected")
    };
    assert_eq!((error.code(), error.blame()), (code, blame), "{error}");
    assert!(!error.chain().is_empty());
}

#[test]
fn names_that_lead_nowhere_have_their_codes() {
    let (_folder, mut desk) = desk();
    let way = WayIn {
        provider: "acme",
        account: "a",
        channel: Channel::File,
    };
    let file = Brought {
        name: String::from("one"),
        content: Ok(b"{}".to_vec()),
    };
    check(desk.ingest(&way, [file], now()), "DP-3003", Blame::Asker);
    check(desk.show("dp_1"), "DP-3007", Blame::Asker);
    check(
        desk.rotate_keys("stripe", "nobody", 10),
        "DP-3009",
        Blame::Asker,
    );
    let decision = app::quarantine::Decision::Release;
    check(
        desk.decide("doc_1", decision, "analyst", "because", now()),
        "DP-3012",
        Blame::Asker,
    );
}

#[test]
fn a_new_desk_is_empty_and_sound() {
    let (_folder, mut desk) = desk();
    let morning = desk.morning(now()).unwrap();
    assert_eq!(
        (morning.cases_total, morning.intake.len(), morning.balanced),
        (0, 0, true)
    );
    assert!(desk.health(now()).unwrap().holds);
    assert!(desk.replay(now()).unwrap().same);
    let exported = desk.export_audit(now()).unwrap();
    let verified = app::audit_log::verify(exported.text.as_bytes(), None);
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
    assert_eq!(desk.journal().unwrap(), "decimal-mark .\n");
}

#[test]
fn a_folder_without_a_desk_is_only_opened_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("desk"));
    check(
        Desk::open(&place, Opening::Existing),
        "DP-3005",
        Blame::Asker,
    );
    assert!(!folder.path().join("desk").exists());
}

#[test]
fn a_file_too_large_to_keep_is_named_and_costs_only_itself() {
    let (_folder, mut desk) = desk();
    let way = WayIn {
        provider: "stripe",
        account: "a",
        channel: Channel::File,
    };
    let large = Brought {
        name: String::from("large"),
        content: Ok(vec![b' '; store::DOCUMENT_BYTES_MAX + 1]),
    };
    let broken = Brought {
        name: String::from("broken"),
        content: Err(String::from("the disk failed")),
    };
    let good = Brought {
        name: String::from("good"),
        content: Ok(br#"{"object":"event","id":"evt_1"}"#.to_vec()),
    };
    let ingested = desk.ingest(&way, [large, broken, good], now()).unwrap();
    let became: Vec<&str> = ingested.files.iter().map(|file| file.became).collect();
    assert_eq!(became.get(..2), Some(&["unread", "unread"][..]));
    assert_eq!(ingested.counts.unread, 2);
    assert!(ingested.files.first().unwrap().trouble.contains("at most"));
}
