//! What is published arrives: through outages, refusals, deaths of the sender and rolled secrets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod told;

use app::deliver::{Heard, Parcel, UnderWay, WayOut};
use app::deliveries::{Again, DeliveryQuery};
use app::hook_key::KeyRollError;
use calendar::Instant;
use hooks::schedule::{Answer, Attempted};
use hooks::secret::{PublicKey, Secret};
use hooks::verify;
use std::collections::BTreeMap;
use store::{Endpoint, Registry, Store};
use told::{Kept, Plain, at, document, endpoint, id};

const DAY: i64 = 86_400;

fn status(status: u16) -> Heard {
    heard(Answer::Status(status), None)
}

fn heard(answer: Answer, retry_after: Option<&str>) -> Heard {
    Heard {
        attempted: Attempted {
            answer,
            retry_after: retry_after.map(str::to_owned),
            took_ms: 7,
        },
        words: String::from("as the test says"),
    }
}

/// A desk that sends, by a clock that the test moves.
struct Sending {
    kept: Kept,
    under_way: UnderWay,
    holder: &'static str,
    /// Every attempt: when, of which event and number, and whether it was taken.
    log: Vec<(i64, String, u32, bool)>,
    /// The body of each event, the same at every attempt.
    bodies: BTreeMap<String, Vec<u8>>,
}

impl Sending {
    /// With one endpoint that wants everything, and the events of this many disputes.
    fn new(disputes: u32) -> Sending {
        let mut kept = Kept::new();
        kept.listen(&endpoint(1, None, true, "*"));
        let documents: Vec<String> = (1..=disputes)
            .map(|n| document("created", &n.to_string()))
            .collect();
        kept.bring(&documents);
        kept.publish();
        Sending {
            kept,
            under_way: UnderWay::default(),
            holder: "one",
            log: Vec::new(),
            bodies: BTreeMap::new(),
        }
    }

    fn parcels(&mut self, now: Instant) -> Vec<Parcel> {
        let (desk, under_way) = (&mut self.kept.desk, &mut self.under_way);
        let parcels = desk
            .parcels(&Plain, under_way, self.holder, now, 32)
            .unwrap();
        for parcel in &parcels {
            let first = self.bodies.entry(parcel.event.clone());
            assert_eq!(first.or_insert_with(|| parcel.body.clone()), &parcel.body);
        }
        parcels
    }

    /// Sends whatever may go at this second, until nothing does.
    fn turn(&mut self, second: i64, answer: &dyn Fn(&Parcel) -> Heard) {
        loop {
            let parcels = self.parcels(at(second));
            if parcels.is_empty() {
                break;
            }
            for parcel in parcels {
                self.hear(second, &parcel, &answer(&parcel));
            }
        }
    }

    fn hear(&mut self, second: i64, parcel: &Parcel, heard: &Heard) {
        let taken = matches!(heard.attempted.answer, Answer::Status(200..=299));
        self.log
            .push((second, parcel.event.clone(), parcel.number, taken));
        let desk = &mut self.kept.desk;
        desk.settle(&mut self.under_way, parcel, heard, at(second), 0)
            .unwrap();
    }

    fn turns(&mut self, from: i64, until: i64, step: i64, answer: &dyn Fn(&Parcel) -> Heard) {
        let mut second = from;
        while second < until {
            self.turn(second, answer);
            second += step;
        }
    }

    fn health(&mut self) -> String {
        let endpoint = self.kept.desk.engine.store.endpoint(&id(1)).unwrap();
        endpoint.unwrap().health
    }

    fn states(&mut self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for row in self
            .kept
            .desk
            .engine
            .store
            .deliveries(&id(1), 10_000)
            .unwrap()
        {
            *states.entry(row.state).or_default() += 1;
        }
        states
    }

