use crate::open::Place;
use crate::world::{account, at, document, line, opening, take, work};
use store::{Error, Fate, Intake, Leaf, Way};

crate::over_every_database! {
    a_document_comes_back_as_it_came
    the_same_content_twice_is_one_row
    the_same_bytes_are_two_documents_on_two_accounts_or_ways
    a_document_that_cannot_be_trusted_waits_for_a_decision
    a_trusted_copy_releases_what_was_only_untrusted
    a_decision_about_what_is_already_processed_is_refused
    rejects_are_kept_with_their_spans
    nothing_of_a_body_or_header_is_readable_at_rest
    files_are_sealed_and_named_by_content
    a_document_over_the_bound_is_refused
}

fn a_document_comes_back_as_it_came(place: &Place) {
    let mut store = place.open();
    let mut sent = document("first", at(0));
    sent.headers.push(("X-Empty".into(), String::new()));
    sent.body = (0..=255).cycle().take(70_000).collect();
    let second = document("second", at(1));
    let appended = store.append(&[sent.clone(), second]).unwrap();
    drop(store);
    let mut store = place.open();
    let pending = store.pending(10).unwrap();
    let order: Vec<u64> = pending.iter().map(|stored| stored.sequence).collect();
    assert_eq!(order, [1, 2]);
    assert_eq!(pending[0].document, sent);
    assert_eq!(pending[0].fate, Fate::Pending);
    assert_eq!(pending[0].arrivals, 1);
    assert_eq!(
        store.document(&appended[0].id).unwrap().unwrap(),
        pending[0]
    );
    assert_eq!(store.documents_from(2, 10).unwrap(), pending[1..]);
    assert_eq!(store.pending(1).unwrap().len(), 1);
}

/// F-09: a webhook sent twice. The second arrival is counted and nothing else.
fn the_same_content_twice_is_one_row(place: &Place) {
    let mut store = place.open();
    let body = document("once", at(0));
    let mut later = document("once", at(60));
    later.headers.clear();
    let together = store.append(&[body.clone(), later.clone()]).unwrap();
    assert_eq!(
        (together[0].duplicate, together[1].duplicate),
        (false, true)
    );
    let again = store.append(&[later]).unwrap();
    assert_eq!(again[0].id, together[0].id);
    assert!(again[0].duplicate);
    let kept = store.documents_from(1, 10).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].arrivals, 3);
    assert_eq!(kept[0].document, body, "the first arrival is what is kept");
    let intake = Intake {
        scope: body.scope,
        way: Way::Webhook,
        fate: Fate::Pending,
        documents: 1,
        arrivals: 3,
    };
    assert_eq!(store.intake().unwrap(), [intake]);
}

fn the_same_bytes_are_two_documents_on_two_accounts_or_ways(place: &Place) {
    let mut store = place.open();
    let one = document("same", at(0));
    let mut other_account = one.clone();
    other_account.scope = account("acct_2");
    let mut other_way = one.clone();
    other_way.way = Way::Api;
    let appended = store.append(&[one, other_account, other_way]).unwrap();
    assert!(appended.iter().all(|it| !it.duplicate));
    assert_eq!(store.documents_from(1, 10).unwrap().len(), 3);
}

fn a_document_that_cannot_be_trusted_waits_for_a_decision(place: &Place) {
    let mut store = place.open();
    let mut forged = document(&opening(1), at(0));
    forged.trusted = false;
    forged.verdict = "mismatch".into();
    forged.verdict_detail = "no secret matches".into();
    let id = store.append(&[forged]).unwrap().remove(0).id;
    assert!(store.pending(10).unwrap().is_empty());
    let held = store.documents_with(Fate::Quarantined, 10).unwrap();
    assert_eq!(held[0].trouble, "no secret matches");
    let leaf = Leaf("decide pending".into());
    store
        .decide(&id, Fate::Pending, "the secret was late", &leaf)
        .unwrap();
    assert_eq!(store.pending(10).unwrap()[0].trouble, "the secret was late");
    assert_eq!(store.leaves(0, 10).unwrap(), [leaf.0.as_bytes()]);
    work(&mut *store, at(5)).unwrap();
    assert_eq!(store.document(&id).unwrap().unwrap().fate, Fate::Applied);
}

