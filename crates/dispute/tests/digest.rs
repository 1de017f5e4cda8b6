//! The digest covers what people see: whichever value of a case changes, its digest does (DESIGN, invariants 3 and 4).

mod story;

use calendar::{Instant, Moment};
use dispute::case::{AnswerState, Answered, Case, MoneyState, SlotNeed, Status, Totals, Turn};
use dispute::digest::{of_case, of_family};
use dispute::finding::{Finding, FindingKind};
use dispute::id::FactId;
use dispute::movement::MovementKind;
use dispute::network::Network;
use dispute::obligation::Standing;
use dispute::reason::Reason;
use dispute::reference::{RefKind, References};
use dispute::said::EvidenceContent;
use dispute::status::{Outcome, Party, Phase, Stage, Standing as Turned};
use money::{Currency, Money};
use story::{case_of, derived, story};

const FULL: &str = "
    11-01 paid 120.00USD ref.payment=p1
    11-01 refunded r1 5.00USD succeeded ref.payment=p1
    11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1
    11-02 disputed 100.00USD
    11-02 recovered 1.00USD
    11-02 due chargeback 11-20
    11-02 reason not-received visa 13.1
    11-02 moved m1 withdrawal -101.00USD yes
    11-02 moved f1 received-fee -15.00USD no
    11-03 requires chargeback A1 required=receipt
    11-03 evidence-saved 1 receipt words
    11-03 evidence-reviewed 1 second
    11-03 evidence-sealed 1 packet
    11-04 submission-asked chargeback packet
    11-04 sent chargeback packet in-doubt 1
    11-05 assigned a1 lead
    11-05 noted called a1";

/// Changes one value of the full case; the digest must tell.
#[track_caller]
fn check(what: &str, change: impl Fn(&mut Case)) {
    let case = case_of(FULL);
    let mut other = case.clone();
    change(&mut other);
    assert_ne!(case, other, "{what}: nothing was changed");
    assert_ne!(
        of_case(&case),
        of_case(&other),
        "{what} is not in the digest"
    );
}

fn later() -> Instant {
    Instant::parse("2027-01-01T00:00:00Z").expect("it is an instant")
}

fn usd(minor: i128) -> Money {
    Money::of_minor(minor, Currency::USD)
}

#[test]
fn names_status_and_time() {
    check("dispute", |case| case.dispute.push('x'));
    check("provider", |case| case.scope.provider.push('x'));
    check("account", |case| case.scope.account.push('x'));
    check("references", |case| {
        case.refs = References::none().and(RefKind::Arn, "1")
    });
    check("status", |case| case.status = Status::Unstated);
    check("stage", |case| {
        case.status = Status::Open {
            stage: Stage::Arbitration,
            turn: Turn::Network,
        }
    });
    check("lifecycle", |case| case.lifecycle = "other");
    check("network", |case| case.network = Some(Network::Amex));
    check("a step", |case| {
        case.steps[0].phase = Phase {
            stage: Stage::Inquiry,
            standing: Turned::Ours,
        }
    });
    check("a step's time", |case| case.steps[0].at = later());
    check("a step's statement", |case| {
        case.steps[0].fact = FactId::of(&["x"])
    });
    check("assigned", |case| case.assigned_to = None);
    check("notes", |case| case.notes[0].2.push('x'));
    check("opened", |case| case.opened_at = later());
    check("changed", |case| case.changed_at = later());
    check("because", |case| case.because.clear());
}

#[test]
fn an_outcome_and_its_speaker() {
    let closed = |said_by| Status::Closed {
        stage: Stage::Chargeback,
        outcome: Outcome::Won,
        said_by,
    };
    let mut one = case_of(FULL);
    one.status = closed(Party::Provider);
    let mut other = one.clone();
    other.status = closed(Party::Issuer);
    assert_ne!(of_case(&one), of_case(&other));
}

#[test]
fn the_deadline() {
    let change = |case: &mut Case, change: &dyn Fn(&mut dispute::deadline::Deadline)| {
        if let Status::Open {
            turn: Turn::Ours { deadline },
            ..
        } = &mut case.status
        {
            change(deadline);
        }
    };
    check("cut-off", |case| {
        change(case, &|deadline| {
            deadline.cutoff = Some(Moment::At(later()))
        })
    });
    check("limit", |case| {
        change(case, &|deadline| deadline.limit = None)
    });
    check("rule", |case| {
        change(case, &|deadline| {
            deadline.limit.as_mut().unwrap().1.push('x')
        })
    });
}

