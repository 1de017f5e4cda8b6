//! Two people, two processes, one desk, one instant: whoever was second is told, and nobody's words are lost.
//!
//! Both are held at the door of the store until both have been allowed, so the race is run every time and not by luck.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use adapter::Channel;
use calendar::Instant;
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use dispute::status::Party;
use engine::command::{Actor, Commanded};
use engine::intake::{Arrival, Trust};
use engine::several::{Keeping, Several};
use engine::{Engine, NoCarrier};
use sim::paper::stripe as paper;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use store::faulty::{self, Fault};
use store::{Keys, Seen, Store};

/// Where the tests find a server.
const SERVER: &str = "DOCKET_TEST_POSTGRES";

type Racing = Engine<faulty::Store<dyn Store>>;

fn now() -> Instant {
    Instant::parse("2026-03-02T09:00:00Z").unwrap()
}

/// An engine on a connection of its own, that waits for the others when it first compares and appends.
fn racer(open: &dyn Fn() -> Box<dyn Store>, gate: &Arc<Gate>) -> Racing {
    let gate = Arc::clone(gate);
    let store = faulty::Store::new(open(), move |operation| {
        if operation.name == "append_if" {
            gate.arrive();
        }
        Fault::None
    });
    Engine::new(store, providers::list::ALL)
}

/// One racer's place at the start; only its first arrival waits.
struct Gate {
    together: Arc<Barrier>,
    arrived: AtomicBool,
}

impl Gate {
    fn arrive(&self) {
        if !self.arrived.swap(true, Ordering::SeqCst) {
            self.together.wait();
        }
    }
}

fn hear(engine: &mut Engine<faulty::Store<dyn Store>>) {
    let dispute = paper::Dispute {
        id: "du_1".to_owned(),
        charge: "ch_1".to_owned(),
        payment_intent: "pi_1".to_owned(),
        amount: 1_234,
        currency: "usd".to_owned(),
        status: "needs_response".to_owned(),
        reason: "fraudulent".to_owned(),
        brand: "visa".to_owned(),
        network_code: "10.4".to_owned(),
        case_type: "chargeback".to_owned(),
        created: now(),
        due_by: Some(now().plus_days(14)),
        has_evidence: false,
        submission_count: 0,
        balances: Vec::new(),
    };
    let arrival = Arrival {
        provider: "stripe".to_owned(),
        account: "acct_1".to_owned(),
        channel: Channel::Api,
        name: "answer".to_owned(),
        headers: Vec::new(),
        body: paper::object(&dispute).to_string().into_bytes(),
        received_at: now(),
    };
    engine.receive(&[arrival], &Trust::TrustedWay).unwrap();
    engine.absorb(now()).unwrap();
}

fn save(slot: &str) -> Command {
    Command::SaveEvidence {
        if_version: 0,
        slot: slot.to_owned(),
        content: EvidenceContent::Text(format!("words about {slot}")),
    }
}

/// Gives both commands at one instant, each in a process of its own, and returns what became of them.
fn race(open: &(dyn Fn() -> Box<dyn Store> + Sync), commands: [Command; 2]) -> Vec<Commanded> {
    let together = Arc::new(Barrier::new(commands.len()));
    let commands = commands.into_iter().zip(["one", "two"]);
    thread::scope(|scope| {
        let racers: Vec<_> = commands
            .map(|(command, name)| {
                let gate = Arc::new(Gate {
                    together: Arc::clone(&together),
                    arrived: AtomicBool::new(false),
                });
                scope.spawn(move || {
                    let mut engine = racer(&open, &gate);
                    let actor = Actor {
                        name: name.to_owned(),
                        party: Party::Operator,
                    };
                    let ended = engine.command("du_1", &command, &actor, now());
                    // Who was not allowed, or failed, never came to the door: the others must not wait for them.
                    gate.arrive();
                    ended.unwrap()
                })
            })
            .collect();
        let ended = racers.into_iter().map(|racer| racer.join().unwrap());
        ended.collect()
    })
}

