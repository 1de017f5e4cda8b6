//! Life cycles: limits, ways, and which governs.

use super::{day, machine};
use crate::network::Network;
use crate::rules::{Lifecycle, Rule, lifecycle, lifecycles};
use crate::status::{Phase, Stage, Standing};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use calendar::Unit;
use std::collections::BTreeSet;

/// Visa Core Rules 18 April 2026 as paraphrased (30/30/30/10); the Mastercard, American Express, Discover and PayPal guides named in
/// the entries; the ACH return quick reference. Days come from there, not from the tables.
const OURS: &str = "\
visa_allocation chargeback: 30 CalendarDay from dispute_processing_date; silence: lost; high; visa_allocation/dispute->acquirer_pre_arbitration
visa_allocation pre-arbitration: 10 CalendarDay from pre_arbitration_response_processing_date; silence: lost; high; visa_allocation/issuer_declined->arbitration
visa_allocation arbitration: none
visa_collaboration chargeback: 30 CalendarDay from dispute_processing_date; silence: lost; high; visa_collaboration/dispute->dispute_response
visa_collaboration pre-arbitration: 30 CalendarDay from pre_arbitration_processing_date; silence: lost; high; visa_collaboration/issuer_pre_arbitration->acquirer_declined
visa_collaboration alert: none
visa_compliance compliance: 30 CalendarDay from pre_compliance_date; silence: lost; low; visa_compliance/pre_compliance->declined
mastercard alert: 72 Hour from chargeback_created; silence: first_chargeback; high; mastercard/collaboration->prevented
mastercard chargeback: 45 CalendarDay from chargeback_settlement_date; silence: lost; high; mastercard/first_chargeback->second_presentment
mastercard pre-arbitration: 30 CalendarDay from pre_arbitration_date; silence: lost; medium; mastercard/pre_arbitration->pre_arbitration_rejected
mastercard arbitration: 10 CalendarDay from arbitration_filing; silence: nothing; low; mastercard/arbitration->arbitration_rejected
amex inquiry: 20 CalendarDay from inquiry_date; silence: chargeback_after_inquiry; high; amex/inquiry->inquiry_answered
amex chargeback: 20 CalendarDay from chargeback_date; silence: lost; high; amex/upfront_chargeback->reversal_requested
discover inquiry: none
discover chargeback: 30 CalendarDay from dispute_notice; silence: lost; medium; discover/dispute->representment
discover pre-arbitration: 30 CalendarDay from pre_arbitration; silence: lost; low; discover/pre_arbitration->arbitration
paypal inquiry: 20 CalendarDay from inquiry_opened; silence: cancelled; high; paypal/inquiry->resolved_amicably
paypal chargeback: 10 CalendarDay from claim_notice; silence: lost by default; medium; paypal/claim->claim_under_review
ach_debit return: 5 BankingDay from settlement_date_of_return; silence: nothing; high; ach_debit/returned->dishonored
ach_debit dishonored-return: none
ach_debit contested-return: none
ach_debit notice-of-change: 6 BankingDay from originator_receipt; silence: nothing; high; ach_debit/noc_received->final_paid
# The platform gives 7 to 21 days. A day that nobody promised must not make us late, so 7 counts.
generic_status chargeback: 7 CalendarDay from dispute_created; silence: lost; high; generic_status/needs_response->under_review
generic_status inquiry: none
generic_status fraud-report: none";

const THEIRS: &str = "\
visa_allocation pre-arbitration: 30 CalendarDay from pre_arbitration_processing_date; silence: won; high; visa_allocation/acquirer_pre_arbitration->issuer_declined
visa_allocation arbitration: none
visa_collaboration chargeback: 30 CalendarDay from dispute_response_processing_date; silence: won; high; visa_collaboration/dispute_response->issuer_pre_arbitration
visa_collaboration pre-arbitration: 10 CalendarDay from pre_arbitration_response_processing_date; silence: won; high; visa_collaboration/acquirer_declined->arbitration
mastercard chargeback: 45 CalendarDay from second_presentment_settlement_date; silence: won; medium; mastercard/second_presentment->arbitration
mastercard pre-arbitration: 45 CalendarDay from pre_arbitration_response; silence: won; medium; mastercard/pre_arbitration_rejected->arbitration
amex inquiry: 120 CalendarDay from inquiry_date; silence: nothing; high; amex/inquiry_answered->closed_no_chargeback
amex chargeback: none
paypal chargeback: 30 CalendarDay from evidence; silence: nothing; medium; paypal/claim_under_review->won
ach_debit dishonored-return: 2 BankingDay from settlement_date_of_dishonored_return; silence: final_paid; high; ach_debit/dishonored->contested
generic_status chargeback: 75 CalendarDay from evidence_submitted; silence: nothing; high; generic_status/under_review->lost
generic_status inquiry: 120 CalendarDay from inquiry_opened; silence: warning_closed; high; generic_status/warning_under_review->warning_closed";