/// A forged copy that comes first must not hold the genuine document that follows.
fn a_trusted_copy_releases_what_was_only_untrusted(place: &Place) {
    let mut store = place.open();
    let genuine = document("genuine", at(9));
    let mut forged = genuine.clone();
    forged.trusted = false;
    forged.verdict = "missing".into();
    store.append(&[forged.clone()]).unwrap();
    store.append(&[forged.clone()]).unwrap();
    assert!(store.pending(10).unwrap().is_empty());
    store.append(&[genuine]).unwrap();
    let pending = store.pending(10).unwrap();
    assert_eq!(
        (pending[0].arrivals, pending[0].document.verdict.as_str()),
        (3, "valid")
    );
    store.append(&[forged]).unwrap();
    assert_eq!(
        store.pending(10).unwrap().len(),
        1,
        "trust is not lost again"
    );
}

fn a_decision_about_what_is_already_processed_is_refused(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    let id = store.documents_from(1, 1).unwrap().remove(0).id;
    let leaf = Leaf("decide".into());
    let before = store.leaves(0, 100).unwrap().len();
    let told = store
        .decide(&id, Fate::Pending, "again", &leaf)
        .unwrap_err();
    assert!(matches!(told, Error::Conflict { .. }), "{told}");
    assert_eq!(
        store.leaves(0, 100).unwrap().len(),
        before,
        "no leaf without its effect"
    );
    store
        .decide(&id, Fate::Superseded, "a corrected file came", &leaf)
        .unwrap();
    let absent = dispute::id::DocumentId::of(&["nobody"]);
    let told = store.decide(&absent, Fate::Pending, "", &leaf).unwrap_err();
    assert!(matches!(told, Error::Absent { .. }), "{told}");
}

fn rejects_are_kept_with_their_spans(place: &Place) {
    let mut store = place.open();
    let body = format!(
        "{}\nno line at all\n",
        line(1, 0, "phase stage=chargeback standing=ours")
    );
    let commit = take(&mut *store, &[body.clone()], at(0));
    let rejects = store.rejects(&commit.processed[0].document).unwrap();
    assert_eq!(rejects, commit.processed[0].rejects);
    let span = rejects[0].span;
    let quoted = &body[span.from as usize..span.until as usize];
    assert_eq!(quoted, "no line at all\n");
}

fn nothing_of_a_body_or_header_is_readable_at_rest(place: &Place) {
    let mut store = place.open();
    let secret = "Payer 1 wrote from payer1@example.com";
    let note = format!(
        "noted at={} by=operator auth=own scope=acme/acct_1 ref.dispute=du_1 text={} author=op_1",
        at(0),
        secret.replace(' ', "%20")
    );
    let saved = format!(
        "evidence-saved at={} by=merchant auth=own scope=acme/acct_1 ref.dispute=du_1 version=1 slot=customer text={}",
        at(1),
        secret.replace(' ', "%20")
    );
    let mut sent = document(&format!("{note}\n{saved}"), at(0));
    sent.headers.push(("X-From".into(), secret.into()));
    store.append(&[sent]).unwrap();
    let commit = work(&mut *store, at(2)).unwrap();
    let family = commit.families[0].family.clone();
    assert_eq!(
        store.facts_of_family(&family).unwrap().len(),
        2,
        "and yet they read back"
    );
    let sealed = [
        "SELECT sealed FROM document_bodies",
        "SELECT sealed FROM facts",
    ];
    for bytes in sealed.iter().flat_map(|sql| place.raw(sql)) {
        for part in [&b"payer1@example.com"[..], b"Payer", b"noted", b"X-From"] {
            assert!(!bytes.windows(part.len()).any(|window| window == part));
        }
    }
}

fn files_are_sealed_and_named_by_content(place: &Place) {
    let mut store = place.open();
    let content = b"%PDF- receipt of Merchant 1";
    let digest = dispute::id::sha256_hex(content);
    let scope = account("acct_1");
    store.put_blob(&scope, &digest, content).unwrap();
    store.put_blob(&scope, &digest, content).unwrap();
    assert_eq!(store.blob(&scope, &digest).unwrap().unwrap(), content);
    assert_eq!(
        store.blob(&account("acct_2"), &digest).unwrap(),
        None,
        "another tenant's"
    );
    for bytes in place.raw("SELECT sealed FROM blobs") {
        assert!(!bytes.windows(7).any(|window| window == b"receipt"));
    }
}

fn a_document_over_the_bound_is_refused(place: &Place) {
    let mut store = place.open();
    let mut large = document("", at(0));
    large.body = vec![0; store::DOCUMENT_BYTES_MAX + 1];
    let told = store
        .append(&[document("small", at(0)), large])
        .unwrap_err();
    assert!(matches!(told, Error::TooLarge { .. }), "{told}");
    assert!(
        store.pending(10).unwrap().is_empty(),
        "all of a call or nothing"
    );
}
