//! What may be an entry, and how entries fold.

use ledger::{Account, AccountKind, Balances, Entry, EntryError, Layer, Leg, diff};
use money::{Currency, Money};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

use AccountKind::{ChargebackLoss, DisputeFees, DisputeReceivable, ProviderClearing};
use Layer::{Pending, Posted};

const EUR: Currency = Currency::EUR;
const USD: Currency = Currency::USD;

fn account(kind: AccountKind, currency: Currency) -> Account {
    let account = Account::new(kind, "acme", "acct_1", currency);
    if kind == ProviderClearing {
        account
    } else {
        account.for_case("dp_1")
    }
}

fn leg(kind: AccountKind, layer: Layer, currency: Currency, minor: i128) -> Leg {
    Leg::new(
        account(kind, currency),
        layer,
        Money::of_minor(minor, currency),
    )
}

fn usd(kind: AccountKind, minor: i128) -> Leg {
    leg(kind, Posted, USD, minor)
}

#[track_caller]
fn makes(legs: &[Leg], want: &[Leg]) {
    assert_eq!(Entry::new(legs.to_vec()).expect("balanced").legs(), want);
}

#[track_caller]
fn refuses(legs: &[Leg], error: &EntryError, message: &str) {
    assert_eq!(Entry::new(legs.to_vec()).as_ref(), Err(error));
    assert_eq!(error.to_string(), message);
}

#[test]
fn balanced_legs_become_an_entry_in_normal_form() {
    let clearing = |minor| usd(ProviderClearing, minor);
    let contested = |minor| usd(DisputeReceivable, minor);
    makes(&[contested(5), clearing(-5)], &[clearing(-5), contested(5)]);
    // The same account twice is merged; what cancels is dropped.
    makes(
        &[
            contested(2),
            clearing(-5),
            contested(3),
            usd(DisputeFees, 1),
            usd(DisputeFees, -1),
        ],
        &[clearing(-5), contested(5)],
    );
    // Each currency and each layer balances by itself.
    let both = [
        leg(ProviderClearing, Pending, EUR, -7),
        clearing(-5),
        leg(DisputeReceivable, Pending, EUR, 7),
        contested(5),
    ];
    assert_eq!(Entry::new(both.to_vec()).expect("balanced").legs().len(), 4);
}

#[test]
fn legs_that_make_no_entry_say_why() {
    let (debit, credit) = (usd(DisputeReceivable, 5), usd(ProviderClearing, -5));
    let empty = "entry has no legs left after merging";
    refuses(&[], &EntryError::Empty, empty);
    refuses(
        &[debit.clone(), usd(DisputeReceivable, -5)],
        &EntryError::Empty,
        empty,
    );

    let zero = usd(DisputeFees, 0);
    let error = EntryError::ZeroLeg {
        account: zero.account.clone(),
        layer: Posted,
    };
    let message = "leg on dispute-fees:acme:acct_1:dp_1:USD (posted) has amount 0";
    refuses(&[debit.clone(), credit.clone(), zero], &error, message);

    let error = EntryError::Unbalanced {
        currency: USD,
        layer: Posted,
        by_minor: 5,
    };
    let message = "posted legs in USD sum to 0.05 USD, expected 0";
    refuses(std::slice::from_ref(&debit), &error, message);

    // F-24: a number in neither currency. 5 USD against 5 EUR is two faults.
    let euros = leg(ProviderClearing, Posted, EUR, -5);
    let error = EntryError::Unbalanced {
        currency: EUR,
        layer: Posted,
        by_minor: -5,
    };
    let message = "posted legs in EUR sum to -0.05 EUR, expected 0";
    refuses(&[debit.clone(), euros], &error, message);

    let pending = leg(ProviderClearing, Pending, USD, -5);
    let error = EntryError::Unbalanced {
        currency: USD,
        layer: Pending,
        by_minor: -5,
    };
    let message = "pending legs in USD sum to -0.05 USD, expected 0";
    refuses(&[debit.clone(), pending], &error, message);

    let mixed = Leg {
        amount: Money::of_minor(-5, EUR),
        ..credit
    };
    let error = EntryError::CurrencyMismatch {
        account: mixed.account.clone(),
        amount: mixed.amount,
    };
    let message = "leg on provider-clearing:acme:acct_1:USD has amount -0.05 EUR";
    refuses(&[debit, mixed], &error, message);

    let most = usd(DisputeReceivable, i128::MAX);
    let error = EntryError::Overflow { currency: USD };
    let message = "legs in USD sum to more than 128 bits of minor units";
    refuses(&[most.clone(), usd(DisputeReceivable, 1)], &error, message);
    refuses(&[most, usd(ChargebackLoss, 1)], &error, message);
}