    /// Everything arrived, once by the log, and the versions of each case have no gap.
    #[track_caller]
    fn arrived(&mut self, events: usize) {
        assert_eq!(self.states(), [(String::from("delivered"), events)].into());
        let mut versions: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (_, event, _, _) in self.log.iter().filter(|(_, _, _, taken)| *taken) {
            let event = self.kept.desk.engine.store.event(event).unwrap().unwrap();
            versions
                .entry(event.case.to_string())
                .or_default()
                .push(event.version);
        }
        for found in versions.values_mut() {
            found.sort_unstable();
            assert!(
                (1..).zip(&*found).all(|(n, version)| n == *version),
                "{found:?}"
            );
        }
    }
}

#[test]
fn what_is_taken_is_sent_once() {
    let mut sending = Sending::new(20);
    sending.turn(1, &|_| status(200));
    sending.arrived(40);
    sending.turns(2, 4 * DAY, DAY, &|_| panic!("sent again"));
    let attempts = sending.kept.desk.engine.store.attempts(&id(1), None, 100);
    let attempts = attempts.unwrap();
    assert_eq!(attempts.len(), 40);
    assert_eq!((attempts[0].status, attempts[0].took_ms), (Some(200), 7));
}

/// The receiver is down for a long week-end; what is published meanwhile is held and costs no attempts.
#[test]
fn a_receiver_that_was_down_for_days_gets_everything() {
    let mut sending = Sending::new(3);
    sending.turns(1, 4 * DAY, 600, &|_| status(500));
    assert!(
        sending.health().starts_with("disabled"),
        "{}",
        sending.health()
    );
    sending
        .kept
        .bring(&[document("updated", "1"), document("created", "9")]);
    sending.kept.publish_as("one", at(4 * DAY));
    assert_eq!(sending.states().get("due"), None);
    assert_eq!(sending.states().get("held"), Some(&9));
    sending.turns(4 * DAY, 5 * DAY, 60, &|_| status(200));
    assert_eq!(sending.health(), "enabled");
    sending.arrived(9);
}

/// What waits for an endpoint that goes on failing does not keep the sender busy, and goes out at once when it is well again.
#[test]
fn an_endpoint_that_goes_on_failing_is_asked_once_a_second() {
    let mut sending = Sending::new(40);
    sending.turn(1, &|_| status(500));
    let first = sending.log.len();
    assert!(first < 20, "{first} in the first second");
    sending.turns(2, 12, 1, &|_| status(500));
    assert_eq!(sending.log.len(), first + 10);
    sending.turn(13, &|_| status(200));
    assert_eq!(sending.health(), "enabled");
    sending.turns(14, 4 * DAY, 600, &|_| status(200));
    sending.arrived(80);
}

#[test]
fn an_endpoint_that_is_gone_is_left_alone_until_a_person_says_so() {
    let mut sending = Sending::new(3);
    let first = sending.parcels(at(1)).remove(0);
    sending.hear(1, &first, &status(410));
    sending.turns(60, 9 * DAY, 3_600, &|_| panic!("sent"));
    assert_eq!(sending.states(), [(String::from("held"), 6)].into());
    let desk = &mut sending.kept.desk;
    assert!(
        desk.switch_endpoint(&id(1), true, "analyst", at(9 * DAY))
            .unwrap()
    );
    assert!(
        !desk
            .switch_endpoint(&id(1), true, "analyst", at(9 * DAY))
            .unwrap()
    );
    sending.turns(9 * DAY, 9 * DAY + 90, 1, &|_| status(200));
    sending.arrived(6);
}

#[test]
fn a_disabled_endpoint_hears_nothing_and_loses_nothing() {
    let mut sending = Sending::new(2);
    let desk = &mut sending.kept.desk;
    assert!(
        desk.switch_endpoint(&id(1), false, "analyst", at(0))
            .unwrap()
    );
    sending.turns(1, 2 * DAY, 3_600, &|_| panic!("sent"));
    let desk = &mut sending.kept.desk;
    assert!(
        desk.switch_endpoint(&id(1), true, "analyst", at(2 * DAY))
            .unwrap()
    );
    sending.turns(2 * DAY, 2 * DAY + 90, 1, &|_| status(200));
    sending.arrived(4);
    // Oldest first.
    let order: Vec<&String> = sending.log.iter().map(|(_, event, _, _)| event).collect();
    let store = &mut sending.kept.desk.engine.store;
    let events = store.events_between(1, 9, 9).unwrap();
    assert_eq!(
        order,
        events.iter().map(|event| &event.id).collect::<Vec<_>>()
    );
}

