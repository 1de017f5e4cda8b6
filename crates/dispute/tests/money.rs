//! What movements prove: totals, residues and their causes, write-offs and their return, losses counted twice, currencies apart.

mod story;

use story::{case_named, check, story};

const OPEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 due chargeback 11-20";

const TAKEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 due chargeback 11-20
    11-02 moved m1 withdrawal -100.00USD yes";

fn then(story: &str, lines: &str) -> String {
    format!("{story}\n{lines}")
}

#[test]
fn money_taken_is_withheld_and_held_on_the_receivable() {
    check(
        TAKEN,
        &[
            "money=withheld",
            "withdrawn.USD=100.00 USD",
            "account.dispute-receivable.posted=100.00 USD",
            "account.provider-clearing.posted=-100.00 USD",
            "!divergence",
            "!finding",
        ],
    );
}

#[test]
fn money_announced_is_pending_until_it_is_settled() {
    check(
        &then(OPEN, "11-02 moved m1 withdrawal -100.00USD no"),
        &[
            "account.dispute-receivable.pending=100.00 USD",
            "!account.dispute-receivable.posted",
        ],
    );
    check(
        &then(
            OPEN,
            "11-02 moved m1 withdrawal -100.00USD no\n11-04 moved m1 withdrawal -100.00USD yes auth=report-row",
        ),
        &[
            "movement.m1=withdrawal -100.00 USD settled",
            "account.dispute-receivable.posted=100.00 USD",
            "!finding",
        ],
    );
}

// F-06, F-09: one key posts once, whatever says it.
#[test]
fn one_key_is_one_movement() {
    check(
        &then(
            TAKEN,
            "11-03 moved m1 withdrawal -100.00USD yes auth=read-back\n11-09 moved m1 withdrawal -100.00USD no auth=report-row",
        ),
        &["withdrawn.USD=100.00 USD", "!finding"],
    );
}

#[test]
fn a_corrected_amount_is_shown_and_the_settled_one_stands() {
    check(
        &then(
            OPEN,
            "11-02 moved m1 withdrawal -100.00USD no auth=read-back\n11-04 moved m1 withdrawal -99.00USD yes auth=report-row",
        ),
        &[
            "withdrawn.USD=99.00 USD",
            "found.movement-corrected=withdrawal->withdrawal 1.00 USD",
        ],
    );
    check(
        &then(
            OPEN,
            "11-02 moved m1 unexplained -100.00USD no auth=report-row\n11-02 moved m1 withdrawal -100.00USD no",
        ),
        &[
            "withdrawn.USD=100.00 USD",
            "found.movement-corrected=unexplained->withdrawal 0.00 USD",
        ],
    );
}

// F-43: lost is written off, won takes the write-off back.
#[test]
fn won_then_lost_then_won_ends_with_nothing_lost() {
    let lost = then(
        TAKEN,
        "12-01 phase chargeback won\n12-02 phase chargeback lost",
    );
    check(
        &lost,
        &[
            "lost.USD=100.00 USD",
            "account.chargeback-loss.posted=100.00 USD",
            "account.dispute-receivable.posted=0.00 USD",
            "!found.residue",
            "!divergence",
        ],
    );
    check(
        &then(
            &lost,
            "12-03 phase chargeback won\n12-04 moved m2 reinstatement 100.00USD yes",
        ),
        &[
            "lost.USD=0.00 USD",
            "money=returned",
            "!account.chargeback-loss",
            "account.dispute-receivable.posted=0.00 USD",
            "account.provider-clearing.posted=0.00 USD",
            "!found.residue",
            "!divergence",
            "obligation.return-funds~met",
        ],
    );
}

// F-34, F-68: a win's money is expected until its time has passed, and then it is missing.
#[test]
fn won_without_funds_is_a_residue_when_its_time_has_passed() {
    let won = then(TAKEN, "12-01 phase chargeback won");
    check(
        &won,
        &[
            "status=won",
            "money=withheld",
            "!finding",
            "divergence=100.00 USD since 2026-12-01T00:00:00Z",
            "obligation.return-funds=provider owes by 2026-12-15@UTC: open",
            "owed.return-funds=100.00 USD",
        ],
    );
    check(
        &then(&won, "12-03 moved m2 reinstatement 40.00USD yes"),
        &[
            "!finding",
            "divergence~60.00 USD",
            "owed.return-funds=60.00 USD",
        ],
    );
    check(
        &then(&won, "12-16 passed return-funds 12-15"),
        &[
            "found.residue=reinstatement-missing 100.00 USD",
            "found.divergence=won 100.00 USD",
            "divergence=100.00 USD since 2026-12-01T00:00:00Z",
        ],
    );
}

