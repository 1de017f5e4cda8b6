//! Files that people brought, and links to them.

use crate::open::Place;
use crate::samples::{file, id, leaf, merchant};
use crate::world::at;
use store::{Error, FileLink, FileQuery, LinkQuery, Whole};

crate::over_every_database! {
    files_are_listed_both_ways
}

fn files_are_listed_both_ways(place: &Place) {
    let mut store = place.open();
    store.put_merchant(&merchant(1), &leaf("x")).unwrap();
    for number in 1..=5 {
        let merchant = (number == 5).then(|| id("mer", 1));
        store
            .put_file(&file(number, merchant.as_deref(), true), &leaf("x"))
            .unwrap();
    }
    let mut page = |after: Option<u32>, before: Option<u32>, expected: &[u32], more: bool| {
        let query = FileQuery {
            after_id: after.map(|n| id("file", n)),
            before_id: before.map(|n| id("file", n)),
            limit: 2,
            ..FileQuery::default()
        };
        let (found, further) = store.files(&query).unwrap();
        let found: Vec<String> = found.into_iter().map(|file| file.id).collect();
        let expected: Vec<String> = expected.iter().map(|n| id("file", *n)).collect();
        assert_eq!((found, further), (expected, more));
    };
    // Two of each second: by id within it.
    page(None, None, &[4, 5], true);
    page(Some(5), None, &[2, 3], true);
    page(Some(3), None, &[1], false);
    page(None, Some(1), &[2, 3], true);
    page(None, Some(2), &[4, 5], false);
    assert_eq!(store.file_bytes(None).unwrap(), 400);
    assert_eq!(store.file_bytes(Some(&id("mer", 1))).unwrap(), 100);
    let link = FileLink {
        id: id("link", 1),
        file: id("file", 1),
        token_hash: "h".into(),
        created_at: at(0),
        expires_at: None,
    };
    store.put_file_link(&link, &leaf("x")).unwrap();
    let ends = FileLink {
        expires_at: Some(at(9)),
        ..link.clone()
    };
    store.put_file_link(&ends, &leaf("x")).unwrap();
    assert_eq!(store.file_link(&link.id).unwrap(), Some(ends));
    links_are_listed(&mut *store, &link);
    let told = store.put_file_link(
        &FileLink {
            file: id("file", 2),
            ..link
        },
        &leaf("x"),
    );
    assert!(matches!(told, Err(Error::Conflict { .. })), "{told:?}");
}

/// Beside the first link, which ends at 9: two more that were made at once.
fn links_are_listed(store: &mut dyn Whole, first: &FileLink) {
    for (n, of, ends) in [(2, 1, None), (3, 2, Some(at(20)))] {
        let link = FileLink {
            id: id("link", n),
            file: id("file", of),
            token_hash: format!("h{n}"),
            created_at: at(5),
            expires_at: ends,
        };
        store.put_file_link(&link, &leaf("x")).unwrap();
    }
    let mut check = |query: LinkQuery, expected: &[u32], more: bool| {
        let (found, further) = store.file_links(&query).unwrap();
        let found: Vec<String> = found.into_iter().map(|link| link.id).collect();
        let expected: Vec<String> = expected.iter().map(|n| id("link", *n)).collect();
        assert_eq!((found, further), (expected, more), "{query:?}");
    };
    let all = LinkQuery {
        limit: 2,
        ..LinkQuery::default()
    };
    let all = || all.clone();
    check(all(), &[2, 3], true);
    let after_id = Some(id("link", 3));
    check(LinkQuery { after_id, ..all() }, &[1], false);
    let before_id = Some(first.id.clone());
    check(LinkQuery { before_id, ..all() }, &[2, 3], false);
    let file = Some(id("file", 1));
    check(LinkQuery { file, ..all() }, &[2, 1], false);
    let from = Some(at(1));
    check(LinkQuery { from, ..all() }, &[2, 3], false);
    let before = Some(at(5));
    check(LinkQuery { before, ..all() }, &[1], false);
    // An end is the first instant at which it leads nowhere.
    let expired = Some((true, at(9)));
    check(LinkQuery { expired, ..all() }, &[1], false);
    let expired = Some((false, at(9)));
    check(LinkQuery { expired, ..all() }, &[2, 3], false);
}
