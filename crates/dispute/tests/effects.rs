//! What follows from a change: entries that are differences, timers that follow deadlines, sends that follow answers,
//! findings that open and close by themselves.

mod story;

use dispute::case::AnswerState;
use dispute::derive::Derived;
use dispute::effects::{Effects, Errand, effects, outgoing};
use dispute::family::Known;
use ledger::Balances;
use std::collections::BTreeSet;
use story::{all_effects, balances, case_named, derived, known, story};

/// A desk that hears one line after the other.
struct Desk {
    facts: Vec<Known>,
    state: Vec<Derived>,
}

impl Desk {
    fn new() -> Desk {
        Desk {
            facts: Vec::new(),
            state: Vec::new(),
        }
    }

    /// What the next lines change.
    #[track_caller]
    fn hears(&mut self, lines: &str) -> Effects {
        self.facts.extend(story(lines));
        let after = derived(&self.facts);
        let change = effects(&self.state, &after).expect("differences balance");
        self.state = after;
        change
    }
}

const OPEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 due chargeback 11-20
    11-02 moved m1 withdrawal -100.00USD yes";

fn posted(change: &Effects) -> Vec<String> {
    let legs = change.posted.iter().flat_map(|posted| {
        posted.entry.legs().iter().map(|leg| {
            format!(
                "{} {} {} {}",
                posted.key, leg.account.kind, leg.layer, leg.amount
            )
        })
    });
    legs.collect()
}

fn timers(change: &Effects) -> Vec<String> {
    change
        .timers_set
        .iter()
        .map(|timer| format!("{} {}", timer.what, timer.due))
        .collect()
}

fn sends(change: &Effects) -> Vec<String> {
    change
        .outgoing_added
        .iter()
        .map(|send| {
            format!(
                "{} {} attempt {}",
                send.errand.name(),
                send.stage,
                send.attempt
            )
        })
        .collect()
}

fn opened(change: &Effects) -> Vec<&'static str> {
    let kinds = change
        .findings_opened
        .iter()
        .map(|(_, finding)| finding.kind.name());
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn nothing_follows_from_nothing_new() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    let again = desk.hears(OPEN);
    assert_eq!(again, effects(&[], &[]).expect("nothing balances"));
}

#[test]
fn a_movement_posts_once_and_a_correction_posts_the_difference() {
    let mut desk = Desk::new();
    let first = desk.hears("11-02 phase chargeback ours\n11-02 disputed 100.00USD\n11-02 moved m1 withdrawal -100.00USD no");
    assert_eq!(
        posted(&first),
        [
            "m1 provider-clearing pending -100.00 USD",
            "m1 dispute-receivable pending 100.00 USD"
        ]
    );
    // Another document says it again: one more fact, no entry.
    assert_eq!(
        posted(&desk.hears("11-03 moved m1 withdrawal -100.00USD no auth=report-row")),
        [""; 0]
    );
    // Settled, at another amount.
    let settled = desk.hears("11-04 moved m1 withdrawal -99.00USD yes");
    assert_eq!(
        posted(&settled),
        [
            "m1 provider-clearing pending 100.00 USD",
            "m1 provider-clearing posted -99.00 USD",
            "m1 dispute-receivable pending -100.00 USD",
            "m1 dispute-receivable posted 99.00 USD",
        ]
    );
}

// F-43.
#[test]
fn a_write_off_is_taken_back_when_the_case_turns() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    let lost = desk.hears("12-01 phase chargeback lost");
    assert_eq!(
        posted(&lost),
        [
            "resolution dispute-receivable posted -100.00 USD",
            "resolution chargeback-loss posted 100.00 USD"
        ]
    );
    let won = desk.hears("12-02 phase chargeback won");
    assert_eq!(
        posted(&won),
        [
            "resolution dispute-receivable posted 100.00 USD",
            "resolution chargeback-loss posted -100.00 USD"
        ]
    );
}

#[test]
fn money_in_suspense_moves_to_the_case_that_claims_it() {
    let mut desk = Desk::new();
    let early = desk.hears("10-30 moved m1 withdrawal -60.00USD yes ref.payment=p1");
    assert_eq!(
        posted(&early),
        [
            "m1 provider-clearing posted -60.00 USD",
            "m1 suspense posted 60.00 USD"
        ]
    );
    assert!(early.posted[0].case.is_none());
    let joined = desk.hears("11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1");
    let mut lines = posted(&joined);
    lines.sort();
    assert_eq!(
        lines,
        [
            "m1 dispute-receivable posted 60.00 USD",
            "m1 provider-clearing posted -60.00 USD",
            "m1 provider-clearing posted 60.00 USD",
            "m1 suspense posted -60.00 USD",
        ]
    );
    // A second dispute makes it anybody's, and it waits again.
    let second = desk.hears("11-03 phase chargeback ours ref.dispute=d2 ref.payment=p1");
    assert!(posted(&second).contains(&"m1 suspense posted 60.00 USD".to_string()));
    assert_eq!(
        opened(&second)
            .iter()
            .filter(|kind| **kind == "movement-unassigned")
            .count(),
        2
    );
}