#[test]
fn balances_tell_cleared_from_untouched() {
    let taken = Entry::new(vec![usd(DisputeReceivable, 5), usd(ProviderClearing, -5)]);
    let taken = taken.expect("balanced");
    let mut balances = Balances::new();
    let contested = account(DisputeReceivable, USD);
    assert_eq!(balances.balance(&contested, Posted), None);
    balances.apply(&taken).expect("small");
    assert_eq!(balances.minor(&contested, Posted), Some(5));
    assert_eq!(balances.residues(DisputeReceivable).count(), 1);
    balances.apply(&taken.reversal()).expect("small");
    assert_eq!(balances.minor(&contested, Posted), Some(0));
    assert_eq!(balances.minor(&contested, Pending), None);
    assert_eq!(balances.residues(DisputeReceivable).count(), 0);
    assert_eq!(balances.iter().count(), 2);
}

#[test]
fn an_overflowing_entry_is_applied_not_at_all() {
    let big = Entry::new(vec![
        usd(DisputeReceivable, i128::MAX),
        usd(ProviderClearing, -i128::MAX),
    ])
    .expect("balanced");
    // The clearing leg, which sorts first, would fit; the receivable leg does not.
    let more = Entry::new(vec![
        usd(DisputeFees, -2),
        usd(DisputeReceivable, 1),
        usd(ProviderClearing, 1),
    ])
    .expect("balanced");
    let mut balances = Balances::new();
    balances.apply(&big).expect("within bounds");
    let before = balances.clone();
    let error = balances.apply(&more).expect_err("beyond");
    assert_eq!(
        error.to_string(),
        "balance of dispute-receivable:acme:acct_1:dp_1:USD (posted) exceeds 128 bits of minor units",
    );
    assert_eq!(balances, before);
    // The range is symmetric: one below the lowest is beyond it too, though an
    // `i128` would hold it.
    let below = Entry::new(vec![usd(ProviderClearing, -1), usd(DisputeFees, 1)]);
    assert!(balances.apply(&below.expect("balanced")).is_err());
    assert_eq!(balances, before);

    let mut other = Balances::new();
    other.apply(&more).expect("small");
    assert!(balances.merge(&other).is_err());
    assert_eq!(balances, before);
}

#[test]
fn a_difference_that_does_not_balance_is_refused() {
    let before = [usd(DisputeReceivable, 5), usd(ProviderClearing, -5)];
    let after = [usd(DisputeReceivable, 5), usd(ProviderClearing, -4)];
    assert_eq!(
        diff(&before, &after),
        Err(EntryError::Unbalanced {
            currency: USD,
            layer: Posted,
            by_minor: 1
        }),
    );
    assert_eq!(diff(&[], &[]), Ok(None));
    assert_eq!(
        diff(&before, &[]).expect("balanced"),
        Entry::new(before.to_vec()).ok().map(|e| e.reversal())
    );
}

fn accounts() -> impl Strategy<Value = Account> {
    let kinds = select(AccountKind::ALL.to_vec());
    let cases = select(vec![None, Some("dp_1"), Some("dp_2")]);
    (kinds, cases, select(vec![USD, EUR, Currency::JPY])).prop_map(|(kind, case, currency)| {
        let account = Account::new(kind, "acme", "acct_1", currency);
        case.map_or(account.clone(), |case| account.for_case(case))
    })
}

