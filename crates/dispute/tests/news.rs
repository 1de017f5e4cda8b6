//! What others are told: each thing once, when it is known, and nothing of the desk's own business.

mod story;

use dispute::case::Case;
use dispute::family::Known;
use dispute::news::{News, news};
use story::{derived, story};

fn told(facts: &[Known]) -> Option<Case> {
    let cases = derived(facts).into_iter().flat_map(|derived| derived.cases);
    cases.into_iter().find(|case| case.dispute == "d1")
}

/// Lets one group of lines after the other be heard, and checks what each is news of.
#[track_caller]
fn check(groups: &[(&str, &[&str])]) {
    let mut facts: Vec<Known> = Vec::new();
    for (lines, expected) in groups {
        let before = told(&facts);
        facts.extend(story(lines));
        let found = match told(&facts) {
            Some(after) => news(before.as_ref(), &after),
            None => Vec::new(),
        };
        // Findings have their own rules and tests; what is told of them is told beside the rest.
        let others = found
            .iter()
            .filter(|news| !matches!(news, News::FindingOpened(_)));
        let names: Vec<&str> = others.map(News::name).collect();
        assert_eq!(&names, expected, "after {lines}: {found:?}");
    }
}

const OPEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 due chargeback 11-20";
const TAKEN: &str = "11-02 moved m1 withdrawal -100.00USD yes";
const BACK: &str = "11-25 moved m2 reinstatement 100.00USD yes";

#[test]
fn a_dispute_is_opened_taken_closed_and_returned() {
    check(&[
        (OPEN, &["opened"]),
        (TAKEN, &["withdrawn", "updated"]),
        ("11-24 phase chargeback won", &["updated", "closed"]),
        (BACK, &["updated", "reinstated"]),
    ]);
}

#[test]
fn money_before_its_message_is_told_with_the_opening() {
    check(&[(TAKEN, &[]), (OPEN, &["opened", "withdrawn"])]);
}

#[test]
fn the_same_statement_again_is_no_news() {
    check(&[
        (OPEN, &["opened"]),
        (OPEN, &[]),
        (TAKEN, &["withdrawn", "updated"]),
        (TAKEN, &[]),
    ]);
}

#[test]
fn notes_and_assignments_are_nobody_elses_business() {
    check(&[
        (OPEN, &["opened"]),
        ("11-03 noted text=call author=an-analyst", &[]),
        ("11-03 assigned an-analyst an-analyst", &[]),
    ]);
}

#[test]
fn a_finding_is_told_by_its_kind() {
    let mut facts = story(OPEN);
    facts.extend(story(TAKEN));
    let before = told(&facts);
    facts.extend(story("11-03 drifted colour blue"));
    let found = news(before.as_ref(), &told(&facts).expect("there is a case"));
    assert_eq!(found, [News::FindingOpened(String::from("drift"))]);
    assert_eq!(found.first().map(News::subject).as_deref(), Some("drift"));
}

/// F-43: an end is not the end. F-35: whoever bills is told of a loss.
#[test]
fn won_that_becomes_lost_is_told_as_a_second_end() {
    check(&[
        (OPEN, &["opened"]),
        ("11-24 phase chargeback won", &["updated", "closed"]),
        (
            "11-30 phase pre-arbitration ours\n11-30 due pre-arbitration 12-20",
            &["updated", "reopened"],
        ),
        ("12-24 phase pre-arbitration lost", &["updated", "closed"]),
    ]);
}

#[test]
fn evidence_saved_is_an_update() {
    check(&[
        (OPEN, &["opened"]),
        (
            "11-03 evidence-saved 1 product-description text=shoes",
            &["updated"],
        ),
    ]);
}
