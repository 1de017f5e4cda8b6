//! What the desk's pages count and list says what reading every row says.

use crate::lists::{fill, own_two};
use crate::open::Place;
use crate::samples::id;
use crate::world::{account, at, opening, take, work};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::CaseId;
use ledger::{Account, AccountKind, Layer};
use money::{Currency, Money};
use std::collections::BTreeMap;
use store::{
    Beside, CaseFilter, DocumentQuery, DutyOrder, DutyQuery, EntryQuery, EntryRow, Fate,
    FindingQuery, Moved, MovedQuery, ObligationRow, Sight, Whole,
};

crate::over_every_database! {
    duties_are_paged_whole_in_every_order
    the_rank_puts_time_before_amount
    duties_are_counted_as_they_are_listed
    a_merchant_sees_the_duties_of_their_accounts_alone
    open_cases_add_up
    findings_add_up_and_are_paged_by_amount
    balances_of_cases_are_folded_into_their_account
    documents_are_listed_newest_first
    entries_are_listed_newest_first
    movements_are_listed_by_time
    what_changed_since_is_counted
}

const DESK: [(&str, u32); 9] = [
    ("acct_1", 1),
    ("acct_1", 2),
    ("acct_1", 60),
    ("acct_2", 3),
    ("acct_2", 89),
    ("acct_2", 4),
    ("acct_3", 5),
    ("acct_3", 6),
    ("acct_3", 88),
];

pub fn every(order: DutyOrder, now: Instant) -> DutyQuery {
    DutyQuery {
        provider: None,
        stage: None,
        assigned_to: None,
        due_from: None,
        due_before: None,
        order,
        now,
        after: None,
        limit: 100,
    }
}

fn ours(store: &mut dyn Whole) -> Vec<ObligationRow> {
    let open = store.obligations(Some("open"), None, u32::MAX).unwrap();
    let us = ["merchant", "operator", "desk"];
    open.into_iter()
        .filter(|row| us.contains(&row.debtor.as_str()))
        .collect()
}

fn ids(rows: &[ObligationRow]) -> Vec<(String, String)> {
    rows.iter()
        .map(|row| (row.case.to_string(), row.id.clone()))
        .collect()
}

fn duties_are_paged_whole_in_every_order(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let mut expected = ids(&ours(&mut *store));
    assert_eq!(expected.len(), DESK.len());
    expected.sort();
    for order in [DutyOrder::Rank, DutyOrder::Time, DutyOrder::Money] {
        let whole = store.duties(&every(order, at(0))).unwrap();
        let mut paged = Vec::new();
        let mut query = DutyQuery {
            limit: 4,
            ..every(order, at(0))
        };
        loop {
            let page = store.duties(&query).unwrap();
            let Some(last) = page.last() else { break };
            query.after = Some(last.place.clone());
            paged.extend(page);
        }
        assert_eq!(paged, whole, "{order:?}");
        let rows: Vec<_> = whole.iter().map(|row| row.duty.clone()).collect();
        let mut found = ids(&rows);
        found.sort();
        assert_eq!(found, expected, "{order:?}");
        for row in &whole {
            assert_eq!(row.duty.case, row.case.id);
        }
    }
}

/// `du_60` is due last of its time band, and is the largest of it.
fn the_rank_puts_time_before_amount(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let minors = |store: &mut dyn Whole, order, now| -> Vec<i128> {
        let rows = store.duties(&every(order, now)).unwrap();
        let minor = |row: &store::DutyRow| row.case.disputed.unwrap().minor();
        rows.iter().map(minor).collect()
    };
    let mut sorted = minors(&mut *store, DutyOrder::Money, at(0));
    let largest = sorted.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    assert_eq!(largest, sorted);
    // All in one band: by amount alone.
    assert_eq!(minors(&mut *store, DutyOrder::Rank, at(0)), sorted);
    // From here the first six are overdue and the last three are not.
    let now = at(864_000 + 30);
    let ranked = store.duties(&every(DutyOrder::Rank, now)).unwrap();
    let late = |row: &store::DutyRow| row.duty.due_by.latest_instant() < now;
    let overdue: Vec<bool> = ranked.iter().map(late).collect();
    assert_eq!(
        overdue,
        [true, true, true, true, true, true, false, false, false]
    );
}