#[test]
fn a_receiver_that_asks_for_less_gets_nothing_before_its_time() {
    let mut sending = Sending::new(1);
    let slow = |_: &Parcel| heard(Answer::Status(429), Some("7200"));
    let first = sending.parcels(at(1));
    assert_eq!(first.len(), 2);
    for parcel in &first {
        sending.hear(1, parcel, &slow(parcel));
    }
    sending.turns(2, 7_200, 60, &|_| panic!("too early"));
    sending.turns(7_201, 7_300, 1, &|_| status(204));
    sending.arrived(2);
}

/// The process dies with attempts under way: another sends them again, the same bytes under the same ids.
#[test]
fn what_was_under_way_when_the_sender_died_is_sent_again() {
    let mut sending = Sending::new(2);
    assert_eq!(sending.parcels(at(1)).len(), 4);
    sending.kept = sending.kept.again();
    sending.under_way = UnderWay::default();
    sending.holder = "two";
    assert_eq!(sending.parcels(at(29)).len(), 0);
    // The sender's own lease outlives those of its attempts.
    assert_eq!(sending.parcels(at(59)).len(), 0);
    sending.turn(62, &|_| status(200));
    sending.arrived(4);
}

#[test]
fn an_answer_to_what_somebody_else_settled_changes_nothing() {
    let mut sending = Sending::new(1);
    let parcels = sending.parcels(at(1));
    for parcel in &parcels {
        sending.hear(2, parcel, &status(200));
        sending.hear(40, parcel, &status(500));
    }
    sending.log.retain(|(_, _, _, taken)| *taken);
    sending.arrived(2);
    assert_eq!(sending.health(), "enabled");
}

/// Delivered at the tenth attempt and sent again: the next failure is the first of a new round and not the last of the old.
#[test]
fn what_is_replayed_has_a_whole_round_before_it() {
    let mut sending = Sending::new(1);
    let second_event = sending.parcels(at(0)).remove(1);
    sending.hear(0, &second_event, &status(200));
    sending.under_way = UnderWay::default();
    // The other one fails nine times; successes in between keep the endpoint from being disabled.
    let count = std::cell::Cell::new(0);
    sending.turns(60, 9 * DAY, 300, &|_| {
        count.set(count.get() + 1);
        status(if count.get() < 10 { 500 } else { 200 })
    });
    let numbers: Vec<u32> = sending
        .log
        .iter()
        .map(|(_, _, number, _)| *number)
        .collect();
    assert_eq!(numbers.last(), Some(&10), "{numbers:?}");
    let desk = &mut sending.kept.desk;
    assert_eq!(
        desk.replay_events(&id(1), &Again::Numbers(1, 1), "analyst", at(9 * DAY))
            .unwrap(),
        1
    );
    sending.turn(9 * DAY + 1, &|parcel| {
        assert_eq!(parcel.number, 12);
        status(500)
    });
    assert_eq!(sending.states().get("due"), Some(&1));
    sending.turn(9 * DAY + 7, &|_| status(200));
    assert_eq!(sending.states(), [(String::from("delivered"), 2)].into());
}

#[track_caller]
fn believed(parcel: &Parcel, secret: &str, now: Instant) -> bool {
    let header = |name: &str| {
        let found = parcel.headers.iter().find(|(key, _)| key == name);
        found.unwrap().1.clone()
    };
    let secret = Secret::parse(secret).unwrap();
    verify::stripe(&header("stripe-signature"), &parcel.body, &secret, now, 300).is_ok()
}

