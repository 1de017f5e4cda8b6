//! Timers, the outbox, findings, obligations and sweeps.

use crate::open::Place;
use crate::world::{at, line, moment, nothing, only, opening, take};
use calendar::Instant;
use dispute::finding::{Finding, FindingKind};
use dispute::id::{SubmissionId, TimerId};
use store::{Error, OutboxRow, Store, TimerRow, speaks_at};

crate::over_every_database! {
    timers_speak_only_when_their_moment_has_passed
    later_changes_of_one_commit_win
    the_outbox_keeps_what_is_not_settled
    a_finding_keeps_the_instant_since_when_it_is_open
    obligations_follow_their_case
    sweeps_take_the_open_case_longest_unread_and_nearest_due
    sweeps_take_first_what_was_contradicted_since_it_was_read
}

/// A desk with case `du_1`, and an empty change of its family.
fn desk(place: &Place) -> (Box<dyn Store>, store::FamilyChange, store::CaseRow) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1)], at(0));
    let family = commit.families[0].family.clone();
    let case = store.find_cases("du_1", 1).unwrap().remove(0);
    let mut change = nothing(&family);
    change.timers_cleared = store
        .timers_due(Instant::MAX, 10)
        .unwrap()
        .into_iter()
        .map(|it| it.id)
        .collect();
    store.commit(&only(vec![change], at(0))).unwrap();
    (store, nothing(&family), case)
}

fn timer(case: &store::CaseRow, name: &str, due: &str) -> TimerRow {
    TimerRow {
        id: TimerId::of(&[name]),
        scope: case.scope.clone(),
        case: case.id.clone(),
        what: name.into(),
        due: moment(due),
    }
}

/// F-48: a day is a day where it was promised, and its last second is in time.
fn timers_speak_only_when_their_moment_has_passed(place: &Place) {
    let (mut store, mut change, case) = desk(place);
    assert_eq!(store.next_timer().unwrap(), None);
    let instant = timer(&case, "instant", "2026-11-02T10:00:00Z");
    let day = timer(&case, "day", "2026-11-02@America/New_York");
    change.timers_set = vec![day.clone(), instant.clone()];
    store.commit(&only(vec![change.clone()], at(1))).unwrap();
    let due = |store: &mut dyn Store, text: &str| {
        let now = Instant::parse(text).unwrap();
        store.timers_due(now, 10).unwrap()
    };
    assert!(
        due(&mut *store, "2026-11-02T10:00:00Z").is_empty(),
        "at the instant one is in time"
    );
    assert_eq!(
        due(&mut *store, "2026-11-02T10:00:00.000001Z"),
        [instant.clone()]
    );
    assert_eq!(
        due(&mut *store, "2026-11-03T04:59:59.999999Z"),
        [instant.clone()]
    );
    assert_eq!(
        due(&mut *store, "2026-11-03T05:00:00Z"),
        [instant.clone(), day.clone()]
    );
    assert_eq!(store.next_timer().unwrap(), Some(speaks_at(instant.due)));

    change.timers_set = vec![timer(&case, "instant", "2026-11-09T10:00:00Z")];
    change.timers_cleared = vec![day.id];
    store.commit(&only(vec![change], at(2))).unwrap();
    assert!(
        due(&mut *store, "2026-11-08T00:00:00Z").is_empty(),
        "moved, and cleared"
    );
    assert_eq!(due(&mut *store, "2026-11-10T00:00:00Z").len(), 1);
}

/// Two documents of one commit change one family: the commit comes to what both came to in turn.
fn later_changes_of_one_commit_win(place: &Place) {
    let (mut store, change, case) = desk(place);
    let finding = Finding {
        kind: FindingKind::Drift,
        fingerprint: "x".into(),
        detail: "x".into(),
        amount: None,
    };
    let (mut first, mut second) = (change.clone(), change);
    first.timers_set = vec![timer(&case, "a", "2026-11-02T10:00:00Z")];
    first.timers_cleared = vec![TimerId::of(&["b"])];
    first.outbox_added = vec![outgoing(&case, "a"), outgoing(&case, "b")];
    first.findings_opened = vec![(case.id.clone(), finding.clone())];
    second.timers_cleared = vec![TimerId::of(&["a"])];
    second.timers_set = vec![timer(&case, "b", "2026-11-02T10:00:00Z")];
    second.outbox_removed = vec![outgoing(&case, "a").id];
    second.findings_closed = vec![finding.id(&case.id)];
    store
        .commit(&only(vec![first.clone(), second.clone()], at(5)))
        .unwrap();
    let timers = store.timers_due(Instant::MAX, 10).unwrap();
    assert_eq!(timers, second.timers_set);
    assert_eq!(store.outbox_all(10).unwrap(), [outgoing(&case, "b")]);
    let findings = store.findings_of(&case.id).unwrap();
    let closed = findings
        .iter()
        .find(|row| row.id == finding.id(&case.id))
        .unwrap();
    assert_eq!((closed.opened_at, closed.closed_at), (at(5), Some(at(5))));
    // The other way round, all of it stays.
    store.commit(&only(vec![second, first], at(6))).unwrap();
    assert_eq!(store.timers_due(Instant::MAX, 10).unwrap().len(), 1);
    assert_eq!(store.outbox_all(10).unwrap().len(), 2);
    let findings = store.findings_of(&case.id).unwrap();
    let open = findings
        .iter()
        .find(|row| row.id == finding.id(&case.id))
        .unwrap();
    assert_eq!((open.opened_at, open.closed_at), (at(6), None));
}