// F-01: money that came back is not a win.
#[test]
fn money_back_does_not_win_a_lost_case() {
    check(
        &then(
            TAKEN,
            "12-01 phase chargeback lost\n12-02 moved m2 reinstatement 100.00USD yes",
        ),
        &[
            "status=lost",
            "money=returned",
            "lost.USD=0.00 USD",
            "account.dispute-receivable.posted=0.00 USD",
        ],
    );
}

#[test]
fn a_withdrawal_counted_twice_stays_visible_on_a_lost_case() {
    check(
        &then(
            TAKEN,
            "11-03 moved m1b withdrawal -100.00USD yes\n12-01 phase chargeback lost",
        ),
        &[
            "lost.USD=100.00 USD",
            "found.residue~",
            "account.dispute-receivable.posted=100.00 USD",
            "found.divergence=lost 100.00 USD",
        ],
    );
    check(
        &then(
            TAKEN,
            "11-03 moved m1b withdrawal -100.00USD yes\n12-01 phase chargeback won",
        ),
        &["found.residue=duplicate-movement 200.00 USD"],
    );
}

#[test]
fn more_taken_than_disputed_diverges_while_open() {
    check(
        &then(TAKEN, "11-03 moved m1b withdrawal -100.00USD yes"),
        &[
            "divergence=100.00 USD since 2026-11-03T00:00:00Z",
            "!found.residue",
        ],
    );
}

#[test]
fn more_given_back_than_taken_is_a_withdrawal_missing() {
    check(
        &then(
            OPEN,
            "11-09 moved m2 reinstatement 100.00USD yes\n11-09 phase chargeback won",
        ),
        &[
            "money=overreturned",
            "found.residue=withdrawal-missing -100.00 USD",
        ],
    );
}

// F-23: read with another currency's exponent.
#[test]
fn a_wrong_exponent_is_named() {
    check(
        "11-02 phase chargeback ours
         11-02 disputed 1500JPY
         11-02 moved m1 withdrawal -150000JPY yes
         12-01 phase chargeback won",
        &["found.residue=wrong-exponent 150000 JPY"],
    );
}

// F-21: more than two movements, one of them for the rate; whatever it ends as, the receivable clears.
#[test]
fn a_difference_of_rates_is_part_of_what_was_taken_and_ends_on_its_own_account() {
    let open = "
        11-02 phase chargeback ours
        11-02 disputed 90.00EUR
        11-02 due chargeback 11-20
        11-02 moved m1 withdrawal -100.00USD yes
        11-02 moved f1 received-fee -15.00USD yes";
    // More was taken for the rate, and the case is lost.
    check(
        &then(
            open,
            "11-03 moved x1 fx-adjustment -2.00USD yes\n12-01 phase chargeback lost",
        ),
        &[
            "lost.USD=100.00 USD",
            "account.fx-difference.posted=2.00 USD",
            "account.dispute-receivable.posted=0.00 USD",
            "account.dispute-fees.posted=15.00 USD",
            "!found.residue",
            "!divergence",
        ],
    );
    // The rate fell before the money came back, and the provider made it good.
    check(
        &then(
            open,
            "12-01 phase chargeback won\n12-01 moved m2 reinstatement 98.50USD yes\n12-01 moved x1 fx-adjustment 1.50USD yes",
        ),
        &[
            "money=returned",
            "account.dispute-receivable.posted=0.00 USD",
            "!account.fx-difference",
            "!found.residue",
            "!divergence",
        ],
    );
    // It came back with what had been taken for the rate, and without.
    check(
        &then(
            open,
            "11-03 moved x1 fx-adjustment -2.00USD yes\n12-01 phase chargeback won\n12-01 moved m2 reinstatement 102.00USD yes",
        ),
        &[
            "account.dispute-receivable.posted=0.00 USD",
            "!account.fx-difference",
            "!found.residue",
        ],
    );
    check(
        &then(
            open,
            "11-03 moved x1 fx-adjustment -2.00USD yes\n12-01 phase chargeback won\n12-01 moved m2 reinstatement 100.00USD yes",
        ),
        &[
            "account.dispute-receivable.posted=0.00 USD",
            "account.fx-difference.posted=2.00 USD",
            "!found.residue",
            "!divergence",
            "obligation.return-funds~met",
        ],
    );
}

