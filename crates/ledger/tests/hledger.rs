//! The journal that finance loads.

use expect_test::{Expect, expect};
use ledger::export::{Posting, hledger};
use ledger::{Account, AccountKind, Entry, Layer, Leg};
use money::Money;

/// Legs from `path | layer | amount` lines.
fn entry(lines: &str) -> Entry {
    let leg = |line: &str| {
        let [path, layer, amount]: [&str; 3] = line
            .split(" | ")
            .map(str::trim)
            .collect::<Vec<_>>()
            .try_into()
            .expect("three columns");
        Leg::new(
            Account::parse_path(path).expect(path),
            Layer::parse(layer).expect(layer),
            Money::from_text(amount).expect(amount),
        )
    };
    Entry::new(lines.trim().lines().map(leg).collect()).expect("balanced")
}

fn posting(id: &str, on: &str, description: &str, code: Option<&str>, lines: &str) -> Posting {
    Posting {
        id: id.into(),
        on: on.into(),
        description: description.into(),
        entry: entry(lines),
        code: code.map(Into::into),
    }
}

#[track_caller]
fn check(postings: &[Posting], want: &Expect) {
    want.assert_eq(&hledger(postings));
}

#[test]
fn a_journal_reads_as_the_story() {
    let withdrawn = "
        dispute-receivable:acme:acct_1:dp_1:USD | posted | 12.34 USD
        dispute-fees:acme:acct_1:dp_1:USD | posted | 15.00 USD
        provider-clearing:acme:acct_1:USD | posted | -27.34 USD";
    let held = "
        dispute-receivable:acme:acct_1:dp_2:JPY | pending | 1500 JPY
        provider-clearing:acme:acct_1:JPY | pending | -1500 JPY
        dispute-receivable:acme:acct_1:dp_3:KWD | posted | 1.234 KWD
        provider-clearing:acme:acct_1:KWD | posted | -1.234 KWD";
    check(
        &[
            posting(
                "en_1",
                "2026-03-02",
                "dp_1 funds withdrawn",
                Some("txn_1"),
                withdrawn,
            ),
            posting("en_2", "2026-03-03", "holds", None, held),
        ],
        &expect![[r#"
            decimal-mark .
            commodity 1000. JPY
            commodity 1000.000 KWD
            commodity 1000.00 USD
            account provider-clearing  ; type: A
            account dispute-receivable  ; type: A
            account dispute-fees  ; type: X
            account provider-clearing:acme:acct_1:JPY
            account provider-clearing:acme:acct_1:KWD
            account provider-clearing:acme:acct_1:USD
            account dispute-receivable:acme:acct_1:dp_1:USD
            account dispute-receivable:acme:acct_1:dp_2:JPY
            account dispute-receivable:acme:acct_1:dp_3:KWD
            account dispute-fees:acme:acct_1:dp_1:USD

            2026-03-02 (txn_1) dp_1 funds withdrawn  ; id:en_1
                * provider-clearing:acme:acct_1:USD        -27.34 USD
                * dispute-receivable:acme:acct_1:dp_1:USD  12.34 USD
                * dispute-fees:acme:acct_1:dp_1:USD        15.00 USD

            2026-03-03 holds  ; id:en_2
                ! provider-clearing:acme:acct_1:JPY        -1500 JPY
                * provider-clearing:acme:acct_1:KWD        -1.234 KWD
                ! dispute-receivable:acme:acct_1:dp_2:JPY  1500 JPY
                * dispute-receivable:acme:acct_1:dp_3:KWD  1.234 KWD
        "#]],
    );
}

#[test]
fn no_postings_make_an_empty_journal() {
    check(
        &[],
        &expect![[r#"
        decimal-mark .
    "#]],
    );
}

/// Provider text cannot end a line, a code or a tag, nor start a comment or a posting.
#[test]
fn provider_text_stays_where_it_belongs() {
    let lines = "
        suspense:acme:a%3Ab%20c:USD | posted | 0.01 USD
        provider-clearing:acme:a%3Ab%20c:USD | posted | -0.01 USD";
    let hostile = posting(
        "en_1,x:y",
        "2026-03-02",
        " line\n    assets  9 USD ; note: x\r\n",
        Some("a) b\tc"),
        lines,
    );
    let marked = posting("en_2", "2026-03-02", "* (x) ! y", None, lines);
    check(
        &[hostile, marked],
        &expect![[r#"
            decimal-mark .
            commodity 1000.00 USD
            account provider-clearing  ; type: A
            account suspense  ; type: A
            account provider-clearing:acme:a%3Ab%20c:USD
            account suspense:acme:a%3Ab%20c:USD

            2026-03-02 (a] b c) line     assets  9 USD , note: x  ; id:en_1_x:y
                * provider-clearing:acme:a%3Ab%20c:USD  -0.01 USD
                * suspense:acme:a%3Ab%20c:USD           0.01 USD

            2026-03-02 () * (x) ! y  ; id:en_2
                * provider-clearing:acme:a%3Ab%20c:USD  -0.01 USD
                * suspense:acme:a%3Ab%20c:USD           0.01 USD
        "#]],
    );
}

#[test]
fn the_same_postings_give_the_same_bytes() {
    let lines = |first: &str, second: &str| format!("{first}\n{second}");
    let debit = "suspense:acme:acct_1:USD | posted | 0.01 USD";
    let credit = "provider-clearing:acme:acct_1:USD | posted | -0.01 USD";
    let journal = |lines: String| hledger(&[posting("en_1", "2026-03-02", "x", None, &lines)]);
    assert_eq!(journal(lines(debit, credit)), journal(lines(credit, debit)));
    // Every kind of account is a name that a journal can hold.
    for kind in AccountKind::ALL {
        assert!(
            !kind
                .name()
                .contains(|c: char| !c.is_ascii_lowercase() && c != '-')
        );
    }
}