fn outgoing(case: &store::CaseRow, name: &str) -> OutboxRow {
    OutboxRow {
        id: SubmissionId::of(&[name]),
        scope: case.scope.clone(),
        case: case.id.clone(),
        verb: "submit/chargeback".into(),
        digest: name.into(),
        attempt: 1,
        not_before: at(100),
        tries: 0,
        last_trouble: String::new(),
    }
}

fn the_outbox_keeps_what_is_not_settled(place: &Place) {
    let (mut store, change, case) = desk(place);
    let row = outgoing(&case, "a");
    let mut add = change.clone();
    add.outbox_added = vec![row.clone()];
    store.commit(&only(vec![add.clone()], at(1))).unwrap();
    assert!(store.outbox_due(at(99), 10).unwrap().is_empty());
    assert_eq!(store.outbox_due(at(100), 10).unwrap(), [row.clone()]);
    store
        .outbox_retry(&row.id, at(200), "no answer within 30 s")
        .unwrap();
    assert!(store.outbox_due(at(199), 10).unwrap().is_empty());
    let tried = store.outbox_due(at(200), 10).unwrap().remove(0);
    assert_eq!(
        (tried.tries, tried.last_trouble.as_str()),
        (1, "no answer within 30 s")
    );
    let mut remove = change;
    remove.outbox_removed = vec![row.id.clone()];
    store.commit(&only(vec![remove], at(3))).unwrap();
    assert!(store.outbox_all(10).unwrap().is_empty());
    let told = store.outbox_retry(&row.id, at(300), "late").unwrap_err();
    assert!(matches!(told, Error::Absent { .. }), "{told}");
    store.commit(&only(vec![add], at(4))).unwrap();
    assert_eq!(store.outbox_all(10).unwrap(), [row], "asked for once more");
}

fn a_finding_keeps_the_instant_since_when_it_is_open(place: &Place) {
    let (mut store, change, case) = desk(place);
    let finding = |detail: &str| Finding {
        kind: FindingKind::Residue,
        fingerprint: "reinstatement-missing".into(),
        detail: detail.into(),
        amount: Some(money::Money::of_minor(1100, money::Currency::USD)),
    };
    let id = finding("").id(&case.id);
    let mut commit = |open: Option<&str>, second: i64| {
        let mut change = change.clone();
        match open {
            Some(detail) => change.findings_opened = vec![(case.id.clone(), finding(detail))],
            None => change.findings_closed = vec![id.clone()],
        }
        store.commit(&only(vec![change], at(second))).unwrap();
        let all = store.findings_of(&case.id).unwrap();
        let row = all.into_iter().find(|row| row.id == id).unwrap();
        let open = store
            .findings(true, 100)
            .unwrap()
            .iter()
            .any(|row| row.id == id);
        assert_eq!(open, row.closed_at.is_none());
        (row.finding.detail.clone(), row.opened_at, row.closed_at)
    };
    assert_eq!(commit(Some("11.00"), 1), ("11.00".into(), at(1), None));
    assert_eq!(
        commit(Some("12.00"), 2),
        ("12.00".into(), at(1), None),
        "grown, not new"
    );
    assert_eq!(commit(None, 3), ("12.00".into(), at(1), Some(at(3))));
    assert_eq!(
        commit(None, 4),
        ("12.00".into(), at(1), Some(at(3))),
        "closed once"
    );
    assert_eq!(commit(Some("13.00"), 5), ("13.00".into(), at(5), None));
}

