//! What people compare: counts, sums, and who was written to.

use crate::lists::fill;
use crate::open::Place;
use crate::samples::{leaf, merchant, owned};
use crate::world::{account, at, document, line, work};
use dispute::said::Audience;
use store::{Flow, Sight, Tally, Whole};

crate::over_every_database! {
    cases_are_counted_by_what_people_compare
    postings_are_added_up_by_day
    who_was_written_to_is_found_without_their_words
}

fn tallied(store: &mut dyn Whole, name: &str, from: i64, until: i64) -> Vec<Tally> {
    store.tally(&account(name), at(from), at(until)).unwrap()
}

fn cases_are_counted_by_what_people_compare(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &[("acct_1", 1), ("acct_1", 2), ("acct_2", 3)]);
    let rows = tallied(&mut *store, "acct_1", 0, 100);
    let [row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(
        (row.status.as_str(), row.stage.as_str()),
        ("ours", "chargeback")
    );
    assert_eq!(
        (row.reason.as_str(), row.network.as_str()),
        ("fraudulent", "visa")
    );
    // 11.01 and 12.02.
    let disputed = row.disputed.map(|sum| sum.to_string());
    assert_eq!((row.cases, disputed.as_deref()), (2, Some("23.03 USD")));
    // From the first instant on, and before the last.
    assert_eq!(tallied(&mut *store, "acct_1", 2, 100)[0].cases, 1);
    assert_eq!(tallied(&mut *store, "acct_1", 0, 2)[0].cases, 1);
    assert!(tallied(&mut *store, "acct_9", 0, 100).is_empty());
    let mut standing = |words: &[&str]| {
        let (from, until) = (at(0), at(100));
        let rows = store.tally_standing(&account("acct_1"), from, until, words);
        rows.unwrap()
    };
    assert_eq!(standing(&["theirs", "ours"]), rows);
    assert!(standing(&["theirs", "won"]).is_empty());
    store.put_merchant(&merchant(1), &leaf("a")).unwrap();
    store.own(&owned("acct_2", 1, true), &leaf("a")).unwrap();
    let id = merchant(1).id;
    store.look_as(&Sight::Merchant { id, live: true }).unwrap();
    assert!(tallied(&mut *store, "acct_1", 0, 100).is_empty());
    assert_eq!(tallied(&mut *store, "acct_2", 0, 100).len(), 1);
}

fn postings_are_added_up_by_day(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &[("acct_1", 1), ("acct_1", 2), ("acct_2", 3)]);
    let flows = store.flow(&account("acct_1"), at(0), at(100)).unwrap();
    assert!(!flows.is_empty());
    // Every entry balances, so that what was added anywhere was taken elsewhere.
    let sum = |pick: fn(&Flow) -> money::Money| -> i128 {
        flows.iter().map(|flow| pick(flow).minor()).sum()
    };
    assert_eq!(sum(|flow| flow.added), -sum(|flow| flow.taken));
    assert!(sum(|flow| flow.added) > 0);
    let known = ledger::AccountKind::ALL.map(ledger::AccountKind::name);
    for flow in &flows {
        assert!(known.contains(&flow.kind.as_str()), "{flow:?}");
        assert_eq!(flow.day.unix_seconds().rem_euclid(86_400), 0);
    }
    assert!(
        store
            .flow(&account("acct_1"), at(50), at(100))
            .unwrap()
            .is_empty()
    );
}

fn who_was_written_to_is_found_without_their_words(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &[("acct_1", 1), ("acct_1", 2), ("acct_1", 3)]);
    let said = |n: u32, second: i64, word: &str| {
        document(
            &line(
                n,
                second,
                &format!("{word} text=words%20of%20theirs author=a"),
            ),
            at(second),
        )
    };
    let bodies = [
        said(1, 10, "told-merchant"),
        said(1, 12, "told-merchant"),
        said(2, 11, "told-merchant"),
        said(2, 14, "told-desk"),
        said(3, 13, "noted"),
    ];
    store.append(&bodies).unwrap();
    work(&mut *store, at(200)).unwrap();
    let mut told = |to, since| -> Vec<i64> {
        let rows = store.told(to, at(since), 10).unwrap();
        rows.iter()
            .map(|(_, when)| at(0).seconds_until(*when))
            .collect()
    };
    // A note is no message, to nobody.
    assert_eq!(told(Audience::Merchant, 0), [12, 11]);
    assert_eq!(told(Audience::Desk, 0), [14]);
    assert_eq!(told(Audience::Merchant, 12), [12]);
    store.put_merchant(&merchant(1), &leaf("a")).unwrap();
    let id = merchant(1).id;
    store.look_as(&Sight::Merchant { id, live: true }).unwrap();
    assert!(
        store
            .told(Audience::Merchant, at(0), 10)
            .unwrap()
            .is_empty()
    );
}