fn duties_are_counted_as_they_are_listed(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let now = at(864_000 + 30);
    let sums = store.duty_sums(&every(DutyOrder::Time, now)).unwrap();
    assert_eq!(
        (sums.total, sums.overdue, sums.in_a_day, sums.in_three_days),
        (9, 6, 3, 3)
    );
    let filter = CaseFilter::every(100);
    let disputed = store.cases(&filter).unwrap().into_iter();
    let sum = disputed
        .map(|case| case.disputed.unwrap())
        .fold(Money::zero(Currency::USD), |sum, one| {
            sum.checked_add(one).unwrap()
        });
    assert_eq!(sums.at_stake, [(sum, 9)]);
    // Overdue, or due within the hour: three days' worth of each.
    assert_eq!(sums.minor_hours, [(Currency::USD, sum.minor() * 72)]);
    let one = DutyQuery {
        assigned_to: Some(String::new()),
        provider: Some("acme".into()),
        stage: Some("chargeback".into()),
        due_before: Some(now),
        ..every(DutyOrder::Time, now)
    };
    let narrowed = store.duty_sums(&one).unwrap();
    assert_eq!((narrowed.total, narrowed.overdue), (6, 6));
    assert_eq!(narrowed.at_stake[0].1, 6);
    assert_eq!(store.duties(&one).unwrap().len(), 6);
    let rest = DutyQuery {
        due_from: Some(now),
        due_before: None,
        ..one.clone()
    };
    let rest_sums = store.duty_sums(&rest).unwrap();
    assert_eq!(
        (rest_sums.total, rest_sums.overdue, rest_sums.in_three_days),
        (3, 0, 3)
    );
    assert_eq!(store.duties(&rest).unwrap().len(), 3);
    // What is narrowed to everything adds up as what is not narrowed.
    let all = DutyQuery {
        assigned_to: Some(String::new()),
        ..every(DutyOrder::Time, now)
    };
    assert_eq!(store.duty_sums(&all).unwrap(), sums);
    let nobodys = DutyQuery {
        assigned_to: Some("ann".into()),
        ..one
    };
    assert_eq!(store.duty_sums(&nobodys).unwrap().total, 0);
    assert!(store.duties(&nobodys).unwrap().is_empty());
}

fn a_merchant_sees_the_duties_of_their_accounts_alone(place: &Place) {
    let mut store = place.open();
    own_two(&mut *store);
    fill(
        &mut *store,
        &[
            ("acct_1", 1),
            ("acct_2", 2),
            ("acct_2", 3),
            ("acct_t", 4),
            ("acct_d", 5),
        ],
    );
    let mut check = |merchant: u32, live: bool, accounts: &[&str]| {
        let id = id("mer", merchant);
        store.look_as(&Sight::Merchant { id, live }).unwrap();
        let nobodys = DutyQuery {
            assigned_to: Some(String::new()),
            ..every(DutyOrder::Time, at(0))
        };
        let later = DutyQuery {
            due_from: Some(at(0)),
            ..every(DutyOrder::Time, at(0))
        };
        let queries = [DutyOrder::Rank, DutyOrder::Time, DutyOrder::Money]
            .map(|order| every(order, at(0)))
            .into_iter()
            .chain([nobodys, later]);
        for query in queries {
            let rows = store.duties(&query).unwrap();
            let mut found: Vec<_> = rows.iter().map(|row| &row.duty.scope.account).collect();
            found.sort();
            assert_eq!(found, accounts, "{merchant} {live} {query:?}");
            let sums = store.duty_sums(&query).unwrap();
            let count = u64::try_from(accounts.len()).unwrap();
            assert_eq!(sums.total, count, "{merchant} {live} {query:?}");
            let cases: u64 = sums.at_stake.iter().map(|(_, cases)| cases).sum();
            assert_eq!(cases, count, "{merchant} {live} {query:?}");
        }
    };
    check(1, true, &["acct_1"]);
    check(2, true, &["acct_2", "acct_2"]);
    check(1, false, &["acct_t"]);
    check(2, false, &[]);
}

