//! Every way to tamper with an export, and where the verifier puts its finger.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use audit::export::{Problem, Report, Trust, verify, verify_against, verify_with_key, write};
use audit::{Checkpoint, SignedNote, SigningKey, Tree, VerifierKey, leaf_hash};

const ORIGIN: &str = "desk.example.com/audit";
/// Checkpoints lie over these sizes of the good log.
const SEALED: [usize; 3] = [5, 12, 20];

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn key(seed: u8) -> VerifierKey {
    VerifierKey::of(&signing_key(seed), ORIGIN).unwrap()
}

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| format!("effect {n}").into_bytes())
        .collect()
}

fn head(leaves: &[Vec<u8>]) -> Checkpoint {
    let mut tree = Tree::empty();
    for leaf in leaves {
        tree.append(leaf_hash(leaf));
    }
    Checkpoint::of(ORIGIN, &tree)
}

fn seal(leaves: &[Vec<u8>], seed: u8) -> SignedNote {
    head(leaves).sign(&signing_key(seed), ORIGIN).unwrap()
}

fn export(leaves: &[Vec<u8>], seed: u8, notes: &[SignedNote]) -> String {
    let mut out = String::new();
    let leaves = leaves.iter().map(Vec::as_slice);
    write(&mut out, ORIGIN, &key(seed), leaves, notes).unwrap();
    out
}

/// What the desk exported: 20 leaves, three checkpoints.
fn notes() -> Vec<SignedNote> {
    SEALED
        .iter()
        .map(|size| seal(&leaves(20)[..*size], 1))
        .collect()
}

fn good() -> String {
    export(&leaves(20), 1, &notes())
}

/// A tamperer who knows the format: numbers, leaf hashes and the end line fit again; only the signatures cannot.
fn rewritten(change: impl Fn(&mut Vec<Vec<u8>>)) -> String {
    let mut forged = leaves(20);
    change(&mut forged);
    export(&forged, 1, &notes())
}

/// A tamperer who edits lines. `change` sees the lines; entry `n` is line `3 + n`, counted from 0.
fn edited(change: impl Fn(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = good().split_terminator('\n').map(String::from).collect();
    change(&mut lines);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

const ENTRY_0: usize = 3;

/// The findings' names with the leaf each points at.
fn told(report: &Report) -> Vec<(String, Option<u64>)> {
    let name = |problem: &Problem| {
        let debug = format!("{problem:?}");
        debug.split([' ', '(']).next().unwrap().to_owned()
    };
    report
        .findings
        .iter()
        .map(|finding| (name(&finding.problem), finding.seq))
        .collect()
}

#[track_caller]
fn check(class: &str, file: &str, want: &[(&str, Option<u64>)], verified: u64) {
    let report = verify_with_key(file.as_bytes(), &key(1));
    let want: Vec<(String, Option<u64>)> = want
        .iter()
        .map(|(name, seq)| ((*name).to_owned(), *seq))
        .collect();
    assert_eq!(told(&report), want, "{class}: {:#?}", report.findings);
    assert_eq!(report.checkpoints_verified, verified, "{class}");
    assert!(!report.holds(), "{class}");
}

#[test]
fn a_good_export_holds_and_says_what_was_checked() {
    let report = verify(good().as_bytes());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!(
        (report.entries, report.size, report.checkpoints_verified),
        (20, 20, 3)
    );
    assert_eq!(report.root, head(&leaves(20)).root);
    assert_eq!(report.origin, ORIGIN);
    assert_eq!(report.key, key(1).to_string());
    assert!(!report.key_trusted);
    assert!(verify_with_key(good().as_bytes(), &key(1)).key_trusted);
}

#[test]
fn an_empty_log_holds() {
    let report = verify(export(&[], 1, &[]).as_bytes());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.entries, report.size), (0, 0));
    let sealed = export(&[], 1, &[seal(&[], 1)]);
    let report = verify(sealed.as_bytes());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!(report.checkpoints_verified, 1);
}

