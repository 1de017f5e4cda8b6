use crate::open::Place;
use crate::world::{at, balanced, line, only, opening, take};
use ledger::{Account, Balances, Layer};
use money::{Currency, Money};
use store::{EntryRow, Error};

crate::over_every_database! {
    entries_come_back_as_written
    balances_are_the_fold_of_all_entries
    a_posting_is_written_once
    amounts_beyond_64_bits_are_refused_and_told
    a_balance_that_would_leave_64_bits_is_refused
    a_broken_commit_leaves_nothing
}

fn entries_come_back_as_written(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1), opening(2)], at(7));
    let written: Vec<EntryRow> = commit
        .families
        .iter()
        .flat_map(|change| change.entries.clone())
        .collect();
    assert_eq!(written.len(), 4);
    assert_eq!(store.entries_after(None, 100).unwrap(), written);
    assert_eq!(
        store.entries_after(Some(&written[2].id), 100).unwrap(),
        written[3..]
    );
    let case = written[0].case.clone().unwrap();
    let of_case: Vec<EntryRow> = written
        .iter()
        .filter(|row| row.case.as_ref() == Some(&case))
        .cloned()
        .collect();
    assert_eq!(store.entries_of(&case).unwrap(), of_case);
    let scope = written[0].scope.clone();
    let asked = [
        (Some(case.clone()), written[0].key.clone()),
        (Some(case), "never".to_owned()),
        (None, written[0].key.clone()),
    ];
    assert_eq!(store.ordinals(&scope, &asked).unwrap(), [1, 0, 0]);
}

fn balances_are_the_fold_of_all_entries(place: &Place) {
    let mut store = place.open();
    let mut expected = Balances::new();
    for batch in [1..40, 40..45] {
        let bodies: Vec<String> = batch.clone().map(opening).collect();
        let second = i64::from(batch.start);
        for change in take(&mut *store, &bodies, at(second)).families {
            for row in change.entries {
                expected.apply(&row.entry).unwrap();
            }
        }
    }
    let mut folded: Vec<(String, Layer, Money)> = expected
        .iter()
        .filter(|(_, _, amount)| !amount.is_zero())
        .map(|(account, layer, amount)| (account.path(), layer, amount))
        .collect();
    folded.sort();
    let kept = store.balances().unwrap();
    let kept: Vec<(String, Layer, Money)> = kept
        .into_iter()
        .map(|leg| (leg.account.path(), leg.layer, leg.amount))
        .collect();
    assert_eq!(kept, folded);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// A desk with one document, and an entry about it that no commit has written yet.
fn unwritten(place: &Place) -> (Box<dyn store::Store>, store::FamilyChange, EntryRow) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1)], at(0));
    let mut row = commit.families[0].entries[0].clone();
    row.id = dispute::id::EntryId::of(&["another"]);
    row.ordinal = 2;
    let change = crate::world::nothing(&commit.families[0].family);
    (store, change, row)
}

/// F-06: the same movement in two documents posts once, whoever forgets to look.
fn a_posting_is_written_once(place: &Place) {
    let (mut store, change, fresh) = unwritten(place);
    let before = store.balances().unwrap();
    let mut same_place = fresh.clone();
    same_place.ordinal = 1;
    let mut same_id = fresh.clone();
    same_id.id = store.entries_after(None, 1).unwrap().remove(0).id;
    for row in [same_place, same_id] {
        let mut change = change.clone();
        change.entries = vec![row];
        let told = store.commit(&only(vec![change], at(1))).unwrap_err();
        assert!(matches!(told, Error::Refused { .. }), "{told}");
    }
    assert_eq!(store.balances().unwrap(), before);
    let mut change = change;
    change.entries = vec![fresh];
    store.commit(&only(vec![change], at(2))).unwrap();
    assert_ne!(store.balances().unwrap(), before);
}

fn amounts_beyond_64_bits_are_refused_and_told(place: &Place) {
    let (mut store, mut change, mut row) = unwritten(place);
    let fact = store
        .facts_of_family(&change.family)
        .unwrap()
        .remove(0)
        .fact;
    let large = Money::of_minor(i128::from(i64::MAX) + 1, Currency::USD);
    row.entry = balanced(&fact, large);
    change.entries = vec![row];
    let told = store
        .commit(&only(vec![change], at(1)))
        .unwrap_err()
        .to_string();
    let expected =
        "an amount has 9223372036854775808 minor units of USD, at most 9223372036854775807 is kept";
    assert_eq!(told, expected);
}

fn a_balance_that_would_leave_64_bits_is_refused(place: &Place) {
    let (mut store, change, row) = unwritten(place);
    let fact = store
        .facts_of_family(&change.family)
        .unwrap()
        .remove(0)
        .fact;
    for ordinal in [2, 3] {
        let mut row = row.clone();
        row.id = dispute::id::EntryId::of(&["large", &ordinal.to_string()]);
        row.ordinal = ordinal;
        let large = Money::of_minor(i128::from(i64::MAX) - 10_000, Currency::USD);
        row.entry = balanced(&fact, large);
        let mut change = change.clone();
        change.entries = vec![row];
        let outcome = store.commit(&only(vec![change], at(1)));
        assert_eq!(outcome.is_ok(), ordinal == 2, "{outcome:?}");
    }
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// The last thing that a commit writes fails; nothing of what came before it may stay.
fn a_broken_commit_leaves_nothing(place: &Place) {
    let mut store = place.open();
    store
        .append(&[crate::world::document(&opening(1), at(0))])
        .unwrap();
    let pending = store.pending(10).unwrap();
    let mut commit = crate::world::plan(&mut *store, &pending, at(1)).unwrap();
    let whole = commit.clone();
    commit.leaves.push(store::Leaf("x".repeat(70_000)));
    let told = store.commit(&commit).unwrap_err();
    assert!(matches!(told, Error::TooLarge { .. }), "{told}");
    assert_eq!(store.pending(10).unwrap(), pending);
    assert!(store.families_after(None, 10).unwrap().is_empty());
    assert!(store.entries_after(None, 10).unwrap().is_empty());
    assert!(store.balances().unwrap().is_empty());
    assert!(store.leaves(0, 10).unwrap().is_empty());
    store.commit(&whole).unwrap();
    assert_eq!(store.entries_after(None, 10).unwrap().len(), 2);
    take(
        &mut *store,
        &[line(1, 9, "phase stage=chargeback standing=won")],
        at(9),
    );
    let path = Account::parse_path(&store.balances().unwrap()[0].account.path());
    assert!(path.is_ok());
}
