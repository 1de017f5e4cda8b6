//! What becomes known is told once, in order, to whoever asked, wherever the telling is interrupted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod told;

use app::publish::Published;
use std::collections::BTreeMap;
use store::{EventQuery, Registry};
use told::{Kept, at, endpoint};

fn everything() -> EventQuery {
    EventQuery {
        kinds: Vec::new(),
        case: None,
        from: None,
        before: None,
        taken: None,
        at_stage: None,
        after_id: None,
        before_id: None,
        limit: 100_000,
    }
}

/// Events as they were published, oldest first: case, kind, version.
fn story(kept: &mut Kept) -> Vec<(String, String, u32)> {
    let (mut events, more) = kept.desk.engine.store.events(&everything()).unwrap();
    assert!(!more);
    events.reverse();
    assert!((1..).zip(&events).all(|(n, event)| event.sequence == n));
    events
        .into_iter()
        .map(|event| (event.case.to_string(), event.kind, event.version))
        .collect()
}

#[track_caller]
fn check(kept: &mut Kept, want: &[(&str, u32)]) {
    let found: Vec<(String, u32)> = story(kept)
        .into_iter()
        .map(|(_, kind, version)| (kind, version))
        .collect();
    let found: Vec<(&str, u32)> = found
        .iter()
        .map(|(kind, version)| (kind.as_str(), *version))
        .collect();
    assert_eq!(found, want);
}

fn ids(kept: &mut Kept) -> Vec<(String, u32)> {
    let (mut events, _) = kept.desk.engine.store.events(&everything()).unwrap();
    events.reverse();
    events
        .into_iter()
        .map(|event| (event.id, event.version))
        .collect()
}

#[test]
fn a_dispute_is_told_step_by_step_and_once() {
    let mut kept = Kept::new();
    kept.bring(&[told::document("created", "1")]);
    kept.publish();
    let opened: [(&str, u32); 2] = [("opened", 1), ("withdrawn", 2)];
    check(&mut kept, &opened);
    // The same document again is no news, nor is asking again.
    kept.bring(&[told::document("created", "1")]);
    assert_eq!(kept.publish().events, 0);
    kept.bring(&[
        told::document("updated", "1"),
        told::document("closed", "1"),
    ]);
    kept.publish();
    check(
        &mut kept,
        &[
            opened[0],
            opened[1],
            ("updated", 3),
            ("updated", 4),
            ("closed", 5),
            ("reinstated", 6),
        ],
    );
}

#[test]
fn who_hears_of_what_is_decided_by_merchant_mode_and_pattern() {
    let mut kept = Kept::new();
    for (n, merchant, live, pattern) in [
        (1, Some("mer_1"), true, "*"),
        (2, Some("mer_1"), false, "*"),
        (3, Some("mer_2"), true, "*"),
        (4, None, true, "*"),
        (5, None, false, "*"),
        (6, Some("mer_1"), true, "desk.opened"),
        (7, Some("mer_1"), true, "other.*"),
    ] {
        kept.listen(&endpoint(n, merchant, live, pattern));
    }
    kept.own("acct_1", "mer_1", true);
    kept.bring(&[told::document("created", "1")]);
    assert_eq!(kept.publish().deliveries, 2 + 2 + 1);
    let mut heard = |n: u32| {
        let rows = kept.desk.engine.store.deliveries(&told::id(n), 9);
        rows.unwrap().len()
    };
    let found: Vec<usize> = (1..=7).map(&mut heard).collect();
    assert_eq!(found, [2, 0, 0, 2, 0, 1, 0]);
}

