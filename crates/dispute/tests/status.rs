//! Where a case stands, and by when we must answer: authority against recency, steps that no life cycle knows, one instant,
//! deadlines said, moved, assumed and absent.

mod story;

use story::{case_of, check};

const OPEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 reason fraudulent visa 10.4
    11-02 due chargeback 11-20";

fn after_open(lines: &str) -> String {
    format!("{OPEN}\n{lines}")
}

#[test]
fn a_case_without_a_phase_is_unstated() {
    check(
        "11-02 disputed 100.00USD",
        &[
            "status=unstated",
            "!stage",
            "!obligation",
            "money=untouched",
        ],
    );
}

#[test]
fn an_open_case_has_its_deadline_and_its_obligation() {
    check(
        OPEN,
        &[
            "status=ours",
            "stage=chargeback",
            "lifecycle=visa_allocation",
            "respond_by=2026-11-20@UTC",
            "cutoff=2026-11-20@UTC",
            "aim_for=2026-11-19T23:59:59Z",
            "obligation.respond/chargeback~open",
            "owed.respond/chargeback=100.00 USD",
            "!finding",
        ],
    );
}

#[test]
fn a_weaker_voice_is_followed_along_the_life_cycle_only() {
    // Read back as under review; a report row may say that it was decided ...
    check(
        "11-02 phase chargeback theirs auth=read-back
         11-05 phase chargeback won auth=report-row",
        &["status=won", "!finding"],
    );
    // ... but a report row cannot reopen what was read back as decided.
    check(
        "11-02 phase chargeback lost auth=read-back
         11-05 phase chargeback ours auth=report-row",
        &[
            "status=lost",
            "found.contradicted=chargeback/lost->chargeback/ours",
        ],
    );
}

#[test]
fn a_stronger_or_equal_voice_is_followed_wherever_it_goes() {
    check(
        "11-02 phase chargeback won auth=status-field
         11-05 phase chargeback ours auth=read-back",
        &[
            "status=ours",
            "found.unexpected-step=chargeback/won->chargeback/ours",
        ],
    );
    check(
        "11-02 phase chargeback won
         11-05 phase chargeback lost",
        &[
            "status=lost",
            "found.unexpected-step=chargeback/won->chargeback/lost",
            "!found.contradicted",
        ],
    );
}

#[test]
fn a_voice_that_repeats_a_phase_strengthens_it() {
    check(
        "11-02 phase chargeback lost auth=status-field
         11-03 phase chargeback lost auth=read-back
         11-04 phase chargeback ours auth=status-field",
        &[
            "status=lost",
            "found.contradicted=chargeback/lost->chargeback/ours",
        ],
    );
}

#[test]
fn a_later_reading_settles_what_was_contradicted() {
    let contradicted = "11-02 phase chargeback lost auth=read-back
         11-05 phase chargeback ours auth=status-field";
    for (later, status, open) in [
        (
            "11-06 phase chargeback lost auth=read-back",
            "status=lost",
            false,
        ),
        (
            "11-06 phase chargeback ours auth=read-back",
            "status=ours",
            false,
        ),
        // No stronger word than the one that did not fit, and no later one.
        (
            "11-06 phase chargeback lost auth=status-field",
            "status=lost",
            true,
        ),
        (
            "11-04 phase chargeback lost auth=read-back",
            "status=lost",
            true,
        ),
    ] {
        let finding = if open {
            "found.contradicted~"
        } else {
            "!found.contradicted"
        };
        check(&format!("{contradicted}\n{later}"), &[status, finding]);
    }
}

#[test]
fn an_older_word_of_a_strong_voice_does_not_outlive_newer_ones_along_the_way() {
    check(
        "11-02 phase chargeback ours auth=read-back
         11-04 phase chargeback theirs auth=message-type
         11-09 phase chargeback won auth=message-type",
        &["status=won", "!finding"],
    );
}

// F-05: opened and closed within one second, told in one instant.
#[test]
fn in_one_instant_the_later_phase_of_the_life_cycle_is_the_later_one() {
    check(
        "11-02 phase chargeback won
         11-02 phase chargeback ours",
        &["status=won", "!finding"],
    );
    check(
        "11-02 phase chargeback ours auth=read-back
         11-02 phase chargeback theirs auth=message-type",
        &["status=theirs", "!finding"],
    );
}

