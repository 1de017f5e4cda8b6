//! Lists of cases, and who sees them.

use crate::open::Place;
use crate::samples::{delivery, endpoint, event, file, id, key, leaf, merchant, once, owned};
use crate::world::{account, at, document, opening, take};
use dispute::id::CaseId;
use store::{CasePage, CaseQuery, Cursor, Error, Sight, Whole};

crate::over_every_database! {
    every_filter_narrows
    a_list_is_paged_both_ways
    a_case_is_found_by_its_names
    a_sight_hides_what_is_not_its_own
    a_merchant_of_many_accounts_sees_them_all
    one_large_account_among_many_is_listed_whole
    writes_run_beneath_the_sight
}

pub fn query() -> CaseQuery {
    CaseQuery::newest(100)
}

/// The opening of dispute `du_<n>` in another account.
fn of_account(name: &str, n: u32) -> store::NewDocument {
    let mut body = document(
        &opening(n).replace("acme/acct_1", &format!("acme/{name}")),
        at(0),
    );
    body.scope = account(name);
    body
}

pub fn fill(store: &mut dyn Whole, of: &[(&str, u32)]) {
    let bodies: Vec<_> = of.iter().map(|(name, n)| of_account(name, *n)).collect();
    store.append(&bodies).unwrap();
    crate::world::work(store, at(100)).unwrap();
}

fn case(name: &str, n: u32) -> CaseId {
    CaseId::of(&["acme", name, &format!("du_{n}")])
}

fn disputes(page: &CasePage) -> Vec<&str> {
    page.rows.iter().map(|row| row.dispute.as_str()).collect()
}

