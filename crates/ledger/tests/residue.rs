//! What is left over, and what it says.

use ledger::residue::{Signature, pair, signature};
use ledger::{Account, AccountKind};
use money::{Currency, Money};
use proptest::prelude::{Just, Strategy, prop_assert_eq, proptest};

const USD: Currency = Currency::USD;

#[track_caller]
fn check(residue_minor: i128, disputed_minor: i128, want: Option<Signature>) {
    let usd = |minor| Money::of_minor(minor, USD);
    assert_eq!(signature(usd(residue_minor), usd(disputed_minor)), want);
    // The sign in which the dispute is stated carries no meaning.
    assert_eq!(signature(usd(residue_minor), usd(-disputed_minor)), want);
}

#[test]
fn residues_name_their_likely_cause() {
    use Signature::{DuplicateMovement, ReinstatementMissing, WithdrawalMissing};
    check(-1234, 1234, Some(ReinstatementMissing)); // F-34
    check(1234, 1234, Some(WithdrawalMissing));
    check(-2468, 1234, Some(DuplicateMovement));
    check(2468, 1234, Some(DuplicateMovement));
    check(0, 1234, None);
    check(-1234, 0, None);
    check(-1233, 1234, None);
    check(-617, 1234, None);
    check(3702, 1234, None);
}

/// F-23: 1,500 yen read as 15.00, dollars' cents read as dollars, three decimals
/// read as two.
#[test]
fn residues_of_a_wrong_exponent_name_the_power() {
    let wrong = |power| Some(Signature::WrongExponent { power });
    check(-150_000, 1500, wrong(2)); // The misread movement alone,
    check(-148_500, 1500, wrong(2)); // or what is left of it against a right one.
    check(15, 1500, wrong(-2));
    check(-1485, 1500, wrong(-2));
    check(1_500_000, 1500, wrong(3));
    check(15_000, 1500, wrong(1));
    check(-13_500, 1500, wrong(1));
    check(150, 1500, wrong(-1));
    check(1350, 1500, wrong(-1));
    check(14_985_000, 1500, None);
    check(14_998_500, 1500, wrong(4));
    // 12.34 has no hundredth in whole minor units.
    check(12, 1234, None);
}

#[test]
fn signatures_need_one_currency_and_do_not_overflow() {
    let dollars = Money::of_minor(-5, USD);
    assert_eq!(signature(dollars, Money::of_minor(5, Currency::EUR)), None);
    check(i128::MAX, i128::MAX - 1, None);
    check(-i128::MAX, i128::MAX, Some(Signature::ReinstatementMissing));
}

#[test]
fn signatures_have_names() {
    let named = [
        (Signature::ReinstatementMissing, "reinstatement-missing"),
        (Signature::WithdrawalMissing, "withdrawal-missing"),
        (Signature::DuplicateMovement, "duplicate-movement"),
        (Signature::WrongExponent { power: 2 }, "wrong-exponent"),
    ];
    for (signature, name) in named {
        assert_eq!(signature.name(), name);
    }
}

fn residue(account: &str, case: &str, minor: i128) -> (Account, Money) {
    let kind = AccountKind::DisputeReceivable;
    (
        Account::new(kind, "acme", account, USD).for_case(case),
        Money::of_minor(minor, USD),
    )
}

#[track_caller]
fn pairs(residues: &[(Account, Money)], want: &[(&str, &str, i128, bool)]) {
    let found = pair(residues);
    let name = |account: &Account| {
        format!(
            "{} {}",
            account.account,
            account.case.clone().unwrap_or_default()
        )
    };
    let found: Vec<_> = found
        .iter()
        .map(|pair| {
            (
                name(&pair.over),
                name(&pair.under),
                pair.amount.minor(),
                pair.certain,
            )
        })
        .collect();
    let want: Vec<_> = want
        .iter()
        .map(|&(over, under, minor, certain)| (over.into(), under.into(), minor, certain))
        .collect();
    assert_eq!(found, want);
}

#[test]
fn opposite_residues_of_one_size_point_to_the_wrong_merchant() {
    let (left, right) = (residue("a", "dp_1", 5), residue("b", "dp_2", -5));
    pairs(
        &[left.clone(), right.clone()],
        &[("a dp_1", "b dp_2", 5, true)],
    );
    // F-33: one case, credited to a closed account of the same merchant.
    pairs(
        &[left.clone(), residue("old", "dp_1", -5)],
        &[("a dp_1", "old dp_1", 5, true)],
    );
    // One account's pending against its posted residue is the same merchant's.
    pairs(&[left.clone(), residue("a", "dp_1", -5)], &[]);
    // Other sizes, zeros and lone residues are no pair.
    let noise = [
        residue("c", "dp_3", 6),
        residue("c", "dp_4", 0),
        residue("c", "dp_5", -7),
    ];
    pairs(&noise, &[]);
    let mut all = vec![left, right];
    all.extend(noise);
    pairs(&all, &[("a dp_1", "b dp_2", 5, true)]);
}

#[test]
fn pairs_that_could_be_otherwise_say_so() {
    let residues = [
        residue("a", "dp_1", 5),
        residue("b", "dp_2", -5),
        residue("c", "dp_3", -5),
        residue("d", "dp_4", 5),
        residue("e", "dp_5", 5),
    ];
    let want = [
        ("a dp_1", "b dp_2", 5, false),
        ("d dp_4", "c dp_3", 5, false),
    ];
    pairs(&residues, &want);
}

#[test]
fn pairs_share_provider_kind_and_currency() {
    let (account, amount) = residue("a", "dp_1", 5);
    let other = |change: fn(&mut Account)| {
        let (mut account, amount) = residue("b", "dp_2", -5);
        change(&mut account);
        (account, amount)
    };
    for lone in [
        other(|account| account.provider = "zenith".into()),
        other(|account| account.kind = AccountKind::Recovery),
    ] {
        pairs(&[(account.clone(), amount), lone], &[]);
    }
    let (mut euros, _) = residue("b", "dp_2", -5);
    euros.currency = Currency::EUR;
    pairs(
        &[
            (account, amount),
            (euros, Money::of_minor(-5, Currency::EUR)),
        ],
        &[],
    );
}

proptest! {
    #[test]
    fn pairing_does_not_depend_on_the_order_given(shuffled in Just(vec![
        residue("a", "dp_1", 5), residue("b", "dp_2", -5), residue("c", "dp_3", -5),
        residue("d", "dp_4", 5), residue("e", "dp_5", 7), residue("f", "dp_6", -7),
    ]).prop_shuffle()) {
        let mut sorted = shuffled.clone();
        sorted.sort();
        prop_assert_eq!(pair(&shuffled), pair(&sorted));
    }
}
