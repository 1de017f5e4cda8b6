//! Which facts belong together: references said together, cuts and ties, and money that names only the payment.

mod story;

use story::check;

const PAYMENT: &str = "
    11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1
    11-02 due chargeback 11-20 ref.dispute=d1
    11-02 disputed 60.00USD ref.dispute=d1";

const SECOND: &str = "
    11-03 phase chargeback ours ref.dispute=d2 ref.payment=p1
    11-03 due chargeback 11-20 ref.dispute=d2
    11-03 disputed 40.00USD ref.dispute=d2";

fn then(story: &str, lines: &str) -> String {
    format!("{story}\n{lines}")
}

// An early fraud warning has its own reference and hangs on the payment.
#[test]
fn a_fraud_warning_and_a_chargeback_are_one_family() {
    check(
        &then(
            PAYMENT,
            "11-01 phase fraud-report nobody ref.dispute=w1 ref.payment=p1\n11-01 fraud-reported card_not_present ref.dispute=w1 ref.payment=p1",
        ),
        &["families=1", "cases=2", "status=ours", "!finding"],
    );
}

#[test]
fn references_chain_families_together() {
    check(
        "11-02 phase chargeback ours ref.dispute=d1 ref.arn=a1
         11-02 due chargeback 11-20
         11-02 moved m1 withdrawal -60.00USD yes ref.arn=a1 ref.trace=t1
         11-02 paid 100.00USD ref.trace=t1",
        &[
            "families=1",
            "cases=1",
            "orphans=0",
            "withdrawn.USD=60.00 USD",
            "paid=100.00 USD",
        ],
    );
}

#[test]
fn what_merchants_and_batches_share_joins_nothing() {
    check(
        "11-02 phase chargeback ours ref.dispute=d1 ref.batch=b1 ref.merchant=order-1
         11-02 phase chargeback ours ref.dispute=d2 ref.batch=b1 ref.merchant=order-1",
        &["families=2", "cases=2"],
    );
}

#[test]
fn one_reference_in_two_books_names_two_things() {
    check(
        "11-02 phase chargeback ours
         11-02 phase chargeback won scope=acme/acct_2
         11-02 phase chargeback lost scope=other/acct_1",
        &["families=3", "cases=3"],
    );
}

// F-13: an unknown payment makes an orphan that joins later; its money waits in suspense.
#[test]
fn money_of_an_unknown_payment_waits_in_suspense_and_joins_later() {
    let early = "10-30 moved m1 withdrawal -60.00USD yes auth=report-row ref.payment=p1";
    check(
        early,
        &[
            "cases=0",
            "orphans=1",
            "loose=1",
            "account.suspense.posted=60.00 USD",
            "account.provider-clearing.posted=-60.00 USD",
        ],
    );
    check(
        &then(PAYMENT, early),
        &[
            "orphans=0",
            "loose=0",
            "withdrawn.USD=60.00 USD",
            "!account.suspense",
            "opened_at=2026-11-02T00:00:00Z",
        ],
    );
}

#[test]
fn money_that_names_the_payment_confirms_what_a_message_told() {
    check(
        &then(
            PAYMENT,
            "11-02 moved m1 withdrawal -60.00USD no\n11-04 moved row9 withdrawal -60.00USD yes auth=report-row ref.payment=p1",
        ),
        &[
            "withdrawn.USD=60.00 USD",
            "movement.m1=withdrawal -60.00 USD settled",
            "!movement.row9",
            "!finding",
        ],
    );
    // A second row is a second movement.
    check(
        &then(
            PAYMENT,
            "11-02 moved m1 withdrawal -60.00USD no
             11-04 moved row9 withdrawal -60.00USD yes auth=report-row ref.payment=p1
             11-05 moved row10 withdrawal -60.00USD yes auth=report-row ref.payment=p1",
        ),
        &["withdrawn.USD=120.00 USD", "divergence~60.00 USD"],
    );
    // Another amount is another movement.
    check(
        &then(
            PAYMENT,
            "11-02 moved m1 withdrawal -60.00USD no\n11-04 moved row9 received-fee -15.00USD yes auth=report-row ref.payment=p1",
        ),
        &["withdrawn.USD=60.00 USD", "fees.USD=15.00 USD"],
    );
}