#[test]
fn both_secrets_sign_while_one_is_rolled() {
    let fresh = Secret::mint([2; 32]);
    let mut sending = Sending::new(1);
    let rolled = Endpoint {
        secrets: vec![
            (fresh.expose().to_owned(), None),
            (told::SECRET.to_owned(), Some(at(DAY))),
        ],
        ..endpoint(1, None, true, "*")
    };
    sending.kept.listen(&rolled);
    let during = sending.parcels(at(1)).remove(0);
    assert!(believed(&during, told::SECRET, at(1)) && believed(&during, fresh.expose(), at(1)));
    sending.under_way = UnderWay::default();
    let after = sending.parcels(at(DAY)).remove(0);
    assert!(!believed(&after, told::SECRET, at(DAY)) && believed(&after, fresh.expose(), at(DAY)));
}

/// One merchant's receivers that never answer do not hold up another's.
#[test]
fn one_merchant_does_not_take_every_place() {
    let mut kept = Kept::new();
    for n in 1..=9 {
        kept.listen(&endpoint(n, Some("mer_1"), true, "*"));
    }
    kept.listen(&endpoint(10, None, true, "*"));
    kept.own("acct_1", "mer_1", true);
    let documents: Vec<String> = (1..=20)
        .map(|n| document("created", &n.to_string()))
        .collect();
    kept.bring(&documents);
    kept.publish();
    let mut under_way = UnderWay::default();
    let parcels = kept
        .desk
        .parcels(&Plain, &mut under_way, "one", at(1), 32)
        .unwrap();
    let of_desk = parcels
        .iter()
        .filter(|parcel| parcel.merchant.is_none())
        .count();
    assert_eq!((parcels.len() - of_desk, of_desk), (16, 8));
}

#[test]
fn addresses_inside_are_never_connected_to() {
    let mut sending = Sending::new(1);
    let way = WayOut::open(&sending.kept.desk.settings.process.webhooks.clone());
    for (n, url) in [
        "https://127.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://10.0.0.1/hook",
        "http://shop.example.com/hook",
        "https://localhost/hook",
    ]
    .into_iter()
    .enumerate()
    {
        let mut parcel = sending.parcels(at(1)).pop().unwrap_or_else(|| Parcel {
            endpoint: id(1),
            event: format!("evt_{n}"),
            merchant: None,
            number: 1,
            url: String::new(),
            headers: Vec::new(),
            body: b"{}".to_vec(),
            begun_at: at(1),
        });
        parcel.url = url.to_owned();
        let heard = way.post(&parcel);
        assert_eq!(
            heard.attempted.answer,
            Answer::NotSent,
            "{url}: {}",
            heard.words
        );
    }
}

/// Somebody disables the endpoint while an answer is on its way: neither word undoes the other.
#[test]
fn a_person_and_an_answer_at_once_are_both_heard() {
    let mut sending = Sending::new(1);
    let parcels = sending.parcels(at(1));
    let mut person = sending.kept.again();
    let switched = person
        .desk
        .switch_endpoint(&id(1), false, "analyst", at(2))
        .unwrap();
    assert!(switched);
    sending.hear(2, &parcels[0], &status(200));
    sending.hear(2, &parcels[1], &status(500));
    assert!(
        sending.health().starts_with("stopped"),
        "{}",
        sending.health()
    );
    let states = [(String::from("delivered"), 1), (String::from("held"), 1)];
    assert_eq!(sending.states(), states.into());
}

/// A sender that was stopped for longer than its lease wakes in the middle of its round.
#[test]
fn a_sender_that_woke_too_late_takes_nothing_on() {
    let mut late = Sending::new(1);
    let lease = |kept: &mut Kept, holder, now| {
        let store = &mut kept.desk.engine.store;
        store
            .lease("deliver", holder, now, now.plus_seconds(60))
            .unwrap()
    };
    let token = lease(&mut late.kept, "late", at(0)).unwrap();
    let mut other = late.kept.again();
    assert_eq!(lease(&mut other, "other", at(61)), Some(token + 1));
    late.kept.desk.bind_to(("deliver", token)).unwrap();
    let row = late
        .kept
        .desk
        .engine
        .store
        .deliveries(&id(1), 9)
        .unwrap()
        .remove(0);
    let begun = late.kept.desk.engine.store.begin(&row, "digest", at(99));
    assert!(
        matches!(begun, Err(store::Error::Fenced { .. })),
        "{begun:?}"
    );
    assert_eq!(
        other
            .desk
            .engine
            .store
            .delivery_body(&id(1), &row.event)
            .unwrap(),
        None
    );
}