#[test]
fn a_timer_follows_its_deadline() {
    let mut desk = Desk::new();
    let first = desk.hears(OPEN);
    assert_eq!(timers(&first), ["respond/chargeback 2026-11-20@UTC"]);
    let moved = desk.hears("11-05 due chargeback 11-12");
    assert_eq!(timers(&moved), ["respond/chargeback 2026-11-12@UTC"]);
    assert_eq!(moved.timers_cleared, [first.timers_set[0].id.clone()]);
    // Its time passes: the timer has done its work.
    let passed = desk.hears("11-13 passed respond/chargeback 11-12");
    assert_eq!(
        (timers(&passed).len(), passed.timers_cleared),
        (0, vec![moved.timers_set[0].id.clone()])
    );
    // The provider gives more time.
    let again = desk.hears("11-14 due chargeback 11-30");
    assert_eq!(timers(&again), ["respond/chargeback 2026-11-30@UTC"]);
    assert!(
        again.findings_closed.len() == 1,
        "the broken obligation mends: {:?}",
        again.findings_closed
    );
    // The deadline goes back to a day that has passed already: no timer, it is broken at once.
    let back = desk.hears("11-15 due chargeback 11-12");
    assert_eq!((timers(&back).len(), back.timers_cleared.len()), (0, 1));
}

#[test]
fn a_met_obligation_has_no_timer_and_the_providers_begins() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    desk.hears("11-03 evidence-saved 1 receipt words\n11-03 evidence-sealed 1 packet\n11-04 submission-asked chargeback packet");
    let sent = desk.hears("11-04T10:00 sent chargeback packet accepted 1");
    assert_eq!(
        timers(&sent),
        ["acknowledge/chargeback 2026-11-07T10:00:00Z"]
    );
    assert_eq!(sent.timers_cleared.len(), 1);
    let theirs = desk.hears("11-05 phase chargeback theirs");
    assert_eq!((timers(&theirs).len(), theirs.timers_cleared.len()), (0, 1));
    // F-34: a win starts the clock of the money.
    let won = desk.hears("12-01 phase chargeback won");
    assert_eq!(timers(&won), ["return-funds 2026-12-15@UTC"]);
}

// Invariant 7: asked, in doubt, read back as never received, sent again as the second attempt, arrived.
#[test]
fn a_send_lives_from_asked_to_arrived() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    let asked = desk.hears("11-03 evidence-saved 1 receipt words\n11-03 evidence-sealed 1 packet\n11-04 submission-asked chargeback packet");
    assert_eq!(sends(&asked), ["submit chargeback attempt 1"]);
    let step = |desk: &mut Desk, line: &str, added: &[&str], removed: &Effects| {
        let change = desk.hears(line);
        assert_eq!(sends(&change), added, "{line}");
        let gone: Vec<_> = removed
            .outgoing_added
            .iter()
            .map(|send| send.id.clone())
            .collect();
        assert_eq!(change.outgoing_removed, gone, "{line}");
        change
    };
    let doubt = step(
        &mut desk,
        "11-04T10:00 sent chargeback packet in-doubt 1",
        &["resolve chargeback attempt 1"],
        &asked,
    );
    assert_eq!(doubt.outgoing_added[0].errand, Errand::Resolve);
    let again = step(
        &mut desk,
        "11-04T11:00 sent chargeback packet not-received 1",
        &["submit chargeback attempt 2"],
        &doubt,
    );
    let doubt = step(
        &mut desk,
        "11-04T12:00 sent chargeback packet in-doubt 2",
        &["resolve chargeback attempt 2"],
        &again,
    );
    step(
        &mut desk,
        "11-04T13:00 sent chargeback packet accepted 2",
        &[],
        &doubt,
    );
    assert_eq!(
        case_named(&desk.facts, "d1").answers[0].state,
        AnswerState::Accepted
    );
}