/// Each line: machine and stage, then the limit, what silence brings, the confidence and the step; `#` is a comment.
#[track_caller]
fn check_limits(table: &str, limit: impl Fn(&Lifecycle, Stage) -> Option<Rule>) {
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (place, want) = line.split_once(": ").unwrap();
        let (name, stage) = place.split_once(' ').unwrap();
        let rule = limit(machine(name), Stage::parse(stage).unwrap());
        let found = rule.map_or_else(
            || String::from("none"),
            |rule| {
                let silence = rule.silence.unwrap_or("nothing");
                let (limit, confidence) = (rule.limit, rule.confidence.name());
                format!(
                    "{} {:?} from {}; silence: {silence}; {confidence}; {}",
                    limit.value, limit.unit, limit.start, rule.id
                )
            },
        );
        assert_eq!(found, want, "{place}");
    }
}

#[test]
fn our_answer_has_the_limit_of_the_network_and_stage() {
    check_limits(OURS, Lifecycle::answer_limit);
}

#[test]
fn their_answer_has_the_longest_limit_they_may_take() {
    check_limits(THEIRS, Lifecycle::their_limit);
}

#[test]
fn ids_of_rules_are_unique() {
    let steps = lifecycles().iter().flat_map(|machine| machine.transitions);
    let mut ids = BTreeSet::new();
    for step in steps {
        assert!(ids.insert(step.id), "{} stands twice", step.id);
    }
}

#[test]
fn every_state_is_reached_from_a_beginning_and_comes_to_an_end() {
    fn follow(machine: &Lifecycle, from: &str, forward: bool) -> BTreeSet<String> {
        let mut known = BTreeSet::from([String::from(from)]);
        loop {
            let next = machine.transitions.iter().filter_map(|step| {
                let (near, far) = if forward {
                    (step.from, step.to)
                } else {
                    (step.to, step.from)
                };
                (known.contains(near) && !known.contains(far)).then(|| String::from(far))
            });
            let next: Vec<String> = next.collect();
            if next.is_empty() {
                return known;
            }
            known.extend(next);
        }
    }
    for machine in lifecycles() {
        let name = machine.machine;
        let initial = || machine.states.iter().filter(|state| state.initial);
        assert!(initial().count() > 0, "{name} has no beginning");
        assert!(
            machine.states.iter().any(|state| state.terminal),
            "{name} has no end"
        );
        for state in machine.states {
            let before = follow(machine, state.id, false);
            assert!(
                initial().any(|first| before.contains(first.id)),
                "{name}: no way leads to {}",
                state.id
            );
            let after = follow(machine, state.id, true);
            let ends = |id: &String| machine.state(id).unwrap().terminal;
            assert!(
                after.iter().any(ends),
                "{name}: no way leads out of {}",
                state.id
            );
        }
    }
}

#[test]
fn due_days_are_counted_in_the_calendar_of_the_rail() {
    #[track_caller]
    fn check(name: &str, stage: Stage, start: &str, want: &str) {
        let rule = machine(name).answer_limit(stage).unwrap();
        assert_eq!(rule.limit.due_on(day(start)).to_string(), want);
    }
    // The processing date is day zero; date + 30, and not + 31 (conflict visa.plus_one). The weekend does not move it.
    check(
        "visa_collaboration",
        Stage::Chargeback,
        "2026-10-02",
        "2026-11-01@UTC",
    );
    check(
        "mastercard",
        Stage::Chargeback,
        "2026-10-02",
        "2026-11-16@UTC",
    );
    // Banking days of the Federal Reserve, in Eastern Time: 11 November 2026 is Veterans Day, so the fifth is the 17th.
    check(
        "ach_debit",
        Stage::Return,
        "2026-11-09",
        "2026-11-17@America/New_York",
    );
    check(
        "ach_debit",
        Stage::NoticeOfChange,
        "2026-11-09",
        "2026-11-18@America/New_York",
    );
    // Clock hours from the start of the day, the earliest that a bare date can mean.
    check("mastercard", Stage::Alert, "2026-11-09", "2026-11-12@UTC");
    check(
        "generic_status",
        Stage::Chargeback,
        "2026-11-09",
        "2026-11-16@UTC",
    );
}

#[test]
fn regional_limits_are_recorded_and_not_applied() {
    let rule = machine("visa_allocation")
        .answer_limit(Stage::Chargeback)
        .unwrap();
    let nigeria = rule
        .limit
        .regional
        .iter()
        .find(|region| region.region == "nigeria_domestic");
    let nigeria = nigeria.unwrap();
    assert_eq!((nigeria.value, nigeria.unit), (2, Unit::BusinessDay));
    assert_eq!((rule.limit.value, rule.limit.unit), (30, Unit::CalendarDay));
}