#[test]
fn what_is_held_for_ninety_days_is_parked_and_said() {
    let mut sending = Sending::new(1);
    let desk = &mut sending.kept.desk;
    desk.switch_endpoint(&id(1), false, "analyst", at(0))
        .unwrap();
    sending.turns(1, 90 * DAY, DAY, &|_| panic!("sent"));
    assert_eq!(sending.states(), [(String::from("held"), 2)].into());
    sending.turn(90 * DAY + 3_700, &|_| panic!("sent"));
    assert_eq!(sending.states(), [(String::from("parked"), 2)].into());
    let desk = &mut sending.kept.desk;
    let query = DeliveryQuery {
        endpoint: id(1),
        state: Some(String::from("parked")),
        after: None,
        before: None,
        limit: 9,
    };
    let (rows, more) = desk.deliveries(&query, &Plain).unwrap().unwrap();
    assert_eq!((rows.len(), more), (2, false));
    let why = rows[0].why.as_deref();
    assert_eq!(
        why,
        Some("held for 90 days while the endpoint was disabled")
    );
    let leaves = desk.engine.store.leaves(0, 100).unwrap();
    let said = leaves
        .iter()
        .filter(|leaf| String::from_utf8_lossy(leaf).contains("gave up"));
    assert_eq!(said.count(), 1);
    // Replayed, it is there after all.
    desk.switch_endpoint(&id(1), true, "analyst", at(91 * DAY))
        .unwrap();
    let again = Again::Times(at(0), at(DAY));
    assert_eq!(
        desk.replay_events(&id(1), &again, "analyst", at(91 * DAY))
            .unwrap(),
        2
    );
    sending.turns(91 * DAY, 91 * DAY + 90, 1, &|_| status(200));
    sending.arrived(2);
}

#[test]
fn one_event_is_sent_to_an_endpoint_that_never_had_it() {
    let mut sending = Sending::new(1);
    sending.turn(1, &|_| status(200));
    sending
        .kept
        .listen(&endpoint(2, None, true, "desk.withdrawn"));
    sending.kept.listen(&endpoint(3, Some("mer_1"), true, "*"));
    let desk = &mut sending.kept.desk;
    let event = desk
        .engine
        .store
        .events_between(1, 1, 1)
        .unwrap()
        .remove(0)
        .id;
    let mut resend = |endpoint: u32, event: &str| {
        desk.resend_event(&id(endpoint), event, "analyst", at(9), &Plain)
            .unwrap()
            .map(|view| (view.state, view.attempts))
    };
    assert_eq!(resend(1, &event), Some((String::from("due"), 11)));
    // On its way already.
    assert_eq!(resend(1, &event), Some((String::from("due"), 11)));
    assert_eq!(resend(2, &event), Some((String::from("due"), 0)));
    // The account is the desk's, not the merchant's.
    assert_eq!(resend(3, &event), None);
    assert_eq!(resend(1, "evt_other"), None);
    let mut heard = Vec::new();
    for parcel in sending.parcels(at(10)) {
        assert_eq!(parcel.event, event);
        heard.push(parcel.endpoint.clone());
        sending.hear(10, &parcel, &status(200));
    }
    assert_eq!(heard, [id(1), id(2)]);
}

