//! Order does not matter: permute and duplicate the facts of legal and illegal histories, and one state, one set of books
//! and one hash come out (DESIGN, invariant 3; F-05, F-07, F-18, F-19).
//!
//! `SLOW_TESTS=1` runs a million permutations; the default is a sample that takes a second.
#![allow(clippy::as_conversions, clippy::indexing_slicing, clippy::unwrap_used)]

use calendar::{Instant, Moment};
use dispute::derive::derive;
use dispute::digest;
use dispute::effects::effects;
use dispute::fact::{Fact, Scope};
use dispute::family::{Known, families};
use dispute::movement::{Movement, MovementKind};
use dispute::network::Network;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, Reference, References};
use dispute::said::{EvidenceContent, RefundState, RequiredSlot, Said, Sending};
use dispute::status::{Authority, Due, Party, Phase, Stage, Standing};
use ledger::Balances;
use money::{Currency, Money};

/// Steele, Lea and Flood's SplitMix64: the same stream on every machine, and short enough to read here.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn usd(minor: i128) -> Money {
    Money::of_minor(minor, Currency::USD)
}

fn at(minutes: i64) -> Instant {
    Instant::from_unix_seconds(1_780_000_000 + minutes * 60).unwrap()
}

/// A random statement about one of two disputes on one of two payments. Nothing keeps the history legal: phases jump,
/// amounts contradict, keys repeat, sends report what was never asked.
fn statement(stream: &mut Stream) -> Fact {
    let disputes = ["d1", "d2"];
    let payments = ["p1", "p2"];
    let mut refs = References::none();
    let about = stream.below(10);
    if about < 8 {
        refs = refs.and(RefKind::Dispute, stream.pick(&disputes));
    }
    if about > 3 {
        refs = refs.and(RefKind::Payment, stream.pick(&payments));
    }
    let account = if stream.below(12) == 0 {
        "acct_2"
    } else {
        "acct_1"
    };
    Fact {
        // Few distinct instants, so that ties are common.
        true_at: at(stream.below(6) as i64 * 1_440),
        sequence: stream.below(2) as u64,
        authority: stream.pick(Authority::ALL),
        by: stream.pick(Party::ALL),
        scope: Scope {
            provider: "acme".to_string(),
            account: account.to_string(),
        },
        refs,
        said: said(stream),
    }
}

fn said(stream: &mut Stream) -> Said {
    let stage = stream.pick(Stage::ALL);
    let amount = usd(stream.pick(&[1_000, 2_500, 100_000]));
    match stream.below(18) {
        0..4 => Said::Phase(Phase {
            stage,
            standing: stream.pick(Standing::ALL),
        }),
        4 => Said::Disputed(amount),
        5 => Said::Reason(ReasonClaim {
            reason: if stream.below(2) == 0 {
                Reason::Fraudulent
            } else {
                Reason::General
            },
            network: Some(if stream.below(2) == 0 {
                Network::Visa
            } else {
                Network::Mastercard
            }),
            code: Some(stream.pick(&["10.4", "13.1", "4853", "zz"]).to_string()),
        }),
        6 => Said::Due {
            stage,
            due: due(stream),
        },
        7..10 => Said::Moved(Movement {
            key: stream.pick(&["m1", "m2", "m3"]).to_string(),
            kind: stream.pick(&MovementKind::ALL),
            amount: if stream.below(2) == 0 {
                amount
            } else {
                amount.negate()
            },
            settled: stream.below(2) == 0,
        }),
        10 => Said::Refunded {
            key: stream.pick(&["r1", "r2"]).to_string(),
            amount,
            state: stream.pick(&[
                RefundState::Pending,
                RefundState::Succeeded,
                RefundState::Failed,
            ]),
        },
        11 => paid(amount),
        12 => Said::EvidenceSaved {
            version: stream.below(4) as u32,
            slot: stream.pick(&["receipt", "rebuttal_letter"]).to_string(),
            content: EvidenceContent::Text(stream.pick(&["one", "two"]).to_string()),
        },
        13 => Said::EvidenceSealed {
            version: stream.below(4) as u32,
            digest: "packet".to_string(),
        },
        14 => Said::SubmissionAsked {
            stage,
            digest: stream.pick(&["packet", "other"]).to_string(),
        },
        15 => Said::Sent {
            stage,
            digest: stream.pick(&["packet", ""]).to_string(),
            sending: sending(stream),
            attempt: 1 + stream.below(3) as u32,
        },
        16 => ours(stream, stage),
        _ => linking(stream),
    }
}

fn paid(amount: Money) -> Said {
    Said::Paid {
        amount,
        paid_at: None,
    }
}

fn due(stream: &mut Stream) -> Due {
    if stream.below(4) == 0 {
        Due::NotContestable
    } else {
        Due::By(Moment::At(at(stream.below(9) as i64 * 1_440)))
    }
}

fn sending(stream: &mut Stream) -> Sending {
    match stream.below(4) {
        0 => Sending::Accepted,
        1 => Sending::Refused("no".to_string()),
        2 => Sending::InDoubt,
        _ => Sending::NotReceived,
    }
}