#[test]
fn each_careless_tampering_is_found_at_its_entry() {
    check(
        "edit: the bytes of leaf 7 change, nothing else",
        &edited(|lines| lines[ENTRY_0 + 7] = lines[ENTRY_0 + 7].replace("ZWZmZWN0", "ZWZmZWNU")),
        &[("EntryEdited", Some(7))],
        3,
    );
    check(
        "edit: the recorded hash of leaf 7 changes too, to that of leaf 8",
        &edited(|lines| {
            let other = lines[ENTRY_0 + 8].split(' ').nth(2).unwrap().to_owned();
            let mut fields: Vec<String> = lines[ENTRY_0 + 7].split(' ').map(String::from).collect();
            fields[2] = other;
            lines[ENTRY_0 + 7] = fields.join(" ");
        }),
        &[("EntryEdited", Some(7)), ("RootDiffers", Some(5))],
        1,
    );
    check(
        "delete: line of leaf 7",
        &edited(|lines| drop(lines.remove(ENTRY_0 + 7))),
        &[("EntriesMissing", Some(7)), ("EndDiffers", None)],
        1,
    );
    check(
        "insert: leaf 7 twice",
        &edited(|lines| lines.insert(ENTRY_0 + 8, lines[ENTRY_0 + 7].clone())),
        &[("EntryRepeated", Some(7)), ("EndDiffers", None)],
        3,
    );
    check(
        "insert: another leaf numbered 7 before the true one",
        &edited(|lines| {
            let other = lines[ENTRY_0 + 8].replace("entry 8 ", "entry 7 ");
            lines.insert(ENTRY_0 + 7, other);
        }),
        &[
            ("EntryRepeated", Some(7)),
            ("RootDiffers", Some(5)),
            ("EndDiffers", None),
        ],
        1,
    );
    check(
        "reorder: lines of leaves 7 and 8 swapped",
        &edited(|lines| lines.swap(ENTRY_0 + 7, ENTRY_0 + 8)),
        &[("EntriesMissing", Some(7)), ("EntryOutOfOrder", Some(7))],
        3,
    );
    check(
        "truncate before the last checkpoint: leaves 15 on are gone",
        &edited(|lines| drop(lines.drain(ENTRY_0 + 15..ENTRY_0 + 20))),
        &[("EntriesCutOff", Some(15)), ("EndDiffers", None)],
        2,
    );
    check(
        "truncate after a checkpoint: the last one is gone, its leaves are not",
        &edited(|lines| {
            let from = lines
                .iter()
                .rposition(|line| line.starts_with("checkpoint"))
                .unwrap();
            let until = lines.len() - 1;
            drop(lines.drain(from..until));
        }),
        &[("EntriesUnsealed", Some(12)), ("EndDiffers", None)],
        2,
    );
    check(
        "truncate: the file ends in the middle",
        &good()[..good().len() / 3],
        &[
            ("Line", None),
            ("EntriesUnsealed", Some(0)),
            ("EndMissing", None),
        ],
        0,
    );
}

#[test]
fn each_careful_tampering_is_found_between_checkpoints() {
    check(
        "edit with its hash made to fit",
        &rewritten(|leaves| leaves[7] = b"forged".to_vec()),
        &[("RootDiffers", Some(5))],
        1,
    );
    check(
        "delete with renumbering",
        &rewritten(|leaves| drop(leaves.remove(7))),
        &[("RootDiffers", Some(5)), ("EntriesCutOff", Some(19))],
        1,
    );
    check(
        "insert with renumbering",
        &rewritten(|leaves| leaves.insert(7, b"forged".to_vec())),
        &[("RootDiffers", Some(5)), ("EntriesUnsealed", Some(20))],
        1,
    );
    check(
        "reorder with renumbering",
        &rewritten(|leaves| leaves.swap(7, 8)),
        &[("RootDiffers", Some(5))],
        1,
    );
    check(
        "truncate with the end made to fit",
        &rewritten(|leaves| leaves.truncate(15)),
        &[("EntriesCutOff", Some(15))],
        2,
    );
    check(
        "append without a signature",
        &rewritten(|leaves| leaves.push(b"forged".to_vec())),
        &[("EntriesUnsealed", Some(20))],
        3,
    );
    check(
        "edit before the first checkpoint",
        &rewritten(|leaves| leaves[0] = b"forged".to_vec()),
        &[("RootDiffers", Some(0))],
        0,
    );
    check(
        "edit after the second checkpoint",
        &rewritten(|leaves| leaves[19] = b"forged".to_vec()),
        &[("RootDiffers", Some(12))],
        2,
    );
}

#[test]
fn a_swapped_key_is_found_when_the_key_is_trusted_from_elsewhere() {
    let all = leaves(20);
    let notes: Vec<SignedNote> = SEALED.iter().map(|size| seal(&all[..*size], 2)).collect();
    let resigned = export(&all, 2, &notes);
    check(
        "everything signed anew with another key",
        &resigned,
        &[
            ("KeyDiffers", None),
            ("Checkpoint", Some(4)),
            ("Checkpoint", Some(11)),
            ("Checkpoint", Some(19)),
            ("EntriesUnsealed", Some(0)),
        ],
        0,
    );
    let alone = verify(resigned.as_bytes());
    assert!(
        alone.holds() && !alone.key_trusted,
        "a file vouches only for itself"
    );

    check(
        "only the key line changes",
        &good().replace(&key(1).to_string(), &key(2).to_string()),
        &[("KeyDiffers", None)],
        3,
    );
    let report = verify(good().replace(&key(1).to_string(), "nonsense").as_bytes());
    assert_eq!(told(&report)[0], ("Key".to_owned(), None));
}