#[test]
fn a_test_event_goes_the_way_of_every_event_to_one_endpoint_alone() {
    let mut sending = Sending::new(0);
    sending
        .kept
        .listen(&endpoint(2, Some("mer_1"), true, "desk.opened"));
    let desk = &mut sending.kept.desk;
    let made = desk.ping_endpoint(&id(2), at(1), &Plain).unwrap();
    assert_eq!(
        (made.kind.as_str(), made.state.as_str()),
        ("desk.ping", "due")
    );
    let again = desk.ping_endpoint(&id(2), at(1), &Plain).unwrap();
    assert_ne!(made.event, again.event);
    // It counts for nobody else, and is resent to its endpoint only.
    let elsewhere = desk.resend_event(&id(1), &made.event, "analyst", at(2), &Plain);
    assert!(elsewhere.unwrap().is_none());
    let parcels = sending.parcels(at(2));
    assert_eq!(parcels.len(), 2);
    for parcel in &parcels {
        assert_eq!(parcel.endpoint, id(2));
        assert!(believed(parcel, told::SECRET, at(2)));
        sending.hear(2, parcel, &status(204));
    }
    let attempts = sending.kept.desk.attempts(&id(2), Some(&made.event), 9);
    assert_eq!(attempts.unwrap()[0].status, Some(204));
}

