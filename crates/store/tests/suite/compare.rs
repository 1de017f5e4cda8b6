//! What was decided by looking at a case is kept only while the case is still so.

use crate::open::Place;
use crate::world::{at, document, line, opening, take, work};
use dispute::fact::case_id;
use std::sync::Barrier;
use std::thread;
use store::{Error, Fate, NewDocument, Seen, Store, Way};

crate::over_every_database! {
    it_is_kept_while_the_case_is_as_it_was_seen
    a_word_of_ours_that_waits_holds_the_next_one
    of_two_who_saw_the_same_draft_one_is_refused
}

fn seen(store: &mut dyn Store) -> Seen {
    let id = case_id(&crate::world::scope(), "du_1");
    let row = store.case_row(&id).unwrap().unwrap();
    let facts = store.facts_of_family(&row.family).unwrap().len();
    Seen {
        case: id,
        family: row.family,
        digest: row.digest,
        facts: u64::try_from(facts).unwrap(),
    }
}

fn command(words: &str, second: i64) -> NewDocument {
    let body = line(1, second, &format!("noted text={words} author=analyst"))
        .replace("by=provider auth=status-field", "by=operator auth=own");
    NewDocument {
        way: Way::Command,
        ..document(&body, at(second))
    }
}

#[track_caller]
fn refused(result: Result<store::Appended, Error>) {
    let error = result.expect_err("somebody else was first");
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
}

fn it_is_kept_while_the_case_is_as_it_was_seen(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1), opening(2)], at(0));
    let before = seen(&mut *store);
    let more = line(1, 50, "phase stage=chargeback standing=theirs");
    take(&mut *store, &[more], at(60));
    refused(store.append_if(&command("stale", 70), &before));
    let now = seen(&mut *store);
    for (what, wrong) in [
        (
            "digest",
            Seen {
                digest: before.digest.clone(),
                ..now.clone()
            },
        ),
        (
            "facts",
            Seen {
                facts: now.facts - 1,
                ..now.clone()
            },
        ),
    ] {
        let result = store.append_if(&command(what, 70), &wrong);
        assert!(matches!(result, Err(Error::Conflict { .. })), "{what}");
    }
    assert!(store.pending(10).unwrap().is_empty(), "nothing was kept");
    assert!(
        !store
            .append_if(&command("fresh", 70), &now)
            .unwrap()
            .duplicate
    );
    // What another case came to is no matter of this one.
    work(&mut *store, at(71)).unwrap();
    let now = seen(&mut *store);
    let other = line(2, 80, "phase stage=chargeback standing=theirs");
    take(&mut *store, &[other], at(81));
    assert!(store.append_if(&command("beside", 90), &now).is_ok());
}

fn a_word_of_ours_that_waits_holds_the_next_one(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    let now = seen(&mut *store);
    let first = command("first", 10);
    assert!(!store.append_if(&first, &now).unwrap().duplicate);
    refused(store.append_if(&command("second", 11), &now));
    // The same words again are the same document: their first answer was lost.
    assert!(store.append_if(&first, &now).unwrap().duplicate);
    // What a provider sent and nobody has read yet holds nobody up.
    work(&mut *store, at(12)).unwrap();
    let later = line(2, 13, "phase stage=chargeback standing=ours");
    store.append(&[document(&later, at(13))]).unwrap();
    let now = seen(&mut *store);
    assert!(store.append_if(&command("second", 14), &now).is_ok());
}

fn of_two_who_saw_the_same_draft_one_is_refused(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    for round in 0..10_i64 {
        let now = seen(&mut *store);
        let together = Barrier::new(2);
        let kept: Vec<bool> = thread::scope(|scope| {
            let racers = ["one", "two"].map(|name| {
                let (now, together) = (&now, &together);
                scope.spawn(move || {
                    let mut store = place.open();
                    together.wait();
                    match store.append_if(&command(name, 100 + round), now) {
                        Ok(appended) => !appended.duplicate,
                        Err(Error::Conflict { .. }) => false,
                        Err(error) => panic!("{error:?}"),
                    }
                })
            });
            racers.map(|racer| racer.join().unwrap()).to_vec()
        });
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 1, "{round}");
        assert_eq!(store.documents_with(Fate::Pending, 10).unwrap().len(), 1);
        work(&mut *store, at(101 + round)).unwrap();
    }
}