#[test]
fn what_a_disabled_endpoint_asked_for_is_held() {
    let mut kept = Kept::new();
    for (n, health) in [
        (1, "enabled"),
        (2, "stopped since 2026-03-01T00:00:00Z"),
        (3, "gone since 2026-03-01T00:00:00Z"),
    ] {
        kept.listen(&store::Endpoint {
            health: health.to_owned(),
            ..endpoint(n, None, true, "*")
        });
    }
    kept.listen(&store::Endpoint {
        deleted_at: Some(at(0)),
        ..endpoint(4, None, true, "*")
    });
    kept.bring(&[told::document("created", "1")]);
    kept.publish();
    let mut states = |n: u32| -> Vec<String> {
        let rows = kept.desk.engine.store.deliveries(&told::id(n), 9).unwrap();
        rows.into_iter().map(|row| row.state).collect()
    };
    assert_eq!(states(1), ["due", "due"]);
    assert_eq!(states(2), ["held", "held"]);
    assert_eq!(states(3), ["held", "held"]);
    assert_eq!(states(4), Vec::<String>::new());
}

#[test]
fn documents_released_from_quarantine_are_told_when_they_are_known() {
    let mut kept = Kept::new();
    let held = kept.bring_unsigned(&told::document("created", "1"));
    kept.bring(&[told::document("created", "2")]);
    assert_eq!(kept.publish().events, 2);
    let decision = app::quarantine::Decision::Release;
    kept.desk
        .decide(&held, decision, "analyst", "checked by telephone", at(60))
        .unwrap();
    assert_eq!(kept.publish().events, 2);
    check(
        &mut kept,
        &[
            ("opened", 1),
            ("withdrawn", 2),
            ("opened", 1),
            ("withdrawn", 2),
        ],
    );
}

/// Two disputes of which a later document says that they are of one payment: neither is told of twice.
#[test]
fn families_that_are_joined_keep_what_was_told() {
    let mut kept = Kept::new();
    kept.bring(&[
        told::document("created", "1"),
        told::document("created", "2"),
    ]);
    kept.publish();
    let before = story(&mut kept);
    let joining = told::document("updated", "2").replace("pi_sample_2", "pi_sample_1");
    kept.bring(&[joining]);
    kept.publish();
    let after = story(&mut kept);
    assert_eq!(after[..4], before[..]);
    let more: Vec<(&str, u32)> = after[4..]
        .iter()
        .map(|(_, kind, version)| (kind.as_str(), *version))
        .collect();
    assert_eq!(more.first(), Some(&("updated", 3)), "{more:?}");
    for event in kept.desk.engine.store.events(&everything()).unwrap().0 {
        let (_, now) = kept.desk.engine.case_at(&event).unwrap();
        assert_eq!(now.map(|case| case.id), Some(event.case));
    }
}

#[test]
fn two_publishers_take_turns() {
    let mut kept = Kept::new();
    kept.bring(&[told::document("created", "1")]);
    kept.publish();
    kept.bring(&[told::document("created", "2")]);
    let mut other = kept.again();
    let nothing = other.publish_as("other", at(59));
    assert_eq!(nothing, Published::default());
    assert_eq!(other.publish_as("other", at(61)).events, 2);
    assert_eq!(kept.publish_as("one", at(62)), Published::default());
}

/// Ten thousand documents while nobody published; the publisher dies after every call.
#[test]
fn a_backlog_is_told_in_order_through_any_number_of_deaths() {
    let documents: Vec<String> = (0..2_500)
        .flat_map(|n| {
            let n = n.to_string();
            ["created", "updated", "closed", "reinstated"].map(|name| told::document(name, &n))
        })
        .collect();
    let mut whole = Kept::new();
    whole.keep(&documents);
    let mut broken = whole.copy();
    let mut seconds = 0;
    let mut calls = 0;
    loop {
        seconds += 61;
        calls += 1;
        let holder = format!("process {seconds}");
        let published = broken.publish_as(&holder, at(seconds));
        broken = broken.again();
        if !published.more {
            break;
        }
    }
    assert!(calls > 2, "{calls} calls: nothing was interrupted");
    while whole.publish().more {}
    let found = ids(&mut whole);
    assert_eq!(found, ids(&mut broken));
    let mut last: BTreeMap<String, u32> = BTreeMap::new();
    for (case, kind, version) in story(&mut whole) {
        let before = last.insert(case, version).unwrap_or_default();
        assert_eq!(version, before + 1, "{kind}");
    }
    assert_eq!(last.len(), 2_500);
}