/// Whether somebody who holds this public half, and no secret, believes a message.
fn believed_by(parcel: &Parcel, key: &str, body: &[u8], now: Instant) -> bool {
    let key = PublicKey::parse(key).unwrap();
    let header = |name: &str| {
        let found = parcel.headers.iter().find(|(key, _)| key == name);
        found.unwrap().1.as_str()
    };
    let headers = verify::Standard {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    verify::standard(headers, body, verify::Holder::Public(&key), now, 300).is_ok()
}

fn public_keys(kept: &mut Kept, now: Instant) -> Vec<String> {
    let keys = kept.desk.hook_public_keys(now).unwrap();
    keys.into_iter().map(|known| known.key).collect()
}

impl Sending {
    /// Who believes a test event of this second, each by the key that they hold.
    fn belief(&mut self, second: i64, holders: &[&str]) -> Vec<bool> {
        let desk = &mut self.kept.desk;
        desk.ping_endpoint(&id(1), at(second), &Plain).unwrap();
        let parcel = self.parcels(at(second)).remove(0);
        self.hear(second, &parcel, &status(200));
        let believed = |key: &&str| believed_by(&parcel, key, &parcel.body, at(second));
        holders.iter().map(believed).collect()
    }
}

#[test]
fn the_desks_own_key_signs_beside_the_secrets_and_is_made_once() {
    let mut sending = Sending::new(1);
    let mut other = sending.kept.again();
    let parcel = sending.parcels(at(1)).remove(0);
    let shown = public_keys(&mut other, at(5));
    assert_eq!(public_keys(&mut sending.kept, at(9)), shown);
    assert!(believed_by(&parcel, &shown[0], &parcel.body, at(1)));
    assert!(!believed_by(&parcel, &shown[0], b"{}", at(1)));
    assert!(believed(&parcel, told::SECRET, at(1)));
}

#[test]
fn no_receiver_refuses_a_message_while_the_desks_key_is_rolled() {
    let mut sending = Sending::new(0);
    let old = public_keys(&mut sending.kept, at(0)).remove(0);
    assert_eq!(sending.belief(1, &[&old]), [true]);
    // Another process rolls; the one that sends knows at once.
    let mut other = sending.kept.again();
    let rolled = other.desk.roll_hook_key(at(30 * DAY), "operator", at(10));
    let keys = rolled.unwrap().unwrap();
    let new = keys[0].key.clone();
    assert_eq!((keys[1].key.as_str(), keys.len()), (old.as_str(), 2));
    assert_eq!(keys[1].until.map(|until| until.0), Some(at(30 * DAY)));
    assert_eq!(sending.belief(11, &[&old, &new]), [true, true]);
    assert_eq!(
        public_keys(&mut sending.kept, at(11)),
        [new.clone(), old.clone()]
    );
    assert_eq!(sending.belief(30 * DAY - 1, &[&old, &new]), [true, true]);
    assert_eq!(sending.belief(30 * DAY, &[&old, &new]), [false, true]);
    assert_eq!(
        public_keys(&mut sending.kept, at(30 * DAY)),
        std::slice::from_ref(&new)
    );
    let history = sending.kept.desk.hook_key_history(at(30 * DAY)).unwrap();
    assert_eq!((history.len(), &history[1].key), (2, &old));
    let leaves = sending.kept.desk.engine.store.leaves(0, 100).unwrap();
    let leaves: Vec<_> = leaves
        .iter()
        .map(|leaf| String::from_utf8_lossy(leaf))
        .collect();
    let of_keys: Vec<_> = leaves
        .iter()
        .filter(|leaf| leaf.contains("webhooks key"))
        .collect();
    assert_eq!(of_keys.len(), 2, "{of_keys:?}");
    assert!(of_keys[1].contains("rolled at=") && of_keys[1].ends_with("by=operator"));
    assert!(of_keys[1].contains(&new) && of_keys[1].contains(&old));
    assert!(!leaves.iter().any(|leaf| leaf.contains("whsk_")));
}

#[test]
fn a_second_roll_waits_unless_a_key_leaked() {
    let mut sending = Sending::new(0);
    let first = public_keys(&mut sending.kept, at(0)).remove(0);
    let desk = &mut sending.kept.desk;
    desk.roll_hook_key(at(DAY), "operator", at(0))
        .unwrap()
        .unwrap();
    let refused = desk
        .roll_hook_key(at(2 * DAY), "operator", at(DAY - 1))
        .unwrap();
    assert_eq!(
        refused.unwrap_err(),
        KeyRollError::TwoLive { until: at(DAY) }
    );
    let leaked = desk.roll_hook_key(at(DAY - 1), "operator", at(DAY - 1));
    let keys = leaked.unwrap().unwrap();
    let (third, second) = (keys[0].key.clone(), keys[1].key.clone());
    assert_eq!(keys.len(), 3);
    let holders = [first.as_str(), &second, &third];
    assert_eq!(sending.belief(DAY - 1, &holders), [false, false, true]);
}

#[test]
fn two_that_roll_at_once_leave_two_keys_that_sign() {
    let mut sending = Sending::new(0);
    public_keys(&mut sending.kept, at(0));
    let desks: Vec<Kept> = (0..4).map(|_| sending.kept.again()).collect();
    let rolled: Vec<bool> = std::thread::scope(|scope| {
        let roll = |mut kept: Kept| {
            move || {
                kept.desk
                    .roll_hook_key(at(DAY), "operator", at(1))
                    .unwrap()
                    .is_ok()
            }
        };
        let threads: Vec<_> = desks
            .into_iter()
            .map(|kept| scope.spawn(roll(kept)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(rolled.iter().filter(|done| **done).count(), 1);
    assert_eq!(public_keys(&mut sending.kept, at(2)).len(), 2);
}

#[test]
fn a_backup_brings_back_the_keys_that_it_had() {
    let mut sending = Sending::new(0);
    let first = public_keys(&mut sending.kept, at(0)).remove(0);
    let mut before = sending.kept.copy();
    let desk = &mut sending.kept.desk;
    desk.roll_hook_key(at(DAY), "operator", at(0))
        .unwrap()
        .unwrap();
    let keys = public_keys(&mut sending.kept, at(1));
    // Taken after the roll: both sign, and the old one ends when it was said to.
    let mut after = sending.kept.copy();
    assert_eq!(public_keys(&mut after, at(1)), keys);
    assert_eq!(public_keys(&mut after, at(DAY)), keys[..1]);
    // Taken before it: the first signs on, the second is lost, and what is rolled then is another.
    assert_eq!(
        public_keys(&mut before, at(DAY)),
        std::slice::from_ref(&first)
    );
    let again = before.desk.roll_hook_key(at(2 * DAY), "operator", at(DAY));
    let again = again.unwrap().unwrap();
    assert!(again[0].key != keys[0] && again[1].key == first);
}