#[test]
fn claims_and_money() {
    check("reason", |case| {
        case.reason.as_mut().unwrap().reason = Reason::Duplicate
    });
    check("code", |case| case.reason.as_mut().unwrap().code = None);
    check("code list", |case| {
        case.reason.as_mut().unwrap().network = None
    });
    check("disputed", |case| case.disputed = Some(usd(1)));
    check("paid", |case| case.paid = Some(usd(1)));
    check("recovered", |case| case.recovered = Some(usd(2)));
    check("refunded", |case| case.refunded = vec![usd(2)]);
    check("money", |case| case.money = MoneyState::Returned);
    check("divergence", |case| {
        case.divergence.as_mut().unwrap().amount = usd(7)
    });
    check("divergence since", |case| {
        case.divergence.as_mut().unwrap().since = later()
    });
    let total = |case: &mut Case, change: &dyn Fn(&mut Totals)| {
        change(case.totals.get_mut(&Currency::USD).unwrap())
    };
    check("withdrawn", |case| {
        total(case, &|total| total.withdrawn = usd(9))
    });
    check("reinstated", |case| {
        total(case, &|total| total.reinstated = usd(9))
    });
    check("fees", |case| total(case, &|total| total.fees = usd(9)));
    check("lost", |case| total(case, &|total| total.lost = usd(9)));
    check("fx", |case| total(case, &|total| total.fx = usd(9)));
    check("a movement's amount", |case| {
        case.movements.get_mut("m1").unwrap().movement.amount = usd(-1)
    });
    check("a movement's kind", |case| {
        case.movements.get_mut("m1").unwrap().movement.kind = MovementKind::Reserve
    });
    check("a movement's finality", |case| {
        case.movements.get_mut("m1").unwrap().movement.settled = false
    });
    check("a movement's time", |case| {
        case.movements.get_mut("m1").unwrap().at = later()
    });
    check("a movement's statement", |case| {
        case.movements.get_mut("m1").unwrap().fact = FactId::of(&["x"])
    });
}

#[test]
fn evidence_and_answers() {
    check("version", |case| case.evidence.version = 9);
    // Of the same length, so that a count of characters would not tell.
    check("a text", |case| {
        case.evidence.slots.insert(
            "receipt".to_string(),
            EvidenceContent::Text("wordy".to_string()),
        );
    });
    check("review", |case| case.evidence.reviewed = None);
    check("reviewer", |case| {
        case.evidence.reviewed = Some((1, "third".to_string()))
    });
    check("seal", |case| case.evidence.sealed = None);
    check("defences", |case| case.evidence.defences.clear());
    let need = |case: &mut Case, change: &dyn Fn(&mut SlotNeed)| {
        change(&mut case.evidence.requirements[0])
    };
    check("a slot", |case| need(case, &|need| need.slot.push('x')));
    check("whether required", |case| {
        need(case, &|need| need.required = false)
    });
    check("whether ready", |case| {
        need(case, &|need| need.ready = false)
    });
    check("basis", |case| need(case, &|need| need.basis.push('x')));
    check("waiver", |case| {
        need(case, &|need| {
            need.waived = Some("none was made".to_string())
        })
    });
    let answer = |case: &mut Case, change: &dyn Fn(&mut Answered)| change(&mut case.answers[0]);
    check("answer's stage", |case| {
        answer(case, &|answer| answer.stage = Stage::Inquiry)
    });
    check("answer's packet", |case| {
        answer(case, &|answer| answer.digest.push('x'))
    });
    check("answer's state", |case| {
        answer(case, &|answer| {
            answer.state = AnswerState::Refused("no".to_string())
        })
    });
    let overtaken = |unproved| {
        let mut case = case_of(FULL);
        answer(&mut case, &|answer| {
            answer.state = AnswerState::Overtaken { unproved }
        });
        of_case(&case)
    };
    assert_ne!(overtaken(true), overtaken(false));
    check("answer's attempt", |case| {
        answer(case, &|answer| answer.attempt = 2)
    });
    check("asked at", |case| {
        answer(case, &|answer| answer.asked_at = later())
    });
    check("settled at", |case| {
        answer(case, &|answer| answer.settled_at = Some(later()))
    });
}

#[test]
fn obligations_and_findings() {
    check("due", |case| {
        case.obligations[0].due_by = Moment::At(later())
    });
    check("debtor", |case| case.obligations[0].debtor = Party::Network);
    check("creditor", |case| {
        case.obligations[0].creditor = Party::Network
    });
    check("amount", |case| case.obligations[0].amount = None);
    check("basis", |case| case.obligations[0].basis.push('x'));
    for standing in [
        Standing::Met { at: later() },
        Standing::MetLate { at: later() },
        Standing::Broken { at: later() },
        Standing::Waived {
            why: "x".to_string(),
        },
    ] {
        check("standing", |case| {
            case.obligations[0].standing = standing.clone()
        });
    }
    let finding = Finding {
        kind: FindingKind::Drift,
        fingerprint: "a".to_string(),
        detail: "b".to_string(),
        amount: None,
    };
    check("a finding", |case| case.findings.push(finding.clone()));
    check("a finding's fingerprint", |case| {
        case.findings[0].fingerprint.push('x')
    });
    check("a finding's detail", |case| {
        case.findings[0].detail.push('x')
    });
    check("a finding's amount", |case| {
        case.findings[0].amount = Some(usd(12_345))
    });
}

#[test]
fn what_waits_without_a_case_is_in_the_digest_of_the_family() {
    let digest = |lines: &str| of_family(&derived(&story(lines))[0]);
    let one = digest("11-02 moved m1 withdrawal -1.00USD yes ref.payment=p1");
    assert_ne!(
        one,
        digest("11-02 moved m1 withdrawal -2.00USD yes ref.payment=p1")
    );
    assert_ne!(
        one,
        digest("11-02 moved m1 withdrawal -1.00USD no ref.payment=p1")
    );
    assert_ne!(
        digest("11-02 drifted status a ref.payment=p1"),
        digest("11-02 drifted status b ref.payment=p1")
    );
}