// F-22, F-24: claimed in one currency, settled in another; never subtracted from one another.
#[test]
fn two_currencies_are_never_added() {
    let open = "
        11-02 phase chargeback ours
        11-02 disputed 90.00EUR
        11-02 paid 90.00EUR ref.dispute=d1
        11-02 due chargeback 11-20
        11-02 moved m1 withdrawal -100.00USD yes";
    check(
        open,
        &[
            "withdrawn.USD=100.00 USD",
            "disputed=90.00 EUR",
            "!withdrawn.EUR",
            "!divergence",
            "!finding",
        ],
    );
    check(
        &then(open, "12-01 phase chargeback lost"),
        &["lost.USD=100.00 USD", "!found.residue", "!divergence"],
    );
    check(
        &then(
            open,
            "12-01 phase chargeback won\n12-16 passed return-funds 12-15",
        ),
        &[
            "found.residue=reinstatement-missing 100.00 USD",
            "divergence~100.00 USD since",
        ],
    );
}

// F-22: the rate moved, or one dispute covers several payments; one dispute alone is no double loss.
#[test]
fn a_dispute_above_the_payment_is_not_lost_twice() {
    check(
        "11-02 phase chargeback ours
         11-02 disputed 105.00USD
         11-02 due chargeback 11-20
         11-02 paid 100.00USD
         11-02 moved m1 withdrawal -105.00USD yes",
        &["!finding"],
    );
}

// F-30, F-31: part of it is kept.
#[test]
fn a_partial_outcome_loses_a_part() {
    let partial = then(
        TAKEN,
        "12-01 phase chargeback partially-won\n12-01 recovered 60.00USD",
    );
    check(
        &partial,
        &[
            "recovered=60.00 USD",
            "lost.USD=40.00 USD",
            "!found.residue",
            "divergence=60.00 USD since 2026-12-01T00:00:00Z",
            "obligation.return-funds~open",
            "owed.return-funds=60.00 USD",
        ],
    );
    check(
        &then(&partial, "12-03 moved m2 reinstatement 60.00USD yes"),
        &[
            "money=partly-returned",
            "lost.USD=40.00 USD",
            "!found.residue",
            "!divergence",
            "account.dispute-receivable.posted=0.00 USD",
            "obligation.return-funds~met",
        ],
    );
    // Nothing says how much: what came back is what was kept.
    check(
        &then(
            TAKEN,
            "12-01 phase chargeback partially-won\n12-01 moved m2 reinstatement 60.00USD yes",
        ),
        &["lost.USD=40.00 USD", "!found.residue", "!divergence"],
    );
}

const TWO: &str = "
    11-01 paid 100.00USD ref.payment=p1
    11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1
    11-02 due chargeback 11-20 ref.dispute=d1
    11-03 phase chargeback ours ref.dispute=d2 ref.payment=p1
    11-03 due chargeback 11-20 ref.dispute=d2";

// F-32: two partial disputes on one payment are two cases and one family, each with its own money.
#[test]
fn two_parts_of_one_payment_are_two_losses() {
    check(
        &then(
            TWO,
            "11-02 disputed 60.00USD ref.dispute=d1
             11-02 moved m1 withdrawal -60.00USD yes ref.dispute=d1
             11-02 moved f1 received-fee -15.00USD yes ref.dispute=d1
             11-03 disputed 40.00USD ref.dispute=d2
             11-03 moved m2 withdrawal -40.00USD yes ref.dispute=d2
             11-03 moved f2 received-fee -15.00USD yes ref.dispute=d2",
        ),
        &[
            "families=1",
            "cases=2",
            "d1: withdrawn.USD=60.00 USD",
            "d2: withdrawn.USD=40.00 USD",
            "account.dispute-fees.posted=30.00 USD",
            "!d1: finding",
            "!d2: finding",
        ],
    );
}