fn open_cases_add_up(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let sums = store.open_sums().unwrap();
    let cases: u64 = sums.iter().map(|sum| sum.cases).sum();
    assert_eq!(cases, 9);
    assert_eq!(sums[0].stage, "chargeback");
    assert_eq!(sums[0].status, "ours");
    let rows = store.cases(&CaseFilter::every(100)).unwrap();
    let divergent: Vec<_> = rows.iter().filter_map(|row| row.divergence).collect();
    let sums = store.divergence_sums().unwrap();
    let counted: u64 = sums.iter().map(|(_, cases)| cases).sum();
    assert_eq!(counted, u64::try_from(divergent.len()).unwrap());
    let query = store::CaseQuery {
        divergent: true,
        ..store::CaseQuery::newest(100)
    };
    let listed = store.list_cases(&query).unwrap().rows;
    assert_eq!(listed.len(), divergent.len());
}

fn findings_add_up_and_are_paged_by_amount(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let rows = store.findings(true, u32::MAX).unwrap();
    assert!(!rows.is_empty());
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in &rows {
        let cause = (
            row.finding.kind.name().to_owned(),
            row.finding.fingerprint.clone(),
        );
        *expected.entry(cause).or_default() += 1;
    }
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    for sum in store.finding_sums().unwrap() {
        *found.entry((sum.kind, sum.fingerprint)).or_default() += sum.findings;
    }
    assert_eq!(found, expected);
    let mut query = FindingQuery {
        kind: None,
        fingerprint: None,
        provider: Some("acme".into()),
        after: None,
        limit: 4,
    };
    let mut listed = Vec::new();
    loop {
        let page = store.list_findings(&query).unwrap();
        let Some((last, _)) = page.last() else { break };
        let minor = last.finding.amount.map_or(0, |amount| amount.abs().minor());
        query.after = Some((i64::try_from(minor).unwrap(), last.id.to_string()));
        listed.extend(page.into_iter().map(|(row, _)| row.id));
    }
    assert_eq!(listed.len(), rows.len());
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), rows.len());
    query.after = None;
    query.kind = Some("never".into());
    assert!(store.list_findings(&query).unwrap().is_empty());
}

fn balances_of_cases_are_folded_into_their_account(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let mut expected: BTreeMap<(Account, Layer), Money> = BTreeMap::new();
    for leg in store.balances().unwrap() {
        let whole = Account {
            case: None,
            ..leg.account.clone()
        };
        let zero = Money::zero(whole.currency);
        let sum = expected.entry((whole, leg.layer)).or_insert(zero);
        *sum = sum.checked_add(leg.amount).unwrap();
    }
    let found: BTreeMap<(Account, Layer), Money> = store
        .balance_sums()
        .unwrap()
        .into_iter()
        .map(|leg| ((leg.account, leg.layer), leg.amount))
        .collect();
    assert_eq!(found, expected);
    let account = Account::new(
        AccountKind::DisputeReceivable,
        "acme",
        "acct_2",
        Currency::USD,
    );
    let first = store.balances_under(&account, None, 2).unwrap();
    let path = first[1].account.path();
    let rest = store.balances_under(&account, Some(&path), 100).unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    let all = first.into_iter().chain(rest);
    let sum = all.fold(Money::zero(Currency::USD), |sum, leg| {
        assert_eq!(leg.account.account, "acct_2");
        sum.checked_add(leg.amount).unwrap()
    });
    assert_eq!(sum, expected[&(account, Layer::Posted)]);
}