fn obligations_follow_their_case(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1), opening(2)], at(0));
    let case = commit
        .families
        .iter()
        .flat_map(|it| &it.cases)
        .find(|it| it.dispute == "du_1")
        .unwrap();
    let kept = store.obligations_of(&case.id).unwrap();
    assert!(!kept.is_empty());
    assert_eq!(kept.len(), case.obligations.len());
    for owed in &case.obligations {
        let row = kept.iter().find(|row| row.id == owed.id.as_str()).unwrap();
        assert_eq!(row.duty, owed.duty.key());
        assert_eq!(row.debtor, owed.debtor.name());
        assert_eq!((row.amount, row.due_by), (owed.amount, owed.due_by));
        assert_eq!(
            (row.basis.as_str(), row.standing.as_str()),
            (owed.basis.as_str(), owed.standing.name())
        );
    }
    let open = store.obligations(Some("open"), None, 100).unwrap();
    assert!(open.is_sorted_by_key(|row| row.due_by));
    let debtor = kept[0].debtor.clone();
    let theirs = store.obligations(Some("open"), Some(&debtor), 100).unwrap();
    assert!(
        theirs
            .iter()
            .all(|row| row.debtor == debtor && row.standing == "open")
    );
    let later = take(
        &mut *store,
        &[line(1, 99, "phase stage=chargeback standing=won")],
        at(100),
    );
    let case = later.families[0]
        .cases
        .iter()
        .find(|it| it.dispute == "du_1")
        .unwrap();
    assert_eq!(
        store.obligations_of(&case.id).unwrap().len(),
        case.obligations.len()
    );
}

fn sweeps_take_first_what_was_contradicted_since_it_was_read(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1), opening(2)], at(0));
    let lost = line(2, 10, "phase stage=chargeback standing=lost");
    let lost = lost.replace("auth=status-field", "auth=read-back");
    take(&mut *store, &[lost], at(10));
    let second = store.find_cases("du_2", 1).unwrap().remove(0).id;
    store.swept(&second, at(20)).unwrap();
    let swept = |store: &mut dyn Store, limit: u32| {
        let found = store.sweep_due("acme", at(5), limit).unwrap();
        let names = found.into_iter().map(|row| row.dispute);
        names.collect::<Vec<String>>()
    };
    assert_eq!(swept(&mut *store, 10), ["du_1"]);
    take(
        &mut *store,
        &[line(2, 30, "phase stage=chargeback standing=ours")],
        at(30),
    );
    assert_eq!(store.case_row(&second).unwrap().unwrap().status, "lost");
    assert_eq!(swept(&mut *store, 10), ["du_2", "du_1"]);
    assert_eq!(swept(&mut *store, 1), ["du_2"]);
    assert!(store.sweep_due("other", at(5), 10).unwrap().is_empty());
    // Once read it is not asked for again, whatever the reading said.
    store.swept(&second, at(40)).unwrap();
    assert_eq!(swept(&mut *store, 10), ["du_1"]);
}

fn sweeps_take_the_open_case_longest_unread_and_nearest_due(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(3), opening(1), opening(2)], at(0));
    let swept = |store: &mut dyn Store, before: Instant| {
        let found = store.sweep_due("acme", before, 10).unwrap();
        found
            .into_iter()
            .map(|row| row.dispute)
            .collect::<Vec<String>>()
    };
    assert_eq!(
        swept(&mut *store, at(0)),
        ["du_1", "du_2", "du_3"],
        "never read"
    );
    let second = store.find_cases("du_2", 1).unwrap().remove(0).id;
    store.swept(&second, at(50)).unwrap();
    assert_eq!(swept(&mut *store, at(50)), ["du_1", "du_3"]);
    // What is derived anew does not forget when the case was read.
    take(
        &mut *store,
        &[line(2, 60, "acknowledged stage=chargeback count=1")],
        at(60),
    );
    assert_eq!(swept(&mut *store, at(50)), ["du_1", "du_3"]);
    take(
        &mut *store,
        &[line(3, 70, "phase stage=chargeback standing=won")],
        at(70),
    );
    assert_eq!(
        swept(&mut *store, at(51)),
        ["du_1", "du_2"],
        "closed cases are left alone"
    );
    // One without a deadline comes last, whatever its number.
    take(
        &mut *store,
        &[line(0, 80, "phase stage=inquiry standing=theirs")],
        at(80),
    );
    assert_eq!(swept(&mut *store, at(51)), ["du_1", "du_2", "du_0"]);
    assert_eq!(store.sweep_due("acme", at(51), 2).unwrap().len(), 2);
    assert!(store.sweep_due("other", at(99), 10).unwrap().is_empty());
    let told = store
        .swept(&dispute::id::CaseId::of(&["nobody"]), at(1))
        .unwrap_err();
    assert!(matches!(told, Error::Absent { .. }), "{told}");
}