/// Any legs, and a last one for each currency and layer that makes them balance.
fn balanced_legs() -> impl Strategy<Value = Vec<Leg>> {
    let amount = any::<i64>().prop_filter("a leg moves something", |minor| *minor != 0);
    let leg =
        (accounts(), select(vec![Pending, Posted]), amount).prop_map(|(account, layer, minor)| {
            let amount = Money::of_minor(i128::from(minor), account.currency);
            Leg::new(account, layer, amount)
        });
    vec(leg, 0..12).prop_map(|mut legs| {
        for currency in [USD, EUR, Currency::JPY] {
            for layer in [Pending, Posted] {
                let side = legs.iter().filter(|leg| leg.layer == layer);
                let minors = side
                    .map(|leg| leg.amount)
                    .filter(|a| a.currency() == currency);
                let sum = Money::checked_sum(currency, minors).expect("64-bit legs");
                if !sum.is_zero() {
                    let suspense = account(AccountKind::Suspense, currency);
                    legs.push(Leg::new(suspense, layer, sum.negate()));
                }
            }
        }
        legs
    })
}

fn entries() -> impl Strategy<Value = Entry> {
    balanced_legs().prop_filter_map("legs that do not cancel", |legs| Entry::new(legs).ok())
}

#[track_caller]
fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Balances {
    let mut balances = Balances::new();
    for entry in entries {
        balances.apply(entry).expect("64-bit legs");
    }
    balances
}

fn non_zero(balances: &Balances) -> Vec<(Account, Layer, Money)> {
    let held = balances.iter().filter(|(_, _, money)| !money.is_zero());
    held.map(|(account, layer, money)| (account.clone(), layer, money))
        .collect()
}

proptest! {
    /// Balanced legs are refused only because they cancel; entries are in normal form.
    #[test]
    fn every_entry_balances(legs in balanced_legs()) {
        match Entry::new(legs) {
            Err(error) => prop_assert_eq!(error, EntryError::Empty),
            Ok(entry) => {
                prop_assert!(fold([&entry]).totals().values().all(|total| *total == 0));
                let keys: Vec<_> = entry.legs().iter().map(|leg| (&leg.account, leg.layer)).collect();
                prop_assert!(keys.is_sorted_by(|a, b| a < b));
                prop_assert!(entry.legs().iter().all(|leg| !leg.amount.is_zero()));
                prop_assert_eq!(Entry::new(entry.legs().to_vec()), Ok(entry));
            }
        }
    }

    #[test]
    fn taking_one_unit_from_a_leg_breaks_the_entry(entry in entries(), place in any::<usize>()) {
        let mut legs = entry.into_legs();
        let place = place % legs.len();
        let unit = Money::of_minor(1, legs[place].amount.currency());
        legs[place].amount = legs[place].amount.checked_sub(unit)?;
        let refused = matches!(
            Entry::new(legs),
            Err(EntryError::Unbalanced { by_minor: -1, .. } | EntryError::ZeroLeg { .. })
        );
        prop_assert!(refused);
    }

    /// A correction posts the difference: what was, plus the difference, is what is.
    #[test]
    fn the_difference_turns_before_into_after(before in balanced_legs(), after in balanced_legs()) {
        let mut corrected = Balances::new();
        if let Ok(entry) = Entry::new(before.clone()) {
            corrected.apply(&entry)?;
        }
        if let Some(entry) = diff(&before, &after)? {
            corrected.apply(&entry)?;
        }
        let wanted = Entry::new(after.clone()).map(|entry| fold([&entry]));
        prop_assert_eq!(non_zero(&corrected), wanted.map(|b| non_zero(&b)).unwrap_or_default());
        prop_assert_eq!(diff(&after, &after), Ok(None));
        prop_assert_eq!(diff(&before, &after)?.map(|e| e.reversal()), diff(&after, &before)?);
    }

    #[test]
    fn folding_does_not_depend_on_order_or_batches(
        (entries, shuffled, cut) in vec(entries(), 0..8).prop_flat_map(|entries| {
            let cut = 0..=entries.len();
            (Just(entries.clone()), Just(entries).prop_shuffle(), cut)
        }),
    ) {
        let folded = fold(&entries);
        prop_assert_eq!(&fold(&shuffled), &folded);
        let (first, second) = shuffled.split_at(cut);
        let mut merged = fold(first);
        merged.merge(&fold(second))?;
        prop_assert_eq!(&merged, &folded);
        prop_assert!(folded.totals().values().all(|total| *total == 0));
        let accounts: Vec<_> = folded.iter().map(|(account, layer, _)| (account, layer)).collect();
        prop_assert!(accounts.is_sorted_by(|a, b| a < b));
    }
}