#[test]
fn network_and_code_group_choose_the_life_cycle() {
    let check = |network: Option<&str>, code: Option<&str>, want: &str| {
        let network = network.map(Network::parse);
        let found = lifecycle(network.as_ref(), code, day("2026-11-22"));
        assert_eq!(found.machine, want, "{network:?} {code:?}");
    };
    check(Some("visa"), Some("10.4"), "visa_allocation");
    check(Some("visa"), Some(" 11.3"), "visa_allocation");
    check(Some("visa"), Some("12.6.1"), "visa_collaboration");
    check(Some("visa"), Some("13.1"), "visa_collaboration");
    check(Some("visa"), Some("c028"), "visa_compliance");
    // Without a code, or with one of the old lists: the shorter limits.
    check(Some("visa"), None, "visa_allocation");
    check(Some("visa"), Some("83"), "visa_allocation");
    check(Some("mastercard"), Some("4853"), "mastercard");
    check(Some("amex"), None, "amex");
    check(Some("discover"), Some("UA02"), "discover");
    check(Some("paypal"), None, "paypal");
    check(Some("ach"), Some("R10"), "ach_debit");
    check(Some("jcb"), None, "generic_status");
    check(Some("interac"), Some("10.4"), "generic_status");
    check(None, Some("10.4"), "generic_status");
}

/// Each line: machine, where a case stands, and where it is or is never heard of next; `#` is a comment.
const WAYS: &str = "\
# Word for word, and over states that nobody told us of.
visa_collaboration: chargeback/ours to chargeback/theirs
visa_collaboration: chargeback/ours to arbitration/network
visa_collaboration: alert/ours to pre-arbitration/ours
visa_collaboration: pre-arbitration/ours never chargeback/ours
visa_collaboration: arbitration/network never pre-arbitration/theirs
# Allocation has no response stage: a provider that says the issuer has it still speaks of the chargeback.
visa_allocation: chargeback/ours to chargeback/theirs
visa_allocation: chargeback/theirs to pre-arbitration/ours
visa_allocation: pre-arbitration/theirs never chargeback/theirs
# The same phase, also at an end.
visa_allocation: chargeback/lost to chargeback/lost
# Ends are told at any stage and in coarse words.
visa_allocation: pre-arbitration/theirs to pre-arbitration/won
visa_allocation: chargeback/ours to chargeback/accepted
visa_allocation: chargeback/ours to chargeback/expired
mastercard: alert/ours to alert/prevented
mastercard: arbitration/network to chargeback/partially-won
amex: inquiry/ours to chargeback/withdrawn
# Ends are ends on the card networks, and a later word against them is worth a look (F-43).
visa_allocation: chargeback/won never chargeback/lost
mastercard: chargeback/lost never pre-arbitration/ours
# A platform's lost can become won, and nothing else.
generic_status: chargeback/lost to chargeback/won
generic_status: chargeback/won never chargeback/ours
generic_status: inquiry/ours to chargeback/ours
generic_status: chargeback/ours never inquiry/ours
# A lost claim may be appealed.
paypal: chargeback/lost to pre-arbitration/network
paypal: chargeback/theirs to chargeback/ours
paypal: arbitration/network never chargeback/ours
# Stages that the graph does not have: earlier ones come before, later ones after.
visa_allocation: fraud-report/nobody to chargeback/ours
visa_allocation: inquiry/lapsed to chargeback/ours
visa_allocation: chargeback/ours to second-chargeback/ours
visa_allocation: second-chargeback/ours never chargeback/ours
# ACH.
ach_debit: return/ours to dishonored-return/theirs
ach_debit: return/ours to contested-return/nobody
ach_debit: contested-return/nobody never return/ours
ach_debit: notice-of-change/ours never return/ours";

#[test]
fn a_case_is_next_heard_of_where_the_graph_leads() {
    for line in WAYS.lines().filter(|line| !line.starts_with('#')) {
        let (name, way) = line.split_once(": ").unwrap();
        let words: Vec<&str> = way.split(' ').collect();
        let [from, word, to] = words[..] else {
            panic!("a way has two ends: {line}")
        };
        let found = machine(name).reaches(phase(from), phase(to));
        assert_eq!(found, word == "to", "{line}");
    }
}

fn phase(text: &str) -> Phase {
    let (stage, standing) = text.split_once('/').unwrap();
    Phase {
        stage: Stage::parse(stage).unwrap(),
        standing: Standing::parse(standing).unwrap(),
    }
}
