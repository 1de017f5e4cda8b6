//! Kept rows that this program derives otherwise are told, and repaired by corrections only.

use crate::{Desk, desk, line, opened};
use dispute::finding::{Finding, FindingKind};
use dispute::id::EntryId;
use engine::rederive::Rederived;
use ledger::{Balances, Entry, Leg};
use store::{Commit, FamilyChange, Store, Way};

/// What an earlier program would have kept: another state of the case, the withdrawal booked twice and another finding; and no
/// timer.
fn stale() -> Desk {
    let mut desk = desk();
    desk.hear(&opened());
    let before = desk.case();
    let won = line(
        "phase",
        "2026-03-02T08:00:00Z",
        "stage=chargeback standing=won",
    );
    desk.hear(&won);
    desk.sound();
    let case = desk.case();
    let store = &mut desk.engine.store;
    let kept = store.case_row(&case.id).unwrap().unwrap();
    let mut again = store.entries_of(&case.id).unwrap().remove(0);
    again.ordinal += 1;
    again.id = EntryId::of(&["again"]);
    let timers = store.timers_due(calendar::Instant::MAX, 100).unwrap();
    assert_eq!(timers.len(), 1);
    let finding = Finding {
        kind: FindingKind::Residue,
        fingerprint: "reinstatement-missing".to_owned(),
        detail: "as an earlier program saw it".to_owned(),
        amount: None,
    };
    let change = FamilyChange {
        family: kept.family,
        scope: kept.scope,
        moved_facts: Vec::new(),
        digests: vec![dispute::digest::of_case(&before)],
        cases: vec![before],
        entries: vec![again],
        timers_set: Vec::new(),
        timers_cleared: timers.into_iter().map(|timer| timer.id).collect(),
        outbox_added: Vec::new(),
        outbox_removed: Vec::new(),
        findings_opened: vec![(case.id, finding)],
        findings_closed: Vec::new(),
    };
    let commit = Commit {
        now: desk.now,
        processed: Vec::new(),
        families: vec![change],
        leaves: Vec::new(),
    };
    store.commit(&commit).unwrap();
    desk
}

fn words(found: &Rederived) -> Vec<String> {
    let all = found.differences.iter();
    all.map(|one| {
        format!(
            "{} {}: {} -> {}",
            one.dispute, one.what, one.kept, one.derived
        )
    })
    .collect()
}

fn breaks(desk: &mut Desk) -> u64 {
    let checks = desk.engine.doctor(desk.now).unwrap();
    checks.iter().map(|check| check.breaks_total).sum()
}

fn balances(entries: &[store::EntryRow]) -> Vec<Leg> {
    let mut sum = Balances::new();
    for row in entries {
        sum.apply(&row.entry).unwrap();
    }
    let left = sum.iter().filter(|(_, _, amount)| !amount.is_zero());
    left.map(|(account, layer, amount)| Leg::new(account.clone(), layer, amount))
        .collect()
}

#[test]
fn stale_rows_are_told_and_nothing_is_written_before_that_is_asked_for() {
    let mut desk = stale();
    let broken = breaks(&mut desk);
    assert!(broken > 0);
    let (hash, leaves) = (
        desk.engine.hash().unwrap(),
        desk.engine.store.leaves(0, 100).unwrap(),
    );
    let found = desk.engine.derive_again(desk.now, false).unwrap();
    let told = words(&found);
    for expected in [
        "dp-1 status: ours -> won",
        "dp-1 divergence: none -> 12.34 USD",
        "dp-1 finding residue: as an earlier program saw it -> absent",
    ] {
        assert!(told.iter().any(|line| line == expected), "{told:#?}");
    }
    for start in [
        "dp-1 obligation return-funds: absent -> 12.34 USD by ",
        "dp-1 timer: absent -> return-funds by ",
        "dp-1 entry m1 #3: not posted -> ",
    ] {
        assert!(told.iter().any(|line| line.starts_with(start)), "{told:#?}");
    }
    assert_eq!(
        (found.cases, found.corrections, found.applied),
        (1, 1, false)
    );
    assert_eq!(desk.engine.hash().unwrap(), hash);
    assert_eq!(desk.engine.store.leaves(0, 100).unwrap(), leaves);
    assert_eq!(breaks(&mut desk), broken);
}

#[test]
fn stale_rows_are_repaired_by_corrections_under_a_document_of_ours() {
    let mut desk = stale();
    let case = desk.case().id;
    let before = desk.engine.store.entries_of(&case).unwrap();
    let repaired = desk.engine.derive_again(desk.now, true).unwrap();
    assert!(repaired.applied && repaired.corrections == 1);

    // What was posted stays, and the correction is the next of its key.
    let after = desk.engine.store.entries_of(&case).unwrap();
    assert!(before.iter().all(|row| after.contains(row)));
    let added: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
    assert_eq!(added.len(), 1);
    assert_eq!((added[0].key.as_str(), added[0].known_at), ("m1", desk.now));
    let once: Entry = before[0].entry.clone();
    assert_eq!(balances(&after).len(), once.legs().len());

    let documents = desk.engine.store.documents_from(1, 100).unwrap();
    let document = documents.iter().find(|one| one.id == added[0].document);
    let document = &document.unwrap().document;
    assert_eq!(
        (document.way, document.name.as_str()),
        (Way::Desk, "derive-again")
    );
    let body = String::from_utf8(document.body.clone()).unwrap();
    assert!(body.contains("status: ours -> won"), "{body}");
    let leaves = desk.engine.store.leaves(0, 100).unwrap();
    assert!(leaves.last().unwrap().starts_with(b"derive-again applied "));

    // The doctor is content, a replay comes out the same, and there is nothing left to do.
    desk.sound();
    let again = desk.engine.derive_again(desk.now, true).unwrap();
    assert_eq!(words(&again), Vec::<String>::new());
    assert_eq!(desk.engine.store.documents_from(1, 100).unwrap(), documents);
}

#[test]
fn a_sound_desk_has_nothing_to_repair() {
    let mut desk = desk();
    desk.hear(&opened());
    // Money of a payment that no dispute is known for waits in suspense.
    let loose = line(
        "moved",
        "2026-03-02T08:00:00Z",
        "key=m9 kind=withdrawal amount=-5.00%20USD settled=yes",
    );
    desk.hear(&loose.replace("ref.dispute=dp-1 ref.payment=p-1", "ref.payment=p-9"));
    let found = desk.engine.derive_again(desk.now, true).unwrap();
    assert_eq!(words(&found), Vec::<String>::new());
    assert_eq!(found.underived, []);
    desk.sound();
}