// F-19: a sequence number orders one instant, and beats the order of the life cycle.
#[test]
fn a_sequence_number_orders_one_instant() {
    check(
        "11-02 phase chargeback won seq=1
         11-02 phase chargeback ours seq=2",
        &["status=ours"],
    );
}

// F-18: the second chargeback is heard before the reversal of the first; both carry one timestamp.
#[test]
fn a_second_chargeback_heard_before_the_reversal_stands() {
    let reason = "11-02 reason fraudulent mastercard 4837";
    check(
        &format!(
            "{reason}
             11-02 phase chargeback ours
             11-20 phase second-chargeback ours
             11-20 phase chargeback won"
        ),
        &["status=ours", "stage=second-chargeback"],
    );
    check(
        &format!(
            "{reason}
             11-02 phase chargeback ours
             11-20T10:00 phase second-chargeback ours
             11-19T10:00 phase chargeback won"
        ),
        &["status=ours", "stage=second-chargeback"],
    );
}

// F-43, and no outcome is final.
#[test]
fn an_outcome_can_turn_and_turn_again() {
    check(
        "11-02 phase chargeback won
         11-05 phase chargeback lost
         11-09 phase chargeback won",
        &["status=won", "said_by=provider", "!obligation.respond"],
    );
}

// F-36: an inquiry that closes is not lost.
#[test]
fn an_inquiry_lapses() {
    check(
        "11-02 phase inquiry ours
         11-02 due inquiry 11-20
         12-01 phase inquiry lapsed",
        &[
            "status=lapsed",
            "stage=inquiry",
            "obligation.respond/inquiry~waived",
            "!found.obligation-broken",
        ],
    );
}

#[test]
fn an_inquiry_escalates() {
    check(
        "11-02 phase inquiry ours
         11-02 due inquiry 11-20
         11-10 phase chargeback ours
         11-10 due chargeback 11-25",
        &[
            "status=ours",
            "stage=chargeback",
            "respond_by=2026-11-25@UTC",
            "obligation.respond/inquiry~waived",
            "obligation.respond/chargeback~open",
            "!finding",
        ],
    );
}

// F-47: not contestable is its own value.
#[test]
fn a_case_that_takes_no_answer_owes_none() {
    check(
        "11-02 phase chargeback ours
         11-02 due chargeback not-contestable",
        &[
            "status=ours",
            "respond_by=not contestable",
            "!cutoff",
            "!aim_for",
            "!obligation",
            "!finding",
        ],
    );
}

#[test]
fn a_provider_that_changes_its_mind_about_contesting_is_followed() {
    check(
        "11-02 phase chargeback ours
         11-02 due chargeback not-contestable
         11-03 due chargeback 11-20",
        &[
            "respond_by=2026-11-20@UTC",
            "obligation.respond/chargeback~open",
            "finding.deadline-moved~from not contestable to 2026-11-20@UTC",
        ],
    );
}

#[test]
fn a_moved_deadline_is_the_last_one_said_and_is_shown() {
    check(
        &after_open("11-05 due chargeback 11-12"),
        &[
            "respond_by=2026-11-12@UTC",
            "finding.deadline-moved~from 2026-11-20@UTC to 2026-11-12@UTC",
        ],
    );
}

#[test]
fn of_several_moves_the_last_is_shown() {
    check(
        &after_open(
            "11-05 due chargeback 11-12
             11-06 due chargeback 11-30",
        ),
        &[
            "respond_by=2026-11-30@UTC",
            "finding.deadline-moved~to 2026-11-30@UTC",
        ],
    );
}

// One document says the day, another the last second of it: nothing moved.
#[test]
fn a_deadline_said_with_another_precision_did_not_move() {
    check(
        &after_open("11-05 due chargeback 2026-11-20T23:59:59Z"),
        &["!finding.deadline-moved"],
    );
}

#[test]
fn a_deadline_that_nobody_says_is_assumed_from_the_rules() {
    check(
        "11-02 phase chargeback ours
         11-02 reason not-received visa 13.1",
        &[
            "!cutoff",
            "network_limit~visa_collaboration/",
            "found.deadline-assumed=chargeback",
            "obligation.respond/chargeback~open",
        ],
    );
    check(
        "11-02 phase infraction ours",
        &[
            "respond_by=2026-11-09@UTC",
            "network_limit~desk/assumed-7-days",
            "found.deadline-assumed=infraction",
        ],
    );
}