#[test]
fn two_disputes_over_the_same_money_are_a_double_loss() {
    check(
        &then(
            TWO,
            "11-02 disputed 100.00USD ref.dispute=d1
             11-02 moved m1 withdrawal -100.00USD yes ref.dispute=d1
             11-03 disputed 100.00USD ref.dispute=d2
             11-03 moved m2 withdrawal -100.00USD yes ref.dispute=d2",
        ),
        &[
            "d1: found.double-loss=disputes 100.00 USD",
            "d2: found.double-loss=disputes 100.00 USD",
        ],
    );
    // Where the first one's money came back, nothing is lost twice.
    check(
        &then(
            TWO,
            "11-02 disputed 100.00USD ref.dispute=d1
             11-02 moved m1 withdrawal -100.00USD yes ref.dispute=d1
             11-03 moved r1 reinstatement 100.00USD yes ref.dispute=d1
             11-03 disputed 100.00USD ref.dispute=d2
             11-03 moved m2 withdrawal -100.00USD yes ref.dispute=d2",
        ),
        &["!d1: found.double-loss", "!d2: found.double-loss"],
    );
}

// F-26: refunded while the dispute holds the money.
#[test]
fn a_refund_while_the_dispute_is_open_is_a_double_loss() {
    let both = "
        11-01 paid 100.00USD ref.payment=p1
        11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1
        11-02 due chargeback 11-20
        11-02 disputed 100.00USD
        11-02 moved m1 withdrawal -100.00USD yes
        11-05 refunded r1 30.00USD pending ref.payment=p1";
    check(
        both,
        &[
            "refunded=30.00 USD",
            "found.double-loss=refund-and-dispute 30.00 USD",
        ],
    );
    // F-41: the refund failed, so nothing is lost twice, and somebody should know.
    check(
        &then(both, "11-09 refunded r1 30.00USD failed ref.payment=p1"),
        &[
            "!refunded",
            "!found.double-loss",
            "found.refund-failed=failed 30.00 USD",
        ],
    );
    check(
        &then(both, "11-05 refunded r1 30.00USD succeeded ref.payment=p1"),
        &["found.double-loss=refund-and-dispute 30.00 USD"],
    );
    check(
        &then(
            both,
            "12-01 phase chargeback won\n12-01 moved m2 reinstatement 100.00USD yes",
        ),
        &["!found.double-loss"],
    );
}

// F-26 across currencies: the settlement cannot be compared with the payment, the claim can.
#[test]
fn a_refund_and_a_dispute_in_the_payments_currency_are_a_double_loss_whatever_the_settlement() {
    check(
        "11-01 paid 90.00EUR ref.payment=p1
         11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1
         11-02 due chargeback 11-20
         11-02 disputed 90.00EUR
         11-02 moved m1 withdrawal -100.00USD yes
         11-05 refunded r1 90.00EUR succeeded ref.payment=p1",
        &["found.double-loss=refund-and-dispute 90.00 EUR"],
    );
}

// F-46, F-58: an alert was paid, and the dispute came all the same.
#[test]
fn an_alert_credit_and_a_chargeback_are_a_double_loss() {
    check(
        "11-01 paid 100.00USD ref.payment=p1
         11-02 phase alert prevented ref.dispute=a1 ref.payment=p1
         11-02 moved c1 pre-dispute-credit -100.00USD yes ref.dispute=a1
         11-09 phase chargeback ours ref.dispute=d1 ref.payment=p1
         11-09 due chargeback 11-20
         11-09 disputed 100.00USD
         11-09 moved m1 withdrawal -100.00USD yes",
        &[
            "families=1",
            "cases=2",
            "found.double-loss~disputes",
            "account.chargeback-loss.posted=100.00 USD",
        ],
    );
}

// F-36: inquiries move no money; if some moves, it shows.
#[test]
fn an_inquiry_that_takes_money_diverges() {
    check(
        "11-02 phase inquiry ours\n11-02 due inquiry 11-20\n11-02 disputed 100.00USD",
        &[
            "money=untouched",
            "!divergence",
            "!account.dispute-receivable",
        ],
    );
    check(
        "11-02 phase inquiry ours\n11-02 due inquiry 11-20\n11-02 disputed 100.00USD\n11-02 moved m1 withdrawal -100.00USD yes",
        &["found.divergence=ours 100.00 USD"],
    );
}

// F-38: every fee has its own movement, and a fee returned is a fee less.
#[test]
fn fees_are_apart_from_the_disputed_money() {
    check(
        &then(
            TAKEN,
            "11-02 moved f1 received-fee -15.00USD yes
             11-05 moved f2 counter-fee -15.00USD yes
             11-05 moved t1 tax -3.00USD yes
             12-01 moved f3 fee-return 15.00USD yes",
        ),
        &[
            "fees.USD=18.00 USD",
            "withdrawn.USD=100.00 USD",
            "account.dispute-fees.posted=18.00 USD",
        ],
    );
}