#[test]
fn forks_and_rollbacks_signed_by_the_desk_itself_are_found() {
    let all = leaves(20);
    let mut other = leaves(12);
    other[9] = b"forged".to_vec();
    let fork = [seal(&all[..12], 1), seal(&other, 1), seal(&all, 1)];
    check(
        "fork: size 12 signed twice",
        &export(&all, 1, &fork),
        &[("Fork", Some(11)), ("RootDiffers", Some(12))],
        2,
    );
    let rolled_back = [seal(&all[..12], 1), seal(&all[..5], 1), seal(&all, 1)];
    check(
        "rollback: a smaller size after a larger",
        &export(&all, 1, &rolled_back),
        &[("SizeDecreases", Some(5))],
        3,
    );
    let mut foreign = head(&all);
    foreign.origin = "other.example.com/audit".into();
    let foreign = foreign.sign(&signing_key(1), ORIGIN).unwrap();
    check(
        "a checkpoint of another log",
        &export(&all, 1, &[seal(&all, 1), foreign]),
        &[("OriginDiffers", None)],
        1,
    );
}

#[test]
fn a_noted_checkpoint_finds_what_the_key_holder_rewrote() {
    let noted = |checkpoint: Checkpoint| Trust {
        key: Some(key(1)),
        noted: vec![checkpoint],
    };
    let trust = noted(head(&leaves(12)));
    assert!(verify_against(good().as_bytes(), &trust).holds());

    let mut rewritten = leaves(20);
    rewritten[7] = b"forged".to_vec();
    let resealed = export(&rewritten, 1, &[seal(&rewritten, 1)]);
    assert!(verify_with_key(resealed.as_bytes(), &key(1)).holds());
    let report = verify_against(resealed.as_bytes(), &trust);
    assert_eq!(told(&report), [("HistoryDiffers".to_owned(), Some(0))]);

    let shorter = export(&leaves(5), 1, &[seal(&leaves(5), 1)]);
    let report = verify_against(shorter.as_bytes(), &trust);
    assert_eq!(told(&report), [("HistoryCutOff".to_owned(), Some(5))]);

    let mut elsewhere = head(&leaves(12));
    elsewhere.origin = "other.example.com/audit".into();
    let report = verify_against(good().as_bytes(), &noted(elsewhere));
    assert_eq!(told(&report), [("OriginDiffers".to_owned(), None)]);
}

#[test]
fn no_prefix_and_no_changed_byte_goes_unnoticed_or_panics() {
    let good = good().into_bytes();
    for cut in 0..good.len() {
        assert!(!verify(&good[..cut]).holds(), "cut at {cut}");
    }
    for at in 0..good.len() {
        for flip in [0x01, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            assert!(
                !verify_with_key(&bytes, &key(1)).holds(),
                "byte {at} ^ {flip:#x}"
            );
        }
    }
    for junk in [
        "",
        "\n",
        "docket-audit-export v2\n",
        "docket-audit-export v1\n",
    ] {
        assert!(!verify(junk.as_bytes()).holds(), "{junk:?}");
    }
}

#[test]
fn numbers_at_the_edge_of_64_bits_are_findings_and_not_panics() {
    let file = good()
        .replace("entry 19 ", "entry 18446744073709551615 ")
        .replace("entry 18 ", "entry 18446744073709551614 ")
        .replacen("checkpoint 5", "checkpoint 18446744073709551615", 1);
    let report = verify(file.as_bytes());
    assert!(told(&report).contains(&("EntriesMissing".to_owned(), Some(18))));
}

#[test]
fn findings_read_as_one_line_each() {
    let file = edited(|lines| {
        drop(lines.remove(ENTRY_0 + 7));
        lines[ENTRY_0 + 1] = "entry one".into();
    });
    let report = verify(file.as_bytes());
    let said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said[..3],
        [
            "line 5: expected `origin`, `key`, `entry`, `checkpoint` or `end` with its fields",
            "line 6, entry 1: entries up to 2 are missing",
            "line 11, entry 7: entries up to 8 are missing",
        ]
    );
}