#[test]
fn a_refused_answer_that_is_asked_for_again_is_a_new_send() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    let first = desk.hears("11-04 acceptance-asked chargeback");
    assert_eq!(sends(&first), ["accept chargeback attempt 1"]);
    let refused = desk.hears("11-04T10:00 sent chargeback - sending=refused:busy attempt=1");
    assert_eq!(
        (sends(&refused).len(), refused.outgoing_removed.len()),
        (0, 1)
    );
    assert_eq!(opened(&refused), ["answer-refused"]);
    let again = desk.hears("11-05 acceptance-asked chargeback");
    assert_eq!(sends(&again), ["accept chargeback attempt 2"]);
    assert_ne!(again.outgoing_added[0].id, first.outgoing_added[0].id);
    assert_eq!(again.findings_closed.len(), 1);
}

#[test]
fn what_is_withdrawn_or_overtaken_does_not_leave() {
    for line in [
        "11-05 ask-withdrawn chargeback",
        "11-05 phase chargeback theirs",
        "11-05 phase chargeback lost",
    ] {
        let mut desk = Desk::new();
        desk.hears(OPEN);
        let asked = desk.hears("11-04 submission-asked chargeback packet");
        let gone = desk.hears(line);
        assert_eq!(
            gone.outgoing_removed,
            [asked.outgoing_added[0].id.clone()],
            "{line}"
        );
        assert!(
            outgoing(&case_named(&desk.facts, "d1")).is_empty(),
            "{line}"
        );
    }
}

#[test]
fn findings_open_grow_and_close_by_themselves() {
    let mut desk = Desk::new();
    desk.hears(OPEN);
    // Expected money is no exception (F-68).
    let won = desk.hears("12-01 phase chargeback won");
    assert_eq!(opened(&won), [""; 0]);
    let late = desk.hears("12-16 passed return-funds 12-15");
    assert_eq!(
        opened(&late),
        ["divergence", "obligation-broken", "residue"]
    );
    // A part comes back: the same findings, with the figures of today.
    let part = desk.hears("12-17 moved m2 reinstatement 40.00USD yes");
    let divergence = part
        .findings_opened
        .iter()
        .find(|(_, finding)| finding.kind.name() == "divergence");
    let amount = divergence
        .and_then(|(_, finding)| finding.amount)
        .map(|amount| amount.to_string());
    assert_eq!(amount.as_deref(), Some("60.00 USD"));
    let rest = desk.hears("12-18 moved m3 reinstatement 60.00USD yes");
    assert_eq!((opened(&rest).len(), rest.findings_closed.len()), (0, 3));
}

/// Steele, Lea and Flood's SplitMix64: the same stream on every machine.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let drawn = (z ^ (z >> 31)) % u64::try_from(bound).expect("a small bound");
        usize::try_from(drawn).expect("below a small bound")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.get(self.below(from.len())).expect("below the length")
    }
}

/// A line about one of two disputes on one payment, or about the payment alone; legal or not.
fn line(stream: &mut Stream) -> String {
    let day = stream.below(9) + 1;
    let refs = stream.pick(&[
        "ref.dispute=d1",
        "ref.dispute=d2",
        "ref.dispute=d1 ref.payment=p1",
        "ref.dispute=d2 ref.payment=p1",
        "ref.payment=p1",
    ]);
    let stage = stream.pick(&["chargeback", "pre-arbitration", "inquiry"]);
    let amount = stream.pick(&[
        "100.00USD",
        "60.00USD",
        "-100.00USD",
        "-60.00USD",
        "-2.00USD",
        "-90.00EUR",
    ]);
    let said = match stream.below(12) {
        0..=2 => format!(
            "phase {stage} {}",
            stream.pick(&["ours", "theirs", "won", "lost", "partially-won", "accepted"])
        ),
        3 => format!("due {stage} 11-{}", stream.pick(&["05", "12", "20"])),
        4 => format!("disputed {}", amount.trim_start_matches('-')),
        5..=6 => format!(
            "moved {} {} {amount} {}",
            stream.pick(&["m1", "m2", "m3"]),
            stream.pick(&[
                "withdrawal",
                "reinstatement",
                "received-fee",
                "fee-return",
                "fx-adjustment",
                "pre-dispute-credit",
                "reserve",
                "unexplained"
            ]),
            stream.pick(&["yes", "no"])
        ),
        7 => format!(
            "submission-asked {stage} {}",
            stream.pick(&["packet", "other"])
        ),
        8 => format!(
            "sent {stage} packet sending={} attempt={}",
            stream.pick(&["accepted", "in-doubt", "not-received", "refused:no"]),
            stream.pick(&["1", "2"])
        ),
        9 => format!("recovered {}", amount.trim_start_matches('-')),
        10 => format!(
            "passed respond/{stage} 11-{}",
            stream.pick(&["05", "12", "20"])
        ),
        _ => format!(
            "refunded r1 {} {}",
            amount.trim_start_matches('-'),
            stream.pick(&["pending", "succeeded", "failed"])
        ),
    };
    format!("11-0{day} {said} {refs}")
}