fn every_filter_narrows(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &[("acct_1", 1), ("acct_1", 2), ("acct_2", 3)]);
    let text = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let all = ["du_3", "du_2", "du_1"];
    let q = query;
    let checks: Vec<(CaseQuery, &[&str])> = vec![
        (q(), &all),
        (
            CaseQuery {
                statuses: text(&["ours"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                statuses: text(&["won", "lost", "ours", "ours"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                statuses: text(&["won"]),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                stages: text(&["chargeback"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                stages: text(&["inquiry"]),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                providers: text(&["acme"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                providers: text(&["other"]),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                accounts: vec![account("acct_2")],
                ..q()
            },
            &["du_3"],
        ),
        (
            CaseQuery {
                accounts: vec![account("acct_1"), account("acct_2")],
                statuses: text(&["ours"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                accounts: vec![account("acct_3")],
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                networks: text(&["visa"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                networks: text(&["amex"]),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                reasons: text(&["fraudulent"]),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                reasons: text(&["duplicate"]),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                assigned_to: Some("op_1".into()),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                assigned_to: Some(String::new()),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                due_before: Some(at(864_002)),
                ..q()
            },
            &["du_1"],
        ),
        (
            CaseQuery {
                due_before: Some(at(0)),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                changed_since: Some(at(500)),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                opened_from: Some(at(2)),
                ..q()
            },
            &["du_3", "du_2"],
        ),
        (
            CaseQuery {
                opened_before: Some(at(2)),
                ..q()
            },
            &["du_1"],
        ),
        (
            CaseQuery {
                amount: Some((1_202, 1_202)),
                ..q()
            },
            &["du_2"],
        ),
        (
            CaseQuery {
                amount: Some((0, 1)),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                currency: Some("USD".into()),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                currency: Some("EUR".into()),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                reference: Some("ch_2".into()),
                ..q()
            },
            &["du_2"],
        ),
        (
            CaseQuery {
                reference: Some("ch_".into()),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                text: Some("ch_".into()),
                ..q()
            },
            &all,
        ),
        (
            CaseQuery {
                text: Some("ch_3".into()),
                ..q()
            },
            &["du_3"],
        ),
        (
            CaseQuery {
                text: Some("h_3".into()),
                ..q()
            },
            &[],
        ),
        (
            CaseQuery {
                text: Some("ch_".into()),
                amount: Some((1_303, 1_303)),
                statuses: text(&["ours"]),
                ..q()
            },
            &["du_3"],
        ),
        (
            CaseQuery {
                networks: text(&["visa"]),
                reasons: text(&["fraudulent"]),
                statuses: text(&["won"]),
                ..q()
            },
            &[],
        ),
    ];
    for (query, expected) in checks {
        let found = store.list_cases(&query).unwrap();
        assert_eq!(disputes(&found), expected, "{query:?}");
        assert!(!found.more);
    }
}

/// Pages of every size from either end come to the whole list; cases opened at one instant are in order of id.
fn a_list_is_paged_both_ways(place: &Place) {
    let mut store = place.open();
    let of: Vec<(String, u32)> = (0..9).map(|n| (format!("acct_{n}"), n / 3 + 1)).collect();
    let of: Vec<(&str, u32)> = of.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    fill(&mut *store, &of);
    let whole: Vec<CaseId> = store
        .list_cases(&query())
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(whole.len(), 9);
    let filters = [
        query(),
        CaseQuery {
            statuses: vec!["ours".into()],
            ..query()
        },
        CaseQuery {
            text: Some("du_".into()),
            ..query()
        },
        CaseQuery {
            accounts: of.iter().map(|(name, _)| account(name)).collect(),
            ..query()
        },
    ];
    for filter in filters {
        for limit in 1..=10 {
            comes_whole_both_ways(&mut *store, &filter, limit, &whole);
        }
    }
    let nobody = Cursor::After(CaseId::of(&["nobody"]));
    let told = store.list_cases(&CaseQuery {
        cursor: nobody,
        ..query()
    });
    assert!(matches!(told, Err(Error::Absent { .. })), "{told:?}");
}

/// Pages of this size from either end come to the whole list.
#[track_caller]
fn comes_whole_both_ways(store: &mut dyn Whole, filter: &CaseQuery, limit: u32, whole: &[CaseId]) {
    let (mut forward, mut cursor) = (Vec::new(), Cursor::Start);
    loop {
        let page = store
            .list_cases(&CaseQuery {
                cursor,
                limit,
                ..filter.clone()
            })
            .unwrap();
        forward.extend(page.rows.into_iter().map(|row| row.id));
        assert_eq!(page.more, forward.len() < whole.len());
        cursor = Cursor::After(forward.last().unwrap().clone());
        if !page.more {
            break;
        }
    }
    assert_eq!(forward, whole);
    let (mut back, mut first) = (Vec::new(), whole.last().unwrap().clone());
    loop {
        let cursor = Cursor::Before(first);
        let page = store
            .list_cases(&CaseQuery {
                cursor,
                limit,
                ..filter.clone()
            })
            .unwrap();
        let mut rows: Vec<CaseId> = page.rows.into_iter().map(|row| row.id).collect();
        first = rows.first().unwrap().clone();
        rows.extend(back);
        back = rows;
        if !page.more {
            break;
        }
    }
    assert_eq!(back, whole[..whole.len() - 1]);
}

fn a_case_is_found_by_its_names(place: &Place) {
    let mut store = place.open();
    fill(&mut *store, &[("acct_1", 1), ("acct_1", 2), ("acct_2", 2)]);
    let one = case("acct_1", 1);
    for name in [one.as_str(), "du_1"] {
        assert_eq!(store.case_named(name).unwrap().unwrap().id, one, "{name}");
    }
    for name in ["ch_1", "du_2", "du_", "", "dp_"] {
        assert_eq!(store.case_named(name).unwrap(), None, "{name}");
    }
    own_two(&mut *store);
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 2),
            live: true,
        })
        .unwrap();
    assert_eq!(
        store.case_named("du_2").unwrap().unwrap().id,
        case("acct_2", 2),
        "one of the two is not seen"
    );
    assert_eq!(store.case_named(one.as_str()).unwrap(), None);
}

pub fn own_two(store: &mut dyn Whole) {
    for number in [1, 2] {
        store.put_merchant(&merchant(number), &leaf("x")).unwrap();
    }
    for (name, number, live) in [
        ("acct_1", 1, true),
        ("acct_2", 2, true),
        ("acct_t", 1, false),
    ] {
        store.own(&owned(name, number, live), &leaf("x")).unwrap();
    }
}

/// Everything that a store reads, under each sight: as many rows as are its own.
fn a_sight_hides_what_is_not_its_own(place: &Place) {
    let mut store = place.open();
    own_two(&mut *store);
    let of = [("acct_1", 1), ("acct_2", 2), ("acct_t", 3), ("acct_d", 4)];
    fill(&mut *store, &of);
    let events: Vec<_> = (1..)
        .zip(of)
        .map(|(at, (name, n))| event(at, name, n, 1))
        .collect();
    let tenants = [
        (Some(id("mer", 1)), true),
        (Some(id("mer", 2)), true),
        (Some(id("mer", 1)), false),
        (None, true),
    ];
    for (number, (merchant, live)) in (1..).zip(&tenants) {
        let merchant = merchant.as_deref();
        store
            .put_endpoint(&endpoint(number, merchant, *live), None)
            .unwrap();
        store
            .put_key(&key(number, merchant, *live), &leaf("x"))
            .unwrap();
        store
            .put_file(&file(number, merchant, *live), &leaf("x"))
            .unwrap();
    }
    let deliveries: Vec<_> = (1..=4).map(|n| delivery(n, n)).collect();
    store.publish(&events, &deliveries, 4).unwrap();
    store.put_once(&once("k")).unwrap();
    for (name, n) in of {
        store
            .put_metadata(case(name, n).as_str(), "{}", &leaf("x"))
            .unwrap();
    }
    store.checkpoint(at(9)).unwrap();
    // Which of the four tenants each sight sees.
    let me = id("mer", 1);
    let sights: [(Sight, &[usize]); 6] = [
        (Sight::All, &[0, 1, 2, 3]),
        (
            Sight::Merchant {
                id: me.clone(),
                live: true,
            },
            &[0],
        ),
        (
            Sight::Merchant {
                id: me,
                live: false,
            },
            &[2],
        ),
        (Sight::Mode { live: true }, &[0, 1, 3]),
        (Sight::Mode { live: false }, &[2]),
        (
            Sight::Merchant {
                id: "' OR '' = '".into(),
                live: true,
            },
            &[],
        ),
    ];
    for (sight, expected) in sights {
        store.look_as(&sight).unwrap();
        assert_eq!(seen(&mut *store, &of), expected, "{sight:?}");
        let is_merchant = matches!(sight, Sight::Merchant { .. });
        assert_eq!(store.leaves(0, 100).unwrap().is_empty(), is_merchant);
        assert_eq!(store.balances().unwrap().is_empty(), is_merchant);
        assert_eq!(store.checkpoints().unwrap().is_empty(), is_merchant);
        let mine = expected.contains(&0);
        assert_eq!(
            store.once(&once("k").tenant, "k").unwrap().is_some(),
            mine || sight == Sight::Mode { live: false }
        );
    }
    store.look_as(&Sight::All).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// The tenants of which anything is seen, the same through every method.
#[track_caller]
fn seen(store: &mut dyn Whole, of: &[(&str, u32)]) -> Vec<usize> {
    let place = |name: &str| of.iter().position(|(known, _)| *known == name).unwrap();
    let sorted = |mut all: Vec<usize>| {
        all.sort();
        all.dedup();
        all
    };
    let accounts =
        |all: Vec<dispute::fact::Scope>| sorted(all.iter().map(|it| place(&it.account)).collect());
    let listed = store.list_cases(&query()).unwrap();
    let mut ways = vec![
        accounts(listed.rows.iter().map(|row| row.scope.clone()).collect()),
        accounts(
            store
                .cases(&crate::faults::all())
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
        accounts(
            store
                .documents_from(1, 99)
                .unwrap()
                .into_iter()
                .map(|it| it.document.scope)
                .collect(),
        ),
        accounts(
            store
                .entries_after(None, 99)
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
        accounts(
            store
                .obligations(None, None, 99)
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
        accounts(
            store
                .timers_due(at(9_000_000), 99)
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
        accounts(
            store
                .intake()
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
        accounts(
            store
                .find_cases("du_", 99)
                .unwrap()
                .into_iter()
                .map(|it| it.scope)
                .collect(),
        ),
    ];
    // Empty where the small desk of these tests derives none for anybody.
    ways.retain(|way| !way.is_empty());
    let events = store.events_between(1, 9, 9).unwrap();
    ways.push(accounts(events.into_iter().map(|it| it.scope).collect()));
    let numbered = |ids: Vec<String>| {
        sorted(
            ids.iter()
                .map(|id| id[id.len() - 1..].parse::<usize>().unwrap() - 1)
                .collect(),
        )
    };
    ways.push(numbered(
        store
            .endpoints()
            .unwrap()
            .into_iter()
            .map(|it| it.id)
            .collect(),
    ));
    ways.push(numbered(
        store
            .files(&store::FileQuery {
                limit: 9,
                ..Default::default()
            })
            .unwrap()
            .0
            .into_iter()
            .map(|it| it.id)
            .collect(),
    ));
    ways.push(one_by_one(store, of));
    let first = ways.last().unwrap().clone();
    for (number, way) in ways.iter().enumerate() {
        assert_eq!(*way, first, "way {number}");
    }
    first
}

fn one_by_one(store: &mut dyn Whole, of: &[(&str, u32)]) -> Vec<usize> {
    let mut all = Vec::new();
    for (at, (name, n)) in of.iter().enumerate() {
        let (case, number) = (case(name, *n), u32::try_from(at).unwrap() + 1);
        let row = store.case_row(&case).unwrap();
        let reference = dispute::reference::Reference {
            kind: dispute::reference::RefKind::Payment,
            value: format!("ch_{n}"),
        };
        let facts = store.facts_near(&[(account(name), reference)]).unwrap();
        let found = [
            row.is_some(),
            !facts.is_empty(),
            !store.entries_of(&case).unwrap().is_empty(),
            store.endpoint(&id("we", number)).unwrap().is_some(),
            store.file(&id("file", number)).unwrap().is_some(),
            store.event(&id("evt", number)).unwrap().is_some(),
            !store
                .event_versions(std::slice::from_ref(&case))
                .unwrap()
                .is_empty(),
            !store.deliveries(&id("we", number), 9).unwrap().is_empty(),
            store
                .key_by_hash(&format!("hash {number}"))
                .unwrap()
                .is_some(),
            !store
                .metadata(&[case.as_str().to_owned()])
                .unwrap()
                .is_empty(),
        ];
        assert!(
            found.iter().all(|one| *one == found[0]),
            "{name}: {found:?}"
        );
        if found[0] {
            all.push(at);
        }
    }
    all
}

fn a_merchant_of_many_accounts_sees_them_all(place: &Place) {
    let mut store = place.open();
    store.put_merchant(&merchant(1), &leaf("x")).unwrap();
    let names: Vec<String> = (0..70).map(|n| format!("acct_{n}")).collect();
    for name in &names {
        store.own(&owned(name, 1, true), &leaf("x")).unwrap();
    }
    fill(&mut *store, &[("acct_0", 1), ("acct_69", 2), ("other", 3)]);
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 1),
            live: true,
        })
        .unwrap();
    assert_eq!(
        disputes(&store.list_cases(&query()).unwrap()),
        ["du_2", "du_1"]
    );
}

/// Of more accounts than are asked one by one each gives its share of a page first; the large one has more than that on it.
fn one_large_account_among_many_is_listed_whole(place: &Place) {
    let mut store = place.open();
    store.put_merchant(&merchant(1), &leaf("x")).unwrap();
    for number in 0..20 {
        let name = format!("acct_{number}");
        store.own(&owned(&name, 1, true), &leaf("x")).unwrap();
    }
    let names: Vec<String> = (0..70)
        .map(|number| match number % 7 {
            0 => format!("acct_{}", 1 + number % 19),
            _ => String::from("acct_0"),
        })
        .collect();
    let cases: Vec<(&str, u32)> = names.iter().map(String::as_str).zip(1..).collect();
    fill(&mut *store, &cases);
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 1),
            live: true,
        })
        .unwrap();
    let every = CaseQuery {
        limit: 100,
        ..query()
    };
    let whole = store.list_cases(&every).unwrap();
    let expected: Vec<String> = (1..=70).rev().map(|n| format!("du_{n}")).collect();
    assert_eq!(disputes(&whole), expected);
    let whole: Vec<CaseId> = whole.rows.into_iter().map(|row| row.id).collect();
    for limit in [1, 10, 23, 30, 69, 70, 100] {
        comes_whole_both_ways(&mut *store, &query(), limit, &whole);
    }
}

fn writes_run_beneath_the_sight(place: &Place) {
    let mut store = place.open();
    own_two(&mut *store);
    fill(&mut *store, &[("acct_1", 1), ("acct_2", 2)]);
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 2),
            live: true,
        })
        .unwrap();
    let body = of_account("acct_2", 5);
    store.append_once(&once("k"), None, &[body]).unwrap();
    assert_eq!(store.pending(9).unwrap().len(), 1);
    store
        .put_endpoint(&endpoint(1, Some(&id("mer", 2)), true), Some(&leaf("x")))
        .unwrap();
    assert!(store.endpoint(&id("we", 1)).unwrap().is_some());
    assert_eq!(store.list_cases(&query()).unwrap().rows.len(), 1);
    place.sever();
    let _the_first_call_on_a_cut_connection_fails = store.merchants();
    assert_eq!(
        store.list_cases(&query()).unwrap().rows.len(),
        1,
        "a new connection sees no more"
    );
    store.look_as(&Sight::All).unwrap();
    assert_eq!(store.documents_from(1, 9).unwrap().len(), 3);
    take(&mut *store, &[opening(9)], at(7));
    assert_eq!(store.check().unwrap(), [""; 0]);
}