fn documents_are_listed_newest_first(place: &Place) {
    let mut store = place.open();
    let all = DocumentQuery {
        scope: None,
        fate: None,
        own: false,
        before: None,
        limit: 100,
    };
    assert!(store.list_documents(&all).unwrap().is_empty());
    assert_eq!(store.sequence_at(at(0)).unwrap(), 1);
    for n in 1..=5 {
        take(&mut *store, &[opening(n)], at(i64::from(n) * 10));
    }
    let unread = crate::world::document("nothing of ours", at(60));
    store.append(&[unread]).unwrap();
    work(&mut *store, at(61)).unwrap();
    let held = store::NewDocument {
        trusted: false,
        ..crate::world::document(&opening(7), at(70))
    };
    store.append(&[held]).unwrap();
    let listed = store.list_documents(&all).unwrap();
    let numbers: Vec<u64> = listed.iter().map(|row| row.sequence).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    let fates: Vec<Fate> = listed.iter().map(|row| row.fate).take(3).collect();
    assert_eq!(fates, [Fate::Quarantined, Fate::Rejected, Fate::Applied]);
    let page = DocumentQuery {
        before: Some(4),
        scope: Some(account("acct_1")),
        fate: Some(Fate::Applied),
        limit: 2,
        ..all.clone()
    };
    let numbers = |store: &mut dyn Whole, query: &DocumentQuery| -> Vec<u64> {
        let rows = store.list_documents(query).unwrap();
        rows.iter().map(|row| row.sequence).collect()
    };
    assert_eq!(numbers(&mut *store, &page), [3, 2]);
    let held = DocumentQuery {
        fate: Some(Fate::Quarantined),
        ..all.clone()
    };
    assert_eq!(numbers(&mut *store, &held), [7]);
    let elsewhere = DocumentQuery {
        scope: Some(account("acct_9")),
        ..all
    };
    assert!(numbers(&mut *store, &elsewhere).is_empty());
    assert_eq!(store.sequence_at(at(0)).unwrap(), 1);
    assert_eq!(store.sequence_at(at(30)).unwrap(), 3);
    assert_eq!(store.sequence_at(at(31)).unwrap(), 4);
    assert_eq!(store.sequence_at(at(99)).unwrap(), 8);
    assert_eq!(store.scopes().unwrap(), [account("acct_1")]);
    let both = [account("acct_1"), account("acct_9")];
    assert_eq!(store.last_document().unwrap(), 7);
    let heard = store.heard_from(&both, 4, u32::MAX).unwrap();
    assert_eq!(heard, [(account("acct_1"), 4), (account("acct_9"), 0)]);
    let heard = store.heard_from(&both, 4, 3).unwrap();
    assert_eq!(heard, [(account("acct_1"), 3), (account("acct_9"), 0)]);
    let last = store.last_arrivals(&both).unwrap();
    let last: Vec<(Scope, u64)> = last
        .into_iter()
        .map(|row| (row.scope, row.sequence))
        .collect();
    assert_eq!(last, [(account("acct_1"), 7)]);
    let recent: u64 = store
        .arrivals_from(5)
        .unwrap()
        .iter()
        .map(|row| row.documents)
        .sum();
    assert_eq!(recent, 3);
    let troubled = store.troubled().unwrap();
    let fates: Vec<(Fate, u64)> = troubled
        .iter()
        .map(|row| (row.fate, row.documents))
        .collect();
    assert_eq!(fates, [(Fate::Quarantined, 1), (Fate::Rejected, 1)]);
}

fn entries_are_listed_newest_first(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let mut expected = store.entries_after(None, u32::MAX).unwrap();
    expected.reverse();
    let mut query = EntryQuery {
        scope: None,
        before: None,
        limit: 4,
    };
    let mut listed = Vec::new();
    loop {
        let page = store.list_entries(&query).unwrap();
        let Some((number, _)) = page.last() else {
            break;
        };
        query.before = Some(*number);
        listed.extend(page.into_iter().map(|(_, row)| row));
    }
    assert_eq!(listed, expected);
    query = EntryQuery {
        scope: Some(account("acct_3")),
        before: None,
        limit: 100,
    };
    assert_eq!(store.list_entries(&query).unwrap().len(), 6);
}