fn nonzero(balances: &Balances) -> Vec<String> {
    let left = balances.iter().filter(|(_, _, amount)| !amount.is_zero());
    left.map(|(account, layer, amount)| format!("{} {layer} {amount}", account.path()))
        .collect()
}

/// What a desk holds after these effects, beside its books.
fn hold(held: &mut BTreeSet<String>, change: &Effects) {
    for id in change.timers_cleared.iter().map(ToString::to_string) {
        assert!(held.remove(&id), "a timer is cleared that was not set");
    }
    for id in change.outgoing_removed.iter().map(ToString::to_string) {
        assert!(held.remove(&id), "a send is removed that was not asked for");
    }
    for id in change.findings_closed.iter().map(ToString::to_string) {
        assert!(held.remove(&id), "a finding is closed that was not open");
    }
    held.extend(change.timers_set.iter().map(|timer| timer.id.to_string()));
    held.extend(change.outgoing_added.iter().map(|send| send.id.to_string()));
    held.extend(
        change
            .findings_opened
            .iter()
            .map(|(case, finding)| finding.id(case).to_string()),
    );
}

// Step by step or at once, a desk ends with the same books, timers, sends and findings; every entry balances; and an effect
// and its contrary cancel.
#[test]
fn effects_add_up_and_cancel() {
    let mut stream = Stream(11);
    for _ in 0..400 {
        let length = 3 + stream.below(14);
        let facts: Vec<Known> = (0..length).map(|_| known(&line(&mut stream))).collect();
        let (mut before, mut all, mut held) = (Vec::new(), Vec::new(), BTreeSet::new());
        for count in 1..=facts.len() {
            let after = derived(&facts[..count]);
            let forth = effects(&before, &after).expect("differences balance");
            let back = effects(&after, &before).expect("differences balance");
            assert_eq!(nonzero(&balances([&forth, &back])), [""; 0], "{facts:#?}");
            let mut both = BTreeSet::new();
            hold(&mut both, &all_effects(&before));
            let at_first = both.clone();
            hold(&mut both, &forth);
            hold(&mut both, &back);
            assert_eq!(both, at_first, "{facts:#?}");
            hold(&mut held, &forth);
            all.push(forth);
            before = after;
        }
        let at_once = all_effects(&before);
        assert_eq!(
            nonzero(&balances(&all)),
            nonzero(&balances([&at_once])),
            "{facts:#?}"
        );
        assert!(balances(&all).totals().values().all(|sum| *sum == 0));
        let mut whole = BTreeSet::new();
        hold(&mut whole, &at_once);
        assert_eq!(held, whole, "{facts:#?}");
        story::agree(&before);
    }
}

// One key in two books, or told twice of payments that nothing joins yet: neither hides the other.
#[test]
fn suspense_under_one_key_is_posted_wherever_it_waits() {
    let two_books = story(
        "11-02 moved m1 withdrawal -60.00USD yes ref.payment=p1
         11-02 moved m1 withdrawal -60.00USD yes ref.payment=p1 scope=acme/acct_2",
    );
    let at_once = all_effects(&derived(&two_books));
    assert_eq!(at_once.posted.len(), 2, "{:?}", posted(&at_once));

    let one = derived(&story(
        "11-02 moved m1 withdrawal -60.00USD yes ref.payment=p1",
    ));
    let other = derived(&story("11-02 moved m1 withdrawal -60.00USD yes ref.arn=a1"));
    let joined = derived(&story(
        "11-02 moved m1 withdrawal -60.00USD yes ref.payment=p1
         11-02 moved m1 withdrawal -60.00USD yes ref.arn=a1
         11-03 paid 60.00USD ref.payment=p1 ref.arn=a1",
    ));
    assert_eq!(joined.len(), 1);
    let apart = [one.clone(), other.clone()].concat();
    let joining = effects(&apart, &joined).expect("differences balance");
    let stepwise = [all_effects(&one), all_effects(&other), joining];
    assert_eq!(
        nonzero(&balances(&stepwise)),
        nonzero(&balances([&all_effects(&joined)]))
    );
}
