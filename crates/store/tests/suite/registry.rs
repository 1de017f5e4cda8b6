//! What a desk keeps beside its disputes.

use crate::open::Place;
use crate::samples::{
    delivery, endpoint, event, file, id, key, leaf, merchant, once, owned, person,
};
use crate::world::{at, document, opening, scope, take};
use dispute::id::FamilyId;
use store::{
    ApiKey, Attempt, Delivery, Endpoint, Errand, Error, Event, EventQuery, Failures, Grant, Once,
    OnceOutcome, Person, Seen, Session, Taken, Whole,
};

crate::over_every_database! {
    what_was_put_is_read_back
    a_person_enters_once_with_a_code
    sessions_end_and_stay_ended
    an_errand_is_taken_once
    a_key_keeps_its_tenant_and_its_end
    a_request_has_one_effect
    a_request_on_a_family_that_moved_is_refused
    two_that_race_have_one_effect
    the_first_answer_stays
    publishing_twice_publishes_once
    a_delivery_is_settled_once
    what_happened_cannot_be_changed
    secrets_are_sealed_and_rotate
    a_lease_has_one_holder
    each_change_leaves_its_leaf
}

fn what_was_put_is_read_back(place: &Place) {
    let mut store = place.open();
    let (m, p, l) = (merchant(1), person(1), &leaf("x"));
    store.put_merchant(&m, l).unwrap();
    assert_eq!(store.merchants().unwrap(), [m.clone()]);
    store.own(&owned("acct_1", 1, true), l).unwrap();
    store.own(&owned("acct_1", 1, false), l).unwrap();
    assert_eq!(store.owned().unwrap(), [owned("acct_1", 1, false)]);
    store.put_person(&p, l).unwrap();
    for found in [
        store.person(&p.id),
        store.person_by_email("person1@example.com"),
        store.person_by_subject("https://id.example.com", "1"),
    ] {
        assert_eq!(found.unwrap(), Some(p.clone()));
    }
    assert_eq!(store.people().unwrap(), [p.clone()]);
    let told = store.put_person(
        &Person {
            id: id("per", 2),
            ..p.clone()
        },
        l,
    );
    assert!(matches!(told, Err(Error::Refused { .. })), "{told:?}");
    let grant = |merchant: Option<&str>| Grant {
        person: p.id.clone(),
        merchant: merchant.map(str::to_owned),
        role: "analyst".into(),
    };
    let (desk, shop) = (grant(None), grant(Some(&m.id)));
    for grant in [&desk, &shop, &shop, &desk] {
        store.put_grant(grant, at(1), l).unwrap();
    }
    assert_eq!(
        store.grants(Some(&p.id)).unwrap(),
        [desk.clone(), shop.clone()]
    );
    store.drop_grant(&desk, at(2), l).unwrap();
    let told = store.drop_grant(&desk, at(1), l);
    assert!(matches!(told, Err(Error::Absent { .. })), "{told:?}");
    assert_eq!(store.grants(None).unwrap(), [shop]);
    let changed = store.person(&p.id).unwrap().unwrap().roles_changed_at;
    assert_eq!(changed, Some(at(2)));
    let failures = |count| Failures {
        about: "person:1".into(),
        count,
        last_at: at(1),
    };
    assert_eq!(store.failures("person:1").unwrap(), None);
    store.put_failures(&failures(1)).unwrap();
    store.put_failures(&failures(2)).unwrap();
    assert_eq!(store.failures("person:1").unwrap(), Some(failures(2)));
    let mut count = |before: Option<u32>, after| {
        let before = before.map(failures);
        store
            .count_failures(before.as_ref(), &failures(after))
            .unwrap()
    };
    assert!(!count(None, 1) && !count(Some(1), 2) && count(Some(2), 3) && !count(Some(2), 3));
    let e = endpoint(1, Some(&m.id), true);
    store.put_endpoint(&e, Some(l)).unwrap();
    assert_eq!(store.endpoint(&e.id).unwrap(), Some(e.clone()));
    assert_eq!(store.endpoints().unwrap(), [e]);
    store.put_metadata("dp_1", r#"{"order":"1"}"#, l).unwrap();
    store.put_metadata("dp_1", r#"{"order":"2"}"#, l).unwrap();
    let asked = ["dp_1".to_owned(), "dp_2".to_owned()];
    assert_eq!(
        store.metadata(&asked).unwrap(),
        [("dp_1".to_owned(), r#"{"order":"2"}"#.to_owned())]
    );
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn a_person_enters_once_with_a_code(place: &Place) {
    let mut store = place.open();
    let p = person(1);
    store.put_person(&p, &leaf("x")).unwrap();
    let steps = [(5, true), (5, false), (4, false), (6, true)];
    for (step, taken) in steps {
        assert_eq!(store.take_totp_step(&p.id, step).unwrap(), taken, "{step}");
    }
    // Written from what was read before: the step does not go back, but for a new secret.
    store.put_person(&p, &leaf("x")).unwrap();
    assert!(!store.take_totp_step(&p.id, 6).unwrap());
    let renewed = Person {
        totp: Some(b"other".to_vec()),
        ..p.clone()
    };
    store.put_person(&renewed, &leaf("x")).unwrap();
    assert!(store.take_totp_step(&p.id, 1).unwrap());
    let leaves = store.leaves(0, 100).unwrap().len();
    assert!(store.take_recovery(&p.id, "h2", &leaf("x")).unwrap());
    assert!(!store.take_recovery(&p.id, "h2", &leaf("x")).unwrap());
    assert_eq!(store.leaves(0, 100).unwrap().len(), leaves + 1);
    assert_eq!(store.person(&p.id).unwrap().unwrap().recovery, ["h1"]);
}

fn sessions_end_and_stay_ended(place: &Place) {
    let mut store = place.open();
    for number in [1, 2] {
        store.put_person(&person(number), &leaf("x")).unwrap();
    }
    let session = |hash: &str, person: u32, seen: i64| Session {
        token_hash: hash.into(),
        person: id("per", person),
        merchant: None,
        live: true,
        created_at: at(0),
        rotated_at: at(0),
        seen_at: at(seen),
        stepped_up_at: None,
        ended_at: None,
    };
    for (hash, person) in [("a", 1), ("b", 1), ("c", 2)] {
        store
            .put_session(&session(hash, person, 1), Some(&leaf("x")))
            .unwrap();
    }
    store.put_session(&session("a", 1, 5), None).unwrap();
    store.put_session(&session("a", 1, 3), None).unwrap();
    assert_eq!(store.session("a").unwrap().unwrap().seen_at, at(5));
    let elsewhere = Session {
        live: false,
        ..session("a", 1, 9)
    };
    for wrong in [session("a", 2, 9), elsewhere] {
        let told = store.put_session(&wrong, None);
        assert!(matches!(told, Err(Error::Conflict { .. })), "{told:?}");
    }
    let next = |hash| Session {
        live: false,
        rotated_at: at(6),
        stepped_up_at: Some(at(6)),
        ..session(hash, 1, 6)
    };
    assert!(store.replace_session("a", &next("d"), None).unwrap());
    assert!(!store.replace_session("a", &next("e"), None).unwrap());
    assert_eq!(store.session("e").unwrap(), None);
    assert_eq!(store.session("d").unwrap(), Some(next("d")));
    assert_eq!(store.session("a").unwrap().unwrap().ended_at, Some(at(6)));
    assert_eq!(
        store
            .end_sessions(&id("per", 1), at(7), &leaf("x"))
            .unwrap(),
        2
    );
    store.put_session(&session("a", 1, 9), None).unwrap();
    let ended: Vec<_> = store.sessions_of(&id("per", 1)).unwrap();
    let at_all = ended.iter().map(|session| session.ended_at);
    assert_eq!(
        at_all.collect::<Vec<_>>(),
        [Some(at(6)), Some(at(7)), Some(at(7))]
    );
    let signed_out = store.person(&id("per", 1)).unwrap().unwrap().signed_out_at;
    assert_eq!(signed_out, Some(at(7)));
    assert_eq!(store.session("c").unwrap().unwrap().ended_at, None);
}

fn an_errand_is_taken_once(place: &Place) {
    let mut store = place.open();
    let errand = |hash: &str, expires: i64| Errand {
        state_hash: hash.into(),
        content: "nonce".into(),
        expires_at: at(expires),
    };
    store.put_errand(&errand("a", 600)).unwrap();
    store.put_errand(&errand("b", 600)).unwrap();
    assert_eq!(store.errand("a").unwrap(), Some(errand("a", 600)));
    assert_eq!(store.take_errand("a").unwrap(), Some(errand("a", 600)));
    assert_eq!(store.take_errand("a").unwrap(), None);
    assert_eq!(store.errand("a").unwrap(), None);
    store.put_errand(&errand("c", 600 + 86_401)).unwrap();
    assert_eq!(store.take_errand("b").unwrap(), None, "forgotten");
}

fn a_key_keeps_its_tenant_and_its_end(place: &Place) {
    let mut store = place.open();
    for number in [1, 2] {
        store.put_merchant(&merchant(number), &leaf("x")).unwrap();
    }
    let (mine, desk) = (key(1, Some(&id("mer", 1)), true), key(2, None, true));
    for key in [&mine, &desk] {
        store.put_key(key, &leaf("x")).unwrap();
    }
    assert_eq!(store.key_by_hash("hash 1").unwrap(), Some(mine.clone()));
    assert_eq!(store.keys(Some(&id("mer", 1))).unwrap(), [mine.clone()]);
    assert_eq!(store.keys(None).unwrap(), [desk]);
    store.key_used(&mine.id, at(5)).unwrap();
    store.key_used(&mine.id, at(3)).unwrap();
    assert_eq!(
        store.key_by_hash("hash 1").unwrap().unwrap().last_used_at,
        Some(at(5))
    );
    let revoked = ApiKey {
        revoked_at: Some(at(9)),
        ..mine.clone()
    };
    store.put_key(&revoked, &leaf("x")).unwrap();
    store
        .put_key(
            &ApiKey {
                label: "Again".into(),
                ..mine.clone()
            },
            &leaf("x"),
        )
        .unwrap();
    let found = store.key_by_hash("hash 1").unwrap().unwrap();
    assert_eq!(
        (found.label.as_str(), found.revoked_at),
        ("Again", Some(at(9)))
    );
    for wrong in [
        ApiKey {
            merchant: Some(id("mer", 2)),
            ..mine.clone()
        },
        ApiKey {
            merchant: None,
            ..mine.clone()
        },
        ApiKey {
            live: false,
            ..mine.clone()
        },
    ] {
        let told = store.put_key(&wrong, &leaf("x"));
        assert!(matches!(told, Err(Error::Refused { .. })), "{told:?}");
    }
}

fn a_request_has_one_effect(place: &Place) {
    let mut store = place.open();
    let (a, b) = (document("a", at(0)), document("b", at(0)));
    let done = store.append_once(&once("k"), None, &[a]).unwrap();
    assert!(matches!(&done, OnceOutcome::Done(one) if one.len() == 1 && !one[0].duplicate));
    let again = store.append_once(&once("k"), None, &[b.clone()]).unwrap();
    assert_eq!(again, OnceOutcome::Before(Box::new(once("k"))));
    assert_eq!(store.pending(10).unwrap().len(), 1);
    let other = Once {
        tenant: "desk/live".into(),
        ..once("k")
    };
    assert!(matches!(
        store.append_once(&other, None, &[b]).unwrap(),
        OnceOutcome::Done(_)
    ));
    assert_eq!(store.pending(10).unwrap().len(), 2);
    assert!(!store.put_once(&once("k")).unwrap());
    assert!(store.put_once(&once("l")).unwrap());
    assert_eq!(store.once(&once("l").tenant, "l").unwrap(), Some(once("l")));
    assert_eq!(store.once(&once("l").tenant, "m").unwrap(), None);
}

fn a_request_on_a_family_that_moved_is_refused(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1)], at(0));
    let row = store
        .case_row(&commit.families[0].cases[0].id)
        .unwrap()
        .unwrap();
    let seen = Seen {
        case: row.id,
        family: row.family,
        digest: row.digest,
        facts: 8,
    };
    let body = document("x", at(1));
    for wrong in [
        Seen {
            facts: 7,
            ..seen.clone()
        },
        Seen {
            facts: 9,
            ..seen.clone()
        },
        Seen {
            digest: String::new(),
            ..seen.clone()
        },
        Seen {
            family: FamilyId::of(&["x"]),
            ..seen.clone()
        },
    ] {
        let told = store.append_once(&once("k"), Some(&wrong), &[body.clone()]);
        assert_eq!(told.unwrap(), OnceOutcome::Moved);
    }
    assert_eq!(store.once(&once("k").tenant, "k").unwrap(), None);
    assert_eq!(store.pending(10).unwrap(), []);
    let told = store.append_once(&once("k"), Some(&seen), &[body.clone()]);
    assert!(matches!(told.unwrap(), OnceOutcome::Done(_)));
    let told = store.append_once(&once("k"), Some(&Seen { facts: 0, ..seen }), &[body]);
    assert!(
        matches!(told.unwrap(), OnceOutcome::Before(_)),
        "the key comes first"
    );
}

/// Threads over connections of their own: of each round's two requests one has its effect.
fn two_that_race_have_one_effect(place: &Place) {
    let mut store = place.open();
    for round in 0..8 {
        let barrier = std::sync::Barrier::new(2);
        let race = |who: u32| {
            let mut store = place.open();
            barrier.wait();
            let body = document(&format!("{round}/{who}"), at(0));
            store
                .append_once(&once(&format!("k{round}")), None, &[body])
                .unwrap()
        };
        let (one, other) = std::thread::scope(|scope| {
            let (one, other) = (scope.spawn(|| race(1)), scope.spawn(|| race(2)));
            (one.join().unwrap(), other.join().unwrap())
        });
        let done = |outcome: &OnceOutcome| matches!(outcome, OnceOutcome::Done(_));
        let before = |outcome: &OnceOutcome| matches!(outcome, OnceOutcome::Before(_));
        assert!(
            (done(&one) && before(&other)) || (before(&one) && done(&other)),
            "{one:?} {other:?}"
        );
        assert_eq!(store.pending(100).unwrap().len(), round + 1);
    }
}

fn the_first_answer_stays(place: &Place) {
    let mut store = place.open();
    store.put_once(&once("k")).unwrap();
    let tenant = once("k").tenant;
    for _ in 0..2 {
        store.answer_once(&tenant, "k", 200, b"{}").unwrap();
    }
    let told = store.answer_once(&tenant, "k", 201, b"{}");
    assert!(matches!(told, Err(Error::Conflict { .. })), "{told:?}");
    let found = store.once(&tenant, "k").unwrap().unwrap();
    assert_eq!(found.answer, Some((200, b"{}".to_vec())));
    let told = store.answer_once(&tenant, "l", 200, b"{}");
    assert!(matches!(told, Err(Error::Absent { .. })), "{told:?}");
}

pub fn with_events(store: &mut dyn Whole) {
    store.put_merchant(&merchant(1), &leaf("x")).unwrap();
    store.put_endpoint(&endpoint(1, None, true), None).unwrap();
    let events = [
        event(1, "acct_1", 1, 1),
        event(2, "acct_1", 2, 1),
        event(3, "acct_1", 1, 2),
    ];
    store
        .publish(&events, &[delivery(1, 1), delivery(1, 2)], 7)
        .unwrap();
}

fn ids(found: &[Event]) -> Vec<u64> {
    found.iter().map(|event| event.sequence).collect()
}

fn publishing_twice_publishes_once(place: &Place) {
    let mut store = place.open();
    assert_eq!(store.published_until().unwrap(), 0);
    with_events(&mut *store);
    with_events(&mut *store);
    let late = [
        event(3, "acct_1", 1, 2),
        Event {
            sequence: 99,
            ..event(4, "acct_1", 1, 3)
        },
    ];
    store.publish(&late, &[delivery(1, 4)], 5).unwrap();
    assert_eq!(store.published_until().unwrap(), 7);
    let query = EventQuery {
        kinds: Vec::new(),
        case: None,
        from: None,
        before: None,
        taken: None,
        at_stage: None,
        after_id: None,
        before_id: None,
        limit: 2,
    };
    let case = event(1, "acct_1", 1, 1).case;
    #[track_caller]
    fn check(store: &mut dyn Whole, query: EventQuery, expected: &[u64], more: bool) {
        let (found, further) = store.events(&query).unwrap();
        assert_eq!((ids(&found).as_slice(), further), (expected, more));
    }
    let s = &mut *store;
    let q = || query.clone();
    check(s, q(), &[4, 3], true);
    check(
        s,
        EventQuery {
            after_id: Some(id("evt", 3)),
            ..q()
        },
        &[2, 1],
        false,
    );
    check(
        s,
        EventQuery {
            before_id: Some(id("evt", 1)),
            ..q()
        },
        &[3, 2],
        true,
    );
    check(
        s,
        EventQuery {
            case: Some(case.clone()),
            limit: 9,
            ..q()
        },
        &[4, 3, 1],
        false,
    );
    check(
        s,
        EventQuery {
            from: Some(at(2)),
            before: Some(at(3)),
            ..q()
        },
        &[2],
        false,
    );
    check(
        s,
        EventQuery {
            kinds: vec!["x".into()],
            ..q()
        },
        &[],
        false,
    );
    check(
        s,
        EventQuery {
            kinds: vec!["x".into(), "charge.dispute.updated".into()],
            ..q()
        },
        &[4, 3],
        true,
    );
    let taken = |by_all, merchant: Option<&str>| EventQuery {
        taken: Some(Taken {
            by_all,
            merchant: merchant.map(str::to_owned),
            live: true,
        }),
        limit: 9,
        ..q()
    };
    check(s, taken(false, None), &[4, 2, 1], false);
    check(s, taken(true, None), &[3], false);
    check(s, taken(false, Some("mer_none")), &[], false);
    check(s, taken(true, Some("mer_none")), &[4, 3, 2, 1], false);
    let told = s.events(&EventQuery {
        after_id: Some("evt_no".into()),
        ..q()
    });
    assert!(matches!(told, Err(Error::Absent { .. })), "{told:?}");
    assert_eq!(ids(&s.events_between(2, 3, 9).unwrap()), [2, 3]);
    let cases = [case.clone(), dispute::id::CaseId::of(&["none"])];
    assert_eq!(s.event_versions(&cases).unwrap(), [(case, 3)]);
    assert_eq!(
        s.event(&id("evt", 4)).unwrap().unwrap(),
        Event {
            sequence: 4,
            ..late[1].clone()
        }
    );
}

fn a_delivery_is_settled_once(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    let due = store.deliveries_due(at(1), 9).unwrap();
    assert_eq!(due, [delivery(1, 1)]);
    let next = Delivery {
        attempts: 1,
        due_at: at(60),
        ..due[0].clone()
    };
    let attempt = Attempt {
        endpoint: next.endpoint.clone(),
        event: next.event.clone(),
        number: 1,
        at: at(2),
        took_ms: 30,
        status: Some(500),
        words: "no".into(),
    };
    let ill = endpoint(1, None, true);
    let was = ill.health.clone();
    let mut refused = |seen: &Delivery, health: Option<(&str, &str)>| {
        let told = store.settle(&attempt, seen, &next, health);
        assert!(matches!(told, Err(Error::Conflict { .. })), "{told:?}");
    };
    // Somebody else judged the endpoint, or put the delivery aside, since it was read.
    refused(&due[0], Some(("enabled elsewhere", "ill")));
    let elsewhere = Delivery {
        state: "held".into(),
        ..due[0].clone()
    };
    refused(&elsewhere, Some((&was, "ill")));
    let later = Delivery {
        due_at: at(50),
        ..due[0].clone()
    };
    refused(&later, None);
    assert_eq!(store.attempts(&ill.id, None, 9).unwrap(), []);
    store
        .settle(&attempt, &due[0], &next, Some((&was, "ill")))
        .unwrap();
    let told = store.settle(&attempt, &due[0], &next, None);
    assert!(matches!(told, Err(Error::Conflict { .. })), "{told:?}");
    let kept = store.endpoint(&ill.id).unwrap().unwrap();
    assert_eq!(
        kept,
        Endpoint {
            health: "ill".into(),
            ..endpoint(1, None, true)
        }
    );
    assert_eq!(store.attempts(&ill.id, None, 9).unwrap(), [attempt.clone()]);
    assert_eq!(store.attempts(&ill.id, Some(&id("evt", 2)), 9).unwrap(), []);
    let held = Delivery {
        state: "held".into(),
        ..delivery(1, 1)
    };
    store.put_deliveries(&[held.clone()]).unwrap();
    assert_eq!(store.deliveries_due(at(99), 9).unwrap(), [delivery(1, 2)]);
    assert_eq!(store.release(&ill.id, at(70)).unwrap(), 1);
    let found = store.deliveries(&ill.id, 9).unwrap();
    assert_eq!(
        found,
        [
            Delivery {
                attempts: 1,
                due_at: at(70),
                ..delivery(1, 1)
            },
            delivery(1, 2)
        ]
    );
}

fn what_happened_cannot_be_changed(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    a_row_in_attempts(&mut *store);
    store.put_once(&once("k")).unwrap();
    store
        .answer_once(&once("k").tenant, "k", 200, b"{}")
        .unwrap();
    store.put_key(&key(1, None, true), &leaf("x")).unwrap();
    store.keep_secret("hooks", b"whsk_1", &leaf("x")).unwrap();
    for sql in [
        "UPDATE events SET kind = 'x'",
        "UPDATE events SET known_until = 9",
        "DELETE FROM events",
        "DELETE FROM deliveries",
        "UPDATE attempts SET words = 'x'",
        "DELETE FROM attempts",
        "UPDATE once SET fingerprint = 'x'",
        "UPDATE once SET status = 500",
        "UPDATE once SET status = NULL, sealed = NULL, key = NULL",
        "DELETE FROM once",
        "UPDATE api_keys SET merchant = NULL, live = 0",
        "DELETE FROM api_keys",
        "UPDATE endpoints SET live = 0",
        "DELETE FROM endpoints",
        "UPDATE secrets SET name = 'x'",
        "DELETE FROM secrets",
        "UPDATE published SET until = 1",
        "INSERT INTO events SELECT sequence + 9, 'evt', kind, case_id, family, provider, account, version + 9, document, \
         known_before, known_until, at FROM events WHERE sequence = 1",
    ] {
        assert!(place.past(sql).is_err(), "{sql}");
    }
}

fn a_row_in_attempts(store: &mut dyn Whole) {
    let next = Delivery {
        attempts: 1,
        state: "delivered".into(),
        ..delivery(1, 1)
    };
    let attempt = Attempt {
        endpoint: next.endpoint.clone(),
        event: next.event.clone(),
        number: 1,
        at: at(2),
        took_ms: 30,
        status: None,
        words: String::new(),
    };
    store
        .settle(&attempt, &delivery(1, 1), &next, None)
        .unwrap();
}

fn secrets_are_sealed_and_rotate(place: &Place) {
    let mut store = place.open();
    with_events(&mut *store);
    store.put_person(&person(1), &leaf("x")).unwrap();
    let errand = Errand {
        state_hash: "s".into(),
        content: "pkce verifier".into(),
        expires_at: at(9),
    };
    store.put_errand(&errand).unwrap();
    store
        .put_once(&Once {
            answer: Some((200, b"words".to_vec())),
            ..once("k")
        })
        .unwrap();
    store
        .put_metadata("dp_1", "their words", &leaf("x"))
        .unwrap();
    let first = store.keep_secret("hooks", b"whsk_1", &leaf("first"));
    assert!(first.unwrap());
    assert!(!store.keep_secret("hooks", b"whsk_2", &leaf("x")).unwrap());
    let sealed = |place: &Place| {
        [
            "people",
            "errands",
            "once",
            "endpoints",
            "metadata",
            "secrets",
        ]
        .map(|table| place.raw(&format!("SELECT sealed FROM {table}")))
    };
    let before = sealed(place);
    for (column, secret) in
        before
            .iter()
            .flatten()
            .zip(["totp secret", "pkce", "words", "whsec", "their", "whsk"])
    {
        let found = column
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
    let scopes = [
        store::own_scope(None),
        store::own_scope(Some(&id("mer", 1))),
        scope(),
    ];
    for scope in &scopes {
        while store.rotate_key(scope, 2).unwrap() > 0 {}
    }
    let after = sealed(place);
    for (before, after) in before.iter().zip(&after) {
        assert!(before.len() == after.len() && before.iter().all(|it| !after.contains(it)));
    }
    assert_eq!(store.person(&id("per", 1)).unwrap().unwrap(), person(1));
    assert_eq!(store.take_errand("s").unwrap(), Some(errand));
    assert_eq!(
        store.endpoint(&id("we", 1)).unwrap(),
        Some(endpoint(1, None, true))
    );
    assert_eq!(
        store.event(&id("evt", 1)).unwrap(),
        Some(event(1, "acct_1", 1, 1))
    );
    let kept = |name: &str, plain: &[u8]| (name.to_owned(), plain.to_vec());
    let first = kept("hooks", b"whsk_1");
    assert_eq!(store.secrets("hooks").unwrap(), [first.clone()]);
    assert_eq!(store.secrets("other").unwrap(), []);
    for name in ["hooks/2", "hoo", "hoop"] {
        store.keep_secret(name, b"more", &leaf("more")).unwrap();
    }
    let second = kept("hooks/2", b"more");
    assert_eq!(store.secrets("hooks").unwrap(), [first, second.clone()]);
    assert_eq!(store.secrets("hooks/").unwrap(), [second]);
    let answer = store.once(&once("k").tenant, "k").unwrap().unwrap().answer;
    assert_eq!(answer, Some((200, b"words".to_vec())));
    assert_eq!(
        store.metadata(&["dp_1".into()]).unwrap()[0].1,
        "their words"
    );
}

fn a_lease_has_one_holder(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    assert_eq!(one.lease("hooks", "a", at(0), at(10)).unwrap(), Some(1));
    assert_eq!(other.lease("hooks", "b", at(5), at(15)).unwrap(), None);
    assert_eq!(one.lease("hooks", "a", at(5), at(20)).unwrap(), Some(1));
    assert_eq!(other.lease("hooks", "b", at(20), at(30)).unwrap(), Some(2));
    assert!(!one.holds("hooks", 1).unwrap() && one.holds("hooks", 2).unwrap());
    assert_eq!(one.lease("hooks", "a", at(21), at(31)).unwrap(), None);
    // Given back, then taken by the one that was late.
    assert_eq!(other.lease("hooks", "b", at(22), at(22)).unwrap(), Some(2));
    assert_eq!(one.lease("hooks", "a", at(22), at(40)).unwrap(), Some(3));
    // Late to its own: somebody may have believed it gone.
    assert_eq!(one.lease("hooks", "a", at(50), at(60)).unwrap(), Some(4));
}

fn each_change_leaves_its_leaf(place: &Place) {
    let mut store = place.open();
    let m = id("mer", 1);
    store.put_merchant(&merchant(1), &leaf("1")).unwrap();
    store.own(&owned("acct_1", 1, true), &leaf("2")).unwrap();
    store.put_person(&person(1), &leaf("3")).unwrap();
    store.put_key(&key(1, Some(&m), true), &leaf("4")).unwrap();
    store
        .put_file(&file(1, Some(&m), true), &leaf("5"))
        .unwrap();
    store
        .put_endpoint(&endpoint(1, Some(&m), true), Some(&leaf("6")))
        .unwrap();
    // What is refused leaves nothing.
    let told = store.own(&owned("acct_2", 9, true), &leaf("x"));
    assert!(matches!(told, Err(Error::Refused { .. })), "{told:?}");
    let leaves: Vec<String> = store
        .leaves(0, 100)
        .unwrap()
        .into_iter()
        .map(|leaf| String::from_utf8(leaf).unwrap())
        .collect();
    assert_eq!(leaves, ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(store.check().unwrap(), [""; 0]);
}