#[test]
fn a_reserve_is_held_and_released_like_a_withdrawal() {
    check(
        &then(
            OPEN,
            "11-02 moved h1 reserve -100.00USD yes\n11-20 moved h2 reserve-release 100.00USD yes",
        ),
        &[
            "withdrawn.USD=100.00 USD",
            "reinstated.USD=100.00 USD",
            "money=returned",
            "account.dispute-receivable.posted=0.00 USD",
        ],
    );
}

#[test]
fn what_is_not_understood_waits_in_suspense() {
    check(
        &then(
            OPEN,
            "11-02 moved u1 unexplained -7.00USD yes\n11-02 moved t1 transfer-reversal 5.00USD yes",
        ),
        &[
            "account.suspense.posted=7.00 USD",
            "account.refund-clearing.posted=-5.00 USD",
            "money=untouched",
        ],
    );
}

// F-40: a movement of nothing makes no entry.
#[test]
fn a_movement_of_nothing_posts_nothing() {
    check(
        &then(OPEN, "11-02 moved m1 withdrawal 0.00USD yes"),
        &["!account.", "money=untouched"],
    );
}

#[test]
fn a_returned_fee_is_owed_after_a_win_where_the_contract_says_so() {
    let lines = "
        11-02 phase chargeback ours scope=stripe/acct_1
        11-02 due chargeback 11-20 scope=stripe/acct_1
        11-05 moved f2 counter-fee -15.00USD yes scope=stripe/acct_1
        12-01 phase chargeback won scope=stripe/acct_1";
    let passed = "12-20 passed return-fee 12-15 scope=stripe/acct_1";
    check(
        lines,
        &[
            "obligation.return-fee=provider owes by 2026-12-15@UTC: open",
            "owed.return-fee=15.00 USD",
        ],
    );
    check(&then(lines, passed), &["obligation.return-fee~broken"]);
    check(
        &format!("{lines}\n{passed}\n12-21 moved f3 fee-return 15.00USD yes scope=stripe/acct_1"),
        &["obligation.return-fee~met-late"],
    );
    // Another provider's contract is not known: nothing is owed.
    check(
        &then(
            TAKEN,
            "11-05 moved f2 counter-fee -15.00USD yes\n12-01 phase chargeback won",
        ),
        &["!obligation.return-fee"],
    );
}

#[test]
fn a_won_cases_money_is_owed_until_it_is_back() {
    let won = then(TAKEN, "12-01 phase chargeback won");
    check(&won, &["obligation.return-funds~: open"]);
    check(
        &then(&won, "12-10 moved m2 reinstatement 100.00USD yes"),
        &["obligation.return-funds~: met", "!found.obligation-broken"],
    );
    let broken = then(&won, "12-16 passed return-funds 12-15");
    check(
        &broken,
        &[
            "obligation.return-funds~: broken",
            "found.obligation-broken=return-funds 100.00 USD",
        ],
    );
    check(
        &then(&broken, "12-20 moved m2 reinstatement 40.00USD yes"),
        &[
            "obligation.return-funds~: broken",
            "owed.return-funds=60.00 USD",
            "money=partly-returned",
        ],
    );
    check(
        &then(&broken, "12-20 moved m2 reinstatement 100.00USD yes"),
        &[
            "obligation.return-funds~: met-late",
            "!found.obligation-broken",
            "!found.residue",
        ],
    );
}

#[test]
fn a_waiver_settles_one_obligation_with_its_reason() {
    let won = then(
        TAKEN,
        "12-01 phase chargeback won\n12-16 passed return-funds 12-15",
    );
    let id = case_named(&story(&won), "d1")
        .obligations
        .iter()
        .find(|owed| owed.duty.key() == "return-funds")
        .map(|owed| owed.id.to_string());
    let waived = then(
        &won,
        &format!(
            "12-20 waived {} agreed analyst",
            id.expect("the money is owed")
        ),
    );
    check(
        &waived,
        &[
            "obligation.return-funds~: waived",
            "!found.obligation-broken",
            "found.residue~",
        ],
    );
    // What is met stays met.
    check(
        &then(&waived, "12-21 moved m2 reinstatement 100.00USD yes"),
        &["obligation.return-funds~: met-late"],
    );
}
