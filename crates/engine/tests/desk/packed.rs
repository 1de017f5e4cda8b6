//! Documents that come gzip-packed: kept as they came, read unpacked.

use crate::{Desk, desk, opened};
use store::{Fate, Store, StoredDocument};

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut gz = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    gz.extend(miniz_oxide::deflate::compress_to_vec(plain, 6));
    gz.extend(crc32fast::hash(plain).to_le_bytes());
    gz.extend(u32::try_from(plain.len()).unwrap().to_le_bytes());
    gz
}

fn only(desk: &mut Desk) -> StoredDocument {
    let mut documents = desk.engine.store.documents_from(1, 10).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

#[test]
fn a_packed_document_is_kept_as_it_came_and_read_unpacked() {
    let mut desk = desk();
    let body = packed(opened().as_bytes());
    desk.bring(body.clone());
    let kept = only(&mut desk);
    assert_eq!((kept.fate, &kept.document.body), (Fate::Applied, &body));
    let case = desk.case();
    assert_eq!(case.disputed.unwrap().to_string(), "12.34 USD");
    // Spans are of what is in it: the lines partition the unpacked text.
    let facts = desk.engine.open("dp-1").unwrap().facts;
    let ends = facts.iter().map(|fact| fact.span.until).max();
    assert_eq!(ends, Some(u32::try_from(opened().len()).unwrap()));
    assert!(opened().len() > body.len());
    desk.sound();
}

#[test]
fn what_is_cut_is_held_as_it_came() {
    let mut desk = desk();
    let mut body = packed(opened().as_bytes());
    body.truncate(body.len() - 9);
    desk.bring(body.clone());
    let kept = only(&mut desk);
    assert_eq!((kept.fate, kept.form.as_str()), (Fate::Quarantined, "gzip"));
    assert_eq!(kept.trouble, "the gzip file ends before its data do");
    assert_eq!(kept.document.body, body);
    desk.sound();
}