#[test]
fn another_stages_deadline_is_not_this_stages() {
    check(
        "11-02 phase inquiry ours
         11-02 due chargeback 11-20",
        &["!cutoff", "found.deadline-assumed=inquiry"],
    );
}

#[test]
fn the_deadline_ends_with_our_turn() {
    check(
        &after_open("11-05 phase chargeback theirs"),
        &["status=theirs", "!respond_by", "!aim_for"],
    );
}

// The limit of a stage that comes back to us counts from then, not from the first time.
#[test]
fn a_stage_that_comes_back_to_us_has_a_new_limit() {
    check(
        "11-02 reason not-received paypal x
         11-02 network paypal
         11-02 phase chargeback ours
         11-05 phase chargeback network
         11-25 phase chargeback ours",
        &["status=ours", "respond_by~2026-12-0"],
    );
}

// What was said of the earlier turn is over: neither a cut-off, nor one that moved.
#[test]
fn a_stage_that_comes_back_to_us_has_its_own_deadline() {
    let back = "
        11-02 network paypal
        11-02 phase chargeback ours
        11-02 due chargeback 11-12
        11-05 phase chargeback network
        11-25 phase chargeback ours";
    check(back, &["!cutoff", "found.deadline-assumed=chargeback"]);
    check(
        &format!("{back}\n11-25 due chargeback 12-05"),
        &[
            "respond_by=2026-12-05@UTC",
            "obligation.respond/chargeback~: open",
            "!finding",
        ],
    );
}

// F-53: conceded and lost stay apart.
#[test]
fn accepted_is_not_lost() {
    check(
        &after_open("11-05 phase chargeback accepted"),
        &[
            "status=accepted",
            "obligation.respond/chargeback~met",
            "!found.obligation-broken",
        ],
    );
    check(
        &after_open("11-21 phase chargeback lost"),
        &[
            "status=lost",
            "obligation.respond/chargeback~broken",
            "found.obligation-broken=respond/chargeback 100.00 USD",
        ],
    );
}

#[test]
fn whoever_said_the_outcome_is_named() {
    check(
        "11-02 phase chargeback withdrawn by=issuer",
        &["status=withdrawn", "said_by=issuer"],
    );
}

// A payment is older than its dispute, and a refund may be: neither opens it.
#[test]
fn a_case_opens_with_what_is_said_of_the_dispute() {
    check(
        "09-01 paid 100.00USD ref.payment=p1
         09-15 refunded r1 20.00USD succeeded ref.payment=p1
         11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1",
        &[
            "opened_at=2026-11-02T00:00:00Z",
            "paid=100.00 USD",
            "refunded=20.00 USD",
        ],
    );
}

#[test]
fn why_is_answered_by_statements_and_rules() {
    let case = case_of(OPEN);
    for field in ["status", "reason", "disputed", "respond_by"] {
        assert!(!case.because[field].facts.is_empty(), "{field}");
    }
    assert!(case.because["status"].rules[0].contains("visa_allocation"));
    assert!(!case.because["obligations"].rules.is_empty());
}

#[test]
fn ach_goes_from_return_to_contest() {
    let ach = "11-02 network ach\n11-02 reason debit-not-authorized ach R10";
    check(
        &format!("{ach}\n11-02 phase return ours"),
        &["lifecycle=ach_debit", "stage=return", "status=ours"],
    );
    check(
        &format!(
            "{ach}
             11-02 phase return ours
             11-04 phase dishonored-return theirs
             11-06 phase contested-return nobody"
        ),
        &[
            "stage=contested-return",
            "status=nobody",
            "!found.unexpected-step",
            // R10 takes no answer inside the network, so none is owed.
            "!obligation",
        ],
    );
}

#[test]
fn a_notice_of_change_moves_no_money_and_has_six_banking_days() {
    check(
        "11-02 network ach
         11-02 phase notice-of-change ours
         11-02 change-asked C01 12345 2026-11-02",
        &[
            "obligation.apply-change~2026-11-10@America/New_York: open",
            "money=untouched",
            "!obligation.respond",
        ],
    );
    check(
        "11-02 network ach
         11-02 phase notice-of-change ours
         11-02 change-asked C01 12345 2026-11-02
         11-11 passed apply-change 2026-11-10@America/New_York",
        &[
            "obligation.apply-change~broken",
            "found.obligation-broken=apply-change",
        ],
    );
}
