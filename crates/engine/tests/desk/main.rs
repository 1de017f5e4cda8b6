//! The engine over a real store: intake, derivation, timers, sends and what becomes of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod acme;
mod again;
mod packed;

use acme::{ALL, Script};
use adapter::{Channel, Secret};
use calendar::Instant;
use dispute::case::{AnswerState, Case};
use dispute::command::Command;
use dispute::fact::Scope;
use dispute::id::{CaseId, EntryId};
use dispute::rejection::Rejection;
use dispute::said::EvidenceContent;
use dispute::status::{Party, Stage};
use engine::command::{Actor, Commanded};
use engine::intake::{Arrival, Trust};
use engine::{Engine, NoCarrier};
use store::{Commit, FamilyChange, Fate, Store, Way, sqlite};

const DUE: &str = "2026-03-20T23:59:59Z";

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

struct Desk {
    engine: Engine<sqlite::Store>,
    now: Instant,
}

fn desk() -> Desk {
    let engine = Engine::new(sqlite::Store::memory().unwrap(), ALL);
    Desk {
        engine,
        now: at("2026-03-02T09:00:00Z"),
    }
}

impl Desk {
    fn arrive(&mut self, body: &str, header: Option<&str>) {
        let headers = header.map(|word| ("Signature".to_owned(), word.to_owned()));
        let arrival = Arrival {
            provider: "acme".to_owned(),
            account: "acct_1".to_owned(),
            channel: Channel::Webhook,
            name: "/in/acme".to_owned(),
            headers: headers.into_iter().collect(),
            body: body.as_bytes().to_vec(),
            received_at: self.now,
        };
        let secrets = [Secret {
            label: "first".to_owned(),
            value: b"s".to_vec(),
        }];
        self.engine
            .receive(&[arrival], &Trust::Signed(&secrets))
            .unwrap();
    }

    fn hear(&mut self, body: &str) {
        self.arrive(body, Some("signed"));
        self.engine.absorb(self.now).unwrap();
    }

    /// A file as a person brings it.
    fn bring(&mut self, body: Vec<u8>) {
        let arrival = Arrival {
            provider: "acme".to_owned(),
            account: "acct_1".to_owned(),
            channel: Channel::File,
            name: "file.gz".to_owned(),
            headers: Vec::new(),
            body,
            received_at: self.now,
        };
        self.engine.receive(&[arrival], &Trust::TrustedWay).unwrap();
        self.engine.absorb(self.now).unwrap();
    }

    fn case(&mut self) -> Case {
        self.engine.open("dp-1").unwrap().case
    }

    fn order(&mut self, command: Command) -> Commanded {
        let actor = Actor {
            name: "analyst".to_owned(),
            party: Party::Operator,
        };
        self.engine
            .command("dp-1", &command, &actor, self.now)
            .unwrap()
    }

    fn prepare(&mut self) {
        self.hear(&opened());
        let content = EvidenceContent::Text("parcel handed over".to_owned());
        let slot = "rebuttal_letter".to_owned();
        self.order(Command::SaveEvidence {
            if_version: 0,
            slot,
            content,
        });
        self.order(Command::Seal { if_version: 1 });
        assert!(matches!(self.order(Command::Submit), Commanded::Done(_)));
    }