#[track_caller]
fn check(open: &(dyn Fn() -> Box<dyn Store> + Sync)) {
    let mut store = open();
    store.migrate().unwrap();
    let mut desk = Engine::new(
        faulty::Store::new(store, |_| Fault::None),
        providers::list::ALL,
    );
    hear(&mut desk);

    // One draft: one save stands, the other is told the version that it did not see.
    let ended = race(open, [save("rebuttal_letter"), save("delivery_signature")]);
    let told: Vec<&Rejection> = ended
        .iter()
        .filter_map(|ended| match ended {
            Commanded::Rejected(rejection) => Some(rejection),
            Commanded::Done(_) => None,
        })
        .collect();
    assert_eq!(told, [&Rejection::VersionMoved { seen: 0, is: 1 }]);
    let draft = desk.open("du_1").unwrap().case.evidence;
    assert_eq!((draft.version, draft.slots.len()), (1, 1));

    // One reads the draft while another changes it: whichever was first, what is marked as read is what was read.
    let ended = race(
        open,
        [
            Command::Review { if_version: 1 },
            Command::SaveEvidence {
                if_version: 1,
                slot: "receipt".to_owned(),
                content: EvidenceContent::Text("another word".to_owned()),
            },
        ],
    );
    let reviewed = matches!(ended.first(), Some(Commanded::Done(case))
        if case.evidence.reviewed == Some((1, "one".to_owned())));
    let moved = Commanded::Rejected(Rejection::VersionMoved { seen: 1, is: 2 });
    assert!(
        reviewed || ended.first() == Some(&moved),
        "{:?}",
        ended.first()
    );
    assert!(matches!(ended.last(), Some(Commanded::Done(case)) if case.evidence.version == 2));

    // Two words that do not touch each other are both kept: the second is looked at anew, and still allowed.
    let note = |text: &str| Command::Note {
        text: text.to_owned(),
    };
    let ended = race(open, [note("first"), note("second")]);
    assert!(
        ended
            .iter()
            .all(|ended| matches!(ended, Commanded::Done(_)))
    );
    assert_eq!(desk.open("du_1").unwrap().case.notes.len(), 2);
    desk.step(now(), &mut NoCarrier).unwrap();
    for check in desk.doctor(now()).unwrap() {
        assert!(check.holds(), "{check:#?}");
    }
}

type Open = Arc<dyn Fn() -> Box<dyn Store> + Send + Sync>;

/// Several commands are kept as one document, and another process is first to process it: what they came to is told all the
/// same, and not a refusal because they stand already.
#[track_caller]
fn check_processed_by_another(open: &Open) {
    let mut store = open();
    store.migrate().unwrap();
    hear(&mut Engine::new(
        faulty::Store::new(store, |_| Fault::None),
        providers::list::ALL,
    ));
    let elsewhere = Arc::clone(open);
    let mut beaten = 0;
    let store = faulty::Store::new(open(), move |operation| {
        if operation.name == "commit" && beaten == 0 {
            beaten += 1;
            let store = faulty::Store::new(elsewhere(), |_| Fault::None);
            Engine::new(store, providers::list::ALL)
                .absorb(now())
                .unwrap();
        }
        Fault::None
    });
    let mut engine = Engine::new(store, providers::list::ALL);
    let actor = Actor {
        name: String::from("one"),
        party: Party::Operator,
    };
    let plan = |_: &_| {
        let seal = Command::Seal { if_version: 1 };
        vec![save("rebuttal_letter"), seal, Command::Submit]
    };
    let ended = engine.command_all(
        "du_1",
        &plan,
        &actor,
        now(),
        &mut |store: &mut faulty::Store<dyn Store>, document, opened| {
            let seen = Seen {
                case: opened.row.id.clone(),
                family: opened.row.family.clone(),
                digest: opened.row.digest.clone(),
                facts: u64::try_from(opened.facts.len()).unwrap(),
            };
            store.append_if(document, &seen).map(|_| Keeping::Kept)
        },
    );
    let ended: Several<()> = ended.unwrap();
    assert!(
        matches!(&ended, Several::Done(case) if case.evidence.sealed.is_some()),
        "{ended:?}"
    );
}

#[test]
fn what_another_processed_first_is_done_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let open: Open = Arc::new(move || {
        let keys = Keys::known_to_everybody();
        Box::new(store::sqlite::Store::open_with(&path, keys).unwrap())
    });
    check_processed_by_another(&open);
}

#[test]
fn what_another_processed_first_is_done_on_postgresql() {
    let Ok(url) = std::env::var(SERVER) else {
        eprintln!("skipped: no PostgreSQL for the race; name a server in {SERVER}");
        return;
    };
    let schema = format!("race_several_{}", std::process::id());
    let open: Open = Arc::new(move || {
        let keys = Keys::known_to_everybody();
        Box::new(store::pg::Store::connect_in(&url, &schema, keys).unwrap())
    });
    check_processed_by_another(&open);
}

#[test]
fn of_two_who_write_at_once_none_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(&|| {
        let keys = Keys::known_to_everybody();
        Box::new(store::sqlite::Store::open_with(folder.path(), keys).unwrap())
    });
}

#[test]
fn of_two_who_write_at_once_none_is_lost_on_postgresql() {
    let Ok(url) = std::env::var(SERVER) else {
        eprintln!("skipped: no PostgreSQL for the race; name a server in {SERVER}");
        return;
    };
    let schema = format!("race_{}", std::process::id());
    check(&|| {
        let keys = Keys::known_to_everybody();
        Box::new(store::pg::Store::connect_in(&url, &schema, keys).unwrap())
    });
}
