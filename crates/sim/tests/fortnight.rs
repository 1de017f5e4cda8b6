//! The demonstration's two weeks hold what a demonstration promises.
#![allow(clippy::unwrap_used)]

use calendar::Instant;
use engine::Engine;
use sim::fortnight::fortnight;
use std::collections::BTreeSet;
use store::{CaseFilter, Fate, Store, sqlite};

fn everything() -> CaseFilter {
    CaseFilter::every(10_000)
}

#[test]
fn two_weeks_hold_every_story_and_every_invariant() {
    let ending = Instant::parse("2026-03-16T07:00:00Z").unwrap();
    let mut engine = Engine::new(sqlite::Store::memory().unwrap(), providers::list::ALL);
    let mut weeks = fortnight(ending);
    let played = weeks.play(&mut engine, &mut |_| {}).unwrap();
    assert!(played.arrivals > 600 && played.commands > 100, "{played:?}");

    let cases = engine.store.cases(&everything()).unwrap();
    assert!(cases.len() > 300, "{} cases", cases.len());
    let providers: BTreeSet<&str> = cases
        .iter()
        .map(|row| row.scope.provider.as_str())
        .collect();
    assert_eq!(
        providers,
        BTreeSet::from(["ach", "adyen", "paypal", "stripe"])
    );
    let due_by = |hours| {
        let until = ending.plus_hours(hours);
        let due = cases.iter().filter(|row| row.status == "ours");
        let due = due.filter_map(|row| row.respond_by.map(|due| due.latest_instant()));
        due.filter(|due| *due > ending && *due <= until).count()
    };
    assert!(due_by(16) >= 5, "due today: {}", due_by(16));
    assert!(
        due_by(48) >= due_by(16) + 5,
        "due until tomorrow: {}",
        due_by(48)
    );

    // A forged webhook, a cut one, and two files whose totals lie (F-64).
    let held = engine.store.documents_with(Fate::Quarantined, 100).unwrap();
    assert!(held.len() >= 4, "{} quarantined", held.len());
    let found: BTreeSet<String> = engine
        .store
        .findings(true, 10_000)
        .unwrap()
        .into_iter()
        .map(|row| format!("{} {}", row.finding.kind.name(), row.finding.fingerprint))
        .collect();
    for story in [
        "residue reinstatement-missing",
        "double-loss refund-and-dispute",
        "drift status:paused",
        "obligation-broken respond/chargeback",
    ] {
        assert!(found.contains(story), "no `{story}` in {found:#?}");
    }
    assert!(cases.iter().any(|row| row.status == "partially-won"));
    assert!(cases.iter().any(|row| row.stage == "contested-return"));
    assert!(cases.iter().any(|row| row.stage == "notice-of-change"));
    // Today's returns come with tomorrow's file; what Stripe knows, the lists have told.
    let untold = weeks
        .world
        .cases()
        .filter(|case| case.provider == "stripe")
        .find(|case| engine.open(&case.id).is_err());
    assert!(
        untold.is_none(),
        "a missed webhook was not made up for: {untold:?}"
    );
    assert_eq!(
        sim::invariants::healthy(&mut engine, ending).unwrap(),
        Vec::<String>::new()
    );
}