/// Each movement once, by when it happened, of all accounts or of one, on both sides of a place.
fn movements_are_listed_by_time(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let rows = store.entries_after(None, u32::MAX).unwrap();
    let moves = |row: &&EntryRow| row.case.is_some() && row.ordinal == 1 && row.key != "resolution";
    let mut expected: Vec<(Instant, usize, &EntryRow)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| moves(row))
        .map(|(number, row)| (row.effective_at, number, row))
        .collect();
    expected.sort_by_key(|(at, number, _)| std::cmp::Reverse((*at, *number)));
    let expected: Vec<&EntryRow> = expected.into_iter().map(|(_, _, row)| row).collect();
    assert!(expected.len() > 9, "{}", expected.len());
    let all = MovedQuery {
        scope: None,
        from: None,
        before: None,
        currency: None,
        beside: None,
        limit: 4,
    };
    let mut listed: Vec<Moved> = Vec::new();
    loop {
        let beside = listed.last().map(|last| Beside::After(last.at));
        let page = store
            .list_moved(&MovedQuery {
                beside,
                ..all.clone()
            })
            .unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    let keys = |listed: &[Moved]| -> Vec<(CaseId, String)> {
        let pair = |moved: &Moved| (moved.case.clone(), moved.key.clone());
        listed.iter().map(pair).collect()
    };
    let wanted: Vec<(CaseId, String)> = expected
        .iter()
        .map(|row| (row.case.clone().unwrap(), row.key.clone()))
        .collect();
    assert_eq!(keys(&listed), wanted);
    for moved in &listed {
        assert_eq!(
            store.moved_at(&moved.case, &moved.key).unwrap(),
            Some(moved.at)
        );
    }
    assert_eq!(store.moved_at(&listed[0].case, "none").unwrap(), None);
    // Away from a place, the nearest first.
    let beside = Some(Beside::Before(listed[3].at));
    let before = store
        .list_moved(&MovedQuery {
            beside,
            limit: 2,
            ..all.clone()
        })
        .unwrap();
    assert_eq!(before, [listed[2].clone(), listed[1].clone()]);
    let mut count = |query: MovedQuery| store.list_moved(&query).unwrap().len();
    let whole = || MovedQuery {
        limit: u32::MAX,
        ..all.clone()
    };
    let scope = Some(account("acct_3"));
    let of_account = expected
        .iter()
        .filter(|row| Some(&row.scope) == scope.as_ref())
        .count();
    assert_eq!(count(MovedQuery { scope, ..whole() }), of_account);
    let middle = listed[4].at.at;
    let later = expected
        .iter()
        .filter(|row| row.effective_at >= middle)
        .count();
    assert_eq!(
        count(MovedQuery {
            from: Some(middle),
            ..whole()
        }),
        later
    );
    assert_eq!(
        count(MovedQuery {
            before: Some(middle),
            ..whole()
        }),
        listed.len() - later
    );
    assert_eq!(
        count(MovedQuery {
            currency: Some(Currency::JPY),
            ..whole()
        }),
        0
    );
    assert_eq!(
        count(MovedQuery {
            currency: Some(Currency::USD),
            ..whole()
        }),
        listed.len()
    );
}

fn what_changed_since_is_counted(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &DESK);
    let found = store.findings(true, u32::MAX).unwrap();
    let all = store.since(at(0)).unwrap();
    assert_eq!(all.cases_opened, 9);
    assert_eq!(all.findings_opened, u64::try_from(found.len()).unwrap());
    assert!(all.cases_ended.is_empty());
    let none = store.since(at(1_000_000)).unwrap();
    assert_eq!((none.cases_opened, none.findings_opened), (0, 0));
    assert!(store.log_size().unwrap() > 0);
}