    fn step(&mut self, replies: &[Option<(u16, &'static str)>]) -> Vec<String> {
        let mut script = Script {
            replies: replies.to_vec(),
            asked: Vec::new(),
        };
        self.engine.step(self.now, &mut script).unwrap();
        assert!(
            script.replies.is_empty(),
            "not everything that was scripted was asked for"
        );
        script.asked
    }

    fn sound(&mut self) {
        for check in self.engine.doctor(self.now).unwrap() {
            assert!(check.holds(), "{check:#?}");
        }
        let mut other = Engine::new(sqlite::Store::disposable().unwrap(), ALL);
        let documents = self.engine.replay_into(&mut other, self.now).unwrap();
        let compared = self.engine.compare(&mut other, documents).unwrap();
        assert_eq!(compared.differences, Vec::<String>::new());
        assert_eq!(compared.live_hash, compared.replayed_hash);
    }
}

/// Writes what no fact says: a digest that is not the case's, a case of nothing, and an entry again. The doctor looks at
/// each by itself, and at nothing else twice.
#[test]
fn rows_that_no_fact_derives_are_told_one_by_one() {
    let mut desk = desk();
    desk.hear(&opened());
    desk.sound();
    let case = desk.case();
    let store = &mut desk.engine.store;
    let kept = store.case_row(&case.id).unwrap().unwrap();
    let mut stranger = case.clone();
    stranger.id = CaseId::of(&["stranger"]);
    let mut again = store.entries_of(&case.id).unwrap().remove(0);
    again.ordinal = 9;
    again.id = EntryId::of(&["again"]);
    let change = FamilyChange {
        family: kept.family,
        scope: kept.scope,
        moved_facts: Vec::new(),
        cases: vec![case.clone(), stranger.clone()],
        digests: vec!["another".to_owned(), "a third".to_owned()],
        entries: vec![again.clone()],
        timers_set: Vec::new(),
        timers_cleared: Vec::new(),
        outbox_added: Vec::new(),
        outbox_removed: Vec::new(),
        findings_opened: Vec::new(),
        findings_closed: Vec::new(),
    };
    let commit = Commit {
        now: desk.now,
        processed: Vec::new(),
        families: vec![change],
        leaves: Vec::new(),
    };
    store.commit(&commit).unwrap();
    let checks = desk.engine.doctor(desk.now).unwrap();
    let of = |invariant| {
        checks
            .iter()
            .find(|check| check.invariant == invariant)
            .unwrap()
    };
    let expected = [
        format!("case {} derives differently from what is kept", case.id),
        format!("case {} is kept and no fact derives it", stranger.id),
    ];
    assert_eq!((of(3).looked_at, &of(3).breaks[..]), (1, &expected[..]));
    assert_eq!(
        of(5).breaks_total,
        u64::try_from(again.entry.legs().len()).unwrap()
    );
    for leg in again.entry.legs() {
        let key = format!("{} {}: kept Some(", leg.account.path(), leg.layer);
        assert!(
            of(5).breaks.iter().any(|words| words.starts_with(&key)),
            "{key}"
        );
    }
    let sound = [0, 2, 6, 8].map(|invariant| of(invariant).holds());
    assert_eq!(sound, [true; 4], "{checks:#?}");
}

fn line(word: &str, time: &str, rest: &str) -> String {
    format!(
        "{word} at={time} by=provider auth=status-field scope=acme/acct_1 ref.dispute=dp-1 ref.payment=p-1 {rest}\n"
    )
}

fn opened() -> String {
    let time = "2026-03-01T10:00:00Z";
    line("phase", time, "stage=chargeback standing=ours")
        + &line("disputed", time, "amount=12.34%20USD")
        + &line("due", time, &format!("stage=chargeback due={DUE}"))
        + &line(
            "moved",
            time,
            "key=m1 kind=withdrawal amount=-12.34%20USD settled=yes",
        )
}

#[test]
fn a_webhook_becomes_a_case_with_books_and_a_timer_and_its_repetition_changes_nothing() {
    let mut desk = desk();
    desk.hear(&opened());
    desk.hear(&opened());
    let intake = desk.engine.store.intake().unwrap();
    assert_eq!(intake.iter().map(|row| row.arrivals).sum::<u64>(), 2);
    assert_eq!(intake.iter().map(|row| row.documents).sum::<u64>(), 1);
    let case = desk.case();
    assert_eq!(case.status.word(), "ours");
    let balances: Vec<String> = desk
        .engine
        .store
        .balances()
        .unwrap()
        .iter()
        .map(dispute::books::leg_line)
        .collect();
    assert_eq!(balances.len(), 2, "{balances:?}");
    assert!(desk.engine.store.next_timer().unwrap() > Some(at(DUE)));
    desk.sound();
}

#[test]
fn what_cannot_be_verified_is_kept_in_quarantine_and_not_decoded() {
    let mut desk = desk();
    desk.arrive(&opened(), Some("forged"));
    desk.arrive("anything", None);
    desk.engine.absorb(desk.now).unwrap();
    let fates = desk.engine.fates().unwrap();
    assert_eq!(fates.get(&Fate::Quarantined), Some(&2));
    assert!(desk.engine.open("dp-1").is_err());
    desk.sound();
}

#[test]
fn a_poisoned_document_is_set_aside_and_the_ones_behind_it_go_on() {
    let mut desk = desk();
    desk.arrive("poison", Some("signed"));
    desk.arrive("holds back", Some("signed"));
    desk.hear(&opened());
    assert_eq!(desk.case().status.word(), "ours");
    let held = desk
        .engine
        .store
        .documents_with(Fate::Quarantined, 10)
        .unwrap();
    let mut troubles: Vec<&str> = held
        .iter()
        .map(|document| document.trouble.as_str())
        .collect();
    troubles.sort_unstable();
    assert!(troubles[0].contains("cannot survive"), "{troubles:?}");
    assert_eq!(troubles[1], "totals lie");
    desk.sound();
}

#[test]
fn a_due_time_that_passes_is_said_once_and_breaks_the_obligation() {
    let mut desk = desk();
    desk.hear(&opened());
    desk.now = at("2026-03-21T00:00:10Z");
    for _ in 0..2 {
        desk.engine.step(desk.now, &mut NoCarrier).unwrap();
    }
    let owed: Vec<&str> = desk
        .case()
        .obligations
        .iter()
        .map(|owed| owed.standing.name())
        .collect();
    assert_eq!(owed, ["broken"]);
    let desk_documents = desk
        .engine
        .store
        .intake()
        .unwrap()
        .iter()
        .filter(|row| row.way == Way::Desk)
        .map(|row| row.arrivals)
        .sum::<u64>();
    assert_eq!(desk_documents, 1);
    desk.sound();
}

#[test]
fn an_answer_is_sent_once_and_a_second_submission_is_refused() {
    let mut desk = desk();
    desk.prepare();
    let refused = Rejection::AnswerUnderWay {
        stage: Stage::Chargeback,
    };
    assert_eq!(desk.order(Command::Submit), Commanded::Rejected(refused));
    assert_eq!(desk.step(&[Some((200, ""))])[0], "/submit");
    let case = desk.case();
    assert_eq!(case.answers[0].state, AnswerState::Accepted);
    let refused = Rejection::AlreadyAnswered {
        stage: Stage::Chargeback,
    };
    assert_eq!(desk.order(Command::Submit), Commanded::Rejected(refused));
    desk.sound();
}

#[test]
fn a_lost_answer_is_in_doubt_and_only_the_read_back_settles_it() {
    // F-44, F-60: no blind resend.
    let mut desk = desk();
    desk.prepare();
    desk.step(&[None]);
    assert_eq!(desk.case().answers[0].state, AnswerState::InDoubt);
    desk.now = desk.now.plus_seconds(90);
    assert_eq!(desk.step(&[Some((200, "mumble"))])[0], "/read");
    assert_eq!(desk.case().answers[0].state, AnswerState::InDoubt);
    desk.now = desk.now.plus_hours(1);
    desk.step(&[Some((200, "absent"))]);
    assert_eq!(desk.case().answers[0].state, AnswerState::Asked);
    assert_eq!(desk.case().answers[0].attempt, 2);
    desk.now = desk.now.plus_seconds(10);
    assert_eq!(desk.step(&[None])[0], "/submit");
    desk.now = desk.now.plus_hours(1);
    desk.step(&[Some((200, "received"))]);
    assert_eq!(desk.case().answers[0].state, AnswerState::Accepted);
    assert_eq!(desk.case().answers.len(), 1);
    desk.sound();
}

#[test]
fn a_refusal_is_shown_and_a_throttled_send_waits_as_long_as_it_was_told() {
    let mut desk = desk();
    desk.prepare();
    desk.step(&[Some((429, ""))]);
    assert_eq!(desk.step(&[]), Vec::<String>::new());
    desk.now = desk.now.plus_seconds(601);
    assert_eq!(desk.step(&[Some((400, ""))])[0], "/submit");
    assert_eq!(
        desk.case().answers[0].state,
        AnswerState::Refused("no".to_owned())
    );
    assert!(
        desk.case()
            .findings
            .iter()
            .any(|finding| finding.kind.name() == "answer-refused")
    );
    desk.sound();
}

#[test]
fn what_has_not_left_can_be_taken_back_and_then_nothing_leaves() {
    let mut desk = desk();
    desk.prepare();
    desk.order(Command::Withdraw);
    assert_eq!(desk.step(&[]), Vec::<String>::new());
    assert_eq!(desk.case().answers[0].state, AnswerState::Withdrawn);
    desk.sound();
}

#[test]
fn an_orphan_joins_when_something_teaches_the_link() {
    let mut desk = desk();
    let orphan = "moved at=2026-03-01T12:00:00Z by=provider auth=report-row scope=acme/acct_1 ref.payment=p-1 key=row-1 kind=withdrawal amount=-12.34%20USD settled=yes\n";
    desk.hear(orphan);
    let suspense: Vec<String> = desk
        .engine
        .store
        .balances()
        .unwrap()
        .iter()
        .map(dispute::books::leg_line)
        .collect();
    assert!(
        suspense.iter().any(|line| line.starts_with("suspense")),
        "{suspense:?}"
    );
    desk.hear(&line(
        "phase",
        "2026-03-01T10:00:00Z",
        "stage=chargeback standing=ours",
    ));
    let scope = Scope {
        provider: "acme".to_owned(),
        account: "acct_1".to_owned(),
    };
    let entries = desk.engine.store.entries_after(None, 100).unwrap();
    assert!(entries.iter().all(|entry| entry.scope == scope));
    assert_eq!(desk.case().money.name(), "withheld");
    desk.sound();
}
