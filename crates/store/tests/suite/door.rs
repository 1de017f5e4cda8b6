//! Documents come in beside the worker's commits: neither waits for the other to end up waiting for it.

use crate::open::Place;
use crate::world::{at, document, line, plan};
use std::sync::Barrier;
use store::{Fate, NewDocument};

crate::over_every_database! {
    a_commit_that_makes_a_key_and_a_repeat_at_the_door_both_succeed
}

/// Each time enough for the two to meet within their transactions now and then.
const ROUNDS: u32 = 30;

/// A note about dispute `n`, under an account that no document came to.
fn note(n: u32) -> String {
    let line = line(n, i64::from(n), "noted text=seen author=op_1");
    line.replace("acme/acct_1", &format!("acme/acct_beside_{n}"))
}

/// The commit holds the document's row and makes the first key of an account; the door holds the right to make keys and
/// counts the same document again.
fn a_commit_that_makes_a_key_and_a_repeat_at_the_door_both_succeed(place: &Place) {
    let (mut worker, mut door) = (place.open(), place.open());
    for n in 1..=ROUNDS {
        let first = document(&note(n), at(0));
        worker.append(std::slice::from_ref(&first)).unwrap();
        let pending = worker.pending(9).unwrap();
        let planned = plan(&mut *worker, &pending, at(1)).unwrap();
        let fresh = NewDocument {
            name: "another".into(),
            ..document(&format!("nothing that reads, {n}"), at(1))
        };
        let together = Barrier::new(2);
        let appended = std::thread::scope(|scope| {
            let committing = scope.spawn(|| {
                together.wait();
                worker.commit(&planned).unwrap();
            });
            together.wait();
            let appended = door.append(&[fresh, first]).unwrap();
            committing.join().unwrap();
            appended
        });
        let repeated: Vec<bool> = appended.iter().map(|one| one.duplicate).collect();
        assert_eq!(repeated, [false, true]);
        let again = worker.document(&appended[1].id).unwrap().unwrap();
        assert_eq!((again.fate, again.arrivals), (Fate::Applied, 2));
        // What reads as no statement is worked off by itself.
        let rest = worker.pending(9).unwrap();
        let rest = plan(&mut *worker, &rest, at(2)).unwrap();
        worker.commit(&rest).unwrap();
    }
}