// F-06, F-09: the same key is the same movement, also where one statement names the dispute and another only the payment.
#[test]
fn one_key_is_one_movement_whichever_reference_names_it() {
    check(
        &then(
            PAYMENT,
            "11-02 moved m0 withdrawal -60.00USD no
             11-02 moved m1 withdrawal -60.00USD no
             11-04 moved m1 withdrawal -60.00USD yes auth=report-row ref.payment=p1",
        ),
        &[
            "movement.m0=withdrawal -60.00 USD pending",
            "movement.m1=withdrawal -60.00 USD settled",
        ],
    );
    check(
        &then(
            PAYMENT,
            "11-02 moved m1 withdrawal -60.00USD no
             11-04 moved m1 withdrawal -59.50USD yes auth=report-row ref.payment=p1",
        ),
        &[
            "withdrawn.USD=59.50 USD",
            "found.movement-corrected=withdrawal->withdrawal 0.50 USD",
        ],
    );
}

#[test]
fn money_of_a_payment_with_two_disputes_goes_to_the_only_one_about_that_amount() {
    let both = then(PAYMENT, SECOND);
    check(
        &then(
            &both,
            "11-04 moved m2 withdrawal -40.00USD yes ref.payment=p1",
        ),
        &[
            "families=1",
            "cases=2",
            "loose=0",
            "d2: withdrawn.USD=40.00 USD",
            "!d1: withdrawn",
            "!d1: finding",
        ],
    );
    check(
        &then(
            &both,
            "11-04 moved m3 withdrawal -55.00USD yes ref.payment=p1",
        ),
        &[
            "loose=1",
            "orphans=1",
            "account.suspense.posted=55.00 USD",
            "d1: found.movement-unassigned=withdrawal:USD -55.00 USD",
            "d2: found.movement-unassigned=withdrawal:USD -55.00 USD",
        ],
    );
}

#[test]
fn what_is_said_of_the_payment_is_said_of_every_dispute_on_it() {
    check(
        &then(
            &then(PAYMENT, SECOND),
            "11-01 paid 100.00USD ref.payment=p1\n11-01 network visa ref.payment=p1\n11-04 refunded r1 5.00USD succeeded ref.payment=p1",
        ),
        &[
            "d1: paid=100.00 USD",
            "d2: paid=100.00 USD",
            "d1: network=visa",
            "d2: network=visa",
            "d1: refunded=5.00 USD",
            "d2: refunded=5.00 USD",
        ],
    );
}

#[test]
fn a_statement_about_the_dispute_without_its_name_is_for_the_only_one_or_nobody() {
    check(
        &then(PAYMENT, "11-05 phase chargeback won ref.payment=p1"),
        &["status=won"],
    );
    check(
        &then(
            &then(PAYMENT, SECOND),
            "11-05 phase chargeback won ref.payment=p1",
        ),
        &["orphans=1", "d1: status=ours", "d2: status=ours"],
    );
}

#[test]
fn a_wrong_link_can_be_cut() {
    let both = then(PAYMENT, SECOND);
    check(
        &then(
            &both,
            "11-05 cut dispute:d2 payment:p1 analyst ref.dispute=d2",
        ),
        &["families=2", "cases=2"],
    );
    // The payment's money is now the first one's alone.
    check(
        &then(
            &both,
            "11-05 cut dispute:d2 payment:p1 analyst ref.dispute=d2\n11-04 moved m3 withdrawal -55.00USD yes ref.payment=p1",
        ),
        &["loose=0", "d1: withdrawn.USD=55.00 USD"],
    );
}

#[test]
fn a_link_that_no_document_says_can_be_tied() {
    let apart = "
        11-02 phase chargeback ours ref.dispute=d1
        11-02 due chargeback 11-20
        10-30 moved m1 withdrawal -60.00USD yes ref.arn=a1";
    check(apart, &["families=2", "loose=1"]);
    check(
        &then(apart, "11-05 tied dispute:d1 arn:a1 analyst"),
        &["families=1", "loose=0", "withdrawn.USD=60.00 USD"],
    );
}