fn ours(stream: &mut Stream, stage: Stage) -> Said {
    match stream.below(10) {
        5 => Said::Recovered(usd(stream.pick(&[500, 1_000]))),
        6 => Said::Requires {
            stage,
            defence: stream.pick(&["A1", "B2"]).to_string(),
            slots: vec![RequiredSlot {
                slot: stream.pick(&["receipt", "rebuttal_letter"]).to_string(),
                required: stream.below(2) == 0,
            }],
        },
        7 => Said::ChangeAsked {
            code: stream.pick(&["C01", "C02"]).to_string(),
            corrected: "12345".to_string(),
            settled_on: None,
        },
        8 => Said::EvidenceReviewed {
            version: stream.below(4) as u32,
            reviewer: stream.pick(&["one", "two"]).to_string(),
        },
        9 => Said::Assigned {
            to: stream.pick(&["one", "two", ""]).to_string(),
            author: "lead".to_string(),
        },
        0 => Said::AcceptanceAsked { stage },
        1 => Said::AskWithdrawn { stage },
        2 => Said::Acknowledged {
            stage,
            count: stream.below(3) as u32,
        },
        3 => Said::Staged { stage },
        _ => Said::Passed {
            what: format!("respond/{stage}"),
            due: Moment::At(at(stream.below(9) as i64 * 1_440)),
        },
    }
}

fn linking(stream: &mut Stream) -> Said {
    let dispute = Reference {
        kind: RefKind::Dispute,
        value: stream.pick(&["d1", "d2"]).to_string(),
    };
    let payment = Reference {
        kind: RefKind::Payment,
        value: stream.pick(&["p1", "p2"]).to_string(),
    };
    let author = "analyst".to_string();
    match stream.below(4) {
        0 => Said::Cut {
            one: dispute,
            other: payment,
            author,
        },
        1 => Said::Tied {
            one: dispute,
            other: payment,
            author,
        },
        2 => Said::Drifted {
            field: "status".to_string(),
            value: "paused".to_string(),
        },
        _ => Said::Noted {
            text: "called the bank".to_string(),
            author,
        },
    }
}

/// One hash over every family.
fn state(facts: &[Known]) -> Vec<String> {
    let families = families(facts.iter().cloned());
    families
        .iter()
        .map(|family| digest::of_family(&derive(family)))
        .collect()
}

/// The books as posted step by step, in this order of arrival: what a live desk would hold.
fn posted(facts: &[Known]) -> Vec<String> {
    let mut balances = Balances::new();
    let mut before = Vec::new();
    for known in 1..=facts.len() {
        let after: Vec<_> = families(facts[..known].iter().cloned())
            .iter()
            .map(derive)
            .collect();
        for posted in effects(&before, &after).unwrap().posted {
            balances.apply(&posted.entry).unwrap();
        }
        before = after;
    }
    let nonzero = balances.iter().filter(|(_, _, amount)| !amount.is_zero());
    nonzero
        .map(|(account, layer, amount)| format!("{} {layer} {amount}", account.path()))
        .collect()
}

fn permutations() -> u64 {
    if std::env::var_os("SLOW_TESTS").is_some() {
        1_000_000
    } else {
        20_000
    }
}

/// Checks histories from one seed on until so many permutations were compared.
fn check(seed: u64, permutations: u64) {
    let mut stream = Stream(seed);
    let mut compared = 0;
    while compared < permutations {
        let length = 3 + stream.below(12);
        let history: Vec<Known> = (0..length)
            .map(|_| Known::of(statement(&mut stream)))
            .collect();
        let expected = state(&history);
        let books = posted(&history);
        for round in 0..25 {
            let mut permuted = history.clone();
            for _ in 0..stream.below(4) {
                let again = history[stream.below(history.len())].clone();
                permuted.push(again);
            }
            stream.shuffle(&mut permuted);
            assert_eq!(state(&permuted), expected, "seed {seed}: {permuted:#?}");
            if round == 0 {
                assert_eq!(posted(&permuted), books, "seed {seed}: {permuted:#?}");
            }
            compared += 1;
        }
    }
}

#[test]
fn any_order_and_any_duplication_give_one_state_one_set_of_books_one_hash() {
    let threads = 4;
    std::thread::scope(|scope| {
        for seed in 0..threads {
            scope.spawn(move || check(seed * 1_000_003, permutations() / threads));
        }
    });
}

#[test]
fn a_canonical_line_reads_back_to_the_same_fact() {
    let mut stream = Stream(7);
    for _ in 0..5_000 {
        let fact = statement(&mut stream);
        let line = dispute::text::render(&fact);
        assert_eq!(dispute::text::parse(&line).as_ref(), Ok(&fact), "{line}");
    }
}

#[test]
fn a_line_with_spaces_signs_and_other_scripts_reads_back() {
    let mut stream = Stream(8);
    for text in [
        "",
        " ",
        "a=b c%20",
        "line\nbreak\ttab",
        "čeština 漢字 \u{202e}",
        "%",
        "=",
        "100 %",
    ] {
        let mut fact = statement(&mut stream);
        fact.said = Said::Noted {
            text: text.to_string(),
            author: "a b".to_string(),
        };
        let line = dispute::text::render(&fact);
        assert!(!line.contains('\n'));
        assert_eq!(dispute::text::parse(&line).as_ref(), Ok(&fact), "{line}");
    }
}
